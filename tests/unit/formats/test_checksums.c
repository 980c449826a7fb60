/* Lists of digests as coreutils documents them, and locks of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "formats/checksums.h"

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define NIL "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void read_list(struct vit_arena *a, struct vit_str text, struct vit_checksums *out)
{
	vit_checksums_read(a, text, out);
}

static void assert_str(struct vit_str s, const char *expected)
{
	assert_int_equal(s.n, strlen(expected));
	assert_memory_equal(s.p, expected, s.n);
}

static void test_forms(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_checksums c;

	(void)state;
	read_list(a, VIT_STR(ABC "  a.txt\n" NIL " *b/c d.bin\nSHA256 (e (1).txt) = " ABC "\n\n# comment\n" NIL
				 "  ./dot\n"), &c);
	assert_int_equal(c.count, 4);
	assert_int_equal(c.bad_lines, 0);
	assert_str(c.rows[0].path, "a.txt");
	assert_str(c.rows[0].sha256, ABC);
	assert_str(c.rows[1].path, "b/c d.bin");
	assert_str(c.rows[2].path, "e (1).txt");
	assert_str(c.rows[2].sha256, ABC);
	assert_str(c.rows[3].path, "dot");
	assert_false(c.is_lock);
	vit_arena_free(a);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",	     "abc  a",		 ABC " a",	   ABC "  ../up",	 ABC "  /etc/passwd",
		ABC "  a/../b", "x" ABC "  a", ABC "  ",	   "\\" ABC "  bad\\x", "SHA1 (a) = " ABC,
	};
	struct vit_arena *a = vit_arena_new();

	(void)state;
	for (size_t i = 1; i < sizeof bad / sizeof bad[0]; i++) {
		struct vit_checksums c;
		struct vit_str text = vit_arena_printf(a, "# one\n%s\n", bad[i]);
		read_list(a, text, &c);
		assert_int_equal(c.count, 0);
		assert_int_equal(c.bad_lines, 1);
		assert_int_equal(c.bad_line, 2);
	}
	vit_arena_free(a);
}

/* What is written is read back, with names that need escapes. */
static void test_round_trip(void **state)
{
	static const char *const names[] = { "config.json", "a b", "line\nbreak", "back\\slash", "cr\rname" };
	struct vit_arena *a = vit_arena_new();
	struct vit_checksums c;
	struct vit_buf b;

	(void)state;
	vit_buf_init(&b, 4096);
	vit_buf_puts(&b, VIT_LOCK_HEADER "\n");
	for (size_t i = 0; i < 5; i++) {
		struct vit_checksum row = { .path = vit_str_c(names[i]), .sha256 = VIT_STR(ABC), .has_size = true,
					    .size = i * 1000 };
		vit_checksums_write(&b, &row);
	}
	read_list(a, vit_buf_view(&b), &c);
	assert_true(c.is_lock);
	assert_int_equal(c.bad_lines, 0);
	assert_int_equal(c.count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_str(c.rows[i].path, names[i]);
		assert_true(c.rows[i].has_size);
		assert_int_equal(c.rows[i].size, i * 1000);
	}
	/* GNU coreutils 9.1: printf x > $'line\nbreak'; sha256sum $'line\nbreak' begins with a backslash. */
	assert_true(vit_str_find(vit_buf_view(&b), VIT_STR("\\" ABC "  line\\nbreak\n"), 0) != SIZE_MAX);
	vit_buf_release(&b);
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
