/* config, rules, report, values: what a configuration must be. */
#include "spec/load.h"

static const struct {
	const char *name;
	unsigned bit;
} types[] = {
	{ "integer", VIT_TYPE_INTEGER }, { "number", VIT_TYPE_NUMBER },
	{ "string", VIT_TYPE_STRING }, { "boolean", VIT_TYPE_BOOLEAN },
	{ "list", VIT_TYPE_LIST }, { "object", VIT_TYPE_OBJECT }, { "any", VIT_TYPE_ANY },
};

static bool load_types(struct vit_loader *l, const struct vit_yaml *n, unsigned *out)
{
	const struct vit_yaml *items = n->kind == VIT_YAML_SEQUENCE ? n->children : n;
	uint32_t count = n->kind == VIT_YAML_SEQUENCE ? n->count : 1;

	for (uint32_t i = 0; i < count; i++) {
		size_t t = 0;

		if (!vit_load_kind(l, &items[i], VIT_YAML_SCALAR))
			return false;
		while (t < sizeof(types) / sizeof(types[0]) &&
		       !vit_str_is(items[i].text, types[t].name))
			t++;
		if (t == sizeof(types) / sizeof(types[0]))
			return vit_load_fail_at(l, &items[i], "no such type (integer, number, "
						"string, boolean, list, object, any)");
		*out |= types[t].bit;
	}
	return true;
}

static bool load_choices(struct vit_loader *l, const struct vit_yaml *n, struct vit_field *f)
{
	struct vit_lit *items;

	if (!n)
		return true;
	if (!vit_load_kind(l, n, VIT_YAML_SEQUENCE))
		return false;
	items = VIT_NEW_ARRAY(l->arena, n->count, struct vit_lit);
	for (uint32_t i = 0; i < n->count; i++)
		if (!vit_load_lit(l, &n->children[i], &items[i]))
			return false;
	f->one_of = items;
	f->one_of_count = n->count;
	return true;
}

/* What the declaration adds to every mention of the field. */
static bool load_path(struct vit_loader *l, const struct vit_yaml *n, struct vit_field *f)
{
	const struct vit_yaml *aliases = vit_yaml_get(n, "aliases");
	const struct vit_yaml *otherwise = vit_yaml_get(n, "default");
	const struct vit_str *names = NULL;
	const struct vit_expr *e;
	uint32_t count = 0;
	struct vit_str key = f->name;
	struct vit_path *p;

	if (l->spec->kind == VIT_SPEC_OVERLAY)
		key = vit_arena_printf(l->arena, "quant.%.*s", VIT_FMT(f->name));
	f->path = vit_symbols_path(&l->symbols, l->arena, key);
	if (aliases && !vit_load_texts(l, aliases, &names, &count))
		return false;
	if (!vit_load_expr(l, otherwise, &e))
		return false;
	p = vit_vec_at(&l->symbols.paths, f->path);
	if (names) {
		p->aliases = names;
		p->alias_count = count;
	}
	if (e)
		p->otherwise = e;
	return true;
}

static bool load_field(struct vit_loader *l, const struct vit_yaml *n, struct vit_field *f)
{
	static const char *const keys[] = {
		"type", "min", "max", "required", "aliases", "default", "one_of", "length",
		"multiple_of", "level", "when", NULL,
	};
	const struct vit_yaml *type, *required;

	f->name = vit_arena_str(l->arena, n->key);
	if (!vit_load_keys(l, n, keys))
		return false;
	type = vit_yaml_get(n, "type");
	required = vit_yaml_get(n, "required");
	return (!type || load_types(l, type, &f->types)) &&
	       (!required || vit_load_bool(l, required, &f->required)) &&
	       load_path(l, n, f) && load_choices(l, vit_yaml_get(n, "one_of"), f) &&
	       vit_load_expr(l, vit_yaml_get(n, "min"), &f->min) &&
	       vit_load_expr(l, vit_yaml_get(n, "max"), &f->max) &&
	       vit_load_expr(l, vit_yaml_get(n, "multiple_of"), &f->multiple_of) &&
	       vit_load_expr(l, vit_yaml_get(n, "length"), &f->length) &&
	       vit_load_expr(l, vit_yaml_get(n, "when"), &f->when) &&
	       vit_load_level(l, n, &f->warning);
}

