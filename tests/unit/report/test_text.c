/* Terminal and Markdown: literal lines, for a plausible and a hostile report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lines.h"
#include "sample.h"

static const struct vit_render_options plain = { .color = false };

struct fixture {
	struct vit_arena *arena;
	struct vit_report r;
};

static int set_up(void **state)
{
	static struct fixture f;

	f.arena = vit_arena_new();
	sample_report(&f.r, f.arena);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	vit_arena_free(f->arena);
	return 0;
}

static const struct vit_report *decided(void **state)
{
	struct fixture *f = *state;

	vit_report_decide(&f->r, f->arena, NULL, 20454);
	return &f->r;
}

static void test_markdown(void **state)
{
	static const char *const lines[] = {
		"# Model audit: gpt-oss-20b",
		"Verdict: **NOT READY** for the model (no job given)",
		"## 1. Executive summary",
		"### Errors (1)",
		("- `model-00001-of-00003.safetensors`, byte 1,024: The header promises more bytes than "
		 "the file has."),
		"  - expected: `31,456 bytes`",
		"  - actual: `1,016 bytes`",
		"Fix: Fetch the file again with `hf download`.",
		"### Warnings (1)",
		"- `config.json`, line 3, column 7, `/eos_token_id`: The ids of the end token differ.",
		"### Notes (360)",
		"- `notes/00.txt`: A stranger.",
		"- `notes/19.txt`: A stranger.",
		"- and 340 more",
		"### Could not be decided",
		"- `system/memory-fit`: sysctl timed out",
		"## 2. Model files",
		"| File | Size | Note |",
		"| --- | ---: | --- |",
		"| model.safetensors | 13,761,316,904 B (13.8 GB) | model.safetensors |",
		"and 998 more rows",
		"## 3. Architecture",
		"| Field | Value | Basis | Source |",
		"| Family | gpt_oss | computed | gpt_oss |",
		"### Parameters",
		"| Total | 20,914,757,184 | measured | headers of 3 shards |",
		"| Active | \xe2\x80\x93 | not assessed | no mixture |",
		"| Router coefficient | 0.9 | measured | config.json |",
		"## 6. Integrity",
		"Not assessed: no --verify.",
		"## 8. Runtimes",
		"Not assessed: nothing was collected for this section.",
		"| Peak memory | 16.5 GB (15.0 GB to 19.0 GB) | computed | weights, activations |",
		"1. Run `hf download openai/gpt-oss-20b` again.",
		"```sh",
		"hf download x",
		"python3 -c 'print(\"a\\\\b\")'",
		"## 16. Provenance",
	};
	struct vit_buf b = render(decided(state), "markdown", plain);

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_line(&b, lines[i]);
	assert_false(has_line(&b, "- `notes/20.txt`: A stranger."));
	assert_false(has_text(&b, "json_only")); /* no label: for JSON alone */
	assert_false(has_text(&b, "### All checks"));
	assert_true(tables_are_even(vit_buf_view(&b)));
	assert_true(is_harmless(vit_buf_view(&b)));
	vit_buf_release(&b);
}

static void test_markdown_verbose(void **state)
{
	struct vit_buf b = render(decided(state), "markdown",
				  (struct vit_render_options){ .verbose = true });

	assert_line(&b, "### All checks");
	assert_line(&b, "| `system/memory-fit` | unknown | error | 0 | sysctl timed out |");
	assert_line(&b, "| `files/lfs-pointer` | pass | error | 0 |  |");
	assert_line(&b, "and 997 more rows"); /* all rows given are shown */
	vit_buf_release(&b);
}

static const char evil[] = "|a|<script>`x\x1b[31m\n# h\r\x00\xff\xe2\x80\xae*b*_c_[d](http://e)&\\|";

static void hostile(struct fixture *f)
{
	hostile_report(&f->r, f->arena, (struct vit_str){ evil, sizeof(evil) - 1 });
}

/* The evil string as it must stand in Markdown text, and in a code span. */
#define EVIL_MD                                                                               \
	"\\|a\\|&lt;script>\\`x\\\\x1b\\[31m\\\\n# h\\\\r\\\\x00\\\\xff\\\\u202e\\*b\\*\\_c\\_" \
	"\\[d\\](http\\://e)&amp;\\\\\\\\\\|"
