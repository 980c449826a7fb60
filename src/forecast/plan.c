#include "forecast/plan.h"

#define MAX_NOTES 40
/* ATen/cuda/CublasHandlePool.cpp, parseChosenWorkspaceSize: Hopper, and all others. */
#define WORKSPACE_HOPPER (UINT64_C(4096) * 8 * 1024)
#define WORKSPACE        (UINT64_C(2) * 4096 * 1024 + 8 * 16 * 1024)

void vit_forecast_note(struct vit_arena *a, struct vit_forecast *out, struct vit_str text)
{
	if (!out->notes)
		out->notes = VIT_NEW_ARRAY(a, MAX_NOTES, struct vit_str);
	if (out->note_count < MAX_NOTES)
		out->notes[out->note_count++] = text;
}

static bool has_sinks(const struct vit_forward *f)
{
	for (uint32_t k = 0; f->layers && k < f->layer[0].count; k++)
		if (f->layer[0].rows[k].op == VIT_FWD_ATTENTION &&
		    f->layer[0].rows[k].value[VIT_FWD_SINKS])
			return true;
	return false;
}

static void precision(const struct vit_job *job, struct vit_run_plan *p)
{
	p->trainer = job->trainer == VIT_TRAINER_TRANSFORMERS;
	p->weight_elem = job->precision == VIT_PRECISION_BF16 ? 2 : 4;
	p->autocast = job->precision == VIT_PRECISION_MIXED ||
		      (p->trainer && job->precision == VIT_PRECISION_BF16);
	/* FSDP computes with BF16 copies of its float32 shares: the stream is BF16 too. */
	if (job->devices > 1 && job->parallel == VIT_PARALLEL_FSDP && p->autocast)
		p->weight_elem = 2;
	/* prepare_model_for_kbit_training makes all that is not packed float32 */
	if (job->method == VIT_JOB_QLORA) {
		p->packed = p->double_quant = true;
		p->weight_elem = 4;
		p->autocast = job->precision != VIT_PRECISION_FP32;
	}
	if (!p->training) {
		p->weight_elem = job->precision == VIT_PRECISION_FP32 ? 4 : 2;
		p->autocast = p->trainer = p->packed = false;
	}
}

static void take(struct vit_arena *a, struct vit_forecast *out, uint32_t *field, uint32_t value,
		 const char *before, const char *after)
{
	if (*field)
		return;
	*field = value;
	vit_forecast_note(a, out, vit_arena_printf(a, "%s%u%s", before, value, after));
}

void vit_plan_defaults(struct vit_arena *a, const struct vit_forecast_input *in,
		       const struct vit_forward *forward, struct vit_forecast *out)
{
	struct vit_job *job = &out->job;
	bool lora = job->method == VIT_JOB_LORA || job->method == VIT_JOB_QLORA;

	(void)in;
	if (job->method == VIT_JOB_NONE)
		job->method = out->method = VIT_JOB_INFERENCE;
	if (!job->accumulate)
		job->accumulate = 1;
	if (job->method == VIT_JOB_INFERENCE) {
		take(a, out, &job->context, 4096, "No context was given: ", " tokens were taken.");
		take(a, out, &job->requests, 1, "", " request at a time was taken.");
		return;
	}
	take(a, out, &job->sequence, 2048, "No sequence length was given: ", " tokens were taken.");
	take(a, out, &job->batch, 1,
	     "No batch was given: ", " sequence per device and step was taken.");
	if (lora)
		take(a, out, &job->lora_rank, 16, "No rank was given: adapters of rank ",
		     " were taken.");
	if (has_sinks(forward) && job->attention == VIT_ATTENTION_SDPA)
		vit_forecast_note(a, out,
				  VIT_STR("Attention sinks have no fused kernel in transformers "
					  "without flash attention: eager attention was taken."));
	if (job->method == VIT_JOB_QLORA)
		vit_forecast_note(
			a, out,
			VIT_STR("QLoRA as prepare_model_for_kbit_training leaves it: linear layers "
				"in NF4 with "
				"nested scales; embedding, head, norms and experts in float32."));
}

/* Multiprocessors: a sum over many rows is shared out over them. Where not known, 108. */
static unsigned processors_of(const struct vit_forecast_device *d)
{
	if (!d || d->compute_major == 9)
		return 132;
	if (d->compute_major == 10)
		return 148;
	return d->memory_total > UINT64_C(40000000000) || !d->memory_total ? 108 : 80;
}

/* transformers leaves MXFP4 experts packed for inference where its kernels run. */
static bool keeps_mxfp4(const struct vit_forecast_input *in)
{
	struct vit_str method = vit_json_string(
		vit_json_at(in->config, VIT_STR("quantization_config.quant_method")));

	return vit_str_is(method, "mxfp4") && in->device && in->device->kind == VIT_DEVICE_CUDA &&
	       (in->device->mxfp4 == VIT_SUPPORT_NATIVE ||
		in->device->mxfp4 == VIT_SUPPORT_EMULATED);
}

void vit_plan_make(const struct vit_forecast_input *in, const struct vit_job *job,
		   const struct vit_forward *forward, struct vit_run_plan *plan)
{
	const struct vit_forecast_device *d = in->device;
	bool lora = job->method == VIT_JOB_LORA || job->method == VIT_JOB_QLORA;

	*plan = (struct vit_run_plan){ .forward = forward };
	plan->training = job->method != VIT_JOB_INFERENCE;
	plan->batch = plan->training ? job->batch : job->requests;
	plan->sequence = plan->training ? job->sequence : job->context;
	precision(job, plan);
	plan->checkpointing = plan->training && job->checkpointing;
	plan->frozen = lora;
	plan->rank = lora ? job->lora_rank : 0;
	plan->targets = job->targets;
	plan->target_names = job->target_names;
	plan->target_count = job->target_count;
	plan->input_grads = lora && (plan->checkpointing || !plan->trainer);
	plan->packed_experts = !plan->training && keeps_mxfp4(in);
	plan->attention = has_sinks(forward) && job->attention == VIT_ATTENTION_SDPA
				  ? VIT_ATTENTION_EAGER
				  : job->attention;
	plan->padded = job->padded;
	plan->optimizer = job->optimizer;
	plan->accumulate = job->accumulate;
	plan->offload = job->offload;
	plan->processors = processors_of(d);
	plan->workspace =
		d && d->compute_major && d->compute_major != 9 ? WORKSPACE : WORKSPACE_HOPPER;
}
