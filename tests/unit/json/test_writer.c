#include "json_test.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/utf8.h"
#include "json/writer.h"

static bool to_buf(void *ctx, const char *p, size_t n)
{
	vit_buf_add(ctx, p, n);
	return true;
}

static void write_sample(struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_jw_key(w, "empty");
	vit_jw_object(w);
	vit_jw_object_end(w);
	vit_jw_key(w, "list");
	vit_jw_array(w);
	vit_jw_u64(w, UINT64_MAX);
	vit_jw_i64(w, INT64_MIN);
	vit_jw_double(w, 0.5);
	vit_jw_bool(w, true);
	vit_jw_bool(w, false);
	vit_jw_null(w);
	vit_jw_array(w);
	vit_jw_array_end(w);
	vit_jw_array_end(w);
	vit_jw_key_str(w, VIT_STR("a\"b"));
	vit_jw_cstr(w, "text");
	vit_jw_object_end(w);
	vit_jw_finish(w);
}

static void indents_by_two(void **state)
{
	(void)state;
	struct vit_buf out;
	struct vit_json_writer w;
	vit_buf_init(&out, 10000);
	vit_json_writer_init(&w, to_buf, &out, false);
	write_sample(&w);
	assert_string_equal(out.p,
		"{\n"
		"  \"empty\": {},\n"
		"  \"list\": [\n"
		"    18446744073709551615,\n"
		"    -9223372036854775808,\n"
		"    0.5,\n"
		"    true,\n"
		"    false,\n"
		"    null,\n"
		"    []\n"
		"  ],\n"
		"  \"a\\\"b\": \"text\"\n"
		"}\n");
	vit_buf_release(&out);
}

static void compact_has_no_blanks_and_takes_lines(void **state)
{
	(void)state;
	struct vit_buf out;
	struct vit_json_writer w;
	vit_buf_init(&out, 10000);
	vit_json_writer_init(&w, to_buf, &out, true);
	write_sample(&w);
	vit_jw_null(&w);
	vit_jw_finish(&w);
	assert_string_equal(out.p, "{\"empty\":{},\"list\":[18446744073709551615,"
		"-9223372036854775808,0.5,true,false,null,[]],\"a\\\"b\":\"text\"}\nnull\n");
	vit_buf_release(&out);
}

