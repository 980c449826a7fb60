/* Section 11: the forecast, what would make the job fit, and the comparison. */
#include "base/num.h"
#include "forecast/outlook.h"
#include "present/present.h"
#include "spec/job_load.h"

static struct vit_val range(const struct vit_range *r, struct vit_str unit)
{
	struct vit_val v;

	if (!r->known)
		return vit_val_none();
	v = (struct vit_val){ .type = VIT_VAL_RANGE,
			      .str = unit,
			      .d = r->expected,
			      .low = r->low,
			      .high = r->high,
			      .basis = r->basis,
			      .confidence = vit_confidence_name(r->confidence) };
	/* there are no parts of bytes; the range never shrinks by it */
	if (vit_str_is(unit, "bytes") && r->low >= 0 && r->high < 1e18) {
		v.low = (double)(uint64_t)r->low;
		v.d = (double)(uint64_t)(r->expected + 0.5);
		v.high = (double)((uint64_t)r->high + (r->high > (double)(uint64_t)r->high));
	}
	return v;
}

#define BYTES   VIT_STR("bytes")
#define SECONDS VIT_STR("seconds")
#define RATE    VIT_STR("tokens/s")

/* "medium confidence: weights 2 P ...". */
static struct vit_str source_of(const struct vit_present *p, const struct vit_range *r)
{
	return vit_arena_printf(p->arena, "%s confidence%s%.*s", vit_confidence_name(r->confidence),
				r->basis.n ? "; " : "", VIT_FMT(r->basis));
}

static void child(const struct vit_present *p, struct vit_node *g, const char *key,
		  const char *label, const struct vit_range *r, struct vit_str unit)
{
	if (r->known)
		vit_node_value(p->arena, g, key, label, range(r, unit), VIT_BASIS_COMPUTED,
			       source_of(p, r));
}

static void value(const struct vit_present *p, struct vit_section *s, const char *key,
		  const char *label, const struct vit_range *r, struct vit_str unit)
{
	struct vit_node *n;

	if (!r->known)
		return;
	n = vit_node_add(p->arena, s, VIT_NODE_VALUE, key, label);
	n->value = range(r, unit);
	n->basis = VIT_BASIS_COMPUTED;
	n->source = source_of(p, r);
}

static void components(const struct vit_present *p, struct vit_node *g,
		       const struct vit_forecast_memory *m)
{
	static const struct vit_column columns[] = {
		{ "id", NULL, false },
		{ "label", "Component", false },
		{ "bytes", "At the peak", true },
		{ NULL, "From", false },
	};
	struct vit_node *t = vit_node_table(p->arena, g, "components", "Components at the peak",
					    columns, 4, m->component_count);

	for (uint32_t i = 0; i < m->component_count; i++) {
		const struct vit_forecast_component *c = &m->components[i];

		*vit_cell(t, i, 0) = vit_val_c(c->id);
		*vit_cell(t, i, 1) = vit_val_c(c->label);
		*vit_cell(t, i, 2) = range(&c->bytes, BYTES);
		*vit_cell(t, i, 3) = vit_val_str(c->bytes.basis);
	}
}

static void moments(const struct vit_present *p, struct vit_node *g,
		    const struct vit_forecast_memory *m)
{
	static const struct vit_column columns[] = {
		{ "moment", "Moment", false },
		{ "bytes", "Allocated", true },
		{ "is_peak", "The peak", false },
	};
	struct vit_node *t = vit_node_table(p->arena, g, "moments", "Level by moment", columns, 3,
					    m->moment_count);

	for (uint32_t i = 0; i < m->moment_count; i++) {
		*vit_cell(t, i, 0) = vit_val_c(vit_moment_name(m->moments[i].moment));
		*vit_cell(t, i, 1) = range(&m->moments[i].bytes, BYTES);
		*vit_cell(t, i, 2) = vit_val_bool(m->moments[i].moment == m->peak_moment);
	}
}

