#include "spec/expand.h"

#include <stdio.h>

#include "base/num.h"

void vit_expand_init(struct vit_expand *x, const struct vit_spec_body *body, struct vit_env *env)
{
	memset(x, 0, offsetof(struct vit_expand, name));
	x->body = body;
	x->env = env;
	x->n = 0;
	x->loop_depth = 0;
	x->steps = x->tensors = 0;
	x->stop = false;
	x->cache = VIT_NEW_ARRAY(env->arena, body->tensor_count, struct vit_shape_cache);
	x->role = x->optional = x->counts = -1;
}

static bool append(struct vit_env *env, char *buf, size_t size, size_t *n, struct vit_str s)
{
	if (s.n > size - *n)
		return vit_env_fault(env, VIT_EF_ARITHMETIC, VIT_STR_EMPTY,
				     "a tensor name is longer than 4,096 bytes");
	if (s.n)
		memcpy(buf + *n, s.p, s.n);
	*n += s.n;
	return true;
}

static bool append_long(struct vit_env *env, char *buf, size_t size, size_t *n, int64_t v)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		digits[--at] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		digits[--at] = '-';
	return append(env, buf, size, n,
		      (struct vit_str){ digits + at, sizeof(digits) - at });
}

static bool append_number(struct vit_env *env, char *buf, size_t size, size_t *n, int64_t v)
{
	if (v < 0 || v > 9 || *n >= size)
		return append_long(env, buf, size, n, v);
	buf[(*n)++] = (char)('0' + v);
	return true;
}

/* Most holes are a loop variable alone. */
static bool hole_value(struct vit_env *env, const struct vit_expr *hole, struct vit_value *v)
{
	const struct vit_node *n = hole->nodes;

	if (hole->count == 1 && n->op == VIT_OP_VAR && (env->bound >> n->a & 1)) {
		*v = env->vars[n->a];
		return true;
	}
	return vit_expr_eval(env, hole, v);
}

bool vit_name_build(struct vit_env *env, const struct vit_name *name, char *buf, size_t size,
		    size_t *n)
{
	for (uint32_t i = 0; i < name->count; i++) {
		const struct vit_name_part *part = &name->parts[i];
		struct vit_value v;

		if (!append(env, buf, size, n, part->literal))
			return false;
		if (!part->hole)
			continue;
		if (!hole_value(env, part->hole, &v))
			return false;
		if (v.kind == VIT_V_INT) {
			if (!append_number(env, buf, size, n, v.u.i64))
				return false;
		} else if (v.kind == VIT_V_STRING) {
			if (!append(env, buf, size, n, v.u.text))
				return false;
		} else {
			return vit_env_fault(env, VIT_EF_TYPE, VIT_STR_EMPTY,
					     "{%.*s} in a name is neither a number nor a text",
					     VIT_FMT(part->hole->text));
		}
	}
	return true;
}

static void compute_shape(struct vit_env *env, const struct vit_item *item,
			  struct vit_shape_cache *c)
{
	uint64_t elements = 1;

	c->shape_known = c->elements_known = !item->no_shape;
	for (uint32_t i = 0; i < item->rank; i++) {
		c->shape[i] = 0;
		if (!item->shape[i]) {
			c->elements_known = false;
		} else if (!vit_expr_size(env, item->shape[i], &c->shape[i])) {
			c->shape_known = c->elements_known = false;
		} else if (!vit_mul_u64(elements, c->shape[i], &elements)) {
			c->elements_known = vit_env_fault(env, VIT_EF_ARITHMETIC, VIT_STR_EMPTY,
							  "a tensor of more than 2^64 elements "
							  "is expected");
			elements = 1;
		}
	}
	if (item->logical)
		c->elements_known = vit_expr_size(env, item->logical, &elements);
	c->elements = elements;
}

static uint32_t shape_vars(const struct vit_item *item)
{
	uint32_t vars = item->logical ? item->logical->vars : 0;

	for (uint32_t i = 0; i < item->rank; i++)
		vars |= item->shape[i] ? item->shape[i]->vars : 0;
	return vars;
}

static uint32_t any_places(const struct vit_item *item)
{
	uint32_t any = 0;

	for (uint32_t i = 0; i < item->rank; i++)
		if (!item->shape[i])
			any |= UINT32_C(1) << i;
	return any;
}

void vit_shape_eval(struct vit_env *env, const struct vit_item *item, struct vit_shape_cache *c,
		    struct vit_want *w)
{
	uint64_t epoch;

