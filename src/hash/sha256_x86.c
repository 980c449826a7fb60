/*
 * With Intel's SHA extensions (Intel 64 manual, volume 2B, SHA256RNDS2 and its
 * neighbours): a state in two registers, ABEF and CDGH; four words of the message
 * schedule in each of four more.
 */
#include <cpuid.h>
#include <immintrin.h>

#include "hash/sha256_pair.h"

#define TARGET __attribute__((target("sha,sse4.1,ssse3")))
#define INLINE static inline __attribute__((always_inline)) TARGET

/* FIPS 180-4, 4.2.2. */
static const uint32_t constants[64] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

struct state {
	__m128i abef, cdgh, words[4];
};

INLINE void load_state(struct state *s, const uint32_t h[8])
{
	__m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)h), 0xb1);
	__m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(h + 4)), 0x1b);

	s->abef = _mm_alignr_epi8(low, high, 8);
	s->cdgh = _mm_blend_epi16(high, low, 0xf0);
}

INLINE void store_state(const struct state *s, uint32_t h[8])
{
	__m128i low = _mm_shuffle_epi32(s->abef, 0x1b), high = _mm_shuffle_epi32(s->cdgh, 0xb1);

	_mm_storeu_si128((__m128i *)(void *)h, _mm_blend_epi16(low, high, 0xf0));
	_mm_storeu_si128((__m128i *)(void *)(h + 4), _mm_alignr_epi8(high, low, 8));
}

/* Rounds 4i to 4i + 3; the schedule's words for rounds 16 on are made on the way. */
INLINE void four_rounds(struct state *s, unsigned i, const unsigned char *p)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i *now = &s->words[i & 3], *next = &s->words[(i + 1) & 3], *last = &s->words[(i + 3) & 3], sum;

	if (i < 4)
		*now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i)), swap);
	sum = _mm_add_epi32(*now, _mm_load_si128((const __m128i *)(const void *)(constants + 4 * i)));
	s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, sum);
	if (i >= 3 && i < 15)
		*next = _mm_sha256msg2_epu32(_mm_add_epi32(*next, _mm_alignr_epi8(*now, *last, 4)), *now);
	s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(sum, 0x0e));
	if (i >= 1 && i < 13)
		*last = _mm_sha256msg1_epu32(*last, *now);
}

TARGET void vit_sha256_blocks(uint32_t h[8], const unsigned char *p, size_t blocks)
{
	struct state s;

	load_state(&s, h);
	for (; blocks; blocks--, p += 64) {
		const __m128i abef = s.abef, cdgh = s.cdgh;
#pragma GCC unroll 16
		for (unsigned i = 0; i < 16; i++)
			four_rounds(&s, i, p);
		s.abef = _mm_add_epi32(s.abef, abef);
		s.cdgh = _mm_add_epi32(s.cdgh, cdgh);
	}
	store_state(&s, h);
}

TARGET void vit_sha256_blocks_pair(uint32_t h[8], const unsigned char *p, uint32_t g[8], const unsigned char *q,
				   size_t blocks)
{
	struct state s, t;

	load_state(&s, h);
	load_state(&t, g);
	for (; blocks; blocks--, p += 64, q += 64) {
		const __m128i s_abef = s.abef, s_cdgh = s.cdgh, t_abef = t.abef, t_cdgh = t.cdgh;
#pragma GCC unroll 16
		for (unsigned i = 0; i < 16; i++) {
			four_rounds(&s, i, p);
			four_rounds(&t, i, q);
		}
		s.abef = _mm_add_epi32(s.abef, s_abef);
		s.cdgh = _mm_add_epi32(s.cdgh, s_cdgh);
		t.abef = _mm_add_epi32(t.abef, t_abef);
		t.cdgh = _mm_add_epi32(t.cdgh, t_cdgh);
	}
	store_state(&s, h);
	store_state(&t, g);
}

bool vit_sha256_pair_usable(void)
{
	unsigned a, b, c, d;

	/* CPUID.1:ECX: SSSE3 is bit 9, SSE4.1 bit 19. CPUID.7:EBX: SHA is bit 29. */
	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 9) || !(c & 1u << 19))
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 29);
}
