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

/* An index for `count` members, all slots empty; NULL for a small object. */
struct vit_json_index *vit_json_index_new(struct vit_arena *a, uint32_t count);
/* Enters children[i], whose key is set, as those before it are. True when its
 * key stands among them. `index` may be NULL. */
bool vit_json_index_add(struct vit_json_index *index, const struct vit_json *children,
			uint32_t i);

#endif
