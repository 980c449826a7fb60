/*
 * JUnit XML, the subset that testmoapp/junitxml documents. A suite is an area,
 * a case is a check.
 *
 * A case fails when a finding of it decides the exit code: one at or above the
 * threshold and not waived. Findings below it are in <system-out>, so that a
 * run with exit code 0 has no red case.
 */
#include "report/date.h"
#include "report/escape.h"
#include "report/render.h"

enum outcome { OUTCOME_PASS, OUTCOME_FAILURE, OUTCOME_ERROR, OUTCOME_SKIPPED };

static bool decides(const struct vit_report *r, const struct vit_report_finding *f)
{
	return !f->waived && f->severity >= r->fail_on;
}

static enum outcome outcome_of(const struct vit_report *r, const struct vit_report_check *c)
{
	if (vit_check_is(c, "unknown"))
		return OUTCOME_ERROR;
	if (vit_check_is(c, "pass"))
		return OUTCOME_PASS;
	if (!vit_check_is(c, "fail"))
		return OUTCOME_SKIPPED;
	if (c->dropped && !c->dropped_waived && c->dropped_severity >= r->fail_on)
		return OUTCOME_FAILURE;
	for (uint32_t i = 0; i < r->finding_count; i++)
		if (r->findings[i].id == c->id && decides(r, &r->findings[i]))
			return OUTCOME_FAILURE;
	return OUTCOME_PASS;
}

struct totals {
	unsigned tests, failures, errors, skipped;
};

static void add(struct totals *t, enum outcome o)
{
	t->tests++;
	t->failures += o == OUTCOME_FAILURE;
	t->errors += o == OUTCOME_ERROR;
	t->skipped += o == OUTCOME_SKIPPED;
}

static struct totals totals_of(const struct vit_report *r, enum vit_area area)
{
	struct totals t = { 0, 0, 0, 0 };

	for (uint32_t i = 0; i < r->check_count; i++)
		if (area == VIT_AREA_COUNT || vit_check_info(r->checks[i].id)->area == area)
			add(&t, outcome_of(r, &r->checks[i]));
	return t;
}

static void attributes(struct vit_out *o, const struct totals *t, const char *timestamp)
{
	struct vit_buf b;

	vit_buf_init(&b, 256);
	vit_buf_printf(&b,
		       " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\" time=\"0\" "
		       "timestamp=\"%s\">\n",
		       t->tests, t->failures, t->errors, t->skipped, timestamp);
	vit_out_raw(o, vit_buf_view(&b));
	vit_buf_release(&b);
}

static void finding_text(struct vit_out *o, const struct vit_report_finding *f)
{
	struct vit_str place;

	vit_out_c(o, vit_severity_name(f->severity));
	vit_out_c(o, ": ");
	if (f->path.n) {
		vit_esc_xml(o, f->path);
		vit_out_c(o, ": ");
	}
	place = vit_out_place(o, f);
	if (place.n) {
		vit_out_raw(o, place);
		vit_out_c(o, ": ");
	}
	vit_esc_xml(o, f->message);
	if (f->expected.n) {
		vit_out_c(o, "\n  expected: ");
		vit_esc_xml(o, f->expected);
	}
	if (f->actual.n) {
		vit_out_c(o, "\n  actual: ");
		vit_esc_xml(o, f->actual);
	}
	if (f->waived) {
		vit_out_c(o, "\n  waived: ");
		vit_esc_xml(o, f->waiver);
	}
	vit_out_c(o, "\n");
}

/* The findings of a check, those that decide or the others. */
static void finding_list(struct vit_out *o, const struct vit_report *r,
			 const struct vit_report_check *c, bool deciding)
{
	uint64_t shown = 0, all = 0;

	for (uint32_t i = 0; i < r->finding_count; i++) {
		const struct vit_report_finding *f = &r->findings[i];
		if (f->id != c->id || decides(r, f) != deciding)
			continue;
		if (all++ < VIT_REPORT_TEXT_CAP) {
			finding_text(o, f);
			shown++;
		}
	}
	if (c->dropped && deciding == (!c->dropped_waived && c->dropped_severity >= r->fail_on))
		all += c->dropped;
	if (all > shown) {
		vit_out_c(o, "and ");
		vit_out_u64(o, all - shown);
		vit_out_c(o, " more\n");
	}
}

