#include "base/str.h"

bool vit_str_starts(struct vit_str s, struct vit_str prefix)
{
	return s.n >= prefix.n && vit_str_eq((struct vit_str){ s.p, prefix.n }, prefix);
}

bool vit_str_ends(struct vit_str s, struct vit_str suffix)
{
	return s.n >= suffix.n && vit_str_eq(vit_str_sub(s, s.n - suffix.n, s.n), suffix);
}

int vit_str_cmp(struct vit_str a, struct vit_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int d = n ? memcmp(a.p, b.p, n) : 0;
	if (d)
		return d < 0 ? -1 : 1;
	return a.n < b.n ? -1 : a.n > b.n;
}

size_t vit_str_find(struct vit_str s, struct vit_str needle, size_t from)
{
	if (from > s.n || needle.n > s.n - from)
		return SIZE_MAX;
	if (needle.n == 0)
		return from;
	size_t last = s.n - needle.n;
	while (from <= last) {
		const char *hit = memchr(s.p + from, needle.p[0], last - from + 1);
		if (!hit)
			return SIZE_MAX;
		if (memcmp(hit, needle.p, needle.n) == 0)
			return (size_t)(hit - s.p);
		from = (size_t)(hit - s.p) + 1;
	}
	return SIZE_MAX;
}

size_t vit_str_rchr(struct vit_str s, char c)
{
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == c)
			return i - 1;
	return SIZE_MAX;
}

struct vit_str vit_str_sub(struct vit_str s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from >= to)
		return VIT_STR_EMPTY;
	return (struct vit_str){ s.p + from, to - from };
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct vit_str vit_str_trim(struct vit_str s)
{
	size_t from = 0, to = s.n;
	while (from < to && is_blank(s.p[from]))
		from++;
	while (to > from && is_blank(s.p[to - 1]))
		to--;
	return vit_str_sub(s, from, to);
}

bool vit_str_split(struct vit_str *rest, char sep, struct vit_str *field)
{
	if (rest->n == 0)
		return false;
	const char *hit = memchr(rest->p, sep, rest->n);
	size_t n = hit ? (size_t)(hit - rest->p) : rest->n;
	*field = (struct vit_str){ rest->p, n };
	*rest = hit ? (struct vit_str){ hit + 1, rest->n - n - 1 } :
		      (struct vit_str){ rest->p + n, 0 };
	return true;
}

bool vit_str_line(struct vit_str *rest, struct vit_str *line)
{
	if (!vit_str_split(rest, '\n', line))
		return false;
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool vit_str_ieq(struct vit_str a, struct vit_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

/* Longer names are not worth a suggestion. */
#define LONGEST 128

unsigned vit_str_distance(struct vit_str a, struct vit_str b, unsigned cap)
{
	if (a.n > LONGEST || b.n > LONGEST)
		return vit_str_eq(a, b) ? 0 : cap;
	unsigned row[LONGEST + 1];
	for (unsigned j = 0; j <= b.n; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			unsigned best = diagonal + (a.p[i - 1] != b.p[j - 1]);
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[b.n] < cap ? row[b.n] : cap;
}
