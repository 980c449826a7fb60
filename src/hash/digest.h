/*
 * Streaming digests through libcrypto; SHA-256 by the processor's own instructions
 * where it has them (sha256_pair.h), which is checked against libcrypto once for each
 * context and not used when they disagree.
 *
 * No files, no threads: the caller feeds bytes. One context per worker, begun
 * again for each file.
 */
#ifndef VIT_HASH_DIGEST_H
#define VIT_HASH_DIGEST_H

#include "base/err.h"
#include "base/str.h"

enum vit_digest_algorithm {
	VIT_DIGEST_SHA256,
	VIT_DIGEST_GIT_BLOB, /* SHA-1 over "blob <size>\0" and the bytes: git's object id */
	VIT_DIGEST_GIT_BLOB256, /* the same with SHA-256: of a repository made with it */
};
#define VIT_DIGEST_HEX 65 /* longest digest in hex and its NUL */

struct vit_digest; /* caller frees with vit_digest_free */

/* VIT_E_UNSUPPORTED when libcrypto refuses the algorithm (a FIPS provider may
 * refuse SHA-1). */
VIT_MUST_USE enum vit_errc vit_digest_new(struct vit_digest **out, struct vit_err *err);
void vit_digest_free(struct vit_digest *d); /* NULL is allowed */
/* Starts over. `size` is the number of bytes that will follow (git needs it). */
VIT_MUST_USE enum vit_errc vit_digest_begin(struct vit_digest *d, enum vit_digest_algorithm a,
					    uint64_t size, struct vit_err *err);
void vit_digest_update(struct vit_digest *d, const void *p, size_t n);
/* As two updates; of two SHA-256 digests faster than two where the processor can. */
void vit_digest_update_pair(struct vit_digest *a, const void *p, size_t n, struct vit_digest *b, const void *q, size_t m);
/* Is a pair faster for both? */
bool vit_digest_pairs(const struct vit_digest *d);
/* Lower-case hex; 64 or 40 digits and a NUL. */
void vit_digest_hex(struct vit_digest *d, char out[VIT_DIGEST_HEX]);
const char *vit_digest_name(enum vit_digest_algorithm a); /* "sha256", "git-sha1", "git-sha256" */
/* Digits of the hex form. */
size_t vit_digest_length(enum vit_digest_algorithm a);
/* Is s a digest of that algorithm in lower- or upper-case hex? */
bool vit_digest_is_hex(enum vit_digest_algorithm a, struct vit_str s);

#endif
