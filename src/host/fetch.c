#include "host/fetch.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/num.h"
#include "host/http_text.h"

#define DONE (-1)

void vit_fetch_init(struct vit_fetch *f, struct vit_str url, uint64_t max)
{
	*f = (struct vit_fetch){ .url = url, .name = url, .at = url, .max = max, .final = url, .link_next = VIT_STR_EMPTY,
				 .etag = VIT_STR_EMPTY };
	vit_buf_init(&f->content, max < SIZE_MAX / 2 ? (size_t)max : SIZE_MAX / 2);
}

void vit_fetch_release(struct vit_fetch *f)
{
	vit_buf_release(&f->content);
}

void vit_fetch_request(const struct vit_fetcher *fetcher, struct vit_fetch *f, struct vit_http_job *job)
{
	struct vit_http_request *q = &job->request;
	struct vit_url url;
	uint64_t have = f->content.n;

	*q = (struct vit_http_request){ .url = f->at, .bearer = VIT_STR_EMPTY, .if_range = VIT_STR_EMPTY };
	if (fetcher->token.n && vit_url_parse(f->at, &url, NULL) == VIT_OK &&
	    vit_url_may_carry_token(&url, &fetcher->owner))
		q->bearer = fetcher->token;
	if (f->ranged) {
		q->has_range = true;
		q->first = have;
		q->last = f->count - 1;
		q->max_body = f->count - have;
	} else {
		q->has_range = have > 0;
		q->first = have;
		q->last = UINT64_MAX;
		q->max_body = f->max - have;
	}
	if (have > 0)
		q->if_range = f->etag;
}

/* ---- how an exchange ends --------------------------------------------------- */

static int64_t fail(struct vit_fetch *f, enum vit_errc code, const char *fmt, ...) VIT_PRINTF(3, 4);
static int64_t fail(struct vit_fetch *f, enum vit_errc code, const char *fmt, ...)
{
	struct vit_buf text;
	va_list ap;

	vit_buf_init(&text, VIT_ERR_MSG);
	va_start(ap, fmt);
	vit_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	vit_err_set(&f->err, code, "%.*s: %s", VIT_FMT(f->name), text.p);
	if (text.full)
		vit_err_set(&f->err, code, "%.*s: %s", VIT_FMT(f->name), fmt);
	vit_buf_release(&text);
	return DONE;
}

static int64_t now_s(const struct vit_fetcher *fetcher)
{
	struct vit_err ignored;
	int64_t ns = 0;

	if (fetcher->host->now(fetcher->host->ctx, &ns, &ignored) != VIT_OK)
		return 0;
	return ns / 1000000000;
}

/* Not a source of secrets: it spreads the tries of several clients. */
static uint64_t jitter(const struct vit_fetcher *fetcher, const struct vit_fetch *f)
{
	struct vit_err ignored;
	int64_t ns = 0;

	if (fetcher->host->now(fetcher->host->ctx, &ns, &ignored) != VIT_OK)
		ns = 0;
	return vit_hash64(f->at) ^ (uint64_t)ns * 0x9e3779b97f4a7c15u;
}

static int64_t again(struct vit_fetcher *fetcher, struct vit_fetch *f, struct vit_http_job *job, int64_t wait_ms)
{
	fetcher->retries++;
	f->tries++;
	f->tries_all++;
	/* From the beginning: where it was led to may have been for a short time alone. */
	f->at = f->url;
	f->hops = 0;
	vit_fetch_request(fetcher, f, job);
	return wait_ms;
}

/* A failure that may be over in a moment; `what` is the message when it is not. */
static int64_t retry(struct vit_fetcher *fetcher, struct vit_fetch *f, struct vit_http_job *job,
		     enum vit_errc code, const char *what)
{
	struct vit_str after = vit_http_header(&job->response, "Retry-After");
	uint64_t seconds = 0;
	int64_t wait;

