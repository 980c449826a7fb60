#include "collect/runtimes_internal.h"

#include "base/num.h"
#include "base/path.h"
#include "formats/served.h"
#include "host/parse.h"

#define MAX_TEXT ((size_t)4 << 20)
#define RUN_MS   2000

static struct vit_str in_home(struct vit_runtime_probe *p, const char *name)
{
	return vit_arena_printf(p->ask.a, "%.*s/%s", VIT_FMT(p->user_home), name);
}

static void found(struct vit_runtime *r, struct vit_str location, struct vit_str version,
		  const char *source)
{
	r->installed = true;
	r->location = location;
	if (version.n) {
		r->version = version;
		r->version_source = vit_str_c(source);
	}
}

/* An application bundle in either of the two folders for applications. */
static void find_bundle(struct vit_runtime_probe *p, struct vit_runtime *r, const char *name)
{
	const struct vit_str folders[] = { VIT_STR("/Applications"), in_home(p, "Applications") };

	for (size_t i = 0; i < 2 && !r->installed; i++) {
		struct vit_str app =
			vit_arena_printf(p->ask.a, "%.*s/%s.app", VIT_FMT(folders[i]), name);

		if (!vit_ask_file(&p->ask, vit_arena_printf(p->ask.a, "%.*s/Contents/Info.plist",
							    VIT_FMT(app))))
			continue;
		found(r, app,
		      vit_arena_str(p->ask.a, vit_parse_plist_string(vit_buf_view(&p->ask.text),
								     "CFBundleShortVersionString")),
		      "Info.plist");
	}
}

/* A program in the usual folders. */
static void find_program(struct vit_runtime_probe *p, struct vit_runtime *r, const char *name)
{
	static const char *const folders[] = { "/usr/local/bin", "/usr/bin", "/opt/homebrew/bin",
					       "/snap/bin" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !r->installed; i++) {
		struct vit_str path = vit_arena_printf(p->ask.a, "%s/%s", folders[i], name);

		if (vit_ask_is_there(&p->ask, path))
			found(r, path, VIT_STR_EMPTY, "");
	}
}

static void find_package(struct vit_runtime_probe *p, struct vit_runtime *r, const char *name)
{
	const struct vit_python *python = p->options->python;
	const struct vit_python_package *package;

	if (!python || !python->probed || !(package = vit_python_find(python, vit_str_c(name))) ||
	    package->broken)
		return;
	found(r, python->places[package->place], package->version, "its dist-info");
}

/* --- LM Studio --------------------------------------------------------------------- */

/* "…/LM-Studio-0.3.23-3-x64.AppImage": what stands between the name and the machine. */
static struct vit_str appimage_version(struct vit_str path)
{
	struct vit_str name = vit_path_base(path);
	size_t from = vit_str_find(name, VIT_STR("LM-Studio-"), 0), to;

	if (from == SIZE_MAX)
		return VIT_STR_EMPTY;
	from += strlen("LM-Studio-");
	to = vit_str_find(name, VIT_STR("-x64"), from);
	if (to == SIZE_MAX)
		to = vit_str_find(name, VIT_STR("-arm64"), from);
	return to == SIZE_MAX ? VIT_STR_EMPTY : vit_str_sub(name, from, to);
}

static void find_debian_package(struct vit_runtime_probe *p, struct vit_runtime *r)
{
	static const char *const argv[] = { "dpkg-query", "-W", "-f=${Version}", "lm-studio",
					    NULL };
	struct vit_err err = { VIT_OK, 0, 0, "" };
	int status = 1;

	if (r->installed ||
	    p->ask.h->run(p->ask.h->ctx, argv, RUN_MS, &p->ask.text, &status, &err) != VIT_OK ||
	    status != 0)
		return;
	found(r, VIT_STR("Debian package lm-studio"),
	      vit_arena_str(p->ask.a, vit_str_trim(vit_buf_view(&p->ask.text))), "dpkg-query");
}

