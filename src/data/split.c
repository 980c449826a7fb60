#include "data/split.h"

#include <stdlib.h>

#define START_SIZE ((size_t)256 << 10)

enum { S_LINES, S_MEMBER, S_MEMBER_NEXT, S_ELEMENT, S_ELEMENT_NEXT, S_TAIL, S_DONE };

/* ---- the window -------------------------------------------------------------- */

/* More bytes behind those from `at` on: 1 got some, 0 the end or no room, -1 failed. */
static int more(struct vit_data_splitter *s)
{
	int64_t n;

	if (s->at_end)
		return s->failed ? -1 : 0;
	if (s->have == s->capacity && s->at > 0) {
		memmove(s->buf, s->buf + s->at, s->have - s->at);
		s->base += s->at;
		s->have -= s->at;
		s->at = 0;
	}
	if (s->have == s->capacity) {
		if (s->capacity >= VIT_DATA_ROW_MAX)
			return 0;
		s->capacity *= 2;
		s->buf = vit_xrealloc(s->buf, s->capacity);
	}
	n = s->read(s->ctx, s->buf + s->have, s->capacity - s->have, &s->err);
	if (n < 0) {
		s->at_end = s->failed = true;
		return -1;
	}
	s->at_end = n == 0;
	s->have += (size_t)n;
	return n > 0;
}

static size_t breaks(const char *p, size_t n)
{
	size_t count = 0;
	const char *end = p + n;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		count++;
		p++;
	}
	return count;
}

