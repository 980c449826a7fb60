/* Shared by runtimes*.c alone. */
#ifndef VIT_COLLECT_RUNTIMES_INTERNAL_H
#define VIT_COLLECT_RUNTIMES_INTERNAL_H

#include "base/buf.h"
#include "collect/runtimes.h"

struct vit_runtime_probe {
	struct vit_arena *a;
	const struct vit_host *h;
	const struct vit_runtimes_options *options;
	struct vit_runtimes *out;
	struct vit_buf text;       /* of the last file, variable or command */
	struct vit_vec notes;      /* struct vit_str */
	struct vit_str user_home;  /* HOME, or empty */
	bool darwin;
};

/* Whole file into p->text; false when absent or unreadable (a note, unless absent). */
bool vit_runtime_read(struct vit_runtime_probe *p, struct vit_str path);
/* Is there a file? */
bool vit_runtime_is_there(struct vit_runtime_probe *p, struct vit_str path);
void vit_runtime_note(struct vit_runtime_probe *p, const struct vit_err *err);
struct vit_str vit_runtime_env(struct vit_runtime_probe *p, const char *name);

/* runtimes_processes.c: who runs, by role. */
void vit_runtime_processes(struct vit_runtime_probe *p);
/* runtimes_servers.c: who answers. Addresses are set already. */
void vit_runtime_servers(struct vit_runtime_probe *p);

#endif
