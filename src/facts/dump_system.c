#include "facts/devices.h"
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

static void dump_numbers(const struct vit_device *d, struct vit_json_writer *w)
{
	vit_jw_key(w, "numbers");
	vit_jw_object(w);
	for (int n = 0; n < VIT_NUMBER_COUNT; n++) {
		const struct vit_device_number *x = &d->numbers[n];

		vit_jw_key(w, vit_number_name((enum vit_number)n));
		vit_jw_object(w);
		vit_dump_str(w, "support", vit_str_c(vit_number_support_name(x->support)));
		vit_dump_str(w, "to", vit_str_c(x->to));
		vit_dump_str(w, "needs", vit_str_c(x->needs));
		vit_dump_str(w, "source", vit_str_c(x->source));
		vit_jw_object_end(w);
	}
	vit_jw_object_end(w);
}

static void dump_processes(const struct vit_device *d, struct vit_json_writer *w)
{
	vit_jw_key(w, "processes");
	vit_jw_array(w);
	for (uint32_t i = 0; i < d->process_count; i++) {
		vit_jw_object(w);
		vit_dump_u64(w, "pid", d->processes[i].pid);
		vit_dump_str(w, "name", d->processes[i].name);
		dump_measure("memory_bytes", &d->processes[i].memory, w);
		vit_jw_object_end(w);
	}
	vit_jw_array_end(w);
}

static void dump_device(const struct vit_device *d, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_dump_str(w, "kind", vit_str_c(vit_device_kind_name(d->kind)));
	vit_dump_u64(w, "index", d->index);
	vit_dump_str(w, "name", d->name);
	vit_dump_str(w, "vendor", d->vendor);
	vit_dump_str(w, "architecture", d->architecture);
	vit_dump_str(w, "target", d->target);
	vit_dump_str(w, "driver", d->driver);
	vit_dump_str(w, "cuda", d->cuda);
	vit_dump_str(w, "source", d->source);
	if (d->has_capability) {
		vit_dump_u64(w, "capability_major", d->capability_major);
		vit_dump_u64(w, "capability_minor", d->capability_minor);
	}
	vit_dump_flag(w, "integrated", d->integrated);
	vit_dump_str(w, "mig", vit_str_c(vit_mig_name(d->mig)));
	dump_measure("memory_total_bytes", &d->memory_total, w);
	dump_measure("memory_used_bytes", &d->memory_used, w);
	dump_measure("memory_free_bytes", &d->memory_free, w);
	dump_measure("memory_reserved_bytes", &d->memory_reserved, w);
	dump_measure("bandwidth_bytes_per_second", &d->bandwidth, w);
	vit_dump_str(w, "error", d->error);
	if (d->processes_known)
		dump_processes(d, w);
	dump_numbers(d, w);
	vit_jw_object_end(w);
}

static void dump_numa(const struct vit_system *s, struct vit_json_writer *w)
{
	vit_jw_key(w, "numa");
	vit_jw_array(w);
	for (uint32_t i = 0; i < s->numa_count; i++) {
		vit_jw_object(w);
		vit_dump_u64(w, "id", s->numa[i].id);
		vit_dump_str(w, "processors", s->numa[i].processors);
		dump_measure("memory_total_bytes", &s->numa[i].memory_total, w);
		dump_measure("memory_free_bytes", &s->numa[i].memory_free, w);
		vit_jw_object_end(w);
	}
	vit_jw_array_end(w);
}

static void dump_disk(const char *key, const struct vit_disk *d, struct vit_json_writer *w)
{
	if (!d->probed)
		return;
	vit_jw_key(w, key);
	vit_jw_object(w);
	vit_dump_str(w, "path", d->path);
	vit_dump_str(w, "asked", d->asked);
	vit_dump_str(w, "kind", d->kind);
	vit_dump_str(w, "class", vit_str_c(vit_disk_class_name(d->class)));
	dump_measure("total_bytes", &d->total, w);
	dump_measure("free_bytes", &d->free, w);
	vit_dump_err(w, "error", &d->err);
	vit_jw_object_end(w);
}

static void dump_read_rate(const struct vit_read_rate *r, struct vit_json_writer *w)
{
	if (!r->asked)
		return;
	vit_jw_key(w, "read_rate");
	vit_jw_object(w);
	vit_dump_str(w, "path", r->path);
	vit_dump_u64(w, "bytes", r->bytes);
	vit_dump_u64(w, "nanoseconds", r->nanoseconds);
	dump_measure("bytes_per_second", &r->bytes_per_second, w);
	vit_dump_flag(w, "cached", r->cached);
	vit_dump_err(w, "error", &r->err);
	vit_jw_object_end(w);
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
		{ "huge_pages_bytes", &s->huge_pages },
		{ "pressure_stall", &s->pressure_stall },
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
	vit_dump_str(w, "disk_class", vit_str_c(vit_disk_class_name(s->disk_class)));
	dump_disk("output", &s->output, w);
	dump_read_rate(&s->read_rate, w);
	if (s->pressure != VIT_PRESSURE_UNKNOWN)
		vit_dump_str(w, "pressure", vit_str_c(vit_pressure_name(s->pressure)));
	if (s->numa_count)
		dump_numa(s, w);
	vit_dump_flag(w, "devices_probed", s->devices_probed);
	vit_dump_str(w, "nvidia_error", s->nvidia_error);
	vit_dump_str(w, "visible_devices", s->visible_devices);
	if (s->bus.listed) {
		vit_jw_key(w, "gpus_on_bus");
		vit_jw_object(w);
		vit_dump_u64(w, "nvidia", s->bus.nvidia);
		vit_dump_u64(w, "amd", s->bus.amd);
		vit_dump_u64(w, "intel", s->bus.intel);
		vit_dump_str(w, "nvidia_driver", s->bus.nvidia_driver);
		vit_jw_object_end(w);
	}
	if (s->device_count) {
		vit_jw_key(w, "devices");
		vit_jw_array(w);
		for (uint32_t i = 0; i < s->device_count; i++)
			dump_device(&s->devices[i], w);
		vit_jw_array_end(w);
	}
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
