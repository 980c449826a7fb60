#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "forecast/graph.h"

static void grow(void *array, uint32_t count, uint32_t *capacity, size_t size)
{
	void **items = array;
	uint32_t old = *capacity;

	if (count < old)
		return;
	*capacity = old ? 2 * old : 256;
	*items = vit_xrealloc(*items, *capacity * size);
}

void vit_graph_init(struct vit_graph *g, uint64_t device)
{
	*g = (struct vit_graph){ .recording = false };
	vit_allocator_init(&g->memory, device);
	grow(&g->storages, 0, &g->storage_capacity, sizeof(*g->storages));
	grow(&g->tensors, 0, &g->tensor_capacity, sizeof(*g->tensors));
	memset(g->storages, 0, sizeof(*g->storages));
	memset(g->tensors, 0, sizeof(*g->tensors));
	g->storage_count = g->tensor_count = 1; /* 0: none */
}

void vit_graph_release(struct vit_graph *g)
{
	vit_allocator_release(&g->memory);
	free(g->storages);
	free(g->tensors);
	free(g->nodes);
	free(g->params);
	free(g->segments);
	free(g->cast_cache);
}

void vit_graph_reset(struct vit_graph *g)
{
	g->tensor_count = 1;
	g->node_count = 0;
	g->segment_count = 0;
}

uint32_t vit_graph_alloc(struct vit_graph *g, uint64_t bytes)
{
	uint32_t s = g->storage_unused;

	if (g->stopped || bytes == 0)
		return 0;
	if (s) {
		g->storage_unused = g->storages[s].block;
	} else {
		grow(&g->storages, g->storage_count, &g->storage_capacity, sizeof(*g->storages));
		s = g->storage_count++;
	}
	g->storages[s].block = vit_allocator_take(&g->memory, bytes);
	g->storages[s].refs = 1;
	g->storages[s].tag = g->tag;
	g->tagged[g->tag] += vit_allocator_size(&g->memory, g->storages[s].block);
	g->made_bytes += (double)bytes;
	g->made_tensors++;
	if (g->memory.allocated > g->window_peak)
		g->window_peak = g->memory.allocated;
	if (g->memory.allocated == g->memory.peak_allocated)
		memcpy(g->tagged_at_peak, g->tagged, sizeof(g->tagged));
	return s;
}

void vit_graph_retag(struct vit_graph *g, uint32_t s, uint8_t tag)
{
	uint64_t size = s ? vit_allocator_size(&g->memory, g->storages[s].block) : 0;

	if (!s)
		return;
	g->tagged[g->storages[s].tag] -= size;
	g->tagged[tag] += size;
	g->storages[s].tag = tag;
}

static uint32_t retain(struct vit_graph *g, uint32_t s)
{
	if (s)
		g->storages[s].refs++;
	return s;
}

void vit_graph_free(struct vit_graph *g, uint32_t s)
{
	if (!s || --g->storages[s].refs)
		return;
	g->tagged[g->storages[s].tag] -= vit_allocator_size(&g->memory, g->storages[s].block);
	vit_allocator_give(&g->memory, g->storages[s].block);
	g->storages[s].block = g->storage_unused;
	g->storage_unused = s;
}

static vit_tensor_id add_tensor(struct vit_graph *g, uint64_t numel, uint8_t elem)
{
	grow(&g->tensors, g->tensor_count, &g->tensor_capacity, sizeof(*g->tensors));
	g->tensors[g->tensor_count] = (struct vit_gtensor){ .numel = numel, .elem = elem };
	return g->tensor_count++;
}

static uint64_t bytes_of(uint64_t numel, uint8_t elem)
{
	return numel > VIT_ALLOC_MAX ? VIT_ALLOC_MAX + 1 : numel * elem;
}

vit_tensor_id vit_graph_new(struct vit_graph *g, uint64_t numel, uint8_t elem)
{
	vit_tensor_id t = add_tensor(g, numel, elem);
	uint32_t s = vit_graph_alloc(g, bytes_of(numel, elem));

	g->tensors[t].storage = s;
	return t;
}

uint32_t vit_graph_param(struct vit_graph *g, uint64_t numel, uint8_t elem, bool trainable)
{
	struct vit_param *p;

	grow(&g->params, g->param_count, &g->param_capacity, sizeof(*g->params));
	p = &g->params[g->param_count];
	*p = (struct vit_param){ .numel = numel, .rows = 1, .elem = elem, .trainable = trainable };
	p->storage = vit_graph_alloc(g, bytes_of(numel, elem));
	return g->param_count++;
}

