/*
 * From -o and -f to the engine's outputs: which formats go where, collected in
 * memory, written at the end.
 */
#ifndef VIT_CLI_OUTPUTS_H
#define VIT_CLI_OUTPUTS_H

#include "base/buf.h"
#include "cli/commands.h"
#include "vitalis/audit.h"

struct vit_outputs {
	struct vit_output *items; /* for the engine; arena */
	const char **paths;       /* of each: "-" is standard output; arena */
	struct vit_buf *bytes;    /* of each; arena, released by vit_outputs_release */
	size_t count;
	/* facts.json: dump.write is NULL when it was not asked for. */
	struct vit_output dump;
	const char *dump_path;
	struct vit_buf dump_bytes;
};

/*
 * Without -o: `place`, which is "-" for most commands, standard output: in
 * --format or else terminal on a terminal and markdown elsewhere. With -o: those places only; a file's format is that of
 * its extension, else --format. --dump-facts - takes standard output for itself.
 * Fails with USAGE (no format to be had, --format that no output uses, a place
 * named twice) and as vit_output_check. On failure nothing is left to release.
 */
VIT_MUST_USE enum vit_errc vit_outputs_plan(const struct vit_cli *cli, const char *place,
					    struct vit_outputs *out, struct vit_err *err);
/* Writes every output, in order, even when one before it failed. The first
 * failure is returned. Empty ones that the engine never wrote to are left out. */
VIT_MUST_USE enum vit_errc vit_outputs_commit(struct vit_outputs *o, struct vit_err *err);
void vit_outputs_release(struct vit_outputs *o);

#endif
