/*
 * Errors of the environment: what a callee could not do and why.
 *
 * Not for faults of the model (those are facts, and findings) and not for our
 * own mistakes (VIT_BUG). A function that can fail returns enum vit_errc, is
 * must-use, takes a struct vit_err last and leaves it untouched on success.
 */
#ifndef VIT_BASE_ERR_H
#define VIT_BASE_ERR_H

#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define VIT_MUST_USE __attribute__((warn_unused_result))
#define VIT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define VIT_NORETURN __attribute__((noreturn))
#else
#define VIT_MUST_USE
#define VIT_PRINTF(fmt, args)
#define VIT_NORETURN
#endif

enum vit_errc {
	VIT_OK = 0,
	VIT_E_IO,          /* read, write, open failed; sys holds errno */
	VIT_E_PERM,        /* not permitted */
	VIT_E_NOTFOUND,    /* does not exist */
	VIT_E_TIMEOUT,     /* gave up waiting */
	VIT_E_LIMIT,       /* over one of our ceilings */
	VIT_E_SYNTAX,      /* not in the format it should be; offset says where */
	VIT_E_RANGE,       /* a number outside its range, or arithmetic overflow */
	VIT_E_UNSUPPORTED, /* understood and not supported here */
	VIT_E_USAGE,       /* bad option, spec or policy: exit code 64 */
	VIT_E_CHANGED,     /* the file changed while it was read */
	VIT_E_INTERRUPTED, /* the user asked us to stop */
};

/* Capacity of a message, terminator included. Longer ones are cut. */
#define VIT_ERR_MSG 256

struct vit_err {
	enum vit_errc code;
	int sys;         /* errno, or 0 */
	uint64_t offset; /* byte offset in the input the message is about, or 0 */
	char msg[VIT_ERR_MSG];
};

/* Fills err (which may be NULL) and returns code, so that
 * `return vit_err_set(err, VIT_E_IO, ...)` is one line. sys and offset are 0. */
enum vit_errc vit_err_set(struct vit_err *err, enum vit_errc code,
			  const char *fmt, ...) VIT_PRINTF(3, 4);

/* As vit_err_set for a failed system call: picks PERM, NOTFOUND or IO from
 * the errno value `sys` and appends its text to the message. */
enum vit_errc vit_err_sys(struct vit_err *err, int sys, const char *fmt, ...)
	VIT_PRINTF(3, 4);

/* As vit_err_set, with the byte offset the message is about. */
enum vit_errc vit_err_at(struct vit_err *err, enum vit_errc code,
			 uint64_t offset, const char *fmt, ...) VIT_PRINTF(4, 5);

/* A short stable name: "io", "timeout", ... Static storage. */
const char *vit_errc_name(enum vit_errc code);

/* Our own mistake: prints file, line and text on stderr and exits with 70. */
#define VIT_BUG(text) vit_bug(__FILE__, __LINE__, (text))
void vit_bug(const char *file, int line, const char *text) VIT_NORETURN;

#endif
