/* The values of the report's Architecture section, each with its source. */
#include "spec/arch.h"

static const struct {
	const char *key, *label;
} labels[] = {
	{ "layers", "Layers" }, { "hidden_size", "Hidden size" },
	{ "intermediate_size", "Intermediate size" }, { "heads", "Attention heads" },
	{ "kv_heads", "Key-value heads" }, { "head_dim", "Head size" },
	{ "vocab_size", "Vocabulary" }, { "positions", "Positions" },
	{ "sliding_window", "Sliding window" }, { "rope_type", "Rope scaling" },
	{ "rope_factor", "Rope factor" }, { "rope_theta", "Rope theta" },
	{ "experts", "Experts" }, { "experts_per_token", "Experts per token" },
	{ "router_coefficient", "Router coefficient" }, { "tied", "Tied embeddings" },
	{ "expert_intermediate_size", "Intermediate size of an expert" },
	{ "shared_experts", "Shared experts" },
};

/* "kv_lora_rank" as "Kv lora rank", for keys of a spec that are not known here. */
static const char *label_of(struct vit_arena *a, struct vit_str key)
{
	char *text;

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (vit_str_is(key, labels[i].key))
			return labels[i].label;
	text = vit_arena_alloc(a, key.n + 1);
	for (size_t i = 0; i < key.n; i++)
		text[i] = key.p[i] == '_' ? ' ' : key.p[i];
	if (key.n && text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	return text;
}

static bool to_json(const struct vit_value *v, struct vit_json *out)
{
	*out = (struct vit_json){ .kind = VIT_JSON_K_NULL };
	switch (v->kind) {
	case VIT_V_BOOL:
		out->kind = VIT_JSON_K_BOOL;
		out->boolean = v->u.boolean;
		return true;
	case VIT_V_INT:
		out->kind = VIT_JSON_K_NUMBER;
		out->flags = VIT_JSON_INTEGER | VIT_JSON_I64;
		if (v->u.i64 >= 0)
			out->flags |= VIT_JSON_U64;
		out->i64 = v->u.i64;
		out->u64 = (uint64_t)v->u.i64;
		out->number = (double)v->u.i64;
		return true;
	case VIT_V_DOUBLE:
		out->kind = VIT_JSON_K_NUMBER;
		out->number = v->u.number;
		return true;
	case VIT_V_STRING:
		out->kind = VIT_JSON_K_STRING;
		out->string = v->u.text;
		return true;
	case VIT_V_NULL:
	case VIT_V_JSON:
	case VIT_V_SIZES:
		break;
	}
	return false;
}

/* The first configuration path of the expression that is there; a dimension
 * stands for its own expression, one level down. */
static const struct vit_path_cache *first_found(const struct vit_held *h, const struct vit_expr *e)
{
	for (uint32_t i = 0; i < e->count; i++) {
		const struct vit_node *n = &e->nodes[i];
		const struct vit_expr *inner = n->op == VIT_OP_DIM ? h->env.dimensions[n->a].expr : NULL;

		if (n->op == VIT_OP_PATH && h->env.path_cache[n->a].found)
			return &h->env.path_cache[n->a];
		for (uint32_t k = 0; inner && k < inner->count; k++) {
			const struct vit_node *m = &inner->nodes[k];
			if (m->op == VIT_OP_PATH && h->env.path_cache[m->a].found)
				return &h->env.path_cache[m->a];
		}
	}
	return NULL;
}

/* The one place a value was read from, or that it was computed. */
static struct vit_str source_of(struct vit_held *h, const struct vit_expr *e)
{
	const struct vit_path_cache *used = NULL;
	const struct vit_node *root = &e->nodes[e->count - 1];

	while (root->op == VIT_OP_DIM) {
		e = h->env.dimensions[root->a].expr;
		root = &e->nodes[e->count - 1];
	}
	/* a ?? b: the first that is there */
	used = first_found(h, e);
	if (root->op == VIT_OP_PATH)
		used = &h->env.path_cache[root->a];
	if ((root->op == VIT_OP_PATH || root->op == VIT_OP_ELSE) && used && used->found)
		return vit_arena_printf(h->arena, "config.json %.*s", VIT_FMT(used->where));
	if (root->op == VIT_OP_PATH || (root->op == VIT_OP_ELSE && !used))
		return VIT_STR("default of the class");
	return vit_arena_printf(h->arena, "computed: %.*s", VIT_FMT(e->text));
}

/* The last row of that key: a spec that extends another may replace its rows. */
static const struct vit_report_row *find_row(const struct vit_spec_body *body,
					     struct vit_str key)
{
	for (uint32_t i = body->report_count; i > 0; i--)
		if (vit_str_eq(body->report[i - 1].key, key))
			return &body->report[i - 1];
	return NULL;
}

struct vit_value vit_report_value(struct vit_env *env, const struct vit_spec_body *body,
				  const char *key)
{
	const struct vit_report_row *row = find_row(body, vit_str_c(key));
	struct vit_value v = { .kind = VIT_V_NULL };

	if (row && !vit_expr_eval(env, row->expr, &v))
		v.kind = VIT_V_NULL;
	return v;
}

void vit_report_values(struct vit_held *h, const struct vit_spec_body *body)
{
	struct vit_arch_value *rows =
		VIT_NEW_ARRAY(h->arena, body->report_count, struct vit_arch_value);
	uint32_t count = 0;

	for (uint32_t i = 0; i < body->report_count; i++) {
		const struct vit_report_row *row = &body->report[i];
		struct vit_value v;

		if (find_row(body, row->key) != row || !vit_expr_eval(&h->env, row->expr, &v) ||
		    !to_json(&v, &rows[count].value))
			continue;
		rows[count].key = row->key.p;
		rows[count].label = label_of(h->arena, row->key);
		rows[count].source = source_of(h, row->expr);
		if (vit_str_is(row->key, "layers") && v.kind == VIT_V_INT && v.u.i64 > 0)
			h->out->layers = (uint64_t)v.u.i64;
		count++;
	}
	h->out->values = rows;
	h->out->value_count = count;
}
