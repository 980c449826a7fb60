/*
 * Passes of the area 'data': the training data that --data or a job names.
 */
#ifndef VIT_CHECKS_DATA_H
#define VIT_CHECKS_DATA_H

#include "checks/eval.h"

extern const struct vit_pass vit_pass_data;       /* files and rows (data.c) */
extern const struct vit_pass vit_pass_data_totals; /* numbers against numbers (data_totals.c) */

/* "lines 3, 7, 9 and 4 more"; "line 3". Without `others` alone; with them
 * "line 7 (as line 3)". */
struct vit_str vit_data_lines_text(struct vit_eval *ev, const uint32_t *lines,
				   const uint32_t *others, uint32_t kept, uint64_t count);
/* When there is no data to be held against anything, sets the state of each id
 * and says true. */
bool vit_data_absent(const struct vit_case *c, struct vit_eval *ev,
		     const enum vit_check_id *ids, size_t count);

#endif
