#include "text/template_eval.h"

#include "base/num.h"

/* Filters over sequences and mappings. */

static struct vit_tval *copy_items(struct vit_tpl_eval *e, const struct vit_tval *items, uint32_t n)
{
	struct vit_tval *copy = vit_tpl_items(e, n);
	if (copy && !vit_tpl_step(e, n))
		return NULL;
	if (copy && n)
		memcpy(copy, items, n * sizeof(*copy));
	return copy;
}

static bool filter_length(struct vit_tpl_eval *e, const struct vit_tval *on,
			  const struct vit_tval *const *arg, struct vit_tval *out)
{
	int64_t n;
	(void)arg;
	if (!vit_tpl_len(e, on, &n))
		return false;
	*out = vit_tval_int(n);
	return true;
}

static bool filter_first(struct vit_tpl_eval *e, const struct vit_tval *on,
			 const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n;
	(void)arg;
	if (on->type == VIT_TV_ITERATOR) {
		struct vit_tpl_iterator *it = (struct vit_tpl_iterator *)(uintptr_t)on->other;
		*out = it->at < it->n ? it->items[it->at++] :
			       vit_tpl_undefined_hint(e, "No first item, sequence was empty.");
		return !e->stopped;
	}
	if (!vit_tpl_to_items(e, on, &items, &n))
		return false;
	*out = n ? items[0] : vit_tpl_undefined_hint(e, "No first item, sequence was empty.");
	return !e->stopped;
}

static bool filter_last(struct vit_tpl_eval *e, const struct vit_tval *on,
			const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n;
	(void)arg;
	if (on->type == VIT_TV_ITERATOR)
		return VIT_TPL_FAIL(e, "'generator' object is not reversible");
	if (!vit_tpl_to_items(e, on, &items, &n))
		return false;
	*out = n ? items[n - 1] : vit_tpl_undefined_hint(e, "No last item, sequence was empty.");
	return !e->stopped;
}

static bool filter_list(struct vit_tpl_eval *e, const struct vit_tval *on,
			const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n;
	(void)arg;
	if (!vit_tpl_to_items(e, on, &items, &n))
		return false;
	*out = vit_tval_list(items, n);
	return true;
}

static bool filter_items(struct vit_tpl_eval *e, const struct vit_tval *on,
			 const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n = 0;
	struct vit_tval view = *on;
	(void)arg;
	if (on->type == VIT_TV_UNDEFINED)
		return vit_tpl_new_iterator(e, NULL, 0, "generator", out);
	if (on->type != VIT_TV_DICT)
		return VIT_TPL_FAIL(e, "Can only get item pairs from a mapping.");
	view.type = VIT_TV_VIEW;
	view.aux = VIT_TPL_ITEMS;
	return vit_tpl_to_items(e, &view, &items, &n) &&
	       vit_tpl_new_iterator(e, items, n, "generator", out);
}

static bool filter_reverse(struct vit_tpl_eval *e, const struct vit_tval *on,
			   const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n;
	(void)arg;
	if (on->type == VIT_TV_STR) {
		struct vit_tval minus = vit_tval_int(-1);
		const struct vit_tval *const part[3] = { NULL, NULL, &minus };
		return vit_tpl_slice(e, on, part, out);
	}
	if (!vit_tpl_to_items(e, on, &items, &n))
		return false;
	struct vit_tval *all = vit_tpl_items(e, n);
	if (!all || !vit_tpl_step(e, n))
		return false;
	for (uint32_t i = 0; i < n; i++)
		all[i] = items[n - 1 - i];
	/* A generator cannot be reversed, so Jinja makes it a list first. */
	if (on->type == VIT_TV_ITERATOR) {
		*out = vit_tval_list(all, n);
		return true;
	}
	return vit_tpl_new_iterator(e, all, n, "list_reverseiterator", out);
}

/* --- keys to sort and group by --- */

