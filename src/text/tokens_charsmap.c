/*
 * SentencePiece's precompiled map of characters: u32 size of a double-array
 * trie, the trie (Darts-clone units), then NUL-terminated replacements whose
 * offsets are the trie's values. All little-endian, in base64.
 *
 * Source: google/sentencepiece, third_party/darts_clone/darts.h (units) and
 * src/normalizer.cc (layout); as the reference, the shortest key counts.
 */
#include "base/num.h"
#include "text/tokens_internal.h"
#include "text/tokens_unicode.h"

struct vit_charsmap {
	uint32_t *units;
	size_t unit_count;
	struct vit_str texts;
};

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Bytes decoded, or SIZE_MAX. */
static size_t decode(struct vit_str in, unsigned char *out)
{
	size_t n = 0;
	uint32_t bits = 0, have = 0;

	while (in.n && in.p[in.n - 1] == '=')
		in.n--;
	for (size_t i = 0; i < in.n; i++) {
		int d = digit(in.p[i]);
		if (d < 0)
			return SIZE_MAX;
		bits = bits << 6 | (uint32_t)d;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (unsigned char)(bits >> have);
		}
	}
	return n;
}

struct vit_charsmap *vit_charsmap_new(struct vit_arena *a, struct vit_str base64)
{
	struct vit_charsmap *m = VIT_NEW(a, struct vit_charsmap);
	unsigned char *bytes = vit_arena_alloc(a, base64.n / 4 * 3 + 3);
	size_t n = decode(base64, bytes);

	if (n == SIZE_MAX || n < 8)
		return NULL;
	size_t trie = vit_le32(bytes) / 4 * 4;
	if (trie < 4 || trie > n - 4)
		return NULL;
	m->unit_count = trie / 4;
	m->units = VIT_NEW_ARRAY(a, m->unit_count, uint32_t);
	for (size_t i = 0; i < m->unit_count; i++)
		m->units[i] = vit_le32(bytes + 4 + 4 * i);
	m->texts = (struct vit_str){ (const char *)bytes + 4 + trie, n - 4 - trie };
	return vit_utf8_valid(m->texts) == m->texts.n ? m : NULL;
}

static size_t offset_of(uint32_t unit)
{
	return (size_t)(unit >> 10) << ((unit & 1u << 9) >> 6);
}

/* The replacement of the shortest key that begins `text`; false: there is none. */
static bool replacement(const struct vit_charsmap *m, struct vit_str text, struct vit_str *out)
{
	size_t at = offset_of(m->units[0]);

	for (size_t i = 0; i < text.n && text.p[i]; i++) {
		unsigned char c = (unsigned char)text.p[i];
		at ^= c;
		if (at >= m->unit_count)
			return false;
		uint32_t unit = m->units[at];
		if ((unit & (1u << 31 | 0xff)) != c)
			return false;
		at ^= offset_of(unit);
		if (!(unit >> 8 & 1))
			continue;
		size_t begin = at < m->unit_count ? m->units[at] & 0x7fffffff : SIZE_MAX;
		if (begin > m->texts.n)
			return false;
		const char *end = memchr(m->texts.p + begin, 0, m->texts.n - begin);
		size_t n = end ? (size_t)(end - m->texts.p) - begin : m->texts.n - begin;
		*out = (struct vit_str){ m->texts.p + begin, n };
		/* Into the middle of a character: no map that SentencePiece made. */
		return vit_utf8_valid(*out) == n;
	}
	return false;
}

/* One user-perceived character: as a whole when it is short, else by code points. */
static void apply_one(const struct vit_charsmap *m, struct vit_str grapheme, struct vit_buf *out)
{
	struct vit_str with;
	size_t n;

	if (grapheme.n < 6 && replacement(m, grapheme, &with)) {
		vit_buf_str(out, with);
		return;
	}
	for (size_t at = 0; at < grapheme.n; at += n) {
		vit_uc_at(grapheme.p + at, &n);
		struct vit_str c = { grapheme.p + at, n };
		vit_buf_str(out, replacement(m, c, &with) ? with : c);
	}
}

void vit_charsmap_apply(const struct vit_charsmap *m, struct vit_str in, struct vit_buf *out)
{
	size_t begin = 0, n;

	while (begin < in.n) {
		utf8proc_int32_t state = 0;
		uint32_t last = vit_uc_at(in.p + begin, &n);
		size_t end = begin + n;
		while (end < in.n) {
			uint32_t cp = vit_uc_at(in.p + end, &n);
			if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)last,
							     (utf8proc_int32_t)cp, &state))
				break;
			last = cp;
			end += n;
		}
		apply_one(m, vit_str_sub(in, begin, end), out);
		begin = end;
	}
}
