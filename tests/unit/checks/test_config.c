/* Area 'config': documents, spellings, ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "check_case.h"
#include "checks/config.h"

const struct vit_pass *const vit_passes[] = { &vit_pass_config, &vit_pass_config_ids };
const size_t vit_pass_count = 2;

/* `more` follows the members every configuration here has. */
static void config(struct check_case *c, const char *more)
{
	char text[4096];

	(void)snprintf(text, sizeof text,
		       "{\"model_type\":\"llama\",\"architectures\":[\"LlamaForCausalLM\"],"
		       "\"vocab_size\":1000%s%s}",
		       *more ? "," : "", more);
	case_document(c, &c->facts.config.config, "config.json",
		      vit_arena_str(c->arena, vit_str_c(text)).p);
}

static void one_configuration_at_a_time(void **state)
{
	static const struct {
		const char *more, *fires;
	} t[] = {
		{ "", "" },
		{ "\"a\":1,\"a\":1", "config/duplicate-key:warning" },
		{ "\"a\":NaN", "config/nonfinite:note" },
		{ "\"auto_map\":{\"AutoModel\":\"modeling_x.M\"}", "config/remote-code:warning" },
		{ "\"auto_map\":{}", "" },
		{ "\"dtype\":\"bfloat16\",\"torch_dtype\":\"bfloat16\"", "" },
		{ "\"dtype\":\"bfloat16\",\"torch_dtype\":\"torch.bfloat16\"", "" },
		{ "\"dtype\":\"bfloat16\",\"torch_dtype\":\"float16\"", "config/dtype-spellings:warning" },
		{ "\"dtype\":\"bfloat16\",\"torch_dtype\":null", "" },
		{ "\"rope_theta\":5e5,\"rope_parameters\":{\"rope_theta\":500000,\"rope_type\":\"default\"}",
		  "" },
		{ "\"rope_theta\":1e4,\"rope_parameters\":{\"rope_theta\":500000,\"rope_type\":\"default\"}",
		  "config/rope-spellings:warning" },
		{ "\"rope_scaling\":{\"type\":\"yarn\",\"factor\":32},"
		  "\"rope_parameters\":{\"rope_type\":\"yarn\",\"factor\":32.0}",
		  "" },
		{ "\"rope_scaling\":{\"type\":\"yarn\",\"factor\":16},"
		  "\"rope_parameters\":{\"rope_type\":\"yarn\",\"factor\":32.0}",
		  "config/rope-spellings:warning" },
		{ "\"rope_scaling\":{\"type\":\"linear\",\"factor\":32},"
		  "\"rope_parameters\":{\"rope_type\":\"yarn\",\"factor\":32}",
		  "config/rope-spellings:warning" },
		{ "\"rope_scaling\":{\"type\":\"su\"},\"rope_parameters\":{\"rope_type\":\"longrope\"}", "" },
		{ "\"rope_scaling\":null,\"rope_parameters\":{\"rope_type\":\"default\"}", "" },
		{ "\"rope_scaling\":null,\"rope_parameters\":{\"rope_type\":\"yarn\"}",
		  "config/rope-spellings:warning" },
		/* One object a kind of layer, as gemma 3 has it in transformers 5. */
		{ "\"rope_theta\":1000000,\"rope_parameters\":{"
		  "\"sliding_attention\":{\"rope_theta\":10000},"
		  "\"full_attention\":{\"rope_theta\":1000000}}",
		  "" },
		{ "\"rope_theta\":7,\"rope_parameters\":{\"sliding_attention\":{\"rope_theta\":10000}}",
		  "config/rope-spellings:warning" },
		{ "\"eos_token_id\":999", "" },
		{ "\"eos_token_id\":1000", "config/token-id-range:error" },
		{ "\"eos_token_id\":[2,1000,1001]", "config/token-id-range:error" },
		{ "\"pad_token_id\":-1", "" },
		{ "\"pad_token_id\":null", "" },
		{ "\"text_config\":{\"vocab_size\":5,\"eos_token_id\":5}", "config/token-id-range:error" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct check_case c;
		case_new(&c);
		config(&c, t[i].more);
		const char *fired = case_run(&c);
		if (strcmp(fired, t[i].fires) != 0)
			fail_msg("%s: fired \"%s\", expected \"%s\"", t[i].more, fired, t[i].fires);
		case_free(&c);
	}
}

static void whole_documents(void **state)
{
	static const struct {
		const char *text, *fires;
	} t[] = {
		{ "[1]", "config/not-object:error" },
		{ "3", "config/not-object:error" },
		{ "\xef\xbb\xbf{\"model_type\":\"x\",\"architectures\":[\"X\"]}",
		  "config/byte-order-mark:error" },
		{ "{\"architectures\":[\"X\"]}", "config/model-type-missing:warning" },
		{ "{\"model_type\":\"x\"}", "config/architectures-missing:note" },
		/* The second is said by the first. */
		{ "{}", "config/model-type-missing:warning" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct check_case c;
		case_new(&c);
		case_document(&c, &c.facts.config.config, "config.json", t[i].text);
		assert_string_equal(case_run(&c), t[i].fires);
		case_free(&c);
	}
}

static void without_a_configuration(void **state)
{
	struct check_case c;

	(void)state;
	case_new(&c);
	assert_string_equal(case_run(&c), "config/missing:error");
	assert_int_equal(c.ev.states[VIT_CK_config_token_ids], VIT_STATE_NOT_APPLICABLE);
	case_file(&c, "model/config.json", VIT_FK_CONFIG, 3);
	assert_string_equal(case_run(&c), "config/missing:error");
	assert_true(vit_str_find(case_finding(&c, VIT_CK_config_missing)->message,
				 VIT_STR("one in model"), 0) != SIZE_MAX);
	c.facts.files.only = VIT_STR("model.safetensors");
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_config_missing], VIT_STATE_NOT_APPLICABLE);
	case_free(&c);

	case_new(&c);
	case_file(&c, "m.gguf", VIT_FK_GGUF, 100);
	assert_string_equal(case_run(&c), "");
	case_file(&c, "m.safetensors", VIT_FK_WEIGHTS, 100);
	assert_string_equal(case_run(&c), "config/missing:error");
	case_free(&c);

	case_new(&c);
	case_document(&c, &c.facts.config.adapter, "adapter_config.json", "{}");
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_config_missing], VIT_STATE_NOT_APPLICABLE);
	case_free(&c);
}

