#include "text/template_eval.h"

/*
 * foo.bar and foo['bar'], in the order in which the sandbox looks: for a dot
 * the attribute first, then the item; for brackets the item first.
 */

static const struct vit_tpl_method *in_table(const struct vit_tpl_method *table, struct vit_str name)
{
	for (; table->name; table++)
		if (vit_str_is(name, table->name))
			return table;
	return NULL;
}

static bool one_of(struct vit_str name, const char *const *names)
{
	for (; *names; names++)
		if (vit_str_is(name, *names))
			return true;
	return false;
}

/* Methods and attributes that Python has and we refuse: either they change
 * their object, or nobody needs them. */
static const char *const list_changers[] = { "append", "clear", "pop", "reverse", "insert", "sort",
					     "extend", "remove", NULL };
static const char *const dict_changers[] = { "clear", "pop", "popitem", "setdefault", "update",
					     NULL };

bool vit_tpl_find_method(const struct vit_tval *on, struct vit_str name,
			 const struct vit_tpl_method **out, bool *unsafe)
{
	*out = NULL;
	*unsafe = false;
	if (on->type == VIT_TV_STR) {
		*out = in_table(vit_tpl_str_methods, name);
		if (!*out)
			*out = in_table(vit_tpl_str_tests, name);
	} else if (on->type == VIT_TV_LIST || on->type == VIT_TV_TUPLE ||
		   on->type == VIT_TV_RANGE) {
		*out = in_table(vit_tpl_list_methods, name);
		*unsafe = on->type == VIT_TV_LIST && one_of(name, list_changers);
		if (*out && on->type != VIT_TV_LIST && vit_str_is(name, "copy"))
			*out = NULL;
	} else if (on->type == VIT_TV_DICT) {
		*out = in_table(vit_tpl_dict_methods, name);
		*unsafe = one_of(name, dict_changers);
	} else if (on->type == VIT_TV_CYCLER) {
		*out = in_table(vit_tpl_cycler_methods, name);
	} else if (on->type == VIT_TV_LOOP) {
		*out = in_table(vit_tpl_loop_methods, name);
	} else if (on->type == VIT_TV_GLOBAL && on->n == 1) {
		*out = in_table(vit_tpl_dict_class_methods, name);
	}
	return *out || *unsafe;
}

/* Attributes that every object of Python has; the sandbox hides them. */
static bool every_object_has(struct vit_str name)
{
	static const char *const names[] = {
		"__class__", "__init__", "__doc__", "__dir__", "__eq__", "__format__", "__ge__",
		"__getattribute__", "__gt__", "__hash__", "__le__", "__lt__", "__ne__", "__new__",
		"__reduce__", "__reduce_ex__", "__repr__", "__setattr__", "__sizeof__", "__str__",
		"__subclasshook__", "__delattr__", "__init_subclass__", "__len__", "__iter__",
		"__getitem__", "__contains__", "__add__", "__mul__", NULL
	};
	return vit_str_starts(name, VIT_STR("__")) && one_of(name, names);
}

/* getattr(on, name) as the sandbox allows it: true when Python has one. */
static bool attribute(struct vit_tpl_eval *e, const struct vit_tval *on, struct vit_str name,
		      struct vit_tval *out, bool *ok)
{
	const struct vit_tpl_method *m;
	bool unsafe;
	*ok = true;
	if (on->type == VIT_TV_NAMESPACE) {
		struct vit_tval key = vit_tval_str(name);
		const struct vit_tpair *member = vit_tpl_dict_find(on->dict, &key);
		if (member)
			*out = member->value;
		return member != NULL;
	}
	if (on->type == VIT_TV_LOOP && vit_tpl_loop_attr(e, (struct vit_tpl_loop *)(uintptr_t)on->other,
							  name, out, ok))
		return true;
	if (on->type == VIT_TV_CYCLER && vit_str_is(name, "current")) {
		const struct vit_tpl_cycler *c = on->other;
		*out = c->items[c->at];
		return true;
	}
	if (on->type == VIT_TV_TUPLE && (on->flags & VIT_TVF_GROUP) &&
	    (vit_str_is(name, "grouper") || vit_str_is(name, "list"))) {
		*out = on->items[vit_str_is(name, "list")];
		return true;
	}
	if (on->type == VIT_TV_MACRO && vit_str_is(name, "name")) {
		*out = vit_tval_str(((const struct vit_tpl_macro *)on->other)->function->name);
		return true;
	}
	if (vit_tpl_find_method(on, name, &m, &unsafe)) {
		if (unsafe) {
			*out = vit_tpl_undefined_unsafe(e, on, name);
			return true;
		}
		struct vit_tpl_bound *bound = vit_tpl_alloc(e, 1, sizeof(*bound));
		*ok = bound != NULL;
		if (!bound)
			return true;
		bound->self = *on;
		bound->method = m;
		*out = (struct vit_tval){ .type = VIT_TV_METHOD, .other = bound };
		return true;
	}
	if (every_object_has(name)) {
		*out = vit_tpl_undefined_unsafe(e, on, name);
		return true;
	}
	return false;
}

