#include "data/text.h"

/* What a byte may begin or end. */
enum { T_NONE, T_CONTROL, T_HIGH, T_LESS, T_AMP, T_BRACKET, T_BRACE, T_TICK, T_MAIL, T_DIGIT, T_KEY, T_CAPITAL };

#define C4(v) v, v, v, v
static const unsigned char triggers[256] = {
	C4(T_CONTROL), C4(T_CONTROL), [8] = T_CONTROL, [11] = T_CONTROL, T_CONTROL,
	[14] = T_CONTROL, T_CONTROL, C4(T_CONTROL), C4(T_CONTROL), C4(T_CONTROL), C4(T_CONTROL),
	['&'] = T_AMP, ['-'] = T_KEY, ['_'] = T_KEY, ['J'] = T_KEY, ['<'] = T_LESS, ['@'] = T_MAIL,
	['0'] = T_DIGIT, T_DIGIT, T_DIGIT, T_DIGIT, T_DIGIT, T_DIGIT, T_DIGIT, T_DIGIT, T_DIGIT, T_DIGIT,
	['A'] = T_CAPITAL, T_CAPITAL, T_CAPITAL, ['F'] = T_CAPITAL, T_CAPITAL, ['L'] = T_CAPITAL,
	['D'] = T_CAPITAL, ['O'] = T_CAPITAL, ['Q'] = T_CAPITAL, ['T'] = T_CAPITAL,
	['['] = T_BRACKET, ['`'] = T_TICK, ['{'] = T_BRACE, [0x7f] = T_CONTROL,
	[0xc2] = T_HIGH, [0xc3] = T_HIGH, [0xe2] = T_HIGH, [0xef] = T_HIGH,
};

struct scan {
	struct vit_str s;
	unsigned flags;
	struct vit_data_text *out;
	bool fence;           /* between ``` */
	size_t code_end;      /* of inline code */
	bool asked_html, about_html;
};

static void set(struct scan *c, enum vit_data_issue i)
{
	c->out->issues |= (uint64_t)1 << i;
}

static bool starts(const struct scan *c, size_t at, const char *word)
{
	size_t n = strlen(word);

	return c->s.n - at >= n && memcmp(c->s.p + at, word, n) == 0;
}

/* Does `word` stand right before `at`? Its first letter may be large. */
static bool behind(const struct scan *c, size_t at, const char *word)
{
	size_t n = strlen(word);

	return at >= n && memcmp(c->s.p + at - n + 1, word + 1, n - 1) == 0 && (c->s.p[at - n] | 32) == (word[0] | 32);
}

static bool in_code(const struct scan *c, size_t at)
{
	return c->fence || at < c->code_end;
}

static size_t tick(struct scan *c, size_t at)
{
	if (starts(c, at, "```")) {
		c->fence = !c->fence;
		return at + 3;
	}
	if (!in_code(c, at))
		for (size_t p = at + 1; p < c->s.n && p < at + 300 && c->s.p[p] != '\n'; p++)
			if (c->s.p[p] == '`') {
				c->code_end = p + 1;
				break;
			}
	return at + 1;
}

/* ---- bytes that are no ASCII ---------------------------------------------------- */

/* U+0080..9F; U+202A..E and U+2066..9, which turn text around; U+FEFF. */
static bool is_control(const unsigned char *p, size_t n)
{
	if (p[0] == 0xc2)
		return n > 1 && p[1] < 0xa0;
	if (n < 3)
		return false;
	if (p[0] == 0xe2)
		return (p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) || (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9);
	return memcmp(p, "\xef\xbb\xbf", 3) == 0;
}

/* A character that was lost; and UTF-8 read as Latin-1 or Windows-1252: U+00C2
 * or C3 before U+00A0..BF, U+00E2 before the euro sign or U+0080. */
static bool is_garbled(const unsigned char *p, size_t n)
{
	if (n > 2 && memcmp(p, "\xef\xbf\xbd", 3) == 0)
		return true;
	if (p[0] != 0xc3 || n < 4)
		return false;
	if (p[1] == 0x82 || p[1] == 0x83)
		return p[2] == 0xc2 && p[3] >= 0xa0;
	return p[1] == 0xa2 && ((n > 4 && memcmp(p + 2, "\xe2\x82\xac", 3) == 0) || memcmp(p + 2, "\xc2\x80", 2) == 0);
}

static size_t high(struct scan *c, size_t at)
{
	const unsigned char *p = (const unsigned char *)c->s.p + at;
	size_t n = c->s.n - at;

	if (is_control(p, n))
		set(c, VIT_DI_control_characters);
	else if (is_garbled(p, n))
		set(c, VIT_DI_mojibake);
	return at + 1;
}

