#include "text/template_strings.h"

#include <math.h>
#include <stdio.h>

#include "base/num.h"

/* "..." % args, and "...".format(args): what templates use of them; the rest
 * is named as unsupported. */

struct spec {
	struct vit_str fill;
	char align;       /* '<', '>', '^', '=', or 0: the type's own */
	char sign;        /* '+', ' ', or 0 */
	bool alternate, comma, has_precision;
	int64_t width, precision;
	char type;        /* or 0 */
};

/* A number's text in parts, between which padding goes. */
struct number {
	char sign[2], prefix[3], digits[640];
};

static bool odd_format(struct vit_tpl_eval *e, char type)
{
	return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "a number formatted as '%c'",
			    type >= 32 && type < 127 ? type : '?');
}

static void with_commas(struct number *n)
{
	char out[sizeof(n->digits)];
	size_t whole = strspn(n->digits, "0123456789"), k = 0;
	for (size_t i = 0; n->digits[i] && k + 2 < sizeof(out); i++) {
		if (i > 0 && i < whole && (whole - i) % 3 == 0)
			out[k++] = ',';
		out[k++] = n->digits[i];
	}
	out[k] = 0;
	memcpy(n->digits, out, k + 1);
}

static void set_sign(struct number *n, bool minus, char sign)
{
	n->sign[0] = minus ? '-' : sign;
	n->sign[1] = 0;
}

static bool real_digits(struct vit_tpl_eval *e, double v, const struct spec *s, struct number *n)
{
	int precision = s->has_precision ? (int)(s->precision < 300 ? s->precision : 300) : 6;
	double d = fabs(v);
	size_t size = sizeof(n->digits);
	bool upper = s->type == 'F' || s->type == 'E' || s->type == 'G';
	set_sign(n, signbit(v) && !isnan(v), s->sign);
	n->prefix[0] = 0;
	if (!isfinite(d))
		snprintf(n->digits, size, isnan(d) ? (upper ? "NAN" : "nan") : upper ? "INF" : "inf");
	else if (s->type == 'f' || s->type == 'F')
		snprintf(n->digits, size, "%.*f", precision, d);
	else if (s->type == '%')
		snprintf(n->digits, size, "%.*f%%", precision, d * 100);
	else if (s->type == 'e')
		snprintf(n->digits, size, "%.*e", precision, d);
	else if (s->type == 'E')
		snprintf(n->digits, size, "%.*E", precision, d);
	else if (s->type == 'g')
		snprintf(n->digits, size, "%.*g", precision, d);
	else if (s->type == 'G')
		snprintf(n->digits, size, "%.*G", precision, d);
	else
		return odd_format(e, s->type ? s->type : '.');
	return !s->alternate || odd_format(e, '#');
}

static bool integer_digits(struct vit_tpl_eval *e, int64_t v, const struct spec *s, struct number *n)
{
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	size_t size = sizeof(n->digits);
	const char *prefix = "";
	set_sign(n, v < 0, s->sign);
	if (s->type == 'x') {
		snprintf(n->digits, size, "%llx", (unsigned long long)u);
		prefix = "0x";
	} else if (s->type == 'X') {
		snprintf(n->digits, size, "%llX", (unsigned long long)u);
		prefix = "0X";
	} else if (s->type == 'o') {
		snprintf(n->digits, size, "%llo", (unsigned long long)u);
		prefix = "0o";
	} else if (s->type == 'b') {
		size_t bits = 1;
		while (bits < 64 && u >> bits)
			bits++;
		for (size_t i = 0; i < bits; i++)
			n->digits[i] = (char)('0' + (u >> (bits - 1 - i) & 1));
		n->digits[bits] = 0;
		prefix = "0b";
	} else if (s->type == 0 || s->type == 'd' || s->type == 'i' || s->type == 'u') {
		snprintf(n->digits, size, "%llu", (unsigned long long)u);
	} else {
		return odd_format(e, s->type);
	}
	snprintf(n->prefix, sizeof(n->prefix), "%s", s->alternate ? prefix : "");
	return true;
}

static void fill_with(struct vit_buf *b, struct vit_str fill, int64_t n)
{
	for (int64_t i = 0; i < n && !b->full; i++)
		vit_buf_str(b, fill);
}

