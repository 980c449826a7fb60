/* The parameters of a run: one block each, as the framework loads them. */
#include <stdlib.h>

#include "forecast/params.h"

/* Names that PEFT moves from linear layers to the fused experts. */
static bool of_experts(struct vit_str name)
{
	return vit_str_is(name, "gate_proj") || vit_str_is(name, "up_proj") ||
	       vit_str_is(name, "down_proj");
}

static bool experts_adapted(const struct vit_forward *f)
{
	for (uint64_t i = 0; i < f->layers; i++)
		for (uint32_t k = 0; k < f->layer[i].count; k++)
			if (f->layer[i].rows[k].op == VIT_FWD_EXPERTS)
				return f->layer[i].rows[k].value[VIT_FWD_ADAPTED] != 0;
	return false;
}

struct vit_str vit_target_name(struct vit_str name)
{
	for (size_t i = name.n; i > 0; i--)
		if (name.p[i - 1] == '.')
			return (struct vit_str){ name.p + i, name.n - i };
	return name;
}

/* Are the adapters put on this linear layer? */
static bool adapted(const struct vit_run_plan *plan, const struct vit_fwd_row *row, bool attention)
{
	if (!plan->rank)
		return false;
	switch (plan->targets) {
	case VIT_TARGETS_ALL_LINEAR:
		return !(of_experts(row->name) && experts_adapted(plan->forward));
	case VIT_TARGETS_ATTENTION:
		return attention;
	case VIT_TARGETS_NAMES:
		break;
	}
	for (uint32_t i = 0; i < plan->target_count; i++)
		if (vit_str_eq(vit_target_name(plan->target_names[i]), row->name))
			return true;
	return false;
}

static uint32_t plain(struct vit_runner *r, uint64_t numel)
{
	const struct vit_run_plan *plan = r->plan;

	r->result->parameters += numel;
	if (!plan->frozen)
		r->result->trainable += numel;
	return vit_graph_param(&r->g, numel, plan->weight_elem, plan->training && !plan->frozen) +
	       1;
}

static uint32_t matrix(struct vit_runner *r, uint64_t rows, uint64_t columns)
{
	uint32_t p = plain(r, rows * columns);

	r->g.params[p - 1].rows = rows;
	return p;
}

/* NF4 of bitsandbytes: half a byte a weight, a scale per 64 of them, tables. */
static uint32_t packed(struct vit_runner *r, uint64_t numel)
{
	struct vit_graph *g = &r->g;
	uint64_t blocks = (numel + 63) / 64;
	uint32_t p;

	r->result->parameters += numel;
	p = vit_graph_param(g, (numel + 1) / 2, 1, false);
	g->params[p].numel = numel;
	g->params[p].packed = true;
	vit_graph_alloc(g, r->plan->double_quant ? blocks : 4 * blocks);
	vit_graph_alloc(g, 16 * 4);
	if (r->plan->double_quant) {
		vit_graph_alloc(g, (blocks + 255) / 256 * 4);
		vit_graph_alloc(g, 256 * 4);
		vit_graph_alloc(g, 4);
	}
	return p + 1;
}

/* Experts that stay in MXFP4: half a byte a weight and a scale per 32 of them. */
static uint32_t expert_matrix(struct vit_runner *r, uint64_t rows, uint64_t columns)
{
	struct vit_graph *g = &r->g;
	uint64_t numel = rows * columns;
	uint32_t p;

	if (!r->plan->packed_experts)
		return matrix(r, rows, columns);
	r->result->parameters += numel;
	p = vit_graph_param(g, (numel + 1) / 2, 1, false);
	g->params[p].numel = numel;
	g->params[p].elem = 2;
	vit_graph_alloc(g, (numel + 31) / 32);
	return p + 1;
}

