/*
 * .git/index: which blob each path of a clone should be.
 *
 * Versions 2, 3 and 4 of the format (gitformat-index(5)). Only path, object id
 * and mode are taken; extensions are passed over; the trailing checksum is the
 * caller's (it needs a digest). Which hash the ids are of does not stand in the
 * index but in .git/config.
 */
#ifndef VIT_FORMATS_GIT_INDEX_H
#define VIT_FORMATS_GIT_INDEX_H

#include "base/arena.h"
#include "base/err.h"

#define VIT_GIT_INDEX_MAX ((size_t)256 << 20)

struct vit_git_entry {
	struct vit_str path;   /* arena */
	unsigned char oid[32]; /* SHA-1 or SHA-256 of "blob <size>\0" and the content */
	uint32_t mode;         /* 0100644, 0100755, 0120000 for a link */
};

/* Bytes of an object id, from the text of .git/config: 32 where extensions.objectFormat
 * is sha256, else 20. */
unsigned vit_git_oid_bytes(struct vit_str config);

/* Entries in index order; of unmerged paths the first stage. SYNTAX with the
 * offset of the entry that cannot be read. */
VIT_MUST_USE enum vit_errc vit_git_index_read(struct vit_arena *a, struct vit_str bytes, unsigned oid_bytes,
					      struct vit_git_entry **entries, uint32_t *count,
					      struct vit_err *err);

#endif
