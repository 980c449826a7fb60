/*
 * Scanners written by hand for the Split patterns that nearly all models use;
 * they find the same words as the pattern, several times faster. Text is valid
 * UTF-8. Which characters are letters, numbers, marks and spaces is utf8proc's
 * Unicode version.
 */
#ifndef VIT_TEXT_TOKENS_SCAN_H
#define VIT_TEXT_TOKENS_SCAN_H

#include "base/str.h"

enum vit_scan_kind {
	VIT_SCAN_NONE,
	VIT_SCAN_GPT2,   /* GPT-2; also the ByteLevel pre-tokenizer's own */
	VIT_SCAN_LLAMA3, /* cl100k and Llama 3: up to three digits */
	VIT_SCAN_QWEN2,  /* the same, single digits */
	VIT_SCAN_QWEN35, /* the same, marks count as letters */
	VIT_SCAN_O200K,  /* o200k, gpt-oss */
	VIT_SCAN_COUNT,
};

/* The kind whose pattern this is, letter for letter, or VIT_SCAN_NONE. */
enum vit_scan_kind vit_scan_for(struct vit_str pattern);
const char *vit_scan_pattern(enum vit_scan_kind kind);
/* Bytes of the word at the beginning of `text`, which is not empty. */
size_t vit_scan_word(enum vit_scan_kind kind, struct vit_str text);

#endif
