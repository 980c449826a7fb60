/*
 * Reading the numbers of the main save's tensors (--deep).
 *
 * Where --verify hashes a shard in the same run, the numbers are taken from the
 * same pass over its bytes; what is left is read by itself. Each shard in work
 * needs 9 KiB beside the engine's block.
 */
#ifndef VIT_COLLECT_DEEP_H
#define VIT_COLLECT_DEEP_H

#include "collect/hashing.h"
#include "facts/numbers.h"

struct vit_deep; /* ended, and freed, by vit_deep_end */

/* Of shards whose header was read. A tensor whose bytes another one claims, or that
 * lies beyond the file, is skipped. */
struct vit_deep *vit_deep_begin(struct vit_arena *a, const struct vit_files *files, const struct vit_weights *w,
				struct vit_number_facts *out);
/* When `file` (a row of vit_files) is a shard that was not read yet: have job measure it too. */
void vit_deep_attach(struct vit_deep *d, uint32_t file, struct vit_hash_job *job);
/* After the job ran: was every tensor seen? */
void vit_deep_settle(struct vit_deep *d, uint32_t file, const struct vit_hash_job *job);
/* Reads what no job has read. Fails when the folder cannot be opened again. */
VIT_MUST_USE enum vit_errc vit_deep_end(struct vit_deep *d, const struct vit_hash_options *options, struct vit_err *err);

#endif