/* head and text with padding as the spec says. */
static bool add_padded(struct vit_tpl_eval *e, struct vit_buf *b, const struct spec *s,
		       struct vit_str head, struct vit_str text, char align)
{
	int64_t pad = s->width - (int64_t)vit_tpl_length(head) - (int64_t)vit_tpl_length(text);
	struct vit_str fill = s->fill.n ? s->fill : VIT_STR(" ");
	align = s->align ? s->align : align;
	if (pad > 1000000)
		return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "a field is wider than a million");
	pad = pad > 0 ? pad : 0;
	int64_t before = align == '>' ? pad : align == '^' ? pad / 2 : 0;
	fill_with(b, fill, before);
	vit_buf_str(b, head);
	fill_with(b, fill, align == '=' ? pad : 0);
	vit_buf_str(b, text);
	fill_with(b, fill, align == '=' ? 0 : pad - before);
	return vit_tpl_step(e, 1 + (uint64_t)pad / 16);
}

static bool add_number(struct vit_tpl_eval *e, struct vit_buf *b, const struct vit_tval *v,
		       const struct spec *s)
{
	struct number n;
	char head[8];
	bool real = s->type && strchr("eEfFgG%", s->type);
	if (v->type == VIT_TV_FLOAT && !s->type && !s->has_precision) {
		set_sign(&n, signbit(v->number) && !isnan(v->number), s->sign);
		n.prefix[0] = 0;
		vit_tpl_float_repr(fabs(v->number), n.digits);
	} else if (real || v->type == VIT_TV_FLOAT) {
		if (!real_digits(e, vit_tpl_double(v), s, &n))
			return false;
	} else {
		if (s->has_precision)
			return odd_format(e, '.');
		if (!integer_digits(e, vit_tpl_int(v), s, &n))
			return false;
	}
	if (s->comma)
		with_commas(&n);
	snprintf(head, sizeof(head), "%s%s", n.sign, n.prefix);
	/* Python groups the zeros too; nobody asks for both. */
	if (s->comma && s->align == '=' && vit_str_is(s->fill, "0") && s->width > 1)
		return odd_format(e, ',');
	return add_padded(e, b, s, vit_str_c(head), vit_str_c(n.digits), '>');
}

static bool add_text(struct vit_tpl_eval *e, struct vit_buf *b, struct vit_str text,
		     const struct spec *s, char align)
{
	if (s->has_precision)
		text = vit_str_sub(text, 0, vit_tpl_offset(text, (size_t)s->precision));
	return add_padded(e, b, s, VIT_STR_EMPTY, text, align);
}

static bool one_of(const char *set, struct vit_str text, size_t at)
{
	return at < text.n && text.p[at] && strchr(set, text.p[at]);
}

static bool take_number(struct vit_str s, size_t *at, int64_t *out)
{
	*out = 0;
	size_t from = *at;
	for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at)
		if (*out < 100000000)
			*out = *out * 10 + (s.p[*at] - '0');
	return *at > from;
}

/* --- % --- */

struct percent {
	struct vit_tpl_eval *e;
	const struct vit_tval *args;  /* the tuple, or the one value */
	const struct vit_tval *map;   /* a dict: what %(name)s takes from */
	uint32_t at, n;
	bool keyed;
};

static bool next_arg(struct percent *p, struct vit_tval *out)
{
	if (p->at >= p->n)
		return VIT_TPL_FAIL(p->e, "not enough arguments for format string");
	*out = p->args[p->at++];
	return true;
}

static bool keyed_arg(struct percent *p, struct vit_str text, size_t *at, struct vit_tval *out)
{
	size_t close = vit_str_find(text, VIT_STR(")"), *at);
	if (close == SIZE_MAX)
		return VIT_TPL_FAIL(p->e, "incomplete format key");
	struct vit_tval key = vit_tval_str(vit_str_sub(text, *at, close));
	*at = close + 1;
	p->keyed = true;
	if (!p->map)
		return VIT_TPL_FAIL(p->e, "format requires a mapping");
	const struct vit_tpair *m = vit_tpl_dict_find(p->map->dict, &key);
	if (!m)
		return VIT_TPL_FAIL(p->e, "'%.*s'", VIT_FMT(vit_tval_text(key)));
	*out = m->value;
	return true;
}

/* A width or precision: digits, or * for an argument. */
static bool star_or_number(struct percent *p, struct vit_str text, size_t *at, int64_t *out)
{
	struct vit_tval v = vit_tval_none();
	if (*at >= text.n || text.p[*at] != '*') {
		take_number(text, at, out);
		return true;
	}
	++*at;
	if (!next_arg(p, &v))
		return false;
	if (!vit_tpl_is_int(&v) || vit_tpl_int(&v) < 0)
		return vit_tpl_stop(p->e, VIT_TEMPLATE_UNSUPPORTED, "such a width of a field");
	*out = vit_tpl_int(&v);
	return true;
}

