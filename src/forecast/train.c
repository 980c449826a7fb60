/* One optimizer step after the other, or one prefill. */
#include <stdlib.h>
#include <string.h>

#include "forecast/optimizer.h"
#include "forecast/params.h"

#define STEPS 3 /* the third repeats the second: caches are warm by then */

static vit_tensor_id embedding(struct vit_runner *r, vit_tensor_id ids)
{
	struct vit_graph *g = &r->g;
	uint64_t T = r->tokens, h = r->f->hidden, V = r->f->vocab;
	vit_tensor_id w = vit_graph_use(g, r->embedding - 1), out;
	uint32_t node = g->recording && vit_gt(g, w)->grad ? vit_node_begin(g) : VIT_NO_NODE_ID;

	vit_node_keep(g, node, ids);
	vit_node_end(g, node);
	out = vit_graph_new(g, T * h, vit_gt(g, w)->elem);
	vit_node_in(g, node, 0, w, VIT_GM_NEW);
	vit_node_out(g, node, out);
	/* More than 3,072 tokens take the sorted kernel, with partial sums in float32. */
	if (node != VIT_NO_NODE_ID && T > 3072)
		g->nodes[node].temporary[0] = 4 * h * (T / 10 + (T < V ? T : V));
	vit_graph_drop(g, w);
	if (r->f->embed.count && vit_str_is(r->f->embed.rows[0].style, "module"))
		out = vit_replace(g, out, vit_g_map(g, out, T * h, vit_gt(g, out)->elem));
	if (r->plan->input_grads && g->recording)
		vit_gt(g, out)->grad = true;
	return out;
}

static vit_tensor_id with_positions(struct vit_runner *r, vit_tensor_id x)
{
	struct vit_graph *g = &r->g;
	vit_tensor_id w, rows, out;
	uint32_t node;

	if (!r->positions)
		return x;
	w = vit_graph_use(g, r->positions - 1);
	node = g->recording && vit_gt(g, w)->grad ? vit_node_begin(g) : VIT_NO_NODE_ID;
	rows = vit_graph_new(g, r->plan->sequence * r->f->hidden, vit_gt(g, w)->elem);
	vit_node_in(g, node, 0, w, VIT_GM_NEW);
	vit_node_out(g, node, rows);
	vit_node_end(g, node);
	out = vit_g_add(g, x, rows);
	vit_graph_drop(g, w);
	vit_graph_drop(g, x);
	r->position_rows = rows; /* a name of the model's forward: it ends with it */
	return out;
}

static bool any_window(const struct vit_forward *f, uint64_t s, bool *all)
{
	bool some = false;

	*all = true;
	for (uint64_t i = 0; i < f->layers; i++)
		for (uint32_t k = 0; k < f->layer[i].count; k++) {
			const struct vit_fwd_row *row = &f->layer[i].rows[k];

			if (row->op != VIT_FWD_ATTENTION)
				continue;
			if (row->value[VIT_FWD_WINDOW])
				some = true;
			else
				*all = false;
		}
	(void)s;
	return some;
}

static bool window_masks(const struct vit_forward *f, uint64_t s)
{
	for (uint64_t i = 0; i < f->layers; i++)
		for (uint32_t k = 0; k < f->layer[i].count; k++)
			if (f->layer[i].rows[k].op == VIT_FWD_ATTENTION &&
			    f->layer[i].rows[k].value[VIT_FWD_WINDOW] &&
			    s >= f->layer[i].rows[k].value[VIT_FWD_WINDOW])
				return true;
	return false;
}

