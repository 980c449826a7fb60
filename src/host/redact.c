#include "host/redact.h"

#define HIDDEN "REDACTED"
#define LONG_HEX 32
#define MAX_ELEMENT 64 /* bytes of an XML tag */
#define SERIAL_GAP 40 /* bytes between "serial" and its ':' or '=' */

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

static bool is_token(char c)
{
	return is_word(c) || c == '-' || c == '.' || c == '+' || c == '/' || c == '=';
}

/* A word of its own: neither neighbour continues it. */
static bool word_at(struct vit_str text, size_t at, struct vit_str word)
{
	if (word.n < 3 || word.n > text.n - at || memcmp(text.p + at, word.p, word.n) != 0)
		return false;
	if (at > 0 && is_word(text.p[at - 1]))
		return false;
	return at + word.n == text.n || !is_word(text.p[at + word.n]);
}

static bool starts_at(struct vit_str text, size_t at, const char *what)
{
	return vit_str_starts(vit_str_sub(text, at, text.n), vit_str_c(what));
}

/* Each matcher: bytes of text it replaced by what it appended, or 0. */

static size_t home_folder(const struct vit_redact *r, struct vit_str text, size_t at,
			  struct vit_buf *out)
{
	static const char *const parents[] = { "/home/", "/Users/" };
	struct vit_str home = r->home;

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(parents[i]), end = at + n;

		if (!starts_at(text, at, parents[i]))
			continue;
		while (end < text.n && (is_word(text.p[end]) || strchr("-.@+", text.p[end])) &&
		       text.p[end] != '\0')
			end++;
		if (end == at + n)
			continue;
		vit_buf_puts(out, parents[i]);
		vit_buf_puts(out, "user");
		return end - at;
	}
	if (home.n > 1 && !vit_str_is(home, "/root") && home.n <= text.n - at &&
	    memcmp(text.p + at, home.p, home.n) == 0 &&
	    (at + home.n == text.n || !is_word(text.p[at + home.n]))) {
		vit_buf_puts(out, "/home/user");
		return home.n;
	}
	return 0;
}

static size_t names(const struct vit_redact *r, struct vit_str text, size_t at,
		    struct vit_buf *out)
{
	struct vit_str label = r->host, rest = r->host;

	if (!vit_str_split(&rest, '.', &label))
		label = r->host;
	if (!vit_str_is(r->user, "root") && word_at(text, at, r->user)) {
		vit_buf_puts(out, "user");
		return r->user.n;
	}
	if (vit_str_is(label, "localhost"))
		return 0;
	if (word_at(text, at, r->host)) {
		vit_buf_puts(out, "host");
		return r->host.n;
	}
	if (word_at(text, at, label)) {
		vit_buf_puts(out, "host");
		return label.n;
	}
	return 0;
}

/* A pattern of hex digits ('h') and separators, which stay; or 0. */
static size_t hex_pattern(struct vit_str text, size_t at, const char *pattern,
			  struct vit_buf *out)
{
	size_t n = strlen(pattern);

	if (n > text.n - at || (at > 0 && is_hex(text.p[at - 1])) ||
	    (at + n < text.n && is_hex(text.p[at + n])))
		return 0;
	for (size_t i = 0; i < n; i++)
		if (pattern[i] == 'h' ? !is_hex(text.p[at + i]) : text.p[at + i] != pattern[i])
			return 0;
	for (size_t i = 0; i < n; i++)
		vit_buf_putc(out, pattern[i] == 'h' ? '0' : pattern[i]);
	return n;
}

static size_t hex_ids(struct vit_str text, size_t at, struct vit_buf *out)
{
	static const char *const patterns[] = {
		"hh:hh:hh:hh:hh:hh",
		"hh-hh-hh-hh-hh-hh",
		"hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh",
		"hhhhhhhh_hhhh_hhhh_hhhh_hhhhhhhhhhhh",
	};
	size_t end = at;

	if (!is_hex(text.p[at]) || (at > 0 && is_hex(text.p[at - 1])))
		return 0;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		size_t n = hex_pattern(text, at, patterns[i], out);

		if (n)
			return n;
	}
	while (end < text.n && is_hex(text.p[end]))
		end++;
	if (end - at < LONG_HEX)
		return 0;
	for (size_t i = at; i < end; i++)
		vit_buf_putc(out, '0');
	return end - at;
}

static size_t tokens(struct vit_str text, size_t at, struct vit_buf *out)
{
	static const struct { const char *prefix; size_t least; } known[] = {
		{ "hf_", 16 },        { "sk-", 16 },   { "ghp_", 16 },
		{ "github_pat_", 16 }, { "glpat-", 16 }, { "AKIA", 16 },
		{ "Bearer ", 8 },
	};

	if (at > 0 && is_word(text.p[at - 1]))
		return 0;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t n = strlen(known[i].prefix), end = at + n;

		if (!starts_at(text, at, known[i].prefix))
			continue;
		while (end < text.n && is_token(text.p[end]))
			end++;
		if (end - at - n < known[i].least)
			continue;
		vit_buf_puts(out, known[i].prefix);
		vit_buf_puts(out, HIDDEN);
		return end - at;
	}
	return 0;
}

/* At "://" of "http://ann:secret@proxy": who asks, and by which password. */
static size_t credentials(struct vit_str text, size_t at, struct vit_buf *out)
{
	size_t end = at + 3, last = 0;

	if (!starts_at(text, at, "://"))
		return 0;
	for (; end < text.n && text.p[end] != '\n' && !strchr("/?#\"' ", text.p[end] ? text.p[end] : '/'); end++)
		if (text.p[end] == '@')
			last = end;
	if (last == 0)
		return 0;
	vit_buf_puts(out, "://" HIDDEN);
	return last - at;
}

