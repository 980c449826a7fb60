#include "text/template_eval.h"

/* map, select and their kin; default; attr. */

static bool rest_of(const struct vit_tpl_passed *passed, uint32_t from, struct vit_tpl_passed *out)
{
	*out = *passed;
	out->args = passed->args + from;
	out->count = passed->count - from;
	return true;
}

static bool map_attribute(struct vit_tpl_eval *e, const struct vit_tval *items, uint32_t n,
			  const struct vit_tpl_passed *passed, struct vit_tval *all)
{
	const struct vit_tval *attribute = NULL, *otherwise = NULL;
	for (uint32_t i = 0; i < passed->kwarg_count; i++) {
		if (vit_str_is(passed->kwargs[i].name, "attribute"))
			attribute = &passed->kwargs[i].value;
		else if (vit_str_is(passed->kwargs[i].name, "default"))
			otherwise = &passed->kwargs[i].value;
		else
			return VIT_TPL_FAIL(e, "Unexpected keyword argument '%.*s'",
					    VIT_FMT(passed->kwargs[i].name));
	}
	for (uint32_t i = 0; i < n; i++)
		if (!vit_tpl_step(e, 1) ||
		    !vit_tpl_by_attribute(e, &items[i], attribute, otherwise, &all[i]))
			return false;
	return true;
}

static bool has_kwarg(const struct vit_tpl_passed *passed, const char *name)
{
	for (uint32_t i = 0; i < passed->kwarg_count; i++)
		if (vit_str_is(passed->kwargs[i].name, name))
			return true;
	return false;
}

static bool filter_map(struct vit_tpl_eval *e, const struct vit_tval *on,
		       const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	const struct vit_tval *items;
	struct vit_tpl_passed rest;
	uint32_t n;
	if (!vit_tpl_truth(on))
		return vit_tpl_new_iterator(e, NULL, 0, "generator", out);
	if (!vit_tpl_to_items(e, on, &items, &n))
		return false;
	struct vit_tval *all = vit_tpl_items(e, n);
	if (!all)
		return false;
	if (!passed->count && has_kwarg(passed, "attribute"))
		return map_attribute(e, items, n, passed, all) &&
		       vit_tpl_new_iterator(e, all, n, "generator", out);
	if (!passed->count)
		return VIT_TPL_FAIL(e, "map requires a filter argument");
	const struct vit_tpl_filter *f = passed->args[0].type == VIT_TV_STR ?
		vit_tpl_find_filter(vit_tval_text(passed->args[0])) : NULL;
	if (!f && n) {
		struct vit_str name;
		return vit_tpl_to_str(e, &passed->args[0], &name) &&
		       VIT_TPL_FAIL(e, "No filter named '%.*s'.", VIT_FMT(name));
	}
	rest_of(passed, 1, &rest);
	for (uint32_t i = 0; i < n; i++)
		if (!vit_tpl_step(e, 1) || !vit_tpl_apply_filter(e, f, &items[i], &rest, &all[i]))
			return false;
	return vit_tpl_new_iterator(e, all, n, "generator", out);
}

/* select, reject, selectattr, rejectattr. */
static bool pick(struct vit_tpl_eval *e, const struct vit_tval *on,
		 const struct vit_tpl_passed *passed, bool by_attribute, bool wanted,
		 struct vit_tval *out)
{
	const struct vit_tval *items;
	struct vit_tpl_passed rest = { 0 };
	const struct vit_tpl_test *t = NULL;
	uint32_t n, kept = 0, off = by_attribute;
	if (!vit_tpl_truth(on))
		return vit_tpl_new_iterator(e, NULL, 0, "generator", out);
	if (!vit_tpl_to_items(e, on, &items, &n))
		return false;
	if (passed->count < off)
		return VIT_TPL_FAIL(e, "Missing parameter for attribute name");
	if (passed->count > off) {
		struct vit_str name;
		if (!vit_tpl_to_str(e, &passed->args[off], &name))
			return false;
		t = vit_tpl_find_test(name);
		if (!t && n)
			return VIT_TPL_FAIL(e, "No test named '%.*s'.", VIT_FMT(name));
		rest_of(passed, off + 1, &rest);
	}
	struct vit_tval *all = vit_tpl_items(e, n), v;
	for (uint32_t i = 0; all && i < n; i++) {
		if (!vit_tpl_step(e, 1) ||
		    !vit_tpl_by_attribute(e, &items[i], by_attribute ? &passed->args[0] : NULL, NULL, &v))
			return false;
		bool yes = vit_tpl_truth(&v);
		if (t && !vit_tpl_apply_test(e, t, &v, &rest, &yes))
			return false;
		if (yes == wanted)
			all[kept++] = items[i];
	}
	return all && vit_tpl_new_iterator(e, all, kept, "generator", out);
}

static bool filter_select(struct vit_tpl_eval *e, const struct vit_tval *on,
			  const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	return pick(e, on, passed, false, true, out);
}

static bool filter_reject(struct vit_tpl_eval *e, const struct vit_tval *on,
			  const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	return pick(e, on, passed, false, false, out);
}

static bool filter_selectattr(struct vit_tpl_eval *e, const struct vit_tval *on,
			      const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	return pick(e, on, passed, true, true, out);
}

static bool filter_rejectattr(struct vit_tpl_eval *e, const struct vit_tval *on,
			      const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	return pick(e, on, passed, true, false, out);
}

static bool filter_default(struct vit_tpl_eval *e, const struct vit_tval *on,
			   const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)e;
	*out = *on;
	if (on->type == VIT_TV_UNDEFINED || (arg[1] && vit_tpl_truth(arg[1]) && !vit_tpl_truth(on)))
		*out = arg[0] ? *arg[0] : vit_tval_str(VIT_STR_EMPTY);
	return true;
}

static bool filter_attr(struct vit_tpl_eval *e, const struct vit_tval *on,
			const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tpl_method *m;
	bool unsafe;
	if (arg[0]->type != VIT_TV_STR)
		return VIT_TPL_FAIL(e, "attribute name must be string, not '%s'",
				    vit_tpl_type_name(arg[0]));
	struct vit_str name = vit_tval_text(*arg[0]);
	/* The attribute alone, without looking for an element of that name. */
	if (on->type != VIT_TV_DICT || vit_tpl_find_method(on, name, &m, &unsafe))
		return vit_tpl_getattr(e, on, name, out);
	*out = vit_tpl_undefined_on(e, on, arg[0]);
	return !e->stopped;
}

const struct vit_tpl_filter vit_tpl_pick_filters[] = {
	{ "map", "*", 0, NULL, filter_map },
	{ "select", "*", 0, NULL, filter_select },
	{ "reject", "*", 0, NULL, filter_reject },
	{ "selectattr", "*", 0, NULL, filter_selectattr },
	{ "rejectattr", "*", 0, NULL, filter_rejectattr },
	{ "default", "default_value,boolean", 0, filter_default, NULL },
	{ "d", "default_value,boolean", 0, filter_default, NULL },
	{ "attr", "name", 1, filter_attr, NULL },
	{ NULL, NULL, 0, NULL, NULL },
};
