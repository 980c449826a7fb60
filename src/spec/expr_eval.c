/* Evaluation. Every function returns false once env->fault is set. */
#include "base/buf.h"
#include "base/num.h"
#include "spec/expr.h"

static bool eval(struct vit_env *env, const struct vit_expr *e, uint32_t node,
		 struct vit_value *out);

static struct vit_str source_of(const struct vit_expr *e, const struct vit_node *n)
{
	return vit_str_sub(e->text, n->from, n->to);
}

/* The configuration path behind a node that is nothing but a name, else empty. */
static struct vit_str field_of(struct vit_env *env, const struct vit_node *n)
{
	if (n->op == VIT_OP_PATH)
		return env->path_cache[n->a].where;
	if (n->op == VIT_OP_VAR && n->c != VIT_NO_NODE)
		return env->path_cache[n->c].where;
	return VIT_STR_EMPTY;
}

static const char *kind_name(const struct vit_value *v)
{
	switch (v->kind) {
	case VIT_V_NULL:
		return "null";
	case VIT_V_BOOL:
		return "a boolean";
	case VIT_V_INT:
		return "an integer";
	case VIT_V_DOUBLE:
		return "a fraction";
	case VIT_V_STRING:
		return "a text";
	case VIT_V_JSON:
		return v->u.json->kind == VIT_JSON_K_ARRAY ? "a list" : "an object";
	case VIT_V_SIZES:
		return "a list";
	}
	return "null";
}

/* An operand that should have been `wanted`. */
static bool wrong_kind(struct vit_env *env, const struct vit_expr *e, const struct vit_node *n,
		       const struct vit_value *v, const char *wanted)
{
	struct vit_str name = source_of(e, n), field = field_of(env, n);

	if (v->kind == VIT_V_NULL)
		return vit_env_fault(env, VIT_EF_ABSENT, field.n ? field : name,
				     "%.*s is absent", VIT_FMT(name));
	return vit_env_fault(env, VIT_EF_TYPE, field, "%.*s is %s where %s is needed",
			     VIT_FMT(name), kind_name(v), wanted);
}

/* "a / b = 2880 / 63" for messages about an operation. */
static void operation_text(struct vit_buf *out, const struct vit_expr *e,
			   const struct vit_node *n, int64_t a, int64_t b, const char *sign)
{
	vit_buf_printf(out, "%.*s = %lld %s %lld", VIT_FMT(source_of(e, n)), (long long)a, sign,
		       (long long)b);
}

static bool arithmetic_fault(struct vit_env *env, const struct vit_expr *e,
			     const struct vit_node *n, int64_t a, int64_t b, const char *sign,
			     const char *what)
{
	struct vit_buf text;

	vit_buf_init(&text, 400);
	operation_text(&text, e, n, a, b, sign);
	vit_env_fault(env, VIT_EF_ARITHMETIC, VIT_STR_EMPTY, "%s %s", text.p, what);
	vit_buf_release(&text);
	return false;
}

static bool divide(struct vit_env *env, const struct vit_expr *e, const struct vit_node *n,
		   int64_t a, int64_t b, int64_t *out)
{
	char what[64] = "leaves a remainder of ";
	char num[VIT_FMT_NUM];
	size_t at = strlen(what);

	if (b == 0)
		return arithmetic_fault(env, e, n, a, b, "/", "divides by zero");
	if (a == INT64_MIN && b == -1)
		return arithmetic_fault(env, e, n, a, b, "/", "overflows");
	if (a % b == 0) {
		*out = a / b;
		return true;
	}
	vit_fmt_i64(a % b, num);
	memcpy(what + at, num, strlen(num) + 1);
	return arithmetic_fault(env, e, n, a, b, "/", what);
}

static bool remainder_of(struct vit_env *env, const struct vit_expr *e, const struct vit_node *n,
			 int64_t a, int64_t b, int64_t *out)
{
	if (b == 0)
		return arithmetic_fault(env, e, n, a, b, "%", "divides by zero");
	*out = b == -1 ? 0 : a % b;
	return true;
}

/* ceil(a, b) and floor(a, b): the quotient towards plus or minus infinity. */
static bool rounded(struct vit_env *env, const struct vit_expr *e, const struct vit_node *n,
		    int64_t a, int64_t b, int64_t *out)
{
	int64_t quotient;
	bool up = n->op == VIT_OP_CEIL;

	if (b == 0)
		return arithmetic_fault(env, e, n, a, b, "/", "divides by zero");
	if (a == INT64_MIN && b == -1)
		return arithmetic_fault(env, e, n, a, b, "/", "overflows");
	quotient = a / b;
	if (a % b != 0) {
		bool positive = (a < 0) == (b < 0);

		if (up && positive)
			quotient++;
		if (!up && !positive)
			quotient--;
	}
	*out = quotient;
	return true;
}

