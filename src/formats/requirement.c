#include "formats/requirement.h"

#include <ctype.h>
#include <stdio.h>

#include "formats/pep440.h"

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t skip_blanks(struct vit_str s, size_t at)
{
	while (at < s.n && is_blank(s.p[at]))
		at++;
	return at;
}

bool vit_requirement_parse(struct vit_str text, struct vit_requirement *out)
{
	struct vit_str s = vit_str_trim(text);
	size_t at = 0, from;

	*out = (struct vit_requirement){ VIT_STR_EMPTY, VIT_STR_EMPTY, VIT_STR_EMPTY, VIT_STR_EMPTY,
					 false };
	while (at < s.n && is_name_char(s.p[at]))
		at++;
	out->name = vit_str_sub(s, 0, at);
	if (at == 0 || !isalnum((unsigned char)s.p[0]) || !isalnum((unsigned char)s.p[at - 1]))
		return false;
	at = skip_blanks(s, at);
	if (at < s.n && s.p[at] == '[') {
		size_t end = vit_str_find(s, VIT_STR("]"), at);

		if (end == SIZE_MAX)
			return false;
		out->extras = vit_str_trim(vit_str_sub(s, at + 1, end));
		at = skip_blanks(s, end + 1);
	}
	from = at;
	if (at < s.n && s.p[at] == '@') {
		/* A URL ends at white space; the marker follows. */
		out->is_url = true;
		from = skip_blanks(s, at + 1);
		for (at = from; at < s.n && !is_blank(s.p[at]); at++)
			;
		at = skip_blanks(s, at);
		if (at < s.n && s.p[at] != ';')
			return false;
	} else {
		while (at < s.n && s.p[at] != ';')
			at++;
		out->range = vit_str_trim(vit_str_sub(s, from, at));
		if (out->range.n >= 2 && out->range.p[0] == '(' &&
		    out->range.p[out->range.n - 1] == ')')
			out->range = vit_str_trim(vit_str_sub(out->range, 1, out->range.n - 1));
	}
	if (at < s.n)
		out->marker = vit_str_trim(vit_str_sub(s, at + 1, s.n));
	return vit_pep440_is_range(out->range);
}

/* --- markers ------------------------------------------------------------------- */

enum token { T_END, T_OPEN, T_CLOSE, T_AND, T_OR, T_OP, T_NAME, T_TEXT, T_BAD };

struct lexer {
	struct vit_str s;
	size_t at;
	struct vit_str text; /* of the last token */
};

static bool is_op_char(char c)
{
	return c == '<' || c == '>' || c == '=' || c == '!' || c == '~';
}

static enum token quoted(struct lexer *l, char quote)
{
	size_t from = ++l->at;

	while (l->at < l->s.n && l->s.p[l->at] != quote)
		l->at++;
	if (l->at == l->s.n)
		return T_BAD;
	l->text = vit_str_sub(l->s, from, l->at++);
	return T_TEXT;
}

static enum token next(struct lexer *l)
{
	size_t from;
	char c;

	l->at = skip_blanks(l->s, l->at);
	if (l->at == l->s.n)
		return T_END;
	from = l->at;
	c = l->s.p[l->at];
	if (c == '(' || c == ')') {
		l->at++;
		return c == '(' ? T_OPEN : T_CLOSE;
	}
	if (c == '"' || c == '\'')
		return quoted(l, c);
	if (is_op_char(c)) {
		while (l->at < l->s.n && is_op_char(l->s.p[l->at]))
			l->at++;
		l->text = vit_str_sub(l->s, from, l->at);
		return T_OP;
	}
	while (l->at < l->s.n && is_name_char(l->s.p[l->at]))
		l->at++;
	l->text = vit_str_sub(l->s, from, l->at);
	if (l->text.n == 0)
		return T_BAD;
	if (vit_str_is(l->text, "and"))
		return T_AND;
	if (vit_str_is(l->text, "or"))
		return T_OR;
	if (vit_str_is(l->text, "in") || vit_str_is(l->text, "not"))
		return T_OP;
	return T_NAME;
}

static bool variable(const struct vit_marker_env *env, struct vit_str name, struct vit_str *value)
{
	const struct {
		const char *name;
		struct vit_str value;
	} known[] = {
		{ "python_version", env->python_version },
		{ "python_full_version", env->python_full_version },
		{ "implementation_version", env->python_full_version },
		{ "sys_platform", env->sys_platform },
		{ "platform_system", env->platform_system },
		{ "platform_machine", env->platform_machine },
		{ "os_name", env->os_name },
		{ "implementation_name", env->implementation_name },
		{ "extra", env->extra },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (vit_str_is(name, known[i].name)) {
			*value = known[i].value;
			return value->n > 0 || vit_str_is(name, "extra");
		}
	}
	return false;
}

