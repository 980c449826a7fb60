/* Decompression: members, frames, damage, and what swells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "data/stream.h"
#include "memory.h"

static struct vit_str gzip(struct vit_arena *a, struct vit_str text)
{
	z_stream z = { 0 };
	size_t room = text.n + text.n / 100 + 100;
	char *out = vit_arena_alloc(a, room);

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)text.p;
	z.avail_in = (unsigned)text.n;
	z.next_out = (unsigned char *)out;
	z.avail_out = (unsigned)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return (struct vit_str){ out, room - z.avail_out };
}

static struct vit_str zstd(struct vit_arena *a, struct vit_str text)
{
	size_t room = ZSTD_compressBound(text.n), n;
	char *out = vit_arena_alloc(a, room);

	n = ZSTD_compress(out, room, text.p, text.n, 3);
	assert_false(ZSTD_isError(n));
	return (struct vit_str){ out, n };
}

static struct vit_str join(struct vit_arena *a, struct vit_str x, struct vit_str y)
{
	char *p = vit_arena_alloc(a, x.n + y.n);

	memcpy(p, x.p, x.n);
	memcpy(p + x.n, y.p, y.n);
	return (struct vit_str){ p, x.n + y.n };
}

/* All that comes out; *code is that of the failure. */
static struct vit_str drain(struct vit_arena *a, struct vit_str stored, size_t chunk, enum vit_data_compression *kind,
			    enum vit_errc *code)
{
	struct memory m = { .rest = stored, .chunk = chunk };
	struct vit_data_stream *s = vit_data_stream_open(memory_read, &m);
	struct vit_err err = { .code = VIT_OK };
	struct vit_buf b;
	struct vit_str out;
	char block[777];
	int64_t n;

	vit_buf_init(&b, (size_t)64 << 20);
	while ((n = vit_data_stream_read(s, block, sizeof block, &err)) > 0)
		vit_buf_add(&b, block, (size_t)n);
	*code = n < 0 ? err.code : VIT_OK;
	*kind = vit_data_stream_kind(s);
	out = vit_arena_str(a, vit_buf_view(&b));
	vit_buf_release(&b);
	vit_data_stream_close(s);
	return out;
}

static struct vit_str text_of(struct vit_arena *a, size_t n)
{
	char *p = vit_arena_alloc(a, n);

	for (size_t i = 0; i < n; i++)
		p[i] = (char)('a' + (i * i / 7 + i) % 26);
	return (struct vit_str){ p, n };
}

static void whole_streams(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_str text = text_of(a, 300000), two = join(a, text, text);
	const struct {
		struct vit_str stored, text;
		enum vit_data_compression kind;
	} cases[] = {
		{ text, text, VIT_DATA_PLAIN },
		{ VIT_STR(""), VIT_STR(""), VIT_DATA_PLAIN },
		{ VIT_STR("\x1f"), VIT_STR("\x1f"), VIT_DATA_PLAIN },
		{ gzip(a, text), text, VIT_DATA_GZIP },
		{ gzip(a, VIT_STR("")), VIT_STR(""), VIT_DATA_GZIP },
		{ join(a, gzip(a, text), gzip(a, text)), two, VIT_DATA_GZIP },
		{ join(a, gzip(a, text), (struct vit_str){ "\0\0\0\0\0\0\0\0", 8 }), text, VIT_DATA_GZIP },
		{ zstd(a, text), text, VIT_DATA_ZSTD },
		{ join(a, zstd(a, text), zstd(a, text)), two, VIT_DATA_ZSTD },
	};
	static const size_t chunks[] = { 0, 1, 3, 4096 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t k = 0; k < 4; k++) {
			enum vit_data_compression kind;
			enum vit_errc code;
			struct vit_str out = drain(a, cases[i].stored, chunks[k], &kind, &code);
			assert_int_equal(code, VIT_OK);
			assert_int_equal(kind, cases[i].kind);
			assert_true(vit_str_eq(out, cases[i].text));
		}
	vit_arena_free(a);
}

static void cut_and_damaged(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_str text = text_of(a, 300000);
	struct vit_str stored[] = { gzip(a, text), zstd(a, text) };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		enum vit_data_compression kind;
		enum vit_errc code;
		struct vit_str out = drain(a, vit_str_sub(stored[i], 0, stored[i].n - 5), 0, &kind, &code);

		/* What came before the cut was given out. */
		assert_int_equal(code, VIT_E_SYNTAX);
		assert_true(vit_str_starts(text, out));
		char *bytes = vit_arena_alloc(a, stored[i].n);
		memcpy(bytes, stored[i].p, stored[i].n);
		memset(bytes + stored[i].n / 2, 0xa5, 40);
		drain(a, (struct vit_str){ bytes, stored[i].n }, 0, &kind, &code);
		assert_int_equal(code, VIT_E_SYNTAX);
	}
	vit_arena_free(a);
}

/* 1.5 GiB of one byte, by zstd: over 2,000 times as much as is stored. */
static void swelling(void **state)
{
	struct vit_arena *a = vit_arena_new();
	ZSTD_CCtx *z = ZSTD_createCCtx();
	size_t room = (size_t)4 << 20, block = (size_t)1 << 20;
	char *out = vit_arena_alloc(a, room), *zeros = vit_arena_alloc(a, block), into[65536];
	ZSTD_outBuffer to = { out, room, 0 };
	struct vit_err err = { .code = VIT_OK };
	uint64_t given = 0;
	int64_t n;

	(void)state;
	for (unsigned i = 0; i < 1536; i++) {
		ZSTD_inBuffer from = { zeros, block, 0 };
		while (from.pos < from.size)
			assert_false(ZSTD_isError(ZSTD_compressStream2(z, &to, &from, ZSTD_e_continue)));
	}
	ZSTD_inBuffer none = { zeros, 0, 0 };
	assert_int_equal(ZSTD_compressStream2(z, &to, &none, ZSTD_e_end), 0);
	ZSTD_freeCCtx(z);
	struct memory m = { .rest = { out, to.pos } };
	struct vit_data_stream *s = vit_data_stream_open(memory_read, &m);
	while ((n = vit_data_stream_read(s, into, sizeof into, &err)) > 0)
		given += (uint64_t)n;
	vit_data_stream_close(s);
	assert_int_equal(err.code, VIT_E_LIMIT);
	assert_true(given >= (uint64_t)1 << 30 && given < (uint64_t)3 << 29);
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_streams),
		cmocka_unit_test(cut_and_damaged),
		cmocka_unit_test(swelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
