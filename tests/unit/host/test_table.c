#include "host_test.h"

#include "host/table.h"

static void rows(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_table t;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	const struct vit_table_row *row;

	(void)state;
	assert_int_equal(vit_table_parse(a, VIT_STR("# comment\n\nname\tvalue\r\nx\na\\tb\t\\x23"
						    "\\\\\t\nname\tsecond\n"),
					 "t.tsv", &t, &err), VIT_OK);
	assert_int_equal(t.count, 4);
	row = vit_table_find(&t, VIT_STR("name"), 2);
	assert_non_null(row);
	assert_str(row->fields[1], "value");
	assert_null(vit_table_find(&t, VIT_STR("x"), 2));
	assert_non_null(vit_table_find(&t, VIT_STR("x"), 1));
	row = vit_table_find(&t, VIT_STR("a\tb"), 3);
	assert_non_null(row);
	assert_str(row->fields[1], "#\\");
	assert_str(row->fields[2], "");
	vit_arena_free(a);
}

static void faults(void **state)
{
	static const char *const bad[] = { "a\\", "a\\q", "\\x2", "\\x2g", "\\xAA", "\\x" };
	struct vit_arena *a = vit_arena_new();
	struct vit_table t;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct vit_err err = { VIT_OK, 0, 0, "" };

		assert_int_equal(vit_table_parse(a, vit_str_c(bad[i]), "t.tsv", &t, &err),
				 VIT_E_SYNTAX);
		assert_int_equal(err.offset, 1);
		assert_string_equal(err.msg, "t.tsv, line 1: unknown escape");
	}
	vit_arena_free(a);
}

static void limits(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_table t;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_buf text;

	(void)state;
	vit_buf_init(&text, 4 << 20);
	for (int i = 0; i < VIT_TABLE_MAX_ROWS; i++)
		vit_buf_puts(&text, "a\n");
	assert_int_equal(vit_table_parse(a, vit_buf_view(&text), "t", &t, &err), VIT_OK);
	assert_int_equal(t.count, VIT_TABLE_MAX_ROWS);
	vit_buf_puts(&text, "a\n");
	assert_int_equal(vit_table_parse(a, vit_buf_view(&text), "t", &t, &err), VIT_E_LIMIT);
	while (text.n <= VIT_TABLE_MAX_BYTES)
		vit_buf_puts(&text, "################################################\n");
	assert_int_equal(vit_table_parse(a, vit_buf_view(&text), "t", &t, &err), VIT_E_LIMIT);
	vit_buf_release(&text);
	vit_arena_free(a);
}

static void round_trip(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_table t;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_buf text;
	char every[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		every[i] = (char)(unsigned char)(255 - i);
	vit_buf_init(&text, 1 << 16);
	vit_table_field(&text, VIT_STR("#key"), true);
	vit_table_field(&text, (struct vit_str){ every, sizeof(every) }, false);
	vit_buf_putc(&text, '\n');
	assert_int_equal(vit_table_parse(a, vit_buf_view(&text), "t", &t, &err), VIT_OK);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.rows[0].count, 2);
	assert_str(t.rows[0].fields[0], "#key");
	assert_int_equal(t.rows[0].fields[1].n, sizeof(every));
	assert_memory_equal(t.rows[0].fields[1].p, every, sizeof(every));
	vit_buf_release(&text);
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows), cmocka_unit_test(faults), cmocka_unit_test(limits),
		cmocka_unit_test(round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
