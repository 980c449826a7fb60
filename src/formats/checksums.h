/*
 * Lists of digests: vitalis.lock and what sha256sum writes.
 *
 * A lock is a list that `sha256sum -c` can check, with comments it passes over:
 *
 *	# vitalis-lock/1
 *	# size 1806
 *	3a2a26de...  config.json
 *
 * One digest line a file, sorted by path; the size of a file stands in the
 * comment above it. Names with a line break or a backslash are written as GNU
 * coreutils does: a backslash before the digest, \n and \\ in the name.
 * sha256sum's own lists ("<digest>  name", "<digest> *name") and the BSD form
 * ("SHA256 (name) = <digest>") are read, too.
 */
#ifndef VIT_FORMATS_CHECKSUMS_H
#define VIT_FORMATS_CHECKSUMS_H

#include "base/arena.h"
#include "base/buf.h"

#define VIT_LOCK_HEADER "# vitalis-lock/1"
#define VIT_CHECKSUMS_MAX ((size_t)64 << 20) /* bytes of a list */
#define VIT_CHECKSUMS_MAX_LINES 1000000u

struct vit_checksum {
	struct vit_str path;    /* as listed, a leading "./" removed */
	struct vit_str sha256;  /* 64 lower-case hex digits */
	bool has_size;
	uint64_t size;
};

struct vit_checksums {
	struct vit_checksum *rows; /* arena, in file order */
	uint32_t count;
	bool is_lock;              /* begins with VIT_LOCK_HEADER */
	uint64_t bad_lines;        /* neither comment, blank nor digest line */
	uint32_t bad_line;         /* the first, 1-based */
};

/* Reads a list; unreadable lines are counted, never an error. Names that are
 * no plain relative paths count as unreadable. */
void vit_checksums_read(struct vit_arena *a, struct vit_str text, struct vit_checksums *out);
/* Appends one file's lines of a lock. */
void vit_checksums_write(struct vit_buf *out, const struct vit_checksum *row);

#endif
