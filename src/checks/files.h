/*
 * Checks of the area 'files': what lies in the folder, row by row. Sizes
 * against a published model are held in the area 'integrity'.
 */
#ifndef VIT_CHECKS_FILES_H
#define VIT_CHECKS_FILES_H

#include "checks/eval.h"

extern const struct vit_pass vit_pass_files;

/* Does a row concern this audit: all do, unless the user named one file? (With
 * an index, the shards it names do too, once the weights were collected.) */
bool vit_files_concerns(const struct vit_facts *f, uint32_t row);
/* Would a loader miss the file? By its kind alone. */
bool vit_files_needed(const struct vit_file *row);
/* `path` as one word of a shell; "PATH" when its bytes cannot be shown. */
struct vit_str vit_files_shell_word(struct vit_eval *ev, const struct vit_file *row);

#endif
