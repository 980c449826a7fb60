/*
 * The test tool's parts: model folders of any size, made sparse.
 *
 * For tests and the benchmark only. Functions return false after saying on
 * stderr what went wrong. A folder that is there already is added to.
 */
#ifndef VIT_TESTS_MK_H
#define VIT_TESTS_MK_H

#include "base/arena.h"
#include "base/buf.h"
#include "json/writer.h"

#define MK_MAX_RANK 4

struct mk_tensor {
	struct vit_str name;      /* arena */
	const char *dtype;        /* static: "BF16" */
	unsigned rank;
	uint64_t shape[MK_MAX_RANK];
	uint64_t bytes;
	uint32_t shard;           /* 0-based; set by mk_cut or the caller */
};

/* A model under construction. */
struct mk_model {
	struct vit_arena *arena;
	const char *dir;
	struct vit_vec tensors;   /* struct mk_tensor */
};

struct mk_options {
	const char *from;         /* folder with the real small files, or NULL */
	const char *tensors_tsv;  /* tests/data/gpt-oss-20b-tensors.tsv */
	uint64_t tensors;         /* of the synthetic model */
	const char *dtype;        /* of mk_numbers */
	bool pointers;            /* git-LFS pointers in place of the large files */
};

bool mk_gpt_oss(const char *dir, const struct mk_options *o);
bool mk_deepseek_v3(const char *dir);
bool mk_synthetic(const char *dir, uint64_t tensors);
/* Eight shards of `bytes` in all, every number there and finite: BF16, F16, F32, F64, F8_E4M3. */
bool mk_numbers(const char *dir, const char *dtype, uint64_t bytes);
/* A llama of 12 tensors in one file model.safetensors, no index. */
bool mk_small(const char *dir);
bool mk_hostile(const char *dir, const char *kind);
/* "entries200k depth5000 ...": for the usage text. */
const char *mk_hostile_kinds(void);
/* Every byte of a tokenizer.json like that of gpt-oss: byte-level BPE, 199,998
 * entries, 446,189 merges, 21 added tokens, exactly `size` bytes. */
bool mk_tokenizer(const char *path, uint64_t size);

/* --- files (mk_files.c) --- */

bool mk_fail(const char *path);                     /* says errno for path; false */
bool mk_folder(const char *path);                   /* with its parents; there already is fine */
/* dir/name; arena. */
const char *mk_path(struct vit_arena *a, const char *dir, const char *name);
bool mk_write(const char *path, struct vit_str content);
bool mk_copy(const char *from, const char *to);
/* `head`, then nothing but a hole up to `size` bytes in all. */
bool mk_sparse(const char *path, struct vit_str head, uint64_t size);
/* A writer into b: pretty unless compact. */
void mk_json(struct vit_json_writer *w, struct vit_buf *b, bool compact);

/* --- tensors and shards (mk_shards.c) --- */

/* Appends a tensor; the name is a format. Unused dimensions are 0. */
void mk_add(struct mk_model *m, const char *dtype, uint64_t d0, uint64_t d1, const char *fmt, ...)
	VIT_PRINTF(5, 6);
uint64_t mk_dtype_bytes(const char *dtype);
uint64_t mk_total(const struct mk_model *m);        /* bytes of all tensors */
/* Cuts the tensors, in their order, into `shards` parts of about equal bytes. */
void mk_cut(struct mk_model *m, uint32_t shards);
/* Writes the shard as the reference writer does: wide types first, then by
 * name; header padded to 8. *header_bytes, which may be NULL: its length. */
bool mk_shard(const struct mk_model *m, uint32_t shard, const char *name, uint64_t *header_bytes);
/* model.safetensors.index.json in the tensors' order; on one line as Python's
 * json.dumps writes it, or indented. */
typedef const char *mk_shard_name(uint32_t shard, uint32_t shards, char out[64]);
bool mk_index(const struct mk_model *m, bool one_line, mk_shard_name *shard_name, uint32_t shards);

#endif
