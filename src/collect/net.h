/*
 * The network as the user set it up: proxies, certificates, the hub's address
 * and token, from the environment that the host table answers for.
 *
 *   HF_ENDPOINT                 the hub's address, default https://huggingface.co
 *   HF_TOKEN, HUGGING_FACE_HUB_TOKEN, else the file HF_TOKEN_PATH, else
 *   $HF_HOME/token; HF_HOME defaults to $XDG_CACHE_HOME/huggingface or
 *   ~/.cache/huggingface. HF_HUB_DISABLE_IMPLICIT_TOKEN=1: no token
 *   HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE   1: no network
 *   HF_HUB_DOWNLOAD_TIMEOUT     seconds without a byte, default 10
 *   https_proxy, all_proxy, no_proxy and in capitals; http_proxy in small letters
 *   alone, as everywhere
 *   SSL_CERT_FILE, CURL_CA_BUNDLE, REQUESTS_CA_BUNDLE, SSL_CERT_DIR
 *
 * The token belongs to the endpoint (host/fetch.h says where it goes).
 */
#ifndef VIT_COLLECT_NET_H
#define VIT_COLLECT_NET_H

#include "collect/collect.h"
#include "facts/remote.h"
#include "formats/hub.h"
#include "host/fetch.h"

/* Of one JSON answer of the hub, and pages of a listing. */
#define VIT_NET_ANSWER_MAX (64u << 20)
#define VIT_NET_MAX_PAGES 1000u

struct vit_net {
	struct vit_arena *arena;
	struct vit_fetcher fetcher;
	struct vit_str endpoint; /* without '/' at its end */
	struct vit_url endpoint_url;
};

/* Is the path an address: hf://, http:// or https://? */
bool vit_net_is_address(const char *path);

/* Asks the environment; makes no request. Fails: USAGE (a setting that cannot be),
 * UNSUPPORTED when the environment says to stay offline. */
VIT_MUST_USE enum vit_errc vit_net_open(struct vit_net *n, struct vit_arena *a,
					const struct vit_collect_options *opt, struct vit_err *err);
/* Ends the connections; adds up in *out what the session cost. */
void vit_net_close(struct vit_net *n, struct vit_remote *out);

/* What a revision of a repository is. Fails: NOTFOUND (no such repository or
 * revision), PERM (private, gated, a bad token), what fetching fails with, SYNTAX;
 * messages name what was asked for and what to do. */
VIT_MUST_USE enum vit_errc vit_net_hub_info(struct vit_net *n, const struct vit_hub_ref *ref,
					    struct vit_hub_info *out, struct vit_err *err);
/* Everything at a commit, sorted by path, each path once; at most
 * VIT_NET_MAX_PAGES pages. In the arena. Fails as vit_net_hub_info; LIMIT. */
VIT_MUST_USE enum vit_errc vit_net_hub_list(struct vit_net *n, struct vit_str repo,
					    struct vit_str commit, struct vit_hub_entry **out,
					    uint32_t *count, uint64_t *bad, struct vit_err *err);
/* Address of a file at a commit; arena. */
struct vit_str vit_net_hub_url(struct vit_net *n, struct vit_str repo, struct vit_str commit,
			       struct vit_str path);
/* Says why the hub refused to give something of `repo`, in terms of what to do. */
enum vit_errc vit_net_hub_refusal(const struct vit_net *n, struct vit_str repo, struct vit_str revision,
				  const struct vit_fetch *f, struct vit_err *err);

#endif
