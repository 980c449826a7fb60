#include "json/reader.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "json/reader_private.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static void init(struct vit_json_reader *r, unsigned options)
{
	memset(r, 0, sizeof(*r));
	r->options = options;
	r->state = VIT_JSON_S_START;
}

void vit_json_reader_init(struct vit_json_reader *r, struct vit_str text, unsigned options)
{
	init(r, options);
	r->window = text.n ? text.p : "";
	r->have = text.n;
	r->capacity = text.n;
	r->at_end = true;
}

void vit_json_reader_stream(struct vit_json_reader *r, vit_json_read_fn read, void *ctx,
			    char *window, size_t size, unsigned options)
{
	init(r, options);
	if (size == 0)
		VIT_BUG("json: a window of 0 bytes");
	r->window = window;
	r->storage = window;
	r->capacity = size;
	r->read = read;
	r->ctx = ctx;
}

/* Errors are kept out of line, so that their buffers and calls do not weigh on
 * the path of every event. */
#define COLD __attribute__((cold, noinline))

COLD bool vit_json_fail(struct vit_json_reader *r, enum vit_errc code, size_t pos, const char *what)
{
	uint64_t offset = r->base_offset + r->at + pos;
	(void)vit_err_at(&r->err, code, offset, "%s at offset %" PRIu64, what, offset);
	r->state = VIT_JSON_S_ERROR;
	return false;
}

COLD bool vit_json_expected(struct vit_json_reader *r, size_t pos, const char *what)
{
	if (r->state == VIT_JSON_S_ERROR)
		return false; /* the window could not be filled: that is the cause */
	char found[32] = "the end of the text", message[160];
	if (r->at + pos < r->have) {
		unsigned char c = (unsigned char)r->window[r->at + pos];
		if (c > ' ' && c < 0x7f)
			snprintf(found, sizeof(found), c == '\'' ? "\"%c\"" : "'%c'", c);
		else
			snprintf(found, sizeof(found), "byte 0x%02x", c);
	}
	snprintf(message, sizeof(message), "expected %s, found %s", what, found);
	return vit_json_fail(r, VIT_E_SYNTAX, pos, message);
}

