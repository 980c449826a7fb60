/* Names before and dependencies after compiling. */
#include <stdlib.h>

#include "spec/load.h"

#define MAX_DIMENSIONS 1000

static bool is_name(struct vit_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return s.n > 0;
}

static bool add_var(struct vit_loader *l, const struct vit_yaml *n, struct vit_str name)
{
	struct vit_symbols *s = &l->symbols;

	if (!is_name(name))
		return vit_load_fail(l, n->key_line, n->key_column,
				     "a loop variable is a name of letters, digits and _");
	if (vit_symbols_var(s, name) != VIT_MAX_VARS)
		return true;
	if (s->var_count == VIT_MAX_VARS)
		return vit_load_fail(l, n->key_line, n->key_column,
				     "more than 16 loop variables in one spec");
	s->vars[s->var_count++] = vit_arena_str(l->arena, name);
	return true;
}

/* Every `for` below a list of tensors. Nesting is bounded by the YAML reader's. */
static bool find_loops(struct vit_loader *l, const struct vit_yaml *n)
{
	const struct vit_yaml *loops = vit_yaml_get(n, "for");

	for (uint32_t i = 0; loops && loops->kind == VIT_YAML_MAPPING && i < loops->count; i++)
		if (!add_var(l, &loops->children[i], loops->children[i].key))
			return false;
	for (uint32_t i = 0; i < n->count; i++)
		if (n->children[i].kind != VIT_YAML_SCALAR && !find_loops(l, &n->children[i]))
			return false;
	return true;
}

static bool add_dimension(struct vit_loader *l, const struct vit_yaml *n)
{
	struct vit_symbols *s = &l->symbols;
	struct vit_str name = vit_arena_str(l->arena, n->key);
	struct vit_dimension *d;

	if (!is_name(name))
		return vit_load_fail(l, n->key_line, n->key_column,
				     "a dimension is a name of letters, digits and _");
	if (s->dimensions.count == MAX_DIMENSIONS)
		return vit_load_fail(l, n->key_line, n->key_column, "more than 1,000 dimensions");
	if (vit_map_add(&s->dimension_map, name, (uint32_t)s->dimensions.count) != VIT_MAP_NONE)
		return vit_load_fail(l, n->key_line, n->key_column,
				     "dimension \"%.*s\" is defined already by the spec this "
				     "one extends", VIT_FMT(name));
	d = vit_vec_add(&s->dimensions);
	d->name = name;
	return true;
}

static void inherit_names(struct vit_loader *l)
{
	const struct vit_names *from = &l->parent->names;
	struct vit_symbols *s = &l->symbols;

	memcpy(s->vars, from->vars, sizeof(s->vars));
	s->var_count = from->var_count;
	for (uint32_t i = 0; i < from->dimension_count; i++) {
		struct vit_dimension *d = vit_vec_add(&s->dimensions);

		*d = from->dimensions[i];
		vit_map_set(&s->dimension_map, d->name, i);
	}
	for (uint32_t i = 0; i < from->path_count; i++) {
		struct vit_path *p = vit_vec_add(&s->paths);

		*p = from->paths[i];
		vit_map_set(&s->path_map, p->key, i);
	}
}

/* Variables that the engine binds itself; the order is that of the enums in body.h. */
static bool add_engine_vars(struct vit_loader *l, const struct vit_yaml *doc)
{
	static const char *const overlay[] = { "in", "out", "lead", "dims", "here", "stem",
					       "parent" };
	static const char *const adapter[] = { "in", "out", "r", "stem" };

	if (l->spec->kind == VIT_SPEC_OVERLAY)
		for (size_t i = 0; i < sizeof(overlay) / sizeof(overlay[0]); i++)
			if (!add_var(l, doc, vit_str_c(overlay[i])))
				return false;
	if (vit_yaml_get(doc, "adapter"))
		for (size_t i = 0; i < sizeof(adapter) / sizeof(adapter[0]); i++)
			if (!add_var(l, doc, vit_str_c(adapter[i])))
				return false;
	return true;
}

bool vit_load_begin_names(struct vit_loader *l, const struct vit_yaml *doc)
{
	const struct vit_yaml *dims = vit_yaml_get(doc, "dimensions");
	const struct vit_yaml *tensors = vit_yaml_get(doc, "tensors");

	if (l->parent)
		inherit_names(l);
	if (!add_engine_vars(l, doc) || (tensors && !find_loops(l, tensors)))
		return false;
	if (dims && !vit_load_kind(l, dims, VIT_YAML_MAPPING))
		return false;
	for (uint32_t i = 0; dims && i < dims->count; i++)
		if (!add_dimension(l, &dims->children[i]))
			return false;
	for (uint32_t i = 0; dims && i < dims->count; i++) {
		uint32_t at = vit_map_get(&l->symbols.dimension_map, dims->children[i].key);
		const struct vit_expr *e;

		if (!vit_load_expr(l, &dims->children[i], &e))
			return false;
		((struct vit_dimension *)vit_vec_at(&l->symbols.dimensions, at))->expr = e;
	}
	return true;
}

/* What is settled so far, and what each expression needs. */
struct order {
	struct vit_loader *l;
	bool *dims, *paths;
};

static bool path_settled(const struct order *o, uint32_t i, uint32_t *vars)
{
	const struct vit_path *p = vit_vec_at(&o->l->symbols.paths, i);

	if (!p->otherwise)
		return true;
	*vars |= p->otherwise->vars;
	return o->paths[i];
}