static bool add_converted(struct percent *p, struct vit_buf *b, const struct vit_tval *v,
			  struct spec *s)
{
	struct vit_tpl_eval *e = p->e;
	if (s->type == 's' || s->type == 'r') {
		struct vit_buf text;
		vit_tpl_buf(e, &text);
		bool ok = s->type == 's' ? vit_tpl_add_str(e, &text, v) :
					   vit_tpl_add_repr(e, &text, v);
		if (s->align == '=')
			s->align = '>';
		if (s->align == '>' || !s->align)
			s->fill = VIT_STR(" ");
		ok = ok && add_text(e, b, vit_buf_view(&text), s, '>');
		if (text.full)
			ok = vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "a text is larger than allowed");
		vit_buf_release(&text);
		return ok;
	}
	if (v->type == VIT_TV_UNDEFINED)
		return vit_tpl_stop_undefined(e, v);
	bool real = s->type && strchr("eEfFgG", s->type);
	struct vit_tval whole = *v;
	if (!vit_tpl_is_number(v))
		return VIT_TPL_FAIL(e, real ? "must be real number, not %s" :
					      "a number is required for the format, not %s",
				    vit_tpl_type_name(v));
	if (!real && v->type == VIT_TV_FLOAT) {
		if (!strchr("diu", s->type))
			return VIT_TPL_FAIL(e, "%%%c format: an integer is required, not float",
					    s->type);
		if (!(fabs(v->number) < 9e18))
			return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "integers beyond 64 bits");
		whole = vit_tval_int((int64_t)v->number);
	}
	return add_number(e, b, &whole, s);
}

/* Flags, width, precision and type. */
static bool parse_conversion(struct percent *p, struct vit_str text, size_t *at, struct spec *s)
{
	bool left = false, zero = false;
	*s = (struct spec){ .fill = VIT_STR_EMPTY };
	for (; one_of("-+ #0", text, *at); ++*at) {
		left |= text.p[*at] == '-';
		zero |= text.p[*at] == '0';
		s->alternate |= text.p[*at] == '#';
		if (text.p[*at] == '+' || (text.p[*at] == ' ' && !s->sign))
			s->sign = text.p[*at];
	}
	if (!star_or_number(p, text, at, &s->width))
		return false;
	if (one_of(".", text, *at)) {
		++*at;
		s->has_precision = true;
		if (!star_or_number(p, text, at, &s->precision))
			return false;
	}
	while (one_of("hlL", text, *at))
		++*at;
	if (*at >= text.n)
		return VIT_TPL_FAIL(p->e, "incomplete format");
	s->type = text.p[(*at)++];
	s->align = left ? '<' : zero ? '=' : '>';
	s->fill = zero && !left ? VIT_STR("0") : VIT_STR(" ");
	return true;
}

/* One conversion, at the character behind the percent sign. */
static bool convert(struct percent *p, struct vit_str text, size_t *at, struct vit_buf *b)
{
	struct spec s;
	struct vit_tval v;
	bool given = one_of("(", text, *at);
	if (given) {
		++*at;
		if (!keyed_arg(p, text, at, &v))
			return false;
	}
	if (!parse_conversion(p, text, at, &s))
		return false;
	if (s.type == '%') {
		vit_buf_putc(b, '%');
		return true;
	}
	if (!s.type || !strchr("srdiuxXoeEfFgG", s.type)) {
		if (s.type == 'c' || s.type == 'a')
			return vit_tpl_stop(p->e, VIT_TEMPLATE_UNSUPPORTED, "the conversion %%%c",
					    s.type);
		return VIT_TPL_FAIL(p->e, "unsupported format character");
	}
	if (strchr("diuxXo", s.type) && s.has_precision)
		return odd_format(p->e, '.');
	return (given || next_arg(p, &v)) && add_converted(p, b, &v, &s);
}

