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

/* A node of memory; its processors as the kernel lists them ("0-15,32-47"). */
struct vit_numa_node {
	uint32_t id;
	struct vit_str processors;
	struct vit_measure memory_total, memory_free;
};

enum vit_pressure { VIT_PRESSURE_UNKNOWN, VIT_PRESSURE_NORMAL, VIT_PRESSURE_WARNING,
		    VIT_PRESSURE_CRITICAL };

/* What a file system is to a job that writes to it or loads from it. */
enum vit_disk_class {
	VIT_DISK_UNKNOWN, VIT_DISK_LOCAL, VIT_DISK_NETWORK, VIT_DISK_MEMORY /* tmpfs: it is RAM */,
	VIT_DISK_LAYERED /* overlay: a container's own, gone with it */,
	VIT_DISK_FUSE    /* a program's: local or remote is not told */
};

/* The file system of a place; quotas are not visible to statfs. */
struct vit_disk {
	bool probed;
	struct vit_str path;       /* as given */
	struct vit_str asked;      /* the nearest folder above it that exists, which was asked */
	struct vit_str kind;       /* "ext2/3/4", "apfs", or "" */
	enum vit_disk_class class;
	struct vit_measure total, free; /* bytes; free to this user */
	struct vit_err err;        /* why not; VIT_OK when known */
};

/* A measurement of reading, on request only. */
struct vit_read_rate {
	bool asked;
	struct vit_str path;       /* of the file that was read, relative to the model */
	uint64_t bytes, nanoseconds;
	struct vit_measure bytes_per_second; /* unknown when it could not be measured */
	bool cached;               /* the page cache could not be passed by: an upper bound */
	struct vit_err err;
};

/* Display and 3D controllers on the PCI bus (Linux), whoever drives them. A
 * container sees its host's bus, not only what it was given. */
struct vit_gpu_bus {
	bool listed;
	uint32_t nvidia, amd, intel;
	struct vit_str nvidia_driver; /* bound to the first of them: "nvidia", "nouveau"; or "" */
};

struct vit_device; /* facts/devices.h */

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
	enum vit_disk_class disk_class;
	struct vit_disk output;             /* where the job writes; not probed without a job */
	struct vit_read_rate read_rate;     /* of the model's largest shard; on request */
	struct vit_measure huge_pages;      /* Linux: bytes set aside as huge pages: not for an
					     * ordinary program */
	enum vit_pressure pressure;         /* macOS: level of memory pressure */
	struct vit_measure pressure_stall;  /* Linux: hundredths of a percent of the last 10 s in
					     * which some task waited for memory */
	struct vit_numa_node *numa;         /* Linux; none where the kernel tells of none */
	uint32_t numa_count;
	struct vit_device *devices;         /* facts/devices.h: NVIDIA's first, by index */
	uint32_t device_count;
	struct vit_gpu_bus bus;
	struct vit_str nvidia_error;        /* what NVIDIA's library or tool said instead of an answer */
	struct vit_str visible_devices;     /* CUDA_VISIBLE_DEVICES and its like, "NAME=VALUE", or "" */
	bool devices_probed;                /* false: nobody could be asked, none is not known */
	bool container, wsl;
	struct vit_err err;                 /* the first probe that failed: code VIT_OK when none */
	struct vit_str *notes;              /* probes that failed, one line each */
	uint32_t note_count;

	/* Decided by the collector's arithmetic: min(available, limit - used). */
	enum vit_memory_decider decider;
	uint64_t memory_usable;             /* bytes; 0 when decider is NONE */
};

const char *vit_disk_class_name(enum vit_disk_class c); /* "local" "network" "memory" ... */
const char *vit_pressure_name(enum vit_pressure p);     /* "normal" "warning" "critical" "unknown" */
/* Of the kind that statfs names; unknown when it names none. */
enum vit_disk_class vit_disk_classify(struct vit_str kind);

#endif
