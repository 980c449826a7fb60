/* tokenizer.json against counts worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/tokenizer.h"

struct memory {
	struct vit_str text;
	size_t at, step; /* bytes a read gives at most */
};

static int64_t from_memory(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct memory *m = ctx;
	size_t left = m->text.n - m->at;

	(void)err;
	n = n < left ? n : left;
	n = n < m->step ? n : m->step;
	if (n)
		memcpy(buf, m->text.p + m->at, n);
	m->at += n;
	return (int64_t)n;
}

static enum vit_errc scan_with(struct vit_arena *a, struct vit_str text,
			       const struct vit_str *wanted, size_t count, size_t step,
			       struct vit_tokenizer_scan *out, struct vit_err *err)
{
	struct memory m = { text, 0, step };

	return vit_tokenizer_read(a, from_memory, &m, wanted, count, out, err);
}

static struct vit_tokenizer_scan scan(struct vit_arena *a, const char *text)
{
	struct vit_tokenizer_scan s, again;
	struct vit_err err = { 0 };

	if (scan_with(a, vit_str_c(text), NULL, 0, SIZE_MAX, &s, &err) != VIT_OK)
		fail_msg("%s: %s", text, err.msg);
	/* However the bytes come, the counts are the same. */
	assert_int_equal(scan_with(a, vit_str_c(text), NULL, 0, 1, &again, &err), VIT_OK);
	assert_int_equal(again.vocab_count, s.vocab_count);
	assert_int_equal(again.distinct_ids, s.distinct_ids);
	assert_int_equal(again.bad_entries, s.bad_entries);
	assert_int_equal(again.bad_offset, s.bad_offset);
	return s;
}

static void byte_pairs(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_tokenizer_scan s = scan(
		a, "{\"version\":\"1.0\",\"added_tokens\":["
		   "{\"id\":5,\"content\":\"<x>\",\"single_word\":false,\"special\":true},"
		   "{\"id\":9,\"content\":\"caf\\u00e9\",\"special\":false}],"
		   "\"normalizer\":{\"deep\":[{\"id\":77}]},"
		   "\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"ab\":2,\"\\\"\":4},"
		   "\"merges\":[\"a b\",[\"a\",\"b\"],[\"a b\",\"c\"]]}}");

	(void)state;
	assert_true(s.is_object && s.has_model && s.has_vocab);
	assert_true(vit_str_is(s.model, "BPE"));
	assert_int_equal(s.vocab_count, 4);
	assert_int_equal(s.merges_count, 3);
	assert_int_equal(s.max_id, 9);
	assert_int_equal(s.distinct_ids, 6); /* 0 1 2 4 and 5 9 */
	assert_int_equal(s.added_count, 2);
	assert_int_equal(s.added[0].id, 5);
	assert_true(s.added[0].special);
	assert_true(vit_str_is(s.added[1].content, "caf\xc3\xa9"));
	assert_false(s.added[1].special);
	assert_int_equal(s.bad_entries, 0);
	assert_int_equal(s.duplicate_ids, 0);
	assert_int_equal(s.conflicts, 0);
	vit_arena_free(a);
}

static void unigrams(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_tokenizer_scan s =
		scan(a, "{\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":"
			"[[\"<unk>\",0.0],[\"a\",-1.5],[\"b\",-2]]}}");

	(void)state;
	assert_int_equal(s.vocab_count, 3);
	assert_int_equal(s.max_id, 2);
	assert_int_equal(s.distinct_ids, 3);
	assert_int_equal(s.bad_entries, 0);
	vit_arena_free(a);
}

