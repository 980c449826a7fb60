/*
 * Rendered templates against what jinja2 rendered, recorded with its version by
 * template_record.py: nine templates with fifty conversations each, and random
 * expressions. templates.py compares afresh, where Python has jinja2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json/tree.h"
#include "text/template.h"

struct cases {
	struct vit_arena *lines, *scratch, *kept;
	FILE *file;
	char *text;
	size_t capacity;
	struct vit_buf out;
	unsigned count, wrong;
};

static const struct vit_json *next_line(struct cases *c, struct vit_arena *a)
{
	struct vit_json_doc doc;
	struct vit_err err;
	ssize_t n = getline(&c->text, &c->capacity, c->file);
	if (n <= 0)
		return NULL;
	assert_int_equal(vit_json_parse(a, (struct vit_str){ c->text, (size_t)n }, VIT_JSON_ALLOW_NAN,
					&doc, &err), VIT_OK);
	return doc.root;
}

static void open_cases(struct cases *c, const char *name)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s.jsonl", VIT_TEMPLATE_CASES, name);
	*c = (struct cases){ .lines = vit_arena_new(), .scratch = vit_arena_new(),
			     .kept = vit_arena_new(), .file = fopen(path, "r") };
	assert_non_null(c->file);
	vit_buf_init(&c->out, (size_t)1 << 26);
}

static void close_cases(struct cases *c)
{
	fclose(c->file);
	free(c->text);
	vit_buf_release(&c->out);
	vit_arena_free(c->lines);
	vit_arena_free(c->scratch);
	vit_arena_free(c->kept);
}

static struct vit_str whole_file(struct vit_arena *a, const char *name)
{
	char path[4096];
	struct vit_buf b;
	snprintf(path, sizeof(path), "%s/templates/%s", VIT_TEST_DATA, name);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	vit_buf_init(&b, VIT_TEMPLATE_MAX);
	for (int ch; (ch = getc(f)) != EOF;)
		vit_buf_putc(&b, (char)ch);
	fclose(f);
	struct vit_str s = vit_arena_str(a, vit_buf_view(&b));
	vit_buf_release(&b);
	return s;
}

static bool spans_equal(const struct vit_template_result *r, const struct vit_json *want)
{
	if (r->span_count != want->count)
		return false;
	for (uint32_t i = 0; i < want->count; i++) {
		const struct vit_json *span = &want->children[i];
		if ((int64_t)r->spans[i].begin != span->children[0].i64 ||
		    (int64_t)r->spans[i].end != span->children[1].i64)
			return false;
	}
	return true;
}

static void compare(struct cases *c, const struct vit_template *t, struct vit_tval context,
		    const struct vit_json *want, struct vit_str shown)
{
	static const struct vit_template_clock clock = { 2026, 3, 5, 14, 7, 9 };
	struct vit_template_result r;
	struct vit_str outcome = vit_json_string(vit_json_get_c(want, "outcome"));
	vit_template_render(t, context, &vit_template_default_limits, &clock, c->scratch, &c->out, &r);
	c->count++;
	/* What is not supported is named, and says nothing wrong. */
	if (r.outcome == VIT_TEMPLATE_UNSUPPORTED && !vit_json_get_c(want, "context"))
		return;
	bool same = vit_str_is(outcome, vit_template_outcome_name(r.outcome));
	if (same && r.outcome == VIT_TEMPLATE_RENDERED)
		same = vit_str_eq(vit_buf_view(&c->out), vit_json_string(vit_json_get_c(want, "output")));
	const struct vit_json *spans = vit_json_get_c(want, "spans");
	if (same && spans && r.outcome == VIT_TEMPLATE_RENDERED)
		same = spans_equal(&r, spans);
	if (same && r.outcome == VIT_TEMPLATE_RAISED)
		same = vit_str_eq(r.message, vit_json_string(vit_json_get_c(want, "message")));
	if (same)
		return;
	c->wrong++;
	print_error("%.*s, line %u:\n want %.*s: %.*s\n got  %s %.*s: %s\n", VIT_FMT(shown), c->count + 1,
		    VIT_FMT(outcome), VIT_FMT(vit_json_string(vit_json_get_c(want, "output"))),
		    vit_template_outcome_name(r.outcome), VIT_FMT(r.message), c->out.p);
}

static void conversations(void **state)
{
	const char *name = *state;
	struct cases c;
	struct vit_err err;
	const struct vit_template *t;
	open_cases(&c, name);
	assert_non_null(next_line(&c, c.kept));
	assert_int_equal(vit_template_parse(c.kept, whole_file(c.kept, name), &t, &err), VIT_OK);
	assert_int_equal(t->note_count, 0);
	for (const struct vit_json *line; (line = next_line(&c, c.lines));) {
		compare(&c, t, vit_tval_from_json(c.lines, vit_json_get_c(line, "context")), line,
			vit_str_c(name));
		vit_arena_reset(c.scratch);
		vit_arena_reset(c.lines);
	}
	assert_int_equal(c.count, 50);
	assert_int_equal(c.wrong, 0);
	close_cases(&c);
}

static void expressions(void **state)
{
	(void)state;
	struct cases c;
	struct vit_err err;
	open_cases(&c, "expressions");
	struct vit_tval context = vit_tval_from_json(
		c.kept, vit_json_get_c(next_line(&c, c.kept), "context"));
	for (const struct vit_json *line; (line = next_line(&c, c.lines));) {
		const struct vit_template *t;
		struct vit_str source = vit_json_string(vit_json_get_c(line, "template"));
		assert_int_equal(vit_template_parse(c.lines, source, &t, &err), VIT_OK);
		compare(&c, t, context, line, source);
		vit_arena_reset(c.scratch);
		vit_arena_reset(c.lines);
	}
	assert_int_equal(c.count, 1500);
	assert_int_equal(c.wrong, 0);
	close_cases(&c);
}

#define CONVERSATIONS(file) { file, conversations, NULL, NULL, file }

int main(void)
{
	static char alternating[] = "alternating.jinja", bracketed[] = "bracketed.jinja",
		    features[] = "features.jinja", generation[] = "generation.jinja",
		    harmony[] = "harmony.jinja", ipython[] = "ipython.jinja",
		    one_line[] = "one_line.jinja", signatures[] = "signatures.jinja",
		    thinking[] = "thinking.jinja";
	const struct CMUnitTest tests[] = {
		CONVERSATIONS(alternating), CONVERSATIONS(bracketed), CONVERSATIONS(features),
		CONVERSATIONS(generation), CONVERSATIONS(harmony), CONVERSATIONS(ipython),
		CONVERSATIONS(one_line), CONVERSATIONS(signatures), CONVERSATIONS(thinking),
		cmocka_unit_test(expressions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
