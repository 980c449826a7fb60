#include "text/template_strings.h"

bool vit_tpl_want_int(struct vit_tpl_eval *e, const struct vit_tval *v, int64_t *out)
{
	*out = 0;
	if (!vit_tpl_is_int(v))
		return VIT_TPL_FAIL(e, "'%s' object cannot be interpreted as an integer",
				    vit_tpl_type_name(v));
	*out = vit_tpl_int(v);
	return true;
}

bool vit_tpl_want_str(struct vit_tpl_eval *e, const struct vit_tval *v, const char *who,
		      struct vit_str *out)
{
	if (v->type != VIT_TV_STR)
		return VIT_TPL_FAIL(e, "%s: expected str, not %s", who, vit_tpl_type_name(v));
	*out = vit_tval_text(*v);
	return true;
}

size_t vit_tpl_first(struct vit_tpl_eval *e, struct vit_str s, struct vit_str needle, size_t from)
{
	if (from > s.n || needle.n > s.n - from)
		return SIZE_MAX;
	if (needle.n == 0)
		return from;
	/* What may be compared in vain is paid for before: a text of one letter
	 * is searched for another such in quadratic time. */
	for (size_t last = s.n - needle.n; from <= last; from++) {
		const char *hit = memchr(s.p + from, needle.p[0], last - from + 1);
		if (!hit || !vit_tpl_step(e, 1 + needle.n / 32))
			return SIZE_MAX;
		from = (size_t)(hit - s.p);
		if (memcmp(hit, needle.p, needle.n) == 0)
			return from;
	}
	return SIZE_MAX;
}

size_t vit_tpl_last(struct vit_tpl_eval *e, struct vit_str s, struct vit_str needle)
{
	if (needle.n > s.n)
		return SIZE_MAX;
	for (size_t at = s.n - needle.n + 1; at-- > 0;) {
		if (!needle.n)
			return at;
		if (s.p[at] != needle.p[0])
			continue;
		if (!vit_tpl_step(e, 1 + needle.n / 32))
			return SIZE_MAX;
		if (memcmp(s.p + at, needle.p, needle.n) == 0)
			return at;
	}
	return SIZE_MAX;
}

static bool in_set(struct vit_str chars, struct vit_str one)
{
	return vit_str_find(chars, one, 0) != SIZE_MAX;
}

bool vit_tpl_strip(struct vit_tpl_eval *e, const struct vit_tval *v, const struct vit_tval *chars,
		   unsigned sides, struct vit_tval *out)
{
	struct vit_str s = vit_tval_text(*v), set = VIT_STR_EMPTY;
	bool space = !chars || chars->type == VIT_TV_NONE;
	size_t from = 0, to = s.n;
	if (!space && chars->type != VIT_TV_STR)
		return VIT_TPL_FAIL(e, "strip arg must be None or str");
	if (!space)
		set = vit_tval_text(*chars);
	for (size_t at = 0; (sides & VIT_TPL_LEFT) && at < s.n; from = at) {
		uint32_t cp = vit_tpl_next(s, &at);
		if (!(space ? vit_tpl_is_space(cp) : in_set(set, vit_str_sub(s, from, at))))
			break;
	}
	for (size_t at = to; (sides & VIT_TPL_RIGHT) && at > from; to = at) {
		uint32_t cp = vit_tpl_previous(s, &at);
		if (!(space ? vit_tpl_is_space(cp) : in_set(set, vit_str_sub(s, at, to))))
			break;
	}
	*out = vit_tval_str(vit_str_sub(s, from, to));
	out->flags = v->flags;
	return vit_tpl_step(e, 1 + (s.n - (to - from)) / 8 * (1 + set.n / 16));
}

bool vit_tpl_recase(struct vit_tpl_eval *e, const struct vit_tval *v, enum vit_tpl_case first,
		    enum vit_tpl_case rest, struct vit_tval *out)
{
	struct vit_str s = vit_tval_text(*v);
	struct vit_buf b;
	vit_tpl_buf(e, &b);
	for (size_t at = 0; at < s.n;) {
		enum vit_tpl_case how = at ? rest : first;
		vit_tpl_add_cased(&b, vit_tpl_next(s, &at), how);
	}
	unsigned flags = v->flags;
	if (!vit_tpl_take_str(e, &b, out))
		return false;
	out->flags = (uint8_t)flags;
	return vit_tpl_step(e, s.n / 16);
}

