#include "text/template_eval.h"

/* str() and repr(), and what escapes HTML. */

static bool add_items(struct vit_tpl_eval *e, struct vit_buf *b, const struct vit_tval *items,
		      uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			vit_buf_puts(b, ", ");
		if (!vit_tpl_add_repr(e, b, &items[i]))
			return false;
	}
	return true;
}

static bool add_dict(struct vit_tpl_eval *e, struct vit_buf *b, const struct vit_tdict *d)
{
	vit_buf_putc(b, '{');
	for (uint32_t i = 0; i < d->count; i++) {
		if (i)
			vit_buf_puts(b, ", ");
		if (!vit_tpl_add_repr(e, b, &d->members[i].key))
			return false;
		vit_buf_puts(b, ": ");
		if (!vit_tpl_add_repr(e, b, &d->members[i].value))
			return false;
	}
	vit_buf_putc(b, '}');
	return true;
}

static bool add_view(struct vit_tpl_eval *e, struct vit_buf *b, const struct vit_tval *v)
{
	const struct vit_tval *items;
	uint32_t n;
	vit_buf_printf(b, "%s([", vit_tpl_type_name(v));
	if (!vit_tpl_to_items(e, v, &items, &n) || !add_items(e, b, items, n))
		return false;
	vit_buf_puts(b, "])");
	return true;
}

static void add_range(struct vit_buf *b, const struct vit_tpl_range *r)
{
	if (r->step == 1)
		vit_buf_printf(b, "range(%lld, %lld)", (long long)r->start,
			       (long long)r->stop);
	else
		vit_buf_printf(b, "range(%lld, %lld, %lld)", (long long)r->start,
			       (long long)r->stop, (long long)r->step);
}

static bool add_compound(struct vit_tpl_eval *e, struct vit_buf *b, const struct vit_tval *v)
{
	bool ok;
	if (v->type == VIT_TV_LIST || v->type == VIT_TV_TUPLE) {
		vit_buf_putc(b, v->type == VIT_TV_LIST ? '[' : '(');
		ok = add_items(e, b, v->items, v->n);
		vit_buf_puts(b, v->type == VIT_TV_LIST ? "]" : v->n == 1 ? ",)" : ")");
		return ok;
	}
	if (v->type == VIT_TV_DICT)
		return add_dict(e, b, v->dict);
	if (v->type == VIT_TV_VIEW)
		return add_view(e, b, v);
	vit_buf_puts(b, "<Namespace ");
	ok = add_dict(e, b, v->dict);
	vit_buf_putc(b, '>');
	return ok;
}

/* What has the same text in str() and repr(). */
static bool add_other(struct vit_tpl_eval *e, struct vit_buf *b, const struct vit_tval *v)
{
	char number[VIT_TPL_FLOAT_MAX];
	const struct vit_tpl_macro *m;
	const struct vit_tpl_loop *loop;
	switch ((enum vit_tval_type)v->type) {
	case VIT_TV_NONE:
		vit_buf_puts(b, "None");
		return true;
	case VIT_TV_BOOL:
		vit_buf_puts(b, v->boolean ? "True" : "False");
		return true;
	case VIT_TV_INT:
		vit_buf_printf(b, "%lld", (long long)v->integer);
		return true;
	case VIT_TV_FLOAT:
		vit_buf_add(b, number, vit_tpl_float_repr(v->number, number));
		return true;
	case VIT_TV_BIG:
		vit_buf_str(b, vit_tval_text(*v));
		return true;
	case VIT_TV_RANGE:
		add_range(b, v->other);
		return true;
	case VIT_TV_MACRO:
		m = v->other;
		if (m->function->name.n)
			vit_buf_printf(b, "<Macro '%.*s'>", VIT_FMT(m->function->name));
		else
			vit_buf_puts(b, "<Macro anonymous>");
		return true;
	case VIT_TV_LOOP:
		loop = v->other;
		vit_buf_printf(b, "<LoopContext %lld/%lld>", (long long)loop->index0 + 1,
			       (long long)(loop->length < 0 ? (int64_t)loop->n : loop->length));
		return true;
	case VIT_TV_UNDEFINED:
	case VIT_TV_MISSING:
	case VIT_TV_STR:
	case VIT_TV_LIST:
	case VIT_TV_TUPLE:
	case VIT_TV_DICT:
	case VIT_TV_NAMESPACE:
	case VIT_TV_VIEW:
	case VIT_TV_ITERATOR:
	case VIT_TV_GLOBAL:
	case VIT_TV_METHOD:
	case VIT_TV_CYCLER:
	case VIT_TV_JOINER:
		break;
	}
	return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED,
			    "printing a %s: its text holds an address of memory",
			    vit_tpl_type_name(v));
}

