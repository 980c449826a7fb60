/* HTTP through libcurl: the only file that includes its header. */
#include "host/http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"

#define PARALLEL 8u
#define POLL_MS 100 /* how long a request to stop may go unseen */

/* One running exchange. */
struct exchange {
	CURL *easy;
	struct curl_slist *headers;
	struct vit_http_job *job;
	struct vit_http_session *session;
	bool head_over, body_over, enough;
	int64_t last_ns; /* when something came last */
	char error[CURL_ERROR_SIZE];
};

static int64_t now_ns(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static size_t take_header(char *p, size_t size, size_t n, void *ctx)
{
	struct exchange *x = ctx;
	struct vit_buf *head = &x->job->response.head;
	struct vit_str line = { p, size * n };

	/* Another answer begins: what came before was an interim one. */
	if (vit_str_starts(line, VIT_STR("HTTP/"))) {
		vit_buf_clear(head);
		return line.n;
	}
	x->last_ns = now_ns();
	vit_buf_str(head, line);
	x->head_over = head->full;
	return head->full ? 0 : line.n;
}

static long status_of(CURL *easy)
{
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static size_t take_body(char *p, size_t size, size_t n, void *ctx)
{
	struct exchange *x = ctx;
	struct vit_http_response *r = &x->job->response;
	long status = status_of(x->easy);
	curl_off_t length = -1;

	n *= size;
	x->last_ns = now_ns();
	x->session->body_bytes += n;
	if (status < 200 || status > 299) {
		/* Why it was refused; more of it than that serves nobody. */
		if (n > VIT_HTTP_REFUSAL_MAX - r->body.n) {
			x->enough = true;
			return 0;
		}
		vit_buf_add(&r->body, p, n);
		return n;
	}
	curl_easy_getinfo(x->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	if (n > x->job->request.max_body - r->body.n ||
	    (length > 0 && (uint64_t)length > x->job->request.max_body)) {
		x->body_over = true;
		return 0;
	}
	vit_buf_add(&r->body, p, n);
	return n;
}

static void add_header(struct exchange *x, const char *name, struct vit_str value)
{
	struct vit_buf line;
	struct curl_slist *longer;

	vit_buf_init(&line, VIT_HTTP_HEAD_MAX);
	vit_buf_printf(&line, "%s: %.*s", name, VIT_FMT(value));
	longer = line.full ? NULL : curl_slist_append(x->headers, line.p);
	if (longer)
		x->headers = longer;
	vit_buf_release(&line);
}

static void set_session(CURL *e, const struct vit_http_session *s, struct vit_str url)
{
	struct vit_str proxy = vit_str_starts(url, VIT_STR("https:")) ? s->proxy_https : s->proxy_http;

	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(e, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
	curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(e, CURLOPT_USERAGENT, s->agent.n ? s->agent.p : "vitalis-audit");
	/* Given, even when empty: libcurl would ask the environment itself. */
	curl_easy_setopt(e, CURLOPT_PROXY, proxy.n ? proxy.p : "");
	curl_easy_setopt(e, CURLOPT_NOPROXY, s->no_proxy.n ? s->no_proxy.p : "");
	if (s->ca_file.n)
		curl_easy_setopt(e, CURLOPT_CAINFO, s->ca_file.p);
	if (s->ca_path.n)
		curl_easy_setopt(e, CURLOPT_CAPATH, s->ca_path.p);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)s->connect_ms);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)s->total_ms);
}

static void set_request(struct exchange *x)
{
	const struct vit_http_request *q = &x->job->request;
	char range[64];

	curl_easy_setopt(x->easy, CURLOPT_URL, q->url.p);
	add_header(x, "Accept-Encoding", VIT_STR("identity"));
	if (q->bearer.n) {
		struct vit_buf value;
		vit_buf_init(&value, VIT_HTTP_HEAD_MAX);
		vit_buf_printf(&value, "Bearer %.*s", VIT_FMT(q->bearer));
		add_header(x, "Authorization", vit_buf_view(&value));
		vit_buf_release(&value);
	}
	if (q->has_range) {
		if (q->last == UINT64_MAX)
			snprintf(range, sizeof range, "%llu-", (unsigned long long)q->first);
		else
			snprintf(range, sizeof range, "%llu-%llu", (unsigned long long)q->first,
				 (unsigned long long)q->last);
		curl_easy_setopt(x->easy, CURLOPT_RANGE, range);
		if (q->if_range.n)
			add_header(x, "If-Range", q->if_range);
	}
	curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers);
	curl_easy_setopt(x->easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(x->easy, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, x->error);
	curl_easy_setopt(x->easy, CURLOPT_PRIVATE, x);
}

