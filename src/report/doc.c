#include "report/doc.h"

#include "report/escape.h"
#include "report/findings.h"
#include "report/render.h"

static enum vit_doc_tone verdict_tone(enum vit_verdict v)
{
	switch (v) {
	case VIT_VERDICT_READY:
		return VIT_TONE_GOOD;
	case VIT_VERDICT_WARNINGS:
	case VIT_VERDICT_INCONCLUSIVE:
		return VIT_TONE_WARNING;
	case VIT_VERDICT_NOT_READY:
		return VIT_TONE_ERROR;
	}
	return VIT_TONE_WARNING;
}

static enum vit_doc_tone group_tone(enum vit_group_kind k)
{
	switch (k) {
	case VIT_GROUP_ERROR:
		return VIT_TONE_ERROR;
	case VIT_GROUP_WARNING:
		return VIT_TONE_WARNING;
	case VIT_GROUP_NOTE:
		return VIT_TONE_NOTE;
	case VIT_GROUP_WAIVED:
	case VIT_GROUP_COUNT:
		break;
	}
	return VIT_TONE_PLAIN;
}

static void number(struct vit_doc *d, uint64_t n)
{
	char text[VIT_FMT_NUM];

	vit_doc_c(d, vit_fmt_u64(n, text));
}

static void counted(struct vit_doc *d, uint64_t n, const char *one, const char *many,
		    const char *after)
{
	number(d, n);
	vit_doc_c(d, " ");
	vit_doc_c(d, n == 1 ? one : many);
	vit_doc_c(d, after);
}

static void title(struct vit_doc *d, const struct vit_report *r)
{
	struct vit_buf b;

	vit_buf_init(&b, VIT_OUT_TEXT_MAX);
	vit_buf_puts(&b, "Model audit: ");
	vit_buf_str(&b, vit_str_sub(r->target_name.n ? r->target_name : r->target, 0, 1024));
	d->ops->heading(d, 1, vit_buf_view(&b), NULL);
	vit_buf_release(&b);
}

static void verdict(struct vit_doc *d, const struct vit_report *r)
{
	d->ops->paragraph(d);
	vit_doc_c(d, "Verdict: ");
	d->ops->verdict(d, vit_str_c(vit_verdict_text(r->verdict)), verdict_tone(r->verdict));
	if (r->purpose.n) {
		vit_doc_c(d, " for ");
		vit_doc_prose(d, r->purpose);
	}
	d->ops->paragraph_end(d);

	d->ops->paragraph(d);
	vit_doc_c(d, "Findings: ");
	counted(d, r->errors, "error", "errors", ", ");
	counted(d, r->warnings, "warning", "warnings", ", ");
	counted(d, r->notes, "note", "notes", "");
	if (r->waived) {
		vit_doc_c(d, ", ");
		number(d, r->waived);
		vit_doc_c(d, " waived");
	}
	vit_doc_c(d, ". Checks: ");
	number(d, r->passed);
	vit_doc_c(d, " passed, ");
	number(d, r->failed);
	vit_doc_c(d, " failed, ");
	number(d, r->unknown);
	vit_doc_c(d, " undecided, ");
	number(d, r->not_applicable);
	vit_doc_c(d, " not applicable, ");
	number(d, r->not_checked);
	vit_doc_c(d, " not checked. Exit code ");
	number(d, (uint64_t)r->exit_code);
	vit_doc_c(d, " (threshold: ");
	vit_doc_c(d, vit_severity_name(r->fail_on));
	vit_doc_c(d, ").");
	d->ops->paragraph_end(d);
}

static void where(struct vit_doc *d, const struct vit_report_finding *f)
{
	const char *comma = "";
	struct vit_str place = vit_out_place(d->o, f);

	if (f->path.n) {
		d->ops->code(d, f->path);
		comma = ", ";
	}
	if (place.n) {
		vit_doc_c(d, comma);
		d->ops->text(d, place);
		comma = ", ";
	}
	if (f->tensor.n) {
		vit_doc_c(d, comma);
		vit_doc_c(d, "tensor ");
		d->ops->code(d, f->tensor);
		comma = ", ";
	}
	if (f->pointer.n) {
		vit_doc_c(d, comma);
		d->ops->code(d, f->pointer);
		comma = ", ";
	}
	if (comma[0])
		vit_doc_c(d, ": ");
}

static void labelled_code(struct vit_doc *d, const char *label, struct vit_str s)
{
	if (s.n == 0)
		return;
	d->ops->item(d);
	vit_doc_c(d, label);
	d->ops->code(d, s);
	d->ops->item_end(d);
}

static void labelled_prose(struct vit_doc *d, const char *label, struct vit_str s)
{
	if (s.n == 0)
		return;
	d->ops->item(d);
	vit_doc_c(d, label);
	vit_doc_prose(d, s);
	d->ops->item_end(d);
}

static void finding(struct vit_doc *d, const struct vit_report_finding *f, bool with_remedy)
{
	struct vit_str remedy = with_remedy ? vit_finding_remedy(f) : VIT_STR_EMPTY;

	d->ops->item(d);
	where(d, f);
	vit_doc_prose(d, f->message);
	if (f->expected.n || f->actual.n || remedy.n || f->waiver.n) {
		d->ops->list(d, false);
		labelled_code(d, "expected: ", f->expected);
		labelled_code(d, "actual: ", f->actual);
		labelled_prose(d, "fix: ", remedy);
		labelled_prose(d, "waived: ", f->waiver);
		d->ops->list_end(d, false);
	}
	d->ops->item_end(d);
}

