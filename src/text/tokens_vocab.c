#include "text/tokens_vocab.h"

#include <stdlib.h>

#include "base/map.h"

/* ---- texts ---------------------------------------------------------------- */

uint32_t vit_vocab_hash(struct vit_str text)
{
	return (uint32_t)vit_hash64(text);
}

static struct vit_vocab_slot *slot_of(const struct vit_vocab *v, struct vit_str text, uint32_t hash)
{
	size_t mask = v->slot_count - 1;

	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct vit_vocab_slot *s = &v->slots[i];
		if (!s->symbol1 ||
		    (s->hash == hash && vit_str_eq(vit_vocab_text(v, s->symbol1 - 1), text)))
			return s;
	}
}

static void grow_slots(struct vit_vocab *v)
{
	size_t count = v->slot_count ? v->slot_count * 2 : 1024, mask = count - 1;
	struct vit_vocab_slot *slots = vit_xcalloc(count, sizeof *slots);

	for (size_t i = 0; i < v->slot_count; i++) {
		if (!v->slots[i].symbol1)
			continue;
		size_t at = v->slots[i].hash & mask;
		while (slots[at].symbol1)
			at = (at + 1) & mask;
		slots[at] = v->slots[i];
	}
	free(v->slots);
	v->slots = slots;
	v->slot_count = count;
}

static void make_room(struct vit_vocab *v, size_t bytes)
{
	if (v->count == v->capacity) {
		v->capacity = v->capacity ? v->capacity * 2 : 1024;
		v->ends = vit_xrealloc(v->ends, v->capacity * sizeof *v->ends);
		v->ids = vit_xrealloc(v->ids, v->capacity * sizeof *v->ids);
		v->scores = vit_xrealloc(v->scores, v->capacity * sizeof *v->scores);
	}
	if (bytes > v->bytes_capacity - v->bytes_used) {
		size_t capacity = v->bytes_capacity ? v->bytes_capacity * 2 : 16384;
		while (capacity - v->bytes_used < bytes)
			capacity *= 2;
		v->bytes = vit_xrealloc(v->bytes, capacity);
		v->bytes_capacity = capacity;
	}
	if (v->count >= v->slot_count / 2)
		grow_slots(v);
}

bool vit_vocab_add(struct vit_vocab *v, struct vit_str text, uint32_t id, double score)
{
	if (v->count >= VIT_VOCAB_MAX || text.n > VIT_VOCAB_MAX_BYTES - v->bytes_used)
		return false;
	make_room(v, text.n + 1);
	uint32_t hash = vit_vocab_hash(text);
	struct vit_vocab_slot *s = slot_of(v, text, hash);
	if (s->symbol1) {
		v->ids[s->symbol1 - 1] = id;
		v->scores[s->symbol1 - 1] = score;
		return true;
	}
	if (text.n)
		memcpy(v->bytes + v->bytes_used, text.p, text.n);
	v->bytes_used += text.n;
	v->ends[v->count] = (uint32_t)v->bytes_used;
	v->ids[v->count] = id;
	v->scores[v->count] = score;
	v->count++;
	*s = (struct vit_vocab_slot){ hash, (uint32_t)v->count };
	return true;
}

uint32_t vit_vocab_find_hashed(const struct vit_vocab *v, struct vit_str text, uint32_t hash)
{
	return v->slot_count ? slot_of(v, text, hash)->symbol1 - 1 : VIT_NO_SYMBOL;
}

uint32_t vit_vocab_find(const struct vit_vocab *v, struct vit_str text)
{
	return vit_vocab_find_hashed(v, text, vit_vocab_hash(text));
}

void vit_vocab_release(struct vit_vocab *v)
{
	free(v->bytes);
	free(v->ends);
	free(v->ids);
	free(v->scores);
	free(v->slots);
	*v = (struct vit_vocab){ 0 };
}

/* ---- merges ----------------------------------------------------------------- */

void vit_merges_init(struct vit_merges *m, size_t count)
{
	*m = (struct vit_merges){ .seed = vit_hash64(VIT_STR("merges")), .slot_count = 16 };
	while (m->slot_count / 2 < count)
		m->slot_count *= 2;
	m->slots = vit_xcalloc(m->slot_count, sizeof *m->slots);
}

