#include "host/parse.h"

#include "base/num.h"

static struct vit_str next_word(struct vit_str *rest)
{
	struct vit_str word;
	size_t n = 0;

	*rest = vit_str_trim(*rest);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	word = vit_str_sub(*rest, 0, n);
	*rest = vit_str_trim(vit_str_sub(*rest, n, rest->n));
	return word;
}

bool vit_parse_ps_line(struct vit_str line, bool with_memory, struct vit_ps_line *out)
{
	*out = (struct vit_ps_line){ 0, { false, 0 }, VIT_STR_EMPTY };
	if (!vit_parse_u64(next_word(&line), &out->pid))
		return false;
	if (with_memory)
		out->memory.known = vit_parse_u64(next_word(&line), &out->memory.value) &&
				    vit_mul_u64(out->memory.value, 1024, &out->memory.value);
	out->command = line;
	return line.n > 0 && (out->memory.known || !with_memory);
}

struct vit_str vit_parse_plist_string(struct vit_str text, const char *key)
{
	static const struct vit_str open = { "<string>", 8 }, close = { "</string>", 9 };
	size_t at = 0, from, to;

	for (;;) {
		at = vit_str_find(text, VIT_STR("<key>"), at);
		if (at == SIZE_MAX)
			return VIT_STR_EMPTY;
		at += 5;
		if (!vit_str_starts(vit_str_sub(text, at, text.n), vit_str_c(key)) ||
		    !vit_str_starts(vit_str_sub(text, at + strlen(key), text.n), VIT_STR("</key>")))
			continue;
		from = vit_str_find(text, open, at);
		to = from == SIZE_MAX ? SIZE_MAX : vit_str_find(text, close, from);
		if (to == SIZE_MAX)
			return VIT_STR_EMPTY;
		/* Nothing but white space may stand between the key and its value. */
		at += strlen(key) + 6;
		if (vit_str_trim(vit_str_sub(text, at, from)).n)
			return VIT_STR_EMPTY;
		return vit_str_trim(vit_str_sub(text, from + open.n, to));
	}
}
