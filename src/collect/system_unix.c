/* macOS and the BSDs: everything is a sysctl. */
#include "base/num.h"
#include "collect/system_probe.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* The product, or all ones: a machine cannot have more. */
static uint64_t times(uint64_t a, uint64_t b)
{
	uint64_t product;

	return vit_mul_u64(a, b, &product) ? product : UINT64_MAX;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return vit_add_u64(a, b, &sum) ? sum : UINT64_MAX;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* Free pages count the speculative ones, which are files read ahead and so in
 * the file-backed ones again; compressed and wired memory is in neither. */
static void darwin_memory(struct vit_probe *p)
{
	struct vit_system *s = p->out;
	uint64_t page, unused, speculative, files;

	vit_probe_measure(p, "hw.memsize", VIT_PROBE_NEEDED, 1, &s->memory_total);
	if (!vit_probe_number(p, "hw.pagesize", VIT_PROBE_NEEDED, &page) ||
	    !vit_probe_number(p, "vm.statistics.free_count", VIT_PROBE_NEEDED, &unused) ||
	    !vit_probe_number(p, "vm.statistics.speculative_count", VIT_PROBE_NEEDED,
			      &speculative) ||
	    !vit_probe_number(p, "vm.statistics.external_page_count", VIT_PROBE_NEEDED, &files))
		return;
	vit_probe_set(p, &s->memory_free, times(minus(unused, speculative), page),
		      "host_statistics64: free less speculative pages, times hw.pagesize");
	vit_probe_set(p, &s->memory_available,
		      times(plus(minus(unused, speculative), files), page),
		      "host_statistics64: free less speculative plus file-backed pages, "
		      "times hw.pagesize");
}

/*
 * What the GPU may wire: the setting, else the default, which Apple does not
 * publish: about two thirds of the memory up to 36 GB and three quarters above.
 */
static void darwin_wired(struct vit_probe *p)
{
	static const char *const names[] = { "iogpu.wired_limit_mb",
					     "debug.iogpu.wired_limit" };
	struct vit_system *s = p->out;
	uint64_t value, total = s->memory_total.value;

	for (size_t i = 0; i < 2; i++) {
		if (vit_probe_number(p, names[i], VIT_PROBE_OPTIONAL, &value) && value > 0) {
			vit_probe_set(p, &s->wired_limit, times(value, MIB),
				      vit_arena_printf(p->a, "sysctl %s", names[i]).p);
			return;
		}
	}
	if (!s->memory_total.known)
		return;
	if (total <= 36 * GIB)
		vit_probe_set(p, &s->wired_limit, total / 3 * 2 + total % 3 * 2 / 3,
			      "estimated default: 2/3 of hw.memsize");
	else
		vit_probe_set(p, &s->wired_limit, total / 4 * 3 + total % 4 * 3 / 4,
			      "estimated default: 3/4 of hw.memsize");
}

/* kern.memorystatus_vm_pressure_level: DISPATCH_MEMORYPRESSURE_NORMAL, _WARN,
 * _CRITICAL of <dispatch/source.h>. */
static void darwin_pressure(struct vit_probe *p)
{
	uint64_t level;

	if (!vit_probe_number(p, "kern.memorystatus_vm_pressure_level", VIT_PROBE_OPTIONAL, &level))
		return;
	if (level == 1)
		p->out->pressure = VIT_PRESSURE_NORMAL;
	else if (level == 2)
		p->out->pressure = VIT_PRESSURE_WARNING;
	else if (level == 4)
		p->out->pressure = VIT_PRESSURE_CRITICAL;
}

static void darwin_processor(struct vit_probe *p)
{
	struct vit_system *s = p->out;
	uint64_t levels;

	s->cpu = vit_probe_string(p, "machdep.cpu.brand_string", VIT_PROBE_NEEDED);
	s->machine = vit_probe_string(p, "hw.model", VIT_PROBE_OPTIONAL);
	vit_probe_measure(p, "hw.physicalcpu", VIT_PROBE_OPTIONAL, 1, &s->cores_physical);
	vit_probe_measure(p, "hw.logicalcpu", VIT_PROBE_OPTIONAL, 1, &s->cores_logical);
	/* Level 0 is the fastest; a machine with one level makes no difference. */
	if (!vit_probe_number(p, "hw.nperflevels", VIT_PROBE_OPTIONAL, &levels) || levels < 2)
		return;
	vit_probe_measure(p, "hw.perflevel0.physicalcpu", VIT_PROBE_OPTIONAL, 1,
			  &s->cores_performance);
	vit_probe_measure(p, "hw.perflevel1.physicalcpu", VIT_PROBE_OPTIONAL, 1,
			  &s->cores_efficiency);
}

void vit_probe_darwin(struct vit_probe *p)
{
	struct vit_system *s = p->out;
	uint64_t arm = 0;

	s->os = VIT_STR("macOS");
	s->os_version = vit_probe_string(p, "kern.osproductversion", VIT_PROBE_OPTIONAL);
	/* Under Rosetta uname says x86_64 of a machine that is not. */
	if (vit_probe_number(p, "hw.optional.arm64", VIT_PROBE_OPTIONAL, &arm) && arm == 1)
		s->arch = VIT_STR("arm64");
	darwin_memory(p);
	darwin_processor(p);
	darwin_pressure(p);
	vit_probe_measure(p, "vm.swapusage.total", VIT_PROBE_OPTIONAL, 1, &s->swap_total);
	vit_probe_measure(p, "vm.swapusage.avail", VIT_PROBE_OPTIONAL, 1, &s->swap_free);
	if (vit_str_is(s->arch, "arm64"))
		darwin_wired(p);
}

static void bsd_processor(struct vit_probe *p)
{
	struct vit_system *s = p->out;

	s->os_version = s->kernel;
	s->cpu = vit_probe_string(p, "hw.model", VIT_PROBE_OPTIONAL);
	vit_probe_measure(p, "hw.ncpu", VIT_PROBE_OPTIONAL, 1, &s->cores_logical);
}

static void freebsd_swap(struct vit_probe *p, uint64_t page)
{
	struct vit_system *s = p->out;
	uint64_t used;

	vit_probe_measure(p, "vm.swap_total", VIT_PROBE_OPTIONAL, 1, &s->swap_total);
	if (s->swap_total.known &&
	    vit_probe_number(p, "vm.swap_info.used", VIT_PROBE_OPTIONAL, &used))
		vit_probe_set(p, &s->swap_free, minus(s->swap_total.value, times(used, page)),
			      "sysctl vm.swap_total less vm.swap_info");
}

/* The cache of ZFS gives way down to its floor. */
static uint64_t freebsd_arc(struct vit_probe *p)
{
	uint64_t size, least;

	if (!vit_probe_number(p, "kstat.zfs.misc.arcstats.size", VIT_PROBE_OPTIONAL, &size) ||
	    !vit_probe_number(p, "kstat.zfs.misc.arcstats.c_min", VIT_PROBE_OPTIONAL, &least))
		return 0;
	return minus(size, least);
}

void vit_probe_freebsd(struct vit_probe *p)
{
	struct vit_system *s = p->out;
	uint64_t page, unused, inactive, cache = 0, buffers = 0, jailed = 0, sum;

	bsd_processor(p);
	vit_probe_measure(p, "kern.smp.cores", VIT_PROBE_OPTIONAL, 1, &s->cores_physical);
	if (vit_probe_number(p, "security.jail.jailed", VIT_PROBE_OPTIONAL, &jailed))
		s->container = jailed == 1;
	vit_probe_measure(p, "hw.physmem", VIT_PROBE_NEEDED, 1, &s->memory_total);
	if (!vit_probe_number(p, "hw.pagesize", VIT_PROBE_NEEDED, &page))
		return;
	freebsd_swap(p, page);
	if (!vit_probe_number(p, "vm.stats.vm.v_free_count", VIT_PROBE_NEEDED, &unused) ||
	    !vit_probe_number(p, "vm.stats.vm.v_inactive_count", VIT_PROBE_NEEDED, &inactive))
		return;
	/* Gone from newer systems, whose inactive pages hold what it held. */
	if (!vit_probe_number(p, "vm.stats.vm.v_cache_count", VIT_PROBE_OPTIONAL, &cache))
		cache = 0;
	if (!vit_probe_number(p, "vfs.bufspace", VIT_PROBE_OPTIONAL, &buffers))
		buffers = 0;
	vit_probe_set(p, &s->memory_free, times(unused, page),
		      "sysctl vm.stats.vm.v_free_count times hw.pagesize");
	sum = times(plus(plus(unused, inactive), cache), page);
	sum = plus(plus(sum, buffers), freebsd_arc(p));
	vit_probe_set(p, &s->memory_available, sum,
		      "sysctl vm.stats.vm: free, inactive and cache pages, plus vfs.bufspace and "
		      "what the ZFS cache can give back");
}

void vit_probe_uvm(struct vit_probe *p)
{
	struct vit_system *s = p->out;
	uint64_t page, unused, inactive, swap, swap_used;

	bsd_processor(p);
	s->machine = vit_probe_string(p, "hw.product", VIT_PROBE_OPTIONAL);
	vit_probe_measure(p, "hw.physmem64", VIT_PROBE_NEEDED, 1, &s->memory_total);
	if (!vit_probe_number(p, "vm.uvmexp.pagesize", VIT_PROBE_NEEDED, &page) ||
	    !vit_probe_number(p, "vm.uvmexp.free", VIT_PROBE_NEEDED, &unused) ||
	    !vit_probe_number(p, "vm.uvmexp.inactive", VIT_PROBE_NEEDED, &inactive))
		return;
	vit_probe_set(p, &s->memory_free, times(unused, page), "sysctl vm.uvmexp: free pages");
	vit_probe_set(p, &s->memory_available, times(plus(unused, inactive), page),
		      "sysctl vm.uvmexp: free and inactive pages");
	if (!vit_probe_number(p, "vm.uvmexp.swpages", VIT_PROBE_OPTIONAL, &swap) ||
	    !vit_probe_number(p, "vm.uvmexp.swpginuse", VIT_PROBE_OPTIONAL, &swap_used))
		return;
	vit_probe_set(p, &s->swap_total, times(swap, page), "sysctl vm.uvmexp: swap pages");
	vit_probe_set(p, &s->swap_free, times(minus(swap, swap_used), page),
		      "sysctl vm.uvmexp: swap pages less those in use");
}
