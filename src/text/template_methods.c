#include "text/template_strings.h"

/* Methods of str. */

static bool str_strip(struct vit_tpl_eval *e, const struct vit_tval *self,
		      const struct vit_tval *const *arg, struct vit_tval *out)
{
	return vit_tpl_strip(e, self, arg[0], VIT_TPL_LEFT | VIT_TPL_RIGHT, out);
}

static bool str_lstrip(struct vit_tpl_eval *e, const struct vit_tval *self,
		       const struct vit_tval *const *arg, struct vit_tval *out)
{
	return vit_tpl_strip(e, self, arg[0], VIT_TPL_LEFT, out);
}

static bool str_rstrip(struct vit_tpl_eval *e, const struct vit_tval *self,
		       const struct vit_tval *const *arg, struct vit_tval *out)
{
	return vit_tpl_strip(e, self, arg[0], VIT_TPL_RIGHT, out);
}

static bool str_upper(struct vit_tpl_eval *e, const struct vit_tval *self,
		      const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)arg;
	return vit_tpl_recase(e, self, VIT_TPL_UPPER, VIT_TPL_UPPER, out);
}

static bool str_lower(struct vit_tpl_eval *e, const struct vit_tval *self,
		      const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)arg;
	return vit_tpl_recase(e, self, VIT_TPL_LOWER, VIT_TPL_LOWER, out);
}

static bool str_capitalize(struct vit_tpl_eval *e, const struct vit_tval *self,
			   const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)arg;
	return vit_tpl_recase(e, self, VIT_TPL_TITLECASE, VIT_TPL_LOWER, out);
}

/* A word begins at a letter behind what is none. */
static bool str_title(struct vit_tpl_eval *e, const struct vit_tval *self,
		      const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str s = vit_tval_text(*self);
	struct vit_buf b;
	bool inside = false;
	(void)arg;
	vit_tpl_buf(e, &b);
	for (size_t at = 0; at < s.n;) {
		uint32_t cp = vit_tpl_next(s, &at);
		vit_tpl_add_cased(&b, cp, inside ? VIT_TPL_LOWER : VIT_TPL_TITLECASE);
		inside = vit_tpl_is_upper(cp) || vit_tpl_is_lower(cp) || vit_tpl_is_title(cp);
	}
	unsigned flags = self->flags;
	if (!vit_tpl_take_str(e, &b, out))
		return false;
	out->flags = (uint8_t)flags;
	return vit_tpl_step(e, s.n / 16);
}

static bool str_swapcase(struct vit_tpl_eval *e, const struct vit_tval *self,
			 const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str s = vit_tval_text(*self);
	struct vit_buf b;
	(void)arg;
	vit_tpl_buf(e, &b);
	for (size_t at = 0; at < s.n;) {
		uint32_t cp = vit_tpl_next(s, &at);
		vit_tpl_add_cased(&b, cp, vit_tpl_is_upper(cp) ? VIT_TPL_LOWER : VIT_TPL_UPPER);
	}
	unsigned flags = self->flags;
	if (!vit_tpl_take_str(e, &b, out))
		return false;
	out->flags = (uint8_t)flags;
	return vit_tpl_step(e, s.n / 16);
}

static bool str_replace(struct vit_tpl_eval *e, const struct vit_tval *self,
			const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str old, new_text;
	struct vit_tval with = *arg[1];
	int64_t count = -1;
	bool markup = self->flags & VIT_TVF_MARKUP;
	if (!vit_tpl_want_str(e, arg[0], "replace", &old) ||
	    (arg[2] && !vit_tpl_want_int(e, arg[2], &count)) ||
	    (markup && !vit_tpl_escape(e, arg[1], &with)) ||
	    !vit_tpl_want_str(e, &with, "replace", &new_text) ||
	    !vit_tpl_replace(e, vit_tval_text(*self), old, new_text, count, out))
		return false;
	out->flags = self->flags;
	return true;
}

/* --- affixes --- */

