#include "text/tokens_regex.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/buf.h"
#include "text/tokens.h"
#include "text/tokens_unicode.h"

#define JIT_STACK ((size_t)1 << 20)
#define HEAP_KIB (64u << 10)

struct vit_regex {
	struct vit_regex *next;
	struct vit_str pattern;
	pcre2_code *code;
};

struct vit_regex_state {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

/* ---- from Oniguruma's syntax to PCRE2's -------------------------------------- */

/* Inside brackets. White_Space; \w: Alphabetic, M, Nd, Pc. */
#define SPACES "\\t-\\r\\x{85}\\p{Z}"
#define WORDS "\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}\\x{24b6}-\\x{24e9}\\x{1f130}-\\x{1f149}" \
	      "\\x{1f150}-\\x{1f169}\\x{1f170}-\\x{1f189}"
/* Outside of classes alone, Latin-1's other digits are word characters too. */
#define MORE_WORDS "\\x{b2}\\x{b3}\\x{b9}\\x{bc}-\\x{be}"
#define HEX "0-9A-Fa-f"

#define MAX_GROUPS 200

struct rewrite {
	struct vit_str in;
	size_t at;
	struct vit_buf *out;
	const char *refused;
	bool in_class;
	size_t atom;                 /* where in `out` the last thing that can be repeated begins */
	size_t open[MAX_GROUPS];     /* where the groups that are open begin */
	size_t groups;
};

static bool ahead(const struct rewrite *w, size_t by, char c)
{
	return w->at + by < w->in.n && w->in.p[w->at + by] == c;
}

static void put(struct rewrite *w, const char *set, bool negated)
{
	if (w->in_class)
		vit_buf_puts(w->out, set);
	else
		vit_buf_printf(w->out, "[%s%s]", negated ? "^" : "", set);
}

/* At a backslash. */
static void escape(struct rewrite *w)
{
	char c = w->at + 1 < w->in.n ? w->in.p[w->at + 1] : 0;
	size_t begin = w->at;

	w->at += 2;
	switch (c) {
	case 's':
		put(w, SPACES, false);
		return;
	case 'w':
		put(w, w->in_class ? WORDS : WORDS MORE_WORDS, false);
		return;
	case 'h':
		put(w, HEX, false);
		return;
	case 'S':
	case 'W':
	case 'H':
		/* In a class a negated set has no spelling of ours; PCRE2's \S and
		 * \W differ in few characters, its \H means another thing. */
		if (!w->in_class)
			put(w, c == 'S' ? SPACES : c == 'W' ? WORDS MORE_WORDS : HEX, true);
		else if (c == 'H')
			w->refused = "\\H in a class";
		else
			vit_buf_add(w->out, w->in.p + begin, 2);
		return;
	case 0:
		w->at = w->in.n;
		break;
	default:
		break;
	}
	/* \p{...}, \x{...}: the braces are no repetition. */
	if (w->at < w->in.n && w->in.p[w->at] == '{') {
		while (w->at < w->in.n && w->in.p[w->at] != '}')
			w->at++;
		w->at += w->at < w->in.n;
	}
	vit_buf_add(w->out, w->in.p + begin, w->at - begin);
}

/* At '[' outside a class, or in one at what is special there. */
static void in_class(struct rewrite *w)
{
	char c = w->in.p[w->at];

	if (c == '[' && ahead(w, 1, ':')) {
		size_t end = vit_str_find(w->in, VIT_STR(":]"), w->at);
		if (end != SIZE_MAX) {
			vit_buf_add(w->out, w->in.p + w->at, end + 2 - w->at);
			w->at = end + 2;
			return;
		}
	}
	if (c == '[')
		w->refused = "a class in a class";
	if (c == '&' && ahead(w, 1, '&'))
		w->refused = "&& in a class";
	if (c == ']')
		w->in_class = false;
	vit_buf_putc(w->out, c);
	w->at++;
}

static void open_class(struct rewrite *w)
{
	vit_buf_putc(w->out, '[');
	w->at++;
	if (ahead(w, 0, '^')) {
		vit_buf_putc(w->out, '^');
		w->at++;
	}
	if (ahead(w, 0, ']')) {
		vit_buf_puts(w->out, "\\]");
		w->at++;
	}
	w->in_class = true;
}

/* Puts text before the last atom. */
static void insert(struct rewrite *w, const char *text)
{
	size_t n = strlen(text), rest = w->out->n - w->atom;

	vit_buf_puts(w->out, text);
	if (w->out->full)
		return;
	memmove(w->out->p + w->atom + n, w->out->p + w->atom, rest);
	memcpy(w->out->p + w->atom, text, n);
}

/* At '{': {n}, {n,}, {,m}, {n,m}; a '+' behind it repeats. */
static void repetition(struct rewrite *w)
{
	size_t end = w->at + 1;

	while (end < w->in.n && ((w->in.p[end] >= '0' && w->in.p[end] <= '9') || w->in.p[end] == ','))
		end++;
	if (end >= w->in.n || w->in.p[end] != '}' || end == w->at + 1) {
		vit_buf_putc(w->out, w->in.p[w->at++]);
		return;
	}
	bool again = end + 1 < w->in.n && w->in.p[end + 1] == '+';
	if (again)
		insert(w, "(?:");
	vit_buf_puts(w->out, w->in.p[w->at + 1] == ',' ? "{0" : "{");
	vit_buf_add(w->out, w->in.p + w->at + 1, end - w->at);
	if (again)
		vit_buf_puts(w->out, ")+");
	w->at = end + 1 + again;
}

/* At "(?": the flag m lets . match a newline, which is s here. */
static void group(struct rewrite *w)
{
	vit_buf_puts(w->out, "(?");
	w->at += 2;
	while (w->at < w->in.n && strchr("imx-", w->in.p[w->at])) {
		char c = w->in.p[w->at++];
		vit_buf_putc(w->out, (char)(c == 'm' ? 's' : c));
	}
}

static void parenthesis(struct rewrite *w)
{
	if (w->in.p[w->at] == ')') {
		w->atom = w->groups ? w->open[--w->groups] : w->out->n;
	} else if (w->groups == MAX_GROUPS) {
		w->refused = "groups nested too deep";
	} else {
		w->open[w->groups++] = w->out->n;
		if (ahead(w, 1, '?')) {
			group(w);
			return;
		}
	}
	vit_buf_putc(w->out, w->in.p[w->at++]);
}

static void rewrite(struct rewrite *w)
{
	while (w->at < w->in.n && !w->refused) {
		char c = w->in.p[w->at];
		if (!w->in_class && !strchr("{}?*+()", c))
			w->atom = w->out->n;
		if (c == '\\')
			escape(w);
		else if (w->in_class)
			in_class(w);
		else if (c == '[')
			open_class(w);
		else if (c == '{')
			repetition(w);
		else if (c == '(' || c == ')')
			parenthesis(w);
		else {
			/* A character's later bytes belong to it. */
			do
				vit_buf_putc(w->out, w->in.p[w->at++]);
			while (w->at < w->in.n && ((unsigned char)w->in.p[w->at] & 0xc0) == 0x80);
		}
	}
}

/* ---- compiling and matching ----------------------------------------------------- */

static pcre2_code *compile(struct vit_str pattern, struct vit_err *err)
{
	int code;
	PCRE2_SIZE offset;
	PCRE2_UCHAR text[128] = "";
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);

