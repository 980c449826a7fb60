/*
 * Near duplicates: rows whose sets of three-word sequences are about the same,
 * found by MinHash (Broder 1997) with one permutation and rotation (Shrivastava
 * and Li 2014): 64 bins of 16 bits, twelve bands of five bins as the index.
 *
 * A row is a near duplicate when at least VIT_NEAR_SIMILAR of 64 bins agree
 * with an earlier row that shares a band, which estimates a Jaccard similarity
 * of 0.8 (standard error 0.05; pairs at 0.8 share a band in 99 of 100 cases).
 * Rows of fewer than VIT_NEAR_WORDS words are not compared: short answers are
 * alike without being copies. Words are letters and digits, case ignored; in
 * scripts without blanks each character is one.
 *
 * Memory: 128 bytes a row and 4 bytes a band and slot; the first VIT_NEAR_ROWS
 * rows are compared, those behind them are not, which the facts say.
 */
#ifndef VIT_DATA_NEAR_H
#define VIT_DATA_NEAR_H

#include "base/str.h"

#define VIT_NEAR_BINS 64
#define VIT_NEAR_BANDS 12
#define VIT_NEAR_ROWS ((uint32_t)262144)
#define VIT_NEAR_SIMILAR 51
#define VIT_NEAR_WORDS 20

struct vit_near_signature {
	uint32_t least[VIT_NEAR_BINS]; /* UINT32_MAX: empty */
	uint64_t before[2];            /* hashes of the last two words */
	uint32_t words;
};

struct vit_near {
	uint16_t *signatures;          /* VIT_NEAR_BINS a row */
	uint32_t *lines;
	unsigned char *files;
	uint32_t count, room;
	uint32_t *bands;               /* VIT_NEAR_BANDS tables of `slots`: row + 1, or 0 */
	uint32_t slots;
	bool partial;                  /* rows were left out */
};

void vit_near_init(struct vit_near *n);
void vit_near_release(struct vit_near *n);

void vit_near_begin(struct vit_near_signature *s);
void vit_near_text(struct vit_near_signature *s, struct vit_str text);
/* Adds the row. True when it is near one before, whose file and line are set. */
bool vit_near_add(struct vit_near *n, const struct vit_near_signature *s, unsigned file, uint32_t line,
		  unsigned *of_file, uint32_t *of_line);

#endif
