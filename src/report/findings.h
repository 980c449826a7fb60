/*
 * Findings as people read them: by how bad, then by id, capped per id.
 *
 *	for each kind:
 *		struct vit_group g = { .kind = kind };
 *		while (vit_group_next(r, &g))
 *			while ((f = vit_group_finding(r, &g)) ...
 *
 * Ids come in the order of their first finding in the sorted report.
 */
#ifndef VIT_REPORT_FINDINGS_H
#define VIT_REPORT_FINDINGS_H

#include "report/report.h"

enum vit_group_kind {
	VIT_GROUP_ERROR, VIT_GROUP_WARNING, VIT_GROUP_NOTE, VIT_GROUP_WAIVED, VIT_GROUP_COUNT
};
const char *vit_group_title(enum vit_group_kind k); /* "Errors" */
uint64_t vit_group_total(const struct vit_report *r, enum vit_group_kind k);

struct vit_group {
	enum vit_group_kind kind;      /* given by the caller; the rest zero at first */
	enum vit_check_id id;
	uint64_t total;                /* of this id and kind, dropped ones included */
	bool same_remedy;              /* all findings that will be shown share one */
	struct vit_str remedy;         /* that one */
	/* private */
	bool seen[VIT_CK_COUNT + 1];
	uint32_t first, at, shown;
};

/* The next id with findings of this kind; false when there is none. */
bool vit_group_next(const struct vit_report *r, struct vit_group *g);
/* Its next finding; NULL after VIT_REPORT_TEXT_CAP of them or the last. */
const struct vit_report_finding *vit_group_finding(const struct vit_report *r, struct vit_group *g);
/* Those that vit_group_finding did not give; ask when it returned NULL. */
static inline uint64_t vit_group_more(const struct vit_group *g)
{
	return g->total - g->shown;
}

#endif
