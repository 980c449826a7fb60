/* Rows of a model's code, run on tensors without numbers. */
#include <stdlib.h>
#include <string.h>

#include "forecast/run.h"

void vit_run_mark(struct vit_runner *r, enum vit_moment m)
{
	if (r->g.window_peak > r->result->moments[m])
		r->result->moments[m] = r->g.window_peak;
	r->g.window_peak = r->g.memory.allocated;
}

static void bind(struct vit_runner *r, uint16_t slot, vit_tensor_id t)
{
	vit_tensor_id old = r->vars[slot];

	r->vars[slot] = t;
	vit_graph_drop(&r->g, old);
}

static void end_block(struct vit_runner *r, const struct vit_fwd_row *row)
{
	vit_tensor_id given = r->vars[row->of[0]];

	r->vars[row->of[0]] = 0;
	for (uint16_t i = row->first; i < row->last; i++)
		bind(r, i, 0);
	bind(r, row->to[0], given);
}

static void split(struct vit_runner *r, const struct vit_fwd_row *row, vit_tensor_id x)
{
	uint64_t whole = vit_gt(&r->g, x)->numel, numel[3];
	vit_tensor_id out[3];

	/* `size` per token is each of the latter parts; the first is what remains. */
	for (unsigned i = 1; i < row->to_count; i++)
		numel[i] = r->tokens * row->value[VIT_FWD_SIZE];
	numel[0] = whole;
	for (unsigned i = 1; i < row->to_count; i++)
		numel[0] -= numel[i] < numel[0] ? numel[i] : numel[0];
	vit_g_split(&r->g, x, numel, row->to_count, vit_str_is(row->style, "slices"), out);
	for (unsigned i = 0; i < row->to_count; i++)
		bind(r, row->to[i], out[i]);
}

/* In inference the cache takes copies of what it is given, and the code goes on with them. */
static void cache(struct vit_runner *r, const struct vit_fwd_row *row, const vit_tensor_id *of)
{
	struct vit_graph *g = &r->g;

	for (unsigned i = 0; i < 2; i++) {
		vit_tensor_id copy;

		if (r->plan->training) {
			bind(r, row->to[i], vit_graph_alias(g, of[i]));
			continue;
		}
		g->tag = VIT_PART_KV;
		copy = vit_graph_new(g, vit_gt(g, of[i])->numel, vit_gt(g, of[i])->elem);
		g->tag = VIT_PART_ACTIVATIONS;
		r->kv[r->kv_count++] = vit_graph_hold(g, copy);
		r->result->kv_bytes += vit_gt(g, copy)->numel * vit_gt(g, copy)->elem;
		bind(r, row->to[i], copy);
	}
}

static void rope(struct vit_runner *r, const struct vit_fwd_row *row, const vit_tensor_id *of)
{
	vit_tensor_id out[2] = { 0, 0 };

	for (unsigned i = 0; i < row->of_count; i++)
		out[i] = vit_op_rope(r, row, of[i]);
	for (unsigned i = 0; i < row->to_count; i++)
		bind(r, row->to[i], out[i]);
}

static vit_tensor_id add(struct vit_runner *r, const struct vit_fwd_row *row,
			 const vit_tensor_id *of)
{
	bool in_place = vit_str_is(row->style, "in_place");
	vit_tensor_id t =
		in_place ? vit_g_cat(&r->g, of[0], of[1], 0) : vit_g_add(&r->g, of[0], of[1]);

	if (in_place) {
		vit_gt(&r->g, t)->numel = vit_gt(&r->g, of[0])->numel;
		vit_gt(&r->g, t)->storage = vit_graph_hold(&r->g, of[0]);
	}
	if (row->of_count == 3)
		t = vit_replace(&r->g, t, vit_g_add(&r->g, t, of[2]));
	return t;
}

