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

/*
 * Words come again and again: one is kept with its ids until another falls on
 * its place. Nearly all are short and have few ids; half a cache line each lets
 * the common ones stay near the processor. Longer ones have a table of their own.
 */
#define SHORT_BYTES 15
#define SHORT_IDS 3
#define SHORT_SLOTS 32768u
#define LONG_BYTES 31
#define LONG_IDS 7
#define LONG_SLOTS 65536u

struct short_word {
	uint64_t key[2]; /* the word, zeros, and in the last byte its length */
	uint32_t count;
	uint32_t ids[SHORT_IDS];
};

struct long_word {
	uint64_t key[4];
	uint32_t count;
	uint32_t ids[LONG_IDS];
};

struct vit_word_cache {
	struct short_word shorts[SHORT_SLOTS];
	struct long_word longs[LONG_SLOTS];
};

/* n bytes, 1 to 8, in one number: the same for the same bytes, and n tells it
 * from others. No byte behind them is read. */
static inline uint64_t few_bytes(const char *p, size_t n)
{
	uint64_t whole;
	uint32_t low, high;

	if (n == 8) {
		memcpy(&whole, p, 8);
		return whole;
	}
	if (n >= 4) {
		memcpy(&low, p, 4);
		memcpy(&high, p + n - 4, 4);
		return low | (uint64_t)high << 8 * (n - 4);
	}
	return (unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8 * (n / 2) |
	       (uint64_t)(unsigned char)p[n - 1] << 8 * (n - 1);
}

static inline uint64_t mix(uint64_t h)
{
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	return h >> 32;
}

static inline struct short_word *short_slot(struct vit_word_cache *c, struct vit_str word,
					    uint64_t key[2])
{
	key[0] = few_bytes(word.p, word.n < 8 ? word.n : 8);
	key[1] = (word.n > 8 ? few_bytes(word.p + 8, word.n - 8) : 0) | (uint64_t)word.n << 56;
	return &c->shorts[mix(key[0] ^ key[1] * 0xd6e8feb86659fd93u) % SHORT_SLOTS];
}

static struct long_word *long_slot(struct vit_word_cache *c, struct vit_str word, uint64_t key[4])
{
	unsigned char bytes[32] = { 0 };
	uint64_t h = 0;

	memcpy(bytes, word.p, word.n);
	bytes[LONG_BYTES] = (unsigned char)word.n;
	memcpy(key, bytes, sizeof bytes);
	for (size_t i = 0; i < 4; i++)
		h = mix(h ^ key[i]) << 32 ^ h ^ key[i] * 0xd6e8feb86659fd93u;
	return &c->longs[mix(h) % LONG_SLOTS];
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

static bool long_word(struct vit_encoder *e, struct vit_str word)
{
	uint64_t key[4];
	struct long_word *c = long_slot(e->cache, word, key);
	size_t begin = e->ids.count;

	if (memcmp(c->key, key, sizeof key) == 0) {
		for (uint32_t i = 0; i < c->count; i++)
			vit_tokens_add_id(e, c->ids[i]);
		return true;
	}
	if (!by_model(e, word))
		return false;
	size_t count = e->ids.count - begin;
	if (count <= LONG_IDS) {
		memcpy(c->key, key, sizeof key);
		c->count = (uint32_t)count;
		if (count)
			memcpy(c->ids, e->ids.items + begin, count * sizeof *c->ids);
	}
	return true;
}

static bool new_word(struct vit_encoder *e, struct vit_str word, struct short_word *c,
		     const uint64_t key[2])
{
	size_t begin = e->ids.count;

	/* What has more ids than the short table takes may be in the other. */
	if (!long_word(e, word))
		return false;
	size_t count = e->ids.count - begin;
	if (count <= SHORT_IDS) {
		memcpy(c->key, key, sizeof c->key);
		c->count = (uint32_t)count;
		if (count)
			memcpy(c->ids, e->ids.items + begin, count * sizeof *c->ids);
	}
	return true;
}

bool vit_tokens_word(struct vit_encoder *e, struct vit_str word)
{
	uint64_t key[2];

	if (word.n > SHORT_BYTES)
		return word.n > LONG_BYTES ? by_model(e, word) : long_word(e, word);
	if (!word.n)
		return true;
	struct short_word *c = short_slot(e->cache, word, key);
	if (c->key[0] != key[0] || c->key[1] != key[1])
		return new_word(e, word, c, key);
	for (uint32_t i = 0; i < c->count; i++)
		vit_tokens_add_id(e, c->ids[i]);
	return true;
}

/* ---- the encoder --------------------------------------------------------------------------- */

void vit_tokens_make_cache(struct vit_encoder *e)
{
	if (!e->cache)
		e->cache = vit_xcalloc(1, sizeof *e->cache);
}

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
