#include <inttypes.h>

#include "base/num.h"
#include "present/present.h"

#define NAME_ROWS 40  /* of categories and sources shown in text formats */

static struct vit_str lines_text(const struct vit_present *p, const uint32_t *lines, uint32_t kept, uint64_t count)
{
	struct vit_buf b;
	struct vit_str s;

	vit_buf_init(&b, 1024);
	for (uint32_t i = 0; i < kept && i < 5; i++)
		vit_buf_printf(&b, "%s%" PRIu32, i ? ", " : "", lines[i]);
	if (count > 5 && kept)
		vit_buf_printf(&b, ", ... (%" PRIu64 ")", count);
	s = vit_arena_str(p->arena, vit_buf_view(&b));
	vit_buf_release(&b);
	return s;
}

static struct vit_val share(uint64_t n, uint64_t of)
{
	struct vit_val v = vit_val_none();

	if (of == 0)
		return v;
	/* One decimal: more would be noise in both forms. */
	v = vit_val_double((double)(int64_t)(1000.0 * (double)n / (double)of + 0.5) / 10);
	v.str = VIT_STR("%");
	return v;
}

/* ---- files ---------------------------------------------------------------------- */

static struct vit_str uses_text(unsigned uses)
{
	switch (uses & (VIT_USES_TOOLS | VIT_USES_HARMONY)) {
	case VIT_USES_TOOLS:
		return VIT_STR("tool calls");
	case VIT_USES_HARMONY:
		return VIT_STR("Harmony");
	case VIT_USES_TOOLS | VIT_USES_HARMONY:
		return VIT_STR("tool calls, Harmony");
	default:
		return uses & VIT_USES_PARTS ? VIT_STR("content parts") : VIT_STR_EMPTY;
	}
}

static void present_files(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "path", "File", false },	     { "split", "Split", false },
		{ "container", "Container", false }, { "compression", NULL, false },
		{ "format", "Format", false },	     { "uses", "Uses", false },
		{ "rows", "Rows", true },	     { "examples", "Examples", true },
		{ "stored_bytes", "Size", true },    { "text_bytes", NULL, true },
		{ "longest_row_bytes", "Longest row", true },
	};
	const struct vit_data *d = &p->facts->data;
	struct vit_node *t = vit_present_table(p, s, "files", "Files", columns, 11, d->file_count);

	for (uint32_t i = 0; i < d->file_count; i++) {
		const struct vit_data_file *f = &d->files[i];

		*vit_cell(t, i, 0) = vit_val_str(f->path);
		*vit_cell(t, i, 1) = vit_val_c(vit_data_split_name(f->split));
		*vit_cell(t, i, 2) = vit_val_c(f->compression == VIT_DATA_PLAIN ?
						       vit_data_container_name(f->container) :
						       vit_arena_printf(p->arena, "%s (%s)", vit_data_container_name(f->container),
									vit_data_compression_name(f->compression)).p);
		*vit_cell(t, i, 3) = vit_val_c(vit_data_compression_name(f->compression));
		*vit_cell(t, i, 4) = vit_val_c(vit_data_format_name(f->format));
		if (uses_text(f->uses).n)
			*vit_cell(t, i, 5) = vit_val_str(uses_text(f->uses));
		*vit_cell(t, i, 6) = vit_val_u64(f->rows);
		*vit_cell(t, i, 7) = vit_val_u64(f->examples);
		*vit_cell(t, i, 8) = vit_val_bytes(f->stored_bytes);
		*vit_cell(t, i, 9) = vit_val_bytes(f->text_bytes);
		if (f->longest_row)
			*vit_cell(t, i, 10) = vit_val_bytes(f->longest_row);
	}
}