static void documents_that_were_not_read(void **state)
{
	struct check_case c;
	struct vit_document *d;

	(void)state;
	case_new(&c);
	d = &c.facts.config.config;
	d->state = VIT_DOC_INVALID;
	d->err = (struct vit_err){ .code = VIT_E_SYNTAX, .offset = 17, .msg = "expected ','" };
	assert_string_equal(case_run(&c), "config/invalid-json:error");
	assert_int_equal(case_finding(&c, VIT_CK_config_invalid_json)->where.offset, 17);
	assert_int_equal(c.ev.states[VIT_CK_config_model_type_missing], VIT_STATE_NOT_APPLICABLE);

	d->state = VIT_DOC_UNREADABLE;
	d->err = (struct vit_err){ .code = VIT_E_PERM, .msg = "config.json: Permission denied" };
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_config_invalid_json], VIT_STATE_UNKNOWN);
	assert_int_equal(c.ev.states[VIT_CK_config_model_type_missing], VIT_STATE_UNKNOWN);
	assert_int_equal(c.ev.states[VIT_CK_config_token_id_range], VIT_STATE_UNKNOWN);
	assert_int_equal(c.ev.states[VIT_CK_config_missing], VIT_STATE_PASS);

	/* A pointer is told by files/lfs-pointer: nothing here. */
	d->state = VIT_DOC_POINTER;
	d->file = VIT_FILE_NONE;
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_config_missing], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_config_model_type_missing], VIT_STATE_NOT_APPLICABLE);
	case_free(&c);
}

