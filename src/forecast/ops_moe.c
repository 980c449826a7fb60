/* Routers and routed experts (transformers integrations/moe.py, grouped_mm). */
#include "forecast/run.h"

/* Indices and flags that no gradient passes: made, maybe kept, gone. */
static vit_tensor_id integers(struct vit_runner *r, uint64_t count)
{
	return vit_graph_new(&r->g, count, 8);
}

/* x of numel elements picked by an index; the index stays with the node. */
static vit_tensor_id gathered(struct vit_runner *r, vit_tensor_id x, uint64_t numel,
			      vit_tensor_id index)
{
	struct vit_graph *g = &r->g;
	uint32_t node = g->recording && vit_gt(g, x)->grad ? vit_node_begin(g) : VIT_NO_NODE_ID;
	vit_tensor_id out;

	vit_node_keep(g, node, index);
	vit_node_end(g, node);
	out = vit_graph_new(g, numel, vit_gt(g, x)->elem);
	vit_node_in(g, node, 0, x, VIT_GM_NEW);
	vit_node_out(g, node, out);
	if (node != VIT_NO_NODE_ID)
		g->nodes[node].temporary[0] = 3 * 8 * (vit_gt(g, index)->numel);
	return out;
}

/* PEFT's ParamWrapper: weight + scaling * lhs @ rhs, one tensor of the weight's size. */
static vit_tensor_id merged(struct vit_runner *r, vit_tensor_id w, const uint32_t *ab)
{
	struct vit_graph *g = &r->g;
	uint8_t elem = vit_gt(g, w)->elem;
	vit_tensor_id f[2], out;
	uint32_t node;

	for (int i = 0; i < 2; i++) {
		vit_tensor_id a = vit_graph_use(g, ab[i] - 1);

		f[i] = vit_replace(g, a, vit_g_cast(g, a, elem));
	}
	node = g->recording ? vit_node_begin(g) : VIT_NO_NODE_ID;
	vit_node_keep(g, node, f[0]);
	vit_node_keep(g, node, f[1]);
	vit_node_end(g, node);
	out = vit_graph_new(g, vit_gt(g, w)->numel, elem);
	vit_node_in(g, node, 0, f[0], VIT_GM_NEW);
	vit_node_in(g, node, 1, f[1], VIT_GM_NEW);
	vit_node_out(g, node, out);
	vit_graph_drop(g, f[0]);
	vit_graph_drop(g, f[1]);
	return out;
}

vit_tensor_id vit_op_router(struct vit_runner *r, const struct vit_fwd_row *row,
			    const struct vit_row_params *p, vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	uint64_t T = r->tokens, E = row->value[VIT_FWD_EXPERTS_KEY],
		 S = T * row->value[VIT_FWD_PER_TOKEN];
	bool sigmoid = vit_str_is(row->style, "sigmoid"),
	     late = vit_str_starts(row->style, VIT_STR("topk_softmax"));
	bool wide = vit_str_is(row->style, "softmax_wide");
	bool lower = vit_str_is(row->style, "softmax_lower") ||
		     vit_str_is(row->style, "topk_softmax_wide");
	vit_tensor_id in = sigmoid || wide ? vit_g_cast(g, x, 4) : vit_graph_alias(g, x);
	vit_tensor_id low = g->autocast ? vit_g_cast(g, in, 2) : vit_graph_alias(g, in);
	vit_tensor_id w = vit_op_operand(r, p->weight - 1), logits, t, index, b;
	uint8_t elem;

	if (p->more[0])
		w = vit_replace(g, w, merged(r, w, p->more));
	if ((sigmoid || wide) && !g->autocast)
		w = vit_replace(g, w, vit_g_cast(g, w, 4));
	b = p->bias ? vit_op_operand(r, p->bias - 1) : 0;
	logits = vit_g_matmul(g, low, w, T * E, b);
	vit_graph_drop(g, b);
	vit_graph_drop(g, w);
	vit_graph_drop(g, low);
	vit_graph_drop(g, in);
	elem = vit_gt(g, logits)->elem;
	if (late) {
		t = vit_g_cast(g, logits, vit_str_is(row->style, "topk_softmax") ? elem : 4);
	} else {
		t = vit_g_cast(g, logits, sigmoid ? elem : 4);
		t = vit_replace(g, t,
				sigmoid ? vit_g_unary(g, t, VIT_KEEP_OUT, vit_gt(g, t)->elem)
					: vit_g_softmax(g, t));
	}
	index = integers(r, S);
	t = vit_replace(g, t, gathered(r, t, S, index)); /* top k */
	if (late)
		t = vit_replace(g, t, vit_g_softmax(g, t));
	if (row->value[VIT_FWD_RENORM]) {
		vit_tensor_id sum = vit_g_map(g, t, T, vit_gt(g, t)->elem),
			      copy = vit_g_mul(g, t, sum);

		vit_graph_drop(g, sum);
		t = vit_replace(g, t, copy);
	}
	if (lower)
		t = vit_replace(g, t, vit_g_cast(g, t, vit_gt(g, x)->elem));
	vit_graph_drop(g, index);
	vit_graph_drop(g, logits);
	return t;
}

