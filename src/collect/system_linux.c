#include "base/num.h"
#include "collect/system_probe.h"
#include "host/parse.h"

#define NODES "/sys/devices/system/node"
#define MAX_NODES 1024

static void take(struct vit_probe *p, struct vit_measure *m, struct vit_known value,
		 const char *source)
{
	if (value.known)
		vit_probe_set(p, m, value.value, source);
}

/* Older kernels do not add up the sizes; there are the pages of the default one. */
static void huge_pages(struct vit_probe *p, const struct vit_meminfo *mem)
{
	uint64_t bytes;

	if (mem->huge.known)
		vit_probe_set(p, &p->out->huge_pages, mem->huge.value, "/proc/meminfo Hugetlb");
	else if (mem->huge_count.known && mem->huge_size.known &&
		 vit_mul_u64(mem->huge_count.value, mem->huge_size.value, &bytes))
		vit_probe_set(p, &p->out->huge_pages, bytes,
			      "/proc/meminfo HugePages_Total times Hugepagesize");
}

static void memory(struct vit_probe *p)
{
	struct vit_system *s = p->out;
	struct vit_meminfo mem;
	struct vit_err err = { VIT_OK, 0, 0, "" };

	if (!vit_probe_file(p, "/proc/meminfo", VIT_PROBE_NEEDED))
		return;
	vit_parse_meminfo(vit_buf_view(&p->text), &mem);
	take(p, &s->memory_total, mem.total, "/proc/meminfo MemTotal");
	take(p, &s->memory_free, mem.free, "/proc/meminfo MemFree");
	take(p, &s->memory_available, mem.available, "/proc/meminfo MemAvailable");
	take(p, &s->swap_total, mem.swap_total, "/proc/meminfo SwapTotal");
	take(p, &s->swap_free, mem.swap_free, "/proc/meminfo SwapFree");
	huge_pages(p, &mem);
	if (mem.total.known && mem.available.known)
		return;
	(void)vit_err_set(&err, VIT_E_SYNTAX, "/proc/meminfo: no %s",
			  mem.total.known ? "MemAvailable" : "MemTotal");
	vit_probe_failed(p, VIT_PROBE_NEEDED, "file", &err);
}

static void processor(struct vit_probe *p)
{
	struct vit_system *s = p->out;
	struct vit_cpuinfo cpu;

	if (!vit_probe_file(p, "/proc/cpuinfo", VIT_PROBE_NEEDED))
		return;
	vit_parse_cpuinfo(vit_buf_view(&p->text), &cpu);
	if (cpu.model.n > 0)
		s->cpu = vit_arena_str(p->a, cpu.model);
	else if (cpu.implementer.n > 0)
		s->cpu = vit_arena_printf(p->a, "ARM implementer %.*s part %.*s",
					  VIT_FMT(cpu.implementer), VIT_FMT(cpu.part));
	take(p, &s->cores_logical, cpu.logical, "/proc/cpuinfo, processors");
	take(p, &s->cores_physical, cpu.physical, "/proc/cpuinfo, distinct core ids");
}

static void distribution(struct vit_probe *p)
{
	if (vit_probe_file(p, "/etc/os-release", VIT_PROBE_OPTIONAL) ||
	    vit_probe_file(p, "/usr/lib/os-release", VIT_PROBE_OPTIONAL))
		p->out->os_version = vit_arena_str(
			p->a, vit_parse_os_release(p->a, vit_buf_view(&p->text)));
}

/* Firmware's name of the machine; what board makers leave in place of one is none. */
static void machine(struct vit_probe *p)
{
	static const char *const places[] = { "/sys/class/dmi/id/product_name",
					      "/proc/device-tree/model" };
	static const char *const blanks[] = { "System Product Name", "To Be Filled By O.E.M.",
					      "Default string", "None" };
	struct vit_str name = VIT_STR_EMPTY;

	for (size_t i = 0; i < 2 && name.n == 0; i++) {
		if (!vit_probe_file(p, places[i], VIT_PROBE_OPTIONAL))
			continue;
		name = vit_buf_view(&p->text);
		/* A device tree's strings end with NUL. */
		while (name.n > 0 && name.p[name.n - 1] == '\0')
			name.n--;
		name = vit_str_trim(name);
		for (size_t j = 0; j < sizeof(blanks) / sizeof(blanks[0]); j++)
			if (vit_str_is(name, blanks[j]))
				name = VIT_STR_EMPTY;
		name = vit_arena_str(p->a, name);
	}
	p->out->machine = name;
}

