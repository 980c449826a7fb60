/* Expected tensors against the tensor table. */
#include "spec/compare.h"

#include <stdlib.h>

#include "base/num.h"

uint32_t vit_cmp_find(struct vit_cmp *c, struct vit_str name)
{
	uint32_t row;

	if (name.n == c->last_n && name.n && memcmp(name.p, c->last, name.n) == 0)
		return c->last_row;
	row = vit_map_get(&c->names, name);
	c->last_n = 0;
	if (name.n && name.n <= sizeof(c->last)) {
		memcpy(c->last, name.p, name.n);
		c->last_n = name.n;
		c->last_row = row;
	}
	return row;
}

struct vit_tensor_problem *vit_problem_add(struct vit_held *h, enum vit_tensor_fault fault,
					   struct vit_str name, uint32_t row)
{
	struct vit_tensor_problem *p;

	h->out->problem_totals[fault]++;
	if (h->problems.count >= VIT_MAX_PROBLEMS)
		return NULL;
	p = vit_vec_add(&h->problems);
	p->fault = fault;
	p->name = vit_arena_str(h->arena, name);
	p->tensor = row;
	p->shard = row == UINT32_MAX ? UINT32_MAX : h->in->tensors[row].shard;
	p->expected = p->actual = VIT_STR_EMPTY;
	p->count = 1;
	return p;
}

void vit_cmp_missing(struct vit_cmp *c, struct vit_str name, struct vit_env *env,
		     const struct vit_want *w)
{
	struct vit_tensor_problem *p;

	c->layer_missing++;
	if (!c->judge || !c->h->in->headers_complete)
		return;
	p = vit_problem_add(c->h, VIT_TF_MISSING, name, UINT32_MAX);
	if (!p)
		return;
	if (w->shape_known)
		p->expected = vit_describe_expected(c->h->arena, env, w);
	p->actual = VIT_STR("absent");
	if (!c->layer_name.n)
		c->layer_name = p->name;
}

static bool same_shape(const struct vit_want *w, const struct vit_tensor *t)
{
	if (w->rank != t->rank)
		return false;
	for (uint32_t i = 0; i < w->rank; i++)
		if (!(w->any >> i & 1) && w->shape[i] != t->shape[i])
			return false;
	return true;
}

static bool transposed(const struct vit_want *w, const struct vit_tensor *t)
{
	uint32_t n = w->rank;

	if (n != t->rank || n < 2 || w->any)
		return false;
	for (uint32_t i = 0; i + 2 < n; i++)
		if (w->shape[i] != t->shape[i])
			return false;
	return w->shape[n - 1] == t->shape[n - 2] && w->shape[n - 2] == t->shape[n - 1];
}

static void compare_one(struct vit_cmp *c, struct vit_env *env, const struct vit_want *w,
			uint32_t row)
{
	const struct vit_tensor *t = &c->h->in->tensors[row];
	vit_dtype_set set = w->item->dtypes ? w->item->dtypes : VIT_DTYPES_PLAIN;
	struct vit_tensor_problem *p;

	if (!c->judge || (t->flags & VIT_T_BAD))
		return;
	if (w->shape_known && !same_shape(w, t)) {
		p = vit_problem_add(c->h, transposed(w, t) ? VIT_TF_TRANSPOSED : VIT_TF_SHAPE,
				    t->name, row);
		if (p) {
			p->expected = vit_describe_expected(c->h->arena, env, w);
			p->actual = vit_describe_sizes(c->h->arena, t->shape, t->rank);
		}
	}
	if (t->dtype == VIT_DT_UNKNOWN || (set & VIT_DT_BIT(t->dtype)))
		return;
	p = vit_problem_add(c->h, VIT_TF_DTYPE, t->name, row);
	if (p) {
		p->expected = vit_describe_dtypes(c->h->arena, set);
		p->actual = vit_str_c(vit_dtype_name((enum vit_dtype)t->dtype));
	}
	vit_overlay_probe(c, w);
}