static void shared_ids(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_tokenizer_scan s =
		scan(a, "{\"model\":{\"vocab\":{\"a\":7,\"b\":3,\"c\":7,\"d\":3,\"e\":7}}}");

	(void)state;
	assert_int_equal(s.duplicate_ids, 3);
	assert_int_equal(s.duplicate_id_first, 3);
	assert_int_equal(s.distinct_ids, 2);
	assert_int_equal(s.vocab_count, 5);

	/* An added token that the vocabulary has too is the same token... */
	s = scan(a, "{\"added_tokens\":[{\"id\":1,\"content\":\"b\"}],"
		    "\"model\":{\"vocab\":{\"a\":0,\"b\":1}}}");
	assert_int_equal(s.conflicts, 0);
	assert_int_equal(s.distinct_ids, 2);
	/* ...unless its text is another. */
	s = scan(a, "{\"added_tokens\":[{\"id\":1,\"content\":\"x\"}],"
		    "\"model\":{\"vocab\":{\"a\":0,\"b\":1}}}");
	assert_int_equal(s.conflicts, 1);
	assert_int_equal(s.conflict_id, 1);
	vit_arena_free(a);
}

static void large_ids(void **state)
{
	struct vit_arena *a = vit_arena_new();
	/* u32 is the library's type: the last fits, one more does not. */
	struct vit_tokenizer_scan s =
		scan(a, "{\"model\":{\"vocab\":{\"a\":4294967295,\"b\":16777216,\"c\":16777215}}}");

	(void)state;
	assert_int_equal(s.max_id, 4294967295);
	assert_int_equal(s.distinct_ids, 3);
	assert_int_equal(s.bad_entries, 0);
	s = scan(a, "{\"model\":{\"vocab\":{\"a\":4294967296}}}");
	assert_int_equal(s.bad_entries, 1);
	assert_int_equal(s.distinct_ids, 0);
	vit_arena_free(a);
}

