/*
 * A small model in memory, to be changed as a whole and written back: shards
 * with their headers, and the index when there is one. For tests: trusts the
 * model it loads, aborts on any failure.
 */
#ifndef VIT_TESTS_MODEL_H
#define VIT_TESTS_MODEL_H

#include "base/arena.h"
#include "base/buf.h"

struct tm_tensor {
	char name[256], dtype[16], shard[128];
	uint64_t shape[8];
	unsigned rank;
	char *data;      /* caller frees with tm_free */
	size_t bytes;
};

struct tm_model {
	char dir[512];
	struct tm_tensor *tensors;
	size_t count;
	bool has_index;
};

void tm_load(struct tm_model *m, const char *dir);
/* Rewrites every shard in the reference writer's order, and the index. */
void tm_save(const struct tm_model *m);
void tm_free(struct tm_model *m);
struct tm_tensor *tm_find(struct tm_model *m, const char *name);

/* Changes; each keeps headers, data and index in agreement with each other. */
void tm_drop(struct tm_model *m, const char *name);
void tm_rename(struct tm_model *m, const char *name, const char *to);
void tm_transpose(struct tm_model *m, const char *name);           /* shape only: same bytes */
void tm_resize(struct tm_model *m, const char *name, unsigned dim, int by);
void tm_dtype(struct tm_model *m, const char *name, const char *dtype); /* zero data of the new size */
void tm_add(struct tm_model *m, const char *name, const char *dtype, const uint64_t *shape, unsigned rank);
void tm_drop_matching(struct tm_model *m, const char *part);       /* every name that contains part */

/* Bytes over a tensor's data: at `offset`, or again and again over all of it; another tensor's. */
void tm_poke(struct tm_model *m, const char *name, size_t offset, struct vit_str bytes);
void tm_fill(struct tm_model *m, const char *name, struct vit_str bytes);
void tm_same(struct tm_model *m, const char *from, const char *to);

/* All tensors into one model.safetensors; shards and index go. */
void tm_merge(struct tm_model *m);

/* Whole files. */
void tm_read(const char *path, struct vit_buf *out);
void tm_write(const char *path, struct vit_str text);
/* Fails the test program with the text. */
void tm_die(const char *fmt, ...) VIT_PRINTF(1, 2) VIT_NORETURN;

#endif
