/* Shared by python.c and python_packages.c alone. */
#ifndef VIT_COLLECT_PYTHON_INTERNAL_H
#define VIT_COLLECT_PYTHON_INTERNAL_H

#include "collect/ask.h"
#include "collect/python.h"

struct vit_python_probe {
	struct vit_ask ask;
	const struct vit_python_options *options;
	struct vit_python *out;
	struct vit_vec places;        /* struct vit_str */
	bool system_site;             /* of a venv: the base's packages count, too */
	struct vit_str base;          /* prefix of a venv's base interpreter, or empty */
	bool darwin;
};

/* Is the absolute path the model's folder or below it? */
bool vit_python_in_model(const struct vit_python_probe *p, struct vit_str path);
/* Fills places, packages and torch's build. */
void vit_python_packages(struct vit_python_probe *p);

#endif
