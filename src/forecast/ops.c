/* Norms, linear layers, activations, rotation: as the framework's code runs them. */
#include "forecast/run.h"

static vit_tensor_id use(struct vit_runner *r, uint32_t param_plus_one)
{
	return vit_graph_use(&r->g, param_plus_one - 1);
}

/* A small parameter brought to another type for one use. */
static vit_tensor_id use_as(struct vit_runner *r, uint32_t param_plus_one, uint8_t elem)
{
	vit_tensor_id w = use(r, param_plus_one);

	return vit_replace(&r->g, w, vit_g_cast(&r->g, w, elem));
}

/* x.float(); pow, mean, rsqrt, product; times the weight before or after the cast back. */
vit_tensor_id vit_op_rms_norm(struct vit_runner *r, const struct vit_fwd_row *row,
			      const struct vit_row_params *p, vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	uint8_t elem = vit_gt(g, x)->elem;
	uint64_t rows =
		vit_gt(g, x)->numel / (row->value[VIT_FWD_WIDTH] ? row->value[VIT_FWD_WIDTH] : 1);
	bool wide = vit_str_is(row->style, "wide");
	vit_tensor_id x32 = vit_g_cast(g, x, 4), t, n, w, y;

	t = vit_g_pow(g, x32, 4);
	t = vit_replace(g, t, vit_g_map(g, t, rows, 4));           /* mean */
	t = vit_replace(g, t, vit_g_map(g, t, rows, 4));           /* + epsilon */
	t = vit_replace(g, t, vit_g_unary(g, t, VIT_KEEP_OUT, 4)); /* rsqrt */
	n = vit_g_mul(g, x32, t);
	vit_graph_drop(g, t);
	vit_graph_drop(g, x32);
	if (!p->weight)
		return vit_replace(g, n, vit_g_cast(g, n, elem));
	if (wide) {
		w = use_as(r, p->weight, 4);
		y = vit_g_mul(g, n, w);
		vit_graph_drop(g, w);
		vit_graph_drop(g, n);
		return vit_replace(g, y, vit_g_cast(g, y, elem));
	}
	t = vit_g_cast(g, n, elem);
	w = use(r, p->weight);
	y = vit_g_mul(g, w, t);
	vit_graph_drop(g, w);
	vit_graph_drop(g, t);
	vit_graph_drop(g, n);
	return y;
}

/* One fused operation; under autocast on float32 copies. */
vit_tensor_id vit_op_layer_norm(struct vit_runner *r, const struct vit_row_params *p,
				vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	uint8_t elem = g->autocast ? 4 : vit_gt(g, x)->elem;
	vit_tensor_id in = vit_g_cast(g, x, elem), w = use_as(r, p->weight, elem);
	vit_tensor_id b = p->bias ? use_as(r, p->bias, elem) : 0, out, mean, rstd;
	bool some = g->recording && (vit_gt(g, in)->grad || vit_gt(g, w)->grad);
	uint32_t node = some ? vit_node_begin(g) : VIT_NO_NODE_ID;

	vit_node_keep(g, node, in);
	vit_node_keep(g, node, w);
	out = vit_graph_new(g, vit_gt(g, in)->numel, elem);
	mean = vit_graph_new(g, r->tokens, 4);
	rstd = vit_graph_new(g, r->tokens, 4);
	vit_node_keep(g, node, mean);
	vit_node_keep(g, node, rstd);
	vit_node_end(g, node);
	vit_node_in(g, node, 0, in, VIT_GM_NEW);
	vit_node_in(g, node, 1, w, VIT_GM_NEW);
	if (b)
		vit_node_in(g, node, 2, b, VIT_GM_NEW);
	vit_node_out(g, node, out);
	vit_graph_drop(g, mean);
	vit_graph_drop(g, rstd);
	vit_graph_drop(g, w);
	vit_graph_drop(g, b);
	vit_graph_drop(g, in);
	return out;
}

vit_tensor_id vit_op_operand(struct vit_runner *r, uint32_t param)
{
	struct vit_graph *g = &r->g;
	vit_tensor_id w = vit_graph_use(g, param), cast;

	if (!g->autocast || g->params[param].elem != 4)
		return w;
	cast = vit_replace(g, w, vit_g_cast(g, w, 2));
	if (!g->params[param].trainable)
		return cast;
	/* Autocast keeps the copies of trainable leaves until its region ends. */
	if (g->cast_count == g->cast_capacity) {
		g->cast_capacity = g->cast_capacity ? 2 * g->cast_capacity : 64;
		g->cast_cache =
			vit_xrealloc(g->cast_cache, g->cast_capacity * sizeof(*g->cast_cache));
	}
	g->cast_cache[g->cast_count++] = cast;
	return vit_graph_alias(g, cast);
}

