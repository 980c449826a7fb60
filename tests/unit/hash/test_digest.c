/* Published vectors: FIPS 180-4 examples, and git's own ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include <openssl/evp.h>

#include "hash/digest.h"

static void digest(enum vit_digest_algorithm a, const char *text, size_t chunk, char out[VIT_DIGEST_HEX])
{
	struct vit_digest *d = NULL;
	struct vit_err err;
	size_t n = strlen(text);

	assert_int_equal(vit_digest_new(&d, &err), VIT_OK);
	assert_int_equal(vit_digest_begin(d, a, n, &err), VIT_OK);
	for (size_t i = 0; i < n; i += chunk)
		vit_digest_update(d, text + i, n - i < chunk ? n - i : chunk);
	vit_digest_hex(d, out);
	vit_digest_free(d);
}

static void test_sha256(void **state)
{
	char out[VIT_DIGEST_HEX];

	(void)state;
	digest(VIT_DIGEST_SHA256, "abc", 1, out);
	assert_string_equal(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest(VIT_DIGEST_SHA256, "", 1, out);
	assert_string_equal(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest(VIT_DIGEST_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 7, out);
	assert_string_equal(out, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* `printf 'hello\n' | git hash-object --stdin`; the empty blob is git's best-known id. */
static void test_git_blob(void **state)
{
	char out[VIT_DIGEST_HEX];

	(void)state;
	digest(VIT_DIGEST_GIT_BLOB, "hello\n", 2, out);
	assert_string_equal(out, "ce013625030ba8dba906f756967f9e9ca394464a");
	digest(VIT_DIGEST_GIT_BLOB, "", 1, out);
	assert_string_equal(out, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
}

/* One context serves file after file, of both kinds. */
static void test_reuse(void **state)
{
	struct vit_digest *d = NULL;
	struct vit_err err;
	char out[VIT_DIGEST_HEX];

	(void)state;
	assert_int_equal(vit_digest_new(&d, &err), VIT_OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(vit_digest_begin(d, VIT_DIGEST_SHA256, 3, &err), VIT_OK);
		vit_digest_update(d, "abc", 3);
		vit_digest_hex(d, out);
		assert_string_equal(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
		assert_int_equal(vit_digest_begin(d, VIT_DIGEST_GIT_BLOB, 0, &err), VIT_OK);
		vit_digest_hex(d, out);
		assert_string_equal(out, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
	}
	vit_digest_free(d);
}

static unsigned char text[5000];

static void libcrypto(const unsigned char *p, size_t n, char out[VIT_DIGEST_HEX])
{
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	assert_int_equal(EVP_Digest(p, n, raw, &length, EVP_sha256(), NULL), 1);
	for (unsigned i = 0; i < length; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", raw[i]);
}

static void fill(void)
{
	uint32_t x = 7;

	for (size_t i = 0; i < sizeof text; i++) {
		x = x * 1664525 + 1013904223;
		text[i] = (unsigned char)(x >> 24);
	}
}

/* Every length around the padding's edges, in pieces of every size, against libcrypto. */
static void test_pieces(void **state)
{
	struct vit_digest *d = NULL;
	struct vit_err err;
	char want[VIT_DIGEST_HEX], got[VIT_DIGEST_HEX];

	(void)state;
	fill();
	assert_int_equal(vit_digest_new(&d, &err), VIT_OK);
	for (size_t n = 0; n < 300; n++) {
		libcrypto(text, n, want);
		for (size_t piece = 1; piece <= n + 1; piece += piece < 70 ? 1 : 13) {
			assert_int_equal(vit_digest_begin(d, VIT_DIGEST_SHA256, n, &err), VIT_OK);
			for (size_t i = 0; i < n; i += piece)
				vit_digest_update(d, text + i, n - i < piece ? n - i : piece);
			vit_digest_hex(d, got);
			assert_string_equal(got, want);
		}
	}
	vit_digest_free(d);
}

/* Two at a time, of unlike lengths and in unlike pieces; one of them git's, whose
 * header puts the blocks elsewhere. */
static void test_pairs(void **state)
{
	struct vit_digest *a = NULL, *b = NULL;
	struct vit_err err;
	char want[VIT_DIGEST_HEX], got[VIT_DIGEST_HEX];

	(void)state;
	fill();
	assert_int_equal(vit_digest_new(&a, &err), VIT_OK);
	assert_int_equal(vit_digest_new(&b, &err), VIT_OK);
	for (size_t n = 0; n < 4000; n = n * 5 / 4 + 1) {
		for (size_t m = 0; m < 4000; m = m * 4 / 3 + 1) {
			size_t i = 0, j = 0, x = n % 97 + 1, y = m % 211 + 1;
			assert_int_equal(vit_digest_begin(a, VIT_DIGEST_SHA256, n, &err), VIT_OK);
			assert_int_equal(vit_digest_begin(b, VIT_DIGEST_SHA256, m, &err), VIT_OK);
			while (i < n || j < m) {
				size_t k = n - i < x ? n - i : x, l = m - j < y ? m - j : y;
				vit_digest_update_pair(a, text + i, k, b, text + j, l);
				i += k;
				j += l;
				x = x * 2 % 1000 + 1;
				y = y * 3 % 1500 + 1;
			}
			libcrypto(text, n, want);
			vit_digest_hex(a, got);
			assert_string_equal(got, want);
			libcrypto(text, m, want);
			vit_digest_hex(b, got);
			assert_string_equal(got, want);
		}
	}
	vit_digest_free(a);
	vit_digest_free(b);
}

/* `git hash-object --stdin` in a repository of `git init --object-format=sha256`. */
static void test_git_blob256(void **state)
{
	char out[VIT_DIGEST_HEX];

	(void)state;
	digest(VIT_DIGEST_GIT_BLOB256, "", 1, out);
	assert_string_equal(out, "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813");
	digest(VIT_DIGEST_GIT_BLOB256, "hello\n", 4, out);
	assert_string_equal(out, "2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4");
}

static void test_is_hex(void **state)
{
	(void)state;
	assert_true(vit_digest_is_hex(VIT_DIGEST_GIT_BLOB, VIT_STR("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")));
	assert_true(vit_digest_is_hex(VIT_DIGEST_GIT_BLOB, VIT_STR("E69DE29BB2D1D6434B8B29AE775AD8C2E48C5391")));
	assert_false(vit_digest_is_hex(VIT_DIGEST_SHA256, VIT_STR("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")));
	assert_false(vit_digest_is_hex(VIT_DIGEST_GIT_BLOB, VIT_STR("g69de29bb2d1d6434b8b29ae775ad8c2e48c5391")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_git_blob),
		cmocka_unit_test(test_reuse),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_git_blob256),
		cmocka_unit_test(test_is_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
