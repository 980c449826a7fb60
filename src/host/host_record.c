#include "host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"
#include "host/host_posix.h"
#include "host/http_recording.h"
#include "host/recording.h"
#include "host/redact.h"
#include "host/table.h"

#define MAX_ANSWER (8u << 20) /* bytes of one answer as written */

struct record {
	const struct vit_host *inner;
	int dir;
	struct vit_arena *arena;
	struct vit_redact redact;
	struct vit_map seen;     /* questions written already: the first answer stays */
	struct vit_buf tables[VIT_REC_COUNT];
	unsigned commands, exchanges;
	bool asked_disk;
	struct vit_err err;      /* the first failure to write */
};

/* True when this question has not been asked before. */
static bool first_time(struct record *r, const char *op, struct vit_str key)
{
	struct vit_str whole = vit_arena_printf(r->arena, "%s\t%.*s", op, VIT_FMT(key));

	return vit_map_add(&r->seen, whole, 1) == VIT_MAP_NONE;
}

static struct vit_str redacted(struct record *r, struct vit_str text)
{
	struct vit_buf out;
	struct vit_str kept;

	vit_buf_init(&out, MAX_ANSWER);
	vit_redact_text(&r->redact, text, &out);
	kept = vit_arena_str(r->arena, vit_buf_view(&out));
	vit_buf_release(&out);
	return kept;
}

static struct vit_str value_of(struct record *r, struct vit_str name, struct vit_str value)
{
	return vit_redact_is_secret(name) ? VIT_STR("REDACTED") : redacted(r, value);
}

/* One row of a table: what names it, and up to three more fields. */
static void add_row(struct record *r, enum vit_recording table, size_t count,
		    const struct vit_str *fields)
{
	struct vit_buf *out = &r->tables[table];

	for (size_t i = 0; i < count; i++)
		vit_table_field(out, fields[i], i == 0);
	vit_buf_putc(out, '\n');
	if (out->full && r->err.code == VIT_OK)
		(void)vit_err_set(&r->err, VIT_E_LIMIT, "%s: more than %zu bytes",
				  vit_recording_names[table], out->ceiling);
}

static void add_pair(struct record *r, enum vit_recording table, struct vit_str name,
		     struct vit_str value)
{
	const struct vit_str fields[2] = { name, value };

	add_row(r, table, 2, fields);
}

/* What is not there needs no row: an absent answer is NOTFOUND in a replay. */
static void add_failure(struct record *r, const char *op, const char *key,
			const struct vit_err *err)
{
	struct vit_str fields[4] = { vit_str_c(op), redacted(r, vit_str_c(key)),
				     vit_str_c(vit_errc_name(err->code)),
				     redacted(r, vit_str_c(err->msg)) };

	if (err->code != VIT_E_NOTFOUND &&
	    first_time(r, "failure", vit_arena_printf(r->arena, "%s %s", op, key)))
		add_row(r, VIT_REC_FAILURES, 4, fields);
}

/* The caller gets what the inner host said; we keep a copy. */
static enum vit_errc pass_failure(struct record *r, const char *op, const char *key,
				  const struct vit_err *failed, struct vit_err *err)
{
	add_failure(r, op, key, failed);
	if (err)
		*err = *failed;
	return failed->code;
}

/* Keeps the first failure for the end. */
static void write_file(struct record *r, const char *folder, struct vit_str path,
		       struct vit_str text)
{
	struct vit_str whole = vit_arena_printf(r->arena, "%s/%.*s", folder, VIT_FMT(path));
	struct vit_err err = { VIT_OK, 0, 0, "" };

	if (vit_recording_write(r->dir, whole, text, &err) != VIT_OK && r->err.code == VIT_OK)
		r->err = err;
}

static enum vit_errc record_identity(void *ctx, struct vit_host_identity *out,
				     struct vit_err *err)
{
	struct record *r = ctx;
	struct vit_err failed = { VIT_OK, 0, 0, "" };

	if (r->inner->identity(r->inner->ctx, out, &failed) != VIT_OK)
		return pass_failure(r, "identity", "os", &failed, err);
	if (first_time(r, "identity", VIT_STR_EMPTY)) {
		add_pair(r, VIT_REC_IDENTITY, VIT_STR("os"), vit_str_c(out->os));
		add_pair(r, VIT_REC_IDENTITY, VIT_STR("release"),
			 redacted(r, vit_str_c(out->release)));
		add_pair(r, VIT_REC_IDENTITY, VIT_STR("arch"), vit_str_c(out->arch));
	}
	return VIT_OK;
}

