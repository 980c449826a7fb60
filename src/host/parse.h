/*
 * What systems say about themselves as text: pure functions of the bytes.
 *
 * Nothing is read here and nothing is judged; every platform's parsers are
 * compiled and tested on every platform. The text is untrusted (a container
 * may show anything): what is not as documented is left unknown, never
 * guessed. Strings in the results are borrowed from the text.
 */
#ifndef VIT_HOST_PARSE_H
#define VIT_HOST_PARSE_H

#include "base/arena.h"
#include "base/str.h"

struct vit_known { /* a number that may be absent */
	bool known;
	uint64_t value;
};

/* /proc/meminfo (proc_meminfo(5)), in bytes. The first of two equal lines counts. */
struct vit_meminfo {
	struct vit_known total, free, available, swap_total, swap_free;
	struct vit_known huge;       /* all set aside as huge pages, of every size: Hugetlb */
	struct vit_known huge_count, huge_free, huge_size; /* of the default size: pages, pages, bytes */
};
void vit_parse_meminfo(struct vit_str text, struct vit_meminfo *out);

/* /sys/devices/system/node/nodeN/meminfo: the same lines behind "Node N ". */
void vit_parse_node_meminfo(struct vit_str text, struct vit_meminfo *out);

/* /proc/pressure/memory (kernel: accounting/psi.rst): "some avg10=1.23 ...", in
 * hundredths of a percent. */
struct vit_known vit_parse_pressure(struct vit_str text);

/* /proc/self/cgroup (cgroups(7)): the paths of this process, empty when there
 * is no such line. A path that climbs ("/..": outside our cgroup namespace)
 * becomes "/". */
struct vit_cgroup_paths {
	bool has_unified, has_memory, has_cpu;
	struct vit_str unified;     /* version 2 */
	struct vit_str memory, cpu; /* version 1, by controller */
};
void vit_parse_cgroup(struct vit_str text, struct vit_cgroup_paths *out);

/* A limit file: memory.max, memory.high ("max": none), memory.limit_in_bytes
 * (at 2^63 less a page of 64 KiB: none). Unknown when none or no number. */
struct vit_known vit_parse_cgroup_bytes(struct vit_str text);
/* cpu.max "QUOTA PERIOD" ("max ...": none), as thousandths of a core. */
struct vit_known vit_parse_cpu_max(struct vit_str text);
/* cpu.cfs_quota_us (-1: none) and cpu.cfs_period_us of version 1, likewise. */
struct vit_known vit_parse_cpu_cfs(struct vit_str quota, struct vit_str period);
/* memory.stat: bytes of file cache the kernel can take back: inactive_file +
 * active_file, of the whole subtree ("total_" in version 1). */
struct vit_known vit_parse_memory_stat(struct vit_str text);

/* /proc/cpuinfo of x86, ARM, POWER, RISC-V. */
struct vit_cpuinfo {
	struct vit_str model;         /* or empty */
	struct vit_str implementer;   /* ARM: "0x41", with part, where no name is given */
	struct vit_str part;
	struct vit_known logical;     /* processors listed */
	struct vit_known physical;    /* distinct (physical id, core id); unknown where not told */
};
void vit_parse_cpuinfo(struct vit_str text, struct vit_cpuinfo *out);

/* os-release(5): PRETTY_NAME, else NAME with VERSION; arena; empty when none. */
struct vit_str vit_parse_os_release(struct vit_arena *a, struct vit_str text);

/* A line of ps(1) with -o pid= [-o rss=] -o comm= or args=: numbers, then the
 * rest of the line. Memory is in bytes. False when it is none. */
struct vit_ps_line {
	uint64_t pid;
	struct vit_known memory;
	struct vit_str command;
};
bool vit_parse_ps_line(struct vit_str line, bool with_memory, struct vit_ps_line *out);

/* The string of a key in a property list in XML (Info.plist of macOS), as it
 * is written there; empty when there is none. */
struct vit_str vit_parse_plist_string(struct vit_str text, const char *key);

#endif
