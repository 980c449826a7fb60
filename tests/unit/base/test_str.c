#include "base_test.h"

#include "base/str.h"

static void compares(void **state)
{
	(void)state;
	assert_true(vit_str_starts(VIT_STR("abc"), VIT_STR("ab")));
	assert_true(vit_str_starts(VIT_STR("abc"), VIT_STR("")));
	assert_false(vit_str_starts(VIT_STR("ab"), VIT_STR("abc")));
	assert_true(vit_str_ends(VIT_STR("abc"), VIT_STR("bc")));
	assert_true(vit_str_ends(VIT_STR(""), VIT_STR("")));
	assert_false(vit_str_ends(VIT_STR("bc"), VIT_STR("abc")));
	assert_int_equal(vit_str_cmp(VIT_STR("a"), VIT_STR("b")), -1);
	assert_int_equal(vit_str_cmp(VIT_STR("b"), VIT_STR("a")), 1);
	assert_int_equal(vit_str_cmp(VIT_STR("a"), VIT_STR("ab")), -1);
	assert_int_equal(vit_str_cmp(VIT_STR("ab"), VIT_STR("a")), 1);
	assert_int_equal(vit_str_cmp(VIT_STR("\x7f"), VIT_STR("\x80")), -1);
	assert_int_equal(vit_str_cmp((struct vit_str){ NULL, 0 }, VIT_STR("")), 0);
	assert_true(vit_str_ieq(VIT_STR("BFloat16"), VIT_STR("bfloat16")));
	assert_false(vit_str_ieq(VIT_STR("a"), VIT_STR("ab")));
	assert_false(vit_str_ieq(VIT_STR("@"), VIT_STR("`"))); /* 0x40, 0x60 */
	assert_true(vit_str_is(VIT_STR("x"), "x"));
	assert_false(vit_str_is(VIT_STR("x\0"), "x"));
}

static void finds(void **state)
{
	(void)state;
	struct vit_str s = VIT_STR("abcabc");
	assert_int_equal(vit_str_find(s, VIT_STR("bc"), 0), 1);
	assert_int_equal(vit_str_find(s, VIT_STR("bc"), 2), 4);
	assert_true(vit_str_find(s, VIT_STR("bc"), 5) == SIZE_MAX);
	assert_true(vit_str_find(s, VIT_STR("abcabcd"), 0) == SIZE_MAX);
	assert_int_equal(vit_str_find(s, VIT_STR(""), 6), 6);
	assert_true(vit_str_find(s, VIT_STR(""), 7) == SIZE_MAX);
	assert_int_equal(vit_str_find(VIT_STR("aab\0b"), VIT_STR("\0b"), 0), 3);
	assert_int_equal(vit_str_rchr(s, 'b'), 4);
	assert_true(vit_str_rchr(s, 'x') == SIZE_MAX);
	assert_str(vit_str_sub(s, 2, 4), "ca");
	assert_str(vit_str_sub(s, 4, 100), "bc");
	assert_str(vit_str_sub(s, 100, 200), "");
	assert_str(vit_str_sub(s, 4, 2), "");
	assert_str(vit_str_trim(VIT_STR(" \t\r\n\v\fa b \n")), "a b");
	assert_str(vit_str_trim(VIT_STR("  ")), "");
}

static void lines_and_fields(void **state)
{
	(void)state;
	struct vit_str rest = VIT_STR("a\r\n\nb\r\rc"), part;
	assert_true(vit_str_line(&rest, &part));
	assert_str(part, "a");
	assert_true(vit_str_line(&rest, &part));
	assert_str(part, "");
	assert_true(vit_str_line(&rest, &part));
	assert_str(part, "b\r\rc");
	assert_false(vit_str_line(&rest, &part));
	rest = VIT_STR("\n");
	assert_true(vit_str_line(&rest, &part));
	assert_str(part, "");
	assert_false(vit_str_line(&rest, &part));

	rest = VIT_STR("x,,y,");
	assert_true(vit_str_split(&rest, ',', &part));
	assert_str(part, "x");
	assert_true(vit_str_split(&rest, ',', &part));
	assert_str(part, "");
	assert_true(vit_str_split(&rest, ',', &part));
	assert_str(part, "y");
	assert_false(vit_str_split(&rest, ',', &part));
	rest = (struct vit_str){ NULL, 0 };
	assert_false(vit_str_split(&rest, ',', &part));
}

static void distances(void **state)
{
	(void)state;
	static const struct { const char *a, *b; unsigned cap, want; } cases[] = {
		{ "", "", 9, 0 }, { "a", "", 9, 1 }, { "kitten", "sitting", 9, 3 },
		{ "saturday", "sunday", 9, 3 }, { "flaw", "lawn", 9, 2 },
		{ "hidden_size", "hiden_size", 9, 1 }, { "abc", "xyz", 2, 2 },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct vit_str a = vit_str_c(cases[i].a), b = vit_str_c(cases[i].b);
		assert_int_equal(vit_str_distance(a, b, cases[i].cap), cases[i].want);
		assert_int_equal(vit_str_distance(b, a, cases[i].cap), cases[i].want);
	}
	char lengthy[1000];
	memset(lengthy, 'x', sizeof(lengthy));
	struct vit_str s = { lengthy, sizeof(lengthy) };
	assert_int_equal(vit_str_distance(s, s, 5), 0);
	assert_int_equal(vit_str_distance(s, VIT_STR("x"), 5), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares), cmocka_unit_test(finds),
		cmocka_unit_test(lines_and_fields), cmocka_unit_test(distances),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
