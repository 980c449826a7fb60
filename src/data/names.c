#include "data/names.h"

#include <stdlib.h>

#include "data/text.h"
#include "json/tree.h"

#define NAME_MAX_BYTES 200

void vit_names_init(struct vit_names_count *n, struct vit_arena *a)
{
	*n = (struct vit_names_count){ .arena = a, .items = VIT_VEC(sizeof(struct vit_data_name)) };
	vit_map_init(&n->map, 16);
}

/* The row of a name, added when there is room; NULL when not. */
static struct vit_data_name *find(struct vit_names_count *n, struct vit_str name)
{
	uint32_t at;
	struct vit_data_name *row;

	name = vit_str_sub(name, 0, NAME_MAX_BYTES);
	at = vit_map_get(&n->map, name);
	if (at == VIT_MAP_NONE) {
		name = vit_data_shown(name);
		at = vit_map_get(&n->map, name);
	}
	if (at != VIT_MAP_NONE)
		return vit_vec_at(&n->items, at);
	if (n->items.count == VIT_DATA_NAMES)
		return NULL;
	at = (uint32_t)n->items.count;
	row = vit_vec_add(&n->items);
	row->name = vit_arena_str(n->arena, name);
	vit_map_add(&n->map, row->name, at);
	return row;
}

void vit_names_add(struct vit_names_count *n, struct vit_str name)
{
	struct vit_data_name *row = find(n, name);

	n->rows++;
	if (row)
		row->count++;
	else
		n->others++;
}

void vit_names_declare(struct vit_names_count *n, struct vit_str name, uint64_t count)
{
	struct vit_data_name *row = find(n, name);

	if (!row)
		return;
	row->has_declared = true;
	row->declared = count;
}

static int by_count(const void *a, const void *b)
{
	const struct vit_data_name *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return vit_str_cmp(x->name, y->name);
}

void vit_names_sort(struct vit_data_names *n)
{
	if (n->count)
		qsort(n->names, n->count, sizeof *n->names, by_count);
}

void vit_names_take(struct vit_names_count *n, struct vit_data_names *out)
{
	size_t count;

	out->rows = n->rows;
	out->others = n->others;
	out->names = vit_vec_take(&n->items, n->arena, &count);
	out->count = (uint32_t)count;
	vit_names_sort(out);
	vit_map_release(&n->map);
}

/* ---- metadata ----------------------------------------------------------------------- */

static bool is_total(struct vit_str key)
{
	static const char *const names[] = { "total_examples", "example_count", "examples_count",
					     "num_examples",   "number_of_examples", "n_examples",
					     "total",	       "count",		     "size",
					     "num_rows",       "total_rows",	     "total_samples",
					     "num_samples",    "training_examples",  "total_training_examples" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (vit_str_ieq(key, vit_str_c(names[i])))
			return true;
	return false;
}

/* {"name": 8, ...}, or [{"name": ..., "count": 8}, ...]. */
static void declare(const struct vit_json *v, struct vit_names_count *n)
{
	for (uint32_t i = 0; i < v->count; i++) {
		const struct vit_json *c = &v->children[i], *name, *count;

		if (v->kind == VIT_JSON_K_OBJECT && (c->flags & VIT_JSON_U64) && c->kind == VIT_JSON_K_NUMBER) {
			vit_names_declare(n, c->key, c->u64);
			continue;
		}
		name = vit_json_get_c(c, "name");
		count = vit_json_get_c(c, "count");
		count = count ? count : vit_json_get_c(c, "examples");
		if (name && name->kind == VIT_JSON_K_STRING && count && count->kind == VIT_JSON_K_NUMBER &&
		    (count->flags & VIT_JSON_U64))
			vit_names_declare(n, name->string, count->u64);
	}
}

static bool mentions(struct vit_str key, const char *stem)
{
	return vit_str_find(key, vit_str_c(stem), 0) != SIZE_MAX;
}

/* One member, at the top or inside of a group of metadata. */
static void take(struct vit_arena *a, struct vit_str group, struct vit_str key, const struct vit_json *v,
		 struct vit_data_declared *out, struct vit_names_count *categories, struct vit_names_count *sources)
{
	if (v->kind == VIT_JSON_K_NUMBER && (v->flags & VIT_JSON_U64) && is_total(key) && !out->given) {
		out->given = true;
		out->examples = v->u64;
		out->by = vit_arena_printf(a, "%.*s%s%.*s", VIT_FMT(group), group.n ? "." : "", VIT_FMT(key));
	} else if (v->kind == VIT_JSON_K_OBJECT || v->kind == VIT_JSON_K_ARRAY) {
		if (mentions(key, "categor"))
			declare(v, categories);
		else if (mentions(key, "source"))
			declare(v, sources);
	}
}

void vit_data_meta(struct vit_arena *a, struct vit_str key, struct vit_str value,
		   struct vit_data_declared *out, struct vit_names_count *categories,
		   struct vit_names_count *sources)
{
	struct vit_json_doc doc;
	struct vit_err err;

	/* What does not parse is told of where the text is read. */
	if (vit_json_parse(a, value, VIT_JSON_ALLOW_NAN | VIT_JSON_ALLOW_LONE_SURROGATE, &doc, &err))
		return;
	take(a, VIT_STR_EMPTY, key, doc.root, out, categories, sources);
	if (doc.root->kind != VIT_JSON_K_OBJECT || mentions(key, "categor") || mentions(key, "source"))
		return;
	for (uint32_t i = 0; i < doc.root->count; i++)
		take(a, key, doc.root->children[i].key, &doc.root->children[i], out, categories, sources);
}
