#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/options.h"
#include "cli/terminal.h"

#define MAX_WORDS 24

struct fixture {
	struct vit_arena *arena;
	struct vit_args args;
	struct vit_err err;
};

static int setup(void **state)
{
	static struct fixture f;
	memset(&f, 0, sizeof(f));
	f.arena = vit_arena_new();
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	vit_arena_free(((struct fixture *)*state)->arena);
	return 0;
}

/* Parses the words of `line`, cut at spaces. */
static enum vit_errc parse(struct fixture *f, const char *line)
{
	char *argv[MAX_WORDS] = { NULL };
	struct vit_str rest = vit_str_c(line), word;
	int argc = 1;
	while (vit_str_split(&rest, ' ', &word)) {
		argv[argc] = vit_arena_alloc(f->arena, word.n + 1);
		memcpy(argv[argc++], word.p, word.n);
	}
	f->err = (struct vit_err){ .code = VIT_OK };
	return vit_args_parse(f->arena, argc, argv, &f->args, &f->err);
}

static void folder_alone_is_an_audit(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(parse(f, "models/x"), VIT_OK);
	assert_int_equal(f->args.command, VIT_CMD_audit);
	assert_int_equal(f->args.operand_count, 1);
	assert_string_equal(f->args.operands[0], "models/x");
}

static void commands_by_name_until_dashes(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(parse(f, "explain files/lfs-pointer"), VIT_OK);
	assert_int_equal(f->args.command, VIT_CMD_explain);
	assert_string_equal(f->args.operands[0], "files/lfs-pointer");
	assert_int_equal(parse(f, "--format json checks"), VIT_OK);
	assert_int_equal(f->args.command, VIT_CMD_checks);
	/* A folder that is called like a command. */
	assert_int_equal(parse(f, "-- checks"), VIT_OK);
	assert_int_equal(f->args.command, VIT_CMD_audit);
	assert_string_equal(f->args.operands[0], "checks");
	assert_int_equal(parse(f, "audit checks"), VIT_OK);
	assert_int_equal(f->args.command, VIT_CMD_audit);
	assert_string_equal(f->args.operands[0], "checks");
	assert_int_equal(parse(f, "-- --only"), VIT_OK);
	assert_string_equal(f->args.operands[0], "--only");
}

static void arguments_in_every_form(void **state)
{
	struct fixture *f = *state;
	static const char *const lines[] = { "d --format json", "d --format=json", "d -f json",
					     "-fjson d", "-qf json d" };
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(f, lines[i]), VIT_OK);
		assert_true(f->args.values[VIT_OPT_format].given);
		assert_string_equal(f->args.values[VIT_OPT_format].text, "json");
		assert_string_equal(f->args.operands[0], "d");
	}
	/* '-' is an operand, not an option without a letter. */
	assert_int_equal(parse(f, "d -o -"), VIT_OK);
	assert_string_equal(f->args.values[VIT_OPT_output].list[0], "-");
}

static void lists_repeat_and_take_commas(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(parse(f, "d --only files,weights --only config/x -o a.md -o b,c.md"), VIT_OK);
	const struct vit_opt_value *only = &f->args.values[VIT_OPT_only];
	assert_int_equal(only->count, 3);
	assert_string_equal(only->list[0], "files");
	assert_string_equal(only->list[1], "weights");
	assert_string_equal(only->list[2], "config/x");
	/* A file name may hold a comma. */
	assert_int_equal(f->args.values[VIT_OPT_output].count, 2);
	assert_string_equal(f->args.values[VIT_OPT_output].list[1], "b,c.md");
	assert_int_equal(parse(f, "d --only ,"), VIT_E_USAGE);
}

static void last_one_counts(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(parse(f, "d -f json -f markdown -q -v"), VIT_OK);
	assert_string_equal(f->args.values[VIT_OPT_format].text, "markdown");
	assert_int_equal(vit_args_verbosity(&f->args), VIT_VERBOSE);
	assert_int_equal(parse(f, "d -v -q"), VIT_OK);
	assert_int_equal(vit_args_verbosity(&f->args), VIT_QUIET);
	assert_int_equal(parse(f, "d -qv"), VIT_OK);
	assert_int_equal(parse(f, "d"), VIT_OK);
	assert_int_equal(vit_args_verbosity(&f->args), VIT_NORMAL);
}

