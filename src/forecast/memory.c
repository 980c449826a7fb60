/* From a run to ranges: what is allocated, reserved, taken from the device. */
#include "base/num.h"
#include "forecast/estimate.h"

#define GB  1e9
#define MIB 1048576.0

struct vit_range vit_range_make(double low, double expected, double high, enum vit_confidence c,
				struct vit_str basis)
{
	if (low > expected)
		low = expected;
	if (high < expected)
		high = expected;
	return (struct vit_range){ true, low > 0 ? low : 0, expected, high, c, basis };
}

/* What one device holds of the single-device run, and what spreading adds. */
struct spread {
	double weights, states, gradients, activations; /* shares */
	double extra_low, extra, extra_high;            /* bytes */
	const char *text;
};

static double largest_layer(const struct vit_estimate *e)
{
	const struct vit_run_result *r = &e->run;
	double outside = 2.0 * (double)e->forward.vocab * (double)e->forward.hidden;
	double inside = (double)r->parameters - (e->forward.tied ? outside / 2 : outside);
	double layer = e->forward.layers ? inside / (double)e->forward.layers : inside;

	return layer > outside / 2 ? layer : outside / 2;
}

static struct spread spread_of(const struct vit_estimate *e)
{
	double n = e->out->devices, trainable = (double)e->run.trainable,
	       elem = e->plan.weight_elem;
	double layer = largest_layer(e) * elem;
	struct spread s = { 1, 1, 1, 1, 0, 0, 0, "" };

	if (n <= 1)
		return s;
	switch (e->out->job.parallel) {
	case VIT_PARALLEL_NONE:
		break;
	case VIT_PARALLEL_DATA:
		s.extra = s.extra_low = s.extra_high = trainable * elem;
		s.text = "a copy of the gradients in the buckets that are reduced";
		break;
	case VIT_PARALLEL_FSDP:
		s.weights = s.states = s.gradients = 1 / n; /* see fsdp_moments */
		s.text = "what is gathered: embedding and head, and the layers in use";
		break;
	case VIT_PARALLEL_ZERO1:
	case VIT_PARALLEL_ZERO2:
	case VIT_PARALLEL_ZERO3:
		s.states = 1 / n;
		s.gradients = e->out->job.parallel == VIT_PARALLEL_ZERO1 ? 1 : 1 / n;
		s.weights = e->out->job.parallel == VIT_PARALLEL_ZERO3 ? 1 / n : 1;
		/* float32 masters and moments, sharded; buckets of 500 million elements */
		s.extra = (e->plan.weight_elem == 2 ? 8 : 4) * trainable / n + 1e9;
		s.extra_low = s.extra - 0.8e9;
		s.extra_high = s.extra + 3e9 + layer;
		s.text = "float32 copies of the device's share, and communication buffers";
		break;
	case VIT_PARALLEL_TENSOR:
		s.weights = s.states = s.gradients = 1 / n;
		s.activations = 0.5 + 0.5 / n;
		s.extra_high = 1e9;
		s.text = "norms and the residual stream stay whole";
		break;
	}
	return s;
}

static double shared(const struct vit_estimate *e, const struct spread *s, double level,
		     double gradients)
{
	const uint64_t *p = e->run.parts;
	double w = (double)p[VIT_PART_WEIGHTS], st = (double)p[VIT_PART_STATES];
	double fixed =
		w + st + gradients + (double)p[VIT_PART_ADAPTERS] + (double)p[VIT_PART_WORKSPACE];
	double active = level > fixed ? level - fixed : 0;

	return level - w * (1 - s->weights) - st * (1 - s->states) -
	       gradients * (1 - s->gradients) - active * (1 - s->activations);
}

/* Parameters that the layers do not account for (below 0: that they count and the model has not)
 * have weights, gradients and states too: their share of one part. */
static double missing_of(const struct vit_estimate *e, enum vit_part part)
{
	return e->run.parameters
		       ? e->missing * (double)e->run.parts[part] / (double)e->run.parameters
		       : 0;
}

static double missing_bytes(const struct vit_estimate *e)
{
	return missing_of(e, VIT_PART_WEIGHTS) + missing_of(e, VIT_PART_STATES) +
	       missing_of(e, VIT_PART_GRADIENTS);
}

static struct vit_str human(struct vit_arena *a, const char *what, double bytes)
{
	char text[VIT_FMT_NUM];

	return vit_arena_printf(a, "%s %s", what,
				vit_fmt_bytes((uint64_t)(bytes > 0 ? bytes : 0), text));
}

