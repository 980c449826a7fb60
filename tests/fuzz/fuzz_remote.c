/*
 * What a server or a user's address can say, by the first byte of the input:
 * 'l' a hub's listing, 'i' its description of a model, 'n' hf:// names, 'u' URLs,
 * 'h' header values, 'x' a whole conversation: answers to one fetch, a token at
 * stake. Properties are stated at each.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/path.h"
#include "formats/hub.h"
#include "host/fetch.h"
#include "host/http_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool is_hex(struct vit_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("0123456789abcdef", s.p[i]))
			return false;
	return true;
}

/* Paths are plain, digests of the kind's length, folders empty. */
static void listing(struct vit_arena *a, struct vit_str text)
{
	struct vit_hub_listing l = { .entries = VIT_VEC(sizeof(struct vit_hub_entry)) };
	struct vit_err err;
	enum vit_errc rc = vit_hub_listing_read(a, text, &l, &err);

	must(rc == VIT_OK || rc == VIT_E_SYNTAX || rc == VIT_E_LIMIT);
	for (size_t i = 0; i < l.entries.count; i++) {
		const struct vit_hub_entry *e = vit_vec_at(&l.entries, i);
		must(vit_path_is_plain(e->path));
		must(e->digest.n == 0 || e->digest.n == (e->lfs ? 64u : 40u));
		must(is_hex(e->digest));
		must(!e->is_folder || (e->size == 0 && e->digest.n == 0));
	}
	vit_vec_free(&l.entries);
}

static void info(struct vit_arena *a, struct vit_str text)
{
	struct vit_hub_info i;
	struct vit_err err;

	if (vit_hub_info_read(a, text, &i, &err) == VIT_OK)
		must(vit_hub_is_commit(i.sha));
}

/* What names a model holds nothing that means something in a URL or a path. */
static void names(struct vit_arena *a, struct vit_str text)
{
	for (int page = 0; page < 2; page++) {
		struct vit_hub_ref r;
		struct vit_err err = { .code = VIT_OK };
		enum vit_errc rc = page ? vit_hub_ref_parse_page(a, text, &r, &err) : vit_hub_ref_parse(a, text, &r, &err);
		must(rc == VIT_OK || (rc == VIT_E_USAGE && err.msg[0]));
		if (rc != VIT_OK)
			continue;
		must(r.repo.n > 0 && r.revision.n > 0);
		must(r.folder.n == 0 || vit_path_is_plain(r.folder));
		for (size_t i = 0; i < r.repo.n; i++)
			must(r.repo.p[i] && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./",
						   r.repo.p[i]));
		for (size_t i = 0; i < r.revision.n; i++)
			must(r.revision.p[i] > ' ' && r.revision.p[i] <= '~' && !strchr("?#%@", r.revision.p[i]));
	}
}

/* What parses is http or https, parses again to the same, and so does what a
 * reference leads to; quoting is undone by unquoting. */
static void urls(struct vit_arena *a, struct vit_str text)
{
	struct vit_str first = text, rest = text, out;
	struct vit_url base, u, v;
	struct vit_buf q, back;
	struct vit_err err;

	(void)vit_str_line(&rest, &first);
	if (vit_url_parse(first, &u, &err) == VIT_OK) {
		must(vit_url_parse(u.text, &v, &err) == VIT_OK);
		must(vit_url_same_origin(&u, &v) && vit_str_eq(u.path, v.path) && vit_str_eq(u.query, v.query));
		must(u.port > 0 && u.port < 65536 && u.host.n > 0);
		must(!vit_url_may_carry_token(&u, &v) || u.https || vit_url_is_loopback(&u));
		must(vit_str_rchr(u.host, '@') == SIZE_MAX);
		if (vit_url_resolve(a, &u, rest, &out, &err) == VIT_OK)
			must(vit_url_parse(out, &v, &err) == VIT_OK);
	}
	must(vit_url_parse(VIT_STR("https://hub.example/a/b"), &base, &err) == VIT_OK);
	if (vit_url_resolve(a, &base, text, &out, &err) == VIT_OK)
		must(vit_url_parse(out, &v, &err) == VIT_OK);
	vit_buf_init(&q, 1 << 20);
	vit_buf_init(&back, 1 << 20);
	vit_url_quote(&q, text);
	if (!q.full) {
		must(vit_url_unquote(&back, vit_buf_view(&q)));
		must(vit_str_eq(vit_buf_view(&back), text));
	}
	vit_buf_release(&q);
	vit_buf_release(&back);
}

static void headers(struct vit_str text)
{
	uint64_t first, last, total, seconds;
	struct vit_str next = vit_http_link_next(text), tag = vit_http_etag(text);

	must(next.n <= text.n && tag.n <= text.n);
	if (vit_http_content_range(text, &first, &last, &total))
		must(first <= last ? last < total : first == 1 && last == 0 && total != UINT64_MAX);
	(void)vit_http_retry_after(text, 784111777, &seconds);
	(void)vit_http_rate_limit(text, &seconds);
}

