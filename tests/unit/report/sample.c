#include "sample.h"

#include <stdlib.h>

#define EPOCH_2026 1767225600 /* 2026-01-01T00:00:00Z: 20454 days */

static const struct vit_column file_columns[] = {
	{ "path", "File", false },
	{ "bytes", "Size", true },
	{ "kind", NULL, false },
	{ NULL, "Note", false },
};

static struct vit_report_check *check(struct vit_report *r, enum vit_check_id id, const char *state,
				      struct vit_str reason, uint64_t findings)
{
	struct vit_report_check *c = &r->checks[id];

	c->state = state;
	c->reason = reason;
	c->findings = findings;
	return c;
}

static void model_section(struct vit_section *s, struct vit_arena *a, struct vit_str text)
{
	struct vit_node *n = vit_node_add(a, s, VIT_NODE_VALUE, "family", "Family");
	n->value = vit_val_str(text);
	n->basis = VIT_BASIS_COMPUTED;
	n->source = text;

	struct vit_node *g = vit_node_add(a, s, VIT_NODE_GROUP, "parameters", "Parameters");
	vit_node_value(a, g, "total", "Total", vit_val_u64(20914757184), VIT_BASIS_MEASURED,
		       VIT_STR("headers of 3 shards"));
	vit_node_value(a, g, "active", "Active", vit_val_none(), VIT_BASIS_NOT_ASSESSED,
		       VIT_STR("no mixture"));
	vit_node_value(a, g, "json_only", "", vit_val_bool(true), VIT_BASIS_NONE, VIT_STR_EMPTY);

	struct vit_node *text_only = vit_node_add(a, s, VIT_NODE_GROUP, NULL, "For people");
	vit_node_value(a, text_only, "unseen", "Router coefficient", vit_val_double(0.9),
		       VIT_BASIS_MEASURED, VIT_STR("config.json"));
}

static void files_section(struct vit_section *s, struct vit_arena *a, struct vit_str text)
{
	struct vit_node *n = vit_node_add(a, s, VIT_NODE_TABLE, "tree", "Tree");

	n->columns = file_columns;
	n->column_count = 4;
	n->row_count = 3;
	n->rows_total = 1000;
	n->text_rows = 2;
	n->cells = VIT_NEW_ARRAY(a, 12, struct vit_val);
	for (uint32_t i = 0; i < 3; i++) {
		*vit_cell(n, i, 0) = vit_val_str(text);
		*vit_cell(n, i, 1) = vit_val_bytes(i == 0 ? 13761316904 : 177);
		*vit_cell(n, i, 2) = vit_val_c("weights");
	}
	*vit_cell(n, 0, 3) = vit_val_str(text);
}

static void forecast_section(struct vit_section *s, struct vit_arena *a, struct vit_str text)
{
	struct vit_node *n = vit_node_add(a, s, VIT_NODE_VALUE, "peak_bytes", "Peak memory");
	n->value = (struct vit_val){ .type = VIT_VAL_RANGE, .d = 16.5e9, .low = 15e9, .high = 19e9,
				     .str = VIT_STR("B") };
	n->basis = VIT_BASIS_COMPUTED;
	n->source = VIT_STR("weights, activations");
	n = vit_node_add(a, s, VIT_NODE_TEXT, "note", "");
	n->value = vit_val_str(text);
	n = vit_node_add(a, s, VIT_NODE_LIST, "steps", "Steps");
	n->ordered = true;
	n->row_count = 2;
	n->cells = VIT_NEW_ARRAY(a, 2, struct vit_val);
	n->cells[0] = vit_val_c("Run `hf download openai/gpt-oss-20b` again.");
	n->cells[1] = vit_val_str(text);
	n = vit_node_add(a, s, VIT_NODE_CODE, "command", "Commands");
	n->value = vit_val_str(text);
}

static void finding(struct vit_report *r, enum vit_check_id id, enum vit_severity severity,
		    struct vit_str path, struct vit_str text)
{
	struct vit_report_finding *f = &r->findings[r->finding_count++];

	*f = (struct vit_report_finding){
		.id = id,
		.severity = severity,
		.path = path,
		.pointer = VIT_STR_EMPTY,
		.tensor = VIT_STR_EMPTY,
		.message = text,
		.expected = VIT_STR_EMPTY,
		.actual = VIT_STR_EMPTY,
		.remedy = VIT_STR_EMPTY,
		.waiver = VIT_STR_EMPTY,
	};
}

