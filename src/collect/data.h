/*
 * The training data: a file, or a folder with files of the splits.
 */
#ifndef VIT_COLLECT_DATA_H
#define VIT_COLLECT_DATA_H

#include "data/scan.h"
#include "facts/data.h"

/*
 * Reads `path` into *out. In a folder those files are taken whose extension is
 * one of data (.jsonl, .json, .ndjson, .parquet, .arrow, .csv, .tsv, also with
 * .gz or .zst behind it), at the top and in a folder called data; names that
 * begin with valid, val, dev, eval or test are of that split, all others are
 * training data. Other tools' dataset_info.json and the like are left out.
 *
 * Files are opened read-only, O_NONBLOCK, and must be regular; they may lie
 * anywhere, since the user named them. With `progress` a bar on stderr.
 * Fails when path cannot be opened: NOTFOUND, PERM, IO, or UNSUPPORTED for what
 * is neither a folder nor a regular file; *out then has the one file and its
 * error. What goes wrong deeper is kept in the facts.
 */
VIT_MUST_USE enum vit_errc vit_collect_data(struct vit_arena *a, struct vit_str path,
					    const struct vit_data_options *options, bool progress,
					    struct vit_data *out, struct vit_err *err);

#endif