/* s[start:end] as methods count it; false when start is behind the text's end. */
static bool window(struct vit_tpl_eval *e, struct vit_str s, const struct vit_tval *start,
		   const struct vit_tval *end, struct vit_str *out, size_t *first, bool *ok)
{
	int64_t n = (int64_t)vit_tpl_length(s), from = 0, to = n;
	*ok = (!start || start->type == VIT_TV_NONE || vit_tpl_want_int(e, start, &from)) &&
	      (!end || end->type == VIT_TV_NONE || vit_tpl_want_int(e, end, &to));
	if (!*ok)
		return false;
	from += from < 0 ? n : 0;
	to += to < 0 ? n : 0;
	from = from < 0 ? 0 : from;
	to = to < 0 ? 0 : to > n ? n : to;
	*first = (size_t)from;
	if (from > n || from > to)
		return false;
	size_t at = vit_tpl_offset(s, (size_t)from), stop = vit_tpl_offset(s, (size_t)to);
	*out = vit_str_sub(s, at, stop);
	return true;
}

static bool affix(struct vit_tpl_eval *e, const struct vit_tval *self,
		  const struct vit_tval *const *arg, bool end, struct vit_tval *out)
{
	struct vit_str s = VIT_STR_EMPTY;
	size_t first;
	bool ok, found = false;
	bool inside = window(e, vit_tval_text(*self), arg[1], arg[2], &s, &first, &ok);
	const struct vit_tval *items = arg[0];
	uint32_t n = 1;
	if (arg[0]->type == VIT_TV_TUPLE) {
		items = arg[0]->items;
		n = arg[0]->n;
	} else if (arg[0]->type != VIT_TV_STR) {
		return VIT_TPL_FAIL(e, "%s first arg must be str or a tuple of str, not %s",
				    end ? "endswith" : "startswith", vit_tpl_type_name(arg[0]));
	}
	for (uint32_t i = 0; ok && i < n && !found; i++) {
		if (items[i].type != VIT_TV_STR)
			return VIT_TPL_FAIL(e, "tuple for %s must only contain str, not %s",
					    end ? "endswith" : "startswith",
					    vit_tpl_type_name(&items[i]));
		struct vit_str part = vit_tval_text(items[i]);
		found = inside && (end ? vit_str_ends(s, part) : vit_str_starts(s, part));
	}
	*out = vit_tval_bool(found);
	return ok;
}

static bool str_startswith(struct vit_tpl_eval *e, const struct vit_tval *self,
			   const struct vit_tval *const *arg, struct vit_tval *out)
{
	return affix(e, self, arg, false, out);
}

static bool str_endswith(struct vit_tpl_eval *e, const struct vit_tval *self,
			 const struct vit_tval *const *arg, struct vit_tval *out)
{
	return affix(e, self, arg, true, out);
}

static bool str_removeprefix(struct vit_tpl_eval *e, const struct vit_tval *self,
			     const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str s = vit_tval_text(*self), part;
	if (!vit_tpl_want_str(e, arg[0], "removeprefix", &part))
		return false;
	*out = vit_tval_str(vit_str_starts(s, part) ? vit_str_sub(s, part.n, s.n) : s);
	out->flags = self->flags;
	return true;
}

static bool str_removesuffix(struct vit_tpl_eval *e, const struct vit_tval *self,
			     const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str s = vit_tval_text(*self), part;
	if (!vit_tpl_want_str(e, arg[0], "removesuffix", &part))
		return false;
	*out = vit_tval_str(vit_str_ends(s, part) ? vit_str_sub(s, 0, s.n - part.n) : s);
	out->flags = self->flags;
	return true;
}

/* --- finding --- */

static bool seek(struct vit_tpl_eval *e, const struct vit_tval *self,
		 const struct vit_tval *const *arg, bool last, bool must, struct vit_tval *out)
{
	struct vit_str s = VIT_STR_EMPTY, needle;
	size_t first, at = SIZE_MAX;
	bool ok;
	if (!vit_tpl_want_str(e, arg[0], must ? "index" : "find", &needle))
		return false;
	if (window(e, vit_tval_text(*self), arg[1], arg[2], &s, &first, &ok)) {
		at = last ? vit_tpl_last(e, s, needle) : vit_tpl_first(e, s, needle, 0);
	}
	if (!ok || e->stopped)
		return false;
	if (at == SIZE_MAX && must)
		return VIT_TPL_FAIL(e, "substring not found");
	*out = vit_tval_int(-1);
	if (at != SIZE_MAX)
		*out = vit_tval_int((int64_t)(first + vit_tpl_length(vit_str_sub(s, 0, at))));
	return vit_tpl_step(e, 1 + s.n / 64);
}

static bool str_find(struct vit_tpl_eval *e, const struct vit_tval *self,
		     const struct vit_tval *const *arg, struct vit_tval *out)
{
	return seek(e, self, arg, false, false, out);
}

