#include "checks/python.h"

#include "facts/devices.h"
#include "formats/pep440.h"
#include "formats/requirement.h"

static const enum vit_check_id ids[] = {
	VIT_CK_python_interpreter,    VIT_CK_python_package_missing, VIT_CK_python_package_version,
	VIT_CK_python_package_broken, VIT_CK_python_requires_python, VIT_CK_python_conflict,
	VIT_CK_python_torch_backend,
};
#define ID_COUNT (sizeof(ids) / sizeof(ids[0]))

/* --- the command that mends it -------------------------------------------------- */

/* A word for the shell; paths with a quote in them are nobody's to print. */
static struct vit_str quoted(struct vit_arena *a, struct vit_str s)
{
	bool plain = s.n > 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'' || s.p[i] == '`' || (unsigned char)s.p[i] < 0x20)
			return VIT_STR("python3");
		plain &= (s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'z') ||
			 (s.p[i] >= 'A' && s.p[i] <= 'Z') || strchr("/._-+@", s.p[i]);
	}
	return plain ? s : vit_arena_printf(a, "'%.*s'", VIT_FMT(s));
}

struct vit_str vit_python_install(struct vit_arena *a, const struct vit_python *p,
				  struct vit_str specs)
{
	struct vit_str python = quoted(a, p->interpreter);

	if (p->uv)
		return vit_arena_printf(a, "uv pip install --python %.*s %.*s",
					VIT_FMT(quoted(a, p->prefix)), VIT_FMT(specs));
	/* PEP 668: pip installs nothing beside the system's own packages. */
	if (p->externally_managed)
		return vit_arena_printf(
			a, "%.*s -m venv ~/job-env && ~/job-env/bin/python -m pip install %.*s",
			VIT_FMT(python), VIT_FMT(specs));
	if (p->kind == VIT_PYTHON_VENV && !vit_python_find(p, VIT_STR("pip")))
		return vit_arena_printf(a, "%.*s -m ensurepip && %.*s -m pip install %.*s",
					VIT_FMT(python), VIT_FMT(python), VIT_FMT(specs));
	return vit_arena_printf(a, "%.*s -m pip install %.*s", VIT_FMT(python), VIT_FMT(specs));
}

static bool version_in(const struct vit_python_package *package, struct vit_str range, bool *known)
{
	struct vit_pep440 version;

	*known = vit_pep440_parse(package->version, &version) && vit_pep440_is_range(range);
	return *known && vit_pep440_matches(&version, range);
}

static bool lacks(const struct vit_python *p, const struct vit_python_need *need)
{
	const struct vit_python_package *package = vit_python_find(p, need->name);
	bool known;

	return !package || package->broken || (!version_in(package, need->range, &known) && known);
}

/* Everything that is to be installed, in one command. */
static struct vit_str remedy(struct vit_eval *ev, const struct vit_python *p,
			     const struct vit_python_needs *n)
{
	struct vit_str specs = VIT_STR_EMPTY;

	for (uint32_t i = 0; i < n->count; i++) {
		const struct vit_python_need *need = &n->rows[i];

		if (!need->required || !lacks(p, need) ||
		    vit_str_find(need->range, VIT_STR("'"), 0) != SIZE_MAX)
			continue;
		specs = vit_eval_text(ev, "%.*s%s'%.*s%.*s'", VIT_FMT(specs), specs.n ? " " : "",
				      VIT_FMT(need->name), VIT_FMT(need->range));
	}
	if (specs.n == 0)
		return VIT_STR_EMPTY;
	return vit_eval_text(ev, "Install into this environment: `%.*s`",
			     VIT_FMT(vit_python_install(ev->arena, p, specs)));
}

/* --- the checks ------------------------------------------------------------------ */

static struct vit_finding *fail(const struct vit_case *c, struct vit_eval *ev, enum vit_check_id id)
{
	struct vit_finding *f = vit_eval_fail(ev, id);

	if (!c->has_job)
		f->severity = VIT_SEV_NOTE;
	return f;
}

static void check_interpreter(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_python *p = &c->facts->python;
	struct vit_finding *f;

	if (p->runs)
		return;
	f = fail(c, ev, VIT_CK_python_interpreter);
	f->message = p->why;
	f->expected = VIT_STR("a Python interpreter that runs");
	f->actual = p->interpreter.n ? p->interpreter : p->asked;
	if (p->origin == VIT_PYTHON_NOT_FOUND)
		f->remedy = VIT_STR(
			"Install Python, or name the interpreter of the job with --python.");
}

