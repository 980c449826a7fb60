/* Web addresses and header lines; expectations from RFC 3986, 8288, 9110. */
#include "host_test.h"

#include "host/http_text.h"
#include "host/url.h"

static struct vit_url parsed(const char *text)
{
	struct vit_url u;
	struct vit_err err;

	assert_int_equal(vit_url_parse(vit_str_c(text), &u, &err), VIT_OK);
	return u;
}

static void test_parse(void **state)
{
	struct vit_url u = parsed("HTTPS://Hub.Example:8443/a/b?x=1#part");

	(void)state;
	assert_true(u.https);
	assert_true(vit_str_is(u.host, "Hub.Example"));
	assert_int_equal(u.port, 8443);
	assert_true(vit_str_is(u.path, "/a/b"));
	assert_true(vit_str_is(u.query, "?x=1"));
	assert_true(vit_str_is(u.text, "HTTPS://Hub.Example:8443/a/b?x=1"));
	u = parsed("http://[::1]:80");
	assert_true(vit_str_is(u.host, "[::1]"));
	assert_int_equal(u.port, 80);
	assert_int_equal(u.path.n, 0);
	assert_int_equal(parsed("https://h?q").port, 443);
}

static void test_refused(void **state)
{
	static const struct { const char *text; enum vit_errc code; } bad[] = {
		{ "file:///etc/passwd", VIT_E_UNSUPPORTED }, { "gopher://h/", VIT_E_UNSUPPORTED },
		{ "", VIT_E_UNSUPPORTED },		     { "//h/", VIT_E_UNSUPPORTED },
		{ "http:/h/", VIT_E_SYNTAX },		     { "http://", VIT_E_SYNTAX },
		{ "http://user@h/", VIT_E_SYNTAX },	     { "http://u:p@h/", VIT_E_SYNTAX },
		{ "http://h:0/", VIT_E_SYNTAX },	     { "http://h:65536/", VIT_E_SYNTAX },
		{ "http://h:x/", VIT_E_SYNTAX },	     { "http://h /", VIT_E_SYNTAX },
		{ "http://h/\r\nX: y", VIT_E_SYNTAX },	     { "http://h/\x7f", VIT_E_SYNTAX },
		{ "http://h\xc3\xa9/", VIT_E_SYNTAX },	     { "http://[::1/", VIT_E_SYNTAX },
		{ "http://a%00b/", VIT_E_SYNTAX },	     { "http://:80/", VIT_E_SYNTAX },
	};
	struct vit_url u;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct vit_err err = { .code = VIT_OK };
		assert_int_equal(vit_url_parse(vit_str_c(bad[i].text), &u, &err), bad[i].code);
		assert_int_equal(err.code, bad[i].code);
	}
}

static void test_resolve(void **state)
{
	static const struct { const char *base, *reference, *result; } cases[] = {
		{ "https://h/a/b?q", "/c", "https://h/c" },
		{ "https://h:8/a/b?q", "/c", "https://h:8/c" },
		{ "https://h/a/b?q", "c?d", "https://h/a/c?d" },
		{ "https://h/a/b?q", "?d", "https://h/a/b?d" },
		{ "https://h", "c", "https://h/c" },
		{ "https://h/a/", "//other/x", "https://other/x" },
		{ "http://h/a/", "https://other/x#y", "https://other/x" },
	};
	struct vit_arena *a = vit_arena_new();
	struct vit_url base = parsed("https://h/");
	struct vit_str out;
	struct vit_err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct vit_url b = parsed(cases[i].base);
		assert_int_equal(vit_url_resolve(a, &b, vit_str_c(cases[i].reference), &out, &err), VIT_OK);
		assert_true(vit_str_is(out, cases[i].result));
	}
	assert_int_equal(vit_url_resolve(a, &base, VIT_STR("file:///x"), &out, &err), VIT_E_UNSUPPORTED);
	assert_int_equal(vit_url_resolve(a, &base, VIT_STR("//u@h/x"), &out, &err), VIT_E_SYNTAX);
	vit_arena_free(a);
}

/* Where a token of the hub at https://hub.example may go. */
static void test_token(void **state)
{
	struct vit_url hub = parsed("https://hub.example/base"), local = parsed("http://127.0.0.1:8080");
	struct vit_url remote_http = parsed("http://hub.example"), u;

	(void)state;
	u = parsed("https://HUB.example:443/x");
	assert_true(vit_url_may_carry_token(&u, &hub));
	u = parsed("https://hub.example:444/x");
	assert_false(vit_url_may_carry_token(&u, &hub));
	u = parsed("http://hub.example/x");
	assert_false(vit_url_may_carry_token(&u, &hub));
	u = parsed("https://cdn.hub.example/x");
	assert_false(vit_url_may_carry_token(&u, &hub));
	u = parsed("https://hub.example.evil.example/x");
	assert_false(vit_url_may_carry_token(&u, &hub));
	/* Over http only on this machine, and there to that port alone. */
	assert_false(vit_url_may_carry_token(&remote_http, &remote_http));
	u = parsed("http://127.0.0.1:8080/y");
	assert_true(vit_url_may_carry_token(&u, &local));
	u = parsed("http://127.0.0.1:8081/y");
	assert_false(vit_url_may_carry_token(&u, &local));
}

static void test_loopback(void **state)
{
	static const char *const yes[] = { "http://localhost/", "http://LOCALHOST/", "http://127.0.0.1/",
					   "http://127.1.2.3:9/", "http://[::1]/" };
	static const char *const no[] = { "http://127.evil.example/", "http://127.0.0.1.example/",
					  "http://localhost.example/", "http://10.0.0.1/", "http://127.0.0/",
					  "http://127.0.0.256/", "http://1.127.0.0/" };

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		struct vit_url u = parsed(yes[i]);
		assert_true(vit_url_is_loopback(&u));
	}
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
		struct vit_url u = parsed(no[i]);
		assert_false(vit_url_is_loopback(&u));
	}
}

