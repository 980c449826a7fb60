#include "collect/python_internal.h"

#include <stdlib.h>

#include "base/path.h"
#include "formats/pep440.h"
#include "formats/python_dist.h"

#define MAX_PACKAGES   20000
#define NAME_MAX_BYTES 128

/* Packages whose METADATA is always read: what training and inference stand on. */
static const char *const watched[] = {
	"accelerate",
	"autoawq",
	"auto-gptq",
	"axolotl",
	"bitsandbytes",
	"compressed-tensors",
	"datasets",
	"deepspeed",
	"flash-attn",
	"gptqmodel",
	"huggingface-hub",
	"kernels",
	"llamafactory",
	"mlx",
	"mlx-lm",
	"numpy",
	"optimum",
	"peft",
	"safetensors",
	"sentencepiece",
	"tiktoken",
	"tokenizers",
	"torch",
	"transformers",
	"triton",
	"trl",
	"vllm",
};

/* "3.11.7" to "3.11". */
static struct vit_str minor_version(struct vit_str version)
{
	size_t dot = vit_str_find(version, VIT_STR("."), 0);

	if (dot == SIZE_MAX)
		return VIT_STR_EMPTY;
	dot = vit_str_find(version, VIT_STR("."), dot + 1);
	return vit_str_sub(version, 0, dot == SIZE_MAX ? version.n : dot);
}

/* Adds a folder once; one inside the model is left out with a note. */
static void add_place(struct vit_python_probe *p, struct vit_str path)
{
	const struct vit_str *known = (const struct vit_str *)(const void *)p->places.items;

	if (path.n == 0 || path.p[0] != '/')
		return;
	if (vit_python_in_model(p, path)) {
		vit_ask_note(
			&p->ask,
			vit_arena_printf(p->ask.a,
					 "%.*s lies inside the model's folder and was not read",
					 VIT_FMT(path)));
		return;
	}
	for (size_t i = 0; i < p->places.count; i++)
		if (vit_str_eq(known[i], path))
			return;
	*(struct vit_str *)vit_vec_add(&p->places) = path;
}

/* site-packages of a prefix; the dist-packages are Debian's. */
static void add_prefix(struct vit_python_probe *p, struct vit_str prefix, struct vit_str minor)
{
	if (prefix.n == 0 || prefix.p[0] != '/')
		return;
	add_place(p, vit_arena_printf(p->ask.a, "%.*s/local/lib/python%.*s/dist-packages",
				      VIT_FMT(prefix), VIT_FMT(minor)));
	add_place(p, vit_arena_printf(p->ask.a, "%.*s/lib/python%.*s/site-packages",
				      VIT_FMT(prefix), VIT_FMT(minor)));
	add_place(p, vit_arena_printf(p->ask.a, "%.*s/lib64/python%.*s/site-packages",
				      VIT_FMT(prefix), VIT_FMT(minor)));
	add_place(p, vit_arena_printf(p->ask.a, "%.*s/lib/python%.*s/dist-packages",
				      VIT_FMT(prefix), VIT_FMT(minor)));
	add_place(p, vit_arena_printf(p->ask.a, "%.*s/lib/python3/dist-packages", VIT_FMT(prefix)));
}

static void add_user_site(struct vit_python_probe *p, struct vit_str minor)
{
	struct vit_str home;

	if (vit_ask_env(&p->ask, "PYTHONNOUSERSITE").n)
		return;
	home = vit_ask_env(&p->ask, "HOME");
	if (home.n == 0)
		return;
	add_place(p, vit_arena_printf(p->ask.a, "%.*s/.local/lib/python%.*s/site-packages",
				      VIT_FMT(home), VIT_FMT(minor)));
	if (p->darwin)
		add_place(p, vit_arena_printf(p->ask.a,
					      "%.*s/Library/Python/%.*s/lib/python/site-packages",
					      VIT_FMT(home), VIT_FMT(minor)));
}

/* In the order in which Python would look there. */
static void find_places(struct vit_python_probe *p, struct vit_str minor)
{
	struct vit_str rest = vit_ask_env(&p->ask, "PYTHONPATH"), folder;
	bool venv = p->out->kind == VIT_PYTHON_VENV;

	while (vit_str_split(&rest, ':', &folder))
		add_place(p, vit_arena_str(p->ask.a, folder));
	if (venv)
		add_prefix(p, p->out->prefix, minor);
	if (!venv || p->system_site)
		add_user_site(p, minor);
	if (!venv)
		add_prefix(p, p->out->prefix, minor);
	else if (p->system_site)
		add_prefix(p, p->base, minor);
}

static bool is_watched(const struct vit_python_probe *p, struct vit_str name)
{
	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
		if (vit_str_is(name, watched[i]))
			return true;
	for (uint32_t i = 0; i < p->options->wanted_count; i++)
		if (vit_str_eq(name, p->options->wanted[i]))
			return true;
	return false;
}

