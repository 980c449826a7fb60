/*
 * Words to ids: the cache of words, and the models of a few lines.
 */
#include <stdlib.h>

#include "text/tokens_internal.h"
#include "text/tokens_unicode.h"

/* ---- ids ----------------------------------------------------------------------------- */

void vit_tokens_add_id(struct vit_encoder *e, uint32_t id)
{
	struct vit_ids *ids = &e->ids;

	if (ids->count == ids->capacity) {
		ids->capacity = ids->capacity ? ids->capacity * 2 : 1024;
		ids->items = vit_xrealloc(ids->items, ids->capacity * sizeof *ids->items);
	}
	ids->items[ids->count++] = id;
}

/* GPT-2's table: printable Latin-1 stands for itself, the other 68 bytes for
 * U+0100 on, in their order. */
size_t vit_byte_char(unsigned char byte, char out[2])
{
	unsigned cp = byte;

	if (byte <= 0x20)
		cp = 0x100u + byte;
	else if (byte >= 0x7f && byte <= 0xa0)
		cp = 0x100u + 33 + (byte - 0x7fu);
	else if (byte == 0xad)
		cp = 0x143;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	out[0] = (char)(0xc0 | cp >> 6);
	out[1] = (char)(0x80 | (cp & 0x3f));
	return 2;
}

/* ---- the cache -------------------------------------------------------------------------- */

/* One cache line. Words come again and again; a short one with few ids is kept
 * until another falls on its place. */
#define CACHED_BYTES 23
#define CACHED_IDS 9
#define CACHE_SLOTS 65536u

struct cached {
	uint64_t key[3]; /* the word, zeros, and in the last byte its length */
	uint32_t count;
	uint32_t ids[CACHED_IDS];
};

struct vit_word_cache {
	struct cached slots[CACHE_SLOTS];
};

static void key_of(struct vit_str word, uint64_t key[3])
{
	unsigned char bytes[24] = { 0 };

	memcpy(bytes, word.p, word.n);
	bytes[CACHED_BYTES] = (unsigned char)word.n;
	memcpy(key, bytes, sizeof bytes);
}

static struct cached *slot_of(struct vit_word_cache *c, const uint64_t key[3])
{
	uint64_t h = key[0] * 0x9e3779b97f4a7c15u ^ key[1] * 0xd6e8feb86659fd93u ^
		     key[2] * 0xa0761d6478bd642fu;
	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9u;
	return &c->slots[h >> 48 & (CACHE_SLOTS - 1)];
}

/* ---- models ----------------------------------------------------------------------------- */

static bool unknown(struct vit_encoder *e)
{
	if (e->t->unk == VIT_NO_SYMBOL) {
		vit_err_set(&e->err, VIT_E_UNSUPPORTED,
			    "a word is not in the vocabulary, and there is no unknown token");
		return false;
	}
	vit_tokens_add_id(e, e->t->vocab.ids[e->t->unk]);
	return true;
}

/* The longest entry each time; a word that does not come out is unknown whole. */
static bool wordpiece(struct vit_encoder *e, struct vit_str word)
{
	const struct vit_tokens *t = e->t;
	size_t begin = e->ids.count, chars = 0;

	for (size_t i = 0; i < word.n; i++)
		chars += ((unsigned char)word.p[i] & 0xc0) != 0x80;
	for (size_t at = 0; chars <= t->max_chars && at < word.n;) {
		uint32_t node = at ? t->prefix_node : 0, found = VIT_NO_SYMBOL;
		size_t end = at;
		for (size_t i = at; node != VIT_NO_SYMBOL && i < word.n; i++) {
			node = vit_trie_step(&t->pieces, node, (unsigned char)word.p[i]);
			if (!node)
				break;
			if (vit_trie_value(&t->pieces, node) != VIT_NO_SYMBOL) {
				found = vit_trie_value(&t->pieces, node);
				end = i + 1;
			}
		}
		if (found == VIT_NO_SYMBOL)
			break;
		vit_tokens_add_id(e, t->vocab.ids[found]);
		at = end;
		if (at == word.n)
			return true;
	}
	e->ids.count = begin;
	return unknown(e);
}

static bool wordlevel(struct vit_encoder *e, struct vit_str word)
{
	uint32_t symbol = vit_vocab_find(&e->t->vocab, word);

	if (symbol == VIT_NO_SYMBOL)
		return unknown(e);
	vit_tokens_add_id(e, e->t->vocab.ids[symbol]);
	return true;
}

static bool by_model(struct vit_encoder *e, struct vit_str word)
{
	switch (e->t->model) {
	case VIT_MODEL_BPE:
		return vit_bpe_word(e, word);
	case VIT_MODEL_UNIGRAM:
		return vit_unigram_word(e, word);
	case VIT_MODEL_WORDPIECE:
		return wordpiece(e, word);
	case VIT_MODEL_WORDLEVEL:
		return wordlevel(e, word);
	}
	return false;
}

bool vit_tokens_word(struct vit_encoder *e, struct vit_str word)
{
	uint64_t key[3];

	if (word.n > CACHED_BYTES || !word.n)
		return !word.n || by_model(e, word);
	key_of(word, key);
	struct cached *c = slot_of(e->cache, key);
	if (c->key[0] == key[0] && c->key[1] == key[1] && c->key[2] == key[2]) {
		for (uint32_t i = 0; i < c->count; i++)
			vit_tokens_add_id(e, c->ids[i]);
		return true;
	}
	size_t begin = e->ids.count;
	if (!by_model(e, word))
		return false;
	size_t count = e->ids.count - begin;
	if (count <= CACHED_IDS) {
		memcpy(c->key, key, sizeof key);
		c->count = (uint32_t)count;
		if (count)
			memcpy(c->ids, e->ids.items + begin, count * sizeof *c->ids);
	}
	return true;
}

/* ---- the encoder --------------------------------------------------------------------------- */

struct vit_encoder *vit_encoder_new(const struct vit_tokens *t)
{
	struct vit_encoder *e = vit_xcalloc(1, sizeof *e);

	e->t = t;
	/* Normalization may lengthen a text (18 characters for U+FDFA). */
	vit_buf_init(&e->fixed, 4 * VIT_TOKENS_MAX_TEXT);
	vit_buf_init(&e->norm_a, 4 * VIT_TOKENS_MAX_TEXT);
	vit_buf_init(&e->norm_b, 4 * VIT_TOKENS_MAX_TEXT);
	vit_buf_init(&e->word_a, 4 * VIT_TOKENS_MAX_TEXT);
	vit_buf_init(&e->word_b, 4 * VIT_TOKENS_MAX_TEXT);
	e->cache = vit_xcalloc(1, sizeof *e->cache);
	e->bpe = vit_bpe_scratch_new();
	e->regex = vit_regex_state_new();
	return e;
}

void vit_encoder_free(struct vit_encoder *e)
{
	if (!e)
		return;
	vit_buf_release(&e->fixed);
	vit_buf_release(&e->norm_a);
	vit_buf_release(&e->norm_b);
	vit_buf_release(&e->word_a);
	vit_buf_release(&e->word_b);
	free(e->ids.items);
	free(e->spans.items);
	free(e->next.items);
	free(e->pieces.items);
	free(e->paths);
	free(e->cache);
	vit_bpe_scratch_free(e->bpe);
	vit_regex_state_free(e->regex);
	free(e);
}
