/*
 * Sources of truth about the bytes of a folder: what each promises, in the order of enum vit_truth_kind.
 *
 * Reads small files only. Promises of a hub trace that is older than the file it
 * speaks of are kept and marked stale.
 */
#ifndef VIT_COLLECT_TRUTH_H
#define VIT_COLLECT_TRUTH_H

#include "collect/source.h"
#include "facts/integrity.h"
#include "facts/remote.h"
#include "spec/spec.h"

/* Grows while sources are read. */
struct vit_truths {
	struct vit_arena *arena;
	const struct vit_source *source;
	struct vit_vec truths;   /* struct vit_truth */
	struct vit_vec promises; /* struct vit_promise */
};

void vit_truths_begin(struct vit_truths *t, struct vit_arena *a, const struct vit_source *source);
/* One more source; its promises follow. */
struct vit_truth *vit_truth_add(struct vit_truths *t, enum vit_truth_kind kind, struct vit_str name,
				struct vit_str path);
/* A promise of the source added last. digest may be empty (size alone). */
struct vit_promise *vit_truth_promise(struct vit_truths *t, struct vit_str path,
				      enum vit_digest_algorithm algorithm, struct vit_str digest);

/* Each adds its source if it is there. */
void vit_truth_lock(struct vit_truths *t);       /* vitalis.lock, SHA256SUMS... in or beside the folder */
void vit_truth_spec(struct vit_truths *t, const struct vit_spec *model, struct vit_str revision);
void vit_truth_hub_download(struct vit_truths *t);
void vit_truth_hub_cache(struct vit_truths *t);
void vit_truth_git(struct vit_truths *t);
/* The hub's listing; nothing when hub is NULL or has none. */
void vit_truth_hub(struct vit_truths *t, const struct vit_remote *hub);

#endif