/* on[key]: 1 found, 0 not, -1 stopped. */
static int item(struct vit_tpl_eval *e, const struct vit_tval *on, const struct vit_tval *key,
		struct vit_tval *out)
{
	if (on->type == VIT_TV_UNDEFINED) {
		vit_tpl_stop_undefined(e, on);
		return -1;
	}
	if (on->type == VIT_TV_DICT) {
		if (key->type == VIT_TV_LIST || key->type == VIT_TV_DICT)
			return 0;
		const struct vit_tpair *m = vit_tpl_dict_find(on->dict, key);
		if (m)
			*out = m->value;
		return m != NULL;
	}
	if (!vit_tpl_is_int(key))
		return 0;
	int64_t i = vit_tpl_int(key);
	if (on->type == VIT_TV_LIST || on->type == VIT_TV_TUPLE) {
		i += i < 0 ? on->n : 0;
		if (i < 0 || i >= on->n)
			return 0;
		*out = on->items[i];
		return 1;
	}
	if (on->type == VIT_TV_RANGE) {
		const struct vit_tpl_range *r = on->other;
		i += i < 0 ? r->n : 0;
		if (i < 0 || i >= r->n)
			return 0;
		*out = vit_tval_int(r->start + i * r->step);
		return 1;
	}
	if (on->type == VIT_TV_STR) {
		struct vit_str s = vit_tval_text(*on);
		int64_t n = (int64_t)vit_tpl_length(s);
		if (!vit_tpl_step(e, s.n / 64))
			return -1;
		i += i < 0 ? n : 0;
		if (i < 0 || i >= n)
			return 0;
		size_t from = vit_tpl_offset(s, (size_t)i), to = from;
		vit_tpl_next(s, &to);
		*out = vit_tval_str(vit_str_sub(s, from, to));
		out->flags = on->flags;
		return 1;
	}
	return 0;
}

bool vit_tpl_getattr(struct vit_tpl_eval *e, const struct vit_tval *on, struct vit_str name,
		     struct vit_tval *out)
{
	bool ok;
	if (on->type == VIT_TV_UNDEFINED)
		return vit_tpl_stop_undefined(e, on);
	if (attribute(e, on, name, out, &ok))
		return ok;
	struct vit_tval key = vit_tval_str(name);
	if (on->type == VIT_TV_DICT) {
		const struct vit_tpair *m = vit_tpl_dict_find(on->dict, &key);
		if (m) {
			*out = m->value;
			return true;
		}
	}
	*out = vit_tpl_undefined_on(e, on, &key);
	return !e->stopped;
}

bool vit_tpl_getitem(struct vit_tpl_eval *e, const struct vit_tval *on, const struct vit_tval *key,
		     struct vit_tval *out)
{
	int found = item(e, on, key, out);
	if (found)
		return found > 0;
	bool ok;
	if (key->type == VIT_TV_STR && attribute(e, on, vit_tval_text(*key), out, &ok))
		return ok;
	*out = vit_tpl_undefined_on(e, on, key);
	return !e->stopped;
}

/* --- slices --- */

static bool slice_part(struct vit_tpl_eval *e, const struct vit_tval *v, int64_t otherwise,
		       int64_t *out)
{
	*out = otherwise;
	if (!v || v->type == VIT_TV_NONE)
		return true;
	if (!vit_tpl_is_int(v))
		return VIT_TPL_FAIL(e, "slice indices must be integers or None or have an "
				       "__index__ method");
	*out = vit_tpl_int(v);
	return true;
}

static int64_t clamp(int64_t v, int64_t n, int64_t low, int64_t high)
{
	if (v < 0)
		v += n;
	return v < low ? low : v > high ? high : v;
}

struct cut {
	int64_t start, stop, step, count;
};

