#include <math.h>
#include <stdio.h>

#include "base/num.h"
#include "checks/numbers_internal.h"
#include "checks/weights.h"

/* Matrices below this many elements are too small to say anything about. */
#define LEAST_ELEMENTS 64u
/* A scale of 2^16 times the largest FP4 value (6) is beyond a half's 65,504. */
#define LARGEST_SCALE 65536.0

struct vit_finding *vit_numbers_fail(const struct vit_case *c, struct vit_eval *ev, enum vit_check_id id, uint32_t row)
{
	const struct vit_weights *w = &c->facts->weights;
	struct vit_finding *f = vit_eval_fail(ev, id);

	f->where.path = w->shards[w->tensors[row].shard].path;
	f->where.tensor = w->tensors[row].name;
	return f;
}

struct vit_str vit_numbers_text(struct vit_eval *ev, double v)
{
	return vit_eval_text(ev, "%.4g", v);
}

bool vit_name_has(struct vit_str name, const char *const *words)
{
	for (; *words; words++)
		if (vit_str_find(name, vit_str_c(*words), 0) != SIZE_MAX)
			return true;
	return false;
}

/* Causal masks are kept as noughts and infinities by some models: buffers, no weights.
 * Of n x n numbers n(n - 1)/2 are infinite, a quarter at least; a bias of noughts
 * where one number overflowed has fewer, a weight that is lost has no nought. */
static bool is_mask(const struct vit_numbers *x, struct vit_str name)
{
	if (x->nan || x->inf + x->zero != x->count)
		return false;
	return (x->zero && x->inf >= x->count / 4) || vit_str_find(name, VIT_STR("mask"), 0) != SIZE_MAX;
}

static void not_finite(const struct vit_case *c, uint32_t row, struct vit_eval *ev)
{
	const struct vit_numbers *x = &c->facts->numbers.tensors[row];
	char nan[VIT_FMT_NUM], inf[VIT_FMT_NUM], all[VIT_FMT_NUM];
	struct vit_finding *f;

	if (x->nan + x->inf == 0 || is_mask(x, c->facts->weights.tensors[row].name))
		return;
	f = vit_numbers_fail(c, ev, VIT_CK_weights_not_finite, row);
	vit_fmt_u64(x->nan, nan);
	vit_fmt_u64(x->inf, inf);
	vit_fmt_u64(x->count, all);
	f->expected = VIT_STR("finite numbers");
	f->actual = vit_eval_text(ev, "%s NaN, %s infinite", nan, inf);
	if (x->inf == 0)
		f->message = vit_eval_text(ev, "%s of its %s numbers %s NaN.", nan, all, x->nan == 1 ? "is" : "are");
	else if (x->nan == 0)
		f->message = vit_eval_text(ev, "%s of its %s numbers %s infinite.", inf, all, x->inf == 1 ? "is" : "are");
	else
		f->message = vit_eval_text(ev, "Of its %s numbers %s %s NaN and %s %s infinite.", all, nan,
					   x->nan == 1 ? "is" : "are", inf, x->inf == 1 ? "is" : "are");
}

/* Biases, freshly made adapters, and what models add up to nought on purpose. */
static bool may_be_zero(struct vit_str name)
{
	static const char *const words[] = { "lora_B", "lora_embedding_B", "token_type", "mask", "norm", NULL };

	return vit_name_has(name, words) || vit_str_ends(name, VIT_STR("bias"));
}

static bool may_be_constant(struct vit_str name)
{
	static const char *const words[] = { "scale", "zeros", "g_idx", "mask", "norm", "absmax", "position", "gamma", NULL };

	return vit_name_has(name, words) || vit_str_ends(name, VIT_STR("bias"));
}

