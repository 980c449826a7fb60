/* Assertions on rendered text, line by line. */
#ifndef VIT_TEST_REPORT_LINES_H
#define VIT_TEST_REPORT_LINES_H

#include "base/buf.h"
#include "base/utf8.h"

/* The text holds that line, from its first byte to its last. */
static inline bool has_line(const struct vit_buf *b, const char *line)
{
	struct vit_str rest = vit_buf_view(b), one;

	while (vit_str_line(&rest, &one))
		if (vit_str_is(one, line))
			return true;
	return false;
}

static inline bool has_text(const struct vit_buf *b, const char *text)
{
	return vit_str_find(vit_buf_view(b), vit_str_c(text), 0) != SIZE_MAX;
}

/* Nothing a terminal or a parser of the format could take for a command. */
static inline bool is_harmless(struct vit_str s)
{
	if (vit_utf8_valid(s) != s.n)
		return false;
	while (s.n) {
		uint32_t cp = 0;
		size_t took = vit_utf8_decode(s, &cp);
		if (cp != '\n' && !vit_utf8_harmless(cp))
			return false;
		s = vit_str_sub(s, took, s.n);
	}
	return true;
}

/* Pipes that end a cell: not behind an odd number of backslashes. */
static inline unsigned cell_pipes(struct vit_str line)
{
	unsigned n = 0;
	size_t backslashes = 0;

	for (size_t i = 0; i < line.n; i++) {
		n += line.p[i] == '|' && backslashes % 2 == 0;
		backslashes = line.p[i] == '\\' ? backslashes + 1 : 0;
	}
	return n;
}

/* The next line of Markdown outside of fenced blocks. */
static inline bool next_unfenced(struct vit_str *rest, struct vit_str *line)
{
	while (vit_str_line(rest, line)) {
		size_t fence = 0;
		while (fence < line->n && line->p[fence] == '`')
			fence++;
		if (fence < 3)
			return true;
		struct vit_str mark = vit_str_sub(*line, 0, fence);
		/* A line of one code span is no fence. */
		if (vit_str_find(*line, VIT_STR("`"), fence) != SIZE_MAX)
			return true;
		while (vit_str_line(rest, line) && !vit_str_eq(*line, mark))
			;
	}
	return false;
}

/* Every row of every table has as many cells as its head. */
static inline bool tables_are_even(struct vit_str text)
{
	struct vit_str line;
	unsigned columns = 0;

	while (next_unfenced(&text, &line)) {
		if (line.n == 0 || line.p[0] != '|') {
			columns = 0;
			continue;
		}
		if (columns == 0)
			columns = cell_pipes(line);
		if (cell_pipes(line) != columns)
			return false;
	}
	return true;
}

#define assert_line(buf, line)                                                        \
	do {                                                                          \
		if (!has_line((buf), (line)))                                         \
			fail_msg("no such line: %s\nin:\n%s", (line), (buf)->p);      \
	} while (0)

#endif
