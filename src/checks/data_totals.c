/* Numbers of examples, categories and sources: declared, asked for, counted. */
#include <inttypes.h>

#include "base/num.h"
#include "checks/data.h"

static const enum vit_check_id ids[] = {
	VIT_CK_data_totals_disagree, VIT_CK_data_categories, VIT_CK_data_sources, VIT_CK_data_trainer_rows,
};

static const char *examples(uint64_t n)
{
	return n == 1 ? "example" : "examples";
}

/* The file with the examples, when it is one. */
static struct vit_str where(const struct vit_data *d)
{
	return d->file_count == 1 ? d->files[0].path : d->path;
}

/* ---- totals ----------------------------------------------------------------------- */

static void disagree(const struct vit_case *c, struct vit_eval *ev, enum vit_severity severity, uint32_t line,
		     uint64_t declared, uint64_t counted, struct vit_str by)
{
	struct vit_finding *r = vit_eval_fail(ev, VIT_CK_data_totals_disagree);
	char a[VIT_FMT_NUM], b[VIT_FMT_NUM];

	vit_fmt_u64(declared, a);
	vit_fmt_u64(counted, b);
	r->severity = severity;
	r->where.path = where(&c->facts->data);
	r->where.line = line;
	r->message = vit_eval_text(ev, "%.*s %s %s, but there %s %s.", VIT_FMT(by), a, examples(declared),
				   counted == 1 ? "is" : "are", b);
	r->expected = vit_eval_text(ev, "%s", a);
	r->actual = vit_eval_text(ev, "%s", b);
}

/* The categories' numbers, in the job or in the document, against a total. */
static void check_sum(const struct vit_case *c, struct vit_eval *ev, const char *what, uint64_t total,
		      const char *total_by, uint64_t sum, enum vit_severity severity)
{
	struct vit_finding *r;
	char a[VIT_FMT_NUM], b[VIT_FMT_NUM];

	if (sum == total)
		return;
	vit_fmt_u64(total, a);
	vit_fmt_u64(sum, b);
	r = vit_eval_fail(ev, VIT_CK_data_totals_disagree);
	r->severity = severity;
	r->where.path = where(&c->facts->data);
	r->message = vit_eval_text(ev, "%s says %s %s, but the numbers of its %s add up to %s.", total_by, a,
				   examples(total), what, b);
	r->expected = vit_eval_text(ev, "%s", a);
	r->actual = vit_eval_text(ev, "%s", b);
}

static bool job_sum(const struct vit_job_category *list, uint32_t count, uint64_t *sum)
{
	*sum = 0;
	for (uint32_t i = 0; i < count; i++)
		if (!list[i].has_count || !vit_add_u64(*sum, list[i].count, sum))
			return false;
	return count > 0;
}

static bool declared_sum(const struct vit_data_names *n, uint64_t *sum)
{
	bool any = false;

	*sum = 0;
	for (uint32_t i = 0; i < n->count; i++) {
		any |= n->names[i].has_declared;
		if (n->names[i].has_declared && !vit_add_u64(*sum, n->names[i].declared, sum))
			return false;
	}
	return any;
}

/* What the document says of each name against what its rows say. */
static void check_declared_names(const struct vit_case *c, struct vit_eval *ev, const char *what,
				 const struct vit_data_names *n)
{
	char a[VIT_FMT_NUM], b[VIT_FMT_NUM];

	if (n->rows == 0)
		return;
	for (uint32_t i = 0; i < n->count; i++) {
		const struct vit_data_name *x = &n->names[i];
		struct vit_finding *r;

		if (!x->has_declared || x->declared == x->count)
			continue;
		r = vit_eval_fail(ev, VIT_CK_data_totals_disagree);
		r->severity = VIT_SEV_WARNING;
		r->where.path = where(&c->facts->data);
		vit_fmt_u64(x->declared, a);
		vit_fmt_u64(x->count, b);
		r->message = vit_eval_text(ev, "The file declares %s %s of %s \"%.*s\", but its rows have %s.", a,
					   examples(x->declared), what, VIT_FMT(x->name), b);
		r->expected = vit_eval_text(ev, "%s", a);
		r->actual = vit_eval_text(ev, "%s", b);
	}
}

