/* Area 'tokenizer'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check_case.h"
#include "checks/tokenizer.h"

const struct vit_pass *const vit_passes[] = { &vit_pass_tokenizer };
const size_t vit_pass_count = 1;

static struct vit_added_token added[] = {
	{ 998, { "<end>", 5 }, true },
	{ 999, { "<pad>", 5 }, true },
};
static struct vit_added_token named[] = { { 1, { "<unk>", 5 }, true } };

/* A good model of 1,000 tokens. */
static struct vit_tokenizer *begin(struct check_case *c)
{
	struct vit_tokenizer *t = &c->facts.tokenizer;

	case_new(c);
	case_document(c, &c->facts.config.config, "config.json",
		      "{\"model_type\":\"llama\",\"architectures\":[\"LlamaForCausalLM\"],"
		      "\"vocab_size\":1000}");
	case_document(c, &c->facts.config.tokenizer_config, "tokenizer_config.json",
		      "{\"eos_token\":\"<end>\",\"pad_token\":{\"content\":\"<pad>\"},"
		      "\"unk_token\":\"<unk>\",\"bos_token\":null,"
		      "\"added_tokens_decoder\":{\"998\":{\"content\":\"<end>\"},\"7\":{\"content\":\"x\"}}}");
	*t = (struct vit_tokenizer){
		.state = VIT_DOC_OK,
		.path = VIT_STR("tokenizer.json"),
		.is_object = true,
		.has_model = true,
		.has_vocab = true,
		.vocab_count = 998,
		.max_id = 999,
		.distinct_ids = 1000,
		.added = added,
		.added_count = 2,
		.added_total = 2,
		.named = named,
		.named_count = 1,
		.template_place = VIT_TP_FILE,
		.template_path = VIT_STR("chat_template.jinja"),
		.templates = { .read = 1 },
	};
	return t;
}

static void good_models(void **state)
{
	struct check_case c;
	struct vit_tokenizer *t = begin(&c);

	(void)state;
	assert_string_equal(case_run(&c), "");
	for (size_t i = 0; i < vit_pass_tokenizer.id_count; i++) {
		enum vit_check_id id = vit_pass_tokenizer.ids[i];
		if (id != VIT_CK_tokenizer_templates_differ)
			assert_int_equal(c.ev.states[id], VIT_STATE_PASS);
	}
	/* Rows of the embedding that no token uses are usual (gpt-oss has 1,069). */
	t->max_id = 10;
	assert_string_equal(case_run(&c), "");
	t->template_place = VIT_TP_BOTH;
	t->templates_equal = true;
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_tokenizer_templates_differ], VIT_STATE_PASS);
	case_free(&c);
}

static void absent(void **state)
{
	struct check_case c;
	struct vit_tokenizer *t = begin(&c);

	(void)state;
	t->state = VIT_DOC_ABSENT;
	assert_string_equal(case_run(&c), "tokenizer/missing:warning");
	t->template_place = VIT_TP_NONE;
	assert_string_equal(case_run(&c), "tokenizer/missing:warning");
	t->slow_only = true;
	assert_string_equal(case_run(&c), "");
	t->slow_only = false;
	c.facts.files.only = VIT_STR("config.json");
	assert_string_equal(case_run(&c), "");
	c.facts.files.only = VIT_STR_EMPTY;
	/* A model of images has none. */
	case_document(&c, &c.facts.config.config, "config.json", "{\"model_type\":\"vit\"}");
	assert_string_equal(case_run(&c), "");
	case_free(&c);

	t = begin(&c);
	t->state = VIT_DOC_ABSENT;
	case_document(&c, &c.facts.config.adapter, "adapter_config.json", "{}");
	assert_string_equal(case_run(&c), "");
	case_free(&c);
}

