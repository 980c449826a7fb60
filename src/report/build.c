#include "report/build.h"

#include "base/err.h"

static const struct {
	const char *title, *key;
} section_names[VIT_SECTION_COUNT] = {
	{ "Executive summary", "summary" },
	{ "Model files", "files" },
	{ "Architecture", "model" },
	{ "Weights", "weights" },
	{ "Tokenizer, template and generation settings", "tokenizer" },
	{ "Integrity", "integrity" },
	{ "Platform optimisation", "platform" },
	{ "Runtimes", "runtimes" },
	{ "System", "system" },
	{ "Training data", "data" },
	{ "Forecast", "forecast" },
	{ "Risks", "risks" },
	{ "Recommendations", "recommendations" },
	{ "Not assessed", "not_assessed" },
	{ "Conclusion and next steps", "conclusion" },
	{ "Provenance", "provenance" },
};

const char *vit_verdict_text(enum vit_verdict v)
{
	switch (v) {
	case VIT_VERDICT_READY:
		return "READY";
	case VIT_VERDICT_WARNINGS:
		return "READY WITH WARNINGS";
	case VIT_VERDICT_NOT_READY:
		return "NOT READY";
	case VIT_VERDICT_INCONCLUSIVE:
		return "INCONCLUSIVE";
	}
	return "INCONCLUSIVE";
}

const char *vit_verdict_name(enum vit_verdict v)
{
	switch (v) {
	case VIT_VERDICT_READY:
		return "ready";
	case VIT_VERDICT_WARNINGS:
		return "ready_with_warnings";
	case VIT_VERDICT_NOT_READY:
		return "not_ready";
	case VIT_VERDICT_INCONCLUSIVE:
		return "inconclusive";
	}
	return "inconclusive";
}

const char *vit_basis_name(enum vit_basis b)
{
	switch (b) {
	case VIT_BASIS_NONE:
		return "";
	case VIT_BASIS_MEASURED:
		return "measured";
	case VIT_BASIS_COMPUTED:
		return "computed";
	case VIT_BASIS_ATTESTED:
		return "attested";
	case VIT_BASIS_NOT_ASSESSED:
		return "not_assessed";
	}
	return "";
}

void vit_report_init(struct vit_report *r, struct vit_arena *a)
{
	*r = (struct vit_report){
		.tool_version = VIT_STR_EMPTY,
		.target = VIT_STR_EMPTY,
		.target_name = VIT_STR_EMPTY,
		.purpose = VIT_STR_EMPTY,
		.verdict = VIT_VERDICT_INCONCLUSIVE,
		.exit_code = 2,
		.fail_on = VIT_SEV_ERROR,
	};
	r->check_count = VIT_CK_COUNT;
	r->checks = VIT_NEW_ARRAY(a, r->check_count, struct vit_report_check);
	for (uint32_t i = 0; i < r->check_count; i++) {
		r->checks[i].id = (enum vit_check_id)i;
		r->checks[i].state = "not_checked";
		r->checks[i].reason = VIT_STR_EMPTY;
	}
	for (unsigned i = 0; i < VIT_SECTION_COUNT; i++) {
		r->sections[i].id = (enum vit_section_id)(i + 1);
		r->sections[i].title = section_names[i].title;
		r->sections[i].key = section_names[i].key;
		r->sections[i].not_assessed = VIT_STR_EMPTY;
	}
}

static struct vit_node *new_node(struct vit_arena *a, enum vit_node_kind kind, const char *key,
				 const char *label)
{
	struct vit_node *n = VIT_NEW(a, struct vit_node);
	n->kind = kind;
	n->key = key;
	n->label = vit_str_c(label);
	n->source = VIT_STR_EMPTY;
	return n;
}

struct vit_node *vit_node_add(struct vit_arena *a, struct vit_section *s, enum vit_node_kind kind,
			      const char *key, const char *label)
{
	struct vit_node *n = new_node(a, kind, key, label);
	if (s->last)
		s->last->next = n;
	else
		s->nodes = n;
	s->last = n;
	return n;
}

struct vit_node *vit_node_child(struct vit_arena *a, struct vit_node *group,
				enum vit_node_kind kind, const char *key, const char *label)
{
	struct vit_node *n = new_node(a, kind, key, label);
	if (group->kind != VIT_NODE_GROUP)
		VIT_BUG("only groups have children");
	if (group->last_child)
		group->last_child->next = n;
	else
		group->children = n;
	group->last_child = n;
	return n;
}

void vit_node_value(struct vit_arena *a, struct vit_node *group, const char *key,
		    const char *label, struct vit_val v, enum vit_basis basis,
		    struct vit_str source)
{
	struct vit_node *n = vit_node_child(a, group, VIT_NODE_VALUE, key, label);
	n->value = v;
	n->basis = basis;
	n->source = source;
}

struct vit_node *vit_node_table(struct vit_arena *a, struct vit_node *group, const char *key,
				const char *label, const struct vit_column *columns,
				uint32_t column_count, uint32_t rows)
{
	struct vit_node *n = vit_node_child(a, group, VIT_NODE_TABLE, key, label);
	n->columns = columns;
	n->column_count = column_count;
	n->row_count = rows;
	n->cells = VIT_NEW_ARRAY(a, (size_t)rows * column_count, struct vit_val);
	return n;
}
