/*
 * PEFT adapters: thin matrices beside the weights of a base model.
 *
 * With the base's configuration every target module is expected in its sizes;
 * without it the modules are those that are there, and only their ranks and
 * their being complete can be told.
 */
#include <stdlib.h>

#include "base/num.h"
#include "spec/compare.h"

#define PREFIX "base_model.model."

struct adapter {
	struct vit_cmp c;
	const struct vit_spec_body *body;
	const struct vit_json *targets, *to_save, *rank_pattern;
	bool all_linear;
	bool loose;               /* targets are chosen in a way that only PEFT can follow */
	bool any_name;            /* parameters beside modules: names cannot be foreseen */
	int64_t rank;             /* `r`, or 0 */
	uint64_t sizes[VIT_MAX_RANK];
	uint64_t total;
	bool total_ok;
};

/* The module's name is the pattern, or ends in it behind a dot. */
static bool names_module(struct vit_str pattern, struct vit_str stem)
{
	if (!vit_str_ends(stem, pattern))
		return false;
	return stem.n == pattern.n || stem.p[stem.n - pattern.n - 1] == '.';
}

static bool in_list(const struct vit_json *list, struct vit_str stem)
{
	for (uint32_t i = 0; list && list->kind == VIT_JSON_K_ARRAY && i < list->count; i++)
		if (list->children[i].kind == VIT_JSON_K_STRING &&
		    names_module(list->children[i].string, stem))
			return true;
	return false;
}

/* A module that is saved whole, or a part of one. */
static bool is_saved(const struct adapter *ad, struct vit_str stem)
{
	while (stem.n) {
		size_t dot = vit_str_rchr(stem, '.');

		if (in_list(ad->to_save, stem))
			return true;
		stem = vit_str_sub(stem, 0, dot < stem.n ? dot : 0);
	}
	return false;
}

static bool is_target(const struct adapter *ad, struct vit_str stem, enum vit_role role)
{
	if (ad->all_linear)
		return role == VIT_ROLE_ATTENTION || role == VIT_ROLE_MLP ||
		       role == VIT_ROLE_SHARED_EXPERT;
	return in_list(ad->targets, stem);
}

static bool is_plain(struct vit_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("\\^$*+?()[]{}|", s.p[i]))
			return false;
	return true;
}

/* The rank of a module; 0 when a pattern decides that is no plain name. */
static int64_t rank_of(const struct adapter *ad, struct vit_str stem)
{
	const struct vit_json *map = ad->rank_pattern;
	int64_t rank = ad->rank;

	for (uint32_t i = 0; map && map->kind == VIT_JSON_K_OBJECT && i < map->count; i++) {
		if (names_module(map->children[i].key, stem))
			return vit_json_int(&map->children[i], 0);
		if (!is_plain(map->children[i].key))
			rank = 0;
	}
	return rank;
}

static void read_config(struct adapter *ad, const struct vit_json *config)
{
	const struct vit_json *exclude = vit_json_get_c(config, "exclude_modules");
	const struct vit_json *parameters = vit_json_get_c(config, "target_parameters");

	ad->targets = vit_json_get_c(config, "target_modules");
	ad->to_save = vit_json_get_c(config, "modules_to_save");
	ad->rank_pattern = vit_json_get_c(config, "rank_pattern");
	ad->rank = vit_json_int(vit_json_get_c(config, "r"), 0);
	ad->all_linear = vit_str_is(vit_json_string(ad->targets), "all-linear");
	ad->any_name = parameters && parameters->count;
	ad->loose = ad->any_name || (exclude && (exclude->count || exclude->string.n)) ||
		    !vit_json_is_null(vit_json_get_c(config, "layers_to_transform")) ||
		    (!ad->all_linear && (!ad->targets || ad->targets->kind != VIT_JSON_K_ARRAY));
}

static void bind_int(struct vit_env *env, uint32_t slot, uint64_t v)
{
	vit_env_bind(env, slot, (struct vit_value){ .kind = VIT_V_INT, .u.i64 = (int64_t)v });
}

