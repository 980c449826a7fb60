/*
 * The caching allocator of PyTorch's CUDA backend, by its rules, without a
 * device: which block a request gets, what is counted as allocated, what is
 * reserved from the driver.
 *
 * Rules (c10/cuda/CUDACachingAllocator.cpp, torch 2.x, default settings):
 * requests are rounded up to 512 bytes; up to 1 MiB they come from segments of
 * 2 MiB, below 10 MiB from segments of 20 MiB, else from a segment of the
 * request rounded up to 2 MiB. A request takes the smallest free block of its
 * pool that is large enough, the lowest address among equals. What is left
 * over becomes a block of its own when it is at least 512 bytes (small pool)
 * or more than 1 MiB (large pool); else it is counted with the allocation.
 * Freed neighbours merge. Segments stay reserved until a request finds no
 * room on the device: then those without a live block go back.
 */
#ifndef VIT_FORECAST_ALLOCATOR_H
#define VIT_FORECAST_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VIT_ALLOC_MAX (UINT64_C(1) << 50) /* bytes of one request; more is refused */

struct vit_allocator {
	struct vit_block *blocks;     /* all, live and free; index 0 is none */
	uint32_t count, capacity, unused;
	struct vit_free_list { uint32_t *items; uint32_t count, capacity; } pools[2];
	uint64_t allocated, reserved, peak_allocated, peak_reserved;
	uint64_t next_address;
	uint64_t device;              /* bytes that segments may take; 0: no limit */
	bool out_of_memory;           /* a request found no room even after the cache was freed */
	bool failed;                  /* a request beyond VIT_ALLOC_MAX */
};

void vit_allocator_init(struct vit_allocator *a, uint64_t device);
void vit_allocator_release(struct vit_allocator *a);
/* A block, or 0 for 0 bytes. */
uint32_t vit_allocator_take(struct vit_allocator *a, uint64_t bytes);
void vit_allocator_give(struct vit_allocator *a, uint32_t block);
uint64_t vit_allocator_size(const struct vit_allocator *a, uint32_t block);
/* Segments without a live block go back to the driver. */
void vit_allocator_empty_cache(struct vit_allocator *a);

#endif
