/* The renderers' parts: dates, widths, values, escapes, walking nodes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "report/date.h"
#include "report/escape.h"
#include "report/walk.h"
#include "report/width.h"

static bool collect(void *ctx, const char *p, size_t n)
{
	vit_buf_add(ctx, p, n);
	return true;
}

static struct vit_buf result;
static struct vit_sink sink = { .write = collect, .ctx = &result };
static struct vit_out out;

static void open_out(void)
{
	vit_buf_init(&result, 1 << 20);
	vit_out_open(&out, &sink);
}

static void assert_out(const char *expected)
{
	vit_out_close(&out);
	assert_string_equal(result.p, expected);
	assert_int_equal(result.n, strlen(expected));
	vit_buf_release(&result);
}

/* Expected values: `date -u -d @N +%FT%TZ` of GNU coreutils. */
static void test_dates(void **state)
{
	char text[VIT_DATE_MAX];

	(void)state;
	assert_string_equal(vit_date_second(0, text), "1970-01-01T00:00:00Z");
	assert_string_equal(vit_date_second(-1, text), "1969-12-31T23:59:59Z");
	assert_string_equal(vit_date_second(1767225600, text), "2026-01-01T00:00:00Z");
	assert_string_equal(vit_date_second(951782399, text), "2000-02-28T23:59:59Z");
	assert_string_equal(vit_date_second(951782400, text), "2000-02-29T00:00:00Z");
	assert_string_equal(vit_date_second(4107542400, text), "2100-03-01T00:00:00Z");
	assert_string_equal(vit_date_day(20454, text), "2026-01-01");
	assert_string_equal(vit_date_day(INT64_MAX, text), "9999-12-31");
	assert_string_equal(vit_date_day(INT64_MIN, text), "0001-01-01");
}

static void test_widths(void **state)
{
	(void)state;
	assert_int_equal(vit_width(VIT_STR("abc")), 3);
	assert_int_equal(vit_width(VIT_STR("\xe6\xa8\xa1\xe5\x9e\x8b")), 4);     /* CJK: 2 each */
	assert_int_equal(vit_width(VIT_STR("e\xcc\x81")), 1);                    /* combining acute */
	assert_int_equal(vit_width(VIT_STR("\xf0\x9f\xa4\x97")), 2);             /* emoji */
	assert_int_equal(vit_width(VIT_STR("\xe2\x9c\x97 \xc3\xa9")), 3);
	/* never cuts inside a character */
	assert_int_equal(vit_width_cut(VIT_STR("\xe6\xa8\xa1\xe5\x9e\x8b"), 3).n, 3);
	assert_int_equal(vit_width_cut(VIT_STR("ab\xc3\xa9z"), 3).n, 4);
	assert_int_equal(vit_width_cut(VIT_STR("ab"), 9).n, 2);
}

static void assert_value(struct vit_val v, enum vit_value_style style, const char *expected)
{
	struct vit_str s = vit_out_value(&out, &v, style);
	assert_int_equal(s.n, strlen(expected));
	assert_memory_equal(s.p, expected, s.n);
}

static void test_values(void **state)
{
	(void)state;
	open_out();
	assert_value(vit_val_bytes(13761316904), VIT_VALUE_FULL, "13,761,316,904 B (13.8 GB)");
	assert_value(vit_val_bytes(13761316904), VIT_VALUE_SHORT, "13.8 GB");
	assert_value(vit_val_bytes(1806), VIT_VALUE_FULL, "1,806 B");
	assert_value(vit_val_u64(201088), VIT_VALUE_FULL, "201,088");
	assert_value(vit_val_i64(-131072), VIT_VALUE_FULL, "-131,072");
	assert_value(vit_val_bool(true), VIT_VALUE_FULL, "yes");
	assert_value(vit_val_none(), VIT_VALUE_FULL, "\xe2\x80\x93");
	assert_value(vit_val_double(0.9), VIT_VALUE_FULL, "0.9");
	assert_value(vit_val_double(1e-5), VIT_VALUE_FULL, "1e-05");
	assert_value(vit_val_double(150000.0), VIT_VALUE_FULL, "150,000");
	struct vit_val speed = vit_val_u64(1250);
	speed.str = VIT_STR("tokens/s");
	assert_value(speed, VIT_VALUE_FULL, "1,250 tokens/s");
	assert_value((struct vit_val){ .type = VIT_VAL_RANGE, .d = 3, .low = 2, .high = 4.5,
				       .str = VIT_STR("hours") },
		     VIT_VALUE_FULL, "3 hours (2 to 4.5)");
	assert_value((struct vit_val){ .type = VIT_VAL_RANGE, .d = 16.5e9, .low = 15e9,
				       .high = 19e9, .str = VIT_STR("B") },
		     VIT_VALUE_FULL, "16.5 GB (15.0 GB to 19.0 GB)");
	assert_out("");
}

