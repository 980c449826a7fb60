#include "json_test.h"

#include <stdlib.h>

static const char sample[] =
	"{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"added_tokens\": [\n    {\n"
	"      \"id\": 199998,\n      \"content\": \"<|startoftext|>\",\n"
	"      \"single_word\": false, \"special\": true\n    }\n  ],\n"
	"  \"scores\": [-1.5e-05, 0.1, 18446744073709551615, -0, 1e999, NaN, -Infinity],\n"
	"  \"vocab\": {\"\xc4\xa0the\": 290, \"\\u0120\\ud83d\\ude00\\n\": 1,"
	" \"\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 \xe4\xb8\xad\xe6\x96\x87"
	" \xf0\x9f\x98\x80\": 2, \"\\ud800\\u0000\": 3},\n"
	"  \"merges\": [[\"\xc4\xa0 t\", \"he\"], [], {}, [[]]]\n}\n";

#define SAMPLE_OPTIONS (VIT_JSON_ALLOW_NAN | VIT_JSON_ALLOW_LONE_SURROGATE)

static void check(struct vit_str text, unsigned options, size_t window, size_t chunk,
		  const struct vit_buf *want)
{
	struct vit_buf got;
	vit_buf_init(&got, 1 << 20);
	enum vit_errc code = trace(text, options, window, chunk, &got);
	/* A window that is too small for a token is the one permitted difference. */
	if (code != VIT_E_LIMIT || window > 64) {
		if (!vit_str_eq(vit_buf_view(&got), vit_buf_view(want)))
			fail_msg("window %zu, reads of %zu\n%.*s\ngot:\n%s\nwant:\n%s", window,
				 chunk, VIT_FMT(text), got.p, want->p);
	}
	vit_buf_release(&got);
}

static void check_all_windows(struct vit_str text, unsigned options)
{
	static const size_t large[] = { 96, 100, 127, 128, 4096 };
	struct vit_buf want;
	vit_buf_init(&want, 1 << 20);
	trace(text, options, 0, 0, &want);
	for (size_t window = 1; window <= 64; window++)
		for (size_t chunk = 1; chunk <= window && chunk <= 20; chunk += chunk < 5 ? 1 : 5)
			check(text, options, window, chunk, &want);
	for (size_t i = 0; i < LENGTH(large); i++)
		for (size_t chunk = 1; chunk <= 4096; chunk *= 4)
			check(text, options, large[i], chunk, &want);
	vit_buf_release(&want);
}

static void any_window_gives_the_same_events(void **state)
{
	(void)state;
	for (size_t i = 0; i < good_count; i++)
		check_all_windows(good_cases[i].text, good_cases[i].options);
	for (size_t i = 0; i < bad_count; i++)
		check_all_windows(bad_cases[i].text, bad_cases[i].options);
	check_all_windows(vit_str_c(sample), SAMPLE_OPTIONS);
}

/* A text cut anywhere: the events of the whole text, then an error. Only the
 * number at the cut may be another one, as it ends there. */
static void every_truncation_is_an_error_after_the_same_events(void **state)
{
	(void)state;
	struct vit_str whole = vit_str_c(sample);
	size_t last = whole.n - 2; /* the closing brace */
	for (size_t n = 0; n <= last; n++) {
		struct vit_json_reader a, b;
		struct vit_json_event got, want;
		vit_json_reader_init(&a, vit_str_sub(whole, 0, n), SAMPLE_OPTIONS);
		vit_json_reader_init(&b, whole, SAMPLE_OPTIONS);
		while (vit_json_next(&a, &got) != VIT_JSON_ERROR) {
			vit_json_next(&b, &want);
			assert_int_not_equal(got.type, VIT_JSON_END);
			assert_int_equal(got.type, want.type);
			assert_int_equal(got.offset, want.offset);
			if (got.type == VIT_JSON_NUMBER && got.offset + got.raw.n == n)
				continue;
			assert_int_equal(got.flags, want.flags);
			assert_true(vit_str_eq(got.raw, want.raw));
		}
		assert_in_range(a.err.offset, 0, n);
		assert_int_equal(a.err.code, VIT_E_SYNTAX);
	}
}