bool vit_load_fields(struct vit_loader *l, const struct vit_yaml *doc)
{
	const struct vit_yaml *n = vit_yaml_get(doc, "config");
	uint32_t old = l->parent ? l->parent->field_count : 0, own = n ? n->count : 0;
	struct vit_field *all;

	if (n && !vit_load_kind(l, n, VIT_YAML_MAPPING))
		return false;
	all = VIT_NEW_ARRAY(l->arena, (size_t)old + own, struct vit_field);
	if (old)
		memcpy(all, l->parent->fields, old * sizeof(*all));
	for (uint32_t i = 0; i < own; i++)
		if (!load_field(l, &n->children[i], &all[old + i]))
			return false;
	l->body->fields = all;
	l->body->field_count = old + own;
	return true;
}

static bool load_rule(struct vit_loader *l, const struct vit_yaml *n, struct vit_rule *r)
{
	static const char *const keys[] = { "check", "says", "when", "level", NULL };
	const struct vit_yaml *says;

	if (!vit_load_keys(l, n, keys))
		return false;
	if (!vit_yaml_get(n, "check"))
		return vit_load_fail_at(l, n, "a rule needs `check`");
	says = vit_yaml_get(n, "says");
	return vit_load_expr(l, vit_yaml_get(n, "check"), &r->check) &&
	       vit_load_expr(l, vit_yaml_get(n, "when"), &r->when) &&
	       (!says || vit_load_text(l, says, &r->says)) && vit_load_level(l, n, &r->warning);
}

bool vit_load_rules(struct vit_loader *l, const struct vit_yaml *doc)
{
	const struct vit_yaml *n = vit_yaml_get(doc, "rules");
	uint32_t old = l->parent ? l->parent->rule_count : 0, own = n ? n->count : 0;
	struct vit_rule *all;

	if (n && !vit_load_kind(l, n, VIT_YAML_SEQUENCE))
		return false;
	all = VIT_NEW_ARRAY(l->arena, (size_t)old + own, struct vit_rule);
	if (old)
		memcpy(all, l->parent->rules, old * sizeof(*all));
	for (uint32_t i = 0; i < own; i++)
		if (!load_rule(l, &n->children[i], &all[old + i]))
			return false;
	l->body->rules = all;
	l->body->rule_count = old + own;
	return true;
}

static bool load_moe(struct vit_loader *l, const struct vit_yaml *doc)
{
	static const char *const keys[] = { "experts", "per_token", "when", NULL };
	const struct vit_yaml *n = vit_yaml_get(doc, "moe");

	if (!n)
		return true;
	if (!vit_load_keys(l, n, keys))
		return false;
	if (!vit_yaml_get(n, "experts") || !vit_yaml_get(n, "per_token"))
		return vit_load_fail_at(l, n, "moe needs `experts` and `per_token`");
	return vit_load_expr(l, vit_yaml_get(n, "experts"), &l->body->experts) &&
	       vit_load_expr(l, vit_yaml_get(n, "per_token"), &l->body->per_token) &&
	       vit_load_expr(l, vit_yaml_get(n, "when"), &l->body->moe_when);
}

bool vit_load_report(struct vit_loader *l, const struct vit_yaml *doc)
{
	const struct vit_yaml *n = vit_yaml_get(doc, "report");
	uint32_t old = l->parent ? l->parent->report_count : 0, own = n ? n->count : 0;
	struct vit_report_row *all;

	if (!load_moe(l, doc) || (n && !vit_load_kind(l, n, VIT_YAML_MAPPING)))
		return false;
	all = VIT_NEW_ARRAY(l->arena, (size_t)old + own, struct vit_report_row);
	if (old)
		memcpy(all, l->parent->report, old * sizeof(*all));
	for (uint32_t i = 0; i < own; i++) {
		all[old + i].key = vit_arena_str(l->arena, n->children[i].key);
		if (!vit_load_expr(l, &n->children[i], &all[old + i].expr))
			return false;
	}
	l->body->report = all;
	l->body->report_count = old + own;
	return true;
}
