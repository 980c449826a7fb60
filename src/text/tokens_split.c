/*
 * Pre-tokenizers: a piece of text to words. Each step makes of a list of spans
 * another; steps that change the text write it anew.
 */
#include <stdlib.h>

#include "text/tokens_internal.h"
#include "text/tokens_unicode.h"

static struct vit_span *add_span(struct vit_spans *s)
{
	if (s->count == s->capacity) {
		s->capacity = s->capacity ? s->capacity * 2 : 256;
		s->items = vit_xrealloc(s->items, s->capacity * sizeof *s->items);
	}
	return &s->items[s->count++];
}

/* ---- one pattern over the whole piece: no lists -------------------------------------------- */

static bool scan_words(struct vit_encoder *e, struct vit_str text)
{
	while (text.n) {
		size_t n = vit_scan_word(e->t->scan, text);
		if (!vit_tokens_word(e, (struct vit_str){ text.p, n }))
			return false;
		text.p += n;
		text.n -= n;
	}
	return true;
}

static bool regex_words(struct vit_encoder *e, struct vit_str text)
{
	struct vit_regex_iter it = { 0 };
	size_t at = 0, from, to;
	int more;

	while ((more = vit_regex_next(e->t->only_regex, e->regex, text, &it, &from, &to,
				      &e->err)) > 0) {
		if (!vit_tokens_word(e, vit_str_sub(text, at, from)) ||
		    !vit_tokens_word(e, vit_str_sub(text, from, to)))
			return false;
		at = to;
	}
	return more == 0 && vit_tokens_word(e, vit_str_sub(text, at, text.n));
}

/* ---- what is matched and what is between ---------------------------------------------------- */

struct cutter {
	struct vit_encoder *e;
	struct vit_str base;      /* what spans point into */
	const struct vit_span *in;
};

/* The parts of a span, in order: `first` says here whether it is a match. */
static void add_part(struct cutter *c, size_t from, size_t to, bool match)
{
	*add_span(&c->e->pieces) = (struct vit_span){ from, to - from, match };
}

static void keep(struct cutter *c, size_t from, size_t to)
{
	if (from < to)
		*add_span(&c->e->next) = (struct vit_span){ c->in->at + from, to - from,
							    c->in->first && from == 0 };
}

/* Parts to spans as the reference folds them. */
static void fold(struct cutter *c, enum vit_behavior behavior, bool invert)
{
	const struct vit_spans *parts = &c->e->pieces;
	bool before = false;
	size_t from = 0, to = 0;
	bool open = false;

	if (behavior == VIT_SPLIT_MERGED_WITH_NEXT) {
		/* From behind: a match joins what follows it, unless that is a match. */
		size_t begin = c->e->next.count;
		for (size_t i = parts->count; i-- > 0;) {
			const struct vit_span *p = &parts->items[i];
			bool match = p->first != invert;
			if (open && match && !before) {
				from = p->at;
			} else {
				if (open)
					keep(c, from, to);
				from = p->at;
				to = p->at + p->n;
				open = true;
			}
			before = match;
		}
		if (open)
			keep(c, from, to);
		for (size_t i = begin, k = c->e->next.count; i + 1 < k; i++, k--) {
			struct vit_span swap = c->e->next.items[i];
			c->e->next.items[i] = c->e->next.items[k - 1];
			c->e->next.items[k - 1] = swap;
		}
		return;
	}
	for (size_t i = 0; i < parts->count; i++) {
		const struct vit_span *p = &parts->items[i];
		bool match = p->first != invert, join = false;
		if (behavior == VIT_SPLIT_CONTIGUOUS)
			join = match == before;
		else if (behavior == VIT_SPLIT_MERGED_WITH_PREVIOUS)
			join = match && !before;
		before = match;
		if (join && open) {
			to = p->at + p->n;
			continue;
		}
		if (open)
			keep(c, from, to);
		open = behavior != VIT_SPLIT_REMOVED || !match;
		from = p->at;
		to = p->at + p->n;
	}
	if (open)
		keep(c, from, to);
}

