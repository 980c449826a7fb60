/* The loader: the built-in specs load, and what it refuses it names with place and nearest key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "spec/spec.h"

static struct vit_spec_db *database(struct vit_arena *a)
{
	struct vit_spec_db *db = NULL;
	struct vit_err err = { .code = VIT_OK };

	if (vit_spec_db_new(a, &db, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	return db;
}

static void test_built_in(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_spec_db *db = database(a);

	(void)state;
	assert_true(vit_spec_embedded_count > 20);
	assert_int_equal(vit_spec_db_count(db), vit_spec_embedded_count);
	for (size_t i = 1; i < vit_spec_db_count(db); i++) {
		const struct vit_spec *x = vit_spec_db_at(db, i - 1), *y = vit_spec_db_at(db, i);

		assert_true(x->kind < y->kind || (x->kind == y->kind && vit_str_cmp(x->id, y->id) < 0));
	}
	assert_non_null(vit_spec_db_find(db, VIT_STR("gpt_oss")));
	assert_null(vit_spec_db_find(db, VIT_STR("nothing")));
	vit_arena_free(a);
}

static void test_pin_files(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_spec_db *db = database(a);
	const struct vit_spec *s = vit_spec_db_find(db, VIT_STR("gpt-oss-20b"));
	uint64_t shards = 0;

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->kind, VIT_SPEC_MODEL);
	assert_true(vit_str_is(s->parent->id, "gpt_oss"));
	for (uint32_t i = 0; i < s->file_count; i++)
		if (vit_str_starts(s->files[i].path, VIT_STR("model-")))
			shards += s->files[i].versions[0].bytes;
	assert_int_equal(shards, 13761316904u); /* the three shards as published */
	vit_arena_free(a);
}

#define HEAD "schema: vitalis-spec/1\nkind: family\nid: x\nmatch: {model_type: x}\n"

