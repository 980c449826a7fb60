#include "text/template_eval.h"

/* Functions that every template has. `dict` is numbered 1: it has a method of
 * its own. */

enum { GLOBAL_RANGE, GLOBAL_DICT, GLOBAL_NAMESPACE, GLOBAL_RAISE, GLOBAL_STRFTIME, GLOBAL_CYCLER,
       GLOBAL_JOINER, GLOBAL_LIPSUM };

static bool make_range(struct vit_tpl_eval *e, const struct vit_tpl_passed *passed,
		       struct vit_tval *out)
{
	int64_t v[3] = { 0, 0, 1 };
	if (passed->kwarg_count)
		return VIT_TPL_FAIL(e, "range() takes no keyword arguments");
	if (passed->count < 1 || passed->count > 3)
		return VIT_TPL_FAIL(e, "range expected 1 to 3 arguments, got %u", passed->count);
	for (uint32_t i = 0; i < passed->count; i++) {
		const struct vit_tval *arg = &passed->args[i];
		if (!vit_tpl_is_int(arg))
			return VIT_TPL_FAIL(e, "'%s' object cannot be interpreted as an integer",
					    vit_tpl_type_name(arg));
		v[passed->count == 1 ? 1 : i] = vit_tpl_int(arg);
	}
	if (v[2] == 0)
		return VIT_TPL_FAIL(e, "range() arg 3 must not be zero");
	uint64_t span = v[2] > 0 ? (v[1] > v[0] ? (uint64_t)v[1] - (uint64_t)v[0] : 0) :
				   (v[0] > v[1] ? (uint64_t)v[0] - (uint64_t)v[1] : 0);
	uint64_t step = v[2] > 0 ? (uint64_t)v[2] : 0 - (uint64_t)v[2];
	uint64_t n = span / step + (span % step != 0);
	if (n > 100000)
		return VIT_TPL_FAIL(e, "Range too big. The sandbox blocks ranges larger than "
				       "MAX_RANGE (100000).");
	struct vit_tpl_range *r = vit_tpl_alloc(e, 1, sizeof(*r));
	if (!r)
		return false;
	*r = (struct vit_tpl_range){ v[0], v[1], v[2], (uint32_t)n };
	*out = (struct vit_tval){ .type = VIT_TV_RANGE, .other = r };
	return true;
}

/* dict(mapping or pairs, name=value, ...) into *out. */
static bool make_dict(struct vit_tpl_eval *e, const struct vit_tpl_passed *passed,
		      struct vit_tval *out)
{
	if (passed->count > 1)
		return VIT_TPL_FAIL(e, "dict expected at most 1 argument, got %u", passed->count);
	*out = vit_tval_dict(e->scratch, 0);
	const struct vit_tval *from = passed->count ? &passed->args[0] : NULL;
	for (uint32_t i = 0; from && from->type == VIT_TV_DICT && i < from->dict->count; i++)
		if (!vit_tpl_dict_put(e, out->dict, &from->dict->members[i].key,
				      &from->dict->members[i].value))
			return false;
	if (from && from->type != VIT_TV_DICT) {
		const struct vit_tval *items, *pair;
		uint32_t n, two;
		if (!vit_tpl_to_items(e, from, &items, &n))
			return false;
		for (uint32_t i = 0; i < n; i++) {
			if (!vit_tpl_to_items(e, &items[i], &pair, &two))
				return false;
			if (two != 2)
				return VIT_TPL_FAIL(e, "dictionary update sequence element #%u has "
						       "length %u; 2 is required", i, two);
			if (!vit_tpl_dict_put(e, out->dict, &pair[0], &pair[1]))
				return false;
		}
	}
	for (uint32_t i = 0; i < passed->kwarg_count; i++) {
		struct vit_tval key = vit_tval_str(passed->kwargs[i].name);
		if (!vit_tpl_dict_put(e, out->dict, &key, &passed->kwargs[i].value))
			return false;
	}
	return true;
}

static bool raise(struct vit_tpl_eval *e, const struct vit_tpl_passed *passed)
{
	const struct vit_tval *message[VIT_TPL_MAX_PARAMS];
	static const struct vit_tpl_signature s = { "raise_exception", "message", 1, false };
	struct vit_str text;
	if (!vit_tpl_bind_args(e, &s, passed, message) || !vit_tpl_to_str(e, message[0], &text))
		return false;
	return vit_tpl_stop(e, VIT_TEMPLATE_RAISED, "%.*s", VIT_FMT(text));
}

