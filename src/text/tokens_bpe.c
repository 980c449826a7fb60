/*
 * Byte pair encoding of one word: the pair that was learned first is merged,
 * the leftmost of equal ones, until none is left.
 *
 * Short words look over all pairs each time; long ones keep them in a heap, so
 * that a megabyte without a space costs n log n.
 */
#include <stdlib.h>

#include "text/tokens_internal.h"
#include "text/tokens_unicode.h"

#define SHORT 48 /* symbols */
#define NOWHERE UINT32_MAX

struct node {
	uint32_t symbol, prev, next;
};

struct candidate {
	uint32_t rank, at, left, right;
};

struct vit_bpe_scratch {
	struct node *nodes;
	size_t count, capacity;
	struct candidate *heap;
	size_t heap_count, heap_capacity;
	struct vit_buf text; /* a character with its prefix and suffix */
};

struct vit_bpe_scratch *vit_bpe_scratch_new(void)
{
	struct vit_bpe_scratch *s = vit_xcalloc(1, sizeof *s);

	vit_buf_init(&s->text, 16u << 20);
	return s;
}

void vit_bpe_scratch_free(struct vit_bpe_scratch *s)
{
	if (!s)
		return;
	free(s->nodes);
	free(s->heap);
	vit_buf_release(&s->text);
	free(s);
}

static void add_symbol(struct vit_bpe_scratch *s, uint32_t symbol)
{
	if (s->count == s->capacity) {
		s->capacity = s->capacity ? s->capacity * 2 : 256;
		s->nodes = vit_xrealloc(s->nodes, s->capacity * sizeof *s->nodes);
	}
	s->nodes[s->count++].symbol = symbol;
}

/* ---- the characters of a word ------------------------------------------------ */

/* The symbol of one character with what the model puts around it. */
static uint32_t char_symbol(const struct vit_tokens *t, struct vit_bpe_scratch *s,
			    struct vit_str c, bool first, bool last, struct vit_str *text)
{
	*text = c;
	if ((first || !t->subword_prefix.n) && (!last || !t->word_suffix.n))
		return vit_vocab_find(&t->vocab, c);
	vit_buf_clear(&s->text);
	if (!first)
		vit_buf_str(&s->text, t->subword_prefix);
	vit_buf_str(&s->text, c);
	if (last)
		vit_buf_str(&s->text, t->word_suffix);
	*text = vit_buf_view(&s->text);
	return vit_vocab_find(&t->vocab, *text);
}

static bool add_bytes(const struct vit_tokens *t, struct vit_bpe_scratch *s, struct vit_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (t->fallback[(unsigned char)text.p[i]] == VIT_NO_SYMBOL)
			return false;
	}
	for (size_t i = 0; i < text.n; i++)
		add_symbol(s, t->fallback[(unsigned char)text.p[i]]);
	return true;
}

/* False: e->err. As the reference, bytes that stand for a character do not end
 * a run of unknown ones. */
static bool symbols(struct vit_encoder *e, struct vit_str word)
{
	const struct vit_tokens *t = e->t;
	struct vit_bpe_scratch *s = e->bpe;
	bool pending = false;
	size_t n;

	for (size_t at = 0; at < word.n; at += n) {
		char stands[2];
		struct vit_str c, text;
		if (t->byte_mode) {
			n = 1;
			c = (struct vit_str){ stands,
					      vit_byte_char((unsigned char)word.p[at], stands) };
		} else {
			vit_uc_at(word.p + at, &n);
			c = (struct vit_str){ word.p + at, n };
		}
		uint32_t symbol = char_symbol(t, s, c, at == 0, at + n == word.n, &text);
		if (symbol != VIT_NO_SYMBOL) {
			if (pending)
				add_symbol(s, t->unk);
			pending = false;
			add_symbol(s, symbol);
			continue;
		}
		if (t->byte_fallback && add_bytes(t, s, text))
			continue;
		if (!t->unk_text.p)
			continue;
		if (t->unk == VIT_NO_SYMBOL) {
			vit_err_set(&e->err, VIT_E_UNSUPPORTED,
				    "the unknown token is not in the vocabulary");
			return false;
		}
		if (pending && !t->fuse_unk)
			add_symbol(s, t->unk);
		pending = true;
	}
	if (pending)
		add_symbol(s, t->unk);
	return true;
}

/* ---- merging ------------------------------------------------------------------- */

/* The pairs of a short word: pair i is of symbols i and i + 1. */
struct pairs {
	uint32_t rank[SHORT], result[SHORT];
};

static void look_up(const struct vit_tokens *t, const uint32_t *symbol, struct pairs *p, size_t i)
{
	const struct vit_merge *m = vit_merges_find(&t->merges, symbol[i], symbol[i + 1]);

	p->rank[i] = m ? m->rank : UINT32_MAX;
	p->result[i] = m ? m->result : 0;
}

static void merge_short(const struct vit_tokens *t, uint32_t *symbol, size_t *count)
{
	struct pairs p;
	size_t n = *count;

	for (size_t i = 0; i + 1 < n; i++)
		look_up(t, symbol, &p, i);
	while (n > 1) {
		size_t best = n;
		uint32_t least = UINT32_MAX;
		for (size_t i = 0; i + 1 < n; i++) {
			if (p.rank[i] < least) {
				least = p.rank[i];
				best = i;
			}
		}
		if (best == n)
			break;
		symbol[best] = p.result[best];
		n--;
		for (size_t i = best + 1; i < n; i++)
			symbol[i] = symbol[i + 1];
		for (size_t i = best + 1; i + 1 < n; i++) {
			p.rank[i] = p.rank[i + 1];
			p.result[i] = p.result[i + 1];
		}
		if (best + 1 < n)
			look_up(t, symbol, &p, best);
		if (best)
			look_up(t, symbol, &p, best - 1);
	}
	*count = n;
}

