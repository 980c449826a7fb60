/*
 * Tensors held against each other: of one role in other layers, and all by content.
 *
 * Bounds are wide on purpose. In good models the largest weight of a role differs
 * between layers by factors of ten, biases and norms by a hundred, and the first and
 * last layers are unlike the rest; a flipped exponent bit is a factor of 2^64.
 */
#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "checks/numbers_internal.h"

/* Fewer peers have no median worth the name. */
#define LEAST_PEERS 6u
/* log2 of how far above its peers' median the largest number may lie... */
#define MATRIX_ABOVE 10.0
#define VECTOR_ABOVE 13.0
/* ... and how far on either side the deviation of a matrix, if its neighbours differ, too. */
#define DEVIATION_OFF 6.0
#define NEIGHBOUR_OFF 4.0
/* A group that is spread widely by itself gets as much more room: of median absolute deviations. */
#define SPREAD 12.0
/* Where one number holds half of the sum of squares, the matrix is that number. */
#define DOMINANT_LEAST 65536u
#define DOMINANT_SHARE 0.5
/* Below this many elements equality may be chance. */
#define IDENTICAL_LEAST 1024u

static bool is_float(const struct vit_numbers *x)
{
	return x->kind != VIT_NK_BYTES && x->kind != VIT_NK_E8M0;
}

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return a < b ? -1 : a > b;
}

