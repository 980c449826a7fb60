#include "text/template_private.h"

#include "base/num.h"
#include "base/utf8.h"
#include "text/template_text.h"

/*
 * Tokens as Jinja's lexer makes them with trim_blocks and lstrip_blocks, its
 * regular expressions written out: see the documentation of "Whitespace
 * Control" and jinja2/lexer.py (BSD licence) for the rules.
 */

const char *const vit_tpl_op_text[VIT_TPL_OPS] = {
	[VIT_TPL_ADD] = "+", [VIT_TPL_SUB] = "-", [VIT_TPL_MUL] = "*", [VIT_TPL_DIV] = "/",
	[VIT_TPL_FLOORDIV] = "//", [VIT_TPL_MOD] = "%", [VIT_TPL_POW] = "**",
	[VIT_TPL_TILDE] = "~", [VIT_TPL_LBRACKET] = "[", [VIT_TPL_RBRACKET] = "]",
	[VIT_TPL_LPAREN] = "(", [VIT_TPL_RPAREN] = ")", [VIT_TPL_LBRACE] = "{",
	[VIT_TPL_RBRACE] = "}", [VIT_TPL_EQ] = "==", [VIT_TPL_NE] = "!=", [VIT_TPL_GT] = ">",
	[VIT_TPL_GE] = ">=", [VIT_TPL_LT] = "<", [VIT_TPL_LE] = "<=", [VIT_TPL_ASSIGN] = "=",
	[VIT_TPL_DOT] = ".", [VIT_TPL_COLON] = ":", [VIT_TPL_PIPE] = "|", [VIT_TPL_COMMA] = ",",
	[VIT_TPL_SEMICOLON] = ";", [VIT_TPL_IN] = "in", [VIT_TPL_NOTIN] = "not in",
	[VIT_TPL_NEG] = "-", [VIT_TPL_POS] = "+", [VIT_TPL_NOT] = "not", [VIT_TPL_AND] = "and",
	[VIT_TPL_OR] = "or",
};

struct lexer {
	struct vit_tpl_parser *p;
	struct vit_vec tokens;
	const char *text;     /* line ends made \n */
	size_t n, at;
	uint32_t line;        /* of text[counted] */
	size_t counted;
	bool line_starting;
	char brackets[VIT_TPL_DEPTH];
	unsigned bracket_count;
};

static uint32_t line_at(struct lexer *x, size_t at)
{
	for (; x->counted < at; x->counted++)
		x->line += x->text[x->counted] == '\n';
	return x->line;
}

static struct vit_tpl_token *add(struct lexer *x, enum vit_tpl_token_type type, size_t from,
				 size_t to)
{
	struct vit_tpl_token *t = vit_vec_add(&x->tokens);
	t->type = type;
	t->line = line_at(x, from);
	t->text = (struct vit_str){ x->text + from, to - from };
	return t;
}

static bool fault_at(struct lexer *x, size_t at, const char *text)
{
	vit_tpl_fault(x->p, line_at(x, at), "%s", text);
	return false;
}

static bool starts(const struct lexer *x, size_t at, const char *what)
{
	size_t n = strlen(what);
	return x->n - at >= n && memcmp(x->text + at, what, n) == 0;
}

/* Behind the white space that starts at `at`. */
static size_t behind_space(const struct lexer *x, size_t at)
{
	while (at < x->n) {
		uint32_t cp;
		size_t n = vit_utf8_decode((struct vit_str){ x->text + at, x->n - at }, &cp);
		if (!n || !vit_tpl_is_space(cp))
			break;
		at += n;
	}
	return at;
}

/* Before the white space that ends at `to`, not before `from`. */
static size_t before_space(const struct lexer *x, size_t from, size_t to)
{
	while (to > from) {
		size_t at = to - 1;
		while (at > from && ((unsigned char)x->text[at] & 0xc0) == 0x80)
			at--;
		uint32_t cp;
		if (!vit_utf8_decode((struct vit_str){ x->text + at, to - at }, &cp) ||
		    !vit_tpl_is_space(cp))
			break;
		to = at;
	}
	return to;
}

