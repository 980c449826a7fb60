#include "base/utf8.h"
#include "spec/expr.h"
#include "spec/expr_lex.h"

struct parser {
	struct vit_arena *arena;
	struct vit_symbols *symbols;
	struct vit_lexer lex;
	struct vit_vec nodes;     /* struct vit_node */
	unsigned nesting;
	struct vit_err *err;
};

static bool parse_expr(struct parser *p, uint32_t *out);

void vit_symbols_init(struct vit_symbols *s)
{
	*s = (struct vit_symbols){
		.dimensions = VIT_VEC(sizeof(struct vit_dimension)),
		.paths = VIT_VEC(sizeof(struct vit_path)),
	};
	vit_map_init(&s->dimension_map, 16);
	vit_map_init(&s->path_map, 32);
}

void vit_symbols_release(struct vit_symbols *s)
{
	vit_vec_free(&s->dimensions);
	vit_vec_free(&s->paths);
	vit_map_release(&s->dimension_map);
	vit_map_release(&s->path_map);
}

uint32_t vit_symbols_var(const struct vit_symbols *s, struct vit_str name)
{
	for (uint32_t i = 0; i < s->var_count; i++)
		if (vit_str_eq(s->vars[i], name))
			return i;
	return VIT_MAX_VARS;
}

uint32_t vit_symbols_path(struct vit_symbols *s, struct vit_arena *a, struct vit_str text)
{
	struct vit_str key;
	struct vit_path *path;
	uint32_t i;

	if (vit_str_starts(text, VIT_STR("config.")))
		text = vit_str_sub(text, 7, text.n);
	i = vit_map_get(&s->path_map, text);
	if (i != VIT_MAP_NONE)
		return i;
	i = (uint32_t)s->paths.count;
	key = vit_arena_str(a, text);
	path = vit_vec_add(&s->paths);
	path->key = key;
	path->text = key;
	if (vit_str_starts(key, VIT_STR("quant."))) {
		path->quant = true;
		path->text = vit_str_sub(key, 6, key.n);
	}
	vit_map_set(&s->path_map, key, i);
	return i;
}

static bool fail(struct parser *p, size_t at, const char *what)
{
	vit_err_at(p->err, VIT_E_SYNTAX, at, "%s", what);
	return false;
}

static bool next(struct parser *p)
{
	return vit_lex_next(&p->lex, p->err) == VIT_OK;
}

static bool is(const struct parser *p, enum vit_tok kind)
{
	return p->lex.now.kind == kind;
}

static bool is_word(const struct parser *p, const char *word)
{
	return is(p, VIT_TOK_NAME) && vit_str_is(p->lex.now.text, word);
}

static bool expect(struct parser *p, enum vit_tok kind, const char *what)
{
	if (!is(p, kind))
		return fail(p, p->lex.now.from, what);
	return next(p);
}

static uint16_t height_of(const struct parser *p, uint32_t node)
{
	return node == VIT_NO_NODE
	       ? (uint16_t)0 : ((const struct vit_node *)vit_vec_at(&p->nodes, node))->height;
}

/* Adds a node over up to three children. */
static bool add(struct parser *p, enum vit_op op, size_t from, const uint32_t child[3],
		uint32_t *out)
{
	struct vit_node *node;
	unsigned height = 0;

	for (int i = 0; i < 3; i++)
		if (height_of(p, child[i]) > height)
			height = height_of(p, child[i]);
	if (p->nodes.count == VIT_EXPR_MAX_NODES)
		return fail(p, from, "more than 1,000 operators and operands");
	if (height == VIT_EXPR_MAX_HEIGHT)
		return fail(p, from, "more than 256 operations in a row");
	*out = (uint32_t)p->nodes.count;
	node = vit_vec_add(&p->nodes);
	node->op = (uint8_t)op;
	node->height = (uint16_t)(height + 1);
	node->from = (uint16_t)from;
	node->to = (uint16_t)p->lex.at;
	node->a = child[0];
	node->b = child[1];
	node->c = child[2];
	return true;
}

