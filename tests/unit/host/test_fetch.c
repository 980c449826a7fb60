/* What is done about redirects, failures and credentials: a host whose answers
 * are scripted, and the requests it was asked. */
#include "host_test.h"

#include "host/fetch.h"

#define TOKEN "hf_secret"

/* One exchange: what must be asked, and what is answered. */
struct exchange {
	const char *url, *range; /* "8-99", "8-", or NULL: none */
	bool token;
	int status;
	const char *head, *body;
	enum vit_errc failure; /* passing */
	int64_t least_wait;    /* ms that follow; -1: the job is done */
};

struct script {
	const struct exchange *at;
	size_t count, used;
};

static enum vit_errc fake_now(void *ctx, int64_t *out, struct vit_err *err)
{
	(void)ctx;
	(void)err;
	*out = (int64_t)784111777 * 1000000000;
	return VIT_OK;
}

static const char *expect_if_range; /* when set: of every request */

static void check_request(const struct vit_http_request *q, const struct exchange *x)
{
	char range[64] = "";

	assert_str(q->url, x->url);
	assert_str(q->bearer, x->token ? TOKEN : "");
	if (expect_if_range)
		assert_str(q->if_range, expect_if_range);
	if (q->has_range && q->last == UINT64_MAX)
		snprintf(range, sizeof range, "%llu-", (unsigned long long)q->first);
	else if (q->has_range)
		snprintf(range, sizeof range, "%llu-%llu", (unsigned long long)q->first, (unsigned long long)q->last);
	assert_string_equal(range, x->range ? x->range : "");
}

static void fake_http(void *ctx, struct vit_http_session *session, struct vit_http_job *jobs, size_t count,
		      vit_http_step_fn step, void *step_ctx)
{
	struct script *s = ctx;
	int64_t wait;

	assert_int_equal(count, 1);
	do {
		const struct exchange *x = &s->at[s->used];
		struct vit_http_response *r = &jobs->response;
		assert_true(s->used < s->count);
		check_request(&jobs->request, x);
		session->requests++;
		vit_buf_clear(&r->head);
		vit_buf_clear(&r->body);
		r->body.ceiling = 1 << 20;
		r->status = x->status;
		r->err = (struct vit_err){ .code = VIT_OK };
		r->passing = x->failure == VIT_E_IO || x->failure == VIT_E_TIMEOUT;
		if (x->failure)
			(void)vit_err_set(&r->err, x->failure, "it broke");
		vit_buf_puts(&r->head, x->head ? x->head : "");
		vit_buf_puts(&r->body, x->body ? x->body : "");
		wait = step(step_ctx, jobs);
		assert_true(x->least_wait < 0 ? wait < 0 : wait >= x->least_wait && wait < 1000000);
		s->used++;
	} while (wait >= 0);
	assert_int_equal(s->used, s->count);
}

static bool eight_more(void *ctx, struct vit_fetch *f)
{
	(void)ctx;
	if (f->count >= 16)
		return false;
	f->count = 16;
	return true;
}

/* Runs the script for `url`; the caller releases *f. */
static void run(const char *url, uint64_t ranged, const struct exchange *x, size_t n, struct vit_fetch *f,
		struct vit_arena *a)
{
	struct script s = { x, n, 0 };
	struct vit_host host = { .ctx = &s, .now = fake_now, .http = fake_http };
	struct vit_fetcher fetcher = { .host = &host, .arena = a, .token = VIT_STR(TOKEN), .more = eight_more };
	struct vit_err err;

	assert_int_equal(vit_url_parse(VIT_STR("https://hub.example"), &fetcher.owner, &err), VIT_OK);
	vit_fetch_init(f, vit_str_c(url), 100);
	f->ranged = ranged > 0;
	f->count = ranged;
	vit_fetch_all(&fetcher, f, 1);
}

#define RUN(url, ranged, x) run((url), (ranged), (x), sizeof(x) / sizeof((x)[0]), &f, a)

static void test_token_stays_home(void **state)
{
	static const struct exchange x[] = {
		{ "https://hub.example/f", NULL, true, 302, "Location: https://cdn.example/f\r\n", NULL, 0, 0 },
		{ "https://cdn.example/f", NULL, false, 302, "Location: https://hub.example:444/f\r\n", NULL, 0, 0 },
		{ "https://hub.example:444/f", NULL, false, 302, "location:  https://hub.example/g \r\n", NULL, 0, 0 },
		{ "https://hub.example/g", NULL, true, 307, "Location: /h\r\n", NULL, 0, 0 },
		{ "https://hub.example/h", NULL, true, 200, "", "text", 0, -1 },
	};
	struct vit_arena *a = vit_arena_new();
	struct vit_fetch f;

	(void)state;
	RUN("https://hub.example/f", 0, x);
	assert_int_equal(f.err.code, VIT_OK);
	assert_str(vit_buf_view(&f.content), "text");
	assert_str(f.final, "https://hub.example/h");
	vit_fetch_release(&f);
	vit_arena_free(a);
}

