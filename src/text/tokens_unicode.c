#include "text/tokens_unicode.h"

unsigned vit_uc_class(uint32_t cp)
{
	static const unsigned char classes[UTF8PROC_CATEGORY_CO + 1] = {
		[UTF8PROC_CATEGORY_LL] = VIT_UC_LETTER | VIT_UC_LOWER,
		[UTF8PROC_CATEGORY_LU] = VIT_UC_LETTER | VIT_UC_UPPER,
		[UTF8PROC_CATEGORY_LT] = VIT_UC_LETTER | VIT_UC_UPPER,
		[UTF8PROC_CATEGORY_LM] = VIT_UC_LETTER | VIT_UC_UPPER | VIT_UC_LOWER,
		[UTF8PROC_CATEGORY_LO] = VIT_UC_LETTER | VIT_UC_UPPER | VIT_UC_LOWER,
		[UTF8PROC_CATEGORY_MN] = VIT_UC_MARK | VIT_UC_UPPER | VIT_UC_LOWER,
		[UTF8PROC_CATEGORY_MC] = VIT_UC_MARK | VIT_UC_UPPER | VIT_UC_LOWER,
		[UTF8PROC_CATEGORY_ME] = VIT_UC_MARK | VIT_UC_UPPER | VIT_UC_LOWER,
		[UTF8PROC_CATEGORY_ND] = VIT_UC_NUMBER,
		[UTF8PROC_CATEGORY_NL] = VIT_UC_NUMBER,
		[UTF8PROC_CATEGORY_NO] = VIT_UC_NUMBER,
		[UTF8PROC_CATEGORY_ZS] = VIT_UC_SPACE,
		[UTF8PROC_CATEGORY_ZL] = VIT_UC_SPACE,
		[UTF8PROC_CATEGORY_ZP] = VIT_UC_SPACE,
	};

	if (cp == '\r' || cp == '\n')
		return VIT_UC_SPACE | VIT_UC_NEWLINE;
	if (cp == '\t' || cp == '\v' || cp == '\f' || cp == 0x85)
		return VIT_UC_SPACE;
	return classes[utf8proc_category((utf8proc_int32_t)cp)];
}

bool vit_uc_is_space(uint32_t cp)
{
	if (cp < 0x80)
		return cp == ' ' || (cp >= '\t' && cp <= '\r');
	return (vit_uc_class(cp) & VIT_UC_SPACE) != 0;
}

bool vit_uc_is_punctuation(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= '!' && cp <= '/') || (cp >= ':' && cp <= '@') ||
		       (cp >= '[' && cp <= '`') || (cp >= '{' && cp <= '~');
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	bool is = c >= UTF8PROC_CATEGORY_PC && c <= UTF8PROC_CATEGORY_PO;
	return is != vit_uc_new_punctuation(cp);
}

bool vit_uc_is_other(uint32_t cp)
{
	if (cp < 0x80)
		return cp < 0x20 || cp == 0x7f;
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	bool is = c == UTF8PROC_CATEGORY_CC || c == UTF8PROC_CATEGORY_CF ||
		  c == UTF8PROC_CATEGORY_CO;
	return is != vit_uc_new_other(cp);
}

bool vit_uc_is_nonspacing(uint32_t cp)
{
	bool is = utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_MN;
	return is != vit_uc_new_nonspacing(cp);
}

bool vit_uc_is_mark(uint32_t cp)
{
	return ((vit_uc_class(cp) & VIT_UC_MARK) != 0) != vit_uc_new_mark(cp);
}

/* Letters that are no L: Other_Alphabetic outside M (Unicode 15, PropList.txt). */
static bool is_circled_letter(uint32_t cp)
{
	return (cp >= 0x24b6 && cp <= 0x24e9) || (cp >= 0x1f130 && cp <= 0x1f149) ||
	       (cp >= 0x1f150 && cp <= 0x1f169) || (cp >= 0x1f170 && cp <= 0x1f189);
}

/* UTS #18: Alphabetic, M, Nd, Pc, Join_Control. */
bool vit_uc_is_word(uint32_t cp)
{
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	return (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_ME) || c == UTF8PROC_CATEGORY_ND ||
	       c == UTF8PROC_CATEGORY_NL || c == UTF8PROC_CATEGORY_PC || cp == 0x200c ||
	       cp == 0x200d || is_circled_letter(cp);
}

static size_t char_before(struct vit_str text, size_t end)
{
	size_t at = end - 1;
	while (at && ((unsigned char)text.p[at] & 0xc0) == 0x80)
		at--;
	return at;
}

size_t vit_uc_space_before(struct vit_str text, size_t end)
{
	while (end) {
		size_t n, at = char_before(text, end);
		if (!vit_uc_is_space(vit_uc_at(text.p + at, &n)))
			break;
		end = at;
	}
	return end;
}

size_t vit_uc_space_after(struct vit_str text, size_t at)
{
	size_t n;
	for (; at < text.n; at += n) {
		if (!vit_uc_is_space(vit_uc_at(text.p + at, &n)))
			break;
	}
	return at;
}

size_t vit_uc_valid(struct vit_str text)
{
	size_t at = 0;
	while (at < text.n) {
		uint64_t word;
		while (at + 8 <= text.n) {
			memcpy(&word, text.p + at, 8);
			if (word & 0x8080808080808080u)
				break;
			at += 8;
		}
		uint32_t cp;
		size_t n, stop = text.n - at < 64 ? text.n : at + 64;
		while (at < stop) {
			if ((unsigned char)text.p[at] < 0x80) {
				at++;
				continue;
			}
			n = vit_utf8_decode((struct vit_str){ text.p + at, text.n - at }, &cp);
			if (!n)
				return at;
			at += n;
		}
	}
	return at;
}

/* Bytes of the maximal subpart of an ill-formed sequence (Unicode 15, section
 * 3.9, table 3-7): what could have begun a character. */
static size_t bad_length(const unsigned char *p, size_t n)
{
	unsigned low = 0x80, high = 0xbf;
	size_t want;

	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		want = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		want = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		want = 4;
	else
		return 1;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	size_t i = 1;
	for (; i < want && i < n; i++) {
		if (p[i] < low || p[i] > high)
			break;
		low = 0x80;
		high = 0xbf;
	}
	return i;
}

void vit_uc_repair(struct vit_buf *out, struct vit_str text)
{
	while (text.n) {
		size_t good = vit_uc_valid(text);
		vit_buf_add(out, text.p, good);
		if (good == text.n)
			break;
		vit_uc_put(out, 0xfffd);
		good += bad_length((const unsigned char *)text.p + good, text.n - good);
		text.p += good;
		text.n -= good;
	}
}
