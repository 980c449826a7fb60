#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/map.h"
#include "base/path.h"
#include "collect/collect.h"
#include "collect/files_internal.h"
#include "collect/stat_time.h"

/* Folders open at once during the walk, one a level. */
#define MAX_DEPTH   64
#define MAX_ENTRIES 1000000
/* Levels walked when one file was named: what it refers to lies near it. */
#define DEPTH_OF_ONE 2

struct level {
	DIR *dir;
	uint32_t row;  /* of this folder; VIT_FILE_NONE for the root */
	size_t path_n; /* bytes of the folder's path */
};

struct walk {
	struct vit_arena *arena;
	struct vit_files *out;
	struct vit_vec rows;
	uint64_t max_entries;
	unsigned max_depth, depth;
	bool quiet_depth; /* the depth is no limit of ours: one file was named */
	struct level levels[MAX_DEPTH];
	struct vit_buf path; /* of the folder being read */
};

/* ---- rows -------------------------------------------------------------- */

void vit_file_from_stat(struct vit_file *row, const struct stat *st)
{
	if (S_ISREG(st->st_mode))
		row->type = VIT_FT_REGULAR;
	else if (S_ISDIR(st->st_mode))
		row->type = VIT_FT_DIR;
	else if (S_ISLNK(st->st_mode))
		row->type = VIT_FT_LINK;
	else if (S_ISFIFO(st->st_mode))
		row->type = VIT_FT_FIFO;
	else if (S_ISSOCK(st->st_mode))
		row->type = VIT_FT_SOCKET;
	else
		row->type = VIT_FT_DEVICE;
	row->dev = (uint64_t)st->st_dev;
	row->ino = (uint64_t)st->st_ino;
	row->mtime_ns = vit_stat_mtime(st);
	row->ctime_ns = vit_stat_ctime(st);
	if (row->type != VIT_FT_REGULAR)
		return;
	row->size = st->st_size > 0 ? (uint64_t)st->st_size : 0;
	row->blocks = st->st_blocks > 0 ? (uint64_t)st->st_blocks * 512 : 0;
	if (st->st_nlink > 1)
		row->flags |= VIT_FF_HARDLINKED;
	if (st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH))
		row->flags |= VIT_FF_EXECUTABLE;
}

static void row_failed(struct vit_arena *a, struct vit_file *row, int sys, const char *what)
{
	struct vit_err *err = VIT_NEW(a, struct vit_err);

	(void)vit_err_sys(err, sys, "%.*s: %s", VIT_FMT(row->path), what);
	row->flags |= VIT_FF_UNREADABLE;
	row->err = err;
}

static void strike_limit(struct walk *w, enum vit_walk_limit limit, struct vit_str path)
{
	if (w->out->limit != VIT_WALK_COMPLETE)
		return;
	w->out->limit = limit;
	w->out->limit_path = path;
}

/* ---- the walk ---------------------------------------------------------- */

/* Takes over fd. False when no stream could be had. */
static bool push(struct walk *w, int fd, uint32_t row, struct vit_str path)
{
	DIR *dir = fdopendir(fd);

	if (!dir) {
		close(fd);
		return false;
	}
	vit_buf_clear(&w->path);
	vit_buf_str(&w->path, path);
	w->levels[w->depth++] = (struct level){ .dir = dir, .row = row, .path_n = path.n };
	return true;
}

static void pop(struct walk *w)
{
	closedir(w->levels[--w->depth].dir);
	if (w->depth == 0)
		return;
	size_t n = w->levels[w->depth - 1].path_n;
	w->path.n = n;
	w->path.p[n] = 0;
}

static void enter(struct walk *w, int parent_fd, const char *name, uint32_t index)
{
	struct vit_file *row = vit_vec_at(&w->rows, index);

	if (row->kind == VIT_FK_VCS)
		return;
	if (w->depth >= w->max_depth) {
		if (!w->quiet_depth)
			strike_limit(w, VIT_WALK_DEPTH, row->path);
		return;
	}
	int fd = openat(parent_fd, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && push(w, fd, index, row->path))
		return;
	row_failed(w->arena, row, errno, "cannot be listed");
	w->out->unreadable_dirs++;
}

static struct vit_str child_path(struct walk *w, const char *name)
{
	struct vit_str part = vit_str_c(name);

	return vit_path_join(w->arena, vit_buf_view(&w->path), part);
}

