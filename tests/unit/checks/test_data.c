/* Area 'data'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check_case.h"
#include "checks/data.h"

const struct vit_pass *const vit_passes[] = { &vit_pass_data, &vit_pass_data_totals };
const size_t vit_pass_count = 2;

static struct vit_data_file files[2];
static struct vit_job *job_of;

/* A good set of 40 chat rows, and one of 4 to validate with. */
static struct vit_data *begin(struct check_case *c)
{
	struct vit_data *d = &c->facts.data;

	case_new(c);
	memset(files, 0, sizeof files);
	job_of = &c->job;
	*job_of = (struct vit_job){ .given = true };
	for (unsigned i = 0; i < 2; i++) {
		files[i].path = i ? VIT_STR("valid.jsonl") : VIT_STR("train.jsonl");
		files[i].split = i ? VIT_SPLIT_VALID : VIT_SPLIT_TRAIN;
		files[i].container = VIT_DATA_JSONL;
		files[i].format = VIT_FORMAT_CHAT;
		files[i].rows = files[i].examples = i ? 4 : 40;
	}
	*d = (struct vit_data){ .given = true, .path = VIT_STR("set"), .files = files, .file_count = 2 };
	d->tokens.sequence = 2048;
	d->tokens.basis = VIT_TOKENS_EXACT;
	c->facts.groups |= VIT_FG_DATA;
	return d;
}

static void good_sets(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	job_of->dialect = VIT_STR("axolotl");
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_data_missing], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_data_split_overlap], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_data_template_failure], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_data_trainer_rows], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_data_totals_disagree], VIT_STATE_NOT_APPLICABLE);
	case_free(&c);
}

static void no_data(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c)->given = false;
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_data_duplicate], VIT_STATE_NOT_CHECKED);
	assert_int_equal(c.ev.states[VIT_CK_data_totals_disagree], VIT_STATE_NOT_CHECKED);
	case_free(&c);
}

/* Every issue of a row is a finding of the check of its name, at its line. */
static void issues(void **state)
{
	static const char *const fired[VIT_DI_COUNT] = {
		"data/invalid-json:error",	"data/invalid-utf8:error",	"data/row-too-long:error",
		"data/duplicate-key:warning",	"data/unknown-format:error",	"data/mixed-formats:error",
		"data/wrong-type:error",	"data/column-types:error",	"data/missing-field:error",
		"data/empty-field:warning",	"data/unknown-role:error",	"data/unknown-key:note",
		"data/alternation:warning",	"data/system-position:warning", "data/no-assistant:error",
		"data/last-turn:warning",	"data/tool-unanswered:warning", "data/tool-unasked:warning",
		"data/tool-arguments:error",	"data/harmony-channel:warning", "data/same-preference:warning",
		"data/control-characters:warning", "data/mojibake:warning",	"data/placeholder:warning",
		"data/html:note",		"data/special-token:warning",	"data/refusal:note",
		"data/identity:warning",	"data/secret:warning",		"data/personal-data:note",
		"data/duplicate:warning",	"data/near-duplicate:note",	"data/conflicting-answer:note",
		"data/split-overlap:warning",	"data/language-mix:note",	"data/length-outlier:note",
		"data/template-failure:error",	"data/over-length:warning",	"data/no-trainable-token:error",
	};
	struct check_case c;

	(void)state;
	for (unsigned i = 0; i < VIT_DI_COUNT; i++) {
		begin(&c);
		files[1].issues[i] = (struct vit_data_issue_rows){ .count = 2, .line_count = 2, .lines = { 3, 4 } };
		assert_string_equal(case_run(&c), fired[i]);
		const struct vit_finding *f = vit_vec_at(&c.ev.findings, 0);
		assert_int_equal(f->where.line, 3);
		assert_true(vit_str_is(f->where.path, "valid.jsonl"));
		assert_true(vit_str_find(f->message, VIT_STR("lines 3 and 4"), 0) != SIZE_MAX);
		case_free(&c);
	}
}

static void messages(void **state)
{
	struct check_case c;

	(void)state;
	begin(&c);
	files[0].issues[VIT_DI_duplicate] =
		(struct vit_data_issue_rows){ .count = 12, .line_count = 6, .lines = { 2, 4, 6, 8, 10, 12 }, .others = { 1, 1, 3, 1, 1, 1 } };
	case_run(&c);
	assert_string_equal(case_finding(&c, VIT_CK_data_duplicate)->message.p,
			    "12 rows are copies of others (30.0 %): lines 2 (as 1), 4 (as 1), 6 (as 3), 8 (as 1), 10 (as 1) and 7 more.");
	case_free(&c);
}

