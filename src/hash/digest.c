#include "hash/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "hash/sha256_pair.h"

#define BLOCK 64u

struct vit_digest {
	EVP_MD_CTX *ctx;
	EVP_MD *sha256, *sha1; /* fetched once: a fetch per file costs more than a small file */
	bool usable;           /* our blocks, instead of libcrypto's SHA-256 */
	bool own;              /* the digest begun is by them */
	uint32_t h[8];
	unsigned char rest[BLOCK];
	unsigned rest_n;
	uint64_t bytes;
};

/* ---- SHA-256 around the blocks: FIPS 180-4, 5.1.1 and 5.3.3 ------------------------ */

static void own_begin(struct vit_digest *d)
{
	static const uint32_t first[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	memcpy(d->h, first, sizeof first);
	d->rest_n = 0;
	d->bytes = 0;
}

/* Fills the block that was begun; returns how many bytes that took. */
static size_t own_fill(struct vit_digest *d, const unsigned char *p, size_t n)
{
	size_t take = BLOCK - d->rest_n;

	if (d->rest_n == 0)
		return 0;
	if (take > n)
		take = n;
	memcpy(d->rest + d->rest_n, p, take);
	d->rest_n += (unsigned)take;
	if (d->rest_n == BLOCK) {
		vit_sha256_blocks(d->h, d->rest, 1);
		d->rest_n = 0;
	}
	return take;
}

static void own_update(struct vit_digest *d, const unsigned char *p, size_t n)
{
	size_t taken = own_fill(d, p, n), blocks;

	d->bytes += n;
	p += taken;
	n -= taken;
	blocks = n / BLOCK;
	if (blocks)
		vit_sha256_blocks(d->h, p, blocks);
	/* Nothing is left when the block that was begun took all. */
	if (n % BLOCK) {
		memcpy(d->rest, p + blocks * BLOCK, n % BLOCK);
		d->rest_n = (unsigned)(n % BLOCK);
	}
}

static unsigned own_final(struct vit_digest *d, unsigned char raw[32])
{
	uint64_t bits = d->bytes * 8;

	d->rest[d->rest_n++] = 0x80;
	if (d->rest_n > BLOCK - 8) {
		memset(d->rest + d->rest_n, 0, BLOCK - d->rest_n);
		vit_sha256_blocks(d->h, d->rest, 1);
		d->rest_n = 0;
	}
	memset(d->rest + d->rest_n, 0, BLOCK - d->rest_n);
	for (unsigned i = 0; i < 8; i++)
		d->rest[BLOCK - 1 - i] = (unsigned char)(bits >> (8 * i));
	vit_sha256_blocks(d->h, d->rest, 1);
	for (unsigned i = 0; i < 32; i++)
		raw[i] = (unsigned char)(d->h[i / 4] >> (24 - 8 * (i % 4)));
	return 32;
}

/* Do the processor and libcrypto agree, one message and two at a time? */
static bool own_agrees(struct vit_digest *d)
{
	static const size_t lengths[] = { 0, 3, 55, 56, 64, 200 };
	unsigned char text[200], mine[32], theirs[EVP_MAX_MD_SIZE];
	uint32_t h[8], g[8];
	unsigned n = 0;

	for (unsigned i = 0; i < sizeof text; i++)
		text[i] = (unsigned char)(i * 37 + 11);
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		own_begin(d);
		own_update(d, text, lengths[i]);
		(void)own_final(d, mine);
		if (EVP_Digest(text, lengths[i], theirs, &n, d->sha256, NULL) != 1 || n != 32 || memcmp(mine, theirs, 32) != 0)
			return false;
	}
	own_begin(d);
	memcpy(h, d->h, sizeof h);
	memcpy(g, d->h, sizeof g);
	vit_sha256_blocks_pair(h, text, g, text + BLOCK, 2);
	vit_sha256_blocks(d->h, text, 2);
	if (memcmp(h, d->h, sizeof h) != 0)
		return false;
	own_begin(d);
	vit_sha256_blocks(d->h, text + BLOCK, 2);
	return memcmp(g, d->h, sizeof g) == 0;
}

/* ---- ---------------------------------------------------------------------------- */

