/* Section 9's part on Python: the environment, and each package that the job and the model need. */
#include "checks/python_needs.h"
#include "present/present.h"

static const struct vit_column package_columns[] = {
	{ "name", "Package", false },  { "installed", "Installed", false },
	{ "needed", "Needed", false }, { "state", "State", false },
	{ "why", "For", false },
};
#define COLUMNS 5

static void value(const struct vit_present *p, struct vit_node *g, const char *key,
		  const char *label, struct vit_str text, const char *source)
{
	if (text.n)
		vit_node_value(p->arena, g, key, label, vit_val_str(text), VIT_BASIS_MEASURED,
			       vit_str_c(source));
}

static const char *state_of(const struct vit_present *p, const struct vit_python_need *need,
			    const struct vit_python_package *package)
{
	if (!package)
		return need->required ? "missing" : "not installed";
	if (package->broken)
		return "broken";
	/* The check decided; here its finding is looked up, so that there is one rule. */
	for (size_t i = 0; i < p->eval->findings.count; i++) {
		const struct vit_finding *f = vit_vec_at(&p->eval->findings, i);

		if (f->id == VIT_CK_python_package_version &&
		    vit_str_starts(f->expected, need->name) &&
		    f->expected.n == need->name.n + need->range.n)
			return "wrong version";
	}
	return "present";
}

static void packages(const struct vit_present *p, struct vit_node *g)
{
	const struct vit_python *m = &p->facts->python;
	struct vit_python_needs needs;
	struct vit_node *t;

	vit_python_needs(p->arena, p->job, &p->facts->config, &needs);
	if (needs.count == 0)
		return;
	t = vit_node_table(p->arena, g, "packages", "Packages of the job", package_columns, COLUMNS,
			   needs.count);
	for (uint32_t i = 0; i < needs.count; i++) {
		const struct vit_python_need *need = &needs.rows[i];
		const struct vit_python_package *package = vit_python_find(m, need->name);

		*vit_cell(t, i, 0) = vit_val_str(need->name);
		*vit_cell(t, i, 1) = package ? vit_val_str(package->version) : vit_val_none();
		*vit_cell(t, i, 2) = vit_val_str(need->range.n ? need->range : VIT_STR("any"));
		*vit_cell(t, i, 3) = vit_val_c(state_of(p, need, package));
		*vit_cell(t, i, 4) = vit_val_str(need->why);
	}
}

static void torch_build(const struct vit_present *p, struct vit_node *g)
{
	const struct vit_python *m = &p->facts->python;
	struct vit_str built = VIT_STR("CPU alone");

	if (!m->torch_read)
		return;
	if (m->torch_cuda.n)
		built = vit_arena_printf(p->arena, "CUDA %.*s", VIT_FMT(m->torch_cuda));
	else if (m->torch_hip.n)
		built = vit_arena_printf(p->arena, "ROCm %.*s", VIT_FMT(m->torch_hip));
	else if (m->torch_xpu.n)
		built = vit_arena_printf(p->arena, "XPU %.*s", VIT_FMT(m->torch_xpu));
	else if (vit_str_is(p->facts->system.os, "macOS"))
		built = VIT_STR("CPU and Metal");
	value(p, g, "torch_build", "PyTorch built for", built, "torch/version.py");
}

void vit_present_python(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_python *m = &p->facts->python;
	struct vit_node *g;

	if (!m->probed) {
		vit_present_text(p, s,
				 p->job->given
					 ? VIT_STR("The Python environment is not assessed: the "
						   "job runs on another device than this "
						   "machine's (`--python` names an environment).")
					 : VIT_STR("The Python environment is not assessed: no job "
						   "was given (`--job`, `--train` or "
						   "`--python` asks for it)."));
		return;
	}
	g = vit_node_add(p->arena, s, VIT_NODE_GROUP, "python", "Python environment");
	value(p, g, "interpreter", "Interpreter", m->interpreter,
	      vit_python_origin_name(m->origin));
	value(p, g, "version", "Version", m->version,
	      m->runs ? "the interpreter itself" : "pyvenv.cfg");
	value(p, g, "implementation", "Implementation", m->implementation,
	      "the interpreter itself");
	value(p, g, "prefix", "Environment", m->prefix, "the interpreter's place");
	if (m->interpreter.n)
		value(p, g, "kind", "Kind", vit_str_c(vit_python_kind_name(m->kind)),
		      "pyvenv.cfg, conda-meta");
	if (m->why.n)
		value(p, g, "problem", "Problem", m->why, "host probe");
	if (m->place_count)
		vit_node_value(p->arena, g, "package_count", "Packages installed",
			       vit_val_u64(m->package_count), VIT_BASIS_MEASURED,
			       VIT_STR("dist-info folders"));
	torch_build(p, g);
	packages(p, g);
	for (uint32_t i = 0; i < m->note_count; i++)
		vit_present_text(p, s, m->notes[i]);
}
