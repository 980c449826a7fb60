/*
 * What header lines mean. Pure functions of text.
 */
#ifndef VIT_HOST_HTTP_TEXT_H
#define VIT_HOST_HTTP_TEXT_H

#include "base/str.h"

/* "bytes 0-99/1234": first, last, total; "bytes 0-99/" "*": total is UINT64_MAX.
 * "bytes * /1234" (without the blank, of an answer 416): first 1, last 0.
 * False for anything else, also when last is below first or not below total. */
bool vit_http_content_range(struct vit_str value, uint64_t *first, uint64_t *last, uint64_t *total);

/* The target of the first link whose relation is `next` (RFC 8288):
 * <url>; rel="next", other links and parameters may stand before it. Empty:
 * there is none. Borrowed from value. */
struct vit_str vit_http_link_next(struct vit_str value);

/* Seconds to wait: "120", or an HTTP date (RFC 9110, the IMF form) against
 * `now` (seconds since 1970); a date that is over is 0. False when it is neither. */
bool vit_http_retry_after(struct vit_str value, int64_t now, uint64_t *seconds);

/* Seconds until the window of a rate limit is over: t of "\"api\";r=0;t=55" when
 * r, what remains, is 0. */
bool vit_http_rate_limit(struct vit_str value, uint64_t *seconds);

/* An ETag without its quotes and its W/. */
struct vit_str vit_http_etag(struct vit_str value);

/* Milliseconds before try number `retry` (1 is the first repetition): 500, 1000,
 * 2000, ... at most 8,000, of which a random part of up to a half is taken off. */
int64_t vit_http_backoff_ms(unsigned retry, uint64_t random);

#endif
