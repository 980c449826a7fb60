/*
 * Shared by the files that collect weights: listing and reading shards
 * (weights.c), grouping them into saves (weights_saves.c), the index
 * (weights_index.c). Included by no one else but the fuzz target.
 */
#ifndef VIT_COLLECT_WEIGHTS_INTERNAL_H
#define VIT_COLLECT_WEIGHTS_INTERNAL_H

#include "base/map.h"
#include "collect/collect.h"

struct weights_build {
	struct vit_arena *arena;
	const struct vit_source *source;
	struct vit_weights *out;
	struct vit_vec tensors; /* struct vit_tensor */
	struct vit_map paths;   /* path of a shard -> its row */
	/* Names of the tensors at the top of the folder -> first row of that name,
	 * and from there through `next` to the others. */
	struct vit_map names;
	uint32_t *next;         /* per tensor row; UINT32_MAX ends */
	struct vit_vec repeats; /* struct weights_repeat, in row order */
};

/* A name that an earlier row has already. */
struct weights_repeat {
	uint32_t first, row;
};

static inline struct vit_tensor *weights_row(const struct weights_build *b, uint32_t row)
{
	return vit_vec_at(&b->tensors, row);
}

/* weights.c */
/* Names of the tensors at the top of the folder, where index and loader look:
 * fills names, next and repeats. */
void weights_map_names(struct weights_build *b);
/* Frees what is not in the arena; the tensors are the caller's. */
void weights_release(struct weights_build *b);

/* weights_saves.c */
/* Fills stem, number, of and the digit counts from the path. */
void weights_parse_name(struct vit_shard *s);
void weights_group_saves(struct weights_build *b);
/* After the index: the main save, what is auxiliary, gaps in the numbering. */
void weights_choose_main(struct weights_build *b);
/* VIT_T_TWICE and shared_tensors. */
void weights_mark_repeats(struct weights_build *b);

/* weights_index.c */
/* Row of the index at the top of the folder, or VIT_FILE_NONE. */
uint32_t weights_find_index(const struct vit_files *f);
/* Reads the shard names alone into index->shard_names (arena). */
void weights_index_names(struct weights_build *b, uint32_t row, struct vit_index *out);
/* Reads all of it and resolves shards and tensors. */
void weights_read_index(struct weights_build *b, uint32_t row);
/* The same from any stream; index->path is set by the caller. */
void weights_parse_index(struct weights_build *b, vit_json_read_fn read, void *ctx);

#endif
