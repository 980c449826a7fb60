#include "report/findings.h"

const char *vit_group_title(enum vit_group_kind k)
{
	switch (k) {
	case VIT_GROUP_ERROR:
		return "Errors";
	case VIT_GROUP_WARNING:
		return "Warnings";
	case VIT_GROUP_NOTE:
		return "Notes";
	case VIT_GROUP_WAIVED:
		return "Waived";
	case VIT_GROUP_COUNT:
		break;
	}
	return "";
}

uint64_t vit_group_total(const struct vit_report *r, enum vit_group_kind k)
{
	switch (k) {
	case VIT_GROUP_ERROR:
		return r->errors;
	case VIT_GROUP_WARNING:
		return r->warnings;
	case VIT_GROUP_NOTE:
		return r->notes;
	case VIT_GROUP_WAIVED:
		return r->waived;
	case VIT_GROUP_COUNT:
		break;
	}
	return 0;
}

static enum vit_group_kind kind_for(enum vit_severity s, bool waived)
{
	if (waived)
		return VIT_GROUP_WAIVED;
	if (s == VIT_SEV_NOTE)
		return VIT_GROUP_NOTE;
	return s == VIT_SEV_WARNING ? VIT_GROUP_WARNING : VIT_GROUP_ERROR;
}

static enum vit_group_kind kind_of(const struct vit_report_finding *f)
{
	return kind_for(f->severity, f->waived);
}

static bool belongs(const struct vit_report_finding *f, const struct vit_group *g)
{
	return f->id == g->id && kind_of(f) == g->kind;
}

static uint64_t dropped(const struct vit_report_check *c, enum vit_group_kind kind)
{
	return c->dropped && kind_for(c->dropped_severity, c->dropped_waived) == kind ? c->dropped : 0;
}

static void measure(const struct vit_report *r, struct vit_group *g)
{
	g->total = 0;
	g->same_remedy = true;
	g->remedy = VIT_STR_EMPTY;
	for (uint32_t i = g->first; i < r->finding_count; i++) {
		if (!belongs(&r->findings[i], g))
			continue;
		if (g->total == 0)
			g->remedy = r->findings[i].remedy;
		if (g->total++ < VIT_REPORT_TEXT_CAP &&
		    !vit_str_eq(r->findings[i].remedy, g->remedy))
			g->same_remedy = false;
	}
	for (uint32_t i = 0; i < r->check_count; i++)
		if (r->checks[i].id == g->id)
			g->total += dropped(&r->checks[i], g->kind);
	if (g->remedy.n == 0)
		g->remedy = vit_str_c(vit_check_info(g->id)->remedy);
}

static bool start(const struct vit_report *r, struct vit_group *g, enum vit_check_id id,
		  uint32_t first)
{
	g->seen[id] = true;
	g->id = id;
	g->first = g->at = first;
	g->shown = 0;
	measure(r, g);
	return true;
}

bool vit_group_next(const struct vit_report *r, struct vit_group *g)
{
	for (uint32_t i = g->first; i < r->finding_count; i++) {
		const struct vit_report_finding *f = &r->findings[i];
		if (kind_of(f) == g->kind && !g->seen[f->id])
			return start(r, g, f->id, i);
	}
	/* An id none of whose kept findings is of this kind. */
	for (uint32_t i = 0; i < r->check_count; i++) {
		const struct vit_report_check *c = &r->checks[i];
		if (dropped(c, g->kind) && !g->seen[c->id])
			return start(r, g, c->id, r->finding_count);
	}
	return false;
}

const struct vit_report_finding *vit_group_finding(const struct vit_report *r, struct vit_group *g)
{
	if (g->shown == VIT_REPORT_TEXT_CAP)
		return NULL;
	while (g->at < r->finding_count) {
		const struct vit_report_finding *f = &r->findings[g->at++];
		if (belongs(f, g)) {
			g->shown++;
			return f;
		}
	}
	return NULL;
}