/* Sorts v. */
static double median(double *v, uint32_t n)
{
	qsort(v, n, sizeof *v, by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* Middle and spread of the logarithms of what is above nought. */
struct spread {
	uint32_t n;
	double middle, width;
};

static struct spread spread_of(const double *logs, uint32_t count, double *scratch)
{
	struct spread s = { 0 };

	for (uint32_t i = 0; i < count; i++)
		if (isfinite(logs[i]))
			scratch[s.n++] = logs[i];
	if (s.n == 0)
		return s;
	s.middle = median(scratch, s.n);
	for (uint32_t i = 0; i < s.n; i++)
		scratch[i] = fabs(scratch[i] - s.middle);
	s.width = median(scratch, s.n);
	return s;
}

struct group {
	const struct vit_case *c;
	const uint32_t *rows;
	uint32_t count;
	double *largest, *deviation; /* log2; -inf for nought, NaN for none */
	struct spread of_largest, of_deviation;
	bool matrix, scales, norm;
};

static const struct vit_numbers *numbers(const struct group *g, uint32_t i)
{
	return &g->c->facts->numbers.tensors[g->rows[i]];
}

/* Does the deviation differ as much from both layers beside it? A drift from layer to
 * layer has neighbours near. */
static bool alone(const struct group *g, uint32_t i, double sign)
{
	for (int step = -1; step <= 1; step += 2) {
		uint32_t j = i + (uint32_t)step;
		if (j >= g->count || !isfinite(g->deviation[j]))
			continue;
		if (sign * (g->deviation[i] - g->deviation[j]) < NEIGHBOUR_OFF)
			return false;
	}
	return true;
}

static double above(const struct group *g)
{
	double room = g->matrix && !g->scales ? MATRIX_ABOVE : VECTOR_ABOVE;

	return fmax(room, SPREAD * g->of_largest.width);
}

static void fail_peers(const struct group *g, uint32_t i, const char *what, double got, double middle, struct vit_eval *ev)
{
	struct vit_finding *f = vit_numbers_fail(g->c, ev, VIT_CK_weights_outlier, g->rows[i]);
	char n[VIT_FMT_NUM];

	f->message = vit_eval_text(ev, "%s is far from that of the %s tensors of its role in other layers.", what,
				   vit_fmt_u64(g->count - 1, n));
	f->expected = vit_eval_text(ev, "about %.3g (their median)", exp2(middle));
	f->actual = vit_numbers_text(ev, got);
}

/* True when a finding was made. */
static bool against_peers(const struct group *g, uint32_t i, struct vit_eval *ev)
{
	const struct vit_numbers *x = numbers(g, i);
	double off = g->deviation[i] - g->of_deviation.middle;

	if (g->of_largest.n < LEAST_PEERS)
		return false;
	if (isfinite(g->largest[i]) && g->largest[i] - g->of_largest.middle > above(g)) {
		fail_peers(g, i, "Its largest number", x->largest, g->of_largest.middle, ev);
		return true;
	}
	/* A norm of noughts switches its layer off; a model whose norms all are is made so. */
	if (g->norm && x->zero == x->count && x->count && g->of_largest.n > g->count / 2) {
		fail_peers(g, i, "All its numbers are zero: its largest number", 0, g->of_largest.middle, ev);
		return true;
	}
	if (!g->matrix || g->scales || !isfinite(g->deviation[i]) || g->of_deviation.n < LEAST_PEERS)
		return false;
	if (fabs(off) > fmax(DEVIATION_OFF, SPREAD * g->of_deviation.width) && alone(g, i, off < 0 ? -1 : 1)) {
		fail_peers(g, i, "Its standard deviation", x->deviation, g->of_deviation.middle, ev);
		return true;
	}
	return false;
}

static void dominated(const struct group *g, uint32_t i, struct vit_eval *ev)
{
	const struct vit_numbers *x = numbers(g, i);
	double finite = (double)(x->count - x->nan - x->inf);
	double squares = finite * (x->deviation * x->deviation + x->mean * x->mean);
	struct vit_finding *f;
	char n[VIT_FMT_NUM];

	if (!g->matrix || x->count < DOMINANT_LEAST || x->largest == 0)
		return;
	/* Beyond what a double's square holds nothing else comes near either. */
	if (isfinite(squares) && x->largest * x->largest < DOMINANT_SHARE * squares)
		return;
	f = vit_numbers_fail(g->c, ev, VIT_CK_weights_outlier, g->rows[i]);
	f->message = vit_eval_text(ev, "One of its %s numbers outweighs all others together.", vit_fmt_u64(x->count, n));
	f->expected = vit_eval_text(ev, "at most %.4g (half of the sum of squares)", sqrt(DOMINANT_SHARE * squares));
	f->actual = vit_numbers_text(ev, x->largest);
}

static void one_group(struct group *g, double *scratch, struct vit_eval *ev)
{
	for (uint32_t i = 0; i < g->count; i++) {
		const struct vit_numbers *x = numbers(g, i);
		g->largest[i] = x->count == x->nan + x->inf ? (double)NAN : log2(x->largest);
		g->deviation[i] = log2(x->deviation);
	}
	g->of_largest = spread_of(g->largest, g->count, scratch);
	g->of_deviation = spread_of(g->deviation, g->count, scratch);
	for (uint32_t i = 0; i < g->count; i++)
		if (!against_peers(g, i, ev))
			dominated(g, i, ev);
}

void vit_numbers_outliers(const struct vit_case *c, const struct vit_peer_table *peers, struct vit_eval *ev)
{
	static const char *const scales[] = { "scale", "absmax", NULL }, *const norms[] = { "norm", "ln_", NULL };
	const struct vit_weights *w = &c->facts->weights;
	uint32_t most = 0;
	double *room;

	for (uint32_t i = 0; i < peers->count; i++)
		if (peers->groups[i].count > most)
			most = peers->groups[i].count;
	room = vit_xcalloc((size_t)most * 3 + 1, sizeof *room);
	for (uint32_t i = 0; i < peers->count; i++) {
		const struct vit_peers *p = &peers->groups[i];
		struct group g = { .c = c, .rows = peers->rows + p->first, .count = p->count,
				   .largest = room, .deviation = room + most };
		g.matrix = w->tensors[g.rows[0]].rank >= 2;
		g.scales = vit_name_has(p->pattern, scales);
		g.norm = !g.matrix && vit_name_has(p->pattern, norms) && vit_str_ends(p->pattern, VIT_STR("weight"));
		if (is_float(numbers(&g, 0)))
			one_group(&g, room + 2 * (size_t)most, ev);
	}
	free(room);
}

/* ---- the same bytes ------------------------------------------------------------- */

struct content {
	uint64_t hash, bytes;
	uint32_t row, dtype;
};

static int by_content(const void *x, const void *y)
{
	const struct content *a = x, *b = y;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (a->bytes != b->bytes)
		return a->bytes < b->bytes ? -1 : 1;
	if (a->dtype != b->dtype)
		return a->dtype < b->dtype ? -1 : 1;
	return a->row < b->row ? -1 : 1;
}

/* Integers are positions and indices, but for what quantised weights are packed in. */
static bool may_hold_weights(const struct vit_tensor *t)
{
	static const char *const buffers[] = { "g_idx", "zeros", "inv_freq", "position", "mask", "attn.bias", "_scales", NULL };
	enum vit_dtype d = (enum vit_dtype)t->dtype;

	return t->rank >= 2 && d != VIT_DT_BOOL && d != VIT_DT_I64 && d != VIT_DT_U64 && !vit_name_has(t->name, buffers);
}

static bool is_tied(struct vit_str name)
{
	static const char *const words[] = { "embed", "lm_head", "wte", "shared.weight", "head.weight", "decoder.weight", NULL };

	return vit_name_has(name, words) || vit_str_is(name, "output.weight");
}

/* Made so: one of them is an embedding or its head, or every layer has the same.
 * `seen` holds a nought for each group, before and after. */
static bool by_design(const struct vit_case *c, const struct vit_peer_table *peers, const uint32_t *group_of,
		      uint32_t *seen, const struct content *run, uint32_t n)
{
	bool tied = false, whole = true;

	for (uint32_t i = 0; i < n; i++) {
		tied |= is_tied(c->facts->weights.tensors[run[i].row].name);
		seen[group_of[run[i].row]]++;
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t g = group_of[run[i].row], members = peers->groups[g].count;
		whole &= members > 1 && (seen[g] == 0 || seen[g] == members);
		seen[g] = 0;
	}
	return tied || whole;
}

static void one_run(const struct vit_case *c, const struct content *run, uint32_t n, struct vit_eval *ev)
{
	const struct vit_weights *w = &c->facts->weights;
	const struct vit_tensor *first = &w->tensors[run[0].row];
	struct vit_finding *f = vit_numbers_fail(c, ev, VIT_CK_weights_identical_tensors, run[1].row);
	char more[VIT_FMT_NUM];

	f->expected = VIT_STR("content of its own");
	f->actual = vit_eval_text(ev, "the content of %.*s", VIT_FMT(first->name));
	if (n == 2)
		f->message = vit_eval_text(ev, "Its bytes are those of %.*s in %.*s, too.", VIT_FMT(first->name),
					   VIT_FMT(w->shards[first->shard].path));
	else
		f->message = vit_eval_text(ev, "Its bytes are those of %.*s in %.*s and of %s more, too.", VIT_FMT(first->name),
					   VIT_FMT(w->shards[first->shard].path), vit_fmt_u64(n - 2, more));
}

void vit_numbers_identical(const struct vit_case *c, const struct vit_peer_table *peers, struct vit_eval *ev)
{
	const struct vit_weights *w = &c->facts->weights;
	const struct vit_numbers *x = c->facts->numbers.tensors;
	struct content *all = vit_xcalloc((size_t)w->tensor_count + 1, sizeof *all);
	uint32_t *group_of = vit_xcalloc((size_t)w->tensor_count + 1, sizeof *group_of), n = 0;
	uint32_t *seen = vit_xcalloc((size_t)peers->count + 1, sizeof *seen);

	for (uint32_t i = 0; i < peers->count; i++)
		for (uint32_t j = 0; j < peers->groups[i].count; j++)
			group_of[peers->rows[peers->groups[i].first + j]] = i;
	for (uint32_t i = 0; i < w->tensor_count; i++) {
		const struct vit_tensor *t = &w->tensors[i];
		if (x[i].measured && !x[i].constant && x[i].count >= IDENTICAL_LEAST && may_hold_weights(t))
			all[n++] = (struct content){ x[i].hash, t->end - t->begin, i, t->dtype };
	}
	qsort(all, n, sizeof *all, by_content);
	for (uint32_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && all[end].hash == all[i].hash && all[end].bytes == all[i].bytes &&
				  all[end].dtype == all[i].dtype;
		     end++)
			;
		if (end - i > 1 && !by_design(c, peers, group_of, seen, all + i, end - i))
			one_run(c, all + i, end - i, ev);
	}
	free(all);
	free(group_of);
	free(seen);
}
