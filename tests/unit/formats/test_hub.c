/* Names of models and the hub's answers. Shapes of the answers: as the public
 * client reads them (huggingface_hub, hf_api.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/hub.h"

#define SHA "16d0f997dcfc4462089d536bffe51b4bcea2f872f5c430be09ef8ed392312427"
#define GIT "3a2a26ded679000000000000000000000000abcd"

static void names(void **state)
{
	static const struct { const char *text, *repo, *revision, *folder; } good[] = {
		{ "openai/gpt-oss-20b", "openai/gpt-oss-20b", "main", "" },
		{ "models/openai/gpt-oss-20b", "openai/gpt-oss-20b", "main", "" },
		{ "org/name@v1.0", "org/name", "v1.0", "" },
		{ "org/name@main/original/", "org/name", "main", "original" },
		{ "org/name/a/b", "org/name", "main", "a/b" },
		{ "org/name@refs/pr/7", "org/name", "refs/pr/7", "" },
		{ "org/name@refs/pr/7/sub", "org/name", "refs/pr/7", "sub" },
		{ "org/name@refs%2Fpr%2F7", "org/name", "refs/pr/7", "" },
		{ "org/name@feature%2fx/sub", "org/name", "feature/x", "sub" },
		{ "gpt2", "gpt2", "main", "" },
		{ "gpt2@main/onnx", "gpt2", "main", "onnx" },
		{ "org/name/", "org/name", "main", "" },
	};
	static const char *const bad[] = {
		"", "/", "/name", "datasets/org/x", "spaces/org/x", "org/na me", "org/na\nme", "org/../x",
		"org/name@", "org/name@a b", "org/name@-x", "org/name@a..b", "org/name/../x", "org/name/a//b", "org/name?x",
		"org/name#x", "-org/name", ".org/name", "org/name@refs/heads/x/../y", "org/n\xc3\xa4me", "org/name@a%2e",
	};
	struct vit_arena *a = vit_arena_new();
	struct vit_hub_ref r;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct vit_err err;
		assert_int_equal(vit_hub_ref_parse(a, vit_str_c(good[i].text), &r, &err), VIT_OK);
		assert_true(vit_str_is(r.repo, good[i].repo));
		assert_true(vit_str_is(r.revision, good[i].revision));
		assert_true(vit_str_is(r.folder, good[i].folder));
		assert_int_equal(r.revision_named, strchr(good[i].text, '@') != NULL);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct vit_err err = { .code = VIT_OK };
		assert_int_equal(vit_hub_ref_parse(a, vit_str_c(bad[i]), &r, &err), VIT_E_USAGE);
		assert_true(err.msg[0] != 0);
	}
	vit_arena_free(a);
}

static void pages(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_hub_ref r;
	struct vit_err err;

	(void)state;
	assert_int_equal(vit_hub_ref_parse_page(a, VIT_STR("/org/name"), &r, &err), VIT_OK);
	assert_true(vit_str_is(r.repo, "org/name") && !r.revision_named);
	assert_int_equal(vit_hub_ref_parse_page(a, VIT_STR("/org/name/tree/v2/original"), &r, &err), VIT_OK);
	assert_true(vit_str_is(r.revision, "v2") && vit_str_is(r.folder, "original"));
	assert_int_equal(vit_hub_ref_parse_page(a, VIT_STR("/org/name/discussions/3"), &r, &err), VIT_E_USAGE);
	assert_int_equal(vit_hub_ref_parse_page(a, VIT_STR("/datasets/org/name"), &r, &err), VIT_E_USAGE);
	assert_int_equal(vit_hub_ref_parse_page(a, VIT_STR("/"), &r, &err), VIT_E_USAGE);
	vit_arena_free(a);
}

static void listing(void **state)
{
	struct vit_str page = VIT_STR(
		"[{\"type\":\"directory\",\"oid\":\"" GIT "\",\"size\":0,\"path\":\"original\"},"
		"{\"type\":\"file\",\"oid\":\"" GIT "\",\"size\":1806,\"path\":\"config.json\",\"extra\":[{\"a\":[]}]},"
		"{\"path\":\"model.safetensors\",\"lfs\":{\"oid\":\"" SHA "\",\"size\":4792272488,\"pointerSize\":135},"
		"\"size\":4792272488,\"oid\":\"" GIT "\",\"xetHash\":\"x\",\"type\":\"file\"},"
		"{\"type\":\"file\",\"oid\":\"odd\",\"size\":1,\"path\":\"a\\u00e9.json\"},"
		"{\"type\":\"file\",\"oid\":\"" GIT "\",\"size\":1,\"path\":\"../up\"},"
		"{\"type\":\"file\",\"oid\":\"" GIT "\",\"size\":-1,\"path\":\"negative\"},"
		"{\"type\":\"file\",\"oid\":\"" GIT "\",\"path\":\"no-size\"},"
		"{\"type\":\"link\",\"oid\":\"" GIT "\",\"size\":1,\"path\":\"link\"}, 7, [] ]");
	struct vit_hub_listing l = { .entries = VIT_VEC(sizeof(struct vit_hub_entry)) };
	struct vit_arena *a = vit_arena_new();
	const struct vit_hub_entry *e;
	struct vit_err err;

	(void)state;
	assert_int_equal(vit_hub_listing_read(a, page, &l, &err), VIT_OK);
	assert_int_equal(l.entries.count, 4);
	assert_int_equal(l.bad_entries, 6);
	e = vit_vec_at(&l.entries, 0);
	assert_true(e->is_folder && vit_str_is(e->path, "original") && e->digest.n == 0);
	e = vit_vec_at(&l.entries, 1);
	assert_true(!e->lfs && e->size == 1806 && vit_str_is(e->digest, GIT));
	e = vit_vec_at(&l.entries, 2);
	assert_true(e->lfs && e->size == 4792272488 && vit_str_is(e->digest, SHA));
	e = vit_vec_at(&l.entries, 3);
	assert_true(vit_str_is(e->path, "a\xc3\xa9.json") && e->digest.n == 0);
	/* Pages are added up. */
	assert_int_equal(vit_hub_listing_read(a, page, &l, &err), VIT_OK);
	assert_int_equal(l.entries.count, 8);
	vit_vec_free(&l.entries);
	vit_arena_free(a);
}

