/*
 * Parts of the dump of facts. Private to facts.
 */
#ifndef VIT_FACTS_DUMP_INTERNAL_H
#define VIT_FACTS_DUMP_INTERNAL_H

#include "facts/facts.h"

/* One member each; what is absent is left out. */
void vit_dump_str(struct vit_json_writer *w, const char *key, struct vit_str s);
void vit_dump_u64(struct vit_json_writer *w, const char *key, uint64_t v);
void vit_dump_flag(struct vit_json_writer *w, const char *key, bool v); /* only when true */
void vit_dump_err(struct vit_json_writer *w, const char *key, const struct vit_err *err);
const char *vit_doc_state_name(enum vit_doc_state s); /* "absent", "ok", "invalid", ... */

/* The object that is the value of the group's key. */
void vit_dump_data(const struct vit_data *d, struct vit_json_writer *w);
void vit_dump_config(const struct vit_config *c, struct vit_json_writer *w);
void vit_dump_tokenizer(const struct vit_tokenizer *t, struct vit_json_writer *w);
/* `n` may be NULL: the numbers were not read. */
void vit_dump_weights(const struct vit_weights *x, const struct vit_number_facts *n, struct vit_json_writer *w);
void vit_dump_remote(const struct vit_remote *r, struct vit_json_writer *w);
void vit_dump_hub(const struct vit_hub *h, struct vit_json_writer *w);
void vit_dump_runtimes(const struct vit_runtimes *r, struct vit_json_writer *w);
void vit_dump_python(const struct vit_python *p, struct vit_json_writer *w);
void vit_dump_metal(const struct vit_metal_build *m, struct vit_json_writer *w);
void vit_dump_system(const struct vit_system *s, struct vit_json_writer *w);

#endif