/* The text of a node ends where the token before the one looked at ended. */
static bool add_closed(struct parser *p, enum vit_op op, size_t from, uint32_t a, uint32_t b,
		       uint32_t c, uint32_t *out)
{
	size_t to = p->lex.now.from;
	struct vit_node *node;

	if (!add(p, op, from, (const uint32_t[3]){ a, b, c }, out))
		return false;
	while (to > from && strchr(" \t\r\n", p->lex.text.p[to - 1]))
		to--;
	node = vit_vec_at(&p->nodes, *out);
	node->to = (uint16_t)to;
	return true;
}

static bool add_leaf(struct parser *p, enum vit_op op, struct vit_node **node, uint32_t *out)
{
	static const uint32_t none[3] = { VIT_NO_NODE, VIT_NO_NODE, VIT_NO_NODE };

	if (!add(p, op, p->lex.now.from, none, out))
		return false;
	*node = vit_vec_at(&p->nodes, *out);
	(*node)->to = (uint16_t)p->lex.now.to;
	return true;
}

static bool parse_literal(struct parser *p, uint32_t *out)
{
	struct vit_node *node;

	if (is(p, VIT_TOK_INT)) {
		if (!add_leaf(p, VIT_OP_INT, &node, out))
			return false;
		node->u.i64 = p->lex.now.i64;
	} else if (is(p, VIT_TOK_DOUBLE)) {
		if (!add_leaf(p, VIT_OP_DOUBLE, &node, out))
			return false;
		node->u.number = p->lex.now.number;
	} else {
		if (!add_leaf(p, VIT_OP_STRING, &node, out))
			return false;
		node->u.text = p->lex.now.text;
	}
	return next(p);
}

static const struct {
	const char *name;
	enum vit_op op;
	int arguments;
} functions[] = {
	{ "len", VIT_OP_LEN, 1 }, { "min", VIT_OP_MIN, 2 }, { "max", VIT_OP_MAX, 2 },
	{ "ceil", VIT_OP_CEIL, 2 }, { "floor", VIT_OP_FLOOR, 2 },
};

static bool parse_call(struct parser *p, size_t function, size_t from, uint32_t *out)
{
	uint32_t child[2] = { VIT_NO_NODE, VIT_NO_NODE };

	if (!next(p)) /* the bracket */
		return false;
	for (int i = 0; i < functions[function].arguments; i++) {
		if (i > 0 && !expect(p, VIT_TOK_COMMA, "a comma is expected here"))
			return false;
		if (!parse_expr(p, &child[i]))
			return false;
	}
	if (!expect(p, VIT_TOK_RPAREN, "a closing bracket is expected here"))
		return false;
	return add_closed(p, functions[function].op, from, child[0], child[1], VIT_NO_NODE, out);
}

/* A name alone: variable, dimension, or the first part of a path. */
static bool add_name(struct parser *p, const struct vit_token *tok, bool *is_path, uint32_t *out)
{
	static const uint32_t none[3] = { VIT_NO_NODE, VIT_NO_NODE, VIT_NO_NODE };
	uint32_t slot = vit_symbols_var(p->symbols, tok->text);
	uint32_t dim = vit_map_get(&p->symbols->dimension_map, tok->text);
	struct vit_node *node;

	*is_path = slot == VIT_MAX_VARS && dim == VIT_MAP_NONE;
	if (*is_path)
		return true;
	if (!add(p, slot < VIT_MAX_VARS ? VIT_OP_VAR : VIT_OP_DIM, tok->from, none, out))
		return false;
	node = vit_vec_at(&p->nodes, *out);
	node->to = (uint16_t)tok->to;
	node->a = slot < VIT_MAX_VARS ? slot : dim;
	node->b = dim;
	node->c = slot < VIT_MAX_VARS && dim == VIT_MAP_NONE
		  ? vit_symbols_path(p->symbols, p->arena, tok->text) : VIT_NO_NODE;
	return true;
}

