#include "formats/numbers.h"

#include <math.h>

#include "base/num.h"
#include "formats/numbers_internal.h"

/* Odd constants with as many ones as zeros, for mixing. */
#define MIX_A UINT64_C(0x9E3779B97F4A7C15)
#define MIX_B UINT64_C(0xC2B2AE3D27D4EB4F)

enum vit_number_kind vit_number_kind_of(enum vit_dtype t)
{
	switch (t) {
	case VIT_DT_F64:
		return VIT_NK_F64;
	case VIT_DT_F32:
		return VIT_NK_F32;
	case VIT_DT_F16:
		return VIT_NK_F16;
	case VIT_DT_BF16:
		return VIT_NK_BF16;
	case VIT_DT_F8_E4M3:
		return VIT_NK_E4M3;
	case VIT_DT_F8_E5M2:
		return VIT_NK_E5M2;
	case VIT_DT_F8_E4M3FNUZ:
		return VIT_NK_E4M3FNUZ;
	case VIT_DT_F8_E5M2FNUZ:
		return VIT_NK_E5M2FNUZ;
	case VIT_DT_F8_E8M0:
		return VIT_NK_E8M0;
	case VIT_DT_UNKNOWN:
	case VIT_DT_BOOL:
	case VIT_DT_F4:
	case VIT_DT_F6_E2M3:
	case VIT_DT_F6_E3M2:
	case VIT_DT_U8:
	case VIT_DT_I8:
	case VIT_DT_I16:
	case VIT_DT_U16:
	case VIT_DT_I32:
	case VIT_DT_U32:
	case VIT_DT_C64:
	case VIT_DT_I64:
	case VIT_DT_U64:
	case VIT_DT_COUNT:
		break;
	}
	return VIT_NK_BYTES;
}

unsigned vit_number_size(enum vit_number_kind k)
{
	switch (k) {
	case VIT_NK_F64:
		return 8;
	case VIT_NK_F32:
		return 4;
	case VIT_NK_F16:
	case VIT_NK_BF16:
		return 2;
	case VIT_NK_BYTES:
	case VIT_NK_E4M3:
	case VIT_NK_E5M2:
	case VIT_NK_E4M3FNUZ:
	case VIT_NK_E5M2FNUZ:
	case VIT_NK_E8M0:
		break;
	}
	return 1;
}

/* ---- one element ------------------------------------------------------------ */

static double from_f32(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof f);
	return (double)f;
}

static double from_f64(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof d);
	return d;
}

/* Sign, `e` exponent bits, `m` mantissa bits; the caller has taken out what is not finite. */
static double from_small(unsigned code, unsigned e, unsigned m, int bias)
{
	unsigned mantissa = code & ((1u << m) - 1), exponent = code >> m & ((1u << e) - 1);
	double v = exponent ? ldexp((double)(mantissa | 1u << m), (int)exponent - bias - (int)m) :
			      ldexp((double)mantissa, 1 - bias - (int)m);

	return code >> (e + m) & 1 ? -v : v;
}

/* IEEE: the largest exponent is infinity and NaN. */
static double from_ieee(unsigned code, unsigned e, unsigned m)
{
	unsigned all = (1u << e) - 1, exponent = code >> m & all;

	if (exponent != all)
		return from_small(code, e, m, (int)(all >> 1));
	if (code & ((1u << m) - 1))
		return (double)NAN;
	return code >> (e + m) & 1 ? -(double)INFINITY : (double)INFINITY;
}

/* Through single precision, which holds every half; as the vectors do it. A slice with
 * one NaN in it is summed this way, so it may not be slow. */
static double from_f16(uint32_t code)
{
	uint32_t magnitude = code & 0x7fff, below = magnitude < 0x400 ? UINT32_MAX : 0;
	double v;

	if (magnitude >= 0x7c00)
		return from_ieee(code, 5, 10);
	v = from_f32(((magnitude + (below & 0x400)) << 13) + (112u << 23)) - from_f32(below & 113u << 23);
	return code & 0x8000 ? -v : v;
}

double vit_number_value(enum vit_number_kind k, const unsigned char *p)
{
	switch (k) {
	case VIT_NK_BYTES:
		return 0;
	case VIT_NK_F64:
		return from_f64(vit_le64(p));
	case VIT_NK_F32:
		return from_f32(vit_le32(p));
	case VIT_NK_F16:
		return from_f16(p[0] | (uint32_t)p[1] << 8);
	case VIT_NK_BF16:
		return from_f32((uint32_t)p[0] << 16 | (uint32_t)p[1] << 24);
	case VIT_NK_E4M3:
		return (p[0] & 0x7f) == 0x7f ? (double)NAN : from_small(p[0], 4, 3, 7);
	case VIT_NK_E5M2:
		return from_ieee(p[0], 5, 2);
	case VIT_NK_E4M3FNUZ:
		return p[0] == 0x80 ? (double)NAN : from_small(p[0], 4, 3, 8);
	case VIT_NK_E5M2FNUZ:
		return p[0] == 0x80 ? (double)NAN : from_small(p[0], 5, 2, 16);
	case VIT_NK_E8M0:
		return p[0] == 0xff ? (double)NAN : ldexp(1, (int)p[0] - 127);
	}
	return 0;
}