/* Of containers that are named and not read, and of what was not read to the end. */
static void present_unread(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_data *d = &p->facts->data;

	for (uint32_t i = 0; i < d->file_count; i++) {
		const struct vit_data_file *f = &d->files[i];

		if (f->container == VIT_DATA_CSV)
			vit_present_text(p, s, vit_arena_printf(p->arena, "%.*s is CSV with the header \"%.*s\": its rows were not read.",
								VIT_FMT(f->path), VIT_FMT(f->csv_header)));
		else if (f->container == VIT_DATA_PARQUET || f->container == VIT_DATA_ARROW)
			vit_present_text(p, s, vit_arena_printf(p->arena, "%.*s is %s: its rows were not read.", VIT_FMT(f->path),
								vit_data_container_name(f->container)));
		else if (f->incomplete || f->container == VIT_DATA_UNREADABLE)
			vit_present_text(p, s, vit_arena_printf(p->arena, "%.*s was not read to its end: %s.", VIT_FMT(f->path),
								f->err.msg));
	}
}

/* ---- names ------------------------------------------------------------------------- */

static const struct vit_job_category *asked(const struct vit_job_category *list, uint32_t count, struct vit_str name)
{
	for (uint32_t i = 0; i < count; i++)
		if (vit_str_eq(list[i].name, name))
			return &list[i];
	return NULL;
}

static void present_names(const struct vit_present *p, struct vit_section *s, const char *key, const char *label,
			  const struct vit_data_names *n, const struct vit_job_category *list, uint32_t count)
{
	static const struct vit_column columns[] = {
		{ "name", "Name", false },	       { "examples", "Examples", true },
		{ "share_percent", "Share", true },    { "expected", "Job asks for", true },
		{ "declared", "File declares", true },
	};
	uint64_t total = vit_data_examples(&p->facts->data);
	uint32_t absent = 0, row;
	struct vit_node *t;

	for (uint32_t i = 0; i < count; i++) {
		bool found = false;
		for (uint32_t k = 0; k < n->count; k++)
			found |= vit_str_eq(n->names[k].name, list[i].name);
		absent += !found;
	}
	t = vit_present_table(p, s, key, label, columns, 5, n->count + absent);
	t->text_rows = NAME_ROWS;
	row = n->count;
	for (uint32_t i = 0; i < n->count; i++) {
		const struct vit_job_category *want = asked(list, count, n->names[i].name);

		*vit_cell(t, i, 0) = vit_val_str(n->names[i].name);
		*vit_cell(t, i, 1) = vit_val_u64(n->names[i].count);
		*vit_cell(t, i, 2) = share(n->names[i].count, total);
		if (want && want->has_count)
			*vit_cell(t, i, 3) = vit_val_u64(want->count);
		if (n->names[i].has_declared)
			*vit_cell(t, i, 4) = vit_val_u64(n->names[i].declared);
	}
	for (uint32_t i = 0; i < count; i++) {
		bool found = false;
		for (uint32_t k = 0; k < n->count; k++)
			found |= vit_str_eq(n->names[k].name, list[i].name);
		if (found)
			continue;
		*vit_cell(t, row, 0) = vit_val_str(list[i].name);
		*vit_cell(t, row, 1) = vit_val_u64(0);
		*vit_cell(t, row, 2) = share(0, total);
		if (list[i].has_count)
			*vit_cell(t, row, 3) = vit_val_u64(list[i].count);
		row++;
	}
	if (n->others)
		vit_present_text(p, s, vit_arena_printf(p->arena, "%" PRIu64 " more examples have names beyond the first %u.",
							n->others, VIT_DATA_NAMES));
}

static void present_languages(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "name", "Language (estimated)", false },
		{ "examples", "Examples", true },
		{ "share_percent", "Share", true },
	};
	const struct vit_data_names *n = &p->facts->data.languages;
	struct vit_node *t;

	if (n->count == 0)
		return;
	t = vit_present_table(p, s, "languages", "Languages", columns, 3, n->count);

	t->source = VIT_STR("estimated from scripts and stop words of the first 500 bytes of each row; behind the "
			    "first 20,000 rows, of one in eight");
	t->basis = VIT_BASIS_COMPUTED;
	for (uint32_t i = 0; i < n->count; i++) {
		*vit_cell(t, i, 0) = vit_val_str(n->names[i].name);
		*vit_cell(t, i, 1) = vit_val_u64(n->names[i].count);
		*vit_cell(t, i, 2) = share(n->names[i].count, n->rows);
	}
}

