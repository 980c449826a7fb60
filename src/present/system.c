#include "present/present.h"

static void measure(const struct vit_present *p, struct vit_section *s, const char *key,
		    const char *label, const struct vit_measure *m, bool bytes)
{
	struct vit_node *n;

	if (!m->known)
		return;
	n = vit_node_add(p->arena, s, VIT_NODE_VALUE, key, label);
	n->value = bytes ? vit_val_bytes(m->value) : vit_val_u64(m->value);
	/* A default that the probe worked out is not one it read. */
	n->basis = vit_str_starts(m->source, VIT_STR("estimated")) ? VIT_BASIS_COMPUTED : VIT_BASIS_MEASURED;
	n->source = m->source;
}

static void name(const struct vit_present *p, struct vit_section *s, const char *key,
		 const char *label, struct vit_str value)
{
	if (value.n)
		vit_present_value(p, s, key, label, vit_val_str(value), VIT_BASIS_MEASURED, "host probe");
}

static const char *decider(enum vit_memory_decider d)
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

static void memory(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_system *m = &p->facts->system;

	measure(p, s, "memory_total_bytes", "Memory", &m->memory_total, true);
	measure(p, s, "memory_available_bytes", "Memory available", &m->memory_available, true);
	measure(p, s, "memory_free_bytes", "Memory free", &m->memory_free, true);
	measure(p, s, "memory_limit_bytes", "Limit of the container", &m->memory_limit, true);
	measure(p, s, "memory_limit_used_bytes", "Used against that limit", &m->memory_limit_used, true);
	measure(p, s, "wired_limit_bytes", "Limit of what the GPU may wire", &m->wired_limit, true);
	measure(p, s, "swap_total_bytes", "Swap", &m->swap_total, true);
	measure(p, s, "swap_free_bytes", "Swap free", &m->swap_free, true);
	if (m->decider == VIT_MD_NONE)
		return;
	vit_present_value(p, s, "memory_usable_bytes", "Usable by a job", vit_val_bytes(m->memory_usable),
			  VIT_BASIS_COMPUTED, "the smaller of what is available and what the limit leaves");
	vit_present_value(p, s, "memory_decider", "Decided by", vit_val_c(decider(m->decider)),
			  VIT_BASIS_COMPUTED, "the numbers above");
}

void vit_present_system(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_system *m = &p->facts->system;

	if (!(p->facts->groups & VIT_FG_SYSTEM) || !m->probed) {
		s->not_assessed = VIT_STR("no selected check needs it");
		return;
	}
	if (m->replayed)
		vit_present_text(p, s, VIT_STR("This is a recorded machine (--host-root), not the one the audit ran on."));
	name(p, s, "os", "System", m->os);
	name(p, s, "os_version", "Version", m->os_version);
	name(p, s, "kernel", "Kernel", m->kernel);
	name(p, s, "arch", "Architecture", m->arch);
	name(p, s, "machine", "Machine", m->machine);
	name(p, s, "cpu", "Processor", m->cpu);
	measure(p, s, "cores_physical", "Cores", &m->cores_physical, false);
	measure(p, s, "cores_logical", "Logical cores", &m->cores_logical, false);
	measure(p, s, "cores_performance", "Performance cores", &m->cores_performance, false);
	measure(p, s, "cores_efficiency", "Efficiency cores", &m->cores_efficiency, false);
	measure(p, s, "cpu_limit_milli", "Processor limit (thousandths of a core)", &m->cpu_limit_milli, false);
	memory(p, s);
	measure(p, s, "disk_total_bytes", "Disk", &m->disk_total, true);
	measure(p, s, "disk_free_bytes", "Disk free to this user", &m->disk_free, true);
	name(p, s, "disk_kind", "File system", m->disk_kind);
	if (m->container)
		vit_present_value(p, s, "container", "Inside a container", vit_val_bool(true), VIT_BASIS_MEASURED,
				  "host probe");
	if (m->wsl)
		vit_present_value(p, s, "wsl", "Windows Subsystem for Linux", vit_val_bool(true), VIT_BASIS_MEASURED,
				  "host probe");
	if (m->note_count) {
		struct vit_node *l = vit_present_list(p, s, "probe_failures", "Probes that failed", m->note_count);
		for (uint32_t i = 0; i < m->note_count; i++)
			l->cells[i] = vit_val_str(m->notes[i]);
	}
	vit_present_python(p, s);
}
