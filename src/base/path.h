/*
 * Relative paths inside a model folder: bytes with '/' between the parts.
 */
#ifndef VIT_BASE_PATH_H
#define VIT_BASE_PATH_H

#include "base/arena.h"
#include "base/buf.h"

struct vit_str vit_path_base(struct vit_str path);  /* after the last '/' */
struct vit_str vit_path_dir(struct vit_str path);   /* before it, or "" */
struct vit_str vit_path_ext(struct vit_str path);   /* "safetensors", or "" */
struct vit_str vit_path_join(struct vit_arena *a, struct vit_str dir, struct vit_str name);
/* Not absolute, not empty, no empty, "." or ".." part, no NUL, no backslash. */
bool vit_path_is_plain(struct vit_str path);
/* Shell pattern over characters: * and ? stop at '/', ** does not, a part "**"
 * with its '/' also stands for no part at all, [a-z] and [!a-z] classes (never
 * '/'), backslash takes the next character as it is. No recursion; linear time
 * in pattern times path. */
bool vit_path_glob(struct vit_str pattern, struct vit_str path);
/* Resolves "." and ".." in text only: dir "a/b" + target "../c" = "a/c".
 * Appends to out; false, out unchanged, when it climbs above the root, one of
 * the two is absolute, or out is full. */
bool vit_path_resolve(struct vit_buf *out, struct vit_str dir, struct vit_str target);

#endif
