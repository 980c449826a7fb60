/*
 * The data set of 50 emergency-relief examples, which has nothing wrong with it,
 * and its defective twin, in which each line from 51 on has one fault put into
 * it by hand; the table says which.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory.h"

static const struct {
	enum vit_data_issue issue;
	const char *train, *valid; /* lines */
} twin[] = {
	{ VIT_DI_invalid_json, "51", "" },
	{ VIT_DI_invalid_utf8, "52", "" },
	{ VIT_DI_row_too_long, "", "" },       /* see test_split.c */
	{ VIT_DI_duplicate_key, "53", "" },
	{ VIT_DI_unknown_format, "54", "" },
	{ VIT_DI_mixed_formats, "55", "" },
	{ VIT_DI_wrong_type, "56", "" },
	{ VIT_DI_column_types, "57", "" },
	{ VIT_DI_missing_field, "58", "" },
	{ VIT_DI_empty_field, "59", "" },
	{ VIT_DI_unknown_role, "60", "" },
	{ VIT_DI_unknown_key, "61", "" },
	{ VIT_DI_alternation, "62", "" },
	{ VIT_DI_system_position, "63", "" },
	{ VIT_DI_no_assistant, "64", "" },
	{ VIT_DI_last_turn, "65", "" },
	{ VIT_DI_tool_unanswered, "66", "" },
	{ VIT_DI_tool_unasked, "67", "" },
	{ VIT_DI_tool_arguments, "68", "" },
	{ VIT_DI_harmony_channel, "69", "" },
	{ VIT_DI_same_preference, "", "" },    /* below: pairs are a file of their own */
	{ VIT_DI_control_characters, "70", "" },
	{ VIT_DI_mojibake, "71", "" },
	{ VIT_DI_placeholder, "72", "" },
	{ VIT_DI_html, "73", "" },
	{ VIT_DI_special_token, "74", "" },
	{ VIT_DI_refusal, "75", "" },
	{ VIT_DI_identity, "76", "" },
	{ VIT_DI_secret, "77", "" },
	{ VIT_DI_personal_data, "78", "" },
	{ VIT_DI_duplicate, "79", "" },
	{ VIT_DI_near_duplicate, "80", "" },
	{ VIT_DI_conflicting_answer, "80 81", "" },
	{ VIT_DI_split_overlap, "", "1" },
	{ VIT_DI_language_mix, "82", "" },
	{ VIT_DI_length_outlier, "83", "" },
	{ VIT_DI_template_failure, "", "" },   /* needs a model: test_model.c */
	{ VIT_DI_over_length, "83", "" },
	{ VIT_DI_no_trainable_token, "83", "" },
};

static void scan_twin(struct vit_arena *a, struct vit_data *d)
{
	const struct vit_data_options o = { .sequence = 1000 };
	struct vit_data_scan *s;
	struct memory train = { .rest = memory_file(a, "emergency-relief/defective/train.jsonl") };
	struct memory valid = { .rest = memory_file(a, "emergency-relief/defective/valid.jsonl") };

	*d = (struct vit_data){ .given = true, .file_count = 2 };
	d->files = VIT_NEW_ARRAY(a, 2, struct vit_data_file);
	d->files[1].split = VIT_SPLIT_VALID;
	s = vit_data_scan_new(a, &o, d);
	vit_data_scan_file(s, 0, memory_read, &train);
	vit_data_scan_file(s, 1, memory_read, &valid);
	vit_data_scan_finish(s);
}

static void every_fault_has_its_line(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_data d;

	(void)state;
	assert_int_equal(sizeof twin / sizeof *twin, VIT_DI_COUNT);
	scan_twin(a, &d);
	for (size_t i = 0; i < sizeof twin / sizeof *twin; i++) {
		assert_int_equal(twin[i].issue, i);
		print_message("%s\n", vit_data_issue_name(twin[i].issue));
		assert_string_equal(memory_lines(a, &d.files[0], twin[i].issue), twin[i].train);
		assert_string_equal(memory_lines(a, &d.files[1], twin[i].issue), twin[i].valid);
	}
	assert_int_equal(d.files[0].rows, 83);
	/* Two rows are no JSON. */
	assert_int_equal(d.files[0].examples, 81);
	assert_int_equal(d.secrets, 1);
	assert_int_equal(d.emails, 1);
	assert_int_equal(d.cards, 1);
	assert_int_equal(d.phones + d.ibans, 0);
	assert_int_equal(d.files[0].issues[VIT_DI_duplicate].others[0], 3);
	assert_int_equal(d.files[0].issues[VIT_DI_near_duplicate].others[0], 12);
	vit_arena_free(a);
}

static void good_data_has_none(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_data d;
	const struct vit_data_options o = { .sequence = 2048 };
	uint64_t sum = 0;

	(void)state;
	memory_scan(a, memory_file(a, "emergency-relief/EMERGENCY_RELIEF_TRAINING_DATA.json"), &o, &d);
	for (unsigned i = 0; i < VIT_DI_COUNT; i++)
		assert_int_equal(d.files[0].issues[i].count, 0);
	assert_int_equal(d.files[0].container, VIT_DATA_OBJECT);
	assert_string_equal(d.files[0].member.p, "examples");
	assert_int_equal(d.files[0].format, VIT_FORMAT_ALPACA);
	assert_int_equal(d.files[0].examples, 50);
	assert_true(d.files[0].has_declared);
	assert_int_equal(d.files[0].declared, 50);
	assert_string_equal(d.files[0].declared_by.p, "metadata.total_examples");
	assert_int_equal(d.categories.count, 8);
	assert_int_equal(d.sources.count, 5);
	for (uint32_t i = 0; i < d.categories.count; i++) {
		assert_int_equal(d.categories.names[i].count, d.categories.names[i].declared);
		sum += d.categories.names[i].count;
	}
	assert_int_equal(sum, 50);
	assert_string_equal(d.categories.names[0].name.p, "Disaster Response");
	assert_int_equal(d.categories.names[0].count, 10);
	assert_int_equal(d.secrets + d.emails + d.phones + d.cards + d.ibans, 0);
	vit_arena_free(a);
}

static void equal_preferences(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_data d;

	(void)state;
	memory_scan(a, memory_file(a, "emergency-relief/preference.jsonl"), NULL, &d);
	assert_int_equal(d.files[0].format, VIT_FORMAT_PREFERENCE);
	assert_string_equal(memory_lines(a, &d.files[0], VIT_DI_same_preference), "2");
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_has_its_line),
		cmocka_unit_test(good_data_has_none),
		cmocka_unit_test(equal_preferences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
