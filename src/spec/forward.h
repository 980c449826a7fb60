/*
 * What a model does with its tensors: the `forward` section of a family, with
 * every size evaluated for one configuration. docs/SPECS.md has the language.
 *
 * A row is one operation of the framework or one small fixed group of them
 * (a norm, a linear layer, a rotation). Rows have names for their results as
 * the framework's own code has: a name holds its tensor until it is bound
 * anew or its block ends; names that begin with _ are unnamed values, gone
 * after the row that uses them. The forecast knows what each operation keeps
 * for the backward pass; nothing of memory is decided here.
 */
#ifndef VIT_SPEC_FORWARD_H
#define VIT_SPEC_FORWARD_H

#include "base/arena.h"
#include "json/tree.h"
#include "spec/spec.h"

enum vit_fwd_op {
	VIT_FWD_BEGIN, VIT_FWD_END,   /* of a block: one call in the framework's code */
	VIT_FWD_RMS_NORM, VIT_FWD_LAYER_NORM, VIT_FWD_LINEAR, VIT_FWD_ROPE, VIT_FWD_ATTENTION,
	VIT_FWD_ACT, VIT_FWD_MUL, VIT_FWD_ADD, VIT_FWD_SCALE, VIT_FWD_DROPOUT, VIT_FWD_SPLIT,
	VIT_FWD_CAT, VIT_FWD_REPEAT, VIT_FWD_COPY, VIT_FWD_ALIAS, VIT_FWD_CACHE, VIT_FWD_ROUTER,
	VIT_FWD_EXPERTS,
	VIT_FWD_WEIGHT,
	VIT_FWD_OP_COUNT
};
const char *vit_fwd_op_name(enum vit_fwd_op op); /* "rms_norm", as in YAML */

/* Sizes and switches of a row; elements per token unless said otherwise. */
enum vit_fwd_key {
	VIT_FWD_IN, VIT_FWD_OUT,      /* linear: its matrix */
	VIT_FWD_BIAS,                 /* linear, layer_norm, experts: 1 with a bias */
	VIT_FWD_WIDTH,                /* norm: of a row of the norm */
	VIT_FWD_GROUPS,               /* norm: rows per token (heads); 1 when absent */
	VIT_FWD_HEADS, VIT_FWD_KV_HEADS, VIT_FWD_DIM, VIT_FWD_VALUE_DIM, /* attention */
	VIT_FWD_WINDOW,               /* attention: 0 or absent: all positions */
	VIT_FWD_SOFTCAP, VIT_FWD_SINKS, /* attention, eager: 1 with */
	VIT_FWD_ROTARY,               /* rope: millionths of a head that turn */
	VIT_FWD_EXPERTS_KEY, VIT_FWD_PER_TOKEN, VIT_FWD_INNER, /* router, experts */
	VIT_FWD_RENORM,               /* router: scores are divided by their sum */
	VIT_FWD_DROP,                 /* dropout, attention: 1 when active in training */
	VIT_FWD_SIZE,                 /* weight: elements; split, cat: see docs */
	VIT_FWD_COPIES,               /* attention: the output is copied to be contiguous */
	VIT_FWD_MATH,                 /* attention, sdpa: only the plain kernel takes these shapes */
	VIT_FWD_ADAPTED,              /* router, experts: PEFT's all-linear takes them too */
	VIT_FWD_TRANSPOSED,           /* linear: inputs before outputs (gpt2) */
	VIT_FWD_KEY_COUNT
};

#define VIT_FWD_MAX_OF 4
#define VIT_FWD_MAX_TO 3
#define VIT_FWD_NONE UINT16_MAX

struct vit_fwd_row {
	enum vit_fwd_op op;
	struct vit_str name;          /* linear: as PEFT's targets are named */
	struct vit_str style;         /* of norms, ropes, routers; empty: the usual one */
	struct vit_str kind;          /* act: "silu", "gelu_new", ... */
	uint16_t of[VIT_FWD_MAX_OF], to[VIT_FWD_MAX_TO]; /* slots; END: of[0] goes to to[0] */
	uint8_t of_count, to_count;
	bool of_temporary[VIT_FWD_MAX_OF];
	uint16_t first, last;         /* END: slots [first, last) end here */
	uint32_t known;               /* one bit a key that was given */
	uint64_t value[VIT_FWD_KEY_COUNT];
};

struct vit_fwd_rows {
	const struct vit_fwd_row *rows;
	uint32_t count;
};

#define VIT_FWD_INPUT 0          /* slot of `x`: what goes in and comes out */

struct vit_forward {
	uint64_t hidden, vocab, layers, positions;
	uint64_t rope;                /* elements of cos and of sin per position; 0: none */
	bool rope_float32, tied, head_bias, logits_softcap, logits_scaled;
	bool measured;                /* held against runs of this family */
	struct vit_fwd_rows embed, final;
	const struct vit_fwd_rows *layer; /* `layers` of them; equal ones share their rows */
	uint32_t slots;
};

/*
 * Evaluates `family` for that configuration. False when the family has no
 * such section or a size cannot be evaluated; *why then says so.
 */
bool vit_forward_evaluate(struct vit_arena *a, const struct vit_spec_db *db,
			  const struct vit_spec *family, const struct vit_json *config,
			  struct vit_forward *out, struct vit_str *why);

#endif
