#include "base/num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool vit_parse_u64(struct vit_str s, uint64_t *out)
{
	if (s.n == 0)
		return false;
	uint64_t v = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (!vit_mul_u64(v, 10, &v) || !vit_add_u64(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	*out = v;
	return true;
}

bool vit_parse_hex(struct vit_str s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0 || s.n > 16)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		unsigned digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (unsigned)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			digit = (unsigned)(c - 'A') + 10;
		else
			return false;
		v = v << 4 | digit;
	}
	*out = v;
	return true;
}

bool vit_parse_i64(struct vit_str s, int64_t *out)
{
	uint64_t v;
	if (s.n && s.p[0] == '-') {
		if (!vit_parse_u64(vit_str_sub(s, 1, s.n), &v) || v > (uint64_t)1 << 63)
			return false;
		*out = v == (uint64_t)1 << 63 ? INT64_MIN : -(int64_t)v;
		return true;
	}
	if (!vit_parse_u64(s, &v) || v > INT64_MAX)
		return false;
	*out = (int64_t)v;
	return true;
}

static size_t digits(struct vit_str s, size_t *at)
{
	size_t from = *at;
	while (*at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9')
		++*at;
	return *at - from;
}

/* The form is checked here because strtod also takes blanks, hexadecimal,
 * "inf" and "nan". The locale is always "C": nothing calls setlocale. */
bool vit_parse_double(struct vit_str s, double *out)
{
	char copy[128];
	size_t at = 0, whole, part = 0;
	if (s.n == 0 || s.n >= sizeof(copy))
		return false;
	if (s.p[0] == '-' || s.p[0] == '+')
		at++;
	whole = digits(s, &at);
	if (at < s.n && s.p[at] == '.') {
		at++;
		part = digits(s, &at);
	}
	if (whole + part == 0)
		return false;
	if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
		at++;
		if (at < s.n && (s.p[at] == '-' || s.p[at] == '+'))
			at++;
		if (digits(s, &at) == 0)
			return false;
	}
	if (at != s.n)
		return false;
	memcpy(copy, s.p, s.n);
	copy[s.n] = 0;
	double v = strtod(copy, NULL);
	if (!isfinite(v))
		return false;
	*out = v;
	return true;
}

bool vit_parse_size(struct vit_str s, uint64_t *out)
{
	static const struct { const char *name; uint64_t factor; } units[] = {
		{ "", 1 }, { "b", 1 }, { "kb", 1000 }, { "mb", 1000000 }, { "gb", 1000000000 },
		{ "tb", UINT64_C(1000000000000) }, { "kib", 1024 }, { "mib", 1u << 20 },
		{ "gib", 1u << 30 }, { "tib", UINT64_C(1) << 40 },
	};
	size_t n = 0;
	double number;

	while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '.'))
		n++;
	if (!vit_parse_double(vit_str_sub(s, 0, n), &number))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		double bytes = number * (double)units[i].factor;

		if (!vit_str_ieq(vit_str_trim(vit_str_sub(s, n, s.n)), vit_str_c(units[i].name)))
			continue;
		if (bytes < 1 || bytes > 1e18)
			return false;
		*out = (uint64_t)bytes;
		return true;
	}
	return false;
}

const char *vit_fmt_u64(uint64_t v, char out[VIT_FMT_NUM])
{
	char reversed[VIT_FMT_NUM];
	size_t n = 0, at = 0;
	for (unsigned digit = 0; digit == 0 || v; digit++, v /= 10) {
		if (digit && digit % 3 == 0)
			reversed[n++] = ',';
		reversed[n++] = (char)('0' + v % 10);
	}
	while (n)
		out[at++] = reversed[--n];
	out[at] = 0;
	return out;
}

const char *vit_fmt_i64(int64_t v, char out[VIT_FMT_NUM])
{
	if (v >= 0)
		return vit_fmt_u64((uint64_t)v, out);
	char digits_only[VIT_FMT_NUM];
	snprintf(out, VIT_FMT_NUM, "-%.30s", vit_fmt_u64(-(uint64_t)v, digits_only));
	return out;
}

/* v in three digits, in the largest unit of 1000^n that is not above it. */
static void three_digits(uint64_t v, const char *const *units, size_t count,
			 char out[VIT_FMT_NUM])
{
	uint64_t unit = 1;
	size_t i = 0;
	while (i + 1 < count && v / unit >= 1000) {
		unit *= 1000;
		i++;
	}
	unsigned decimals = v / unit >= 100 ? 0 : v / unit >= 10 ? 1 : 2;
	uint64_t step = unit / (decimals == 2 ? 100 : decimals == 1 ? 10 : 1);
	uint64_t scaled = v / step;
	if (v % step >= step - v % step)
		scaled++;
	if (scaled == 1000) {
		/* 999.7 rounds up into the next digit or the next unit. */
		scaled = 100;
		if (decimals > 0) {
			decimals--;
		} else if (i + 1 < count) {
			decimals = 2;
			i++;
		} else {
			scaled = 1000;
		}
	}
	unsigned whole = (unsigned)scaled, part = 0;
	if (decimals) {
		unsigned power = decimals == 2 ? 100 : 10;
		whole = (unsigned)(scaled / power);
		part = (unsigned)(scaled % power);
		snprintf(out, VIT_FMT_NUM, "%u.%0*u %s", whole, (int)decimals, part, units[i]);
	} else {
		snprintf(out, VIT_FMT_NUM, "%u %s", whole, units[i]);
	}
}

const char *vit_fmt_bytes(uint64_t v, char out[VIT_FMT_NUM])
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	if (v < 10000) {
		vit_fmt_u64(v, out);
		size_t n = strlen(out);
		snprintf(out + n, VIT_FMT_NUM - n, " B");
		return out;
	}
	three_digits(v, units, sizeof(units) / sizeof(units[0]), out);
	return out;
}

const char *vit_fmt_count(uint64_t v, char out[VIT_FMT_NUM])
{
	static const char *const units[] = {
		"", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion",
	};
	if (v < 1000000)
		return vit_fmt_u64(v, out);
	three_digits(v, units, sizeof(units) / sizeof(units[0]), out);
	return out;
}

const char *vit_fmt_seconds(double seconds, char out[VIT_FMT_NUM])
{
	static const struct { double from; unsigned long long size; const char *unit, *rest; } big[] = {
		{ 172800, 86400, "days", "h" }, { 3600, 3600, "h", "min" }, { 60, 60, "min", "s" },
	};

	if (!(seconds >= 0) || seconds > 1e12) {
		snprintf(out, VIT_FMT_NUM, "?");
		return out;
	}
	if (seconds < 1) {
		snprintf(out, VIT_FMT_NUM, "%.3g ms", seconds * 1000);
		return out;
	}
	if (seconds < 59.95) {
		snprintf(out, VIT_FMT_NUM, "%.3g s", seconds);
		return out;
	}
	for (size_t i = 0; i < sizeof(big) / sizeof(big[0]); i++) {
		unsigned long long step = big[i].size == 86400 ? 3600 : big[i].size / 60;
		unsigned long long n = (unsigned long long)(seconds / (double)step + 0.5) * step;

		if ((double)n < big[i].from)
			continue;
		if (n % big[i].size)
			snprintf(out, VIT_FMT_NUM, "%llu %s %llu %s", n / big[i].size, big[i].unit,
				 n % big[i].size / step, big[i].rest);
		else
			snprintf(out, VIT_FMT_NUM, "%llu %s", n / big[i].size, big[i].unit);
		return out;
	}
	snprintf(out, VIT_FMT_NUM, "1 min");
	return out;
}