/* The value that "a.b.0" leads to. */
static bool by_path(struct vit_tpl_eval *e, const struct vit_tval *item, struct vit_str path,
		    const struct vit_tval *otherwise, struct vit_tval *out)
{
	struct vit_str rest = path, part;
	*out = *item;
	/* Every dot parts two names, also one at the end. */
	for (bool more = true; more;) {
		size_t dot = vit_str_find(rest, VIT_STR("."), 0);
		part = vit_str_sub(rest, 0, dot);
		more = dot != SIZE_MAX;
		rest = more ? vit_str_sub(rest, dot + 1, rest.n) : rest;
		struct vit_tval on = *out, key = vit_tval_str(part);
		uint64_t index;
		if (part.n && vit_parse_u64(part, &index) && index <= INT64_MAX)
			key = vit_tval_int((int64_t)index);
		if (!vit_tpl_getitem(e, &on, &key, out))
			return false;
		if (otherwise && otherwise->type != VIT_TV_NONE && out->type == VIT_TV_UNDEFINED)
			*out = *otherwise;
	}
	return true;
}

bool vit_tpl_by_attribute(struct vit_tpl_eval *e, const struct vit_tval *item,
			  const struct vit_tval *attribute, const struct vit_tval *otherwise,
			  struct vit_tval *out)
{
	if (!attribute || attribute->type == VIT_TV_NONE) {
		*out = *item;
		return true;
	}
	if (attribute->type == VIT_TV_STR)
		return by_path(e, item, vit_tval_text(*attribute), otherwise, out);
	if (!vit_tpl_getitem(e, item, attribute, out))
		return false;
	if (otherwise && otherwise->type != VIT_TV_NONE && out->type == VIT_TV_UNDEFINED)
		*out = *otherwise;
	return true;
}

/* ignore_case: texts in lower case. */
static bool fold(struct vit_tpl_eval *e, struct vit_tval *v)
{
	if (v->type != VIT_TV_STR)
		return true;
	struct vit_str s = vit_tval_text(*v);
	struct vit_buf b;
	vit_tpl_buf(e, &b);
	for (size_t at = 0; at < s.n;)
		vit_tpl_add_cased(&b, vit_tpl_next(s, &at), VIT_TPL_LOWER);
	return vit_tpl_step(e, s.n / 16) && vit_tpl_take_str(e, &b, v);
}

static bool sort_key(struct vit_tpl_eval *e, const struct vit_tval *item,
		     const struct vit_tval *attribute, const struct vit_tval *otherwise,
		     bool case_sensitive, struct vit_tval *out)
{
	return vit_tpl_by_attribute(e, item, attribute, otherwise, out) &&
	       (case_sensitive || fold(e, out));
}

/* The keys of all items, in an array that may be reordered. */
static struct vit_tval *keys_of(struct vit_tpl_eval *e, const struct vit_tval *items, uint32_t n,
				const struct vit_tval *attribute, const struct vit_tval *otherwise,
				bool case_sensitive)
{
	struct vit_tval *keys = vit_tpl_items(e, n);
	for (uint32_t i = 0; keys && i < n; i++)
		if (!sort_key(e, &items[i], attribute, otherwise, case_sensitive, &keys[i]))
			return NULL;
	return keys;
}

/* "age,name": a key of several parts. */
static struct vit_tval *many_keys(struct vit_tpl_eval *e, const struct vit_tval *items, uint32_t n,
				  struct vit_str attributes, bool case_sensitive)
{
	struct vit_tval *keys = vit_tpl_items(e, n);
	uint32_t count = 1;
	for (size_t i = 0; i < attributes.n; i++)
		count += attributes.p[i] == ',';
	for (uint32_t i = 0; keys && i < n; i++) {
		struct vit_tval *parts = vit_tpl_items(e, count);
		struct vit_str rest = attributes;
		for (uint32_t k = 0; parts && k < count; k++) {
			size_t comma = vit_str_find(rest, VIT_STR(","), 0);
			struct vit_tval name = vit_tval_str(vit_str_sub(rest, 0, comma));
			rest = comma == SIZE_MAX ? rest : vit_str_sub(rest, comma + 1, rest.n);
			if (!sort_key(e, &items[i], &name, NULL, case_sensitive, &parts[k]))
				return NULL;
		}
		if (!parts)
			return NULL;
		keys[i] = vit_tval_list(parts, count);
	}
	return keys;
}