static void test_quote(void **state)
{
	struct vit_buf b;

	(void)state;
	vit_buf_init(&b, 1000);
	vit_url_quote(&b, VIT_STR("a b/c%?#\xc3\xa9-._~"));
	assert_true(vit_str_is(vit_buf_view(&b), "a%20b/c%25%3F%23%C3%A9-._~"));
	vit_buf_clear(&b);
	assert_true(vit_url_unquote(&b, VIT_STR("a%20b%2Fc%c3%a9")));
	assert_true(vit_str_is(vit_buf_view(&b), "a b/c\xc3\xa9"));
	assert_false(vit_url_unquote(&b, VIT_STR("%2")));
	assert_false(vit_url_unquote(&b, VIT_STR("%zz")));
	vit_buf_release(&b);
}

static void test_content_range(void **state)
{
	static const char *const bad[] = { "", "bytes", "bytes 0-9", "bytes 0-9/", "bytes 9-0/10", "bytes 0-10/10",
					   "lines 0-9/10", "bytes */*", "bytes -9/10", "bytes 0-/10", "bytes 0-9/10x",
					   "bytes 0-99999999999999999999/*" };
	uint64_t first, last, total;

	(void)state;
	assert_true(vit_http_content_range(VIT_STR("bytes 8-99/1234"), &first, &last, &total));
	assert_int_equal(first, 8);
	assert_int_equal(last, 99);
	assert_int_equal(total, 1234);
	assert_true(vit_http_content_range(VIT_STR("Bytes 0-0/*"), &first, &last, &total));
	assert_true(total == UINT64_MAX);
	assert_true(vit_http_content_range(VIT_STR("bytes */7"), &first, &last, &total));
	assert_true(first > last && total == 7);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(vit_http_content_range(vit_str_c(bad[i]), &first, &last, &total));
}

static void test_link(void **state)
{
	static const struct { const char *value, *next; } cases[] = {
		{ "<https://h/x?cursor=a,b>; rel=\"next\"", "https://h/x?cursor=a,b" },
		{ "</x>; rel=next", "/x" },
		{ "</p>; rel=\"prev\", </n>; title=\"a, \\\"b\"; rel=\"first next\"", "/n" },
		{ "</p>; rel=prev", "" },
		{ "</p>; rel=nextish", "" },
		{ "</p", "" },
		{ "rel=next", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_true(vit_str_is(vit_http_link_next(vit_str_c(cases[i].value)), cases[i].next));
}

/* 784111777 is RFC 9110's own example of a date, as date(1) computes it. */
static void test_retry_after(void **state)
{
	uint64_t s;

	(void)state;
	assert_true(vit_http_retry_after(VIT_STR(" 120 "), 0, &s) && s == 120);
	assert_true(vit_http_retry_after(VIT_STR("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777 - 30, &s) && s == 30);
	assert_true(vit_http_retry_after(VIT_STR("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777 + 30, &s) && s == 0);
	assert_true(vit_http_retry_after(VIT_STR("Thu, 29 Feb 2024 00:00:00 GMT"), 1709164800 - 1, &s) && s == 1);
	assert_false(vit_http_retry_after(VIT_STR(""), 0, &s));
	assert_false(vit_http_retry_after(VIT_STR("-1"), 0, &s));
	assert_false(vit_http_retry_after(VIT_STR("soon"), 0, &s));
	assert_false(vit_http_retry_after(VIT_STR("Sun, 06 Nov 1994 08:49:37 CET"), 0, &s));
	assert_false(vit_http_retry_after(VIT_STR("Sun, 06 Xxx 1994 08:49:37 GMT"), 0, &s));
	assert_true(vit_http_rate_limit(VIT_STR("\"api\";r=0;t=55"), &s) && s == 55);
	assert_false(vit_http_rate_limit(VIT_STR("\"api\";r=10;t=55"), &s));
	assert_false(vit_http_rate_limit(VIT_STR("\"api\";r=0"), &s));
}

static void test_etag(void **state)
{
	(void)state;
	assert_true(vit_str_is(vit_http_etag(VIT_STR("\"abc\"")), "abc"));
	assert_true(vit_str_is(vit_http_etag(VIT_STR("W/\"abc\"")), "abc"));
	assert_true(vit_str_is(vit_http_etag(VIT_STR("abc")), "abc"));
	assert_true(vit_str_is(vit_http_etag(VIT_STR("\"")), "\""));
}

/* Never more than the step, never less than its half, never above eight seconds. */
static void test_backoff(void **state)
{
	static const int64_t steps[] = { 500, 500, 1000, 2000, 4000, 8000, 8000 };

	(void)state;
	for (unsigned retry = 0; retry < 7; retry++) {
		for (uint64_t r = 0; r < 100000; r += 997) {
			int64_t ms = vit_http_backoff_ms(retry, r);
			assert_true(ms <= steps[retry] && ms >= steps[retry] / 2);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),	      cmocka_unit_test(test_refused),
		cmocka_unit_test(test_resolve),	      cmocka_unit_test(test_token),
		cmocka_unit_test(test_loopback),      cmocka_unit_test(test_quote),
		cmocka_unit_test(test_content_range), cmocka_unit_test(test_link),
		cmocka_unit_test(test_retry_after),   cmocka_unit_test(test_etag),
		cmocka_unit_test(test_backoff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
