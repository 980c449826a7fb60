#include "text/template_private.h"

#include "text/template_tables.h"

/*
 * Expressions, with the precedence that Jinja gives them (it is not Python's:
 * `~` binds tighter than `+`, `**` is left-associative and a sign binds
 * tighter than it).
 */

static struct vit_tpl_node *pass(struct vit_tpl_parser *p, unsigned options);

/* Enters one level of recursion; leave it with p->depth--. */
static bool enter(struct vit_tpl_parser *p)
{
	if (p->depth >= VIT_TPL_DEPTH) {
		vit_tpl_fault(p, vit_tpl_current(p)->line, "expressions nest more than %d deep",
			      VIT_TPL_DEPTH);
		return false;
	}
	p->depth++;
	return true;
}

static void *collect(struct vit_tpl_parser *p, struct vit_vec *v, uint32_t *count)
{
	size_t n;
	void *all = vit_vec_take(v, p->arena, &n);
	*count = (uint32_t)n;
	return all;
}

static bool push(struct vit_vec *v, struct vit_tpl_node *n)
{
	if (n)
		*(struct vit_tpl_node **)vit_vec_add(v) = n;
	return n != NULL;
}

static struct vit_tpl_node *unary_of(struct vit_tpl_parser *p, enum vit_tpl_op op, uint32_t line,
				     struct vit_tpl_node *a)
{
	if (!a)
		return NULL;
	struct vit_tpl_node *n = vit_tpl_node(p, VIT_TPL_UNARY, line);
	n->op = (uint8_t)op;
	n->a = a;
	return vit_tpl_deepen(p, n);
}

static struct vit_tpl_node *binary_of(struct vit_tpl_parser *p, enum vit_tpl_kind kind,
				      enum vit_tpl_op op, uint32_t line, struct vit_tpl_node *a,
				      struct vit_tpl_node *b)
{
	if (!a || !b)
		return NULL;
	struct vit_tpl_node *n = vit_tpl_node(p, kind, line);
	n->op = (uint8_t)op;
	n->a = a;
	n->b = b;
	return vit_tpl_deepen(p, n);
}

/* --- literals and names --- */

static struct vit_tpl_node *list_of(struct vit_tpl_parser *p)
{
	struct vit_tpl_node *n = vit_tpl_node(p, VIT_TPL_LIST, vit_tpl_current(p)->line);
	struct vit_vec items = VIT_VEC(sizeof(struct vit_tpl_node *));
	vit_tpl_advance(p);
	while (!vit_tpl_is_op(p, VIT_TPL_RBRACKET) && !p->failed) {
		if (items.count && !vit_tpl_expect_op(p, VIT_TPL_COMMA))
			break;
		if (vit_tpl_is_op(p, VIT_TPL_RBRACKET) || !push(&items, vit_tpl_expression(p, 0)))
			break;
	}
	n->items = collect(p, &items, &n->count);
	return vit_tpl_expect_op(p, VIT_TPL_RBRACKET) ? vit_tpl_deepen(p, n) : NULL;
}

static struct vit_tpl_node *dict_of(struct vit_tpl_parser *p)
{
	struct vit_tpl_node *n = vit_tpl_node(p, VIT_TPL_DICT, vit_tpl_current(p)->line);
	struct vit_vec items = VIT_VEC(sizeof(struct vit_tpl_node *));
	vit_tpl_advance(p);
	while (!vit_tpl_is_op(p, VIT_TPL_RBRACE) && !p->failed) {
		if (items.count && !vit_tpl_expect_op(p, VIT_TPL_COMMA))
			break;
		if (vit_tpl_is_op(p, VIT_TPL_RBRACE))
			break;
		if (!push(&items, vit_tpl_expression(p, 0)) ||
		    !vit_tpl_expect_op(p, VIT_TPL_COLON) || !push(&items, vit_tpl_expression(p, 0)))
			break;
	}
	n->items = collect(p, &items, &n->count);
	return vit_tpl_expect_op(p, VIT_TPL_RBRACE) ? vit_tpl_deepen(p, n) : NULL;
}

