/*
 * The bytes of a data file, decompressed when they are: gzip (all members) and
 * zstd (all frames), told by their magic, whatever the name says.
 *
 * Limits: what comes out is never held whole, so an archive made to swell costs
 * time alone; it is given up when 1 GiB or more has come out and that is over
 * 2,000 times what went in (VIT_E_LIMIT; no text compresses so far). A zstd
 * window is at most 128 MiB. A stream that is cut or damaged fails with
 * VIT_E_SYNTAX at the stored byte where it broke; what came before it was
 * given out.
 */
#ifndef VIT_DATA_STREAM_H
#define VIT_DATA_STREAM_H

#include "facts/data.h"
#include "json/reader.h"

struct vit_data_stream;

/* Reads through `read` (borrowed until close); never NULL. */
struct vit_data_stream *vit_data_stream_open(vit_json_read_fn read, void *ctx);
void vit_data_stream_close(struct vit_data_stream *s); /* NULL is allowed */
/* A vit_json_read_fn with ctx = the stream. */
int64_t vit_data_stream_read(void *s, void *buf, size_t n, struct vit_err *err);
/* After the first read. */
enum vit_data_compression vit_data_stream_kind(const struct vit_data_stream *s);

#endif