	if (context)
		pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	pcre2_code *re = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n,
				       PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE |
					       PCRE2_NEVER_BACKSLASH_C,
				       &code, &offset, context);
	pcre2_compile_context_free(context);
	if (!re) {
		pcre2_get_error_message(code, text, sizeof text);
		vit_err_set(err, VIT_E_UNSUPPORTED, "%s", (const char *)text);
		return NULL;
	}
	/* Without JIT it is slower, nothing else. */
	(void)pcre2_jit_compile(re, PCRE2_JIT_COMPLETE);
	return re;
}

struct vit_regex *vit_regex_new(struct vit_arena *a, struct vit_str pattern,
				struct vit_regex **list, struct vit_err *err)
{
	struct vit_buf out;
	struct rewrite w = { .in = pattern, .out = &out };
	struct vit_regex *r = NULL;

	if (pattern.n > VIT_REGEX_MAX_PATTERN) {
		vit_err_set(err, VIT_E_UNSUPPORTED, "a pattern of %zu bytes", pattern.n);
		return NULL;
	}
	vit_buf_init(&out, 64 * (size_t)VIT_REGEX_MAX_PATTERN);
	rewrite(&w);
	if (w.refused) {
		vit_err_set(err, VIT_E_UNSUPPORTED, "%s", w.refused);
	} else {
		pcre2_code *code = compile(vit_buf_view(&out), err);
		if (code) {
			r = VIT_NEW(a, struct vit_regex);
			r->pattern = vit_arena_str(a, pattern);
			r->code = code;
			r->next = *list;
			*list = r;
		}
	}
	vit_buf_release(&out);
	return r;
}

