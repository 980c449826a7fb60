/*
 * The machine as probed through the host table.
 */
#ifndef VIT_FACTS_SYSTEM_H
#define VIT_FACTS_SYSTEM_H

#include "base/err.h"
#include "base/str.h"

/* A number that was measured, with where it came from; known = false when not. */
struct vit_measure {
	bool known;
	uint64_t value;
	struct vit_str source;     /* "/proc/meminfo MemAvailable", "sysctl hw.memsize" */
};

/* Which number decides how much memory a job may use. */
enum vit_memory_decider { VIT_MD_NONE, VIT_MD_AVAILABLE, VIT_MD_LIMIT, VIT_MD_TOTAL };

struct vit_system {
	bool probed;
	bool replayed;             /* from --host-root */
	struct vit_str os;         /* "Linux", "macOS", "FreeBSD" */
	struct vit_str os_version; /* "Debian GNU/Linux 12 (bookworm)", "15.5" */
	struct vit_str kernel;
	struct vit_str arch;       /* "x86_64", "arm64" */
	struct vit_str cpu;        /* "Apple M4 Pro" */
	struct vit_str machine;    /* "Mac16,8", product name; or empty */
	struct vit_measure cores_physical, cores_logical, cores_performance, cores_efficiency;
	struct vit_measure cpu_limit_milli; /* cgroup cpu quota in thousandths of a core */
	struct vit_measure memory_total, memory_available, memory_free;
	struct vit_measure memory_limit;    /* the tightest limit of the container; unknown = none */
	struct vit_measure memory_limit_used; /* bytes used against that limit */
	struct vit_measure swap_total, swap_free;
	struct vit_measure wired_limit;     /* macOS: bytes the GPU may wire */
	struct vit_measure disk_total, disk_free; /* file system the model lies on; free to this user */
	struct vit_str disk_kind;           /* "ext4", "apfs", or empty */
	bool container, wsl;
	struct vit_err err;                 /* the first probe that failed: code VIT_OK when none */
	struct vit_str *notes;              /* probes that failed, one line each */
	uint32_t note_count;

	/* Decided by the collector's arithmetic: min(available, limit - used). */
	enum vit_memory_decider decider;
	uint64_t memory_usable;             /* bytes; 0 when decider is NONE */
};

#endif
