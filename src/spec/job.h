/*
 * A job: what someone is about to do with the model on a machine.
 *
 * Comes from a `vitalis-job/1` file, from a trainer's own configuration, or
 * from flags (flags win). Plain data: no path is opened and nothing is judged
 * here. Everything that was not said is marked so (0, NONE, unknown), and the
 * forecast names the default it took. Strings are of the arena.
 */
#ifndef VIT_SPEC_JOB_H
#define VIT_SPEC_JOB_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum vit_job_method {
	VIT_JOB_NONE, /* no job was given */
	VIT_JOB_INFERENCE,
	VIT_JOB_FULL, /* all weights are trained */
	VIT_JOB_LORA,
	VIT_JOB_QLORA, /* LoRA over weights held in 4 bits */
};

enum vit_job_targets {
	VIT_TARGETS_ALL_LINEAR, /* every linear layer but the head */
	VIT_TARGETS_ATTENTION,  /* q, k, v and o projections */
	VIT_TARGETS_NAMES,      /* target_names */
};

/* bf16 = weights, gradients and moments in BF16; mixed = FP32 weights under BF16 autocast. */
enum vit_job_precision { VIT_PRECISION_BF16, VIT_PRECISION_MIXED, VIT_PRECISION_FP32 };

enum vit_job_optimizer {
	VIT_OPTIMIZER_ADAMW,
	VIT_OPTIMIZER_ADAMW_8BIT,
	VIT_OPTIMIZER_ADAFACTOR,
	VIT_OPTIMIZER_SGD,
	VIT_OPTIMIZER_LION,
};

/* transformers: Trainer and TRL (fused AdamW under autocast); torch: a plain
 * loop (foreach AdamW, no autocast unless mixed). */
enum vit_job_trainer { VIT_TRAINER_TRANSFORMERS, VIT_TRAINER_TORCH };

enum vit_job_attention { VIT_ATTENTION_SDPA, VIT_ATTENTION_FLASH, VIT_ATTENTION_EAGER };

enum vit_job_parallel {
	VIT_PARALLEL_NONE,
	VIT_PARALLEL_DATA,
	VIT_PARALLEL_FSDP,
	VIT_PARALLEL_ZERO1,
	VIT_PARALLEL_ZERO2,
	VIT_PARALLEL_ZERO3,
	VIT_PARALLEL_TENSOR,
};

enum vit_job_kv { VIT_KV_16BIT, VIT_KV_8BIT, VIT_KV_4BIT };

/* A Python package the job needs: "torch" ">=2.8,<3". */
struct vit_job_package {
	struct vit_str name, range;
};

/* An expected share of the training data. */
struct vit_job_category {
	struct vit_str name;
	bool has_count;
	uint64_t count;
	double minimum_share; /* 0 to 1; 0 = none asked for */
};

struct vit_job {
	bool given;                /* a file or a flag that makes a job */
	struct vit_str name, file; /* file: where it was read from, or empty */
	struct vit_str dialect;    /* "vitalis-job/1", "axolotl", "flags", ... */
	enum vit_job_method method;
	uint32_t lora_rank; /* 0: not said */
	enum vit_job_targets targets;
	struct vit_str *target_names;
	uint32_t target_count;
	uint32_t sequence;   /* tokens; 0: not said */
	uint32_t batch;      /* sequences per device and step; 0: not said */
	uint32_t accumulate; /* gradient accumulation steps; 0: not said */
	bool checkpointing;  /* of activations */
	enum vit_job_precision precision;
	enum vit_job_optimizer optimizer;
	enum vit_job_trainer trainer;
	enum vit_job_attention attention;
	enum vit_job_kv kv;
	bool padded; /* rows are padded to the longest of the batch: an attention mask is made */
	bool packing;
	bool offload; /* optimizer states live in host memory */
	enum vit_job_parallel parallel;
	uint32_t devices; /* 0: not said (1) */

	uint32_t context, requests; /* inference; 0: not said */

	/* Length of the job; what is 0 was not said. */
	uint64_t examples;
	uint64_t tokens_per_example;
	double epochs;
	uint64_t max_steps;

	/* What the machine must have. */
	uint64_t minimum_memory, minimum_device_memory, minimum_disk; /* bytes */
	struct vit_job_package *packages;
	uint32_t package_count;
	struct vit_str *runtimes; /* "lm-studio", "ollama", ... */
	uint32_t runtime_count;

	/* The training data. */
	struct vit_str data_file;
	bool has_data_count;
	uint64_t data_count;
	struct vit_job_category *categories, *sources;
	uint32_t category_count, source_count;

	struct vit_str output; /* folder for checkpoints, or empty */
	uint32_t save_limit;   /* checkpoints kept; 0: all */
	uint64_t save_steps;   /* 0: not said */
	struct vit_str device; /* "here", a catalogue name, or empty */
	struct vit_str python; /* interpreter the job would use, or empty */

	/* Where the values come from: bit i is of row i of vit_job_fields (job_load.h). */
	uint64_t from_file, from_flags;
	/* Of a trainer's configuration: the model it names, what its values mean for the
	 * forecast, and the keys that were not used. */
	struct vit_str model;
	struct vit_str *notes;
	uint32_t note_count;
	struct vit_str *unused;
	uint32_t unused_count;
};

#endif