/* "node12" is 12. */
static bool node_id(struct vit_str name, uint64_t *id)
{
	return vit_str_starts(name, VIT_STR("node")) &&
	       vit_parse_u64(vit_str_sub(name, 4, name.n), id) && *id < MAX_NODES;
}

static void numa(struct vit_probe *p)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_vec nodes = VIT_VEC(sizeof(struct vit_numa_node));
	struct vit_str *names;
	size_t count = 0;

	if (p->h->list_dir(p->h->ctx, NODES, p->a, &names, &count, &err) != VIT_OK) {
		vit_probe_failed(p, VIT_PROBE_OPTIONAL, "folder", &err);
		count = 0;
	}
	for (size_t i = 0; i < count; i++) {
		const char *folder = vit_arena_printf(p->a, NODES "/%.*s", VIT_FMT(names[i])).p;
		const char *file = vit_arena_printf(p->a, "%s/meminfo", folder).p;
		struct vit_numa_node *node;
		struct vit_meminfo mem;
		uint64_t id;

		if (!node_id(names[i], &id) || nodes.count >= MAX_NODES ||
		    !vit_probe_file(p, file, VIT_PROBE_OPTIONAL))
			continue;
		vit_parse_node_meminfo(vit_buf_view(&p->text), &mem);
		node = vit_vec_add(&nodes);
		node->id = (uint32_t)id;
		node->processors = VIT_STR_EMPTY;
		take(p, &node->memory_total, mem.total, file);
		take(p, &node->memory_free, mem.free, file);
		if (vit_probe_file(p, vit_arena_printf(p->a, "%s/cpulist", folder).p,
				   VIT_PROBE_OPTIONAL))
			node->processors = vit_arena_str(p->a, vit_str_trim(vit_buf_view(&p->text)));
	}
	p->out->numa = vit_vec_take(&nodes, p->a, &count);
	p->out->numa_count = (uint32_t)count;
}

static void pressure(struct vit_probe *p)
{
	if (vit_probe_file(p, "/proc/pressure/memory", VIT_PROBE_OPTIONAL))
		take(p, &p->out->pressure_stall, vit_parse_pressure(vit_buf_view(&p->text)),
		     "/proc/pressure/memory some avg10");
}

static bool exists(struct vit_probe *p, const char *path)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	enum vit_errc rc = p->h->read_file(p->h->ctx, path, &p->text, &err);

	if (rc == VIT_OK || rc == VIT_E_PERM || rc == VIT_E_LIMIT)
		return true;
	vit_probe_failed(p, VIT_PROBE_OPTIONAL, "file", &err);
	return false;
}

static bool is_set(struct vit_probe *p, const char *name)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };

	if (p->h->env(p->h->ctx, name, &p->text, &err) == VIT_OK)
		return p->text.n > 0;
	vit_probe_failed(p, VIT_PROBE_OPTIONAL, "environment", &err);
	return false;
}

static bool contains_ci(struct vit_str s, struct vit_str part)
{
	for (size_t i = 0; i + part.n <= s.n; i++)
		if (vit_str_ieq(vit_str_sub(s, i, i + part.n), part))
			return true;
	return false;
}

void vit_probe_linux(struct vit_probe *p)
{
	struct vit_system *s = p->out;

	memory(p);
	vit_probe_linux_limits(p);
	processor(p);
	distribution(p);
	machine(p);
	numa(p);
	pressure(p);
	s->container = s->container || exists(p, "/.dockerenv") ||
		       exists(p, "/run/.containerenv") || is_set(p, "container") ||
		       is_set(p, "KUBERNETES_SERVICE_HOST");
	s->wsl = contains_ci(s->kernel, VIT_STR("microsoft"));
}
