#include "formats/pep440.h"

#include <ctype.h>

/* Reads from a version's text, without its case. */
struct cursor {
	struct vit_str s;
	size_t at;
};

static char peek(const struct cursor *c)
{
	return c->at < c->s.n ? (char)tolower((unsigned char)c->s.p[c->at]) : '\0';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number of digits; false when there is none or it is too large. */
static bool number(struct cursor *c, uint32_t *out)
{
	uint64_t v = 0;
	size_t from = c->at;

	while (is_digit(peek(c))) {
		v = v * 10 + (uint64_t)(peek(c) - '0');
		if (v > UINT32_MAX)
			return false;
		c->at++;
	}
	*out = (uint32_t)v;
	return c->at > from;
}

static bool word(struct cursor *c, const char *w)
{
	size_t n = strlen(w);

	for (size_t i = 0; i < n; i++)
		if (c->at + i >= c->s.n || tolower((unsigned char)c->s.p[c->at + i]) != w[i])
			return false;
	c->at += n;
	return true;
}

static void separator(struct cursor *c)
{
	if (peek(c) == '-' || peek(c) == '_' || peek(c) == '.')
		c->at++;
}

/* The number behind a letter; none at all means 0. False: too large. */
static bool trailing_number(struct cursor *c, uint32_t *out)
{
	size_t before = c->at;

	*out = 0;
	separator(c);
	if (is_digit(peek(c)))
		return number(c, out);
	c->at = before;
	return true;
}

static bool release(struct cursor *c, struct vit_pep440 *v)
{
	uint32_t n;

	if (!number(c, &n))
		return false;
	if (peek(c) == '!') {
		v->epoch = n;
		c->at++;
		if (!number(c, &n))
			return false;
	}
	v->release[v->release_count++] = n;
	while (peek(c) == '.' && c->at + 1 < c->s.n && is_digit(c->s.p[c->at + 1])) {
		c->at++;
		if (v->release_count == VIT_PEP440_RELEASE_MAX || !number(c, &n))
			return false;
		v->release[v->release_count++] = n;
	}
	return true;
}

static bool pre_release(struct cursor *c, struct vit_pep440 *v)
{
	static const struct {
		const char *word;
		enum vit_pep440_pre pre;
	} words[] = {
		{ "alpha", VIT_PRE_ALPHA }, { "a", VIT_PRE_ALPHA },    { "beta", VIT_PRE_BETA },
		{ "b", VIT_PRE_BETA },      { "preview", VIT_PRE_RC }, { "pre", VIT_PRE_RC },
		{ "rc", VIT_PRE_RC },       { "c", VIT_PRE_RC },
	};
	size_t before = c->at;

	separator(c);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (word(c, words[i].word)) {
			v->pre = words[i].pre;
			return trailing_number(c, &v->pre_number);
		}
	}
	c->at = before;
	return true;
}

static bool post_release(struct cursor *c, struct vit_pep440 *v)
{
	size_t before = c->at;

	/* The implicit form, 1.0-1. */
	if (peek(c) == '-' && c->at + 1 < c->s.n && is_digit(c->s.p[c->at + 1])) {
		c->at++;
		v->has_post = true;
		return number(c, &v->post);
	}
	separator(c);
	if (word(c, "post") || word(c, "rev") || word(c, "r")) {
		v->has_post = true;
		return trailing_number(c, &v->post);
	}
	c->at = before;
	return true;
}

static bool dev_release(struct cursor *c, struct vit_pep440 *v)
{
	size_t before = c->at;

	separator(c);
	if (word(c, "dev")) {
		v->has_dev = true;
		return trailing_number(c, &v->dev);
	}
	c->at = before;
	return true;
}

/* Parts of letters and digits between separators. */
static bool local_part(struct cursor *c, struct vit_pep440 *v)
{
	size_t from;
	bool part = false;

	if (peek(c) != '+')
		return true;
	from = ++c->at;
	for (; c->at < c->s.n; c->at++) {
		char ch = peek(c);

		if (is_digit(ch) || (ch >= 'a' && ch <= 'z'))
			part = true;
		else if ((ch == '.' || ch == '-' || ch == '_') && part)
			part = false;
		else
			return false;
	}
	v->local = vit_str_sub(c->s, from, c->at);
	return part;
}

