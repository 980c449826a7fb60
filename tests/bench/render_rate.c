/*
 * Rows rendered in a second of processor time: render_rate TEMPLATE ROWS.jsonl
 * [REPEAT]. A row is a context as JSON; each is read from its text again, as
 * the audit of a data set does. Prints rows, bytes written and seconds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text/template.h"

static struct vit_str read_file(struct vit_arena *a, const char *path)
{
	struct vit_buf b;
	char part[65536];
	size_t n;
	FILE *f = fopen(path, "r");
	if (!f) {
		perror(path);
		exit(2);
	}
	vit_buf_init(&b, (size_t)1 << 30);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		vit_buf_add(&b, part, n);
	fclose(f);
	struct vit_str s = vit_arena_str(a, vit_buf_view(&b));
	vit_buf_release(&b);
	return s;
}

static double processor_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Renders every row once; bytes written. */
static uint64_t render_all(const struct vit_template *t, struct vit_str rows, struct vit_arena *scratch,
			   struct vit_buf *out, uint64_t *count)
{
	static const struct vit_template_clock clock = { 2026, 3, 5, 14, 7, 9 };
	struct vit_str line;
	uint64_t bytes = 0;
	while (vit_str_line(&rows, &line)) {
		struct vit_json_reader r;
		struct vit_json_event ev;
		struct vit_template_result result;
		struct vit_tval context;
		vit_arena_reset(scratch);
		vit_json_reader_init(&r, line, VIT_JSON_ALLOW_NAN);
		vit_json_next(&r, &ev);
		if (!vit_tval_read(&r, &ev, true, scratch, &context)) {
			fprintf(stderr, "render_rate: %s\n", r.err.msg);
			exit(2);
		}
		vit_template_render(t, context, &vit_template_default_limits, &clock, scratch, out,
				    &result);
		bytes += result.outcome == VIT_TEMPLATE_RENDERED ? out->n : 0;
		++*count;
	}
	return bytes;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 64;
	struct vit_arena *a = vit_arena_new(), *scratch = vit_arena_new();
	const struct vit_template *t;
	struct vit_err err;
	struct vit_buf out;
	int repeat = argc > 3 ? atoi(argv[3]) : 1;
	double best = 0;
	uint64_t count = 0, bytes = 0;
	vit_buf_init(&out, (size_t)1 << 26);
	if (vit_template_parse(a, read_file(a, argv[1]), &t, &err)) {
		fprintf(stderr, "render_rate: %s\n", err.msg);
		return 2;
	}
	struct vit_str rows = read_file(a, argv[2]);
	for (int i = 0; i < repeat; i++) {
		count = 0;
		double start = processor_seconds();
		bytes = render_all(t, rows, scratch, &out, &count);
		double took = processor_seconds() - start;
		best = i == 0 || took < best ? took : best;
	}
	printf("%llu\t%llu\t%.6f\n", (unsigned long long)count, (unsigned long long)bytes, best);
	vit_buf_release(&out);
	vit_arena_free(a);
	vit_arena_free(scratch);
	return 0;
}
