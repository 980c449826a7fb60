/* Rows: formats, turns, and what is odd about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/row.h"
#include "memory.h"

/* "u:hello a:hi": the turns by the first letter of their roles. */
static const char *turns(struct vit_arena *a, const struct vit_data_row *r)
{
	static const char letters[] = { '-', 's', 'd', 'u', 'a', 't', 'c', 'p', '?' };
	struct vit_str out = VIT_STR_EMPTY;

	for (uint32_t i = 0; i < r->turn_count; i++) {
		const struct vit_data_turn *t = &r->turns[i];
		out = vit_arena_printf(a, "%.*s%s%c%s:%.*s", VIT_FMT(out), i ? " " : "", letters[t->role],
				       t->part == VIT_PART_REJECTED ? "!" : "", VIT_FMT(t->content));
	}
	return out.n ? out.p : "";
}

static void formats(void **state)
{
	static const struct {
		const char *text;
		enum vit_data_format format;
		const char *turns;
	} cases[] = {
		{ "{\"messages\":[{\"role\":\"system\",\"content\":\"S\"},{\"role\":\"user\",\"content\":\"U\"},"
		  "{\"role\":\"assistant\",\"content\":\"A\"}]}", VIT_FORMAT_CHAT, "s:S u:U a:A" },
		{ "{\"conversations\":[{\"from\":\"human\",\"value\":\"U\"},{\"from\":\"gpt\",\"value\":\"A\"}],\"system\":\"S\"}",
		  VIT_FORMAT_SHAREGPT, "s:S u:U a:A" },
		{ "{\"conversations\":[{\"role\":\"user\",\"content\":\"U\"},{\"role\":\"assistant\",\"content\":\"A\"}]}",
		  VIT_FORMAT_CHAT, "u:U a:A" },
		/* The order of keys is nothing. */
		{ "{\"output\":\"A\",\"input\":\"I\",\"instruction\":\"U\"}", VIT_FORMAT_ALPACA, "u:U\nI a:A" },
		{ "{\"instruction\":\"U\",\"input\":\"\",\"output\":\"A\",\"history\":[[\"u1\",\"a1\"],[\"u2\",\"a2\"]]}",
		  VIT_FORMAT_ALPACA, "u:u1 a:a1 u:u2 a:a2 u:U a:A" },
		{ "{\"prompt\":\"U\",\"completion\":\"A\"}", VIT_FORMAT_PROMPT, "u:U a:A" },
		{ "{\"prompt\":[{\"role\":\"user\",\"content\":\"U\"}],\"completion\":[{\"role\":\"assistant\",\"content\":\"A\"}]}",
		  VIT_FORMAT_PROMPT, "u:U a:A" },
		{ "{\"prompt\":\"U\",\"completion\":\"A\",\"label\":true}", VIT_FORMAT_UNPAIRED, "u:U a:A" },
		{ "{\"text\":\"T\"}", VIT_FORMAT_TEXT, "p:T" },
		{ "{\"rejected\":\"R\",\"prompt\":\"U\",\"chosen\":\"A\"}", VIT_FORMAT_PREFERENCE, "u:U a:A a!:R" },
		{ "{\"chosen\":[{\"role\":\"user\",\"content\":\"U\"},{\"role\":\"assistant\",\"content\":\"A\"}],"
		  "\"rejected\":[{\"role\":\"user\",\"content\":\"U\"},{\"role\":\"assistant\",\"content\":\"R\"}]}",
		  VIT_FORMAT_PREFERENCE, "u:U a:A u!:U a!:R" },
		{ "{\"prompt\":\"U\",\"completions\":[\"a\"],\"labels\":[true]}", VIT_FORMAT_STEPWISE, "u:U" },
		{ "{\"question\":\"U\",\"answer\":\"A\"}", VIT_FORMAT_PAIR, "u:U a:A" },
		{ "{\"input\":\"U\",\"output\":\"A\"}", VIT_FORMAT_PAIR, "u:U a:A" },
		{ "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"U\"},{\"type\":\"image\"},"
		  "{\"type\":\"text\",\"text\":\"V\"}]},{\"role\":\"assistant\",\"content\":\"A\"}]}", VIT_FORMAT_CHAT, "u:UV a:A" },
	};
	struct vit_arena *a = vit_arena_new();
	struct vit_data_parser p;

	(void)state;
	vit_data_parser_init(&p);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		vit_data_parse(&p, vit_str_c(cases[i].text));
		assert_true(p.row.is_object);
		assert_int_equal(p.row.issues, 0);
		assert_int_equal(p.row.format, cases[i].format);
		assert_string_equal(turns(a, &p.row), cases[i].turns);
	}
	vit_data_parser_release(&p);
	vit_arena_free(a);
}

