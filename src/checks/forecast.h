/*
 * Checks on the job: does it fit the device, the disk and the requirements it
 * names, by the forecast. Without a job nothing here applies, save the fit on a
 * device that was named, which is then a warning at most. An error is given only
 * where even the low end of a range is too much.
 */
#ifndef VIT_CHECKS_FORECAST_H
#define VIT_CHECKS_FORECAST_H

#include "checks/eval.h"

extern const struct vit_pass vit_pass_forecast;

#endif
