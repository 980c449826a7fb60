#include "checks/runtimes.h"

#include "base/num.h"

static const enum vit_check_id ids[] = {
	VIT_CK_runtimes_missing,      VIT_CK_runtimes_server,       VIT_CK_runtimes_port_taken,
	VIT_CK_runtimes_model_format, VIT_CK_runtimes_model_placed, VIT_CK_runtimes_context,
	VIT_CK_runtimes_trains,
};
#define ID_COUNT (sizeof(ids) / sizeof(ids[0]))

struct vit_model_formats vit_model_formats(const struct vit_facts *facts)
{
	struct vit_model_formats f = { false, false, false, false, false };
	bool mlx = vit_str_is(facts->config.quant_method, "mlx");

	for (uint32_t i = 0; i < facts->files.count; i++) {
		const struct vit_file *row = &facts->files.files[i];

		if (row->kind == VIT_FK_GGUF)
			f.gguf = true;
		else if (row->kind == VIT_FK_OTHER_WEIGHTS &&
			 vit_str_is(row->path, "metal/model.bin"))
			f.metal = true;
		else if (row->kind == VIT_FK_WEIGHTS && mlx)
			f.mlx = true;
		else if (row->kind == VIT_FK_WEIGHTS)
			f.safetensors = true;
	}
	f.known = f.gguf || f.mlx || f.safetensors || f.metal;
	return f;
}

bool vit_runtime_loads(enum vit_runtime_kind kind, struct vit_model_formats f, const char **needs)
{
	switch (kind) {
	case VIT_RUNTIME_LM_STUDIO:
		*needs = "a GGUF file or an MLX folder";
		return f.gguf || f.mlx;
	case VIT_RUNTIME_OLLAMA:
	case VIT_RUNTIME_LLAMA_SERVER:
	case VIT_RUNTIME_LLAMA_CPP_PYTHON:
		*needs = "a GGUF file";
		return f.gguf;
	case VIT_RUNTIME_VLLM:
		*needs = "safetensors as transformers loads them";
		return f.safetensors;
	case VIT_RUNTIME_MLX_LM:
		*needs = "an MLX folder or safetensors";
		return f.mlx || f.safetensors;
	case VIT_RUNTIME_COUNT:
		break;
	}
	*needs = "";
	return false;
}

static bool trains(const struct vit_job *j)
{
	return j->method == VIT_JOB_FULL || j->method == VIT_JOB_LORA || j->method == VIT_JOB_QLORA;
}

static bool asked_for(const struct vit_case *c, enum vit_runtime_kind kind)
{
	for (uint32_t i = 0; i < c->job->runtime_count; i++)
		if (vit_runtime_find(c->job->runtimes[i]) == kind)
			return true;
	return false;
}

static bool is_there(const struct vit_runtime *r)
{
	return r->installed || r->process_count > 0 || r->server.state == VIT_SERVER_ANSWERS ||
	       r->server.state == VIT_SERVER_LOCKED;
}

/* A finding on a runtime; nobody asked for it: a note. */
static struct vit_finding *fail(const struct vit_case *c, struct vit_eval *ev, enum vit_check_id id,
				enum vit_runtime_kind kind)
{
	struct vit_finding *f = vit_eval_fail(ev, id);

	if (!asked_for(c, kind))
		f->severity = VIT_SEV_NOTE;
	return f;
}

static void check_missing(struct vit_eval *ev, const struct vit_runtime *r,
			  enum vit_runtime_kind kind)
{
	struct vit_finding *f;

	if (is_there(r))
		return;
	f = vit_eval_fail(ev, VIT_CK_runtimes_missing);
	f->message = vit_eval_text(
		ev,
		"the job asks for %s, which was found neither on disk nor among the processes nor "
		"on its port",
		vit_runtime_name(kind));
	f->expected = vit_str_c(vit_runtime_name(kind));
	f->actual = VIT_STR("not found");
}

static void check_server(const struct vit_case *c, struct vit_eval *ev, const struct vit_runtime *r,
			 enum vit_runtime_kind kind)
{
	struct vit_finding *f;
	bool asked = asked_for(c, kind);

