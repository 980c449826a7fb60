/* tensors, names, overlays and adapters: what must be stored. */
#include "spec/load.h"

bool vit_load_roles(struct vit_loader *l, const struct vit_yaml *n, uint32_t *out)
{
	const struct vit_str *names;
	uint32_t count;

	*out = 0;
	if (!n)
		return true;
	if (!vit_load_texts(l, n, &names, &count))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		int role = 0;

		while (role < VIT_ROLE_COUNT &&
		       !vit_str_is(names[i], vit_role_name((enum vit_role)role)))
			role++;
		if (role == VIT_ROLE_COUNT)
			return vit_load_fail(l, n->line, n->column, "no role \"%.*s\"",
					     VIT_FMT(names[i]));
		*out |= UINT32_C(1) << role;
	}
	return true;
}

/* "a.{l}.b": literal text and holes. */
static bool load_name(struct vit_loader *l, const struct vit_yaml *n, struct vit_name *out)
{
	struct vit_vec parts = VIT_VEC(sizeof(struct vit_name_part));
	struct vit_str text;
	size_t at = 0, count;
	bool ok = vit_load_text(l, n, &text);

	while (ok && at < text.n) {
		struct vit_name_part *part = vit_vec_add(&parts);
		size_t open = vit_str_find(text, VIT_STR("{"), at), close;
		const struct vit_expr *hole;

		part->literal = vit_str_sub(text, at, open);
		if (open >= text.n)
			break;
		close = vit_str_find(text, VIT_STR("}"), open);
		if (close >= text.n) {
			ok = vit_load_fail_at(l, n, "a { without } in a name");
			break;
		}
		ok = vit_load_expr_text(l, n, vit_str_sub(text, open + 1, close), &hole);
		part->hole = ok ? hole : NULL;
		at = close + 1;
	}
	if (!ok) {
		vit_vec_free(&parts);
		return false;
	}
	out->parts = vit_vec_take(&parts, l->arena, &count);
	out->count = (uint32_t)count;
	return true;
}

static bool load_shape(struct vit_loader *l, const struct vit_yaml *n, struct vit_item *item)
{
	if (!vit_load_kind(l, n, VIT_YAML_SEQUENCE))
		return false;
	if (n->count > VIT_MAX_RANK)
		return vit_load_fail_at(l, n, "a shape has at most 8 sizes");
	item->rank = n->count;
	for (uint32_t i = 0; i < n->count; i++) {
		const struct vit_yaml *size = &n->children[i];

		if (size->kind == VIT_YAML_SCALAR && vit_str_is(size->text, "*"))
			continue;
		if (!vit_load_expr(l, size, &item->shape[i]))
			return false;
	}
	return true;
}

static bool load_dtypes(struct vit_loader *l, const struct vit_yaml *n, vit_dtype_set *out)
{
	const struct vit_str *names;
	uint32_t count;

	if (!n)
		return true;
	if (!vit_load_texts(l, n, &names, &count))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		enum vit_dtype t = vit_dtype_parse(names[i]);

		if (t == VIT_DT_UNKNOWN)
			return vit_load_fail(l, n->line, n->column, "no dtype \"%.*s\"",
					     VIT_FMT(names[i]));
		*out |= VIT_DT_BIT(t);
	}
	return true;
}

static bool load_flag(struct vit_loader *l, const struct vit_yaml *map, const char *key,
		      int8_t *out)
{
	const struct vit_yaml *n = vit_yaml_get(map, key);
	bool yes;

	*out = -1;
	if (!n)
		return true;
	if (!vit_load_bool(l, n, &yes))
		return false;
	*out = yes ? 1 : 0;
	return true;
}

/* role, optional, counts, when: of tensors and groups. */
static bool load_common(struct vit_loader *l, const struct vit_yaml *n, struct vit_item *item)
{
	const struct vit_yaml *role = vit_yaml_get(n, "role");
	uint32_t bit;

	item->role = -1;
	if (role) {
		if (!vit_load_kind(l, role, VIT_YAML_SCALAR) || !vit_load_roles(l, role, &bit))
			return false;
		for (int8_t i = 0; i < VIT_ROLE_COUNT; i++)
			if (bit == UINT32_C(1) << i)
				item->role = i;
	}
	return load_flag(l, n, "optional", &item->optional) &&
	       load_flag(l, n, "counts", &item->counts) &&
	       vit_load_expr(l, vit_yaml_get(n, "when"), &item->when);
}

