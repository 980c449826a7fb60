#include "fake_host.h"
#include "host_test.h"
#include "temp_dir.h"

#include <sys/stat.h>
#include <unistd.h>

static const struct fake_pair files[] = {
	{ "/proc/meminfo", "MemTotal: 1 kB\n" },
	{ "/home/ann/.cache/x", "by ann on anns-box\n" },
	{ "/etc/machine-id", "5f8e4c2a1b3d4e5f8a9b0c1d2e3f4a5b\n" },
	{ "/sys/fs/cgroup/system.slice/a\\x2db/memory.max", "max\n" },
	{ "/../escape", "climbs" },
	{ "/refused", NULL },
	{ NULL, NULL },
};
static const struct fake_pair sysctls[] = {
	{ "hw.memsize", "8589934592" },
	{ "hw.model", "box\tof ann" },
	{ "kern.hostname", "anns-box.example.org" },
	{ NULL, NULL },
};
static const struct fake_pair env[] = {
	{ "HOME", "/home/ann" },
	{ "USER", "ann" },
	{ "HF_TOKEN", "short" },
	{ NULL, NULL },
};

struct fixture {
	char dir[256];
	struct fake_machine machine;
	struct vit_host inner, h;
	struct vit_buf out;
	struct vit_arena *arena;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct vit_err err = { VIT_OK, 0, 0, "" };

	assert_non_null(f);
	temp_dir_make(f->dir, sizeof(f->dir));
	f->machine = (struct fake_machine){
		.os = "Linux", .release = "6.1", .arch = "x86_64", .files = files,
		.sysctls = sysctls, .env = env, .listing = "ann,zed", .output = "I am ann\n",
		.disk_total = 100, .disk_free = 60, .refuse = VIT_E_PERM,
	};
	f->inner = fake_host(&f->machine);
	vit_buf_init(&f->out, 1000);
	f->arena = vit_arena_new();
	assert_int_equal(vit_host_record_open(&f->h, &f->inner, f->dir, &err), VIT_OK);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vit_host_record_close(&f->h, NULL), VIT_OK);
	vit_buf_release(&f->out);
	vit_arena_free(f->arena);
	temp_dir_remove(f->dir);
	free(f);
	return 0;
}

static void close_it(struct fixture *f, enum vit_errc expected)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };

	assert_int_equal(vit_host_record_close(&f->h, &err), expected);
	assert_int_equal(err.code, expected);
}

