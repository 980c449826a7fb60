#include "text/template_eval.h"

#include <stdio.h>

/* The beginning and end of a rendering, and what all its parts share. */

const struct vit_template_limits vit_template_default_limits = {
	.steps = 20000000,
	.depth = 700,
	.memory = (size_t)64 << 20,
	.output = (size_t)32 << 20,
};

const char *vit_template_outcome_name(enum vit_template_outcome o)
{
	static const char *const names[] = {
		[VIT_TEMPLATE_RENDERED] = "rendered", [VIT_TEMPLATE_RAISED] = "raised",
		[VIT_TEMPLATE_ERROR] = "error", [VIT_TEMPLATE_FORBIDDEN] = "forbidden",
		[VIT_TEMPLATE_LIMIT] = "limit", [VIT_TEMPLATE_UNSUPPORTED] = "unsupported",
		[VIT_TEMPLATE_UNSAFE] = "unsafe", [VIT_TEMPLATE_BROKEN] = "broken",
	};
	return names[o];
}

bool vit_tpl_stop(struct vit_tpl_eval *e, enum vit_template_outcome outcome, const char *fmt, ...)
{
	if (e->stopped)
		return false;
	e->stopped = true;
	e->result->outcome = outcome;
	e->result->line = e->line;
	struct vit_buf b;
	va_list ap;
	vit_buf_init(&b, 4096);
	va_start(ap, fmt);
	vit_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	e->result->message = vit_arena_str(e->scratch, b.full ? VIT_STR("(a message too long to show)") :
								vit_buf_view(&b));
	vit_buf_release(&b);
	return false;
}

/* --- memory --- */

void *vit_tpl_alloc(struct vit_tpl_eval *e, size_t count, size_t size)
{
	size_t total;
	if (e->stopped)
		return NULL;
	if (__builtin_mul_overflow(count, size, &total) || total > VIT_TVAL_MAX ||
	    total + 32 > e->memory) {
		vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "more memory than allowed");
		return NULL;
	}
	e->memory -= total + 32;
	return vit_arena_alloc(e->scratch, total);
}

struct vit_tval *vit_tpl_items(struct vit_tpl_eval *e, size_t count)
{
	return vit_tpl_alloc(e, count, sizeof(struct vit_tval));
}

bool vit_tpl_new_str(struct vit_tpl_eval *e, struct vit_str s, struct vit_tval *out)
{
	char *p = vit_tpl_alloc(e, s.n, 1);
	if (!p)
		return false;
	if (s.n)
		memcpy(p, s.p, s.n);
	*out = vit_tval_str((struct vit_str){ p, s.n });
	return true;
}

void vit_tpl_buf(struct vit_tpl_eval *e, struct vit_buf *b)
{
	vit_buf_init(b, e->memory < VIT_TVAL_MAX ? e->memory : VIT_TVAL_MAX);
}

bool vit_tpl_take_str(struct vit_tpl_eval *e, struct vit_buf *b, struct vit_tval *out)
{
	bool ok = b->full ? vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "a text is larger than allowed") :
			    vit_tpl_new_str(e, vit_buf_view(b), out);
	vit_buf_release(b);
	return ok;
}

bool vit_tpl_dict_put(struct vit_tpl_eval *e, struct vit_tdict *d, const struct vit_tval *key,
		      const struct vit_tval *value)
{
	/* What a growing dict takes, its old tables included, is below this. */
	if (e->memory < 256)
		return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "more memory than allowed");
	e->memory -= 256;
	if (!vit_tpl_step(e, 1) || !vit_tpl_hashable(e, key))
		return false;
	vit_tpl_dict_set(e->scratch, d, key, value);
	return true;
}

bool vit_tpl_new_iterator(struct vit_tpl_eval *e, const struct vit_tval *items, uint32_t n,
			  const char *type, struct vit_tval *out)
{
	struct vit_tpl_iterator *it = vit_tpl_alloc(e, 1, sizeof(*it));
	if (!it)
		return false;
	*it = (struct vit_tpl_iterator){ items, n, 0, type };
	*out = (struct vit_tval){ .type = VIT_TV_ITERATOR, .other = it };
	return true;
}

