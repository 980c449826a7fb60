#include "base_test.h"

#include "base/num.h"

static void unsigned_integers(void **state)
{
	(void)state;
	static const struct { const char *text; bool ok; uint64_t value; } cases[] = {
		{ "0", true, 0 }, { "007", true, 7 }, { "201088", true, 201088 },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 }, { "99999999999999999999", false, 0 },
		{ "", false, 0 }, { "-1", false, 0 }, { "+1", false, 0 }, { " 1", false, 0 },
		{ "1 ", false, 0 }, { "1.0", false, 0 }, { "0x10", false, 0 }, { "1e3", false, 0 },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		uint64_t v = 12345;
		assert_int_equal(vit_parse_u64(vit_str_c(cases[i].text), &v), cases[i].ok);
		assert_int_equal(v, cases[i].ok ? cases[i].value : 12345);
	}
	uint64_t v;
	assert_false(vit_parse_u64((struct vit_str){ "1\0", 2 }, &v));
}

static void signed_integers(void **state)
{
	(void)state;
	static const struct { const char *text; bool ok; int64_t value; } cases[] = {
		{ "0", true, 0 }, { "-0", true, 0 }, { "-1", true, -1 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "-9223372036854775809", false, 0 },
		{ "-", false, 0 }, { "--1", false, 0 }, { "", false, 0 }, { "1-", false, 0 },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		int64_t v = 12345;
		assert_int_equal(vit_parse_i64(vit_str_c(cases[i].text), &v), cases[i].ok);
		assert_int_equal(v, cases[i].ok ? cases[i].value : 12345);
	}
}

static void fractions(void **state)
{
	(void)state;
	static const struct { const char *text; bool ok; double value; } cases[] = {
		{ "0", true, 0 }, { "1.5", true, 1.5 }, { "-2.25e2", true, -225 },
		{ ".5", true, 0.5 }, { "5.", true, 5 }, { "1E+3", true, 1000 },
		{ "1e-400", true, 0 }, { "1e400", false, 0 }, { "", false, 0 }, { ".", false, 0 },
		{ "inf", false, 0 }, { "nan", false, 0 }, { "0x1p3", false, 0 },
		{ "1,5", false, 0 }, { " 1", false, 0 }, { "1 ", false, 0 }, { "1e", false, 0 },
		{ "e5", false, 0 }, { "1.5.2", false, 0 }, { "1e5e5", false, 0 },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		double v = 12345;
		assert_int_equal(vit_parse_double(vit_str_c(cases[i].text), &v), cases[i].ok);
		assert_true(v == (cases[i].ok ? cases[i].value : 12345));
	}
}

static void arithmetic_is_checked(void **state)
{
	(void)state;
	uint64_t u;
	int64_t i;
	assert_true(vit_add_u64(UINT64_MAX - 1, 1, &u) && u == UINT64_MAX);
	assert_false(vit_add_u64(UINT64_MAX, 1, &u));
	assert_true(vit_mul_u64((uint64_t)1 << 32, ((uint64_t)1 << 32) - 1, &u));
	assert_false(vit_mul_u64((uint64_t)1 << 32, (uint64_t)1 << 32, &u));
	assert_false(vit_add_i64(INT64_MAX, 1, &i));
	assert_false(vit_sub_i64(INT64_MIN, 1, &i));
	assert_false(vit_mul_i64(INT64_MIN, -1, &i));
	assert_true(vit_mul_i64(INT64_MIN, 1, &i) && i == INT64_MIN);
}

static void little_endian_loads(void **state)
{
	(void)state;
	static const unsigned char bytes[] = { 0, 1, 2, 3, 4, 5, 6, 7, 0xff };
	assert_true(vit_le64(bytes + 1) == 0xff07060504030201u);
	assert_int_equal(vit_le32(bytes + 1), 0x04030201);
}

