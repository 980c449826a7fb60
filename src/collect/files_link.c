#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "collect/files_internal.h"

/* Longest link text that is kept; PATH_MAX nearly everywhere. */
#define MAX_TARGET 4096

static bool is_below(struct vit_str path, struct vit_str root)
{
	if (root.n == 0 || !vit_str_starts(path, root))
		return false;
	return path.n == root.n || root.p[root.n - 1] == '/' || path.p[root.n] == '/';
}

/* "models--openai--gpt-oss-20b" -> "openai/gpt-oss-20b" */
static struct vit_str repo_of(struct vit_arena *a, struct vit_str folder)
{
	struct vit_str prefix = VIT_STR("models--"), sep = VIT_STR("--");
	struct vit_str id = vit_str_sub(folder, prefix.n, folder.n);
	size_t at = vit_str_find(id, sep, 0);

	if (at == SIZE_MAX)
		return vit_arena_str(a, id);
	return vit_path_join(a, vit_str_sub(id, 0, at), vit_str_sub(id, at + sep.n, id.n));
}

void vit_hub_layout(struct vit_arena *a, struct vit_files *files, struct vit_link_roots *roots)
{
	struct vit_str mark = VIT_STR("/snapshots/");
	struct vit_str root = files->root, found = VIT_STR_EMPTY;
	size_t at = 0, last = SIZE_MAX;

	/* The last one: a model may be called snapshots itself. */
	while ((at = vit_str_find(root, mark, at)) != SIZE_MAX)
		last = at++;
	if (last == SIZE_MAX)
		return;
	found = vit_str_sub(root, 0, last);
	if (!vit_str_starts(vit_path_base(found), VIT_STR("models--")))
		return;
	struct vit_str commit = vit_str_sub(root, last + mark.n, root.n);
	size_t slash = vit_str_find(commit, VIT_STR("/"), 0);

	roots->blobs = vit_path_join(a, found, VIT_STR("blobs"));
	files->hub_snapshot = slash == SIZE_MAX;
	files->hub_repo = repo_of(a, vit_path_base(found));
	files->hub_revision =
		vit_arena_str(a, slash == SIZE_MAX ? commit : vit_str_sub(commit, 0, slash));
}

static void fail(struct vit_arena *a, struct vit_file *row, int sys)
{
	if (sys == ELOOP) {
		row->flags |= VIT_FF_LINK_LOOP;
	} else if (sys == ENOENT || sys == ENOTDIR) {
		row->flags |= VIT_FF_LINK_BROKEN;
	} else {
		struct vit_err *err = VIT_NEW(a, struct vit_err);
		(void)vit_err_sys(err, sys, "%.*s: link cannot be followed", VIT_FMT(row->path));
		row->flags |= VIT_FF_UNREADABLE;
		row->err = err;
	}
}

/* The folder that holds the link, as a real path: rows below a link are not
 * walked, so joining is enough. */
static bool leads_up(struct vit_arena *a, struct vit_str root, struct vit_str link,
		     struct vit_str target)
{
	struct vit_str dir = vit_path_dir(link);
	struct vit_str here = dir.n ? vit_path_join(a, root, dir) : root;

	return is_below(here, target);
}

void vit_link_resolve(struct vit_arena *a, int root_fd, const struct vit_link_roots *roots,
		      struct vit_file *row)
{
	char text[MAX_TARGET];
	struct stat st;
	ssize_t n = readlinkat(root_fd, row->path.p, text, sizeof text);

	if (n < 0) {
		fail(a, row, errno);
		return;
	}
	row->link_target = vit_arena_str(a, (struct vit_str){ text, (size_t)n });
	if (fstatat(root_fd, row->path.p, &st, 0) != 0) {
		fail(a, row, errno);
		return;
	}
	char *real = realpath(vit_path_join(a, roots->root, row->path).p, NULL);
	if (!real) {
		fail(a, row, errno);
		return;
	}
	struct vit_str target = vit_str_c(real);
	bool inside = is_below(target, roots->root), cached = is_below(target, roots->blobs);

	if (!inside && !cached) {
		row->flags |= VIT_FF_LINK_OUTSIDE;
	} else {
		vit_file_from_stat(row, &st);
		row->flags |= VIT_FF_SYMLINK;
		if (cached)
			row->flags |= VIT_FF_LINK_CACHE;
		if (row->type == VIT_FT_DIR && leads_up(a, roots->root, row->path, target))
			row->flags |= VIT_FF_LINK_LOOP;
	}
	free(real);
}
