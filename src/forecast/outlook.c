#include "forecast/outlook.h"

#include "base/num.h"
#include "facts/devices.h"

const char *vit_limit_kind_name(enum vit_limit_kind k)
{
	switch (k) {
	case VIT_LIMIT_UNKNOWN:
		return "unknown";
	case VIT_LIMIT_AVAILABLE:
		return "available";
	case VIT_LIMIT_LIMITED:
		return "limited";
	case VIT_LIMIT_TOTAL:
		return "total";
	}
	return "unknown";
}

const char *vit_fit_name(enum vit_fit f)
{
	switch (f) {
	case VIT_FIT_UNKNOWN:
		return "unknown";
	case VIT_FIT_YES:
		return "yes";
	case VIT_FIT_LIKELY:
		return "likely";
	case VIT_FIT_UNLIKELY:
		return "unlikely";
	case VIT_FIT_NO:
		return "no";
	}
	return "unknown";
}

enum vit_fit vit_fit_of(const struct vit_range *need, const struct vit_limit *limit)
{
	double room = (double)limit->bytes;

	if (!need->known || limit->kind == VIT_LIMIT_UNKNOWN)
		return VIT_FIT_UNKNOWN;
	if (need->low > room)
		return VIT_FIT_NO;
	if (need->expected > room)
		return VIT_FIT_UNLIKELY;
	return need->high > room ? VIT_FIT_LIKELY : VIT_FIT_YES;
}

static enum vit_support support_of(const struct vit_device *d, enum vit_number n)
{
	switch (d->numbers[n].support) {
	case VIT_HOW_UNKNOWN:
		return VIT_SUPPORT_UNKNOWN;
	case VIT_HOW_NATIVE:
		return VIT_SUPPORT_NATIVE;
	case VIT_HOW_EMULATED:
		return VIT_SUPPORT_EMULATED;
	case VIT_HOW_DEQUANTISED:
		return VIT_SUPPORT_NONE;
	}
	return VIT_SUPPORT_UNKNOWN;
}

static void take_numbers(const struct vit_device *d, struct vit_forecast_device *out)
{
	out->bf16 = support_of(d, VIT_NUMBER_BF16);
	out->fp8 = support_of(d, VIT_NUMBER_FP8);
	out->mxfp4 = support_of(d, VIT_NUMBER_MXFP4);
}

static enum vit_device_kind kind_of(const struct vit_hardware *h)
{
	if (vit_str_is(h->vendor, "apple"))
		return VIT_DEVICE_METAL;
	return vit_str_is(h->vendor, "amd") ? VIT_DEVICE_ROCM : VIT_DEVICE_CUDA;
}

/* Bandwidth and throughput of a row, for a device that is it. */
static void take_figures(const struct vit_hardware *h, struct vit_forecast_device *d)
{
	d->bandwidth = h->bandwidth;
	d->flops_16bit = h->compute;
	/* of Apple's GPUs the figure is the FP32 rate; others publish it apart */
	d->flops_fp32 = vit_str_is(h->vendor, "apple") ? h->compute : 0;
	d->flops_fp8 = h->fp8;
	d->flops_fp4 = h->fp4;
	d->verified_bandwidth = h->verified_bandwidth;
	d->verified_flops = h->verified_compute;
	d->source = h->source;
}

/* What macOS lets the GPU wire unless it is set: not published; about two thirds of
 * the memory up to 36 GB and three quarters above. */
static uint64_t default_wired(uint64_t total)
{
	return total <= UINT64_C(36) << 30 ? total / 3 * 2 + total % 3 * 2 / 3
					   : total / 4 * 3 + total % 4 * 3 / 4;
}

static void from_catalogue(struct vit_arena *a, const struct vit_hardware_choice *c,
			   struct vit_prospect *p)
{
	const struct vit_hardware *h = c->row;
	struct vit_device d = { .kind = kind_of(h),
				.name = h->name,
				.target = h->target,
				.has_capability = h->capability_major > 0,
				.capability_major = h->capability_major,
				.capability_minor = h->capability_minor };
	bool sized = h->memory_count > 1;

