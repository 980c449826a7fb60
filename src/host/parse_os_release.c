#include "host/parse.h"

/* The value as a shell reads it: quotes off, and after a backslash the next
 * byte as it is; in single quotes nothing is special. */
static struct vit_str unquote(struct vit_arena *a, struct vit_str value)
{
	char *p = vit_arena_alloc(a, value.n + 1);
	size_t n = 0;
	char quote = '\0';

	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (quote && c == quote) {
			quote = '\0';
		} else if (!quote && (c == '"' || c == '\'')) {
			quote = c;
		} else {
			if (c == '\\' && quote != '\'' && i + 1 < value.n)
				c = value.p[++i];
			p[n++] = c;
		}
	}
	return (struct vit_str){ p, n };
}

static struct vit_str field(struct vit_arena *a, struct vit_str text, struct vit_str name)
{
	struct vit_str line;

	while (vit_str_line(&text, &line)) {
		line = vit_str_trim(line);
		if (vit_str_starts(line, name))
			return unquote(a, vit_str_sub(line, name.n, line.n));
	}
	return VIT_STR_EMPTY;
}

struct vit_str vit_parse_os_release(struct vit_arena *a, struct vit_str text)
{
	struct vit_str pretty = field(a, text, VIT_STR("PRETTY_NAME="));
	struct vit_str name, version;

	if (pretty.n > 0)
		return pretty;
	name = field(a, text, VIT_STR("NAME="));
	version = field(a, text, VIT_STR("VERSION="));
	if (name.n == 0 || version.n == 0)
		return name;
	return vit_arena_printf(a, "%.*s %.*s", VIT_FMT(name), VIT_FMT(version));
}
