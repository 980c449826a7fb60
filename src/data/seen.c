#include "data/seen.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/num.h"

#define FIRST_SLOTS ((size_t)1 << 12)

/* ---- the hash -------------------------------------------------------------------- */

/* Odd constants without structure: fractional parts of square roots of primes. */
#define K0 0x6a09e667f3bcc909u
#define K1 0xbb67ae8584caa73bu
#define K2 0x3c6ef372fe94f82bu
#define K3 0xa54ff53a5f1d36f1u

/* Both halves of a 128-bit product, folded. */
static uint64_t fold(uint64_t x, uint64_t y)
{
	__extension__ typedef unsigned __int128 u128;
	u128 product = (u128)x * y;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t turn(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

/* Each half also passes to the other, so that a factor of 0 loses nothing. */
static void mix(struct vit_data_hash *h, uint64_t x, uint64_t y)
{
	uint64_t a = fold(h->a ^ x ^ K0, y ^ K1) ^ turn(h->b, 23);
	uint64_t b = fold(h->b ^ y ^ K2, x ^ K3) + turn(h->a, 41);

	h->a = a;
	h->b = b;
}

void vit_data_hash_init(struct vit_data_hash *h)
{
	h->a = K2;
	h->b = K1;
}

void vit_data_hash_add(struct vit_data_hash *h, struct vit_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned char last[16] = { 0 };
	size_t n = s.n;

	for (; n >= 16; n -= 16, p += 16)
		mix(h, vit_le64(p), vit_le64(p + 8));
	if (n)
		memcpy(last, p, n);
	mix(h, vit_le64(last), vit_le64(last + 8));
	/* The length parts what follows from what came before. */
	mix(h, s.n, K0);
}

void vit_data_hash_end(struct vit_data_hash *h)
{
	mix(h, h->b, h->a);
	mix(h, h->a, h->b);
}

/* ---- the table ---------------------------------------------------------------------- */

void vit_seen_init(struct vit_seen *s, size_t most_slots)
{
	*s = (struct vit_seen){ .most = most_slots, .seed = vit_hash64(VIT_STR("seen")) | 1 };
	s->capacity = FIRST_SLOTS < most_slots ? FIRST_SLOTS : most_slots;
	s->slots = vit_xcalloc(s->capacity, sizeof *s->slots);
}

void vit_seen_release(struct vit_seen *s)
{
	free(s->slots);
	s->slots = NULL;
}

static struct vit_seen_slot *find(struct vit_seen_slot *slots, size_t capacity, uint64_t seed, uint64_t key)
{
	size_t mask = capacity - 1, i = (size_t)fold(key ^ seed, K3) & mask;

	while (slots[i].key && slots[i].key != key)
		i = (i + 1) & mask;
	return &slots[i];
}

static void grow(struct vit_seen *s)
{
	size_t capacity = s->capacity < s->most ? s->capacity * 2 : s->capacity;
	struct vit_seen_slot *slots;
	size_t count = 0;

	if (capacity == s->capacity)
		s->shift++;
	slots = vit_xcalloc(capacity, sizeof *slots);
	for (size_t i = 0; i < s->capacity; i++) {
		if (!s->slots[i].key || !vit_seen_samples(s, s->slots[i].key))
			continue;
		*find(slots, capacity, s->seed, s->slots[i].key) = s->slots[i];
		count++;
	}
	free(s->slots);
	s->slots = slots;
	s->capacity = capacity;
	s->count = count;
}

const struct vit_seen_slot *vit_seen_add(struct vit_seen *s, uint64_t key, uint32_t check, uint32_t line)
{
	struct vit_seen_slot *slot;

	/* 0 marks an empty slot; its lowest bits must stay 0 for the sample. */
	if (key == 0)
		key = (uint64_t)1 << 63;
	slot = find(s->slots, s->capacity, s->seed, key);
	if (slot->key)
		return slot;
	*slot = (struct vit_seen_slot){ .key = key, .check = check, .line = line };
	if (++s->count * 4 > s->capacity * 3)
		grow(s);
	return NULL;
}
