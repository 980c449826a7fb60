/*
 * What the template parser and its interpreter share; nobody else includes it.
 *
 * source -> tokens (template_lex.c) -> tree (template_parse.c, template_expr.c)
 * -> variables bound to slots (template_scope.c) -> notes (template_scan.c)
 * -> rendering (template_exec.c, template_eval.c and the tables they use).
 *
 * Recursion over the tree is bounded: the parser refuses what nests deeper
 * than VIT_TPL_DEPTH.
 */
#ifndef VIT_TEXT_TEMPLATE_PRIVATE_H
#define VIT_TEXT_TEMPLATE_PRIVATE_H

#include "text/template.h"

#define VIT_TPL_DEPTH 200 /* most levels of nesting in a template */

/* --- tokens --- */

enum vit_tpl_token_type {
	VIT_TPL_T_EOF,
	VIT_TPL_T_DATA,
	VIT_TPL_T_VARIABLE_BEGIN,
	VIT_TPL_T_VARIABLE_END,
	VIT_TPL_T_BLOCK_BEGIN,
	VIT_TPL_T_BLOCK_END,
	VIT_TPL_T_NAME,
	VIT_TPL_T_STRING,
	VIT_TPL_T_INTEGER,
	VIT_TPL_T_FLOAT,
	VIT_TPL_T_OPERATOR,
};

enum vit_tpl_op {
	VIT_TPL_ADD, VIT_TPL_SUB, VIT_TPL_MUL, VIT_TPL_DIV, VIT_TPL_FLOORDIV, VIT_TPL_MOD,
	VIT_TPL_POW, VIT_TPL_TILDE, VIT_TPL_LBRACKET, VIT_TPL_RBRACKET, VIT_TPL_LPAREN,
	VIT_TPL_RPAREN, VIT_TPL_LBRACE, VIT_TPL_RBRACE, VIT_TPL_EQ, VIT_TPL_NE, VIT_TPL_GT,
	VIT_TPL_GE, VIT_TPL_LT, VIT_TPL_LE, VIT_TPL_ASSIGN, VIT_TPL_DOT, VIT_TPL_COLON,
	VIT_TPL_PIPE, VIT_TPL_COMMA, VIT_TPL_SEMICOLON,
	VIT_TPL_IN, VIT_TPL_NOTIN, VIT_TPL_NEG, VIT_TPL_POS, VIT_TPL_NOT, VIT_TPL_AND, VIT_TPL_OR,
	VIT_TPL_OPS,
};

/* "+", "==", "not in", ... */
extern const char *const vit_tpl_op_text[VIT_TPL_OPS];

struct vit_tpl_token {
	enum vit_tpl_token_type type;
	enum vit_tpl_op op;     /* OPERATOR */
	uint32_t line;
	struct vit_str text;    /* DATA: the text; NAME; STRING: unescaped; else as written */
	struct vit_tval value;  /* INTEGER, FLOAT */
};

/* --- tree --- */

enum vit_tpl_kind {
	/* expressions */
	VIT_TPL_CONST,    /* value */
	VIT_TPL_NAME,     /* name, ref; store: a target */
	VIT_TPL_NSREF,    /* name . text, ref: a target */
	VIT_TPL_TUPLE, VIT_TPL_LIST, /* items */
	VIT_TPL_DICT,     /* items: key, value, key, value, ... */
	VIT_TPL_GETATTR,  /* a . name */
	VIT_TPL_GETITEM,  /* a [ b ] */
	VIT_TPL_SLICE,    /* a : b : c, each may be NULL; only as b of a GETITEM */
	VIT_TPL_CALL,     /* a ( args ) */
	VIT_TPL_FILTER,   /* a | name ( args ); a NULL: the text of a block */
	VIT_TPL_TEST,     /* a is name ( args ) */
	VIT_TPL_BINARY,   /* a op b, arithmetic */
	VIT_TPL_UNARY,    /* op a */
	VIT_TPL_LOGIC,    /* a and b, a or b */
	VIT_TPL_COMPARE,  /* a, then items with their op each (the item is COMPARED) */
	VIT_TPL_COMPARED, /* op, a */
	VIT_TPL_CONCAT,   /* items */
	VIT_TPL_COND,     /* b if a else c; c may be NULL */
	/* statements */
	VIT_TPL_OUTPUT,   /* items: expressions, and DATA */
	VIT_TPL_DATA,     /* value: the text */
	VIT_TPL_IF,       /* a, body, items: elif (each an IF), orelse */
	VIT_TPL_FOR,      /* a target, b sequence, c filter or NULL, body, orelse */
	VIT_TPL_SET,      /* a target, b value */
	VIT_TPL_SETBLOCK, /* a target, b filter or NULL, body */
	VIT_TPL_MACRO,    /* name, params, body */
	VIT_TPL_CALLBLOCK,/* a call, params, body */
	VIT_TPL_GENERATION, /* body */
	VIT_TPL_FILTERBLOCK, /* a filter, body */
	VIT_TPL_WITH,     /* items: target, value, ...; body */
	VIT_TPL_BREAK, VIT_TPL_CONTINUE,
	VIT_TPL_NOSTATEMENT, /* valid, not supported: name */
	VIT_TPL_KINDS,
};

