/*
 * Trainer configurations that people already have, read as jobs.
 *
 * A dialect is a table: its key, and the field that it sets or the function that
 * knows what it means. Defaults are those of the trainers' documentation:
 * transformers 5 TrainingArguments, TRL 0.2x SFTConfig and ModelConfig, axolotl
 * 0.1x, LLaMA-Factory 0.9, mlx-lm 0.2x, PEFT LoraConfig; docs/JOBS.md lists them.
 */
#include <stdio.h>

#include "base/num.h"
#include "spec/job_internal.h"

typedef bool (*take_fn)(struct vit_job_reader *r, const struct vit_yaml *n);

struct row {
	const char *key;
	const char *field; /* of vit_job_fields, or NULL */
	take_fn take;      /* or NULL: known, and without effect on the forecast */
};

struct value {
	const char *name, *is;
};

/* --- values that several dialects share -------------------------------------- */

static bool is_true(const struct vit_yaml *n)
{
	bool v;

	return n && vit_yaml_bool(n, &v) && v;
}

static bool has_value(const struct vit_yaml *n)
{
	return n && !(n->kind == VIT_YAML_SCALAR && vit_yaml_is_null(n));
}

static bool text_is(const struct vit_yaml *n, const char *text)
{
	return n && n->kind == VIT_YAML_SCALAR && vit_str_ieq(n->text, vit_str_c(text));
}

/* A switch: true or false; other texts count as set ("auto", "full", "offload"). */
static bool is_set(const struct vit_yaml *n)
{
	bool v;

	if (!has_value(n) || n->kind != VIT_YAML_SCALAR)
		return false;
	return vit_yaml_bool(n, &v) ? v : true;
}

/* Python writes True and 1 where YAML has true. */
static bool take_switch(struct vit_job_reader *r, const char *field, const struct vit_yaml *n)
{
	if (n->kind != VIT_YAML_SCALAR)
		return vit_load_fail_at(&r->l, n, "true or false is expected here");
	if (vit_str_ieq(n->text, VIT_STR("true")) || vit_str_is(n->text, "1"))
		vit_job_default(r, field, "true");
	else if (vit_str_ieq(n->text, VIT_STR("false")) || vit_str_is(n->text, "0"))
		vit_job_default(r, field, "false");
	else
		return vit_load_fail_at(&r->l, n, "true or false is expected here");
	r->job->from_file |= UINT64_C(1) << vit_job_field_find(field);
	return true;
}

/* A number where a negative one or zero means "not limited". */
static bool take_limit(struct vit_job_reader *r, const char *field, const struct vit_yaml *n)
{
	double v;

	if (n->kind != VIT_YAML_SCALAR || !vit_yaml_double(n, &v))
		return vit_load_fail_at(&r->l, n, "a number is expected here");
	return v <= 0 || vit_job_take(r, field, n);
}

static bool take_max_steps(struct vit_job_reader *r, const struct vit_yaml *n)
{
	return take_limit(r, "training.max_steps", n);
}

static bool take_save_limit(struct vit_job_reader *r, const struct vit_yaml *n)
{
	return take_limit(r, "output.save_limit", n);
}

/* save_strategy of transformers: only "steps", its default, looks at save_steps. */
static bool saves_by_steps(const struct vit_job_reader *r)
{
	const struct vit_yaml *s = vit_yaml_get(r->doc, "save_strategy");

	return !s || s->kind != VIT_YAML_SCALAR || !s->text.n || vit_str_is(s->text, "steps");
}

static void default_save_steps(struct vit_job_reader *r)
{
	const struct vit_yaml *s = vit_yaml_get(r->doc, "save_strategy");

	if (saves_by_steps(r))
		vit_job_default(r, "output.save_steps", "500");
	else if (!vit_str_is(s->text, "no"))
		vit_job_note(r, "checkpoints are saved by %.*s: room is asked for one of them",
			     VIT_FMT(s->text));
}

