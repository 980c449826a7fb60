/* Weights stored by a quantisation method. */
#include "base/num.h"
#include "spec/compare.h"

/* Optional tensors are looked for beside every weight; most are nowhere in the table. */
static bool ends(struct vit_str name, struct vit_str end)
{
	return end.n == 0 || (name.n >= end.n && name.p[name.n - 1] == end.p[end.n - 1] &&
			      vit_str_ends(name, end));
}

static void find_nowhere(struct vit_cmp *c, const struct vit_item *items, uint32_t count)
{
	const struct vit_arch_input *in = c->h->in;

	for (uint32_t i = 0; i < count; i++) {
		const struct vit_name *name = &items[i].name;
		struct vit_str end = VIT_STR_EMPTY;
		uint32_t row = 0;

		if (items[i].optional != 1 || name->count == 0 ||
		    name->parts[name->count - 1].hole)
			continue;
		end = name->parts[name->count - 1].literal;
		while (row < in->tensor_count && !ends(in->tensors[row].name, end))
			row++;
		c->nowhere[items[i].index] = row == in->tensor_count;
	}
}

void vit_overlay_begin(struct vit_cmp *c, const struct vit_spec *overlay, struct vit_env *env)
{
	c->overlay = overlay->body;
	c->quant = env;
	c->caches = VIT_NEW_ARRAY(env->arena, overlay->body->tensor_count,
				  struct vit_shape_cache);
	c->nowhere = VIT_NEW_ARRAY(env->arena, overlay->body->tensor_count, bool);
	for (uint32_t i = 0; i < c->overlay->form_count; i++)
		find_nowhere(c, c->overlay->forms[i].tensors, c->overlay->forms[i].tensor_count);
	find_nowhere(c, c->overlay->extras, c->overlay->extra_count);
	c->rank = UINT32_MAX;
	c->here = NULL;
}

static void bind_int(struct vit_cmp *c, uint32_t slot, uint64_t v)
{
	struct vit_value value = { .kind = VIT_V_NULL };

	if (v <= INT64_MAX)
		value = (struct vit_value){ .kind = VIT_V_INT, .u.i64 = (int64_t)v };
	vit_env_bind(c->quant, slot, value);
}

/* Binds the sizes of w unless the weight before had the same: then what was
 * computed from them stays valid. */
static void bind_sizes(struct vit_cmp *c, const struct vit_want *w)
{
	uint64_t lead = 1;
	size_t bytes = w->rank * sizeof(w->shape[0]);

	if (c->rank == w->rank && (!bytes || memcmp(c->dims, w->shape, bytes) == 0))
		return;
	if (bytes)
		memcpy(c->dims, w->shape, bytes);
	c->rank = w->rank;
	for (uint32_t i = 0; i + 2 < w->rank; i++)
		if (!vit_mul_u64(lead, w->shape[i], &lead))
			lead = UINT64_MAX;
	bind_int(c, VIT_OV_IN, w->rank ? w->shape[w->rank - 1] : 1);
	bind_int(c, VIT_OV_OUT, w->rank >= 2 ? w->shape[w->rank - 2]
					     : w->rank ? w->shape[0] : 1);
	bind_int(c, VIT_OV_LEAD, lead);
	vit_env_bind(c->quant, VIT_OV_DIMS, (struct vit_value){ .kind = VIT_V_SIZES,
								.count = w->rank,
								.u.sizes = c->dims });
}

/* The module that holds this one. */
static struct vit_str parent(struct vit_str stem)
{
	size_t n = stem.n;

	while (n > 0 && stem.p[n - 1] != '.')
		n--;
	return vit_str_sub(stem, 0, n ? n - 1 : 0);
}

static void bind(struct vit_cmp *c, const struct vit_want *w, struct vit_str stem)
{
	const struct vit_json *here = vit_json_get(c->quant->quant, stem);

	bind_sizes(c, w);
	if (here != c->here || !(c->quant->bound >> VIT_OV_HERE & 1)) {
		c->here = here;
		vit_env_bind(c->quant, VIT_OV_HERE, vit_value_of_json(here));
	}
	vit_env_bind(c->quant, VIT_OV_STEM,
		     (struct vit_value){ .kind = VIT_V_STRING, .u.text = stem });
	vit_env_bind(c->quant, VIT_OV_PARENT,
		     (struct vit_value){ .kind = VIT_V_STRING, .u.text = parent(stem) });
}

/* Binds the variables when the form is one for w. */
static bool form_applies(struct vit_cmp *c, const struct vit_weight_form *f,
			 const struct vit_want *w)
{
	bool yes = true;

	if (!w->shape_known || w->any || !(f->ranks >> w->rank & 1) ||
	    (f->roles && !(f->roles >> w->role & 1)) || !vit_str_ends(w->name, f->suffix))
		return false;
	bind(c, w, vit_str_sub(w->name, 0, w->name.n - f->suffix.n));
	return !f->when || (vit_expr_truth(c->quant, f->when, &yes) && yes);
}

static bool item_name(struct vit_cmp *c, const struct vit_item *item, struct vit_str *out)
{
	size_t n = 0;
	bool yes = true;

	if (c->nowhere[item->index] ||
	    (item->when && (!vit_expr_truth(c->quant, item->when, &yes) || !yes)))
		return false;
	if (!vit_name_build(c->quant, &item->name, c->name, sizeof(c->name), &n))
		return false;
	*out = (struct vit_str){ c->name, n };
	return true;
}

static bool dtype_fits(const struct vit_cmp *c, const struct vit_item *item, uint32_t row)
{
	vit_dtype_set set = item->dtypes ? item->dtypes : VIT_DTYPES_PLAIN;

	return set & VIT_DT_BIT(c->h->in->tensors[row].dtype);
}