/* A tag's end at `at` ("%}", "}}" or "#}"): *behind is where text goes on.
 * `plus` says whether "+" may stand before it, `trim` whether a line end behind
 * it goes. */
static bool tag_end(const struct lexer *x, size_t at, const char *end, bool plus, bool trim,
		    size_t *behind)
{
	if (starts(x, at, end)) {
		at += 2;
		if (trim && at < x->n && x->text[at] == '\n')
			at++;
		*behind = at;
		return true;
	}
	if (at + 1 < x->n && x->text[at] == '-' && starts(x, at + 1, end)) {
		*behind = behind_space(x, at + 3);
		return true;
	}
	if (plus && at + 1 < x->n && x->text[at] == '+' && starts(x, at + 1, end)) {
		*behind = at + 3;
		return true;
	}
	return false;
}

/* "{% raw %}" at `at`, with the sign it has: where its text begins, or 0. */
static size_t raw_begin(const struct lexer *x, size_t at)
{
	at += 2;
	if (at < x->n && (x->text[at] == '-' || x->text[at] == '+'))
		at++;
	at = behind_space(x, at);
	if (!starts(x, at, "raw"))
		return 0;
	at = behind_space(x, at + 3);
	if (starts(x, at, "%}"))
		return at + 2;
	return starts(x, at, "-%}") ? behind_space(x, at + 3) : 0;
}

/* Adds the text [from, to) before a tag whose sign is `sign`. */
static void add_data(struct lexer *x, size_t from, size_t to, char sign, bool variable)
{
	size_t end = to;
	if (sign == '-') {
		end = before_space(x, from, to);
	} else if (sign != '+' && !variable) {
		size_t line = to;
		while (line > from && x->text[line - 1] != '\n')
			line--;
		/* White space alone between the line's start and the tag goes. */
		if ((line > from || x->line_starting) && line < to &&
		    before_space(x, line, to) == line)
			end = line;
	}
	if (end > from)
		add(x, VIT_TPL_T_DATA, from, end);
}

static char sign_at(const struct lexer *x, size_t at)
{
	return at < x->n && (x->text[at] == '-' || x->text[at] == '+') ? x->text[at] : 0;
}

static bool lex_raw(struct lexer *x, size_t from)
{
	for (size_t at = from; at + 1 < x->n; at++) {
		if (!starts(x, at, "{%"))
			continue;
		char sign = sign_at(x, at + 2);
		size_t word = behind_space(x, at + 2 + (sign != 0));
		size_t behind;
		if (!starts(x, word, "endraw") ||
		    !tag_end(x, behind_space(x, word + 6), "%}", true, true, &behind))
			continue;
		x->line_starting = x->text[from - 1] == '\n';
		add_data(x, from, at, sign, false);
		x->at = behind;
		x->line_starting = x->text[behind - 1] == '\n';
		return true;
	}
	return fault_at(x, from, "a raw block has no end");
}

static bool lex_comment(struct lexer *x, size_t from)
{
	for (size_t at = from; at < x->n; at++)
		if (tag_end(x, at, "#}", true, true, &x->at)) {
			x->line_starting = x->text[x->at - 1] == '\n';
			return true;
		}
	return fault_at(x, from, "a comment has no end");
}

static bool is_word(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c >= 0x80;
}

static bool is_digit(const struct lexer *x, size_t at)
{
	return at < x->n && x->text[at] >= '0' && x->text[at] <= '9';
}

/* Behind `(\d+_)*\d+` at `at`; `at` itself when there is none. */
static size_t digits(const struct lexer *x, size_t at)
{
	if (!is_digit(x, at))
		return at;
	while (is_digit(x, at) || (at < x->n && x->text[at] == '_' && is_digit(x, at + 1)))
		at++;
	return at;
}

