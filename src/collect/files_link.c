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
