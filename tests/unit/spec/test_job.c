/* Jobs: the strict format, flags over it, and what is refused with place and nearest key. */
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

static enum vit_errc load(const char *text)
{
	return vit_job_load(arena, vit_str_c(text), VIT_STR("j.yaml"), &job, &err);
}

static void refuse(const char *text, const char *message)
{
	assert_int_not_equal(load(text), VIT_OK);
	assert_string_equal(err.msg, message);
}

#define HEAD "schema: vitalis-job/1\n"

static void test_whole(void **state)
{
	(void)state;
	assert_int_equal(
		load(HEAD
		     "name: n\nmethod: qlora\ntrainer: torch\ndevice: rtx-3080\npython: .venv\n"
		     "lora: {rank: 32, targets: [q_proj, v_proj]}\n"
		     "training:\n  sequence: 4096\n  batch: 2\n  accumulate: 8\n  checkpointing: "
		     "true\n"
		     "  precision: mixed\n  optimizer: adamw-8bit\n  attention: flash\n  padded: "
		     "true\n"
		     "  packing: true\n  offload: true\n  parallel: zero2\n  devices: 4\n  "
		     "examples: 1000\n"
		     "  tokens_per_example: 300\n  epochs: 2.5\n  max_steps: 70\n"
		     "inference: {context: 8192, requests: 3, kv_cache: 8bit}\n"
		     "requires:\n  memory: 24 GB\n  device_memory: 16GiB\n  disk: 1000000\n"
		     "  packages: {torch: '>=2.8,<3', peft: any, trl: }\n  runtimes: [lm-studio, "
		     "ollama]\n"
		     "data:\n  file: d.jsonl\n  count: 50\n"
		     "  categories: {A b: 8, C: {count: 2, share: 0.25}, D: }\n  sources: {FEMA: "
		     "3}\n"
		     "output: {folder: out, save_steps: 10, save_limit: 2}\n"),
		VIT_OK);
	assert_int_equal(vit_job_finish(&job, &err), VIT_OK);
	assert_true(job.given);
	assert_int_equal(job.method, VIT_JOB_QLORA);
	assert_int_equal(job.trainer, VIT_TRAINER_TORCH);
	assert_int_equal(job.lora_rank, 32);
	assert_int_equal(job.targets, VIT_TARGETS_NAMES);
	assert_int_equal(job.target_count, 2);
	assert_true(vit_str_is(job.target_names[1], "v_proj"));
	assert_int_equal(job.sequence, 4096);
	assert_int_equal(job.batch, 2);
	assert_int_equal(job.accumulate, 8);
	assert_true(job.checkpointing && job.padded && job.packing && job.offload);
	assert_int_equal(job.precision, VIT_PRECISION_MIXED);
	assert_int_equal(job.optimizer, VIT_OPTIMIZER_ADAMW_8BIT);
	assert_int_equal(job.attention, VIT_ATTENTION_FLASH);
	assert_int_equal(job.parallel, VIT_PARALLEL_ZERO2);
	assert_int_equal(job.devices, 4);
	assert_int_equal(job.examples, 1000);
	assert_int_equal(job.tokens_per_example, 300);
	assert_true(job.epochs == 2.5);
	assert_int_equal(job.max_steps, 70);
	assert_int_equal(job.context, 8192);
	assert_int_equal(job.requests, 3);
	assert_int_equal(job.kv, VIT_KV_8BIT);
	assert_int_equal(job.minimum_memory, 24000000000u);
	assert_int_equal(job.minimum_device_memory, UINT64_C(16) << 30);
	assert_int_equal(job.minimum_disk, 1000000);
	assert_int_equal(job.package_count, 3);
	assert_true(vit_str_is(job.packages[0].range, ">=2.8,<3"));
	assert_int_equal(job.packages[1].range.n, 0);
	assert_int_equal(job.packages[2].range.n, 0);
	assert_int_equal(job.runtime_count, 2);
	assert_true(job.has_data_count);
	assert_int_equal(job.data_count, 50);
	assert_int_equal(job.category_count, 3);
	assert_true(vit_str_is(job.categories[0].name, "A b") && job.categories[0].count == 8);
	assert_true(job.categories[1].minimum_share == 0.25);
	assert_false(job.categories[2].has_count);
	assert_int_equal(job.sources[0].count, 3);
	assert_int_equal(job.save_limit, 2);
	assert_int_equal(job.save_steps, 10);
	assert_true(vit_str_is(job.output, "out"));
}

static void test_json(void **state)
{
	(void)state;
	assert_int_equal(load("{\"schema\": \"vitalis-job/1\",\n \"method\": \"full\",\n"
			      "\"name\": \"\\ud83d\\ude42\", \"training\": {\"batch\": 4}}"),
			 VIT_OK);
	assert_int_equal(job.method, VIT_JOB_FULL);
	assert_int_equal(job.batch, 4);
	assert_int_equal(job.name.n, 4);
	refuse("{\"schema\": \"vitalis-job/1\",\n \"training\": {\"batch\": 0}}",
	       "j.yaml:2:15: expected a whole number from 1 to 1048576, found \"0\"");
	/* a flow mapping is no JSON, and is read as YAML */
	assert_int_equal(load("{schema: vitalis-job/1, method: full}"), VIT_OK);
}

