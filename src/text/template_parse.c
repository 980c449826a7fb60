#include "text/template_private.h"

#include <stdio.h>

#include "base/utf8.h"
#include "text/template_tables.h"

/*
 * Statements. After a fault inside a tag parsing goes on behind that tag, so
 * that one run names all faults; the tree is then not used.
 */

static void note_add(struct vit_tpl_parser *p, enum vit_template_note_kind kind, uint32_t line,
		     const char *fmt, va_list ap) VIT_PRINTF(4, 0);
static void note_add(struct vit_tpl_parser *p, enum vit_template_note_kind kind, uint32_t line,
		     const char *fmt, va_list ap)
{
	if (p->counts[kind]++ >= VIT_TEMPLATE_MAX_NOTES)
		return;
	struct vit_buf b;
	vit_buf_init(&b, 2048);
	vit_buf_vprintf(&b, fmt, ap);
	if (b.full) {
		vit_buf_clear(&b);
		vit_buf_puts(&b, "(a text too long to show)");
	}
	struct vit_template_note *note = vit_vec_add(&p->notes);
	note->kind = kind;
	note->line = line;
	note->text = vit_arena_str(p->arena, vit_buf_view(&b));
	vit_buf_release(&b);
}

void vit_tpl_note(struct vit_tpl_parser *p, enum vit_template_note_kind kind, uint32_t line,
		  const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	note_add(p, kind, line, fmt, ap);
	va_end(ap);
}

void vit_tpl_fault(struct vit_tpl_parser *p, uint32_t line, const char *fmt, ...)
{
	/* What follows the first fault of a tag is its consequence. */
	if (!p->failed) {
		va_list ap;
		va_start(ap, fmt);
		note_add(p, VIT_TEMPLATE_NOTE_SYNTAX, line, fmt, ap);
		va_end(ap);
	}
	p->failed = true;
}

const char *vit_tpl_describe(struct vit_tpl_parser *p, const struct vit_tpl_token *t)
{
	static const char *const fixed[] = {
		[VIT_TPL_T_EOF] = "the end of the template", [VIT_TPL_T_DATA] = "text",
		[VIT_TPL_T_VARIABLE_BEGIN] = "'{{'", [VIT_TPL_T_VARIABLE_END] = "'}}'",
		[VIT_TPL_T_BLOCK_BEGIN] = "'{%'", [VIT_TPL_T_BLOCK_END] = "'%}'",
	};
	if (t->type <= VIT_TPL_T_BLOCK_END)
		return fixed[t->type];
	struct vit_buf b;
	vit_buf_init(&b, 512);
	vit_buf_puts(&b, t->type == VIT_TPL_T_STRING ? "the string '" : "'");
	vit_display(&b, t->text, 60);
	vit_buf_putc(&b, '\'');
	const char *text = vit_arena_str(p->arena, vit_buf_view(&b)).p;
	vit_buf_release(&b);
	return text;
}

bool vit_tpl_skip_op(struct vit_tpl_parser *p, enum vit_tpl_op op)
{
	if (!vit_tpl_is_op(p, op))
		return false;
	vit_tpl_advance(p);
	return true;
}

bool vit_tpl_skip_name(struct vit_tpl_parser *p, const char *name)
{
	if (!vit_tpl_is_name(p, name))
		return false;
	vit_tpl_advance(p);
	return true;
}

bool vit_tpl_expect_op(struct vit_tpl_parser *p, enum vit_tpl_op op)
{
	if (p->failed)
		return false;
	if (vit_tpl_skip_op(p, op))
		return true;
	const struct vit_tpl_token *t = vit_tpl_current(p);
	vit_tpl_fault(p, t->line, "expected '%s', got %s", vit_tpl_op_text[op],
		      vit_tpl_describe(p, t));
	return false;
}

bool vit_tpl_expect_type(struct vit_tpl_parser *p, enum vit_tpl_token_type type)
{
	const struct vit_tpl_token *t = vit_tpl_current(p);
	if (p->failed)
		return false;
	if (t->type == type) {
		vit_tpl_advance(p);
		return true;
	}
	vit_tpl_fault(p, t->line, "expected %s, got %s",
		      type == VIT_TPL_T_BLOCK_END ? "'%}'" :
		      type == VIT_TPL_T_VARIABLE_END ? "'}}'" : "a name",
		      vit_tpl_describe(p, t));
	return false;
}

