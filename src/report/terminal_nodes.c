#include "report/render.h"
#include "report/terminal.h"
#include "report/walk.h"
#include "report/width.h"

#define MARGIN      2
#define GAP         2
#define LABEL_MAX   38
#define VALUE_MAX   44
#define CELL_MAX    60
#define COLUMNS_MAX 16
#define LIST_INDENT 5

static size_t clean_width(struct vit_term *t, struct vit_str s)
{
	return vit_width(vit_out_clean(t->o, s, VIT_OUT_TEXT_MAX));
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void pad(struct vit_term *t, size_t used, size_t width)
{
	if (used < width)
		vit_term_spaces(t, width - used);
}

/* How a value is known, where that is more than "measured". */
static const char *basis_prefix(enum vit_basis b)
{
	switch (b) {
	case VIT_BASIS_COMPUTED:
		return "computed: ";
	case VIT_BASIS_ATTESTED:
		return "attested: ";
	case VIT_BASIS_NOT_ASSESSED:
		return "not assessed: ";
	case VIT_BASIS_NONE:
	case VIT_BASIS_MEASURED:
		break;
	}
	return "";
}

struct columns {
	size_t label, value;
};

/* Widths of a run of values that stand together. */
static struct columns measure_values(struct vit_term *t, const struct vit_node *n)
{
	struct columns c = { 0, 0 };

	for (; n && n->kind == VIT_NODE_VALUE; n = n->next) {
		if (!vit_node_is_shown(n))
			continue;
		size_t label = clean_width(t, n->label);
		size_t value = clean_width(t, vit_out_value(t->o, &n->value, VIT_VALUE_FULL));
		if (label > c.label)
			c.label = label;
		if (value > c.value && value <= VALUE_MAX)
			c.value = value;
	}
	c.label = smaller(c.label, LABEL_MAX);
	return c;
}

static void value_line(struct vit_term *t, const struct vit_node *n, struct columns c,
		       size_t indent)
{
	const char *prefix = basis_prefix(n->basis);
	size_t at = indent + c.label + GAP, used;

	vit_term_spaces(t, indent);
	pad(t, vit_term_text(t, VIT_STYLE_DIM, n->label, c.label), c.label + GAP);
	struct vit_str value = vit_out_value(t->o, &n->value, VIT_VALUE_FULL);
	size_t width = clean_width(t, value);
	if (at + width > t->width) {
		vit_term_wrap(t, VIT_STYLE_PLAIN, value, at, at);
		return;
	}
	used = vit_term_text(t, VIT_STYLE_PLAIN, value, 0);
	at += used < c.value ? c.value : used;
	/* The source yields where there is no room for a good part of it. */
	if ((n->source.n || prefix[0]) && at + GAP + strlen(prefix) + 8 <= t->width) {
		pad(t, used, c.value);
		vit_term_spaces(t, GAP);
		vit_term_c(t, VIT_STYLE_DIM, prefix);
		vit_term_text(t, VIT_STYLE_DIM, n->source,
			      t->width - at - GAP - strlen(prefix));
	}
	vit_out_c(t->o, "\n");
}

static struct vit_str cell(struct vit_term *t, const struct vit_node *n, uint32_t row, uint32_t c)
{
	return vit_out_value(t->o, &n->cells[(size_t)row * n->column_count + c], VIT_VALUE_SHORT);
}

/* Takes columns off the widest until the row fits. */
static void shrink(size_t *widths, uint32_t count, size_t room)
{
	for (;;) {
		size_t total = 0;
		uint32_t widest = 0;
		for (uint32_t i = 0; i < count; i++) {
			total += widths[i] ? widths[i] + GAP : 0;
			if (widths[i] > widths[widest])
				widest = i;
		}
		if (total <= room + GAP || widths[widest] <= 8)
			return;
		size_t over = total - room - GAP;
		widths[widest] -= over < widths[widest] - 8 ? (over + 3) / 4 : 1;
	}
}

static void measure_table(struct vit_term *t, const struct vit_node *n, uint32_t rows,
			  uint32_t count, size_t *widths)
{
	for (uint32_t c = 0; c < count; c++) {
		widths[c] = 0;
		if (!n->columns[c].label)
			continue;
		widths[c] = vit_width(vit_str_c(n->columns[c].label));
		for (uint32_t row = 0; row < rows; row++) {
			size_t w = smaller(clean_width(t, cell(t, n, row, c)), CELL_MAX);
			if (w > widths[c])
				widths[c] = w;
		}
	}
}

static void table_row(struct vit_term *t, const struct vit_node *n, uint32_t row, uint32_t count,
		      const size_t *widths, size_t indent)
{
	size_t due = indent; /* blanks owed: none at the end of a line */

	for (uint32_t c = 0; c < count; c++) {
		bool head = row == UINT32_MAX;
		if (!n->columns[c].label)
			continue;
		struct vit_str s = head ? vit_str_c(n->columns[c].label) : cell(t, n, row, c);
		size_t used = smaller(clean_width(t, s), widths[c]);
		vit_term_spaces(t, due + (n->columns[c].right ? widths[c] - used : 0));
		used = vit_term_text(t, head ? VIT_STYLE_DIM : VIT_STYLE_PLAIN, s, widths[c]);
		due = GAP + (n->columns[c].right ? 0 : widths[c] - used);
	}
	vit_out_c(t->o, "\n");
}

static void more(struct vit_term *t, uint64_t n, const char *what, size_t indent)
{
	if (n == 0)
		return;
	vit_term_spaces(t, indent);
	vit_out_c(t->o, "and ");
	vit_out_u64(t->o, n);
	vit_out_c(t->o, " more ");
	vit_out_c(t->o, what);
	vit_out_c(t->o, "\n");
}

static void caption(struct vit_term *t, const struct vit_node *n, size_t indent)
{
	if (n->label.n == 0)
		return;
	vit_term_spaces(t, indent);
	vit_term_text(t, VIT_STYLE_BOLD, n->label, t->width - indent);
	vit_out_c(t->o, "\n");
}

static void table(struct vit_term *t, const struct vit_node *n, size_t indent)
{
	size_t widths[COLUMNS_MAX];
	uint32_t rows = vit_node_rows(n, t->options->verbose);
	uint32_t count = n->column_count < COLUMNS_MAX ? n->column_count : COLUMNS_MAX;

	caption(t, n, indent);
	if (rows) {
		measure_table(t, n, rows, count, widths);
		shrink(widths, count, t->width - indent - MARGIN);
		table_row(t, n, UINT32_MAX, count, widths, indent + MARGIN);
		for (uint32_t row = 0; row < rows; row++)
			table_row(t, n, row, count, widths, indent + MARGIN);
	}
	more(t, vit_node_more_rows(n, rows), "rows", indent + MARGIN);
}

static void list(struct vit_term *t, const struct vit_node *n, size_t indent)
{
	uint32_t rows = vit_node_rows(n, t->options->verbose);

	caption(t, n, indent);
	for (uint32_t i = 0; i < rows; i++) {
		char mark[VIT_FMT_NUM];
		vit_term_spaces(t, indent);
		if (n->ordered) {
			size_t w = strlen(vit_fmt_u64(i + 1, mark));
			vit_term_spaces(t, w < 3 ? 3 - w : 0);
			vit_out_c(t->o, mark);
			vit_out_c(t->o, ". ");
		} else {
			vit_out_c(t->o, "   - ");
		}
		vit_term_wrap(t, VIT_STYLE_PLAIN,
			      vit_out_value(t->o, &n->cells[i], VIT_VALUE_FULL),
			      indent + LIST_INDENT, indent + LIST_INDENT);
	}
	more(t, vit_node_more_rows(n, rows), "items", indent + LIST_INDENT);
}

static void code(struct vit_term *t, const struct vit_node *n, size_t indent)
{
	struct vit_str rest = n->value.str, line;

	caption(t, n, indent);
	while (vit_str_line(&rest, &line)) {
		vit_term_spaces(t, indent + MARGIN);
		vit_term_c(t, VIT_STYLE_DIM, "$ ");
		vit_out_raw(t->o, vit_out_clean_code(t->o, line, VIT_OUT_TEXT_MAX));
		vit_out_c(t->o, "\n");
	}
}

static void leaf(struct vit_term *t, const struct vit_node *n, size_t indent)
{
	switch (n->kind) {
	case VIT_NODE_TABLE:
		table(t, n, indent);
		break;
	case VIT_NODE_TEXT:
		caption(t, n, indent);
		vit_term_spaces(t, indent);
		vit_term_wrap(t, VIT_STYLE_PLAIN,
			      vit_out_value(t->o, &n->value, VIT_VALUE_FULL), indent, indent);
		break;
	case VIT_NODE_LIST:
		list(t, n, indent);
		break;
	case VIT_NODE_CODE:
		code(t, n, indent);
		break;
	case VIT_NODE_VALUE:
	case VIT_NODE_GROUP:
		break;
	}
}

void vit_term_nodes(struct vit_term *t, const struct vit_node *first)
{
	struct vit_walk w;
	const struct vit_node *n = NULL;
	enum vit_walk_event e;
	struct columns columns = { 0, 0 };
	bool in_values = false, blank = false;
	size_t indent = MARGIN;

	vit_walk_init(&w, first);
	while ((e = vit_walk_next(&w, &n)) != VIT_WALK_END) {
		bool group = n->kind == VIT_NODE_GROUP;
		if (group && n->label.n)
			indent = e == VIT_WALK_ENTER ? indent + MARGIN : indent - MARGIN;
		if (!vit_node_is_shown(n) || e == VIT_WALK_LEAVE) {
			in_values = in_values && !group;
			continue;
		}
		bool is_value = n->kind == VIT_NODE_VALUE;
		if (blank && !(is_value && in_values) && !group && !is_value)
			vit_out_c(t->o, "\n");
		if (is_value && !in_values)
			columns = measure_values(t, n);
		in_values = is_value;
		blank = !group;
		if (is_value)
			value_line(t, n, columns, indent);
		else if (group)
			caption(t, n, indent - MARGIN);
		else
			leaf(t, n, indent);
	}
}