vit_tensor_id vit_graph_use(struct vit_graph *g, uint32_t param)
{
	const struct vit_param *p = &g->params[param];
	vit_tensor_id t = add_tensor(g, p->numel, p->elem);

	g->tensors[t].storage = retain(g, p->storage);
	g->tensors[t].param = param + 1;
	g->tensors[t].vector = p->rows == 1;
	g->tensors[t].grad = p->trainable && g->recording;
	return t;
}

vit_tensor_id vit_graph_alias(struct vit_graph *g, vit_tensor_id t)
{
	vit_tensor_id out = add_tensor(g, g->tensors[t].numel, g->tensors[t].elem);
	uint32_t node;

	g->tensors[out].vector = g->tensors[t].vector;
	g->tensors[out].storage = retain(g, g->tensors[t].storage);
	if (!g->recording || !g->tensors[t].grad)
		return out;
	node = vit_node_begin(g);
	vit_node_in(g, node, 0, t, VIT_GM_PASS);
	vit_node_out(g, node, out);
	vit_node_end(g, node);
	return out;
}

void vit_graph_drop(struct vit_graph *g, vit_tensor_id t)
{
	uint32_t s = g->tensors[t].storage;

	g->tensors[t].storage = 0;
	vit_graph_free(g, s);
}

uint32_t vit_graph_hold(struct vit_graph *g, vit_tensor_id t)
{
	return retain(g, g->tensors[t].storage);
}

uint32_t vit_node_begin(struct vit_graph *g)
{
	if (g->stopped)
		return VIT_NO_NODE_ID;
	if (g->filling)
		return g->fill_at++;
	grow(&g->nodes, g->node_count, &g->node_capacity, sizeof(*g->nodes));
	g->nodes[g->node_count] = (struct vit_gnode){ .segment = g->segment };
	return g->node_count++;
}

void vit_node_keep(struct vit_graph *g, uint32_t node, vit_tensor_id t)
{
	struct vit_gnode *n;

	if (node == VIT_NO_NODE_ID)
		return;
	n = &g->nodes[node];
	n->hooked = true;
	if (g->segment && !g->filling)
		return;
	if (n->saved_count < VIT_NODE_SAVED)
		n->saved[n->saved_count++] = retain(g, g->tensors[t].storage);
}

void vit_node_in(struct vit_graph *g, uint32_t node, unsigned i, vit_tensor_id t,
		 enum vit_grad_mode mode)
{
	if (node == VIT_NO_NODE_ID || g->filling || !g->tensors[t].grad)
		return;
	g->nodes[node].in[i] = t;
	g->nodes[node].mode[i] = (uint8_t)mode;
}

void vit_node_out(struct vit_graph *g, uint32_t node, vit_tensor_id t)
{
	struct vit_gnode *n;

	if (node == VIT_NO_NODE_ID)
		return;
	n = &g->nodes[node];
	g->tensors[t].grad = true;
	if (g->filling)
		return;
	g->tensors[t].node = node + 1;
	if (n->out_count < 3)
		n->out[n->out_count++] = t;
	if (!n->raw_elem)
		n->raw_elem = g->tensors[t].elem;
}

/* The layer that runs again has made all that is kept. */
void vit_node_end(struct vit_graph *g, uint32_t node)
{
	struct vit_segment *s;

	if (node == VIT_NO_NODE_ID || !g->nodes[node].hooked || !g->nodes[node].segment)
		return;
	s = &g->segments[g->nodes[node].segment - 1];
	if (!g->filling) {
		s->last_kept = node;
	} else if (node == s->last_kept) {
		g->stopped = true;
	}
}

static bool wants(const struct vit_graph *g, vit_tensor_id t)
{
	return g->recording && g->tensors[t].grad;
}

vit_tensor_id vit_g_cast(struct vit_graph *g, vit_tensor_id x, uint8_t elem)
{
	return g->tensors[x].elem == elem ? vit_graph_alias(g, x)
					  : vit_g_map(g, x, g->tensors[x].numel, elem);
}

vit_tensor_id vit_g_map(struct vit_graph *g, vit_tensor_id x, uint64_t numel, uint8_t elem)
{
	vit_tensor_id out = vit_graph_new(g, numel, elem);
	uint32_t node;

	g->tensors[out].vector = g->tensors[x].vector && g->tensors[x].numel == numel;
	if (!wants(g, x))
		return out;
	node = vit_node_begin(g);
	vit_node_in(g, node, 0, x, VIT_GM_NEW);
	vit_node_out(g, node, out);
	if (node != VIT_NO_NODE_ID)
		g->nodes[node].raw_elem = g->tensors[x].elem;
	vit_node_end(g, node);
	return out;
}

