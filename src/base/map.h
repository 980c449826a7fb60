/*
 * Hash table from strings to 32-bit values, seeded per process so that hostile
 * names cannot be chosen to collide. Keys are borrowed and must outlive it.
 * Iteration order is not defined and never reaches a report.
 */
#ifndef VIT_BASE_MAP_H
#define VIT_BASE_MAP_H

#include "base/str.h"

#define VIT_MAP_NONE UINT32_MAX

struct vit_map_slot;
struct vit_map {
	struct vit_map_slot *slots;
	size_t count, capacity;
};

/* Room for `expected` keys without growing. */
void vit_map_init(struct vit_map *m, size_t expected);
void vit_map_release(struct vit_map *m);
/* The key's value, or VIT_MAP_NONE. */
uint32_t vit_map_get(const struct vit_map *m, struct vit_str key);
/* Sets key to value unless it is there; returns the value it had before, or
 * VIT_MAP_NONE when it was added. `value` may not be VIT_MAP_NONE. */
uint32_t vit_map_add(struct vit_map *m, struct vit_str key, uint32_t value);
/* Sets key to value, added or replaced. */
void vit_map_set(struct vit_map *m, struct vit_str key, uint32_t value);

/* The seeded 64-bit hash behind it (not for anything that is stored). */
uint64_t vit_hash64(struct vit_str s);

#endif
