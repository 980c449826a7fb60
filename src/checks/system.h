/*
 * Checks on the machine: is its memory known, do the weights fit into it, is
 * there room on the disk. Without a job the verdict is about the model: fit
 * is then at most a warning, the rest notes. What a job needs beyond the
 * weights is the forecast's matter.
 */
#ifndef VIT_CHECKS_SYSTEM_H
#define VIT_CHECKS_SYSTEM_H

#include "checks/eval.h"

extern const struct vit_pass vit_pass_system;

#endif
