/*
 * Programs that serve models against what the job asks of them. What no job
 * asks for is a note at most.
 */
#ifndef VIT_CHECKS_RUNTIMES_H
#define VIT_CHECKS_RUNTIMES_H

#include "checks/eval.h"
#include "facts/runtimes.h"

extern const struct vit_pass vit_pass_runtimes;

/* Formats of the model that were found in its folder. */
struct vit_model_formats {
	bool known;       /* there is a model */
	bool safetensors; /* ordinary, as transformers loads them */
	bool mlx, gguf, metal;
};
struct vit_model_formats vit_model_formats(const struct vit_facts *facts);
/* Does the runtime load one of them? `needs`: what it loads, for people. */
bool vit_runtime_loads(enum vit_runtime_kind kind, struct vit_model_formats f, const char **needs);

#endif
