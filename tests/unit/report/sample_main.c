/* Prints the sample or the hostile report in one format, for validators:
 *	report_sample sample|hostile FORMAT [verbose] */
#include <stdio.h>

#include "sample.h"

static const char evil[] = "x\0y|`a`<b>&\"'\x1b[31m\n*_[k](u){0}]]>\xff\xe2\x80\xae\xef\xbf\xbf%\\";

int main(int argc, char **argv)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_report r;
	struct vit_render_options o = { .color = false, .verbose = argc > 3 };

	if (argc < 3 || !vit_renderer_find(vit_str_c(argv[2]))) {
		fputs("usage: report_sample sample|hostile FORMAT [verbose]\n", stderr);
		return 64;
	}
	if (vit_str_is(vit_str_c(argv[1]), "hostile")) {
		hostile_report(&r, a, (struct vit_str){ evil, sizeof(evil) - 1 });
	} else {
		sample_report(&r, a);
		vit_report_decide(&r, a, NULL, 20454);
	}
	struct vit_buf b = render(&r, argv[2], o);
	size_t wrote = fwrite(b.p, 1, b.n, stdout);
	bool ok = wrote == b.n && fflush(stdout) == 0;
	vit_buf_release(&b);
	vit_arena_free(a);
	return ok ? 0 : 1;
}