	if (c->epoch == 0) {
		c->vars = shape_vars(item);
		c->any = any_places(item);
	}
	epoch = vit_env_epoch(env, c->vars);
	if (c->epoch != epoch) {
		compute_shape(env, item, c);
		c->epoch = epoch;
	}
	w->item = item;
	w->shape = c->shape;
	w->rank = item->rank;
	w->any = c->any;
	w->elements = c->elements;
	w->shape_known = c->shape_known;
	w->elements_known = c->elements_known;
}

static struct vit_str respell(struct vit_expand *x, struct vit_str name)
{
	for (uint32_t i = 0; x->scheme && i < x->scheme->count; i++) {
		const struct vit_prefix *p = &x->scheme->prefixes[i];
		size_t n = 0;

		if (!vit_str_starts(name, p->from))
			continue;
		if (!append(x->env, x->renamed, sizeof(x->renamed), &n, p->to) ||
		    !append(x->env, x->renamed, sizeof(x->renamed), &n,
			    vit_str_sub(name, p->from.n, name.n)))
			return name;
		return (struct vit_str){ x->renamed, n };
	}
	return name;
}

static bool step(struct vit_expand *x)
{
	if (x->stop)
		return false;
	if (++x->steps <= VIT_MAX_STEPS && x->tensors <= VIT_MAX_EXPECTED)
		return true;
	vit_env_fault(x->env, VIT_EF_DEEP, VIT_STR_EMPTY,
		      "the configuration asks for more than 1,500,000 tensors");
	x->incomplete = x->stop = true;
	return false;
}

static bool holds(struct vit_expand *x, const struct vit_expr *when)
{
	bool yes = true;

	if (when && !vit_expr_truth(x->env, when, &yes)) {
		x->incomplete = true;
		return false;
	}
	return yes;
}

static int or_inherited(int8_t own, int inherited)
{
	return own >= 0 ? own : inherited;
}

static void expand_tensor(struct vit_expand *x, const struct vit_item *item)
{
	size_t n = x->n;
	struct vit_want w;

	if (!step(x) || !holds(x, item->when))
		return;
	x->tensors++;
	if (!x->nameless && !vit_name_build(x->env, &item->name, x->name, sizeof(x->name), &n)) {
		x->incomplete = true;
		return;
	}
	vit_shape_eval(x->env, item, &x->cache[item->index], &w);
	w.name = x->nameless ? VIT_STR_EMPTY : respell(x, (struct vit_str){ x->name, n });
	w.role = (enum vit_role)(or_inherited(item->role, x->role) < 0
				 ? VIT_ROLE_OTHER : or_inherited(item->role, x->role));
	w.optional = or_inherited(item->optional, x->optional) == 1;
	w.counts = or_inherited(item->counts, x->counts) != 0;
	if (!x->visit(x->ctx, &w))
		x->stop = true;
}

static void expand_items(struct vit_expand *x, const struct vit_item *items, uint32_t count);

/* What a group holds, its loop variables being bound. */
static void expand_inside(struct vit_expand *x, const struct vit_item *g)
{
	size_t n = x->n;
	int role = x->role, optional = x->optional, counts = x->counts;

	if (!step(x) || (g != x->unconditional && !holds(x, g->when)))
		return;
	if (x->nameless || vit_name_build(x->env, &g->name, x->name, sizeof(x->name), &x->n)) {
		x->role = or_inherited(g->role, role);
		x->optional = or_inherited(g->optional, optional);
		x->counts = or_inherited(g->counts, counts);
		expand_items(x, g->items, g->item_count);
	} else {
		x->incomplete = true;
	}
	x->n = n;
	x->role = role;
	x->optional = optional;
	x->counts = counts;
}

static void expand_loops(struct vit_expand *x, const struct vit_item *g, uint32_t loop);

static void expand_value(struct vit_expand *x, const struct vit_item *g, uint32_t loop,
			 struct vit_value v)
{
	bool outermost = x->loop_depth == 0 && x->layer && v.kind == VIT_V_INT;

	vit_env_bind(x->env, g->loops[loop].slot, v);
	if (outermost)
		x->layer(x->ctx, v.u.i64, true);
	x->loop_depth++;
	expand_loops(x, g, loop + 1);
	x->loop_depth--;
	if (outermost)
		x->layer(x->ctx, v.u.i64, false);
}

