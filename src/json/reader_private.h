/*
 * What json/reader.c and json/token.c share; nobody else includes it.
 *
 * A token starts at r->at. Positions inside it are counted from there, so that
 * they stay true when vit_json_fill moves the token to the window's front.
 */
#ifndef VIT_JSON_READER_PRIVATE_H
#define VIT_JSON_READER_PRIVATE_H

#include "json/reader.h"

/* Longest number, in characters: what CPython's int takes is 4,300 digits,
 * and what no weight, score or size has is more than a few dozen. */
#define VIT_JSON_MAX_NUMBER 1000

enum vit_json_state {
	VIT_JSON_S_START,       /* nothing read yet */
	VIT_JSON_S_VALUE,       /* a value, and nothing else */
	VIT_JSON_S_FIRST_ITEM,  /* after '[' */
	VIT_JSON_S_FIRST_KEY,   /* after '{' */
	VIT_JSON_S_COLON,       /* after a key */
	VIT_JSON_S_AFTER,       /* after a value */
	VIT_JSON_S_END,
	VIT_JSON_S_ERROR,
};

/* Gets more bytes behind those from r->at on: 1 got some, 0 the text is at its
 * end, -1 failed and r->err is filled. */
int vit_json_fill(struct vit_json_reader *r);

/* Sets r->err to "expected <what>, found <byte> at offset <n>" for position
 * `pos` of the token, and the state. Always false. */
bool vit_json_expected(struct vit_json_reader *r, size_t pos, const char *what);
/* Likewise with a message of its own. */
bool vit_json_fail(struct vit_json_reader *r, enum vit_errc code, size_t pos, const char *what);

/* Whether position `pos` of the token holds a byte, reading on if need be.
 * False at the end of the text and on failure (r->state tells which). */
static inline bool vit_json_has(struct vit_json_reader *r, size_t pos)
{
	while (r->have - r->at <= pos)
		if (vit_json_fill(r) <= 0)
			return false;
	return true;
}

/* The token at r->at, whose first byte is known; moves r->at behind it. */
bool vit_json_read_string(struct vit_json_reader *r, struct vit_json_event *ev);
bool vit_json_read_number(struct vit_json_reader *r, struct vit_json_event *ev);

#endif
