#include "facts/devices.h"

#include "base/num.h"

#define NATIVE VIT_HOW_NATIVE
#define EMULATED VIT_HOW_EMULATED
#define DEQUANTISED VIT_HOW_DEQUANTISED

/* Sources, as reports print them. */
#define CUDA_GUIDE "CUDA C++ Programming Guide, arithmetic by compute capability"
#define TRANSFORMERS_FP8 "transformers, fine-grained FP8 quantizer"
#define TRANSFORMERS_MXFP4 "transformers documentation, MXFP4"
#define ROCM_PRECISION "ROCm documentation, data types and precision support"
#define INTEL_XMX "Intel support article 000098346, AI engines and data types"
#define APPLE_BF16 "transformers pull request 40458"
#define METAL_SPEC "Metal Shading Language Specification, scalar types"
#define MLX_MODES "MLX documentation, quantization modes"

#define TRITON "triton >= 3.4 and kernels, else dequantised to BF16"

const char *vit_device_kind_name(enum vit_device_kind k)
{
	switch (k) {
	case VIT_DEVICE_CUDA:
		return "cuda";
	case VIT_DEVICE_ROCM:
		return "rocm";
	case VIT_DEVICE_METAL:
		return "metal";
	case VIT_DEVICE_CPU:
		return "cpu";
	case VIT_DEVICE_XPU:
		return "xpu";
	}
	return "cpu";
}

const char *vit_number_name(enum vit_number n)
{
	switch (n) {
	case VIT_NUMBER_BF16:
		return "BF16";
	case VIT_NUMBER_FP16:
		return "FP16";
	case VIT_NUMBER_FP8:
		return "FP8";
	case VIT_NUMBER_MXFP4:
		return "MXFP4";
	case VIT_NUMBER_INT8:
		return "INT8";
	case VIT_NUMBER_COUNT:
		break;
	}
	return "";
}

const char *vit_number_support_name(enum vit_number_support s)
{
	switch (s) {
	case VIT_HOW_UNKNOWN:
		return "unknown";
	case VIT_HOW_NATIVE:
		return "native";
	case VIT_HOW_EMULATED:
		return "emulated";
	case VIT_HOW_DEQUANTISED:
		return "dequantised";
	}
	return "unknown";
}

const char *vit_mig_name(enum vit_mig m)
{
	switch (m) {
	case VIT_MIG_UNKNOWN:
		return "unknown";
	case VIT_MIG_NONE:
		return "none";
	case VIT_MIG_OFF:
		return "off";
	case VIT_MIG_ON:
		return "on";
	}
	return "unknown";
}

const char *vit_cuda_architecture(uint32_t major, uint32_t minor)
{
	switch (major) {
	case 5:
		return "Maxwell";
	case 6:
		return "Pascal";
	case 7:
		return minor >= 5 ? "Turing" : "Volta";
	case 8:
		return minor == 9 ? "Ada Lovelace" : "Ampere";
	case 9:
		return "Hopper";
	case 10:
	case 11:
	case 12:
		return "Blackwell";
	default:
		return "";
	}
}

/* The AMDGPU targets of LLVM's user guide; the longer prefix comes first. */
static const struct rocm_target {
	const char *prefix, *architecture;
	bool bf16, fp8, mxfp4, int8;
} rocm_targets[] = {
	{ "gfx950", "CDNA 4", true, true, true, true },
	{ "gfx94", "CDNA 3", true, true, false, true },
	{ "gfx90a", "CDNA 2", true, false, false, true },
	{ "gfx908", "CDNA", true, false, false, true },
	{ "gfx906", "Vega 20", false, false, false, true },
	{ "gfx90", "Vega", false, false, false, false },
	{ "gfx101", "RDNA", false, false, false, false },
	{ "gfx103", "RDNA 2", false, false, false, true },
	{ "gfx115", "RDNA 3.5", true, false, false, true },
	{ "gfx11", "RDNA 3", true, false, false, true },
	{ "gfx12", "RDNA 4", true, true, false, true },
};

static const struct rocm_target *rocm_target(struct vit_str target)
{
	for (size_t i = 0; i < sizeof(rocm_targets) / sizeof(rocm_targets[0]); i++)
		if (vit_str_starts(target, vit_str_c(rocm_targets[i].prefix)))
			return &rocm_targets[i];
	return NULL;
}

const char *vit_rocm_architecture(struct vit_str target)
{
	const struct rocm_target *t = rocm_target(target);

	return t ? t->architecture : "";
}

static void set(struct vit_device *d, enum vit_number n, enum vit_number_support s,
		const char *to, const char *needs, const char *source)
{
	d->numbers[n] = (struct vit_device_number){ s, to, needs, source };
}