/* ---- angle brackets ----------------------------------------------------------------- */

static bool about_html(struct scan *c)
{
	static const char *const words[] = { "HTML", "html", "Html", "XML", "xml", "React", "JSX", "Vue" };

	if (!c->asked_html) {
		c->asked_html = true;
		for (size_t i = 0; i < sizeof words / sizeof *words && !c->about_html; i++)
			c->about_html = vit_str_find(c->s, vit_str_c(words[i]), 0) != SIZE_MAX;
	}
	return c->about_html;
}

static void html_tag(struct scan *c, size_t at)
{
	static const char *const tags[] = { "p",  "br",    "div", "span",   "a",  "b",  "i",     "ul", "ol",
					    "li", "table", "tr",  "td",     "th", "h1", "h2",    "h3", "h4",
					    "em", "strong", "img", "script", "style", "font", "sup", "sub" };
	size_t p = at + 1;

	p += p < c->s.n && c->s.p[p] == '/';
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		size_t n = strlen(tags[i]);
		if (!starts(c, p, tags[i]) || p + n >= c->s.n)
			continue;
		char end = c->s.p[p + n];
		/* "a <b and c" is no tag: a blank must lead to an attribute or the end. */
		const char *close = memchr(c->s.p + p + n, '>', c->s.n - p - n < 200 ? c->s.n - p - n : 200);
		bool attributes = end == ' ' && close &&
				  (close[-1] == '/' || memchr(c->s.p + p + n, '=', (size_t)(close - (c->s.p + p + n))));
		if (end != '>' && !(end == '/' && close == c->s.p + p + n + 1) && !attributes)
			continue;
		if (!about_html(c))
			set(c, VIT_DI_html);
		return;
	}
}

/* <NAME>, <YOUR NAME>: capitals in angle brackets that are no tag. */
static void angle_placeholder(struct scan *c, size_t at)
{
	size_t p = at + 1, letters = 0;
	static const char *const words[] = { "NAME", "YOUR", "DATE", "INSERT", "COMPANY", "EMAIL", "PHONE",
					     "ADDRESS", "LOCATION", "CITY", "ORGANIZATION", "PLACEHOLDER" };

	for (; p < c->s.n && p < at + 40; p++) {
		char k = c->s.p[p];
		if (k >= 'A' && k <= 'Z')
			letters++;
		else if (k != '_' && k != ' ' && k != '-')
			break;
	}
	if (letters < 4 || p >= c->s.n || c->s.p[p] != '>')
		return;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (vit_str_find(vit_str_sub(c->s, at, p), vit_str_c(words[i]), 0) != SIZE_MAX)
			set(c, VIT_DI_placeholder);
}

/* <|...|>, and those that Llama 2 and Gemma write otherwise. */
static bool control_token(const struct scan *c, size_t at)
{
	static const char *const tokens[] = { "<s>", "</s>", "<<SYS>>", "<</SYS>>", "<start_of_turn>",
					      "<end_of_turn>", "<bos>", "<eos>", "<pad>", "[INST]", "[/INST]" };

	if (starts(c, at, "<|")) {
		size_t p = at + 2;
		while (p < c->s.n && p < at + 40 && (vit_text_alnum(c->s.p[p]) || c->s.p[p] == '_' || c->s.p[p] == '-'))
			p++;
		return p > at + 3 && starts(c, p, "|>");
	}
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
		if (starts(c, at, tokens[i]))
			return true;
	return false;
}

static size_t less(struct scan *c, size_t at)
{
	bool code = in_code(c, at);

	if (!(c->flags & VIT_TEXT_LAID_OUT) && !code && control_token(c, at)) {
		/* <s> is a tag of HTML, too. */
		if (!starts(c, at, "<s>") || !about_html(c))
			set(c, VIT_DI_special_token);
		return at + 1;
	}
	if (code)
		return at + 1;
	html_tag(c, at);
	angle_placeholder(c, at);
	return at + 1;
}

static size_t amp(struct scan *c, size_t at)
{
	static const char *const entities[] = { "&nbsp;", "&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#x27;" };

	for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
		if (starts(c, at, entities[i]) && !in_code(c, at) && !about_html(c))
			set(c, VIT_DI_html);
	return at + 1;
}

/* ---- placeholders ---------------------------------------------------------------------- */

