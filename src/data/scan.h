/*
 * Data files read through, once, row by row: bytes to facts.
 *
 * Memory does not depend on the size of the files: one row (32 MiB at most),
 * the table of rows seen (64 MiB), that of prompts (64 MiB) and the index of
 * near duplicates (59 MiB); beyond their room they sample or stop, and the
 * facts say so. Names kept in the facts are bounded by facts/data.h.
 */
#ifndef VIT_DATA_SCAN_H
#define VIT_DATA_SCAN_H

#include "base/arena.h"
#include "data/model.h"
#include "facts/data.h"
#include "json/reader.h"

struct vit_data_options {
	uint32_t sequence;            /* of the job, or 0 */
	uint32_t batch;               /* for the padding estimate; 0: 8 */
	struct vit_data_model *model; /* counts tokens; borrowed; NULL: they are estimated */
	struct vit_str no_model;      /* why there is none, or empty: none was named */
	bool no_near, no_languages;   /* not asked for: near duplicates, languages */
	size_t seen_slots;            /* of each table of rows seen; 0: VIT_SEEN_SLOTS */
};

struct vit_data_scan;

/* Rows of all files go into *out, whose files the caller has set: path, split
 * and stored_bytes. `out` and its arena outlive the scan. */
struct vit_data_scan *vit_data_scan_new(struct vit_arena *a, const struct vit_data_options *options,
					struct vit_data *out);
/* Reads file `index` of out through `read`. Failures are kept in its err. Files
 * of the training split come first, so that overlaps can be told. */
void vit_data_scan_file(struct vit_data_scan *s, uint32_t index, vit_json_read_fn read, void *ctx);
/* Adds up and frees. */
void vit_data_scan_finish(struct vit_data_scan *s);

#endif