/* Rotary tables and masks, once a model. */
static void tables(struct vit_runner *r, uint8_t elem, uint32_t *second_mask)
{
	struct vit_graph *g = &r->g;
	const struct vit_run_plan *plan = r->plan;
	uint64_t s = plan->sequence, b = plan->batch;
	bool all, some = any_window(r->f, s, &all);

	*second_mask = 0;
	if (r->f->rope) {
		r->cos = vit_graph_new(g, s * r->f->rope, r->f->rope_float32 ? 4 : elem);
		r->sin = vit_graph_new(g, s * r->f->rope, r->f->rope_float32 ? 4 : elem);
	}
	if (plan->attention == VIT_ATTENTION_FLASH)
		return;
	if (plan->attention == VIT_ATTENTION_EAGER) {
		r->mask = vit_graph_new(g, b * s * s, elem);
		if (some && !all)
			*second_mask = vit_graph_alloc(g, b * s * s * elem);
		return;
	}
	if (plan->padded)
		r->mask = vit_graph_new(g, b * s * s, 1);
	else if (window_masks(r->f, s))
		r->mask = vit_graph_new(g, s * s, 1);
	if (plan->padded && some && !all)
		*second_mask = vit_graph_alloc(g, b * s * s);
}

static void replay_layer(void *ctx, uint32_t layer, vit_tensor_id input)
{
	struct vit_runner *r = ctx;
	vit_tensor_id out = vit_run_rows(r, &r->f->layer[layer], r->layer_params[layer], input);

	vit_graph_drop(&r->g, out);
	vit_graph_drop(&r->g, input);
	vit_graph_cast_cache_clear(&r->g);
}

static vit_tensor_id layers(struct vit_runner *r, vit_tensor_id x)
{
	struct vit_graph *g = &r->g;

	for (uint32_t i = 0; i < r->f->layers; i++) {
		vit_tensor_id out;

		if (r->plan->checkpointing && g->recording)
			vit_graph_segment_begin(g, i, x);
		out = vit_run_rows(r, &r->f->layer[i], r->layer_params[i], x);
		vit_graph_segment_end(g);
		vit_graph_drop(g, x);
		x = out;
	}
	return x;
}

static vit_tensor_id logits(struct vit_runner *r, vit_tensor_id x, uint64_t rows)
{
	struct vit_graph *g = &r->g;
	uint64_t n = rows * r->f->vocab;
	vit_tensor_id in = g->autocast ? vit_g_cast(g, x, 2) : vit_graph_alias(g, x);
	vit_tensor_id w = vit_op_operand(r, r->head - 1), b, t;

	b = r->head_bias ? vit_op_operand(r, r->head_bias - 1) : 0;
	t = vit_g_matmul(g, in, w, n, b);
	vit_graph_drop(g, b);
	vit_graph_drop(g, w);
	vit_graph_drop(g, in);
	if (r->f->logits_scaled)
		t = vit_replace(g, t, vit_g_map(g, t, n, vit_gt(g, t)->elem));
	if (!r->f->logits_softcap)
		return t;
	t = vit_replace(g, t, vit_g_map(g, t, n, vit_gt(g, t)->elem));
	t = vit_replace(g, t, vit_g_unary(g, t, VIT_KEEP_OUT, vit_gt(g, t)->elem));
	return vit_replace(g, t, vit_g_map(g, t, n, vit_gt(g, t)->elem));
}

/* float32 copy, log-softmax (kept), mean of what the labels pick. */
static vit_tensor_id loss(struct vit_runner *r, vit_tensor_id lg)
{
	struct vit_graph *g = &r->g;
	uint64_t n = vit_gt(g, lg)->numel;
	vit_tensor_id wide = vit_g_cast(g, lg, 4), lsm, out,
		      labels = vit_graph_new(g, r->tokens, 8);
	vit_tensor_id padded = vit_graph_new(g, r->tokens + r->plan->batch, 8);
	uint32_t node;

	lsm = vit_g_unary(g, wide, VIT_KEEP_OUT, 4);
	node = vit_node_begin(g);
	vit_node_keep(g, node, lsm);
	vit_node_keep(g, node, labels);
	vit_node_end(g, node);
	out = vit_graph_new(g, 1, 4);
	vit_node_in(g, node, 0, lsm, VIT_GM_NEW);
	vit_node_out(g, node, out);
	vit_graph_drop(g, lsm);
	vit_graph_drop(g, padded);
	vit_graph_drop(g, labels);
	vit_graph_drop(g, wide);
	if (r->plan->trainer) /* the output's logits as float32, until it is dropped */
		vit_graph_drop(g, vit_graph_new(g, n, 4));
	return out;
}

