/* The parts of a forecast. Private to src/forecast. */
#ifndef VIT_FORECAST_ESTIMATE_H
#define VIT_FORECAST_ESTIMATE_H

#include "forecast/plan.h"

/* One forecast while it is made. */
struct vit_estimate {
	struct vit_arena *arena;
	const struct vit_forecast_input *in;
	struct vit_forecast *out;
	struct vit_forward forward;
	struct vit_run_plan plan;
	struct vit_run_result run;
	bool fallback;               /* run as a plain decoder: the family's layers are not known */
	double missing;              /* parameters of the model that the layers do not account for */
	enum vit_confidence confidence;
};

struct vit_range vit_range_make(double low, double expected, double high, enum vit_confidence c,
				struct vit_str basis);

/* Bytes of the weights as stored (or as given), and those read for one token. */
double vit_stored_bytes(const struct vit_estimate *e);
/* Cache of one request as generation reads it: windows hold no more than they look at. */
double vit_cache_bytes(const struct vit_estimate *e);
/* Multiplications of one forward pass over one token, without attention's scores. */
double vit_forward_flops(const struct vit_forward *f);
/* Attention's scores and values for one sequence, both halves. */
double vit_attention_flops(const struct vit_forward *f, double sequence);

void vit_estimate_memory(struct vit_estimate *e);
void vit_estimate_training(struct vit_estimate *e);
void vit_estimate_inference(struct vit_estimate *e);

#endif
