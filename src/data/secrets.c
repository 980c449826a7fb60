#include "data/text.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* ---- keys ------------------------------------------------------------------------ */

/* Characters of a key's body. */
enum body { BODY_UPPER, BODY_ALNUM, BODY_URL };

static bool in_body(char c, enum body kind)
{
	switch (kind) {
	case BODY_UPPER:
		return is_digit(c) || is_upper(c);
	case BODY_ALNUM:
		return vit_text_alnum(c);
	case BODY_URL:
		return vit_text_alnum(c) || c == '-' || c == '_';
	}
	return false;
}

/* Published prefixes; `mark` is the byte of it that the scan stops at, the last
 * one. `exact`: the body has just `least` characters. */
static const struct {
	const char *prefix;
	enum body body;
	size_t least;
	bool exact;
} keys[] = {
	{ "AKIA", BODY_UPPER, 16, true },         { "ASIA", BODY_UPPER, 16, true },
	{ "AIza", BODY_URL, 35, true },           { "ghp_", BODY_ALNUM, 36, true },
	{ "gho_", BODY_ALNUM, 36, true },         { "ghu_", BODY_ALNUM, 36, true },
	{ "ghs_", BODY_ALNUM, 36, true },         { "ghr_", BODY_ALNUM, 36, true },
	{ "github_pat_", BODY_URL, 60, false },   { "hf_", BODY_ALNUM, 34, true },
	{ "npm_", BODY_ALNUM, 36, true },         { "sk-ant-", BODY_URL, 32, false },
	{ "sk-proj-", BODY_URL, 32, false },      { "sk-", BODY_ALNUM, 40, false },
	{ "xoxb-", BODY_URL, 24, false },         { "xoxp-", BODY_URL, 24, false },
	{ "xoxa-", BODY_URL, 24, false },         { "glpat-", BODY_URL, 20, true },
};

/* A real key is no run of few characters, and documentation says EXAMPLE. */
static bool looks_random(struct vit_str body)
{
	bool seen[256] = { false };
	unsigned distinct = 0;

	for (size_t i = 0; i < body.n; i++) {
		unsigned char c = (unsigned char)body.p[i];
		distinct += !seen[c];
		seen[c] = true;
	}
	return distinct >= 8 && vit_str_find(body, VIT_STR("EXAMPLE"), 0) == SIZE_MAX &&
	       vit_str_find(body, VIT_STR("xxxx"), 0) == SIZE_MAX && vit_str_find(body, VIT_STR("XXXX"), 0) == SIZE_MAX &&
	       vit_str_find(body, VIT_STR("1234567890"), 0) == SIZE_MAX;
}

static size_t private_key(struct vit_str s, size_t at, struct vit_data_text *out)
{
	static const struct vit_str begin = { "-----BEGIN ", 11 }, end = { "PRIVATE KEY", 11 };
	size_t limit = s.n - at < 64 ? s.n : at + 64;

	if (!vit_str_starts(vit_str_sub(s, at, s.n), begin))
		return at + 1;
	if (vit_str_find(vit_str_sub(s, at, limit), end, 0) == SIZE_MAX)
		return at + begin.n;
	/* A lone heading is talk about keys; a body follows a real one. */
	size_t p = vit_str_find(vit_str_sub(s, 0, limit), end, at) + end.n, body = 0;
	while (p < s.n && s.p[p] == '-')
		p++;
	for (; p < s.n && (vit_text_alnum(s.p[p]) || (s.p[p] && strchr("+/=\r\n", s.p[p]))); p++)
		body += s.p[p] != '\r' && s.p[p] != '\n';
	if (body >= 32 && s.n - p >= 5 && vit_str_starts(vit_str_sub(s, p, s.n), VIT_STR("-----")))
		out->secrets++;
	else if (body >= 64)
		out->secrets++;
	return p;
}

/* eyJ... . eyJ... . ...: header and claims of a JSON web token. */
static size_t web_token(struct vit_str s, size_t at, struct vit_data_text *out)
{
	size_t p = at + 3, dots = 0, length[3] = { 0 };

	for (; p < s.n && dots < 3; p++) {
		if (s.p[p] == '.')
			dots++;
		else if (in_body(s.p[p], BODY_URL))
			length[dots]++;
		else
			break;
	}
	if (dots == 2 && length[0] >= 12 && length[1] >= 16 && length[2] >= 20)
		out->secrets++;
	return p;
}

