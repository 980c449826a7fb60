/*
 * Borrowed strings with a length. Names in model files may hold NUL, so
 * nothing that comes from outside travels as a bare char pointer.
 */
#ifndef VIT_BASE_STR_H
#define VIT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* n bytes at p, borrowed. p may be NULL only when n is 0. Strings that live
 * in an arena (vit_arena_str) also have a NUL after the n bytes. */
struct vit_str {
	const char *p;
	size_t n;
};

#define VIT_STR(lit) ((struct vit_str){ "" lit, sizeof(lit) - 1 })
#define VIT_STR_EMPTY ((struct vit_str){ "", 0 })
/* For printf("%.*s", VIT_FMT(s)); cuts at INT_MAX. */
#define VIT_FMT(s) ((int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n)), ((s).p)

static inline struct vit_str vit_str_c(const char *c)
{
	return (struct vit_str){ c ? c : "", c ? strlen(c) : 0 };
}

static inline bool vit_str_eq(struct vit_str a, struct vit_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool vit_str_is(struct vit_str a, const char *c)
{
	return vit_str_eq(a, vit_str_c(c));
}

bool vit_str_starts(struct vit_str s, struct vit_str prefix);
bool vit_str_ends(struct vit_str s, struct vit_str suffix);
/* Bytewise order, shorter first on a tie: -1, 0, 1. */
int vit_str_cmp(struct vit_str a, struct vit_str b);
/* Position of the first needle at or after `from`, or SIZE_MAX. */
size_t vit_str_find(struct vit_str s, struct vit_str needle, size_t from);
size_t vit_str_rchr(struct vit_str s, char c); /* last c, or SIZE_MAX */
/* The part [from, to), clamped to the string. */
struct vit_str vit_str_sub(struct vit_str s, size_t from, size_t to);
/* Without ASCII white space at both ends. */
struct vit_str vit_str_trim(struct vit_str s);
/* Takes the next line off *rest (terminator LF or CRLF removed) into *line;
 * false when *rest is used up. */
bool vit_str_line(struct vit_str *rest, struct vit_str *line);
/* Takes the next field up to `sep` off *rest; false when used up. Fields may
 * be empty, but a separator at the very end adds no empty field. */
bool vit_str_split(struct vit_str *rest, char sep, struct vit_str *field);
/* Case-insensitive ASCII equality. */
bool vit_str_ieq(struct vit_str a, struct vit_str b);
/* Damerau-free Levenshtein distance, capped at `cap` (for suggestions). */
unsigned vit_str_distance(struct vit_str a, struct vit_str b, unsigned cap);

#endif
