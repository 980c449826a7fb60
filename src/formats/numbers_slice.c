/*
 * Slices in vectors. Written with the compilers' portable vector types, so that
 * one source gives SSE2, NEON or whatever the machine's least is; the lanes and
 * the order of additions are fixed, so the result does not depend on it.
 */
#include <math.h>

#include "base/num.h"
#include "formats/numbers_internal.h"

typedef int16_t s16x8 __attribute__((vector_size(16)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef int32_t s32x4 __attribute__((vector_size(16)));
typedef int64_t s64x2 __attribute__((vector_size(16)));
typedef float f32x4 __attribute__((vector_size(16)));
typedef double f64x2 __attribute__((vector_size(16)));
typedef double f64x4 __attribute__((vector_size(32)));

/* Vectors of 16-bit elements in a slice, and how many are summed in single
 * precision before the sums are widened. */
#define RUN 32u

/* ---- 16-bit elements: four lanes of single precision ------------------------------ */

struct sums16 {
	f32x4 sum[2], squares[2]; /* of the even and the odd elements of this run */
	f64x4 wide_sum, wide_squares;
};

static inline void widen(struct sums16 *s)
{
	for (unsigned i = 0; i < 2; i++) {
		s->wide_sum += __builtin_convertvector(s->sum[i], f64x4);
		s->wide_squares += __builtin_convertvector(s->squares[i], f64x4);
		s->sum[i] = s->squares[i] = (f32x4){ 0 };
	}
}

/* The larger of each pair and a count of zero magnitudes. */
static inline void see_magnitudes(s16x8 v, s16x8 *largest, s16x8 *zeros)
{
	s16x8 magnitude = v & 0x7fff, above = magnitude > *largest;

	*largest = (magnitude & above) | (*largest & ~above);
	*zeros -= magnitude == 0;
}

static inline f32x4 as_floats(u32x4 bits)
{
	return (f32x4)bits;
}

/* Half to single without branches: an exponent of nought is given the smallest
 * one, whose implicit one is then taken off again. */
static inline f32x4 half_floats(u32x4 h)
{
	u32x4 magnitude = h & 0x7fff;
	u32x4 below = (u32x4)((s32x4)magnitude < 0x400);
	u32x4 bits = ((magnitude + (below & 0x400u)) << 13) + (112u << 23);
	f32x4 v = as_floats(bits) - as_floats(below & (113u << 23));

	return as_floats((u32x4)v ^ (h & 0x8000u) << 16);
}

static inline void add_to(struct sums16 *s, unsigned i, f32x4 v, float pivot)
{
	f32x4 d = v - pivot;

	s->sum[i] += d;
	s->squares[i] += d * d;
}

static void finish16(const struct sums16 *s, s16x8 largest, s16x8 zeros, enum vit_number_kind k,
		     struct vit_slice *out)
{
	unsigned char bits[2];
	int most = 0;

	for (unsigned i = 0; i < 8; i++) {
		if (largest[i] > most)
			most = largest[i];
		out->zero += (uint64_t)(uint16_t)zeros[i];
	}
	for (unsigned i = 0; i < 4; i++) {
		out->sum += s->wide_sum[i];
		out->squares += s->wide_squares[i];
	}
	bits[0] = (unsigned char)(most & 0xff);
	bits[1] = (unsigned char)(most >> 8);
	out->largest = vit_number_value(k, bits);
}

static void sum_bf16(const unsigned char *p, size_t n, float pivot, struct vit_slice *out)
{
	struct sums16 s = { 0 };
	s16x8 largest = { 0 }, zeros = { 0 };

	for (size_t at = 0; at < n;) {
		size_t end = n - at < RUN * 16 ? n : at + RUN * 16;
		for (; at < end; at += 16) {
			u32x4 v;
			memcpy(&v, p + at, sizeof v);
			see_magnitudes((s16x8)v, &largest, &zeros);
			add_to(&s, 0, as_floats(v << 16), pivot);
			add_to(&s, 1, as_floats(v & 0xffff0000u), pivot);
		}
		widen(&s);
	}
	finish16(&s, largest, zeros, VIT_NK_BF16, out);
}

static void sum_f16(const unsigned char *p, size_t n, float pivot, struct vit_slice *out)
{
	struct sums16 s = { 0 };
	s16x8 largest = { 0 }, zeros = { 0 };

	for (size_t at = 0; at < n;) {
		size_t end = n - at < RUN * 16 ? n : at + RUN * 16;
		for (; at < end; at += 16) {
			u32x4 v;
			memcpy(&v, p + at, sizeof v);
			see_magnitudes((s16x8)v, &largest, &zeros);
			add_to(&s, 0, half_floats(v & 0xffffu), pivot);
			add_to(&s, 1, half_floats(v >> 16), pivot);
		}
		widen(&s);
	}
	finish16(&s, largest, zeros, VIT_NK_F16, out);
}

/* ---- 32- and 64-bit elements: double precision -------------------------------------- */

static void sum_f32(const unsigned char *p, size_t n, double pivot, struct vit_slice *out)
{
	f64x4 sum[2] = { { 0 }, { 0 } }, squares[2] = { { 0 }, { 0 } };
	s32x4 largest = { 0 }, zeros = { 0 };
	uint32_t most = 0;
	unsigned char bits[4];

	for (size_t at = 0; at < n; at += 32) {
		for (unsigned i = 0; i < 2; i++) {
			s32x4 v, magnitude, above;
			f64x4 d;
			memcpy(&v, p + at + 16 * i, sizeof v);
			magnitude = v & 0x7fffffff;
			above = magnitude > largest;
			largest = (magnitude & above) | (largest & ~above);
			zeros -= magnitude == 0;
			d = __builtin_convertvector((f32x4)v, f64x4) - pivot;
			sum[i] += d;
			squares[i] += d * d;
		}
	}
	for (unsigned i = 0; i < 4; i++) {
		if ((uint32_t)largest[i] > most)
			most = (uint32_t)largest[i];
		out->zero += (uint64_t)(uint32_t)zeros[i];
		out->sum += sum[0][i] + sum[1][i];
		out->squares += squares[0][i] + squares[1][i];
	}
	for (unsigned i = 0; i < 4; i++)
		bits[i] = (unsigned char)(most >> (8 * i));
	out->largest = vit_number_value(VIT_NK_F32, bits);
}

static void sum_f64(const unsigned char *p, size_t n, double pivot, struct vit_slice *out)
{
	f64x2 sum[2] = { { 0 }, { 0 } }, squares[2] = { { 0 }, { 0 } };
	s64x2 largest = { 0 }, zeros = { 0 };
	unsigned char bits[8];
	uint64_t most;

	for (size_t at = 0; at < n; at += 32) {
		for (unsigned i = 0; i < 2; i++) {
			s64x2 v, magnitude, above;
			f64x2 d;
			memcpy(&v, p + at + 16 * i, sizeof v);
			magnitude = v & INT64_MAX;
			above = magnitude > largest;
			largest = (magnitude & above) | (largest & ~above);
			zeros -= magnitude == 0;
			d = (f64x2)v - pivot;
			sum[i] += d;
			squares[i] += d * d;
		}
	}
	most = (uint64_t)(largest[0] > largest[1] ? largest[0] : largest[1]);
	out->zero = (uint64_t)(zeros[0] + zeros[1]);
	out->sum = sum[0][0] + sum[0][1] + sum[1][0] + sum[1][1];
	out->squares = squares[0][0] + squares[0][1] + squares[1][0] + squares[1][1];
	for (unsigned i = 0; i < 8; i++)
		bits[i] = (unsigned char)(most >> (8 * i));
	out->largest = vit_number_value(VIT_NK_F64, bits);
}

/* ---- ---------------------------------------------------------------------------- */

bool vit_slice_fast(enum vit_number_kind k, const unsigned char *p, size_t n, double pivot, struct vit_slice *out)
{
	*out = (struct vit_slice){ .count = n / vit_number_size(k) };
	/* The vectors read memory as it lies. */
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return false;
	switch (k) {
	case VIT_NK_F64:
		sum_f64(p, n, pivot, out);
		break;
	case VIT_NK_F32:
		sum_f32(p, n, pivot, out);
		break;
	case VIT_NK_F16:
		/* The half's exponent of all ones gives a finite number here: its code tells. */
		sum_f16(p, n, (float)pivot, out);
		break;
	case VIT_NK_BF16:
		sum_bf16(p, n, (float)pivot, out);
		break;
	case VIT_NK_BYTES:
	case VIT_NK_E4M3:
	case VIT_NK_E5M2:
	case VIT_NK_E4M3FNUZ:
	case VIT_NK_E5M2FNUZ:
	case VIT_NK_E8M0:
		return false;
	}
	/* Squares of what is smaller leave the range of single precision. */
	if (vit_number_size(k) == 2 && out->largest > 0 && out->squares < 1e-30 * (double)out->count)
		return false;
	return isfinite(out->largest) && isfinite(out->squares);
}

void vit_slice_slow(enum vit_number_kind k, const unsigned char *p, size_t n, double pivot, struct vit_slice *out,
		    uint64_t *nan, uint64_t *inf)
{
	unsigned size = vit_number_size(k);

	*out = (struct vit_slice){ 0 };
	for (size_t i = 0; i + size <= n; i += size) {
		double v = vit_number_value(k, p + i), d = v - pivot;
		if (isnan(v)) {
			(*nan)++;
			continue;
		}
		if (isinf(v)) {
			(*inf)++;
			continue;
		}
		out->count++;
		out->zero += v == 0;
		if (fabs(v) > out->largest)
			out->largest = fabs(v);
		out->sum += d;
		out->squares += d * d;
	}
}
