#include "facts/dump_internal.h"

static void dump_measure(const char *key, const struct vit_measure *m, struct vit_json_writer *w)
{
	if (!m->known)
		return;
	vit_jw_key(w, key);
	vit_jw_object(w);
	vit_dump_u64(w, "value", m->value);
	vit_dump_str(w, "source", m->source);
	vit_jw_object_end(w);
}

static const char *decider_name(enum vit_memory_decider d)
{
	switch (d) {
	case VIT_MD_NONE:
		return "none";
	case VIT_MD_AVAILABLE:
		return "available";
	case VIT_MD_LIMIT:
		return "limit";
	case VIT_MD_TOTAL:
		return "total";
	}
	return "none";
}

void vit_dump_system(const struct vit_system *s, struct vit_json_writer *w)
{
	const struct {
		const char *key;
		const struct vit_measure *value;
	} measures[] = {
		{ "cores_physical", &s->cores_physical },
		{ "cores_logical", &s->cores_logical },
		{ "cores_performance", &s->cores_performance },
		{ "cores_efficiency", &s->cores_efficiency },
		{ "cpu_limit_milli", &s->cpu_limit_milli },
		{ "memory_total_bytes", &s->memory_total },
		{ "memory_available_bytes", &s->memory_available },
		{ "memory_free_bytes", &s->memory_free },
		{ "memory_limit_bytes", &s->memory_limit },
		{ "memory_limit_used_bytes", &s->memory_limit_used },
		{ "swap_total_bytes", &s->swap_total },
		{ "swap_free_bytes", &s->swap_free },
		{ "wired_limit_bytes", &s->wired_limit },
		{ "disk_total_bytes", &s->disk_total },
		{ "disk_free_bytes", &s->disk_free },
	};

	vit_jw_object(w);
	vit_jw_key(w, "probed");
	vit_jw_bool(w, s->probed);
	vit_dump_flag(w, "replayed", s->replayed);
	vit_dump_str(w, "os", s->os);
	vit_dump_str(w, "os_version", s->os_version);
	vit_dump_str(w, "kernel", s->kernel);
	vit_dump_str(w, "arch", s->arch);
	vit_dump_str(w, "cpu", s->cpu);
	vit_dump_str(w, "machine", s->machine);
	for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
		dump_measure(measures[i].key, measures[i].value, w);
	vit_dump_str(w, "disk_kind", s->disk_kind);
	vit_dump_flag(w, "container", s->container);
	vit_dump_flag(w, "wsl", s->wsl);
	vit_jw_key(w, "memory_decider");
	vit_jw_cstr(w, decider_name(s->decider));
	vit_dump_u64(w, "memory_usable_bytes", s->memory_usable);
	vit_dump_err(w, "error", &s->err);
	if (s->note_count) {
		vit_jw_key(w, "notes");
		vit_jw_array(w);
		for (uint32_t i = 0; i < s->note_count; i++)
			vit_jw_str(w, s->notes[i]);
		vit_jw_array_end(w);
	}
	vit_jw_object_end(w);
}
