/*
 * Parts of the pass over the numbers of the weights. Private to checks.
 */
#ifndef VIT_CHECKS_NUMBERS_INTERNAL_H
#define VIT_CHECKS_NUMBERS_INTERNAL_H

#include "checks/eval.h"

/* A finding about a tensor: its shard and its name. */
struct vit_finding *vit_numbers_fail(const struct vit_case *c, struct vit_eval *ev, enum vit_check_id id, uint32_t row);
/* "0.0213", "3.4e+38": four digits. */
struct vit_str vit_numbers_text(struct vit_eval *ev, double v);
/* Does the name hold one of the words (a list that ends with NULL)? */
bool vit_name_has(struct vit_str name, const char *const *words);

/* numbers_peers.c */
void vit_numbers_outliers(const struct vit_case *c, const struct vit_peer_table *peers, struct vit_eval *ev);
void vit_numbers_identical(const struct vit_case *c, const struct vit_peer_table *peers, struct vit_eval *ev);

#endif
