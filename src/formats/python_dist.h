/*
 * What a Python environment leaves on disk about itself: text to structs.
 *
 * Names of *.dist-info and *.egg-info entries, METADATA (RFC 822 headers up to
 * the first blank line), pyvenv.cfg, and the constants of torch/version.py.
 * Nothing is imported and nothing is run; the texts are untrusted.
 */
#ifndef VIT_FORMATS_PYTHON_DIST_H
#define VIT_FORMATS_PYTHON_DIST_H

#include "base/arena.h"
#include "base/str.h"

#define VIT_DIST_MAX_REQUIRES 1000 /* Requires-Dist lines kept */

/* The name and version that an entry of site-packages carries:
 * "torch-2.8.0+cu128.dist-info", "foo-1.0-py3.11.egg-info". Borrowed; false
 * when it is no such entry. */
bool vit_dist_entry(struct vit_str entry, struct vit_str *name, struct vit_str *version);

struct vit_dist_metadata {
	struct vit_str name, version;    /* empty when the header is absent */
	struct vit_str requires_python;  /* ">=3.10", or empty */
	struct vit_str *requires;        /* Requires-Dist, in order, as written */
	uint32_t requires_count;
};
/* Copies to the arena. Never fails: what is no header is passed over. */
void vit_dist_metadata_read(struct vit_arena *a, struct vit_str text, struct vit_dist_metadata *out);

struct vit_pyvenv {
	struct vit_str home;      /* folder of the base interpreter */
	struct vit_str version;   /* "3.11.7"; virtualenv's version_info cut to numbers */
	bool system_site;         /* include-system-site-packages = true */
	bool uv;                  /* made by uv */
};
/* Borrowed of the text. */
void vit_pyvenv_read(struct vit_str text, struct vit_pyvenv *out);

struct vit_torch_build {
	struct vit_str version;   /* "2.8.0+cu128" */
	struct vit_str cuda, hip, xpu; /* "12.8"; empty: built without */
};
/* The constants of torch/version.py (`cuda: Optional[str] = '12.8'`). Borrowed. */
void vit_torch_build_read(struct vit_str text, struct vit_torch_build *out);

#endif
