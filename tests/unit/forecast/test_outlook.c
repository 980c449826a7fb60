/* Which device a job is forecast for, and which memory of it counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "facts/devices.h"
#include "forecast/outlook.h"

#define GIB (UINT64_C(1) << 30)

static struct vit_arena *arena;
static struct vit_hardware_db hardware;
static struct vit_spec_db *specs;
static struct vit_json_doc config;
static struct vit_architecture arch;

/* Llama 3.2 1B: 1,235,814,400 parameters (published). */
static const char llama[] =
	"{\"architectures\": [\"LlamaForCausalLM\"], \"model_type\": \"llama\", "
	"\"hidden_size\": 2048,"
	" \"intermediate_size\": 8192, \"num_hidden_layers\": 16, "
	"\"num_attention_heads\": 32,"
	" \"num_key_value_heads\": 8, \"head_dim\": 64, \"vocab_size\": 128256, "
	"\"tie_word_embeddings\": true,"
	" \"max_position_embeddings\": 131072, \"rms_norm_eps\": 1e-05, "
	"\"torch_dtype\": \"bfloat16\"}";

static int setup(void **state)
{
	struct vit_arch_input in = { .quant_method = VIT_STR_EMPTY };
	struct vit_err err = { .code = VIT_OK };

	(void)state;
	arena = vit_arena_new();
	if (vit_hardware_load(arena, &hardware, &err) || vit_spec_db_new(arena, &specs, &err) ||
	    vit_json_parse(arena, vit_str_c(llama), 0, &config, &err))
		fail_msg("%s", err.msg);
	in.config = config.root;
	vit_architecture_resolve(arena, specs, NULL, &in, &arch);
	assert_int_equal(arch.total, 1235814400);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vit_arena_free(arena);
	return 0;
}

static struct vit_measure known(uint64_t v, const char *source)
{
	return (struct vit_measure){ true, v, vit_str_c(source) };
}

static struct vit_facts machine(void)
{
	struct vit_facts f = { .groups = VIT_FG_ALL };

	f.config.root = config.root;
	f.weights.main_save = UINT32_MAX;
	f.system.probed = true;
	f.system.cpu = VIT_STR("Some processor");
	f.system.decider = VIT_MD_AVAILABLE;
	f.system.memory_usable = 20 * GIB;
	f.system.memory_total = known(32 * GIB, "total");
	f.system.memory_available = known(20 * GIB, "MemAvailable");
	return f;
}

static struct vit_outlook run(const struct vit_facts *f, const struct vit_job *job,
			      const char *device, const char *compare)
{
	struct vit_hardware_choice other;
	struct vit_outlook_input in = { .specs = specs,
					.hardware = &hardware,
					.facts = f,
					.arch = &arch,
					.job = job,
					.asked = true };
	struct vit_err err = { .code = VIT_OK };
	struct vit_outlook out;

	if (device && vit_hardware_find(&hardware, vit_str_c(device), &in.device, &err))
		fail_msg("%s", err.msg);
	if (compare) {
		if (vit_hardware_find(&hardware, vit_str_c(compare), &other, &err))
			fail_msg("%s", err.msg);
		in.compare = &other;
		in.compare_count = 1;
	}
	vit_outlook_run(arena, &in, &out);
	return out;
}

static const struct vit_job lora = { .given = true,
				     .method = VIT_JOB_LORA,
				     .lora_rank = 8,
				     .sequence = 512,
				     .batch = 1,
				     .examples = 100,
				     .epochs = 1,
				     .save_steps = 10 };

static void test_processor(void **state)
{
	struct vit_facts f = machine();
	struct vit_outlook o = run(&f, &lora, NULL, NULL);

	(void)state;
	assert_true(o.main.here && o.job_given);
	assert_int_equal(o.main.device.kind, VIT_DEVICE_CPU);
	assert_int_equal(o.main.limit.kind, VIT_LIMIT_AVAILABLE);
	assert_int_equal(o.main.limit.bytes, 20 * GIB);
	f.system.decider = VIT_MD_LIMIT;
	f.system.memory_usable = 4 * GIB;
	o = run(&f, &lora, NULL, NULL);
	assert_int_equal(o.main.limit.kind, VIT_LIMIT_LIMITED);
	assert_int_equal(o.main.limit.bytes, 4 * GIB);
	f.system.decider = VIT_MD_NONE;
	o = run(&f, &lora, NULL, NULL);
	assert_int_equal(o.main.limit.kind, VIT_LIMIT_UNKNOWN);
}

/* Free memory counts, not what the card was sold with; the largest of several
 * is taken. */
