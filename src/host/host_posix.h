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

/*
 * Calls a function of ours in a child process, so that a driver or a server
 * that never answers costs us a time-out and not the audit: a thread that waits
 * inside the kernel can be neither ended nor left behind at exit, a process
 * can. What the function writes to the descriptor `out` is the answer, its
 * result (0..255) *status. Standard input, output and error are /dev/null in
 * it. Failures as run.
 */
enum vit_errc vit_posix_call(int (*call)(void *arg, int out), void *arg, const char *name,
			     unsigned timeout_ms, struct vit_buf *out, int *status,
			     struct vit_err *err);
int64_t vit_posix_monotonic_ns(void);
/* Writes all of it; false when that fails. */
bool vit_posix_write(int fd, struct vit_str text);

/* NVIDIA's management library, as host.h says; and where there is none. */
enum vit_errc vit_posix_nvml(void *ctx, unsigned timeout_ms, struct vit_buf *out,
			     struct vit_err *err);
enum vit_errc vit_posix_no_nvml(void *ctx, unsigned timeout_ms, struct vit_buf *out,
				struct vit_err *err);
enum vit_errc vit_posix_read_rate(void *ctx, int fd, uint64_t size, unsigned timeout_ms,
				  struct vit_host_rate *out, struct vit_err *err);

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
