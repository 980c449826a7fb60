#include "text/template_eval.h"

/* The tests behind `is`, and the table that finds filters. */

static bool is_defined(struct vit_tpl_eval *e, const struct vit_tval *v, const struct vit_tval *arg,
		       bool *out)
{
	(void)e;
	(void)arg;
	*out = v->type != VIT_TV_UNDEFINED;
	return true;
}

static bool is_undefined(struct vit_tpl_eval *e, const struct vit_tval *v,
			 const struct vit_tval *arg, bool *out)
{
	(void)e;
	(void)arg;
	*out = v->type == VIT_TV_UNDEFINED;
	return true;
}

#define TYPE_TEST(name, condition)                                                                \
	static bool name(struct vit_tpl_eval *e, const struct vit_tval *v,                        \
			 const struct vit_tval *arg, bool *out)                                   \
	{                                                                                         \
		(void)e;                                                                          \
		(void)arg;                                                                        \
		*out = (condition);                                                               \
		return true;                                                                      \
	}

TYPE_TEST(is_none, v->type == VIT_TV_NONE)
TYPE_TEST(is_boolean, v->type == VIT_TV_BOOL)
TYPE_TEST(is_true, v->type == VIT_TV_BOOL && v->boolean)
TYPE_TEST(is_false, v->type == VIT_TV_BOOL && !v->boolean)
TYPE_TEST(is_integer, v->type == VIT_TV_INT || v->type == VIT_TV_BIG)
TYPE_TEST(is_float, v->type == VIT_TV_FLOAT)
TYPE_TEST(is_number, vit_tpl_is_number(v) || v->type == VIT_TV_BIG)
TYPE_TEST(is_string, v->type == VIT_TV_STR)
TYPE_TEST(is_mapping, v->type == VIT_TV_DICT)
TYPE_TEST(is_sequence, v->type == VIT_TV_STR || v->type == VIT_TV_LIST || v->type == VIT_TV_TUPLE ||
			       v->type == VIT_TV_DICT || v->type == VIT_TV_RANGE ||
			       v->type == VIT_TV_UNDEFINED)
TYPE_TEST(is_iterable, v->type == VIT_TV_STR || v->type == VIT_TV_LIST || v->type == VIT_TV_TUPLE ||
			       v->type == VIT_TV_DICT || v->type == VIT_TV_RANGE ||
			       v->type == VIT_TV_VIEW || v->type == VIT_TV_ITERATOR ||
			       v->type == VIT_TV_UNDEFINED || v->type == VIT_TV_LOOP)
TYPE_TEST(is_callable, v->type == VIT_TV_MACRO || v->type == VIT_TV_GLOBAL ||
			       v->type == VIT_TV_METHOD || v->type == VIT_TV_LOOP ||
			       v->type == VIT_TV_JOINER || v->type == VIT_TV_UNDEFINED)
TYPE_TEST(is_escaped, v->type == VIT_TV_STR && (v->flags & VIT_TVF_MARKUP))

static bool is_filter(struct vit_tpl_eval *e, const struct vit_tval *v, const struct vit_tval *arg,
		      bool *out)
{
	(void)arg;
	*out = v->type == VIT_TV_STR && vit_tpl_find_filter(vit_tval_text(*v));
	return vit_tpl_hashable(e, v);
}

static bool is_test(struct vit_tpl_eval *e, const struct vit_tval *v, const struct vit_tval *arg,
		    bool *out)
{
	(void)arg;
	*out = v->type == VIT_TV_STR && vit_tpl_find_test(vit_tval_text(*v));
	return vit_tpl_hashable(e, v);
}

static bool modulo(struct vit_tpl_eval *e, const struct vit_tval *v, const struct vit_tval *by,
		   int64_t wanted, bool *out)
{
	struct vit_tval rest, want = vit_tval_int(wanted);
	return vit_tpl_arithmetic(e, VIT_TPL_MOD, v, by, &rest) &&
	       vit_tpl_equal(e, &rest, &want, out);
}

static bool is_odd(struct vit_tpl_eval *e, const struct vit_tval *v, const struct vit_tval *arg,
		   bool *out)
{
	struct vit_tval two = vit_tval_int(2);
	(void)arg;
	return modulo(e, v, &two, 1, out);
}

static bool is_even(struct vit_tpl_eval *e, const struct vit_tval *v, const struct vit_tval *arg,
		    bool *out)
{
	struct vit_tval two = vit_tval_int(2);
	(void)arg;
	return modulo(e, v, &two, 0, out);
}

static bool is_divisibleby(struct vit_tpl_eval *e, const struct vit_tval *v,
			   const struct vit_tval *arg, bool *out)
{
	return modulo(e, v, arg, 0, out);
}