static bool str_rfind(struct vit_tpl_eval *e, const struct vit_tval *self,
		      const struct vit_tval *const *arg, struct vit_tval *out)
{
	return seek(e, self, arg, true, false, out);
}

static bool str_index(struct vit_tpl_eval *e, const struct vit_tval *self,
		      const struct vit_tval *const *arg, struct vit_tval *out)
{
	return seek(e, self, arg, false, true, out);
}

static bool str_rindex(struct vit_tpl_eval *e, const struct vit_tval *self,
		       const struct vit_tval *const *arg, struct vit_tval *out)
{
	return seek(e, self, arg, true, true, out);
}

static bool str_count(struct vit_tpl_eval *e, const struct vit_tval *self,
		      const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str s = VIT_STR_EMPTY, needle;
	size_t first;
	int64_t n = 0;
	bool ok;
	if (!vit_tpl_want_str(e, arg[0], "count", &needle))
		return false;
	bool inside = window(e, vit_tval_text(*self), arg[1], arg[2], &s, &first, &ok);
	if (!ok || !vit_tpl_step(e, 1 + s.n / 64))
		return false;
	if (inside && !needle.n)
		n = (int64_t)vit_tpl_length(s) + 1;
	for (size_t at = 0; inside && needle.n; at += needle.n, n++) {
		at = vit_tpl_first(e, s, needle, at);
		if (at == SIZE_MAX)
			break;
	}
	*out = vit_tval_int(n);
	return !e->stopped;
}

/* --- splitting --- */

struct pieces {
	struct vit_tpl_eval *e;
	struct vit_vec items;
	unsigned flags;
};

static void piece(struct pieces *p, struct vit_str s)
{
	struct vit_tval *v = vit_vec_add(&p->items);
	*v = vit_tval_str(s);
	v->flags = (uint8_t)p->flags;
}

static void split_space(struct pieces *p, struct vit_str s, int64_t most)
{
	size_t at = 0;
	for (;;) {
		size_t from = at;
		while (at < s.n && vit_tpl_is_space(vit_tpl_next(s, &at)))
			from = at;
		at = from;
		if (at >= s.n)
			return;
		if (most-- == 0) {
			piece(p, vit_str_sub(s, from, s.n));
			return;
		}
		size_t end = at;
		while (at < s.n && !vit_tpl_is_space(vit_tpl_next(s, &at)))
			end = at;
		piece(p, vit_str_sub(s, from, end));
		at = end;
	}
}

static void rsplit_space(struct pieces *p, struct vit_str s, int64_t most)
{
	size_t to = s.n;
	for (;;) {
		for (size_t k = to; k > 0 && vit_tpl_is_space(vit_tpl_previous(s, &k));)
			to = k;
		if (to == 0)
			return;
		if (most-- == 0) {
			piece(p, vit_str_sub(s, 0, to));
			return;
		}
		size_t from = to;
		for (size_t k = to; k > 0 && !vit_tpl_is_space(vit_tpl_previous(s, &k));)
			from = k;
		piece(p, vit_str_sub(s, from, to));
		to = from;
	}
}

static void split_at(struct pieces *p, struct vit_str s, struct vit_str sep, int64_t most)
{
	size_t from = 0;
	while (most-- != 0) {
		size_t at = vit_tpl_first(p->e, s, sep, from);
		if (at == SIZE_MAX)
			break;
		piece(p, vit_str_sub(s, from, at));
		from = at + sep.n;
	}
	piece(p, vit_str_sub(s, from, s.n));
}

static void rsplit_at(struct pieces *p, struct vit_str s, struct vit_str sep, int64_t most)
{
	while (most-- != 0) {
		size_t at = vit_tpl_last(p->e, s, sep);
		if (at == SIZE_MAX)
			break;
		piece(p, vit_str_sub(s, at + sep.n, s.n));
		s = vit_str_sub(s, 0, at);
	}
	piece(p, s);
}

