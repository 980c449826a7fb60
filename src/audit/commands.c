/* The commands that look at no model: explain, checks, specs, and the names
 * that options take. */
#include "audit/session.h"
#include "spec/hardware.h"

enum list_format { LIST_TERMINAL, LIST_MARKDOWN, LIST_JSON };

/* Text to one output; failure is sticky. */
struct printer {
	const struct vit_output *out;
	struct vit_buf buf;
	bool failed;
};

#define TEXT_MAX ((size_t)4 << 20)

static int finish(struct printer *p, struct vit_err *err)
{
	bool ok = !p->failed && !p->buf.full && p->out->write(p->out->ctx, p->buf.p, p->buf.n);

	vit_buf_release(&p->buf);
	if (ok)
		return VIT_EXIT_READY;
	vit_err_set(err, VIT_E_IO, "the output could not be written");
	return VIT_EXIT_INCONCLUSIVE;
}

static enum vit_errc pick_format(const struct vit_output *out, enum list_format *format, struct vit_err *err)
{
	const char *name = out->format ? out->format : "terminal";

	if (strcmp(name, "terminal") == 0)
		*format = LIST_TERMINAL;
	else if (strcmp(name, "markdown") == 0)
		*format = LIST_MARKDOWN;
	else if (strcmp(name, "json") == 0)
		*format = LIST_JSON;
	else
		return vit_err_set(err, VIT_E_USAGE, "%s: this command prints terminal, markdown or json", name);
	return VIT_OK;
}

static bool to_printer(void *ctx, const char *p, size_t n)
{
	struct printer *pr = ctx;

	vit_buf_add(&pr->buf, p, n);
	return !pr->buf.full;
}

static const char *severity_text(const struct vit_check_info *c)
{
	return c->severity == VIT_SEV_FROZEN ? "error, cannot be demoted" : vit_severity_name(c->severity);
}

static void check_json(struct vit_json_writer *w, const struct vit_check_info *c)
{
	vit_jw_object(w);
	vit_jw_key(w, "id");
	vit_jw_cstr(w, c->id);
	vit_jw_key(w, "area");
	vit_jw_cstr(w, vit_area_name(c->area));
	vit_jw_key(w, "severity");
	vit_jw_cstr(w, vit_severity_name(c->severity));
	vit_jw_key(w, "frozen");
	vit_jw_bool(w, c->severity == VIT_SEV_FROZEN);
	vit_jw_key(w, "since");
	vit_jw_cstr(w, c->since);
	vit_jw_key(w, "title");
	vit_jw_cstr(w, c->title);
	vit_jw_key(w, "rationale");
	vit_jw_cstr(w, c->rationale);
	vit_jw_key(w, "remedy");
	vit_jw_cstr(w, c->remedy);
	if (c->hidden_by[0]) {
		vit_jw_key(w, "hidden_by");
		vit_jw_cstr(w, c->hidden_by);
	}
	vit_jw_object_end(w);
}

/* Words of `text` in lines of at most 78 columns behind `indent` blanks. */
static void wrap(struct vit_buf *out, unsigned indent, const char *text)
{
	struct vit_str rest = vit_str_c(text), word;
	size_t column = 0;

	while (vit_str_split(&rest, ' ', &word)) {
		if (column && column + 1 + word.n > 78 - indent) {
			vit_buf_putc(out, '\n');
			column = 0;
		}
		if (column == 0)
			vit_buf_printf(out, "%*s", (int)indent, "");
		else
			vit_buf_putc(out, ' ');
		column += word.n + (column ? 1 : 0);
		vit_buf_str(out, word);
	}
	vit_buf_putc(out, '\n');
}

static void explain_terminal(struct vit_buf *b, const struct vit_check_info *c)
{
	vit_buf_printf(b, "%s (%s, since %s)\n\n", c->id, severity_text(c), c->since);
	wrap(b, 2, c->title);
	vit_buf_puts(b, "\nWhy it matters\n");
	wrap(b, 2, c->rationale);
	vit_buf_puts(b, "\nWhat to do\n");
	wrap(b, 2, c->remedy);
	if (c->hidden_by[0])
		vit_buf_printf(b, "\nNot reported where it follows from: %s\n", c->hidden_by);
}