bool vit_pep440_parse(struct vit_str s, struct vit_pep440 *out)
{
	struct cursor c = { vit_str_trim(s), 0 };

	*out = (struct vit_pep440){ .local = VIT_STR_EMPTY };
	if (peek(&c) == 'v')
		c.at++;
	return release(&c, out) && pre_release(&c, out) && post_release(&c, out) &&
	       dev_release(&c, out) && local_part(&c, out) && c.at == c.s.n;
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static uint32_t release_at(const struct vit_pep440 *v, unsigned i)
{
	return i < v->release_count ? v->release[i] : 0;
}

static int compare_release(const struct vit_pep440 *a, const struct vit_pep440 *b, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		int order = compare(release_at(a, i), release_at(b, i));

		if (order)
			return order;
	}
	return 0;
}

/* 1.0.dev1 < 1.0a1 < 1.0: a rank for the kind, then the number. */
static int compare_pre(const struct vit_pep440 *a, const struct vit_pep440 *b)
{
	const struct vit_pep440 *both[2] = { a, b };
	unsigned rank[2];
	int order;

	for (int i = 0; i < 2; i++) {
		const struct vit_pep440 *v = both[i];

		if (v->pre == VIT_PRE_NONE)
			rank[i] = !v->has_post && v->has_dev ? 0 : 4;
		else
			rank[i] = (unsigned)v->pre;
	}
	order = compare(rank[0], rank[1]);
	return order ? order : compare(a->pre_number, b->pre_number);
}

static bool local_next(struct vit_str *rest, struct vit_str *part)
{
	size_t n = 0;

	if (rest->n == 0)
		return false;
	while (n < rest->n && !strchr(".-_", rest->p[n]))
		n++;
	*part = vit_str_sub(*rest, 0, n);
	*rest = vit_str_sub(*rest, n + 1, rest->n);
	return true;
}

/* Numbers above words, words without case, a longer list above its beginning. */
static int compare_local(struct vit_str a, struct vit_str b)
{
	struct vit_str x, y;
	bool more_a, more_b;

	for (;;) {
		struct cursor cx, cy;
		uint32_t nx, ny;
		bool dx, dy;

		more_a = local_next(&a, &x);
		more_b = local_next(&b, &y);
		if (!more_a || !more_b)
			return more_a - more_b;
		cx = (struct cursor){ x, 0 };
		cy = (struct cursor){ y, 0 };
		dx = number(&cx, &nx) && cx.at == x.n;
		dy = number(&cy, &ny) && cy.at == y.n;
		if (dx != dy)
			return dx ? 1 : -1;
		if (dx && nx != ny)
			return compare(nx, ny);
		if (!dx && !vit_str_ieq(x, y)) {
			cx.at = cy.at = 0;
			while (peek(&cx) == peek(&cy))
				cx.at++, cy.at++;
			return compare((unsigned char)peek(&cx), (unsigned char)peek(&cy));
		}
	}
}

static int compare_public(const struct vit_pep440 *a, const struct vit_pep440 *b)
{
	int order = compare(a->epoch, b->epoch);

	if (!order)
		order = compare_release(a, b, VIT_PEP440_RELEASE_MAX);
	if (!order)
		order = compare_pre(a, b);
	if (!order)
		order = compare(a->has_post ? (uint64_t)a->post + 1 : 0,
				b->has_post ? (uint64_t)b->post + 1 : 0);
	if (!order)
		order = compare(a->has_dev ? a->dev : UINT64_MAX, b->has_dev ? b->dev : UINT64_MAX);
	return order;
}

int vit_pep440_cmp(const struct vit_pep440 *a, const struct vit_pep440 *b)
{
	int order = compare_public(a, b);

	return order ? order : compare_local(a->local, b->local);
}

/* --- ranges ------------------------------------------------------------------- */

static bool is_prerelease(const struct vit_pep440 *v)
{
	return v->pre != VIT_PRE_NONE || v->has_dev;
}

enum op { OP_EQ, OP_NE, OP_LE, OP_GE, OP_LT, OP_GT, OP_COMPATIBLE, OP_EXACT };

struct clause {
	enum op op;
	bool prefix; /* "1.2.*" */
	struct vit_pep440 version;
	struct vit_str text; /* of the version, as written */
};

