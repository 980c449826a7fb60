#include "text/template_eval.h"

/* isalpha() and its kin; methods of lists, dicts, loops and cyclers. */

static bool all_chars(const struct vit_tval *self, bool (*is)(uint32_t), struct vit_tval *out)
{
	struct vit_str s = vit_tval_text(*self);
	bool all = s.n > 0;
	for (size_t at = 0; all && at < s.n;)
		all = is(vit_tpl_next(s, &at));
	*out = vit_tval_bool(all);
	return true;
}

static bool is_alnum(uint32_t cp)
{
	return vit_tpl_is_alpha(cp) || vit_tpl_is_digit(cp) || vit_tpl_is_numeric(cp);
}

#define CHAR_TEST(name, is)                                                                       \
	static bool name(struct vit_tpl_eval *e, const struct vit_tval *self,                     \
			 const struct vit_tval *const *arg, struct vit_tval *out)                 \
	{                                                                                         \
		(void)arg;                                                                        \
		return vit_tpl_step(e, 1 + self->n / 16) && all_chars(self, (is), out);           \
	}

CHAR_TEST(str_isalpha, vit_tpl_is_alpha)
CHAR_TEST(str_isalnum, is_alnum)
CHAR_TEST(str_isdigit, vit_tpl_is_digit)
CHAR_TEST(str_isdecimal, vit_tpl_is_decimal)
CHAR_TEST(str_isnumeric, vit_tpl_is_numeric)
CHAR_TEST(str_isspace, vit_tpl_is_space)

static bool str_isascii(struct vit_tpl_eval *e, const struct vit_tval *self,
			const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)arg;
	*out = vit_tval_bool(vit_tpl_is_ascii(vit_tval_text(*self)));
	return vit_tpl_step(e, 1 + self->n / 64);
}

static bool str_isprintable(struct vit_tpl_eval *e, const struct vit_tval *self,
			    const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)arg;
	all_chars(self, vit_tpl_is_printable, out);
	if (!self->n)
		*out = vit_tval_bool(true);
	return vit_tpl_step(e, 1 + self->n / 16);
}

static bool named_test(struct vit_tpl_eval *e, const struct vit_tval *self, const char *name,
		       struct vit_tval *out)
{
	struct vit_tval plain = *self;
	bool yes;
	if (!vit_tpl_find_test(vit_str_c(name))->apply(e, &plain, NULL, &yes))
		return false;
	*out = vit_tval_bool(yes);
	return true;
}

static bool str_islower(struct vit_tpl_eval *e, const struct vit_tval *self,
			const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)arg;
	return named_test(e, self, "lower", out);
}

static bool str_isupper(struct vit_tpl_eval *e, const struct vit_tval *self,
			const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)arg;
	return named_test(e, self, "upper", out);
}

static bool str_istitle(struct vit_tpl_eval *e, const struct vit_tval *self,
			const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str s = vit_tval_text(*self);
	bool cased = false, inside = false, ok = true;
	(void)arg;
	for (size_t at = 0; ok && at < s.n;) {
		uint32_t cp = vit_tpl_next(s, &at);
		bool up = vit_tpl_is_upper(cp) || vit_tpl_is_title(cp), low = vit_tpl_is_lower(cp);
		ok = up ? !inside : !low || inside;
		inside = up || low;
		cased |= inside;
	}
	*out = vit_tval_bool(ok && cased);
	return vit_tpl_step(e, 1 + s.n / 16);
}

const struct vit_tpl_method vit_tpl_str_tests[] = {
	{ "isalpha", "", 0, false, str_isalpha, NULL },
	{ "isalnum", "", 0, false, str_isalnum, NULL },
	{ "isdigit", "", 0, false, str_isdigit, NULL },
	{ "isdecimal", "", 0, false, str_isdecimal, NULL },
	{ "isnumeric", "", 0, false, str_isnumeric, NULL },
	{ "isspace", "", 0, false, str_isspace, NULL },
	{ "isascii", "", 0, false, str_isascii, NULL },
	{ "isprintable", "", 0, false, str_isprintable, NULL },
	{ "islower", "", 0, false, str_islower, NULL },
	{ "isupper", "", 0, false, str_isupper, NULL },
	{ "istitle", "", 0, false, str_istitle, NULL },
	{ "isidentifier", "", 0, false, NULL, NULL },
	{ NULL, NULL, 0, false, NULL, NULL },
};

/* --- lists and tuples --- */

static bool list_index(struct vit_tpl_eval *e, const struct vit_tval *self,
		       const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n;
	int64_t from = 0, to;
	if (!vit_tpl_to_items(e, self, &items, &n))
		return false;
	to = n;
	if (arg[1] && vit_tpl_is_int(arg[1]))
		from = vit_tpl_int(arg[1]);
	if (arg[2] && vit_tpl_is_int(arg[2]))
		to = vit_tpl_int(arg[2]);
	from = from < 0 ? (from + n < 0 ? 0 : from + n) : from;
	to = to < 0 ? to + n : to > n ? n : to;
	for (int64_t i = from; i < to; i++) {
		bool same;
		if (!vit_tpl_step(e, 1) || !vit_tpl_equal(e, &items[i], arg[0], &same))
			return false;
		if (same) {
			*out = vit_tval_int(i);
			return true;
		}
	}
	return VIT_TPL_FAIL(e, "the value is not in the %s", vit_tpl_type_name(self));
}

static bool list_count(struct vit_tpl_eval *e, const struct vit_tval *self,
		       const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n;
	int64_t count = 0;
	if (!vit_tpl_to_items(e, self, &items, &n))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		bool same;
		if (!vit_tpl_step(e, 1) || !vit_tpl_equal(e, &items[i], arg[0], &same))
			return false;
		count += same;
	}
	*out = vit_tval_int(count);
	return true;
}