/* name {. name}, the first name being read already. */
static bool parse_path(struct parser *p, const struct vit_token *first, uint32_t *out)
{
	static const uint32_t none[3] = { VIT_NO_NODE, VIT_NO_NODE, VIT_NO_NODE };
	struct vit_buf path;
	struct vit_node *node;
	size_t to = first->to;
	bool ok = true;

	vit_buf_init(&path, VIT_EXPR_MAX_TEXT);
	vit_buf_str(&path, first->text);
	while (ok && is(p, VIT_TOK_DOT)) {
		ok = next(p) && (is(p, VIT_TOK_NAME) ||
				 fail(p, p->lex.now.from, "a name is expected after the dot"));
		if (!ok)
			break;
		vit_buf_putc(&path, '.');
		vit_buf_str(&path, p->lex.now.text);
		to = p->lex.now.to;
		ok = next(p);
	}
	ok = ok && add(p, VIT_OP_PATH, first->from, none, out);
	if (ok) {
		node = vit_vec_at(&p->nodes, *out);
		node->to = (uint16_t)to;
		node->a = vit_symbols_path(p->symbols, p->arena, vit_buf_view(&path));
	}
	vit_buf_release(&path);
	return ok;
}

static bool is_reserved(struct vit_str name)
{
	static const char *const words[] = { "and", "or", "not", "if", "then", "else" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (vit_str_is(name, words[i]))
			return true;
	return false;
}

static bool parse_word_literal(struct parser *p, uint32_t *out, bool *taken)
{
	struct vit_node *node;
	enum vit_op op = VIT_OP_NULL;

	*taken = true;
	if (is_word(p, "true") || is_word(p, "false"))
		op = VIT_OP_BOOL;
	else if (is_word(p, "class"))
		op = VIT_OP_CLASS;
	else if (!is_word(p, "null"))
		*taken = false;
	if (!*taken)
		return true;
	if (!add_leaf(p, op, &node, out))
		return false;
	if (op == VIT_OP_BOOL)
		node->u.boolean = is_word(p, "true");
	return next(p);
}

static bool parse_name(struct parser *p, uint32_t *out)
{
	struct vit_token tok = p->lex.now;
	bool taken, is_path;

	if (is_reserved(tok.text))
		return fail(p, tok.from, "a value is expected here");
	if (!parse_word_literal(p, out, &taken))
		return false;
	if (taken)
		return true;
	if (!next(p))
		return false;
	if (is(p, VIT_TOK_LPAREN)) {
		for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
			if (vit_str_is(tok.text, functions[i].name))
				return parse_call(p, i, tok.from, out);
		return fail(p, tok.from, "no such function (len, min, max, ceil, floor)");
	}
	if (!add_name(p, &tok, &is_path, out))
		return false;
	return !is_path || parse_path(p, &tok, out);
}

static bool parse_primary(struct parser *p, uint32_t *out)
{
	switch (p->lex.now.kind) {
	case VIT_TOK_INT:
	case VIT_TOK_DOUBLE:
	case VIT_TOK_STRING:
		return parse_literal(p, out);
	case VIT_TOK_NAME:
		return parse_name(p, out);
	case VIT_TOK_LPAREN:
		return next(p) && parse_expr(p, out) &&
		       expect(p, VIT_TOK_RPAREN, "a closing bracket is expected here");
	case VIT_TOK_END:
		return fail(p, p->lex.now.from, "the expression ends where a value is expected");
	case VIT_TOK_RPAREN:
	case VIT_TOK_LBRACKET:
	case VIT_TOK_RBRACKET:
	case VIT_TOK_COMMA:
	case VIT_TOK_DOT:
	case VIT_TOK_PLUS:
	case VIT_TOK_MINUS:
	case VIT_TOK_STAR:
	case VIT_TOK_SLASH:
	case VIT_TOK_PERCENT:
	case VIT_TOK_EQ:
	case VIT_TOK_NE:
	case VIT_TOK_LT:
	case VIT_TOK_LE:
	case VIT_TOK_GT:
	case VIT_TOK_GE:
	case VIT_TOK_ELVIS:
		break;
	}
	return fail(p, p->lex.now.from, "a value is expected here");
}

static bool parse_postfix(struct parser *p, uint32_t *out)
{
	size_t from = p->lex.now.from;

	if (!parse_primary(p, out))
		return false;
	while (is(p, VIT_TOK_LBRACKET) || is(p, VIT_TOK_DOT)) {
		uint32_t of = *out, key = VIT_NO_NODE;
		struct vit_str member = VIT_STR_EMPTY;
		bool index = is(p, VIT_TOK_LBRACKET);

		if (!next(p))
			return false;
		if (index) {
			if (!parse_expr(p, &key) ||
			    !expect(p, VIT_TOK_RBRACKET, "] is expected here"))
				return false;
		} else {
			member = p->lex.now.text;
			if (!expect(p, VIT_TOK_NAME, "a name is expected after the dot"))
				return false;
		}
		if (!add_closed(p, index ? VIT_OP_INDEX : VIT_OP_MEMBER, from, of, key,
				VIT_NO_NODE, out))
			return false;
		if (!index)
			((struct vit_node *)vit_vec_at(&p->nodes, *out))->u.text =
				vit_arena_str(p->arena, member);
	}
	return true;
}

static bool parse_unary(struct parser *p, uint32_t *out)
{
	size_t from = p->lex.now.from;
	uint32_t of;

	if (!is(p, VIT_TOK_MINUS))
		return parse_postfix(p, out);
	if (++p->nesting > VIT_EXPR_MAX_NESTING)
		return fail(p, from, "nested deeper than 64");
	if (!next(p) || !parse_unary(p, &of))
		return false;
	p->nesting--;
	return add_closed(p, VIT_OP_NEG, from, of, VIT_NO_NODE, VIT_NO_NODE, out);
}

/* Binary operators by precedence, low to high; `not` sits between levels 2 and 3. */
enum { LEVEL_ELSE, LEVEL_OR, LEVEL_AND, LEVEL_COMPARE, LEVEL_SUM, LEVEL_PRODUCT, LEVEL_UNARY };

static const struct {
	enum vit_tok tok;
	const char *word;
	int level;
	enum vit_op op;
} operators[] = {
	{ VIT_TOK_ELVIS, "", LEVEL_ELSE, VIT_OP_ELSE },
	{ VIT_TOK_NAME, "or", LEVEL_OR, VIT_OP_OR },
	{ VIT_TOK_NAME, "and", LEVEL_AND, VIT_OP_AND },
	{ VIT_TOK_EQ, "", LEVEL_COMPARE, VIT_OP_EQ },
	{ VIT_TOK_NE, "", LEVEL_COMPARE, VIT_OP_NE },
	{ VIT_TOK_LT, "", LEVEL_COMPARE, VIT_OP_LT },
	{ VIT_TOK_LE, "", LEVEL_COMPARE, VIT_OP_LE },
	{ VIT_TOK_GT, "", LEVEL_COMPARE, VIT_OP_GT },
	{ VIT_TOK_GE, "", LEVEL_COMPARE, VIT_OP_GE },
	{ VIT_TOK_NAME, "in", LEVEL_COMPARE, VIT_OP_IN },
	{ VIT_TOK_PLUS, "", LEVEL_SUM, VIT_OP_ADD },
	{ VIT_TOK_MINUS, "", LEVEL_SUM, VIT_OP_SUB },
	{ VIT_TOK_STAR, "", LEVEL_PRODUCT, VIT_OP_MUL },
	{ VIT_TOK_SLASH, "", LEVEL_PRODUCT, VIT_OP_DIV },
	{ VIT_TOK_PERCENT, "", LEVEL_PRODUCT, VIT_OP_MOD },
};

static bool find_operator(const struct parser *p, int level, enum vit_op *op)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (operators[i].level != level || operators[i].tok != p->lex.now.kind)
			continue;
		if (is(p, VIT_TOK_NAME) && !vit_str_is(p->lex.now.text, operators[i].word))
			continue;
		*op = operators[i].op;
		return true;
	}
	return false;
}

