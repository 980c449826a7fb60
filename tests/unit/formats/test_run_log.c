/* Logs of runs, in the forms that transformers' Trainer and llama-bench write. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "formats/run_log.h"

static struct vit_arena *arena;
static struct vit_run_log found;
static struct vit_err err;

static int setup(void **state)
{
	(void)state;
	arena = vit_arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vit_arena_free(arena);
	return 0;
}

static void read_log(const char *text)
{
	if (vit_run_log_read(arena, vit_str_c(text), VIT_STR("log"), &found, &err) != VIT_OK)
		fail_msg("%s", err.msg);
}

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9 * b;
}

/* trainer_state.json: 60 steps in 150 s are 2.5 s each; the last row has them. */
static void test_trainer_state(void **state)
{
	(void)state;
	read_log("{\"epoch\": 3.0, \"global_step\": 60, \"is_world_process_zero\": true, "
		 "\"log_history\": [\n"
		 "{\"epoch\": 1.5, \"grad_norm\": NaN, \"learning_rate\": 5e-05, \"loss\": 1.2, "
		 "\"step\": 30},\n"
		 "{\"epoch\": 3.0, \"step\": 60, \"total_flos\": 1e15, \"train_loss\": 1.1,\n"
		 " \"train_runtime\": 150.0, \"train_samples_per_second\": 3.2, "
		 "\"train_steps_per_second\": 0.4}]}");
	assert_string_equal(found.kind, "Trainer");
	assert_true(near(found.step_seconds, 2.5));
	assert_true(found.peak_bytes == 0 && found.decode == 0);
}

/* train_results.json with skip_memory_metrics=False: what was there before, what
 * stayed, and the peak above that. */
static void test_memory_metrics(void **state)
{
	(void)state;
	read_log("{\"before_init_mem_gpu\": 1000, \"init_mem_gpu_alloc_delta\": 0,\n"
		 "\"init_mem_gpu_peaked_delta\": 0, \"train_mem_gpu_alloc_delta\": -200,\n"
		 "\"train_mem_gpu_peaked_delta\": 5000, \"train_steps_per_second\": 0.5}");
	assert_true(near(found.peak_bytes, 5800));
	assert_true(near(found.step_seconds, 2));
}

/* llama-bench -o json: a row for the prompt, one for generation, one of both. */
static void test_llama_bench(void **state)
{
	(void)state;
	read_log("[{\"n_prompt\": 512, \"n_gen\": 0, \"avg_ts\": 1022.5, \"stddev_ts\": 3.1},\n"
		 " {\"n_prompt\": 0, \"n_gen\": 128, \"avg_ts\": 83.58},\n"
		 " {\"n_prompt\": 512, \"n_gen\": 128, \"avg_ts\": 300.0}]");
	assert_string_equal(found.kind, "llama-bench");
	assert_true(near(found.prefill, 1022.5));
	assert_true(near(found.decode, 83.58));
}

static void refuse(const char *text, enum vit_errc rc, const char *begins)
{
	assert_int_equal(vit_run_log_read(arena, vit_str_c(text), VIT_STR("log"), &found, &err),
			 rc);
	assert_true(vit_str_starts(vit_str_c(err.msg), vit_str_c(begins)));
}

static void test_refusals(void **state)
{
	(void)state;
	refuse("{", VIT_E_SYNTAX, "log: ");
	refuse("{}", VIT_E_UNSUPPORTED, "log: nothing measured in it");
	refuse("[1, null]", VIT_E_UNSUPPORTED, "log: nothing measured in it");
	refuse("{\"global_step\": 5, \"log_history\": [{\"loss\": 1}]}", VIT_E_UNSUPPORTED,
	       "log: nothing");
	refuse("7", VIT_E_UNSUPPORTED, "log: nothing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trainer_state),
		cmocka_unit_test(test_memory_metrics),
		cmocka_unit_test(test_llama_bench),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
