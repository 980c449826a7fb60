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

size_t vit_utf8_valid(struct vit_str s)
{
	size_t at = 0;
	while (at < s.n) {
		while (s.n - at >= 8) {
			uint64_t eight;
			memcpy(&eight, s.p + at, 8);
			if (eight & 0x8080808080808080u)
				break;
			at += 8;
		}
		if (at == s.n)
			break;
		uint32_t cp;
		size_t took = vit_utf8_decode((struct vit_str){ s.p + at, s.n - at }, &cp);
		if (took == 0)
			return at;
		at += took;
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
