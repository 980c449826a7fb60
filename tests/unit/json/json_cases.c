#include "json_test.h"

#define NAN_OK VIT_JSON_ALLOW_NAN
#define LONE_OK VIT_JSON_ALLOW_LONE_SURROGATE
#define BOM_OK VIT_JSON_ALLOW_BOM
#define TRAIL_OK VIT_JSON_ALLOW_TRAILING

/* Each is a sentence of the grammar in RFC 8259. */
const struct good_case good_cases[] = {
	{ T("{}"), 0 }, { T("[]"), 0 }, { T("null"), 0 }, { T("true"), 0 }, { T("false"), 0 },
	{ T("0"), 0 }, { T("-0"), 0 }, { T("-1"), 0 }, { T("1.5"), 0 }, { T("1e5"), 0 },
	{ T("1E+5"), 0 }, { T("1e-5"), 0 }, { T("0.0"), 0 }, { T("0e0"), 0 }, { T("10"), 0 },
	{ T("-0.0e-0"), 0 }, { T("1e999"), 0 }, { T("-1e999"), 0 }, { T("1e-999"), 0 },
	{ T("123456789012345678901234567890"), 0 }, { T("\"\""), 0 }, { T("\"a\""), 0 },
	{ T("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), 0 }, { T("\"\\u0000\""), 0 },
	{ T("\"\\u00e9\\u20AC\""), 0 }, { T("\"\\ud83d\\ude00\""), 0 },
	{ T("\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""), 0 }, { T("\"\x7f\""), 0 },
	{ T("\"\xe2\x80\xa8\xe2\x80\xa9\""), 0 }, { T("\"\xef\xbb\xbf\""), 0 },
	{ T("\"\xf4\x8f\xbf\xbf\xee\x80\x80\xed\x9f\xbf\""), 0 },
	{ T(" \t\r\n[ \t\r\n] \t\r\n"), 0 }, { T("[1,2,3]"), 0 }, { T("[[],[[]],{}]"), 0 },
	{ T("[ 1 , \"a\" , null ]"), 0 }, { T("{\"a\":1}"), 0 }, { T("{\"\":{\"\":[]}}"), 0 },
	{ T("{\"a\":1,\"a\":2}"), 0 }, { T("{ \"a\" : 1 , \"b\" : [ { } ] }"), 0 },
	{ T("{\"\\u0061\":\"\\u0062\"}"), 0 }, { T("[true,false,null,\"true\"]"), 0 },
	{ T("[0,-0,0.1,-0.1e+10,18446744073709551615,-9223372036854775808]"), 0 },
	{ T("                                        1                       "), 0 },
	{ T("\"0123456789012345678901234567890123456789\xc3\xa9" "0123456789\\n0123456789\""), 0 },
	{ T("[\"\\\\\",\"\\\\\\\\\",\"\\\"\"]"), 0 },
	{ T("{\"model.layers.0.mlp.experts.gate_up_proj_blocks\":"
	    "\"model-00000-of-00002.safetensors\",\n"
	    "        \"\xc4\xa0the\": 290, \"\xc4\xa0\xd0\xbf\xd1\x80\xd0\xb8\": 201087}"), 0 },
	{ T("[NaN,Infinity,-Infinity]"), NAN_OK }, { T("{\"a\":NaN}"), NAN_OK },
	{ T("\"\\ud800\""), LONE_OK }, { T("\"\\udc00\\ud800\""), LONE_OK },
	{ T("\"\\ud800\\u0041\""), LONE_OK }, { T("\"\\ud800\\ud800\\udc00\""), LONE_OK },
	{ T("\"\\ud800\\n\""), LONE_OK }, { T("\xef\xbb\xbf{}"), BOM_OK },
	{ T("\xef\xbb\xbf 1"), BOM_OK }, { T("{} x"), TRAIL_OK }, { T("{\"a\":1}\n{"), TRAIL_OK },
	{ T("1 2"), TRAIL_OK }, { T("\"a\"\"b\""), TRAIL_OK }, { T("[]]"), TRAIL_OK },
};
const size_t good_count = LENGTH(good_cases);