void vit_merges_set(struct vit_merges *m, uint32_t left, uint32_t right, uint32_t rank,
		    uint32_t result)
{
	size_t mask = m->slot_count - 1, i = vit_merges_hash(m, left, right) & mask;

	while (m->slots[i].left1 && (m->slots[i].left1 != left + 1 || m->slots[i].right != right))
		i = (i + 1) & mask;
	m->count += !m->slots[i].left1;
	m->slots[i] = (struct vit_merge){ left + 1, right, rank, result };
}

void vit_merges_release(struct vit_merges *m)
{
	free(m->slots);
	*m = (struct vit_merges){ 0 };
}

/* ---- tries -------------------------------------------------------------------- */

void vit_trie_init(struct vit_trie *t)
{
	*t = (struct vit_trie){ .seed = vit_hash64(VIT_STR("trie")), .node_count = 1,
				.node_capacity = 64 };
	t->values = vit_xcalloc(t->node_capacity, sizeof *t->values);
}

void vit_trie_release(struct vit_trie *t)
{
	free(t->edges);
	free(t->values);
	*t = (struct vit_trie){ .node_count = 0 };
}

static size_t edge_hash(const struct vit_trie *t, uint32_t node, unsigned char byte)
{
	uint64_t x = ((uint64_t)node << 8 | byte) ^ t->seed;
	x *= 0x9e3779b97f4a7c15u;
	return (size_t)(x >> 32);
}

static size_t edge_slot(const struct vit_trie *t, uint32_t node, unsigned char byte)
{
	size_t mask = t->slot_count - 1, i = edge_hash(t, node, byte) & mask;

	while (t->edges[i].from1 && (t->edges[i].from1 != node + 1 || t->edges[i].byte != byte))
		i = (i + 1) & mask;
	return i;
}

static void grow_edges(struct vit_trie *t)
{
	struct vit_trie_edge *old = t->edges;
	size_t old_count = t->slot_count;

	t->slot_count = old_count ? old_count * 2 : 256;
	t->edges = vit_xcalloc(t->slot_count, sizeof *t->edges);
	for (size_t i = 0; i < old_count; i++) {
		if (old[i].from1)
			t->edges[edge_slot(t, old[i].from1 - 1, old[i].byte)] = old[i];
	}
	free(old);
}

static uint32_t new_node(struct vit_trie *t)
{
	if (t->node_count == t->node_capacity) {
		t->values = vit_xrealloc(t->values, 2 * t->node_capacity * sizeof *t->values);
		memset(t->values + t->node_capacity, 0, t->node_capacity * sizeof *t->values);
		t->node_capacity *= 2;
	}
	return (uint32_t)t->node_count++;
}

static uint32_t child(struct vit_trie *t, uint32_t node, unsigned char byte)
{
	if (node == 0) {
		if (!t->root[byte]) {
			t->root[byte] = new_node(t);
			t->root_count++;
			t->root_byte = byte;
		}
		return t->root[byte];
	}
	if (t->edge_count >= t->slot_count / 2)
		grow_edges(t);
	size_t at = edge_slot(t, node, byte);
	if (!t->edges[at].from1) {
		t->edges[at] = (struct vit_trie_edge){ node + 1, new_node(t), byte };
		t->edge_count++;
	}
	return t->edges[at].to;
}

bool vit_trie_add(struct vit_trie *t, struct vit_str key, uint32_t value)
{
	uint32_t node = 0;

	if (key.n > VIT_TRIE_MAX_NODES - t->node_count)
		return false;
	for (size_t i = 0; i < key.n; i++)
		node = child(t, node, (unsigned char)key.p[i]);
	if (node && !t->values[node])
		t->values[node] = value + 1;
	return true;
}

uint32_t vit_trie_step(const struct vit_trie *t, uint32_t node, unsigned char byte)
{
	if (node == 0)
		return t->root[byte];
	if (!t->slot_count)
		return 0;
	const struct vit_trie_edge *e = &t->edges[edge_slot(t, node, byte)];
	return e->from1 ? e->to : 0;
}