static struct vit_str lm_studio_home(struct vit_runtime_probe *p)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_str old = in_home(p, ".cache/lm-studio"), *names;
	size_t count;

	if (vit_ask_file(&p->ask, in_home(p, ".lmstudio-home-pointer")) &&
	    vit_str_trim(vit_buf_view(&p->ask.text)).n)
		return vit_arena_str(p->ask.a, vit_str_trim(vit_buf_view(&p->ask.text)));
	if (p->ask.h->list_dir(p->ask.h->ctx, old.p, p->ask.a, &names, &count, &err) == VIT_OK)
		return old;
	return in_home(p, ".lmstudio");
}

static void lm_studio(struct vit_runtime_probe *p, struct vit_runtime *r)
{
	struct vit_str home, path;
	uint64_t port = 0;

	r->server.address = VIT_STR("127.0.0.1:1234");
	r->server.source = VIT_STR("default");
	if (p->user_home.n == 0)
		return;
	if (p->darwin)
		find_bundle(p, r, "LM Studio");
	home = lm_studio_home(p);
	path = vit_arena_printf(p->ask.a, "%.*s/.internal/app-install-location.json",
				VIT_FMT(home));
	if (!r->installed && vit_ask_file(&p->ask, path)) {
		struct vit_str app =
			vit_served_member(p->ask.a, vit_buf_view(&p->ask.text), "path");

		/* The note of a place stays when the application is removed. */
		if (app.n && vit_ask_is_there(&p->ask, app))
			found(r, app, appimage_version(app), "its file name");
	}
	if (!p->darwin)
		find_debian_package(p, r);
	if (vit_ask_file(&p->ask,
			 vit_arena_printf(p->ask.a, "%.*s/.internal/http-server-config.json",
					  VIT_FMT(home)))) {
		port = vit_served_number(p->ask.a, vit_buf_view(&p->ask.text), "port", 65536);
		r->home = home;
	}
	if (port) {
		r->server.address = vit_arena_printf(p->ask.a, "127.0.0.1:%u", (unsigned)port);
		r->server.source = VIT_STR("http-server-config.json");
	}
	r->models_folder = vit_arena_printf(p->ask.a, "%.*s/models", VIT_FMT(home));
	r->models_source = VIT_STR("default");
	if (vit_ask_file(&p->ask,
			 vit_arena_printf(p->ask.a, "%.*s/settings.json", VIT_FMT(home)))) {
		struct vit_str folder =
			vit_served_member(p->ask.a, vit_buf_view(&p->ask.text), "downloadsFolder");

		r->home = home;
		if (folder.n) {
			r->models_folder = folder;
			r->models_source = VIT_STR("settings.json");
		}
	}
}

/* --- the others ---------------------------------------------------------------------- */

/* OLLAMA_HOST: "host", "host:port", ":port", with or without a scheme. Only a
 * port is taken from it: other machines are not asked. */
static void ollama_address(struct vit_runtime_probe *p, struct vit_runtime *r)
{
	struct vit_str value = vit_ask_env(&p->ask, "OLLAMA_HOST"), host;
	uint64_t port = 11434;
	size_t at;

	r->server.source = VIT_STR("default");
	if (value.n) {
		at = vit_str_find(value, VIT_STR("://"), 0);
		if (at != SIZE_MAX)
			value = vit_str_sub(value, at + 3, value.n);
		at = vit_str_rchr(value, ':');
		host = vit_str_sub(value, 0, at);
		if (at != SIZE_MAX &&
		    (!vit_parse_u64(vit_str_sub(value, at + 1, value.n), &port) || port > 65535))
			port = 11434;
		r->server.source = VIT_STR("OLLAMA_HOST");
		if (host.n && !vit_str_is(host, "127.0.0.1") && !vit_str_is(host, "localhost") &&
		    !vit_str_is(host, "0.0.0.0")) {
			r->server.detail =
				VIT_STR("OLLAMA_HOST names another machine, which is not asked");
			return;
		}
	}
	r->server.address = vit_arena_printf(p->ask.a, "127.0.0.1:%u", (unsigned)port);
}

