/*
 * The renderers' way to a sink: collects small pieces, and holds the scratch
 * space in which untrusted text is made harmless before it is written.
 *
 * vit_out_raw and vit_out_c write bytes as they are: literals of ours and what
 * went through escape.h, nothing else. Failure is sticky in the sink.
 */
#ifndef VIT_REPORT_OUT_H
#define VIT_REPORT_OUT_H

#include "base/buf.h"
#include "base/num.h"
#include "report/build.h"

/* Display bytes of one string in the text formats; the rest is "...". A name
 * of 100 MB is a finding, not a reason to write 100 MB. JSON has all of it. */
#define VIT_OUT_TEXT_MAX 4096

struct vit_out {
	struct vit_sink *sink;
	size_t n;
	char chunk[4096];
	struct vit_buf clean; /* result of vit_out_clean */
	struct vit_buf text;  /* result of vit_out_value and vit_out_place */
};

void vit_out_open(struct vit_out *o, struct vit_sink *sink);
void vit_out_close(struct vit_out *o); /* flushes and frees */
void vit_out_raw(struct vit_out *o, struct vit_str s);
void vit_out_c(struct vit_out *o, const char *literal);
void vit_out_repeat(struct vit_out *o, const char *literal, size_t times);
void vit_out_u64(struct vit_out *o, uint64_t v); /* "201,088" */
/* As a vit_write_fn for the JSON writer; ctx is the vit_out. */
bool vit_out_write(void *ctx, const char *p, size_t n);

/* s on one line, printable, valid UTF-8 (vit_display). Valid until the next call. */
struct vit_str vit_out_clean(struct vit_out *o, struct vit_str s, size_t max);
/* As vit_out_clean, but a backslash stays single and a LF ends it: for commands. */
struct vit_str vit_out_clean_code(struct vit_out *o, struct vit_str s, size_t max);

enum vit_value_style {
	VIT_VALUE_FULL,  /* "13,761,316,904 B (13.8 GB)" */
	VIT_VALUE_SHORT, /* "13.8 GB" */
};
/* The value for people, raw: escape it as any text. Valid until the next call. */
struct vit_str vit_out_value(struct vit_out *o, const struct vit_val *v, enum vit_value_style style);
/* Where in its file a finding is, without the path, raw: "line 3, column 7, byte 1,024".
 * Empty when nothing is known. Valid until the next call of this or vit_out_value. */
struct vit_str vit_out_place(struct vit_out *o, const struct vit_report_finding *f);

/* "1 error", "2 errors". */
void vit_out_count(struct vit_out *o, uint64_t n, const char *one, const char *many);

#endif
