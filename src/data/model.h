/*
 * A model's tokenizer and chat template, by which rows are measured as its
 * trainer would: the conversation rendered, the whole counted, and of it what
 * lies in the assistant's turns.
 *
 * What is trained on: what {% generation %} blocks printed, where the template
 * has them; else the assistant's thinking and content where they stand in the
 * rendered text, with the special token that ends the turn. A turn whose content
 * cannot be found there (the template rewrites it) is what the conversation
 * grows by when the turn is added, as trainers without masks compute it.
 *
 * Rows that the interpreter or the tokenizer cannot take are left uncounted
 * and told; a template that raises is the row's fault. Rows of plain text are
 * the tokenizer's alone.
 */
#ifndef VIT_DATA_MODEL_H
#define VIT_DATA_MODEL_H

#include "data/measure.h"
#include "text/template.h"
#include "text/tokens.h"

#define VIT_MODEL_SPECIALS 8

/* What the model is made from; strings and the template are borrowed. */
struct vit_data_model_parts {
	struct vit_tokens *tokens;             /* owned by the model from then on */
	const struct vit_template *template;   /* NULL: there is none, or it cannot be used */
	struct vit_template_clock clock;
	struct {
		struct vit_str name, text;     /* "bos_token", "<s>" */
	} specials[VIT_MODEL_SPECIALS];
	unsigned special_count;
	struct vit_str note;                   /* what was used, and what could not be */
};

struct vit_data_model;

struct vit_data_model *vit_data_model_new(const struct vit_data_model_parts *parts);
void vit_data_model_free(struct vit_data_model *m); /* NULL is allowed */
const struct vit_data_model_parts *vit_data_model_parts(const struct vit_data_model *m);
/* Rows that could not be counted so far, and why the first of them. */
uint64_t vit_data_model_uncounted(const struct vit_data_model *m, struct vit_str *why);
/* Measures one row; out->reason lives until the next call. */
void vit_data_model_measure(struct vit_data_model *m, const struct vit_data_row *r, uint32_t sequence,
			    struct vit_row_tokens *out);

#endif
