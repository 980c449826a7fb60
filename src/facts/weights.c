#include "facts/weights.h"

uint64_t vit_weights_main_bytes(const struct vit_weights *w)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < w->tensor_count; i++) {
		const struct vit_tensor *t = &w->tensors[i];
		/* Hostile offsets may add up beyond 2^64; a sum that cannot be is
		 * as good as any other then, and the offsets are findings. */
		if (vit_tensor_is_main(w, t) && !(t->flags & VIT_T_DUPLICATE) &&
		    t->end > t->begin && __builtin_add_overflow(sum, t->end - t->begin, &sum))
			return UINT64_MAX;
	}
	return sum;
}
