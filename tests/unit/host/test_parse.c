#include "host_test.h"

#include "host/parse.h"

static void known(struct vit_known k, uint64_t value)
{
	assert_true(k.known);
	assert_int_equal(k.value, value);
}

static void unknown(struct vit_known k)
{
	assert_false(k.known);
	assert_int_equal(k.value, 0);
}

static void meminfo(void **state)
{
	struct vit_meminfo m;

	(void)state;
	vit_parse_meminfo(VIT_STR("MemTotal:       24684092 kB\nMemFree:        24512264 kB\n"
				  "MemAvailable:   24428804 kB\nSwapTotal:             0 kB\n"
				  "SwapFree:              0 kB\nHugePages_Total:       0\n"), &m);
	known(m.total, UINT64_C(24684092) * 1024);
	known(m.free, UINT64_C(24512264) * 1024);
	known(m.available, UINT64_C(24428804) * 1024);
	known(m.swap_total, 0);
	known(m.swap_free, 0);
}

static void meminfo_odd(void **state)
{
	struct vit_meminfo m;

	(void)state;
	/* No unit, a sign, another unit, an overflow, a name that only begins alike, no end. */
	vit_parse_meminfo(VIT_STR("MemTotal: 5\nMemFree: -1 kB\nMemAvailable: 7 MB\n"
				  "SwapTotal: 18446744073709551615 kB\nSwapFreeX: 3 kB\n"
				  "SwapFree:\t4 kB"), &m);
	unknown(m.total);
	unknown(m.free);
	unknown(m.available);
	unknown(m.swap_total);
	known(m.swap_free, 4096);
	vit_parse_meminfo(VIT_STR_EMPTY, &m);
	unknown(m.total);
	vit_parse_meminfo(VIT_STR("MemTotal: 1 kB\nMemTotal: 2 kB\n"), &m);
	known(m.total, 1024);
}

static void cgroup_paths(void **state)
{
	struct vit_cgroup_paths p;

	(void)state;
	vit_parse_cgroup(VIT_STR("9:name=systemd:/\n4:memory:/a/b:c\n1:cpu,cpuacct:/d\n0::/e\n"),
			 &p);
	assert_true(p.has_memory && p.has_cpu && p.has_unified);
	assert_str(p.memory, "/a/b:c");
	assert_str(p.cpu, "/d");
	assert_str(p.unified, "/e");
	/* "cpuset" and "cpuacct" are not "cpu". */
	vit_parse_cgroup(VIT_STR("3:cpuset:/x\n2:cpuacct:/y\nnonsense\n:\n"), &p);
	assert_false(p.has_memory || p.has_cpu || p.has_unified);
	/* Outside of our namespace, relative, with NUL: the root. */
	vit_parse_cgroup(VIT_STR("0::/../../other\n5:memory:rel\n6:cpu:/a\0b\n"), &p);
	assert_str(p.unified, "/");
	assert_str(p.memory, "/");
	assert_str(p.cpu, "/");
}

static void cgroup_limits(void **state)
{
	(void)state;
	known(vit_parse_cgroup_bytes(VIT_STR("8589934592\n")), UINT64_C(8589934592));
	known(vit_parse_cgroup_bytes(VIT_STR("0\n")), 0);
	unknown(vit_parse_cgroup_bytes(VIT_STR("max\n")));
	/* LONG_MAX cut to pages of 4 KiB and of 64 KiB. */
	unknown(vit_parse_cgroup_bytes(VIT_STR("9223372036854771712\n")));
	unknown(vit_parse_cgroup_bytes(VIT_STR("9223372036854710272\n")));
	unknown(vit_parse_cgroup_bytes(VIT_STR("18446744073709551616\n")));
	unknown(vit_parse_cgroup_bytes(VIT_STR("")));
	known(vit_parse_cgroup_bytes(VIT_STR("1099511627776")), UINT64_C(1) << 40);
}