bool vit_tpl_replace(struct vit_tpl_eval *e, struct vit_str s, struct vit_str old,
		     struct vit_str new_text, int64_t count, struct vit_tval *out)
{
	struct vit_buf b;
	size_t at = 0;
	vit_tpl_buf(e, &b);
	while (count != 0) {
		size_t found = old.n ? vit_tpl_first(e, s, old, at) : at;
		if (found == SIZE_MAX)
			break;
		if (!old.n) {
			/* Between all characters, and at both ends. */
			vit_buf_str(&b, new_text);
			size_t next = at;
			if (at < s.n)
				vit_tpl_next(s, &next);
			vit_buf_str(&b, vit_str_sub(s, at, next));
			count--;
			if (at == s.n)
				break;
			at = next;
			continue;
		}
		vit_buf_str(&b, vit_str_sub(s, at, found));
		vit_buf_str(&b, new_text);
		at = found + old.n;
		count--;
	}
	vit_buf_str(&b, vit_str_sub(s, at, s.n));
	return vit_tpl_take_str(e, &b, out) && vit_tpl_step(e, 1 + s.n / 16);
}

bool vit_tpl_join(struct vit_tpl_eval *e, struct vit_str separator, const struct vit_tval *items,
		  uint32_t n, bool any, struct vit_tval *out)
{
	struct vit_buf b;
	bool ok = true;
	vit_tpl_buf(e, &b);
	for (uint32_t i = 0; ok && i < n; i++) {
		if (i)
			vit_buf_str(&b, separator);
		if (!any && items[i].type != VIT_TV_STR)
			ok = VIT_TPL_FAIL(e, "sequence item %u: expected str instance, %s found", i,
					  vit_tpl_type_name(&items[i]));
		else
			ok = vit_tpl_step(e, 1) && vit_tpl_add_str(e, &b, &items[i]);
	}
	if (ok)
		return vit_tpl_take_str(e, &b, out);
	vit_buf_release(&b);
	return false;
}

bool vit_tpl_splitlines(struct vit_tpl_eval *e, const struct vit_tval *v, bool keep,
			struct vit_tval *out)
{
	struct vit_str s = vit_tval_text(*v);
	size_t lines = 1;
	for (size_t at = 0; at < s.n;)
		lines += vit_tpl_is_linebreak(vit_tpl_next(s, &at));
	struct vit_tval *items = vit_tpl_items(e, lines);
	uint32_t n = 0;
	if (!items || !vit_tpl_step(e, lines + s.n / 16))
		return false;
	for (size_t at = 0, from = 0; from < s.n;) {
		size_t end = at;
		bool broken = at < s.n && vit_tpl_is_linebreak(vit_tpl_next(s, &at));
		if (broken && s.p[end] == '\r' && at < s.n && s.p[at] == '\n')
			at++;
		if (!broken && at < s.n)
			continue;
		items[n] = vit_tval_str(vit_str_sub(s, from, broken && !keep ? end : at));
		items[n++].flags = v->flags;
		from = at;
	}
	*out = vit_tval_list(items, n);
	return true;
}

bool vit_tpl_pad(struct vit_tpl_eval *e, const struct vit_tval *v, int64_t width,
		 const struct vit_tval *fill, unsigned sides, struct vit_tval *out)
{
	struct vit_str s = vit_tval_text(*v), with = VIT_STR(" ");
	int64_t have = (int64_t)vit_tpl_length(s);
	if (fill && fill->type == VIT_TV_STR)
		with = vit_tval_text(*fill);
	if (vit_tpl_length(with) != 1)
		return VIT_TPL_FAIL(e, "The fill character must be exactly one character long");
	*out = *v;
	if (width <= have)
		return true;
	int64_t pad = width - have;
	if (pad > (int64_t)VIT_TVAL_MAX || !vit_tpl_step(e, 1 + (uint64_t)pad / 16))
		return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "a text is padded too wide");
	/* Python's center puts the odd one left when the width is odd. */
	int64_t left = sides == VIT_TPL_LEFT ? pad : sides == VIT_TPL_RIGHT ? 0 :
		       pad / 2 + (pad & width & 1);
	struct vit_buf b;
	vit_tpl_buf(e, &b);
	for (int64_t i = 0; i < left && !b.full; i++)
		vit_buf_str(&b, with);
	vit_buf_str(&b, s);
	for (int64_t i = left; i < pad && !b.full; i++)
		vit_buf_str(&b, with);
	unsigned flags = v->flags;
	if (!vit_tpl_take_str(e, &b, out))
		return false;
	out->flags = (uint8_t)flags;
	return true;
}
