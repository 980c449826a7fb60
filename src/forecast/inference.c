/*
 * Rates of generation: a roofline of the bytes read and the arithmetic done for
 * a token, plus a fixed cost a layer. One set of efficiencies per class of
 * engine, held against published rates of gpt-oss-20b on thirty devices
 * (tests/unit/forecast/test_decode.c), not fitted per device.
 */
#include <math.h>

#include "forecast/estimate.h"

struct engine {
	double read_low, read, read_high;    /* share of the bandwidth */
	double layer_low, layer, layer_high; /* seconds a layer and token beside it */
	double flops_low, flops, flops_high; /* share of the matrix peak in prefill */
	const char *text;
};

static struct engine engine_of(enum vit_engine e)
{
	switch (e) {
	case VIT_ENGINE_UNKNOWN:
	case VIT_ENGINE_NATIVE:
		return (struct engine){
			0.50,   0.71, 0.90, 15e-6, 55e-6,
			180e-6, 0.10, 0.30, 0.65,  "llama.cpp and those built on it"
		};
	case VIT_ENGINE_MLX:
		return (struct engine){ 0.55,   0.72, 0.88, 15e-6, 55e-6,
					150e-6, 0.20, 0.45, 0.75,  "MLX" };
	case VIT_ENGINE_VLLM:
		return (struct engine){ 0.50,   0.70, 0.88, 10e-6, 40e-6,
					120e-6, 0.25, 0.45, 0.70,  "vLLM" };
	case VIT_ENGINE_TRANSFORMERS:
		/* 2.9 to 4.5 ms a layer on an H100's host, measured; slower and faster hosts around
		 * it */
		return (struct engine){ 0.30, 0.60, 0.85, 0.8e-3, 3.2e-3,
					8e-3, 0.20, 0.45, 0.70,   "eager Python" };
	case VIT_ENGINE_COUNT:
		break;
	}
	return engine_of(VIT_ENGINE_NATIVE);
}

static double bits_per_weight(const struct vit_estimate *e)
{
	const struct vit_json *q = vit_json_get_c(e->in->config, "quantization_config");
	struct vit_str method = vit_json_string(vit_json_get_c(q, "quant_method"));
	double bits = (double)vit_json_int(vit_json_get_c(q, "bits"), 0);

	if (!q)
		q = vit_json_get_c(e->in->config, "quantization");
	if (bits <= 0)
		bits = (double)vit_json_int(vit_json_get_c(q, "w_bit"), 0);
	if (bits > 0 && bits <= 16)
		return bits + 0.5;
	if (vit_str_is(method, "fp8") || vit_str_is(method, "fbgemm_fp8"))
		return 8.1;
	if (vit_json_bool(vit_json_get_c(q, "load_in_4bit"), false))
		return 4.5;
	if (vit_json_bool(vit_json_get_c(q, "load_in_8bit"), false))
		return 8.1;
	if (vit_str_is(vit_json_string(vit_json_get_c(e->in->config, "dtype")), "float32") ||
	    vit_str_is(vit_json_string(vit_json_get_c(e->in->config, "torch_dtype")), "float32"))
		return 32;
	return 16;
}

static bool mxfp4(const struct vit_estimate *e)
{
	return vit_str_is(vit_json_string(vit_json_at(e->in->config,
						      VIT_STR("quantization_config.quant_method"))),
			  "mxfp4");
}

/* Parameters of routed experts: all, and those of one token. */
static void experts(const struct vit_forward *f, double *all, double *active)
{
	*all = *active = 0;
	for (uint64_t i = 0; i < f->layers; i++)
		for (uint32_t k = 0; k < f->layer[i].count; k++) {
			const uint64_t *v = f->layer[i].rows[k].value;
			double one = 3 * (double)v[VIT_FWD_IN] * (double)v[VIT_FWD_INNER];

			if (f->layer[i].rows[k].op != VIT_FWD_EXPERTS)
				continue;
			*all += one * (double)v[VIT_FWD_EXPERTS_KEY];
			*active += one * (double)v[VIT_FWD_PER_TOKEN];
		}
}

double vit_stored_bytes(const struct vit_estimate *e)
{
	double all, active, rest, total = (double)e->run.parameters + e->missing;

	if (e->in->stored_bytes)
		return (double)e->in->stored_bytes;
	experts(&e->forward, &all, &active);
	rest = total - all;
	if (mxfp4(e))
		return rest * 2 + all * 4.25 / 8;
	return total * bits_per_weight(e) / 8;
}

/* Native engines hold what MXFP4 leaves in BF16 as Q8_0 (8.5 bits). */
static double token_bytes(const struct vit_estimate *e, enum vit_engine engine)
{
	double all, active, total = (double)e->run.parameters + e->missing, rest, stored;
	double embedding =
		e->forward.tied ? 0 : (double)e->forward.vocab * (double)e->forward.hidden;

	experts(&e->forward, &all, &active);
	rest = total - all - embedding;
	if (mxfp4(e)) {
		bool native = engine == VIT_ENGINE_NATIVE || engine == VIT_ENGINE_UNKNOWN ||
			      engine == VIT_ENGINE_MLX;

		return rest * (native ? 8.5 : 16) / 8 + active * 4.25 / 8;
	}
	stored = vit_stored_bytes(e);
	return stored * (rest + active) / (total > 0 ? total : 1);
}

