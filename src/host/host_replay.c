#include "host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/num.h"
#include "host/host_posix.h"
#include "host/http_recording.h"
#include "host/table.h"

#define MAX_NAME 255 /* bytes of one part of a path */

struct replay {
	int dir;
	struct vit_arena *arena;
	struct vit_table tables[VIT_REC_COUNT];
	bool *answered; /* rows of VIT_REC_HTTP */
};

/* Opens folder/path without following a link anywhere below: every part by
 * itself. ".." has no place in a recording. */
static enum vit_errc open_below(const struct replay *r, const char *folder, const char *path,
				int flags, int *out, struct vit_err *err)
{
	struct vit_str rest = vit_str_c(path), part = vit_str_c(folder);
	int fd = r->dir;

	for (;;) {
		char name[MAX_NAME + 1];
		int last, next;

		/* An empty folder is the recording itself; a path may begin with '/'. */
		while (part.n == 0)
			if (!vit_str_split(&rest, '/', &part))
				goto missing;
		if (part.n > MAX_NAME || vit_str_is(part, ".") || vit_str_is(part, ".."))
			goto missing;
		memcpy(name, part.p, part.n);
		name[part.n] = '\0';
		do
			last = !vit_str_split(&rest, '/', &part);
		while (!last && part.n == 0);
		next = openat(fd, name, (last ? flags : O_RDONLY | O_DIRECTORY) | O_NOFOLLOW |
			      O_CLOEXEC | O_NONBLOCK);
		if (fd != r->dir)
			close(fd);
		if (next < 0)
			return vit_err_sys(err, errno == ELOOP || errno == ENOTDIR ? ENOENT : errno,
					   "%s (recorded)", path);
		fd = next;
		if (last) {
			*out = fd;
			return VIT_OK;
		}
	}
missing:
	if (fd != r->dir)
		close(fd);
	return vit_err_set(err, VIT_E_NOTFOUND, "%s: not in the recording", path);
}

static enum vit_errc read_below(const struct replay *r, const char *folder, const char *path,
				struct vit_buf *out, struct vit_err *err)
{
	enum vit_errc rc;
	int fd;

	rc = open_below(r, folder, path, O_RDONLY | O_NOCTTY, &fd, err);
	if (rc != VIT_OK)
		return rc;
	rc = vit_posix_read_fd(fd, path, out, err);
	close(fd);
	return rc;
}

static enum vit_errc errc_of(struct vit_str name)
{
	for (int code = VIT_E_IO; code <= VIT_E_INTERRUPTED; code++)
		if (vit_str_is(name, vit_errc_name((enum vit_errc)code)))
			return (enum vit_errc)code;
	return VIT_E_IO;
}

/* The failure that was recorded for this question, or VIT_OK. "*" is any. */
static enum vit_errc recorded_failure(const struct replay *r, const char *op, const char *key,
				      struct vit_err *err)
{
	const struct vit_table *t = &r->tables[VIT_REC_FAILURES];

	for (size_t i = 0; i < t->count; i++) {
		const struct vit_table_row *row = &t->rows[i];

		if (row->count < 3)
			continue;
		if (!vit_str_is(row->fields[0], "*") && !vit_str_is(row->fields[0], op))
			continue;
		if (!vit_str_is(row->fields[1], "*") && !vit_str_is(row->fields[1], key))
			continue;
		if (row->count > 3)
			return vit_err_set(err, errc_of(row->fields[2]), "%.*s",
					   VIT_FMT(row->fields[3]));
		return vit_err_set(err, errc_of(row->fields[2]), "%s: recorded as failing", key);
	}
	return VIT_OK;
}

/* The row of key in a table, or the failure that was recorded, or NOTFOUND. */
static enum vit_errc look_up(const struct replay *r, enum vit_recording table, const char *op,
			     const char *key, size_t fields, const struct vit_table_row **row,
			     struct vit_err *err)
{
	enum vit_errc rc = recorded_failure(r, op, key, err);

	if (rc != VIT_OK)
		return rc;
	*row = vit_table_find(&r->tables[table], vit_str_c(key), fields);
	if (!*row)
		return vit_err_set(err, VIT_E_NOTFOUND, "%s %s: not in the recording", op, key);
	return VIT_OK;
}