static void ollama(struct vit_runtime_probe *p, struct vit_runtime *r)
{
	struct vit_str models = vit_ask_env(&p->ask, "OLLAMA_MODELS");

	ollama_address(p, r);
	if (p->darwin && p->user_home.n)
		find_bundle(p, r, "Ollama");
	find_program(p, r, "ollama");
	if (models.n) {
		r->models_folder = models;
		r->models_source = VIT_STR("OLLAMA_MODELS");
	} else if (p->user_home.n) {
		r->models_folder = in_home(p, ".ollama/models");
		r->models_source = VIT_STR("default");
	}
}

static void the_others(struct vit_runtime_probe *p)
{
	struct vit_runtime *rows = p->out->rows;

	find_program(p, &rows[VIT_RUNTIME_LLAMA_SERVER], "llama-server");
	find_package(p, &rows[VIT_RUNTIME_LLAMA_CPP_PYTHON], "llama-cpp-python");
	find_package(p, &rows[VIT_RUNTIME_VLLM], "vllm");
	find_package(p, &rows[VIT_RUNTIME_MLX_LM], "mlx-lm");
	rows[VIT_RUNTIME_LLAMA_SERVER].server.address = VIT_STR("127.0.0.1:8080");
	rows[VIT_RUNTIME_MLX_LM].server.address = VIT_STR("127.0.0.1:8080");
	rows[VIT_RUNTIME_VLLM].server.address = VIT_STR("127.0.0.1:8000");
	rows[VIT_RUNTIME_LLAMA_CPP_PYTHON].server.address = VIT_STR("127.0.0.1:8000");
	for (unsigned i = VIT_RUNTIME_LLAMA_SERVER; i < VIT_RUNTIME_COUNT; i++)
		rows[i].server.source = VIT_STR("default");
}

/* LM Studio reads models at <folder>/<publisher>/<model>. */
static bool lies_inside(struct vit_str folder, struct vit_str root)
{
	struct vit_str rest, part;
	unsigned depth = 0;

	while (folder.n > 1 && folder.p[folder.n - 1] == '/')
		folder.n--;
	if (folder.n == 0 || !vit_str_starts(root, folder) || root.n <= folder.n ||
	    root.p[folder.n] != '/')
		return false;
	rest = vit_str_sub(root, folder.n + 1, root.n);
	while (vit_str_split(&rest, '/', &part))
		depth += part.n > 0;
	return depth == 2;
}

static void row_init(struct vit_runtime *r)
{
	*r = (struct vit_runtime){
		.location = VIT_STR_EMPTY,
		.version = VIT_STR_EMPTY,
		.version_source = VIT_STR_EMPTY,
		.home = VIT_STR_EMPTY,
		.models_folder = VIT_STR_EMPTY,
		.models_source = VIT_STR_EMPTY,
		.served = UINT32_MAX,
		.server = { .address = VIT_STR_EMPTY,
			    .source = VIT_STR_EMPTY,
			    .api = VIT_STR_EMPTY,
			    .detail = VIT_STR_EMPTY },
	};
}

void vit_collect_runtimes(struct vit_arena *a, const struct vit_host *host,
			  const struct vit_runtimes_options *options, struct vit_runtimes *out)
{
	struct vit_runtime_probe p = { .options = options, .out = out };
	struct vit_runtime *lm = &out->rows[VIT_RUNTIME_LM_STUDIO];

	*out = (struct vit_runtimes){ .probed = true };
	for (unsigned i = 0; i < VIT_RUNTIME_COUNT; i++)
		row_init(&out->rows[i]);
	vit_ask_begin(&p.ask, a, host, MAX_TEXT);
	p.darwin = vit_ask_is_darwin(&p.ask);
	p.user_home = vit_ask_env(&p.ask, "HOME");
	lm_studio(&p, lm);
	ollama(&p, &out->rows[VIT_RUNTIME_OLLAMA]);
	the_others(&p);
	lm->model_inside = lies_inside(lm->models_folder, options->model_root);
	vit_runtime_processes(&p);
	vit_runtime_servers(&p);
	vit_ask_end(&p.ask, &out->notes, &out->note_count);
}