	f->stalls += code == VIT_E_TIMEOUT;
	if (f->tries >= VIT_FETCH_TRIES || f->stalls > VIT_FETCH_STALLS || f->tries_all >= VIT_FETCH_TRIES_ALL)
		return fail(f, code, "%s (tried %u times)", what, f->tries_all + 1);
	wait = vit_http_backoff_ms(f->tries + 1, jitter(fetcher, f));
	if (job->response.status >= 400 &&
	    (vit_http_retry_after(after, now_s(fetcher), &seconds) ||
	     vit_http_rate_limit(vit_http_header(&job->response, "RateLimit"), &seconds))) {
		if (seconds > VIT_FETCH_WAIT_MAX)
			return fail(f, code, "%s, and the server asks to wait %llu s, longer than the %u s that are waited",
				    what, (unsigned long long)seconds, VIT_FETCH_WAIT_MAX);
		if ((int64_t)seconds * 1000 > wait)
			wait = (int64_t)seconds * 1000;
	}
	return again(fetcher, f, job, wait);
}

static int64_t redirect(struct vit_fetcher *fetcher, struct vit_fetch *f, struct vit_http_job *job)
{
	struct vit_str location = vit_http_header(&job->response, "Location"), target;
	struct vit_url from, to;
	struct vit_err err;

	if (location.n == 0)
		return fail(f, VIT_E_IO, "a redirect (%d) that says not where to", job->response.status);
	if (++f->hops > VIT_FETCH_HOPS)
		return fail(f, VIT_E_LIMIT, "more than %u redirects: a loop?", VIT_FETCH_HOPS);
	if (vit_url_parse(f->at, &from, &err) || vit_url_resolve(fetcher->arena, &from, location, &target, &err) ||
	    vit_url_parse(target, &to, &err))
		return fail(f, VIT_E_UNSUPPORTED, "redirected to where nothing is fetched from: %s", err.msg);
	if (from.https && !to.https)
		return fail(f, VIT_E_UNSUPPORTED, "redirected from https to http (%.*s): not followed",
			    VIT_FMT(to.host));
	f->at = target;
	fetcher->redirects++;
	vit_fetch_request(fetcher, f, job);
	return 0;
}

