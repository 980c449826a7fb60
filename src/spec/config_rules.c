/* The configuration held against the fields, rules and values of a spec. */
#include "base/num.h"
#include "spec/arch.h"

struct vit_field_problem *vit_field_add(struct vit_held *h, enum vit_field_fault fault)
{
	static const struct vit_field_problem blank;
	struct vit_field_problem *p;
	struct vit_origin *o;

	if (h->fields.count == VIT_MAX_PROBLEMS) {
		p = vit_vec_at(&h->fields, h->fields.count - 1);
		o = vit_vec_at(&h->origins, h->fields.count - 1);
	} else {
		p = vit_vec_add(&h->fields);
		o = vit_vec_add(&h->origins);
	}
	*p = blank;
	*o = (struct vit_origin){ .path = VIT_NO_NODE };
	p->fault = fault;
	p->field = p->expected = p->actual = p->message = VIT_STR_EMPTY;
	return p;
}

/* Builds one text in the arena from parts appended by the caller. */
static struct vit_str take(struct vit_held *h, struct vit_buf *text)
{
	struct vit_str s = vit_arena_str(h->arena, vit_buf_view(text));

	vit_buf_release(text);
	return s;
}

static struct vit_str json_text(struct vit_held *h, const struct vit_json *v)
{
	struct vit_buf text;

	vit_buf_init(&text, 400);
	if (v)
		vit_json_brief(&text, v, 120);
	/* 8.0 is no integer, and must not look like one */
	if (v && v->kind == VIT_JSON_K_NUMBER && !(v->flags & VIT_JSON_INTEGER) &&
	    !strpbrk(text.p, ".eEnN"))
		vit_buf_puts(&text, ".0");
	return take(h, &text);
}

static void at_node(struct vit_field_problem *p, const struct vit_json *v)
{
	p->line = v ? v->line : 0;
	p->column = v ? v->column : 0;
}

static unsigned type_of(const struct vit_json *v)
{
	switch (v->kind) {
	case VIT_JSON_K_NULL:
		return VIT_TYPE_ANY;
	case VIT_JSON_K_BOOL:
		return VIT_TYPE_BOOLEAN;
	case VIT_JSON_K_NUMBER:
		return v->flags & VIT_JSON_INTEGER ? VIT_TYPE_INTEGER | VIT_TYPE_NUMBER
						   : VIT_TYPE_NUMBER;
	case VIT_JSON_K_STRING:
		return VIT_TYPE_STRING;
	case VIT_JSON_K_ARRAY:
		return VIT_TYPE_LIST;
	case VIT_JSON_K_OBJECT:
		return VIT_TYPE_OBJECT;
	}
	return VIT_TYPE_ANY;
}

static void types_text(struct vit_buf *out, unsigned types)
{
	static const char *const names[] = { "an integer", "a number", "a text", "true or false",
					     "a list", "an object", "a value" };
	bool first = true;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(types >> i & 1))
			continue;
		vit_buf_printf(out, "%s%s", first ? "" : " or ", names[i]);
		first = false;
	}
	if (first)
		vit_buf_puts(out, "a value");
}

static void field_missing(struct vit_held *h, const struct vit_field *f, struct vit_str where)
{
	struct vit_field_problem *p = vit_field_add(h, VIT_FIELD_MISSING);
	struct vit_buf text;

	vit_buf_init(&text, 200);
	types_text(&text, f->types);
	p->expected = take(h, &text);
	p->actual = VIT_STR("absent");
	p->field = where;
	p->warning = f->warning;
	p->message = vit_arena_printf(h->arena, "config.json has no %.*s", VIT_FMT(where));
}

static void field_type(struct vit_held *h, const struct vit_field *f,
		       const struct vit_path_cache *c)
{
	struct vit_field_problem *p = vit_field_add(h, VIT_FIELD_TYPE);
	struct vit_buf text;

	vit_buf_init(&text, 200);
	types_text(&text, f->types);
	p->expected = take(h, &text);
	p->actual = json_text(h, c->node);
	p->field = c->where;
	p->warning = f->warning;
	at_node(p, c->node);
	p->message = vit_arena_printf(h->arena, "%.*s is %.*s, where %.*s is needed",
				      VIT_FMT(c->where), VIT_FMT(p->actual),
				      VIT_FMT(p->expected));
}

/* A bound that does not hold: "max num_local_experts = 32". */
static void field_range(struct vit_held *h, const struct vit_field *f,
			const struct vit_path_cache *c, const char *relation,
			const struct vit_expr *bound, const struct vit_value *v)
{
	struct vit_field_problem *p = vit_field_add(h, VIT_FIELD_RANGE);
	struct vit_buf text;

	vit_buf_init(&text, 400);
	vit_buf_puts(&text, relation);
	if (bound && bound->nodes[bound->count - 1].op != VIT_OP_INT &&
	    bound->nodes[bound->count - 1].op != VIT_OP_DOUBLE)
		vit_buf_printf(&text, "%.*s = ", VIT_FMT(bound->text));
	if (v)
		vit_value_text(&text, v);
	p->expected = take(h, &text);
	p->actual = json_text(h, c->node);
	p->field = c->where;
	p->warning = f->warning;
	at_node(p, c->node);
	p->message = vit_arena_printf(h->arena, "%.*s is %.*s, it should be %.*s",
				      VIT_FMT(c->where), VIT_FMT(p->actual),
				      VIT_FMT(p->expected));
}

