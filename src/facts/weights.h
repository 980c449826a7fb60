/*
 * Shards, their tensors, and the index. Headers only: no weight was read.
 */
#ifndef VIT_FACTS_WEIGHTS_H
#define VIT_FACTS_WEIGHTS_H

#include "facts/config.h"
#include "facts/files.h"
#include "formats/safetensors.h"

/* Which save of the folder a shard belongs to. "model-00001-of-00003.safetensors"
 * has stem "model", number 1, of 3; a single file has of = 0. */
struct vit_shard {
	struct vit_str path;        /* relative to the root */
	uint32_t file;              /* row in vit_files */
	enum vit_doc_state state;   /* OK: header was read (it may have faults) */
	struct vit_err err;         /* UNREADABLE */
	struct vit_st_header header;
	struct vit_str stem;
	uint32_t number, of;
	uint32_t number_digits, of_digits;
	uint32_t save;              /* index into vit_weights.saves */
	bool in_index;              /* the index names it */
	bool changed;               /* size changed while it was read */
};

/* Shards that were written together: same folder, stem and count. */
struct vit_save {
	struct vit_str folder, stem;
	uint32_t of;                /* 0: a single file */
	uint32_t of_digits;
	uint32_t shard_count;       /* files there */
	uint32_t first, last;       /* lowest and highest number present */
	bool zero_based;            /* numbered 0..of (gpt-oss) or 0..of-1 */
	bool main;                  /* the one the index names, else the one a loader takes */
	bool auxiliary;             /* in a sub-folder (original/, metal/), or "consolidated" beside
	                               another save: not what the loader of the folder takes */
	uint32_t shared_tensors;    /* not main: tensors whose name the main save has too */
	uint32_t *missing;          /* shard numbers absent, sorted */
	uint32_t missing_count;     /* kept, at most 10,000; 0 for a single file */
};

struct vit_index_entry {
	struct vit_str tensor;      /* arena; of a name mapped twice the last mapping counts */
	uint32_t shard_name;        /* into shard_names; UINT32_MAX: value is no string */
	uint32_t tensor_row;        /* into vit_weights.tensors in the shard named, or UINT32_MAX */
};

/* A name the index maps twice. */
struct vit_index_duplicate {
	struct vit_str tensor;
	uint64_t offset;
};

struct vit_index {
	enum vit_doc_state state;
	struct vit_err err;
	struct vit_str path;
	uint32_t file;
	bool has_weight_map, has_total_size, total_size_is_float;
	uint64_t total_size;        /* metadata.total_size */
	bool has_total_parameters;
	uint64_t total_parameters;
	struct vit_index_entry *entries; /* in file order */
	uint32_t entry_count;
	struct vit_str *shard_names;     /* distinct, in order of first mention */
	uint32_t *shard_rows;            /* per name: into vit_weights.shards, or UINT32_MAX */
	uint32_t shard_name_count;
	struct vit_index_duplicate *duplicates;
	uint32_t duplicate_count;   /* kept, at most 1,000 */
	uint64_t duplicate_total;
	uint32_t bad_names;         /* shard names that are no plain names ("..", absolute) */
	struct vit_str bad_name;    /* the first */
	uint32_t bad_values;        /* values that are no strings */
	uint64_t bad_value_offset;
};

struct vit_weights {
	struct vit_shard *shards;   /* sorted by path */
	uint32_t shard_count;
	struct vit_save *saves;
	uint32_t save_count;
	uint32_t main_save;         /* or UINT32_MAX */
	struct vit_tensor *tensors; /* of all shards, in file order within a shard */
	uint32_t tensor_count;
	struct vit_index index;     /* of the main save */
	uint32_t other_formats;     /* weights in other formats (pytorch_model*.bin, *.gguf, ...) at
	                               the top of the folder: counted, not read */
};

/* Is this tensor in the main save? (The architecture checks look at those.) */
static inline bool vit_tensor_is_main(const struct vit_weights *w, const struct vit_tensor *t)
{
	return w->main_save != UINT32_MAX && w->shards[t->shard].save == w->main_save;
}
/* Bytes of the data of the main save's tensors as declared. */
uint64_t vit_weights_main_bytes(const struct vit_weights *w);

#endif
