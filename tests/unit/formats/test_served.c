/*
 * Answers of model servers, as their documentation shows them (LM Studio docs
 * "REST API v0/v1", Ollama docs/api.md, llama.cpp tools/server/README, vLLM's
 * OpenAI server), shortened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "formats/served.h"

static struct vit_arena *a;

static void is(struct vit_str s, const char *expected)
{
	if (!vit_str_is(s, expected))
		fail_msg("'%.*s' is not '%s'", VIT_FMT(s), expected);
}

static void lm_studio(void **state)
{
	struct vit_served_list l;
	struct vit_err err = { VIT_OK, 0, 0, "" };

	(void)state;
	assert_int_equal(vit_served_lm_studio_v1(a, VIT_STR(
		"{\"models\":[{\"type\":\"llm\",\"publisher\":\"openai\",\"key\":\"openai/gpt-oss-20b\","
		"\"quantization\":{\"name\":\"MXFP4\",\"bits_per_weight\":4},\"loaded_instances\":[{\"id\":\"a\","
		"\"config\":{\"context_length\":4096}}],\"max_context_length\":131072,\"format\":\"gguf\"},"
		"{\"type\":\"llm\",\"key\":\"qwen/qwen3-4b\",\"loaded_instances\":[],\"max_context_length\":40960,"
		"\"format\":\"mlx\"}]}"), &l, &err), VIT_OK);
	assert_int_equal(l.count, 2);
	is(l.models[0].id, "openai/gpt-oss-20b");
	is(l.models[0].format, "gguf");
	is(l.models[0].quantization, "MXFP4");
	assert_true(l.models[0].state_known && l.models[0].loaded);
	assert_int_equal(l.models[0].loaded_context, 4096);
	assert_int_equal(l.models[0].max_context, 131072);
	assert_true(l.models[1].state_known && !l.models[1].loaded);

	assert_int_equal(vit_served_lm_studio_v0(a, VIT_STR(
		"{\"object\":\"list\",\"data\":[{\"id\":\"qwen2-vl-7b-instruct\",\"object\":\"model\",\"type\":\"vlm\","
		"\"publisher\":\"mlx-community\",\"arch\":\"qwen2_vl\",\"compatibility_type\":\"mlx\","
		"\"quantization\":\"4bit\",\"state\":\"not-loaded\",\"max_context_length\":32768},"
		"{\"id\":\"granite\",\"state\":\"loaded\",\"loaded_context_length\":2048}]}"), &l, &err), VIT_OK);
	assert_int_equal(l.count, 2);
	is(l.models[0].format, "mlx");
	assert_true(l.models[0].state_known && !l.models[0].loaded);
	assert_true(l.models[1].loaded);
	assert_int_equal(l.models[1].loaded_context, 2048);
	assert_true(vit_served_is_lm_studio(a, VIT_STR("{\"lmstudio\": true}")));
	assert_false(vit_served_is_lm_studio(a, VIT_STR("{\"lmstudio\": \"true\"}")));
	assert_false(vit_served_is_lm_studio(a, VIT_STR("<html>")));
}

static void ollama(void **state)
{
	struct vit_served_list l;
	struct vit_err err = { VIT_OK, 0, 0, "" };

	(void)state;
	assert_int_equal(vit_served_ollama_tags(a, VIT_STR(
		"{\"models\":[{\"name\":\"gpt-oss:20b\",\"model\":\"gpt-oss:20b\",\"size\":13780173839,\"digest\":\"f2b\","
		"\"details\":{\"parent_model\":\"\",\"format\":\"gguf\",\"family\":\"gptoss\","
		"\"parameter_size\":\"20.9B\",\"quantization_level\":\"MXFP4\"}},{\"name\":\"llama3.2:latest\"}]}"),
		&l, &err), VIT_OK);
	assert_int_equal(l.count, 2);
	is(l.models[0].id, "gpt-oss:20b");
	assert_false(l.models[0].state_known);
	assert_int_equal(vit_served_ollama_ps(a, VIT_STR(
		"{\"models\":[{\"name\":\"gpt-oss:20b\",\"size_vram\":13000000000,\"context_length\":8192}]}"), &l, &err),
		VIT_OK);
	assert_true(l.models[0].loaded);
	assert_int_equal(l.models[0].loaded_context, 8192);
	assert_true(l.models[1].state_known && !l.models[1].loaded);
	is(vit_served_member(a, VIT_STR("{\"version\":\"0.11.4\"}"), "version"), "0.11.4");
}

static void openai(void **state)
{
	struct vit_served_list l;
	struct vit_err err = { VIT_OK, 0, 0, "" };

	(void)state;
	assert_int_equal(vit_served_openai(a, VIT_STR(
		"{\"object\":\"list\",\"data\":[{\"id\":\"m.gguf\",\"object\":\"model\",\"owned_by\":\"llamacpp\","
		"\"meta\":{\"vocab_type\":2,\"n_vocab\":128256,\"n_ctx_train\":131072,\"n_ctx\":4096}}]}"), &l, &err), VIT_OK);
	is(l.models[0].owner, "llamacpp");
	assert_int_equal(l.models[0].max_context, 131072);
	assert_int_equal(l.models[0].loaded_context, 4096);
	assert_int_equal(vit_served_openai(a, VIT_STR("{\"data\":[{\"id\":\"q\",\"owned_by\":\"vllm\","
						      "\"max_model_len\":40960}]}"), &l, &err), VIT_OK);
	assert_int_equal(l.models[0].max_context, 40960);
}

/* What another program on the port may answer. */
static void strangers(void **state)
{
	static const char *const texts[] = { "", "<html></html>", "[]", "{}", "{\"data\":{}}", "{\"models\":3}", "null",
					     "{\"data\":[1,null,{\"id\":5}],\"models\":[1,null,{\"key\":5}]}" };
	struct vit_served_list l;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct vit_err err = { VIT_OK, 0, 0, "" };
		bool last = i + 1 == sizeof(texts) / sizeof(texts[0]);
		struct vit_str t = vit_str_c(texts[i]);

		assert_true((vit_served_openai(a, t, &l, &err) == VIT_OK) == last);
		assert_int_equal(l.count, last ? 3 : 0);
		assert_true((vit_served_lm_studio_v1(a, t, &l, &err) == VIT_OK) == last);
		assert_true((vit_served_ollama_tags(a, t, &l, &err) == VIT_OK) == last);
	}
	assert_int_equal(vit_served_number(a, VIT_STR("{\"port\":1234,\"p\":{\"q\":70000}}"), "port", 65536), 1234);
	assert_int_equal(vit_served_number(a, VIT_STR("{\"port\":1234,\"p\":{\"q\":70000}}"), "p.q", 65536), 0);
	assert_int_equal(vit_served_number(a, VIT_STR("{\"port\":-1}"), "port", 65536), 0);
}

static int setup(void **state)
{
	(void)state;
	a = vit_arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vit_arena_free(a);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lm_studio), cmocka_unit_test(ollama), cmocka_unit_test(openai),
		cmocka_unit_test(strangers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
