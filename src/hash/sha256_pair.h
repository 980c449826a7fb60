/*
 * SHA-256's compression of whole blocks (FIPS 180-4, 6.2.2) on processors with
 * instructions for it: of one message, or of two at a time. One message leaves the
 * units idle for half of their time, because each step waits for the last; a second
 * one fills the gaps. libcrypto hashes one at a time, and does all else.
 *
 * Chosen at build time (sha256_x86.c, sha256_none.c); whether the processor has the
 * instructions is asked at run time. Private to hash.
 */
#ifndef VIT_HASH_SHA256_PAIR_H
#define VIT_HASH_SHA256_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False: neither function below may be called. */
bool vit_sha256_pair_usable(void);
/* h: the eight words of the state. */
void vit_sha256_blocks(uint32_t h[8], const unsigned char *p, size_t blocks);
void vit_sha256_blocks_pair(uint32_t h[8], const unsigned char *p, uint32_t g[8], const unsigned char *q, size_t blocks);

#endif
