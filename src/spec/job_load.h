/*
 * From text to a job: a `vitalis-job/1` file, a trainer's own configuration, or
 * flags, all through one table of fields.
 *
 * A `vitalis-job/1` file is strict: an unknown key is an error with line, column
 * and the nearest known one. A trainer's configuration (recognised by its keys:
 * TRL, transformers, axolotl, LLaMA-Factory, mlx-lm, PEFT; YAML or JSON) has keys
 * that are nothing to us: those are listed in job.unused, but a value of the wrong
 * type is an error. What the trainer takes when a key is absent is taken too and
 * said in job.notes where it matters. Paths are kept as written: they are relative
 * to the working directory, as they are for the trainer.
 *
 * Nothing is opened here. Strings live in the arena; `source` is borrowed.
 * docs/JOBS.md describes the format and the defaults of each trainer.
 */
#ifndef VIT_SPEC_JOB_LOAD_H
#define VIT_SPEC_JOB_LOAD_H

#include "spec/job.h"

#define VIT_JOB_MAX_ITEMS 1000 /* of each list: targets, packages, categories, ... */

enum vit_job_field_kind {
	VIT_JF_U32,
	VIT_JF_U64,
	VIT_JF_DOUBLE,
	VIT_JF_BOOL,
	VIT_JF_TEXT,
	VIT_JF_ENUM,    /* an int-sized enum; `names` by its value, "" = cannot be said */
	VIT_JF_BYTES,   /* "24 GB", "16GiB", 1000000 */
	VIT_JF_TARGETS, /* all-linear, attention, or names of modules */
};

struct vit_job_field {
	const char *path;  /* "lora.rank": the key of the file, and of vit_job_set */
	const char *label; /* for people */
	enum vit_job_field_kind kind;
	size_t offset; /* into struct vit_job */
	const char *const *names;
	uint64_t min, max; /* U32, U64, DOUBLE */
	bool training;     /* says how to train: a method is then needed */
};
extern const struct vit_job_field vit_job_fields[];
extern const size_t vit_job_field_count;

/* Fills *out (reset first) from the text of a file. Failures: VIT_E_USAGE,
 * VIT_E_SYNTAX or VIT_E_LIMIT with "<source>:<line>:<column>: ...". */
VIT_MUST_USE enum vit_errc vit_job_load(struct vit_arena *a, struct vit_str text,
					struct vit_str source, struct vit_job *out,
					struct vit_err *err);

/* Sets one field from a flag, over what a file said. VIT_E_USAGE with what was
 * expected and found (the caller names the flag). An unknown path is a VIT_BUG. */
VIT_MUST_USE enum vit_errc vit_job_set(struct vit_arena *a, struct vit_job *job, const char *path,
				       struct vit_str value, struct vit_err *err);

/* Concludes what was not said outright: context or requests alone are inference.
 * VIT_E_USAGE when a job says how to train and not by which method. Sets `given`. */
VIT_MUST_USE enum vit_errc vit_job_finish(struct vit_job *job, struct vit_err *err);

/* The field's value for people ("lora", "2,048", "all-linear"); empty when it was
 * not said and has no value of its own. */
struct vit_str vit_job_field_text(struct vit_arena *a, const struct vit_job *job, size_t field);

const char *vit_job_method_name(enum vit_job_method m); /* "lora"; "none" */
static inline bool vit_job_trains(const struct vit_job *job)
{
	return job->method == VIT_JOB_FULL || job->method == VIT_JOB_LORA ||
	       job->method == VIT_JOB_QLORA;
}

#endif
