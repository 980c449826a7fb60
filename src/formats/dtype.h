/*
 * The 22 dtypes of safetensors.
 *
 * Source: safetensors/src/tensor.rs @24b0b28, enum Dtype and its bitsize().
 */
#ifndef VIT_FORMATS_DTYPE_H
#define VIT_FORMATS_DTYPE_H

#include "base/str.h"

enum vit_dtype {
	VIT_DT_UNKNOWN = 0, /* a name that is none of the 22 */
	VIT_DT_BOOL, VIT_DT_F4, VIT_DT_F6_E2M3, VIT_DT_F6_E3M2, VIT_DT_U8, VIT_DT_I8,
	VIT_DT_F8_E5M2, VIT_DT_F8_E4M3, VIT_DT_F8_E8M0, VIT_DT_F8_E4M3FNUZ,
	VIT_DT_F8_E5M2FNUZ, VIT_DT_I16, VIT_DT_U16, VIT_DT_F16, VIT_DT_BF16,
	VIT_DT_I32, VIT_DT_U32, VIT_DT_F32, VIT_DT_C64, VIT_DT_F64, VIT_DT_I64,
	VIT_DT_U64,
	VIT_DT_COUNT
};

/* Case-sensitive; VIT_DT_UNKNOWN when none. */
enum vit_dtype vit_dtype_parse(struct vit_str name);
const char *vit_dtype_name(enum vit_dtype t); /* "BF16"; "unknown" */
unsigned vit_dtype_bits(enum vit_dtype t);    /* 4, 6, 8, 16, 32, 64; 0 for unknown */
/* As config.json spells it: "bfloat16", "torch.float16" -> VIT_DT_BF16, ... */
enum vit_dtype vit_dtype_from_torch(struct vit_str name);
bool vit_dtype_is_float(enum vit_dtype t);

/* A set of dtypes, one bit each. */
typedef uint32_t vit_dtype_set;
#define VIT_DT_BIT(t) ((vit_dtype_set)1 << (t))

#endif
