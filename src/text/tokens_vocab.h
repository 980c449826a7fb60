/*
 * The vocabulary: texts to symbols (their order of arrival), pairs of symbols
 * to merges, and tries. Built once, then only read.
 */
#ifndef VIT_TEXT_TOKENS_VOCAB_H
#define VIT_TEXT_TOKENS_VOCAB_H

#include "base/arena.h"

#define VIT_NO_SYMBOL UINT32_MAX
/* Ceilings, some ten times what the largest published tokenizers have. */
#define VIT_VOCAB_MAX_BYTES ((size_t)128 << 20) /* of all texts together */
#define VIT_VOCAB_MAX ((size_t)4 << 20)         /* entries */
#define VIT_MERGES_MAX ((size_t)8 << 20)
#define VIT_TRIE_MAX_NODES ((size_t)8 << 20)

struct vit_vocab_slot {
	uint32_t hash, symbol1;
};

struct vit_vocab {
	char *bytes;
	size_t bytes_used, bytes_capacity;
	uint32_t *ends; /* of each text in bytes; it begins where the one before ends */
	uint32_t *ids;
	double *scores; /* of a Unigram model */
	size_t count, capacity;
	struct vit_vocab_slot *slots;
	size_t slot_count; /* a power of two, or 0 */
};

/* False when a ceiling is reached. A text that is there gets the new id and score. */
bool vit_vocab_add(struct vit_vocab *v, struct vit_str text, uint32_t id, double score);
uint32_t vit_vocab_find(const struct vit_vocab *v, struct vit_str text); /* or VIT_NO_SYMBOL */
/* The same in steps, for many texts at once: the memory that the next step
 * needs is asked for by the one before. */
uint32_t vit_vocab_hash(struct vit_str text);
uint32_t vit_vocab_find_hashed(const struct vit_vocab *v, struct vit_str text, uint32_t hash);
static inline void vit_vocab_fetch_slot(const struct vit_vocab *v, uint32_t hash)
{
	if (v->slot_count)
		__builtin_prefetch(&v->slots[hash & (v->slot_count - 1)]);
}
void vit_vocab_release(struct vit_vocab *v);
static inline void vit_vocab_fetch_text(const struct vit_vocab *v, uint32_t hash)
{
	uint32_t symbol1 = v->slot_count ? v->slots[hash & (v->slot_count - 1)].symbol1 : 0;
	if (symbol1 > 1)
		__builtin_prefetch(v->bytes + v->ends[symbol1 - 2]);
}
static inline struct vit_str vit_vocab_text(const struct vit_vocab *v, uint32_t symbol)
{
	uint32_t begin = symbol ? v->ends[symbol - 1] : 0;
	return (struct vit_str){ v->bytes + begin, v->ends[symbol] - begin };
}

/* A pair of symbols: how early it is merged, and into what. */
struct vit_merge {
	uint32_t left1, right, rank, result; /* left1: plus one, 0 is an empty slot */
};

struct vit_merges {
	struct vit_merge *slots;
	size_t count, slot_count;
	uint64_t seed;
};

/* Room for `count` merges. */
void vit_merges_init(struct vit_merges *m, size_t count);
/* The later of two merges of one pair wins. */
void vit_merges_set(struct vit_merges *m, uint32_t left, uint32_t right, uint32_t rank,
		    uint32_t result);
void vit_merges_release(struct vit_merges *m);

static inline size_t vit_merges_hash(const struct vit_merges *m, uint32_t left, uint32_t right)
{
	uint64_t x = ((uint64_t)left << 32 | right) ^ m->seed;
	x *= 0x9e3779b97f4a7c15u;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	return (size_t)(x >> 32);
}

static inline void vit_merges_fetch(const struct vit_merges *m, uint32_t left, uint32_t right)
{
	__builtin_prefetch(&m->slots[vit_merges_hash(m, left, right) & (m->slot_count - 1)], 1);
}

static inline const struct vit_merge *vit_merges_find(const struct vit_merges *m, uint32_t left,
						      uint32_t right)
{
	if (!m->slot_count)
		return NULL;
	size_t mask = m->slot_count - 1;
	for (size_t i = vit_merges_hash(m, left, right) & mask;; i = (i + 1) & mask) {
		const struct vit_merge *s = &m->slots[i];
		if (!s->left1)
			return NULL;
		if (s->left1 == left + 1 && s->right == right)
			return s;
	}
}

/* A trie over bytes: (node, byte) to node by hashing; node 0 is the root. */
struct vit_trie_edge {
	uint32_t from1; /* node plus one: 0 is an empty slot */
	uint32_t to;
	unsigned char byte;
};

struct vit_trie {
	uint32_t root[256];          /* children of the root, 0 none */
	unsigned root_count;         /* how many */
	unsigned char root_byte;     /* the last of them */
	struct vit_trie_edge *edges;
	size_t edge_count, slot_count;
	uint32_t *values;            /* by node: value + 1, 0 none */
	size_t node_count, node_capacity;
	uint64_t seed;
};

void vit_trie_init(struct vit_trie *t);
void vit_trie_release(struct vit_trie *t);
/* Sets the value of `key` (not empty). The earlier of two values stays. False
 * when the ceiling is reached. */
bool vit_trie_add(struct vit_trie *t, struct vit_str key, uint32_t value);
uint32_t vit_trie_step(const struct vit_trie *t, uint32_t node, unsigned char byte); /* 0: none */
static inline uint32_t vit_trie_value(const struct vit_trie *t, uint32_t node)
{
	return t->values[node] - 1; /* VIT_NO_SYMBOL when it has none */
}

#endif
