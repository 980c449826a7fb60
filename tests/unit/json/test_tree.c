#include "json_test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "json/tree.h"

static struct vit_arena *arena;
static struct vit_json_doc doc;

static const struct vit_json *parse(struct vit_str text, unsigned options)
{
	struct vit_err err = { 0 };
	if (vit_json_parse(arena, text, options, &doc, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	return doc.root;
}

static int setup(void **state)
{
	(void)state;
	arena = vit_arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vit_arena_free(arena);
	return 0;
}

static const char config[] =
	"{\n"
	"  \"architectures\": [\"GptOssForCausalLM\"],\n"
	"  \"rope_scaling\": {\"factor\": 32.0, \"truncate\": false, \"none\": null},\n"
	"\t\"hidden_size\": 2880, \"big\": 18446744073709551615,\n"
	"  \"min\": -9223372036854775808\n"
	"}";

static void values_have_kinds_and_places(void **state)
{
	(void)state;
	const struct vit_json *root = parse(vit_str_c(config), 0);
	assert_int_equal(root->kind, VIT_JSON_K_OBJECT);
	assert_int_equal(root->count, 5);
	assert_int_equal(root->line, 1);
	assert_int_equal(root->column, 1);
	const struct vit_json *v = vit_json_get_c(root, "hidden_size");
	assert_non_null(v);
	assert_int_equal(vit_json_int(v, -1), 2880);
	assert_int_equal(v->line, 4);
	assert_int_equal(v->column, 2); /* of the key */
	assert_memory_equal(config + v->offset, "2880", 4);
	v = vit_json_at(root, VIT_STR("rope_scaling.factor"));
	assert_non_null(v);
	assert_true(v->number == 32.0);
	assert_int_equal(v->flags & VIT_JSON_INTEGER, 0);
	assert_int_equal(vit_json_int(v, -7), -7);
	assert_int_equal(v->line, 3);
	assert_int_equal(v->column, 20);
	v = vit_json_at(root, VIT_STR("rope_scaling.truncate"));
	assert_false(vit_json_bool(v, true));
	assert_true(vit_json_is_null(vit_json_at(root, VIT_STR("rope_scaling.none"))));
	assert_null(vit_json_at(root, VIT_STR("rope_scaling.absent.deeper")));
	assert_null(vit_json_at(root, VIT_STR("hidden_size.x")));
	v = vit_json_get_c(root, "architectures");
	assert_int_equal(v->kind, VIT_JSON_K_ARRAY);
	assert_int_equal(v->count, 1);
	assert_str(vit_json_string(&v->children[0]), "GptOssForCausalLM");
	assert_int_equal(v->children[0].line, 2);
	assert_int_equal(v->children[0].column, 21);
	assert_str(v->children[0].key, "");
	v = vit_json_get_c(root, "big");
	assert_true(v->flags & VIT_JSON_U64);
	assert_true(v->u64 == UINT64_MAX);
	assert_int_equal(vit_json_int(v, 3), 3);
	assert_true(vit_json_int(vit_json_get_c(root, "min"), 0) == INT64_MIN);
	assert_int_equal(doc.duplicate_count, 0);
	assert_false(doc.had_bom);
}

static void children_keep_the_order_of_the_document(void **state)
{
	(void)state;
	const struct vit_json *root = parse(VIT_STR("{\"z\":[3,1,2],\"a\":{},\"m\":\"\"}"), 0);
	assert_str(root->children[0].key, "z");
	assert_str(root->children[1].key, "a");
	assert_str(root->children[2].key, "m");
	assert_int_equal(root->children[0].children[0].i64, 3);
	assert_int_equal(root->children[0].children[2].i64, 2);
	assert_int_equal(root->children[1].count, 0);
	static const char *const scalars[] = { "null", "true", "-1.5", "\"x\"", "[]", "{}" };
	static const enum vit_json_kind kinds[] = {
		VIT_JSON_K_NULL, VIT_JSON_K_BOOL, VIT_JSON_K_NUMBER, VIT_JSON_K_STRING,
		VIT_JSON_K_ARRAY, VIT_JSON_K_OBJECT,
	};
	for (size_t i = 0; i < LENGTH(scalars); i++)
		assert_int_equal(parse(vit_str_c(scalars[i]), 0)->kind, kinds[i]);
}

static void look_up_is_exact(void **state)
{
	(void)state;
	struct vit_buf text;
	vit_buf_init(&text, 1 << 20);
	for (unsigned count = 0; count < 40; count++) {
		vit_buf_clear(&text);
		vit_buf_putc(&text, '{');
		for (unsigned i = 0; i < count; i++)
			vit_buf_printf(&text, "%s\"key%u\":%u", i ? "," : "", i, i);
		vit_buf_putc(&text, '}');
		const struct vit_json *root = parse(vit_buf_view(&text), 0);
		for (unsigned i = 0; i < count; i++) {
			char key[16], other[16];
			snprintf(key, sizeof(key), "key%u", i);
			snprintf(other, sizeof(other), "Key%u", i);
			assert_ptr_equal(vit_json_get_c(root, key), &root->children[i]);
			assert_null(vit_json_get_c(root, other));
		}
		assert_null(vit_json_get_c(root, "key"));
		assert_null(vit_json_get_c(root, ""));
	}
	vit_buf_release(&text);
	assert_null(vit_json_get_c(NULL, "a"));
	assert_null(vit_json_get_c(parse(VIT_STR("[1]"), 0), "a"));
}

static void repeated_keys_are_found(void **state)
{
	(void)state;
	const struct vit_json *root = parse(VIT_STR(
		"{\"a\":1,\n\"b\":[0,{\"x/y~z\":1,\"x/y~z\":2}],\n\"a\":3, \"A\":4,\n\"\\u0061\":5}"), 0);
	assert_int_equal(doc.duplicate_count, 3);
	assert_str(doc.duplicates[0].pointer, "/b/1/x~1y~0z");
	assert_int_equal(doc.duplicates[0].line, 2);
	assert_int_equal(doc.duplicates[0].offset, 34);
	assert_str(doc.duplicates[1].pointer, "/a");
	assert_int_equal(doc.duplicates[1].line, 3);
	assert_str(doc.duplicates[2].pointer, "/a");
	assert_int_equal(doc.duplicates[2].line, 4);
	assert_int_equal(root->count, 5);
	assert_int_equal(vit_json_int(vit_json_get_c(root, "a"), 0), 5);
	assert_int_equal(vit_json_int(vit_json_get_c(root, "A"), 0), 4);

	struct vit_buf text;
	vit_buf_init(&text, 1 << 20);
	vit_buf_puts(&text, "[{}, {\"outer\": {");
	for (unsigned i = 0; i < 200; i++)
		vit_buf_printf(&text, "%s\"k%u\":%u", i ? "," : "", i % 20, i);
	vit_buf_puts(&text, "}}]");
	root = parse(vit_buf_view(&text), 0);
	assert_int_equal(doc.duplicate_count, 180);
	assert_str(doc.duplicates[0].pointer, "/1/outer/k0");
	assert_str(doc.duplicates[63].pointer, "/1/outer/k3");
	const struct vit_json *outer = vit_json_get_c(&root->children[1], "outer");
	assert_int_equal(outer->count, 200);
	assert_int_equal(vit_json_int(vit_json_get_c(outer, "k7"), 0), 187);
	vit_buf_release(&text);
}

static void what_cjson_mishandles_is_right(void **state)
{
	(void)state;
	const unsigned options = VIT_JSON_ALLOW_NAN | VIT_JSON_ALLOW_LONE_SURROGATE |
				 VIT_JSON_ALLOW_BOM;
	const struct vit_json *root = parse(VIT_STR(
		"\xef\xbb\xbf{\"a\\u0000b\":\"x\\u0000y\",\"a\\u0000c\":NaN,\"\\ud800\":\"\\udc00!\","
		"\"i\":[Infinity,-Infinity,1e999],\"\":0,"
		"\"n\":1000000000000000000000000000000000000000000000000000000000000000000000000000000,"
		"\"f\":0.333333333333333333333333333333333333333333333333333333333333333333333333333333}"),
		options);
	assert_true(doc.had_bom);
	assert_true(doc.had_nonfinite);
	assert_int_equal(doc.duplicate_count, 0);
	const struct vit_json *v = vit_json_get(root, VIT_STR("a\0b"));
	assert_non_null(v);
	assert_str(v->string, "x\0y");
	assert_true(v->flags & VIT_JSON_ESCAPED_NUL);
	v = vit_json_get(root, VIT_STR("a\0c"));
	assert_true(isnan(v->number));
	assert_int_equal(v->kind, VIT_JSON_K_NUMBER);
	assert_true(v->flags & VIT_JSON_NONFINITE);
	v = vit_json_get_c(root, "\xef\xbf\xbd");
	assert_str(v->string, "\xef\xbf\xbd!");
	v = vit_json_get_c(root, "i");
	assert_true(v->children[0].number == (double)INFINITY);
	assert_true(v->children[1].number == -(double)INFINITY);
	assert_true(v->children[2].number == (double)INFINITY);
	assert_int_equal(vit_json_int(vit_json_get_c(root, ""), 1), 0);
	assert_true(vit_json_get_c(root, "n")->number == 1e78);
	assert_true(vit_json_get_c(root, "f")->number == 1.0 / 3);
	assert_null(vit_json_get_c(root, "a"));

	parse(VIT_STR("[1e999]"), 0);
	assert_false(doc.had_nonfinite); /* too large is not "Infinity" */
	root = parse(VIT_STR("{\"a\":1} trailing"), VIT_JSON_ALLOW_TRAILING);
	assert_int_equal(root->count, 1);
}

static void the_table_of_json_holds_for_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < good_count; i++) {
		struct vit_err err = { 0 };
		if (vit_json_parse(arena, good_cases[i].text, good_cases[i].options, &doc, &err))
			fail_msg("%.*s: %s", VIT_FMT(good_cases[i].text), err.msg);
		assert_non_null(doc.root);
	}
	for (size_t i = 0; i < bad_count; i++) {
		const struct bad_case *c = &bad_cases[i];
		struct vit_err err = { 0 };
		assert_int_equal(vit_json_parse(arena, c->text, c->options, &doc, &err),
				 VIT_E_SYNTAX);
		assert_int_equal(err.offset, c->offset);
		assert_null(doc.root);
		assert_memory_equal(err.msg, "line ", 5);
		if (c->message && !strstr(err.msg, c->message))
			fail_msg("%s", err.msg);
	}
}

