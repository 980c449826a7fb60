/*
 * A look at every chat template of the model: parsed, never rendered. Private
 * to collect.
 */
#ifndef VIT_COLLECT_TEMPLATE_H
#define VIT_COLLECT_TEMPLATE_H

#include "collect/source.h"
#include "facts/tokenizer.h"

/* Largest chat template taken; real ones have up to 30 KB. */
#define VIT_COLLECT_MAX_TEMPLATE (8u << 20)

/* `in_file` is the text at out->template_path when it is a file's, else empty.
 * Fills out->templates. */
void vit_collect_templates(struct vit_arena *a, const struct vit_source *s,
			   const struct vit_config *config, struct vit_str in_file,
			   struct vit_tokenizer *out);

#endif
