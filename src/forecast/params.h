/* The parameters of a run. Private to src/forecast. */
#ifndef VIT_FORECAST_PARAMS_H
#define VIT_FORECAST_PARAMS_H

#include "forecast/run.h"

/* Weights, then adapters; frees with vit_params_free. */
void vit_params_make(struct vit_runner *r);
void vit_params_free(struct vit_runner *r);

/* PEFT takes a module whose path ends with the name: "self_attn.q_proj" is a q_proj. */
struct vit_str vit_target_name(struct vit_str name);

#endif
