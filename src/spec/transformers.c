#include "spec/transformers.h"

static const struct { const char *type, *first; } types[] = {
#define VIT_MODEL_TYPE(type, first) { type, first },
#include "spec/transformers_types.def"
#undef VIT_MODEL_TYPE
};

struct vit_str vit_transformers_first(struct vit_str model_type)
{
	size_t low = 0, high = sizeof(types) / sizeof(types[0]);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = vit_str_cmp(vit_str_c(types[middle].type), model_type);

		if (order == 0)
			return vit_str_c(types[middle].first);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return VIT_STR_EMPTY;
}