static struct vit_tpl_node *constant(struct vit_tpl_parser *p, uint32_t line, struct vit_tval v)
{
	struct vit_tpl_node *n = vit_tpl_node(p, VIT_TPL_CONST, line);
	n->value = v;
	return n;
}

static struct vit_tpl_node *name_of(struct vit_tpl_parser *p, unsigned options)
{
	const struct vit_tpl_token *t = vit_tpl_current(p);
	struct vit_str s = t->text;
	vit_tpl_advance(p);
	if (vit_str_is(s, "true") || vit_str_is(s, "True"))
		return constant(p, t->line, vit_tval_bool(true));
	if (vit_str_is(s, "false") || vit_str_is(s, "False"))
		return constant(p, t->line, vit_tval_bool(false));
	if (vit_str_is(s, "none") || vit_str_is(s, "None"))
		return constant(p, t->line, vit_tval_none());
	bool ns = (options & VIT_TPL_NAMESPACE) && vit_tpl_skip_op(p, VIT_TPL_DOT);
	struct vit_tpl_node *n = vit_tpl_node(p, ns ? VIT_TPL_NSREF : VIT_TPL_NAME, t->line);
	n->name = s;
	if (ns && !vit_tpl_expect_name(p, &n->text))
		return NULL;
	return n;
}

/* Strings that stand side by side are one. */
static struct vit_tpl_node *string_of(struct vit_tpl_parser *p)
{
	const struct vit_tpl_token *t = vit_tpl_current(p);
	struct vit_str s = t->text;
	vit_tpl_advance(p);
	if (vit_tpl_current(p)->type == VIT_TPL_T_STRING) {
		struct vit_buf b;
		vit_buf_init(&b, VIT_TEMPLATE_MAX * 8);
		vit_buf_str(&b, s);
		for (; vit_tpl_current(p)->type == VIT_TPL_T_STRING; vit_tpl_advance(p))
			vit_buf_str(&b, vit_tpl_current(p)->text);
		s = vit_arena_str(p->arena, vit_buf_view(&b));
		vit_buf_release(&b);
	}
	return constant(p, t->line, vit_tval_str(s));
}

static struct vit_tpl_node *primary(struct vit_tpl_parser *p, unsigned options)
{
	const struct vit_tpl_token *t = vit_tpl_current(p);
	struct vit_tpl_node *n = NULL;
	if (t->type == VIT_TPL_T_NAME)
		return name_of(p, options);
	if (t->type == VIT_TPL_T_STRING)
		return string_of(p);
	if (t->type == VIT_TPL_T_INTEGER || t->type == VIT_TPL_T_FLOAT) {
		vit_tpl_advance(p);
		return constant(p, t->line, t->value);
	}
	if (!enter(p))
		return NULL;
	if (vit_tpl_skip_op(p, VIT_TPL_LPAREN)) {
		n = vit_tpl_tuple(p, VIT_TPL_PARENTHESES, NULL);
		if (n && !vit_tpl_expect_op(p, VIT_TPL_RPAREN))
			n = NULL;
	} else if (vit_tpl_is_op(p, VIT_TPL_LBRACKET)) {
		n = list_of(p);
	} else if (vit_tpl_is_op(p, VIT_TPL_LBRACE)) {
		n = dict_of(p);
	} else {
		vit_tpl_fault(p, t->line, "unexpected %s", vit_tpl_describe(p, t));
	}
	p->depth--;
	return n;
}

/* --- subscripts, calls, filters, tests --- */

