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

#define assert_line(buf, line)                                                        \
	do {                                                                          \
		if (!has_line((buf), (line)))                                         \
			fail_msg("no such line: %s\nin:\n%s", (line), (buf)->p);      \
	} while (0)

#endif
