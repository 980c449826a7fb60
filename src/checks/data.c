#include "checks/data.h"

#include <inttypes.h>

#include "base/num.h"

/* What each issue is called in a sentence: "3 rows are no valid JSON". */
static const struct {
	enum vit_data_issue issue;
	enum vit_check_id id;
	const char *one, *many;  /* after the number */
} rows[] = {
	{ VIT_DI_invalid_json, VIT_CK_data_invalid_json, "row is no valid JSON", "rows are no valid JSON" },
	{ VIT_DI_invalid_utf8, VIT_CK_data_invalid_utf8, "row is no valid UTF-8", "rows are no valid UTF-8" },
	{ VIT_DI_row_too_long, VIT_CK_data_row_too_long, "row is longer than 32 MiB and was skipped",
	  "rows are longer than 32 MiB and were skipped" },
	{ VIT_DI_duplicate_key, VIT_CK_data_duplicate_key, "row has a key twice", "rows have a key twice" },
	{ VIT_DI_unknown_format, VIT_CK_data_unknown_format, "row has no form that a trainer takes",
	  "rows have no form that a trainer takes" },
	{ VIT_DI_mixed_formats, VIT_CK_data_mixed_formats, "row has another format than most",
	  "rows have another format than most" },
	{ VIT_DI_wrong_type, VIT_CK_data_wrong_type, "row has a value of the wrong type",
	  "rows have a value of the wrong type" },
	{ VIT_DI_column_types, VIT_CK_data_column_types, "column changes its type", "columns change their type" },
	{ VIT_DI_missing_field, VIT_CK_data_missing_field, "row lacks a member that its format needs",
	  "rows lack a member that their format needs" },
	{ VIT_DI_empty_field, VIT_CK_data_empty_field, "row has an empty prompt or answer",
	  "rows have an empty prompt or answer" },
	{ VIT_DI_unknown_role, VIT_CK_data_unknown_role, "row has a role that its format does not have",
	  "rows have a role that their format does not have" },
	{ VIT_DI_unknown_key, VIT_CK_data_unknown_key, "row has a key in a message that nobody reads",
	  "rows have a key in a message that nobody reads" },
	{ VIT_DI_alternation, VIT_CK_data_alternation, "row has turns that do not alternate",
	  "rows have turns that do not alternate" },
	{ VIT_DI_system_position, VIT_CK_data_system_position, "row has a system turn behind others",
	  "rows have a system turn behind others" },
	{ VIT_DI_no_assistant, VIT_CK_data_no_assistant, "row has no assistant turn", "rows have no assistant turn" },
	{ VIT_DI_last_turn, VIT_CK_data_last_turn, "row does not end with the assistant",
	  "rows do not end with the assistant" },
	{ VIT_DI_tool_unanswered, VIT_CK_data_tool_unanswered, "row has a tool call that is not answered",
	  "rows have a tool call that is not answered" },
	{ VIT_DI_tool_unasked, VIT_CK_data_tool_unasked, "row has a tool's answer without a call",
	  "rows have a tool's answer without a call" },
	{ VIT_DI_tool_arguments, VIT_CK_data_tool_arguments, "row has a tool call whose arguments are no JSON",
	  "rows have a tool call whose arguments are no JSON" },
	{ VIT_DI_harmony_channel, VIT_CK_data_harmony_channel, "row has a channel that Harmony does not have",
	  "rows have a channel that Harmony does not have" },
	{ VIT_DI_same_preference, VIT_CK_data_same_preference, "row prefers an answer to itself",
	  "rows prefer an answer to itself" },
	{ VIT_DI_control_characters, VIT_CK_data_control_characters, "row has control characters",
	  "rows have control characters" },
	{ VIT_DI_mojibake, VIT_CK_data_mojibake, "row has characters that were decoded wrongly",
	  "rows have characters that were decoded wrongly" },
	{ VIT_DI_placeholder, VIT_CK_data_placeholder, "row has a placeholder", "rows have placeholders" },
	{ VIT_DI_html, VIT_CK_data_html, "row has remains of HTML", "rows have remains of HTML" },
	{ VIT_DI_special_token, VIT_CK_data_special_token, "row has control tokens in its text",
	  "rows have control tokens in their text" },
	{ VIT_DI_refusal, VIT_CK_data_refusal, "row has an answer that declines", "rows have an answer that declines" },
	{ VIT_DI_identity, VIT_CK_data_identity, "row has an answer that speaks as another assistant",
	  "rows have an answer that speaks as another assistant" },
	{ VIT_DI_secret, VIT_CK_data_secret, "row has what looks like a secret", "rows have what looks like secrets" },
	{ VIT_DI_personal_data, VIT_CK_data_personal_data, "row has what looks like personal data",
	  "rows have what looks like personal data" },
	{ VIT_DI_duplicate, VIT_CK_data_duplicate, "row is a copy of another", "rows are copies of others" },
	{ VIT_DI_near_duplicate, VIT_CK_data_near_duplicate, "row is nearly the same as another",
	  "rows are nearly the same as others" },
	{ VIT_DI_conflicting_answer, VIT_CK_data_conflicting_answer, "row answers a prompt that has another answer before",
	  "rows answer prompts that have another answer before" },
	{ VIT_DI_split_overlap, VIT_CK_data_split_overlap, "row is in the training data, too",
	  "rows are in the training data, too" },
	{ VIT_DI_language_mix, VIT_CK_data_language_mix, "row seems to be in another language than nearly all",
	  "rows seem to be in another language than nearly all" },
	{ VIT_DI_length_outlier, VIT_CK_data_length_outlier, "row is far longer than the rest",
	  "rows are far longer than the rest" },
	{ VIT_DI_template_failure, VIT_CK_data_template_failure, "conversation is refused by the model's template",
	  "conversations are refused by the model's template" },
	{ VIT_DI_over_length, VIT_CK_data_over_length, "example is longer than the job's sequences",
	  "examples are longer than the job's sequences" },
	{ VIT_DI_no_trainable_token, VIT_CK_data_no_trainable_token, "example has no trainable token left",
	  "examples have no trainable token left" },
};
#define ROWS (sizeof rows / sizeof *rows)