static bool make_cycler(struct vit_tpl_eval *e, const struct vit_tpl_passed *passed,
			struct vit_tval *out)
{
	if (!passed->count || passed->kwarg_count)
		return VIT_TPL_FAIL(e, "at least one item has to be provided");
	struct vit_tpl_cycler *c = vit_tpl_alloc(e, 1, sizeof(*c));
	if (!c)
		return false;
	*c = (struct vit_tpl_cycler){ passed->args, passed->count, 0 };
	*out = (struct vit_tval){ .type = VIT_TV_CYCLER, .other = c };
	return true;
}

static bool make_joiner(struct vit_tpl_eval *e, const struct vit_tpl_passed *passed,
			struct vit_tval *out)
{
	static const struct vit_tpl_signature s = { "joiner", "sep", 0, false };
	const struct vit_tval *arg[VIT_TPL_MAX_PARAMS];
	struct vit_tpl_joiner *j = vit_tpl_alloc(e, 1, sizeof(*j));
	if (!j || !vit_tpl_bind_args(e, &s, passed, arg))
		return false;
	if (arg[0] && arg[0]->type != VIT_TV_STR)
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "a joiner of what is no text");
	j->separator = arg[0] ? vit_tval_text(*arg[0]) : VIT_STR(", ");
	*out = (struct vit_tval){ .type = VIT_TV_JOINER, .other = j };
	return true;
}

static bool strftime_now(struct vit_tpl_eval *e, const struct vit_tpl_passed *passed,
			 struct vit_tval *out)
{
	static const struct vit_tpl_signature s = { "strftime_now", "format", 1, false };
	const struct vit_tval *arg[VIT_TPL_MAX_PARAMS];
	if (!vit_tpl_bind_args(e, &s, passed, arg))
		return false;
	if (arg[0]->type != VIT_TV_STR)
		return VIT_TPL_FAIL(e, "strftime() argument 1 must be str, not %s",
				    vit_tpl_type_name(arg[0]));
	if (!e->clock)
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "strftime_now without a clock");
	return vit_tpl_strftime(e, vit_tval_text(*arg[0]), out);
}

static bool make_namespace(struct vit_tpl_eval *e, const struct vit_tpl_passed *passed,
			   struct vit_tval *out)
{
	if (!make_dict(e, passed, out))
		return false;
	for (uint32_t i = 0; i < out->dict->count; i++) {
		const struct vit_tval *key = &out->dict->members[i].key;
		if (key->type == VIT_TV_STR && key->n && key->text[0] == '_')
			return vit_tpl_stop(e, VIT_TEMPLATE_FORBIDDEN, "a namespace may not hold "
					    "names that begin with an underscore");
	}
	out->type = VIT_TV_NAMESPACE;
	return true;
}

bool vit_tpl_call_global(struct vit_tpl_eval *e, const struct vit_tval *f,
			 const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	if (f->n == GLOBAL_RANGE)
		return make_range(e, passed, out);
	if (f->n == GLOBAL_DICT)
		return make_dict(e, passed, out);
	if (f->n == GLOBAL_NAMESPACE)
		return make_namespace(e, passed, out);
	if (f->n == GLOBAL_RAISE)
		return raise(e, passed);
	if (f->n == GLOBAL_STRFTIME)
		return strftime_now(e, passed, out);
	if (f->n == GLOBAL_CYCLER)
		return make_cycler(e, passed, out);
	if (f->n == GLOBAL_JOINER)
		return make_joiner(e, passed, out);
	return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "lipsum(), which is random");
}

bool vit_tpl_find_global(struct vit_str name, struct vit_tval *out)
{
	static const char *const names[] = {
		[GLOBAL_RANGE] = "range", [GLOBAL_DICT] = "dict", [GLOBAL_NAMESPACE] = "namespace",
		[GLOBAL_RAISE] = "raise_exception", [GLOBAL_STRFTIME] = "strftime_now",
		[GLOBAL_CYCLER] = "cycler", [GLOBAL_JOINER] = "joiner", [GLOBAL_LIPSUM] = "lipsum",
	};
	for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (vit_str_is(name, names[i])) {
			*out = (struct vit_tval){ .type = VIT_TV_GLOBAL, .n = i };
			return true;
		}
	return false;
}

/* --- the clock --- */

static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
				    "Friday", "Saturday" };
static const char *const months[] = { "January", "February", "March", "April", "May", "June",
				      "July", "August", "September", "October", "November",
				      "December" };

static bool leap(int y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

/* 0: the first of January. */
static int day_of_year(const struct vit_template_clock *c)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	return before[c->month - 1] + c->day - 1 + (c->month > 2 && leap(c->year));
}

