#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mk.h"

bool mk_fail(const char *path)
{
	fprintf(stderr, "mk_model: %s: %s\n", path, strerror(errno));
	return false;
}

bool mk_folder(const char *path)
{
	struct vit_buf part;
	bool ok = true;
	vit_buf_init(&part, 4096);
	for (const char *c = path; ok && *c; c++) {
		vit_buf_putc(&part, *c);
		if (c[1] != '/' && c[1] != '\0')
			continue;
		ok = mkdir(part.p, 0777) == 0 || errno == EEXIST;
	}
	vit_buf_release(&part);
	return ok || mk_fail(path);
}

const char *mk_path(struct vit_arena *a, const char *dir, const char *name)
{
	return vit_arena_printf(a, "%s/%s", dir, name).p;
}

static bool write_all(int fd, struct vit_str s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);
		if (n <= 0)
			return false;
		s.p += n;
		s.n -= (size_t)n;
	}
	return true;
}

bool mk_sparse(const char *path, struct vit_str head, uint64_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return mk_fail(path);
	bool ok = write_all(fd, head) && (size <= head.n || ftruncate(fd, (off_t)size) == 0);
	if (close(fd) != 0)
		ok = false;
	return ok || mk_fail(path);
}

bool mk_write(const char *path, struct vit_str content)
{
	return mk_sparse(path, content, content.n);
}

bool mk_copy(const char *from, const char *to)
{
	char chunk[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return mk_fail(from);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	bool ok = out >= 0;
	ssize_t n = 1;
	while (ok && (n = read(in, chunk, sizeof(chunk))) > 0)
		ok = write_all(out, (struct vit_str){ chunk, (size_t)n });
	ok = ok && n == 0;
	close(in);
	if (out >= 0 && close(out) != 0)
		ok = false;
	return ok || mk_fail(to);
}

static bool into_buf(void *ctx, const char *p, size_t n)
{
	struct vit_buf *b = ctx;
	vit_buf_add(b, p, n);
	return !b->full;
}

void mk_json(struct vit_json_writer *w, struct vit_buf *b, bool compact)
{
	vit_json_writer_init(w, into_buf, b, compact);
}
