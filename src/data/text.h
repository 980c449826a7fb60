/*
 * What the text of a turn holds that it should not: control characters, text
 * decoded twice, placeholders, HTML, control tokens of chat templates, refusals
 * and names of other assistants, secrets and personal data.
 *
 * Patterns are strict, since a false alarm costs more than one that is missed:
 * keys by their published shape and length, card numbers by issuer and check
 * digit (ISO/IEC 7812), IBANs by their check digits (ISO 13616), telephone
 * numbers in international or North American form without toll-free and
 * fictional ones, mail addresses outside of example domains. Placeholders and
 * HTML are not looked for inside code (between backticks), nor HTML in a text
 * that is about HTML. What matched is counted and never kept.
 *
 * One pass: bytes that begin or end no pattern cost one table look-up.
 */
#ifndef VIT_DATA_TEXT_H
#define VIT_DATA_TEXT_H

#include "facts/data.h"

struct vit_data_text {
	uint64_t issues;      /* bits: 1 << VIT_DI_* */
	unsigned secrets, emails, phones, cards, ibans;
};

enum {
	VIT_TEXT_ANSWER = 1,  /* an assistant's: refusals and identity are looked for */
	VIT_TEXT_LAID_OUT = 2,/* control tokens belong there: the text is a whole prompt */
};

/* Adds to *out. */
void vit_data_text_scan(struct vit_str s, unsigned flags, struct vit_data_text *out);

/* The parts (data/secrets.c): each looks at the byte at `at` that may belong to
 * a match, adds to *out, and gives the position to go on from. */
size_t vit_data_secret_at(struct vit_str s, size_t at, struct vit_data_text *out);
size_t vit_data_email_at(struct vit_str s, size_t at, struct vit_data_text *out);
size_t vit_data_number_at(struct vit_str s, size_t at, struct vit_data_text *out);

/* A name out of the rows (a role, a key, a category) as it may be printed: one
 * that holds a secret or personal data is withheld. */
struct vit_str vit_data_shown(struct vit_str name);

static inline bool vit_text_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

#endif
