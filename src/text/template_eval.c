#include "text/template_eval.h"

/* Expressions. One function for each kind of node, found by table. */

static bool eval_const(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	(void)e;
	*out = n->value;
	return true;
}

static bool eval_name(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	*out = *vit_tpl_slot(e, n->ref);
	if (out->type == VIT_TV_MISSING)
		*out = vit_tpl_undefined_name(e, n->name);
	return !e->stopped;
}

static bool eval_items(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	struct vit_tval *items = vit_tpl_items(e, n->count);
	if (!items)
		return false;
	for (uint32_t i = 0; i < n->count; i++)
		if (!vit_tpl_evaluate(e, n->items[i], &items[i]))
			return false;
	*out = vit_tval_list(items, n->count);
	if (n->kind == VIT_TPL_TUPLE)
		out->type = VIT_TV_TUPLE;
	return true;
}

static bool eval_dict(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	*out = vit_tval_dict(e->scratch, n->count / 2);
	for (uint32_t i = 0; i + 1 < n->count; i += 2) {
		struct vit_tval key, value;
		if (!vit_tpl_evaluate(e, n->items[i], &key) ||
		    !vit_tpl_evaluate(e, n->items[i + 1], &value) ||
		    !vit_tpl_dict_put(e, out->dict, &key, &value))
			return false;
	}
	return true;
}

static bool eval_getattr(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	struct vit_tval on;
	if (!vit_tpl_evaluate(e, n->a, &on))
		return false;
	e->line = n->line;
	return vit_tpl_getattr(e, &on, n->name, out);
}

static bool eval_getitem(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	struct vit_tval on, key;
	if (!vit_tpl_evaluate(e, n->a, &on))
		return false;
	if (n->b->kind != VIT_TPL_SLICE) {
		if (!vit_tpl_evaluate(e, n->b, &key))
			return false;
		e->line = n->line;
		return vit_tpl_getitem(e, &on, &key, out);
	}
	const struct vit_tpl_node *nodes[3] = { n->b->a, n->b->b, n->b->c };
	struct vit_tval values[3];
	const struct vit_tval *part[3] = { NULL, NULL, NULL };
	for (int i = 0; i < 3; i++) {
		if (!nodes[i])
			continue;
		if (!vit_tpl_evaluate(e, nodes[i], &values[i]))
			return false;
		if (values[i].type == VIT_TV_UNDEFINED)
			return VIT_TPL_FAIL(e, "slice indices must be integers or None or have an "
					       "__index__ method");
		part[i] = &values[i];
	}
	e->line = n->line;
	return vit_tpl_slice(e, &on, part, out);
}

static bool eval_slice(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	(void)n;
	(void)out;
	return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "a slice in this place");
}

/* Adds the items of *args to what is passed. */
static bool pass_star(struct vit_tpl_eval *e, const struct vit_tpl_node *n,
		      struct vit_tpl_passed *out)
{
	struct vit_tval star;
	const struct vit_tval *items;
	uint32_t count;
	if (!vit_tpl_evaluate(e, n, &star) || !vit_tpl_to_items(e, &star, &items, &count))
		return false;
	struct vit_tval *all = vit_tpl_items(e, (size_t)out->count + count);
	if (!all)
		return false;
	if (out->count)
		memcpy(all, out->args, out->count * sizeof(*all));
	if (count)
		memcpy(all + out->count, items, count * sizeof(*all));
	out->args = all;
	out->count += count;
	return true;
}

static bool pass_starstar(struct vit_tpl_eval *e, const struct vit_tpl_node *n,
			  struct vit_tpl_passed *out)
{
	struct vit_tval map;
	if (!vit_tpl_evaluate(e, n, &map))
		return false;
	if (map.type != VIT_TV_DICT)
		return VIT_TPL_FAIL(e, "argument after ** must be a mapping, not %s",
				    vit_tpl_type_name(&map));
	struct vit_tpl_kwarg *all = vit_tpl_alloc(e, (size_t)out->kwarg_count + map.dict->count,
						  sizeof(*all));
	if (!all)
		return false;
	if (out->kwarg_count)
		memcpy(all, out->kwargs, out->kwarg_count * sizeof(*all));
	for (uint32_t i = 0; i < map.dict->count; i++) {
		const struct vit_tpair *m = &map.dict->members[i];
		if (m->key.type != VIT_TV_STR)
			return VIT_TPL_FAIL(e, "keywords must be strings");
		for (uint32_t k = 0; k < out->kwarg_count; k++)
			if (vit_str_eq(all[k].name, vit_tval_text(m->key)))
				return VIT_TPL_FAIL(e, "got multiple values for keyword argument "
						       "'%.*s'", VIT_FMT(all[k].name));
		all[out->kwarg_count + i] = (struct vit_tpl_kwarg){ vit_tval_text(m->key), m->value };
	}
	out->kwargs = all;
	out->kwarg_count += map.dict->count;
	return true;
}