/* Linear4bit: the weight is unpacked for the product and again for its backward. */
static vit_tensor_id packed_linear(struct vit_runner *r, uint64_t out_width, uint32_t param,
				   vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	uint8_t elem = vit_gt(g, x)->elem;
	vit_tensor_id in = vit_g_cast(g, x, 2), full, out;
	uint32_t node = g->recording && vit_gt(g, in)->grad ? vit_node_begin(g) : VIT_NO_NODE_ID;
	vit_tensor_id w = vit_graph_use(g, param);

	vit_node_keep(g, node, w);
	vit_node_end(g, node);
	full = vit_graph_new(g, g->params[param].numel, 2);
	out = vit_graph_new(g, r->tokens * out_width, 2);
	vit_node_in(g, node, 0, in, VIT_GM_NEW);
	vit_node_out(g, node, out);
	if (node != VIT_NO_NODE_ID)
		g->nodes[node].temporary[0] = g->params[param].numel * 2;
	vit_graph_drop(g, full);
	vit_graph_drop(g, w);
	vit_graph_drop(g, in);
	return vit_replace(g, out, vit_g_cast(g, out, elem));
}

static vit_tensor_id plain_linear(struct vit_runner *r, uint64_t rows, uint64_t out_width,
				  uint32_t weight, uint32_t bias, vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	vit_tensor_id in = g->autocast ? vit_g_cast(g, x, 2) : vit_graph_alias(g, x);
	vit_tensor_id w = vit_op_operand(r, weight), b = bias ? vit_op_operand(r, bias - 1) : 0,
		      out;

	out = vit_g_matmul(g, in, w, rows * out_width, b);
	vit_graph_drop(g, b);
	vit_graph_drop(g, w);
	vit_graph_drop(g, in);
	return out;
}

/* PEFT's Linear.forward: base, then the adapter on the input in its own type. */
vit_tensor_id vit_op_linear(struct vit_runner *r, uint64_t out_width,
			    const struct vit_row_params *p, vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	uint64_t rows = r->tokens;
	vit_tensor_id base, in, t;
	uint8_t elem;
	bool packed;

	base = g->params[p->weight - 1].packed
		       ? packed_linear(r, out_width, p->weight - 1, x)
		       : plain_linear(r, rows, out_width, p->weight - 1, p->bias, x);
	if (!p->adapted)
		return base;
	elem = vit_gt(g, base)->elem;
	/* lora/bnb.py: copies the result first, and leaves the input to autocast. */
	packed = g->params[p->weight - 1].packed;
	if (packed)
		base = vit_replace(g, base, vit_g_map(g, base, vit_gt(g, base)->numel, elem));
	in = packed && g->autocast ? vit_graph_alias(g, x)
				   : vit_g_cast(g, x, g->params[p->a - 1].elem);
	t = plain_linear(r, rows, r->plan->rank, p->a - 1, 0, in);
	t = vit_replace(g, t, plain_linear(r, rows, out_width, p->b - 1, 0, t));
	t = vit_replace(g, t,
			vit_g_map(g, t, vit_gt(g, t)->numel, vit_gt(g, t)->elem)); /* scaling */
	base = vit_replace(g, base, vit_g_add(g, base, t));
	vit_graph_drop(g, t);
	base = vit_replace(g, base, vit_g_cast(g, base, elem));
	vit_graph_drop(g, in);
	return base;
}

/* 0.5 * x * (1 + tanh(c * (x + 0.044715 * pow(x, 3)))), written out. */
static vit_tensor_id gelu_new(struct vit_runner *r, vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	uint64_t n = vit_gt(g, x)->numel;
	uint8_t elem = vit_gt(g, x)->elem, wide = g->autocast ? 4 : elem;
	vit_tensor_id half = vit_g_map(g, x, n, elem), in = vit_g_cast(g, x, wide), t, out;

	t = vit_g_pow(g, in, wide);
	vit_graph_drop(g, in);
	t = vit_replace(g, t, vit_g_map(g, t, n, wide));
	t = vit_replace(g, t, vit_g_add(g, x, t));
	t = vit_replace(g, t, vit_g_map(g, t, n, wide));
	t = vit_replace(g, t, vit_g_unary(g, t, VIT_KEEP_OUT, wide)); /* tanh */
	t = vit_replace(g, t, vit_g_map(g, t, n, wide));              /* 1 + */
	out = vit_g_mul(g, half, t);
	vit_graph_drop(g, half);
	vit_graph_drop(g, t);
	return out;
}

