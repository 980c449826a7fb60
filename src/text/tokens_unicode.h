/*
 * What the tokenizers ask about characters, from utf8proc, and decoding of
 * text that is known to be valid UTF-8.
 */
#ifndef VIT_TEXT_TOKENS_UNICODE_H
#define VIT_TEXT_TOKENS_UNICODE_H

#include <utf8proc.h>

#include "base/buf.h"
#include "base/utf8.h"

enum {
	VIT_UC_SPACE = 1,    /* the White_Space property */
	VIT_UC_NEWLINE = 2,  /* CR, LF */
	VIT_UC_LETTER = 4,   /* L */
	VIT_UC_NUMBER = 8,   /* N */
	VIT_UC_MARK = 16,    /* M */
	VIT_UC_UPPER = 32,   /* Lu Lt Lm Lo M */
	VIT_UC_LOWER = 64,   /* Ll Lm Lo M */
};

/* The bits above for a code point. */
unsigned vit_uc_class(uint32_t cp);
bool vit_uc_is_space(uint32_t cp); /* White_Space */
bool vit_uc_is_word(uint32_t cp);  /* \w of Unicode's regular expressions */
/* As the reference's libraries have them, which are of an earlier Unicode. */
bool vit_uc_is_punctuation(uint32_t cp); /* P, and ASCII's */
bool vit_uc_is_other(uint32_t cp);       /* Cc Cf Co */
bool vit_uc_is_nonspacing(uint32_t cp);  /* Mn */
bool vit_uc_is_mark(uint32_t cp);        /* M */
/* Whether those libraries have it otherwise than utf8proc (tokens_ages.c). */
bool vit_uc_new_punctuation(uint32_t cp);
bool vit_uc_new_other(uint32_t cp);
bool vit_uc_new_nonspacing(uint32_t cp);
bool vit_uc_new_mark(uint32_t cp);
bool vit_uc_new_decomposition(uint32_t cp);
/* A space in the byte at p[-1] backwards: its first byte's offset, or n when there is none. */
size_t vit_uc_space_before(struct vit_str text, size_t end);
/* End of the white space that begins at `at`. */
size_t vit_uc_space_after(struct vit_str text, size_t at);

/* The code point at p, which is valid; *n its length. */
static inline uint32_t vit_uc_at(const char *p, size_t *n)
{
	const unsigned char *u = (const unsigned char *)p;

	if (u[0] < 0x80) {
		*n = 1;
		return u[0];
	}
	if (u[0] < 0xe0) {
		*n = 2;
		return (uint32_t)(u[0] & 0x1f) << 6 | (u[1] & 0x3f);
	}
	if (u[0] < 0xf0) {
		*n = 3;
		return (uint32_t)(u[0] & 0x0f) << 12 | (uint32_t)(u[1] & 0x3f) << 6 | (u[2] & 0x3f);
	}
	*n = 4;
	return (uint32_t)(u[0] & 0x07) << 18 | (uint32_t)(u[1] & 0x3f) << 12 |
	       (uint32_t)(u[2] & 0x3f) << 6 | (u[3] & 0x3f);
}

static inline void vit_uc_put(struct vit_buf *out, uint32_t cp)
{
	char c[4];
	vit_buf_add(out, c, vit_utf8_encode(cp, c));
}

/* Length of the longest prefix that is ASCII and, behind it, valid UTF-8. */
size_t vit_uc_valid(struct vit_str text);
/* Appends text with each maximal invalid part as U+FFFD. */
void vit_uc_repair(struct vit_buf *out, struct vit_str text);

#endif
