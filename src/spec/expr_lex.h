/* Tokens of expressions. Private to src/spec. */
#ifndef VIT_SPEC_EXPR_LEX_H
#define VIT_SPEC_EXPR_LEX_H

#include "base/arena.h"
#include "base/err.h"

enum vit_tok {
	VIT_TOK_END, VIT_TOK_INT, VIT_TOK_DOUBLE, VIT_TOK_STRING, VIT_TOK_NAME,
	VIT_TOK_LPAREN, VIT_TOK_RPAREN, VIT_TOK_LBRACKET, VIT_TOK_RBRACKET, VIT_TOK_COMMA,
	VIT_TOK_DOT, VIT_TOK_PLUS, VIT_TOK_MINUS, VIT_TOK_STAR, VIT_TOK_SLASH,
	VIT_TOK_PERCENT, VIT_TOK_EQ, VIT_TOK_NE, VIT_TOK_LT, VIT_TOK_LE, VIT_TOK_GT,
	VIT_TOK_GE, VIT_TOK_ELVIS,
};

struct vit_token {
	enum vit_tok kind;
	size_t from, to;       /* bytes of the text */
	struct vit_str text;   /* NAME: as written; STRING: decoded, arena */
	int64_t i64;
	double number;
};

struct vit_lexer {
	struct vit_arena *arena;
	struct vit_str text;
	size_t at;
	struct vit_token now;  /* the token looked at */
};

/* Reads the next token into l->now; VIT_E_SYNTAX with err->offset. */
VIT_MUST_USE enum vit_errc vit_lex_next(struct vit_lexer *l, struct vit_err *err);

#endif