/* masked_fill into a new tensor: keeps the mask. */
static vit_tensor_id filled(struct vit_runner *r, vit_tensor_id x, vit_tensor_id mask)
{
	struct vit_graph *g = &r->g;
	uint32_t node = g->recording && vit_gt(g, x)->grad ? vit_node_begin(g) : VIT_NO_NODE_ID;
	vit_tensor_id out;

	vit_node_keep(g, node, mask);
	vit_node_end(g, node);
	out = vit_graph_new(g, vit_gt(g, x)->numel, vit_gt(g, x)->elem);
	vit_node_in(g, node, 0, x, VIT_GM_NEW);
	vit_node_out(g, node, out);
	return out;
}

static vit_tensor_id gate_default(struct vit_runner *r, vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	uint64_t half[2] = { vit_gt(g, x)->numel / 2, vit_gt(g, x)->numel / 2 };
	vit_tensor_id part[2], a, out;

	vit_g_split(g, x, half, 2, false, part);
	a = vit_g_unary(g, part[0], VIT_KEEP_IN, vit_gt(g, x)->elem);
	out = vit_g_mul(g, a, part[1]);
	vit_graph_drop(g, a);
	vit_graph_drop(g, part[0]);
	vit_graph_drop(g, part[1]);
	return out;
}

/* Clamped gate and up, gate * sigmoid(gate * alpha) * (up + 1). */
static vit_tensor_id gate_clamped(struct vit_runner *r, vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	uint64_t n = vit_gt(g, x)->numel / 2, half[2] = { n, n };
	uint8_t elem = vit_gt(g, x)->elem;
	vit_tensor_id part[2], gate, up, s, glu, out;

	vit_g_split(g, x, half, 2, true, part);
	gate = vit_g_unary(g, part[0], VIT_KEEP_IN, elem);
	vit_graph_drop(g, part[0]);
	up = vit_g_unary(g, part[1], VIT_KEEP_IN, elem);
	vit_graph_drop(g, part[1]);
	s = vit_g_map(g, gate, n, elem);
	s = vit_replace(g, s, vit_g_unary(g, s, VIT_KEEP_OUT, elem));
	glu = vit_g_mul(g, gate, s);
	vit_graph_drop(g, s);
	s = vit_g_map(g, up, n, elem);
	out = vit_g_mul(g, s, glu);
	vit_graph_drop(g, s);
	vit_graph_drop(g, glu);
	vit_graph_drop(g, gate);
	vit_graph_drop(g, up);
	return out;
}

/* One grouped product over all experts; a bias is gathered per row and added in place. */
static vit_tensor_id grouped(struct vit_runner *r, vit_tensor_id x, uint32_t weight, uint32_t bias,
			     uint64_t numel, vit_tensor_id index, const uint32_t *adapter,
			     vit_tensor_id *kept)
{
	struct vit_graph *g = &r->g;
	vit_tensor_id b = 0, small, w, in, out;
	uint8_t elem = g->params[weight - 1].elem;

	if (bias) {
		small = vit_graph_use(g, bias - 1);
		b = vit_replace(g, small, gathered(r, small, numel, index));
	}
	w = vit_graph_use(g, weight - 1);
	if (adapter[0])
		w = vit_replace(g, w, merged(r, w, adapter));
	in = vit_g_cast(g, x, elem);
	out = vit_g_matmul(g, in, w, numel, b);
	vit_graph_drop(g, in);
	vit_graph_drop(g, b);
	*kept = w; /* parametrize.cached() holds it until the experts are done */
	return out;
}

vit_tensor_id vit_op_experts(struct vit_runner *r, const struct vit_fwd_row *row,
			     const struct vit_row_params *p, vit_tensor_id x, vit_tensor_id scores)
{
	struct vit_graph *g = &r->g;
	const uint64_t *v = row->value;
	uint64_t T = r->tokens, S = T * v[VIT_FWD_PER_TOKEN], h = v[VIT_FWD_IN],
		 J = v[VIT_FWD_INNER];
	uint8_t elem = vit_gt(g, x)->elem;
	vit_tensor_id ids = integers(r, S), perm = integers(r, S), at = integers(r, S), mask, t, w,
		      inverse;
	vit_tensor_id kept[2], selected, made;

	mask = vit_graph_new(g, S, 1);
	selected = gathered(r, x, S * h, at);
	vit_graph_drop(g, at);
	w = gathered(r, scores, S, perm);
	t = grouped(r, selected, p->weight, p->a, 2 * S * J, ids, p->more, &kept[0]);
	t = vit_replace(g, t, filled(r, t, mask));
	t = vit_replace(
		g, t, vit_str_is(row->style, "clamped") ? gate_clamped(r, t) : gate_default(r, t));
	t = vit_replace(g, t, grouped(r, t, p->bias, p->b, S * h, ids, p->more + 2, &kept[1]));
	t = vit_replace(g, t, filled(r, t, mask));
	made = t; /* names of the function: they end with it */
	t = vit_g_mul(g, made, w);
	inverse = integers(r, S);
	t = vit_replace(g, t, gathered(r, t, S * h, inverse));
	if (g->autocast)
		t = vit_replace(g, t, vit_g_cast(g, t, 4)); /* sum is made in float32 */
	t = vit_replace(g, t, vit_g_sum(g, t, T * h));
	t = vit_replace(g, t, vit_g_cast(g, t, elem));
	vit_graph_drop(g, selected);
	vit_graph_drop(g, made);
	vit_graph_drop(g, kept[0]);
	vit_graph_drop(g, kept[1]);
	vit_graph_drop(g, inverse);
	vit_graph_drop(g, w);
	vit_graph_drop(g, mask);
	vit_graph_drop(g, perm);
	vit_graph_drop(g, ids);
	return t;
}