static void numbers_for_people(void **state)
{
	(void)state;
	char out[VIT_FMT_NUM];
	static const struct { uint64_t v; const char *plain, *bytes, *count; } cases[] = {
		{ 0, "0", "0 B", "0" },
		{ 999, "999", "999 B", "999" },
		{ 1806, "1,806", "1,806 B", "1,806" },
		{ 9999, "9,999", "9,999 B", "9,999" },
		{ 10000, "10,000", "10.0 kB", "10,000" },
		{ 12345, "12,345", "12.3 kB", "12,345" },
		{ 12350, "12,350", "12.4 kB", "12,350" },
		{ 99949, "99,949", "99.9 kB", "99,949" },
		{ 99950, "99,950", "100 kB", "99,950" },
		{ 201088, "201,088", "201 kB", "201,088" },
		{ 999499, "999,499", "999 kB", "999,499" },
		{ 999500, "999,500", "1.00 MB", "999,500" },
		{ 1000000, "1,000,000", "1.00 MB", "1.00 million" },
		{ 3980000, "3,980,000", "3.98 MB", "3.98 million" },
		{ 9995000, "9,995,000", "10.0 MB", "10.0 million" },
		{ 13761264768, "13,761,264,768", "13.8 GB", "13.8 billion" },
		{ 20914757184, "20,914,757,184", "20.9 GB", "20.9 billion" },
		{ 999999999999, "999,999,999,999", "1.00 TB", "1.00 trillion" },
		{ UINT64_MAX, "18,446,744,073,709,551,615", "18.4 EB", "18.4 quintillion" },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_string_equal(vit_fmt_u64(cases[i].v, out), cases[i].plain);
		assert_string_equal(vit_fmt_bytes(cases[i].v, out), cases[i].bytes);
		assert_string_equal(vit_fmt_count(cases[i].v, out), cases[i].count);
	}
	assert_string_equal(vit_fmt_i64(INT64_MIN, out), "-9,223,372,036,854,775,808");
	assert_string_equal(vit_fmt_i64(-1, out), "-1");
	assert_string_equal(vit_fmt_i64(1000, out), "1,000");
}

static void durations(void **state)
{
	static const struct { double v; const char *text; } cases[] = {
		{ 0, "0 ms" }, { 0.0123, "12.3 ms" }, { 0.85, "850 ms" }, { 1, "1 s" }, { 12.34, "12.3 s" },
		{ 59.9, "59.9 s" }, { 59.97, "1 min" }, { 60, "1 min" }, { 250, "4 min 10 s" },
		{ 3599.7, "1 h" }, { 27934.8, "7 h 46 min" }, { 86400, "24 h" }, { 172800, "2 days" },
		{ 273600, "3 days 4 h" }, { -1, "?" }, { 1e300, "?" },
	};
	char out[VIT_FMT_NUM];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(vit_fmt_seconds(cases[i].v, out), cases[i].text);
}

static void sizes(void **state)
{
	static const struct { const char *text; uint64_t v; } cases[] = {
		{ "1", 1 }, { "24GB", 24000000000u }, { "24 gb", 24000000000u }, { "16GiB", UINT64_C(16) << 30 },
		{ "1.5 TB", UINT64_C(1500000000000) }, { "0.5KiB", 512 }, { "10 B", 10 },
	};
	static const char *const bad[] = { "", "GB", "-1", "1 parsec", "0", "0.1", "1e40", "1 GB x", ".", "1..2" };
	uint64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(vit_parse_size(vit_str_c(cases[i].text), &v));
		assert_int_equal(v, cases[i].v);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(vit_parse_size(vit_str_c(bad[i]), &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unsigned_integers),
		cmocka_unit_test(signed_integers),
		cmocka_unit_test(fractions),
		cmocka_unit_test(arithmetic_is_checked),
		cmocka_unit_test(little_endian_loads),
		cmocka_unit_test(numbers_for_people),
		cmocka_unit_test(durations),
		cmocka_unit_test(sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
