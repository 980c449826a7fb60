/*
 * A rendering under way, and what its parts offer one another. Private to the
 * interpreter.
 *
 * Functions that return bool return false once the rendering has stopped:
 * e->result then says why, and callers return false at once.
 */
#ifndef VIT_TEXT_TEMPLATE_EVAL_H
#define VIT_TEXT_TEMPLATE_EVAL_H

#include "text/template_ops.h"
#include "text/template_private.h"
#include "text/template_tables.h"
#include "text/template_text.h"

/* The slots of one call of a function. */
struct vit_tpl_frame {
	struct vit_tpl_frame *parent;
	struct vit_tval slots[];
};

struct vit_tpl_eval {
	const struct vit_template *t;
	struct vit_tval context;
	const struct vit_template_clock *clock;
	struct vit_arena *scratch;
	struct vit_buf *out;
	struct vit_tpl_frame *frame;
	uint64_t steps;          /* left */
	uint32_t depth;          /* left */
	size_t memory;           /* left */
	unsigned captures;       /* captures under way: text at the end of out that is none yet */
	size_t printed;          /* with captures: bytes of out before the outermost */
	uint32_t line;
	struct vit_vec spans;
	struct vit_template_result *result;
	bool stopped;
};

/* What a call passes. */
struct vit_tpl_kwarg {
	struct vit_str name;
	struct vit_tval value;
};
struct vit_tpl_passed {
	const struct vit_tval *args;
	uint32_t count;
	struct vit_tpl_kwarg *kwargs;
	uint32_t kwarg_count;
};

/* How a function is called that has no tree. `params` names its parameters,
 * "old,new,count"; the first `required` must be given; with a leading '*' the
 * function takes what is passed as it is. */
struct vit_tpl_signature {
	const char *name;
	const char *params;
	uint8_t required;
	bool positional;  /* no keywords */
};
#define VIT_TPL_MAX_PARAMS 6
/* arg[i] is NULL where none was passed. */
bool vit_tpl_bind_args(struct vit_tpl_eval *e, const struct vit_tpl_signature *s,
		       const struct vit_tpl_passed *passed,
		       const struct vit_tval *arg[VIT_TPL_MAX_PARAMS]);

/* --- stopping; always false --- */

bool vit_tpl_stop(struct vit_tpl_eval *e, enum vit_template_outcome outcome, const char *fmt, ...)
	VIT_PRINTF(3, 4);
/* Any use of an undefined value that Jinja refuses. */
bool vit_tpl_stop_undefined(struct vit_tpl_eval *e, const struct vit_tval *v);
#define VIT_TPL_FAIL(e, ...) vit_tpl_stop((e), VIT_TEMPLATE_ERROR, __VA_ARGS__)

/* --- limits --- */

static inline bool vit_tpl_step(struct vit_tpl_eval *e, uint64_t n)
{
	if (e->steps < n) {
		e->steps = 0;
		return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "more steps than allowed");
	}
	e->steps -= n;
	return true;
}
/* Memory for `count` items; NULL when over the limit. */
void *vit_tpl_alloc(struct vit_tpl_eval *e, size_t count, size_t size);
struct vit_tval *vit_tpl_items(struct vit_tpl_eval *e, size_t count);
/* *out = a copy of s as a string. */
bool vit_tpl_new_str(struct vit_tpl_eval *e, struct vit_str s, struct vit_tval *out);
/* Likewise of a buffer, which is released. */
bool vit_tpl_take_str(struct vit_tpl_eval *e, struct vit_buf *b, struct vit_tval *out);
/* A buffer for a string being made, with what memory is left as its ceiling. */
void vit_tpl_buf(struct vit_tpl_eval *e, struct vit_buf *b);
bool vit_tpl_dict_put(struct vit_tpl_eval *e, struct vit_tdict *d, const struct vit_tval *key,
		      const struct vit_tval *value);

/* --- values --- */

/* An undefined value: of a variable, of an attribute or element of `on`, or
 * with a hint of its own. */
struct vit_tval vit_tpl_undefined_name(struct vit_tpl_eval *e, struct vit_str name);
struct vit_tval vit_tpl_undefined_on(struct vit_tpl_eval *e, const struct vit_tval *on,
				     const struct vit_tval *name);
struct vit_tval vit_tpl_undefined_hint(struct vit_tpl_eval *e, const char *hint);
/* One that stops the rendering as FORBIDDEN where it is used. */
struct vit_tval vit_tpl_undefined_unsafe(struct vit_tpl_eval *e, const struct vit_tval *on,
					 struct vit_str name);

