#include "base/path.h"

#include <stdlib.h>

#include "base/utf8.h"

struct vit_str vit_path_base(struct vit_str path)
{
	size_t slash = vit_str_rchr(path, '/');
	return slash == SIZE_MAX ? path : vit_str_sub(path, slash + 1, path.n);
}

struct vit_str vit_path_dir(struct vit_str path)
{
	size_t slash = vit_str_rchr(path, '/');
	return slash == SIZE_MAX ? VIT_STR_EMPTY : vit_str_sub(path, 0, slash);
}

struct vit_str vit_path_ext(struct vit_str path)
{
	struct vit_str base = vit_path_base(path);
	size_t dot = vit_str_rchr(base, '.');
	/* ".gitattributes" is a hidden file, not an extension. */
	if (dot == SIZE_MAX || dot == 0)
		return VIT_STR_EMPTY;
	return vit_str_sub(base, dot + 1, base.n);
}

struct vit_str vit_path_join(struct vit_arena *a, struct vit_str dir, struct vit_str name)
{
	if (dir.n == 0)
		return vit_arena_str(a, name);
	bool slash = dir.p[dir.n - 1] != '/';
	size_t n = dir.n + slash + name.n;
	char *p = vit_arena_alloc(a, n + 1);
	memcpy(p, dir.p, dir.n);
	if (slash)
		p[dir.n] = '/';
	if (name.n)
		memcpy(p + dir.n + slash, name.p, name.n);
	return (struct vit_str){ p, n };
}

bool vit_path_is_plain(struct vit_str path)
{
	if (path.n == 0 || memchr(path.p, 0, path.n) || memchr(path.p, '\\', path.n))
		return false;
	size_t from = 0;
	for (size_t i = 0; i <= path.n; i++) {
		if (i < path.n && path.p[i] != '/')
			continue;
		struct vit_str part = vit_str_sub(path, from, i);
		if (part.n == 0 || vit_str_is(part, ".") || vit_str_is(part, ".."))
			return false;
		from = i + 1;
	}
	return true;
}

bool vit_path_resolve(struct vit_buf *out, struct vit_str dir, struct vit_str target)
{
	size_t start = out->n;
	struct vit_str whole[2] = { dir, target }, part;
	if ((target.n && target.p[0] == '/') || (dir.n && dir.p[0] == '/'))
		return false;
	for (int i = 0; i < 2; i++) {
		while (vit_str_split(&whole[i], '/', &part)) {
			if (part.n == 0 || vit_str_is(part, "."))
				continue;
			if (vit_str_is(part, "..")) {
				if (out->n == start)
					goto outside;
				struct vit_str so_far = { out->p + start, out->n - start };
				out->n = start + vit_path_dir(so_far).n;
				out->p[out->n] = 0;
				continue;
			}
			if (out->n > start)
				vit_buf_putc(out, '/');
			vit_buf_str(out, part);
		}
	}
	if (!out->full)
		return true;
outside:
	out->n = start;
	out->p[start] = 0;
	return false;
}

/* One element of a pattern. */
enum glob_kind { GLOB_LITERAL, GLOB_ANY, GLOB_CLASS, GLOB_STAR, GLOB_DEEP, GLOB_DEEP_SLASH };

struct glob_item {
	enum glob_kind kind;
	uint32_t cp;            /* GLOB_LITERAL */
	struct vit_str members; /* GLOB_CLASS: between the brackets, after the '!' */
	bool negated;
	size_t next;            /* position behind it */
};

/* Bytes that are no UTF-8 count as characters above Unicode, one each. */
static size_t step(struct vit_str s, size_t at, uint32_t *cp)
{
	size_t took = vit_utf8_decode((struct vit_str){ s.p + at, s.n - at }, cp);
	if (took)
		return took;
	*cp = 0x110000u + (unsigned char)s.p[at];
	return 1;
}

static bool parse_class(struct vit_str pattern, size_t at, struct glob_item *item)
{
	size_t from = at + 1;
	item->negated = from < pattern.n && (pattern.p[from] == '!' || pattern.p[from] == '^');
	from += item->negated;
	for (size_t i = from; i < pattern.n; i++) {
		/* A ']' in the first place is a member. */
		if (pattern.p[i] != ']' || i == from)
			continue;
		item->kind = GLOB_CLASS;
		item->members = vit_str_sub(pattern, from, i);
		item->next = i + 1;
		return true;
	}
	return false;
}

