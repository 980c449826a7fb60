/* What every part of the loader needs: failures, keys, scalars, expressions. */
#include <stdarg.h>

#include "base/utf8.h"
#include "spec/load.h"

bool vit_load_fail(struct vit_loader *l, uint32_t line, uint32_t column, const char *fmt, ...)
{
	struct vit_buf text;
	va_list ap;

	vit_buf_init(&text, 1000);
	va_start(ap, fmt);
	vit_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	vit_err_set(l->err, VIT_E_USAGE, "%.*s:%u:%u: %s", VIT_FMT(l->source), line, column,
		    text.p);
	vit_buf_release(&text);
	return false;
}

bool vit_load_fail_at(struct vit_loader *l, const struct vit_yaml *n, const char *what)
{
	return vit_load_fail(l, n->line, n->column, "%s", what);
}

static const char *nearest(struct vit_str key, const char *const *known)
{
	const char *best = NULL;
	unsigned distance = 4;

	for (; *known; known++) {
		unsigned d = vit_str_distance(key, vit_str_c(*known), distance);

		if (d < distance) {
			distance = d;
			best = *known;
		}
	}
	return best;
}

bool vit_load_keys(struct vit_loader *l, const struct vit_yaml *map, const char *const *known)
{
	if (!vit_load_kind(l, map, VIT_YAML_MAPPING))
		return false;
	for (uint32_t i = 0; i < map->count; i++) {
		const struct vit_yaml *n = &map->children[i];
		const char *const *k = known;
		const char *near;
		struct vit_buf key;

		while (*k && !vit_str_is(n->key, *k))
			k++;
		if (*k)
			continue;
		near = nearest(n->key, known);
		vit_buf_init(&key, 200);
		vit_display(&key, n->key, 60);
		vit_load_fail(l, n->key_line, n->key_column, "unknown key \"%s\"%s%s%s", key.p,
			      near ? ", did you mean \"" : "", near ? near : "",
			      near ? "\"?" : "");
		vit_buf_release(&key);
		return false;
	}
	return true;
}

bool vit_load_kind(struct vit_loader *l, const struct vit_yaml *n, enum vit_yaml_kind kind)
{
	static const char *const wanted[] = { "a text", "a list", "a mapping" };

	if (n->kind == kind)
		return true;
	return vit_load_fail(l, n->line, n->column, "%s is expected here, not a %s",
			     wanted[kind], vit_yaml_kind_name(n));
}

bool vit_load_text(struct vit_loader *l, const struct vit_yaml *n, struct vit_str *out)
{
	if (!vit_load_kind(l, n, VIT_YAML_SCALAR))
		return false;
	if (vit_yaml_is_null(n))
		return vit_load_fail_at(l, n, "a text is expected here");
	*out = vit_arena_str(l->arena, n->text);
	return true;
}

bool vit_load_bool(struct vit_loader *l, const struct vit_yaml *n, bool *out)
{
	if (vit_yaml_bool(n, out))
		return true;
	return vit_load_fail_at(l, n, "true or false is expected here");
}

bool vit_load_texts(struct vit_loader *l, const struct vit_yaml *n, const struct vit_str **out,
		    uint32_t *count)
{
	const struct vit_yaml *items = n->kind == VIT_YAML_SEQUENCE ? n->children : n;
	uint32_t many = n->kind == VIT_YAML_SEQUENCE ? n->count : 1;
	struct vit_str *texts = VIT_NEW_ARRAY(l->arena, many, struct vit_str);

	for (uint32_t i = 0; i < many; i++)
		if (!vit_load_text(l, &items[i], &texts[i]))
			return false;
	*out = texts;
	*count = many;
	return true;
}

bool vit_load_expr_text(struct vit_loader *l, const struct vit_yaml *n, struct vit_str text,
			const struct vit_expr **out)
{
	struct vit_expr *e = VIT_NEW(l->arena, struct vit_expr);
	struct vit_err err = { .code = VIT_OK };
	struct vit_expr **slot;

	if (vit_expr_parse(l->arena, &l->symbols, text, e, &err) != VIT_OK)
		return vit_load_fail(l, n->line, n->column + (n->quoted ? 1 : 0) +
				     (uint32_t)err.offset, "expression: %s", err.msg);
	e->line = n->line;
	slot = vit_vec_add(&l->exprs);
	*slot = e;
	*out = e;
	return true;
}

bool vit_load_expr(struct vit_loader *l, const struct vit_yaml *n, const struct vit_expr **out)
{
	*out = NULL;
	if (!n)
		return true;
	if (n->kind != VIT_YAML_SCALAR)
		return vit_load_fail(l, n->line, n->column,
				     "an expression is expected here, not a %s",
				     vit_yaml_kind_name(n));
	return vit_load_expr_text(l, n, n->text, out);
}

static void load_scalar(struct vit_loader *l, const struct vit_yaml *n, struct vit_lit *out)
{
	if (vit_yaml_is_null(n)) {
		out->kind = VIT_LIT_NULL;
	} else if (vit_yaml_bool(n, &out->boolean)) {
		out->kind = VIT_LIT_BOOL;
	} else if (vit_yaml_i64(n, &out->i64)) {
		out->kind = VIT_LIT_INT;
	} else if (vit_yaml_double(n, &out->number)) {
		out->kind = VIT_LIT_DOUBLE;
	} else {
		out->kind = VIT_LIT_STRING;
		out->text = vit_arena_str(l->arena, n->text);
	}
}

/* Nesting is bounded by the YAML reader's. */
bool vit_load_lit(struct vit_loader *l, const struct vit_yaml *n, struct vit_lit *out)
{
	struct vit_lit *items;

	*out = (struct vit_lit){ .kind = VIT_LIT_NULL };
	out->key = vit_arena_str(l->arena, n->key);
	if (n->kind == VIT_YAML_SCALAR) {
		load_scalar(l, n, out);
		return true;
	}
	out->kind = n->kind == VIT_YAML_SEQUENCE ? VIT_LIT_LIST : VIT_LIT_MAP;
	items = VIT_NEW_ARRAY(l->arena, n->count, struct vit_lit);
	for (uint32_t i = 0; i < n->count; i++)
		if (!vit_load_lit(l, &n->children[i], &items[i]))
			return false;
	out->items = items;
	out->count = n->count;
	return true;
}

bool vit_load_level(struct vit_loader *l, const struct vit_yaml *map, bool *warning)
{
	const struct vit_yaml *n = vit_yaml_get(map, "level");

	*warning = false;
	if (!n)
		return true;
	if (n->kind == VIT_YAML_SCALAR && vit_str_is(n->text, "warning"))
		*warning = true;
	else if (n->kind != VIT_YAML_SCALAR || !vit_str_is(n->text, "error"))
		return vit_load_fail_at(l, n, "error or warning is expected here");
	return true;
}
