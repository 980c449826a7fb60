/* What the collector makes of odd machines; whole ones are in test_machines.c. */
#include "fake_host.h"
#include "host_test.h"

#include "collect/collect.h"

static const char meminfo[] = "MemTotal: 8388608 kB\nMemFree: 1048576 kB\n"
			      "MemAvailable: 4194304 kB\n";

static struct vit_system collect(struct vit_arena *a, struct fake_machine *m)
{
	struct vit_host h = fake_host(m);
	struct vit_system s;

	if (!m->os && !m->release) {
		m->os = "Linux";
		m->release = "6.1";
		m->arch = "x86_64";
	}
	vit_collect_system(a, &h, "/model", &s);
	return s;
}

static bool has_note(const struct vit_system *s, const char *part)
{
	for (uint32_t i = 0; i < s->note_count; i++)
		if (vit_str_find(s->notes[i], vit_str_c(part), 0) != SIZE_MAX)
			return true;
	return false;
}

/* A parent with a higher limit may leave less than its child. */
static void fullest_ancestor(void **state)
{
	static const struct fake_pair files[] = {
		{ "/proc/meminfo", meminfo },
		{ "/proc/self/cgroup", "0::/a/b\n" },
		{ "/sys/fs/cgroup/a/b/memory.max", "2147483648\n" },
		{ "/sys/fs/cgroup/a/b/memory.current", "1073741824\n" },
		{ "/sys/fs/cgroup/a/memory.max", "4294967296\n" },
		{ "/sys/fs/cgroup/a/memory.current", "4026531840\n" },
		{ NULL, NULL },
	};
	struct fake_machine m = { .files = files };
	struct vit_arena *a = vit_arena_new();
	struct vit_system s = collect(a, &m);

	(void)state;
	/* b leaves 1 GiB, a 4,294,967,296 - 4,026,531,840 = 268,435,456. */
	assert_int_equal(s.memory_limit.value, UINT64_C(4294967296));
	assert_str(s.memory_limit.source, "/sys/fs/cgroup/a/memory.max");
	assert_str(s.memory_limit_used.source, "/sys/fs/cgroup/a/memory.current");
	assert_int_equal(s.decider, VIT_MD_LIMIT);
	assert_int_equal(s.memory_usable, 268435456);
	vit_arena_free(a);
}

static void over_the_limit(void **state)
{
	static const struct fake_pair files[] = {
		{ "/proc/meminfo", meminfo },
		{ "/proc/self/cgroup", "0::/\n" },
		{ "/sys/fs/cgroup/memory.max", "1000\n" },
		{ "/sys/fs/cgroup/memory.current", "2000\n" },
		{ "/sys/fs/cgroup/memory.stat", "inactive_file 300\nactive_file 200\n" },
		{ NULL, NULL },
	};
	struct fake_machine m = { .files = files };
	struct vit_arena *a = vit_arena_new();
	struct vit_system s = collect(a, &m);

	(void)state;
	assert_int_equal(s.memory_limit_used.value, 1500);
	assert_int_equal(s.decider, VIT_MD_LIMIT);
	assert_int_equal(s.memory_usable, 0);
	vit_arena_free(a);
}

static void limit_of_unknown_use(void **state)
{
	static const struct fake_pair files[] = {
		{ "/proc/self/cgroup", "0::/\n" },
		{ "/sys/fs/cgroup/memory.max", "5000\n" },
		{ NULL, NULL },
	};
	struct fake_machine m = { .files = files };
	struct vit_arena *a = vit_arena_new();
	struct vit_system s = collect(a, &m);

	(void)state;
	assert_false(s.memory_available.known);
	assert_false(s.memory_limit_used.known);
	assert_int_equal(s.decider, VIT_MD_LIMIT);
	assert_int_equal(s.memory_usable, 5000);
	assert_true(has_note(&s, "/proc/meminfo"));
	vit_arena_free(a);
}

static void total_alone(void **state)
{
	static const struct fake_pair files[] = {
		{ "/proc/meminfo", "MemTotal: 4 kB\nMemFree: 1 kB\n" },
		{ NULL, NULL },
	};
	struct fake_machine m = { .files = files };
	struct vit_arena *a = vit_arena_new();
	struct vit_system s = collect(a, &m);

	(void)state;
	assert_int_equal(s.decider, VIT_MD_TOTAL);
	assert_int_equal(s.memory_usable, 4096);
	assert_true(has_note(&s, "no MemAvailable"));
	vit_arena_free(a);
}

static void container_signs(void **state)
{
	static const struct fake_pair by_path[] = {
		{ "/proc/self/cgroup", "0::/kubepods.slice/pod1\n" }, { NULL, NULL },
	};
	static const struct fake_pair by_file[] = { { "/run/.containerenv", NULL },
						    { NULL, NULL } };
	static const struct fake_pair by_env[] = { { "container", "podman" }, { NULL, NULL } };
	struct fake_machine cases[] = {
		{ .files = by_path }, { .files = by_file, .refuse = VIT_E_PERM },
		{ .env = by_env }, { .refuse = VIT_E_IO },
	};
	struct vit_arena *a = vit_arena_new();

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_true(collect(a, &cases[i]).container);
	assert_false(collect(a, &cases[3]).container);
	vit_arena_free(a);
}