static void malformed(void **state)
{
	struct check_case c;
	struct vit_tokenizer *t = begin(&c);

	(void)state;
	t->bad_entries = 3;
	t->bad_offset = 44;
	assert_string_equal(case_run(&c), "tokenizer/invalid:error");
	assert_int_equal(case_finding(&c, VIT_CK_tokenizer_invalid)->where.offset, 44);
	/* What follows from a file that is damaged is not told beside it. */
	t->max_id = 5000;
	t->duplicate_ids = 1;
	assert_string_equal(case_run(&c), "tokenizer/invalid:error");
	case_free(&c);

	for (int i = 0; i < 4; i++) {
		t = begin(&c);
		t->is_object = i > 0;
		t->has_model = i > 1;
		t->has_vocab = i > 2;
		t->distinct_ids = 0;
		assert_string_equal(case_run(&c), "tokenizer/invalid:error");
		case_free(&c);
	}

	t = begin(&c);
	t->state = VIT_DOC_INVALID;
	t->err = (struct vit_err){ .code = VIT_E_SYNTAX, .offset = 9, .msg = "expected ':'" };
	assert_string_equal(case_run(&c), "tokenizer/invalid:error");
	t->state = VIT_DOC_UNREADABLE;
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_tokenizer_invalid], VIT_STATE_UNKNOWN);
	assert_int_equal(c.ev.states[VIT_CK_tokenizer_id_range], VIT_STATE_UNKNOWN);
	assert_int_equal(c.ev.states[VIT_CK_tokenizer_missing], VIT_STATE_PASS);
	t->state = VIT_DOC_POINTER;
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_tokenizer_invalid], VIT_STATE_NOT_APPLICABLE);
	case_free(&c);
}

static void range_of_ids(void **state)
{
	static const uint64_t shape[] = { 1000, 64 };
	struct vit_tensor tensors[] = { { .name = VIT_STR("model.embed_tokens.weight"), .shape = shape,
					  .rank = 2 } };
	struct vit_shard shards[] = { { .save = 0 } };
	struct check_case c;
	struct vit_tokenizer *t = begin(&c);

	(void)state;
	t->max_id = 1000;
	assert_string_equal(case_run(&c), "tokenizer/id-range:error");
	const struct vit_finding *x = case_finding(&c, VIT_CK_tokenizer_id_range);
	assert_true(vit_str_is(x->actual, "1,000"));
	assert_true(vit_str_is(x->expected, "ids below 1,000"));

	/* Without vocab_size the embedding's rows tell, where they are known. */
	case_document(&c, &c.facts.config.config, "config.json", "{\"model_type\":\"llama\"}");
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_tokenizer_id_range], VIT_STATE_NOT_APPLICABLE);
	c.facts.weights.tensors = tensors;
	c.facts.weights.tensor_count = 1;
	c.facts.weights.shards = shards;
	c.facts.weights.shard_count = 1;
	c.facts.weights.main_save = 0;
	assert_string_equal(case_run(&c), "tokenizer/id-range:error");
	t->max_id = 999;
	assert_string_equal(case_run(&c), "");
	case_free(&c);
}

static void shared_ids(void **state)
{
	static struct vit_added_token same_id[] = { { 5, { "a", 1 }, true }, { 5, { "b", 1 }, true } };
	static struct vit_added_token same_text[] = { { 5, { "a", 1 }, true }, { 6, { "a", 1 }, true } };
	static struct vit_added_token twice[] = { { 5, { "a", 1 }, true }, { 5, { "a", 1 }, true } };
	struct check_case c;
	struct vit_tokenizer *t = begin(&c);

	(void)state;
	t->duplicate_ids = 1;
	assert_string_equal(case_run(&c), "tokenizer/duplicate-id:warning");
	t->duplicate_ids = 0;
	t->conflicts = 1;
	assert_string_equal(case_run(&c), "tokenizer/duplicate-id:warning");
	t->conflicts = 0;
	c.facts.config.tokenizer_config.state = VIT_DOC_ABSENT;
	t->added = same_id;
	assert_string_equal(case_run(&c), "tokenizer/duplicate-id:warning");
	t->added = same_text;
	assert_string_equal(case_run(&c), "tokenizer/duplicate-id:warning");
	t->added = twice;
	assert_string_equal(case_run(&c), "");
	case_free(&c);
}