static bool parse_binary(struct parser *p, int level, uint32_t *out);

static bool parse_not(struct parser *p, uint32_t *out)
{
	size_t from = p->lex.now.from;
	uint32_t of;

	if (!is_word(p, "not"))
		return parse_binary(p, LEVEL_COMPARE, out);
	if (++p->nesting > VIT_EXPR_MAX_NESTING)
		return fail(p, from, "nested deeper than 64");
	if (!next(p) || !parse_not(p, &of))
		return false;
	p->nesting--;
	return add_closed(p, VIT_OP_NOT, from, of, VIT_NO_NODE, VIT_NO_NODE, out);
}

static bool parse_operand(struct parser *p, int level, uint32_t *out)
{
	if (level == LEVEL_AND)
		return parse_not(p, out);
	return level + 1 == LEVEL_UNARY ? parse_unary(p, out) : parse_binary(p, level + 1, out);
}

static bool parse_binary(struct parser *p, int level, uint32_t *out)
{
	size_t from = p->lex.now.from;
	enum vit_op op;

	if (!parse_operand(p, level, out))
		return false;
	while (find_operator(p, level, &op)) {
		uint32_t left = *out, right;

		if (!next(p) || !parse_operand(p, level, &right) ||
		    !add_closed(p, op, from, left, right, VIT_NO_NODE, out))
			return false;
		if (level == LEVEL_COMPARE && find_operator(p, level, &op))
			return fail(p, p->lex.now.from, "comparisons do not chain: use `and`");
	}
	return true;
}