static bool load_tensor(struct vit_loader *l, const struct vit_yaml *n, struct vit_item *item)
{
	static const char *const keys[] = {
		"name", "shape", "role", "dtype", "when", "optional", "counts", "logical",
		"roles", NULL,
	};
	const struct vit_yaml *name, *shape;

	item->kind = VIT_ITEM_TENSOR;
	if (!vit_load_keys(l, n, keys))
		return false;
	name = vit_yaml_get(n, "name");
	shape = vit_yaml_get(n, "shape");
	if (!name)
		return vit_load_fail_at(l, n, "a tensor needs `name`");
	item->no_shape = !shape;
	item->index = l->tensor_count++;
	return load_common(l, n, item) && load_name(l, name, &item->name) &&
	       (!shape || load_shape(l, shape, item)) &&
	       load_dtypes(l, vit_yaml_get(n, "dtype"), &item->dtypes) &&
	       vit_load_roles(l, vit_yaml_get(n, "roles"), &item->roles) &&
	       vit_load_expr(l, vit_yaml_get(n, "logical"), &item->logical);
}

static bool load_range(struct vit_loader *l, const struct vit_yaml *n, size_t dots,
		       struct vit_loop *loop)
{
	return vit_load_expr_text(l, n, vit_str_sub(n->text, 0, dots), &loop->from) &&
	       vit_load_expr_text(l, n, vit_str_sub(n->text, dots + 2, n->text.n), &loop->to);
}

/* 0..layers-1, [0, 2, 4], or an expression that gives a list. */
static bool load_loop(struct vit_loader *l, const struct vit_yaml *n, struct vit_loop *loop)
{
	const struct vit_expr **items;
	size_t dots;

	loop->slot = vit_symbols_var(&l->symbols, n->key);
	if (n->kind == VIT_YAML_MAPPING)
		return vit_load_fail_at(l, n, "a range (0..n-1) or a list is expected here");
	if (n->kind == VIT_YAML_SCALAR) {
		dots = vit_str_find(n->text, VIT_STR(".."), 0);
		return dots < n->text.n ? load_range(l, n, dots, loop)
					: vit_load_expr(l, n, &loop->list);
	}
	items = VIT_NEW_ARRAY(l->arena, n->count, const struct vit_expr *);
	for (uint32_t i = 0; i < n->count; i++)
		if (!vit_load_expr(l, &n->children[i], &items[i]))
			return false;
	loop->items = items;
	loop->item_count = n->count;
	return true;
}

static bool load_loops(struct vit_loader *l, const struct vit_yaml *n, struct vit_item *item)
{
	if (!n)
		return true;
	if (!vit_load_kind(l, n, VIT_YAML_MAPPING))
		return false;
	if (n->count == 0 || n->count > VIT_MAX_LOOPS)
		return vit_load_fail_at(l, n, "`for` takes one to four variables");
	item->loop_count = n->count;
	for (uint32_t i = 0; i < n->count; i++)
		if (!load_loop(l, &n->children[i], &item->loops[i]))
			return false;
	return true;
}

static bool load_items(struct vit_loader *l, const struct vit_yaml *list, unsigned depth,
		       const struct vit_item **out, uint32_t *count);

static bool load_group(struct vit_loader *l, const struct vit_yaml *n, unsigned depth,
		       struct vit_item *item)
{
	static const char *const keys[] = {
		"for", "prefix", "when", "role", "counts", "optional", "tensors", NULL,
	};
	const struct vit_yaml *prefix, *tensors;

	item->kind = VIT_ITEM_GROUP;
	if (!vit_load_keys(l, n, keys))
		return false;
	if (depth == VIT_MAX_GROUPS)
		return vit_load_fail_at(l, n, "groups nested deeper than 8");
	tensors = vit_yaml_get(n, "tensors");
	prefix = vit_yaml_get(n, "prefix");
	if (!tensors)
		return vit_load_fail_at(l, n, "a group needs `tensors`");
	return load_common(l, n, item) && (!prefix || load_name(l, prefix, &item->name)) &&
	       load_loops(l, vit_yaml_get(n, "for"), item) &&
	       load_items(l, tensors, depth + 1, &item->items, &item->item_count);
}

