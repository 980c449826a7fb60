#include "checks/forecast.h"

#include "base/num.h"
#include "forecast/outlook.h"

static const enum vit_check_id ids[] = {
	VIT_CK_forecast_memory_fit,      VIT_CK_forecast_load_fit,
	VIT_CK_forecast_host_memory,     VIT_CK_forecast_disk_fit,
	VIT_CK_forecast_requirements,    VIT_CK_forecast_number_support,
	VIT_CK_forecast_sequence_length, VIT_CK_forecast_device_known,
	VIT_CK_forecast_coverage,
};
#define ID_COUNT (sizeof(ids) / sizeof(ids[0]))

static const char *bytes_text(double v, char out[VIT_FMT_NUM])
{
	return vit_fmt_bytes(v > 0 && v < 9e18 ? (uint64_t)v : 0, out);
}

/* "24.1 GB (23.0 to 26.2 GB)". */
static struct vit_str range_text(struct vit_eval *ev, const struct vit_range *r)
{
	char low[VIT_FMT_NUM], mid[VIT_FMT_NUM], high[VIT_FMT_NUM];

	return vit_eval_text(ev, "%s (%s to %s)", bytes_text(r->expected, mid),
			     bytes_text(r->low, low), bytes_text(r->high, high));
}

/* Room enough or not: the finding's texts. */
static struct vit_finding *no_room(struct vit_eval *ev, enum vit_check_id id, enum vit_fit fit,
				   const struct vit_range *need, const struct vit_limit *limit,
				   bool job)
{
	struct vit_finding *f = vit_eval_fail(ev, id);
	char room[VIT_FMT_NUM];

	if (fit != VIT_FIT_NO || !job)
		f->severity = VIT_SEV_WARNING;
	f->expected = vit_eval_text(ev, "at most %s: %.*s", vit_fmt_bytes(limit->bytes, room),
				    VIT_FMT(limit->source));
	f->actual = range_text(ev, need);
	return f;
}

/* How sure the fit is, after "needs 30 GB (28 to 33), and 16 GB are there: ". */
static const char *fit_words(enum vit_fit f)
{
	switch (f) {
	case VIT_FIT_UNKNOWN:
	case VIT_FIT_YES:
		break;
	case VIT_FIT_LIKELY:
		return "it may not fit";
	case VIT_FIT_UNLIKELY:
		return "it will likely not fit";
	case VIT_FIT_NO:
		return "it does not fit";
	}
	return "it fits";
}

/* What would make it fit: a change of the job, else a device of the comparison. */
static struct vit_str fit_remedy(struct vit_eval *ev, const struct vit_outlook *o)
{
	for (uint32_t i = 0; i < o->change_count; i++)
		if (o->changes[i].fits)
			return vit_eval_text(
				ev, "`%.*s` (%.*s); section 11 lists what else would make it fit",
				VIT_FMT(o->changes[i].flags), VIT_FMT(o->changes[i].text));
	for (uint32_t i = 0; i < o->other_count; i++) {
		const struct vit_prospect *at = &o->others[i];

		if (vit_fit_of(&at->forecast.memory.peak_device, &at->limit) == VIT_FIT_YES)
			return vit_eval_text(
				ev,
				"run it on %.*s (`--device %.*s`), where it fits; no change of "
				"the job that was tried makes it fit here",
				VIT_FMT(at->name), VIT_FMT(at->slug));
	}
	return VIT_STR("no change of the job that was tried makes it fit here: take a device with "
		       "more memory "
		       "(`--compare NAME,...` shows which), or a smaller model");
}

/* An engine that keeps the weights packed can hold what the framework cannot. */
static bool packed_fits(const struct vit_prospect *p)
{
	enum vit_fit fit = vit_fit_of(&p->packed, &p->limit);

	return fit == VIT_FIT_YES || fit == VIT_FIT_LIKELY;
}

