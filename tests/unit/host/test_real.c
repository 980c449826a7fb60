/* The machine the tests run on. Times are generous: it may be busy. */
#include "host_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "host/host.h"

static const char *script(const char *text, const char *argv[4])
{
	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = text;
	argv[3] = NULL;
	return argv[0];
}

static enum vit_errc run(const char *text, unsigned timeout_ms, size_t ceiling, struct vit_buf *out,
			 int *status, struct vit_err *err)
{
	const struct vit_host *h = vit_host_real();
	const char *argv[4];

	script(text, argv);
	vit_buf_init(out, ceiling);
	return h->run(h->ctx, argv, timeout_ms, out, status, err);
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void run_output(void **state)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_buf out;
	int status = -1;

	(void)state;
	assert_int_equal(run("echo out; echo bad >&2; exit 3", 20000, 100, &out, &status, &err),
			 VIT_OK);
	assert_int_equal(status, 3);
	assert_str(vit_buf_view(&out), "out\n");
	assert_int_equal(err.code, VIT_OK);
	vit_buf_release(&out);
}

/* Nothing of the caller reaches the command: environment, folder, input. */
static void run_is_closed_off(void **state)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_buf out;
	int status = -1;

	(void)state;
	assert_int_equal(setenv("VIT_TEST_SECRET", "1", 1), 0);
	assert_int_equal(run("echo \"[$VIT_TEST_SECRET$HOME$LD_PRELOAD]\"; pwd; cat; echo $LC_ALL",
			     20000, 1000, &out, &status, &err), VIT_OK);
	assert_int_equal(unsetenv("VIT_TEST_SECRET"), 0);
	assert_int_equal(status, 0);
	assert_str(vit_buf_view(&out), "[]\n/\nC\n");
	vit_buf_release(&out);
}

static void run_timeout_kills_the_group(void **state)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_buf out;
	int status = -1;
	double start = seconds();
	long child;

	(void)state;
	/* The grandchild would outlive the shell. */
	assert_int_equal(run("sleep 60 & echo $!; wait", 1500, 100, &out, &status, &err),
			 VIT_E_TIMEOUT);
	assert_true(seconds() - start < 30);
	assert_int_equal(err.code, VIT_E_TIMEOUT);
	child = strtol(out.p, NULL, 10);
	assert_true(child > 1);
	/* Killed; its zombie may wait for init a moment. */
	for (int i = 0; i < 500 && kill((pid_t)child, 0) == 0; i++) {
		char path[64], text[256] = "";
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%ld/stat", child);
		f = fopen(path, "r");
		if (f && fgets(text, sizeof(text), f) && strstr(text, ") Z")) {
			fclose(f);
			break;
		}
		if (f)
			fclose(f);
		assert_true(i < 499);
		usleep(20000);
	}
	vit_buf_release(&out);
}

static void run_does_not_wait_for_daemons(void **state)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_buf out;
	int status = -1;
	double start = seconds();

	(void)state;
	assert_int_equal(run("sleep 60 & echo done", 40000, 100, &out, &status, &err), VIT_OK);
	assert_true(seconds() - start < 30);
	assert_str(vit_buf_view(&out), "done\n");
	vit_buf_release(&out);
}

static void run_output_limit(void **state)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_buf out;
	int status = -1;

	(void)state;
	assert_int_equal(run("while :; do echo 0123456789; done", 40000, 10000, &out, &status,
			     &err), VIT_E_LIMIT);
	assert_true(out.n <= 10000);
	vit_buf_release(&out);
}

static void run_failures(void **state)
{
	const struct vit_host *h = vit_host_real();
	const char *missing[] = { "vitalis-no-such-program", NULL };
	const char *relative[] = { "./sh", NULL };
	const char *no_program[] = { "/etc/passwd", NULL };
	const char *nothing[] = { NULL };
	const char *many[VIT_HOST_MAX_ARGV + 2];
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_buf out;
	int status = -1;

	(void)state;
	assert_int_equal(run("kill -9 $$", 20000, 100, &out, &status, &err), VIT_E_IO);
	assert_string_equal(err.msg, "sh: ended by signal 9");
	assert_int_equal(h->run(NULL, missing, 1000, &out, &status, &err), VIT_E_NOTFOUND);
	assert_int_equal(h->run(NULL, relative, 1000, &out, &status, &err), VIT_E_UNSUPPORTED);
	assert_int_equal(h->run(NULL, no_program, 1000, &out, &status, &err), VIT_E_PERM);
	assert_int_equal(h->run(NULL, nothing, 1000, &out, &status, &err), VIT_E_UNSUPPORTED);
	for (size_t i = 0; i < VIT_HOST_MAX_ARGV + 1; i++)
		many[i] = "true";
	many[VIT_HOST_MAX_ARGV + 1] = NULL;
	assert_int_equal(h->run(NULL, many, 1000, &out, &status, &err), VIT_E_LIMIT);
	many[VIT_HOST_MAX_ARGV] = NULL;
	assert_int_equal(h->run(NULL, many, 20000, &out, &status, &err), VIT_OK);
	vit_buf_release(&out);
}