static void group(struct vit_doc *d, const struct vit_report *r, struct vit_group *g)
{
	const struct vit_report_finding *f;
	const struct vit_check_info *info = vit_check_info(g->id);

	d->ops->finding(d, group_tone(g->kind));
	d->ops->paragraph(d);
	d->ops->code(d, vit_str_c(info->id));
	vit_doc_c(d, " (rule: ");
	vit_doc_prose(d, vit_str_c(info->title));
	vit_doc_c(d, ")");
	d->ops->paragraph_end(d);
	d->ops->list(d, false);
	while ((f = vit_group_finding(r, g)))
		finding(d, f, !g->same_remedy);
	if (vit_group_more(g)) {
		d->ops->item(d);
		vit_doc_c(d, "and ");
		number(d, vit_group_more(g));
		vit_doc_c(d, " more");
		d->ops->item_end(d);
	}
	d->ops->list_end(d, false);
	if (g->same_remedy && g->remedy.n) {
		d->ops->paragraph(d);
		vit_doc_c(d, "Fix: ");
		vit_doc_prose(d, g->remedy);
		d->ops->paragraph_end(d);
	}
	d->ops->finding_end(d);
}

static void findings(struct vit_doc *d, const struct vit_report *r)
{
	char n[VIT_FMT_NUM];
	struct vit_buf b;

	for (unsigned k = 0; k < VIT_GROUP_COUNT; k++) {
		struct vit_group g = { .kind = (enum vit_group_kind)k };
		uint64_t total = vit_group_total(r, g.kind);
		if (total == 0)
			continue;
		vit_buf_init(&b, 64);
		vit_buf_printf(&b, "%s (%s)", vit_group_title(g.kind), vit_fmt_u64(total, n));
		d->ops->heading(d, 3, vit_buf_view(&b), NULL);
		vit_buf_release(&b);
		while (vit_group_next(r, &g))
			group(d, r, &g);
	}
}

static void undecided(struct vit_doc *d, const struct vit_report *r)
{
	if (r->unknown == 0)
		return;
	d->ops->heading(d, 3, VIT_STR("Could not be decided"), NULL);
	d->ops->list(d, false);
	for (uint32_t i = 0; i < r->check_count; i++) {
		const struct vit_report_check *c = &r->checks[i];
		if (!vit_check_is(c, "unknown"))
			continue;
		d->ops->item(d);
		d->ops->code(d, vit_str_c(vit_check_info(c->id)->id));
		vit_doc_c(d, ": ");
		vit_doc_prose(d, c->reason.n ? c->reason : VIT_STR("no reason was recorded"));
		d->ops->item_end(d);
	}
	d->ops->list_end(d, false);
}

static void check_table(struct vit_doc *d, const struct vit_report *r)
{
	static const struct vit_column columns[] = {
		{ NULL, "Check", false },  { NULL, "State", false },  { NULL, "Severity", false },
		{ NULL, "Findings", true }, { NULL, "Reason", false },
	};

	if (!d->options->verbose)
		return;
	d->ops->heading(d, 3, VIT_STR("All checks"), NULL);
	d->ops->table(d, columns, 5);
	for (uint32_t i = 0; i < r->check_count; i++) {
		const struct vit_report_check *c = &r->checks[i];
		d->ops->row(d);
		d->ops->cell(d, false);
		d->ops->code(d, vit_str_c(vit_check_info(c->id)->id));
		d->ops->cell_end(d);
		d->ops->cell(d, false);
		vit_doc_c(d, c->state);
		d->ops->cell_end(d);
		d->ops->cell(d, false);
		vit_doc_c(d, vit_severity_name(c->severity));
		d->ops->cell_end(d);
		d->ops->cell(d, true);
		number(d, c->findings);
		d->ops->cell_end(d);
		d->ops->cell(d, false);
		vit_doc_prose(d, c->reason);
		d->ops->cell_end(d);
		d->ops->row_end(d);
	}
	d->ops->table_end(d);
}

static void section(struct vit_doc *d, const struct vit_report *r, const struct vit_section *s)
{
	struct vit_buf b;

	vit_buf_init(&b, 128);
	vit_buf_printf(&b, "%u. %s", (unsigned)s->id, s->title);
	d->ops->heading(d, 2, vit_buf_view(&b), s->key);
	vit_buf_release(&b);
	vit_doc_nodes(d, s->nodes);
	if (s->id == VIT_SECTION_SUMMARY) {
		findings(d, r);
		undecided(d, r);
		check_table(d, r);
	} else if (!s->nodes || s->not_assessed.n) {
		vit_doc_not_assessed(d, vit_section_reason(s));
	}
}

void vit_doc_head(struct vit_doc *d, const struct vit_report *r)
{
	title(d, r);
	verdict(d, r);
}

void vit_doc_sections(struct vit_doc *d, const struct vit_report *r)
{
	for (unsigned i = 0; i < VIT_SECTION_COUNT; i++)
		section(d, r, &r->sections[i]);
}
