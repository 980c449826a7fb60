/* Compact, for people at a terminal of 40 to 120 columns. */
#include "report/findings.h"
#include "report/render.h"
#include "report/terminal.h"
#include "report/width.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MIN     40
#define WIDTH_MAX     120

static const char *sgr(enum vit_style s)
{
	switch (s) {
	case VIT_STYLE_PLAIN:
		return "";
	case VIT_STYLE_BOLD:
		return "\x1b[1m";
	case VIT_STYLE_DIM:
		return "\x1b[2m";
	case VIT_STYLE_ERROR:
		return "\x1b[1;31m";
	case VIT_STYLE_WARNING:
		return "\x1b[1;33m";
	case VIT_STYLE_NOTE:
		return "\x1b[1;36m";
	case VIT_STYLE_GOOD:
		return "\x1b[1;32m";
	}
	return "";
}

static void style_begin(struct vit_term *t, enum vit_style s)
{
	if (t->options->color)
		vit_out_c(t->o, sgr(s));
}

static void style_end(struct vit_term *t, enum vit_style s)
{
	if (t->options->color && s != VIT_STYLE_PLAIN)
		vit_out_c(t->o, "\x1b[0m");
}

size_t vit_term_text(struct vit_term *t, enum vit_style style, struct vit_str s, size_t columns)
{
	struct vit_str c = vit_out_clean(t->o, s, VIT_OUT_TEXT_MAX);
	size_t width = vit_width(c);
	bool cut = columns && width > columns;

	style_begin(t, style);
	if (cut) {
		c = vit_width_cut(c, columns - 1);
		width = vit_width(c) + 1;
	}
	vit_out_raw(t->o, c);
	if (cut)
		vit_out_c(t->o, "\xe2\x80\xa6");
	style_end(t, style);
	return width;
}

void vit_term_c(struct vit_term *t, enum vit_style style, const char *literal)
{
	style_begin(t, style);
	vit_out_c(t->o, literal);
	style_end(t, style);
}

void vit_term_spaces(struct vit_term *t, size_t n)
{
	vit_out_repeat(t->o, " ", n);
}

void vit_term_wrap(struct vit_term *t, enum vit_style style, struct vit_str s, size_t indent,
		   size_t at)
{
	struct vit_str rest = vit_out_clean(t->o, s, VIT_OUT_TEXT_MAX), word;
	bool first = true;

	style_begin(t, style);
	while (vit_str_split(&rest, ' ', &word)) {
		size_t width = vit_width(word);
		if (!first && at + 1 + width > t->width) {
			vit_out_c(t->o, "\n");
			vit_term_spaces(t, indent);
			at = indent;
		} else if (!first) {
			vit_out_c(t->o, " ");
			at++;
		}
		vit_out_raw(t->o, word);
		at += width;
		first = false;
	}
	style_end(t, style);
	vit_out_c(t->o, "\n");
}

void vit_term_heading(struct vit_term *t, struct vit_str title)
{
	vit_out_c(t->o, "\n");
	vit_term_text(t, VIT_STYLE_BOLD, title, t->width);
	vit_out_c(t->o, "\n");
}

struct look {
	enum vit_style style;
	const char *mark;
};

static struct look verdict_look(enum vit_verdict v)
{
	switch (v) {
	case VIT_VERDICT_READY:
		return (struct look){ VIT_STYLE_GOOD, "\xe2\x9c\x93" };
	case VIT_VERDICT_WARNINGS:
		return (struct look){ VIT_STYLE_WARNING, "!" };
	case VIT_VERDICT_NOT_READY:
		return (struct look){ VIT_STYLE_ERROR, "\xe2\x9c\x97" };
	case VIT_VERDICT_INCONCLUSIVE:
		break;
	}
	return (struct look){ VIT_STYLE_WARNING, "?" };
}

static struct look group_look(enum vit_group_kind k)
{
	switch (k) {
	case VIT_GROUP_ERROR:
		return (struct look){ VIT_STYLE_ERROR, "\xe2\x9c\x97" };
	case VIT_GROUP_WARNING:
		return (struct look){ VIT_STYLE_WARNING, "!" };
	case VIT_GROUP_NOTE:
		return (struct look){ VIT_STYLE_NOTE, "\xc2\xb7" };
	case VIT_GROUP_WAIVED:
	case VIT_GROUP_COUNT:
		break;
	}
	return (struct look){ VIT_STYLE_DIM, "~" };
}

