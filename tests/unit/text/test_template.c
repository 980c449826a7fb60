/*
 * The template interpreter by itself. Expected texts are those of jinja2 3.1.6
 * in the environment of transformers (tests/differential/template_reference.py);
 * the differential test compares many more, where Python is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text/template.h"

static const char context_json[] =
	"{\"messages\": [{\"role\": \"system\", \"content\": \"Be brief.\"},"
	" {\"role\": \"user\", \"content\": \"  Qui\\u00e9n?  \"},"
	" {\"role\": \"assistant\", \"content\": null, \"items\": [1]}],"
	" \"tools\": null, \"bos_token\": \"<s>\", \"n\": 7, \"big\": 123456789012345678901234567890}";

struct run {
	struct vit_arena *arena, *scratch;
	const struct vit_template *t;
	struct vit_buf out;
	struct vit_template_result result;
};

static struct vit_tval context_of(struct vit_arena *a, const char *json)
{
	struct vit_json_reader reader;
	struct vit_json_event ev;
	struct vit_tval v;
	vit_json_reader_init(&reader, vit_str_c(json), 0);
	vit_json_next(&reader, &ev);
	assert_true(vit_tval_read(&reader, &ev, true, a, &v));
	return v;
}

static void render_with(struct run *r, const char *source, const char *json,
			const struct vit_template_limits *limits)
{
	static const struct vit_template_clock clock = { 2026, 3, 5, 14, 7, 9 };
	struct vit_err err;
	r->arena = vit_arena_new();
	r->scratch = vit_arena_new();
	vit_buf_init(&r->out, 1 << 24);
	assert_int_equal(vit_template_parse(r->arena, vit_str_c(source), &r->t, &err), VIT_OK);
	vit_template_render(r->t, context_of(r->arena, json), limits, &clock, r->scratch, &r->out,
			    &r->result);
}

static void done(struct run *r)
{
	vit_buf_release(&r->out);
	vit_arena_free(r->arena);
	vit_arena_free(r->scratch);
}

static void expect(const char *source, const char *output)
{
	struct run r;
	render_with(&r, source, context_json, &vit_template_default_limits);
	if (r.result.outcome != VIT_TEMPLATE_RENDERED || strcmp(r.out.p, output) != 0)
		print_error("%s\n -> %s: %s\n", source, vit_template_outcome_name(r.result.outcome),
			    r.result.message.p);
	assert_string_equal(r.out.p, output);
	assert_int_equal(r.result.outcome, VIT_TEMPLATE_RENDERED);
	done(&r);
}

static void expect_outcome(const char *source, enum vit_template_outcome outcome, unsigned line,
			   const char *message)
{
	struct run r;
	render_with(&r, source, context_json, &vit_template_default_limits);
	if (r.result.outcome != outcome)
		print_error("%s\n -> %s\n", source, r.out.p);
	assert_int_equal(r.result.outcome, outcome);
	assert_int_equal(r.result.line, line);
	if (message)
		assert_string_equal(r.result.message.p, message);
	done(&r);
}

static void white_space(void **state)
{
	(void)state;
	expect("a\n  {% if true %}\n  b\n  {% endif %}\nc\n", "a\n  b\nc");
	expect("a {%- if true -%} b {%- endif -%} c", "abc");
	expect("a\n  {%+ if true %}b{% endif +%}\nc", "a\n  b\nc");
	expect("  {# note #}\nx {#- n -#} y", "xy");
	expect("{% raw %} {{ x }} {%- endraw %}!", " {{ x }}!");
	expect("{{- ' a ' -}}  b", " a b");
	expect("x\r\ny\rz", "x\ny\nz");
}

static void python_prints(void **state)
{
	(void)state;
	expect("{{ [1, 2.0, 'it\\'s', none, true, {'k': (1,)}, 1e20, 1e-7] }}",
	       "[1, 2.0, \"it's\", None, True, {'k': (1,)}, 1e+20, 1e-07]");
	expect("{{ 7 // -2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ -2 ** 2 }}", "-4 2 3.5 1024 4");
	expect("{{ 'Qui\\u00e9n'[::-1] }} {{ 'Qui\\u00e9n'|length }}", "n\u00e9iuQ 5");
	expect("{{ big }} {{ messages[2].items is callable }}{{ messages[2]['items'] }}",
	       "123456789012345678901234567890 True[1]");
	expect("{{ {'b': [1, {}], 'a': '<\\u00e9>'}|tojson(indent=2, sort_keys=true) }}",
	       "{\n  \"a\": \"<\u00e9>\",\n  \"b\": [\n    1,\n    {}\n  ]\n}");
	expect("{{ '%5.2f|%-4s|%03d'|format(3.14159, 'ab', 7) }}", " 3.14|ab  |007");
	expect("{{ ('<'|e) + '<' }}{{ '<'|safe ~ '<' }}", "&lt;&lt;<<");
	expect("{{ strftime_now('%d %b %Y, %A %-d %j') }}", "05 Mar 2026, Thursday 5 064");
}

static void scopes(void **state)
{
	(void)state;
	expect("{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = 5 %}{{ x }}{% endfor %}{{ x }}",
	       "15151");
	expect("{% set ns = namespace(a=1) %}{% for i in range(3) %}{% set ns.a = ns.a + i %}"
	       "{% endfor %}{{ ns.a }}", "4");
}

static void macros(void **state)
{
	(void)state;
	expect("{% macro f(a, b=2) %}[{{ a }}|{{ b }}|{{ varargs }}|{{ kwargs }}]{% endmacro %}"
	       "{{ f(1) }}{{ f(1, 3, 4, k=5) }}", "[1|2|()|{}][1|3|(4,)|{'k': 5}]");
	expect("{% macro f() %}<{{ caller(7) }}>{% endmacro %}"
	       "{% call(x) f() %}{{ x + n }}{% endcall %}", "<14>");
	expect("{% macro t(v, d) %}{% if d %}({{ t(v, d - 1) }}){% else %}{{ v }}{% endif %}"
	       "{% endmacro %}{{ t('x', 3) }}", "(((x)))");
	expect("{% for x in [[1, [2, [3]]]] recursive %}{% if x is iterable %}<{{ loop(x) }}>"
	       "{% else %}{{ x }}@{{ loop.depth }}{% endif %}{% endfor %}", "<1@2<2@3<3@4>>>");
}

static void loops(void **state)
{
	(void)state;
	expect("{% for m in messages if m.content %}{{ loop.index }}/{{ loop.length }} {{ m.role }}"
	       "{{ ', ' if not loop.last }}{% else %}none{% endfor %}", "1/2 system, 2/2 user");
	expect("{% for i in range(5) %}{% if i == 1 %}{% continue %}{% elif i == 3 %}{% break %}"
	       "{% endif %}{{ i }}{{ loop.previtem }}{{ loop.nextitem }}{% endfor %}", "01213");
	expect("{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}{{ v }}{{ loop.cycle('x', 'y') }}"
	       "{% endfor %}", "a1xb2y");
	expect("{% for x in [] %}{% else %}empty{% endfor %}", "empty");
	expect("{% for x in [1, 2] %}{% break %}{% else %}never whole{% endfor %}", "never whole");
}

static void outcomes(void **state)
{
	(void)state;
	expect_outcome("\n{{ raise_exception('Only ' ~ n) }}", VIT_TEMPLATE_RAISED, 2, "Only 7");
	expect_outcome("{{ nothing }}{{ nothing.x }}", VIT_TEMPLATE_ERROR, 1,
		       "'nothing' is undefined");
	expect_outcome("a\nb{{ messages[0].nope.x }}", VIT_TEMPLATE_ERROR, 2,
		       "'dict object' has no attribute 'nope'");
	expect_outcome("{{ 'a' + messages[2].content }}", VIT_TEMPLATE_ERROR, 1,
		       "can only concatenate str (not \"NoneType\") to str");
	expect_outcome("{{ messages.append(1) }}", VIT_TEMPLATE_FORBIDDEN, 1, NULL);
	expect_outcome("{{ 9223372036854775807 + 1 }}", VIT_TEMPLATE_UNSUPPORTED, 1, NULL);
	expect_outcome("{{ lipsum() }}", VIT_TEMPLATE_UNSUPPORTED, 1, NULL);
}

static void limits(void **state)
{
	(void)state;
	static const char *const bombs[] = {
		"{{ 'a' * 1000000000 }}",
		"{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
		"{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
		"{% set ns = namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(99) %}"
		"{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
		"{% for i in range(90000) %}{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' * 100 }}"
		"{% endfor %}",
		"{{ [[0] * 90000] * 90000 }}",
		"{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = [ns.l] %}"
		"{% endfor %}{{ ns.l }}",
		"{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = [ns.l, ns.l] %}"
		"{% endfor %}{{ ns.l == [[]] }}{{ ns.l|tojson }}",
		"{{ '%999999999d' % 1 }}",
		"{{ 'x'.center(999999999) }}",
		"{% set s = 'a' * 1000000 %}{{ s.count('a' * 500000 ~ 'b') }}{{ (s ~ 'b') in s ~ s }}",
	};
	for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
		struct run r;
		render_with(&r, bombs[i], context_json, &vit_template_default_limits);
		if (r.result.outcome != VIT_TEMPLATE_LIMIT)
			print_error("%s -> %s\n", bombs[i],
				    vit_template_outcome_name(r.result.outcome));
		assert_int_equal(r.result.outcome, VIT_TEMPLATE_LIMIT);
		assert_true(r.result.message.n > 0);
		done(&r);
	}
}

static void faults_are_named_with_their_lines(void **state)
{
	(void)state;
	struct run r;
	render_with(&r, "{% if x %}\n{{ 1 + }}\n{% endif %}\n{% nope %}\n{{ 'a' | nofilter }}{% for %}",
		    context_json, &vit_template_default_limits);
	assert_int_equal(r.result.outcome, VIT_TEMPLATE_BROKEN);
	assert_int_equal(r.t->syntax_count, 4);
	assert_int_equal(r.t->notes[0].line, 2);
	assert_string_equal(r.t->notes[0].text.p, "unexpected '}}'");
	assert_int_equal(r.t->notes[1].line, 4);
	assert_string_equal(r.t->notes[1].text.p, "unknown tag 'nope'");
	done(&r);
	expect_outcome("{{ 'abc }}", VIT_TEMPLATE_BROKEN, 1, NULL);
	expect_outcome("{% if 1 %}", VIT_TEMPLATE_BROKEN, 1, NULL);
	expect_outcome("{{ x|nofilter }}", VIT_TEMPLATE_BROKEN, 1, NULL);
	expect_outcome("{% break %}", VIT_TEMPLATE_BROKEN, 1, NULL);
}

static void unsafe_templates_are_not_evaluated(void **state)
{
	(void)state;
	static const char *const unsafe[] = {
		"{{ ''.__class__ }}",
		"{% if false %}{{ x.__init__.__globals__ }}{% endif %}",
		"{{ messages|map(attribute='__class__')|list }}",
		"{{ x['__cla' ~ 'ss__'] }}",
		"{{ x|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
		"{{ x|attr(y) }}",
		"{{ ''.__class__.mro()[1] }}",
		"{% include 'x' %}",
		"{% import 'os' as os %}",
		"{% extends 'base' %}",
		"{{ '{0.__class__}'.format(1) }}",
		"{{ 'all of it: {0[__class__]}'.format(1) }}",
		"{{ cycler.__init__ }}",
		"{{ self._TemplateReference__context }}",
	};
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
		struct run r;
		render_with(&r, unsafe[i], context_json, &vit_template_default_limits);
		if (!r.t->unsafe_count)
			print_error("not noted: %s\n", unsafe[i]);
		assert_true(r.t->unsafe_count > 0);
		assert_int_equal(r.result.outcome, VIT_TEMPLATE_UNSAFE);
		assert_int_equal(r.out.n, 0);
		done(&r);
	}
	struct run r;
	render_with(&r, "{{ messages[0]['_id'] }}{{ 'Write def __init__(self) in {class} and __init__.py' }}", context_json,
		    &vit_template_default_limits);
	assert_int_equal(r.t->unsafe_count, 0);
	done(&r);
}

static void generation_spans(void **state)
{
	(void)state;
	struct run r;
	render_with(&r, "{% for m in messages %}\u00e9{{ m.role }}:{% generation %}{{ m.content }};"
			"{% endgeneration %}{% endfor %}", context_json, &vit_template_default_limits);
	assert_string_equal(r.out.p, "\u00e9system:Be brief.;\u00e9user:  Qui\u00e9n?  ;"
				     "\u00e9assistant:None;");
	assert_true(r.t->has_generation);
	assert_int_equal(r.result.span_count, 3);
	assert_int_equal(r.result.spans[0].begin, 9);
	assert_int_equal(r.result.spans[0].end, 19);
	assert_int_equal(r.result.spans[2].end, r.out.n);
	done(&r);
}

static void what_a_template_reads(void **state)
{
	(void)state;
	struct run r;
	render_with(&r, "{% set a = b %}{{ a }}{% for m in messages %}{{ m.tools }}{{ c }}{% endfor %}"
			"{% if tools %}{{ raise_exception(strftime_now('%Y')) }}{% endif %}",
		    context_json, &vit_template_default_limits);
	assert_true(r.t->uses_tools && r.t->uses_clock && r.t->uses_exception);
	assert_false(r.t->has_generation);
	assert_int_equal(r.t->variable_count, 6);
	done(&r);
}

static void scratch_serves_row_after_row(void **state)
{
	(void)state;
	struct run r;
	render_with(&r, "{% for m in messages %}{{ m.role ~ m.content }}{% endfor %}", context_json,
		    &vit_template_default_limits);
	size_t before = vit_arena_bytes(r.scratch);
	for (int i = 0; i < 10000; i++) {
		vit_arena_reset(r.scratch);
		vit_template_render(r.t, context_of(r.scratch, context_json),
				    &vit_template_default_limits, NULL, r.scratch, &r.out, &r.result);
		assert_int_equal(r.result.outcome, VIT_TEMPLATE_RENDERED);
	}
#ifndef VIT_ARENA_DEBUG
	assert_int_equal(vit_arena_bytes(r.scratch), before);
#else
	(void)before;
#endif
	assert_string_equal(r.out.p, "systemBe brief.user  Qui\u00e9n?  assistantNone");
	done(&r);
}

static void a_tree_and_a_reader_give_the_same(void **state)
{
	(void)state;
	struct vit_arena *a = vit_arena_new();
	struct vit_json_doc doc;
	struct vit_err err;
	static const char json[] = "{\"a\": [1, [], {\"x\": \"\\u00e9\\n\"}, -0.5, true], \"a\": [2],"
				   " \"b\": {\"c\": {\"d\": [[[null]]]}}, \"e\": 18446744073709551615}";
	assert_int_equal(vit_json_parse(a, vit_str_c(json), 0, &doc, &err), VIT_OK);
	struct vit_tval tree = vit_tval_from_json(a, doc.root), read = context_of(a, json);
	const struct vit_template *t;
	struct vit_template_result result;
	struct vit_buf one, two;
	vit_buf_init(&one, 1 << 16);
	vit_buf_init(&two, 1 << 16);
	assert_int_equal(vit_template_parse(a, VIT_STR("{{ a }}{{ b }}{{ e }}"), &t, &err), VIT_OK);
	vit_template_render(t, tree, &vit_template_default_limits, NULL, a, &one, &result);
	vit_template_render(t, read, &vit_template_default_limits, NULL, a, &two, &result);
	/* As json.loads: the last of equal keys. */
	assert_string_equal(one.p, "[2]{'c': {'d': [[[None]]]}}18446744073709551615");
	assert_string_equal(one.p, two.p);
	vit_buf_release(&one);
	vit_buf_release(&two);
	vit_arena_free(a);
}

