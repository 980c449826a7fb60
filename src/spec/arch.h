/*
 * The parts of vit_architecture_resolve. Private to src/spec.
 */
#ifndef VIT_SPEC_ARCH_H
#define VIT_SPEC_ARCH_H

#include "spec/expand.h"

/* One model while it is held against its spec. */
struct vit_held {
	struct vit_arena *arena;
	const struct vit_spec_db *db;
	const struct vit_arch_input *in;
	struct vit_architecture *out;
	struct vit_env env;          /* of the family, or of the forced spec */
	struct vit_env quant;        /* of the overlay */
	struct vit_vec fields;       /* struct vit_field_problem */
	struct vit_vec origins;      /* struct vit_origin, one per row of fields */
	struct vit_vec problems;     /* struct vit_tensor_problem */
	bool incomplete;             /* some expectation could not be evaluated */
};

/* Which names of the body a field problem is about. */
struct vit_origin {
	bool known;                  /* names of the family's body, not of an overlay or pin */
	uint32_t path;               /* a field, or VIT_NO_NODE */
	const struct vit_expr *rule; /* or a rule */
};

/* match.c */
bool vit_match_holds(const struct vit_spec *s, const struct vit_json *config);
void vit_match_family(struct vit_held *h, const struct vit_spec *forced);
const struct vit_spec *vit_match_base(const struct vit_spec_db *db, const struct vit_json *config);
void vit_match_overlay(struct vit_held *h);
const struct vit_spec *vit_match_adapter(struct vit_held *h);
/* Puts the body's roots into the environment. */
void vit_env_roots(struct vit_env *env, const struct vit_spec_body *body);

/* pin.c */
void vit_pin_choose(struct vit_held *h, const struct vit_spec *forced);

/* config_rules.c */
struct vit_field_problem *vit_field_add(struct vit_held *h, enum vit_field_fault fault);
void vit_config_check(struct vit_held *h, struct vit_env *env, const struct vit_spec_body *body);
void vit_values_check(struct vit_held *h, struct vit_env *env, const struct vit_spec *spec);
/* Marks the problems of values that the expansion in env has looked at. */
void vit_fields_mark_sizes(struct vit_held *h, const struct vit_env *env);
/* A fault of an expression that no other field problem explains. */
void vit_fault_report(struct vit_held *h, const struct vit_env *env);

/* totals.c: parameters by the configuration alone. */
struct vit_totals {
	bool known, active_known;
	bool endless;                /* more tensors than any model has: not all were expanded */
	uint64_t total, active, expected, experts, per_token;
	struct vit_str note;         /* why not known */
};
void vit_totals_compute(struct vit_env *env, const struct vit_spec_body *body,
			struct vit_totals *out);

/* values.c: the `report` section. */
void vit_report_values(struct vit_held *h, const struct vit_spec_body *body);
/* The value of one report key; null when there is none. */
struct vit_value vit_report_value(struct vit_env *env, const struct vit_spec_body *body,
				  const char *key);

/* compare.c */
void vit_compare(struct vit_held *h);
struct vit_tensor_problem *vit_problem_add(struct vit_held *h, enum vit_tensor_fault fault,
					   struct vit_str name, uint32_t row);

/* describe.c: texts for people, in the arena. */
struct vit_str vit_describe_sizes(struct vit_arena *a, const uint64_t *shape, size_t rank);
/* "[4,096, 2,880] = [q, hidden_size] with q = num_attention_heads * head_dim = 4,096" */
struct vit_str vit_describe_expected(struct vit_arena *a, struct vit_env *env,
				     const struct vit_want *w);
struct vit_str vit_describe_dtypes(struct vit_arena *a, vit_dtype_set set);
/* Names and values that an expression mentions: "a = 1, b = 2". */
struct vit_str vit_describe_inputs(struct vit_arena *a, struct vit_env *env,
				   const struct vit_expr *e);

/* adapter.c */
void vit_adapter_resolve(struct vit_held *h);

#endif