/* ---- pieces to slices --------------------------------------------------------- */

void vit_numbers_begin(struct vit_number_sums *s, enum vit_number_kind k)
{
	memset(s, 0, sizeof *s);
	s->kind = k;
	s->alike = true;
	s->lanes[0] = MIX_A;
	s->lanes[1] = MIX_B;
	s->lanes[2] = ~MIX_A;
	s->lanes[3] = ~MIX_B;
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 product;
#endif

/* Both halves of the product, folded: each bit of the two depends on all before it. */
static inline uint64_t fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	product r = (product)a * b;

	return (uint64_t)r ^ (uint64_t)(r >> 64);
#else
	uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX), high = (a >> 32) * (b >> 32);
	uint64_t x = (a >> 32) * (b & UINT32_MAX), y = (a & UINT32_MAX) * (b >> 32), middle = (low >> 32) + (uint32_t)x + (uint32_t)y;

	return ((low & UINT32_MAX) | middle << 32) ^ (high + (x >> 32) + (y >> 32) + (middle >> 32));
#endif
}

/* n is a multiple of the stripe: four lanes of sixteen bytes. */
static void hash_stripes(struct vit_number_sums *s, const unsigned char *p, size_t n)
{
	uint64_t a = s->lanes[0], b = s->lanes[1], c = s->lanes[2], d = s->lanes[3];

	for (size_t i = 0; i < n; i += VIT_NUMBERS_STRIPE) {
		a = fold(a ^ vit_le64(p + i), MIX_A ^ vit_le64(p + i + 8));
		b = fold(b ^ vit_le64(p + i + 16), MIX_B ^ vit_le64(p + i + 24));
		c = fold(c ^ vit_le64(p + i + 32), ~MIX_A ^ vit_le64(p + i + 40));
		d = fold(d ^ vit_le64(p + i + 48), ~MIX_B ^ vit_le64(p + i + 56));
	}
	s->lanes[0] = a;
	s->lanes[1] = b;
	s->lanes[2] = c;
	s->lanes[3] = d;
}

/* Are all elements like the first? memcmp of the bytes with themselves one element
 * on ends at the first difference. */
static void see_alike(struct vit_number_sums *s, const unsigned char *p, size_t n)
{
	size_t size = vit_number_size(s->kind);

	if (!s->alike || n < size)
		return;
	if (!s->any)
		memcpy(s->first, p, size);
	s->any = true;
	s->alike = memcmp(s->first, p, size) == 0 && memcmp(p, p + size, n - size) == 0;
}

static void combine(struct vit_number_sums *s, const struct vit_slice *x, double pivot)
{
	double n = (double)x->count, before = (double)s->finite, mean, delta, m2;

	s->out.zero += x->zero;
	if (x->largest > s->out.largest)
		s->out.largest = x->largest;
	if (x->count == 0)
		return;
	mean = pivot + x->sum / n;
	m2 = x->squares - x->sum * x->sum / n;
	delta = mean - s->mean;
	s->finite += x->count;
	s->m2 += (m2 < 0 ? 0 : m2) + delta * delta * before * (n / (before + n));
	s->mean += delta * (n / (before + n));
}

static void flush_histogram(struct vit_number_sums *s)
{
	for (unsigned i = 0; i < 256; i++) {
		for (unsigned t = 0; t < 4; t++) {
			s->codes[i] += s->histogram[t][i];
			s->histogram[t][i] = 0;
		}
	}
	s->histogram_n = 0;
}

/* Four tables, so that a run of one code does not wait for its own last count. */
static void count_codes(struct vit_number_sums *s, const unsigned char *p, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		uint64_t v = vit_le64(p + i);
		for (unsigned t = 0; t < 8; t++)
			s->histogram[t & 3][v >> (8 * t) & 0xff]++;
	}
	for (; i < n; i++)
		s->histogram[0][p[i]]++;
	s->histogram_n += (uint32_t)n;
	if (s->histogram_n > UINT32_MAX / 2)
		flush_histogram(s);
}

static void sum_slice(struct vit_number_sums *s, const unsigned char *p, size_t n)
{
	unsigned size = vit_number_size(s->kind);
	double pivot = s->mean;
	struct vit_slice x;

	if (s->finite == 0) {
		double v = vit_number_value(s->kind, p);
		pivot = isfinite(v) ? v : 0;
	}
	if (s->kind != VIT_NK_F64)
		pivot = (double)(float)pivot; /* as the vectors take it */
	s->out.count += n / size;
	if (n % VIT_NUMBERS_STRIPE || !vit_slice_fast(s->kind, p, n, pivot, &x))
		vit_slice_slow(s->kind, p, n, pivot, &x, &s->out.nan, &s->out.inf);
	combine(s, &x, pivot);
}

