#include "host/host_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The system's own folders first: /usr/local/bin belongs to the user on some Macs. */
#define SEARCH_PATH "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/opt/homebrew/bin:" \
		    "/usr/pkg/bin:/usr/local/nvidia/bin:/usr/lib/wsl/lib"
#define POLL_MS 20
/* After SIGKILL. A process that waits for a wedged driver does not die; it is
 * then left behind, for it cannot be waited for either. */
#define DIE_MS 1000

/* What the child becomes: a program, or one of our functions. */
struct task {
	const char *path;
	char *const *argv;
	int (*call)(void *arg, int out); /* when path is NULL */
	void *arg;
};

struct child {
	pid_t pid;
	int out;       /* read end of its standard output */
	int64_t deadline_ns;
	bool exited;   /* a zombie we have not reaped yet */
};

int64_t vit_posix_monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static enum vit_errc find_program(const char *name, struct vit_buf *path, struct vit_err *err)
{
	struct vit_str rest = VIT_STR(SEARCH_PATH), folder;

	if (name[0] == '/') {
		vit_buf_puts(path, name);
		return VIT_OK;
	}
	if (name[0] == '\0' || strchr(name, '/'))
		return vit_err_set(err, VIT_E_UNSUPPORTED, "'%s' is no program name", name);
	while (vit_str_split(&rest, ':', &folder)) {
		vit_buf_clear(path);
		vit_buf_printf(path, "%.*s/%s", VIT_FMT(folder), name);
		if (!path->full && access(path->p, X_OK) == 0)
			return VIT_OK;
	}
	return vit_err_set(err, VIT_E_NOTFOUND, "%s: no such program", name);
}

/* Away from 0..2, which the child needs, and not inherited. Takes fd over. */
static int raise_fd(int fd)
{
	int high = fd;

	if (fd < 0)
		return fd;
	if (fd <= 2) {
		high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		close(fd);
	} else if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
		close(fd);
		return -1;
	}
	return high;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int open_pipe(int ends[2])
{
	ends[0] = ends[1] = -1;
	if (pipe(ends) < 0)
		return -1;
	ends[0] = raise_fd(ends[0]);
	ends[1] = raise_fd(ends[1]);
	if (ends[0] >= 0 && ends[1] >= 0)
		return 0;
	close_fd(&ends[0]);
	close_fd(&ends[1]);
	return -1;
}

/*
 * Between fork and exec: nothing but async-signal-safe calls. A function of
 * ours makes others, too: it allocates and loads libraries. That is sound where
 * fork leaves those locks usable in the child (glibc, musl), or with one thread.
 */
static void child_main(const struct task *task, int null, int out, int report)
{
	static char env_path[] = "PATH=" SEARCH_PATH, env_locale[] = "LC_ALL=C";
	char *const env[] = { env_path, env_locale, NULL };
	sigset_t none;
	int sys;

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (!task->path && dup2(null, 0) == 0 && dup2(null, 1) == 1 && dup2(null, 2) == 2) {
		close(report);
		_exit(task->call(task->arg, out));
	}
	if (task->path && dup2(null, 0) == 0 && dup2(out, 1) == 1 && dup2(null, 2) == 2 &&
	    chdir("/") == 0)
		execve(task->path, task->argv, env);
	sys = errno;
	while (write(report, &sys, sizeof(sys)) < 0 && errno == EINTR)
		;
	_exit(127);
}

/* errno of a child that could not start its program, or 0 when it did. */
static int start_errno(int report)
{
	int sys = 0;
	ssize_t n;

	do
		n = read(report, &sys, sizeof(sys));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(sys) ? sys : 0;
}

static enum vit_errc start(const struct task *task, const char *name, struct child *c,
			   struct vit_err *err)
{
	int null = raise_fd(open("/dev/null", O_RDWR | O_CLOEXEC));
	int out[2] = { -1, -1 }, report[2] = { -1, -1 }, sys;
	enum vit_errc rc = VIT_OK;

	if (null < 0 || open_pipe(out) < 0 || open_pipe(report) < 0) {
		rc = vit_err_sys(err, errno, "%s", name);
		goto out;
	}
	c->pid = fork();
	if (c->pid == 0)
		child_main(task, null, out[1], report[1]);
	if (c->pid < 0) {
		rc = vit_err_sys(err, errno, "%s", name);
		goto out;
	}
	/* Both sides set the group, so that it exists whoever comes first. */
	setpgid(c->pid, c->pid);
	close_fd(&report[1]);
	sys = start_errno(report[0]);
	if (sys) {
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
		rc = vit_err_sys(err, sys, "%s", name);
		goto out;
	}
	c->out = out[0];
	out[0] = -1;
out:
	close_fd(&null);
	close_fd(&out[0]);
	close_fd(&out[1]);
	close_fd(&report[0]);
	close_fd(&report[1]);
	return rc;
}

static bool has_exited(struct child *c)
{
	siginfo_t info;

	if (c->exited)
		return true;
	memset(&info, 0, sizeof(info));
	/* Not reaped: as long as the zombie is there its group id is ours to kill. */
	if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		c->exited = errno != EINTR;
	else
		c->exited = info.si_pid == c->pid;
	return c->exited;
}

