/*
 * What was seen before: a table from 64-bit hashes to what stood there first,
 * within bounded memory.
 *
 * When the table is full it keeps the rows whose hash ends in one more zero bit
 * (half of them) and goes on so: a row and its duplicates are kept or left
 * together, so that a row found counts as 2^shift, and the sum stays an unbiased estimate. Which rows
 * these are depends on their content alone, hence two runs agree.
 *
 * Positions in the table are seeded per process; content made to collide in
 * one run does not in the next.
 */
#ifndef VIT_DATA_SEEN_H
#define VIT_DATA_SEEN_H

#include "base/str.h"

#define VIT_SEEN_SLOTS ((size_t)1 << 22) /* of 16 bytes: 64 MiB, 3.1 million rows */

struct vit_seen_slot {
	uint64_t key;       /* 0: empty */
	uint32_t check;     /* 24 bits of value or more hash, and 8 bits of the file */
	uint32_t line;
};

struct vit_seen {
	struct vit_seen_slot *slots;
	size_t count, capacity, most;
	unsigned shift;     /* rows whose key ends in this many zero bits are kept */
	uint64_t seed;
};

void vit_seen_init(struct vit_seen *s, size_t most_slots); /* a power of two */
void vit_seen_release(struct vit_seen *s);
/* Is the key among those that are kept? */
static inline bool vit_seen_samples(const struct vit_seen *s, uint64_t key)
{
	return (key & (((uint64_t)1 << s->shift) - 1)) == 0;
}
/* The slot of the key when it was there before; else NULL, and it is added. */
const struct vit_seen_slot *vit_seen_add(struct vit_seen *s, uint64_t key, uint32_t check, uint32_t line);

/* 128 bits over text given in parts; not for anything that is stored. */
struct vit_data_hash {
	uint64_t a, b;
};
void vit_data_hash_init(struct vit_data_hash *h);
void vit_data_hash_add(struct vit_data_hash *h, struct vit_str s);
void vit_data_hash_end(struct vit_data_hash *h);

#endif
