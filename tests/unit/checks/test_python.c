/*
 * Area 'python': environments as literals against jobs. The ranges of
 * transformers' own requirements are those of its release 5.17.0.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check_case.h"
#include "checks/python.h"
#include "facts/devices.h"

const struct vit_pass *const vit_passes[] = { &vit_pass_python };
const size_t vit_pass_count = 1;

static struct vit_str places[] = { { "/opt/env/lib/python3.11/site-packages", 37 } };

#define PACKAGE(n, v) { .name = { n, sizeof(n) - 1 }, .version = { v, sizeof(v) - 1 }, .read = true, \
			.requires_python = { "", 0 } }

/* A whole environment for LoRA, by name. */
static const struct vit_python_package whole[] = {
	PACKAGE("accelerate", "1.10.1"),  PACKAGE("bitsandbytes", "0.48.1"), PACKAGE("huggingface-hub", "1.5.0"),
	PACKAGE("peft", "0.21.0"),	  PACKAGE("pip", "25.1"),	     PACKAGE("tokenizers", "0.23.1"),
	PACKAGE("torch", "2.11.0+cu128"), PACKAGE("transformers", "5.17.0"),
};
#define WHOLE (sizeof(whole) / sizeof(whole[0]))
static struct vit_python_package packages[WHOLE];
static struct vit_device device = { .kind = VIT_DEVICE_CUDA };

static struct vit_python_package *find(struct check_case *c, const char *name)
{
	for (uint32_t i = 0; i < c->facts.python.package_count; i++)
		if (vit_str_is(packages[i].name, name))
			return &packages[i];
	fail_msg("%s is no package of the case", name);
	return NULL;
}

static void drop(struct check_case *c, const char *name)
{
	struct vit_python_package *p = find(c, name);

	memmove(p, p + 1, (size_t)(packages + c->facts.python.package_count - (p + 1)) * sizeof(*p));
	c->facts.python.package_count--;
}

static void begin(struct check_case *c)
{
	case_new(c);
	c->facts.groups = VIT_FG_ALL;
	memcpy(packages, whole, sizeof(whole));
	case_document(c, &c->facts.config.config, "config.json",
		      "{\"model_type\":\"gpt_oss\",\"architectures\":[\"GptOssForCausalLM\"]}");
	c->facts.config.model_type = VIT_STR("gpt_oss");
	c->facts.python = (struct vit_python){
		.probed = true, .path_known = true, .origin = VIT_PYTHON_OPTION, .runs = true,
		.kind = VIT_PYTHON_VENV, .asked = VIT_STR("/opt/env"), .why = VIT_STR_EMPTY,
		.interpreter = VIT_STR("/opt/env/bin/python3"), .implementation = VIT_STR("cpython"),
		.version = VIT_STR("3.11.7"), .prefix = VIT_STR("/opt/env"), .places = places, .place_count = 1,
		.packages = packages, .package_count = WHOLE, .torch_read = true, .torch_cuda = VIT_STR("12.8"),
		.torch_hip = VIT_STR_EMPTY, .torch_xpu = VIT_STR_EMPTY,
	};
	c->facts.system = (struct vit_system){ .probed = true, .os = VIT_STR("Linux"), .arch = VIT_STR("x86_64"),
					       .devices = &device, .device_count = 1, .devices_probed = true };
	c->job = (struct vit_job){ .given = true, .method = VIT_JOB_LORA, .dialect = VIT_STR("flags") };
}

static void a_whole_environment(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_python_interpreter], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_python_package_missing], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_python_package_version], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_python_package_broken], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_python_requires_python], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_python_conflict], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_python_torch_backend], VIT_STATE_PASS);
	case_free(&c);
}

static void missing(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	drop(&c, "torch");
	drop(&c, "peft");
	assert_string_equal(case_run(&c), "python/package-missing:error");
	assert_int_equal(c.ev.counts[VIT_CK_python_package_missing], 2);
	/* One command for all of it. */
	assert_true(vit_str_is(case_finding(&c, VIT_CK_python_package_missing)->remedy,
			       "Install into this environment: `/opt/env/bin/python3 -m pip install 'torch' 'peft'`"));
	case_free(&c);

	begin(&c);
	drop(&c, "bitsandbytes");
	assert_string_equal(case_run(&c), "");
	c.job.method = VIT_JOB_QLORA;
	assert_string_equal(case_run(&c), "python/package-missing:error");
	c.job.method = VIT_JOB_LORA;
	c.job.optimizer = VIT_OPTIMIZER_ADAMW_8BIT;
	assert_string_equal(case_run(&c), "python/package-missing:error");
	case_free(&c);
}

/* Inference may be served by something else than Python. */
static void inference(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	c.job.method = VIT_JOB_INFERENCE;
	drop(&c, "transformers");
	assert_string_equal(case_run(&c), "python/package-missing:note");
	case_free(&c);
}