bool vit_tpl_expect_name(struct vit_tpl_parser *p, struct vit_str *out)
{
	*out = vit_tpl_current(p)->text;
	return vit_tpl_expect_type(p, VIT_TPL_T_NAME);
}

struct vit_tpl_node *vit_tpl_node(struct vit_tpl_parser *p, enum vit_tpl_kind kind, uint32_t line)
{
	struct vit_tpl_node *n = VIT_NEW(p->arena, struct vit_tpl_node);
	n->kind = (uint8_t)kind;
	n->line = line;
	return n;
}

static uint16_t deeper(uint16_t depth, const struct vit_tpl_node *n)
{
	return n && n->depth > depth ? n->depth : depth;
}

struct vit_tpl_node *vit_tpl_deepen(struct vit_tpl_parser *p, struct vit_tpl_node *n)
{
	uint16_t depth = deeper(deeper(deeper(0, n->a), n->b), n->c);
	for (uint32_t i = 0; i < n->count; i++)
		depth = deeper(depth, n->items[i]);
	if (n->args) {
		depth = deeper(deeper(depth, n->args->star), n->args->starstar);
		for (uint32_t i = 0; i < n->args->count; i++)
			depth = deeper(depth, n->args->args[i]);
		for (uint32_t i = 0; i < n->args->keyword_count; i++)
			depth = deeper(depth, n->args->keywords[i].value);
	}
	n->depth = (uint16_t)(depth + 1);
	if (n->depth > VIT_TPL_DEPTH) {
		vit_tpl_fault(p, n->line, "an expression nests more than %d deep", VIT_TPL_DEPTH);
		return NULL;
	}
	return n;
}

/* --- statements --- */

static struct vit_tpl_body body_until(struct vit_tpl_parser *p, const char *const *ends,
				      const char *what, uint32_t line);

static bool valid_target(struct vit_tpl_parser *p, struct vit_tpl_node *n)
{
	bool ok = n->kind == VIT_TPL_NAME || n->kind == VIT_TPL_NSREF || n->kind == VIT_TPL_TUPLE;
	if (n->kind == VIT_TPL_TUPLE)
		for (uint32_t i = 0; i < n->count && !p->failed; i++)
			ok &= valid_target(p, n->items[i]);
	n->store = true;
	if (!ok)
		vit_tpl_fault(p, n->line, "the target of an assignment is no variable");
	return ok && !p->failed;
}

static struct vit_tpl_node *target(struct vit_tpl_parser *p, unsigned options, const char *end)
{
	struct vit_tpl_node *n = vit_tpl_tuple(p, VIT_TPL_SIMPLE | options, end);
	return n && valid_target(p, n) ? n : NULL;
}

/* The end of a tag; on a fault goes on behind it. */
static void close_tag(struct vit_tpl_parser *p)
{
	if (vit_tpl_expect_type(p, VIT_TPL_T_BLOCK_END))
		return;
	while (vit_tpl_current(p)->type != VIT_TPL_T_BLOCK_END &&
	       vit_tpl_current(p)->type != VIT_TPL_T_EOF)
		vit_tpl_advance(p);
	vit_tpl_advance(p);
	p->failed = false;
}

static struct vit_tpl_node *statement_of(struct vit_tpl_parser *p, enum vit_tpl_kind kind)
{
	struct vit_tpl_node *n = vit_tpl_node(p, kind, vit_tpl_current(p)->line);
	n->block = VIT_NEW(p->arena, struct vit_tpl_block);
	vit_tpl_advance(p);
	return n;
}

static struct vit_tpl_node *parse_if(struct vit_tpl_parser *p)
{
	static const char *const ends[] = { "elif", "else", "endif", NULL };
	static const char *const last[] = { "endif", NULL };
	struct vit_tpl_node *first = statement_of(p, VIT_TPL_IF), *n = first;
	struct vit_vec elifs = VIT_VEC(sizeof(struct vit_tpl_node *));
	for (;;) {
		n->a = vit_tpl_tuple(p, VIT_TPL_NO_COND, NULL);
		close_tag(p);
		n->block->body = body_until(p, ends, "if", first->line);
		if (vit_tpl_is_name(p, "elif")) {
			n = statement_of(p, VIT_TPL_IF);
			*(struct vit_tpl_node **)vit_vec_add(&elifs) = n;
			continue;
		}
		if (vit_tpl_skip_name(p, "else")) {
			close_tag(p);
			first->block->orelse = body_until(p, last, "if", first->line);
		}
		break;
	}
	vit_tpl_advance(p);
	size_t count;
	first->items = vit_vec_take(&elifs, p->arena, &count);
	first->count = (uint32_t)count;
	return first;
}

