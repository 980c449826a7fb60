#include "text/template_private.h"

#include "base/map.h"

/*
 * Variables bound to slots, by the rules of Jinja (jinja2/idtracking.py, BSD
 * licence), whose effects templates rely on:
 *
 * - for, with, macro, call, filter, set blocks and generation open a scope; if
 *   does not;
 * - a name stored in a scope is that scope's own, everywhere in it; on entry it
 *   has the outer variable's value, if the outer scopes know the name then;
 * - a name only read is the nearest outer scope's, else it comes from the
 *   context when the scope is entered.
 *
 * Macros, call blocks, generation blocks and recursive loops are functions:
 * they see the variables around them as they are when called.
 */

struct symbol {
	struct vit_str name;
	enum vit_tpl_load how;
	bool parameter;          /* is one now, whatever it was first */
	bool loaded;             /* has an instruction for its entry */
	uint16_t slot;
	struct vit_tpl_ref from; /* ALIAS; hops are filled in at the end */
	const struct scope *from_scope;
};

/* Where code runs: the template, or a function. */
struct function {
	const struct function *parent;
	unsigned depth;
	uint32_t slots;
	struct vit_map levels;    /* "level\0name" to slot: siblings share slots */
};

struct scope {
	struct scope *parent;
	struct function *function;
	unsigned level;
	struct vit_map map;       /* name to symbol */
	struct vit_vec symbols;   /* struct symbol */
	struct vit_vec stores;    /* uint32_t: symbols, in order of being stored */
	struct vit_vec stored;    /* bool by symbol */
};

struct binder {
	struct vit_tpl_parser *p;
	unsigned fresh;           /* for scopes that share no slots */
	struct vit_map seen;      /* variables read from the context */
	struct vit_vec variables; /* struct vit_str */
};

/* --- a scope's names --- */

static void scope_open(struct scope *s, struct scope *parent, struct function *f, unsigned level)
{
	*s = (struct scope){ .parent = parent, .function = f, .level = level,
			     .symbols = VIT_VEC(sizeof(struct symbol)),
			     .stores = VIT_VEC(sizeof(uint32_t)),
			     .stored = VIT_VEC(sizeof(bool)) };
	vit_map_init(&s->map, 8);
}

static void scope_close(struct scope *s)
{
	vit_map_release(&s->map);
	vit_vec_free(&s->symbols);
	vit_vec_free(&s->stores);
	vit_vec_free(&s->stored);
}

static struct symbol *symbol_at(const struct scope *s, uint32_t i)
{
	return vit_vec_at(&s->symbols, i);
}

/* The scope that knows the name, from s outwards; NULL: none. */
static struct scope *find_scope(struct scope *s, struct vit_str name, uint32_t *at)
{
	for (; s; s = s->parent) {
		*at = vit_map_get(&s->map, name);
		if (*at != VIT_MAP_NONE)
			return s;
	}
	return NULL;
}

static uint16_t slot_for(struct binder *b, struct function *f, unsigned level, struct vit_str name)
{
	struct vit_str key = vit_arena_printf(b->p->arena, "%u %.*s", level, VIT_FMT(name));
	uint32_t slot = vit_map_add(&f->levels, key, f->slots);
	if (slot != VIT_MAP_NONE)
		return (uint16_t)slot;
	if (f->slots >= 0xfff0) {
		vit_tpl_note(b->p, VIT_TEMPLATE_NOTE_UNSUPPORTED, 1,
			     "more than 65,000 variables in one function");
		return 0;
	}
	return (uint16_t)f->slots++;
}

static uint32_t define(struct binder *b, struct scope *s, struct vit_str name,
		       enum vit_tpl_load how)
{
	uint32_t at = vit_map_get(&s->map, name);
	if (at == VIT_MAP_NONE) {
		at = (uint32_t)s->symbols.count;
		vit_map_set(&s->map, name, at);
		struct symbol *made = vit_vec_add(&s->symbols);
		made->name = name;
		made->slot = slot_for(b, s->function, s->level, name);
		vit_vec_add(&s->stored);
	}
	struct symbol *sym = symbol_at(s, at);
	sym->how = how;
	sym->loaded = true;
	return at;
}

static void mark_stored(struct scope *s, uint32_t at)
{
	bool *stored = vit_vec_at(&s->stored, at);
	if (!*stored)
		*(uint32_t *)vit_vec_add(&s->stores) = at;
	*stored = true;
}

