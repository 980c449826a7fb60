/*
 * Step time: a roofline of what the device computes and moves, and of what the
 * host can launch. One set of constants per kind of device, none per model or
 * product: matrix products reach 70 % of the peak, elementwise traffic 84 % of
 * the bandwidth (each tensor that is made is written once and read one and a
 * half times), float32 products of adapters 60 %; an operation started from
 * Python costs 30 microseconds. Held against the step times of the measured
 * runs (tests/data), which lie between the larger of the two and their sum.
 */
#include <math.h>

#include "forecast/estimate.h"

struct rates {
	double matrix, wide, traffic; /* shares of the peaks */
	double launch;                /* seconds an operation */
	double slack_low, slack_high;
	enum vit_confidence confidence;
};

static struct rates rates_of(const struct vit_forecast_device *d)
{
	switch (d->kind) {
	case VIT_DEVICE_CUDA:
		return (struct rates){ 0.70, 0.60, 0.84, 30e-6, 0.80, 1.25, VIT_CONFIDENCE_MEDIUM };
	case VIT_DEVICE_ROCM:
	case VIT_DEVICE_XPU:
		return (struct rates){ 0.45, 0.40, 0.65, 30e-6, 0.7, 1.6, VIT_CONFIDENCE_LOW };
	case VIT_DEVICE_METAL:
		return (struct rates){ 0.60, 0.50, 0.65, 40e-6, 0.7, 2.0, VIT_CONFIDENCE_LOW };
	case VIT_DEVICE_CPU:
		break;
	}
	return (struct rates){ 0.40, 0.40, 0.50, 5e-6, 0.6, 2.5, VIT_CONFIDENCE_LOW };
}

/* FLOPs of one micro-batch as they are run. */
static double micro_flops(const struct vit_estimate *e)
{
	const struct vit_run_plan *p = &e->plan;
	double T = (double)p->batch * (double)p->sequence;
	double matrices = vit_forward_flops(&e->forward) * T;
	double scores = (double)p->batch * vit_attention_flops(&e->forward, (double)p->sequence);
	bool eager = p->attention == VIT_ATTENTION_EAGER;
	double forward = matrices + scores * (eager ? 1 : 0.5);
	double backward = matrices * (p->frozen ? 1 : 2) + scores * (eager ? 2 : 1.25);

	return forward + backward + (p->checkpointing ? forward : 0);
}

/* Adapters outside autocast multiply in float32. */
static double wide_flops(const struct vit_estimate *e)
{
	double T = (double)e->plan.batch * (double)e->plan.sequence;

	if (!e->plan.rank || e->plan.autocast)
		return 0;
	return 2 * (double)e->run.trainable * T * (e->plan.checkpointing ? 4 : 3);
}

static double step_traffic(const struct vit_estimate *e)
{
	double trained = (double)(e->run.parts[VIT_PART_GRADIENTS] + e->run.parts[VIT_PART_STATES]);
	double elem = e->plan.rank ? 4 : e->plan.weight_elem;

	trained = (double)e->run.trainable * elem;
	return trained * (e->plan.trainer ? 8 : 20);
}

static double peak_flops(const struct vit_estimate *e)
{
	const struct vit_forecast_device *d = e->in->device;
	bool low = e->plan.autocast || e->plan.weight_elem == 2;

	if (!low)
		return d->flops_fp32;
	/* Without BF16 in hardware it is emulated in float32. */
	return d->bf16 == VIT_SUPPORT_EMULATED || d->bf16 == VIT_SUPPORT_NONE ? d->flops_fp32
									      : d->flops_16bit;
}

/* Moving gradients or weights between devices: links of 12 to 300 GB/s. */
static void communication(const struct vit_estimate *e, double *low, double *high)
{
	double n = e->out->devices, bytes;

	*low = *high = 0;
	if (n <= 1 || e->out->job.parallel == VIT_PARALLEL_NONE)
		return;
	bytes = 2 * (n - 1) / n * (double)e->run.trainable *
		(e->plan.rank ? 4 : e->plan.weight_elem);
	if (e->out->job.parallel == VIT_PARALLEL_FSDP || e->out->job.parallel == VIT_PARALLEL_ZERO3)
		bytes += 2 * (n - 1) / n * (double)e->run.parts[VIT_PART_WEIGHTS] *
			 (double)e->plan.accumulate;
	*low = bytes / 300e9;
	*high = bytes / 12e9;
}

/* Mean tokens of an example where rows are shorter than the sequence; 0: full sequences. */
static double short_rows(const struct vit_estimate *e)
{
	const struct vit_job *job = &e->out->job;
	double mean = e->in->data_examples && e->in->data_tokens
			      ? (double)e->in->data_tokens / (double)e->in->data_examples
			      : (double)job->tokens_per_example;

	return job->packing || mean >= (double)job->sequence ? 0 : mean;
}

/* Without packing a row is as long as its example, or as the longest of the batch: the mean is low,
 * and expected where rows go one at a time; full sequences are high. */
static struct vit_str by_length(struct vit_estimate *e, double *device_low, double *device_expected)
{
	double mean = short_rows(e), full = *device_low;

