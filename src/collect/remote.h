/*
 * A model that lies on a server, audited before it is downloaded.
 *
 * hf://org/name[@revision][/folder], or the address of its page on the hub: the
 * hub's listing gives names, sizes and digests.
 *
 * http(s)://host/folder: a plain web server has no listing that could be relied
 * on. Looked for are the usual names (the list is in remote.c) and the shards that
 * model.safetensors.index.json names; what else lies there is not seen, and a
 * usual file that is answered with 403 while others are given is taken for absent
 * (that is how object stores say it).
 *
 * Fetched are small files whole (configuration, tokenizer, templates, index,
 * lists of digests; VIT_REMOTE_SMALL_MAX each), and of each shard (and of gpt-oss's
 * metal/model.bin, two megabytes) its header, by
 * at most two requests: a first one no longer than the header surely is, as far as
 * the index tells, and one for the rest. Weights are never fetched.
 *
 * All of what is fetched is held in memory, at most VIT_REMOTE_MAX bytes.
 */
#ifndef VIT_COLLECT_REMOTE_H
#define VIT_COLLECT_REMOTE_H

#include "collect/collect.h"

#define VIT_REMOTE_SMALL_MAX (64u << 20)
#define VIT_REMOTE_MAX ((uint64_t)2 << 30)
/* The first request for a shard whose header's length nothing tells about. */
#define VIT_REMOTE_HEAD_BYTES 16384u
/* Longest header that is fetched: what the format's readers take. */
#define VIT_REMOTE_HEADER_MAX 100000000u

/*
 * Lists the model and fetches what the collectors read; out->fetched holds it.
 * What goes wrong with one file is kept in its row.
 * Fails: USAGE (no address, or opt->offline), UNSUPPORTED (the environment says
 * offline), NOTFOUND, PERM, IO, TIMEOUT, LIMIT, SYNTAX, INTERRUPTED, with the
 * server and what to do in the message. *remote is filled as far as it came.
 */
VIT_MUST_USE enum vit_errc vit_collect_remote(struct vit_arena *a, const char *address,
					      const struct vit_collect_options *opt,
					      struct vit_source *source, struct vit_files *out,
					      struct vit_remote *remote, struct vit_err *err);

#endif
