/*
 * Whatever the strings of a report hold, every rendering is valid UTF-8 of
 * printable characters and line feeds; JSON and SARIF are what our strict reader
 * accepts, without duplicate keys; Markdown has the headings and the table columns
 * of a report of harmless strings; HTML and XML have none but our elements;
 * every line of annotations is one of ours; SGR comes with colour alone.
 *
 * Input: one byte of options, then the string that stands in every place.
 */
#include <stdlib.h>

#include "json/tree.h"

#include "../unit/report/lines.h"
#include "../unit/report/sample.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_json(struct vit_arena *a, struct vit_str text)
{
	struct vit_json_doc doc;
	struct vit_err err;

	require(vit_json_parse(a, text, 0, &doc, &err) == VIT_OK);
	require(doc.duplicate_count == 0);
}

static unsigned headings(struct vit_str text)
{
	struct vit_str line;
	unsigned n = 0;

	while (next_unfenced(&text, &line))
		n += vit_str_starts(line, VIT_STR("#"));
	return n;
}

/* Each '<' opens or closes one of the names, each '&' is one of five entities. */
static void check_markup(struct vit_str text, const char *const *names)
{
	static const char *const entities[] = { "&lt;", "&gt;", "&amp;", "&quot;", "&#39;" };

	for (size_t i = 0; i < text.n; i++) {
		struct vit_str rest = vit_str_sub(text, i, text.n);
		bool known = false;
		if (text.p[i] == '&') {
			for (size_t k = 0; k < 5; k++)
				known |= vit_str_starts(rest, vit_str_c(entities[k]));
			require(known);
		}
		if (text.p[i] != '<')
			continue;
		rest = vit_str_sub(rest, rest.n > 1 && rest.p[1] == '/' ? 2 : 1, rest.n);
		for (const char *const *name = names; *name; name++) {
			size_t n = strlen(*name);
			known |= vit_str_starts(rest, vit_str_c(*name)) && n < rest.n &&
				 strchr(" >/\n", rest.p[n]);
		}
		require(known);
	}
}

static void check_annotations(struct vit_str text)
{
	struct vit_str line;

	while (vit_str_line(&text, &line))
		require(vit_str_starts(line, VIT_STR("::error ")) ||
			vit_str_starts(line, VIT_STR("::warning ")) ||
			vit_str_starts(line, VIT_STR("::notice ")));
}

/* Removes the escape sequences that are ours. */
static void strip_color(struct vit_buf *b)
{
	static const char *const ours[] = { "\x1b[0m",    "\x1b[1m",    "\x1b[2m",   "\x1b[1;31m",
					    "\x1b[1;33m", "\x1b[1;36m", "\x1b[1;32m" };
	size_t to = 0;

	for (size_t at = 0; at < b->n;) {
		size_t skip = 0;
		for (size_t k = 0; k < sizeof(ours) / sizeof(ours[0]); k++)
			if (vit_str_starts(vit_str_sub(vit_buf_view(b), at, b->n),
					   vit_str_c(ours[k])))
				skip = strlen(ours[k]);
		if (skip)
			at += skip;
		else
			b->p[to++] = b->p[at++];
	}
	b->n = to;
}

static void check_format(struct vit_arena *a, const struct vit_report *r,
			 const struct vit_report *tame, const char *format,
			 struct vit_render_options o)
{
	static const char *const html[] = {
		"!DOCTYPE", "html", "head", "meta", "title", "style", "body", "main", "nav", "a", "h1",
		"h2", "h3", "h4", "h5", "p", "strong", "code", "ul", "ol", "li", "div", "table",
		"thead", "tbody", "tr", "th", "td", "pre", "section", "footer", NULL,
	};
	static const char *const junit[] = { "?xml",    "testsuites", "testsuite",  "testcase",
					     "failure", "error",      "skipped", "system-out", NULL };
	struct vit_buf b = render(r, format, o);
	struct vit_str text;

	if (o.color && strcmp(format, "terminal") == 0)
		strip_color(&b);
	text = vit_buf_view(&b);
	require(is_harmless(text));
	if (strcmp(format, "json") == 0 || strcmp(format, "sarif") == 0)
		check_json(a, text);
	if (strcmp(format, "markdown") == 0) {
		struct vit_buf calm = render(tame, format, o);
		require(tables_are_even(text));
		require(headings(text) == headings(vit_buf_view(&calm)));
		vit_buf_release(&calm);
	}
	if (strcmp(format, "html") == 0)
		check_markup(text, html);
	if (strcmp(format, "junit") == 0)
		check_markup(text, junit);
	if (strcmp(format, "github") == 0)
		check_annotations(text);
	vit_buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_report r, tame;
	unsigned bits = size ? data[0] : 0;
	struct vit_render_options o = {
		.color = bits & 1,
		.verbose = bits & 2,
		.quiet = bits & 4,
		.width = bits & 8 ? 40 + bits / 2 : 0,
	};

	size = size > 4000 ? 4000 : size;
	hostile_report(&r, a, size ? vit_arena_str(a, (struct vit_str){ (const char *)data + 1, size - 1 }) :
				     VIT_STR_EMPTY);
	hostile_report(&tame, a, VIT_STR("x"));
	for (size_t i = 0; i < vit_renderer_count; i++)
		check_format(a, &r, &tame, vit_renderers[i].name, o);
	vit_arena_free(a);
	return 0;
}
