#include "text/template_strings.h"

#include <math.h>

#include "base/map.h"

/* Nesting that comparisons and hashes go into; JSON has at most 128. */
#define DEEPEST 160

bool vit_tpl_truth(const struct vit_tval *v)
{
	switch ((enum vit_tval_type)v->type) {
	case VIT_TV_UNDEFINED:
	case VIT_TV_NONE:
	case VIT_TV_MISSING:
		return false;
	case VIT_TV_BOOL:
		return v->boolean;
	case VIT_TV_INT:
		return v->integer != 0;
	case VIT_TV_FLOAT:
		return v->number != 0;
	case VIT_TV_STR:
	case VIT_TV_LIST:
	case VIT_TV_TUPLE:
		return v->n != 0;
	case VIT_TV_DICT:
	case VIT_TV_VIEW:
		return v->dict->count != 0;
	case VIT_TV_RANGE:
		return ((const struct vit_tpl_range *)v->other)->n != 0;
	case VIT_TV_BIG:
	case VIT_TV_NAMESPACE:
	case VIT_TV_ITERATOR:
	case VIT_TV_MACRO:
	case VIT_TV_GLOBAL:
	case VIT_TV_METHOD:
	case VIT_TV_LOOP:
	case VIT_TV_CYCLER:
	case VIT_TV_JOINER:
		return true;
	}
	return true;
}

const char *vit_tpl_type_name(const struct vit_tval *v)
{
	static const char *const names[] = {
		[VIT_TV_UNDEFINED] = "Undefined", [VIT_TV_NONE] = "NoneType",
		[VIT_TV_BOOL] = "bool", [VIT_TV_INT] = "int", [VIT_TV_BIG] = "int",
		[VIT_TV_FLOAT] = "float", [VIT_TV_STR] = "str", [VIT_TV_LIST] = "list",
		[VIT_TV_TUPLE] = "tuple", [VIT_TV_DICT] = "dict", [VIT_TV_RANGE] = "range",
		[VIT_TV_NAMESPACE] = "Namespace", [VIT_TV_ITERATOR] = "generator",
		[VIT_TV_MACRO] = "Macro", [VIT_TV_GLOBAL] = "function",
		[VIT_TV_METHOD] = "builtin_function_or_method", [VIT_TV_LOOP] = "LoopContext",
		[VIT_TV_CYCLER] = "Cycler", [VIT_TV_JOINER] = "Joiner",
		[VIT_TV_MISSING] = "Undefined", [VIT_TV_VIEW] = "dict_keys",
	};
	static const char *const views[] = { "dict_keys", "dict_values", "dict_items" };
	if (v->type == VIT_TV_VIEW)
		return views[v->aux];
	if (v->type == VIT_TV_STR && (v->flags & VIT_TVF_MARKUP))
		return "Markup";
	return names[v->type];
}

/* --- equality and hashes --- */

static bool number_equal(const struct vit_tval *a, const struct vit_tval *b)
{
	if (a->type != VIT_TV_FLOAT && b->type != VIT_TV_FLOAT)
		return vit_tpl_int(a) == vit_tpl_int(b);
	double x = vit_tpl_double(a), y = vit_tpl_double(b);
	if (a->type == VIT_TV_FLOAT && b->type == VIT_TV_FLOAT)
		return x == y;
	/* A float equals an integer only when it is that integer. */
	double f = a->type == VIT_TV_FLOAT ? x : y;
	int64_t i = vit_tpl_int(a->type == VIT_TV_FLOAT ? b : a);
	return f >= -9223372036854775808.0 && f < 9223372036854775808.0 && f == floor(f) &&
	       (int64_t)f == i;
}

static bool equal_at(const struct vit_tval *a, const struct vit_tval *b, unsigned depth,
		     uint64_t *steps);

static bool items_equal(const struct vit_tval *a, const struct vit_tval *b, unsigned depth,
			uint64_t *steps)
{
	if (a->n != b->n)
		return false;
	if (a->items == b->items)
		return true;
	for (uint32_t i = 0; i < a->n; i++)
		if (!equal_at(&a->items[i], &b->items[i], depth, steps))
			return false;
	return true;
}

