#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define POISON(p, n) __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
/* A gap that stays poisoned, so that an overrun into the next item is seen. */
#define RED_ZONE 16
#define MIN_ALIGN 8
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define RED_ZONE 0
#define MIN_ALIGN 1
#endif

#define FIRST_CHUNK ((size_t)64 << 10)
#define LARGEST_CHUNK ((size_t)4 << 20)

struct chunk {
	struct chunk *next;
	size_t size; /* of the whole chunk, this header included */
	_Alignas(max_align_t) char data[];
};

struct vit_arena {
	struct chunk *chunks;
	char *at, *end;    /* the free part of the chunk in use; zeroed */
	size_t next_size;
	size_t bytes;
};

static void out_of_memory(size_t size)
{
	fprintf(stderr, "vitalis-audit: out of memory (%zu bytes asked for)\n", size);
	_exit(70);
}

void *vit_xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);
	if (!p)
		out_of_memory(size);
	return p;
}

void *vit_xcalloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);
	if (!p)
		out_of_memory(count);
	return p;
}

void *vit_xrealloc(void *p, size_t size)
{
	void *q = realloc(p, size ? size : 1);
	if (!q)
		out_of_memory(size);
	return q;
}

struct vit_arena *vit_arena_new(void)
{
	struct vit_arena *a = vit_xcalloc(1, sizeof(*a));
	a->next_size = FIRST_CHUNK;
	return a;
}

void vit_arena_free(struct vit_arena *a)
{
	if (!a)
		return;
	for (struct chunk *c = a->chunks, *next; c; c = next) {
		UNPOISON(c, c->size);
		next = c->next;
		free(c);
	}
	free(a);
}

void vit_arena_reset(struct vit_arena *a)
{
	/* The chunk in use is the largest of its kind; those with one large item
	 * go, whose size the next row may not share. */
	struct chunk *keep = NULL;
	for (struct chunk *c = a->chunks, *next; c; c = next) {
		next = c->next;
		UNPOISON(c->data, c->size - sizeof(*c));
		if (a->end && (char *)c + c->size == a->end) {
			keep = c;
			continue;
		}
		a->bytes -= c->size;
		free(c);
	}
	a->chunks = keep;
	if (!keep)
		return;
	keep->next = NULL;
	memset(keep->data, 0, (size_t)(a->at - keep->data));
	POISON(keep->data, keep->size - sizeof(*keep));
	a->at = keep->data;
}

/* calloc and not malloc + memset: pages fresh from the system are zero
 * already, and touching them here would cost a page fault for each. */
static struct chunk *chunk_new(struct vit_arena *a, size_t room)
{
	if (room > SIZE_MAX - sizeof(struct chunk))
		out_of_memory(room);
	size_t size = sizeof(struct chunk) + room;
	struct chunk *c = vit_xcalloc(1, size);
	c->size = size;
	c->next = a->chunks;
	a->chunks = c;
	a->bytes += size;
	POISON(c->data, room);
	return c;
}

static void *take(struct vit_arena *a, size_t size, size_t align)
{
	if (align < MIN_ALIGN)
		align = MIN_ALIGN;
#ifndef VIT_ARENA_DEBUG
	size_t pad = (size_t)(-(uintptr_t)a->at & (align - 1));
	if (size > SIZE_MAX / 2)
		out_of_memory(size);
	size_t need = size + RED_ZONE;
	size_t room = (size_t)(a->end - a->at);
	if (pad <= room && need <= room - pad) {
		char *p = a->at + pad;
		a->at = p + need;
		UNPOISON(p, size);
		return p;
	}
	/* A large item gets a chunk of its own, so that what is left of the
	 * chunk in use is not lost. */
	if (need <= a->next_size / 4) {
		struct chunk *c = chunk_new(a, a->next_size - sizeof(struct chunk));
		a->at = c->data + need;
		a->end = (char *)c + c->size;
		if (a->next_size < LARGEST_CHUNK)
			a->next_size *= 2;
		UNPOISON(c->data, size);
		return c->data;
	}
#else
	size_t need = size;
#endif
	struct chunk *c = chunk_new(a, need);
	UNPOISON(c->data, size);
	return c->data;
}

void *vit_arena_alloc(struct vit_arena *a, size_t size)
{
	/* An item of no bytes is an item all the same: it has an address of its own. */
	return take(a, size ? size : 1, _Alignof(max_align_t));
}

void *vit_arena_array(struct vit_arena *a, size_t count, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(count, size, &total))
		VIT_BUG("arena: size of an array overflows");
	return vit_arena_alloc(a, total);
}

struct vit_str vit_arena_str(struct vit_arena *a, struct vit_str s)
{
	if (s.n == SIZE_MAX)
		VIT_BUG("arena: size of a string overflows");
	char *p = take(a, s.n + 1, 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	return (struct vit_str){ p, s.n };
}

struct vit_str vit_arena_printf(struct vit_arena *a, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		VIT_BUG("arena: bad format");
	char *p = take(a, (size_t)n + 1, 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return (struct vit_str){ p, (size_t)n };
}

size_t vit_arena_bytes(const struct vit_arena *a)
{
	return a->bytes;
}

void *vit_vec_add(struct vit_vec *v)
{
	if (v->count == v->capacity) {
		size_t capacity = v->capacity ? v->capacity * 2 : 16;
		size_t bytes;
		if (capacity < v->capacity ||
		    __builtin_mul_overflow(capacity, v->item_size, &bytes))
			VIT_BUG("vec: size overflows");
		v->items = vit_xrealloc(v->items, bytes);
		v->capacity = capacity;
	}
	void *item = v->items + v->count++ * v->item_size;
	memset(item, 0, v->item_size);
	return item;
}

void *vit_vec_at(const struct vit_vec *v, size_t i)
{
	if (i >= v->count)
		VIT_BUG("vec: index out of bounds");
	return v->items + i * v->item_size;
}

void *vit_vec_take(struct vit_vec *v, struct vit_arena *a, size_t *count)
{
	void *all = vit_arena_array(a, v->count, v->item_size);
	if (v->count)
		memcpy(all, v->items, v->count * v->item_size);
	if (count)
		*count = v->count;
	vit_vec_free(v);
	return all;
}

void vit_vec_free(struct vit_vec *v)
{
	free(v->items);
	*v = VIT_VEC(v->item_size);
}
