/*
 * What all Unix systems do alike, for the host_<system>.c files alone: entries
 * of the host table that take no context, as host.h describes them.
 */
#ifndef VIT_HOST_HOST_POSIX_H
#define VIT_HOST_HOST_POSIX_H

#include "host/host.h"

enum vit_errc vit_posix_identity(void *ctx, struct vit_host_identity *out, struct vit_err *err);
enum vit_errc vit_posix_read_file(void *ctx, const char *path, struct vit_buf *out,
				  struct vit_err *err);
enum vit_errc vit_posix_list_dir(void *ctx, const char *path, struct vit_arena *a,
				 struct vit_str **names, size_t *count, struct vit_err *err);
enum vit_errc vit_posix_run(void *ctx, const char *const *argv, unsigned timeout_ms,
			    struct vit_buf *out, int *status, struct vit_err *err);
enum vit_errc vit_posix_env(void *ctx, const char *name, struct vit_buf *out,
			    struct vit_err *err);
enum vit_errc vit_posix_now(void *ctx, int64_t *out, struct vit_err *err);

/* All of the regular file behind fd, whose path is used in messages; the
 * caller keeps fd. */
VIT_MUST_USE enum vit_errc vit_posix_read_fd(int fd, const char *path, struct vit_buf *out,
					     struct vit_err *err);
/* The names in the folder behind fd, sorted, as list_dir; takes fd over. */
VIT_MUST_USE enum vit_errc vit_posix_list_fd(int fd, const char *path, struct vit_arena *a,
					     struct vit_str **names, size_t *count,
					     struct vit_err *err);
/* a * b with all ones for what does not fit: sizes of broken file systems. */
uint64_t vit_posix_mul_cap(uint64_t a, uint64_t b);
/* Copies a C string into a field of `size` bytes, cut where it does not fit. */
void vit_posix_copy(char *out, size_t size, const char *text);

#endif
