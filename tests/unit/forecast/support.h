/* Measured runs as inputs of forecasts. */
#ifndef VIT_TESTS_FORECAST_SUPPORT_H
#define VIT_TESTS_FORECAST_SUPPORT_H

#include "forecast/forecast.h"

/* One model of a document of measured runs, and one row's job. */
struct bench {
	struct vit_arena *arena;
	struct vit_spec_db *db;
	const struct vit_json *root;  /* of the document, or NULL when it is not there */
	struct vit_architecture arch;
	struct vit_job job;
	struct vit_forecast_device device;
	struct vit_forecast_input in;
	struct vit_forecast out;
};

bool bench_open(struct bench *b, const char *path); /* false: not there */
void bench_close(struct bench *b);
/* Forecast of that row; plain: made by the bare loop, heads as the configurations say. */
void bench_row(struct bench *b, const struct vit_json *row, bool plain);
/* The H100 of the measured runs. */
struct vit_forecast_device bench_h100(void);
double bench_number(const struct vit_json *row, const char *key);
const char *bench_label(const struct vit_json *row, char *out, size_t size);

#endif
