#include "text/template_eval.h"

#include <math.h>

/* The filter tojson: json.dumps with the parameters that transformers lets
 * through. Nothing is escaped for HTML. */

struct dump {
	struct vit_tpl_eval *e;
	struct vit_buf *b;
	bool ascii, sort, indented;
	struct vit_str indent, item, key;
};

static bool value(struct dump *d, const struct vit_tval *v, unsigned level);

static void add_text(struct dump *d, struct vit_str s)
{
	struct vit_buf *b = d->b;
	size_t plain = 0;
	vit_buf_putc(b, '"');
	for (size_t at = 0; at < s.n;) {
		unsigned char c = (unsigned char)s.p[at];
		if (c >= 0x20 && c != '"' && c != '\\' && (c < 0x7f || !d->ascii)) {
			at++;
			continue;
		}
		vit_buf_add(b, s.p + plain, at - plain);
		uint32_t cp = vit_tpl_next(s, &at);
		plain = at;
		static const char letters[] = "\"\\\n\r\t\f\b", names[] = "\"\\nrtfb";
		const char *letter = cp && cp < 0x80 ? strchr(letters, (int)cp) : NULL;
		if (letter) {
			vit_buf_putc(b, '\\');
			vit_buf_putc(b, names[letter - letters]);
		} else if (cp < 0x10000) {
			vit_buf_printf(b, "\\u%04x", (unsigned)cp);
		} else {
			cp -= 0x10000;
			vit_buf_printf(b, "\\u%04x\\u%04x", 0xd800u | (unsigned)(cp >> 10),
				       0xdc00u | (unsigned)(cp & 0x3ff));
		}
	}
	vit_buf_add(b, s.p + plain, s.n - plain);
	vit_buf_putc(b, '"');
}

static void newline(struct dump *d, unsigned level)
{
	if (!d->indented)
		return;
	vit_buf_putc(d->b, '\n');
	for (unsigned i = 0; i < level; i++)
		vit_buf_str(d->b, d->indent);
}

static void number(struct vit_buf *b, double v)
{
	char text[VIT_TPL_FLOAT_MAX];
	if (isnan(v))
		vit_buf_puts(b, "NaN");
	else if (isinf(v))
		vit_buf_puts(b, v < 0 ? "-Infinity" : "Infinity");
	else
		vit_buf_add(b, text, vit_tpl_float_repr(v, text));
}

static bool member_key(struct dump *d, const struct vit_tval *key)
{
	struct vit_buf *b = d->b;
	if (key->type == VIT_TV_STR) {
		add_text(d, vit_tval_text(*key));
		return true;
	}
	if (!vit_tpl_is_number(key) && key->type != VIT_TV_NONE)
		return VIT_TPL_FAIL(d->e, "keys must be str, int, float, bool or None, not %s",
				    vit_tpl_type_name(key));
	vit_buf_putc(b, '"');
	bool ok = value(d, key, 0);
	vit_buf_putc(b, '"');
	return ok;
}

static bool object(struct dump *d, const struct vit_tdict *dict, unsigned level)
{
	uint32_t n = dict->count;
	if (!n) {
		vit_buf_puts(d->b, "{}");
		return true;
	}
	struct vit_tval *keys = NULL, *values = NULL;
	if (d->sort) {
		keys = vit_tpl_items(d->e, n);
		values = keys ? vit_tpl_items(d->e, n) : NULL;
		if (!values)
			return false;
		for (uint32_t i = 0; i < n; i++) {
			keys[i] = dict->members[i].key;
			values[i] = dict->members[i].value;
		}
		if (!vit_tpl_sort(d->e, keys, values, n, false))
			return false;
	}
	vit_buf_putc(d->b, '{');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			vit_buf_str(d->b, d->item);
		newline(d, level + 1);
		if (!member_key(d, keys ? &keys[i] : &dict->members[i].key))
			return false;
		vit_buf_str(d->b, d->key);
		if (!value(d, values ? &values[i] : &dict->members[i].value, level + 1))
			return false;
	}
	newline(d, level);
	vit_buf_putc(d->b, '}');
	return true;
}

static bool array(struct dump *d, const struct vit_tval *v, unsigned level)
{
	if (!v->n) {
		vit_buf_puts(d->b, "[]");
		return true;
	}
	vit_buf_putc(d->b, '[');
	for (uint32_t i = 0; i < v->n; i++) {
		if (i)
			vit_buf_str(d->b, d->item);
		newline(d, level + 1);
		if (!value(d, &v->items[i], level + 1))
			return false;
	}
	newline(d, level);
	vit_buf_putc(d->b, ']');
	return true;
}

