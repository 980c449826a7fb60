#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

/* Names tried for the temporary file before giving up. */
#define TEMPORARY_TRIES 100

bool vit_output_is_stdout(const char *path)
{
	return strcmp(path, "-") == 0;
}

bool vit_output_collect(void *ctx, const char *p, size_t n)
{
	struct vit_buf *b = ctx;
	vit_buf_add(b, p, n);
	return !b->full;
}

/* The folder part of path: "." when it has none, "/" for the root. */
static void add_dir(struct vit_buf *out, const char *path)
{
	struct vit_str dir = vit_path_dir(vit_str_c(path));
	if (dir.n > 0)
		vit_buf_str(out, dir);
	else
		vit_buf_puts(out, path[0] == '/' ? "/" : ".");
}

enum vit_errc vit_output_check(const char *path, struct vit_err *err)
{
	struct stat st;
	if (vit_output_is_stdout(path))
		return VIT_OK;
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return vit_err_set(err, VIT_E_UNSUPPORTED, "cannot write %s: it is a folder",
					   path);
		if (!S_ISREG(st.st_mode))
			return VIT_OK;
	}
	struct vit_buf dir;
	vit_buf_init(&dir, PATH_MAX);
	add_dir(&dir, path);
	enum vit_errc rc = VIT_OK;
	if (stat(dir.p, &st) != 0)
		rc = vit_err_sys(err, errno, "cannot write %s", path);
	else if (!S_ISDIR(st.st_mode))
		rc = vit_err_sys(err, ENOTDIR, "cannot write %s", path);
	else if (access(dir.p, W_OK | X_OK) != 0)
		rc = vit_err_sys(err, errno, "cannot write %s", path);
	vit_buf_release(&dir);
	return rc;
}

static bool write_all(int fd, struct vit_str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n == 0 ? ENOSPC : errno;
			return false;
		}
		bytes.p += n;
		bytes.n -= (size_t)n;
	}
	return true;
}

static enum vit_errc write_in_place(const char *path, struct vit_str bytes, struct vit_err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return vit_err_sys(err, errno, "cannot open %s", path);
	bool ok = write_all(fd, bytes);
	int sys = errno;
	if (close(fd) != 0 && ok) {
		ok = false;
		sys = errno;
	}
	return ok ? VIT_OK : vit_err_sys(err, sys, "cannot write %s", path);
}

/* A new file beside `target`; its name replaces what is in `name`. */
static int open_temporary(const char *target, struct vit_buf *name)
{
	for (unsigned try = 0; try < TEMPORARY_TRIES; try++) {
		vit_buf_clear(name);
		add_dir(name, target);
		vit_buf_printf(name, "/.vitalis-audit-%ld-%u.tmp", (long)getpid(), try);
		if (name->full) {
			errno = ENAMETOOLONG;
			return -1;
		}
		int fd = open(name->p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static enum vit_errc replace(const char *target, struct vit_str bytes, struct vit_err *err)
{
	struct vit_buf name;
	struct stat st;
	vit_buf_init(&name, PATH_MAX);
	int fd = open_temporary(target, &name);
	if (fd < 0) {
		enum vit_errc rc = vit_err_sys(err, errno, "cannot write beside %s", target);
		vit_buf_release(&name);
		return rc;
	}
	bool ok = write_all(fd, bytes);
	/* A file that was there keeps its permissions. */
	if (ok && stat(target, &st) == 0)
		ok = fchmod(fd, st.st_mode & 0777) == 0;
	int sys = errno;
	if (close(fd) != 0 && ok) {
		ok = false;
		sys = errno;
	}
	if (ok && rename(name.p, target) != 0) {
		ok = false;
		sys = errno;
	}
	if (!ok)
		unlink(name.p);
	vit_buf_release(&name);
	return ok ? VIT_OK : vit_err_sys(err, sys, "cannot write %s", target);
}

static enum vit_errc commit_file(const char *path, struct vit_str bytes, struct vit_err *err)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return replace(path, bytes, err);
	if (!S_ISREG(st.st_mode))
		return write_in_place(path, bytes, err);
	char *target = realpath(path, NULL);
	if (!target)
		return vit_err_sys(err, errno, "cannot write %s", path);
	enum vit_errc rc = replace(target, bytes, err);
	free(target);
	return rc;
}

enum vit_errc vit_output_commit(const char *path, struct vit_str bytes, struct vit_err *err)
{
	if (vit_output_is_stdout(path)) {
		if (!write_all(STDOUT_FILENO, bytes))
			return vit_err_sys(err, errno, "cannot write to standard output");
		return VIT_OK;
	}
	struct stat st;
	/* A pipe may be waited for without end: Ctrl-C ends that. Nothing can be left half made beside it. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return write_in_place(path, bytes, err);
	sigset_t held, before;
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigprocmask(SIG_BLOCK, &held, &before);
	enum vit_errc rc = commit_file(path, bytes, err);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}