/* A key with a published prefix whose mark is at `at`. */
static size_t prefixed_key(struct vit_str s, size_t at, struct vit_data_text *out)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct vit_str prefix = vit_str_c(keys[i].prefix);
		/* Keys in capitals begin here; the others have their first '_' or '-' here. */
		size_t lead = is_upper(prefix.p[0]) ? 0 : strcspn(prefix.p, "-_");
		size_t begin = at - lead, n = 0;

		if (prefix.p[lead] != s.p[at] || at < lead || !vit_str_starts(vit_str_sub(s, begin, s.n), prefix))
			continue;
		if (begin > 0 && (vit_text_alnum(s.p[begin - 1]) || s.p[begin - 1] == '_'))
			continue;
		const struct vit_str body = vit_str_sub(s, begin + prefix.n, s.n);
		while (n < body.n && n <= 400 && in_body(body.p[n], keys[i].body))
			n++;
		if (n < keys[i].least || (keys[i].exact && n > keys[i].least) || n > 400)
			continue;
		if (looks_random(vit_str_sub(body, 0, n)))
			out->secrets++;
		return begin + prefix.n + n;
	}
	return at + 1;
}

size_t vit_data_secret_at(struct vit_str s, size_t at, struct vit_data_text *out)
{
	if (s.p[at] == '-' && s.n - at > 11 && s.p[at + 1] == '-')
		return private_key(s, at, out);
	if (s.p[at] != 'J')
		return prefixed_key(s, at, out);
	if (at < 2 || s.p[at - 1] != 'y' || s.p[at - 2] != 'e' || (at > 2 && vit_text_alnum(s.p[at - 3])))
		return at + 1;
	return web_token(s, at - 2, out);
}

/* ---- mail addresses ----------------------------------------------------------------- */

static bool in_local(char c)
{
	return vit_text_alnum(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
}

size_t vit_data_email_at(struct vit_str s, size_t at, struct vit_data_text *out)
{
	size_t begin = at, end = at + 1, dot = 0;
	struct vit_str domain;

	while (begin > 0 && in_local(s.p[begin - 1]))
		begin--;
	while (end < s.n && (vit_text_alnum(s.p[end]) || s.p[end] == '.' || s.p[end] == '-')) {
		if (s.p[end] == '.' && end + 1 < s.n && vit_text_alnum(s.p[end + 1]))
			dot = end;
		end++;
	}
	if (begin == at || dot == 0 || dot == at + 1)
		return at + 1;
	size_t top = dot + 1;
	while (top < end && ((s.p[top] >= 'a' && s.p[top] <= 'z') || is_upper(s.p[top])))
		top++;
	if (top - dot - 1 < 2)
		return end;
	domain = vit_str_sub(s, at + 1, top);
	if (vit_str_find(domain, VIT_STR("example"), 0) != SIZE_MAX || vit_str_starts(domain, VIT_STR("domain.")) ||
	    vit_str_ends(domain, VIT_STR(".test")) || vit_str_ends(domain, VIT_STR(".invalid")) ||
	    vit_str_ends(domain, VIT_STR(".local")))
		return end;
	out->emails++;
	return end;
}

/* ---- numbers --------------------------------------------------------------------------- */

struct digits {
	char all[24];
	unsigned count;
	unsigned groups[12], group_count;
	bool plus, bad;
};

/* Digits in groups that single blanks, '-', '.' and brackets separate. */
static size_t read_digits(struct vit_str s, size_t at, struct digits *d)
{
	size_t p = at, last = at;
	bool apart = true;

	while (p < s.n && d->count < 24) {
		char c = s.p[p];

		if (is_digit(c)) {
			if (apart && d->group_count == 12)
				break;
			if (apart)
				d->groups[d->group_count++] = 0;
			apart = false;
			d->all[d->count++] = c;
			d->groups[d->group_count - 1]++;
			last = p + 1;
		} else if (c == ' ' || c == '-' || c == '.' || c == '(' || c == ')') {
			if (apart && c != '(' && !(p > 0 && (s.p[p - 1] == ')' || s.p[p - 1] == '(')))
				break;
			apart = true;
		} else {
			d->bad = vit_text_alnum(c) && !apart;
			break;
		}
		p++;
	}
	return last;
}

static bool luhn(const struct digits *d)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < d->count; i++) {
		unsigned v = (unsigned)(d->all[d->count - 1 - i] - '0');
		if (i % 2)
			v = v * 2 > 9 ? v * 2 - 9 : v * 2;
		sum += v;
	}
	return sum % 10 == 0;
}

