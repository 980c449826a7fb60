/*
 * The numbers in the weights, as --deep found them, and which tensors are peers:
 * of one role in different layers.
 */
#ifndef VIT_FACTS_NUMBERS_H
#define VIT_FACTS_NUMBERS_H

#include "base/arena.h"
#include "facts/weights.h"
#include "formats/numbers.h"

struct vit_number_facts {
	bool asked;                  /* --deep */
	bool stopped;                /* interrupted before all was read */
	struct vit_numbers *tensors; /* one a row of vit_weights.tensors; those that are not `measured`
	                                are zeros. NULL unless asked */
	uint32_t measured, skipped;  /* of the main save; skipped: their place in the file is in doubt */
	uint64_t bytes;              /* of measured tensors */
	uint64_t bytes_read;         /* for them alone: what was hashed in the same pass is not counted */
	const struct vit_err *err;   /* the first shard that could not be read, or NULL */
};

/* Tensors whose names differ in numbers alone, of one dtype and shape. */
struct vit_peers {
	struct vit_str pattern;      /* "model.layers.*.mlp.up_proj.weight" */
	uint32_t first, count;       /* into vit_peer_table.rows */
};

struct vit_peer_table {
	struct vit_peers *groups;    /* in the order of their first tensor */
	uint32_t count;
	uint32_t *rows;              /* into vit_weights.tensors; in each group sorted by the numbers of
	                                their names, which is layer by layer */
};

/* Groups the measured tensors of the main save. */
void vit_peers_find(struct vit_arena *a, const struct vit_weights *w, const struct vit_number_facts *n,
		    struct vit_peer_table *out);

/* "f32", "bf16", "e4m3", "bytes", ...: as in JSON. */
const char *vit_number_kind_name(enum vit_number_kind k);

#endif