/* ---- tokens ---------------------------------------------------------------------------- */

static struct vit_val tokens_val(uint64_t n)
{
	struct vit_val v = vit_val_u64(n);

	v.str = n == 1 ? VIT_STR("token") : VIT_STR("tokens");
	return v;
}

/* Members of JSON alone; people get a table. */
static void present_lengths(const struct vit_present *p, struct vit_node *g, const char *key,
			    const struct vit_data_percentiles *x)
{
	struct vit_node *n = vit_node_child(p->arena, g, VIT_NODE_GROUP, key, NULL);
	const struct {
		const char *key;
		struct vit_val value;
	} members[] = {
		{ "min", vit_val_u64(x->minimum) },
		{ "mean", vit_val_double((double)(int64_t)(x->mean * 10 + 0.5) / 10) },
		{ "p50", vit_val_u64(x->p50) },
		{ "p95", vit_val_u64(x->p95) },
		{ "p99", vit_val_u64(x->p99) },
		{ "max", vit_val_u64(x->maximum) },
	};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		vit_node_value(p->arena, n, members[i].key, NULL, members[i].value, VIT_BASIS_NONE, VIT_STR_EMPTY);
}

static void present_length_table(const struct vit_present *p, struct vit_node *g, const struct vit_data_tokens *t)
{
	static const struct vit_column columns[] = {
		{ NULL, "Tokens of", false }, { NULL, "Shortest", true }, { NULL, "Mean", true },
		{ NULL, "Half", true },	      { NULL, "95 %", true },	  { NULL, "99 %", true },
		{ NULL, "Longest", true },
	};
	const struct {
		const char *what;
		const struct vit_data_percentiles *x;
	} rows[] = { { "an example", &t->per_example },
		     { "what comes before the first answer", &t->prompts },
		     { "what is trained on", &t->trainables } };
	struct vit_node *n = vit_node_table(p->arena, g, NULL, "Lengths: so many tokens at most", columns, 7, 3);

	for (uint32_t i = 0; i < 3; i++) {
		const struct vit_data_percentiles *x = rows[i].x;

		*vit_cell(n, i, 0) = vit_val_c(rows[i].what);
		*vit_cell(n, i, 1) = vit_val_u64(x->minimum);
		*vit_cell(n, i, 2) = vit_val_double((double)(int64_t)(x->mean * 10 + 0.5) / 10);
		*vit_cell(n, i, 3) = vit_val_u64(x->p50);
		*vit_cell(n, i, 4) = vit_val_u64(x->p95);
		*vit_cell(n, i, 5) = vit_val_u64(x->p99);
		*vit_cell(n, i, 6) = vit_val_u64(x->maximum);
	}
	present_lengths(p, g, "per_example", &t->per_example);
	present_lengths(p, g, "per_prompt", &t->prompts);
	present_lengths(p, g, "per_answer", &t->trainables);
}

static void present_histogram(const struct vit_present *p, struct vit_node *g, const struct vit_data_tokens *t)
{
	static const struct vit_column columns[] = {
		{ "upto", "Tokens up to", true }, { "examples", "Examples", true }, { NULL, "", false },
	};
	struct vit_node *n = vit_node_table(p->arena, g, "histogram", "How many examples are how long", columns, 3, t->bins);
	static const char bar[] = "########################################";
	uint64_t most = 1;

	for (uint32_t i = 0; i < t->bins; i++)
		most = t->bin_rows[i] > most ? t->bin_rows[i] : most;
	for (uint32_t i = 0; i < t->bins; i++) {
		size_t width = (size_t)((double)t->bin_rows[i] * 40.0 / (double)most + 0.5);
		if (t->bin_rows[i] && width == 0)
			width = 1;
		*vit_cell(n, i, 0) = vit_val_u64(t->bin_upto[i]);
		*vit_cell(n, i, 1) = vit_val_u64(t->bin_rows[i]);
		*vit_cell(n, i, 2) = vit_val_str((struct vit_str){ bar, width });
	}
}