static bool load_one_of(struct vit_loader *l, const struct vit_yaml *n, unsigned depth,
			struct vit_item *item)
{
	static const char *const keys[] = { "one_of", NULL };
	const struct vit_yaml *list;
	struct vit_item *all;

	item->kind = VIT_ITEM_ONE_OF;
	item->role = item->optional = item->counts = -1;
	if (!vit_load_keys(l, n, keys))
		return false;
	list = vit_yaml_get(n, "one_of");
	if (!vit_load_kind(l, list, VIT_YAML_SEQUENCE))
		return false;
	if (list->count == 0)
		return vit_load_fail_at(l, list, "`one_of` needs alternatives");
	all = VIT_NEW_ARRAY(l->arena, list->count, struct vit_item);
	for (uint32_t i = 0; i < list->count; i++)
		if (!load_group(l, &list->children[i], depth, &all[i]))
			return false;
	item->items = all;
	item->item_count = list->count;
	return true;
}

static bool load_items(struct vit_loader *l, const struct vit_yaml *list, unsigned depth,
		       const struct vit_item **out, uint32_t *count)
{
	struct vit_item *all;

	if (!vit_load_kind(l, list, VIT_YAML_SEQUENCE))
		return false;
	all = VIT_NEW_ARRAY(l->arena, list->count, struct vit_item);
	for (uint32_t i = 0; i < list->count; i++) {
		const struct vit_yaml *n = &list->children[i];
		bool ok;

		if (vit_yaml_get(n, "one_of"))
			ok = load_one_of(l, n, depth, &all[i]);
		else if (vit_yaml_get(n, "tensors"))
			ok = load_group(l, n, depth, &all[i]);
		else
			ok = load_tensor(l, n, &all[i]);
		if (!ok)
			return false;
	}
	*out = all;
	*count = list->count;
	return true;
}

bool vit_load_tensors(struct vit_loader *l, const struct vit_yaml *doc)
{
	const struct vit_yaml *n = vit_yaml_get(doc, "tensors");
	const struct vit_item *own = NULL;
	uint32_t old = l->parent ? l->parent->item_count : 0, count = 0;
	struct vit_item *all;

	l->tensor_count = l->parent ? l->parent->tensor_count : 0;
	if (n && !load_items(l, n, 0, &own, &count))
		return false;
	all = VIT_NEW_ARRAY(l->arena, (size_t)old + count, struct vit_item);
	if (old)
		memcpy(all, l->parent->items, old * sizeof(*all));
	if (count)
		memcpy(all + old, own, count * sizeof(*all));
	l->body->items = all;
	l->body->item_count = old + count;
	return true;
}

bool vit_load_flat_tensors(struct vit_loader *l, const struct vit_yaml *list,
			   const struct vit_item **out, uint32_t *count)
{
	struct vit_item *all;

	if (!vit_load_kind(l, list, VIT_YAML_SEQUENCE))
		return false;
	all = VIT_NEW_ARRAY(l->arena, list->count, struct vit_item);
	for (uint32_t i = 0; i < list->count; i++)
		if (!load_tensor(l, &list->children[i], &all[i]))
			return false;
	*out = all;
	*count = list->count;
	return true;
}

bool vit_load_schemes(struct vit_loader *l, const struct vit_yaml *doc)
{
	const struct vit_yaml *n = vit_yaml_get(doc, "names");
	struct vit_scheme *all;

	if (!n)
		return true;
	if (!vit_load_kind(l, n, VIT_YAML_SEQUENCE))
		return false;
	all = VIT_NEW_ARRAY(l->arena, n->count, struct vit_scheme);
	for (uint32_t i = 0; i < n->count; i++) {
		const struct vit_yaml *map = &n->children[i];
		struct vit_prefix *prefixes;

		if (!vit_load_kind(l, map, VIT_YAML_MAPPING))
			return false;
		prefixes = VIT_NEW_ARRAY(l->arena, map->count, struct vit_prefix);
		for (uint32_t j = 0; j < map->count; j++) {
			prefixes[j].from = vit_arena_str(l->arena, map->children[j].key);
			if (!vit_load_kind(l, &map->children[j], VIT_YAML_SCALAR))
				return false;
			prefixes[j].to = vit_arena_str(l->arena, map->children[j].text);
		}
		all[i] = (struct vit_scheme){ prefixes, map->count };
	}
	l->body->schemes = all;
	l->body->scheme_count = n->count;
	return true;
}
