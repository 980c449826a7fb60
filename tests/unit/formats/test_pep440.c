/*
 * Versions, ranges, requirements and markers. The orders and matches are the
 * examples of PEP 440 and PEP 508; tests/differential/pep440.py holds far more
 * against Python's `packaging`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "formats/pep440.h"
#include "formats/requirement.h"

static struct vit_pep440 version(const char *text)
{
	struct vit_pep440 v;

	if (!vit_pep440_parse(vit_str_c(text), &v))
		fail_msg("%s is a version", text);
	return v;
}

/* PEP 440, "Summary of permitted suffixes and relative ordering", and local versions. */
static void test_order(void **state)
{
	static const char *const rising[] = {
		"0.9", "1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12",
		"1.0b1.dev456", "1.0b2", "1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1",
		"1.0", "1.0+abc.5", "1.0+abc.7", "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.0.15",
		"1.1.dev1", "1.10", "2012.4", "1!0.1",
	};
	size_t n = sizeof(rising) / sizeof(rising[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct vit_pep440 a = version(rising[i]);

		assert_int_equal(vit_pep440_cmp(&a, &a), 0);
		for (size_t k = i + 1; k < n; k++) {
			struct vit_pep440 b = version(rising[k]);

			if (vit_pep440_cmp(&a, &b) != -1 || vit_pep440_cmp(&b, &a) != 1)
				fail_msg("%s comes before %s", rising[i], rising[k]);
		}
	}
}

static void test_spellings(void **state)
{
	static const char *const same[][2] = {
		{ "v1.0-RC.1", "1.0rc1" }, { "1.0-1", "1.0.post1" },   { "1.0alpha", "1.0a0" },
		{ " 1.0c3 ", "1.0rc3" },   { "1.0.0", "1" },           { "1.0-r4", "1.0.post4" },
		{ "1.0+ubuntu-1", "1.0+ubuntu.1" }, { "01.02", "1.2" }, { "1.0_dev", "1.0.dev0" },
	};
	static const char *const none[] = { "", "x", "1.", "1..0", "1.0+", "1.0+a..b", "1.0 0", "1.0a1b2",
					    "4294967296", "1!", "latest", "1.0+a b" };
	struct vit_pep440 v;

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct vit_pep440 a = version(same[i][0]), b = version(same[i][1]);

		assert_int_equal(vit_pep440_cmp(&a, &b), 0);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (vit_pep440_parse(vit_str_c(none[i]), &v))
			fail_msg("'%s' is no version", none[i]);
}

static void test_ranges(void **state)
{
	static const struct { const char *version, *range; bool in; } rows[] = {
		{ "2.8.0", ">=2.8,<3", true },        { "3.0", ">=2.8,<3", false },
		{ "2.8.0+cu128", "==2.8.0", true },   { "2.8.0+cu128", "==2.8.0+cpu", false },
		{ "1.1", "==1.1.*", true },           { "1.1a1", "==1.1.*", true },
		{ "1.10", "==1.1.*", false },         { "1.1.post1", "==1.1", false },
		{ "1.1.post1", "!=1.1", true },       { "2.2.1", "~=2.2", true },
		{ "3.0", "~=2.2", false },            { "1.4.5.9", "~=1.4.5", true },
		{ "1.5.0", "~=1.4.5", false },        { "1.7.0.post1", ">1.7", false },
		{ "1.7.1", ">1.7", true },            { "1.7.0.post3", ">1.7.post2", true },
		{ "3.1.0.dev0", "<3.1", false },      { "3.0rc1", ">=2", true },
		{ "5.0.0.dev0", ">=4.55", true },     { "1.0", "", true },
		{ "1.0", "===1.0", true },            { "1.0", ">=0.5,!=1.0", false },
	};
	struct vit_pep440 v;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		v = version(rows[i].version);
		assert_true(vit_pep440_is_range(vit_str_c(rows[i].range)));
		if (vit_pep440_matches(&v, vit_str_c(rows[i].range)) != rows[i].in)
			fail_msg("%s in %s: %d", rows[i].version, rows[i].range, rows[i].in);
	}
	assert_false(vit_pep440_is_range(VIT_STR("2.0")));
	assert_false(vit_pep440_is_range(VIT_STR(">=")));
	assert_false(vit_pep440_is_range(VIT_STR("~=2")));
	assert_false(vit_pep440_is_range(VIT_STR(">=1.*")));
	v = version("1.0");
	assert_false(vit_pep440_matches(&v, VIT_STR(">=banana")));
}