/* --- undefined values --- */

struct undefined {
	struct vit_str name;    /* of a variable or attribute */
	struct vit_str hint;    /* instead, when it has bytes */
	const char *on;         /* the type it is missing on */
	bool element, unsafe;
};

static struct vit_tval new_undefined(struct vit_tpl_eval *e, struct undefined u)
{
	struct undefined *made = vit_tpl_alloc(e, 1, sizeof(*made));
	if (made)
		*made = u;
	return (struct vit_tval){ .type = VIT_TV_UNDEFINED, .other = made };
}

struct vit_tval vit_tpl_undefined_name(struct vit_tpl_eval *e, struct vit_str name)
{
	return new_undefined(e, (struct undefined){ .name = name });
}

struct vit_tval vit_tpl_undefined_hint(struct vit_tpl_eval *e, const char *hint)
{
	return new_undefined(e, (struct undefined){ .hint = vit_str_c(hint) });
}

/* object_type_repr of Jinja. */
static const char *type_shown(const struct vit_tval *on)
{
	if (on->type == VIT_TV_NONE)
		return "None";
	return vit_tpl_type_name(on);
}

struct vit_tval vit_tpl_undefined_on(struct vit_tpl_eval *e, const struct vit_tval *on,
				     const struct vit_tval *name)
{
	struct undefined u = { .on = type_shown(on), .element = name->type != VIT_TV_STR };
	if (name->type == VIT_TV_STR) {
		u.name = vit_tval_text(*name);
	} else {
		struct vit_buf b;
		vit_buf_init(&b, 256);
		/* Only shown in a message: a long or odd key stays unnamed. */
		if (vit_tpl_is_number(name) && !vit_tpl_add_repr(e, &b, name))
			vit_buf_clear(&b);
		u.name = vit_arena_str(e->scratch, vit_buf_view(&b));
		vit_buf_release(&b);
	}
	return new_undefined(e, u);
}

struct vit_tval vit_tpl_undefined_unsafe(struct vit_tpl_eval *e, const struct vit_tval *on,
					 struct vit_str name)
{
	return new_undefined(e, (struct undefined){ .name = name, .on = type_shown(on),
						    .unsafe = true });
}

bool vit_tpl_stop_undefined(struct vit_tpl_eval *e, const struct vit_tval *v)
{
	const struct undefined *u = v->other;
	if (e->stopped)
		return false;
	const char *object = !u || !u->on || strcmp(u->on, "None") == 0 ? "" : " object";
	if (!u)
		return VIT_TPL_FAIL(e, "a value is undefined");
	if (u->unsafe)
		return vit_tpl_stop(e, VIT_TEMPLATE_FORBIDDEN,
				    "access to attribute '%.*s' of '%s' object is unsafe.",
				    VIT_FMT(u->name), u->on);
	if (u->hint.n)
		return VIT_TPL_FAIL(e, "%.*s", VIT_FMT(u->hint));
	if (!u->on)
		return VIT_TPL_FAIL(e, "'%.*s' is undefined", VIT_FMT(u->name));
	if (u->element)
		return VIT_TPL_FAIL(e, "%s%s has no element %.*s", u->on, object, VIT_FMT(u->name));
	return VIT_TPL_FAIL(e, "'%s%s' has no attribute '%.*s'", u->on, object, VIT_FMT(u->name));
}

/* --- sequences --- */

static bool chars_of(struct vit_tpl_eval *e, struct vit_str s, const struct vit_tval **items, uint32_t *n)
{
	size_t count = vit_tpl_length(s), k = 0;
	struct vit_tval *all = vit_tpl_items(e, count);
	if (!all || !vit_tpl_step(e, count))
		return false;
	for (size_t at = 0, from = 0; at < s.n; from = at) {
		vit_tpl_next(s, &at);
		all[k++] = vit_tval_str(vit_str_sub(s, from, at));
	}
	*items = all;
	*n = (uint32_t)count;
	return true;
}