static void versions(void **state)
{
	static struct vit_job_package wanted[] = { { { "Torch", 5 }, { ">=2.12", 6 } } };
	struct check_case c;

	(void)state;
	begin(&c);
	find(&c, "transformers")->version = VIT_STR("4.54.1"); /* gpt_oss came with 4.55.0 */
	assert_string_equal(case_run(&c), "python/package-version:error");
	assert_true(vit_str_is(case_finding(&c, VIT_CK_python_package_version)->expected, "transformers>=4.55.0"));
	c.facts.config.model_type = VIT_STR("llama");
	assert_string_equal(case_run(&c), "");
	c.job.packages = wanted;
	c.job.package_count = 1;
	assert_string_equal(case_run(&c), "python/package-version:error");
	wanted[0].range = VIT_STR(">=2.11,<3");
	assert_string_equal(case_run(&c), "");
	case_free(&c);
}

static void broken(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	find(&c, "torch")->broken = true;
	assert_string_equal(case_run(&c), "python/package-broken:error");
	case_free(&c);
	begin(&c);
	c.facts.python.runs = false;
	c.facts.python.why = VIT_STR("/opt/env/bin/python3 does not run");
	assert_string_equal(case_run(&c), "python/interpreter:error");
	c.job.given = false;
	assert_string_equal(case_run(&c), "python/interpreter:note");
	case_free(&c);
}

static void requirements(void **state)
{
	static struct vit_str requires[] = {
		{ "tokenizers<=0.23.0,>=0.22.0", 27 },
		{ "huggingface-hub<2.0,>=1.3.0", 27 },
		{ "torch>=2.4; extra == \"torch\"", 28 },
		{ "colorama; sys_platform == \"win32\"", 33 },
	};
	struct check_case c;

	(void)state;
	begin(&c);
	find(&c, "transformers")->requires = requires;
	find(&c, "transformers")->requires_count = 4;
	assert_string_equal(case_run(&c), "python/conflict:warning"); /* tokenizers 0.23.1 */
	assert_int_equal(c.ev.counts[VIT_CK_python_conflict], 1);
	find(&c, "tokenizers")->version = VIT_STR("0.22.2");
	assert_string_equal(case_run(&c), "");
	drop(&c, "huggingface-hub");
	assert_string_equal(case_run(&c), "python/conflict:warning");
	case_free(&c);

	begin(&c);
	find(&c, "transformers")->requires_python = VIT_STR(">=3.12");
	assert_string_equal(case_run(&c), "python/requires-python:error");
	case_free(&c);
}

static void torch_builds(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	c.facts.python.torch_cuda = VIT_STR_EMPTY;
	assert_string_equal(case_run(&c), "python/torch-backend:error");
	c.facts.system.device_count = 0;
	assert_string_equal(case_run(&c), "");
	c.facts.system.device_count = 1;
	device.kind = VIT_DEVICE_ROCM;
	assert_string_equal(case_run(&c), "python/torch-backend:error");
	c.facts.python.torch_hip = VIT_STR("6.4");
	assert_string_equal(case_run(&c), "");
	device.kind = VIT_DEVICE_CUDA;
	case_free(&c);
}

static void not_asked(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	c.facts.python.probed = false;
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_python_package_missing], VIT_STATE_NOT_CHECKED);
	c.facts.python = (struct vit_python){ .probed = true, .why = VIT_STR("PATH is not set"),
					      .interpreter = VIT_STR_EMPTY };
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_python_interpreter], VIT_STATE_UNKNOWN);
	c.job.given = false;
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_python_interpreter], VIT_STATE_NOT_APPLICABLE);
	case_free(&c);
}

static void commands(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	c.facts.python.uv = true;
	assert_true(vit_str_is(vit_python_install(c.arena, &c.facts.python, VIT_STR("'torch'")),
			       "uv pip install --python /opt/env 'torch'"));
	c.facts.python.uv = false;
	drop(&c, "pip");
	assert_true(vit_str_is(vit_python_install(c.arena, &c.facts.python, VIT_STR("'torch'")),
			       "/opt/env/bin/python3 -m ensurepip && /opt/env/bin/python3 -m pip install 'torch'"));
	c.facts.python.kind = VIT_PYTHON_SYSTEM;
	c.facts.python.interpreter = VIT_STR("/usr/bin/python3");
	c.facts.python.externally_managed = true;
	assert_true(vit_str_is(vit_python_install(c.arena, &c.facts.python, VIT_STR("'torch'")),
			       "/usr/bin/python3 -m venv ~/job-env && ~/job-env/bin/python -m pip install 'torch'"));
	/* What a shell would take apart is not printed for one. */
	c.facts.python.externally_managed = false;
	c.facts.python.interpreter = VIT_STR("/home/a b/bin/python3");
	assert_true(vit_str_is(vit_python_install(c.arena, &c.facts.python, VIT_STR("'torch'")),
			       "'/home/a b/bin/python3' -m pip install 'torch'"));
	c.facts.python.interpreter = VIT_STR("/x';reboot;'/bin/python3");
	assert_true(vit_str_is(vit_python_install(c.arena, &c.facts.python, VIT_STR("'torch'")),
			       "python3 -m pip install 'torch'"));
	case_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_environment), cmocka_unit_test(missing),  cmocka_unit_test(inference),
		cmocka_unit_test(versions),	       cmocka_unit_test(broken),   cmocka_unit_test(requirements),
		cmocka_unit_test(torch_builds),	       cmocka_unit_test(not_asked), cmocka_unit_test(commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
