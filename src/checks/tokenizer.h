/*
 * Checks of the area 'tokenizer': is it there, is it whole, do its ids fit the
 * model and its side files. Nothing is tokenized here.
 */
#ifndef VIT_CHECKS_TOKENIZER_H
#define VIT_CHECKS_TOKENIZER_H

#include "checks/eval.h"

extern const struct vit_pass vit_pass_tokenizer;

/* The part of it that judges what a look at the chat templates said. */
void vit_check_templates(const struct vit_case *c, struct vit_eval *ev);

#endif
