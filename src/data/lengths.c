#include "data/lengths.h"

#include <stdlib.h>

#include "base/arena.h"

void vit_lengths_init(struct vit_lengths *l)
{
	*l = (struct vit_lengths){ .minimum = UINT64_MAX };
	l->exact = vit_xcalloc(VIT_LENGTHS_EXACT, sizeof *l->exact);
	l->coarse = vit_xcalloc(VIT_LENGTHS_COARSE, sizeof *l->coarse);
}

void vit_lengths_release(struct vit_lengths *l)
{
	free(l->exact);
	free(l->coarse);
}

/* Of a length from VIT_LENGTHS_EXACT on: exponent above 2^16, then six bits. */
static unsigned coarse_bin(uint64_t n)
{
	unsigned e = 63 - (unsigned)__builtin_clzll(n);

	return (e - 16) * 64 + (unsigned)(n >> (e - 6) & 63);
}

/* The largest length in a coarse bin. */
static uint64_t coarse_end(unsigned bin)
{
	unsigned e = bin / 64 + 16;

	return ((uint64_t)(64 + bin % 64 + 1) << (e - 6)) - 1;
}

void vit_lengths_add(struct vit_lengths *l, uint64_t n)
{
	if (n < VIT_LENGTHS_EXACT)
		l->exact[n]++;
	else
		l->coarse[coarse_bin(n)]++;
	l->rows++;
	l->sum += n;
	l->minimum = n < l->minimum ? n : l->minimum;
	l->maximum = n > l->maximum ? n : l->maximum;
}

uint64_t vit_lengths_percentile(const struct vit_lengths *l, double share)
{
	uint64_t want = (uint64_t)(share * (double)l->rows), seen = 0;

	want += (double)want < share * (double)l->rows || want == 0;
	for (uint32_t i = 0; i < VIT_LENGTHS_EXACT; i++)
		if ((seen += l->exact[i]) >= want)
			return i;
	for (unsigned i = 0; i < VIT_LENGTHS_COARSE; i++)
		if ((seen += l->coarse[i]) >= want)
			return coarse_end(i) < l->maximum ? coarse_end(i) : l->maximum;
	return l->maximum;
}

void vit_lengths_summary(const struct vit_lengths *l, struct vit_data_percentiles *out)
{
	*out = (struct vit_data_percentiles){ 0 };
	if (l->rows == 0)
		return;
	out->minimum = l->minimum;
	out->p50 = vit_lengths_percentile(l, 0.50);
	out->p95 = vit_lengths_percentile(l, 0.95);
	out->p99 = vit_lengths_percentile(l, 0.99);
	out->maximum = l->maximum;
	out->mean = (double)l->sum / (double)l->rows;
}

uint64_t vit_lengths_over(const struct vit_lengths *l, uint64_t limit)
{
	uint64_t n = 0;

	for (uint64_t i = limit + 1; i < VIT_LENGTHS_EXACT; i++)
		n += l->exact[i];
	for (unsigned i = 0; i < VIT_LENGTHS_COARSE; i++)
		if (coarse_end(i) > limit)
			n += l->coarse[i];
	return n;
}

uint32_t vit_lengths_bins(const struct vit_lengths *l, uint64_t upto[VIT_DATA_BINS], uint64_t rows[VIT_DATA_BINS])
{
	uint32_t bins = 0, from = 0;
	uint64_t at = 0;

	/* From the first power of two that holds a row to the last. */
	for (unsigned e = 4; e <= 16; e++) {
		uint64_t end = (uint64_t)1 << e, n = 0;

		for (; at <= end && at < VIT_LENGTHS_EXACT; at++)
			n += l->exact[at];
		if (n == 0 && bins == 0)
			continue;
		upto[bins] = end;
		rows[bins++] = n;
	}
	for (unsigned e = 0; e < VIT_LENGTHS_COARSE / 64 && bins < VIT_DATA_BINS; e++) {
		uint64_t n = 0;

		for (unsigned i = 0; i < 64; i++)
			n += l->coarse[e * 64 + i];
		if (n == 0 && bins == 0)
			continue;
		upto[bins] = (uint64_t)1 << (e + 17);
		rows[bins++] = n;
	}
	for (uint32_t i = 0; i < bins; i++)
		from = rows[i] ? i + 1 : from;
	return from;
}

static double power(double x, uint32_t n)
{
	double y = 1;

	for (; n; n >>= 1, x *= x)
		if (n & 1)
			y *= x;
	return y;
}

double vit_lengths_padding(const struct vit_lengths *l, uint32_t batch, uint32_t sequence)
{
	double longest = 0, mean = 0, below = 0, seen = 0;
	uint32_t limit = sequence && sequence < VIT_LENGTHS_EXACT ? sequence : VIT_LENGTHS_EXACT - 1;

	if (l->rows == 0 || batch == 0)
		return 0;
	for (uint32_t i = 0; i <= limit; i++) {
		double n = (double)(i < limit ? l->exact[i] : l->rows - (uint64_t)seen);
		double share;

		seen += n;
		share = power(seen / (double)l->rows, batch);
		longest += i * (share - below);
		mean += i * n / (double)l->rows;
		below = share;
	}
	return longest > 0 ? 1 - mean / longest : 0;
}

uint64_t vit_lengths_packed(const struct vit_lengths *l, uint32_t sequence)
{
	uint64_t *room, bins = 0;

	if (sequence == 0 || sequence > VIT_LENGTHS_EXACT / 2 || l->rows == 0)
		return 0;
	/* room[r]: sequences begun with r tokens left. */
	room = vit_xcalloc((size_t)sequence + 1, sizeof *room);
	for (uint32_t n = sequence; n > 0; n--) {
		uint64_t rows = n == sequence ? vit_lengths_over(l, n - 1) : l->exact[n];

		for (uint32_t r = n; r <= sequence && rows; r++) {
			uint64_t each = r / n, whole = room[r] < rows / each ? room[r] : rows / each;
			room[r] -= whole;
			room[r - each * n] += whole;
			rows -= whole * each;
			if (rows && rows < each && room[r]) {
				room[r]--;
				room[r - rows * n]++;
				rows = 0;
			}
		}
		/* A begun sequence takes as many of the same length as fit. */
		while (rows) {
			uint64_t each = sequence / n, whole = rows / each;
			if (whole == 0) {
				each = rows;
				whole = 1;
			}
			room[sequence - each * n] += whole;
			bins += whole;
			rows -= whole * each;
		}
	}
	free(room);
	return bins;
}
