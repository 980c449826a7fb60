/* A small family held against hand-made tables: each problem, once, with its text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "toy.h"

static void test_good(void **state)
{
	struct model m;

	(void)state;
	good(&m, CONFIG);
	model_resolve(&m, NULL);
	assert_int_equal(m.out.problem_count, 0);
	assert_int_equal(m.out.field_count, 0);
	assert_true(m.out.shapes_covered);
	assert_true(m.out.total_known);
	assert_int_equal(m.out.total, 448);
	assert_true(m.out.stored_known);
	assert_int_equal(m.out.stored_total, 448);
	assert_int_equal(m.out.stored_uncounted, 0);
	assert_int_equal(m.out.expected_count, 10);
	assert_int_equal(m.out.layers, 2);
	assert_false(m.out.active_known);
	assert_int_equal(m.out.roles[VIT_ROLE_EXPERT].tensors, 4);
	assert_int_equal(m.out.roles[VIT_ROLE_EXPERT].parameters, 96);
	assert_int_equal(m.out.roles[VIT_ROLE_EXPERT].bytes, 192);
	assert_int_equal(m.out.tensor_roles[0], VIT_ROLE_EMBEDDING);
	model_end(&m);
}

static void test_missing(void **state)
{
	struct model m;

	(void)state;
	good(&m, CONFIG);
	drop(&m, "m.l.1.q.weight");
	model_resolve(&m, NULL);
	one_problem(&m, VIT_TF_MISSING, "m.l.1.q.weight",
		    "[16, 8] = [2 * q, width] with q = heads * head = 8", "absent");
	model_end(&m);
}

static void test_missing_proves_nothing_when_headers_are_incomplete(void **state)
{
	struct model m;

	(void)state;
	good(&m, CONFIG);
	drop(&m, "m.l.1.q.weight");
	m.in.headers_complete = false;
	model_resolve(&m, NULL);
	assert_int_equal(m.out.problem_count, 0);
	assert_false(m.out.stored_known);
	model_end(&m);
}

static void test_missing_layer(void **state)
{
	struct model m;

	(void)state;
	good(&m, CONFIG);
	drop(&m, "m.l.1.q.weight");
	drop(&m, "m.l.1.norm");
	drop(&m, "m.l.1.x.0.weight");
	drop(&m, "m.l.1.x.1.weight");
	model_resolve(&m, NULL);
	one_problem(&m, VIT_TF_MISSING_LAYER, "m.l.1", "4 tensors", "none of them");
	assert_int_equal(m.out.problems[0].count, 4);
	assert_int_equal(m.out.problems[0].layer, 1);
	assert_int_equal(m.out.problem_totals[VIT_TF_MISSING], 0);
	model_end(&m);
}

static void test_unexpected(void **state)
{
	struct model m;

	(void)state;
	good(&m, CONFIG);
	model_tensor(&m, "m.l.0.extra", VIT_DT_F32, 2, (const uint64_t[]){ 2, 3 });
	model_resolve(&m, NULL);
	one_problem(&m, VIT_TF_UNEXPECTED, "m.l.0.extra", "no tensor of that name", "F32 [2, 3]");
	assert_int_equal(m.out.stored_total, 448);
	assert_int_equal(m.out.stored_uncounted, 6);
	model_end(&m);
}

static void test_optional_buffer(void **state)
{
	struct model m;

	(void)state;
	good(&m, CONFIG);
	model_tensor(&m, "m.l.0.buffer", VIT_DT_F32, 1, (const uint64_t[]){ 77 });
	model_resolve(&m, NULL);
	assert_int_equal(m.out.problem_count, 0);
	assert_int_equal(m.out.stored_total, 448);
	assert_int_equal(m.out.stored_uncounted, 77);
	model_end(&m);
}

static void test_shape(void **state)
{
	static const uint64_t shape[] = { 16, 9 };
	struct model m;

	(void)state;
	good(&m, CONFIG);
	tensor(&m, "m.l.0.q.weight")->shape = shape;
	model_resolve(&m, NULL);
	one_problem(&m, VIT_TF_SHAPE, "m.l.0.q.weight",
		    "[16, 8] = [2 * q, width] with q = heads * head = 8", "[16, 9]");
	model_end(&m);
}

static void test_transposed(void **state)
{
	static const uint64_t shape[] = { 8, 16 };
	struct model m;

	(void)state;
	good(&m, CONFIG);
	tensor(&m, "m.l.0.q.weight")->shape = shape;
	model_resolve(&m, NULL);
	one_problem(&m, VIT_TF_TRANSPOSED, "m.l.0.q.weight",
		    "[16, 8] = [2 * q, width] with q = heads * head = 8", "[8, 16]");
	assert_true(m.out.stored_total == m.out.total); /* so parameters agree all the same */
	model_end(&m);
}