bool vit_tpl_passed(struct vit_tpl_eval *e, const struct vit_tpl_args *args,
		    struct vit_tpl_passed *out)
{
	*out = (struct vit_tpl_passed){ 0 };
	if (args->count) {
		struct vit_tval *values = vit_tpl_items(e, args->count);
		if (!values)
			return false;
		for (uint32_t i = 0; i < args->count; i++)
			if (!vit_tpl_evaluate(e, args->args[i], &values[i]))
				return false;
		out->args = values;
		out->count = args->count;
	}
	if (args->keyword_count) {
		out->kwargs = vit_tpl_alloc(e, args->keyword_count, sizeof(*out->kwargs));
		if (!out->kwargs)
			return false;
		for (uint32_t i = 0; i < args->keyword_count; i++) {
			out->kwargs[i].name = args->keywords[i].name;
			if (!vit_tpl_evaluate(e, args->keywords[i].value, &out->kwargs[i].value))
				return false;
		}
		out->kwarg_count = args->keyword_count;
	}
	if (args->star && !pass_star(e, args->star, out))
		return false;
	return !args->starstar || pass_starstar(e, args->starstar, out);
}

static bool eval_call(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	struct vit_tval f;
	struct vit_tpl_passed passed;
	if (!vit_tpl_evaluate(e, n->a, &f) || !vit_tpl_passed(e, n->args, &passed))
		return false;
	e->line = n->line;
	return vit_tpl_call(e, &f, &passed, out);
}

static bool eval_filter(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	struct vit_tval on;
	struct vit_tpl_passed passed;
	if (!vit_tpl_evaluate(e, n->a, &on) || !vit_tpl_passed(e, n->args, &passed))
		return false;
	e->line = n->line;
	if (!n->filter)
		return VIT_TPL_FAIL(e, "No filter named '%.*s' found.", VIT_FMT(n->name));
	return vit_tpl_apply_filter(e, n->filter, &on, &passed, out);
}

static bool eval_test(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	struct vit_tval on;
	struct vit_tpl_passed passed;
	bool result;
	if (!vit_tpl_evaluate(e, n->a, &on) || !vit_tpl_passed(e, n->args, &passed))
		return false;
	e->line = n->line;
	if (!n->test)
		return VIT_TPL_FAIL(e, "No test named '%.*s' found.", VIT_FMT(n->name));
	if (!vit_tpl_apply_test(e, n->test, &on, &passed, &result))
		return false;
	*out = vit_tval_bool(result);
	return true;
}

static bool eval_binary(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	struct vit_tval a, b;
	if (!vit_tpl_evaluate(e, n->a, &a) || !vit_tpl_evaluate(e, n->b, &b))
		return false;
	e->line = n->line;
	return vit_tpl_arithmetic(e, (enum vit_tpl_op)n->op, &a, &b, out);
}

static bool eval_unary(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	struct vit_tval a;
	if (!vit_tpl_evaluate(e, n->a, &a))
		return false;
	e->line = n->line;
	if (n->op == VIT_TPL_NOT) {
		*out = vit_tval_bool(!vit_tpl_truth(&a));
		return true;
	}
	if (a.type == VIT_TV_UNDEFINED)
		return vit_tpl_stop_undefined(e, &a);
	if (!vit_tpl_is_number(&a))
		return VIT_TPL_FAIL(e, "bad operand type for unary %s: '%s'", vit_tpl_op_text[n->op],
				    vit_tpl_type_name(&a));
	if (a.type == VIT_TV_FLOAT) {
		*out = vit_tval_float(n->op == VIT_TPL_NEG ? -a.number : a.number);
		return true;
	}
	int64_t v = vit_tpl_int(&a);
	if (n->op == VIT_TPL_NEG && __builtin_sub_overflow((int64_t)0, v, &v))
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "integers beyond 64 bits");
	*out = vit_tval_int(v);
	return true;
}

static bool eval_logic(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	if (!vit_tpl_evaluate(e, n->a, out))
		return false;
	if (vit_tpl_truth(out) == (n->op == VIT_TPL_OR))
		return true;
	return vit_tpl_evaluate(e, n->b, out);
}

static bool eval_compare(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	struct vit_tval left, right;
	bool result = true;
	if (!vit_tpl_evaluate(e, n->a, &left))
		return false;
	for (uint32_t i = 0; i < n->count && result; i++) {
		if (!vit_tpl_evaluate(e, n->items[i]->a, &right))
			return false;
		e->line = n->line;
		if (!vit_tpl_compare(e, (enum vit_tpl_op)n->items[i]->op, &left, &right, &result))
			return false;
		left = right;
	}
	*out = vit_tval_bool(result);
	return true;
}

