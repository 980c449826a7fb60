#include "json_test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void accepts_what_is_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < good_count; i++) {
		struct vit_buf out;
		vit_buf_init(&out, 1 << 20);
		if (trace(good_cases[i].text, good_cases[i].options, 0, 0, &out) != VIT_OK)
			fail_msg("%.*s\n%s", VIT_FMT(good_cases[i].text), out.p);
		vit_buf_release(&out);
	}
}

static void rejects_what_is_not_where_it_goes_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < bad_count; i++) {
		const struct bad_case *c = &bad_cases[i];
		struct vit_json_reader r;
		struct vit_json_event ev;
		enum vit_json_type type;
		vit_json_reader_init(&r, c->text, c->options);
		do
			type = vit_json_next(&r, &ev);
		while (type != VIT_JSON_END && type != VIT_JSON_ERROR);
		if (type != VIT_JSON_ERROR || r.err.offset != c->offset ||
		    ev.offset != c->offset || r.err.code != VIT_E_SYNTAX ||
		    (c->message && !strstr(r.err.msg, c->message)))
			fail_msg("%.*s (row %zu): type %d, %s", VIT_FMT(c->text), i, (int)type,
				 r.err.msg);
		char where[32];
		snprintf(where, sizeof(where), "at offset %llu", (unsigned long long)c->offset);
		assert_non_null(strstr(r.err.msg, where));
		for (const char *p = r.err.msg; *p; p++)
			assert_in_range(*p, 0x20, 0x7e);
	}
	assert_true(good_count + bad_count > 80);
}

static void options_are_needed(void **state)
{
	(void)state;
	for (size_t i = 0; i < good_count; i++) {
		if (!good_cases[i].options)
			continue;
		struct vit_buf out;
		vit_buf_init(&out, 1 << 20);
		assert_int_equal(trace(good_cases[i].text, 0, 0, 0, &out), VIT_E_SYNTAX);
		vit_buf_release(&out);
	}
}

static void events_come_in_order_with_offsets(void **state)
{
	(void)state;
	static const char text[] = " {\"a\" : [1, \"x\\n\", true],\n\"b\":{ } , \"c\":null}";
	static const struct { enum vit_json_type type; uint64_t offset; const char *raw; } want[] = {
		{ VIT_JSON_OBJECT_BEGIN, 1, "" }, { VIT_JSON_KEY, 2, "a" },
		{ VIT_JSON_ARRAY_BEGIN, 8, "" }, { VIT_JSON_NUMBER, 9, "1" },
		{ VIT_JSON_STRING, 12, "x\\n" }, { VIT_JSON_TRUE, 19, "true" },
		{ VIT_JSON_ARRAY_END, 23, "" }, { VIT_JSON_KEY, 26, "b" },
		{ VIT_JSON_OBJECT_BEGIN, 30, "" }, { VIT_JSON_OBJECT_END, 32, "" },
		{ VIT_JSON_KEY, 36, "c" }, { VIT_JSON_NULL, 40, "null" },
		{ VIT_JSON_OBJECT_END, 44, "" }, { VIT_JSON_END, 45, "" }, { VIT_JSON_END, 45, "" },
	};
	struct vit_json_reader r;
	struct vit_json_event ev;
	vit_json_reader_init(&r, vit_str_c(text), 0);
	for (size_t i = 0; i < LENGTH(want); i++) {
		assert_int_equal(vit_json_next(&r, &ev), want[i].type);
		assert_int_equal(ev.type, want[i].type);
		assert_int_equal(ev.offset, want[i].offset);
		assert_true(vit_str_is(ev.raw, want[i].raw));
	}
	assert_true(r.leading_space);
	assert_false(r.had_bom);
}

#define INT VIT_JSON_INTEGER
#define U VIT_JSON_U64
#define I VIT_JSON_I64
#define BIG VIT_JSON_BIG
#define NEG0 VIT_JSON_NEGATIVE_ZERO
#define NONFIN VIT_JSON_NONFINITE

