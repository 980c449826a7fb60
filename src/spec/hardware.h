/*
 * The hardware catalogue: memory, bandwidth and matrix throughput of devices,
 * each figure with its source, from the files of specs/hardware (built in).
 *
 * A device is found by a user's name ("rtx-3080", "m4-pro-24gb", "h100-sxm") or
 * by its driver's ("NVIDIA H100 80GB HBM3"). Names are compared word by word,
 * so that "a10" is not found in "a100"; words that make another product of it
 * (Ti, SUPER, Laptop, Max-Q, Ultra...) never take the plain one's row.
 *
 * It judges nothing and knows no machine. Everything lives in the arena.
 */
#ifndef VIT_SPEC_HARDWARE_H
#define VIT_SPEC_HARDWARE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum vit_hardware_kind { VIT_HARDWARE_DISCRETE, VIT_HARDWARE_UNIFIED, VIT_HARDWARE_APU };

#define VIT_HARDWARE_SIZES 8

struct vit_hardware {
	struct vit_str name;   /* "NVIDIA GeForce RTX 3080 10GB" */
	struct vit_str slug;   /* "rtx-3080-10gb" */
	struct vit_str vendor; /* "apple", "nvidia", "amd": the file's name */
	enum vit_hardware_kind kind;
	const struct vit_str *match; /* words, lower case, one string per way to name it */
	uint32_t match_count;
	uint32_t memory[VIT_HARDWARE_SIZES]; /* GiB sold, rising */
	uint32_t memory_count;
	/* Per second; 0: not known. */
	double bandwidth;                            /* bytes */
	double compute, fp8, fp4;                    /* floating point operations, dense */
	uint32_t capability_major, capability_minor; /* NVIDIA; 0: none */
	struct vit_str target;                       /* AMD: "gfx942", or empty */
	bool verified_memory, verified_bandwidth, verified_compute;
	struct vit_str source; /* "swarmllm, hardware table; ..." */
	struct vit_str note;
};

struct vit_hardware_db {
	const struct vit_hardware *rows;
	size_t count;
};

/* All built-in files. A fault in one is our bug (a unit test reads them all). */
VIT_MUST_USE enum vit_errc vit_hardware_load(struct vit_arena *a, struct vit_hardware_db *out,
					     struct vit_err *err);
/* One file, for vit_hardware_load and tests: rows are added to *rows (struct vit_hardware).
 * Errors are VIT_E_USAGE or VIT_E_SYNTAX with "<source>:<line>:<column>: ...". */
VIT_MUST_USE enum vit_errc vit_hardware_add(struct vit_arena *a, struct vit_str yaml,
					    struct vit_str source, struct vit_str vendor,
					    struct vit_vec *rows, struct vit_err *err);

/* "NVIDIA GeForce RTX 3080 10GB" -> "rtx-3080-10gb". */
struct vit_str vit_hardware_slug(struct vit_arena *a, struct vit_str name);

/* A row and one of its memory sizes. */
struct vit_hardware_choice {
	const struct vit_hardware *row; /* NULL: none */
	uint64_t memory;                /* bytes */
	bool memory_assumed;            /* the name did not say which; the smallest was taken */
};

/* By a user's name. VIT_E_USAGE when there is none, when it names several, or when
 * the device is not sold with that memory; the message says what there is. */
VIT_MUST_USE enum vit_errc vit_hardware_find(const struct vit_hardware_db *db, struct vit_str name,
					     struct vit_hardware_choice *out, struct vit_err *err);
/* By a driver's name and the memory it tells in bytes (0: not known); out->row NULL
 * when the catalogue has no such device. out->memory is the nearest size sold. */
void vit_hardware_match(const struct vit_hardware_db *db, struct vit_str name, uint64_t memory,
			struct vit_hardware_choice *out);

#endif
