/*
 * Lengths added up: exact percentiles below VIT_LENGTHS_EXACT, above it within
 * 1 part in 64, in bounded memory.
 */
#ifndef VIT_DATA_LENGTHS_H
#define VIT_DATA_LENGTHS_H

#include "facts/data.h"

#define VIT_LENGTHS_EXACT 65536u
#define VIT_LENGTHS_COARSE (48u * 64u)

struct vit_lengths {
	uint64_t *exact;   /* rows by length */
	uint64_t *coarse;  /* by 64ths of a power of two */
	uint64_t rows, sum, minimum, maximum;
};

void vit_lengths_init(struct vit_lengths *l);
void vit_lengths_release(struct vit_lengths *l);
void vit_lengths_add(struct vit_lengths *l, uint64_t length);
/* The smallest length that at least `share` of the rows do not pass. */
uint64_t vit_lengths_percentile(const struct vit_lengths *l, double share);
void vit_lengths_summary(const struct vit_lengths *l, struct vit_data_percentiles *out);
/* Rows longer than `limit`: exact for limits below VIT_LENGTHS_EXACT. */
uint64_t vit_lengths_over(const struct vit_lengths *l, uint64_t limit);
/* Bins of a histogram, at most VIT_DATA_BINS: powers of two. */
uint32_t vit_lengths_bins(const struct vit_lengths *l, uint64_t upto[VIT_DATA_BINS], uint64_t rows[VIT_DATA_BINS]);
/* Share of padding when random rows are padded to the longest of `batch`, each
 * cut at `sequence` (0: not cut): 1 - mean / E[longest]. */
double vit_lengths_padding(const struct vit_lengths *l, uint32_t batch, uint32_t sequence);
/* Sequences of `sequence` tokens that best-fit-decreasing packing takes, rows cut
 * at it; 0 when it is over VIT_LENGTHS_EXACT / 2. */
uint64_t vit_lengths_packed(const struct vit_lengths *l, uint32_t sequence);

#endif
