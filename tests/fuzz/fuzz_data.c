/*
 * A data file of any bytes: JSON lines, lists, objects, gzip and zstd. However
 * it is read in pieces, the facts are the same (unless a stream is damaged);
 * lines ascend and lie inside the text; counts add up; the dump is JSON.
 *
 * The first byte is the size of reads, the rest the file.
 */
#include <stdint.h>
#include <stdlib.h>

#include "data/scan.h"
#include "facts/facts.h"
#include "json/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

struct source {
	struct vit_str rest;
	size_t chunk;
};

static int64_t read_some(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct source *s = ctx;

	(void)err;
	n = s->chunk && n > s->chunk ? s->chunk : n;
	n = n < s->rest.n ? n : s->rest.n;
	if (n)
		memcpy(buf, s->rest.p, n);
	s->rest = vit_str_sub(s->rest, n, s->rest.n);
	return (int64_t)n;
}

static void scan(struct vit_arena *a, struct vit_str text, size_t chunk, struct vit_data *d)
{
	static const struct vit_data_options options = { .sequence = 64 };
	struct source source = { text, chunk };
	struct vit_data_scan *s;

	*d = (struct vit_data){ .given = true, .file_count = 1 };
	d->files = VIT_NEW(a, struct vit_data_file);
	s = vit_data_scan_new(a, &options, d);
	vit_data_scan_file(s, 0, read_some, &source);
	vit_data_scan_finish(s);
}

static void check(const struct vit_data *d)
{
	const struct vit_data_file *f = &d->files[0];
	uint64_t formats = 0, bins = 0;

	must(f->examples <= f->rows);
	for (unsigned i = 0; i < VIT_FORMAT_COUNT; i++)
		formats += f->formats[i];
	must(formats == f->examples);
	for (unsigned i = 0; i < VIT_DI_COUNT; i++) {
		const struct vit_data_issue_rows *r = &f->issues[i];
		must(r->line_count <= r->count && r->line_count <= VIT_DATA_LINES);
		for (uint32_t k = 0; k < r->line_count; k++) {
			must(r->lines[k] >= 1 && r->lines[k] <= f->lines + 1);
			must(k == 0 || r->lines[k] >= r->lines[k - 1] || i == VIT_DI_column_types);
		}
	}
	for (uint32_t i = 0; i < d->tokens.bins; i++)
		bins += d->tokens.bin_rows[i];
	must(bins == d->tokens.examples);
	must(d->tokens.kept_trainable <= d->tokens.trainable && d->tokens.trainable <= d->tokens.total);
	for (unsigned i = 0; i < VIT_DATA_TRAINERS; i++)
		must(d->trainers[i].dropped + d->trainers[i].failed <= f->rows + f->blank_lines);
}

static void same(const struct vit_data *x, const struct vit_data *y)
{
	const struct vit_data_file *f = &x->files[0], *g = &y->files[0];

	/* How much a damaged stream gives before its damage is the library's affair. */
	must((f->err.code == VIT_OK) == (g->err.code == VIT_OK));
	if (f->err.code && f->compression != VIT_DATA_PLAIN)
		return;
	must(f->container == g->container && f->incomplete == g->incomplete);
	must(f->rows == g->rows && f->examples == g->examples);
	for (unsigned i = 0; i < VIT_DI_COUNT; i++)
		must(f->issues[i].count == g->issues[i].count);
	must(x->tokens.total == y->tokens.total);
}

static bool nowhere(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_str text = size ? (struct vit_str){ (const char *)data + 1, size - 1 } : VIT_STR_EMPTY;
	struct vit_facts facts = { .groups = VIT_FG_DATA };
	struct vit_data whole;
	struct vit_json_writer w;

	scan(a, text, 0, &whole);
	scan(a, text, size ? data[0] : 0, &facts.data);
	check(&whole);
	same(&whole, &facts.data);
	vit_json_writer_init(&w, nowhere, NULL, true);
	vit_facts_dump(&facts, &w);
	vit_jw_finish(&w);
	must(!w.failed);
	vit_arena_free(a);
	return 0;
}
