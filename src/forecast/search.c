/* What would make it fit: jobs near the one that was asked for. */
#include <stdlib.h>

#include "forecast/forecast.h"

#define MAX_CANDIDATES 400
#define MAX_RUNS       120
#define MAX_LAYER_RUNS 10000 /* layers x runs: very deep models are searched less widely */

/* A nearby job and how far it is: the mildest changes cost least. */
struct candidate {
	struct vit_job job;
	unsigned cost;
};

struct pool {
	struct candidate *items;
	uint32_t count;
};

static bool trains_all(const struct vit_job *j)
{
	return j->method == VIT_JOB_FULL;
}

/* Same mathematics: the batch is split, activations are made again, states are elsewhere. */
static bool same_result(const struct vit_job *from, const struct vit_job *to)
{
	return from->method == to->method && from->sequence == to->sequence &&
	       from->optimizer == to->optimizer && from->lora_rank == to->lora_rank &&
	       from->targets == to->targets && from->context == to->context && from->kv == to->kv &&
	       (uint64_t)from->batch * from->accumulate * (from->devices ? from->devices : 1) ==
		       (uint64_t)to->batch * to->accumulate * (to->devices ? to->devices : 1);
}

static unsigned cost_of(const struct vit_job *from, const struct vit_job *to)
{
	unsigned cost = 0;

	if (to->attention != from->attention)
		cost += 1;
	if (to->checkpointing != from->checkpointing)
		cost += 4;
	for (uint32_t b = to->batch; b < from->batch; b *= 2)
		cost += 3;
	if (to->optimizer != from->optimizer)
		cost += 9;
	if (to->offload != from->offload)
		cost += 14;
	if (to->method != from->method)
		cost += to->method == VIT_JOB_LORA ? 24 : trains_all(from) ? 34 : 12;
	for (uint32_t s = to->sequence; s && s < from->sequence; s *= 2)
		cost += 20;
	for (uint32_t s = to->context; s && s < from->context; s *= 2)
		cost += 10;
	if (to->requests < from->requests)
		cost += 8;
	if (to->kv != from->kv)
		cost += to->kv == VIT_KV_8BIT ? 5 : 9;
	for (uint32_t n = from->devices ? from->devices : 1; n < to->devices; n *= 2)
		cost += 30;
	return cost;
}

static void add(struct pool *p, const struct vit_job *from, const struct vit_job *job)
{
	unsigned cost = cost_of(from, job);

	if (cost == 0 || p->count == MAX_CANDIDATES)
		return;
	p->items[p->count++] = (struct candidate){ *job, cost };
}

/* Batches that divide the one asked for, the tokens of a step kept by accumulating. */
static void batches(struct pool *p, const struct vit_job *from, struct vit_job job)
{
	uint64_t rows = (uint64_t)job.batch * job.accumulate;

	for (uint32_t b = job.batch; b >= 1; b /= 2) {
		struct vit_job j = job;

		j.batch = b;
		j.accumulate = (uint32_t)((rows + b - 1) / b);
		add(p, from, &j);
		j.checkpointing = true;
		if (!job.checkpointing)
			add(p, from, &j);
		if (b == 1)
			break;
	}
}

static void optimizers(struct pool *p, const struct vit_job *from, struct vit_job job, bool gpu)
{
	batches(p, from, job);
	if (!trains_all(&job))
		return;
	if (job.optimizer == VIT_OPTIMIZER_ADAMW && gpu) {
		job.optimizer = VIT_OPTIMIZER_ADAMW_8BIT;
		batches(p, from, job);
		job.optimizer = from->optimizer;
	}
	job.checkpointing = true;
	job.offload = true;
	batches(p, from, job);
}

static void methods(struct pool *p, const struct vit_job *from, struct vit_job job, bool gpu)
{
	optimizers(p, from, job, gpu);
	if (job.method == VIT_JOB_FULL) {
		job.method = VIT_JOB_LORA;
		job.targets = VIT_TARGETS_ALL_LINEAR;
		job.lora_rank = 16;
		batches(p, from, job);
	}
	if (job.method == VIT_JOB_LORA && gpu) {
		job.method = VIT_JOB_QLORA;
		batches(p, from, job);
	}
}

