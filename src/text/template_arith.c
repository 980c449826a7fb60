#include "text/template_eval.h"

#include <math.h>

/* Arithmetic of Python: floor division, its sign rules, sequences repeated. */

static bool overflow(struct vit_tpl_eval *e)
{
	return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "integers beyond 64 bits");
}

static bool integer_power(struct vit_tpl_eval *e, int64_t base, int64_t exponent,
			  struct vit_tval *out)
{
	if (exponent < 0) {
		if (base == 0)
			return VIT_TPL_FAIL(e, "0.0 cannot be raised to a negative power");
		*out = vit_tval_float(pow((double)base, (double)exponent));
		return true;
	}
	int64_t v = 1;
	if (base == 0 || base == 1 || base == -1) {
		v = exponent == 0 ? 1 : base == -1 && exponent % 2 == 0 ? 1 : base;
	} else {
		for (int64_t i = 0; i < exponent; i++)
			if (__builtin_mul_overflow(v, base, &v))
				return overflow(e);
	}
	*out = vit_tval_int(v);
	return true;
}

static bool integers(struct vit_tpl_eval *e, enum vit_tpl_op op, int64_t a, int64_t b,
		     struct vit_tval *out)
{
	int64_t v = 0;
	bool over = false;
	if (op == VIT_TPL_ADD) {
		over = __builtin_add_overflow(a, b, &v);
	} else if (op == VIT_TPL_SUB) {
		over = __builtin_sub_overflow(a, b, &v);
	} else if (op == VIT_TPL_MUL) {
		over = __builtin_mul_overflow(a, b, &v);
	} else if (op == VIT_TPL_POW) {
		return integer_power(e, a, b, out);
	} else if (b == 0) {
		return VIT_TPL_FAIL(e, op == VIT_TPL_DIV ? "division by zero" :
					op == VIT_TPL_MOD ? "integer modulo by zero" :
							    "integer division or modulo by zero");
	} else if (op == VIT_TPL_DIV) {
		*out = vit_tval_float((double)a / (double)b);
		return true;
	} else if (b == -1) {
		/* INT64_MIN / -1 traps. */
		over = op == VIT_TPL_FLOORDIV && __builtin_sub_overflow((int64_t)0, a, &v);
	} else if (op == VIT_TPL_FLOORDIV) {
		v = a / b - (a % b != 0 && (a < 0) != (b < 0));
	} else {
		v = a % b;
		if (v != 0 && (v < 0) != (b < 0))
			v += b;
	}
	if (over)
		return overflow(e);
	*out = vit_tval_int(v);
	return true;
}

static bool floats(struct vit_tpl_eval *e, enum vit_tpl_op op, double a, double b,
		   struct vit_tval *out)
{
	double v = 0;
	if ((op == VIT_TPL_DIV || op == VIT_TPL_FLOORDIV || op == VIT_TPL_MOD) && b == 0)
		return VIT_TPL_FAIL(e, op == VIT_TPL_DIV ? "float division by zero" :
				    op == VIT_TPL_MOD ? "float modulo" :
							"float floor division by zero");
	if (op == VIT_TPL_ADD) {
		v = a + b;
	} else if (op == VIT_TPL_SUB) {
		v = a - b;
	} else if (op == VIT_TPL_MUL) {
		v = a * b;
	} else if (op == VIT_TPL_DIV) {
		v = a / b;
	} else if (op == VIT_TPL_POW) {
		if (a == 0 && b < 0)
			return VIT_TPL_FAIL(e, "0.0 cannot be raised to a negative power");
		if (a < 0 && b != floor(b) && isfinite(b))
			return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "complex numbers");
		v = pow(a, b);
		if (isinf(v) && isfinite(a) && isfinite(b))
			return VIT_TPL_FAIL(e, "(34, 'Numerical result out of range')");
	} else {
		double mod = fmod(a, b);
		double div = (a - mod) / b;
		if (mod != 0) {
			if ((b < 0) != (mod < 0)) {
				mod += b;
				div -= 1;
			}
		} else {
			mod = copysign(0.0, b);
		}
		double whole = floor(div);
		if (div - whole > 0.5)
			whole += 1;
		if (div == 0)
			whole = copysign(0.0, a / b);
		v = op == VIT_TPL_MOD ? mod : whole;
	}
	*out = vit_tval_float(v);
	return true;
}

