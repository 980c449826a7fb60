/* What surrounds the model on the machine: the job's Python environment, and programs that serve models. */
#include "audit/session.h"

#include <unistd.h>

#include "base/path.h"
#include "collect/python.h"
#include "collect/runtimes.h"
#include "formats/pep440.h"

#define MAX_CWD 4096

/* Was the area, or a check of it, named with --only? */
static bool named(const struct vit_session *s, enum vit_area area)
{
	for (size_t i = 0; i < s->options->only.count; i++) {
		struct vit_str name = vit_str_c(s->options->only.names[i]);
		enum vit_check_id id = vit_check_find(name);

		if (vit_area_find(name) == area || (id != VIT_CK_COUNT && vit_check_info(id)->area == area))
			return true;
	}
	return false;
}

/* A path that the user gave relative to where they are. */
static struct vit_str absolute(struct vit_arena *a, struct vit_str path)
{
	char cwd[MAX_CWD];

	if (path.n == 0 || path.p[0] == '/' || vit_str_find(path, VIT_STR("/"), 0) == SIZE_MAX ||
	    !getcwd(cwd, sizeof(cwd)))
		return path;
	while (vit_str_starts(path, VIT_STR("./")))
		path = vit_str_sub(path, 2, path.n);
	return vit_arena_printf(a, "%s/%.*s", cwd, VIT_FMT(path));
}

static void collect_python(struct vit_session *s)
{
	const struct vit_job *j = &s->job;
	struct vit_python_options o = {
		.asked = absolute(s->arena, j->python),
		.model_root = s->facts.files.root,
	};
	struct vit_str *wanted = VIT_NEW_ARRAY(s->arena, j->package_count, struct vit_str);
	char name[128];

	for (uint32_t i = 0; i < j->package_count; i++)
		if (vit_pep503_name(j->packages[i].name, name, sizeof(name)))
			wanted[o.wanted_count++] = vit_arena_str(s->arena, vit_str_c(name));
	o.wanted = wanted;
	vit_collect_python(s->arena, s->host, &o, &s->facts.python);
}

static void collect_runtimes(struct vit_session *s)
{
	struct vit_runtimes_options o = {
		.model_root = s->facts.files.root,
		.model_name = vit_path_base(s->facts.files.root),
		.python = &s->facts.python,
		.stop = s->options->stop,
		.offline = s->options->offline,
	};

	vit_collect_runtimes(s->arena, s->host, &o, &s->facts.runtimes);
}

void vit_session_machine(struct vit_session *s)
{
	/* A job for a device of the catalogue runs elsewhere. */
	bool here = s->job.device.n == 0 || vit_str_is(s->job.device, "here");
	bool asked = s->scope == VIT_SCOPE_SYSTEM || (s->job.given && here) || s->job.python.n > 0;

	if (s->scope == VIT_SCOPE_DATA)
		return;
	if ((s->groups & VIT_FG_PYTHON) && (asked || named(s, VIT_AREA_python)))
		collect_python(s);
	if ((s->groups & VIT_FG_RUNTIMES) && (asked || named(s, VIT_AREA_runtimes)))
		collect_runtimes(s);
}
