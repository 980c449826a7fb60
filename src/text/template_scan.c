#include "text/template_private.h"

#include "base/utf8.h"
#include "text/template_tables.h"

/*
 * What a look at the tree says, whether or not a place is ever reached:
 * reaching for Python's insides (the ways out of a sandbox that are known for
 * Jinja all go through attributes with underscores), and what is not supported.
 */

struct scan {
	struct vit_tpl_parser *p;
	struct vit_template *t;
};

static void scan_node(struct scan *s, const struct vit_tpl_node *n, bool soft);

static const char *shown(struct scan *s, struct vit_str text)
{
	struct vit_buf b;
	vit_buf_init(&b, 512);
	vit_display(&b, text, 60);
	const char *out = vit_arena_str(s->p->arena, vit_buf_view(&b)).p;
	vit_buf_release(&b);
	return out;
}

/* An attribute of Python objects that leads to the interpreter's insides. */
static bool internal_name(struct vit_str name)
{
	static const char *const names[] = { "mro", "gi_frame", "gi_code", "cr_frame", "cr_code",
					     "ag_frame", "ag_code", "f_globals", "f_locals",
					     "f_builtins", "func_globals", "func_code", "tb_frame",
					     "im_func", "im_class" };
	if (name.n && name.p[0] == '_')
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (vit_str_is(name, names[i]))
			return true;
	return false;
}

/* A field of format() that goes on to an internal attribute: "{0.__class__}". */
static bool internal_field(struct vit_str text)
{
	for (size_t at = 0; (at = vit_str_find(text, VIT_STR("{"), at)) != SIZE_MAX;) {
		at++;
		while (at < text.n && text.p[at] && !strchr(".[} \n", text.p[at]))
			at++;
		if (vit_str_starts(vit_str_sub(text, at, text.n), VIT_STR(".__")) ||
		    vit_str_starts(vit_str_sub(text, at, text.n), VIT_STR("[__")))
			return true;
	}
	return false;
}

/* A text that names such an attribute: by itself, in a path, or in a format.
 * What has blanks is prose, which may well speak of __init__. */
static bool internal_text(struct vit_str text)
{
	static const char *const names[] = { "__class__", "__globals__", "__builtins__",
					     "__subclasses__", "__import__", "__mro__", "__base__",
					     "__bases__", "__init__", "__getattribute__",
					     "__dict__", "__code__", "__func__", "__self__" };
	if (internal_field(text))
		return true;
	if (memchr(text.p, ' ', text.n) || memchr(text.p, '\n', text.n))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct vit_str name = vit_str_c(names[i]);
		size_t at = vit_str_find(text, name, 0);
		/* "__init__.py" is the name of a file. */
		if (at != SIZE_MAX && !vit_str_starts(vit_str_sub(text, at + name.n, text.n),
						      VIT_STR(".py")))
			return true;
	}
	return false;
}

/* Whether an expression is built from a piece that begins with two underscores. */
static bool pieces(const struct vit_tpl_node *n)
{
	if (!n)
		return false;
	if (n->kind == VIT_TPL_CONST && n->value.type == VIT_TV_STR &&
	    vit_str_starts(vit_tval_text(n->value), VIT_STR("__")))
		return true;
	if (pieces(n->a) || pieces(n->b) || pieces(n->c))
		return true;
	for (uint32_t i = 0; i < n->count; i++)
		if (pieces(n->items[i]))
			return true;
	return false;
}

static void unsafe(struct scan *s, uint32_t line, const char *what, struct vit_str name)
{
	vit_tpl_note(s->p, VIT_TEMPLATE_NOTE_UNSAFE, line, "%s '%s'", what, shown(s, name));
}

static void scan_name(struct scan *s, const struct vit_tpl_node *n)
{
	if (n->store)
		return;
	if (vit_str_starts(n->name, VIT_STR("__")))
		unsafe(s, n->line, "reads the internal name", n->name);
	s->t->uses_clock |= vit_str_is(n->name, "strftime_now");
	s->t->uses_exception |= vit_str_is(n->name, "raise_exception");
	s->t->uses_tools |= vit_str_is(n->name, "tools");
}

static void scan_filter(struct scan *s, const struct vit_tpl_node *n, bool soft)
{
	if (!n->filter && !soft)
		vit_tpl_fault(s->p, n->line, "there is no filter '%s'", shown(s, n->name));
	else if (!n->filter || !vit_tpl_supported(n->filter))
		vit_tpl_note(s->p, VIT_TEMPLATE_NOTE_UNSUPPORTED, n->line, "the filter '%s'",
			     shown(s, n->name));
	s->p->failed = false;
	if (!vit_str_is(n->name, "attr"))
		return;
	const struct vit_tpl_node *arg = n->args->count ? n->args->args[0] : NULL;
	if (!arg && n->args->keyword_count)
		arg = n->args->keywords[0].value;
	if (!arg || arg->kind != VIT_TPL_CONST || arg->value.type != VIT_TV_STR)
		vit_tpl_note(s->p, VIT_TEMPLATE_NOTE_UNSAFE, n->line,
			     "takes an attribute by a name made at run time");
	else if (internal_name(vit_tval_text(arg->value)))
		unsafe(s, n->line, "reaches for the attribute", vit_tval_text(arg->value));
}

