/*
 * Sections 12, 13 and 15: risks, recommendations, conclusion. Each line follows
 * from a finding or from the forecast, and names it; nothing is advised that
 * nothing asked for.
 */
#include <stdarg.h>

#include "base/num.h"
#include "forecast/outlook.h"
#include "present/present.h"

/* Cells of a table are no prose: a command stands there without its backticks. */
static struct vit_str without_ticks(const struct vit_present *p, struct vit_str s)
{
	struct vit_str text;
	struct vit_buf b;

	if (!s.n || !memchr(s.p, '`', s.n))
		return s;
	vit_buf_init(&b, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '`')
			vit_buf_putc(&b, s.p[i]);
	text = vit_arena_str(p->arena, vit_buf_view(&b));
	vit_buf_release(&b);
	return text;
}

void vit_present_risks(const struct vit_present *p, const struct vit_report *r,
		       struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "level", "Risk", false },
		{ "id", "Finding", false },
		{ "message", "What", false },
		{ "mitigation", "Mitigation", false },
	};
	static const char *const levels[] = { "low", "medium", "high", "high" };
	const struct vit_report_finding *all[VIT_CK_COUNT];
	uint32_t n = vit_present_leading(r, all, VIT_CK_COUNT, VIT_SEV_NOTE);
	struct vit_node *t;

	if (n == 0) {
		s->not_assessed = VIT_STR("no finding was made from which a risk would follow");
		return;
	}
	t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "risks", "Risks");
	t->columns = columns;
	t->column_count = 4;
	t->row_count = n;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)n * 4, struct vit_val);
	for (uint32_t i = 0; i < n; i++) {
		*vit_cell(t, i, 0) = vit_val_c(levels[all[i]->severity]);
		*vit_cell(t, i, 1) = vit_val_c(vit_check_info(all[i]->id)->id);
		*vit_cell(t, i, 2) = vit_val_str(vit_arena_printf(
			p->arena, "%.*s%.*s", VIT_FMT(without_ticks(p, all[i]->message)),
			VIT_FMT(vit_present_others(p, r, all[i]))));
		*vit_cell(t, i, 3) = vit_val_str(without_ticks(p, all[i]->remedy));
	}
}

/* ---- recommendations ------------------------------------------------------ */

static void add(const struct vit_present *p, struct vit_vec *lines, const char *fmt, ...)
	VIT_PRINTF(3, 4);

static void add(const struct vit_present *p, struct vit_vec *lines, const char *fmt, ...)
{
	struct vit_buf b;
	va_list ap;

	vit_buf_init(&b, 4000);
	va_start(ap, fmt);
	vit_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	*(struct vit_str *)vit_vec_add(lines) = vit_arena_str(p->arena, vit_buf_view(&b));
	vit_buf_release(&b);
}

static void add_list(const struct vit_present *p, struct vit_section *s, const char *key,
		     const char *label, struct vit_vec *lines)
{
	struct vit_node *l;
	size_t count;
	const struct vit_str *all = vit_vec_take(lines, p->arena, &count);

	if (!count)
		return;
	l = vit_present_list(p, s, key, label, (uint32_t)count);
	l->ordered = true;
	for (size_t i = 0; i < count; i++)
		l->cells[i] = vit_val_str(all[i]);
}

/* Changes of the job that the search found. */
static void add_changes(const struct vit_present *p, const struct vit_outlook *o,
			struct vit_vec *lines)
{
	char peak[VIT_FMT_NUM];

	for (uint32_t i = 0; i < o->change_count; i++) {
		const struct vit_forecast_change *c = &o->changes[i];

		if (!c->fits)
			continue;
		add(p, lines, "`%.*s` (%.*s): a peak of %s, which %s%s (forecast/memory-fit)",
		    VIT_FMT(c->flags), VIT_FMT(c->text),
		    vit_fmt_bytes((uint64_t)c->peak_device.expected, peak),
		    c->certain ? "fits" : "likely fits",
		    c->same_result ? "; the training is the same" : "");
	}
}

/* Devices of the comparison on which the job fits. */
static void add_devices(const struct vit_present *p, const struct vit_outlook *o,
			struct vit_vec *lines)
{
	char time[VIT_FMT_NUM];