static enum vit_refusal refusal_of(struct vit_str code)
{
	static const struct { const char *name; enum vit_refusal is; } known[] = {
		{ "RepoNotFound", VIT_REFUSAL_REPO },	{ "RevisionNotFound", VIT_REFUSAL_REVISION },
		{ "EntryNotFound", VIT_REFUSAL_ENTRY },	{ "GatedRepo", VIT_REFUSAL_GATED },
		{ "DisabledRepo", VIT_REFUSAL_DISABLED },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (vit_str_is(code, known[i].name))
			return known[i].is;
	return VIT_REFUSAL_NONE;
}

static int64_t refused(struct vit_fetcher *fetcher, struct vit_fetch *f, struct vit_http_job *job)
{
	int status = job->response.status;
	char what[64];

	f->refusal = refusal_of(vit_http_header(&job->response, "X-Error-Code"));
	snprintf(what, sizeof what, "the server answered %d", status);
	switch (status) {
	case 408:
	case 429:
	case 500:
	case 502:
	case 503:
	case 504:
		return retry(fetcher, f, job, VIT_E_IO, status == 429 ? "the server answered 429, too many requests" : what);
	case 401:
	case 403:
		return fail(f, VIT_E_PERM, "%s", what);
	case 404:
	case 410:
		return fail(f, VIT_E_NOTFOUND, "%s", what);
	default:
		return fail(f, VIT_E_IO, "%s", what);
	}
}

/* ---- what a success brings ---------------------------------------------------- */

/* It will be sent back: nothing in it may end a header line. */
static bool is_strong_etag(struct vit_str tag)
{
	if (tag.n < 2 || tag.n > 512 || tag.p[0] != '"' || tag.p[tag.n - 1] != '"')
		return false;
	for (size_t i = 1; i + 1 < tag.n; i++)
		if (tag.p[i] <= ' ' || tag.p[i] > '~' || tag.p[i] == '"')
			return false;
	return true;
}

static void keep_headers(struct vit_fetcher *fetcher, struct vit_fetch *f, const struct vit_http_response *r)
{
	struct vit_str etag = vit_http_header(r, "ETag"), link = vit_http_header(r, "Link");

	/* A weak one promises nothing about bytes. */
	f->etag = is_strong_etag(etag) ? vit_arena_str(fetcher->arena, etag) : VIT_STR_EMPTY;
	f->link_next = vit_arena_str(fetcher->arena, vit_http_link_next(link));
	f->final = f->at;
}

/* 206: is it the piece that was asked for? */
static bool right_piece(struct vit_fetch *f, const struct vit_http_job *job, struct vit_str *value)
{
	uint64_t first, last, total;

	*value = vit_http_header(&job->response, "Content-Range");
	if (!vit_http_content_range(*value, &first, &last, &total) || first != job->request.first ||
	    last > job->request.last)
		return false;
	if (f->has_total && total != UINT64_MAX && total != f->total)
		return false;
	if (total != UINT64_MAX) {
		f->has_total = true;
		f->total = total;
	}
	/* The body may be cut short, but never longer than it says. */
	return job->response.body.n <= last - first + 1;
}

static bool is_compressed(const struct vit_http_response *r, struct vit_str *encoding)
{
	*encoding = vit_http_header(r, "Content-Encoding");
	return encoding->n && !vit_str_ieq(*encoding, VIT_STR("identity"));
}

/* Appends the body; false (f->err set) when it cannot be what was asked for. */
static bool take(struct vit_fetcher *fetcher, struct vit_fetch *f, struct vit_http_job *job)
{
	const struct vit_http_response *r = &job->response;
	struct vit_str encoding, value;

	if (is_compressed(r, &encoding)) {
		fail(f, VIT_E_UNSUPPORTED, "the answer is compressed (%.*s), which was not asked for: not decoded",
		     VIT_FMT(encoding));
		return false;
	}
	if (r->status == 206 && job->request.has_range) {
		if (!right_piece(f, job, &value)) {
			fail(f, VIT_E_IO, "asked for bytes %llu-%llu, the server says it sent '%.*s'",
			     (unsigned long long)job->request.first, (unsigned long long)job->request.last,
			     VIT_FMT(value));
			return false;
		}
	} else if (job->request.first > 0) {
		/* All of it again: the file is another now, or ranges are not known there. */
		if (f->ranged) {
			fail(f, VIT_E_CHANGED, "the server sent the whole file where a part was asked for");
			return false;
		}
		vit_buf_clear(&f->content);
		f->has_total = false;
	}
	if (r->body.n)
		f->tries = 0;
	vit_buf_add(&f->content, r->body.p, r->body.n);
	if (fetcher->progress)
		vit_progress_add(fetcher->progress, r->body.n);
	if (f->content.full) {
		fail(f, VIT_E_LIMIT, "more than %llu bytes", (unsigned long long)f->max);
		return false;
	}
	keep_headers(fetcher, f, r);
	return true;
}

/* Everything that was asked for is there, or all that the file has. */
static bool complete(const struct vit_fetch *f)
{
	return f->content.n >= f->count || (f->has_total && f->content.n >= f->total);
}

static int64_t succeeded(struct vit_fetcher *fetcher, struct vit_fetch *f, struct vit_http_job *job)
{
	if (!take(fetcher, f, job))
		return DONE;
	if (job->response.status != 206 || !job->request.has_range) {
		f->has_total = true;
		f->total = f->content.n;
	}
	if (!f->ranged && f->has_total && f->content.n < f->total)
		return retry(fetcher, f, job, VIT_E_IO, "the answer ended early");
	if (f->ranged && !complete(f))
		return retry(fetcher, f, job, VIT_E_IO, "the answer ended early");
	if (f->ranged && fetcher->more && fetcher->more(fetcher->more_ctx, f) && !complete(f)) {
		/* From the beginning: where it leads to may hold for one range alone. */
		f->at = f->url;
		f->hops = 0;
		vit_fetch_request(fetcher, f, job);
		return 0;
	}
	return DONE;
}

/* The exchange came to no end. What arrived of a body is kept for the rest. */
static int64_t broken(struct vit_fetcher *fetcher, struct vit_fetch *f, struct vit_http_job *job)
{
	struct vit_http_response *r = &job->response;
	struct vit_err cause = r->err;
	bool partly = (r->status == 200 || r->status == 206) && r->body.n > 0;
	struct vit_str encoding;

	if (cause.code == VIT_E_INTERRUPTED)
		return fail(f, cause.code, "interrupted");
	if (is_compressed(r, &encoding))
		return fail(f, VIT_E_UNSUPPORTED, "the answer is compressed (%.*s), which was not asked for: not decoded",
			    VIT_FMT(encoding));
	if (cause.code == VIT_E_LIMIT && r->status == 200 && job->request.has_range && f->content.n == 0)
		f->has_total = vit_parse_u64(vit_http_header(r, "Content-Length"), &f->total);
	if (cause.code == VIT_E_LIMIT && r->status == 200 && job->request.has_range)
		return fail(f, VIT_E_UNSUPPORTED,
			    "the server ignores Range and would send the whole file; a server with range support is needed");
	if (cause.code == VIT_E_LIMIT)
		return fail(f, VIT_E_LIMIT, "%s; no more is taken", cause.msg);
	if (!r->passing)
		return fail(f, cause.code, "%s", cause.msg);
	if (partly && !take(fetcher, f, job))
		return DONE;
	return retry(fetcher, f, job, cause.code, cause.msg);
}

int64_t vit_fetch_step(struct vit_fetcher *fetcher, struct vit_fetch *f, struct vit_http_job *job)
{
	const struct vit_http_response *r = &job->response;
	uint64_t first, last, total;

	f->status = r->status;
	if (r->err.code != VIT_OK)
		return broken(fetcher, f, job);
	switch (r->status) {
	case 200:
	case 206:
		return succeeded(fetcher, f, job);
	case 301:
	case 302:
	case 303:
	case 307:
	case 308:
		return redirect(fetcher, f, job);
	case 416:
		/* An empty file has no first byte, and a resumed one may be whole. */
		if (vit_http_content_range(vit_http_header(r, "Content-Range"), &first, &last, &total) &&
		    first > last && total == f->content.n) {
			f->has_total = true;
			f->total = total;
			return DONE;
		}
		return refused(fetcher, f, job);
	default:
		return refused(fetcher, f, job);
	}
}

static int64_t step(void *ctx, struct vit_http_job *job)
{
	return vit_fetch_step(ctx, job->user, job);
}

void vit_fetch_all(struct vit_fetcher *fetcher, struct vit_fetch *fetches, size_t count)
{
	struct vit_http_job *jobs = vit_xcalloc(count + 1, sizeof *jobs);
	const struct vit_host *h = fetcher->host;

	for (size_t i = 0; i < count; i++) {
		vit_buf_init(&jobs[i].response.head, VIT_HTTP_HEAD_MAX);
		vit_buf_init(&jobs[i].response.body, VIT_HTTP_REFUSAL_MAX);
		jobs[i].user = &fetches[i];
		vit_fetch_request(fetcher, &fetches[i], &jobs[i]);
	}
	if (count)
		h->http(h->ctx, &fetcher->session, jobs, count, step, fetcher);
	for (size_t i = 0; i < count; i++) {
		vit_buf_release(&jobs[i].response.head);
		vit_buf_release(&jobs[i].response.body);
	}
	free(jobs);
}
