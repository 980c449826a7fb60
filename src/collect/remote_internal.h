/*
 * Shared by remote.c (the phases) and remote_fetch.c (what is fetched of the
 * files). Private to collect.
 */
#ifndef VIT_COLLECT_REMOTE_INTERNAL_H
#define VIT_COLLECT_REMOTE_INTERNAL_H

#include "base/map.h"
#include "collect/net.h"
#include "collect/remote.h"

/* A file that is known to be there, or looked for. */
struct remote_file {
	struct vit_str path;
	struct vit_str url;
	bool folder;
	bool found;              /* it is there */
	bool listed;             /* and its size is known from a listing */
	uint64_t size;
	struct vit_str fetched;  /* p NULL: nothing was */
	const struct vit_err *err;
};

struct remote_build {
	struct vit_arena *arena;
	const struct vit_collect_options *opt;
	struct vit_net net;
	struct vit_vec files;    /* struct remote_file */
	struct vit_remote *out;
	uint64_t total;          /* bytes held */
	uint32_t peeked;         /* files whose first bytes alone were asked for */
	struct vit_err gate;     /* the first refusal that concerns the whole model */
	struct vit_progress bar;
};

/* Is it one of the files that are fetched whole? By name alone. */
bool remote_is_small(struct vit_str path);
bool remote_is_shard(struct vit_str path);
/* Is what it is told by its first bytes: a pickle, a program? */
bool remote_is_peeked(struct vit_str path);
/* gpt-oss as Apple GPUs load it: its header is fetched, too. */
bool remote_is_metal(struct vit_str path);
/* Fetches the files that `wanted` picks: whole, or (`parts`) of shards the header and
 * of the others the first bytes. Fails:
 * INTERRUPTED, LIMIT (VIT_REMOTE_MAX). */
VIT_MUST_USE enum vit_errc remote_fetch(struct remote_build *b, bool (*wanted)(const struct remote_file *f),
					bool parts, struct vit_err *err);
/* The row of a path, or NULL. */
struct remote_file *remote_find(const struct remote_build *b, struct vit_str path);
/* From the fetched index: names of the shards, in the arena, and how long the
 * header of each is at least. Empty when there is none that can be read. */
struct remote_shards {
	struct vit_vec names;  /* struct vit_str */
	struct vit_vec bytes;  /* uint64_t */
	struct vit_map at;
};
void remote_shards_read(struct vit_arena *a, struct vit_str index, struct remote_shards *out);
void remote_shards_free(struct remote_shards *s);

#endif