/* The offset is that of the first byte with which no continuation is JSON. */
const struct bad_case bad_cases[] = {
	{ T(""), 0, 0, "expected a value, found the end of the text at offset 0" },
	{ T("  \n "), 4, 0, "found the end of the text" },
	{ T("\0"), 0, 0, "found byte 0x00" }, { T("x"), 0, 0, "found 'x'" },
	{ T("'a'"), 0, 0, "found \"'\"" }, { T("nul"), 3, 0, "expected 'null'" },
	{ T("nulL"), 3, 0, "expected 'null', found 'L'" }, { T("truee"), 4, 0, NULL },
	{ T("True"), 0, 0, NULL }, { T("tru"), 3, 0, NULL }, { T("fals "), 4, 0, NULL },
	{ T("nullnull"), 4, 0, "expected the end of the text" },
	/* numbers */
	{ T("01"), 0, 0, "leading zero" }, { T("-01"), 1, 0, "leading zero" },
	{ T("00"), 0, 0, "leading zero" }, { T("[007]"), 1, 0, "leading zero" },
	{ T("+1"), 0, 0, NULL }, { T(".5"), 0, 0, NULL }, { T("-"), 1, 0, "expected a digit" },
	{ T("-a"), 1, 0, "expected a digit, found 'a'" }, { T("1."), 2, 0, "expected a digit" },
	{ T("1.e5"), 2, 0, NULL }, { T("1e"), 2, 0, "digit in the exponent" },
	{ T("1e+"), 3, 0, NULL }, { T("1e5.5"), 3, 0, NULL }, { T("1.2.3"), 3, 0, NULL },
	{ T("--1"), 1, 0, NULL }, { T("1-2"), 1, 0, NULL }, { T("0x10"), 1, 0, NULL },
	{ T("1_000"), 1, 0, NULL }, { T("1,5"), 1, 0, NULL }, { T("1f"), 1, 0, NULL },
	{ T("[1 000]"), 3, 0, "expected ',' or ']'" }, { T("[-]"), 2, 0, NULL },
	{ T("NaN"), 0, 0, "not JSON" }, { T("Infinity"), 0, 0, NULL },
	{ T("-Infinity"), 0, 0, NULL }, { T("[nan]"), 2, 0, NULL }, { T("-NaN"), 1, NAN_OK, NULL },
	{ T("Inf"), 3, NAN_OK, NULL }, { T("NaNa"), 3, NAN_OK, NULL },
	{ T("-Infinite"), 8, NAN_OK, NULL },
	/* strings */
	{ T("\""), 1, 0, "end of the string" }, { T("\"abc"), 4, 0, "found the end of the text" },
	{ T("\"a\nb\""), 2, 0, "control characters" }, { T("\"\t\""), 1, 0, "byte 0x09" },
	{ T("\"a\0b\""), 2, 0, "byte 0x00" }, { T("\"\x1f\""), 1, 0, "byte 0x1f" },
	{ T("\"0123456789abcdef0123456789\x01\""), 27, 0, "control characters" },
	{ T("\"\\x41\""), 2, 0, "after a backslash, found 'x'" }, { T("\"\\'\""), 2, 0, NULL },
	{ T("\"\\\""), 3, 0, NULL }, { T("\"\\"), 2, 0, NULL }, { T("\"\\U0041\""), 2, 0, NULL },
	{ T("\"\\u\""), 3, 0, "hexadecimal" }, { T("\"\\u00g0\""), 5, 0, "found 'g'" },
	{ T("\"\\u 041\""), 3, 0, NULL }, { T("\"\\u004"), 6, 0, NULL },
	{ T("\"\\u-041\""), 3, 0, NULL }, { T("\"\\0\""), 2, 0, NULL },
	{ T("\"\\ud800\""), 1, 0, "without its pair" }, { T("\"\\udc00\""), 1, 0, NULL },
	{ T("\"a\\ud800\\u0041\""), 2, 0, NULL }, { T("\"\\ud800\\ud800\""), 1, 0, NULL },
	{ T("\"\\udc00\\ud800\""), 1, 0, NULL }, { T("\"\\ud800\\x\""), 1, 0, NULL },
	{ T("\"\\ud800\\u00g0\""), 11, LONE_OK, NULL }, { T("\"\\ud800\\x\""), 8, LONE_OK, NULL },
	/* UTF-8 */
	{ T("\"\xff\""), 1, 0, "valid UTF-8 in the string, found byte 0xff" },
	{ T("\"\x80\""), 1, 0, NULL }, { T("\"\xc0\x80\""), 1, 0, NULL },
	{ T("\"\xc3\""), 1, 0, NULL }, { T("\"\xe2\x82\""), 1, 0, NULL },
	{ T("\"\xed\xa0\x80\""), 1, 0, NULL }, { T("\"\xe0\x80\x80\""), 1, 0, NULL },
	{ T("\"\xf4\x90\x80\x80\""), 1, 0, NULL }, { T("\"\xf0\x80\x80\x80\""), 1, 0, NULL },
	{ T("\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\""), 6, 0, NULL }, { T("\"\xe2\x82"), 1, 0, NULL },
	{ T("\"0123456789abcdef\xc3\xa9 0123456789abcdef\xfe\""), 36, 0, NULL },
	{ T("\"\xff\\q\""), 1, 0, NULL }, { T("\"\\n\xff\n\""), 3, 0, NULL },
	{ T("\xc3\xa9"), 0, 0, "byte 0xc3" }, { T("[\xff]"), 1, 0, NULL },
	{ T("{\"\xff\":1}"), 2, 0, NULL },
	/* byte order marks */
	{ T("\xef\xbb\xbf{}"), 0, 0, "byte order mark" }, { T("\xef\xbb\xbf"), 3, BOM_OK, NULL },
	{ T("\xef\xbb"), 0, BOM_OK, NULL }, { T("\xff\xfe{\0}\0"), 0, BOM_OK, NULL },
	{ T("\xef\xbb\xbf\xef\xbb\xbf{}"), 3, BOM_OK, NULL }, { T(" \xef\xbb\xbf{}"), 1, BOM_OK, NULL },
	/* structure */
	{ T("["), 1, 0, "expected a value or ']'" }, { T("[1"), 2, 0, "',' or ']'" },
	{ T("[1,"), 3, 0, NULL }, { T("[1,]"), 3, 0, "expected a value, found ']'" },
	{ T("[,1]"), 1, 0, NULL }, { T("[1,,2]"), 3, 0, NULL }, { T("[1 2]"), 3, 0, NULL },
	{ T("]"), 0, 0, NULL }, { T("[]]"), 2, 0, NULL }, { T("[}"), 1, 0, NULL },
	{ T("[1}"), 2, 0, NULL }, { T("[\"a\":1]"), 4, 0, NULL }, { T("{"), 1, 0, "a key" },
	{ T("}"), 0, 0, NULL }, { T("{a:1}"), 1, 0, "expected a key in quotes" },
	{ T("{\"a\"}"), 4, 0, "expected ':'" }, { T("{\"a\" 1}"), 5, 0, NULL },
	{ T("{\"a\":}"), 5, 0, "expected a value, found '}'" }, { T("{\"a\":"), 5, 0, NULL },
	{ T("{\"a\""), 4, 0, "expected ':', found the end" }, { T("{\"a\":1"), 6, 0, "',' or '}'" },
	{ T("{\"a\":1,"), 7, 0, NULL }, { T("{\"a\":1,}"), 7, 0, "a key in quotes, found '}'" },
	{ T("{,}"), 1, 0, NULL }, { T("{1:2}"), 1, 0, NULL }, { T("{\"a\":1]"), 6, 0, NULL },
	{ T("{\"a\"::1}"), 5, 0, NULL }, { T("{\"a\",\"b\"}"), 4, 0, NULL },
	{ T("{null:1}"), 1, 0, NULL }, { T("{\"a\":1 \"b\":2}"), 7, 0, NULL },
	{ T("{} {}"), 3, 0, NULL }, { T("{}\0"), 2, 0, "found byte 0x00" },
	{ T("{}x"), 2, 0, "expected the end of the text, found 'x'" }, { T("[1]\xff"), 3, 0, NULL },
	{ T("1 2"), 2, 0, NULL }, { T("// a\n1"), 0, 0, NULL }, { T("/* a */1"), 0, 0, NULL },
	{ T("[1]# a"), 3, 0, NULL }, { T("[1,\f2]"), 3, 0, "byte 0x0c" }, { T("\v1"), 0, 0, NULL },
	{ T("\xc2\xa0" "1"), 0, 0, NULL }, { T("[1;2]"), 2, 0, NULL }, { T("(1)"), 0, 0, NULL },
	{ T("[\"a\",\n\"b\n\"]"), 8, 0, NULL }, { T("{\"a\":1}}"), 7, 0, NULL },
	{ T("[1"), 2, TRAIL_OK, NULL }, { T(" x"), 1, TRAIL_OK, NULL },
};
const size_t bad_count = LENGTH(bad_cases);
