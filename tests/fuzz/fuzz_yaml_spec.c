/*
 * A spec of a stranger, and a configuration held against it. The input is up
 * to two documents, separated by the byte 0x1e: the YAML and config.json.
 * A refusal names the source and a place in it; what is loaded is one spec of
 * the database, and holding a model against it ends with texts for every row,
 * the same a second time.
 */
#include <stdint.h>
#include <stdlib.h>

#include "spec/architecture.h"
#include "yaml/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* "fuzz.yaml:LINE:COLUMN: text", both numbers from 1. */
static void check_refusal(const struct vit_err *err)
{
	struct vit_str rest = vit_str_c(err->msg);

	must(err->code == VIT_E_SYNTAX || err->code == VIT_E_USAGE || err->code == VIT_E_LIMIT);
	must(vit_str_starts(rest, VIT_STR("fuzz.yaml")));
	if (err->code != VIT_E_SYNTAX)
		return;
	rest = vit_str_sub(rest, 9, rest.n);
	for (int i = 0; i < 2; i++) {
		must(rest.n > 1 && rest.p[0] == ':' && rest.p[1] >= '1' && rest.p[1] <= '9');
		rest = vit_str_sub(rest, 1, rest.n);
		while (rest.n && rest.p[0] >= '0' && rest.p[0] <= '9')
			rest = vit_str_sub(rest, 1, rest.n);
	}
	must(vit_str_starts(rest, VIT_STR(": ")) && rest.n > 2);
}

static void check_nodes(const struct vit_yaml *root)
{
	for (uint32_t i = 0; i < root->count; i++) {
		must(root->children[i].line >= 1 && root->children[i].column >= 1);
		must(root->kind != VIT_YAML_SCALAR);
	}
}

static void check_result(const struct vit_architecture *out)
{
	uint64_t kept = out->problem_count, all = 0;

	for (unsigned i = 0; i <= VIT_TF_DTYPE; i++)
		all += out->problem_totals[i];
	must(kept == (all < VIT_MAX_PROBLEMS ? all : VIT_MAX_PROBLEMS));
	must(!out->active_known || (out->total_known && out->active <= out->total));
	for (uint32_t i = 0; i < out->field_count; i++)
		must(out->fields[i].message.n > 0 && out->fields[i].field.n > 0);
	for (uint32_t i = 0; i < out->problem_count; i++)
		must(out->problems[i].expected.n + out->problems[i].actual.n > 0);
	must(out->family || out->is_adapter || out->family_reason.n);
	must(out->shapes_covered || out->coverage_note.n);
}

static void hold(struct vit_arena *a, const struct vit_spec_db *db, const struct vit_spec *spec,
		 const struct vit_json *config)
{
	static const uint64_t shape[] = { 4, 8 };
	static const struct vit_tensor tensors[] = {
		{ .name = { "a.weight", 8 }, .shape = shape, .rank = 2, .dtype = VIT_DT_F32, .end = 128 },
		{ .name = { "b", 1 }, .shape = shape, .rank = 1, .dtype = VIT_DT_I32, .end = 16 },
	};
	struct vit_arch_input in = { .config = config, .tensors = tensors, .tensor_count = 2,
				     .headers_complete = true, .quant_method = VIT_STR_EMPTY };
	struct vit_architecture one, two;

	in.quantization = vit_json_get_c(config, "quantization_config");
	in.quant_method = vit_json_string(vit_json_get_c(in.quantization, "quant_method"));
	vit_architecture_resolve(a, db, spec, &in, &one);
	check_result(&one);
	if (one.expected_count + one.problem_totals[VIT_TF_MISSING] > 50000)
		return; /* within the limits, and slow with a fuzzer's instruments */
	vit_architecture_resolve(a, db, spec, &in, &two);
	must(one.total_known == two.total_known && one.total == two.total &&
	     one.problem_count == two.problem_count && one.field_count == two.field_count &&
	     one.stored_total == two.stored_total);
	in = (struct vit_arch_input){ .adapter = config, .tensors = tensors, .tensor_count = 2,
				      .quant_method = VIT_STR_EMPTY, .headers_complete = true };
	vit_architecture_resolve(a, db, NULL, &in, &one);
	must(one.is_adapter);
	in.base_config = config;
	vit_architecture_resolve(a, db, NULL, &in, &one);
	must(one.is_adapter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vit_str rest = { (const char *)data, size }, yaml;
	struct vit_json_doc doc = { .root = NULL };
	struct vit_arena *a = vit_arena_new();
	const struct vit_spec *spec = NULL;
	const struct vit_yaml *root;
	struct vit_spec_db *db;
	struct vit_err err = { 0 };
	size_t before;

	if (!vit_str_split(&rest, 0x1e, &yaml))
		yaml = VIT_STR_EMPTY;
	if (vit_yaml_parse(a, yaml, VIT_STR("fuzz.yaml"), &root, &err) == VIT_OK)
		check_nodes(root);
	else
		check_refusal(&err);
	must(vit_spec_db_new(a, &db, &err) == VIT_OK);
	before = vit_spec_db_count(db);
	if (vit_spec_db_add(db, yaml, VIT_STR("fuzz.yaml"), &spec, &err) != VIT_OK) {
		check_refusal(&err);
		must(vit_spec_db_count(db) == before);
	} else {
		must(spec && vit_spec_db_count(db) == before + 1);
		must(vit_spec_db_find(db, spec->id) == spec);
		if (vit_json_parse(a, rest, VIT_JSON_ALLOW_NAN, &doc, &err) == VIT_OK)
			hold(a, db, spec, doc.root);
	}
	vit_arena_free(a);
	return 0;
}