static struct vit_str basis_of(struct vit_estimate *e)
{
	const struct vit_run_plan *p = &e->plan;
	struct vit_str family =
		e->in->arch->family ? e->in->arch->family->id : VIT_STR("plain decoder");

	return vit_arena_printf(
		e->arena,
		"every tensor of %s run through the allocator's rules: %llu layers of %.*s, %llu x "
		"%llu tokens, weights of %u bytes%s%s",
		p->training ? "three steps" : "one prefill", (unsigned long long)e->forward.layers,
		VIT_FMT(family), (unsigned long long)p->batch, (unsigned long long)p->sequence,
		p->weight_elem, p->autocast ? ", BF16 autocast" : "",
		p->checkpointing ? ", layers run again in backward" : "");
}

/* Relative width of the allocated peak by what was held against measured runs. */
static void width_of(const struct vit_estimate *e, double *low, double *high)
{
	switch (e->confidence) {
	case VIT_CONFIDENCE_HIGH:
		*low = 0.01;
		*high = 0.01;
		return;
	case VIT_CONFIDENCE_MEDIUM:
		*low = 0.04;
		*high = 0.05;
		return;
	case VIT_CONFIDENCE_LOW:
	case VIT_CONFIDENCE_NONE:
		break;
	}
	*low = e->fallback ? 0.15 : 0.08;
	*high = e->fallback || e->out->targets_left_out ? 0.30 : 0.10;
}

static void component(struct vit_estimate *e, const char *id, const char *label, double bytes,
		      const char *formula)
{
	struct vit_forecast_memory *m = &e->out->memory;
	double low, high;

	if (bytes <= 0 || m->component_count == sizeof(m->components) / sizeof(m->components[0]))
		return;
	width_of(e, &low, &high);
	m->components[m->component_count++] = (struct vit_forecast_component){
		id,
		label,
		vit_range_make(bytes * (1 - low), bytes, bytes * (1 + high), e->confidence,
			       vit_str_c(formula)),
	};
}

/* One part with what the layers count too much of it; what they count too little is a row. */
static double part_bytes(const struct vit_estimate *e, enum vit_part part)
{
	double more = missing_of(e, part);

	return (double)e->run.parts[part] + (more < 0 ? more : 0);
}

static void components(struct vit_estimate *e, const struct spread *s)
{
	const uint64_t *p = e->run.parts;

	component(e, "weights", "Weights", part_bytes(e, VIT_PART_WEIGHTS) * s->weights,
		  "each parameter's bytes, rounded as the allocator does");
	component(e, "adapters", "Adapters", (double)p[VIT_PART_ADAPTERS],
		  "4 bytes x rank x (inputs + outputs) of each adapted layer");
	component(e, "gradients", "Gradients",
		  part_bytes(e, VIT_PART_GRADIENTS) * s->gradients, "those that stand at the peak");
	component(e, "optimizer_states", "Optimizer states",
		  part_bytes(e, VIT_PART_STATES) * s->states,
		  "what the optimizer keeps for each trained parameter");
	component(e, "activations", "Activations and temporaries",
		  (double)p[VIT_PART_ACTIVATIONS] * s->activations,
		  "tensors that operations keep for the backward pass, and those in use");
	component(e, "logits_and_loss", "Logits and loss",
		  (double)p[VIT_PART_LOSS] * s->activations,
		  "tokens x vocabulary: logits, their float32 copy, log-softmax, gradients");
	component(e, "kv_cache", "KV cache", (double)p[VIT_PART_KV] * s->activations,
		  "keys and values of all tokens of all requests");
	component(e, "workspaces", "cuBLAS workspaces", (double)p[VIT_PART_WORKSPACE],
		  "one of the main thread, one of autograd's or another's");
	component(e, "parallel", "Parallel buffers", s->extra, s->text);
	component(e, "not_described", "Parameters not described by the spec", missing_bytes(e),
		  "weights, gradients and states of parameters that the layers do not account for");
}

/*
 * FSDP2 as Trainer sets it up (accelerate, reshard after forward): trained weights, their moments
 * and gradients are float32 and shared out; embedding, head and final norm stay gathered in the
 * type that is computed with; backward has one layer gathered and its gradients before they are
 * reduced. Held against runs on two devices (tests/data/gpu-memory-parallel.json).
 */