/* Jinja sorts by lists of keys also when there is one, and equal items of
 * lists are never asked which is less. */
static struct vit_tval *in_lists(struct vit_tpl_eval *e, const struct vit_tval *keys, uint32_t n)
{
	struct vit_tval *lists = keys ? vit_tpl_items(e, n) : NULL;
	for (uint32_t i = 0; lists && i < n; i++)
		lists[i] = vit_tval_list(&keys[i], 1);
	return lists;
}

static bool truth_of(const struct vit_tval *v)
{
	return v && vit_tpl_truth(v);
}

static bool filter_sort(struct vit_tpl_eval *e, const struct vit_tval *on,
			const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n;
	bool sensitive = truth_of(arg[1]);
	if (!vit_tpl_to_items(e, on, &items, &n))
		return false;
	struct vit_tval *sorted = copy_items(e, items, n), *keys;
	if (!sorted)
		return false;
	if (arg[2] && arg[2]->type == VIT_TV_STR)
		keys = many_keys(e, items, n, vit_tval_text(*arg[2]), sensitive);
	else
		keys = in_lists(e, keys_of(e, items, n, arg[2], NULL, sensitive), n);
	if (!keys || !vit_tpl_sort(e, keys, sorted, n, truth_of(arg[0])))
		return false;
	*out = vit_tval_list(sorted, n);
	return true;
}

static bool filter_dictsort(struct vit_tpl_eval *e, const struct vit_tval *on,
			    const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n;
	struct vit_tval view = *on, by = vit_tval_int(0);
	if (arg[1] && arg[1]->type == VIT_TV_STR && vit_str_is(vit_tval_text(*arg[1]), "value"))
		by = vit_tval_int(1);
	else if (arg[1] && !(arg[1]->type == VIT_TV_STR && vit_str_is(vit_tval_text(*arg[1]), "key")))
		return VIT_TPL_FAIL(e, "You can only sort by either \"key\" or \"value\"");
	if (on->type == VIT_TV_UNDEFINED)
		return vit_tpl_stop_undefined(e, on);
	if (on->type != VIT_TV_DICT)
		return VIT_TPL_FAIL(e, "'%s' object has no attribute 'items'", vit_tpl_type_name(on));
	view.type = VIT_TV_VIEW;
	view.aux = VIT_TPL_ITEMS;
	if (!vit_tpl_to_items(e, &view, &items, &n))
		return false;
	struct vit_tval *sorted = copy_items(e, items, n);
	struct vit_tval *keys = sorted ? keys_of(e, items, n, &by, NULL, truth_of(arg[0])) : NULL;
	if (!keys || !vit_tpl_sort(e, keys, sorted, n, truth_of(arg[2])))
		return false;
	*out = vit_tval_list(sorted, n);
	return true;
}

static bool filter_unique(struct vit_tpl_eval *e, const struct vit_tval *on,
			  const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n, kept = 0;
	if (!vit_tpl_to_items(e, on, &items, &n))
		return false;
	struct vit_tval *all = vit_tpl_items(e, n), seen = vit_tval_dict(e->scratch, 0), key;
	for (uint32_t i = 0; all && i < n; i++) {
		if (!sort_key(e, &items[i], arg[1], NULL, truth_of(arg[0]), &key))
			return false;
		uint32_t before = seen.dict->count;
		if (!vit_tpl_dict_put(e, seen.dict, &key, &key))
			return false;
		if (seen.dict->count > before)
			all[kept++] = items[i];
	}
	return all && vit_tpl_new_iterator(e, all, kept, "generator", out);
}

