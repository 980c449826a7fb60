/* What --deep found in the weights: by role for people, tensor by tensor for JSON. */
#include <math.h>
#include <stdio.h>

#include "base/num.h"
#include "present/present.h"

#define ROLE_ROWS 2000
#define ROLE_TEXT_ROWS 60
#define TENSOR_ROWS 20000

/* Not a number is no number in any format. */
static struct vit_val number(double v)
{
	return isfinite(v) ? vit_val_double(v) : vit_val_none();
}

/* To four digits, for people; the tensors' own rows have all of them. */
static struct vit_val rounded(double v)
{
	char text[32];
	double r;

	if (!isfinite(v))
		return vit_val_none();
	(void)snprintf(text, sizeof text, "%.4g", v);
	return vit_parse_double(vit_str_c(text), &r) ? vit_val_double(r) : vit_val_double(v);
}

struct range {
	double least, most;
};

static void widen(struct range *r, double v)
{
	if (!isfinite(v))
		return;
	if (isnan(r->least) || v < r->least)
		r->least = v;
	if (isnan(r->most) || v > r->most)
		r->most = v;
}

static bool has_values(const struct vit_numbers *x)
{
	return x->kind != VIT_NK_BYTES && x->count > x->nan + x->inf;
}

static void role_row(const struct vit_present *p, struct vit_node *t, uint32_t row, const struct vit_peers *g,
		     const uint32_t *rows)
{
	const struct vit_weights *w = &p->facts->weights;
	struct range means = { (double)NAN, (double)NAN }, deviations = means;
	uint64_t count = 0, zero = 0, bad = 0;
	double largest = 0;
	bool values = false;

	for (uint32_t i = 0; i < g->count; i++) {
		const struct vit_numbers *x = &p->facts->numbers.tensors[rows[g->first + i]];
		count += x->count;
		zero += x->zero;
		bad += x->nan + x->inf;
		if (!has_values(x))
			continue;
		values = true;
		if (x->largest > largest)
			largest = x->largest;
		widen(&means, x->mean);
		widen(&deviations, x->deviation);
	}
	*vit_cell(t, row, 0) = vit_val_str(g->pattern);
	*vit_cell(t, row, 1) = vit_val_c(vit_dtype_name((enum vit_dtype)w->tensors[rows[g->first]].dtype));
	*vit_cell(t, row, 2) = vit_val_u64(g->count);
	*vit_cell(t, row, 3) = vit_val_u64(count);
	*vit_cell(t, row, 4) = vit_val_u64(bad);
	*vit_cell(t, row, 5) = vit_val_u64(zero);
	if (!values)
		return;
	*vit_cell(t, row, 6) = rounded(largest);
	*vit_cell(t, row, 7) = rounded(means.least);
	*vit_cell(t, row, 8) = rounded(means.most);
	*vit_cell(t, row, 9) = rounded(deviations.least);
	*vit_cell(t, row, 10) = rounded(deviations.most);
}

static void present_roles(const struct vit_present *p, struct vit_node *g)
{
	static const struct vit_column columns[] = {
		{ "pattern", "Tensors", false },
		{ "dtype", NULL, false },
		{ "tensors", "Count", true },
		{ "numbers", NULL, true },
		{ "not_finite", NULL, true },
		{ "zero", NULL, true },
		{ "largest", "Largest", true },
		{ "mean_least", NULL, true },
		{ "mean_most", NULL, true },
		{ "deviation_least", "Deviation", true },
		{ "deviation_most", "to", true },
	};
	struct vit_peer_table peers;
	struct vit_node *t;
	uint32_t n;

	vit_peers_find(p->arena, &p->facts->weights, &p->facts->numbers, &peers);
	n = peers.count < ROLE_ROWS ? peers.count : ROLE_ROWS;
	t = vit_node_table(p->arena, g, "roles", "Numbers by role", columns, sizeof columns / sizeof columns[0], n);
	t->rows_total = peers.count > n ? peers.count : 0;
	t->text_rows = ROLE_TEXT_ROWS;
	for (uint32_t i = 0; i < n; i++)
		role_row(p, t, i, &peers.groups[i], peers.rows);
}

static void tensor_row(struct vit_node *t, uint32_t row, const struct vit_tensor *x, const struct vit_numbers *n)
{
	*vit_cell(t, row, 0) = vit_val_str(x->name);
	*vit_cell(t, row, 1) = vit_val_c(vit_number_kind_name((enum vit_number_kind)n->kind));
	*vit_cell(t, row, 2) = vit_val_u64(n->count);
	*vit_cell(t, row, 3) = vit_val_u64(n->nan);
	*vit_cell(t, row, 4) = vit_val_u64(n->inf);
	*vit_cell(t, row, 5) = vit_val_u64(n->zero);
	*vit_cell(t, row, 6) = vit_val_bool(n->constant);
	if (!has_values(n))
		return;
	*vit_cell(t, row, 7) = number(n->largest);
	*vit_cell(t, row, 8) = number(n->mean);
	*vit_cell(t, row, 9) = number(n->deviation);
}

static void present_tensors(const struct vit_present *p, struct vit_node *g)
{
	static const struct vit_column columns[] = {
		{ "name", "Tensor", false }, { "kind", "Kind", false }, { "count", "Numbers", true },
		{ "nan", "NaN", true },	     { "inf", "Infinite", true }, { "zero", "Zero", true },
		{ "constant", "Constant", false }, { "largest", "Largest", true }, { "mean", "Mean", true },
		{ "deviation", "Deviation", true },
	};
	const struct vit_weights *w = &p->facts->weights;
	const struct vit_number_facts *n = &p->facts->numbers;
	uint32_t rows = n->measured < TENSOR_ROWS ? n->measured : TENSOR_ROWS, r = 0;
	/* Without a label: for JSON alone. */
	struct vit_node *t = vit_node_table(p->arena, g, "tensors", NULL, columns, sizeof columns / sizeof columns[0], rows);

	t->rows_total = n->measured > rows ? n->measured : 0;
	for (uint32_t i = 0; i < w->tensor_count && r < rows; i++)
		if (n->tensors[i].measured)
			tensor_row(t, r++, &w->tensors[i], &n->tensors[i]);
}

void vit_present_numbers(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_number_facts *n = &p->facts->numbers;
	struct vit_node *g;

	if (!n->asked)
		return;
	g = vit_node_add(p->arena, s, VIT_NODE_GROUP, "numbers", "Numbers");
	vit_node_value(p->arena, g, "measured", "Tensors whose numbers were read", vit_val_u64(n->measured),
		       VIT_BASIS_MEASURED, VIT_STR("every byte of them"));
	if (n->skipped)
		vit_node_value(p->arena, g, "skipped", "Tensors whose place in the file is in doubt", vit_val_u64(n->skipped),
			       VIT_BASIS_MEASURED, VIT_STR("safetensors headers; not read"));
	vit_node_value(p->arena, g, "bytes", "Their bytes", vit_val_bytes(n->bytes), VIT_BASIS_MEASURED,
		       VIT_STR("counted"));
	if (n->measured == 0)
		return;
	present_roles(p, g);
	present_tensors(p, g);
}
