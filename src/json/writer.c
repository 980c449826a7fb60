#include "json/writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/utf8.h"

enum { IS_OBJECT = 1, HAS_ITEMS = 2 };

void vit_json_writer_init(struct vit_json_writer *w, vit_write_fn write, void *ctx, bool compact)
{
	*w = (struct vit_json_writer){ .write = write, .ctx = ctx, .compact = compact };
}

static void put(struct vit_json_writer *w, const char *p, size_t n)
{
	if (!w->failed && n && !w->write(w->ctx, p, n))
		w->failed = true;
}

static void new_line(struct vit_json_writer *w, unsigned depth)
{
	char line[1 + 2 * VIT_JSON_WRITER_DEPTH];
	if (w->compact)
		return;
	line[0] = '\n';
	memset(line + 1, ' ', (size_t)depth * 2);
	put(w, line, 1 + (size_t)depth * 2);
}

/* The comma and the line break before an item or a key. */
static void separate(struct vit_json_writer *w)
{
	unsigned char *state = &w->state[w->depth - 1];
	if (*state & HAS_ITEMS)
		put(w, ",", 1);
	*state |= HAS_ITEMS;
	new_line(w, w->depth);
}

static void before_value(struct vit_json_writer *w)
{
	if (w->depth == 0) {
		if (w->written)
			VIT_BUG("json writer: second value in a document");
		w->written = true;
		return;
	}
	if (w->state[w->depth - 1] & IS_OBJECT) {
		if (!w->after_key)
			VIT_BUG("json writer: value without a key");
		w->after_key = false;
		return;
	}
	separate(w);
}

static void begin(struct vit_json_writer *w, unsigned char state, const char *bracket)
{
	before_value(w);
	if (w->depth == VIT_JSON_WRITER_DEPTH)
		VIT_BUG("json writer: nested too deep");
	w->state[w->depth++] = state;
	put(w, bracket, 1);
}

static void end(struct vit_json_writer *w, unsigned char state, const char *bracket)
{
	if (w->depth == 0 || (w->state[w->depth - 1] & IS_OBJECT) != state || w->after_key)
		VIT_BUG("json writer: end does not fit its begin");
	w->depth--;
	if (w->state[w->depth] & HAS_ITEMS)
		new_line(w, w->depth);
	put(w, bracket, 1);
}

void vit_jw_object(struct vit_json_writer *w)
{
	begin(w, IS_OBJECT, "{");
}

void vit_jw_object_end(struct vit_json_writer *w)
{
	end(w, IS_OBJECT, "}");
}

void vit_jw_array(struct vit_json_writer *w)
{
	begin(w, 0, "[");
}

void vit_jw_array_end(struct vit_json_writer *w)
{
	end(w, 0, "]");
}

static size_t escape_ascii(char c, char out[8])
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = c ? strchr(from, c) : NULL;
	if (!at)
		return (size_t)snprintf(out, 8, "\\u%04x", (unsigned)(unsigned char)c);
	out[0] = '\\';
	out[1] = to[at - from];
	return 2;
}

static void quoted(struct vit_json_writer *w, struct vit_str s)
{
	size_t from = 0, at = 0;
	put(w, "\"", 1);
	while (at < s.n) {
		uint32_t cp = 0;
		size_t took = vit_utf8_decode((struct vit_str){ s.p + at, s.n - at }, &cp);
		if (took && vit_utf8_harmless(cp) && cp != '"' && cp != '\\') {
			at += took;
			continue;
		}
		char one[8];
		size_t n;
		if (at > from)
			put(w, s.p + from, at - from);
		if (!took)
			n = vit_utf8_encode(0xfffd, one);
		else if (cp < 0x80)
			n = escape_ascii((char)cp, one);
		else
			n = (size_t)snprintf(one, sizeof(one), "\\u%04x", (unsigned)(cp & 0xffff));
		put(w, one, n);
		at += took ? took : 1;
		from = at;
	}
	if (at > from)
		put(w, s.p + from, at - from);
	put(w, "\"", 1);
}

void vit_jw_key_str(struct vit_json_writer *w, struct vit_str key)
{
	if (w->depth == 0 || !(w->state[w->depth - 1] & IS_OBJECT) || w->after_key)
		VIT_BUG("json writer: key outside of an object");
	separate(w);
	quoted(w, key);
	put(w, ": ", w->compact ? 1 : 2);
	w->after_key = true;
}

void vit_jw_key(struct vit_json_writer *w, const char *key)
{
	vit_jw_key_str(w, vit_str_c(key));
}

void vit_jw_str(struct vit_json_writer *w, struct vit_str s)
{
	before_value(w);
	quoted(w, s);
}

void vit_jw_cstr(struct vit_json_writer *w, const char *s)
{
	vit_jw_str(w, vit_str_c(s));
}

static void plain(struct vit_json_writer *w, const char *text)
{
	before_value(w);
	put(w, text, strlen(text));
}

void vit_jw_u64(struct vit_json_writer *w, uint64_t v)
{
	char text[24];
	snprintf(text, sizeof(text), "%" PRIu64, v);
	plain(w, text);
}

void vit_jw_i64(struct vit_json_writer *w, int64_t v)
{
	char text[24];
	snprintf(text, sizeof(text), "%" PRId64, v);
	plain(w, text);
}

void vit_jw_double(struct vit_json_writer *w, double v)
{
	char text[40];
	if (!isfinite(v)) {
		vit_jw_null(w);
		return;
	}
	/* 15 digits always survive text, 17 always survive binary. */
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		double back = strtod(text, NULL);
		if (memcmp(&back, &v, sizeof(v)) == 0)
			break;
	}
	plain(w, text);
}

void vit_jw_bool(struct vit_json_writer *w, bool v)
{
	plain(w, v ? "true" : "false");
}

void vit_jw_null(struct vit_json_writer *w)
{
	plain(w, "null");
}

void vit_jw_finish(struct vit_json_writer *w)
{
	if (w->depth || !w->written)
		VIT_BUG("json writer: finished in the middle of a document");
	put(w, "\n", 1);
	w->written = false;
}
