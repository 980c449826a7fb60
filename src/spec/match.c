/* Recognition: which family, overlay and adapter a configuration belongs to. */
#include "base/buf.h"
#include "spec/arch.h"

static bool one_of(const struct vit_match *m, struct vit_str value)
{
	for (uint32_t i = 0; i < m->count; i++)
		if (vit_str_eq(m->values[i], value))
			return true;
	return false;
}

static struct vit_str first_text(const struct vit_json *list)
{
	if (list && list->kind == VIT_JSON_K_ARRAY && list->count)
		return vit_json_string(&list->children[0]);
	return vit_json_string(list);
}

/* model_type of the whole, else of the part that the spec is about. */
static struct vit_str model_type(const struct vit_spec *s, const struct vit_json *config)
{
	struct vit_str type = vit_json_string(vit_json_get_c(config, "model_type"));

	for (uint32_t i = 0; !type.n && i < s->body->root_count; i++)
		type = vit_json_string(vit_json_get_c(vit_json_at(config, s->body->roots[i]),
						      "model_type"));
	return type;
}

bool vit_match_holds(const struct vit_spec *s, const struct vit_json *config)
{
	for (uint32_t i = 0; i < s->body->match_count; i++) {
		const struct vit_match *m = &s->body->match[i];
		struct vit_str value = vit_json_string(vit_json_get(config, m->key));

		if (vit_str_is(m->key, "model_type"))
			value = model_type(s, config);
		else if (vit_str_is(m->key, "architectures"))
			value = first_text(vit_json_get_c(config, "architectures"));
		if (!value.n || !one_of(m, value))
			return false;
	}
	return s->body->match_count > 0;
}

static const struct vit_spec *best(const struct vit_spec_db *db, const struct vit_json *config,
				   bool adapter)
{
	const struct vit_spec *found = NULL;

	for (size_t i = 0; config && i < vit_spec_db_count(db); i++) {
		const struct vit_spec *s = vit_spec_head(db, i);

		if (s->kind != VIT_SPEC_FAMILY || s->body->is_adapter != adapter ||
		    !vit_match_holds(s, config))
			continue;
		if (!found || s->body->match_count > found->body->match_count)
			found = s;
	}
	return found ? vit_spec_whole(db, found) : NULL;
}

const struct vit_spec *vit_match_base(const struct vit_spec_db *db, const struct vit_json *config)
{
	return best(db, config, false);
}

static struct vit_str reason_text(struct vit_held *h, const char *what, struct vit_str value)
{
	return vit_arena_printf(h->arena, "no spec for %s \"%.*s\"", what, VIT_FMT(value));
}

void vit_match_family(struct vit_held *h, const struct vit_spec *forced)
{
	const struct vit_json *config = h->in->config;
	struct vit_str type = vit_json_string(vit_json_get_c(config, "model_type"));
	struct vit_field_problem *p;

	if (forced) {
		h->out->family = vit_spec_family(forced);
		if (!h->out->family) {
			h->out->family = best(h->db, config, false);
		} else if (config && h->out->family->body->match_count &&
			   !vit_match_holds(h->out->family, config)) {
			p = vit_field_add(h, VIT_FIELD_RULE);
			p->field = VIT_STR("model_type");
			p->expected = vit_arena_printf(h->arena, "a configuration of %.*s",
						       VIT_FMT(h->out->family->id));
			p->actual = vit_arena_printf(h->arena, "\"%.*s\"", VIT_FMT(type));
			p->message = vit_arena_printf(
				h->arena, "the configuration is not of the family %.*s that the "
				"spec is about", VIT_FMT(h->out->family->id));
		}
	} else {
		h->out->family = best(h->db, config, false);
	}
	if (h->out->family)
		return;
	if (!config)
		h->out->family_reason = VIT_STR("there is no configuration");
	else if (!type.n)
		h->out->family_reason = VIT_STR("config.json names no model_type");
	else
		h->out->family_reason = reason_text(h, "model_type", type);
}

/* One key of an overlay's match against the quantisation block. */
static bool quant_key_holds(const struct vit_match *m, const struct vit_json *v)
{
	struct vit_buf text;
	bool yes = false;

	if (!v)
		return false;
	if (v->kind == VIT_JSON_K_STRING)
		return one_of(m, v->string);
	vit_buf_init(&text, 64);
	vit_json_brief(&text, v, 40);
	yes = one_of(m, vit_buf_view(&text));
	vit_buf_release(&text);
	return yes;
}

static bool overlay_holds(const struct vit_held *h, const struct vit_spec *s)
{
	for (uint32_t i = 0; i < s->body->match_count; i++) {
		const struct vit_match *m = &s->body->match[i];

		if (vit_str_is(m->key, "quant_method") ? !one_of(m, h->in->quant_method)
		    : !quant_key_holds(m, vit_json_at(h->in->quantization, m->key)))
			return false;
	}
	return s->body->match_count > 0;
}

void vit_match_overlay(struct vit_held *h)
{
	const struct vit_spec *found = NULL;

	if (!h->in->quant_method.n)
		return;
	for (size_t i = 0; i < vit_spec_db_count(h->db); i++) {
		const struct vit_spec *s = vit_spec_head(h->db, i);

		if (s->kind == VIT_SPEC_OVERLAY && overlay_holds(h, s) &&
		    (!found || s->body->match_count > found->body->match_count))
			found = s;
	}
	h->out->overlay = found ? vit_spec_whole(h->db, found) : NULL;
	if (!found)
		h->out->overlay_reason = reason_text(h, "quantisation method",
						     h->in->quant_method);
}

const struct vit_spec *vit_match_adapter(struct vit_held *h)
{
	return best(h->db, h->in->adapter, true);
}

void vit_env_roots(struct vit_env *env, const struct vit_spec_body *body)
{
	for (uint32_t i = 0; i < body->root_count; i++) {
		const struct vit_json *root = vit_json_at(env->top, body->roots[i]);

		if (!root || root->kind != VIT_JSON_K_OBJECT)
			continue;
		env->roots[0] = root;
		env->root_names[0] = body->roots[i];
		env->roots[1] = env->top;
		env->root_names[1] = VIT_STR_EMPTY;
		env->root_count = 2;
		return;
	}
}
