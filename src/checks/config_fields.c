#include <math.h>

#include "checks/config.h"

/* ---- two spellings ------------------------------------------------------------------ */

static struct vit_str plain_dtype(const struct vit_json *v)
{
	struct vit_str s = vit_json_string(v), prefix = VIT_STR("torch.");

	return vit_str_starts(s, prefix) ? vit_str_sub(s, prefix.n, s.n) : s;
}

static void check_dtype(const struct vit_document *d, const struct vit_json *o, struct vit_eval *ev)
{
	const struct vit_json *now = vit_json_get_c(o, "dtype"),
			      *old = vit_json_get_c(o, "torch_dtype");
	struct vit_str a = plain_dtype(now), b = plain_dtype(old);

	if (a.n == 0 || b.n == 0 || vit_str_eq(a, b))
		return;
	struct vit_finding *r = vit_config_fail(ev, VIT_CK_config_dtype_spellings, d, old);
	r->where.pointer = VIT_STR("/torch_dtype");
	r->message = vit_eval_text(ev, "dtype is %.*s, but torch_dtype is %.*s.", VIT_FMT(a),
				   VIT_FMT(b));
	r->expected = a;
	r->actual = b;
}

static void fail_rope(const struct vit_document *d, const struct vit_json *old,
		      struct vit_str old_name, const struct vit_json *now, struct vit_str key,
		      struct vit_eval *ev)
{
	struct vit_finding *r = vit_config_fail(ev, VIT_CK_config_rope_spellings, d, old);

	r->where.pointer = vit_eval_text(ev, "/%.*s", VIT_FMT(old_name));
	r->expected = vit_config_brief(ev, now);
	r->actual = vit_config_brief(ev, old);
	r->message =
		vit_eval_text(ev, "rope_parameters.%.*s is %.*s, but %.*s is %.*s.", VIT_FMT(key),
			      VIT_FMT(r->expected), VIT_FMT(old_name), VIT_FMT(r->actual));
}

static bool is_number(const struct vit_json *v)
{
	return v && v->kind == VIT_JSON_K_NUMBER;
}

static bool same_number(const struct vit_json *a, const struct vit_json *b)
{
	return fabs(a->number - b->number) <= 1e-12 * fabs(a->number);
}

/* Of a model with several kinds of layer rope_parameters has one object a kind. */
static bool any_kind_has(const struct vit_json *now, const struct vit_json *theta)
{
	for (uint32_t i = 0; i < now->count; i++) {
		const struct vit_json *v = vit_json_get_c(&now->children[i], "rope_theta");
		if (is_number(v) && same_number(v, theta))
			return true;
	}
	return false;
}

static struct vit_str rope_type(const struct vit_json *o)
{
	struct vit_str s = vit_json_string(vit_json_get_c(o, "rope_type"));

	if (s.n == 0)
		s = vit_json_string(vit_json_get_c(o, "type"));
	return vit_str_is(s, "su") ? VIT_STR("longrope") : s; /* its name before it was published */
}

static void check_scaling(const struct vit_document *d, const struct vit_json *old,
			  const struct vit_json *now, struct vit_eval *ev)
{
	struct vit_str a = rope_type(now), b = rope_type(old);
	bool plain = a.n == 0 || vit_str_is(a, "default");

	if (old->kind == VIT_JSON_K_NULL) {
		if (!plain)
			fail_rope(d, old, VIT_STR("rope_scaling"), vit_json_get_c(now, "rope_type"),
				  VIT_STR("rope_type"), ev);
		return;
	}
	if (old->kind != VIT_JSON_K_OBJECT)
		return;
	if (a.n && b.n && !vit_str_eq(a, b))
		fail_rope(d, old, VIT_STR("rope_scaling"), vit_json_get_c(now, "rope_type"),
			  VIT_STR("rope_type"), ev);
	for (uint32_t i = 0; i < old->count; i++) {
		const struct vit_json *x = &old->children[i], *y = vit_json_get(now, x->key);
		if (!is_number(x) || !is_number(y) || same_number(x, y))
			continue;
		struct vit_str name = vit_eval_text(ev, "rope_scaling.%.*s", VIT_FMT(x->key));
		fail_rope(d, x, name, y, x->key, ev);
	}
}

