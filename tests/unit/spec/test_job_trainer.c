/*
 * Trainer configurations as their users write them, and what the trainers'
 * documentation says each key and each absent key means.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"
#include "spec/job_load.h"

static struct vit_arena *arena;
static struct vit_job job;
static struct vit_err err;

static int setup(void **state)
{
	(void)state;
	arena = vit_arena_new();
	err = (struct vit_err){ .code = VIT_OK };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vit_arena_free(arena);
	return 0;
}

static void load(const char *dialect, const char *text)
{
	if (vit_job_load(arena, vit_str_c(text), VIT_STR("t"), &job, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(vit_job_finish(&job, &err), VIT_OK);
	if (!vit_str_is(job.dialect, dialect))
		fail_msg("read as %.*s", VIT_FMT(job.dialect));
}

static bool noted(const char *part)
{
	for (uint32_t i = 0; i < job.note_count; i++)
		if (vit_str_find(job.notes[i], vit_str_c(part), 0) != SIZE_MAX)
			return true;
	return false;
}

static bool unused(const char *key)
{
	for (uint32_t i = 0; i < job.unused_count; i++)
		if (vit_str_is(job.unused[i], key))
			return true;
	return false;
}

/* transformers.TrainingArguments: batch 8, 3 epochs, saved each 500 steps. */
static void test_arguments(void **state)
{
	(void)state;
	load("transformers TrainingArguments",
	     "{\"output_dir\": \"out\", \"learning_rate\": 5e-05, \"max_steps\": -1,\n"
	     " \"bf16\": true, \"save_total_limit\": null, \"optim\": \"adamw_torch_fused\"}");
	assert_int_equal(job.method, VIT_JOB_FULL);
	assert_int_equal(job.batch, 8);
	assert_int_equal(job.accumulate, 1);
	assert_true(job.epochs == 3);
	assert_int_equal(job.max_steps, 0);
	assert_int_equal(job.save_steps, 500);
	assert_int_equal(job.save_limit, 0);
	assert_false(job.checkpointing);
	assert_int_equal(job.sequence, 0);
	assert_int_equal(job.precision, VIT_PRECISION_BF16);
	assert_true(vit_str_is(job.output, "out"));
	assert_true(unused("learning_rate"));
	assert_true(noted("no adapter"));
	load("transformers TrainingArguments",
	     "per_device_train_batch_size: 2\ngradient_accumulation_steps: 4\nfp16: true\n"
	     "gradient_checkpointing: true\nnum_train_epochs: 1.5\noptim: paged_adamw_8bit\n"
	     "save_steps: 0.25\nsave_total_limit: 3\ndeepspeed: conf/ds_z3_config.json\n");
	assert_int_equal(job.batch, 2);
	assert_int_equal(job.accumulate, 4);
	assert_true(job.checkpointing && job.epochs == 1.5);
	assert_int_equal(job.precision, VIT_PRECISION_MIXED);
	assert_int_equal(job.optimizer, VIT_OPTIMIZER_ADAMW_8BIT);
	assert_int_equal(job.parallel, VIT_PARALLEL_ZERO3);
	assert_int_equal(job.save_limit, 3);
	assert_true(noted("ZeRO-3") && noted("save_steps is a share"));
}

/* TRL: SFTConfig has max_length 1024, checkpointing and bf16 unless said otherwise. */
/* DefaultFlowCallback of transformers looks at save_steps when save_strategy is "steps" alone. */
static void test_save_strategy(void **state)
{
	(void)state;
	load("transformers TrainingArguments",
	     "{\"output_dir\": \"out\", \"learning_rate\": 5e-05, \"save_strategy\": \"no\",\n"
	     " \"bf16\": true, \"save_steps\": 500, \"optim\": \"adamw_torch_fused\"}");
	assert_int_equal(job.save_steps, 0);
	assert_false(noted("checkpoints are saved by"));
	load("transformers TrainingArguments",
	     "{\"output_dir\": \"out\", \"learning_rate\": 5e-05, \"save_strategy\": \"epoch\",\n"
	     " \"bf16\": true, \"optim\": \"adamw_torch_fused\"}");
	assert_int_equal(job.save_steps, 0);
	assert_true(noted("checkpoints are saved by epoch"));
	load("transformers TrainingArguments",
	     "{\"output_dir\": \"out\", \"learning_rate\": 5e-05, \"save_strategy\": \"steps\",\n"
	     " \"bf16\": true, \"save_steps\": 50, \"optim\": \"adamw_torch_fused\"}");
	assert_int_equal(job.save_steps, 50);
}

