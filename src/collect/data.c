#include "collect/data.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/progress.h"
#include "collect/source.h"

/* Of one folder; beyond them it is no folder of data. */
#define ENTRIES_MAX 10000u

/* Counts what is read. */
struct counted {
	struct vit_source_file file;
	struct vit_progress *progress;
};

static int64_t read_counted(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct counted *c = ctx;
	int64_t got = vit_source_read(&c->file, buf, n, err);

	if (got > 0)
		vit_progress_add(c->progress, (uint64_t)got);
	return got;
}

/* ---- a folder ---------------------------------------------------------------------- */

static bool has_prefix(struct vit_str name, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(words[i]);
		if (name.n > n && vit_str_ieq(vit_str_sub(name, 0, n), vit_str_c(words[i])) &&
		    !((name.p[n] | 32) >= 'a' && (name.p[n] | 32) <= 'z'))
			return true;
	}
	return false;
}

static enum vit_data_split split_of(struct vit_str path)
{
	static const char *const valid[] = { "valid", "validation", "val", "dev", "eval" };
	static const char *const test[] = { "test" };
	struct vit_str name = vit_path_base(path);

	if (has_prefix(name, valid, 5))
		return VIT_SPLIT_VALID;
	return has_prefix(name, test, 1) ? VIT_SPLIT_TEST : VIT_SPLIT_TRAIN;
}

static bool is_data(struct vit_str name)
{
	static const char *const extensions[] = { "jsonl", "json", "ndjson", "parquet", "arrow", "csv", "tsv" };
	static const char *const others[] = { "dataset_info.json", "dataset_infos.json", "state.json",
					      "config.json", "package.json" };

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (vit_str_is(name, others[i]))
			return false;
	if (name.n && name.p[0] == '.')
		return false;
	if (vit_str_is(vit_path_ext(name), "gz") || vit_str_is(vit_path_ext(name), "zst"))
		name = vit_str_sub(name, 0, vit_str_rchr(name, '.'));
	for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
		if (vit_str_ieq(vit_path_ext(name), vit_str_c(extensions[i])))
			return true;
	return false;
}

static int by_split(const void *a, const void *b)
{
	const struct vit_data_file *x = a, *y = b;

	if (x->split != y->split)
		return x->split < y->split ? -1 : 1;
	return vit_str_cmp(x->path, y->path);
}

/* split: of files whose name tells none. */
static void list(struct vit_arena *a, struct vit_str folder, struct vit_str prefix, enum vit_data_split split,
		 struct vit_vec *files)
{
	DIR *dir = opendir(folder.p);
	const struct dirent *entry;
	unsigned seen = 0;

	if (!dir)
		return;
	while (seen++ < ENTRIES_MAX && (entry = readdir(dir)) != NULL) {
		struct vit_str name = vit_str_c(entry->d_name);
		struct vit_data_file *f;

		if (!is_data(name))
			continue;
		f = vit_vec_add(files);
		f->path = prefix.n ? vit_path_join(a, prefix, name) : vit_arena_str(a, name);
		f->split = split_of(name);
		if (f->split == VIT_SPLIT_TRAIN)
			f->split = split;
	}
	closedir(dir);
}

static void list_folder(struct vit_arena *a, struct vit_str path, struct vit_data *out)
{
	/* The folders that `datasets` looks into for splits. */
	static const struct {
		const char *name;
		enum vit_data_split split;
	} inner[] = {
		{ "data", VIT_SPLIT_TRAIN },  { "train", VIT_SPLIT_TRAIN },	 { "training", VIT_SPLIT_TRAIN },
		{ "valid", VIT_SPLIT_VALID }, { "validation", VIT_SPLIT_VALID }, { "val", VIT_SPLIT_VALID },
		{ "dev", VIT_SPLIT_VALID },   { "eval", VIT_SPLIT_VALID },	 { "test", VIT_SPLIT_TEST },
	};
	struct vit_vec files = VIT_VEC(sizeof(struct vit_data_file));
	size_t count;

	list(a, path, VIT_STR_EMPTY, VIT_SPLIT_TRAIN, &files);
	for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
		struct vit_str name = vit_str_c(inner[i].name);
		list(a, vit_path_join(a, path, name), name, inner[i].split, &files);
	}
	out->folder = true;
	out->files = vit_vec_take(&files, a, &count);
	if (count)
		qsort(out->files, count, sizeof *out->files, by_split);
	out->file_count = (uint32_t)(count < VIT_DATA_FILES ? count : VIT_DATA_FILES);
	out->files_left = (uint32_t)count - out->file_count;
}

/* ---- files --------------------------------------------------------------------------- */

static enum vit_errc open_file(struct vit_str path, struct vit_source_file *out, bool *folder, struct vit_err *err)
{
	struct stat st;
	int fd = open(path.p, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	*folder = false;
	if (fd < 0)
		return vit_err_sys(err, errno, "%.*s", VIT_FMT(path));
	if (fstat(fd, &st) != 0) {
		enum vit_errc rc = vit_err_sys(err, errno, "%.*s", VIT_FMT(path));
		close(fd);
		return rc;
	}
	if (S_ISDIR(st.st_mode)) {
		*folder = true;
		close(fd);
		return VIT_OK;
	}
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return vit_err_set(err, VIT_E_UNSUPPORTED, "%.*s: is no regular file", VIT_FMT(path));
	}
	*out = (struct vit_source_file){ .fd = fd, .size = (uint64_t)st.st_size, .path = path };
	return VIT_OK;
}

static void read_file(struct vit_data_scan *scan, struct vit_data *out, uint32_t i, struct vit_source_file *file,
		      struct vit_progress *progress)
{
	struct counted c = { .file = *file, .progress = progress };

	out->files[i].stored_bytes = file->size;
	vit_data_scan_file(scan, i, read_counted, &c);
}

static void read_folder(struct vit_arena *a, struct vit_str path, struct vit_data_scan *scan, struct vit_data *out,
			struct vit_progress *progress)
{
	for (uint32_t i = 0; i < out->file_count; i++) {
		struct vit_source_file file;
		bool folder;

		if (open_file(vit_path_join(a, path, out->files[i].path), &file, &folder, &out->files[i].err) || folder) {
			out->files[i].container = VIT_DATA_UNREADABLE;
			continue;
		}
		read_file(scan, out, i, &file, progress);
		close(file.fd);
	}
}

enum vit_errc vit_collect_data(struct vit_arena *a, struct vit_str path, const struct vit_data_options *options,
			       bool show, struct vit_data *out, struct vit_err *err)
{
	struct vit_source_file file;
	struct vit_data_scan *scan;
	struct vit_progress progress;
	bool folder;
	enum vit_errc rc;

	path = vit_arena_str(a, path);
	*out = (struct vit_data){ .given = true, .path = path, .file_count = 1 };
	out->files = VIT_NEW(a, struct vit_data_file);
	out->files[0].path = path;
	out->files[0].container = VIT_DATA_UNREADABLE;
	rc = open_file(path, &file, &folder, err);
	if (rc) {
		out->files[0].err = *err;
		return rc;
	}
	if (folder)
		list_folder(a, path, out);
	vit_progress_start(&progress, "reading data", folder ? 0 : file.size, true, show);
	scan = vit_data_scan_new(a, options, out);
	if (folder) {
		read_folder(a, path, scan, out, &progress);
	} else {
		read_file(scan, out, 0, &file, &progress);
		close(file.fd);
	}
	vit_data_scan_finish(scan);
	vit_progress_finish(&progress);
	return VIT_OK;
}