static bool as_double(const struct vit_value *v, double *out)
{
	*out = v->kind == VIT_V_INT ? (double)v->u.i64 : v->u.number;
	return v->kind == VIT_V_INT || v->kind == VIT_V_DOUBLE;
}

/* A bound's value; false when it has none (absent, or a fault to be told elsewhere). */
static bool bound_of(struct vit_env *env, const struct vit_expr *e, struct vit_value *out)
{
	return e && vit_expr_eval(env, e, out) && out->kind != VIT_V_NULL;
}

static bool less(const struct vit_value *a, const struct vit_value *b)
{
	double x, y;

	if (a->kind == VIT_V_INT && b->kind == VIT_V_INT)
		return a->u.i64 < b->u.i64;
	return as_double(a, &x) && as_double(b, &y) && x < y;
}

static void check_numbers(struct vit_held *h, struct vit_env *env, const struct vit_field *f,
			  const struct vit_path_cache *c)
{
	struct vit_value v = vit_value_of_json(c->node), bound;
	double number;

	if (!as_double(&v, &number))
		return;
	if (bound_of(env, f->min, &bound) && less(&v, &bound))
		field_range(h, f, c, "at least ", f->min, &bound);
	else if (bound_of(env, f->max, &bound) && less(&bound, &v))
		field_range(h, f, c, "at most ", f->max, &bound);
	else if (bound_of(env, f->multiple_of, &bound) && bound.kind == VIT_V_INT &&
		 v.kind == VIT_V_INT && bound.u.i64 > 0 && v.u.i64 % bound.u.i64 != 0)
		field_range(h, f, c, "a multiple of ", f->multiple_of, &bound);
}

static bool allowed(const struct vit_field *f, const struct vit_json *v)
{
	for (uint32_t i = 0; i < f->one_of_count; i++)
		if (vit_lit_matches(&f->one_of[i], v))
			return true;
	return false;
}

static void not_allowed(struct vit_held *h, const struct vit_field *f,
			const struct vit_path_cache *c)
{
	struct vit_buf text;
	struct vit_str list;

	vit_buf_init(&text, 400);
	vit_buf_puts(&text, "one of ");
	for (uint32_t i = 0; i < f->one_of_count; i++) {
		vit_buf_puts(&text, i ? ", " : "");
		vit_lit_text(&text, &f->one_of[i]);
	}
	list = take(h, &text);
	field_range(h, f, c, list.p, NULL, NULL);
}

/* Of a list each item must be allowed, unless the list as a whole is. */
static void check_choices(struct vit_held *h, const struct vit_field *f,
			  const struct vit_path_cache *c)
{
	if (!f->one_of_count || allowed(f, c->node))
		return;
	if (c->node->kind != VIT_JSON_K_ARRAY) {
		not_allowed(h, f, c);
		return;
	}
	for (uint32_t i = 0; i < c->node->count; i++)
		if (!allowed(f, &c->node->children[i])) {
			not_allowed(h, f, c);
			return;
		}
}

static void check_length(struct vit_held *h, struct vit_env *env, const struct vit_field *f,
			 const struct vit_path_cache *c)
{
	struct vit_value bound;

	if (c->node->kind != VIT_JSON_K_ARRAY || !bound_of(env, f->length, &bound) ||
	    bound.kind != VIT_V_INT || bound.u.i64 == (int64_t)c->node->count)
		return;
	field_range(h, f, c, "a list of this many items: ", f->length, &bound);
	((struct vit_field_problem *)vit_vec_at(&h->fields, h->fields.count - 1))->actual =
		vit_arena_printf(h->arena, "%u items", c->node->count);
}

/* The problems added since `first` are about this field or rule. */
static void set_origin(struct vit_held *h, size_t first, uint32_t path,
		       const struct vit_expr *rule)
{
	for (size_t i = first; i < h->origins.count; i++) {
		struct vit_origin *o = vit_vec_at(&h->origins, i);

		*o = (struct vit_origin){ .known = true, .path = path, .rule = rule };
	}
}

static void check_field(struct vit_held *h, struct vit_env *env, const struct vit_field *f)
{
	const struct vit_path_cache *c = vit_env_path(env, f->path);
	bool applies = true;

	if (f->when && (!vit_expr_truth(env, f->when, &applies) || !applies))
		return;
	if (!c->found) {
		if (f->required)
			field_missing(h, f, c->where);
		return;
	}
	if (f->types && !(f->types & (type_of(c->node) | VIT_TYPE_ANY))) {
		field_type(h, f, c);
		return;
	}
	check_numbers(h, env, f, c);
	check_choices(h, f, c);
	check_length(h, env, f, c);
}