static void check_package(const struct vit_case *c, struct vit_eval *ev,
			  const struct vit_python_needs *all, const struct vit_python_need *need)
{
	const struct vit_python *p = &c->facts->python;
	const struct vit_python_package *package = vit_python_find(p, need->name);
	struct vit_finding *f;
	bool known;

	if (!package) {
		f = fail(c, ev, VIT_CK_python_package_missing);
		if (!need->required)
			f->severity = VIT_SEV_NOTE;
		f->message = vit_eval_text(
			ev, "%.*s is not installed in %.*s; needed: %.*s%s%.*s",
			VIT_FMT(need->name), VIT_FMT(p->prefix), VIT_FMT(need->why),
			need->instead.n ? ". Without it " : "", VIT_FMT(need->instead));
		f->expected =
			vit_eval_text(ev, "%.*s%.*s", VIT_FMT(need->name), VIT_FMT(need->range));
		f->actual = VIT_STR("not installed");
	} else if (package->broken) {
		f = fail(c, ev, VIT_CK_python_package_broken);
		f->message = vit_eval_text(
			ev, "%.*s is half installed in %.*s: its metadata is not there",
			VIT_FMT(need->name), VIT_FMT(p->places[package->place]));
		f->expected = VIT_STR("a METADATA file");
		f->actual = VIT_STR("none");
		f->remedy = vit_eval_text(
			ev, "Install it again: `%.*s`",
			VIT_FMT(vit_python_install(ev->arena, p,
						   vit_eval_text(ev, "--force-reinstall '%.*s%.*s'",
								 VIT_FMT(need->name),
								 VIT_FMT(need->range)))));
		return;
	} else if (!version_in(package, need->range, &known) && known) {
		f = fail(c, ev, VIT_CK_python_package_version);
		if (!need->required)
			f->severity = VIT_SEV_NOTE;
		f->message = vit_eval_text(ev, "%.*s %.*s is installed, %.*s is needed: %.*s",
					   VIT_FMT(need->name), VIT_FMT(package->version),
					   VIT_FMT(need->range), VIT_FMT(need->why));
		f->expected =
			vit_eval_text(ev, "%.*s%.*s", VIT_FMT(need->name), VIT_FMT(need->range));
		f->actual = package->version;
	} else {
		return;
	}
	f->remedy = remedy(ev, p, all);
}

/* The version of the interpreter against what its packages declare. */
static void check_requires_python(const struct vit_case *c, struct vit_eval *ev,
				  const struct vit_python_need *need)
{
	const struct vit_python *p = &c->facts->python;
	const struct vit_python_package *package = vit_python_find(p, need->name);
	struct vit_pep440 version;
	struct vit_finding *f;

	if (!package || !package->requires_python.n ||
	    !vit_pep440_is_range(package->requires_python) ||
	    !vit_pep440_parse(p->version, &version) ||
	    vit_pep440_matches(&version, package->requires_python))
		return;
	f = fail(c, ev, VIT_CK_python_requires_python);
	f->message = vit_eval_text(ev, "%.*s %.*s needs Python %.*s, this is %.*s",
				   VIT_FMT(need->name), VIT_FMT(package->version),
				   VIT_FMT(package->requires_python), VIT_FMT(p->version));
	f->expected = package->requires_python;
	f->actual = p->version;
}

static struct vit_marker_env marker_env(struct vit_eval *ev, const struct vit_facts *facts)
{
	const struct vit_python *p = &facts->python;
	const struct vit_system *s = &facts->system;
	bool darwin = vit_str_is(s->os, "Darwin") || vit_str_is(s->os, "macOS");
	struct vit_str version = p->version;
	size_t dot = vit_str_rchr(version, '.');

	return (struct vit_marker_env){
		.python_version = vit_eval_text(ev, "%.*s", VIT_FMT(vit_str_sub(version, 0, dot))),
		.python_full_version = version,
		.sys_platform = vit_str_is(s->os, "Linux") ? VIT_STR("linux")
				: darwin                   ? VIT_STR("darwin")
							   : VIT_STR_EMPTY,
		.platform_system = darwin ? VIT_STR("Darwin") : s->os,
		.platform_machine = s->arch,
		.os_name = VIT_STR("posix"),
		.implementation_name = p->implementation,
		.extra = VIT_STR_EMPTY,
	};
}

/* What one needed package declares about others. */
static void check_conflicts(const struct vit_case *c, struct vit_eval *ev,
			    const struct vit_python_package *package,
			    const struct vit_marker_env *env)
{
	const struct vit_python *p = &c->facts->python;
	struct vit_requirement r;
	char name[128];
	bool known = true;

	for (uint32_t i = 0; i < package->requires_count; i++) {
		const struct vit_python_package *other;
		struct vit_finding *f;

		if (!vit_requirement_parse(package->requires[i], &r) || r.is_url ||
		    !vit_pep503_name(r.name, name, sizeof(name)) ||
		    vit_marker_decide(r.marker, env) != VIT_MARKER_TRUE)
			continue;
		other = vit_python_find(p, vit_str_c(name));
		if (other && (version_in(other, r.range, &known) || !known))
			continue;
		f = fail(c, ev, VIT_CK_python_conflict);
		f->message = vit_eval_text(ev, "%.*s %.*s declares that it needs %s%.*s; %s%.*s",
					   VIT_FMT(package->name), VIT_FMT(package->version), name,
					   VIT_FMT(r.range),
					   other ? "installed is " : "it is not installed",
					   VIT_FMT(other ? other->version : VIT_STR_EMPTY));
		f->expected = vit_eval_text(ev, "%s%.*s", name, VIT_FMT(r.range));
		f->actual = other ? other->version : VIT_STR("not installed");
		if (vit_str_find(r.range, VIT_STR("'"), 0) == SIZE_MAX)
			f->remedy = vit_eval_text(
				ev, "Install versions that agree: `%.*s`",
				VIT_FMT(vit_python_install(ev->arena, p,
							   vit_eval_text(ev, "'%.*s' '%s%.*s'",
									 VIT_FMT(package->name),
									 name, VIT_FMT(r.range)))));
	}
}