static bool is_card(const struct digits *d)
{
	unsigned two = (unsigned)(d->all[0] - '0') * 10 + (unsigned)(d->all[1] - '0');
	bool whole = d->group_count == 1;
	bool fours = d->group_count == 4 && d->groups[0] == 4 && d->groups[1] == 4 && d->groups[2] == 4;
	bool amex = d->count == 15 && (two == 34 || two == 37) &&
		    (whole || (d->group_count == 3 && d->groups[0] == 4 && d->groups[1] == 6));
	bool issuer = d->all[0] == '4' || (two >= 51 && two <= 55) || (two >= 22 && two <= 27) || two == 60 ||
		      two == 65;

	return (amex || (d->count == 16 && issuer && (whole || fours))) && luhn(d);
}

/* Ten digits of the North American plan: a person's? */
static bool is_subscriber(const char *n)
{
	unsigned area = (unsigned)(n[0] - '0') * 100 + (unsigned)(n[1] - '0') * 10 + (unsigned)(n[2] - '0');
	bool free = area == 800 || area == 833 || area == 844 || area == 855 || area == 866 || area == 877 ||
		    area == 888 || area == 900;
	bool fiction = memcmp(n + 3, "555", 3) == 0;

	return n[0] >= '2' && n[3] >= '2' && !free && !fiction;
}

static bool is_phone(const struct digits *d)
{
	if (d->plus) {
		if (d->all[0] == '1' && d->count == 11)
			return is_subscriber(d->all + 1);
		return d->count >= 9 && d->count <= 15 && d->all[0] != '0' && d->group_count <= 7;
	}
	return d->count == 10 && d->group_count == 3 && d->groups[0] == 3 && d->groups[1] == 3 && is_subscriber(d->all);
}

/* Two capitals before two digits: the number's remainder modulo 97 is 1. */
static size_t iban(struct vit_str s, size_t begin, struct vit_data_text *out)
{
	char text[36];
	size_t n = 0, p = begin;
	unsigned rest = 0;

	for (; p < s.n && n < 35; p++) {
		if (is_digit(s.p[p]) || is_upper(s.p[p]))
			text[n++] = s.p[p];
		else if (s.p[p] != ' ' || n % 4 != 0)
			break;
	}
	if (n < 15 || n > 34)
		return begin + 4;
	for (size_t i = 0; i < n; i++) {
		char c = text[(i + 4) % n];
		rest = is_digit(c) ? rest * 10 + (unsigned)(c - '0') : rest * 100 + (unsigned)(c - 'A') + 10;
		rest %= 97;
	}
	if (rest != 1)
		return begin + 4;
	out->ibans++;
	return p;
}

size_t vit_data_number_at(struct vit_str s, size_t at, struct vit_data_text *out)
{
	struct digits d = { .count = 0 };
	size_t begin = at, end;

	if (at >= 2 && is_upper(s.p[at - 1]) && is_upper(s.p[at - 2]) && at + 1 < s.n && is_digit(s.p[at + 1]) &&
	    (at == 2 || !vit_text_alnum(s.p[at - 3])))
		return iban(s, at - 2, out);
	if (begin > 0 && s.p[begin - 1] == '(')
		begin--;
	d.plus = begin > 0 && s.p[begin - 1] == '+';
	begin -= d.plus;
	end = read_digits(s, at, &d);
	if (begin > 0 && (vit_text_alnum(s.p[begin - 1]) || strchr(".-_/=#", s.p[begin - 1])))
		return end;
	if (d.bad || d.count < 9)
		return end;
	if (is_card(&d))
		out->cards++;
	else if (is_phone(&d))
		out->phones++;
	return end;
}