static void end_exchange(CURLM *multi, struct exchange *x)
{
	if (x->easy) {
		curl_multi_remove_handle(multi, x->easy);
		curl_easy_cleanup(x->easy);
	}
	curl_slist_free_all(x->headers);
	free(x);
}

static bool begin_exchange(CURLM *multi, struct vit_http_session *s, struct vit_http_job *job)
{
	struct exchange *x = vit_xcalloc(1, sizeof *x);
	struct vit_http_response *r = &job->response;

	vit_buf_clear(&r->head);
	vit_buf_clear(&r->body);
	r->err = (struct vit_err){ .code = VIT_OK };
	r->passing = false;
	r->status = 0;
	r->body.ceiling = job->request.max_body < SIZE_MAX / 2 ? (size_t)job->request.max_body : SIZE_MAX / 2;
	if (r->body.ceiling < VIT_HTTP_REFUSAL_MAX)
		r->body.ceiling = VIT_HTTP_REFUSAL_MAX;
	x->job = job;
	x->session = s;
	x->easy = curl_easy_init();
	if (x->easy) {
		set_session(x->easy, s, job->request.url);
		set_request(x);
	}
	if (!x->easy || curl_multi_add_handle(multi, x->easy) != CURLM_OK) {
		vit_err_set(&r->err, VIT_E_IO, "libcurl cannot begin a request");
		end_exchange(multi, x);
		return false;
	}
	job->state = x;
	x->last_ns = now_ns();
	s->requests++;
	return true;
}

/* Whose failure it is, and whether it may be over in a moment. */
static void explain(const struct exchange *x, CURLcode rc)
{
	struct vit_http_response *r = &x->job->response;
	const char *text = x->error[0] ? x->error : curl_easy_strerror(rc);

	/* libcurl repeats the address, and a password in it. */
	if (vit_str_starts(vit_str_c(text), VIT_STR("Unsupported proxy"))) {
		vit_err_set(&r->err, VIT_E_IO, "the address of the proxy (https_proxy, http_proxy or all_proxy) is no "
			    "http://host:port that can be used");
		return;
	}
	switch ((int)rc) {
	case CURLE_OPERATION_TIMEDOUT:
		vit_err_set(&r->err, VIT_E_TIMEOUT, "%s", text);
		r->passing = true;
		return;
	case CURLE_COULDNT_CONNECT:
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_AGAIN:
		vit_err_set(&r->err, VIT_E_IO, "%s", text);
		r->passing = true;
		return;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
		vit_err_set(&r->err, VIT_E_IO, "the server's certificate is not trusted (%s); SSL_CERT_FILE names "
			    "a file of certificates to trust instead", text);
		return;
	case CURLE_SSL_CACERT_BADFILE:
		vit_err_set(&r->err, VIT_E_IO, "the file of trusted certificates cannot be read (%s)", text);
		return;
	default:
		vit_err_set(&r->err, VIT_E_IO, "%s", text);
	}
}

static void settle(struct exchange *x, CURLcode rc)
{
	struct vit_http_response *r = &x->job->response;

	r->status = (int)status_of(x->easy);
	if (x->body_over)
		vit_err_set(&r->err, VIT_E_LIMIT, "more than %llu bytes came",
			    (unsigned long long)x->job->request.max_body);
	else if (x->head_over)
		vit_err_set(&r->err, VIT_E_LIMIT, "more than %u bytes of response headers came", VIT_HTTP_HEAD_MAX);
	else if (rc != CURLE_OK && !x->enough)
		explain(x, rc);
}

static bool stopped(const struct vit_http_session *s)
{
	return s->stop && atomic_load_explicit(s->stop, memory_order_relaxed);
}

/* The jobs of one call. */
struct pool {
	CURLM *multi;
	struct vit_http_session *session;
	struct vit_http_job *jobs;
	size_t count, active, left;
	vit_http_step_fn step;
	void *ctx;
};

#define NEVER INT64_MAX

static void after(struct pool *p, struct vit_http_job *job)
{
	int64_t wait = p->step(p->ctx, job);

	if (wait < 0 || stopped(p->session)) {
		job->wake_ns = NEVER;
		p->left--;
	} else {
		job->wake_ns = now_ns() + wait * 1000000;
	}
}