/* gpu: bitsandbytes and device groups exist only for discrete accelerators. */
static void training(struct pool *p, const struct vit_job *from, bool gpu)
{
	struct vit_job job = *from;

	if (job.attention == VIT_ATTENTION_EAGER) {
		job.attention = VIT_ATTENTION_SDPA;
		add(p, from, &job);
	}
	for (uint32_t s = from->sequence; s >= 256; s /= 2) {
		job.sequence = s;
		methods(p, from, job, gpu);
		if (s < from->sequence / 4)
			break;
	}
	job = *from;
	job.checkpointing = true;
	for (uint32_t n = 2; gpu && n <= 8; n *= 2) {
		job.devices = n;
		job.parallel = VIT_PARALLEL_FSDP;
		if (n > from->devices)
			add(p, from, &job);
	}
}

static void inference(struct pool *p, const struct vit_job *from)
{
	struct vit_job job = *from;

	for (uint32_t c = from->context; c >= 512; c /= 2)
		for (int kv = (int)from->kv; kv <= VIT_KV_4BIT; kv++) {
			job.context = c;
			job.kv = (enum vit_job_kv)kv;
			job.requests = from->requests;
			add(p, from, &job);
			job.requests = 1;
			if (from->requests > 1)
				add(p, from, &job);
		}
}

static int by_cost(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return x->cost < y->cost ? -1 : x->cost > y->cost;
}

struct words {
	struct vit_arena *arena;
	struct vit_str text, flags;
};

static void say(struct words *w, const char *text, const char *flags)
{
	w->text = vit_arena_printf(w->arena, "%.*s%s%s", VIT_FMT(w->text), w->text.n ? ", " : "",
				   text);
	w->flags = vit_arena_printf(w->arena, "%.*s%s%s", VIT_FMT(w->flags), w->flags.n ? " " : "",
				    flags);
}

static void say_number(struct words *w, const char *before, const char *after, const char *flag,
		       uint32_t n)
{
	say(w, vit_arena_printf(w->arena, "%s%u%s", before, n, after).p,
	    vit_arena_printf(w->arena, "%s %u", flag, n).p);
}

static void describe(struct words *w, const struct vit_job *from, const struct vit_job *to)
{
	if (to->attention != from->attention)
		say(w, "fused attention", "--attention sdpa");
	if (to->method != from->method && to->method == VIT_JOB_LORA)
		say(w, "LoRA instead of all weights", "--train lora");
	if (to->method != from->method && to->method == VIT_JOB_QLORA)
		say(w, "QLoRA: linear layers in 4 bits", "--train qlora");
	if (to->checkpointing && !from->checkpointing)
		say(w, "checkpointing of activations", "--checkpointing");
	if (to->batch != from->batch)
		say_number(w, "batch ", "", "--batch", to->batch);
	if (to->accumulate != from->accumulate)
		say_number(w, "gradients of ", " micro-batches accumulated", "--accumulate",
			   to->accumulate);
	if (to->sequence != from->sequence)
		say_number(w, "sequences of ", " tokens", "--seq", to->sequence);
	if (to->optimizer != from->optimizer)
		say(w, "optimizer states in 8 bits", "--optimizer adamw-8bit");
	if (to->offload && !from->offload)
		say(w, "optimizer states in host memory", "--offload");
	if (to->context != from->context)
		say_number(w, "context of ", " tokens", "--context", to->context);
	if (to->requests != from->requests)
		say_number(w, "", " request at a time", "--requests", to->requests);
	if (to->kv != from->kv)
		say(w, to->kv == VIT_KV_8BIT ? "KV cache in 8 bits" : "KV cache in 4 bits",
		    to->kv == VIT_KV_8BIT ? "--kv-cache 8bit" : "--kv-cache 4bit");
	if (to->devices > (from->devices ? from->devices : 1))
		say_number(w, "", " devices that share weights and states (FSDP)",
			   "--parallel fsdp --devices", to->devices);
}

