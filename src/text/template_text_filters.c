#include "text/template_strings.h"

/* Filters over texts. */

static bool filter_upper(struct vit_tpl_eval *e, const struct vit_tval *on,
			 const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_tval s;
	(void)arg;
	return vit_tpl_soft_str(e, on, &s) &&
	       vit_tpl_recase(e, &s, VIT_TPL_UPPER, VIT_TPL_UPPER, out);
}

static bool filter_lower(struct vit_tpl_eval *e, const struct vit_tval *on,
			 const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_tval s;
	(void)arg;
	return vit_tpl_soft_str(e, on, &s) &&
	       vit_tpl_recase(e, &s, VIT_TPL_LOWER, VIT_TPL_LOWER, out);
}

static bool filter_capitalize(struct vit_tpl_eval *e, const struct vit_tval *on,
			      const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_tval s;
	(void)arg;
	return vit_tpl_soft_str(e, on, &s) &&
	       vit_tpl_recase(e, &s, VIT_TPL_TITLECASE, VIT_TPL_LOWER, out);
}

/* Jinja's own rule: a word begins behind white space and behind - ( { [ <. */
static bool filter_title(struct vit_tpl_eval *e, const struct vit_tval *on,
			 const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str s;
	struct vit_buf b;
	bool begins = true;
	(void)arg;
	if (!vit_tpl_to_str(e, on, &s))
		return false;
	vit_tpl_buf(e, &b);
	for (size_t at = 0; at < s.n;) {
		uint32_t cp = vit_tpl_next(s, &at);
		bool between = vit_tpl_is_space(cp) || (cp < 0x80 && cp && strchr("-({[<", (int)cp));
		vit_tpl_add_cased(&b, cp, begins && !between ? VIT_TPL_UPPER : VIT_TPL_LOWER);
		begins = between;
	}
	return vit_tpl_step(e, s.n / 16) && vit_tpl_take_str(e, &b, out);
}

static bool filter_trim(struct vit_tpl_eval *e, const struct vit_tval *on,
			const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_tval s;
	return vit_tpl_soft_str(e, on, &s) &&
	       vit_tpl_strip(e, &s, arg[0], VIT_TPL_LEFT | VIT_TPL_RIGHT, out);
}

static bool filter_string(struct vit_tpl_eval *e, const struct vit_tval *on,
			  const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)arg;
	return vit_tpl_soft_str(e, on, out);
}

static bool filter_safe(struct vit_tpl_eval *e, const struct vit_tval *on,
			const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)arg;
	if (!vit_tpl_soft_str(e, on, out))
		return false;
	out->flags = VIT_TVF_MARKUP;
	return true;
}

static bool filter_escape(struct vit_tpl_eval *e, const struct vit_tval *on,
			  const struct vit_tval *const *arg, struct vit_tval *out)
{
	(void)arg;
	return vit_tpl_escape(e, on, out);
}

static bool filter_forceescape(struct vit_tpl_eval *e, const struct vit_tval *on,
			       const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_tval s;
	(void)arg;
	if (!vit_tpl_soft_str(e, on, &s))
		return false;
	s.flags = 0;
	return vit_tpl_escape(e, &s, out);
}

static bool filter_replace(struct vit_tpl_eval *e, const struct vit_tval *on,
			   const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str s, old, new_text;
	int64_t count = -1;
	if (arg[2] && arg[2]->type != VIT_TV_NONE && !vit_tpl_want_int(e, arg[2], &count))
		return false;
	return vit_tpl_to_str(e, on, &s) && vit_tpl_to_str(e, arg[0], &old) &&
	       vit_tpl_to_str(e, arg[1], &new_text) &&
	       vit_tpl_replace(e, s, old, new_text, count, out);
}