static void test_trl(void **state)
{
	(void)state;
	load("TRL",
	     "model_name_or_path: Qwen/Qwen3-8B\ndataset_name: trl-lib/Capybara\nuse_peft: true\n"
	     "lora_r: 32\nlora_target_modules: [q_proj, v_proj]\nload_in_4bit: true\n"
	     "per_device_train_batch_size: 4\nattn_implementation: flash_attention_2\n");
	assert_int_equal(job.method, VIT_JOB_QLORA);
	assert_int_equal(job.lora_rank, 32);
	assert_int_equal(job.target_count, 2);
	assert_int_equal(job.sequence, 1024);
	assert_true(job.checkpointing);
	assert_int_equal(job.attention, VIT_ATTENTION_FLASH);
	assert_int_equal(job.precision, VIT_PRECISION_BF16);
	assert_true(vit_str_is(job.model, "Qwen/Qwen3-8B"));
	load("TRL",
	     "use_peft: true\nmax_length: 2048\noutput_dir: o\ngradient_checkpointing: false\n");
	assert_int_equal(job.method, VIT_JOB_LORA);
	assert_int_equal(job.lora_rank, 16);
	assert_int_equal(job.sequence, 2048);
	assert_false(job.checkpointing);
	assert_int_equal(job.batch, 8);
}

/* As in axolotl's examples; sequence_len 512, micro_batch_size 1, one epoch unless said. */
static void test_axolotl(void **state)
{
	(void)state;
	load("axolotl",
	     "base_model: NousResearch/Llama-3.2-1B\nload_in_8bit: false\nload_in_4bit: true\n"
	     "datasets:\n  - path: ./data/train.jsonl\n    type: chat_template\n"
	     "val_set_size: 0.0\noutput_dir: ./outputs/qlora-out\nadapter: qlora\nlora_model_dir:\n"
	     "sequence_len: 2048\nsample_packing: true\npad_to_sequence_len: true\n"
	     "lora_r: 32\nlora_alpha: 16\nlora_target_linear: true\nwandb_project:\n"
	     "gradient_accumulation_steps: 4\nmicro_batch_size: 2\nnum_epochs: 4\n"
	     "optimizer: adamw_bnb_8bit\nbf16: auto\ntf32: false\ngradient_checkpointing: true\n"
	     "flash_attention: true\nsaves_per_epoch: 1\nspecial_tokens:\n  pad_token: "
	     "\"<|end|>\"\n");
	assert_int_equal(job.method, VIT_JOB_QLORA);
	assert_int_equal(job.lora_rank, 32);
	assert_int_equal(job.targets, VIT_TARGETS_ALL_LINEAR);
	assert_int_equal(job.sequence, 2048);
	assert_int_equal(job.batch, 2);
	assert_int_equal(job.accumulate, 4);
	assert_true(job.packing && job.padded && job.checkpointing && job.epochs == 4);
	assert_int_equal(job.optimizer, VIT_OPTIMIZER_ADAMW_8BIT);
	assert_int_equal(job.attention, VIT_ATTENTION_FLASH);
	assert_true(vit_str_is(job.data_file, "./data/train.jsonl"));
	assert_true(vit_str_is(job.output, "./outputs/qlora-out"));
	assert_true(unused("wandb_project") && unused("lora_alpha") && !unused("adapter"));
	load("axolotl", "base_model: x\nadapter:\ndatasets:\n  - path: tatsu-lab/alpaca\n"
			"deepspeed: deepspeed_configs/zero2.json\n");
	assert_int_equal(job.method, VIT_JOB_FULL);
	assert_int_equal(job.sequence, 512);
	assert_int_equal(job.batch, 1);
	assert_true(job.epochs == 1);
	assert_int_equal(job.parallel, VIT_PARALLEL_ZERO2);
	assert_int_equal(job.data_file.n, 0);
	assert_true(vit_str_is(job.output, "./model-out"));
}

/* As in LLaMA-Factory's examples: rank 8 on all linear layers, cutoff_len 2048,
 * checkpointing on, what is trained in FP32 unless pure_bf16. */
static void test_factory(void **state)
{
	(void)state;
	load("LLaMA-Factory",
	     "### model\nmodel_name_or_path: meta-llama/Meta-Llama-3-8B-Instruct\n"
	     "trust_remote_code: true\n### method\nstage: sft\ndo_train: true\n"
	     "finetuning_type: lora\nlora_rank: 8\nlora_target: all\n### dataset\n"
	     "dataset: identity,alpaca_en_demo\ntemplate: llama3\nmax_samples: 1000\n"
	     "output_dir: saves/llama3-8b/lora/sft\nsave_steps: 500\n"
	     "per_device_train_batch_size: 1\ngradient_accumulation_steps: 8\n"
	     "learning_rate: 1.0e-4\nnum_train_epochs: 3.0\nbf16: true\n");
	assert_int_equal(job.method, VIT_JOB_LORA);
	assert_int_equal(job.lora_rank, 8);
	assert_int_equal(job.targets, VIT_TARGETS_ALL_LINEAR);
	assert_int_equal(job.sequence, 2048);
	assert_int_equal(job.batch, 1);
	assert_int_equal(job.accumulate, 8);
	assert_true(job.checkpointing);
	assert_int_equal(job.precision, VIT_PRECISION_BF16);
	assert_true(noted("at most 1000 examples") && unused("template"));
	load("LLaMA-Factory", "stage: sft\nfinetuning_type: full\nbf16: true\ncutoff_len: 512\n"
			      "disable_gradient_checkpointing: true\nflash_attn: fa2\n");
	assert_int_equal(job.method, VIT_JOB_FULL);
	assert_int_equal(job.precision, VIT_PRECISION_MIXED);
	assert_false(job.checkpointing);
	assert_int_equal(job.attention, VIT_ATTENTION_FLASH);
	assert_int_equal(job.batch, 8);
	load("LLaMA-Factory",
	     "stage: dpo\nquantization_bit: 4\nlora_target: q_proj,v_proj\nbf16: true\n");
	assert_int_equal(job.method, VIT_JOB_QLORA);
	assert_int_equal(job.target_count, 2);
	assert_true(noted("reference or reward model"));
}