static void numbers_are_exact(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned flags;
		uint64_t u64;
		int64_t i64;
		double number;
	} cases[] = {
		{ "0", INT | U | I, 0, 0, 0 },
		{ "-0", INT | U | I | NEG0, 0, 0, -0.0 },
		{ "-0.0", 0, 0, 0, -0.0 },
		{ "42", INT | U | I, 42, 42, 42 },
		{ "-42", INT | I, 0, -42, -42 },
		{ "9007199254740991", INT | U | I, 9007199254740991u, 9007199254740991, 0x1.fffffffffffffp52 },
		{ "9007199254740992", INT | U | I, 9007199254740992u, 9007199254740992, 0x1p53 },
		{ "9007199254740993", INT | U | I | BIG, 9007199254740993u, 9007199254740993, 0x1p53 },
		{ "-9007199254740992", INT | I, 0, -9007199254740992, -0x1p53 },
		{ "-9007199254740993", INT | I | BIG, 0, -9007199254740993, -0x1p53 },
		{ "9223372036854775807", INT | U | I | BIG, INT64_MAX, INT64_MAX, 0x1p63 },
		{ "9223372036854775808", INT | U | BIG, (uint64_t)1 << 63, 0, 0x1p63 },
		{ "-9223372036854775808", INT | I | BIG, 0, INT64_MIN, -0x1p63 },
		{ "-9223372036854775809", INT | BIG, 0, 0, -0x1p63 },
		{ "9999999999999999999", INT | U | BIG, 9999999999999999999u, 0, 1e19 },
		{ "18446744073709551615", INT | U | BIG, UINT64_MAX, 0, 0x1p64 },
		{ "18446744073709551616", INT | BIG, 0, 0, 0x1p64 },
		{ "100000000000000000000", INT | BIG, 0, 0, 1e20 },
		{ "1.5", 0, 0, 0, 1.5 }, { "-2.25E2", 0, 0, 0, -225 }, { "1e0", 0, 0, 0, 1 },
		{ "0.1", 0, 0, 0, 0x1.999999999999ap-4 },
		{ "1e-05", 0, 0, 0, 0x1.4f8b588e368f1p-17 },
		{ "1e23", 0, 0, 0, 0x1.52d02c7e14af6p+76 }, /* not 10 * 1e22 */
		{ "2.2250738585072014e-308", 0, 0, 0, 0x1p-1022 },
		{ "5e-324", 0, 0, 0, 0x1p-1074 }, { "1e-400", 0, 0, 0, 0 },
		{ "1.7976931348623157e308", 0, 0, 0, 0x1.fffffffffffffp1023 },
		{ "1e309", NONFIN, 0, 0, (double)INFINITY },
		{ "-1e99999999999999999999", NONFIN, 0, 0, -(double)INFINITY },
		{ "0e99999999999999999999", 0, 0, 0, 0 },
		{ "9007199254740993.0", 0, 0, 0, 0x1p53 },
		{ "0.000000000000000000000000000001", 0, 0, 0, 0x1.4484bfeebc2ap-100 },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		/* Alone, at the end of the text, and with something behind it. */
		for (int behind = 0; behind < 2; behind++) {
			char text[80];
			struct vit_json_reader r;
			struct vit_json_event ev;
			snprintf(text, sizeof(text), "%s%s", cases[i].text, behind ? " " : "");
			vit_json_reader_init(&r, vit_str_c(text), 0);
			assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_NUMBER);
			if (ev.flags != cases[i].flags || ev.u64 != cases[i].u64 ||
			    ev.i64 != cases[i].i64 ||
			    memcmp(&ev.number, &cases[i].number, sizeof(double)) != 0)
				fail_msg("%s: flags %u, %llu, %lld, %a", text, ev.flags,
					 (unsigned long long)ev.u64, (long long)ev.i64, ev.number);
			assert_true(vit_str_is(ev.raw, cases[i].text));
		}
	}
}

