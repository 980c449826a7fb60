/* forward: the operations of a model, names resolved to slots. */
#include <stdlib.h>

#include "spec/load.h"

#define MAX_ROWS  400
#define MAX_SLOTS 500
#define MAX_DEPTH 6

static const char *const op_names[VIT_FWD_OP_COUNT] = {
	[VIT_FWD_BEGIN] = "begin",
	[VIT_FWD_END] = "end",
	[VIT_FWD_RMS_NORM] = "rms_norm",
	[VIT_FWD_LAYER_NORM] = "layer_norm",
	[VIT_FWD_LINEAR] = "linear",
	[VIT_FWD_ROPE] = "rope",
	[VIT_FWD_ATTENTION] = "attention",
	[VIT_FWD_ACT] = "act",
	[VIT_FWD_MUL] = "mul",
	[VIT_FWD_ADD] = "add",
	[VIT_FWD_SCALE] = "scale",
	[VIT_FWD_DROPOUT] = "dropout",
	[VIT_FWD_SPLIT] = "split",
	[VIT_FWD_CAT] = "cat",
	[VIT_FWD_REPEAT] = "repeat",
	[VIT_FWD_COPY] = "copy",
	[VIT_FWD_ALIAS] = "alias",
	[VIT_FWD_CACHE] = "cache",
	[VIT_FWD_ROUTER] = "router",
	[VIT_FWD_EXPERTS] = "experts",
	[VIT_FWD_WEIGHT] = "weight",
};

const char *vit_fwd_op_name(enum vit_fwd_op op)
{
	return op < VIT_FWD_OP_COUNT ? op_names[op] : "";
}

static const char *const key_names[VIT_FWD_KEY_COUNT] = {
	[VIT_FWD_IN] = "in",
	[VIT_FWD_OUT] = "out",
	[VIT_FWD_BIAS] = "bias",
	[VIT_FWD_WIDTH] = "width",
	[VIT_FWD_GROUPS] = "groups",
	[VIT_FWD_HEADS] = "heads",
	[VIT_FWD_KV_HEADS] = "kv_heads",
	[VIT_FWD_DIM] = "dim",
	[VIT_FWD_VALUE_DIM] = "value_dim",
	[VIT_FWD_WINDOW] = "window",
	[VIT_FWD_SOFTCAP] = "softcap",
	[VIT_FWD_SINKS] = "sinks",
	[VIT_FWD_ROTARY] = "rotary",
	[VIT_FWD_EXPERTS_KEY] = "experts",
	[VIT_FWD_PER_TOKEN] = "per_token",
	[VIT_FWD_INNER] = "inner",
	[VIT_FWD_RENORM] = "renorm",
	[VIT_FWD_DROP] = "drop",
	[VIT_FWD_SIZE] = "size",
	[VIT_FWD_COPIES] = "copies",
	[VIT_FWD_MATH] = "math",
	[VIT_FWD_ADAPTED] = "adapted",
	[VIT_FWD_TRANSPOSED] = "transposed",
};

#define K(k) (UINT32_C(1) << VIT_FWD_##k)
/* Which sizes an operation must and may have, and how many values it takes and gives. */
static const struct op_rule {
	uint32_t must, may;
	uint8_t of_min, of_max, to_min, to_max;
} rules[VIT_FWD_OP_COUNT] = {
	[VIT_FWD_RMS_NORM] = { K(WIDTH), K(GROUPS), 1, 1, 1, 1 },
	[VIT_FWD_LAYER_NORM] = { K(WIDTH), K(BIAS), 1, 1, 1, 1 },
	[VIT_FWD_LINEAR] = { K(IN) | K(OUT), K(BIAS) | K(TRANSPOSED), 1, 1, 1, 1 },
	[VIT_FWD_ROPE] = { K(DIM), K(ROTARY), 1, 2, 1, 2 },
	[VIT_FWD_ATTENTION] = { K(HEADS) | K(DIM),
				K(KV_HEADS) | K(VALUE_DIM) | K(WINDOW) | K(SOFTCAP) | K(SINKS) |
					K(DROP) | K(COPIES) | K(MATH),
				3, 3, 1, 1 },
	[VIT_FWD_ACT] = { 0, 0, 1, 1, 1, 1 },
	[VIT_FWD_MUL] = { 0, 0, 2, 2, 1, 1 },
	[VIT_FWD_ADD] = { 0, 0, 2, 3, 1, 1 },
	[VIT_FWD_SCALE] = { 0, 0, 1, 1, 1, 1 },
	[VIT_FWD_DROPOUT] = { K(DROP), 0, 1, 1, 1, 1 },
	[VIT_FWD_SPLIT] = { K(SIZE), 0, 1, 1, 2, 3 },
	[VIT_FWD_CAT] = { K(SIZE), 0, 1, 2, 1, 1 },
	[VIT_FWD_REPEAT] = { K(SIZE), 0, 1, 1, 1, 1 },
	[VIT_FWD_COPY] = { 0, 0, 1, 1, 1, 1 },
	[VIT_FWD_ALIAS] = { 0, 0, 1, 1, 1, 1 },
	[VIT_FWD_CACHE] = { 0, 0, 2, 2, 2, 2 },
	[VIT_FWD_ROUTER] = { K(IN) | K(EXPERTS_KEY) | K(PER_TOKEN),
			     K(BIAS) | K(RENORM) | K(ADAPTED), 1, 1, 1, 1 },
	[VIT_FWD_EXPERTS] = { K(IN) | K(INNER) | K(EXPERTS_KEY) | K(PER_TOKEN),
			      K(BIAS) | K(ADAPTED), 2, 2, 1, 1 },
	[VIT_FWD_WEIGHT] = { K(SIZE), 0, 0, 0, 0, 0 },
};
#undef K

