/* The job of the command line: a file, then the flags over it. */
#include "audit/session.h"

#define JOB_FILE_MAX ((size_t)1 << 20)

enum vit_errc vit_session_job(struct vit_session *s, struct vit_err *err)
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
			return vit_err_set(err, VIT_E_USAGE, "option --%s: %s", set->option, cause.msg);
	}
	/* A sequence length is enough to hold data against. */
	if (s->scope == VIT_SCOPE_DATA && s->job.method == VIT_JOB_NONE)
		return VIT_OK;
	return vit_job_finish(&s->job, err);
}