/* Begins what is due; says how long nothing else will be. */
static int begin_due(struct pool *p)
{
	unsigned most = p->session->parallel ? p->session->parallel : PARALLEL;
	int64_t now = now_ns(), next = now + (int64_t)POLL_MS * 1000000;

	for (size_t i = 0; i < p->count && p->active < most; i++) {
		struct vit_http_job *job = &p->jobs[i];
		if (job->wake_ns == NEVER)
			continue;
		if (job->wake_ns > now) {
			if (job->wake_ns < next)
				next = job->wake_ns;
			continue;
		}
		job->wake_ns = NEVER;
		if (begin_exchange(p->multi, p->session, job))
			p->active++;
		else
			after(p, job);
	}
	return (int)((next - now + 999999) / 1000000);
}

static void finish_done(struct pool *p)
{
	CURLMsg *m;
	int more;

	while ((m = curl_multi_info_read(p->multi, &more))) {
		struct exchange *x = NULL;
		struct vit_http_job *job;
		CURLcode rc = m->data.result;
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &x);
		job = x->job;
		settle(x, rc);
		end_exchange(p->multi, x);
		job->state = NULL;
		p->active--;
		after(p, job);
	}
}

/* libcurl's own limit on slowness is an average over seconds; this is exact. */
static void end_stalled(struct pool *p)
{
	int64_t now = now_ns(), most = (int64_t)p->session->stall_ms * 1000000;

	for (size_t i = 0; i < p->count && most && p->active; i++) {
		struct vit_http_job *job = &p->jobs[i];
		struct exchange *x = job->state;
		curl_off_t sent = 0;
		if (!x)
			continue;
		curl_easy_getinfo(x->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
		/* Still waiting for a connection, which has a limit of its own. */
		if (sent == 0)
			x->last_ns = now;
		if (now - x->last_ns <= most)
			continue;
		job->response.status = (int)status_of(x->easy);
		vit_err_set(&job->response.err, VIT_E_TIMEOUT, "nothing came for %u s", p->session->stall_ms / 1000);
		job->response.passing = true;
		end_exchange(p->multi, x);
		job->state = NULL;
		p->active--;
		after(p, job);
	}
}

static void interrupt(struct pool *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct vit_http_job *job = &p->jobs[i];
		if (job->state)
			end_exchange(p->multi, job->state);
		else if (job->wake_ns == NEVER)
			continue;
		job->state = NULL;
		job->wake_ns = NEVER;
		vit_err_set(&job->response.err, VIT_E_INTERRUPTED, "interrupted");
		job->response.passing = false;
		(void)p->step(p->ctx, job);
	}
}

static CURLM *multi_of(struct vit_http_session *s)
{
	CURLM *m = s->state;

	if (m)
		return m;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	m = curl_multi_init();
	if (!m) {
		curl_global_cleanup();
		return NULL;
	}
	curl_multi_setopt(m, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	curl_multi_setopt(m, CURLMOPT_MAX_HOST_CONNECTIONS, (long)(s->parallel ? s->parallel : PARALLEL));
	s->state = m;
	return m;
}

void vit_curl_http(void *ctx, struct vit_http_session *session, struct vit_http_job *jobs, size_t count,
		   vit_http_step_fn step, void *step_ctx)
{
	struct pool p = { .multi = multi_of(session), .session = session, .jobs = jobs, .count = count,
			  .left = count, .step = step, .ctx = step_ctx };
	int running;

	(void)ctx;
	for (size_t i = 0; i < count; i++) {
		jobs[i].wake_ns = 0;
		jobs[i].state = NULL;
		if (p.multi)
			continue;
		vit_err_set(&jobs[i].response.err, VIT_E_IO, "libcurl cannot be started");
		(void)step(step_ctx, &jobs[i]);
	}
	while (p.multi && p.left > 0) {
		int wait = begin_due(&p);
		if (stopped(session)) {
			interrupt(&p);
			return;
		}
		curl_multi_perform(p.multi, &running);
		size_t before = p.active;
		finish_done(&p);
		end_stalled(&p);
		if (p.left > 0 && p.active == before)
			curl_multi_poll(p.multi, NULL, 0, wait, NULL);
	}
}

void vit_curl_http_close(void *ctx, struct vit_http_session *session)
{
	(void)ctx;
	if (!session->state)
		return;
	curl_multi_cleanup(session->state);
	session->state = NULL;
	curl_global_cleanup();
}