static bool before(const struct candidate *a, const struct candidate *b)
{
	return a->rank < b->rank || (a->rank == b->rank && a->at < b->at);
}

static void push(struct vit_bpe_scratch *s, struct candidate c)
{
	if (s->heap_count == s->heap_capacity) {
		s->heap_capacity = s->heap_capacity ? s->heap_capacity * 2 : 256;
		s->heap = vit_xrealloc(s->heap, s->heap_capacity * sizeof *s->heap);
	}
	size_t i = s->heap_count++;
	while (i && before(&c, &s->heap[(i - 1) / 2])) {
		s->heap[i] = s->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	s->heap[i] = c;
}

static struct candidate pop(struct vit_bpe_scratch *s)
{
	struct candidate top = s->heap[0], last = s->heap[--s->heap_count];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;
		if (child >= s->heap_count)
			break;
		if (child + 1 < s->heap_count && before(&s->heap[child + 1], &s->heap[child]))
			child++;
		if (!before(&s->heap[child], &last))
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	s->heap[i] = last;
	return top;
}

/* The pair that begins at node `at`, if it can be merged. */
static void offer(const struct vit_tokens *t, struct vit_bpe_scratch *s, uint32_t at)
{
	uint32_t next = at == NOWHERE ? NOWHERE : s->nodes[at].next;

	if (next == NOWHERE)
		return;
	uint32_t left = s->nodes[at].symbol, right = s->nodes[next].symbol;
	const struct vit_merge *m = vit_merges_find(&t->merges, left, right);
	if (m)
		push(s, (struct candidate){ m->rank, at, left, right });
}

static void merge_long(const struct vit_tokens *t, struct vit_bpe_scratch *s)
{
	struct node *nodes = s->nodes;

	for (size_t i = 0; i < s->count; i++) {
		nodes[i].prev = i ? (uint32_t)i - 1 : NOWHERE;
		nodes[i].next = i + 1 < s->count ? (uint32_t)i + 1 : NOWHERE;
	}
	s->heap_count = 0;
	for (size_t i = 0; i + 1 < s->count; i++)
		offer(t, s, (uint32_t)i);
	while (s->heap_count) {
		struct candidate c = pop(s);
		struct node *left = &nodes[c.at];
		/* What the pair was made of may have been merged meanwhile. */
		if (left->symbol != c.left || left->next == NOWHERE ||
		    nodes[left->next].symbol != c.right)
			continue;
		const struct vit_merge *m = vit_merges_find(&t->merges, c.left, c.right);
		struct node *right = &nodes[left->next];
		left->symbol = m->result;
		right->symbol = VIT_NO_SYMBOL;
		left->next = right->next;
		if (right->next != NOWHERE)
			nodes[right->next].prev = c.at;
		offer(t, s, c.at);
		offer(t, s, left->prev);
	}
}

/* What is left, as ids. */
static void finish(struct vit_encoder *e, const uint32_t *symbol, size_t count)
{
	for (size_t i = 0; i < count; i++)
		vit_tokens_add_id(e, e->t->vocab.ids[symbol[i]]);
}

/* Byte mode without prefix, suffix or a byte that has no symbol: the common case. */
static bool plain_bytes(const struct vit_tokens *t, struct vit_str word, uint32_t *symbol)
{
	if (!t->byte_mode || word.n > SHORT || t->subword_prefix.n || t->word_suffix.n)
		return false;
	for (size_t i = 0; i < word.n; i++) {
		symbol[i] = t->byte_symbol[(unsigned char)word.p[i]];
		if (symbol[i] == VIT_NO_SYMBOL)
			return false;
	}
	return true;
}

static uint32_t whole_word(struct vit_encoder *e, struct vit_str word)
{
	char stands[2];

	if (word.n > VIT_TOK_WINDOW) /* no token is as long */
		return VIT_NO_SYMBOL;
	if (!e->t->byte_mode)
		return vit_vocab_find(&e->t->vocab, word);
	vit_buf_clear(&e->bpe->text);
	for (size_t i = 0; i < word.n; i++)
		vit_buf_add(&e->bpe->text, stands,
			    vit_byte_char((unsigned char)word.p[i], stands));
	return vit_vocab_find(&e->t->vocab, vit_buf_view(&e->bpe->text));
}

bool vit_bpe_word(struct vit_encoder *e, struct vit_str word)
{
	const struct vit_tokens *t = e->t;
	struct vit_bpe_scratch *s = e->bpe;
	uint32_t symbol[SHORT];
	size_t count;

	if (t->ignore_merges) {
		uint32_t whole = whole_word(e, word);
		if (whole != VIT_NO_SYMBOL) {
			finish(e, &whole, 1);
			return true;
		}
	}
	if (plain_bytes(t, word, symbol)) {
		count = word.n;
		merge_short(t, symbol, &count);
		finish(e, symbol, count);
		return true;
	}
	s->count = 0;
	if (!symbols(e, word))
		return false;
	if (s->count <= SHORT) {
		count = s->count;
		for (size_t i = 0; i < count; i++)
			symbol[i] = s->nodes[i].symbol;
		merge_short(t, symbol, &count);
		finish(e, symbol, count);
		return true;
	}
	merge_long(t, s);
	for (uint32_t i = 0; i != NOWHERE; i = s->nodes[i].next)
		vit_tokens_add_id(e, t->vocab.ids[s->nodes[i].symbol]);
	return true;
}
