#include "facts/dump_internal.h"

static void dump_server(const struct vit_runtime_server *s, struct vit_json_writer *w)
{
	vit_jw_key(w, "server");
	vit_jw_object(w);
	vit_jw_key(w, "state");
	vit_jw_cstr(w, vit_server_state_name(s->state));
	vit_dump_str(w, "address", s->address);
	vit_dump_str(w, "source", s->source);
	vit_dump_str(w, "api", s->api);
	vit_dump_str(w, "detail", s->detail);
	vit_jw_key(w, "models");
	vit_jw_array(w);
	for (uint32_t i = 0; i < s->model_count; i++) {
		const struct vit_served_model *m = &s->models[i];

		vit_jw_object(w);
		vit_dump_str(w, "id", m->id);
		vit_dump_str(w, "owner", m->owner);
		vit_dump_str(w, "format", m->format);
		vit_dump_str(w, "quantization", m->quantization);
		vit_dump_flag(w, "loaded", m->loaded);
		vit_dump_u64(w, "max_context", m->max_context);
		vit_dump_u64(w, "loaded_context", m->loaded_context);
		vit_jw_object_end(w);
	}
	vit_jw_array_end(w);
	vit_jw_object_end(w);
}

static void dump_runtime(enum vit_runtime_kind kind, const struct vit_runtime *r, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_jw_key(w, "slug");
	vit_jw_cstr(w, vit_runtime_slug(kind));
	vit_jw_key(w, "installed");
	vit_jw_bool(w, r->installed);
	vit_dump_str(w, "location", r->location);
	vit_dump_str(w, "version", r->version);
	vit_dump_str(w, "version_source", r->version_source);
	vit_dump_str(w, "home", r->home);
	vit_dump_str(w, "models_folder", r->models_folder);
	vit_dump_flag(w, "model_inside", r->model_inside);
	vit_jw_key(w, "processes");
	vit_jw_array(w);
	for (uint32_t i = 0; i < r->process_count; i++) {
		vit_jw_object(w);
		vit_dump_u64(w, "pid", r->processes[i].pid);
		vit_dump_str(w, "name", r->processes[i].name);
		vit_jw_key(w, "role");
		vit_jw_cstr(w, vit_runtime_role_name(r->processes[i].role));
		vit_dump_u64(w, "memory_bytes", r->processes[i].memory_bytes);
		vit_jw_object_end(w);
	}
	vit_jw_array_end(w);
	dump_server(&r->server, w);
	vit_jw_object_end(w);
}

void vit_dump_runtimes(const struct vit_runtimes *r, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_dump_flag(w, "processes_known", r->processes_known);
	vit_jw_key(w, "list");
	vit_jw_array(w);
	for (unsigned i = 0; i < VIT_RUNTIME_COUNT; i++)
		dump_runtime((enum vit_runtime_kind)i, &r->rows[i], w);
	vit_jw_array_end(w);
	vit_jw_key(w, "notes");
	vit_jw_array(w);
	for (uint32_t i = 0; i < r->note_count; i++)
		vit_jw_str(w, r->notes[i]);
	vit_jw_array_end(w);
	vit_jw_object_end(w);
}
