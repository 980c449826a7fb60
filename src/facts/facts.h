/*
 * All that was collected. Immutable once collect has returned; everything in
 * it is owned by the arena.
 */
#ifndef VIT_FACTS_FACTS_H
#define VIT_FACTS_FACTS_H

#include "facts/config.h"
#include "facts/data.h"
#include "facts/files.h"
#include "facts/integrity.h"
#include "facts/metal.h"
#include "facts/numbers.h"
#include "facts/python.h"
#include "facts/remote.h"
#include "facts/runtimes.h"
#include "facts/system.h"
#include "facts/tokenizer.h"
#include "facts/weights.h"
#include "json/writer.h"

/* Groups of facts a check may need. */
enum {
	VIT_FG_FILES = 1, VIT_FG_CONFIG = 2, VIT_FG_TOKENIZER = 4, VIT_FG_WEIGHTS = 8,
	VIT_FG_SYSTEM = 16, VIT_FG_PYTHON = 32, VIT_FG_RUNTIMES = 64, VIT_FG_DATA = 128,
	VIT_FG_ALL = 255,
};

struct vit_facts {
	unsigned groups;             /* VIT_FG_*: those that were collected */
	struct vit_files files;
	struct vit_remote remote;    /* kind NONE, all zero, when no network was used */
	struct vit_config config;
	struct vit_tokenizer tokenizer;
	struct vit_weights weights;
	struct vit_metal_build metal; /* with the weights */
	struct vit_system system;
	struct vit_python python;
	struct vit_number_facts numbers; /* --deep */
	struct vit_data data;           /* given = false when there is none */
	struct vit_hub hub;          /* --hub; asked is false else */
	struct vit_runtimes runtimes;
	struct vit_integrity integrity; /* filled after the comparison with the spec */
	const struct vit_facts *base; /* of --base DIR (files, config, weights), or NULL */
};

/* facts.json: every fact as collected, integers for bytes. */
void vit_facts_dump(const struct vit_facts *f, struct vit_json_writer *w);

#endif