static bool eval_concat(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	/* All are evaluated before any is made text, as Jinja does. */
	struct vit_tval *items = vit_tpl_items(e, n->count);
	struct vit_buf b;
	bool ok = items != NULL;
	for (uint32_t i = 0; ok && i < n->count; i++)
		ok = vit_tpl_evaluate(e, n->items[i], &items[i]);
	if (!ok)
		return false;
	vit_tpl_buf(e, &b);
	for (uint32_t i = 0; ok && i < n->count; i++)
		ok = vit_tpl_add_str(e, &b, &items[i]);
	if (ok)
		return vit_tpl_take_str(e, &b, out);
	vit_buf_release(&b);
	return false;
}

static bool eval_cond(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	struct vit_tval test;
	if (!vit_tpl_evaluate(e, n->a, &test))
		return false;
	if (vit_tpl_truth(&test))
		return vit_tpl_evaluate(e, n->b, out);
	if (n->c)
		return vit_tpl_evaluate(e, n->c, out);
	e->line = n->line;
	*out = vit_tpl_undefined_hint(e, "the inline if-expression evaluated to false and no else "
					 "section was defined.");
	return !e->stopped;
}

bool vit_tpl_evaluate(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	static bool (*const by_kind[])(struct vit_tpl_eval *, const struct vit_tpl_node *,
				       struct vit_tval *) = {
		[VIT_TPL_CONST] = eval_const, [VIT_TPL_NAME] = eval_name,
		[VIT_TPL_NSREF] = eval_name, [VIT_TPL_TUPLE] = eval_items,
		[VIT_TPL_LIST] = eval_items, [VIT_TPL_DICT] = eval_dict,
		[VIT_TPL_GETATTR] = eval_getattr, [VIT_TPL_GETITEM] = eval_getitem,
		[VIT_TPL_SLICE] = eval_slice, [VIT_TPL_CALL] = eval_call,
		[VIT_TPL_FILTER] = eval_filter, [VIT_TPL_TEST] = eval_test,
		[VIT_TPL_BINARY] = eval_binary, [VIT_TPL_UNARY] = eval_unary,
		[VIT_TPL_LOGIC] = eval_logic, [VIT_TPL_COMPARE] = eval_compare,
		[VIT_TPL_COMPARED] = eval_slice, [VIT_TPL_CONCAT] = eval_concat,
		[VIT_TPL_COND] = eval_cond,
	};
	if (!vit_tpl_step(e, 1))
		return false;
	if (e->depth == 0)
		return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "evaluation nests deeper than allowed");
	e->depth--;
	bool ok = by_kind[n->kind](e, n, out);
	e->depth++;
	return ok;
}

/* --- assignment --- */

static bool unpack(struct vit_tpl_eval *e, const struct vit_tpl_node *target,
		   const struct vit_tval *v)
{
	const struct vit_tval *items;
	uint32_t n;
	if (v->type == VIT_TV_UNDEFINED || !vit_tpl_to_items(e, v, &items, &n)) {
		if (v->type == VIT_TV_UNDEFINED) {
			n = 0;
			items = NULL;
		} else {
			if (e->result->outcome == VIT_TEMPLATE_ERROR)
				e->result->message = vit_arena_printf(e->scratch,
					"cannot unpack non-iterable %s object", vit_tpl_type_name(v));
			return false;
		}
	}
	if (n < target->count)
		return VIT_TPL_FAIL(e, "not enough values to unpack (expected %u, got %u)",
				    target->count, n);
	if (n > target->count)
		return VIT_TPL_FAIL(e, "too many values to unpack (expected %u)", target->count);
	for (uint32_t i = 0; i < n; i++)
		if (!vit_tpl_assign(e, target->items[i], &items[i]))
			return false;
	return true;
}

bool vit_tpl_assign(struct vit_tpl_eval *e, const struct vit_tpl_node *target,
		    const struct vit_tval *v)
{
	if (target->kind == VIT_TPL_NAME) {
		*vit_tpl_slot(e, target->ref) = *v;
		return true;
	}
	if (target->kind == VIT_TPL_TUPLE)
		return unpack(e, target, v);
	const struct vit_tval *ns = vit_tpl_slot(e, target->ref);
	struct vit_tval key = vit_tval_str(target->text);
	if (ns->type != VIT_TV_NAMESPACE)
		return VIT_TPL_FAIL(e, "cannot assign attribute on non-namespace object");
	return vit_tpl_dict_put(e, ns->dict, &key, v);
}
