/* Section 8: programs that serve models, what was found of each, and whether they have this one. */
#include "checks/runtimes.h"
#include "present/present.h"

static const struct vit_column overview_columns[] = {
	{ "name", "Runtime", false },        { "slug", NULL, false },
	{ "installed", "Installed", false }, { "version", "Version", false },
	{ "location", NULL, false },         { "process_count", "Processes", true },
	{ "memory_bytes", "Memory", true },  { "server", "Server", false },
	{ "address", NULL, false },          { "loads", "Loads this model", false },
	{ "loads_formats", NULL, false },
};
#define OVERVIEW 11

static const struct vit_column process_columns[] = {
	{ "runtime", "Runtime", false },    { "pid", "Process", true },
	{ "name", "Name", false },          { "role", "Role", false },
	{ "memory_bytes", "Memory", true },
};
#define PROCESS 5

static const struct vit_column model_columns[] = {
	{ "runtime", "Runtime", false },
	{ "id", "Model", false },
	{ "format", "Format", false },
	{ "quantization", "Quantisation", false },
	{ "state", "State", false },
	{ "loaded_context", "Context loaded", true },
	{ "max_context", "Context at most", true },
	{ "is_this_model", "This model", false },
};
#define MODEL 8
/* A server that lists a whole hub cache is not printed whole. */
#define MAX_MODELS 50

static struct vit_val text_or_none(struct vit_str s)
{
	return s.n ? vit_val_str(s) : vit_val_none();
}

static const char *server_text(const struct vit_runtime *r)
{
	switch (r->server.state) {
	case VIT_SERVER_NOT_ASKED:
		return "not asked";
	case VIT_SERVER_CLOSED:
		return "not running";
	case VIT_SERVER_SILENT:
		return "no answer in two seconds";
	case VIT_SERVER_OTHER:
		return "another program answers";
	case VIT_SERVER_LOCKED:
		return "answers, wants a key";
	case VIT_SERVER_ANSWERS:
		return "answers";
	}
	return "not asked";
}

static uint64_t memory_of(const struct vit_runtime *r)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < r->process_count; i++)
		sum += r->processes[i].memory_bytes;
	return sum;
}

static void overview(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_runtimes *all = &p->facts->runtimes;
	struct vit_model_formats formats = vit_model_formats(p->facts);
	struct vit_node *t = vit_present_table(p, s, "runtimes", "Runtimes", overview_columns,
					       OVERVIEW, VIT_RUNTIME_COUNT);

	for (uint32_t i = 0; i < VIT_RUNTIME_COUNT; i++) {
		const struct vit_runtime *r = &all->rows[i];
		enum vit_runtime_kind kind = (enum vit_runtime_kind)i;
		const char *needs;
		bool loads = vit_runtime_loads(kind, formats, &needs);

		*vit_cell(t, i, 0) = vit_val_c(vit_runtime_name(kind));
		*vit_cell(t, i, 1) = vit_val_c(vit_runtime_slug(kind));
		*vit_cell(t, i, 2) = vit_val_bool(r->installed);
		*vit_cell(t, i, 3) = text_or_none(r->version);
		*vit_cell(t, i, 4) = text_or_none(r->location);
		*vit_cell(t, i, 5) =
			all->processes_known ? vit_val_u64(r->process_count) : vit_val_none();
		*vit_cell(t, i, 6) =
			r->process_count ? vit_val_bytes(memory_of(r)) : vit_val_none();
		*vit_cell(t, i, 7) = vit_val_c(server_text(r));
		*vit_cell(t, i, 8) = text_or_none(r->server.address);
		*vit_cell(t, i, 9) = formats.known ? vit_val_bool(loads) : vit_val_none();
		*vit_cell(t, i, 10) = vit_val_c(needs);
	}
}

