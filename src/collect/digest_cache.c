#include "collect/digest_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "base/path.h"
#include "collect/source.h"

#define FILE_NAME "digests-1.tsv"
#define TEMPORARY ".digests.tmp"
#define RACY_NS ((int64_t)2000000000)

/* One line: key, tab, digest, tab, seconds. The key holds algorithm and identity. */
struct entry {
	struct vit_str key, digest;
	int64_t when;
};

static struct vit_str make_key(const struct vit_file *f, enum vit_digest_algorithm a, char out[160])
{
	int n = snprintf(out, 160, "%s %llx:%llx %llu %lld %lld", vit_digest_name(a),
			 (unsigned long long)f->dev, (unsigned long long)f->ino,
			 (unsigned long long)f->size, (long long)f->mtime_ns, (long long)f->ctime_ns);

	return (struct vit_str){ out, (size_t)n };
}

static enum vit_digest_algorithm key_algorithm(struct vit_str key)
{
	return vit_str_starts(key, vit_str_c(vit_digest_name(VIT_DIGEST_GIT_BLOB))) ? VIT_DIGEST_GIT_BLOB :
										     VIT_DIGEST_SHA256;
}

/* Adds, or replaces an older entry of the same key. */
static void add(struct vit_digest_cache *c, struct vit_str key, struct vit_str digest, int64_t when)
{
	uint32_t at = vit_map_get(&c->index, key);
	struct entry *e;

	if (at != VIT_MAP_NONE) {
		e = vit_vec_at(&c->entries, at);
		if (when <= e->when)
			return;
		e->digest = vit_arena_str(c->arena, digest);
		e->when = when;
		return;
	}
	e = vit_vec_add(&c->entries);
	e->key = vit_arena_str(c->arena, key);
	e->digest = vit_arena_str(c->arena, digest);
	e->when = when;
	vit_map_set(&c->index, e->key, (uint32_t)(c->entries.count - 1));
}

static void parse(struct vit_digest_cache *c, struct vit_str text)
{
	struct vit_str line, key, digest, when;
	int64_t seconds;

	while (vit_str_line(&text, &line)) {
		if (!vit_str_split(&line, '\t', &key) || !vit_str_split(&line, '\t', &digest) ||
		    !vit_str_split(&line, '\t', &when) || !vit_parse_i64(when, &seconds) ||
		    !vit_digest_is_hex(key_algorithm(key), digest))
			continue;
		add(c, key, digest, seconds);
	}
}

/* Ours alone to write: a planted digest would vouch for altered bytes. */
static bool trusted(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	       (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static void load(struct vit_digest_cache *c, int dir)
{
	struct vit_buf text;
	int fd = openat(dir, FILE_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return;
	vit_buf_init(&text, VIT_DIGEST_CACHE_MAX_BYTES);
	if (trusted(fd) && vit_source_drain(fd, &text))
		parse(c, vit_buf_view(&text));
	vit_buf_release(&text);
	close(fd);
}

static int open_folder(const struct vit_digest_cache *c, bool create)
{
	int fd = open(c->folder.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct vit_str parent;
	struct vit_buf path;

	if (fd >= 0 || !create)
		return fd;
	/* At most two levels: ~/.cache may be absent, too. */
	parent = vit_path_dir(c->folder);
	vit_buf_init(&path, 4096);
	vit_buf_str(&path, parent);
	(void)mkdir(path.p, 0700);
	vit_buf_release(&path);
	(void)mkdir(c->folder.p, 0700);
	return open(c->folder.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void vit_digest_cache_open(struct vit_digest_cache *c, struct vit_str folder)
{
	int dir;

	*c = (struct vit_digest_cache){ .entries = VIT_VEC(sizeof(struct entry)) };
	c->arena = vit_arena_new();
	vit_map_init(&c->index, 64);
	if (folder.n == 0)
		return;
	c->usable = true;
	c->folder = vit_arena_str(c->arena, folder);
	dir = open_folder(c, false);
	if (dir < 0)
		return;
	load(c, dir);
	close(dir);
}

bool vit_digest_cache_get(const struct vit_digest_cache *c, const struct vit_file *f,
			  enum vit_digest_algorithm a, char out[VIT_DIGEST_HEX], int64_t *since)
{
	char key[160];
	uint32_t at = vit_map_get(&c->index, make_key(f, a, key));
	const struct entry *e;

	if (at == VIT_MAP_NONE)
		return false;
	e = vit_vec_at(&c->entries, at);
	memcpy(out, e->digest.p, e->digest.n);
	out[e->digest.n] = 0;
	*since = e->when;
	return true;
}

void vit_digest_cache_put(struct vit_digest_cache *c, const struct vit_file *f,
			  enum vit_digest_algorithm a, const char *digest, int64_t now)
{
	char key[160];
	int64_t latest = f->mtime_ns > f->ctime_ns ? f->mtime_ns : f->ctime_ns;

	if (!c->usable || latest / 1000000000 + RACY_NS / 1000000000 >= now)
		return;
	add(c, make_key(f, a, key), vit_str_c(digest), now);
	c->changed = true;
}

static int newest_first(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	if (a->when != b->when)
		return a->when > b->when ? -1 : 1;
	return vit_str_cmp(a->key, b->key);
}

static bool write_all(int fd, struct vit_str text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text = vit_str_sub(text, (size_t)n, text.n);
	}
	return true;
}

/* Beside and renamed: a reader sees the old file or the new one, whole. */
static void store(struct vit_digest_cache *c, int dir)
{
	struct vit_buf text;
	int fd;

	load(c, dir); /* what another run has written since */
	qsort(c->entries.items, c->entries.count, sizeof(struct entry), newest_first);
	vit_buf_init(&text, VIT_DIGEST_CACHE_MAX_BYTES);
	for (size_t i = 0; i < c->entries.count && i < VIT_DIGEST_CACHE_MAX_ENTRIES; i++) {
		const struct entry *e = vit_vec_at(&c->entries, i);
		vit_buf_printf(&text, "%.*s\t%.*s\t%lld\n", VIT_FMT(e->key), VIT_FMT(e->digest),
			       (long long)e->when);
	}
	/* What a run that was killed here left; whoever lives waits for our turn to end. */
	(void)unlinkat(dir, TEMPORARY, 0);
	fd = openat(dir, TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		bool ok = write_all(fd, vit_buf_view(&text));
		ok = close(fd) == 0 && ok;
		if (!ok || renameat(dir, TEMPORARY, dir, FILE_NAME) != 0)
			(void)unlinkat(dir, TEMPORARY, 0);
	}
	vit_buf_release(&text);
}

void vit_digest_cache_close(struct vit_digest_cache *c)
{
	int dir = c->changed ? open_folder(c, true) : -1;

	if (dir >= 0) {
		/* Two runs that end together take turns. */
		if (flock(dir, LOCK_EX) == 0)
			store(c, dir);
		close(dir);
	}
	vit_map_release(&c->index);
	vit_vec_free(&c->entries);
	vit_arena_free(c->arena);
}
