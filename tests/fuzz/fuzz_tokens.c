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

static void check_text(const struct vit_tokens *t, struct vit_encoder *used, struct vit_str text,
		       unsigned flags)
{
	struct vit_encoder *fresh = vit_encoder_new(t);
	const uint32_t *ids, *again;
	size_t count, again_count, counted;
	struct vit_err err = { .code = VIT_OK };
	enum vit_errc code = vit_encode(used, text, flags, &ids, &count, &err);

	must(code == err.code);
	must(vit_encode(fresh, text, flags, &again, &again_count, &err) == code);
	if (code == VIT_OK) {
		must(count == again_count);
		for (size_t i = 0; i < count; i++)
			must(ids[i] == again[i] && ids[i] < vit_tokens_size(t));
	}
	must(vit_encode_count(used, text, flags, &counted, &err) == code);
	must(code != VIT_OK || counted == count);
	vit_encoder_free(fresh);
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
	struct vit_encoder *used = vit_encoder_new(t);
	struct vit_str rest = { (const char *)data + m.size, size - m.size }, text;
	unsigned flags = 0;
	while (vit_str_split(&rest, 0x1e, &text))
		check_text(t, used, text, flags++ & 3);
	vit_encoder_free(used);
	vit_tokens_free(t);
	return 0;
}