/* Binds what is known of a module; the sizes when it is a matrix. */
static void bind_module(struct adapter *ad, struct vit_str stem, const struct vit_want *base)
{
	struct vit_env *env = &ad->c.h->env;
	int64_t rank = rank_of(ad, stem);

	vit_env_bind(env, VIT_AD_STEM,
		     (struct vit_value){ .kind = VIT_V_STRING, .u.text = stem });
	vit_env_unbind(env, VIT_AD_IN);
	vit_env_unbind(env, VIT_AD_OUT);
	vit_env_unbind(env, VIT_AD_R);
	if (rank > 0)
		bind_int(env, VIT_AD_R, (uint64_t)rank);
	if (base && base->shape_known && base->rank == 2 && base->shape[0] <= INT64_MAX &&
	    base->shape[1] <= INT64_MAX) {
		bind_int(env, VIT_AD_OUT, base->shape[0]);
		bind_int(env, VIT_AD_IN, base->shape[1]);
	}
}

/* Sizes that depend on something that is not bound are any. */
static void shape_of(struct adapter *ad, const struct vit_item *item, struct vit_want *w)
{
	struct vit_env *env = &ad->c.h->env;
	const uint32_t engine = (1u << VIT_AD_IN) | (1u << VIT_AD_OUT) | (1u << VIT_AD_R);
	uint64_t elements = 1;

	*w = (struct vit_want){ .item = item, .shape = ad->sizes, .rank = item->rank,
				.shape_known = !item->no_shape, .elements_known = true,
				.role = VIT_ROLE_ADAPTER, .counts = true };
	for (uint32_t i = 0; i < item->rank; i++) {
		const struct vit_expr *e = item->shape[i];

		ad->sizes[i] = 0;
		if (!e || (e->vars & engine & ~env->bound))
			w->any |= UINT32_C(1) << i;
		else if (!vit_expr_size(env, e, &ad->sizes[i]))
			w->shape_known = false;
		else if (!vit_mul_u64(elements, ad->sizes[i], &elements))
			w->shape_known = false;
	}
	w->elements_known = w->shape_known && !w->any;
	w->elements = elements;
}

static bool item_applies(struct adapter *ad, const struct vit_item *item, enum vit_role role,
			 struct vit_str *name)
{
	struct vit_env *env = &ad->c.h->env;
	bool yes = true;
	size_t n = 0;

	if (item->roles && role != VIT_ROLE_COUNT && !(item->roles >> role & 1))
		return false;
	if (item->when && (!vit_expr_truth(env, item->when, &yes) || !yes))
		return false;
	if (!vit_name_build(env, &item->name, ad->c.name, sizeof(ad->c.name), &n))
		return false;
	*name = (struct vit_str){ ad->c.name, n };
	return true;
}

static void take_or_miss(struct adapter *ad, const struct vit_item *item, struct vit_str name,
			 bool needed)
{
	uint32_t row = vit_cmp_find(&ad->c, name);
	struct vit_want w;

	if (row == VIT_MAP_NONE && !needed)
		return;
	shape_of(ad, item, &w);
	w.name = name;
	w.optional = !needed;
	if (needed) {
		ad->c.h->out->expected_count++;
		ad->total_ok = ad->total_ok && w.elements_known &&
			       vit_add_u64(ad->total, w.elements, &ad->total);
	}
	if (row != VIT_MAP_NONE)
		vit_cmp_take(&ad->c, &ad->c.h->env, &w, row, item->counts != 0);
	else
		vit_cmp_missing(&ad->c, name, &ad->c.h->env, &w);
}

static bool any_present(struct adapter *ad, enum vit_role role)
{
	for (uint32_t i = 0; i < ad->body->extra_count; i++) {
		struct vit_str name;

		if (ad->body->extras[i].optional != 1 &&
		    item_applies(ad, &ad->body->extras[i], role, &name) &&
		    vit_cmp_find(&ad->c, name) != VIT_MAP_NONE)
			return true;
	}
	return false;
}

/* Every tensor that stands beside one module; `role` of VIT_ROLE_COUNT: any. */
static void take_module(struct adapter *ad, enum vit_role role, bool needed)
{
	for (uint32_t i = 0; i < ad->body->extra_count; i++) {
		const struct vit_item *item = &ad->body->extras[i];
		struct vit_str name;

		if (item->optional != 1 && item_applies(ad, item, role, &name))
			take_or_miss(ad, item, name, needed);
	}
}

