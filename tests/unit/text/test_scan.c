/* The scanners written by hand against their patterns through PCRE2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "text/tokens_regex.h"
#include "text/tokens_scan.h"
#include "text/tokens_unicode.h"

#define TEXT_MAX ((size_t)16 << 20)

/* A pattern and the class bits of those that match it. */
static const struct {
	const char *pattern;
	unsigned bits;
} properties[] = {
	{ "\\p{L}", VIT_UC_LETTER },
	{ "\\p{N}", VIT_UC_NUMBER },
	{ "\\p{M}", VIT_UC_MARK },
	{ "\\s", VIT_UC_SPACE },
	{ "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]", VIT_UC_UPPER },
	{ "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]", VIT_UC_LOWER },
};
#define PROPERTIES (sizeof properties / sizeof *properties)

struct both {
	struct vit_arena *arena;
	struct vit_regex *list;
	struct vit_regex *property[PROPERTIES], *pattern[VIT_SCAN_COUNT];
	struct vit_regex_state *state;
};

static struct vit_regex *compile(struct both *b, const char *pattern)
{
	struct vit_err err = { .code = VIT_OK };
	struct vit_regex *r = vit_regex_new(b->arena, vit_str_c(pattern), &b->list, &err);

	if (!r)
		fail_msg("%s: %s", pattern, err.msg);
	return r;
}

static int setup(void **state)
{
	struct both *b = calloc(1, sizeof *b);

	b->arena = vit_arena_new();
	b->state = vit_regex_state_new();
	for (size_t i = 0; i < PROPERTIES; i++)
		b->property[i] = compile(b, properties[i].pattern);
	for (int k = VIT_SCAN_NONE + 1; k < VIT_SCAN_COUNT; k++)
		b->pattern[k] = compile(b, vit_scan_pattern((enum vit_scan_kind)k));
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct both *b = *state;

	vit_regex_state_free(b->state);
	vit_regex_release(b->list);
	vit_arena_free(b->arena);
	free(b);
	return 0;
}

/* The two libraries may be of different Unicode versions: what one of them does
 * not know yet is left out. */
static bool same_in_both(struct both *b, uint32_t cp)
{
	char c[4];
	struct vit_str text = { c, vit_utf8_encode(cp, c) };
	unsigned class = vit_uc_class(cp);
	struct vit_err err;
	size_t begin, end;

	if (!text.n)
		return false;
	for (size_t i = 0; i < PROPERTIES; i++) {
		struct vit_regex_iter it = { 0 };
		bool has = vit_regex_next(b->property[i], b->state, text, &it, &begin, &end, &err) > 0;
		if (has != ((class & properties[i].bits) != 0))
			return false;
	}
	return true;
}

static void compare(struct both *b, enum vit_scan_kind kind, struct vit_str text)
{
	struct vit_regex_iter it = { 0 };
	struct vit_err err = { .code = VIT_OK };
	size_t at = 0, begin, end;
	int more;

	while ((more = vit_regex_next(b->pattern[kind], b->state, text, &it, &begin, &end, &err)) > 0) {
		size_t n = vit_scan_word(kind, vit_str_sub(text, at, text.n));
		if (begin != at || end - begin != n)
			fail_msg("pattern %d at byte %zu, \"%.*s\": scanned %zu, matched [%zu, %zu)",
				 (int)kind, at, (int)(text.n - at < 40 ? text.n - at : 40), text.p + at,
				 n, begin, end);
		at = end;
	}
	assert_int_equal(more, 0);
	assert_int_equal(at, text.n);
}

static void compare_all(struct both *b, struct vit_str text)
{
	for (int k = VIT_SCAN_NONE + 1; k < VIT_SCAN_COUNT; k++)
		compare(b, (enum vit_scan_kind)k, text);
}

/* Every character in the neighbourhoods that patterns tell apart. */
static void every_character(void **state)
{
	struct both *b = *state;
	struct vit_buf text;
	size_t same = 0, asked = 0;

	vit_buf_init(&text, TEXT_MAX);
	for (uint32_t cp = 1; cp < 0x20000; cp++) {
		char c[5] = { 0 };
		if (vit_utf8_encode(cp, c) == 0)
			continue;
		asked++;
		if (!same_in_both(b, cp))
			continue;
		same++;
		vit_buf_printf(&text, "a%sB %s %s%s'%s\n%s  %s9%s.%s's", c, c, c, c, c, c, c, c, c);
		if (text.n > 100000 || cp == 0x1ffff) {
			compare_all(b, vit_buf_view(&text));
			vit_buf_clear(&text);
		}
	}
	vit_buf_release(&text);
	/* Libraries of different years disagree in few: else this would prove nothing. */
	assert_true(same > 63000 && asked - same < 6000);
}

/* All words of a small alphabet up to a length: each class, and what has a rule. */
static void every_short_text(void **state)
{
	static const char *const letters[] = { "a",    "A",    "漢", "\xcc\x81", "ǅ", "1",  " ", "\t",
					       "\n",   "\r",   "'",  "s",        "S", "ſ",  "r", "e",
					       "l",    "/",    "-",  "\xc2\xa0", "L", "\xe1\xa0\x8e" };
	enum { LETTERS = sizeof letters / sizeof *letters, LENGTH = 4 };
	struct both *b = *state;
	size_t total = 1;

	for (size_t i = 0; i < LENGTH; i++)
		total *= LETTERS;
	struct vit_buf text;
	vit_buf_init(&text, TEXT_MAX);
	for (size_t i = 0; i < total; i++) {
		size_t rest = i;
		vit_buf_clear(&text);
		for (size_t k = 0; k < LENGTH; k++, rest /= LETTERS)
			vit_buf_puts(&text, letters[rest % LETTERS]);
		compare_all(b, vit_buf_view(&text));
	}
	vit_buf_release(&text);
}

static void words(void **state)
{
	static const char *const texts[] = {
		"don't DON'T don'T I'LL we'Ve x'RE 's 'S 'ſ 'x '' 'sx'tx",
		"  two   spaces\n\n \n  and\r\n\r\nlines \t\n  x   \n",
		"CamelCaseHTTPServer XMLhttp AAAb Aaa漢字ABC ǅungla éÉÉé",
		"1234567 12,345.67 3.14e-10 ½²٣४ Ⅷ 0x1F",
		"https://example.org/a/b/\r\n/x//\n///",
		"e\xcc\x81\xcc\xa3 \xcc\x81x \xcc\x81\xcc\x81 a\xcc\x81\xcc\x81" "B1\xcc\x81",
		"🙂🙃 👩‍👩‍👧 ❤️ 🇩🇪!?... (((x)))", "   ", "\n", " ", "'", "", "a b c d ",
	};
	struct both *b = *state;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		compare_all(b, vit_str_c(texts[i]));
}

static void names(void **state)
{
	(void)state;
	for (int k = VIT_SCAN_NONE + 1; k < VIT_SCAN_COUNT; k++)
		assert_int_equal(vit_scan_for(vit_str_c(vit_scan_pattern((enum vit_scan_kind)k))), k);
	assert_int_equal(vit_scan_for(VIT_STR("\\s+")), VIT_SCAN_NONE);
	assert_int_equal(vit_scan_for(VIT_STR_EMPTY), VIT_SCAN_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_character, setup, teardown),
		cmocka_unit_test_setup_teardown(every_short_text, setup, teardown),
		cmocka_unit_test_setup_teardown(words, setup, teardown),
		cmocka_unit_test(names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