static void files_as_a_whole(void **state)
{
	struct check_case c;
	struct vit_data *d;

	(void)state;
	d = begin(&c);
	d->file_count = 1;
	files[0] = (struct vit_data_file){ .path = VIT_STR("lost.jsonl"), .container = VIT_DATA_UNREADABLE };
	files[0].err.code = VIT_E_NOTFOUND;
	assert_string_equal(case_run(&c), "data/missing:error");
	case_free(&c);

	begin(&c);
	files[1].container = VIT_DATA_PARQUET;
	files[1].rows = files[1].examples = 0;
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_data_read], VIT_STATE_UNKNOWN);
	case_free(&c);

	begin(&c);
	files[1].incomplete = true;
	files[1].err.code = VIT_E_SYNTAX;
	assert_string_equal(case_run(&c), "data/read:error");
	case_free(&c);

	begin(&c);
	files[0].bom = true;
	assert_string_equal(case_run(&c), "data/encoding:note");
	case_free(&c);

	begin(&c);
	files[0].container = VIT_DATA_UTF16;
	files[0].rows = files[0].examples = 0;
	assert_string_equal(case_run(&c), "data/encoding:error");
	case_free(&c);

	begin(&c);
	files[0].examples = 0;
	files[0].blank_lines = 1;
	assert_string_equal(case_run(&c), "data/empty:error data/blank-lines:note");
	case_free(&c);
}

static struct vit_data_name names[] = {
	{ .name = { "Shelter", 7 }, .count = 30 },
	{ .name = { "Rescue", 6 }, .count = 10 },
};

static void numbers(void **state)
{
	static struct vit_job_category asked[] = {
		{ .name = { "Shelter", 7 }, .has_count = true, .count = 30 },
		{ .name = { "Rescue", 6 }, .has_count = true, .count = 10, .minimum_share = 0.25 },
	};
	struct check_case c;
	struct vit_data *d;

	(void)state;
	d = begin(&c);
	d->categories = (struct vit_data_names){ .names = names, .count = 2, .rows = 40 };
	job_of->categories = asked;
	job_of->category_count = 2;
	job_of->has_data_count = true;
	job_of->data_count = 40;
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_data_totals_disagree], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_data_categories], VIT_STATE_PASS);
	case_free(&c);

	/* 50 asked for, 40 there; and the categories' numbers add up to 40, too. */
	d = begin(&c);
	d->categories = (struct vit_data_names){ .names = names, .count = 2, .rows = 40 };
	job_of->categories = asked;
	job_of->category_count = 2;
	job_of->has_data_count = true;
	job_of->data_count = 50;
	assert_string_equal(case_run(&c), "data/totals-disagree:error");
	assert_int_equal(c.ev.counts[VIT_CK_data_totals_disagree], 2);
	case_free(&c);

	/* A quarter is 10 of 40, and not 9. */
	d = begin(&c);
	names[1].count = 9;
	names[0].count = 30;
	d->categories = (struct vit_data_names){ .names = names, .count = 2, .rows = 39 };
	job_of->categories = asked;
	job_of->category_count = 2;
	assert_string_equal(case_run(&c), "data/categories:error");
	assert_int_equal(c.ev.counts[VIT_CK_data_categories], 2);
	names[1].count = 10;
	case_free(&c);

	/* One that nobody named, one that is not there. */
	d = begin(&c);
	d->sources = (struct vit_data_names){ .names = names, .count = 2, .rows = 40 };
	job_of->sources = asked;
	job_of->source_count = 1;
	assert_string_equal(case_run(&c), "data/sources:error");
	case_free(&c);

	/* The file about itself: a warning. */
	begin(&c);
	files[0].has_declared = true;
	files[0].declared = 41;
	files[0].declared_by = VIT_STR("total");
	assert_string_equal(case_run(&c), "data/totals-disagree:warning");
	case_free(&c);
}

static void trainers(void **state)
{
	struct check_case c;
	struct vit_data *d;

	(void)state;
	d = begin(&c);
	job_of->dialect = VIT_STR("mlx-lm");
	d->trainers[VIT_DATA_MLX].dropped = 2;
	d->trainers[VIT_DATA_TRL].failed = 2;
	assert_string_equal(case_run(&c), "data/trainer-rows:warning");
	case_free(&c);

	d = begin(&c);
	job_of->dialect = VIT_STR("TRL");
	d->trainers[VIT_DATA_TRL].failed = 2;
	assert_string_equal(case_run(&c), "data/trainer-rows:error");
	case_free(&c);

	d = begin(&c);
	job_of->dialect = VIT_STR("vitalis-job/1");
	d->trainers[VIT_DATA_TRL].failed = 2;
	assert_string_equal(case_run(&c), "");
	case_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_sets), cmocka_unit_test(no_data),	 cmocka_unit_test(issues),
		cmocka_unit_test(messages),  cmocka_unit_test(files_as_a_whole), cmocka_unit_test(numbers),
		cmocka_unit_test(trainers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