static void tally(struct vit_term *t, const struct vit_report *r)
{
	vit_term_spaces(t, 4);
	vit_out_count(t->o, r->errors, "error, ", "errors, ");
	vit_out_count(t->o, r->warnings, "warning, ", "warnings, ");
	vit_out_count(t->o, r->notes, "note", "notes");
	if (r->waived) {
		vit_out_c(t->o, ", ");
		vit_out_count(t->o, r->waived, "waived", "waived");
	}
	vit_out_c(t->o, "\n");
	vit_term_spaces(t, 4);
	style_begin(t, VIT_STYLE_DIM);
	vit_out_count(t->o, r->passed, "check passed, ", "checks passed, ");
	vit_out_count(t->o, r->failed, "failed, ", "failed, ");
	if (r->unknown)
		vit_out_count(t->o, r->unknown, "undecided, ", "undecided, ");
	vit_out_count(t->o, r->not_applicable, "not applicable, ", "not applicable, ");
	vit_out_count(t->o, r->not_checked, "not checked", "not checked");
	style_end(t, VIT_STYLE_DIM);
	vit_out_c(t->o, "\n");
}

static void verdict(struct vit_term *t, const struct vit_report *r)
{
	struct look look = verdict_look(r->verdict);

	vit_out_c(t->o, "\n");
	vit_term_spaces(t, 2);
	vit_term_c(t, look.style, look.mark);
	vit_out_c(t->o, " ");
	vit_term_c(t, look.style, vit_verdict_text(r->verdict));
	vit_out_c(t->o, "  ");
	vit_term_text(t, VIT_STYLE_BOLD, r->target_name.n ? r->target_name : r->target, 60);
	vit_out_c(t->o, "\n");
	if (r->purpose.n) {
		vit_term_spaces(t, 4);
		vit_out_c(t->o, "for ");
		vit_term_wrap(t, VIT_STYLE_PLAIN, r->purpose, 4, 8);
	}
	tally(t, r);
}

static void labelled(struct vit_term *t, const char *label, struct vit_str s)
{
	if (s.n == 0)
		return;
	vit_term_spaces(t, 6);
	vit_term_c(t, VIT_STYLE_DIM, label);
	vit_term_wrap(t, VIT_STYLE_PLAIN, s, 16, 16);
}

/* Columns that `where` took; 0 when nothing is known. */
static size_t where(struct vit_term *t, const struct vit_report_finding *f)
{
	struct vit_str place = vit_out_place(t->o, f);
	size_t used = 0;

	if (f->path.n)
		used += vit_term_text(t, VIT_STYLE_BOLD, f->path, 0);
	if (place.n) {
		used += vit_term_text(t, VIT_STYLE_PLAIN, used ? VIT_STR(", ") : VIT_STR_EMPTY, 0);
		used += vit_term_text(t, VIT_STYLE_PLAIN, place, 0);
	}
	if (f->tensor.n) {
		used += vit_term_text(t, VIT_STYLE_PLAIN,
				      used ? VIT_STR(", tensor ") : VIT_STR("tensor "), 0);
		used += vit_term_text(t, VIT_STYLE_PLAIN, f->tensor, 0);
	}
	if (f->pointer.n) {
		used += vit_term_text(t, VIT_STYLE_PLAIN, used ? VIT_STR(", ") : VIT_STR_EMPTY, 0);
		used += vit_term_text(t, VIT_STYLE_PLAIN, f->pointer, 0);
	}
	return used;
}

/* The message goes on behind a short place, and below a long one. */
static void place_and_message(struct vit_term *t, const struct vit_report_finding *f)
{
	vit_term_spaces(t, 4);
	size_t used = where(t, f);
	if (used && used <= t->width / 2) {
		vit_out_c(t->o, ": ");
		vit_term_wrap(t, VIT_STYLE_PLAIN, f->message, 6, 4 + used + 2);
		return;
	}
	if (used) {
		vit_out_c(t->o, "\n");
		vit_term_spaces(t, 6);
	}
	vit_term_wrap(t, VIT_STYLE_PLAIN, f->message, 6, used ? 6 : 4);
}

