/* Parameters by the configuration alone. */
#include <stdlib.h>

#include "base/num.h"
#include "spec/arch.h"

struct tally {
	struct vit_totals *out;
	uint64_t routed, embedding;
	bool ok;
};

static bool add(struct tally *t, uint64_t *sum, uint64_t n)
{
	if (vit_add_u64(*sum, n, sum))
		return true;
	t->ok = false;
	t->out->note = VIT_STR("more than 2^64 parameters");
	return false;
}

static bool visit(void *ctx, const struct vit_want *w)
{
	struct tally *t = ctx;

	if (!w->optional)
		t->out->expected++;
	if (w->optional || !w->counts)
		return true;
	if (!w->elements_known) {
		t->ok = false;
		return true;
	}
	if (w->role == VIT_ROLE_EXPERT && !add(t, &t->routed, w->elements))
		return false;
	if (w->role == VIT_ROLE_EMBEDDING && !add(t, &t->embedding, w->elements))
		return false;
	return add(t, &t->out->total, w->elements);
}

static bool positive(struct vit_env *env, const struct vit_expr *e, uint64_t *out)
{
	return e && vit_expr_size(env, e, out) && *out > 0;
}

/* The chosen experts' share; their sizes are equal, so it divides. */
static bool chosen(const struct tally *t, uint64_t *out)
{
	uint64_t each = t->routed / t->out->experts;

	return t->routed % t->out->experts == 0 && vit_mul_u64(each, t->out->per_token, out);
}

static void active(struct vit_env *env, const struct vit_spec_body *body, struct tally *t)
{
	struct vit_totals *out = t->out;
	struct vit_value tied;
	bool mixture = body->experts != NULL;
	uint64_t used;

	/* What is missing here concerns no tensor: it leaves no fault behind. */
	if (mixture && body->moe_when && !vit_expr_truth(env, body->moe_when, &mixture))
		return;
	if (!mixture || !positive(env, body->experts, &out->experts) ||
	    !positive(env, body->per_token, &out->per_token) || out->per_token > out->experts)
		return;
	if (!t->ok || !chosen(t, &used))
		return;
	tied = vit_report_value(env, body, "tied");
	out->active = out->total - t->routed + used;
	if (!(tied.kind == VIT_V_BOOL && tied.u.boolean))
		out->active -= t->embedding;
	out->active_known = true;
}

void vit_totals_compute(struct vit_env *env, const struct vit_spec_body *body,
			struct vit_totals *out)
{
	struct vit_expand *x = vit_xcalloc(1, sizeof(*x));
	struct tally t = { .out = out, .ok = true };
	bool whole;

	*out = (struct vit_totals){ .note = VIT_STR_EMPTY };
	vit_expand_init(x, body, env);
	x->visit = visit;
	x->ctx = &t;
	x->nameless = true;
	whole = vit_expand_run(x) && !x->incomplete;
	out->endless = x->stop && t.ok;
	free(x);
	t.ok = t.ok && whole && body->item_count > 0;
	if (!t.ok && !out->note.n)
		out->note = env->fault != VIT_EF_NONE ? env->fault_text
						      : VIT_STR("a size is not known");
	out->known = t.ok;
	if (env->fault == VIT_EF_NONE) {
		active(env, body, &t);
		vit_env_clear_fault(env);
	}
	if (!t.ok)
		out->total = 0;
}
