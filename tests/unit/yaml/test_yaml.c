/* The YAML reader: what it keeps, what it refuses and where it says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "yaml/yaml.h"

static void test_tree(void **state)
{
	static const char text[] = "a: 1\nb:\n  - x\n  - \"2\"\n  - {c: true, d: }\n";
	struct vit_arena *a = vit_arena_new();
	const struct vit_yaml *doc, *b, *map;
	struct vit_err err = { .code = VIT_OK };
	int64_t i = 0;
	bool yes = false;

	(void)state;
	assert_int_equal(vit_yaml_parse(a, vit_str_c(text), VIT_STR("f"), &doc, &err), VIT_OK);
	assert_int_equal(doc->kind, VIT_YAML_MAPPING);
	assert_int_equal(doc->count, 2);
	assert_true(vit_yaml_i64(vit_yaml_get(doc, "a"), &i));
	assert_int_equal(i, 1);
	b = vit_yaml_get(doc, "b");
	assert_int_equal(b->kind, VIT_YAML_SEQUENCE);
	assert_int_equal(b->key_line, 2);
	assert_int_equal(b->key_column, 1);
	assert_int_equal(b->children[0].line, 3);
	assert_int_equal(b->children[0].column, 5);
	assert_false(vit_yaml_i64(&b->children[1], &i)); /* quoted: a text */
	assert_true(vit_str_is(b->children[1].text, "2"));
	map = &b->children[2];
	assert_true(vit_yaml_bool(vit_yaml_get(map, "c"), &yes));
	assert_true(yes);
	assert_true(vit_yaml_is_null(vit_yaml_get(map, "d")));
	assert_null(vit_yaml_get(map, "e"));
	assert_null(vit_yaml_get(b, "a"));
	assert_string_equal(vit_yaml_kind_name(map), "mapping");
	vit_arena_free(a);
}

static void test_scalars(void **state)
{
	static const struct {
		const char *text;
		bool null, boolean, integer, number;
	} rows[] = {
		{ "~", true, false, false, false },
		{ "null", true, false, false, false },
		{ "\"null\"", false, false, false, false },
		{ "true", false, true, false, false },
		{ "yes", false, false, false, false }, /* YAML 1.1's surprise */
		{ "on", false, false, false, false },
		{ "-7", false, false, true, true },
		{ "1.5", false, false, false, true },
		{ "1e-05", false, false, false, true },
		{ "0x10", false, false, false, false },
		{ "9223372036854775808", false, false, false, true },
		{ "'1'", false, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vit_arena *a = vit_arena_new();
		const struct vit_yaml *doc;
		struct vit_err err;
		int64_t n;
		double d;
		bool b;

		assert_int_equal(vit_yaml_parse(a, vit_str_c(rows[i].text), VIT_STR("f"), &doc,
						&err), VIT_OK);
		assert_int_equal(vit_yaml_is_null(doc), rows[i].null);
		assert_int_equal(vit_yaml_bool(doc, &b), rows[i].boolean);
		assert_int_equal(vit_yaml_i64(doc, &n), rows[i].integer);
		assert_int_equal(vit_yaml_double(doc, &d), rows[i].number);
		vit_arena_free(a);
	}
}

static void test_refusals(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "", "f:1:1: the document is empty" },
		{ "# only a comment\n", "f:1:1: the document is empty" },
		{ "a: &x 1\n", "f:1:4: anchors are not allowed" },
		{ "a: 1\nb: *x\n", "f:2:4: aliases are not allowed" },
		{ "a: &x [1]\n", "f:1:4: anchors are not allowed" },
		{ "a: &x {b: 1}\n", "f:1:4: anchors are not allowed" },
		{ "a: !!int 1\n", "f:1:4: tags are not allowed" },
		{ "a: !x [1]\n", "f:1:4: tags are not allowed" },
		{ "a: !x {b: 1}\n", "f:1:4: tags are not allowed" },
		{ "a: 1\n---\nb: 2\n", "f:2:1: a second document" },
		{ "a: 1\nb: 2\na: 3\n", "f:3:1: key \"a\" stands twice" },
		{ "x: {k: 1, k: 2}\n", "f:1:11: key \"k\" stands twice" },
		{ "? [a]\n: 1\n", "f:1:3: a key must be a plain text" },
		{ "a: [1, 2\n", "f:2:1: did not find expected ',' or ']'" },
		{ "a: \"x\n", "f:2:1: found unexpected end of stream" },
		{ "\ta: 1\n", "f:1:1: found character that cannot start any token" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vit_arena *a = vit_arena_new();
		const struct vit_yaml *doc;
		struct vit_err err = { .code = VIT_OK };

		assert_int_not_equal(vit_yaml_parse(a, vit_str_c(rows[i].text), VIT_STR("f"),
						    &doc, &err), VIT_OK);
		assert_string_equal(err.msg, rows[i].message);
		vit_arena_free(a);
	}
}

