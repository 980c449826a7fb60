#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "forecast/allocator.h"

#define MIB           (UINT64_C(1) << 20)
#define SMALL_MAX     MIB
#define SMALL_SEGMENT (2 * MIB)
#define LARGE_SEGMENT (20 * MIB)
#define LARGE_MIN     (10 * MIB)

struct vit_block {
	uint64_t address, size;
	uint32_t before, after; /* neighbours in the segment, 0 at its ends */
	bool live, large;
};

void vit_allocator_init(struct vit_allocator *a, uint64_t device)
{
	*a = (struct vit_allocator){ .device = device, .count = 1, .next_address = MIB };
	a->capacity = 1024;
	a->blocks = vit_xcalloc(a->capacity, sizeof(*a->blocks));
}

void vit_allocator_release(struct vit_allocator *a)
{
	free(a->blocks);
	free(a->pools[0].items);
	free(a->pools[1].items);
	*a = (struct vit_allocator){ .blocks = NULL };
}

static uint32_t new_block(struct vit_allocator *a)
{
	uint32_t b = a->unused;

	if (b) {
		a->unused = a->blocks[b].after;
		a->blocks[b] = (struct vit_block){ .size = 0 };
		return b;
	}
	if (a->count == a->capacity) {
		a->capacity *= 2;
		a->blocks = vit_xrealloc(a->blocks, a->capacity * sizeof(*a->blocks));
	}
	a->blocks[a->count] = (struct vit_block){ .size = 0 };
	return a->count++;
}

static void forget_block(struct vit_allocator *a, uint32_t b)
{
	a->blocks[b].after = a->unused;
	a->unused = b;
}

static bool less(const struct vit_block *x, uint64_t size, uint64_t address)
{
	return x->size != size ? x->size < size : x->address < address;
}

/* Position of the first free block not before (size, address). */
static uint32_t place(const struct vit_allocator *a, const struct vit_free_list *pool,
		      uint64_t size, uint64_t address)
{
	uint32_t low = 0, high = pool->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (less(&a->blocks[pool->items[mid]], size, address))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void list_add(struct vit_allocator *a, uint32_t b)
{
	struct vit_free_list *pool = &a->pools[a->blocks[b].large];
	uint32_t at = place(a, pool, a->blocks[b].size, a->blocks[b].address);

	if (pool->count == pool->capacity) {
		pool->capacity = pool->capacity ? 2 * pool->capacity : 64;
		pool->items = vit_xrealloc(pool->items, pool->capacity * sizeof(*pool->items));
	}
	memmove(pool->items + at + 1, pool->items + at, (pool->count - at) * sizeof(*pool->items));
	pool->items[at] = b;
	pool->count++;
}

static void list_remove(struct vit_allocator *a, uint32_t b)
{
	struct vit_free_list *pool = &a->pools[a->blocks[b].large];
	uint32_t at = place(a, pool, a->blocks[b].size, a->blocks[b].address);

	memmove(pool->items + at, pool->items + at + 1,
		(pool->count - at - 1) * sizeof(*pool->items));
	pool->count--;
}

void vit_allocator_empty_cache(struct vit_allocator *a)
{
	for (int p = 0; p < 2; p++) {
		struct vit_free_list *pool = &a->pools[p];
		uint32_t kept = 0;

		for (uint32_t i = 0; i < pool->count; i++) {
			struct vit_block *b = &a->blocks[pool->items[i]];

			if (b->before || b->after) {
				pool->items[kept++] = pool->items[i];
				continue;
			}
			a->reserved -= b->size;
			forget_block(a, pool->items[i]);
		}
		pool->count = kept;
	}
}

static uint32_t new_segment(struct vit_allocator *a, uint64_t need, bool large)
{
	uint64_t size = !large ? SMALL_SEGMENT
			: need < LARGE_MIN
				? LARGE_SEGMENT
				: (need + SMALL_SEGMENT - 1) / SMALL_SEGMENT * SMALL_SEGMENT;
	uint32_t b;

	if (a->device && a->reserved + size > a->device) {
		vit_allocator_empty_cache(a);
		if (a->reserved + size > a->device)
			a->out_of_memory = true;
	}
	b = new_block(a);
	a->blocks[b].address = a->next_address;
	a->blocks[b].size = size;
	a->blocks[b].large = large;
	a->next_address += size + SMALL_SEGMENT; /* segments never touch */
	a->reserved += size;
	if (a->reserved > a->peak_reserved)
		a->peak_reserved = a->reserved;
	return b;
}

/* The rest of a block beyond `need` becomes a free block when it is large enough. */
static void split(struct vit_allocator *a, uint32_t b, uint64_t need)
{
	uint64_t rest = a->blocks[b].size - need;
	bool large = a->blocks[b].large;
	uint32_t r;

	if (large ? rest <= MIB : rest < 512)
		return;
	r = new_block(a);
	a->blocks[r].address = a->blocks[b].address + need;
	a->blocks[r].size = rest;
	a->blocks[r].large = large;
	a->blocks[r].before = b;
	a->blocks[r].after = a->blocks[b].after;
	if (a->blocks[r].after)
		a->blocks[a->blocks[r].after].before = r;
	a->blocks[b].after = r;
	a->blocks[b].size = need;
	list_add(a, r);
}

uint32_t vit_allocator_take(struct vit_allocator *a, uint64_t bytes)
{
	uint64_t need = (bytes + 511) / 512 * 512;
	bool large = need > SMALL_MAX;
	struct vit_free_list *pool = &a->pools[large];
	uint32_t at, b;

	if (bytes == 0)
		return 0;
	if (bytes > VIT_ALLOC_MAX || a->reserved > 16 * VIT_ALLOC_MAX) {
		a->failed = true;
		return 0;
	}
	at = place(a, pool, need, 0);
	if (at < pool->count) {
		b = pool->items[at];
		list_remove(a, b);
	} else {
		b = new_segment(a, need, large);
	}
	split(a, b, need);
	a->blocks[b].live = true;
	a->allocated += a->blocks[b].size;
	if (a->allocated > a->peak_allocated)
		a->peak_allocated = a->allocated;
	return b;
}

/* b swallows the free block behind it. */
static void swallow(struct vit_allocator *a, uint32_t b)
{
	uint32_t gone = a->blocks[b].after;

	a->blocks[b].size += a->blocks[gone].size;
	a->blocks[b].after = a->blocks[gone].after;
	if (a->blocks[b].after)
		a->blocks[a->blocks[b].after].before = b;
	forget_block(a, gone);
}

void vit_allocator_give(struct vit_allocator *a, uint32_t b)
{
	uint32_t n;

	if (b == 0)
		return;
	a->allocated -= a->blocks[b].size;
	a->blocks[b].live = false;
	n = a->blocks[b].after;
	if (n && !a->blocks[n].live) {
		list_remove(a, n);
		swallow(a, b);
	}
	n = a->blocks[b].before;
	if (n && !a->blocks[n].live) {
		list_remove(a, n);
		swallow(a, n);
		b = n;
	}
	list_add(a, b);
}

uint64_t vit_allocator_size(const struct vit_allocator *a, uint32_t block)
{
	return block ? a->blocks[block].size : 0;
}