struct scope {
	struct vit_str name;
	uint16_t slot;
	unsigned depth;
};

struct build {
	struct vit_loader *l;
	struct vit_vec rows; /* struct vit_fwd_item */
	struct scope names[MAX_SLOTS];
	uint32_t name_count, slots;
	unsigned depth;
};

static uint16_t find(const struct build *b, struct vit_str name, bool here)
{
	for (uint32_t i = b->name_count; i > 0; i--)
		if ((!here || b->names[i - 1].depth == b->depth) &&
		    vit_str_eq(b->names[i - 1].name, name))
			return b->names[i - 1].slot;
	return VIT_FWD_NONE;
}

static bool bind(struct build *b, const struct vit_yaml *n, struct vit_str name, uint16_t *out)
{
	*out = find(b, name, true);
	if (*out != VIT_FWD_NONE)
		return true;
	if (b->slots == MAX_SLOTS)
		return vit_load_fail_at(b->l, n, "more than 500 names in `forward`");
	*out = (uint16_t)b->slots++;
	b->names[b->name_count++] = (struct scope){ name, *out, b->depth };
	return true;
}

/* Names that begin with _ and those in `ends` are gone after the row. */
static bool load_ends(struct build *b, const struct vit_yaml *n, const struct vit_str *of,
		      uint32_t count, struct vit_fwd_row *row)
{
	const struct vit_yaml *ends = vit_yaml_get(n, "ends");
	const struct vit_str *names = NULL;
	uint32_t many = 0;

	if (ends && !vit_load_texts(b->l, ends, &names, &many))
		return false;
	for (uint32_t i = 0; i < count; i++)
		row->of_temporary[i] = of[i].n && of[i].p[0] == '_';
	for (uint32_t k = 0; k < many; k++) {
		uint32_t i = 0;

		while (i < count && !vit_str_eq(of[i], names[k]))
			i++;
		if (i == count)
			return vit_load_fail(b->l, ends->line, ends->column,
					     "`ends` names a value that the row does not use");
		row->of_temporary[i] = true;
	}
	return true;
}

static bool load_uses(struct build *b, const struct vit_yaml *n, struct vit_fwd_row *row,
		      const struct op_rule *rule)
{
	const struct vit_yaml *of = vit_yaml_get(n, "of");
	const struct vit_str *names = NULL;
	uint32_t count = 0;

	if (of && !vit_load_texts(b->l, of, &names, &count))
		return false;
	if (count < rule->of_min || count > rule->of_max)
		return vit_load_fail(b->l, n->line, n->column, "%s takes %u values in `of`",
				     op_names[row->op], rule->of_min);
	row->of_count = (uint8_t)count;
	if (!load_ends(b, n, names, count, row))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		row->of[i] = find(b, names[i], false);
		if (row->of[i] == VIT_FWD_NONE)
			return vit_load_fail(b->l, of->line, of->column,
					     "no value \"%.*s\" before this row",
					     VIT_FMT(names[i]));
	}
	return true;
}

static bool load_results(struct build *b, const struct vit_yaml *n, struct vit_fwd_row *row,
			 const struct op_rule *rule)
{
	const struct vit_yaml *to = vit_yaml_get(n, "to");
	const struct vit_str *names = NULL;
	uint32_t count = 0;

	if (to && !vit_load_texts(b->l, to, &names, &count))
		return false;
	if (count < rule->to_min || count > rule->to_max)
		return vit_load_fail(b->l, n->line, n->column, "%s gives %u values in `to`",
				     op_names[row->op], rule->to_min);
	row->to_count = (uint8_t)count;
	for (uint32_t i = 0; i < count; i++)
		if (!bind(b, to, names[i], &row->to[i]))
			return false;
	return true;
}

