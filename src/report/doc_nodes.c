#include "report/doc.h"

#include "report/escape.h"
#include "report/render.h"
#include "report/walk.h"

static const struct vit_column value_columns[] = {
	{ NULL, "Field", false },
	{ NULL, "Value", false },
	{ NULL, "Basis", false },
	{ NULL, "Source", false },
};

void vit_doc_c(struct vit_doc *d, const char *literal)
{
	d->ops->text(d, vit_str_c(literal));
}

void vit_doc_prose(struct vit_doc *d, struct vit_str s)
{
	struct vit_str piece;
	bool code;

	while (vit_esc_piece(&s, &piece, &code)) {
		if (code)
			d->ops->code(d, piece);
		else
			d->ops->text(d, piece);
	}
}

void vit_doc_not_assessed(struct vit_doc *d, struct vit_str why)
{
	d->ops->paragraph(d);
	vit_doc_c(d, "Not assessed: ");
	vit_doc_prose(d, why);
	if (!vit_str_ends(why, VIT_STR(".")))
		vit_doc_c(d, ".");
	d->ops->paragraph_end(d);
}

static void text_cell(struct vit_doc *d, struct vit_str s, bool right)
{
	d->ops->cell(d, right);
	d->ops->text(d, s);
	d->ops->cell_end(d);
}

static const char *basis_words(enum vit_basis b)
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
		return "not assessed";
	}
	return "";
}

static void value_row(struct vit_doc *d, const struct vit_node *n)
{
	d->ops->row(d);
	text_cell(d, n->label, false);
	text_cell(d, vit_out_value(d->o, &n->value, VIT_VALUE_FULL), false);
	text_cell(d, vit_str_c(basis_words(n->basis)), false);
	text_cell(d, n->source, false);
	d->ops->row_end(d);
}

static void more(struct vit_doc *d, uint64_t n, const char *what)
{
	char number[VIT_FMT_NUM];

	if (n == 0)
		return;
	d->ops->paragraph(d);
	vit_doc_c(d, "and ");
	vit_doc_c(d, vit_fmt_u64(n, number));
	vit_doc_c(d, " more ");
	vit_doc_c(d, what);
	d->ops->paragraph_end(d);
}

static void caption(struct vit_doc *d, const struct vit_node *n)
{
	if (n->label.n == 0)
		return;
	d->ops->paragraph(d);
	d->ops->strong(d, n->label);
	if (n->basis != VIT_BASIS_NONE || n->source.n) {
		vit_doc_c(d, " (");
		vit_doc_c(d, basis_words(n->basis));
		if (n->basis != VIT_BASIS_NONE && n->source.n)
			vit_doc_c(d, ": ");
		d->ops->text(d, n->source);
		vit_doc_c(d, ")");
	}
	d->ops->paragraph_end(d);
}

static void table(struct vit_doc *d, const struct vit_node *n)
{
	uint32_t rows = vit_node_rows(n, d->options->verbose);

	caption(d, n);
	if (rows) {
		d->ops->table(d, n->columns, n->column_count);
		for (uint32_t row = 0; row < rows; row++) {
			d->ops->row(d);
			for (uint32_t c = 0; c < n->column_count; c++) {
				const struct vit_val *v =
					&n->cells[(size_t)row * n->column_count + c];
				if (n->columns[c].label)
					text_cell(d, vit_out_value(d->o, v, VIT_VALUE_FULL),
						  n->columns[c].right);
			}
			d->ops->row_end(d);
		}
		d->ops->table_end(d);
	}
	more(d, vit_node_more_rows(n, rows), "rows");
}

static void list(struct vit_doc *d, const struct vit_node *n)
{
	uint32_t rows = vit_node_rows(n, d->options->verbose);

	caption(d, n);
	if (rows) {
		d->ops->list(d, n->ordered);
		for (uint32_t i = 0; i < rows; i++) {
			d->ops->item(d);
			vit_doc_prose(d, vit_out_value(d->o, &n->cells[i], VIT_VALUE_FULL));
			d->ops->item_end(d);
		}
		d->ops->list_end(d, n->ordered);
	}
	more(d, vit_node_more_rows(n, rows), "items");
}

static void paragraph(struct vit_doc *d, const struct vit_node *n)
{
	d->ops->paragraph(d);
	if (n->label.n) {
		d->ops->strong(d, n->label);
		vit_doc_c(d, ": ");
	}
	vit_doc_prose(d, vit_out_value(d->o, &n->value, VIT_VALUE_FULL));
	d->ops->paragraph_end(d);
}

static void leaf(struct vit_doc *d, const struct vit_node *n)
{
	switch (n->kind) {
	case VIT_NODE_TABLE:
		table(d, n);
		break;
	case VIT_NODE_TEXT:
		paragraph(d, n);
		break;
	case VIT_NODE_LIST:
		list(d, n);
		break;
	case VIT_NODE_CODE:
		caption(d, n);
		d->ops->block(d, n->value.str);
		break;
	case VIT_NODE_VALUE:
	case VIT_NODE_GROUP:
		break;
	}
}

void vit_doc_nodes(struct vit_doc *d, const struct vit_node *first)
{
	struct vit_walk w;
	const struct vit_node *n = NULL;
	enum vit_walk_event e;
	bool in_values = false;

	vit_walk_init(&w, first);
	while ((e = vit_walk_next(&w, &n)) != VIT_WALK_END) {
		if (!vit_node_is_shown(n))
			continue;
		bool is_value = e == VIT_WALK_LEAF && n->kind == VIT_NODE_VALUE;
		if (in_values && !is_value)
			d->ops->table_end(d);
		if (!in_values && is_value)
			d->ops->table(d, value_columns, 4);
		in_values = is_value;
		if (is_value)
			value_row(d, n);
		else if (e == VIT_WALK_ENTER)
			d->ops->heading(d, w.depth < 3 ? 2 + w.depth : 5, n->label, NULL);
		else if (e == VIT_WALK_LEAF)
			leaf(d, n);
	}
	if (in_values)
		d->ops->table_end(d);
}