static void test_refusals(void **state)
{
	static const struct {
		const char *yaml, *message;
	} rows[] = {
		{ "id: x\n", "f:1:1: `schema: vitalis-spec/1` is missing" },
		{ "schema: vitalis-spec/2\n", "f:1:9: the schema must be vitalis-spec/1" },
		{ "schema: vitalis-spec/1\n",
		  "f:1:1: `kind` is missing (family, overlay, model, requirements)" },
		{ "schema: vitalis-spec/1\nkind: familie\n",
		  "f:2:7: no such kind (family, overlay, model, requirements)" },
		{ "schema: vitalis-spec/1\nkind: family\n", "f:1:1: `id` is missing" },
		{ "schema: vitalis-spec/1\nkind: family\nid: x\n", "f:1:1: `match` is missing" },
		{ "schema: vitalis-spec/1\nkind: family\nid: llama\nmatch: {model_type: x}\n",
		  "f:3:5: the id \"llama\" is taken by built-in families/llama.yaml" },
		{ HEAD "tensor: []\n", "f:5:1: unknown key \"tensor\", did you mean \"tensors\"?" },
		{ HEAD "zzzzzzzz: []\n", "f:5:1: unknown key \"zzzzzzzz\"" },
		{ HEAD "config:\n  a: {type: integr}\n",
		  "f:6:13: no such type (integer, number, string, boolean, list, object, any)" },
		{ HEAD "config:\n  a: {minn: 1}\n",
		  "f:6:7: unknown key \"minn\", did you mean \"min\"?" },
		{ HEAD "config:\n  a: {required: yes}\n", "f:6:17: true or false is expected here" },
		{ HEAD "config:\n  a: {min: 1 +}\n",
		  "f:6:15: expression: the expression ends where a value is expected" },
		{ HEAD "config:\n  a: {default: a}\n", "f:6:1: the default of \"a\" refers to itself" },
		{ HEAD "dimensions: {q: k, k: q}\n",
		  "f:5:17: dimension \"q\" refers to itself (the field of that name is config.q)" },
		{ HEAD "dimensions: {1q: 2}\n",
		  "f:5:14: a dimension is a name of letters, digits and _" },
		{ HEAD "rules: [{says: x}]\n", "f:5:9: a rule needs `check`" },
		{ HEAD "rules: [{check: \"1\", level: info}]\n",
		  "f:5:29: error or warning is expected here" },
		{ HEAD "tensors: {}\n", "f:5:10: a list is expected here, not a mapping" },
		{ HEAD "tensors: [{shape: [1]}]\n", "f:5:11: a tensor needs `name`" },
		{ HEAD "tensors: [{name: a, shape: [1], dtype: BF17}]\n",
		  "f:5:40: no dtype \"BF17\"" },
		{ HEAD "tensors: [{name: a, shape: [1], role: heads}]\n",
		  "f:5:39: no role \"heads\"" },
		{ HEAD "tensors: [{name: \"a{l\", shape: [1]}]\n", "f:5:18: a { without } in a name" },
		{ HEAD "tensors: [{name: a, shape: [1,1,1,1,1,1,1,1,1]}]\n",
		  "f:5:28: a shape has at most 8 sizes" },
		{ HEAD "tensors: [{for: {l: 0..1}, tensors: [{name: a, shapes: [1]}]}]\n",
		  "f:5:48: unknown key \"shapes\", did you mean \"shape\"?" },
		{ HEAD "tensors: [{for: {}, tensors: []}]\n",
		  "f:5:17: `for` takes one to four variables" },
		{ HEAD "tensors: [{one_of: []}]\n", "f:5:20: `one_of` needs alternatives" },
		{ HEAD "moe: {experts: 1}\n", "f:5:6: moe needs `experts` and `per_token`" },
		{ "schema: vitalis-spec/1\nkind: model\nid: x\n", "f:1:1: a model needs `family`" },
		{ "schema: vitalis-spec/1\nkind: model\nid: x\nfamily: lama\n",
		  "f:4:9: no spec \"lama\", did you mean \"llama\"?" },
		{ "schema: vitalis-spec/1\nkind: requirements\nid: x\nextends: gptq\n",
		  "f:4:10: an overlay cannot be extended" },
		{ "schema: vitalis-spec/1\nkind: model\nid: x\nfamily: llama\nidentify: [a]\n",
		  "f:5:11: identify: \"a\" is not among `values`" },
		{ "schema: vitalis-spec/1\nkind: model\nid: x\nfamily: llama\n"
		  "files: [{path: ../x}]\n",
		  "f:5:16: a path below the model folder is expected here" },
		{ "schema: vitalis-spec/1\nkind: model\nid: x\nfamily: llama\n"
		  "files: [{path: x, sha256: abc}]\n", "f:5:27: 64 digits are expected here, not 3" },
		{ "schema: vitalis-spec/1\nkind: overlay\nid: x\nmatch: {quant_method: q}\n",
		  "f:1:1: an overlay needs `weights`" },
		{ HEAD "a: &x 1\n", "f:5:4: anchors are not allowed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vit_arena *a = vit_arena_new();
		struct vit_spec_db *db = database(a);
		const struct vit_spec *s = NULL;
		struct vit_err err = { .code = VIT_OK };
		size_t before = vit_spec_db_count(db);

		assert_int_not_equal(vit_spec_db_add(db, vit_str_c(rows[i].yaml), VIT_STR("f"), &s,
						     &err), VIT_OK);
		assert_string_equal(err.msg, rows[i].message);
		assert_int_equal(vit_spec_db_count(db), before);
		vit_arena_free(a);
	}
}

/* A requirements file stands on its parent: names, fields, files and values of both hold. */
static void test_extends(void **state)
{
	static const char yaml[] =
		"schema: vitalis-spec/1\nkind: requirements\nid: ours\nextends: gpt-oss-20b\n"
		"config:\n  rope_theta: {type: number, max: 10}\n"
		"dimensions: {double_q: q * 2}\n"
		"files:\n  - {path: config.json, bytes: 7}\n  - {path: NOTICE, bytes: 1}\n";
	struct vit_arena *a = vit_arena_new();
	struct vit_spec_db *db = database(a);
	const struct vit_spec *s = NULL, *pin = vit_spec_db_find(db, VIT_STR("gpt-oss-20b"));
	struct vit_err err = { .code = VIT_OK };
	bool replaced = false, added = false;

	(void)state;
	if (vit_spec_db_add(db, vit_str_c(yaml), VIT_STR("f"), &s, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	assert_ptr_equal(s->parent, pin);
	assert_int_equal(s->file_count, pin->file_count + 1);
	for (uint32_t i = 0; i < s->file_count; i++) {
		if (vit_str_is(s->files[i].path, "config.json"))
			replaced = s->files[i].versions[0].bytes == 7;
		if (vit_str_is(s->files[i].path, "NOTICE"))
			added = true;
	}
	assert_true(replaced);
	assert_true(added);
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_built_in), cmocka_unit_test(test_pin_files),
		cmocka_unit_test(test_refusals), cmocka_unit_test(test_extends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