static void explain_markdown(struct vit_buf *b, const struct vit_check_info *c)
{
	vit_buf_printf(b, "### `%s`\n\n%s\n\n", c->id, c->title);
	vit_buf_printf(b, "- **Severity:** %s\n- **Since:** %s\n", severity_text(c), c->since);
	vit_buf_printf(b, "- **Why it matters:** %s\n- **What to do:** %s\n", c->rationale, c->remedy);
	if (c->hidden_by[0])
		vit_buf_printf(b, "- **Not reported where it follows from:** %s\n", c->hidden_by);
	vit_buf_putc(b, '\n');
}

int vit_explain(const char *id, const struct vit_output *out, struct vit_err *err)
{
	enum vit_check_id k = vit_check_find(vit_str_c(id)), near;
	enum list_format format = LIST_TERMINAL;
	struct printer p = { .out = out };
	struct vit_json_writer w;

	if (pick_format(out, &format, err))
		return VIT_EXIT_USAGE;
	if (k == VIT_CK_COUNT) {
		near = vit_check_nearest(vit_str_c(id));
		if (near == VIT_CK_COUNT)
			vit_err_set(err, VIT_E_USAGE, "%s: no such check; `vitalis-audit checks` lists them", id);
		else
			vit_err_set(err, VIT_E_USAGE, "%s: no such check; did you mean %s?", id,
				    vit_check_info(near)->id);
		return VIT_EXIT_USAGE;
	}
	vit_buf_init(&p.buf, TEXT_MAX);
	switch (format) {
	case LIST_TERMINAL:
		explain_terminal(&p.buf, vit_check_info(k));
		break;
	case LIST_MARKDOWN:
		explain_markdown(&p.buf, vit_check_info(k));
		break;
	case LIST_JSON:
		vit_json_writer_init(&w, to_printer, &p, false);
		check_json(&w, vit_check_info(k));
		vit_jw_finish(&w);
		break;
	}
	return finish(&p, err);
}

static void checks_text(struct vit_buf *b, enum list_format format)
{
	enum vit_area area = VIT_AREA_COUNT;

	if (format == LIST_MARKDOWN)
		vit_buf_puts(b, "# Checks\n\nEvery id this version can report, from the catalogue in "
				"`src/catalog/checks`.\n\n");
	for (unsigned i = 0; i < VIT_CK_COUNT; i++) {
		const struct vit_check_info *c = vit_check_info((enum vit_check_id)i);
		if (c->area != area) {
			area = c->area;
			if (format == LIST_MARKDOWN)
				vit_buf_printf(b, "## %s\n\n", vit_area_name(area));
			else
				vit_buf_printf(b, "%s%s\n", i ? "\n" : "", vit_area_name(area));
		}
		if (format == LIST_MARKDOWN)
			explain_markdown(b, c);
		else
			vit_buf_printf(b, "  %-36s %-8s %s\n", c->id, vit_severity_name(c->severity), c->title);
	}
}

int vit_list_checks(const struct vit_output *out, struct vit_err *err)
{
	enum list_format format = LIST_TERMINAL;
	struct printer p = { .out = out };
	struct vit_json_writer w;

	if (pick_format(out, &format, err))
		return VIT_EXIT_USAGE;
	vit_buf_init(&p.buf, TEXT_MAX);
	if (format != LIST_JSON) {
		checks_text(&p.buf, format);
		/* One blank line fewer at the end of the Markdown page. */
		if (format == LIST_MARKDOWN && p.buf.n)
			p.buf.p[--p.buf.n] = 0;
		return finish(&p, err);
	}
	vit_json_writer_init(&w, to_printer, &p, false);
	vit_jw_array(&w);
	for (unsigned i = 0; i < VIT_CK_COUNT; i++)
		check_json(&w, vit_check_info((enum vit_check_id)i));
	vit_jw_array_end(&w);
	vit_jw_finish(&w);
	return finish(&p, err);
}

static const char *kind_name(enum vit_spec_kind k)
{
	switch (k) {
	case VIT_SPEC_FAMILY:
		return "family";
	case VIT_SPEC_OVERLAY:
		return "overlay";
	case VIT_SPEC_MODEL:
		return "model";
	case VIT_SPEC_REQUIREMENTS:
		return "requirements";
	}
	return "family";
}