static void wrong_types(void **state)
{
	/* `at` is where the text of the first bad entry begins. */
	static const struct {
		const char *text;
		uint64_t bad;
		const char *at;
	} t[] = {
		{ "{\"model\":{\"vocab\":{\"a\":-1}}}", 1, "-1" },
		{ "{\"model\":{\"vocab\":{\"a\":1.0}}}", 1, "1.0" },
		{ "{\"model\":{\"vocab\":{\"a\":\"1\",\"b\":[{}],\"c\":1}}}", 2, "\"1\"" },
		{ "{\"model\":{\"vocab\":7}}", 1, "7" },
		{ "{\"model\":{\"vocab\":[[\"a\",1],[\"b\"],\"c\",[\"d\",1,2],[{},1]]}}", 4,
		  "[\"b\"]" },
		{ "{\"model\":{\"vocab\":{},\"merges\":[\"ab\",\"a b "
		  "c\",[\"a\"],[\"a\",\"b\",\"c\"],3]}}",
		  5, "\"ab\"" },
		{ "{\"model\":{\"vocab\":{},\"merges\":[[[\"a\"],\"b\"],[]]}}", 2, "[[\"a\"]" },
		{ "{\"added_tokens\":[{\"id\":1}]}", 1, "{\"id\"" },
		{ "{\"added_tokens\":[{\"id\":\"1\",\"content\":\"a\"}]}", 1, "\"1\"" },
		{ "{\"added_tokens\":[3,{\"id\":1,\"content\":\"a\",\"special\":7}]}", 2, "3" },
		{ "{\"added_tokens\":{}}", 1, "{}" },
		{ "{\"model\":[]}", 1, "[]" },
		{ "{\"model\":{\"type\":3}}", 1, "3" },
		{ "{\"model\":{},\"model\": {}}", 1, " {}" },
		{ "{\"added_tokens\":null,\"model\":{\"merges\":null}}", 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct vit_arena *a = vit_arena_new();
		struct vit_tokenizer_scan s = scan(a, t[i].text);
		const char *at = t[i].at ? strstr(t[i].text, t[i].at) : t[i].text;
		uint64_t offset = (uint64_t)(at - t[i].text) + (*at == ' ');
		if (s.bad_entries != t[i].bad || s.bad_offset != offset)
			fail_msg("%s: %llu bad, first at %llu", t[i].text,
				 (unsigned long long)s.bad_entries,
				 (unsigned long long)s.bad_offset);
		vit_arena_free(a);
	}
}

static void not_a_tokenizer(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_tokenizer_scan s = scan(a, "[1,{\"model\":{}}]");

	(void)state;
	assert_false(s.is_object);
	s = scan(a, "3");
	assert_false(s.is_object);
	s = scan(a, "{}");
	assert_true(s.is_object);
	assert_false(s.has_model || s.has_vocab);
	s = scan(a, "{\"model\":{}}");
	assert_true(s.has_model);
	assert_false(s.has_vocab);
	vit_arena_free(a);
}

static void broken_json(void **state)
{
	/* Where it breaks off: behind the first `good` bytes. */
	static const struct {
		const char *good, *rest;
	} t[] = {
		{ "", "" },
		{ "{", "" },
		{ "{\"model\":{\"vocab\":{\"a\":0", "" },
		{ "{\"model\":{\"vocab\":{\"a\":0}} ", "x" },
		{ "{\"model\":{\"merges\":[\"a b\",", "" },
		{ "{\"model\":{\"merges\":[[\"a\",", "]]" },
		{ "{\"added_tokens\":[{\"id\":1,", "" },
		{ "{} ", "{}" },
		{ "", "\xef\xbb\xbf{}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct vit_arena *a = vit_arena_new();
		struct vit_tokenizer_scan s;
		struct vit_err err = { 0 };
		struct vit_str text = vit_arena_printf(a, "%s%s", t[i].good, t[i].rest);
		assert_int_equal(scan_with(a, text, NULL, 0, SIZE_MAX, &s, &err), VIT_E_SYNTAX);
		assert_int_equal(err.offset, strlen(t[i].good));
		assert_int_equal(s.bad_entries, 0);
		vit_arena_free(a);
	}
}

static void wanted_texts(void **state)
{
	struct vit_arena *a = vit_arena_new();
	const struct vit_str wanted[] = { VIT_STR("</s>"), VIT_STR("\xc4\xa0"), VIT_STR("no") };
	struct vit_tokenizer_scan s;
	struct vit_err err = { 0 };
	struct vit_str text =
		VIT_STR("{\"model\":{\"vocab\":{\"x\":0,\"\\u0120\":6,\"</s>\":2,\"n\":3}}}");

	(void)state;
	assert_int_equal(scan_with(a, text, wanted, 3, 3, &s, &err), VIT_OK);
	assert_int_equal(s.named_count, 2);
	assert_int_equal(s.named[0].id, 6);
	assert_true(vit_str_is(s.named[0].content, "\xc4\xa0"));
	assert_int_equal(s.named[1].id, 2);
	vit_arena_free(a);
}

static void reads_that_fail(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_tokenizer_scan s;
	struct vit_err err = { 0 };
	struct vit_buf b;

	(void)state;
	/* A text longer than the window is our limit, not the file's fault. */
	vit_buf_init(&b, 4u << 20);
	vit_buf_puts(&b, "{\"x\":\"");
	for (unsigned i = 0; i < VIT_TOK_WINDOW; i++)
		vit_buf_putc(&b, 'a');
	vit_buf_puts(&b, "\"}");
	assert_int_equal(scan_with(a, vit_buf_view(&b), NULL, 0, SIZE_MAX, &s, &err), VIT_E_LIMIT);
	vit_buf_release(&b);
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(byte_pairs),      cmocka_unit_test(unigrams),
		cmocka_unit_test(shared_ids),      cmocka_unit_test(large_ids),
		cmocka_unit_test(wrong_types),     cmocka_unit_test(not_a_tokenizer),
		cmocka_unit_test(broken_json),     cmocka_unit_test(wanted_texts),
		cmocka_unit_test(reads_that_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