/* [Company Name], [insert date here], [TODO]: words in brackets that end like a form's. */
static bool labelled(const struct scan *c, size_t at)
{
	static const char *const ends[] = { " Name", " NAME", "_NAME", " here", " HERE", "_HERE", "TODO", "TBD" };
	size_t p = at + 1;
	struct vit_str inner;

	while (p < c->s.n && p < at + 40 && (vit_text_alnum(c->s.p[p]) || c->s.p[p] == ' ' || c->s.p[p] == '_'))
		p++;
	if (p >= c->s.n || c->s.p[p] != ']' || starts(c, p, "]("))
		return false;
	inner = vit_str_sub(c->s, at + 1, p);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (vit_str_ends(inner, vit_str_c(ends[i])))
			return true;
	return false;
}

static size_t bracket(struct scan *c, size_t at)
{
	static const char *const words[] = { "INSERT",  "Insert",  "YOUR",	 "Your ",    "NAME]",	 "Name]",
					     "DATE]",	"COMPANY", "ADDRESS]", "PHONE",	   "EMAIL",	 "LOCATION]",
					     "CITY]",	"TITLE]",  "ORGANIZATION", "PLACEHOLDER", "your ", "insert " };

	if (!(c->flags & VIT_TEXT_LAID_OUT) && !in_code(c, at) && control_token(c, at)) {
		set(c, VIT_DI_special_token);
		return at + 1;
	}
	if (labelled(c, at) && !in_code(c, at))
		set(c, VIT_DI_placeholder);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!starts(c, at + 1, words[i]) || in_code(c, at))
			continue;
		const char *close = memchr(c->s.p + at, ']', c->s.n - at < 60 ? c->s.n - at : 60);
		/* [your text](link) is Markdown. */
		if (close && (close + 1 == c->s.p + c->s.n || close[1] != '('))
			set(c, VIT_DI_placeholder);
		break;
	}
	return at + 1;
}

static size_t brace(struct scan *c, size_t at)
{
	size_t p = at + 2, n = 0;

	if (!starts(c, at, "{{") || in_code(c, at))
		return at + 1;
	while (p < c->s.n && c->s.p[p] == ' ')
		p++;
	for (; p < c->s.n && n < 40 && (vit_text_alnum(c->s.p[p]) || c->s.p[p] == '_' || c->s.p[p] == '.'); p++)
		n++;
	while (p < c->s.n && c->s.p[p] == ' ')
		p++;
	if (n > 0 && starts(c, p, "}}"))
		set(c, VIT_DI_placeholder);
	return at + 2;
}

/* ---- who speaks ---------------------------------------------------------------------------- */

static bool says_i_am(const struct scan *c, size_t at)
{
	return behind(c, at, "I'm ") || behind(c, at, "I am ") || behind(c, at, "I\xe2\x80\x99m ") ||
	       behind(c, at, "my name is ");
}

static bool made_by(const struct scan *c, size_t at)
{
	return behind(c, at, "trained by ") || behind(c, at, "developed by ") || behind(c, at, "created by ") ||
	       behind(c, at, "made by ");
}

