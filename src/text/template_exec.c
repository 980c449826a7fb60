#include "text/template_eval.h"

/* Statements, loops and calls of macros. */

void vit_tpl_enter(struct vit_tpl_eval *e, const struct vit_tpl_scope *scope)
{
	for (uint32_t i = 0; i < scope->count; i++) {
		const struct vit_tpl_loaded *l = &scope->loads[i];
		struct vit_tval *slot = &e->frame->slots[l->slot];
		const struct vit_tval *found;
		slot->type = VIT_TV_MISSING;
		if (l->how == VIT_TPL_LOAD_ALIAS) {
			*slot = *vit_tpl_slot(e, l->from);
		} else if (l->how == VIT_TPL_LOAD_RESOLVE) {
			found = vit_tval_get(e->context, l->name);
			if (found)
				*slot = *found;
			else
				vit_tpl_find_global(l->name, slot);
		}
	}
}

size_t vit_tpl_capture_begin(struct vit_tpl_eval *e)
{
	if (e->captures++ == 0)
		e->printed = e->out->n;
	return e->out->n;
}

bool vit_tpl_capture_end(struct vit_tpl_eval *e, size_t mark, struct vit_tval *out)
{
	e->captures--;
	if (e->stopped)
		return false;
	bool ok = vit_tpl_new_str(e, (struct vit_str){ e->out->p + mark, e->out->n - mark }, out);
	e->out->n = mark;
	e->out->p[mark] = 0;
	return ok;
}

static enum vit_tpl_flow flow_of(bool ok)
{
	return ok ? VIT_TPL_GOES_ON : VIT_TPL_STOPS;
}

static bool print(struct vit_tpl_eval *e, const struct vit_tval *v)
{
	if (!vit_tpl_add_str(e, e->out, v))
		return false;
	if (e->out->full)
		return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "more output than allowed");
	return true;
}

static enum vit_tpl_flow run_output(struct vit_tpl_eval *e, const struct vit_tpl_node *n)
{
	for (uint32_t i = 0; i < n->count; i++) {
		const struct vit_tpl_node *item = n->items[i];
		struct vit_tval v = item->value;
		if (item->kind == VIT_TPL_DATA)
			e->line = item->line;
		else if (!vit_tpl_evaluate(e, item, &v))
			return VIT_TPL_STOPS;
		if (!print(e, &v))
			return VIT_TPL_STOPS;
	}
	return VIT_TPL_GOES_ON;
}

static enum vit_tpl_flow run_if(struct vit_tpl_eval *e, const struct vit_tpl_node *n)
{
	struct vit_tval v;
	if (!vit_tpl_evaluate(e, n->a, &v))
		return VIT_TPL_STOPS;
	if (vit_tpl_truth(&v))
		return vit_tpl_run(e, &n->block->body);
	for (uint32_t i = 0; i < n->count; i++) {
		if (!vit_tpl_evaluate(e, n->items[i]->a, &v))
			return VIT_TPL_STOPS;
		if (vit_tpl_truth(&v))
			return vit_tpl_run(e, &n->items[i]->block->body);
	}
	return vit_tpl_run(e, &n->block->orelse);
}

static bool ns_targets(struct vit_tpl_eval *e, const struct vit_tpl_node *target)
{
	if (target->kind == VIT_TPL_NSREF &&
	    vit_tpl_slot(e, target->ref)->type != VIT_TV_NAMESPACE)
		return VIT_TPL_FAIL(e, "cannot assign attribute on non-namespace object");
	for (uint32_t i = 0; target->kind == VIT_TPL_TUPLE && i < target->count; i++)
		if (!ns_targets(e, target->items[i]))
			return false;
	return true;
}

static enum vit_tpl_flow run_set(struct vit_tpl_eval *e, const struct vit_tpl_node *n)
{
	struct vit_tval v;
	e->line = n->line;
	if (!ns_targets(e, n->a) || !vit_tpl_evaluate(e, n->b, &v))
		return VIT_TPL_STOPS;
	e->line = n->line;
	return flow_of(vit_tpl_assign(e, n->a, &v));
}