static struct vit_tpl_node *parse_for(struct vit_tpl_parser *p)
{
	static const char *const ends[] = { "endfor", "else", NULL };
	static const char *const last[] = { "endfor", NULL };
	struct vit_tpl_node *n = statement_of(p, VIT_TPL_FOR);
	n->a = target(p, 0, "in");
	if (n->a && !vit_tpl_skip_name(p, "in"))
		vit_tpl_fault(p, vit_tpl_current(p)->line, "expected 'in', got %s",
			      vit_tpl_describe(p, vit_tpl_current(p)));
	if (!p->failed)
		n->b = vit_tpl_tuple(p, VIT_TPL_NO_COND, "recursive");
	if (!p->failed && vit_tpl_skip_name(p, "if"))
		n->c = vit_tpl_expression(p, 0);
	if (!p->failed)
		n->block->recursive = vit_tpl_skip_name(p, "recursive");
	close_tag(p);
	p->loops++;
	n->block->body = body_until(p, ends, "for", n->line);
	p->loops--;
	if (vit_tpl_skip_name(p, "else")) {
		close_tag(p);
		n->block->orelse = body_until(p, last, "for", n->line);
	}
	vit_tpl_advance(p);
	return n;
}

static struct vit_tpl_node *parse_set(struct vit_tpl_parser *p)
{
	static const char *const ends[] = { "endset", NULL };
	struct vit_tpl_node *n = statement_of(p, VIT_TPL_SET);
	n->a = target(p, VIT_TPL_NAMESPACE, NULL);
	if (n->a && vit_tpl_skip_op(p, VIT_TPL_ASSIGN)) {
		n->b = vit_tpl_tuple(p, 0, NULL);
		return n;
	}
	if (!n->a) {
		/* A block or not: nobody knows. Only a tag that ends here is one. */
		return n;
	}
	n->kind = VIT_TPL_SETBLOCK;
	n->b = vit_tpl_filters(p, NULL, false);
	close_tag(p);
	n->block->body = body_until(p, ends, "set", n->line);
	vit_tpl_advance(p);
	return n;
}

/* The parameters between parentheses of a macro or call block. */
static void signature(struct vit_tpl_parser *p, struct vit_tpl_function *f)
{
	struct vit_vec params = VIT_VEC(sizeof(struct vit_tpl_node *));
	struct vit_vec defaults = VIT_VEC(sizeof(struct vit_tpl_node *));
	vit_tpl_expect_op(p, VIT_TPL_LPAREN);
	while (!p->failed && !vit_tpl_is_op(p, VIT_TPL_RPAREN)) {
		if (params.count && !vit_tpl_expect_op(p, VIT_TPL_COMMA))
			break;
		struct vit_tpl_node *n = vit_tpl_node(p, VIT_TPL_NAME, vit_tpl_current(p)->line);
		if (!vit_tpl_expect_name(p, &n->name))
			break;
		n->store = true;
		n->param = true;
		*(struct vit_tpl_node **)vit_vec_add(&params) = n;
		if (vit_tpl_skip_op(p, VIT_TPL_ASSIGN)) {
			struct vit_tpl_node *v = vit_tpl_expression(p, 0);
			*(struct vit_tpl_node **)vit_vec_add(&defaults) = v;
		} else if (defaults.count) {
			vit_tpl_fault(p, n->line, "a parameter without a default follows one with it");
		}
	}
	vit_tpl_expect_op(p, VIT_TPL_RPAREN);
	size_t count;
	f->params = vit_vec_take(&params, p->arena, &count);
	f->param_count = (uint32_t)count;
	f->defaults = vit_vec_take(&defaults, p->arena, &count);
	f->default_count = (uint32_t)count;
}

/* A body in which break and continue have no loop to leave. */
static void own_body(struct vit_tpl_parser *p, struct vit_tpl_node *n, const char *end,
		     const char *what)
{
	const char *const ends[] = { end, NULL };
	unsigned loops = p->loops;
	p->loops = 0;
	close_tag(p);
	n->block->body = body_until(p, ends, what, n->line);
	vit_tpl_advance(p);
	p->loops = loops;
	if (n->block->function)
		n->block->function->body = n->block->body;
}

