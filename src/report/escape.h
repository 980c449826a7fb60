/*
 * All escaping of the report. Every function takes any bytes at all, first
 * makes them harmless (one line, printable, valid UTF-8: vit_display), then
 * escapes what the format gives a meaning to.
 *
 * What counts as harmless is decided in base/utf8.h; JSON strings are escaped
 * by json/writer.h.
 */
#ifndef VIT_REPORT_ESCAPE_H
#define VIT_REPORT_ESCAPE_H

#include "report/out.h"

/* GitHub-flavoured Markdown, inline: \ ` * [ ] ~ $ and | get a backslash, _
 * where it could emphasise, < and & become entities, "://" and "www." are no links.
 * At the start of a line (`at_start`) nothing becomes a heading, quote or list. */
void vit_esc_md(struct vit_out *o, struct vit_str s, bool at_start);
/* A code span whose fence is longer than any run of backticks inside. In a
 * table (`in_cell`) | is escaped. Writes nothing for an empty string. */
void vit_esc_md_code(struct vit_out *o, struct vit_str s, bool in_cell);
/* HTML text and double-quoted attributes. */
void vit_esc_html(struct vit_out *o, struct vit_str s);
/* XML 1.0 text and attributes; characters XML cannot hold are written as \uNNNN. */
void vit_esc_xml(struct vit_out *o, struct vit_str s);
/* Workflow commands of GitHub Actions: message, and property (file=, title=). */
void vit_esc_github(struct vit_out *o, struct vit_str s);
void vit_esc_github_property(struct vit_out *o, struct vit_str s);
/* Appends a relative URI reference of the raw bytes: all but unreserved and '/' percent-encoded. */
void vit_esc_uri(struct vit_buf *out, struct vit_str path);
/* Length of the longest run of backticks. */
size_t vit_esc_backticks(struct vit_str s);

/* Takes the next piece off *rest: text, or what stands between two backticks
 * (*code true). Catalogue texts mark commands that way. False at the end. */
bool vit_esc_piece(struct vit_str *rest, struct vit_str *piece, bool *code);

#endif