bool vit_tpl_equal(struct vit_tpl_eval *e, const struct vit_tval *a, const struct vit_tval *b,
		   bool *out);
/* a op b for <, <=, >, >=. */
bool vit_tpl_less(struct vit_tpl_eval *e, enum vit_tpl_op op, const struct vit_tval *a,
		  const struct vit_tval *b, bool *out);
bool vit_tpl_contains(struct vit_tpl_eval *e, const struct vit_tval *item,
		      const struct vit_tval *in, bool *out);
bool vit_tpl_compare(struct vit_tpl_eval *e, enum vit_tpl_op op, const struct vit_tval *a,
		     const struct vit_tval *b, bool *out);
bool vit_tpl_arithmetic(struct vit_tpl_eval *e, enum vit_tpl_op op, const struct vit_tval *a,
			const struct vit_tval *b, struct vit_tval *out);
bool vit_tpl_hashable(struct vit_tpl_eval *e, const struct vit_tval *v);
/* Stable, as sorted(). keys[i] belongs to items[i]; both are reordered. */
bool vit_tpl_sort(struct vit_tpl_eval *e, struct vit_tval *keys, struct vit_tval *items, uint32_t n,
		  bool reverse);

/* Appends str(v) or repr(v). */
bool vit_tpl_add_str(struct vit_tpl_eval *e, struct vit_buf *b, const struct vit_tval *v);
bool vit_tpl_add_repr(struct vit_tpl_eval *e, struct vit_buf *b, const struct vit_tval *v);
/* soft_str(v): strings as they are (with their markup), else str(v). */
bool vit_tpl_soft_str(struct vit_tpl_eval *e, const struct vit_tval *v, struct vit_tval *out);
/* str(v) as plain text. */
bool vit_tpl_to_str(struct vit_tpl_eval *e, const struct vit_tval *v, struct vit_str *out);
/* markupsafe.escape(v). */
bool vit_tpl_escape(struct vit_tpl_eval *e, const struct vit_tval *v, struct vit_tval *out);
/* text % args, as Python formats. */
bool vit_tpl_percent(struct vit_tpl_eval *e, const struct vit_tval *text,
		     const struct vit_tval *args, struct vit_tval *out);
/* text.format(args). */
bool vit_tpl_format(struct vit_tpl_eval *e, struct vit_str text,
		    const struct vit_tpl_passed *passed, struct vit_tval *out);
bool vit_tpl_strftime(struct vit_tpl_eval *e, struct vit_str format, struct vit_tval *out);

/* list(v): the items in an array that must not be changed. An iterator is used
 * up by it. */
bool vit_tpl_to_items(struct vit_tpl_eval *e, const struct vit_tval *v,
		      const struct vit_tval **items, uint32_t *n);
/* len(v). */
bool vit_tpl_len(struct vit_tpl_eval *e, const struct vit_tval *v, int64_t *n);

/* A generator's result: passed over once. */
struct vit_tpl_iterator {
	const struct vit_tval *items;
	uint32_t n, at;
	const char *type;  /* Python's name of its type */
};
bool vit_tpl_new_iterator(struct vit_tpl_eval *e, const struct vit_tval *items, uint32_t n,
			  const char *type, struct vit_tval *out);

struct vit_tpl_range {
	int64_t start, stop, step; /* stop: as Python shows it */
	uint32_t n;
};

enum vit_tpl_view { VIT_TPL_KEYS, VIT_TPL_VALUES, VIT_TPL_ITEMS };

struct vit_tpl_macro {
	const struct vit_tpl_function *function;
	struct vit_tpl_frame *frame;  /* where it was defined */
};

struct vit_tpl_cycler {
	const struct vit_tval *items;
	uint32_t n, at;
};

struct vit_tpl_joiner {
	struct vit_str separator;
	bool used;
};

/* A method with its object. */
struct vit_tpl_bound {
	struct vit_tval self;
	const struct vit_tpl_method *method;
};

/* A loop with the variable `loop`. */
struct vit_tpl_loop {
	const struct vit_tpl_node *node;
	const struct vit_tval *items;       /* what is passed over */
	uint32_t n, at;
	struct vit_tpl_iterator *source;    /* of an iterator: its cursor moves along */
	bool filtered;                      /* items are still to be tested */
	bool unsized;                       /* a generator: its length has to be found */
	int64_t index0, depth0;
	int64_t length;                     /* -1: not known yet */
	struct vit_tval before, current, after; /* MISSING where there is none */
	struct vit_tval *changed;           /* what changed() was called with */
	uint32_t changed_count;
	bool changed_called;
	struct vit_tpl_frame *frame;        /* whose loop it is; recursion starts at its parent */
};