/* Steps, or a share of the run. */
static bool take_save_steps(struct vit_job_reader *r, const struct vit_yaml *n)
{
	double v;

	if (!saves_by_steps(r))
		return true;
	if (n->kind == VIT_YAML_SCALAR && vit_yaml_double(n, &v) && v > 0 && v < 1) {
		vit_job_note(r,
			     "%.*s is a share of the run: the number of checkpoints follows from "
			     "its length",
			     VIT_FMT(n->key));
		return true;
	}
	return take_limit(r, "output.save_steps", n);
}

static bool take_checkpointing(struct vit_job_reader *r, const struct vit_yaml *n)
{
	/* axolotl: true, or "offload" and its kind, which recompute as well */
	if (n->kind == VIT_YAML_SCALAR && vit_str_starts(n->text, VIT_STR("offload"))) {
		vit_job_note(r,
			     "%.*s: %.*s keeps activations in host memory; they are counted as "
			     "kept on the device",
			     VIT_FMT(n->key), VIT_FMT(n->text));
		vit_job_default(r, "training.checkpointing", "true");
		return true;
	}
	return take_switch(r, "training.checkpointing", n);
}

static bool take_no_checkpointing(struct vit_job_reader *r, const struct vit_yaml *n)
{
	if (!take_switch(r, "training.checkpointing", n))
		return false;
	r->job->checkpointing = !r->job->checkpointing;
	return true;
}

static bool take_packing(struct vit_job_reader *r, const struct vit_yaml *n)
{
	return take_switch(r, "training.packing", n);
}

static bool take_padded(struct vit_job_reader *r, const struct vit_yaml *n)
{
	return take_switch(r, "training.padded", n);
}

static bool take_model(struct vit_job_reader *r, const struct vit_yaml *n)
{
	return vit_load_text(&r->l, n, &r->job->model);
}

static bool take_optimizer(struct vit_job_reader *r, const struct vit_yaml *n)
{
	static const struct value names[] = {
		{ "adamw", "adamw" },
		{ "adamw_torch", "adamw" },
		{ "adamw_torch_fused", "adamw" },
		{ "adamw_hf", "adamw" },
		{ "adamw_apex_fused", "adamw" },
		{ "adam", "adamw" },
		{ "adamw_anyprecision", "adamw" },
		{ "paged_adamw", "adamw" },
		{ "paged_adamw_32bit", "adamw" },
		{ "adamw_torch_xla", "adamw" },
		{ "adamw_torch_npu_fused", "adamw" },
		{ "adamw_8bit", "adamw-8bit" },
		{ "adamw_bnb_8bit", "adamw-8bit" },
		{ "paged_adamw_8bit", "adamw-8bit" },
		{ "adamw_torch_8bit", "adamw-8bit" },
		{ "ao_adamw_8bit", "adamw-8bit" },
		{ "adafactor", "adafactor" },
		{ "sgd", "sgd" },
		{ "lion", "lion" },
		{ "lion_32bit", "lion" },
		{ "paged_lion_32bit", "lion" },
		{ "lion_pytorch", "lion" },
	};
	struct vit_str name;

	if (!vit_load_text(&r->l, n, &name))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!vit_str_ieq(name, vit_str_c(names[i].name)))
			continue;
		vit_job_default(r, "training.optimizer", names[i].is);
		if (vit_str_starts(name, VIT_STR("paged_")))
			vit_job_note(r,
				     "%.*s can move its states to host memory; they are counted "
				     "on the device",
				     VIT_FMT(name));
		r->job->from_file |= UINT64_C(1) << vit_job_field_find("training.optimizer");
		return true;
	}
	vit_job_note(r, "the optimizer %.*s is not modelled: AdamW's states are counted instead",
		     VIT_FMT(name));
	return true;
}

