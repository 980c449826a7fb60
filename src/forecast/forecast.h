/*
 * What a job will need and how long it will take: memory, time, rates.
 *
 * Pure arithmetic on the configuration, the job and the device; nothing is
 * read and nothing is judged here. A forecast works from a config.json alone.
 *
 * Memory of training and of one-pass inference is not a formula with factors:
 * the operations of the model's layers (section `forward` of its family's spec)
 * are run without numbers, tensor by tensor, against the rules of the
 * framework's caching allocator, and the highest level it reached is the
 * forecast. What a family keeps is therefore data of its spec. Models without
 * such a section are run as a plain decoder, and the range says so.
 *
 * Units: bytes, seconds, tokens per second. Everything returned is of the
 * caller's arena. Nothing fails: what cannot be known is `known = false` with
 * the reason in `unsupported` or in a note.
 */
#ifndef VIT_FORECAST_FORECAST_H
#define VIT_FORECAST_FORECAST_H

#include "base/arena.h"
#include "facts/devices.h"
#include "json/tree.h"
#include "spec/architecture.h"
#include "spec/job.h"

/* How much a range is worth. */
enum vit_confidence {
	VIT_CONFIDENCE_NONE,     /* not known */
	VIT_CONFIDENCE_LOW,      /* a guess of stated basis */
	VIT_CONFIDENCE_MEDIUM,   /* derived, not held against a measured run of this kind */
	VIT_CONFIDENCE_HIGH,     /* derived, and held against measured runs of this kind */
};
const char *vit_confidence_name(enum vit_confidence c); /* "none", "low", "medium", "high" */

struct vit_range {
	bool known;
	double low, expected, high;
	enum vit_confidence confidence;
	struct vit_str basis;    /* formula and inputs, one sentence or two */
};

/* How a device takes numbers of a kind. */
enum vit_support { VIT_SUPPORT_UNKNOWN, VIT_SUPPORT_NATIVE, VIT_SUPPORT_EMULATED, VIT_SUPPORT_NONE };

/* A catalogue row or a device found here. What is 0 is not known. */
struct vit_forecast_device {
	struct vit_str name;         /* "NVIDIA H100 80GB HBM3" */
	enum vit_device_kind kind;
	bool unified;                /* shares its memory with the processor */
	uint64_t memory_total;
	uint64_t memory_available;   /* free, or the limit of the wired memory; 0: as total */
	double bandwidth;            /* bytes per second, peak */
	double flops_16bit;          /* dense, per second, FP32 accumulation */
	double flops_fp32, flops_fp8, flops_fp4;
	unsigned compute_major, compute_minor; /* CUDA: 9.0 is Hopper, which has larger workspaces */
	enum vit_support bf16, fp8, mxfp4;
	bool verified_memory, verified_bandwidth, verified_flops;
	struct vit_str source;       /* where the figures are from */
};

/* What generates tokens; decides the efficiencies of decode and prefill. */
enum vit_engine {
	VIT_ENGINE_UNKNOWN,          /* the range covers those that load the model's format */
	VIT_ENGINE_NATIVE,           /* llama.cpp, LM Studio, Ollama */
	VIT_ENGINE_MLX, VIT_ENGINE_VLLM,
	VIT_ENGINE_TRANSFORMERS,     /* eager Python */
	VIT_ENGINE_COUNT
};
const char *vit_engine_name(enum vit_engine e);

/* Measured against forecast, from the user's own logs: factors on the result. 0: none. */
struct vit_forecast_calibration {
	double memory, step, decode, prefill;
	struct vit_str source;
};

struct vit_forecast_input {
	const struct vit_spec_db *db;          /* for a model without a family's `forward`; or NULL */
	const struct vit_json *config;         /* root of config.json; required */
	const struct vit_architecture *arch;   /* of that model; required */
	const struct vit_job *job;             /* required */
	const struct vit_forecast_device *device; /* or NULL: memory as on a CUDA device, no time */
	enum vit_engine engine;
	uint64_t stored_bytes;                 /* of the weights on disk; 0: from the configuration */
	double read_rate;                      /* bytes per second measured at the model, or 0 */
	/* Counted in the data; they win over the job's own numbers. 0: not counted. */
	uint64_t data_examples, data_tokens;
	const struct vit_forecast_calibration *calibration; /* or NULL */
};