static bool parse_if(struct parser *p, uint32_t *out)
{
	size_t from = p->lex.now.from;
	uint32_t child[3];

	if (!next(p) || !parse_expr(p, &child[0]))
		return false;
	if (!is_word(p, "then"))
		return fail(p, p->lex.now.from, "`then` is expected here");
	if (!next(p) || !parse_expr(p, &child[1]))
		return false;
	if (!is_word(p, "else"))
		return fail(p, p->lex.now.from, "`else` is expected here");
	if (!next(p) || !parse_expr(p, &child[2]))
		return false;
	return add_closed(p, VIT_OP_IF, from, child[0], child[1], child[2], out);
}

static bool parse_expr(struct parser *p, uint32_t *out)
{
	bool ok;

	if (++p->nesting > VIT_EXPR_MAX_NESTING)
		return fail(p, p->lex.now.from, "nested deeper than 64");
	ok = is_word(p, "if") ? parse_if(p, out) : parse_binary(p, LEVEL_ELSE, out);
	p->nesting--;
	return ok;
}

enum vit_errc vit_expr_parse(struct vit_arena *a, struct vit_symbols *s, struct vit_str text,
			     struct vit_expr *out, struct vit_err *err)
{
	struct parser p = {
		.arena = a, .symbols = s, .lex = { .arena = a, .text = text },
		.nodes = VIT_VEC(sizeof(struct vit_node)), .err = err,
	};
	uint32_t root;
	size_t count;

	if (text.n > VIT_EXPR_MAX_TEXT)
		return vit_err_at(err, VIT_E_SYNTAX, 0, "longer than 8,192 bytes");
	if (!next(&p) || !parse_expr(&p, &root) ||
	    (!is(&p, VIT_TOK_END) && !fail(&p, p.lex.now.from, "the expression should end here"))) {
		vit_vec_free(&p.nodes);
		return VIT_E_SYNTAX;
	}
	out->nodes = vit_vec_take(&p.nodes, a, &count);
	out->count = (uint32_t)count;
	out->text = vit_arena_str(a, text);
	return VIT_OK;
}
