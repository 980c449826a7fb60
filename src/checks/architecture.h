/* The model against its spec: configuration fields, and tensors. */
#ifndef VIT_CHECKS_ARCHITECTURE_H
#define VIT_CHECKS_ARCHITECTURE_H

#include "checks/eval.h"

extern const struct vit_pass vit_pass_fields;       /* fields of config.json, quantisation known */
extern const struct vit_pass vit_pass_architecture; /* tensors */

#endif