static bool take_attention(struct vit_job_reader *r, const struct vit_yaml *n)
{
	static const struct value names[] = {
		{ "sdpa", "sdpa" },
		{ "auto", "sdpa" },
		{ "eager", "eager" },
		{ "disabled", "eager" },
		{ "flash_attention_2", "flash" },
		{ "flash_attention_3", "flash" },
		{ "fa2", "flash" },
		{ "fa3", "flash" },
		{ "flash_attention", "flash" },
		{ "kernels-community/flash-attn", "flash" },
		{ "kernels-community/flash-attn2", "flash" },
		{ "kernels-community/flash-attn3", "flash" },
		{ "kernels-community/vllm-flash-attn3", "flash" },
	};
	struct vit_str name;

	if (!vit_load_text(&r->l, n, &name))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!vit_str_ieq(name, vit_str_c(names[i].name)))
			continue;
		vit_job_default(r, "training.attention", names[i].is);
		r->job->from_file |= UINT64_C(1) << vit_job_field_find("training.attention");
		return true;
	}
	vit_job_note(r, "the attention %.*s is not modelled: SDPA is counted instead",
		     VIT_FMT(name));
	return true;
}

static bool contains(struct vit_str s, const char *needle)
{
	return vit_str_find(s, vit_str_c(needle), 0) != SIZE_MAX;
}

/* A DeepSpeed configuration in place gives its stage; of a file only the name is here. */
static bool take_deepspeed(struct vit_job_reader *r, const struct vit_yaml *n)
{
	const struct vit_yaml *stage = vit_yaml_get(vit_yaml_get(n, "zero_optimization"), "stage");
	uint64_t number = 0;
	char name[16];

	if (n->kind == VIT_YAML_MAPPING) {
		if (stage && (!vit_yaml_u64(stage, &number) || number > 3))
			return vit_load_fail_at(&r->l, stage,
						"a stage from 0 to 3 is expected here");
	} else {
		static const char *const marks[3][3] = { { "zero1", "zero_1", "z1" },
							 { "zero2", "zero_2", "z2" },
							 { "zero3", "zero_3", "z3" } };
		struct vit_str file;

		if (!vit_load_text(&r->l, n, &file))
			return false;
		for (unsigned i = 0; i < 3; i++)
			for (unsigned k = 0; k < 3; k++)
				if (contains(vit_str_sub(file, file.n > 40 ? file.n - 40 : 0,
							 file.n),
					     marks[i][k]))
					number = i + 1;
		vit_job_note(r,
			     number ? "%.*s is not opened: its name says ZeRO-%u"
				    : "%.*s is not opened: which ZeRO stage it asks for is not "
				      "known, and none is counted",
			     VIT_FMT(file), (unsigned)number);
	}
	if (number == 0)
		return true;
	snprintf(name, sizeof name, "zero%u", (unsigned)number);
	vit_job_default(r, "training.parallel", name);
	r->job->from_file |= UINT64_C(1) << vit_job_field_find("training.parallel");
	return true;
}

static bool take_fsdp(struct vit_job_reader *r, const struct vit_yaml *n)
{
	bool on = n->kind == VIT_YAML_SCALAR
			  ? n->text.n > 0 && !vit_str_ieq(n->text, VIT_STR("false"))
			  : n->count > 0;

	if (!on)
		return true;
	vit_job_default(r, "training.parallel", "fsdp");
	r->job->from_file |= UINT64_C(1) << vit_job_field_find("training.parallel");
	return true;
}

static void method(struct vit_job_reader *r, const char *name)
{
	vit_job_default(r, "method", name);
	r->job->from_file |= UINT64_C(1) << vit_job_field_find("method");
}

/* --- transformers and TRL ------------------------------------------------------ */

