/* Arithmetic of a model by its rows. */
#include "forecast/estimate.h"

static double row_flops(const struct vit_fwd_row *row)
{
	const uint64_t *v = row->value;
	double in = (double)v[VIT_FWD_IN];

	switch (row->op) {
	case VIT_FWD_LINEAR:
		return 2 * in * (double)v[VIT_FWD_OUT];
	case VIT_FWD_ROUTER:
		return 2 * in * (double)v[VIT_FWD_EXPERTS_KEY];
	case VIT_FWD_EXPERTS:
		return 6 * in * (double)v[VIT_FWD_INNER] * (double)v[VIT_FWD_PER_TOKEN];
	case VIT_FWD_BEGIN:
	case VIT_FWD_END:
	case VIT_FWD_RMS_NORM:
	case VIT_FWD_LAYER_NORM:
	case VIT_FWD_ROPE:
	case VIT_FWD_ATTENTION:
	case VIT_FWD_ACT:
	case VIT_FWD_MUL:
	case VIT_FWD_ADD:
	case VIT_FWD_SCALE:
	case VIT_FWD_DROPOUT:
	case VIT_FWD_SPLIT:
	case VIT_FWD_CAT:
	case VIT_FWD_REPEAT:
	case VIT_FWD_COPY:
	case VIT_FWD_ALIAS:
	case VIT_FWD_CACHE:
	case VIT_FWD_WEIGHT:
	case VIT_FWD_OP_COUNT:
		break;
	}
	return 0;
}

double vit_forward_flops(const struct vit_forward *f)
{
	double sum = 2 * (double)f->vocab * (double)f->hidden;

	for (uint64_t i = 0; i < f->layers; i++)
		for (uint32_t k = 0; k < f->layer[i].count; k++)
			sum += row_flops(&f->layer[i].rows[k]);
	return sum;
}

double vit_attention_flops(const struct vit_forward *f, double sequence)
{
	double sum = 0;

	for (uint64_t i = 0; i < f->layers; i++)
		for (uint32_t k = 0; k < f->layer[i].count; k++) {
			const struct vit_fwd_row *row = &f->layer[i].rows[k];
			const uint64_t *v = row->value;
			double window = (double)v[VIT_FWD_WINDOW],
			       value = (double)v[VIT_FWD_VALUE_DIM];
			double reach = window > 0 && window < sequence ? window : sequence;

			if (row->op == VIT_FWD_ATTENTION)
				sum += 2 * sequence * reach * (double)v[VIT_FWD_HEADS] *
				       ((double)v[VIT_FWD_DIM] +
					(value > 0 ? value : (double)v[VIT_FWD_DIM]));
		}
	return sum;
}
