/*
 * Takes out of recorded text what identifies a person or a machine, so that a
 * recording can be sent to strangers:
 *
 *   the user's home folder, and any /home/NAME or /Users/NAME  -> .../user
 *   the user's name and the host's name, as whole words        -> user, host
 *   MAC addresses, UUIDs, runs of 32 hex digits or more        -> zeros
 *   what follows "serial...:" or "serial...="                  -> REDACTED
 *   tokens (hf_..., sk-..., ghp_..., github_pat_..., glpat-..., AKIA...,
 *   "Bearer ...")                                              -> REDACTED
 *
 * It is a pure function of the text: the same path or id becomes the same
 * thing wherever it occurs, so a recording stays consistent with itself.
 * It does not find what has no known form: names of fewer than three letters,
 * addresses, free text. Time is linear in the text.
 */
#ifndef VIT_HOST_REDACT_H
#define VIT_HOST_REDACT_H

#include "base/buf.h"

/* What to look for; empty ones are not. Borrowed. */
struct vit_redact {
	struct vit_str home; /* "/Users/ann"; "/" and "/root" say nothing of a person */
	struct vit_str user; /* "ann"; "root" likewise */
	struct vit_str host; /* "anns-mac.example.org": its first part too */
};

/* Appends text as it may be shown. */
void vit_redact_text(const struct vit_redact *r, struct vit_str text, struct vit_buf *out);
/* Appends a URL as it may be shown: a query that carries a signature, a key or
 * a token is replaced whole. The same URL becomes the same text. */
void vit_redact_url(struct vit_str url, struct vit_buf *out);
/* Does a file, sysctl or variable of this name hold nothing but a secret
 * (serial numbers, host ids, host names, tokens, proxies with a password)? */
bool vit_redact_is_secret(struct vit_str name);

#endif