/* A token's file may have any name. */
static bool is_token_file(const struct record *r, const char *path)
{
	struct vit_err ignored;
	struct vit_buf named;
	bool same;

	vit_buf_init(&named, 8192);
	same = r->inner->env(r->inner->ctx, "HF_TOKEN_PATH", &named, &ignored) == VIT_OK &&
	       vit_str_eq(vit_str_trim(vit_buf_view(&named)), vit_str_c(path));
	vit_buf_release(&named);
	return same;
}

static enum vit_errc record_read_file(void *ctx, const char *path, struct vit_buf *out,
				      struct vit_err *err)
{
	struct record *r = ctx;
	struct vit_err failed = { VIT_OK, 0, 0, "" };
	struct vit_str name = vit_str_c(path);

	if (r->inner->read_file(r->inner->ctx, path, out, &failed) != VIT_OK)
		return pass_failure(r, "file", path, &failed, err);
	name = redacted(r, name);
	if (first_time(r, "file", name))
		write_file(r, "root", name, is_token_file(r, path) ? VIT_STR("REDACTED") :
			   value_of(r, vit_str_c(path), vit_buf_view(out)));
	return VIT_OK;
}

static enum vit_errc record_list_dir(void *ctx, const char *path, struct vit_arena *a,
				     struct vit_str **names, size_t *count, struct vit_err *err)
{
	struct record *r = ctx;
	struct vit_err failed = { VIT_OK, 0, 0, "" };

	if (r->inner->list_dir(r->inner->ctx, path, a, names, count, &failed) != VIT_OK)
		return pass_failure(r, "list", path, &failed, err);
	if (first_time(r, "list", vit_str_c(path))) {
		struct vit_str *fields = VIT_NEW_ARRAY(r->arena, *count + 1, struct vit_str);

		fields[0] = redacted(r, vit_str_c(path));
		for (size_t i = 0; i < *count; i++)
			fields[i + 1] = redacted(r, (*names)[i]);
		add_row(r, VIT_REC_LISTS, *count + 1, fields);
	}
	return VIT_OK;
}

static enum vit_errc record_sysctl_u64(void *ctx, const char *name, uint64_t *out,
				       struct vit_err *err)
{
	struct record *r = ctx;
	struct vit_err failed = { VIT_OK, 0, 0, "" };

	if (r->inner->sysctl_u64(r->inner->ctx, name, out, &failed) != VIT_OK)
		return pass_failure(r, "sysctl", name, &failed, err);
	if (first_time(r, "sysctl", vit_str_c(name)))
		add_pair(r, VIT_REC_SYSCTL, vit_str_c(name),
			 vit_arena_printf(r->arena, "%llu", (unsigned long long)*out));
	return VIT_OK;
}

static enum vit_errc record_sysctl_str(void *ctx, const char *name, struct vit_buf *out,
				       struct vit_err *err)
{
	struct record *r = ctx;
	struct vit_err failed = { VIT_OK, 0, 0, "" };

	if (r->inner->sysctl_str(r->inner->ctx, name, out, &failed) != VIT_OK)
		return pass_failure(r, "sysctl", name, &failed, err);
	if (first_time(r, "sysctl", vit_str_c(name)))
		add_pair(r, VIT_REC_SYSCTL, vit_str_c(name),
			 value_of(r, vit_str_c(name), vit_buf_view(out)));
	return VIT_OK;
}

static enum vit_errc record_run(void *ctx, const char *const *argv, unsigned timeout_ms,
				struct vit_buf *out, int *status, struct vit_err *err)
{
	struct record *r = ctx;
	struct vit_err failed = { VIT_OK, 0, 0, "" };
	struct vit_str fields[VIT_HOST_MAX_ARGV + 2], key = VIT_STR_EMPTY;
	size_t n = 2;

	if (r->inner->run(r->inner->ctx, argv, timeout_ms, out, status, &failed) != VIT_OK)
		return pass_failure(r, "run", argv[0] ? argv[0] : "", &failed, err);
	for (; argv[n - 2] && n < VIT_HOST_MAX_ARGV + 2; n++) {
		fields[n] = redacted(r, vit_str_c(argv[n - 2]));
		key = vit_arena_printf(r->arena, "%.*s\t%.*s", VIT_FMT(key), VIT_FMT(fields[n]));
	}
	if (!first_time(r, "run", key))
		return VIT_OK;
	fields[0] = vit_arena_printf(r->arena, "%u.out", ++r->commands);
	fields[1] = vit_arena_printf(r->arena, "%d", *status);
	add_row(r, VIT_REC_COMMANDS, n, fields);
	write_file(r, "cmd", fields[0], redacted(r, vit_buf_view(out)));
	return VIT_OK;
}