void sample_report(struct vit_report *r, struct vit_arena *a)
{
	vit_report_init(r, a);
	r->tool_version = VIT_STR("0.1.0");
	r->target = VIT_STR("models/gpt-oss-20b");
	r->target_name = VIT_STR("gpt-oss-20b");
	r->purpose = VIT_STR("the model (no job given)");
	r->date = EPOCH_2026;
	r->findings = VIT_NEW_ARRAY(a, 64, struct vit_report_finding);

	finding(r, VIT_CK_weights_header_truncated, VIT_SEV_ERROR,
		VIT_STR("model-00001-of-00003.safetensors"),
		VIT_STR("The header promises more bytes than the file has."));
	struct vit_report_finding *f = &r->findings[0];
	f->has_offset = true;
	f->offset = 1024;
	f->expected = VIT_STR("31,456 bytes");
	f->actual = VIT_STR("1,016 bytes");
	f->remedy = VIT_STR("Fetch the file again with `hf download`.");
	finding(r, VIT_CK_config_token_ids, VIT_SEV_WARNING, VIT_STR("config.json"),
		VIT_STR("The ids of the end token differ."));
	f = &r->findings[1];
	f->line = 3;
	f->column = 7;
	f->pointer = VIT_STR("/eos_token_id");
	for (unsigned i = 0; i < 25; i++)
		finding(r, VIT_CK_files_unexpected, VIT_SEV_NOTE,
			vit_arena_printf(a, "notes/%02u.txt", i), VIT_STR("A stranger."));

	check(r, VIT_CK_weights_header_truncated, "fail", VIT_STR_EMPTY, 1);
	check(r, VIT_CK_config_token_ids, "fail", VIT_STR_EMPTY, 1);
	check(r, VIT_CK_files_unexpected, "fail", VIT_STR_EMPTY, 360);
	check(r, VIT_CK_files_lfs_pointer, "pass", VIT_STR_EMPTY, 0);
	check(r, VIT_CK_system_memory_fit, "unknown", VIT_STR("sysctl timed out"), 0);
	check(r, VIT_CK_tokenizer_missing, "not_applicable", VIT_STR("no tokenizer is needed"), 0);

	files_section(&r->sections[VIT_SECTION_FILES - 1], a, VIT_STR("model.safetensors"));
	model_section(&r->sections[VIT_SECTION_ARCHITECTURE - 1], a, VIT_STR("gpt_oss"));
	forecast_section(&r->sections[VIT_SECTION_FORECAST - 1], a,
			 VIT_STR("hf download x\npython3 -c 'print(\"a\\\\b\")'"));
	r->sections[VIT_SECTION_INTEGRITY - 1].not_assessed = VIT_STR("no --verify");
}

void hostile_report(struct vit_report *r, struct vit_arena *a, struct vit_str evil)
{
	struct vit_policy *policy = VIT_NEW(a, struct vit_policy);

	vit_report_init(r, a);
	r->tool_version = VIT_STR("0.1.0");
	r->target = r->target_name = r->purpose = evil;
	r->date = EPOCH_2026;
	r->findings = VIT_NEW_ARRAY(a, 8, struct vit_report_finding);
	for (unsigned i = 0; i < 3; i++) {
		finding(r, VIT_CK_weights_duplicate_name, (enum vit_severity)i, evil, evil);
		struct vit_report_finding *f = &r->findings[i];
		f->pointer = f->tensor = f->expected = f->actual = f->remedy = evil;
	}
	finding(r, VIT_CK_config_token_ids, VIT_SEV_ERROR, evil, evil);
	check(r, VIT_CK_weights_duplicate_name, "fail", VIT_STR_EMPTY, 3);
	check(r, VIT_CK_config_token_ids, "fail", VIT_STR_EMPTY, 1);
	check(r, VIT_CK_system_memory_fit, "unknown", evil, 0);
	check(r, VIT_CK_tokenizer_missing, "not_applicable", evil, 0);
	files_section(&r->sections[VIT_SECTION_FILES - 1], a, evil);
	model_section(&r->sections[VIT_SECTION_ARCHITECTURE - 1], a, evil);
	forecast_section(&r->sections[VIT_SECTION_FORECAST - 1], a, evil);
	r->sections[VIT_SECTION_INTEGRITY - 1].not_assessed = evil;

	policy->fail_on = VIT_SEV_ERROR;
	policy->waivers = VIT_NEW_ARRAY(a, 1, struct vit_waiver);
	policy->waivers[0] = (struct vit_waiver){ .id = VIT_CK_config_token_ids,
						  .path = VIT_STR_EMPTY,
						  .reason = evil,
						  .until = 30000 };
	policy->waiver_count = 1;
	vit_report_decide(r, a, policy, 20454);
}

static bool collect(void *ctx, const char *p, size_t n)
{
	vit_buf_add(ctx, p, n);
	return true;
}

struct vit_buf render(const struct vit_report *r, const char *format,
		      struct vit_render_options options)
{
	struct vit_buf b;
	struct vit_sink sink = { .write = collect };
	const struct vit_renderer *renderer = vit_renderer_find(vit_str_c(format));

	vit_buf_init(&b, SIZE_MAX / 2);
	sink.ctx = &b;
	if (!renderer)
		abort();
	renderer->render(r, &options, &sink);
	return b;
}