static bool filter_join(struct vit_tpl_eval *e, const struct vit_tval *on,
			const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str separator = VIT_STR_EMPTY;
	const struct vit_tval *items;
	uint32_t n;
	if (arg[0] && !vit_tpl_to_str(e, arg[0], &separator))
		return false;
	if (!vit_tpl_to_items(e, on, &items, &n))
		return false;
	if (arg[1] && arg[1]->type != VIT_TV_NONE) {
		struct vit_tval *picked = vit_tpl_items(e, n);
		for (uint32_t i = 0; picked && i < n; i++)
			if (!vit_tpl_by_attribute(e, &items[i], arg[1], NULL, &picked[i]))
				return false;
		if (!picked)
			return false;
		items = picked;
	}
	return vit_tpl_join(e, separator, items, n, true, out);
}

static bool filter_center(struct vit_tpl_eval *e, const struct vit_tval *on,
			  const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_tval s;
	int64_t width = 80;
	return vit_tpl_soft_str(e, on, &s) && (!arg[0] || vit_tpl_want_int(e, arg[0], &width)) &&
	       vit_tpl_pad(e, &s, width, NULL, VIT_TPL_LEFT | VIT_TPL_RIGHT, out);
}

static bool truth_of(const struct vit_tval *v)
{
	return v && vit_tpl_truth(v);
}

/* The indentation: a text, or so many blanks. */
static bool indention(struct vit_tpl_eval *e, const struct vit_tval *width, struct vit_str *out)
{
	int64_t n = 4;
	if (width && width->type == VIT_TV_STR) {
		*out = vit_tval_text(*width);
		return true;
	}
	if (width && !vit_tpl_want_int(e, width, &n))
		return false;
	struct vit_tval blank = vit_tval_str(VIT_STR_EMPTY), blanks;
	if (n > 100000)
		return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "an indentation is too wide");
	if (!vit_tpl_pad(e, &blank, n, NULL, VIT_TPL_LEFT, &blanks))
		return false;
	*out = vit_tval_text(blanks);
	return true;
}

static bool filter_indent(struct vit_tpl_eval *e, const struct vit_tval *on,
			  const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str by;
	struct vit_tval newline = vit_tval_str(VIT_STR("\n")), text, lines;
	bool first = truth_of(arg[1]), blank = truth_of(arg[2]);
	if (!indention(e, arg[0], &by))
		return false;
	if (on->type == VIT_TV_STR && (on->flags & VIT_TVF_MARKUP))
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "indent of text marked as safe");
	if (!vit_tpl_arithmetic(e, VIT_TPL_ADD, on, &newline, &text) ||
	    !vit_tpl_splitlines(e, &text, false, &lines))
		return false;
	struct vit_buf b;
	vit_tpl_buf(e, &b);
	for (uint32_t i = 0; i < lines.n; i++) {
		struct vit_str line = vit_tval_text(lines.items[i]);
		if (i)
			vit_buf_putc(&b, '\n');
		if (i ? blank || line.n : first)
			vit_buf_str(&b, by);
		vit_buf_str(&b, line);
	}
	return vit_tpl_step(e, lines.n) && vit_tpl_take_str(e, &b, out);
}

static bool filter_truncate(struct vit_tpl_eval *e, const struct vit_tval *on,
			    const struct vit_tval *const *arg, struct vit_tval *out)
{
	int64_t length = 255, leeway = 5;
	struct vit_str end = VIT_STR("..."), s;
	if ((arg[0] && !vit_tpl_want_int(e, arg[0], &length)) ||
	    (arg[2] && !vit_tpl_want_str(e, arg[2], "truncate", &end)) ||
	    (arg[3] && arg[3]->type != VIT_TV_NONE && !vit_tpl_want_int(e, arg[3], &leeway)))
		return false;
	int64_t ending = (int64_t)vit_tpl_length(end);
	if (length < ending)
		return VIT_TPL_FAIL(e, "expected length >= %lld, got %lld", (long long)ending,
				    (long long)length);
	if (leeway < 0)
		return VIT_TPL_FAIL(e, "expected leeway >= 0, got %lld", (long long)leeway);
	int64_t have;
	if (!vit_tpl_len(e, on, &have))
		return false;
	*out = *on;
	if (have <= length + leeway)
		return true;
	if (!vit_tpl_want_str(e, on, "truncate", &s))
		return false;
	struct vit_str kept = vit_str_sub(s, 0, vit_tpl_offset(s, (size_t)(length - ending)));
	size_t space = vit_str_rchr(kept, ' ');
	if (!truth_of(arg[1]) && space != SIZE_MAX)
		kept = vit_str_sub(kept, 0, space);
	struct vit_tval a = vit_tval_str(kept), b = vit_tval_str(end);
	a.flags = on->flags;
	return vit_tpl_arithmetic(e, VIT_TPL_ADD, &a, &b, out);
}