static void spec_row(struct printer *p, struct vit_json_writer *w, enum list_format format,
		     const char *kind, struct vit_str id, struct vit_str title)
{
	switch (format) {
	case LIST_TERMINAL:
		vit_buf_printf(&p->buf, "%-10s %-22.*s %.*s\n", kind, VIT_FMT(id), VIT_FMT(title));
		break;
	case LIST_MARKDOWN:
		vit_buf_printf(&p->buf, "| %s | `%.*s` | %.*s |\n", kind, VIT_FMT(id), VIT_FMT(title));
		break;
	case LIST_JSON:
		vit_jw_object(w);
		vit_jw_key(w, "kind");
		vit_jw_cstr(w, kind);
		vit_jw_key(w, "id");
		vit_jw_str(w, id);
		vit_jw_key(w, "title");
		vit_jw_str(w, title);
		vit_jw_object_end(w);
		break;
	}
}

/* "Apple M4 Pro: 24, 48, 64 GB, 273 GB/s, 9.2 TFLOP/s (unverified)". */
static struct vit_str device_title(struct vit_arena *a, const struct vit_hardware *h)
{
	struct vit_str text;
	struct vit_buf b;

	vit_buf_init(&b, 1000);
	vit_buf_printf(&b, "%.*s: ", VIT_FMT(h->name));
	for (uint32_t i = 0; i < h->memory_count; i++)
		vit_buf_printf(&b, "%s%u", i ? ", " : "", h->memory[i]);
	vit_buf_puts(&b, " GB");
	if (h->bandwidth > 0)
		vit_buf_printf(&b, ", %g GB/s%s", h->bandwidth / 1e9,
			       h->verified_bandwidth ? "" : " (unverified)");
	if (h->compute > 0)
		vit_buf_printf(&b, ", %g TFLOP/s%s", h->compute / 1e12,
			       h->verified_compute ? "" : " (unverified)");
	text = vit_arena_str(a, vit_buf_view(&b));
	vit_buf_release(&b);
	return text;
}

int vit_list_specs(const struct vit_output *out, struct vit_err *err)
{
	enum list_format format = LIST_TERMINAL;
	struct printer p = { .out = out };
	struct vit_json_writer w;
	struct vit_arena *a;
	struct vit_spec_db *db;
	struct vit_hardware_db hardware;
	struct vit_err internal;

	if (pick_format(out, &format, err))
		return VIT_EXIT_USAGE;
	a = vit_arena_new();
	if (vit_spec_db_new(a, &db, &internal) || vit_hardware_load(a, &hardware, &internal))
		VIT_BUG(internal.msg);
	vit_buf_init(&p.buf, TEXT_MAX);
	if (format == LIST_MARKDOWN)
		vit_buf_puts(&p.buf, "| Kind | Id | Title |\n|---|---|---|\n");
	vit_json_writer_init(&w, to_printer, &p, false);
	if (format == LIST_JSON)
		vit_jw_array(&w);
	for (size_t i = 0; i < vit_spec_db_count(db); i++) {
		const struct vit_spec *s = vit_spec_db_at(db, i);

		spec_row(&p, &w, format, kind_name(s->kind), s->id, s->title);
	}
	for (size_t i = 0; i < hardware.count; i++)
		spec_row(&p, &w, format, "device", hardware.rows[i].slug,
			 device_title(a, &hardware.rows[i]));
	if (format == LIST_JSON) {
		vit_jw_array_end(&w);
		vit_jw_finish(&w);
	}
	vit_arena_free(a);
	return finish(&p, err);
}

const char *vit_version(void)
{
	return VITALIS_VERSION;
}

const char *vit_known_format(size_t i)
{
	return i < vit_renderer_count ? vit_renderers[i].name : NULL;
}

const char *vit_known_area(size_t i)
{
	return i < VIT_AREA_COUNT ? vit_area_name((enum vit_area)i) : NULL;
}

const char *vit_known_check(size_t i)
{
	return i < VIT_CK_COUNT ? vit_check_info((enum vit_check_id)i)->id : NULL;
}

/* "families/gpt_oss.yaml" -> what --spec takes: the file names are the ids. */
const char *vit_known_spec(size_t i)
{
	return i < vit_spec_embedded_count ? vit_spec_embedded[i].path : NULL;
}

const char *vit_format_for_path(const char *path)
{
	const struct vit_renderer *r = vit_renderer_for_path(vit_str_c(path));

	return r ? r->name : NULL;
}