static void md(struct vit_str s, bool at_start, const char *expected)
{
	open_out();
	vit_esc_md(&out, s, at_start);
	assert_out(expected);
}

static void test_markdown(void **state)
{
	(void)state;
	md(VIT_STR("|a|<script>alert(1)</script>"), false,
	   "\\|a\\|&lt;script>alert(1)&lt;/script>");
	md(VIT_STR("**bold** `code` [x](http://e)"), false,
	   "\\*\\*bold\\*\\* \\`code\\` \\[x\\](http\\://e)");
	md(VIT_STR("model_type a_ _b &amp; ~x~ $y$"), false,
	   "model_type a\\_ \\_b &amp;amp; \\~x\\~ \\$y\\$");
	md(VIT_STR("line\nnext\x1b[31m\x07"), false, "line\\\\nnext\\\\x1b\\[31m\\\\x07");
	md(VIT_STR("see www.e.com"), false, "see www\\.e.com");
	md(VIT_STR("# no heading"), true, "\\# no heading");
	md(VIT_STR("1. no list"), true, "1\\. no list");
	md(VIT_STR("- no list"), true, "\\- no list");
	md(VIT_STR("1. text"), false, "1. text");
	md(VIT_STR("    no code"), true, "&#32;   no code");
	md(VIT_STR("a\xe2\x80\xae"
		   "b\xff\xc2\x85"),
	   false, "a\\\\u202eb\\\\xff\\\\u0085");
}

static void code(struct vit_str s, bool in_cell, const char *expected)
{
	open_out();
	vit_esc_md_code(&out, s, in_cell);
	assert_out(expected);
}

static void test_code_spans(void **state)
{
	(void)state;
	code(VIT_STR("a|b"), false, "`a|b`");
	code(VIT_STR("a|b"), true, "`a\\|b`");
	code(VIT_STR("a``b"), false, "```a``b```");
	code(VIT_STR("`x"), false, "`` `x ``");
	code(VIT_STR(" x "), false, "`  x  `");
	code(VIT_STR("\n"), false, "`\\n`");
	code(VIT_STR_EMPTY, false, "");
}

static void test_xml(void **state)
{
	(void)state;
	open_out();
	vit_esc_xml(&out, VIT_STR("<a b='\"'>&]]>\x01\x1b\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd"));
	assert_out("&lt;a b=&#39;&quot;&#39;&gt;&amp;]]&gt;\\x01\\x1b\\ufffe\\uffff\xef\xbf\xbd");
	open_out();
	vit_esc_html(&out, VIT_STR("<img src=x onerror=\"a\">\n"));
	assert_out("&lt;img src=x onerror=&quot;a&quot;&gt;\\n");
}

static void test_github(void **state)
{
	(void)state;
	open_out();
	vit_esc_github(&out, VIT_STR("100%\r\n::error::x,y:z"));
	assert_out("100%25\\r\\n::error::x,y:z");
	open_out();
	vit_esc_github_property(&out, VIT_STR("a:b,c%\n"));
	assert_out("a%3Ab%2Cc%25\\n");
}

static void test_uri(void **state)
{
	struct vit_buf b;

	(void)state;
	vit_buf_init(&b, 1024);
	vit_esc_uri(&b, VIT_STR("a b/\xc3\xa9#?%:\n\0x.safetensors"));
	assert_string_equal(b.p, "a%20b/%C3%A9%23%3F%25%3A%0A%00x.safetensors");
	vit_buf_release(&b);
}

