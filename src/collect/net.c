#include "collect/net.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/num.h"

#define ENV_MAX 8192
#define TOKEN_MAX 4096
#define CONNECT_MS 10000
#define STALL_S 10
#define TOTAL_MS 600000

bool vit_net_is_address(const char *path)
{
	struct vit_str s = vit_str_c(path);
	size_t colon = vit_str_find(s, VIT_STR("://"), 0);
	struct vit_str scheme = vit_str_sub(s, 0, colon);

	return colon != SIZE_MAX && (vit_str_ieq(scheme, VIT_STR("hf")) || vit_str_ieq(scheme, VIT_STR("http")) ||
				     vit_str_ieq(scheme, VIT_STR("https")));
}

/* ---- the environment ---------------------------------------------------------- */

/* A variable, or empty when it is not set. */
static struct vit_str env(const struct vit_net *n, const char *name)
{
	const struct vit_host *h = n->fetcher.host;
	struct vit_str value = VIT_STR_EMPTY;
	struct vit_err ignored;
	struct vit_buf b;

	vit_buf_init(&b, ENV_MAX);
	if (h->env(h->ctx, name, &b, &ignored) == VIT_OK)
		value = vit_arena_str(n->arena, vit_str_trim(vit_buf_view(&b)));
	vit_buf_release(&b);
	return value;
}

/* The first of the names that is set. */
static struct vit_str first_env(const struct vit_net *n, const char *const *names, size_t count)
{
	struct vit_str value = VIT_STR_EMPTY;

	for (size_t i = 0; i < count && value.n == 0; i++)
		value = env(n, names[i]);
	return value;
}
#define FIRST_ENV(n, names) first_env((n), (names), sizeof(names) / sizeof((names)[0]))

/* As the hub's client reads its switches. */
static bool is_on(struct vit_str v)
{
	return vit_str_is(v, "1") || vit_str_ieq(v, VIT_STR("on")) || vit_str_ieq(v, VIT_STR("yes")) ||
	       vit_str_ieq(v, VIT_STR("true"));
}

static enum vit_errc read_offline(const struct vit_net *n, struct vit_err *err)
{
	static const char *const names[] = { "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (is_on(env(n, names[i])))
			return vit_err_set(err, VIT_E_UNSUPPORTED, "%s is set: no network is used, and nothing can be "
					   "asked of a server", names[i]);
	return VIT_OK;
}

static struct vit_str token_path(const struct vit_net *n)
{
	struct vit_str path = env(n, "HF_TOKEN_PATH"), home = env(n, "HF_HOME");

	if (path.n)
		return path;
	if (home.n)
		return vit_arena_printf(n->arena, "%.*s/token", VIT_FMT(home));
	home = env(n, "XDG_CACHE_HOME");
	if (home.n)
		return vit_arena_printf(n->arena, "%.*s/huggingface/token", VIT_FMT(home));
	home = env(n, "HOME");
	return home.n ? vit_arena_printf(n->arena, "%.*s/.cache/huggingface/token", VIT_FMT(home)) : home;
}

static enum vit_errc read_token(struct vit_net *n, struct vit_err *err)
{
	static const char *const names[] = { "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN" };
	const struct vit_host *h = n->fetcher.host;
	struct vit_str token = FIRST_ENV(n, names), path;
	struct vit_err ignored;
	struct vit_buf b;

	if (is_on(env(n, "HF_HUB_DISABLE_IMPLICIT_TOKEN")))
		return VIT_OK;
	path = token.n ? VIT_STR_EMPTY : token_path(n);
	vit_buf_init(&b, TOKEN_MAX);
	if (path.n && h->read_file(h->ctx, path.p, &b, &ignored) == VIT_OK)
		token = vit_arena_str(n->arena, vit_str_trim(vit_buf_view(&b)));
	vit_buf_release(&b);
	for (size_t i = 0; i < token.n; i++)
		if (token.p[i] <= ' ' || token.p[i] > '~' || token.n > TOKEN_MAX)
			return vit_err_set(err, VIT_E_USAGE, "the hub's token (HF_TOKEN or its file) holds what no token has: "
					   "a blank, a line break or a character beyond ASCII");
	n->fetcher.token = token;
	return VIT_OK;
}

static enum vit_errc read_endpoint(struct vit_net *n, struct vit_err *err)
{
	struct vit_str e = env(n, "HF_ENDPOINT");
	struct vit_err cause;