static void linear(struct vit_runner *r, const struct vit_fwd_row *row, struct vit_row_params *p)
{
	uint64_t in = row->value[VIT_FWD_IN], out = row->value[VIT_FWD_OUT];

	p->weight = r->plan->packed ? packed(r, in * out) : matrix(r, out, in);
	if (row->value[VIT_FWD_BIAS])
		p->bias = plain(r, out);
}

static void experts(struct vit_runner *r, const struct vit_fwd_row *row, struct vit_row_params *p)
{
	const uint64_t *v = row->value;
	uint64_t E = v[VIT_FWD_EXPERTS_KEY], h = v[VIT_FWD_IN], J = v[VIT_FWD_INNER];

	p->weight = expert_matrix(r, E * 2 * J, h);
	if (v[VIT_FWD_BIAS])
		p->a = matrix(r, E, 2 * J);
	p->bias = expert_matrix(r, E * h, J);
	if (v[VIT_FWD_BIAS])
		p->b = matrix(r, E, h);
}

static void row_params(struct vit_runner *r, const struct vit_fwd_row *row,
		       struct vit_row_params *p)
{
	const uint64_t *v = row->value;

	switch (row->op) {
	case VIT_FWD_RMS_NORM:
		if (!vit_str_is(row->style, "bare"))
			p->weight = plain(r, v[VIT_FWD_WIDTH]);
		break;
	case VIT_FWD_LAYER_NORM:
		p->weight = plain(r, v[VIT_FWD_WIDTH]);
		if (v[VIT_FWD_BIAS] || !(row->known & (UINT32_C(1) << VIT_FWD_BIAS)))
			p->bias = plain(r, v[VIT_FWD_WIDTH]);
		break;
	case VIT_FWD_LINEAR:
		linear(r, row, p);
		break;
	case VIT_FWD_ROUTER:
		p->weight = matrix(r, v[VIT_FWD_EXPERTS_KEY], v[VIT_FWD_IN]);
		if (v[VIT_FWD_BIAS])
			p->bias = plain(r, v[VIT_FWD_EXPERTS_KEY]);
		break;
	case VIT_FWD_EXPERTS:
		experts(r, row, p);
		break;
	case VIT_FWD_WEIGHT:
		p->weight = plain(r, v[VIT_FWD_SIZE]);
		break;
	case VIT_FWD_ATTENTION:
		if (v[VIT_FWD_SINKS])
			p->weight = plain(r, v[VIT_FWD_HEADS]);
		break;
	case VIT_FWD_BEGIN:
	case VIT_FWD_END:
	case VIT_FWD_ROPE:
	case VIT_FWD_ACT:
	case VIT_FWD_MUL:
	case VIT_FWD_ADD:
	case VIT_FWD_SCALE:
	case VIT_FWD_DROPOUT:
	case VIT_FWD_SPLIT:
	case VIT_FWD_CAT:
	case VIT_FWD_REPEAT:
	case VIT_FWD_COPY:
	case VIT_FWD_ALIAS:
	case VIT_FWD_CACHE:
	case VIT_FWD_OP_COUNT:
		break;
	}
}

static struct vit_row_params *rows_params(struct vit_runner *r, const struct vit_fwd_rows *rows)
{
	struct vit_row_params *all = vit_xcalloc(rows->count + 1, sizeof(*all));

	for (uint32_t i = 0; i < rows->count; i++)
		row_params(r, &rows->rows[i], &all[i]);
	return all;
}

/* Rows of the innermost block that holds an attention. */
static void mark_attention(const struct vit_fwd_rows *rows, bool *marked)
{
	uint32_t open[16], depth = 0;

	for (uint32_t i = 0; i < rows->count; i++) {
		if (rows->rows[i].op == VIT_FWD_BEGIN && depth < 16)
			open[depth++] = i;
		if (rows->rows[i].op == VIT_FWD_ATTENTION && depth)
			marked[open[depth - 1]] = true;
		if (rows->rows[i].op != VIT_FWD_END || !depth)
			continue;
		depth--;
		for (uint32_t k = open[depth]; marked[open[depth]] && k <= i; k++)
			marked[k] = true;
	}
}

