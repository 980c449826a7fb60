#include "base_test.h"

#include <stdlib.h>

#include "base/path.h"

static void parts(void **state)
{
	(void)state;
	static const struct { const char *path, *dir, *base, *ext; } cases[] = {
		{ "model.safetensors", "", "model.safetensors", "safetensors" },
		{ "a/b/c.tar.gz", "a/b", "c.tar.gz", "gz" },
		{ "a/.gitattributes", "a", ".gitattributes", "" },
		{ "a.b/c", "a.b", "c", "" },
		{ "c.", "", "c.", "" },
		{ "", "", "", "" },
		{ "a/", "a", "", "" },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct vit_str path = vit_str_c(cases[i].path);
		assert_true(vit_str_is(vit_path_dir(path), cases[i].dir));
		assert_true(vit_str_is(vit_path_base(path), cases[i].base));
		assert_true(vit_str_is(vit_path_ext(path), cases[i].ext));
	}
}

static void join(void **state)
{
	(void)state;
	struct vit_arena *a = vit_arena_new();
	assert_str(vit_path_join(a, VIT_STR("a/b"), VIT_STR("c")), "a/b/c");
	assert_str(vit_path_join(a, VIT_STR("a/"), VIT_STR("c")), "a/c");
	assert_str(vit_path_join(a, VIT_STR(""), VIT_STR("c")), "c");
	struct vit_str s = vit_path_join(a, VIT_STR("a"), VIT_STR("\0x"));
	assert_str(s, "a/\0x");
	assert_int_equal(s.p[s.n], 0);
	vit_arena_free(a);
}

static void plain(void **state)
{
	(void)state;
	static const char *const good[] = { "a", "a/b", "..a", "a..", ".a/b", "...", "a b/\xff" };
	static const char *const bad[] = {
		"", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "a/../b", "../a", "a\\b",
	};
	for (size_t i = 0; i < LENGTH(good); i++)
		assert_true(vit_path_is_plain(vit_str_c(good[i])));
	for (size_t i = 0; i < LENGTH(bad); i++)
		assert_false(vit_path_is_plain(vit_str_c(bad[i])));
	assert_false(vit_path_is_plain((struct vit_str){ "a\0b", 3 }));
}

static void resolve(void **state)
{
	(void)state;
	static const struct { const char *dir, *target, *want; } cases[] = {
		{ "a/b", "../c", "a/c" }, { "a/b", "c", "a/b/c" }, { "", "c", "c" },
		{ "a/b", "../..", "" }, { "a/b", "../../c", "c" }, { "a/b", "../../../c", NULL },
		{ "", "..", NULL }, { "a", "/etc", NULL }, { "/a", "b", NULL },
		{ "a", "./b/./c//d/", "a/b/c/d" }, { "a", "", "a" },
		{ "snapshots/x", "../../blobs/y", "blobs/y" }, { "a", "b/../../../x", NULL },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct vit_buf out;
		vit_buf_init(&out, 100);
		vit_buf_puts(&out, "/root/");
		bool ok = vit_path_resolve(&out, vit_str_c(cases[i].dir),
					   vit_str_c(cases[i].target));
		assert_int_equal(ok, cases[i].want != NULL);
		assert_memory_equal(out.p, "/root/", 6);
		assert_string_equal(out.p + 6, cases[i].want ? cases[i].want : "");
		vit_buf_release(&out);
	}
	struct vit_buf out;
	vit_buf_init(&out, 3);
	assert_false(vit_path_resolve(&out, VIT_STR("ab"), VIT_STR("cd")));
	assert_int_equal(out.n, 0);
	vit_buf_release(&out);
}

static void glob(void **state)
{
	(void)state;
	static const struct { const char *pattern, *path; bool match; } cases[] = {
		{ "", "", true }, { "", "a", false }, { "a", "", false }, { "*", "", true },
		{ "*.json", "config.json", true }, { "*.json", "a/config.json", false },
		{ "*.json", ".json", true }, { "*.json", "config.jsonx", false },
		{ "**", "a/b/c", true }, { "**", "", true },
		{ "**.json", "a/b/config.json", true },
		{ "**/*.json", "config.json", true }, { "**/*.json", "a/b/config.json", true },
		{ "a/**/b", "a/b", true }, { "a/**/b", "a/x/y/b", true },
		{ "a/**/b", "ab", false }, { "a/**/b", "a/xb", false },
		{ "a/**", "a/b/c", true }, { "a/**", "a", false }, { "a/**", "b/a/c", false },
		{ "m-????" "?-of-????" "?.st", "m-00001-of-00002.st", true }, /* no trigraphs */
		{ "m-????" "?-of-????" "?.st", "m-0001-of-00002.st", false },
		{ "?", "/", false }, { "a?b", "a/b", false }, { "?", "\xc3\xa9", true },
		{ "??", "\xc3\xa9", false }, { "?", "\xff", true },
		{ "[a-c]x", "bx", true }, { "[a-c]x", "dx", false }, { "[!a-c]x", "dx", true },
		{ "[^a-c]x", "bx", false }, { "[!a]", "/", false }, { "[]]", "]", true },
		{ "[!]]", "]", false }, { "[a-]", "-", true }, { "[-a]", "-", true },
		{ "[/]", "/", false }, { "[a", "[a", true }, { "[", "[", true },
		{ "[\xc3\xa0-\xc3\xbf]", "\xc3\xa9", true }, { "[z-a]", "m", false },
		{ "\\*", "*", true }, { "\\*", "x", false }, { "\\", "\\", true },
		{ "a*b*c", "aXbYc", true }, { "a*b*c", "abcbd", false },
		{ "*a*b", "aaab", true }, { "a*", "a/b", false }, { "*/b", "a/b", true },
		{ "*/b", "a/c/b", false }, { "a***b", "a/x/b", true },
		{ "metal/*", "metal/model.bin", true }, { "*b*", "abc", true },
		{ "**/x/**", "x/y", true }, { "**/x/**", "a/x/y/z", true },
		{ "**/x/**", "a/y/z", false }, { "x**/a", "x/y/a", true },
	};
	for (size_t i = 0; i < LENGTH(cases); i++)
		if (vit_path_glob(vit_str_c(cases[i].pattern), vit_str_c(cases[i].path)) !=
		    cases[i].match)
			fail_msg("'%s' against '%s'", cases[i].pattern, cases[i].path);
	assert_true(vit_path_glob(VIT_STR("a?b"), VIT_STR("a\0b")));
}

/* Backtracking would need C(2000, 20) steps for this one. */
static void glob_is_not_exponential(void **state)
{
	(void)state;
	char path[2001], pattern[600];
	size_t n = 0;
	memset(path, 'a', 2000);
	path[2000] = 0;
	for (int i = 0; i < 100; i++) {
		memcpy(pattern + n, i % 2 ? "**a" : "*a", i % 2 ? 3 : 2);
		n += i % 2 ? 3 : 2;
	}
	pattern[n++] = 'b';
	assert_false(vit_path_glob((struct vit_str){ pattern, n }, vit_str_c(path)));
	assert_true(vit_path_glob((struct vit_str){ pattern, n - 1 }, vit_str_c(path)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts), cmocka_unit_test(join), cmocka_unit_test(plain),
		cmocka_unit_test(resolve), cmocka_unit_test(glob),
		cmocka_unit_test(glob_is_not_exponential),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
