#include "base_test.h"

#include "base/utf8.h"

/* By definition of the encoding: the scalar values below each limit. */
static void exactly_the_scalar_values_are_valid(void **state)
{
	(void)state;
	unsigned long of_length[5] = { 0 };
	for (uint32_t cp = 0; cp <= 0x110100; cp++) {
		char bytes[4];
		size_t n = vit_utf8_encode(cp, bytes);
		bool scalar = cp <= 0x10ffff && !(cp >= 0xd800 && cp <= 0xdfff);
		assert_int_equal(n != 0, scalar);
		if (!n)
			continue;
		uint32_t back = 0;
		assert_int_equal(vit_utf8_decode((struct vit_str){ bytes, n }, &back), n);
		assert_int_equal(back, cp);
		assert_int_equal(vit_utf8_valid((struct vit_str){ bytes, n }), n);
		assert_int_equal(vit_utf8_decode((struct vit_str){ bytes, n - 1 }, &back), 0);
		of_length[n]++;
	}
	assert_int_equal(of_length[1], 0x80);
	assert_int_equal(of_length[2], 0x800 - 0x80);
	assert_int_equal(of_length[3], 0x10000 - 0x800 - 0x800);
	assert_int_equal(of_length[4], 0x110000 - 0x10000);
}

/* The longest valid prefix by decoding one character after the other. */
static size_t prefix_by_steps(struct vit_str s)
{
	size_t at = 0, took;
	uint32_t cp;
	while ((took = vit_utf8_decode((struct vit_str){ s.p + at, s.n - at }, &cp)) != 0)
		at += took;
	return at;
}

/* All strings of 1 to 3 bytes that are one character, by counting. */
static void nothing_else_is_valid(void **state)
{
	(void)state;
	unsigned long valid2 = 0, valid3 = 0;
	for (unsigned lead = 0x80; lead < 0x100; lead++) {
		for (unsigned second = 0; second < 0x100; second++) {
			char two[2] = { (char)lead, (char)second };
			valid2 += vit_utf8_valid((struct vit_str){ two, 2 }) == 2;
			if (second < 0x70 || second > 0xd0)
				continue;
			for (unsigned third = 0; third < 0x100; third++) {
				char three[3] = { (char)lead, (char)second, (char)third };
				struct vit_str s = { three, 3 };
				uint32_t cp;
				valid3 += vit_utf8_decode(s, &cp) == 3;
				if (vit_utf8_valid(s) != prefix_by_steps(s))
					fail_msg("%02x %02x %02x", lead, second, third);
			}
		}
	}
	assert_int_equal(valid2, 0x800 - 0x80);
	assert_int_equal(valid3, 0x10000 - 0x800 - 0x800);
}

/* Table 3-7 of the Unicode Standard at its edges, for four bytes. */
static void four_bytes_at_the_edges(void **state)
{
	(void)state;
	static const unsigned char edges[] = {
		0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xff,
	};
	for (unsigned lead = 0xf0; lead < 0x100; lead++) {
		for (size_t i = 0; i < 12 * 12 * 12; i++) {
			unsigned char b[4] = { (unsigned char)lead, edges[i % 12],
					       edges[i / 12 % 12], edges[i / 144] };
			unsigned low = lead == 0xf0 ? 0x90 : 0x80;
			unsigned high = lead == 0xf4 ? 0x8f : 0xbf;
			bool want = lead <= 0xf4 && b[1] >= low && b[1] <= high &&
				    b[2] >= 0x80 && b[2] <= 0xbf && b[3] >= 0x80 && b[3] <= 0xbf;
			struct vit_str s = { (const char *)b, 4 };
			uint32_t cp;
			assert_int_equal(vit_utf8_decode(s, &cp) == 4, want);
			assert_int_equal(vit_utf8_valid(s), want ? 4 : 0);
		}
	}
}

