#include "present/present.h"

static const char *template_place(enum vit_template_place place)
{
	switch (place) {
	case VIT_TP_NONE:
		return "none";
	case VIT_TP_FILE:
		return "file";
	case VIT_TP_INLINE:
		return "tokenizer_config.json";
	case VIT_TP_BOTH:
		return "file and tokenizer_config.json";
	}
	return "none";
}

/* Scalars and lists of generation_config.json, as written. */
static void present_generation(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_json *root = p->facts->config.generation.doc.root;
	struct vit_node *g;

	if (!root || root->kind != VIT_JSON_K_OBJECT || root->count == 0)
		return;
	g = vit_node_add(p->arena, s, VIT_NODE_TABLE, "generation", "Generation settings");
	static const struct vit_column columns[] = { { "key", "Key", false }, { "value", "Value", false } };
	g->columns = columns;
	g->column_count = 2;
	g->row_count = root->count < 100 ? root->count : 100;
	g->rows_total = root->count > 100 ? root->count : 0;
	g->cells = VIT_NEW_ARRAY(p->arena, (size_t)g->row_count * 2, struct vit_val);
	for (uint32_t i = 0; i < g->row_count; i++) {
		struct vit_buf b;
		vit_buf_init(&b, 4096);
		vit_json_brief(&b, &root->children[i], 200);
		*vit_cell(g, i, 0) = vit_val_str(root->children[i].key);
		*vit_cell(g, i, 1) = vit_val_str(vit_arena_str(p->arena, vit_buf_view(&b)));
		vit_buf_release(&b);
	}
}

void vit_present_tokenizer(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_tokenizer *t = &p->facts->tokenizer;

	if (!(p->facts->groups & VIT_FG_TOKENIZER)) {
		s->not_assessed = VIT_STR("no selected check needs it");
		return;
	}
	if (t->state != VIT_DOC_OK && t->template_place == VIT_TP_NONE && !p->facts->config.generation.doc.root) {
		s->not_assessed = t->state == VIT_DOC_ABSENT ? VIT_STR("there is no tokenizer.json and no template") :
							       VIT_STR("tokenizer.json could not be read");
		return;
	}
	if (t->state == VIT_DOC_OK) {
		if (t->model.n)
			vit_present_value(p, s, "model", "Model", vit_val_str(t->model), VIT_BASIS_MEASURED,
					  "tokenizer.json");
		vit_present_value(p, s, "vocab_entries", "Vocabulary entries", vit_val_u64(t->vocab_count),
				  VIT_BASIS_MEASURED, "tokenizer.json");
		vit_present_value(p, s, "added_tokens", "Added tokens", vit_val_u64(t->added_count),
				  VIT_BASIS_MEASURED, "tokenizer.json");
		vit_present_value(p, s, "distinct_ids", "Distinct ids", vit_val_u64(t->distinct_ids),
				  VIT_BASIS_MEASURED, "tokenizer.json");
		vit_present_value(p, s, "max_id", "Largest id", vit_val_u64(t->max_id), VIT_BASIS_MEASURED,
				  "tokenizer.json");
		if (t->merges_count)
			vit_present_value(p, s, "merges", "Merges", vit_val_u64(t->merges_count),
					  VIT_BASIS_MEASURED, "tokenizer.json");
	}
	vit_present_value(p, s, "template", "Chat template", vit_val_c(template_place(t->template_place)),
			  VIT_BASIS_MEASURED, "files");
	if (t->template_place != VIT_TP_NONE)
		vit_present_value(p, s, "template_bytes", "Template size", vit_val_bytes(t->template_bytes),
				  VIT_BASIS_MEASURED, "files");
	if (t->template_place == VIT_TP_BOTH)
		vit_present_value(p, s, "templates_equal", "Both places hold the same template",
				  vit_val_bool(t->templates_equal), VIT_BASIS_MEASURED, "compared as text");
	if (t->templates.read) {
		vit_present_value(p, s, "template_tools", "Template lays out tools",
				  vit_val_bool(t->templates.uses_tools), VIT_BASIS_MEASURED, "parsed");
		vit_present_value(p, s, "template_generation", "Template marks answers",
				  vit_val_bool(t->templates.marks_generation), VIT_BASIS_MEASURED, "parsed");
		vit_present_value(p, s, "template_clock", "Template prints the date",
				  vit_val_bool(t->templates.uses_clock), VIT_BASIS_MEASURED, "parsed");
	}
	present_generation(p, s);
}