/* Tensors of a form that are there; those that must be there in *needed. */
static uint32_t form_present(struct vit_cmp *c, const struct vit_weight_form *f,
			     uint32_t *needed)
{
	uint32_t count = 0;

	*needed = 0;
	for (uint32_t i = 0; i < f->tensor_count; i++) {
		struct vit_str name;

		if (f->tensors[i].optional == 1 || !item_name(c, &f->tensors[i], &name))
			continue;
		(*needed)++;
		count += vit_cmp_find(c, name) != VIT_MAP_NONE;
	}
	return count;
}

static bool first_fits(struct vit_cmp *c, const struct vit_weight_form *f)
{
	struct vit_str name;
	uint32_t row;

	for (uint32_t i = 0; i < f->tensor_count; i++) {
		/* the first whose `when` holds */
		if (!item_name(c, &f->tensors[i], &name))
			continue;
		row = vit_cmp_find(c, name);
		return row != VIT_MAP_NONE && dtype_fits(c, &f->tensors[i], row);
	}
	return false;
}

/* The form whose first tensor is there in its dtype; when the weight is not there
 * plainly either, the form most of whose tensors are (one of them was lost). */
static const struct vit_weight_form *choose_form(struct vit_cmp *c, const struct vit_want *w)
{
	const struct vit_weight_form *best = NULL;
	uint32_t most = 0, needed;

	for (uint32_t i = 0; i < c->overlay->form_count; i++) {
		const struct vit_weight_form *f = &c->overlay->forms[i];

		if (form_applies(c, f, w) && first_fits(c, f))
			return f;
	}
	if (vit_cmp_find(c, w->name) != VIT_MAP_NONE)
		return NULL;
	for (uint32_t i = 0; i < c->overlay->form_count; i++) {
		const struct vit_weight_form *f = &c->overlay->forms[i];
		uint32_t present;

		if (!form_applies(c, f, w))
			continue;
		present = form_present(c, f, &needed);
		if (present > most) {
			most = present;
			best = f;
		}
	}
	if (best)
		form_applies(c, best, w); /* binds again */
	return best;
}

bool vit_overlay_present(struct vit_cmp *c, const struct vit_want *w)
{
	uint32_t needed;

	for (uint32_t i = 0; c->overlay && i < c->overlay->form_count; i++)
		if (form_applies(c, &c->overlay->forms[i], w) &&
		    form_present(c, &c->overlay->forms[i], &needed))
			return true;
	return false;
}

/* One tensor of an overlay as an expectation in place of w. */
static void stand_in(struct vit_cmp *c, const struct vit_item *item, const struct vit_want *w,
		     struct vit_str name, struct vit_want *out)
{
	*out = *w;
	vit_shape_eval(c->quant, item, &c->caches[item->index], out);
	out->name = name;
	out->optional = item->optional == 1;
}

bool vit_overlay_take(struct vit_cmp *c, const struct vit_want *w)
{
	const struct vit_weight_form *f = c->overlay ? choose_form(c, w) : NULL;

	if (!f)
		return false;
	c->h->out->packed_weights++;
	for (uint32_t i = 0; i < f->tensor_count; i++) {
		struct vit_want part;
		struct vit_str name;
		uint32_t row;

		if (!item_name(c, &f->tensors[i], &name))
			continue;
		stand_in(c, &f->tensors[i], w, name, &part);
		row = vit_cmp_find(c, name);
		if (row != VIT_MAP_NONE)
			vit_cmp_take(c, c->quant, &part, row, w->counts && !w->optional);
		else if (!part.optional && !w->optional)
			vit_cmp_missing(c, name, c->quant, &part);
	}
	return true;
}

void vit_overlay_extras(struct vit_cmp *c, const struct vit_want *w)
{
	bool beside = false;

	/* Variables are bound by the first form that the weight could have. */
	for (uint32_t i = 0; !beside && i < c->overlay->form_count; i++)
		beside = form_applies(c, &c->overlay->forms[i], w);
	for (uint32_t i = 0; beside && i < c->overlay->extra_count; i++) {
		struct vit_want part;
		struct vit_str name;
		uint32_t row;

		if (!item_name(c, &c->overlay->extras[i], &name))
			continue;
		row = vit_cmp_find(c, name);
		if (row == VIT_MAP_NONE || c->roles[row] != VIT_UNMATCHED)
			continue;
		stand_in(c, &c->overlay->extras[i], w, name, &part);
		vit_cmp_take(c, c->quant, &part, row, false);
	}
}

static bool stored_as(struct vit_cmp *c, const struct vit_want *w)
{
	uint32_t needed;

	for (uint32_t i = 0; i < c->overlay->form_count; i++) {
		const struct vit_weight_form *f = &c->overlay->forms[i];

		if (form_applies(c, f, w) && first_fits(c, f) &&
		    form_present(c, f, &needed) == needed && needed > 1)
			return true;
	}
	return false;
}

/* Few weights are probed: the first that is packed decides. */
void vit_overlay_probe(struct vit_cmp *c, const struct vit_want *w)
{
	if (c->h->out->packed_as || c->overlay || c->h->in->quant_method.n || c->probes++ >= 16)
		return;
	for (size_t i = 0; i < vit_spec_db_count(c->h->db) && !c->h->out->packed_as; i++) {
		const struct vit_spec *s = vit_spec_head(c->h->db, i);
		struct vit_env env;

		if (s->kind != VIT_SPEC_OVERLAY)
			continue;
		s = vit_spec_whole(c->h->db, s);
		vit_env_init(&env, c->h->arena, &s->body->names, c->h->in->config, NULL);
		vit_overlay_begin(c, s, &env);
		if (stored_as(c, w))
			c->h->out->packed_as = s;
		c->overlay = NULL;
		c->quant = NULL;
	}
}