	for (uint32_t i = 0; i < o->other_count; i++) {
		const struct vit_prospect *at = &o->others[i];
		const struct vit_forecast *f = &at->forecast;
		const struct vit_range *total =
			f->total_seconds.known ? &f->total_seconds : &f->step_seconds;

		if (vit_fit_of(&f->memory.peak_device, &at->limit) != VIT_FIT_YES)
			continue;
		if (f->method != VIT_JOB_INFERENCE && total->known)
			add(p, lines,
			    "`--device %.*s`: on %.*s the job fits, and %s takes %s (section 11, "
			    "comparison)",
			    VIT_FMT(at->slug), VIT_FMT(at->name),
			    total == &f->total_seconds ? "all of it" : "a step",
			    vit_fmt_seconds(total->expected, time));
		else
			add(p, lines,
			    "`--device %.*s`: on %.*s the job fits (section 11, comparison)",
			    VIT_FMT(at->slug), VIT_FMT(at->name));
	}
}

static void add_habits(const struct vit_present *p, const struct vit_outlook *o,
		       struct vit_vec *lines)
{
	const struct vit_forecast *f = &o->main.forecast;
	char one[VIT_FMT_NUM], all[VIT_FMT_NUM];

	if (f->memory.checkpoint.known && !f->job.save_limit && o->checkpoints > 2)
		add(p, lines,
		    "`--save-limit 2`: without it %llu checkpoints of %s are kept, %s in all "
		    "(forecast/disk-fit)",
		    (unsigned long long)o->checkpoints,
		    vit_fmt_bytes((uint64_t)f->memory.checkpoint.expected, one),
		    vit_fmt_bytes((uint64_t)o->checkpoint_bytes.expected, all));
	if (f->method != VIT_JOB_INFERENCE && o->job_given && !f->steps)
		add(p, lines,
		    "`--examples N --tokens-per-example N --epochs N`: with the length of the job "
		    "its whole "
		    "time is forecast (section 11)");
	if (o->job_given && o->main.here)
		add(p, lines,
		    "`vitalis-audit calibrate`: feed in a peak or a rate from a first short run, "
		    "and the ranges "
		    "of section 11 narrow to it");
}

void vit_present_recommendations(const struct vit_present *p, const struct vit_report *r,
				 struct vit_section *s)
{
	struct vit_vec now = VIT_VEC(sizeof(struct vit_str)),
		       later = VIT_VEC(sizeof(struct vit_str));
	const struct vit_report_finding *all[VIT_CK_COUNT];
	uint32_t n = vit_present_leading(r, all, VIT_CK_COUNT, VIT_SEV_WARNING);

	for (uint32_t i = 0; i < n; i++)
		add(p, &now, "%.*s (%s)", VIT_FMT(all[i]->remedy), vit_check_info(all[i]->id)->id);
	if (p->outlook && p->outlook->main.forecast.available) {
		add_changes(p, p->outlook, &later);
		add_devices(p, p->outlook, &later);
		add_habits(p, p->outlook, &later);
	}
	if (!now.count && !later.count)
		s->not_assessed = VIT_STR("nothing was found that asks for an action");
	add_list(p, s, "immediate", "Immediate actions", &now);
	add_list(p, s, "optimisations", "Optimisations", &later);
}

/* ---- conclusion ------------------------------------------------------------- */

struct phase {
	const char *key, *label;
	struct vit_range seconds;
};

static struct vit_range times(const struct vit_range *r, double factor)
{
	struct vit_range out = *r;

	out.low *= factor;
	out.expected *= factor;
	out.high *= factor;
	return out;
}

/* What comes when, from the start of the job. */
static uint32_t phases(const struct vit_forecast *f, struct phase out[5])
{
	uint32_t n = 0;

	if (f->load_seconds.known)
		out[n++] = (struct phase){ "load", "the weights are loaded", f->load_seconds };
	if (f->method == VIT_JOB_INFERENCE) {
		if (f->first_token_seconds.known)
			out[n++] = (struct phase){ "first_token",
						   "first token of an answer, after its prompt",
						   f->first_token_seconds };
		if (f->response_seconds.known)
			out[n++] = (struct phase){ "response", "a whole answer, after its prompt",
						   f->response_seconds };
		return n;
	}
	if (!f->step_seconds.known)
		return n;
	out[n++] = (struct phase){ "step", "one step", f->step_seconds };
	if (f->job.save_steps && (!f->steps || f->job.save_steps < f->steps))
		out[n++] = (struct phase){ "first_checkpoint",
					   "from the first step to the first checkpoint",
					   times(&f->step_seconds, (double)f->job.save_steps) };
	if (f->total_seconds.known)
		out[n++] = (struct phase){ "whole_job", "the whole job", f->total_seconds };
	return n;
}

