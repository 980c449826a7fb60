/*
 * What json/tree.c and json/lookup.c share; nobody else includes it.
 */
#ifndef VIT_JSON_TREE_PRIVATE_H
#define VIT_JSON_TREE_PRIVATE_H

#include "json/tree.h"

/* Objects up to this many members are searched one by one. */
#define VIT_JSON_SMALL_OBJECT 8

/* Open addressing over the children of one object. A slot holds the upper half
 * of the key's hash and the child's position plus one; 0 is an empty slot. */
struct vit_json_index {
	size_t mask;
	uint64_t slots[];
};

typedef void (*vit_json_repeat_fn)(void *ctx, const struct vit_json *later);

/* Makes obj->index if the object is large enough, and calls `repeat` for each
 * member whose key stands earlier in the object, in document order. */
void vit_json_index_members(struct vit_arena *a, struct vit_json *obj,
			    vit_json_repeat_fn repeat, void *ctx);

#endif
