#include "model.h"

#include <stdarg.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/num.h"
#include "formats/dtype.h"
#include "json/tree.h"
#include "json/writer.h"

void tm_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("mutations: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(99);
}

void tm_read(const char *path, struct vit_buf *out)
{
	FILE *f = fopen(path, "rb");
	char block[65536];
	size_t n;

	if (!f)
		tm_die("cannot read %s", path);
	vit_buf_init(out, (size_t)1 << 30);
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		vit_buf_add(out, block, n);
	fclose(f);
}

void tm_write(const char *path, struct vit_str text)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(text.p, 1, text.n, f) != text.n || fclose(f) != 0)
		tm_die("cannot write %s", path);
}

static void copy_text(char *to, size_t size, struct vit_str s)
{
	if (s.n >= size)
		tm_die("name too long: %.*s", VIT_FMT(s));
	memcpy(to, s.p, s.n);
	to[s.n] = 0;
}

static struct tm_tensor *append(struct tm_model *m)
{
	m->tensors = vit_xrealloc(m->tensors, (m->count + 1) * sizeof *m->tensors);
	m->tensors[m->count] = (struct tm_tensor){ .rank = 0 };
	return &m->tensors[m->count++];
}

static void load_shard(struct tm_model *m, const char *name)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_json_doc doc;
	struct vit_err err;
	struct vit_buf file;
	char path[1024];
	uint64_t n;

	snprintf(path, sizeof path, "%s/%s", m->dir, name);
	tm_read(path, &file);
	n = vit_le64((const unsigned char *)file.p);
	if (vit_json_parse(a, (struct vit_str){ file.p + 8, (size_t)n }, 0, &doc, &err))
		tm_die("%s: %s", path, err.msg);
	for (uint32_t i = 0; i < doc.root->count; i++) {
		const struct vit_json *e = &doc.root->children[i], *shape, *offsets;
		struct tm_tensor *t;
		if (vit_str_is(e->key, "__metadata__"))
			continue;
		t = append(m);
		shape = vit_json_get_c(e, "shape");
		offsets = vit_json_get_c(e, "data_offsets");
		copy_text(t->name, sizeof t->name, e->key);
		copy_text(t->dtype, sizeof t->dtype, vit_json_string(vit_json_get_c(e, "dtype")));
		copy_text(t->shard, sizeof t->shard, vit_str_c(name));
		t->rank = shape->count;
		for (uint32_t k = 0; k < shape->count; k++)
			t->shape[k] = shape->children[k].u64;
		t->bytes = (size_t)(offsets->children[1].u64 - offsets->children[0].u64);
		t->data = vit_xmalloc(t->bytes + 1);
		memcpy(t->data, file.p + 8 + n + offsets->children[0].u64, t->bytes);
	}
	vit_buf_release(&file);
	vit_arena_free(a);
}

void tm_load(struct tm_model *m, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[1024];

	*m = (struct tm_model){ .count = 0 };
	copy_text(m->dir, sizeof m->dir, vit_str_c(dir));
	if (!d)
		tm_die("cannot open %s", dir);
	while ((e = readdir(d)))
		if (vit_str_ends(vit_str_c(e->d_name), VIT_STR(".safetensors")))
			load_shard(m, e->d_name);
	closedir(d);
	snprintf(path, sizeof path, "%s/model.safetensors.index.json", dir);
	m->has_index = access(path, F_OK) == 0;
}

void tm_free(struct tm_model *m)
{
	for (size_t i = 0; i < m->count; i++)
		free(m->tensors[i].data);
	free(m->tensors);
}

struct tm_tensor *tm_find(struct tm_model *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->tensors[i].name, name) == 0)
			return &m->tensors[i];
	tm_die("%s: no tensor %s", m->dir, name);
}

static unsigned bits_of(const struct tm_tensor *t)
{
	return vit_dtype_bits(vit_dtype_parse(vit_str_c(t->dtype)));
}

/* The reference writer's order: widest dtype first, then by name. */
static int writer_order(const void *x, const void *y)
{
	const struct tm_tensor *a = *(const struct tm_tensor *const *)x;
	const struct tm_tensor *b = *(const struct tm_tensor *const *)y;

	if (bits_of(a) != bits_of(b))
		return bits_of(a) > bits_of(b) ? -1 : 1;
	return strcmp(a->name, b->name);
}

