#include "formats/gptoss_metal.h"

#include <math.h>

#include "base/num.h"

#define PAGE 16384u   /* alignment of the weights and of each block of experts */
#define LINE 16u      /* alignment of each tensor */
#define MXFP4_BLOCK 32u
#define CHUNK 65536u
#define MAX_DIM (UINT32_C(1) << 24)

static const unsigned char model_uuid[16] = { 0xdf, 0x52, 0xdc, 0x86, 0x17, 0x89, 0x4e, 0xd0,
					      0xa2, 0x95, 0x66, 0xf1, 0x05, 0x08, 0x14, 0x5b };
static const unsigned char layout_uuid[16] = { 0x22, 0x91, 0x77, 0xa8, 0x57, 0x75, 0x42, 0x68,
					       0xbf, 0xd8, 0xd5, 0x88, 0xb3, 0x51, 0xc5, 0x6d };
static const unsigned char tokenizer_uuid[16] = { 0x74, 0x01, 0xad, 0xed, 0x2a, 0x95, 0x40, 0xcb,
						  0xb7, 0x82, 0x9c, 0xce, 0xba, 0xaf, 0xe7, 0x2b };

struct input {
	vit_json_read_fn read;
	void *ctx;
	unsigned char chunk[CHUNK];
	size_t have, used;
	uint64_t at;               /* of the next byte */
	struct vit_metal_header *h;
	enum vit_errc rc;
	struct vit_err *err;
};

static void fault(struct vit_metal_header *h, enum vit_metal_fault_kind kind, uint64_t offset,
		  const char *field, uint64_t expected, uint64_t actual)
{
	if (h->fault_count < VIT_METAL_MAX_FAULTS)
		h->faults[h->fault_count++] =
			(struct vit_metal_fault){ kind, offset, field, expected, actual };
}

/* n bytes into out, or past when out is NULL; false at the end of the file. */
static bool take(struct input *in, unsigned char *out, uint64_t n)
{
	while (n > 0) {
		size_t part;

		if (in->used == in->have) {
			int64_t got = in->read(in->ctx, in->chunk, sizeof(in->chunk), in->err);

			if (got < 0)
				in->rc = in->err && in->err->code != VIT_OK ? in->err->code : VIT_E_IO;
			if (got <= 0)
				return false;
			in->have = (size_t)got;
			in->used = 0;
		}
		part = in->have - in->used < n ? in->have - in->used : (size_t)n;
		if (out) {
			memcpy(out, in->chunk + in->used, part);
			out += part;
		}
		in->used += part;
		in->at += part;
		n -= part;
	}
	return true;
}

static float real(const unsigned char *p)
{
	uint32_t bits = vit_le32(p);
	float f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

static void check_uuid(struct vit_metal_header *h, const unsigned char *fixed, size_t at,
		       const unsigned char wanted[16], enum vit_metal_fault_kind kind,
		       const char *field)
{
	if (memcmp(fixed + at, wanted, 16) != 0)
		fault(h, kind, at, field, 0, 0);
}

/* A number of the header: where it stands, and the most it may be. */
static void take_numbers(struct vit_metal_header *h, const unsigned char *fixed)
{
	const struct { size_t at; const char *name; uint32_t *to, most; } numbers[] = {
		{ 32, "context_length", &h->context_length, UINT32_C(1) << 28 },
		{ 36, "num_blocks", &h->num_blocks, 10000 },
		{ 40, "num_experts", &h->num_experts, 65536 },
		{ 44, "num_active_experts", &h->num_active_experts, 65536 },
		{ 48, "embedding_dim", &h->embedding_dim, MAX_DIM },
		{ 52, "mlp_dim", &h->mlp_dim, MAX_DIM },
		{ 60, "head_dim", &h->head_dim, 65536 },
		{ 64, "num_heads", &h->num_heads, 65536 },
		{ 68, "num_kv_heads", &h->num_kv_heads, 65536 },
		{ 72, "attention_window", &h->attention_window, UINT32_C(1) << 28 },
		{ 132, "num_special_tokens", &h->num_special_tokens, VIT_METAL_MAX_SPECIAL },
		{ 136, "num_text_tokens", &h->num_text_tokens, VIT_METAL_MAX_TOKENS },
		{ 140, "regex_size", &h->regex_size, 1u << 20 },
		{ 144, "tokens_size", &h->tokens_size, 1u << 30 },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		uint32_t value = vit_le32(fixed + numbers[i].at);

		*numbers[i].to = value;
		if (value == 0 || value > numbers[i].most)
			fault(h, VIT_METAL_DIMENSION, numbers[i].at, numbers[i].name,
			      numbers[i].most, value);
	}
}

static void take_constants(struct vit_metal_header *h, const unsigned char *fixed)
{
	const struct { size_t at; const char *name; float *to; bool any_sign; } constants[] = {
		{ 56, "swiglu_limit", &h->swiglu_limit, false },
		{ 76, "rope_theta", &h->rope_theta, false },
		{ 80, "interpolation_scale", &h->interpolation_scale, false },
		{ 84, "yarn_offset", &h->yarn_offset, true },
		{ 88, "yarn_scale", &h->yarn_scale, false },
		{ 92, "yarn_multiplier", &h->yarn_multiplier, false },
		{ 96, "rmsnorm_epsilon", &h->rmsnorm_epsilon, false },
	};

	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
		float value = real(fixed + constants[i].at);

		*constants[i].to = value;
		if (!isfinite(value) || (!constants[i].any_sign && value <= 0))
			fault(h, VIT_METAL_FLOAT, constants[i].at, constants[i].name, 0, 0);
	}
}