static bool extreme(struct vit_tpl_eval *e, const struct vit_tval *on,
		    const struct vit_tval *const *arg, enum vit_tpl_op op, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n, best = 0;
	if (!vit_tpl_to_items(e, on, &items, &n))
		return false;
	if (!n) {
		*out = vit_tpl_undefined_hint(e, "No aggregated item, sequence was empty.");
		return !e->stopped;
	}
	struct vit_tval *keys = keys_of(e, items, n, arg[1], NULL, truth_of(arg[0]));
	for (uint32_t i = 1; keys && i < n; i++) {
		bool better;
		if (!vit_tpl_less(e, op, &keys[i], &keys[best], &better))
			return false;
		if (better)
			best = i;
	}
	*out = items[best];
	return keys != NULL;
}

static bool filter_min(struct vit_tpl_eval *e, const struct vit_tval *on,
		       const struct vit_tval *const *arg, struct vit_tval *out)
{
	return extreme(e, on, arg, VIT_TPL_LT, out);
}

static bool filter_max(struct vit_tpl_eval *e, const struct vit_tval *on,
		       const struct vit_tval *const *arg, struct vit_tval *out)
{
	return extreme(e, on, arg, VIT_TPL_GT, out);
}

static bool filter_sum(struct vit_tpl_eval *e, const struct vit_tval *on,
		       const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n;
	if (!vit_tpl_to_items(e, on, &items, &n))
		return false;
	*out = arg[1] ? *arg[1] : vit_tval_int(0);
	if (out->type == VIT_TV_STR)
		return VIT_TPL_FAIL(e, "sum() can't sum strings [use ''.join(seq) instead]");
	for (uint32_t i = 0; i < n; i++) {
		struct vit_tval v, before = *out;
		if (!vit_tpl_by_attribute(e, &items[i], arg[0], NULL, &v) ||
		    !vit_tpl_arithmetic(e, VIT_TPL_ADD, &before, &v, out))
			return false;
	}
	return true;
}

static bool filter_groupby(struct vit_tpl_eval *e, const struct vit_tval *on,
			   const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n, groups = 0;
	bool sensitive = truth_of(arg[2]);
	if (!vit_tpl_to_items(e, on, &items, &n))
		return false;
	struct vit_tval *sorted = copy_items(e, items, n);
	struct vit_tval *keys = sorted ? keys_of(e, items, n, arg[0], arg[1], sensitive) : NULL;
	struct vit_tval *all = vit_tpl_items(e, n), *pairs = vit_tpl_items(e, (size_t)n * 2);
	if (!keys || !all || !pairs || !vit_tpl_sort(e, keys, sorted, n, false))
		return false;
	for (uint32_t i = 0, from = 0; i < n; from = i) {
		bool same = true;
		for (i++; i < n && same; i += same)
			if (!vit_tpl_equal(e, &keys[from], &keys[i], &same))
				return false;
		struct vit_tval *pair = &pairs[2 * groups];
		pair[0] = keys[from];
		/* The key as the first of its items spells it. */
		if (!sensitive && !vit_tpl_by_attribute(e, &sorted[from], arg[0], arg[1], &pair[0]))
			return false;
		pair[1] = vit_tval_list(sorted + from, i - from);
		all[groups] = vit_tval_list(pair, 2);
		all[groups].type = VIT_TV_TUPLE;
		all[groups++].flags = VIT_TVF_GROUP;
	}
	*out = vit_tval_list(all, groups);
	return true;
}

/* --- parts of equal size --- */

static bool count_arg(struct vit_tpl_eval *e, const struct vit_tval *v, int64_t *out)
{
	*out = 0;
	if (!vit_tpl_is_int(v))
		return VIT_TPL_FAIL(e, "'%s' object cannot be interpreted as an integer",
				    vit_tpl_type_name(v));
	*out = vit_tpl_int(v);
	return true;
}

