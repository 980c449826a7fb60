/*
 * What a device does with a model's numbers. The expectations are published
 * rules: the arithmetic tables of the CUDA programming guide, the floors that
 * transformers checks (8.9 for FP8, 7.5 for MXFP4), AMD's precision tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "facts/devices.h"

#define NATIVE VIT_HOW_NATIVE
#define EMULATED VIT_HOW_EMULATED
#define DEQUANTISED VIT_HOW_DEQUANTISED
#define UNKNOWN VIT_HOW_UNKNOWN

struct row {
	const char *name; /* or the target of ROCm */
	uint32_t major, minor;
	const char *architecture;
	enum vit_number_support bf16, fp16, fp8, mxfp4, int8;
};

static void check(const struct vit_device *d, const struct row *r)
{
	const enum vit_number_support wanted[VIT_NUMBER_COUNT] = { r->bf16, r->fp16, r->fp8,
								   r->mxfp4, r->int8 };

	for (int n = 0; n < VIT_NUMBER_COUNT; n++) {
		const struct vit_device_number *x = &d->numbers[n];

		if (x->support != wanted[n])
			print_error("%s, %s\n", r->name, vit_number_name((enum vit_number)n));
		assert_int_equal(x->support, wanted[n]);
		/* Every rule has a source, and what is not native says what it becomes. */
		assert_int_equal(x->source[0] == '\0', x->support == UNKNOWN);
		assert_int_equal(x->to[0] != '\0',
				 x->support == EMULATED || x->support == DEQUANTISED);
	}
}