static bool dicts_equal(const struct vit_tdict *a, const struct vit_tdict *b, unsigned depth,
			uint64_t *steps)
{
	if (a == b)
		return true;
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++) {
		const struct vit_tpair *m = vit_tpl_dict_find(b, &a->members[i].key);
		if (!m || !equal_at(&a->members[i].value, &m->value, depth, steps))
			return false;
	}
	return true;
}

static bool range_equal(const struct vit_tpl_range *a, const struct vit_tpl_range *b)
{
	return a->n == b->n && (a->n == 0 || (a->start == b->start &&
					      (a->n == 1 || a->step == b->step)));
}

static bool equal_at(const struct vit_tval *a, const struct vit_tval *b, unsigned depth,
		     uint64_t *steps)
{
	if (*steps == 0 || depth == DEEPEST) {
		*steps = 0;
		return false;
	}
	--*steps;
	if (vit_tpl_is_number(a) && vit_tpl_is_number(b))
		return number_equal(a, b);
	if (a->type != b->type)
		return false;
	switch ((enum vit_tval_type)a->type) {
	case VIT_TV_STR:
	case VIT_TV_BIG:
		return vit_str_eq(vit_tval_text(*a), vit_tval_text(*b));
	case VIT_TV_LIST:
	case VIT_TV_TUPLE:
		return items_equal(a, b, depth + 1, steps);
	case VIT_TV_DICT:
		return dicts_equal(a->dict, b->dict, depth + 1, steps);
	case VIT_TV_RANGE:
		return range_equal(a->other, b->other);
	case VIT_TV_NONE:
	case VIT_TV_UNDEFINED:
	case VIT_TV_MISSING:
		return true;
	case VIT_TV_BOOL:
	case VIT_TV_INT:
	case VIT_TV_FLOAT:
	case VIT_TV_NAMESPACE:
	case VIT_TV_VIEW:
	case VIT_TV_ITERATOR:
	case VIT_TV_MACRO:
	case VIT_TV_GLOBAL:
	case VIT_TV_METHOD:
	case VIT_TV_LOOP:
	case VIT_TV_CYCLER:
	case VIT_TV_JOINER:
		break;
	}
	return a->other == b->other && a->aux == b->aux;
}

bool vit_tpl_same_key(const struct vit_tval *a, const struct vit_tval *b)
{
	uint64_t steps = 1000;
	return equal_at(a, b, 0, &steps);
}

static uint64_t hash_at(const struct vit_tval *v, unsigned depth)
{
	if (v->type == VIT_TV_STR)
		return vit_hash64(vit_tval_text(*v));
	if (vit_tpl_is_number(v)) {
		/* Whole floats hash as the integer they equal. */
		double d = vit_tpl_double(v);
		return vit_hash64((struct vit_str){ (const char *)&d, sizeof(d) });
	}
	if (v->type == VIT_TV_TUPLE && depth < 8) {
		uint64_t h = 0x345678;
		for (uint32_t i = 0; i < v->n && i < 64; i++)
			h = h * 1000003 ^ hash_at(&v->items[i], depth + 1);
		return h ^ v->n;
	}
	return v->type;
}

uint64_t vit_tpl_hash(const struct vit_tval *v)
{
	return hash_at(v, 0);
}

bool vit_tpl_equal(struct vit_tpl_eval *e, const struct vit_tval *a, const struct vit_tval *b,
		   bool *out)
{
	uint64_t before = e->steps;
	*out = equal_at(a, b, 0, &e->steps);
	if (before && !e->steps)
		return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "a comparison takes too many steps");
	if ((a->type == VIT_TV_STR) && a->n > 64)
		return vit_tpl_step(e, a->n / 64);
	return true;
}

bool vit_tpl_hashable(struct vit_tpl_eval *e, const struct vit_tval *v)
{
	if (v->type == VIT_TV_LIST || v->type == VIT_TV_DICT)
		return VIT_TPL_FAIL(e, "unhashable type: '%s'", vit_tpl_type_name(v));
	for (uint32_t i = 0; v->type == VIT_TV_TUPLE && i < v->n; i++)
		if (!vit_tpl_step(e, 1) || !vit_tpl_hashable(e, &v->items[i]))
			return false;
	return true;
}

