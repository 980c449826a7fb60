/* Attention, eager and fused. */
#include "forecast/run.h"

struct shape {
	uint64_t heads, kv_heads, dim, value_dim, scores, wide_scores;
	bool grouped, masked, softcap, sinks, drop, copies, math, lower_softmax;
};

static struct shape shape_of(const struct vit_runner *r, const struct vit_fwd_row *row)
{
	const uint64_t *v = row->value;
	uint64_t s = r->plan->sequence, b = r->plan->batch;
	struct shape a = { .heads = v[VIT_FWD_HEADS],
			   .kv_heads = v[VIT_FWD_KV_HEADS],
			   .dim = v[VIT_FWD_DIM],
			   .value_dim = v[VIT_FWD_VALUE_DIM] };

	if (!a.kv_heads)
		a.kv_heads = a.heads;
	if (!a.value_dim)
		a.value_dim = a.dim;
	a.grouped = a.kv_heads < a.heads;
	a.softcap = v[VIT_FWD_SOFTCAP] != 0;
	a.sinks = v[VIT_FWD_SINKS] != 0;
	a.drop = v[VIT_FWD_DROP] != 0 && r->plan->training;
	a.copies = v[VIT_FWD_COPIES] != 0;
	a.math = v[VIT_FWD_MATH] != 0;
	a.lower_softmax = vit_str_is(row->style, "lower_softmax");
	a.masked = r->plan->padded || (v[VIT_FWD_WINDOW] && s >= v[VIT_FWD_WINDOW]);
	a.scores = b * a.heads * s * s;
	a.wide_scores = b * a.heads * s * (s + 1);
	return a;
}

/* repeat_kv: expand and copy; its backward sums the groups. */
vit_tensor_id vit_op_repeat(struct vit_runner *r, vit_tensor_id x, uint64_t numel, bool view)
{
	struct vit_graph *g = &r->g;
	vit_tensor_id out;
	uint32_t node;

	if (vit_gt(g, x)->numel == numel)
		return vit_graph_alias(g, x);
	/* A single head is repeated by a stride of nothing: a view. */
	if (view) {
		out = vit_graph_new(g, 0, vit_gt(g, x)->elem);
		vit_gt(g, out)->numel = numel;
		vit_gt(g, out)->storage = vit_graph_hold(g, x);
		node = g->recording && vit_gt(g, x)->grad ? vit_node_begin(g) : VIT_NO_NODE_ID;
		vit_node_in(g, node, 0, x, VIT_GM_PASS);
		vit_node_out(g, node, out);
		vit_node_end(g, node);
		return out;
	}
	node = g->recording && vit_gt(g, x)->grad ? vit_node_begin(g) : VIT_NO_NODE_ID;
	out = vit_graph_new(g, numel, vit_gt(g, x)->elem);
	vit_node_in(g, node, 0, x, VIT_GM_PASS);
	vit_node_out(g, node, out);
	vit_node_end(g, node);
	return out;
}

/* Attention's products under autocast are made in the lower type. */
static vit_tensor_id lowered(struct vit_runner *r, vit_tensor_id x)
{
	return r->g.autocast ? vit_g_cast(&r->g, x, 2) : vit_graph_alias(&r->g, x);
}

