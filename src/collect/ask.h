/*
 * Questions to the host that the collectors of Python and of runtimes ask
 * alike. What is not there is no note; what could not be read is one.
 */
#ifndef VIT_COLLECT_ASK_H
#define VIT_COLLECT_ASK_H

#include "base/arena.h"
#include "base/buf.h"
#include "host/host.h"

struct vit_ask {
	struct vit_arena *a;
	const struct vit_host *h;
	struct vit_buf text;  /* the last file, variable or command's output */
	struct vit_vec notes; /* struct vit_str */
};

/* Freed with vit_ask_end, which gives the notes to the arena. */
void vit_ask_begin(struct vit_ask *q, struct vit_arena *a, const struct vit_host *h,
		   size_t max_text);
void vit_ask_end(struct vit_ask *q, struct vit_str **notes, uint32_t *count);
void vit_ask_note(struct vit_ask *q, struct vit_str note);
/* Whole file into q->text; false when it is not there or cannot be read. */
bool vit_ask_file(struct vit_ask *q, struct vit_str path);
/* Is there a file that can be opened? */
bool vit_ask_is_there(struct vit_ask *q, struct vit_str path);
/* An environment variable, trimmed; empty when not set. */
struct vit_str vit_ask_env(struct vit_ask *q, const char *name);
bool vit_ask_is_darwin(const struct vit_ask *q);

#endif