static enum vit_errc record_statfs(void *ctx, const char *path, struct vit_host_disk *out,
				   struct vit_err *err)
{
	struct record *r = ctx;
	struct vit_err failed = { VIT_OK, 0, 0, "" };
	struct vit_str fields[4];

	if (r->inner->statfs(r->inner->ctx, path, out, &failed) != VIT_OK)
		return pass_failure(r, "statfs", path, &failed, err);
	if (!first_time(r, "statfs", vit_str_c(path)))
		return VIT_OK;
	/* The first is the model's place, which has another name where this is replayed. */
	fields[0] = r->asked_disk ? redacted(r, vit_str_c(path)) : VIT_STR("*");
	r->asked_disk = true;
	fields[1] = vit_arena_printf(r->arena, "%llu", (unsigned long long)out->total);
	fields[2] = vit_arena_printf(r->arena, "%llu", (unsigned long long)out->free);
	fields[3] = vit_arena_str(r->arena, vit_str_c(out->kind));
	add_row(r, VIT_REC_STATFS, 4, fields);
	return VIT_OK;
}

static enum vit_errc record_env(void *ctx, const char *name, struct vit_buf *out,
				struct vit_err *err)
{
	struct record *r = ctx;
	struct vit_err failed = { VIT_OK, 0, 0, "" };

	if (r->inner->env(r->inner->ctx, name, out, &failed) != VIT_OK)
		return pass_failure(r, "env", name, &failed, err);
	if (first_time(r, "env", vit_str_c(name)))
		add_pair(r, VIT_REC_ENV, vit_str_c(name),
			 value_of(r, vit_str_c(name), vit_buf_view(out)));
	return VIT_OK;
}

static enum vit_errc record_now(void *ctx, int64_t *out, struct vit_err *err)
{
	struct record *r = ctx;
	struct vit_err failed = { VIT_OK, 0, 0, "" };

	if (r->inner->now(r->inner->ctx, out, &failed) != VIT_OK)
		return pass_failure(r, "now", "now", &failed, err);
	if (first_time(r, "now", VIT_STR_EMPTY))
		add_pair(r, VIT_REC_IDENTITY, VIT_STR("now"),
			 vit_arena_printf(r->arena, "%lld", (long long)*out));
	return VIT_OK;
}

static enum vit_errc record_nvml(void *ctx, unsigned timeout_ms, struct vit_buf *out,
				 struct vit_err *err)
{
	struct record *r = ctx;
	struct vit_err failed = { VIT_OK, 0, 0, "" };

	if (r->inner->nvml(r->inner->ctx, timeout_ms, out, &failed) != VIT_OK)
		return pass_failure(r, "nvml", "nvml", &failed, err);
	if (first_time(r, "nvml", VIT_STR_EMPTY))
		write_file(r, "", VIT_STR(VIT_RECORDING_NVML), redacted(r, vit_buf_view(out)));
	return VIT_OK;
}

static enum vit_errc record_read_rate(void *ctx, int fd, uint64_t size, unsigned timeout_ms,
				      struct vit_host_rate *out, struct vit_err *err)
{
	struct record *r = ctx;
	struct vit_err failed = { VIT_OK, 0, 0, "" };
	struct vit_str fields[4];

	if (r->inner->read_rate(r->inner->ctx, fd, size, timeout_ms, out, &failed) != VIT_OK)
		return pass_failure(r, "rate", "rate", &failed, err);
	if (!first_time(r, "rate", VIT_STR_EMPTY))
		return VIT_OK;
	fields[0] = VIT_STR("*");
	fields[1] = vit_arena_printf(r->arena, "%llu", (unsigned long long)out->bytes);
	fields[2] = vit_arena_printf(r->arena, "%llu", (unsigned long long)out->nanoseconds);
	fields[3] = out->cached ? VIT_STR("1") : VIT_STR("0");
	add_row(r, VIT_REC_RATES, 4, fields);
	return VIT_OK;
}

/* Between the host that asks and the caller who decides what comes next. */
struct record_http {
	struct record *record;
	vit_http_step_fn step;
	void *ctx;
};

static int64_t record_exchange(void *ctx, struct vit_http_job *job)
{
	struct record_http *h = ctx;
	struct record *r = h->record;
	struct vit_str body = vit_http_recording_write(&r->tables[VIT_REC_HTTP], r->arena, job, ++r->exchanges);

	if (body.n)
		write_file(r, "http", body, vit_buf_view(&job->response.body));
	return h->step(h->ctx, job);
}

