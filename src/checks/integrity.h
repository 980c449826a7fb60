/* The files against the pin of the published model: presence and sizes. */
#ifndef VIT_CHECKS_INTEGRITY_H
#define VIT_CHECKS_INTEGRITY_H

#include "checks/eval.h"

extern const struct vit_pass vit_pass_pin;

#endif
