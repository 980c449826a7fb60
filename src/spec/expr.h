/*
 * Expressions of specs (docs/SPECS.md): text to a small tree of nodes, once;
 * then evaluated as often as there are tensors.
 *
 * Private to src/spec. It refuses to guess: arithmetic is exact, and what has
 * no exact value is a fault that names the field.
 *
 * Names are resolved when parsed: to a loop variable, a dimension or a
 * configuration path of the body (vit_symbols). Nesting is bounded when parsed,
 * so the evaluator may recurse over the tree.
 */
#ifndef VIT_SPEC_EXPR_H
#define VIT_SPEC_EXPR_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "json/tree.h"

#define VIT_EXPR_MAX_NODES 1000
#define VIT_EXPR_MAX_NESTING 64   /* brackets, `if`, unary operators */
#define VIT_EXPR_MAX_HEIGHT 256   /* of the tree: a + b + c ... is one higher each */
#define VIT_EXPR_MAX_TEXT 8192
#define VIT_EXPR_MAX_EVAL 512     /* calls through dimensions and defaults */
#define VIT_MAX_VARS 16           /* loop variables of one spec, by name */

enum vit_op {
	VIT_OP_NULL, VIT_OP_BOOL, VIT_OP_INT, VIT_OP_DOUBLE, VIT_OP_STRING,
	VIT_OP_VAR,      /* slot a; unbound: dimension b, else path c */
	VIT_OP_DIM,      /* dimension a */
	VIT_OP_PATH,     /* configuration path a */
	VIT_OP_CLASS,
	VIT_OP_INDEX,    /* a[b] */
	VIT_OP_MEMBER,   /* a.text */
	VIT_OP_NEG, VIT_OP_NOT,
	VIT_OP_ADD, VIT_OP_SUB, VIT_OP_MUL, VIT_OP_DIV, VIT_OP_MOD,
	VIT_OP_EQ, VIT_OP_NE, VIT_OP_LT, VIT_OP_LE, VIT_OP_GT, VIT_OP_GE, VIT_OP_IN,
	VIT_OP_AND, VIT_OP_OR, VIT_OP_ELSE /* ?? */,
	VIT_OP_IF,       /* if a then b else c */
	VIT_OP_LEN, VIT_OP_MIN, VIT_OP_MAX, VIT_OP_CEIL, VIT_OP_FLOOR,
};

#define VIT_NO_NODE UINT32_MAX

struct vit_node {
	uint8_t op;            /* enum vit_op */
	uint16_t height;
	uint16_t from, to;     /* the part of the text it came from */
	uint32_t a, b, c;      /* children, or see the operator */
	union {
		bool boolean;
		int64_t i64;
		double number;
		struct vit_str text; /* arena */
	} u;
};

/* A compiled expression; the last node is its root. Immutable. */
struct vit_expr {
	const struct vit_node *nodes;
	uint32_t count;
	uint32_t line;         /* in the spec */
	struct vit_str text;   /* as written */
	uint32_t vars;         /* loop variables it depends on, one bit a slot; set by the loader */
};

/* A path into the configuration, with what its field's declaration adds. */
struct vit_path {
	struct vit_str key;            /* "rope_scaling.factor", "quant.bits" */
	struct vit_str text;           /* without "quant." */
	bool quant;                    /* below the quantisation block */
	const struct vit_str *aliases;
	uint32_t alias_count;
	const struct vit_expr *otherwise; /* `default`, or NULL */
};

struct vit_dimension {
	struct vit_str name;
	const struct vit_expr *expr;
	uint32_t vars;                 /* as vit_expr.vars */
};

/* The names of one body, as evaluations need them. */
struct vit_names {
	struct vit_str vars[VIT_MAX_VARS];
	uint32_t var_count;
	const struct vit_dimension *dimensions;
	uint32_t dimension_count;
	const struct vit_path *paths;
	uint32_t path_count;
};

/* The same while a body is loaded. Paths are added as expressions mention them. */
struct vit_symbols {
	struct vit_str vars[VIT_MAX_VARS];
	uint32_t var_count;
	struct vit_vec dimensions;     /* struct vit_dimension */
	struct vit_vec paths;          /* struct vit_path */
	struct vit_map dimension_map, path_map; /* names in the arena */
};

void vit_symbols_init(struct vit_symbols *s);
void vit_symbols_release(struct vit_symbols *s);
/* VIT_MAX_VARS when there is none. */
uint32_t vit_symbols_var(const struct vit_symbols *s, struct vit_str name);
/* The path's index, added when new. "config.x" is x; "quant.x" is below the quantisation block. */
uint32_t vit_symbols_path(struct vit_symbols *s, struct vit_arena *a, struct vit_str text);