static void identity(struct scan *c, size_t at)
{
	static const char *const names[] = { "ChatGPT", "Claude", "Bard", "Gemini", "GPT-4", "GPT-3", "Qwen",
					     "DeepSeek", "Copilot", "Grok", "Assistant, an AI" };
	static const char *const makers[] = { "OpenAI", "Anthropic", "Google DeepMind", "Alibaba Cloud" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (starts(c, at, names[i]) && says_i_am(c, at))
			set(c, VIT_DI_identity);
	for (size_t i = 0; i < sizeof makers / sizeof *makers; i++)
		if (starts(c, at, makers[i]) && made_by(c, at) && vit_str_find(vit_str_sub(c->s, at > 80 ? at - 80 : 0, at),
									       VIT_STR("model"), 0) != SIZE_MAX)
			set(c, VIT_DI_identity);
	if (starts(c, at, "As a large language model, I") || starts(c, at, "As a large language model I") ||
	    starts(c, at, "As a language model, I") || starts(c, at, "As a language model I"))
		set(c, VIT_DI_identity);
	if (starts(c, at, "AI") && (behind(c, at, "as an ") || behind(c, at, "I am an ") || behind(c, at, "I'm an ")) &&
	    (starts(c, at, "AI language model") || starts(c, at, "AI model") || starts(c, at, "AI assistant") ||
	     starts(c, at, "AI, I") || starts(c, at, "AI developed") || starts(c, at, "AI created")))
		set(c, VIT_DI_identity);
}

static size_t capital(struct scan *c, size_t at)
{
	if (at > 0 && vit_text_alnum(c->s.p[at - 1]))
		return at + 1;
	if (starts(c, at, "AKIA") || starts(c, at, "ASIA") || starts(c, at, "AIza"))
		return vit_data_secret_at(c->s, at, c->out);
	if (!in_code(c, at) && (starts(c, at, "TODO:") || starts(c, at, "TODO(") || starts(c, at, "FIXME:") ||
				starts(c, at, "Lorem ipsum")))
		set(c, VIT_DI_placeholder);
	if (c->flags & VIT_TEXT_ANSWER)
		identity(c, at);
	return at + 1;
}

/* The length of the first of `words` that the text has at `at`, or 0. A typographic
 * apostrophe stands for a plain one. */
static size_t one_of(const struct scan *c, size_t at, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t p = at;
		const char *w = words[i];

		for (; *w && p < c->s.n; w++) {
			if (c->s.p[p] == *w)
				p++;
			else if (*w == '\'' && starts(c, p, "\xe2\x80\x99"))
				p += 3;
			else
				break;
		}
		if (!*w)
			return p - at;
	}
	return 0;
}

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* An answer that begins by declining: with an apology, or with what is not said otherwise. */
static void refusal(struct scan *c)
{
	static const char *const sorry[] = { "I'm sorry", "I am sorry", "I'm very sorry", "Sorry", "I apologize",
					     "My apologies", "Unfortunately" };
	static const char *const declines[] = { "I can't ", "I cannot ", "I can not ", "I am unable to ", "I'm unable to ",
						"I am not able to ", "I'm not able to ", "I won't " };
	static const char *const verbs[] = { "assist", "help with", "help you with", "fulfill", "fulfil ", "provide",
					     "comply", "be able to", "answer that", "do that", "engage in" };
	static const char *const alone[] = { "I must decline", "I have to decline", "I must respectfully decline",
					     "I'm unable to ", "I won't be able to" };
	size_t at = 0, n;
	bool apology = false;

	while (at < c->s.n && (c->s.p[at] == ' ' || c->s.p[at] == '\n'))
		at++;
	n = one_of(c, at, sorry, COUNT(sorry));
	if (n) {
		apology = true;
		at += n;
		while (at < c->s.n && (c->s.p[at] == ',' || c->s.p[at] == '.' || c->s.p[at] == ' '))
			at++;
		at += starts(c, at, "but ") ? 4 : 0;
	}
	if (one_of(c, at, alone, COUNT(alone)))
		set(c, VIT_DI_refusal);
	n = one_of(c, at, declines, COUNT(declines));
	if (n && (apology || one_of(c, at + n, verbs, COUNT(verbs))))
		set(c, VIT_DI_refusal);
}

/* An answer that is nothing but a mark for the writer. */
static void unwritten(struct scan *c)
{
	static const char *const marks[] = { "TODO", "TBD", "FIXME", "XXX", "PLACEHOLDER" };
	struct vit_str text = vit_str_trim(c->s);

	for (size_t i = 0; i < COUNT(marks); i++)
		if (vit_str_is(text, marks[i]))
			set(c, VIT_DI_placeholder);
}

void vit_data_text_scan(struct vit_str s, unsigned flags, struct vit_data_text *out)
{
	struct scan c = { .s = s, .flags = flags, .out = out };
	size_t at = 0;

	if (flags & VIT_TEXT_ANSWER) {
		refusal(&c);
		unwritten(&c);
	}
	for (;;) {
		while (at < s.n && !triggers[(unsigned char)s.p[at]])
			at++;
		if (at >= s.n)
			break;
		switch (triggers[(unsigned char)s.p[at]]) {
		case T_CONTROL:
			set(&c, VIT_DI_control_characters);
			at++;
			break;
		case T_HIGH:
			at = high(&c, at);
			break;
		case T_LESS:
			at = less(&c, at);
			break;
		case T_AMP:
			at = amp(&c, at);
			break;
		case T_BRACKET:
			at = bracket(&c, at);
			break;
		case T_BRACE:
			at = brace(&c, at);
			break;
		case T_TICK:
			at = tick(&c, at);
			break;
		case T_MAIL:
			at = vit_data_email_at(s, at, out);
			break;
		case T_DIGIT:
			at = vit_data_number_at(s, at, out);
			break;
		case T_KEY:
			at = vit_data_secret_at(s, at, out);
			break;
		case T_CAPITAL:
			at = capital(&c, at);
			break;
		default:
			at++;
			break;
		}
	}
	if (out->secrets)
		set(&c, VIT_DI_secret);
	if (out->emails || out->phones || out->cards || out->ibans)
		set(&c, VIT_DI_personal_data);
}

struct vit_str vit_data_shown(struct vit_str name)
{
	struct vit_data_text found = { 0 };

	vit_data_text_scan(name, 0, &found);
	return found.secrets || found.emails || found.phones || found.cards || found.ibans ? VIT_STR("(withheld: private)")
											   : name;
}
