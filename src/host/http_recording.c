#include "host/http_recording.h"

#include "base/num.h"
#include "host/redact.h"

static const char *const kept_headers[] = {
	"Location",	 "Link",	  "ETag",	      "Content-Range", "Content-Length",
	"Content-Type",	 "Content-Encoding", "Retry-After",   "RateLimit",     "X-Error-Code",
	"X-Error-Message", "X-Repo-Commit", "X-Linked-Etag", "X-Linked-Size",
};

static void add_url(struct vit_buf *table, struct vit_str url, bool first)
{
	struct vit_buf shown;

	vit_buf_init(&shown, 2 * VIT_HTTP_URL_MAX);
	vit_redact_url(url, &shown);
	vit_table_field(table, vit_buf_view(&shown), first);
	vit_buf_release(&shown);
}

static struct vit_str range_text(const struct vit_http_request *q, char out[64])
{
	struct vit_buf b;
	size_t n;

	vit_buf_init(&b, 63);
	if (!q->has_range)
		vit_buf_puts(&b, "-");
	else if (q->last == UINT64_MAX)
		vit_buf_printf(&b, "%llu-", (unsigned long long)q->first);
	else
		vit_buf_printf(&b, "%llu-%llu", (unsigned long long)q->first, (unsigned long long)q->last);
	n = b.n;
	memcpy(out, b.p, n);
	vit_buf_release(&b);
	return (struct vit_str){ out, n };
}

static void add_headers(struct vit_buf *table, struct vit_arena *a, const struct vit_http_response *r)
{
	for (size_t i = 0; i < sizeof kept_headers / sizeof kept_headers[0]; i++) {
		struct vit_str value = vit_http_header(r, kept_headers[i]);
		struct vit_buf shown;
		if (value.n == 0)
			continue;
		vit_buf_init(&shown, 2 * VIT_HTTP_HEAD_MAX);
		vit_redact_url(value, &shown);
		vit_table_field(table, vit_arena_printf(a, "%s: %s", kept_headers[i], shown.p), false);
		vit_buf_release(&shown);
	}
}

struct vit_str vit_http_recording_write(struct vit_buf *table, struct vit_arena *a, const struct vit_http_job *job,
					unsigned number)
{
	const struct vit_http_response *r = &job->response;
	struct vit_str body = r->body.n ? vit_arena_printf(a, "%u.body", number) : VIT_STR_EMPTY;
	char range[64];

	add_url(table, job->request.url, true);
	vit_table_field(table, range_text(&job->request, range), false);
	if (r->err.code != VIT_OK)
		vit_table_field(table, vit_arena_printf(a, "%s%s", vit_errc_name(r->err.code), r->passing ? "+" : ""),
				false);
	else
		vit_table_field(table, VIT_STR("-"), false);
	vit_table_field(table, vit_str_c(r->err.msg), false);
	vit_table_field(table, vit_arena_printf(a, "%d", r->status), false);
	vit_table_field(table, body.n ? body : VIT_STR("-"), false);
	add_headers(table, a, r);
	vit_buf_putc(table, '\n');
	return body;
}

bool vit_http_recording_is(const struct vit_table_row *row, const struct vit_http_request *q)
{
	struct vit_buf shown;
	char range[64];
	bool same;

	if (row->count < 6 || !vit_str_eq(row->fields[1], range_text(q, range)))
		return false;
	vit_buf_init(&shown, 2 * VIT_HTTP_URL_MAX);
	vit_redact_url(q->url, &shown);
	same = vit_str_eq(row->fields[0], vit_buf_view(&shown));
	vit_buf_release(&shown);
	return same;
}

static enum vit_errc failure_named(struct vit_str name)
{
	for (int code = VIT_E_IO; code <= VIT_E_INTERRUPTED; code++)
		if (vit_str_is(name, vit_errc_name((enum vit_errc)code)))
			return (enum vit_errc)code;
	return VIT_OK;
}

enum vit_errc vit_http_recording_read(struct vit_arena *a, const struct vit_table_row *row,
				      struct vit_http_response *r, struct vit_str *body)
{
	struct vit_str failure = row->fields[2];
	enum vit_errc code;
	uint64_t status;

	*body = vit_str_is(row->fields[5], "-") ? VIT_STR_EMPTY : vit_arena_str(a, row->fields[5]);
	for (size_t i = 6; i < row->count; i++)
		vit_buf_printf(&r->head, "%.*s\r\n", VIT_FMT(row->fields[i]));
	if (!vit_parse_u64(row->fields[4], &status) || status > 599)
		return vit_err_set(&r->err, VIT_E_SYNTAX, "http/index.tsv: '%.*s' is no status", VIT_FMT(row->fields[4]));
	r->status = (int)status;
	if (vit_str_is(failure, "-"))
		return VIT_OK;
	r->passing = vit_str_ends(failure, VIT_STR("+"));
	code = failure_named(r->passing ? vit_str_sub(failure, 0, failure.n - 1) : failure);
	if (code == VIT_OK)
		return vit_err_set(&r->err, VIT_E_SYNTAX, "http/index.tsv: '%.*s' is no failure", VIT_FMT(failure));
	(void)vit_err_set(&r->err, code, "%.*s", VIT_FMT(row->fields[3]));
	return VIT_OK;
}