static bool mixed(struct vit_tpl_eval *e, enum vit_tpl_op op, const struct vit_tval *a,
		  const struct vit_tval *b)
{
	if (a->type == VIT_TV_UNDEFINED || b->type == VIT_TV_UNDEFINED)
		return vit_tpl_stop_undefined(e, a->type == VIT_TV_UNDEFINED ? a : b);
	if (a->type == VIT_TV_BIG || b->type == VIT_TV_BIG)
		return overflow(e);
	if (op == VIT_TPL_ADD && a->type == VIT_TV_STR)
		return VIT_TPL_FAIL(e, "can only concatenate str (not \"%s\") to str",
				    vit_tpl_type_name(b));
	if (op == VIT_TPL_ADD && (a->type == VIT_TV_LIST || a->type == VIT_TV_TUPLE))
		return VIT_TPL_FAIL(e, "can only concatenate %s (not \"%s\") to %s",
				    vit_tpl_type_name(a), vit_tpl_type_name(b),
				    vit_tpl_type_name(a));
	return VIT_TPL_FAIL(e, "unsupported operand type(s) for %s%s: '%s' and '%s'",
			    vit_tpl_op_text[op], op == VIT_TPL_POW ? " or pow()" : "",
			    vit_tpl_type_name(a), vit_tpl_type_name(b));
}

static bool concatenate(struct vit_tpl_eval *e, const struct vit_tval *a, const struct vit_tval *b,
			struct vit_tval *out)
{
	struct vit_tval left = *a, right = *b;
	unsigned markup = (a->flags | b->flags) & VIT_TVF_MARKUP;
	if (markup && (!(a->flags & VIT_TVF_MARKUP) && !vit_tpl_escape(e, a, &left)))
		return false;
	if (markup && (!(b->flags & VIT_TVF_MARKUP) && !vit_tpl_escape(e, b, &right)))
		return false;
	char *p = vit_tpl_alloc(e, (size_t)left.n + right.n, 1);
	if (!p)
		return false;
	memcpy(p, left.text, left.n);
	memcpy(p + left.n, right.text, right.n);
	*out = vit_tval_str((struct vit_str){ p, (size_t)left.n + right.n });
	out->flags = (uint8_t)markup;
	return true;
}

static bool join_items(struct vit_tpl_eval *e, const struct vit_tval *a, const struct vit_tval *b,
		       struct vit_tval *out)
{
	size_t n = (size_t)a->n + b->n;
	struct vit_tval *items = vit_tpl_items(e, n);
	if (!items || !vit_tpl_step(e, n))
		return false;
	if (a->n)
		memcpy(items, a->items, a->n * sizeof(*items));
	if (b->n)
		memcpy(items + a->n, b->items, b->n * sizeof(*items));
	*out = *a;
	out->flags = 0;
	out->items = items;
	out->n = (uint32_t)n;
	return true;
}

static bool repeat(struct vit_tpl_eval *e, const struct vit_tval *what, int64_t times,
		   struct vit_tval *out)
{
	size_t size = what->type == VIT_TV_STR ? 1 : sizeof(struct vit_tval), total;
	if (times <= 0 || what->n == 0) {
		*out = *what;
		out->n = 0;
		return true;
	}
	if (__builtin_mul_overflow((size_t)times, (size_t)what->n, &total) || total > VIT_TVAL_MAX)
		return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "a repeated value is too large");
	char *p = vit_tpl_alloc(e, total, size);
	if (!p || !vit_tpl_step(e, total / 16))
		return false;
	for (size_t i = 0; i < (size_t)times; i++)
		memcpy(p + i * what->n * size, what->items, what->n * size);
	*out = *what;
	out->text = p;
	out->n = (uint32_t)total;
	return true;
}

static bool is_sequence(const struct vit_tval *v)
{
	return v->type == VIT_TV_STR || v->type == VIT_TV_LIST || v->type == VIT_TV_TUPLE;
}

bool vit_tpl_arithmetic(struct vit_tpl_eval *e, enum vit_tpl_op op, const struct vit_tval *a,
			const struct vit_tval *b, struct vit_tval *out)
{
	if (op == VIT_TPL_ADD && a->type == VIT_TV_STR && b->type == VIT_TV_STR)
		return concatenate(e, a, b, out);
	if (vit_tpl_is_number(a) && vit_tpl_is_number(b)) {
		if (a->type == VIT_TV_FLOAT || b->type == VIT_TV_FLOAT)
			return floats(e, op, vit_tpl_double(a), vit_tpl_double(b), out);
		return integers(e, op, vit_tpl_int(a), vit_tpl_int(b), out);
	}
	if (op == VIT_TPL_MOD && a->type == VIT_TV_STR)
		return vit_tpl_percent(e, a, b, out);
	if (op == VIT_TPL_ADD && a->type == b->type &&
	    (a->type == VIT_TV_LIST || a->type == VIT_TV_TUPLE))
		return join_items(e, a, b, out);
	if (op == VIT_TPL_MUL && is_sequence(a) && vit_tpl_is_int(b))
		return repeat(e, a, vit_tpl_int(b), out);
	if (op == VIT_TPL_MUL && is_sequence(b) && vit_tpl_is_int(a))
		return repeat(e, b, vit_tpl_int(a), out);
	return mixed(e, op, a, b);
}
