#include "data/language.h"

#include "base/utf8.h"

enum script {
	S_LATIN, S_CYRILLIC, S_GREEK, S_HAN, S_KANA, S_HANGUL, S_ARABIC, S_HEBREW, S_DEVANAGARI,
	S_THAI, S_OTHER, S_COUNT
};

static const char *const names[VIT_LANGUAGES] = {
	"undetermined", "English", "German", "French", "Spanish", "Portuguese", "Italian", "Dutch",
	"Polish", "Cyrillic script", "Greek", "Chinese", "Japanese", "Korean", "Arabic script", "Hebrew",
	"Devanagari script", "Thai", "another script",
};
enum { FIRST_LATIN = 1, FIRST_SCRIPT = 9 };

/* The most frequent function words that few of the other languages share. */
static const char *const stop_words[8] = {
	" the and of to is that for with are this you it as be or can not ",
	" der die das und ist nicht ein eine den von zu mit sich auf auch werden sie ",
	" le la les des et est une dans que pour qui pas sur vous avec aux cette ",
	" el los las y es una del por con para su como pero más se lo ",
	" o os as e não uma do da em um para com você mais dos ao ",
	" il di che e un una per non sono con della del gli nel anche più ",
	" de het een en van dat niet zijn op te voor met aan ook wordt ",
	" i w nie na się jest do że z to jak są przez lub ",
};

const char *vit_language_name(unsigned language)
{
	return language < VIT_LANGUAGES && names[language] ? names[language] : names[0];
}

static enum script script_of(uint32_t cp)
{
	static const struct {
		uint32_t from, to;
		enum script script;
	} ranges[] = {
		{ 0x41, 0x5a, S_LATIN },	  { 0x61, 0x7a, S_LATIN },	    { 0xc0, 0x24f, S_LATIN },
		{ 0x370, 0x3ff, S_GREEK },	  { 0x400, 0x52f, S_CYRILLIC },	    { 0x590, 0x5ff, S_HEBREW },
		{ 0x600, 0x6ff, S_ARABIC },	  { 0x900, 0x97f, S_DEVANAGARI },   { 0x980, 0xdff, S_OTHER },
		{ 0xe00, 0xe7f, S_THAI },	  { 0xe80, 0x10ff, S_OTHER },	    { 0x1100, 0x11ff, S_HANGUL },
		{ 0x1e00, 0x1eff, S_LATIN },	  { 0x3040, 0x30ff, S_KANA },	    { 0x3400, 0x9fff, S_HAN },
		{ 0xac00, 0xd7af, S_HANGUL },
	};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (cp >= ranges[i].from && cp <= ranges[i].to)
			return ranges[i].script;
	return S_COUNT;
}

static unsigned slot_of(const struct vit_language_words *w, uint64_t word)
{
	unsigned i = (unsigned)(word * 0x9e3779b97f4a7c15u >> 55);

	while (w->words[i] && w->words[i] != word)
		i = (i + 1) % VIT_LANGUAGE_SLOTS;
	return i;
}

void vit_language_words_init(struct vit_language_words *w)
{
	memset(w, 0, sizeof *w);
	for (unsigned i = 0; i < 8; i++) {
		struct vit_str rest = vit_str_c(stop_words[i]), word;

		while (vit_str_split(&rest, ' ', &word)) {
			uint64_t packed = 0;
			unsigned slot;

			if (word.n == 0 || word.n > 8)
				continue;
			for (size_t k = 0; k < word.n; k++)
				packed = packed << 8 | (unsigned char)word.p[k];
			slot = slot_of(w, packed);
			w->words[slot] = packed;
			w->of[slot] |= (unsigned char)(1u << i);
		}
	}
}

static void count_word(const struct vit_language_words *w, struct vit_language_counts *c, uint64_t word, size_t n)
{
	unsigned of;

	c->words++;
	if (n > 8)
		return;
	of = w->of[slot_of(w, word)];
	for (unsigned i = 0; of; i++, of >>= 1)
		c->stops[i] += of & 1;
}

void vit_language_add(const struct vit_language_words *w, struct vit_language_counts *c,
		      struct vit_str text)
{
	uint64_t word = 0;
	size_t n = 0, at = 0;
	size_t limit = c->bytes < VIT_LANGUAGE_SAMPLE ? VIT_LANGUAGE_SAMPLE - c->bytes : 0;

	text = vit_str_sub(text, 0, limit);
	c->bytes += text.n;
	while (at < text.n) {
		unsigned char b = (unsigned char)text.p[at];
		uint32_t cp = b;
		size_t took = 1;
		bool letter;

		if (b >= 0x80 && (took = vit_utf8_decode(vit_str_sub(text, at, text.n), &cp)) == 0)
			break;
		if (b < 0x80) {
			letter = (b | 32) >= 'a' && (b | 32) <= 'z';
			c->scripts[S_LATIN] += letter;
		} else {
			enum script s = script_of(cp);
			letter = s != S_COUNT;
			if (letter)
				c->scripts[s]++;
		}
		if (letter) {
			word = word << 8 | (b < 0x80 ? b | 32 : b);
			for (size_t k = 1; k < took; k++)
				word = word << 8 | (unsigned char)text.p[at + k];
			n += took;
		} else if (n) {
			count_word(w, c, word, n);
			n = 0;
			word = 0;
		}
		at += took;
	}
	if (n)
		count_word(w, c, word, n);
}

unsigned vit_language_of(const struct vit_language_counts *c)
{
	unsigned letters = 0, best = 0, second = 0, which = 0;
	enum script top = S_LATIN;

	for (unsigned i = 0; i < S_COUNT; i++) {
		letters += c->scripts[i];
		if (c->scripts[i] > c->scripts[top])
			top = (enum script)i;
	}
	if (letters < 10)
		return 0;
	/* Japanese mixes scripts; code and names mix Latin letters into any of them. */
	if (c->scripts[S_KANA] * 5 > c->scripts[S_KANA] + c->scripts[S_HAN] && c->scripts[S_KANA] * 4 > letters / 2)
		return FIRST_SCRIPT + 3;
	if (top != S_LATIN) {
		static const unsigned language[S_COUNT] = {
			[S_CYRILLIC] = 0, [S_GREEK] = 1, [S_HAN] = 2,	  [S_KANA] = 3, [S_HANGUL] = 4, [S_ARABIC] = 5,
			[S_HEBREW] = 6,	  [S_DEVANAGARI] = 7, [S_THAI] = 8, [S_OTHER] = 9,
		};
		return FIRST_SCRIPT + language[top];
	}
	for (unsigned i = 0; i < 8; i++) {
		if (c->stops[i] > best) {
			second = best;
			best = c->stops[i];
			which = i;
		} else if (c->stops[i] > second) {
			second = c->stops[i];
		}
	}
	/* One word in ten at least, and clearly more than of another language. */
	if (c->words < 15 || best * 10 < c->words || best * 2 < second * 3)
		return 0;
	return FIRST_LATIN + which;
}
