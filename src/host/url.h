/*
 * Web addresses as far as they are needed: http and https, no user names.
 *
 * Pure functions of text. A URL that parses holds no blank, no control and no
 * byte above 0x7e, at most VIT_HTTP_URL_MAX bytes, and no "user@".
 */
#ifndef VIT_HOST_URL_H
#define VIT_HOST_URL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* Parts of a URL, borrowed from its text. */
struct vit_url {
	struct vit_str text;  /* without the fragment */
	bool https;
	struct vit_str host;  /* "huggingface.co", "[::1]" */
	unsigned port;        /* the scheme's own when none is written */
	struct vit_str path;  /* from the first '/', or empty */
	struct vit_str query; /* from the '?', or empty */
};

/* Fails: SYNTAX, with what is wrong; UNSUPPORTED for another scheme. */
VIT_MUST_USE enum vit_errc vit_url_parse(struct vit_str text, struct vit_url *out, struct vit_err *err);
/* Where a reference (of a Location or Link header) leads from `base`: absolute,
 * "//host/path", "/path", "?query" or relative to the last '/'. In the arena.
 * Fails as vit_url_parse. */
VIT_MUST_USE enum vit_errc vit_url_resolve(struct vit_arena *a, const struct vit_url *base,
					   struct vit_str reference, struct vit_str *out,
					   struct vit_err *err);
/* Same scheme, host (ASCII case aside) and port. */
bool vit_url_same_origin(const struct vit_url *a, const struct vit_url *b);
/* This machine: localhost, 127.0.0.0/8, ::1. */
bool vit_url_is_loopback(const struct vit_url *u);
/* May a token that belongs to `owner` go to `u`? Only to the same origin, and
 * over http only on this machine. */
bool vit_url_may_carry_token(const struct vit_url *u, const struct vit_url *owner);
/* Appends path with what is not unreserved in a URL as %XX; '/' stays. */
void vit_url_quote(struct vit_buf *out, struct vit_str path);
/* Appends the text with %XX resolved; false when an escape is none. */
bool vit_url_unquote(struct vit_buf *out, struct vit_str text);

#endif