static void check_rope(const struct vit_document *d, const struct vit_json *o, struct vit_eval *ev)
{
	const struct vit_json *now = vit_json_get_c(o, "rope_parameters");
	const struct vit_json *theta = vit_json_get_c(o, "rope_theta");
	const struct vit_json *old = vit_json_get_c(o, "rope_scaling");

	if (!now || now->kind != VIT_JSON_K_OBJECT)
		return;
	const struct vit_json *inner = vit_json_get_c(now, "rope_theta");
	bool by_kind = now->count > 0 && now->children[0].kind == VIT_JSON_K_OBJECT;

	if (is_number(theta) && is_number(inner) && !same_number(theta, inner))
		fail_rope(d, theta, VIT_STR("rope_theta"), inner, VIT_STR("rope_theta"), ev);
	else if (is_number(theta) && by_kind && !any_kind_has(now, theta))
		fail_rope(d, theta, VIT_STR("rope_theta"), &now->children[0], now->children[0].key,
			  ev);
	if (old && !by_kind)
		check_scaling(d, old, now, ev);
}

void vit_config_check_spellings(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_config *k = &c->facts->config;

	if (vit_config_need(c, ev, VIT_CK_config_dtype_spellings)) {
		check_dtype(&k->config, k->root, ev);
		if (k->text != k->root)
			check_dtype(&k->config, k->text, ev);
	}
	if (vit_config_need(c, ev, VIT_CK_config_rope_spellings)) {
		check_rope(&k->config, k->root, ev);
		if (k->text != k->root)
			check_rope(&k->config, k->text, ev);
	}
}

/* ---- generation_config.json ------------------------------------------------------------ */

enum type { ID, IDS, INTEGER, NUMBER, BOOLEAN, TEXT };

static bool is_integer(const struct vit_json *v)
{
	return v->kind == VIT_JSON_K_NUMBER && (v->flags & VIT_JSON_INTEGER) != 0;
}

static bool has_type(const struct vit_json *v, enum type type)
{
	switch (type) {
	case ID:
	case INTEGER:
		return is_integer(v);
	case IDS:
		if (v->kind != VIT_JSON_K_ARRAY)
			return is_integer(v);
		for (uint32_t i = 0; i < v->count; i++)
			if (!is_integer(&v->children[i]))
				return false;
		return true;
	case NUMBER:
		return v->kind == VIT_JSON_K_NUMBER;
	case BOOLEAN:
		return v->kind == VIT_JSON_K_BOOL;
	case TEXT:
		return v->kind == VIT_JSON_K_STRING;
	}
	return true;
}

/* transformers 4.46-5.0, generation/configuration_utils.py. null is allowed everywhere. */
void vit_config_check_generation(const struct vit_case *c, struct vit_eval *ev)
{
	static const struct {
		const char *key;
		enum type type;
		const char *expected;
	} fields[] = {
		{ "bos_token_id", ID, "an integer" },
		{ "pad_token_id", ID, "an integer" },
		{ "eos_token_id", IDS, "an integer or a list of integers" },
		{ "decoder_start_token_id", IDS, "an integer or a list of integers" },
		{ "forced_bos_token_id", ID, "an integer" },
		{ "forced_eos_token_id", IDS, "an integer or a list of integers" },
		{ "max_length", INTEGER, "an integer" },
		{ "max_new_tokens", INTEGER, "an integer" },
		{ "min_length", INTEGER, "an integer" },
		{ "num_beams", INTEGER, "an integer" },
		{ "top_k", INTEGER, "an integer" },
		{ "temperature", NUMBER, "a number" },
		{ "top_p", NUMBER, "a number" },
		{ "min_p", NUMBER, "a number" },
		{ "typical_p", NUMBER, "a number" },
		{ "repetition_penalty", NUMBER, "a number" },
		{ "length_penalty", NUMBER, "a number" },
		{ "do_sample", BOOLEAN, "true or false" },
		{ "use_cache", BOOLEAN, "true or false" },
		{ "transformers_version", TEXT, "a string" },
	};
	const struct vit_document *d = &c->facts->config.generation;
	const struct vit_json *o = vit_document_object(d);

	if (!o && d->state == VIT_DOC_UNREADABLE)
		vit_eval_unknown(ev, VIT_CK_config_generation_invalid, "%s", d->err.msg);
	else if (!o)
		vit_eval_not_applicable(ev, VIT_CK_config_generation_invalid,
					"there is no generation_config.json to look at");
	for (size_t i = 0; o && i < sizeof fields / sizeof *fields; i++) {
		const struct vit_json *v = vit_json_get_c(o, fields[i].key);
		if (vit_json_is_null(v) || has_type(v, fields[i].type))
			continue;
		struct vit_finding *r = vit_config_fail(ev, VIT_CK_config_generation_invalid, d, v);
		r->where.pointer = vit_eval_text(ev, "/%s", fields[i].key);
		r->message = vit_eval_text(ev, "%s is not %s.", fields[i].key, fields[i].expected);
		r->expected = vit_str_c(fields[i].expected);
		r->actual = vit_config_brief(ev, v);
	}
}
