#include "base/buf.h"
#include "base/map.h"
#include "base/path.h"
#include "report/build.h"
#include "report/date.h"

#include <stdlib.h>

static enum vit_severity plain(enum vit_severity s)
{
	return s == VIT_SEV_FROZEN ? VIT_SEV_ERROR : s;
}

static bool frozen(enum vit_check_id id)
{
	return vit_check_info(id)->severity == VIT_SEV_FROZEN;
}

static bool is_off(const struct vit_policy *p, enum vit_check_id id)
{
	return p && p->off[id] && !frozen(id);
}

static int cmp_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int cmp_place(const struct vit_report_finding *a, const struct vit_report_finding *b)
{
	int c = vit_str_cmp(a->path, b->path);
	if (c == 0)
		c = cmp_u64(a->line, b->line);
	if (c == 0)
		c = cmp_u64(a->has_offset, b->has_offset);
	if (c == 0 && a->has_offset)
		c = cmp_u64(a->offset, b->offset);
	return c;
}

/* Ties are broken down to the last byte, so that qsort's freedom never shows. */
static int cmp_rest(const struct vit_report_finding *a, const struct vit_report_finding *b)
{
	int c = cmp_u64(a->id, b->id);
	if (c == 0)
		c = cmp_u64(a->column, b->column);
	if (c == 0)
		c = vit_str_cmp(a->pointer, b->pointer);
	if (c == 0)
		c = vit_str_cmp(a->tensor, b->tensor);
	if (c == 0)
		c = vit_str_cmp(a->message, b->message);
	if (c == 0)
		c = vit_str_cmp(a->expected, b->expected);
	if (c == 0)
		c = vit_str_cmp(a->actual, b->actual);
	if (c == 0)
		c = vit_str_cmp(a->remedy, b->remedy);
	if (c == 0)
		c = vit_str_cmp(a->waiver, b->waiver);
	return c;
}

static int cmp_finding(const void *x, const void *y)
{
	const struct vit_report_finding *a = x, *b = y;
	int c = cmp_u64(b->severity, a->severity);
	if (c == 0)
		c = cmp_place(a, b);
	return c ? c : cmp_rest(a, b);
}

/* The entry as one string; lengths in front because names may hold any byte. */
static void baseline_key(struct vit_buf *out, enum vit_check_id id, struct vit_str path,
			 struct vit_str pointer, struct vit_str tensor)
{
	vit_buf_clear(out);
	vit_buf_printf(out, "%u %zu %zu %zu ", (unsigned)id, path.n, pointer.n, tensor.n);
	vit_buf_str(out, path);
	vit_buf_str(out, pointer);
	vit_buf_str(out, tensor);
}

static void apply_baseline(struct vit_report *r, struct vit_arena *a,
			   const struct vit_policy *policy)
{
	if (policy->baseline_count == 0)
		return;
	struct vit_map known;
	struct vit_buf key;
	vit_map_init(&known, policy->baseline_count);
	vit_buf_init(&key, SIZE_MAX / 2);
	for (uint32_t i = 0; i < policy->baseline_count; i++) {
		const struct vit_baseline_entry *e = &policy->baseline[i];
		baseline_key(&key, e->id, e->path, e->pointer, e->tensor);
		(void)vit_map_add(&known, vit_arena_str(a, vit_buf_view(&key)), i);
	}
	for (uint32_t i = 0; i < r->finding_count; i++) {
		struct vit_report_finding *f = &r->findings[i];
		baseline_key(&key, f->id, f->path, f->pointer, f->tensor);
		if (vit_map_get(&known, vit_buf_view(&key)) != VIT_MAP_NONE) {
			f->waived = true;
			f->waiver = VIT_STR("accepted by the baseline");
		}
	}
	vit_buf_release(&key);
	vit_map_release(&known);
}

static bool waiver_covers(const struct vit_waiver *w, const struct vit_report_finding *f)
{
	return w->id == f->id && (w->path.n == 0 || vit_path_glob(w->path, f->path));
}

/* Byte for byte: a message may hold NUL. */
static struct vit_str with_note(struct vit_arena *a, struct vit_str text, const char *before,
				const char *day, const char *between, struct vit_str reason)
{
	struct vit_buf b;

	vit_buf_init(&b, SIZE_MAX / 2);
	vit_buf_str(&b, text);
	vit_buf_puts(&b, before);
	vit_buf_puts(&b, day);
	vit_buf_puts(&b, between);
	vit_buf_str(&b, reason);
	vit_buf_puts(&b, ")");
	struct vit_str s = vit_arena_str(a, vit_buf_view(&b));
	vit_buf_release(&b);
	return s;
}

static void apply_waivers(struct vit_report_finding *f, struct vit_arena *a,
			  const struct vit_policy *policy, int64_t today)
{
	const struct vit_waiver *expired = NULL;
	char day[VIT_DATE_MAX];

	for (uint32_t i = 0; i < policy->waiver_count; i++) {
		const struct vit_waiver *w = &policy->waivers[i];
		if (!waiver_covers(w, f))
			continue;
		if (today > w->until) {
			expired = w;
			continue;
		}
		f->waived = true;
		if (w->until == INT64_MAX)
			f->waiver = w->reason;
		else
			f->waiver = with_note(a, w->reason, " (until ", vit_date_day(w->until, day),
					      "", VIT_STR_EMPTY);
		return;
	}
	if (expired && !f->waived)
		f->message = with_note(a, f->message, " (Its waiver ended on ",
				       vit_date_day(expired->until, day), ": ", expired->reason);
}