static bool range_items(struct vit_tpl_eval *e, const struct vit_tpl_range *r,
			const struct vit_tval **items, uint32_t *n)
{
	struct vit_tval *all = vit_tpl_items(e, r->n);
	if (!all || !vit_tpl_step(e, r->n))
		return false;
	for (uint32_t i = 0; i < r->n; i++)
		all[i] = vit_tval_int(r->start + (int64_t)i * r->step);
	*items = all;
	*n = r->n;
	return true;
}

static bool members_of(struct vit_tpl_eval *e, const struct vit_tdict *d, enum vit_tpl_view what,
		       const struct vit_tval **items, uint32_t *n)
{
	struct vit_tval *all = vit_tpl_items(e, d->count);
	struct vit_tval *pairs = what == VIT_TPL_ITEMS ? vit_tpl_items(e, (size_t)d->count * 2) : all;
	if (!all || !pairs || !vit_tpl_step(e, d->count))
		return false;
	for (uint32_t i = 0; i < d->count; i++) {
		const struct vit_tpair *m = &d->members[i];
		if (what == VIT_TPL_ITEMS) {
			pairs[2 * i] = m->key;
			pairs[2 * i + 1] = m->value;
			all[i] = vit_tval_list(&pairs[2 * i], 2);
			all[i].type = VIT_TV_TUPLE;
		} else {
			all[i] = what == VIT_TPL_KEYS ? m->key : m->value;
		}
	}
	*items = all;
	*n = d->count;
	return true;
}

bool vit_tpl_to_items(struct vit_tpl_eval *e, const struct vit_tval *v,
		      const struct vit_tval **items, uint32_t *n)
{
	struct vit_tpl_iterator *it;
	*items = NULL;
	*n = 0;
	if (v->type == VIT_TV_LIST || v->type == VIT_TV_TUPLE) {
		*items = v->items;
		*n = v->n;
		return true;
	}
	if (v->type == VIT_TV_STR)
		return chars_of(e, vit_tval_text(*v), items, n);
	if (v->type == VIT_TV_DICT)
		return members_of(e, v->dict, VIT_TPL_KEYS, items, n);
	if (v->type == VIT_TV_VIEW)
		return members_of(e, v->dict, (enum vit_tpl_view)v->aux, items, n);
	if (v->type == VIT_TV_RANGE)
		return range_items(e, v->other, items, n);
	if (v->type == VIT_TV_UNDEFINED)
		return true;
	if (v->type == VIT_TV_ITERATOR) {
		it = (struct vit_tpl_iterator *)(uintptr_t)v->other;
		*items = it->items ? it->items + it->at : NULL;
		*n = it->n - it->at;
		it->at = it->n;
		return true;
	}
	return VIT_TPL_FAIL(e, "'%s' object is not iterable", vit_tpl_type_name(v));
}

bool vit_tpl_len(struct vit_tpl_eval *e, const struct vit_tval *v, int64_t *n)
{
	if (v->type == VIT_TV_STR) {
		*n = (int64_t)vit_tpl_length(vit_tval_text(*v));
		return vit_tpl_step(e, v->n / 64);
	}
	if (v->type == VIT_TV_LIST || v->type == VIT_TV_TUPLE) {
		*n = v->n;
	} else if (v->type == VIT_TV_DICT || v->type == VIT_TV_VIEW) {
		*n = v->dict->count;
	} else if (v->type == VIT_TV_RANGE) {
		*n = ((const struct vit_tpl_range *)v->other)->n;
	} else if (v->type == VIT_TV_UNDEFINED) {
		*n = 0;
	} else if (v->type == VIT_TV_LOOP) {
		bool ok;
		struct vit_tval length;
		vit_tpl_loop_attr(e, (struct vit_tpl_loop *)(uintptr_t)v->other, VIT_STR("length"),
				  &length, &ok);
		*n = length.integer;
		return ok;
	} else {
		return VIT_TPL_FAIL(e, "object of type '%s' has no len()", vit_tpl_type_name(v));
	}
	return true;
}

