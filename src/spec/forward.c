/* forward: rows with their sizes, for one configuration. */
#include <stdlib.h>

#include "spec/arch.h"
#include "spec/forward.h"

#define MAX_LAYERS 1000

struct evaluation {
	struct vit_arena *arena;
	struct vit_env env;
	struct vit_str *why;
};

static bool fault(struct evaluation *e, const char *what)
{
	*e->why = e->env.fault_text.n
			  ? vit_arena_printf(e->arena, "%s: %.*s", what, VIT_FMT(e->env.fault_text))
			  : vit_arena_printf(e->arena, "%s cannot be evaluated", what);
	return false;
}

static bool size_of(struct evaluation *e, const struct vit_expr *expr, const char *what,
		    uint64_t *out)
{
	struct vit_value v;

	*out = 0;
	if (!expr)
		return true;
	if (!vit_expr_eval(&e->env, expr, &v))
		return fault(e, what);
	switch (v.kind) {
	case VIT_V_NULL:
		return true;
	case VIT_V_BOOL:
		*out = v.u.boolean;
		return true;
	case VIT_V_INT:
		*out = (uint64_t)v.u.i64;
		return v.u.i64 >= 0 ? true : fault(e, what);
	case VIT_V_DOUBLE:
		*out = v.u.number >= 1 && v.u.number < 1e15 ? (uint64_t)v.u.number : v.u.number > 0;
		return v.u.number >= 0 ? true : fault(e, what);
	case VIT_V_STRING:
	case VIT_V_JSON:
	case VIT_V_SIZES:
		break;
	}
	return fault(e, what);
}

/* A fraction in millionths. */
static bool fraction_of(struct evaluation *e, const struct vit_expr *expr, const char *what,
			uint64_t *out)
{
	struct vit_value v;
	double f;

	if (!vit_expr_eval(&e->env, expr, &v) || (v.kind != VIT_V_DOUBLE && v.kind != VIT_V_INT))
		return fault(e, what);
	f = v.kind == VIT_V_INT ? (double)v.u.i64 : v.u.number;
	if (!(f >= 0 && f <= 1))
		return fault(e, what);
	*out = (uint64_t)(f * 1e6 + 0.5);
	return true;
}

static bool flag_of(struct evaluation *e, const struct vit_expr *expr, const char *what, bool *out)
{
	uint64_t n;

	if (!size_of(e, expr, what, &n))
		return false;
	*out = n != 0;
	return true;
}

static bool evaluate_row(struct evaluation *e, const struct vit_fwd_item *item,
			 struct vit_fwd_row *out)
{
	struct vit_value v;

	*out = item->row;
	for (uint32_t k = 0; k < VIT_FWD_KEY_COUNT; k++) {
		if (!item->expr[k])
			continue;
		if (k == VIT_FWD_ROTARY
			    ? !fraction_of(e, item->expr[k], "rotary", &out->value[k])
			    : !size_of(e, item->expr[k], vit_fwd_op_name(out->op), &out->value[k]))
			return false;
		out->known |= UINT32_C(1) << k;
	}
	if (!item->kind)
		return true;
	if (!vit_expr_eval(&e->env, item->kind, &v) || v.kind != VIT_V_STRING)
		return fault(e, "kind of an activation");
	out->kind = vit_arena_str(e->arena, v.u.text);
	return true;
}

static bool evaluate_rows(struct evaluation *e, const struct vit_fwd_items *items,
			  struct vit_fwd_rows *out)
{
	struct vit_fwd_row *rows = VIT_NEW_ARRAY(e->arena, items->count, struct vit_fwd_row);
	uint32_t n = 0;

	for (uint32_t i = 0; i < items->count; i++) {
		const struct vit_fwd_item *item = &items->items[i];
		bool holds = true;

		if (item->when && !vit_expr_truth(&e->env, item->when, &holds))
			return fault(e, "a condition of `forward`");
		if (!holds) {
			i += item->skip ? item->skip - 1 : 0;
			continue;
		}
		if (!evaluate_row(e, item, &rows[n++]))
			return false;
	}
	out->rows = rows;
	out->count = n;
	return true;
}

