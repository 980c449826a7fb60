/*
 * What would make it fit. The measured runs say that full training of
 * llama-3.1-8b takes 80 GB of an H100 and LoRA without checkpointing 28 GB, so
 * that a 24 GB card has room only for less.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "support.h"

static const struct vit_json *find(const struct bench *b, const char *model, const char *method)
{
	const struct vit_json *rows = vit_json_get_c(b->root, "rows");

	for (uint32_t i = 0; i < rows->count; i++)
		if (vit_str_is(vit_json_string(vit_json_get_c(&rows->children[i], "model")),
			       model) &&
		    vit_str_is(vit_json_string(vit_json_get_c(&rows->children[i], "method")),
			       method))
			return &rows->children[i];
	fail_msg("no row %s %s", model, method);
	return NULL;
}

static void test_smaller_card(void **state)
{
	struct vit_forecast_change list[6];
	struct bench b;
	uint64_t limit = UINT64_C(25769803776);
	uint32_t n;

	(void)state;
	assert_true(bench_open(&b, VIT_TEST_DATA "/gpu-memory-measured.json"));
	bench_row(&b, find(&b, "llama-3.1-8b", "full"), true);
	assert_true(b.out.memory.peak_device.low > (double)limit);
	n = vit_forecast_search(b.arena, &b.in, limit, list, 6);
	assert_true(n > 0);
	for (uint32_t i = 0; i < n; i++) {
		struct vit_forecast again;
		struct vit_forecast_input in = b.in;

		printf("%.*s | %.*s | %.1f to %.1f GB%s%s\n", VIT_FMT(list[i].text),
		       VIT_FMT(list[i].flags), list[i].peak_device.low / 1e9,
		       list[i].peak_device.high / 1e9, list[i].fits ? " fits" : "",
		       list[i].certain ? " certainly" : "");
		assert_true(list[i].fits);
		assert_true(list[i].text.n > 0 && list[i].flags.n > 0);
		/* Full training cannot: weights, gradients and moments alone are 64 GB. */
		assert_true(list[i].job.method != VIT_JOB_FULL || list[i].job.offload ||
			    list[i].job.devices > 1);
		in.job = &list[i].job;
		vit_forecast_run(b.arena, &in, &again);
		assert_true(again.memory.peak_device.expected == list[i].peak_device.expected);
	}
	bench_close(&b);
}

/* What splits the batch or computes again trains the same. */
static void test_mildest_first(void **state)
{
	struct vit_forecast_change list[3];
	struct bench b;
	uint32_t n;

	(void)state;
	assert_true(bench_open(&b, VIT_TEST_DATA "/gpu-memory-measured.json"));
	bench_row(&b, find(&b, "llama-3.2-1b", "full"), true);
	n = vit_forecast_search(b.arena, &b.in, UINT64_C(21000000000), list, 3);
	assert_true(n > 0);
	assert_true(list[0].same_result);
	assert_int_equal(list[0].job.method, VIT_JOB_FULL);
	assert_int_equal((uint64_t)list[0].job.batch * list[0].job.accumulate, 2);
	bench_close(&b);
}

/* Options as the command line has them, and none that changes nothing. */
static void test_inference(void **state)
{
	struct vit_forecast_change list[6];
	struct bench b;
	uint32_t n;

	(void)state;
	assert_true(bench_open(&b, VIT_TEST_DATA "/gpu-memory-measured.json"));
	bench_row(&b, find(&b, "llama-3.2-1b", "infer"), true);
	b.job.context = 131072;
	b.job.requests = 64;
	n = vit_forecast_search(b.arena, &b.in, UINT64_C(10737418240), list, 6);
	assert_true(n > 1);
	for (uint32_t i = 0; i < n; i++) {
		assert_true(list[i].fits);
		assert_null(strstr(list[i].flags.p, "--kv "));
		for (uint32_t k = 0; k < i; k++)
			assert_false(list[k].job.context == list[i].job.context &&
				     list[k].job.requests == list[i].job.requests &&
				     list[k].peak_device.expected == list[i].peak_device.expected);
	}
	bench_close(&b);
	/* an engine that keeps the cache in few bits has room for it */
	assert_true(bench_open(&b, VIT_TEST_DATA "/gpu-memory-measured.json"));
	bench_row(&b, find(&b, "llama-3.2-1b", "infer"), true);
	b.job.context = 131072;
	b.job.requests = 1;
	b.in.engine = VIT_ENGINE_NATIVE;
	n = vit_forecast_search(b.arena, &b.in, UINT64_C(7000000000), list, 6);
	assert_true(n > 0 && list[0].fits);
	assert_string_equal(list[0].flags.p, "--kv-cache 8bit");
	bench_close(&b);
}

static void test_nothing_fits(void **state)
{
	struct vit_forecast_change list[4];
	struct bench b;
	uint32_t n;

	(void)state;
	assert_true(bench_open(&b, VIT_TEST_DATA "/gpu-memory-measured.json"));
	bench_row(&b, find(&b, "gpt-oss-20b", "lora_attn"), true);
	n = vit_forecast_search(b.arena, &b.in, UINT64_C(1000000000), list, 4);
	assert_int_equal(n, 1);
	assert_false(list[0].fits);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smaller_card),
		cmocka_unit_test(test_mildest_first),
		cmocka_unit_test(test_inference),
		cmocka_unit_test(test_nothing_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