COLD int vit_json_fill(struct vit_json_reader *r)
{
	if (r->at_end)
		return 0;
	if (r->state == VIT_JSON_S_ERROR)
		return -1;
	if (r->at == r->have || r->have == r->capacity) {
		/* What is left of a token goes to the front. */
		memmove(r->storage, r->storage + r->at, r->have - r->at);
		r->base_offset += r->at;
		r->have -= r->at;
		r->at = 0;
	}
	if (r->have == r->capacity) {
		char message[96];
		snprintf(message, sizeof(message),
			 "a string or number longer than the limit of %zu bytes", r->capacity);
		vit_json_fail(r, VIT_E_LIMIT, 0, message);
		return -1;
	}
	int64_t n = r->read(r->ctx, r->storage + r->have, r->capacity - r->have, &r->err);
	if (n < 0) {
		if (r->err.code == VIT_OK)
			(void)vit_err_set(&r->err, VIT_E_IO, "reading failed");
		r->state = VIT_JSON_S_ERROR;
		return -1;
	}
	if ((uint64_t)n > r->capacity - r->have)
		VIT_BUG("json: read returned more than was asked for");
	r->at_end = n == 0;
	r->have += (size_t)n;
	return n > 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* The first byte at or after p that is no white space, else end. */
static inline const char *skip_space(const char *p, const char *end)
{
	/* Most often there is none, or one blank. */
	if (p < end && (unsigned char)*p > ' ')
		return p;
#ifdef __SSE2__
	const __m128i blank = _mm_set1_epi8(' '), feed = _mm_set1_epi8('\n');
	const __m128i tab = _mm_set1_epi8('\t'), ret = _mm_set1_epi8('\r');
	while (end - p >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i hit = _mm_or_si128(
			_mm_or_si128(_mm_cmpeq_epi8(v, blank), _mm_cmpeq_epi8(v, feed)),
			_mm_or_si128(_mm_cmpeq_epi8(v, tab), _mm_cmpeq_epi8(v, ret)));
		unsigned other = ~(unsigned)_mm_movemask_epi8(hit) & 0xffff;
		if (other)
			return p + __builtin_ctz(other);
		p += 16;
	}
#endif
	while (p < end && is_space(*p))
		p++;
	return p;
}

/* Skips white space; false at the end of the text and on failure. */
static inline bool to_token(struct vit_json_reader *r)
{
	do {
		const char *p = r->window + r->at, *end = r->window + r->have;
		p = skip_space(p, end);
		r->at = (size_t)(p - r->window);
		if (p < end)
			return true;
	} while (vit_json_fill(r) > 0);
	return false;
}

static bool in_object(const struct vit_json_reader *r)
{
	unsigned top = r->depth - 1;
	return r->depth > 0 && (r->stack[top / 64] >> (top % 64) & 1);
}

static bool open(struct vit_json_reader *r, struct vit_json_event *ev, bool object)
{
	if (r->depth == VIT_JSON_MAX_DEPTH)
		return vit_json_fail(r, VIT_E_LIMIT, 0, "nesting deeper than 128 levels");
	uint64_t bit = (uint64_t)1 << (r->depth % 64);
	if (object)
		r->stack[r->depth / 64] |= bit;
	else
		r->stack[r->depth / 64] &= ~bit;
	r->depth++;
	r->at++;
	r->state = object ? VIT_JSON_S_FIRST_KEY : VIT_JSON_S_FIRST_ITEM;
	ev->type = object ? VIT_JSON_OBJECT_BEGIN : VIT_JSON_ARRAY_BEGIN;
	return true;
}

static bool close(struct vit_json_reader *r, struct vit_json_event *ev)
{
	ev->type = in_object(r) ? VIT_JSON_OBJECT_END : VIT_JSON_ARRAY_END;
	r->depth--;
	r->at++;
	r->state = VIT_JSON_S_AFTER;
	return true;
}

COLD static bool expected_word(struct vit_json_reader *r, size_t pos, const char *text)
{
	char what[16];
	snprintf(what, sizeof(what), "'%s'", text);
	return vit_json_expected(r, pos, what);
}

COLD static void too_many(struct vit_json_reader *r)
{
	char message[64];
	snprintf(message, sizeof(message), "more than %" PRIu64 " JSON items", r->count_limit);
	vit_json_fail(r, VIT_E_LIMIT, 0, message);
}

static bool word(struct vit_json_reader *r, struct vit_json_event *ev, const char *text,
		 enum vit_json_type type)
{
	size_t n = strlen(text);
	for (size_t i = 1; i < n; i++) {
		if (!vit_json_has(r, i) || r->window[r->at + i] != text[i])
			return expected_word(r, i, text);
	}
	ev->type = type;
	ev->raw = (struct vit_str){ r->window + r->at, n };
	r->at += n;
	return true;
}

COLD static bool nonfinite(struct vit_json_reader *r, struct vit_json_event *ev)
{
	char c = r->window[r->at];
	if (!(r->options & VIT_JSON_ALLOW_NAN))
		return vit_json_expected(r, 0, "a value (NaN and Infinity are not JSON)");
	ev->flags = VIT_JSON_NONFINITE;
	if (c == 'N') {
		ev->number = (double)NAN;
		return word(r, ev, "NaN", VIT_JSON_NUMBER);
	}
	ev->number = c == '-' ? -(double)INFINITY : (double)INFINITY;
	return word(r, ev, c == '-' ? "-Infinity" : "Infinity", VIT_JSON_NUMBER);
}

/* A value whose first byte is at r->at. */
static bool value(struct vit_json_reader *r, struct vit_json_event *ev, const char *expected)
{
	char c = r->window[r->at];
	ev->offset = r->base_offset + r->at;
	r->state = VIT_JSON_S_AFTER;
	switch (c) {
	case '"':
		ev->type = VIT_JSON_STRING;
		return vit_json_read_string(r, ev);
	case '{':
		return open(r, ev, true);
	case '[':
		return open(r, ev, false);
	case '-':
		if (vit_json_has(r, 1) && r->window[r->at + 1] == 'I')
			return nonfinite(r, ev);
		return vit_json_read_number(r, ev);
	case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return vit_json_read_number(r, ev);
	case 't':
		return word(r, ev, "true", VIT_JSON_TRUE);
	case 'f':
		return word(r, ev, "false", VIT_JSON_FALSE);
	case 'n':
		return word(r, ev, "null", VIT_JSON_NULL);
	case 'N':
	case 'I':
		return nonfinite(r, ev);
	default:
		return vit_json_expected(r, 0, expected);
	}
}

static bool key(struct vit_json_reader *r, struct vit_json_event *ev, const char *expected)
{
	if (r->window[r->at] != '"')
		return vit_json_expected(r, 0, expected);
	ev->offset = r->base_offset + r->at;
	ev->type = VIT_JSON_KEY;
	r->state = VIT_JSON_S_COLON;
	return vit_json_read_string(r, ev);
}

/* Where the text begins: a byte order mark, or not. */
COLD static bool start(struct vit_json_reader *r)
{
	if (!vit_json_has(r, 0))
		return vit_json_expected(r, 0, "a value");
	if (r->window[r->at] == '\xef' && vit_json_has(r, 2) &&
	    memcmp(r->window + r->at, "\xef\xbb\xbf", 3) == 0) {
		r->had_bom = true;
		if (!(r->options & VIT_JSON_ALLOW_BOM))
			return vit_json_fail(r, VIT_E_SYNTAX, 0, "a byte order mark");
		r->at += 3;
		if (!vit_json_has(r, 0))
			return vit_json_expected(r, 0, "a value");
	}
	r->leading_space = is_space(r->window[r->at]);
	return r->state != VIT_JSON_S_ERROR;
}

/* After a value: the next item, the end of the container, or of the text. */
static bool after(struct vit_json_reader *r, struct vit_json_event *ev, bool more)
{
	if (r->depth == 0) {
		if (more)
			return vit_json_expected(r, 0, "the end of the text");
		ev->offset = r->base_offset + r->at;
		r->state = VIT_JSON_S_END;
		ev->type = VIT_JSON_END;
		return true;
	}
	bool object = in_object(r);
	if (!more)
		return vit_json_expected(r, 0, object ? "',' or '}'" : "',' or ']'");
	ev->offset = r->base_offset + r->at;
	char c = r->window[r->at];
	if (c == (object ? '}' : ']'))
		return close(r, ev);
	if (c != ',')
		return vit_json_expected(r, 0, object ? "',' or '}'" : "',' or ']'");
	r->at++;
	const char *what = object ? "a key in quotes" : "a value";
	if (!to_token(r))
		return vit_json_expected(r, 0, what);
	return object ? key(r, ev, what) : value(r, ev, what);
}

static bool step(struct vit_json_reader *r, struct vit_json_event *ev)
{
	if ((r->options & VIT_JSON_ALLOW_TRAILING) && r->state == VIT_JSON_S_AFTER &&
	    r->depth == 0) {
		ev->offset = r->base_offset + r->at;
		ev->type = VIT_JSON_END;
		r->state = VIT_JSON_S_END;
		return true;
	}
	if (r->state == VIT_JSON_S_START && !start(r))
		return false;
	bool more = to_token(r);
	if (r->state == VIT_JSON_S_ERROR)
		return false;
	switch ((enum vit_json_state)r->state) {
	case VIT_JSON_S_COLON:
		if (!more || r->window[r->at] != ':')
			return vit_json_expected(r, 0, "':'");
		r->at++;
		more = to_token(r);
		break;
	case VIT_JSON_S_FIRST_ITEM:
		if (!more)
			return vit_json_expected(r, 0, "a value or ']'");
		ev->offset = r->base_offset + r->at;
		if (r->window[r->at] == ']')
			return close(r, ev);
		return value(r, ev, "a value or ']'");
	case VIT_JSON_S_FIRST_KEY:
		if (!more)
			return vit_json_expected(r, 0, "a key in quotes or '}'");
		ev->offset = r->base_offset + r->at;
		if (r->window[r->at] == '}')
			return close(r, ev);
		return key(r, ev, "a key in quotes or '}'");
	case VIT_JSON_S_AFTER:
		return after(r, ev, more);
	case VIT_JSON_S_START:
	case VIT_JSON_S_VALUE:
	case VIT_JSON_S_END:
	case VIT_JSON_S_ERROR:
		break;
	}
	return more ? value(r, ev, "a value") : vit_json_expected(r, 0, "a value");
}

/* The last event again. */
COLD static enum vit_json_type final(const struct vit_json_reader *r, struct vit_json_event *ev)
{
	bool failed = r->state == VIT_JSON_S_ERROR;
	*ev = (struct vit_json_event){ .type = failed ? VIT_JSON_ERROR : VIT_JSON_END };
	ev->offset = failed ? r->err.offset : r->base_offset + r->at;
	return ev->type;
}

enum vit_json_type vit_json_next(struct vit_json_reader *r, struct vit_json_event *ev)
{
	*ev = (struct vit_json_event){ .type = VIT_JSON_ERROR };
	if (r->state >= VIT_JSON_S_END)
		return final(r, ev);
	/* A limit of 0 is none: it wraps to the largest. */
	if (r->events++ > r->count_limit - 1) {
		too_many(r);
		return final(r, ev);
	}
	return step(r, ev) ? ev->type : final(r, ev);
}

static bool skip_to(struct vit_json_reader *r, unsigned depth)
{
	struct vit_json_event ev;
	do {
		enum vit_json_type type = vit_json_next(r, &ev);
		if (type == VIT_JSON_ERROR || type == VIT_JSON_END)
			return false;
	} while (r->depth > depth);
	return true;
}

bool vit_json_skip(struct vit_json_reader *r)
{
	return skip_to(r, r->depth);
}

bool vit_json_skip_rest(struct vit_json_reader *r)
{
	if (r->depth == 0)
		VIT_BUG("json: skip_rest outside of a container");
	return skip_to(r, r->depth - 1);
}
