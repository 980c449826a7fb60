#include "host/url.h"

#include "base/num.h"
#include "host/http.h"

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Length of "scheme:" at the beginning, or 0. */
static size_t scheme_length(struct vit_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ':')
			return i ? i + 1 : 0;
		if (!is_alnum(s.p[i]) && !strchr("+-.", s.p[i]))
			return 0;
	}
	return 0;
}

static bool take_port(struct vit_str *host, unsigned *port)
{
	size_t colon = vit_str_rchr(*host, ':'), bracket = vit_str_rchr(*host, ']');
	uint64_t value;

	if (colon == SIZE_MAX || (bracket != SIZE_MAX && colon < bracket))
		return true;
	if (!vit_parse_u64(vit_str_sub(*host, colon + 1, host->n), &value) || value == 0 || value > 65535)
		return false;
	*port = (unsigned)value;
	*host = vit_str_sub(*host, 0, colon);
	return true;
}

static bool is_host(struct vit_str h)
{
	bool bracketed = h.n > 2 && h.p[0] == '[' && h.p[h.n - 1] == ']';

	if (h.n == 0 || h.n > 255)
		return false;
	for (size_t i = bracketed; i < h.n - bracketed; i++)
		if (!is_alnum(h.p[i]) && !strchr(bracketed ? ":." : "-._", h.p[i]))
			return false;
	return true;
}

enum vit_errc vit_url_parse(struct vit_str text, struct vit_url *out, struct vit_err *err)
{
	size_t at = scheme_length(text), end, hash;
	struct vit_str scheme = vit_str_sub(text, 0, at ? at - 1 : 0);

	*out = (struct vit_url){ .text = text, .path = VIT_STR_EMPTY, .query = VIT_STR_EMPTY };
	if (text.n > VIT_HTTP_URL_MAX)
		return vit_err_set(err, VIT_E_SYNTAX, "a URL of more than %u bytes", VIT_HTTP_URL_MAX);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~')
			return vit_err_set(err, VIT_E_SYNTAX, "a URL with a blank or control character in it");
	out->https = vit_str_ieq(scheme, VIT_STR("https"));
	if (!out->https && !vit_str_ieq(scheme, VIT_STR("http")))
		return vit_err_set(err, VIT_E_UNSUPPORTED, "%.*s: only http and https are fetched", VIT_FMT(text));
	if (!vit_str_starts(vit_str_sub(text, at, text.n), VIT_STR("//")))
		return vit_err_set(err, VIT_E_SYNTAX, "%.*s: no host in it", VIT_FMT(text));
	hash = vit_str_find(text, VIT_STR("#"), 0);
	if (hash != SIZE_MAX)
		text = out->text = vit_str_sub(text, 0, hash);
	for (end = at + 2; end < text.n && text.p[end] != '/' && text.p[end] != '?'; end++)
		;
	out->host = vit_str_sub(text, at + 2, end);
	if (vit_str_rchr(out->host, '@') != SIZE_MAX)
		return vit_err_set(err, VIT_E_SYNTAX, "a URL with a user name or password in it is not used");
	out->port = out->https ? 443 : 80;
	if (!take_port(&out->host, &out->port) || !is_host(out->host))
		return vit_err_set(err, VIT_E_SYNTAX, "%.*s: not a host and port", VIT_FMT(text));
	at = vit_str_find(text, VIT_STR("?"), end);
	out->path = vit_str_sub(text, end, at);
	if (at != SIZE_MAX)
		out->query = vit_str_sub(text, at, text.n);
	return VIT_OK;
}

enum vit_errc vit_url_resolve(struct vit_arena *a, const struct vit_url *base, struct vit_str reference,
			      struct vit_str *out, struct vit_err *err)
{
	const char *scheme = base->https ? "https" : "http";
	struct vit_str dir = base->path, whole, origin;
	struct vit_url parsed;
	size_t slash = vit_str_rchr(dir, '/');
	enum vit_errc rc;

	origin = vit_str_sub(base->text, 0, (size_t)(base->host.p - base->text.p) + base->host.n);
	/* A port that is written belongs to it. */
	while (origin.n < base->text.n && origin.p[origin.n] != '/' && origin.p[origin.n] != '?')
		origin.n++;
	dir = slash == SIZE_MAX ? VIT_STR("/") : vit_str_sub(dir, 0, slash + 1);
	if (scheme_length(reference))
		whole = vit_arena_str(a, reference);
	else if (vit_str_starts(reference, VIT_STR("//")))
		whole = vit_arena_printf(a, "%s:%.*s", scheme, VIT_FMT(reference));
	else if (vit_str_starts(reference, VIT_STR("/")))
		whole = vit_arena_printf(a, "%.*s%.*s", VIT_FMT(origin), VIT_FMT(reference));
	else if (vit_str_starts(reference, VIT_STR("?")))
		whole = vit_arena_printf(a, "%.*s%.*s%.*s", VIT_FMT(origin), VIT_FMT(base->path), VIT_FMT(reference));
	else
		whole = vit_arena_printf(a, "%.*s%.*s%.*s", VIT_FMT(origin), VIT_FMT(dir), VIT_FMT(reference));
	rc = vit_url_parse(whole, &parsed, err);
	if (rc == VIT_OK)
		*out = vit_arena_str(a, parsed.text);
	return rc;
}

bool vit_url_same_origin(const struct vit_url *a, const struct vit_url *b)
{
	return a->https == b->https && a->port == b->port && vit_str_ieq(a->host, b->host);
}

bool vit_url_is_loopback(const struct vit_url *u)
{
	struct vit_str rest = u->host, part;
	uint64_t value;
	unsigned parts = 0;

	if (vit_str_ieq(u->host, VIT_STR("localhost")) || vit_str_is(u->host, "[::1]"))
		return true;
	/* A name may begin with "127." and lie anywhere: all four must be numbers. */
	while (vit_str_split(&rest, '.', &part)) {
		if (!vit_parse_u64(part, &value) || value > 255 || (parts == 0 && value != 127))
			return false;
		parts++;
	}
	return parts == 4;
}

bool vit_url_may_carry_token(const struct vit_url *u, const struct vit_url *owner)
{
	return vit_url_same_origin(u, owner) && (u->https || vit_url_is_loopback(u));
}

void vit_url_quote(struct vit_buf *out, struct vit_str path)
{
	for (size_t i = 0; i < path.n; i++) {
		if (is_alnum(path.p[i]) || (path.p[i] && strchr("-._~/", path.p[i])))
			vit_buf_putc(out, path.p[i]);
		else
			vit_buf_printf(out, "%%%02X", (unsigned char)path.p[i]);
	}
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 :
				      -1;
}

bool vit_url_unquote(struct vit_buf *out, struct vit_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		int high, low;
		if (text.p[i] != '%') {
			vit_buf_putc(out, text.p[i]);
			continue;
		}
		high = i + 2 < text.n ? digit(text.p[i + 1]) : -1;
		low = i + 2 < text.n ? digit(text.p[i + 2]) : -1;
		if (high < 0 || low < 0)
			return false;
		vit_buf_putc(out, (char)(unsigned char)(high << 4 | low));
		i += 2;
	}
	return true;
}