#define BIT(i) ((uint64_t)1 << VIT_DI_##i)
#define CHAT(messages) "{\"messages\":[" messages "]}"
#define U "{\"role\":\"user\",\"content\":\"u\"}"
#define A "{\"role\":\"assistant\",\"content\":\"a\"}"
#define T "{\"role\":\"tool\",\"content\":\"t\",\"tool_call_id\":\"1\"}"
#define CALL "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"1\",\"type\":\"function\"," \
	     "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}"
#define TWO "{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{}}}," \
	    "{\"function\":{\"name\":\"g\",\"arguments\":{}}}]}"

#define PAIR "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":{\"id\":7}}}," \
	     "{\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":{\"id\":\"x\"}}}]}"

static void structure(void **state)
{
	static const struct {
		const char *text;
		uint64_t issues;
	} cases[] = {
		{ CHAT(U "," A "," U "," A), 0 },
		/* Calls and answers in all the orders that are right. */
		{ CHAT(U "," CALL "," T "," A), 0 },
		{ CHAT(U "," TWO "," T "," T "," A), 0 },
		{ CHAT(U "," CALL), 0 },
		{ CHAT(U "," CALL "," T), BIT(last_turn) },
		{ CHAT(U "," CALL "," U "," A), BIT(tool_unanswered) },
		/* OpenAI's and Mistral's formats pair them by id. */
		{ CHAT(U "," CALL ",{\"role\":\"tool\",\"content\":\"t\",\"tool_call_id\":\"9\"}," A), BIT(tool_unanswered) },
		{ CHAT(U "," CALL ",{\"role\":\"tool\",\"content\":\"t\"}," A), 0 },
		{ CHAT(U "," PAIR ",{\"role\":\"tool\",\"content\":\"t\",\"tool_call_id\":\"b\"},"
		       "{\"role\":\"tool\",\"content\":\"t\",\"tool_call_id\":\"a\"}," A), 0 },
		{ CHAT(U "," PAIR ",{\"role\":\"tool\",\"content\":\"t\",\"tool_call_id\":\"b\"},"
		       "{\"role\":\"tool\",\"content\":\"t\",\"tool_call_id\":\"b\"}," A), BIT(tool_unanswered) },
		{ CHAT(U "," A "," T "," A), BIT(tool_unasked) },
		{ CHAT(U ",{\"role\":\"assistant\",\"content\":\"<tool_call>{}</tool_call>\"}," T "," A), 0 },
		/* Harmony: analysis, then the final answer. */
		{ CHAT("{\"role\":\"developer\",\"content\":\"d\"}," U ",{\"role\":\"assistant\",\"channel\":\"analysis\",\"content\":\"x\"},"
		       "{\"role\":\"assistant\",\"channel\":\"final\",\"content\":\"y\"}"), 0 },
		{ CHAT(U ",{\"role\":\"assistant\",\"thinking\":\"x\",\"content\":\"y\"}"), 0 },
		{ CHAT(U "," A "," A), BIT(alternation) },
		{ CHAT(A "," U "," A), BIT(alternation) },
		{ CHAT(U "," A ",{\"role\":\"system\",\"content\":\"s\"}," U "," A), BIT(system_position) },
		{ CHAT("{\"role\":\"system\",\"content\":\"\"}," U "," A), 0 },
		{ CHAT(U ",{\"role\":\"assistant\",\"content\":null}"), BIT(empty_field) },
		{ CHAT(U ",{\"role\":\"assistant\",\"content\":{}}"), BIT(wrong_type) },
		{ CHAT(U ",{\"content\":\"a\"}"), BIT(missing_field) },
		{ CHAT(U ",\"a\""), BIT(wrong_type) | BIT(no_assistant) },
		{ "{\"messages\":[]}", BIT(empty_field) },
		{ "{\"messages\":\"u\"}", BIT(wrong_type) },
		{ "{\"messages\":null}", BIT(missing_field) },
		{ "{\"prompt\":\"u\"}", BIT(missing_field) },
		{ "{\"prompt\":\"u\",\"completion\":3}", BIT(wrong_type) },
		{ "{\"prompt\":\"u\",\"completion\":\" \\n\"}", BIT(empty_field) },
		{ "{\"instruction\":\"u\",\"input\":\"\",\"output\":null}", BIT(missing_field) },
		{ "{\"instruction\":\"u\",\"input\":\"\",\"output\":[\"a\"]}", BIT(wrong_type) },
		{ "{\"text\":[\"t\"]}", BIT(wrong_type) },
		{ "{\"text\":\"\"}", BIT(empty_field) },
		{ "{\"a\":1,\"a\":2,\"text\":\"t\"}", BIT(duplicate_key) },
		{ "{}", BIT(unknown_format) },
		{ "[1]", BIT(wrong_type) },
		{ "17", BIT(wrong_type) },
		{ "{\"text\":\"t\"} x", BIT(invalid_json) },
		{ "{\"text\":\"t\",}", BIT(invalid_json) },
		{ "{'text':'t'}", BIT(invalid_json) },
		{ "{\"text\":\"\xff\"}", BIT(invalid_utf8) },
		{ "{\"text\":\"\\ud800\"}", BIT(invalid_utf8) },
		{ "{\"text\":NaN}", BIT(wrong_type) },
		{ "{\"conversations\":[{\"from\":\"human\",\"value\":\"u\"},{\"from\":\"function_call\",\"value\":\"{\\\"name\\\":\\\"f\\\"}\"},"
		  "{\"from\":\"observation\",\"value\":\"o\"},{\"from\":\"gpt\",\"value\":\"a\"}]}", 0 },
		{ "{\"conversations\":[{\"from\":\"human\",\"value\":\"u\"},{\"from\":\"function_call\",\"value\":\"f()\"}]}",
		  BIT(tool_arguments) },
	};
	struct vit_data_parser p;

	(void)state;
	vit_data_parser_init(&p);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		vit_data_parse(&p, vit_str_c(cases[i].text));
		if (p.row.issues != cases[i].issues)
			print_message("%s\n", cases[i].text);
		assert_int_equal(p.row.issues, cases[i].issues);
		for (unsigned k = 0; k < VIT_DI_COUNT; k++)
			if (p.row.issues >> k & 1)
				assert_true(p.row.details[k].n > 0);
	}
	vit_data_parser_release(&p);
}

static void names(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_data d;

	(void)state;
	memory_scan(a, VIT_STR("{\"text\":\"one two\",\"category\":\"A\",\"metadata\":{\"source\":\"S\",\"page\":3}}\n"
			       "{\"text\":\"three four\",\"category\":\"B\"}\n{\"text\":\"five\",\"category\":\"A\"}\n"),
		    NULL, &d);
	assert_int_equal(d.categories.count, 2);
	assert_string_equal(d.categories.names[0].name.p, "A");
	assert_int_equal(d.categories.names[0].count, 2);
	assert_int_equal(d.sources.count, 1);
	assert_string_equal(d.sources.names[0].name.p, "S");
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),
		cmocka_unit_test(structure),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
