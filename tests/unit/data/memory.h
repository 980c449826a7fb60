/* Data files in memory, read through the scan. */
#ifndef VIT_TESTS_DATA_MEMORY_H
#define VIT_TESTS_DATA_MEMORY_H

#include "data/scan.h"

/* What is left to read, at most `chunk` bytes at a time (0: all). */
struct memory {
	struct vit_str rest;
	size_t chunk;
	bool fails;          /* after `rest`, reading fails */
};
int64_t memory_read(void *ctx, void *buf, size_t n, struct vit_err *err);

/* Scans one training file. *out and its parts live in `a`. */
void memory_scan(struct vit_arena *a, struct vit_str text, const struct vit_data_options *o,
		 struct vit_data *out);
/* A file of tests/data, whole. */
struct vit_str memory_file(struct vit_arena *a, const char *name);
struct vit_str memory_file_at(struct vit_arena *a, const char *path);
/* "3 7 9": the lines of an issue, or "". */
const char *memory_lines(struct vit_arena *a, const struct vit_data_file *f, enum vit_data_issue i);

#endif