vit_tensor_id vit_g_unary(struct vit_graph *g, vit_tensor_id x, unsigned keep, uint8_t elem)
{
	uint32_t node = wants(g, x) ? vit_node_begin(g) : VIT_NO_NODE_ID;
	vit_tensor_id out;

	if (keep & VIT_KEEP_IN)
		vit_node_keep(g, node, x);
	if (!(keep & VIT_KEEP_OUT))
		vit_node_end(g, node);
	out = vit_graph_new(g, g->tensors[x].numel, elem);
	if (keep & VIT_KEEP_OUT) {
		vit_node_keep(g, node, out);
		vit_node_end(g, node);
	}
	vit_node_in(g, node, 0, x, VIT_GM_NEW);
	vit_node_out(g, node, out);
	if (node != VIT_NO_NODE_ID)
		g->nodes[node].raw_elem = g->tensors[x].elem;
	return out;
}

/* aten/src/ATen/native/cuda/Reduce.cuh, setReduceConfig: rows of many are shared out over
 * blocks, whose float32 partial sums are staged in a buffer. */
uint64_t vit_graph_sum_bytes(const struct vit_graph *g, uint64_t rows, uint64_t outputs)
{
	uint64_t vec = outputs % 4 == 0 ? 4 : outputs % 2 == 0 ? 2 : 1, threads = 512 / vec;
	uint64_t width = 32, height = threads / width, each, grid, target, c1, c2, c3, split;

	if (outputs < 32 * vec || rows < height)
		return 0;
	each = (rows + height - 1) / height;
	grid = (outputs / vec + width - 1) / width;
	target = (uint64_t)g->processors * (2048 / threads);
	if (each < 256 || grid > target)
		return 0;
	c1 = (target + grid - 1) / grid;
	c2 = (each + 15) / 16;
	c3 = (each + 255) / 256;
	split = c1 < c2 ? c1 : c2;
	if (split < c3)
		split = c3;
	return split > 1 ? 4 * outputs * split * width * vec : 0;
}

vit_tensor_id vit_g_pow(struct vit_graph *g, vit_tensor_id x, uint8_t elem)
{
	vit_tensor_id out = vit_g_unary(g, x, VIT_KEEP_IN, elem);
	uint32_t node = g->tensors[out].node;

	if (node && !g->filling)
		for (int i = 0; i < 2; i++)
			g->nodes[node - 1].temporary[i] = bytes_of(g->tensors[x].numel, elem);
	return out;
}

vit_tensor_id vit_g_softmax(struct vit_graph *g, vit_tensor_id x)
{
	vit_tensor_id out = vit_g_unary(g, x, VIT_KEEP_OUT, g->tensors[x].elem);
	uint32_t node = g->tensors[out].node;

	if (node && !g->filling)
		g->nodes[node - 1].temporary[0] = bytes_of(g->tensors[x].numel, g->tensors[x].elem);
	return out;
}

static uint8_t wider(const struct vit_graph *g, vit_tensor_id a, vit_tensor_id b)
{
	return g->tensors[a].elem > g->tensors[b].elem ? g->tensors[a].elem : g->tensors[b].elem;
}

vit_tensor_id vit_g_mul(struct vit_graph *g, vit_tensor_id a, vit_tensor_id b)
{
	uint64_t na = g->tensors[a].numel, nb = g->tensors[b].numel, n = na > nb ? na : nb;
	bool ga = wants(g, a), gb = wants(g, b);
	uint32_t node = ga || gb ? vit_node_begin(g) : VIT_NO_NODE_ID;
	vit_tensor_id out;

	if (gb)
		vit_node_keep(g, node, a);
	if (ga)
		vit_node_keep(g, node, b);
	vit_node_end(g, node);
	out = vit_graph_new(g, n, wider(g, a, b));
	vit_node_in(g, node, 0, a, na == n ? VIT_GM_NEW : VIT_GM_REDUCE);
	vit_node_in(g, node, 1, b, nb == n ? VIT_GM_NEW : VIT_GM_REDUCE);
	vit_node_out(g, node, out);
	return out;
}

vit_tensor_id vit_g_add(struct vit_graph *g, vit_tensor_id a, vit_tensor_id b)
{
	uint64_t na = g->tensors[a].numel, nb = g->tensors[b].numel, n = na > nb ? na : nb;
	uint32_t node = wants(g, a) || wants(g, b) ? vit_node_begin(g) : VIT_NO_NODE_ID;
	vit_tensor_id out = vit_graph_new(g, n, wider(g, a, b));

	vit_node_in(g, node, 0, a, VIT_GM_PASS);
	vit_node_in(g, node, 1, b, VIT_GM_PASS);
	vit_node_out(g, node, out);
	vit_node_end(g, node);
	return out;
}