/* 0: Sunday. Sakamoto's method for the Gregorian calendar. */
static int weekday(int y, int m, int d)
{
	static const int shift[] = { 0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4 };
	y -= m < 3;
	return (y + y / 4 - y / 100 + y / 400 + shift[m - 1] + d) % 7;
}

/* Appends a number; pad: its width, or 0; dash: without padding. */
static void add_number(struct vit_buf *b, int v, int pad, char fill, bool dash)
{
	if (dash)
		vit_buf_printf(b, "%d", v);
	else if (fill == ' ')
		vit_buf_printf(b, "%*d", pad, v);
	else
		vit_buf_printf(b, "%0*d", pad, v);
}

/* Numbers: true when c is one of them. */
static bool add_numeric(const struct vit_template_clock *c, struct vit_buf *b, char what, bool dash)
{
	int wday = weekday(c->year, c->month, c->day), yday = day_of_year(c);
	int hour12 = c->hour % 12 ? c->hour % 12 : 12;
	const struct {
		char what, fill;
		int value, width;
	} table[] = {
		{ 'Y', '0', c->year, 1 }, { 'm', '0', c->month, 2 }, { 'd', '0', c->day, 2 },
		{ 'H', '0', c->hour, 2 }, { 'M', '0', c->minute, 2 }, { 'S', '0', c->second, 2 },
		{ 'e', ' ', c->day, 2 }, { 'I', '0', hour12, 2 }, { 'j', '0', yday + 1, 3 },
		{ 'y', '0', c->year % 100, 2 }, { 'k', ' ', c->hour, 2 }, { 'l', ' ', hour12, 2 },
		{ 'u', '0', wday ? wday : 7, 1 }, { 'w', '0', wday, 1 },
		{ 'U', '0', (yday + 7 - wday) / 7, 2 }, { 'W', '0', (yday + 7 - (wday + 6) % 7) / 7, 2 },
		{ 'C', '0', c->year / 100, 2 },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].what == what) {
			add_number(b, table[i].value, table[i].width, table[i].fill, dash);
			return true;
		}
	return false;
}

static bool add_conversion(const struct vit_template_clock *c, struct vit_buf *b, char what,
			   bool dash)
{
	if (add_numeric(c, b, what, dash))
		return true;
	const char *day = days[weekday(c->year, c->month, c->day)], *month = months[c->month - 1];
	if (what == 'A')
		vit_buf_puts(b, day);
	else if (what == 'a')
		vit_buf_add(b, day, 3);
	else if (what == 'B')
		vit_buf_puts(b, month);
	else if (what == 'b' || what == 'h')
		vit_buf_add(b, month, 3);
	else if (what == 'p')
		vit_buf_puts(b, c->hour < 12 ? "AM" : "PM");
	else if (what == 'F')
		vit_buf_printf(b, "%d-%02d-%02d", c->year, c->month, c->day);
	else if (what == 'T' || what == 'X')
		vit_buf_printf(b, "%02d:%02d:%02d", c->hour, c->minute, c->second);
	else if (what == 'R')
		vit_buf_printf(b, "%02d:%02d", c->hour, c->minute);
	else if (what == 'D' || what == 'x')
		vit_buf_printf(b, "%02d/%02d/%02d", c->month, c->day, c->year % 100);
	else if (what == 'c')
		vit_buf_printf(b, "%.3s %.3s %2d %02d:%02d:%02d %d", day, month, c->day, c->hour,
			       c->minute, c->second, c->year);
	else if (what == '%' || what == 'n' || what == 't')
		vit_buf_putc(b, what == '%' ? '%' : what == 'n' ? '\n' : '\t');
	else
		return what == 'Z' || what == 'z'; /* a naive time has no zone */
	return true;
}

bool vit_tpl_strftime(struct vit_tpl_eval *e, struct vit_str format, struct vit_tval *out)
{
	struct vit_buf b;
	vit_tpl_buf(e, &b);
	for (size_t i = 0; i < format.n; i++) {
		if (format.p[i] != '%') {
			vit_buf_putc(&b, format.p[i]);
			continue;
		}
		bool dash = i + 2 < format.n && format.p[i + 1] == '-';
		i += 1 + dash;
		if (i >= format.n || !add_conversion(e->clock, &b, format.p[i], dash)) {
			vit_buf_release(&b);
			return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "strftime_now('%.*s')",
					    VIT_FMT(format));
		}
	}
	return vit_tpl_take_str(e, &b, out);
}