static bool cased(struct vit_tpl_eval *e, const struct vit_tval *v, bool upper, bool *out)
{
	struct vit_str s;
	*out = false;
	if (!vit_tpl_to_str(e, v, &s))
		return false;
	for (size_t at = 0; at < s.n;) {
		uint32_t cp = vit_tpl_next(s, &at);
		bool up = vit_tpl_is_upper(cp), low = vit_tpl_is_lower(cp);
		if ((upper ? low : up) || vit_tpl_is_title(cp)) {
			*out = false;
			break;
		}
		*out |= up || low;
	}
	return vit_tpl_step(e, s.n / 16);
}

static bool is_lower(struct vit_tpl_eval *e, const struct vit_tval *v, const struct vit_tval *arg,
		     bool *out)
{
	(void)arg;
	return cased(e, v, false, out);
}

static bool is_upper(struct vit_tpl_eval *e, const struct vit_tval *v, const struct vit_tval *arg,
		     bool *out)
{
	(void)arg;
	return cased(e, v, true, out);
}

static bool is_sameas(struct vit_tpl_eval *e, const struct vit_tval *v, const struct vit_tval *arg,
		      bool *out)
{
	(void)e;
	*out = v->type == arg->type && v->n == arg->n;
	if (*out && v->type == VIT_TV_BOOL)
		*out = v->boolean == arg->boolean;
	else if (*out && v->type == VIT_TV_FLOAT)
		*out = v->number == arg->number;
	else if (*out && v->type == VIT_TV_STR)
		*out = vit_str_eq(vit_tval_text(*v), vit_tval_text(*arg));
	else if (*out && v->type != VIT_TV_NONE)
		*out = v->integer == arg->integer;
	return true;
}

#define COMPARE_TEST(name, op)                                                                    \
	static bool name(struct vit_tpl_eval *e, const struct vit_tval *v,                        \
			 const struct vit_tval *arg, bool *out)                                   \
	{                                                                                         \
		return vit_tpl_compare(e, op, v, arg, out);                                       \
	}

COMPARE_TEST(is_in, VIT_TPL_IN)
COMPARE_TEST(is_eq, VIT_TPL_EQ)
COMPARE_TEST(is_ne, VIT_TPL_NE)
COMPARE_TEST(is_gt, VIT_TPL_GT)
COMPARE_TEST(is_ge, VIT_TPL_GE)
COMPARE_TEST(is_lt, VIT_TPL_LT)
COMPARE_TEST(is_le, VIT_TPL_LE)

static const struct vit_tpl_test tests[] = {
	{ "defined", 0, is_defined }, { "undefined", 0, is_undefined }, { "none", 0, is_none },
	{ "string", 0, is_string }, { "mapping", 0, is_mapping }, { "true", 0, is_true },
	{ "false", 0, is_false }, { "boolean", 0, is_boolean }, { "integer", 0, is_integer },
	{ "float", 0, is_float }, { "number", 0, is_number }, { "sequence", 0, is_sequence },
	{ "iterable", 0, is_iterable }, { "callable", 0, is_callable }, { "odd", 0, is_odd },
	{ "even", 0, is_even }, { "divisibleby", 1, is_divisibleby }, { "lower", 0, is_lower },
	{ "upper", 0, is_upper }, { "sameas", 1, is_sameas }, { "escaped", 0, is_escaped },
	{ "filter", 0, is_filter }, { "test", 0, is_test }, { "in", 1, is_in }, { "eq", 1, is_eq },
	{ "equalto", 1, is_eq }, { "==", 1, is_eq }, { "ne", 1, is_ne }, { "!=", 1, is_ne },
	{ "gt", 1, is_gt }, { "greaterthan", 1, is_gt }, { ">", 1, is_gt }, { "ge", 1, is_ge },
	{ ">=", 1, is_ge }, { "lt", 1, is_lt }, { "lessthan", 1, is_lt }, { "<", 1, is_lt },
	{ "le", 1, is_le }, { "<=", 1, is_le },
};

const struct vit_tpl_test *vit_tpl_find_test(struct vit_str name)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (vit_str_is(name, tests[i].name))
			return &tests[i];
	return NULL;
}

/* Filters of Jinja's that no chat template is known to use. */
static const struct vit_tpl_filter unsupported[] = {
	{ "filesizeformat", "", 0, NULL, NULL }, { "pprint", "", 0, NULL, NULL },
	{ "random", "", 0, NULL, NULL }, { "striptags", "", 0, NULL, NULL },
	{ "urlize", "", 0, NULL, NULL }, { "wordwrap", "", 0, NULL, NULL },
	{ "xmlattr", "", 0, NULL, NULL }, { NULL, NULL, 0, NULL, NULL },
};

const struct vit_tpl_filter *vit_tpl_find_filter(struct vit_str name)
{
	const struct vit_tpl_filter *const tables[] = {
		vit_tpl_text_filters, vit_tpl_list_filters, vit_tpl_pick_filters,
		vit_tpl_number_filters, vit_tpl_json_filters, unsupported,
	};
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct vit_tpl_filter *f = tables[t]; f->name; f++)
			if (vit_str_is(name, f->name))
				return f;
	return NULL;
}
