/*
 * Unigram: of all ways through a word, the one with the highest sum of scores
 * (Viterbi); a character without an entry costs ten more than the worst entry.
 * Runs of unknown characters are one token, or their bytes.
 */
#include <stdlib.h>

#include "text/tokens_internal.h"
#include "text/tokens_unicode.h"

#define UNKNOWN_PENALTY 10.0
#define NOWHERE UINT32_MAX

struct path {
	double score;
	uint32_t from;   /* where the last token begins; NOWHERE: not reached */
	uint32_t to;     /* on the best way: where the token that begins here ends */
	uint32_t symbol; /* the last token */
};

static void reach(struct path *to, double score, uint32_t from, uint32_t symbol)
{
	if (to->from == NOWHERE || score > to->score)
		*to = (struct path){ score, from, to->to, symbol };
}

static struct path *paths_for(struct vit_encoder *e, size_t n)
{
	if (n > e->paths_capacity) {
		e->paths = vit_xrealloc(e->paths, n * sizeof(struct path));
		e->paths_capacity = n;
	}
	struct path *p = e->paths;
	for (size_t i = 0; i < n; i++)
		p[i] = (struct path){ 0, NOWHERE, 0, VIT_NO_SYMBOL };
	return p;
}

static bool forward(struct vit_encoder *e, struct vit_str word, struct path *best)
{
	const struct vit_tokens *t = e->t;
	double unknown = t->min_score - UNKNOWN_PENALTY;
	size_t n;

	for (size_t at = 0; at < word.n; at += n) {
		double here = best[at].score;
		bool single = false;
		uint32_t node = 0;
		vit_uc_at(word.p + at, &n);
		for (size_t i = at; i < word.n; i++) {
			node = vit_trie_step(&t->pieces, node, (unsigned char)word.p[i]);
			if (!node)
				break;
			uint32_t symbol = vit_trie_value(&t->pieces, node);
			if (symbol == VIT_NO_SYMBOL)
				continue;
			reach(&best[i + 1], here + t->vocab.scores[symbol], (uint32_t)at, symbol);
			single |= i + 1 - at == n;
		}
		if (single)
			continue;
		struct path *to = &best[at + n];
		if (to->from != NOWHERE && unknown + here <= to->score)
			continue;
		if (t->unk == VIT_NO_SYMBOL) {
			vit_err_set(&e->err, VIT_E_UNSUPPORTED,
				    "a character is not in the vocabulary, and there is no unknown token");
			return false;
		}
		reach(to, unknown + here, (uint32_t)at, t->unk);
	}
	return true;
}

/* What is not in the vocabulary as it stands: its bytes, or the unknown token. */
static void emit(struct vit_encoder *e, struct vit_str text)
{
	const struct vit_tokens *t = e->t;
	uint32_t symbol = vit_vocab_find(&t->vocab, text);

	if (symbol != VIT_NO_SYMBOL) {
		vit_tokens_add_id(e, t->vocab.ids[symbol]);
		return;
	}
	bool bytes = t->byte_fallback;
	for (size_t i = 0; bytes && i < text.n; i++)
		bytes = t->fallback[(unsigned char)text.p[i]] != VIT_NO_SYMBOL;
	if (!bytes) {
		vit_tokens_add_id(e, t->vocab.ids[t->unk]);
		return;
	}
	for (size_t i = 0; i < text.n; i++)
		vit_tokens_add_id(e, t->vocab.ids[t->fallback[(unsigned char)text.p[i]]]);
}

bool vit_unigram_word(struct vit_encoder *e, struct vit_str word)
{
	const struct vit_tokens *t = e->t;
	struct path *best = paths_for(e, word.n + 1);
	size_t unknown = NOWHERE; /* where a run of unknown characters begins */

	if (!forward(e, word, best))
		return false;
	for (uint32_t end = (uint32_t)word.n; end; end = best[end].from)
		best[best[end].from].to = end;
	for (size_t at = 0, end; at < word.n; at = end) {
		end = best[at].to;
		if (best[end].symbol == t->unk && t->unk != VIT_NO_SYMBOL) {
			unknown = unknown == NOWHERE ? at : unknown;
			continue;
		}
		if (unknown != NOWHERE)
			emit(e, vit_str_sub(word, unknown, at));
		unknown = NOWHERE;
		emit(e, vit_str_sub(word, at, end));
	}
	if (unknown != NOWHERE)
		emit(e, vit_str_sub(word, unknown, word.n));
	return true;
}
