/*
 * Values compared, hashed and looked up, without an evaluation at hand.
 * Private to the interpreter.
 */
#ifndef VIT_TEXT_TEMPLATE_OPS_H
#define VIT_TEXT_TEMPLATE_OPS_H

#include "text/template_value.h"

/* Flags of a value. */
enum {
	VIT_TVF_MARKUP = 1,  /* STR: markupsafe.Markup, made by `safe` and `escape` */
	VIT_TVF_GROUP = 2,   /* TUPLE: what groupby makes, with .grouper and .list */
};

/* Equal as keys of a dict: 1, 1.0 and true are one key. Bounded depth. */
bool vit_tpl_same_key(const struct vit_tval *a, const struct vit_tval *b);
/* Equal keys have equal hashes. */
uint64_t vit_tpl_hash(const struct vit_tval *v);
/* The member, or NULL. The key must be hashable. */
struct vit_tpair *vit_tpl_dict_find(const struct vit_tdict *d, const struct vit_tval *key);
void vit_tpl_dict_set(struct vit_arena *a, struct vit_tdict *d, const struct vit_tval *key,
		      const struct vit_tval *value);

/* bool(v). */
bool vit_tpl_truth(const struct vit_tval *v);
/* The name of v's type as Python's error messages have it: "str", "dict", ... */
const char *vit_tpl_type_name(const struct vit_tval *v);
static inline bool vit_tpl_is_number(const struct vit_tval *v)
{
	return v->type == VIT_TV_INT || v->type == VIT_TV_FLOAT || v->type == VIT_TV_BOOL;
}
/* True for int and bool. */
static inline bool vit_tpl_is_int(const struct vit_tval *v)
{
	return v->type == VIT_TV_INT || v->type == VIT_TV_BOOL;
}
static inline int64_t vit_tpl_int(const struct vit_tval *v)
{
	return v->type == VIT_TV_BOOL ? v->boolean : v->integer;
}
static inline double vit_tpl_double(const struct vit_tval *v)
{
	return v->type == VIT_TV_FLOAT ? v->number : (double)vit_tpl_int(v);
}

#endif