static void memory(const struct vit_present *p, struct vit_section *s,
		   const struct vit_prospect *at)
{
	const struct vit_forecast_memory *m = &at->forecast.memory;
	struct vit_node *g =
		vit_node_add(p->arena, s, VIT_NODE_GROUP, "memory", "Memory per device");

	child(p, g, "peak_allocated_bytes", "Peak that the framework allocates", &m->peak_allocated,
	      BYTES);
	child(p, g, "peak_reserved_bytes", "With what its allocator keeps", &m->peak_reserved,
	      BYTES);
	child(p, g, "peak_device_bytes", "Peak on the device, driver included", &m->peak_device,
	      BYTES);
	child(p, g, "load_peak_bytes", "Peak while loading", &m->load_peak, BYTES);
	child(p, g, "host_bytes", "In the machine's own memory", &m->host, BYTES);
	child(p, g, "packed_bytes", "In an engine that keeps the weights as stored", &at->packed,
	      BYTES);
	child(p, g, "kv_cache_bytes", "KV cache", &m->kv_cache, BYTES);
	if (at->limit.kind != VIT_LIMIT_UNKNOWN) {
		vit_node_value(
			p->arena, g, "limit_bytes", "There for it", vit_val_bytes(at->limit.bytes),
			at->here ? VIT_BASIS_MEASURED : VIT_BASIS_COMPUTED, at->limit.source);
		vit_node_value(p->arena, g, "limit_kind", NULL,
			       vit_val_c(vit_limit_kind_name(at->limit.kind)), VIT_BASIS_NONE,
			       VIT_STR_EMPTY);
	}
	vit_node_value(p->arena, g, "fits", "It fits",
		       vit_val_c(vit_fit_name(vit_fit_of(&m->peak_device, &at->limit))),
		       VIT_BASIS_COMPUTED, VIT_STR("the peak on the device against what is there"));
	child(p, g, "checkpoint_bytes", "One checkpoint on disk", &m->checkpoint, BYTES);
	components(p, g, m);
	moments(p, g, m);
}

static void device(const struct vit_present *p, struct vit_section *s,
		   const struct vit_prospect *at)
{
	const struct vit_forecast_device *d = &at->device;

	vit_present_value(p, s, "device", "Device", vit_val_str(at->name),
			  at->here ? VIT_BASIS_MEASURED : VIT_BASIS_ATTESTED,
			  at->here ? "this machine" : "hardware catalogue");
	if (d->bandwidth > 0)
		vit_present_value(
			p, s, "device_bandwidth", "Its memory bandwidth (GB/s)",
			vit_val_double(d->bandwidth / 1e9), VIT_BASIS_ATTESTED,
			vit_arena_printf(p->arena, "hardware catalogue, %s: %.*s",
					 d->verified_bandwidth ? "looked up" : "unverified",
					 VIT_FMT(d->source))
				.p);
	if (d->flops_16bit > 0)
		vit_present_value(p, s, "device_compute", "Its dense 16-bit throughput (TFLOP/s)",
				  vit_val_double(d->flops_16bit / 1e12), VIT_BASIS_ATTESTED,
				  vit_arena_printf(p->arena, "hardware catalogue, %s: %.*s",
						   d->verified_flops ? "looked up" : "unverified",
						   VIT_FMT(d->source))
					  .p);
	if (at->note.n)
		vit_present_value(p, s, "device_note", "Note on the device", vit_val_str(at->note),
				  VIT_BASIS_ATTESTED, "hardware catalogue");
}

static void time_of_training(const struct vit_present *p, struct vit_section *s,
			     const struct vit_forecast *f)
{
	if (f->parameters)
		vit_present_value(p, s, "parameters", "Parameters", vit_val_u64(f->parameters),
				  VIT_BASIS_COMPUTED, "config.json and the family's shapes");
	if (f->trainable)
		vit_present_value(p, s, "trainable", "Parameters that are trained",
				  vit_val_u64(f->trainable), VIT_BASIS_COMPUTED,
				  "method, rank and targets");
	if (f->tokens_per_step)
		vit_present_value(p, s, "tokens_per_step", "Tokens per step",
				  vit_val_u64(f->tokens_per_step), VIT_BASIS_COMPUTED,
				  "batch, accumulation, full sequences and devices");
	if (f->steps)
		vit_present_value(p, s, "steps", "Steps", vit_val_u64(f->steps), VIT_BASIS_COMPUTED,
				  "examples, epochs, batch");
	value(p, s, "flops_per_step", "Operations per step", &f->flops_per_step, VIT_STR("FLOP"));
	value(p, s, "step_seconds", "Time per step", &f->step_seconds, SECONDS);
}

