#include "base/map.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"

/* The value is kept plus one, so that a zeroed slot is an empty one. */
struct vit_map_slot {
	const char *p;
	size_t n;
	uint32_t hash;
	uint32_t value1;
};

static uint64_t mix(uint64_t x)
{
	/* splitmix64 (Steele, Lea, Flood 2014) */
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static uint64_t fresh_seed(void)
{
	uint64_t seed = 0;
	FILE *f = fopen("/dev/urandom", "rb");
	if (f) {
		setvbuf(f, NULL, _IONBF, 0);
		if (fread(&seed, sizeof(seed), 1, f) != 1)
			seed = 0;
		fclose(f);
	}
	if (!seed) {
		/* A chroot without /dev: address layout and time are what is left. */
		struct timespec now = { 0 };
		clock_gettime(CLOCK_REALTIME, &now);
		seed = mix((uint64_t)now.tv_nsec) ^ mix((uint64_t)(uintptr_t)&now) ^
		       mix((uint64_t)getpid());
	}
	return seed | 1; /* never 0, which means "not yet" */
}

static uint64_t process_seed(void)
{
	/* The one variable of the process: maps made by different threads
	 * must agree on it, and it may not be const. */
	static _Atomic uint64_t seed;
	uint64_t s = atomic_load_explicit(&seed, memory_order_acquire);
	if (s)
		return s;
	uint64_t fresh = fresh_seed();
	if (atomic_compare_exchange_strong(&seed, &s, fresh))
		return fresh;
	return s;
}

#define ROTL(x, b) ((x) << (b) | (x) >> (64 - (b)))
#define SIP_ROUND(v0, v1, v2, v3) \
	do { \
		v0 += v1; v1 = ROTL(v1, 13); v1 ^= v0; v0 = ROTL(v0, 32); \
		v2 += v3; v3 = ROTL(v3, 16); v3 ^= v2; \
		v0 += v3; v3 = ROTL(v3, 21); v3 ^= v0; \
		v2 += v1; v1 = ROTL(v1, 17); v1 ^= v2; v2 = ROTL(v2, 32); \
	} while (0)

/* SipHash-1-3 (Aumasson, Bernstein 2012): a keyed hash without known
 * collisions for who does not know the key. */
uint64_t vit_hash64(struct vit_str s)
{
	uint64_t k0 = process_seed(), k1 = k0 * 0xda942042e4dd58b5u;
	uint64_t v0 = k0 ^ 0x736f6d6570736575u, v1 = k1 ^ 0x646f72616e646f6du;
	uint64_t v2 = k0 ^ 0x6c7967656e657261u, v3 = k1 ^ 0x7465646279746573u;
	const char *p = s.p;
	size_t n = s.n;
	for (; n >= 8; n -= 8, p += 8) {
		uint64_t m;
		memcpy(&m, p, 8);
		v3 ^= m;
		SIP_ROUND(v0, v1, v2, v3);
		v0 ^= m;
	}
	uint64_t last = (uint64_t)s.n << 56;
	for (size_t i = 0; i < n; i++)
		last |= (uint64_t)(unsigned char)p[i] << (8 * i);
	v3 ^= last;
	SIP_ROUND(v0, v1, v2, v3);
	v0 ^= last;
	v2 ^= 0xff;
	SIP_ROUND(v0, v1, v2, v3);
	SIP_ROUND(v0, v1, v2, v3);
	SIP_ROUND(v0, v1, v2, v3);
	return v0 ^ v1 ^ v2 ^ v3;
}

static size_t room_for(size_t count)
{
	if (count > UINT32_MAX / 2)
		VIT_BUG("map: more than 2^31 keys");
	size_t capacity = 16;
	while (capacity / 10 * 7 < count)
		capacity *= 2;
	return capacity;
}

void vit_map_init(struct vit_map *m, size_t expected)
{
	*m = (struct vit_map){ 0 };
	if (expected) {
		m->capacity = room_for(expected);
		m->slots = vit_xcalloc(m->capacity, sizeof(*m->slots));
	}
}

void vit_map_release(struct vit_map *m)
{
	free(m->slots);
	*m = (struct vit_map){ 0 };
}

static struct vit_map_slot *find(const struct vit_map *m, struct vit_str key, uint32_t hash)
{
	size_t mask = m->capacity - 1;
	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct vit_map_slot *s = &m->slots[i];
		if (!s->value1)
			return s;
		if (s->hash == hash && s->n == key.n &&
		    (key.n == 0 || memcmp(s->p, key.p, key.n) == 0))
			return s;
	}
}

static void grow(struct vit_map *m)
{
	size_t capacity = room_for(m->count + 1);
	struct vit_map_slot *old = m->slots;
	size_t old_capacity = m->capacity, mask = capacity - 1;
	m->slots = vit_xcalloc(capacity, sizeof(*m->slots));
	m->capacity = capacity;
	for (size_t i = 0; i < old_capacity; i++) {
		if (!old[i].value1)
			continue;
		size_t at = old[i].hash & mask;
		while (m->slots[at].value1)
			at = (at + 1) & mask;
		m->slots[at] = old[i];
	}
	free(old);
}

uint32_t vit_map_get(const struct vit_map *m, struct vit_str key)
{
	if (!m->count)
		return VIT_MAP_NONE;
	const struct vit_map_slot *s = find(m, key, (uint32_t)vit_hash64(key));
	return s->value1 ? s->value1 - 1 : VIT_MAP_NONE;
}

static struct vit_map_slot *find_or_add(struct vit_map *m, struct vit_str key, uint32_t value)
{
	if (value == VIT_MAP_NONE)
		VIT_BUG("map: value is VIT_MAP_NONE");
	if (m->count >= m->capacity / 10 * 7)
		grow(m);
	uint32_t hash = (uint32_t)vit_hash64(key);
	struct vit_map_slot *s = find(m, key, hash);
	if (!s->value1) {
		*s = (struct vit_map_slot){ key.p, key.n, hash, 0 };
		m->count++;
	}
	return s;
}

uint32_t vit_map_add(struct vit_map *m, struct vit_str key, uint32_t value)
{
	struct vit_map_slot *s = find_or_add(m, key, value);
	if (s->value1)
		return s->value1 - 1;
	s->value1 = value + 1;
	return VIT_MAP_NONE;
}

void vit_map_set(struct vit_map *m, struct vit_str key, uint32_t value)
{
	find_or_add(m, key, value)->value1 = value + 1;
}
