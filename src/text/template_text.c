#include "text/template_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "base/utf8.h"

bool vit_tpl_is_space(uint32_t cp)
{
	if (cp < 0x80)
		return cp == ' ' || (cp >= 9 && cp <= 13) || (cp >= 0x1c && cp <= 0x1f);
	return cp == 0x85 || cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) ||
	       cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

bool vit_tpl_is_linebreak(uint32_t cp)
{
	return (cp >= 0x0a && cp <= 0x0d) || (cp >= 0x1c && cp <= 0x1e) || cp == 0x85 ||
	       cp == 0x2028 || cp == 0x2029;
}

static utf8proc_category_t category(uint32_t cp)
{
	return utf8proc_category((utf8proc_int32_t)cp);
}

bool vit_tpl_is_alpha(uint32_t cp)
{
	utf8proc_category_t c = category(cp);
	return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO;
}

bool vit_tpl_is_decimal(uint32_t cp)
{
	return category(cp) == UTF8PROC_CATEGORY_ND;
}

bool vit_tpl_is_digit(uint32_t cp)
{
	/* Numeric_Type=Digit: superscripts, subscripts and digits in circles. */
	static const uint32_t ranges[][2] = {
		{ 0xb2, 0xb3 }, { 0xb9, 0xb9 }, { 0x1369, 0x1371 }, { 0x19da, 0x19da },
		{ 0x2070, 0x2070 }, { 0x2074, 0x2079 }, { 0x2080, 0x2089 }, { 0x2460, 0x2468 },
		{ 0x2474, 0x247c }, { 0x2488, 0x2490 }, { 0x24ea, 0x24ea }, { 0x24f5, 0x24fd },
		{ 0x24ff, 0x24ff }, { 0x2776, 0x277e }, { 0x2780, 0x2788 }, { 0x278a, 0x2792 },
		{ 0x10a40, 0x10a43 }, { 0x10e60, 0x10e68 }, { 0x11052, 0x1105a },
		{ 0x1f100, 0x1f10a },
	};
	if (vit_tpl_is_decimal(cp))
		return true;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (cp >= ranges[i][0] && cp <= ranges[i][1])
			return true;
	return false;
}

bool vit_tpl_is_numeric(uint32_t cp)
{
	utf8proc_category_t c = category(cp);
	/* Ideographs with a numeric value. */
	static const uint32_t han[] = { 0x3007, 0x4e00, 0x4e03, 0x4e09, 0x4e5d, 0x4e8c, 0x4e94,
					0x516b, 0x516d, 0x5341, 0x56db, 0x767e, 0x5343, 0x4e07,
					0x842c, 0x5104, 0x4ebf };
	if (c == UTF8PROC_CATEGORY_ND || c == UTF8PROC_CATEGORY_NL || c == UTF8PROC_CATEGORY_NO)
		return true;
	for (size_t i = 0; i < sizeof(han) / sizeof(han[0]); i++)
		if (cp == han[i])
			return true;
	return false;
}

bool vit_tpl_is_lower(uint32_t cp)
{
	return category(cp) == UTF8PROC_CATEGORY_LL || cp == 0xaa || cp == 0xba;
}

bool vit_tpl_is_upper(uint32_t cp)
{
	return category(cp) == UTF8PROC_CATEGORY_LU || (cp >= 0x2160 && cp <= 0x216f) ||
	       (cp >= 0x24b6 && cp <= 0x24cf);
}

bool vit_tpl_is_title(uint32_t cp)
{
	return category(cp) == UTF8PROC_CATEGORY_LT;
}

bool vit_tpl_is_printable(uint32_t cp)
{
	utf8proc_category_t c = category(cp);
	if (cp < 0x7f)
		return cp >= 0x20;
	return c != UTF8PROC_CATEGORY_CN && c < UTF8PROC_CATEGORY_ZS;
}

void vit_tpl_add_char(struct vit_buf *out, uint32_t cp)
{
	char utf8[4];
	vit_buf_add(out, utf8, vit_utf8_encode(cp, utf8));
}

