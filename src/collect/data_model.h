/*
 * What counts the tokens of training data: the model's tokenizer.json and its
 * chat template, loaded from the folder that was collected.
 */
#ifndef VIT_COLLECT_DATA_MODEL_H
#define VIT_COLLECT_DATA_MODEL_H

#include "data/model.h"
#include "facts/facts.h"

/*
 * Makes *out from the files that `f` names (files, config and tokenizer must
 * have been collected). *out is NULL when there is no tokenizer that can be
 * used; *why then says so, for people. The caller frees with
 * vit_data_model_free; strings are arena.
 */
void vit_collect_data_model(struct vit_arena *a, const struct vit_facts *f,
			    const struct vit_template_clock *clock, struct vit_data_model **out,
			    struct vit_str *why);

#endif