static bool parse_clause(struct vit_str s, struct clause *c)
{
	static const struct {
		const char *text;
		enum op op;
	} ops[] = {
		{ "===", OP_EXACT }, { "==", OP_EQ },         { "!=", OP_NE }, { "<=", OP_LE },
		{ ">=", OP_GE },     { "~=", OP_COMPATIBLE }, { "<", OP_LT },  { ">", OP_GT },
	};

	s = vit_str_trim(s);
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (!vit_str_starts(s, vit_str_c(ops[i].text)))
			continue;
		c->op = ops[i].op;
		c->text = vit_str_trim(vit_str_sub(s, strlen(ops[i].text), s.n));
		c->prefix = vit_str_ends(c->text, VIT_STR(".*"));
		if (c->op == OP_EXACT)
			return c->text.n > 0;
		if (c->prefix && c->op != OP_EQ && c->op != OP_NE)
			return false;
		if (!vit_pep440_parse(vit_str_sub(c->text, 0, c->text.n - (c->prefix ? 2 : 0)),
				      &c->version))
			return false;
		if (c->prefix &&
		    (is_prerelease(&c->version) || c->version.has_post || c->version.local.n))
			return false;
		if (c->version.local.n && c->op != OP_EQ && c->op != OP_NE)
			return false;
		return c->op != OP_COMPATIBLE || c->version.release_count > 1;
	}
	return false;
}

/* Are epoch and the first `count` numbers those of the clause? */
static bool same_beginning(const struct vit_pep440 *v, const struct vit_pep440 *want,
			   unsigned count)
{
	return v->epoch == want->epoch && compare_release(v, want, count) == 0;
}

static bool same_base(const struct vit_pep440 *a, const struct vit_pep440 *b)
{
	return same_beginning(a, b, VIT_PEP440_RELEASE_MAX);
}

static bool same_pre(const struct vit_pep440 *a, const struct vit_pep440 *b)
{
	return a->pre == b->pre && a->pre_number == b->pre_number;
}

static bool equals(const struct vit_pep440 *v, const struct clause *c)
{
	const struct vit_pep440 *w = &c->version;

	if (!c->prefix)
		return compare_public(v, w) == 0 &&
		       (!w->local.n || compare_local(v->local, w->local) == 0);
	return same_beginning(v, w, w->release_count);
}

static bool clause_matches(const struct vit_pep440 *v, const struct clause *c)
{
	const struct vit_pep440 *w = &c->version;
	struct vit_pep440 exact;

	switch (c->op) {
	case OP_EQ:
		return equals(v, c);
	case OP_NE:
		return !equals(v, c);
	case OP_LE:
		return compare_public(v, w) <= 0;
	case OP_GE:
		return compare_public(v, w) >= 0;
	case OP_LT:
		/* Below V's own pre-releases, too, unless V is one. */
		exact = *w;
		if (!is_prerelease(w)) {
			exact.has_dev = true;
			exact.dev = 0;
		}
		return compare_public(v, &exact) < 0;
	case OP_GT:
		/* No post-release of V, unless V is one. */
		return compare_public(v, w) > 0 &&
		       (w->has_post || w->has_dev || !same_base(v, w) || !same_pre(v, w));
	case OP_COMPATIBLE:
		return compare_public(v, w) >= 0 && same_beginning(v, w, w->release_count - 1);
	case OP_EXACT:
		return vit_pep440_parse(c->text, &exact) && vit_pep440_cmp(v, &exact) == 0;
	}
	return false;
}

bool vit_pep440_is_range(struct vit_str range)
{
	struct vit_str field;
	struct clause c;

	if (vit_str_trim(range).n == 0)
		return true;
	while (vit_str_split(&range, ',', &field))
		if (vit_str_trim(field).n && !parse_clause(field, &c))
			return false;
	return true;
}

bool vit_pep440_matches(const struct vit_pep440 *version, struct vit_str range)
{
	struct vit_str field;
	struct clause c;

	if (vit_str_trim(range).n == 0)
		return true;
	while (vit_str_split(&range, ',', &field)) {
		if (vit_str_trim(field).n == 0)
			continue;
		if (!parse_clause(field, &c) || !clause_matches(version, &c))
			return false;
	}
	return true;
}

bool vit_pep503_name(struct vit_str name, char *out, size_t size)
{
	size_t n = 0;
	bool gap = false;

	for (size_t i = 0; i < name.n; i++) {
		char c = (char)tolower((unsigned char)name.p[i]);

		if (c == '-' || c == '_' || c == '.') {
			gap = n > 0;
			continue;
		}
		if (!is_digit(c) && (c < 'a' || c > 'z'))
			return false;
		if (n + gap + 1 >= size)
			return false;
		if (gap)
			out[n++] = '-';
		gap = false;
		out[n++] = c;
	}
	if (n == 0 || size == 0)
		return false;
	out[n] = '\0';
	return true;
}
