/*
 * One audit from options to report, in phases: prepare (specs, policy, what is
 * selected, the host), collect, hold against the spec, check, present. Private
 * to src/audit; the contract for callers is vitalis/audit.h.
 */
#ifndef VIT_AUDIT_SESSION_H
#define VIT_AUDIT_SESSION_H

#include "vitalis/audit.h"

#include "collect/collect.h"
#include "collect/integrity.h"
#include "host/host.h"
#include "present/present.h"
#include "spec/architecture.h"
#include "spec/calibration.h"
#include "spec/hardware.h"
#include "spec/job_load.h"

/* What the report is about. */
enum vit_scope {
	VIT_SCOPE_MODEL,
	VIT_SCOPE_SYSTEM,  /* the machine alone */
	VIT_SCOPE_DATA,    /* the training data alone */
};

struct vit_session {
	const struct vit_audit_options *options;
	struct vit_arena *arena;
	struct vit_log log;
	struct vit_spec_db *specs;
	const struct vit_spec *forced;      /* --spec, or NULL */
	struct vit_policy policy;
	struct vit_job job;                 /* given = false when there is none */
	struct vit_hardware_db hardware;    /* read when a job, a device or a comparison is asked for */
	struct vit_hardware_choice device;  /* --device; row NULL: here */
	struct vit_hardware_choice *compare;
	uint32_t compare_count;
	struct vit_calibration calibration;
	struct vit_forecast_calibration calibrated; /* what the forecast was given of it */
	bool uncalibrated;                  /* forecast without it */
	bool forecast;                      /* something is to be forecast */
	struct vit_outlook outlook;
	int64_t now;                        /* seconds */
	const struct vit_host *host;
	struct vit_host replay, record;
	bool replaying, recording;
	enum vit_scope scope;
	struct vit_facts facts, base;
	struct vit_architecture architecture;
	struct vit_eval eval;
	unsigned groups;                    /* VIT_FG_* that the selected checks need */
	struct vit_report report;
};

/* Each returns VIT_OK, or fails with *err filled; errors of kind USAGE and
 * SYNTAX are the user's (64), others mean that nothing can be audited (2). */
VIT_MUST_USE enum vit_errc vit_session_open(struct vit_session *s,
					    const struct vit_audit_options *options,
					    enum vit_scope scope, struct vit_err *err);
VIT_MUST_USE enum vit_errc vit_session_collect(struct vit_session *s, struct vit_err *err);
/* Holds the model against its spec. */
void vit_session_resolve(struct vit_session *s);
/* Resolves, hashes when asked, runs the passes. */
VIT_MUST_USE enum vit_errc vit_session_check(struct vit_session *s, struct vit_err *err);
/* Builds the report and decides. */
void vit_session_present(struct vit_session *s);
/* Ends a recording, too: its failure is returned when nothing failed before. */
VIT_MUST_USE enum vit_errc vit_session_close(struct vit_session *s, struct vit_err *err);

/* --job, the flags that say the same, --device and --compare (job.c). */
VIT_MUST_USE enum vit_errc vit_session_job(struct vit_session *s, struct vit_err *err);
/* Python and the runtimes, when a job, --python or `system` asks for it (machine.c). */
void vit_session_machine(struct vit_session *s);
/* The training data, when it or a job with it was given (data.c). */
VIT_MUST_USE enum vit_errc vit_session_data(struct vit_session *s, struct vit_err *err);
/* The hub (session_hub.c): do the options fit each other; before hashing, what it
 * says of the copy; after it, the comparison. Nothing without --hub. */
VIT_MUST_USE enum vit_errc vit_session_check_hub(const struct vit_audit_options *options,
						 struct vit_err *err);
VIT_MUST_USE enum vit_errc vit_session_ask_hub(struct vit_session *s, struct vit_err *err);
void vit_session_compare_hub(struct vit_session *s);
/* What both of them and collecting are given. */
struct vit_collect_options vit_session_collect_options(const struct vit_session *s);
struct vit_integrity_options vit_session_integrity_options(const struct vit_session *s);

/* The forecast, after the model was held against its spec (job.c). */
void vit_session_forecast(struct vit_session *s);
/* --only and --skip into eval->selected (select.c). */
VIT_MUST_USE enum vit_errc vit_select_checks(const struct vit_audit_options *options,
					     const struct vit_policy *policy, struct vit_eval *ev,
					     struct vit_err *err);
/* The groups of facts that the passes of selected ids need. */
unsigned vit_select_groups(const struct vit_eval *ev);
/* The tensors of the main save and the files, as the comparison takes them (input.c). */
struct vit_arch_input vit_session_arch_input(struct vit_session *s);
/* A whole file given on the command line: a policy, a spec (input.c). */
VIT_MUST_USE enum vit_errc vit_read_user_file(struct vit_arena *a, const char *path, size_t max,
					      struct vit_str *out, struct vit_err *err);

#endif