/* The C library's own correctly rounded conversion is the oracle. */
static void doubles_are_rounded_correctly(void **state)
{
	(void)state;
	uint64_t seed = 88172645463325252u;
	for (int i = 0; i < 20000; i++) {
		char text[64];
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		snprintf(text, sizeof(text), "%llu.%llue%d", (unsigned long long)(seed % 1000000),
			 (unsigned long long)(seed >> (20 + i % 30)), (int)(seed >> 40) % 40);
		struct vit_json_reader r;
		struct vit_json_event ev;
		vit_json_reader_init(&r, vit_str_c(text), 0);
		assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_NUMBER);
		double want = strtod(text, NULL);
		if (memcmp(&want, &ev.number, sizeof(want)) != 0)
			fail_msg("%s: %a, not %a", text, ev.number, want);
	}
}

static void nan_and_infinity_by_option(void **state)
{
	(void)state;
	struct vit_json_reader r;
	struct vit_json_event ev;
	vit_json_reader_init(&r, VIT_STR("[NaN,Infinity,-Infinity,-1]"), VIT_JSON_ALLOW_NAN);
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_ARRAY_BEGIN);
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_NUMBER);
	assert_int_equal(ev.flags, VIT_JSON_NONFINITE);
	assert_true(isnan(ev.number));
	assert_str(ev.raw, "NaN");
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_NUMBER);
	assert_true(isinf(ev.number) && ev.number > 0);
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_NUMBER);
	assert_int_equal(ev.flags, VIT_JSON_NONFINITE);
	assert_true(isinf(ev.number) && ev.number < 0);
	assert_str(ev.raw, "-Infinity");
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_NUMBER);
	assert_int_equal(ev.i64, -1);
}

static void strings_decode(void **state)
{
	(void)state;
	static const struct { struct vit_str text, want; unsigned flags; } cases[] = {
		{ T("\"abc\""), T("abc"), 0 },
		{ T("\"\""), T(""), 0 },
		{ T("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), T("\"\\/\b\f\n\r\t"), VIT_JSON_ESCAPED },
		{ T("\"a\\u0000b\""), T("a\0b"), VIT_JSON_ESCAPED | VIT_JSON_ESCAPED_NUL },
		{ T("\"\\u0041\\u00e9\\u20aC\""), T("A\xc3\xa9\xe2\x82\xac"), VIT_JSON_ESCAPED },
		{ T("\"\\ud83d\\ude00\\uD834\\uDD1E\""), T("\xf0\x9f\x98\x80\xf0\x9d\x84\x9e"),
		  VIT_JSON_ESCAPED },
		{ T("\"\\ud800x\""), T("\xef\xbf\xbdx"),
		  VIT_JSON_ESCAPED | VIT_JSON_LONE_SURROGATE },
		{ T("\"\\udc00\\ud800\""), T("\xef\xbf\xbd\xef\xbf\xbd"),
		  VIT_JSON_ESCAPED | VIT_JSON_LONE_SURROGATE },
		{ T("\"\\ud800\\ud83d\\ude00\""), T("\xef\xbf\xbd\xf0\x9f\x98\x80"),
		  VIT_JSON_ESCAPED | VIT_JSON_LONE_SURROGATE },
		{ T("\"\\ud800\\n\""), T("\xef\xbf\xbd\n"),
		  VIT_JSON_ESCAPED | VIT_JSON_LONE_SURROGATE },
		{ T("\"\xc4\xa0the \\\\u0041\""), T("\xc4\xa0the \\u0041"), VIT_JSON_ESCAPED },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct vit_json_reader r;
		struct vit_json_event ev;
		struct vit_buf out;
		vit_buf_init(&out, 100);
		vit_json_reader_init(&r, cases[i].text, VIT_JSON_ALLOW_LONE_SURROGATE);
		assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_STRING);
		assert_int_equal(ev.flags, cases[i].flags);
		vit_json_decode(&ev, &out);
		assert_int_equal(out.n, cases[i].want.n);
		assert_memory_equal(out.p, cases[i].want.p, out.n);
		assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_END);
		vit_buf_release(&out);
	}
}