static bool depends_on(const struct vit_fwd_items *items, uint32_t var)
{
	uint32_t bit = var < VIT_MAX_VARS ? UINT32_C(1) << var : 0;

	for (uint32_t i = 0; i < items->count; i++) {
		const struct vit_fwd_item *item = &items->items[i];

		if ((item->when && item->when->vars & bit) ||
		    (item->kind && item->kind->vars & bit))
			return true;
		for (uint32_t k = 0; k < VIT_FWD_KEY_COUNT; k++)
			if (item->expr[k] && item->expr[k]->vars & bit)
				return true;
	}
	return false;
}

static bool same_rows(const struct vit_fwd_rows *a, const struct vit_fwd_rows *b)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++) {
		const struct vit_fwd_row *x = &a->rows[i], *y = &b->rows[i];

		if (x->op != y->op || x->known != y->known || !vit_str_eq(x->kind, y->kind) ||
		    memcmp(x->value, y->value, sizeof(x->value)) != 0 ||
		    memcmp(x->to, y->to, sizeof(x->to)) != 0)
			return false;
	}
	return true;
}

/* Layers that came out alike share their rows, so that few need memory. */
static bool evaluate_layers(struct evaluation *e, const struct vit_fwd_body *f,
			    struct vit_forward *out)
{
	struct vit_fwd_rows *all = VIT_NEW_ARRAY(e->arena, out->layers, struct vit_fwd_rows);
	bool each = depends_on(&f->layer, f->layer_var);

	for (uint64_t i = 0; i < out->layers; i++) {
		struct vit_value v = { .kind = VIT_V_INT, .u.i64 = (int64_t)i };

		if (i > 0 && !each) {
			all[i] = all[0];
			continue;
		}
		if (f->layer_var < VIT_MAX_VARS)
			vit_env_bind(&e->env, f->layer_var, v);
		if (!evaluate_rows(e, &f->layer, &all[i]))
			return false;
		for (uint64_t k = i > 8 ? i - 8 : 0; k < i; k++)
			if (same_rows(&all[k], &all[i])) {
				all[i] = all[k];
				break;
			}
	}
	out->layer = all;
	return true;
}

static bool evaluate(struct evaluation *e, const struct vit_fwd_body *f, struct vit_forward *out)
{
	if (!size_of(e, f->hidden, "hidden", &out->hidden) ||
	    !size_of(e, f->vocab, "vocab", &out->vocab) ||
	    !size_of(e, f->layers, "layers", &out->layers) ||
	    !size_of(e, f->positions, "positions", &out->positions) ||
	    !size_of(e, f->rope, "rope", &out->rope) || !flag_of(e, f->tied, "tied", &out->tied) ||
	    !flag_of(e, f->rope_float32, "rope_float32", &out->rope_float32) ||
	    !flag_of(e, f->head_bias, "head_bias", &out->head_bias) ||
	    !flag_of(e, f->logits_softcap, "logits_softcap", &out->logits_softcap) ||
	    !flag_of(e, f->logits_scaled, "logits_scaled", &out->logits_scaled) ||
	    !flag_of(e, f->measured, "measured", &out->measured))
		return false;
	if (out->layers > MAX_LAYERS || !out->hidden || !out->vocab) {
		*e->why = VIT_STR("the sizes of the configuration are out of bounds");
		return false;
	}
	if (f->rotary) {
		uint64_t millionths;

		if (!fraction_of(e, f->rotary, "rotary", &millionths))
			return false;
		out->rope = out->rope > UINT32_MAX ? 0 : out->rope * millionths / 1000000;
	}
	out->slots = f->slots;
	return evaluate_rows(e, &f->embed, &out->embed) &&
	       evaluate_rows(e, &f->final, &out->final) && evaluate_layers(e, f, out);
}

bool vit_forward_evaluate(struct vit_arena *a, const struct vit_spec_db *db,
			  const struct vit_spec *family, const struct vit_json *config,
			  struct vit_forward *out, struct vit_str *why)
{
	struct evaluation e = { .arena = a, .why = why };

	*out = (struct vit_forward){ .hidden = 0 };
	*why = VIT_STR_EMPTY;
	if (family && db && !family->body)
		family = vit_spec_whole(db, family);
	if (!family || !family->body || !family->body->forward) {
		*why = family ? vit_arena_printf(a,
						 "the spec of %.*s does not say what its "
						 "layers do",
						 VIT_FMT(family->id))
			      : VIT_STR("no spec for this kind of model");
		return false;
	}
	vit_env_init(&e.env, a, &family->body->names, config, NULL);
	vit_env_roots(&e.env, family->body);
	return evaluate(&e, family->body->forward, out);
}
