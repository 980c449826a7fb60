/*
 * The template interpreter for scripts: JSON lines in, JSON lines out.
 *
 *	{"template": "...", "context": {...}}
 *	{"outcome": "rendered", "output": "...", "spans": [[0, 5]], ...}
 *
 * A line without "template" uses the one before. A member "raw" instead of
 * "context" is the context's JSON as a text: it goes through vit_tval_read.
 * "limits" may set steps, depth, memory and output. The clock stands at
 * 2026-03-05 14:07:09.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"
#include "json/writer.h"
#include "text/template.h"

static bool to_stdout(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	return fwrite(p, 1, n, stdout) == n;
}

static void write_notes(struct vit_json_writer *w, const struct vit_template *t)
{
	static const char *const kinds[] = { "syntax", "unsafe", "unsupported" };
	vit_jw_key(w, "notes");
	vit_jw_array(w);
	for (size_t i = 0; i < t->note_count; i++) {
		vit_jw_object(w);
		vit_jw_key(w, "kind");
		vit_jw_cstr(w, kinds[t->notes[i].kind]);
		vit_jw_key(w, "line");
		vit_jw_u64(w, t->notes[i].line);
		vit_jw_key(w, "text");
		vit_jw_str(w, t->notes[i].text);
		vit_jw_object_end(w);
	}
	vit_jw_array_end(w);
}

static void write_result(const struct vit_template *t, const struct vit_template_result *r,
			 const struct vit_buf *out)
{
	struct vit_json_writer w;
	vit_json_writer_init(&w, to_stdout, NULL, true);
	vit_jw_object(&w);
	vit_jw_key(&w, "outcome");
	vit_jw_cstr(&w, vit_template_outcome_name(r->outcome));
	vit_jw_key(&w, "output");
	vit_jw_str(&w, vit_buf_view(out));
	vit_jw_key(&w, "line");
	vit_jw_u64(&w, r->line);
	vit_jw_key(&w, "message");
	vit_jw_str(&w, r->message);
	vit_jw_key(&w, "spans");
	vit_jw_array(&w);
	for (size_t i = 0; i < r->span_count; i++) {
		vit_jw_array(&w);
		vit_jw_u64(&w, r->spans[i].begin);
		vit_jw_u64(&w, r->spans[i].end);
		vit_jw_array_end(&w);
	}
	vit_jw_array_end(&w);
	write_notes(&w, t);
	vit_jw_object_end(&w);
	vit_jw_finish(&w);
}

static struct vit_tval context_of(struct vit_arena *a, const struct vit_json *line)
{
	const struct vit_json *raw = vit_json_get_c(line, "raw");
	const struct vit_json *context = vit_json_get_c(line, "context");
	if (raw) {
		struct vit_json_reader reader;
		struct vit_json_event ev;
		struct vit_tval v = vit_tval_none();
		vit_json_reader_init(&reader, vit_json_string(raw), VIT_JSON_ALLOW_NAN);
		vit_json_next(&reader, &ev);
		if (!vit_tval_read(&reader, &ev, true, a, &v))
			fprintf(stderr, "render_template: %s\n", reader.err.msg);
		return v;
	}
	return context ? vit_tval_from_json(a, context) : vit_tval_dict(a, 0);
}

int main(void)
{
	static const struct vit_template_clock clock = { 2026, 3, 5, 14, 7, 9 };
	struct vit_arena *lines = vit_arena_new(), *scratch = vit_arena_new();
	struct vit_arena *parsed = NULL;
	const struct vit_template *t = NULL;
	char *text = NULL;
	size_t capacity = 0;
	ssize_t n;
	struct vit_buf out;
	vit_buf_init(&out, (size_t)1 << 30);
	while ((n = getline(&text, &capacity, stdin)) > 0) {
		struct vit_json_doc doc;
		struct vit_err err;
		struct vit_template_result r;
		vit_arena_reset(lines);
		vit_arena_reset(scratch);
		if (vit_json_parse(lines, (struct vit_str){ text, (size_t)n }, VIT_JSON_ALLOW_NAN,
				   &doc, &err)) {
			fprintf(stderr, "render_template: %s\n", err.msg);
			return 2;
		}
		const struct vit_json *source = vit_json_get_c(doc.root, "template");
		if (source || !t) {
			vit_arena_free(parsed);
			parsed = vit_arena_new();
			if (vit_template_parse(parsed, vit_json_string(source), &t, &err)) {
				fprintf(stderr, "render_template: %s\n", err.msg);
				return 2;
			}
		}
		struct vit_template_limits limits = vit_template_default_limits;
		const struct vit_json *l = vit_json_get_c(doc.root, "limits");
		limits.steps = (uint64_t)vit_json_int(vit_json_get_c(l, "steps"),
						      (int64_t)limits.steps);
		limits.depth = (uint32_t)vit_json_int(vit_json_get_c(l, "depth"), limits.depth);
		limits.memory = (size_t)vit_json_int(vit_json_get_c(l, "memory"),
						     (int64_t)limits.memory);
		limits.output = (size_t)vit_json_int(vit_json_get_c(l, "output"),
						     (int64_t)limits.output);
		vit_template_render(t, context_of(lines, doc.root), &limits, &clock, scratch, &out,
				    &r);
		write_result(t, &r, &out);
		fflush(stdout);
	}
	free(text);
	vit_buf_release(&out);
	vit_arena_free(parsed);
	vit_arena_free(lines);
	vit_arena_free(scratch);
	return 0;
}
