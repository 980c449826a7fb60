/*
 * Making a report: nodes, policy, order, verdict.
 *
 * Order of use: vit_report_init; nodes into sections; checks and findings set;
 * vit_report_decide (policy, sort, counts, verdict, exit code). After that the
 * report does not change, except for section nodes of summary and conclusion
 * that state the verdict.
 */
#ifndef VIT_REPORT_BUILD_H
#define VIT_REPORT_BUILD_H

#include "base/buf.h"
#include "catalog/policy.h"
#include "report/report.h"

void vit_report_init(struct vit_report *r, struct vit_arena *a);

/*
 * Nodes: all strings are borrowed; keys and labels static unless a vit_str.
 * What people see: a VALUE, GROUP or TABLE without a label is for JSON alone,
 * but the children of such a GROUP are shown where it stands; TEXT, LIST and
 * CODE are always shown, their label is optional. What JSON gets: nodes with a
 * key; a GROUP without one is for people alone, children included. A basis or
 * source of a node becomes an entry of the `sources` member beside it, so no
 * key may be "evidence". In messages, remedies, TEXT and LIST a pair of backticks
 * marks a command.
 */
struct vit_node *vit_node_add(struct vit_arena *a, struct vit_section *s, enum vit_node_kind kind,
			      const char *key, const char *label);
struct vit_node *vit_node_child(struct vit_arena *a, struct vit_node *group, enum vit_node_kind kind,
				const char *key, const char *label);
/* One line for the common case: a VALUE node. */
void vit_node_value(struct vit_arena *a, struct vit_node *group, const char *key, const char *label,
		    struct vit_val v, enum vit_basis basis, struct vit_str source);
/* A table; cells are zeroed, row-major. */
struct vit_node *vit_node_table(struct vit_arena *a, struct vit_node *group, const char *key,
				const char *label, const struct vit_column *columns,
				uint32_t column_count, uint32_t rows);
static inline struct vit_val *vit_cell(struct vit_node *t, uint32_t row, uint32_t column)
{
	return &t->cells[(size_t)row * t->column_count + column];
}

static inline struct vit_val vit_val_str(struct vit_str s) { return (struct vit_val){ .type = VIT_VAL_STR, .str = s }; }
static inline struct vit_val vit_val_c(const char *c) { return vit_val_str(vit_str_c(c)); }
static inline struct vit_val vit_val_u64(uint64_t v) { return (struct vit_val){ .type = VIT_VAL_U64, .u64 = v }; }
static inline struct vit_val vit_val_i64(int64_t v) { return (struct vit_val){ .type = VIT_VAL_I64, .i64 = v }; }
static inline struct vit_val vit_val_bytes(uint64_t v) { return (struct vit_val){ .type = VIT_VAL_BYTES, .u64 = v }; }
static inline struct vit_val vit_val_double(double v) { return (struct vit_val){ .type = VIT_VAL_DOUBLE, .d = v }; }
static inline struct vit_val vit_val_bool(bool v) { return (struct vit_val){ .type = VIT_VAL_BOOL, .u64 = v }; }
static inline struct vit_val vit_val_none(void) { return (struct vit_val){ .type = VIT_VAL_NONE }; }

/*
 * Applies the policy (severities but never of frozen ids, waivers, baseline),
 * sorts, counts, and decides:
 * exit 1 / NOT READY with a finding at or above fail_on that is not waived;
 * else 2 / INCONCLUSIVE when a selected check is UNKNOWN or nothing was checked
 * (no check PASS or FAIL); else 0: READY, or READY WITH WARNINGS when there are
 * warnings (or errors below fail_on).
 * `today` is days since the epoch, for end dates of waivers: an expired waiver
 * does not waive and adds a finding config-side (policy/… is not a check: the
 * finding keeps its severity and its message names the expired waiver).
 * Without a policy (NULL) r->fail_on holds, which vit_report_init set to error.
 * Findings that were counted and not kept have the severity of the worst kept
 * one of their id and are waived only by a waiver without a path.
 */
void vit_report_decide(struct vit_report *r, struct vit_arena *a, const struct vit_policy *policy,
		       int64_t today);

/* Renderers: one row per format. */
struct vit_sink { /* collects output; sticky failure */
	bool (*write)(void *ctx, const char *p, size_t n);
	void *ctx;
	bool failed;
};
struct vit_render_options {
	bool color;        /* terminal only */
	unsigned width;    /* terminal columns, 0 = 80 */
	bool quiet;        /* terminal: verdict and findings alone */
	bool verbose;      /* every check with its state */
};
struct vit_renderer {
	const char *name, *extension, *media_type;
	void (*render)(const struct vit_report *r, const struct vit_render_options *o, struct vit_sink *out);
};
extern const struct vit_renderer vit_renderers[];
extern const size_t vit_renderer_count;
const struct vit_renderer *vit_renderer_find(struct vit_str name);
const struct vit_renderer *vit_renderer_for_path(struct vit_str path); /* by extension; NULL when none */

#endif