static void pass(struct vit_data_splitter *s, size_t n)
{
	size_t count = breaks(s->buf + s->at, n);

	s->line += count;
	s->lines += count;
	s->at += n;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Passes white space; the byte behind it, or 0 at the end of the text. */
static char next_byte(struct vit_data_splitter *s)
{
	for (;;) {
		size_t n = s->at;

		while (n < s->have && is_space(s->buf[n]))
			n++;
		pass(s, n - s->at);
		if (s->at < s->have)
			return s->buf[s->at];
		if (more(s) <= 0)
			return 0;
	}
}

/* ---- where a value ends -------------------------------------------------------- */

enum { STOP_QUOTE = 1, STOP_SLASH = 2, STOP_BREAK = 4, STOP_OPEN = 8, STOP_CLOSE = 16 };

static const unsigned char stops[256] = {
	['"'] = STOP_QUOTE, ['\\'] = STOP_SLASH, ['\n'] = STOP_BREAK, ['{'] = STOP_OPEN,
	['['] = STOP_OPEN,  ['}'] = STOP_CLOSE,  [']'] = STOP_CLOSE,
};

struct scan {
	size_t pos;         /* from s->at */
	uint64_t depth, dropped;
	bool in_string, escaped, over, scalar;
	const char *broken;
};

/* Does the line that begins at `pos` begin like an element? The bytes must be there. */
static bool begins_like_element(const struct vit_data_splitter *s, size_t pos)
{
	size_t blanks = 0;
	const char *p = s->buf + s->at + pos, *end = s->buf + s->have;

	while (p + blanks < end && (p[blanks] == ' ' || p[blanks] == '\t'))
		blanks++;
	return blanks == s->indent && p + blanks < end && p[blanks] == '{';
}

/* One stop byte; true when the value ends with it. */
static bool take_stop(struct vit_data_splitter *s, struct scan *c, unsigned stop)
{
	if (c->in_string) {
		if (stop & STOP_QUOTE)
			c->in_string = false;
		else if (stop & STOP_SLASH)
			c->escaped = true;
		else if (stop & STOP_BREAK)
			c->broken = "a line break inside a string";
		return (stop & STOP_QUOTE) && c->depth == 0;
	}
	if (stop & STOP_QUOTE) {
		c->in_string = true;
	} else if (stop & STOP_OPEN) {
		c->depth++;
	} else if (stop & STOP_CLOSE) {
		c->depth--;
		return c->depth == 0;
	} else if ((stop & STOP_BREAK) && s->indent != SIZE_MAX && c->dropped == 0 &&
		   begins_like_element(s, c->pos)) {
		c->broken = "the element is not closed where the next one begins";
	}
	return false;
}

/* As far as the window goes: true when the end is known or it broke. */
static bool scan_window(struct vit_data_splitter *s, struct scan *c)
{
	const unsigned char *p = (const unsigned char *)s->buf + s->at;
	size_t n = s->have - s->at;

	while (c->pos < n) {
		if (c->escaped) {
			c->escaped = false;
			c->pos++;
			continue;
		}
		if (c->in_string)
			while (c->pos < n && !(stops[p[c->pos]] & (STOP_QUOTE | STOP_SLASH | STOP_BREAK)))
				c->pos++;
		else
			while (c->pos < n && !stops[p[c->pos]])
				c->pos++;
		if (c->pos == n)
			break;
		/* A line is told by its beginning: let all of the indentation be there. */
		if (p[c->pos] == '\n' && s->indent != SIZE_MAX && n - c->pos < s->indent + 3 && !s->at_end &&
		    !c->dropped)
			break;
		if (take_stop(s, c, stops[p[c->pos++]]))
			return true;
		if (c->broken) {
			c->pos--;
			return true;
		}
	}
	return false;
}

static bool scan_scalar(struct vit_data_splitter *s, struct scan *c)
{
	const char *p = s->buf + s->at;
	size_t n = s->have - s->at;

	while (c->pos < n && !is_space(p[c->pos]) && !strchr(",]}", p[c->pos]))
		c->pos++;
	return c->pos < n;
}

/*
 * The value at s->at. True: c->pos is its length, unless c->broken says that it
 * has no end, c->pos then being where that showed. c->over: it was longer than
 * the ceiling, and is passed already up to c->pos. False: reading failed.
 */
static bool find_end(struct vit_data_splitter *s, struct scan *c)
{
	char first = s->buf[s->at];

	*c = (struct scan){ .scalar = first != '{' && first != '[' && first != '"' };
	for (;;) {
		int got;

		if (c->scalar ? scan_scalar(s, c) : scan_window(s, c))
			return true;
		got = more(s);
		if (got < 0)
			return false;
		if (got > 0)
			continue;
		if (s->at_end) {
			/* The last line may have been waiting for its indentation. */
			if (!c->scalar && scan_window(s, c))
				return true;
			if (!c->scalar)
				c->broken = "the text ends inside of it";
			return true;
		}
		c->over = true;
		c->dropped += c->pos;
		pass(s, c->pos);
		c->pos = 0;
	}
}

/* ---- what it is ----------------------------------------------------------------- */

static bool contains(struct vit_str s, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= s.n; i++)
		if (vit_str_ieq((struct vit_str){ s.p + i, n }, (struct vit_str){ word, n }))
			return true;
	return false;
}

/* Does a member of this name hold examples, when it is a list of objects? */
static bool holds_rows(struct vit_str key)
{
	static const char *const words[] = { "example", "sample", "record", "instance", "train",
					     "rows",    "items",  "entries", "data" };

	if (contains(key, "metadata"))
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (contains(key, words[i]))
			return true;
	return false;
}

/* Whether the object in `text`, which may be cut, has a member with rows. */
static bool has_rows(struct vit_str text)
{
	struct vit_json_reader r;
	struct vit_json_event ev;

	vit_json_reader_init(&r, text, VIT_JSON_ALLOW_TRAILING | VIT_JSON_ALLOW_NAN |
					       VIT_JSON_ALLOW_LONE_SURROGATE);
	if (vit_json_next(&r, &ev) != VIT_JSON_OBJECT_BEGIN)
		return false;
	while (vit_json_next(&r, &ev) == VIT_JSON_KEY) {
		bool named = holds_rows(ev.raw);
		enum vit_json_type type = vit_json_next(&r, &ev);

		if (type == VIT_JSON_ARRAY_BEGIN) {
			if (named && vit_json_next(&r, &ev) == VIT_JSON_OBJECT_BEGIN)
				return true;
			while (r.depth > 1)
				if (vit_json_next(&r, &ev) == VIT_JSON_ERROR)
					return false;
		} else if (type == VIT_JSON_OBJECT_BEGIN) {
			if (!vit_json_skip_rest(&r))
				return false;
		} else if (type == VIT_JSON_ERROR) {
			return false;
		}
	}
	return false;
}

