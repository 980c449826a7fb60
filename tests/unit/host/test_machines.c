/*
 * The recorded machines. The numbers below are worked out by hand from the
 * files in tests/hosts, as the comments show.
 */
#include "host_test.h"
#include "temp_dir.h"

#include "collect/collect.h"
#include "facts/devices.h"
#include "host/parse_devices.h"

#define MIB (UINT64_C(1) << 20)

static struct vit_arena *arena;

static struct vit_system machine(const char *name)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_system s;
	struct vit_host h;
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", VIT_TEST_HOSTS, name);
	assert_int_equal(vit_host_replay_open(&h, path, &err), VIT_OK);
	vit_collect_system(arena, &h, "/model", &s);
	vit_host_replay_close(&h);
	assert_true(s.probed && s.replayed);
	return s;
}

static void no_notes(const struct vit_system *s)
{
	for (uint32_t i = 0; i < s->note_count; i++)
		print_error("note: %.*s\n", VIT_FMT(s->notes[i]));
	assert_int_equal(s->note_count, 0);
	assert_int_equal(s->err.code, VIT_OK);
}

static void is(const struct vit_measure *m, uint64_t value, const char *source)
{
	assert_true(m->known);
	assert_int_equal(m->value, value);
	assert_str(m->source, source);
}

static void container_v2(void **state)
{
	struct vit_system s = machine("container-cgroup-v2");

	(void)state;
	no_notes(&s);
	assert_str(s.os, "Linux");
	assert_str(s.os_version, "Ubuntu 24.04.1 LTS");
	assert_str(s.kernel, "6.1.0-21-amd64");
	assert_str(s.arch, "x86_64");
	assert_str(s.cpu, "AMD EPYC 7763 64-Core Processor");
	is(&s.cores_physical, 4, "/proc/cpuinfo, distinct core ids");
	is(&s.cores_logical, 8, "/proc/cpuinfo, processors");
	is(&s.cpu_limit_milli, 2000, "/sys/fs/cgroup/cpu.max");
	/* 65,861,240 and 50,331,648 times 1,024 */
	is(&s.memory_total, UINT64_C(67441909760), "/proc/meminfo MemTotal");
	is(&s.memory_available, UINT64_C(51539607552), "/proc/meminfo MemAvailable");
	is(&s.memory_limit, UINT64_C(8589934592), "/sys/fs/cgroup/memory.max");
	/* 2,684,354,560 - (402,653,184 + 134,217,728) */
	is(&s.memory_limit_used, UINT64_C(2147483648),
	   "/sys/fs/cgroup/memory.current less the file cache of memory.stat");
	assert_int_equal(s.decider, VIT_MD_LIMIT);
	assert_int_equal(s.memory_usable, UINT64_C(6442450944));
	is(&s.swap_total, 0, "/proc/meminfo SwapTotal");
	assert_true(s.container);
	assert_false(s.wsl);
	is(&s.disk_free, UINT64_C(53687091200), "statfs of the model's place");
	assert_str(s.disk_kind, "overlay");
	assert_false(s.wired_limit.known);
}

