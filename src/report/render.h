/*
 * The renderers and what they share. Private to src/report.
 *
 * A renderer turns a decided report into bytes: pure, deterministic, and
 * without an opinion. It refuses nothing: any strings at all may be in the report.
 */
#ifndef VIT_REPORT_RENDER_H
#define VIT_REPORT_RENDER_H

#include "report/build.h"

#define VIT_TOOL_NAME "vitalis-audit"

typedef void vit_render_fn(const struct vit_report *r, const struct vit_render_options *o,
			   struct vit_sink *out);
vit_render_fn vit_render_terminal, vit_render_markdown, vit_render_json, vit_render_sarif,
	vit_render_junit, vit_render_html, vit_render_github;

/* Why the section has nothing, or has not all; never empty. */
struct vit_str vit_section_reason(const struct vit_section *s);
/* The finding's remedy, else the catalogue's. */
struct vit_str vit_finding_remedy(const struct vit_report_finding *f);
/* Whether people see the node. Values, groups and tables without a label are
 * for JSON only; of such a group the children are shown where it stands. */
bool vit_node_is_shown(const struct vit_node *n);
/* Rows of a table or list that people see, and those they don't. */
uint32_t vit_node_rows(const struct vit_node *n, bool verbose);
uint64_t vit_node_more_rows(const struct vit_node *n, uint32_t shown);
bool vit_check_is(const struct vit_report_check *c, const char *state);

#endif