static bool value(struct dump *d, const struct vit_tval *v, unsigned level)
{
	struct vit_tpl_eval *e = d->e;
	if (!vit_tpl_step(e, 1 + (v->type == VIT_TV_STR ? v->n / 64 : 0)))
		return false;
	if (v->type == VIT_TV_STR) {
		add_text(d, vit_tval_text(*v));
	} else if (v->type == VIT_TV_NONE) {
		vit_buf_puts(d->b, "null");
	} else if (v->type == VIT_TV_BOOL) {
		vit_buf_puts(d->b, v->boolean ? "true" : "false");
	} else if (v->type == VIT_TV_INT) {
		vit_buf_printf(d->b, "%lld", (long long)v->integer);
	} else if (v->type == VIT_TV_BIG) {
		vit_buf_str(d->b, vit_tval_text(*v));
	} else if (v->type == VIT_TV_FLOAT) {
		number(d->b, v->number);
	} else if (v->type == VIT_TV_LIST || v->type == VIT_TV_TUPLE || v->type == VIT_TV_DICT) {
		if (e->depth == 0)
			return vit_tpl_stop(e, VIT_TEMPLATE_LIMIT, "values nest too deep");
		if (d->b->full)
			return true;
		e->depth--;
		bool ok = v->type == VIT_TV_DICT ? object(d, v->dict, level) : array(d, v, level);
		e->depth++;
		return ok;
	} else {
		return VIT_TPL_FAIL(e, "Object of type %s is not JSON serializable",
				    vit_tpl_type_name(v));
	}
	return true;
}

/* indent=4 or indent="  ". */
static bool indentation(struct dump *d, const struct vit_tval *v)
{
	if (!v || v->type == VIT_TV_NONE)
		return true;
	d->indented = true;
	if (v->type == VIT_TV_STR) {
		d->indent = vit_tval_text(*v);
		return true;
	}
	if (!vit_tpl_is_int(v))
		return VIT_TPL_FAIL(d->e, "can't multiply sequence by non-int of type '%s'",
				    vit_tpl_type_name(v));
	int64_t n = vit_tpl_int(v);
	if (n > 1000)
		return vit_tpl_stop(d->e, VIT_TEMPLATE_LIMIT, "an indentation of more than 1,000");
	char *spaces = vit_tpl_alloc(d->e, n > 0 ? (size_t)n : 0, 1);
	if (!spaces)
		return false;
	if (n > 0)
		memset(spaces, ' ', (size_t)n);
	d->indent = (struct vit_str){ spaces, n > 0 ? (size_t)n : 0 };
	return true;
}

static bool separators(struct dump *d, const struct vit_tval *v)
{
	const struct vit_tval *items;
	uint32_t n;
	if (!v || v->type == VIT_TV_NONE)
		return true;
	if (!vit_tpl_to_items(d->e, v, &items, &n))
		return false;
	if (n != 2 || items[0].type != VIT_TV_STR || items[1].type != VIT_TV_STR)
		return VIT_TPL_FAIL(d->e, "separators must be two strings");
	d->item = vit_tval_text(items[0]);
	d->key = vit_tval_text(items[1]);
	return true;
}

static bool tojson(struct vit_tpl_eval *e, const struct vit_tval *on,
		   const struct vit_tval *const *arg, struct vit_tval *out)
{
	struct vit_buf b;
	struct dump d = { .e = e, .b = &b, .indent = VIT_STR_EMPTY, .item = VIT_STR(", "),
			  .key = VIT_STR(": ") };
	d.ascii = arg[0] && vit_tpl_truth(arg[0]);
	d.sort = arg[3] && vit_tpl_truth(arg[3]);
	if (!indentation(&d, arg[1]))
		return false;
	if (d.indented)
		d.item = VIT_STR(",");
	if (!separators(&d, arg[2]))
		return false;
	vit_tpl_buf(e, &b);
	if (!value(&d, on, 0)) {
		vit_buf_release(&b);
		return false;
	}
	return vit_tpl_take_str(e, &b, out);
}

const struct vit_tpl_filter vit_tpl_json_filters[] = {
	{ "tojson", "ensure_ascii,indent,separators,sort_keys", 0, tojson, NULL },
	{ NULL, NULL, 0, NULL, NULL },
};