static bool lines_begin_with_brace(struct vit_str rest)
{
	struct vit_str line;

	vit_str_line(&rest, &line);
	while (vit_str_line(&rest, &line))
		if (line.n && line.p[0] == '{')
			return true;
	return false;
}

/* One object, or one a line? */
static enum vit_data_container object_or_lines(struct vit_data_splitter *s)
{
	struct vit_str text = { s->buf + s->at, s->have - s->at };
	struct scan c = { 0 };
	const char *feed = memchr(text.p, '\n', text.n);
	size_t line = feed ? (size_t)(feed - text.p) : text.n;
	bool closed = scan_window(s, &c) && !c.broken;

	if (closed && c.pos <= line) {
		struct vit_str rest = vit_str_trim(vit_str_sub(text, c.pos, text.n));
		/* Alone in the file, it may be a document in one line. */
		return rest.n == 0 && has_rows(text) ? VIT_DATA_OBJECT : VIT_DATA_JSONL;
	}
	if (!feed)
		return has_rows(text) ? VIT_DATA_OBJECT : VIT_DATA_JSONL;
	/* A document's lines are indented, or begin with a key; a row cut short
	 * is followed by another row. */
	return text.n > line + 1 && text.p[line + 1] == '{' ? VIT_DATA_JSONL : VIT_DATA_OBJECT;
}

static enum vit_data_container no_json(struct vit_data_splitter *s)
{
	struct vit_str text = { s->buf + s->at, s->have - s->at }, rest = text, line = VIT_STR_EMPTY;

	if (lines_begin_with_brace(text))
		return VIT_DATA_JSONL;
	vit_str_line(&rest, &line);
	s->head = vit_str_sub(line, 0, 200);
	for (size_t i = 0; i < line.n; i++)
		if ((unsigned char)line.p[i] < ' ' && line.p[i] != '\t')
			return VIT_DATA_OTHER;
	if (memchr(line.p, ',', line.n) || memchr(line.p, '\t', line.n) || memchr(line.p, ';', line.n))
		return VIT_DATA_CSV;
	return VIT_DATA_OTHER;
}

static enum vit_data_container container_of(struct vit_data_splitter *s)
{
	const char *p = s->buf;
	char c;

	if (s->have >= 4 && memcmp(p, "PAR1", 4) == 0)
		return VIT_DATA_PARQUET;
	if (s->have >= 6 && (memcmp(p, "ARROW1", 6) == 0 || memcmp(p, "\xff\xff\xff\xff", 4) == 0))
		return VIT_DATA_ARROW;
	if (s->have >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0))
		return VIT_DATA_UTF16;
	if (s->have >= 4 && ((p[0] && !p[1] && p[2] && !p[3]) || (!p[0] && p[1] && !p[2] && p[3])))
		return VIT_DATA_UTF16;
	if (s->have >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		s->bom = true;
		s->at = 3;
	}
	c = next_byte(s);
	if (c == '[')
		return VIT_DATA_ARRAY;
	if (c == '{')
		return object_or_lines(s);
	return c || s->at < s->have ? no_json(s) : VIT_DATA_EMPTY;
}