static bool to_buf(void *ctx, const char *p, size_t n)
{
	vit_buf_add(ctx, p, n);
	return true;
}

static void write_entry(struct vit_json_writer *w, const struct tm_tensor *t, uint64_t begin)
{
	vit_jw_key(w, t->name);
	vit_jw_object(w);
	vit_jw_key(w, "dtype");
	vit_jw_cstr(w, t->dtype);
	vit_jw_key(w, "shape");
	vit_jw_array(w);
	for (unsigned k = 0; k < t->rank; k++)
		vit_jw_u64(w, t->shape[k]);
	vit_jw_array_end(w);
	vit_jw_key(w, "data_offsets");
	vit_jw_array(w);
	vit_jw_u64(w, begin);
	vit_jw_u64(w, begin + t->bytes);
	vit_jw_array_end(w);
	vit_jw_object_end(w);
}

static void save_shard(const struct tm_model *m, const char *shard)
{
	const struct tm_tensor **rows = vit_xcalloc(m->count + 1, sizeof *rows);
	struct vit_json_writer w;
	struct vit_buf header, file;
	char path[1024];
	uint64_t at = 0;
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->tensors[i].shard, shard) == 0)
			rows[n++] = &m->tensors[i];
	qsort(rows, n, sizeof *rows, writer_order);
	vit_buf_init(&header, (size_t)1 << 28);
	vit_buf_init(&file, (size_t)1 << 30);
	vit_json_writer_init(&w, to_buf, &header, true);
	vit_jw_object(&w);
	vit_jw_key(&w, "__metadata__");
	vit_jw_object(&w);
	vit_jw_key(&w, "format");
	vit_jw_cstr(&w, "pt");
	vit_jw_object_end(&w);
	for (size_t i = 0; i < n; i++) {
		write_entry(&w, rows[i], at);
		at += rows[i]->bytes;
	}
	vit_jw_object_end(&w);
	while (header.n % 8)
		vit_buf_putc(&header, ' ');
	for (unsigned k = 0; k < 8; k++)
		vit_buf_putc(&file, (char)(header.n >> (8 * k)));
	vit_buf_str(&file, vit_buf_view(&header));
	for (size_t i = 0; i < n; i++)
		vit_buf_add(&file, rows[i]->data, rows[i]->bytes);
	snprintf(path, sizeof path, "%s/%s", m->dir, shard);
	tm_write(path, vit_buf_view(&file));
	vit_buf_release(&header);
	vit_buf_release(&file);
	free(rows);
}

static void save_index(const struct tm_model *m)
{
	struct vit_json_writer w;
	struct vit_buf out;
	char path[1024];
	uint64_t total = 0;

	for (size_t i = 0; i < m->count; i++)
		total += m->tensors[i].bytes;
	vit_buf_init(&out, (size_t)1 << 28);
	vit_json_writer_init(&w, to_buf, &out, false);
	vit_jw_object(&w);
	vit_jw_key(&w, "metadata");
	vit_jw_object(&w);
	vit_jw_key(&w, "total_size");
	vit_jw_u64(&w, total);
	vit_jw_object_end(&w);
	vit_jw_key(&w, "weight_map");
	vit_jw_object(&w);
	for (size_t i = 0; i < m->count; i++) {
		vit_jw_key(&w, m->tensors[i].name);
		vit_jw_cstr(&w, m->tensors[i].shard);
	}
	vit_jw_object_end(&w);
	vit_jw_object_end(&w);
	vit_jw_finish(&w);
	snprintf(path, sizeof path, "%s/model.safetensors.index.json", m->dir);
	tm_write(path, vit_buf_view(&out));
	vit_buf_release(&out);
}

void tm_save(const struct tm_model *m)
{
	DIR *d = opendir(m->dir);
	struct dirent *e;

	/* A shard that lost its last tensor stays, empty: the number of shards is not what changed. */
	while ((e = readdir(d)))
		if (vit_str_ends(vit_str_c(e->d_name), VIT_STR(".safetensors")))
			save_shard(m, e->d_name);
	closedir(d);
	if (m->has_index)
		save_index(m);
}

