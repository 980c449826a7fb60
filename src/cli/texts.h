/*
 * What the tables of options.h say to people and shells: help, man page,
 * completions. Every function appends to a buffer and cannot fail; equal
 * tables give equal bytes.
 */
#ifndef VIT_CLI_TEXTS_H
#define VIT_CLI_TEXTS_H

#include "base/buf.h"
#include "cli/options.h"

/* The whole tool. */
void vit_help_all(struct vit_buf *out);
/* One command: its options alone. */
void vit_help_command(struct vit_buf *out, enum vit_cmd c);

void vit_text_man(struct vit_buf *out);
void vit_text_bash(struct vit_buf *out);
void vit_text_zsh(struct vit_buf *out);
void vit_text_fish(struct vit_buf *out);

/* Rows of meanings that help and man page share. */
struct vit_text_row {
	const char *name, *text;
};
extern const struct vit_text_row vit_text_exit_codes[], vit_text_environment[];
extern const size_t vit_text_exit_code_count, vit_text_environment_count;

/* "the parts [from, to) of text up to `width` columns": appends text broken at
 * spaces, each line after the first indented by `indent`. */
void vit_text_wrap(struct vit_buf *out, const char *text, size_t indent, size_t width);

#endif
