/*
 * Digests remembered between runs, so that an unchanged model is verified again
 * in milliseconds.
 *
 * A file is the same when device, inode, size, mtime and ctime are: ctime moves
 * with every change of content and cannot be set back by an ordinary user. A
 * file changed within two seconds of being hashed is not remembered (its next
 * change might leave the same times). The cache is one text file of this user
 * alone; one that others may write, or that cannot be read whole, is ignored.
 * It is an optimisation: its failures are never the caller's.
 */
#ifndef VIT_COLLECT_DIGEST_CACHE_H
#define VIT_COLLECT_DIGEST_CACHE_H

#include "base/arena.h"
#include "base/map.h"
#include "facts/files.h"
#include "hash/digest.h"

#define VIT_DIGEST_CACHE_MAX_BYTES ((size_t)32 << 20)
#define VIT_DIGEST_CACHE_MAX_ENTRIES 100000u /* the oldest go */

struct vit_digest_cache {
	struct vit_arena *arena;   /* its own */
	struct vit_str folder;     /* "/home/x/.cache/vitalis-audit" */
	struct vit_vec entries;    /* private */
	struct vit_map index;      /* key text -> entry */
	bool changed;
	bool usable;               /* a folder is known */
};

/* Reads the cache below `folder` (may be empty: then nothing is remembered). */
void vit_digest_cache_open(struct vit_digest_cache *c, struct vit_str folder);
/* The digest of the file if it is remembered; *since is when it was computed. */
bool vit_digest_cache_get(const struct vit_digest_cache *c, const struct vit_file *f,
			  enum vit_digest_algorithm a, char out[VIT_DIGEST_HEX], int64_t *since);
/* Remembers; `now` in seconds since the epoch. */
void vit_digest_cache_put(struct vit_digest_cache *c, const struct vit_file *f,
			  enum vit_digest_algorithm a, const char *digest, int64_t now);
/* Writes what changed (merged with what another run wrote meanwhile, beside and
 * renamed) and frees. */
void vit_digest_cache_close(struct vit_digest_cache *c);

#endif
