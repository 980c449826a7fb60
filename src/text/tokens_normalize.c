/*
 * Normalizers: each reads one text and writes another. Unicode normalization is
 * done between ASCII characters only, which nothing before or behind them
 * changes, and orders long runs of marks in linear time.
 */
#include <stdlib.h>

#include "text/tokens_internal.h"
#include "text/tokens_unicode.h"

/* ---- Unicode forms --------------------------------------------------------------------- */

struct points {
	utf8proc_int32_t *items;
	size_t count, capacity;
};

static void make_points(struct points *p, size_t more)
{
	if (more <= p->capacity - p->count)
		return;
	p->capacity = 2 * p->capacity + more;
	p->items = vit_xrealloc(p->items, p->capacity * sizeof *p->items);
}

static unsigned combining(utf8proc_int32_t cp)
{
	unsigned class = (unsigned)utf8proc_get_property(cp)->combining_class;
	return class && vit_uc_new_mark((uint32_t)cp) ? 0 : class;
}

/* Marks [from, to) in the order of their classes, equal ones as they are. */
static void order(utf8proc_int32_t *cp, size_t n)
{
	size_t places[256] = { 0 };
	utf8proc_int32_t *sorted;

	if (n < 32) {
		for (size_t i = 1; i < n; i++) {
			utf8proc_int32_t x = cp[i];
			size_t k = i;
			for (; k && combining(cp[k - 1]) > combining(x); k--)
				cp[k] = cp[k - 1];
			cp[k] = x;
		}
		return;
	}
	sorted = vit_xmalloc(n * sizeof *sorted);
	for (size_t i = 0; i < n; i++)
		places[combining(cp[i]) & 255]++;
	for (size_t c = 0, at = 0; c < 256; c++) {
		size_t here = places[c];
		places[c] = at;
		at += here;
	}
	for (size_t i = 0; i < n; i++)
		sorted[places[combining(cp[i]) & 255]++] = cp[i];
	memcpy(cp, sorted, n * sizeof *cp);
	free(sorted);
}

static void order_all(struct points *p)
{
	for (size_t i = 0; i < p->count;) {
		size_t end = i;
		while (end < p->count && combining(p->items[end]))
			end++;
		if (end > i + 1)
			order(p->items + i, end - i);
		i = end + (end == i);
	}
}

static void decompose(struct points *p, struct vit_str text, utf8proc_option_t options)
{
	size_t n;
	int boundary = 0;

	p->count = 0;
	for (size_t at = 0; at < text.n; at += n) {
		uint32_t cp = vit_uc_at(text.p + at, &n);
		make_points(p, 32);
		if (vit_uc_new_decomposition(cp)) {
			p->items[p->count++] = (utf8proc_int32_t)cp;
			continue;
		}
		utf8proc_ssize_t got = utf8proc_decompose_char((utf8proc_int32_t)cp,
							       p->items + p->count, 32, options,
							       &boundary);
		p->count += got > 0 && got <= 32 ? (size_t)got : 0;
	}
}

/* A part that may change, to `out`. */
static void form_part(struct points *p, struct vit_str text, bool compat, bool compose,
		      struct vit_buf *out)
{
	utf8proc_option_t options = compat ? UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE
					   : UTF8PROC_DECOMPOSE;

	decompose(p, text, options);
	order_all(p);
	if (compose) {
		utf8proc_ssize_t n = utf8proc_normalize_utf32(p->items, (utf8proc_ssize_t)p->count,
							      UTF8PROC_COMPOSE | UTF8PROC_STABLE);
		p->count = n > 0 ? (size_t)n : 0;
	}
	for (size_t i = 0; i < p->count; i++)
		vit_uc_put(out, (uint32_t)p->items[i]);
}

static size_t ascii_run(struct vit_str text, size_t at)
{
	uint64_t eight;

	for (; at + 8 <= text.n; at += 8) {
		memcpy(&eight, text.p + at, 8);
		if (eight & 0x8080808080808080u)
			break;
	}
	while (at < text.n && (unsigned char)text.p[at] < 0x80)
		at++;
	return at;
}

static void form(struct vit_str text, bool compat, bool compose, struct vit_buf *out)
{
	struct points p = { 0 };
	size_t at = 0;

	while (at < text.n) {
		size_t end = ascii_run(text, at), from;
		/* The last ASCII character may take a mark. */
		from = end < text.n && end > at ? end - 1 : end;
		vit_buf_add(out, text.p + at, from - at);
		at = from;
		if (at == text.n)
			break;
		while (end < text.n && (unsigned char)text.p[end] >= 0x80)
			end++;
		form_part(&p, vit_str_sub(text, at, end), compat, compose, out);
		at = end;
	}
	free(p.items);
}

/* ---- by characters ------------------------------------------------------------------------ */

#define DROP UINT32_MAX

static void put_lower(struct vit_buf *out, uint32_t cp)
{
	/* The one character whose lower case is two (SpecialCasing.txt, unconditional). */
	if (cp == 0x130) {
		vit_buf_puts(out, "i\xcc\x87");
		return;
	}
	vit_uc_put(out, (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp));
}