static const enum vit_check_id ids[] = {
	VIT_CK_data_missing, VIT_CK_data_read, VIT_CK_data_encoding, VIT_CK_data_empty, VIT_CK_data_blank_lines,
#define VIT_DATA_ISSUE(slug) VIT_CK_data_##slug,
#include "facts/data_issues.def"
#undef VIT_DATA_ISSUE
};
#define IDS (sizeof ids / sizeof *ids)

struct vit_str vit_data_lines_text(struct vit_eval *ev, const uint32_t *lines, const uint32_t *others,
				   uint32_t kept, uint64_t count)
{
	enum { SHOWN = 5 };
	struct vit_buf b;
	struct vit_str s;
	uint32_t shown = kept < SHOWN ? kept : SHOWN;

	vit_buf_init(&b, 4096);
	vit_buf_puts(&b, count == 1 ? "line " : "lines ");
	for (uint32_t i = 0; i < shown; i++) {
		vit_buf_printf(&b, "%s%" PRIu32, i ? i + 1 == shown && count == shown ? " and " : ", " : "", lines[i]);
		if (others && others[i])
			vit_buf_printf(&b, " (as %" PRIu32 ")", others[i]);
	}
	if (count > shown)
		vit_buf_printf(&b, " and %" PRIu64 " more", count - shown);
	s = vit_arena_str(ev->arena, vit_buf_view(&b));
	vit_buf_release(&b);
	return s;
}

bool vit_data_absent(const struct vit_case *c, struct vit_eval *ev, const enum vit_check_id *of, size_t count)
{
	if (c->facts->data.given)
		return false;
	for (size_t i = 0; i < count; i++)
		vit_eval_not_checked(ev, of[i], "no training data was given: --data FILE");
	return true;
}

