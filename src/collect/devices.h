/*
 * Finding the accelerators: asks the host, fills vit_system.devices. Private
 * to collect; begins after the memory of the machine is known.
 */
#ifndef VIT_COLLECT_DEVICES_H
#define VIT_COLLECT_DEVICES_H

#include "collect/system_probe.h"
#include "facts/devices.h"

struct vit_device_probe {
	struct vit_probe *p;
	struct vit_vec devices; /* struct vit_device */
};

/* A new device with nothing known of it. */
struct vit_device *vit_probe_device(struct vit_device_probe *d, enum vit_device_kind kind,
				    const char *vendor, const char *source);
/* Linux: NVIDIA by its library, else by nvidia-smi; AMD and Intel by sysfs. */
void vit_probe_nvidia(struct vit_device_probe *d);
void vit_probe_sysfs_gpus(struct vit_device_probe *d);

void vit_probe_devices(struct vit_probe *p);

#endif
