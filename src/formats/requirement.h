/*
 * What a Python package asks for: PEP 508, as in METADATA's Requires-Dist.
 *
 *	torch (>=2.0,<3) ; python_version >= "3.9" and extra == "train"
 *
 * Markers are decided against an environment that the caller describes;
 * nothing is asked of this machine. Parsing never recurses: parentheses are
 * limited to VIT_MARKER_DEPTH.
 */
#ifndef VIT_FORMATS_REQUIREMENT_H
#define VIT_FORMATS_REQUIREMENT_H

#include "base/str.h"

#define VIT_MARKER_DEPTH 16

/* All borrowed of the text. */
struct vit_requirement {
	struct vit_str name;
	struct vit_str extras;  /* "cli,hf_xet", or empty */
	struct vit_str range;   /* ">=2.0,<3", or empty; unreadable after '@' (a URL): empty */
	struct vit_str marker;  /* or empty */
	bool is_url;
};

/* False when the text is no requirement. */
bool vit_requirement_parse(struct vit_str text, struct vit_requirement *out);

/* The environment of a marker. Strings may be empty: not known. */
struct vit_marker_env {
	struct vit_str python_version;      /* "3.11" */
	struct vit_str python_full_version; /* "3.11.7" */
	struct vit_str sys_platform;        /* "linux", "darwin" */
	struct vit_str platform_system;     /* "Linux", "Darwin" */
	struct vit_str platform_machine;    /* "x86_64", "arm64" */
	struct vit_str os_name;             /* "posix" */
	struct vit_str implementation_name; /* "cpython" */
	struct vit_str extra;               /* the extra that was asked for, or empty */
};

enum vit_marker_result {
	VIT_MARKER_TRUE, VIT_MARKER_FALSE,
	VIT_MARKER_UNKNOWN, /* asks for what env does not say, or cannot be read */
};

/* The empty marker is TRUE. `extra == "x"` is FALSE unless env->extra is x. */
enum vit_marker_result vit_marker_decide(struct vit_str marker, const struct vit_marker_env *env);

#endif
