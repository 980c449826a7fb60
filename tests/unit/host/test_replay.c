#include "host_test.h"
#include "temp_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include "host/host.h"

#define PUT(dir, path, text) temp_dir_write((dir), (path), (text), sizeof(text) - 1)

struct fixture {
	char dir[256];
	struct vit_host h;
	struct vit_buf out;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	temp_dir_make(f->dir, sizeof(f->dir));
	PUT(f->dir, "identity.tsv", "os\tLinux\nrelease\t6.1\narch\tx86_64\nnow\t-5\n");
	vit_buf_init(&f->out, 1000);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vit_host_replay_close(&f->h);
	vit_buf_release(&f->out);
	temp_dir_remove(f->dir);
	free(f);
	return 0;
}

static void open_it(struct fixture *f)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };

	assert_int_equal(vit_host_replay_open(&f->h, f->dir, &err), VIT_OK);
	assert_true(f->h.replayed);
}

static enum vit_errc read_file(struct fixture *f, const char *path)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	enum vit_errc rc = f->h.read_file(f->h.ctx, path, &f->out, &err);

	assert_int_equal(err.code, rc);
	return rc;
}

static void answers(void **state)
{
	struct fixture *f = *state;
	struct vit_host_identity id;
	struct vit_host_disk disk;
	const char *good[] = { "tool", "--a\tb", NULL }, *other[] = { "tool", NULL };
	uint64_t number = 0;
	int64_t now = 0;
	int status = -1;

	PUT(f->dir, "sysctl.tsv", "hw.memsize\t8589934592\nhw.model\tMac16,8\n");
	PUT(f->dir, "env.tsv", "HF_HOME\t/x y\n");
	PUT(f->dir, "statfs.tsv", "/out\t10\t5\txfs\n*\t100\t50\tapfs\n");
	PUT(f->dir, "cmd/index.tsv", "1.out\t3\ttool\t--a\\tb\n");
	PUT(f->dir, "cmd/1.out", "hello\n");
	PUT(f->dir, "root/proc/meminfo", "MemTotal: 1 kB\n");
	open_it(f);
	assert_int_equal(f->h.identity(f->h.ctx, &id, NULL), VIT_OK);
	assert_string_equal(id.os, "Linux");
	assert_string_equal(id.arch, "x86_64");
	assert_int_equal(f->h.now(f->h.ctx, &now, NULL), VIT_OK);
	assert_int_equal(now, -5);
	assert_int_equal(f->h.sysctl_u64(f->h.ctx, "hw.memsize", &number, NULL), VIT_OK);
	assert_int_equal(number, UINT64_C(8589934592));
	assert_int_equal(f->h.sysctl_u64(f->h.ctx, "hw.model", &number, NULL), VIT_E_RANGE);
	assert_int_equal(f->h.sysctl_str(f->h.ctx, "hw.model", &f->out, NULL), VIT_OK);
	assert_str(vit_buf_view(&f->out), "Mac16,8");
	assert_int_equal(f->h.sysctl_str(f->h.ctx, "hw.none", &f->out, NULL), VIT_E_NOTFOUND);
	assert_int_equal(f->h.env(f->h.ctx, "HF_HOME", &f->out, NULL), VIT_OK);
	assert_str(vit_buf_view(&f->out), "/x y");
	assert_int_equal(f->h.env(f->h.ctx, "HOME", &f->out, NULL), VIT_E_NOTFOUND);
	assert_int_equal(f->h.statfs(f->h.ctx, "/out", &disk, NULL), VIT_OK);
	assert_int_equal(disk.free, 5);
	assert_int_equal(f->h.statfs(f->h.ctx, "/somewhere/else", &disk, NULL), VIT_OK);
	assert_int_equal(disk.free, 50);
	assert_string_equal(disk.kind, "apfs");
	assert_int_equal(f->h.run(f->h.ctx, good, 1, &f->out, &status, NULL), VIT_OK);
	assert_int_equal(status, 3);
	assert_str(vit_buf_view(&f->out), "hello\n");
	assert_int_equal(f->h.run(f->h.ctx, other, 1, &f->out, &status, NULL), VIT_E_NOTFOUND);
	assert_int_equal(read_file(f, "/proc/meminfo"), VIT_OK);
	assert_str(vit_buf_view(&f->out), "MemTotal: 1 kB\n");
	assert_int_equal(read_file(f, "/proc/cpuinfo"), VIT_E_NOTFOUND);
	assert_int_equal(read_file(f, "/proc"), VIT_E_UNSUPPORTED);
}

