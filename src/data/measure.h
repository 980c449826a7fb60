/*
 * Tokens of one row: how many it has, how many of them come before the first
 * that is trained on, and how many are trained on.
 *
 * Without a model's tokenizer they are estimated from the text: a token for
 * every 4.2 bytes of ASCII, 1.8 two-byte, 1.3 three-byte and 0.6 four-byte
 * characters, and 4 for the marks around each turn. On English prose that is
 * within about 20 % of the large vocabularies of today, on code and other
 * languages within about 40 %; the report says so.
 */
#ifndef VIT_DATA_MEASURE_H
#define VIT_DATA_MEASURE_H

#include "data/row.h"

struct vit_row_tokens {
	bool counted;
	bool template_failed;
	uint64_t total;       /* of the row as it is trained: a preference's chosen side */
	uint64_t prompt;      /* before the first trainable one */
	uint64_t trainable;
	uint64_t kept_trainable; /* that lie within the sequence length */
	struct vit_str reason;   /* template_failed: what it said; borrowed until the next */
};

/* Estimated tokens of a text. */
uint64_t vit_data_estimate(struct vit_str text);
void vit_data_measure_estimate(const struct vit_data_row *r, uint32_t sequence, struct vit_row_tokens *out);

#endif
