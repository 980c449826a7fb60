/*
 * One training or inference run on one device, tensor by tensor. Private to
 * src/forecast.
 */
#ifndef VIT_FORECAST_RUN_H
#define VIT_FORECAST_RUN_H

#include "forecast/graph.h"
#include "forecast/forecast.h"
#include "spec/forward.h"

/* How the run is made; all that the operations look at. */
struct vit_run_plan {
	const struct vit_forward *forward;
	uint64_t batch, sequence;
	uint8_t weight_elem;          /* of the base weights that stay plain */
	bool training, trainer, autocast, checkpointing;
	bool frozen;                  /* adapters only */
	bool packed;                  /* linear layers are held in 4 bits */
	bool double_quant;
	bool packed_experts;          /* routed experts stay in MXFP4 */
	bool input_grads;             /* enable_input_require_grads */
	enum vit_job_targets targets;
	const struct vit_str *target_names;
	uint32_t target_count;
	uint64_t rank;                /* of the adapters; 0: none */
	enum vit_job_attention attention;
	bool padded;
	enum vit_job_optimizer optimizer;
	uint64_t accumulate;
	bool offload;                 /* optimizer states in host memory */
	uint64_t workspace;           /* of a cuBLAS handle */
	unsigned processors;          /* multiprocessors of the device */
	uint64_t device;              /* for the allocator; 0: no limit */
};

/* Memory by what holds it, at the highest moment. */
enum vit_part {
	VIT_PART_WEIGHTS, VIT_PART_ADAPTERS, VIT_PART_STATES, VIT_PART_GRADIENTS,
	VIT_PART_WORKSPACE, VIT_PART_ACTIVATIONS, VIT_PART_LOSS, VIT_PART_KV, VIT_PART_COUNT
};

struct vit_run_result {
	bool failed;                  /* sizes beyond all bounds */
	bool out_of_memory;           /* of the given device */
	uint64_t peak, reserved;
	enum vit_moment peak_moment;
	uint64_t moments[VIT_MOMENT_COUNT]; /* 0: did not happen */
	uint64_t parts[VIT_PART_COUNT];
	uint64_t after_forward, steady;
	uint64_t parameters, trainable, packed_bytes;
	uint64_t kv_bytes;
	uint64_t host_bytes;
	double made_bytes;            /* all tensors made in one micro-batch: traffic */
	double made_tensors;
};

void vit_run(const struct vit_run_plan *plan, struct vit_run_result *out);

/* ---- the parts of a run ---- */

/* Parameters of one row. */
struct vit_row_params {
	uint32_t weight, bias, a, b;  /* + 1; 0: none */
	uint32_t more[4];             /* adapters of parameters that are no linear layer */
	bool adapted;
};

struct vit_runner {
	struct vit_graph g;
	const struct vit_run_plan *plan;
	const struct vit_forward *f;
	uint64_t tokens;
	vit_tensor_id *vars;          /* by slot */
	struct vit_row_params **layer_params;   /* per layer */
	struct vit_row_params *embed_params, *final_params;
	uint32_t embedding, head, head_bias, positions; /* parameters + 1 */
	vit_tensor_id cos, sin, mask, scores; /* scores: what eager attention leaves bound */
	vit_tensor_id position_rows;
	vit_tensor_id leaf;           /* embedding output that an adapter's hook made a leaf */
	uint32_t second_mask;         /* storage of the mask of the other kind of layer */
	uint32_t *kv;                 /* storages of the cache, two per layer */
	uint32_t kv_count;
	struct vit_run_result *result;
	enum vit_moment moment;
	const struct vit_row_params *params; /* of the rows being run */
	uint32_t layer;
};

/* Runs rows on x and returns what x is then; drops x's other names. */
vit_tensor_id vit_run_rows(struct vit_runner *r, const struct vit_fwd_rows *rows,
			   const struct vit_row_params *params, vit_tensor_id x);
/* Highest level since the last call belongs to that moment. */
void vit_run_mark(struct vit_runner *r, enum vit_moment m);

/* operations; each returns a new tensor and leaves its operands */
vit_tensor_id vit_op_rms_norm(struct vit_runner *r, const struct vit_fwd_row *row,
			      const struct vit_row_params *p, vit_tensor_id x);
vit_tensor_id vit_op_layer_norm(struct vit_runner *r, const struct vit_row_params *p,
				vit_tensor_id x);
vit_tensor_id vit_op_linear(struct vit_runner *r, uint64_t out, const struct vit_row_params *p,
			    vit_tensor_id x);
vit_tensor_id vit_op_act(struct vit_runner *r, struct vit_str kind, vit_tensor_id x);
vit_tensor_id vit_op_rope(struct vit_runner *r, const struct vit_fwd_row *row, vit_tensor_id x);
vit_tensor_id vit_op_attention(struct vit_runner *r, const struct vit_fwd_row *row,
			       const struct vit_row_params *p, const vit_tensor_id *qkv);
vit_tensor_id vit_op_router(struct vit_runner *r, const struct vit_fwd_row *row,
			    const struct vit_row_params *p, vit_tensor_id x);
vit_tensor_id vit_op_experts(struct vit_runner *r, const struct vit_fwd_row *row,
			     const struct vit_row_params *p, vit_tensor_id x, vit_tensor_id scores);
/* Expanded to numel elements, as a copy or a view; backward sums. */
vit_tensor_id vit_op_repeat(struct vit_runner *r, vit_tensor_id x, uint64_t numel, bool view);
/* The parameter as a matrix product takes it: cast under autocast, dequantised when packed. */
vit_tensor_id vit_op_operand(struct vit_runner *r, uint32_t param);

static inline vit_tensor_id vit_replace(struct vit_graph *g, vit_tensor_id old, vit_tensor_id now)
{
	vit_graph_drop(g, old);
	return now;
}

#endif
