#include "checks/python_needs.h"

#include "formats/pep440.h"
#include "spec/transformers.h"

static void add(struct vit_arena *a, struct vit_python_needs *n, struct vit_python_need need)
{
	for (uint32_t i = 0; i < n->count; i++) {
		struct vit_python_need *row = &n->rows[i];

		if (!vit_str_eq(row->name, need.name))
			continue;
		/* Asked for twice: both ranges hold. */
		if (row->range.n && need.range.n && !vit_str_eq(row->range, need.range))
			row->range = vit_arena_printf(a, "%.*s,%.*s", VIT_FMT(row->range),
						      VIT_FMT(need.range));
		else if (need.range.n)
			row->range = need.range;
		row->required |= need.required;
		return;
	}
	if (n->count < VIT_MAX_NEEDS)
		n->rows[n->count++] = need;
}

static void require(struct vit_arena *a, struct vit_python_needs *n, const char *name,
		    struct vit_str range, const char *why)
{
	add(a, n,
	    (struct vit_python_need){ vit_str_c(name), range, vit_str_c(why), true,
				      VIT_STR_EMPTY });
}

static bool trains(const struct vit_job *j)
{
	switch (j->method) {
	case VIT_JOB_FULL:
	case VIT_JOB_LORA:
	case VIT_JOB_QLORA:
		return true;
	case VIT_JOB_NONE:
	case VIT_JOB_INFERENCE:
		break;
	}
	return false;
}

static void by_job_file(struct vit_arena *a, const struct vit_job *j, struct vit_python_needs *n)
{
	char name[128];

	for (uint32_t i = 0; i < j->package_count; i++)
		if (vit_pep503_name(j->packages[i].name, name, sizeof(name)))
			add(a, n,
			    (struct vit_python_need){
				    vit_arena_str(a, vit_str_c(name)), j->packages[i].range,
				    VIT_STR("the job asks for it"), true, VIT_STR_EMPTY });
}

static void by_method(struct vit_arena *a, const struct vit_job *j, struct vit_python_needs *n)
{
	bool adapters = j->method == VIT_JOB_LORA || j->method == VIT_JOB_QLORA;

	if (j->trainer == VIT_TRAINER_TRANSFORMERS)
		require(a, n, "accelerate", VIT_STR_EMPTY, "transformers' Trainer runs on it");
	if (adapters)
		require(a, n, "peft", VIT_STR_EMPTY, "LoRA adapters");
	if (j->method == VIT_JOB_QLORA)
		require(a, n, "bitsandbytes", VIT_STR_EMPTY, "QLoRA's 4-bit weights");
	if (j->optimizer == VIT_OPTIMIZER_ADAMW_8BIT)
		require(a, n, "bitsandbytes", VIT_STR_EMPTY, "the 8-bit optimizer");
	if (j->attention == VIT_ATTENTION_FLASH)
		require(a, n, "flash-attn", VIT_STR_EMPTY, "flash attention");
	switch (j->parallel) {
	case VIT_PARALLEL_ZERO1:
	case VIT_PARALLEL_ZERO2:
	case VIT_PARALLEL_ZERO3:
		require(a, n, "deepspeed", VIT_STR_EMPTY, "ZeRO");
		break;
	case VIT_PARALLEL_NONE:
	case VIT_PARALLEL_DATA:
	case VIT_PARALLEL_FSDP:
	case VIT_PARALLEL_TENSOR:
		break;
	}
}

/* The program that reads a trainer's own configuration. */
static void by_dialect(struct vit_arena *a, const struct vit_job *j, struct vit_python_needs *n)
{
	static const struct {
		const char *dialect, *package;
	} trainers[] = {
		{ "TRL", "trl" },
		{ "axolotl", "axolotl" },
		{ "LLaMA-Factory", "llamafactory" },
		{ "mlx-lm", "mlx-lm" },
	};

	for (size_t i = 0; i < sizeof(trainers) / sizeof(trainers[0]); i++)
		if (vit_str_find(j->dialect, vit_str_c(trainers[i].dialect), 0) != SIZE_MAX)
			require(a, n, trainers[i].package, VIT_STR_EMPTY,
				"the trainer of the job's configuration");
}

/* What transformers needs to load weights that are stored quantised. */
static void by_quantisation(struct vit_arena *a, const struct vit_job *j,
			    const struct vit_config *c, struct vit_python_needs *n)
{
	static const struct {
		const char *method, *package, *range;
		bool required;
		const char *instead;
	} rows[] = {
		{ "bitsandbytes", "bitsandbytes", "", true, "" },
		{ "compressed-tensors", "compressed-tensors", "", true, "" },
		{ "gptq", "gptqmodel", "", true, "" },
		{ "awq", "gptqmodel", "", false, "autoawq loads AWQ weights, too" },
		{ "hqq", "hqq", "", true, "" },
		{ "aqlm", "aqlm", "", true, "" },
		{ "torchao", "torchao", "", true, "" },
		{ "quark", "amd-quark", "", true, "" },
		/* Training widens MXFP4 anyway. */
		{ "mxfp4", "kernels", "", false,
		  "the weights are dequantised to BF16 when they are loaded" },
		{ "mxfp4", "triton", ">=3.4", false,
		  "the weights are dequantised to BF16 when they are loaded" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!vit_str_is(c->quant_method, rows[i].method) ||
		    (!rows[i].required && trains(j)))
			continue;
		add(a, n,
		    (struct vit_python_need){ vit_str_c(rows[i].package), vit_str_c(rows[i].range),
					      VIT_STR("the weights' quantisation"),
					      rows[i].required, vit_str_c(rows[i].instead) });
	}
}

static struct vit_str transformers_range(struct vit_arena *a, const struct vit_config *c)
{
	struct vit_str first = vit_transformers_first(c->model_type);

	/* Remote code brings its own model class. */
	if (first.n == 0 || (c->root && vit_json_get_c(c->root, "auto_map")))
		return VIT_STR_EMPTY;
	return vit_arena_printf(a, ">=%.*s", VIT_FMT(first));
}

void vit_python_needs(struct vit_arena *a, const struct vit_job *job,
		      const struct vit_config *config, struct vit_python_needs *out)
{
	bool mlx = vit_str_find(job->dialect, VIT_STR("mlx"), 0) != SIZE_MAX;
	struct vit_str range = transformers_range(a, config);

	out->count = 0;
	by_job_file(a, job, out);
	by_dialect(a, job, out);
	if (job->method == VIT_JOB_NONE || mlx)
		return;
	if (trains(job)) {
		require(a, out, "torch", VIT_STR_EMPTY, "training");
		require(a, out, "transformers", range, "loading the model");
		by_method(a, job, out);
	} else {
		add(a, out,
		    (struct vit_python_need){ VIT_STR("torch"), VIT_STR_EMPTY,
					      VIT_STR("inference with transformers"), false,
					      VIT_STR("another runtime may serve the model") });
		add(a, out,
		    (struct vit_python_need){ VIT_STR("transformers"), range,
					      VIT_STR("inference with transformers"), false,
					      VIT_STR("another runtime may serve the model") });
	}
	by_quantisation(a, job, config, out);
}
