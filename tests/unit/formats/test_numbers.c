/*
 * Numbers of tensors. Expected values: arithmetic written out here; codes of the
 * 8-bit formats from the tables of their specifications (OCP 8-bit floating point
 * 1.0 table 1, OCP MX 1.0 section 5.4, arXiv 2206.02915).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "formats/numbers_internal.h"

static struct vit_numbers of(enum vit_number_kind k, const void *p, size_t n)
{
	struct vit_number_sums s;
	struct vit_numbers out;

	vit_numbers_begin(&s, k);
	vit_numbers_add(&s, p, n);
	vit_numbers_end(&s, &out);
	return out;
}

static double code(enum vit_number_kind k, unsigned lo, unsigned hi)
{
	unsigned char p[2] = { (unsigned char)lo, (unsigned char)hi };

	return vit_number_value(k, p);
}

static void near(double got, double want, double relative)
{
	if (isnan(got) && isnan(want))
		return;
	if (got != want && !(fabs(got - want) <= relative * fabs(want) + 1e-300))
		fail_msg("got %.17g, want %.17g", got, want);
}

static void is(double got, double want)
{
	near(got, want, 0);
}

static void test_codes(void **unused)
{
	(void)unused;
	is(code(VIT_NK_E4M3, 0x7e, 0), 448);
	is(code(VIT_NK_E4M3, 0x08, 0), 0x1p-6);
	is(code(VIT_NK_E4M3, 0x07, 0), 0.875 * 0x1p-6);
	is(code(VIT_NK_E4M3, 0x81, 0), -0x1p-9);
	assert_true(isnan(code(VIT_NK_E4M3, 0xff, 0)));
	is(code(VIT_NK_E5M2, 0x7b, 0), 57344);
	is(code(VIT_NK_E5M2, 0x01, 0), 0x1p-16);
	assert_true(isinf(code(VIT_NK_E5M2, 0xfc, 0)));
	assert_true(isnan(code(VIT_NK_E5M2, 0x7d, 0)));
	is(code(VIT_NK_E4M3FNUZ, 0x7f, 0), 240);
	is(code(VIT_NK_E4M3FNUZ, 0x01, 0), 0x1p-10);
	assert_true(isnan(code(VIT_NK_E4M3FNUZ, 0x80, 0)));
	is(code(VIT_NK_E5M2FNUZ, 0x7f, 0), 57344);
	is(code(VIT_NK_E5M2FNUZ, 0x01, 0), 0x1p-17);
	assert_true(isnan(code(VIT_NK_E5M2FNUZ, 0x80, 0)));
	is(code(VIT_NK_E8M0, 0, 0), 0x1p-127);
	is(code(VIT_NK_E8M0, 127, 0), 1);
	is(code(VIT_NK_E8M0, 254, 0), 0x1p127);
	assert_true(isnan(code(VIT_NK_E8M0, 255, 0)));
	is(code(VIT_NK_F16, 0xff, 0x7b), 65504);
	is(code(VIT_NK_F16, 0x01, 0x80), -0x1p-24);
	is(code(VIT_NK_BF16, 0x80, 0xbf), -1);
	for (unsigned d = 0; d < VIT_DT_COUNT; d++) {
		enum vit_number_kind k = vit_number_kind_of((enum vit_dtype)d);
		if (k != VIT_NK_BYTES)
			assert_int_equal(vit_number_size(k) * 8, vit_dtype_bits((enum vit_dtype)d));
	}
}

/* 1, 2, 3, 4: mean 10/4, variance (2.25 + 0.25) * 2 / 4 = 1.25. */
static void test_arithmetic(void **unused)
{
	static const float f32[] = { 1, 2, 3, 4 };
	static const double f64[] = { 1, 2, 3, 4 };
	static const uint16_t f16[] = { 0x3c00, 0x4000, 0x4200, 0x4400 };
	static const uint16_t bf16[] = { 0x3f80, 0x4000, 0x4040, 0x4080 };
	static const unsigned char e4m3[] = { 0x38, 0x40, 0x44, 0x48 };
	static const unsigned char e5m2[] = { 0x3c, 0x40, 0x42, 0x44 };
	const struct {
		enum vit_number_kind k;
		const void *p;
		size_t n;
	} rows[] = {
		{ VIT_NK_F32, f32, sizeof f32 },    { VIT_NK_F64, f64, sizeof f64 },
		{ VIT_NK_F16, f16, sizeof f16 },    { VIT_NK_BF16, bf16, sizeof bf16 },
		{ VIT_NK_E4M3, e4m3, sizeof e4m3 }, { VIT_NK_E5M2, e5m2, sizeof e5m2 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct vit_numbers n = of(rows[i].k, rows[i].p, rows[i].n);
		assert_true(n.measured);
		assert_int_equal(n.count, 4);
		assert_int_equal(n.zero + n.nan + n.inf, 0);
		is(n.largest, 4);
		is(n.mean, 2.5);
		near(n.deviation, sqrt(1.25), 1e-15);
		assert_false(n.constant);
	}
}

/* A norm's weights: 1 and 1 + 2^-20, by turns, over several slices. Sums of plain
 * squares in double would lose half of the deviation's digits. */
static void test_cancellation(void **unused)
{
	static float p[20000];

	(void)unused;
	for (size_t i = 0; i < 20000; i++)
		p[i] = i % 2 ? 1.0f + 0x1p-20f : 1.0f;
	struct vit_numbers n = of(VIT_NK_F32, p, sizeof p);
	near(n.mean, 1 + 0x1p-21, 1e-15);
	near(n.deviation, 0x1p-21, 1e-12);
}

static void test_not_finite(void **unused)
{
	static uint16_t p[5000];
	struct vit_numbers n;

	(void)unused;
	for (size_t i = 0; i < 5000; i++)
		p[i] = i % 2 ? 0x3f80 : 0xbf80; /* 1, -1 */
	p[0] = 0x7fc0;
	p[17] = 0xffc1;
	p[4999] = 0x7f80;
	p[2000] = 0x8000;
	n = of(VIT_NK_BF16, p, sizeof p);
	assert_int_equal(n.count, 5000);
	assert_int_equal(n.nan, 2);
	assert_int_equal(n.inf, 1);
	assert_int_equal(n.zero, 1);
	is(n.largest, 1);
	/* 2,498 of -1 (two of 2,500 lie at 0 and 2000), 2,498 of 1, one nought. */
	near(n.mean, 0, 0);
	near(n.deviation, sqrt(4996.0 / 4997), 1e-12);
	/* Nothing finite at all. */
	for (size_t i = 0; i < 5000; i++)
		p[i] = 0x7e00;
	n = of(VIT_NK_F16, p, sizeof p);
	assert_int_equal(n.nan, 5000);
	assert_true(isnan(n.mean) && isnan(n.deviation));
	is(n.largest, 0);
}

/* The squares of these pass what single precision holds. */
static void test_huge(void **unused)
{
	uint16_t p[64];
	struct vit_numbers n;

	(void)unused;
	for (size_t i = 0; i < 64; i++)
		p[i] = 0x0080; /* 2^-126 */
	p[40] = 0x7f00; /* 2^127 */
	n = of(VIT_NK_BF16, p, sizeof p);
	is(n.largest, 0x1p127);
	near(n.mean, 0x1p121, 1e-12);
	near(n.deviation, 0x1p121 * sqrt(63), 1e-12);
}

static void test_subnormal_halves(void **unused)
{
	uint16_t p[64];
	struct vit_numbers n;

	(void)unused;
	for (size_t i = 0; i < 64; i++)
		p[i] = (uint16_t)(i % 2 ? 0x8000 + i : i); /* 0, -1, 2, -3 ... times 2^-24 */
	n = of(VIT_NK_F16, p, sizeof p);
	is(n.largest, 63 * 0x1p-24);
	is(n.mean, -0.5 * 0x1p-24);
	/* Sum of the squares of 0..63 is 85,344. */
	near(n.deviation, sqrt(85344.0 / 64 - 0.25) * 0x1p-24, 1e-7);
	assert_int_equal(n.zero, 1);
}

static void test_alike(void **unused)
{
	unsigned char p[1000];
	struct vit_numbers n;

	(void)unused;
	memset(p, 0, sizeof p);
	n = of(VIT_NK_F32, p, sizeof p);
	assert_true(n.constant && n.zero == 250 && n.largest == 0 && n.deviation == 0);
	for (size_t i = 0; i < sizeof p; i++)
		p[i] = i % 4 == 3 ? 0x3f : i % 4 == 2 ? 0x80 : 0;
	n = of(VIT_NK_F32, p, sizeof p);
	assert_true(n.constant && n.mean == 1 && n.deviation == 0);
	p[999] = 0x40;
	assert_false(of(VIT_NK_F32, p, sizeof p).constant);
	p[999] = 0x3f;
	p[0] = 1;
	assert_false(of(VIT_NK_F32, p, sizeof p).constant);
	assert_false(of(VIT_NK_F32, p, 0).constant);
	assert_int_equal(of(VIT_NK_BYTES, p, 0).count, 0);
}

static uint64_t next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

/* Finite numbers of the kind for most, now and then any bits. */
static void fill(enum vit_number_kind k, unsigned char *p, size_t n, uint64_t seed, unsigned odd)
{
	unsigned size = vit_number_size(k);

	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)next(&seed);
	for (size_t i = size - 1; i < n && size > 1; i += size)
		if (odd == 0 || next(&seed) % odd)
			p[i] = (unsigned char)((p[i] & 0x81) | 0x3c);
}

