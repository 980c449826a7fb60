/* Texts about shapes and expressions. */
#include "base/num.h"
#include "spec/arch.h"

static struct vit_str take(struct vit_arena *a, struct vit_buf *text)
{
	struct vit_str s = vit_arena_str(a, vit_buf_view(text));

	vit_buf_release(text);
	return s;
}

static void add_size(struct vit_buf *text, size_t i, uint64_t size, bool any)
{
	char num[VIT_FMT_NUM];

	vit_buf_printf(text, "%s%s", i ? ", " : "", any ? "*" : vit_fmt_u64(size, num));
}

struct vit_str vit_describe_sizes(struct vit_arena *a, const uint64_t *shape, size_t rank)
{
	struct vit_buf text;

	vit_buf_init(&text, 1000);
	vit_buf_putc(&text, '[');
	for (size_t i = 0; i < rank; i++)
		add_size(&text, i, shape[i], false);
	vit_buf_putc(&text, ']');
	return take(a, &text);
}

static bool is_literal(const struct vit_expr *e)
{
	return e->nodes[e->count - 1].op == VIT_OP_INT;
}

/* " with q = num_attention_heads * head_dim = 4,096" for dimensions named in a shape. */
static void add_dimensions(struct vit_buf *text, struct vit_env *env, const struct vit_item *item)
{
	uint32_t told[VIT_MAX_RANK * 4];
	uint32_t count = 0;

	for (uint32_t i = 0; i < item->rank; i++) {
		const struct vit_expr *e = item->shape[i];

		for (uint32_t j = 0; e && j < e->count; j++) {
			uint32_t dim = e->nodes[j].a, k = 0;
			struct vit_value v;

			if (e->nodes[j].op != VIT_OP_DIM)
				continue;
			while (k < count && told[k] != dim)
				k++;
			if (k < count || count == sizeof(told) / sizeof(told[0]))
				continue;
			told[count++] = dim;
			if (!vit_expr_eval(env, env->dimensions[dim].expr, &v))
				continue;
			vit_buf_printf(text, "%s %.*s = %.*s = ", count == 1 ? " with" : ",",
				       VIT_FMT(env->dimensions[dim].name),
				       VIT_FMT(env->dimensions[dim].expr->text));
			vit_value_text(text, &v);
		}
	}
}

struct vit_str vit_describe_expected(struct vit_arena *a, struct vit_env *env,
				     const struct vit_want *w)
{
	const struct vit_item *item = w->item;
	struct vit_buf text;
	bool literal = true;

	vit_buf_init(&text, 2000);
	vit_buf_putc(&text, '[');
	for (uint32_t i = 0; i < w->rank; i++)
		add_size(&text, i, w->shape[i], w->any >> i & 1);
	vit_buf_putc(&text, ']');
	for (uint32_t i = 0; i < item->rank; i++)
		literal = literal && (!item->shape[i] || is_literal(item->shape[i]));
	if (!literal) {
		vit_buf_puts(&text, " = [");
		for (uint32_t i = 0; i < item->rank; i++)
			vit_buf_printf(&text, "%s%.*s", i ? ", " : "",
				       VIT_FMT(item->shape[i] ? item->shape[i]->text
							      : VIT_STR("*")));
		vit_buf_putc(&text, ']');
		add_dimensions(&text, env, item);
	}
	return take(a, &text);
}

struct vit_str vit_describe_dtypes(struct vit_arena *a, vit_dtype_set set)
{
	struct vit_buf text;
	bool first = true;

	vit_buf_init(&text, 400);
	for (unsigned t = 1; t < VIT_DT_COUNT; t++) {
		if (!(set & VIT_DT_BIT(t)))
			continue;
		vit_buf_printf(&text, "%s%s", first ? "" : ", ",
			       vit_dtype_name((enum vit_dtype)t));
		first = false;
	}
	return take(a, &text);
}

struct vit_str vit_describe_inputs(struct vit_arena *a, struct vit_env *env,
				   const struct vit_expr *e)
{
	struct vit_buf text;
	unsigned told = 0;

	vit_buf_init(&text, 1000);
	for (uint32_t i = 0; i < e->count && told < 8; i++) {
		const struct vit_node *n = &e->nodes[i];
		struct vit_expr one = { .nodes = n, .count = 1, .text = e->text };
		struct vit_value v;
		bool seen = false;

		if (n->op != VIT_OP_PATH && n->op != VIT_OP_DIM && n->op != VIT_OP_CLASS)
			continue;
		for (uint32_t j = 0; j < i; j++)
			seen = seen || (e->nodes[j].op == n->op && e->nodes[j].a == n->a);
		if (seen || !vit_expr_eval(env, &one, &v))
			continue;
		vit_buf_printf(&text, "%s%.*s = ", told++ ? ", " : "",
			       VIT_FMT(vit_str_sub(e->text, n->from, n->to)));
		vit_value_text(&text, &v);
	}
	return take(a, &text);
}