static const struct row transformers[] = {
	{ "per_device_train_batch_size", "training.batch", NULL },
	{ "gradient_accumulation_steps", "training.accumulate", NULL },
	{ "gradient_checkpointing", NULL, take_checkpointing },
	{ "num_train_epochs", "training.epochs", NULL },
	{ "max_steps", NULL, take_max_steps },
	{ "optim", NULL, take_optimizer },
	{ "output_dir", "output.folder", NULL },
	{ "save_steps", NULL, take_save_steps },
	{ "save_total_limit", NULL, take_save_limit },
	{ "max_length", "training.sequence", NULL },
	{ "max_seq_length", "training.sequence", NULL },
	{ "packing", NULL, take_packing },
	{ "attn_implementation", NULL, take_attention },
	{ "lora_r", "lora.rank", NULL },
	{ "lora_target_modules", "lora.targets", NULL },
	{ "model_name_or_path", NULL, take_model },
	{ "deepspeed", NULL, take_deepspeed },
	{ "fsdp", NULL, take_fsdp },
	{ "bf16", NULL, NULL },
	{ "fp16", NULL, NULL },
	{ "dtype", NULL, NULL },
	{ "torch_dtype", NULL, NULL },
	{ "use_peft", NULL, NULL },
	{ "load_in_4bit", NULL, NULL },
	{ NULL, NULL, NULL },
};

static bool is_trl(const struct vit_yaml *d)
{
	static const char *const keys[] = { "use_peft",
					    "lora_r",
					    "max_length",
					    "max_seq_length",
					    "packing",
					    "dataset_text_field",
					    "dataset_name",
					    "load_in_4bit",
					    "assistant_only_loss",
					    "completion_only_loss",
					    NULL };

	for (const char *const *k = keys; *k; k++)
		if (vit_yaml_get(d, *k))
			return true;
	return false;
}

static void transformers_precision(struct vit_job_reader *r, bool trl)
{
	const struct vit_yaml *dtype = vit_yaml_get(r->doc, "dtype");
	bool half = is_set(vit_yaml_get(r->doc, "bf16")),
	     fp16 = is_set(vit_yaml_get(r->doc, "fp16"));
	bool wide;

	if (!dtype)
		dtype = vit_yaml_get(r->doc, "torch_dtype");
	wide = text_is(dtype, "float32") || text_is(dtype, "fp32");
	if (trl && !fp16 && !vit_yaml_get(r->doc, "bf16"))
		half = true;
	vit_job_default(r, "training.precision",
			fp16 || (half && wide) ? "mixed"
			: wide                 ? "fp32"
					       : "bf16");
	if (fp16)
		vit_job_note(r, "fp16: counted as FP32 weights under autocast, which its loss "
				"scaling needs");
	else if (!has_value(dtype))
		vit_job_note(r,
			     "the dtype of the weights is not in the file: the checkpoint's own is "
			     "counted, as transformers 5 loads it (version 4 loaded FP32)");
	if (!half && !fp16 && !trl)
		vit_job_note(r,
			     "neither bf16 nor fp16 is set: the trainer computes without autocast");
}

static void transformers_start(struct vit_job_reader *r)
{
	bool trl = is_trl(r->doc), peft = is_true(vit_yaml_get(r->doc, "use_peft")) ||
					  has_value(vit_yaml_get(r->doc, "lora_r"));

	r->job->dialect = trl ? VIT_STR("TRL") : VIT_STR("transformers TrainingArguments");
	method(r, !peft                                           ? "full"
		  : is_true(vit_yaml_get(r->doc, "load_in_4bit")) ? "qlora"
								  : "lora");
	if (!peft)
		vit_job_note(r,
			     "the file asks for no adapter: all weights are trained (--train lora "
			     "says otherwise)");
	vit_job_default(r, "training.batch", "8");
	vit_job_default(r, "training.accumulate", "1");
	vit_job_default(r, "training.epochs", "3");
	default_save_steps(r);
	if (trl) {
		vit_job_default(r, "training.sequence", "1024");
		vit_job_default(r, "training.checkpointing", "true");
	}
	if (peft)
		vit_job_default(r, "lora.rank", "16");
	transformers_precision(r, trl);
}

/* --- axolotl -------------------------------------------------------------------- */

static bool axolotl_linear(struct vit_job_reader *r, const struct vit_yaml *n)
{
	bool on;

	if (!vit_load_bool(&r->l, n, &on))
		return false;
	if (on)
		vit_job_default(r, "lora.targets", "all-linear");
	return true;
}

