/*
 * Looks for programs that serve models: on disk, among the processes, on their
 * ports. Only loopback addresses are asked, with no proxy, two seconds each.
 */
#ifndef VIT_COLLECT_RUNTIMES_H
#define VIT_COLLECT_RUNTIMES_H

#include <stdatomic.h>

#include "base/arena.h"
#include "facts/python.h"
#include "facts/runtimes.h"
#include "host/host.h"

struct vit_runtimes_options {
	struct vit_str model_root;       /* absolute; or empty: no model */
	struct vit_str model_name;       /* last part of it */
	const struct vit_python *python; /* for runtimes that are Python packages */
	const atomic_bool *stop;         /* or NULL */
	bool offline;                    /* nothing is asked over the network, loopback included */
};

void vit_collect_runtimes(struct vit_arena *a, const struct vit_host *host,
			  const struct vit_runtimes_options *options, struct vit_runtimes *out);

#endif
