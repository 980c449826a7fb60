/*
 * tokenizer.json: any bytes, read whole and byte by byte, give the same counts,
 * and the counts fit each other.
 */
#include <stdint.h>
#include <stdlib.h>

#include "formats/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory {
	const uint8_t *data;
	size_t size, at, step;
};

static int64_t from_memory(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct memory *m = ctx;
	size_t left = m->size - m->at;

	(void)err;
	n = n < left ? n : left;
	n = n < m->step ? n : m->step;
	if (n)
		memcpy(buf, m->data + m->at, n);
	m->at += n;
	return (int64_t)n;
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_counts(const struct vit_tokenizer_scan *s)
{
	must(s->added_count <= s->added_total);
	must(s->named_count <= VIT_TOK_MAX_WANTED);
	must(s->distinct_ids + s->duplicate_ids <= s->vocab_count + s->added_total);
	must(s->conflicts <= s->vocab_count);
	must(s->max_id <= UINT32_MAX);
	must(s->distinct_ids > 0 || s->max_id == 0);
	must(!s->has_vocab || s->has_model);
	must(!s->has_model || s->is_object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct vit_str wanted[] = { VIT_STR("<s>"), VIT_STR("a") };
	struct vit_arena *a = vit_arena_new();
	struct memory whole = { data, size, 0, SIZE_MAX }, slow = { data, size, 0, 1 };
	struct vit_tokenizer_scan s, t;
	struct vit_err x = { 0 }, y = { 0 };
	enum vit_errc c = vit_tokenizer_read(a, from_memory, &whole, wanted, 2, &s, &x);
	enum vit_errc d = vit_tokenizer_read(a, from_memory, &slow, wanted, 2, &t, &y);

	must(c == d && x.offset == y.offset);
	must(s.vocab_count == t.vocab_count && s.merges_count == t.merges_count);
	must(s.max_id == t.max_id && s.distinct_ids == t.distinct_ids);
	must(s.bad_entries == t.bad_entries && s.bad_offset == t.bad_offset);
	must(s.added_total == t.added_total && s.named_count == t.named_count);
	must(s.bad_entries == 0 || s.bad_offset < size);
	check_counts(&s);
	vit_arena_free(a);
	return 0;
}
