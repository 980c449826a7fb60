/* Token ids against the reference's, recorded in tests/data/token-ids.json. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "json/tree.h"
#include "text/tokens.h"

struct memory {
	struct vit_str text;
	size_t at;
};

static int64_t from_memory(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct memory *m = ctx;
	size_t left = m->text.n - m->at;

	(void)err;
	n = n < left ? n : left;
	if (n)
		memcpy(buf, m->text.p + m->at, n);
	m->at += n;
	return (int64_t)n;
}

static struct vit_str read_file(struct vit_arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		fail_msg("%s: cannot be opened", path);
	fseek(f, 0, SEEK_END);
	size_t n = (size_t)ftell(f);
	rewind(f);
	char *p = vit_arena_alloc(a, n + 1);
	assert_int_equal(fread(p, 1, n, f), n);
	fclose(f);
	return (struct vit_str){ p, n };
}

static struct vit_tokens *load(struct vit_str json)
{
	struct memory m = { json, 0 };
	struct vit_tokens *t = NULL;
	struct vit_err err = { .code = VIT_OK };

	if (vit_tokens_load(from_memory, &m, &t, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	return t;
}

static void expect(struct vit_encoder *e, struct vit_str text, unsigned flags,
		   const uint32_t *want, size_t want_count)
{
	const uint32_t *ids;
	size_t count, counted;
	struct vit_err err = { .code = VIT_OK };

	if (vit_encode(e, text, flags, &ids, &count, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	for (size_t i = 0; i < count && i < want_count; i++) {
		if (ids[i] != want[i])
			fail_msg("%.40s: id %zu is %u, not %u", text.p, i, ids[i], want[i]);
	}
	assert_int_equal(count, want_count);
	assert_int_equal(vit_encode_count(e, text, flags, &counted, &err), VIT_OK);
	assert_int_equal(counted, want_count);
}

/* The tiny model of each pattern in the recorded file. */
static const struct {
	const char *name, *model;
} recorded[] = {
	{ "o200k", "tiny-gpt_oss" },
	{ "llama3", "tiny-bert" },
	{ "gpt2", "tiny-gemma2" },
	{ "qwen", "tiny-glm4" },
};

static void recorded_ids(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_json_doc doc;
	struct vit_err err = { .code = VIT_OK };

	(void)state;
	assert_int_equal(vit_json_parse(a, read_file(a, VIT_TEST_DATA "/token-ids.json"), 0, &doc,
					&err),
			 VIT_OK);
	for (size_t r = 0; r < sizeof recorded / sizeof *recorded; r++) {
		const struct vit_json *cases = vit_json_get_c(doc.root, recorded[r].name);
		struct vit_str path = vit_arena_printf(a, "%s/%s/tokenizer.json", VIT_TEST_MODELS,
						       recorded[r].model);
		struct vit_tokens *t = load(read_file(a, path.p));
		struct vit_encoder *e = vit_encoder_new(t);
		assert_null(vit_tokens_unsupported(t));
		assert_true(cases->count > 10);
		for (uint32_t i = 0; i < cases->count; i++) {
			const struct vit_json *one = &cases->children[i];
			const struct vit_json *ids = vit_json_get_c(one, "ids");
			uint32_t *want = VIT_NEW_ARRAY(a, ids->count, uint32_t);
			for (uint32_t k = 0; k < ids->count; k++)
				want[k] = (uint32_t)ids->children[k].u64;
			struct vit_str text = vit_json_string(vit_json_get_c(one, "text"));
			expect(e, text, 0, want, ids->count);
			expect(e, text, VIT_ENCODE_ADD_SPECIAL, want, ids->count);
		}
		vit_encoder_free(e);
		vit_tokens_free(t);
	}
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(recorded_ids) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