static enum vit_errc give_text(struct vit_str text, const char *key, struct vit_buf *out,
			       struct vit_err *err)
{
	vit_buf_clear(out);
	vit_buf_str(out, text);
	return out->full ? vit_err_set(err, VIT_E_LIMIT, "%s: more than %zu bytes", key,
				       out->ceiling) : VIT_OK;
}

static void copy_str(char *out, size_t size, struct vit_str s)
{
	size_t n = s.n < size ? s.n : size - 1;

	memcpy(out, s.p, n);
	out[n] = '\0';
}

static enum vit_errc replay_identity(void *ctx, struct vit_host_identity *out,
				     struct vit_err *err)
{
	const struct replay *r = ctx;
	const struct vit_table_row *os, *release, *arch;
	enum vit_errc rc = look_up(r, VIT_REC_IDENTITY, "identity", "os", 2, &os, err);

	if (rc == VIT_OK)
		rc = look_up(r, VIT_REC_IDENTITY, "identity", "release", 2, &release, err);
	if (rc == VIT_OK)
		rc = look_up(r, VIT_REC_IDENTITY, "identity", "arch", 2, &arch, err);
	if (rc != VIT_OK)
		return rc;
	copy_str(out->os, sizeof(out->os), os->fields[1]);
	copy_str(out->release, sizeof(out->release), release->fields[1]);
	copy_str(out->arch, sizeof(out->arch), arch->fields[1]);
	return VIT_OK;
}

static enum vit_errc replay_read_file(void *ctx, const char *path, struct vit_buf *out,
				      struct vit_err *err)
{
	const struct replay *r = ctx;
	enum vit_errc rc = recorded_failure(r, "file", path, err);

	return rc == VIT_OK ? read_below(r, "root", path, out, err) : rc;
}

static enum vit_errc replay_list_dir(void *ctx, const char *path, struct vit_arena *a,
				     struct vit_str **names, size_t *count, struct vit_err *err)
{
	const struct replay *r = ctx;
	const struct vit_table *t = &r->tables[VIT_REC_LISTS];
	const struct vit_table_row *row = vit_table_find(t, vit_str_c(path), 1);
	enum vit_errc rc = recorded_failure(r, "list", path, err);
	int fd;

	if (rc != VIT_OK)
		return rc;
	if (row) {
		*count = row->count - 1;
		*names = VIT_NEW_ARRAY(a, *count, struct vit_str);
		for (size_t i = 0; i < *count; i++)
			(*names)[i] = vit_arena_str(a, row->fields[i + 1]);
		return VIT_OK;
	}
	rc = open_below(r, "root", path, O_RDONLY | O_DIRECTORY, &fd, err);
	return rc == VIT_OK ? vit_posix_list_fd(fd, path, a, names, count, err) : rc;
}

static enum vit_errc replay_sysctl_u64(void *ctx, const char *name, uint64_t *out,
				       struct vit_err *err)
{
	const struct vit_table_row *row;
	enum vit_errc rc = look_up(ctx, VIT_REC_SYSCTL, "sysctl", name, 2, &row, err);

	if (rc == VIT_OK && !vit_parse_u64(row->fields[1], out))
		rc = vit_err_set(err, VIT_E_RANGE, "sysctl %s is no number", name);
	return rc;
}

static enum vit_errc replay_sysctl_str(void *ctx, const char *name, struct vit_buf *out,
				       struct vit_err *err)
{
	const struct vit_table_row *row;
	enum vit_errc rc = look_up(ctx, VIT_REC_SYSCTL, "sysctl", name, 2, &row, err);

	return rc == VIT_OK ? give_text(row->fields[1], name, out, err) : rc;
}

/* A row of the index: file name in cmd/, exit status, then the arguments. */
static bool same_command(const struct vit_table_row *row, const char *const *argv)
{
	size_t n = 0;

	while (argv[n])
		n++;
	if (row->count != n + 2)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!vit_str_is(row->fields[i + 2], argv[i]))
			return false;
	return true;
}

static enum vit_errc replay_run(void *ctx, const char *const *argv, unsigned timeout_ms,
				struct vit_buf *out, int *status, struct vit_err *err)
{
	const struct replay *r = ctx;
	const struct vit_table *t = &r->tables[VIT_REC_COMMANDS];
	enum vit_errc rc;

