#include "base/num.h"
#include "present/present.h"

static struct vit_val from_json(const struct vit_json *v)
{
	switch (v->kind) {
	case VIT_JSON_K_BOOL:
		return vit_val_bool(v->boolean);
	case VIT_JSON_K_NUMBER:
		if (v->flags & VIT_JSON_U64)
			return vit_val_u64(v->u64);
		if (v->flags & VIT_JSON_I64)
			return vit_val_i64(v->i64);
		return vit_val_double(v->number);
	case VIT_JSON_K_STRING:
		return vit_val_str(v->string);
	case VIT_JSON_K_NULL:
	case VIT_JSON_K_ARRAY:
	case VIT_JSON_K_OBJECT:
		break;
	}
	return vit_val_none();
}

/* "20.9 billion, 3.61 billion of them active": what people compare with model cards. */
static void in_words(const struct vit_present *p, struct vit_node *g)
{
	const struct vit_architecture *ar = p->architecture;
	char total[VIT_FMT_NUM], active[VIT_FMT_NUM];
	struct vit_str text;

	if (!ar->total_known || ar->total < 1000000)
		return;
	text = ar->active_known ? vit_arena_printf(p->arena, "%s, %s of them active", vit_fmt_count(ar->total, total),
						   vit_fmt_count(ar->active, active)) :
				  vit_arena_printf(p->arena, "%s", vit_fmt_count(ar->total, total));
	vit_node_value(p->arena, g, NULL, "In words", vit_val_str(text), VIT_BASIS_COMPUTED,
		       VIT_STR("the totals above"));
}

static void present_parameters(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_architecture *ar = p->architecture;
	struct vit_node *g;

	if (!ar->total_known && !ar->stored_known)
		return;
	g = vit_node_add(p->arena, s, VIT_NODE_GROUP, "parameters", "Parameters");
	if (ar->total_known) {
		vit_node_value(p->arena, g, "total", "Total", vit_val_u64(ar->total), VIT_BASIS_COMPUTED,
			       VIT_STR("config.json and the family's shapes"));
	}
	if (ar->active_known)
		vit_node_value(p->arena, g, "active", "Active per token", vit_val_u64(ar->active),
			       VIT_BASIS_COMPUTED,
			       vit_arena_printf(p->arena, "%llu of %llu experts; no input embedding",
						(unsigned long long)ar->experts_per_token,
						(unsigned long long)ar->experts));
	in_words(p, g);
	if (ar->stored_known) {
		vit_node_value(p->arena, g, "stored", "In the files", vit_val_u64(ar->stored_total),
			       VIT_BASIS_MEASURED, VIT_STR("shapes in the safetensors headers"));
		if (ar->stored_uncounted)
			vit_node_value(p->arena, g, "stored_uncounted",
				       "Buffers, extra heads and copies beside them",
				       vit_val_u64(ar->stored_uncounted), VIT_BASIS_MEASURED,
				       VIT_STR("shapes in the safetensors headers"));
	}
	if (ar->stored_known && ar->total_known)
		vit_node_value(p->arena, g, "agree", "Configuration and files agree",
			       vit_val_bool(ar->stored_total == ar->total), VIT_BASIS_COMPUTED,
			       VIT_STR("the two totals"));
}

/* A user's own spec stands on a family: that is the one named. */
static const struct vit_spec *family_of(const struct vit_spec *s)
{
	while (s && s->kind != VIT_SPEC_FAMILY && s->parent)
		s = s->parent;
	return s;
}

static struct vit_val brief(const struct vit_present *p, const struct vit_json *v)
{
	struct vit_val val;
	struct vit_buf text;

	if (v->kind != VIT_JSON_K_ARRAY && v->kind != VIT_JSON_K_OBJECT)
		return from_json(v);
	vit_buf_init(&text, 400);
	vit_json_brief(&text, v, 200);
	val = vit_val_str(vit_arena_str(p->arena, vit_buf_view(&text)));
	vit_buf_release(&text);
	return val;
}

/* What an adapter says of itself. */
static void present_adapter(const struct vit_present *p, struct vit_section *s)
{
	static const struct { const char *key, *label, *source; } rows[] = {
		{ "peft_type", "Kind", "adapter_config.json peft_type" },
		{ "r", "Rank", "adapter_config.json r" },
		{ "lora_alpha", "Alpha", "adapter_config.json lora_alpha" },
		{ "target_modules", "Target modules", "adapter_config.json target_modules" },
		{ "base_model_name_or_path", "Base model", "adapter_config.json base_model_name_or_path" },
	};
	const struct vit_json *config = p->facts->config.adapter.doc.root;
	struct vit_node *g;

	if (!p->architecture->is_adapter || !config)
		return;
	g = vit_node_add(p->arena, s, VIT_NODE_GROUP, "adapter", "Adapter");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct vit_json *v = vit_json_get_c(config, rows[i].key);
		if (!vit_json_is_null(v))
			vit_node_value(p->arena, g, rows[i].key, rows[i].label, brief(p, v), VIT_BASIS_MEASURED,
				       vit_str_c(rows[i].source));
	}
}

