/* The hardware catalogue: every row loads, and names find the device they mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "spec/hardware.h"

static struct vit_arena *arena;
static struct vit_hardware_db db;

static int setup(void **state)
{
	struct vit_err err = { .code = VIT_OK };

	(void)state;
	arena = vit_arena_new();
	if (vit_hardware_load(arena, &db, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vit_arena_free(arena);
	return 0;
}

static void test_rows(void **state)
{
	(void)state;
	assert_true(db.count >= 75);
	for (size_t i = 0; i < db.count; i++) {
		const struct vit_hardware *h = &db.rows[i];

		assert_true(h->name.n && h->slug.n && h->source.n && h->match_count);
		/* what is verified is there, and what has no source is not verified */
		assert_true(!h->verified_bandwidth || h->bandwidth > 0);
		assert_true(!h->verified_compute || h->compute > 0);
		assert_true(!vit_str_is(h->source, "general knowledge, not looked up") ||
			    !(h->verified_bandwidth || h->verified_compute || h->verified_memory));
		/* dense rates double, or about, from one width to the next */
		assert_true(h->fp8 <= 0 ||
			    (h->fp8 > 1.9 * h->compute && h->fp8 < 2.1 * h->compute));
		assert_true(vit_str_is(h->vendor, "nvidia") == (h->capability_major > 0));
		assert_true(vit_str_is(h->vendor, "amd") == (h->target.n > 0));
		for (size_t k = 0; k < i; k++)
			assert_false(vit_str_eq(h->slug, db.rows[k].slug));
	}
}

/* Every slug finds its own row, and so does the name as the catalogue has it. */
static void test_own_names(void **state)
{
	struct vit_hardware_choice c;
	struct vit_err err = { .code = VIT_OK };

	(void)state;
	for (size_t i = 0; i < db.count; i++) {
		if (vit_hardware_find(&db, db.rows[i].slug, &c, &err) != VIT_OK)
			fail_msg("%.*s: %s", VIT_FMT(db.rows[i].slug), err.msg);
		if (c.row != &db.rows[i])
			fail_msg("%.*s finds %.*s", VIT_FMT(db.rows[i].slug), VIT_FMT(c.row->name));
		assert_int_equal(vit_hardware_find(&db, db.rows[i].name, &c, &err), VIT_OK);
		assert_ptr_equal(c.row, &db.rows[i]);
	}
}

