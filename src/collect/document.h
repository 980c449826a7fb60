/*
 * One JSON side file of the folder, whole. Private to collect.
 */
#ifndef VIT_COLLECT_DOCUMENT_H
#define VIT_COLLECT_DOCUMENT_H

#include "collect/source.h"
#include "facts/config.h"

/* Is what lies there not the document, as a files/ finding tells: a pointer, a
 * web page, nothing, no file, or a link that leads nowhere good? */
bool vit_document_is_stand_in(const struct vit_file *row);

/* Reads `path` (static, relative to the root) into the arena: at most
 * VIT_JSON_DOC_MAX bytes; NaN, a byte order mark and lone surrogates are
 * accepted and known from the document's flags. ABSENT too when the user named
 * another file. Never fails: out->state and out->err tell. */
void vit_collect_document(struct vit_arena *a, const struct vit_source *s, const char *path,
			  struct vit_document *out);
/* Fills the shorthands of a config whose documents were read. */
void vit_config_shorthands(struct vit_config *c);

#endif