static bool operand_int(struct vit_env *env, const struct vit_expr *e, uint32_t node,
			int64_t *out)
{
	struct vit_value v;

	if (!eval(env, e, node, &v))
		return false;
	if (v.kind != VIT_V_INT)
		return wrong_kind(env, e, &e->nodes[node], &v, "an integer");
	*out = v.u.i64;
	return true;
}

static bool overflow(struct vit_env *env, const struct vit_expr *e, const struct vit_node *n,
		     int64_t a, int64_t b, const char *sign)
{
	return arithmetic_fault(env, e, n, a, b, sign, "overflows");
}

static bool eval_arithmetic(struct vit_env *env, const struct vit_expr *e,
			    const struct vit_node *n, struct vit_value *out)
{
	int64_t a = 0, b = 0, v = 0;
	bool ok;

	if (!operand_int(env, e, n->a, &a) || !operand_int(env, e, n->b, &b))
		return false;
	if (n->op == VIT_OP_ADD)
		ok = vit_add_i64(a, b, &v) || overflow(env, e, n, a, b, "+");
	else if (n->op == VIT_OP_SUB)
		ok = vit_sub_i64(a, b, &v) || overflow(env, e, n, a, b, "-");
	else if (n->op == VIT_OP_MUL)
		ok = vit_mul_i64(a, b, &v) || overflow(env, e, n, a, b, "*");
	else if (n->op == VIT_OP_DIV)
		ok = divide(env, e, n, a, b, &v);
	else if (n->op == VIT_OP_MOD)
		ok = remainder_of(env, e, n, a, b, &v);
	else if (n->op == VIT_OP_MIN || n->op == VIT_OP_MAX)
		ok = true, v = (a < b) == (n->op == VIT_OP_MIN) ? a : b;
	else
		ok = rounded(env, e, n, a, b, &v);
	*out = (struct vit_value){ .kind = VIT_V_INT, .u.i64 = v };
	return ok;
}

static bool is_number(const struct vit_value *v)
{
	return v->kind == VIT_V_INT || v->kind == VIT_V_DOUBLE;
}

/* -1, 0, 1; 2 when one is no number (NaN). Exact for integers of any size. */
static int compare_numbers(const struct vit_value *a, const struct vit_value *b)
{
	double x, y;

	if (a->kind == VIT_V_INT && b->kind == VIT_V_INT)
		return (a->u.i64 > b->u.i64) - (a->u.i64 < b->u.i64);
	x = a->kind == VIT_V_INT ? (double)a->u.i64 : a->u.number;
	y = b->kind == VIT_V_INT ? (double)b->u.i64 : b->u.number;
	if (x < y)
		return -1;
	if (x > y)
		return 1;
	return x >= y ? 0 : 2;
}

bool vit_value_equal(const struct vit_value *a, const struct vit_value *b)
{
	if (is_number(a) && is_number(b))
		return compare_numbers(a, b) == 0;
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VIT_V_NULL:
		return true;
	case VIT_V_BOOL:
		return a->u.boolean == b->u.boolean;
	case VIT_V_STRING:
		return vit_str_eq(a->u.text, b->u.text);
	case VIT_V_JSON:
		return a->u.json == b->u.json;
	case VIT_V_SIZES:
		return a->u.sizes == b->u.sizes && a->count == b->count;
	case VIT_V_INT:
	case VIT_V_DOUBLE:
		break;
	}
	return false;
}

static bool eval_order(struct vit_env *env, const struct vit_expr *e, const struct vit_node *n,
		       struct vit_value *out)
{
	struct vit_value a, b;
	int order;
	bool yes;

	if (!eval(env, e, n->a, &a) || !eval(env, e, n->b, &b))
		return false;
	if (!is_number(&a))
		return wrong_kind(env, e, &e->nodes[n->a], &a, "a number");
	if (!is_number(&b))
		return wrong_kind(env, e, &e->nodes[n->b], &b, "a number");
	order = compare_numbers(&a, &b);
	if (n->op == VIT_OP_LT)
		yes = order == -1;
	else if (n->op == VIT_OP_LE)
		yes = order == -1 || order == 0;
	else if (n->op == VIT_OP_GT)
		yes = order == 1;
	else
		yes = order == 1 || order == 0;
	*out = (struct vit_value){ .kind = VIT_V_BOOL, .u.boolean = yes };
	return true;
}