static void add_entry(struct walk *w, int dir_fd, const char *name)
{
	struct vit_str path = child_path(w, name);
	uint32_t index = (uint32_t)w->rows.count;
	struct vit_file *row = vit_vec_add(&w->rows);
	struct stat st;

	row->path = path;
	row->case_twin = VIT_FILE_NONE;
	row->link_target = row->lfs_oid = VIT_STR_EMPTY;
	row->flags = vit_name_flags(path);
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		row->kind = vit_kind_by_name(path, VIT_FT_REGULAR);
		row_failed(w->arena, row, errno, "cannot be looked at");
		return;
	}
	vit_file_from_stat(row, &st);
	row->kind = vit_kind_by_name(path, row->type);
	if (row->type == VIT_FT_DIR)
		enter(w, dir_fd, name, index);
}

static void list_failed(struct walk *w, const struct level *l, int sys)
{
	w->out->unreadable_dirs++;
	if (l->row != VIT_FILE_NONE)
		row_failed(w->arena, vit_vec_at(&w->rows, l->row), sys, "cannot be listed");
}

static void walk_all(struct walk *w)
{
	while (w->depth > 0) {
		struct level *l = &w->levels[w->depth - 1];
		errno = 0;
		const struct dirent *e = readdir(l->dir);
		if (!e) {
			if (errno)
				list_failed(w, l, errno);
			pop(w);
			continue;
		}
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (w->rows.count >= w->max_entries) {
			strike_limit(w, VIT_WALK_ENTRIES, child_path(w, e->d_name));
			break;
		}
		add_entry(w, dirfd(l->dir), e->d_name);
	}
	while (w->depth > 0)
		pop(w);
}

/* ---- after the walk ----------------------------------------------------- */

static int by_path(const void *a, const void *b)
{
	const struct vit_file *x = a, *y = b;

	return vit_str_cmp(x->path, y->path);
}

static void look_at_content(struct vit_arena *a, const struct vit_source *s,
			    const struct vit_link_roots *roots, struct vit_files *f)
{
	uint32_t unknown = 0;

	for (uint32_t i = 0; i < f->count; i++) {
		struct vit_file *row = &f->files[i];
		if (row->type == VIT_FT_LINK) {
			vit_link_resolve(a, s->root_fd, roots, row);
			row->kind = vit_kind_by_name(row->path, row->type);
		}
		if (row->flags & (VIT_FF_UNREADABLE | VIT_FF_LINK_LOOP) ||
		    !vit_peek_wanted(row, unknown) || (f->fetched && !f->fetched[i].p))
			continue;
		unknown += row->kind == VIT_FK_OTHER;
		vit_peek(a, s, row);
	}
}

/* The path with its last part in lower case (ASCII, as far as that goes). */
static struct vit_str fold_name(struct vit_arena *tmp, struct vit_str path)
{
	size_t from = path.n - vit_path_base(path).n, i = from;

	while (i < path.n && !(path.p[i] >= 'A' && path.p[i] <= 'Z'))
		i++;
	if (i == path.n)
		return path;
	char *copy = vit_arena_alloc(tmp, path.n);
	memcpy(copy, path.p, path.n);
	for (; i < path.n; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] = (char)(copy[i] + ('a' - 'A'));
	return (struct vit_str){ copy, path.n };
}

static void find_case_twins(struct vit_files *f)
{
	struct vit_arena *tmp = vit_arena_new();
	struct vit_map seen;

	vit_map_init(&seen, f->count);
	for (uint32_t i = 0; i < f->count; i++) {
		uint32_t before = vit_map_add(&seen, fold_name(tmp, f->files[i].path), i);
		if (before == VIT_MAP_NONE)
			continue;
		f->files[i].case_twin = before;
		if (f->files[before].case_twin == VIT_FILE_NONE)
			f->files[before].case_twin = i;
	}
	vit_map_release(&seen);
	vit_arena_free(tmp);
}

struct inode {
	uint64_t dev, ino;
};

/* Bytes of regular files, each inode once. */
static uint64_t count_bytes(const struct vit_files *f)
{
	uint64_t total = 0;
	bool links = false;
	struct vit_map seen;
	struct inode *keys = vit_xcalloc((size_t)f->count + 1, sizeof *keys);

	for (uint32_t i = 0; i < f->count; i++)
		links |= (f->files[i].flags & VIT_FF_SYMLINK) != 0;
	vit_map_init(&seen, 0);
	for (uint32_t i = 0; i < f->count; i++) {
		const struct vit_file *row = &f->files[i];
		if (row->type != VIT_FT_REGULAR)
			continue;
		/* Without links in the folder, only these can be met twice. */
		if (links || (row->flags & VIT_FF_HARDLINKED)) {
			keys[i] = (struct inode){ row->dev, row->ino };
			struct vit_str key = { (const char *)&keys[i], sizeof keys[i] };
			if (vit_map_add(&seen, key, i) != VIT_MAP_NONE)
				continue;
		}
		if (__builtin_add_overflow(total, row->size, &total))
			total = UINT64_MAX;
	}
	vit_map_release(&seen);
	free(keys);
	return total;
}

