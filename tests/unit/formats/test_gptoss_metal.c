/*
 * metal/model.bin. The sizes expected are those published: 13,750,886,400 bytes
 * of the 20b file, whose weights begin after 110 pages of 16,384, and a body of
 * 65,236,451,328 bytes of the 120b. Faults are made by changing single fields.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "formats/gptoss_metal.h"
#include "mk_metal.h"

#define SIZE_20B UINT64_C(13750886400)

struct memory {
	struct vit_str text;
	size_t at, most; /* bytes a read gives at most */
	bool fails;
};

static int64_t read_memory(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct memory *m = ctx;
	size_t left = m->text.n - m->at;

	if (m->fails && m->at > 100000) {
		(void)vit_err_set(err, VIT_E_IO, "made to fail");
		return -1;
	}
	n = n < left ? n : left;
	n = m->most && n > m->most ? m->most : n;
	memcpy(buf, m->text.p + m->at, n);
	m->at += n;
	return (int64_t)n;
}

static struct vit_buf image;

static struct vit_metal_header parse(uint64_t size)
{
	struct memory m = { vit_buf_view(&image), 0, 0, false };
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_metal_header h;

	assert_int_equal(vit_metal_read(read_memory, &m, size, &h, &err), VIT_OK);
	return h;
}

static void only(const struct vit_metal_header *h, enum vit_metal_fault_kind kind, uint64_t offset)
{
	assert_int_equal(h->fault_count, 1);
	assert_int_equal(h->faults[0].kind, kind);
	assert_int_equal(h->faults[0].offset, offset);
}

static void put32(size_t at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		image.p[at + (size_t)i] = (char)(unsigned char)(v >> (8 * i) & 0xff);
}

static void published_20b(void **state)
{
	struct vit_metal_header h = parse(SIZE_20B);

	(void)state;
	assert_int_equal(h.fault_count, 0);
	assert_true(h.complete && h.has_expected_size);
	assert_int_equal(h.weights_offset, 110 * 16384);
	assert_int_equal(h.expected_size, SIZE_20B);
	assert_int_equal(h.num_blocks, 24);
	assert_int_equal(h.num_experts, 32);
	assert_int_equal(h.num_active_experts, 4);
	assert_int_equal(h.embedding_dim, 2880);
	assert_int_equal(h.num_heads, 64);
	assert_int_equal(h.num_kv_heads, 8);
	assert_int_equal(h.attention_window, 128);
	assert_float_equal(h.rope_theta, 150000, 0);
	assert_float_equal(h.interpolation_scale, 1.0 / 32, 0);
	assert_int_equal(h.num_text_tokens + h.num_special_tokens, 200014);
	assert_int_equal(h.named_special_tokens, 10);
}

static void published_120b(void **state)
{
	struct vit_metal_header h = { .num_blocks = 36, .num_experts = 128, .embedding_dim = 2880,
				      .mlp_dim = 2880, .head_dim = 64, .num_heads = 64,
				      .num_kv_heads = 8, .num_text_tokens = 199998,
				      .num_special_tokens = 16 };
	uint64_t bytes;

	(void)state;
	assert_true(vit_metal_weight_bytes(&h, &bytes));
	assert_int_equal(bytes, UINT64_C(65236451328));
	h.embedding_dim = h.mlp_dim = h.num_experts = UINT32_MAX;
	assert_false(vit_metal_weight_bytes(&h, &bytes));
}

static void other_sizes(void **state)
{
	struct vit_metal_header h = parse(SIZE_20B - 1);

	(void)state;
	only(&h, VIT_METAL_SIZE, SIZE_20B - 1);
	assert_int_equal(h.faults[0].expected, SIZE_20B);
	h = parse(SIZE_20B + 16384);
	only(&h, VIT_METAL_SIZE, SIZE_20B + 16384);
}