/* The filters of a block over its text, innermost first. */
static bool filter_text(struct vit_tpl_eval *e, const struct vit_tpl_node *n,
			const struct vit_tval *text, struct vit_tval *out)
{
	struct vit_tval on;
	struct vit_tpl_passed passed;
	if (!n) {
		*out = *text;
		return true;
	}
	if (e->depth == 0)
		return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "evaluation nests deeper than allowed");
	e->depth--;
	bool ok = filter_text(e, n->a, text, &on) && vit_tpl_passed(e, n->args, &passed);
	e->depth++;
	if (!ok)
		return false;
	e->line = n->line;
	if (!n->filter)
		return VIT_TPL_FAIL(e, "No filter named '%.*s' found.", VIT_FMT(n->name));
	return vit_tpl_apply_filter(e, n->filter, &on, &passed, out);
}

static enum vit_tpl_flow run_block(struct vit_tpl_eval *e, const struct vit_tpl_node *n)
{
	struct vit_tval text, v;
	vit_tpl_enter(e, &n->block->scope);
	size_t mark = vit_tpl_capture_begin(e);
	enum vit_tpl_flow flow = vit_tpl_run(e, &n->block->body);
	if (!vit_tpl_capture_end(e, mark, &text))
		return VIT_TPL_STOPS;
	if (flow != VIT_TPL_GOES_ON)
		return flow;
	e->line = n->line;
	if (!filter_text(e, n->kind == VIT_TPL_SETBLOCK ? n->b : n->a, &text, &v))
		return VIT_TPL_STOPS;
	return flow_of(n->kind == VIT_TPL_SETBLOCK ? vit_tpl_assign(e, n->a, &v) : print(e, &v));
}

static enum vit_tpl_flow run_with(struct vit_tpl_eval *e, const struct vit_tpl_node *n)
{
	vit_tpl_enter(e, &n->block->scope);
	for (uint32_t i = 0; i + 1 < n->count; i += 2) {
		struct vit_tval v;
		if (!vit_tpl_evaluate(e, n->items[i + 1], &v) ||
		    !vit_tpl_assign(e, n->items[i], &v))
			return VIT_TPL_STOPS;
	}
	return vit_tpl_run(e, &n->block->body);
}

static bool new_macro(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out)
{
	struct vit_tpl_macro *m = vit_tpl_alloc(e, 1, sizeof(*m));
	if (!m)
		return false;
	m->function = n->block->function;
	m->frame = e->frame;
	*out = (struct vit_tval){ .type = VIT_TV_MACRO, .other = m };
	return true;
}

static enum vit_tpl_flow run_macro(struct vit_tpl_eval *e, const struct vit_tpl_node *n)
{
	return flow_of(new_macro(e, n, vit_tpl_slot(e, n->ref)));
}

static enum vit_tpl_flow run_callblock(struct vit_tpl_eval *e, const struct vit_tpl_node *n)
{
	struct vit_tval caller, f, v;
	struct vit_tpl_passed passed;
	if (!new_macro(e, n, &caller) || !vit_tpl_evaluate(e, n->a->a, &f) ||
	    !vit_tpl_passed(e, n->a->args, &passed))
		return VIT_TPL_STOPS;
	struct vit_tpl_kwarg *kwargs = vit_tpl_alloc(e, (size_t)passed.kwarg_count + 1,
						     sizeof(*kwargs));
	if (!kwargs)
		return VIT_TPL_STOPS;
	if (passed.kwarg_count)
		memcpy(kwargs, passed.kwargs, passed.kwarg_count * sizeof(*kwargs));
	kwargs[passed.kwarg_count++] = (struct vit_tpl_kwarg){ VIT_STR("caller"), caller };
	passed.kwargs = kwargs;
	e->line = n->line;
	return flow_of(vit_tpl_call(e, &f, &passed, &v) && print(e, &v));
}