static void same(const struct vit_numbers *a, const struct vit_numbers *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->nan, b->nan);
	assert_int_equal(a->inf, b->inf);
	assert_int_equal(a->zero, b->zero);
	assert_int_equal(a->tiny, b->tiny);
	assert_int_equal(a->constant, b->constant);
	assert_true(a->hash == b->hash);
	is(a->largest, b->largest);
	if (a->kind == VIT_NK_BYTES)
		return;
	/* Of the deviation: a mean may be nought. */
	if (isfinite(a->deviation))
		near(a->mean + a->deviation, b->mean + b->deviation, 1e-6);
	near(a->deviation, b->deviation, 1e-6);
}

/* An element, a stripe and a slice cut at every place, from addresses of any alignment. */
static void test_every_split(void **unused)
{
	static unsigned char bytes[VIT_NUMBERS_SLICE + 400 + 8];
	static const size_t sizes[] = { 8, 24, 32, 40, 136, VIT_NUMBERS_SLICE + 72 };

	(void)unused;
	for (unsigned k = VIT_NK_BYTES; k <= VIT_NK_E8M0; k++) {
		for (size_t z = 0; z < sizeof sizes / sizeof sizes[0]; z++) {
			unsigned char *p = bytes + (z + k) % 8;
			size_t n = sizes[z], step = n < 1000 ? 1 : 61;
			struct vit_numbers whole;
			fill((enum vit_number_kind)k, p, n, k * 1000 + z, z % 2 ? 40 : 0);
			whole = of((enum vit_number_kind)k, p, n);
			for (size_t a = 0; a <= n; a += step) {
				struct vit_number_sums s;
				struct vit_numbers got;
				size_t b = a + (n - a) / 3;
				vit_numbers_begin(&s, (enum vit_number_kind)k);
				vit_numbers_add(&s, p, a);
				vit_numbers_add(&s, p + a, b - a);
				vit_numbers_add(&s, p + b, n - b);
				vit_numbers_end(&s, &got);
				same(&got, &whole);
			}
		}
	}
}