/* PySlice_AdjustIndices. */
static bool adjust(struct vit_tpl_eval *e, const struct vit_tval *const part[3], int64_t n,
		   struct cut *out)
{
	int64_t step, start, stop;
	if (!slice_part(e, part[2], 1, &step))
		return false;
	if (step == 0)
		return VIT_TPL_FAIL(e, "slice step cannot be zero");
	bool back = step < 0;
	int64_t low = back ? -1 : 0, high = back ? n - 1 : n;
	if (!slice_part(e, part[0], INT64_MIN, &start) || !slice_part(e, part[1], INT64_MIN, &stop))
		return false;
	bool no_start = !part[0] || part[0]->type == VIT_TV_NONE;
	bool no_stop = !part[1] || part[1]->type == VIT_TV_NONE;
	start = no_start ? (back ? high : low) : clamp(start, n, low, high);
	stop = no_stop ? (back ? low : high) : clamp(stop, n, low, high);
	if (step > n)
		step = n + 1;
	if (step < -n)
		step = -n - 1;
	out->start = start;
	out->stop = stop;
	out->step = step;
	out->count = back ? (stop < start ? (start - stop - 1) / -step + 1 : 0) :
			    (start < stop ? (stop - start - 1) / step + 1 : 0);
	return true;
}

static bool slice_str(struct vit_tpl_eval *e, const struct vit_tval *on, const struct cut *c,
		      struct vit_tval *out)
{
	struct vit_str s = vit_tval_text(*on);
	bool ascii = vit_tpl_is_ascii(s);
	if (!vit_tpl_step(e, 1 + s.n / 64))
		return false;
	if (c->step == 1 || c->count <= 1) {
		size_t from = ascii ? (size_t)c->start : vit_tpl_offset(s, (size_t)c->start);
		size_t len = ascii ? (size_t)c->count :
			     vit_tpl_offset(vit_str_sub(s, from, s.n), (size_t)c->count);
		*out = vit_tval_str(c->count ? vit_str_sub(s, from, from + len) : VIT_STR_EMPTY);
		out->flags = on->flags;
		return true;
	}
	size_t *at = vit_tpl_alloc(e, ascii ? 0 : (size_t)vit_tpl_length(s) + 1, sizeof(size_t));
	if (!at || !vit_tpl_step(e, (uint64_t)c->count))
		return false;
	size_t n = 0;
	for (size_t i = 0; !ascii && i < s.n; vit_tpl_next(s, &i))
		at[n++] = i;
	if (!ascii)
		at[n] = s.n;
	struct vit_buf b;
	vit_tpl_buf(e, &b);
	for (int64_t k = 0; k < c->count; k++) {
		size_t i = (size_t)(c->start + k * c->step);
		if (ascii)
			vit_buf_putc(&b, s.p[i]);
		else
			vit_buf_add(&b, s.p + at[i], at[i + 1] - at[i]);
	}
	if (!vit_tpl_take_str(e, &b, out))
		return false;
	out->flags = on->flags;
	return true;
}

bool vit_tpl_slice(struct vit_tpl_eval *e, const struct vit_tval *on,
		   const struct vit_tval *const part[3], struct vit_tval *out)
{
	struct cut c;
	if (on->type == VIT_TV_UNDEFINED)
		return vit_tpl_stop_undefined(e, on);
	if (on->type == VIT_TV_STR) {
		struct vit_str s = vit_tval_text(*on);
		return adjust(e, part, (int64_t)vit_tpl_length(s), &c) && slice_str(e, on, &c, out);
	}
	if (on->type == VIT_TV_RANGE) {
		const struct vit_tpl_range *r = on->other;
		struct vit_tpl_range *made = vit_tpl_alloc(e, 1, sizeof(*made));
		if (!made || !adjust(e, part, r->n, &c))
			return false;
		*made = (struct vit_tpl_range){ r->start + c.start * r->step,
						r->start + c.stop * r->step, r->step * c.step,
						(uint32_t)c.count };
		*out = (struct vit_tval){ .type = VIT_TV_RANGE, .other = made };
		return true;
	}
	if (on->type != VIT_TV_LIST && on->type != VIT_TV_TUPLE) {
		if (on->type == VIT_TV_DICT)
			return VIT_TPL_FAIL(e, "unhashable type: 'slice'");
		return VIT_TPL_FAIL(e, "'%s' object is not subscriptable", vit_tpl_type_name(on));
	}
	if (!adjust(e, part, on->n, &c))
		return false;
	*out = *on;
	out->flags = 0;
	out->n = (uint32_t)c.count;
	if (c.step == 1) {
		out->items = on->items + (c.count ? c.start : 0);
		return true;
	}
	struct vit_tval *items = vit_tpl_items(e, (size_t)c.count);
	if (!items || !vit_tpl_step(e, (uint64_t)c.count))
		return false;
	for (int64_t k = 0; k < c.count; k++)
		items[k] = on->items[c.start + k * c.step];
	out->items = items;
	return true;
}