void vit_files_complete(struct vit_arena *a, const struct vit_source *s, const struct vit_link_roots *roots,
			struct vit_files *f)
{
	look_at_content(a, s, roots, f);
	find_case_twins(f);
	f->total_bytes = count_bytes(f);
}

/* ---- opening ------------------------------------------------------------ */

static struct vit_str absolute(struct vit_arena *a, struct vit_str path)
{
	char *real = realpath(path.p, NULL);
	struct vit_str s;

	if (!real)
		return vit_arena_str(a, path);
	s = vit_arena_str(a, vit_str_c(real));
	free(real);
	return s;
}

/* Sets root, input and only; opens the folder. */
static enum vit_errc open_root(struct vit_arena *a, const char *path, struct vit_source *source,
			       struct vit_files *out, struct vit_err *err)
{
	struct vit_str folder = vit_arena_str(a, vit_str_c(path));
	struct stat st;

	*out = (struct vit_files){ .input = folder,
				   .root = VIT_STR_EMPTY,
				   .only = VIT_STR_EMPTY,
				   .limit_path = VIT_STR_EMPTY,
				   .hub_repo = VIT_STR_EMPTY,
				   .hub_revision = VIT_STR_EMPTY };
	source->files = out;
	source->root_fd = -1;
	if (stat(path, &st) != 0)
		return vit_err_sys(err, errno, "%s", path);
	if (S_ISREG(st.st_mode)) {
		out->only = vit_arena_str(a, vit_path_base(folder));
		struct vit_str dir = vit_path_dir(folder);
		bool from_root = dir.n == 0 && folder.p[0] == '/';
		folder = vit_arena_str(a, dir.n ? dir : from_root ? VIT_STR("/") : VIT_STR("."));
	} else if (!S_ISDIR(st.st_mode)) {
		return vit_err_set(err, VIT_E_UNSUPPORTED,
				   "%s: neither a folder nor a regular file", path);
	} else {
		enum vit_errc code = vit_hub_cache_snapshot(a, absolute(a, folder), &folder,
							    &out->hub_cache_root, err);
		if (code)
			return code;
	}
	source->root_fd = open(folder.p, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	if (source->root_fd < 0)
		return vit_err_sys(err, errno, "%.*s", VIT_FMT(folder));
	out->root = absolute(a, folder);
	return VIT_OK;
}

enum vit_errc vit_collect_files(struct vit_arena *a, const char *path,
				const struct vit_collect_options *opt, struct vit_source *source,
				struct vit_files *out, struct vit_err *err)
{
	struct vit_link_roots roots = { 0 };
	enum vit_errc code = open_root(a, path, source, out, err);
	size_t count;

	if (code)
		return code;
	struct walk w = { .arena = a,
			  .out = out,
			  .rows = VIT_VEC(sizeof(struct vit_file)),
			  .max_entries = opt->max_entries ? opt->max_entries : MAX_ENTRIES,
			  .max_depth = opt->max_depth && opt->max_depth < MAX_DEPTH ? opt->max_depth
										    : MAX_DEPTH };
	if (w.max_entries >= VIT_FILE_NONE)
		w.max_entries = VIT_FILE_NONE - 1;
	if (out->only.n && w.max_depth > DEPTH_OF_ONE) {
		w.max_depth = DEPTH_OF_ONE;
		w.quiet_depth = true;
	}
	vit_buf_init(&w.path, SIZE_MAX / 2);
	int fd = openat(source->root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || !push(&w, fd, VIT_FILE_NONE, VIT_STR_EMPTY)) {
		code = vit_err_sys(err, errno, "%.*s: cannot be listed", VIT_FMT(out->root));
	} else {
		walk_all(&w);
	}
	vit_buf_release(&w.path);
	out->files = vit_vec_take(&w.rows, a, &count);
	out->count = (uint32_t)count;
	if (code) {
		close(source->root_fd);
		source->root_fd = -1;
		return code;
	}
	if (count > 1)
		qsort(out->files, count, sizeof *out->files, by_path);
	roots.root = out->root;
	vit_hub_layout(a, out, &roots);
	vit_files_complete(a, source, &roots, out);
	out->git_clone = vit_files_get(out, ".git") != NULL;
	return VIT_OK;
}
