#include "collect/python_internal.h"

#include "base/num.h"
#include "base/path.h"
#include "formats/python_dist.h"

#define MAX_TEXT ((size_t)1 << 20)
#define RUN_MS   5000

/* Attributes of a built-in module: no file of the environment is imported. */
#define QUESTION                                                                                   \
	"import sys; print(sys.implementation.name, '%d.%d.%d' % sys.version_info[:3], "           \
	"sys.prefix, sys.base_prefix, sep='\\n')"

bool vit_python_in_model(const struct vit_python_probe *p, struct vit_str path)
{
	struct vit_str root = p->options->model_root;

	return root.n > 0 && vit_str_starts(path, root) &&
	       (path.n == root.n || path.p[root.n] == '/');
}

/* The interpreter of an environment's folder. */
static bool in_folder(struct vit_python_probe *p, struct vit_str folder, struct vit_str *path)
{
	static const char *const names[] = { "python3", "python" };

	for (size_t i = 0; i < 2; i++) {
		*path = vit_arena_printf(p->ask.a, "%.*s/bin/%s", VIT_FMT(folder), names[i]);
		if (vit_ask_is_there(&p->ask, *path))
			return true;
	}
	*path = VIT_STR_EMPTY;
	return false;
}

/* By name in the folders of PATH: no relative one, none of the model's. */
static bool on_path(struct vit_python_probe *p, const char *const *names, size_t count,
		    struct vit_str *path)
{
	struct vit_str rest = vit_ask_env(&p->ask, "PATH"), folder;

	while (vit_str_split(&rest, ':', &folder)) {
		if (folder.n == 0 || folder.p[0] != '/' || vit_python_in_model(p, folder))
			continue;
		for (size_t i = 0; i < count; i++) {
			*path = vit_arena_printf(p->ask.a, "%.*s/%s", VIT_FMT(folder), names[i]);
			if (vit_ask_is_there(&p->ask, *path))
				return true;
		}
	}
	*path = VIT_STR_EMPTY;
	return false;
}

static bool find_asked(struct vit_python_probe *p)
{
	struct vit_python *out = p->out;
	struct vit_str asked = p->options->asked, path;
	const char *name = asked.p;
	bool found;

	out->origin = VIT_PYTHON_OPTION;
	out->asked = asked;
	if (vit_str_find(asked, VIT_STR("/"), 0) == SIZE_MAX) {
		found = on_path(p, &name, 1, &out->interpreter);
		if (!found)
			out->why = vit_arena_printf(p->ask.a, "no '%.*s' in the folders of PATH",
						    VIT_FMT(asked));
		return found;
	}
	if (asked.p[0] != '/') {
		out->why = VIT_STR("the path must be absolute");
		return false;
	}
	while (asked.n > 1 && asked.p[asked.n - 1] == '/')
		asked.n--;
	if (in_folder(p, asked, &path))
		out->interpreter = path;
	else if (vit_ask_is_there(&p->ask, asked))
		out->interpreter = asked;
	else if (vit_ask_is_there(&p->ask,
				  vit_arena_printf(p->ask.a, "%.*s/pyvenv.cfg", VIT_FMT(asked))))
		out->why = vit_arena_printf(
			p->ask.a,
			"the interpreter of the environment %.*s is not there, or is a "
			"link that leads nowhere",
			VIT_FMT(asked));
	else
		out->why = vit_arena_printf(
			p->ask.a, "%.*s is neither an interpreter nor the folder of an environment",
			VIT_FMT(asked));
	return out->interpreter.n > 0;
}

static bool find_active(struct vit_python_probe *p, const char *variable,
			enum vit_python_origin origin)
{
	struct vit_python *out = p->out;
	struct vit_str folder = vit_ask_env(&p->ask, variable);

	if (folder.n == 0)
		return false;
	out->origin = origin;
	out->asked = folder;
	if (folder.p[0] != '/' || !in_folder(p, folder, &out->interpreter))
		out->why = vit_arena_printf(p->ask.a, "%s names %.*s, where no interpreter is",
					    variable, VIT_FMT(folder));
	return true;
}