static void test_user_names(void **state)
{
	static const struct {
		const char *name, *row;
		uint64_t gib;
		bool assumed;
	} cases[] = {
		{ "rtx-3080", "NVIDIA GeForce RTX 3080 10GB", 10, false },
		{ "RTX 3080 12GB", "NVIDIA GeForce RTX 3080 12GB", 12, false },
		{ "NVIDIA RTX 3080 12 GB", "NVIDIA GeForce RTX 3080 12GB", 12, false },
		{ "RTX3080", "NVIDIA GeForce RTX 3080 10GB", 10, false },
		{ "rtx4060-ti 16 GiB", "NVIDIA GeForce RTX 4060 Ti", 16, false },
		{ "Tesla V100-SXM2-32GB", "NVIDIA Tesla V100", 32, false },
		{ "Apple M5 Max (48 GB)", "Apple M5 Max (40-core GPU)", 48, false },
		{ "Apple M3 Ultra (512 GB)", "Apple M3 Ultra", 512, false },
		{ "Apple M4 Pro (24 GB, 14-core CPU)", "Apple M4 Pro", 24, false },
		{ "m4-pro-24gb", "Apple M4 Pro", 24, false },
		{ "m4-pro", "Apple M4 Pro", 24, true },
		{ "m3-max-64gb", "Apple M3 Max (40-core GPU)", 64, false },
		{ "m4-max-40-core", "Apple M4 Max (40-core GPU)", 48, true },
		{ "h100-sxm", "NVIDIA H100 SXM", 80, false },
		{ "NVIDIA H100 80GB HBM3", "NVIDIA H100 SXM", 80, false },
		{ "NVIDIA H100 PCIe", "NVIDIA H100 PCIe", 80, false },
		{ "a100-80gb", "NVIDIA A100 80GB", 80, false },
		{ "NVIDIA A100-SXM4-40GB", "NVIDIA A100 40GB", 40, false },
		{ "NVIDIA A100 80GB PCIe", "NVIDIA A100 80GB PCIe", 80, false },
		{ "NVIDIA A10G", "NVIDIA A10G", 24, false },
		{ "l4", "NVIDIA L4", 24, false },
		{ "7900-xtx", "AMD Radeon RX 7900 XTX", 24, false },
		{ "dgx-spark", "NVIDIA GB10 (DGX Spark)", 128, false },
		{ "mi300x", "AMD Instinct MI300X", 192, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vit_hardware_choice c;
		struct vit_err err = { .code = VIT_OK };

		if (vit_hardware_find(&db, vit_str_c(cases[i].name), &c, &err) != VIT_OK)
			fail_msg("%s: %s", cases[i].name, err.msg);
		if (!vit_str_is(c.row->name, cases[i].row))
			fail_msg("%s finds %.*s", cases[i].name, VIT_FMT(c.row->name));
		assert_int_equal(c.memory, cases[i].gib << 30);
		assert_int_equal(c.memory_assumed, cases[i].assumed);
	}
}

/* As drivers name devices, with the memory they tell; products that are others find nothing. */
static void test_driver_names(void **state)
{
	static const struct {
		const char *name;
		uint64_t mib;
		const char *row;
	} cases[] = {
		{ "NVIDIA GeForce RTX 3080", 10240, "NVIDIA GeForce RTX 3080 10GB" },
		{ "NVIDIA GeForce RTX 3080", 12288, "NVIDIA GeForce RTX 3080 12GB" },
		{ "NVIDIA GeForce RTX 3080 Ti", 12288, "NVIDIA GeForce RTX 3080 Ti" },
		{ "NVIDIA GeForce RTX 3080 Laptop GPU", 16384, NULL },
		{ "NVIDIA GeForce RTX 2080 Super with Max-Q Design", 8192, NULL },
		{ "NVIDIA H100 80GB HBM3", 81559, "NVIDIA H100 SXM" },
		{ "NVIDIA H100 NVL", 95830, NULL },
		{ "NVIDIA H200", 143771, "NVIDIA H200" },
		{ "NVIDIA GH200 480GB", 97871, NULL },
		{ "Tesla T4", 15360, "NVIDIA Tesla T4" },
		{ "Tesla V100-SXM2-32GB", 32768, "NVIDIA Tesla V100" },
		{ "NVIDIA L40", 46068, NULL },
		{ "NVIDIA L40S", 46068, "NVIDIA L40S" },
		{ "NVIDIA A100-SXM4-80GB", 81920, "NVIDIA A100 80GB" },
		{ "NVIDIA RTX 6000 Ada Generation", 49140, NULL },
		{ "NVIDIA GeForce RTX 4090 D", 24564, NULL },
		{ "Apple M4 Pro", 24576, "Apple M4 Pro" },
		{ "Apple M4", 16384, "Apple M4" },
		{ "Apple M4 Ultra", 196608, NULL },
		{ "Apple M4 Max", 36864, "Apple M4 Max (32-core GPU)" },
		{ "Apple M4 Max", 131072, "Apple M4 Max (40-core GPU)" },
		{ "AMD Instinct MI300X", 196592, "AMD Instinct MI300X" },
		{ "Intel Arc A770", 16384, NULL },
		{ "", 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vit_hardware_choice c;

		vit_hardware_match(&db, vit_str_c(cases[i].name), cases[i].mib << 20, &c);
		if ((c.row == NULL) != (cases[i].row == NULL) ||
		    (c.row && !vit_str_is(c.row->name, cases[i].row)))
			fail_msg("%s finds %s", cases[i].name, c.row ? c.row->name.p : "nothing");
	}
}

static void refuse(const char *name, const char *message)
{
	struct vit_hardware_choice c;
	struct vit_err err = { .code = VIT_OK };

	assert_int_equal(vit_hardware_find(&db, vit_str_c(name), &c, &err), VIT_E_USAGE);
	assert_string_equal(err.msg, message);
}

static void test_refusals(void **state)
{
	(void)state;
	refuse("h100", "h100 names several devices: h100-pcie, h100-sxm");
	refuse("m4-pro-32gb",
	       "Apple M4 Pro is not in the catalogue with 32 GB (it has 24, 48, 64)");
	refuse("rtx-3081",
	       "rtx-3081: no such device in the catalogue; the nearest names are rtx-2080, "
	       "rtx-3060, rtx-3070 (`vitalis-audit specs` lists all)");
	refuse("abacus of my grandmother",
	       "abacus of my grandmother: no such device in the catalogue "
	       "(`vitalis-audit specs` lists all)");
}

static void test_files(void **state)
{
	static const struct {
		const char *yaml, *message;
	} cases[] = {
		{ "schema: vitalis-hardware/2\ndevices: []\n",
		  "h.yaml:1:9: the schema must be vitalis-hardware/1" },
		{ "schema: vitalis-hardware/1\n", "h.yaml:1:1: `devices` is missing" },
		{ "schema: vitalis-hardware/1\ndevices:\n  - {name: a, matsh: x}\n",
		  "h.yaml:3:15: unknown key \"matsh\", did you mean \"match\"?" },
		{ "schema: vitalis-hardware/1\ndevices:\n  - {name: a, match: [a], kind: apu}\n",
		  "h.yaml:3:5: a device needs `memory`" },
		{ "schema: vitalis-hardware/1\ndevices:\n"
		  "  - {name: a, match: [a], kind: apu, memory: [8, 4]}\n",
		  "h.yaml:3:50: whole GB, rising, are expected here" },
		{ "schema: vitalis-hardware/1\ndevices:\n"
		  "  - {name: a, match: [a], kind: apu, memory: [8], bandwidth: fast}\n",
		  "h.yaml:3:62: a number above 0 is expected here" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vit_vec rows = VIT_VEC(sizeof(struct vit_hardware));
		struct vit_err err = { .code = VIT_OK };

		assert_int_equal(vit_hardware_add(arena, vit_str_c(cases[i].yaml),
						  VIT_STR("h.yaml"), VIT_STR("x"), &rows, &err),
				 VIT_E_USAGE);
		assert_string_equal(err.msg, cases[i].message);
		vit_vec_free(&rows);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),       cmocka_unit_test(test_own_names),
		cmocka_unit_test(test_user_names), cmocka_unit_test(test_driver_names),
		cmocka_unit_test(test_refusals),   cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