static void generation_config(void **state)
{
	static const struct {
		const char *text, *fires;
	} t[] = {
		{ "{\"eos_token_id\":[1,2],\"temperature\":1,\"do_sample\":true,\"top_k\":50}", "" },
		{ "{\"eos_token_id\":null,\"temperature\":null}", "" },
		{ "{\"eos_token_id\":\"x\"}", "config/generation-invalid:error" },
		{ "{\"eos_token_id\":[1,\"x\"]}", "config/generation-invalid:error" },
		{ "{\"eos_token_id\":1.5}", "config/generation-invalid:error" },
		{ "{\"bos_token_id\":[1]}", "config/generation-invalid:error" },
		{ "{\"temperature\":\"1\"}", "config/generation-invalid:error" },
		{ "{\"do_sample\":1}", "config/generation-invalid:error" },
		{ "{\"top_k\":50.5}", "config/generation-invalid:error" },
		{ "[]", "config/not-object:error" },
		{ "{\"eos_token_id\":1000}", "config/token-id-range:error" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct check_case c;
		case_new(&c);
		config(&c, "");
		case_document(&c, &c.facts.config.generation, "generation_config.json", t[i].text);
		const char *fired = case_run(&c);
		if (strcmp(fired, t[i].fires) != 0)
			fail_msg("%s: fired \"%s\", expected \"%s\"", t[i].text, fired, t[i].fires);
		case_free(&c);
	}
}

/* Agreement of ids: the combinations of real models, and what must be told. */
static void agreement_of_ids(void **state)
{
	static struct vit_added_token added[] = {
		{ 3, { "<end>", 5 }, true }, { 4, { "<turn>", 6 }, true }, { 5, { "<pad>", 5 }, true },
	};
	static const struct {
		const char *config, *generation, *side, *map, *fires;
	} t[] = {
		/* gpt-oss: the list of generation_config holds more. */
		{ "\"eos_token_id\":3,\"pad_token_id\":5", "{\"eos_token_id\":[3,5,4],\"pad_token_id\":5}",
		  "{\"eos_token\":\"<end>\",\"pad_token\":\"<pad>\"}", NULL, "" },
		/* qwen 3.5: the tokenizer ends turns, the config names the base's end. */
		{ "\"eos_token_id\":3", "{\"eos_token_id\":[4,3]}", "{\"eos_token\":\"<turn>\"}", NULL, "" },
		/* llama 3: a list in both. */
		{ "\"eos_token_id\":[3,4]", "{\"eos_token_id\":[3,4]}",
		  "{\"eos_token\":{\"content\":\"<turn>\"}}", NULL, "" },
		{ "\"eos_token_id\":3", "{\"eos_token_id\":4}", NULL, NULL, "config/token-ids:warning" },
		{ "\"eos_token_id\":3", NULL, "{\"eos_token\":\"<turn>\"}", NULL,
		  "config/token-ids:warning" },
		{ "\"eos_token_id\":3", NULL, NULL, "{\"eos_token\":\"<turn>\"}",
		  "config/token-ids:warning" },
		/* generate() would not stop where the tokenizer says. */
		{ "\"eos_token_id\":[3,4]", "{\"eos_token_id\":3}", "{\"eos_token\":\"<turn>\"}", NULL,
		  "config/token-ids:warning" },
		{ "\"pad_token_id\":4", NULL, "{\"pad_token\":\"<pad>\"}", NULL,
		  "config/token-ids:warning" },
		{ "\"pad_token_id\":null", "{\"pad_token_id\":5}", "{\"pad_token\":\"<pad>\"}", NULL, "" },
		{ "\"bos_token_id\":3", NULL, "{\"bos_token\":null}", NULL, "" },
		{ "\"bos_token_id\":3", NULL, "{\"bos_token\":\"<unknown>\"}", NULL, "" },
		{ "\"bos_token_id\":3", "{\"bos_token_id\":\"x\"}", NULL, NULL,
		  "config/generation-invalid:error" },
		/* An id out of range differs too: told once. */
		{ "\"eos_token_id\":3", "{\"eos_token_id\":1000}", NULL, NULL,
		  "config/token-id-range:error" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct check_case c;
		struct vit_config *k = &c.facts.config;
		case_new(&c);
		config(&c, t[i].config);
		if (t[i].generation)
			case_document(&c, &k->generation, "generation_config.json", t[i].generation);
		if (t[i].side)
			case_document(&c, &k->tokenizer_config, "tokenizer_config.json", t[i].side);
		if (t[i].map)
			case_document(&c, &k->special_tokens_map, "special_tokens_map.json", t[i].map);
		c.facts.tokenizer.state = VIT_DOC_OK;
		c.facts.tokenizer.added = added;
		c.facts.tokenizer.added_count = 3;
		const char *fired = case_run(&c);
		if (strcmp(fired, t[i].fires) != 0)
			fail_msg("row %zu: fired \"%s\", expected \"%s\"", i, fired, t[i].fires);
		case_free(&c);
	}
}

/* Without tokenizer.json, added_tokens_decoder gives the ids. */
static void ids_by_the_decoder(void **state)
{
	struct check_case c;

	(void)state;
	case_new(&c);
	config(&c, "\"eos_token_id\":7");
	case_document(&c, &c.facts.config.tokenizer_config, "tokenizer_config.json",
		      "{\"eos_token\":\"<e>\",\"added_tokens_decoder\":{\"8\":{\"content\":\"<e>\"}}}");
	assert_string_equal(case_run(&c), "config/token-ids:warning");
	const struct vit_finding *x = case_finding(&c, VIT_CK_config_token_ids);
	assert_true(vit_str_is(x->expected, "7"));
	assert_true(vit_str_is(x->actual, "8"));
	assert_true(vit_str_is(x->where.pointer, "/eos_token"));
	case_free(&c);
}

static void remote_code_is_named(void **state)
{
	struct check_case c;

	(void)state;
	case_new(&c);
	case_file(&c, "modeling_a.py", VIT_FK_CODE, 10);
	config(&c, "\"auto_map\":{\"AutoConfig\":\"configuration_a.C\",\"AutoModel\":\"modeling_a.M\","
		   "\"AutoTokenizer\":[null,\"other/repo--tok.T\"]}");
	assert_string_equal(case_run(&c), "config/remote-code:warning");
	const struct vit_finding *x = case_finding(&c, VIT_CK_config_remote_code);
	assert_true(vit_str_is(x->actual, "configuration_a.C, modeling_a.M, other/repo--tok.T"));
	assert_true(vit_str_find(x->message, VIT_STR("taken from other/repo"), 0) != SIZE_MAX);
	assert_true(vit_str_find(x->message, VIT_STR("not in the folder: configuration_a.py"), 0) !=
		    SIZE_MAX);
	assert_true(vit_str_find(x->message, VIT_STR("modeling_a.py"), 0) == SIZE_MAX);
	case_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_configuration_at_a_time),
		cmocka_unit_test(whole_documents),
		cmocka_unit_test(without_a_configuration),
		cmocka_unit_test(documents_that_were_not_read),
		cmocka_unit_test(generation_config),
		cmocka_unit_test(agreement_of_ids),
		cmocka_unit_test(ids_by_the_decoder),
		cmocka_unit_test(remote_code_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