static void alias(struct scope *s, uint32_t at, struct scope *outer, uint32_t outer_at)
{
	struct symbol *sym = symbol_at(s, at);
	sym->how = VIT_TPL_LOAD_ALIAS;
	sym->from_scope = outer;
	sym->from.slot = symbol_at(outer, outer_at)->slot;
}

static void store(struct binder *b, struct scope *s, struct vit_str name)
{
	uint32_t at = vit_map_get(&s->map, name), outer_at;
	if (at == VIT_MAP_NONE) {
		struct scope *outer = find_scope(s->parent, name, &outer_at);
		at = define(b, s, name, VIT_TPL_LOAD_UNDEFINED);
		if (outer)
			alias(s, at, outer, outer_at);
	}
	mark_stored(s, at);
}

static uint32_t parameter(struct binder *b, struct scope *s, struct vit_str name)
{
	uint32_t at = define(b, s, name, VIT_TPL_LOAD_PARAM);
	mark_stored(s, at);
	return at;
}

static void load(struct binder *b, struct scope *s, struct vit_str name)
{
	uint32_t at;
	if (!find_scope(s, name, &at))
		define(b, s, name, VIT_TPL_LOAD_RESOLVE);
}

/* What became of an `if`: names stored in some branch, and not before it, are
 * taken from outside on entry, since the branch may not run. */
static void branches_done(struct scope *s, size_t stores_before)
{
	for (size_t i = stores_before; i < s->stores.count; i++) {
		uint32_t at = *(uint32_t *)vit_vec_at(&s->stores, i), outer_at;
		struct symbol *sym = symbol_at(s, at);
		struct scope *outer = find_scope(s->parent, sym->name, &outer_at);
		sym->loaded = true;
		sym->how = VIT_TPL_LOAD_RESOLVE;
		if (outer)
			alias(s, at, outer, outer_at);
	}
}

/* --- what a scope's code reads and stores, not descending into inner ones --- */

static void see(struct binder *b, struct scope *s, const struct vit_tpl_node *n, bool as_param);

static void see_body(struct binder *b, struct scope *s, const struct vit_tpl_body *body)
{
	for (uint32_t i = 0; i < body->count; i++)
		see(b, s, body->items[i], false);
}

static void see_items(struct binder *b, struct scope *s, const struct vit_tpl_node *n,
		      bool as_param)
{
	for (uint32_t i = 0; i < n->count; i++)
		see(b, s, n->items[i], as_param);
}

static void see_args(struct binder *b, struct scope *s, const struct vit_tpl_args *args)
{
	for (uint32_t i = 0; i < args->count; i++)
		see(b, s, args->args[i], false);
	for (uint32_t i = 0; i < args->keyword_count; i++)
		see(b, s, args->keywords[i].value, false);
	see(b, s, args->star, false);
	see(b, s, args->starstar, false);
}

static void see_if(struct binder *b, struct scope *s, const struct vit_tpl_node *n)
{
	see(b, s, n->a, false);
	size_t before = s->stores.count;
	see_body(b, s, &n->block->body);
	see_items(b, s, n, false);
	see_body(b, s, &n->block->orelse);
	branches_done(s, before);
	/* Each branch starts from what was known before: a later store in the
	 * same scope is again the first one. */
}

static void see(struct binder *b, struct scope *s, const struct vit_tpl_node *n, bool as_param)
{
	if (!n)
		return;
	switch ((enum vit_tpl_kind)n->kind) {
	case VIT_TPL_NAME:
		if (as_param || n->param)
			parameter(b, s, n->name);
		else if (n->store)
			store(b, s, n->name);
		else
			load(b, s, n->name);
		return;
	case VIT_TPL_NSREF:
		load(b, s, n->name);
		return;
	case VIT_TPL_IF:
		see_if(b, s, n);
		return;
	case VIT_TPL_FOR:
		see(b, s, n->b, false);
		return;
	case VIT_TPL_SET:
		see(b, s, n->b, false);
		see(b, s, n->a, false);
		return;
	case VIT_TPL_SETBLOCK:
	case VIT_TPL_CALLBLOCK:
	case VIT_TPL_FILTERBLOCK:
		see(b, s, n->a, false);
		return;
	case VIT_TPL_MACRO:
		store(b, s, n->name);
		return;
	case VIT_TPL_WITH:
		for (uint32_t i = 1; i < n->count; i += 2)
			see(b, s, n->items[i], false);
		return;
	case VIT_TPL_GENERATION:
	case VIT_TPL_NOSTATEMENT:
	case VIT_TPL_BREAK:
	case VIT_TPL_CONTINUE:
	case VIT_TPL_DATA:
	case VIT_TPL_CONST:
		return;
	case VIT_TPL_TUPLE:
	case VIT_TPL_LIST:
	case VIT_TPL_DICT:
	case VIT_TPL_GETATTR:
	case VIT_TPL_GETITEM:
	case VIT_TPL_SLICE:
	case VIT_TPL_CALL:
	case VIT_TPL_FILTER:
	case VIT_TPL_TEST:
	case VIT_TPL_BINARY:
	case VIT_TPL_UNARY:
	case VIT_TPL_LOGIC:
	case VIT_TPL_COMPARE:
	case VIT_TPL_COMPARED:
	case VIT_TPL_CONCAT:
	case VIT_TPL_COND:
	case VIT_TPL_OUTPUT:
	case VIT_TPL_KINDS:
		break;
	}
	see(b, s, n->a, as_param);
	see(b, s, n->b, as_param);
	see(b, s, n->c, as_param);
	see_items(b, s, n, as_param);
	if (n->args)
		see_args(b, s, n->args);
}

