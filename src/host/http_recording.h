/*
 * Recorded HTTP exchanges: http/index.tsv, a row for each, and the bodies in
 * files beside it.
 *
 * A row: URL, range ("-", "first-last" or "first-"), failure ("-", or its name
 * with '+' behind it when it was a passing one) and its message, status, file of
 * the body ("-": none), then one field a header. Only headers that decide
 * something are kept: no cookie, nothing that was sent. URLs are redacted
 * (redact.h); bodies are as they came.
 */
#ifndef VIT_HOST_HTTP_RECORDING_H
#define VIT_HOST_HTTP_RECORDING_H

#include "base/arena.h"
#include "host/http.h"
#include "host/table.h"

/* Appends the row of exchange `number`; the name its body is to be written
 * under, or empty when it has none. */
struct vit_str vit_http_recording_write(struct vit_buf *table, struct vit_arena *a,
					const struct vit_http_job *job, unsigned number);
/* Is this row's question the request's? */
bool vit_http_recording_is(const struct vit_table_row *row, const struct vit_http_request *q);
/* Fills the response but its body; *body names that one's file (NUL behind it), or is
 * empty. Fails, also as the response's failure: SYNTAX. */
enum vit_errc vit_http_recording_read(struct vit_arena *a, const struct vit_table_row *row,
				      struct vit_http_response *r, struct vit_str *body);

#endif