	switch (r->server.state) {
	case VIT_SERVER_ANSWERS:
	case VIT_SERVER_LOCKED:
	case VIT_SERVER_NOT_ASKED:
		return;
	case VIT_SERVER_OTHER:
		/* Something else on the port of a runtime that nobody has or wants is nobody's
		 * business. */
		if (!asked && !is_there(r))
			return;
		f = fail(c, ev, VIT_CK_runtimes_port_taken, kind);
		f->message = vit_eval_text(ev, "what answers at %.*s is not %s (%.*s)",
					   VIT_FMT(r->server.address), vit_runtime_name(kind),
					   VIT_FMT(r->server.detail));
		f->expected = vit_str_c(vit_runtime_name(kind));
		f->actual = r->server.detail.n ? r->server.detail : VIT_STR("another program");
		return;
	case VIT_SERVER_CLOSED:
	case VIT_SERVER_SILENT:
		if (!asked || !is_there(r))
			return;
		f = vit_eval_fail(ev, VIT_CK_runtimes_server);
		f->message = vit_eval_text(ev, "%s is %s and its server does not answer at %.*s",
					   vit_runtime_name(kind),
					   r->process_count ? "running" : "installed",
					   VIT_FMT(r->server.address));
		f->expected = VIT_STR("an answer");
		f->actual = r->server.state == VIT_SERVER_SILENT
				    ? VIT_STR("no answer in two seconds")
				    : VIT_STR("nothing listens there");
		return;
	}
}

static struct vit_str formats_text(struct vit_eval *ev, struct vit_model_formats f)
{
	struct vit_str s = VIT_STR_EMPTY;
	const struct {
		bool has;
		const char *name;
	} all[] = {
		{ f.safetensors, "safetensors" },
		{ f.mlx, "MLX" },
		{ f.gguf, "GGUF" },
		{ f.metal, "a Metal build" },
	};

	for (size_t i = 0; i < 4; i++)
		if (all[i].has)
			s = vit_eval_text(ev, "%.*s%s%s", VIT_FMT(s), s.n ? ", " : "", all[i].name);
	return s;
}

/* True when it loads the model's format. */
static bool check_format(const struct vit_case *c, struct vit_eval *ev, enum vit_runtime_kind kind,
			 struct vit_model_formats formats)
{
	const char *needs;
	struct vit_finding *f;

	if (vit_runtime_loads(kind, formats, &needs))
		return true;
	f = fail(c, ev, VIT_CK_runtimes_model_format, kind);
	/* After training the result is converted anyway. */
	if (trains(c->job) && f->severity > VIT_SEV_NOTE)
		f->severity = VIT_SEV_WARNING;
	f->message = vit_eval_text(ev, "%s does not load this model as it is stored here",
				   vit_runtime_name(kind));
	f->expected = vit_str_c(needs);
	f->actual = formats_text(ev, formats);
	return false;
}

static void check_place(const struct vit_case *c, struct vit_eval *ev, const struct vit_runtime *r,
			enum vit_runtime_kind kind)
{
	struct vit_finding *f;

	if (r->served != UINT32_MAX || r->model_inside)
		return;
	/* These load whatever path they are given. */
	if (kind != VIT_RUNTIME_LM_STUDIO && kind != VIT_RUNTIME_OLLAMA)
		return;
	f = fail(c, ev, VIT_CK_runtimes_model_placed, kind);
	f->message = vit_eval_text(
		ev, "the model does not lie where %s looks for models%s", vit_runtime_name(kind),
		r->server.state == VIT_SERVER_ANSWERS ? ", and its server does not list it" : "");
	f->expected =
		kind == VIT_RUNTIME_LM_STUDIO
			? vit_eval_text(ev, "%.*s/<publisher>/<model>", VIT_FMT(r->models_folder))
			: vit_eval_text(ev, "a model made by `ollama create` in %.*s",
					VIT_FMT(r->models_folder));
	f->actual = c->facts->files.root;
}