static const struct vit_report_finding *first_of(const struct vit_report *r,
						 const struct vit_report_check *c, bool deciding)
{
	for (uint32_t i = 0; i < r->finding_count; i++)
		if (r->findings[i].id == c->id && decides(r, &r->findings[i]) == deciding)
			return &r->findings[i];
	return NULL;
}

static void failure(struct vit_out *o, const struct vit_report *r, const struct vit_report_check *c)
{
	const struct vit_report_finding *f = first_of(r, c, true);

	vit_out_c(o, "      <failure type=\"");
	vit_out_c(o, vit_severity_name(f ? f->severity : c->dropped_severity));
	vit_out_c(o, "\" message=\"");
	vit_esc_xml(o, f ? f->message : vit_str_c(vit_check_info(c->id)->title));
	vit_out_c(o, "\">");
	finding_list(o, r, c, true);
	vit_out_c(o, "fix: ");
	vit_esc_xml(o, f ? vit_finding_remedy(f) : vit_str_c(vit_check_info(c->id)->remedy));
	vit_out_c(o, "</failure>\n");
}

static void reason(struct vit_out *o, const char *element, const struct vit_report_check *c)
{
	vit_out_c(o, "      <");
	vit_out_c(o, element);
	vit_out_c(o, " message=\"");
	vit_esc_xml(o, c->reason.n ? c->reason : vit_str_c(c->state));
	vit_out_c(o, "\"/>\n");
}

static void test_case(struct vit_out *o, const struct vit_report *r,
		      const struct vit_report_check *c)
{
	const struct vit_check_info *info = vit_check_info(c->id);
	const struct vit_report_finding *f = first_of(r, c, true);

	vit_out_c(o, "    <testcase name=\"");
	vit_esc_xml(o, vit_str_c(info->id));
	vit_out_c(o, " ");
	vit_esc_xml(o, vit_str_c(info->title));
	vit_out_c(o, "\" classname=\"vitalis.");
	vit_out_c(o, vit_area_name(info->area));
	vit_out_c(o, "\" time=\"0\"");
	if (f && f->path.n) {
		vit_out_c(o, " file=\"");
		vit_esc_xml(o, f->path);
		vit_out_c(o, "\"");
	}
	vit_out_c(o, ">\n");
	switch (outcome_of(r, c)) {
	case OUTCOME_FAILURE:
		failure(o, r, c);
		break;
	case OUTCOME_ERROR:
		reason(o, "error", c);
		break;
	case OUTCOME_SKIPPED:
		reason(o, "skipped", c);
		break;
	case OUTCOME_PASS:
		break;
	}
	if (first_of(r, c, false)) {
		vit_out_c(o, "      <system-out>");
		finding_list(o, r, c, false);
		vit_out_c(o, "</system-out>\n");
	}
	vit_out_c(o, "    </testcase>\n");
}

void vit_render_junit(const struct vit_report *r, const struct vit_render_options *opt,
		      struct vit_sink *sink)
{
	struct vit_out o;
	struct totals all = totals_of(r, VIT_AREA_COUNT);
	char timestamp[VIT_DATE_MAX];

	(void)opt;
	(void)vit_date_second(r->date, timestamp);
	vit_out_open(&o, sink);
	vit_out_c(&o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"");
	vit_out_c(&o, VIT_TOOL_NAME " ");
	vit_esc_xml(&o, r->target_name);
	vit_out_c(&o, "\"");
	attributes(&o, &all, timestamp);
	for (unsigned a = 0; a < VIT_AREA_COUNT; a++) {
		struct totals t = totals_of(r, (enum vit_area)a);
		if (t.tests == 0)
			continue;
		vit_out_c(&o, "  <testsuite name=\"");
		vit_out_c(&o, vit_area_name((enum vit_area)a));
		vit_out_c(&o, "\"");
		attributes(&o, &t, timestamp);
		for (uint32_t i = 0; i < r->check_count; i++)
			if (vit_check_info(r->checks[i].id)->area == (enum vit_area)a)
				test_case(&o, r, &r->checks[i]);
		vit_out_c(&o, "  </testsuite>\n");
	}
	vit_out_c(&o, "</testsuites>\n");
	vit_out_close(&o);
}
