/*
 * The filters, tests and methods that templates may use. Private to the
 * interpreter.
 */
#ifndef VIT_TEXT_TEMPLATE_TABLES_H
#define VIT_TEXT_TEMPLATE_TABLES_H

#include "text/template_private.h"

struct vit_tpl_eval;
struct vit_tpl_passed;
struct vit_tpl_signature;

struct vit_tpl_filter {
	const char *name;
	const char *params;  /* behind the value: "old,new,count"; "*": as passed */
	uint8_t required;
	/* One of the two; neither: a filter of Jinja's that is not supported. */
	bool (*apply)(struct vit_tpl_eval *e, const struct vit_tval *on,
		      const struct vit_tval *const *arg, struct vit_tval *out);
	bool (*raw)(struct vit_tpl_eval *e, const struct vit_tval *on,
		    const struct vit_tpl_passed *passed, struct vit_tval *out);
};

struct vit_tpl_test {
	const char *name;
	uint8_t required;    /* arguments, 0 or 1 */
	bool (*apply)(struct vit_tpl_eval *e, const struct vit_tval *on,
		      const struct vit_tval *arg, bool *out);
};

struct vit_tpl_method {
	const char *name;
	const char *params;
	uint8_t required;
	bool keywords;       /* parameters may be given by name */
	bool (*call)(struct vit_tpl_eval *e, const struct vit_tval *self,
		     const struct vit_tval *const *arg, struct vit_tval *out);
	bool (*raw)(struct vit_tpl_eval *e, const struct vit_tval *self,
		    const struct vit_tpl_passed *passed, struct vit_tval *out);
};

/* By name; NULL when Jinja has none such. */
const struct vit_tpl_filter *vit_tpl_find_filter(struct vit_str name);
const struct vit_tpl_test *vit_tpl_find_test(struct vit_str name);
static inline bool vit_tpl_supported(const struct vit_tpl_filter *f)
{
	return f->apply || f->raw;
}

/* Parts of the filter table. */
extern const struct vit_tpl_filter vit_tpl_text_filters[];
extern const struct vit_tpl_filter vit_tpl_list_filters[];
extern const struct vit_tpl_filter vit_tpl_pick_filters[];
extern const struct vit_tpl_filter vit_tpl_number_filters[];
extern const struct vit_tpl_filter vit_tpl_json_filters[];
/* Each ends with a row without name. */
extern const struct vit_tpl_method vit_tpl_str_methods[];
extern const struct vit_tpl_method vit_tpl_str_tests[];
extern const struct vit_tpl_method vit_tpl_list_methods[];
extern const struct vit_tpl_method vit_tpl_dict_methods[];
extern const struct vit_tpl_method vit_tpl_cycler_methods[];
extern const struct vit_tpl_method vit_tpl_loop_methods[];
extern const struct vit_tpl_method vit_tpl_dict_class_methods[];

#endif