static void check_totals(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_data *d = &c->facts->data;
	const struct vit_job *j = c->job;
	enum vit_check_id id = VIT_CK_data_totals_disagree;
	uint64_t counted = vit_data_examples(d), sum;
	bool any = false;

	for (uint32_t i = 0; i < d->file_count; i++) {
		const struct vit_data_file *f = &d->files[i];
		if (!f->has_declared)
			continue;
		any = true;
		if (f->declared != f->examples)
			disagree(c, ev, VIT_SEV_WARNING, f->declared_line, f->declared, f->examples,
				 vit_eval_text(ev, "The file's %.*s declares", VIT_FMT(f->declared_by)));
		if (declared_sum(&d->categories, &sum))
			check_sum(c, ev, "categories", f->declared, "The file", sum, VIT_SEV_WARNING);
		if (declared_sum(&d->sources, &sum))
			check_sum(c, ev, "sources", f->declared, "The file", sum, VIT_SEV_WARNING);
	}
	check_declared_names(c, ev, "category", &d->categories);
	check_declared_names(c, ev, "source", &d->sources);
	if (j && j->has_data_count) {
		any = true;
		if (j->data_count != counted)
			disagree(c, ev, VIT_SEV_ERROR, 0, j->data_count, counted, VIT_STR("The job asks for"));
		if (job_sum(j->categories, j->category_count, &sum))
			check_sum(c, ev, "categories", j->data_count, "The job", sum, VIT_SEV_ERROR);
		if (job_sum(j->sources, j->source_count, &sum))
			check_sum(c, ev, "sources", j->data_count, "The job", sum, VIT_SEV_ERROR);
	}
	any |= declared_sum(&d->categories, &sum) || declared_sum(&d->sources, &sum);
	if (any)
		vit_eval_pass(ev, id);
	else
		vit_eval_not_applicable(ev, id, "neither the job nor the file says how many examples there are");
}

/* ---- names ------------------------------------------------------------------------------ */

static uint64_t count_of(const struct vit_data_names *n, struct vit_str name)
{
	for (uint32_t i = 0; i < n->count; i++)
		if (vit_str_eq(n->names[i].name, name))
			return n->names[i].count;
	return 0;
}

static void fail_name(const struct vit_case *c, struct vit_eval *ev, enum vit_check_id id, struct vit_str message,
		      struct vit_str expected, struct vit_str actual)
{
	struct vit_finding *r = vit_eval_fail(ev, id);

	r->where.path = where(&c->facts->data);
	r->message = message;
	r->expected = expected;
	r->actual = actual;
}

static void check_asked(const struct vit_case *c, struct vit_eval *ev, enum vit_check_id id, const char *what,
			const struct vit_job_category *x, const struct vit_data_names *n)
{
	uint64_t count = count_of(n, x->name), total = vit_data_examples(&c->facts->data);
	double share = total ? (double)count / (double)total : 0;
	char a[VIT_FMT_NUM], b[VIT_FMT_NUM];

	vit_fmt_u64(x->count, a);
	vit_fmt_u64(count, b);
	if (count == 0 && !(x->has_count && x->count == 0))
		fail_name(c, ev, id,
			  vit_eval_text(ev, "The job asks for %s \"%.*s\", of which there is no example.", what,
					VIT_FMT(x->name)),
			  x->has_count ? vit_eval_text(ev, "%s", a) : VIT_STR("at least one"), VIT_STR("0"));
	else if (x->has_count && x->count != count)
		fail_name(c, ev, id,
			  vit_eval_text(ev, "The job asks for %s %s of %s \"%.*s\", but there %s %s.", a,
					examples(x->count), what, VIT_FMT(x->name), count == 1 ? "is" : "are", b),
			  vit_eval_text(ev, "%s", a), vit_eval_text(ev, "%s", b));
	if (x->minimum_share > 0 && share < x->minimum_share)
		fail_name(c, ev, id,
			  vit_eval_text(ev, "The job asks for at least %.1f %% of %s \"%.*s\", but it has %.1f %%.",
					100 * x->minimum_share, what, VIT_FMT(x->name), 100 * share),
			  vit_eval_text(ev, "%.1f %%", 100 * x->minimum_share), vit_eval_text(ev, "%.1f %%", 100 * share));
}

