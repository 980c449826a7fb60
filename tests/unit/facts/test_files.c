/* Rows by path, words for states. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "facts/files.h"

static void finds_rows(void **state)
{
	struct vit_file rows[] = { { .path = VIT_STR("a") },
				   { .path = VIT_STR("a-b") },
				   { .path = VIT_STR("a/b") },
				   { .path = VIT_STR("b") } };
	struct vit_files f = { .files = rows, .count = 4 }, none = { .count = 0 };

	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(vit_files_find(&f, rows[i].path), i);
	assert_int_equal(vit_files_find(&f, VIT_STR("")), VIT_FILE_NONE);
	assert_int_equal(vit_files_find(&f, VIT_STR("a/")), VIT_FILE_NONE);
	assert_int_equal(vit_files_find(&f, VIT_STR("c")), VIT_FILE_NONE);
	assert_int_equal(vit_files_find(&none, VIT_STR("a")), VIT_FILE_NONE);
	assert_ptr_equal(vit_files_get(&f, "a/b"), &rows[2]);
	assert_null(vit_files_get(&f, "a/b/c"));
}

static void states_in_words(void **state)
{
	static const struct {
		struct vit_file f;
		const char *word;
	} t[] = {
		{ { .type = VIT_FT_REGULAR, .size = 1 }, "present" },
		{ { .type = VIT_FT_REGULAR }, "empty" },
		{ { .type = VIT_FT_DIR }, "present" },
		{ { .type = VIT_FT_REGULAR, .size = 130, .flags = VIT_FF_LFS_POINTER },
		  "lfs-pointer" },
		{ { .type = VIT_FT_REGULAR, .size = 130, .flags = VIT_FF_HTML }, "html" },
		{ { .type = VIT_FT_REGULAR, .size = 1, .kind = VIT_FK_PARTIAL }, "partial" },
		{ { .type = VIT_FT_REGULAR, .size = 1, .flags = VIT_FF_UNREADABLE }, "unreadable" },
		{ { .type = VIT_FT_DIR, .flags = VIT_FF_UNREADABLE }, "unreadable" },
		{ { .type = VIT_FT_LINK, .flags = VIT_FF_LINK_BROKEN }, "broken-link" },
		{ { .type = VIT_FT_LINK, .flags = VIT_FF_LINK_LOOP }, "link-loop" },
		{ { .type = VIT_FT_DIR, .flags = VIT_FF_SYMLINK | VIT_FF_LINK_LOOP }, "link-loop" },
		{ { .type = VIT_FT_LINK, .flags = VIT_FF_LINK_OUTSIDE }, "link-outside" },
		{ { .type = VIT_FT_FIFO }, "special" },
		{ { .type = VIT_FT_DEVICE }, "special" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		assert_string_equal(vit_file_state(&t[i].f), t[i].word);
}

static void every_kind_has_its_own_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VIT_FK_COUNT; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(vit_file_kind_name((enum vit_file_kind)i),
						vit_file_kind_name((enum vit_file_kind)k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_rows),
		cmocka_unit_test(states_in_words),
		cmocka_unit_test(every_kind_has_its_own_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