/* Where a variable lives: `hops` functions out, then the slot there. */
struct vit_tpl_ref {
	uint16_t hops, slot;
	bool always; /* a parameter that has a value: no look for an undefined one */
};

enum vit_tpl_load {
	VIT_TPL_LOAD_PARAM,     /* set by who enters the scope */
	VIT_TPL_LOAD_RESOLVE,   /* from the context, by name */
	VIT_TPL_LOAD_ALIAS,     /* the outer variable's value at entry */
	VIT_TPL_LOAD_UNDEFINED,
};

struct vit_tpl_loaded {
	enum vit_tpl_load how;
	uint16_t slot;          /* in the function at hand */
	struct vit_tpl_ref from;/* ALIAS */
	struct vit_str name;    /* RESOLVE */
};

/* What is done on entry to a scope. */
struct vit_tpl_scope {
	const struct vit_tpl_loaded *loads;
	uint32_t count;
};

struct vit_tpl_node;

struct vit_tpl_body {
	struct vit_tpl_node **items;
	uint32_t count;
};

struct vit_tpl_keyword {
	struct vit_str name;
	struct vit_tpl_node *value;
};

struct vit_tpl_args {
	struct vit_tpl_node **args;
	uint32_t count;
	struct vit_tpl_keyword *keywords;
	uint32_t keyword_count;
	struct vit_tpl_node *star, *starstar; /* or NULL */
};

/* Macros, bodies of call blocks, recursive loops: code with slots of its own. */
struct vit_tpl_function {
	struct vit_str name;             /* of a macro; empty otherwise */
	struct vit_tpl_node **params;    /* NAME targets */
	uint32_t param_count;
	struct vit_tpl_node **defaults;  /* of the last params */
	uint32_t default_count;
	bool wants_caller, wants_kwargs, wants_varargs, explicit_caller;
	struct vit_tpl_ref caller, kwargs, varargs; /* where they go */
	uint16_t slots;
	struct vit_tpl_scope scope;
	struct vit_tpl_body body;
	struct vit_tpl_node *loop;       /* a recursive FOR, else NULL */
};

/* What only statements have. */
struct vit_tpl_block {
	struct vit_tpl_body body, orelse;
	struct vit_tpl_scope scope, else_scope, test_scope;
	struct vit_tpl_node *test_target;   /* FOR with a filter: its target there */
	struct vit_tpl_ref loop;            /* FOR: the variable loop */
	bool extended, recursive;           /* FOR: uses loop; calls itself */
	struct vit_tpl_function *function;
};

struct vit_tpl_filter;
struct vit_tpl_test;

struct vit_tpl_node {
	uint8_t kind;            /* enum vit_tpl_kind */
	uint8_t op;              /* enum vit_tpl_op */
	bool store;              /* NAME: a target */
	uint8_t param;           /* NAME: a parameter */
	uint16_t depth;          /* levels below it */
	uint32_t line;
	struct vit_str name;
	union {
		struct vit_tval value;
		struct vit_tpl_ref ref;
		const struct vit_tpl_filter *filter; /* NULL: unknown */
		const struct vit_tpl_test *test;
	};
	struct vit_tpl_node *a, *b, *c;
	struct vit_tpl_node **items;
	uint32_t count;
	struct vit_tpl_args *args;
	struct vit_tpl_block *block;
	struct vit_str text;     /* NSREF */
};