	if (e.n == 0)
		e = VIT_STR("https://huggingface.co");
	while (e.n && e.p[e.n - 1] == '/')
		e.n--;
	/* Not repeated in a message: it would put the password into a log. */
	if (vit_str_rchr(e, '@') != SIZE_MAX)
		return vit_err_set(err, VIT_E_USAGE, "HF_ENDPOINT holds a user name or password, which is not used; give a "
				   "token by HF_TOKEN or `hf auth login`");
	n->endpoint = vit_arena_str(n->arena, e);
	if (vit_url_parse(n->endpoint, &n->endpoint_url, &cause) != VIT_OK || n->endpoint_url.query.n)
		return vit_err_set(err, VIT_E_USAGE, "HF_ENDPOINT is '%.*s', which is no address of a server",
				   VIT_FMT(e));
	n->fetcher.owner = n->endpoint_url;
	return VIT_OK;
}

static void read_session(struct vit_net *n)
{
	static const char *const files[] = { "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE" };
	static const char *const https[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };
	static const char *const http[] = { "http_proxy", "all_proxy", "ALL_PROXY" };
	static const char *const direct[] = { "no_proxy", "NO_PROXY" };
	struct vit_http_session *s = &n->fetcher.session;
	uint64_t seconds = STALL_S;

	s->ca_file = FIRST_ENV(n, files);
	s->ca_path = env(n, "SSL_CERT_DIR");
	s->proxy_https = FIRST_ENV(n, https);
	/* What is on this machine needs none, and may be sent the token. */
	s->proxy_http = vit_url_is_loopback(&n->endpoint_url) ? VIT_STR_EMPTY : FIRST_ENV(n, http);
	s->no_proxy = FIRST_ENV(n, direct);
	if (!vit_parse_u64(env(n, "HF_HUB_DOWNLOAD_TIMEOUT"), &seconds) || seconds == 0 || seconds > 600)
		seconds = STALL_S;
	s->stall_ms = (unsigned)seconds * 1000;
	s->connect_ms = CONNECT_MS;
	s->total_ms = TOTAL_MS;
	s->agent = VIT_STR("vitalis-audit");
}

enum vit_errc vit_net_open(struct vit_net *n, struct vit_arena *a, const struct vit_collect_options *opt,
			   struct vit_err *err)
{
	enum vit_errc rc;

