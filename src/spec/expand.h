/*
 * Expansion: the tensors that a spec expects, one by one, in the order of the
 * spec. Private to src/spec.
 *
 * What cannot be evaluated is left out and noted (incomplete, env->fault); the
 * rest goes on. Nothing is stored: a visitor sees each tensor once.
 */
#ifndef VIT_SPEC_EXPAND_H
#define VIT_SPEC_EXPAND_H

#include "spec/body.h"

#define VIT_MAX_NAME 4096
#define VIT_MAX_EXPECTED 1500000u /* tensors of one expansion: ten times the largest model's */
#define VIT_MAX_STEPS 6000000u    /* tensors, groups and values of loops */

/* One expected tensor. */
struct vit_want {
	const struct vit_item *item;
	struct vit_str name;         /* valid during the visit */
	const uint64_t *shape;       /* likewise; rank sizes, those of `any` are 0 */
	uint32_t rank, any;          /* any: one bit a place where every size is right */
	bool shape_known;
	bool elements_known;
	uint64_t elements;           /* parameters it stands for */
	enum vit_role role;
	bool optional, counts;
};

/* Sizes of one tensor item, kept while no loop variable that they use moves. */
struct vit_shape_cache {
	uint64_t epoch;
	uint32_t vars, any;          /* of the item; set with the first epoch */
	uint64_t shape[VIT_MAX_RANK];
	uint64_t elements;
	bool shape_known, elements_known;
};

struct vit_expand {
	const struct vit_spec_body *body;
	struct vit_env *env;
	const struct vit_scheme *scheme;   /* spelling of prefixes, or NULL */
	void *ctx;
	bool (*visit)(void *ctx, const struct vit_want *w); /* false: stop */
	/* Which alternative of one_of, given those that are allowed; NULL: the first. */
	uint32_t (*choose)(void *choose_ctx, struct vit_expand *x, const struct vit_item *one_of,
			   uint64_t allowed);
	void *choose_ctx;
	/* Around each value of an outermost loop variable; NULL: not told. */
	void (*layer)(void *ctx, int64_t value, bool begin);
	bool nameless;                     /* the visitor needs no names */
	bool incomplete;
	const struct vit_item *unconditional; /* a group whose `when` is not asked */
	/* private */
	char name[VIT_MAX_NAME], renamed[VIT_MAX_NAME];
	size_t n;
	unsigned loop_depth;
	uint32_t steps, tensors;
	bool stop;
	struct vit_shape_cache *cache;
	int role, optional, counts;        /* inherited from the groups around */
};

/* Sets all but the callbacks; the cache goes to the environment's arena. */
void vit_expand_init(struct vit_expand *x, const struct vit_spec_body *body, struct vit_env *env);
/* False when it was stopped. */
bool vit_expand_run(struct vit_expand *x);
/* Expands one group again with other callbacks (for `choose`). */
void vit_expand_group(struct vit_expand *x, const struct vit_item *group,
		      bool (*visit)(void *ctx, const struct vit_want *w), void *ctx);
/* The name's text at the end of buf[*n]; false with a fault when it cannot be made. */
bool vit_name_build(struct vit_env *env, const struct vit_name *name, char *buf, size_t size,
		    size_t *n);
/* The sizes and elements of a tensor item by the environment as it is; fills item, shape
 * (in the cache), rank, any, elements and what is known of w. */
void vit_shape_eval(struct vit_env *env, const struct vit_item *item, struct vit_shape_cache *c,
		    struct vit_want *w);

#endif