void vit_tpl_add_cased(struct vit_buf *out, uint32_t cp, enum vit_tpl_case how)
{
	utf8proc_int32_t c = (utf8proc_int32_t)cp;
	if (cp == 0xdf && how != VIT_TPL_LOWER) {
		vit_buf_puts(out, how == VIT_TPL_UPPER ? "SS" : "Ss");
		return;
	}
	if (cp < 0x80) {
		if (how == VIT_TPL_LOWER ? cp >= 'A' && cp <= 'Z' : cp >= 'a' && cp <= 'z')
			cp ^= 0x20;
		vit_buf_putc(out, (char)cp);
		return;
	}
	c = how == VIT_TPL_LOWER ? utf8proc_tolower(c) :
	    how == VIT_TPL_UPPER ? utf8proc_toupper(c) : utf8proc_totitle(c);
	vit_tpl_add_char(out, (uint32_t)c);
}

bool vit_tpl_is_ascii(struct vit_str s)
{
	size_t i = 0;
	for (; s.n - i >= 8; i += 8) {
		uint64_t word;
		memcpy(&word, s.p + i, 8);
		if (word & 0x8080808080808080u)
			return false;
	}
	for (; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

size_t vit_tpl_length(struct vit_str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

size_t vit_tpl_offset(struct vit_str s, size_t index)
{
	size_t i = 0;
	for (; i < s.n; i++)
		if (((unsigned char)s.p[i] & 0xc0) != 0x80 && index-- == 0)
			break;
	return i;
}

uint32_t vit_tpl_next(struct vit_str s, size_t *at)
{
	unsigned char c = (unsigned char)s.p[*at];
	uint32_t cp = c;
	if (c < 0x80) {
		(*at)++;
		return cp;
	}
	size_t n = vit_utf8_decode((struct vit_str){ s.p + *at, s.n - *at }, &cp);
	*at += n ? n : 1;
	return n ? cp : 0xfffd;
}

uint32_t vit_tpl_previous(struct vit_str s, size_t *at)
{
	size_t from = *at - 1;
	while (from > 0 && ((unsigned char)s.p[from] & 0xc0) == 0x80)
		from--;
	*at = from;
	return vit_tpl_next(s, &from);
}

static struct vit_str trimmed(struct vit_str s)
{
	size_t from = 0, to = s.n;
	for (size_t at = 0; at < s.n && vit_tpl_is_space(vit_tpl_next(s, &at)); from = at)
		;
	for (size_t at = to; at > from && vit_tpl_is_space(vit_tpl_previous(s, &at)); to = at)
		;
	return vit_str_sub(s, from, to);
}

/* Copies s without underscores; false unless each stands between two digits. */
static bool plain_number(struct vit_str s, char *out, size_t size)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '_') {
			if (i == 0 || i + 1 == s.n || s.p[i - 1] < '0' || s.p[i - 1] > '9' ||
			    s.p[i + 1] < '0' || s.p[i + 1] > '9')
				return false;
			continue;
		}
		if (n + 1 >= size)
			return false;
		out[n++] = s.p[i];
	}
	out[n] = 0;
	return n > 0;
}

bool vit_tpl_parse_float(struct vit_str s, double *out)
{
	char text[512];
	s = trimmed(s);
	if (!plain_number(s, text, sizeof(text)))
		return false;
	const char *p = text + (text[0] == '-' || text[0] == '+');
	static const char *const words[] = { "inf", "infinity", "nan" };
	for (size_t i = 0; i < 3; i++)
		if (vit_str_ieq(vit_str_c(p), vit_str_c(words[i]))) {
			*out = i == 2 ? NAN : text[0] == '-' ? -INFINITY : INFINITY;
			return true;
		}
	size_t whole = strspn(p, "0123456789"), part = 0;
	p += whole;
	if (*p == '.') {
		part = strspn(p + 1, "0123456789");
		p += 1 + part;
	}
	if (!whole && !part)
		return false;
	if (*p == 'e' || *p == 'E') {
		p++;
		if (*p == '-' || *p == '+')
			p++;
		size_t n = strspn(p, "0123456789");
		if (!n)
			return false;
		p += n;
	}
	if (*p)
		return false;
	*out = strtod(text, NULL);
	return true;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/* Takes 0x, 0o or 0b off where `base` allows it; the base then. */
static int take_prefix(struct vit_str *s, int base)
{
	if (s->n <= 2 || s->p[0] != '0')
		return 0;
	char c = (char)(s->p[1] | 0x20);
	int b = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;
	if (!b || (base != 0 && base != b))
		return 0;
	*s = vit_str_sub(*s, 2, s->n);
	return b;
}

bool vit_tpl_parse_int(struct vit_str s, int base, int64_t *out, bool *big)
{
	s = trimmed(s);
	*big = false;
	bool minus = s.n && s.p[0] == '-';
	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		s = vit_str_sub(s, 1, s.n);
	int prefix = take_prefix(&s, base);
	bool prefixed = prefix != 0;
	base = prefixed ? prefix : base;
	bool auto_base = base == 0;
	base = base ? base : 10;
	uint64_t v = 0;
	bool digit_before = prefixed;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '_' && digit_before && i + 1 < s.n) {
			digit_before = false;
			continue;
		}
		int d = digit_value(s.p[i]);
		if (d >= base)
			return false;
		digit_before = true;
		*big |= __builtin_mul_overflow(v, (uint64_t)base, &v) ||
			__builtin_add_overflow(v, (uint64_t)d, &v);
	}
	if (!s.n || !digit_before || (auto_base && !prefixed && s.p[0] == '0' && v))
		return false;
	*big |= v > (uint64_t)INT64_MAX + minus;
	*out = *big ? 0 : minus ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