static void parts_by(struct cutter *c, struct vit_str text, bool (*is)(uint32_t, uint32_t),
		     uint32_t arg)
{
	size_t at = 0, n;

	for (size_t i = 0; i < text.n; i += n) {
		if (!is(vit_uc_at(text.p + i, &n), arg))
			continue;
		if (at < i)
			add_part(c, at, i, false);
		add_part(c, i, i + n, true);
		at = i + n;
	}
	if (at < text.n)
		add_part(c, at, text.n, false);
}

static bool parts_by_pattern(struct cutter *c, struct vit_str text, const struct vit_step *step)
{
	struct vit_regex_iter it = { 0 };
	size_t at = 0, from, to;
	int more;

	while ((more = vit_regex_next(step->regex, c->e->regex, text, &it, &from, &to,
				      &c->e->err)) > 0) {
		if (at != from)
			add_part(c, at, from, false);
		add_part(c, from, to, true);
		at = to;
	}
	if (at != text.n)
		add_part(c, at, text.n, false);
	return more == 0;
}

static void parts_by_literal(struct cutter *c, struct vit_str text, struct vit_str literal)
{
	size_t at = 0, found;

	while ((found = vit_str_find(text, literal, at)) != SIZE_MAX) {
		if (at < found)
			add_part(c, at, found, false);
		add_part(c, found, found + literal.n, true);
		at = found + literal.n;
	}
	if (at < text.n)
		add_part(c, at, text.n, false);
}

static void parts_by_scan(struct cutter *c, struct vit_str text, enum vit_scan_kind scan)
{
	for (size_t at = 0, n; at < text.n; at += n) {
		n = vit_scan_word(scan, vit_str_sub(text, at, text.n));
		add_part(c, at, at + n, true);
	}
}

static bool is_point(uint32_t c, uint32_t arg)
{
	return c == arg;
}

static bool is_space(uint32_t c, uint32_t arg)
{
	(void)arg;
	return vit_uc_is_space(c);
}

static bool is_punctuation(uint32_t c, uint32_t arg)
{
	(void)arg;
	return vit_uc_is_punctuation(c);
}

static bool is_number(uint32_t c, uint32_t arg)
{
	(void)arg;
	return (vit_uc_class(c) & VIT_UC_NUMBER) != 0;
}

/* "\w+|[^\w\s]+": runs of words and of signs. */
static void whitespace(struct cutter *c, struct vit_str text)
{
	size_t n, from = 0;
	int before = 0;

	for (size_t at = 0; at < text.n; at += n) {
		uint32_t cp = vit_uc_at(text.p + at, &n);
		int kind = vit_uc_is_word(cp) ? 1 : vit_uc_is_space(cp) ? 0 : 2;
		if (kind == before)
			continue;
		if (before)
			keep(c, from, at);
		from = at;
		before = kind;
	}
	if (before)
		keep(c, from, text.n);
}

static void fixed_length(struct cutter *c, struct vit_str text, uint64_t length)
{
	size_t n, from = 0;
	uint64_t count = 0;

	for (size_t at = 0; at < text.n; at += n) {
		vit_uc_at(text.p + at, &n);
		if (++count < length)
			continue;
		keep(c, from, at + n);
		from = at + n;
		count = 0;
	}
	keep(c, from, text.n);
}

