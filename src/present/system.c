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

static void pressure(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_system *m = &p->facts->system;
	struct vit_node *n;

	if (m->pressure != VIT_PRESSURE_UNKNOWN)
		vit_present_value(p, s, "memory_pressure", "Memory pressure", vit_val_c(vit_pressure_name(m->pressure)),
				  VIT_BASIS_MEASURED, "sysctl kern.memorystatus_vm_pressure_level");
	if (!m->pressure_stall.known)
		return;
	/* None is what anyone expects: said in JSON alone. */
	n = vit_node_add(p->arena, s, VIT_NODE_VALUE, "memory_stall_percent",
			 m->pressure_stall.value ? "Waiting for memory, percent of the last 10 s" : "");
	n->value = vit_val_double((double)m->pressure_stall.value / 100);
	n->basis = VIT_BASIS_MEASURED;
	n->source = m->pressure_stall.source;
}

static void numa(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "node", "Node", true },
		{ "processors", "Processors", false },
		{ "memory_total_bytes", "Memory", true },
		{ "memory_free_bytes", "Free", true },
	};
	const struct vit_system *m = &p->facts->system;
	struct vit_node *t;

	if (m->numa_count < 2)
		return;
	t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "numa", "Memory by node (NUMA)");
	t->columns = columns;
	t->column_count = 4;
	t->row_count = m->numa_count;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)m->numa_count * 4, struct vit_val);
	for (uint32_t i = 0; i < m->numa_count; i++) {
		const struct vit_numa_node *x = &m->numa[i];

		*vit_cell(t, i, 0) = vit_val_u64(x->id);
		*vit_cell(t, i, 1) = x->processors.n ? vit_val_str(x->processors) : vit_val_none();
		*vit_cell(t, i, 2) = x->memory_total.known ? vit_val_bytes(x->memory_total.value) : vit_val_none();
		*vit_cell(t, i, 3) = x->memory_free.known ? vit_val_bytes(x->memory_free.value) : vit_val_none();
	}
}

/* What a kind of file system means for a job; empty for a plain local one. */
static struct vit_str disk_means(enum vit_disk_class c)
{
	switch (c) {
	case VIT_DISK_UNKNOWN:
	case VIT_DISK_LOCAL:
		break;
	case VIT_DISK_NETWORK:
		return VIT_STR("on the network: its rate is the network's, and others fill it");
	case VIT_DISK_MEMORY:
		return VIT_STR("in memory: what is written there takes memory and is gone at a restart");
	case VIT_DISK_LAYERED:
		return VIT_STR("a container's own layer: what is written there is gone with the container");
	case VIT_DISK_FUSE:
		return VIT_STR("served by a program: it may be local or remote");
	}
	return VIT_STR_EMPTY;
}

static void disk(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_system *m = &p->facts->system;
	const struct vit_disk *o = &m->output;
	const struct vit_read_rate *r = &m->read_rate;

	name(p, s, "disk_kind", "File system", m->disk_kind);
	name(p, s, "disk_means", "That is", disk_means(m->disk_class));
	if (o->probed) {
		vit_present_value(p, s, "output_path", "Output folder", vit_val_str(o->path), VIT_BASIS_ATTESTED,
				  "the job");
		measure(p, s, "output_total_bytes", "Its disk", &o->total, true);
		measure(p, s, "output_free_bytes", "Its disk, free to this user", &o->free, true);
		name(p, s, "output_kind", "Its file system", o->kind);
		name(p, s, "output_means", "That is", disk_means(o->class));
	}
	if (r->asked && r->bytes_per_second.known) {
		measure(p, s, "read_bytes_per_second", r->cached ? "Read in a second, the page cache included" :
			"Read in a second, past the page cache", &r->bytes_per_second, true);
		vit_present_value(p, s, "read_bytes", "Read for this", vit_val_bytes(r->bytes), VIT_BASIS_MEASURED,
				  "--measure-disk");
	}
	if (r->asked && !r->bytes_per_second.known)
		vit_present_text(p, s, vit_arena_printf(p->arena, "The rate of reading was not measured: %s.",
							r->err.msg[0] ? r->err.msg : "nothing could be read"));
	if (m->disk_free.known || o->free.known)
		vit_present_text(p, s, VIT_STR("Quotas are not visible to this tool: free space may be less for this user."));
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
	if (!m->huge_pages.known || m->huge_pages.value > 0)
		measure(p, s, "huge_pages_bytes", "Set aside as huge pages, not usable by a job", &m->huge_pages, true);
	pressure(p, s);
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
	disk(p, s);
	if (m->container)
		vit_present_value(p, s, "container", "Inside a container", vit_val_bool(true), VIT_BASIS_MEASURED,
				  "host probe");
	if (m->wsl)
		vit_present_value(p, s, "wsl", "Windows Subsystem for Linux", vit_val_bool(true), VIT_BASIS_MEASURED,
				  "host probe");
	numa(p, s);
	vit_present_devices(p, s);
	if (m->note_count) {
		struct vit_node *l = vit_present_list(p, s, "probe_failures", "Probes that failed", m->note_count);
		for (uint32_t i = 0; i < m->note_count; i++)
			l->cells[i] = vit_val_str(m->notes[i]);
	}
	vit_present_python(p, s);
}