static double fsdp_level(const struct vit_estimate *e, enum vit_moment m, double level)
{
	const struct vit_run_result *r = &e->run;
	const uint64_t *p = r->parts;
	double n = e->out->devices, low = e->plan.autocast || e->plan.weight_elem == 2 ? 2 : 4;
	double frozen = e->plan.rank ? (double)p[VIT_PART_WEIGHTS] / n : 0,
	       trained = (double)r->trainable / n;
	double per_state = e->plan.optimizer == VIT_OPTIMIZER_ADAMW ? 8
			   : r->trainable ? (double)p[VIT_PART_STATES] / (double)r->trainable
					  : 0;
	double matrix = low * (double)e->forward.vocab * (double)e->forward.hidden;
	double root = e->forward.tied ? matrix : 2 * matrix, layer = (double)r->parameters;
	double base = (double)(p[VIT_PART_WEIGHTS] + p[VIT_PART_ADAPTERS] + p[VIT_PART_STATES] +
			       p[VIT_PART_WORKSPACE]);
	double steady = (double)p[VIT_PART_WORKSPACE] + frozen + trained * (4 + per_state), layers,
	       single;
	double active, own = e->plan.rank ? 4 : e->plan.weight_elem;

	layer = e->forward.layers ? (layer - root / low) / (double)e->forward.layers : 0;
	layers = e->plan.rank ? trained : trained - root / low / n;
	single = own * (double)r->trainable;
	active = level - base;
	switch (m) {
	case VIT_MOMENT_LOAD:
		return steady;
	case VIT_MOMENT_FORWARD:
	case VIT_MOMENT_PREFILL:
	case VIT_MOMENT_DECODE:
		return steady + root + 2 * low * layer + active;
	case VIT_MOMENT_LOSS:
		return steady + root + active;
	case VIT_MOMENT_BACKWARD:
		active -= e->plan.rank ? 0 : single - own * root / low;
		return steady + root + 2 * low * layer + 4 * layers + (active > 0 ? active : 0);
	case VIT_MOMENT_EMBEDDING:
		return steady + 4 * layers +
		       (e->plan.rank ? root : 4 * layer / n + root + 3 * matrix);
	case VIT_MOMENT_STEP:
		return steady + 4 * trained + (e->plan.trainer ? 0 : 4 * trained);
	case VIT_MOMENT_COUNT:
		break;
	}
	return level;
}

static void moments(struct vit_estimate *e, const struct spread *s, double add)
{
	struct vit_forecast_memory *m = &e->out->memory;
	double low, high;

	width_of(e, &low, &high);
	for (int i = 0; i < VIT_MOMENT_COUNT; i++) {
		double x = (double)e->run.moments[i];
		/* All gradients stand when the layers are through, those of earlier micro-batches
		 * before. */
		bool late = i == VIT_MOMENT_BACKWARD || i == VIT_MOMENT_EMBEDDING ||
			    i == VIT_MOMENT_STEP;
		double g = late || e->plan.accumulate > 1
				   ? (double)e->run.trainable *
					     (e->plan.rank ? 4 : e->plan.weight_elem)
				   : 0;

		if (x == 0)
			continue;
		if (e->out->devices > 1 && e->out->job.parallel == VIT_PARALLEL_FSDP)
			x = fsdp_level(e, (enum vit_moment)i, x);
		else
			x = shared(e, s, x, g) + (i == VIT_MOMENT_LOAD ? 0 : s->extra + add);
		m->moments[m->moment_count++] = (struct vit_forecast_moment){
			(enum vit_moment)i,
			vit_range_make(x * (1 - low), x, x * (1 + high), e->confidence,
				       VIT_STR_EMPTY),
		};
	}
}

/* Bytes that a process takes of the device beside its allocator: driver context, libraries. */
static void context_of(const struct vit_estimate *e, double *low, double *expected, double *high)
{
	const struct vit_forecast_device *d = e->in->device;
	enum vit_device_kind kind = d ? d->kind : VIT_DEVICE_CUDA;

	switch (kind) {
	case VIT_DEVICE_CUDA:
		/* 649 MB and 155 to 182 MB of libraries on an H100 (torch 2.11, CUDA 13). */
		*low = d && d->compute_major == 9 ? 0.75e9 : 0.4e9;
		*expected = 0.815e9;
		*high = 0.95e9;
		return;
	case VIT_DEVICE_ROCM:
	case VIT_DEVICE_XPU:
		*low = 0.4e9;
		*expected = 0.9e9;
		*high = 1.5e9;
		return;
	case VIT_DEVICE_METAL:
	case VIT_DEVICE_CPU:
		break;
	}
	*low = 0.3e9;
	*expected = 0.7e9;
	*high = 1.5e9;
}