/* A part of the memory. `bytes` is its size at the peak. */
struct vit_forecast_component {
	const char *id;              /* "weights", "optimizer_states", ...: JSON, static */
	const char *label;           /* for people; static */
	struct vit_range bytes;
};

/* The level at one moment of a step. */
enum vit_moment {
	VIT_MOMENT_LOAD,             /* reading the weights, before the first step */
	VIT_MOMENT_FORWARD,          /* layers, first to last */
	VIT_MOMENT_LOSS,             /* logits, cross entropy and its backward */
	VIT_MOMENT_BACKWARD,         /* layers, last to first, recomputed ones too */
	VIT_MOMENT_EMBEDDING,        /* gradient of the embedding */
	VIT_MOMENT_STEP,             /* optimizer */
	VIT_MOMENT_PREFILL, VIT_MOMENT_DECODE,
	VIT_MOMENT_COUNT
};
const char *vit_moment_name(enum vit_moment m); /* "load", "forward", ...: JSON */
struct vit_forecast_moment {
	enum vit_moment moment;
	struct vit_range bytes;      /* allocated */
};

struct vit_forecast_memory {
	struct vit_range peak_allocated;  /* what the framework's allocator holds at its peak */
	struct vit_range peak_reserved;   /* with what it keeps in its cache */
	struct vit_range peak_device;     /* with the driver's context and libraries: what must fit */
	struct vit_range load_peak;       /* while loading: device and, if unified, host */
	struct vit_range host;            /* host memory for offloaded states; unknown: none */
	enum vit_moment peak_moment;
	struct vit_forecast_moment moments[VIT_MOMENT_COUNT];
	uint32_t moment_count;
	struct vit_forecast_component components[24];
	uint32_t component_count;
	struct vit_range kv_cache;        /* inference */
	struct vit_range checkpoint;      /* bytes on disk of one saved checkpoint; unknown: inference */
};

struct vit_forecast {
	bool available;              /* false: `unsupported` says why, nothing else is set */
	struct vit_str unsupported;
	enum vit_job_method method;
	uint32_t devices;            /* memory is per device */
	/* The job with every default filled in; what was taken, one sentence each, is in notes. */
	struct vit_job job;
	struct vit_forecast_memory memory;

	/* Training. */
	uint64_t parameters, trainable;
	bool targets_left_out;       /* adapters on modules that are not layers' linear ones */
	struct vit_range step_seconds;        /* one optimizer step, its micro-batches together */
	uint64_t tokens_per_step;             /* all devices */
	uint64_t steps;                       /* 0: length of the job not known */
	struct vit_range load_seconds;
	struct vit_range total_seconds;       /* load and all steps */
	struct vit_range flops_per_step;

	/* Inference, also of a trained model when the job names a context. */
	struct vit_range decode_tokens_per_second;  /* per request */
	struct vit_range prefill_tokens_per_second;
	struct vit_range first_token_seconds;
	struct vit_range response_seconds;    /* context as the job says, response_tokens after it */
	uint64_t response_tokens;

	uint64_t decode_bytes;       /* read for one token of one request, without its cache */

	struct vit_str *notes;       /* assumptions and limits, one sentence each */
	uint32_t note_count;
};

void vit_forecast_run(struct vit_arena *a, const struct vit_forecast_input *in,
		      struct vit_forecast *out);

/*
 * What would make it fit: jobs near this one whose peak_device is at most
 * `limit` bytes, the mildest change first; at most `max` are kept. When none
 * fits, the one that comes nearest is returned with fits = false.
 */
struct vit_forecast_change {
	struct vit_job job;          /* the changed job */
	struct vit_str text;         /* "checkpointing on, batch 2 with 4 accumulated" */
	struct vit_str flags;        /* "--checkpointing --batch 2 --accumulate 4" */
	struct vit_range peak_device;
	struct vit_range step_seconds;
	bool fits;                   /* expected peak within the limit */
	bool certain;                /* high end within it too */
	bool same_result;            /* mathematically the same training (batch split, checkpointing) */
};
uint32_t vit_forecast_search(struct vit_arena *a, const struct vit_forecast_input *in,
			     uint64_t limit, struct vit_forecast_change *out, uint32_t max);

#endif
