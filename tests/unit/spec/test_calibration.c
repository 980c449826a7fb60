/* The calibration file: read, written, the same again; and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "spec/calibration.h"

static struct vit_arena *arena;
static struct vit_calibration all;
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

#define HEAD "schema: vitalis-calibration/1\n"

static void put(const char *device, const char *kind, double memory, double step)
{
	const struct vit_calibration_entry e = { .device = vit_str_c(device),
						 .kind = vit_str_c(kind),
						 .memory = memory,
						 .step = step,
						 .source = VIT_STR("a \"log\"\n") };

	vit_calibration_put(arena, &all, &e);
}

static void test_round_trip(void **state)
{
	struct vit_buf text, again;
	const struct vit_calibration_entry *e;

	(void)state;
	all = (struct vit_calibration){ .count = 0 };
	put("NVIDIA H100 80GB HBM3", "training-torch", 1.02, 0);
	put("Apple M4 Pro", "training-transformers", 0.5, 1.25);
	put("NVIDIA H100 80GB HBM3", "inference", 0, 0);
	put("NVIDIA H100 80GB HBM3", "training-torch", 0, 2); /* memory stays as it was */
	assert_int_equal(all.count, 3);
	vit_buf_init(&text, 1 << 16);
	vit_buf_init(&again, 1 << 16);
	vit_calibration_write(&all, &text);
	assert_int_equal(
		vit_calibration_load(arena, vit_buf_view(&text), VIT_STR("c.yaml"), &all, &err),
		VIT_OK);
	vit_calibration_write(&all, &again);
	assert_string_equal(text.p, again.p);
	assert_true(vit_str_is(all.entries[0].device, "Apple M4 Pro"));
	e = vit_calibration_find(&all, VIT_STR("NVIDIA H100 80GB HBM3"), VIT_STR("training-torch"));
	assert_non_null(e);
	assert_true(e->memory == 1.02 && e->step == 2 && e->decode == 0);
	assert_true(vit_str_is(e->source, "a \"log\"\n"));
	assert_true(vit_calibration_forget(&all, e->device, VIT_STR("inference")));
	assert_false(vit_calibration_forget(&all, e->device, VIT_STR("inference")));
	assert_int_equal(all.count, 2);
	vit_buf_release(&text);
	vit_buf_release(&again);
}

static void refuse(const char *text, const char *message)
{
	assert_int_not_equal(
		vit_calibration_load(arena, vit_str_c(text), VIT_STR("c.yaml"), &all, &err),
		VIT_OK);
	assert_string_equal(err.msg, message);
}

static void test_refusals(void **state)
{
	(void)state;
	refuse("schema: x\n", "c.yaml:1:9: the schema must be vitalis-calibration/1");
	refuse(HEAD "entrees: []\n",
	       "c.yaml:2:1: unknown key \"entrees\", did you mean \"entries\"?");
	refuse(HEAD "entries:\n  - {device: x}\n",
	       "c.yaml:3:5: an entry needs `device` and `kind`");
	refuse(HEAD "entries:\n  - {device: x, kind: cooking}\n",
	       "c.yaml:3:23: training-transformers, training-torch or inference is expected here");
	refuse(HEAD "entries:\n  - {device: x, kind: inference, decode: 99}\n",
	       "c.yaml:3:42: a factor from 0.05 to 20 is expected here");
	refuse(HEAD
	       "entries:\n  - {device: x, kind: inference}\n  - {device: x, kind: inference}\n",
	       "c.yaml:4:5: the device has an entry of this kind already");
	assert_int_equal(
		vit_calibration_load(arena, VIT_STR(HEAD "entries:\n"), VIT_STR("c"), &all, &err),
		VIT_OK);
	assert_int_equal(all.count, 0);
}

static void test_kinds(void **state)
{
	struct vit_job job = { .method = VIT_JOB_LORA };

	(void)state;
	assert_string_equal(vit_calibration_kind(&job), "training-transformers");
	job.trainer = VIT_TRAINER_TORCH;
	assert_string_equal(vit_calibration_kind(&job), "training-torch");
	job.method = VIT_JOB_INFERENCE;
	assert_string_equal(vit_calibration_kind(&job), "inference");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