/* False: nothing to look at further, out->why says it. */
static bool find_interpreter(struct vit_python_probe *p)
{
	static const char *const names[] = { "python3", "python" };
	struct vit_python *out = p->out;

	out->path_known = p->options->asked.n > 0 || vit_ask_env(&p->ask, "PATH").n > 0;
	if (p->options->asked.n) {
		if (!find_asked(p))
			return false;
	} else if (!find_active(p, "VIRTUAL_ENV", VIT_PYTHON_VIRTUAL_ENV) &&
		   !find_active(p, "CONDA_PREFIX", VIT_PYTHON_CONDA)) {
		if (on_path(p, names, 2, &out->interpreter))
			out->origin = VIT_PYTHON_PATH;
		else
			out->why =
				out->path_known
					? VIT_STR("no python3 and no python in the folders of PATH")
					: VIT_STR("PATH is not set");
	}
	if (out->interpreter.n && vit_python_in_model(p, out->interpreter)) {
		out->why = vit_arena_printf(
			p->ask.a, "%.*s lies inside the model's folder: nothing there is run",
			VIT_FMT(out->interpreter));
		return false;
	}
	return out->interpreter.n > 0;
}

/* "/x/bin/python3" to "/x". */
static struct vit_str prefix_of(struct vit_str interpreter)
{
	return vit_path_dir(vit_path_dir(interpreter));
}

static void ask(struct vit_python_probe *p)
{
	struct vit_python *out = p->out;
	const char *argv[] = { out->interpreter.p, "-I", "-S", "-c", QUESTION, NULL };
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_str rest, line, answer[4];
	size_t n = 0;
	int status = 0;

	if (p->ask.h->run(p->ask.h->ctx, argv, RUN_MS, &p->ask.text, &status, &err) != VIT_OK) {
		out->why = vit_arena_printf(p->ask.a, "%.*s does not run: %s",
					    VIT_FMT(out->interpreter), err.msg);
		return;
	}
	rest = vit_buf_view(&p->ask.text);
	while (n < 4 && vit_str_line(&rest, &line))
		answer[n++] = vit_arena_str(p->ask.a, vit_str_trim(line));
	if (status != 0 || n < 4) {
		out->why =
			vit_arena_printf(p->ask.a, "%.*s ended with %d and did not say its version",
					 VIT_FMT(out->interpreter), status);
		return;
	}
	out->runs = true;
	out->implementation = answer[0];
	out->version = answer[1];
	/* Without site a venv answers with its base: pyvenv.cfg has told better. */
	if (out->kind == VIT_PYTHON_SYSTEM)
		out->prefix = answer[2];
	p->base = answer[3];
}

/* What kind of environment the interpreter's folder is, from its files. */
static void recognise(struct vit_python_probe *p)
{
	struct vit_python *out = p->out;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_pyvenv venv;
	struct vit_str *names;
	size_t count;

	out->prefix = vit_arena_str(p->ask.a, prefix_of(out->interpreter));
	if (vit_ask_file(&p->ask,
			 vit_arena_printf(p->ask.a, "%.*s/pyvenv.cfg", VIT_FMT(out->prefix)))) {
		vit_pyvenv_read(vit_buf_view(&p->ask.text), &venv);
		out->kind = VIT_PYTHON_VENV;
		out->uv = venv.uv;
		out->version = vit_arena_str(p->ask.a, venv.version);
		p->system_site = venv.system_site;
		p->base = vit_arena_str(p->ask.a, vit_path_dir(venv.home));
	} else if (p->ask.h->list_dir(
			   p->ask.h->ctx,
			   vit_arena_printf(p->ask.a, "%.*s/conda-meta", VIT_FMT(out->prefix)).p,
			   p->ask.a, &names, &count, &err) == VIT_OK) {
		out->kind = VIT_PYTHON_CONDA_ENV;
	}
}

void vit_collect_python(struct vit_arena *a, const struct vit_host *host,
			const struct vit_python_options *options, struct vit_python *out)
{
	struct vit_python_probe p = { .options = options,
				      .out = out,
				      .places = VIT_VEC(sizeof(struct vit_str)),
				      .base = VIT_STR_EMPTY };
	size_t count;

	*out = (struct vit_python){ .probed = true,
				    .asked = VIT_STR_EMPTY,
				    .interpreter = VIT_STR_EMPTY,
				    .why = VIT_STR_EMPTY,
				    .implementation = VIT_STR_EMPTY,
				    .version = VIT_STR_EMPTY,
				    .prefix = VIT_STR_EMPTY,
				    .torch_cuda = VIT_STR_EMPTY,
				    .torch_hip = VIT_STR_EMPTY,
				    .torch_xpu = VIT_STR_EMPTY };
	vit_ask_begin(&p.ask, a, host, MAX_TEXT);
	p.darwin = vit_ask_is_darwin(&p.ask);
	if (find_interpreter(&p)) {
		recognise(&p);
		ask(&p);
		vit_python_packages(&p);
	}
	out->places = vit_vec_take(&p.places, a, &count);
	out->place_count = (uint32_t)count;
	vit_ask_end(&p.ask, &out->notes, &out->note_count);
}
