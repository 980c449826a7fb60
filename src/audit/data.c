/* The training data: --data, or what the job names. */
#include "audit/session.h"

#include "collect/data.h"

/* A name on a hub, "org/name", rather than a file of this machine. */
static bool is_hub_name(struct vit_str path)
{
	size_t slash = vit_str_find(path, VIT_STR("/"), 0);

	return slash != SIZE_MAX && slash > 0 && vit_str_find(path, VIT_STR("/"), slash + 1) == SIZE_MAX &&
	       vit_str_find(path, VIT_STR("."), 0) == SIZE_MAX;
}

enum vit_errc vit_session_data(struct vit_session *s, struct vit_err *err)
{
	const struct vit_job *j = &s->job;
	struct vit_data_options o = { .sequence = j->sequence, .batch = j->batch };
	struct vit_str path = s->options->data ? vit_str_c(s->options->data) : j->data_file;
	struct vit_err cause = { .code = VIT_OK };
	enum vit_errc rc;

	if (path.n == 0 || !(s->groups & VIT_FG_DATA))
		return VIT_OK;
	rc = vit_collect_data(s->arena, path, &o, s->options->progress, &s->facts.data, &cause);
	if (!rc)
		return VIT_OK;
	/* What was named on the command line must be there; what a job names and
	 * is not is a finding, unless it lies on a hub. */
	if (s->options->data)
		return vit_err_set(err, rc, "%s%s", s->scope == VIT_SCOPE_DATA ? "" : "--data ", cause.msg);
	if (rc == VIT_E_NOTFOUND && is_hub_name(path))
		s->facts.data.given = false;
	return VIT_OK;
}
