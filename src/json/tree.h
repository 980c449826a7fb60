/*
 * Documents of moderate size as a tree: config.json, indexes, templates' data.
 *
 * The pull reader checks the text, cJSON parses it, and the result is adopted
 * into the arena: document order kept, every node with its position and exact
 * integer, objects above 8 members indexed by a seeded hash, duplicate keys
 * found. The cJSON tree is gone when vit_json_parse returns.
 */
#ifndef VIT_JSON_TREE_H
#define VIT_JSON_TREE_H

#include "base/arena.h"
#include "base/err.h"
#include "json/reader.h"

enum vit_json_kind {
	VIT_JSON_K_NULL, VIT_JSON_K_BOOL, VIT_JSON_K_NUMBER, VIT_JSON_K_STRING,
	VIT_JSON_K_ARRAY, VIT_JSON_K_OBJECT,
};

struct vit_json {
	enum vit_json_kind kind;
	unsigned flags;           /* as in json/reader.h; on an object member also of its key */
	struct vit_str key;       /* member of an object: decoded key; else empty */
	struct vit_str string;    /* decoded */
	bool boolean;
	double number;
	int64_t i64;              /* exact with VIT_JSON_I64 */
	uint64_t u64;             /* exact with VIT_JSON_U64 */
	uint64_t offset;          /* of the value's first byte */
	uint32_t line, column;    /* 1-based, of the value (of the key in an object);
	                             columns count bytes */
	uint32_t count;           /* children */
	const struct vit_json *children; /* in document order, duplicates included */
	const struct vit_json_index *index; /* private */
};

/* A key that stands twice in one object. */
struct vit_json_duplicate {
	struct vit_str pointer;   /* JSON pointer of the member */
	uint64_t offset;          /* of the later value */
	uint32_t line;
};

struct vit_json_doc {
	const struct vit_json *root;
	struct vit_json_duplicate *duplicates; /* at most 64 kept */
	size_t duplicate_count;                /* all of them */
	bool had_bom, had_nonfinite;           /* NaN or Infinity was written there */
};

#define VIT_JSON_DOC_MAX (64u << 20)   /* largest text taken, bytes */
#define VIT_JSON_VALUES_MAX 2000000u   /* most values in it; both are VIT_E_LIMIT beyond */

/* options: of json/reader.h. The text is not needed afterwards. On failure
 * err->offset is the byte, and the message names line and column, what was
 * expected and what was found; out->root is NULL. */
VIT_MUST_USE enum vit_errc vit_json_parse(struct vit_arena *a, struct vit_str text,
					  unsigned options, struct vit_json_doc *out,
					  struct vit_err *err);

/* Member of an object by exact key, the last one when repeated (as Python
 * does); NULL when absent, or obj is NULL or no object. O(1). */
const struct vit_json *vit_json_get(const struct vit_json *obj, struct vit_str key);
const struct vit_json *vit_json_get_c(const struct vit_json *obj, const char *key);
/* Dotted path, "text_config.hidden_size"; NULL when any step is absent. */
const struct vit_json *vit_json_at(const struct vit_json *root, struct vit_str path);
static inline bool vit_json_is_null(const struct vit_json *v)
{
	return !v || v->kind == VIT_JSON_K_NULL;
}
/* The value when v is of that kind (an exact integer), else the default. */
int64_t vit_json_int(const struct vit_json *v, int64_t otherwise);
struct vit_str vit_json_string(const struct vit_json *v); /* or empty */
bool vit_json_bool(const struct vit_json *v, bool otherwise);
/* "integer", "string", ...: for messages. Static storage. */
const char *vit_json_kind_name(const struct vit_json *v);
/* Appends a compact rendering of v on one line, harmless on a terminal, for
 * messages (it need not be JSON): at most `max` bytes then "...". */
void vit_json_brief(struct vit_buf *out, const struct vit_json *v, size_t max);

#endif
