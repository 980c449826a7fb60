/* `calibrate DIR`: what was measured of a job, held against its forecast and kept. */
#include "audit/session.h"

#include <stdio.h>

#include "base/num.h"
#include "base/path.h"
#include "formats/run_log.h"

#define LOG_MAX   ((size_t)64 << 20)
#define STORE_MAX ((size_t)1 << 20)

/* What was measured, from flags and log; 0: not. */
struct measured {
	double peak, step, decode, prefill;
	struct vit_str from;
};

static enum vit_errc number(const char *option, const char *text, double *out, struct vit_err *err)
{
	if (!text)
		return VIT_OK;
	if (vit_parse_double(vit_str_c(text), out) && *out > 0)
		return VIT_OK;
	return vit_err_set(err, VIT_E_USAGE, "option --%s: expected a number above 0, found \"%s\"",
			   option, text);
}

static enum vit_errc read_log(struct vit_session *s, const char *path, struct measured *m,
			      struct vit_err *err)
{
	struct vit_err cause = { .code = VIT_OK };
	struct vit_run_log log;
	struct vit_str text;
	enum vit_errc rc = vit_read_user_file(s->arena, path, LOG_MAX, &text, &cause);

	if (!rc)
		rc = vit_run_log_read(s->arena, text, vit_str_c(path), &log, &cause);
	if (rc)
		return vit_err_set(err, VIT_E_USAGE, "--log %s", cause.msg);
	*m = (struct measured){ log.peak_bytes, log.step_seconds, log.decode, log.prefill,
				vit_arena_printf(s->arena, "%s log %s", log.kind, path) };
	return VIT_OK;
}

/* Flags win over the log. */
static enum vit_errc take(struct vit_session *s, const struct vit_measured *given,
			  struct measured *m, struct vit_err *err)
{
	uint64_t peak;
	enum vit_errc rc = given->log ? read_log(s, given->log, m, err) : VIT_OK;

	if (rc)
		return rc;
	if (given->peak) {
		if (!vit_parse_size(vit_str_c(given->peak), &peak))
			return vit_err_set(err, VIT_E_USAGE,
					   "option --peak: expected a size as 18.4GB or bytes, "
					   "found \"%s\"",
					   given->peak);
		m->peak = (double)peak;
	}
	if ((rc = number("step-seconds", given->step, &m->step, err)) ||
	    (rc = number("decode", given->decode, &m->decode, err)) ||
	    (rc = number("prefill", given->prefill, &m->prefill, err)))
		return rc;
	if (m->peak > 0 || m->step > 0 || m->decode > 0 || m->prefill > 0)
		return VIT_OK;
	return vit_err_set(
		err, VIT_E_USAGE,
		"nothing measured was given: --peak, --step-seconds, --decode, --prefill "
		"or --log FILE");
}

/* One quantity: its factor, and a line that says so. */
static enum vit_errc compare(const char *what, double measured, const struct vit_range *forecast,
			     bool bytes, double *factor, struct vit_buf *text, struct vit_err *err)
{
	char a[VIT_FMT_NUM], b[VIT_FMT_NUM];

	if (measured <= 0)
		return VIT_OK;
	if (!forecast->known)
		return vit_err_set(err, VIT_E_UNSUPPORTED,
				   "the %s of this job on this device is not forecast: there is "
				   "nothing to hold the measured value against",
				   what);
	*factor = measured / forecast->expected;
	if (bytes) {
		vit_fmt_bytes((uint64_t)measured, a);
		vit_fmt_bytes((uint64_t)forecast->expected, b);
	} else {
		snprintf(a, sizeof a, "%.4g", measured);
		snprintf(b, sizeof b, "%.4g", forecast->expected);
	}
	if (*factor < VIT_CALIBRATION_LOW || *factor > VIT_CALIBRATION_HIGH)
		return vit_err_set(
			err, VIT_E_USAGE,
			"measured %s %s against a forecast of %s: that is another job or "
			"another device",
			what, a, b);
	vit_buf_printf(
		text, "  %-14s measured %s, forecast %s: factor %.4g%s\n", what, a, b, *factor,
		measured >= forecast->low && measured <= forecast->high ? " (within the range)"
									: " (outside the range)");
	return VIT_OK;
}

static enum vit_errc hold(struct vit_session *s, const struct measured *m,
			  struct vit_calibration_entry *e, struct vit_buf *text,
			  struct vit_err *err)
{
	const struct vit_forecast *f = &s->outlook.main.forecast;
	enum vit_errc rc;