static void expand_range(struct vit_expand *x, const struct vit_item *g, uint32_t loop)
{
	struct vit_value from, to;
	const struct vit_loop *l = &g->loops[loop];

	if (!vit_expr_eval(x->env, l->from, &from) || !vit_expr_eval(x->env, l->to, &to) ||
	    ((from.kind != VIT_V_INT || to.kind != VIT_V_INT) &&
	     !vit_env_fault(x->env, VIT_EF_TYPE, VIT_STR_EMPTY,
			    "the range %.*s..%.*s has no whole ends", VIT_FMT(l->from->text),
			    VIT_FMT(l->to->text)))) {
		x->incomplete = true;
		return;
	}
	for (int64_t i = from.u.i64; i <= to.u.i64 && step(x); i++) {
		expand_value(x, g, loop, (struct vit_value){ .kind = VIT_V_INT, .u.i64 = i });
		if (i == INT64_MAX)
			break;
	}
}

static void expand_list(struct vit_expand *x, const struct vit_item *g, uint32_t loop)
{
	const struct vit_loop *l = &g->loops[loop];
	struct vit_value v;

	for (uint32_t i = 0; i < l->item_count && step(x); i++) {
		if (!vit_expr_eval(x->env, l->items[i], &v))
			x->incomplete = true;
		else
			expand_value(x, g, loop, v);
	}
	if (!l->list)
		return;
	if (!vit_expr_eval(x->env, l->list, &v) ||
	    (v.kind != VIT_V_JSON && v.kind != VIT_V_NULL &&
	     !vit_env_fault(x->env, VIT_EF_TYPE, VIT_STR_EMPTY, "%.*s is no list",
			    VIT_FMT(l->list->text)))) {
		x->incomplete = true;
		return;
	}
	for (uint32_t i = 0; v.kind == VIT_V_JSON && i < v.u.json->count && step(x); i++)
		expand_value(x, g, loop, vit_value_of_json(&v.u.json->children[i]));
}

static void expand_loops(struct vit_expand *x, const struct vit_item *g, uint32_t loop)
{
	if (loop == g->loop_count) {
		expand_inside(x, g);
		return;
	}
	if (g->loops[loop].from)
		expand_range(x, g, loop);
	else
		expand_list(x, g, loop);
	vit_env_unbind(x->env, g->loops[loop].slot);
}

static void expand_one_of(struct vit_expand *x, const struct vit_item *item)
{
	uint64_t allowed = 0;
	uint32_t first = UINT32_MAX, pick;

	for (uint32_t i = 0; i < item->item_count && i < 64; i++) {
		if (!holds(x, item->items[i].when))
			continue;
		allowed |= UINT64_C(1) << i;
		if (first == UINT32_MAX)
			first = i;
	}
	if (first == UINT32_MAX)
		return;
	pick = first;
	if (x->choose && (allowed & (allowed - 1)))
		pick = x->choose(x->choose_ctx, x, item, allowed);
	expand_loops(x, &item->items[pick], 0);
}

/* Bounded: the loader limits the nesting of groups and loops. */
static void expand_items(struct vit_expand *x, const struct vit_item *items, uint32_t count)
{
	for (uint32_t i = 0; i < count && !x->stop; i++) {
		switch (items[i].kind) {
		case VIT_ITEM_TENSOR:
			expand_tensor(x, &items[i]);
			break;
		case VIT_ITEM_GROUP:
			expand_loops(x, &items[i], 0);
			break;
		case VIT_ITEM_ONE_OF:
			expand_one_of(x, &items[i]);
			break;
		}
	}
}

bool vit_expand_run(struct vit_expand *x)
{
	x->n = 0;
	x->steps = x->tensors = 0;
	x->stop = false;
	x->loop_depth = 0;
	expand_items(x, x->body->items, x->body->item_count);
	return !x->stop;
}

void vit_expand_group(struct vit_expand *x, const struct vit_item *group,
		      bool (*visit)(void *ctx, const struct vit_want *w), void *ctx)
{
	bool (*old_visit)(void *, const struct vit_want *) = x->visit;
	void (*old_layer)(void *, int64_t, bool) = x->layer;
	void *old_ctx = x->ctx;
	bool old_incomplete = x->incomplete;
	uint32_t old_steps = x->steps, old_tensors = x->tensors;

	x->visit = visit;
	x->layer = NULL;
	x->ctx = ctx;
	expand_loops(x, group, 0);
	x->visit = old_visit;
	x->layer = old_layer;
	x->ctx = old_ctx;
	x->incomplete = old_incomplete;
	x->steps = old_steps;
	x->tensors = old_tensors;
	x->stop = false;
}