static vit_tensor_id one_result(struct vit_runner *r, const struct vit_fwd_row *row,
				const struct vit_row_params *p, const vit_tensor_id *of)
{
	struct vit_graph *g = &r->g;
	uint64_t n = of[0] ? vit_gt(g, of[0])->numel : 0;
	uint8_t elem = of[0] ? vit_gt(g, of[0])->elem : 2;

	switch (row->op) {
	case VIT_FWD_RMS_NORM:
		return vit_op_rms_norm(r, row, p, of[0]);
	case VIT_FWD_LAYER_NORM:
		return vit_op_layer_norm(r, p, of[0]);
	case VIT_FWD_LINEAR:
		return vit_op_linear(r, row->value[VIT_FWD_OUT], p, of[0]);
	case VIT_FWD_ATTENTION:
		return vit_op_attention(r, row, p, of);
	case VIT_FWD_ACT:
		return vit_op_act(r, row->kind, of[0]);
	case VIT_FWD_MUL:
		return vit_g_mul(g, of[0], of[1]);
	case VIT_FWD_ADD:
		return add(r, row, of);
	case VIT_FWD_SCALE:
		if (vit_str_is(row->style, "module")) /* made by the embedding itself */
			return vit_graph_alias(g, of[0]);
		return vit_g_map(g, of[0], n, elem);
	case VIT_FWD_COPY:
		return vit_g_map(g, of[0], n, elem);
	case VIT_FWD_DROPOUT:
		return row->value[VIT_FWD_DROP] && r->plan->training ? vit_g_dropout(g, of[0])
								     : vit_graph_alias(g, of[0]);
	case VIT_FWD_CAT:
		return vit_g_cat(g, of[0], of[1], r->tokens * row->value[VIT_FWD_SIZE]);
	case VIT_FWD_REPEAT:
		return vit_op_repeat(r, of[0], r->tokens * row->value[VIT_FWD_SIZE], false);
	case VIT_FWD_ALIAS:
		return vit_graph_alias(g, of[0]);
	case VIT_FWD_ROUTER:
		return vit_op_router(r, row, p, of[0]);
	case VIT_FWD_EXPERTS:
		return vit_op_experts(r, row, p, of[0], of[1]);
	case VIT_FWD_BEGIN:
	case VIT_FWD_END:
	case VIT_FWD_ROPE:
	case VIT_FWD_SPLIT:
	case VIT_FWD_CACHE:
	case VIT_FWD_WEIGHT:
	case VIT_FWD_OP_COUNT:
		break;
	}
	return 0;
}

static void run_row(struct vit_runner *r, const struct vit_fwd_row *row,
		    const struct vit_row_params *p)
{
	vit_tensor_id of[VIT_FWD_MAX_OF] = { 0 };

	if (row->op == VIT_FWD_END) {
		end_block(r, row);
		return;
	}
	for (unsigned i = 0; i < row->of_count; i++)
		of[i] = r->vars[row->of[i]];
	if (row->op == VIT_FWD_SPLIT)
		split(r, row, of[0]);
	else if (row->op == VIT_FWD_ROPE)
		rope(r, row, of);
	else if (row->op == VIT_FWD_CACHE)
		cache(r, row, of);
	else if (row->to_count == 1)
		bind(r, row->to[0], one_result(r, row, p, of));
	for (unsigned i = 0; i < row->of_count; i++)
		if (row->of_temporary[i] && r->vars[row->of[i]] == of[i])
			bind(r, row->of[i], 0);
}

vit_tensor_id vit_run_rows(struct vit_runner *r, const struct vit_fwd_rows *rows,
			   const struct vit_row_params *params, vit_tensor_id x)
{
	vit_tensor_id out;

	memset(r->vars, 0, r->f->slots * sizeof(*r->vars));
	r->vars[VIT_FWD_INPUT] = vit_graph_alias(&r->g, x);
	for (uint32_t i = 0; i < rows->count; i++)
		run_row(r, &rows->rows[i], &params[i]);
	out = r->vars[VIT_FWD_INPUT];
	for (uint32_t i = 1; i < r->f->slots; i++)
		bind(r, (uint16_t)i, 0);
	r->vars[VIT_FWD_INPUT] = 0;
	vit_graph_drop(&r->g, r->scores);
	r->scores = 0;
	return out;
}