static void errors_name_line_and_column(void **state)
{
	(void)state;
	struct vit_err err = { 0 };
	assert_int_equal(vit_json_parse(arena, VIT_STR("{\n  \"a\": 1,\n  \"b\": x\n}"), 0, &doc,
					&err), VIT_E_SYNTAX);
	assert_string_equal(err.msg,
			    "line 3, column 8: expected a value, found 'x' at offset 19");
	assert_int_equal(err.offset, 19);
	char deep[300];
	memset(deep, '[', sizeof(deep));
	assert_int_equal(vit_json_parse(arena, (struct vit_str){ deep, sizeof(deep) }, 0, &doc,
					&err), VIT_E_LIMIT);
	assert_string_equal(err.msg,
			    "line 1, column 129: nesting deeper than 128 levels at offset 128");
}

static void size_and_count_are_limited(void **state)
{
	(void)state;
	struct vit_err err = { 0 };
	/* The text must not be looked at: its length alone is too much. */
	assert_int_equal(vit_json_parse(arena, (struct vit_str){ "1", VIT_JSON_DOC_MAX + 1 }, 0,
					&doc, &err), VIT_E_LIMIT);
	assert_string_equal(err.msg, "a JSON document over 64 MiB");
	size_t n = 2 * (size_t)VIT_JSON_VALUES_MAX + 1;
	char *text = malloc(n);
	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		text[i] = i % 2 ? '0' : ',';
	text[0] = '[';
	text[n - 1] = ']';
	size_t before = vit_arena_bytes(arena);
	assert_int_equal(vit_json_parse(arena, (struct vit_str){ text, n }, 0, &doc, &err),
			 VIT_E_LIMIT);
	assert_non_null(strstr(err.msg, "more than 2,000,000 JSON values"));
	assert_int_equal(vit_arena_bytes(arena), before);
	free(text);
}

