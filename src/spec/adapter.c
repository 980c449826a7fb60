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
#define FEW 20000u            /* tensors of the base that tell whether a spelling fits */

struct adapter {
	struct vit_cmp c;
	const struct vit_spec_body *body;
	const struct vit_json *targets, *to_save, *rank_pattern;
	bool all_linear;
	bool loose;               /* targets are chosen in a way that only PEFT can follow */
	bool any_name;            /* parameters beside modules: names cannot be foreseen */
	bool variant;             /* a variant whose inner sizes are others */
	/* How the base's names are spelled in the adapter: without the first parts, with others. */
	unsigned cut;
	struct vit_str insert;
	char stem[VIT_MAX_NAME];
	uint64_t hits;            /* of a trial: tensors found beside modules */
	uint32_t left;            /* likewise: tensors of the base that it may still see */
	bool seen[VIT_ROLE_COUNT];/* some module of that role has an adapter */
	struct vit_map patterns;  /* the base's modules with every number as '#' */
	bool undecided;           /* modules that the base's spec does not name */
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

/* Experts, routers and towers may be held in memory in another layout than they are
 * stored in, or not be loaded: they are expected when one of them has an adapter. */
static bool is_sure(const struct adapter *ad, enum vit_role role)
{
	return ad->seen[role] || role == VIT_ROLE_ATTENTION || role == VIT_ROLE_MLP ||
	       role == VIT_ROLE_SHARED_EXPERT || role == VIT_ROLE_EMBEDDING ||
	       role == VIT_ROLE_HEAD;
}

static bool is_target(const struct adapter *ad, struct vit_str stem, const struct vit_want *w)
{
	if (!ad->all_linear)
		return in_list(ad->targets, stem) && is_sure(ad, w->role);
	return ad->seen[w->role] && w->rank == 2 &&
	       (w->role == VIT_ROLE_ATTENTION || w->role == VIT_ROLE_MLP ||
		w->role == VIT_ROLE_SHARED_EXPERT);
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

/* Set to something: neither absent, null, false nor empty. */
static bool is_set(const struct vit_json *config, const char *key)
{
	const struct vit_json *v = vit_json_get_c(config, key);

	if (vit_json_is_null(v))
		return false;
	return v->kind == VIT_JSON_K_NUMBER || v->count || v->string.n || v->boolean;
}

static bool is_variant(const struct vit_json *config)
{
	static const char *const keys[] = {
		"use_qalora", "use_bdlora", "velora_config", "monteclora_config",
		"arrow_config", "kasa_config", "layer_replication", "megatron_config",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (is_set(config, keys[i]))
			return true;
	return false;
}

static void read_config(struct adapter *ad, const struct vit_json *config)
{
	ad->targets = vit_json_get_c(config, "target_modules");
	ad->to_save = vit_json_get_c(config, "modules_to_save");
	ad->rank_pattern = vit_json_get_c(config, "rank_pattern");
	ad->rank = vit_json_int(vit_json_get_c(config, "r"), 0);
	ad->all_linear = vit_str_is(vit_json_string(ad->targets), "all-linear");
	ad->variant = is_variant(config);
	ad->any_name = ad->variant || is_set(config, "target_parameters");
	ad->loose = ad->any_name || is_set(config, "exclude_modules") ||
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
	if (ad->variant || !base || !base->shape_known || base->rank != 2 ||
	    base->shape[0] > INT64_MAX || base->shape[1] > INT64_MAX)
		return;
	bind_int(env, VIT_AD_IN, base->shape[1]);
	/* The vocabulary may have been enlarged for the adapter. */
	if (base->role != VIT_ROLE_EMBEDDING && base->role != VIT_ROLE_HEAD)
		bind_int(env, VIT_AD_OUT, base->shape[0]);
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

static uint32_t count_present(struct adapter *ad, enum vit_role role)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < ad->body->extra_count; i++) {
		struct vit_str name;

		if (ad->body->extras[i].optional != 1 &&
		    item_applies(ad, &ad->body->extras[i], role, &name) &&
		    vit_cmp_find(&ad->c, name) != VIT_MAP_NONE)
			count++;
	}
	return count;
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

/* The name of a base's tensor as the adapter spells it; false when it is too long. */
static bool respell(struct adapter *ad, struct vit_str name, struct vit_str *out)
{
	struct vit_str rest = name, part;

	for (unsigned i = 0; i < ad->cut; i++)
		if (!vit_str_split(&rest, '.', &part))
			return false;
	if (rest.n + ad->insert.n > sizeof(ad->stem))
		return false;
	if (ad->insert.n)
		memcpy(ad->stem, ad->insert.p, ad->insert.n);
	memcpy(ad->stem + ad->insert.n, rest.p, rest.n);
	*out = (struct vit_str){ ad->stem, ad->insert.n + rest.n };
	return rest.n > 0;
}

/* A base tensor that is saved whole beside the adapter. */
static void take_saved(struct adapter *ad, const struct vit_want *base, struct vit_str spelled)
{
	struct vit_want w = *base;
	bool needed = !base->optional && !ad->loose && is_sure(ad, base->role);
	size_t n = sizeof(PREFIX) - 1;
	uint32_t row;

	if (spelled.n > sizeof(ad->c.name) - n)
		return;
	memcpy(ad->c.name, PREFIX, n);
	memcpy(ad->c.name + n, spelled.p, spelled.n);
	w.name = (struct vit_str){ ad->c.name, n + spelled.n };
	row = vit_cmp_find(&ad->c, w.name);
	w.role = VIT_ROLE_ADAPTER;
	if (base->role == VIT_ROLE_EMBEDDING || base->role == VIT_ROLE_HEAD)
		w.any |= 1; /* the vocabulary may have been enlarged */
	if (needed)
		ad->c.h->out->expected_count++;
	/* The shape's text is about the base: its expressions are read in its environment. */
	if (row != VIT_MAP_NONE)
		vit_cmp_take(&ad->c, &ad->c.h->quant, &w, row, true);
	else if (needed)
		vit_cmp_missing(&ad->c, w.name, &ad->c.h->quant, &w);
	ad->total_ok = ad->total_ok && base->elements_known && !w.any &&
		       (base->optional || vit_add_u64(ad->total, base->elements, &ad->total));
}

/* "m.layers.12.q" to "m.layers.#.q". */
static struct vit_str pattern_of(struct vit_str stem, char *buf, size_t size)
{
	struct vit_str rest = stem, part;
	size_t n = 0;
	uint64_t number;

	while (vit_str_split(&rest, '.', &part)) {
		if (vit_parse_u64(part, &number))
			part = VIT_STR("#");
		if (part.n + 1 > size - n)
			break;
		memcpy(buf + n, part.p, part.n);
		n += part.n;
		buf[n++] = '.';
	}
	return (struct vit_str){ buf, n };
}

static void note_pattern(struct adapter *ad, struct vit_str stem)
{
	struct vit_str p = pattern_of(stem, ad->c.name, sizeof(ad->c.name));

	if (vit_map_get(&ad->patterns, p) == VIT_MAP_NONE)
		vit_map_set(&ad->patterns, vit_arena_str(ad->c.h->arena, p), 0);
}

static bool is_module(const struct vit_want *w)
{
	return vit_str_ends(w->name, VIT_STR(".weight")) && w->rank >= 2;
}

/* A trial of a spelling. */
static bool visit_trial(void *ctx, const struct vit_want *w)
{
	struct adapter *ad = ctx;
	struct vit_str stem;
	uint32_t found;

	if (ad->left-- == 0)
		return false;
	if (!is_module(w) || !respell(ad, w->name, &stem))
		return true;
	bind_module(ad, vit_str_sub(stem, 0, vit_str_rchr(stem, '.')), w);
	found = count_present(ad, w->role);
	ad->hits += found;
	ad->seen[w->role] = ad->seen[w->role] || found;
	return true;
}

static bool visit_base(void *ctx, const struct vit_want *w)
{
	struct adapter *ad = ctx;
	struct vit_str name, stem;
	size_t dot;
	bool target, present;

	if (!respell(ad, w->name, &name))
		return true;
	dot = vit_str_rchr(name, '.');
	stem = vit_str_sub(name, 0, dot < name.n ? dot : 0);
	if (is_saved(ad, stem)) {
		take_saved(ad, w, name);
		return true;
	}
	if (!is_module(w))
		return true;
	note_pattern(ad, stem);
	bind_module(ad, stem, w);
	target = is_target(ad, stem, w);
	present = count_present(ad, w->role) > 0;
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

/* May the module be one that the base's spec does not describe? Not when it has others
 * of its name, or the configuration does not ask for it. */
static bool may_be_beside(struct adapter *ad, struct vit_str stem)
{
	struct vit_str p = pattern_of(stem, ad->c.name, sizeof(ad->c.name));

	if (vit_map_get(&ad->patterns, p) != VIT_MAP_NONE)
		return false;
	return ad->any_name || !ad->targets || ad->targets->kind != VIT_JSON_K_ARRAY ||
	       in_list(ad->targets, stem);
}

/* Modules that some tensor names: without a base all, else those its spec does not name. */
static void by_presence(struct adapter *ad, bool with_base)
{
	const struct vit_arch_input *in = ad->c.h->in;

	for (uint32_t row = 0; row < in->tensor_count; row++) {
		for (uint32_t i = 0; i < ad->body->extra_count; i++) {
			const struct vit_item *item = &ad->body->extras[i];
			struct vit_str stem;
			enum vit_role role;

			if (ad->c.roles[row] != VIT_UNMATCHED || item->optional == 1 ||
			    !stem_of(&item->name, in->tensors[row].name, &stem) ||
			    (with_base && !may_be_beside(ad, stem)))
				continue;
			ad->undecided = true;
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

/* PEFT saves embeddings whole when the vocabulary was enlarged, without saying so in its
 * configuration, and trained rows of them. */
static bool is_embedding(struct vit_str name)
{
	static const char *const tails[] = { "lm_head.weight", "wte.weight", "embed_out.weight",
					     "shared.weight", "output_layer.weight", "lm_head.bias" };
	struct vit_str last;
	size_t dot;

	if (!vit_str_starts(name, VIT_STR(PREFIX)))
		return false;
	if (vit_str_ends(name, VIT_STR(".trainable_tokens_delta")))
		return true;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		if (names_module(vit_str_c(tails[i]), name))
			return true;
	if (!vit_str_ends(name, VIT_STR(".weight")))
		return false;
	last = vit_str_sub(name, 0, name.n - 7);
	dot = vit_str_rchr(last, '.');
	last = vit_str_sub(last, dot == SIZE_MAX ? 0 : dot + 1, last.n);
	return !vit_str_starts(last, VIT_STR("lora_")) &&
	       vit_str_find(last, VIT_STR("embed"), 0) < last.n;
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
		if (ad->any_name || (t->flags & VIT_T_BAD) || is_embedding(t->name) ||
		    vit_cmp_find(&ad->c, t->name) != row)
			continue;
		p = vit_problem_add(h, VIT_TF_UNEXPECTED, t->name, row);
		if (!p)
			continue;
		p->expected = VIT_STR("no tensor of that name");
		p->actual = vit_describe_sizes(h->arena, t->shape, t->rank);
	}
}

/* Tensors that stand beside a module. */
static uint64_t count_pairs(const struct adapter *ad)
{
	const struct vit_arch_input *in = ad->c.h->in;
	uint64_t count = 0;

	for (uint32_t row = 0; row < in->tensor_count; row++) {
		bool yes = false;

		for (uint32_t i = 0; !yes && i < ad->body->extra_count; i++) {
			struct vit_str stem;

			yes = ad->body->extras[i].optional != 1 &&
			      stem_of(&ad->body->extras[i].name, in->tensors[row].name, &stem);
		}
		count += yes;
	}
	return count;
}

struct spelling {
	const struct vit_scheme *scheme;
	unsigned cut;
	struct vit_str insert;
	uint64_t hits;
};

static void try_spelling(struct adapter *ad, struct vit_expand *x, struct spelling s,
			 uint32_t most, struct spelling *best)
{
	ad->left = most;
	ad->cut = s.cut;
	ad->insert = s.insert;
	ad->hits = 0;
	x->scheme = s.scheme;
	vit_expand_run(x);
	if (ad->hits > best->hits) {
		*best = s;
		best->hits = ad->hits;
	}
}

/* A model in memory may name its modules by other prefixes than its files do: those of
 * the spec, or a part more or less in front. */
static struct spelling choose_spelling(struct adapter *ad, struct vit_expand *x)
{
	static const char *const inserts[] = { "", "model.", "transformer.", "language_model.",
					       "model.language_model.", "base_model." };
	struct spelling best = { .insert = VIT_STR_EMPTY };
	uint64_t all = count_pairs(ad);

	x->visit = visit_trial;
	x->ctx = ad;
	for (uint32_t i = 0; best.hits < all && i <= x->body->scheme_count; i++)
		try_spelling(ad, x, (struct spelling){
			.scheme = i ? &x->body->schemes[i - 1] : NULL, .insert = VIT_STR_EMPTY,
		}, UINT32_MAX, &best);
	for (unsigned cut = 0; best.hits == 0 && all && cut < 3; cut++)
		for (size_t i = 0; best.hits == 0 && i < sizeof(inserts) / sizeof(inserts[0]); i++)
			try_spelling(ad, x, (struct spelling){
				.cut = cut, .insert = vit_str_c(inserts[i]),
			}, FEW, &best);
	if (best.cut || best.insert.n)
		try_spelling(ad, x, best, UINT32_MAX, &best);
	return best;
}

static void expand_base(struct adapter *ad)
{
	struct vit_held *h = ad->c.h;
	const struct vit_spec_body *family = h->out->family->body;
	struct vit_expand *x = vit_xcalloc(1, sizeof(*x));
	struct spelling spelling;

	/* The overlay's place holds the base's names: an adapter has no overlay. */
	vit_env_init(&h->quant, h->arena, &family->names, h->in->base_config, NULL);
	vit_env_roots(&h->quant, family);
	vit_expand_init(x, family, &h->quant);
	spelling = choose_spelling(ad, x);
	ad->cut = spelling.cut;
	ad->insert = spelling.insert;
	x->scheme = spelling.scheme;
	x->visit = visit_base;
	x->incomplete = false;
	h->incomplete = !vit_expand_run(x) || x->incomplete;
	free(x);
	/* An adapter none of whose modules the base has belongs to another base. */
	if (spelling.hits)
		by_presence(ad, true);
}

static void compare(struct adapter *ad, bool with_base)
{
	struct vit_held *h = ad->c.h;
	const struct vit_arch_input *in = h->in;

	ad->c.judge = true;
	ad->c.roles = VIT_NEW_ARRAY(h->arena, in->tensor_count, uint8_t);
	memset(ad->c.roles, VIT_UNMATCHED, in->tensor_count);
	vit_map_init(&ad->c.names, in->tensor_count);
	vit_map_init(&ad->patterns, 64);
	for (uint32_t i = 0; i < in->tensor_count; i++)
		vit_map_set(&ad->c.names, in->tensors[i].name, i);
	if (with_base)
		expand_base(ad);
	else
		by_presence(ad, false);
	take_optional(ad);
	foreign(ad);
	h->out->tensor_roles = ad->c.roles;
	h->out->stored_known = in->headers_complete && in->tensor_count && !ad->c.unsure;
	vit_map_release(&ad->c.names);
	vit_map_release(&ad->patterns);
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
		out->coverage_note = h->quant.fault_text.n ? h->quant.fault_text
							   : VIT_STR("a size is not known");
	else
		out->shapes_covered = true;
	if (out->shapes_covered && ad->undecided)
		out->coverage_note = VIT_STR("modules that the base's spec does not name were "
					     "held to their ranks alone");
	else if (out->shapes_covered && ad->loose)
		out->coverage_note = VIT_STR("which modules have an adapter is decided by a "
					     "pattern: those that are there were held");
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
