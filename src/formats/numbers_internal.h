/*
 * Sums over one slice. Private to formats; declared here so that tests reach them.
 */
#ifndef VIT_FORMATS_NUMBERS_INTERNAL_H
#define VIT_FORMATS_NUMBERS_INTERNAL_H

#include "formats/numbers.h"

#define VIT_NUMBERS_SLICE ((size_t)16384)

/* Of `count` elements, all finite. Sums are about `pivot`. */
struct vit_slice {
	uint64_t count, zero;
	double largest, sum, squares;
};

/* n bytes at p, a multiple of VIT_NUMBERS_STRIPE, at most VIT_NUMBERS_SLICE; false when
 * an element is not finite, or single precision does not do (nothing is then to be believed). 16-, 32- and 64-bit kinds. */
bool vit_slice_fast(enum vit_number_kind k, const unsigned char *p, size_t n, double pivot, struct vit_slice *out);
/* Any n, element by element, what is not finite counted apart. */
void vit_slice_slow(enum vit_number_kind k, const unsigned char *p, size_t n, double pivot, struct vit_slice *out,
		    uint64_t *nan, uint64_t *inf);

#endif