static bool filled(const struct vit_tval *fill)
{
	return fill && fill->type != VIT_TV_NONE;
}

static bool filter_batch(struct vit_tpl_eval *e, const struct vit_tval *on,
			 const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n, parts = 0;
	int64_t size;
	if (!count_arg(e, arg[0], &size) || !vit_tpl_to_items(e, on, &items, &n))
		return false;
	if (size <= 0)
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "batches of less than one item");
	struct vit_tval *all = vit_tpl_items(e, n);
	for (uint32_t from = 0; all && from < n; parts++) {
		uint32_t have = size < n - from ? (uint32_t)size : n - from;
		all[parts] = vit_tval_list(items + from, have);
		if (have < size && filled(arg[1])) {
			struct vit_tval *more = vit_tpl_items(e, (size_t)size);
			if (!more || !vit_tpl_step(e, (uint64_t)size))
				return false;
			memcpy(more, items + from, have * sizeof(*more));
			for (int64_t i = have; i < size; i++)
				more[i] = *arg[1];
			all[parts] = vit_tval_list(more, (uint32_t)size);
		}
		from += have;
	}
	return all && vit_tpl_new_iterator(e, all, parts, "generator", out);
}

static bool filter_slice(struct vit_tpl_eval *e, const struct vit_tval *on,
			 const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n, at = 0;
	int64_t slices;
	if (!count_arg(e, arg[0], &slices) || !vit_tpl_to_items(e, on, &items, &n))
		return false;
	if (slices <= 0)
		return slices ? vit_tpl_new_iterator(e, NULL, 0, "generator", out) :
				VIT_TPL_FAIL(e, "integer division or modulo by zero");
	struct vit_tval *all = vit_tpl_items(e, (size_t)slices);
	if (!all || !vit_tpl_step(e, (uint64_t)slices))
		return false;
	uint32_t each = (uint32_t)(n / slices), extra = (uint32_t)(n % slices);
	for (uint32_t i = 0; i < slices; i++) {
		uint32_t have = each + (i < extra);
		all[i] = vit_tval_list(items ? items + at : NULL, have);
		if (filled(arg[1]) && i >= extra) {
			struct vit_tval *more = vit_tpl_items(e, (size_t)have + 1);
			if (!more)
				return false;
			if (have)
				memcpy(more, items + at, have * sizeof(*more));
			more[have] = *arg[1];
			all[i] = vit_tval_list(more, have + 1);
		}
		at += have;
	}
	return vit_tpl_new_iterator(e, all, (uint32_t)slices, "generator", out);
}

const struct vit_tpl_filter vit_tpl_list_filters[] = {
	{ "length", "", 0, filter_length, NULL },
	{ "count", "", 0, filter_length, NULL },
	{ "first", "", 0, filter_first, NULL },
	{ "last", "", 0, filter_last, NULL },
	{ "list", "", 0, filter_list, NULL },
	{ "items", "", 0, filter_items, NULL },
	{ "reverse", "", 0, filter_reverse, NULL },
	{ "sort", "reverse,case_sensitive,attribute", 0, filter_sort, NULL },
	{ "dictsort", "case_sensitive,by,reverse", 0, filter_dictsort, NULL },
	{ "unique", "case_sensitive,attribute", 0, filter_unique, NULL },
	{ "min", "case_sensitive,attribute", 0, filter_min, NULL },
	{ "max", "case_sensitive,attribute", 0, filter_max, NULL },
	{ "sum", "attribute,start", 0, filter_sum, NULL },
	{ "groupby", "attribute,default,case_sensitive", 1, filter_groupby, NULL },
	{ "batch", "linecount,fill_with", 1, filter_batch, NULL },
	{ "slice", "slices,fill_with", 1, filter_slice, NULL },
	{ NULL, NULL, 0, NULL, NULL },
};
