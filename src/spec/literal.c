/* Values written in specs against values of the configuration. */
#include "base/num.h"
#include "spec/body.h"

static bool list_matches(const struct vit_lit *l, const struct vit_json *v)
{
	if (v->kind != VIT_JSON_K_ARRAY || v->count != l->count)
		return false;
	for (uint32_t i = 0; i < l->count; i++)
		if (!vit_lit_matches(&l->items[i], &v->children[i]))
			return false;
	return true;
}

/* The members that the spec names; others may stand beside them. */
static bool map_matches(const struct vit_lit *l, const struct vit_json *v)
{
	if (v->kind != VIT_JSON_K_OBJECT)
		return false;
	for (uint32_t i = 0; i < l->count; i++)
		if (!vit_lit_matches(&l->items[i], vit_json_get(v, l->items[i].key)))
			return false;
	return true;
}

bool vit_lit_matches(const struct vit_lit *l, const struct vit_json *v)
{
	struct vit_value a, b = vit_value_of_json(v);

	switch (l->kind) {
	case VIT_LIT_NULL:
		return vit_json_is_null(v);
	case VIT_LIT_BOOL:
		return b.kind == VIT_V_BOOL && b.u.boolean == l->boolean;
	case VIT_LIT_INT:
		a = (struct vit_value){ .kind = VIT_V_INT, .u.i64 = l->i64 };
		return vit_value_equal(&a, &b);
	case VIT_LIT_DOUBLE:
		a = (struct vit_value){ .kind = VIT_V_DOUBLE, .u.number = l->number };
		return vit_value_equal(&a, &b);
	case VIT_LIT_STRING:
		return b.kind == VIT_V_STRING && vit_str_eq(b.u.text, l->text);
	case VIT_LIT_LIST:
		return v && list_matches(l, v);
	case VIT_LIT_MAP:
		return v && map_matches(l, v);
	}
	return false;
}

static void items_text(struct vit_buf *out, const struct vit_lit *l, char open, char close)
{
	vit_buf_putc(out, open);
	for (uint32_t i = 0; i < l->count; i++) {
		if (i)
			vit_buf_puts(out, ", ");
		if (l->kind == VIT_LIT_MAP)
			vit_buf_printf(out, "%.*s: ", VIT_FMT(l->items[i].key));
		vit_lit_text(out, &l->items[i]);
	}
	vit_buf_putc(out, close);
}

void vit_lit_text(struct vit_buf *out, const struct vit_lit *l)
{
	char num[VIT_FMT_NUM];

	switch (l->kind) {
	case VIT_LIT_NULL:
		vit_buf_puts(out, "null");
		break;
	case VIT_LIT_BOOL:
		vit_buf_puts(out, l->boolean ? "true" : "false");
		break;
	case VIT_LIT_INT:
		vit_buf_puts(out, vit_fmt_i64(l->i64, num));
		break;
	case VIT_LIT_DOUBLE:
		vit_buf_printf(out, "%.12g", l->number);
		break;
	case VIT_LIT_STRING:
		vit_buf_printf(out, "\"%.*s\"", VIT_FMT(l->text));
		break;
	case VIT_LIT_LIST:
		items_text(out, l, '[', ']');
		break;
	case VIT_LIT_MAP:
		items_text(out, l, '{', '}');
		break;
	}
}