/* The first data set, when it is a local file. */
static bool axolotl_datasets(struct vit_job_reader *r, const struct vit_yaml *n)
{
	static const char *const endings[] = { ".jsonl", ".json", ".csv", ".parquet" };
	const struct vit_yaml *path;

	if (!vit_load_kind(&r->l, n, VIT_YAML_SEQUENCE))
		return false;
	path = n->count ? vit_yaml_get(&n->children[0], "path") : NULL;
	if (!path || path->kind != VIT_YAML_SCALAR || contains(path->text, "://"))
		return true;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (vit_str_ends(path->text, vit_str_c(endings[i])))
			return vit_job_take(r, "data.file", path);
	return true;
}

static bool axolotl_switch_attention(struct vit_job_reader *r, const struct vit_yaml *n)
{
	const char *name = vit_str_is(n->key, "eager_attention") ? "eager"
			   : vit_str_is(n->key, "sdp_attention") ? "sdpa"
								 : "flash";

	if (is_set(n)) {
		vit_job_default(r, "training.attention", name);
		r->job->from_file |= UINT64_C(1) << vit_job_field_find("training.attention");
	}
	return true;
}

static bool note_experts(struct vit_job_reader *r, const struct vit_yaml *n)
{
	vit_job_note(r, "%.*s: adapters on fused expert tensors are not counted", VIT_FMT(n->key));
	return true;
}

static const struct row axolotl[] = {
	{ "base_model", NULL, take_model },
	{ "sequence_len", "training.sequence", NULL },
	{ "micro_batch_size", "training.batch", NULL },
	{ "gradient_accumulation_steps", "training.accumulate", NULL },
	{ "gradient_checkpointing", NULL, take_checkpointing },
	{ "num_epochs", "training.epochs", NULL },
	{ "max_steps", NULL, take_max_steps },
	{ "optimizer", NULL, take_optimizer },
	{ "lora_r", "lora.rank", NULL },
	{ "lora_target_modules", "lora.targets", NULL },
	{ "lora_target_linear", NULL, axolotl_linear },
	{ "lora_target_parameters", NULL, note_experts },
	{ "sample_packing", NULL, take_packing },
	{ "pad_to_sequence_len", NULL, take_padded },
	{ "attn_implementation", NULL, take_attention },
	{ "flash_attention", NULL, axolotl_switch_attention },
	{ "xformers_attention", NULL, axolotl_switch_attention },
	{ "sdp_attention", NULL, axolotl_switch_attention },
	{ "eager_attention", NULL, axolotl_switch_attention },
	{ "datasets", NULL, axolotl_datasets },
	{ "output_dir", "output.folder", NULL },
	{ "save_steps", NULL, take_save_steps },
	{ "save_total_limit", NULL, take_save_limit },
	{ "deepspeed", NULL, take_deepspeed },
	{ "fsdp", NULL, take_fsdp },
	{ "fsdp_config", NULL, take_fsdp },
	{ "adapter", NULL, NULL },
	{ "load_in_4bit", NULL, NULL },
	{ "bf16", NULL, NULL },
	{ "fp16", NULL, NULL },
	{ NULL, NULL, NULL },
};

static void axolotl_start(struct vit_job_reader *r)
{
	const struct vit_yaml *adapter = vit_yaml_get(r->doc, "adapter");
	bool four = is_true(vit_yaml_get(r->doc, "load_in_4bit"));

	r->job->dialect = VIT_STR("axolotl");
	method(r, !has_value(adapter)                 ? "full"
		  : text_is(adapter, "qlora") || four ? "qlora"
						      : "lora");
	if (has_value(adapter) && !text_is(adapter, "lora") && !text_is(adapter, "qlora"))
		vit_job_note(r, "the adapter %.*s is counted as LoRA", VIT_FMT(adapter->text));
	if (is_true(vit_yaml_get(r->doc, "load_in_8bit")))
		vit_job_note(r, "load_in_8bit: base weights in 8 bits are not modelled, 16 bits "
				"are counted");
	vit_job_default(r, "training.sequence", "512");
	vit_job_default(r, "training.batch", "1");
	vit_job_default(r, "training.accumulate", "1");
	vit_job_default(r, "training.epochs", "1");
	vit_job_default(r, "output.folder", "./model-out");
	vit_job_default(r, "training.precision",
			is_set(vit_yaml_get(r->doc, "fp16")) ? "mixed"
			: has_value(vit_yaml_get(r->doc, "bf16")) &&
					!is_set(vit_yaml_get(r->doc, "bf16"))
				? "fp32"
				: "bf16");
	if (has_value(adapter))
		vit_job_default(r, "lora.rank", "8");
}