static void container_v1(void **state)
{
	struct vit_system s = machine("container-cgroup-v1");

	(void)state;
	no_notes(&s);
	is(&s.memory_limit, UINT64_C(4294967296), "/sys/fs/cgroup/memory/memory.limit_in_bytes");
	/* 3,221,225,472 - (805,306,368 + 268,435,456) */
	is(&s.memory_limit_used, UINT64_C(2147483648),
	   "/sys/fs/cgroup/memory/memory.usage_in_bytes less the file cache of memory.stat");
	/* Available: 20,971,520 * 1,024 = 21,474,836,480. */
	assert_int_equal(s.decider, VIT_MD_LIMIT);
	assert_int_equal(s.memory_usable, UINT64_C(2147483648));
	/* 150,000 of 100,000 */
	is(&s.cpu_limit_milli, 1500, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
	is(&s.cores_physical, 2, "/proc/cpuinfo, distinct core ids");
	is(&s.cores_logical, 4, "/proc/cpuinfo, processors");
	assert_true(s.container);
}

static void workstation(void **state)
{
	struct vit_system s = machine("linux-workstation");

	(void)state;
	no_notes(&s);
	is(&s.memory_limit, UINT64_C(17179869184),
	   "/sys/fs/cgroup/user.slice/user-1000.slice/memory.high");
	is(&s.memory_limit_used, UINT64_C(7516192768),
	   "/sys/fs/cgroup/user.slice/user-1000.slice/memory.current");
	/* 17,179,869,184 - 7,516,192,768; available are 41,943,040 * 1,024. */
	assert_int_equal(s.decider, VIT_MD_LIMIT);
	assert_int_equal(s.memory_usable, UINT64_C(9663676416));
	is(&s.cores_physical, 12, "/proc/cpuinfo, distinct core ids");
	is(&s.cores_logical, 24, "/proc/cpuinfo, processors");
	assert_false(s.cpu_limit_milli.known);
	assert_false(s.container);
	assert_str(s.machine, "B550 AORUS ELITE V2");
	/* 8,388,604 * 1,024 */
	is(&s.swap_free, UINT64_C(8589930496), "/proc/meminfo SwapFree");
}

static void recorded_vm(void **state)
{
	struct vit_system s = machine("linux-ci-2core");

	(void)state;
	assert_str(s.os, "Linux");
	assert_str(s.os_version, "Debian GNU/Linux 12 (bookworm)");
	assert_str(s.cpu, "Intel(R) Xeon(R) Processor");
	is(&s.cores_logical, 2, "/proc/cpuinfo, processors");
	is(&s.cores_physical, 2, "/proc/cpuinfo, distinct core ids");
	/* 24,684,092 * 1,024 */
	is(&s.memory_total, UINT64_C(25276510208), "/proc/meminfo MemTotal");
	no_notes(&s);
	/* Every limit is 9,223,372,036,854,771,712, which is none: 24,211,736 * 1,024 decide. */
	assert_false(s.memory_limit.known || s.cpu_limit_milli.known);
	assert_int_equal(s.decider, VIT_MD_AVAILABLE);
	assert_int_equal(s.memory_usable, UINT64_C(24792817664));
	is(&s.disk_free, UINT64_C(78579068928), "statfs of the model's place");
	assert_true(s.container);
}

static void m4_pro(void **state)
{
	struct vit_system s = machine("macbook-m4-pro-24gb");

	(void)state;
	no_notes(&s);
	assert_str(s.os, "macOS");
	assert_str(s.os_version, "15.5");
	assert_str(s.kernel, "24.5.0");
	assert_str(s.arch, "arm64");
	assert_str(s.cpu, "Apple M4 Pro");
	assert_str(s.machine, "Mac16,8");
	is(&s.cores_physical, 12, "sysctl hw.physicalcpu");
	is(&s.cores_performance, 8, "sysctl hw.perflevel0.physicalcpu");
	is(&s.cores_efficiency, 4, "sysctl hw.perflevel1.physicalcpu");
	is(&s.memory_total, UINT64_C(25769803776), "sysctl hw.memsize");
	/* (98,304 - 8,192) * 16,384 */
	assert_int_equal(s.memory_free.value, UINT64_C(1476395008));
	/* (98,304 - 8,192 + 425,984) * 16,384 */
	assert_int_equal(s.memory_available.value, UINT64_C(8455716864));
	assert_int_equal(s.decider, VIT_MD_AVAILABLE);
	assert_int_equal(s.memory_usable, UINT64_C(8455716864));
	/* 25,769,803,776 * 2 / 3 */
	is(&s.wired_limit, UINT64_C(17179869184), "estimated default: 2/3 of hw.memsize");
	is(&s.swap_total, UINT64_C(2147483648), "sysctl vm.swapusage.total");
	is(&s.swap_free, UINT64_C(1610612736), "sysctl vm.swapusage.avail");
	assert_str(s.disk_kind, "apfs");
	assert_false(s.memory_limit.known);
}

static void m1(void **state)
{
	struct vit_system s = machine("macbook-m1-8gb");

	(void)state;
	no_notes(&s);
	is(&s.memory_total, UINT64_C(8589934592), "sysctl hw.memsize");
	/* (20,480 - 4,096 + 131,072) * 16,384 */
	assert_int_equal(s.memory_usable, UINT64_C(2415919104));
	/* 6,144 MiB */
	is(&s.wired_limit, UINT64_C(6442450944), "sysctl iogpu.wired_limit_mb");
	assert_int_equal(s.disk_free.value, UINT64_C(12884901888));
}

static void freebsd(void **state)
{
	struct vit_system s = machine("freebsd-14-zfs");

	(void)state;
	no_notes(&s);
	assert_str(s.os, "FreeBSD");
	assert_str(s.os_version, "14.1-RELEASE");
	assert_str(s.cpu, "AMD Ryzen 7 5700G with Radeon Graphics");
	is(&s.cores_physical, 8, "sysctl kern.smp.cores");
	is(&s.cores_logical, 16, "sysctl hw.ncpu");
	is(&s.memory_total, UINT64_C(34234540032), "sysctl hw.physmem");
	/* (1,048,576 + 2,097,152 + 0) * 4,096 + 104,857,600 + 8,589,934,592 - 1,073,741,824 */
	assert_int_equal(s.memory_available.value, UINT64_C(20505952256));
	/* 1,048,576 * 4,096 */
	assert_int_equal(s.memory_free.value, UINT64_C(4294967296));
	assert_int_equal(s.decider, VIT_MD_AVAILABLE);
	/* 4,294,967,296 - 65,536 * 4,096 */
	assert_int_equal(s.swap_free.value, UINT64_C(4026531840));
	assert_false(s.container);
}

static void openbsd(void **state)
{
	struct vit_system s = machine("openbsd-7");

	(void)state;
	no_notes(&s);
	assert_str(s.machine, "20L5CTO1WW");
	is(&s.memory_total, UINT64_C(17083408384), "sysctl hw.physmem64");
	/* (2,097,152 + 262,144) * 4,096 */
	is(&s.memory_available, UINT64_C(9663676416), "sysctl vm.uvmexp: free and inactive pages");
	/* 1,048,576 * 4,096, and 1,024 pages less */
	assert_int_equal(s.swap_total.value, UINT64_C(4294967296));
	assert_int_equal(s.swap_free.value, UINT64_C(4290772992));
}

static void nothing_works(void **state)
{
	struct vit_system s = machine("every-probe-fails");

	(void)state;
	assert_str(s.os, "");
	assert_int_equal(s.decider, VIT_MD_NONE);
	assert_int_equal(s.memory_usable, 0);
	assert_false(s.memory_total.known || s.disk_total.known || s.cores_logical.known);
	assert_int_equal(s.err.code, VIT_E_PERM);
	assert_int_equal(s.note_count, 2);
	assert_str(s.notes[0], "system: permission denied");
	assert_str(s.notes[1], "disk: permission denied");
}

/* The one device of a Mac: what the GPU may wire, and no more than is available. */
static void mac_devices(void **state)
{
	struct vit_system s = machine("macbook-m4-pro-24gb");

	(void)state;
	assert_true(s.devices_probed);
	assert_int_equal(s.device_count, 1);
	assert_int_equal(s.devices[0].kind, VIT_DEVICE_METAL);
	assert_str(s.devices[0].name, "Apple M4 Pro");
	assert_true(s.devices[0].integrated);
	is(&s.devices[0].memory_total, UINT64_C(17179869184),
	   "estimated default: 2/3 of hw.memsize");
	is(&s.devices[0].memory_free, UINT64_C(8455716864),
	   "the smaller of the memory available and what the GPU may wire");
	assert_int_equal(s.devices[0].numbers[VIT_NUMBER_BF16].support, VIT_HOW_NATIVE);
	assert_int_equal(s.pressure, VIT_PRESSURE_NORMAL);
	s = machine("macbook-m1-8gb");
	is(&s.devices[0].memory_total, UINT64_C(6442450944), "sysctl iogpu.wired_limit_mb");
	assert_int_equal(s.devices[0].memory_free.value, UINT64_C(2415919104));
	assert_int_equal(s.devices[0].numbers[VIT_NUMBER_BF16].support, VIT_HOW_EMULATED);
	assert_int_equal(s.pressure, VIT_PRESSURE_WARNING);
}

/*
 * Recorded while PyTorch held 6 GiB and a few matrices. PyTorch itself said of
 * the same moment: torch.cuda.mem_get_info() 77,756,301,312 free of
 * 85,017,493,504, compute capability 9.0, BF16 without emulation; its pid 452.
 */
static void h100(void **state)
{
	struct vit_system s = machine("h100-server");
	const struct vit_device *d;

	(void)state;
	no_notes(&s);
	assert_int_equal(s.device_count, 1);
	d = &s.devices[0];
	assert_int_equal(d->kind, VIT_DEVICE_CUDA);
	assert_str(d->name, "NVIDIA H100 80GB HBM3");
	assert_str(d->architecture, "Hopper");
	assert_str(d->driver, "580.159.04");
	assert_str(d->cuda, "13.0");
	assert_str(d->source, "NVML");
	assert_int_equal(d->capability_major, 9);
	assert_int_equal(d->capability_minor, 0);
	is(&d->memory_free, UINT64_C(77756301312), "NVML, free");
	/* CUDA gives programs the total less what the driver reserves. */
	assert_int_equal(d->memory_total.value - d->memory_reserved.value, UINT64_C(85017493504));
	assert_int_equal(d->memory_used.value + d->memory_free.value,
			 d->memory_total.value - d->memory_reserved.value);
	/* 3.35 TB/s by the data sheet. */
	assert_int_equal(d->bandwidth.value / 10000000000, 335);
	assert_int_equal(d->mig, VIT_MIG_OFF);
	assert_int_equal(d->process_count, 1);
	assert_int_equal(d->processes[0].pid, 452);
	assert_str(d->processes[0].name, "python3");
	assert_int_equal(d->numbers[VIT_NUMBER_BF16].support, VIT_HOW_NATIVE);
	assert_int_equal(d->numbers[VIT_NUMBER_FP8].support, VIT_HOW_NATIVE);
	assert_int_equal(d->numbers[VIT_NUMBER_MXFP4].support, VIT_HOW_EMULATED);
	assert_int_equal(s.bus.nvidia, 1);
	assert_str(s.bus.nvidia_driver, "nvidia");
	assert_int_equal(s.numa_count, 1);
	/* 5,991,920 * 1,024: this virtual machine got most of its memory while it ran. */
	is(&s.numa[0].memory_total, UINT64_C(6135726080),
	   "/sys/devices/system/node/node0/meminfo");
}

static enum vit_errc no_library(void *ctx, unsigned timeout_ms, struct vit_buf *out,
				struct vit_err *err)
{
	(void)ctx;
	(void)timeout_ms;
	(void)out;
	return vit_err_set(err, VIT_E_NOTFOUND, "NVML: taken away");
}

static void near_mib(const struct vit_measure *exact, const struct vit_measure *rounded)
{
	assert_true(exact->known && rounded->known);
	assert_true(rounded->value % MIB == 0);
	assert_true(exact->value < rounded->value + MIB && rounded->value < exact->value + MIB);
}

/* The same moment by NVIDIA's tool, recorded beside: the same facts, in MiB. */
static void h100_by_tool(void **state)
{
	struct vit_system by_library = machine("h100-server"), s;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	const struct vit_device *a = &by_library.devices[0], *b;
	struct vit_host h;

	(void)state;
	assert_int_equal(vit_host_replay_open(&h, VIT_TEST_HOSTS "/h100-server", &err), VIT_OK);
	h.nvml = no_library;
	vit_collect_system(arena, &h, "/model", &s);
	vit_host_replay_close(&h);
	no_notes(&s);
	assert_int_equal(s.device_count, 1);
	b = &s.devices[0];
	assert_str(b->source, "nvidia-smi");
	assert_true(vit_str_eq(a->name, b->name) && vit_str_eq(a->driver, b->driver));
	assert_true(vit_str_eq(a->cuda, b->cuda) && vit_str_eq(a->architecture, b->architecture));
	assert_true(vit_str_eq(a->target, b->target));
	assert_int_equal(a->mig, b->mig);
	near_mib(&a->memory_total, &b->memory_total);
	near_mib(&a->memory_free, &b->memory_free);
	near_mib(&a->memory_used, &b->memory_used);
	near_mib(&a->memory_reserved, &b->memory_reserved);
	assert_int_equal(a->process_count, b->process_count);
	assert_int_equal(a->processes[0].pid, b->processes[0].pid);
	assert_true(vit_str_eq(a->processes[0].name, b->processes[0].name));
	near_mib(&a->processes[0].memory, &b->processes[0].memory);
	for (int n = 0; n < VIT_NUMBER_COUNT; n++)
		assert_int_equal(a->numbers[n].support, b->numbers[n].support);
}

static void rtx_3080(void **state)
{
	struct vit_system s = machine("linux-workstation");
	const struct vit_device *d = &s.devices[0];

	(void)state;
	assert_int_equal(s.device_count, 1);
	assert_str(d->name, "NVIDIA GeForce RTX 3080");
	assert_int_equal(d->capability_major * 10 + d->capability_minor, 86);
	assert_false(d->capability_least);
	assert_int_equal(d->memory_total.value, 10240 * MIB);
	assert_int_equal(d->memory_free.value, 8806 * MIB);
	assert_int_equal(d->mig, VIT_MIG_NONE);
	assert_int_equal(d->process_count, 2);
	assert_str(d->processes[0].name, "Xorg");
	assert_int_equal(d->processes[0].memory.value, 412 * MIB);
	assert_false(d->processes[1].memory.known);
	assert_int_equal(d->numbers[VIT_NUMBER_FP8].support, VIT_HOW_DEQUANTISED);
	assert_int_equal(s.bus.nvidia, 1);
}

static void amd_machines(void **state)
{
	struct vit_system s = machine("mi300x-server");
	const struct vit_device *d = s.devices;

	(void)state;
	no_notes(&s);
	assert_int_equal(s.device_count, 2);
	assert_int_equal(d[1].kind, VIT_DEVICE_ROCM);
	assert_int_equal(d[1].index, 1);
	assert_str(d[1].name, "AMD Instinct MI300X");
	assert_str(d[1].target, "gfx942");
	assert_str(d[1].architecture, "CDNA 3");
	assert_str(d[1].driver, "6.12.12");
	assert_int_equal(d[1].memory_total.value, UINT64_C(206141652992));
	assert_int_equal(d[1].memory_free.value, UINT64_C(206141652992) - UINT64_C(171798691840));
	assert_false(d[1].integrated);
	/* 64 pages of 1 GiB, which are in MemTotal and in no one's reach. */
	is(&s.huge_pages, UINT64_C(68719476736), "/proc/meminfo Hugetlb");
	is(&s.pressure_stall, 257, "/proc/pressure/memory some avg10");
	assert_int_equal(s.numa_count, 2);
	assert_str(s.numa[1].processors, "2-3");
	/* 1,188,856,864 * 1,024 */
	assert_int_equal(s.numa[1].memory_total.value, UINT64_C(1217389428736));
	s = machine("workstation-rx-7900");
	d = s.devices;
	assert_int_equal(s.device_count, 2);
	assert_str(d[0].name, "AMD Radeon RX 7900 XTX");
	assert_str(d[0].target, "gfx1100");
	assert_int_equal(d[0].numbers[VIT_NUMBER_BF16].support, VIT_HOW_NATIVE);
	/* The processor's own: its carve-out and what it may map, 536,870,912 + 33,234,296,832. */
	assert_str(d[1].name, "AMD GPU 1002:164e");
	assert_str(d[1].target, "gfx1036");
	assert_true(d[1].integrated);
	assert_int_equal(d[1].memory_total.value, UINT64_C(33771167744));
}

static void intel_machine(void **state)
{
	struct vit_system s = machine("intel-arc-a770");

	(void)state;
	no_notes(&s);
	assert_int_equal(s.device_count, 2);
	assert_true(s.devices[0].integrated);
	assert_false(s.devices[0].memory_total.known);
	assert_str(s.devices[1].name, "Intel Arc A770");
	assert_str(s.devices[1].architecture, "Xe-HPG");
	assert_int_equal(s.devices[1].memory_total.value, UINT64_C(17095983104));
	assert_false(s.devices[1].memory_free.known);
	assert_int_equal(s.bus.intel, 2);
}

/* A folder that is not there yet lies on the disk of the nearest one that is. */
static void output_disk(void **state)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_disk d;
	struct vit_host h;

	(void)state;
	assert_int_equal(vit_host_replay_open(&h, VIT_TEST_HOSTS "/mi300x-server", &err), VIT_OK);
	vit_collect_disk(arena, &h, "/shared/runs", &d);
	assert_str(d.kind, "nfs");
	assert_int_equal(d.class, VIT_DISK_NETWORK);
	assert_int_equal(d.free.value, UINT64_C(219902325555200));
	vit_host_replay_close(&h);
	vit_collect_disk(arena, vit_host_real(), "/proc/self/no/such/folder//here/", &d);
	assert_true(d.probed && d.free.known);
	assert_str(d.asked, "/proc/self");
	assert_str(d.path, "/proc/self/no/such/folder//here/");
	vit_collect_disk(arena, vit_host_real(), "no-such-folder", &d);
	assert_str(d.asked, ".");
	assert_true(d.total.known);
	vit_collect_disk(arena, vit_host_real(), "/no-such-folder", &d);
	assert_str(d.asked, "/");
}