static struct vit_finding *fail(struct vit_eval *ev, enum vit_check_id id, const struct vit_data_file *f)
{
	struct vit_finding *r = vit_eval_fail(ev, id);

	r->where.path = f->path;
	return r;
}

/* ---- files -------------------------------------------------------------------------- */

static const char *what_to_do(enum vit_data_container c)
{
	switch (c) {
	case VIT_DATA_CSV:
		return "only JSON is read; turn it into JSON lines to have its rows checked";
	case VIT_DATA_PARQUET:
	case VIT_DATA_ARROW:
		return "it is named, not read; write it as JSON lines to have its rows checked "
		       "(datasets: load_dataset(...).to_json(...))";
	case VIT_DATA_OTHER:
		return "expected JSON lines, or a JSON array or object";
	case VIT_DATA_EMPTY:
	case VIT_DATA_JSONL:
	case VIT_DATA_ARRAY:
	case VIT_DATA_OBJECT:
	case VIT_DATA_UTF16:
	case VIT_DATA_UNREADABLE:
		break;
	}
	return "";
}

static void fail_read(const struct vit_data_file *f, struct vit_eval *ev)
{
	struct vit_finding *r = fail(ev, VIT_CK_data_read, f);

	r->where.offset = f->err.offset;
	r->where.has_offset = f->err.offset > 0;
	r->message = vit_eval_text(ev, "Reading ends early, after %" PRIu64 " %s: %s.", f->rows,
				   f->rows == 1 ? "row" : "rows", f->err.msg);
	r->remedy = VIT_STR("Write the file again from its source.");
	r->expected = VIT_STR("a file that is whole");
	r->actual = vit_eval_text(ev, "%" PRIu64 " %s of it", f->rows, f->rows == 1 ? "row" : "rows");
}

static void check_read(const struct vit_data *d, struct vit_eval *ev)
{
	for (uint32_t i = 0; i < d->file_count; i++) {
		const struct vit_data_file *f = &d->files[i];
		const char *todo = what_to_do(f->container);

		if (*todo)
			vit_eval_unknown(ev, VIT_CK_data_read, "%.*s is %s: %s", VIT_FMT(f->path),
					 f->container == VIT_DATA_OTHER ? "no JSON" : vit_data_container_name(f->container), todo);
		else if (f->container == VIT_DATA_UNREADABLE &&
			 (f->err.code == VIT_E_SYNTAX || f->err.code == VIT_E_LIMIT))
			fail_read(f, ev);
		else if (f->container == VIT_DATA_UNREADABLE && f->err.code == VIT_E_NOTFOUND)
			vit_eval_not_applicable(ev, VIT_CK_data_read, "it is not there: see data/missing");
		else if (f->container == VIT_DATA_UNREADABLE)
			vit_eval_unknown(ev, VIT_CK_data_read, "%s", f->err.msg);
		else if (f->incomplete && (f->err.code == VIT_E_IO || f->err.code == VIT_E_INTERRUPTED))
			vit_eval_unknown(ev, VIT_CK_data_read, "%.*s: %s", VIT_FMT(f->path), f->err.msg);
		else if (f->incomplete)
			fail_read(f, ev);
	}
	if (d->files_left)
		vit_eval_unknown(ev, VIT_CK_data_read, "%" PRIu32 " files of the folder beyond the first %u were not read",
				 d->files_left, VIT_DATA_FILES);
	/* A file that is not there says nothing about reading. */
	vit_eval_pass(ev, VIT_CK_data_read);
}