enum vit_errc vit_data_split_begin(struct vit_data_splitter *s, vit_json_read_fn read, void *ctx,
				   struct vit_err *err)
{
	*s = (struct vit_data_splitter){ .read = read, .ctx = ctx, .line = 1, .indent = SIZE_MAX };
	s->capacity = START_SIZE;
	s->buf = vit_xmalloc(s->capacity);
	while (s->have < s->capacity && !s->at_end)
		if (more(s) < 0) {
			/* What was read before it broke is still looked at. */
			if (s->have == 0) {
				*err = s->err;
				return err->code;
			}
			break;
		}
	s->container = container_of(s);
	switch (s->container) {
	case VIT_DATA_JSONL:
		s->edge_blank_lines = s->lines;
		s->state = S_LINES;
		break;
	case VIT_DATA_ARRAY:
		pass(s, 1);
		s->state = S_ELEMENT;
		break;
	case VIT_DATA_OBJECT:
		pass(s, 1);
		s->state = S_MEMBER;
		break;
	case VIT_DATA_EMPTY:
	case VIT_DATA_CSV:
	case VIT_DATA_PARQUET:
	case VIT_DATA_ARROW:
	case VIT_DATA_UTF16:
	case VIT_DATA_OTHER:
	case VIT_DATA_UNREADABLE:
		s->state = S_DONE;
		break;
	}
	return VIT_OK;
}

void vit_data_split_end(struct vit_data_splitter *s)
{
	free(s->buf);
	s->buf = NULL;
}

/* ---- lines ------------------------------------------------------------------------ */

/* Passes the rest of a line that is too long for the window. */
static void skip_line(struct vit_data_splitter *s, struct vit_data_piece *out)
{
	for (;;) {
		size_t n = s->have - s->at;
		const char *feed = memchr(s->buf + s->at, '\n', n);

		if (feed) {
			out->length += (size_t)(feed - (s->buf + s->at));
			pass(s, (size_t)(feed - (s->buf + s->at)) + 1);
			return;
		}
		out->length += n;
		pass(s, n);
		if (more(s) <= 0)
			return;
	}
}

static enum vit_data_piece_kind next_line(struct vit_data_splitter *s, struct vit_data_piece *out)
{
	uint64_t blank = 0;
	size_t looked = 0;

	for (;;) {
		size_t n = s->have - s->at, length;
		const char *begin = s->buf + s->at, *feed;

		feed = n > looked ? memchr(begin + looked, '\n', n - looked) : NULL;
		looked = n;
		if (!feed) {
			int got = more(s);
			if (got > 0)
				continue;
			if (got < 0)
				return VIT_PIECE_FAILED;
			if (!s->at_end) {
				out->kind = VIT_PIECE_LONG;
				out->line = s->line;
				out->offset = s->base + s->at;
				skip_line(s, out);
				return out->kind;
			}
			begin = s->buf + s->at;
		}
		looked = 0;
		length = feed ? (size_t)(feed - begin) : n;
		out->line = s->line;
		out->offset = s->base + s->at;
		s->at += length + (feed != NULL);
		s->line += feed != NULL;
		s->lines += feed != NULL;
		if (length && begin[length - 1] == '\r') {
			s->crlf_lines += feed != NULL;
			length--;
		}
		out->text = vit_str_trim((struct vit_str){ begin, length });
		if (out->text.n) {
			s->blank_lines += blank;
			return out->kind = VIT_PIECE_ROW;
		}
		if (!feed) {
			s->edge_blank_lines += blank;
			s->state = S_DONE;
			return VIT_PIECE_END;
		}
		blank++;
	}
}

/* ---- arrays and objects -------------------------------------------------------------- */

static enum vit_data_piece_kind broken(struct vit_data_splitter *s, struct vit_data_piece *out,
				       const char *what)
{
	out->kind = VIT_PIECE_BROKEN;
	out->line = s->line;
	out->offset = s->base + s->at;
	out->what = what;
	return out->kind;
}

/* Goes on at the next line that begins like an element. */
static bool resync(struct vit_data_splitter *s)
{
	if (s->indent == SIZE_MAX)
		return false;
	for (;;) {
		size_t n = s->have - s->at;
		const char *feed = memchr(s->buf + s->at, '\n', n);
		size_t pos;

		if (!feed) {
			pass(s, n);
			if (more(s) <= 0)
				return false;
			continue;
		}
		pos = (size_t)(feed - (s->buf + s->at)) + 1;
		while (s->have - s->at - pos < s->indent + 2 && more(s) > 0)
			;
		if (begins_like_element(s, pos)) {
			pass(s, pos);
			return true;
		}
		pass(s, pos);
	}
}