static enum vit_tpl_flow run_generation(struct vit_tpl_eval *e, const struct vit_tpl_node *n)
{
	struct vit_tpl_macro m = { n->block->function, e->frame };
	struct vit_tpl_passed nothing = { 0 };
	struct vit_tval v;
	if (!vit_tpl_call_macro(e, &m, &nothing, &v))
		return VIT_TPL_STOPS;
	/* The reference counts characters from what has been yielded, which in a
	 * macro or block is what was printed before the outermost of them. The
	 * end is found when all is printed; until then it is a length. */
	if (e->memory < sizeof(struct vit_template_span))
		return flow_of(vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "more memory than allowed"));
	e->memory -= sizeof(struct vit_template_span);
	struct vit_template_span *span = vit_vec_add(&e->spans);
	span->begin = e->captures ? e->printed : e->out->n;
	span->end = vit_tpl_length(vit_tval_text(v));
	return flow_of(vit_tpl_step(e, 1) && print(e, &v));
}

static enum vit_tpl_flow run_leave(struct vit_tpl_eval *e, const struct vit_tpl_node *n)
{
	(void)e;
	return n->kind == VIT_TPL_BREAK ? VIT_TPL_BREAKS : VIT_TPL_CONTINUES;
}

static enum vit_tpl_flow run_other(struct vit_tpl_eval *e, const struct vit_tpl_node *n)
{
	return flow_of(vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "the statement '%.*s'",
				    VIT_FMT(n->name)));
}

/* --- loops --- */

/* The next item that passes the loop's filter: 1, 0 at the end, -1 stopped. */
static int next_item(struct vit_tpl_eval *e, struct vit_tpl_loop *loop, struct vit_tval *out)
{
	const struct vit_tpl_node *n = loop->node;
	while (loop->at < loop->n) {
		struct vit_tval keep;
		if (!vit_tpl_step(e, 1))
			return -1;
		*out = loop->items[loop->at++];
		if (loop->source)
			loop->source->at = loop->at;
		if (!n->c || !loop->filtered)
			return 1;
		if (!vit_tpl_assign(e, n->block->test_target, out) ||
		    !vit_tpl_evaluate(e, n->c, &keep))
			return -1;
		if (vit_tpl_truth(&keep))
			return 1;
	}
	return 0;
}

static bool peek(struct vit_tpl_eval *e, struct vit_tpl_loop *loop)
{
	if (loop->after.type != VIT_TV_MISSING)
		return true;
	struct vit_tpl_frame *frame = e->frame;
	e->frame = loop->frame;
	int got = next_item(e, loop, &loop->after);
	e->frame = frame;
	if (got == 0)
		loop->after.type = VIT_TV_MISSING;
	return got >= 0;
}

static bool loop_length(struct vit_tpl_eval *e, struct vit_tpl_loop *loop)
{
	if (loop->length >= 0)
		return true;
	if (!loop->unsized) {
		loop->length = loop->n;
		return true;
	}
	/* A generator: what is left of it becomes a list. */
	struct vit_tval *rest = vit_tpl_items(e, loop->n - loop->at);
	struct vit_tpl_frame *frame = e->frame;
	uint32_t count = 0;
	int got = rest ? 1 : -1;
	e->frame = loop->frame;
	while (got > 0) {
		struct vit_tval v;
		got = next_item(e, loop, &v);
		if (got > 0)
			rest[count++] = v;
	}
	e->frame = frame;
	if (got < 0)
		return false;
	loop->items = rest;
	loop->n = count;
	loop->at = 0;
	loop->source = NULL;
	loop->filtered = false;
	loop->length = (int64_t)count + loop->index0 + 1 + (loop->after.type != VIT_TV_MISSING);
	return true;
}