static enum vit_errc parse_buf(struct vit_buf *text, struct vit_err *err)
{
	struct vit_arena *a = vit_arena_new();
	const struct vit_yaml *doc;
	enum vit_errc rc = vit_yaml_parse(a, vit_buf_view(text), VIT_STR("f"), &doc, err);

	vit_arena_free(a);
	return rc;
}

static void test_depth(void **state)
{
	struct vit_err err = { .code = VIT_OK };
	struct vit_buf text;

	(void)state;
	vit_buf_init(&text, 1000);
	for (int i = 0; i < 32; i++)
		vit_buf_putc(&text, '[');
	for (int i = 0; i < 32; i++)
		vit_buf_putc(&text, ']');
	assert_int_equal(parse_buf(&text, &err), VIT_OK);
	vit_buf_clear(&text);
	for (int i = 0; i < 33; i++)
		vit_buf_putc(&text, '[');
	for (int i = 0; i < 33; i++)
		vit_buf_putc(&text, ']');
	assert_int_equal(parse_buf(&text, &err), VIT_E_LIMIT);
	assert_string_equal(err.msg, "f:1:33: nested deeper than 32 levels");
	vit_buf_release(&text);
}

static void test_nodes(void **state)
{
	struct vit_err err = { .code = VIT_OK };
	struct vit_buf text;

	(void)state;
	vit_buf_init(&text, 2u << 20);
	vit_buf_putc(&text, '[');
	for (int i = 0; i < 99999; i++) /* with the list itself 100,000 */
		vit_buf_puts(&text, "1,\n");
	vit_buf_putc(&text, ']');
	assert_int_equal(parse_buf(&text, &err), VIT_OK);
	text.n--;
	vit_buf_puts(&text, "1]");
	assert_int_equal(parse_buf(&text, &err), VIT_E_LIMIT);
	assert_string_equal(err.msg, "f:100000:1: more than 100,000 nodes");
	vit_buf_release(&text);
}

static void test_size(void **state)
{
	struct vit_err err = { .code = VIT_OK };
	struct vit_buf text;

	(void)state;
	vit_buf_init(&text, 2u << 20);
	vit_buf_puts(&text, "a: 1\n#");
	while (text.n < (1u << 20))
		vit_buf_putc(&text, 'x');
	assert_int_equal(parse_buf(&text, &err), VIT_OK);
	vit_buf_putc(&text, 'x');
	assert_int_equal(parse_buf(&text, &err), VIT_E_LIMIT);
	assert_string_equal(err.msg, "f:1:1: larger than 1 MiB");
	vit_buf_release(&text);
}

static void test_invalid_utf8(void **state)
{
	static const char text[] = "b:\na: \xff\n";
	struct vit_arena *a = vit_arena_new();
	const struct vit_yaml *doc;
	struct vit_err err = { .code = VIT_OK };

	(void)state;
	assert_int_equal(vit_yaml_parse(a, vit_str_c(text), VIT_STR("f"), &doc, &err),
			 VIT_E_SYNTAX);
	assert_int_equal(err.offset, 6);
	assert_string_equal(err.msg, "f:2:4: invalid leading UTF-8 octet");
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree), cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_refusals), cmocka_unit_test(test_depth),
		cmocka_unit_test(test_nodes), cmocka_unit_test(test_size),
		cmocka_unit_test(test_invalid_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
