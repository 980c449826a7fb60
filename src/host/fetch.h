/*
 * Fetching files or their beginnings over http: what is done about redirects,
 * failures and credentials. The exchanges themselves are the host table's.
 *
 * - A redirect is followed at most VIT_FETCH_HOPS times, to http and https
 *   alone and never from https to http.
 * - The token goes to the origin it belongs to and to no other host, scheme or
 *   port, however one is led there; over http only on this machine.
 * - Passing failures (no connection, a cut or stalled one, 408, 429, 500, 502,
 *   503, 504) are tried again VIT_FETCH_TRIES times with growing pauses, cut ones
 *   oftener while each try brings something, stalled ones VIT_FETCH_STALLS times;
 *   Retry-After and spent rate limits are obeyed up to VIT_FETCH_WAIT_MAX
 *   seconds, beyond which the fetch fails and says so. What had arrived of a
 *   body stays, and the rest is asked for.
 * - A compressed answer is refused, not decoded: it was not asked for.
 * - A server that ignores a range is found out before more than the range came.
 */
#ifndef VIT_HOST_FETCH_H
#define VIT_HOST_FETCH_H

#include "base/arena.h"
#include "base/progress.h"
#include "host/host.h"
#include "host/url.h"

#define VIT_FETCH_HOPS 5u
#define VIT_FETCH_TRIES 4u      /* repetitions without a new byte between them */
#define VIT_FETCH_STALLS 2u     /* repetitions after stalls in all */
#define VIT_FETCH_TRIES_ALL 30u /* repetitions in all */
#define VIT_FETCH_WAIT_MAX 60u  /* seconds */

/* Why a server refused, as far as it tells (X-Error-Code of the hub). */
enum vit_refusal {
	VIT_REFUSAL_NONE, VIT_REFUSAL_REPO, VIT_REFUSAL_REVISION, VIT_REFUSAL_ENTRY,
	VIT_REFUSAL_GATED, VIT_REFUSAL_DISABLED,
};

struct vit_fetch {
	/* Asked. */
	struct vit_str url;      /* NUL behind it */
	struct vit_str name;     /* for messages; the URL unless the caller sets another */
	bool ranged;             /* the first `count` bytes; else all */
	uint64_t count;
	uint64_t max;            /* most bytes taken in all */
	void *user;
	/* Answered. */
	struct vit_err err;      /* VIT_OK: content is what was asked for; else what arrived of it */
	enum vit_refusal refusal;
	int status;              /* of the last answer; 0: none */
	struct vit_buf content;  /* caller releases with vit_fetch_release */
	bool has_total;
	uint64_t total;          /* bytes of the whole file */
	struct vit_str final;    /* URL that answered; arena */
	struct vit_str link_next;/* arena, as written; or empty */
	/* Private. */
	struct vit_str at, etag;
	unsigned hops, tries, tries_all, stalls;
	bool done;
};

struct vit_fetcher {
	const struct vit_host *host;
	struct vit_http_session session;
	struct vit_arena *arena;
	struct vit_str token;    /* empty: none */
	struct vit_url owner;    /* where the token belongs */
	/* When what was asked for is there: true to go on, having raised f->count. */
	bool (*more)(void *ctx, struct vit_fetch *f);
	void *more_ctx;
	struct vit_progress *progress; /* counts bytes; or NULL */
	uint64_t redirects, retries;   /* that happened */
};

void vit_fetch_init(struct vit_fetch *f, struct vit_str url, uint64_t max);
void vit_fetch_release(struct vit_fetch *f);
/* Fetches all of them; each says how it went. */
void vit_fetch_all(struct vit_fetcher *fetcher, struct vit_fetch *fetches, size_t count);
/* What one exchange means: milliseconds to wait before job->request, set anew,
 * is made; or -1 when f is done. Called by vit_fetch_all; here for tests. */
int64_t vit_fetch_step(struct vit_fetcher *fetcher, struct vit_fetch *f, struct vit_http_job *job);
/* Sets the request that begins f, or goes on with it. */
void vit_fetch_request(const struct vit_fetcher *fetcher, struct vit_fetch *f, struct vit_http_job *job);

#endif