static bool split(struct vit_tpl_eval *e, const struct vit_tval *self,
		  const struct vit_tval *const *arg, bool right, struct vit_tval *out)
{
	struct vit_str s = vit_tval_text(*self), sep = VIT_STR_EMPTY;
	int64_t most = -1;
	bool space = !arg[0] || arg[0]->type == VIT_TV_NONE;
	if ((!space && !vit_tpl_want_str(e, arg[0], "split", &sep)) ||
	    (arg[1] && !vit_tpl_want_int(e, arg[1], &most)))
		return false;
	if (!space && !sep.n)
		return VIT_TPL_FAIL(e, "empty separator");
	/* As many items as there could be must be allowed before they are made. */
	if (!vit_tpl_step(e, 1 + s.n / 16) ||
	    s.n / (sep.n ? sep.n : 2) > e->memory / sizeof(struct vit_tval))
		return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "a text would be split too often");
	struct pieces p = { e, VIT_VEC(sizeof(struct vit_tval)), self->flags };
	if (space && right)
		rsplit_space(&p, s, most);
	else if (space)
		split_space(&p, s, most);
	else if (right)
		rsplit_at(&p, s, sep, most);
	else
		split_at(&p, s, sep, most);
	size_t n = p.items.count;
	struct vit_tval *items = vit_tpl_items(e, n);
	for (size_t i = 0; items && i < n; i++)
		items[i] = *(struct vit_tval *)vit_vec_at(&p.items, right ? n - 1 - i : i);
	vit_vec_free(&p.items);
	*out = vit_tval_list(items, (uint32_t)n);
	return items != NULL;
}

static bool str_split(struct vit_tpl_eval *e, const struct vit_tval *self,
		      const struct vit_tval *const *arg, struct vit_tval *out)
{
	return split(e, self, arg, false, out);
}

static bool str_rsplit(struct vit_tpl_eval *e, const struct vit_tval *self,
		       const struct vit_tval *const *arg, struct vit_tval *out)
{
	return split(e, self, arg, true, out);
}

static bool str_splitlines(struct vit_tpl_eval *e, const struct vit_tval *self,
			   const struct vit_tval *const *arg, struct vit_tval *out)
{
	return vit_tpl_splitlines(e, self, arg[0] && vit_tpl_truth(arg[0]), out);
}

static bool partition(struct vit_tpl_eval *e, const struct vit_tval *self,
		      const struct vit_tval *const *arg, bool right, struct vit_tval *out)
{
	struct vit_str s = vit_tval_text(*self), sep;
	if (!vit_tpl_want_str(e, arg[0], "partition", &sep))
		return false;
	if (!sep.n)
		return VIT_TPL_FAIL(e, "empty separator");
	struct vit_tval *items = vit_tpl_items(e, 3);
	if (!items || !vit_tpl_step(e, 1 + s.n / 64))
		return false;
	size_t at = right ? vit_tpl_last(e, s, sep) : vit_tpl_first(e, s, sep, 0);
	if (e->stopped)
		return false;
	bool found = at != SIZE_MAX;
	struct vit_str none = VIT_STR_EMPTY;
	items[0] = vit_tval_str(found ? vit_str_sub(s, 0, at) : right ? none : s);
	items[1] = vit_tval_str(found ? sep : none);
	items[2] = vit_tval_str(found ? vit_str_sub(s, at + sep.n, s.n) : right ? s : none);
	for (int i = 0; i < 3; i++)
		items[i].flags = self->flags;
	*out = vit_tval_list(items, 3);
	out->type = VIT_TV_TUPLE;
	return true;
}

static bool str_partition(struct vit_tpl_eval *e, const struct vit_tval *self,
			  const struct vit_tval *const *arg, struct vit_tval *out)
{
	return partition(e, self, arg, false, out);
}

static bool str_rpartition(struct vit_tpl_eval *e, const struct vit_tval *self,
			   const struct vit_tval *const *arg, struct vit_tval *out)
{
	return partition(e, self, arg, true, out);
}

/* --- the rest --- */

static bool str_join(struct vit_tpl_eval *e, const struct vit_tval *self,
		     const struct vit_tval *const *arg, struct vit_tval *out)
{
	const struct vit_tval *items;
	uint32_t n;
	if (!vit_tpl_to_items(e, arg[0], &items, &n))
		return false;
	if (self->flags & VIT_TVF_MARKUP)
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "join of text marked as safe");
	return vit_tpl_join(e, vit_tval_text(*self), items, n, false, out);
}

static bool str_ljust(struct vit_tpl_eval *e, const struct vit_tval *self,
		      const struct vit_tval *const *arg, struct vit_tval *out)
{
	int64_t width;
	return vit_tpl_want_int(e, arg[0], &width) &&
	       vit_tpl_pad(e, self, width, arg[1], VIT_TPL_RIGHT, out);
}

