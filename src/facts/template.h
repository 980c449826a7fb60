/*
 * What a look at the chat templates of a model says, without rendering them.
 */
#ifndef VIT_FACTS_TEMPLATE_H
#define VIT_FACTS_TEMPLATE_H

#include "base/arena.h"

enum vit_remark_kind {
	VIT_RK_SYNTAX,      /* Jinja would refuse the template */
	VIT_RK_UNSAFE,      /* it reaches for attributes, modules or other templates */
	VIT_RK_UNSUPPORTED, /* valid, but our interpreter does not know it */
	VIT_RK_UNREAD,      /* not looked at: too large, or no UTF-8 */
	VIT_RK_COUNT,
};

/* What there is to say of one kind about one template. */
struct vit_template_remark {
	enum vit_remark_kind kind;
	struct vit_str path;   /* the file that holds the template, relative to the root */
	struct vit_str name;   /* of a named template in it, or empty */
	uint32_t line;         /* of the first place, in the template */
	struct vit_str text;   /* what is there; may quote the template */
	uint64_t count;        /* places of this kind in the template */
};

struct vit_templates {
	uint32_t read;         /* templates looked at */
	const struct vit_template_remark *remarks;
	uint32_t remark_count;
	/* Of the template that transformers would take. */
	bool marks_generation; /* says which text the assistant wrote */
	bool uses_clock;       /* its output depends on the day */
	bool uses_tools;       /* lays tools out */
};

#endif