/* One item between the brackets: an expression or a slice. */
static struct vit_tpl_node *subscribed(struct vit_tpl_parser *p)
{
	uint32_t line = vit_tpl_current(p)->line;
	struct vit_tpl_node *part[3] = { NULL, NULL, NULL };
	if (!vit_tpl_is_op(p, VIT_TPL_COLON)) {
		part[0] = vit_tpl_expression(p, 0);
		if (!part[0] || !vit_tpl_is_op(p, VIT_TPL_COLON))
			return part[0];
	}
	for (int i = 1; i < 3 && vit_tpl_skip_op(p, VIT_TPL_COLON); i++)
		if (!vit_tpl_is_op(p, VIT_TPL_COLON) && !vit_tpl_is_op(p, VIT_TPL_RBRACKET) &&
		    !vit_tpl_is_op(p, VIT_TPL_COMMA)) {
			part[i] = vit_tpl_expression(p, 0);
			if (!part[i])
				return NULL;
		}
	struct vit_tpl_node *n = vit_tpl_node(p, VIT_TPL_SLICE, line);
	n->a = part[0];
	n->b = part[1];
	n->c = part[2];
	return vit_tpl_deepen(p, n);
}

static struct vit_tpl_node *subscript(struct vit_tpl_parser *p, struct vit_tpl_node *on)
{
	uint32_t line = vit_tpl_current(p)->line;
	struct vit_tpl_node *n;
	if (vit_tpl_skip_op(p, VIT_TPL_DOT)) {
		const struct vit_tpl_token *t = vit_tpl_current(p);
		vit_tpl_advance(p);
		if (t->type == VIT_TPL_T_NAME) {
			n = vit_tpl_node(p, VIT_TPL_GETATTR, line);
			n->name = t->text;
		} else if (t->type == VIT_TPL_T_INTEGER) {
			n = vit_tpl_node(p, VIT_TPL_GETITEM, line);
			n->b = constant(p, t->line, t->value);
		} else {
			vit_tpl_fault(p, t->line, "expected a name or a number behind the dot");
			return NULL;
		}
		n->a = on;
		return vit_tpl_deepen(p, n);
	}
	vit_tpl_advance(p);
	struct vit_vec items = VIT_VEC(sizeof(struct vit_tpl_node *));
	bool sliced = false;
	while (!vit_tpl_is_op(p, VIT_TPL_RBRACKET) && !p->failed) {
		if (items.count && !vit_tpl_expect_op(p, VIT_TPL_COMMA))
			break;
		struct vit_tpl_node *item = subscribed(p);
		sliced |= item && item->kind == VIT_TPL_SLICE;
		if (!push(&items, item))
			break;
	}
	n = vit_tpl_node(p, VIT_TPL_GETITEM, line);
	n->a = on;
	if (items.count == 1 && !p->failed) {
		n->b = *(struct vit_tpl_node **)vit_vec_at(&items, 0);
		vit_vec_free(&items);
	} else {
		n->b = vit_tpl_node(p, VIT_TPL_TUPLE, line);
		n->b->items = collect(p, &items, &n->b->count);
		if (sliced && !p->failed)
			vit_tpl_fault(p, line, "several slices in one subscript");
	}
	if (!vit_tpl_expect_op(p, VIT_TPL_RBRACKET))
		return NULL;
	vit_tpl_deepen(p, n->b);
	return vit_tpl_deepen(p, n);
}

/* One argument. False after a fault. */
static bool argument(struct vit_tpl_parser *p, struct vit_tpl_args *args, struct vit_vec *list,
		     struct vit_vec *keywords)
{
	uint32_t line = vit_tpl_current(p)->line;
	bool order;
	if (vit_tpl_skip_op(p, VIT_TPL_MUL)) {
		order = !args->star && !args->starstar;
		args->star = vit_tpl_expression(p, 0);
	} else if (vit_tpl_skip_op(p, VIT_TPL_POW)) {
		order = !args->starstar;
		args->starstar = vit_tpl_expression(p, 0);
	} else if (vit_tpl_current(p)->type == VIT_TPL_T_NAME &&
		   p->tokens[p->at + 1].type == VIT_TPL_T_OPERATOR &&
		   p->tokens[p->at + 1].op == VIT_TPL_ASSIGN) {
		order = !args->starstar;
		struct vit_tpl_keyword k = { vit_tpl_current(p)->text, NULL };
		p->at += 2;
		k.value = vit_tpl_expression(p, 0);
		if (!k.value)
			return false;
		*(struct vit_tpl_keyword *)vit_vec_add(keywords) = k;
	} else {
		order = !args->star && !args->starstar && !keywords->count;
		push(list, vit_tpl_expression(p, 0));
	}
	if (!order)
		vit_tpl_fault(p, line, "arguments of a call are in the wrong order");
	return !p->failed;
}