/* What model(...) leaves: the loss; nodes before *first_layer are the embedding's. */
static vit_tensor_id forward(struct vit_runner *r, vit_tensor_id ids, uint32_t *first_layer,
			     uint32_t *first_loss)
{
	struct vit_graph *g = &r->g;
	vit_tensor_id x, lg, out, input, mask;
	uint32_t second;
	bool plain = r->plan->weight_elem == 2;

	g->autocast = r->plan->autocast;
	input = embedding(r, ids);
	x = with_positions(r, vit_graph_alias(g, input));
	x = vit_replace(g, x, vit_run_rows(r, &r->f->embed, r->embed_params, x));
	tables(r, plain ? 2 : 4, &second);
	*first_layer = g->node_count;
	x = layers(r, x);
	x = vit_replace(g, x, vit_run_rows(r, &r->f->final, r->final_params, x));
	mask = r->mask;
	vit_graph_drop(g, r->position_rows);
	r->position_rows = 0;
	vit_run_mark(r, VIT_MOMENT_FORWARD);
	g->tag = VIT_PART_LOSS;
	*first_loss = g->node_count;
	lg = logits(r, x, r->tokens);
	vit_graph_drop(g, x);
	if (!r->plan->input_grads)
		vit_graph_drop(g, input);
	out = loss(r, lg);
	vit_graph_drop(g, lg);
	g->tag = VIT_PART_ACTIVATIONS;
	vit_graph_cast_cache_clear(g);
	g->autocast = false;
	/* With checkpointing the layers' closures hold masks and tables until they ran again. */
	if (!r->plan->checkpointing) {
		vit_graph_drop(g, mask);
		vit_graph_free(g, second);
		r->mask = 0;
	}
	r->second_mask = r->plan->checkpointing ? second : 0;
	r->leaf = r->plan->input_grads ? input : 0;
	return out;
}

static void micro_batch(struct vit_runner *r, vit_tensor_id ids_storage)
{
	struct vit_graph *g = &r->g;
	uint32_t first_layer, first_loss;
	vit_tensor_id ids, out;

	vit_graph_reset(g);
	ids = vit_graph_new(g, 0, 8);
	vit_gt(g, ids)->storage = ids_storage;
	g->storages[ids_storage].refs++;
	g->recording = true;
	out = forward(r, ids, &first_layer, &first_loss);
	vit_run_mark(r, VIT_MOMENT_LOSS);
	r->result->after_forward = g->memory.allocated;
	g->tag = VIT_PART_LOSS;
	vit_graph_accumulate(g, out, vit_graph_alloc(g, 4));
	vit_graph_backward(g, first_loss, g->node_count);
	vit_run_mark(r, VIT_MOMENT_LOSS);
	g->tag = VIT_PART_ACTIVATIONS;
	g->autocast = r->plan->autocast; /* a layer that runs again enters the region again */
	vit_graph_backward(g, first_layer, first_loss);
	vit_run_mark(r, VIT_MOMENT_BACKWARD);
	vit_graph_drop(g, r->mask);
	vit_graph_free(g, r->second_mask);
	vit_graph_drop(g, r->cos);
	vit_graph_drop(g, r->sin);
	r->mask = r->cos = r->sin = 0;
	vit_graph_backward(g, 0, first_layer);
	vit_graph_backward_end(g);
	vit_run_mark(r, VIT_MOMENT_EMBEDDING);
	g->autocast = g->recording = false;
	vit_graph_drop(g, r->leaf);
	vit_graph_drop(g, out);
	vit_graph_drop(g, ids);
}