/* Values do not change, so that a copy is the value itself. */
static bool copy(struct vit_tpl_eval *e, const struct vit_tval *self,
		 const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)e;
	(void)arg;
	*out = *self;
	return true;
}

const struct vit_tpl_method vit_tpl_list_methods[] = {
	{ "index", "value,start,stop", 1, false, list_index, NULL },
	{ "count", "value", 1, false, list_count, NULL },
	{ "copy", "", 0, false, copy, NULL },
	{ NULL, NULL, 0, false, NULL, NULL },
};

/* --- dicts --- */

static bool dict_get(struct vit_tpl_eval *e, const struct vit_tval *self,
		     const struct vit_tval *const *arg, struct vit_tval *out)
{
	if (!vit_tpl_hashable(e, arg[0]))
		return false;
	const struct vit_tpair *m = vit_tpl_dict_find(self->dict, arg[0]);
	*out = m ? m->value : arg[1] ? *arg[1] : vit_tval_none();
	return true;
}

static bool view(const struct vit_tval *self, enum vit_tpl_view what, struct vit_tval *out)
{
	*out = *self;
	out->type = VIT_TV_VIEW;
	out->aux = (uint16_t)what;
	return true;
}

static bool dict_keys(struct vit_tpl_eval *e, const struct vit_tval *self,
		      const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)e;
	(void)arg;
	return view(self, VIT_TPL_KEYS, out);
}

static bool dict_values(struct vit_tpl_eval *e, const struct vit_tval *self,
			const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)e;
	(void)arg;
	return view(self, VIT_TPL_VALUES, out);
}

static bool dict_items(struct vit_tpl_eval *e, const struct vit_tval *self,
		       const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)e;
	(void)arg;
	return view(self, VIT_TPL_ITEMS, out);
}

/* dict.fromkeys(keys, value=None). */
static bool dict_fromkeys(struct vit_tpl_eval *e, const struct vit_tval *self,
			  const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	struct vit_tval none = vit_tval_none();
	uint32_t n;
	(void)self;
	if (!vit_tpl_to_items(e, arg[0], &items, &n))
		return false;
	*out = vit_tval_dict(e->scratch, 0);
	for (uint32_t i = 0; i < n; i++)
		if (!vit_tpl_dict_put(e, out->dict, &items[i], arg[1] ? arg[1] : &none))
			return false;
	return true;
}

const struct vit_tpl_method vit_tpl_dict_methods[] = {
	{ "get", "key,default", 1, false, dict_get, NULL },
	{ "items", "", 0, false, dict_items, NULL },
	{ "keys", "", 0, false, dict_keys, NULL },
	{ "values", "", 0, false, dict_values, NULL },
	{ "copy", "", 0, false, copy, NULL },
	{ "fromkeys", "iterable,value", 1, false, dict_fromkeys, NULL },
	{ NULL, NULL, 0, false, NULL, NULL },
};

const struct vit_tpl_method vit_tpl_dict_class_methods[] = {
	{ "fromkeys", "iterable,value", 1, false, dict_fromkeys, NULL },
	{ NULL, NULL, 0, false, NULL, NULL },
};

/* --- cyclers and loops --- */

static bool cycler_next(struct vit_tpl_eval *e, const struct vit_tval *self,
			const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_tpl_cycler *c = (struct vit_tpl_cycler *)(uintptr_t)self->other;
	(void)e;
	(void)arg;
	*out = c->items[c->at];
	c->at = (c->at + 1) % c->n;
	return true;
}

static bool cycler_reset(struct vit_tpl_eval *e, const struct vit_tval *self,
			 const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)e;
	(void)arg;
	((struct vit_tpl_cycler *)(uintptr_t)self->other)->at = 0;
	*out = vit_tval_none();
	return true;
}

const struct vit_tpl_method vit_tpl_cycler_methods[] = {
	{ "next", "", 0, false, cycler_next, NULL },
	{ "reset", "", 0, false, cycler_reset, NULL },
	{ NULL, NULL, 0, false, NULL, NULL },
};

static bool loop_cycle(struct vit_tpl_eval *e, const struct vit_tval *self,
		       const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	const struct vit_tpl_loop *loop = self->other;
	if (!passed->count || passed->kwarg_count)
		return VIT_TPL_FAIL(e, "no items for cycling given");
	*out = passed->args[loop->index0 % passed->count];
	return true;
}

static bool loop_changed(struct vit_tpl_eval *e, const struct vit_tval *self,
			 const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	struct vit_tpl_loop *loop = (struct vit_tpl_loop *)(uintptr_t)self->other;
	bool same = loop->changed_called && loop->changed_count == passed->count;
	for (uint32_t i = 0; same && i < passed->count; i++)
		if (!vit_tpl_equal(e, &loop->changed[i], &passed->args[i], &same))
			return false;
	struct vit_tval *kept = vit_tpl_items(e, passed->count);
	if (!kept)
		return false;
	if (passed->count)
		memcpy(kept, passed->args, passed->count * sizeof(*kept));
	loop->changed = kept;
	loop->changed_count = passed->count;
	loop->changed_called = true;
	*out = vit_tval_bool(!same);
	return true;
}

const struct vit_tpl_method vit_tpl_loop_methods[] = {
	{ "cycle", "*", 0, true, NULL, loop_cycle },
	{ "changed", "*", 0, true, NULL, loop_changed },
	{ NULL, NULL, 0, false, NULL, NULL },
};