size_t vit_tpl_float_repr(double v, char out[VIT_TPL_FLOAT_MAX])
{
	if (isnan(v) || isinf(v)) {
		const char *text = isnan(v) ? "nan" : v < 0 ? "-inf" : "inf";
		memcpy(out, text, strlen(text) + 1);
		return strlen(text);
	}
	char e[VIT_TPL_FLOAT_MAX];
	for (int digits = 0; digits < 17; digits++) {
		snprintf(e, sizeof(e), "%.*e", digits, v);
		if (strtod(e, NULL) == v)
			break;
	}
	/* -d.ddde-xx: Python writes exponents from -4 to 15 out. */
	char *sign_at = strchr(e, 'e');
	int exponent = 0;
	for (const char *p = sign_at + 2; *p; p++)
		exponent = exponent * 10 + (*p - '0');
	if (sign_at[1] == '-')
		exponent = -exponent;
	*sign_at = 0;
	const char *digits = e + (e[0] == '-');
	char mantissa[24];
	size_t n = 0;
	for (const char *p = digits; *p; p++)
		if (*p != '.')
			mantissa[n++] = *p;
	mantissa[n] = 0;
	const char *minus = e[0] == '-' ? "-" : "";
	int written;
	if (exponent < -4 || exponent >= 16)
		written = snprintf(out, VIT_TPL_FLOAT_MAX, "%s%se%c%02d", minus, digits,
				   exponent < 0 ? '-' : '+', abs(exponent));
	else if (exponent < 0)
		written = snprintf(out, VIT_TPL_FLOAT_MAX, "%s0.%.*s%s", minus, -exponent - 1,
				   "0000", mantissa);
	else if ((size_t)exponent + 1 >= n)
		written = snprintf(out, VIT_TPL_FLOAT_MAX, "%s%s%.*s.0", minus, mantissa,
				   exponent + 1 - (int)n, "0000000000000000");
	else
		written = snprintf(out, VIT_TPL_FLOAT_MAX, "%s%.*s.%s", minus, exponent + 1,
				   mantissa, mantissa + exponent + 1);
	return (size_t)written;
}

void vit_tpl_str_repr(struct vit_buf *out, struct vit_str s)
{
	char quote = s.n && memchr(s.p, '\'', s.n) && !memchr(s.p, '"', s.n) ? '"' : '\'';
	vit_buf_putc(out, quote);
	for (size_t at = 0; at < s.n;) {
		size_t from = at;
		uint32_t cp = vit_tpl_next(s, &at);
		if (cp == (uint32_t)quote || cp == '\\') {
			vit_buf_putc(out, '\\');
			vit_buf_putc(out, (char)cp);
		} else if (cp == '\n' || cp == '\r' || cp == '\t') {
			vit_buf_puts(out, cp == '\n' ? "\\n" : cp == '\r' ? "\\r" : "\\t");
		} else if (vit_tpl_is_printable(cp)) {
			vit_buf_add(out, s.p + from, at - from);
		} else {
			vit_buf_printf(out, cp < 0x100 ? "\\x%02x" : cp < 0x10000 ? "\\u%04x" : "\\U%08x",
				       (unsigned)cp);
		}
	}
	vit_buf_putc(out, quote);
}