bool vit_tpl_loop_attr(struct vit_tpl_eval *e, struct vit_tpl_loop *loop, struct vit_str name,
		       struct vit_tval *out, bool *ok)
{
	*ok = true;
	if (vit_str_is(name, "index0")) {
		*out = vit_tval_int(loop->index0);
	} else if (vit_str_is(name, "index")) {
		*out = vit_tval_int(loop->index0 + 1);
	} else if (vit_str_is(name, "first")) {
		*out = vit_tval_bool(loop->index0 == 0);
	} else if (vit_str_is(name, "last")) {
		*ok = peek(e, loop);
		*out = vit_tval_bool(loop->after.type == VIT_TV_MISSING);
	} else if (vit_str_is(name, "length")) {
		*ok = loop_length(e, loop);
		*out = vit_tval_int(loop->length);
	} else if (vit_str_is(name, "revindex") || vit_str_is(name, "revindex0")) {
		*ok = loop_length(e, loop);
		*out = vit_tval_int(loop->length - loop->index0 - (name.n == 9));
	} else if (vit_str_is(name, "previtem")) {
		*out = loop->index0 ? loop->before :
				      vit_tpl_undefined_hint(e, "there is no previous item");
	} else if (vit_str_is(name, "nextitem")) {
		*ok = peek(e, loop);
		*out = loop->after.type != VIT_TV_MISSING ?
			       loop->after : vit_tpl_undefined_hint(e, "there is no next item");
	} else if (vit_str_is(name, "depth") || vit_str_is(name, "depth0")) {
		*out = vit_tval_int(loop->depth0 + (name.n == 5));
	} else {
		return false;
	}
	return true;
}

/* One round after another. *whole: one of them came to the end of its body. */
static enum vit_tpl_flow rounds(struct vit_tpl_eval *e, struct vit_tpl_loop *loop, bool *whole)
{
	const struct vit_tpl_node *n = loop->node;
	struct vit_tval handle = { .type = VIT_TV_LOOP, .other = loop };
	for (;;) {
		struct vit_tval v = loop->after;
		int got = 1;
		loop->after.type = VIT_TV_MISSING;
		if (v.type == VIT_TV_MISSING)
			got = next_item(e, loop, &v);
		if (got <= 0)
			return got ? VIT_TPL_STOPS : VIT_TPL_GOES_ON;
		loop->index0++;
		loop->before = loop->current;
		loop->current = v;
		if (!vit_tpl_assign(e, n->a, &v))
			return VIT_TPL_STOPS;
		if (n->block->extended)
			*vit_tpl_slot(e, n->block->loop) = handle;
		vit_tpl_enter(e, &n->block->scope);
		enum vit_tpl_flow flow = vit_tpl_run(e, &n->block->body);
		if (flow == VIT_TPL_BREAKS)
			return VIT_TPL_GOES_ON;
		if (flow == VIT_TPL_STOPS)
			return flow;
		*whole |= flow == VIT_TPL_GOES_ON;
	}
}

static enum vit_tpl_flow loop_over(struct vit_tpl_eval *e, const struct vit_tpl_node *n,
				   const struct vit_tval *over, int64_t depth)
{
	struct vit_tpl_loop *loop = vit_tpl_alloc(e, 1, sizeof(*loop));
	if (!loop)
		return VIT_TPL_STOPS;
	loop->node = n;
	loop->index0 = -1;
	loop->depth0 = depth;
	loop->length = -1;
	loop->filtered = true;
	loop->frame = e->frame;
	loop->before.type = loop->current.type = loop->after.type = VIT_TV_MISSING;
	loop->unsized = n->c || over->type == VIT_TV_ITERATOR;
	if (over->type == VIT_TV_ITERATOR) {
		struct vit_tpl_iterator *it = (struct vit_tpl_iterator *)(uintptr_t)over->other;
		loop->items = it->items;
		loop->n = it->n;
		loop->at = it->at;
		loop->source = it;
	} else if (over->type != VIT_TV_UNDEFINED &&
		   !vit_tpl_to_items(e, over, &loop->items, &loop->n)) {
		return VIT_TPL_STOPS;
	}
	if (n->c)
		vit_tpl_enter(e, &n->block->test_scope);
	/* As Jinja has it, `else` also runs when every round was left early. */
	bool whole = false;
	enum vit_tpl_flow flow = rounds(e, loop, &whole);
	if (flow == VIT_TPL_STOPS || whole || !n->block->orelse.count)
		return flow;
	vit_tpl_enter(e, &n->block->else_scope);
	return vit_tpl_run(e, &n->block->orelse);
}

/* A new frame for a call; the caller restores e->frame. */
static struct vit_tpl_frame *push_frame(struct vit_tpl_eval *e, const struct vit_tpl_function *f,
					struct vit_tpl_frame *parent)
{
	struct vit_tpl_frame *frame = vit_tpl_alloc(
		e, 1, sizeof(*frame) + f->slots * sizeof(struct vit_tval));
	if (!frame)
		return NULL;
	frame->parent = parent;
	for (uint16_t i = 0; i < f->slots; i++)
		frame->slots[i].type = VIT_TV_MISSING;
	e->frame = frame;
	return frame;
}