/* --- LLaMA-Factory --------------------------------------------------------------- */

static bool factory_target(struct vit_job_reader *r, const struct vit_yaml *n)
{
	if (text_is(n, "all")) {
		vit_job_default(r, "lora.targets", "all-linear");
		return true;
	}
	return vit_job_take(r, "lora.targets", n);
}

static bool factory_samples(struct vit_job_reader *r, const struct vit_yaml *n)
{
	uint64_t many;

	if (!vit_yaml_u64(n, &many))
		return vit_load_fail_at(&r->l, n, "a count of examples is expected here");
	vit_job_note(r, "max_samples: at most %llu examples of each data set are used",
		     (unsigned long long)many);
	return true;
}

static const struct row factory[] = {
	{ "model_name_or_path", NULL, take_model },
	{ "lora_rank", "lora.rank", NULL },
	{ "lora_target", NULL, factory_target },
	{ "cutoff_len", "training.sequence", NULL },
	{ "per_device_train_batch_size", "training.batch", NULL },
	{ "gradient_accumulation_steps", "training.accumulate", NULL },
	{ "disable_gradient_checkpointing", NULL, take_no_checkpointing },
	{ "num_train_epochs", "training.epochs", NULL },
	{ "max_steps", NULL, take_max_steps },
	{ "max_samples", NULL, factory_samples },
	{ "optim", NULL, take_optimizer },
	{ "flash_attn", NULL, take_attention },
	{ "packing", NULL, take_packing },
	{ "output_dir", "output.folder", NULL },
	{ "save_steps", NULL, take_save_steps },
	{ "save_total_limit", NULL, take_save_limit },
	{ "deepspeed", NULL, take_deepspeed },
	{ "fsdp", NULL, take_fsdp },
	{ "finetuning_type", NULL, NULL },
	{ "stage", NULL, NULL },
	{ "quantization_bit", NULL, NULL },
	{ "bf16", NULL, NULL },
	{ "fp16", NULL, NULL },
	{ "pure_bf16", NULL, NULL },
	{ NULL, NULL, NULL },
};

static void factory_start(struct vit_job_reader *r)
{
	const struct vit_yaml *type = vit_yaml_get(r->doc, "finetuning_type");
	const struct vit_yaml *stage = vit_yaml_get(r->doc, "stage");
	const struct vit_yaml *bits = vit_yaml_get(r->doc, "quantization_bit");
	bool full = text_is(type, "full"), lora = !has_value(type) || text_is(type, "lora");
	bool half = is_set(vit_yaml_get(r->doc, "bf16")),
	     pure = is_set(vit_yaml_get(r->doc, "pure_bf16"));

	r->job->dialect = VIT_STR("LLaMA-Factory");
	method(r, full ? "full" : text_is(bits, "4") ? "qlora" : "lora");
	if (!full && !lora)
		vit_job_note(r, "finetuning_type %.*s is not modelled: LoRA is counted",
			     VIT_FMT(type->text));
	if (has_value(bits) && !text_is(bits, "4"))
		vit_job_note(r, "quantization_bit %.*s is not modelled: 16 bits are counted",
			     VIT_FMT(bits->text));
	if (has_value(stage) && !text_is(stage, "sft") && !text_is(stage, "pt"))
		vit_job_note(
			r,
			"stage %.*s: a reference or reward model beside the trained one is not "
			"counted",
			VIT_FMT(stage->text));
	vit_job_default(r, "training.sequence", "2048");
	vit_job_default(r, "training.batch", "8");
	vit_job_default(r, "training.accumulate", "1");
	vit_job_default(r, "training.epochs", "3");
	vit_job_default(r, "training.checkpointing", "true");
	default_save_steps(r);
	if (!full)
		vit_job_default(r, "lora.rank", "8");
	/* what is trained is cast to FP32 unless pure_bf16 */
	vit_job_default(r, "training.precision",
			pure || (half && !full)                        ? "bf16"
			: half || is_set(vit_yaml_get(r->doc, "fp16")) ? "mixed"
								       : "fp32");
}

