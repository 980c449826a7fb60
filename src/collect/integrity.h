/*
 * What is promised about the bytes, and with `verify` what they are.
 *
 * Runs after the comparison with the spec, because the pinned model is one of
 * the sources.
 */
#ifndef VIT_COLLECT_INTEGRITY_H
#define VIT_COLLECT_INTEGRITY_H

#include <stdatomic.h>

#include "collect/deep.h"
#include "facts/facts.h"
#include "facts/integrity.h"
#include "spec/spec.h"

struct vit_integrity_options {
	bool verify;                  /* hash; else only the sources are read */
	bool lock;                    /* for a lock: no source counts, every file gets its sha256 */
	const struct vit_spec *model; /* the pin, or NULL */
	const struct vit_remote *hub; /* whose listing is a source, or NULL */
	struct vit_str revision;      /* of the pin's files */
	unsigned threads;             /* 0 = as many as there are cores */
	bool progress;
	const atomic_bool *stop;      /* set by Ctrl-C; or NULL */
	struct vit_str cache_folder;  /* of remembered digests; empty: none are */
	int64_t now;                  /* seconds since the epoch */
	struct vit_deep *deep;        /* numbers to be taken from the same pass, or NULL */
};

/* `files` and its folder as collected. Fails when the folder cannot be opened
 * again; what goes wrong with one file is kept in its row. */
VIT_MUST_USE enum vit_errc vit_collect_integrity(struct vit_arena *a, const struct vit_files *files,
						 const struct vit_integrity_options *opt,
						 struct vit_integrity *out, struct vit_err *err);

/* A lock of the folder: every file's sha256 and size, sorted by path, from
 * `out->files` of a run with `verify`. False when a file has no digest. */
bool vit_integrity_lock(const struct vit_integrity *in, const struct vit_files *files,
			struct vit_buf *out, struct vit_str *missing);

#endif
