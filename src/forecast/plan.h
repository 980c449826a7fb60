/* From a job to a run. Private to src/forecast. */
#ifndef VIT_FORECAST_PLAN_H
#define VIT_FORECAST_PLAN_H

#include "forecast/run.h"

/* Fills in what the job left open; notes what was taken. */
void vit_plan_defaults(struct vit_arena *a, const struct vit_forecast_input *in,
		       const struct vit_forward *forward, struct vit_forecast *out);
/* The run of out->job (defaults filled in) on one of its devices. */
void vit_plan_make(const struct vit_forecast_input *in, const struct vit_job *job,
		   const struct vit_forward *forward, struct vit_run_plan *plan);
void vit_forecast_note(struct vit_arena *a, struct vit_forecast *out, struct vit_str text);

#endif
