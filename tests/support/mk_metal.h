/* The beginning of metal/model.bin, all up to the weights, as published for
 * gpt-oss: the fields as stated by the release, tokens of our own making. */
#ifndef VIT_TESTS_MK_METAL_H
#define VIT_TESTS_MK_METAL_H

#include "base/buf.h"

/* blocks and experts: 24, 32 of the 20b; 36, 128 of the 120b. tokens: 199998 in
 * both, each of `token_bytes`. */
void mk_metal_header(struct vit_buf *out, uint32_t blocks, uint32_t experts, uint32_t tokens,
		     uint32_t token_bytes);

#endif