static enum vit_marker_result as_result(bool b)
{
	return b ? VIT_MARKER_TRUE : VIT_MARKER_FALSE;
}

/* Versions where the right side is one, else text. */
static enum vit_marker_result compare(struct vit_str left, struct vit_str op, struct vit_str right)
{
	struct vit_pep440 version;
	char range[128];
	struct vit_str r;
	int n;

	if (vit_str_is(op, "in"))
		return as_result(vit_str_find(right, left, 0) != SIZE_MAX);
	if (vit_str_is(op, "not"))
		return as_result(vit_str_find(right, left, 0) == SIZE_MAX);
	n = snprintf(range, sizeof(range), "%.*s%.*s", VIT_FMT(op), VIT_FMT(right));
	if (n > 0 && (size_t)n < sizeof(range)) {
		r = (struct vit_str){ range, (size_t)n };
		if (vit_pep440_is_range(r) && vit_pep440_parse(left, &version))
			return as_result(vit_pep440_matches(&version, r));
	}
	if (vit_str_is(op, "=="))
		return as_result(vit_str_eq(left, right));
	if (vit_str_is(op, "!="))
		return as_result(!vit_str_eq(left, right));
	return VIT_MARKER_UNKNOWN;
}

/* One comparison, its first operand already read. */
static enum vit_marker_result comparison(struct lexer *l, enum token first,
					 const struct vit_marker_env *env, bool *bad)
{
	struct vit_str left = l->text, right, op;
	bool known = first == T_TEXT || variable(env, left, &left);
	enum token t = next(l);

	op = l->text;
	if (t == T_OP && vit_str_is(op, "not"))
		t = next(l); /* "not in" */
	if (t != T_OP) {
		*bad = true;
		return VIT_MARKER_UNKNOWN;
	}
	t = next(l);
	right = l->text;
	if (t == T_NAME)
		known &= variable(env, right, &right);
	else if (t != T_TEXT)
		*bad = true;
	return known && !*bad ? compare(left, op, right) : VIT_MARKER_UNKNOWN;
}

static enum vit_marker_result both(enum vit_marker_result a, enum vit_marker_result b)
{
	if (a == VIT_MARKER_FALSE || b == VIT_MARKER_FALSE)
		return VIT_MARKER_FALSE;
	return a == VIT_MARKER_TRUE ? b : a;
}

static enum vit_marker_result either(enum vit_marker_result a, enum vit_marker_result b)
{
	if (a == VIT_MARKER_TRUE || b == VIT_MARKER_TRUE)
		return VIT_MARKER_TRUE;
	return a == VIT_MARKER_FALSE ? b : a;
}

/* A level of parentheses: the terms before the last "or", and the running "and". */
struct level {
	enum vit_marker_result any, all;
};

enum vit_marker_result vit_marker_decide(struct vit_str marker, const struct vit_marker_env *env)
{
	struct level levels[VIT_MARKER_DEPTH];
	struct lexer l = { marker, 0, VIT_STR_EMPTY };
	unsigned depth = 0;
	bool bad = false, operand = true; /* is an operand expected? */

	if (vit_str_trim(marker).n == 0)
		return VIT_MARKER_TRUE;
	levels[0] = (struct level){ VIT_MARKER_FALSE, VIT_MARKER_TRUE };
	while (!bad) {
		enum token t = next(&l);
		struct level *top = &levels[depth];

		switch (t) {
		case T_OPEN:
			bad = !operand || depth + 1 == VIT_MARKER_DEPTH;
			if (!bad)
				levels[++depth] =
					(struct level){ VIT_MARKER_FALSE, VIT_MARKER_TRUE };
			break;
		case T_NAME:
		case T_TEXT:
			bad = !operand;
			if (!bad)
				top->all = both(top->all, comparison(&l, t, env, &bad));
			operand = false;
			break;
		case T_CLOSE:
			bad = operand || depth == 0;
			if (!bad) {
				depth--;
				levels[depth].all =
					both(levels[depth].all, either(top->any, top->all));
			}
			break;
		case T_AND:
			bad = operand;
			operand = true;
			break;
		case T_OR:
			bad = operand;
			operand = true;
			top->any = either(top->any, top->all);
			top->all = VIT_MARKER_TRUE;
			break;
		case T_END:
			return operand || depth > 0 ? VIT_MARKER_UNKNOWN
						    : either(top->any, top->all);
		case T_OP:
		case T_BAD:
			bad = true;
			break;
		}
	}
	return VIT_MARKER_UNKNOWN;
}
