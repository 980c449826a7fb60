#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "json/reader_private.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The first quote, backslash or control character at or after p, else end.
 * *high becomes other than 0 when a byte before it is no ASCII. */
static inline const char *scan_plain(const char *p, const char *end, uint64_t *high)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
	const __m128i control = _mm_set1_epi8(0x1f);
	while (end - p >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i hit = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(v, control), v),
					   _mm_or_si128(_mm_cmpeq_epi8(v, quote),
							_mm_cmpeq_epi8(v, slash)));
		unsigned stop = (unsigned)_mm_movemask_epi8(hit);
		/* All bits below the lowest one of stop. */
		*high |= (unsigned)_mm_movemask_epi8(v) & (stop - 1) & ~stop;
		if (stop)
			return p + __builtin_ctz(stop);
		p += 16;
	}
#else
	const uint64_t ones = 0x0101010101010101u, top = 0x8080808080808080u;
	while (end - p >= 8) {
		uint64_t v;
		memcpy(&v, p, 8);
		uint64_t quote = v ^ ones * '"', slash = v ^ ones * '\\';
		uint64_t hit = ((v - ones * 0x20) & ~v) | ((quote - ones) & ~quote) |
			       ((slash - ones) & ~slash);
		if (hit & top)
			break;
		*high |= v & top;
		p += 8;
	}
#endif
	for (; p < end; p++) {
		unsigned char c = (unsigned char)*p;
		if (c < 0x20 || c == '"' || c == '\\')
			break;
		*high |= c & 0x80;
	}
	return p;
}