static void times(const struct vit_present *p, struct vit_section *s, const struct vit_forecast *f)
{
	if (f->method != VIT_JOB_INFERENCE)
		time_of_training(p, s, f);
	value(p, s, "load_seconds", "Time to load", &f->load_seconds, SECONDS);
	value(p, s, "total_seconds", "Time of the whole job", &f->total_seconds, SECONDS);
	value(p, s, "decode_tokens_per_second", "Decode rate per request",
	      &f->decode_tokens_per_second, RATE);
	value(p, s, "prefill_tokens_per_second", "Prefill rate", &f->prefill_tokens_per_second,
	      RATE);
	value(p, s, "first_token_seconds", "Time to the first token", &f->first_token_seconds,
	      SECONDS);
	value(p, s, "response_seconds", "Response time", &f->response_seconds, SECONDS);
	if (f->response_seconds.known)
		vit_present_value(p, s, "response_tokens", "Tokens of that response",
				  vit_val_u64(f->response_tokens), VIT_BASIS_COMPUTED, "assumed");
}

static void changes(const struct vit_present *p, struct vit_section *s, const struct vit_outlook *o)
{
	static const struct vit_column columns[] = {
		{ "change", "Change", false },
		{ "flags", "Options", false },
		{ "peak_device_bytes", "Peak", true },
		{ "fits", "It fits", false },
		{ "step_seconds", "Time per step", true },
		{ "same_result", "Same training", false },
	};
	struct vit_node *t;

	if (!o->change_count)
		return;
	t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "what_would_fit", "What would make it fit");
	t->columns = columns;
	t->column_count = 6;
	t->row_count = o->change_count;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)o->change_count * 6, struct vit_val);
	for (uint32_t i = 0; i < o->change_count; i++) {
		const struct vit_forecast_change *c = &o->changes[i];

		*vit_cell(t, i, 0) = vit_val_str(c->text);
		*vit_cell(t, i, 1) = vit_val_str(c->flags);
		*vit_cell(t, i, 2) = range(&c->peak_device, BYTES);
		*vit_cell(t, i, 3) = vit_val_c(!c->fits     ? "no, it comes nearest"
					       : c->certain ? "yes"
							    : "likely");
		*vit_cell(t, i, 4) = range(&c->step_seconds, SECONDS);
		*vit_cell(t, i, 5) = vit_val_bool(c->same_result);
	}
}

/* "yes (14.2 GB)". */
static struct vit_val capability(const struct vit_present *p, const struct vit_capability *c)
{
	char text[VIT_FMT_NUM];

	if (c->fit == VIT_FIT_UNKNOWN || !c->peak.known)
		return vit_val_c("not known");
	return vit_val_str(vit_arena_printf(p->arena, "%s (%s%s)", vit_fit_name(c->fit),
					    vit_fmt_bytes((uint64_t)c->peak.expected, text),
					    c->packed ? ", weights as stored" : ""));
}

/* Three digits in text, the integer in JSON. */
static struct vit_val rough_bytes(const struct vit_limit *l)
{
	struct vit_val v = vit_val_double((double)l->bytes);

	v.str = BYTES;
	return l->kind == VIT_LIMIT_UNKNOWN ? vit_val_none() : v;
}

/* Of the framework of the forecast, or of an engine that keeps the weights packed. */
static const char *fit_anyhow(const struct vit_prospect *at)
{
	enum vit_fit fit = vit_fit_of(&at->forecast.memory.peak_device, &at->limit);
	enum vit_fit packed = vit_fit_of(&at->packed, &at->limit);

	if (fit > VIT_FIT_LIKELY && (packed == VIT_FIT_YES || packed == VIT_FIT_LIKELY))
		return packed == VIT_FIT_YES ? "with the weights as stored"
					     : "likely, with the weights as stored";
	return vit_fit_name(fit);
}