static void present_sequence(const struct vit_present *p, struct vit_node *g, const struct vit_data_tokens *t,
			     enum vit_basis basis, struct vit_str how)
{
	struct vit_arena *a = p->arena;

	if (t->sequence == 0)
		return;
	vit_node_value(a, g, "sequence", "Sequence length", vit_val_u64(t->sequence), VIT_BASIS_ATTESTED, VIT_STR("the job"));
	vit_node_value(a, g, "over_length", "Examples over it", vit_val_u64(t->over_length), basis, how);
	if (t->over_length) {
		vit_node_value(a, g, "cut_tokens", "Cut off together", tokens_val(t->over_tokens), basis, how);
		vit_node_value(a, g, "over_most", "The longest is over by", tokens_val(t->over_most), basis, how);
	}
	vit_node_value(a, g, "untrainable", "Examples with nothing left to learn", vit_val_u64(t->untrainable), basis, how);
	vit_node_value(a, g, "kept_trainable", "Trainable, cut to the sequence", tokens_val(t->kept_trainable), basis, how);
	if (t->packed_sequences) {
		struct vit_val v = vit_val_double((double)(int64_t)(t->packing_waste * 1000 + 0.5) / 10);
		v.str = VIT_STR("%");
		vit_node_value(a, g, "packed_sequences", "Sequences when packed (best fit)", vit_val_u64(t->packed_sequences),
			       VIT_BASIS_COMPUTED, VIT_STR("the lengths"));
		vit_node_value(a, g, "packing_waste_percent", "Left empty by packing", v, VIT_BASIS_COMPUTED, VIT_STR("the lengths"));
	}
}

static void present_tokens(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_data_tokens *t = &p->facts->data.tokens;
	enum vit_basis basis = t->basis == VIT_TOKENS_ESTIMATED ? VIT_BASIS_COMPUTED : VIT_BASIS_MEASURED;
	struct vit_str how = t->basis == VIT_TOKENS_ESTIMATED ? VIT_STR("estimated from the text") :
							     VIT_STR("the model's tokenizer");
	struct vit_arena *a = p->arena;
	struct vit_node *g;
	struct vit_val waste;

	if (!t->given)
		return;
	g = vit_node_add(a, s, VIT_NODE_GROUP, "tokens", "Tokens");
	vit_node_value(a, g, "how", "Counted", vit_val_str(t->note), VIT_BASIS_NONE, VIT_STR_EMPTY);
	vit_node_value(a, g, "estimated", NULL, vit_val_bool(t->basis == VIT_TOKENS_ESTIMATED), VIT_BASIS_NONE, VIT_STR_EMPTY);
	vit_node_value(a, g, "examples", "Examples counted", vit_val_u64(t->examples), VIT_BASIS_MEASURED, VIT_STR("training rows"));
	vit_node_value(a, g, "total", "An epoch", tokens_val(t->total), basis, how);
	vit_node_value(a, g, "prompt", "Before the first answer", tokens_val(t->prompt), basis, how);
	vit_node_value(a, g, "trainable", "Trainable", tokens_val(t->trainable), basis, t->rule);
	present_length_table(p, g, t);
	present_histogram(p, g, t);
	present_sequence(p, g, t, basis, how);
	waste = vit_val_double((double)(int64_t)(t->padding_waste * 1000 + 0.5) / 10);
	waste.str = VIT_STR("%");
	vit_node_value(a, g, "padding_waste_percent",
		       vit_arena_printf(a, "Padding of random batches of %" PRIu32, t->batch).p, waste, VIT_BASIS_COMPUTED,
		       VIT_STR("the lengths"));
}