static bool is_chinese(uint32_t c)
{
	return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) ||
	       (c >= 0x20000 && c <= 0x2a6df) || (c >= 0x2a700 && c <= 0x2b73f) ||
	       (c >= 0x2b740 && c <= 0x2b81f) || (c >= 0x2b920 && c <= 0x2ceaf) ||
	       (c >= 0xf900 && c <= 0xfaff) || (c >= 0x2f800 && c <= 0x2fa1f);
}

static uint32_t nmt(uint32_t c)
{
	if ((c >= 1 && c <= 8) || c == 0x0b || (c >= 0x0e && c <= 0x1f) || c == 0x7f || c == 0x8f ||
	    c == 0x9f)
		return DROP;
	if (c == '\t' || c == '\n' || c == 0x0c || c == '\r' || c == 0x1680 ||
	    (c >= 0x200b && c <= 0x200f) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
	    c == 0xfeff || c == 0xfffd)
		return ' ';
	return c;
}

static uint32_t clean(uint32_t c)
{
	if (c == '\t' || c == '\n' || c == '\r')
		return ' ';
	if (c == 0 || c == 0xfffd || vit_uc_is_other(c))
		return DROP;
	return vit_uc_is_space(c) ? ' ' : c;
}

static uint32_t without_mark(uint32_t c)
{
	return vit_uc_is_mark(c) ? DROP : c;
}

static uint32_t without_accent(uint32_t c)
{
	return vit_uc_is_nonspacing(c) ? DROP : c;
}

/* Each character through `f`. True when the first one was dropped. */
static bool each(struct vit_str text, uint32_t (*f)(uint32_t), struct vit_buf *out)
{
	bool head = false;
	size_t n;

	for (size_t at = 0; at < text.n; at += n) {
		uint32_t c = f(vit_uc_at(text.p + at, &n));
		if (c < 0x80)
			vit_buf_putc(out, (char)c);
		else if (c != DROP)
			vit_uc_put(out, c);
		else
			head |= at == 0;
	}
	return head;
}

