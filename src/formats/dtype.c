#include "formats/dtype.h"

struct dtype_row {
	const char *name;
	uint8_t bits;
	bool is_float;
};

static const struct dtype_row rows[VIT_DT_COUNT] = {
	[VIT_DT_UNKNOWN] = { "unknown", 0, false },
	[VIT_DT_BOOL] = { "BOOL", 8, false },
	[VIT_DT_F4] = { "F4", 4, true },
	[VIT_DT_F6_E2M3] = { "F6_E2M3", 6, true },
	[VIT_DT_F6_E3M2] = { "F6_E3M2", 6, true },
	[VIT_DT_U8] = { "U8", 8, false },
	[VIT_DT_I8] = { "I8", 8, false },
	[VIT_DT_F8_E5M2] = { "F8_E5M2", 8, true },
	[VIT_DT_F8_E4M3] = { "F8_E4M3", 8, true },
	[VIT_DT_F8_E8M0] = { "F8_E8M0", 8, true },
	[VIT_DT_F8_E4M3FNUZ] = { "F8_E4M3FNUZ", 8, true },
	[VIT_DT_F8_E5M2FNUZ] = { "F8_E5M2FNUZ", 8, true },
	[VIT_DT_I16] = { "I16", 16, false },
	[VIT_DT_U16] = { "U16", 16, false },
	[VIT_DT_F16] = { "F16", 16, true },
	[VIT_DT_BF16] = { "BF16", 16, true },
	[VIT_DT_I32] = { "I32", 32, false },
	[VIT_DT_U32] = { "U32", 32, false },
	[VIT_DT_F32] = { "F32", 32, true },
	[VIT_DT_C64] = { "C64", 64, false },
	[VIT_DT_F64] = { "F64", 64, true },
	[VIT_DT_I64] = { "I64", 64, false },
	[VIT_DT_U64] = { "U64", 64, false },
};

struct torch_row {
	const char *name;
	enum vit_dtype dtype;
};

static const struct torch_row torch_names[] = {
	{ "bfloat16", VIT_DT_BF16 },
	{ "float16", VIT_DT_F16 },
	{ "half", VIT_DT_F16 },
	{ "float32", VIT_DT_F32 },
	{ "float", VIT_DT_F32 },
	{ "float64", VIT_DT_F64 },
	{ "double", VIT_DT_F64 },
	{ "complex64", VIT_DT_C64 },
	{ "cfloat", VIT_DT_C64 },
	{ "float8_e4m3fn", VIT_DT_F8_E4M3 },
	{ "float8_e5m2", VIT_DT_F8_E5M2 },
	{ "float8_e8m0fnu", VIT_DT_F8_E8M0 },
	{ "float8_e4m3fnuz", VIT_DT_F8_E4M3FNUZ },
	{ "float8_e5m2fnuz", VIT_DT_F8_E5M2FNUZ },
	{ "float4_e2m1fn_x2", VIT_DT_F4 },
	{ "bool", VIT_DT_BOOL },
	{ "uint8", VIT_DT_U8 },
	{ "int8", VIT_DT_I8 },
	{ "uint16", VIT_DT_U16 },
	{ "int16", VIT_DT_I16 },
	{ "short", VIT_DT_I16 },
	{ "uint32", VIT_DT_U32 },
	{ "int32", VIT_DT_I32 },
	{ "int", VIT_DT_I32 },
	{ "uint64", VIT_DT_U64 },
	{ "int64", VIT_DT_I64 },
	{ "long", VIT_DT_I64 },
};

enum vit_dtype vit_dtype_parse(struct vit_str name)
{
	/* By far the most tensors are one of these two. */
	if (name.n == 4 && memcmp(name.p, "BF16", 4) == 0)
		return VIT_DT_BF16;
	if (name.n == 3 && memcmp(name.p, "F32", 3) == 0)
		return VIT_DT_F32;
	for (unsigned i = VIT_DT_UNKNOWN + 1; i < VIT_DT_COUNT; i++)
		if (vit_str_is(name, rows[i].name))
			return (enum vit_dtype)i;
	return VIT_DT_UNKNOWN;
}

const char *vit_dtype_name(enum vit_dtype t)
{
	return rows[t < VIT_DT_COUNT ? t : VIT_DT_UNKNOWN].name;
}

unsigned vit_dtype_bits(enum vit_dtype t)
{
	return rows[t < VIT_DT_COUNT ? t : VIT_DT_UNKNOWN].bits;
}

bool vit_dtype_is_float(enum vit_dtype t)
{
	return rows[t < VIT_DT_COUNT ? t : VIT_DT_UNKNOWN].is_float;
}

enum vit_dtype vit_dtype_from_torch(struct vit_str name)
{
	if (vit_str_starts(name, VIT_STR("torch.")))
		name = vit_str_sub(name, 6, name.n);
	for (size_t i = 0; i < sizeof(torch_names) / sizeof(torch_names[0]); i++)
		if (vit_str_is(name, torch_names[i].name))
			return torch_names[i].dtype;
	return VIT_DT_UNKNOWN;
}
