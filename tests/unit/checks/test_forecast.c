/* Area 'forecast': forecasts as literals; what fits, what does not, and what is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "check_case.h"
#include "checks/forecast.h"
#include "forecast/outlook.h"

const struct vit_pass *const vit_passes[] = { &vit_pass_forecast };
const size_t vit_pass_count = 1;

#define GB 1e9

static struct vit_range gb(double low, double expected, double high)
{
	return (struct vit_range){ true,
				   low * GB,
				   expected * GB,
				   high * GB,
				   VIT_CONFIDENCE_HIGH,
				   VIT_STR("weights and activations") };
}

/* A LoRA job that needs 10 GB of a device with 24: nothing may fire. */
static struct vit_outlook good(void)
{
	struct vit_outlook o = { .asked = true, .job_given = true };
	struct vit_forecast *f = &o.main.forecast;

	o.main.name = VIT_STR("NVIDIA GeForce RTX 3090");
	o.main.here = true;
	o.main.device = (struct vit_forecast_device){
		.memory_total = 24000000000u,
		.bandwidth = 936e9,
		.flops_16bit = 71e12,
		.verified_bandwidth = true,
		.verified_flops = true,
		.bf16 = VIT_SUPPORT_NATIVE,
		.fp8 = VIT_SUPPORT_NONE,
		.mxfp4 = VIT_SUPPORT_NONE,
	};
	o.main.limit = (struct vit_limit){ VIT_LIMIT_AVAILABLE, 23000000000u,
					   VIT_STR("free memory of the device, NVML") };
	o.main.host = (struct vit_limit){ VIT_LIMIT_AVAILABLE, 60000000000u,
					  VIT_STR("memory available") };
	f->available = true;
	f->method = f->job.method = VIT_JOB_LORA;
	f->job.sequence = 1024;
	f->job.save_limit = 2;
	f->memory.peak_allocated = gb(9, 9.5, 10);
	f->memory.peak_device = gb(9.5, 10, 11);
	f->memory.load_peak = gb(8, 8, 8.5);
	f->memory.checkpoint = gb(0.3, 0.3, 0.3);
	o.checkpoints = 3;
	o.checkpoint_bytes = gb(0.9, 0.9, 0.9);
	return o;
}

static void start(struct check_case *c, struct vit_outlook *o)
{
	static const struct vit_spec family = { .id = { "llama", 5 } };
	struct vit_system *s = &c->facts.system;

	case_new(c);
	c->facts.groups = VIT_FG_ALL;
	c->facts.config.quant_method = VIT_STR_EMPTY;
	s->probed = true;
	s->memory_total = (struct vit_measure){ true, 64000000000u, VIT_STR("/proc/meminfo") };
	s->output = (struct vit_disk){ .probed = true,
				       .path = VIT_STR("out"),
				       .asked = VIT_STR("out"),
				       .free = { true, 100000000000u, VIT_STR("statfs") } };
	c->architecture.family = &family;
	c->job = (struct vit_job){
		.given = true, .sequence = 1024, .method = VIT_JOB_LORA, .output = VIT_STR("out")
	};
	c->outlook = o;
}

static void fires(void (*change)(struct check_case *, struct vit_outlook *), const char *expected)
{
	struct vit_outlook o = good();
	struct check_case c;

	start(&c, &o);
	change(&c, &o);
	assert_string_equal(case_run(&c), expected);
	case_free(&c);
}

static void test_good(void **state)
{
	struct vit_outlook o = good();
	struct check_case c;

	(void)state;
	start(&c, &o);
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_forecast_memory_fit], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_forecast_load_fit], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_forecast_disk_fit], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_forecast_number_support], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_forecast_device_known], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_forecast_coverage], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_forecast_host_memory], VIT_STATE_NOT_APPLICABLE);
	assert_int_equal(c.ev.states[VIT_CK_forecast_requirements], VIT_STATE_NOT_APPLICABLE);
	case_free(&c);
}

/* The same with every thing that can be asked for, and enough of it. */
static void test_good_in_all(void **state)
{
	static struct vit_json_doc doc;
	struct vit_outlook o = good();
	struct check_case c;
	struct vit_err err;

	(void)state;
	start(&c, &o);
	o.main.forecast.memory.host = gb(20, 20, 21);
	c.job.minimum_memory = 64000000000u;
	c.job.minimum_device_memory = 24000000000u;
	c.job.minimum_disk = 100000000000u;
	assert_int_equal(vit_json_parse(c.arena, VIT_STR("{\"max_position_embeddings\": 1024}"), 0,
					&doc, &err),
			 VIT_OK);
	c.facts.config.root = doc.root;
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_forecast_host_memory], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_forecast_requirements], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_forecast_sequence_length], VIT_STATE_PASS);
	case_free(&c);
}