static void check_context(const struct vit_case *c, struct vit_eval *ev,
			  const struct vit_runtime *r, enum vit_runtime_kind kind)
{
	const struct vit_served_model *m;
	char have[VIT_FMT_NUM], want[VIT_FMT_NUM];
	struct vit_finding *f;

	if (c->job->context == 0 || r->served == UINT32_MAX)
		return;
	m = &r->server.models[r->served];
	if (m->loaded_context == 0 || m->loaded_context >= c->job->context)
		return;
	f = fail(c, ev, VIT_CK_runtimes_context, kind);
	f->message = vit_eval_text(
		ev, "%s has loaded %.*s with a context of %s tokens, the job asks for %s",
		vit_runtime_name(kind), VIT_FMT(m->id), vit_fmt_u64(m->loaded_context, have),
		vit_fmt_u64(c->job->context, want));
	f->expected = vit_eval_text(ev, "at least %s", want);
	f->actual = vit_eval_text(ev, "%s", have);
}

static void check_trains(const struct vit_case *c, struct vit_eval *ev, enum vit_runtime_kind kind)
{
	struct vit_finding *f;

	/* mlx-lm has a trainer. */
	if (!trains(c->job) || kind == VIT_RUNTIME_MLX_LM)
		return;
	f = vit_eval_fail(ev, VIT_CK_runtimes_trains);
	f->message = vit_eval_text(
		ev, "the job trains and asks for %s, which serves models and does not train them",
		vit_runtime_name(kind));
	f->expected = VIT_STR("a trainer");
	f->actual = vit_str_c(vit_runtime_name(kind));
}

/* Names that no runtime has. */
static void check_names(const struct vit_case *c, struct vit_eval *ev)
{
	for (uint32_t i = 0; i < c->job->runtime_count; i++) {
		struct vit_finding *f;

		if (vit_runtime_find(c->job->runtimes[i]) != VIT_RUNTIME_COUNT)
			continue;
		f = vit_eval_fail(ev, VIT_CK_runtimes_missing);
		f->message = vit_eval_text(
			ev, "the job asks for the runtime '%.*s', which this version does not know",
			VIT_FMT(c->job->runtimes[i]));
		f->expected = VIT_STR(
			"lm-studio, ollama, llama-server, llama-cpp-python, vllm or mlx-lm");
		f->actual = c->job->runtimes[i];
	}
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_runtimes *all = &c->facts->runtimes;
	struct vit_model_formats formats = vit_model_formats(c->facts);

	if (!all->probed) {
		for (size_t i = 0; i < ID_COUNT; i++)
			vit_eval_not_checked(
				ev, ids[i], "%s",
				c->has_job ? "the job runs on another device than this machine's"
					   : "no job was given: --job, --train or --context asks "
					     "for it");
		return;
	}
	check_names(c, ev);
	for (unsigned k = 0; k < VIT_RUNTIME_COUNT; k++) {
		enum vit_runtime_kind kind = (enum vit_runtime_kind)k;
		const struct vit_runtime *r = &all->rows[k];
		bool asked = asked_for(c, kind);

		if (asked) {
			check_missing(ev, r, kind);
			check_trains(c, ev, kind);
		}
		check_server(c, ev, r, kind);
		if ((!asked && !is_there(r)) || !formats.known)
			continue;
		if (check_format(c, ev, kind, formats))
			check_place(c, ev, r, kind);
		check_context(c, ev, r, kind);
	}
	if (c->job->runtime_count == 0) {
		vit_eval_not_applicable(ev, VIT_CK_runtimes_missing, "the job asks for no runtime");
		vit_eval_not_applicable(ev, VIT_CK_runtimes_server, "the job asks for no runtime");
		vit_eval_not_applicable(ev, VIT_CK_runtimes_trains, "the job asks for no runtime");
	}
	for (size_t i = 0; i < ID_COUNT; i++)
		vit_eval_pass(ev, ids[i]);
}

const struct vit_pass vit_pass_runtimes = {
	.name = "runtimes",
	.needs = VIT_FG_FILES | VIT_FG_CONFIG | VIT_FG_RUNTIMES,
	.ids = ids,
	.id_count = ID_COUNT,
	.run = run,
};