static bool str_rjust(struct vit_tpl_eval *e, const struct vit_tval *self,
		      const struct vit_tval *const *arg, struct vit_tval *out)
{
	int64_t width;
	return vit_tpl_want_int(e, arg[0], &width) &&
	       vit_tpl_pad(e, self, width, arg[1], VIT_TPL_LEFT, out);
}

static bool str_center(struct vit_tpl_eval *e, const struct vit_tval *self,
		       const struct vit_tval *const *arg, struct vit_tval *out)
{
	int64_t width;
	return vit_tpl_want_int(e, arg[0], &width) &&
	       vit_tpl_pad(e, self, width, arg[1], VIT_TPL_LEFT | VIT_TPL_RIGHT, out);
}

static bool str_zfill(struct vit_tpl_eval *e, const struct vit_tval *self,
		      const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str s = vit_tval_text(*self);
	struct vit_tval rest = *self, zero = vit_tval_str(VIT_STR("0")), padded;
	int64_t width;
	bool sign = s.n && (s.p[0] == '-' || s.p[0] == '+');
	if (!vit_tpl_want_int(e, arg[0], &width))
		return false;
	rest.text += sign;
	rest.n -= sign;
	if (!vit_tpl_pad(e, &rest, width - sign, &zero, VIT_TPL_LEFT, &padded))
		return false;
	if (!sign) {
		*out = padded;
		return true;
	}
	struct vit_tval first = vit_tval_str(vit_str_sub(s, 0, 1));
	first.flags = self->flags;
	return vit_tpl_arithmetic(e, VIT_TPL_ADD, &first, &padded, out);
}

static bool str_format(struct vit_tpl_eval *e, const struct vit_tval *self,
		       const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	if (self->flags & VIT_TVF_MARKUP)
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "format of text marked as safe");
	return vit_tpl_format(e, vit_tval_text(*self), passed, out);
}

const struct vit_tpl_method vit_tpl_str_methods[] = {
	{ "strip", "chars", 0, false, str_strip, NULL },
	{ "lstrip", "chars", 0, false, str_lstrip, NULL },
	{ "rstrip", "chars", 0, false, str_rstrip, NULL },
	{ "split", "sep,maxsplit", 0, true, str_split, NULL },
	{ "rsplit", "sep,maxsplit", 0, true, str_rsplit, NULL },
	{ "splitlines", "keepends", 0, true, str_splitlines, NULL },
	{ "replace", "old,new,count", 2, false, str_replace, NULL },
	{ "startswith", "prefix,start,end", 1, false, str_startswith, NULL },
	{ "endswith", "suffix,start,end", 1, false, str_endswith, NULL },
	{ "upper", "", 0, false, str_upper, NULL },
	{ "lower", "", 0, false, str_lower, NULL },
	{ "title", "", 0, false, str_title, NULL },
	{ "capitalize", "", 0, false, str_capitalize, NULL },
	{ "swapcase", "", 0, false, str_swapcase, NULL },
	{ "find", "sub,start,end", 1, false, str_find, NULL },
	{ "rfind", "sub,start,end", 1, false, str_rfind, NULL },
	{ "index", "sub,start,end", 1, false, str_index, NULL },
	{ "rindex", "sub,start,end", 1, false, str_rindex, NULL },
	{ "count", "sub,start,end", 1, false, str_count, NULL },
	{ "join", "iterable", 1, false, str_join, NULL },
	{ "format", "*", 0, true, NULL, str_format },
	{ "removeprefix", "prefix", 1, false, str_removeprefix, NULL },
	{ "removesuffix", "suffix", 1, false, str_removesuffix, NULL },
	{ "partition", "sep", 1, false, str_partition, NULL },
	{ "rpartition", "sep", 1, false, str_rpartition, NULL },
	{ "ljust", "width,fillchar", 1, false, str_ljust, NULL },
	{ "rjust", "width,fillchar", 1, false, str_rjust, NULL },
	{ "center", "width,fillchar", 1, false, str_center, NULL },
	{ "zfill", "width", 1, false, str_zfill, NULL },
	{ "casefold", "", 0, false, NULL, NULL },
	{ "encode", "", 0, false, NULL, NULL },
	{ "expandtabs", "", 0, false, NULL, NULL },
	{ "format_map", "", 0, false, NULL, NULL },
	{ "translate", "", 0, false, NULL, NULL },
	{ "maketrans", "", 0, false, NULL, NULL },
	{ NULL, NULL, 0, false, NULL, NULL },
};