static void one_value(const struct vit_case *c, uint32_t row, struct vit_eval *ev)
{
	const struct vit_tensor *t = &c->facts->weights.tensors[row];
	const struct vit_numbers *x = &c->facts->numbers.tensors[row];
	bool packed = x->kind == VIT_NK_BYTES && vit_str_ends(t->name, VIT_STR("_blocks"));
	char n[VIT_FMT_NUM];
	struct vit_finding *f;

	if (!x->constant || t->rank < 2 || x->count < LEAST_ELEMENTS || x->kind == VIT_NK_E8M0 ||
	    (x->kind == VIT_NK_BYTES && !packed) || x->nan || x->inf)
		return;
	vit_fmt_u64(x->count, n);
	if (x->zero == x->count) {
		if (may_be_zero(t->name))
			return;
		f = vit_numbers_fail(c, ev, VIT_CK_weights_all_zero, row);
		f->message = vit_eval_text(ev, "All of its %s %s are zero.", n, packed ? "bytes" : "numbers");
		f->expected = VIT_STR("a matrix that passes something on");
		f->actual = VIT_STR("0 throughout");
		return;
	}
	if (may_be_constant(t->name))
		return;
	f = vit_numbers_fail(c, ev, VIT_CK_weights_constant, row);
	f->expected = VIT_STR("numbers that differ");
	f->actual = packed ? VIT_STR("one byte throughout") : vit_eval_text(ev, "%.4g throughout", x->mean);
	if (packed)
		f->message = vit_eval_text(ev, "All of its %s bytes are the same.", n);
	else
		f->message = vit_eval_text(ev, "All of its %s numbers are %.4g.", n, x->mean);
}

static void scale_range(const struct vit_case *c, uint32_t row, struct vit_eval *ev)
{
	const struct vit_numbers *x = &c->facts->numbers.tensors[row];
	char n[VIT_FMT_NUM], all[VIT_FMT_NUM];
	struct vit_finding *f;

	if (x->kind != VIT_NK_E8M0 || x->count == 0)
		return;
	if (x->largest >= LARGEST_SCALE) {
		f = vit_numbers_fail(c, ev, VIT_CK_weights_scale_range, row);
		f->message = VIT_STR("A scale is so large that its block leaves what a 16-bit float holds.");
		f->expected = VIT_STR("at most 2^15");
		f->actual = vit_eval_text(ev, "2^%d", (int)ilogb(x->largest));
	} else if (x->tiny > x->count / 2) {
		f = vit_numbers_fail(c, ev, VIT_CK_weights_scale_range, row);
		f->expected = VIT_STR("above 2^-64");
		f->actual = VIT_STR("2^-64 or less, of more than half");
		f->message = vit_eval_text(ev, "%s of its %s scales are 2^-64 or less: their blocks are nought in effect.",
					   vit_fmt_u64(x->tiny, n), vit_fmt_u64(x->count, all));
	}
}

static const enum vit_check_id ids[] = {
	VIT_CK_weights_not_finite,  VIT_CK_weights_all_zero, VIT_CK_weights_constant,
	VIT_CK_weights_scale_range, VIT_CK_weights_outlier,  VIT_CK_weights_identical_tensors,
};
#define ID_COUNT (sizeof ids / sizeof ids[0])

/* What keeps a clean result from being one. */
static bool incomplete(const struct vit_number_facts *n, struct vit_eval *ev)
{
	for (size_t i = 0; i < ID_COUNT; i++) {
		if (n->stopped)
			vit_eval_unknown(ev, ids[i], "interrupted before every number was read");
		else if (n->err)
			vit_eval_unknown(ev, ids[i], "%s", n->err->msg);
	}
	return n->stopped || n->err;
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_number_facts *n = &c->facts->numbers;
	struct vit_peer_table peers;

	if (!n->asked || (n->measured == 0 && !n->stopped && !n->err)) {
		for (size_t i = 0; i < ID_COUNT; i++) {
			if (!n->asked)
				vit_eval_not_checked(ev, ids[i], "the numbers were not read; --deep asks for it");
			else
				vit_eval_not_applicable(ev, ids[i], "no tensor of a safetensors file could be measured");
		}
		return;
	}
	for (uint32_t i = 0; i < c->facts->weights.tensor_count; i++) {
		if (!n->tensors[i].measured)
			continue;
		not_finite(c, i, ev);
		one_value(c, i, ev);
		scale_range(c, i, ev);
	}
	vit_peers_find(ev->arena, &c->facts->weights, n, &peers);
	vit_numbers_outliers(c, &peers, ev);
	vit_numbers_identical(c, &peers, ev);
	if (!incomplete(n, ev))
		for (size_t i = 0; i < ID_COUNT; i++)
			vit_eval_pass(ev, ids[i]);
}

const struct vit_pass vit_pass_weights_numbers = {
	.name = "numbers",
	.needs = VIT_FG_WEIGHTS,
	.ids = ids,
	.id_count = ID_COUNT,
	.run = run,
};
