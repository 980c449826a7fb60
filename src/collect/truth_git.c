/* What a git clone promises: the blob of each path in .git/index. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"
#include "collect/truth.h"
#include "formats/git_index.h"

static bool read_file(const struct vit_truths *t, const char *path, struct vit_buf *text)
{
	int fd = openat(t->source->root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	bool whole;

	if (fd < 0)
		return false;
	whole = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && vit_source_drain(fd, text);
	close(fd);
	return whole;
}

static struct vit_str hex(struct vit_arena *a, const unsigned char *oid, unsigned bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *p = vit_arena_alloc(a, (size_t)bytes * 2 + 1);

	for (unsigned i = 0; i < bytes; i++) {
		p[2 * i] = digits[oid[i] >> 4];
		p[2 * i + 1] = digits[oid[i] & 15];
	}
	return (struct vit_str){ p, (size_t)bytes * 2 };
}

/* Patterns of .gitattributes whose files are stored through git-LFS. */
struct lfs_patterns {
	struct vit_str at[256];
	unsigned n;
};

static void read_attributes(const struct vit_truths *t, struct lfs_patterns *out)
{
	const struct vit_file *f = vit_files_get(t->source->files, ".gitattributes");
	struct vit_str text, line;
	struct vit_err err;

	out->n = 0;
	if (!f || vit_source_slurp(t->source, f, 1 << 20, t->arena, &text, &err) != VIT_OK)
		return;
	while (vit_str_line(&text, &line) && out->n < 256) {
		struct vit_str pattern = vit_str_trim(line);
		size_t end = 0;
		if (vit_str_find(pattern, VIT_STR("filter=lfs"), 0) == SIZE_MAX || pattern.p[0] == '#')
			continue;
		while (end < pattern.n && pattern.p[end] != ' ' && pattern.p[end] != '\t')
			end++;
		out->at[out->n++] = vit_str_sub(pattern, 0, end);
	}
}

/* gitattributes(5): a pattern without a slash is held against the last part. */
static bool is_lfs(const struct lfs_patterns *p, struct vit_str path)
{
	for (unsigned i = 0; i < p->n; i++) {
		bool whole = vit_str_find(p->at[i], VIT_STR("/"), 0) != SIZE_MAX;
		if (vit_path_glob(p->at[i], whole ? path : vit_path_base(path)))
			return true;
	}
	return false;
}

static void add_promises(struct vit_truths *t, const struct vit_git_entry *entries, uint32_t count, unsigned oid_bytes)
{
	enum vit_digest_algorithm blob = oid_bytes == 32 ? VIT_DIGEST_GIT_BLOB256 : VIT_DIGEST_GIT_BLOB;
	struct lfs_patterns lfs;

	read_attributes(t, &lfs);
	for (uint32_t i = 0; i < count; i++) {
		struct vit_promise *p;
		bool pointer = is_lfs(&lfs, entries[i].path);
		if ((entries[i].mode & 0170000) != 0100000)
			continue; /* links and submodules hold no bytes of their own */
		p = vit_truth_promise(t, entries[i].path, pointer ? VIT_DIGEST_SHA256 : blob,
				      hex(t->arena, entries[i].oid, oid_bytes));
		p->of_pointer = pointer;
	}
}

void vit_truth_git(struct vit_truths *t)
{
	struct vit_git_entry *entries = NULL;
	struct vit_truth *x;
	struct vit_buf text;
	struct vit_err err;
	uint32_t count = 0;
	unsigned oid_bytes = 20;

	if (!t->source->files->git_clone)
		return;
	vit_buf_init(&text, VIT_GIT_INDEX_MAX);
	if (read_file(t, ".git/config", &text))
		oid_bytes = vit_git_oid_bytes(vit_buf_view(&text));
	vit_buf_clear(&text);
	if (read_file(t, ".git/index", &text)) {
		x = vit_truth_add(t, VIT_TRUTH_GIT, VIT_STR("blob ids of the git clone"), VIT_STR(".git/index"));
		if (vit_git_index_read(t->arena, vit_buf_view(&text), oid_bytes, &entries, &count, &err)) {
			struct vit_err *kept = VIT_NEW(t->arena, struct vit_err);
			*kept = err;
			x->err = kept;
		}
		add_promises(t, entries, count, oid_bytes);
	}
	vit_buf_release(&text);
}
