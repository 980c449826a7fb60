/*
 * Facts as literals and what a pass says to them.
 *
 * The test that uses it defines vit_passes and vit_pass_count, so that only
 * the passes it links are run.
 */
#ifndef VIT_TESTS_CHECK_CASE_H
#define VIT_TESTS_CHECK_CASE_H

#include "checks/eval.h"

struct check_case {
	struct vit_arena *arena;
	struct vit_facts facts;
	struct vit_job job; /* given = false: none */
	const struct vit_outlook *outlook; /* or NULL */
	struct vit_architecture architecture;
	struct vit_vec files; /* struct vit_file */
	struct vit_eval ev;
	char fired[4096];
};

void case_new(struct check_case *c);
void case_free(struct check_case *c);
/* A row; kind as given. Valid until the next. */
struct vit_file *case_file(struct check_case *c, const char *path, enum vit_file_kind kind,
			   uint64_t size);
/* A document that was read: its text must be JSON (as collect reads it). Sets
 * the shorthands when it is config.json. */
void case_document(struct check_case *c, struct vit_document *d, const char *path,
		   const char *text);
/*
 * Runs the passes, for the ids they decide, and returns what fired as
 * "id:severity" in the order of the catalogue, each once, separated by blanks;
 * "" for nothing. Ids that are not in one of the passes are not selected.
 */
const char *case_run(struct check_case *c);
/* The one finding of an id, or the first. Fails the test when there is none. */
const struct vit_finding *case_finding(const struct check_case *c, enum vit_check_id id);

#endif
