#include "facts/dump_internal.h"

static void dump_package(const struct vit_python_package *p, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_dump_str(w, "name", p->name);
	vit_dump_str(w, "version", p->version);
	vit_dump_u64(w, "place", p->place);
	vit_dump_flag(w, "broken", p->broken);
	vit_dump_str(w, "requires_python", p->requires_python);
	vit_jw_object_end(w);
}

static void dump_list(const char *key, const struct vit_str *items, uint32_t count, struct vit_json_writer *w)
{
	vit_jw_key(w, key);
	vit_jw_array(w);
	for (uint32_t i = 0; i < count; i++)
		vit_jw_str(w, items[i]);
	vit_jw_array_end(w);
}

void vit_dump_python(const struct vit_python *p, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_jw_key(w, "probed");
	vit_jw_bool(w, p->probed);
	vit_jw_key(w, "origin");
	vit_jw_cstr(w, vit_python_origin_name(p->origin));
	vit_dump_str(w, "asked", p->asked);
	vit_dump_str(w, "interpreter", p->interpreter);
	vit_jw_key(w, "kind");
	vit_jw_cstr(w, vit_python_kind_name(p->kind));
	vit_dump_flag(w, "uv", p->uv);
	vit_dump_flag(w, "runs", p->runs);
	vit_dump_str(w, "why", p->why);
	vit_dump_str(w, "implementation", p->implementation);
	vit_dump_str(w, "version", p->version);
	vit_dump_str(w, "prefix", p->prefix);
	vit_dump_flag(w, "externally_managed", p->externally_managed);
	dump_list("places", p->places, p->place_count, w);
	vit_jw_key(w, "packages");
	vit_jw_array(w);
	for (uint32_t i = 0; i < p->package_count; i++)
		dump_package(&p->packages[i], w);
	vit_jw_array_end(w);
	vit_dump_flag(w, "torch_read", p->torch_read);
	vit_dump_str(w, "torch_cuda", p->torch_cuda);
	vit_dump_str(w, "torch_hip", p->torch_hip);
	vit_dump_str(w, "torch_xpu", p->torch_xpu);
	dump_list("notes", p->notes, p->note_count, w);
	vit_jw_object_end(w);
}
