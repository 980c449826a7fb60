/*
 * Results: one state per check id, and the findings.
 *
 * A pass decides several ids from facts and spec, without I/O. For each id it
 * either adds findings (the state becomes FAIL) or says why there are none.
 * An id of a pass that is still NOT_RUN afterwards is our bug.
 */
#ifndef VIT_CHECKS_EVAL_H
#define VIT_CHECKS_EVAL_H

#include "base/arena.h"
#include "base/err.h"
#include "catalog/catalog.h"
#include "facts/facts.h"
#include "spec/architecture.h"
#include "spec/job.h"

enum vit_state {
	VIT_STATE_NOT_RUN, /* never leaves the engine */
	VIT_STATE_PASS, VIT_STATE_FAIL, VIT_STATE_NOT_APPLICABLE, VIT_STATE_NOT_CHECKED,
	VIT_STATE_UNKNOWN,
};
const char *vit_state_name(enum vit_state s); /* "pass" "fail" "not_applicable" ... */

/* Where a finding is; every part may be absent (empty, 0, has_offset false). */
struct vit_where {
	struct vit_str path;     /* relative to the root, raw bytes */
	struct vit_str pointer;  /* JSON pointer or dotted config path */
	struct vit_str tensor;   /* name, raw bytes */
	uint64_t offset;
	bool has_offset;
	uint32_t line, column;   /* 1-based; 0 = none */
};

struct vit_finding {
	enum vit_check_id id;
	enum vit_severity severity; /* the catalogue's, or lower when the pass says so */
	struct vit_where where;
	struct vit_str message;     /* one sentence; untrusted parts raw (renderers escape) */
	struct vit_str expected, actual; /* values, or empty */
	struct vit_str remedy;      /* a command or step for this very case, or empty: the catalogue's */
};

struct vit_eval {
	struct vit_arena *arena;
	enum vit_state states[VIT_CK_COUNT];
	struct vit_str reasons[VIT_CK_COUNT];  /* for NOT_APPLICABLE, NOT_CHECKED, UNKNOWN */
	bool selected[VIT_CK_COUNT];           /* by --only/--skip; others stay NOT_CHECKED */
	uint64_t counts[VIT_CK_COUNT];         /* findings of the id, dropped ones included */
	struct vit_vec findings;               /* struct vit_finding; at most VIT_MAX_FINDINGS per id */
	struct vit_finding scratch;            /* private: what is not kept */
};
#define VIT_MAX_FINDINGS 1000 /* kept per id; the rest is counted */

struct vit_outlook;

/* What a pass is given. */
struct vit_case {
	const struct vit_facts *facts;
	const struct vit_architecture *architecture; /* the model held against its spec; never NULL */
	bool has_job;    /* false: findings on the machine are notes, on fit at most warnings */
	const struct vit_job *job; /* never NULL in an audit; method NONE when there is none */
	const struct vit_outlook *outlook; /* the job's forecast (forecast/outlook.h), or NULL */
	bool verify;     /* --verify was asked for */
};

void vit_eval_init(struct vit_eval *ev, struct vit_arena *arena);
void vit_eval_free(struct vit_eval *ev);
/* Adds a finding for id and sets FAIL; the caller fills what it knows in the
 * returned row (valid until the next call). Never NULL (a scratch row is
 * returned when the id is not selected or over the cap). */
struct vit_finding *vit_eval_fail(struct vit_eval *ev, enum vit_check_id id);
/* PASS unless it has findings, or is UNKNOWN already. */
void vit_eval_pass(struct vit_eval *ev, enum vit_check_id id);
/* These never overwrite FAIL. The reason is copied. */
void vit_eval_not_applicable(struct vit_eval *ev, enum vit_check_id id, const char *fmt, ...) VIT_PRINTF(3, 4);
void vit_eval_not_checked(struct vit_eval *ev, enum vit_check_id id, const char *fmt, ...) VIT_PRINTF(3, 4);
void vit_eval_unknown(struct vit_eval *ev, enum vit_check_id id, const char *fmt, ...) VIT_PRINTF(3, 4);
/* Message helpers: text in the arena. */
struct vit_str vit_eval_text(struct vit_eval *ev, const char *fmt, ...) VIT_PRINTF(2, 3);

/* A pass: the ids it decides and the facts it needs. */
struct vit_pass {
	const char *name;
	unsigned needs;                       /* VIT_FG_* */
	const enum vit_check_id *ids;
	size_t id_count;
	void (*run)(const struct vit_case *c, struct vit_eval *ev);
};
/* All passes, one table (checks/passes.c). */
extern const struct vit_pass *const vit_passes[];
extern const size_t vit_pass_count;

/* Runs every pass that decides a selected id, applies hidden_by (a failed root
 * cause turns its dependants that did not fail into NOT_APPLICABLE "<id> failed:
 * see there", and drops the findings of dependants that the row names), and
 * asserts that no selected id is left NOT_RUN. */
void vit_eval_run(const struct vit_case *c, struct vit_eval *ev);

#endif