	*n = (struct vit_net){ .arena = a, .fetcher = { .host = opt->host, .arena = a } };
	n->fetcher.session.parallel = opt->jobs;
	n->fetcher.session.stop = opt->stop;
	if ((rc = read_offline(n, err)) || (rc = read_endpoint(n, err)) || (rc = read_token(n, err)))
		return rc;
	read_session(n);
	if (n->fetcher.token.n && !vit_url_may_carry_token(&n->endpoint_url, &n->endpoint_url) && opt->log)
		vit_log_warn(opt->log, "HF_ENDPOINT is %.*s: the token is not sent over http", VIT_FMT(n->endpoint));
	return VIT_OK;
}

void vit_net_close(struct vit_net *n, struct vit_remote *out)
{
	const struct vit_host *h = n->fetcher.host;

	if (n->fetcher.session.state)
		h->http_close(h->ctx, &n->fetcher.session);
	out->requests += n->fetcher.session.requests;
	out->bytes += n->fetcher.session.body_bytes;
	out->redirects += n->fetcher.redirects;
	out->retries += n->fetcher.retries;
}

/* ---- what the hub says ---------------------------------------------------------- */

enum vit_errc vit_net_hub_refusal(const struct vit_net *n, struct vit_str repo, struct vit_str revision,
				  const struct vit_fetch *f, struct vit_err *err)
{
	bool token = n->fetcher.token.n > 0;

	switch (f->refusal) {
	case VIT_REFUSAL_GATED:
		return vit_err_set(err, VIT_E_PERM, "%.*s is gated: accept its terms at %.*s/%.*s, then give a token of that "
				   "account%s (HF_TOKEN, or `hf auth login`)", VIT_FMT(repo), VIT_FMT(n->endpoint),
				   VIT_FMT(repo), token ? "; the one in use has no access" : "");
	case VIT_REFUSAL_REVISION:
		return vit_err_set(err, VIT_E_NOTFOUND, "%.*s has no revision '%.*s'; expected a branch, a tag or a commit of it",
				   VIT_FMT(repo), VIT_FMT(revision));
	case VIT_REFUSAL_DISABLED:
		return vit_err_set(err, VIT_E_PERM, "%.*s is disabled by the hub: nothing can be fetched from it",
				   VIT_FMT(repo));
	case VIT_REFUSAL_REPO:
	case VIT_REFUSAL_ENTRY:
	case VIT_REFUSAL_NONE:
		break;
	}
	if (f->refusal == VIT_REFUSAL_REPO || f->status == 404)
		return vit_err_set(err, VIT_E_NOTFOUND, "%.*s: no such model at %.*s, or a private one %s", VIT_FMT(repo),
				   VIT_FMT(n->endpoint), token ? "that the token in use does not open" :
				   "(a token is given by HF_TOKEN or `hf auth login`)");
	if (f->status == 401)
		return vit_err_set(err, VIT_E_PERM, "%.*s: %.*s wants to know who asks (401)%s", VIT_FMT(repo),
				   VIT_FMT(n->endpoint), token ? ": the token in use is not valid there" :
				   ": give a token by HF_TOKEN or `hf auth login`");
	if (f->status == 403)
		return vit_err_set(err, VIT_E_PERM, "%.*s: %.*s refuses (403)%s", VIT_FMT(repo), VIT_FMT(n->endpoint),
				   token ? ": the token in use gives no access to it" : "; a token may be needed (HF_TOKEN)");
	*err = f->err;
	return err->code;
}

/* What came is no answer of a hub: the server's fault, or another server. */
static enum vit_errc not_the_hub(const struct vit_net *n, const struct vit_err *cause, struct vit_err *err)
{
	return vit_err_set(err, cause->code == VIT_E_LIMIT ? VIT_E_LIMIT : VIT_E_IO, "%.*s: %s", VIT_FMT(n->endpoint),
			   cause->msg);
}

enum vit_errc vit_net_hub_info(struct vit_net *n, const struct vit_hub_ref *ref, struct vit_hub_info *out,
			       struct vit_err *err)
{
	struct vit_buf quoted;
	struct vit_fetch f;
	struct vit_err cause;
	enum vit_errc rc;

	vit_buf_init(&quoted, VIT_HTTP_URL_MAX);
	/* A revision's own '/' is no part of the path. */
	for (size_t i = 0; i < ref->revision.n; i++) {
		if (ref->revision.p[i] == '/')
			vit_buf_puts(&quoted, "%2F");
		else
			vit_url_quote(&quoted, vit_str_sub(ref->revision, i, i + 1));
	}
	vit_fetch_init(&f, vit_arena_printf(n->arena, "%.*s/api/models/%.*s/revision/%s", VIT_FMT(n->endpoint),
					    VIT_FMT(ref->repo), quoted.p), VIT_NET_ANSWER_MAX);
	vit_buf_release(&quoted);
	vit_fetch_all(&n->fetcher, &f, 1);
	if (f.err.code)
		rc = vit_net_hub_refusal(n, ref->repo, ref->revision, &f, err);
	else if (vit_hub_info_read(n->arena, vit_buf_view(&f.content), out, &cause))
		rc = not_the_hub(n, &cause, err);
	else
		rc = VIT_OK;
	if (!rc && out->id.n == 0)
		out->id = ref->repo;
	vit_fetch_release(&f);
	return rc;
}

static int by_path(const void *x, const void *y)
{
	const struct vit_hub_entry *a = x, *b = y;

	return vit_str_cmp(a->path, b->path);
}

/* Sorts, and drops what is listed twice. */
static void order(struct vit_hub_entry *e, uint32_t *count, uint64_t *bad)
{
	uint32_t n = 0;

	if (*count > 1)
		qsort(e, *count, sizeof *e, by_path);
	for (uint32_t i = 0; i < *count; i++) {
		if (n && vit_str_eq(e[n - 1].path, e[i].path))
			(*bad)++;
		else
			e[n++] = e[i];
	}
	*count = n;
}

/* One page into the listing; *next is where the one behind it is, or empty. */
static enum vit_errc read_page(struct vit_net *n, struct vit_str repo, struct vit_str commit, struct vit_str url,
			       struct vit_hub_listing *listing, struct vit_str *next, struct vit_err *err)
{
	struct vit_fetch f;
	struct vit_err cause;
	struct vit_url at, to;
	enum vit_errc rc;