/* --- calls --- */

/* The parameter `name` of "a,b,c": its position, or -1. */
static int param_at(const char *params, struct vit_str name)
{
	struct vit_str rest = vit_str_c(params), field;
	for (int i = 0; vit_str_split(&rest, ',', &field); i++)
		if (vit_str_eq(field, name))
			return i;
	return -1;
}

static unsigned param_count(const char *params)
{
	unsigned n = *params != 0;
	for (; *params; params++)
		n += *params == ',';
	return n;
}

bool vit_tpl_bind_args(struct vit_tpl_eval *e, const struct vit_tpl_signature *s,
		       const struct vit_tpl_passed *passed,
		       const struct vit_tval *arg[VIT_TPL_MAX_PARAMS])
{
	unsigned count = param_count(s->params);
	for (unsigned i = 0; i < VIT_TPL_MAX_PARAMS; i++)
		arg[i] = NULL;
	if (passed->count > count)
		return VIT_TPL_FAIL(e, "%s() takes at most %u argument%s (%u given)", s->name, count,
				    count == 1 ? "" : "s", passed->count);
	for (uint32_t i = 0; i < passed->count; i++)
		arg[i] = &passed->args[i];
	for (uint32_t i = 0; i < passed->kwarg_count; i++) {
		struct vit_str name = passed->kwargs[i].name;
		int at = s->positional ? -1 : param_at(s->params, name);
		if (at < 0)
			return VIT_TPL_FAIL(e, "%s() got an unexpected keyword argument '%.*s'",
					    s->name, VIT_FMT(name));
		if (arg[at])
			return VIT_TPL_FAIL(e, "%s() got multiple values for argument '%.*s'",
					    s->name, VIT_FMT(name));
		arg[at] = &passed->kwargs[i].value;
	}
	for (unsigned i = 0; i < s->required; i++)
		if (!arg[i])
			return VIT_TPL_FAIL(e, "%s() is missing a required argument", s->name);
	return true;
}

static bool call_method(struct vit_tpl_eval *e, const struct vit_tpl_bound *b,
			const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	const struct vit_tpl_method *m = b->method;
	const struct vit_tval *arg[VIT_TPL_MAX_PARAMS];
	if (m->raw)
		return m->raw(e, &b->self, passed, out);
	if (!m->call)
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "the method '%s' of '%s'", m->name,
				    vit_tpl_type_name(&b->self));
	struct vit_tpl_signature s = { m->name, m->params, m->required, !m->keywords };
	return vit_tpl_bind_args(e, &s, passed, arg) && m->call(e, &b->self, arg, out);
}

static bool call_joiner(struct vit_tpl_eval *e, struct vit_tpl_joiner *j,
			const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	if (passed->count || passed->kwarg_count)
		return VIT_TPL_FAIL(e, "a joiner takes no arguments");
	*out = vit_tval_str(j->used ? j->separator : VIT_STR_EMPTY);
	j->used = true;
	return true;
}

bool vit_tpl_call(struct vit_tpl_eval *e, const struct vit_tval *f,
		  const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	if (f->type == VIT_TV_METHOD)
		return call_method(e, f->other, passed, out);
	if (f->type == VIT_TV_MACRO)
		return vit_tpl_call_macro(e, f->other, passed, out);
	if (f->type == VIT_TV_GLOBAL)
		return vit_tpl_call_global(e, f, passed, out);
	if (f->type == VIT_TV_LOOP)
		return vit_tpl_call_loop(e, (struct vit_tpl_loop *)(uintptr_t)f->other, passed, out);
	if (f->type == VIT_TV_JOINER)
		return call_joiner(e, (struct vit_tpl_joiner *)(uintptr_t)f->other, passed, out);
	if (f->type == VIT_TV_UNDEFINED)
		return vit_tpl_stop_undefined(e, f);
	return VIT_TPL_FAIL(e, "'%s' object is not callable", vit_tpl_type_name(f));
}