/* The first element tells how elements begin: on a line of their own, with
 * which indentation, unless a line inside of it begins likewise. */
static size_t indent_of(const struct vit_data_splitter *s, size_t length)
{
	size_t blanks = 0;
	struct vit_data_splitter look = *s;

	if (s->buf[s->at] != '{')
		return SIZE_MAX;
	while (blanks < s->at && (s->buf[s->at - blanks - 1] == ' ' || s->buf[s->at - blanks - 1] == '\t'))
		blanks++;
	if (blanks == s->at || s->buf[s->at - blanks - 1] != '\n')
		return SIZE_MAX;
	look.indent = blanks;
	look.have = s->at + length;
	for (size_t i = 0; i < length; i++)
		if (s->buf[s->at + i] == '\n' && begins_like_element(&look, i + 1))
			return SIZE_MAX;
	return blanks;
}

static enum vit_data_piece_kind take_element(struct vit_data_splitter *s, struct vit_data_piece *out)
{
	uint64_t line = s->line, offset = s->base + s->at;
	struct scan c;

	if (!find_end(s, &c))
		return VIT_PIECE_FAILED;
	s->state = S_ELEMENT_NEXT;
	if (c.broken) {
		broken(s, out, c.broken);
		out->line = line;
		out->offset = offset;
		if (!resync(s)) {
			s->lost = s->indent == SIZE_MAX;
			s->state = S_DONE;
		} else {
			s->state = S_ELEMENT;
		}
		return out->kind;
	}
	*out = (struct vit_data_piece){ .kind = c.over ? VIT_PIECE_LONG : VIT_PIECE_ROW,
					.line = line,
					.offset = offset,
					.length = c.dropped + c.pos };
	if (!c.over) {
		out->text = (struct vit_str){ s->buf + s->at, c.pos };
		if (s->indent == SIZE_MAX)
			s->indent = indent_of(s, c.pos);
	}
	pass(s, c.pos);
	return out->kind;
}

static void close_list(struct vit_data_splitter *s)
{
	pass(s, 1);
	s->indent = SIZE_MAX;
	s->state = s->container == VIT_DATA_OBJECT ? S_MEMBER_NEXT : S_TAIL;
}

/* An element, after '[' or ','. VIT_PIECE_END: the list is closed. */
static enum vit_data_piece_kind element(struct vit_data_splitter *s, struct vit_data_piece *out)
{
	char c = next_byte(s);

	if (c == ']') {
		close_list(s);
		return VIT_PIECE_END;
	}
	if (c == 0 && s->at == s->have) {
		s->state = S_DONE;
		return broken(s, out, "the text ends inside the list");
	}
	if (c == ',' || c == '}' || c == 0) {
		broken(s, out, c == ',' ? "a comma where an element should be" :
			       c		? "a stray '}'" :
						  "a NUL byte where an element should be");
		pass(s, 1);
		return out->kind;
	}
	return take_element(s, out);
}

static enum vit_data_piece_kind after_element(struct vit_data_splitter *s, struct vit_data_piece *out)
{
	char c = next_byte(s);

	if (c == ',') {
		pass(s, 1);
		s->trailing_comma |= next_byte(s) == ']';
		s->state = S_ELEMENT;
		return element(s, out);
	}
	if (c == ']' || (c == 0 && s->at == s->have)) {
		s->state = S_ELEMENT;
		return element(s, out);
	}
	broken(s, out, "no comma between two elements");
	if (c == '{') {
		s->state = S_ELEMENT;
	} else if (resync(s)) {
		s->state = S_ELEMENT;
	} else {
		s->lost = true;
		s->state = S_DONE;
	}
	return out->kind;
}

