/* Token ids against the reference's, recorded in tests/data/token-ids.json and,
 * by tests/differential/token_ids.py, in tests/data/token-cases.json. */
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

/* ---- every kind of part, as the reference takes it ------------------------------------------ */

static int nibble(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static struct vit_str from_hex(struct vit_arena *a, struct vit_str hex)
{
	char *p = vit_arena_alloc(a, hex.n / 2 + 1);

	for (size_t i = 0; i + 1 < hex.n; i += 2)
		p[i / 2] = (char)(nibble(hex.p[i]) << 4 | nibble(hex.p[i + 1]));
	return (struct vit_str){ p, hex.n / 2 };
}

static const uint32_t *ids_of(struct vit_arena *a, const struct vit_json *list)
{
	uint32_t *ids = VIT_NEW_ARRAY(a, list->count, uint32_t);

	for (uint32_t i = 0; i < list->count; i++)
		ids[i] = (uint32_t)list->children[i].u64;
	return ids;
}

static void one_case(struct vit_arena *a, const struct vit_json *one)
{
	const struct vit_json *texts = vit_json_get_c(one, "texts");
	struct vit_tokens *t = load(vit_json_string(vit_json_get_c(one, "tokenizer")));
	struct vit_encoder *e = vit_encoder_new(t);

	if (vit_tokens_unsupported(t))
		fail_msg("%s", vit_tokens_unsupported(t));
	/* Twice: the second time from the cache. */
	for (uint32_t i = 0; i < 2 * texts->count; i++) {
		const struct vit_json *row = &texts->children[i % texts->count];
		const struct vit_json *ids = vit_json_get_c(row, "ids");
		const struct vit_json *special = vit_json_get_c(row, "special");
		struct vit_str text = from_hex(a, vit_json_string(vit_json_get_c(row, "hex")));
		special = special ? special : ids;
		expect(e, text, 0, ids_of(a, ids), ids->count);
		expect(e, text, VIT_ENCODE_ADD_SPECIAL, ids_of(a, special), special->count);
	}
	vit_encoder_free(e);
	vit_tokens_free(t);
}

static void every_kind(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_json_doc doc;
	struct vit_err err = { .code = VIT_OK };

	(void)state;
	assert_int_equal(vit_json_parse(a, read_file(a, VIT_TEST_DATA "/token-cases.json"), 0, &doc,
					&err),
			 VIT_OK);
	const struct vit_json *cases = vit_json_get_c(doc.root, "cases");
	assert_true(cases->count > 70);
	for (uint32_t i = 0; i < cases->count; i++) {
		const struct vit_json *one = &cases->children[i];
		print_message("%s\n", vit_json_string(vit_json_get_c(one, "name")).p);
		one_case(a, one);
	}
	vit_arena_free(a);
}

/* ---- what no reference decides ------------------------------------------------------------- */

static struct vit_tokens *load_text(const char *json)
{
	return load(vit_str_c(json));
}

/* A byte-level model of "a", "aa", "aaaa", ..., and "b". */
#define DOUBLING \
	"{\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":true}," \
	"\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"aa\":2,\"aaaa\":3,\"aaaaaaaa\":4}," \
	"\"merges\":[\"a a\",\"aa aa\",\"aaaa aaaa\"]}}"

/* A megabyte without a space: merged from the left, in far less than n squared. */
static void long_word(void **state)
{
	struct vit_tokens *t = load_text(DOUBLING);
	struct vit_encoder *e = vit_encoder_new(t);
	size_t n = ((size_t)1 << 20) + 7;
	char *text = malloc(n);
	const uint32_t *ids;
	size_t count;
	struct vit_err err = { .code = VIT_OK };

	(void)state;
	memset(text, 'a', n);
	assert_int_equal(vit_encode(e, (struct vit_str){ text, n }, 0, &ids, &count, &err), VIT_OK);
	/* 7 = 4 + 2 + 1 */
	assert_int_equal(count, ((size_t)1 << 17) + 3);
	assert_int_equal(ids[0], 4);
	assert_int_equal(ids[count - 3], 3);
	assert_int_equal(ids[count - 2], 2);
	assert_int_equal(ids[count - 1], 0);
	assert_int_equal(vit_encode_count(e, (struct vit_str){ text, n }, 0, &count, &err), VIT_OK);
	assert_int_equal(count, ((size_t)1 << 17) + 3);
	free(text);
	vit_encoder_free(e);
	vit_tokens_free(t);
}

