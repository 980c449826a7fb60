/* The toy family that several tests hold hand-made tables against. */
#ifndef VIT_TESTS_SPEC_TOY_H
#define VIT_TESTS_SPEC_TOY_H

#include "support.h"

extern const char family[];
#define CONFIG "{\"model_type\": \"toy\", \"width\": 8, \"layers\": 2, \"vocab\": 5}"

void add_layer(struct model *m, int l);
/* The table of CONFIG: 10 tensors, 2 * 5 * 8 + 2 * (128 + 8 + 48) = 448 parameters. */
void good(struct model *m, const char *config);
struct vit_tensor *tensor(struct model *m, const char *name);
void drop(struct model *m, const char *name);
void one_problem(struct model *m, enum vit_tensor_fault fault, const char *name,
			const char *expected, const char *actual);

#endif
