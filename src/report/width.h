/*
 * Columns that text takes on a terminal. For clean text (vit_display) only.
 *
 * An approximation of East Asian Width (Unicode TR #11): combining marks and
 * joiners take none, wide and full-width ranges and emoji two, all else one.
 */
#ifndef VIT_REPORT_WIDTH_H
#define VIT_REPORT_WIDTH_H

#include "base/str.h"

size_t vit_width(struct vit_str s);
/* The longest prefix of whole characters that takes at most `columns`. */
struct vit_str vit_width_cut(struct vit_str s, size_t columns);

#endif