static void timeline(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "id", NULL, false },
		{ "phase", "Expected timeline", false },
		{ "seconds", "Time", true },
	};
	const struct vit_outlook *o = p->outlook;
	struct phase all[5];
	struct vit_node *t;
	uint32_t n;

	if (!o || !o->job_given) {
		vit_present_text(p, s,
				 VIT_STR("Expected timeline: not assessed; no job was given."));
		return;
	}
	n = o->main.forecast.available ? phases(&o->main.forecast, all) : 0;
	if (n == 0) {
		vit_present_text(p, s,
				 VIT_STR("Expected timeline: not assessed; the time of the job "
					 "could not be forecast "
					 "(section 11)."));
		return;
	}
	t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "timeline", "");
	t->columns = columns;
	t->column_count = 3;
	t->row_count = n;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)n * 3, struct vit_val);
	t->label = VIT_STR("Expected timeline");
	for (uint32_t i = 0; i < n; i++) {
		const struct vit_range *v = &all[i].seconds;

		*vit_cell(t, i, 0) = vit_val_c(all[i].key);
		*vit_cell(t, i, 1) = vit_val_c(all[i].label);
		*vit_cell(t, i, 2) = (struct vit_val){ .type = VIT_VAL_RANGE,
						       .str = VIT_STR("seconds"),
						       .d = v->expected,
						       .low = v->low,
						       .high = v->high };
	}
	if (vit_fit_of(&o->main.forecast.memory.peak_device, &o->main.limit) > VIT_FIT_LIKELY)
		vit_present_text(p, s,
				 VIT_STR("These times are those of a job that fits, which this one "
					 "does not."));
}

static void next_steps(const struct vit_present *p, const struct vit_report *r,
		       struct vit_section *s)
{
	struct vit_vec steps = VIT_VEC(sizeof(struct vit_str));
	const struct vit_report_finding *all[VIT_CK_COUNT];
	uint32_t errors = vit_present_leading(r, all, VIT_CK_COUNT, VIT_SEV_ERROR),
		 unknown = vit_present_undecided(r);
	bool job = p->outlook && p->outlook->job_given, open = r->errors || r->warnings || unknown;

	for (uint32_t i = 0; i < errors && i < 5; i++)
		add(p, &steps, "%s: %.*s", vit_check_info(all[i]->id)->id, VIT_FMT(all[i]->remedy));
	if (errors == 6)
		add(p, &steps, "Mend the other kind of error of section 1.");
	else if (errors > 6)
		add(p, &steps, "Mend the %u other kinds of errors of section 1.", errors - 5);
	if (unknown)
		add(p, &steps, "Remove what kept %s from being decided (section 14).",
		    unknown == 1 ? "a check" : "checks");
	if (r->warnings)
		add(p, &steps, "Look at the %s and mend or waive %s in a policy.",
		    r->warnings == 1 ? "warning" : "warnings", r->warnings == 1 ? "it" : "them");
	if (open)
		add(p, &steps, "Run the same audit again and keep its report beside the job.");
	else
		add(p, &steps, "Keep this report beside the job.");
	if (job)
		add(p, &steps, "%s the job.", open ? "Then start" : "Start");
	add_list(p, s, "next_steps", "Next steps", &steps);
}

void vit_present_conclusion(const struct vit_present *p, const struct vit_report *r,
			    struct vit_section *s)
{
	vit_present_value(p, s, "verdict", "Verdict", vit_val_c(vit_verdict_text(r->verdict)),
			  VIT_BASIS_COMPUTED, "the findings and the threshold");
	next_steps(p, r, s);
	timeline(p, s);
}
