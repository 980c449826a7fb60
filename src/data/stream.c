#include "data/stream.h"

#include <inttypes.h>
#include <stdlib.h>

#include <zlib.h>
#include <zstd.h>

#include "base/arena.h"

#define IN_SIZE ((size_t)128 << 10)
#define SWELL_RATIO 2000u
#define SWELL_FROM ((uint64_t)1 << 30)
#define WINDOW_LOG 27

struct vit_data_stream {
	vit_json_read_fn read;
	void *ctx;
	enum vit_data_compression kind;
	bool begun, at_end, mid_frame, damaged;
	unsigned char *in;
	size_t at, have;
	uint64_t taken, given; /* bytes that went in and came out */
	z_stream z;
	ZSTD_DCtx *zstd;
};

struct vit_data_stream *vit_data_stream_open(vit_json_read_fn read, void *ctx)
{
	struct vit_data_stream *s = vit_xcalloc(1, sizeof *s);

	s->read = read;
	s->ctx = ctx;
	s->in = vit_xmalloc(IN_SIZE);
	return s;
}

void vit_data_stream_close(struct vit_data_stream *s)
{
	if (!s)
		return;
	if (s->kind == VIT_DATA_GZIP)
		inflateEnd(&s->z);
	ZSTD_freeDCtx(s->zstd);
	free(s->in);
	free(s);
}

enum vit_data_compression vit_data_stream_kind(const struct vit_data_stream *s)
{
	return s->kind;
}

/* More input behind what is left: false when it failed. */
static bool refill(struct vit_data_stream *s, struct vit_err *err)
{
	int64_t n;

	if (s->at_end)
		return true;
	memmove(s->in, s->in + s->at, s->have - s->at);
	s->have -= s->at;
	s->at = 0;
	n = s->read(s->ctx, s->in + s->have, IN_SIZE - s->have, err);
	if (n < 0)
		return false;
	s->at_end = n == 0;
	s->have += (size_t)n;
	return true;
}

static enum vit_errc begin(struct vit_data_stream *s, struct vit_err *err)
{
	while (s->have < 4 && !s->at_end)
		if (!refill(s, err))
			return err->code;
	s->begun = true;
	if (s->have >= 2 && s->in[0] == 0x1f && s->in[1] == 0x8b) {
		/* 16: a gzip header and nothing else. */
		if (inflateInit2(&s->z, 15 + 16) != Z_OK)
			return vit_err_set(err, VIT_E_LIMIT, "no memory to decompress with");
		s->kind = VIT_DATA_GZIP;
	} else if (s->have >= 4 && memcmp(s->in, "\x28\xb5\x2f\xfd", 4) == 0) {
		s->zstd = ZSTD_createDCtx();
		if (!s->zstd || ZSTD_isError(ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, WINDOW_LOG)))
			return vit_err_set(err, VIT_E_LIMIT, "no memory to decompress with");
		s->kind = VIT_DATA_ZSTD;
	}
	return VIT_OK;
}

static int64_t broken(const struct vit_data_stream *s, struct vit_err *err, const char *what)
{
	vit_err_at(err, VIT_E_SYNTAX, s->taken, "the %s stream %s at stored byte %" PRIu64,
		   s->kind == VIT_DATA_GZIP ? "gzip" : "zstd", what, s->taken);
	return -1;
}

/* One step of inflate into out: bytes, 0 for none yet. */
static int64_t inflate_step(struct vit_data_stream *s, unsigned char *out, size_t n, struct vit_err *err)
{
	unsigned room = n > (size_t)1 << 30 ? 1u << 30 : (unsigned)n;
	int rc;

	s->z.next_in = s->in + s->at;
	s->z.avail_in = (unsigned)(s->have - s->at);
	s->z.next_out = out;
	s->z.avail_out = room;
	rc = inflate(&s->z, Z_NO_FLUSH);
	s->taken += (s->have - s->at) - s->z.avail_in;
	s->at = s->have - s->z.avail_in;
	s->mid_frame = rc != Z_STREAM_END;
	if (rc == Z_STREAM_END)
		inflateReset(&s->z);
	else if (rc != Z_OK && rc != Z_BUF_ERROR)
		s->damaged = true;
	/* What came out before the damage is good. */
	if (s->damaged && room == s->z.avail_out)
		return broken(s, err, "is damaged");
	return room - s->z.avail_out;
}

static int64_t zstd_step(struct vit_data_stream *s, void *to, size_t n, struct vit_err *err)
{
	ZSTD_inBuffer in = { s->in + s->at, s->have - s->at, 0 };
	ZSTD_outBuffer out = { to, n, 0 };
	size_t rc = ZSTD_decompressStream(s->zstd, &out, &in);

	s->taken += in.pos;
	s->at += in.pos;
	s->damaged = ZSTD_isError(rc);
	if (s->damaged && out.pos == 0)
		return broken(s, err, "is damaged, or needs a window over 128 MiB,");
	s->mid_frame = rc != 0;
	return (int64_t)out.pos;
}

/* Behind a gzip member other bytes than a member's are padding: tar and tape
 * tools write zeros there, and gzip itself ignores them. */
static bool padding(struct vit_data_stream *s)
{
	if (s->kind != VIT_DATA_GZIP || s->mid_frame || s->taken == 0)
		return false;
	return s->have > s->at && s->in[s->at] == 0;
}

static int64_t decompress(struct vit_data_stream *s, void *buf, size_t n, struct vit_err *err)
{
	for (;;) {
		int64_t got;

		if (s->damaged)
			return broken(s, err, "is damaged");
		if (s->at == s->have && !refill(s, err))
			return -1;
		if (padding(s))
			return 0;
		if (s->at == s->have && !s->mid_frame)
			return 0;
		got = s->kind == VIT_DATA_GZIP ? inflate_step(s, buf, n, err) : zstd_step(s, buf, n, err);
		if (got < 0)
			return -1;
		s->given += (uint64_t)got;
		if (s->given > SWELL_FROM && s->given / SWELL_RATIO > s->taken) {
			vit_err_at(err, VIT_E_LIMIT, s->taken,
				   "%" PRIu64 " bytes came out of %" PRIu64
				   " stored ones, over 2,000 times as many: given up",
				   s->given, s->taken);
			return -1;
		}
		if (got > 0)
			return got;
		if (s->at == s->have && s->at_end && s->mid_frame)
			return broken(s, err, "ends early");
	}
}

int64_t vit_data_stream_read(void *stream, void *buf, size_t n, struct vit_err *err)
{
	struct vit_data_stream *s = stream;

	if (!s->begun && begin(s, err))
		return -1;
	if (s->kind != VIT_DATA_PLAIN)
		return decompress(s, buf, n, err);
	if (s->at < s->have) {
		n = n < s->have - s->at ? n : s->have - s->at;
		memcpy(buf, s->in + s->at, n);
		s->at += n;
		return (int64_t)n;
	}
	return s->at_end ? 0 : s->read(s->ctx, buf, n, err);
}
