#include "json_test.h"

#include <inttypes.h>
#include <stdlib.h>

struct source {
	struct vit_str rest;
	size_t chunk;
};

static int64_t read_some(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct source *s = ctx;
	(void)err;
	if (n > s->chunk)
		n = s->chunk;
	if (n > s->rest.n)
		n = s->rest.n;
	memcpy(buf, s->rest.p, n);
	s->rest = vit_str_sub(s->rest, n, s->rest.n);
	return (int64_t)n;
}

enum vit_errc trace(struct vit_str text, unsigned options, size_t window, size_t chunk,
		    struct vit_buf *out)
{
	struct vit_json_reader r;
	struct vit_json_event ev;
	struct source source = { text, chunk };
	/* Of exactly that size each, so that AddressSanitizer sees an overrun. */
	char *storage = malloc(window ? window : text.n ? text.n : 1);
	assert_non_null(storage);
	if (window) {
		vit_json_reader_stream(&r, read_some, &source, storage, window, options);
	} else {
		if (text.n)
			memcpy(storage, text.p, text.n);
		vit_json_reader_init(&r, (struct vit_str){ storage, text.n }, options);
	}
	do {
		uint64_t bits;
		vit_json_next(&r, &ev);
		memcpy(&bits, &ev.number, sizeof(bits));
		vit_buf_printf(out, "%d %u @%" PRIu64 " d%u %" PRIu64 " %" PRId64 " %" PRIx64 " <",
			       (int)ev.type, ev.flags, ev.offset, r.depth, ev.u64, ev.i64, bits);
		vit_buf_str(out, ev.raw);
		vit_buf_puts(out, ">\n");
	} while (ev.type != VIT_JSON_END && ev.type != VIT_JSON_ERROR);
	vit_buf_printf(out, "%d %d %d %s\n", r.had_bom, r.leading_space, (int)r.err.code,
		       r.err.msg);
	/* The last event stays. */
	enum vit_json_type last = ev.type;
	assert_int_equal(vit_json_next(&r, &ev), last);
	free(storage);
	assert_false(out->full);
	return r.err.code;
}