static void reserved_and_device(struct vit_estimate *e, double peak)
{
	struct vit_forecast_memory *m = &e->out->memory;
	double cache = (double)e->run.reserved - (double)e->run.peak, low, expected, high;
	double reserved = peak + (cache > 0 ? cache : 0), slack = 64 * MIB;

	if (!e->plan.training)
		slack = 0.2 * GB;
	if (e->out->devices > 1 && e->out->job.parallel == VIT_PARALLEL_FSDP)
		slack += 0.5 * peak; /* gathered layers leave holes: 1.08 to 1.57 measured */
	m->peak_reserved = vit_range_make(
		m->peak_allocated.low > reserved * 0.95 ? m->peak_allocated.low : reserved * 0.95,
		reserved, m->peak_allocated.high + 1.6 * cache + 0.06 * reserved + slack,
		e->confidence == VIT_CONFIDENCE_HIGH ? VIT_CONFIDENCE_MEDIUM : e->confidence,
		VIT_STR("segments that the caching allocator takes from the driver for the same "
			"requests; what it keeps depends on the order of all requests"));
	context_of(e, &low, &expected, &high);
	m->peak_device = vit_range_make(
		m->peak_allocated.low + low, reserved + expected, m->peak_reserved.high + high,
		m->peak_reserved.confidence,
		VIT_STR("low: allocated and the driver's context, when the allocator gives its "
			"cache "
			"back; expected and high: with the cache, context and libraries"));
}

/* gpt-oss's experts, 4 bits on disk, are widened when the device cannot train them. */
static bool widened(const struct vit_estimate *e)
{
	struct vit_str method = vit_json_string(
		vit_json_at(e->in->config, VIT_STR("quantization_config.quant_method")));

	return vit_str_is(method, "mxfp4") && !e->plan.packed_experts;
}

static double largest_experts(const struct vit_forward *f)
{
	double most = 0;

	for (uint64_t i = 0; i < f->layers; i++)
		for (uint32_t k = 0; k < f->layer[i].count; k++) {
			const uint64_t *v = f->layer[i].rows[k].value;
			double n = 2.0 * (double)v[VIT_FWD_EXPERTS_KEY] * (double)v[VIT_FWD_INNER] *
				   (double)v[VIT_FWD_IN];

			if (f->layer[i].rows[k].op == VIT_FWD_EXPERTS && n > most)
				most = n;
		}
	return most;
}

static void load_peak(struct vit_estimate *e, const struct spread *s)
{
	double weights = (double)e->run.parts[VIT_PART_WEIGHTS] * s->weights +
			 missing_of(e, VIT_PART_WEIGHTS);
	double largest = largest_experts(&e->forward);

	if (widened(e)) {
		/* _convert_moe_packed_tensors: packed 0.53, indices 2, looked up 1, two results 2 x
		 * 2 bytes an element, of one layer's gate_up at a time. */
		e->out->memory.load_peak = vit_range_make(
			weights + 4 * largest, weights + 6.5 * largest, weights + 8 * largest,
			VIT_CONFIDENCE_MEDIUM,
			human(e->arena,
			      "MXFP4 widened to BF16 while loading: all weights, and the packed "
			      "blocks, their indices and two results of one layer's experts;",
			      6.5 * largest));
		vit_forecast_note(e->arena, e->out,
				  VIT_STR("The MXFP4 weights are widened to BF16 when they are "
					  "loaded: training does not "
					  "work on 4-bit experts."));
		return;
	}
	e->out->memory.load_peak = vit_range_make(
		weights, weights * 1.02, weights * 1.1 + 0.3e9, VIT_CONFIDENCE_MEDIUM,
		VIT_STR("the weights, and one tensor on its way"));
}

static void checkpoint_size(struct vit_estimate *e)
{
	const struct vit_run_result *r = &e->run;
	double model = e->plan.rank ? 4.0 * (double)r->trainable
				    : (double)r->parts[VIT_PART_WEIGHTS] +
					      missing_of(e, VIT_PART_WEIGHTS);
	double states = (double)r->parts[VIT_PART_STATES] + missing_of(e, VIT_PART_STATES) +
			(double)r->host_bytes;

	if (e->plan.training)
		e->out->memory.checkpoint = vit_range_make(
			model, model + states, (model + states) * 1.02 + 5e7, VIT_CONFIDENCE_MEDIUM,
			VIT_STR("the trained weights and the optimizer's states; "
				"low: the weights alone"));
}