/* Findings of ids that are switched off leave the report; the rest get their
 * severity. */
static void apply_severities(struct vit_report *r, const struct vit_policy *p)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < r->finding_count; i++) {
		struct vit_report_finding *f = &r->findings[i];
		if (is_off(p, f->id))
			continue;
		if (p && p->has_severity[f->id] && !frozen(f->id))
			f->severity = p->severity[f->id];
		f->severity = plain(f->severity);
		r->findings[kept++] = *f;
	}
	r->finding_count = kept;
	for (uint32_t i = 0; i < r->check_count; i++) {
		struct vit_report_check *c = &r->checks[i];
		c->severity = plain(vit_check_info(c->id)->severity);
		if (p && p->has_severity[c->id] && !frozen(c->id))
			c->severity = plain(p->severity[c->id]);
		if (is_off(p, c->id)) {
			c->state = "not_checked";
			c->reason = VIT_STR("switched off by the policy");
			c->findings = 0;
		}
	}
}

static void count(struct vit_report *r, enum vit_severity s, bool waived, uint64_t n)
{
	if (waived)
		r->waived += n;
	else if (s == VIT_SEV_NOTE)
		r->notes += n;
	else if (s == VIT_SEV_WARNING)
		r->warnings += n;
	else
		r->errors += n;
}

/* A finding that was counted and not kept has no path to match: only a waiver
 * for the whole id covers it. */
static bool id_waived(const struct vit_policy *p, enum vit_check_id id, int64_t today)
{
	for (uint32_t i = 0; p && i < p->waiver_count; i++)
		if (p->waivers[i].id == id && p->waivers[i].path.n == 0 &&
		    today <= p->waivers[i].until)
			return true;
	return false;
}

/* True when something decides against the model. */
static bool count_findings(struct vit_report *r, struct vit_arena *a,
			   const struct vit_policy *policy, int64_t today)
{
	struct tally {
		uint64_t kept;
		enum vit_severity worst;
	} *tally = VIT_NEW_ARRAY(a, r->check_count, struct tally);
	bool fails = false;

	for (uint32_t i = 0; i < r->finding_count; i++) {
		const struct vit_report_finding *f = &r->findings[i];
		count(r, f->severity, f->waived, 1);
		if (f->id < r->check_count) {
			tally[f->id].kept++;
			if (f->severity > tally[f->id].worst)
				tally[f->id].worst = f->severity;
		}
		fails |= !f->waived && f->severity >= r->fail_on;
	}
	for (uint32_t i = 0; i < r->check_count; i++) {
		struct vit_report_check *c = &r->checks[i];
		c->dropped = 0;
		if (c->findings <= tally[i].kept)
			continue;
		c->dropped = c->findings - tally[i].kept;
		c->dropped_severity = tally[i].kept ? tally[i].worst : c->severity;
		c->dropped_waived = id_waived(policy, c->id, today);
		count(r, c->dropped_severity, c->dropped_waived, c->dropped);
		fails |= !c->dropped_waived && c->dropped_severity >= r->fail_on;
	}
	return fails;
}

static void count_checks(struct vit_report *r)
{
	for (uint32_t i = 0; i < r->check_count; i++) {
		const char *s = r->checks[i].state;
		if (strcmp(s, "pass") == 0)
			r->passed++;
		else if (strcmp(s, "fail") == 0)
			r->failed++;
		else if (strcmp(s, "not_applicable") == 0)
			r->not_applicable++;
		else if (strcmp(s, "unknown") == 0)
			r->unknown++;
		else
			r->not_checked++;
	}
}

void vit_report_decide(struct vit_report *r, struct vit_arena *a, const struct vit_policy *policy,
		       int64_t today)
{
	if (policy)
		r->fail_on = plain(policy->fail_on);
	apply_severities(r, policy);
	if (policy) {
		apply_baseline(r, a, policy);
		for (uint32_t i = 0; i < r->finding_count; i++)
			apply_waivers(&r->findings[i], a, policy, today);
	}
	if (r->finding_count)
		qsort(r->findings, r->finding_count, sizeof(*r->findings), cmp_finding);
	r->errors = r->warnings = r->notes = r->waived = 0;
	r->passed = r->failed = r->not_applicable = r->not_checked = r->unknown = 0;
	bool fails = count_findings(r, a, policy, today);
	count_checks(r);
	if (fails) {
		r->verdict = VIT_VERDICT_NOT_READY;
		r->exit_code = 1;
	} else if (r->unknown || r->passed + r->failed == 0) {
		r->verdict = VIT_VERDICT_INCONCLUSIVE;
		r->exit_code = 2;
	} else {
		r->verdict = r->errors || r->warnings ? VIT_VERDICT_WARNINGS : VIT_VERDICT_READY;
		r->exit_code = 0;
	}
}