static void the_valid_prefix_ends_where_it_should(void **state)
{
	(void)state;
	/* Any alignment of a fault in a text that is ASCII and text that is not. */
	char text[64];
	for (size_t at = 0; at + 4 < sizeof(text); at++) {
		for (int euro = 0; euro < 2; euro++) {
			memset(text, 'a', sizeof(text));
			size_t from = at % 3;
			for (size_t i = from; euro && i + 3 <= at; i += 3)
				memcpy(text + i, "\xe2\x82\xac", 3);
			text[at] = '\xe2';
			text[at + 1] = '\x82';
			struct vit_str s = { text, sizeof(text) };
			assert_int_equal(vit_utf8_valid(s), at);
			s.n = at + 2; /* cut inside the character */
			assert_int_equal(vit_utf8_valid(s), at);
			text[at + 2] = '\xac';
			s.n = sizeof(text);
			assert_int_equal(vit_utf8_valid(s), sizeof(text));
		}
	}
	assert_int_equal(vit_utf8_valid((struct vit_str){ NULL, 0 }), 0);
	assert_int_equal(vit_utf8_valid(VIT_STR("a\0b")), 3);
}

static void display_is_harmless(void **state)
{
	(void)state;
	static const struct { struct vit_str in; const char *out; } cases[] = {
		{ { "plain text", 10 }, "plain text" },
		{ { "\x1b[31mred", 8 }, "\\x1b[31mred" },
		{ { "a\0b", 3 }, "a\\x00b" },
		{ { "\n\t\r\b\x7f", 5 }, "\\n\\t\\r\\x08\\x7f" },
		{ { "C:\\x", 4 }, "C:\\\\x" },
		{ { "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", 14 },
		  "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ { "\xc2\x80\xc2\x9f\xc2\xa0", 6 }, "\\u0080\\u009f\xc2\xa0" },
		{ { "a\xe2\x80\xae" "b", 5 }, "a\\u202eb" }, /* right-to-left override */
		{ { "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", 8 }, "\\u200e\\u200f\\u061c" },
		{ { "\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa", 9 }, "\\u2066\\u2069\xe2\x81\xaa" },
		{ { "\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf", 9 }, "\\u2028\\u2029\\ufeff" },
		{ { "\xff\xfe", 2 }, "\\xff\\xfe" },
		{ { "\xe2\x82", 2 }, "\\xe2\\x82" },
		{ { "\xed\xa0\x80", 3 }, "\\xed\\xa0\\x80" }, /* a surrogate */
		{ { "\xc0\x80", 2 }, "\\xc0\\x80" },          /* overlong NUL */
		{ { "", 0 }, "" },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct vit_buf out;
		vit_buf_init(&out, 1000);
		vit_display(&out, cases[i].in, 0);
		assert_string_equal(out.p, cases[i].out);
		vit_buf_release(&out);
	}
}

static void display_is_cut_between_units(void **state)
{
	(void)state;
	static const struct { const char *in; size_t max; const char *out; } cases[] = {
		{ "abcdef", 6, "abcdef" }, { "abcdef", 5, "abcde..." },
		{ "ab\x1b", 5, "ab..." }, { "ab\x1b", 6, "ab\\x1b" },
		{ "a\xe2\x82\xac", 3, "a..." }, { "a\xe2\x82\xac", 4, "a\xe2\x82\xac" },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct vit_buf out;
		vit_buf_init(&out, 1000);
		vit_display(&out, vit_str_c(cases[i].in), cases[i].max);
		assert_string_equal(out.p, cases[i].out);
		vit_buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exactly_the_scalar_values_are_valid),
		cmocka_unit_test(nothing_else_is_valid),
		cmocka_unit_test(four_bytes_at_the_edges),
		cmocka_unit_test(the_valid_prefix_ends_where_it_should),
		cmocka_unit_test(display_is_harmless),
		cmocka_unit_test(display_is_cut_between_units),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