struct vit_template_program {
	struct vit_tpl_body body;
	struct vit_tpl_scope scope;
	uint16_t slots;
};

/* --- parsing --- */

struct vit_tpl_parser {
	struct vit_arena *arena;
	struct vit_tpl_token *tokens;
	size_t count, at;
	unsigned depth;
	unsigned loops;          /* loops around that `break` could leave */
	bool failed;             /* the tag at hand has a fault; cleared where parsing goes on */
	bool over;               /* nothing more can be read */
	struct vit_vec notes;    /* struct vit_template_note */
	size_t counts[3];        /* by kind */
};

void vit_tpl_note(struct vit_tpl_parser *p, enum vit_template_note_kind kind, uint32_t line,
		  const char *fmt, ...) VIT_PRINTF(4, 5);
/* A syntax note at a token or line; sets p->failed. */
void vit_tpl_fault(struct vit_tpl_parser *p, uint32_t line, const char *fmt, ...)
	VIT_PRINTF(3, 4);

/* Fills p->tokens; ends with an EOF token. False after a fault (noted). */
bool vit_tpl_lex(struct vit_tpl_parser *p, struct vit_str source);

static inline const struct vit_tpl_token *vit_tpl_current(const struct vit_tpl_parser *p)
{
	return &p->tokens[p->at];
}
static inline bool vit_tpl_is_op(const struct vit_tpl_parser *p, enum vit_tpl_op op)
{
	const struct vit_tpl_token *t = vit_tpl_current(p);
	return t->type == VIT_TPL_T_OPERATOR && t->op == op;
}
static inline bool vit_tpl_is_name(const struct vit_tpl_parser *p, const char *name)
{
	const struct vit_tpl_token *t = vit_tpl_current(p);
	return t->type == VIT_TPL_T_NAME && vit_str_is(t->text, name);
}
static inline void vit_tpl_advance(struct vit_tpl_parser *p)
{
	if (p->tokens[p->at].type != VIT_TPL_T_EOF)
		p->at++;
}
bool vit_tpl_skip_op(struct vit_tpl_parser *p, enum vit_tpl_op op);
bool vit_tpl_skip_name(struct vit_tpl_parser *p, const char *name);
/* Takes it or faults. */
bool vit_tpl_expect_op(struct vit_tpl_parser *p, enum vit_tpl_op op);
bool vit_tpl_expect_type(struct vit_tpl_parser *p, enum vit_tpl_token_type type);
bool vit_tpl_expect_name(struct vit_tpl_parser *p, struct vit_str *out);
/* "end of template", "'endif'", ...: in p's arena. */
const char *vit_tpl_describe(struct vit_tpl_parser *p, const struct vit_tpl_token *t);

struct vit_tpl_node *vit_tpl_node(struct vit_tpl_parser *p, enum vit_tpl_kind kind, uint32_t line);
/* Sets n->depth from its children; a fault when too deep. Returns n. */
struct vit_tpl_node *vit_tpl_deepen(struct vit_tpl_parser *p, struct vit_tpl_node *n);

enum { VIT_TPL_NO_COND = 1, VIT_TPL_PARENTHESES = 2, VIT_TPL_SIMPLE = 4, VIT_TPL_NAMESPACE = 8 };
/* All of these return NULL after a fault. */
struct vit_tpl_node *vit_tpl_expression(struct vit_tpl_parser *p, unsigned options);
/* Comma-separated: a tuple, or the one expression. `end`: a name that ends it, or NULL. */
struct vit_tpl_node *vit_tpl_tuple(struct vit_tpl_parser *p, unsigned options, const char *end);
/* Filters behind a block tag: start is true when the first has no `|`. */
struct vit_tpl_node *vit_tpl_filters(struct vit_tpl_parser *p, struct vit_tpl_node *on, bool start);

/* Parses all tokens. */
struct vit_tpl_body vit_tpl_parse_body(struct vit_tpl_parser *p);
/* Binds variables to slots; fills the program's scope and the names it reads. */
void vit_tpl_bind(struct vit_tpl_parser *p, struct vit_template_program *program,
		  struct vit_template *t);
/* Notes what is unsafe and what is not supported. */
void vit_tpl_scan(struct vit_tpl_parser *p, const struct vit_template_program *program,
		  struct vit_template *t);

#endif
