/*
 * The Metal build of the model, metal/model.bin: its header, held to its format
 * while it was read. The weights in it were not read.
 */
#ifndef VIT_FACTS_METAL_H
#define VIT_FACTS_METAL_H

#include "facts/config.h"
#include "facts/files.h"
#include "formats/gptoss_metal.h"

struct vit_metal_build {
	enum vit_doc_state state; /* ABSENT: no such file, or a pointer, or empty: said elsewhere */
	uint32_t file;            /* row in vit_files */
	struct vit_err err;       /* UNREADABLE */
	struct vit_metal_header header;
};

#endif
