/*
 * Progress of bulk work on stderr: a bar with rate and ETA on a terminal,
 * silent otherwise. Redraws at most ten times a second. Counting is atomic, so
 * worker threads may add; start and finish belong to one thread.
 */
#ifndef VIT_BASE_PROGRESS_H
#define VIT_BASE_PROGRESS_H

#include <stdatomic.h>
#include <stdio.h>

#include "base/str.h"

struct vit_progress {
	_Atomic uint64_t done;
	_Atomic int64_t next_draw_ns; /* private */
	uint64_t total;               /* 0: not known */
	int64_t start_ns;
	const char *what;             /* "hashing", static */
	bool bytes;                   /* the unit is bytes, else items */
	bool enabled;
	FILE *out;
};

void vit_progress_start(struct vit_progress *p, const char *what, uint64_t total,
			bool bytes, bool enabled);
void vit_progress_add(struct vit_progress *p, uint64_t n);
void vit_progress_finish(struct vit_progress *p); /* clears the line */

#endif