/* item's attribute "a.b" (or element 0), or the item itself when there is no
 * attribute; `otherwise` (may be NULL) stands for undefined ones. */
bool vit_tpl_by_attribute(struct vit_tpl_eval *e, const struct vit_tval *item,
			  const struct vit_tval *attribute, const struct vit_tval *otherwise,
			  struct vit_tval *out);

/* --- parts --- */

bool vit_tpl_evaluate(struct vit_tpl_eval *e, const struct vit_tpl_node *n, struct vit_tval *out);
bool vit_tpl_getattr(struct vit_tpl_eval *e, const struct vit_tval *on, struct vit_str name,
		     struct vit_tval *out);
bool vit_tpl_getitem(struct vit_tpl_eval *e, const struct vit_tval *on, const struct vit_tval *key,
		     struct vit_tval *out);
bool vit_tpl_slice(struct vit_tpl_eval *e, const struct vit_tval *on,
		   const struct vit_tval *const part[3], struct vit_tval *out);
/* A method of on's type by that name: true and *out, else false. *unsafe: there
 * is one, and the sandbox forbids it. */
bool vit_tpl_find_method(const struct vit_tval *on, struct vit_str name,
			 const struct vit_tpl_method **out, bool *unsafe);
bool vit_tpl_call(struct vit_tpl_eval *e, const struct vit_tval *f,
		  const struct vit_tpl_passed *passed, struct vit_tval *out);
bool vit_tpl_call_global(struct vit_tpl_eval *e, const struct vit_tval *f,
			 const struct vit_tpl_passed *passed, struct vit_tval *out);
bool vit_tpl_call_macro(struct vit_tpl_eval *e, const struct vit_tpl_macro *m,
			const struct vit_tpl_passed *passed, struct vit_tval *out);
/* loop(items) of a recursive loop. */
bool vit_tpl_call_loop(struct vit_tpl_eval *e, struct vit_tpl_loop *loop,
		       const struct vit_tpl_passed *passed, struct vit_tval *out);
bool vit_tpl_apply_filter(struct vit_tpl_eval *e, const struct vit_tpl_filter *f,
			  const struct vit_tval *on, const struct vit_tpl_passed *passed,
			  struct vit_tval *out);
bool vit_tpl_apply_test(struct vit_tpl_eval *e, const struct vit_tpl_test *t,
			const struct vit_tval *on, const struct vit_tpl_passed *passed,
			bool *out);
/* A global by name; false when there is none. */
bool vit_tpl_find_global(struct vit_str name, struct vit_tval *out);
bool vit_tpl_passed(struct vit_tpl_eval *e, const struct vit_tpl_args *args,
		    struct vit_tpl_passed *out);
bool vit_tpl_assign(struct vit_tpl_eval *e, const struct vit_tpl_node *target,
		    const struct vit_tval *v);
static inline struct vit_tval *vit_tpl_slot(struct vit_tpl_eval *e, struct vit_tpl_ref ref)
{
	struct vit_tpl_frame *f = e->frame;
	for (uint16_t i = 0; i < ref.hops; i++)
		f = f->parent;
	return &f->slots[ref.slot];
}

/* How a statement ended. */
enum vit_tpl_flow { VIT_TPL_GOES_ON, VIT_TPL_BREAKS, VIT_TPL_CONTINUES, VIT_TPL_STOPS };
enum vit_tpl_flow vit_tpl_run(struct vit_tpl_eval *e, const struct vit_tpl_body *body);
void vit_tpl_enter(struct vit_tpl_eval *e, const struct vit_tpl_scope *scope);

/* Text printed between begin and end is a string instead. */
size_t vit_tpl_capture_begin(struct vit_tpl_eval *e);
bool vit_tpl_capture_end(struct vit_tpl_eval *e, size_t mark, struct vit_tval *out);
/* Attributes of `loop`; true when there is one by that name (then *ok says
 * whether the rendering goes on). */
bool vit_tpl_loop_attr(struct vit_tpl_eval *e, struct vit_tpl_loop *loop, struct vit_str name,
		       struct vit_tval *out, bool *ok);

#endif