static struct vit_tpl_node *parse_macro(struct vit_tpl_parser *p)
{
	struct vit_tpl_node *n = statement_of(p, VIT_TPL_MACRO);
	n->block->function = VIT_NEW(p->arena, struct vit_tpl_function);
	if (vit_tpl_expect_name(p, &n->name))
		signature(p, n->block->function);
	n->block->function->name = n->name;
	own_body(p, n, "endmacro", "macro");
	return n;
}

static struct vit_tpl_node *parse_call(struct vit_tpl_parser *p)
{
	struct vit_tpl_node *n = statement_of(p, VIT_TPL_CALLBLOCK);
	n->block->function = VIT_NEW(p->arena, struct vit_tpl_function);
	if (vit_tpl_is_op(p, VIT_TPL_LPAREN))
		signature(p, n->block->function);
	if (!p->failed)
		n->a = vit_tpl_expression(p, 0);
	if (n->a && n->a->kind != VIT_TPL_CALL)
		vit_tpl_fault(p, n->line, "expected a call behind 'call'");
	own_body(p, n, "endcall", "call");
	return n;
}

static struct vit_tpl_node *parse_generation(struct vit_tpl_parser *p)
{
	struct vit_tpl_node *n = statement_of(p, VIT_TPL_GENERATION);
	n->block->function = VIT_NEW(p->arena, struct vit_tpl_function);
	own_body(p, n, "endgeneration", "generation");
	return n;
}

static struct vit_tpl_node *parse_filter(struct vit_tpl_parser *p)
{
	static const char *const ends[] = { "endfilter", NULL };
	struct vit_tpl_node *n = statement_of(p, VIT_TPL_FILTERBLOCK);
	n->a = vit_tpl_filters(p, NULL, true);
	close_tag(p);
	n->block->body = body_until(p, ends, "filter", n->line);
	vit_tpl_advance(p);
	return n;
}

static struct vit_tpl_node *parse_with(struct vit_tpl_parser *p)
{
	static const char *const ends[] = { "endwith", NULL };
	struct vit_tpl_node *n = statement_of(p, VIT_TPL_WITH);
	struct vit_vec items = VIT_VEC(sizeof(struct vit_tpl_node *));
	while (!p->failed && vit_tpl_current(p)->type != VIT_TPL_T_BLOCK_END) {
		if (items.count && !vit_tpl_expect_op(p, VIT_TPL_COMMA))
			break;
		struct vit_tpl_node *to = target(p, 0, NULL);
		if (!to || !vit_tpl_expect_op(p, VIT_TPL_ASSIGN))
			break;
		to->param = true;
		struct vit_tpl_node *v = vit_tpl_expression(p, 0);
		if (!v)
			break;
		*(struct vit_tpl_node **)vit_vec_add(&items) = to;
		*(struct vit_tpl_node **)vit_vec_add(&items) = v;
	}
	size_t count;
	n->items = vit_vec_take(&items, p->arena, &count);
	n->count = (uint32_t)count;
	close_tag(p);
	n->block->body = body_until(p, ends, "with", n->line);
	vit_tpl_advance(p);
	return n;
}

static struct vit_tpl_node *parse_leave(struct vit_tpl_parser *p)
{
	bool leave = vit_tpl_is_name(p, "break");
	struct vit_tpl_node *n = statement_of(p, leave ? VIT_TPL_BREAK : VIT_TPL_CONTINUE);
	if (!p->loops)
		vit_tpl_fault(p, n->line, "'%s' outside a loop", leave ? "break" : "continue");
	return n;
}

static struct vit_tpl_node *parse_print(struct vit_tpl_parser *p)
{
	struct vit_tpl_node *n = statement_of(p, VIT_TPL_OUTPUT);
	struct vit_vec items = VIT_VEC(sizeof(struct vit_tpl_node *));
	while (!p->failed && vit_tpl_current(p)->type != VIT_TPL_T_BLOCK_END) {
		if (items.count && !vit_tpl_expect_op(p, VIT_TPL_COMMA))
			break;
		struct vit_tpl_node *v = vit_tpl_expression(p, 0);
		if (v)
			*(struct vit_tpl_node **)vit_vec_add(&items) = v;
	}
	size_t count;
	n->items = vit_vec_take(&items, p->arena, &count);
	n->count = (uint32_t)count;
	return n;
}

/* import, from, include, extends, block, autoescape: named, and their tag is
 * passed over. Bodies are parsed, so that what stands in them is seen. */