	if (!f->available)
		return vit_err_set(err, VIT_E_UNSUPPORTED, "%s: the job cannot be forecast: %.*s",
				   s->options->path, VIT_FMT(f->unsupported));
	if ((rc = compare("peak", m->peak, &f->memory.peak_allocated, true, &e->memory, text,
			  err)) ||
	    (rc = compare("step seconds", m->step, &f->step_seconds, false, &e->step, text, err)) ||
	    (rc = compare("decode", m->decode, &f->decode_tokens_per_second, false, &e->decode,
			  text, err)) ||
	    (rc = compare("prefill", m->prefill, &f->prefill_tokens_per_second, false, &e->prefill,
			  text, err)))
		return rc;
	return VIT_OK;
}

/* "measured on 2026-11-26 with gpt-oss-20b (Trainer log trainer_state.json)". */
static struct vit_str source_of(struct vit_session *s, const struct measured *m)
{
	struct vit_str day = vit_str_sub(vit_present_date(s->arena, s->now), 0, 10);
	struct vit_str name = vit_path_base(s->facts.files.root);

	return vit_arena_printf(s->arena, "measured %.*s with %.*s%s%.*s%s", VIT_FMT(day),
				VIT_FMT(name), m->from.n ? " (" : "", VIT_FMT(m->from),
				m->from.n ? ")" : "");
}

static enum vit_errc work(struct vit_session *s, const struct vit_measured *given,
			  struct vit_buf *text, struct vit_buf *file, struct vit_err *err)
{
	struct vit_calibration_entry e = { .kind = vit_str_c(vit_calibration_kind(&s->job)) };
	struct measured m = { .from = VIT_STR_EMPTY };
	enum vit_errc rc;

	if (!given->forget && (rc = take(s, given, &m, err)))
		return rc;
	if ((rc = vit_session_collect(s, err)))
		return rc;
	vit_session_resolve(s);
	/* the forecast as it is without what was learnt before */
	s->uncalibrated = true;
	vit_session_forecast(s);
	e.device = s->outlook.main.device.name;
	vit_buf_printf(text, "%.*s, %.*s:\n", VIT_FMT(e.device), VIT_FMT(e.kind));
	if (given->forget) {
		if (!vit_calibration_forget(&s->calibration, e.device, e.kind))
			return vit_err_set(err, VIT_E_USAGE, "nothing is known of %.*s for %.*s",
					   VIT_FMT(e.device), VIT_FMT(e.kind));
		vit_buf_puts(text, "  forgotten\n");
	} else {
		if ((rc = hold(s, &m, &e, text, err)))
			return rc;
		e.source = source_of(s, &m);
		vit_calibration_put(s->arena, &s->calibration, &e);
	}
	vit_calibration_write(&s->calibration, file);
	return file->full ? vit_err_set(err, VIT_E_LIMIT,
					"the calibration would be larger than %zu bytes", STORE_MAX)
			  : VIT_OK;
}

int vit_calibrate(const struct vit_audit_options *options, const struct vit_measured *measured,
		  const struct vit_output *out, const struct vit_output *store, struct vit_err *err)
{
	struct vit_session s;
	struct vit_buf text, file;
	int code = VIT_EXIT_INCONCLUSIVE;
	enum vit_errc rc = vit_session_open(&s, options, false, err);

	vit_buf_init(&text, STORE_MAX);
	vit_buf_init(&file, STORE_MAX);
	if (!rc && !s.job.given)
		rc = vit_err_set(
			err, VIT_E_USAGE,
			"what was run? --job FILE, --train METHOD or --context TOKENS says it");
	if (!rc)
		rc = work(&s, measured, &text, &file, err);
	if (!rc &&
	    (!store->write(store->ctx, file.p, file.n) || !out->write(out->ctx, text.p, text.n)))
		rc = vit_err_set(err, VIT_E_IO, "the calibration could not be written");
	if (!rc)
		code = VIT_EXIT_READY;
	if (rc == VIT_E_USAGE || rc == VIT_E_SYNTAX)
		code = VIT_EXIT_USAGE;
	if (vit_session_close(&s, rc ? NULL : err) && code == VIT_EXIT_READY)
		code = VIT_EXIT_INCONCLUSIVE;
	vit_buf_release(&text);
	vit_buf_release(&file);
	return code;
}