static void test_gpu(void **state)
{
	struct vit_device d[2] = {
		{ .kind = VIT_DEVICE_CUDA,
		  .name = VIT_STR("NVIDIA GeForce RTX 3060"),
		  .has_capability = true,
		  .capability_major = 8,
		  .capability_minor = 6,
		  .memory_total = known(12 * GIB, "NVML"),
		  .memory_free = known(11 * GIB, "NVML") },
		{ .kind = VIT_DEVICE_CUDA,
		  .name = VIT_STR("NVIDIA GeForce RTX 3090"),
		  .has_capability = true,
		  .capability_major = 8,
		  .capability_minor = 6,
		  .memory_total = known(24 * GIB, "NVML"),
		  .memory_free = known(5 * GIB, "NVML") },
	};
	struct vit_facts f = machine();
	struct vit_outlook o;

	(void)state;
	vit_device_set_numbers(&d[1]);
	f.system.devices = d;
	f.system.device_count = 2;
	o = run(&f, &lora, NULL, NULL);
	assert_true(vit_str_is(o.main.name, "NVIDIA GeForce RTX 3090"));
	assert_int_equal(o.main.limit.bytes, 5 * GIB);
	assert_int_equal(o.main.limit.kind, VIT_LIMIT_AVAILABLE);
	assert_true(o.main.in_catalogue && o.main.device.bandwidth == 936e9);
	assert_int_equal(o.main.device.bf16, VIT_SUPPORT_NATIVE);
	/* a card that the catalogue does not have: its memory counts, its time is not
	 * known */
	d[1].name = VIT_STR("NVIDIA GeForce RTX 9999");
	o = run(&f, &lora, NULL, NULL);
	assert_false(o.main.in_catalogue);
	assert_true(o.main.device.bandwidth == 0);
	assert_false(o.main.forecast.step_seconds.known);
}

/* On a Mac the tighter of what is free and what the GPU may wire. */
static void test_mac(void **state)
{
	struct vit_facts f = machine();
	struct vit_outlook o;

	(void)state;
	f.system.cpu = VIT_STR("Apple M4 Pro");
	f.system.memory_total = known(24 * GIB, "hw.memsize");
	f.system.wired_limit = known(16 * GIB, "estimated default");
	o = run(&f, &lora, NULL, NULL);
	assert_int_equal(o.main.device.kind, VIT_DEVICE_METAL);
	assert_int_equal(o.main.limit.kind, VIT_LIMIT_LIMITED);
	assert_int_equal(o.main.limit.bytes, 16 * GIB);
	assert_true(o.main.device.bandwidth == 273e9);
	f.system.memory_usable = 8 * GIB;
	o = run(&f, &lora, NULL, NULL);
	assert_int_equal(o.main.limit.kind, VIT_LIMIT_AVAILABLE);
	assert_int_equal(o.main.limit.bytes, 8 * GIB);
}

static void test_catalogue(void **state)
{
	struct vit_facts f = machine();
	struct vit_outlook o = run(&f, &lora, "m4-pro-24gb", "h100-sxm");

	(void)state;
	assert_false(o.main.here);
	assert_int_equal(o.main.limit.bytes, 16 * GIB); /* two thirds of 24 */
	assert_true(vit_str_is(o.main.slug, "m4-pro-24gb"));
	assert_int_equal(o.other_count, 1);
	assert_int_equal(o.others[0].limit.bytes, 80 * GIB);
	assert_int_equal(o.others[0].limit.kind, VIT_LIMIT_TOTAL);
	for (unsigned i = 0; i < VIT_CAPABILITIES; i++) {
		assert_int_equal(o.others[0].capabilities[i].fit, VIT_FIT_YES);
		assert_true(o.others[0].capabilities[i].peak.known);
	}
	assert_true(o.others[0].forecast.memory.peak_device.expected <
		    o.others[0].capabilities[3].peak.expected);
}

/* 100 examples, one each step, saved each ten: ten checkpoints, or what the
 * limit keeps and the one being written. */
static void test_checkpoints(void **state)
{
	struct vit_facts f = machine();
	struct vit_job job = lora;
	struct vit_outlook o = run(&f, &job, "h100-sxm", NULL);

	(void)state;
	assert_int_equal(o.main.forecast.steps, 100);
	assert_int_equal(o.checkpoints, 10);
	assert_true(o.checkpoint_bytes.expected == 10 * o.main.forecast.memory.checkpoint.expected);
	job.save_limit = 2;
	o = run(&f, &job, "h100-sxm", NULL);
	assert_int_equal(o.checkpoints, 3);
	job.save_limit = 10;
	o = run(&f, &job, "h100-sxm", NULL);
	assert_int_equal(o.checkpoints, 10);
	job.method = VIT_JOB_INFERENCE;
	o = run(&f, &job, "h100-sxm", NULL);
	assert_false(o.checkpoint_bytes.known);
}

static void test_fit(void **state)
{
	struct vit_range r = { true, 9, 10, 12, VIT_CONFIDENCE_HIGH, VIT_STR_EMPTY };
	struct vit_limit l = { VIT_LIMIT_TOTAL, 12, VIT_STR_EMPTY };

	(void)state;
	assert_int_equal(vit_fit_of(&r, &l), VIT_FIT_YES);
	l.bytes = 11;
	assert_int_equal(vit_fit_of(&r, &l), VIT_FIT_LIKELY);
	l.bytes = 9;
	assert_int_equal(vit_fit_of(&r, &l), VIT_FIT_UNLIKELY);
	l.bytes = 8;
	assert_int_equal(vit_fit_of(&r, &l), VIT_FIT_NO);
	l.kind = VIT_LIMIT_UNKNOWN;
	assert_int_equal(vit_fit_of(&r, &l), VIT_FIT_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_processor),   cmocka_unit_test(test_gpu),
		cmocka_unit_test(test_mac),         cmocka_unit_test(test_catalogue),
		cmocka_unit_test(test_checkpoints), cmocka_unit_test(test_fit),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