static struct vit_tpl_node *parse_other(struct vit_tpl_parser *p)
{
	static const struct {
		const char *begin, *end;
		bool unsafe;
	} known[] = {
		{ "import", NULL, true }, { "from", NULL, true }, { "include", NULL, true },
		{ "extends", NULL, true }, { "block", "endblock", false },
		{ "autoescape", "endautoescape", false },
	};
	struct vit_tpl_node *n = statement_of(p, VIT_TPL_NOSTATEMENT);
	n->name = p->tokens[p->at - 1].text;
	const char *end = NULL;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!vit_str_is(n->name, known[i].begin))
			continue;
		end = known[i].end;
		vit_tpl_note(p,
			     known[i].unsafe ? VIT_TEMPLATE_NOTE_UNSAFE :
					       VIT_TEMPLATE_NOTE_UNSUPPORTED,
			     n->line, known[i].unsafe ? "reaches for another template with '%s'" :
							"the statement '%s'",
			     known[i].begin);
	}
	while (vit_tpl_current(p)->type != VIT_TPL_T_BLOCK_END &&
	       vit_tpl_current(p)->type != VIT_TPL_T_EOF)
		vit_tpl_advance(p);
	if (end) {
		const char *const ends[] = { end, NULL };
		close_tag(p);
		n->block->body = body_until(p, ends, known[end[3] == 'b' ? 4 : 5].begin, n->line);
		while (vit_tpl_current(p)->type != VIT_TPL_T_BLOCK_END &&
		       vit_tpl_current(p)->type != VIT_TPL_T_EOF)
			vit_tpl_advance(p);
	}
	return n;
}

static const struct {
	const char *name;
	struct vit_tpl_node *(*parse)(struct vit_tpl_parser *p);
} statements[] = {
	{ "if", parse_if }, { "for", parse_for }, { "set", parse_set }, { "macro", parse_macro },
	{ "call", parse_call }, { "generation", parse_generation }, { "filter", parse_filter },
	{ "with", parse_with }, { "break", parse_leave }, { "continue", parse_leave },
	{ "print", parse_print }, { "import", parse_other }, { "from", parse_other },
	{ "include", parse_other }, { "extends", parse_other }, { "block", parse_other },
	{ "autoescape", parse_other },
};

static struct vit_tpl_node *statement(struct vit_tpl_parser *p, const char *what)
{
	const struct vit_tpl_token *t = vit_tpl_current(p);
	if (t->type != VIT_TPL_T_NAME) {
		vit_tpl_fault(p, t->line, "expected the name of a tag, got %s",
			      vit_tpl_describe(p, t));
		return NULL;
	}
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		if (vit_str_is(t->text, statements[i].name)) {
			if (p->depth >= VIT_TPL_DEPTH) {
				vit_tpl_fault(p, t->line, "statements nest more than %d deep",
					      VIT_TPL_DEPTH);
				p->over = true;
				return NULL;
			}
			p->depth++;
			struct vit_tpl_node *n = statements[i].parse(p);
			p->depth--;
			return n;
		}
	if (what)
		vit_tpl_fault(p, t->line, "unknown tag %s inside '%s'", vit_tpl_describe(p, t), what);
	else
		vit_tpl_fault(p, t->line, "unknown tag %s", vit_tpl_describe(p, t));
	return NULL;
}

static struct vit_tpl_node *data_node(struct vit_tpl_parser *p, const struct vit_tpl_token *t)
{
	struct vit_tpl_node *n = vit_tpl_node(p, VIT_TPL_DATA, t->line);
	n->value = vit_tval_str(t->text);
	return n;
}

/* Text and `{{ }}` up to the next tag, as one OUTPUT. */
static struct vit_tpl_node *output(struct vit_tpl_parser *p)
{
	struct vit_tpl_node *n = vit_tpl_node(p, VIT_TPL_OUTPUT, vit_tpl_current(p)->line);
	struct vit_vec items = VIT_VEC(sizeof(struct vit_tpl_node *));
	for (;;) {
		const struct vit_tpl_token *t = vit_tpl_current(p);
		struct vit_tpl_node *item;
		if (t->type == VIT_TPL_T_DATA) {
			item = data_node(p, t);
			vit_tpl_advance(p);
		} else if (t->type == VIT_TPL_T_VARIABLE_BEGIN) {
			vit_tpl_advance(p);
			item = vit_tpl_tuple(p, 0, NULL);
			if (!vit_tpl_expect_type(p, VIT_TPL_T_VARIABLE_END)) {
				while (vit_tpl_current(p)->type != VIT_TPL_T_VARIABLE_END &&
				       vit_tpl_current(p)->type != VIT_TPL_T_EOF)
					vit_tpl_advance(p);
				vit_tpl_advance(p);
				p->failed = false;
			}
		} else {
			break;
		}
		if (item)
			*(struct vit_tpl_node **)vit_vec_add(&items) = item;
	}
	size_t count;
	n->items = vit_vec_take(&items, p->arena, &count);
	n->count = (uint32_t)count;
	return n;
}