static void check_memory(struct vit_eval *ev, const struct vit_outlook *o)
{
	const struct vit_prospect *p = &o->main;
	const struct vit_range *peak = &p->forecast.memory.peak_device;
	enum vit_fit fit = vit_fit_of(peak, &p->limit);
	char room[VIT_FMT_NUM];
	struct vit_finding *f;

	if (fit == VIT_FIT_UNKNOWN) {
		vit_eval_unknown(ev, VIT_CK_forecast_memory_fit, "%s",
				 peak->known ? "how much memory the device has free is not known"
					     : "the peak could not be forecast");
		return;
	}
	if (fit == VIT_FIT_YES) {
		vit_eval_pass(ev, VIT_CK_forecast_memory_fit);
		return;
	}
	f = no_room(ev, VIT_CK_forecast_memory_fit, fit, peak, &p->limit,
		    o->job_given && !packed_fits(p));
	f->message = vit_eval_text(ev, "%s on %.*s needs %.*s at its peak; %s are there (%.*s): %s",
				   o->job_given ? "the job" : "the model", VIT_FMT(p->name),
				   VIT_FMT(f->actual), vit_fmt_bytes(p->limit.bytes, room),
				   VIT_FMT(p->limit.source), fit_words(fit));
	f->remedy = fit_remedy(ev, o);
	if (!packed_fits(p))
		return;
	f->message = vit_eval_text(
		ev, "%.*s in transformers; an engine that keeps the weights as stored needs %.*s",
		VIT_FMT(f->message), VIT_FMT(range_text(ev, &p->packed)));
	f->remedy = VIT_STR(
		"run it in llama.cpp, LM Studio, Ollama or MLX, which keep the weights packed");
}

static void check_load(struct vit_eval *ev, const struct vit_outlook *o)
{
	const struct vit_prospect *p = &o->main;
	const struct vit_range *load = &p->forecast.memory.load_peak;
	enum vit_fit fit = vit_fit_of(load, &p->limit);
	char room[VIT_FMT_NUM];
	struct vit_finding *f;

	if (fit == VIT_FIT_UNKNOWN) {
		vit_eval_not_applicable(ev, VIT_CK_forecast_load_fit,
					"the peak of loading is not forecast");
		return;
	}
	if (fit == VIT_FIT_YES || fit == VIT_FIT_LIKELY) {
		vit_eval_pass(ev, VIT_CK_forecast_load_fit);
		return;
	}
	f = no_room(ev, VIT_CK_forecast_load_fit, fit, load, &p->limit, o->job_given);
	f->message = vit_eval_text(ev, "loading the weights takes %.*s; %s are there (%.*s)",
				   VIT_FMT(f->actual), vit_fmt_bytes(p->limit.bytes, room),
				   VIT_FMT(p->limit.source));
}

static void check_host(struct vit_eval *ev, const struct vit_outlook *o)
{
	const struct vit_prospect *p = &o->main;
	const struct vit_range *need = &p->forecast.memory.host;
	enum vit_fit fit = vit_fit_of(need, &p->host);
	struct vit_finding *f;

	if (!need->known || !p->here) {
		vit_eval_not_applicable(
			ev, VIT_CK_forecast_host_memory, "%s",
			need->known ? "the job is for another machine"
				    : "the job keeps nothing in the machine's own memory");
		return;
	}
	if (fit == VIT_FIT_UNKNOWN) {
		vit_eval_unknown(ev, VIT_CK_forecast_host_memory, "memory could not be measured");
		return;
	}
	if (fit == VIT_FIT_YES) {
		vit_eval_pass(ev, VIT_CK_forecast_host_memory);
		return;
	}
	f = no_room(ev, VIT_CK_forecast_host_memory, fit, need, &p->host, o->job_given);
	f->message = vit_eval_text(ev, "offloaded states take %.*s of the machine's memory: %s",
				   VIT_FMT(f->actual), fit_words(fit));
}

/* The most that fit, one more among them: trainers delete the oldest when the next is written. */
static struct vit_str fewer_checkpoints(struct vit_eval *ev, uint64_t count, double each,
					uint64_t room)
{
	unsigned limit = 2;

	while (limit && (count <= limit || (limit + 1) * each > (double)room))
		limit--;
	if (!limit)
		return VIT_STR("write to a file system with more room: fewer checkpoints do not "
			       "make it fit");
	return vit_eval_text(ev,
			     "keep fewer checkpoints (`--save-limit %u`, save_total_limit of the "
			     "trainer), or write to a file system with more room",
			     limit);
}

static void disk_finding(struct vit_eval *ev, const struct vit_case *c, const struct vit_outlook *o,
			 enum vit_fit fit, const struct vit_limit *room)
{
	const struct vit_disk *d = &c->facts->system.output;
	struct vit_finding *f =
		no_room(ev, VIT_CK_forecast_disk_fit, fit, &o->checkpoint_bytes, room, true);
	const struct vit_range *one = &o->main.forecast.memory.checkpoint;
	char free_text[VIT_FMT_NUM], each[VIT_FMT_NUM];