static bool filter_wordcount(struct vit_tpl_eval *e, const struct vit_tval *on,
			     const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str s;
	int64_t n = 0;
	bool inside = false;
	(void)arg;
	if (!vit_tpl_to_str(e, on, &s))
		return false;
	for (size_t at = 0; at < s.n;) {
		uint32_t cp = vit_tpl_next(s, &at);
		bool word = cp == '_' || vit_tpl_is_alpha(cp) || vit_tpl_is_numeric(cp);
		n += word && !inside;
		inside = word;
	}
	*out = vit_tval_int(n);
	return vit_tpl_step(e, s.n / 16);
}

static void quote(struct vit_buf *b, struct vit_str s, bool query)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || (c && strchr("_.-~", c)) ||
			     (c == '/' && !query);
		if (plain)
			vit_buf_putc(b, (char)c);
		else if (c == ' ' && query)
			vit_buf_putc(b, '+');
		else
			vit_buf_printf(b, "%%%02X", c);
	}
}

static bool filter_urlencode(struct vit_tpl_eval *e, const struct vit_tval *on,
			     const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_str s;
	(void)arg;
	if (on->type != VIT_TV_STR && !vit_tpl_is_number(on) && on->type != VIT_TV_NONE)
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "urlencode of what is no text");
	if (!vit_tpl_to_str(e, on, &s))
		return false;
	struct vit_buf b;
	vit_tpl_buf(e, &b);
	quote(&b, s, false);
	return vit_tpl_step(e, s.n / 16) && vit_tpl_take_str(e, &b, out);
}

/* "..."|format(a, b): as % does, with keywords for %(name)s. */
static bool filter_format(struct vit_tpl_eval *e, const struct vit_tval *on,
			  const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	struct vit_tval s, args = vit_tval_list(passed->args, passed->count);
	if (passed->count && passed->kwarg_count)
		return VIT_TPL_FAIL(e, "can't handle positional and keyword arguments at the same "
				       "time");
	args.type = VIT_TV_TUPLE;
	if (passed->kwarg_count) {
		args = vit_tval_dict(e->scratch, 0);
		for (uint32_t i = 0; i < passed->kwarg_count; i++) {
			struct vit_tval key = vit_tval_str(passed->kwargs[i].name);
			if (!vit_tpl_dict_put(e, args.dict, &key, &passed->kwargs[i].value))
				return false;
		}
	}
	return vit_tpl_soft_str(e, on, &s) && vit_tpl_percent(e, &s, &args, out);
}

const struct vit_tpl_filter vit_tpl_text_filters[] = {
	{ "trim", "chars", 0, filter_trim, NULL },
	{ "upper", "", 0, filter_upper, NULL },
	{ "lower", "", 0, filter_lower, NULL },
	{ "capitalize", "", 0, filter_capitalize, NULL },
	{ "title", "", 0, filter_title, NULL },
	{ "string", "", 0, filter_string, NULL },
	{ "replace", "old,new,count", 2, filter_replace, NULL },
	{ "join", "d,attribute", 0, filter_join, NULL },
	{ "indent", "width,first,blank", 0, filter_indent, NULL },
	{ "safe", "", 0, filter_safe, NULL },
	{ "escape", "", 0, filter_escape, NULL },
	{ "e", "", 0, filter_escape, NULL },
	{ "forceescape", "", 0, filter_forceescape, NULL },
	{ "center", "width", 0, filter_center, NULL },
	{ "truncate", "length,killwords,end,leeway", 0, filter_truncate, NULL },
	{ "wordcount", "", 0, filter_wordcount, NULL },
	{ "urlencode", "", 0, filter_urlencode, NULL },
	{ "format", "*", 0, NULL, filter_format },
	{ NULL, NULL, 0, NULL, NULL },
};