void vit_regex_release(struct vit_regex *list)
{
	for (; list; list = list->next)
		pcre2_code_free(list->code);
}

struct vit_str vit_regex_pattern(const struct vit_regex *r)
{
	return r->pattern;
}

struct vit_regex_state *vit_regex_state_new(void)
{
	struct vit_regex_state *s = vit_xcalloc(1, sizeof *s);

	s->data = pcre2_match_data_create(1, NULL);
	s->context = pcre2_match_context_create(NULL);
	s->stack = pcre2_jit_stack_create(32768, JIT_STACK, NULL);
	if (s->context) {
		pcre2_set_match_limit(s->context, VIT_TOKENS_MATCH_LIMIT);
		pcre2_set_heap_limit(s->context, HEAP_KIB);
		if (s->stack)
			pcre2_jit_stack_assign(s->context, NULL, s->stack);
	}
	return s;
}

void vit_regex_state_free(struct vit_regex_state *s)
{
	if (!s)
		return;
	pcre2_match_data_free(s->data);
	pcre2_match_context_free(s->context);
	pcre2_jit_stack_free(s->stack);
	free(s);
}

static int gave_up(const struct vit_regex *r, int code, size_t at, struct vit_err *err)
{
	PCRE2_UCHAR text[80] = "";
	struct vit_buf shown;

	pcre2_get_error_message(code, text, sizeof text);
	vit_buf_init(&shown, 256);
	vit_display(&shown, r->pattern, 100);
	vit_err_at(err, VIT_E_UNSUPPORTED, at, "the pattern %s gave up at byte %zu of the text (%s)",
		   shown.p, at, (const char *)text);
	vit_buf_release(&shown);
	return -1;
}

int vit_regex_next(const struct vit_regex *r, struct vit_regex_state *s, struct vit_str text,
		   struct vit_regex_iter *it, size_t *begin, size_t *end, struct vit_err *err)
{
	while (it->at <= text.n) {
		int rc = pcre2_match(r->code, (PCRE2_SPTR)text.p, text.n, it->at,
				     PCRE2_NO_UTF_CHECK, s->data, s->context);
		if (rc == PCRE2_ERROR_NOMATCH)
			break;
		if (rc < 0)
			return gave_up(r, rc, it->at, err);
		const PCRE2_SIZE *place = pcre2_get_ovector_pointer(s->data);
		*begin = place[0];
		*end = place[1];
		if (*end < *begin) /* \K in a look-ahead */
			*begin = *end;
		if (*begin == *end && it->any && it->last_end == *end) {
			size_t n = 1;
			if (it->at < text.n)
				vit_uc_at(text.p + it->at, &n);
			it->at += n;
			continue;
		}
		it->at = it->last_end = *end;
		it->any = true;
		return 1;
	}
	it->at = text.n + 1;
	return 0;
}