static bool dim_settled(const struct order *o, uint32_t i, uint32_t *vars)
{
	const struct vit_dimension *d = vit_vec_at(&o->l->symbols.dimensions, i);

	*vars |= d->vars;
	return o->dims[i];
}

/* The variables of an expression, once all it refers to is settled. */
static bool expr_settled(const struct order *o, const struct vit_expr *e, uint32_t *vars)
{
	bool ok = true;

	*vars = 0;
	for (uint32_t i = 0; i < e->count; i++) {
		const struct vit_node *n = &e->nodes[i];

		if (n->op == VIT_OP_DIM)
			ok = dim_settled(o, n->a, vars) && ok;
		else if (n->op == VIT_OP_PATH)
			ok = path_settled(o, n->a, vars) && ok;
		else if (n->op == VIT_OP_VAR) {
			*vars |= UINT32_C(1) << n->a;
			if (n->c == VIT_NO_NODE)
				ok = dim_settled(o, n->b, vars) && ok;
			else
				ok = path_settled(o, n->c, vars) && ok;
		}
	}
	return ok;
}

static bool settle_dimensions(const struct order *o)
{
	struct vit_symbols *s = &o->l->symbols;
	bool progress = false;

	for (size_t i = 0; i < s->dimensions.count; i++) {
		struct vit_dimension *d = vit_vec_at(&s->dimensions, i);
		uint32_t vars;

		if (o->dims[i] || !expr_settled(o, d->expr, &vars))
			continue;
		d->vars = vars;
		o->dims[i] = progress = true;
	}
	return progress;
}

static struct vit_expr *own_expr(const struct vit_loader *l, const struct vit_expr *e)
{
	for (size_t i = 0; i < l->exprs.count; i++)
		if (*(struct vit_expr **)vit_vec_at(&l->exprs, i) == e)
			return *(struct vit_expr **)vit_vec_at(&l->exprs, i);
	return NULL;
}

static bool settle_paths(const struct order *o)
{
	struct vit_symbols *s = &o->l->symbols;
	bool progress = false;

	for (size_t i = 0; i < s->paths.count; i++) {
		struct vit_path *p = vit_vec_at(&s->paths, i);
		struct vit_expr *e;
		uint32_t vars;

		if (o->paths[i] || (p->otherwise && !expr_settled(o, p->otherwise, &vars)))
			continue;
		e = p->otherwise ? own_expr(o->l, p->otherwise) : NULL;
		if (e)
			e->vars = vars;
		o->paths[i] = progress = true;
	}
	return progress;
}

static bool report_cycle(const struct order *o, const struct vit_yaml *doc)
{
	struct vit_loader *l = o->l;

	for (size_t i = 0; i < l->symbols.dimensions.count; i++) {
		const struct vit_dimension *d = vit_vec_at(&l->symbols.dimensions, i);
		const struct vit_yaml *dims = vit_yaml_get(doc, "dimensions");
		const struct vit_yaml *n;
		char key[80];

		if (o->dims[i] || d->name.n >= sizeof(key))
			continue;
		memcpy(key, d->name.p, d->name.n);
		key[d->name.n] = '\0';
		n = vit_yaml_get(dims, key);
		return vit_load_fail(l, n ? n->line : 1, n ? n->column : 1,
				     "dimension \"%s\" refers to itself (the field of that name "
				     "is config.%s)", key, key);
	}
	for (size_t i = 0; i < l->symbols.paths.count; i++) {
		const struct vit_path *p = vit_vec_at(&l->symbols.paths, i);

		if (!o->paths[i])
			return vit_load_fail(l, p->otherwise->line, 1,
					     "the default of \"%.*s\" refers to itself",
					     VIT_FMT(p->text));
	}
	return true;
}

static void publish(struct vit_loader *l)
{
	struct vit_names *names = &l->body->names;
	size_t count;

	memcpy(names->vars, l->symbols.vars, sizeof(names->vars));
	names->var_count = l->symbols.var_count;
	names->dimensions = vit_vec_take(&l->symbols.dimensions, l->arena, &count);
	names->dimension_count = (uint32_t)count;
	names->paths = vit_vec_take(&l->symbols.paths, l->arena, &count);
	names->path_count = (uint32_t)count;
}

static bool finish_exprs(const struct order *o)
{
	struct vit_loader *l = o->l;

	for (size_t i = 0; i < l->exprs.count; i++) {
		struct vit_expr *e = *(struct vit_expr **)vit_vec_at(&l->exprs, i);

		expr_settled(o, e, &e->vars);
	}
	for (size_t i = 0; i < l->symbols.paths.count; i++) {
		const struct vit_path *p = vit_vec_at(&l->symbols.paths, i);

		if (p->otherwise && p->otherwise->vars)
			return vit_load_fail(l, p->otherwise->line, 1,
					     "the default of \"%.*s\" depends on a loop variable",
					     VIT_FMT(p->text));
	}
	return true;
}

bool vit_load_end_names(struct vit_loader *l, const struct vit_yaml *doc)
{
	struct order o = {
		.l = l,
		.dims = vit_xcalloc(l->symbols.dimensions.count + 1, sizeof(bool)),
		.paths = vit_xcalloc(l->symbols.paths.count + 1, sizeof(bool)),
	};
	bool progress = true, ok;

	while (progress) {
		progress = settle_dimensions(&o);
		progress = settle_paths(&o) || progress;
	}
	ok = report_cycle(&o, doc) && finish_exprs(&o);
	free(o.dims);
	free(o.paths);
	if (ok)
		publish(l);
	return ok;
}