enum vit_errc vit_digest_new(struct vit_digest **out, struct vit_err *err)
{
	struct vit_digest *d = vit_xcalloc(1, sizeof *d);

	d->ctx = EVP_MD_CTX_new();
	d->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	d->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	if (!d->ctx || !d->sha256) {
		vit_digest_free(d);
		return vit_err_set(err, VIT_E_UNSUPPORTED, "libcrypto offers no SHA-256");
	}
	d->usable = vit_sha256_pair_usable() && own_agrees(d);
	*out = d;
	return VIT_OK;
}

void vit_digest_free(struct vit_digest *d)
{
	if (!d)
		return;
	EVP_MD_CTX_free(d->ctx);
	EVP_MD_free(d->sha256);
	EVP_MD_free(d->sha1);
	free(d);
}

enum vit_errc vit_digest_begin(struct vit_digest *d, enum vit_digest_algorithm a, uint64_t size,
			       struct vit_err *err)
{
	EVP_MD *md = a == VIT_DIGEST_GIT_BLOB ? d->sha1 : d->sha256;
	char header[32];
	int n;

	d->own = d->usable && md == d->sha256;
	if (d->own)
		own_begin(d);
	else if (!md || EVP_DigestInit_ex2(d->ctx, md, NULL) != 1)
		return vit_err_set(err, VIT_E_UNSUPPORTED, "libcrypto refuses %s", vit_digest_name(a));
	if (a != VIT_DIGEST_SHA256) {
		n = snprintf(header, sizeof header, "blob %llu", (unsigned long long)size);
		vit_digest_update(d, header, (size_t)n + 1);
	}
	return VIT_OK;
}

void vit_digest_update(struct vit_digest *d, const void *p, size_t n)
{
	if (d->own)
		own_update(d, p, n);
	else if (EVP_DigestUpdate(d->ctx, p, n) != 1)
		VIT_BUG("a digest that was begun refused bytes");
}

bool vit_digest_pairs(const struct vit_digest *d)
{
	return d->own;
}

void vit_digest_update_pair(struct vit_digest *a, const void *p, size_t n, struct vit_digest *b, const void *q, size_t m)
{
	const unsigned char *x = p, *y = q;
	size_t taken, both;

	if (!a->own || !b->own) {
		vit_digest_update(a, p, n);
		vit_digest_update(b, q, m);
		return;
	}
	taken = own_fill(a, x, n);
	a->bytes += taken;
	x += taken;
	n -= taken;
	taken = own_fill(b, y, m);
	b->bytes += taken;
	y += taken;
	m -= taken;
	/* What one of them has left fills no block: then the other goes on alone. */
	both = (n < m ? n : m) / BLOCK;
	if (a->rest_n || b->rest_n)
		both = 0;
	if (both)
		vit_sha256_blocks_pair(a->h, x, b->h, y, both);
	both *= BLOCK;
	a->bytes += both;
	b->bytes += both;
	own_update(a, x + both, n - both);
	own_update(b, y + both, m - both);
}

void vit_digest_hex(struct vit_digest *d, char out[VIT_DIGEST_HEX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (d->own)
		n = own_final(d, raw);
	else if (EVP_DigestFinal_ex(d->ctx, raw, &n) != 1)
		n = 0;
	if (n == 0 || n * 2 >= VIT_DIGEST_HEX)
		VIT_BUG("a digest that was begun has no end");
	for (unsigned i = 0; i < n; i++) {
		out[2 * i] = digits[raw[i] >> 4];
		out[2 * i + 1] = digits[raw[i] & 15];
	}
	out[2 * n] = 0;
}

const char *vit_digest_name(enum vit_digest_algorithm a)
{
	switch (a) {
	case VIT_DIGEST_SHA256:
		return "sha256";
	case VIT_DIGEST_GIT_BLOB:
		return "git-sha1";
	case VIT_DIGEST_GIT_BLOB256:
		return "git-sha256";
	}
	return "sha256";
}

size_t vit_digest_length(enum vit_digest_algorithm a)
{
	return a == VIT_DIGEST_GIT_BLOB ? 40 : 64;
}

bool vit_digest_is_hex(enum vit_digest_algorithm a, struct vit_str s)
{
	if (s.n != vit_digest_length(a))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return false;
	}
	return true;
}
