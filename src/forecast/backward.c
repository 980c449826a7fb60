/* The backward pass: nodes from the last to the first. */
#include "forecast/graph.h"

static uint64_t bytes_of(uint64_t numel, uint8_t elem)
{
	return numel > VIT_ALLOC_MAX ? VIT_ALLOC_MAX + 1 : numel * elem;
}

static uint32_t retain(struct vit_graph *g, uint32_t s)
{
	if (s)
		g->storages[s].refs++;
	return s;
}

/* *sum += add, in place unless something else holds the first. */
static void add_up(struct vit_graph *g, uint32_t *sum, uint32_t add, uint64_t bytes, bool in_place)
{
	uint32_t old = *sum;

	if (!old) {
		*sum = add;
		return;
	}
	if (!in_place || g->storages[old].refs > 1) {
		*sum = vit_graph_alloc(g, bytes);
		vit_graph_free(g, old);
	}
	vit_graph_free(g, add);
}

static void to_param(struct vit_graph *g, struct vit_param *p, uint32_t storage)
{
	uint64_t bytes = bytes_of(p->numel, p->elem);

	if (p->twice && !p->waiting) {
		p->waiting = storage;
		return;
	}
	if (p->twice) {
		add_up(g, &p->waiting, storage, bytes, !p->waiting_view);
		storage = p->waiting;
		p->waiting = 0;
	}
	if (!p->gradient)
		vit_graph_retag(g, storage, g->gradient_tag);
	add_up(g, &p->gradient, storage, bytes, true);
}

void vit_graph_accumulate(struct vit_graph *g, vit_tensor_id t, uint32_t storage)
{
	struct vit_gtensor *x = &g->tensors[t];

	if (x->param)
		to_param(g, &g->params[x->param - 1], storage);
	else
		add_up(g, &x->pending, storage, bytes_of(x->numel, x->elem), true);
}

/* What the formula itself makes. */
static uint32_t raw_gradient(struct vit_graph *g, const struct vit_gnode *n, unsigned i,
			     uint32_t from, uint64_t out_numel)
{
	const struct vit_gtensor *x = &g->tensors[n->in[i]];

	switch ((enum vit_grad_mode)n->mode[i]) {
	case VIT_GM_PASS:
	case VIT_GM_VIEW:
		return retain(g, from);
	case VIT_GM_NEW:
		return vit_graph_alloc(g, bytes_of(x->numel, n->raw_elem));
	case VIT_GM_REDUCE:
		return vit_graph_alloc(g, bytes_of(out_numel, n->raw_elem));
	case VIT_GM_NONE:
		break;
	}
	return 0;
}

/* Brought to the input's size and type, as the engine does after each node. */
static uint32_t fitted(struct vit_graph *g, const struct vit_gnode *n, unsigned i, uint32_t raw,
		       uint64_t out_numel, uint8_t out_elem)
{
	const struct vit_gtensor *x = &g->tensors[n->in[i]];
	bool pass = n->mode[i] == VIT_GM_PASS, view = n->mode[i] == VIT_GM_VIEW;
	uint8_t elem = pass || view ? out_elem : n->raw_elem;
	uint32_t s = raw;

	if (n->mode[i] == VIT_GM_REDUCE || (pass && x->numel < out_numel)) {
		s = vit_graph_alloc(g, bytes_of(x->numel, elem));
		if (x->vector && x->numel)
			vit_graph_free(
				g, vit_graph_alloc(g, vit_graph_sum_bytes(g, out_numel / x->numel,
									  x->numel)));
		vit_graph_free(g, raw);
		raw = s;
	}
	if (elem != x->elem) {
		s = vit_graph_alloc(g, bytes_of(x->numel, x->elem));
		vit_graph_free(g, raw);
	}
	return s;
}

static void release_saved(struct vit_graph *g, struct vit_gnode *n)
{
	for (unsigned i = 0; i < n->saved_count; i++)
		vit_graph_free(g, n->saved[i]);
	n->saved_count = 0;
}

/* The layer runs again, up to the last tensor that its backward needs. */
static void fill(struct vit_graph *g, struct vit_segment *s)
{
	vit_tensor_id input = vit_graph_new(g, 0, 1);
	struct vit_gtensor *x = &g->tensors[input];

	s->filled = true;
	x->numel = s->numel;
	x->elem = s->elem;
	x->grad = s->grad;
	x->storage = retain(g, s->input);
	g->filling = true;
	g->fill_at = s->first;
	g->replay(g->replay_ctx, s->layer, input);
	g->filling = g->stopped = false;
}

static void apply(struct vit_graph *g, uint32_t at)
{
	struct vit_gnode *n = &g->nodes[at];
	uint32_t raw[VIT_NODE_IN] = { 0 }, temporary[2], from = 0;
	const struct vit_gtensor *out = &g->tensors[n->out[0]];
	uint64_t out_numel = out->numel;
	uint8_t out_elem = out->elem;
	bool any = false;

	for (unsigned i = 0; i < n->out_count; i++)
		any = any || g->tensors[n->out[i]].pending;
	if (!any) {
		release_saved(g, n);
		return;
	}
	if (n->segment && n->hooked && !g->segments[n->segment - 1].filled) {
		fill(g, &g->segments[n->segment - 1]);
		n = &g->nodes[at];
	}
	from = g->tensors[n->out[0]].pending;
	for (int i = 0; i < 2; i++)
		temporary[i] = vit_graph_alloc(g, n->temporary[i]);
	for (unsigned i = 0; i < VIT_NODE_IN; i++)
		if (n->in[i])
			raw[i] = raw_gradient(g, n, i, from, out_numel);
	for (int i = 0; i < 2; i++)
		vit_graph_free(g, temporary[i]);
	/* What a checkpointed layer made again belongs to the formula alone. */
	if (n->segment)
		release_saved(g, n);
	for (unsigned i = 0; i < VIT_NODE_IN; i++)
		if (raw[i])
			raw[i] = fitted(g, n, i, raw[i], out_numel, out_elem);
	for (unsigned i = 0; i < n->out_count; i++) {
		uint32_t s = g->tensors[n->out[i]].pending;

		g->tensors[n->out[i]].pending = 0;
		vit_graph_free(g, s);
	}
	release_saved(g, n);
	for (unsigned i = 0; i < VIT_NODE_IN; i++)
		if (raw[i])
			vit_graph_accumulate(g, n->in[i], raw[i]);
}

void vit_graph_backward(struct vit_graph *g, uint32_t first, uint32_t last)
{
	for (uint32_t i = last; i > first; i--) {
		uint32_t at = i - 1;
		uint32_t segment = g->nodes[at].segment;

		apply(g, at);
		if (segment && at == g->segments[segment - 1].first) {
			vit_graph_free(g, g->segments[segment - 1].input);
			g->segments[segment - 1].input = 0;
		}
	}
}

void vit_graph_backward_end(struct vit_graph *g)
{
	for (uint32_t i = 1; i < g->tensor_count; i++) {
		vit_graph_free(g, g->tensors[i].pending);
		g->tensors[i].pending = 0;
	}
}