/* ---- duplicates, issues, trainers --------------------------------------------------------- */

static void present_duplicates(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_data_duplicates *d = &p->facts->data.duplicates;
	const char *how = d->sample_shift ?
				  vit_arena_printf(p->arena, "estimated: of the later rows one in %u was kept, chosen by content", 1u << d->sample_shift).p :
				  "hashes of every row's content";
	enum vit_basis basis = d->sample_shift ? VIT_BASIS_COMPUTED : VIT_BASIS_MEASURED;

	vit_present_value(p, s, "duplicates", "Exact duplicates", vit_val_u64(d->duplicates), basis, how);
	if (p->eval->selected[VIT_CK_data_near_duplicate])
		vit_present_value(p, s, "near_duplicates", "Near duplicates", vit_val_u64(d->near_duplicates), VIT_BASIS_COMPUTED,
			  d->near_partial ?
				  vit_arena_printf(p->arena, "MinHash over the first %" PRIu64 " rows of 20 words or more; those "
						   "behind them were not compared", d->near_compared).p :
				  vit_arena_printf(p->arena, "MinHash, similarity 0.8, over %" PRIu64 " rows of 20 words or more",
						   d->near_compared).p);
	vit_present_value(p, s, "conflicting_answers", "Conflicting answers", vit_val_u64(d->conflicts), basis, how);
}

static void present_issues(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "issue", "Rows with", false }, { "path", NULL, false },    { "rows", "Rows", true },
		{ "detail", "The first", false }, { "lines", "Lines", false },
	};
	const struct vit_data *d = &p->facts->data;
	uint32_t count = 0, row = 0;
	struct vit_node *t;

	for (uint32_t f = 0; f < d->file_count; f++)
		for (unsigned i = 0; i < VIT_DI_COUNT; i++)
			count += d->files[f].issues[i].count > 0;
	if (count == 0)
		return;
	t = vit_present_table(p, s, "issues", "Rows to look at", columns, 5, count);
	for (uint32_t f = 0; f < d->file_count; f++)
		for (unsigned i = 0; i < VIT_DI_COUNT; i++) {
			const struct vit_data_issue_rows *x = &d->files[f].issues[i];
			struct vit_str name = vit_arena_str(p->arena, vit_str_c(vit_data_issue_name((enum vit_data_issue)i)));
			char *c = vit_arena_str(p->arena, name).n ? vit_arena_alloc(p->arena, name.n + 1) : NULL;

			if (x->count == 0)
				continue;
			for (size_t k = 0; c && k < name.n; k++)
				c[k] = name.p[k] == '_' ? '-' : name.p[k];
			*vit_cell(t, row, 0) = vit_val_c(c);
			*vit_cell(t, row, 1) = vit_val_str(d->files[f].path);
			*vit_cell(t, row, 2) = vit_val_u64(x->count);
			if (x->detail.n)
				*vit_cell(t, row, 3) = vit_val_str(x->detail);
			*vit_cell(t, row, 4) = vit_val_str(lines_text(p, x->lines, x->line_count, x->count));
			row++;
		}
}

