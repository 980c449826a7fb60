/* Shared by python.c and python_packages.c alone. */
#ifndef VIT_COLLECT_PYTHON_INTERNAL_H
#define VIT_COLLECT_PYTHON_INTERNAL_H

#include "base/buf.h"
#include "collect/python.h"

struct vit_python_probe {
	struct vit_arena *a;
	const struct vit_host *h;
	const struct vit_python_options *options;
	struct vit_python *out;
	struct vit_buf text;          /* the last file read or command's output */
	struct vit_vec notes, places; /* struct vit_str */
	bool system_site;             /* of a venv: the base's packages count, too */
	struct vit_str base;          /* prefix of a venv's base interpreter, or empty */
	bool darwin;
};

/* Whole file into p->text; false when it is not there or cannot be read (a note, unless absent). */
bool vit_python_read(struct vit_python_probe *p, struct vit_str path);
void vit_python_note(struct vit_python_probe *p, struct vit_str note);
/* Is the absolute path the model's folder or below it? */
bool vit_python_in_model(const struct vit_python_probe *p, struct vit_str path);
/* The value of an environment variable, in the arena; empty when not set. */
struct vit_str vit_python_env(struct vit_python_probe *p, const char *name);
/* Fills places, packages and torch's build. */
void vit_python_packages(struct vit_python_probe *p);

#endif