	vit_fetch_init(&f, url, VIT_NET_ANSWER_MAX);
	vit_fetch_all(&n->fetcher, &f, 1);
	if (f.err.code)
		rc = vit_net_hub_refusal(n, repo, commit, &f, err);
	else if (vit_hub_listing_read(n->arena, vit_buf_view(&f.content), listing, &cause))
		rc = not_the_hub(n, &cause, err);
	else
		rc = VIT_OK;
	*next = VIT_STR_EMPTY;
	if (!rc && f.link_next.n) {
		rc = vit_url_parse(f.final, &at, err);
		if (!rc)
			rc = vit_url_resolve(n->arena, &at, f.link_next, next, err);
		if (!rc)
			rc = vit_url_parse(*next, &to, err);
		if (!rc && !vit_url_same_origin(&at, &to))
			rc = vit_err_set(err, VIT_E_UNSUPPORTED, "%.*s: the listing goes on at another server (%.*s): not followed",
					 VIT_FMT(url), VIT_FMT(to.host));
	}
	vit_fetch_release(&f);
	return rc;
}

enum vit_errc vit_net_hub_list(struct vit_net *n, struct vit_str repo, struct vit_str commit,
			       struct vit_hub_entry **out, uint32_t *count, uint64_t *bad, struct vit_err *err)
{
	struct vit_hub_listing listing = { .entries = VIT_VEC(sizeof(struct vit_hub_entry)) };
	struct vit_str url = vit_arena_printf(n->arena, "%.*s/api/models/%.*s/tree/%.*s?recursive=true&expand=false",
					      VIT_FMT(n->endpoint), VIT_FMT(repo), VIT_FMT(commit));
	enum vit_errc rc = VIT_OK;
	struct vit_map seen;
	unsigned pages = 0;
	size_t taken;

	vit_map_init(&seen, 16);
	while (!rc && url.n) {
		if (vit_map_add(&seen, url, 1) != VIT_MAP_NONE)
			rc = vit_err_set(err, VIT_E_LIMIT, "%.*s: the hub's listing leads back to a page that was read",
					 VIT_FMT(repo));
		else if (++pages > VIT_NET_MAX_PAGES)
			rc = vit_err_set(err, VIT_E_LIMIT, "%.*s: the hub's listing has more than %u pages: it was given up",
					 VIT_FMT(repo), VIT_NET_MAX_PAGES);
		else
			rc = read_page(n, repo, commit, url, &listing, &url, err);
	}
	vit_map_release(&seen);
	if (rc) {
		vit_vec_free(&listing.entries);
		return rc;
	}
	*bad = listing.bad_entries;
	*out = vit_vec_take(&listing.entries, n->arena, &taken);
	*count = (uint32_t)taken;
	order(*out, count, bad);
	return VIT_OK;
}

struct vit_str vit_net_hub_url(struct vit_net *n, struct vit_str repo, struct vit_str commit, struct vit_str path)
{
	struct vit_buf quoted;
	struct vit_str url;

	vit_buf_init(&quoted, VIT_HTTP_URL_MAX);
	vit_url_quote(&quoted, path);
	url = vit_arena_printf(n->arena, "%.*s/%.*s/resolve/%.*s/%.*s", VIT_FMT(n->endpoint), VIT_FMT(repo),
			       VIT_FMT(commit), VIT_FMT(vit_buf_view(&quoted)));
	vit_buf_release(&quoted);
	return url;
}