/* --- order --- */

static int number_order(const struct vit_tval *a, const struct vit_tval *b, bool *unordered)
{
	if (a->type != VIT_TV_FLOAT && b->type != VIT_TV_FLOAT) {
		int64_t x = vit_tpl_int(a), y = vit_tpl_int(b);
		return x < y ? -1 : x > y;
	}
	long double x = a->type == VIT_TV_FLOAT ? (long double)a->number : (long double)vit_tpl_int(a);
	long double y = b->type == VIT_TV_FLOAT ? (long double)b->number : (long double)vit_tpl_int(b);
	*unordered = isnan(x) || isnan(y);
	return x < y ? -1 : x > y;
}

/* -1, 0, 1 into *out. */
static bool order(struct vit_tpl_eval *e, enum vit_tpl_op op, const struct vit_tval *a,
		  const struct vit_tval *b, int *out, bool *unordered)
{
	*unordered = false;
	if (!vit_tpl_step(e, 1))
		return false;
	if (a->type == VIT_TV_UNDEFINED || b->type == VIT_TV_UNDEFINED)
		return vit_tpl_stop_undefined(e, a->type == VIT_TV_UNDEFINED ? a : b);
	if (vit_tpl_is_number(a) && vit_tpl_is_number(b)) {
		*out = number_order(a, b, unordered);
		return true;
	}
	if (a->type == VIT_TV_STR && b->type == VIT_TV_STR) {
		/* Bytes of UTF-8 are in the order of their code points. */
		*out = vit_str_cmp(vit_tval_text(*a), vit_tval_text(*b));
		return true;
	}
	if (a->type == b->type && (a->type == VIT_TV_LIST || a->type == VIT_TV_TUPLE)) {
		if (e->depth == 0)
			return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "values nest too deep");
		for (uint32_t i = 0; i < a->n && i < b->n; i++) {
			bool same, ok;
			if (!vit_tpl_equal(e, &a->items[i], &b->items[i], &same))
				return false;
			if (same)
				continue;
			e->depth--;
			ok = order(e, op, &a->items[i], &b->items[i], out, unordered);
			e->depth++;
			return ok;
		}
		*out = a->n < b->n ? -1 : a->n > b->n;
		return true;
	}
	if (a->type == VIT_TV_BIG || b->type == VIT_TV_BIG)
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "integers beyond 64 bits");
	return VIT_TPL_FAIL(e, "'%s' not supported between instances of '%s' and '%s'",
			    vit_tpl_op_text[op], vit_tpl_type_name(a), vit_tpl_type_name(b));
}

bool vit_tpl_less(struct vit_tpl_eval *e, enum vit_tpl_op op, const struct vit_tval *a,
		  const struct vit_tval *b, bool *out)
{
	int o = 0;
	bool unordered;
	if (!order(e, op, a, b, &o, &unordered))
		return false;
	*out = !unordered && (op == VIT_TPL_LT ? o < 0 : op == VIT_TPL_LE ? o <= 0 :
			      op == VIT_TPL_GT ? o > 0 : o >= 0);
	return true;
}

static bool range_contains(const struct vit_tpl_range *r, const struct vit_tval *item)
{
	if (!vit_tpl_is_int(item) || !r->n)
		return false;
	int64_t off;
	if (!__builtin_sub_overflow(vit_tpl_int(item), r->start, &off))
		return off % r->step == 0 && off / r->step >= 0 && off / r->step < r->n;
	return false;
}