/* A megabyte of spaces, each an added token that takes the spaces around it: the
 * first takes all, and of the others nothing is left (tokenizers 0.23.3: [0]). */
static void greedy_tokens(void **state)
{
	struct vit_tokens *t = load_text(
		"{\"added_tokens\":[{\"id\":0,\"content\":\" \",\"lstrip\":true,\"rstrip\":true,"
		"\"normalized\":false}],\"model\":{\"type\":\"WordLevel\",\"vocab\":{\" \":0}}}");
	struct vit_encoder *e = vit_encoder_new(t);
	size_t n = (size_t)1 << 20, count;
	char *text = malloc(n);
	struct vit_err err = { .code = VIT_OK };

	(void)state;
	memset(text, ' ', n);
	assert_int_equal(vit_encode_count(e, (struct vit_str){ text, n }, 0, &count, &err), VIT_OK);
	assert_int_equal(count, 1);
	free(text);
	vit_encoder_free(e);
	vit_tokens_free(t);
}

static void too_long(void **state)
{
	struct vit_tokens *t = load_text(DOUBLING);
	struct vit_encoder *e = vit_encoder_new(t);
	const uint32_t *ids;
	size_t count;
	struct vit_err err = { .code = VIT_OK };

	(void)state;
	/* Refused by its length: the bytes are not looked at. */
	assert_int_equal(vit_encode(e, (struct vit_str){ "a", VIT_TOKENS_MAX_TEXT + 1 }, 0, &ids,
				    &count, &err),
			 VIT_E_LIMIT);
	vit_encoder_free(e);
	vit_tokens_free(t);
}

static void facts_of_a_tokenizer(void **state)
{
	struct vit_tokens *t = load_text(
		"{\"added_tokens\":[{\"id\":7,\"content\":\"<x>\",\"special\":true}],"
		"\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0,\"b\":40},\"unk_token\":\"a\"}}");
	struct vit_encoder *e = vit_encoder_new(t);

	(void)state;
	assert_string_equal(vit_tokens_model(t).p, "WordLevel");
	assert_int_equal(vit_tokens_size(t), 41);
	assert_int_equal(vit_tokens_id(t, VIT_STR("b")), 40);
	assert_int_equal(vit_tokens_id(t, VIT_STR("c")), UINT32_MAX);
	/* The reference numbers it itself: the vocabulary has two entries. */
	assert_int_equal(vit_tokens_id(t, VIT_STR("<x>")), 2);
	expect(e, VIT_STR("b<x>b"), 0, (const uint32_t[]){ 40, 2, 40 }, 3);
	expect(e, VIT_STR("b<x>b"), VIT_ENCODE_SPECIAL_AS_TEXT, (const uint32_t[]){ 0 }, 1);
	assert_int_equal(vit_tokens_estimate(VIT_STR("")), 0);
	assert_int_equal(vit_tokens_estimate(VIT_STR("abcde")), 2);
	vit_encoder_free(e);
	vit_tokens_free(t);
}