static void comparison_row(struct vit_node *t, uint32_t r, const struct vit_prospect *at)
{
	const struct vit_forecast *f = &at->forecast;

	*vit_cell(t, r, 0) = vit_val_str(at->name);
	*vit_cell(t, r, 1) = rough_bytes(&at->limit);
	*vit_cell(t, r, 2) = range(&f->memory.peak_device, BYTES);
	*vit_cell(t, r, 3) = vit_val_c(fit_anyhow(at));
	*vit_cell(t, r, 4) = range(&f->step_seconds, SECONDS);
	*vit_cell(t, r, 5) = range(&f->total_seconds, SECONDS);
	*vit_cell(t, r, 6) = range(&f->decode_tokens_per_second, RATE);
	*vit_cell(t, r, 7) = range(&f->prefill_tokens_per_second, RATE);
	*vit_cell(t, r, 8) =
		vit_val_c(at->device.verified_bandwidth && at->device.verified_flops ? "looked up"
			  : at->device.bandwidth > 0 ? "part unverified"
						     : "not known");
}

static void comparison(const struct vit_present *p, struct vit_section *s,
		       const struct vit_outlook *o)
{
	static const struct vit_column columns[] = {
		{ "device", "Device", false },
		{ "limit_bytes", "There for it", true },
		{ "peak_device_bytes", "Peak", true },
		{ "fits", "It fits", false },
		{ "step_seconds", "Time per step", true },
		{ "total_seconds", "Whole job", true },
		{ "decode_tokens_per_second", "Decode", true },
		{ "prefill_tokens_per_second", "Prefill", true },
		{ "figures", "Figures", false },
	};
	static const struct vit_column abilities[] = {
		{ "device", "Device", false },    { "inference", "Inference", false },
		{ "qlora", "QLoRA", false },      { "lora", "LoRA", false },
		{ "full", "All weights", false },
	};
	struct vit_node *g, *t;

	if (!o->other_count)
		return;
	g = vit_node_add(p->arena, s, VIT_NODE_GROUP, "comparison", "Comparison");
	t = vit_node_table(p->arena, g, "devices", "This job on each", columns, 9,
			   o->other_count + 1);
	comparison_row(t, 0, &o->main);
	for (uint32_t i = 0; i < o->other_count; i++)
		comparison_row(t, i + 1, &o->others[i]);
	t = vit_node_table(p->arena, g, "can_run", "What each can run of this model", abilities, 5,
			   o->other_count + 1);
	for (uint32_t i = 0; i <= o->other_count; i++) {
		const struct vit_prospect *at = i ? &o->others[i - 1] : &o->main;

		*vit_cell(t, i, 0) = vit_val_str(at->name);
		for (uint32_t k = 0; k < VIT_CAPABILITIES; k++)
			*vit_cell(t, i, k + 1) = capability(p, &at->capabilities[k]);
	}
}

static void notes(const struct vit_present *p, struct vit_section *s, const struct vit_forecast *f)
{
	struct vit_node *l;

	if (!f->note_count)
		return;
	l = vit_present_list(p, s, "assumptions", "Assumptions and limits", f->note_count);
	for (uint32_t i = 0; i < f->note_count; i++)
		l->cells[i] = vit_val_str(f->notes[i]);
}

void vit_present_forecast(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_outlook *o = p->outlook;

	if (p->data_only || p->system_only) {
		s->not_assessed = p->data_only ? VIT_STR("only the training data was asked for")
					       : VIT_STR("only the machine was asked for");
		return;
	}
	if (!o || !o->asked) {
		s->not_assessed = VIT_STR("no job was given (--job, --train, --context) and no "
					  "device to compare with");
		return;
	}
	if (p->job->given)
		vit_present_job(p, o->main.forecast.available ? &o->main.forecast.job : p->job, s);
	if (!o->main.forecast.available) {
		vit_present_value(p, s, "unsupported", "Not forecast",
				  vit_val_str(o->main.forecast.unsupported), VIT_BASIS_NOT_ASSESSED,
				  "");
		return;
	}
	device(p, s, &o->main);
	times(p, s, &o->main.forecast);
	memory(p, s, &o->main);
	changes(p, s, o);
	comparison(p, s, o);
	notes(p, s, &o->main.forecast);
}