static bool adds_to(const struct vit_job *k, const struct vit_job *j)
{
	return k->method == j->method && k->sequence >= j->sequence && k->batch >= j->batch &&
	       k->checkpointing <= j->checkpointing &&
	       (k->optimizer == j->optimizer || k->optimizer == VIT_OPTIMIZER_ADAMW) &&
	       k->offload <= j->offload && k->context >= j->context && k->requests >= j->requests &&
	       k->kv <= j->kv && k->devices <= j->devices;
}

/* Does the list hold a fitting change that this one only adds to? */
static bool dominated(const struct vit_forecast_change *list, uint32_t n, const struct vit_job *j)
{
	for (uint32_t i = 0; i < n; i++)
		if (list[i].certain && adds_to(&list[i].job, j))
			return true;
	return false;
}

/* One that adds to a change of the list and needs as much as that. */
static bool in_vain(const struct vit_forecast_change *list, uint32_t n,
		    const struct vit_forecast_change *c)
{
	for (uint32_t i = 0; i < n; i++)
		if (list[i].peak_device.expected <= c->peak_device.expected &&
		    adds_to(&list[i].job, &c->job))
			return true;
	return false;
}

static void evaluate(struct vit_arena *a, const struct vit_forecast_input *in,
		     const struct vit_job *from, const struct candidate *c, uint64_t limit,
		     struct vit_forecast_change *out)
{
	struct vit_forecast_input near = *in;
	struct vit_forecast f;
	struct words w = { a, VIT_STR_EMPTY, VIT_STR_EMPTY };

	near.job = &c->job;
	vit_forecast_run(a, &near, &f);
	*out = (struct vit_forecast_change){ .job = c->job,
					     .peak_device = f.memory.peak_device,
					     .step_seconds = f.step_seconds };
	if (!f.available)
		return;
	describe(&w, from, &c->job);
	out->text = w.text;
	out->flags = w.flags;
	/* The allocator gives its cache back before it gives up. */
	out->fits = (f.memory.peak_device.low + f.memory.peak_device.expected) / 2 <= (double)limit;
	out->certain = f.memory.peak_device.high <= (double)limit;
	out->same_result = same_result(from, &c->job);
}

static uint32_t search(struct vit_arena *a, const struct vit_forecast_input *in,
		       const struct vit_job *from, const struct pool *p, uint64_t limit,
		       struct vit_forecast_change *out, uint32_t max)
{
	struct vit_forecast_change nearest = { .fits = false }, c;
	uint32_t n = 0, runs = 0, most = MAX_RUNS;
	bool any = false;

	if (in->arch->layers > MAX_LAYER_RUNS / MAX_RUNS)
		most = (uint32_t)(MAX_LAYER_RUNS / in->arch->layers) + 10;
	for (uint32_t i = 0; i < p->count && n < max && runs < most; i++) {
		if (dominated(out, n, &p->items[i].job))
			continue;
		runs++;
		evaluate(a, in, from, &p->items[i], limit, &c);
		if (!c.text.n)
			continue;
		if (!any || c.peak_device.expected < nearest.peak_device.expected)
			nearest = c;
		any = true;
		if (c.fits && !in_vain(out, n, &c))
			out[n++] = c;
	}
	if (n == 0 && any && max)
		out[n++] = nearest;
	return n;
}

static bool groups(const struct vit_forecast_device *d)
{
	return !d || d->kind == VIT_DEVICE_CUDA || d->kind == VIT_DEVICE_ROCM;
}

uint32_t vit_forecast_search(struct vit_arena *a, const struct vit_forecast_input *in,
			     uint64_t limit, struct vit_forecast_change *out, uint32_t max)
{
	struct vit_forecast now;
	struct pool pool = { .count = 0 };
	uint32_t n;

	vit_forecast_run(a, in, &now);
	if (!now.available || max == 0)
		return 0;
	pool.items = vit_xcalloc(MAX_CANDIDATES, sizeof(*pool.items));
	if (now.method == VIT_JOB_INFERENCE)
		inference(&pool, &now.job);
	else
		training(&pool, &now.job, groups(in->device));
	qsort(pool.items, pool.count, sizeof(*pool.items), by_cost);
	n = search(a, in, &now.job, &pool, limit, out, max);
	free(pool.items);
	return n;
}
