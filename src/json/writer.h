/*
 * JSON writer: streams tokens to a sink, indents by two, escapes strings so
 * that the output is valid UTF-8 JSON whatever the bytes (invalid bytes become
 * U+FFFD; C0, DEL, C1, U+2028/9 and bidirectional controls are \u-escaped).
 *
 * It does not reorder, remove duplicates or buffer. Nesting mistakes are a VIT_BUG.
 */
#ifndef VIT_JSON_WRITER_H
#define VIT_JSON_WRITER_H

#include "base/str.h"

/* Receives output; returns false to stop (the writer then writes nothing more). */
typedef bool (*vit_write_fn)(void *ctx, const char *p, size_t n);

#define VIT_JSON_WRITER_DEPTH 64

struct vit_json_writer {
	vit_write_fn write;
	void *ctx;
	bool failed;             /* sticky */
	bool compact;            /* no line breaks, no indentation */
	unsigned depth;          /* private from here */
	unsigned char state[VIT_JSON_WRITER_DEPTH];
	bool after_key;
	bool written;            /* the one value of the document has begun */
};

void vit_json_writer_init(struct vit_json_writer *w, vit_write_fn write, void *ctx, bool compact);
void vit_jw_object(struct vit_json_writer *w);
void vit_jw_object_end(struct vit_json_writer *w);
void vit_jw_array(struct vit_json_writer *w);
void vit_jw_array_end(struct vit_json_writer *w);
void vit_jw_key(struct vit_json_writer *w, const char *key);
void vit_jw_key_str(struct vit_json_writer *w, struct vit_str key);
void vit_jw_str(struct vit_json_writer *w, struct vit_str s);
void vit_jw_cstr(struct vit_json_writer *w, const char *s);
void vit_jw_u64(struct vit_json_writer *w, uint64_t v);
void vit_jw_i64(struct vit_json_writer *w, int64_t v);
/* The shortest that reads back as the same; null when it is not finite. */
void vit_jw_double(struct vit_json_writer *w, double v);
void vit_jw_bool(struct vit_json_writer *w, bool v);
void vit_jw_null(struct vit_json_writer *w);
/* Adds the line break at the end of the document. Another document may follow
 * (JSON lines, with compact). */
void vit_jw_finish(struct vit_json_writer *w);

#endif