static void test_dtype(void **state)
{
	struct model m;

	(void)state;
	good(&m, CONFIG);
	tensor(&m, "m.l.0.norm")->dtype = VIT_DT_I8;
	model_resolve(&m, NULL);
	one_problem(&m, VIT_TF_DTYPE, "m.l.0.norm", "F16, BF16, F32, F64", "I8");
	model_end(&m);
}

static void test_broken_entries_are_left_to_the_header_checks(void **state)
{
	struct model m;
	struct vit_tensor *t;

	(void)state;
	good(&m, CONFIG);
	t = tensor(&m, "m.l.0.q.weight");
	t->shape = NULL;
	t->rank = 0;
	t->flags = VIT_T_BAD;
	model_resolve(&m, NULL);
	assert_int_equal(m.out.problem_count, 0);
	assert_false(m.out.stored_known);
	model_end(&m);
}

static void test_one_of_follows_what_is_there(void **state)
{
	struct model m;

	(void)state;
	good(&m, CONFIG);
	drop(&m, "m.l.1.x.0.weight");
	drop(&m, "m.l.1.x.1.weight");
	model_tensor(&m, "m.l.1.x.all", VIT_DT_BF16, 3, (const uint64_t[]){ 2, 3, 8 });
	model_resolve(&m, NULL);
	assert_int_equal(m.out.problem_count, 0);
	assert_int_equal(m.out.stored_total, 448);
	model_end(&m);
}

static void test_other_spelling_of_names(void **state)
{
	struct model m;

	(void)state;
	good(&m, CONFIG);
	for (size_t i = 0; i < m.tensors.count; i++) {
		struct vit_tensor *t = vit_vec_at(&m.tensors, i);

		if (vit_str_starts(t->name, VIT_STR("m.")))
			t->name = vit_arena_printf(m.arena, "other.%.*s", VIT_FMT(t->name));
	}
	model_resolve(&m, NULL);
	assert_int_equal(m.out.problem_count, 0);
	assert_int_equal(m.out.stored_total, 448);
	model_end(&m);
}

static void test_active(void **state)
{
	struct model m;

	(void)state;
	good(&m, "{\"model_type\": \"toy\", \"width\": 8, \"layers\": 2, \"vocab\": 5,"
		 " \"experts\": 2, \"chosen\": 1}");
	model_resolve(&m, NULL);
	assert_true(m.out.active_known);
	/* 448 less one of two experts in each of two layers less the input embedding */
	assert_int_equal(m.out.active, 448 - 2 * 24 - 40);
	model_end(&m);
	good(&m, "{\"model_type\": \"toy\", \"width\": 8, \"layers\": 2, \"vocab\": 5,"
		 " \"experts\": 2, \"chosen\": 1, \"tied\": true}");
	model_resolve(&m, NULL);
	assert_int_equal(m.out.total, 448 - 40);
	assert_int_equal(m.out.active, 448 - 40 - 2 * 24); /* the embedding is the head */
	model_end(&m);
}