	(void)timeout_ms;
	if (!argv[0])
		return vit_err_set(err, VIT_E_UNSUPPORTED, "no command");
	rc = recorded_failure(r, "run", argv[0], err);
	if (rc != VIT_OK)
		return rc;
	for (size_t i = 0; i < t->count; i++) {
		uint64_t code;

		if (!same_command(&t->rows[i], argv))
			continue;
		if (!vit_parse_u64(t->rows[i].fields[1], &code) || code > 255)
			return vit_err_set(err, VIT_E_RANGE, "%s: recorded without an exit status",
					   argv[0]);
		*status = (int)code;
		return read_below(r, "cmd", vit_arena_str(r->arena, t->rows[i].fields[0]).p, out,
				  err);
	}
	return vit_err_set(err, VIT_E_NOTFOUND, "command %s: not in the recording", argv[0]);
}

static enum vit_errc replay_statfs(void *ctx, const char *path, struct vit_host_disk *out,
				   struct vit_err *err)
{
	const struct replay *r = ctx;
	const struct vit_table *t = &r->tables[VIT_REC_STATFS];
	const struct vit_table_row *row = vit_table_find(t, vit_str_c(path), 4);
	enum vit_errc rc = recorded_failure(r, "statfs", path, err);

	if (rc != VIT_OK)
		return rc;
	if (!row)
		row = vit_table_find(t, VIT_STR("*"), 4);
	if (!row)
		return vit_err_set(err, VIT_E_NOTFOUND, "%s: free space is not in the recording",
				   path);
	if (!vit_parse_u64(row->fields[1], &out->total) ||
	    !vit_parse_u64(row->fields[2], &out->free))
		return vit_err_set(err, VIT_E_RANGE, "statfs.tsv: no number");
	copy_str(out->kind, sizeof(out->kind), row->fields[3]);
	return VIT_OK;
}

static enum vit_errc replay_env(void *ctx, const char *name, struct vit_buf *out,
				struct vit_err *err)
{
	const struct vit_table_row *row;
	enum vit_errc rc = look_up(ctx, VIT_REC_ENV, "env", name, 2, &row, err);

	return rc == VIT_OK ? give_text(row->fields[1], name, out, err) : rc;
}

static enum vit_errc replay_nvml(void *ctx, unsigned timeout_ms, struct vit_buf *out,
				 struct vit_err *err)
{
	const struct replay *r = ctx;
	enum vit_errc rc = recorded_failure(r, "nvml", "nvml", err);

	(void)timeout_ms;
	return rc == VIT_OK ? read_below(r, "", VIT_RECORDING_NVML, out, err) : rc;
}

static enum vit_errc replay_read_rate(void *ctx, int fd, uint64_t size, unsigned timeout_ms,
				      struct vit_host_rate *out, struct vit_err *err)
{
	const struct vit_table_row *row;
	uint64_t cached = 0;
	enum vit_errc rc = look_up(ctx, VIT_REC_RATES, "rate", "*", 4, &row, err);

	(void)fd;
	(void)size;
	(void)timeout_ms;
	if (rc == VIT_OK && (!vit_parse_u64(row->fields[1], &out->bytes) ||
			     !vit_parse_u64(row->fields[2], &out->nanoseconds) ||
			     !vit_parse_u64(row->fields[3], &cached)))
		rc = vit_err_set(err, VIT_E_RANGE, "rates.tsv: no number");
	out->cached = cached != 0;
	return rc;
}

static enum vit_errc replay_now(void *ctx, int64_t *out, struct vit_err *err)
{
	const struct vit_table_row *row;
	enum vit_errc rc = look_up(ctx, VIT_REC_IDENTITY, "now", "now", 2, &row, err);

	if (rc == VIT_OK && !vit_parse_i64(row->fields[1], out))
		rc = vit_err_set(err, VIT_E_RANGE, "identity.tsv: now is no number");
	return rc;
}

/* One recorded exchange. Where a question was asked several times, the answers
 * come in their order, and the last one from then on. */
