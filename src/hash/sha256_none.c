/* Without instructions for SHA-256: libcrypto does it all. */
#include "base/err.h"
#include "hash/sha256_pair.h"

bool vit_sha256_pair_usable(void)
{
	return false;
}

void vit_sha256_blocks(uint32_t h[8], const unsigned char *p, size_t blocks)
{
	(void)h;
	(void)p;
	(void)blocks;
	VIT_BUG("no instructions for SHA-256 here");
}

void vit_sha256_blocks_pair(uint32_t h[8], const unsigned char *p, uint32_t g[8], const unsigned char *q, size_t blocks)
{
	(void)h;
	(void)p;
	(void)g;
	(void)q;
	(void)blocks;
	VIT_BUG("no instructions for SHA-256 here");
}
