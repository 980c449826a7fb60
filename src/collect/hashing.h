/*
 * Hashing many files at once: threads over files, largest first, two files together
 * in one thread where the processor gains by it (hash/sha256_pair.h); reading ahead of hashing; the page cache left as found; bounded memory; stops when told.
 *
 * Workers write to their own job alone and never touch the arena.
 */
#ifndef VIT_COLLECT_HASHING_H
#define VIT_COLLECT_HASHING_H

#include <stdatomic.h>

#include "base/progress.h"
#include "collect/source.h"
#include "hash/digest.h"

enum vit_hash_outcome {
	VIT_HASH_PENDING,   /* not begun: stopped before */
	VIT_HASH_DONE,
	VIT_HASH_FAILED,    /* err */
	VIT_HASH_CHANGED,   /* size or times differ from when it was opened */
	VIT_HASH_STOPPED,   /* begun, not finished */
};

/* Sees the same bytes that are hashed, in order, from the thread that hashes.
 * p is aligned to 64 bytes; n is a multiple of VIT_HASH_BLOCK but for the last. */
typedef void (*vit_hash_observer)(void *ctx, uint64_t offset, const void *p, size_t n);

/* Two of them stay in a core's own cache between their readers. */
#define VIT_HASH_BLOCK ((size_t)1 << 17)
#define VIT_HASH_MAX_THREADS 64

struct vit_hash_job {
	const struct vit_file *file;
	enum vit_digest_algorithm algorithm;
	bool no_digest;              /* read for the observer alone */
	vit_hash_observer observe;   /* or NULL */
	void *observe_ctx;
	/* Results. */
	enum vit_hash_outcome outcome;
	char digest[VIT_DIGEST_HEX];
	uint64_t bytes;              /* read */
	struct vit_err err;
};

struct vit_hash_options {
	unsigned threads;            /* 0 = one a core that this process may use */
	bool progress;
	const char *what;            /* "hashing", for the bar */
	const atomic_bool *stop;     /* becomes true to stop; or NULL */
};

/* Runs all jobs; returns when all ended or stop was seen. */
void vit_hash_run(const struct vit_source *source, struct vit_hash_job *jobs, size_t count,
		  const struct vit_hash_options *options);

#endif