static void test_names(void **state)
{
	char out[16];

	(void)state;
	assert_true(vit_pep503_name(VIT_STR("Flash_Attn"), out, sizeof(out)));
	assert_string_equal(out, "flash-attn");
	assert_true(vit_pep503_name(VIT_STR("ruamel._-yaml"), out, sizeof(out)));
	assert_string_equal(out, "ruamel-yaml");
	assert_true(vit_pep503_name(VIT_STR("fifteen-letters"), out, sizeof(out)));
	assert_false(vit_pep503_name(VIT_STR("sixteen-letters-"), out, 8));
	assert_false(vit_pep503_name(VIT_STR(""), out, sizeof(out)));
}

static void test_requirements(void **state)
{
	struct vit_requirement r;

	(void)state;
	assert_true(vit_requirement_parse(VIT_STR("huggingface-hub[hf_xet] (<2.0,>=1.3.0) ; extra == \"x\""), &r));
	assert_true(vit_str_is(r.name, "huggingface-hub"));
	assert_true(vit_str_is(r.extras, "hf_xet"));
	assert_true(vit_str_is(r.range, "<2.0,>=1.3.0"));
	assert_true(vit_str_is(r.marker, "extra == \"x\""));
	assert_true(vit_requirement_parse(VIT_STR("numpy"), &r));
	assert_true(vit_str_is(r.range, ""));
	assert_true(vit_requirement_parse(VIT_STR("pip @ https://example.org/p.zip ; os_name == 'nt'"), &r));
	assert_true(r.is_url);
	assert_true(vit_str_is(r.marker, "os_name == 'nt'"));
	assert_false(vit_requirement_parse(VIT_STR(""), &r));
	assert_false(vit_requirement_parse(VIT_STR(">=2"), &r));
	assert_false(vit_requirement_parse(VIT_STR("a[b"), &r));
	assert_false(vit_requirement_parse(VIT_STR("a banana"), &r));
}

static void test_markers(void **state)
{
	static const struct vit_marker_env env = {
		{ "3.11", 4 }, { "3.11.7", 6 }, { "linux", 5 }, { "Linux", 5 }, { "x86_64", 6 },
		{ "posix", 5 }, { "cpython", 7 }, { "", 0 },
	};
	static const struct { const char *marker; enum vit_marker_result result; } rows[] = {
		{ "", VIT_MARKER_TRUE },
		{ "python_version >= '3.9'", VIT_MARKER_TRUE },
		{ "python_version < \"3.10\"", VIT_MARKER_FALSE }, /* as versions, not as text */
		{ "extra == 'train'", VIT_MARKER_FALSE },
		{ "sys_platform == 'linux' and platform_machine == 'x86_64'", VIT_MARKER_TRUE },
		{ "sys_platform == 'darwin' or sys_platform == 'win32'", VIT_MARKER_FALSE },
		{ "sys_platform == 'darwin' or python_version > '3' and os_name == 'posix'", VIT_MARKER_TRUE },
		{ "(sys_platform == 'linux' or extra == 'a') and extra == 'b'", VIT_MARKER_FALSE },
		{ "'linux' in sys_platform", VIT_MARKER_TRUE },
		{ "platform_machine not in 'arm64 aarch64'", VIT_MARKER_TRUE },
		{ "platform_release >= '5'", VIT_MARKER_UNKNOWN },
		{ "platform_release >= '5' and extra == 'x'", VIT_MARKER_FALSE },
		{ "python_version >=", VIT_MARKER_UNKNOWN },
		{ "(python_version >= '3'", VIT_MARKER_UNKNOWN },
		{ "((((((((((((((((((python_version >= '3'))))))))))))))))))", VIT_MARKER_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (vit_marker_decide(vit_str_c(rows[i].marker), &env) != rows[i].result)
			fail_msg("%s is not %d", rows[i].marker, (int)rows[i].result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),  cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_ranges), cmocka_unit_test(test_names),
		cmocka_unit_test(test_requirements), cmocka_unit_test(test_markers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
