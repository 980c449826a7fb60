/* The bytes against what is promised about them. */
#ifndef VIT_CHECKS_VERIFY_H
#define VIT_CHECKS_VERIFY_H

#include "checks/eval.h"

extern const struct vit_pass vit_pass_verify;

#endif