static struct vit_tpl_args *arguments(struct vit_tpl_parser *p)
{
	struct vit_tpl_args *args = VIT_NEW(p->arena, struct vit_tpl_args);
	struct vit_vec list = VIT_VEC(sizeof(struct vit_tpl_node *));
	struct vit_vec keywords = VIT_VEC(sizeof(struct vit_tpl_keyword));
	vit_tpl_advance(p);
	bool comma = false;
	while (!vit_tpl_is_op(p, VIT_TPL_RPAREN) && !p->failed) {
		if (comma && (!vit_tpl_expect_op(p, VIT_TPL_COMMA) ||
			      vit_tpl_is_op(p, VIT_TPL_RPAREN)))
			break;
		comma = true;
		if (!argument(p, args, &list, &keywords))
			break;
	}
	args->args = collect(p, &list, &args->count);
	args->keywords = collect(p, &keywords, &args->keyword_count);
	return !p->failed && vit_tpl_expect_op(p, VIT_TPL_RPAREN) ? args : NULL;
}

static struct vit_tpl_node *call(struct vit_tpl_parser *p, struct vit_tpl_node *on)
{
	struct vit_tpl_node *n = vit_tpl_node(p, VIT_TPL_CALL, vit_tpl_current(p)->line);
	n->a = on;
	n->args = arguments(p);
	return n->args ? vit_tpl_deepen(p, n) : NULL;
}

static struct vit_tpl_node *postfix(struct vit_tpl_parser *p, struct vit_tpl_node *n)
{
	while (n) {
		if (vit_tpl_is_op(p, VIT_TPL_DOT) || vit_tpl_is_op(p, VIT_TPL_LBRACKET))
			n = subscript(p, n);
		else if (vit_tpl_is_op(p, VIT_TPL_LPAREN))
			n = call(p, n);
		else
			break;
	}
	return n;
}

/* A name with dots, as filters and tests have. */
static bool dotted(struct vit_tpl_parser *p, struct vit_str *out)
{
	if (!vit_tpl_expect_name(p, out))
		return false;
	while (vit_tpl_skip_op(p, VIT_TPL_DOT)) {
		struct vit_str more;
		if (!vit_tpl_expect_name(p, &more))
			return false;
		*out = vit_arena_printf(p->arena, "%.*s.%.*s", VIT_FMT(*out), VIT_FMT(more));
	}
	return true;
}

struct vit_tpl_node *vit_tpl_filters(struct vit_tpl_parser *p, struct vit_tpl_node *on, bool start)
{
	while (start || vit_tpl_is_op(p, VIT_TPL_PIPE)) {
		if (!start)
			vit_tpl_advance(p);
		start = false;
		struct vit_tpl_node *n = vit_tpl_node(p, VIT_TPL_FILTER, vit_tpl_current(p)->line);
		if (!dotted(p, &n->name))
			return NULL;
		n->filter = vit_tpl_find_filter(n->name);
		n->a = on;
		n->args = vit_tpl_is_op(p, VIT_TPL_LPAREN) ? arguments(p) :
							    VIT_NEW(p->arena, struct vit_tpl_args);
		if (!n->args)
			return NULL;
		on = vit_tpl_deepen(p, n);
		if (!on)
			return NULL;
	}
	return on;
}