/* --- binding: the names of a scope's code, descending into inner ones --- */

static void bind(struct binder *b, struct scope *s, struct vit_tpl_node *n);

static void bind_body(struct binder *b, struct scope *s, struct vit_tpl_body *body)
{
	for (uint32_t i = 0; i < body->count; i++)
		bind(b, s, body->items[i]);
}

static struct vit_tpl_ref ref_to(const struct scope *s, const struct scope *owner, uint32_t at)
{
	const struct symbol *sym = symbol_at(owner, at);
	return (struct vit_tpl_ref){
		.hops = (uint16_t)(s->function->depth - owner->function->depth),
		.slot = sym->slot,
		.always = sym->how == VIT_TPL_LOAD_PARAM,
	};
}

static struct vit_tpl_ref ref_of(struct scope *s, struct vit_str name)
{
	uint32_t at;
	struct scope *owner = find_scope(s, name, &at);
	if (!owner)
		VIT_BUG("template: a name was not seen before it is bound");
	return ref_to(s, owner, at);
}

/* What entering the scope does, once all names are known. */
static void finish_scope(struct binder *b, const struct scope *s, struct vit_tpl_scope *out)
{
	struct vit_tpl_loaded *loads = VIT_NEW_ARRAY(b->p->arena, s->symbols.count,
						     struct vit_tpl_loaded);
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->symbols.count; i++) {
		const struct symbol *sym = symbol_at(s, i);
		if (sym->how == VIT_TPL_LOAD_PARAM)
			continue;
		loads[n].how = sym->how;
		loads[n].slot = sym->slot;
		loads[n].name = sym->name;
		if (sym->how == VIT_TPL_LOAD_ALIAS) {
			loads[n].from.slot = sym->from.slot;
			loads[n].from.hops = (uint16_t)(s->function->depth -
							sym->from_scope->function->depth);
		} else if (sym->how == VIT_TPL_LOAD_RESOLVE) {
			if (vit_map_add(&b->seen, sym->name, 0) == VIT_MAP_NONE)
				*(struct vit_str *)vit_vec_add(&b->variables) = sym->name;
		}
		n++;
	}
	out->loads = loads;
	out->count = n;
}

static bool reads(const struct vit_tpl_node *n, struct vit_str name, bool *known);

static bool any_reads(struct vit_tpl_node *const *nodes, uint32_t n, struct vit_str name,
		      bool *known)
{
	for (uint32_t i = 0; i < n; i++)
		if (reads(nodes[i], name, known))
			return true;
	return false;
}

static bool args_read(const struct vit_tpl_args *args, struct vit_str name, bool *known)
{
	if (any_reads(args->args, args->count, name, known))
		return true;
	for (uint32_t i = 0; i < args->keyword_count; i++)
		if (reads(args->keywords[i].value, name, known))
			return true;
	return reads(args->star, name, known) || reads(args->starstar, name, known);
}

static bool block_reads(const struct vit_tpl_block *block, struct vit_str name, bool *known)
{
	const struct vit_tpl_function *f = block->function;
	if (f && (any_reads(f->params, f->param_count, name, known) ||
		  any_reads(f->defaults, f->default_count, name, known)))
		return true;
	return any_reads(block->body.items, block->body.count, name, known) ||
	       any_reads(block->orelse.items, block->orelse.count, name, known);
}