static void one_answer(const char *head, int status, const char *body, enum vit_errc code, const char *message)
{
	const struct exchange x[] = { { "https://hub.example/f", NULL, true, status, head, body, 0, -1 } };
	struct vit_arena *a = vit_arena_new();
	struct vit_fetch f;

	RUN("https://hub.example/f", 0, x);
	assert_int_equal(f.err.code, code);
	if (!strstr(f.err.msg, message))
		fail_msg("'%s' does not say '%s'", f.err.msg, message);
	vit_fetch_release(&f);
	vit_arena_free(a);
}

static void test_refusals(void **state)
{
	(void)state;
	one_answer("Location: http://hub.example/f\r\n", 302, "", VIT_E_UNSUPPORTED, "from https to http");
	one_answer("Location: file:///etc/passwd\r\n", 301, "", VIT_E_UNSUPPORTED, "only http and https");
	one_answer("Location: https://u:p@evil.example/\r\n", 302, "", VIT_E_UNSUPPORTED, "user name");
	one_answer("", 302, "", VIT_E_IO, "says not where to");
	one_answer("", 404, "no", VIT_E_NOTFOUND, "404");
	one_answer("", 403, "no", VIT_E_PERM, "403");
	one_answer("", 418, "no", VIT_E_IO, "418");
	one_answer("Content-Encoding: gzip\r\n", 200, "bomb", VIT_E_UNSUPPORTED, "compressed (gzip)");
	one_answer("Retry-After: 3600\r\n", 429, "", VIT_E_IO, "asks to wait 3600 s");
	one_answer("Retry-After: Sun, 06 Nov 1994 09:49:37 GMT\r\n", 503, "", VIT_E_IO, "asks to wait 3600 s");
}

static void test_loop(void **state)
{
	static const struct exchange x[] = {
		{ "https://hub.example/f", NULL, true, 302, "Location: /f\r\n", NULL, 0, 0 },
		{ "https://hub.example/f", NULL, true, 302, "Location: /f\r\n", NULL, 0, 0 },
		{ "https://hub.example/f", NULL, true, 302, "Location: /f\r\n", NULL, 0, 0 },
		{ "https://hub.example/f", NULL, true, 302, "Location: /f\r\n", NULL, 0, 0 },
		{ "https://hub.example/f", NULL, true, 302, "Location: /f\r\n", NULL, 0, 0 },
		{ "https://hub.example/f", NULL, true, 302, "Location: /f\r\n", NULL, 0, -1 },
	};
	struct vit_arena *a = vit_arena_new();
	struct vit_fetch f;

	(void)state;
	RUN("https://hub.example/f", 0, x);
	assert_int_equal(f.err.code, VIT_E_LIMIT);
	vit_fetch_release(&f);
	vit_arena_free(a);
}

/* A cut body goes on where it ended, from the first address again. */
static void test_resume(void **state)
{
	static const struct exchange x[] = {
		{ "https://hub.example/f", NULL, true, 302, "Location: https://cdn.example/f?once\r\n", NULL, 0, 0 },
		{ "https://cdn.example/f?once", NULL, false, 200, "ETag: \"e\"\r\n", "0123", VIT_E_IO, 250 },
		{ "https://hub.example/f", "4-", true, 302, "Location: https://cdn.example/f?twice\r\n", NULL, 0, 0 },
		{ "https://cdn.example/f?twice", "4-", false, 206,
		  "Content-Range: bytes 4-9/10\r\nETag: \"e\"\r\n", "456789", 0, -1 },
	};
	struct vit_arena *a = vit_arena_new();
	struct vit_fetch f;

	(void)state;
	RUN("https://hub.example/f", 0, x);
	assert_int_equal(f.err.code, VIT_OK);
	assert_str(vit_buf_view(&f.content), "0123456789");
	vit_fetch_release(&f);
	vit_arena_free(a);
}

/* The file is another meanwhile: the server sends all of it, and that counts. */
static void test_resume_of_another(void **state)
{
	static const struct exchange x[] = {
		{ "https://hub.example/f", NULL, true, 200, "ETag: \"e\"\r\n", "0123", VIT_E_TIMEOUT, 250 },
		{ "https://hub.example/f", "4-", true, 200, "ETag: \"f\"\r\n", "abc", 0, -1 },
	};
	struct vit_arena *a = vit_arena_new();
	struct vit_fetch f;

	(void)state;
	RUN("https://hub.example/f", 0, x);
	assert_int_equal(f.err.code, VIT_OK);
	assert_str(vit_buf_view(&f.content), "abc");
	vit_fetch_release(&f);
	vit_arena_free(a);
}