/* What is said of files that cannot be used. */
static const struct {
	const char *json;
	enum vit_errc code; /* VIT_OK: it loads, and `says` is what is not supported */
	const char *says;
} refused[] = {
	{ "[1]", VIT_E_SYNTAX, "no JSON object" },
	{ "{\"model\":{\"type\":\"BPE\"}}", VIT_E_SYNTAX, "no \"vocab\"" },
	{ "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":-1}}}", VIT_E_SYNTAX, "wrong type" },
	{ "{\"model\":{\"type\":\"BPE\",\"merges\":[\"a a\"],\"vocab\":{\"a\":0,\"aa\":1}}}",
	  VIT_E_SYNTAX, "it comes behind the merges" },
	{ "{\"model\":{\"type\":\"Unigram\",\"unk_id\":9,\"vocab\":[[\"a\",0]]}}", VIT_E_SYNTAX,
	  "unk_id 9 is not in the vocabulary of 1 tokens" },
	{ "{\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAAA\"},"
	  "\"model\":{\"type\":\"BPE\",\"vocab\":{}}}",
	  VIT_E_SYNTAX, "Precompiled: a member is missing or wrong" },
	{ "{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":"
	  "{\"id\":\"<s>\"}},{\"Sequence\":{\"id\":\"A\"}}],\"special_tokens\":{}},"
	  "\"model\":{\"type\":\"BPE\",\"vocab\":{}}}",
	  VIT_E_SYNTAX, "a template names a special token that it does not define" },
	{ "{\"model\":{\"type\":\"Nova\",\"vocab\":{}}}", VIT_OK, "model \"Nova\"" },
	{ "{\"pre_tokenizer\":{\"type\":\"UnicodeScripts\"},\"model\":{\"type\":\"BPE\",\"vocab\":{}}}",
	  VIT_OK, "pre-tokenizer \"UnicodeScripts\"" },
	{ "{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(\"},\"content\":\"\"},"
	  "\"model\":{\"type\":\"BPE\",\"vocab\":{}}}",
	  VIT_OK, "normalizer pattern ( (" },
	{ "{\"model\":{\"type\":\"BPE\",\"dropout\":0.5,\"vocab\":{}}}", VIT_OK, "dropout" },
};

static void what_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct memory m = { vit_str_c(refused[i].json), 0 };
		struct vit_tokens *t = NULL;
		struct vit_err err = { .code = VIT_OK };
		const uint32_t *ids;
		size_t count;
		const char *said = err.msg;

		enum vit_errc code = vit_tokens_load(from_memory, &m, &t, &err);
		if (code != refused[i].code)
			fail_msg("%s: %s", refused[i].json, vit_errc_name(code));
		if (t) {
			struct vit_encoder *e = vit_encoder_new(t);
			assert_non_null(vit_tokens_unsupported(t));
			assert_int_equal(vit_encode(e, VIT_STR("a"), 0, &ids, &count, &err),
					 VIT_E_UNSUPPORTED);
			vit_encoder_free(e);
		}
		if (!strstr(said, refused[i].says))
			fail_msg("%s: \"%s\" does not say \"%s\"", refused[i].json, said,
				 refused[i].says);
		vit_tokens_free(t);
	}
}

/* Sequences in sequences, to the limit and beyond. */
static void nesting(void **state)
{
	struct vit_buf json;

	(void)state;
	for (int depth = 14; depth <= 40; depth += 26) {
		vit_buf_init(&json, 65536);
		vit_buf_puts(&json, "{\"normalizer\":");
		for (int i = 0; i < depth; i++)
			vit_buf_puts(&json, "{\"type\":\"Sequence\",\"normalizers\":[");
		vit_buf_puts(&json, "{\"type\":\"Lowercase\"}");
		for (int i = 0; i < depth; i++)
			vit_buf_puts(&json, "]}");
		vit_buf_puts(&json, ",\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"ab\":3}}}");
		struct memory m = { vit_buf_view(&json), 0 };
		struct vit_tokens *t = NULL;
		struct vit_err err = { .code = VIT_OK };
		enum vit_errc code = vit_tokens_load(from_memory, &m, &t, &err);
		assert_int_equal(code, depth < 16 ? VIT_OK : VIT_E_SYNTAX);
		if (t) {
			struct vit_encoder *e = vit_encoder_new(t);
			expect(e, VIT_STR("AB"), 0, (const uint32_t[]){ 3 }, 1);
			vit_encoder_free(e);
		}
		vit_tokens_free(t);
		vit_buf_release(&json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_ids),
		cmocka_unit_test(every_kind),
		cmocka_unit_test(long_word),
		cmocka_unit_test(greedy_tokens),
		cmocka_unit_test(too_long),
		cmocka_unit_test(facts_of_a_tokenizer),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(nesting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
