/*
 * The Python environment against what the job and the model need. Without a
 * job these are notes; what was not probed is not checked.
 */
#ifndef VIT_CHECKS_PYTHON_H
#define VIT_CHECKS_PYTHON_H

#include "checks/eval.h"
#include "checks/python_needs.h"

extern const struct vit_pass vit_pass_python;

/* The command that installs into this environment what `specs` lists ("'torch' 'peft>=0.15'"). */
struct vit_str vit_python_install(struct vit_arena *a, const struct vit_python *p, struct vit_str specs);

#endif