/* One span through one step, without changing the text. False: e->err. */
static bool cut(struct cutter *c, const struct vit_step *step)
{
	struct vit_str text = { c->base.p + c->in->at, c->in->n };
	enum vit_behavior behavior = step->behavior;
	uint32_t point;
	size_t n;

	c->e->pieces.count = 0;
	switch (step->kind) {
	case VIT_PRE_SPLIT:
		if (step->scan)
			parts_by_scan(c, text, step->scan);
		else if (!step->regex)
			parts_by_literal(c, text, step->literal);
		else if (!parts_by_pattern(c, text, step))
			return false;
		break;
	case VIT_PRE_BYTE_LEVEL:
		parts_by_scan(c, text, VIT_SCAN_GPT2);
		behavior = VIT_SPLIT_ISOLATED;
		break;
	case VIT_PRE_PUNCTUATION:
		parts_by(c, text, is_punctuation, 0);
		break;
	case VIT_PRE_DIGITS:
		parts_by(c, text, is_number, 0);
		behavior = step->individual ? VIT_SPLIT_ISOLATED : VIT_SPLIT_CONTIGUOUS;
		break;
	case VIT_PRE_WHITESPACE_SPLIT:
	case VIT_PRE_BERT: /* its punctuation is a step of its own */
		parts_by(c, text, is_space, 0);
		behavior = VIT_SPLIT_REMOVED;
		break;
	case VIT_PRE_DELIMITER:
		point = vit_uc_at(step->content.p, &n);
		parts_by(c, text, is_point, point);
		behavior = VIT_SPLIT_REMOVED;
		break;
	case VIT_PRE_METASPACE:
		point = vit_uc_at(step->content.p, &n);
		parts_by(c, text, is_point, point);
		behavior = VIT_SPLIT_MERGED_WITH_NEXT;
		break;
	case VIT_PRE_WHITESPACE:
		whitespace(c, text);
		return true;
	case VIT_PRE_FIXED_LENGTH:
		fixed_length(c, text, step->length);
		return true;
	case VIT_PRE_SCRIPTS:
	case VIT_NORM_BERT:
	case VIT_NORM_STRIP:
	case VIT_NORM_STRIP_ACCENTS:
	case VIT_NORM_NFC:
	case VIT_NORM_NFD:
	case VIT_NORM_NFKC:
	case VIT_NORM_NFKD:
	case VIT_NORM_LOWERCASE:
	case VIT_NORM_NMT:
	case VIT_NORM_PRECOMPILED:
	case VIT_NORM_REPLACE:
	case VIT_NORM_PREPEND:
	case VIT_NORM_BYTE_LEVEL:
	case VIT_POST_BYTE_LEVEL:
	case VIT_POST_BERT:
	case VIT_POST_TEMPLATE:
	case VIT_STEP_SEQUENCE:
	case VIT_STEP_UNKNOWN:
		keep(c, 0, text.n);
		return true;
	}
	fold(c, behavior, step->kind == VIT_PRE_SPLIT && step->invert);
	return true;
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* The spans of a piece as the steps make them. */
struct words {
	struct vit_encoder *e;
	struct vit_str base;
	bool in_a;
};

static bool cut_all(struct words *w, const struct vit_step *step)
{
	struct vit_encoder *e = w->e;

	e->next.count = 0;
	for (size_t i = 0; i < e->spans.count; i++) {
		struct cutter c = { e, w->base, &e->spans.items[i] };
		if (!cut(&c, step))
			return false;
	}
	struct vit_spans swap = e->spans;
	e->spans = e->next;
	e->next = swap;
	return true;
}

/* Writes every span anew through `f`, which appends to the buffer. */
static bool rewrite(struct words *w, const struct vit_step *step,
		    void (*f)(const struct vit_step *, struct vit_str, bool, struct vit_buf *))
{
	struct vit_encoder *e = w->e;
	struct vit_buf *out = w->in_a ? &e->word_b : &e->word_a;

	vit_buf_clear(out);
	for (size_t i = 0; i < e->spans.count; i++) {
		struct vit_span *s = &e->spans.items[i];
		size_t at = out->n;
		f(step, (struct vit_str){ w->base.p + s->at, s->n }, s->first, out);
		s->at = at;
		s->n = out->n - at;
	}
	if (out->full) {
		vit_err_set(&e->err, VIT_E_LIMIT, "a text grows too long when split");
		return false;
	}
	w->base = vit_buf_view(out);
	w->in_a = !w->in_a;
	return true;
}

static void with_prefix_space(const struct vit_step *step, struct vit_str text, bool first,
			      struct vit_buf *out)
{
	(void)step;
	(void)first;
	if (text.p[0] != ' ')
		vit_buf_putc(out, ' ');
	vit_buf_str(out, text);
}

static void as_byte_chars(const struct vit_step *step, struct vit_str text, bool first,
			  struct vit_buf *out)
{
	char stands[2];

	(void)step;
	(void)first;
	for (size_t i = 0; i < text.n; i++)
		vit_buf_add(out, stands, vit_byte_char((unsigned char)text.p[i], stands));
}

static void with_marker(const struct vit_step *step, struct vit_str text, bool first,
			struct vit_buf *out)
{
	struct vit_str marker = step->content;
	bool add = step->prepend == VIT_PREPEND_ALWAYS ||
		   (step->prepend == VIT_PREPEND_FIRST && first);

	if (add && text.p[0] != ' ' && !vit_str_starts(text, marker))
		vit_buf_str(out, marker);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == ' ')
			vit_buf_str(out, marker);
		else
			vit_buf_putc(out, text.p[i]);
	}
}