static bool unterminated(struct vit_json_reader *r, size_t pos)
{
	return vit_json_expected(r, pos, "'\"' at the end of the string");
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The four hexadecimal digits at position `pos`. */
static bool read_unit(struct vit_json_reader *r, size_t pos, unsigned *unit)
{
	*unit = 0;
	for (size_t i = 0; i < 4; i++) {
		if (!vit_json_has(r, pos + i))
			return unterminated(r, r->have - r->at);
		int digit = hex_digit(r->window[r->at + pos + i]);
		if (digit < 0)
			return vit_json_expected(r, pos + i, "a hexadecimal digit after \\u");
		*unit = *unit << 4 | (unsigned)digit;
	}
	return true;
}

/* \uNNNN at *pos, with its second half when it is a pair. */
static bool read_unicode(struct vit_json_reader *r, struct vit_json_event *ev, size_t *pos)
{
	unsigned unit, low;
	size_t at = *pos;
	if (!read_unit(r, at + 2, &unit))
		return false;
	*pos = at + 6;
	if (unit == 0)
		ev->flags |= VIT_JSON_ESCAPED_NUL;
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (unit < 0xdc00) {
		if (!vit_json_has(r, at + 6))
			return unterminated(r, at + 6);
		if (r->window[r->at + at + 6] == '\\') {
			if (!vit_json_has(r, at + 7))
				return unterminated(r, at + 7);
			if (r->window[r->at + at + 7] == 'u') {
				if (!read_unit(r, at + 8, &low))
					return false;
				if (low >= 0xdc00 && low <= 0xdfff) {
					*pos = at + 12;
					return true;
				}
			}
		}
	}
	ev->flags |= VIT_JSON_LONE_SURROGATE;
	if (r->options & VIT_JSON_ALLOW_LONE_SURROGATE)
		return true;
	return vit_json_fail(r, VIT_E_SYNTAX, at, "a surrogate \\u escape without its pair");
}

static bool read_escape(struct vit_json_reader *r, struct vit_json_event *ev, size_t *pos)
{
	ev->flags |= VIT_JSON_ESCAPED;
	if (!vit_json_has(r, *pos + 1))
		return unterminated(r, *pos + 1);
	switch (r->window[r->at + *pos + 1]) {
	case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
		*pos += 2;
		return true;
	case 'u':
		return read_unicode(r, ev, pos);
	default:
		return vit_json_expected(r, *pos + 1, "one of \"\\/bfnrtu after a backslash");
	}
}

/* Positions [from, to) of the token, which end at an ASCII byte or with the
 * text, so that no sequence is cut. */
static bool check_utf8(struct vit_json_reader *r, size_t from, size_t to)
{
	size_t valid = vit_utf8_valid((struct vit_str){ r->window + r->at + from, to - from });
	return from + valid == to ||
	       vit_json_expected(r, from + valid, "valid UTF-8 in the string");
}

bool vit_json_read_string(struct vit_json_reader *r, struct vit_json_event *ev)
{
	size_t pos = 1, run = 1; /* run: where what is not yet checked begins */
	uint64_t high = 0;
	for (;;) {
		const char *begin = r->window + r->at;
		const char *p = scan_plain(begin + pos, r->window + r->have, &high);
		pos = (size_t)(p - begin);
		bool more = pos < r->have - r->at;
		if (!more && vit_json_fill(r) > 0)
			continue;
		if (high && !check_utf8(r, run, pos))
			return false;
		if (!more)
			return unterminated(r, pos);
		if (*p == '"')
			break;
		if (*p != '\\')
			return vit_json_expected(r, pos, "control characters to be escaped");
		if (!read_escape(r, ev, &pos))
			return false;
		run = pos;
		high = 0;
	}
	ev->raw = (struct vit_str){ r->window + r->at + 1, pos - 1 };
	r->at += pos + 1;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What the grammar found in a number. */
struct parts {
	bool negative, integer;
	size_t digits;          /* of mantissa, as far as it is exact */
	uint64_t mantissa;      /* first 19 significant digits, or fewer */
	bool exact;             /* mantissa holds all of them */
	int64_t exponent;       /* of ten, for mantissa */
};

static void add_digit(struct parts *n, char c, bool fraction)
{
	unsigned digit = (unsigned)(c - '0');
	if (n->mantissa == 0 && digit == 0) {
		n->exponent -= fraction;
		return;
	}
	uint64_t next;
	if (__builtin_mul_overflow(n->mantissa, (uint64_t)10, &next) ||
	    __builtin_add_overflow(next, (uint64_t)digit, &next)) {
		n->exact = false;
		return;
	}
	if (n->exact) {
		n->mantissa = next;
		n->exponent -= fraction;
	}
}

/* Digits at *pos of s, at least one, else an error. */
static bool read_digits(struct vit_json_reader *r, struct vit_str s, size_t *pos, struct parts *n,
		   bool fraction)
{
	size_t from = *pos;
	while (*pos < s.n && is_digit(s.p[*pos]))
		add_digit(n, s.p[(*pos)++], fraction);
	return *pos > from || vit_json_expected(r, from, "a digit");
}

static bool read_exponent(struct vit_json_reader *r, struct vit_str s, size_t *pos, struct parts *n)
{
	bool negative = false;
	int64_t e = 0;
	++*pos;
	if (*pos < s.n && (s.p[*pos] == '+' || s.p[*pos] == '-'))
		negative = s.p[(*pos)++] == '-';
	size_t from = *pos;
	for (; *pos < s.n && is_digit(s.p[*pos]); ++*pos)
		if (e < 100000)
			e = e * 10 + (s.p[*pos] - '0');
	n->exponent += negative ? -e : e;
	return *pos > from || vit_json_expected(r, from, "a digit in the exponent");
}

static bool parse_number(struct vit_json_reader *r, struct vit_str s, struct parts *n)
{
	size_t pos = 0;
	n->negative = s.p[0] == '-';
	n->integer = n->exact = true;
	pos += n->negative;
	if (pos + 1 < s.n && s.p[pos] == '0' && is_digit(s.p[pos + 1]))
		return vit_json_fail(r, VIT_E_SYNTAX, pos, "a number with a leading zero");
	if (!read_digits(r, s, &pos, n, false))
		return false;
	if (pos < s.n && s.p[pos] == '.') {
		n->integer = false;
		pos++;
		if (!read_digits(r, s, &pos, n, true))
			return false;
	}
	if (pos < s.n && (s.p[pos] == 'e' || s.p[pos] == 'E')) {
		n->integer = false;
		if (!read_exponent(r, s, &pos, n))
			return false;
	}
	return pos == s.n || vit_json_expected(r, pos, "the end of the number");
}

static double to_double(struct vit_str s, const struct parts *n)
{
#if FLT_EVAL_METHOD == 0
	static const double powers[] = {
		1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
		1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
	};
	/* Both operands are exact, so the one operation rounds correctly
	 * (Clinger 1990). */
	if (n->exact && n->mantissa <= (uint64_t)1 << 53 && n->exponent >= -22 &&
	    n->exponent <= 22) {
		double v = (double)n->mantissa;
		v = n->exponent < 0 ? v / powers[-n->exponent] : v * powers[n->exponent];
		return n->negative ? -v : v;
	}
#endif
	/* The locale is always "C": nothing calls setlocale. */
	char copy[VIT_JSON_MAX_NUMBER + 1];
	memcpy(copy, s.p, s.n);
	copy[s.n] = 0;
	return strtod(copy, NULL);
}

static void set_integer(struct vit_json_event *ev, const struct parts *n)
{
	const uint64_t i64_min = (uint64_t)1 << 63;
	ev->flags = VIT_JSON_INTEGER;
	if (!n->exact || n->mantissa > (uint64_t)1 << 53)
		ev->flags |= VIT_JSON_BIG;
	if (!n->exact)
		return;
	if (n->negative && n->mantissa == 0)
		ev->flags |= VIT_JSON_NEGATIVE_ZERO;
	if (!n->negative || n->mantissa == 0) {
		ev->flags |= VIT_JSON_U64;
		ev->u64 = n->mantissa;
	}
	if (n->negative ? n->mantissa <= i64_min : n->mantissa < i64_min) {
		ev->flags |= VIT_JSON_I64;
		ev->i64 = n->negative ? (int64_t)(0 - n->mantissa) : (int64_t)n->mantissa;
	}
}

static bool in_number(char c)
{
	return is_digit(c) || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

/* The common case: an integer of up to 19 digits, which fits 64 bits, with what
 * follows it in the window. Says false for everything else. */
static bool short_integer(struct vit_json_reader *r, struct vit_json_event *ev)
{
	const char *begin = r->window + r->at, *end = r->window + r->have;
	struct parts parts = { .negative = *begin == '-', .exact = true };
	const char *first = begin + parts.negative, *p = first;
	for (; p < end && is_digit(*p); p++)
		parts.mantissa = parts.mantissa * 10 + (uint64_t)(*p - '0');
	ptrdiff_t digits = p - first;
	if (p == end || digits == 0 || digits > 19 || (digits > 1 && *first == '0') ||
	    in_number(*p))
		return false;
	set_integer(ev, &parts);
	ev->type = VIT_JSON_NUMBER;
	ev->raw = (struct vit_str){ begin, (size_t)(p - begin) };
	ev->number = (double)parts.mantissa;
	if (parts.negative)
		ev->number = -ev->number;
	r->at += ev->raw.n;
	return true;
}

bool vit_json_read_number(struct vit_json_reader *r, struct vit_json_event *ev)
{
	if (short_integer(r, ev))
		return true;
	size_t n = 1;
	while (vit_json_has(r, n) && in_number(r->window[r->at + n]))
		if (++n > VIT_JSON_MAX_NUMBER)
			return vit_json_fail(r, VIT_E_LIMIT, 0,
					     "a number longer than 1,000 characters");
	if (r->state == VIT_JSON_S_ERROR)
		return false;
	struct vit_str s = { r->window + r->at, n };
	struct parts parts = { 0 };
	if (!parse_number(r, s, &parts))
		return false;
	ev->type = VIT_JSON_NUMBER;
	ev->raw = s;
	if (parts.integer)
		set_integer(ev, &parts);
	ev->number = to_double(s, &parts);
	if (!isfinite(ev->number))
		ev->flags |= VIT_JSON_NONFINITE;
	r->at += n;
	return true;
}

static uint32_t unit_at(const char *p)
{
	uint32_t unit = 0;
	for (size_t i = 0; i < 4; i++)
		unit = unit << 4 | (uint32_t)hex_digit(p[i]);
	return unit;
}

/* The escape at s.p; bytes taken. The reader has checked its form. */
static size_t decode_escape(struct vit_str s, char out[4], size_t *n)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	*n = 1;
	if (s.p[1] != 'u') {
		const char *at = strchr(from, s.p[1]);
		out[0] = at ? to[at - from] : '?';
		return 2;
	}
	uint32_t cp = unit_at(s.p + 2);
	size_t took = 6;
	if (cp >= 0xd800 && cp <= 0xdbff && s.n >= 12 && s.p[6] == '\\' && s.p[7] == 'u') {
		uint32_t low = unit_at(s.p + 8);
		if (low >= 0xdc00 && low <= 0xdfff) {
			cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
			took = 12;
		}
	}
	*n = vit_utf8_encode(cp, out);
	if (*n == 0)
		*n = vit_utf8_encode(0xfffd, out);
	return took;
}

void vit_json_decode(const struct vit_json_event *ev, struct vit_buf *out)
{
	struct vit_str s = ev->raw;
	if (!(ev->flags & VIT_JSON_ESCAPED)) {
		vit_buf_str(out, s);
		return;
	}
	while (s.n) {
		const char *slash = memchr(s.p, '\\', s.n);
		size_t plain = slash ? (size_t)(slash - s.p) : s.n;
		vit_buf_add(out, s.p, plain);
		s = (struct vit_str){ s.p + plain, s.n - plain };
		if (!slash)
			break;
		char one[4];
		size_t n, took = decode_escape(s, one, &n);
		vit_buf_add(out, one, n);
		s = (struct vit_str){ s.p + took, s.n - took };
	}
}