/* A recursive loop's text. `outer` is the frame that it stands in. */
static bool recurse(struct vit_tpl_eval *e, const struct vit_tpl_node *n,
		    struct vit_tpl_frame *outer, const struct vit_tval *over, int64_t depth,
		    struct vit_tval *out)
{
	struct vit_tpl_frame *frame = e->frame;
	if (e->depth < 4)
		return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "evaluation nests deeper than allowed");
	if (!push_frame(e, n->block->function, outer))
		return false;
	e->depth -= 4;
	size_t mark = vit_tpl_capture_begin(e);
	loop_over(e, n, over, depth);
	bool ok = vit_tpl_capture_end(e, mark, out);
	e->depth += 4;
	e->frame = frame;
	return ok;
}

bool vit_tpl_call_loop(struct vit_tpl_eval *e, struct vit_tpl_loop *loop,
		       const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	if (!loop->node->block->recursive)
		return VIT_TPL_FAIL(e, "The loop must have the 'recursive' marker to be called "
				       "recursively.");
	if (passed->count != 1 || passed->kwarg_count)
		return VIT_TPL_FAIL(e, "loop() takes one argument");
	return recurse(e, loop->node, loop->frame->parent, &passed->args[0], loop->depth0 + 1, out);
}

static enum vit_tpl_flow run_for(struct vit_tpl_eval *e, const struct vit_tpl_node *n)
{
	struct vit_tval over, text;
	if (!vit_tpl_evaluate(e, n->b, &over))
		return VIT_TPL_STOPS;
	e->line = n->line;
	if (!n->block->recursive)
		return loop_over(e, n, &over, 0);
	return flow_of(recurse(e, n, e->frame, &over, 0, &text) && print(e, &text));
}

enum vit_tpl_flow vit_tpl_run(struct vit_tpl_eval *e, const struct vit_tpl_body *body)
{
	static enum vit_tpl_flow (*const by_kind[VIT_TPL_KINDS])(struct vit_tpl_eval *,
								 const struct vit_tpl_node *) = {
		[VIT_TPL_OUTPUT] = run_output, [VIT_TPL_IF] = run_if, [VIT_TPL_FOR] = run_for,
		[VIT_TPL_SET] = run_set, [VIT_TPL_SETBLOCK] = run_block,
		[VIT_TPL_MACRO] = run_macro, [VIT_TPL_CALLBLOCK] = run_callblock,
		[VIT_TPL_GENERATION] = run_generation, [VIT_TPL_FILTERBLOCK] = run_block,
		[VIT_TPL_WITH] = run_with, [VIT_TPL_BREAK] = run_leave,
		[VIT_TPL_CONTINUE] = run_leave, [VIT_TPL_NOSTATEMENT] = run_other,
	};
	enum vit_tpl_flow flow = VIT_TPL_GOES_ON;
	if (e->depth == 0) {
		vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "evaluation nests deeper than allowed");
		return VIT_TPL_STOPS;
	}
	e->depth--;
	for (uint32_t i = 0; i < body->count && flow == VIT_TPL_GOES_ON; i++) {
		e->line = body->items[i]->line;
		flow = vit_tpl_step(e, 1) ? by_kind[body->items[i]->kind](e, body->items[i]) :
					    VIT_TPL_STOPS;
	}
	e->depth++;
	return flow;
}

/* --- macros --- */

static const struct vit_tpl_kwarg *kwarg(const struct vit_tpl_passed *passed, struct vit_str name,
					 uint32_t *at)
{
	for (uint32_t i = 0; i < passed->kwarg_count; i++)
		if (vit_str_eq(passed->kwargs[i].name, name)) {
			*at = i;
			return &passed->kwargs[i];
		}
	return NULL;
}

