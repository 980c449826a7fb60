/*
 * A tokenizer.json, a byte 0x1e, and texts between such bytes: whatever loads
 * encodes any bytes. Ids are below the size, counting counts what encoding
 * gives, and neither the cache nor what was encoded before changes anything.
 */
#include <stdint.h>
#include <stdlib.h>

#include "text/tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory {
	const uint8_t *data;
	size_t size, at;
};

static int64_t from_memory(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct memory *m = ctx;
	size_t left = m->size - m->at;

	(void)err;
	n = n < left ? n : left;
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

/* What came of one text. */
struct result {
	struct vit_str text;
	enum vit_errc code;
	size_t count;
	uint64_t sum;
};

#define MOST_TEXTS 32

static void encode(const struct vit_tokens *t, struct vit_encoder *e, struct result *r,
		   unsigned flags)
{
	struct vit_err err = { .code = VIT_OK };
	const uint32_t *ids;
	size_t counted;

	r->sum = 0;
	r->code = vit_encode(e, r->text, flags, &ids, &r->count, &err);
	must(r->code == err.code);
	for (size_t i = 0; r->code == VIT_OK && i < r->count; i++) {
		must(ids[i] < vit_tokens_size(t));
		r->sum = r->sum * 31 + ids[i] + 1;
	}
	must(vit_encode_count(e, r->text, flags, &counted, &err) == r->code);
	must(r->code != VIT_OK || counted == r->count);
}

/* Forwards with one encoder, backwards with another: what their caches hold
 * differs, what they say may not. */
static void check_texts(const struct vit_tokens *t, struct vit_str rest)
{
	struct vit_encoder *forward = vit_encoder_new(t), *backward = vit_encoder_new(t);
	struct result first[MOST_TEXTS], again;
	unsigned n = 0;

	for (; n < MOST_TEXTS && vit_str_split(&rest, 0x1e, &first[n].text); n++)
		encode(t, forward, &first[n], n & 3);
	while (n-- > 0) {
		again.text = first[n].text;
		encode(t, backward, &again, n & 3);
		must(again.code == first[n].code);
		must(again.code != VIT_OK ||
		     (again.count == first[n].count && again.sum == first[n].sum));
	}
	vit_encoder_free(forward);
	vit_encoder_free(backward);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, 0x1e, size) : NULL;
	struct memory m = { data, end ? (size_t)(end - data) : size, 0 };
	struct vit_tokens *t = NULL;
	struct vit_err err = { .code = VIT_OK };

	if (vit_tokens_load(from_memory, &m, &t, &err)) {
		must(err.code != VIT_OK && err.msg[0] && !t);
		return 0;
	}
	check_texts(t, (struct vit_str){ (const char *)data + m.size, size - m.size });
	vit_tokens_free(t);
	return 0;
}