vit_tensor_id vit_g_sum(struct vit_graph *g, vit_tensor_id x, uint64_t numel)
{
	vit_tensor_id out = vit_graph_new(g, numel, g->tensors[x].elem);
	uint32_t node;

	if (!wants(g, x))
		return out;
	node = vit_node_begin(g);
	vit_node_in(g, node, 0, x, VIT_GM_VIEW);
	vit_node_out(g, node, out);
	vit_node_end(g, node);
	return out;
}

vit_tensor_id vit_g_dropout(struct vit_graph *g, vit_tensor_id x)
{
	uint32_t node = wants(g, x) ? vit_node_begin(g) : VIT_NO_NODE_ID;
	vit_tensor_id out = vit_graph_new(g, g->tensors[x].numel, g->tensors[x].elem);
	vit_tensor_id mask = vit_graph_new(g, g->tensors[x].numel, 1);

	vit_node_keep(g, node, mask);
	vit_node_end(g, node);
	vit_node_in(g, node, 0, x, VIT_GM_NEW);
	vit_node_out(g, node, out);
	vit_graph_drop(g, mask);
	return out;
}

void vit_g_split(struct vit_graph *g, vit_tensor_id x, const uint64_t *numel, unsigned count,
		 bool slices, vit_tensor_id *out)
{
	uint32_t node = VIT_NO_NODE_ID;

	for (unsigned i = 0; i < count; i++) {
		out[i] = add_tensor(g, numel[i], g->tensors[x].elem);
		g->tensors[out[i]].storage = retain(g, g->tensors[x].storage);
		if (!wants(g, x))
			continue;
		if (i == 0 || slices)
			node = vit_node_begin(g);
		vit_node_in(g, node, 0, x, VIT_GM_NEW);
		vit_node_out(g, node, out[i]);
		vit_node_end(g, node);
	}
}

vit_tensor_id vit_g_cat(struct vit_graph *g, vit_tensor_id a, vit_tensor_id b, uint64_t numel)
{
	bool some = wants(g, a) || (b && wants(g, b));
	uint32_t node = some ? vit_node_begin(g) : VIT_NO_NODE_ID;
	vit_tensor_id out = vit_graph_new(g, numel, g->tensors[a].elem);

	vit_node_in(g, node, 0, a, VIT_GM_VIEW);
	if (b)
		vit_node_in(g, node, 1, b, VIT_GM_VIEW);
	vit_node_out(g, node, out);
	vit_node_end(g, node);
	return out;
}

vit_tensor_id vit_g_matmul(struct vit_graph *g, vit_tensor_id x, vit_tensor_id w, uint64_t numel,
			   vit_tensor_id bias)
{
	bool gx = wants(g, x), gw = wants(g, w), gb = bias && wants(g, bias);
	uint32_t node = gx || gw || gb ? vit_node_begin(g) : VIT_NO_NODE_ID;
	vit_tensor_id out;

	if (gw)
		vit_node_keep(g, node, x);
	if (gx)
		vit_node_keep(g, node, w);
	vit_node_end(g, node);
	out = vit_graph_new(g, numel, g->tensors[x].elem);
	vit_node_in(g, node, 0, x, VIT_GM_NEW);
	vit_node_in(g, node, 1, w, VIT_GM_NEW);
	if (bias)
		vit_node_in(g, node, 2, bias, VIT_GM_PASS);
	vit_node_out(g, node, out);
	return out;
}

uint32_t vit_graph_segment_begin(struct vit_graph *g, uint32_t layer, vit_tensor_id input)
{
	struct vit_segment *s;

	grow(&g->segments, g->segment_count, &g->segment_capacity, sizeof(*g->segments));
	s = &g->segments[g->segment_count++];
	*s = (struct vit_segment){ .first = g->node_count,
				   .last_kept = UINT32_MAX,
				   .layer = layer,
				   .numel = g->tensors[input].numel,
				   .elem = g->tensors[input].elem,
				   .grad = g->tensors[input].grad };
	s->input = retain(g, g->tensors[input].storage);
	g->segment = g->segment_count;
	return g->segment - 1;
}

void vit_graph_segment_end(struct vit_graph *g)
{
	g->segment = 0;
}

void vit_graph_cast_cache_clear(struct vit_graph *g)
{
	for (uint32_t i = 0; i < g->cast_count; i++)
		vit_graph_drop(g, g->cast_cache[i]);
	g->cast_count = 0;
}
