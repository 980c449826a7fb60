/*
 * A part of a tokenizer.json while it is read; only for tokens_parts.c, which
 * reads it, and tokens_steps.c, which decides what the members of a step mean.
 */
#ifndef VIT_TEXT_TOKENS_PARTS_H
#define VIT_TEXT_TOKENS_PARTS_H

#include "text/tokens_internal.h"

#define VIT_PARTS_NESTING 16
#define VIT_PARTS_AROUND 1024 /* special tokens around a text */

/* A piece of a TemplateProcessing's "single", and the ids of its special tokens. */
struct vit_template_piece {
	struct vit_str name;
	bool is_text;
};
struct vit_special_ids {
	struct vit_str name;
	uint32_t *ids;
	size_t count;
};

/* An object that is being read. */
struct vit_frame {
	struct vit_step step;
	struct vit_str type, regex, prepend, behavior, scheme, charsmap;
	bool has_regex, has_literal, accents_set, no_prefix, in_list;
	uint32_t cls, sep;
	struct vit_vec single, special; /* struct vit_template_piece, struct vit_special_ids */
};

struct vit_parts {
	struct vit_tokens *t;
	enum vit_tokenizer_part part;
	struct vit_json_reader *r;
	struct vit_err *err;
	struct vit_buf text;
	struct vit_vec steps; /* struct vit_step */
	struct vit_frame frames[VIT_PARTS_NESTING];
	size_t depth;
};

extern const char *const vit_part_names[]; /* by enum vit_tokenizer_part */

/* False, with p->err: what is wrong, and where when offset is not 0. */
bool vit_parts_refuse(struct vit_parts *p, uint64_t offset, const char *what);
/* Decides the innermost step, whose object has ended, and keeps it. */
bool vit_parts_finish_step(struct vit_parts *p);

#endif