static void processes(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_runtimes *all = &p->facts->runtimes;
	uint32_t rows = 0, row = 0;
	struct vit_node *t;

	for (unsigned k = 0; k < VIT_RUNTIME_COUNT; k++)
		rows += all->rows[k].process_count;
	if (rows == 0)
		return;
	t = vit_present_table(p, s, "processes", "Processes", process_columns, PROCESS, rows);
	for (unsigned k = 0; k < VIT_RUNTIME_COUNT; k++) {
		const struct vit_runtime *r = &all->rows[k];

		for (uint32_t i = 0; i < r->process_count; i++, row++) {
			*vit_cell(t, row, 0) =
				vit_val_c(vit_runtime_name((enum vit_runtime_kind)k));
			*vit_cell(t, row, 1) = vit_val_str(vit_arena_printf(
				p->arena, "%llu", (unsigned long long)r->processes[i].pid));
			*vit_cell(t, row, 2) = vit_val_str(r->processes[i].name);
			*vit_cell(t, row, 3) =
				vit_val_c(vit_runtime_role_name(r->processes[i].role));
			*vit_cell(t, row, 4) = vit_val_bytes(r->processes[i].memory_bytes);
		}
	}
}

static void fill_model(struct vit_node *t, uint32_t row, unsigned runtime,
		       const struct vit_served_model *m, bool this_one)
{
	*vit_cell(t, row, 0) = vit_val_c(vit_runtime_name((enum vit_runtime_kind)runtime));
	*vit_cell(t, row, 1) = vit_val_str(m->id);
	*vit_cell(t, row, 2) = text_or_none(m->format);
	*vit_cell(t, row, 3) = text_or_none(m->quantization);
	*vit_cell(t, row, 4) =
		m->state_known ? vit_val_c(m->loaded ? "loaded" : "not loaded") : vit_val_none();
	*vit_cell(t, row, 5) = m->loaded_context ? vit_val_u64(m->loaded_context) : vit_val_none();
	*vit_cell(t, row, 6) = m->max_context ? vit_val_u64(m->max_context) : vit_val_none();
	*vit_cell(t, row, 7) = vit_val_c(this_one ? "by its name" : "no");
}

static void models(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_runtimes *all = &p->facts->runtimes;
	uint32_t rows = 0, row = 0;
	struct vit_node *t;

	for (unsigned k = 0; k < VIT_RUNTIME_COUNT; k++)
		rows += all->rows[k].server.model_count < MAX_MODELS
				? all->rows[k].server.model_count
				: MAX_MODELS;
	if (rows == 0)
		return;
	t = vit_present_table(p, s, "models", "Models that the servers list", model_columns, MODEL,
			      rows);
	for (unsigned k = 0; k < VIT_RUNTIME_COUNT; k++) {
		const struct vit_runtime *r = &all->rows[k];

		for (uint32_t i = 0; i < r->server.model_count && i < MAX_MODELS; i++)
			fill_model(t, row++, k, &r->server.models[i], i == r->served);
	}
}

static void lm_studio(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_runtime *r = &p->facts->runtimes.rows[VIT_RUNTIME_LM_STUDIO];

	if (!r->installed && r->home.n == 0)
		return;
	if (r->installed)
		vit_present_value(p, s, "lm_studio_location", "LM Studio is installed at",
				  vit_val_str(r->location), VIT_BASIS_MEASURED,
				  "the file is there");
	vit_present_value(p, s, "lm_studio_models_folder", "LM Studio looks for models in",
			  vit_val_str(r->models_folder), VIT_BASIS_MEASURED, r->models_source.p);
	if (p->facts->files.root.n)
		vit_present_value(p, s, "lm_studio_model_inside", "This model lies there",
				  vit_val_bool(r->model_inside), VIT_BASIS_COMPUTED,
				  "the two paths: <folder>/<publisher>/<model>");
}

void vit_present_runtimes(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_runtimes *all = &p->facts->runtimes;

	if (!all->probed) {
		s->not_assessed =
			p->job && p->job->given
				? VIT_STR("the job runs on another device than this machine's")
				: VIT_STR("no job was given");
		return;
	}
	overview(p, s);
	lm_studio(p, s);
	processes(p, s);
	models(p, s);
	if (!all->processes_known)
		vit_present_text(p, s, VIT_STR("Processes are not known: `ps` could not be run."));
	for (uint32_t i = 0; i < all->note_count; i++)
		vit_present_text(p, s, all->notes[i]);
}