static bool load_sizes(struct build *b, const struct vit_yaml *n, struct vit_fwd_item *item,
		       const struct op_rule *rule)
{
	for (uint32_t k = 0; k < VIT_FWD_KEY_COUNT; k++) {
		const struct vit_yaml *v = vit_yaml_get(n, key_names[k]);
		uint32_t bit = UINT32_C(1) << k;

		if (!v && (rule->must & bit))
			return vit_load_fail(b->l, n->line, n->column, "%s needs `%s`",
					     op_names[item->row.op], key_names[k]);
		if (v && !((rule->must | rule->may) & bit))
			return vit_load_fail(b->l, v->key_line, v->key_column, "%s has no `%s`",
					     op_names[item->row.op], key_names[k]);
		if (!vit_load_expr(b->l, v, &item->expr[k]))
			return false;
	}
	return true;
}

static bool find_op(struct vit_loader *l, const struct vit_yaml *n, enum vit_fwd_op *out)
{
	const struct vit_yaml *op = vit_yaml_get(n, "op");

	if (!op || op->kind != VIT_YAML_SCALAR)
		return vit_load_fail_at(l, n, "a row needs `op`, or `rows` and `gives`");
	for (int i = VIT_FWD_RMS_NORM; i < VIT_FWD_OP_COUNT; i++)
		if (vit_str_is(op->text, op_names[i])) {
			*out = (enum vit_fwd_op)i;
			return true;
		}
	return vit_load_fail(l, op->line, op->column, "no operation \"%.*s\"", VIT_FMT(op->text));
}

static struct vit_fwd_item *add_row(struct build *b, const struct vit_yaml *n)
{
	if (b->rows.count == MAX_ROWS) {
		vit_load_fail_at(b->l, n, "more than 400 rows in `forward`");
		return NULL;
	}
	return vit_vec_add(&b->rows);
}

static bool load_row(struct build *b, const struct vit_yaml *n)
{
	static const char *const keys[] = {
		"op",       "of",        "to",         "ends",   "name",    "style",  "kind",
		"when",     "in",        "out",        "bias",   "width",   "groups", "heads",
		"kv_heads", "dim",       "value_dim",  "window", "softcap", "sinks",  "rotary",
		"experts",  "per_token", "inner",      "renorm", "drop",    "size",   "copies",
		"math",     "adapted",   "transposed", NULL,
	};
	const struct vit_yaml *name = vit_yaml_get(n, "name"), *style = vit_yaml_get(n, "style");
	struct vit_fwd_item item = { .skip = 0 };
	struct vit_fwd_item *slot;

	if (!vit_load_keys(b->l, n, keys) || !find_op(b->l, n, &item.row.op))
		return false;
	if (!load_uses(b, n, &item.row, &rules[item.row.op]) ||
	    !load_results(b, n, &item.row, &rules[item.row.op]) ||
	    !load_sizes(b, n, &item, &rules[item.row.op]) ||
	    (name && !vit_load_text(b->l, name, &item.row.name)) ||
	    (style && !vit_load_text(b->l, style, &item.row.style)) ||
	    !vit_load_expr(b->l, vit_yaml_get(n, "kind"), &item.kind) ||
	    !vit_load_expr(b->l, vit_yaml_get(n, "when"), &item.when))
		return false;
	slot = add_row(b, n);
	if (!slot)
		return false;
	*slot = item;
	return true;
}

static bool load_rows(struct build *b, const struct vit_yaml *list);

/* A call: its names end with it, but the one it gives. */
static bool load_block(struct build *b, const struct vit_yaml *n)
{
	static const char *const keys[] = { "rows", "gives", "to", "when", NULL };
	const struct vit_yaml *gives = vit_yaml_get(n, "gives"), *to = vit_yaml_get(n, "to");
	struct vit_fwd_item *begin, *end;
	size_t at = b->rows.count;
	uint32_t names = b->name_count, first = b->slots, last;
	struct vit_str inner, outer;
	uint16_t from, into;

	if (!vit_load_keys(b->l, n, keys))
		return false;
	if (!gives || !to)
		return vit_load_fail_at(b->l, n, "a block needs `gives` and `to`");
	if (b->depth == MAX_DEPTH)
		return vit_load_fail_at(b->l, n, "blocks nested deeper than 6");
	begin = add_row(b, n);
	if (!begin || !vit_load_text(b->l, gives, &inner) || !vit_load_text(b->l, to, &outer))
		return false;
	begin->row.op = VIT_FWD_BEGIN;
	if (!vit_load_expr(b->l, vit_yaml_get(n, "when"), &begin->when))
		return false;
	b->depth++;
	if (!load_rows(b, vit_yaml_get(n, "rows")))
		return false;
	from = find(b, inner, true);
	b->depth--;
	b->name_count = names;
	if (from == VIT_FWD_NONE)
		return vit_load_fail_at(b->l, gives, "the block binds no such name");
	last = b->slots;
	end = add_row(b, n);
	if (!end || !bind(b, to, outer, &into))
		return false;
	end->row.op = VIT_FWD_END;
	end->row.of[0] = from;
	end->row.to[0] = into;
	end->row.of_count = end->row.to_count = 1;
	end->row.first = (uint16_t)first;
	end->row.last = (uint16_t)last;
	begin = vit_vec_at(&b->rows, at);
	begin->skip = (uint32_t)(b->rows.count - at);
	return true;
}

