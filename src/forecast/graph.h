/*
 * Tensors without numbers, and what autograd does with them: which ones an
 * operation keeps, when they go, what its backward allocates. Private to
 * src/forecast.
 *
 * Rules (torch/csrc/autograd, tools/autograd/derivatives.yaml): a node keeps
 * what its formula needs and drops it after it ran; gradients of one tensor are
 * added in place when nothing else holds the first; a parameter takes over its
 * first gradient; nodes run in the reverse order of their creation. With
 * checkpointing a layer's nodes keep nothing until the first of them asks; then
 * the layer runs again, and stops when the last kept tensor is made
 * (torch/utils/checkpoint.py, non-reentrant, early stop).
 */
#ifndef VIT_FORECAST_GRAPH_H
#define VIT_FORECAST_GRAPH_H

#include "forecast/allocator.h"

typedef uint32_t vit_tensor_id;   /* 0: none */

struct vit_storage {
	uint32_t block, refs;
	uint8_t tag;
};

#define VIT_GRAPH_TAGS 8

struct vit_gtensor {
	uint64_t numel;
	uint32_t storage, pending;    /* pending: storage of its gradient so far */
	uint32_t node;                /* that made it, + 1; 0: a leaf or no gradient */
	uint32_t param;               /* + 1; 0: none */
	uint8_t elem;                 /* bytes of an element */
	bool grad;                    /* requires a gradient */
	bool vector;                  /* a vector parameter or a cast of one: summed over rows */
};

struct vit_param {
	uint64_t numel;
	uint64_t rows;                /* of a matrix or a stack of them; 1: a vector */
	uint32_t storage, gradient, waiting;
	uint8_t elem;
	bool trainable;
	bool twice;                   /* also the head: its first gradient waits for the second */
	bool waiting_view;            /* that one is a transposed view, not added to in place */
	bool packed;                  /* held in 4 bits and dequantised for each use */
};

/* How the backward of a node makes the gradient of an input. */
enum vit_grad_mode {
	VIT_GM_NONE,
	VIT_GM_PASS,      /* it is the gradient of the output; summed when that is larger */
	VIT_GM_VIEW,      /* a view of it */
	VIT_GM_NEW,       /* a tensor of the input's size */
	VIT_GM_REDUCE,    /* one of the output's size, then summed to the input's */
};

#define VIT_NODE_IN 3
#define VIT_NODE_SAVED 5

struct vit_gnode {
	uint32_t in[VIT_NODE_IN];
	uint32_t out[3];              /* more than one: split */
	uint32_t saved[VIT_NODE_SAVED];
	uint64_t temporary[2];        /* bytes alive while its backward runs */
	uint32_t segment;             /* checkpointed layer + 1, or 0 */
	uint8_t mode[VIT_NODE_IN], raw_elem, saved_count, out_count;
	bool hooked;                  /* keeps something that a checkpoint would have to make again */
};

struct vit_segment {
	uint32_t first, last_kept;    /* nodes */
	uint32_t input;               /* storage */
	uint64_t numel;               /* of the input */
	uint32_t layer;
	uint8_t elem;
	bool grad, filled;
};

struct vit_graph {
	struct vit_allocator memory;
	struct vit_storage *storages;
	struct vit_gtensor *tensors;
	struct vit_gnode *nodes;
	struct vit_param *params;
	struct vit_segment *segments;
	uint32_t storage_count, storage_capacity, storage_unused;
	uint32_t tensor_count, tensor_capacity, node_count, node_capacity;
	uint32_t param_count, param_capacity, segment_count, segment_capacity;

	bool recording;               /* gradients are wanted */
	uint32_t segment;             /* being run for the first time, + 1 */
	bool filling, stopped;        /* being run again; all that was kept is there */
	uint32_t fill_at;
	bool autocast;
	uint32_t *cast_cache;         /* tensors that autocast keeps until its region ends */
	uint32_t cast_count, cast_capacity;

	uint8_t tag, gradient_tag;    /* what is made now; what parameters' gradients become */
	uint64_t tagged[VIT_GRAPH_TAGS], tagged_at_peak[VIT_GRAPH_TAGS]; /* bytes */
	uint64_t window_peak;         /* highest since it was last taken */
	double made_bytes, made_tensors;
	unsigned processors;          /* multiprocessors of the device: decides how sums are split */

	void (*replay)(void *ctx, uint32_t layer, vit_tensor_id input);
	void *replay_ctx;
};

void vit_graph_init(struct vit_graph *g, uint64_t device);
void vit_graph_release(struct vit_graph *g);
/* Forgets tensors and nodes of the last micro-batch; parameters and their gradients stay. */
void vit_graph_reset(struct vit_graph *g);