	f->where.path = VIT_STR_EMPTY;
	f->message = vit_eval_text(
		ev, "%llu %s of %s each take %.*s; %s are free at %.*s%s%.*s",
		(unsigned long long)(o->checkpoints ? o->checkpoints : 1),
		o->checkpoints > 1 ? "checkpoints" : "checkpoint", bytes_text(one->expected, each),
		VIT_FMT(f->actual), vit_fmt_bytes(room->bytes, free_text), VIT_FMT(d->path),
		vit_str_eq(d->path, d->asked) ? "" : ", asked at ",
		VIT_FMT(vit_str_eq(d->path, d->asked) ? VIT_STR_EMPTY : d->asked));
	if (!o->main.forecast.job.save_limit)
		f->remedy = fewer_checkpoints(ev, o->checkpoints, one->high, room->bytes);
}

static void check_disk(const struct vit_case *c, struct vit_eval *ev, const struct vit_outlook *o)
{
	const struct vit_disk *d = &c->facts->system.output;
	struct vit_limit room = { d->free.known ? VIT_LIMIT_AVAILABLE : VIT_LIMIT_UNKNOWN,
				  d->free.value, d->free.source };
	enum vit_fit fit;

	if (!o->checkpoint_bytes.known) {
		vit_eval_not_applicable(ev, VIT_CK_forecast_disk_fit,
					"the job saves no checkpoints");
		return;
	}
	if (!o->main.here) {
		vit_eval_not_applicable(ev, VIT_CK_forecast_disk_fit,
					"the job is for another machine");
		return;
	}
	if (!c->job->output.n) {
		vit_eval_not_checked(
			ev, VIT_CK_forecast_disk_fit,
			"no output folder is named (--output-dir, or output.folder of the job)");
		return;
	}
	fit = vit_fit_of(&o->checkpoint_bytes, &room);
	if (fit == VIT_FIT_UNKNOWN)
		vit_eval_unknown(ev, VIT_CK_forecast_disk_fit,
				 "free space at %.*s could not be measured%s%s",
				 VIT_FMT(c->job->output), d->err.code ? ": " : "",
				 d->err.code ? d->err.msg : "");
	else if (fit == VIT_FIT_YES)
		vit_eval_pass(ev, VIT_CK_forecast_disk_fit);
	else
		disk_finding(ev, c, o, fit, &room);
}

/* One asked-for size against what is there. */
static void require(struct vit_eval *ev, const char *what, uint64_t wanted, bool known,
		    uint64_t there, bool *undecided)
{
	char a[VIT_FMT_NUM], b[VIT_FMT_NUM];
	struct vit_finding *f;

	if (!wanted || (known && there >= wanted))
		return;
	if (!known) {
		*undecided = true;
		return;
	}
	f = vit_eval_fail(ev, VIT_CK_forecast_requirements);
	f->message = vit_eval_text(ev, "the job asks for %s of %s; there are %s",
				   vit_fmt_bytes(wanted, a), what, vit_fmt_bytes(there, b));
	f->expected = vit_eval_text(ev, "at least %s bytes", vit_fmt_u64(wanted, a));
	f->actual = vit_eval_text(ev, "%s bytes", vit_fmt_u64(there, b));
}

static void check_requirements(const struct vit_case *c, struct vit_eval *ev,
			       const struct vit_outlook *o)
{
	const struct vit_job *j = c->job;
	const struct vit_system *s = &c->facts->system;
	const struct vit_measure *disk = s->output.free.known ? &s->output.free : &s->disk_free;
	bool undecided = false;

	if (!j->minimum_memory && !j->minimum_device_memory && !j->minimum_disk) {
		vit_eval_not_applicable(ev, VIT_CK_forecast_requirements,
					"the job names no minimum");
		return;
	}
	if (o->main.here) {
		require(ev, "memory", j->minimum_memory, s->memory_total.known,
			s->memory_total.value, &undecided);
		require(ev, "free disk", j->minimum_disk, disk->known, disk->value, &undecided);
	}
	require(ev, "device memory", j->minimum_device_memory, o->main.device.memory_total > 0,
		o->main.device.memory_total, &undecided);
	if (undecided)
		vit_eval_unknown(ev, VIT_CK_forecast_requirements,
				 "what the job asks for could not all be measured");
	else
		vit_eval_pass(ev, VIT_CK_forecast_requirements);
}