/* Parameters a stored tensor stands for. */
static uint64_t logical(const struct vit_want *w, const struct vit_tensor *t)
{
	uint64_t n;

	if (w && w->item->logical && w->elements_known)
		return w->elements;
	if ((t->flags & VIT_T_BAD) || !vit_shape_elements(t->shape, t->rank, &n))
		return 0;
	return n;
}

static void count(struct vit_cmp *c, enum vit_role role, const struct vit_tensor *t, uint64_t n)
{
	struct vit_role_total *r = &c->h->out->roles[role];

	r->tensors++;
	if (!vit_add_u64(r->parameters, n, &r->parameters))
		r->parameters = UINT64_MAX;
	if (t->end >= t->begin && !vit_add_u64(r->bytes, t->end - t->begin, &r->bytes))
		r->bytes = UINT64_MAX;
}

static void count_stored(struct vit_architecture *out, uint64_t n, bool counts)
{
	uint64_t *sum = counts ? &out->stored_total : &out->stored_uncounted;

	if (!vit_add_u64(*sum, n, sum))
		*sum = UINT64_MAX;
}

void vit_cmp_take(struct vit_cmp *c, struct vit_env *env, const struct vit_want *w, uint32_t row,
		  bool counts)
{
	const struct vit_tensor *t = &c->h->in->tensors[row];

	c->layer_present++;
	compare_one(c, env, w, row);
	c->unsure = c->unsure || (t->flags & VIT_T_BAD);
	if (c->roles[row] != VIT_UNMATCHED)
		return;
	c->roles[row] = (uint8_t)w->role;
	count(c, w->role, t, logical(w, t));
	count_stored(c->h->out, logical(w, t), counts);
}

static bool visit(void *ctx, const struct vit_want *w)
{
	struct vit_cmp *c = ctx;
	uint32_t row;

	if (vit_overlay_take(c, w))
		return true;
	row = vit_cmp_find(c, w->name);
	if (row != VIT_MAP_NONE) {
		vit_cmp_take(c, &c->h->env, w, row, w->counts && !w->optional);
	} else if (!w->optional) {
		vit_cmp_missing(c, w->name, &c->h->env, w);
		vit_overlay_probe(c, w);
	}
	return true;
}

/* Cuts "model.layers.5.mlp.up.weight" behind the layer's number. */
static struct vit_str layer_prefix(struct vit_str name, int64_t value)
{
	struct vit_str rest = name, part;
	int64_t n;

	while (vit_str_split(&rest, '.', &part))
		if (vit_parse_i64(part, &n) && n == value)
			return vit_str_sub(name, 0, (size_t)(part.p - name.p) + part.n);
	return name;
}

static void whole_layer(struct vit_cmp *c, int64_t value)
{
	struct vit_held *h = c->h;
	struct vit_tensor_problem *p;
	char num[VIT_FMT_NUM];
	struct vit_str name = layer_prefix(c->layer_name, value);

	h->problems.count = c->layer_first;
	h->out->problem_totals[VIT_TF_MISSING] -= c->layer_missing;
	p = vit_problem_add(h, VIT_TF_MISSING_LAYER, name, UINT32_MAX);
	if (!p)
		return;
	p->count = c->layer_missing;
	p->layer = (uint64_t)value;
	p->expected = vit_arena_printf(h->arena, "%s tensors",
				       vit_fmt_u64(c->layer_missing, num));
	p->actual = VIT_STR("none of them");
}

static void layer(void *ctx, int64_t value, bool begin)
{
	struct vit_cmp *c = ctx;

	c->in_layer = begin;
	if (begin) {
		c->layer_missing = c->layer_present = 0;
		c->layer_first = c->h->problems.count;
		c->layer_name = VIT_STR_EMPTY;
	} else if (c->judge && c->h->in->headers_complete && c->layer_present == 0 &&
		   c->layer_missing > 1 && c->layer_name.n && value >= 0) {
		whole_layer(c, value);
	}
}

