/*
 * Answers for pep440.py, a line each: "cmp A B", "in VERSION RANGE",
 * "name NAME", fields between tabs.
 */
#include <stdio.h>

#include "formats/pep440.h"

static void answer(struct vit_str line)
{
	struct vit_str what, a, b;
	struct vit_pep440 x, y;
	char name[256];

	if (!vit_str_split(&line, '\t', &what) || !vit_str_split(&line, '\t', &a))
		return;
	if (vit_str_is(what, "name")) {
		puts(vit_pep503_name(a, name, sizeof(name)) ? name : "invalid");
		return;
	}
	if (!vit_pep440_parse(a, &x)) {
		puts("invalid");
		return;
	}
	if (!vit_str_split(&line, '\t', &b))
		b = VIT_STR_EMPTY;
	if (vit_str_is(what, "cmp") && vit_pep440_parse(b, &y))
		printf("%d\n", vit_pep440_cmp(&x, &y));
	else if (vit_str_is(what, "in") && vit_pep440_is_range(b))
		puts(vit_pep440_matches(&x, b) ? "true" : "false");
	else
		puts("invalid");
}

int main(void)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin)) {
		struct vit_str s = vit_str_c(line);

		if (s.n && s.p[s.n - 1] == '\n')
			s.n--;
		answer(s);
	}
	return 0;
}
