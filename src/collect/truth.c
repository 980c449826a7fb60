#include "collect/truth.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "base/path.h"
#include "formats/checksums.h"

void vit_truths_begin(struct vit_truths *t, struct vit_arena *a, const struct vit_source *source)
{
	*t = (struct vit_truths){ .arena = a, .source = source,
				  .truths = VIT_VEC(sizeof(struct vit_truth)),
				  .promises = VIT_VEC(sizeof(struct vit_promise)) };
}

struct vit_truth *vit_truth_add(struct vit_truths *t, enum vit_truth_kind kind, struct vit_str name,
				struct vit_str path)
{
	struct vit_truth *x = vit_vec_add(&t->truths);

	*x = (struct vit_truth){ .kind = kind, .name = name, .path = path };
	return x;
}

struct vit_promise *vit_truth_promise(struct vit_truths *t, struct vit_str path,
				      enum vit_digest_algorithm algorithm, struct vit_str digest)
{
	struct vit_promise *p = vit_vec_add(&t->promises);
	struct vit_truth *x = vit_vec_at(&t->truths, t->truths.count - 1);

	x->file_count++;
	*p = (struct vit_promise){ .path = path, .truth = (uint32_t)(t->truths.count - 1),
				   .algorithm = algorithm, .digest = digest };
	return p;
}

/* ---- lists ------------------------------------------------------------------ */

static void add_list(struct vit_truths *t, struct vit_str name, struct vit_str text)
{
	struct vit_checksums list;
	struct vit_truth *x;

	vit_checksums_read(t->arena, text, &list);
	x = vit_truth_add(t, list.is_lock ? VIT_TRUTH_LOCK : VIT_TRUTH_SHA256SUMS, name, name);
	x->bad_lines = list.bad_lines;
	x->bad_line = list.bad_line;
	for (uint32_t i = 0; i < list.count; i++) {
		struct vit_promise *p = vit_truth_promise(t, list.rows[i].path, VIT_DIGEST_SHA256,
							  list.rows[i].sha256);
		p->has_size = list.rows[i].has_size;
		p->size = list.rows[i].size;
	}
}

/* A list beside the folder: "<folder>.vitalis.lock" in its parent. */
static void add_beside(struct vit_truths *t)
{
	struct vit_str path = vit_arena_printf(t->arena, "%.*s.vitalis.lock", VIT_FMT(t->source->files->root));
	struct vit_buf text;
	struct stat st;
	int fd = t->source->root_fd < 0 ? -1 : open(path.p, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return;
	vit_buf_init(&text, VIT_CHECKSUMS_MAX);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && vit_source_drain(fd, &text))
		add_list(t, path, vit_arena_str(t->arena, vit_buf_view(&text)));
	vit_buf_release(&text);
	close(fd);
}

void vit_truth_lock(struct vit_truths *t)
{
	static const char *const names[] = { "vitalis.lock", "SHA256SUMS", "SHA256SUMS.txt", "sha256sum.txt",
					     "sha256sums.txt" };
	struct vit_str text;
	struct vit_err err;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct vit_file *f = vit_files_get(t->source->files, names[i]);
		if (!f || f->type != VIT_FT_REGULAR)
			continue;
		if (vit_source_slurp(t->source, f, VIT_CHECKSUMS_MAX, t->arena, &text, &err) == VIT_OK) {
			add_list(t, f->path, text);
			continue;
		}
		struct vit_truth *x = vit_truth_add(t, i ? VIT_TRUTH_SHA256SUMS : VIT_TRUTH_LOCK, f->path, f->path);
		struct vit_err *kept = VIT_NEW(t->arena, struct vit_err);
		*kept = err;
		x->err = kept;
	}
	add_beside(t);
}

/* ---- the pinned model --------------------------------------------------------- */

/* Of a file with several published versions, the one of the revision that the
 * sizes told; where they do not tell, the one of this size. */
static const struct vit_spec_file_version *version_of(const struct vit_truths *t,
						      const struct vit_spec_file *f)
{
	const struct vit_file *row = NULL;
	uint32_t at = vit_files_find(t->source->files, f->path);

	if (at != VIT_FILE_NONE)
		row = &t->source->files->files[at];
	for (uint32_t i = 0; row && i < f->version_count; i++)
		if (f->versions[i].has_bytes && f->versions[i].bytes == row->size)
			return &f->versions[i];
	return f->version_count ? &f->versions[0] : NULL;
}

void vit_truth_spec(struct vit_truths *t, const struct vit_spec *model, struct vit_str revision)
{
	struct vit_truth *x;

	if (!model || model->file_count == 0)
		return;
	x = vit_truth_add(t, VIT_TRUTH_SPEC, vit_arena_printf(t->arena, "spec %.*s", VIT_FMT(model->id)),
			  model->source);
	x->revision = revision;
	for (uint32_t i = 0; i < model->file_count; i++) {
		const struct vit_spec_file *f = &model->files[i];
		const struct vit_spec_file_version *v = version_of(t, f);
		if (!v || (f->optional && vit_files_find(t->source->files, f->path) == VIT_FILE_NONE))
			continue;
		struct vit_promise *p = v->sha256.n ?
			vit_truth_promise(t, f->path, VIT_DIGEST_SHA256, v->sha256) :
			vit_truth_promise(t, f->path, VIT_DIGEST_GIT_BLOB, v->git_oid);
		p->has_size = v->has_bytes;
		p->size = v->bytes;
	}
}