static void scan_expression(struct scan *s, const struct vit_tpl_node *n, bool soft)
{
	if (n->kind == VIT_TPL_NAME)
		scan_name(s, n);
	if (n->kind == VIT_TPL_GETATTR && internal_name(n->name))
		unsafe(s, n->line, "reaches for the attribute", n->name);
	if (n->kind == VIT_TPL_NSREF && internal_name(n->text))
		unsafe(s, n->line, "stores the attribute", n->text);
	if (n->kind == VIT_TPL_GETITEM && pieces(n->b))
		vit_tpl_note(s->p, VIT_TEMPLATE_NOTE_UNSAFE, n->line,
			     "reaches for an internal attribute by subscript");
	if (n->kind == VIT_TPL_CONST && n->value.type == VIT_TV_STR &&
	    internal_text(vit_tval_text(n->value)))
		unsafe(s, n->line, "names Python's insides in the text", vit_tval_text(n->value));
	if (n->kind == VIT_TPL_FILTER)
		scan_filter(s, n, soft);
	if (n->kind == VIT_TPL_TEST && !n->test) {
		if (!soft)
			vit_tpl_fault(s->p, n->line, "there is no test '%s'", shown(s, n->name));
		else
			vit_tpl_note(s->p, VIT_TEMPLATE_NOTE_UNSUPPORTED, n->line, "the test '%s'",
				     shown(s, n->name));
		s->p->failed = false;
	}
}

/* Nobody may store into `loop` inside a loop. */
static void scan_loop_store(struct scan *s, const struct vit_tpl_node *n)
{
	if (!n)
		return;
	if (n->kind == VIT_TPL_NAME && n->store && vit_str_is(n->name, "loop")) {
		vit_tpl_fault(s->p, n->line, "'loop' cannot be assigned to inside a loop");
		s->p->failed = false;
	}
	scan_loop_store(s, n->a);
	for (uint32_t i = 0; i < n->count; i++)
		scan_loop_store(s, n->items[i]);
}

static void scan_body(struct scan *s, const struct vit_tpl_body *body, bool soft, bool in_loop)
{
	for (uint32_t i = 0; i < body->count; i++) {
		const struct vit_tpl_node *n = body->items[i];
		if (in_loop && (n->kind == VIT_TPL_SET || n->kind == VIT_TPL_SETBLOCK))
			scan_loop_store(s, n->a);
		scan_node(s, n, soft);
	}
}

static void scan_node(struct scan *s, const struct vit_tpl_node *n, bool soft)
{
	if (!n)
		return;
	scan_expression(s, n, soft);
	bool loop = n->kind == VIT_TPL_FOR;
	/* In an `if` or a conditional expression Jinja looks filters up late. */
	soft = (soft && n->kind < VIT_TPL_OUTPUT) || n->kind == VIT_TPL_IF ||
	       n->kind == VIT_TPL_COND ||
	       (soft && (n->kind == VIT_TPL_OUTPUT || n->kind == VIT_TPL_SET));
	if (n->kind == VIT_TPL_GENERATION)
		s->t->has_generation = true;
	if (loop)
		scan_loop_store(s, n->a);
	scan_node(s, n->a, soft);
	scan_node(s, n->b, soft);
	scan_node(s, n->c, soft);
	for (uint32_t i = 0; i < n->count; i++)
		scan_node(s, n->items[i], soft);
	if (n->args) {
		for (uint32_t i = 0; i < n->args->count; i++)
			scan_node(s, n->args->args[i], soft);
		for (uint32_t i = 0; i < n->args->keyword_count; i++)
			scan_node(s, n->args->keywords[i].value, soft);
		scan_node(s, n->args->star, soft);
		scan_node(s, n->args->starstar, soft);
	}
	if (!n->block)
		return;
	for (uint32_t i = 0; n->block->function && i < n->block->function->default_count; i++)
		scan_node(s, n->block->function->defaults[i], false);
	scan_body(s, &n->block->body, n->kind == VIT_TPL_IF, loop);
	scan_body(s, &n->block->orelse, n->kind == VIT_TPL_IF, loop);
}

void vit_tpl_scan(struct vit_tpl_parser *p, const struct vit_template_program *program,
		  struct vit_template *t)
{
	struct scan s = { p, t };
	scan_body(&s, &program->body, false, false);
}