static void files(void **state)
{
	const struct vit_host *h = vit_host_real();
	struct vit_err err = { VIT_OK, 0, 0, "" };
	char path[] = "/tmp/vitalis-real-XXXXXX";
	int fd = mkstemp(path);
	struct vit_buf out;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "12345", 5), 5);
	close(fd);
	vit_buf_init(&out, 5);
	assert_int_equal(h->read_file(h->ctx, path, &out, &err), VIT_OK);
	assert_str(vit_buf_view(&out), "12345");
	vit_buf_release(&out);
	vit_buf_init(&out, 4);
	assert_int_equal(h->read_file(h->ctx, path, &out, &err), VIT_E_LIMIT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(h->read_file(h->ctx, path, &out, &err), VIT_E_NOTFOUND);
	assert_int_equal(h->read_file(h->ctx, "/", &out, &err), VIT_E_UNSUPPORTED);
	assert_int_equal(h->read_file(h->ctx, "/dev/null", &out, &err), VIT_E_UNSUPPORTED);
	/* A FIFO must not hang us. */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(h->read_file(h->ctx, path, &out, &err), VIT_E_UNSUPPORTED);
	assert_int_equal(unlink(path), 0);
	vit_buf_release(&out);
}

static void folders(void **state)
{
	const struct vit_host *h = vit_host_real();
	struct vit_arena *a = vit_arena_new();
	struct vit_err err = { VIT_OK, 0, 0, "" };
	char dir[] = "/tmp/vitalis-real-XXXXXX", path[64];
	static const char *const names[] = { "b", "a", "c.d" };
	struct vit_str *found;
	size_t count;

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		close(open(path, O_CREAT | O_WRONLY, 0600));
	}
	assert_int_equal(h->list_dir(h->ctx, dir, a, &found, &count, &err), VIT_OK);
	assert_int_equal(count, 3);
	assert_str(found[0], "a");
	assert_str(found[1], "b");
	assert_str(found[2], "c.d");
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(h->list_dir(h->ctx, dir, a, &found, &count, &err), VIT_OK);
	assert_int_equal(count, 0);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(h->list_dir(h->ctx, dir, a, &found, &count, &err), VIT_E_NOTFOUND);
	vit_arena_free(a);
}

static void facts(void **state)
{
	const struct vit_host *h = vit_host_real();
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_host_identity id;
	struct vit_host_disk disk;
	struct utsname name;
	struct statvfs st;
	struct vit_buf out;
	int64_t now;
	time_t before = time(NULL);

	(void)state;
	assert_false(h->replayed);
	assert_int_equal(uname(&name), 0);
	assert_int_equal(h->identity(h->ctx, &id, &err), VIT_OK);
	assert_string_equal(id.os, name.sysname);
	assert_string_equal(id.release, name.release);
	assert_string_equal(id.arch, name.machine);
	assert_int_equal(h->now(h->ctx, &now, &err), VIT_OK);
	assert_in_range(now / 1000000000 - before, 0, 60);
	assert_int_equal(statvfs("/", &st), 0);
	assert_int_equal(h->statfs(h->ctx, "/", &disk, &err), VIT_OK);
	assert_int_equal(disk.total, (uint64_t)st.f_blocks * st.f_frsize);
	assert_true(disk.free <= disk.total);
	assert_int_equal(h->statfs(h->ctx, "/no/such/place", &disk, &err), VIT_E_NOTFOUND);
	vit_buf_init(&out, 100);
	assert_int_equal(setenv("VIT_TEST_SET", "x y", 1), 0);
	assert_int_equal(h->env(h->ctx, "VIT_TEST_SET", &out, &err), VIT_OK);
	assert_str(vit_buf_view(&out), "x y");
	assert_int_equal(unsetenv("VIT_TEST_SET"), 0);
	assert_int_equal(h->env(h->ctx, "VIT_TEST_SET", &out, &err), VIT_E_NOTFOUND);
	vit_buf_release(&out);
}

#ifdef __linux__
static void sysctls(void **state)
{
	const struct vit_host *h = vit_host_real();
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct utsname name;
	struct vit_buf out;
	uint64_t value = 0;

	(void)state;
	vit_buf_init(&out, 1000);
	assert_int_equal(uname(&name), 0);
	assert_int_equal(h->sysctl_str(h->ctx, "kernel.osrelease", &out, &err), VIT_OK);
	assert_str(vit_buf_view(&out), name.release);
	assert_int_equal(h->sysctl_u64(h->ctx, "kernel.pid_max", &value, &err), VIT_OK);
	assert_true(value >= 301);
	assert_int_equal(h->sysctl_u64(h->ctx, "kernel.osrelease", &value, &err), VIT_E_RANGE);
	assert_int_equal(h->sysctl_u64(h->ctx, "hw.memsize", &value, &err), VIT_E_NOTFOUND);
	/* A name is no way out of /proc/sys. */
	assert_int_equal(h->sysctl_str(h->ctx, "../../etc/passwd", &out, &err), VIT_E_NOTFOUND);
	assert_int_equal(h->sysctl_str(h->ctx, "kernel/osrelease", &out, &err), VIT_E_NOTFOUND);
	vit_buf_release(&out);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_output),
		cmocka_unit_test(run_is_closed_off),
		cmocka_unit_test(run_timeout_kills_the_group),
		cmocka_unit_test(run_does_not_wait_for_daemons),
		cmocka_unit_test(run_output_limit),
		cmocka_unit_test(run_failures),
		cmocka_unit_test(files),
		cmocka_unit_test(folders),
		cmocka_unit_test(facts),
#ifdef __linux__
		cmocka_unit_test(sysctls),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