/* Statements until a tag named in `ends` (then the current token), or the end
 * of the template, which is a fault when there are ends. */
static struct vit_tpl_body body_until(struct vit_tpl_parser *p, const char *const *ends,
				      const char *what, uint32_t line)
{
	struct vit_vec items = VIT_VEC(sizeof(struct vit_tpl_node *));
	bool ended = false;
	while (!p->over && !ended && vit_tpl_current(p)->type != VIT_TPL_T_EOF) {
		struct vit_tpl_node *n;
		if (vit_tpl_current(p)->type != VIT_TPL_T_BLOCK_BEGIN) {
			n = output(p);
		} else {
			vit_tpl_advance(p);
			for (size_t i = 0; ends && ends[i]; i++)
				ended |= vit_tpl_is_name(p, ends[i]);
			if (ended)
				break;
			n = statement(p, what);
			if (!p->over)
				close_tag(p);
		}
		if (n)
			*(struct vit_tpl_node **)vit_vec_add(&items) = n;
	}
	if (ends && !ended && !p->over) {
		vit_tpl_fault(p, line, "'%s' has no '%s'", what, ends[0][0] == 'e' && ends[1] &&
			      ends[2] ? ends[2] : ends[0]);
		p->over = true;
	}
	struct vit_tpl_body body;
	size_t count;
	body.items = vit_vec_take(&items, p->arena, &count);
	body.count = (uint32_t)count;
	return body;
}

struct vit_tpl_body vit_tpl_parse_body(struct vit_tpl_parser *p)
{
	return body_until(p, NULL, NULL, 1);
}

/* --- the whole --- */

static int by_kind_and_line(const struct vit_template_note *a, const struct vit_template_note *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* Few, and nearly in order: insertion keeps equal ones as they came. */
static void sort_notes(struct vit_template_note *notes, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct vit_template_note note = notes[i];
		size_t j = i;
		for (; j > 0 && by_kind_and_line(&note, &notes[j - 1]) < 0; j--)
			notes[j] = notes[j - 1];
		notes[j] = note;
	}
}

enum vit_errc vit_template_parse(struct vit_arena *a, struct vit_str source,
				 const struct vit_template **out, struct vit_err *err)
{
	if (source.n > VIT_TEMPLATE_MAX)
		return vit_err_set(err, VIT_E_LIMIT,
				   "the template has %zu bytes; at most %zu are read", source.n,
				   VIT_TEMPLATE_MAX);
	size_t valid = vit_utf8_valid(source);
	if (valid != source.n)
		return vit_err_at(err, VIT_E_SYNTAX, valid, "the template is not UTF-8");
	struct vit_template *t = VIT_NEW(a, struct vit_template);
	struct vit_template_program *program = VIT_NEW(a, struct vit_template_program);
	struct vit_tpl_parser p = { .arena = a,
				    .notes = VIT_VEC(sizeof(struct vit_template_note)) };
	if (vit_tpl_lex(&p, source)) {
		program->body = vit_tpl_parse_body(&p);
		if (!p.counts[VIT_TEMPLATE_NOTE_SYNTAX]) {
			vit_tpl_scan(&p, program, t);
			vit_tpl_bind(&p, program, t);
		}
	}
	if (!p.counts[VIT_TEMPLATE_NOTE_SYNTAX])
		t->program = program;
	t->syntax_count = p.counts[VIT_TEMPLATE_NOTE_SYNTAX];
	t->unsafe_count = p.counts[VIT_TEMPLATE_NOTE_UNSAFE];
	t->unsupported_count = p.counts[VIT_TEMPLATE_NOTE_UNSUPPORTED];
	struct vit_template_note *notes = vit_vec_take(&p.notes, a, &t->note_count);
	sort_notes(notes, t->note_count);
	t->notes = notes;
	*out = t;
	return VIT_OK;
}
