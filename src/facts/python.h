/*
 * The Python environment that a job would run in, as it lies on disk.
 *
 * The interpreter is asked for its version and prefix alone (isolated, without
 * site): no package is imported. Packages are what *.dist-info folders say.
 * Nothing inside the model folder is ever run or taken for an environment.
 */
#ifndef VIT_FACTS_PYTHON_H
#define VIT_FACTS_PYTHON_H

#include "base/err.h"
#include "base/str.h"

/* How the interpreter was found, best first. */
enum vit_python_origin {
	VIT_PYTHON_NOT_FOUND,
	VIT_PYTHON_OPTION,      /* --python or the job file */
	VIT_PYTHON_VIRTUAL_ENV, /* the active virtual environment */
	VIT_PYTHON_CONDA,       /* the active conda environment */
	VIT_PYTHON_PATH,        /* the first python3 on PATH */
};
const char *vit_python_origin_name(enum vit_python_origin o); /* "option", "VIRTUAL_ENV", ... */

enum vit_python_kind { VIT_PYTHON_SYSTEM, VIT_PYTHON_VENV, VIT_PYTHON_CONDA_ENV };
const char *vit_python_kind_name(enum vit_python_kind k); /* "system", "venv", "conda" */

struct vit_python_package {
	struct vit_str name;            /* as PEP 503 writes it: "flash-attn" */
	struct vit_str version;
	uint32_t place;                 /* into vit_python.places */
	bool broken;                    /* its METADATA is not there: an unfinished (un)installation */
	bool read;                      /* METADATA was read: what follows is filled */
	struct vit_str requires_python; /* or empty */
	struct vit_str *requires;       /* Requires-Dist as written */
	uint32_t requires_count;
};

struct vit_python {
	bool probed;
	enum vit_python_origin origin;
	bool path_known;               /* PATH is set: that nothing was found means something */
	struct vit_str asked;          /* what --python said, or the variable's value; or empty */
	struct vit_str interpreter;    /* absolute path */
	enum vit_python_kind kind;
	bool uv;                       /* a venv made by uv */
	bool runs;                     /* it answered */
	struct vit_str why;            /* when it was not found, is refused or does not run */
	struct vit_str implementation; /* "cpython" */
	struct vit_str version;        /* "3.11.7"; empty: not known */
	struct vit_str prefix;         /* the environment's folder */
	bool externally_managed;       /* PEP 668: pip refuses to install here */
	struct vit_str *places;        /* folders that were read for packages, in import order */
	uint32_t place_count;
	struct vit_python_package *packages; /* sorted by name; of several the first imported */
	uint32_t package_count;
	bool torch_read;               /* torch/version.py was read */
	struct vit_str torch_cuda, torch_hip, torch_xpu; /* version it was built for; empty: without */
	struct vit_str *notes;         /* what could not be read, one line each */
	uint32_t note_count;
};

/* By its PEP 503 name; NULL when it is not installed. */
const struct vit_python_package *vit_python_find(const struct vit_python *p, struct vit_str name);

#endif
