/*
 * Logs of runs, for what was measured in them: trainer_state.json and the
 * *_results.json of transformers' Trainer, and the JSON of llama-bench.
 *
 * - Trainer: `train_runtime` and `global_step` (or `train_steps_per_second`) give
 *   the seconds of a step; `train_mem_gpu_alloc_delta`, `train_mem_gpu_peaked_delta`
 *   and the deltas before it (Trainer with skip_memory_metrics=False) the peak.
 * - llama-bench -o json: rows with `avg_ts`; n_gen > 0 and n_prompt = 0 is
 *   decode, n_prompt > 0 and n_gen = 0 is prefill. The first of each counts.
 *
 * Sources: transformers docs, TrainerMemoryTracker and TrainerState; llama.cpp,
 * tools/llama-bench/README.md. Nothing is opened here.
 */
#ifndef VIT_FORMATS_RUN_LOG_H
#define VIT_FORMATS_RUN_LOG_H

#include "base/arena.h"
#include "base/err.h"

struct vit_run_log {
	const char *kind;  /* "Trainer", "llama-bench" */
	double peak_bytes; /* 0: not in it */
	double step_seconds;
	double decode, prefill; /* tokens per second */
};

/* VIT_E_SYNTAX when it is no JSON, VIT_E_UNSUPPORTED when it is no log that is
 * known or holds nothing measured; the message names `source`. */
VIT_MUST_USE enum vit_errc vit_run_log_read(struct vit_arena *a, struct vit_str text,
					    struct vit_str source, struct vit_run_log *out,
					    struct vit_err *err);

#endif