/* A base tensor that is saved whole beside the adapter. */
static void take_saved(struct adapter *ad, const struct vit_want *base)
{
	struct vit_want w = *base;
	uint32_t row;
	size_t n = sizeof(PREFIX) - 1;

	if (base->name.n > sizeof(ad->c.name) - n)
		return;
	memcpy(ad->c.name, PREFIX, n);
	memcpy(ad->c.name + n, base->name.p, base->name.n);
	w.name = (struct vit_str){ ad->c.name, n + base->name.n };
	row = vit_cmp_find(&ad->c, w.name);
	w.role = VIT_ROLE_ADAPTER;
	if (!base->optional)
		ad->c.h->out->expected_count++;
	/* The shape's text is about the base: its expressions are read in its environment. */
	if (row != VIT_MAP_NONE)
		vit_cmp_take(&ad->c, &ad->c.h->quant, &w, row, true);
	else if (!base->optional)
		vit_cmp_missing(&ad->c, w.name, &ad->c.h->quant, &w);
	ad->total_ok = ad->total_ok && base->elements_known &&
		       (base->optional || vit_add_u64(ad->total, base->elements, &ad->total));
}

static bool visit_base(void *ctx, const struct vit_want *w)
{
	struct adapter *ad = ctx;
	struct vit_str stem = w->name;
	size_t dot = vit_str_rchr(stem, '.');
	bool target, present;

	stem = vit_str_sub(stem, 0, dot < stem.n ? dot : 0);
	if (is_saved(ad, stem)) {
		take_saved(ad, w);
		return true;
	}
	if (!vit_str_ends(w->name, VIT_STR(".weight")) || w->rank < 2)
		return true;
	bind_module(ad, stem, w);
	target = is_target(ad, stem, w->role);
	present = any_present(ad, w->role);
	if (present || (target && !ad->loose && !w->optional))
		take_module(ad, w->role, true);
	if (present && !target && !ad->loose && !ad->all_linear)
		ad->total_ok = false;
	return true;
}

/* "base_model.model.{stem}.lora_A.weight" read backwards. */
static bool stem_of(const struct vit_name *name, struct vit_str text, struct vit_str *stem)
{
	struct vit_str before, after;

	if (name->count == 0 || name->count > 2 || !name->parts[0].hole)
		return false;
	before = name->parts[0].literal;
	after = name->count == 2 ? name->parts[1].literal : VIT_STR_EMPTY;
	if (!vit_str_starts(text, before) || !vit_str_ends(text, after) ||
	    text.n <= before.n + after.n)
		return false;
	*stem = vit_str_sub(text, before.n, text.n - after.n);
	return true;
}

/* Modules of an adapter whose base is not known: those that some tensor names. */
static void by_presence(struct adapter *ad)
{
	const struct vit_arch_input *in = ad->c.h->in;

	for (uint32_t row = 0; row < in->tensor_count; row++) {
		for (uint32_t i = 0; i < ad->body->extra_count; i++) {
			const struct vit_item *item = &ad->body->extras[i];
			struct vit_str stem;
			enum vit_role role;

			if (ad->c.roles[row] != VIT_UNMATCHED || item->optional == 1 ||
			    !stem_of(&item->name, in->tensors[row].name, &stem))
				continue;
			bind_module(ad, stem, NULL);
			/* a role that only this kind of tensor stands beside */
			role = item->roles == UINT32_C(1) << VIT_ROLE_EMBEDDING
			       ? VIT_ROLE_EMBEDDING : VIT_ROLE_OTHER;
			take_module(ad, role, true);
		}
	}
}

/* What may be there and is not beside a target: biases, modules saved whole. */
static void take_optional(struct adapter *ad)
{
	const struct vit_arch_input *in = ad->c.h->in;

	for (uint32_t row = 0; row < in->tensor_count; row++) {
		for (uint32_t i = 0; i < ad->body->extra_count; i++) {
			const struct vit_item *item = &ad->body->extras[i];
			struct vit_str stem, name;

			if (ad->c.roles[row] != VIT_UNMATCHED || item->optional != 1 ||
			    !stem_of(&item->name, in->tensors[row].name, &stem) ||
			    vit_str_find(stem, VIT_STR(".lora_"), 0) < stem.n)
				continue;
			bind_module(ad, stem, NULL);
			if (item_applies(ad, item, VIT_ROLE_COUNT, &name))
				take_or_miss(ad, item, name, false);
		}
	}
}

