#include "text/template_eval.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* int, float, round, abs. */

static bool float_to_int(struct vit_tpl_eval *e, double v, struct vit_tval *out)
{
	if (v < -9223372036854775808.0 || v >= 9223372036854775808.0)
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "integers beyond 64 bits");
	*out = vit_tval_int((int64_t)v);
	return true;
}

static bool filter_int(struct vit_tpl_eval *e, const struct vit_tval *on,
		       const struct vit_tval *const *arg, struct vit_tval *out)
{
	int64_t v, base = 10;
	double f;
	bool big;
	*out = arg[0] ? *arg[0] : vit_tval_int(0);
	if (arg[1] && vit_tpl_is_int(arg[1]))
		base = vit_tpl_int(arg[1]);
	if (on->type == VIT_TV_UNDEFINED)
		return vit_tpl_stop_undefined(e, on);
	if (vit_tpl_is_int(on) || on->type == VIT_TV_BIG) {
		*out = on->type == VIT_TV_BIG ? *on : vit_tval_int(vit_tpl_int(on));
		return true;
	}
	if (on->type == VIT_TV_FLOAT) {
		if (isinf(on->number))
			return VIT_TPL_FAIL(e, "cannot convert float infinity to integer");
		return isnan(on->number) || float_to_int(e, on->number, out);
	}
	if (on->type != VIT_TV_STR)
		return true;
	if (base != 0 && (base < 2 || base > 36))
		base = 10;
	if (vit_tpl_parse_int(vit_tval_text(*on), (int)base, &v, &big)) {
		if (big)
			return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "integers beyond 64 bits");
		*out = vit_tval_int(v);
		return true;
	}
	if (!vit_tpl_parse_float(vit_tval_text(*on), &f) || isnan(f) || isinf(f))
		return true;
	return float_to_int(e, f, out);
}

static bool filter_float(struct vit_tpl_eval *e, const struct vit_tval *on,
			 const struct vit_tval *const *arg, struct vit_tval *out)
{
	double f;
	*out = arg[0] ? *arg[0] : vit_tval_float(0);
	if (on->type == VIT_TV_UNDEFINED)
		return vit_tpl_stop_undefined(e, on);
	if (vit_tpl_is_number(on))
		*out = vit_tval_float(vit_tpl_double(on));
	else if ((on->type == VIT_TV_STR || on->type == VIT_TV_BIG) &&
		 vit_tpl_parse_float(vit_tval_text(*on), &f))
		*out = vit_tval_float(f);
	return true;
}

static bool filter_abs(struct vit_tpl_eval *e, const struct vit_tval *on,
		       const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)arg;
	if (on->type == VIT_TV_UNDEFINED)
		return VIT_TPL_FAIL(e, "bad operand type for abs(): 'Undefined'");
	if (on->type == VIT_TV_FLOAT) {
		*out = vit_tval_float(fabs(on->number));
		return true;
	}
	if (!vit_tpl_is_int(on))
		return VIT_TPL_FAIL(e, "bad operand type for abs(): '%s'", vit_tpl_type_name(on));
	int64_t v = vit_tpl_int(on);
	if (v == INT64_MIN)
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "integers beyond 64 bits");
	*out = vit_tval_int(v < 0 ? -v : v);
	return true;
}

/* round(v, digits) of Python: the decimal digits of v, half to even. */
static bool round_float(struct vit_tpl_eval *e, double v, int64_t digits, struct vit_tval *out)
{
	char text[400];
	*out = vit_tval_float(v);
	if (!isfinite(v) || digits > 17)
		return true;
	if (digits < 0)
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "rounding to tens");
	snprintf(text, sizeof(text), "%.*f", (int)digits, v);
	*out = vit_tval_float(strtod(text, NULL));
	return true;
}

static bool filter_round(struct vit_tpl_eval *e, const struct vit_tval *on,
			 const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str method = VIT_STR("common");
	int64_t digits = 0;
	if (arg[1] && arg[1]->type == VIT_TV_STR)
		method = vit_tval_text(*arg[1]);
	bool up = vit_str_is(method, "ceil"), common = vit_str_is(method, "common");
	if (!common && !up && !vit_str_is(method, "floor"))
		return VIT_TPL_FAIL(e, "method must be common, ceil or floor");
	if (on->type == VIT_TV_UNDEFINED)
		return VIT_TPL_FAIL(e, "type Undefined doesn't define __round__ method");
	if (!vit_tpl_is_number(on))
		return VIT_TPL_FAIL(e, "type %s doesn't define __round__ method",
				    vit_tpl_type_name(on));
	if (arg[0] && !vit_tpl_is_int(arg[0]))
		return VIT_TPL_FAIL(e, "'%s' object cannot be interpreted as an integer",
				    vit_tpl_type_name(arg[0]));
	if (arg[0])
		digits = vit_tpl_int(arg[0]);
	if (common && vit_tpl_is_int(on) && digits >= 0) {
		*out = vit_tval_int(vit_tpl_int(on));
		return true;
	}
	if (common)
		return round_float(e, vit_tpl_double(on), digits, out);
	if (digits < 0 || digits > 15 || !isfinite(vit_tpl_double(on)))
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "rounding to such a precision");
	double scale = 1, v = vit_tpl_double(on);
	for (int64_t i = 0; i < digits; i++)
		scale *= 10;
	*out = vit_tval_float((up ? ceil(v * scale) : floor(v * scale)) / scale);
	return true;
}

const struct vit_tpl_filter vit_tpl_number_filters[] = {
	{ "int", "default,base", 0, filter_int, NULL },
	{ "float", "default", 0, filter_float, NULL },
	{ "abs", "", 0, filter_abs, NULL },
	{ "round", "precision,method", 0, filter_round, NULL },
	{ NULL, NULL, 0, NULL, NULL },
};
