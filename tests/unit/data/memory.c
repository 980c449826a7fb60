#include "memory.h"

#include <stdio.h>
#include <stdlib.h>

int64_t memory_read(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct memory *m = ctx;

	if (m->chunk && n > m->chunk)
		n = m->chunk;
	n = n < m->rest.n ? n : m->rest.n;
	if (n == 0 && m->fails) {
		vit_err_set(err, VIT_E_IO, "the disk is gone");
		return -1;
	}
	if (n)
		memcpy(buf, m->rest.p, n);
	m->rest = vit_str_sub(m->rest, n, m->rest.n);
	return (int64_t)n;
}

void memory_scan(struct vit_arena *a, struct vit_str text, const struct vit_data_options *o, struct vit_data *out)
{
	static const struct vit_data_options none;
	struct memory m = { .rest = text };
	struct vit_data_scan *s;

	*out = (struct vit_data){ .given = true, .path = VIT_STR("train.jsonl"), .file_count = 1 };
	out->files = VIT_NEW(a, struct vit_data_file);
	out->files[0].path = out->path;
	s = vit_data_scan_new(a, o ? o : &none, out);
	vit_data_scan_file(s, 0, memory_read, &m);
	vit_data_scan_finish(s);
}

struct vit_str memory_file(struct vit_arena *a, const char *name)
{
	return memory_file_at(a, vit_arena_printf(a, "%s/%s", VIT_TEST_DATA, name).p);
}

struct vit_str memory_file_at(struct vit_arena *a, const char *path)
{
	struct vit_buf b;
	struct vit_str text;
	char block[65536];
	size_t n;
	FILE *f = fopen(path, "rb");

	if (!f)
		abort();
	vit_buf_init(&b, (size_t)64 << 20);
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		vit_buf_add(&b, block, n);
	fclose(f);
	text = vit_arena_str(a, vit_buf_view(&b));
	vit_buf_release(&b);
	return text;
}

const char *memory_lines(struct vit_arena *a, const struct vit_data_file *f, enum vit_data_issue i)
{
	struct vit_str text = VIT_STR_EMPTY;

	for (uint32_t k = 0; k < f->issues[i].line_count; k++)
		text = vit_arena_printf(a, "%.*s%s%u", VIT_FMT(text), k ? " " : "", f->issues[i].lines[k]);
	return text.n ? text.p : "";
}