static bool begins_argument(const struct vit_tpl_parser *p)
{
	const struct vit_tpl_token *t = vit_tpl_current(p);
	if (t->type == VIT_TPL_T_NAME)
		return !vit_str_is(t->text, "else") && !vit_str_is(t->text, "or") &&
		       !vit_str_is(t->text, "and");
	return t->type == VIT_TPL_T_STRING || t->type == VIT_TPL_T_INTEGER ||
	       t->type == VIT_TPL_T_FLOAT || vit_tpl_is_op(p, VIT_TPL_LBRACKET) ||
	       vit_tpl_is_op(p, VIT_TPL_LBRACE);
}

static struct vit_tpl_node *test(struct vit_tpl_parser *p, struct vit_tpl_node *on)
{
	struct vit_tpl_node *n = vit_tpl_node(p, VIT_TPL_TEST, vit_tpl_current(p)->line);
	vit_tpl_advance(p);
	bool negated = vit_tpl_skip_name(p, "not");
	if (!dotted(p, &n->name))
		return NULL;
	n->test = vit_tpl_find_test(n->name);
	n->a = on;
	if (vit_tpl_is_op(p, VIT_TPL_LPAREN)) {
		n->args = arguments(p);
	} else {
		n->args = VIT_NEW(p->arena, struct vit_tpl_args);
		if (begins_argument(p)) {
			if (vit_tpl_is_name(p, "is")) {
				vit_tpl_fault(p, vit_tpl_current(p)->line,
					      "tests with 'is' cannot be chained");
				return NULL;
			}
			n->args->args = VIT_NEW_ARRAY(p->arena, 1, struct vit_tpl_node *);
			n->args->count = 1;
			n->args->args[0] = postfix(p, primary(p, 0));
			if (!n->args->args[0])
				return NULL;
		}
	}
	if (!n->args || !vit_tpl_deepen(p, n))
		return NULL;
	return negated ? unary_of(p, VIT_TPL_NOT, n->line, n) : n;
}

static struct vit_tpl_node *filter_expr(struct vit_tpl_parser *p, struct vit_tpl_node *n)
{
	while (n) {
		if (vit_tpl_is_op(p, VIT_TPL_PIPE))
			n = vit_tpl_filters(p, n, false);
		else if (vit_tpl_is_name(p, "is"))
			n = test(p, n);
		else if (vit_tpl_is_op(p, VIT_TPL_LPAREN))
			n = call(p, n);
		else
			break;
	}
	return n;
}

/* --- operators --- */

static struct vit_tpl_node *unary(struct vit_tpl_parser *p, bool filters)
{
	uint32_t line = vit_tpl_current(p)->line;
	struct vit_tpl_node *n;
	bool minus = vit_tpl_is_op(p, VIT_TPL_SUB);
	if (minus || vit_tpl_is_op(p, VIT_TPL_ADD)) {
		if (!enter(p))
			return NULL;
		vit_tpl_advance(p);
		n = unary_of(p, minus ? VIT_TPL_NEG : VIT_TPL_POS, line, unary(p, false));
		p->depth--;
	} else {
		n = primary(p, 0);
	}
	n = postfix(p, n);
	return filters ? filter_expr(p, n) : n;
}

static struct vit_tpl_node *power(struct vit_tpl_parser *p)
{
	uint32_t line = vit_tpl_current(p)->line;
	struct vit_tpl_node *n = unary(p, true);
	while (n && vit_tpl_skip_op(p, VIT_TPL_POW))
		n = binary_of(p, VIT_TPL_BINARY, VIT_TPL_POW, line, n, unary(p, true));
	return n;
}