static void test_fields(void **state)
{
	static const struct {
		const char *config;
		enum vit_field_fault fault;
		const char *field, *expected, *actual;
		bool warning;
	} rows[] = {
		{ "{\"model_type\":\"toy\",\"layers\":2,\"vocab\":5}", VIT_FIELD_MISSING, "width",
		  "an integer", "absent", false },
		{ "{\"model_type\":\"toy\",\"width\":null,\"vocab\":5,\"layers\":2}",
		  VIT_FIELD_MISSING, "width", "an integer", "absent", false },
		{ "{\"model_type\":\"toy\",\"width\":\"8\",\"layers\":2,\"vocab\":5}",
		  VIT_FIELD_TYPE, "width", "an integer", "\"8\"", false },
		{ "{\"model_type\":\"toy\",\"width\":8.0,\"layers\":2,\"vocab\":5}",
		  VIT_FIELD_TYPE, "width", "an integer", "8.0", false },
		{ "{\"model_type\":\"toy\",\"width\":8,\"layers\":0,\"vocab\":5}",
		  VIT_FIELD_RANGE, "layers", "at least 1", "0", false },
		{ "{\"model_type\":\"toy\",\"width\":8,\"layers\":10,\"vocab\":5}",
		  VIT_FIELD_RANGE, "layers", "at most 9", "10", false },
		{ "{\"model_type\":\"toy\",\"width\":8,\"layers\":2,\"vocab\":5,\"heads\":4,"
		  "\"groups\":3}", VIT_FIELD_RANGE, "heads", "a multiple of groups = 3", "4", false },
		{ "{\"model_type\":\"toy\",\"width\":8,\"layers\":2,\"vocab\":5,\"act\":\"relu\"}",
		  VIT_FIELD_RANGE, "act", "one of \"silu\", \"gelu\"", "\"relu\"", false },
		{ "{\"model_type\":\"toy\",\"width\":8,\"layers\":2,\"vocab\":5,"
		  "\"kinds\":[\"a\"]}", VIT_FIELD_RANGE, "kinds",
		  "a list of this many items: layers = 2", "1 items", false },
		{ "{\"model_type\":\"toy\",\"width\":8,\"layers\":2,\"vocab\":5,"
		  "\"kinds\":[\"a\",\"c\"]}", VIT_FIELD_RANGE, "kinds", "one of \"a\", \"b\"",
		  "[\"a\", \"c\"]", false },
		{ "{\"model_type\":\"toy\",\"width\":8,\"layers\":2,\"vocab\":5,\"heads\":3}",
		  VIT_FIELD_RULE, "width % heads == 0", "width % heads == 0",
		  "width = 8, heads = 3", false },
		{ "{\"model_type\":\"toy\",\"width\":8,\"layers\":2,\"vocab\":3}",
		  VIT_FIELD_RULE, "vocab > 3", "vocab > 3", "vocab = 3", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m;
		const struct vit_field_problem *p;

		good(&m, rows[i].config);
		model_resolve(&m, NULL);
		if (m.out.field_count != 1)
			fail_msg("row %zu: %u problems", i, m.out.field_count);
		p = m.out.fields;
		assert_int_equal(p->fault, rows[i].fault);
		assert_string_equal(p->field.p, rows[i].field);
		assert_string_equal(p->expected.p, rows[i].expected);
		assert_string_equal(p->actual.p, rows[i].actual);
		assert_int_equal(p->warning, rows[i].warning);
		assert_int_equal(p->line, p->fault == VIT_FIELD_MISSING ? 0 : 1);
		model_end(&m);
	}
}

/* Sizes follow from width, heads and layers, not from act. */
static void test_sizes_are_marked(void **state)
{
	struct model m;

	(void)state;
	good(&m, "{\"model_type\":\"toy\",\"width\":8,\"layers\":0,\"vocab\":5,\"act\":\"x\"}");
	model_resolve(&m, NULL);
	assert_int_equal(m.out.field_count, 2);
	assert_string_equal(m.out.fields[0].field.p, "layers");
	assert_true(m.out.fields[0].sizes);
	assert_string_equal(m.out.fields[1].field.p, "act");
	assert_false(m.out.fields[1].sizes);
	model_end(&m);
}

static void test_aliases_and_roots(void **state)
{
	struct model m;

	(void)state;
	good(&m, "{\"model_type\":\"toy\",\"text_config\":{\"n_embd\":8,\"layers\":2},\"vocab\":5}");
	model_resolve(&m, NULL);
	assert_int_equal(m.out.problem_count, 0);
	assert_int_equal(m.out.total, 448);
	for (uint32_t i = 0; i < m.out.value_count; i++)
		if (vit_str_is(vit_str_c(m.out.values[i].key), "hidden_size"))
			assert_string_equal(m.out.values[i].source.p,
					    "config.json text_config.n_embd");
	model_end(&m);
}

static void test_a_fault_is_told_once(void **state)
{
	struct model m;

	(void)state;
	good(&m, "{\"model_type\":\"toy\",\"width\":8,\"vocab\":5}"); /* layers: no default */
	model_resolve(&m, NULL);
	assert_int_equal(m.out.field_count, 1);
	assert_int_equal(m.out.fields[0].fault, VIT_FIELD_MISSING);
	assert_string_equal(m.out.fields[0].field.p, "layers");
	assert_false(m.out.total_known);
	assert_false(m.out.shapes_covered);
	assert_string_equal(m.out.coverage_note.p, "layers is absent");
	assert_int_equal(m.out.problem_totals[VIT_TF_UNEXPECTED], 0);
	model_end(&m);
}

/* A configuration that asks for more tensors than there can be ends soon. */
static void test_absurd_counts(void **state)
{
	struct model m;

	(void)state;
	model_begin(&m);
	model_spec(&m, "schema: vitalis-spec/1\nkind: family\nid: toy\n"
		       "match: {model_type: toy}\ntensors:\n"
		       "  - {for: {l: 0..n-1}, tensors: [{name: \"{l}\", shape: [n, n]}]}\n");
	model_config(&m, "{\"model_type\":\"toy\",\"n\":9000000000000000000}");
	model_resolve(&m, NULL);
	assert_false(m.out.total_known);
	assert_false(m.out.shapes_covered);
	model_end(&m);
}

static void test_unknown_family(void **state)
{
	struct model m;

	(void)state;
	good(&m, "{\"model_type\":\"neverheard\"}");
	model_resolve(&m, NULL);
	assert_null(m.out.family);
	assert_string_equal(m.out.family_reason.p, "no spec for model_type \"neverheard\"");
	assert_int_equal(m.out.problem_count, 0);
	assert_int_equal(m.out.field_count, 0);
	assert_true(m.out.stored_known);
	assert_int_equal(m.out.stored_total, 448);
	model_end(&m);
}

static void test_no_configuration(void **state)
{
	struct model m;

	(void)state;
	good(&m, CONFIG);
	m.in.config = NULL;
	model_resolve(&m, NULL);
	assert_null(m.out.family);
	assert_int_equal(m.out.field_count, 0);
	assert_int_equal(m.out.problem_count, 0);
	model_end(&m);
}

/* ---- overlays --------------------------------------------------------------- */

static const char overlay[] =
	"schema: vitalis-spec/1\nkind: overlay\nid: pack\nmatch: {quant_method: pack}\n"
	"config:\n  bits: {type: integer, one_of: [4, 8], required: true}\n"
	"weights:\n"
	"  - roles: [attention]\n"
	"    tensors:\n"
	"      - {name: \"{stem}.packed\", dtype: [I32], shape: [out, in * quant.bits / 32],"
	" logical: in * out}\n"
	"      - {name: \"{stem}.scales\", shape: [out], logical: 0}\n"
	"extra:\n  - {name: \"{parent}.note\", shape: [1], logical: 0}\n";

#define QUANT "{\"model_type\": \"toy\", \"width\": 8, \"layers\": 2, \"vocab\": 5," \
	      " \"quantization_config\": {\"quant_method\": \"pack\", \"bits\": 4}}"

static void pack(struct model *m, int l)
{
	char name[64];

	snprintf(name, sizeof(name), "m.l.%d.q.weight", l);
	drop(m, name);
	snprintf(name, sizeof(name), "m.l.%d.q.packed", l);
	model_tensor(m, name, VIT_DT_I32, 2, (const uint64_t[]){ 16, 1 });
	snprintf(name, sizeof(name), "m.l.%d.q.scales", l);
	model_tensor(m, name, VIT_DT_F16, 1, (const uint64_t[]){ 16 });
}

static void test_overlay(void **state)
{
	struct model m;

	(void)state;
	good(&m, QUANT);
	model_spec(&m, overlay);
	pack(&m, 0); /* layer 1 stays plain: both are right */
	model_tensor(&m, "m.l.0.note", VIT_DT_F32, 1, (const uint64_t[]){ 1 });
	model_resolve(&m, NULL);
	assert_string_equal(m.out.overlay->id.p, "pack");
	assert_int_equal(m.out.problem_count, 0);
	assert_int_equal(m.out.packed_weights, 1);
	assert_int_equal(m.out.stored_total, 448);
	model_end(&m);
}

static void test_overlay_shape_and_loss(void **state)
{
	static const uint64_t shape[] = { 16, 2 };
	struct model m;

	(void)state;
	good(&m, QUANT);
	model_spec(&m, overlay);
	pack(&m, 0);
	tensor(&m, "m.l.0.q.packed")->shape = shape;
	model_resolve(&m, NULL);
	one_problem(&m, VIT_TF_SHAPE, "m.l.0.q.packed", "[16, 1] = [out, in * quant.bits / 32]",
		    "[16, 2]");
	model_end(&m);
	good(&m, QUANT);
	model_spec(&m, overlay);
	pack(&m, 0);
	drop(&m, "m.l.0.q.scales");
	model_resolve(&m, NULL);
	one_problem(&m, VIT_TF_MISSING, "m.l.0.q.scales", "[16] = [out]", "absent");
	model_end(&m);
	good(&m, QUANT);
	model_spec(&m, overlay);
	pack(&m, 0);
	drop(&m, "m.l.0.q.packed");
	model_resolve(&m, NULL);
	one_problem(&m, VIT_TF_MISSING, "m.l.0.q.packed", "[16, 1] = [out, in * quant.bits / 32]",
		    "absent");
	model_end(&m);
}

static void test_packed_without_a_method(void **state)
{
	struct model m;

	(void)state;
	good(&m, CONFIG);
	model_spec(&m, overlay);
	m.in.quantization = NULL;
	pack(&m, 0);
	model_resolve(&m, NULL);
	assert_null(m.out.overlay);
	/* the bits are not known without the block: names and dtypes tell it */
	assert_non_null(m.out.packed_as);
	assert_string_equal(m.out.packed_as->id.p, "pack");
	model_end(&m);
}

/* gpt-oss describes its packed form itself, for those that name the method. */
static void test_packed_alternative_without_a_method(void **state)
{
	static const char packed[] =
		"schema: vitalis-spec/1\nkind: family\nid: toy2\nmatch: {model_type: toy2}\n"
		"tensors:\n"
		"  - one_of:\n"
		"      - {when: quantization_config.quant_method == \"p\","
		" tensors: [{name: blocks, dtype: [U8], shape: [4], logical: 8}]}\n"
		"      - {tensors: [{name: plain, shape: [8]}]}\n"
		"      - {tensors: [{name: other, shape: [8]}]}\n";
	struct model m;

	(void)state;
	model_begin(&m);
	model_spec(&m, packed);
	model_config(&m, "{\"model_type\": \"toy2\"}");
	model_tensor(&m, "blocks", VIT_DT_U8, 1, (const uint64_t[]){ 4 });
	model_resolve(&m, NULL);
	assert_non_null(m.out.packed_as);
	assert_string_equal(m.out.packed_as->id.p, "toy2");
	model_end(&m);
}

static void test_unknown_method_is_not_judged(void **state)
{
	struct model m;

	(void)state;
	good(&m, "{\"model_type\": \"toy\", \"width\": 8, \"layers\": 2, \"vocab\": 5,"
		 " \"quantization_config\": {\"quant_method\": \"zzz\"}}");
	pack(&m, 0);
	model_resolve(&m, NULL);
	assert_string_equal(m.out.overlay_reason.p,
			    "no spec for quantisation method \"zzz\"");
	assert_int_equal(m.out.problem_count, 0);
	assert_false(m.out.shapes_covered);
	assert_false(m.out.stored_known);
	model_end(&m);
}

/* ---- pins and requirements -------------------------------------------------- */

static const char pin[] =
	"schema: vitalis-spec/1\nkind: model\nid: toy-5\nfamily: toy\n"
	"revisions: [aaaa, bbbb]\n"
	"values: {width: 8, layers: 2, act: silu}\n"
	"identify: [width, layers]\n"
	"files:\n"
	"  - {path: model.safetensors, bytes: 100}\n"
	"  - path: README.md\n"
	"    versions: [{bytes: 10}, {bytes: 11, revision: bbbb}]\n";

static void resolve_with_files(struct model *m, uint64_t shard, uint64_t readme, const char *name)
{
	struct vit_pin_file *files = VIT_NEW_ARRAY(m->arena, 2, struct vit_pin_file);

	files[0] = (struct vit_pin_file){ vit_str_c(name), shard };
	files[1] = (struct vit_pin_file){ VIT_STR("README.md"), readme };
	m->in.files = files;
	m->in.file_count = 2;
	model_spec(m, pin);
	model_resolve(m, NULL);
}

static void test_pin(void **state)
{
	struct model m;

	(void)state;
	good(&m, CONFIG);
	resolve_with_files(&m, 100, 10, "model.safetensors");
	assert_string_equal(m.out.model->id.p, "toy-5");
	assert_string_equal(m.out.revision.p, "aaaa");
	assert_int_equal(m.out.field_count, 1); /* act is silu in the published model */
	assert_int_equal(m.out.fields[0].fault, VIT_FIELD_PIN);
	assert_string_equal(m.out.fields[0].expected.p, "\"silu\"");
	assert_string_equal(m.out.fields[0].actual.p, "absent");
	model_end(&m);
	good(&m, CONFIG);
	resolve_with_files(&m, 100, 11, "model.safetensors");
	assert_string_equal(m.out.revision.p, "bbbb");
	model_end(&m);
	good(&m, CONFIG); /* another shard: a copy made from it, not it */
	resolve_with_files(&m, 100, 10, "model-00001-of-00002.safetensors");
	assert_null(m.out.model);
	assert_string_equal(m.out.origin->id.p, "toy-5");
	assert_int_equal(m.out.field_count, 0);
	model_end(&m);
}

static void test_requirements(void **state)
{
	struct model m;
	const struct vit_spec *ours;

	(void)state;
	good(&m, CONFIG);
	ours = model_spec(&m, "schema: vitalis-spec/1\nkind: requirements\nid: ours\n"
			      "extends: toy\nconfig: {vocab: {max: 4}}\nvalues: {layers: 3}\n"
			      "rules: [{check: q == 8}]\n"
			      "tensors: [{name: extra, shape: [q]}]\n");
	model_resolve(&m, ours);
	assert_ptr_equal(m.out.family, ours);
	assert_int_equal(m.out.field_count, 2);
	assert_string_equal(m.out.fields[0].expected.p, "at most 4");
	assert_int_equal(m.out.fields[1].fault, VIT_FIELD_PIN);
	assert_string_equal(m.out.fields[1].expected.p, "3");
	one_problem(&m, VIT_TF_MISSING, "extra", "[8] = [q] with q = heads * head = 8", "absent");
	model_end(&m);
}

static void test_forced_family_of_another_type(void **state)
{
	struct model m;

	(void)state;
	good(&m, CONFIG);
	model_resolve(&m, vit_spec_db_find(m.db, VIT_STR("llama")));
	assert_string_equal(m.out.family->id.p, "llama");
	assert_int_equal(m.out.fields[0].fault, VIT_FIELD_RULE);
	assert_string_equal(m.out.fields[0].field.p, "model_type");
	model_end(&m);
}

/* ---- adapters --------------------------------------------------------------- */

#define LORA "{\"peft_type\": \"LORA\", \"r\": 4, \"target_modules\": [\"q\"], \"bias\": \"none\"}"

static void add_lora(struct model *m, int l)
{
	char name[100];

	snprintf(name, sizeof(name), "base_model.model.m.l.%d.q.lora_A.weight", l);
	model_tensor(m, name, VIT_DT_F32, 2, (const uint64_t[]){ 4, 8 });
	snprintf(name, sizeof(name), "base_model.model.m.l.%d.q.lora_B.weight", l);
	model_tensor(m, name, VIT_DT_F32, 2, (const uint64_t[]){ 16, 4 });
}

static void adapter(struct model *m, const char *config, bool base)
{
	model_begin(m);
	model_spec(m, family);
	m->adapter = parse_json(m->arena, vit_str_c(config));
	m->in.adapter = m->adapter.root;
	if (base) {
		m->base = parse_json(m->arena, vit_str_c(CONFIG));
		m->in.base_config = m->base.root;
	}
	add_lora(m, 0);
	add_lora(m, 1);
}

static void test_adapter(void **state)
{
	(void)state;
	for (int base = 0; base < 2; base++) {
		struct model m;

		adapter(&m, LORA, base);
		model_resolve(&m, NULL);
		assert_true(m.out.is_adapter);
		assert_string_equal(m.out.adapter->id.p, "peft_lora");
		assert_int_equal(m.out.problem_count, 0);
		assert_int_equal(m.out.field_count, 0);
		assert_int_equal(m.out.shapes_covered, base);
		/* two layers, r (in + out) each */
		assert_int_equal(m.out.stored_total, 2 * 4 * (8 + 16));
		assert_int_equal(m.out.total_known, base);
		assert_int_equal(m.out.total, base ? 2 * 4 * (8 + 16) : 0);
		model_end(&m);
	}
}

static void test_adapter_half_a_pair(void **state)
{
	(void)state;
	for (int base = 0; base < 2; base++) {
		struct model m;

		adapter(&m, LORA, base);
		drop(&m, "base_model.model.m.l.1.q.lora_B.weight");
		model_resolve(&m, NULL);
		assert_int_equal(m.out.problem_count, 1);
		assert_int_equal(m.out.problems[0].fault, VIT_TF_MISSING);
		assert_string_equal(m.out.problems[0].name.p,
				    "base_model.model.m.l.1.q.lora_B.weight");
		model_end(&m);
	}
}

static void test_adapter_rank_and_size(void **state)
{
	static const uint64_t rank[] = { 5, 8 }, size[] = { 4, 9 };
	struct model m;

	(void)state;
	for (int base = 0; base < 2; base++) {
		adapter(&m, LORA, base);
		tensor(&m, "base_model.model.m.l.0.q.lora_A.weight")->shape = rank;
		model_resolve(&m, NULL);
		assert_int_equal(m.out.problem_count, 1);
		assert_int_equal(m.out.problems[0].fault, VIT_TF_SHAPE);
		model_end(&m);
		adapter(&m, LORA, base); /* the inner size is the base's: known with it alone */
		tensor(&m, "base_model.model.m.l.0.q.lora_A.weight")->shape = size;
		model_resolve(&m, NULL);
		assert_int_equal(m.out.problem_count, base);
		model_end(&m);
	}
	adapter(&m, "{\"peft_type\": \"LORA\", \"r\": 4, \"target_modules\": [\"q\"],"
		    " \"rank_pattern\": {\"l.0.q\": 5}}", true);
	tensor(&m, "base_model.model.m.l.0.q.lora_A.weight")->shape = rank;
	tensor(&m, "base_model.model.m.l.0.q.lora_B.weight")->shape = (const uint64_t[]){ 16, 5 };
	model_resolve(&m, NULL);
	assert_int_equal(m.out.problem_count, 0);
	model_end(&m);
}

static void test_adapter_targets(void **state)
{
	struct model m;

	(void)state;
	adapter(&m, "{\"peft_type\": \"LORA\", \"r\": 4, \"target_modules\": [\"q\", \"head\"]}",
		true);
	model_resolve(&m, NULL); /* both matrices beside the head are absent */
	assert_int_equal(m.out.problem_totals[VIT_TF_MISSING], 2);
	model_end(&m);
	adapter(&m, "{\"peft_type\": \"LORA\", \"r\": 4, \"target_modules\": [\"q\"],"
		    " \"modules_to_save\": [\"head\"]}", true);
	model_tensor(&m, "base_model.model.head.weight", VIT_DT_F32, 2,
		     (const uint64_t[]){ 5, 8 });
	model_resolve(&m, NULL);
	assert_int_equal(m.out.problem_count, 0);
	model_end(&m);
	adapter(&m, "{\"peft_type\": \"LORA\", \"r\": 4, \"target_modules\": \".*q\"}", true);
	model_resolve(&m, NULL); /* a pattern: those that are there */
	assert_int_equal(m.out.problem_count, 0);
	model_end(&m);
	adapter(&m, LORA, true);
	model_tensor(&m, "base_model.model.m.l.0.z.lora_A.weight", VIT_DT_F32, 2,
		     (const uint64_t[]){ 4, 8 });
	model_resolve(&m, NULL);
	one_problem(&m, VIT_TF_UNEXPECTED, "base_model.model.m.l.0.z.lora_A.weight",
		    "no tensor of that name", "[4, 8]");
	model_end(&m);
}

static void test_adapter_of_unknown_kind(void **state)
{
	struct model m;

	(void)state;
	adapter(&m, "{\"peft_type\": \"OTHER\"}", false);
	model_resolve(&m, NULL);
	assert_true(m.out.is_adapter);
	assert_null(m.out.adapter);
	assert_string_equal(m.out.family_reason.p, "no spec for peft_type \"OTHER\"");
	assert_int_equal(m.out.problem_count, 0);
	model_end(&m);
}

/* ---- others ----------------------------------------------------------------- */

static bool count_each(void *ctx, const struct vit_expected *e)
{
	uint64_t n = 1;

	for (uint32_t i = 0; i < e->rank; i++)
		n *= e->shape[i];
	if (e->counts && !e->optional)
		*(uint64_t *)ctx += n;
	return true;
}

static void test_each(void **state)
{
	struct model m;
	uint64_t total = 0;

	(void)state;
	good(&m, CONFIG);
	assert_true(vit_architecture_each(vit_spec_db_find(m.db, VIT_STR("toy")), m.in.config,
					  count_each, &total));
	assert_int_equal(total, 448);
	assert_false(vit_architecture_each(vit_spec_db_find(m.db, VIT_STR("toy")),
					   parse_json(m.arena, VIT_STR("{\"width\": 8}")).root,
					   count_each, &total));
	model_end(&m);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_good), TEST(test_missing),
		TEST(test_missing_proves_nothing_when_headers_are_incomplete),
		TEST(test_missing_layer), TEST(test_unexpected), TEST(test_optional_buffer),
		TEST(test_shape), TEST(test_transposed), TEST(test_dtype),
		TEST(test_broken_entries_are_left_to_the_header_checks),
		TEST(test_one_of_follows_what_is_there), TEST(test_other_spelling_of_names),
		TEST(test_active), TEST(test_fields), TEST(test_sizes_are_marked),
		TEST(test_aliases_and_roots), TEST(test_a_fault_is_told_once),
		TEST(test_absurd_counts), TEST(test_unknown_family), TEST(test_no_configuration),
		TEST(test_overlay), TEST(test_overlay_shape_and_loss),
		TEST(test_packed_without_a_method),
		TEST(test_packed_alternative_without_a_method), TEST(test_unknown_method_is_not_judged),
		TEST(test_pin), TEST(test_requirements), TEST(test_forced_family_of_another_type),
		TEST(test_adapter), TEST(test_adapter_half_a_pair),
		TEST(test_adapter_rank_and_size), TEST(test_adapter_targets),
		TEST(test_adapter_of_unknown_kind), TEST(test_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