static void wide_and_deep_documents(void **state)
{
	(void)state;
	struct vit_buf text;
	vit_buf_init(&text, 16 << 20);
	vit_buf_puts(&text, "{\"weight_map\":{\n");
	for (unsigned i = 0; i < 20000; i++)
		vit_buf_printf(&text, "%s\"layers.%u.weight\":\"f%u\"", i ? ",\n" : "", i, i % 7);
	vit_buf_puts(&text, "}}");
	const struct vit_json *map = vit_json_get_c(parse(vit_buf_view(&text), 0), "weight_map");
	assert_int_equal(map->count, 20000);
	for (unsigned i = 0; i < 20000; i++) {
		char key[40], file[8];
		snprintf(key, sizeof(key), "layers.%u.weight", i);
		snprintf(file, sizeof(file), "f%u", i % 7);
		const struct vit_json *v = vit_json_get_c(map, key);
		assert_ptr_equal(v, &map->children[i]);
		assert_true(vit_str_is(v->string, file));
		assert_int_equal(v->line, i + 2);
		assert_int_equal(v->column, 1);
	}
	vit_buf_clear(&text);
	for (int i = 0; i < VIT_JSON_MAX_DEPTH / 2; i++)
		vit_buf_puts(&text, "[{\"a\":");
	vit_buf_puts(&text, "7");
	for (int i = 0; i < VIT_JSON_MAX_DEPTH / 2; i++)
		vit_buf_puts(&text, "}]");
	const struct vit_json *v = parse(vit_buf_view(&text), 0);
	for (int i = 0; i < VIT_JSON_MAX_DEPTH / 2; i++)
		v = vit_json_get_c(&v->children[0], "a");
	assert_int_equal(vit_json_int(v, 0), 7);
	vit_buf_release(&text);
}