#define EVIL_CODE "``|a|<script>`x\\x1b[31m\\n# h\\r\\x00\\xff\\u202e*b*_c_[d](http://e)&\\\\|``"

static void test_markdown_hostile(void **state)
{
	struct fixture *f = *state;
	hostile(f);
	struct vit_buf b = render(&f->r, "markdown", (struct vit_render_options){ .verbose = true });

	assert_line(&b, "# Model audit: " EVIL_MD);
	assert_line(&b, "Verdict: **NOT READY** for " EVIL_MD);
	assert_line(&b, "- " EVIL_CODE ", tensor " EVIL_CODE ", " EVIL_CODE ": " EVIL_MD);
	assert_line(&b, "  - expected: " EVIL_CODE);
	assert_line(&b, "Fix: " EVIL_MD);
	assert_line(&b, "| " EVIL_MD " | 13,761,316,904 B (13.8 GB) | " EVIL_MD " |");
	assert_line(&b, "| Family | " EVIL_MD " | computed | " EVIL_MD " |");
	assert_line(&b, "2. " EVIL_MD);
	assert_line(&b, "### Waived (1)");
	assert_line(&b, "  - waived: " EVIL_MD " (until 2052-02-20)");
	assert_line(&b, "|a|<script>`x\\x1b[31m"); /* in the fence, line by line */
	assert_line(&b, "# h\\r\\x00\\xff\\u202e*b*_c_[d](http://e)&\\|");
	assert_true(tables_are_even(vit_buf_view(&b)));
	assert_true(is_harmless(vit_buf_view(&b)));
	vit_buf_release(&b);
}

/* A name of nothing but backticks, or that starts a block, stays what it is. */
static void test_markdown_fences(void **state)
{
	struct fixture *f = *state;

	hostile_report(&f->r, f->arena, VIT_STR("````"));
	struct vit_buf b = render(&f->r, "markdown", plain);
	assert_line(&b, "`````sh");
	assert_line(&b, "| \\`\\`\\`\\` | 177 B | \xe2\x80\x93 |");
	vit_buf_release(&b);

	hostile_report(&f->r, f->arena, VIT_STR("# x"));
	b = render(&f->r, "markdown", plain);
	assert_line(&b, "\\# x");
	assert_line(&b, "2. \\# x");
	vit_buf_release(&b);
}

static void test_terminal(void **state)
{
	static const char *const lines[] = {
		"  \xe2\x9c\x97 NOT READY  gpt-oss-20b",
		"    for the model (no job given)",
		"    1 error, 1 warning, 360 notes",
		"  \xe2\x9c\x97 weights/header-truncated",
		"    model-00001-of-00003.safetensors, byte 1,024",
		"      The header promises more bytes than the file has.",
		"      expected  31,456 bytes",
		"      actual    1,016 bytes",
		"      fix       Fetch the file again with `hf download`.",
		"  ! config/token-ids",
		"    notes/19.txt: A stranger.",
		"    and 340 more",
		"Could not be decided",
		"  system/memory-fit                   sysctl timed out",
		"Model files",
		"    File                  Size  Note",
		"    model.safetensors  13.8 GB  model.safetensors",
		"    model.safetensors    177 B  \xe2\x80\x93",
		"    and 998 more rows",
		"  Family  gpt_oss  computed: gpt_oss",
		"    Total   20,914,757,184  headers of 3 shards",
		"    Active  \xe2\x80\x93               not assessed: no mixture",
		"    Router coefficient  0.9  config.json",
		"    1. Run `hf download openai/gpt-oss-20b` again.",
		"    $ python3 -c 'print(\"a\\\\b\")'",
		"  Integrity                 no --verify",
	};
	struct vit_buf b = render(decided(state), "terminal", plain);
	struct vit_str rest = vit_buf_view(&b), line;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_line(&b, lines[i]);
	assert_true(is_harmless(vit_buf_view(&b)));
	while (vit_str_line(&rest, &line)) {
		assert_true(line.n <= 84); /* 80 columns; no line here has more than 4 bytes of marks */
		assert_false(vit_str_ends(line, VIT_STR(" ")));
	}
	vit_buf_release(&b);
}