static vit_tensor_id fused(struct vit_runner *r, const struct shape *a, const vit_tensor_id *qkv)
{
	struct vit_graph *g = &r->g;
	uint64_t s = r->plan->sequence, b = r->plan->batch, T = r->tokens;
	bool flash = r->plan->attention == VIT_ATTENTION_FLASH;
	bool expand = a->grouped && !flash && (a->masked || a->dim != a->value_dim);
	vit_tensor_id k = expand ? vit_op_repeat(r, qkv[1], T * a->heads * a->dim, a->kv_heads == 1)
				 : vit_graph_alias(g, qkv[1]);
	vit_tensor_id v =
		expand ? vit_op_repeat(r, qkv[2], T * a->heads * a->value_dim, a->kv_heads == 1)
		       : vit_graph_alias(g, qkv[2]);
	vit_tensor_id q = lowered(r, qkv[0]), out, lse, bias = 0;
	bool some;
	uint32_t node;

	k = vit_replace(g, k, lowered(r, k));
	v = vit_replace(g, v, lowered(r, v));
	some = g->recording && (vit_gt(g, q)->grad || vit_gt(g, k)->grad || vit_gt(g, v)->grad);
	if (a->masked && !flash) /* the boolean mask becomes a bias of the scores' type */
		bias = vit_graph_new(g, b * s * s, vit_gt(g, q)->elem);
	node = some ? vit_node_begin(g) : VIT_NO_NODE_ID;
	vit_node_keep(g, node, q);
	vit_node_keep(g, node, k);
	vit_node_keep(g, node, v);
	if (bias)
		vit_node_keep(g, node, bias);
	out = vit_graph_new(g, T * a->heads * a->value_dim, vit_gt(g, q)->elem);
	lse = vit_graph_new(g, T * a->heads, 4);
	vit_node_keep(g, node, out);
	if (!bias)
		vit_node_keep(g, node, lse);
	vit_node_end(g, node);
	vit_node_in(g, node, 0, q, VIT_GM_NEW);
	vit_node_in(g, node, 1, k, VIT_GM_NEW);
	vit_node_in(g, node, 2, v, VIT_GM_NEW);
	vit_node_out(g, node, out);
	if (node != VIT_NO_NODE_ID) {
		/* the query's gradient is summed in float32; those of k and v at the query's heads
		 */
		g->nodes[node].temporary[0] = 4 * T * a->heads * a->dim;
		g->nodes[node].temporary[1] =
			a->grouped && !expand ? 2 * 2 * T * a->heads * a->dim : 4 * T * a->heads;
	}
	vit_graph_drop(g, lse);
	vit_graph_drop(g, bias);
	vit_graph_drop(g, q);
	vit_graph_drop(g, k);
	vit_graph_drop(g, v);
	return a->copies
		       ? vit_replace(g, out,
				     vit_g_map(g, out, vit_gt(g, out)->numel, vit_gt(g, out)->elem))
		       : out;
}

/* matmul of tensors with more than one batch dimension copies what is not contiguous. */
static vit_tensor_id batched(struct vit_runner *r, vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	const struct vit_gtensor *t = vit_gt(g, x);

	if (r->plan->batch == 1)
		return vit_graph_alias(g, x);
	return vit_g_map(g, x, t->numel, t->elem);
}

static vit_tensor_id sink_softmax(struct vit_runner *r, const struct shape *a,
				  const struct vit_row_params *p, vit_tensor_id w)
{
	struct vit_graph *g = &r->g;
	uint64_t rows = r->tokens * a->heads, one[1] = { a->scores };
	vit_tensor_id sinks = p->weight ? vit_graph_use(g, p->weight - 1) : 0, all, top, probs, cut;
	uint32_t node;

	all = vit_g_cat(g, w, 0, a->wide_scores);
	top = vit_graph_new(g, rows * 4, vit_gt(g, all)->elem); /* values; indices of 8 bytes */
	node = g->recording && vit_gt(g, all)->grad ? vit_node_begin(g) : VIT_NO_NODE_ID;
	vit_node_keep(g, node, top);
	vit_node_end(g, node);
	probs = vit_graph_new(g, a->wide_scores, vit_gt(g, all)->elem); /* minus its maximum */
	vit_node_in(g, node, 0, all, VIT_GM_PASS);
	vit_node_out(g, node, probs);
	vit_graph_drop(g, top);
	vit_graph_drop(g, all);
	all = vit_replace(g, probs, vit_g_softmax(g, probs));
	vit_g_split(g, all, one, 1, true, &cut);
	vit_graph_drop(g, all);
	vit_graph_drop(g, sinks);
	return cut;
}

static vit_tensor_id softmax32(struct vit_runner *r, const struct shape *a, vit_tensor_id w)
{
	struct vit_graph *g = &r->g;
	uint8_t elem = vit_gt(g, w)->elem;
	bool lower = a->lower_softmax && !g->autocast;
	vit_tensor_id t = vit_g_cast(g, w, lower ? elem : 4);

	t = vit_replace(g, t, vit_g_softmax(g, t));
	t = vit_replace(g, t, vit_g_cast(g, t, elem));
	return a->drop ? vit_replace(g, t, vit_g_dropout(g, t)) : t;
}

static vit_tensor_id product(struct vit_runner *r, vit_tensor_id x, vit_tensor_id y, uint64_t numel)
{
	return vit_g_matmul(&r->g, x, y, numel, 0);
}