static void cpu_limits(void **state)
{
	(void)state;
	known(vit_parse_cpu_max(VIT_STR("200000 100000\n")), 2000);
	known(vit_parse_cpu_max(VIT_STR("50000 100000\n")), 500);
	unknown(vit_parse_cpu_max(VIT_STR("max 100000\n")));
	unknown(vit_parse_cpu_max(VIT_STR("1 0\n")));
	unknown(vit_parse_cpu_max(VIT_STR("100000\n")));
	unknown(vit_parse_cpu_max(VIT_STR("")));
	unknown(vit_parse_cpu_max(VIT_STR("18446744073709551615 1\n")));
	known(vit_parse_cpu_cfs(VIT_STR("150000\n"), VIT_STR("100000\n")), 1500);
	unknown(vit_parse_cpu_cfs(VIT_STR("-1\n"), VIT_STR("100000\n")));
}

static void memory_stat(void **state)
{
	(void)state;
	known(vit_parse_memory_stat(VIT_STR("anon 5\ninactive_file 402653184\n"
					    "active_file 134217728\n")), 536870912);
	known(vit_parse_memory_stat(VIT_STR("inactive_file 1\nactive_file 2\n"
					    "total_inactive_file 10\ntotal_active_file 20\n")), 30);
	unknown(vit_parse_memory_stat(VIT_STR("inactive_file 1\n")));
	unknown(vit_parse_memory_stat(VIT_STR("inactive_file 18446744073709551615\n"
					      "active_file 1\n")));
	unknown(vit_parse_memory_stat(VIT_STR_EMPTY));
}

static void cpuinfo_x86(void **state)
{
	struct vit_cpuinfo c;

	(void)state;
	/* Two packages of two cores; the first with two threads a core. */
	vit_parse_cpuinfo(VIT_STR(
		"processor\t: 0\nmodel name\t: Some CPU @ 2.0GHz\nmodel\t\t: 33\n"
		"physical id\t: 0\ncore id\t\t: 0\n\n"
		"processor\t: 1\nmodel name\t: Other\nphysical id\t: 0\ncore id\t\t: 1\n\n"
		"processor\t: 2\nphysical id\t: 0\ncore id\t\t: 0\n\n"
		"processor\t: 3\nphysical id\t: 0\ncore id\t\t: 1\n\n"
		"processor\t: 4\nphysical id\t: 1\ncore id\t\t: 0\n\n"
		"processor\t: 5\nphysical id\t: 1\ncore id\t\t: 1\n\n"), &c);
	assert_str(c.model, "Some CPU @ 2.0GHz");
	known(c.logical, 6);
	known(c.physical, 4);
}

static void cpuinfo_others(void **state)
{
	struct vit_cpuinfo c;

	(void)state;
	vit_parse_cpuinfo(VIT_STR("processor\t: 0\nBogoMIPS\t: 243.75\n"
				  "CPU implementer\t: 0x41\nCPU architecture: 8\n"
				  "CPU part\t: 0xd0c\n\nprocessor\t: 1\n"
				  "CPU implementer\t: 0x41\nCPU part\t: 0xd0c\n"), &c);
	assert_str(c.model, "");
	assert_str(c.implementer, "0x41");
	assert_str(c.part, "0xd0c");
	known(c.logical, 2);
	unknown(c.physical);
	vit_parse_cpuinfo(VIT_STR("processor\t: 0\ncpu\t\t: POWER9, altivec supported\n"), &c);
	assert_str(c.model, "POWER9, altivec supported");
	/* One processor without ids: the count of cores would be wrong. */
	vit_parse_cpuinfo(VIT_STR("processor: 0\nphysical id: 0\ncore id: 0\nprocessor: 1\n"), &c);
	known(c.logical, 2);
	unknown(c.physical);
	vit_parse_cpuinfo(VIT_STR_EMPTY, &c);
	unknown(c.logical);
	unknown(c.physical);
}