static void test_pieces(void **state)
{
	static const struct {
		const char *text;
		bool code;
	} expected[] = { { "run ", false }, { "a b", true }, { " or ``", false }, { " x`", false } };
	struct vit_str rest = VIT_STR("run `a b` or `` x`"), piece;
	bool is_code;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		assert_true(vit_esc_piece(&rest, &piece, &is_code));
		assert_true(vit_str_is(piece, expected[i].text));
		assert_int_equal(is_code, expected[i].code);
	}
	assert_false(vit_esc_piece(&rest, &piece, &is_code));
}

static void test_long_text_is_cut(void **state)
{
	static char big[100000];

	(void)state;
	memset(big, 'x', sizeof(big));
	open_out();
	vit_esc_html(&out, (struct vit_str){ big, sizeof(big) });
	vit_out_close(&out);
	assert_int_equal(result.n, VIT_OUT_TEXT_MAX + 3);
	assert_memory_equal(result.p + VIT_OUT_TEXT_MAX, "...", 3);
	vit_buf_release(&result);
}

static void test_walk(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_section s = { .id = VIT_SECTION_FILES };
	struct vit_node *g = vit_node_add(a, &s, VIT_NODE_GROUP, "g", "G");
	struct vit_node *inner = vit_node_child(a, g, VIT_NODE_GROUP, "h", "H");
	static const char *const keys[] = { "g", "h", "x", "h", "g", "y" };
	static const enum vit_walk_event events[] = { VIT_WALK_ENTER, VIT_WALK_ENTER, VIT_WALK_LEAF,
						      VIT_WALK_LEAVE, VIT_WALK_LEAVE, VIT_WALK_LEAF };
	const struct vit_node *n = NULL;
	struct vit_walk w;

	(void)state;
	vit_node_value(a, inner, "x", "X", vit_val_u64(1), VIT_BASIS_MEASURED, VIT_STR_EMPTY);
	vit_node_add(a, &s, VIT_NODE_VALUE, "y", "Y");
	vit_walk_init(&w, s.nodes);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(vit_walk_next(&w, &n), events[i]);
		assert_string_equal(n->key, keys[i]);
	}
	assert_int_equal(vit_walk_next(&w, &n), VIT_WALK_END);
	assert_int_equal(vit_walk_next(&w, &n), VIT_WALK_END);

	vit_walk_init(&w, s.nodes);
	assert_int_equal(vit_walk_next(&w, &n), VIT_WALK_ENTER);
	vit_walk_skip(&w);
	assert_int_equal(vit_walk_next(&w, &n), VIT_WALK_LEAF);
	assert_string_equal(n->key, "y");
	vit_arena_free(a);
}

static void test_renderer_names(void **state)
{
	static const struct {
		const char *path, *name;
	} cases[] = {
		{ "audit.md", "markdown" },       { "a/b.JSON", "json" },
		{ "x.sarif", "sarif" },           { "x.sarif.json", "sarif" },
		{ "junit.xml", "junit" },         { "r.html", "html" },
		{ "r.htm", "html" },              { "r.txt", "terminal" },
		{ "r.markdown", "markdown" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct vit_renderer *r = vit_renderer_for_path(vit_str_c(cases[i].path));
		assert_non_null(r);
		assert_string_equal(r->name, cases[i].name);
	}
	assert_null(vit_renderer_for_path(VIT_STR("report")));
	assert_null(vit_renderer_for_path(VIT_STR("report.pdf")));
	assert_null(vit_renderer_find(VIT_STR("pdf")));
}

static bool refuse(void *ctx, const char *p, size_t n)
{
	(void)p;
	(void)n;
	++*(unsigned *)ctx;
	return false;
}

static void test_failed_sink(void **state)
{
	unsigned calls = 0;
	struct vit_sink bad = { .write = refuse, .ctx = &calls };

	(void)state;
	vit_out_open(&out, &bad);
	vit_out_repeat(&out, "0123456789", 5000);
	vit_out_close(&out);
	assert_true(bad.failed);
	assert_int_equal(calls, 1); /* sticky: never asked again */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_markdown),
		cmocka_unit_test(test_code_spans),
		cmocka_unit_test(test_xml),
		cmocka_unit_test(test_github),
		cmocka_unit_test(test_uri),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_long_text_is_cut),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_renderer_names),
		cmocka_unit_test(test_failed_sink),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
