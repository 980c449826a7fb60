/*
 * What the terminal renderer's parts share. Private to src/report.
 *
 * Only these functions write escape sequences (SGR), and only with colour on;
 * all text goes through vit_display first.
 */
#ifndef VIT_REPORT_TERMINAL_H
#define VIT_REPORT_TERMINAL_H

#include "report/out.h"

enum vit_style {
	VIT_STYLE_PLAIN, VIT_STYLE_BOLD, VIT_STYLE_DIM, VIT_STYLE_ERROR, VIT_STYLE_WARNING,
	VIT_STYLE_NOTE, VIT_STYLE_GOOD,
};

struct vit_term {
	struct vit_out *o;
	const struct vit_render_options *options;
	size_t width; /* columns */
};

/* s in that style; made harmless and cut to `columns` (0: not cut). Columns used. */
size_t vit_term_text(struct vit_term *t, enum vit_style style, struct vit_str s, size_t columns);
void vit_term_c(struct vit_term *t, enum vit_style style, const char *literal);
void vit_term_spaces(struct vit_term *t, size_t n);
/* Words of s in lines behind `indent` blanks; the first line starts at column
 * `at` (already written). A word longer than a line is not broken: paths and
 * commands stay whole for copying. Ends with a line break. */
void vit_term_wrap(struct vit_term *t, enum vit_style style, struct vit_str s, size_t indent,
		   size_t at);
void vit_term_heading(struct vit_term *t, struct vit_str title);
/* A section's nodes, behind two blanks. */
void vit_term_nodes(struct vit_term *t, const struct vit_node *first);

#endif