bool vit_tpl_add_repr(struct vit_tpl_eval *e, struct vit_buf *b, const struct vit_tval *v)
{
	if (!vit_tpl_step(e, 1))
		return false;
	if (v->type == VIT_TV_STR) {
		if (v->flags & VIT_TVF_MARKUP)
			vit_buf_puts(b, "Markup(");
		vit_tpl_str_repr(b, vit_tval_text(*v));
		if (v->flags & VIT_TVF_MARKUP)
			vit_buf_putc(b, ')');
		return vit_tpl_step(e, v->n / 16);
	}
	if (v->type == VIT_TV_UNDEFINED) {
		vit_buf_puts(b, "Undefined");
		return true;
	}
	if (v->type != VIT_TV_LIST && v->type != VIT_TV_TUPLE && v->type != VIT_TV_DICT &&
	    v->type != VIT_TV_NAMESPACE && v->type != VIT_TV_VIEW)
		return add_other(e, b, v);
	if (e->depth == 0)
		return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "values nest too deep to be printed");
	e->depth--;
	bool ok = add_compound(e, b, v);
	e->depth++;
	return ok;
}

bool vit_tpl_add_str(struct vit_tpl_eval *e, struct vit_buf *b, const struct vit_tval *v)
{
	if (v->type == VIT_TV_STR) {
		vit_buf_add(b, v->text, v->n);
		return vit_tpl_step(e, v->n / 64);
	}
	if (v->type == VIT_TV_UNDEFINED)
		return true;
	return vit_tpl_add_repr(e, b, v);
}

bool vit_tpl_soft_str(struct vit_tpl_eval *e, const struct vit_tval *v, struct vit_tval *out)
{
	if (v->type == VIT_TV_STR) {
		*out = *v;
		return true;
	}
	struct vit_buf b;
	vit_tpl_buf(e, &b);
	if (!vit_tpl_add_str(e, &b, v)) {
		vit_buf_release(&b);
		return false;
	}
	return vit_tpl_take_str(e, &b, out);
}

bool vit_tpl_to_str(struct vit_tpl_eval *e, const struct vit_tval *v, struct vit_str *out)
{
	struct vit_tval s;
	if (!vit_tpl_soft_str(e, v, &s))
		return false;
	*out = vit_tval_text(s);
	return true;
}

bool vit_tpl_escape(struct vit_tpl_eval *e, const struct vit_tval *v, struct vit_tval *out)
{
	struct vit_str s;
	if (v->type == VIT_TV_STR && (v->flags & VIT_TVF_MARKUP)) {
		*out = *v;
		return true;
	}
	if (!vit_tpl_to_str(e, v, &s))
		return false;
	struct vit_buf b;
	vit_tpl_buf(e, &b);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '&')
			vit_buf_puts(&b, "&amp;");
		else if (c == '<')
			vit_buf_puts(&b, "&lt;");
		else if (c == '>')
			vit_buf_puts(&b, "&gt;");
		else if (c == '"')
			vit_buf_puts(&b, "&#34;");
		else if (c == '\'')
			vit_buf_puts(&b, "&#39;");
		else
			vit_buf_putc(&b, c);
	}
	if (!vit_tpl_take_str(e, &b, out))
		return false;
	out->flags = VIT_TVF_MARKUP;
	return true;
}
