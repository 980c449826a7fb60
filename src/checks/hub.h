/*
 * What the hub says about the model: of one audited there, and (--hub) of a copy.
 */
#ifndef VIT_CHECKS_HUB_H
#define VIT_CHECKS_HUB_H

#include "checks/eval.h"

/* The repository itself. */
extern const struct vit_pass vit_pass_hub;
/* A copy held against it (--hub). */
extern const struct vit_pass vit_pass_hub_copy;

#endif
