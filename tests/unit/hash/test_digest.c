/* Published vectors: FIPS 180-4 examples, and git's own ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

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
		cmocka_unit_test(test_is_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
