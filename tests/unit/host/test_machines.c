/*
 * The recorded machines. The numbers below are worked out by hand from the
 * files in tests/hosts, as the comments show.
 */
#include "host_test.h"
#include "temp_dir.h"

#include "collect/collect.h"

static struct vit_arena *arena;

static struct vit_system machine(const char *name)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_system s;
	struct vit_host h;
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", VIT_TEST_HOSTS, name);
	assert_int_equal(vit_host_replay_open(&h, path, &err), VIT_OK);
	vit_collect_system(arena, &h, "/model", &s);
	vit_host_replay_close(&h);
	assert_true(s.probed && s.replayed);
	return s;
}

static void no_notes(const struct vit_system *s)
{
	for (uint32_t i = 0; i < s->note_count; i++)
		print_error("note: %.*s\n", VIT_FMT(s->notes[i]));
	assert_int_equal(s->note_count, 0);
	assert_int_equal(s->err.code, VIT_OK);
}

static void is(const struct vit_measure *m, uint64_t value, const char *source)
{
	assert_true(m->known);
	assert_int_equal(m->value, value);
	assert_str(m->source, source);
}

static void container_v2(void **state)
{
	struct vit_system s = machine("container-cgroup-v2");

	(void)state;
	no_notes(&s);
	assert_str(s.os, "Linux");
	assert_str(s.os_version, "Ubuntu 24.04.1 LTS");
	assert_str(s.kernel, "6.1.0-21-amd64");
	assert_str(s.arch, "x86_64");
	assert_str(s.cpu, "AMD EPYC 7763 64-Core Processor");
	is(&s.cores_physical, 4, "/proc/cpuinfo, distinct core ids");
	is(&s.cores_logical, 8, "/proc/cpuinfo, processors");
	is(&s.cpu_limit_milli, 2000, "/sys/fs/cgroup/cpu.max");
	/* 65,861,240 and 50,331,648 times 1,024 */
	is(&s.memory_total, UINT64_C(67441909760), "/proc/meminfo MemTotal");
	is(&s.memory_available, UINT64_C(51539607552), "/proc/meminfo MemAvailable");
	is(&s.memory_limit, UINT64_C(8589934592), "/sys/fs/cgroup/memory.max");
	/* 2,684,354,560 - (402,653,184 + 134,217,728) */
	is(&s.memory_limit_used, UINT64_C(2147483648),
	   "/sys/fs/cgroup/memory.current less the file cache of memory.stat");
	assert_int_equal(s.decider, VIT_MD_LIMIT);
	assert_int_equal(s.memory_usable, UINT64_C(6442450944));
	is(&s.swap_total, 0, "/proc/meminfo SwapTotal");
	assert_true(s.container);
	assert_false(s.wsl);
	is(&s.disk_free, UINT64_C(53687091200), "statfs of the model's place");
	assert_str(s.disk_kind, "overlay");
	assert_false(s.wired_limit.known);
}