/* Whether code reads `name` before it stores it; *known goes false at a store. */
static bool reads(const struct vit_tpl_node *n, struct vit_str name, bool *known)
{
	if (!n || !*known)
		return false;
	if (n->kind == VIT_TPL_NAME && vit_str_eq(n->name, name)) {
		*known = !n->store && !n->param;
		return *known;
	}
	if (reads(n->a, name, known) || reads(n->b, name, known) || reads(n->c, name, known) ||
	    any_reads(n->items, n->count, name, known))
		return true;
	return (n->args && args_read(n->args, name, known)) ||
	       (n->block && block_reads(n->block, name, known));
}

static bool body_reads(const struct vit_tpl_body *body, const char *name)
{
	bool known = true;
	for (uint32_t i = 0; i < body->count && known; i++)
		if (reads(body->items[i], vit_str_c(name), &known))
			return true;
	return false;
}

static void function_open(struct function *f, const struct function *parent)
{
	*f = (struct function){ .parent = parent, .depth = parent ? parent->depth + 1 : 0 };
	vit_map_init(&f->levels, 16);
}

/* A macro, call block or generation block, defined in scope s. */
static void bind_function(struct binder *b, struct scope *s, struct vit_tpl_node *n)
{
	struct vit_tpl_function *f = n->block->function;
	struct function fn;
	struct scope in;
	function_open(&fn, s->function);
	scope_open(&in, s, &fn, s->level + 1);
	for (uint32_t i = 0; i < f->param_count; i++) {
		parameter(b, &in, f->params[i]->name);
		f->explicit_caller |= vit_str_is(f->params[i]->name, "caller");
	}
	for (uint32_t i = 0; i < f->default_count; i++)
		see(b, &in, f->defaults[i], false);
	bool own_kwargs = false, own_varargs = false;
	for (uint32_t i = 0; i < f->param_count; i++) {
		own_kwargs |= vit_str_is(f->params[i]->name, "kwargs");
		own_varargs |= vit_str_is(f->params[i]->name, "varargs");
	}
	see_body(b, &in, &n->block->body);
	f->wants_caller = body_reads(&f->body, "caller");
	f->wants_kwargs = body_reads(&f->body, "kwargs") && !own_kwargs;
	f->wants_varargs = body_reads(&f->body, "varargs") && !own_varargs;
	if (f->wants_caller && !f->explicit_caller)
		f->caller = ref_to(&in, &in, parameter(b, &in, VIT_STR("caller")));
	if (f->wants_kwargs)
		f->kwargs = ref_to(&in, &in, parameter(b, &in, VIT_STR("kwargs")));
	if (f->wants_varargs)
		f->varargs = ref_to(&in, &in, parameter(b, &in, VIT_STR("varargs")));
	for (uint32_t i = 0; i < f->param_count; i++)
		f->params[i]->ref = ref_of(&in, f->params[i]->name);
	for (uint32_t i = 0; i < f->default_count; i++)
		bind(b, &in, f->defaults[i]);
	bind_body(b, &in, &n->block->body);
	f->body = n->block->body;
	finish_scope(b, &in, &f->scope);
	f->slots = (uint16_t)fn.slots;
	scope_close(&in);
	vit_map_release(&fn.levels);
}

static struct vit_tpl_node *copy_target(struct binder *b, const struct vit_tpl_node *n)
{
	struct vit_tpl_node *copy = VIT_NEW(b->p->arena, struct vit_tpl_node);
	*copy = *n;
	if (n->count)
		copy->items = VIT_NEW_ARRAY(b->p->arena, n->count, struct vit_tpl_node *);
	for (uint32_t i = 0; i < n->count; i++)
		copy->items[i] = copy_target(b, n->items[i]);
	return copy;
}

static void bind_for(struct binder *b, struct scope *s, struct vit_tpl_node *n)
{
	struct vit_tpl_block *block = n->block;
	struct function own, *f = s->function;
	if (block->recursive) {
		block->function = VIT_NEW(b->p->arena, struct vit_tpl_function);
		block->function->loop = n;
		function_open(&own, s->function);
		f = &own;
	}
	block->extended = block->recursive || body_reads(&block->body, "loop");
	bind(b, s, n->b);
	struct scope in;
	if (n->c) {
		/* The filter runs between two rounds of the body, whose variables
		 * it must leave alone: it has slots of its own. */
		block->test_target = copy_target(b, n->a);
		scope_open(&in, s, f, 1u << 16 | b->fresh++);
		see(b, &in, block->test_target, true);
		see(b, &in, n->c, false);
		bind(b, &in, block->test_target);
		bind(b, &in, n->c);
		finish_scope(b, &in, &block->test_scope);
		scope_close(&in);
	}
	scope_open(&in, s, f, s->level + 1);
	if (block->extended)
		block->loop = ref_to(&in, &in, parameter(b, &in, VIT_STR("loop")));
	see(b, &in, n->a, true);
	see_body(b, &in, &block->body);
	bind(b, &in, n->a);
	bind_body(b, &in, &block->body);
	finish_scope(b, &in, &block->scope);
	scope_close(&in);
	if (block->orelse.count) {
		scope_open(&in, s, f, s->level + 1);
		see_body(b, &in, &block->orelse);
		bind_body(b, &in, &block->orelse);
		finish_scope(b, &in, &block->else_scope);
		scope_close(&in);
	}
	if (block->recursive) {
		block->function->slots = (uint16_t)own.slots;
		vit_map_release(&own.levels);
	}
}