bool vit_tpl_contains(struct vit_tpl_eval *e, const struct vit_tval *item,
		      const struct vit_tval *in, bool *out)
{
	const struct vit_tval *items;
	uint32_t n;
	*out = false;
	if (in->type == VIT_TV_STR) {
		if (item->type == VIT_TV_UNDEFINED)
			return VIT_TPL_FAIL(e, "'in <string>' requires string as left operand, "
					       "not Undefined");
		if (item->type != VIT_TV_STR)
			return VIT_TPL_FAIL(e, "'in <string>' requires string as left operand, not %s",
					    vit_tpl_type_name(item));
		*out = vit_tpl_first(e, vit_tval_text(*in), vit_tval_text(*item), 0) != SIZE_MAX;
		return vit_tpl_step(e, 1 + in->n / 64);
	}
	if (in->type == VIT_TV_DICT || (in->type == VIT_TV_VIEW && in->aux == VIT_TPL_KEYS)) {
		if (!vit_tpl_hashable(e, item))
			return false;
		*out = vit_tpl_dict_find(in->dict, item) != NULL;
		return true;
	}
	if (in->type == VIT_TV_RANGE) {
		*out = range_contains(in->other, item);
		return true;
	}
	if (in->type == VIT_TV_UNDEFINED)
		return true;
	if (!vit_tpl_to_items(e, in, &items, &n)) {
		if (e->result->outcome == VIT_TEMPLATE_ERROR)
			e->result->message = vit_arena_printf(e->scratch,
				"argument of type '%s' is not iterable", vit_tpl_type_name(in));
		return false;
	}
	for (uint32_t i = 0; i < n && !*out; i++)
		if (!vit_tpl_step(e, 1) || !vit_tpl_equal(e, &items[i], item, out))
			return false;
	return true;
}

bool vit_tpl_compare(struct vit_tpl_eval *e, enum vit_tpl_op op, const struct vit_tval *a,
		     const struct vit_tval *b, bool *out)
{
	bool ok;
	if (op == VIT_TPL_EQ || op == VIT_TPL_NE) {
		ok = vit_tpl_equal(e, a, b, out);
		*out ^= op == VIT_TPL_NE;
		return ok;
	}
	if (op == VIT_TPL_IN || op == VIT_TPL_NOTIN) {
		ok = vit_tpl_contains(e, a, b, out);
		*out ^= op == VIT_TPL_NOTIN;
		return ok;
	}
	return vit_tpl_less(e, op, a, b, out);
}

/* Merges the sorted halves [from, mid) and [mid, to) of `order`. */
static bool merge(struct vit_tpl_eval *e, const struct vit_tval *keys, uint32_t *order_of,
		  uint32_t *spare, uint32_t from, uint32_t mid, uint32_t to, bool reverse)
{
	uint32_t a = from, b = mid, n = from;
	while (a < mid && b < to) {
		/* Stable: the right one goes first only when it is less. */
		bool less;
		const struct vit_tval *left = &keys[order_of[a]], *right = &keys[order_of[b]];
		if (!vit_tpl_less(e, VIT_TPL_LT, reverse ? left : right, reverse ? right : left,
				  &less))
			return false;
		spare[n++] = less ? order_of[b++] : order_of[a++];
	}
	while (a < mid)
		spare[n++] = order_of[a++];
	while (b < to)
		spare[n++] = order_of[b++];
	memcpy(order_of + from, spare + from, (to - from) * sizeof(*spare));
	return true;
}

bool vit_tpl_sort(struct vit_tpl_eval *e, struct vit_tval *keys, struct vit_tval *items, uint32_t n,
		  bool reverse)
{
	uint32_t *order_of = vit_tpl_alloc(e, n, 2 * sizeof(uint32_t));
	struct vit_tval *copy = vit_tpl_items(e, (size_t)n * 2);
	if (!order_of || !copy)
		return false;
	for (uint32_t i = 0; i < n; i++)
		order_of[i] = i;
	for (uint32_t width = 1; width < n; width *= 2)
		for (uint32_t from = 0; from + width < n; from += 2 * width) {
			uint32_t to = from + 2 * width < n ? from + 2 * width : n;
			if (!merge(e, keys, order_of, order_of + n, from, from + width, to, reverse))
				return false;
		}
	for (uint32_t i = 0; i < n; i++) {
		copy[i] = keys[order_of[i]];
		copy[n + i] = items[order_of[i]];
	}
	memcpy(keys, copy, n * sizeof(*keys));
	memcpy(items, copy + n, n * sizeof(*items));
	return true;
}
