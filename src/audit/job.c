/* The job of the command line and the devices it is for; its forecast. */
#include "audit/session.h"

#define JOB_FILE_MAX ((size_t)1 << 20)
#define COMPARE_MAX  32

static enum vit_errc read_job(struct vit_session *s, struct vit_err *err)
{
	const struct vit_audit_options *o = s->options;
	struct vit_err cause = { .code = VIT_OK };
	struct vit_str text;
	enum vit_errc rc;

	if (o->job) {
		rc = vit_read_user_file(s->arena, o->job, JOB_FILE_MAX, &text, &cause);
		if (rc)
			return vit_err_set(err, VIT_E_USAGE, "--job %s", cause.msg);
		rc = vit_job_load(s->arena, text, vit_str_c(o->job), &s->job, &cause);
		if (rc)
			return vit_err_set(err, VIT_E_USAGE, "%s", cause.msg);
	}
	for (size_t i = 0; i < o->job_setting_count; i++) {
		const struct vit_job_setting *set = &o->job_settings[i];

		rc = vit_job_set(s->arena, &s->job, set->field, vit_str_c(set->text), &cause);
		if (rc)
			return vit_err_set(err, VIT_E_USAGE, "option --%s: %s", set->option,
					   cause.msg);
	}
	/* A sequence length is enough to hold data against. */
	if (s->scope == VIT_SCOPE_DATA && s->job.method == VIT_JOB_NONE)
		return VIT_OK;
	return vit_job_finish(&s->job, err);
}

/* Names of the catalogue into rows of it. */
static enum vit_errc choose_devices(struct vit_session *s, struct vit_err *err)
{
	const struct vit_audit_options *o = s->options;
	struct vit_err cause = { .code = VIT_OK };
	enum vit_errc rc = vit_hardware_load(s->arena, &s->hardware, err);

	if (rc)
		VIT_BUG("the hardware catalogue does not load");
	if (s->job.device.n && !vit_str_is(s->job.device, "here")) {
		rc = vit_hardware_find(&s->hardware, s->job.device, &s->device, &cause);
		if (rc)
			return vit_err_set(err, rc, "--device %s", cause.msg);
	}
	if (o->compare.count > COMPARE_MAX)
		return vit_err_set(err, VIT_E_USAGE, "--compare: more than %d devices",
				   COMPARE_MAX);
	s->compare = VIT_NEW_ARRAY(s->arena, o->compare.count, struct vit_hardware_choice);
	s->compare_count = (uint32_t)o->compare.count;
	for (uint32_t i = 0; i < s->compare_count; i++) {
		rc = vit_hardware_find(&s->hardware, vit_str_c(o->compare.names[i]), &s->compare[i],
				       &cause);
		if (rc)
			return vit_err_set(err, rc, "--compare %s", cause.msg);
	}
	return VIT_OK;
}

/* The user's calibration file, when there is one. */
static enum vit_errc read_calibration(struct vit_session *s, struct vit_err *err)
{
	const char *path = s->options->calibration;
	struct vit_err cause = { .code = VIT_OK };
	struct vit_str text;
	enum vit_errc rc;

	if (!path)
		return VIT_OK;
	rc = vit_read_user_file(s->arena, path, JOB_FILE_MAX, &text, &cause);
	if (rc == VIT_E_NOTFOUND)
		return VIT_OK;
	if (!rc)
		rc = vit_calibration_load(s->arena, text, vit_str_c(path), &s->calibration, &cause);
	return rc ? vit_err_set(err, VIT_E_USAGE, "%s (mend or remove the file)", cause.msg)
		  : VIT_OK;
}

enum vit_errc vit_session_job(struct vit_session *s, struct vit_err *err)
{
	enum vit_errc rc = read_job(s, err);

	if (rc)
		return rc;
	s->forecast = s->job.given || s->job.device.n || s->options->compare.count;
	if (!s->forecast)
		return VIT_OK;
	rc = choose_devices(s, err);
	return rc ? rc : read_calibration(s, err);
}

/* What is known of a device, for one forecast at a time. */
static const struct vit_forecast_calibration *calibration_of(void *ctx, struct vit_str device,
							     const struct vit_job *job)
{
	struct vit_session *s = ctx;
	const struct vit_calibration_entry *e =
		vit_calibration_find(&s->calibration, device, vit_str_c(vit_calibration_kind(job)));

	if (!e)
		return NULL;
	s->calibrated = (struct vit_forecast_calibration){ e->memory, e->step, e->decode,
							   e->prefill, e->source };
	return &s->calibrated;
}

void vit_session_forecast(struct vit_session *s)
{
	struct vit_outlook_input in = {
		.specs = s->specs,
		.hardware = &s->hardware,
		.facts = &s->facts,
		.arch = &s->architecture,
		.job = &s->job,
		.device = s->device,
		.compare = s->compare,
		.compare_count = s->compare_count,
		.asked = s->forecast && s->scope == VIT_SCOPE_MODEL,
		.calibration = s->calibration.count && !s->uncalibrated ? calibration_of : NULL,
		.calibration_ctx = s,
	};

	vit_outlook_run(s->arena, &in, &s->outlook);
}
