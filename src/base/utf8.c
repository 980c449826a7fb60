#include "base/utf8.h"

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t vit_utf8_decode(struct vit_str s, uint32_t *cp)
{
	if (s.n == 0)
		return 0;
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned c = p[0];
	if (c < 0x80) {
		*cp = c;
		return 1;
	}
	if (c < 0xc2)
		return 0;
	if (c < 0xe0) {
		if (s.n < 2 || !is_tail(p[1]))
			return 0;
		*cp = (c & 0x1fu) << 6 | (p[1] & 0x3fu);
		return 2;
	}
	if (c < 0xf0) {
		if (s.n < 3 || !is_tail(p[1]) || !is_tail(p[2]))
			return 0;
		uint32_t v = (c & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
		if (v < 0x800 || (v >= 0xd800 && v <= 0xdfff))
			return 0;
		*cp = v;
		return 3;
	}
	if (c < 0xf5) {
		if (s.n < 4 || !is_tail(p[1]) || !is_tail(p[2]) || !is_tail(p[3]))
			return 0;
		uint32_t v = (c & 0x07u) << 18 | (p[1] & 0x3fu) << 12 |
			     (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
		if (v < 0x10000 || v > 0x10ffff)
			return 0;
		*cp = v;
		return 4;
	}
	return 0;
}

/*
 * Validation by an automaton whose whole transition for a byte is one 64-bit
 * row: shifting the row by the state gives the next state (P. Hoehrmann's
 * automaton in D. Johnson's form). A state is the shift itself, six bits wide.
 * No branch depends on the text, so mixed scripts cost no mispredictions.
 */
enum {
	BAD = 0,    /* for ever */
	OK = 6,
	ONE = 12,   /* one more byte 80..BF */
	TWO = 18,   /* two more */
	E0 = 24,    /* A0..BF, then one: no overlong forms */
	ED = 30,    /* 80..9F, then one: no surrogates */
	F0 = 36,    /* 90..BF, then two: no overlong forms */
	THREE = 42, /* three more */
	F4 = 48,    /* 80..8F, then two: at most U+10FFFF */
};

#define TO(state, next) ((uint64_t)(next) << (state))
#define ASCII TO(OK, OK)
#define LEAD(next) TO(OK, next)
#define TAIL (TO(ONE, OK) | TO(TWO, ONE) | TO(THREE, TWO))
#define TAIL_8 (TAIL | TO(ED, ONE) | TO(F4, TWO))  /* 80..8F */
#define TAIL_9 (TAIL | TO(ED, ONE) | TO(F0, TWO))  /* 90..9F */
#define TAIL_AB (TAIL | TO(E0, ONE) | TO(F0, TWO)) /* A0..BF */
#define X4(row) row, row, row, row
#define X16(row) X4(row), X4(row), X4(row), X4(row)

static const uint64_t rows[256] = {
	X16(ASCII), X16(ASCII), X16(ASCII), X16(ASCII),
	X16(ASCII), X16(ASCII), X16(ASCII), X16(ASCII),
	X16(TAIL_8), X16(TAIL_9), X16(TAIL_AB), X16(TAIL_AB),
	0, 0, LEAD(ONE), LEAD(ONE), X4(LEAD(ONE)), X4(LEAD(ONE)), X4(LEAD(ONE)),
	X16(LEAD(ONE)),
	LEAD(E0), LEAD(TWO), LEAD(TWO), LEAD(TWO), X4(LEAD(TWO)), X4(LEAD(TWO)),
	LEAD(TWO), LEAD(ED), LEAD(TWO), LEAD(TWO),
	LEAD(F0), LEAD(THREE), LEAD(THREE), LEAD(THREE), LEAD(F4), 0, 0, 0, X4(0), X4(0),
};

static bool is_ascii8(const char *p)
{
	uint64_t eight;
	memcpy(&eight, p, 8);
	return !(eight & 0x8080808080808080u);
}

static bool all_valid(struct vit_str s)
{
	const unsigned char *bytes = (const unsigned char *)s.p;
	size_t at = 0;
	uint64_t state = OK;
	while (s.n - at >= 8) {
		if (state == OK && is_ascii8(s.p + at)) {
			at += 8;
			continue;
		}
		for (size_t end = at + 8; at < end; at++)
			state = rows[bytes[at]] >> state & 63;
		if (state == BAD)
			return false;
	}
	for (; at < s.n; at++)
		state = rows[bytes[at]] >> state & 63;
	return state == OK;
}

size_t vit_utf8_valid(struct vit_str s)
{
	if (all_valid(s))
		return s.n;
	size_t at = 0, took;
	uint32_t cp;
	while ((took = vit_utf8_decode((struct vit_str){ s.p + at, s.n - at }, &cp)) != 0) {
		at += took;
		while (s.n - at >= 8 && is_ascii8(s.p + at))
			at += 8;
	}
	return at;
}

size_t vit_utf8_encode(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp >= 0xd800 && cp <= 0xdfff)
		return 0;
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	if (cp > 0x10ffff)
		return 0;
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

bool vit_utf8_harmless(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp <= 0x9f))
		return false;
	if (cp == 0x061c || cp == 0x200e || cp == 0x200f || cp == 0xfeff)
		return false;
	return !(cp >= 0x2028 && cp <= 0x202e) && !(cp >= 0x2066 && cp <= 0x2069);
}

#define HEX "0123456789abcdef"

/* The display form of what stands at s.p, at most 6 bytes; bytes taken. */
static size_t display_one(struct vit_str s, char out[8], size_t *n)
{
	uint32_t cp;
	size_t took = vit_utf8_decode(s, &cp);
	unsigned char c = (unsigned char)s.p[0];
	*n = 2;
	out[0] = '\\';
	if (took > 1 && !vit_utf8_harmless(cp)) {
		out[1] = 'u';
		for (unsigned i = 0; i < 4; i++)
			out[2 + i] = HEX[cp >> (12 - 4 * i) & 15];
		*n = 6;
		return took;
	}
	if (took > 1 || (took == 1 && vit_utf8_harmless(cp) && c != '\\')) {
		memcpy(out, s.p, took);
		*n = took;
		return took;
	}
	switch (c) {
	case '\n': out[1] = 'n'; break;
	case '\t': out[1] = 't'; break;
	case '\r': out[1] = 'r'; break;
	case '\\': out[1] = '\\'; break;
	default:
		out[1] = 'x';
		out[2] = HEX[c >> 4];
		out[3] = HEX[c & 15];
		*n = 4;
	}
	return 1;
}

void vit_display(struct vit_buf *out, struct vit_str s, size_t max)
{
	size_t used = 0;
	while (s.n) {
		char one[8];
		size_t n;
		size_t took = display_one(s, one, &n);
		if (max && n > max - used) {
			vit_buf_puts(out, "...");
			return;
		}
		vit_buf_add(out, one, n);
		if (out->full)
			return;
		used += n;
		s = (struct vit_str){ s.p + took, s.n - took };
	}
}
