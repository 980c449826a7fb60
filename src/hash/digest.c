#include "hash/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

struct vit_digest {
	EVP_MD_CTX *ctx;
	EVP_MD *md[2]; /* by algorithm; fetched once: a fetch per file costs more than a small file */
};

enum vit_errc vit_digest_new(struct vit_digest **out, struct vit_err *err)
{
	struct vit_digest *d = vit_xcalloc(1, sizeof *d);

	d->ctx = EVP_MD_CTX_new();
	d->md[VIT_DIGEST_SHA256] = EVP_MD_fetch(NULL, "SHA256", NULL);
	d->md[VIT_DIGEST_GIT_BLOB] = EVP_MD_fetch(NULL, "SHA1", NULL);
	if (!d->ctx || !d->md[VIT_DIGEST_SHA256]) {
		vit_digest_free(d);
		return vit_err_set(err, VIT_E_UNSUPPORTED, "libcrypto offers no SHA-256");
	}
	*out = d;
	return VIT_OK;
}

void vit_digest_free(struct vit_digest *d)
{
	if (!d)
		return;
	EVP_MD_CTX_free(d->ctx);
	EVP_MD_free(d->md[0]);
	EVP_MD_free(d->md[1]);
	free(d);
}

enum vit_errc vit_digest_begin(struct vit_digest *d, enum vit_digest_algorithm a, uint64_t size,
			       struct vit_err *err)
{
	char header[32];
	int n;

	if (!d->md[a] || EVP_DigestInit_ex2(d->ctx, d->md[a], NULL) != 1)
		return vit_err_set(err, VIT_E_UNSUPPORTED, "libcrypto refuses %s", vit_digest_name(a));
	if (a == VIT_DIGEST_GIT_BLOB) {
		n = snprintf(header, sizeof header, "blob %llu", (unsigned long long)size);
		vit_digest_update(d, header, (size_t)n + 1);
	}
	return VIT_OK;
}

void vit_digest_update(struct vit_digest *d, const void *p, size_t n)
{
	if (EVP_DigestUpdate(d->ctx, p, n) != 1)
		VIT_BUG("a digest that was begun refused bytes");
}

void vit_digest_hex(struct vit_digest *d, char out[VIT_DIGEST_HEX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (EVP_DigestFinal_ex(d->ctx, raw, &n) != 1 || n * 2 >= VIT_DIGEST_HEX)
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
	}
	return "sha256";
}

size_t vit_digest_length(enum vit_digest_algorithm a)
{
	return a == VIT_DIGEST_SHA256 ? 64 : 40;
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
