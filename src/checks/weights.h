/*
 * The passes of the area 'weights': facts of shards and index to findings.
 * They read no file and change no fact.
 */
#ifndef VIT_CHECKS_WEIGHTS_H
#define VIT_CHECKS_WEIGHTS_H

#include "checks/eval.h"

extern const struct vit_pass vit_pass_weights_saves;   /* what is there: saves, numbering */
extern const struct vit_pass vit_pass_weights_headers; /* each file by itself */
extern const struct vit_pass vit_pass_weights_index;   /* shards against the index */
extern const struct vit_pass vit_pass_weights_dtype;   /* stored dtypes against config.json */

extern const struct vit_pass vit_pass_weights_numbers; /* --deep: what the tensors hold */

/* A second save of the same model beside the main one (not a stray shard). */
bool vit_weights_is_second_save(const struct vit_weights *w, const struct vit_save *s);
/* Was one file asked for that is no index (then the rest was not looked at)? */
bool vit_weights_is_single(const struct vit_files *f);

#endif
