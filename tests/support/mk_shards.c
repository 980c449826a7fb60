#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mk.h"

#define HEADER_CEILING ((size_t)256 << 20)

uint64_t mk_dtype_bytes(const char *dtype)
{
	static const struct {
		const char *name;
		uint64_t bytes;
	} rows[] = { { "F32", 4 }, { "BF16", 2 }, { "F16", 2 }, { "F8_E4M3", 1 }, { "U8", 1 } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, dtype) == 0)
			return rows[i].bytes;
	}
	VIT_BUG("mk_model: dtype without a size");
}

void mk_add(struct mk_model *m, const char *dtype, uint64_t d0, uint64_t d1, const char *fmt, ...)
{
	char name[256];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	struct mk_tensor *t = vit_vec_add(&m->tensors);
	t->name = vit_arena_str(m->arena, (struct vit_str){ name, (size_t)n });
	t->dtype = dtype;
	t->rank = d1 ? 2 : 1;
	t->shape[0] = d0;
	t->shape[1] = d1;
	t->bytes = d0 * (d1 ? d1 : 1) * mk_dtype_bytes(dtype);
}

static const struct mk_tensor *tensor_at(const struct mk_model *m, size_t i)
{
	return vit_vec_at(&m->tensors, i);
}

uint64_t mk_total(const struct mk_model *m)
{
	uint64_t total = 0;
	for (size_t i = 0; i < m->tensors.count; i++)
		total += tensor_at(m, i)->bytes;
	return total;
}

void mk_cut(struct mk_model *m, uint32_t shards)
{
	uint64_t total = mk_total(m), before = 0;
	for (size_t i = 0; i < m->tensors.count; i++) {
		struct mk_tensor *t = vit_vec_at(&m->tensors, i);
		/* By the tensor's middle, so that no part stays empty. */
		double middle = ((double)before + (double)t->bytes / 2) / (double)total;
		t->shard = (uint32_t)(middle * shards);
		before += t->bytes;
	}
}

/* The reference writer's order: alignment falls, then names rise. */
static int compare(const void *a, const void *b)
{
	const struct mk_tensor *x = *(const struct mk_tensor *const *)a;
	const struct mk_tensor *y = *(const struct mk_tensor *const *)b;
	uint64_t bx = mk_dtype_bytes(x->dtype), by = mk_dtype_bytes(y->dtype);
	if (bx != by)
		return bx > by ? -1 : 1;
	return vit_str_cmp(x->name, y->name);
}

static uint64_t put_entries(struct vit_json_writer *w, const struct mk_tensor **list, size_t count)
{
	uint64_t at = 0;
	for (size_t i = 0; i < count; i++) {
		const struct mk_tensor *t = list[i];
		vit_jw_key_str(w, t->name);
		vit_jw_object(w);
		vit_jw_key(w, "dtype");
		vit_jw_cstr(w, t->dtype);
		vit_jw_key(w, "shape");
		vit_jw_array(w);
		for (unsigned d = 0; d < t->rank; d++)
			vit_jw_u64(w, t->shape[d]);
		vit_jw_array_end(w);
		vit_jw_key(w, "data_offsets");
		vit_jw_array(w);
		vit_jw_u64(w, at);
		vit_jw_u64(w, at += t->bytes);
		vit_jw_array_end(w);
		vit_jw_object_end(w);
	}
	return at;
}

/* The tensors of one shard in the writer's order; caller frees. */
static const struct mk_tensor **members(const struct mk_model *m, uint32_t shard, size_t *count)
{
	const struct mk_tensor **list = vit_xcalloc(m->tensors.count + 1, sizeof(const void *));
	size_t n = 0;
	for (size_t i = 0; i < m->tensors.count; i++) {
		if (tensor_at(m, i)->shard == shard)
			list[n++] = tensor_at(m, i);
	}
	qsort(list, n, sizeof(*list), compare);
	*count = n;
	return list;
}

bool mk_shard(const struct mk_model *m, uint32_t shard, const char *name, uint64_t *header_bytes)
{
	struct vit_json_writer w;
	struct vit_buf head;
	size_t count;
	const struct mk_tensor **list = members(m, shard, &count);
	vit_buf_init(&head, HEADER_CEILING);
	vit_buf_add(&head, "\0\0\0\0\0\0\0\0", 8);
	mk_json(&w, &head, true);
	vit_jw_object(&w);
	uint64_t data = put_entries(&w, list, count);
	vit_jw_object_end(&w);
	while (head.n % 8)
		vit_buf_putc(&head, ' ');
	uint64_t length = head.n - 8;
	for (unsigned i = 0; i < 8; i++)
		head.p[i] = (char)(unsigned char)(length >> 8 * i);
	if (header_bytes)
		*header_bytes = length;
	bool ok = mk_sparse(mk_path(m->arena, m->dir, name), vit_buf_view(&head), head.n + data);
	vit_buf_release(&head);
	free(list);
	return ok;
}

static void index_one_line(const struct mk_model *m, struct vit_buf *b,
			   mk_shard_name *shard_name, uint32_t shards)
{
	char file[64];
	vit_buf_printf(b, "{\"metadata\": {\"total_size\": %llu}, \"weight_map\": {",
		       (unsigned long long)mk_total(m));
	for (size_t i = 0; i < m->tensors.count; i++) {
		const struct mk_tensor *t = tensor_at(m, i);
		vit_buf_printf(b, "%s\"%.*s\": \"%s\"", i ? ", " : "", VIT_FMT(t->name),
			       shard_name(t->shard, shards, file));
	}
	vit_buf_puts(b, "}}");
}

static void index_indented(const struct mk_model *m, struct vit_buf *b,
			   mk_shard_name *shard_name, uint32_t shards)
{
	char file[64];
	struct vit_json_writer w;
	mk_json(&w, b, false);
	vit_jw_object(&w);
	vit_jw_key(&w, "metadata");
	vit_jw_object(&w);
	vit_jw_key(&w, "total_size");
	vit_jw_u64(&w, mk_total(m));
	vit_jw_object_end(&w);
	vit_jw_key(&w, "weight_map");
	vit_jw_object(&w);
	for (size_t i = 0; i < m->tensors.count; i++) {
		const struct mk_tensor *t = tensor_at(m, i);
		vit_jw_key_str(&w, t->name);
		vit_jw_cstr(&w, shard_name(t->shard, shards, file));
	}
	vit_jw_object_end(&w);
	vit_jw_object_end(&w);
	vit_jw_finish(&w);
}

bool mk_index(const struct mk_model *m, bool one_line, mk_shard_name *shard_name, uint32_t shards)
{
	struct vit_buf b;
	vit_buf_init(&b, HEADER_CEILING);
	if (one_line)
		index_one_line(m, &b, shard_name, shards);
	else
		index_indented(m, &b, shard_name, shards);
	bool ok = mk_write(mk_path(m->arena, m->dir, "model.safetensors.index.json"),
			   vit_buf_view(&b));
	vit_buf_release(&b);
	return ok;
}