static void check_names(const struct vit_case *c, struct vit_eval *ev, enum vit_check_id id, const char *what,
			const struct vit_job_category *list, uint32_t count, const struct vit_data_names *n)
{
	char b[VIT_FMT_NUM];

	if (count == 0) {
		vit_eval_not_applicable(ev, id, "no job says which are wanted");
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		check_asked(c, ev, id, what, &list[i], n);
	for (uint32_t i = 0; i < n->count; i++) {
		bool known = n->names[i].count == 0;

		for (uint32_t k = 0; k < count && !known; k++)
			known = vit_str_eq(list[k].name, n->names[i].name);
		if (known)
			continue;
		vit_fmt_u64(n->names[i].count, b);
		fail_name(c, ev, id,
			  vit_eval_text(ev, "%s %s of %s \"%.*s\", which the job does not name.", b,
					n->names[i].count == 1 ? "example is" : "examples are", what,
					VIT_FMT(n->names[i].name)),
			  VIT_STR("none"), vit_eval_text(ev, "%s", b));
	}
	vit_eval_pass(ev, id);
}

/* ---- the job's trainer -------------------------------------------------------------------- */

/* By the configuration the job was read from; COUNT when that names none. */
static enum vit_data_trainer trainer_of(const struct vit_job *j)
{
	static const struct {
		const char *dialect;
		enum vit_data_trainer trainer;
	} known[] = {
		{ "TRL", VIT_DATA_TRL },
		{ "axolotl", VIT_DATA_AXOLOTL },
		{ "LLaMA-Factory", VIT_DATA_LLAMA_FACTORY },
		{ "mlx-lm", VIT_DATA_MLX },
	};

	if (j)
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			if (vit_str_is(j->dialect, known[i].dialect))
				return known[i].trainer;
	return VIT_DATA_TRAINERS;
}

static void check_trainer(const struct vit_case *c, struct vit_eval *ev)
{
	enum vit_check_id id = VIT_CK_data_trainer_rows;
	enum vit_data_trainer t = trainer_of(c->job);
	const struct vit_data_trainer_rows *x;
	const char *name = vit_data_trainer_name(t);
	char n[VIT_FMT_NUM];
	struct vit_finding *r;

	if (t == VIT_DATA_TRAINERS) {
		vit_eval_not_applicable(ev, id, "the job is not in the configuration of a known trainer");
		return;
	}
	x = &c->facts->data.trainers[t];
	if (x->refused.n || x->failed) {
		r = vit_eval_fail(ev, id);
		r->severity = VIT_SEV_ERROR;
		r->where.path = where(&c->facts->data);
		r->where.line = x->failed_kept ? x->failed_lines[0] : 0;
		r->message = x->refused.n ? vit_eval_text(ev, "%s takes none of the data: %.*s.", name, VIT_FMT(x->refused)) :
					    vit_eval_text(ev, "%s fails on %s %s: %.*s (%.*s).", name, vit_fmt_u64(x->failed, n),
							  x->failed == 1 ? "row" : "rows",
							  VIT_FMT(vit_data_lines_text(ev, x->failed_lines, NULL, x->failed_kept,
										      x->failed)),
							  VIT_FMT(x->failed_reason));
		r->expected = VIT_STR("every row taken");
		r->actual = x->refused.n ? VIT_STR("none") : vit_eval_text(ev, "%" PRIu64 " failed", x->failed);
	}
	if (x->dropped) {
		r = vit_eval_fail(ev, id);
		r->where.path = where(&c->facts->data);
		r->where.line = x->dropped_kept ? x->dropped_lines[0] : 0;
		r->message = vit_eval_text(ev, "%s drops %s %s: %.*s (%.*s).", name, vit_fmt_u64(x->dropped, n),
					   x->dropped == 1 ? "row" : "rows",
					   VIT_FMT(vit_data_lines_text(ev, x->dropped_lines, NULL, x->dropped_kept, x->dropped)),
					   VIT_FMT(x->dropped_reason));
		r->expected = VIT_STR("every row taken");
		r->actual = vit_eval_text(ev, "%" PRIu64 " dropped", x->dropped);
	}
	vit_eval_pass(ev, id);
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_data *d = &c->facts->data;
	const struct vit_job *j = c->job;

	if (vit_data_absent(c, ev, ids, sizeof ids / sizeof *ids))
		return;
	check_totals(c, ev);
	check_names(c, ev, VIT_CK_data_categories, "category", j ? j->categories : NULL, j ? j->category_count : 0,
		    &d->categories);
	check_names(c, ev, VIT_CK_data_sources, "source", j ? j->sources : NULL, j ? j->source_count : 0, &d->sources);
	check_trainer(c, ev);
}

const struct vit_pass vit_pass_data_totals = {
	.name = "data-totals",
	.needs = VIT_FG_DATA,
	.ids = ids,
	.id_count = sizeof ids / sizeof *ids,
	.run = run,
};