	vit_device_set_numbers(&d);
	p->name = sized ? vit_arena_printf(a, "%.*s, %llu GB", VIT_FMT(h->name),
					   (unsigned long long)(c->memory >> 30))
			: h->name;
	p->slug = sized ? vit_arena_printf(a, "%.*s-%llugb", VIT_FMT(h->slug),
					   (unsigned long long)(c->memory >> 30))
			: h->slug;
	p->in_catalogue = true;
	p->note = c->memory_assumed ? VIT_STR("the smallest memory that it is sold with was taken")
				    : h->note;
	p->device = (struct vit_forecast_device){
		.name = h->name,
		.kind = d.kind,
		.unified = h->kind != VIT_HARDWARE_DISCRETE,
		.memory_total = c->memory,
		.memory_available = c->memory,
		.compute_major = h->capability_major,
		.compute_minor = h->capability_minor,
		.verified_memory = h->verified_memory,
	};
	take_numbers(&d, &p->device);
	take_figures(h, &p->device);
	p->limit = (struct vit_limit){ VIT_LIMIT_TOTAL, c->memory,
				       VIT_STR("all of its memory, as sold") };
	if (d.kind == VIT_DEVICE_METAL) {
		p->limit.bytes = default_wired(c->memory);
		p->limit.kind = VIT_LIMIT_LIMITED;
		p->limit.source = VIT_STR(
			"what its GPU may wire by default, about two thirds up to 36 GB and "
			"three quarters above");
		p->device.memory_available = p->limit.bytes;
	}
}

/* Memory of the machine that a job may use. */
static struct vit_limit host_limit(struct vit_arena *a, const struct vit_system *s)
{
	struct vit_limit l = { VIT_LIMIT_UNKNOWN, s->memory_usable, VIT_STR_EMPTY };

	switch (s->decider) {
	case VIT_MD_NONE:
		break;
	case VIT_MD_AVAILABLE:
		l.kind = VIT_LIMIT_AVAILABLE;
		l.source = vit_arena_printf(a, "memory available on this machine, %.*s",
					    VIT_FMT(s->memory_available.source));
		break;
	case VIT_MD_LIMIT:
		l.kind = VIT_LIMIT_LIMITED;
		l.source = vit_arena_printf(a, "what the container's limit leaves, %.*s",
					    VIT_FMT(s->memory_limit.source));
		break;
	case VIT_MD_TOTAL:
		l.kind = VIT_LIMIT_TOTAL;
		l.source = vit_arena_printf(
			a, "all memory of this machine (how much is free is not known), %.*s",
			VIT_FMT(s->memory_total.source));
		break;
	}
	return l;
}

/* Unified memory: the tighter of what is free and what the GPU may wire. */
static struct vit_limit unified_limit(struct vit_arena *a, const struct vit_system *s,
				      struct vit_limit host)
{
	if (!s->wired_limit.known ||
	    (host.kind != VIT_LIMIT_UNKNOWN && host.bytes <= s->wired_limit.value))
		return host;
	return (struct vit_limit){ VIT_LIMIT_LIMITED, s->wired_limit.value,
				   vit_arena_printf(a, "what the GPU may wire, %.*s",
						    VIT_FMT(s->wired_limit.source)) };
}

static struct vit_limit device_limit(struct vit_arena *a, const struct vit_device *d)
{
	if (d->memory_free.known)
		return (struct vit_limit){ VIT_LIMIT_AVAILABLE, d->memory_free.value,
					   vit_arena_printf(a, "free memory of the device, %.*s",
							    VIT_FMT(d->memory_free.source)) };
	if (d->memory_total.known)
		return (struct vit_limit){ VIT_LIMIT_TOTAL, d->memory_total.value,
					   vit_arena_printf(
						   a,
						   "all memory of the device (how much is free is "
						   "not known), %.*s",
						   VIT_FMT(d->memory_total.source)) };
	return (struct vit_limit){ VIT_LIMIT_UNKNOWN, 0, VIT_STR_EMPTY };
}

/* The device with the most memory: that is where a job goes when nobody says. */
static const struct vit_device *largest(const struct vit_system *s)
{
	const struct vit_device *best = NULL;

	for (uint32_t i = 0; i < s->device_count; i++)
		if (!best || s->devices[i].memory_total.value > best->memory_total.value)
			best = &s->devices[i];
	return best;
}

static void figures_here(const struct vit_hardware_db *db, struct vit_prospect *p)
{
	struct vit_hardware_choice c;

	vit_hardware_match(db, p->device.name, p->device.memory_total, &c);
	p->in_catalogue = c.row != NULL;
	p->slug = c.row ? c.row->slug : VIT_STR_EMPTY;
	p->note = c.row ? c.row->note : VIT_STR_EMPTY;
	if (c.row)
		take_figures(c.row, &p->device);
}

static void on_device(struct vit_arena *a, const struct vit_system *s, const struct vit_device *d,
		      struct vit_prospect *p)
{
	p->name = d->name;
	p->device = (struct vit_forecast_device){
		.name = d->name,
		.kind = d->kind,
		.unified = d->integrated,
		.memory_total = d->memory_total.value,
		.compute_major = d->capability_major,
		.compute_minor = d->capability_minor,
		.verified_memory = true,
	};
	take_numbers(d, &p->device);
	p->limit = d->kind == VIT_DEVICE_METAL ? unified_limit(a, s, p->host) : device_limit(a, d);
}

/* No accelerator was found: the GPU of an Apple chip is known by its processor,
 * any other machine computes with the processor. */
