/*
 * Strict RFC 8259 pull reader: events with byte offsets, exact integers,
 * flags; iterative, no allocation, no recursion.
 *
 * It refuses to repair anything. It does not detect duplicate keys (that needs
 * memory: json/tree.h) and does not decode strings until asked.
 *
 * Input is either the whole text, or a stream read through a window that the
 * caller provides; a token must fit the window, so its size is the ceiling on
 * one string (quotes included) or number (and the byte behind it). A number is
 * at most 1,000 characters long. Over a ceiling is VIT_E_LIMIT, as is nesting
 * that is too deep; a failed read has the code of the callback; everything
 * else is VIT_E_SYNTAX. Slices in an event are borrowed from the window and
 * valid until the next call.
 */
#ifndef VIT_JSON_READER_H
#define VIT_JSON_READER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum vit_json_type {
	VIT_JSON_END,          /* end of text, everything closed */
	VIT_JSON_OBJECT_BEGIN,
	VIT_JSON_OBJECT_END,
	VIT_JSON_ARRAY_BEGIN,
	VIT_JSON_ARRAY_END,
	VIT_JSON_KEY,          /* raw = between the quotes, escapes as written */
	VIT_JSON_STRING,
	VIT_JSON_NUMBER,
	VIT_JSON_TRUE,
	VIT_JSON_FALSE,
	VIT_JSON_NULL,
	VIT_JSON_ERROR,        /* reader->err says what and where; final */
};

enum {
	VIT_JSON_ESCAPED = 1,        /* string: holds a backslash escape */
	VIT_JSON_ESCAPED_NUL = 2,    /* string: holds \u0000 */
	VIT_JSON_LONE_SURROGATE = 4, /* string: \uD800-\uDFFF without its pair; only
	                                with VIT_JSON_ALLOW_LONE_SURROGATE, else an error */
	VIT_JSON_INTEGER = 8,        /* number: no fraction, no exponent */
	VIT_JSON_U64 = 16,           /* number: integer, 0 <= v < 2^64: u64 is exact */
	VIT_JSON_I64 = 32,           /* number: integer, fits int64: i64 is exact */
	VIT_JSON_BIG = 64,           /* number: integer beyond 2^53 in magnitude */
	VIT_JSON_NONFINITE = 128,    /* number: NaN, Infinity, -Infinity (with ALLOW_NAN),
	                                or overflows a double */
	VIT_JSON_NEGATIVE_ZERO = 256,/* number: -0 */
};

/* Options for vit_json_reader_init. */
enum {
	VIT_JSON_ALLOW_BOM = 1,            /* skip a UTF-8 BOM (reader->had_bom is set either way) */
	VIT_JSON_ALLOW_NAN = 2,            /* NaN, Infinity, -Infinity as Python writes them */
	VIT_JSON_ALLOW_LONE_SURROGATE = 4,
	VIT_JSON_ALLOW_TRAILING = 8,       /* END after the first value; the rest is the caller's */
};

struct vit_json_event {
	enum vit_json_type type;
	unsigned flags;
	uint64_t offset;    /* of the token's first byte in the text; END: behind the
	                       text (with ALLOW_TRAILING, behind the value); ERROR: err's */
	struct vit_str raw; /* KEY/STRING: between the quotes; NUMBER: the digits */
	uint64_t u64;
	int64_t i64;
	double number;      /* correctly rounded; with NONFINITE NaN or infinite */
};

#define VIT_JSON_MAX_DEPTH 128 /* nesting; deeper is an error (serde_json's limit is 128) */

/* Reads up to n bytes into buf: bytes read, 0 at the end, -1 on failure with err filled. */
typedef int64_t (*vit_json_read_fn)(void *ctx, void *buf, size_t n, struct vit_err *err);

struct vit_json_reader {
	struct vit_err err;       /* filled at VIT_JSON_ERROR; offset = position in the text */
	bool had_bom;
	bool leading_space;       /* white space before the first value */
	uint64_t count_limit;     /* most events before VIT_E_LIMIT; 0 = none */
	unsigned depth;           /* containers open now */
	/* private */
	unsigned options;
	unsigned char state;
	uint64_t events;
	const char *window;       /* bytes [0, have) of the window are text from base_offset on */
	char *storage;
	size_t capacity, have, at;
	uint64_t base_offset;
	bool at_end;
	vit_json_read_fn read;
	void *ctx;
	uint64_t stack[VIT_JSON_MAX_DEPTH / 64]; /* one bit a level: object or array */
};

/* Over a whole text in memory (borrowed until the last event). */
void vit_json_reader_init(struct vit_json_reader *r, struct vit_str text, unsigned options);
/* Over a stream; `window` of `size` bytes is borrowed until the last event. */
void vit_json_reader_stream(struct vit_json_reader *r, vit_json_read_fn read, void *ctx,
			    char *window, size_t size, unsigned options);
/* The next event. After VIT_JSON_END or VIT_JSON_ERROR the same again. */
enum vit_json_type vit_json_next(struct vit_json_reader *r, struct vit_json_event *ev);
/* After a KEY, or in an array: skips the next value whole. After OBJECT_BEGIN
 * or ARRAY_BEGIN was returned: use vit_json_skip_rest to its end.
 * False on error. Skipping validates as reading does. vit_json_skip in an array
 * that has no next value takes the array's end. */
bool vit_json_skip(struct vit_json_reader *r);
bool vit_json_skip_rest(struct vit_json_reader *r);
/* Appends the decoded text of a KEY or STRING event (escapes resolved; a lone
 * surrogate becomes U+FFFD; \u0000 becomes a NUL byte). */
void vit_json_decode(const struct vit_json_event *ev, struct vit_buf *out);

#endif