/* Engines of their own: weights as stored, the cache as long as it is looked at, buffers. */
static void engine_memory(struct vit_estimate *e)
{
	struct vit_forecast_memory *m = &e->out->memory;
	double weights = vit_stored_bytes(e), kv = vit_cache_bytes(e) * (double)e->plan.batch;
	double buffer = 0.3e9 + 4.0 * (double)e->forward.vocab * 512, low, expected, high;

	context_of(e, &low, &expected, &high);
	m->peak_moment = VIT_MOMENT_PREFILL;
	m->kv_cache = vit_range_make(kv, kv, m->kv_cache.known ? m->kv_cache.expected : kv,
				     VIT_CONFIDENCE_MEDIUM,
				     VIT_STR("keys and values of all positions; windows hold no "
					     "more than they look at (high: all)"));
	m->peak_allocated = vit_range_make(weights * 0.98 + kv, weights * 1.02 + kv + buffer,
					   weights * 1.08 + m->kv_cache.high + 2 * buffer + 1e9,
					   VIT_CONFIDENCE_MEDIUM,
					   VIT_STR("weights as stored, cache, and the engine's "
						   "compute buffers (0.3 to 2 GB)"));
	m->peak_reserved = m->peak_allocated;
	m->peak_device = vit_range_make(
		m->peak_allocated.low + low / 2, m->peak_allocated.expected + expected / 2,
		m->peak_allocated.high + high, VIT_CONFIDENCE_MEDIUM, m->peak_allocated.basis);
	m->load_peak = vit_range_make(weights, weights * 1.02, weights * 1.1 + 0.3e9,
				      VIT_CONFIDENCE_MEDIUM, VIT_STR("the weights as stored"));
	m->component_count = m->moment_count = 0;
	component(e, "weights", "Weights", weights, "bytes as stored");
	component(e, "kv_cache", "KV cache", kv, "keys and values that the layers look at");
	component(e, "buffers", "Compute buffers", buffer,
		  "of the engine, for one batch of the prompt");
}

void vit_estimate_memory(struct vit_estimate *e)
{
	struct vit_forecast_memory *m = &e->out->memory;
	struct spread s = spread_of(e);
	double add = missing_bytes(e), peak, low, high, slack = 40 * MIB;
	double factor = e->in->calibration && e->in->calibration->memory > 0
				? e->in->calibration->memory
				: 1;

	moments(e, &s, add);
	peak = shared(e, &s, (double)e->run.peak, (double)e->run.parts[VIT_PART_GRADIENTS]) +
	       s.extra + add;
	m->peak_moment = e->run.peak_moment;
	if (e->out->devices > 1 && e->out->job.parallel == VIT_PARALLEL_FSDP)
		peak = 0;
	for (uint32_t i = 0; s.weights < 1 && i < m->moment_count; i++)
		if (m->moments[i].bytes.expected > peak) {
			peak = m->moments[i].bytes.expected;
			m->peak_moment = m->moments[i].moment;
		}
	width_of(e, &low, &high);
	peak *= factor;
	m->peak_allocated =
		vit_range_make(peak * (1 - low) - (s.extra - s.extra_low) -
				       (e->plan.training ? 0 : (double)e->plan.workspace),
			       peak, peak * (1 + high) + slack + (s.extra_high - s.extra),
			       e->confidence, basis_of(e));
	reserved_and_device(e, peak);
	components(e, &s);
	load_peak(e, &s);
	checkpoint_size(e);
	if (e->run.host_bytes)
		m->host =
			vit_range_make((double)e->run.host_bytes, (double)e->run.host_bytes,
				       1.2 * (double)e->run.host_bytes + 1e9, VIT_CONFIDENCE_MEDIUM,
				       VIT_STR("the optimizer's states in host memory"));
	if (e->run.kv_bytes) {
		double kv = (double)e->run.kv_bytes / (e->out->job.kv == VIT_KV_16BIT  ? 1
						       : e->out->job.kv == VIT_KV_8BIT ? 1.88
										       : 3.55);

		m->kv_cache = vit_range_make(
			kv, kv, kv * 1.05, e->confidence,
			VIT_STR("keys and values as the layers cache them, all positions"));
	}
	if (!e->plan.training &&
	    (e->in->engine == VIT_ENGINE_NATIVE || e->in->engine == VIT_ENGINE_MLX ||
	     e->in->engine == VIT_ENGINE_VLLM))
		engine_memory(e);
}