static bool load_rows(struct build *b, const struct vit_yaml *list)
{
	if (!vit_load_kind(b->l, list, VIT_YAML_SEQUENCE))
		return false;
	for (uint32_t i = 0; i < list->count; i++) {
		const struct vit_yaml *n = &list->children[i];

		if (vit_yaml_get(n, "rows") ? !load_block(b, n) : !load_row(b, n))
			return false;
	}
	return true;
}

/* One of the three lists: x in, x out. */
static bool load_list(struct vit_loader *l, const struct vit_yaml *n, struct vit_fwd_items *out,
		      uint32_t *slots)
{
	struct vit_vec none = VIT_VEC(sizeof(struct vit_fwd_item));
	struct build *b = vit_xcalloc(1, sizeof(*b));
	size_t count;
	uint16_t x;
	bool ok;

	b->l = l;
	b->rows = none;
	ok = !n || (bind(b, n, VIT_STR("x"), &x) && load_rows(b, n));
	out->items = vit_vec_take(&b->rows, l->arena, &count);
	out->count = (uint32_t)count;
	if (b->slots > *slots)
		*slots = b->slots;
	free(b);
	return ok;
}

bool vit_load_forward(struct vit_loader *l, const struct vit_yaml *doc)
{
	static const char *const keys[] = {
		"hidden",    "vocab",          "layers",        "tied",
		"positions", "rope",           "rotary",        "rope_float32",
		"head_bias", "logits_softcap", "logits_scaled", "measured",
		"embed",     "layer",          "final",         NULL,
	};
	const struct vit_yaml *n = vit_yaml_get(doc, "forward");
	struct vit_fwd_body *f;

	if (!n)
		return true;
	if (!vit_load_keys(l, n, keys))
		return false;
	for (size_t i = 0; i < 3; i++)
		if (!vit_yaml_get(n, keys[i]))
			return vit_load_fail(l, n->line, n->column, "`forward` needs `%s`",
					     keys[i]);
	if (!vit_yaml_get(n, "layer") || !vit_yaml_get(n, "final"))
		return vit_load_fail_at(l, n, "`forward` needs `layer` and `final`");
	f = VIT_NEW(l->arena, struct vit_fwd_body);
	f->layer_var = vit_symbols_var(&l->symbols, VIT_STR("l"));
	l->body->forward = f;
	return vit_load_expr(l, vit_yaml_get(n, "hidden"), &f->hidden) &&
	       vit_load_expr(l, vit_yaml_get(n, "vocab"), &f->vocab) &&
	       vit_load_expr(l, vit_yaml_get(n, "layers"), &f->layers) &&
	       vit_load_expr(l, vit_yaml_get(n, "tied"), &f->tied) &&
	       vit_load_expr(l, vit_yaml_get(n, "positions"), &f->positions) &&
	       vit_load_expr(l, vit_yaml_get(n, "rope"), &f->rope) &&
	       vit_load_expr(l, vit_yaml_get(n, "rotary"), &f->rotary) &&
	       vit_load_expr(l, vit_yaml_get(n, "rope_float32"), &f->rope_float32) &&
	       vit_load_expr(l, vit_yaml_get(n, "head_bias"), &f->head_bias) &&
	       vit_load_expr(l, vit_yaml_get(n, "logits_softcap"), &f->logits_softcap) &&
	       vit_load_expr(l, vit_yaml_get(n, "logits_scaled"), &f->logits_scaled) &&
	       vit_load_expr(l, vit_yaml_get(n, "measured"), &f->measured) &&
	       load_list(l, vit_yaml_get(n, "embed"), &f->embed, &f->slots) &&
	       load_list(l, vit_yaml_get(n, "layer"), &f->layer, &f->slots) &&
	       load_list(l, vit_yaml_get(n, "final"), &f->final, &f->slots);
}