static void brief_is_one_harmless_line(void **state)
{
	(void)state;
	static const struct { const char *text; size_t max; const char *want; } cases[] = {
		{ "{\"a\":[1,-2.5,true,null],\"b\":{}}", 100,
		  "{\"a\": [1, -2.5, true, null], \"b\": {}}" },
		{ "\"x\\n\\u001b[31m\\u202e\\\"q\\\"\"", 100,
		  "\"x\\n\\x1b[31m\\u202e\\\"q\\\"\"" },
		{ "[1,2,3,4,5]", 7, "[1, 2, ..." }, { "[1,2]", 6, "[1, 2]" },
		{ "18446744073709551615", 100, "18446744073709551615" },
		{ "-0", 100, "-0" }, { "1e400", 100, "inf" },
		{ "\"\xc3\xa9\xc3\xa9\"", 4, "\"\xc3\xa9..." }, { "null", 0, "..." },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct vit_buf out;
		vit_buf_init(&out, 1000);
		vit_json_brief(&out, parse(vit_str_c(cases[i].text), 0), cases[i].max);
		assert_string_equal(out.p, cases[i].want);
		vit_buf_release(&out);
	}
}

static void kinds_have_names(void **state)
{
	(void)state;
	static const struct { const char *text, *want; } cases[] = {
		{ "null", "null" }, { "true", "boolean" }, { "1", "integer" }, { "1.0", "number" },
		{ "\"\"", "string" }, { "[]", "array" }, { "{}", "object" },
	};
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_string_equal(vit_json_kind_name(parse(vit_str_c(cases[i].text), 0)),
				    cases[i].want);
	assert_string_equal(vit_json_kind_name(NULL), "nothing");
	assert_str(vit_json_string(NULL), "");
	assert_int_equal(vit_json_int(NULL, 4), 4);
	assert_true(vit_json_bool(NULL, true));
	assert_true(vit_json_is_null(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_have_kinds_and_places),
		cmocka_unit_test(children_keep_the_order_of_the_document),
		cmocka_unit_test(look_up_is_exact),
		cmocka_unit_test(repeated_keys_are_found),
		cmocka_unit_test(what_cjson_mishandles_is_right),
		cmocka_unit_test(the_table_of_json_holds_for_trees),
		cmocka_unit_test(errors_name_line_and_column),
		cmocka_unit_test(size_and_count_are_limited),
		cmocka_unit_test(wide_and_deep_documents),
		cmocka_unit_test(brief_is_one_harmless_line),
		cmocka_unit_test(kinds_have_names),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
