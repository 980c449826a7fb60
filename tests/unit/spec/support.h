/* What the tests of specs share. */
#ifndef VIT_TESTS_SPEC_SUPPORT_H
#define VIT_TESTS_SPEC_SUPPORT_H

#include "spec/architecture.h"

/* A model made of literals. */
struct model {
	struct vit_arena *arena;
	struct vit_spec_db *db;
	struct vit_vec tensors;
	struct vit_json_doc config, adapter, base;
	struct vit_arch_input in;
	struct vit_architecture out;
};

/* With the built-in specs. */
void model_begin(struct model *m);
void model_end(struct model *m);
void model_config(struct model *m, const char *json);
/* "4 x 8" dimensions as a list ending in 0; BF16 when dtype is VIT_DT_UNKNOWN. */
void model_tensor(struct model *m, const char *name, enum vit_dtype dtype, size_t rank,
		  const uint64_t *shape);
const struct vit_spec *model_spec(struct model *m, const char *yaml);
void model_resolve(struct model *m, const struct vit_spec *forced);
struct vit_json_doc parse_json(struct vit_arena *a, struct vit_str text);
/* Whole file in the arena; p NULL when it is not there. */
struct vit_str read_file(struct vit_arena *a, const char *path);

#endif
