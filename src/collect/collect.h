/*
 * I/O on the model folder and the host: the facts. Collect never judges.
 */
#ifndef VIT_COLLECT_COLLECT_H
#define VIT_COLLECT_COLLECT_H

#include <stdatomic.h>

#include "base/log.h"
#include "collect/source.h"
#include "facts/facts.h"
#include "host/host.h"

struct vit_collect_options {
	unsigned groups;             /* VIT_FG_* wanted */
	uint64_t max_entries;        /* of the walk; 0 = 1,000,000 */
	unsigned max_depth;          /* 0 = 64 */
	const struct vit_host *host; /* for VIT_FG_SYSTEM */
	const struct vit_log *log;
	bool progress;               /* show a bar on stderr */
	bool measure_disk;           /* with VIT_FG_SYSTEM: read the largest file of weights */
	bool offline;                /* an address fails, as a usage error */
	unsigned jobs;               /* connections at a time to a server; 0 = 8 */
	const atomic_bool *stop;     /* set by Ctrl-C: fetching ends; or NULL */
};

/*
 * `path` names a folder, or one file of it (config.json, a .safetensors, an
 * index): the folder that holds it is then taken, with files.only set and only
 * that file and what it refers to looked at. Or it is the address of a model:
 * collect/remote.h.
 * Fails (nothing collected) when path cannot be opened: NOTFOUND, PERM, or
 * UNSUPPORTED for something that is no folder and no regular file; for an address
 * as vit_collect_remote. What goes wrong deeper is kept in the facts.
 */
VIT_MUST_USE enum vit_errc vit_collect(struct vit_arena *a, const char *path,
				       const struct vit_collect_options *opt,
				       struct vit_facts *out, struct vit_err *err);

/* The parts, in the order vit_collect calls them; each fills its group and
 * keeps its errors there. */
VIT_MUST_USE enum vit_errc vit_collect_files(struct vit_arena *a, const char *path,
					     const struct vit_collect_options *opt,
					     struct vit_source *source, struct vit_files *out,
					     struct vit_err *err);
void vit_collect_config(struct vit_arena *a, const struct vit_source *s, struct vit_config *out);
/* `config` gives tokenizer_config.json, already read. */
void vit_collect_tokenizer(struct vit_arena *a, const struct vit_source *s,
			   const struct vit_config *config, struct vit_tokenizer *out);
void vit_collect_weights(struct vit_arena *a, const struct vit_source *s,
			 const struct vit_collect_options *opt, struct vit_weights *out);
/* metal/model.bin, where there is one. */
void vit_collect_metal(const struct vit_source *s, struct vit_metal_build *out);
/* Reads samples of the largest file of weights; failures are kept in out->err. */
void vit_collect_read_rate(struct vit_arena *a, const struct vit_source *s,
			   const struct vit_host *host, struct vit_read_rate *out);
/* model_path: where disk space is asked for. */
void vit_collect_system(struct vit_arena *a, const struct vit_host *host, const char *model_path,
			struct vit_system *out);

/*
 * The file system of a place that need not exist yet, such as a job's output
 * folder: the nearest folder above it that is there is asked. Failures are kept
 * in out->err. The strings are arena.
 */
void vit_collect_disk(struct vit_arena *a, const struct vit_host *host, const char *path,
		      struct vit_disk *out);

#endif