static void see_slice(struct vit_number_sums *s, const unsigned char *p, size_t n)
{
	see_alike(s, p, n);
	switch (s->kind) {
	case VIT_NK_BYTES:
		s->out.count += n;
		break;
	case VIT_NK_F64:
	case VIT_NK_F32:
	case VIT_NK_F16:
	case VIT_NK_BF16:
		sum_slice(s, p, n);
		break;
	case VIT_NK_E4M3:
	case VIT_NK_E5M2:
	case VIT_NK_E4M3FNUZ:
	case VIT_NK_E5M2FNUZ:
	case VIT_NK_E8M0:
		s->out.count += n;
		count_codes(s, p, n);
		break;
	}
}

/* n is a multiple of the stripe. */
static void see_stripes(struct vit_number_sums *s, const unsigned char *p, size_t n)
{
	while (n) {
		size_t slice = n < VIT_NUMBERS_SLICE ? n : VIT_NUMBERS_SLICE;
		see_slice(s, p, slice);
		hash_stripes(s, p, slice);
		p += slice;
		n -= slice;
	}
}

void vit_numbers_add(struct vit_number_sums *s, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	size_t whole;

	s->bytes += n;
	if (s->rest_n) {
		size_t room = VIT_NUMBERS_STRIPE - s->rest_n, take = n < room ? n : room;
		memcpy(s->rest + s->rest_n, p, take);
		s->rest_n += (unsigned)take;
		p += take;
		n -= take;
		if (s->rest_n < VIT_NUMBERS_STRIPE)
			return;
		see_stripes(s, s->rest, VIT_NUMBERS_STRIPE);
		s->rest_n = 0;
	}
	whole = n - n % VIT_NUMBERS_STRIPE;
	see_stripes(s, p, whole);
	if (n > whole)
		memcpy(s->rest, p + whole, n - whole);
	s->rest_n = (unsigned)(n - whole);
}

/* ---- the end ------------------------------------------------------------------ */

/* From how often each code was seen, all is exact but the sums' rounding. */
static void sum_codes(struct vit_number_sums *s)
{
	double values[256];

	flush_histogram(s);
	for (unsigned i = 0; i < 256; i++) {
		unsigned char code = (unsigned char)i;
		double v = values[i] = vit_number_value(s->kind, &code), n = (double)s->codes[i];
		if (s->codes[i] == 0)
			continue;
		if (isnan(v)) {
			s->out.nan += s->codes[i];
			continue;
		}
		if (isinf(v)) {
			s->out.inf += s->codes[i];
			continue;
		}
		if (v == 0)
			s->out.zero += s->codes[i];
		if (s->kind == VIT_NK_E8M0 && i <= VIT_E8M0_TINY)
			s->out.tiny += s->codes[i];
		if (fabs(v) > s->out.largest)
			s->out.largest = fabs(v);
		s->finite += s->codes[i];
		s->mean += (v - s->mean) * (n / (double)s->finite);
	}
	for (unsigned i = 0; i < 256; i++)
		if (s->codes[i] && isfinite(values[i]))
			s->m2 += (double)s->codes[i] * (values[i] - s->mean) * (values[i] - s->mean);
}

static uint64_t end_hash(const struct vit_number_sums *s)
{
	uint64_t h = s->bytes * MIX_A;

	for (unsigned i = 0; i < 4; i++)
		h = fold(h ^ s->lanes[i], MIX_B + i);
	return h ^ h >> 29;
}

void vit_numbers_end(struct vit_number_sums *s, struct vit_numbers *out)
{
	unsigned size = vit_number_size(s->kind);

	if (s->rest_n) {
		unsigned whole = s->rest_n - s->rest_n % size;
		if (whole)
			see_slice(s, s->rest, whole);
		memset(s->rest + s->rest_n, 0, VIT_NUMBERS_STRIPE - s->rest_n);
		hash_stripes(s, s->rest, VIT_NUMBERS_STRIPE);
	}
	if (size == 1 && s->kind != VIT_NK_BYTES)
		sum_codes(s);
	if (s->kind == VIT_NK_BYTES && s->any && s->alike && s->first[0] == 0)
		s->out.zero = s->out.count;
	s->out.mean = s->finite && isfinite(s->mean) ? s->mean : (double)NAN;
	s->out.deviation = s->finite && isfinite(s->m2) ? sqrt(s->m2 / (double)s->finite) : (double)NAN;
	s->out.hash = end_hash(s);
	s->out.kind = (uint8_t)s->kind;
	s->out.constant = s->any && s->alike;
	s->out.measured = true;
	*out = s->out;
}