/* Behind the float at x->at, or x->at. */
static size_t float_end(const struct lexer *x)
{
	size_t at = digits(x, x->at), end = x->at;
	if (at == x->at || (x->at > 0 && x->text[x->at - 1] == '.'))
		return x->at;
	if (at < x->n && x->text[at] == '.' && is_digit(x, at + 1))
		end = at = digits(x, at + 1);
	if (at < x->n && (x->text[at] == 'e' || x->text[at] == 'E')) {
		size_t e = at + 1;
		if (e < x->n && (x->text[e] == '+' || x->text[e] == '-'))
			e++;
		if (is_digit(x, e))
			end = digits(x, e);
	}
	return end;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static bool lex_integer(struct lexer *x)
{
	size_t from = x->at, at = from;
	int base = 10;
	if (x->text[at] == '0' && at + 1 < x->n) {
		char c = (char)(x->text[at + 1] | 0x20);
		int b = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;
		size_t first = at + 2;
		if (b && first < x->n && x->text[first] == '_')
			first++;
		if (b && first < x->n && digit_of(x->text[first]) < b) {
			base = b;
			at = first;
		}
	}
	uint64_t v = 0;
	bool big = false, zero = base == 10 && x->text[at] == '0';
	for (; at < x->n; at++) {
		if (x->text[at] == '_' && at + 1 < x->n && digit_of(x->text[at + 1]) < base)
			continue;
		int d = digit_of(x->text[at]);
		if (d >= base || (zero && d != 0))
			break;
		big |= !vit_mul_u64(v, (uint64_t)base, &v) || !vit_add_u64(v, (uint64_t)d, &v);
	}
	if (big || v > INT64_MAX)
		return fault_at(x, from, "an integer is beyond 64 bits");
	add(x, VIT_TPL_T_INTEGER, from, at)->value = vit_tval_int((int64_t)v);
	x->at = at;
	return true;
}

static bool lex_number(struct lexer *x)
{
	size_t end = float_end(x);
	if (end == x->at)
		return lex_integer(x);
	char plain[64];
	size_t n = 0;
	for (size_t i = x->at; i < end; i++) {
		if (x->text[i] == '_')
			continue;
		if (n + 1 == sizeof(plain))
			return fault_at(x, x->at, "a number has more than 63 characters");
		plain[n++] = x->text[i];
	}
	double v;
	if (!vit_tpl_parse_float((struct vit_str){ plain, n }, &v))
		return fault_at(x, x->at, "a number cannot be read");
	add(x, VIT_TPL_T_FLOAT, x->at, end)->value = vit_tval_float(v);
	x->at = end;
	return true;
}

/* The code point of \x, \u, \U at s[at] (behind its letter), n digits. */
static bool hex_escape(struct vit_str s, size_t at, size_t n, uint32_t *cp)
{
	*cp = 0;
	if (s.n - at < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int d = digit_of(s.p[at + i]);
		if (d > 15)
			return false;
		*cp = *cp << 4 | (uint32_t)d;
	}
	return true;
}

/* One escape at s[at] (behind the backslash). False: *why says what is wrong. */
static bool unescape_one(struct vit_str s, size_t *at, struct vit_buf *out, const char **why)
{
	static const char letters[] = "abfnrtv\\'\"", meant[] = "\a\b\f\n\r\t\v\\'\"";
	char c = s.p[(*at)++];
	const char *letter = c ? strchr(letters, c) : NULL;
	uint32_t cp = 0;
	char utf8[4];
	if (letter) {
		vit_buf_putc(out, meant[letter - letters]);
		return true;
	}
	if (c == '\n')
		return true;
	if (c >= '0' && c <= '7') {
		cp = (uint32_t)(c - '0');
		for (int i = 0; i < 2 && *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '7'; i++)
			cp = cp * 8 + (uint32_t)(s.p[(*at)++] - '0');
	} else if (c == 'x' || c == 'u' || c == 'U') {
		size_t n = c == 'x' ? 2 : c == 'u' ? 4 : 8;
		if (!hex_escape(s, *at, n, &cp)) {
			*why = "a \\x, \\u or \\U escape has too few digits";
			return false;
		}
		*at += n;
	} else if (c == 'N') {
		*why = "character names (\\N) are not supported";
		return false;
	} else if ((unsigned char)c >= 0x80) {
		/* Jinja escapes what is not ASCII before it unescapes, so that the
		 * backslash meets another one. */
		size_t n = vit_utf8_decode((struct vit_str){ s.p + *at - 1, s.n - *at + 1 }, &cp);
		*at += n - 1;
		vit_buf_printf(out, cp < 0x100 ? "\\x%02x" : cp < 0x10000 ? "\\u%04x" : "\\U%08x",
			       (unsigned)cp);
		return true;
	} else {
		vit_buf_putc(out, '\\');
		vit_buf_putc(out, c);
		return true;
	}
	size_t n = vit_utf8_encode(cp, utf8);
	if (!n) {
		*why = "an escape is no character (surrogates are not supported)";
		return false;
	}
	vit_buf_add(out, utf8, n);
	return true;
}

static bool lex_string(struct lexer *x)
{
	char quote = x->text[x->at];
	size_t from = x->at + 1, at = from;
	bool escaped = false;
	while (at < x->n && x->text[at] != quote) {
		if (x->text[at] == '\\') {
			escaped = true;
			at++;
		}
		at++;
	}
	if (at >= x->n)
		return fault_at(x, x->at, "a string has no end");
	struct vit_str s = { x->text + from, at - from };
	struct vit_tpl_token *t = add(x, VIT_TPL_T_STRING, x->at, at);
	t->text = s;
	x->at = at + 1;
	if (!escaped)
		return true;
	struct vit_buf out;
	vit_buf_init(&out, 6 * s.n + 16);
	const char *why = NULL;
	for (size_t i = 0; i < s.n && !why;) {
		if (s.p[i] != '\\') {
			vit_buf_putc(&out, s.p[i++]);
			continue;
		}
		i++;
		unescape_one(s, &i, &out, &why);
	}
	t->text = vit_arena_str(x->p->arena, vit_buf_view(&out));
	vit_buf_release(&out);
	return why ? fault_at(x, from - 1, why) : true;
}

static const struct {
	char text[3];
	enum vit_tpl_op op;
} operators[] = {
	{ "//", VIT_TPL_FLOORDIV }, { "**", VIT_TPL_POW }, { "==", VIT_TPL_EQ },
	{ "!=", VIT_TPL_NE }, { ">=", VIT_TPL_GE }, { "<=", VIT_TPL_LE }, { "+", VIT_TPL_ADD },
	{ "-", VIT_TPL_SUB }, { "/", VIT_TPL_DIV }, { "*", VIT_TPL_MUL }, { "%", VIT_TPL_MOD },
	{ "~", VIT_TPL_TILDE }, { "[", VIT_TPL_LBRACKET }, { "]", VIT_TPL_RBRACKET },
	{ "(", VIT_TPL_LPAREN }, { ")", VIT_TPL_RPAREN }, { "{", VIT_TPL_LBRACE },
	{ "}", VIT_TPL_RBRACE }, { ">", VIT_TPL_GT }, { "<", VIT_TPL_LT }, { "=", VIT_TPL_ASSIGN },
	{ ".", VIT_TPL_DOT }, { ":", VIT_TPL_COLON }, { "|", VIT_TPL_PIPE }, { ",", VIT_TPL_COMMA },
	{ ";", VIT_TPL_SEMICOLON },
};

static bool bracket(struct lexer *x, char c)
{
	if (c == '(' || c == '[' || c == '{') {
		if (x->bracket_count == VIT_TPL_DEPTH)
			return fault_at(x, x->at, "brackets nest too deep");
		x->brackets[x->bracket_count++] = c == '(' ? ')' : c == '[' ? ']' : '}';
	} else if (c == ')' || c == ']' || c == '}') {
		if (!x->bracket_count || x->brackets[x->bracket_count - 1] != c) {
			vit_tpl_fault(x->p, line_at(x, x->at), "unexpected '%c'", c);
			return false;
		}
		x->bracket_count--;
	}
	return true;
}

static bool lex_operator(struct lexer *x)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (!starts(x, x->at, operators[i].text))
			continue;
		size_t n = strlen(operators[i].text);
		if (n == 1 && !bracket(x, operators[i].text[0]))
			return false;
		add(x, VIT_TPL_T_OPERATOR, x->at, x->at + n)->op = operators[i].op;
		x->at += n;
		return true;
	}
	char shown[64];
	struct vit_buf b;
	vit_buf_init(&b, sizeof(shown));
	uint32_t cp;
	size_t n = vit_utf8_decode((struct vit_str){ x->text + x->at, x->n - x->at }, &cp);
	vit_display(&b, (struct vit_str){ x->text + x->at, n ? n : 1 }, 0);
	vit_tpl_fault(x->p, line_at(x, x->at), "unexpected character '%s'", b.p);
	vit_buf_release(&b);
	return false;
}

