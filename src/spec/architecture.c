#include "spec/architecture.h"

#include <stdlib.h>

#include "spec/arch.h"

/* Values that a pin or the user's requirements fix. */
static void check_pin_values(struct vit_held *h, const struct vit_spec *forced)
{
	const struct vit_spec *with_values = forced ? forced : h->out->model;
	struct vit_env env;

	if (!with_values || !with_values->body->value_count || !h->in->config)
		return;
	vit_env_init(&env, h->arena, &with_values->body->names, h->in->config,
		     h->in->quantization);
	vit_env_roots(&env, with_values->body);
	vit_values_check(h, &env, with_values);
}

/* Fields and rules of the family, of the user's spec on top of it, and of the pin. */
static void check_fields(struct vit_held *h, const struct vit_spec *forced)
{
	const struct vit_spec *rules = h->out->family;
	struct vit_env env;

	if (forced && forced->kind != VIT_SPEC_OVERLAY)
		rules = forced;
	else if (h->out->model)
		rules = h->out->model;
	if (rules && h->in->config) {
		vit_env_init(&env, h->arena, &rules->body->names, h->in->config,
			     h->in->quantization);
		vit_env_roots(&env, rules->body);
		vit_config_check(h, &env, rules->body);
	}
	if (h->out->overlay && h->in->quantization)
		vit_config_check(h, &h->quant, h->out->overlay->body);
	check_pin_values(h, forced);
}

static void take_totals(struct vit_held *h)
{
	struct vit_totals totals;

	vit_totals_compute(&h->env, h->out->family->body, &totals);
	h->out->total_known = totals.known;
	h->out->total = totals.total;
	h->out->active_known = totals.active_known;
	h->out->active = totals.active;
	h->out->experts = totals.experts;
	h->out->experts_per_token = totals.per_token;
	h->out->expected_count = totals.expected;
	h->incomplete = totals.endless;
}

static void coverage(struct vit_held *h)
{
	struct vit_architecture *out = h->out;

	if (!out->family)
		out->coverage_note = out->family_reason;
	else if (!h->in->config)
		out->coverage_note = VIT_STR("there is no configuration");
	else if (out->overlay_reason.n)
		out->coverage_note = out->overlay_reason;
	else if (h->incomplete || h->env.fault != VIT_EF_NONE)
		out->coverage_note = h->env.fault_text.n ? h->env.fault_text
							 : VIT_STR("a size is not known");
	else if (!out->family->body->item_count)
		out->coverage_note = VIT_STR("the spec lists no tensors");
	else
		out->shapes_covered = true;
}

static void publish(struct vit_held *h)
{
	size_t count;

	h->out->fields = vit_vec_take(&h->fields, h->arena, &count);
	h->out->field_count = (uint32_t)count;
	vit_vec_free(&h->origins);
	h->out->problems = vit_vec_take(&h->problems, h->arena, &count);
	h->out->problem_count = (uint32_t)count;
}

static void resolve_model(struct vit_held *h, const struct vit_spec *forced)
{
	struct vit_architecture *out = h->out;

	vit_match_family(h, forced);
	vit_match_overlay(h);
	if (out->family) {
		vit_env_init(&h->env, h->arena, &out->family->body->names, h->in->config,
			     h->in->quantization);
		vit_env_roots(&h->env, out->family->body);
	}
	out->overlay_packs = out->overlay && out->overlay->body->form_count > 0;
	if (out->overlay)
		vit_env_init(&h->quant, h->arena, &out->overlay->body->names, h->in->config,
			     h->in->quantization);
	vit_pin_choose(h, forced);
	check_fields(h, forced);
	if (out->family && h->in->config) {
		take_totals(h);
		vit_compare(h);
		coverage(h);
		vit_fields_mark_sizes(h, &h->env);
		vit_fault_report(h, &h->env);
		vit_report_values(h, out->family->body);
	} else {
		if (out->family) {
			out->family = NULL;
			out->family_reason = VIT_STR("there is no configuration");
		}
		vit_compare(h);
		coverage(h);
	}
}

void vit_architecture_resolve(struct vit_arena *a, const struct vit_spec_db *db,
			      const struct vit_spec *forced, const struct vit_arch_input *in,
			      struct vit_architecture *out)
{
	static const struct vit_architecture blank;
	struct vit_held *h = vit_xcalloc(1, sizeof(*h));

	*out = blank;
	out->family_reason = out->overlay_reason = out->revision = VIT_STR_EMPTY;
	out->coverage_note = VIT_STR_EMPTY;
	*h = (struct vit_held){
		.arena = a, .db = db, .in = in, .out = out,
		.fields = VIT_VEC(sizeof(struct vit_field_problem)),
		.origins = VIT_VEC(sizeof(struct vit_origin)),
		.problems = VIT_VEC(sizeof(struct vit_tensor_problem)),
	};
	if (in->adapter)
		vit_adapter_resolve(h);
	else
		resolve_model(h, forced);
	publish(h);
	free(h);
}

struct each {
	bool (*fn)(void *ctx, const struct vit_expected *e);
	void *ctx;
};

static bool each_visit(void *ctx, const struct vit_want *w)
{
	struct each *each = ctx;
	struct vit_expected e = {
		.name = w->name, .rank = w->rank, .role = w->role, .counts = w->counts,
		.optional = w->optional,
	};

	for (uint32_t i = 0; i < w->rank; i++)
		e.shape[i] = w->shape[i];
	return each->fn(each->ctx, &e);
}

bool vit_architecture_each(const struct vit_spec *family, const struct vit_json *config,
			   bool (*fn)(void *ctx, const struct vit_expected *e), void *ctx)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_expand *x = vit_xcalloc(1, sizeof(*x));
	struct each each = { fn, ctx };
	struct vit_env env;
	bool ok;

	vit_env_init(&env, a, &family->body->names, config, NULL);
	vit_env_roots(&env, family->body);
	vit_expand_init(x, family->body, &env);
	x->visit = each_visit;
	x->ctx = &each;
	ok = vit_expand_run(x) && !x->incomplete && env.fault == VIT_EF_NONE;
	free(x);
	vit_arena_free(a);
	return ok;
}