static bool eval_equality(struct vit_env *env, const struct vit_expr *e,
			  const struct vit_node *n, struct vit_value *out)
{
	struct vit_value a, b;

	if (!eval(env, e, n->a, &a) || !eval(env, e, n->b, &b))
		return false;
	*out = (struct vit_value){ .kind = VIT_V_BOOL,
				   .u.boolean = vit_value_equal(&a, &b) == (n->op == VIT_OP_EQ) };
	return true;
}

static bool sizes_hold(const struct vit_value *list, const struct vit_value *item)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (item->kind == VIT_V_INT && item->u.i64 >= 0 &&
		    (uint64_t)item->u.i64 == list->u.sizes[i])
			return true;
	return false;
}

static bool json_holds(const struct vit_json *list, const struct vit_value *item)
{
	for (uint32_t i = 0; i < list->count; i++) {
		struct vit_value v = vit_value_of_json(&list->children[i]);

		if (list->kind == VIT_JSON_K_OBJECT)
			v = (struct vit_value){ .kind = VIT_V_STRING,
						.u.text = list->children[i].key };
		if (vit_value_equal(&v, item))
			return true;
	}
	return false;
}

static bool eval_in(struct vit_env *env, const struct vit_expr *e, const struct vit_node *n,
		    struct vit_value *out)
{
	struct vit_value item, list;
	bool yes = false;

	if (!eval(env, e, n->a, &item) || !eval(env, e, n->b, &list))
		return false;
	if (list.kind == VIT_V_SIZES)
		yes = sizes_hold(&list, &item);
	else if (list.kind == VIT_V_JSON)
		yes = json_holds(list.u.json, &item);
	else if (list.kind != VIT_V_NULL) /* an absent list holds nothing */
		return wrong_kind(env, e, &e->nodes[n->b], &list, "a list");
	*out = (struct vit_value){ .kind = VIT_V_BOOL, .u.boolean = yes };
	return true;
}

static bool truth(struct vit_env *env, const struct vit_expr *e, uint32_t node, bool *out)
{
	struct vit_value v;

	if (!eval(env, e, node, &v))
		return false;
	if (v.kind != VIT_V_BOOL && v.kind != VIT_V_NULL)
		return wrong_kind(env, e, &e->nodes[node], &v, "true or false");
	*out = v.kind == VIT_V_BOOL && v.u.boolean;
	return true;
}

static bool eval_logic(struct vit_env *env, const struct vit_expr *e, const struct vit_node *n,
		       struct vit_value *out)
{
	bool a = false, b = false;

	if (!truth(env, e, n->a, &a))
		return false;
	if (n->op == VIT_OP_NOT)
		b = !a;
	else if (a == (n->op == VIT_OP_OR)) /* decided by the left side */
		b = a;
	else if (!truth(env, e, n->b, &b))
		return false;
	*out = (struct vit_value){ .kind = VIT_V_BOOL, .u.boolean = b };
	return true;
}

static bool eval_choice(struct vit_env *env, const struct vit_expr *e, const struct vit_node *n,
			struct vit_value *out)
{
	bool yes;

	if (n->op == VIT_OP_IF)
		return truth(env, e, n->a, &yes) && eval(env, e, yes ? n->b : n->c, out);
	if (!eval(env, e, n->a, out))
		return false;
	return out->kind != VIT_V_NULL || eval(env, e, n->b, out);
}

static bool index_list(struct vit_env *env, const struct vit_expr *e, const struct vit_node *n,
		       uint64_t count, const struct vit_value *key)
{
	if (key->kind != VIT_V_INT)
		return wrong_kind(env, e, &e->nodes[n->b], key, "an integer");
	if (key->u.i64 < 0 || (uint64_t)key->u.i64 >= count)
		return vit_env_fault(env, VIT_EF_ARITHMETIC, field_of(env, &e->nodes[n->a]),
				     "%.*s has %llu items, item %lld was asked for",
				     VIT_FMT(source_of(e, &e->nodes[n->a])),
				     (unsigned long long)count, (long long)key->u.i64);
	return true;
}

static bool eval_index(struct vit_env *env, const struct vit_expr *e, const struct vit_node *n,
		       struct vit_value *out)
{
	struct vit_value of, key = { .kind = VIT_V_STRING, .u.text = n->u.text };

