#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/session.h"

enum vit_errc vit_read_user_file(struct vit_arena *a, const char *path, size_t max,
				 struct vit_str *out, struct vit_err *err)
{
	enum vit_errc rc = VIT_OK;
	struct vit_buf text;
	struct stat st;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return vit_err_sys(err, errno, "%s", path);
	vit_buf_init(&text, max);
	if (fstat(fd, &st) != 0) {
		rc = vit_err_sys(err, errno, "%s", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		rc = vit_err_set(err, VIT_E_USAGE, "%s: is no regular file", path);
		goto out;
	}
	for (;;) {
		char block[16384];
		ssize_t n = read(fd, block, sizeof block);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			rc = vit_err_sys(err, errno, "%s", path);
			goto out;
		}
		if (n == 0)
			break;
		vit_buf_add(&text, block, (size_t)n);
		if (text.full) {
			rc = vit_err_set(err, VIT_E_USAGE, "%s: larger than %zu bytes", path, max);
			goto out;
		}
	}
	*out = vit_arena_str(a, vit_buf_view(&text));
out:
	vit_buf_release(&text);
	close(fd);
	return rc;
}

/* The main save's tensors are one run of the table when shards are sorted so;
 * when they are not, they are copied together. */
static void main_tensors(struct vit_session *s, struct vit_arch_input *in)
{
	const struct vit_weights *w = &s->facts.weights;
	uint32_t n = 0, first = UINT32_MAX, last = 0;
	struct vit_tensor *copy;

	for (uint32_t i = 0; i < w->tensor_count; i++) {
		if (!vit_tensor_is_main(w, &w->tensors[i]))
			continue;
		if (first == UINT32_MAX)
			first = i;
		last = i;
		n++;
	}
	in->tensor_count = n;
	if (n == 0)
		return;
	if (last - first + 1 == n) {
		in->tensors = &w->tensors[first];
		return;
	}
	copy = VIT_NEW_ARRAY(s->arena, n, struct vit_tensor);
	in->tensors = copy;
	for (uint32_t i = first; i <= last; i++)
		if (vit_tensor_is_main(w, &w->tensors[i]))
			*copy++ = w->tensors[i];
}

/* Every shard of the main save is there and its header was read whole. */
static bool headers_complete(const struct vit_facts *f)
{
	const struct vit_weights *w = &f->weights;
	const struct vit_index *x = &w->index;

	if (!(f->groups & VIT_FG_WEIGHTS) || w->main_save == UINT32_MAX || f->files.only.n)
		return false;
	if (w->saves[w->main_save].missing_count)
		return false;
	for (uint32_t i = 0; i < w->shard_count; i++)
		if (w->shards[i].save == w->main_save &&
		    (w->shards[i].state != VIT_DOC_OK || !w->shards[i].header.parsed))
			return false;
	if (x->state == VIT_DOC_OK)
		for (uint32_t i = 0; i < x->shard_name_count; i++)
			if (x->shard_rows[i] == UINT32_MAX)
				return false;
	return x->state == VIT_DOC_OK || x->state == VIT_DOC_ABSENT;
}

struct vit_arch_input vit_session_arch_input(struct vit_session *s)
{
	const struct vit_facts *f = &s->facts;
	struct vit_arch_input in = {
		.config = f->config.root,
		.quantization = f->config.quantization,
		.quant_method = f->config.quant_method,
		.adapter = f->config.adapter.doc.root,
		.base_config = s->options->base ? s->base.config.root : NULL,
		.headers_complete = headers_complete(f),
	};
	struct vit_pin_file *files = VIT_NEW_ARRAY(s->arena, f->files.count + 1, struct vit_pin_file);

	main_tensors(s, &in);
	for (uint32_t i = 0; i < f->files.count; i++) {
		const struct vit_file *row = &f->files.files[i];
		if (row->type == VIT_FT_REGULAR)
			files[in.file_count++] = (struct vit_pin_file){
				.path = row->path,
				.size = row->flags & VIT_FF_LFS_POINTER ? row->lfs_size : row->size,
			};
	}
	in.files = files;
	return in;
}