/* What the rows of a matrix are cut into. */
static void check_divisions(struct vit_metal_header *h)
{
	if (h->embedding_dim % MXFP4_BLOCK)
		fault(h, VIT_METAL_DIMENSION, 48, "embedding_dim", MXFP4_BLOCK, h->embedding_dim);
	if (h->mlp_dim % MXFP4_BLOCK)
		fault(h, VIT_METAL_DIMENSION, 52, "mlp_dim", MXFP4_BLOCK, h->mlp_dim);
	if (h->num_active_experts > h->num_experts)
		fault(h, VIT_METAL_DIMENSION, 44, "num_active_experts", h->num_experts,
		      h->num_active_experts);
	if (h->num_kv_heads && h->num_heads % h->num_kv_heads)
		fault(h, VIT_METAL_DIMENSION, 68, "num_kv_heads", h->num_heads, h->num_kv_heads);
}

/* False when what follows cannot be read as this format. */
static bool take_fixed(struct input *in)
{
	unsigned char fixed[VIT_METAL_FIXED];
	struct vit_metal_header *h = in->h;
	uint32_t before;

	if (!take(in, fixed, sizeof(fixed))) {
		fault(h, VIT_METAL_SHORT_HEADER, in->at, "header", VIT_METAL_FIXED, in->at);
		return false;
	}
	if (memcmp(fixed, "GPT-OSS v", 9) != 0) {
		fault(h, VIT_METAL_MAGIC, 0, "magic", 0, 0);
		return false;
	}
	if (memcmp(fixed + 9, "1.0", 3) != 0) {
		fault(h, VIT_METAL_VERSION, 9, "version", 0, 0);
		return false;
	}
	if (vit_le32(fixed + 12) != 0)
		fault(h, VIT_METAL_RESERVED, 12, "reserved", 0, vit_le32(fixed + 12));
	check_uuid(h, fixed, 16, model_uuid, VIT_METAL_MODEL_UUID, "model");
	before = h->fault_count;
	take_numbers(h, fixed);
	take_constants(h, fixed);
	check_divisions(h);
	check_uuid(h, fixed, 100, layout_uuid, VIT_METAL_LAYOUT_UUID, "layout");
	check_uuid(h, fixed, 116, tokenizer_uuid, VIT_METAL_TOKENIZER_UUID, "tokenizer");
	for (uint32_t i = before; i < h->fault_count; i++)
		if (h->faults[i].kind == VIT_METAL_DIMENSION)
			return false;
	return true;
}

static bool take_special(struct input *in)
{
	static const unsigned char none[16];
	unsigned char uuid[16];

	for (uint32_t i = 0; i < in->h->num_special_tokens; i++) {
		if (!take(in, uuid, sizeof(uuid)))
			return false;
		in->h->named_special_tokens += memcmp(uuid, none, sizeof(none)) != 0;
	}
	return true;
}

static bool take_regex(struct input *in)
{
	uint64_t last = in->at + in->h->regex_size - 1;
	unsigned char end = 1;

	if (!take(in, NULL, in->h->regex_size - 1) || !take(in, &end, 1))
		return false;
	if (end != 0)
		fault(in->h, VIT_METAL_REGEX, last, "regex", 0, end);
	return true;
}

/* The tokens one after the other: they are as many as promised, none is empty,
 * and the last ends where the table does. */
static bool take_tokens(struct input *in)
{
	uint64_t begin = in->at, end = begin + in->h->tokens_size;
	uint32_t count = 0;

	while (count < in->h->num_text_tokens && in->at + 2 <= end) {
		unsigned char length[2];
		uint64_t n, at = in->at;

		if (!take(in, length, 2))
			return false;
		n = (uint64_t)length[0] | (uint64_t)length[1] << 8;
		if (n == 0 || n > end - in->at) {
			fault(in->h, VIT_METAL_TOKENS, at, "token length", end - in->at, n);
			return take(in, NULL, end - in->at);
		}
		if (!take(in, NULL, n))
			return false;
		count++;
	}
	if (count < in->h->num_text_tokens)
		fault(in->h, VIT_METAL_TOKENS, in->at, "num_text_tokens",
		      in->h->num_text_tokens, count);
	else if (in->at != end)
		fault(in->h, VIT_METAL_TOKENS, in->at, "tokens_size", in->at - begin,
		      in->h->tokens_size);
	return take(in, NULL, end - in->at);
}