/* What is passed beyond the parameters. `used` marks keywords taken. */
static bool extra_args(struct vit_tpl_eval *e, const struct vit_tpl_function *f,
		       const struct vit_tpl_passed *passed, const bool *used)
{
	struct vit_tval kwargs = { 0 };
	if (f->wants_kwargs)
		kwargs = vit_tval_dict(e->scratch, 0);
	for (uint32_t i = 0; i < passed->kwarg_count; i++) {
		struct vit_tval key = vit_tval_str(passed->kwargs[i].name);
		if (used[i])
			continue;
		if (!f->wants_kwargs && vit_str_is(passed->kwargs[i].name, "caller"))
			return VIT_TPL_FAIL(e, "macro '%.*s' was invoked with two values for the "
					       "special caller argument. This is most likely a bug.",
					    VIT_FMT(f->name));
		if (!f->wants_kwargs)
			return VIT_TPL_FAIL(e, "macro '%.*s' takes no keyword argument '%.*s'",
					    VIT_FMT(f->name), VIT_FMT(passed->kwargs[i].name));
		if (!vit_tpl_dict_put(e, kwargs.dict, &key, &passed->kwargs[i].value))
			return false;
	}
	if (f->wants_kwargs)
		*vit_tpl_slot(e, f->kwargs) = kwargs;
	uint32_t n = passed->count > f->param_count ? passed->count - f->param_count : 0;
	if (n && !f->wants_varargs)
		return VIT_TPL_FAIL(e, "macro '%.*s' takes not more than %u argument(s)",
				    VIT_FMT(f->name), f->param_count);
	if (f->wants_varargs) {
		struct vit_tval rest = vit_tval_list(n ? passed->args + f->param_count : NULL, n);
		rest.type = VIT_TV_TUPLE;
		*vit_tpl_slot(e, f->varargs) = rest;
	}
	return true;
}

/* Sets the parameters in the new frame. */
static bool bind_params(struct vit_tpl_eval *e, const struct vit_tpl_function *f,
			const struct vit_tpl_passed *passed)
{
	bool *used = vit_tpl_alloc(e, passed->kwarg_count, sizeof(bool));
	uint32_t at;
	if (!used)
		return false;
	bool found_caller = passed->count >= f->param_count && f->explicit_caller;
	for (uint32_t i = 0; i < f->param_count; i++) {
		struct vit_tval *slot = vit_tpl_slot(e, f->params[i]->ref);
		if (i < passed->count) {
			*slot = passed->args[i];
			continue;
		}
		found_caller |= vit_str_is(f->params[i]->name, "caller");
		if (kwarg(passed, f->params[i]->name, &at)) {
			*slot = passed->kwargs[at].value;
			used[at] = true;
		}
	}
	if (f->wants_caller && !found_caller) {
		bool given = kwarg(passed, VIT_STR("caller"), &at) != NULL;
		if (given)
			used[at] = true;
		*vit_tpl_slot(e, f->caller) = given ? passed->kwargs[at].value :
						      vit_tpl_undefined_hint(e, "No caller defined");
	}
	if (!extra_args(e, f, passed, used))
		return false;
	vit_tpl_enter(e, &f->scope);
	uint32_t first = f->param_count - f->default_count;
	for (uint32_t i = 0; i < f->param_count; i++) {
		struct vit_tval *slot = vit_tpl_slot(e, f->params[i]->ref);
		if (slot->type != VIT_TV_MISSING)
			continue;
		if (i < first)
			*slot = vit_tpl_undefined_name(e, f->params[i]->name);
		else if (!vit_tpl_evaluate(e, f->defaults[i - first], slot))
			return false;
	}
	return !e->stopped;
}

bool vit_tpl_call_macro(struct vit_tpl_eval *e, const struct vit_tpl_macro *m,
			const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	struct vit_tpl_frame *frame = e->frame;
	if (e->depth < 4)
		return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "evaluation nests deeper than allowed");
	if (!push_frame(e, m->function, m->frame))
		return false;
	e->depth -= 4;
	size_t mark = vit_tpl_capture_begin(e);
	if (bind_params(e, m->function, passed))
		vit_tpl_run(e, &m->function->body);
	bool ok = vit_tpl_capture_end(e, mark, out);
	e->depth += 4;
	e->frame = frame;
	return ok;
}