/* Takes what is there; *eof when nothing more will come. */
static enum vit_errc drain(struct child *c, struct vit_buf *out, bool *eof, struct vit_err *err)
{
	char chunk[4096];
	ssize_t n = read(c->out, chunk, sizeof(chunk));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return VIT_OK;
	if (n < 0)
		return vit_err_sys(err, errno, "output of the command");
	if (n == 0) {
		*eof = true;
		return VIT_OK;
	}
	vit_buf_add(out, chunk, (size_t)n);
	if (out->full)
		return vit_err_set(err, VIT_E_LIMIT, "the command printed more than %zu bytes",
				   out->ceiling);
	return VIT_OK;
}

/*
 * Until the program has ended and its output is read. A grandchild that keeps
 * the pipe open does not keep us: once the program is gone, one empty poll
 * ends it.
 */
static enum vit_errc collect_output(struct child *c, const char *name, struct vit_buf *out,
				   struct vit_err *err)
{
	bool eof = false;

	for (;;) {
		struct pollfd p = { c->out, POLLIN, 0 };
		bool gone = has_exited(c);
		int ready;

		if (eof && gone)
			return VIT_OK;
		if (vit_posix_monotonic_ns() >= c->deadline_ns)
			return vit_err_set(err, VIT_E_TIMEOUT, "%s: took too long", name);
		ready = poll(&p, eof ? 0 : 1, gone ? 0 : POLL_MS);
		if (ready > 0) {
			enum vit_errc rc = drain(c, out, &eof, err);

			if (rc != VIT_OK)
				return rc;
		} else if (gone) {
			return VIT_OK;
		}
	}
}

/* True when the child is reaped. */
static bool reap(const struct child *c, int *wait_status)
{
	int64_t until = vit_posix_monotonic_ns() + (int64_t)DIE_MS * 1000000;

	for (;;) {
		pid_t got = waitpid(c->pid, wait_status, WNOHANG);

		if (got == c->pid)
			return true;
		if ((got < 0 && errno != EINTR) || vit_posix_monotonic_ns() >= until)
			return false;
		poll(NULL, 0, 1);
	}
}

static enum vit_errc finish(struct child *c, const char *name, int *status, struct vit_err *err)
{
	int wait_status = 0;

	kill(-c->pid, SIGKILL);
	if (!reap(c, &wait_status))
		return vit_err_set(err, VIT_E_TIMEOUT, "%s: does not end", name);
	if (WIFSIGNALED(wait_status))
		return vit_err_set(err, VIT_E_IO, "%s: ended by signal %d", name,
				   WTERMSIG(wait_status));
	*status = WEXITSTATUS(wait_status);
	return VIT_OK;
}

static enum vit_errc perform(const struct task *task, const char *name, int64_t deadline_ns,
			     struct vit_buf *out, int *status, struct vit_err *err)
{
	struct child c = { -1, -1, deadline_ns, false };
	enum vit_errc rc, end;

	rc = start(task, name, &c, err);
	if (rc != VIT_OK)
		return rc;
	rc = collect_output(&c, name, out, err);
	close_fd(&c.out);
	/* When we killed it, that is the news, not the signal it died of. */
	end = finish(&c, name, status, rc == VIT_OK ? err : NULL);
	return rc == VIT_OK ? end : rc;
}

enum vit_errc vit_posix_call(int (*call)(void *arg, int out), void *arg, const char *name,
			     unsigned timeout_ms, struct vit_buf *out, int *status,
			     struct vit_err *err)
{
	const struct task task = { .call = call, .arg = arg };

	vit_buf_clear(out);
	return perform(&task, name, vit_posix_monotonic_ns() + (int64_t)timeout_ms * 1000000, out,
		       status, err);
}

enum vit_errc vit_posix_run(void *ctx, const char *const *argv, unsigned timeout_ms,
			    struct vit_buf *out, int *status, struct vit_err *err)
{
	char *args[VIT_HOST_MAX_ARGV + 1] = { NULL };
	struct task task = { .argv = args };
	int64_t deadline_ns = vit_posix_monotonic_ns() + (int64_t)timeout_ms * 1000000;
	struct vit_buf path;
	enum vit_errc rc;
	size_t n;

	(void)ctx;
	vit_buf_clear(out);
	for (n = 0; argv[n]; n++) {
		if (n == VIT_HOST_MAX_ARGV)
			return vit_err_set(err, VIT_E_LIMIT, "%s: too many arguments", argv[0]);
		/* execve(2) takes pointers to non-const and changes nothing. */
		memcpy(&args[n], &argv[n], sizeof(args[n]));
	}
	if (n == 0)
		return vit_err_set(err, VIT_E_UNSUPPORTED, "no command");
	vit_buf_init(&path, 4096);
	rc = find_program(argv[0], &path, err);
	task.path = path.p;
	if (rc == VIT_OK)
		rc = perform(&task, argv[0], deadline_ns, out, status, err);
	vit_buf_release(&path);
	return rc;
}