static struct vit_tpl_node *product(struct vit_tpl_parser *p)
{
	uint32_t line = vit_tpl_current(p)->line;
	struct vit_tpl_node *n = power(p);
	while (n && (vit_tpl_is_op(p, VIT_TPL_MUL) || vit_tpl_is_op(p, VIT_TPL_DIV) ||
		     vit_tpl_is_op(p, VIT_TPL_FLOORDIV) || vit_tpl_is_op(p, VIT_TPL_MOD))) {
		enum vit_tpl_op op = vit_tpl_current(p)->op;
		vit_tpl_advance(p);
		n = binary_of(p, VIT_TPL_BINARY, op, line, n, power(p));
	}
	return n;
}

static struct vit_tpl_node *concat(struct vit_tpl_parser *p)
{
	uint32_t line = vit_tpl_current(p)->line;
	struct vit_tpl_node *first = product(p);
	if (!first || !vit_tpl_is_op(p, VIT_TPL_TILDE))
		return first;
	struct vit_tpl_node *n = vit_tpl_node(p, VIT_TPL_CONCAT, line);
	struct vit_vec items = VIT_VEC(sizeof(struct vit_tpl_node *));
	push(&items, first);
	while (!p->failed && vit_tpl_skip_op(p, VIT_TPL_TILDE))
		push(&items, product(p));
	n->items = collect(p, &items, &n->count);
	return p->failed ? NULL : vit_tpl_deepen(p, n);
}

static struct vit_tpl_node *sum(struct vit_tpl_parser *p)
{
	uint32_t line = vit_tpl_current(p)->line;
	struct vit_tpl_node *n = concat(p);
	while (n && (vit_tpl_is_op(p, VIT_TPL_ADD) || vit_tpl_is_op(p, VIT_TPL_SUB))) {
		enum vit_tpl_op op = vit_tpl_current(p)->op;
		vit_tpl_advance(p);
		n = binary_of(p, VIT_TPL_BINARY, op, line, n, concat(p));
	}
	return n;
}

/* Takes a comparison operator; false when there is none. */
static bool comparison(struct vit_tpl_parser *p, enum vit_tpl_op *op)
{
	const struct vit_tpl_token *t = vit_tpl_current(p);
	if (t->type == VIT_TPL_T_OPERATOR && t->op >= VIT_TPL_EQ && t->op <= VIT_TPL_LE) {
		*op = t->op;
		vit_tpl_advance(p);
		return true;
	}
	if (vit_tpl_skip_name(p, "in")) {
		*op = VIT_TPL_IN;
		return true;
	}
	if (vit_tpl_is_name(p, "not") && p->tokens[p->at + 1].type == VIT_TPL_T_NAME &&
	    vit_str_is(p->tokens[p->at + 1].text, "in")) {
		p->at += 2;
		*op = VIT_TPL_NOTIN;
		return true;
	}
	return false;
}

static struct vit_tpl_node *compare(struct vit_tpl_parser *p)
{
	uint32_t line = vit_tpl_current(p)->line;
	struct vit_tpl_node *first = sum(p);
	enum vit_tpl_op op;
	if (!first || !comparison(p, &op))
		return first;
	struct vit_tpl_node *n = vit_tpl_node(p, VIT_TPL_COMPARE, line);
	struct vit_vec items = VIT_VEC(sizeof(struct vit_tpl_node *));
	n->a = first;
	do {
		struct vit_tpl_node *item = vit_tpl_node(p, VIT_TPL_COMPARED, line);
		item->op = (uint8_t)op;
		item->a = sum(p);
		if (!item->a)
			break;
		push(&items, vit_tpl_deepen(p, item));
	} while (!p->failed && comparison(p, &op));
	n->items = collect(p, &items, &n->count);
	return p->failed ? NULL : vit_tpl_deepen(p, n);
}

static struct vit_tpl_node *negation(struct vit_tpl_parser *p)
{
	uint32_t line = vit_tpl_current(p)->line;
	if (!vit_tpl_is_name(p, "not"))
		return compare(p);
	if (!enter(p))
		return NULL;
	vit_tpl_advance(p);
	struct vit_tpl_node *n = unary_of(p, VIT_TPL_NOT, line, negation(p));
	p->depth--;
	return n;
}

