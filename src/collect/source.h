/*
 * Reading the model folder: the only file that opens one of its files. Of a
 * remote model (collect/remote.h) it reads what was fetched; the rest is refused
 * as not downloaded, so that all collectors work on both.
 *
 * Files are opened read-only, O_NONBLOCK, O_NOCTTY, O_CLOEXEC, checked by fstat
 * to be regular, and read with pread; never mapped. Links are followed only
 * where the walk found them inside the allowed roots (the folder itself; for a
 * hub cache snapshot, the blobs/ of the same model).
 */
#ifndef VIT_COLLECT_SOURCE_H
#define VIT_COLLECT_SOURCE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "facts/files.h"

/* The folder being audited. Opened once, closed at the end of collect. */
struct vit_source {
	int root_fd;                   /* -1: a remote model */
	const struct vit_files *files; /* set after the walk */
};

/* A file being read; position moves with vit_source_read. */
struct vit_source_file {
	int fd;             /* -1: of a remote model, whose first bytes are in `fetched` */
	struct vit_str fetched;
	uint64_t size;      /* at open */
	uint64_t position;
	int64_t mtime_ns;   /* at open */
	struct vit_str path;/* for messages */
};

/* Opens the file of a row. Fails with PERM, NOTFOUND, IO, or UNSUPPORTED when
 * it is no regular file. The caller closes. */
VIT_MUST_USE enum vit_errc vit_source_open(const struct vit_source *s, const struct vit_file *row,
					   struct vit_source_file *out, struct vit_err *err);
void vit_source_close(struct vit_source_file *f);
/* Up to n bytes at f->position (which moves); a vit_json_read_fn with ctx = f. */
int64_t vit_source_read(void *f, void *buf, size_t n, struct vit_err *err);
/* Did size or mtime change since it was opened? */
bool vit_source_changed(const struct vit_source_file *f);
/* Whole content of at most `max` bytes, in the arena with a NUL behind;
 * VIT_E_LIMIT when larger, VIT_E_CHANGED when it shrank meanwhile. */
VIT_MUST_USE enum vit_errc vit_source_slurp(const struct vit_source *s, const struct vit_file *row,
					    uint64_t max, struct vit_arena *a, struct vit_str *out,
					    struct vit_err *err);

/* Appends the rest of an open regular file; false when it cannot be read whole
 * or passes the ceiling. For small files beside the model: lists, git's index, our cache. */
bool vit_source_drain(int fd, struct vit_buf *out);

#endif