static void check_numbers(const struct vit_case *c, struct vit_eval *ev,
			  const struct vit_outlook *o)
{
	const struct vit_prospect *p = &o->main;
	const struct vit_job *j = &p->forecast.job;
	const struct vit_str *stored = &c->facts->config.quant_method;
	bool trains = j->method == VIT_JOB_FULL || j->method == VIT_JOB_LORA;
	bool unpacked = trains && vit_str_is(*stored, "mxfp4");
	bool fits = vit_fit_of(&p->forecast.memory.peak_device, &p->limit) == VIT_FIT_YES;
	struct vit_finding *f;

	if (unpacked) {
		f = vit_eval_fail(ev, VIT_CK_forecast_number_support);
		if (fits)
			f->severity = VIT_SEV_NOTE;
		f->message = VIT_STR(
			"the weights are stored in MXFP4, in which nothing can be trained: they "
			"are "
			"unpacked to BF16 when they are loaded, about four times their size");
		f->expected = VIT_STR("weights in the dtype that is trained");
		f->actual = VIT_STR("mxfp4");
		f->remedy = VIT_STR("plan with the unpacked size (section 11), also for disk and "
				    "time of loading; "
				    "no option of transformers trains packed MXFP4 experts");
	} else if (p->device.mxfp4 == VIT_SUPPORT_NONE && vit_str_is(*stored, "mxfp4")) {
		f = vit_eval_fail(ev, VIT_CK_forecast_number_support);
		if (fits)
			f->severity = VIT_SEV_NOTE;
		f->message = vit_eval_text(
			ev,
			"%.*s does not compute with MXFP4: transformers unpacks the weights to "
			"BF16, about four times their size; llama.cpp and MLX keep them packed",
			VIT_FMT(p->name));
		f->expected = VIT_STR("a device that computes with MXFP4");
		f->actual = VIT_STR("mxfp4");
	} else if (p->device.fp8 == VIT_SUPPORT_NONE && vit_str_is(*stored, "fp8")) {
		f = vit_eval_fail(ev, VIT_CK_forecast_number_support);
		f->message = vit_eval_text(
			ev,
			"%.*s does not compute with FP8: the weights are unpacked to BF16, twice "
			"their size",
			VIT_FMT(p->name));
		f->expected = VIT_STR("a device that computes with FP8");
		f->actual = VIT_STR("fp8");
	}
	if (trains && j->precision != VIT_PRECISION_FP32 &&
	    (p->device.bf16 == VIT_SUPPORT_NONE || p->device.bf16 == VIT_SUPPORT_EMULATED)) {
		f = vit_eval_fail(ev, VIT_CK_forecast_number_support);
		f->message = vit_eval_text(
			ev,
			"%.*s does not compute with BF16 natively: training in it is emulated and "
			"slow, or refused",
			VIT_FMT(p->name));
		f->expected = VIT_STR("a device that computes with BF16");
		f->actual = VIT_STR("BF16 emulated or not at all");
		f->remedy = VIT_STR("train with `--precision fp32`, or take a device with BF16 "
				    "(NVIDIA Ampere or later)");
	}
	vit_eval_pass(ev, VIT_CK_forecast_number_support);
}

static void check_sequence(const struct vit_case *c, struct vit_eval *ev,
			   const struct vit_outlook *o)
{
	const struct vit_job *j = &o->main.forecast.job;
	const struct vit_json *root = c->facts->config.root ? c->facts->config.root
				      : c->facts->base      ? c->facts->base->config.root
							    : NULL;
	bool trains = j->method != VIT_JOB_INFERENCE && j->method != VIT_JOB_NONE;
	/* what was said, not what was taken for want of it */
	int64_t asked = trains ? c->job->sequence : c->job->context, made = 0;
	char a[VIT_FMT_NUM], b[VIT_FMT_NUM];
	struct vit_finding *f;

	made = vit_json_int(vit_json_get_c(root, "max_position_embeddings"), 0);
	if (made <= 0)
		made = vit_json_int(
			vit_json_at(root, VIT_STR("text_config.max_position_embeddings")), 0);
	if (made <= 0)
		made = vit_json_int(vit_json_get_c(root, "n_positions"), 0);
	if (made <= 0 || asked <= 0) {
		vit_eval_not_applicable(ev, VIT_CK_forecast_sequence_length, "%s",
					asked > 0 ? "the configuration states no positions"
						  : "the job says no length");
		return;
	}
	if (asked <= made) {
		vit_eval_pass(ev, VIT_CK_forecast_sequence_length);
		return;
	}
	f = vit_eval_fail(ev, VIT_CK_forecast_sequence_length);
	f->where.path = VIT_STR("config.json");
	f->where.pointer = VIT_STR("max_position_embeddings");
	f->message = vit_eval_text(
		ev, "the job's %s of %s tokens is longer than the %s positions of the model",
		trains ? "sequence" : "context", vit_fmt_i64(asked, a), vit_fmt_i64(made, b));
	f->expected = vit_eval_text(ev, "at most %s tokens", b);
	f->actual = vit_eval_text(ev, "%s tokens", a);
}