static void messages_as_transformers_5_passes_them(void **state)
{
	(void)state;
	struct vit_arena *a = vit_arena_new();
	static const char *const cases[][2] = {
		/* What chat_template_utils of transformers 5.24 makes of them. */
		{ "{\"role\": \"assistant\", \"content\": null, \"tool_calls\": null}", "{'role': 'assistant'}" },
		{ "{\"role\": \"assistant\", \"content\": \"x\", \"reasoning\": \"r\"}",
		  "{'thinking': 'r', 'role': 'assistant', 'content': 'x', 'reasoning': 'r', "
		  "'reasoning_content': 'r'}" },
		{ "{\"thinking\": \"t\", \"reasoning_content\": \"c\"}",
		  "{'thinking': 't', 'reasoning_content': 'c'}" },
		{ "{\"thinking\": null, \"reasoning\": \"\"}",
		  "{'thinking': '', 'reasoning': '', 'reasoning_content': ''}" },
	};
	const struct vit_template *t;
	struct vit_err err;
	struct vit_buf out;
	vit_buf_init(&out, 1 << 16);
	assert_int_equal(vit_template_parse(a, VIT_STR("{{ m }}"), &t, &err), VIT_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vit_tval context = vit_tval_dict(a, 1);
		struct vit_template_result result;
		vit_tval_set(a, &context, VIT_STR("m"),
			     vit_template_message(a, context_of(a, cases[i][0])));
		vit_template_render(t, context, &vit_template_default_limits, NULL, a, &out, &result);
		assert_string_equal(out.p, cases[i][1]);
	}
	vit_buf_release(&out);
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(white_space),
		cmocka_unit_test(python_prints),
		cmocka_unit_test(scopes),
		cmocka_unit_test(macros),
		cmocka_unit_test(loops),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(limits),
		cmocka_unit_test(faults_are_named_with_their_lines),
		cmocka_unit_test(unsafe_templates_are_not_evaluated),
		cmocka_unit_test(generation_spans),
		cmocka_unit_test(what_a_template_reads),
		cmocka_unit_test(scratch_serves_row_after_row),
		cmocka_unit_test(a_tree_and_a_reader_give_the_same),
		cmocka_unit_test(messages_as_transformers_5_passes_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
