/*
 * The numbers in a tensor's bytes: how many are NaN, infinite or zero, the
 * largest magnitude, mean and standard deviation, and a hash of the content.
 *
 * Bytes come in pieces of any length, in order: an element may be split between
 * two. Counts, the largest magnitude and `constant` are exact. Mean and standard
 * deviation are of the finite elements: sums about the mean of what came before
 * (so that they do not cancel), combined by the rule of Chan, Golub and LeVeque
 * (1979) for each slice of 16 KiB; of 16-bit elements a slice is summed in single
 * precision in short runs (the deviation is then good to five digits), all else in
 * double. The hash is for telling equal content within one folder, not against an
 * adversary.
 *
 * No files, no allocation, no judging.
 *
 * Codes of the 8-bit formats: OCP 8-bit floating point (E4M3, E5M2), the FNUZ forms
 * of arXiv 2206.02915 (0x80 is the one NaN, bias one higher), OCP MX (E8M0).
 */
#ifndef VIT_FORMATS_NUMBERS_H
#define VIT_FORMATS_NUMBERS_H

#include "formats/dtype.h"

/* How bytes are understood. */
enum vit_number_kind {
	VIT_NK_BYTES,  /* integers, packed codes: hashed, and seen whether all are alike */
	VIT_NK_F64, VIT_NK_F32, VIT_NK_F16, VIT_NK_BF16,
	VIT_NK_E4M3, VIT_NK_E5M2, VIT_NK_E4M3FNUZ, VIT_NK_E5M2FNUZ,
	VIT_NK_E8M0,   /* a power of two: scales of MX formats */
};
enum vit_number_kind vit_number_kind_of(enum vit_dtype t);
/* Bytes of one element; 1 for VIT_NK_BYTES. */
unsigned vit_number_size(enum vit_number_kind k);
/* The value of one element, little-endian at p (0 for VIT_NK_BYTES). */
double vit_number_value(enum vit_number_kind k, const unsigned char *p);

/* E8M0 codes up to this one (2^-64) hold nothing that a weight could need. */
#define VIT_E8M0_TINY 63u

/* What was found. 72 bytes: models have a hundred thousand tensors. */
struct vit_numbers {
	uint64_t count;      /* elements (bytes, of VIT_NK_BYTES) */
	uint64_t nan, inf, zero; /* zero of VIT_NK_BYTES: all or none */
	uint64_t tiny;       /* E8M0: codes up to VIT_E8M0_TINY */
	double largest;      /* magnitude of the largest finite element; 0 when there is none */
	double mean, deviation; /* of the finite elements; NaN when there is none, or a double does
	                           not hold it */
	uint64_t hash;       /* of all bytes */
	uint8_t kind;        /* enum vit_number_kind */
	bool measured;       /* every byte was seen */
	bool constant;       /* all elements have the same bits */
};

#define VIT_NUMBERS_STRIPE 64u

/* Being measured. Large (9 KiB): one a file in work. */
struct vit_number_sums {
	enum vit_number_kind kind;
	struct vit_numbers out;
	/* Private from here. */
	uint64_t finite;
	double mean, m2;
	unsigned char first[8];
	bool any, alike;
	uint64_t lanes[4], bytes;
	unsigned char rest[VIT_NUMBERS_STRIPE]; /* bytes that fill no stripe yet */
	unsigned rest_n;
	uint32_t histogram[4][256];             /* 8-bit kinds */
	uint32_t histogram_n;
	uint64_t codes[256];
};

void vit_numbers_begin(struct vit_number_sums *s, enum vit_number_kind k);
void vit_numbers_add(struct vit_number_sums *s, const void *p, size_t n);
/* Bytes that fill no element (a tensor of a wrong size) are hashed and not counted. */
void vit_numbers_end(struct vit_number_sums *s, struct vit_numbers *out);

#endif