static void peak_no(struct check_case *c, struct vit_outlook *o)
{
	(void)c;
	o->main.forecast.memory.peak_device = gb(23.1, 25, 27);
}

static void peak_unlikely(struct check_case *c, struct vit_outlook *o)
{
	(void)c;
	o->main.forecast.memory.peak_device = gb(22, 23.5, 25);
}

static void peak_maybe(struct check_case *c, struct vit_outlook *o)
{
	(void)c;
	o->main.forecast.memory.peak_device = gb(21, 22, 23.1);
}

static void peak_no_job(struct check_case *c, struct vit_outlook *o)
{
	peak_no(c, o);
	o->job_given = c->job.given = false;
}

/* Inference that transformers cannot hold and an engine of packed weights can. */
static void peak_packed(struct check_case *c, struct vit_outlook *o)
{
	peak_no(c, o);
	o->main.packed = gb(12, 14, 17);
}

static void load_no(struct check_case *c, struct vit_outlook *o)
{
	(void)c;
	o->main.forecast.memory.load_peak = gb(30, 31, 32);
}

static void host_no(struct check_case *c, struct vit_outlook *o)
{
	(void)c;
	o->main.forecast.memory.host = gb(70, 80, 90);
}

static void disk_no(struct check_case *c, struct vit_outlook *o)
{
	(void)o;
	c->facts.system.output.free.value = 500000000;
}

static void disk_maybe(struct check_case *c, struct vit_outlook *o)
{
	o->checkpoint_bytes = gb(90, 99, 101);
	(void)c;
}

static void asks_more(struct check_case *c, struct vit_outlook *o)
{
	(void)o;
	c->job.minimum_memory = 64000000001u;
	c->job.minimum_device_memory = 48000000000u;
}

static void mxfp4_trained(struct check_case *c, struct vit_outlook *o)
{
	c->facts.config.quant_method = VIT_STR("mxfp4");
	(void)o;
}

static void mxfp4_too_large(struct check_case *c, struct vit_outlook *o)
{
	mxfp4_trained(c, o);
	peak_no(c, o);
}

static void fp8_unpacked(struct check_case *c, struct vit_outlook *o)
{
	c->facts.config.quant_method = VIT_STR("fp8");
	o->main.forecast.job.method = VIT_JOB_INFERENCE;
}

static void no_bf16(struct check_case *c, struct vit_outlook *o)
{
	(void)c;
	o->main.device.bf16 = VIT_SUPPORT_EMULATED;
}

static void too_long(struct check_case *c, struct vit_outlook *o)
{
	static struct vit_json_doc doc;
	struct vit_err err;

	assert_int_equal(vit_json_parse(c->arena, VIT_STR("{\"max_position_embeddings\": 512}"), 0,
					&doc, &err),
			 VIT_OK);
	c->facts.config.root = doc.root;
	(void)o;
}

static void unverified(struct check_case *c, struct vit_outlook *o)
{
	(void)c;
	o->main.device.verified_flops = false;
}

static void no_figures(struct check_case *c, struct vit_outlook *o)
{
	(void)c;
	o->main.device.bandwidth = o->main.device.flops_16bit = 0;
}

static void no_family(struct check_case *c, struct vit_outlook *o)
{
	(void)o;
	c->architecture.family = NULL;
	c->architecture.family_reason = VIT_STR("no spec for model_type \"foo\"");
}

static void on_metal(struct check_case *c, struct vit_outlook *o)
{
	(void)c;
	o->main.device.kind = VIT_DEVICE_METAL;
	o->main.forecast.memory.peak_allocated.confidence = VIT_CONFIDENCE_LOW;
}

static void unsure(struct check_case *c, struct vit_outlook *o)
{
	(void)c;
	o->main.forecast.memory.peak_allocated.confidence = VIT_CONFIDENCE_LOW;
}

static void test_findings(void **state)
{
	(void)state;
	fires(peak_no, "forecast/memory-fit:error");
	fires(peak_unlikely, "forecast/memory-fit:warning");
	fires(peak_maybe, "forecast/memory-fit:warning");
	fires(peak_no_job, "forecast/memory-fit:warning");
	fires(peak_packed, "forecast/memory-fit:warning");
	fires(load_no, "forecast/load-fit:error");
	fires(host_no, "forecast/host-memory:error");
	fires(disk_no, "forecast/disk-fit:error");
	fires(disk_maybe, "forecast/disk-fit:warning");
	fires(asks_more, "forecast/requirements:error");
	fires(mxfp4_trained, "forecast/number-support:note");
	fires(mxfp4_too_large, "forecast/memory-fit:error forecast/number-support:warning");
	fires(fp8_unpacked, "forecast/number-support:warning");
	fires(no_bf16, "forecast/number-support:warning");
	fires(too_long, "forecast/sequence-length:warning");
	fires(unverified, "forecast/device-known:note");
	fires(no_figures, "forecast/device-known:note");
	fires(no_family, "forecast/coverage:note");
	fires(on_metal, "forecast/coverage:note");
	fires(unsure, "forecast/coverage:note");
}

