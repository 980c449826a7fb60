#include "spec/expr_lex.h"

#include "base/num.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char peek(const struct vit_lexer *l, size_t ahead)
{
	return l->at + ahead < l->text.n ? l->text.p[l->at + ahead] : '\0';
}

static enum vit_errc lex_number(struct vit_lexer *l, struct vit_err *err)
{
	size_t from = l->at;
	bool fraction = false;
	struct vit_str digits;

	while (is_digit(peek(l, 0)))
		l->at++;
	if (peek(l, 0) == '.' && is_digit(peek(l, 1))) {
		fraction = true;
		l->at++;
		while (is_digit(peek(l, 0)))
			l->at++;
	}
	if (peek(l, 0) == 'e' || peek(l, 0) == 'E') {
		size_t sign = peek(l, 1) == '-' || peek(l, 1) == '+' ? 1 : 0;

		if (is_digit(peek(l, 1 + sign))) {
			fraction = true;
			l->at += 1 + sign;
			while (is_digit(peek(l, 0)))
				l->at++;
		}
	}
	digits = vit_str_sub(l->text, from, l->at);
	l->now.kind = fraction ? VIT_TOK_DOUBLE : VIT_TOK_INT;
	if (fraction ? !vit_parse_double(digits, &l->now.number)
		     : !vit_parse_i64(digits, &l->now.i64))
		return vit_err_at(err, VIT_E_SYNTAX, from, "%.*s is too large", VIT_FMT(digits));
	if (is_name_start(peek(l, 0)))
		return vit_err_at(err, VIT_E_SYNTAX, from, "a number runs into a name");
	return VIT_OK;
}

static enum vit_errc lex_string(struct vit_lexer *l, struct vit_err *err)
{
	size_t from = l->at;
	char quote = peek(l, 0);
	char *text = vit_arena_alloc(l->arena, l->text.n - from);
	size_t n = 0;

	for (l->at++; l->at < l->text.n; l->at++) {
		char c = l->text.p[l->at];

		if (c == quote) {
			l->at++;
			l->now.kind = VIT_TOK_STRING;
			l->now.text = (struct vit_str){ text, n };
			return VIT_OK;
		}
		if (c == '\\') {
			c = peek(l, 1);
			if (c != '\\' && c != '"' && c != '\'')
				return vit_err_at(err, VIT_E_SYNTAX, l->at,
						  "after \\ comes \\ or a quote");
			l->at++;
		}
		text[n++] = c;
	}
	return vit_err_at(err, VIT_E_SYNTAX, from, "a text without closing quote");
}

static void lex_name(struct vit_lexer *l)
{
	size_t from = l->at;

	while (is_name_start(peek(l, 0)) || is_digit(peek(l, 0)))
		l->at++;
	l->now.kind = VIT_TOK_NAME;
	l->now.text = vit_str_sub(l->text, from, l->at);
}

static const struct {
	char text[3];
	enum vit_tok kind;
} signs[] = {
	/* longer ones first */
	{ "==", VIT_TOK_EQ }, { "!=", VIT_TOK_NE }, { "<=", VIT_TOK_LE }, { ">=", VIT_TOK_GE },
	{ "?\?", VIT_TOK_ELVIS }, { "<", VIT_TOK_LT }, { ">", VIT_TOK_GT },
	{ "(", VIT_TOK_LPAREN }, { ")", VIT_TOK_RPAREN }, { "[", VIT_TOK_LBRACKET },
	{ "]", VIT_TOK_RBRACKET }, { ",", VIT_TOK_COMMA }, { ".", VIT_TOK_DOT },
	{ "+", VIT_TOK_PLUS }, { "-", VIT_TOK_MINUS }, { "*", VIT_TOK_STAR },
	{ "/", VIT_TOK_SLASH }, { "%", VIT_TOK_PERCENT },
};

static enum vit_errc lex_sign(struct vit_lexer *l, struct vit_err *err)
{
	struct vit_str rest = vit_str_sub(l->text, l->at, l->text.n);

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		struct vit_str sign = vit_str_c(signs[i].text);

		if (vit_str_starts(rest, sign)) {
			l->now.kind = signs[i].kind;
			l->at += sign.n;
			return VIT_OK;
		}
	}
	return vit_err_at(err, VIT_E_SYNTAX, l->at, "a sign that means nothing here");
}

enum vit_errc vit_lex_next(struct vit_lexer *l, struct vit_err *err)
{
	enum vit_errc rc = VIT_OK;
	char c;

	while (l->at < l->text.n && strchr(" \t\r\n", l->text.p[l->at]) && l->text.p[l->at])
		l->at++;
	l->now = (struct vit_token){ .kind = VIT_TOK_END, .from = l->at, .to = l->at };
	if (l->at == l->text.n)
		return VIT_OK;
	c = l->text.p[l->at];
	if (is_digit(c))
		rc = lex_number(l, err);
	else if (c == '"' || c == '\'')
		rc = lex_string(l, err);
	else if (is_name_start(c))
		lex_name(l);
	else
		rc = lex_sign(l, err);
	l->now.to = l->at;
	return rc;
}
