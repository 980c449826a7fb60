/* What the two parsers of NVIDIA's answers share. Private to host. */
#ifndef VIT_HOST_PARSE_NVIDIA_H
#define VIT_HOST_PARSE_NVIDIA_H

#include "host/parse_devices.h"

void vit_nvidia_init(struct vit_nvidia *out);
/* A new device, nothing known; valid until the next. */
struct vit_nvidia_device *vit_nvidia_add(struct vit_vec *devices, uint32_t index);
/* Gives the collected processes to the last device and begins anew. */
void vit_nvidia_end(struct vit_arena *a, struct vit_vec *devices, struct vit_vec *processes);
/* The row of a process, made when there is none; NULL when there are too many. */
struct vit_nvidia_process *vit_nvidia_process(struct vit_vec *processes, uint64_t pid);
/* The program's name without folder and arguments; arena. */
struct vit_str vit_nvidia_program(struct vit_arena *a, struct vit_str command);

#endif