static void same_measure(const struct vit_measure *a, const struct vit_measure *b)
{
	assert_int_equal(a->known, b->known);
	assert_int_equal(a->value, b->value);
	/* The path of a control group may hold an id, which a recording hides. */
	assert_true(vit_str_eq(a->source, b->source) ||
		    vit_str_starts(a->source, VIT_STR("/sys/fs/cgroup/")));
}

static void same_device(const struct vit_device *a, const struct vit_device *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->index, b->index);
	assert_true(vit_str_eq(a->name, b->name) && vit_str_eq(a->target, b->target));
	assert_true(vit_str_eq(a->driver, b->driver) && vit_str_eq(a->source, b->source));
	same_measure(&a->memory_total, &b->memory_total);
	same_measure(&a->memory_used, &b->memory_used);
	same_measure(&a->memory_free, &b->memory_free);
	assert_int_equal(a->process_count, b->process_count);
	assert_memory_equal(a->numbers, b->numbers, sizeof(a->numbers));
}

static void same_system(const struct vit_system *a, const struct vit_system *b)
{
	const struct vit_measure *pairs[][2] = {
		{ &a->cores_physical, &b->cores_physical },
		{ &a->cores_logical, &b->cores_logical },
		{ &a->cores_performance, &b->cores_performance },
		{ &a->cores_efficiency, &b->cores_efficiency },
		{ &a->cpu_limit_milli, &b->cpu_limit_milli },
		{ &a->memory_total, &b->memory_total },
		{ &a->memory_available, &b->memory_available },
		{ &a->memory_free, &b->memory_free },
		{ &a->memory_limit, &b->memory_limit },
		{ &a->memory_limit_used, &b->memory_limit_used },
		{ &a->swap_total, &b->swap_total },
		{ &a->swap_free, &b->swap_free },
		{ &a->wired_limit, &b->wired_limit },
		{ &a->disk_total, &b->disk_total },
		{ &a->disk_free, &b->disk_free },
		{ &a->huge_pages, &b->huge_pages },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		same_measure(pairs[i][0], pairs[i][1]);
	assert_true(vit_str_eq(a->os, b->os) && vit_str_eq(a->os_version, b->os_version));
	assert_true(vit_str_eq(a->arch, b->arch) && vit_str_eq(a->cpu, b->cpu));
	assert_true(vit_str_eq(a->disk_kind, b->disk_kind));
	assert_int_equal(a->device_count, b->device_count);
	for (uint32_t i = 0; i < a->device_count; i++)
		same_device(&a->devices[i], &b->devices[i]);
	assert_int_equal(a->bus.nvidia, b->bus.nvidia);
	assert_int_equal(a->numa_count, b->numa_count);
	assert_int_equal(a->pressure, b->pressure);
	assert_int_equal(a->container, b->container);
	assert_int_equal(a->decider, b->decider);
	assert_int_equal(a->memory_usable, b->memory_usable);
	assert_int_equal(a->note_count, b->note_count);
	assert_int_equal(a->err.code, b->err.code);
}

/* What is recorded of a machine, this one or a replayed one, gives its facts again. */
static void record_and_replay(const struct vit_host *inner)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_system first, again;
	struct vit_host h;
	char dir[256];

	temp_dir_make(dir, sizeof(dir));
	assert_int_equal(vit_host_record_open(&h, inner, dir, &err), VIT_OK);
	vit_collect_system(arena, &h, "/", &first);
	assert_int_equal(vit_host_record_close(&h, &err), VIT_OK);
	assert_int_equal(vit_host_replay_open(&h, dir, &err), VIT_OK);
	vit_collect_system(arena, &h, "/elsewhere", &again);
	vit_host_replay_close(&h);
	same_system(&first, &again);
	temp_dir_remove(dir);
}