/* The inside of a tag, up to and with its end. */
static bool lex_tag(struct lexer *x, bool variable)
{
	x->bracket_count = 0;
	size_t begin = x->at;
	for (;;) {
		x->at = behind_space(x, x->at);
		if (x->at >= x->n)
			return fault_at(x, begin, variable ? "a '{{' has no '}}'" : "a '{%' has no '%}'");
		size_t behind;
		if (!x->bracket_count &&
		    tag_end(x, x->at, variable ? "}}" : "%}", !variable, !variable, &behind)) {
			add(x, variable ? VIT_TPL_T_VARIABLE_END : VIT_TPL_T_BLOCK_END, x->at, behind);
			x->at = behind;
			x->line_starting = x->text[behind - 1] == '\n';
			return true;
		}
		unsigned char c = (unsigned char)x->text[x->at];
		bool ok;
		if (c >= '0' && c <= '9') {
			ok = lex_number(x);
		} else if (is_word(c)) {
			size_t from = x->at;
			while (x->at < x->n && is_word((unsigned char)x->text[x->at]))
				x->at++;
			add(x, VIT_TPL_T_NAME, from, x->at);
			ok = true;
		} else if (c == '\'' || c == '"') {
			ok = lex_string(x);
		} else {
			ok = lex_operator(x);
		}
		if (!ok)
			return false;
	}
}