static void cuda_numbers(struct vit_device *d)
{
	uint32_t cc = d->capability_major * 10 + d->capability_minor;

	if (!d->has_capability)
		return;
	/* 5.0 and 5.2 keep FP16 in memory and compute in FP32. */
	set(d, VIT_NUMBER_FP16, cc >= 53 ? NATIVE : EMULATED, cc >= 53 ? "" : "FP32", "", CUDA_GUIDE);
	set(d, VIT_NUMBER_BF16, cc >= 80 ? NATIVE : EMULATED, cc >= 80 ? "" : "FP32", "", CUDA_GUIDE);
	set(d, VIT_NUMBER_INT8, cc >= 61 ? NATIVE : EMULATED, cc >= 61 ? "" : "INT32", "", CUDA_GUIDE);
	if (cc >= 89)
		set(d, VIT_NUMBER_FP8, NATIVE, "", "", CUDA_GUIDE);
	else
		set(d, VIT_NUMBER_FP8, DEQUANTISED, "BF16", "", TRANSFORMERS_FP8);
	if (cc >= 100)
		set(d, VIT_NUMBER_MXFP4, NATIVE, "", TRITON, CUDA_GUIDE);
	else if (cc >= 75)
		set(d, VIT_NUMBER_MXFP4, EMULATED, "BF16", TRITON, TRANSFORMERS_MXFP4);
	else
		set(d, VIT_NUMBER_MXFP4, DEQUANTISED, "BF16", "", TRANSFORMERS_MXFP4);
}

static void rocm_numbers(struct vit_device *d)
{
	const struct rocm_target *t = rocm_target(d->target);

	if (!t)
		return;
	set(d, VIT_NUMBER_FP16, NATIVE, "", "", ROCM_PRECISION);
	set(d, VIT_NUMBER_BF16, t->bf16 ? NATIVE : EMULATED, t->bf16 ? "" : "FP32", "",
	    ROCM_PRECISION);
	set(d, VIT_NUMBER_INT8, t->int8 ? NATIVE : EMULATED, t->int8 ? "" : "INT32", "",
	    ROCM_PRECISION);
	/* CDNA 3 multiplies the FNUZ variant: OCP codes are converted first. */
	if (t->fp8)
		set(d, VIT_NUMBER_FP8, NATIVE, "",
		    vit_str_starts(d->target, VIT_STR("gfx94")) ? "conversion to the FNUZ variant" : "",
		    ROCM_PRECISION);
	if (t->mxfp4)
		set(d, VIT_NUMBER_MXFP4, NATIVE, "", "", ROCM_PRECISION);
}

/* The N of "Apple M<N> ...", or 0. */
static uint64_t apple_generation(struct vit_str name)
{
	struct vit_str digits;
	uint64_t n = 0;
	size_t end = 0;

	if (!vit_str_starts(name, VIT_STR("Apple M")))
		return 0;
	digits = vit_str_sub(name, strlen("Apple M"), name.n);
	while (end < digits.n && digits.p[end] >= '0' && digits.p[end] <= '9')
		end++;
	return vit_parse_u64(vit_str_sub(digits, 0, end), &n) ? n : 0;
}

static void metal_numbers(struct vit_device *d)
{
	uint64_t m = apple_generation(d->name);

	if (m == 0)
		return;
	set(d, VIT_NUMBER_FP16, NATIVE, "", "", METAL_SPEC);
	/* The ARM cores know BF16 from M2 on, the GPU from M3 on. */
	if (m >= 3)
		set(d, VIT_NUMBER_BF16, NATIVE, "", "macOS 14 or later", APPLE_BF16);
	else
		set(d, VIT_NUMBER_BF16, EMULATED, "FP32", "macOS 14 or later", APPLE_BF16);
	/* No Apple GPU multiplies FP4, and PyTorch's Metal backend has no FP8. */
	set(d, VIT_NUMBER_FP8, DEQUANTISED, "BF16", "", TRANSFORMERS_FP8);
	set(d, VIT_NUMBER_MXFP4, EMULATED, "BF16",
	    "MLX, llama.cpp or the Metal build; PyTorch dequantises to BF16", MLX_MODES);
	set(d, VIT_NUMBER_INT8, EMULATED, "FP16", "MLX or llama.cpp", MLX_MODES);
}

static bool holds(struct vit_str s, const char *part)
{
	return vit_str_find(s, vit_str_c(part), 0) != SIZE_MAX;
}

static void xpu_numbers(struct vit_device *d)
{
	/* Discrete Arc and Data Center GPUs have matrix engines; names of older
	 * integrated ones ("UHD", "Iris Xe") do not tell. */
	if (!holds(d->name, "Arc") && !holds(d->name, "Data Center GPU"))
		return;
	set(d, VIT_NUMBER_FP16, NATIVE, "", "", INTEL_XMX);
	set(d, VIT_NUMBER_BF16, NATIVE, "", "", INTEL_XMX);
	set(d, VIT_NUMBER_INT8, NATIVE, "", "", INTEL_XMX);
	set(d, VIT_NUMBER_MXFP4, EMULATED, "BF16",
	    "triton >= 3.5 and kernels, else dequantised to BF16", TRANSFORMERS_MXFP4);
}

void vit_device_set_numbers(struct vit_device *d)
{
	for (int n = 0; n < VIT_NUMBER_COUNT; n++)
		d->numbers[n] = (struct vit_device_number){ VIT_HOW_UNKNOWN, "", "", "" };
	switch (d->kind) {
	case VIT_DEVICE_CUDA:
		cuda_numbers(d);
		break;
	case VIT_DEVICE_ROCM:
		rocm_numbers(d);
		break;
	case VIT_DEVICE_XPU:
		xpu_numbers(d);
		break;
	case VIT_DEVICE_METAL:
		metal_numbers(d);
		break;
	case VIT_DEVICE_CPU:
		break;
	}
}
