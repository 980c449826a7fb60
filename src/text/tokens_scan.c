#include "text/tokens_scan.h"

#include "text/tokens_unicode.h"

/* As the published tokenizer.json files have them. */
static const char *const patterns[VIT_SCAN_COUNT] = {
	[VIT_SCAN_NONE] = "",
	[VIT_SCAN_GPT2] = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+"
			  "|\\s+(?!\\S)|\\s+",
	[VIT_SCAN_LLAMA3] = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
			    "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
	[VIT_SCAN_QWEN2] = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
			   "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
	[VIT_SCAN_QWEN35] = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+"
			    "|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)"
			    "|\\s+",
	[VIT_SCAN_O200K] = "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*"
			   "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
			   "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
			   "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
			   "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)"
			   "|\\s+",
};

enum vit_scan_kind vit_scan_for(struct vit_str pattern)
{
	for (int k = VIT_SCAN_NONE + 1; k < VIT_SCAN_COUNT; k++) {
		if (vit_str_is(pattern, patterns[k]))
			return (enum vit_scan_kind)k;
	}
	return VIT_SCAN_NONE;
}

const char *vit_scan_pattern(enum vit_scan_kind kind)
{
	return patterns[kind];
}

#define SP VIT_UC_SPACE
#define NL (VIT_UC_SPACE | VIT_UC_NEWLINE)
#define UP (VIT_UC_LETTER | VIT_UC_UPPER)
#define LO (VIT_UC_LETTER | VIT_UC_LOWER)
#define NU VIT_UC_NUMBER

static const unsigned char ascii[128] = {
	0,  0,  0,  0,  0,  0,  0,  0,  0,  SP, NL, SP, SP, NL, 0,  0,  0,  0,  0,  0,  0,  0,
	0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  SP, 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
	0,  0,  0,  0,  NU, NU, NU, NU, NU, NU, NU, NU, NU, NU, 0,  0,  0,  0,  0,  0,  0,  UP,
	UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP,
	UP, UP, UP, 0,  0,  0,  0,  0,  0,  LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO,
	LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, 0,  0,  0,  0,  0,
};

/* The class of the character at p, and its length. */
static inline unsigned class_at(const char *p, size_t *n)
{
	unsigned char c = (unsigned char)*p;

	if (c < 0x80) {
		*n = 1;
		return ascii[c];
	}
	uint32_t cp = vit_uc_at(p, n);
	return vit_uc_class(cp);
}

/* The end of the run of characters that have one of `want`. */
static inline const char *run(const char *p, const char *end, unsigned want)
{
	size_t n;

	while (p < end && (class_at(p, &n) & want))
		p += n;
	return p;
}

/* The end of the run of characters that have none of `not`. */
static inline const char *run_not(const char *p, const char *end, unsigned not)
{
	size_t n;

	while (p < end && !(class_at(p, &n) & not))
		p += n;
	return p;
}

static bool is_letter_of(char c, char lower, bool fold)
{
	return c == lower || (fold && (c | 0x20) == lower);
}

/* Bytes of s t re ve m ll d behind an apostrophe at p, or 0. */
static size_t contraction(const char *p, const char *end, bool fold)
{
	static const char two[][3] = { "re", "ve", "ll" };
	size_t n = (size_t)(end - p);

	if (n < 2 || *p != '\'')
		return 0;
	if (is_letter_of(p[1], 's', fold) || is_letter_of(p[1], 't', fold) ||
	    is_letter_of(p[1], 'm', fold) || is_letter_of(p[1], 'd', fold))
		return 2;
	/* U+017F, the long s, folds to s. */
	if (fold && n >= 3 && p[1] == '\xc5' && p[2] == '\xbf')
		return 3;
	for (size_t i = 0; n >= 3 && i < sizeof two / sizeof *two; i++) {
		if (is_letter_of(p[1], two[i][0], fold) && is_letter_of(p[2], two[i][1], fold))
			return 3;
	}
	return 0;
}

/* "\s+(?!\S)|\s+" at white space; with `lines`, "\s*[\r\n]+" first. */
static const char *white(const char *p, const char *end, bool lines)
{
	const char *last = p, *newline = NULL;
	const char *q = p;
	size_t n;

	while (q < end) {
		unsigned c = class_at(q, &n);
		if (!(c & VIT_UC_SPACE))
			break;
		last = q;
		q += n;
		if (c & VIT_UC_NEWLINE)
			newline = q;
	}
	if (lines && newline)
		return newline;
	/* Before a word, the last space belongs to what follows. */
	return q == end || last == p ? q : last;
}

