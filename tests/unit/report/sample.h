/*
 * Two reports built by hand: a small plausible one, and one whose every string
 * is hostile. Fixtures of the renderers' tests.
 */
#ifndef VIT_TEST_REPORT_SAMPLE_H
#define VIT_TEST_REPORT_SAMPLE_H

#include "report/build.h"

void sample_report(struct vit_report *r, struct vit_arena *a);
/* The same shape, `evil` in every string that can come from outside. */
void hostile_report(struct vit_report *r, struct vit_arena *a, struct vit_str evil);

/* The bytes of a rendering; release with vit_buf_release. */
struct vit_buf render(const struct vit_report *r, const char *format,
		      struct vit_render_options options);

#endif
