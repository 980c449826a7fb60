/*
 * One HTTP exchange, many at a time: what the host table offers.
 *
 * It refuses to decide anything: redirects are not followed, failures are not
 * tried again, credentials are sent to the one URL of the request they stand
 * in. All of that is the caller's step function (host/fetch.h), which is why a
 * recorded exchange replays with the same decisions.
 *
 * What it promises: only http and https; the server's certificate is verified,
 * always; nothing is decoded (a body that comes compressed is a failure of the
 * caller's to see, in Content-Encoding); no cookies, no .netrc, no environment:
 * proxies and certificates are given in the session.
 *
 * Limits: VIT_HTTP_HEAD_MAX bytes of response headers; request.max_body bytes
 * of body, of which more is neither kept nor waited for; the session's times.
 */
#ifndef VIT_HOST_HTTP_H
#define VIT_HOST_HTTP_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define VIT_HTTP_URL_MAX 8192u
#define VIT_HTTP_HEAD_MAX 65536u
/* Of an answer that is no success, this much of the body is waited for. */
#define VIT_HTTP_REFUSAL_MAX 65536u

/* Strings have a NUL behind them and are borrowed until the exchange is over. */
struct vit_http_request {
	struct vit_str url;      /* absolute */
	struct vit_str bearer;   /* sent as Authorization: Bearer; empty: none */
	struct vit_str if_range; /* ETag, with a range; empty: none */
	bool has_range;
	uint64_t first, last;    /* bytes, both included; last UINT64_MAX: to the end */
	uint64_t max_body;
};

struct vit_http_response {
	/* VIT_OK when the exchange came to its end, whatever the status. Else what
	 * arrived before is kept: head and body may hold part of an answer. IO and
	 * TIMEOUT; LIMIT when a ceiling above was passed; INTERRUPTED; NOTFOUND
	 * when a recording holds no such exchange. */
	struct vit_err err;
	bool passing;            /* a failure that may be over in a moment */
	int status;              /* 0: none arrived */
	struct vit_buf head;     /* header lines of the last answer, "Name: value\r\n" */
	struct vit_buf body;
};

struct vit_http_job {
	struct vit_http_request request;
	struct vit_http_response response;
	void *user;
	int64_t wake_ns;         /* private */
	void *state;             /* private */
};

/* Called after every exchange of a job, in the thread of the caller. Below 0:
 * the job is done. Else its request, which may have been changed, is made
 * (again) after so many milliseconds. */
typedef int64_t (*vit_http_step_fn)(void *ctx, struct vit_http_job *job);

/* What all exchanges of a session share, and what they cost. */
struct vit_http_session {
	struct vit_str ca_file, ca_path; /* certificates to trust instead of the system's, or empty */
	struct vit_str proxy_http, proxy_https; /* proxies for URLs of either scheme, or empty */
	struct vit_str no_proxy;         /* hosts that are asked directly, between commas */
	struct vit_str agent;            /* User-Agent */
	unsigned parallel;               /* exchanges at a time; 0 = 8 */
	unsigned connect_ms, stall_ms, total_ms; /* of one exchange: until it stands, without a byte, in all */
	const atomic_bool *stop;         /* becomes true: everything ends as INTERRUPTED; or NULL */
	uint64_t requests;               /* made */
	uint64_t body_bytes;             /* received, also those not kept */
	void *state;                     /* private: connections that are kept open */
};

/* A header's value of response->head without blanks around it; the last one
 * where a name occurs twice. Empty when it is not there. */
struct vit_str vit_http_header(const struct vit_http_response *r, const char *name);

/* libcurl's: entries of the host table. */
void vit_curl_http(void *ctx, struct vit_http_session *session, struct vit_http_job *jobs,
		   size_t count, vit_http_step_fn step, void *step_ctx);
void vit_curl_http_close(void *ctx, struct vit_http_session *session);

#endif