/* The first value of the configuration that an expression mentions: where to point. */
static const struct vit_json *first_node(struct vit_env *env, const struct vit_expr *e)
{
	for (uint32_t i = 0; i < e->count; i++)
		if (e->nodes[i].op == VIT_OP_PATH && env->path_cache[e->nodes[i].a].node)
			return env->path_cache[e->nodes[i].a].node;
	return NULL;
}

static void check_rule(struct vit_held *h, struct vit_env *env, const struct vit_rule *r)
{
	struct vit_field_problem *p;
	struct vit_env before = *env;
	bool yes = true;

	if (r->when && (!vit_expr_truth(env, r->when, &yes) || !yes))
		return;
	vit_env_clear_fault(env);
	if (vit_expr_truth(env, r->check, &yes)) {
		if (yes)
			goto restore;
	} else if (env->fault == VIT_EF_ABSENT || env->fault == VIT_EF_TYPE) {
		goto restore; /* the field's own declaration says so */
	}
	p = vit_field_add(h, VIT_FIELD_RULE);
	p->field = r->check->text;
	p->expected = r->check->text;
	p->actual = env->fault != VIT_EF_NONE ? env->fault_text
					      : vit_describe_inputs(h->arena, env, r->check);
	p->warning = r->warning;
	at_node(p, first_node(env, r->check));
	if (r->says.n)
		p->message = r->says;
	else
		p->message = vit_arena_printf(h->arena, "%.*s does not hold",
					      VIT_FMT(r->check->text));
restore:
	env->fault = before.fault;
	env->fault_field = before.fault_field;
	env->fault_text = before.fault_text;
}

void vit_config_check(struct vit_held *h, struct vit_env *env, const struct vit_spec_body *body)
{
	bool overlay = env == &h->quant;

	for (uint32_t i = 0; i < body->field_count; i++) {
		size_t first = h->fields.count;

		check_field(h, env, &body->fields[i]);
		if (!overlay)
			set_origin(h, first, body->fields[i].path, NULL);
	}
	for (uint32_t i = 0; i < body->rule_count; i++) {
		size_t first = h->fields.count;

		check_rule(h, env, &body->rules[i]);
		if (!overlay)
			set_origin(h, first, VIT_NO_NODE, body->rules[i].check);
	}
	/* Bounds that could not be evaluated are told by the fields they name. */
	vit_env_clear_fault(env);
}

void vit_values_check(struct vit_held *h, struct vit_env *env, const struct vit_spec *spec)
{
	for (uint32_t i = 0; i < spec->body->value_count; i++) {
		const struct vit_spec_value *want = &spec->body->values[i];
		const struct vit_path_cache *c = vit_env_path(env, want->path);
		struct vit_field_problem *p;
		struct vit_buf text;

		if (vit_lit_matches(&want->value, c->node))
			continue;
		p = vit_field_add(h, VIT_FIELD_PIN);
		vit_buf_init(&text, 400);
		vit_lit_text(&text, &want->value);
		p->expected = take(h, &text);
		p->actual = c->node ? json_text(h, c->node) : VIT_STR("absent");
		p->field = c->where;
		at_node(p, c->node);
		p->message = vit_arena_printf(h->arena, "%.*s is %.*s, in %.*s it is %.*s",
					      VIT_FMT(c->where), VIT_FMT(p->actual),
					      VIT_FMT(spec->title), VIT_FMT(p->expected));
	}
}

static bool looked_at(const struct vit_env *env, uint32_t path)
{
	return path < env->path_count && env->path_cache[path].done;
}

void vit_fields_mark_sizes(struct vit_held *h, const struct vit_env *env)
{
	for (size_t i = 0; i < h->fields.count; i++) {
		struct vit_field_problem *p = vit_vec_at(&h->fields, i);
		const struct vit_origin *o = vit_vec_at(&h->origins, i);

		if (!o->known || p->warning)
			continue;
		p->sizes = looked_at(env, o->path);
		for (uint32_t j = 0; o->rule && j < o->rule->count; j++)
			if (o->rule->nodes[j].op == VIT_OP_PATH &&
			    looked_at(env, o->rule->nodes[j].a))
				p->sizes = true;
	}
}

static bool explained(const struct vit_held *h)
{
	for (size_t i = 0; i < h->fields.count; i++)
		if (!((const struct vit_field_problem *)vit_vec_at(&h->fields, i))->warning)
			return true;
	return false;
}

void vit_fault_report(struct vit_held *h, const struct vit_env *env)
{
	struct vit_field_problem *p;

	if (env->fault == VIT_EF_NONE || explained(h))
		return;
	p = vit_field_add(h, env->fault == VIT_EF_ABSENT ? VIT_FIELD_MISSING : VIT_FIELD_RULE);
	p->sizes = true;
	p->field = env->fault_field.n ? env->fault_field : VIT_STR("tensors");
	p->actual = env->fault == VIT_EF_ABSENT ? VIT_STR("absent") : env->fault_text;
	p->expected = VIT_STR("a value from which the sizes of the tensors follow");
	p->message = vit_arena_printf(h->arena, "the expected tensors cannot be computed: %.*s",
				      VIT_FMT(env->fault_text));
}
