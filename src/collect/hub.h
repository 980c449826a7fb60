/*
 * A local copy held against the hub (--hub).
 *
 * The repository is told by the user, or else by the hub cache's folder, by
 * the pinned model's spec, or by the clone's .git/config, in this order. The
 * revision is the one the user names; else the commit the copy was fetched at,
 * as the client's notes, the cache's folder or the clone say; else the head of
 * main. What main holds now is compared with that revision, too.
 *
 * Small files are hashed; weights only where the integrity facts hold their
 * digest (--verify).
 */
#ifndef VIT_COLLECT_HUB_H
#define VIT_COLLECT_HUB_H

#include "collect/collect.h"
#include "facts/integrity.h"
#include "facts/remote.h"

struct vit_hub_options {
	const char *repo;              /* "org/name[@revision]", "hf://..."; or NULL */
	struct vit_str pin_repo;       /* of the pinned model, or empty */
	struct vit_str pin_id;
	const struct vit_collect_options *collect; /* host, jobs, stop, progress */
};

/* Asks the hub: fills *remote (its listing is that of the compared revision) and
 * *out but for the files. `integrity` holds the client's notes as promises. What
 * fails is in out->err, save INTERRUPTED and a repo that is none (USAGE), which
 * are returned. */
VIT_MUST_USE enum vit_errc vit_collect_hub(struct vit_arena *a, const struct vit_files *files,
					   const struct vit_integrity *integrity,
					   const struct vit_hub_options *opt, struct vit_hub *out,
					   struct vit_remote *remote, struct vit_err *err);
/* Holds the files against the listing; hashes small ones. */
void vit_hub_compare(struct vit_arena *a, const struct vit_files *files,
		     const struct vit_integrity *integrity, const struct vit_remote *remote,
		     struct vit_hub *out);

#endif