static void foreign(struct adapter *ad)
{
	struct vit_held *h = ad->c.h;

	for (uint32_t row = 0; row < h->in->tensor_count; row++) {
		const struct vit_tensor *t = &h->in->tensors[row];
		struct vit_tensor_problem *p;

		if (ad->c.roles[row] != VIT_UNMATCHED)
			continue;
		ad->c.roles[row] = VIT_ROLE_OTHER;
		if (ad->any_name || (t->flags & VIT_T_BAD) ||
		    vit_cmp_find(&ad->c, t->name) != row)
			continue;
		p = vit_problem_add(h, VIT_TF_UNEXPECTED, t->name, row);
		if (!p)
			continue;
		p->expected = VIT_STR("no tensor of that name");
		p->actual = vit_describe_sizes(h->arena, t->shape, t->rank);
	}
}

/* The spelling of prefixes under which some target is there. */
static void expand_base(struct adapter *ad)
{
	struct vit_held *h = ad->c.h;
	const struct vit_spec_body *family = h->out->family->body;
	struct vit_expand *x = vit_xcalloc(1, sizeof(*x));

	/* The overlay's place holds the base's names: an adapter has no overlay. */
	vit_env_init(&h->quant, h->arena, &family->names, h->in->base_config, NULL);
	vit_env_roots(&h->quant, family);
	vit_expand_init(x, family, &h->quant);
	x->visit = visit_base;
	x->ctx = ad;
	h->incomplete = !vit_expand_run(x) || x->incomplete;
	free(x);
}

static void compare(struct adapter *ad, bool with_base)
{
	struct vit_held *h = ad->c.h;
	const struct vit_arch_input *in = h->in;

	ad->c.judge = true;
	ad->c.roles = VIT_NEW_ARRAY(h->arena, in->tensor_count, uint8_t);
	memset(ad->c.roles, VIT_UNMATCHED, in->tensor_count);
	vit_map_init(&ad->c.names, in->tensor_count);
	for (uint32_t i = 0; i < in->tensor_count; i++)
		vit_map_set(&ad->c.names, in->tensors[i].name, i);
	if (with_base)
		expand_base(ad);
	else
		by_presence(ad);
	take_optional(ad);
	foreign(ad);
	h->out->tensor_roles = ad->c.roles;
	h->out->stored_known = in->headers_complete && in->tensor_count && !ad->c.unsure;
	vit_map_release(&ad->c.names);
}

static void no_spec(struct vit_held *h)
{
	struct vit_str type = vit_json_string(vit_json_get_c(h->in->adapter, "peft_type"));

	h->out->family_reason = type.n
		? vit_arena_printf(h->arena, "no spec for peft_type \"%.*s\"", VIT_FMT(type))
		: VIT_STR("adapter_config.json names no peft_type");
	h->out->coverage_note = h->out->family_reason;
	vit_compare(h);
}

static void coverage(struct adapter *ad, bool with_base)
{
	struct vit_held *h = ad->c.h;
	struct vit_architecture *out = h->out;

	if (!h->in->base_config)
		out->coverage_note = VIT_STR("without --base the sizes of the base model's modules "
					     "are not known");
	else if (!with_base)
		out->coverage_note = VIT_STR("no spec for the base model: the sizes of its modules "
					     "are not known");
	else if (h->incomplete || h->quant.fault != VIT_EF_NONE)
		out->coverage_note = h->quant.fault_text;
	else
		out->shapes_covered = true;
	if (!out->family)
		out->family_reason = out->coverage_note;
	out->total_known = out->shapes_covered && ad->total_ok && !ad->loose && !ad->any_name;
	out->total = out->total_known ? ad->total : 0;
}

void vit_adapter_resolve(struct vit_held *h)
{
	const struct vit_spec *spec = vit_match_adapter(h);
	struct adapter *ad;
	bool with_base;

	h->out->is_adapter = true;
	if (!spec) {
		no_spec(h);
		return;
	}
	h->out->adapter = spec;
	if (h->in->base_config)
		h->out->family = vit_match_base(h->db, h->in->base_config);
	with_base = h->out->family != NULL;
	vit_env_init(&h->env, h->arena, &spec->body->names, h->in->adapter, NULL);
	vit_config_check(h, &h->env, spec->body);
	ad = vit_xcalloc(1, sizeof(*ad));
	ad->c.h = h;
	ad->body = spec->body;
	ad->total_ok = true;
	read_config(ad, h->in->adapter);
	compare(ad, with_base);
	coverage(ad, with_base);
	free(ad);
}
