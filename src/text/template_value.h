/*
 * Values of the template language: what a template gets and computes with.
 *
 * The semantics are Python's (CPython 3.11), since templates are written for
 * it: integers, floats, strings of code points, lists, tuples, dicts in order
 * of insertion. Values are immutable once built, as the sandbox that chat
 * templates run in forbids to change them, so they are shared freely.
 *
 * Strings, items and members live in the arena they were built with, or are
 * borrowed where a function says so. Text must be valid UTF-8; who has other
 * text replaces it first.
 */
#ifndef VIT_TEXT_TEMPLATE_VALUE_H
#define VIT_TEXT_TEMPLATE_VALUE_H

#include "base/arena.h"
#include "base/err.h"
#include "json/reader.h"
#include "json/tree.h"

enum vit_tval_type {
	VIT_TV_UNDEFINED,  /* jinja2.Undefined: false, prints as nothing */
	VIT_TV_NONE,
	VIT_TV_BOOL,
	VIT_TV_INT,
	VIT_TV_BIG,        /* an integer beyond 64 bits from data: printed, not computed with */
	VIT_TV_FLOAT,
	VIT_TV_STR,
	VIT_TV_LIST,
	VIT_TV_TUPLE,
	VIT_TV_DICT,
	/* Below: only made by templates. */
	VIT_TV_RANGE,
	VIT_TV_NAMESPACE,
	VIT_TV_VIEW,       /* dict.keys(), .values(), .items() */
	VIT_TV_ITERATOR,   /* what generator filters return: passed once */
	VIT_TV_MACRO,
	VIT_TV_GLOBAL,     /* range, namespace, dict, raise_exception, ... */
	VIT_TV_METHOD,     /* a method bound to its object */
	VIT_TV_LOOP,
	VIT_TV_CYCLER,
	VIT_TV_JOINER,
	VIT_TV_MISSING,    /* a variable that has no value; never seen by an expression */
};

struct vit_tdict;

struct vit_tval {
	uint8_t type;         /* enum vit_tval_type */
	uint8_t flags;        /* private */
	uint16_t aux;         /* private */
	uint32_t n;           /* STR, BIG: bytes; LIST, TUPLE: items */
	union {
		bool boolean;
		int64_t integer;
		double number;
		const char *text;              /* STR, BIG */
		const struct vit_tval *items;  /* LIST, TUPLE */
		struct vit_tdict *dict;        /* DICT, NAMESPACE, VIEW */
		const void *other;
	};
};

struct vit_tpair {
	struct vit_tval key, value;
};

/* Members in order of insertion. */
struct vit_tdict {
	uint32_t count, capacity;
	struct vit_tpair *members;
	uint32_t *index;          /* private: open addressing, above 8 members */
	uint32_t index_mask;
};

/* Longest string or list; longer ones do not enter a template. */
#define VIT_TVAL_MAX ((uint32_t)1 << 30)

static inline struct vit_tval vit_tval_none(void)
{
	return (struct vit_tval){ .type = VIT_TV_NONE };
}
static inline struct vit_tval vit_tval_bool(bool v)
{
	return (struct vit_tval){ .type = VIT_TV_BOOL, .boolean = v };
}
static inline struct vit_tval vit_tval_int(int64_t v)
{
	return (struct vit_tval){ .type = VIT_TV_INT, .integer = v };
}
static inline struct vit_tval vit_tval_float(double v)
{
	return (struct vit_tval){ .type = VIT_TV_FLOAT, .number = v };
}
/* Borrows s, which must be valid UTF-8 and at most VIT_TVAL_MAX bytes. */
static inline struct vit_tval vit_tval_str(struct vit_str s)
{
	return (struct vit_tval){ .type = VIT_TV_STR, .n = (uint32_t)s.n, .text = s.p };
}
/* Borrows the items. */
static inline struct vit_tval vit_tval_list(const struct vit_tval *items, uint32_t n)
{
	return (struct vit_tval){ .type = VIT_TV_LIST, .n = n, .items = items };
}
static inline struct vit_str vit_tval_text(struct vit_tval v)
{
	return (struct vit_str){ v.text, v.n };
}

/* An empty dict with room for `expected` members before it grows. */
struct vit_tval vit_tval_dict(struct vit_arena *a, uint32_t expected);
/* Sets d[key] = value: an equal key keeps its place, as in Python. Borrows the
 * key. For dicts that no template has seen yet. */
void vit_tval_set(struct vit_arena *a, struct vit_tval *d, struct vit_str key,
		  struct vit_tval value);
/* d[key], or NULL (also when d is no dict). */
const struct vit_tval *vit_tval_get(struct vit_tval d, struct vit_str key);

/* The value that Python's json.loads makes of the tree; borrows its strings. */
struct vit_tval vit_tval_from_json(struct vit_arena *a, const struct vit_json *v);
/*
 * Reads one value off the reader, from its first event `ev` on, in one pass
 * and with no recursion. Strings without escapes are borrowed from the
 * reader's text when `borrow` (only over a whole text), else copied; lone
 * surrogates become U+FFFD. Fails as the reader fails; reader->err says why.
 */
VIT_MUST_USE bool vit_tval_read(struct vit_json_reader *r, const struct vit_json_event *ev,
				bool borrow, struct vit_arena *a, struct vit_tval *out);

#endif
