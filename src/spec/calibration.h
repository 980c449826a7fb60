/*
 * What was measured against what was forecast, by device and kind of job, from a
 * user's own logs: `schema: vitalis-calibration/1`, a small file that a person can
 * read, edit and remove.
 *
 *	schema: vitalis-calibration/1
 *	entries:
 *	  - device: "Apple M4 Pro"
 *	    kind: training-transformers     # training-torch, inference
 *	    memory: 1.034                   # measured / forecast; absent: not measured
 *	    step: 0.91
 *	    source: "trainer_state.json, gpt-oss-20b, 2026-11-26"
 *
 * Pure text; nothing is opened here. Strings are of the arena.
 */
#ifndef VIT_SPEC_CALIBRATION_H
#define VIT_SPEC_CALIBRATION_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "spec/job.h"

#define VIT_CALIBRATION_MAX 1000 /* entries */
/* A factor beyond these is of another job, not of this one. */
#define VIT_CALIBRATION_LOW  0.05
#define VIT_CALIBRATION_HIGH 20.0

struct vit_calibration_entry {
	struct vit_str device, kind;
	double memory, step, decode, prefill; /* 0: not measured */
	struct vit_str source;
};

struct vit_calibration {
	struct vit_calibration_entry *entries; /* sorted by device, then kind */
	uint32_t count;
};

/* "training-transformers", "training-torch" or "inference". */
const char *vit_calibration_kind(const struct vit_job *job);
/* Errors are VIT_E_USAGE, VIT_E_SYNTAX or VIT_E_LIMIT with "<source>:<line>:<column>: ...". */
VIT_MUST_USE enum vit_errc vit_calibration_load(struct vit_arena *a, struct vit_str yaml,
						struct vit_str source, struct vit_calibration *out,
						struct vit_err *err);
/* The file's text, with its head. Loading it gives the same again. */
void vit_calibration_write(const struct vit_calibration *c, struct vit_buf *out);
/* NULL when there is none. */
const struct vit_calibration_entry *
vit_calibration_find(const struct vit_calibration *c, struct vit_str device, struct vit_str kind);
/* Adds the entry, or replaces the values it has of the one with its device and
 * kind; both stay sorted. */
void vit_calibration_put(struct vit_arena *a, struct vit_calibration *c,
			 const struct vit_calibration_entry *e);
/* Takes the entry out; false when there is none. */
bool vit_calibration_forget(struct vit_calibration *c, struct vit_str device, struct vit_str kind);

#endif