static void test_terminal_quiet(void **state)
{
	struct vit_buf b = render(decided(state), "terminal",
				  (struct vit_render_options){ .quiet = true });

	assert_line(&b, "  \xe2\x9c\x97 NOT READY  gpt-oss-20b");
	assert_line(&b, "    notes/00.txt: A stranger.");
	assert_false(has_text(&b, "Architecture"));
	assert_false(has_text(&b, "Sections with nothing"));
	vit_buf_release(&b);
}

static void test_terminal_color(void **state)
{
	struct vit_buf b = render(decided(state), "terminal",
				  (struct vit_render_options){ .color = true });
	size_t begins = 0, resets = 0, at = 0;

	assert_line(&b, "  \x1b[1;31m\xe2\x9c\x97\x1b[0m \x1b[1;31mNOT READY\x1b[0m  \x1b[1mgpt-oss-20b\x1b[0m");
	while ((at = vit_str_find(vit_buf_view(&b), VIT_STR("\x1b["), at)) != SIZE_MAX) {
		if (vit_str_starts(vit_str_sub(vit_buf_view(&b), at, b.n), VIT_STR("\x1b[0m")))
			resets++;
		else
			begins++;
		at++;
	}
	assert_true(begins > 10);
	assert_int_equal(begins, resets); /* nothing is left switched on */
	vit_buf_release(&b);
}

static void test_terminal_hostile(void **state)
{
	struct fixture *f = *state;
	hostile(f);
	struct vit_buf b = render(&f->r, "terminal", (struct vit_render_options){ .verbose = true });

#define EVIL_TEXT "|a|<script>`x\\x1b[31m\\n# h\\r\\x00\\xff\\u202e*b*_c_[d](http://e)&\\\\|"
	assert_line(&b, "    " EVIL_TEXT ", tensor " EVIL_TEXT ", " EVIL_TEXT);
	assert_line(&b, "      actual    |a|<script>`x\\x1b[31m\\n#");
	assert_line(&b, "                h\\r\\x00\\xff\\u202e*b*_c_[d](http://e)&\\\\|");
	assert_true(is_harmless(vit_buf_view(&b)));
	vit_buf_release(&b);

	b = render(&f->r, "terminal", (struct vit_render_options){ .color = true });
	assert_false(has_text(&b, "\x1b[31m")); /* ours are 1;31 */
	vit_buf_release(&b);
}

/* Widths from 0 to absurd: lines fit unless a word does not. */
static void test_terminal_widths(void **state)
{
	static const unsigned widths[] = { 1, 40, 80, 120, 10000 };

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		struct vit_buf b = render(decided(state), "terminal",
					  (struct vit_render_options){ .width = widths[i] });
		assert_line(&b, "    for the model (no job given)");
		vit_buf_release(&b);
	}
}

/* Waived findings and those that were never kept are said, each in its place. */
static void test_dropped_without_kept(void **state)
{
	struct fixture *f = *state;
	struct vit_policy policy = { .source = VIT_STR_EMPTY, .fail_on = VIT_SEV_ERROR };
	struct vit_waiver waiver = { .id = VIT_CK_weights_header_truncated,
				     .path = VIT_STR("model-*"),
				     .reason = VIT_STR("known"),
				     .until = INT64_MAX };

	policy.waivers = &waiver;
	policy.waiver_count = 1;
	f->r.checks[VIT_CK_weights_header_truncated].findings = 41;
	vit_report_decide(&f->r, f->arena, &policy, 20454);
	struct vit_buf b = render(&f->r, "markdown", plain);
	assert_line(&b, "### Errors (40)");
	assert_line(&b, "- and 40 more");
	assert_line(&b, "### Waived (1)");
	assert_line(&b, "  - waived: known");
	vit_buf_release(&b);
}

static void test_same_bytes(void **state)
{
	const struct vit_report *r = decided(state);

	for (size_t i = 0; i < vit_renderer_count; i++) {
		struct vit_buf a = render(r, vit_renderers[i].name, plain);
		struct vit_buf b = render(r, vit_renderers[i].name, plain);
		assert_int_equal(a.n, b.n);
		assert_memory_equal(a.p, b.p, a.n);
		vit_buf_release(&a);
		vit_buf_release(&b);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_markdown),         T(test_markdown_verbose), T(test_markdown_hostile),
		T(test_markdown_fences),  T(test_terminal),         T(test_terminal_quiet),
		T(test_terminal_color),   T(test_terminal_hostile), T(test_terminal_widths),
		T(test_dropped_without_kept), T(test_same_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