bool vit_tpl_percent(struct vit_tpl_eval *e, const struct vit_tval *format,
		     const struct vit_tval *args, struct vit_tval *out)
{
	struct vit_str text = vit_tval_text(*format);
	struct percent p = { .e = e, .args = args, .n = 1 };
	struct vit_buf b;
	bool ok = true;
	if (format->flags & VIT_TVF_MARKUP)
		return vit_tpl_stop(e, VIT_TEMPLATE_UNSUPPORTED, "formatting of text marked as safe");
	if (args->type == VIT_TV_TUPLE) {
		p.args = args->items;
		p.n = args->n;
	}
	if (args->type == VIT_TV_DICT)
		p.map = args;
	vit_tpl_buf(e, &b);
	for (size_t at = 0; ok && at < text.n;) {
		if (text.p[at] == '%') {
			at++;
			ok = vit_tpl_step(e, 1) && convert(&p, text, &at, &b);
		} else {
			vit_buf_putc(&b, text.p[at++]);
		}
	}
	/* Python takes whatever has elements for a mapping, and lets that pass. */
	bool mapping = args->type == VIT_TV_DICT || args->type == VIT_TV_LIST ||
		       args->type == VIT_TV_RANGE || args->type == VIT_TV_UNDEFINED;
	if (ok && p.at < p.n && !mapping)
		ok = VIT_TPL_FAIL(e, "not all arguments converted during string formatting");
	if (ok)
		return vit_tpl_take_str(e, &b, out);
	vit_buf_release(&b);
	return false;
}

/* --- format() --- */

static bool parse_spec(struct vit_tpl_eval *e, struct vit_str text, struct spec *s)
{
	size_t at = 0, one = 0;
	*s = (struct spec){ .fill = VIT_STR_EMPTY };
	if (text.n)
		vit_tpl_next(text, &one);
	if (one && one_of("<>^=", text, one)) {
		s->fill = vit_str_sub(text, 0, one);
		s->align = text.p[one];
		at = one + 1;
	} else if (one_of("<>^=", text, 0)) {
		s->align = text.p[at++];
	}
	if (one_of("+- ", text, at)) {
		s->sign = text.p[at] == '-' ? 0 : text.p[at];
		at++;
	}
	s->alternate = one_of("#", text, at);
	at += s->alternate;
	if (one_of("0", text, at)) {
		if (!s->align)
			s->align = '=';
		if (!s->fill.n)
			s->fill = VIT_STR("0");
		at++;
	}
	take_number(text, &at, &s->width);
	s->comma = one_of(",", text, at);
	at += s->comma;
	if (one_of(".", text, at)) {
		at++;
		s->has_precision = true;
		if (!take_number(text, &at, &s->precision))
			return VIT_TPL_FAIL(e, "Format specifier missing precision");
	}
	if (at < text.n)
		s->type = text.p[at++];
	if (at < text.n)
		return VIT_TPL_FAIL(e, "Invalid format specifier");
	return true;
}

static bool add_formatted(struct vit_tpl_eval *e, struct vit_buf *b, const struct vit_tval *v,
			  struct vit_str text)
{
	struct spec s;
	if (!text.n)
		return vit_tpl_add_str(e, b, v);
	if (!parse_spec(e, text, &s))
		return false;
	if (v->type == VIT_TV_STR) {
		if ((s.type && s.type != 's') || s.align == '=' || s.sign || s.comma || s.alternate)
			return VIT_TPL_FAIL(e, "such a format is not allowed for text");
		return add_text(e, b, vit_tval_text(*v), &s, '<');
	}
	if (!vit_tpl_is_number(v))
		return VIT_TPL_FAIL(e, "unsupported format string passed to %s.__format__",
				    vit_tpl_type_name(v));
	if (v->type == VIT_TV_FLOAT && s.type && strchr("dxXobcs", s.type))
		return VIT_TPL_FAIL(e, "Unknown format code '%c' for object of type 'float'", s.type);
	if (s.type == 's')
		return VIT_TPL_FAIL(e, "Unknown format code 's' for object of type 'int'");
	return add_number(e, b, v, &s);
}

struct fields {
	struct vit_tpl_eval *e;
	const struct vit_tpl_passed *passed;
	uint32_t next;       /* of the fields without a name */
	bool automatic, numbered;
};

/* The value that the first part of a field's name means. */
static bool field_start(struct fields *f, struct vit_str name, struct vit_tval *out)
{
	uint64_t index;
	bool number = vit_parse_u64(name, &index);
	if (!name.n || number) {
		f->automatic |= !name.n;
		f->numbered |= number;
		if (f->automatic && f->numbered)
			return VIT_TPL_FAIL(f->e, "cannot switch between manual field specification "
						  "and automatic field numbering");
		index = name.n ? index : f->next++;
		if (index >= f->passed->count)
			return VIT_TPL_FAIL(f->e, "Replacement index %llu out of range for "
						  "positional args tuple", (unsigned long long)index);
		*out = f->passed->args[index];
		return true;
	}
	for (uint32_t i = 0; i < f->passed->kwarg_count; i++)
		if (vit_str_eq(f->passed->kwargs[i].name, name)) {
			*out = f->passed->kwargs[i].value;
			return true;
		}
	return VIT_TPL_FAIL(f->e, "'%.*s'", VIT_FMT(name));
}