/* How well the table fits a part of the spec. */
struct fit {
	struct vit_cmp *c;
	uint64_t expected, present, limit;
	bool packed;             /* some dtype that is asked for is none of the usual */
};

/* 2: there, or in a form of the overlay; 1: there in another shape, which tells
 * alternatives of the same names apart. */
static uint64_t presence(struct vit_cmp *c, const struct vit_want *w)
{
	uint32_t row = vit_cmp_find(c, w->name);

	if (row != VIT_MAP_NONE && (!w->shape_known || same_shape(w, &c->h->in->tensors[row])))
		return 2;
	if (vit_overlay_present(c, w))
		return 2;
	return row != VIT_MAP_NONE;
}

static bool fit_visit(void *ctx, const struct vit_want *w)
{
	struct fit *f = ctx;

	if (w->optional)
		return true;
	f->packed = f->packed || (w->item->dtypes & ~VIT_DTYPES_PLAIN);
	f->expected += 2;
	f->present += presence(f->c, w);
	return f->expected < f->limit;
}

static bool better(const struct fit *a, const struct fit *b)
{
	/* both below 2^32 */
	return a->present * (b->expected ? b->expected : 1) >
	       b->present * (a->expected ? a->expected : 1);
}

/* An alternative of packed dtypes that the configuration rules out is there whole. */
static void note_packed(struct vit_cmp *c, struct vit_expand *x, const struct vit_item *one_of,
			uint64_t allowed)
{
	bool faultless = x->env->fault == VIT_EF_NONE;

	if (c->h->in->quant_method.n || c->h->out->packed_as)
		return;
	for (uint32_t i = 0; i < one_of->item_count && i < 64; i++) {
		struct fit f = { .c = c, .limit = 64 };

		if (allowed >> i & 1)
			continue;
		x->unconditional = &one_of->items[i];
		vit_expand_group(x, &one_of->items[i], fit_visit, &f);
		x->unconditional = NULL;
		if (f.packed && f.expected && f.present == f.expected)
			c->h->out->packed_as = c->h->out->family;
	}
	/* what cannot be computed there concerns nobody */
	if (faultless)
		vit_env_clear_fault(x->env);
}

static uint32_t choose(void *ctx, struct vit_expand *x, const struct vit_item *one_of,
		       uint64_t allowed)
{
	struct fit best = { .c = ctx };
	uint32_t pick = UINT32_MAX;

	for (uint32_t i = 0; i < one_of->item_count && i < 64; i++) {
		struct fit quick = { .c = ctx, .limit = 64 }, f = { .c = ctx, .limit = 8192 };

		if (!(allowed >> i & 1))
			continue;
		/* 32 tensors that are all there and fit tell enough: layers have thousands */
		vit_expand_group(x, &one_of->items[i], fit_visit, &quick);
		if (quick.expected && quick.present == quick.expected)
			return i;
		vit_expand_group(x, &one_of->items[i], fit_visit, &f);
		if (pick == UINT32_MAX || better(&f, &best)) {
			best = f;
			pick = i;
		}
		if (f.expected && f.present == f.expected)
			return pick;
	}
	note_packed(ctx, x, one_of, allowed);
	return pick;
}

/* The spelling of prefixes that fits most of the first tensors. */
static const struct vit_scheme *choose_scheme(struct vit_cmp *c, struct vit_expand *x)
{
	const struct vit_scheme *pick = NULL;
	struct fit best = { .c = c };

	if (!x->body->scheme_count)
		return NULL;
	for (uint32_t i = 0; i <= x->body->scheme_count; i++) {
		struct fit f = { .c = c, .limit = 2048 };

		x->scheme = i ? &x->body->schemes[i - 1] : NULL;
		x->visit = fit_visit;
		x->ctx = &f;
		vit_expand_run(x);
		if (i == 0 || better(&f, &best)) {
			best = f;
			pick = x->scheme;
		}
	}
	return pick;
}

static bool extras_visit(void *ctx, const struct vit_want *w)
{
	vit_overlay_extras(ctx, w);
	return true;
}