static void check_encoding(const struct vit_data *d, struct vit_eval *ev)
{
	for (uint32_t i = 0; i < d->file_count; i++) {
		const struct vit_data_file *f = &d->files[i];
		struct vit_finding *r;

		if (f->container != VIT_DATA_UTF16 && !f->bom)
			continue;
		r = fail(ev, VIT_CK_data_encoding, f);
		r->expected = VIT_STR("UTF-8 without a byte order mark");
		if (f->container == VIT_DATA_UTF16) {
			r->message = VIT_STR("The file is UTF-16, which no JSON reader takes; its rows were not read.");
			r->actual = VIT_STR("UTF-16");
		} else {
			r->severity = VIT_SEV_NOTE;
			r->message = VIT_STR("The file begins with a byte order mark, which json.loads refuses.");
			r->actual = VIT_STR("UTF-8 with a byte order mark");
		}
	}
	vit_eval_pass(ev, VIT_CK_data_encoding);
}

static bool is_json(const struct vit_data_file *f)
{
	return f->container == VIT_DATA_JSONL || f->container == VIT_DATA_ARRAY || f->container == VIT_DATA_OBJECT;
}

static void check_empty(const struct vit_data *d, struct vit_eval *ev)
{
	bool readable = false;

	for (uint32_t i = 0; i < d->file_count; i++) {
		const struct vit_data_file *f = &d->files[i];
		struct vit_finding *r;

		readable |= is_json(f) || f->container == VIT_DATA_EMPTY;
		if (f->examples || (!is_json(f) && f->container != VIT_DATA_EMPTY))
			continue;
		r = fail(ev, VIT_CK_data_empty, f);
		r->message = f->rows			      ? VIT_STR("None of the file's rows is an example.") :
			     f->container == VIT_DATA_OBJECT ? VIT_STR("The object has no list of examples.") :
							       VIT_STR("The file has no example.");
		r->expected = VIT_STR("at least one example");
		r->actual = VIT_STR("none");
	}
	if (readable)
		vit_eval_pass(ev, VIT_CK_data_empty);
	else
		vit_eval_not_applicable(ev, VIT_CK_data_empty, "no file of it could be read");
}

static void check_blank(const struct vit_data *d, struct vit_eval *ev)
{
	char n[VIT_FMT_NUM];

	for (uint32_t i = 0; i < d->file_count; i++) {
		struct vit_finding *r;

		if (d->files[i].blank_lines == 0)
			continue;
		r = fail(ev, VIT_CK_data_blank_lines, &d->files[i]);
		r->message = vit_eval_text(ev, "%s blank %s between rows.", vit_fmt_u64(d->files[i].blank_lines, n),
					   d->files[i].blank_lines == 1 ? "line stands" : "lines stand");
		r->expected = VIT_STR("none");
		r->actual = vit_eval_text(ev, "%s", n);
	}
	vit_eval_pass(ev, VIT_CK_data_blank_lines);
}

static void check_missing(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_data *d = &c->facts->data;
	enum vit_check_id id = VIT_CK_data_missing;

	if (d->file_count == 1 && d->files[0].container == VIT_DATA_UNREADABLE && d->files[0].err.code == VIT_E_NOTFOUND) {
		struct vit_finding *r = fail(ev, id, &d->files[0]);
		r->message = vit_eval_text(ev, "The job's training data is not there: %s.", d->files[0].err.msg);
		r->expected = d->path;
		r->actual = VIT_STR("nothing");
	} else if (d->folder && d->file_count == 0) {
		struct vit_finding *r = vit_eval_fail(ev, id);
		r->where.path = d->path;
		r->message = VIT_STR("The folder has no data file: no .jsonl, .json, .parquet or .csv.");
		r->expected = VIT_STR("train.jsonl");
		r->actual = VIT_STR("none");
	}
	vit_eval_pass(ev, id);
}

/* ---- rows ----------------------------------------------------------------------------- */

/* ", that is 4.0 %" of the examples, where a share says something. */
static const char *share_text(const struct vit_data_file *f, uint64_t count, char out[32])
{
	uint64_t of = f->rows;

	out[0] = 0;
	if (of < 20 || count > of || count < 2)
		return out;
	struct vit_buf b;
	vit_buf_init(&b, 31);
	vit_buf_printf(&b, " (%.*f %%)", (double)count / (double)of < 0.01 ? 2 : 1, 100 * (double)count / (double)of);
	memcpy(out, b.p, b.n + 1);
	vit_buf_release(&b);
	return out;
}