uint32_t vit_graph_param(struct vit_graph *g, uint64_t numel, uint8_t elem, bool trainable);
/* A tensor with storage of its own and without a gradient. */
vit_tensor_id vit_graph_new(struct vit_graph *g, uint64_t numel, uint8_t elem);
/* The parameter as an operand. */
vit_tensor_id vit_graph_use(struct vit_graph *g, uint32_t param);
/* Another name for the same storage; keeps the gradient's way when `through`. */
vit_tensor_id vit_graph_alias(struct vit_graph *g, vit_tensor_id t);
/* The name goes; 0 is allowed. */
void vit_graph_drop(struct vit_graph *g, vit_tensor_id t);
uint32_t vit_graph_hold(struct vit_graph *g, vit_tensor_id t); /* one more reference on its storage */
void vit_graph_free(struct vit_graph *g, uint32_t storage);    /* one less */

static inline struct vit_gtensor *vit_gt(struct vit_graph *g, vit_tensor_id t)
{
	return &g->tensors[t];
}

/* Node building: begin, keep inputs, make the output, keep outputs, end. */
uint32_t vit_node_begin(struct vit_graph *g);
void vit_node_keep(struct vit_graph *g, uint32_t node, vit_tensor_id t);
void vit_node_in(struct vit_graph *g, uint32_t node, unsigned i, vit_tensor_id t,
		 enum vit_grad_mode mode);
void vit_node_out(struct vit_graph *g, uint32_t node, vit_tensor_id t);
/* After its last keep. Returns false when the rerun of a layer stops here. */
void vit_node_end(struct vit_graph *g, uint32_t node);
#define VIT_NO_NODE_ID UINT32_MAX

/* Primitive operations; the caller drops operands and results. */
vit_tensor_id vit_g_cast(struct vit_graph *g, vit_tensor_id x, uint8_t elem);
enum { VIT_KEEP_IN = 1, VIT_KEEP_OUT = 2 };
vit_tensor_id vit_g_unary(struct vit_graph *g, vit_tensor_id x, unsigned keep, uint8_t elem);
/* x * x: keeps x; its backward makes two tensors of its size on the way. */
vit_tensor_id vit_g_pow(struct vit_graph *g, vit_tensor_id x, uint8_t elem);
/* Bytes that a sum of `rows` rows to `outputs` numbers takes on the way. */
uint64_t vit_graph_sum_bytes(const struct vit_graph *g, uint64_t rows, uint64_t outputs);
/* Keeps its result; its backward makes grad * result on the way. */
vit_tensor_id vit_g_softmax(struct vit_graph *g, vit_tensor_id x);
vit_tensor_id vit_g_mul(struct vit_graph *g, vit_tensor_id a, vit_tensor_id b);
vit_tensor_id vit_g_add(struct vit_graph *g, vit_tensor_id a, vit_tensor_id b);
/* A new tensor of numel elements whose backward makes one of x's size; keeps nothing. */
vit_tensor_id vit_g_map(struct vit_graph *g, vit_tensor_id x, uint64_t numel, uint8_t elem);
/* Sum to numel elements: backward is a view of the gradient. */
vit_tensor_id vit_g_sum(struct vit_graph *g, vit_tensor_id x, uint64_t numel);
vit_tensor_id vit_g_dropout(struct vit_graph *g, vit_tensor_id x);
/* Views of x; backward makes one gradient of x's size for all (split) or each (slice). */
void vit_g_split(struct vit_graph *g, vit_tensor_id x, const uint64_t *numel, unsigned count,
		 bool slices, vit_tensor_id *out);
vit_tensor_id vit_g_cat(struct vit_graph *g, vit_tensor_id a, vit_tensor_id b, uint64_t numel);
/* x @ w: in elements a row of x, out a row of the result. bias: parameter + 1, or 0. */
vit_tensor_id vit_g_matmul(struct vit_graph *g, vit_tensor_id x, vit_tensor_id w, uint64_t numel,
			   vit_tensor_id bias);

/* Runs the backward of the nodes [first, last), from the gradients accumulated so far. */
void vit_graph_backward(struct vit_graph *g, uint32_t first, uint32_t last);
/* Drops the gradients that tensors without a parameter have left. */
void vit_graph_backward_end(struct vit_graph *g);
/* Counts a storage among those of another tag. */
void vit_graph_retag(struct vit_graph *g, uint32_t storage, uint8_t tag);
/* Adds a gradient (storage; the reference goes with it) to t's. */
void vit_graph_accumulate(struct vit_graph *g, vit_tensor_id t, uint32_t storage);
uint32_t vit_graph_alloc(struct vit_graph *g, uint64_t bytes); /* a storage with one reference */

/* Checkpointed layers. */
uint32_t vit_graph_segment_begin(struct vit_graph *g, uint32_t layer, vit_tensor_id input);
void vit_graph_segment_end(struct vit_graph *g);
void vit_graph_cast_cache_clear(struct vit_graph *g);

#endif