static void names_of_machines(void **state)
{
	static const struct fake_pair wsl[] = {
		{ "/sys/class/dmi/id/product_name", "System Product Name\n" },
		{ "/usr/lib/os-release", "NAME=Fedora\nVERSION=41\n" },
		{ "/proc/cpuinfo", "processor: 0\nCPU implementer: 0x41\nCPU part: 0xd0c\n" },
		{ NULL, NULL },
	};
	static const struct fake_pair board[] = {
		{ "/proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0" }, { NULL, NULL },
	};
	struct fake_machine m = { .os = "Linux", .release = "5.15.153.1-Microsoft-standard-WSL2",
				  .arch = "x86_64", .files = wsl };
	struct fake_machine pi = { .files = board };
	struct vit_arena *a = vit_arena_new();
	struct vit_system s = collect(a, &m);

	(void)state;
	assert_true(s.wsl);
	assert_str(s.machine, "");
	assert_str(s.os_version, "Fedora 41");
	assert_str(s.cpu, "ARM implementer 0x41 part 0xd0c");
	s = collect(a, &pi);
	assert_false(s.wsl);
	assert_str(s.machine, "Raspberry Pi 5 Model B Rev 1.0");
	vit_arena_free(a);
}

static void large_mac(void **state)
{
	static const struct fake_pair sysctls[] = {
		{ "hw.memsize", "137438953472" }, { "hw.optional.arm64", "1" }, { NULL, NULL },
	};
	/* Under Rosetta; 128 GiB: three quarters. */
	struct fake_machine m = { .os = "Darwin", .release = "24.5.0", .arch = "x86_64",
				  .sysctls = sysctls };
	struct vit_arena *a = vit_arena_new();
	struct vit_system s = collect(a, &m);

	(void)state;
	assert_str(s.arch, "arm64");
	assert_int_equal(s.wired_limit.value, UINT64_C(103079215104));
	assert_int_equal(s.decider, VIT_MD_TOTAL);
	assert_true(has_note(&s, "hw.pagesize"));
	vit_arena_free(a);
}

/* Counters that cannot be: no wrap-around to a small or a huge number. */
static void impossible_counters(void **state)
{
	static const struct fake_pair sysctls[] = {
		{ "hw.memsize", "8589934592" }, { "hw.pagesize", "18446744073709551615" },
		{ "vm.statistics.free_count", "1" }, { "vm.statistics.speculative_count", "2" },
		{ "vm.statistics.external_page_count", "3" },
		{ "iogpu.wired_limit_mb", "18446744073709551615" }, { NULL, NULL },
	};
	struct fake_machine m = { .os = "Darwin", .release = "24.5.0", .arch = "arm64",
				  .sysctls = sysctls };
	struct vit_arena *a = vit_arena_new();
	struct vit_system s = collect(a, &m);

	(void)state;
	assert_int_equal(s.memory_free.value, 0);
	assert_int_equal(s.memory_available.value, UINT64_MAX);
	assert_int_equal(s.wired_limit.value, UINT64_MAX);
	vit_arena_free(a);
}

static void unknown_system(void **state)
{
	struct fake_machine m = { .os = "Plan9", .release = "4", .arch = "mips",
				  .disk_total = 10, .disk_free = 3 };
	struct vit_arena *a = vit_arena_new();
	struct vit_system s = collect(a, &m);

	(void)state;
	assert_str(s.os, "Plan9");
	assert_int_equal(s.decider, VIT_MD_NONE);
	assert_int_equal(s.err.code, VIT_E_UNSUPPORTED);
	assert_true(has_note(&s, "Plan9"));
	assert_int_equal(s.disk_free.value, 3);
	assert_str(s.disk_kind, "xfs");
	vit_arena_free(a);
}

static void without_a_model(void **state)
{
	struct fake_machine m = { .os = "Linux", .release = "6.1", .arch = "x86_64",
				  .disk_total = 10 };
	struct vit_host h = fake_host(&m);
	struct vit_arena *a = vit_arena_new();
	struct vit_system s;

	(void)state;
	vit_collect_system(a, &h, NULL, &s);
	assert_false(s.disk_total.known);
	vit_arena_free(a);
}

/* A path as deep as a hostile container may make it ends. */
static void deep_path(void **state)
{
	char text[3000] = "0::";
	struct fake_pair files[] = { { "/proc/self/cgroup", text },
				     { "/sys/fs/cgroup/memory.max", "1000\n" }, { NULL, NULL } };
	struct fake_machine m = { .files = files };
	struct vit_arena *a = vit_arena_new();

	(void)state;
	for (int i = 0; i < 1000; i++)
		memcpy(text + 3 + 2 * i, "/x", 3);
	/* Beyond 64 levels nobody looks; that is said by the limit being unknown. */
	assert_false(collect(a, &m).memory_limit.known);
	text[3 + 2 * 63] = '\0';
	assert_true(collect(a, &m).memory_limit.known);
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fullest_ancestor),    cmocka_unit_test(over_the_limit),
		cmocka_unit_test(limit_of_unknown_use), cmocka_unit_test(total_alone),
		cmocka_unit_test(container_signs),     cmocka_unit_test(names_of_machines),
		cmocka_unit_test(large_mac),           cmocka_unit_test(impossible_counters),
		cmocka_unit_test(unknown_system),      cmocka_unit_test(without_a_model),
		cmocka_unit_test(deep_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
