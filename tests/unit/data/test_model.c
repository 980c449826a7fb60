/*
 * Rows measured by a tokenizer and a template: numbers against those that the
 * tokenizer gives for the texts written out here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/model.h"
#include "memory.h"

/* The template of the tiny models, and its likes. */
#define HEAD "{% for m in messages %}"
#define PLAIN "<|start|>{{ m['role'] }}<|message|>{{ m['content'] }}<|end|>"
#define TAIL "{% endfor %}{% if add_generation_prompt %}<|start|>assistant<|message|>{% endif %}"
#define ANSWER "<|start|>assistant<|message|>{{ m['content'] }}<|return|>"

static const char simple[] = HEAD "{% if m['role'] == 'assistant' %}" ANSWER "{% else %}" PLAIN "{% endif %}" TAIL;
static const char blocks[] = HEAD "{% if m['role'] == 'assistant' %}<|start|>assistant<|message|>{% generation %}"
				  "{{ m['content'] }}<|return|>{% endgeneration %}{% else %}" PLAIN "{% endif %}" TAIL;
/* Rewrites what it prints, so that it is not found again. */
static const char rewriting[] = HEAD "{% if m['role'] == 'assistant' %}<|start|>assistant<|message|>"
				     "{{ m['content'] | upper }}<|return|>{% else %}" PLAIN "{% endif %}" TAIL;
static const char strict[] = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('No system turns.') }}{% endif %}" HEAD
	PLAIN TAIL;

struct fixture {
	struct vit_arena *arena;
	struct vit_data_model *model;
	struct vit_tokens *counter; /* another copy, to count with */
	struct vit_encoder *encoder;
	struct vit_data_parser parser;
};

static struct vit_tokens *load(struct vit_arena *a)
{
	struct memory m = { .rest = memory_file_at(a, VIT_TEST_MODELS "/tiny-llama/tokenizer.json") };
	struct vit_tokens *t = NULL;
	struct vit_err err;

	assert_int_equal(vit_tokens_load(memory_read, &m, &t, &err), VIT_OK);
	return t;
}

static void begin(struct fixture *f, const char *source)
{
	struct vit_data_model_parts parts = { .note = VIT_STR("x") };
	struct vit_err err;

	f->arena = vit_arena_new();
	parts.tokens = load(f->arena);
	if (source)
		assert_int_equal(vit_template_parse(f->arena, vit_str_c(source), &parts.template, &err), VIT_OK);
	f->model = vit_data_model_new(&parts);
	f->counter = load(f->arena);
	f->encoder = vit_encoder_new(f->counter);
	vit_data_parser_init(&f->parser);
}

static void end(struct fixture *f)
{
	vit_data_parser_release(&f->parser);
	vit_encoder_free(f->encoder);
	vit_tokens_free(f->counter);
	vit_data_model_free(f->model);
	vit_arena_free(f->arena);
}

static uint64_t count(struct fixture *f, const char *text)
{
	struct vit_err err;
	size_t n;

	assert_int_equal(vit_encode_count(f->encoder, vit_str_c(text), 0, &n, &err), VIT_OK);
	return n;
}

static struct vit_row_tokens measure(struct fixture *f, const char *row, uint32_t sequence)
{
	struct vit_row_tokens k;

	vit_data_parse(&f->parser, vit_str_c(row));
	vit_data_model_measure(f->model, &f->parser.row, sequence, &k);
	return k;
}

static const char two_turns[] = "{\"messages\":[{\"role\":\"user\",\"content\":\"Where is it?\"},{\"role\":\"assistant\",\"content\":\"In the town.\"},"
				"{\"role\":\"user\",\"content\":\"In the town.\"},{\"role\":\"assistant\",\"content\":\"Yes.\"}]}";

