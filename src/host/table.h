/*
 * Tables of a recorded machine: text, one row a line, fields between tabs.
 *
 * Empty lines and lines that begin with '#' say nothing. A field holds \t \n
 * \r \\ and \xNN for bytes that would break it. The text is untrusted: sizes
 * and counts are limited.
 */
#ifndef VIT_HOST_TABLE_H
#define VIT_HOST_TABLE_H

#include "base/arena.h"
#include "base/buf.h"

#define VIT_TABLE_MAX_BYTES (1u << 20)
#define VIT_TABLE_MAX_ROWS 10000

/* The tables of a recording; their columns are in tests/hosts/README.md. */
enum vit_recording {
	VIT_REC_IDENTITY, VIT_REC_SYSCTL, VIT_REC_LISTS, VIT_REC_COMMANDS, VIT_REC_ENV,
	VIT_REC_STATFS, VIT_REC_RATES, VIT_REC_FAILURES, VIT_REC_HTTP, VIT_REC_COUNT
};
extern const char *const vit_recording_names[VIT_REC_COUNT]; /* file names */
/* NVML's answer is a table of its own and kept as it is. */
#define VIT_RECORDING_NVML "nvml.tsv"

struct vit_table_row {
	struct vit_str *fields; /* unescaped; arena */
	size_t count;           /* at least 1 */
};

struct vit_table {
	struct vit_table_row *rows;
	size_t count;
};

/* `name` is for messages. Fails: SYNTAX (bad escape, offset = line number),
 * LIMIT. Rows are in the arena. */
VIT_MUST_USE enum vit_errc vit_table_parse(struct vit_arena *a, struct vit_str text,
					   const char *name, struct vit_table *out,
					   struct vit_err *err);
/* The first row whose first field is key and that has at least `fields`, or NULL. */
const struct vit_table_row *vit_table_find(const struct vit_table *t, struct vit_str key,
					   size_t fields);
/* Appends one field in its escaped form; `first` of its row. */
void vit_table_field(struct vit_buf *out, struct vit_str field, bool first);

#endif