/* Fails with VIT_E_SYNTAX; err->offset is the byte in text. */
VIT_MUST_USE enum vit_errc vit_expr_parse(struct vit_arena *a, struct vit_symbols *s,
					  struct vit_str text, struct vit_expr *out,
					  struct vit_err *err);

enum vit_value_kind {
	VIT_V_NULL, VIT_V_BOOL, VIT_V_INT, VIT_V_DOUBLE, VIT_V_STRING,
	VIT_V_JSON,   /* list or object of the configuration */
	VIT_V_SIZES,  /* list of sizes (`dims`) */
};
struct vit_value {
	enum vit_value_kind kind;
	uint32_t count;                /* SIZES */
	union {
		bool boolean;
		int64_t i64;
		double number;
		struct vit_str text;   /* borrowed */
		const struct vit_json *json;
		const uint64_t *sizes;
	} u;
};

/* A value of the configuration as expressions see it; NULL gives null. */
struct vit_value vit_value_of_json(const struct vit_json *v);
/* Appends it as a person would write it: 4,096  "silu"  true  null. */
void vit_value_text(struct vit_buf *out, const struct vit_value *v);
/* Equality of expressions: integers and doubles by value, kinds that differ are not equal. */
bool vit_value_equal(const struct vit_value *a, const struct vit_value *b);

enum vit_eval_fault {
	VIT_EF_NONE,
	VIT_EF_ABSENT,     /* a field is absent: `field` names it */
	VIT_EF_TYPE,       /* a value of the wrong type */
	VIT_EF_ARITHMETIC, /* remainder, overflow, division by zero, out of a list */
	VIT_EF_DEEP,       /* dimensions and defaults call each other too deeply */
};

struct vit_dim_cache {
	uint64_t epoch;          /* when it was computed; 0 = never */
	struct vit_value value;
};
struct vit_path_cache {
	bool done, found;        /* looked up; the configuration has it (not null) */
	bool by_default;
	bool has_fallback;       /* `fallback` holds the default's value */
	const struct vit_json *node;  /* null also when absent */
	struct vit_str where;    /* the dotted path that gave it, arena of the environment */
	struct vit_value fallback;
};

#define VIT_MAX_ROOTS 4

/* All that an evaluation reads. One per body and audit. */
struct vit_env {
	struct vit_arena *arena;
	const struct vit_dimension *dimensions;
	const struct vit_path *paths;
	uint32_t dimension_count, path_count;
	struct vit_dim_cache *dim_cache;
	struct vit_path_cache *path_cache;
	const struct vit_json *roots[VIT_MAX_ROOTS]; /* where bare names are looked up, in order */
	struct vit_str root_names[VIT_MAX_ROOTS];    /* "text_config", "" for the top */
	uint32_t root_count;
	const struct vit_json *top;      /* the whole configuration, or NULL */
	const struct vit_json *quant;    /* the quantisation block, or NULL */
	struct vit_value vars[VIT_MAX_VARS];
	uint64_t var_epoch[VIT_MAX_VARS];
	uint32_t bound;                  /* bits of vars that have a value */
	uint64_t epoch;
	unsigned depth;
	/* The first fault since it was cleared. */
	enum vit_eval_fault fault;
	struct vit_str fault_field;      /* ABSENT, TYPE: path in the configuration, or empty */
	struct vit_str fault_text;       /* one clause, arena */
};

void vit_env_init(struct vit_env *env, struct vit_arena *a, const struct vit_names *names,
		  const struct vit_json *config, const struct vit_json *quant);
void vit_env_bind(struct vit_env *env, uint32_t slot, struct vit_value v);
void vit_env_unbind(struct vit_env *env, uint32_t slot);
void vit_env_clear_fault(struct vit_env *env);
/* Records a fault unless there is one; returns false. */
bool vit_env_fault(struct vit_env *env, enum vit_eval_fault kind, struct vit_str field,
		   const char *fmt, ...) VIT_PRINTF(4, 5);
/* A number that is the same as long as no variable of `vars` was bound anew. */
uint64_t vit_env_epoch(const struct vit_env *env, uint32_t vars);

/* The configuration's value at a path: aliases and roots, not the default. NULL when absent. */
const struct vit_path_cache *vit_env_path(struct vit_env *env, uint32_t path);
/* False on a fault (env->fault). */
VIT_MUST_USE bool vit_expr_eval(struct vit_env *env, const struct vit_expr *e,
				struct vit_value *out);
/* As a size: an integer >= 0, else a fault. */
VIT_MUST_USE bool vit_expr_size(struct vit_env *env, const struct vit_expr *e, uint64_t *out);
/* As a condition: true or false, null is false, else a fault. */
VIT_MUST_USE bool vit_expr_truth(struct vit_env *env, const struct vit_expr *e, bool *out);

#endif
