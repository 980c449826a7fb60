/*
 * Finds the Python environment a job would use and reads its packages.
 *
 * Runs at most one command: the interpreter, isolated and without site
 * (-I -S), for its own version and prefix. Nothing inside the model folder is
 * run or read as an environment.
 */
#ifndef VIT_COLLECT_PYTHON_H
#define VIT_COLLECT_PYTHON_H

#include "base/arena.h"
#include "facts/python.h"
#include "host/host.h"

struct vit_python_options {
	struct vit_str asked;      /* --python: an interpreter, an environment's folder, a name
	                              on PATH; or empty */
	struct vit_str model_root; /* absolute; or empty */
	const struct vit_str *wanted; /* PEP 503 names whose METADATA is read, too */
	uint32_t wanted_count;
};

void vit_collect_python(struct vit_arena *a, const struct vit_host *host,
			const struct vit_python_options *options, struct vit_python *out);

#endif