static void test_refusals(void **state)
{
	(void)state;
	refuse("schema: vitalis-job/2\n", "j.yaml:1:9: the schema must be vitalis-job/1");
	refuse(HEAD "methd: lora\n", "j.yaml:2:1: unknown key \"methd\", did you mean \"method\"?");
	refuse(HEAD "training:\n  sequenc: 1\n",
	       "j.yaml:3:3: unknown key \"sequenc\", did you mean \"sequence\"?");
	refuse(HEAD "method: laura\n", "j.yaml:2:9: expected inference, full, lora, qlora, found "
				       "\"laura\"; did you mean \"lora\"?");
	refuse(HEAD "training: {batch: -1}\n",
	       "j.yaml:2:19: expected a whole number from 1 to 1048576, found \"-1\"");
	refuse(HEAD "training: {batch: [1]}\n", "j.yaml:2:19: a text is expected here, not a list");
	refuse(HEAD "training: {epochs: 0}\n",
	       "j.yaml:2:20: expected a number above 0, found \"0\"");
	refuse(HEAD "training: {checkpointing: yes}\n",
	       "j.yaml:2:27: expected true or false, found \"yes\"");
	refuse(HEAD "training: 3\n", "j.yaml:2:11: a mapping is expected here, not a text");
	refuse(HEAD "training: {batch: }\n", "j.yaml:2:19: batch has no value");
	refuse(HEAD "lora: {targets: []}\n",
	       "j.yaml:2:17: an empty list of modules trains nothing");
	refuse(HEAD "requires: {memory: 3 parsecs}\n",
	       "j.yaml:2:20: expected a size as 24GB, 16GiB or bytes, found \"3 parsecs\"");
	refuse(HEAD "data: {categories: {A: {share: 2}}}\n",
	       "j.yaml:2:32: a share from 0 to 1 is expected here");
	refuse("method: lora\n",
	       "j.yaml:1:1: neither a job (`schema: vitalis-job/1`) nor a configuration "
	       "of transformers, TRL, axolotl, LLaMA-Factory, mlx-lm or PEFT");
	refuse("- 1\n", "j.yaml:1:1: a mapping is expected here, not a list");
}

static void test_flags(void **state)
{
	(void)state;
	assert_int_equal(load(HEAD "method: lora\ntraining: {batch: 2, sequence: 512}\n"), VIT_OK);
	assert_int_equal(vit_job_set(arena, &job, "training.batch", VIT_STR("4"), &err), VIT_OK);
	assert_int_equal(vit_job_set(arena, &job, "lora.targets", VIT_STR("q_proj, o_proj"), &err),
			 VIT_OK);
	assert_int_equal(job.batch, 4);
	assert_int_equal(job.sequence, 512);
	assert_int_equal(job.target_count, 2);
	assert_true(vit_str_is(job.target_names[1], "o_proj"));
	assert_int_equal(vit_job_set(arena, &job, "training.optimizer", VIT_STR("adam"), &err),
			 VIT_E_USAGE);
	assert_string_equal(err.msg,
			    "expected adamw, adamw-8bit, adafactor, sgd, lion, found \"adam\"; "
			    "did you mean \"adamw\"?");
	for (size_t i = 0; i < vit_job_field_count; i++) {
		bool batch = strcmp(vit_job_fields[i].path, "training.batch") == 0;
		bool sequence = strcmp(vit_job_fields[i].path, "training.sequence") == 0;

		if (batch)
			assert_true(job.from_flags >> i & 1 && job.from_file >> i & 1);
		if (sequence)
			assert_true(!(job.from_flags >> i & 1) && job.from_file >> i & 1);
	}
}

static void test_conclusions(void **state)
{
	(void)state;
	job = (struct vit_job){ .given = false };
	assert_int_equal(vit_job_finish(&job, &err), VIT_OK);
	assert_false(job.given);
	assert_int_equal(vit_job_set(arena, &job, "inference.context", VIT_STR("4096"), &err),
			 VIT_OK);
	assert_int_equal(vit_job_finish(&job, &err), VIT_OK);
	assert_true(job.given);
	assert_int_equal(job.method, VIT_JOB_INFERENCE);
	/* a device alone is no job; how to train without a method is a mistake */
	job = (struct vit_job){ .given = false };
	assert_int_equal(vit_job_set(arena, &job, "device", VIT_STR("here"), &err), VIT_OK);
	assert_int_equal(vit_job_finish(&job, &err), VIT_OK);
	assert_false(job.given);
	assert_int_equal(vit_job_set(arena, &job, "training.batch", VIT_STR("2"), &err), VIT_OK);
	assert_int_equal(vit_job_finish(&job, &err), VIT_E_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_json, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flags, setup, teardown),
		cmocka_unit_test_setup_teardown(test_conclusions, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
