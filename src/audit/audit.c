/* The order of the phases, nothing else. */
#include "audit/session.h"

#include <time.h>

#include "base/path.h"
#include "collect/integrity.h"
#include "collect/net.h"

#define LOCK_MAX ((size_t)512 << 20)

/* Where a failure leaves the caller: the user's mistake, or nothing to audit. */
static int exit_for(enum vit_errc rc)
{
	return rc == VIT_E_USAGE || rc == VIT_E_SYNTAX ? VIT_EXIT_USAGE : VIT_EXIT_INCONCLUSIVE;
}

static bool to_output(void *ctx, const char *p, size_t n)
{
	const struct vit_output *o = ctx;

	return o->write(o->ctx, p, n);
}

static enum vit_errc check_formats(const struct vit_audit_options *o, struct vit_err *err)
{
	for (size_t i = 0; i < o->output_count; i++)
		if (o->outputs[i].format && !vit_renderer_find(vit_str_c(o->outputs[i].format)))
			return vit_err_set(err, VIT_E_USAGE, "%s: no such report format", o->outputs[i].format);
	return VIT_OK;
}

static enum vit_errc dump_facts(const struct vit_session *s, struct vit_err *err)
{
	struct vit_output out;
	struct vit_json_writer w;

	if (!s->options->dump_facts)
		return VIT_OK;
	out = *s->options->dump_facts;
	vit_json_writer_init(&w, to_output, &out, false);
	vit_facts_dump(&s->facts, &w);
	vit_jw_finish(&w);
	return w.failed ? vit_err_set(err, VIT_E_IO, "the facts could not be written") : VIT_OK;
}

static enum vit_errc render(const struct vit_session *s, struct vit_err *err)
{
	for (size_t i = 0; i < s->options->output_count; i++) {
		struct vit_output out = s->options->outputs[i];
		struct vit_sink sink = { .write = to_output, .ctx = &out };
		struct vit_render_options o = {
			.color = out.color,
			.width = out.width,
			.quiet = out.verbosity == VIT_QUIET,
			.verbose = out.verbosity == VIT_VERBOSE,
		};
		const struct vit_renderer *r = vit_renderer_find(vit_str_c(out.format ? out.format : "markdown"));
		r->render(&s->report, &o, &sink);
		if (sink.failed)
			return vit_err_set(err, VIT_E_IO, "the %s report could not be written", r->name);
	}
	return VIT_OK;
}

static int run(const struct vit_audit_options *options, enum vit_scope scope, struct vit_err *err)
{
	struct vit_session s;
	int code = VIT_EXIT_INTERNAL;
	enum vit_errc rc = check_formats(options, err);

	if (rc)
		return exit_for(rc);
	rc = vit_session_open(&s, options, scope, err);
	if (rc) {
		code = exit_for(rc);
		goto out;
	}
	rc = vit_session_collect(&s, err);
	if (rc) {
		code = exit_for(rc);
		goto out;
	}
	rc = vit_session_check(&s, err);
	if (rc) {
		code = exit_for(rc);
		goto out;
	}
	vit_session_present(&s);
	code = s.report.exit_code;
	rc = dump_facts(&s, err);
	if (!rc)
		rc = render(&s, err);
	if (rc)
		code = VIT_EXIT_INCONCLUSIVE;
out:
	if (vit_session_close(&s, rc ? NULL : err) && code == VIT_EXIT_READY)
		code = VIT_EXIT_INCONCLUSIVE;
	return code;
}

int vit_audit_run(const struct vit_audit_options *options, struct vit_err *err)
{
	return run(options, VIT_SCOPE_MODEL, err);
}

int vit_write_lock(const struct vit_audit_options *options, const struct vit_output *out, struct vit_err *err)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_collect_options co = { .groups = VIT_FG_FILES };
	struct vit_integrity_options io = {
		.verify = true,
		.lock = true,
		.threads = options->jobs,
		.progress = options->progress,
		.stop = options->stop,
		.cache_folder = vit_str_c(options->cache_dir),
		.now = options->now >= 0 ? options->now : (int64_t)time(NULL),
	};
	struct vit_facts facts;
	struct vit_str missing = VIT_STR_EMPTY;
	struct vit_buf text;
	int code = VIT_EXIT_INCONCLUSIVE;

	vit_buf_init(&text, LOCK_MAX);
	if (vit_net_is_address(options->path)) {
		vit_err_set(err, VIT_E_USAGE, "%s: a lock is of a folder on this machine", options->path);
		code = VIT_EXIT_USAGE;
		goto out;
	}
	if (vit_collect(a, options->path, &co, &facts, err))
		goto out;
	if (facts.files.only.n) {
		vit_err_set(err, VIT_E_USAGE, "%s: a lock is of a whole folder", options->path);
		code = VIT_EXIT_USAGE;
		goto out;
	}
	if (facts.files.hub_cache_root) {
		/* Written to the folder that was named, it would be read by no later run. */
		vit_err_set(err, VIT_E_USAGE, "%s: a model's folder in the hub's cache; a lock is of one snapshot: %.*s",
			    options->path, VIT_FMT(facts.files.root));
		code = VIT_EXIT_USAGE;
		goto out;
	}
	if (vit_collect_integrity(a, &facts.files, &io, &facts.integrity, err))
		goto out;
	if (facts.files.limit != VIT_WALK_COMPLETE || facts.files.unreadable_dirs)
		vit_err_set(err, VIT_E_LIMIT, "%s: the folder could not be listed whole: no lock was written", options->path);
	else if (!vit_integrity_lock(&facts.integrity, &facts.files, &text, &missing))
		vit_err_set(err, VIT_E_IO, "%.*s: could not be hashed%s: no lock was written", VIT_FMT(missing),
			    facts.integrity.stopped ? " (interrupted)" : "");
	else if (text.full || !out->write(out->ctx, text.p, text.n))
		vit_err_set(err, VIT_E_IO, "the lock could not be written");
	else
		code = VIT_EXIT_READY;
out:
	vit_buf_release(&text);
	vit_arena_free(a);
	return code;
}

int vit_system_report(const struct vit_audit_options *options, struct vit_err *err)
{
	return run(options, VIT_SCOPE_SYSTEM, err);
}

int vit_data_report(const struct vit_audit_options *options, struct vit_err *err)
{
	return run(options, VIT_SCOPE_DATA, err);
}