	if (mean <= 0)
		return VIT_STR_EMPTY;
	*device_low = full * mean / e->out->job.sequence;
	*device_expected = e->out->job.padded || e->plan.batch > 1 ? (full + *device_low) / 2
								     : *device_low;
	return vit_arena_printf(e->arena,
				"; high: full sequences, low: examples of %.0f tokens, their mean",
				mean);
}

static void step_seconds(struct vit_estimate *e)
{
	const struct vit_forecast_device *d = e->in->device;
	struct rates r = rates_of(d);
	double n = (double)e->plan.accumulate, flops = micro_flops(e), device, host, low, high,
	       expected, fixed, device_low, device_expected;
	double link_low, link_high, factor = 1, peak = peak_flops(e);
	struct vit_str lengths;

	e->out->flops_per_step = vit_range_make(
		flops * n, flops * n, flops * n * 1.02, VIT_CONFIDENCE_HIGH,
		VIT_STR("2 x parameters of matrix products x tokens forward, as much again or "
			"twice for "
			"backward, once more with checkpointing; attention by the sequence"));
	if (peak <= 0 || d->bandwidth <= 0)
		return;
	device = flops / (peak * r.matrix) + e->run.made_bytes * 2.5 / (d->bandwidth * r.traffic);
	if (d->flops_fp32 > 0)
		device += wide_flops(e) / (d->flops_fp32 * r.wide);
	fixed = step_traffic(e) / (d->bandwidth * r.traffic);
	device *= n;
	device_low = device_expected = device;
	lengths = by_length(e, &device_low, &device_expected);
	device_low += fixed;
	device_expected += fixed;
	host = e->run.made_tensors * r.launch * n;
	communication(e, &link_low, &link_high);
	low = r.slack_low * fmax(device_low, host) + link_low;
	high = r.slack_high * (device + fixed + host) + link_high;
	expected = sqrt((r.slack_low * fmax(device_expected, host) + link_low) *
			(r.slack_high * (device_expected + host) + link_high));
	if (e->in->calibration && e->in->calibration->step > 0)
		factor = e->in->calibration->step;
	e->out->step_seconds = vit_range_make(
		low * factor, expected * factor, high * factor,
		e->fallback ? VIT_CONFIDENCE_LOW : r.confidence,
		vit_arena_printf(
			e->arena,
			"%.3g FLOP and %.3g bytes of tensors on %.*s (%.0f %% of %.3g "
			"FLOP/s, %.0f %% of %.3g bytes/s), %.0f operations started from Python%.*s",
			flops * n, e->run.made_bytes * n, VIT_FMT(d->name), 100 * r.matrix, peak,
			100 * r.traffic, d->bandwidth, e->run.made_tensors * n, VIT_FMT(lengths)));
}

static void length_of(struct vit_estimate *e)
{
	const struct vit_job *job = &e->out->job;
	struct vit_forecast *out = e->out;
	uint64_t devices = job->parallel == VIT_PARALLEL_TENSOR ? 1 : out->devices;
	uint64_t rows = (uint64_t)job->batch * job->accumulate * devices;
	uint64_t examples = e->in->data_examples ? e->in->data_examples : job->examples;
	double epochs = job->epochs > 0 ? job->epochs : 1, total = (double)examples;

	out->tokens_per_step = rows * job->sequence;
	out->steps = job->max_steps;
	if (out->steps || !examples || !rows)
		return;
	if (job->packing) {
		double tokens = e->in->data_tokens ? (double)e->in->data_tokens
						   : (double)job->tokens_per_example * total;

		if (tokens > 0)
			total = ceil(tokens / job->sequence);
	}
	total = ceil(total / (double)rows) * epochs;
	out->steps = total < 1e15 ? (uint64_t)ceil(total) : 0;
}

static void load_seconds(struct vit_estimate *e)
{
	double bytes = vit_stored_bytes(e), rate = e->in->read_rate;

	if (bytes <= 0)
		return;
	if (rate > 0)
		e->out->load_seconds =
			vit_range_make(bytes / (rate * 1.1), bytes / (rate * 0.85) + 2,
				       bytes / (rate * 0.5) + 15, VIT_CONFIDENCE_MEDIUM,
				       VIT_STR("bytes of the weights at the measured read rate, "
					       "and the start of the "
					       "framework"));
	else
		e->out->load_seconds = vit_range_make(
			bytes / 7e9 + 1, bytes / 2e9 + 5, bytes / 0.15e9 + 30, VIT_CONFIDENCE_LOW,
			VIT_STR("bytes of the weights at 0.15 to 7 GB/s, since no read rate was "
				"measured"));
}

void vit_estimate_training(struct vit_estimate *e)
{
	const struct vit_range *s = &e->out->step_seconds, *l = &e->out->load_seconds;
	double steps;

	load_seconds(e);
	if (!e->plan.training)
		return;
	length_of(e);
	if (e->in->device)
		step_seconds(e);
	steps = (double)e->out->steps;
	if (!s->known || !e->out->steps || !l->known)
		return;
	e->out->total_seconds = vit_range_make(
		l->low + steps * s->low, l->expected + steps * s->expected,
		l->high + steps * s->high, s->confidence,
		vit_arena_printf(e->arena, "loading and %llu %s", (unsigned long long)e->out->steps,
				 e->out->steps == 1 ? "step" : "steps"));
}
