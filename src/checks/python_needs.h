/*
 * Which Python packages a job and a model ask for, and why: arithmetic on the
 * job and the configuration alone.
 */
#ifndef VIT_CHECKS_PYTHON_NEEDS_H
#define VIT_CHECKS_PYTHON_NEEDS_H

#include "base/arena.h"
#include "facts/config.h"
#include "spec/job.h"

#define VIT_MAX_NEEDS 64

struct vit_python_need {
	struct vit_str name;    /* PEP 503 */
	struct vit_str range;   /* PEP 440; empty: any version */
	struct vit_str why;     /* "to load the model", "LoRA adapters", ... */
	bool required;          /* false: without it the model is loaded otherwise, or another runtime serves */
	struct vit_str instead; /* when not required: what happens without it; or empty */
};

struct vit_python_needs {
	struct vit_python_need rows[VIT_MAX_NEEDS]; /* sorted as found; each name once */
	uint32_t count;
};

/* `job` may be one that was not given (what the model itself asks for is left then).
 * Text is in the arena or static. */
void vit_python_needs(struct vit_arena *a, const struct vit_job *job, const struct vit_config *config,
		      struct vit_python_needs *out);

#endif