/* Which memory decides, and by how much, stands in the finding. */
static void test_words(void **state)
{
	struct vit_outlook o = good();
	const struct vit_finding *f;
	struct check_case c;

	(void)state;
	start(&c, &o);
	peak_no(&c, &o);
	o.changes[0] = (struct vit_forecast_change){ .text = VIT_STR("checkpointing on"),
						     .flags = VIT_STR("--checkpointing"),
						     .fits = true };
	o.change_count = 1;
	(void)case_run(&c);
	assert_int_equal(c.ev.findings.count, 1);
	f = vit_vec_at(&c.ev.findings, 0);
	assert_true(vit_str_is(
		f->message,
		"the job on NVIDIA GeForce RTX 3090 needs 25.0 GB (23.1 GB to 27.0 GB) at its "
		"peak; 23.0 GB are there (free memory of the device, NVML): it does not fit"));
	assert_true(vit_str_is(f->expected, "at most 23.0 GB: free memory of the device, NVML"));
	assert_true(vit_str_starts(f->remedy, VIT_STR("`--checkpointing`")));
	case_free(&c);
}

/* Not forecast is never success; no job is nothing to judge. */
static void test_not_known(void **state)
{
	struct vit_outlook o = good();
	struct check_case c;

	(void)state;
	start(&c, &o);
	o.main.forecast = (struct vit_forecast){ .unsupported = VIT_STR("no family") };
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_forecast_memory_fit], VIT_STATE_UNKNOWN);
	assert_int_equal(c.ev.states[VIT_CK_forecast_disk_fit], VIT_STATE_NOT_APPLICABLE);
	case_free(&c);

	o = good();
	start(&c, &o);
	o.main.limit.kind = VIT_LIMIT_UNKNOWN;
	c.facts.system.output.free.known = false;
	c.job.minimum_disk = 1;
	c.facts.system.disk_free.known = false;
	(void)case_run(&c);
	assert_int_equal(c.ev.states[VIT_CK_forecast_memory_fit], VIT_STATE_UNKNOWN);
	assert_int_equal(c.ev.states[VIT_CK_forecast_disk_fit], VIT_STATE_UNKNOWN);
	assert_int_equal(c.ev.states[VIT_CK_forecast_requirements], VIT_STATE_UNKNOWN);
	case_free(&c);

	start(&c, &o);
	c.outlook = NULL;
	(void)case_run(&c);
	for (unsigned i = VIT_CK_forecast_memory_fit; i <= VIT_CK_forecast_coverage; i++)
		assert_int_equal(c.ev.states[i], VIT_STATE_NOT_APPLICABLE);
	case_free(&c);

	/* a job for elsewhere asks nothing of this machine's disk */
	o = good();
	o.main.here = false;
	start(&c, &o);
	disk_no(&c, &o);
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_forecast_disk_fit], VIT_STATE_NOT_APPLICABLE);
	case_free(&c);
}

/* Ten checkpoints of 1 GB, one more on disk than are kept while the next is written. */
static void test_fewer_checkpoints(void **state)
{
	static const struct {
		uint64_t free;
		const char *remedy;
	} cases[] = {
		{ 3500000000u, "keep fewer checkpoints (`--save-limit 2`" },
		{ 2500000000u, "keep fewer checkpoints (`--save-limit 1`" },
		{ 1500000000u, "write to a file system with more room: fewer" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vit_outlook o = good();
		const struct vit_finding *f;
		struct check_case c;

		o.main.forecast.job.save_limit = 0;
		o.main.forecast.memory.checkpoint = gb(1, 1, 1);
		o.checkpoints = 10;
		o.checkpoint_bytes = gb(10, 10, 10);
		start(&c, &o);
		c.facts.system.output.free.value = cases[i].free;
		assert_string_equal(case_run(&c), "forecast/disk-fit:error");
		f = vit_vec_at(&c.ev.findings, 0);
		assert_true(vit_str_starts(f->remedy, vit_str_c(cases[i].remedy)));
		case_free(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),      cmocka_unit_test(test_good_in_all),
		cmocka_unit_test(test_findings),  cmocka_unit_test(test_words),
		cmocka_unit_test(test_not_known), cmocka_unit_test(test_fewer_checkpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
