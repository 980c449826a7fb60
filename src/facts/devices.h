/*
 * Accelerators: what each GPU here is, how much of its memory is free, and
 * what it does with the numbers a model is stored in.
 *
 * Plain facts, owned by the arena of the audit. Nothing that identifies a
 * board (serial number, UUID) is ever asked for. A Mac with unified memory is
 * one device of kind metal, whose memory is what the GPU may wire.
 */
#ifndef VIT_FACTS_DEVICES_H
#define VIT_FACTS_DEVICES_H

#include "facts/system.h"

/* CPU is a kind of catalogues and forecasts; no accelerator here is of it. */
enum vit_device_kind {
	VIT_DEVICE_CUDA, VIT_DEVICE_ROCM, VIT_DEVICE_METAL, VIT_DEVICE_CPU, VIT_DEVICE_XPU,
};

/* Numbers whose support is told apart; the rest (F32) every device computes with. */
enum vit_number {
	VIT_NUMBER_BF16, VIT_NUMBER_FP16, VIT_NUMBER_FP8, VIT_NUMBER_MXFP4, VIT_NUMBER_INT8,
	VIT_NUMBER_COUNT
};

/*
 * NATIVE: the hardware multiplies them. EMULATED: kept in memory as they are
 * and widened by the kernel as it computes. DEQUANTISED: widened once, when
 * the model is loaded, so that they take the memory of `to`. UNKNOWN: no rule
 * for this device is known to us; nothing may be concluded.
 */
enum vit_number_support {
	VIT_HOW_UNKNOWN, VIT_HOW_NATIVE, VIT_HOW_EMULATED, VIT_HOW_DEQUANTISED
};

struct vit_device_number {
	enum vit_number_support support;
	/* "BF16": what it is computed in (EMULATED) or becomes (DEQUANTISED); "" otherwise. */
	const char *to;
	const char *needs;  /* "triton >= 3.4 and kernels, else dequantised to BF16"; "" for nothing */
	const char *source; /* whose rule this is; "" when UNKNOWN */
};

struct vit_device_process {
	uint64_t pid;              /* as the driver names it: in a container another number space */
	struct vit_str name;       /* last part of its path; "" when not told */
	struct vit_measure memory; /* bytes on this device; unknown where the driver hides it */
};

enum vit_mig { VIT_MIG_UNKNOWN, VIT_MIG_NONE /* not a device that can */, VIT_MIG_OFF, VIT_MIG_ON };

struct vit_device {
	enum vit_device_kind kind;
	uint32_t index;            /* among its kind, in the driver's order */
	struct vit_str name;       /* "NVIDIA H100 80GB HBM3", "Apple M4 Pro" */
	struct vit_str vendor;     /* "NVIDIA", "AMD", "Intel", "Apple" */
	struct vit_str architecture; /* "Hopper", "CDNA 3", "RDNA 3"; "" when not known */
	struct vit_str target;     /* "sm_90", "gfx942", "" */
	struct vit_str driver;     /* "580.159.04" or "" */
	struct vit_str cuda;       /* "13.0": newest the driver runs, or "" */
	struct vit_str source;     /* "NVML", "nvidia-smi -q -x", "sysfs", "sysctl" */
	bool has_capability;       /* NVIDIA: compute capability */
	bool capability_least;     /* told by the architecture alone: at least this */
	uint32_t capability_major, capability_minor;
	bool integrated;           /* its memory is the machine's own */
	enum vit_mig mig;
	/* Bytes. Total is what the driver manages; reserved (its own, in no one's
	 * use) is in total but in neither used nor free. */
	struct vit_measure memory_total, memory_used, memory_free, memory_reserved;
	struct vit_measure bandwidth; /* bytes per second at most, of bus width and memory clock */
	struct vit_str error;      /* why the driver told no more of it; or "" */
	bool processes_known;
	struct vit_device_process *processes;
	uint32_t process_count;
	struct vit_device_number numbers[VIT_NUMBER_COUNT];
};

const char *vit_device_kind_name(enum vit_device_kind k);       /* "cuda" "rocm" "metal" "cpu" "xpu" */
const char *vit_number_name(enum vit_number n);                 /* "BF16" ... */
const char *vit_number_support_name(enum vit_number_support s); /* "native" "emulated" "dequantised" "unknown" */
const char *vit_mig_name(enum vit_mig m);                       /* "on" "off" "none" "unknown" */

/* NVIDIA's name of the architecture of a compute capability, or "". */
const char *vit_cuda_architecture(uint32_t major, uint32_t minor);
/* AMD's of a target such as "gfx942", or "". */
const char *vit_rocm_architecture(struct vit_str target);

/*
 * Fills numbers[] by the rules of devices.c from kind, capability (CUDA),
 * target (ROCm), name (Metal: the generation, "Apple M4 Pro"; Intel: the
 * series). Pure; also for a device that is only in a catalogue.
 */
void vit_device_set_numbers(struct vit_device *d);

#endif