static void mistakes_are_usage_errors(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *line, *message;
	} rows[] = {
		{ "d --formt json", "unknown option --formt: did you mean --format?" },
		{ "d --out x", "unknown option --out: did you mean --output?" },
		{ "d --fail-no error", "unknown option --fail-no: did you mean --fail-on?" },
		{ "d --xyzzyplugh", "unknown option --xyzzyplugh" },
		{ "d -x", "unknown option -x" },
		{ "d --quiet=yes", "option --quiet takes no argument" },
		{ "d --spec", "option --spec needs FILE|NAME" },
		{ "d -o", "option --output needs FILE" },
		{ "d --spec=", "option --spec: FILE|NAME is empty" },
		{ "d --jobs 0", "option --jobs: 0 is not a number from 1 to 1024" },
		{ "d --jobs 4x", "option --jobs: 4x is not a number from 1 to 1024" },
		{ "d --jobs 99999999999999999999",
		  "option --jobs: 99999999999999999999 is not a number from 1 to 1024" },
		{ "d e", "one argument too many for 'audit': e" },
		{ "explain", "the command 'explain' needs ID" },
		{ "-q", "the command 'audit' needs PATH" },
		{ "checks --spec llama", "option --spec does not apply to the command 'checks'" },
		{ "explain x --jobs 2", "option --jobs does not apply to the command 'explain'" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parse(f, rows[i].line), VIT_E_USAGE);
		assert_int_equal(f->err.code, VIT_E_USAGE);
		assert_string_equal(f->err.msg, rows[i].message);
	}
}

static void help_and_version_anywhere(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(parse(f, "--help"), VIT_OK);
	assert_int_equal(f->args.command, VIT_CMD_help);
	assert_int_equal(f->args.operand_count, 0);
	assert_int_equal(parse(f, "explain -h"), VIT_OK);
	assert_int_equal(f->args.command, VIT_CMD_help);
	assert_int_equal(f->args.operand_count, 1);
	assert_string_equal(f->args.operands[0], "explain");
	assert_int_equal(parse(f, "some/folder --help"), VIT_OK);
	assert_int_equal(f->args.operand_count, 0);
	assert_int_equal(parse(f, "a b c --version"), VIT_OK);
	assert_int_equal(f->args.command, VIT_CMD_version);
	assert_int_equal(parse(f, "help spec"), VIT_OK);
	assert_string_equal(f->args.operands[0], "spec");
	/* But a mistake is still one. */
	assert_int_equal(parse(f, "--help --nonsense"), VIT_E_USAGE);
}

static void near_commands(void **state)
{
	(void)state;
	assert_int_equal(vit_cmd_nearest(VIT_STR("chekcs")), VIT_CMD_checks);
	assert_int_equal(vit_cmd_nearest(VIT_STR("explian")), VIT_CMD_explain);
	assert_int_equal(vit_cmd_nearest(VIT_STR("gpt-oss-20b")), VIT_CMD_COUNT);
	/* Hidden commands are never suggested. */
	assert_int_equal(vit_cmd_nearest(VIT_STR("generat")), VIT_CMD_COUNT);
}

static void tables_are_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < VIT_OPT_COUNT; i++) {
		const struct vit_opt_info *o = &vit_opts[i];
		assert_int_equal(o->kind == VIT_OPT_FLAG, o->argument == NULL);
		assert_true(o->commands != 0);
		assert_int_equal(o->help[strlen(o->help) - 1], '.');
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(o->name, vit_opts[k].name);
			assert_true(!o->letter || o->letter != vit_opts[k].letter);
		}
	}
}

/* https://no-color.org and https://bixense.com/clicolors */
static void colour_rules(void **state)
{
	(void)state;
	const struct vit_environment none = { .term = "xterm" };
	assert_true(vit_terminal_color(true, false, &none));
	assert_false(vit_terminal_color(false, false, &none));
	assert_false(vit_terminal_color(true, true, &none));
	const struct vit_environment no_color = { .no_color = "1", .clicolor_force = "1" };
	assert_false(vit_terminal_color(true, false, &no_color));
	const struct vit_environment empty_no_color = { .no_color = "" };
	assert_true(vit_terminal_color(true, false, &empty_no_color));
	const struct vit_environment off = { .clicolor = "0" };
	assert_false(vit_terminal_color(true, false, &off));
	const struct vit_environment force = { .clicolor_force = "1", .term = "dumb" };
	assert_true(vit_terminal_color(false, false, &force));
	assert_false(vit_terminal_color(false, true, &force));
	const struct vit_environment force0 = { .clicolor_force = "0" };
	assert_false(vit_terminal_color(false, false, &force0));
	const struct vit_environment dumb = { .term = "dumb" };
	assert_false(vit_terminal_color(true, false, &dumb));
}

static void source_date(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t want;
	} rows[] = { { NULL, -1 }, { "", -1 }, { "1700000000", 1700000000 }, { "0", 0 },
		     { "-5", -1 }, { "yesterday", -1 }, { "99999999999999999999", -1 } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct vit_environment e = { .source_date_epoch = rows[i].text };
		assert_int_equal(vit_terminal_source_date(&e), rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(folder_alone_is_an_audit, setup, teardown),
		cmocka_unit_test_setup_teardown(commands_by_name_until_dashes, setup, teardown),
		cmocka_unit_test_setup_teardown(arguments_in_every_form, setup, teardown),
		cmocka_unit_test_setup_teardown(lists_repeat_and_take_commas, setup, teardown),
		cmocka_unit_test_setup_teardown(last_one_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(mistakes_are_usage_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(help_and_version_anywhere, setup, teardown),
		cmocka_unit_test(near_commands),
		cmocka_unit_test(tables_are_sound),
		cmocka_unit_test(colour_rules),
		cmocka_unit_test(source_date),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
