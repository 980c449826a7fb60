/*
 * Any bytes as numbers of every kind. Properties: however the bytes are cut, counts, the
 * largest magnitude and the hash are the same; counts add up; what is said to be finite is.
 *
 * Input: one byte for the kind, one for the length of the pieces, then the numbers.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "formats/numbers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vit_numbers measure(enum vit_number_kind k, const uint8_t *p, size_t n, size_t piece)
{
	static struct vit_number_sums s;
	struct vit_numbers out;

	vit_numbers_begin(&s, k);
	for (size_t i = 0; i < n; i += piece)
		vit_numbers_add(&s, p + i, n - i < piece ? n - i : piece);
	vit_numbers_end(&s, &out);
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum vit_number_kind k;
	struct vit_numbers a, b;
	size_t n;

	if (size < 2)
		return 0;
	k = (enum vit_number_kind)(data[0] % (VIT_NK_E8M0 + 1));
	n = size - 2;
	a = measure(k, data + 2, n, n + 1);
	b = measure(k, data + 2, n, data[1] + 1u);
	if (a.count != n / vit_number_size(k) || a.count != b.count || a.nan != b.nan || a.inf != b.inf ||
	    a.zero != b.zero || a.tiny != b.tiny || a.constant != b.constant || a.hash != b.hash)
		abort();
	if (a.nan + a.inf > a.count || a.zero > a.count || !isfinite(a.largest) || a.largest < 0)
		abort();
	if (a.largest < b.largest || a.largest > b.largest)
		abort();
	if (k == VIT_NK_BYTES || a.count == a.nan + a.inf)
		return 0;
	/* No number is further from nought than the largest, so the mean is not either; where
	 * sums leave a double there is none. */
	if (isfinite(a.mean) && fabs(a.mean) > a.largest * (1 + 1e-5))
		abort();
	if (isfinite(a.deviation) && (a.deviation < 0 || a.deviation > 2 * a.largest * (1 + 1e-5)))
		abort();
	return 0;
}