static bool lex_all(struct lexer *x)
{
	while (x->at < x->n) {
		size_t from = x->at, at = from;
		while (at < x->n && !(x->text[at] == '{' && at + 1 < x->n &&
				      strchr("{%#", x->text[at + 1]) && x->text[at + 1]))
			at++;
		if (at >= x->n) {
			add(x, VIT_TPL_T_DATA, from, x->n);
			break;
		}
		char kind = x->text[at + 1], sign = sign_at(x, at + 2);
		size_t raw = kind == '%' ? raw_begin(x, at) : 0;
		add_data(x, from, at, sign, kind == '{');
		x->at = at + 2 + (sign != 0);
		bool ok;
		if (raw) {
			ok = lex_raw(x, raw);
		} else if (kind == '#') {
			ok = lex_comment(x, x->at);
		} else {
			add(x, kind == '{' ? VIT_TPL_T_VARIABLE_BEGIN : VIT_TPL_T_BLOCK_BEGIN, at,
			    x->at);
			ok = lex_tag(x, kind == '{');
		}
		if (!ok)
			return false;
	}
	return true;
}

bool vit_tpl_lex(struct vit_tpl_parser *p, struct vit_str source)
{
	/* Every kind of line end is \n, and one at the very end goes. */
	char *text = vit_arena_alloc(p->arena, source.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < source.n; i++) {
		char c = source.p[i];
		if (c == '\r') {
			if (i + 1 < source.n && source.p[i + 1] == '\n')
				i++;
			c = '\n';
		}
		text[n++] = c;
	}
	if (n && text[n - 1] == '\n')
		n--;
	struct lexer x = { .p = p, .tokens = VIT_VEC(sizeof(struct vit_tpl_token)), .text = text,
			   .n = n, .line = 1, .line_starting = true };
	bool ok = lex_all(&x);
	if (ok) {
		struct vit_tpl_token *end = vit_vec_add(&x.tokens);
		end->type = VIT_TPL_T_EOF;
		end->line = line_at(&x, n);
		p->tokens = vit_vec_take(&x.tokens, p->arena, &p->count);
	}
	vit_vec_free(&x.tokens);
	return ok;
}