void tm_drop(struct tm_model *m, const char *name)
{
	struct tm_tensor *t = tm_find(m, name);

	free(t->data);
	memmove(t, t + 1, (size_t)(m->tensors + m->count - t - 1) * sizeof *t);
	m->count--;
}

void tm_poke(struct tm_model *m, const char *name, size_t offset, struct vit_str bytes)
{
	struct tm_tensor *t = tm_find(m, name);

	if (offset > t->bytes || bytes.n > t->bytes - offset)
		tm_die("poke %s: beyond its %zu bytes", name, t->bytes);
	memcpy(t->data + offset, bytes.p, bytes.n);
}

void tm_fill(struct tm_model *m, const char *name, struct vit_str bytes)
{
	struct tm_tensor *t = tm_find(m, name);

	for (size_t i = 0; i < t->bytes; i++)
		t->data[i] = bytes.p[i % bytes.n];
}

void tm_same(struct tm_model *m, const char *from, const char *to)
{
	const struct tm_tensor *a = tm_find(m, from);
	struct tm_tensor *b = tm_find(m, to);

	if (a->bytes != b->bytes)
		tm_die("same %s %s: of different sizes", from, to);
	memcpy(b->data, a->data, b->bytes);
}

void tm_drop_matching(struct tm_model *m, const char *part)
{
	size_t before = m->count;

	for (size_t i = m->count; i-- > 0;)
		if (strstr(m->tensors[i].name, part))
			tm_drop(m, m->tensors[i].name);
	if (m->count == before)
		tm_die("%s: no tensor contains %s", m->dir, part);
}

void tm_rename(struct tm_model *m, const char *name, const char *to)
{
	struct tm_tensor *t = tm_find(m, name);

	copy_text(t->name, sizeof t->name, vit_str_c(to));
}

void tm_transpose(struct tm_model *m, const char *name)
{
	struct tm_tensor *t = tm_find(m, name);
	uint64_t last = t->shape[t->rank - 1];

	t->shape[t->rank - 1] = t->shape[t->rank - 2];
	t->shape[t->rank - 2] = last;
}

static void refill(struct tm_tensor *t)
{
	uint64_t n = bits_of(t);

	for (unsigned k = 0; k < t->rank; k++)
		n *= t->shape[k];
	free(t->data);
	t->bytes = (size_t)(n / 8);
	t->data = vit_xcalloc(t->bytes + 1, 1);
}

void tm_resize(struct tm_model *m, const char *name, unsigned dim, int by)
{
	struct tm_tensor *t = tm_find(m, name);

	t->shape[dim] = (uint64_t)((int64_t)t->shape[dim] + by);
	refill(t);
}

void tm_dtype(struct tm_model *m, const char *name, const char *dtype)
{
	struct tm_tensor *t = tm_find(m, name);

	copy_text(t->dtype, sizeof t->dtype, vit_str_c(dtype));
	refill(t);
}

void tm_add(struct tm_model *m, const char *name, const char *dtype, const uint64_t *shape, unsigned rank)
{
	char shard[128];
	struct tm_tensor *t;

	copy_text(shard, sizeof shard, vit_str_c(m->tensors[0].shard));
	t = append(m);
	copy_text(t->name, sizeof t->name, vit_str_c(name));
	copy_text(t->dtype, sizeof t->dtype, vit_str_c(dtype));
	copy_text(t->shard, sizeof t->shard, vit_str_c(shard));
	t->rank = rank;
	memcpy(t->shape, shape, rank * sizeof *shape);
	refill(t);
}

void tm_merge(struct tm_model *m)
{
	char path[1024];

	for (size_t i = 0; i < m->count; i++) {
		snprintf(path, sizeof path, "%s/%s", m->dir, m->tensors[i].shard);
		(void)unlink(path);
		copy_text(m->tensors[i].shard, sizeof m->tensors[i].shard, VIT_STR("model.safetensors"));
	}
	snprintf(path, sizeof path, "%s/model.safetensors.index.json", m->dir);
	(void)unlink(path);
	m->has_index = false;
	save_shard(m, "model.safetensors");
}