static void os_release(void **state)
{
	struct vit_arena *a = vit_arena_new();

	(void)state;
	assert_str(vit_parse_os_release(a, VIT_STR("NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/"
						   "Linux "
						   "12 (bookworm)\"\n")),
		   "Debian GNU/Linux 12 (bookworm)");
	assert_str(vit_parse_os_release(a, VIT_STR("PRETTY_NAME='A\\B \"c\"'\n")), "A\\B \"c\"");
	assert_str(vit_parse_os_release(a, VIT_STR("PRETTY_NAME=\"A \\\"q\\\" \\$x\"\n")),
		   "A \"q\" $x");
	assert_str(vit_parse_os_release(a, VIT_STR("NAME=Alpine\nVERSION=3.20\n")), "Alpine 3.20");
	assert_str(vit_parse_os_release(a, VIT_STR("NAME=Arch\n")), "Arch");
	assert_str(vit_parse_os_release(a, VIT_STR("# PRETTY_NAME=x\nID=y\n")), "");
	assert_str(vit_parse_os_release(a, VIT_STR("PRETTY_NAME=\"no end")), "no end");
	assert_str(vit_parse_os_release(a, VIT_STR("PRETTY_NAME=x\\")), "x\\");
	vit_arena_free(a);
}

/* ps(1) of Linux and of macOS, where a command is a path with blanks in it. */
static void processes(void **state)
{
	struct vit_ps_line l;

	(void)state;
	assert_true(vit_parse_ps_line(VIT_STR("  42756  91296 /Applications/LM Studio.app/Contents/Frameworks/LM Studio "
					      "Helper (Renderer)"), true, &l));
	assert_int_equal(l.pid, 42756);
	known(l.memory, UINT64_C(91296) * 1024);
	assert_str(l.command, "/Applications/LM Studio.app/Contents/Frameworks/LM Studio Helper (Renderer)");
	assert_true(vit_parse_ps_line(VIT_STR("7 ollama serve"), false, &l));
	assert_str(l.command, "ollama serve");
	assert_false(vit_parse_ps_line(VIT_STR("  PID   RSS COMMAND"), true, &l));
	assert_false(vit_parse_ps_line(VIT_STR("12 x ollama"), true, &l));
	assert_false(vit_parse_ps_line(VIT_STR("12 99"), true, &l));
	assert_false(vit_parse_ps_line(VIT_STR(""), false, &l));
}

static void property_lists(void **state)
{
	static const char text[] = "<?xml version=\"1.0\"?><plist><dict>\n<key>CFBundleName</key>\n"
				   "<string>LM Studio</string>\n<key>Flag</key><true/>"
				   "<key>CFBundleShortVersionString</key>\n\t<string>0.3.25</string></dict></plist>";

	(void)state;
	assert_str(vit_parse_plist_string(vit_str_c(text), "CFBundleShortVersionString"), "0.3.25");
	assert_str(vit_parse_plist_string(vit_str_c(text), "CFBundleName"), "LM Studio");
	assert_str(vit_parse_plist_string(vit_str_c(text), "CFBundleVersion"), "");
	/* The value of another key is not taken for it. */
	assert_str(vit_parse_plist_string(vit_str_c(text), "Flag"), "");
	assert_str(vit_parse_plist_string(VIT_STR("<key>A</key><string>x"), "A"), "");
	assert_str(vit_parse_plist_string(VIT_STR("bplist00"), "A"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes), cmocka_unit_test(property_lists),
		cmocka_unit_test(meminfo),      cmocka_unit_test(meminfo_odd),
		cmocka_unit_test(cgroup_paths), cmocka_unit_test(cgroup_limits),
		cmocka_unit_test(cpu_limits),   cmocka_unit_test(memory_stat),
		cmocka_unit_test(cpuinfo_x86),  cmocka_unit_test(cpuinfo_others),
		cmocka_unit_test(os_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