static void fields(void **state)
{
	static const struct { size_t at; uint32_t value; enum vit_metal_fault_kind kind; } rows[] = {
		{ 12, 7, VIT_METAL_RESERVED },
		{ 16, 0, VIT_METAL_MODEL_UUID },
		{ 100, 0, VIT_METAL_LAYOUT_UUID },
		{ 116, 0, VIT_METAL_TOKENIZER_UUID },
		{ 36, 0, VIT_METAL_DIMENSION },
		{ 40, UINT32_MAX, VIT_METAL_DIMENSION },
		{ 44, 33, VIT_METAL_DIMENSION },
		{ 48, 2881, VIT_METAL_DIMENSION },
		{ 68, 7, VIT_METAL_DIMENSION },
		{ 56, 0x7fc00000, VIT_METAL_FLOAT }, /* not a number */
		{ 76, 0, VIT_METAL_FLOAT },
		{ 96, 0xb727c5ac, VIT_METAL_FLOAT }, /* -1e-5 */
		{ 132, 100000, VIT_METAL_DIMENSION },
		{ 144, UINT32_MAX, VIT_METAL_DIMENSION },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vit_metal_header h;
		char saved[4];

		memcpy(saved, image.p + rows[i].at, 4);
		put32(rows[i].at, rows[i].value);
		h = parse(SIZE_20B);
		memcpy(image.p + rows[i].at, saved, 4);
		only(&h, rows[i].kind, rows[i].at);
	}
}

static void other_files(void **state)
{
	struct vit_metal_header h;
	struct vit_str whole = vit_buf_view(&image);
	struct memory m = { VIT_STR_EMPTY, 0, 0, false };
	struct vit_err err = { VIT_OK, 0, 0, "" };

	(void)state;
	image.p[0] = 'g';
	h = parse(SIZE_20B);
	image.p[0] = 'G';
	only(&h, VIT_METAL_MAGIC, 0);
	image.p[9] = '2';
	h = parse(SIZE_20B);
	image.p[9] = '1';
	only(&h, VIT_METAL_VERSION, 9);
	/* Cut off at every kind of place before the weights. */
	static const size_t cuts[] = { 0, 1, 147, 148, 403, 404, 410, 1000, 1700000 };
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		m = (struct memory){ vit_str_sub(whole, 0, cuts[i]), 0, 0, false };
		assert_int_equal(vit_metal_read(read_memory, &m, cuts[i], &h, &err), VIT_OK);
		assert_false(h.complete);
		assert_int_equal(h.faults[0].kind, VIT_METAL_SHORT_HEADER);
		assert_int_equal(h.faults[0].offset, cuts[i]);
	}
	/* Reads of one size or another give the same. */
	m = (struct memory){ whole, 0, 7, false };
	assert_int_equal(vit_metal_read(read_memory, &m, SIZE_20B, &h, &err), VIT_OK);
	assert_int_equal(h.fault_count, 0);
	m = (struct memory){ whole, 0, 0, true };
	assert_int_equal(vit_metal_read(read_memory, &m, SIZE_20B, &h, &err), VIT_E_IO);
}

static void tokens(void **state)
{
	struct vit_metal_header h;
	const size_t first = 148 + 16 * 16, regex = (size_t)(unsigned char)image.p[140];

	(void)state;
	/* The expression's last byte. */
	image.p[first + regex - 1] = 'x';
	h = parse(SIZE_20B);
	image.p[first + regex - 1] = '\0';
	only(&h, VIT_METAL_REGEX, first + regex - 1);
	/* An empty token, and one that is longer than the table. */
	image.p[first + regex] = 0;
	h = parse(SIZE_20B);
	only(&h, VIT_METAL_TOKENS, first + regex);
	image.p[first + regex] = 7;
	/* One token fewer in the table than promised, and one more. */
	put32(136, 199999);
	h = parse(SIZE_20B);
	assert_int_equal(h.faults[0].kind, VIT_METAL_TOKENS);
	assert_int_equal(h.faults[0].expected, 199999);
	assert_int_equal(h.faults[0].actual, 199998);
	put32(136, 199997);
	h = parse(SIZE_20B);
	assert_int_equal(h.faults[0].kind, VIT_METAL_TOKENS);
	put32(136, 199998);
}

static int make(void **state)
{
	(void)state;
	vit_buf_init(&image, 16 << 20);
	mk_metal_header(&image, 24, 32, 199998, 7);
	return 0;
}

static int drop(void **state)
{
	(void)state;
	vit_buf_release(&image);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_20b), cmocka_unit_test(published_120b),
		cmocka_unit_test(other_sizes),   cmocka_unit_test(fields),
		cmocka_unit_test(other_files),   cmocka_unit_test(tokens),
	};

	return cmocka_run_group_tests(tests, make, drop);
}