static void without_device(struct vit_arena *a, const struct vit_system *s, struct vit_prospect *p)
{
	bool apple = vit_str_starts(s->cpu, VIT_STR("Apple "));
	struct vit_device d = { .kind = VIT_DEVICE_METAL, .name = s->cpu, .target = VIT_STR_EMPTY };

	p->name = s->cpu.n ? s->cpu : VIT_STR("this machine's processor");
	p->device = (struct vit_forecast_device){
		.name = p->name,
		.kind = apple ? VIT_DEVICE_METAL : VIT_DEVICE_CPU,
		.unified = true,
		.memory_total = s->memory_total.value,
		.verified_memory = s->memory_total.known,
	};
	p->limit = apple ? unified_limit(a, s, p->host) : p->host;
	if (!apple)
		return;
	vit_device_set_numbers(&d);
	take_numbers(&d, &p->device);
}

static void from_here(struct vit_arena *a, const struct vit_outlook_input *in,
		      struct vit_prospect *p)
{
	const struct vit_system *s = &in->facts->system;
	const struct vit_device *d = largest(s);

	p->here = true;
	p->slug = p->note = VIT_STR_EMPTY;
	p->host = host_limit(a, s);
	if (d)
		on_device(a, s, d, p);
	else
		without_device(a, s, p);
	p->device.memory_available = p->limit.bytes;
	if (p->device.kind != VIT_DEVICE_CPU)
		figures_here(in->hardware, p);
}

/* Bytes of the weights as stored; 0 when the headers do not tell. */
static uint64_t stored_bytes(const struct vit_facts *f)
{
	const struct vit_weights *w = &f->weights;

	if (w->main_save == UINT32_MAX || w->shard_count == 0)
		return 0;
	if (w->index.has_total_size)
		return w->index.total_size;
	return vit_weights_main_bytes(w);
}

static struct vit_forecast_input forecast_input(const struct vit_outlook_input *in,
						const struct vit_job *job,
						const struct vit_prospect *p)
{
	const struct vit_facts *f = in->facts;
	const struct vit_facts *config = f->config.root || !f->base ? f : f->base;
	struct vit_forecast_input fi = {
		.db = in->specs,
		.config = config->config.root,
		.arch = in->arch,
		.job = job,
		.device = &p->device,
		.engine = VIT_ENGINE_UNKNOWN,
		.stored_bytes = stored_bytes(config),
	};

	if (f->data.given && f->data.tokens.given) {
		const struct vit_data_tokens *t = &f->data.tokens;

		fi.data_examples = t->examples;
		fi.data_tokens = t->sequence ? t->kept_total : t->total;
	}
	if (vit_str_is(f->config.quant_method, "mlx"))
		fi.engine = VIT_ENGINE_MLX;
	if (p->here && f->system.read_rate.bytes_per_second.known)
		fi.read_rate = (double)f->system.read_rate.bytes_per_second.value;
	if (in->calibration)
		fi.calibration = in->calibration(in->calibration_ctx, p->device.name, job);
	return fi;
}

/*
 * The forecast was multiplied by what was measured on this device. What is left
 * of the range is what varies between jobs: it is half as wide, and says so.
 */
static void name_measured(struct vit_arena *a, struct vit_range *r, double factor,
			  const struct vit_forecast_calibration *c)
{
	if (!r->known || factor <= 0)
		return;
	r->low = r->expected - (r->expected - r->low) / 2;
	r->high = r->expected + (r->high - r->expected) / 2;
	if (r->confidence < VIT_CONFIDENCE_MEDIUM)
		r->confidence = VIT_CONFIDENCE_MEDIUM;
	r->basis = vit_arena_printf(a, "%.*s; times %.4g as %.*s, the range half as wide for it",
				    VIT_FMT(r->basis), factor, VIT_FMT(c->source));
}

/* One forecast, with the calibration named where it counts. */
static void run(struct vit_arena *a, const struct vit_forecast_input *in, struct vit_forecast *f)
{
	const struct vit_forecast_calibration *c = in->calibration;

	vit_forecast_run(a, in, f);
	if (!c || !f->available)
		return;
	name_measured(a, &f->memory.peak_allocated, c->memory, c);
	name_measured(a, &f->memory.peak_reserved, c->memory, c);
	name_measured(a, &f->memory.peak_device, c->memory, c);
	name_measured(a, &f->step_seconds, c->step, c);
	name_measured(a, &f->total_seconds, c->step, c);
	name_measured(a, &f->decode_tokens_per_second, c->decode, c);
	name_measured(a, &f->prefill_tokens_per_second, c->prefill, c);
}

/*
 * Weights as they are stored, the cache, and what engines take beside them: buffers
 * and a runtime of 0.3 to 1.5 GB. Some hold the rest of an MXFP4 model in 8 bits
 * (12.1 GB of gpt-oss-20b's 13.8), some repack it (vLLM: 15.2 GB).
 */
