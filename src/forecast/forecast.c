/* The order of a forecast. */
#include <math.h>

#include "base/num.h"
#include "forecast/estimate.h"
#include "forecast/params.h"

#define MAX_TOKENS (UINT64_C(1) << 34)

/* The model's own sizes, or those of a plain decoder with the same keys. */
static bool find_forward(struct vit_estimate *e)
{
	const struct vit_forecast_input *in = e->in;
	const struct vit_spec *plain;
	struct vit_str why, ignored;

	if (vit_forward_evaluate(e->arena, in->db, in->arch->family, in->config, &e->forward, &why))
		return true;
	plain = in->db ? vit_spec_db_find(in->db, VIT_STR("llama")) : NULL;
	if (plain &&
	    vit_forward_evaluate(e->arena, in->db, plain, in->config, &e->forward, &ignored)) {
		e->fallback = true;
		vit_forecast_note(e->arena, e->out,
				  vit_arena_printf(e->arena,
						   "%.*s; it was taken for a plain decoder with a "
						   "gated MLP, and the ranges are "
						   "wider.",
						   VIT_FMT(why)));
		return true;
	}
	e->out->unsupported = why;
	return false;
}

/* How far the layers' parameters are from those the spec counts. */
static void account(struct vit_estimate *e)
{
	const struct vit_architecture *arch = e->in->arch;
	double total = arch->total_known ? (double)arch->total : 0;
	double own = (double)e->run.parameters;
	char a[VIT_FMT_NUM], b[VIT_FMT_NUM];

	if (total <= 0 || own <= 0)
		return;
	e->missing = total - own;
	if (fabs(e->missing) <= 0.001 * total)
		return;
	e->confidence = VIT_CONFIDENCE_LOW;
	vit_forecast_note(e->arena, e->out,
			  vit_arena_printf(e->arena,
					   "The layers that were run account for %s parameters, the "
					   "model has %s: weights, gradients and states are those of "
					   "the model.",
					   vit_fmt_count((uint64_t)own, a),
					   vit_fmt_count((uint64_t)total, b)));
}

/* What was held against measured runs, and what was derived only. */
static enum vit_confidence confidence_of(const struct vit_estimate *e)
{
	const struct vit_job *job = &e->out->job;
	const struct vit_forecast_device *d = e->in->device;

	if (e->fallback || (d && (d->kind == VIT_DEVICE_METAL || d->kind == VIT_DEVICE_CPU)))
		return VIT_CONFIDENCE_LOW;
	if (e->out->devices > 1 && job->parallel != VIT_PARALLEL_NONE)
		return job->parallel == VIT_PARALLEL_DATA || job->parallel == VIT_PARALLEL_FSDP
			       ? VIT_CONFIDENCE_MEDIUM
			       : VIT_CONFIDENCE_LOW;
	if (!e->forward.measured || job->attention == VIT_ATTENTION_FLASH || job->offload ||
	    job->method == VIT_JOB_QLORA || e->plan.packed_experts ||
	    job->optimizer == VIT_OPTIMIZER_ADAFACTOR || (d && d->kind != VIT_DEVICE_CUDA))
		return VIT_CONFIDENCE_MEDIUM;
	return VIT_CONFIDENCE_HIGH;
}

/* Elements of the largest tensor that a row makes, so that no product of sizes wraps. */
static double largest_of(const struct vit_fwd_row *row, double batch, double sequence)
{
	const uint64_t *v = row->value;
	double tokens = batch * sequence, most = 0, all[6];
	double heads = (double)v[VIT_FWD_HEADS], chosen = (double)v[VIT_FWD_PER_TOKEN];
	double wide = (double)v[VIT_FWD_IN] + (double)v[VIT_FWD_OUT] + (double)v[VIT_FWD_INNER] +
		      (double)v[VIT_FWD_WIDTH] + (double)v[VIT_FWD_SIZE] + (double)v[VIT_FWD_DIM];

	all[0] = heads * batch * (sequence + 1) * (sequence + 1);
	all[1] = tokens * heads * ((double)v[VIT_FWD_DIM] + (double)v[VIT_FWD_VALUE_DIM]);
	all[2] = 2 * tokens * wide * (1 + chosen);
	all[3] = 2 * (double)v[VIT_FWD_IN] * wide * (1 + (double)v[VIT_FWD_EXPERTS_KEY]);
	all[4] = tokens * (double)v[VIT_FWD_EXPERTS_KEY];
	all[5] = (double)v[VIT_FWD_KV_HEADS] * tokens * (double)v[VIT_FWD_DIM];
	for (int i = 0; i < 6; i++)
		most = all[i] > most ? all[i] : most;
	return most;
}

static bool sizes_in_bounds(const struct vit_estimate *e)
{
	const struct vit_forward *f = &e->forward;
	double batch = (double)e->plan.batch, sequence = (double)e->plan.sequence;
	double most = (double)f->vocab * ((double)f->hidden + batch * sequence), x;

	x = (double)f->hidden * ((double)f->positions + batch * sequence + (double)e->plan.rank);
	most = x > most ? x : most;
	x = sequence * (double)f->rope;
	most = x > most ? x : most;
	for (uint64_t i = 0; i < f->layers; i++)
		for (uint32_t k = 0; k < f->layer[i].count; k++) {
			x = largest_of(&f->layer[i].rows[k], batch, sequence);
			most = x > most ? x : most;
		}
	for (uint32_t k = 0; k < f->embed.count; k++) {
		x = largest_of(&f->embed.rows[k], batch, sequence);
		most = x > most ? x : most;
	}
	for (uint32_t k = 0; k < f->final.count; k++) {
		x = largest_of(&f->final.rows[k], batch, sequence);
		most = x > most ? x : most;
	}
	return most * (1 + (double)e->plan.rank / 65536) < 1e15;
}