static vit_tensor_id eager(struct vit_runner *r, const struct shape *a,
			   const struct vit_row_params *p, const vit_tensor_id *qkv)
{
	struct vit_graph *g = &r->g;
	uint64_t T = r->tokens, nq = T * a->heads * a->dim, nv = T * a->heads * a->value_dim;
	vit_tensor_id k = vit_op_repeat(r, qkv[1], nq, false),
		      v = vit_op_repeat(r, qkv[2], nv, false), q, t, w, x, out;

	q = lowered(r, qkv[0]);
	q = vit_replace(g, q, batched(r, q));
	t = lowered(r, k);
	if (!a->grouped)
		t = vit_replace(g, t, batched(r, t));
	w = product(r, q, t, a->scores);
	vit_graph_drop(g, q);
	vit_graph_drop(g, t);
	w = vit_replace(g, w, vit_g_map(g, w, a->scores, vit_gt(g, w)->elem)); /* scaling */
	if (a->softcap) {
		w = vit_replace(g, w, vit_g_map(g, w, a->scores, vit_gt(g, w)->elem));
		w = vit_replace(g, w, vit_g_unary(g, w, VIT_KEEP_OUT, vit_gt(g, w)->elem));
		w = vit_replace(g, w, vit_g_map(g, w, a->scores, vit_gt(g, w)->elem));
	}
	if (r->mask)
		w = vit_replace(g, w, vit_g_add(g, w, r->mask));
	w = vit_replace(g, w, a->sinks ? sink_softmax(r, a, p, w) : softmax32(r, a, w));
	x = lowered(r, v);
	if (!a->grouped)
		x = vit_replace(g, x, batched(r, x));
	t = lowered(r, w);
	out = product(r, t, x, nv);
	vit_graph_drop(g, t);
	vit_graph_drop(g, x);
	out = vit_replace(g, out, vit_g_map(g, out, nv, vit_gt(g, out)->elem)); /* contiguous */
	vit_graph_drop(g, k);
	vit_graph_drop(g, v);
	vit_graph_drop(g, r->scores);
	r->scores = w; /* the caller binds it until its layer ends */
	return out;
}

/* aten/src/ATen/native/transformers/attention.cpp, the kernel without fusion: float32 inside;
 * its names live until it returns. */
static vit_tensor_id math(struct vit_runner *r, const struct shape *a, const vit_tensor_id *qkv)
{
	struct vit_graph *g = &r->g;
	uint64_t n = r->tokens * a->heads * a->dim;
	vit_tensor_id held[6], w, soft, out;
	uint8_t elem = g->autocast ? 2 : vit_gt(g, qkv[0])->elem;

	for (int i = 0; i < 3; i++)
		held[i] = vit_g_cast(g, qkv[i], 4);
	held[3] = vit_g_map(g, held[0], vit_gt(g, held[0])->numel, 4);
	held[4] = vit_g_map(g, held[1], vit_gt(g, held[1])->numel, 4);
	held[5] = vit_op_repeat(r, held[2], n, false);
	held[4] = vit_replace(g, held[4], vit_op_repeat(r, held[4], n, false));
	w = product(r, held[3], held[4], a->scores);
	soft = vit_g_softmax(g, w);
	vit_graph_drop(g, vit_graph_new(g, a->scores, 1)); /* rows that are masked as a whole */
	vit_graph_drop(g, w);
	out = product(r, soft, held[5], n);
	vit_graph_drop(g, soft);
	for (int i = 0; i < 6; i++)
		vit_graph_drop(g, held[i]);
	out = vit_replace(g, out, vit_g_cast(g, out, elem));
	return vit_replace(g, out, vit_g_map(g, out, n, elem));
}

vit_tensor_id vit_op_attention(struct vit_runner *r, const struct vit_fwd_row *row,
			       const struct vit_row_params *p, const vit_tensor_id *qkv)
{
	struct shape a = shape_of(r, row);

	if (r->plan->attention == VIT_ATTENTION_EAGER)
		return eager(r, &a, p, qkv);
	/* No fused kernel takes grouped heads in float32. */
	if (r->plan->attention == VIT_ATTENTION_SDPA &&
	    (a.math ||
	     (a.grouped && !a.masked && !r->g.autocast && vit_gt(&r->g, qkv[0])->elem == 4)))
		return math(r, &a, qkv);
	return fused(r, &a, qkv);
}
