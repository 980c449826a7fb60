#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MADE(call)                                                                                 \
	do {                                                                                       \
		if ((call) != 0)                                                                   \
			fail_msg("%s: %s", #call, strerror(errno));                                \
	} while (0)

void folder_new(struct folder *f)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(f->path, sizeof f->path, "%s/vitalis-test-XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(f->path))
		fail_msg("mkdtemp: %s", strerror(errno));
	/* Other users look at it in cases of permission. */
	MADE(chmod(f->path, 0755));
}

static int open_up(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)ftw;
	if (flag == FTW_D || flag == FTW_DNR)
		(void)chmod(path, 0755);
	(void)st;
	return 0;
}

static int drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void folder_remove(struct folder *f)
{
	(void)nftw(f->path, open_up, 16, FTW_PHYS);
	MADE(nftw(f->path, drop, 16, FTW_PHYS | FTW_DEPTH));
}

const char *folder_at(const struct folder *f, const char *name)
{
	static char path[8192];

	(void)snprintf(path, sizeof path, "%s/%s", f->path, name);
	return path;
}

static const char *with_parents(const struct folder *f, const char *name)
{
	static char path[8192];
	int n = snprintf(path, sizeof path, "%s/%s", f->path, name);

	for (size_t i = strlen(f->path) + 1; i < (size_t)n; i++) {
		if (path[i] != '/')
			continue;
		path[i] = 0;
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			fail_msg("%s: %s", path, strerror(errno));
		path[i] = '/';
	}
	return path;
}

void folder_write(const struct folder *f, const char *name, struct vit_str content)
{
	FILE *out = fopen(with_parents(f, name), "wb");

	if (!out)
		fail_msg("%s: %s", name, strerror(errno));
	assert_int_equal(fwrite(content.p, 1, content.n, out), content.n);
	MADE(fclose(out));
}

void folder_text(const struct folder *f, const char *name, const char *content)
{
	folder_write(f, name, vit_str_c(content));
}

void folder_mkdir(const struct folder *f, const char *name)
{
	MADE(mkdir(with_parents(f, name), 0755));
}

void folder_link(const struct folder *f, const char *name, const char *target)
{
	MADE(symlink(target, with_parents(f, name)));
}

void folder_fifo(const struct folder *f, const char *name)
{
	MADE(mkfifo(with_parents(f, name), 0644));
}

void folder_socket(const struct folder *f, const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	(void)snprintf(at.sun_path, sizeof at.sun_path, "%s", with_parents(f, name));
	MADE(bind(fd, (const struct sockaddr *)&at, sizeof at));
	close(fd);
}

void folder_sparse(const struct folder *f, const char *name, uint64_t size)
{
	int fd = open(with_parents(f, name), O_CREAT | O_WRONLY, 0644);

	assert_true(fd >= 0);
	MADE(ftruncate(fd, (off_t)size));
	close(fd);
}

void folder_mode(const struct folder *f, const char *name, unsigned mode)
{
	MADE(chmod(folder_at(f, name), (mode_t)mode));
}

bool folder_unprivileged(void (*body)(void *ctx), void *ctx)
{
	int status;
	pid_t child;

	if (geteuid() != 0) {
		body(ctx);
		return true;
	}
	child = fork();
	if (child < 0)
		return false;
	if (child == 0) {
		/* 65534 is nobody; 77 says that the uid cannot be changed here. */
		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(77);
		body(ctx);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child)
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		return false;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	return true;
}
