/*
 * Characters and numbers as Python's str and float treat them; for templates.
 *
 * Categories and simple case maps come from utf8proc (Unicode 15; CPython 3.11
 * has 14). Of the full case maps only the German sharp s is done (upper case
 * "SS"); the final sigma, ligatures and Turkish are as in the simple maps.
 * Texts are valid UTF-8.
 */
#ifndef VIT_TEXT_TEMPLATE_TEXT_H
#define VIT_TEXT_TEMPLATE_TEXT_H

#include "base/buf.h"

bool vit_tpl_is_space(uint32_t cp);     /* str.isspace, and what strip() takes off */
bool vit_tpl_is_linebreak(uint32_t cp); /* what splitlines() splits at */
bool vit_tpl_is_alpha(uint32_t cp);
bool vit_tpl_is_decimal(uint32_t cp);
bool vit_tpl_is_digit(uint32_t cp);
bool vit_tpl_is_numeric(uint32_t cp);
bool vit_tpl_is_lower(uint32_t cp);
bool vit_tpl_is_upper(uint32_t cp);
bool vit_tpl_is_title(uint32_t cp);
bool vit_tpl_is_printable(uint32_t cp);

enum vit_tpl_case { VIT_TPL_LOWER, VIT_TPL_UPPER, VIT_TPL_TITLECASE };
/* Appends one character in another case. */
void vit_tpl_add_cased(struct vit_buf *out, uint32_t cp, enum vit_tpl_case how);
void vit_tpl_add_char(struct vit_buf *out, uint32_t cp);

bool vit_tpl_is_ascii(struct vit_str s);
/* Code points of s. */
size_t vit_tpl_length(struct vit_str s);
/* Byte offset of code point `index`; s.n at or beyond the end. */
size_t vit_tpl_offset(struct vit_str s, size_t index);
/* The character at byte *at, moved behind it. */
uint32_t vit_tpl_next(struct vit_str s, size_t *at);
/* The character before byte *at (> 0), moved to it. */
uint32_t vit_tpl_previous(struct vit_str s, size_t *at);

/* float(text) of Python, white space around and single underscores between
 * digits allowed, inf and nan too. */
bool vit_tpl_parse_float(struct vit_str s, double *out);
/* int(text, base) of Python; base 0, 2..36. *big: well-formed, beyond 64 bits. */
bool vit_tpl_parse_int(struct vit_str s, int base, int64_t *out, bool *big);
#define VIT_TPL_FLOAT_MAX 40
/* repr(v): the shortest text that reads back as the same. Returns its length. */
size_t vit_tpl_float_repr(double v, char out[VIT_TPL_FLOAT_MAX]);
/* repr(s): quotes and escapes. */
void vit_tpl_str_repr(struct vit_buf *out, struct vit_str s);

#endif