static struct glob_item glob_item(struct vit_str pattern, size_t at)
{
	struct glob_item item = { .kind = GLOB_LITERAL, .next = at + 1 };
	char c = pattern.p[at];
	bool more = at + 1 < pattern.n;
	if (c == '*' && more && pattern.p[at + 1] == '*') {
		size_t next = at + 2;
		while (next < pattern.n && pattern.p[next] == '*')
			next++;
		item.kind = GLOB_DEEP;
		if (next < pattern.n && pattern.p[next] == '/' &&
		    (at == 0 || pattern.p[at - 1] == '/')) {
			item.kind = GLOB_DEEP_SLASH;
			next++;
		}
		item.next = next;
	} else if (c == '*') {
		item.kind = GLOB_STAR;
	} else if (c == '?') {
		item.kind = GLOB_ANY;
	} else if (c != '[' || !parse_class(pattern, at, &item)) {
		if (c == '\\' && more)
			at++;
		item.next = at + step(pattern, at, &item.cp);
	}
	return item;
}

static bool in_class(const struct glob_item *item, uint32_t cp)
{
	bool found = false;
	for (size_t at = 0; at < item->members.n && !found;) {
		uint32_t low, high;
		at += step(item->members, at, &low);
		high = low;
		if (at + 1 < item->members.n && item->members.p[at] == '-') {
			at++;
			at += step(item->members, at, &high);
		}
		found = low <= cp && cp <= high;
	}
	return found != item->negated;
}

/* How a position of the pattern has been reached. INSIDE: a part of what "**"
 * with its slash stands for is taken, so that it must end with a slash. */
enum { HERE = 1, INSIDE = 2 };

/* The positions that `now` has reached, closed over items that match nothing;
 * `next` receives those behind the character cp. */
static void glob_advance(struct vit_str pattern, unsigned char *now, unsigned char *next,
			 uint32_t cp)
{
	for (size_t at = 0; at < pattern.n; at++) {
		if (!now[at])
			continue;
		struct glob_item item = glob_item(pattern, at);
		switch (item.kind) {
		case GLOB_LITERAL:
			next[item.next] |= cp == item.cp;
			break;
		case GLOB_ANY:
			next[item.next] |= cp != '/';
			break;
		case GLOB_CLASS:
			next[item.next] |= cp != '/' && in_class(&item, cp);
			break;
		case GLOB_STAR:
			now[item.next] |= HERE;
			next[at] |= cp != '/';
			break;
		case GLOB_DEEP:
			now[item.next] |= HERE;
			next[at] |= HERE;
			break;
		case GLOB_DEEP_SLASH:
			now[item.next] |= now[at] & HERE;
			next[at] |= INSIDE;
			next[item.next] |= cp == '/';
			break;
		}
	}
}

static bool glob_run(struct vit_str pattern, struct vit_str path, unsigned char *now,
		     unsigned char *next)
{
	now[0] = HERE;
	for (size_t i = 0; i < path.n;) {
		uint32_t cp;
		i += step(path, i, &cp);
		memset(next, 0, pattern.n + 1);
		glob_advance(pattern, now, next, cp);
		unsigned char *swap = now;
		now = next;
		next = swap;
	}
	/* At the end of the path only items that match nothing may be left. */
	for (size_t at = 0; at < pattern.n; at++) {
		if (!(now[at] & HERE))
			continue;
		struct glob_item item = glob_item(pattern, at);
		if (item.kind == GLOB_STAR || item.kind == GLOB_DEEP ||
		    item.kind == GLOB_DEEP_SLASH)
			now[item.next] |= HERE;
	}
	return now[pattern.n] & HERE;
}

bool vit_path_glob(struct vit_str pattern, struct vit_str path)
{
	unsigned char small[2 * 256] = { 0 };
	size_t half = sizeof(small) / 2;
	if (pattern.n < half)
		return glob_run(pattern, path, small, small + half);
	unsigned char *large = vit_xcalloc(2, pattern.n + 1);
	bool matched = glob_run(pattern, path, large, large + pattern.n + 1);
	free(large);
	return matched;
}