bool vit_tpl_apply_filter(struct vit_tpl_eval *e, const struct vit_tpl_filter *f,
			  const struct vit_tval *on, const struct vit_tpl_passed *passed,
			  struct vit_tval *out)
{
	const struct vit_tval *arg[VIT_TPL_MAX_PARAMS];
	if (f->raw)
		return f->raw(e, on, passed, out);
	if (!f->apply)
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "the filter '%s'", f->name);
	struct vit_tpl_signature s = { f->name, f->params, f->required, false };
	return vit_tpl_bind_args(e, &s, passed, arg) && f->apply(e, on, arg, out);
}

bool vit_tpl_apply_test(struct vit_tpl_eval *e, const struct vit_tpl_test *t,
			const struct vit_tval *on, const struct vit_tpl_passed *passed,
			bool *out)
{
	if (passed->count != t->required || passed->kwarg_count)
		return VIT_TPL_FAIL(e, "the test '%s' takes %u argument%s (%u given)", t->name,
				    t->required, t->required == 1 ? "" : "s",
				    passed->count + passed->kwarg_count);
	return t->apply(e, on, passed->args, out);
}

/* --- the whole --- */

/* From lengths in characters to ends in bytes. */
static void finish_spans(struct vit_vec *spans, const struct vit_buf *out)
{
	for (size_t i = 0; i < spans->count; i++) {
		struct vit_template_span *span = vit_vec_at(spans, i);
		struct vit_str rest = vit_str_sub(vit_buf_view(out), span->begin, out->n);
		span->end = span->begin + vit_tpl_offset(rest, span->end);
	}
}

static bool ready(const struct vit_template *t, struct vit_template_result *result)
{
	if (!t->program) {
		result->outcome = VIT_TEMPLATE_BROKEN;
		result->message = VIT_STR("the template has faults of syntax");
	} else if (t->unsafe_count) {
		result->outcome = VIT_TEMPLATE_UNSAFE;
		result->message = VIT_STR("the template reaches for what no template needs");
	} else {
		return true;
	}
	result->line = t->note_count ? t->notes[0].line : 0;
	return false;
}

void vit_template_render(const struct vit_template *t, struct vit_tval context,
			 const struct vit_template_limits *limits,
			 const struct vit_template_clock *clock, struct vit_arena *scratch,
			 struct vit_buf *out, struct vit_template_result *result)
{
	*result = (struct vit_template_result){ .outcome = VIT_TEMPLATE_RENDERED };
	vit_buf_clear(out);
	if (!ready(t, result))
		return;
	if (clock && (clock->month < 1 || clock->month > 12 || clock->day < 1 || clock->day > 31 ||
		      clock->year < 1 || clock->year > 9999))
		clock = NULL;
	size_t ceiling = out->ceiling;
	if (out->ceiling > limits->output)
		out->ceiling = limits->output;
	struct vit_tpl_eval e = {
		.t = t, .context = context, .clock = clock, .scratch = scratch, .out = out,
		.steps = limits->steps, .depth = limits->depth, .memory = limits->memory,
		.result = result, .spans = VIT_VEC(sizeof(struct vit_template_span)), .line = 1,
	};
	size_t slots = t->program->slots;
	e.frame = vit_tpl_alloc(&e, 1, sizeof(*e.frame) + slots * sizeof(struct vit_tval));
	if (e.frame) {
		for (size_t i = 0; i < slots; i++)
			e.frame->slots[i].type = VIT_TV_MISSING;
		vit_tpl_enter(&e, &t->program->scope);
		vit_tpl_run(&e, &t->program->body);
	}
	finish_spans(&e.spans, out);
	result->spans = vit_vec_take(&e.spans, scratch, &result->span_count);
	out->ceiling = ceiling;
}
