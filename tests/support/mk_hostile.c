/*
 * Folders that are meant to break an auditor: one kind each, beside a small
 * llama that is otherwise good.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "mk.h"

#define ENTRIES 200000
#define DEPTH 5000
#define HEADER_BYTES 100000000u /* the format's own limit */

static bool make_entries(struct vit_arena *a, const char *dir)
{
	char name[32];
	(void)a;
	int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = folder >= 0;
	for (unsigned i = 0; ok && i < ENTRIES; i++) {
		snprintf(name, sizeof(name), "file-%06u.txt", i);
		int fd = openat(folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
		ok = fd >= 0 && close(fd) == 0;
	}
	if (folder >= 0)
		close(folder);
	return ok || mk_fail(dir);
}

/* Deeper than any path may be long: one step at a time. */
static bool make_depth(struct vit_arena *a, const char *dir)
{
	(void)a;
	int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = at >= 0;
	for (unsigned i = 0; ok && i < DEPTH; i++) {
		ok = mkdirat(at, "d", 0777) == 0 || errno == EEXIST;
		int next = ok ? openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
		ok = next >= 0;
		close(at);
		at = next;
	}
	if (at >= 0)
		close(at);
	return ok || mk_fail(dir);
}

/* A header of exactly the largest length that the reference reader takes. */
static bool make_header(struct vit_arena *a, const char *dir)
{
	struct vit_buf b;
	vit_buf_init(&b, HEADER_BYTES + 16);
	for (unsigned i = 0; i < 8; i++)
		vit_buf_putc(&b, (char)(unsigned char)((uint64_t)HEADER_BYTES >> 8 * i));
	vit_buf_putc(&b, '{');
	for (unsigned i = 0; b.n + 64 < HEADER_BYTES; i++)
		vit_buf_printf(&b, "%s\"t%u\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}",
			       i ? "," : "", i);
	vit_buf_putc(&b, '}');
	while (b.n < HEADER_BYTES + 8)
		vit_buf_putc(&b, ' ');
	bool ok = mk_write(mk_path(a, dir, "model.safetensors"), vit_buf_view(&b));
	vit_buf_release(&b);
	return ok;
}

static bool make_sparse_of(struct vit_arena *a, const char *dir, uint64_t size)
{
	/* A header of 96 bytes, whatever the size. */
	struct vit_buf b;
	vit_buf_init(&b, 256);
	vit_buf_add(&b, "\x60\0\0\0\0\0\0\0", 8);
	unsigned long long data = size - 104;
	vit_buf_printf(&b, "{\"t\":{\"dtype\":\"U8\",\"shape\":[%llu],\"data_offsets\":[0,%llu]}}", data,
		       data);
	bool ok = b.n <= 104;
	while (b.n < 104)
		vit_buf_putc(&b, ' ');
	ok = ok && mk_sparse(mk_path(a, dir, "model.safetensors"), vit_buf_view(&b), size);
	vit_buf_release(&b);
	return ok;
}

static bool make_sparse_10t(struct vit_arena *a, const char *dir)
{
	return make_sparse_of(a, dir, 10000000000000u);
}

/* Only some file systems take it: tmpfs, xfs. */
static bool make_sparse_1p(struct vit_arena *a, const char *dir)
{
	return make_sparse_of(a, dir, 1000000000000000u);
}

static bool make_fifo(struct vit_arena *a, const char *dir)
{
	const char *weights = mk_path(a, dir, "model.safetensors");
	const char *tokenizer = mk_path(a, dir, "tokenizer.json");
	unlink(weights);
	return (mkfifo(weights, 0666) == 0 || mk_fail(weights)) &&
	       (mkfifo(tokenizer, 0666) == 0 || mk_fail(tokenizer));
}

static bool make_socket(struct vit_arena *a, const char *dir)
{
	const char *path = mk_path(a, dir, "model.safetensors");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	unlink(path);
	/* The address is short: bind by a relative name. */
	memcpy(address.sun_path, "model.safetensors", sizeof("model.safetensors"));
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool ok = fd >= 0 && chdir(dir) == 0 &&
		  bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
	if (!ok)
		mk_fail(path);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool make_links(struct vit_arena *a, const char *dir)
{
	static const struct {
		const char *name, *target;
	} rows[] = {
		{ "model-loop.safetensors", "model-loop.safetensors" },
		{ "a.json", "b.json" },
		{ "b.json", "a.json" },
		{ "again", "." },
		{ "sub/up", ".." },
		{ "outside", "/etc/passwd" },
		{ "climbs", "../../../../../../../../etc" },
		{ "dangling", "nowhere" },
	};
	bool ok = mk_folder(mk_path(a, dir, "sub"));
	for (size_t i = 0; ok && i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *path = mk_path(a, dir, rows[i].name);
		ok = symlink(rows[i].target, path) == 0 || mk_fail(path);
	}
	return ok;
}

static bool make_names(struct vit_arena *a, const char *dir)
{
	static const char *const names[] = {
		"new\nline.txt",       "esc\x1b[31mred.txt", "pipe|pipe.md",
		"<script>alert(1).js", "`tick`.txt",	     "back\\slash.txt",
		"bad\xff\xfeutf8.bin", "bidi\xe2\x80\xaeoverride.txt",
		"::error file=x::y",   "-rf",		     "  blanks  ",
		"Config.JSON",	       "CONFIG.json",	     "[link](x).md",
		"\x01\x02\x7f.txt",    "e\xcc\x81.txt",	     "\xc3\xa9.txt",
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = mk_path(a, dir, names[i]);
		int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
		/* Some systems take only UTF-8. */
		if (fd < 0 && errno == EILSEQ)
			continue;
		if (fd < 0 || close(fd) != 0)
			return mk_fail(path);
	}
	return true;
}

static bool make_unreadable(struct vit_arena *a, const char *dir)
{
	const char *file = mk_path(a, dir, "tokenizer.json");
	const char *folder = mk_path(a, dir, "closed");
	return mk_write(file, VIT_STR("{}\n")) && mk_folder(folder) &&
	       (chmod(file, 0) == 0 || mk_fail(file)) && (chmod(folder, 0) == 0 || mk_fail(folder)) &&
	       (chmod(mk_path(a, dir, "model.safetensors"), 0) == 0 || mk_fail(dir));
}

static const struct {
	const char *name;
	bool (*make)(struct vit_arena *a, const char *dir);
} kinds[] = {
	{ "entries200k", make_entries },  { "depth5000", make_depth },
	{ "header100mb", make_header },	  { "sparse10t", make_sparse_10t },
	{ "sparse1p", make_sparse_1p },	  { "fifo", make_fifo },
	{ "socket", make_socket },	  { "linkloop", make_links },
	{ "names", make_names },	  { "unreadable", make_unreadable },
};

const char *mk_hostile_kinds(void)
{
	return "entries200k depth5000 header100mb sparse10t sparse1p fifo socket linkloop names "
	       "unreadable";
}

bool mk_hostile(const char *dir, const char *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, kind) != 0)
			continue;
		struct vit_arena *a = vit_arena_new();
		bool ok = mk_small(dir) && kinds[i].make(a, dir);
		vit_arena_free(a);
		return ok;
	}
	fprintf(stderr, "mk_model: no such kind: %s (%s)\n", kind, mk_hostile_kinds());
	return false;
}