/* What the detail is about: the one row, the first of them, or the number. */
static const char *opening(const struct vit_data_issue_rows *x)
{
	if (x->detail.n == 0)
		return "";
	return x->count == 1 || vit_str_starts(x->detail, VIT_STR("estimated")) ? " (" : " (the first: ";
}

static void trailing_comma(const struct vit_data_file *f, struct vit_eval *ev)
{
	struct vit_finding *r;

	if (!f->trailing_comma)
		return;
	r = fail(ev, VIT_CK_data_invalid_json, f);
	r->message = VIT_STR("A comma stands behind the last element of the list, which JSON does not have.");
	r->expected = VIT_STR("']'");
	r->actual = VIT_STR("','");
}

static void check_issue(const struct vit_data *d, size_t k, struct vit_eval *ev)
{
	enum vit_check_id id = rows[k].id;
	char n[VIT_FMT_NUM], share[32], hits[VIT_FMT_NUM];

	for (uint32_t i = 0; i < d->file_count; i++) {
		const struct vit_data_file *f = &d->files[i];
		const struct vit_data_issue_rows *x = &f->issues[rows[k].issue];
		struct vit_finding *r;

		if (id == VIT_CK_data_invalid_json)
			trailing_comma(f, ev);
		if (x->count == 0)
			continue;
		r = fail(ev, id, f);
		r->where.line = x->line_count ? x->lines[0] : 0;
		vit_fmt_u64(x->count, n);
		r->message = vit_eval_text(
			ev, "%s %s%s%s%s: %.*s%s%.*s%s.", n, x->count == 1 ? rows[k].one : rows[k].many,
			share_text(f, x->count, share), x->hits > x->count ? ", in all " : "",
			x->hits > x->count ? vit_fmt_u64(x->hits, hits) : "",
			VIT_FMT(vit_data_lines_text(ev, x->lines, x->others, x->line_count, x->count)),
			opening(x), VIT_FMT(x->detail), x->detail.n ? ")" : "");
		r->expected = VIT_STR("none");
		r->actual = vit_eval_text(ev, "%s of %s", n, vit_fmt_u64(f->rows, hits));
	}
}

static bool any_json(const struct vit_data *d)
{
	for (uint32_t i = 0; i < d->file_count; i++)
		if (is_json(&d->files[i]) && d->files[i].rows)
			return true;
	return false;
}

/* Issues that only some data can have: why not, else NULL. */
static const char *not_applicable(const struct vit_case *c, enum vit_data_issue i)
{
	const struct vit_data *d = &c->facts->data;
	bool held_out = false;

	for (uint32_t f = 0; f < d->file_count; f++)
		held_out |= d->files[f].split != VIT_SPLIT_TRAIN;
	if (!any_json(d))
		return "no row of it could be read";
	if (i == VIT_DI_split_overlap && !held_out)
		return "there is no validation or test data";
	if (i == VIT_DI_over_length && d->tokens.sequence == 0)
		return "no sequence length was said: --seq";
	if (i == VIT_DI_template_failure && d->tokens.basis != VIT_TOKENS_EXACT)
		return "the model's template was not applied";
	return NULL;
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_data *d = &c->facts->data;

	if (vit_data_absent(c, ev, ids, IDS))
		return;
	check_missing(c, ev);
	check_read(d, ev);
	check_encoding(d, ev);
	check_empty(d, ev);
	check_blank(d, ev);
	for (size_t k = 0; k < ROWS; k++) {
		const char *why = not_applicable(c, rows[k].issue);

		check_issue(d, k, ev);
		if (why)
			vit_eval_not_applicable(ev, rows[k].id, "%s", why);
		else
			vit_eval_pass(ev, rows[k].id);
	}
}

const struct vit_pass vit_pass_data = {
	.name = "data",
	.needs = VIT_FG_DATA,
	.ids = ids,
	.id_count = IDS,
	.run = run,
};
