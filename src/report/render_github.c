/* Annotations of GitHub Actions ("workflow commands"), worst first. */
#include "report/escape.h"
#include "report/render.h"

/* What GitHub shows of one step, per kind; more would vanish unsaid. */
#define SHOWN_PER_KIND 10

struct tally {
	uint64_t errors, warnings, notes;
};

static uint64_t *slot(struct tally *t, enum vit_severity s)
{
	if (s == VIT_SEV_NOTE)
		return &t->notes;
	return s == VIT_SEV_WARNING ? &t->warnings : &t->errors;
}

static const char *command(enum vit_severity s)
{
	if (s == VIT_SEV_NOTE)
		return "::notice ";
	return s == VIT_SEV_WARNING ? "::warning " : "::error ";
}

/* The runner matches files against the workspace: the target as the user gave it
 * stands in front. */
static void file_property(struct vit_out *o, const struct vit_report *r, struct vit_str path)
{
	vit_out_c(o, "file=");
	vit_esc_github_property(o, r->target);
	if (r->target.n && path.n && !vit_str_ends(r->target, VIT_STR("/")) &&
	    !vit_str_ends(r->target, path))
		vit_out_c(o, "/");
	if (!vit_str_ends(r->target, path))
		vit_esc_github_property(o, path);
}

static void annotation(struct vit_out *o, const struct vit_report *r,
		       const struct vit_report_finding *f)
{
	const char *labels[] = { " expected: ", "; actual: " };

	vit_out_c(o, command(f->severity));
	file_property(o, r, f->path);
	if (f->line) {
		struct vit_buf b;
		vit_buf_init(&b, 64);
		vit_buf_printf(&b, ",line=%u", (unsigned)f->line);
		if (f->column)
			vit_buf_printf(&b, ",col=%u", (unsigned)f->column);
		vit_out_raw(o, vit_buf_view(&b));
		vit_buf_release(&b);
	}
	vit_out_c(o, ",title=");
	vit_esc_github_property(o, vit_str_c(vit_check_info(f->id)->id));
	vit_out_c(o, "::");
	vit_esc_github(o, f->message);
	if (f->expected.n) {
		vit_out_c(o, labels[0]);
		vit_esc_github(o, f->expected);
	}
	if (f->actual.n) {
		vit_out_c(o, f->expected.n ? labels[1] : " actual: ");
		vit_esc_github(o, f->actual);
	}
	vit_out_c(o, "\n");
}

void vit_render_github(const struct vit_report *r, const struct vit_render_options *opt,
		       struct vit_sink *sink)
{
	struct vit_out o;
	struct tally shown = { 0, 0, 0 };
	uint64_t total = 0;

	(void)opt;
	vit_out_open(&o, sink);
	for (uint32_t i = 0; i < r->finding_count; i++) {
		const struct vit_report_finding *f = &r->findings[i];
		uint64_t *n = slot(&shown, f->severity);
		/* The last place of the notes is kept for the line below. */
		if (f->waived || *n + (f->severity == VIT_SEV_NOTE) >= SHOWN_PER_KIND)
			continue;
		++*n;
		annotation(&o, r, f);
	}
	total = shown.errors + shown.warnings + shown.notes;
	vit_out_c(&o, "::notice title=" VIT_TOOL_NAME "::");
	vit_out_c(&o, vit_verdict_text(r->verdict));
	vit_out_c(&o, ": ");
	vit_esc_github(&o, r->target_name);
	if (r->errors + r->warnings + r->notes > total) {
		vit_out_c(&o, "; ");
		vit_out_u64(&o, r->errors + r->warnings + r->notes - total);
		vit_out_c(&o, " more findings are in the report");
	}
	vit_out_c(&o, "\n");
	vit_out_close(&o);
}