static void lists(void **state)
{
	struct fixture *f = *state;
	struct vit_arena *a = vit_arena_new();
	struct vit_str *names;
	size_t count;

	PUT(f->dir, "lists.tsv", "/dev/dri\tcard0\trenderD128\n/empty\n");
	PUT(f->dir, "root/sys/class/b", "");
	PUT(f->dir, "root/sys/class/a", "");
	open_it(f);
	assert_int_equal(f->h.list_dir(f->h.ctx, "/dev/dri", a, &names, &count, NULL), VIT_OK);
	assert_int_equal(count, 2);
	assert_str(names[1], "renderD128");
	assert_int_equal(f->h.list_dir(f->h.ctx, "/empty", a, &names, &count, NULL), VIT_OK);
	assert_int_equal(count, 0);
	assert_int_equal(f->h.list_dir(f->h.ctx, "/sys/class", a, &names, &count, NULL), VIT_OK);
	assert_int_equal(count, 2);
	assert_str(names[0], "a");
	assert_int_equal(f->h.list_dir(f->h.ctx, "/sys/none", a, &names, &count, NULL),
			 VIT_E_NOTFOUND);
	vit_arena_free(a);
}

/* Neither a path, nor a link, nor an index leads out of the folder. */
static void confined(void **state)
{
	struct fixture *f = *state;
	static const char *const paths[] = {
		"/../identity.tsv", "/x/../../identity.tsv", "/./x/file", "/link/file",
		"/file-link",
		"/x/..", "", "/",
	};
	const char *argv[] = { "tool", NULL };
	char outside[300], link[300];
	int status;

	snprintf(outside, sizeof(outside), "%s-outside", f->dir);
	assert_int_equal(mkdir(outside, 0700), 0);
	PUT(outside, "file", "secret");
	PUT(f->dir, "root/x/file", "inside");
	PUT(f->dir, "cmd/index.tsv", "../identity.tsv\t0\ttool\n");
	snprintf(link, sizeof(link), "%s/root/link", f->dir);
	assert_int_equal(symlink(outside, link), 0);
	snprintf(link, sizeof(link), "%s/root/file-link", f->dir);
	snprintf(outside + strlen(outside), 10, "/file");
	assert_int_equal(symlink(outside, link), 0);
	open_it(f);
	assert_int_equal(read_file(f, "/x/file"), VIT_OK);
	assert_int_equal(read_file(f, "//x//file"), VIT_OK);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_not_equal(read_file(f, paths[i]), VIT_OK);
	assert_int_equal(f->h.run(f->h.ctx, argv, 1, &f->out, &status, NULL), VIT_E_NOTFOUND);
	outside[strlen(outside) - 5] = '\0';
	temp_dir_remove(outside);
}

static void long_names(void **state)
{
	struct fixture *f = *state;
	char path[600] = "/";

	open_it(f);
	memset(path + 1, 'a', 256);
	assert_int_equal(read_file(f, path), VIT_E_NOTFOUND);
	path[256] = '\0';
	assert_int_equal(read_file(f, path), VIT_E_NOTFOUND);
}

static void failures(void **state)
{
	struct fixture *f = *state;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	uint64_t number;

	PUT(f->dir, "failures.tsv", "file\t/proc/meminfo\tperm\trefused\\there\nsysctl\t*\tio\n"
				    "list\t/x\n");
	PUT(f->dir, "root/proc/meminfo", "MemTotal: 1 kB\n");
	PUT(f->dir, "sysctl.tsv", "hw.ncpu\t4\n");
	open_it(f);
	assert_int_equal(f->h.read_file(f->h.ctx, "/proc/meminfo", &f->out, &err), VIT_E_PERM);
	assert_string_equal(err.msg, "refused\there");
	assert_int_equal(f->h.sysctl_u64(f->h.ctx, "hw.ncpu", &number, &err), VIT_E_IO);
}

static void bounded(void **state)
{
	struct fixture *f = *state;
	char big[1001];

	memset(big, 'x', sizeof(big));
	temp_dir_write(f->dir, "root/big", big, sizeof(big));
	temp_dir_write(f->dir, "root/fits", big, sizeof(big) - 1);
	open_it(f);
	assert_int_equal(read_file(f, "/big"), VIT_E_LIMIT);
	assert_int_equal(read_file(f, "/fits"), VIT_OK);
}

static void bad_recordings(void **state)
{
	struct fixture *f = *state;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	char path[300];

	PUT(f->dir, "sysctl.tsv", "a\tb\nc\t\\q\n");
	assert_int_equal(vit_host_replay_open(&f->h, f->dir, &err), VIT_E_SYNTAX);
	assert_string_equal(err.msg, "sysctl.tsv, line 2: unknown escape");
	snprintf(path, sizeof(path), "%s/none", f->dir);
	assert_int_equal(vit_host_replay_open(&f->h, path, &err), VIT_E_NOTFOUND);
	snprintf(path, sizeof(path), "%s/identity.tsv", f->dir);
	assert_int_not_equal(vit_host_replay_open(&f->h, path, &err), VIT_OK);
	/* A folder of something else is said to be one. */
	assert_int_equal(vit_host_replay_open(&f->h, VIT_TEST_HOSTS, &err), VIT_E_NOTFOUND);
	assert_null(f->h.ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers, setup, teardown),
		cmocka_unit_test_setup_teardown(lists, setup, teardown),
		cmocka_unit_test_setup_teardown(confined, setup, teardown),
		cmocka_unit_test_setup_teardown(long_names, setup, teardown),
		cmocka_unit_test_setup_teardown(failures, setup, teardown),
		cmocka_unit_test_setup_teardown(bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_recordings, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
