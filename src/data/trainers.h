/*
 * What trainers do with a row, by the rules of their own code:
 *
 *   TRL 1.16.0            SFTTrainer on a JSON file read by `datasets`
 *   axolotl 0.19.0        chat_template, alpaca and completion strategies
 *   LLaMA-Factory 0.9.5   alpaca, sharegpt and openai converters, default tags
 *   mlx-lm 0.32.2         tuner/datasets.py
 *   OpenAI                the documented format checks of fine-tuning uploads
 *
 * docs/DATA.md has each rule with its place. A row counts once: failed before
 * dropped before truncated. Rules that need token counts are left out where
 * there are none.
 */
#ifndef VIT_DATA_TRAINERS_H
#define VIT_DATA_TRAINERS_H

#include "data/measure.h"

/* Sequence lengths the trainers take when a job says none. */
enum { VIT_TRL_LENGTH = 1024, VIT_LLAMA_FACTORY_LENGTH = 2048, VIT_MLX_LENGTH = 2048,
       VIT_OPENAI_LENGTH = 65536 };

struct vit_trainers {
	struct vit_data_trainer_rows *out; /* VIT_DATA_TRAINERS rows */
	uint32_t sequence;         /* of the job, or 0 */
	enum vit_data_format first; /* of the set's first row, which mlx-lm and TRL go by */
	bool first_conversational, begun;
	struct vit_arena *arena;
};

void vit_trainers_init(struct vit_trainers *t, struct vit_arena *a, struct vit_data_trainer_rows *out,
		       uint32_t sequence);
/* A row that is an example, of the training split. */
void vit_trainers_row(struct vit_trainers *t, const struct vit_data_row *r,
		      const struct vit_row_tokens *tokens, uint32_t line);
/* A row that is no JSON, or none that fits a reader. */
void vit_trainers_bad_row(struct vit_trainers *t, uint32_t line);
/* Blank lines, wherever they are. */
void vit_trainers_blank_lines(struct vit_trainers *t, uint64_t lines);
/* After the last file: what refuses the set as a whole. */
void vit_trainers_finish(struct vit_trainers *t, const struct vit_data *d);

#endif
