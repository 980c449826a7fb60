/*
 * Which release of the transformers library first knew a model type.
 *
 * A table made from the library's own releases (transformers_types.def).
 */
#ifndef VIT_SPEC_TRANSFORMERS_H
#define VIT_SPEC_TRANSFORMERS_H

#include "base/str.h"

/* "4.55.0" for "gpt_oss"; empty for a type that every release since 4.28.0
 * knows, and for one that none up to 5.24.0 does. Static storage. */
struct vit_str vit_transformers_first(struct vit_str model_type);

#endif
