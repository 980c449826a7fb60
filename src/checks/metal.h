/*
 * Checks on metal/model.bin, the build of gpt-oss for OpenAI's Metal
 * implementation: its header, its size, and its agreement with config.json.
 * Loaders of the folder do not read it, so a fault is a warning.
 */
#ifndef VIT_CHECKS_METAL_H
#define VIT_CHECKS_METAL_H

#include "checks/eval.h"

extern const struct vit_pass vit_pass_metal;

#endif
