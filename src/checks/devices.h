/*
 * Checks on the accelerators of the machine: do their drivers answer, does
 * somebody else hold their memory; and is the machine short of memory now.
 * What a job needs of them is the forecast's matter. Without a job all are
 * notes.
 */
#ifndef VIT_CHECKS_DEVICES_H
#define VIT_CHECKS_DEVICES_H

#include "checks/eval.h"

extern const struct vit_pass vit_pass_devices;

#endif