/* --- mlx-lm ----------------------------------------------------------------------- */

static bool mlx_parameters(struct vit_job_reader *r, const struct vit_yaml *n)
{
	const struct vit_yaml *rank, *keys;

	if (!vit_load_kind(&r->l, n, VIT_YAML_MAPPING))
		return false;
	rank = vit_yaml_get(n, "rank");
	keys = vit_yaml_get(n, "keys");
	return (!has_value(rank) || vit_job_take(r, "lora.rank", rank)) &&
	       (!has_value(keys) || vit_job_take(r, "lora.targets", keys));
}

static bool mlx_layers(struct vit_job_reader *r, const struct vit_yaml *n)
{
	int64_t layers;

	if (!vit_yaml_i64(n, &layers))
		return vit_load_fail_at(&r->l, n, "a number of layers is expected here");
	if (layers > 0)
		vit_job_note(
			r,
			"num_layers: only the last %lld layers get adapters; the forecast counts "
			"all of them",
			(long long)layers);
	return true;
}

/* A folder with train.jsonl; a hub's name is left alone. */
static bool mlx_data(struct vit_job_reader *r, const struct vit_yaml *n)
{
	struct vit_str folder;
	bool slash;

	if (!vit_load_text(&r->l, n, &folder))
		return false;
	if (folder.n == 0 || (folder.p[0] != '.' && folder.p[0] != '/'))
		return true;
	slash = folder.p[folder.n - 1] == '/';
	r->job->data_file = vit_arena_printf(r->l.arena, "%.*s%strain.jsonl", VIT_FMT(folder),
					     slash ? "" : "/");
	r->job->from_file |= UINT64_C(1) << vit_job_field_find("data.file");
	return true;
}

static const struct row mlx[] = {
	{ "model", NULL, take_model },
	{ "batch_size", "training.batch", NULL },
	{ "grad_accumulation_steps", "training.accumulate", NULL },
	{ "iters", "training.max_steps", NULL },
	{ "max_seq_length", "training.sequence", NULL },
	{ "grad_checkpoint", NULL, take_checkpointing },
	{ "optimizer", NULL, take_optimizer },
	{ "lora_parameters", NULL, mlx_parameters },
	{ "num_layers", NULL, mlx_layers },
	{ "lora_layers", NULL, mlx_layers },
	{ "data", NULL, mlx_data },
	{ "adapter_path", "output.folder", NULL },
	{ "save_every", NULL, take_save_steps },
	{ "fine_tune_type", NULL, NULL },
	{ "train", NULL, NULL },
	{ NULL, NULL, NULL },
};

static void mlx_start(struct vit_job_reader *r)
{
	const struct vit_yaml *type = vit_yaml_get(r->doc, "fine_tune_type");
	bool full = text_is(type, "full");

	r->job->dialect = VIT_STR("mlx-lm");
	method(r, full ? "full" : "lora");
	vit_job_note(r,
		     "mlx-lm trains on MLX; memory is counted as transformers would hold it, which "
		     "was not held against measured MLX runs");
	vit_job_default(r, "training.sequence", "2048");
	vit_job_default(r, "training.batch", "4");
	vit_job_default(r, "training.accumulate", "1");
	vit_job_default(r, "training.max_steps", "1000");
	vit_job_default(r, "output.folder", "adapters");
	vit_job_default(r, "output.save_steps", "100");
	if (!full)
		vit_job_default(r, "lora.rank", "8");
	if (!vit_yaml_get(r->doc, "num_layers") && !vit_yaml_get(r->doc, "lora_layers"))
		vit_job_note(
			r,
			"num_layers is 16 unless said: only the last 16 layers get adapters; the "
			"forecast counts all of them");
}