/* A member of the outer object, after '{' or ','. */
static enum vit_data_piece_kind member(struct vit_data_splitter *s, struct vit_data_piece *out)
{
	uint64_t line = s->line;
	struct scan c;
	char b = next_byte(s);
	size_t key;

	if (b == '}') {
		pass(s, 1);
		s->state = S_TAIL;
		return VIT_PIECE_END;
	}
	s->state = S_DONE;
	if (b != '"')
		return broken(s, out, "no key where a member should begin");
	line = s->line;
	if (!find_end(s, &c))
		return VIT_PIECE_FAILED;
	if (c.broken || c.over || c.pos > 1024)
		return broken(s, out, "a key that does not end");
	key = c.pos;
	out->key = vit_str_sub((struct vit_str){ s->buf + s->at, key }, 1, key - 1);
	bool rows = holds_rows(out->key);
	char name[64] = "";
	memcpy(name, out->key.p, out->key.n < 63 ? out->key.n : 63);
	pass(s, key);
	if (next_byte(s) != ':')
		return broken(s, out, "no ':' after a key");
	pass(s, 1);
	b = next_byte(s);
	if (rows && b == '[') {
		pass(s, 1);
		b = next_byte(s);
		s->state = S_ELEMENT;
		if (!s->member[0])
			memcpy(s->member, name, sizeof name);
		return VIT_PIECE_END;
	}
	if (b == 0 && s->at == s->have)
		return broken(s, out, "the text ends inside the object");
	uint64_t offset = s->base + s->at;
	if (!find_end(s, &c))
		return VIT_PIECE_FAILED;
	if (c.broken)
		return broken(s, out, c.broken);
	*out = (struct vit_data_piece){ .kind = VIT_PIECE_MEMBER, .line = line, .offset = offset };
	if (!c.over && c.pos <= VIT_DATA_META_MAX)
		out->text = (struct vit_str){ s->buf + s->at, c.pos };
	memcpy(s->key, name, sizeof name);
	out->key = vit_str_c(s->key);
	pass(s, c.pos);
	s->state = S_MEMBER_NEXT;
	return out->kind;
}

static enum vit_data_piece_kind after_member(struct vit_data_splitter *s, struct vit_data_piece *out)
{
	char c = next_byte(s);

	if (c == ',') {
		pass(s, 1);
		s->state = S_MEMBER;
		return VIT_PIECE_END;
	}
	if (c == '}') {
		pass(s, 1);
		s->state = S_TAIL;
		return VIT_PIECE_END;
	}
	s->state = S_DONE;
	return broken(s, out, c ? "neither ',' nor '}' after a member" : "the text ends inside the object");
}

enum vit_data_piece_kind vit_data_split_next(struct vit_data_splitter *s, struct vit_data_piece *out,
					     struct vit_err *err)
{
	for (;;) {
		enum vit_data_piece_kind kind = VIT_PIECE_END;

		*out = (struct vit_data_piece){ .kind = VIT_PIECE_END };
		switch (s->state) {
		case S_LINES:
			kind = next_line(s, out);
			break;
		case S_ELEMENT:
			kind = element(s, out);
			break;
		case S_ELEMENT_NEXT:
			kind = after_element(s, out);
			break;
		case S_MEMBER:
			kind = member(s, out);
			break;
		case S_MEMBER_NEXT:
			kind = after_member(s, out);
			break;
		case S_TAIL:
			s->state = S_DONE;
			if (next_byte(s) || s->at < s->have)
				kind = broken(s, out, "more text behind the end of the document");
			break;
		case S_DONE:
			return VIT_PIECE_END;
		default:
			break;
		}
		/* Rows that lie in the window whole come before the failure. */
		if (s->failed && kind != VIT_PIECE_ROW && kind != VIT_PIECE_MEMBER) {
			*err = s->err;
			return out->kind = VIT_PIECE_FAILED;
		}
		if (kind != VIT_PIECE_END)
			return kind;
	}
}