static void check_device(struct vit_eval *ev, const struct vit_prospect *p)
{
	const struct vit_forecast_device *d = &p->device;
	struct vit_finding *f;

	if (d->bandwidth > 0 && d->flops_16bit > 0 && d->verified_bandwidth && d->verified_flops) {
		vit_eval_pass(ev, VIT_CK_forecast_device_known);
		return;
	}
	f = vit_eval_fail(ev, VIT_CK_forecast_device_known);
	f->expected = VIT_STR("bandwidth and throughput, each looked up");
	f->actual = d->bandwidth > 0 || d->flops_16bit > 0 ? VIT_STR("some, unverified")
							   : VIT_STR("none");
	if (d->bandwidth <= 0 && d->flops_16bit <= 0)
		f->message = vit_eval_text(
			ev,
			"the catalogue has no bandwidth and no throughput of %.*s: its time is "
			"not forecast",
			VIT_FMT(p->name));
	else if (d->bandwidth <= 0 || d->flops_16bit <= 0)
		f->message = vit_eval_text(
			ev, "the catalogue has no %s of %.*s: part of its time is not forecast",
			d->bandwidth <= 0 ? "bandwidth" : "throughput", VIT_FMT(p->name));
	else
		f->message = vit_eval_text(
			ev, "the %s of %.*s in the catalogue was not verified against a source",
			d->verified_bandwidth ? "throughput"
			: d->verified_flops   ? "bandwidth"
					      : "bandwidth and throughput",
			VIT_FMT(p->name));
}

static void check_coverage(const struct vit_case *c, struct vit_eval *ev,
			   const struct vit_outlook *o)
{
	const struct vit_range *peak = &o->main.forecast.memory.peak_allocated;
	enum vit_device_kind kind = o->main.device.kind;
	struct vit_finding *f;

	if (c->architecture->family && peak->known && peak->confidence != VIT_CONFIDENCE_LOW) {
		vit_eval_pass(ev, VIT_CK_forecast_coverage);
		return;
	}
	f = vit_eval_fail(ev, VIT_CK_forecast_coverage);
	f->expected = VIT_STR("medium or high confidence");
	f->actual = vit_eval_text(ev, "%s confidence", vit_confidence_name(peak->confidence));
	if (!c->architecture->family)
		f->message =
			vit_eval_text(ev,
				      "the forecast of memory is of low confidence: no family was "
				      "recognised (%.*s)",
				      VIT_FMT(c->architecture->family_reason));
	else if (kind == VIT_DEVICE_METAL || kind == VIT_DEVICE_CPU)
		f->message = vit_eval_text(
			ev,
			"the forecast of memory is of low confidence: it was held against "
			"measured runs on CUDA devices, none on one such as %.*s",
			VIT_FMT(o->main.name));
	else if (o->main.forecast.targets_left_out)
		f->message = VIT_STR("the forecast of memory is of low confidence: it is without "
				     "the adapters on modules that are not linear ones of the "
				     "layers (section 11)");
	else if (o->main.forecast.devices > 1 &&
		 o->main.forecast.job.parallel > VIT_PARALLEL_FSDP)
		f->message = vit_eval_text(
			ev,
			"the forecast of memory is of low confidence: no run of the job's kind of "
			"parallel training was measured");
	else
		f->message = vit_eval_text(
			ev,
			"the forecast of memory is of low confidence: what the layers of "
			"%.*s keep is not described",
			VIT_FMT(c->architecture->family->id));
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_outlook *o = c->outlook;

	if (!o || !o->asked) {
		for (size_t i = 0; i < ID_COUNT; i++)
			vit_eval_not_applicable(ev, ids[i], "no job was given");
		return;
	}
	if (!o->main.forecast.available) {
		/* Asked for and not decided, save without a job, where nothing was asked of the
		 * fit. */
		for (size_t i = 0; i < ID_COUNT; i++)
			if (i == 0 && o->job_given)
				vit_eval_unknown(ev, ids[i], "the job could not be forecast: %.*s",
						 VIT_FMT(o->main.forecast.unsupported));
			else
				vit_eval_not_applicable(ev, ids[i],
							"the job could not be forecast");
		return;
	}
	check_memory(ev, o);
	check_load(ev, o);
	check_host(ev, o);
	check_disk(c, ev, o);
	check_requirements(c, ev, o);
	check_numbers(c, ev, o);
	check_sequence(c, ev, o);
	check_device(ev, &o->main);
	check_coverage(c, ev, o);
}

const struct vit_pass vit_pass_forecast = {
	.name = "forecast",
	.needs = VIT_FG_FILES | VIT_FG_CONFIG | VIT_FG_WEIGHTS | VIT_FG_SYSTEM,
	.ids = ids,
	.id_count = ID_COUNT,
	.run = run,
};
