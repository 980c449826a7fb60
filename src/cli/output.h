/*
 * Where reports go: standard output, or files that are replaced whole or not at
 * all.
 *
 * A report is rendered into memory first. Writing then makes a new file beside
 * the target and renames it over, with SIGINT, SIGTERM and SIGHUP held back in
 * between, so that no signal needs a handler and none leaves a partial file or
 * the temporary one. Targets that are not regular files (a FIFO, /dev/null) are
 * written in place. A link is followed: its target is replaced, not the link.
 */
#ifndef VIT_CLI_OUTPUT_H
#define VIT_CLI_OUTPUT_H

#include "base/buf.h"
#include "base/err.h"

/* The most that one report or facts.json may take. */
#define VIT_OUTPUT_CEILING ((size_t)4 << 30)

/* "-": standard output. */
bool vit_output_is_stdout(const char *path);

/*
 * Could `path` be written now? Asked before the audit, so that hours of hashing
 * don't end in a spelling mistake. Fails with NOTFOUND (its folder is not
 * there), PERM, or UNSUPPORTED (it is itself a folder).
 */
VIT_MUST_USE enum vit_errc vit_output_check(const char *path, struct vit_err *err);

/* Writes all of it. Fails with IO, PERM or NOTFOUND; the file is then as it was
 * before (standard output may have taken a part). */
VIT_MUST_USE enum vit_errc vit_output_commit(const char *path, struct vit_str bytes,
					     struct vit_err *err);

/* A vit_output_fn that appends to the struct vit_buf at ctx. */
bool vit_output_collect(void *ctx, const char *p, size_t n);

#endif