static void find_packed(const struct vit_outlook_input *in, const struct vit_forecast *f,
			struct vit_range *out)
{
	double weights = (double)stored_bytes(in->facts), cache = f->memory.kv_cache.expected;

	*out = (struct vit_range){ .known = false };
	if (f->method != VIT_JOB_INFERENCE || weights <= 0 || !f->memory.kv_cache.known)
		return;
	*out = (struct vit_range){
		true,
		0.87 * weights + cache + 0.3e9,
		weights + cache + 0.8e9,
		1.12 * weights + 1.2 * cache + 1.5e9,
		VIT_CONFIDENCE_LOW,
		VIT_STR("weights as stored (0.87 to 1.12 of them), the KV cache, 0.3 to 1.5 GB of "
			"buffers and "
			"runtime"),
	};
	if (out->expected > 0.8 * f->memory.peak_device.expected)
		out->known = false;
}

/* What the device can run: the job's values with each method in turn. */
static void find_capabilities(struct vit_arena *a, const struct vit_outlook_input *in,
			      const struct vit_job *job, struct vit_prospect *p)
{
	static const enum vit_job_method methods[VIT_CAPABILITIES] = { VIT_JOB_INFERENCE,
								       VIT_JOB_QLORA, VIT_JOB_LORA,
								       VIT_JOB_FULL };

	for (unsigned i = 0; i < VIT_CAPABILITIES; i++) {
		struct vit_job other = *job;
		struct vit_forecast_input fi;
		struct vit_range packed;
		struct vit_forecast f;

		other.method = methods[i];
		fi = forecast_input(in, &other, p);
		run(a, &fi, &f);
		p->capabilities[i].method = methods[i];
		if (!f.available)
			continue;
		p->capabilities[i].peak = f.memory.peak_device;
		find_packed(in, &f, &packed);
		p->capabilities[i].packed = packed.known;
		if (packed.known)
			p->capabilities[i].peak = packed;
		p->capabilities[i].fit = vit_fit_of(&p->capabilities[i].peak, &p->limit);
	}
}

/* Checkpoints on disk at once. */
static void count_checkpoints(const struct vit_forecast *f, struct vit_outlook *out)
{
	uint64_t saved = f->job.save_steps && f->steps
				 ? (f->steps + f->job.save_steps - 1) / f->job.save_steps
				 : 0;
	const struct vit_range *one = &f->memory.checkpoint;

	if (f->job.save_limit)
		saved = saved && saved <= f->job.save_limit ? saved
							    : (uint64_t)f->job.save_limit + 1;
	out->checkpoints = saved;
	out->checkpoint_bytes = *one;
	if (!one->known)
		return;
	if (!saved)
		saved = 1; /* the one at the end, at least */
	out->checkpoint_bytes.low *= (double)saved;
	out->checkpoint_bytes.expected *= (double)saved;
	out->checkpoint_bytes.high *= (double)saved;
}

void vit_outlook_run(struct vit_arena *a, const struct vit_outlook_input *in,
		     struct vit_outlook *out)
{
	struct vit_job job = *in->job;
	struct vit_forecast_input fi;

	*out = (struct vit_outlook){ .asked = in->asked, .job_given = in->job->given };
	if (!in->asked)
		return;
	if (job.method == VIT_JOB_NONE)
		job.method = VIT_JOB_INFERENCE;
	if (in->device.row)
		from_catalogue(a, &in->device, &out->main);
	else
		from_here(a, in, &out->main);
	fi = forecast_input(in, &job, &out->main);
	if (!fi.config) {
		out->main.forecast.unsupported =
			VIT_STR("there is no readable config.json to forecast from");
		return;
	}
	run(a, &fi, &out->main.forecast);
	find_packed(in, &out->main.forecast, &out->main.packed);
	count_checkpoints(&out->main.forecast, out);
	if (out->main.forecast.available &&
	    vit_fit_of(&out->main.forecast.memory.peak_device, &out->main.limit) > VIT_FIT_YES)
		out->change_count = vit_forecast_search(a, &fi, out->main.limit.bytes, out->changes,
							VIT_OUTLOOK_CHANGES);
	out->others = VIT_NEW_ARRAY(a, in->compare_count, struct vit_prospect);
	out->other_count = in->compare_count;
	if (in->compare_count)
		find_capabilities(a, in, &job, &out->main);
	for (uint32_t i = 0; i < in->compare_count; i++) {
		from_catalogue(a, &in->compare[i], &out->others[i]);
		fi = forecast_input(in, &job, &out->others[i]);
		run(a, &fi, &out->others[i].forecast);
		find_packed(in, &out->others[i].forecast, &out->others[i].packed);
		find_capabilities(a, in, &job, &out->others[i]);
	}
}