	if (!eval(env, e, n->a, &of))
		return false;
	if (n->op == VIT_OP_INDEX && !eval(env, e, n->b, &key))
		return false;
	if (of.kind == VIT_V_SIZES && n->op == VIT_OP_INDEX) {
		if (!index_list(env, e, n, of.count, &key))
			return false;
		if (of.u.sizes[key.u.i64] > INT64_MAX)
			return vit_env_fault(env, VIT_EF_ARITHMETIC, VIT_STR_EMPTY,
					     "a size is beyond 2^63");
		*out = (struct vit_value){ .kind = VIT_V_INT,
					   .u.i64 = (int64_t)of.u.sizes[key.u.i64] };
		return true;
	}
	if (of.kind == VIT_V_NULL) { /* a part of nothing is nothing */
		*out = of;
		return true;
	}
	if (of.kind == VIT_V_JSON && of.u.json->kind == VIT_JSON_K_OBJECT &&
	    key.kind == VIT_V_STRING) {
		*out = vit_value_of_json(vit_json_get(of.u.json, key.u.text));
		return true;
	}
	if (of.kind != VIT_V_JSON || of.u.json->kind != VIT_JSON_K_ARRAY || n->op != VIT_OP_INDEX)
		return wrong_kind(env, e, &e->nodes[n->a], &of, "a list or object");
	if (!index_list(env, e, n, of.u.json->count, &key))
		return false;
	*out = vit_value_of_json(&of.u.json->children[key.u.i64]);
	return true;
}

static bool eval_len(struct vit_env *env, const struct vit_expr *e, const struct vit_node *n,
		     struct vit_value *out)
{
	struct vit_value v;
	int64_t count;

	if (!eval(env, e, n->a, &v))
		return false;
	if (v.kind == VIT_V_JSON)
		count = v.u.json->count;
	else if (v.kind == VIT_V_SIZES)
		count = v.count;
	else if (v.kind == VIT_V_STRING)
		count = (int64_t)v.u.text.n;
	else
		return wrong_kind(env, e, &e->nodes[n->a], &v, "a list, object or text");
	*out = (struct vit_value){ .kind = VIT_V_INT, .u.i64 = count };
	return true;
}

static bool eval_dimension(struct vit_env *env, uint32_t i, struct vit_value *out)
{
	struct vit_dim_cache *c = &env->dim_cache[i];
	const struct vit_dimension *d = &env->dimensions[i];
	uint64_t epoch = vit_env_epoch(env, d->vars);

	if (c->epoch != epoch) {
		if (!vit_expr_eval(env, d->expr, &c->value)) {
			c->epoch = 0;
			return false;
		}
		c->epoch = epoch;
	}
	*out = c->value;
	return true;
}

static bool eval_path(struct vit_env *env, uint32_t i, struct vit_value *out)
{
	const struct vit_path_cache *c = vit_env_path(env, i);

	if (c->found || !env->paths[i].otherwise) {
		*out = vit_value_of_json(c->node);
		return true;
	}
	if (!c->has_fallback) {
		struct vit_path_cache *w = &env->path_cache[i];

		if (!vit_expr_eval(env, env->paths[i].otherwise, &w->fallback))
			return false;
		w->has_fallback = true;
		w->by_default = w->fallback.kind != VIT_V_NULL;
	}
	*out = c->fallback;
	return true;
}

static bool eval_var(struct vit_env *env, const struct vit_node *n, struct vit_value *out)
{
	if (env->bound >> n->a & 1) {
		*out = env->vars[n->a];
		return true;
	}
	return n->c == VIT_NO_NODE ? eval_dimension(env, n->b, out) : eval_path(env, n->c, out);
}

static bool eval_negate(struct vit_env *env, const struct vit_expr *e, const struct vit_node *n,
			struct vit_value *out)
{
	struct vit_value v;

	if (!eval(env, e, n->a, &v))
		return false;
	*out = v;
	if (v.kind == VIT_V_DOUBLE) {
		out->u.number = -v.u.number;
		return true;
	}
	if (v.kind != VIT_V_INT)
		return wrong_kind(env, e, &e->nodes[n->a], &v, "a number");
	if (v.u.i64 == INT64_MIN)
		return vit_env_fault(env, VIT_EF_ARITHMETIC, VIT_STR_EMPTY, "%.*s overflows",
				     VIT_FMT(source_of(e, n)));
	out->u.i64 = -v.u.i64;
	return true;
}