static void group(struct vit_term *t, const struct vit_report *r, struct vit_group *g)
{
	const struct vit_report_finding *f;
	struct look look = group_look(g->kind);

	vit_out_c(t->o, "\n");
	vit_term_spaces(t, 2);
	vit_term_c(t, look.style, look.mark);
	vit_out_c(t->o, " ");
	vit_term_c(t, look.style, vit_check_info(g->id)->id);
	vit_out_c(t->o, "\n");
	while ((f = vit_group_finding(r, g))) {
		place_and_message(t, f);
		labelled(t, "expected  ", f->expected);
		labelled(t, "actual    ", f->actual);
		if (!g->same_remedy)
			labelled(t, "fix       ", vit_finding_remedy(f));
		labelled(t, "waived    ", f->waiver);
	}
	if (vit_group_more(g)) {
		vit_term_spaces(t, 4);
		vit_out_c(t->o, "and ");
		vit_out_u64(t->o, vit_group_more(g));
		vit_out_c(t->o, " more\n");
	}
	if (g->same_remedy)
		labelled(t, "fix       ", g->remedy);
}

static void findings(struct vit_term *t, const struct vit_report *r)
{
	for (unsigned k = 0; k < VIT_GROUP_COUNT; k++) {
		struct vit_group g = { .kind = (enum vit_group_kind)k };
		while (vit_group_next(r, &g))
			group(t, r, &g);
	}
}

static void checks(struct vit_term *t, const struct vit_report *r, const char *state,
		   const char *title)
{
	bool any = false;

	for (uint32_t i = 0; i < r->check_count; i++) {
		const struct vit_report_check *c = &r->checks[i];
		if (!vit_check_is(c, state))
			continue;
		if (!any)
			vit_term_heading(t, vit_str_c(title));
		any = true;
		vit_term_spaces(t, 2);
		size_t used = vit_term_text(t, VIT_STYLE_PLAIN,
					    vit_str_c(vit_check_info(c->id)->id), 0);
		if (c->reason.n == 0) {
			vit_out_c(t->o, "\n");
			continue;
		}
		vit_term_spaces(t, used < 34 ? 36 - used : 2);
		vit_term_wrap(t, VIT_STYLE_DIM, c->reason, 38, 2 + (used < 34 ? 36 : used + 2));
	}
}

static void all_checks(struct vit_term *t, const struct vit_report *r)
{
	checks(t, r, "fail", "Checks failed");
	checks(t, r, "pass", "Checks passed");
	checks(t, r, "not_applicable", "Checks not applicable");
	checks(t, r, "not_checked", "Checks not done");
}

static void sections(struct vit_term *t, const struct vit_report *r)
{
	bool any = false;

	for (unsigned i = 0; i < VIT_SECTION_COUNT; i++) {
		const struct vit_section *s = &r->sections[i];
		if (!s->nodes)
			continue;
		vit_term_heading(t, vit_str_c(s->title));
		vit_term_nodes(t, s->nodes);
		if (s->not_assessed.n) {
			vit_out_c(t->o, "  Not assessed: ");
			vit_term_wrap(t, VIT_STYLE_PLAIN, s->not_assessed, 2, 16);
		}
	}
	for (unsigned i = 0; i < VIT_SECTION_COUNT; i++) {
		const struct vit_section *s = &r->sections[i];
		if (s->nodes || s->id == VIT_SECTION_SUMMARY)
			continue;
		if (!any)
			vit_term_heading(t, VIT_STR("Sections with nothing in them"));
		any = true;
		vit_term_spaces(t, 2);
		size_t used = vit_term_text(t, VIT_STYLE_PLAIN, vit_str_c(s->title), 24);
		vit_term_spaces(t, 26 - used);
		vit_term_wrap(t, VIT_STYLE_DIM, vit_section_reason(s), 28, 28);
	}
}

void vit_render_terminal(const struct vit_report *r, const struct vit_render_options *opt,
			 struct vit_sink *sink)
{
	struct vit_out o;
	struct vit_term t = { .o = &o, .options = opt };

	t.width = opt->width ? opt->width : WIDTH_DEFAULT;
	t.width = t.width < WIDTH_MIN ? WIDTH_MIN : t.width > WIDTH_MAX ? WIDTH_MAX : t.width;
	vit_out_open(&o, sink);
	verdict(&t, r);
	findings(&t, r);
	checks(&t, r, "unknown", "Could not be decided");
	if (!opt->quiet) {
		sections(&t, r);
		if (opt->verbose)
			all_checks(&t, r);
	}
	vit_out_c(&o, "\n");
	vit_out_close(&o);
}
