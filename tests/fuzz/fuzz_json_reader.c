/*
 * The pull reader: any window and any reads give the events of the whole text;
 * offsets lie inside the text and never go back; slices lie inside it, too;
 * strings decode to valid UTF-8; numbers are what they say.
 *
 * The first three bytes choose options, window and size of reads; the rest is
 * the text.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/num.h"
#include "base/utf8.h"
#include "json/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

struct source {
	struct vit_str rest;
	size_t chunk;
};

static int64_t read_some(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct source *s = ctx;
	(void)err;
	n = n < s->chunk ? n : s->chunk;
	n = n < s->rest.n ? n : s->rest.n;
	if (n)
		memcpy(buf, s->rest.p, n);
	s->rest = vit_str_sub(s->rest, n, s->rest.n);
	return (int64_t)n;
}

static void check_string(const struct vit_json_event *ev, struct vit_buf *scratch)
{
	vit_buf_clear(scratch);
	vit_json_decode(ev, scratch);
	struct vit_str decoded = vit_buf_view(scratch);
	CHECK(vit_utf8_valid(decoded) == decoded.n);
	CHECK(decoded.n <= ev->raw.n);
	if (!(ev->flags & VIT_JSON_ESCAPED))
		CHECK(vit_str_eq(decoded, ev->raw));
	CHECK((vit_str_find(decoded, (struct vit_str){ "", 1 }, 0) != SIZE_MAX) ==
	      ((ev->flags & VIT_JSON_ESCAPED_NUL) != 0));
}

static void check_number(const struct vit_json_event *ev)
{
	uint64_t u64;
	int64_t i64;
	bool is_u64 = vit_parse_u64(ev->raw, &u64), is_i64 = vit_parse_i64(ev->raw, &i64);
	if (!(ev->flags & VIT_JSON_NEGATIVE_ZERO))
		CHECK(is_u64 == ((ev->flags & VIT_JSON_U64) != 0));
	CHECK(is_i64 == ((ev->flags & VIT_JSON_I64) != 0));
	CHECK(!is_u64 || ev->u64 == u64);
	CHECK(!is_i64 || ev->i64 == i64);
	char copy[1024];
	CHECK(ev->raw.n < sizeof(copy));
	memcpy(copy, ev->raw.p, ev->raw.n);
	copy[ev->raw.n] = 0;
	double want = strtod(copy, NULL);
	if (want == want)
		CHECK(memcmp(&want, &ev->number, sizeof(want)) == 0);
	else
		CHECK(ev->number != ev->number);
}

static void check_event(const struct vit_json_event *ev, struct vit_str text,
			struct vit_buf *scratch)
{
	if (ev->type == VIT_JSON_END || ev->type == VIT_JSON_ERROR)
		return;
	bool string = ev->type == VIT_JSON_KEY || ev->type == VIT_JSON_STRING;
	CHECK(ev->offset < text.n);
	CHECK(ev->raw.n <= text.n - ev->offset - string);
	if (ev->raw.n)
		CHECK(memcmp(ev->raw.p, text.p + ev->offset + string, ev->raw.n) == 0);
	if (string)
		check_string(ev, scratch);
	if (ev->type == VIT_JSON_NUMBER)
		check_number(ev);
}

/* Both to the end, event by event. */
static void compare(struct vit_str text, unsigned options, size_t window, size_t chunk)
{
	struct vit_json_reader whole, stream;
	struct vit_json_event a, b;
	struct vit_buf scratch;
	struct source source = { text, chunk };
	char *storage = vit_xmalloc(window);
	uint64_t last = 0;
	bool too_large;
	vit_buf_init(&scratch, text.n + 16);
	vit_json_reader_init(&whole, text, options);
	vit_json_reader_stream(&stream, read_some, &source, storage, window, options);
	for (;;) {
		vit_json_next(&whole, &a);
		vit_json_next(&stream, &b);
		check_event(&a, text, &scratch);
		CHECK(a.offset <= text.n && a.offset >= last);
		CHECK(whole.depth <= VIT_JSON_MAX_DEPTH);
		last = a.type == VIT_JSON_ERROR ? last : a.offset;
		/* A token may be too large for the window, and for nothing else. */
		too_large = b.type == VIT_JSON_ERROR && stream.err.code == VIT_E_LIMIT &&
			    window <= text.n && strstr(stream.err.msg, "longer than the limit");
		if (too_large)
			break;
		CHECK(a.type == b.type && a.flags == b.flags && a.offset == b.offset);
		CHECK(a.u64 == b.u64 && a.i64 == b.i64 && vit_str_eq(a.raw, b.raw));
		CHECK(memcmp(&a.number, &b.number, sizeof(a.number)) == 0);
		CHECK(whole.depth == stream.depth);
		if (a.type == VIT_JSON_END || a.type == VIT_JSON_ERROR)
			break;
	}
	if (!too_large && a.type == VIT_JSON_ERROR) {
		CHECK(strcmp(whole.err.msg, stream.err.msg) == 0);
		CHECK(whole.err.code == VIT_E_SYNTAX || whole.err.code == VIT_E_LIMIT);
		struct vit_str message = vit_str_c(whole.err.msg);
		CHECK(vit_utf8_valid(message) == message.n);
	}
	vit_buf_release(&scratch);
	free(storage);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	struct vit_str text = { (const char *)data + 3, size - 3 };
	unsigned options = data[0] & 15u;
	compare(text, options, (data[1] & 63u) + 1, (data[2] & 63u) + 1);
	compare(text, options, text.n + 2, (data[2] & 63u) + 1);
	return 0;
}
