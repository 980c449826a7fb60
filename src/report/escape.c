#include "report/escape.h"

#include "base/utf8.h"

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "12." or "12)" would start a list: the position of the mark, or 0. */
static size_t list_mark(struct vit_str s)
{
	size_t i = 0;

	while (i < s.n && i < 10 && is_digit(s.p[i]))
		i++;
	return i && i < s.n && (s.p[i] == '.' || s.p[i] == ')') ? i : 0;
}

/* Whether the byte at i needs a backslash; s is clean. */
static bool md_backslash(struct vit_str s, size_t i, bool at_start)
{
	char c = s.p[i];

	if (strchr("\\`*[]~$|", c))
		return true;
	if (c == '_')
		return i == 0 || i + 1 == s.n || !is_word(s.p[i - 1]) || !is_word(s.p[i + 1]);
	if (c == ':')
		return i + 2 < s.n && s.p[i + 1] == '/' && s.p[i + 2] == '/';
	if (c == '.')
		return (i >= 3 && vit_str_ieq(vit_str_sub(s, i - 3, i), VIT_STR("www"))) ||
		       (at_start && i && i == list_mark(s));
	if (c == ')')
		return at_start && i && i == list_mark(s);
	return at_start && i == 0 && strchr("#>+-=", c);
}

void vit_esc_md(struct vit_out *o, struct vit_str s, bool at_start)
{
	struct vit_str t = vit_out_clean(o, s, VIT_OUT_TEXT_MAX);

	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];
		if (c == '<')
			vit_out_c(o, "&lt;");
		else if (c == '&')
			vit_out_c(o, "&amp;");
		else if (c == ' ' && at_start && i == 0)
			vit_out_c(o, "&#32;");
		else if (md_backslash(t, i, at_start))
			vit_out_raw(o, (struct vit_str){ (char[]){ '\\', c }, 2 });
		else
			vit_out_raw(o, vit_str_sub(t, i, i + 1));
	}
}

size_t vit_esc_backticks(struct vit_str s)
{
	size_t run = 0, longest = 0;

	for (size_t i = 0; i < s.n; i++) {
		run = s.p[i] == '`' ? run + 1 : 0;
		if (run > longest)
			longest = run;
	}
	return longest;
}

void vit_esc_md_code(struct vit_out *o, struct vit_str s, bool in_cell)
{
	struct vit_str t = vit_out_clean(o, s, VIT_OUT_TEXT_MAX);
	size_t fence = vit_esc_backticks(t) + 1;

	if (t.n == 0)
		return;
	/* One blank at each end is dropped by the reader when both are there. */
	bool pad = t.p[0] == '`' || t.p[t.n - 1] == '`' || (t.p[0] == ' ' && t.p[t.n - 1] == ' ');
	vit_out_repeat(o, "`", fence);
	if (pad)
		vit_out_c(o, " ");
	for (size_t i = 0; i < t.n; i++) {
		if (in_cell && t.p[i] == '|')
			vit_out_c(o, "\\");
		vit_out_raw(o, vit_str_sub(t, i, i + 1));
	}
	if (pad)
		vit_out_c(o, " ");
	vit_out_repeat(o, "`", fence);
}

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void write_entities(struct vit_out *o, struct vit_str t)
{
	size_t from = 0;

	for (size_t i = 0; i < t.n; i++) {
		const char *e = entity(t.p[i]);
		if (!e)
			continue;
		vit_out_raw(o, vit_str_sub(t, from, i));
		vit_out_c(o, e);
		from = i + 1;
	}
	vit_out_raw(o, vit_str_sub(t, from, t.n));
}

void vit_esc_html(struct vit_out *o, struct vit_str s)
{
	write_entities(o, vit_out_clean(o, s, VIT_OUT_TEXT_MAX));
}

void vit_esc_xml(struct vit_out *o, struct vit_str s)
{
	struct vit_str t = vit_out_clean(o, s, VIT_OUT_TEXT_MAX);
	size_t from = 0;

	/* What vit_display lets through and XML 1.0 does not: U+FFFE and U+FFFF. */
	for (size_t i = 0; i + 2 < t.n; i++) {
		if ((unsigned char)t.p[i] != 0xef || (unsigned char)t.p[i + 1] != 0xbf ||
		    (unsigned char)t.p[i + 2] < 0xbe)
			continue;
		write_entities(o, vit_str_sub(t, from, i));
		vit_out_c(o, (unsigned char)t.p[i + 2] == 0xbe ? "\\ufffe" : "\\uffff");
		from = i + 3;
	}
	write_entities(o, vit_str_sub(t, from, t.n));
}

/* clean text has no CR or LF, so of the five only these are left. */
static void write_github(struct vit_out *o, struct vit_str s, bool property)
{
	struct vit_str t = vit_out_clean(o, s, VIT_OUT_TEXT_MAX);

	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] == '%')
			vit_out_c(o, "%25");
		else if (property && t.p[i] == ':')
			vit_out_c(o, "%3A");
		else if (property && t.p[i] == ',')
			vit_out_c(o, "%2C");
		else
			vit_out_raw(o, vit_str_sub(t, i, i + 1));
	}
}

void vit_esc_github(struct vit_out *o, struct vit_str s)
{
	write_github(o, s, false);
}

void vit_esc_github_property(struct vit_out *o, struct vit_str s)
{
	write_github(o, s, true);
}

void vit_esc_uri(struct vit_buf *out, struct vit_str path)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];
		if (c < 0x80 && c && (is_word((char)c) || strchr("-._~/", c))) {
			vit_buf_putc(out, (char)c);
			continue;
		}
		vit_buf_putc(out, '%');
		vit_buf_putc(out, hex[c >> 4]);
		vit_buf_putc(out, hex[c & 15]);
	}
}

bool vit_esc_piece(struct vit_str *rest, struct vit_str *piece, bool *code)
{
	if (rest->n == 0)
		return false;
	size_t open = vit_str_find(*rest, VIT_STR("`"), 0);
	size_t close = open == SIZE_MAX ? SIZE_MAX : vit_str_find(*rest, VIT_STR("`"), open + 1);
	*code = false;
	if (close == SIZE_MAX || close == open + 1) {
		/* An unpaired or empty pair is text. */
		size_t end = close == SIZE_MAX ? rest->n : close + 1;
		*piece = vit_str_sub(*rest, 0, end);
		*rest = vit_str_sub(*rest, end, rest->n);
		return true;
	}
	if (open) {
		*piece = vit_str_sub(*rest, 0, open);
		*rest = vit_str_sub(*rest, open, rest->n);
		return true;
	}
	*code = true;
	*piece = vit_str_sub(*rest, 1, close);
	*rest = vit_str_sub(*rest, close + 1, rest->n);
	return true;
}
