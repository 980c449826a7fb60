/*
 * What methods of str and text filters share. Private to the interpreter.
 *
 * Results keep the markup flag of the text they come from.
 */
#ifndef VIT_TEXT_TEMPLATE_STRINGS_H
#define VIT_TEXT_TEMPLATE_STRINGS_H

#include "text/template_eval.h"

enum { VIT_TPL_LEFT = 1, VIT_TPL_RIGHT = 2 };
/* strip(chars); chars NULL or None: white space. */
bool vit_tpl_strip(struct vit_tpl_eval *e, const struct vit_tval *s, const struct vit_tval *chars,
		   unsigned sides, struct vit_tval *out);
/* The whole text in another case. */
bool vit_tpl_recase(struct vit_tpl_eval *e, const struct vit_tval *s, enum vit_tpl_case first,
		    enum vit_tpl_case rest, struct vit_tval *out);
/* replace(old, new, count); count < 0: all. */
bool vit_tpl_replace(struct vit_tpl_eval *e, struct vit_str s, struct vit_str old,
		     struct vit_str new_text, int64_t count, struct vit_tval *out);
/* separator.join(items): items must be texts unless `any`. */
bool vit_tpl_join(struct vit_tpl_eval *e, struct vit_str separator, const struct vit_tval *items,
		  uint32_t n, bool any, struct vit_tval *out);
/* Lines of a text, at every line end that Python knows. */
bool vit_tpl_splitlines(struct vit_tpl_eval *e, const struct vit_tval *s, bool keep,
			struct vit_tval *out);
/* Padded to `width` characters; side as for strip: which side gets the fill. */
bool vit_tpl_pad(struct vit_tpl_eval *e, const struct vit_tval *s, int64_t width,
		 const struct vit_tval *fill, unsigned sides, struct vit_tval *out);
/* The first (last) needle in s from `from` on (before the end), or SIZE_MAX,
 * also when the search took too many steps (then e->stopped). */
size_t vit_tpl_first(struct vit_tpl_eval *e, struct vit_str s, struct vit_str needle, size_t from);
size_t vit_tpl_last(struct vit_tpl_eval *e, struct vit_str s, struct vit_str needle);
/* v is an integer, or a failure that says so. */
bool vit_tpl_want_int(struct vit_tpl_eval *e, const struct vit_tval *v, int64_t *out);
bool vit_tpl_want_str(struct vit_tpl_eval *e, const struct vit_tval *v, const char *who,
		      struct vit_str *out);

#endif