static void side_files(void **state)
{
	static const struct {
		const char *side, *map, *fires;
	} t[] = {
		{ "{\"eos_token\":\"<end>\"}", NULL, "" },
		{ "{\"eos_token\":\"<missing>\"}", NULL, "tokenizer/special-token:warning" },
		{ "{}", "{\"pad_token\":{\"content\":\"[PAD]\"}}", "tokenizer/special-token:warning" },
		{ "{\"added_tokens_decoder\":{\"998\":{\"content\":\"<other>\"}}}", NULL,
		  "tokenizer/special-token:warning" },
		/* Ids of the vocabulary are not known one by one. */
		{ "{\"added_tokens_decoder\":{\"3\":{\"content\":\"<other>\"},\"x\":{\"content\":\"y\"}}}",
		  NULL, "" },
		{ "{\"pad_token\":\"<end>\",\"eos_token\":\"<end>\"}", NULL, "tokenizer/pad-is-eos:note" },
		{ "[]", NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct check_case c;
		begin(&c);
		case_document(&c, &c.facts.config.tokenizer_config, "tokenizer_config.json", t[i].side);
		if (t[i].map)
			case_document(&c, &c.facts.config.special_tokens_map,
				      "special_tokens_map.json", t[i].map);
		const char *fired = case_run(&c);
		if (strcmp(fired, t[i].fires) != 0)
			fail_msg("row %zu: fired \"%s\", expected \"%s\"", i, fired, t[i].fires);
		case_free(&c);
	}
}

static void templates(void **state)
{
	struct check_case c;
	struct vit_tokenizer *t = begin(&c);

	(void)state;
	t->template_place = VIT_TP_BOTH;
	t->templates_equal = false;
	assert_string_equal(case_run(&c), "tokenizer/templates-differ:warning");
	t->template_place = VIT_TP_NONE;
	assert_string_equal(case_run(&c), "tokenizer/template-missing:note");
	t->template_place = VIT_TP_FILE;
	static const struct vit_template_remark remarks[] = {
		{ VIT_RK_SYNTAX, { "chat_template.jinja", 19 }, { "", 0 }, 3, { "unexpected '}}'", 15 }, 1 },
		{ VIT_RK_UNSAFE, { "tokenizer_config.json", 21 }, { "rag", 3 }, 2,
		  { "reaches for the attribute '__class__'", 37 }, 4 },
	};
	t->templates.remarks = remarks;
	t->templates.remark_count = 2;
	assert_string_equal(case_run(&c),
			    "tokenizer/template-syntax:error tokenizer/template-unsafe:error");
	assert_int_equal(c.ev.states[VIT_CK_tokenizer_template_unsupported], VIT_STATE_PASS);
	t->templates.remark_count = 0;
	t->templates.read = 0;
	t->template_err = (struct vit_err){ .code = VIT_E_PERM, .msg = "no" };
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_tokenizer_template_missing], VIT_STATE_UNKNOWN);
	assert_int_equal(c.ev.states[VIT_CK_tokenizer_templates_differ], VIT_STATE_UNKNOWN);
	t->template_err.code = VIT_OK;
	static const char *const none[] = {
		"{\"model_type\":\"bert\",\"architectures\":[\"BertModel\"],\"vocab_size\":1000}",
		"{\"model_type\":\"t5\",\"architectures\":[\"T5ForConditionalGeneration\"],"
		"\"vocab_size\":1000}",
		"{\"model_type\":\"falcon\",\"architectures\":[\"FalconForCausalLM\"],\"vocab_size\":1000}",
	};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		case_document(&c, &c.facts.config.config, "config.json", none[i]);
		assert_string_equal(case_run(&c), "");
	}
	case_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_models),	cmocka_unit_test(absent),
		cmocka_unit_test(malformed),	cmocka_unit_test(range_of_ids),
		cmocka_unit_test(shared_ids),	cmocka_unit_test(side_files),
		cmocka_unit_test(templates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
