/* The same five changes to every family's tiny model, as rows of a table. */
#ifndef VIT_TESTS_FAMILIES_H
#define VIT_TESTS_FAMILIES_H

#include "base/buf.h"

/* Appends rows (README.md) for every model folder below `models` that has
 * safetensors of its own family: a tensor dropped, renamed, transposed, one
 * dimension off by one, one layer gone. */
void families_rows(const char *models, struct vit_buf *out);

#endif