static bool any_unmatched(const struct vit_cmp *c)
{
	for (uint32_t i = 0; i < c->h->in->tensor_count; i++)
		if (c->roles[i] == VIT_UNMATCHED)
			return true;
	return false;
}

static void expand_all(struct vit_cmp *c, const struct vit_spec_body *body)
{
	struct vit_expand *x = vit_xcalloc(1, sizeof(*x));

	vit_expand_init(x, body, &c->h->env);
	x->choose = choose;
	x->choose_ctx = c;
	x->scheme = choose_scheme(c, x);
	x->visit = visit;
	x->layer = layer;
	x->ctx = c;
	x->incomplete = false;
	vit_expand_run(x);
	c->h->incomplete = x->incomplete;
	if (c->overlay && c->overlay->extra_count && any_unmatched(c)) {
		x->visit = extras_visit;
		x->layer = NULL;
		vit_expand_run(x);
	}
	free(x);
}

/* A row whose name another row has too is not unexpected when that one is expected. */
static bool is_twin(struct vit_cmp *c, uint32_t row)
{
	uint32_t last = vit_cmp_find(c, c->h->in->tensors[row].name);

	return last != row && last != VIT_MAP_NONE && c->roles[last] != VIT_UNMATCHED;
}

static void finish(struct vit_cmp *c, bool covered)
{
	const struct vit_arch_input *in = c->h->in;

	for (uint32_t i = 0; i < in->tensor_count; i++) {
		const struct vit_tensor *t = &in->tensors[i];
		struct vit_tensor_problem *p;

		if (c->roles[i] != VIT_UNMATCHED)
			continue;
		c->roles[i] = VIT_ROLE_OTHER;
		if (is_twin(c, i))
			continue;
		count(c, VIT_ROLE_OTHER, t, logical(NULL, t));
		count_stored(c->h->out, logical(NULL, t), !covered);
		/* of a broken entry the header checks say what is wrong */
		if (!covered || !c->judge || c->h->incomplete || (t->flags & VIT_T_BAD))
			continue;
		p = vit_problem_add(c->h, VIT_TF_UNEXPECTED, t->name, i);
		if (!p)
			continue;
		p->expected = VIT_STR("no tensor of that name");
		p->actual = vit_arena_printf(
			c->h->arena, "%s %.*s", vit_dtype_name((enum vit_dtype)t->dtype),
			VIT_FMT(vit_describe_sizes(c->h->arena, t->shape, t->rank)));
	}
}

/* Without a family the elements stored are the parameters, unless something is packed. */
static bool all_float(const struct vit_arch_input *in)
{
	for (uint32_t i = 0; i < in->tensor_count; i++)
		if (!(VIT_DTYPES_PLAIN & VIT_DT_BIT(in->tensors[i].dtype)))
			return false;
	return true;
}

void vit_compare(struct vit_held *h)
{
	const struct vit_arch_input *in = h->in;
	const struct vit_spec *family = h->out->family;
	struct vit_cmp *c;

	if (!in->tensor_count)
		return;
	c = vit_xcalloc(1, sizeof(*c));
	c->h = h;
	c->judge = !h->out->overlay_reason.n;
	c->roles = VIT_NEW_ARRAY(h->arena, in->tensor_count, uint8_t);
	memset(c->roles, VIT_UNMATCHED, in->tensor_count);
	vit_map_init(&c->names, in->tensor_count);
	for (uint32_t i = 0; i < in->tensor_count; i++)
		vit_map_set(&c->names, in->tensors[i].name, i);
	if (family && h->out->overlay)
		vit_overlay_begin(c, h->out->overlay, &h->quant);
	if (family && !h->incomplete)
		expand_all(c, family->body);
	finish(c, family != NULL);
	h->out->tensor_roles = c->roles;
	h->out->stored_known = in->headers_complete && c->judge && !h->incomplete &&
			       !c->unsure && (family || all_float(in));
	vit_map_release(&c->names);
	free(c);
}