static void spans(void **state)
{
	static const char *const sources[] = { simple, blocks, rewriting };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct fixture f;
		struct vit_row_tokens k;
		bool upper = i == 2;
		uint64_t before, total, trained;

		begin(&f, sources[i]);
		k = measure(&f, two_turns, 0);
		before = count(&f, "<|start|>user<|message|>Where is it?<|end|><|start|>assistant<|message|>");
		trained = count(&f, upper ? "IN THE TOWN.<|return|>" : "In the town.<|return|>") +
			  count(&f, upper ? "YES.<|return|>" : "Yes.<|return|>");
		total = before + trained +
			count(&f, "<|start|>user<|message|>In the town.<|end|><|start|>assistant<|message|>");
		assert_true(k.counted);
		assert_int_equal(k.prompt, before);
		assert_int_equal(k.trainable, trained);
		assert_int_equal(k.kept_trainable, trained);
		assert_int_equal(k.total, total);
		/* Cut behind the first word of the first answer, and before it. */
		k = measure(&f, two_turns, (uint32_t)before + 1);
		assert_int_equal(k.trainable, trained);
		assert_int_equal(k.kept_trainable, 1);
		k = measure(&f, two_turns, (uint32_t)before);
		assert_int_equal(k.kept_trainable, 0);
		end(&f);
	}
}

static void refusals(void **state)
{
	struct fixture f;
	struct vit_row_tokens k;

	(void)state;
	begin(&f, strict);
	k = measure(&f, "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"u\"}]}", 0);
	assert_false(k.counted);
	assert_true(k.template_failed);
	assert_true(vit_str_is(k.reason, "No system turns."));
	k = measure(&f, "{\"prompt\":\"u\",\"completion\":\"a\"}", 0);
	assert_true(k.counted && !k.template_failed);
	end(&f);
}

/* apply_chat_template of transformers 5 drops null members and gives thoughts both names. */
static void null_members(void **state)
{
	struct fixture f;
	struct vit_row_tokens k;

	(void)state;
	begin(&f, HEAD "{{ m['content'] }}{{ 'thinks ' + m['thinking'] if m['thinking'] }}<|end|>{% endfor %}");
	k = measure(&f, "{\"messages\":[{\"role\":\"user\",\"content\":\"Where?\"},"
			"{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":\"Look.\",\"tool_calls\":"
			"[{\"function\":{\"name\":\"look\",\"arguments\":\"{}\"}}]}]}", 0);
	assert_true(k.counted);
	assert_int_equal(k.total, count(&f, "Where?<|end|>thinks Look.<|end|>"));
	end(&f);
}

/* What a template raises may quote the row. */
static void private_refusals(void **state)
{
	struct fixture f;
	struct vit_row_tokens k;

	(void)state;
	begin(&f, "{{ raise_exception('Unexpected: ' + messages[0]['content']) }}");
	k = measure(&f, "{\"prompt\":\"write to anna@posteo.de\",\"completion\":\"a\"}", 0);
	assert_true(k.template_failed);
	assert_true(vit_str_is(k.reason, "(withheld: private)"));
	k = measure(&f, "{\"prompt\":\"a letter\",\"completion\":\"a\"}", 0);
	assert_true(vit_str_is(k.reason, "Unexpected: a letter"));
	end(&f);
}

static void without_template(void **state)
{
	struct fixture f;
	struct vit_row_tokens k;

	(void)state;
	begin(&f, NULL);
	k = measure(&f, "{\"prompt\":\"Where is it?\",\"completion\":\"In the town.\"}", 0);
	assert_int_equal(k.prompt, count(&f, "Where is it?"));
	assert_int_equal(k.trainable, count(&f, "In the town."));
	assert_int_equal(k.total, k.prompt + k.trainable);
	k = measure(&f, "{\"text\":\"In the town.\"}", 0);
	assert_true(k.trainable >= count(&f, "In the town."));
	assert_int_equal(k.total, k.trainable);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans),
		cmocka_unit_test(refusals), cmocka_unit_test(private_refusals), cmocka_unit_test(null_members),
		cmocka_unit_test(without_template),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
