/* The parsers of what drivers say; the machines of tests/hosts are in test_machines.c. */
#include "host_test.h"

#include "host/parse_devices.h"

#define MIB (UINT64_C(1) << 20)

static struct vit_arena *arena;

static void nvml_table(void **state)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_nvidia n;

	(void)state;
	assert_int_equal(vit_parse_nvml(arena, VIT_STR("init\t0\tSuccess\n"
						       "cuda\t12080\n"
						       "7\tname\tno such device\n"
						       "1\tdevice\n"
						       "1\tname\ttab\\there\n"
						       "1\tmemory\t100\t30\t70\n"
						       "1\tcapability\t12\t1\n"
						       "1\tcapability\t99999\t1\n"
						       "1\tmig\ton\n"
						       "1\tfuture\tthing\n"
						       "1\tprocesses\tgraphics\n"
						       "1\tprocess\t9\t-\t/usr/bin/x --token abc\n"
						       "1\tprocess\t9\t40\t\n"
						       "1\terror\tcompute\t3\tNot Supported\n"),
					&n, &err), VIT_OK);
	assert_str(n.cuda, "12.8");
	assert_int_equal(n.count, 1);
	assert_int_equal(n.devices[0].index, 1);
	assert_str(n.devices[0].name, "tab\there");
	assert_true(n.devices[0].used_holds_reserved);
	assert_int_equal(n.devices[0].major, 12);
	assert_int_equal(n.devices[0].mig, VIT_NVIDIA_MIG_ON);
	/* The list of compute was refused: that nobody computes is not known. */
	assert_false(n.devices[0].processes_known);
	assert_int_equal(n.devices[0].process_count, 1);
	assert_str(n.devices[0].processes[0].name, "x");
	assert_int_equal(n.devices[0].processes[0].bytes.value, 40);
	assert_int_equal(vit_parse_nvml(arena, VIT_STR("0\tdevice\n0\tname\t\\q\n"), &n, &err),
			 VIT_E_SYNTAX);
	assert_int_equal(vit_parse_nvml(arena, VIT_STR_EMPTY, &n, &err), VIT_OK);
	assert_false(n.init.known);
}

#define SMI(inside) "<?xml version=\"1.0\" ?><nvidia_smi_log>" inside "</nvidia_smi_log>"

static enum vit_errc smi(const char *text, struct vit_nvidia *n, struct vit_err *err)
{
	return vit_parse_nvidia_smi(arena, vit_str_c(text), n, err);
}

static void xml(void **state)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_nvidia n;

	(void)state;
	assert_int_equal(smi(SMI("<gpu id=\"0\"><product_name>A &lt;&amp;&gt; B</product_name>"
				 "<fb_memory_usage><total>24 GiB</total><used>10 MiB</used>"
				 "<free>x MiB</free></fb_memory_usage>"
				 "<bar1_memory_usage><total>256 MiB</total></bar1_memory_usage>"
				 "<mig_mode><current_mig>Enabled</current_mig></mig_mode>"
				 "<processes>N/A</processes></gpu>"
				 "<gpu id=\"1\"/><!-- <gpu> -->"), &n, &err), VIT_OK);
	assert_int_equal(n.count, 2);
	assert_str(n.devices[0].name, "A <&> B");
	/* Another unit and no number are not guessed at; BAR1 is not the memory. */
	assert_false(n.devices[0].total.known || n.devices[0].free.known);
	assert_int_equal(n.devices[0].used.value, 10 * MIB);
	assert_int_equal(n.devices[0].mig, VIT_NVIDIA_MIG_ON);
	assert_false(n.devices[0].processes_known);
	assert_int_equal(n.devices[1].index, 1);
}