static void recordings_are_faithful(void **state)
{
	static const char *const names[] = {
		"container-cgroup-v1", "container-cgroup-v2", "freebsd-14-zfs", "linux-ci-2core",
		"linux-workstation", "macbook-m1-8gb", "macbook-m4-pro-24gb", "openbsd-7",
		"every-probe-fails", "h100-server", "mi300x-server", "workstation-rx-7900",
		"intel-arc-a770",
	};

	(void)state;
	record_and_replay(vit_host_real());
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct vit_err err = { VIT_OK, 0, 0, "" };
		struct vit_host h;
		char path[1024];

		snprintf(path, sizeof(path), "%s/%s", VIT_TEST_HOSTS, names[i]);
		assert_int_equal(vit_host_replay_open(&h, path, &err), VIT_OK);
		record_and_replay(&h);
		vit_host_replay_close(&h);
	}
}

static int make_arena(void **state)
{
	(void)state;
	arena = vit_arena_new();
	return 0;
}

static int free_arena(void **state)
{
	(void)state;
	vit_arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(container_v2), cmocka_unit_test(container_v1),
		cmocka_unit_test(workstation),  cmocka_unit_test(recorded_vm),
		cmocka_unit_test(m4_pro),       cmocka_unit_test(m1),
		cmocka_unit_test(freebsd),      cmocka_unit_test(openbsd),
		cmocka_unit_test(nothing_works), cmocka_unit_test(mac_devices),
		cmocka_unit_test(h100), cmocka_unit_test(h100_by_tool), cmocka_unit_test(rtx_3080),
		cmocka_unit_test(amd_machines), cmocka_unit_test(intel_machine),
		cmocka_unit_test(output_disk),
		cmocka_unit_test(recordings_are_faithful),
	};

	return cmocka_run_group_tests(tests, make_arena, free_arena);
}