static void strings_are_escaped(void **state)
{
	(void)state;
	static const struct { struct vit_str in; const char *want; } cases[] = {
		{ T(""), "\"\"" },
		{ T("plain \xc3\xa9 \xf0\x9f\x98\x80"), "\"plain \xc3\xa9 \xf0\x9f\x98\x80\"" },
		{ T("\"\\/"), "\"\\\"\\\\/\"" },
		{ T("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"" },
		{ T("\0\x01\x1f\x7f"), "\"\\u0000\\u0001\\u001f\\u007f\"" },
		{ T("\x1b[31m"), "\"\\u001b[31m\"" },
		{ T("\xc2\x80\xc2\x9f"), "\"\\u0080\\u009f\"" },
		{ T("\xe2\x80\xa8\xe2\x80\xa9"), "\"\\u2028\\u2029\"" },
		{ T("\xe2\x80\xae\xe2\x81\xa6\xef\xbb\xbf"), "\"\\u202e\\u2066\\ufeff\"" },
		{ T("a\xff\xfe" "b"), "\"a\xef\xbf\xbd\xef\xbf\xbd" "b\"" },
		{ T("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct vit_buf out;
		struct vit_json_writer w;
		vit_buf_init(&out, 1000);
		vit_json_writer_init(&w, to_buf, &out, true);
		vit_jw_str(&w, cases[i].in);
		assert_string_equal(out.p, cases[i].want);
		vit_buf_release(&out);
	}
}

static void any_bytes_give_valid_json(void **state)
{
	(void)state;
	uint32_t seed = 1;
	for (int i = 0; i < 2000; i++) {
		char bytes[40];
		for (size_t k = 0; k < sizeof(bytes); k++) {
			seed = seed * 1664525 + 1013904223;
			bytes[k] = (char)(seed >> 24);
		}
		struct vit_buf out, back;
		struct vit_json_writer w;
		struct vit_json_reader r;
		struct vit_json_event ev;
		struct vit_str in = { bytes, sizeof(bytes) };
		vit_buf_init(&out, 1000);
		vit_buf_init(&back, 1000);
		vit_json_writer_init(&w, to_buf, &out, true);
		vit_jw_str(&w, in);
		vit_json_reader_init(&r, vit_buf_view(&out), 0);
		assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_STRING);
		vit_json_decode(&ev, &back);
		assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_END);
		/* The valid part at the front comes back as it was. */
		assert_memory_equal(back.p, bytes, vit_utf8_valid(in));
		vit_buf_release(&out);
		vit_buf_release(&back);
	}
}

static void doubles_are_short_and_read_back(void **state)
{
	(void)state;
	static const struct { double v; const char *want; } cases[] = {
		{ 0, "0" }, { -0.0, "-0" }, { 1, "1" }, { 0.1, "0.1" }, { 1e21, "1e+21" },
		{ 1e-5, "1e-05" }, { 123456789, "123456789" }, { 0.1 + 0.2, "0.30000000000000004" },
		{ DBL_MAX, "1.7976931348623157e+308" }, { 13.76, "13.76" },
		{ (double)INFINITY, "null" }, { (double)NAN, "null" }, { 1e15, "1e+15" },
		{ 5e-324, "4.94065645841247e-324" },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct vit_buf out;
		struct vit_json_writer w;
		vit_buf_init(&out, 1000);
		vit_json_writer_init(&w, to_buf, &out, true);
		vit_jw_double(&w, cases[i].v);
		assert_string_equal(out.p, cases[i].want);
		if (isfinite(cases[i].v)) {
			struct vit_json_reader r;
			struct vit_json_event ev;
			vit_json_reader_init(&r, vit_buf_view(&out), 0);
			assert_int_equal(vit_json_next(&r, &ev), VIT_JSON_NUMBER);
			assert_memory_equal(&ev.number, &cases[i].v, sizeof(double));
		}
		vit_buf_release(&out);
	}
}

static bool stop_at_third(void *ctx, const char *p, size_t n)
{
	int *calls = ctx;
	(void)p;
	assert_true(n > 0);
	return ++*calls < 3;
}

static void a_sink_that_fails_is_left_alone(void **state)
{
	(void)state;
	int calls = 0;
	struct vit_json_writer w;
	vit_json_writer_init(&w, stop_at_third, &calls, false);
	write_sample(&w);
	assert_true(w.failed);
	assert_int_equal(calls, 3);
}

/* Each of these is a mistake in our own code. */
static void two_values(struct vit_json_writer *w)
{
	vit_jw_null(w);
	vit_jw_null(w);
}

static void value_without_key(struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_jw_null(w);
}

static void key_in_array(struct vit_json_writer *w)
{
	vit_jw_array(w);
	vit_jw_key(w, "a");
}

static void key_after_key(struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_jw_key(w, "a");
	vit_jw_key(w, "b");
}

static void end_after_key(struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_jw_key(w, "a");
	vit_jw_object_end(w);
}

static void wrong_end(struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_jw_array_end(w);
}

static void end_of_nothing(struct vit_json_writer *w)
{
	vit_jw_array_end(w);
}

static void finish_inside(struct vit_json_writer *w)
{
	vit_jw_array(w);
	vit_jw_finish(w);
}

static void finish_nothing(struct vit_json_writer *w)
{
	vit_jw_finish(w);
}

static void too_deep(struct vit_json_writer *w)
{
	for (int i = 0; i <= VIT_JSON_WRITER_DEPTH; i++)
		vit_jw_array(w);
}

static void mistakes_of_nesting_exit_with_70(void **state)
{
	(void)state;
	static void (*const mistakes[])(struct vit_json_writer *) = {
		two_values, value_without_key, key_in_array, key_after_key, end_after_key,
		wrong_end, end_of_nothing, finish_inside, finish_nothing, too_deep,
	};
	for (size_t i = 0; i < LENGTH(mistakes); i++) {
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct vit_buf out;
			struct vit_json_writer w;
			assert_non_null(freopen("/dev/null", "w", stderr));
			vit_buf_init(&out, 1000);
			vit_json_writer_init(&w, to_buf, &out, true);
			mistakes[i](&w);
			_exit(0);
		}
		int status = 0;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 70);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(indents_by_two),
		cmocka_unit_test(compact_has_no_blanks_and_takes_lines),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(any_bytes_give_valid_json),
		cmocka_unit_test(doubles_are_short_and_read_back),
		cmocka_unit_test(a_sink_that_fails_is_left_alone),
		cmocka_unit_test(mistakes_of_nesting_exit_with_70),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