static bool eval_class(struct vit_env *env, struct vit_value *out)
{
	const struct vit_json *list = vit_json_get_c(env->top, "architectures");

	*out = (struct vit_value){ .kind = VIT_V_NULL };
	if (list && list->kind == VIT_JSON_K_ARRAY && list->count)
		*out = vit_value_of_json(&list->children[0]);
	return true;
}

static bool eval_leaf(const struct vit_node *n, struct vit_value *out)
{
	*out = (struct vit_value){ .kind = VIT_V_NULL };
	if (n->op == VIT_OP_BOOL) {
		out->kind = VIT_V_BOOL;
		out->u.boolean = n->u.boolean;
	} else if (n->op == VIT_OP_INT) {
		out->kind = VIT_V_INT;
		out->u.i64 = n->u.i64;
	} else if (n->op == VIT_OP_DOUBLE) {
		out->kind = VIT_V_DOUBLE;
		out->u.number = n->u.number;
	} else if (n->op == VIT_OP_STRING) {
		out->kind = VIT_V_STRING;
		out->u.text = n->u.text;
	}
	return true;
}

static bool eval_operation(struct vit_env *env, const struct vit_expr *e,
			   const struct vit_node *n, struct vit_value *out)
{
	switch ((enum vit_op)n->op) {
	case VIT_OP_NULL:
	case VIT_OP_BOOL:
	case VIT_OP_INT:
	case VIT_OP_DOUBLE:
	case VIT_OP_STRING:
		return eval_leaf(n, out);
	case VIT_OP_VAR:
		return eval_var(env, n, out);
	case VIT_OP_DIM:
		return eval_dimension(env, n->a, out);
	case VIT_OP_PATH:
		return eval_path(env, n->a, out);
	case VIT_OP_CLASS:
		return eval_class(env, out);
	case VIT_OP_INDEX:
	case VIT_OP_MEMBER:
		return eval_index(env, e, n, out);
	case VIT_OP_NEG:
		return eval_negate(env, e, n, out);
	case VIT_OP_ADD:
	case VIT_OP_SUB:
	case VIT_OP_MUL:
	case VIT_OP_DIV:
	case VIT_OP_MOD:
	case VIT_OP_MIN:
	case VIT_OP_MAX:
	case VIT_OP_CEIL:
	case VIT_OP_FLOOR:
		return eval_arithmetic(env, e, n, out);
	case VIT_OP_EQ:
	case VIT_OP_NE:
		return eval_equality(env, e, n, out);
	case VIT_OP_LT:
	case VIT_OP_LE:
	case VIT_OP_GT:
	case VIT_OP_GE:
		return eval_order(env, e, n, out);
	case VIT_OP_IN:
		return eval_in(env, e, n, out);
	case VIT_OP_NOT:
	case VIT_OP_AND:
	case VIT_OP_OR:
		return eval_logic(env, e, n, out);
	case VIT_OP_ELSE:
	case VIT_OP_IF:
		return eval_choice(env, e, n, out);
	case VIT_OP_LEN:
		return eval_len(env, e, n, out);
	}
	return false;
}

/* Bounded: the parser limits a tree's height, depth the trees that call each other. */
static bool eval(struct vit_env *env, const struct vit_expr *e, uint32_t node,
		 struct vit_value *out)
{
	bool ok;

	if (env->depth >= VIT_EXPR_MAX_EVAL)
		return vit_env_fault(env, VIT_EF_DEEP, VIT_STR_EMPTY,
				     "%.*s: dimensions and defaults call each other too deeply",
				     VIT_FMT(e->text));
	env->depth++;
	ok = eval_operation(env, e, &e->nodes[node], out);
	env->depth--;
	return ok;
}

bool vit_expr_eval(struct vit_env *env, const struct vit_expr *e, struct vit_value *out)
{
	return eval(env, e, e->count - 1, out);
}

bool vit_expr_size(struct vit_env *env, const struct vit_expr *e, uint64_t *out)
{
	int64_t v = 0;

	if (!operand_int(env, e, e->count - 1, &v))
		return false;
	if (v < 0)
		return vit_env_fault(env, VIT_EF_ARITHMETIC, VIT_STR_EMPTY,
				     "%.*s = %lld is below zero", VIT_FMT(e->text),
				     (long long)v);
	*out = (uint64_t)v;
	return true;
}

bool vit_expr_truth(struct vit_env *env, const struct vit_expr *e, bool *out)
{
	return truth(env, e, e->count - 1, out);
}