static void train(struct vit_runner *r)
{
	struct vit_graph *g = &r->g;
	uint64_t n = r->plan->accumulate ? r->plan->accumulate : 1;
	uint32_t ids, labels;

	if (n > 2)
		n = 2; /* the third micro-batch repeats the second */
	for (int step = 0; step < STEPS && !g->memory.failed; step++) {
		for (uint64_t i = 0; i < n; i++) {
			ids = vit_graph_alloc(g, 8 * r->tokens);
			labels = r->plan->trainer ? vit_graph_alloc(g, 8 * r->tokens) : 0;
			if (r->plan->padded)
				vit_graph_free(g, vit_graph_alloc(g, 8 * r->tokens));
			if (step == 1 && i == 0) {
				r->result->steady = g->memory.allocated;
				g->made_bytes = g->made_tensors = 0;
			}
			micro_batch(r, ids);
			if (step == 1 && i == 0) {
				r->result->made_bytes = g->made_bytes;
				r->result->made_tensors = g->made_tensors;
			}
			vit_graph_free(g, labels);
			vit_graph_free(g, ids);
		}
		vit_optimizer_step(r, step);
		vit_run_mark(r, VIT_MOMENT_STEP);
	}
}

static void prefill(struct vit_runner *r)
{
	struct vit_graph *g = &r->g;
	uint32_t second;
	vit_tensor_id input, ids = vit_graph_new(g, r->tokens, 8), x, lg;

	r->kv = vit_xcalloc(2 * r->f->layers + 2, sizeof(*r->kv));
	input = embedding(r, ids);
	x = with_positions(r, vit_graph_alias(g, input));
	x = vit_replace(g, x, vit_run_rows(r, &r->f->embed, r->embed_params, x));
	tables(r, r->plan->weight_elem, &second);
	x = layers(r, x);
	x = vit_replace(g, x, vit_run_rows(r, &r->f->final, r->final_params, x));
	vit_graph_drop(g, input);
	vit_graph_drop(g, r->position_rows);
	vit_graph_drop(g, r->mask);
	vit_graph_free(g, second);
	vit_graph_drop(g, r->cos);
	vit_graph_drop(g, r->sin);
	g->tag = VIT_PART_LOSS;
	lg = logits(r, x, r->plan->batch);
	vit_graph_drop(g, x);
	vit_run_mark(r, VIT_MOMENT_PREFILL);
	r->result->after_forward = g->memory.allocated;
	r->result->made_bytes = g->made_bytes;
	r->result->made_tensors = g->made_tensors;
	vit_graph_drop(g, lg);
	vit_graph_drop(g, ids);
}

void vit_run(const struct vit_run_plan *plan, struct vit_run_result *out)
{
	struct vit_runner *r = vit_xcalloc(1, sizeof(*r));

	*out = (struct vit_run_result){ .failed = false };
	vit_graph_init(&r->g, plan->device);
	r->g.processors = plan->processors;
	r->plan = plan;
	r->f = plan->forward;
	r->result = out;
	r->tokens = plan->batch * plan->sequence;
	r->g.replay = replay_layer;
	r->g.replay_ctx = r;
	r->g.gradient_tag = VIT_PART_GRADIENTS;
	r->vars = vit_xcalloc(r->f->slots + 1, sizeof(*r->vars));
	vit_params_make(r);
	r->g.tag = VIT_PART_WORKSPACE;
	for (int i = 0; i < 2; i++) /* main and autograd thread */
		vit_graph_alloc(&r->g, plan->workspace);
	r->g.tag = VIT_PART_ACTIVATIONS;
	vit_run_mark(r, VIT_MOMENT_LOAD);
	if (plan->training)
		train(r);
	else
		prefill(r);
	out->peak = r->g.memory.peak_allocated;
	out->reserved = r->g.memory.peak_reserved;
	out->failed = r->g.memory.failed;
	out->out_of_memory = r->g.memory.out_of_memory;
	memcpy(out->parts, r->g.tagged_at_peak, sizeof(out->parts));
	for (int m = 0; m < VIT_MOMENT_COUNT; m++)
		if (out->moments[m] == out->peak)
			out->peak_moment = (enum vit_moment)m;
	vit_params_free(r);
	free(r->vars);
	free(r->kv);
	vit_graph_release(&r->g);
	free(r);
}