static void read_metadata(struct vit_python_probe *p, struct vit_str folder, struct vit_str entry,
			  struct vit_python_package *package)
{
	struct vit_str dist = vit_path_join(p->ask.a, folder, entry);
	struct vit_dist_metadata m;
	bool egg = vit_str_ends(entry, VIT_STR(".egg-info"));
	bool ok = vit_ask_file(&p->ask, vit_arena_printf(p->ask.a, "%.*s/%s", VIT_FMT(dist),
							 egg ? "PKG-INFO" : "METADATA"));

	/* An egg-info may be a file itself. */
	if (!ok && egg)
		ok = vit_ask_file(&p->ask, dist);
	if (!ok) {
		package->broken = true;
		return;
	}
	vit_dist_metadata_read(p->ask.a, vit_buf_view(&p->ask.text), &m);
	package->read = true;
	if (m.version.n)
		package->version = m.version;
	package->requires_python = m.requires_python;
	package->requires = m.requires;
	package->requires_count = m.requires_count;
}

static void read_place(struct vit_python_probe *p, uint32_t place, struct vit_vec *packages)
{
	struct vit_str folder = *(struct vit_str *)vit_vec_at(&p->places, place), *entries, name,
		       version;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	char normal[NAME_MAX_BYTES];
	size_t count;
	enum vit_errc rc =
		p->ask.h->list_dir(p->ask.h->ctx, folder.p, p->ask.a, &entries, &count, &err);

	if (rc != VIT_OK) {
		if (rc != VIT_E_NOTFOUND)
			vit_ask_note(&p->ask, vit_str_c(err.msg));
		return;
	}
	for (size_t i = 0; i < count && packages->count < MAX_PACKAGES; i++) {
		struct vit_python_package *package;

		if (!vit_dist_entry(entries[i], &name, &version) ||
		    !vit_pep503_name(name, normal, sizeof(normal)))
			continue;
		package = vit_vec_add(packages);
		*package = (struct vit_python_package){
			.name = vit_arena_str(p->ask.a, vit_str_c(normal)),
			.version = version,
			.place = place,
			.requires_python = VIT_STR_EMPTY,
		};
		if (is_watched(p, package->name))
			read_metadata(p, folder, entries[i], package);
	}
}

static int compare_packages(const void *a, const void *b)
{
	const struct vit_python_package *x = a, *y = b;
	int order = vit_str_cmp(x->name, y->name);

	if (order)
		return order;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	/* Two in one folder: what an interrupted upgrade left is the broken one. */
	return x->broken - y->broken;
}

/* Of several packages of one name the first imported stays. */
static void sort_packages(struct vit_vec *packages)
{
	struct vit_python_package *all = (struct vit_python_package *)(void *)packages->items;
	size_t n = 0;

	if (packages->count == 0)
		return;
	qsort(all, packages->count, sizeof(*all), compare_packages);
	for (size_t i = 0; i < packages->count; i++)
		if (n == 0 || !vit_str_eq(all[n - 1].name, all[i].name))
			all[n++] = all[i];
	packages->count = n;
}

static void read_torch(struct vit_python_probe *p)
{
	const struct vit_python_package *torch = vit_python_find(p->out, VIT_STR("torch"));
	struct vit_torch_build build;
	struct vit_str place;

	if (!torch)
		return;
	place = *(struct vit_str *)vit_vec_at(&p->places, torch->place);
	if (!vit_ask_file(&p->ask,
			  vit_arena_printf(p->ask.a, "%.*s/torch/version.py", VIT_FMT(place))))
		return;
	vit_torch_build_read(vit_buf_view(&p->ask.text), &build);
	p->out->torch_read = true;
	p->out->torch_cuda = vit_arena_str(p->ask.a, build.cuda);
	p->out->torch_hip = vit_arena_str(p->ask.a, build.hip);
	p->out->torch_xpu = vit_arena_str(p->ask.a, build.xpu);
}

void vit_python_packages(struct vit_python_probe *p)
{
	struct vit_vec packages = VIT_VEC(sizeof(struct vit_python_package));
	struct vit_str minor = minor_version(p->out->version), stdlib;
	size_t count;

	if (minor.n == 0)
		return;
	find_places(p, minor);
	for (uint32_t i = 0; i < p->places.count; i++)
		read_place(p, i, &packages);
	if (packages.count == MAX_PACKAGES)
		vit_ask_note(&p->ask,
			     vit_arena_printf(p->ask.a,
					      "more than %d packages: the rest was not read",
					      MAX_PACKAGES));
	sort_packages(&packages);
	p->out->packages = vit_vec_take(&packages, p->ask.a, &count);
	p->out->package_count = (uint32_t)count;
	read_torch(p);
	if (p->out->kind == VIT_PYTHON_SYSTEM) {
		stdlib = vit_arena_printf(p->ask.a, "%.*s/lib/python%.*s/EXTERNALLY-MANAGED",
					  VIT_FMT(p->out->prefix), VIT_FMT(minor));
		p->out->externally_managed = vit_ask_file(&p->ask, stdlib);
	}
}