static void present_identity(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_architecture *ar = p->architecture;
	const struct vit_config *c = &p->facts->config;

	if (c->architecture.n)
		vit_present_value(p, s, "class", "Class", vit_val_str(c->architecture),
				  VIT_BASIS_MEASURED, "config.json architectures[0]");
	if (c->model_type.n)
		vit_present_value(p, s, "model_type", "Model type", vit_val_str(c->model_type),
				  VIT_BASIS_MEASURED, "config.json model_type");
	if (ar->family || ar->adapter)
		vit_present_value(p, s, "family", "Family",
				  vit_val_str(family_of(ar->family ? ar->family : ar->adapter)->id), VIT_BASIS_COMPUTED,
				  p->spec_forced ? "spec given by --spec" : "spec chosen by configuration");
	if (ar->model)
		vit_present_value(p, s, "published_model", "Published model",
				  vit_val_str(ar->model->title.n ? ar->model->title : ar->model->id),
				  VIT_BASIS_COMPUTED,
				  p->spec_forced ? "spec given by --spec" : "spec chosen by content, not by folder name");
	if (ar->revision.n)
		vit_present_value(p, s, "revision", "Revision", vit_val_str(ar->revision),
				  VIT_BASIS_COMPUTED, "sizes of the files");
	if (c->quant_method.n)
		vit_present_value(p, s, "quantization", "Quantisation", vit_val_str(c->quant_method),
				  VIT_BASIS_MEASURED, "config.json quantization_config");
	if (c->dtype.n)
		vit_present_value(p, s, "dtype", "Configured dtype", vit_val_str(c->dtype),
				  VIT_BASIS_MEASURED, "config.json");
}

static void present_agreement(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_architecture *ar = p->architecture;
	uint64_t faults = 0;
	char n[VIT_FMT_NUM], m[VIT_FMT_NUM];

	if (ar->adapter && ar->coverage_note.n) {
		vit_present_text(p, s,
				 vit_arena_printf(p->arena,
						  "The adapter's tensors were held against its own configuration: names, pairs "
						  "and ranks; %.*s.",
						  VIT_FMT(ar->coverage_note)));
		return;
	}
	if (!ar->family) {
		vit_present_text(p, s,
				 vit_arena_printf(p->arena,
						  "No family spec covers this model (%.*s): its tensors' shapes were "
						  "not held against the configuration; everything structural was.",
						  VIT_FMT(ar->family_reason)));
		return;
	}
	if (!ar->shapes_covered && ar->coverage_note.n) {
		vit_present_text(p, s, vit_arena_printf(p->arena, "Coverage: %.*s.", VIT_FMT(ar->coverage_note)));
		return;
	}
	if (!ar->stored_known)
		return;
	for (size_t i = 0; i < sizeof ar->problem_totals / sizeof ar->problem_totals[0]; i++)
		faults += ar->problem_totals[i];
	vit_present_text(p, s,
			 vit_arena_printf(p->arena,
					  "Every tensor was held against the family's names and shapes: %s expected, "
					  "%s %s.",
					  vit_fmt_u64(ar->expected_count, n), vit_fmt_u64(faults, m),
					  faults == 1 ? "disagrees" : "disagree"));
}

void vit_present_model(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_architecture *ar = p->architecture;

	if (!(p->facts->groups & VIT_FG_CONFIG)) {
		s->not_assessed = VIT_STR("no selected check needs it");
		return;
	}
	if (!p->facts->config.root && !p->facts->config.adapter.doc.root) {
		s->not_assessed = VIT_STR("there is no readable config.json");
		return;
	}
	present_identity(p, s);
	present_adapter(p, s);
	present_parameters(p, s);
	for (uint32_t i = 0; i < ar->value_count; i++) {
		const struct vit_arch_value *v = &ar->values[i];
		struct vit_node *n = vit_node_add(p->arena, s, VIT_NODE_VALUE, v->key, v->label);
		n->value = from_json(&v->value);
		n->basis = VIT_BASIS_MEASURED;
		n->source = v->source;
	}
	present_agreement(p, s);
}