/* Bytes of a run of tensors; sticky overflow. */
struct sum {
	uint64_t bytes;
	bool over;
};

static void align(struct sum *s, uint64_t to)
{
	uint64_t rest = s->bytes % to;

	if (rest && !vit_add_u64(s->bytes, to - rest, &s->bytes))
		s->over = true;
}

static void add(struct sum *s, uint64_t rows, uint64_t columns, uint64_t bytes_each)
{
	uint64_t n;

	if (!vit_mul_u64(rows, columns, &n) || !vit_mul_u64(n, bytes_each, &n) ||
	    !vit_add_u64(s->bytes, n, &s->bytes))
		s->over = true;
}

static void add_aligned(struct sum *s, uint64_t rows, uint64_t columns, uint64_t bytes_each)
{
	align(s, LINE);
	add(s, rows, columns, bytes_each);
}

/* What comes before the experts; BF16. */
static void add_shared(const struct vit_metal_header *h, struct sum *s)
{
	uint64_t vocabulary = (uint64_t)h->num_text_tokens + h->num_special_tokens;
	uint64_t qkv = ((uint64_t)h->num_heads + 2 * (uint64_t)h->num_kv_heads) * h->head_dim;
	uint64_t attention = (uint64_t)h->num_heads * h->head_dim, width = h->embedding_dim;

	add_aligned(s, vocabulary, width, 2);
	for (uint32_t n = 0; n < h->num_blocks; n++) {
		add_aligned(s, 1, width, 2);
		add_aligned(s, qkv, width, 2);
		add(s, qkv, 1, 2);
		add_aligned(s, h->num_heads, 1, 2);
		add_aligned(s, width, attention, 2);
		add(s, width, 1, 2);
		add_aligned(s, 1, width, 2);
		add_aligned(s, h->num_experts, width, 2);
		add(s, h->num_experts, 1, 2);
	}
	add_aligned(s, 1, width, 2);
	add_aligned(s, vocabulary, width, 2);
}

/* One layer's experts: codes of four bits, a scale byte to 32 of them, BF16 biases. */
static void add_experts(const struct vit_metal_header *h, struct sum *s)
{
	uint64_t gate_up = 2 * (uint64_t)h->mlp_dim, width = h->embedding_dim, mlp = h->mlp_dim;
	struct sum one = { 0, false };

	add_aligned(&one, gate_up, width / 2, 1);
	add_aligned(&one, gate_up, width / MXFP4_BLOCK, 1);
	add_aligned(&one, gate_up, 1, 2);
	add_aligned(&one, width, mlp / 2, 1);
	add_aligned(&one, width, mlp / MXFP4_BLOCK, 1);
	add_aligned(&one, width, 1, 2);
	align(s, PAGE);
	/* All but the last are padded for the next, which begins at a multiple of 16. */
	s->over = s->over || one.over;
	add(s, 1, 1, one.bytes);
	align(&one, LINE);
	add(s, h->num_experts - 1, one.bytes, 1);
}

bool vit_metal_weight_bytes(const struct vit_metal_header *h, uint64_t *out)
{
	struct sum s = { 0, false };

	add_shared(h, &s);
	for (uint32_t n = 0; n < h->num_blocks && !s.over; n++)
		add_experts(h, &s);
	*out = s.bytes;
	return !s.over && s.bytes <= INT64_MAX;
}

enum vit_errc vit_metal_read(vit_json_read_fn read, void *ctx, uint64_t size,
			     struct vit_metal_header *out, struct vit_err *err)
{
	struct vit_err failed = { VIT_OK, 0, 0, "" };
	struct input in = { .read = read, .ctx = ctx, .h = out, .rc = VIT_OK, .err = &failed };
	uint64_t weights;

	*out = (struct vit_metal_header){ .complete = false };
	if (take_fixed(&in)) {
		out->complete = take_special(&in) && take_regex(&in) && take_tokens(&in);
		if (!out->complete && in.rc == VIT_OK)
			fault(out, VIT_METAL_SHORT_HEADER, in.at, "tokenizer", 0, in.at);
		out->weights_offset = VIT_METAL_FIXED + (uint64_t)out->num_special_tokens * 16 +
				      out->regex_size + out->tokens_size;
		out->weights_offset = (out->weights_offset + PAGE - 1) / PAGE * PAGE;
		out->has_expected_size = vit_metal_weight_bytes(out, &weights) &&
			vit_add_u64(out->weights_offset, weights, &out->expected_size);
		if (out->has_expected_size && out->expected_size != size)
			fault(out, VIT_METAL_SIZE, size, "size", out->expected_size, size);
	}
	if (in.rc != VIT_OK && err)
		*err = failed;
	return in.rc;
}