static void broken_xml(void **state)
{
	static const struct { const char *text; uint64_t offset; } rows[] = {
		{ "<a><b></a>", 6 }, { "</a>", 0 }, { "<a>", 3 }, { "<a", 0 }, { "<>", 0 },
		{ "<!-- x", 0 },
	};
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_nvidia n;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(smi(rows[i].text, &n, &err), VIT_E_SYNTAX);
		assert_int_equal(err.offset, rows[i].offset);
	}
	/* What was told before the answer broke off is kept. */
	assert_int_equal(smi("<nvidia_smi_log><gpu><product_name>X</product_name><fb", &n, &err),
			 VIT_E_SYNTAX);
	assert_int_equal(n.count, 1);
	assert_str(n.devices[0].name, "X");
}

static void capabilities(void **state)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_nvidia n;

	(void)state;
	assert_int_equal(smi(SMI("<gpu></gpu><gpu></gpu><gpu></gpu>"), &n, &err), VIT_OK);
	vit_parse_nvidia_capabilities(VIT_STR("0, 8.6\n1, [N/A]\n2,12.0\n9, 9.0\n, 1.0\n"), &n);
	assert_true(n.devices[0].has_capability && n.devices[2].has_capability);
	assert_false(n.devices[1].has_capability);
	assert_int_equal(n.devices[0].minor, 6);
	assert_int_equal(n.devices[2].major, 12);
}

static void sysfs(void **state)
{
	struct vit_pci_device d;

	(void)state;
	assert_true(vit_parse_pci_uevent(VIT_STR("DRIVER=nvidia\nPCI_CLASS=30200\nPCI_ID=10DE:2330\n"),
					 &d));
	assert_int_equal(d.class, 0x030200);
	assert_int_equal(d.vendor, 0x10de);
	assert_int_equal(d.device, 0x2330);
	assert_str(d.driver, "nvidia");
	assert_false(vit_parse_pci_uevent(VIT_STR("PCI_CLASS=30200\nPCI_ID=10DE\n"), &d));
	/* The targets of LLVM's list: 90010 is gfx90a, 110501 is gfx1151. */
	assert_str(vit_kfd_target(arena, 90402), "gfx942");
	assert_str(vit_kfd_target(arena, 90010), "gfx90a");
	assert_str(vit_kfd_target(arena, 110501), "gfx1151");
	assert_str(vit_kfd_target(arena, 0), "");
	assert_str(vit_kfd_target(arena, UINT64_MAX), "");
	assert_int_equal(vit_parse_kfd_property(VIT_STR("domain 0\nlocation_id 1280\n"),
						"location_id").value, 1280);
	assert_false(vit_parse_kfd_property(VIT_STR("location_id_2 7\n"), "location_id").known);
}

static void memory(void **state)
{
	struct vit_meminfo m;

	(void)state;
	vit_parse_node_meminfo(VIT_STR("Node 1 MemTotal:  1024 kB\nNode 1 MemFree: 8 kB\n"
				       "MemTotal: 7 kB\n"), &m);
	assert_int_equal(m.total.value, 1048576);
	assert_int_equal(m.free.value, 8192);
	vit_parse_meminfo(VIT_STR("HugePages_Total:   4\nHugepagesize: 2048 kB\nHugetlb: 8192 kB\n"),
			  &m);
	assert_int_equal(m.huge_count.value, 4);
	assert_int_equal(m.huge.value, m.huge_count.value * m.huge_size.value);
	assert_int_equal(vit_parse_pressure(VIT_STR("some avg10=12.34 avg60=0\nfull avg10=1.00\n"))
				 .value, 1234);
	assert_false(vit_parse_pressure(VIT_STR("full avg10=1.00\n")).known);
	assert_false(vit_parse_pressure(VIT_STR("some avg10=101.00\n")).known);
	assert_false(vit_parse_pressure(VIT_STR("some avg10=nan\n")).known);
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
		cmocka_unit_test(nvml_table), cmocka_unit_test(xml), cmocka_unit_test(broken_xml),
		cmocka_unit_test(capabilities), cmocka_unit_test(sysfs), cmocka_unit_test(memory),
	};

	return cmocka_run_group_tests(tests, make_arena, free_arena);
}
