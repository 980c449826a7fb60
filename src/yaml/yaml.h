/*
 * YAML documents of moderate size as a node tree with positions.
 *
 * A thin wrapper of libyaml's event reader: one document of mappings,
 * sequences and scalars. It refuses what a spec never needs and what makes YAML
 * surprising: aliases, anchors, tags, a second document, duplicate keys, keys
 * that are no scalars. It does not give scalars a type: the loader that knows
 * what it expects asks for one (core schema of YAML 1.2: no yes/no/on/off).
 *
 * Ownership: all nodes and texts live in the caller's arena.
 * Failures: VIT_E_SYNTAX or VIT_E_LIMIT with "<source>:<line>:<column>: ..." in
 * msg; lines and columns count from 1, columns in code points.
 */
#ifndef VIT_YAML_YAML_H
#define VIT_YAML_YAML_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define VIT_YAML_MAX_BYTES (1u << 20)
#define VIT_YAML_MAX_DEPTH 32
#define VIT_YAML_MAX_NODES 100000

enum vit_yaml_kind { VIT_YAML_SCALAR, VIT_YAML_SEQUENCE, VIT_YAML_MAPPING };

struct vit_yaml {
	enum vit_yaml_kind kind;
	bool quoted;              /* scalar written in quotes or as a block: a string always */
	struct vit_str key;       /* member of a mapping; else empty */
	uint32_t key_line, key_column;
	struct vit_str text;      /* of a scalar */
	uint32_t line, column;    /* of the value */
	uint32_t count;           /* children, in document order */
	const struct vit_yaml *children;
};

/* `source` names the document in messages. */
VIT_MUST_USE enum vit_errc vit_yaml_parse(struct vit_arena *a, struct vit_str text,
					  struct vit_str source, const struct vit_yaml **out,
					  struct vit_err *err);

/* Member of a mapping; NULL when absent or when map is NULL or no mapping. */
const struct vit_yaml *vit_yaml_get(const struct vit_yaml *map, const char *key);

/* Types of a plain scalar (never of a quoted one). */
bool vit_yaml_is_null(const struct vit_yaml *n);          /* empty, ~, null */
bool vit_yaml_bool(const struct vit_yaml *n, bool *out);  /* true, false */
bool vit_yaml_i64(const struct vit_yaml *n, int64_t *out);
bool vit_yaml_u64(const struct vit_yaml *n, uint64_t *out);
bool vit_yaml_double(const struct vit_yaml *n, double *out); /* integers too; finite */
/* "mapping", "list", "text": for messages. Static storage. */
const char *vit_yaml_kind_name(const struct vit_yaml *n);

#endif