static void lowercase(struct vit_str text, struct vit_buf *out)
{
	size_t n;

	for (size_t at = 0; at < text.n; at += n) {
		size_t end = ascii_run(text, at);
		if (end > at && vit_buf_reserve(out, end - at)) {
			for (; at < end; at++) {
				char c = text.p[at];
				out->p[out->n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
			}
			out->p[out->n] = 0;
		}
		if (at >= text.n)
			break;
		put_lower(out, vit_uc_at(text.p + at, &n));
	}
}

static void space_chinese(struct vit_str text, struct vit_buf *out)
{
	size_t n;

	for (size_t at = 0; at < text.n; at += n) {
		uint32_t c = vit_uc_at(text.p + at, &n);
		bool chinese = is_chinese(c);
		if (chinese)
			vit_buf_putc(out, ' ');
		vit_buf_add(out, text.p + at, n);
		if (chinese)
			vit_buf_putc(out, ' ');
	}
}

/* ---- steps ------------------------------------------------------------------------------------ */

/* The two buffers, by turns: one stage's output is the next one's input. */
struct stages {
	struct vit_encoder *e;
	struct vit_str text;
	bool in_a; /* text is in norm_a */
};

static struct vit_buf *begin(struct stages *s)
{
	struct vit_buf *out = s->in_a ? &s->e->norm_b : &s->e->norm_a;
	vit_buf_clear(out);
	return out;
}

static void end(struct stages *s, struct vit_buf *out)
{
	s->in_a = out == &s->e->norm_a;
	s->text = vit_buf_view(out);
}

static void stage_each(struct stages *s, uint32_t (*f)(uint32_t))
{
	struct vit_buf *out = begin(s);
	s->e->head_gone |= each(s->text, f, out);
	end(s, out);
}

static void stage(struct stages *s, void (*f)(struct vit_str, struct vit_buf *))
{
	struct vit_buf *out = begin(s);
	f(s->text, out);
	end(s, out);
}

static bool is_ascii(const struct stages *s)
{
	return ascii_run(s->text, 0) == s->text.n;
}

static void stage_form(struct stages *s, bool compat, bool compose)
{
	if (is_ascii(s))
		return;
	struct vit_buf *out = begin(s);
	form(s->text, compat, compose, out);
	end(s, out);
}

static void bert(struct stages *s, const struct vit_step *step)
{
	if (step->clean)
		stage_each(s, clean);
	if (step->chinese && !is_ascii(s))
		stage(s, space_chinese);
	if (step->accents && !is_ascii(s)) {
		stage_form(s, false, false);
		stage_each(s, without_accent);
	}
	if (step->lower)
		stage(s, lowercase);
}

static void strip(struct stages *s, const struct vit_step *step)
{
	size_t from = step->left ? vit_uc_space_after(s->text, 0) : 0;
	size_t to = step->right ? vit_uc_space_before(s->text, s->text.n) : s->text.n;

	s->e->head_gone |= from > 0;
	s->text = from < to ? vit_str_sub(s->text, from, to) : VIT_STR_EMPTY;
}

static void replace_literal(struct stages *s, const struct vit_step *step)
{
	struct vit_buf *out = NULL;
	size_t at = 0, found;

	while ((found = vit_str_find(s->text, step->literal, at)) != SIZE_MAX) {
		out = out ? out : begin(s);
		s->e->head_gone |= found == 0 && step->content.n == 0;
		vit_buf_add(out, s->text.p + at, found - at);
		vit_buf_str(out, step->content);
		at = found + step->literal.n;
	}
	if (!out)
		return;
	vit_buf_add(out, s->text.p + at, s->text.n - at);
	end(s, out);
}

static bool replace_pattern(struct stages *s, const struct vit_step *step)
{
	struct vit_regex_iter it = { 0 };
	struct vit_buf *out = begin(s);
	size_t at = 0, from, to;
	int more;

	if (!s->text.n)
		return true;
	while ((more = vit_regex_next(step->regex, s->e->regex, s->text, &it, &from, &to,
				      &s->e->err)) > 0) {
		s->e->head_gone |= from == 0 && to > 0 && step->content.n == 0;
		vit_buf_add(out, s->text.p + at, from - at);
		vit_buf_str(out, step->content);
		at = to;
	}
	vit_buf_add(out, s->text.p + at, s->text.n - at);
	end(s, out);
	return more == 0;
}

static void prepend(struct stages *s, const struct vit_step *step)
{
	if (!s->text.n)
		return;
	struct vit_buf *out = begin(s);
	vit_buf_str(out, step->content);
	vit_buf_str(out, s->text);
	end(s, out);
}

static void byte_level(struct vit_str text, struct vit_buf *out)
{
	char stands[2];

	for (size_t i = 0; i < text.n; i++)
		vit_buf_add(out, stands, vit_byte_char((unsigned char)text.p[i], stands));
}

static void precompiled(struct stages *s, const struct vit_step *step)
{
	struct vit_buf *out = begin(s);
	vit_charsmap_apply(step->charsmap, s->text, out);
	s->e->head_gone |= s->text.n && !out->n;
	end(s, out);
}

static bool apply(struct stages *s, const struct vit_step *step)
{
	switch (step->kind) {
	case VIT_NORM_BERT:
		bert(s, step);
		break;
	case VIT_NORM_STRIP:
		strip(s, step);
		break;
	case VIT_NORM_STRIP_ACCENTS:
		if (!is_ascii(s))
			stage_each(s, without_mark);
		break;
	case VIT_NORM_NFC:
	case VIT_NORM_NFD:
	case VIT_NORM_NFKC:
	case VIT_NORM_NFKD:
		stage_form(s, step->kind == VIT_NORM_NFKC || step->kind == VIT_NORM_NFKD,
			   step->kind == VIT_NORM_NFC || step->kind == VIT_NORM_NFKC);
		break;
	case VIT_NORM_LOWERCASE:
		stage(s, lowercase);
		break;
	case VIT_NORM_NMT:
		stage_each(s, nmt);
		break;
	case VIT_NORM_PRECOMPILED:
		precompiled(s, step);
		break;
	case VIT_NORM_REPLACE:
		if (step->regex)
			return replace_pattern(s, step);
		replace_literal(s, step);
		break;
	case VIT_NORM_PREPEND:
		prepend(s, step);
		break;
	case VIT_NORM_BYTE_LEVEL:
		stage(s, byte_level);
		break;
	case VIT_PRE_BERT:
	case VIT_PRE_BYTE_LEVEL:
	case VIT_PRE_DELIMITER:
	case VIT_PRE_METASPACE:
	case VIT_PRE_WHITESPACE:
	case VIT_PRE_WHITESPACE_SPLIT:
	case VIT_PRE_SPLIT:
	case VIT_PRE_PUNCTUATION:
	case VIT_PRE_DIGITS:
	case VIT_PRE_SCRIPTS:
	case VIT_PRE_FIXED_LENGTH:
	case VIT_POST_BYTE_LEVEL:
	case VIT_POST_BERT:
	case VIT_POST_TEMPLATE:
	case VIT_STEP_SEQUENCE:
	case VIT_STEP_UNKNOWN:
		break;
	}
	return true;
}

bool vit_tokens_normalize(struct vit_encoder *e, struct vit_str text, struct vit_str *out)
{
	struct stages s = { .e = e, .text = text };

	for (size_t i = 0; i < e->t->normalizers.count; i++) {
		if (!apply(&s, &e->t->normalizers.items[i]))
			return false;
		if (e->norm_a.full || e->norm_b.full) {
			vit_err_set(&e->err, VIT_E_LIMIT, "a text grows too long when normalized");
			return false;
		}
	}
	*out = s.text;
	return true;
}