static void cuda(void **state)
{
	static const struct row rows[] = {
		{ "GTX 980", 5, 2, "Maxwell", EMULATED, EMULATED, DEQUANTISED, DEQUANTISED, EMULATED },
		{ "P100", 6, 0, "Pascal", EMULATED, NATIVE, DEQUANTISED, DEQUANTISED, EMULATED },
		{ "P40", 6, 1, "Pascal", EMULATED, NATIVE, DEQUANTISED, DEQUANTISED, NATIVE },
		{ "V100", 7, 0, "Volta", EMULATED, NATIVE, DEQUANTISED, DEQUANTISED, NATIVE },
		{ "T4", 7, 5, "Turing", EMULATED, NATIVE, DEQUANTISED, EMULATED, NATIVE },
		{ "A100", 8, 0, "Ampere", NATIVE, NATIVE, DEQUANTISED, EMULATED, NATIVE },
		{ "RTX 3080", 8, 6, "Ampere", NATIVE, NATIVE, DEQUANTISED, EMULATED, NATIVE },
		{ "RTX 4090", 8, 9, "Ada Lovelace", NATIVE, NATIVE, NATIVE, EMULATED, NATIVE },
		{ "H100", 9, 0, "Hopper", NATIVE, NATIVE, NATIVE, EMULATED, NATIVE },
		{ "B200", 10, 0, "Blackwell", NATIVE, NATIVE, NATIVE, NATIVE, NATIVE },
		{ "RTX 5090", 12, 0, "Blackwell", NATIVE, NATIVE, NATIVE, NATIVE, NATIVE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vit_device d = { .kind = VIT_DEVICE_CUDA, .has_capability = true,
					.capability_major = rows[i].major,
					.capability_minor = rows[i].minor };

		vit_device_set_numbers(&d);
		check(&d, &rows[i]);
		assert_string_equal(vit_cuda_architecture(rows[i].major, rows[i].minor),
				    rows[i].architecture);
	}
	assert_string_equal(vit_cuda_architecture(99, 0), "");
}

static void rocm(void **state)
{
	static const struct row rows[] = {
		{ "gfx906", 0, 0, "Vega 20", EMULATED, NATIVE, UNKNOWN, UNKNOWN, NATIVE },
		{ "gfx908", 0, 0, "CDNA", NATIVE, NATIVE, UNKNOWN, UNKNOWN, NATIVE },
		{ "gfx90a", 0, 0, "CDNA 2", NATIVE, NATIVE, UNKNOWN, UNKNOWN, NATIVE },
		{ "gfx942", 0, 0, "CDNA 3", NATIVE, NATIVE, NATIVE, UNKNOWN, NATIVE },
		{ "gfx950", 0, 0, "CDNA 4", NATIVE, NATIVE, NATIVE, NATIVE, NATIVE },
		{ "gfx1030", 0, 0, "RDNA 2", EMULATED, NATIVE, UNKNOWN, UNKNOWN, NATIVE },
		{ "gfx1100", 0, 0, "RDNA 3", NATIVE, NATIVE, UNKNOWN, UNKNOWN, NATIVE },
		{ "gfx1151", 0, 0, "RDNA 3.5", NATIVE, NATIVE, UNKNOWN, UNKNOWN, NATIVE },
		{ "gfx1201", 0, 0, "RDNA 4", NATIVE, NATIVE, NATIVE, UNKNOWN, NATIVE },
		{ "gfx2000", 0, 0, "", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vit_device d = { .kind = VIT_DEVICE_ROCM,
					.target = vit_str_c(rows[i].name) };

		vit_device_set_numbers(&d);
		check(&d, &rows[i]);
		assert_string_equal(vit_rocm_architecture(d.target), rows[i].architecture);
	}
}

static void by_name(enum vit_device_kind kind, const struct row *r)
{
	struct vit_device d = { .kind = kind, .name = vit_str_c(r->name) };

	vit_device_set_numbers(&d);
	check(&d, r);
}

static void others(void **state)
{
	static const struct row metal[] = {
		{ "Apple M1", 0, 0, "", EMULATED, NATIVE, DEQUANTISED, EMULATED, EMULATED },
		{ "Apple M2 Ultra", 0, 0, "", EMULATED, NATIVE, DEQUANTISED, EMULATED, EMULATED },
		{ "Apple M3", 0, 0, "", NATIVE, NATIVE, DEQUANTISED, EMULATED, EMULATED },
		{ "Apple M4 Pro", 0, 0, "", NATIVE, NATIVE, DEQUANTISED, EMULATED, EMULATED },
		{ "Apple M12 Max", 0, 0, "", NATIVE, NATIVE, DEQUANTISED, EMULATED, EMULATED },
		{ "Apple A18", 0, 0, "", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN },
		{ "Apple M", 0, 0, "", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN },
	};
	static const struct row xpu[] = {
		{ "Intel Arc A770", 0, 0, "", NATIVE, NATIVE, UNKNOWN, EMULATED, NATIVE },
		{ "Intel UHD Graphics 770", 0, 0, "", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN },
	};
	static const struct row other = { "VGA", 0, 0, "", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN,
					  UNKNOWN };

	(void)state;
	for (size_t i = 0; i < sizeof(metal) / sizeof(metal[0]); i++)
		by_name(VIT_DEVICE_METAL, &metal[i]);
	for (size_t i = 0; i < sizeof(xpu) / sizeof(xpu[0]); i++)
		by_name(VIT_DEVICE_XPU, &xpu[i]);
	by_name(VIT_DEVICE_CPU, &other);
	/* Without a capability nothing is concluded. */
	by_name(VIT_DEVICE_CUDA, &other);
}

static void disks(void **state)
{
	(void)state;
	assert_int_equal(vit_disk_classify(VIT_STR("ext2/3/4")), VIT_DISK_LOCAL);
	assert_int_equal(vit_disk_classify(VIT_STR("apfs")), VIT_DISK_LOCAL);
	assert_int_equal(vit_disk_classify(VIT_STR("nfs")), VIT_DISK_NETWORK);
	assert_int_equal(vit_disk_classify(VIT_STR("smbfs")), VIT_DISK_NETWORK);
	assert_int_equal(vit_disk_classify(VIT_STR("tmpfs")), VIT_DISK_MEMORY);
	assert_int_equal(vit_disk_classify(VIT_STR("overlay")), VIT_DISK_LAYERED);
	assert_int_equal(vit_disk_classify(VIT_STR("fuse")), VIT_DISK_FUSE);
	assert_int_equal(vit_disk_classify(VIT_STR_EMPTY), VIT_DISK_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(cuda), cmocka_unit_test(rocm),
					    cmocka_unit_test(others), cmocka_unit_test(disks) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