/* with, filter and set blocks: a scope in the same function. */
static void bind_block(struct binder *b, struct scope *s, struct vit_tpl_node *n)
{
	struct scope in;
	bool with = n->kind == VIT_TPL_WITH;
	for (uint32_t i = 1; with && i < n->count; i += 2)
		bind(b, s, n->items[i]);
	scope_open(&in, s, s->function, s->level + 1);
	for (uint32_t i = 0; with && i < n->count; i += 2)
		see(b, &in, n->items[i], true);
	see_body(b, &in, &n->block->body);
	if (n->kind == VIT_TPL_FILTERBLOCK)
		see(b, &in, n->a, false);
	if (n->kind == VIT_TPL_SETBLOCK)
		see(b, &in, n->b, false);
	for (uint32_t i = 0; with && i < n->count; i += 2)
		bind(b, &in, n->items[i]);
	bind_body(b, &in, &n->block->body);
	if (n->kind == VIT_TPL_FILTERBLOCK)
		bind(b, &in, n->a);
	if (n->kind == VIT_TPL_SETBLOCK) {
		bind(b, &in, n->b);
		bind(b, s, n->a);
	}
	finish_scope(b, &in, &n->block->scope);
	scope_close(&in);
}

static void bind_children(struct binder *b, struct scope *s, struct vit_tpl_node *n)
{
	bind(b, s, n->a);
	bind(b, s, n->b);
	bind(b, s, n->c);
	for (uint32_t i = 0; i < n->count; i++)
		bind(b, s, n->items[i]);
	for (uint32_t i = 0; n->args && i < n->args->count; i++)
		bind(b, s, n->args->args[i]);
	for (uint32_t i = 0; n->args && i < n->args->keyword_count; i++)
		bind(b, s, n->args->keywords[i].value);
	if (n->args) {
		bind(b, s, n->args->star);
		bind(b, s, n->args->starstar);
	}
}

static void bind(struct binder *b, struct scope *s, struct vit_tpl_node *n)
{
	if (!n)
		return;
	if (n->kind == VIT_TPL_NAME || n->kind == VIT_TPL_NSREF) {
		n->ref = ref_of(s, n->name);
	} else if (n->kind == VIT_TPL_FOR) {
		bind_for(b, s, n);
	} else if (n->kind == VIT_TPL_MACRO) {
		bind_function(b, s, n);
		n->ref = ref_of(s, n->name);
	} else if (n->kind == VIT_TPL_CALLBLOCK || n->kind == VIT_TPL_GENERATION) {
		bind_function(b, s, n);
		bind(b, s, n->a);
	} else if (n->kind == VIT_TPL_WITH || n->kind == VIT_TPL_FILTERBLOCK ||
		   n->kind == VIT_TPL_SETBLOCK) {
		bind_block(b, s, n);
	} else if (n->kind != VIT_TPL_NOSTATEMENT) {
		bind_children(b, s, n);
		if (n->kind == VIT_TPL_IF) {
			bind_body(b, s, &n->block->body);
			bind_body(b, s, &n->block->orelse);
		}
	}
}

void vit_tpl_bind(struct vit_tpl_parser *p, struct vit_template_program *program,
		  struct vit_template *t)
{
	struct binder b = { .p = p, .variables = VIT_VEC(sizeof(struct vit_str)) };
	struct function root;
	struct scope s;
	vit_map_init(&b.seen, 16);
	function_open(&root, NULL);
	scope_open(&s, NULL, &root, 0);
	see_body(&b, &s, &program->body);
	bind_body(&b, &s, &program->body);
	finish_scope(&b, &s, &program->scope);
	program->slots = (uint16_t)root.slots;
	scope_close(&s);
	vit_map_release(&root.levels);
	vit_map_release(&b.seen);
	t->variables = vit_vec_take(&b.variables, p->arena, &t->variable_count);
}