static struct vit_tpl_node *conjunction(struct vit_tpl_parser *p)
{
	uint32_t line = vit_tpl_current(p)->line;
	struct vit_tpl_node *n = negation(p);
	while (n && vit_tpl_skip_name(p, "and"))
		n = binary_of(p, VIT_TPL_LOGIC, VIT_TPL_AND, line, n, negation(p));
	return n;
}

static struct vit_tpl_node *disjunction(struct vit_tpl_parser *p)
{
	uint32_t line = vit_tpl_current(p)->line;
	struct vit_tpl_node *n = conjunction(p);
	while (n && vit_tpl_skip_name(p, "or"))
		n = binary_of(p, VIT_TPL_LOGIC, VIT_TPL_OR, line, n, conjunction(p));
	return n;
}

static struct vit_tpl_node *conditional(struct vit_tpl_parser *p)
{
	uint32_t line = vit_tpl_current(p)->line;
	struct vit_tpl_node *n = disjunction(p);
	while (n && vit_tpl_skip_name(p, "if")) {
		struct vit_tpl_node *cond = vit_tpl_node(p, VIT_TPL_COND, line);
		cond->b = n;
		cond->a = disjunction(p);
		if (!cond->a)
			return NULL;
		if (vit_tpl_skip_name(p, "else")) {
			if (!enter(p))
				return NULL;
			cond->c = conditional(p);
			p->depth--;
			if (!cond->c)
				return NULL;
		}
		n = vit_tpl_deepen(p, cond);
	}
	return n;
}

struct vit_tpl_node *vit_tpl_expression(struct vit_tpl_parser *p, unsigned options)
{
	if (!enter(p))
		return NULL;
	struct vit_tpl_node *n = options & VIT_TPL_NO_COND ? disjunction(p) : conditional(p);
	p->depth--;
	return n;
}

static struct vit_tpl_node *pass(struct vit_tpl_parser *p, unsigned options)
{
	return options & VIT_TPL_SIMPLE ? primary(p, options) : vit_tpl_expression(p, options);
}

struct vit_tpl_node *vit_tpl_tuple(struct vit_tpl_parser *p, unsigned options, const char *end)
{
	uint32_t line = vit_tpl_current(p)->line;
	struct vit_vec items = VIT_VEC(sizeof(struct vit_tpl_node *));
	bool tuple = false;
	for (;;) {
		if (items.count && !vit_tpl_expect_op(p, VIT_TPL_COMMA))
			break;
		const struct vit_tpl_token *t = vit_tpl_current(p);
		if (t->type == VIT_TPL_T_VARIABLE_END || t->type == VIT_TPL_T_BLOCK_END ||
		    vit_tpl_is_op(p, VIT_TPL_RPAREN) || (end && vit_tpl_is_name(p, end)))
			break;
		if (!push(&items, pass(p, options & ~(unsigned)VIT_TPL_PARENTHESES)))
			break;
		if (!vit_tpl_is_op(p, VIT_TPL_COMMA))
			break;
		tuple = true;
	}
	struct vit_tpl_node *n = NULL;
	if (!p->failed && !tuple && items.count) {
		n = *(struct vit_tpl_node **)vit_vec_at(&items, 0);
	} else if (!p->failed && !tuple && !(options & VIT_TPL_PARENTHESES)) {
		vit_tpl_fault(p, vit_tpl_current(p)->line, "expected an expression, got %s",
			      vit_tpl_describe(p, vit_tpl_current(p)));
	} else if (!p->failed) {
		n = vit_tpl_node(p, VIT_TPL_TUPLE, line);
		n->items = collect(p, &items, &n->count);
		n = vit_tpl_deepen(p, n);
	}
	vit_vec_free(&items);
	return n;
}