static void every_flipped_byte_is_handled(void **state)
{
	(void)state;
	char copy[sizeof(sample)];
	for (size_t i = 0; i + 1 < sizeof(sample); i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(copy, sample, sizeof(copy));
			copy[i] ^= (char)(1 << bit);
			struct vit_str text = { copy, sizeof(copy) - 1 };
			struct vit_buf whole, streamed;
			vit_buf_init(&whole, 1 << 20);
			vit_buf_init(&streamed, 1 << 20);
			enum vit_errc code = trace(text, SAMPLE_OPTIONS, 0, 0, &whole);
			assert_true(code == VIT_OK || code == VIT_E_SYNTAX);
			assert_int_equal(trace(text, SAMPLE_OPTIONS, 700, 13, &streamed), code);
			assert_true(vit_str_eq(vit_buf_view(&whole), vit_buf_view(&streamed)));
			vit_buf_release(&whole);
			vit_buf_release(&streamed);
		}
	}
}

/* A string of n bytes with its quotes needs a window of n bytes, a number one
 * more than its length, and the message names the ceiling. */
static void a_token_must_fit_the_window(void **state)
{
	(void)state;
	struct vit_buf out;
	vit_buf_init(&out, 1 << 20);
	assert_int_equal(trace(VIT_STR("[\"01234567\"]"), 0, 10, 3, &out), VIT_OK);
	assert_int_equal(trace(VIT_STR("[\"01234567\"]"), 0, 9, 3, &out), VIT_E_LIMIT);
	assert_non_null(strstr(out.p, "longer than the limit of 9 bytes at offset 1"));
	assert_int_equal(trace(VIT_STR("[\"\\ud800\"]"), VIT_JSON_ALLOW_LONE_SURROGATE, 8, 1, &out),
			 VIT_OK);
	assert_int_equal(trace(VIT_STR("[123456789]"), 0, 10, 3, &out), VIT_OK);
	vit_buf_clear(&out);
	assert_int_equal(trace(VIT_STR("[123456789]"), 0, 9, 3, &out), VIT_E_LIMIT);
	assert_non_null(strstr(out.p, "limit of 9 bytes"));
	vit_buf_release(&out);
}

static int64_t read_then_fail(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	int *left = ctx;
	if (*left == 0)
		return (int)vit_err_set(err, VIT_E_CHANGED, "the file changed") * 0 - 1;
	(*left)--;
	assert_true(n > 0);
	*(char *)buf = '[';
	return 1;
}

static void a_failed_read_is_passed_on(void **state)
{
	(void)state;
	for (int n = 0; n < 5; n++) {
		struct vit_json_reader r;
		struct vit_json_event ev;
		char window[16];
		int left = n, begun = 0;
		vit_json_reader_stream(&r, read_then_fail, &left, window, sizeof(window), 0);
		while (vit_json_next(&r, &ev) == VIT_JSON_ARRAY_BEGIN)
			begun++;
		assert_int_equal(begun, n);
		assert_int_equal(ev.type, VIT_JSON_ERROR);
		assert_int_equal(r.err.code, VIT_E_CHANGED);
		assert_string_equal(r.err.msg, "the file changed");
	}
}

/* With ALLOW_TRAILING a reader takes one value and says where it ended, so
 * that lines of values can be read one by one. */
static void values_one_behind_the_other(void **state)
{
	(void)state;
	struct vit_str rest = VIT_STR("{\"a\":1}\n[2]\n \"three\" 4 ");
	static const size_t ends[] = { 7, 4, 9, 2 };
	for (size_t i = 0; i < LENGTH(ends); i++) {
		struct vit_json_reader r;
		struct vit_json_event ev;
		vit_json_reader_init(&r, rest, VIT_JSON_ALLOW_TRAILING);
		do
			assert_int_not_equal(vit_json_next(&r, &ev), VIT_JSON_ERROR);
		while (ev.type != VIT_JSON_END);
		assert_int_equal(ev.offset, ends[i]);
		rest = vit_str_sub(rest, (size_t)ev.offset, rest.n);
	}
	assert_str(rest, " ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_window_gives_the_same_events),
		cmocka_unit_test(every_truncation_is_an_error_after_the_same_events),
		cmocka_unit_test(every_flipped_byte_is_handled),
		cmocka_unit_test(a_token_must_fit_the_window),
		cmocka_unit_test(a_failed_read_is_passed_on),
		cmocka_unit_test(values_one_behind_the_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
