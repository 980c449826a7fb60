/*
 * Specs: YAML to typed expectations. The schema is described in docs/SPECS.md.
 *
 * Built-in specs (embedded at build time) and the user's own go through the
 * same loader. A loaded spec is immutable; the database owns them all.
 */
#ifndef VIT_SPEC_SPEC_H
#define VIT_SPEC_SPEC_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum vit_spec_kind { VIT_SPEC_FAMILY, VIT_SPEC_OVERLAY, VIT_SPEC_MODEL, VIT_SPEC_REQUIREMENTS };

/* A file of a pin or of requirements. */
struct vit_spec_file_version {
	uint64_t bytes;
	bool has_bytes;
	struct vit_str sha256;     /* 64 hex digits, or empty */
	struct vit_str git_oid;    /* 40 hex digits, or empty */
	struct vit_str revision;   /* which revision has this version, or empty: all */
};
struct vit_spec_file {
	struct vit_str path;
	bool optional;
	struct vit_spec_file_version *versions; /* the current first */
	uint32_t version_count;
};

struct vit_spec {
	struct vit_str id;         /* "gpt_oss", "gpt-oss-20b" */
	struct vit_str title;
	enum vit_spec_kind kind;
	struct vit_str source;     /* "built-in families/gpt_oss.yaml", or the user's path */
	struct vit_str extends;    /* id, or empty */
	const struct vit_spec *parent;
	struct vit_spec_file *files;
	uint32_t file_count;
	struct vit_str *attestations; /* "who, when, of what": shown in section 14 */
	uint32_t attestation_count;
	const struct vit_spec_body *body; /* private to src/spec */
};

struct vit_spec_db;

/* Knows all built-in specs; each is read when it is needed. A fault in one is our bug
 * (a unit test reads them all). */
VIT_MUST_USE enum vit_errc vit_spec_db_new(struct vit_arena *a, struct vit_spec_db **out,
					   struct vit_err *err);
/* Parses one more spec. Errors are VIT_E_USAGE or VIT_E_SYNTAX with
 * "<source>:<line>:<column>: ..." in msg, unknown keys with the nearest known one. */
VIT_MUST_USE enum vit_errc vit_spec_db_add(struct vit_spec_db *db, struct vit_str yaml,
					   struct vit_str source, const struct vit_spec **out,
					   struct vit_err *err);
const struct vit_spec *vit_spec_db_find(const struct vit_spec_db *db, struct vit_str id);
/* Of a published model, its repository on the hub, "org/name"; or empty. */
struct vit_str vit_spec_repo(const struct vit_spec *s);
size_t vit_spec_db_count(const struct vit_spec_db *db);
const struct vit_spec *vit_spec_db_at(const struct vit_spec_db *db, size_t i); /* sorted by kind, id */

/* The text of an embedded spec file, for installing and `specs --show`; NULL when none. */
struct vit_spec_embedded { const char *path; const unsigned char *bytes; size_t size; };
extern const struct vit_spec_embedded vit_spec_embedded[];
extern const size_t vit_spec_embedded_count;

#endif
