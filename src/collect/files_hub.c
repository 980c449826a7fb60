/* The hub cache's layout: which snapshot a folder is, or holds. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "collect/files_internal.h"

/* Longest content of refs/main that is taken; a commit has 40 digits. */
#define REF_MAX 256

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

/* The commit that refs/main names, or empty. */
static struct vit_str read_ref(struct vit_arena *a, struct vit_str cache)
{
	struct vit_str path = vit_path_join(a, cache, VIT_STR("refs/main")), commit = VIT_STR_EMPTY;
	int fd = open(path.p, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
	struct vit_buf text;
	struct stat st;

	if (fd < 0)
		return commit;
	vit_buf_init(&text, REF_MAX);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && vit_source_drain(fd, &text))
		commit = vit_arena_str(a, vit_str_trim(vit_buf_view(&text)));
	vit_buf_release(&text);
	close(fd);
	return commit;
}

static bool is_folder(struct vit_str path)
{
	struct stat st;

	return stat(path.p, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Folders in `snapshots`: how many, and the first by name. */
static uint32_t list_snapshots(struct vit_arena *a, struct vit_str snapshots, struct vit_str *first)
{
	DIR *d = opendir(snapshots.p);
	struct dirent *e;
	uint32_t n = 0;

	*first = VIT_STR_EMPTY;
	if (!d)
		return 0;
	while ((e = readdir(d))) {
		struct vit_str name = vit_str_c(e->d_name);
		if (name.p[0] == '.' || !is_folder(vit_path_join(a, snapshots, name)))
			continue;
		if (n++ == 0 || vit_str_cmp(name, *first) < 0)
			*first = vit_arena_str(a, name);
	}
	closedir(d);
	return n;
}

enum vit_errc vit_hub_cache_snapshot(struct vit_arena *a, struct vit_str real, struct vit_str *folder,
				     bool *is_cache, struct vit_err *err)
{
	struct vit_str snapshots = vit_path_join(a, real, VIT_STR("snapshots")), commit, first;
	uint32_t n;

	*is_cache = false;
	if (!vit_str_starts(vit_path_base(real), VIT_STR("models--")) || !is_folder(snapshots))
		return VIT_OK;
	commit = read_ref(a, real);
	n = list_snapshots(a, snapshots, &first);
	/* A name with a slash in it would lead out of the folder. */
	if (commit.n == 0 && n == 1)
		commit = first;
	if (vit_path_is_plain(commit) && vit_str_find(commit, VIT_STR("/"), 0) == SIZE_MAX &&
	    is_folder(vit_path_join(a, snapshots, commit))) {
		*folder = vit_path_join(a, snapshots, commit);
		*is_cache = true;
		return VIT_OK;
	}
	if (n == 0)
		return vit_err_set(err, VIT_E_NOTFOUND,
				   "%.*s: a model's folder in the hub's cache, without a snapshot: nothing was fetched whole",
				   VIT_FMT(*folder));
	return vit_err_set(err, VIT_E_NOTFOUND,
			   "%.*s: a model's folder in the hub's cache with %u snapshot%s, and refs/main names none of them; "
			   "name the one to look at, as %.*s/snapshots/%.*s",
			   VIT_FMT(*folder), n, n == 1 ? "" : "s", VIT_FMT(*folder), VIT_FMT(first));
}