static bool in_bounds(const struct vit_run_plan *p)
{
	uint64_t tokens;

	return p->batch && p->sequence && vit_mul_u64(p->batch, p->sequence, &tokens) &&
	       tokens <= MAX_TOKENS;
}

static bool has_sizes(const struct vit_fwd_row *row)
{
	const uint64_t *v = row->value;

	if (row->op == VIT_FWD_LINEAR)
		return v[VIT_FWD_IN] && v[VIT_FWD_OUT];
	if (row->op == VIT_FWD_EXPERTS)
		return v[VIT_FWD_EXPERTS_KEY] && v[VIT_FWD_INNER] && v[VIT_FWD_IN];
	return true;
}

/* A configuration without one of its sizes would be forecast without what has that size. What a
 * plain decoder of a family that is not described lacks is counted by its parameters. */
static bool sizes_given(struct vit_estimate *e)
{
	const struct vit_forward *f = &e->forward;

	if (!f->layers || !f->hidden || !f->vocab) {
		e->out->unsupported = vit_arena_printf(e->arena, "config.json does not say %s",
						       !f->layers   ? "how many layers there are"
						       : !f->hidden ? "how wide the layers are"
								    : "how large the vocabulary is");
		return false;
	}
	for (uint64_t i = 0; i < f->layers; i++)
		for (uint32_t k = 0; k < f->layer[i].count; k++) {
			const struct vit_fwd_row *row = &f->layer[i].rows[k];

			if (e->fallback || has_sizes(row))
				continue;
			e->out->unsupported = vit_arena_printf(
				e->arena, "config.json does not say how large %.*s of layer %llu is",
				VIT_FMT(row->name.n ? row->name : VIT_STR("the block of experts")),
				(unsigned long long)i);
			return false;
		}
	return true;
}

static bool has_linear(const struct vit_forward *f, struct vit_str name)
{
	for (uint64_t i = 0; i < f->layers; i++)
		for (uint32_t k = 0; k < f->layer[i].count; k++)
			if (f->layer[i].rows[k].op == VIT_FWD_LINEAR &&
			    vit_str_eq(f->layer[i].rows[k].name, vit_target_name(name)))
				return true;
	return false;
}

/*
 * PEFT refuses names of which the model has none, and takes others beside one that is found: an
 * output head, an embedding, a pattern. Those are not forecast, and are said.
 */
static bool targets_known(struct vit_estimate *e)
{
	uint32_t unknown = 0;
	struct vit_str names;
	struct vit_buf b;

	if (!e->plan.rank || e->plan.targets != VIT_TARGETS_NAMES)
		return true;
	vit_buf_init(&b, 1000);
	for (uint32_t i = 0; i < e->plan.target_count; i++)
		if (!has_linear(&e->forward, e->plan.target_names[i]))
			vit_buf_printf(&b, "%s%.*s", unknown++ ? ", " : "",
				       VIT_FMT(e->plan.target_names[i]));
	names = vit_arena_str(e->arena, vit_buf_view(&b));
	vit_buf_release(&b);
	if (unknown == e->plan.target_count) {
		e->out->unsupported =
			vit_arena_printf(e->arena,
					 "no linear module of the layers is named %.*s "
					 "(--lora-targets); patterns of names, and adapters on "
					 "embeddings or the head alone, are not forecast",
					 VIT_FMT(names));
		return false;
	}
	if (unknown) {
		e->confidence = VIT_CONFIDENCE_LOW;
		e->out->targets_left_out = true;
		vit_forecast_note(e->arena, e->out,
				  vit_arena_printf(e->arena,
						   "Adapters on %.*s are not in the forecast: no "
						   "linear module of the layers is named so.",
						   VIT_FMT(names)));
	}
	return true;
}

static bool estimate(struct vit_estimate *e)
{
	struct vit_forecast *out = e->out;

	if (!find_forward(e) || !sizes_given(e))
		return false;
	vit_plan_defaults(e->arena, e->in, &e->forward, out);
	vit_plan_make(e->in, &out->job, &e->forward, &e->plan);
	if (!in_bounds(&e->plan)) {
		out->unsupported =
			VIT_STR("the job has no tokens, or more than 17 billion at a time");
		return false;
	}
	if (sizes_in_bounds(e))
		vit_run(&e->plan, &e->run);
	else
		e->run.failed = true;
	if (e->run.failed) {
		out->unsupported =
			VIT_STR("the sizes of the configuration give tensors beyond all bounds");
		return false;
	}
	e->confidence = confidence_of(e);
	account(e);
	return targets_known(e);
}

void vit_forecast_run(struct vit_arena *a, const struct vit_forecast_input *in,
		      struct vit_forecast *out)
{
	struct vit_estimate e = { .arena = a, .in = in, .out = out };

	*out = (struct vit_forecast){ .job = *in->job, .method = in->job->method };
	out->devices = in->job->devices ? in->job->devices : 1;
	if (!estimate(&e))
		return;
	out->available = true;
	out->parameters = e.run.parameters;
	out->trainable = e.run.trainable;
	if (e.confidence == VIT_CONFIDENCE_LOW && in->arch->total_known && in->arch->total) {
		out->parameters = in->arch->total;
		if (e.plan.training && !e.plan.rank)
			out->trainable = in->arch->total;
	}
	vit_estimate_memory(&e);
	vit_estimate_training(&e);
	vit_estimate_inference(&e);
}