/* An ETag that could end a header line is not sent back, nor is a weak one. */
static void test_odd_etags(void **state)
{
	static const char *const odd[] = { "ETag: \"a\rX: y\"\r\n", "ETag: W/\"e\"\r\n", "ETag: e\r\n", "ETag: \"\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		const struct exchange x[] = {
			{ "https://hub.example/f", NULL, true, 200, odd[i], "01", VIT_E_IO, 250 },
			{ "https://hub.example/f", "2-", true, 206, "Content-Range: bytes 2-3/4\r\n", "23", 0, -1 },
		};
		struct vit_arena *a = vit_arena_new();
		struct vit_fetch f;
		expect_if_range = "";
		RUN("https://hub.example/f", 0, x);
		expect_if_range = NULL;
		assert_str(vit_buf_view(&f.content), "0123");
		vit_fetch_release(&f);
		vit_arena_free(a);
	}
}

static void test_waits(void **state)
{
	static const struct exchange x[] = {
		{ "https://hub.example/f", NULL, true, 429, "Retry-After: 7\r\n", "", 0, 7000 },
		{ "https://hub.example/f", NULL, true, 503, "Retry-After: Sun, 06 Nov 1994 08:49:42 GMT\r\n", "", 0, 5000 },
		{ "https://hub.example/f", NULL, true, 429, "RateLimit: \"api\";r=0;t=9\r\n", "", 0, 9000 },
		{ "https://hub.example/f", NULL, true, 500, "", "", 0, 2000 },
		{ "https://hub.example/f", NULL, true, 500, "", "", 0, -1 },
	};
	struct vit_arena *a = vit_arena_new();
	struct vit_fetch f;

	(void)state;
	RUN("https://hub.example/f", 0, x);
	assert_int_equal(f.err.code, VIT_E_IO);
	assert_non_null(strstr(f.err.msg, "tried 5 times"));
	vit_fetch_release(&f);
	vit_arena_free(a);
}

/* The beginning, then what it says is needed: two requests. */
static void test_two_pieces(void **state)
{
	static const struct exchange x[] = {
		{ "https://hub.example/s", "0-7", true, 206, "Content-Range: bytes 0-7/5000000000\r\n", "01234567", 0, 0 },
		{ "https://hub.example/s", "8-15", true, 206, "Content-Range: bytes 8-15/5000000000\r\n", "89abcdef", 0, -1 },
	};
	struct vit_arena *a = vit_arena_new();
	struct vit_fetch f;

	(void)state;
	RUN("https://hub.example/s", 8, x);
	assert_int_equal(f.err.code, VIT_OK);
	assert_str(vit_buf_view(&f.content), "0123456789abcdef");
	assert_true(f.has_total && f.total == 5000000000u);
	vit_fetch_release(&f);
	vit_arena_free(a);
}

static void ranged_answer(int status, const char *head, const char *body, enum vit_errc failure,
			  enum vit_errc code, uint64_t total)
{
	const struct exchange x[] = { { "https://hub.example/s", "0-7", true, status, head, body, failure, -1 } };
	struct vit_arena *a = vit_arena_new();
	struct vit_fetch f;

	RUN("https://hub.example/s", 8, x);
	assert_int_equal(f.err.code, code);
	if (code == VIT_OK)
		assert_true(f.has_total && f.total == total);
	vit_fetch_release(&f);
	vit_arena_free(a);
}

static void test_pieces(void **state)
{
	(void)state;
	/* Smaller than the piece: whole, with and without range support. */
	ranged_answer(206, "Content-Range: bytes 0-2/3\r\n", "abc", 0, VIT_OK, 3);
	ranged_answer(200, "", "abc", 0, VIT_OK, 3);
	ranged_answer(416, "Content-Range: bytes */0\r\n", "", 0, VIT_OK, 0);
	/* Not what was asked for. */
	ranged_answer(206, "Content-Range: bytes 1-8/100\r\n", "12345678", 0, VIT_E_IO, 0);
	ranged_answer(206, "Content-Range: bytes 0-8/100\r\n", "012345678", 0, VIT_E_IO, 0);
	ranged_answer(206, "Content-Range: bytes 0-3/100\r\n", "01234567", 0, VIT_E_IO, 0);
	ranged_answer(206, "", "01234567", 0, VIT_E_IO, 0);
	/* Ranges ignored: the host stopped it when more than eight bytes came. */
	ranged_answer(200, "", "0123", VIT_E_LIMIT, VIT_E_UNSUPPORTED, 0);
	ranged_answer(206, "Content-Range: bytes 0-7/100\r\n", "", VIT_E_INTERRUPTED, VIT_E_INTERRUPTED, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token_stays_home), cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_loop),		 cmocka_unit_test(test_resume),
		cmocka_unit_test(test_resume_of_another), cmocka_unit_test(test_waits), cmocka_unit_test(test_odd_etags),
		cmocka_unit_test(test_two_pieces),	 cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
