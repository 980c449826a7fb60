/*
 * Checks of the area 'config': the JSON side files by themselves and among
 * each other. What the family's spec says about fields of config.json
 * (config/field-*, config/rule) is decided with the architecture.
 */
#ifndef VIT_CHECKS_CONFIG_H
#define VIT_CHECKS_CONFIG_H

#include "checks/eval.h"

extern const struct vit_pass vit_pass_config;     /* documents, spellings, remote code */
extern const struct vit_pass vit_pass_config_ids; /* token ids of all files */

/* The object of config.json. When there is none, sets id to what that means
 * for a check that needs it (NOT_APPLICABLE, or UNKNOWN when it could not be
 * read) and returns NULL. */
const struct vit_json *vit_config_need(const struct vit_case *c, struct vit_eval *ev,
				       enum vit_check_id id);
/* The object of a document that was read, else NULL. */
const struct vit_json *vit_document_object(const struct vit_document *d);
/* Value as text for expected and actual: at most 120 bytes. */
struct vit_str vit_config_brief(struct vit_eval *ev, const struct vit_json *v);
/* vocab_size of the text model; false when absent or no positive integer. */
bool vit_config_vocab_size(const struct vit_config *c, uint64_t *out);

/* A finding on a value of a document (v may be NULL), with its place. */
struct vit_finding *vit_config_fail(struct vit_eval *ev, enum vit_check_id id,
				    const struct vit_document *d, const struct vit_json *v);

/* config_fields.c: config/dtype-spellings, rope-spellings; config/generation-invalid. */
void vit_config_check_spellings(const struct vit_case *c, struct vit_eval *ev);
void vit_config_check_generation(const struct vit_case *c, struct vit_eval *ev);
/* config_remote.c: config/remote-code. */
void vit_config_check_remote_code(const struct vit_case *c, struct vit_eval *ev);

#endif
