/* The training data: --data, or what the job names. */
#include "audit/session.h"

#include "base/num.h"
#include "collect/data.h"
#include "collect/data_model.h"
#include "report/date.h"

/* A name on a hub, "org/name", rather than a file of this machine. */
static bool is_hub_name(struct vit_str path)
{
	size_t slash = vit_str_find(path, VIT_STR("/"), 0);

	return slash != SIZE_MAX && slash > 0 && vit_str_find(path, VIT_STR("/"), slash + 1) == SIZE_MAX &&
	       vit_str_find(path, VIT_STR("."), 0) == SIZE_MAX;
}

/* The day of the report, for templates that print it. */
static struct vit_template_clock clock_of(int64_t seconds)
{
	char text[VIT_DATE_MAX];
	struct vit_str s = vit_str_c(vit_date_second(seconds, text));
	static const unsigned at[6][2] = { { 0, 4 }, { 5, 7 }, { 8, 10 }, { 11, 13 }, { 14, 16 }, { 17, 19 } };
	int parts[6] = { 1, 1, 1, 0, 0, 0 };

	for (unsigned i = 0; i < 6; i++) {
		uint64_t v;
		if (vit_parse_u64(vit_str_sub(s, at[i][0], at[i][1]), &v))
			parts[i] = (int)v;
	}
	return (struct vit_template_clock){ parts[0], parts[1], parts[2], parts[3], parts[4], parts[5] };
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
	o.no_near = !s->eval.selected[VIT_CK_data_near_duplicate] && !s->eval.selected[VIT_CK_data_split_overlap];
	o.no_languages = !s->eval.selected[VIT_CK_data_language_mix];
	if (s->options->path) {
		struct vit_template_clock clock = clock_of(s->now);
		vit_collect_data_model(s->arena, &s->facts, &clock, &o.model, &o.no_model);
	}
	rc = vit_collect_data(s->arena, path, &o, s->options->progress, &s->facts.data, &cause);
	vit_data_model_free(o.model);
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
