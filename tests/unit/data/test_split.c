/* Rows from bytes: containers, places, and going on after what is broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "data/split.h"
#include "memory.h"

/* The pieces as "kind@line:text" joined by '|', long texts cut. */
static const char *pieces(struct vit_arena *a, struct vit_str text, size_t chunk, struct vit_data_splitter *s)
{
	struct memory m = { .rest = text, .chunk = chunk };
	struct vit_data_piece p;
	struct vit_err err = { .code = VIT_OK };
	struct vit_str out = VIT_STR_EMPTY;
	enum vit_data_piece_kind kind;

	assert_int_equal(vit_data_split_begin(s, memory_read, &m, &err), VIT_OK);
	while ((kind = vit_data_split_next(s, &p, &err)) != VIT_PIECE_END) {
		char what = kind == VIT_PIECE_ROW ? 'r' : kind == VIT_PIECE_MEMBER ? 'm' : kind == VIT_PIECE_BROKEN ? 'b' : 'l';
		assert_int_not_equal(kind, VIT_PIECE_FAILED);
		struct vit_str cut = vit_str_sub(p.text, 0, 40);
		out = vit_arena_printf(a, "%.*s%s%c%u:%.*s", VIT_FMT(out), out.n ? "|" : "", what, (unsigned)p.line, VIT_FMT(cut));
		/* Where it says, there it is. */
		if (kind == VIT_PIECE_ROW)
			assert_memory_equal(text.p + p.offset + (text.p[p.offset] == ' '), p.text.p, p.text.n < 4 ? p.text.n : 4);
	}
	vit_data_split_end(s);
	return out.n ? out.p : "";
}

static void containers(void **state)
{
	static const struct {
		const char *text;
		enum vit_data_container container;
		const char *pieces;
	} cases[] = {
		{ "", VIT_DATA_EMPTY, "" },
		{ " \n\n", VIT_DATA_EMPTY, "" },
		{ "{\"a\":1}", VIT_DATA_JSONL, "r1:{\"a\":1}" },
		{ "{\"a\":1}\n{\"a\":2}\n", VIT_DATA_JSONL, "r1:{\"a\":1}|r2:{\"a\":2}" },
		{ "{\"a\":1}\r\n\r\n  \n{\"a\":2}\r\n\n", VIT_DATA_JSONL, "r1:{\"a\":1}|r4:{\"a\":2}" },
		{ "[]", VIT_DATA_ARRAY, "" },
		{ "[1, \"x]\\\"\" ,null]", VIT_DATA_ARRAY, "r1:1|r1:\"x]\\\"\"|r1:null" },
		{ "[\n{\"a\":[{}]},\n{\"a\":\"}\"}\n]\n", VIT_DATA_ARRAY, "r2:{\"a\":[{}]}|r3:{\"a\":\"}\"}" },
		{ "[{\"a\":1},]", VIT_DATA_ARRAY, "r1:{\"a\":1}" },
		{ "[{\"a\":1} {\"a\":2}]", VIT_DATA_ARRAY, "r1:{\"a\":1}|b1:|r1:{\"a\":2}" },
		{ "[{\"a\":1}] x", VIT_DATA_ARRAY, "r1:{\"a\":1}|b1:" },
		{ "[{\"a\":1}", VIT_DATA_ARRAY, "r1:{\"a\":1}|b1:" },
		{ "[{\"a\":1},,{\"a\":2}]", VIT_DATA_ARRAY, "r1:{\"a\":1}|b1:|r1:{\"a\":2}" },
		/* A document by its members, whether in one line or many. */
		{ "{\"total\":2,\"examples\":[{\"a\":1},{\"a\":2}]}", VIT_DATA_OBJECT, "m1:2|r1:{\"a\":1}|r1:{\"a\":2}" },
		{ "{\n \"examples\": [\n  {\"a\":1}\n ],\n \"x\": {}\n}\n", VIT_DATA_OBJECT, "r3:{\"a\":1}|m5:{}" },
		/* A row whose own list is called messages is no document. */
		{ "{\"messages\":[{\"role\":\"user\"}]}", VIT_DATA_JSONL, "r1:{\"messages\":[{\"role\":\"user\"}]}" },
		/* A row cut short is followed by a row. */
		{ "{\"a\": [1\n{\"a\":2}\n", VIT_DATA_JSONL, "r1:{\"a\": [1|r2:{\"a\":2}" },
		{ "\xef\xbb\xbf{\"a\":1}\n", VIT_DATA_JSONL, "r1:{\"a\":1}" },
		{ "question,answer\nWhy?,So.\n", VIT_DATA_CSV, "" },
		{ "question\tanswer\n", VIT_DATA_CSV, "" },
		{ "oops\n{\"a\":2}\n", VIT_DATA_JSONL, "r1:oops|r2:{\"a\":2}" },
		{ "PAR1....", VIT_DATA_PARQUET, "" },
		{ "ARROW1\0\0", VIT_DATA_ARROW, "" },
		{ "\xff\xfe{", VIT_DATA_UTF16, "" },
		{ "just words", VIT_DATA_OTHER, "" },
	};
	static const size_t chunks[] = { 0, 1, 5 };
	struct vit_arena *a = vit_arena_new();
	struct vit_data_splitter s;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t k = 0; k < 3; k++) {
			assert_string_equal(pieces(a, vit_str_c(cases[i].text), chunks[k], &s), cases[i].pieces);
			assert_int_equal(s.container, cases[i].container);
		}
	pieces(a, VIT_STR("{\"a\":1}\r\n\r\n  \n{\"a\":2}\r\n\n"), 0, &s);
	assert_int_equal(s.blank_lines, 2);
	assert_int_equal(s.crlf_lines, 3);
	pieces(a, VIT_STR("[{\"a\":1},]"), 0, &s);
	assert_true(s.trailing_comma);
	vit_arena_free(a);
}

