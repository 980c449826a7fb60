/*
 * What drivers say about accelerators: pure functions of the bytes, as parse.h.
 *
 * The text is untrusted: what is not as documented is left unknown, counts and
 * depths are limited, and a later mistake does not take back what came before.
 * Strings are in the arena, or borrowed from the text where that is said.
 */
#ifndef VIT_HOST_PARSE_DEVICES_H
#define VIT_HOST_PARSE_DEVICES_H

#include "base/err.h"
#include "host/parse.h"

#define VIT_NVIDIA_MAX_DEVICES 1024
#define VIT_NVIDIA_MAX_PROCESSES 4096 /* of one device */

struct vit_nvidia_process {
	uint64_t pid;
	struct vit_str name;    /* last part of its path; or empty */
	struct vit_known bytes;
};

enum vit_nvidia_mig { VIT_NVIDIA_MIG_UNKNOWN, VIT_NVIDIA_MIG_NONE, VIT_NVIDIA_MIG_OFF,
		      VIT_NVIDIA_MIG_ON };

struct vit_nvidia_device {
	uint32_t index;
	struct vit_str name;
	struct vit_str architecture;            /* nvidia-smi alone */
	struct vit_known total, used, free, reserved; /* bytes */
	bool used_holds_reserved;               /* the old NVML call adds it */
	bool no_memory;                         /* NVML: it has none of its own (Not Supported) */
	bool has_capability;
	uint32_t major, minor;
	enum vit_nvidia_mig mig;
	struct vit_known bus_bits, memory_mhz;  /* memory clock, half the rate of its data */
	bool processes_known;
	struct vit_nvidia_process *processes;   /* arena; one row a pid */
	size_t process_count;
	struct vit_str error;                   /* why the driver told nothing; or empty */
};

struct vit_nvidia {
	struct vit_known init;                  /* NVML's result; 0 is success */
	struct vit_str init_text;
	struct vit_str driver;                  /* "580.159.04" */
	struct vit_str cuda;                    /* "13.0" */
	struct vit_nvidia_device *devices;      /* arena */
	size_t count;
};

/*
 * NVML's answers as a table (table.h says how fields are written):
 *	init CODE TEXT | driver VERSION | cuda 1000*MAJOR+10*MINOR
 *	INDEX device | INDEX name NAME | INDEX memory TOTAL USED FREE [RESERVED]
 *	INDEX capability MAJOR MINOR | INDEX mig on|off|none|unknown
 *	INDEX bus_bits N | INDEX memory_mhz N
 *	INDEX processes compute|graphics | INDEX process PID BYTES|- NAME
 *	INDEX error WHAT CODE TEXT
 * `INDEX device` comes first; rows of no device are passed over, as are unknown
 * ones. Without RESERVED the older call answered, whose USED includes it.
 * Fails with SYNTAX or LIMIT when it is no such table.
 */
VIT_MUST_USE enum vit_errc vit_parse_nvml(struct vit_arena *a, struct vit_str text,
					  struct vit_nvidia *out, struct vit_err *err);

/*
 * The output of `nvidia-smi -q -x`. It names no compute capability. Fails with
 * SYNTAX (offset set) where it stops being XML; what came before is in out.
 */
VIT_MUST_USE enum vit_errc vit_parse_nvidia_smi(struct vit_arena *a, struct vit_str text,
						struct vit_nvidia *out, struct vit_err *err);
/* `nvidia-smi --query-gpu=index,compute_cap --format=csv,noheader` into the
 * devices of out that it names. */
void vit_parse_nvidia_capabilities(struct vit_str text, struct vit_nvidia *out);

/* /sys/bus/pci/devices/X/uevent (Linux: pci_uevent()); text borrowed. */
struct vit_pci_device {
	uint64_t class;         /* 0x030200: a 3D controller */
	uint64_t vendor, device;
	struct vit_str driver;  /* or empty: none is bound */
};
/* False when class or id is missing. */
bool vit_parse_pci_uevent(struct vit_str text, struct vit_pci_device *out);

/* The value of a line "NAME VALUE" of /sys/class/kfd/kfd/topology/nodes/N/properties. */
struct vit_known vit_parse_kfd_property(struct vit_str text, const char *name);
/* "gfx942" of gfx_target_version 90402 (major, minor, stepping; two digits each,
 * the last two written in hex); arena; empty for 0, a processor. */
struct vit_str vit_kfd_target(struct vit_arena *a, uint64_t version);

#endif
