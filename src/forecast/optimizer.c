/*
 * What optimizers keep and make.
 *
 * AdamW: two moments of the parameter's type; fused (Trainer's default) works in
 * place with a counter per parameter on the device, foreach copies every second
 * moment. 8-bit AdamW (bitsandbytes): two bytes an element and a scale per 256,
 * float32 below 4,096 elements and, under Trainer, for embeddings. Lion
 * (bitsandbytes, 32 bit): one float32 moment. Adafactor (transformers): row and
 * column means in float32, updated in float32 copies parameter by parameter.
 * SGD without momentum keeps nothing.
 */
#include <stdlib.h>

#include "forecast/optimizer.h"

/* States in host memory take none of the device's. */
static void state(struct vit_runner *r, uint64_t bytes)
{
	if (r->plan->offload)
		r->result->host_bytes += bytes;
	else
		vit_graph_alloc(&r->g, bytes);
}

static void states_8bit(struct vit_runner *r, const struct vit_param *p, bool embedding)
{
	uint64_t blocks = (p->numel + 255) / 256;

	if (p->numel < 4096 || (embedding && r->plan->trainer)) {
		state(r, 4 * p->numel);
		state(r, 4 * p->numel);
		return;
	}
	for (int i = 0; i < 2; i++) {
		state(r, p->numel);
		state(r, 4 * blocks);
	}
}

static void states_of(struct vit_runner *r, uint32_t i)
{
	const struct vit_param *p = &r->g.params[i];

	switch (r->plan->optimizer) {
	case VIT_OPTIMIZER_ADAMW:
		/* fused: step counters on the device */
		if (r->plan->trainer)
			state(r, 4);
		state(r, p->numel * p->elem);
		state(r, p->numel * p->elem);
		break;
	case VIT_OPTIMIZER_ADAMW_8BIT:
		states_8bit(r, p, i + 1 == r->embedding || i + 1 == r->positions);
		break;
	case VIT_OPTIMIZER_ADAFACTOR:
		if (p->rows > 1) {
			state(r, 4 * p->rows);
			state(r, 4 * (p->numel / p->rows));
		} else {
			state(r, 4 * p->numel);
		}
		break;
	case VIT_OPTIMIZER_LION:
		state(r, 4 * p->numel);
		break;
	case VIT_OPTIMIZER_SGD:
		break;
	}
}

static void make_states(struct vit_runner *r)
{
	struct vit_graph *g = &r->g;

	r->result->host_bytes = 0;
	g->tag = VIT_PART_STATES;
	for (uint32_t i = 0; i < g->param_count; i++)
		if (g->params[i].trainable && g->params[i].gradient)
			states_of(r, i);
	g->tag = VIT_PART_ACTIVATIONS;
}

/* foreach: a copy of every second moment at once. */
static void step_foreach(struct vit_runner *r)
{
	struct vit_graph *g = &r->g;
	uint32_t *copies = vit_xcalloc(g->param_count + 1, sizeof(*copies));

	for (uint32_t i = 0; i < g->param_count; i++)
		if (g->params[i].trainable && g->params[i].gradient)
			copies[i] = vit_graph_alloc(g, g->params[i].numel * g->params[i].elem);
	for (uint32_t i = 0; i < g->param_count; i++)
		vit_graph_free(g, copies[i]);
	free(copies);
}

static void rebind(struct vit_graph *g, uint32_t *name, uint32_t made)
{
	vit_graph_free(g, *name);
	*name = made;
}

/* The names of the loop live on into its next round. */
static void step_adafactor(struct vit_runner *r)
{
	struct vit_graph *g = &r->g;
	uint32_t grad = 0, weight = 0, update = 0;

	for (uint32_t i = 0; i < g->param_count; i++) {
		const struct vit_param *p = &g->params[i];
		uint64_t wide = 4 * p->numel;
		uint32_t made;

		if (!p->trainable || !p->gradient)
			continue;
		rebind(g, &grad, p->elem == 2 ? vit_graph_alloc(g, wide) : 0);
		rebind(g, &weight, p->elem == 2 ? vit_graph_alloc(g, wide) : 0);
		made = vit_graph_alloc(g, wide); /* grad ** 2, + epsilon */
		vit_graph_free(g, update == 0 ? 0 : update);
		update = vit_graph_alloc(g, wide);
		vit_graph_free(g, made);
		if (p->rows > 1) /* mean over rows */
			vit_graph_free(g,
				       vit_graph_alloc(g, vit_graph_sum_bytes(g, p->rows,
									      p->numel / p->rows)));
		rebind(g, &update, vit_graph_alloc(g, wide)); /* from rows and columns */
		vit_graph_free(g, vit_graph_alloc(g, wide));  /* - update */
	}
	vit_graph_free(g, grad);
	vit_graph_free(g, weight);
	vit_graph_free(g, update);
}

static void step_in_host(struct vit_runner *r)
{
	/* States come over parameter by parameter: the largest one's at a time. */
	uint64_t largest = 0;

	for (uint32_t i = 0; i < r->g.param_count; i++)
		if (r->g.params[i].trainable && r->g.params[i].numel > largest)
			largest = r->g.params[i].numel * r->g.params[i].elem;
	vit_graph_free(&r->g, vit_graph_alloc(&r->g, 2 * largest));
}

void vit_optimizer_step(struct vit_runner *r, int step)
{
	struct vit_graph *g = &r->g;

	if (step == 0)
		make_states(r);
	if (r->plan->offload)
		step_in_host(r);
	else if (r->plan->optimizer == VIT_OPTIMIZER_ADAFACTOR)
		step_adafactor(r);
	else if (r->plan->optimizer == VIT_OPTIMIZER_ADAMW && !r->plan->trainer)
		step_foreach(r);
	for (uint32_t i = 0; i < g->param_count; i++) {
		vit_graph_free(g, g->params[i].gradient);
		g->params[i].gradient = 0;
	}
}
