#include "report/render.h"

struct vit_str vit_section_reason(const struct vit_section *s)
{
	if (s->not_assessed.n)
		return s->not_assessed;
	return VIT_STR("nothing was collected for this section");
}

struct vit_str vit_finding_remedy(const struct vit_report_finding *f)
{
	return f->remedy.n ? f->remedy : vit_str_c(vit_check_info(f->id)->remedy);
}

static bool has_labelled_column(const struct vit_node *n)
{
	for (uint32_t i = 0; i < n->column_count; i++)
		if (n->columns[i].label)
			return true;
	return false;
}

bool vit_node_is_shown(const struct vit_node *n)
{
	switch (n->kind) {
	case VIT_NODE_VALUE:
	case VIT_NODE_GROUP:
		return n->label.n > 0;
	case VIT_NODE_TABLE:
		return n->label.n > 0 && has_labelled_column(n);
	case VIT_NODE_TEXT:
	case VIT_NODE_LIST:
	case VIT_NODE_CODE:
		return true;
	}
	return true;
}

uint32_t vit_node_rows(const struct vit_node *n, bool verbose)
{
	if (verbose || n->text_rows == 0 || n->text_rows > n->row_count)
		return n->row_count;
	return n->text_rows;
}

uint64_t vit_node_more_rows(const struct vit_node *n, uint32_t shown)
{
	uint64_t all = n->rows_total > n->row_count ? n->rows_total : n->row_count;

	return all - shown;
}

bool vit_check_is(const struct vit_report_check *c, const char *state)
{
	return strcmp(c->state, state) == 0;
}