/* Elements on lines of their own: what is broken costs itself alone. */
static void going_on(void **state)
{
	static const struct {
		const char *text, *pieces;
		bool lost;
	} cases[] = {
		/* The second lacks its end. */
		{ "[\n  {\"a\": 1},\n  {\"a\": [2,\n  {\"a\": 3}\n]", "r2:{\"a\": 1}|b3:|r4:{\"a\": 3}", false },
		/* A quote too few, so that the string runs over the line's end. */
		{ "[\n  {\"a\": 1},\n  {\"a\": \"2},\n  {\"a\": 3}\n]", "r2:{\"a\": 1}|b3:|r4:{\"a\": 3}", false },
		/* One too many closes the list. */
		{ "[\n  {\"a\": 1}},\n  {\"a\": 3}\n]", "r2:{\"a\": 1}|b2:|r3:{\"a\": 3}", false },
		/* On one line nothing tells where the next begins. */
		{ "[{\"a\": 1}, {\"a\": \"2}, {\"a\": 3}]", "r1:{\"a\": 1}|b1:", true },
	};
	struct vit_arena *a = vit_arena_new();
	struct vit_data_splitter s;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t chunk = 0; chunk < 3; chunk++) {
			assert_string_equal(pieces(a, vit_str_c(cases[i].text), chunk, &s), cases[i].pieces);
			assert_int_equal(s.lost, cases[i].lost);
		}
	vit_arena_free(a);
}

/* A row over the ceiling is passed, and the next one read. */
static void long_rows(void **state)
{
	struct vit_arena *a = vit_arena_new();
	size_t n = VIT_DATA_ROW_MAX + 1000;
	char *text = vit_arena_alloc(a, 2 * n + 100);
	struct vit_data d;
	struct vit_str middle = { "\"}\n{\"text\":\"short\"}\n", 20 };

	(void)state;
	memcpy(text, "{\"text\":\"", 9);
	memset(text + 9, 'x', n);
	memcpy(text + 9 + n, middle.p, middle.n);
	memory_scan(a, (struct vit_str){ text, 9 + n + middle.n }, NULL, &d);
	assert_int_equal(d.files[0].container, VIT_DATA_JSONL);
	assert_string_equal(memory_lines(a, &d.files[0], VIT_DI_row_too_long), "1");
	assert_int_equal(d.files[0].rows, 2);
	assert_int_equal(d.files[0].examples, 1);

	/* The same as elements of a list. */
	memcpy(text, "[{\"text\":\"", 10);
	memset(text + 10, 'x', n);
	memcpy(text + 10 + n, "\"},\n{\"text\":\"short\"}]", 21);
	memory_scan(a, (struct vit_str){ text, 10 + n + 21 }, NULL, &d);
	assert_string_equal(memory_lines(a, &d.files[0], VIT_DI_row_too_long), "1");
	assert_int_equal(d.files[0].examples, 1);
	vit_arena_free(a);
}

static void failing_reads(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct memory m = { .rest = VIT_STR("{\"text\":\"a\"}\n{\"text\":\"b\"}\n{\"te"), .fails = true };
	struct vit_data d = { .given = true, .file_count = 1 };
	const struct vit_data_options none = { 0 };
	struct vit_data_scan *s;

	(void)state;
	d.files = VIT_NEW(a, struct vit_data_file);
	s = vit_data_scan_new(a, &none, &d);
	vit_data_scan_file(s, 0, memory_read, &m);
	vit_data_scan_finish(s);
	assert_int_equal(d.files[0].examples, 2);
	assert_true(d.files[0].incomplete);
	assert_int_equal(d.files[0].err.code, VIT_E_IO);
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(containers),
		cmocka_unit_test(going_on),
		cmocka_unit_test(long_rows),
		cmocka_unit_test(failing_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
