/* The loader's parts. Private to src/spec. */
#ifndef VIT_SPEC_LOAD_H
#define VIT_SPEC_LOAD_H

#include "spec/body.h"
#include "yaml/yaml.h"

struct vit_loader {
	struct vit_arena *arena;     /* the database's: what stays */
	struct vit_str source;
	struct vit_err *err;
	struct vit_spec *spec;
	struct vit_spec_body *body;
	const struct vit_spec_body *parent; /* or NULL */
	bool head;                   /* only what recognition needs */
	struct vit_symbols symbols;
	struct vit_vec exprs;        /* struct vit_expr *, all that were compiled */
	uint32_t tensor_count;
};

/* Sets "<source>:<line>:<column>: ..." once; returns false. */
bool vit_load_fail(struct vit_loader *l, uint32_t line, uint32_t column, const char *fmt, ...)
	VIT_PRINTF(4, 5);
bool vit_load_fail_at(struct vit_loader *l, const struct vit_yaml *n, const char *what);
/* Every key of the mapping is one of `known` (NULL-terminated); names the nearest one. */
bool vit_load_keys(struct vit_loader *l, const struct vit_yaml *map, const char *const *known);
/* n is of that kind, or a failure. */
bool vit_load_kind(struct vit_loader *l, const struct vit_yaml *n, enum vit_yaml_kind kind);
bool vit_load_text(struct vit_loader *l, const struct vit_yaml *n, struct vit_str *out);
bool vit_load_bool(struct vit_loader *l, const struct vit_yaml *n, bool *out);
/* One text or a list of texts. */
bool vit_load_texts(struct vit_loader *l, const struct vit_yaml *n, const struct vit_str **out,
		    uint32_t *count);
/* NULL n leaves *out NULL. */
bool vit_load_expr(struct vit_loader *l, const struct vit_yaml *n, const struct vit_expr **out);
bool vit_load_expr_text(struct vit_loader *l, const struct vit_yaml *n, struct vit_str text,
			const struct vit_expr **out);
bool vit_load_lit(struct vit_loader *l, const struct vit_yaml *n, struct vit_lit *out);
bool vit_load_level(struct vit_loader *l, const struct vit_yaml *map, bool *warning);

/* load_names.c: loop variables and dimensions, before anything is compiled; their
 * dependencies, after everything is. */
bool vit_load_begin_names(struct vit_loader *l, const struct vit_yaml *doc);
bool vit_load_end_names(struct vit_loader *l, const struct vit_yaml *doc);

bool vit_load_fields(struct vit_loader *l, const struct vit_yaml *doc);
bool vit_load_rules(struct vit_loader *l, const struct vit_yaml *doc);
bool vit_load_report(struct vit_loader *l, const struct vit_yaml *doc);
bool vit_load_tensors(struct vit_loader *l, const struct vit_yaml *doc);
/* A list of tensors without groups, of overlays and adapters. */
bool vit_load_flat_tensors(struct vit_loader *l, const struct vit_yaml *list,
			   const struct vit_item **out, uint32_t *count);
bool vit_load_forward(struct vit_loader *l, const struct vit_yaml *doc);
bool vit_load_schemes(struct vit_loader *l, const struct vit_yaml *doc);
bool vit_load_overlay(struct vit_loader *l, const struct vit_yaml *doc);
bool vit_load_adapter(struct vit_loader *l, const struct vit_yaml *doc);
bool vit_load_model(struct vit_loader *l, const struct vit_yaml *doc);
bool vit_load_roles(struct vit_loader *l, const struct vit_yaml *n, uint32_t *out);

#endif