static void holds(struct fixture *f, const char *path, const char *expected)
{
	char *text = temp_dir_read(f->dir, path);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

/* The caller hears the machine; the folder holds no name. */
static void answers_and_files(void **state)
{
	struct fixture *f = *state;
	const char *argv[] = { "id", "/home/ann", NULL };
	struct vit_host_identity id;
	struct vit_host_disk disk;
	struct vit_str *names;
	size_t count;
	uint64_t number;
	int64_t now;
	int status;

	assert_int_equal(f->h.identity(f->h.ctx, &id, NULL), VIT_OK);
	assert_int_equal(f->h.now(f->h.ctx, &now, NULL), VIT_OK);
	assert_int_equal(f->h.read_file(f->h.ctx, "/proc/meminfo", &f->out, NULL), VIT_OK);
	assert_int_equal(f->h.read_file(f->h.ctx, "/etc/machine-id", &f->out, NULL), VIT_OK);
	assert_int_equal(f->h.read_file(f->h.ctx, "/home/ann/.cache/x", &f->out, NULL), VIT_OK);
	assert_str(vit_buf_view(&f->out), "by ann on anns-box\n");
	assert_int_equal(f->h.sysctl_u64(f->h.ctx, "hw.memsize", &number, NULL), VIT_OK);
	assert_int_equal(number, UINT64_C(8589934592));
	assert_int_equal(f->h.sysctl_str(f->h.ctx, "hw.model", &f->out, NULL), VIT_OK);
	assert_int_equal(f->h.sysctl_str(f->h.ctx, "hw.model", &f->out, NULL), VIT_OK);
	assert_int_equal(f->h.env(f->h.ctx, "HF_TOKEN", &f->out, NULL), VIT_OK);
	assert_str(vit_buf_view(&f->out), "short");
	assert_int_equal(f->h.statfs(f->h.ctx, "/home/ann/model", &disk, NULL), VIT_OK);
	assert_int_equal(f->h.statfs(f->h.ctx, "/home/ann/out", &disk, NULL), VIT_OK);
	assert_int_equal(f->h.list_dir(f->h.ctx, "/home", f->arena, &names, &count, NULL), VIT_OK);
	assert_int_equal(f->h.run(f->h.ctx, argv, 1, &f->out, &status, NULL), VIT_OK);
	assert_int_equal(status, 3);
	close_it(f, VIT_OK);
	holds(f, "identity.tsv", "os\tLinux\nrelease\t6.1\narch\tx86_64\n"
				 "now\t1700000000123456789\n");
	holds(f, "root/proc/meminfo", "MemTotal: 1 kB\n");
	holds(f, "root/etc/machine-id", "REDACTED");
	holds(f, "root/home/user/.cache/x", "by user on host\n");
	holds(f, "sysctl.tsv", "hw.memsize\t8589934592\nhw.model\tbox\\tof user\n");
	holds(f, "env.tsv", "HF_TOKEN\tREDACTED\n");
	holds(f, "statfs.tsv", "*\t100\t60\txfs\n/home/user/out\t100\t60\txfs\n");
	holds(f, "lists.tsv", "/home\tuser\tzed\n");
	holds(f, "cmd/index.tsv", "1.out\t3\tid\t/home/user\n");
	holds(f, "cmd/1.out", "I am user\n");
	assert_null(temp_dir_read(f->dir, "failures.tsv"));
}

static void failures(void **state)
{
	struct fixture *f = *state;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	const char *argv[] = { "slow", NULL };
	int status;

	f->machine.output = NULL;
	assert_int_equal(f->h.read_file(f->h.ctx, "/refused", &f->out, &err), VIT_E_PERM);
	assert_string_equal(err.msg, "/refused: refused");
	assert_int_equal(f->h.read_file(f->h.ctx, "/refused", &f->out, NULL), VIT_E_PERM);
	assert_int_equal(f->h.read_file(f->h.ctx, "/absent", &f->out, NULL), VIT_E_NOTFOUND);
	assert_int_equal(f->h.run(f->h.ctx, argv, 1, &f->out, &status, NULL), VIT_E_TIMEOUT);
	close_it(f, VIT_OK);
	holds(f, "failures.tsv", "file\t/refused\tperm\t/refused: refused\n"
				 "run\tslow\ttimeout\tslow: took too long\n");
}

/* What was recorded answers alike. */
static void replays(void **state)
{
	struct fixture *f = *state;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	const char *path = "/sys/fs/cgroup/system.slice/a\\x2db/memory.max";
	struct vit_host_identity id;
	struct vit_host again;
	uint64_t number = 0;

	assert_int_equal(f->h.identity(f->h.ctx, &id, NULL), VIT_OK);
	assert_int_equal(f->h.read_file(f->h.ctx, path, &f->out, NULL), VIT_OK);
	assert_int_equal(f->h.read_file(f->h.ctx, "/refused", &f->out, NULL), VIT_E_PERM);
	assert_int_equal(f->h.sysctl_u64(f->h.ctx, "hw.memsize", &number, NULL), VIT_OK);
	close_it(f, VIT_OK);
	assert_int_equal(vit_host_replay_open(&again, f->dir, &err), VIT_OK);
	number = 0;
	assert_int_equal(again.identity(again.ctx, &id, NULL), VIT_OK);
	assert_string_equal(id.release, "6.1");
	assert_int_equal(again.read_file(again.ctx, path, &f->out, NULL), VIT_OK);
	assert_str(vit_buf_view(&f->out), "max\n");
	assert_int_equal(again.read_file(again.ctx, "/refused", &f->out, &err), VIT_E_PERM);
	assert_string_equal(err.msg, "/refused: refused");
	assert_int_equal(again.sysctl_u64(again.ctx, "hw.memsize", &number, NULL), VIT_OK);
	assert_int_equal(number, UINT64_C(8589934592));
	vit_host_replay_close(&again);
}

/* Trouble with the folder is kept for the end, and nothing is written outside. */
static void write_trouble(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->h.read_file(f->h.ctx, "/../escape", &f->out, NULL), VIT_OK);
	assert_str(vit_buf_view(&f->out), "climbs");
	close_it(f, VIT_E_IO);
	assert_null(temp_dir_read(f->dir, "escape"));
}

static void open_trouble(void **state)
{
	struct fixture *f = *state;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_host h;
	char path[300];

	temp_dir_write(f->dir, "used/file", "x", 1);
	snprintf(path, sizeof(path), "%s/used", f->dir);
	assert_int_equal(vit_host_record_open(&h, &f->inner, path, &err), VIT_E_USAGE);
	snprintf(path, sizeof(path), "%s/used/file", f->dir);
	assert_int_not_equal(vit_host_record_open(&h, &f->inner, path, &err), VIT_OK);
	snprintf(path, sizeof(path), "%s/no/such", f->dir);
	assert_int_equal(vit_host_record_open(&h, &f->inner, path, &err), VIT_E_NOTFOUND);
	assert_null(h.ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers_and_files, setup, teardown),
		cmocka_unit_test_setup_teardown(failures, setup, teardown),
		cmocka_unit_test_setup_teardown(replays, setup, teardown),
		cmocka_unit_test_setup_teardown(write_trouble, setup, teardown),
		cmocka_unit_test_setup_teardown(open_trouble, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
