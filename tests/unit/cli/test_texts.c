#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/texts.h"

static const char *make(struct vit_buf *b, void (*text)(struct vit_buf *))
{
	vit_buf_init(b, 1 << 20);
	text(b);
	assert_false(b->full);
	return b->p;
}

/* Every option and command stands in every text. */
static void nothing_is_left_out(void **state)
{
	(void)state;
	static const struct {
		void (*text)(struct vit_buf *);
		const char *dashes;
		bool escaped;
	} rows[] = { { vit_help_all, "--", false },
		     { vit_text_man, "\\-\\-", true },
		     { vit_text_bash, "--", false },
		     { vit_text_zsh, "--", false },
		     { vit_text_fish, "-l ", false } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vit_buf b;
		const char *text = make(&b, rows[i].text);
		for (size_t o = 0; o < VIT_OPT_COUNT; o++) {
			char needle[64] = "";
			size_t n = 0;
			for (const char *c = rows[i].dashes; *c; c++)
				needle[n++] = *c;
			for (const char *c = vit_opts[o].name; *c; c++) {
				if (*c == '-' && rows[i].escaped)
					needle[n++] = '\\';
				needle[n++] = *c;
			}
			if (!strstr(text, needle))
				fail_msg("text %zu lacks %s", i, needle);
		}
		for (size_t c = 0; c < VIT_CMD_COUNT; c++) {
			if (!vit_cmds[c].hidden && !strstr(text, vit_cmds[c].name))
				fail_msg("text %zu lacks %s", i, vit_cmds[c].name);
		}
		vit_buf_release(&b);
	}
}

static void help_fits_80_columns(void **state)
{
	(void)state;
	struct vit_buf b;
	make(&b, vit_help_all);
	struct vit_str rest = vit_buf_view(&b), line;
	while (vit_str_line(&rest, &line)) {
		if (line.n > 80)
			fail_msg("%zu columns: %.*s", line.n, VIT_FMT(line));
		if (line.n > 0 && line.p[line.n - 1] == ' ')
			fail_msg("trailing space: %.*s", VIT_FMT(line));
	}
	vit_buf_release(&b);
}

static void help_of_a_command_has_its_options_alone(void **state)
{
	(void)state;
	struct vit_buf b;
	vit_buf_init(&b, 1 << 16);
	vit_help_command(&b, VIT_CMD_checks);
	assert_non_null(strstr(b.p, "Usage: vitalis-audit checks"));
	assert_non_null(strstr(b.p, "--format"));
	assert_null(strstr(b.p, "--spec"));
	vit_buf_release(&b);
}

static void wrapping(void **state)
{
	(void)state;
	struct vit_buf b;
	vit_buf_init(&b, 256);
	vit_text_wrap(&b, "aa bb cc", 2, 8);
	assert_string_equal(b.p, "aa bb\n  cc\n");
	vit_buf_clear(&b);
	/* A word that cannot fit stands alone. */
	vit_text_wrap(&b, "a longlonglong b", 1, 6);
	assert_string_equal(b.p, "a\n longlonglong\n b\n");
	vit_buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_out),
		cmocka_unit_test(help_fits_80_columns),
		cmocka_unit_test(help_of_a_command_has_its_options_alone),
		cmocka_unit_test(wrapping),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