/* ---- traces of the hub's client ------------------------------------------------ */

/* An etag is the sha256 of an LFS file or the git blob id of another. */
static bool etag_digest(struct vit_str etag, enum vit_digest_algorithm *algorithm)
{
	if (vit_digest_is_hex(VIT_DIGEST_SHA256, etag)) {
		*algorithm = VIT_DIGEST_SHA256;
		return true;
	}
	*algorithm = VIT_DIGEST_GIT_BLOB;
	return vit_digest_is_hex(VIT_DIGEST_GIT_BLOB, etag);
}

/* Three lines: commit, etag, time of writing in seconds with a fraction. Trusted
 * when the file was not written after it (mtime - 1 <= time): the client's own rule. */
static void add_trace(struct vit_truths *t, struct vit_str path, struct vit_str text)
{
	struct vit_str commit, etag, when;
	enum vit_digest_algorithm algorithm;
	struct vit_promise *p;
	struct vit_truth *x = vit_vec_at(&t->truths, t->truths.count - 1);
	uint32_t row = vit_files_find(t->source->files, path);
	double seconds = 0;

	if (!vit_str_line(&text, &commit) || !vit_str_line(&text, &etag) || !vit_str_line(&text, &when) ||
	    !vit_parse_double(vit_str_trim(when), &seconds) || !etag_digest(vit_str_trim(etag), &algorithm)) {
		x->bad_lines++;
		return;
	}
	if (x->revision.n == 0)
		x->revision = vit_arena_str(t->arena, vit_str_trim(commit));
	p = vit_truth_promise(t, path, algorithm, vit_arena_str(t->arena, vit_str_trim(etag)));
	p->revision = vit_arena_str(t->arena, vit_str_trim(commit));
	p->stale = row != VIT_FILE_NONE &&
		   (double)t->source->files->files[row].mtime_ns / 1e9 - 1.0 > seconds;
}

void vit_truth_hub_download(struct vit_truths *t)
{
	const struct vit_files *files = t->source->files;
	struct vit_str prefix = VIT_STR(".cache/huggingface/download/"), suffix = VIT_STR(".metadata");
	bool added = false;

	for (uint32_t i = 0; i < files->count; i++) {
		const struct vit_file *f = &files->files[i];
		struct vit_str text;
		struct vit_err err;
		if (f->type != VIT_FT_REGULAR || !vit_str_starts(f->path, prefix) || !vit_str_ends(f->path, suffix))
			continue;
		if (f->path.n == prefix.n + suffix.n)
			continue; /* a trace of no file */
		if (!added)
			vit_truth_add(t, VIT_TRUTH_HUB_DOWNLOAD, VIT_STR("traces of the hub's download"),
				      VIT_STR(".cache/huggingface/download"));
		added = true;
		if (vit_source_slurp(t->source, f, 4096, t->arena, &text, &err) != VIT_OK) {
			struct vit_truth *x = vit_vec_at(&t->truths, t->truths.count - 1);
			x->bad_lines++;
			continue;
		}
		add_trace(t, vit_arena_str(t->arena, vit_str_sub(f->path, prefix.n, f->path.n - suffix.n)), text);
	}
}

void vit_truth_hub_cache(struct vit_truths *t)
{
	const struct vit_files *files = t->source->files;
	struct vit_truth *x = NULL;

	for (uint32_t i = 0; i < files->count; i++) {
		const struct vit_file *f = &files->files[i];
		enum vit_digest_algorithm algorithm;
		struct vit_str etag;
		if (!(f->flags & VIT_FF_LINK_CACHE))
			continue;
		etag = vit_path_base(f->link_target);
		if (!etag_digest(etag, &algorithm))
			continue;
		if (!x) {
			x = vit_truth_add(t, VIT_TRUTH_HUB_CACHE, VIT_STR("names of the hub cache's blobs"),
					  VIT_STR("blobs"));
			x->revision = files->hub_revision;
		}
		vit_truth_promise(t, f->path, algorithm, etag);
	}
}

/* ---- the hub itself -------------------------------------------------------------- */

void vit_truth_hub(struct vit_truths *t, const struct vit_remote *hub)
{
	struct vit_truth *x;

	if (!hub || !hub->listing)
		return;
	x = vit_truth_add(t, VIT_TRUTH_HUB, VIT_STR("the hub"),
			  vit_arena_printf(t->arena, "%.*s/%.*s", VIT_FMT(hub->endpoint), VIT_FMT(hub->repo)));
	x->revision = hub->revision;
	for (uint32_t i = 0; i < hub->listing_count; i++) {
		const struct vit_hub_entry *e = &hub->listing[i];
		struct vit_promise *p;
		if (e->is_folder)
			continue;
		p = vit_truth_promise(t, e->path, e->lfs ? VIT_DIGEST_SHA256 : VIT_DIGEST_GIT_BLOB, e->digest);
		p->has_size = true;
		p->size = e->size;
	}
}