static void record_http(void *ctx, struct vit_http_session *session, struct vit_http_job *jobs, size_t count,
			vit_http_step_fn step, void *step_ctx)
{
	struct record *r = ctx;
	struct record_http h = { .record = r, .step = step, .ctx = step_ctx };

	r->inner->http(r->inner->ctx, session, jobs, count, record_exchange, &h);
}

static void record_http_close(void *ctx, struct vit_http_session *session)
{
	struct record *r = ctx;

	r->inner->http_close(r->inner->ctx, session);
}

/* What to take out: asked of the machine, never written. */
static void learn_names(struct record *r)
{
	static const char *const user_names[] = { "USER", "LOGNAME" };
	static const char *const host_names[] = { "kernel.hostname", "kern.hostname" };
	const struct vit_host *h = r->inner;
	struct vit_buf text;

	vit_buf_init(&text, 4096);
	if (h->env(h->ctx, "HOME", &text, NULL) == VIT_OK)
		r->redact.home = vit_arena_str(r->arena, vit_buf_view(&text));
	for (size_t i = 0; i < 2 && r->redact.user.n == 0; i++)
		if (h->env(h->ctx, user_names[i], &text, NULL) == VIT_OK)
			r->redact.user = vit_arena_str(r->arena, vit_buf_view(&text));
	for (size_t i = 0; i < 2 && r->redact.host.n == 0; i++)
		if (h->sysctl_str(h->ctx, host_names[i], &text, NULL) == VIT_OK)
			r->redact.host = vit_arena_str(r->arena, vit_buf_view(&text));
	vit_buf_release(&text);
}

static enum vit_errc open_empty(struct record *r, const char *dir, struct vit_err *err)
{
	struct vit_str *names;
	size_t count = 0;
	enum vit_errc rc;

	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return vit_err_sys(err, errno, "%s", dir);
	rc = vit_posix_list_dir(NULL, dir, r->arena, &names, &count, err);
	if (rc != VIT_OK)
		return rc;
	if (count > 0)
		return vit_err_set(err, VIT_E_USAGE, "%s: not empty; a recording needs a folder "
				   "of its own", dir);
	r->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return r->dir < 0 ? vit_err_sys(err, errno, "%s", dir) : VIT_OK;
}

static void free_record(struct record *r)
{
	if (r->dir >= 0)
		close(r->dir);
	for (int i = 0; i < VIT_REC_COUNT; i++)
		vit_buf_release(&r->tables[i]);
	vit_map_release(&r->seen);
	vit_arena_free(r->arena);
}

enum vit_errc vit_host_record_open(struct vit_host *out, const struct vit_host *inner,
				   const char *dir, struct vit_err *err)
{
	struct vit_arena *arena = vit_arena_new();
	struct record *r = VIT_NEW(arena, struct record);
	enum vit_errc rc;

	r->arena = arena;
	r->inner = inner;
	r->dir = -1;
	vit_map_init(&r->seen, 64);
	for (int i = 0; i < VIT_REC_COUNT; i++)
		vit_buf_init(&r->tables[i], VIT_TABLE_MAX_BYTES);
	*out = (struct vit_host){
		.ctx = r,
		.replayed = inner->replayed,
		.identity = record_identity,
		.read_file = record_read_file,
		.list_dir = record_list_dir,
		.sysctl_u64 = record_sysctl_u64,
		.sysctl_str = record_sysctl_str,
		.run = record_run,
		.statfs = record_statfs,
		.env = record_env,
		.nvml = record_nvml,
		.read_rate = record_read_rate,
		.now = record_now,
		.http = record_http,
		.http_close = record_http_close,
	};
	rc = open_empty(r, dir, err);
	if (rc != VIT_OK) {
		free_record(r);
		*out = (struct vit_host){ .ctx = NULL };
		return rc;
	}
	learn_names(r);
	return VIT_OK;
}

enum vit_errc vit_host_record_close(struct vit_host *h, struct vit_err *err)
{
	struct record *r = h->ctx;
	enum vit_errc rc;

	if (!r)
		return VIT_OK;
	for (int i = 0; i < VIT_REC_COUNT; i++)
		if (r->tables[i].n > 0)
			write_file(r, "", vit_str_c(vit_recording_names[i]),
				   vit_buf_view(&r->tables[i]));
	rc = r->err.code;
	if (rc != VIT_OK && err)
		*err = r->err;
	free_record(r);
	*h = (struct vit_host){ .ctx = NULL };
	return rc;
}
