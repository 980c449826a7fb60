/*
 * metal/model.bin: gpt-oss as OpenAI's Metal implementation loads it.
 *
 * The format is that of gpt_oss/metal/scripts/create-local-model.py in
 * openai/gpt-oss: little-endian, a header of fixed fields, the UUIDs of the
 * special tokens, the tokenizer's expression and its tokens (u16 length, bytes),
 * then, at the next multiple of 16,384, the shared weights and one block of
 * experts per layer. All sizes follow from the header, so the size of the whole
 * file is known from its first two megabytes; the weights are not read.
 *
 * The bytes are untrusted: nothing is allocated by what they say, counts are
 * limited, and what is wrong is a fault beside the values, not a failure.
 */
#ifndef VIT_FORMATS_GPTOSS_METAL_H
#define VIT_FORMATS_GPTOSS_METAL_H

#include "base/err.h"
#include "json/reader.h"

#define VIT_METAL_FIXED 148     /* bytes before the UUIDs of special tokens */
#define VIT_METAL_MAX_SPECIAL 4096
#define VIT_METAL_MAX_TOKENS (UINT32_C(1) << 24)
#define VIT_METAL_MAX_FAULTS 16

enum vit_metal_fault_kind {
	VIT_METAL_SHORT_HEADER,   /* the file ends inside what the header promises before the weights */
	VIT_METAL_MAGIC,          /* not "GPT-OSS v" */
	VIT_METAL_VERSION,        /* another one than 1.0: nothing more was read */
	VIT_METAL_RESERVED,       /* the field behind the magic is not zero */
	VIT_METAL_MODEL_UUID,     /* not gpt-oss */
	VIT_METAL_LAYOUT_UUID,    /* weights not laid out for Apple GPUs */
	VIT_METAL_TOKENIZER_UUID, /* not tiktoken */
	VIT_METAL_DIMENSION,      /* a size is zero, beyond all models, or does not divide */
	VIT_METAL_FLOAT,          /* a constant is no number above zero (yarn_offset: no number) */
	VIT_METAL_REGEX,          /* the expression does not end with its NUL */
	VIT_METAL_TOKENS,         /* the tokens do not fill their table exactly */
	VIT_METAL_SIZE,           /* the file has another size than header and weights need */
};

struct vit_metal_fault {
	enum vit_metal_fault_kind kind;
	uint64_t offset;
	const char *field;        /* "num_blocks", ...; static */
	uint64_t expected, actual; /* where numbers tell it: SIZE, TOKENS, DIMENSION, RESERVED */
};

struct vit_metal_header {
	uint32_t context_length, num_blocks, num_experts, num_active_experts, embedding_dim, mlp_dim;
	uint32_t head_dim, num_heads, num_kv_heads, attention_window;
	float swiglu_limit, rope_theta, interpolation_scale, yarn_offset, yarn_scale;
	float yarn_multiplier, rmsnorm_epsilon;
	uint32_t num_special_tokens, num_text_tokens, regex_size, tokens_size;
	uint32_t named_special_tokens; /* with a UUID that is not zero */
	bool complete;                 /* all up to the weights was read */
	uint64_t weights_offset;
	bool has_expected_size;
	uint64_t expected_size;        /* of the whole file */
	struct vit_metal_fault faults[VIT_METAL_MAX_FAULTS];
	uint32_t fault_count;
};

/*
 * Reads from the beginning of a file of `size` bytes. Fails only when reading
 * does; the failure is that of `read`.
 */
VIT_MUST_USE enum vit_errc vit_metal_read(vit_json_read_fn read, void *ctx, uint64_t size,
					  struct vit_metal_header *out, struct vit_err *err);
/* The bytes from weights_offset on; false when they pass 2^63. Pure arithmetic. */
bool vit_metal_weight_bytes(const struct vit_metal_header *h, uint64_t *out);

#endif
