/* Area 'runtimes': what is there against what a job asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check_case.h"
#include "checks/runtimes.h"

const struct vit_pass *const vit_passes[] = { &vit_pass_runtimes };
const size_t vit_pass_count = 1;

static struct vit_str wanted[] = { { "lm-studio", 9 } };
static struct vit_served_model served[] = { { .id = { "gpt-oss-20b", 11 }, .state_known = true, .loaded = true,
					      .loaded_context = 4096, .max_context = 131072 } };

static struct vit_runtime *row(struct check_case *c, enum vit_runtime_kind k)
{
	return &c->facts.runtimes.rows[k];
}

/* LM Studio, running, with a GGUF model where it looks; a job that asks for it. */
static void begin(struct check_case *c)
{
	struct vit_runtime *r;

	case_new(c);
	c->facts.groups = VIT_FG_ALL;
	case_file(c, "gpt-oss-20b-mxfp4.gguf", VIT_FK_GGUF, 12000000000);
	c->facts.runtimes.probed = true;
	for (unsigned i = 0; i < VIT_RUNTIME_COUNT; i++) {
		row(c, (enum vit_runtime_kind)i)->served = UINT32_MAX;
		row(c, (enum vit_runtime_kind)i)->server.state = VIT_SERVER_CLOSED;
	}
	r = row(c, VIT_RUNTIME_LM_STUDIO);
	r->installed = true;
	r->model_inside = true;
	r->models_folder = VIT_STR("/home/u/.lmstudio/models");
	r->server = (struct vit_runtime_server){ .state = VIT_SERVER_ANSWERS, .address = VIT_STR("127.0.0.1:1234"),
						 .detail = VIT_STR_EMPTY, .models = served, .model_count = 1 };
	r->served = 0;
	c->job = (struct vit_job){ .given = true, .method = VIT_JOB_INFERENCE, .runtimes = wanted, .runtime_count = 1,
				   .context = 4096, .requests = 1 };
	wanted[0] = VIT_STR("lm-studio");
}

static void all_is_well(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_runtimes_missing], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_runtimes_server], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_runtimes_port_taken], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_runtimes_model_format], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_runtimes_model_placed], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_runtimes_context], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_runtimes_trains], VIT_STATE_PASS);
	case_free(&c);
}

static void not_there(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	wanted[0] = VIT_STR("ollama");
	assert_string_equal(case_run(&c), "runtimes/missing:error");
	wanted[0] = VIT_STR("lmstudio-2");
	assert_string_equal(case_run(&c), "runtimes/missing:error");
	case_free(&c);
}

static void servers(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	row(&c, VIT_RUNTIME_LM_STUDIO)->server.state = VIT_SERVER_CLOSED;
	assert_string_equal(case_run(&c), "runtimes/server:warning");
	row(&c, VIT_RUNTIME_LM_STUDIO)->server.state = VIT_SERVER_OTHER;
	row(&c, VIT_RUNTIME_LM_STUDIO)->server.detail = VIT_STR("HTTP status 404");
	assert_string_equal(case_run(&c), "runtimes/port-taken:warning");
	/* A stranger on the port of what nobody has or wants. */
	row(&c, VIT_RUNTIME_LM_STUDIO)->server.state = VIT_SERVER_ANSWERS;
	row(&c, VIT_RUNTIME_VLLM)->server.state = VIT_SERVER_OTHER;
	assert_string_equal(case_run(&c), "");
	case_free(&c);
}

/* Ordinary safetensors: whole, and not for LM Studio. */
static void formats(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	case_free(&c);
	begin(&c);
	c.files.count = 0;
	case_file(&c, "model.safetensors", VIT_FK_WEIGHTS, 1000);
	case_file(&c, "metal/model.bin", VIT_FK_OTHER_WEIGHTS, 1000);
	assert_string_equal(case_run(&c), "runtimes/model-format:error");
	assert_true(vit_str_is(case_finding(&c, VIT_CK_runtimes_model_format)->actual, "safetensors, a Metal build"));
	c.job.runtime_count = 0;
	assert_string_equal(case_run(&c), "runtimes/model-format:note");
	c.facts.config.quant_method = VIT_STR("mlx");
	assert_string_equal(case_run(&c), "");
	case_free(&c);
}

static void places(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	row(&c, VIT_RUNTIME_LM_STUDIO)->model_inside = false;
	assert_string_equal(case_run(&c), ""); /* its server lists it */
	row(&c, VIT_RUNTIME_LM_STUDIO)->served = UINT32_MAX;
	assert_string_equal(case_run(&c), "runtimes/model-placed:warning");
	case_free(&c);
}

static void contexts_and_training(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	c.job.context = 32768;
	assert_string_equal(case_run(&c), "runtimes/context:warning");
	c.job.context = 0;
	c.job.method = VIT_JOB_LORA;
	assert_string_equal(case_run(&c), "runtimes/trains:warning");
	wanted[0] = VIT_STR("mlx-lm");
	row(&c, VIT_RUNTIME_MLX_LM)->installed = true;
	row(&c, VIT_RUNTIME_MLX_LM)->server.state = VIT_SERVER_ANSWERS;
	/* It trains; GGUF is not what it loads. */
	assert_string_equal(case_run(&c), "runtimes/model-format:warning");
	case_free(&c);
}

static void not_asked(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	c.facts.runtimes.probed = false;
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_runtimes_server], VIT_STATE_NOT_CHECKED);
	case_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_well), cmocka_unit_test(not_there), cmocka_unit_test(servers),
		cmocka_unit_test(formats),     cmocka_unit_test(places),    cmocka_unit_test(contexts_and_training),
		cmocka_unit_test(not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