vit_tensor_id vit_op_act(struct vit_runner *r, struct vit_str kind, vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	uint8_t elem = vit_gt(g, x)->elem;

	if (vit_str_is(kind, "gelu_new") || vit_str_is(kind, "gelu_fast"))
		return gelu_new(r, x);
	if (vit_str_is(kind, "relu") || vit_str_is(kind, "sigmoid") || vit_str_is(kind, "tanh"))
		return vit_g_unary(g, x, VIT_KEEP_OUT, elem);
	return vit_g_unary(g, x, VIT_KEEP_IN, elem);
}

/* q * cos + rotate_half(q) * sin */
static vit_tensor_id rotate_half(struct vit_runner *r, vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	uint64_t n = vit_gt(g, x)->numel, halves[2] = { n / 2, n - n / 2 };
	uint8_t elem = vit_gt(g, x)->elem;
	vit_tensor_id a = vit_g_mul(g, x, r->cos), part[2], c, b;

	vit_g_split(g, x, halves, 2, true, part);
	c = vit_g_map(g, part[1], halves[1], elem); /* minus */
	c = vit_replace(g, c, vit_g_cat(g, c, part[0], n));
	vit_graph_drop(g, part[0]);
	vit_graph_drop(g, part[1]);
	b = vit_g_mul(g, c, r->sin);
	vit_graph_drop(g, c);
	c = vit_g_add(g, a, b);
	vit_graph_drop(g, a);
	vit_graph_drop(g, b);
	return c;
}

/* Both halves turned apart, then put together: [a cos - b sin, b cos + a sin]. */
static vit_tensor_id rotate_pairs(struct vit_runner *r, vit_tensor_id x, bool slices)
{
	struct vit_graph *g = &r->g;
	uint64_t n = vit_gt(g, x)->numel, halves[2] = { n / 2, n - n / 2 };
	vit_tensor_id part[2], turned[2], a, b;

	vit_g_split(g, x, halves, 2, slices, part);
	for (int i = 0; i < 2; i++) {
		a = vit_g_mul(g, part[i], r->cos);
		b = vit_g_mul(g, part[1 - i], r->sin);
		turned[i] = vit_g_add(g, a, b);
		vit_graph_drop(g, a);
		vit_graph_drop(g, b);
	}
	a = vit_g_cat(g, turned[0], turned[1], n);
	for (int i = 0; i < 2; i++) {
		vit_graph_drop(g, turned[i]);
		vit_graph_drop(g, part[i]);
	}
	return a;
}

/* float32 pairs taken as complex numbers, turned, and back. */
static vit_tensor_id rotate_complex(struct vit_runner *r, vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	uint8_t elem = vit_gt(g, x)->elem;
	vit_tensor_id t = vit_g_cast(g, x, 4);

	t = vit_replace(g, t, vit_g_mul(g, t, r->cos));
	return vit_replace(g, t, vit_g_cast(g, t, elem));
}

static vit_tensor_id rotate(struct vit_runner *r, const struct vit_fwd_row *row, vit_tensor_id x)
{
	if (vit_str_is(row->style, "pairs"))
		return rotate_pairs(r, x, false);
	if (vit_str_is(row->style, "complex"))
		return rotate_complex(r, x);
	if (vit_str_is(row->style, "interleaved"))
		return rotate_pairs(r, x, true);
	return rotate_half(r, x);
}

vit_tensor_id vit_op_rope(struct vit_runner *r, const struct vit_fwd_row *row, vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	uint64_t n = vit_gt(g, x)->numel, dim = row->value[VIT_FWD_DIM], part[2];
	bool partial = row->known & (UINT32_C(1) << VIT_FWD_ROTARY);
	uint64_t rotary = partial ? dim * row->value[VIT_FWD_ROTARY] / 1000000 : dim;
	uint8_t elem = vit_gt(g, x)->elem;
	vit_tensor_id views[2], out;

	if (dim == 0 || rotary >= dim) {
		/* A partial rotation of everything still cuts and joins in some families. */
		out = rotate(r, row, x);
		if (partial)
			out = vit_replace(g, out, vit_g_cat(g, out, 0, n));
		return vit_replace(g, out, vit_g_cast(g, out, elem));
	}
	part[0] = n / dim * rotary;
	part[1] = n - part[0];
	vit_g_split(g, x, part, 2, true, views);
	out = rotate(r, row, views[0]);
	out = vit_replace(g, out, vit_g_cast(g, out, elem));
	out = vit_replace(g, out, vit_g_cat(g, out, views[1], n));
	vit_graph_drop(g, views[0]);
	vit_graph_drop(g, views[1]);
	return out;
}