static void answer_exchange(struct replay *r, struct vit_http_session *session, struct vit_http_job *job)
{
	const struct vit_table *t = &r->tables[VIT_REC_HTTP];
	struct vit_http_response *a = &job->response;
	size_t found = SIZE_MAX;
	struct vit_str body;

	session->requests++;
	vit_buf_clear(&a->head);
	vit_buf_clear(&a->body);
	a->status = 0;
	a->passing = false;
	a->err = (struct vit_err){ .code = VIT_OK };
	for (size_t i = 0; i < t->count; i++) {
		if (!vit_http_recording_is(&t->rows[i], &job->request))
			continue;
		found = i;
		if (!r->answered[i])
			break;
	}
	if (found == SIZE_MAX) {
		(void)vit_err_set(&a->err, VIT_E_NOTFOUND, "this request is not in the recording");
		return;
	}
	r->answered[found] = true;
	if (vit_http_recording_read(r->arena, &t->rows[found], a, &body) == VIT_OK && body.n) {
		a->body.ceiling = job->request.max_body > VIT_HTTP_REFUSAL_MAX ? (size_t)job->request.max_body :
										 VIT_HTTP_REFUSAL_MAX;
		struct vit_err lost;
		if (read_below(r, "http", body.p, &a->body, &lost) != VIT_OK)
			a->err = lost;
	}
	session->body_bytes += a->body.n;
}

static void replay_http(void *ctx, struct vit_http_session *session, struct vit_http_job *jobs, size_t count,
			vit_http_step_fn step, void *step_ctx)
{
	for (size_t i = 0; i < count; i++) {
		do
			answer_exchange(ctx, session, &jobs[i]);
		while (step(step_ctx, &jobs[i]) >= 0);
	}
}

static void replay_http_close(void *ctx, struct vit_http_session *session)
{
	(void)ctx;
	(void)session;
}

static enum vit_errc load_tables(struct replay *r, struct vit_err *err)
{
	struct vit_buf text;
	enum vit_errc rc = VIT_OK;

	vit_buf_init(&text, VIT_TABLE_MAX_BYTES);
	for (int i = 0; i < VIT_REC_COUNT && rc == VIT_OK; i++) {
		struct vit_err failed = { VIT_OK, 0, 0, "" };

		rc = read_below(r, "", vit_recording_names[i], &text, &failed);
		if (rc == VIT_E_NOTFOUND) {
			rc = VIT_OK;
			continue;
		}
		if (rc == VIT_OK) {
			/* Fields point into the arena's copies, not into text. */
			rc = vit_table_parse(r->arena, vit_buf_view(&text), vit_recording_names[i],
					     &r->tables[i], &failed);
		}
		if (rc != VIT_OK && err)
			*err = failed;
	}
	vit_buf_release(&text);
	r->answered = VIT_NEW_ARRAY(r->arena, r->tables[VIT_REC_HTTP].count + 1, bool);
	return rc;
}

void vit_host_replay_close(struct vit_host *h)
{
	struct replay *r = h->ctx;

	if (r) {
		if (r->dir >= 0)
			close(r->dir);
		vit_arena_free(r->arena);
	}
	*h = (struct vit_host){ .ctx = NULL };
}

enum vit_errc vit_host_replay_open(struct vit_host *out, const char *dir, struct vit_err *err)
{
	struct vit_arena *arena = vit_arena_new();
	struct replay *r = VIT_NEW(arena, struct replay);
	enum vit_errc rc;

	r->arena = arena;
	*out = (struct vit_host){
		.ctx = r,
		.replayed = true,
		.identity = replay_identity,
		.read_file = replay_read_file,
		.list_dir = replay_list_dir,
		.sysctl_u64 = replay_sysctl_u64,
		.sysctl_str = replay_sysctl_str,
		.run = replay_run,
		.statfs = replay_statfs,
		.env = replay_env,
		.nvml = replay_nvml,
		.read_rate = replay_read_rate,
		.now = replay_now,
		.http = replay_http,
		.http_close = replay_http_close,
	};
	r->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dir < 0)
		rc = vit_err_sys(err, errno, "recorded machine %s", dir);
	else
		rc = load_tables(r, err);
	if (rc == VIT_OK && r->tables[VIT_REC_IDENTITY].count == 0 &&
	    r->tables[VIT_REC_FAILURES].count == 0)
		rc = vit_err_set(err, VIT_E_NOTFOUND, "%s holds no recorded machine", dir);
	if (rc != VIT_OK)
		vit_host_replay_close(out);
	return rc;
}