static void test_vectors_against_elements(void **unused)
{
	static unsigned char p[VIT_NUMBERS_SLICE];

	(void)unused;
	for (unsigned k = VIT_NK_F64; k <= VIT_NK_BF16; k++) {
		for (size_t n = VIT_NUMBERS_STRIPE; n <= sizeof p; n += n < 2048 ? VIT_NUMBERS_STRIPE : 4096 - 32) {
			struct vit_slice fast, slow;
			uint64_t nan = 0, inf = 0;
			fill((enum vit_number_kind)k, p, n, n + k, 0);
			assert_true(vit_slice_fast((enum vit_number_kind)k, p, n, 0.0078125, &fast));
			vit_slice_slow((enum vit_number_kind)k, p, n, 0.0078125, &slow, &nan, &inf);
			assert_int_equal(nan + inf, 0);
			assert_int_equal(fast.count, slow.count);
			assert_int_equal(fast.zero, slow.zero);
			is(fast.largest, slow.largest);
			near(fast.sum, slow.sum, 1e-4);
			near(fast.squares, slow.squares, 1e-6);
		}
	}
}

static void test_hash(void **unused)
{
	static unsigned char p[5000];
	uint64_t before;

	(void)unused;
	fill(VIT_NK_BYTES, p, sizeof p, 1, 0);
	before = of(VIT_NK_BYTES, p, sizeof p).hash;
	assert_true(before == of(VIT_NK_BF16, p, sizeof p).hash);
	assert_true(before != of(VIT_NK_BYTES, p, sizeof p - 1).hash);
	for (size_t i = 0; i < sizeof p; i += 7) {
		p[i] ^= 1;
		assert_true(before != of(VIT_NK_BYTES, p, sizeof p).hash);
		p[i] ^= 1;
	}
	memset(p, 0, sizeof p);
	assert_true(of(VIT_NK_BYTES, p, 32).hash != of(VIT_NK_BYTES, p, 31).hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_cancellation),
		cmocka_unit_test(test_not_finite),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_subnormal_halves),
		cmocka_unit_test(test_alike),
		cmocka_unit_test(test_every_split),
		cmocka_unit_test(test_vectors_against_elements),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests_name("formats/numbers", tests, NULL, NULL);
}