static void factors(struct vit_runner *r, uint32_t *ab, uint64_t rank, uint64_t in, uint64_t out)
{
	ab[0] = vit_graph_param(&r->g, rank * in, 4, true) + 1;
	ab[1] = vit_graph_param(&r->g, rank * out, 4, true) + 1;
	r->result->trainable += rank * (in + out);
}

/* PEFT maps all-linear of the families it knows to the fused experts (gate_up with twice the
 * rank) and the router (utils/transformers_weight_conversion.py). */
static void expert_adapters(struct vit_runner *r, const struct vit_fwd_row *row,
			    struct vit_row_params *p)
{
	const uint64_t *v = row->value;
	uint64_t E = v[VIT_FWD_EXPERTS_KEY], h = v[VIT_FWD_IN], J = v[VIT_FWD_INNER];
	uint64_t rank = r->plan->rank;

	if (row->op == VIT_FWD_ROUTER) {
		factors(r, p->more, rank, h, E);
		return;
	}
	factors(r, p->more, 2 * rank * E, h, 2 * J);
	factors(r, p->more + 2, rank * E, J, h);
}

static void adapters(struct vit_runner *r, const struct vit_fwd_rows *rows,
		     struct vit_row_params *params)
{
	const struct vit_run_plan *plan = r->plan;
	bool *attention = vit_xcalloc(rows->count + 1, sizeof(bool));

	mark_attention(rows, attention);
	for (uint32_t i = 0; i < rows->count; i++) {
		const struct vit_fwd_row *row = &rows->rows[i];
		uint64_t in = row->value[VIT_FWD_IN], out = row->value[VIT_FWD_OUT];

		if (row->value[VIT_FWD_ADAPTED] && plan->targets == VIT_TARGETS_ALL_LINEAR)
			expert_adapters(r, row, &params[i]);
		if (row->op != VIT_FWD_LINEAR || !adapted(plan, row, attention[i]))
			continue;
		params[i].a = vit_graph_param(&r->g, plan->rank * in, 4, true) + 1;
		params[i].b = vit_graph_param(&r->g, plan->rank * out, 4, true) + 1;
		params[i].adapted = true;
		r->result->trainable += plan->rank * (in + out);
	}
	free(attention);
}

void vit_params_make(struct vit_runner *r)
{
	const struct vit_forward *f = r->f;
	bool tied = f->tied;

	r->g.tag = VIT_PART_WEIGHTS;
	r->embedding = matrix(r, f->vocab, f->hidden);
	if (f->positions)
		r->positions = matrix(r, f->positions, f->hidden);
	r->embed_params = rows_params(r, &f->embed);
	r->layer_params = vit_xcalloc(f->layers + 1, sizeof(*r->layer_params));
	for (uint64_t i = 0; i < f->layers; i++)
		r->layer_params[i] = rows_params(r, &f->layer[i]);
	r->final_params = rows_params(r, &f->final);
	r->head = tied ? r->embedding : matrix(r, f->vocab, f->hidden);
	if (f->head_bias)
		r->head_bias = plain(r, f->vocab);
	if (tied && r->g.params[r->embedding - 1].trainable) {
		r->g.params[r->embedding - 1].twice = true;
		r->g.params[r->embedding - 1].waiting_view =
			!(r->plan->autocast && r->plan->weight_elem == 4);
	}
	r->g.tag = VIT_PART_ADAPTERS;
	if (r->plan->rank && r->plan->training)
		for (uint64_t i = 0; i < f->layers; i++)
			adapters(r, &f->layer[i], r->layer_params[i]);
	r->g.tag = VIT_PART_ACTIVATIONS;
}

void vit_params_free(struct vit_runner *r)
{
	for (uint64_t i = 0; r->layer_params && i < r->f->layers; i++)
		free(r->layer_params[i]);
	free(r->layer_params);
	free(r->embed_params);
	free(r->final_params);
}
