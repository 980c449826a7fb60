/*
 * Any text: the scanners written by hand find the words that their patterns
 * find through PCRE2. A first line of the form /PATTERN/ is compiled, too, and
 * run over the rest: it ends, and its matches are in order and inside.
 */
#include <stdint.h>
#include <stdlib.h>

#include "text/tokens_regex.h"
#include "text/tokens_scan.h"
#include "text/tokens_unicode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX ((size_t)1 << 20)

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

struct run {
	struct vit_arena *arena;
	struct vit_regex *list, *property[PROPERTIES];
	struct vit_regex_state *state;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static struct vit_regex *compile(struct run *r, const char *pattern)
{
	struct vit_err err;
	struct vit_regex *re = vit_regex_new(r->arena, vit_str_c(pattern), &r->list, &err);

	must(re != NULL);
	return re;
}

static bool same_in_both(struct run *r, struct vit_str c, uint32_t cp)
{
	struct vit_err err;
	size_t begin, end;

	for (size_t i = 0; i < PROPERTIES; i++) {
		struct vit_regex_iter it = { 0 };
		bool has = vit_regex_next(r->property[i], r->state, c, &it, &begin, &end, &err) > 0;
		if (has != ((vit_uc_class(cp) & properties[i].bits) != 0))
			return false;
	}
	return true;
}

/* Characters that only one of the two libraries knows become a question mark. */
static void common_characters(struct run *r, struct vit_str text, struct vit_buf *out)
{
	size_t n;

	for (size_t at = 0; at < text.n; at += n) {
		uint32_t cp = vit_uc_at(text.p + at, &n);
		struct vit_str c = { text.p + at, n };
		if (cp < 0x80 || same_in_both(r, c, cp))
			vit_buf_str(out, c);
		else
			vit_buf_putc(out, '?');
	}
}

static void compare(struct run *r, enum vit_scan_kind kind, struct vit_str text)
{
	struct vit_regex *pattern = compile(r, vit_scan_pattern(kind));
	struct vit_regex_iter it = { 0 };
	struct vit_err err;
	size_t at = 0, begin, end;

	while (at < text.n) {
		size_t n = vit_scan_word(kind, vit_str_sub(text, at, text.n));
		must(n > 0 && n <= text.n - at);
		int more = vit_regex_next(pattern, r->state, text, &it, &begin, &end, &err);
		if (more < 0) /* a very long text: the pattern may give up, the scanner does not */
			return;
		must(more == 1 && begin == at && end == at + n);
		at = end;
	}
}

/* The pattern of the first line, if there is one; it is taken off. */
static void own_pattern(struct run *r, struct vit_str *text)
{
	struct vit_str rest = *text, line;
	struct vit_regex_iter it = { 0 };
	struct vit_err err;
	size_t begin, end, before = 0;

	if (!vit_str_line(&rest, &line) || line.n < 2 || line.p[0] != '/' ||
	    line.p[line.n - 1] != '/' || line.n > 200)
		return;
	*text = rest;
	struct vit_regex *re = vit_regex_new(r->arena, vit_str_sub(line, 1, line.n - 1), &r->list, &err);
	if (!re)
		return;
	struct vit_str some = vit_str_sub(rest, 0, 200);
	some.n = vit_uc_valid(some);
	for (int i = 0; i < 1000; i++) {
		if (vit_regex_next(re, r->state, some, &it, &begin, &end, &err) <= 0)
			return;
		must(begin >= before && end >= begin && end <= some.n);
		before = end;
	}
	must(false); /* 200 bytes have no thousand matches */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run r = { .arena = vit_arena_new(), .state = vit_regex_state_new() };
	struct vit_buf valid, text;

	vit_buf_init(&valid, TEXT_MAX);
	vit_buf_init(&text, TEXT_MAX);
	for (size_t i = 0; i < PROPERTIES; i++)
		r.property[i] = compile(&r, properties[i].pattern);
	vit_uc_repair(&valid, (struct vit_str){ (const char *)data, size });
	must(valid.full || vit_utf8_valid(vit_buf_view(&valid)) == valid.n);
	struct vit_str rest = vit_buf_view(&valid);
	own_pattern(&r, &rest);
	common_characters(&r, rest, &text);
	for (int k = VIT_SCAN_NONE + 1; k < VIT_SCAN_COUNT; k++)
		compare(&r, (enum vit_scan_kind)k, vit_buf_view(&text));
	vit_regex_state_free(r.state);
	vit_regex_release(r.list);
	vit_buf_release(&valid);
	vit_buf_release(&text);
	vit_arena_free(r.arena);
	return 0;
}
