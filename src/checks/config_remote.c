#include "base/path.h"
#include "checks/config.h"

/* What auto_map's values name, one list for the finding. */
struct modules {
	struct vit_buf list;    /* "modeling_x.Model, ..." */
	struct vit_buf absent;  /* module files that the folder does not have */
	struct vit_buf foreign; /* repositories the code is taken from */
};

static void add(struct vit_buf *b, struct vit_str s, const char *tail)
{
	struct vit_str whole = vit_buf_view(b);

	if (s.n == 0 || s.n > 512 || vit_str_find(whole, s, 0) != SIZE_MAX)
		return;
	if (b->n)
		vit_buf_puts(b, ", ");
	vit_buf_str(b, s);
	vit_buf_puts(b, tail);
}

/* "repo--module.Class" or "module.Class" */
static void add_module(const struct vit_files *f, const struct vit_json *v, struct modules *m)
{
	struct vit_str name = vit_json_string(v);
	size_t at = vit_str_find(name, VIT_STR("--"), 0), dot;
	char file[256];

	if (name.n == 0)
		return;
	add(&m->list, name, "");
	if (at != SIZE_MAX) {
		add(&m->foreign, vit_str_sub(name, 0, at), "");
		return;
	}
	dot = vit_str_find(name, VIT_STR("."), 0);
	struct vit_str module = vit_str_sub(name, 0, dot);
	if (module.n + 3 > sizeof file)
		return;
	memcpy(file, module.p, module.n);
	memcpy(file + module.n, ".py", 3);
	if (vit_files_find(f, (struct vit_str){ file, module.n + 3 }) == VIT_FILE_NONE)
		add(&m->absent, module, ".py");
}

static void check_one(const struct vit_files *f, const struct vit_document *d, struct vit_eval *ev)
{
	const struct vit_json *map = vit_json_get_c(vit_document_object(d), "auto_map");
	struct modules m;

	if (!map || map->kind != VIT_JSON_K_OBJECT || map->count == 0)
		return;
	vit_buf_init(&m.list, 4096);
	vit_buf_init(&m.absent, 4096);
	vit_buf_init(&m.foreign, 4096);
	for (uint32_t i = 0; i < map->count; i++) {
		const struct vit_json *v = &map->children[i];
		if (v->kind == VIT_JSON_K_ARRAY)
			for (uint32_t k = 0; k < v->count; k++)
				add_module(f, &v->children[k], &m);
		else
			add_module(f, v, &m);
	}
	struct vit_finding *r = vit_config_fail(ev, VIT_CK_config_remote_code, d, map);
	r->where.pointer = VIT_STR("/auto_map");
	r->message =
		vit_eval_text(ev,
			      "auto_map names code that runs on loading with trust_remote_code: "
			      "%.*s%s%.*s%s%.*s.",
			      VIT_FMT(vit_buf_view(&m.list)), m.foreign.n ? "; taken from " : "",
			      VIT_FMT(vit_buf_view(&m.foreign)),
			      m.absent.n && f->only.n == 0 ? "; not in the folder: " : "",
			      VIT_FMT(f->only.n == 0 ? vit_buf_view(&m.absent) : VIT_STR_EMPTY));
	r->expected = VIT_STR("no auto_map");
	r->actual = vit_arena_str(ev->arena, vit_buf_view(&m.list));
	vit_buf_release(&m.list);
	vit_buf_release(&m.absent);
	vit_buf_release(&m.foreign);
}

void vit_config_check_remote_code(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_config *k = &c->facts->config;

	check_one(&c->facts->files, &k->config, ev);
	check_one(&c->facts->files, &k->tokenizer_config, ev);
	if (k->config.state == VIT_DOC_UNREADABLE)
		vit_eval_unknown(ev, VIT_CK_config_remote_code, "%s", k->config.err.msg);
	else if (!k->root && k->tokenizer_config.state != VIT_DOC_OK)
		vit_eval_not_applicable(ev, VIT_CK_config_remote_code,
					"there is no configuration to look at");
}