static const char *digits(const char *p, const char *end, unsigned most)
{
	size_t n;

	for (; most && p < end && (class_at(p, &n) & VIT_UC_NUMBER); most--)
		p += n;
	return p;
}

static const char *gpt2(const char *p, const char *end)
{
	size_t n = contraction(p, end, false);
	if (n)
		return p + n;
	const char *q = p + (*p == ' ');
	if (q == end)
		return q;
	unsigned c = class_at(q, &n);
	if (c & VIT_UC_LETTER)
		return run(q + n, end, VIT_UC_LETTER);
	if (c & VIT_UC_NUMBER)
		return run(q + n, end, VIT_UC_NUMBER);
	if (!(c & VIT_UC_SPACE))
		return run_not(q + n, end, VIT_UC_SPACE | VIT_UC_LETTER | VIT_UC_NUMBER);
	return white(p, end, false);
}

/* " ?[^\s...]+[\r\n]*" and then white space: what is left when words and
 * numbers do not match. `letters`: what else the class leaves out. */
static const char *signs(const char *p, const char *end, unsigned letters, bool slash)
{
	const char *q = p + (*p == ' ');
	size_t n;

	if (q < end && !(class_at(q, &n) & (VIT_UC_SPACE | VIT_UC_NUMBER | letters))) {
		q = run_not(q + n, end, VIT_UC_SPACE | VIT_UC_NUMBER | letters);
		while (q < end && (*q == '\r' || *q == '\n' || (slash && *q == '/')))
			q++;
		return q;
	}
	return white(p, end, true);
}

/* cl100k and its relatives: `letters` makes a word, `most` digits a number. */
static const char *cl100k(const char *p, const char *end, unsigned letters, unsigned most)
{
	size_t n = contraction(p, end, true), m;
	if (n)
		return p + n;
	unsigned c = class_at(p, &n);
	if (c & VIT_UC_LETTER)
		return run(p + n, end, letters);
	if (c & VIT_UC_NUMBER)
		return digits(p, end, most);
	if (!(c & VIT_UC_NEWLINE) && p + n < end && (class_at(p + n, &m) & letters))
		return run(p + n + m, end, letters);
	if (c & letters)
		return run(p + n, end, letters);
	return signs(p, end, letters, false);
}

/* "[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+", with the
 * backing off that the two classes' common members make; NULL: no match. */
static const char *lower_word(const char *p, const char *end)
{
	const char *both = NULL;
	size_t n;

	while (p < end) {
		unsigned c = class_at(p, &n);
		if (!(c & VIT_UC_UPPER))
			break;
		p += n;
		if (c & VIT_UC_LOWER)
			both = p;
	}
	const char *q = run(p, end, VIT_UC_LOWER);
	return q > p ? q : both;
}

/* "[\p{Lu}...]+[\p{Ll}...]*" where lower_word found nothing. */
static const char *upper_word(const char *p, const char *end)
{
	const char *q = run(p, end, VIT_UC_UPPER);
	return q > p ? run(q, end, VIT_UC_LOWER) : NULL;
}

static const char *o200k(const char *p, const char *end)
{
	size_t n;
	unsigned c = class_at(p, &n);

	if (c & VIT_UC_NUMBER)
		return digits(p, end, 3);
	if (!(c & VIT_UC_NEWLINE)) {
		bool prefix = !(c & VIT_UC_LETTER);
		bool word = (c & (VIT_UC_UPPER | VIT_UC_LOWER)) != 0;
		const char *q = prefix ? lower_word(p + n, end) : NULL;
		if (!q && word)
			q = lower_word(p, end);
		if (!q && prefix)
			q = upper_word(p + n, end);
		if (!q && word)
			q = upper_word(p, end);
		if (q)
			return q + contraction(q, end, true);
	}
	return signs(p, end, VIT_UC_LETTER, true);
}

size_t vit_scan_word(enum vit_scan_kind kind, struct vit_str text)
{
	const char *p = text.p, *end = text.p + text.n, *q = end;

	switch (kind) {
	case VIT_SCAN_GPT2:
		q = gpt2(p, end);
		break;
	case VIT_SCAN_LLAMA3:
		q = cl100k(p, end, VIT_UC_LETTER, 3);
		break;
	case VIT_SCAN_QWEN2:
		q = cl100k(p, end, VIT_UC_LETTER, 1);
		break;
	case VIT_SCAN_QWEN35:
		q = cl100k(p, end, VIT_UC_LETTER | VIT_UC_MARK, 1);
		break;
	case VIT_SCAN_O200K:
		q = o200k(p, end);
		break;
	case VIT_SCAN_NONE:
	case VIT_SCAN_COUNT:
		break;
	}
	return (size_t)(q - p);
}