/* Cache read for one token: windows hold no more than they look at. */
double vit_cache_bytes(const struct vit_estimate *e)
{
	const struct vit_forward *f = &e->forward;
	double s = (double)e->plan.sequence, kv = e->run.kv_bytes ? (double)e->run.kv_bytes : 0,
	       kept = 0;
	uint64_t windows = 0;

	for (uint64_t i = 0; i < f->layers; i++)
		for (uint32_t k = 0; k < f->layer[i].count; k++) {
			const struct vit_fwd_row *row = &f->layer[i].rows[k];
			double w = (double)row->value[VIT_FWD_WINDOW];

			if (row->op != VIT_FWD_ATTENTION)
				continue;
			windows++;
			kept += w > 0 && w < s ? w / s : 1;
		}
	if (e->plan.batch)
		kv /= (double)e->plan.batch;
	if (e->out->job.kv == VIT_KV_8BIT)
		kv /= 1.88;
	if (e->out->job.kv == VIT_KV_4BIT)
		kv /= 3.55;
	return windows ? kv * kept / (double)windows : kv;
}

static double rate(double bytes, double bandwidth, double share, double layers, double cost)
{
	double seconds = bytes / (bandwidth * share) + layers * cost;

	return seconds > 0 ? 1 / seconds : 0;
}

static void decode(struct vit_estimate *e, const struct engine *g)
{
	const struct vit_forecast_device *d = e->in->device;
	double weights = token_bytes(e, e->in->engine), b = (double)e->plan.batch;
	double cache = vit_cache_bytes(e), bytes = weights + cache * b,
	       layers = (double)e->forward.layers;
	double factor = e->in->calibration && e->in->calibration->decode > 0
				? e->in->calibration->decode
				: 1;

	e->out->decode_bytes = (uint64_t)weights;
	if (d->bandwidth <= 0)
		return;
	e->out->decode_tokens_per_second = vit_range_make(
		factor * rate(bytes, d->bandwidth, g->read_low, layers, g->layer_high),
		factor * rate(bytes, d->bandwidth, g->read, layers, g->layer),
		factor * rate(bytes, d->bandwidth, g->read_high, layers, g->layer_low),
		e->fallback ? VIT_CONFIDENCE_LOW : VIT_CONFIDENCE_MEDIUM,
		vit_arena_printf(
			e->arena,
			"%.3g bytes of weights and %.3g of cache read for a token at %.0f to "
			"%.0f %% of %.3g bytes/s, and %.0f to %.0f microseconds a layer (%s)",
			weights, cache * b, 100 * g->read_low, 100 * g->read_high, d->bandwidth,
			1e6 * g->layer_low, 1e6 * g->layer_high, g->text));
}

static void prefill(struct vit_estimate *e, const struct engine *g)
{
	const struct vit_forecast_device *d = e->in->device;
	double s = (double)e->plan.sequence,
	       peak = d->flops_16bit > 0 ? d->flops_16bit : d->flops_fp32;
	double flops = vit_forward_flops(&e->forward) * s + vit_attention_flops(&e->forward, s) / 2;
	double bytes = token_bytes(e, e->in->engine), all, active, t[3],
	       share[3] = { g->flops_low, g->flops, g->flops_high };
	double factor = e->in->calibration && e->in->calibration->prefill > 0
				? e->in->calibration->prefill
				: 1;

	if (peak <= 0 || d->bandwidth <= 0 || s <= 0)
		return;
	/* A prompt of some length meets all experts. */
	experts(&e->forward, &all, &active);
	if (all > 0)
		bytes = vit_stored_bytes(e);
	for (int i = 0; i < 3; i++) {
		double compute = flops / (peak * share[i]), read = bytes / (d->bandwidth * g->read);

		t[i] = (compute > read ? compute : read) +
		       (double)e->forward.layers * (i == 0   ? g->layer_high
						    : i == 1 ? g->layer
							     : g->layer_low);
		t[i] /= factor;
	}
	e->out->first_token_seconds = vit_range_make(
		t[2], t[1], t[0], VIT_CONFIDENCE_LOW,
		vit_arena_printf(e->arena,
				 "%.3g FLOP for %.0f tokens at %.0f to %.0f %% of %.3g FLOP/s",
				 flops, s, 100 * g->flops_low, 100 * g->flops_high, peak));
	e->out->prefill_tokens_per_second =
		vit_range_make(s / t[0], s / t[1], s / t[2], VIT_CONFIDENCE_LOW,
			       e->out->first_token_seconds.basis);
}

void vit_estimate_inference(struct vit_estimate *e)
{
	struct engine g = engine_of(e->in->engine);
	struct vit_forecast *out = e->out;
	double n;

	if (!e->in->device || e->plan.training)
		return;
	decode(e, &g);
	prefill(e, &g);
	if (!out->decode_tokens_per_second.known || !out->first_token_seconds.known)
		return;
	out->response_tokens = 256;
	n = (double)out->response_tokens;
	out->response_seconds = vit_range_make(
		out->first_token_seconds.low + n / out->decode_tokens_per_second.high,
		out->first_token_seconds.expected + n / out->decode_tokens_per_second.expected,
		out->first_token_seconds.high + n / out->decode_tokens_per_second.low,
		VIT_CONFIDENCE_LOW,
		VIT_STR("the prompt's tokens in one pass, then 256 tokens one by one"));
}