static bool byte_level(struct words *w, const struct vit_step *step, bool last)
{
	if (step->prefix_space && !rewrite(w, step, with_prefix_space))
		return false;
	if (step->use_regex && !cut_all(w, step))
		return false;
	/* At the end the model takes the bytes as they are. */
	return (last && w->e->t->byte_mode) || rewrite(w, step, as_byte_chars);
}

static bool apply(struct words *w, const struct vit_step *step, bool last)
{
	static const struct vit_step punctuation = { .kind = VIT_PRE_PUNCTUATION,
						     .behavior = VIT_SPLIT_ISOLATED };

	if (step->kind == VIT_PRE_BYTE_LEVEL)
		return byte_level(w, step, last);
	if (step->kind == VIT_PRE_METASPACE)
		return rewrite(w, step, with_marker) && (!step->split || cut_all(w, step));
	return cut_all(w, step) && (step->kind != VIT_PRE_BERT || cut_all(w, &punctuation));
}

/* A word; cut where no merge reaches over, so that the cache knows its parts. */
static bool emit(struct vit_encoder *e, struct vit_str word)
{
	static const char marker[] = "\xe2\x96\x81";
	size_t at = 0, i = 0;

	if (!e->t->cut_at_marker)
		return vit_tokens_word(e, word);
	while (i < word.n) {
		while (word.n - i >= 3 && memcmp(word.p + i, marker, 3) == 0)
			i += 3;
		while (i < word.n && (word.n - i < 3 || memcmp(word.p + i, marker, 3) != 0))
			i++;
		if (!vit_tokens_word(e, vit_str_sub(word, at, i)))
			return false;
		at = i;
	}
	return true;
}

bool vit_tokens_split(struct vit_encoder *e, struct vit_str text, bool first)
{
	const struct vit_tokens *t = e->t;
	struct words w = { .e = e, .base = text };

	if (!text.n)
		return true;
	if (t->scan)
		return scan_words(e, text);
	if (t->only_regex)
		return regex_words(e, text);
	if (!t->pre.count)
		return emit(e, text);
	e->spans.count = 0;
	*add_span(&e->spans) = (struct vit_span){ 0, text.n, first };
	for (size_t i = 0; i < t->pre.count; i++) {
		if (!apply(&w, &t->pre.items[i], i + 1 == t->pre.count))
			return false;
	}
	for (size_t i = 0; i < e->spans.count; i++) {
		struct vit_str word = { w.base.p + e->spans.items[i].at, e->spans.items[i].n };
		if (!emit(e, word))
			return false;
	}
	return true;
}
