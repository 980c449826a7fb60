/*
 * A team's policy: severities, waivers, threshold, baseline. The loader of
 * `schema: vitalis-policy/1` is spec/policy.h.
 */
#ifndef VIT_CATALOG_POLICY_H
#define VIT_CATALOG_POLICY_H

#include "catalog/catalog.h"

struct vit_waiver {
	enum vit_check_id id;
	struct vit_str path;     /* glob over finding paths; empty = any */
	struct vit_str reason;
	int64_t until;           /* last day it holds, days since the epoch; INT64_MAX = no end */
	uint32_t line;           /* in the policy file */
};

/* One finding that was there before and is accepted: id, path, pointer, tensor. */
struct vit_baseline_entry {
	enum vit_check_id id;
	struct vit_str path, pointer, tensor;
};

struct vit_policy {
	struct vit_str source;   /* file, or empty: none given */
	enum vit_severity fail_on;          /* default error */
	bool has_severity[VIT_CK_COUNT];
	enum vit_severity severity[VIT_CK_COUNT];
	bool off[VIT_CK_COUNT];             /* severity: off = never reported, state not_checked */
	struct vit_waiver *waivers;
	uint32_t waiver_count;
	struct vit_baseline_entry *baseline;
	uint32_t baseline_count;
};

#endif