static void present_trainers(const struct vit_present *p, struct vit_section *s)
{
	static const char *const versions[VIT_DATA_TRAINERS] = {
		"TRL 1.16.0, SFTTrainer", "axolotl 0.19.0", "LLaMA-Factory 0.9.5", "mlx-lm 0.32.2",
		"OpenAI, documented format checks",
	};
	static const struct vit_column columns[] = {
		{ "name", "Trainer", false },	    { "rules", NULL, false },
		{ "dropped", "Drops", true },	    { "truncated", "Cuts", true },
		{ "failed", "Fails on", true },	    { "refused", "Takes none: why", false },
		{ "reason", "Rule", false },	    { "cut_at", "Cuts at", false },
		{ "lines", "Lines", false },
	};
	const struct vit_data *d = &p->facts->data;
	struct vit_node *t;

	if (vit_data_examples(d) == 0)
		return;
	t = vit_present_table(p, s, "trainers", "What trainers do with the rows", columns, 9, VIT_DATA_TRAINERS);
	t->source = VIT_STR("rules of each trainer's code or documents, described in docs/DATA.md");
	t->basis = VIT_BASIS_COMPUTED;
	for (uint32_t i = 0; i < VIT_DATA_TRAINERS; i++) {
		const struct vit_data_trainer_rows *x = &d->trainers[i];
		struct vit_str why = x->failed ? x->failed_reason : x->dropped_reason;
		struct vit_str lines = x->failed  ? lines_text(p, x->failed_lines, x->failed_kept, x->failed) :
				       x->dropped ? lines_text(p, x->dropped_lines, x->dropped_kept, x->dropped) :
						    lines_text(p, x->truncated_lines, x->truncated_kept, x->truncated);

		*vit_cell(t, i, 0) = vit_val_c(vit_data_trainer_name((enum vit_data_trainer)i));
		*vit_cell(t, i, 1) = vit_val_c(versions[i]);
		*vit_cell(t, i, 2) = vit_val_u64(x->dropped);
		*vit_cell(t, i, 3) = vit_val_u64(x->truncated);
		*vit_cell(t, i, 4) = vit_val_u64(x->failed);
		if (x->refused.n)
			*vit_cell(t, i, 5) = vit_val_str(x->refused);
		if (why.n)
			*vit_cell(t, i, 6) = vit_val_str(why);
		*vit_cell(t, i, 7) = vit_val_str(x->truncated_rule);
		if (lines.n)
			*vit_cell(t, i, 8) = vit_val_str(lines);
	}
}

static void present_personal(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_data *d = &p->facts->data;
	struct vit_node *g = vit_node_add(p->arena, s, VIT_NODE_GROUP, "privacy", "Secrets and personal data (counted, never kept)");
	struct vit_arena *a = p->arena;
	struct vit_str how = VIT_STR("shapes with check digits; names and addresses are not looked for");

	vit_node_value(a, g, "secrets", "Keys and tokens", vit_val_u64(d->secrets), VIT_BASIS_MEASURED, how);
	vit_node_value(a, g, "emails", "Mail addresses", vit_val_u64(d->emails), VIT_BASIS_MEASURED, how);
	vit_node_value(a, g, "phones", "Telephone numbers", vit_val_u64(d->phones), VIT_BASIS_MEASURED, how);
	vit_node_value(a, g, "cards", "Card numbers", vit_val_u64(d->cards), VIT_BASIS_MEASURED, how);
	vit_node_value(a, g, "ibans", "IBANs", vit_val_u64(d->ibans), VIT_BASIS_MEASURED, how);
}

void vit_present_data(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_data *d = &p->facts->data;
	const struct vit_job *j = p->job;
	uint64_t examples = vit_data_examples(d);

	if (!d->given) {
		s->not_assessed = VIT_STR("no training data was given: --data FILE");
		return;
	}
	vit_present_value(p, s, "path", "Data", vit_val_str(d->path), VIT_BASIS_NONE, "");
	vit_present_value(p, s, "examples", "Training examples", vit_val_u64(examples), VIT_BASIS_MEASURED, "rows that are JSON objects");
	present_files(p, s);
	present_unread(p, s);
	if (examples == 0)
		return;
	if (d->categories.count || j->category_count)
		present_names(p, s, "categories", "Categories", &d->categories, j->categories, j->category_count);
	if (d->sources.count || j->source_count)
		present_names(p, s, "sources", "Sources", &d->sources, j->sources, j->source_count);
	present_tokens(p, s);
	present_duplicates(p, s);
	present_languages(p, s);
	present_personal(p, s);
	present_issues(p, s);
	present_trainers(p, s);
	vit_present_text(p, s, VIT_STR("Not assessed: whether what the examples say is true, and whether they may be used."));
}
