/*
 * The host table: every contact with the machine outside the model folder.
 *
 * Implementations: the machine itself (vit_host_real: host_linux.c,
 * host_darwin.c, host_bsd.c or host_none.c, chosen at link time), a recorded
 * one (vit_host_replay_open, --host-root) and a recorder around another one
 * (vit_host_record_open, --record-host). Callers cannot tell them apart, so
 * what is true of a Mac is tested on Linux.
 *
 * It refuses to interpret: what a file or sysctl means is decided by the pure
 * parsers (parse_*.h) and the collector. It never runs a shell, never passes
 * the user's environment on, and never writes anything.
 *
 * Each function is given `ctx` of its table first. Failures of all: NOTFOUND
 * (no such file, name or program; not in the recording), PERM, IO, LIMIT (more
 * than the buffer's ceiling or the limits below), TIMEOUT, UNSUPPORTED (this
 * machine has no such thing). On failure the outputs are unspecified, save
 * that buffers stay valid. Nothing is cached: each call asks again.
 */
#ifndef VIT_HOST_HOST_H
#define VIT_HOST_HOST_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "host/http.h"

/* Entries of a folder beyond which list_dir answers LIMIT. */
#define VIT_HOST_MAX_LIST 100000
/* Bytes that a measurement of reading takes at most. */
#define VIT_HOST_RATE_BYTES (UINT64_C(2) << 30)
/* Arguments of a command, its name included. */
#define VIT_HOST_MAX_ARGV 64

/* As uname(3) says it: no host name is ever asked for. */
struct vit_host_identity {
	char os[32];       /* "Linux", "Darwin", "FreeBSD" */
	char release[128]; /* of the kernel */
	char arch[64];     /* "x86_64", "arm64" */
};

struct vit_host_disk {
	uint64_t total, free; /* bytes; free is what this user may still write */
	char kind[32];        /* "ext2/3/4", "apfs"; empty when not known */
};

/* A measurement of reading. */
struct vit_host_rate {
	uint64_t bytes, nanoseconds;
	bool cached; /* the page cache could not be passed by: what it held was not read */
};

struct vit_host {
	void *ctx;
	bool replayed; /* a recording, not this machine */

	enum vit_errc (*identity)(void *ctx, struct vit_host_identity *out, struct vit_err *err);
	/* The whole regular file at the absolute path; replaces what is in out. */
	enum vit_errc (*read_file)(void *ctx, const char *path, struct vit_buf *out,
				   struct vit_err *err);
	/* Names in the folder without "." and "..", in byte order; arena. */
	enum vit_errc (*list_dir)(void *ctx, const char *path, struct vit_arena *a,
				  struct vit_str **names, size_t *count, struct vit_err *err);
	/*
	 * System controls by name: those of the system, "kernel.osrelease" of
	 * Linux from /proc/sys, and some made from structures, so that a
	 * recording is plain text (all counts are pages):
	 *   Darwin:  vm.statistics.{free,active,inactive,wire,speculative,
	 *            purgeable,external_page,compressor_page}_count,
	 *            vm.swapusage.{total,avail,used} (bytes)
	 *   FreeBSD: vm.swap_info.used (pages)
	 *   NetBSD, OpenBSD: vm.uvmexp.{pagesize (bytes),npages,free,inactive,
	 *            swpages,swpginuse}
	 */
	enum vit_errc (*sysctl_u64)(void *ctx, const char *name, uint64_t *out,
				    struct vit_err *err);
	enum vit_errc (*sysctl_str)(void *ctx, const char *name, struct vit_buf *out,
				    struct vit_err *err);
	/*
	 * Runs argv (NULL-terminated): absolute, or found on a fixed list of
	 * system folders. Standard input and error are /dev/null, the working
	 * folder is /, the environment is PATH and LC_ALL=C. Its standard output
	 * replaces what is in out. After timeout_ms, or more output than out
	 * may hold, its whole process group is killed. *status is the exit
	 * status; a death by signal is IO.
	 */
	enum vit_errc (*run)(void *ctx, const char *const *argv, unsigned timeout_ms,
			     struct vit_buf *out, int *status, struct vit_err *err);
	/* The file system that holds path. */
	enum vit_errc (*statfs)(void *ctx, const char *path, struct vit_host_disk *out,
				struct vit_err *err);
	/* NOTFOUND when not set. */
	enum vit_errc (*env)(void *ctx, const char *name, struct vit_buf *out,
			     struct vit_err *err);
	/*
	 * All that NVIDIA's management library tells of this machine's devices,
	 * as the table that vit_parse_nvml reads: one question, because the
	 * library is loaded and asked in a child process that is given up after
	 * timeout_ms. Nothing that identifies a board is asked. NOTFOUND without
	 * the library.
	 */
	enum vit_errc (*nvml)(void *ctx, unsigned timeout_ms, struct vit_buf *out,
			      struct vit_err *err);
	/*
	 * Reads samples all over the open regular file of `size` bytes, past the
	 * page cache where the system can, for timeout_ms or VIT_HOST_RATE_BYTES,
	 * whichever comes first. fd is good for nothing else afterwards.
	 */
	enum vit_errc (*read_rate)(void *ctx, int fd, uint64_t size, unsigned timeout_ms,
				   struct vit_host_rate *out, struct vit_err *err);
	/* Nanoseconds since 1970-01-01 UTC. */
	enum vit_errc (*now)(void *ctx, int64_t *out, struct vit_err *err);
	/*
	 * Makes the requests of `count` jobs, several at a time, and calls step
	 * after each exchange until it has said of every job that it is done.
	 * How an exchange went is in its job. Ends the session's connections
	 * with http_close, which a session that made no request needs not.
	 */
	void (*http)(void *ctx, struct vit_http_session *session, struct vit_http_job *jobs,
		     size_t count, vit_http_step_fn step, void *step_ctx);
	void (*http_close)(void *ctx, struct vit_http_session *session);
};

/* This machine. Static storage, no state, safe from several threads. */
const struct vit_host *vit_host_real(void);

/*
 * A recorded machine: the folder `dir`, laid out as tests/hosts/README.md says.
 * Nothing outside the folder is touched: links in it are not followed. What is
 * not in it is NOTFOUND. Fails when dir is no readable folder, or SYNTAX (with
 * the file and line in the message) when one of its tables cannot be read.
 * Caller frees with vit_host_replay_close.
 */
VIT_MUST_USE enum vit_errc vit_host_replay_open(struct vit_host *out, const char *dir,
						struct vit_err *err);
void vit_host_replay_close(struct vit_host *h); /* zeroed h is allowed */

/*
 * Asks `inner` (borrowed, outlives it) and writes each answer to the new or
 * empty folder `dir`, without what identifies a person or a machine: see
 * redact.h. Answers to the caller are unredacted. A failure to write never
 * disturbs the caller: the first is kept and returned by close.
 * Caller frees with vit_host_record_close.
 */
VIT_MUST_USE enum vit_errc vit_host_record_open(struct vit_host *out,
						const struct vit_host *inner, const char *dir,
						struct vit_err *err);
VIT_MUST_USE enum vit_errc vit_host_record_close(struct vit_host *h, struct vit_err *err);

#endif
