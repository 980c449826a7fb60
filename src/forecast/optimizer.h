/* What optimizers keep and make. Private to src/forecast. */
#ifndef VIT_FORECAST_OPTIMIZER_H
#define VIT_FORECAST_OPTIMIZER_H

#include "forecast/run.h"

/* States at the first step, then the step, then gradients go. */
void vit_optimizer_step(struct vit_runner *r, int step);

#endif