/* `depth` arrays, or objects, or both in turns, closed again. */
static size_t nested(char *text, unsigned depth, int kind)
{
	size_t n = 0;
	for (unsigned i = 0; i < depth; i++) {
		bool object = kind == 1 || (kind == 2 && i % 2);
		const char *open = object ? "{\"a\":" : "[";
		memcpy(text + n, open, strlen(open));
		n += strlen(open);
	}
	text[n++] = '0';
	for (unsigned i = depth; i > 0; i--)
		text[n++] = kind == 1 || (kind == 2 && (i - 1) % 2) ? '}' : ']';
	return n;
}

static void depth_is_limited(void **state)
{
	(void)state;
	char text[2000];
	for (int kind = 0; kind < 3; kind++) {
		struct vit_buf out;
		vit_buf_init(&out, 1 << 20);
		struct vit_str s = { text, nested(text, VIT_JSON_MAX_DEPTH, kind) };
		assert_int_equal(trace(s, 0, 0, 0, &out), VIT_OK);
		vit_buf_clear(&out);
		s.n = nested(text, VIT_JSON_MAX_DEPTH + 1, kind);
		assert_int_equal(trace(s, 0, 0, 0, &out), VIT_E_LIMIT);
		assert_non_null(strstr(out.p, "128 levels"));
		vit_buf_release(&out);
	}
}

static void events_and_numbers_are_limited(void **state)
{
	(void)state;
	struct vit_json_reader r;
	struct vit_json_event ev;
	for (uint64_t limit = 1; limit <= 6; limit++) {
		uint64_t seen = 0;
		vit_json_reader_init(&r, VIT_STR("[1,2]"), 0); /* 5 events with END */
		r.count_limit = limit;
		while (vit_json_next(&r, &ev) != VIT_JSON_ERROR && ev.type != VIT_JSON_END)
			seen++;
		assert_int_equal(ev.type, limit < 5 ? VIT_JSON_ERROR : VIT_JSON_END);
		assert_int_equal(seen, limit < 5 ? limit : 4);
		assert_int_equal(r.err.code, limit < 5 ? VIT_E_LIMIT : VIT_OK);
	}
	char text[1002];
	memset(text, '1', sizeof(text));
	vit_json_reader_init(&r, (struct vit_str){ text, 1000 }, 0);
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_NUMBER);
	assert_int_equal(ev.flags, VIT_JSON_INTEGER | VIT_JSON_BIG | VIT_JSON_NONFINITE);
	vit_json_reader_init(&r, (struct vit_str){ text, 1001 }, 0);
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_ERROR);
	assert_int_equal(r.err.code, VIT_E_LIMIT);
}

static void values_can_be_skipped(void **state)
{
	(void)state;
	struct vit_json_reader r;
	struct vit_json_event ev;
	vit_json_reader_init(&r, VIT_STR("{\"a\":{\"x\":[1,[2]]},\"b\":3,\"c\":[[4],5]}"), 0);
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_OBJECT_BEGIN);
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_KEY);
	assert_true(vit_json_skip(&r));
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_KEY);
	assert_str(ev.raw, "b");
	assert_true(vit_json_skip(&r));
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_KEY);
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_ARRAY_BEGIN);
	assert_true(vit_json_skip(&r));
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_NUMBER);
	assert_int_equal(ev.u64, 5);
	assert_true(vit_json_skip_rest(&r));
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_OBJECT_END);
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_END);
	assert_false(vit_json_skip(&r));

	vit_json_reader_init(&r, VIT_STR("[[1,01]]"), 0);
	assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_ARRAY_BEGIN);
	assert_false(vit_json_skip(&r));
	assert_int_equal(r.err.offset, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_what_is_json),
		cmocka_unit_test(rejects_what_is_not_where_it_goes_wrong),
		cmocka_unit_test(options_are_needed),
		cmocka_unit_test(events_come_in_order_with_offsets),
		cmocka_unit_test(numbers_are_exact),
		cmocka_unit_test(doubles_are_rounded_correctly),
		cmocka_unit_test(nan_and_infinity_by_option),
		cmocka_unit_test(strings_decode),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(events_and_numbers_are_limited),
		cmocka_unit_test(values_can_be_skipped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