/* Does the line name a serial number just before this separator? */
static bool serial_before(struct vit_str text, size_t at)
{
	for (size_t back = 0; back < at && back < SERIAL_GAP; back++) {
		size_t i = at - 1 - back;

		if (i >= 5 && vit_str_ieq(vit_str_sub(text, i - 5, i + 1), VIT_STR("serial")))
			return true;
		if (!is_word(text.p[i]) && (!text.p[i] || !strchr(" \t\"'()-#", text.p[i])))
			return false;
	}
	return false;
}

/* At the separator of "Serial Number: X", "serial=X", "\"serial\" : \"X\"". */
static size_t serial(struct vit_str text, size_t at, struct vit_buf *out)
{
	size_t i = at + 1, end;

	if ((text.p[at] != ':' && text.p[at] != '=') || !serial_before(text, at))
		return 0;
	while (i < text.n && (text.p[i] == ' ' || text.p[i] == '\t'))
		i++;
	end = i;
	if (i < text.n && text.p[i] == '"') {
		end = ++i;
		while (end < text.n && text.p[end] != '"' && text.p[end] != '\n')
			end++;
	} else {
		while (end < text.n && text.p[end] != '\n')
			end++;
	}
	vit_buf_str(out, vit_str_sub(text, at, i));
	if (end > i)
		vit_buf_puts(out, HIDDEN);
	return end - at;
}

static bool holds(struct vit_str name, const char *part)
{
	size_t n = strlen(part);

	for (size_t i = 0; i + n <= name.n; i++)
		if (vit_str_ieq(vit_str_sub(name, i, i + n), vit_str_c(part)))
			return true;
	return false;
}

static bool names_a_board(struct vit_str name)
{
	static const char *const parts[] = { "serial", "uuid", "guid", "pdi", "board_id",
					     "part_number", "vbios_version" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (holds(name, parts[i]))
			return true;
	return false;
}

/* At '<' of "<serial>1753024030071</serial>": what nvidia-smi says of a board. */
static size_t element(struct vit_str text, size_t at, struct vit_buf *out)
{
	size_t close, end;

	if (text.p[at] != '<')
		return 0;
	close = vit_str_find(vit_str_sub(text, at, text.n < at + MAX_ELEMENT ? text.n : at + MAX_ELEMENT),
			     VIT_STR(">"), 0);
	if (close == SIZE_MAX || !names_a_board(vit_str_sub(text, at + 1, at + close)))
		return 0;
	close += at + 1;
	end = close;
	while (end < text.n && text.p[end] != '<' && text.p[end] != '\n')
		end++;
	vit_buf_str(out, vit_str_sub(text, at, close));
	if (end > close && !vit_str_is(vit_str_sub(text, close, end), "N/A"))
		vit_buf_puts(out, HIDDEN);
	else
		vit_buf_str(out, vit_str_sub(text, close, end));
	return end - at;
}

/* amdkfd's "unique_id 9895604649984" and "hive_id ...". */
static size_t board_number(struct vit_str text, size_t at, struct vit_buf *out)
{
	static const char *const keys[] = { "unique_id ", "hive_id " };

	if (at > 0 && is_word(text.p[at - 1]))
		return 0;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t end = at + strlen(keys[i]);

		if (!starts_at(text, at, keys[i]))
			continue;
		vit_buf_puts(out, keys[i]);
		while (end < text.n && text.p[end] >= '0' && text.p[end] <= '9')
			end++;
		vit_buf_putc(out, '0');
		return end - at;
	}
	return 0;
}

void vit_redact_text(const struct vit_redact *r, struct vit_str text, struct vit_buf *out)
{
	size_t at = 0;

	while (at < text.n) {
		size_t used = home_folder(r, text, at, out);

		if (!used)
			used = names(r, text, at, out);
		if (!used)
			used = hex_ids(text, at, out);
		if (!used)
			used = tokens(text, at, out);
		if (!used)
			used = credentials(text, at, out);
		if (!used)
			used = serial(text, at, out);
		if (!used)
			used = element(text, at, out);
		if (!used)
			used = board_number(text, at, out);
		if (!used) {
			vit_buf_putc(out, text.p[at]);
			used = 1;
		}
		at += used;
	}
}

void vit_redact_url(struct vit_str url, struct vit_buf *out)
{
	static const char *const parts[] = { "sig", "token", "key", "credential", "policy", "auth", "secret" };
	size_t mark = vit_str_find(url, VIT_STR("?"), 0);
	struct vit_str query = mark == SIZE_MAX ? VIT_STR_EMPTY : vit_str_sub(url, mark + 1, url.n), pair;
	bool secret = false;

	while (vit_str_split(&query, '&', &pair)) {
		struct vit_str name = vit_str_sub(pair, 0, vit_str_find(pair, VIT_STR("="), 0));
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
			secret = secret || holds(name, parts[i]);
	}
	vit_buf_str(out, secret ? vit_str_sub(url, 0, mark + 1) : url);
	if (secret)
		vit_buf_puts(out, HIDDEN);
}

bool vit_redact_is_secret(struct vit_str name)
{
	static const char *const parts[] = {
		"serial", "uuid", "machine-id", "machine_id", "hostid", "hostname", "token",
		"secret", "password", "passwd", "api_key", "apikey", "asset_tag", "boot_id",
		"http_proxy", "https_proxy", "all_proxy",
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (holds(name, parts[i]))
			return true;
	return false;
}
