/*
 * Asking the host for the collectors of system_*.c: failures become notes.
 *
 * A probe is needed (its failure is always a note) or optional (absent is
 * fine; refused, cut short or timed out is still a note). The buffer `text`
 * holds the last file read, until the next probe.
 */
#ifndef VIT_COLLECT_SYSTEM_PROBE_H
#define VIT_COLLECT_SYSTEM_PROBE_H

#include "facts/system.h"
#include "host/host.h"

enum vit_probe_need { VIT_PROBE_NEEDED, VIT_PROBE_OPTIONAL };

struct vit_probe {
	struct vit_arena *a;
	const struct vit_host *h;
	struct vit_system *out;
	struct vit_vec notes;  /* struct vit_str */
	struct vit_buf text;
	struct vit_host_identity identity;
};

/* Keeps a failure as a note ("WHAT: message"), unless it is an absence and optional. */
void vit_probe_failed(struct vit_probe *p, enum vit_probe_need need, const char *what,
		      const struct vit_err *err);
/* The file in p->text. */
bool vit_probe_file(struct vit_probe *p, const char *path, enum vit_probe_need need);
bool vit_probe_number(struct vit_probe *p, const char *name, enum vit_probe_need need,
		      uint64_t *value);
/* Trimmed, in the arena; empty when it failed. */
struct vit_str vit_probe_string(struct vit_probe *p, const char *name,
				enum vit_probe_need need);
/* A sysctl as a measure, times `unit`. */
void vit_probe_measure(struct vit_probe *p, const char *name, enum vit_probe_need need,
		       uint64_t unit, struct vit_measure *m);
/* source is copied to the arena. */
void vit_probe_set(struct vit_probe *p, struct vit_measure *m, uint64_t value,
		   const char *source);

void vit_probe_linux(struct vit_probe *p);
void vit_probe_linux_limits(struct vit_probe *p); /* control groups */
void vit_probe_darwin(struct vit_probe *p);
void vit_probe_freebsd(struct vit_probe *p);
void vit_probe_uvm(struct vit_probe *p); /* NetBSD, OpenBSD */

#endif