/* --- PEFT -------------------------------------------------------------------------- */

static bool peft_type(struct vit_job_reader *r, const struct vit_yaml *n)
{
	struct vit_str type;

	if (!vit_load_text(&r->l, n, &type))
		return false;
	return vit_str_ieq(type, VIT_STR("LORA")) ||
	       vit_load_fail_at(&r->l, n, "only LORA can be forecast");
}

static bool peft_modules(struct vit_job_reader *r, const struct vit_yaml *n)
{
	if (n->kind == VIT_YAML_SEQUENCE && n->count > 0)
		vit_job_note(
			r,
			"modules_to_save: whole modules are trained beside the adapter; they are "
			"not counted");
	return true;
}

static const struct row peft[] = {
	{ "peft_type", NULL, peft_type },
	{ "r", "lora.rank", NULL },
	{ "target_modules", "lora.targets", NULL },
	{ "target_parameters", NULL, note_experts },
	{ "modules_to_save", NULL, peft_modules },
	{ "base_model_name_or_path", NULL, take_model },
	{ NULL, NULL, NULL },
};

static void peft_start(struct vit_job_reader *r)
{
	r->job->dialect = VIT_STR("PEFT adapter_config.json");
	method(r, "lora");
	vit_job_default(r, "lora.rank", "8");
	vit_job_note(r, "an adapter's configuration says nothing of batch, sequence or optimizer: "
			"flags do");
}

/* --- which, and all of it ------------------------------------------------------------ */

static const struct dialect {
	const char *marks[8]; /* any of these keys */
	const struct row *rows;
	void (*start)(struct vit_job_reader *r); /* name, method, defaults, before the keys */
} dialects[] = {
	{ { "peft_type", NULL }, peft, peft_start },
	{ { "base_model", "micro_batch_size", "sequence_len", NULL }, axolotl, axolotl_start },
	{ { "finetuning_type", "stage", "cutoff_len", NULL }, factory, factory_start },
	{ { "fine_tune_type", "iters", "lora_parameters", "adapter_path", "grad_checkpoint", NULL },
	  mlx,
	  mlx_start },
	{ { "per_device_train_batch_size", "num_train_epochs", "output_dir",
	    "gradient_accumulation_steps", "max_length", "learning_rate", NULL },
	  transformers,
	  transformers_start },
};

static const struct row *row_of(const struct row *rows, struct vit_str key)
{
	for (; rows->key; rows++)
		if (vit_str_is(key, rows->key))
			return rows;
	return NULL;
}

static bool read_rows(struct vit_job_reader *r, const struct row *rows)
{
	struct vit_vec unused = VIT_VEC(sizeof(struct vit_str));
	size_t count;
	bool ok = true;

	for (uint32_t i = 0; i < r->doc->count && ok; i++) {
		const struct vit_yaml *n = &r->doc->children[i];
		const struct row *row = row_of(rows, n->key);

		if (!row)
			*(struct vit_str *)vit_vec_add(&unused) = vit_arena_str(r->l.arena, n->key);
		else if (has_value(n) && (row->field || row->take))
			ok = row->take ? row->take(r, n) : vit_job_take(r, row->field, n);
	}
	r->job->unused = vit_vec_take(&unused, r->l.arena, &count);
	r->job->unused_count = (uint32_t)count;
	return ok;
}

bool vit_job_read_trainer(struct vit_job_reader *r)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		for (const char *const *k = dialects[i].marks; *k; k++) {
			if (!vit_yaml_get(r->doc, *k))
				continue;
			dialects[i].start(r);
			return read_rows(r, dialects[i].rows);
		}
	return vit_load_fail(&r->l, r->doc->line, r->doc->column,
			     "neither a job (`schema: vitalis-job/1`) nor a configuration of "
			     "transformers, TRL, axolotl, LLaMA-Factory, mlx-lm or PEFT");
}