/* mlx_lm.lora: batch 4, 1000 iterations, 2048 tokens, rank 8, the last 16 layers. */
static void test_mlx(void **state)
{
	(void)state;
	load("mlx-lm",
	     "model: mlx-community/Llama-3.2-1B-4bit\ntrain: true\nfine_tune_type: lora\n"
	     "optimizer: adamw\ndata: ./data\nseed: 0\nnum_layers: 8\nbatch_size: 2\niters: 600\n"
	     "save_every: 100\nadapter_path: adapters\nmax_seq_length: 1024\ngrad_checkpoint: "
	     "true\n"
	     "lora_parameters:\n  keys: [self_attn.q_proj, self_attn.v_proj]\n  rank: 16\n"
	     "  scale: 20.0\n  dropout: 0.0\n");
	assert_int_equal(job.method, VIT_JOB_LORA);
	assert_int_equal(job.lora_rank, 16);
	assert_int_equal(job.target_count, 2);
	assert_int_equal(job.batch, 2);
	assert_int_equal(job.max_steps, 600);
	assert_int_equal(job.sequence, 1024);
	assert_true(job.checkpointing && noted("last 8 layers"));
	assert_true(vit_str_is(job.data_file, "./data/train.jsonl"));
	assert_true(vit_str_is(job.output, "adapters"));
	load("mlx-lm", "model: m\niters: 10\n");
	assert_int_equal(job.batch, 4);
	assert_int_equal(job.sequence, 2048);
	assert_int_equal(job.lora_rank, 8);
	assert_true(noted("num_layers is 16"));
}

/* PEFT's LoraConfig: r 8; target_modules may be a list, a name or "all-linear". */
static void test_peft(void **state)
{
	(void)state;
	load("PEFT adapter_config.json",
	     "{\"base_model_name_or_path\": \"m\", \"bias\": \"none\", \"lora_alpha\": 32,\n"
	     " \"modules_to_save\": [\"lm_head\"], \"peft_type\": \"LORA\", \"r\": 64,\n"
	     " \"target_modules\": [\"up_proj\", \"down_proj\"], \"task_type\": \"CAUSAL_LM\"}");
	assert_int_equal(job.method, VIT_JOB_LORA);
	assert_int_equal(job.lora_rank, 64);
	assert_int_equal(job.target_count, 2);
	assert_true(noted("modules_to_save") && unused("lora_alpha"));
	load("PEFT adapter_config.json",
	     "{\"peft_type\": \"LORA\", \"target_modules\": \"all-linear\"}");
	assert_int_equal(job.lora_rank, 8);
	assert_int_equal(job.targets, VIT_TARGETS_ALL_LINEAR);
}

static void refuse(const char *text, const char *message)
{
	assert_int_not_equal(vit_job_load(arena, vit_str_c(text), VIT_STR("t"), &job, &err),
			     VIT_OK);
	assert_string_equal(err.msg, message);
}

/* A key that is nothing to us is listed; a value of the wrong type is an error. */
static void test_wrong_types(void **state)
{
	(void)state;
	refuse("base_model: m\nmicro_batch_size: two\n",
	       "t:2:19: expected a whole number from 1 to 1048576, found \"two\"");
	refuse("base_model: m\nmicro_batch_size: [2]\n",
	       "t:2:19: a text is expected here, not a list");
	refuse("base_model: m\ndatasets: x\n", "t:2:11: a list is expected here, not a text");
	refuse("stage: sft\ncutoff_len: 1.5\n",
	       "t:2:13: expected a whole number from 1 to 268435456, found \"1.5\"");
	refuse("output_dir: o\ngradient_checkpointing: maybe\n",
	       "t:2:25: true or false is expected here");
	refuse("{\"peft_type\": \"IA3\"}", "t:1:2: only LORA can be forecast");
	refuse("{\"peft_type\": \"LORA\",\n \"peft_type\": \"LORA\"}",
	       "t:2:1: the key /peft_type stands twice");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_save_strategy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_trl, setup, teardown),
		cmocka_unit_test_setup_teardown(test_axolotl, setup, teardown),
		cmocka_unit_test_setup_teardown(test_factory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mlx, setup, teardown),
		cmocka_unit_test_setup_teardown(test_peft, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_types, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
