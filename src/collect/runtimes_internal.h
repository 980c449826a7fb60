/* Shared by runtimes*.c alone. */
#ifndef VIT_COLLECT_RUNTIMES_INTERNAL_H
#define VIT_COLLECT_RUNTIMES_INTERNAL_H

#include "collect/ask.h"
#include "collect/runtimes.h"

struct vit_runtime_probe {
	struct vit_ask ask;
	const struct vit_runtimes_options *options;
	struct vit_runtimes *out;
	struct vit_str user_home;  /* HOME, or empty */
	bool darwin;
};

/* runtimes_processes.c: who runs, by role. */
void vit_runtime_processes(struct vit_runtime_probe *p);
/* runtimes_servers.c: who answers. Addresses are set already. */
void vit_runtime_servers(struct vit_runtime_probe *p);

#endif
