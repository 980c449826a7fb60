/*
 * The arena: one per audit, all facts live in it, freed once.
 *
 * Use it for what lives as long as the audit; not for buffers that grow
 * (buf.h) and not from worker threads. An allocation never returns NULL: when
 * the system has no memory the process says so and exits with 70, so callers
 * bound counts from outside *before* they allocate. Under AddressSanitizer the
 * unused part is poisoned; built with VIT_ARENA_DEBUG each item is malloced by
 * itself so that valgrind sees overruns.
 */
#ifndef VIT_BASE_ARENA_H
#define VIT_BASE_ARENA_H

#include "base/str.h"

struct vit_arena;

struct vit_arena *vit_arena_new(void);      /* caller frees with vit_arena_free */
void vit_arena_free(struct vit_arena *a);   /* NULL is allowed */
/* Everything in it is gone, and the memory in use is kept for what comes next:
 * for scratch that serves one row of data after another. */
void vit_arena_reset(struct vit_arena *a);
/* Zeroed memory of `size` bytes, aligned for any type. size 0 gives a valid pointer. */
void *vit_arena_alloc(struct vit_arena *a, size_t size);
/* Zeroed array; overflow of count * size is a VIT_BUG (bound the count first). */
void *vit_arena_array(struct vit_arena *a, size_t count, size_t size);
#define VIT_NEW(a, type) ((type *)vit_arena_alloc((a), sizeof(type)))
#define VIT_NEW_ARRAY(a, count, type) ((type *)vit_arena_array((a), (count), sizeof(type)))
/* A copy with a NUL behind it. */
struct vit_str vit_arena_str(struct vit_arena *a, struct vit_str s);
struct vit_str vit_arena_printf(struct vit_arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Bytes taken from the system so far. */
size_t vit_arena_bytes(const struct vit_arena *a);

/*
 * A growing array whose items move to the arena when done.
 *
 *	struct vit_vec v = VIT_VEC(sizeof(struct x));
 *	struct x *item = vit_vec_add(&v);       zeroed; valid until the next add
 *	struct x *all = vit_vec_take(&v, arena, &count);   frees the vec
 *
 * vit_vec_free drops one that is not taken.
 */
struct vit_vec {
	char *items;
	size_t count, capacity, item_size;
};
#define VIT_VEC(size) ((struct vit_vec){ NULL, 0, 0, (size) })
void *vit_vec_add(struct vit_vec *v);
void *vit_vec_at(const struct vit_vec *v, size_t i);
void *vit_vec_take(struct vit_vec *v, struct vit_arena *a, size_t *count);
void vit_vec_free(struct vit_vec *v);

/* malloc and friends that exit with 70 instead of returning NULL; caller frees with free. */
void *vit_xmalloc(size_t size);
void *vit_xcalloc(size_t count, size_t size);
void *vit_xrealloc(void *p, size_t size);

#endif