/* "name.attribute[key]". */
static bool field_value(struct fields *f, struct vit_str name, struct vit_tval *out)
{
	size_t at = 0;
	while (at < name.n && name.p[at] != '.' && name.p[at] != '[')
		at++;
	if (!field_start(f, vit_str_sub(name, 0, at), out))
		return false;
	while (at < name.n) {
		struct vit_tval on = *out, key;
		size_t from = at + 1, to = from;
		bool item = name.p[at] == '[';
		while (to < name.n && (item ? name.p[to] != ']' : name.p[to] != '.' &&
						  name.p[to] != '['))
			to++;
		struct vit_str part = vit_str_sub(name, from, to);
		uint64_t index;
		if (!part.n || (item && to >= name.n))
			return VIT_TPL_FAIL(f->e, "Empty attribute in format string");
		key = item && vit_parse_u64(part, &index) && index < INT64_MAX ?
			      vit_tval_int((int64_t)index) : vit_tval_str(part);
		if (!(item ? vit_tpl_getitem(f->e, &on, &key, out) :
			     vit_tpl_getattr(f->e, &on, part, out)))
			return false;
		at = to + item;
	}
	return true;
}

/* One field, `text` between its braces. */
static bool add_field(struct fields *f, struct vit_str text, struct vit_buf *b)
{
	struct vit_str spec = VIT_STR_EMPTY, name = text;
	struct vit_tval v;
	char conversion = 0;
	size_t colon = vit_str_find(text, VIT_STR(":"), 0);
	if (colon != SIZE_MAX) {
		spec = vit_str_sub(text, colon + 1, text.n);
		name = vit_str_sub(text, 0, colon);
	}
	if (name.n >= 2 && name.p[name.n - 2] == '!') {
		conversion = name.p[name.n - 1];
		name = vit_str_sub(name, 0, name.n - 2);
	}
	if (memchr(text.p, '{', text.n))
		return vit_tpl_stop(f->e, VIT_TEMPLATE_UNSUPPORTED, "fields within fields of format()");
	if (!field_value(f, name, &v))
		return false;
	if (conversion == 's' || conversion == 'r') {
		struct vit_buf made;
		vit_tpl_buf(f->e, &made);
		bool ok = conversion == 's' ? vit_tpl_add_str(f->e, &made, &v) :
					      vit_tpl_add_repr(f->e, &made, &v);
		if (!ok) {
			vit_buf_release(&made);
			return false;
		}
		if (!vit_tpl_take_str(f->e, &made, &v))
			return false;
	} else if (conversion) {
		return vit_tpl_stop(f->e, VIT_TEMPLATE_UNSUPPORTED, "such a conversion of format()");
	}
	return add_formatted(f->e, b, &v, spec);
}

/* One piece of the text at *at. */
static bool add_piece(struct fields *f, struct vit_str text, size_t *at, struct vit_buf *b)
{
	char c = text.p[*at];
	bool twice = *at + 1 < text.n && text.p[*at + 1] == c;
	if ((c == '{' || c == '}') && twice) {
		vit_buf_putc(b, c);
		*at += 2;
		return true;
	}
	if (c == '}')
		return VIT_TPL_FAIL(f->e, "Single '}' encountered in format string");
	if (c != '{') {
		vit_buf_putc(b, c);
		++*at;
		return true;
	}
	size_t to = *at + 1, depth = 1;
	for (; to < text.n && depth; to++)
		depth += (size_t)(text.p[to] == '{') - (size_t)(text.p[to] == '}');
	if (depth)
		return VIT_TPL_FAIL(f->e, "expected '}' before end of string");
	struct vit_str inside = vit_str_sub(text, *at + 1, to - 1);
	*at = to;
	return vit_tpl_step(f->e, 1) && add_field(f, inside, b);
}

bool vit_tpl_format(struct vit_tpl_eval *e, struct vit_str text,
		    const struct vit_tpl_passed *passed, struct vit_tval *out)
{
	struct fields f = { .e = e, .passed = passed };
	struct vit_buf b;
	bool ok = true;
	vit_tpl_buf(e, &b);
	for (size_t at = 0; ok && at < text.n;)
		ok = add_piece(&f, text, &at, &b);
	if (ok)
		return vit_tpl_take_str(e, &b, out);
	vit_buf_release(&b);
	return false;
}