static void container_v1(void **state)
{
	struct vit_system s = machine("container-cgroup-v1");

	(void)state;
	no_notes(&s);
	is(&s.memory_limit, UINT64_C(4294967296), "/sys/fs/cgroup/memory/memory.limit_in_bytes");
	/* 3,221,225,472 - (805,306,368 + 268,435,456) */
	is(&s.memory_limit_used, UINT64_C(2147483648),
	   "/sys/fs/cgroup/memory/memory.usage_in_bytes less the file cache of memory.stat");
	/* Available: 20,971,520 * 1,024 = 21,474,836,480. */
	assert_int_equal(s.decider, VIT_MD_LIMIT);
	assert_int_equal(s.memory_usable, UINT64_C(2147483648));
	/* 150,000 of 100,000 */
	is(&s.cpu_limit_milli, 1500, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
	is(&s.cores_physical, 2, "/proc/cpuinfo, distinct core ids");
	is(&s.cores_logical, 4, "/proc/cpuinfo, processors");
	assert_true(s.container);
}

static void workstation(void **state)
{
	struct vit_system s = machine("linux-workstation");

	(void)state;
	no_notes(&s);
	is(&s.memory_limit, UINT64_C(17179869184),
	   "/sys/fs/cgroup/user.slice/user-1000.slice/memory.high");
	is(&s.memory_limit_used, UINT64_C(7516192768),
	   "/sys/fs/cgroup/user.slice/user-1000.slice/memory.current");
	/* 17,179,869,184 - 7,516,192,768; available are 41,943,040 * 1,024. */
	assert_int_equal(s.decider, VIT_MD_LIMIT);
	assert_int_equal(s.memory_usable, UINT64_C(9663676416));
	is(&s.cores_physical, 12, "/proc/cpuinfo, distinct core ids");
	is(&s.cores_logical, 24, "/proc/cpuinfo, processors");
	assert_false(s.cpu_limit_milli.known);
	assert_false(s.container);
	assert_str(s.machine, "B550 AORUS ELITE V2");
	/* 8,388,604 * 1,024 */
	is(&s.swap_free, UINT64_C(8589930496), "/proc/meminfo SwapFree");
}

static void recorded_vm(void **state)
{
	struct vit_system s = machine("linux-ci-2core");

	(void)state;
	assert_str(s.os, "Linux");
	assert_str(s.os_version, "Debian GNU/Linux 12 (bookworm)");
	assert_str(s.cpu, "Intel(R) Xeon(R) Processor");
	is(&s.cores_logical, 2, "/proc/cpuinfo, processors");
	is(&s.cores_physical, 2, "/proc/cpuinfo, distinct core ids");
	/* 24,684,092 * 1,024 */
	is(&s.memory_total, UINT64_C(25276510208), "/proc/meminfo MemTotal");
	no_notes(&s);
	/* Every limit is 9,223,372,036,854,771,712, which is none: 24,211,736 * 1,024 decide. */
	assert_false(s.memory_limit.known || s.cpu_limit_milli.known);
	assert_int_equal(s.decider, VIT_MD_AVAILABLE);
	assert_int_equal(s.memory_usable, UINT64_C(24792817664));
	is(&s.disk_free, UINT64_C(78579068928), "statfs of the model's place");
	assert_true(s.container);
}

static void m4_pro(void **state)
{
	struct vit_system s = machine("macbook-m4-pro-24gb");

	(void)state;
	no_notes(&s);
	assert_str(s.os, "macOS");
	assert_str(s.os_version, "15.5");
	assert_str(s.kernel, "24.5.0");
	assert_str(s.arch, "arm64");
	assert_str(s.cpu, "Apple M4 Pro");
	assert_str(s.machine, "Mac16,8");
	is(&s.cores_physical, 12, "sysctl hw.physicalcpu");
	is(&s.cores_performance, 8, "sysctl hw.perflevel0.physicalcpu");
	is(&s.cores_efficiency, 4, "sysctl hw.perflevel1.physicalcpu");
	is(&s.memory_total, UINT64_C(25769803776), "sysctl hw.memsize");
	/* (98,304 - 8,192) * 16,384 */
	assert_int_equal(s.memory_free.value, UINT64_C(1476395008));
	/* (98,304 - 8,192 + 425,984) * 16,384 */
	assert_int_equal(s.memory_available.value, UINT64_C(8455716864));
	assert_int_equal(s.decider, VIT_MD_AVAILABLE);
	assert_int_equal(s.memory_usable, UINT64_C(8455716864));
	/* 25,769,803,776 * 2 / 3 */
	is(&s.wired_limit, UINT64_C(17179869184), "estimated default: 2/3 of hw.memsize");
	is(&s.swap_total, UINT64_C(2147483648), "sysctl vm.swapusage.total");
	is(&s.swap_free, UINT64_C(1610612736), "sysctl vm.swapusage.avail");
	assert_str(s.disk_kind, "apfs");
	assert_false(s.memory_limit.known);
}

static void m1(void **state)
{
	struct vit_system s = machine("macbook-m1-8gb");

	(void)state;
	no_notes(&s);
	is(&s.memory_total, UINT64_C(8589934592), "sysctl hw.memsize");
	/* (20,480 - 4,096 + 131,072) * 16,384 */
	assert_int_equal(s.memory_usable, UINT64_C(2415919104));
	/* 6,144 MiB */
	is(&s.wired_limit, UINT64_C(6442450944), "sysctl iogpu.wired_limit_mb");
	assert_int_equal(s.disk_free.value, UINT64_C(12884901888));
}

static void freebsd(void **state)
{
	struct vit_system s = machine("freebsd-14-zfs");

	(void)state;
	no_notes(&s);
	assert_str(s.os, "FreeBSD");
	assert_str(s.os_version, "14.1-RELEASE");
	assert_str(s.cpu, "AMD Ryzen 7 5700G with Radeon Graphics");
	is(&s.cores_physical, 8, "sysctl kern.smp.cores");
	is(&s.cores_logical, 16, "sysctl hw.ncpu");
	is(&s.memory_total, UINT64_C(34234540032), "sysctl hw.physmem");
	/* (1,048,576 + 2,097,152 + 0) * 4,096 + 104,857,600 + 8,589,934,592 - 1,073,741,824 */
	assert_int_equal(s.memory_available.value, UINT64_C(20505952256));
	/* 1,048,576 * 4,096 */
	assert_int_equal(s.memory_free.value, UINT64_C(4294967296));
	assert_int_equal(s.decider, VIT_MD_AVAILABLE);
	/* 4,294,967,296 - 65,536 * 4,096 */
	assert_int_equal(s.swap_free.value, UINT64_C(4026531840));
	assert_false(s.container);
}

static void openbsd(void **state)
{
	struct vit_system s = machine("openbsd-7");

	(void)state;
	no_notes(&s);
	assert_str(s.machine, "20L5CTO1WW");
	is(&s.memory_total, UINT64_C(17083408384), "sysctl hw.physmem64");
	/* (2,097,152 + 262,144) * 4,096 */
	is(&s.memory_available, UINT64_C(9663676416), "sysctl vm.uvmexp: free and inactive pages");
	/* 1,048,576 * 4,096, and 1,024 pages less */
	assert_int_equal(s.swap_total.value, UINT64_C(4294967296));
	assert_int_equal(s.swap_free.value, UINT64_C(4290772992));
}

static void nothing_works(void **state)
{
	struct vit_system s = machine("every-probe-fails");

	(void)state;
	assert_str(s.os, "");
	assert_int_equal(s.decider, VIT_MD_NONE);
	assert_int_equal(s.memory_usable, 0);
	assert_false(s.memory_total.known || s.disk_total.known || s.cores_logical.known);
	assert_int_equal(s.err.code, VIT_E_PERM);
	assert_int_equal(s.note_count, 2);
	assert_str(s.notes[0], "system: permission denied");
	assert_str(s.notes[1], "disk: permission denied");
}

static void same_measure(const struct vit_measure *a, const struct vit_measure *b)
{
	assert_int_equal(a->known, b->known);
	assert_int_equal(a->value, b->value);
	/* The path of a control group may hold an id, which a recording hides. */
	assert_true(vit_str_eq(a->source, b->source) ||
		    vit_str_starts(a->source, VIT_STR("/sys/fs/cgroup/")));
}

static void same_system(const struct vit_system *a, const struct vit_system *b)
{
	const struct vit_measure *pairs[][2] = {
		{ &a->cores_physical, &b->cores_physical },
		{ &a->cores_logical, &b->cores_logical },
		{ &a->cores_performance, &b->cores_performance },
		{ &a->cores_efficiency, &b->cores_efficiency },
		{ &a->cpu_limit_milli, &b->cpu_limit_milli },
		{ &a->memory_total, &b->memory_total },
		{ &a->memory_available, &b->memory_available },
		{ &a->memory_free, &b->memory_free },
		{ &a->memory_limit, &b->memory_limit },
		{ &a->memory_limit_used, &b->memory_limit_used },
		{ &a->swap_total, &b->swap_total },
		{ &a->swap_free, &b->swap_free },
		{ &a->wired_limit, &b->wired_limit },
		{ &a->disk_total, &b->disk_total },
		{ &a->disk_free, &b->disk_free },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		same_measure(pairs[i][0], pairs[i][1]);
	assert_true(vit_str_eq(a->os, b->os) && vit_str_eq(a->os_version, b->os_version));
	assert_true(vit_str_eq(a->arch, b->arch) && vit_str_eq(a->cpu, b->cpu));
	assert_true(vit_str_eq(a->disk_kind, b->disk_kind));
	assert_int_equal(a->container, b->container);
	assert_int_equal(a->decider, b->decider);
	assert_int_equal(a->memory_usable, b->memory_usable);
	assert_int_equal(a->note_count, b->note_count);
	assert_int_equal(a->err.code, b->err.code);
}

/* What is recorded of a machine, this one or a replayed one, gives its facts again. */
static void record_and_replay(const struct vit_host *inner)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_system first, again;
	struct vit_host h;
	char dir[256];

	temp_dir_make(dir, sizeof(dir));
	assert_int_equal(vit_host_record_open(&h, inner, dir, &err), VIT_OK);
	vit_collect_system(arena, &h, "/", &first);
	assert_int_equal(vit_host_record_close(&h, &err), VIT_OK);
	assert_int_equal(vit_host_replay_open(&h, dir, &err), VIT_OK);
	vit_collect_system(arena, &h, "/elsewhere", &again);
	vit_host_replay_close(&h);
	same_system(&first, &again);
	temp_dir_remove(dir);
}

static void recordings_are_faithful(void **state)
{
	static const char *const names[] = {
		"container-cgroup-v1", "container-cgroup-v2", "freebsd-14-zfs", "linux-ci-2core",
		"linux-workstation", "macbook-m1-8gb", "macbook-m4-pro-24gb", "openbsd-7",
		"every-probe-fails",
	};

	(void)state;
	record_and_replay(vit_host_real());
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct vit_err err = { VIT_OK, 0, 0, "" };
		struct vit_host h;
		char path[1024];

		snprintf(path, sizeof(path), "%s/%s", VIT_TEST_HOSTS, names[i]);
		assert_int_equal(vit_host_replay_open(&h, path, &err), VIT_OK);
		record_and_replay(&h);
		vit_host_replay_close(&h);
	}
}

static int make_arena(void **state)
{
	(void)state;
	arena = vit_arena_new();
	return 0;
}

static int free_arena(void **state)
{
	(void)state;
	vit_arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(container_v2), cmocka_unit_test(container_v1),
		cmocka_unit_test(workstation),  cmocka_unit_test(recorded_vm),
		cmocka_unit_test(m4_pro),       cmocka_unit_test(m1),
		cmocka_unit_test(freebsd),      cmocka_unit_test(openbsd),
		cmocka_unit_test(nothing_works),
		cmocka_unit_test(recordings_are_faithful),
	};

	return cmocka_run_group_tests(tests, make_arena, free_arena);
}