/* ---- a conversation ------------------------------------------------------------------ */

struct talk {
	struct vit_str rest;
	unsigned answers;
};

static enum vit_errc fixed_now(void *ctx, int64_t *out, struct vit_err *err)
{
	(void)ctx;
	(void)err;
	*out = (int64_t)784111777 * 1000000000;
	return VIT_OK;
}

/* An answer: a byte that picks status or failure, then a line of "Name: value|Name: value",
 * then a line of body. */
static void answer(struct talk *t, struct vit_http_response *r)
{
	static const int statuses[] = { 200, 206, 301, 302, 307, 308, 401, 403, 404, 416, 429, 500, 503, 418 };
	unsigned pick = t->rest.n ? (unsigned char)t->rest.p[0] : 'z';
	struct vit_str line, header;

	t->answers++;
	t->rest = vit_str_sub(t->rest, 1, t->rest.n);
	vit_buf_clear(&r->head);
	vit_buf_clear(&r->body);
	r->err = (struct vit_err){ .code = VIT_OK };
	r->passing = false;
	r->status = statuses[pick % (sizeof statuses / sizeof statuses[0])];
	if (pick >= 'w') {
		r->passing = pick == 'w' || pick == 'x';
		vit_err_set(&r->err, pick == 'y' ? VIT_E_LIMIT : pick == 'x' ? VIT_E_TIMEOUT : VIT_E_IO, "broken");
	}
	if (vit_str_line(&t->rest, &line))
		while (vit_str_split(&line, '|', &header)) {
			vit_buf_str(&r->head, header);
			vit_buf_puts(&r->head, "\r\n");
		}
	if (vit_str_line(&t->rest, &line))
		vit_buf_str(&r->body, line);
}

static void talk(void *ctx, struct vit_http_session *session, struct vit_http_job *jobs, size_t count,
		 vit_http_step_fn step, void *step_ctx)
{
	struct vit_url owner, url;
	struct vit_err err;
	int64_t wait;

	(void)session;
	must(count == 1 && vit_url_parse(VIT_STR("https://hub.example"), &owner, &err) == VIT_OK);
	do {
		const struct vit_http_request *q = &jobs->request;
		must(vit_url_parse(q->url, &url, &err) == VIT_OK && url.https);
		/* The token goes home or nowhere. */
		must(q->bearer.n == 0 || vit_url_same_origin(&url, &owner));
		must(!q->has_range || q->first <= q->last);
		answer(ctx, &jobs->response);
		/* The host keeps no more than was asked for. */
		if (jobs->response.body.n > q->max_body) {
			jobs->response.body.n = (size_t)q->max_body;
			jobs->response.body.p[jobs->response.body.n] = 0;
		}
		wait = step(step_ctx, jobs);
		must(wait <= (int64_t)VIT_FETCH_WAIT_MAX * 1000);
	} while (wait >= 0);
}

static bool ten_more(void *ctx, struct vit_fetch *f)
{
	(void)ctx;
	if (f->count >= 30)
		return false;
	f->count += 10;
	return true;
}

static void conversation(struct vit_arena *a, struct vit_str text)
{
	struct talk t = { .rest = vit_str_sub(text, 1, text.n) };
	struct vit_host host = { .ctx = &t, .now = fixed_now, .http = talk };
	struct vit_fetcher fetcher = { .host = &host, .arena = a, .token = VIT_STR("hf_secret"), .more = ten_more };
	struct vit_fetch f;
	struct vit_err err;

	must(vit_url_parse(VIT_STR("https://hub.example"), &fetcher.owner, &err) == VIT_OK);
	vit_fetch_init(&f, VIT_STR("https://hub.example/f"), 40);
	f.ranged = text.n > 0 && text.p[0] == 'r';
	f.count = f.ranged ? 10 : 0;
	vit_fetch_all(&fetcher, &f, 1);
	must(f.content.n <= 40);
	must(!f.ranged || f.content.n <= f.count);
	must(f.err.code == VIT_OK || f.err.msg[0]);
	must(f.err.code != VIT_OK || !f.ranged || f.content.n == f.count || (f.has_total && f.content.n == f.total));
	must(t.answers <= (VIT_FETCH_TRIES_ALL + 5) * (VIT_FETCH_HOPS + 1));
	vit_fetch_release(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_str text = vit_arena_str(a, (struct vit_str){ (const char *)data, size });
	char what = size ? text.p[0] : 0;

	text = vit_str_sub(text, 1, text.n);
	if (what == 'l')
		listing(a, text);
	else if (what == 'i')
		info(a, text);
	else if (what == 'n')
		names(a, text);
	else if (what == 'u')
		urls(a, text);
	else if (what == 'h')
		headers(text);
	else if (what == 'x')
		conversation(a, text);
	vit_arena_free(a);
	return 0;
}