static bool has_device(const struct vit_system *s, enum vit_device_kind kind)
{
	for (uint32_t i = 0; i < s->device_count; i++)
		if (s->devices[i].kind == kind)
			return true;
	return false;
}

/* PyTorch's build against the accelerators here. */
static void check_torch_backend(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_python *p = &c->facts->python;
	const struct vit_system *s = &c->facts->system;
	bool cuda = has_device(s, VIT_DEVICE_CUDA), rocm = has_device(s, VIT_DEVICE_ROCM);
	const struct vit_python_package *torch = vit_python_find(p, VIT_STR("torch"));
	struct vit_finding *f;

	if (!torch || torch->broken) {
		vit_eval_not_applicable(ev, VIT_CK_python_torch_backend,
					"PyTorch is not installed");
		return;
	}
	if (!p->torch_read) {
		vit_eval_not_applicable(ev, VIT_CK_python_torch_backend,
					"what PyTorch was built for could not be read");
		return;
	}
	if (!cuda && !rocm) {
		vit_eval_not_applicable(ev, VIT_CK_python_torch_backend,
					"no NVIDIA or AMD accelerator is known here");
		return;
	}
	if ((cuda && p->torch_cuda.n) || (rocm && p->torch_hip.n)) {
		vit_eval_pass(ev, VIT_CK_python_torch_backend);
		return;
	}
	f = fail(c, ev, VIT_CK_python_torch_backend);
	f->message = vit_eval_text(
		ev, "torch %.*s was built for %s and does not see the %s device of this machine",
		VIT_FMT(torch->version),
		p->torch_cuda.n  ? "CUDA"
		: p->torch_hip.n ? "ROCm"
		: p->torch_xpu.n ? "XPU"
				 : "the CPU alone",
		cuda ? "NVIDIA" : "AMD");
	f->expected = cuda ? VIT_STR("a CUDA build") : VIT_STR("a ROCm build");
	f->actual = vit_eval_text(ev, "torch %.*s", VIT_FMT(torch->version));
}

static void check_packages(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_python *p = &c->facts->python;
	struct vit_marker_env env = marker_env(ev, c->facts);
	struct vit_python_needs needs;

	vit_python_needs(ev->arena, c->job, &c->facts->config, &needs);
	for (uint32_t i = 0; i < needs.count; i++) {
		const struct vit_python_package *package = vit_python_find(p, needs.rows[i].name);

		check_package(c, ev, &needs, &needs.rows[i]);
		check_requires_python(c, ev, &needs.rows[i]);
		if (package)
			check_conflicts(c, ev, package, &env);
	}
	for (size_t i = 1; i + 1 < ID_COUNT; i++)
		vit_eval_pass(ev, ids[i]);
}

static const char *why_not(const struct vit_case *c)
{
	return c->has_job ? "the job runs on another device than this machine's: name its "
			    "environment with --python"
			  : "no job was given: --job, --train or --python asks for it";
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_python *p = &c->facts->python;

	for (size_t i = 0; i < ID_COUNT; i++) {
		if (!p->probed)
			vit_eval_not_checked(ev, ids[i], "%s", why_not(c));
		else if (p->origin == VIT_PYTHON_NOT_FOUND && !p->path_known && c->has_job)
			vit_eval_unknown(ev, ids[i],
					 "which interpreter the job uses is not known: %.*s",
					 VIT_FMT(p->why));
		else if (p->origin == VIT_PYTHON_NOT_FOUND && !p->path_known)
			vit_eval_not_applicable(ev, ids[i], "%.*s", VIT_FMT(p->why));
		else if (i > 0 && p->package_count == 0 && !p->runs)
			vit_eval_not_applicable(ev, ids[i], "no environment could be read: %.*s",
						VIT_FMT(p->why));
	}
	if (!p->probed || (p->origin == VIT_PYTHON_NOT_FOUND && !p->path_known))
		return;
	check_interpreter(c, ev);
	vit_eval_pass(ev, VIT_CK_python_interpreter);
	if (p->package_count == 0 && !p->runs)
		return;
	check_packages(c, ev);
	check_torch_backend(c, ev);
}

const struct vit_pass vit_pass_python = {
	.name = "python",
	.needs = VIT_FG_CONFIG | VIT_FG_SYSTEM | VIT_FG_PYTHON,
	.ids = ids,
	.id_count = ID_COUNT,
	.run = run,
};
