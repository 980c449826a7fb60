/*
 * Chat templates. The input is a template, then after the byte 0x1e the JSON of
 * its context (else a small conversation). A template parses or says why, with
 * lines that exist; it renders within the limits, twice the same; what is
 * unsafe or broken prints nothing; spans lie in the output, which is UTF-8.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "text/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char fallback[] =
	"{\"messages\":[{\"role\":\"system\",\"content\":\"\\u00c4 s\"},{\"role\":\"user\",\"content\":\"hi\\n\"},"
	"{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":"
	"{\"a\":[1,2.5,true]}}}]},{\"role\":\"tool\",\"content\":\"4\"}],\"tools\":null,\"n\":7,\"s\":\"aXb\","
	"\"l\":[3,1,2],\"d\":{\"k\":1,\"z\":[]},\"add_generation_prompt\":true,\"bos_token\":\"<s>\"}";

static const struct vit_template_limits limits = {
	.steps = 200000, .depth = 300, .memory = (size_t)4 << 20, .output = (size_t)1 << 20
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static struct vit_tval context_of(struct vit_arena *a, struct vit_str json)
{
	struct vit_json_reader r;
	struct vit_json_event ev;
	struct vit_tval v;
	vit_json_reader_init(&r, json, VIT_JSON_ALLOW_LONE_SURROGATE);
	r.count_limit = 10000;
	vit_json_next(&r, &ev);
	if (vit_tval_read(&r, &ev, true, a, &v) && v.type == VIT_TV_DICT)
		return v;
	if (json.p == fallback)
		abort();
	return context_of(a, vit_str_c(fallback));
}

static void check(const struct vit_template *t, const struct vit_template_result *r,
		  const struct vit_buf *out)
{
	must(out->n <= limits.output);
	must((r->outcome == VIT_TEMPLATE_BROKEN) == (t->syntax_count > 0));
	must(r->outcome == VIT_TEMPLATE_BROKEN ||
	     (r->outcome == VIT_TEMPLATE_UNSAFE) == (t->unsafe_count > 0));
	if (r->outcome == VIT_TEMPLATE_BROKEN || r->outcome == VIT_TEMPLATE_UNSAFE)
		must(out->n == 0 && r->span_count == 0);
	if (r->outcome != VIT_TEMPLATE_RENDERED && r->outcome != VIT_TEMPLATE_RAISED)
		must(r->message.n > 0);
	for (size_t i = 0; i < r->span_count; i++)
		must(r->spans[i].begin <= r->spans[i].end && r->spans[i].end <= out->n);
	must(vit_utf8_valid(vit_buf_view(out)) == out->n);
	must(vit_utf8_valid(r->message) == r->message.n);
}

static void check_notes(const struct vit_template *t, struct vit_str source)
{
	uint32_t lines = 1;
	for (size_t i = 0; i < source.n; i++)
		lines += source.p[i] == '\n' || source.p[i] == '\r';
	must(t->note_count <= t->syntax_count + t->unsafe_count + t->unsupported_count);
	for (size_t i = 0; i < t->note_count; i++)
		must(t->notes[i].line >= 1 && t->notes[i].line <= lines && t->notes[i].text.n > 0);
	must((t->program != NULL) == (t->syntax_count == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct vit_template_clock clock = { 2026, 3, 5, 14, 7, 9 };
	struct vit_str source = { (const char *)data, size }, json = vit_str_c(fallback);
	size_t at = vit_str_find(source, VIT_STR("\x1e"), 0);
	if (at != SIZE_MAX) {
		json = vit_str_sub(source, at + 1, size);
		source = vit_str_sub(source, 0, at);
	}
	struct vit_arena *a = vit_arena_new(), *scratch = vit_arena_new();
	const struct vit_template *t;
	struct vit_err err;
	if (vit_template_parse(a, source, &t, &err) == VIT_OK) {
		struct vit_template_result one, two;
		struct vit_buf first, second;
		vit_buf_init(&first, 1 << 20);
		vit_buf_init(&second, 1 << 20);
		check_notes(t, source);
		struct vit_tval context = context_of(a, json);
		vit_template_render(t, context, &limits, &clock, scratch, &first, &one);
		check(t, &one, &first);
		enum vit_template_outcome outcome = one.outcome;
		vit_arena_reset(scratch);
		vit_template_render(t, context, &limits, &clock, scratch, &second, &two);
		must(two.outcome == outcome);
		must(vit_str_eq(vit_buf_view(&first), vit_buf_view(&second)));
		vit_buf_release(&first);
		vit_buf_release(&second);
	}
	vit_arena_free(a);
	vit_arena_free(scratch);
	return 0;
}