static void no_listing(void **state)
{
	static const char *const bad[] = { "", "{}", "<html>", "[", "[{]", "[] x", "[{\"path\":\"a\"}", "null" };
	struct vit_arena *a = vit_arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct vit_hub_listing l = { .entries = VIT_VEC(sizeof(struct vit_hub_entry)) };
		struct vit_err err;
		assert_int_equal(vit_hub_listing_read(a, vit_str_c(bad[i]), &l, &err), VIT_E_SYNTAX);
		vit_vec_free(&l.entries);
	}
	vit_arena_free(a);
}

static void descriptions(void **state)
{
	static const char *const bad[] = { "", "[]", "{}", "{\"id\":\"a/b\"}", "{\"sha\":\"main\"}", "{\"sha\":7}",
					   "{\"sha\":\"" GIT "\"" };
	struct vit_arena *a = vit_arena_new();
	struct vit_hub_info info;
	struct vit_err err;

	(void)state;
	assert_int_equal(vit_hub_info_read(a, VIT_STR("{\"siblings\":[{\"rfilename\":\"x\"}],\"id\":\"org/new\","
						      "\"gated\":\"auto\",\"private\":false,\"sha\":\"" GIT "\"}"),
					   &info, &err), VIT_OK);
	assert_true(vit_str_is(info.id, "org/new") && vit_str_is(info.sha, GIT));
	assert_true(info.gated && !info.hidden && !info.disabled);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(vit_hub_info_read(a, vit_str_c(bad[i]), &info, &err), VIT_E_SYNTAX);
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),      cmocka_unit_test(pages),	      cmocka_unit_test(listing),
		cmocka_unit_test(no_listing), cmocka_unit_test(descriptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
