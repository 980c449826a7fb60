/*
 * A model held against its spec: what was expected, what is there.
 *
 * Pure arithmetic on the configuration and the tensor table; nothing here
 * reads a file. The checks turn it into findings, the report into tables, the
 * forecasts take their counts from it.
 */
#ifndef VIT_SPEC_ARCHITECTURE_H
#define VIT_SPEC_ARCHITECTURE_H

#include "base/arena.h"
#include "formats/safetensors.h"
#include "json/tree.h"
#include "spec/spec.h"

/* What a tensor is for; decides the table by role and the active parameters. */
enum vit_role {
	VIT_ROLE_OTHER, VIT_ROLE_EMBEDDING, VIT_ROLE_HEAD, VIT_ROLE_ATTENTION, VIT_ROLE_MLP,
	VIT_ROLE_EXPERT,        /* routed: only top_k of experts are active */
	VIT_ROLE_SHARED_EXPERT, VIT_ROLE_ROUTER, VIT_ROLE_NORM, VIT_ROLE_CONV, VIT_ROLE_SSM,
	VIT_ROLE_VISION, VIT_ROLE_PROJECTOR, VIT_ROLE_MTP, VIT_ROLE_ADAPTER, VIT_ROLE_POOLER,
	VIT_ROLE_COUNT
};
const char *vit_role_name(enum vit_role r); /* "embedding", "shared_expert", ... as in YAML and JSON */

/* A configuration field that is not as the spec says. */
enum vit_field_fault {
	VIT_FIELD_MISSING, VIT_FIELD_TYPE, VIT_FIELD_RANGE, VIT_FIELD_RULE,
	VIT_FIELD_PIN,          /* another value than the published model has */
};
struct vit_field_problem {
	enum vit_field_fault fault;
	struct vit_str field;     /* dotted path in config.json, or the rule's text */
	struct vit_str expected;  /* "integer >= 1", "= 24", "num_attention_heads % num_key_value_heads == 0" */
	struct vit_str actual;    /* "\"abc\"", "64 % 7 = 1" */
	struct vit_str message;   /* one sentence */
	uint32_t line, column;    /* of the value in config.json, 0 if absent */
	bool warning;             /* the spec asks for a warning only */
	bool sizes;               /* sizes of tensors are computed from it: theirs are not to be
	                             believed before it is mended */
};

enum vit_tensor_fault {
	VIT_TF_MISSING,           /* expected and absent */
	VIT_TF_MISSING_LAYER,     /* every tensor of one layer number is absent: one row for all */
	VIT_TF_UNEXPECTED,        /* present and not expected */
	VIT_TF_SHAPE,             /* wrong shape */
	VIT_TF_TRANSPOSED,        /* wrong shape that is the expected one transposed */
	VIT_TF_DTYPE,             /* stored in a dtype the spec does not allow here */
};
struct vit_tensor_problem {
	enum vit_tensor_fault fault;
	struct vit_str name;      /* as stored, or as expected */
	uint32_t tensor;          /* row of the tensor table, or UINT32_MAX */
	uint32_t shard;           /* of that tensor, as in its row, or UINT32_MAX */
	struct vit_str expected;  /* "[4,096, 2,880] = [q, hidden_size] with q = num_attention_heads * head_dim = 4,096" */
	struct vit_str actual;    /* "[2,880, 4,096]" */
	uint64_t count;           /* tensors this row stands for (MISSING_LAYER) */
	uint64_t layer;           /* MISSING_LAYER */
};

struct vit_role_total {
	uint64_t tensors, parameters, bytes; /* of tensors present */
};

/* One value of section 3 of the report, with the place it was read from. */
struct vit_arch_value {
	const char *key;          /* "hidden_size": JSON key, snake_case; static */
	const char *label;        /* "Hidden size"; static */
	struct vit_json value;    /* NUMBER (i64/u64/number), STRING or BOOL */
	struct vit_str source;    /* "config.json text_config.hidden_size", "default of the class" */
};

#define VIT_MAX_PROBLEMS 2000     /* kept per list; the totals go on counting */

struct vit_architecture {
	/* What was recognised; NULL when nothing was. */
	const struct vit_spec *family, *overlay, *model;
	struct vit_str family_reason;   /* why no family: "no spec for model_type \"foo\"" */
	struct vit_str overlay_reason;  /* quant method without overlay, or empty */
	const struct vit_spec *origin;  /* pin whose values hold but whose shards are others: likely
	                                   what a fine-tuned or re-quantised copy came from */
	struct vit_str revision;        /* of the pin: which of its revisions the files are, or empty */
	const struct vit_spec *adapter; /* of an adapter: the spec of its kind, or NULL */
	bool is_adapter;                /* PEFT; family is that of the base when --base is given */
	bool shapes_covered;            /* family known and no evaluation failed */
	struct vit_str coverage_note;   /* why not, for people */

	/* From the configuration alone. */
	bool total_known, active_known; /* active only for mixtures of experts */
	uint64_t total, active;         /* parameters, definitions in docs/SPECS.md */
	uint64_t experts, experts_per_token;
	uint64_t layers;                /* 0 when not known */
	uint64_t expected_count;        /* tensors expected, optional ones not counted */

	/* From the headers, when there. */
	bool stored_known;
	uint64_t stored_total;          /* logical parameters of the tensors that count */
	uint64_t stored_uncounted;      /* buffers, MTP layers, copies of a tied head */
	struct vit_role_total roles[VIT_ROLE_COUNT];
	uint8_t *tensor_roles;          /* enum vit_role per row of the tensor table (arena) or NULL */
	uint64_t packed_weights;        /* weights stored in a form of the overlay */
	bool overlay_packs;             /* the overlay has forms; without, the family itself describes them */
	const struct vit_spec *packed_as; /* overlay or family whose packed form a weight has
	                                     though the configuration names no method, or NULL */

	struct vit_field_problem *fields;
	uint32_t field_count;
	struct vit_tensor_problem *problems;
	uint32_t problem_count;
	uint64_t problem_totals[VIT_TF_DTYPE + 1]; /* by fault */

	struct vit_arch_value *values;
	uint32_t value_count;
};

/* What the comparison is given. All borrowed. */
struct vit_arch_input {
	const struct vit_json *config;       /* root of config.json, or NULL */
	const struct vit_json *quantization; /* its quantisation block, or NULL */
	struct vit_str quant_method;
	const struct vit_json *adapter;      /* adapter_config.json, or NULL */
	const struct vit_json *base_config;  /* config.json of --base, for an adapter, or NULL */
	const struct vit_tensor *tensors;    /* of the main save */
	uint32_t tensor_count;
	bool headers_complete;               /* every shard of the main save is there and was read:
	                                        else absent tensors prove nothing */
	/* Files, to choose a pin by content: config values first, then names and sizes. */
	const struct vit_pin_file *files;
	uint32_t file_count;
};
struct vit_pin_file {
	struct vit_str path;
	uint64_t size;            /* of a git-LFS pointer: the size it promises */
};

/*
 * Recognises family, overlay and pin (or takes `forced`, the spec of --spec),
 * evaluates the configuration rules, expands the expected tensors and compares.
 * Never fails on bad models; what cannot be evaluated (a division with a
 * remainder, a missing field) becomes a field problem and shapes_covered = false.
 */
void vit_architecture_resolve(struct vit_arena *a, const struct vit_spec_db *db,
			      const struct vit_spec *forced, const struct vit_arch_input *in,
			      struct vit_architecture *out);

/*
 * Total parameters and their kinds, for those who need the expected tensors
 * one by one (forecasts). Calls `each` for every expected tensor of the family
 * by configuration; returns false when it could not be evaluated or `each` said stop.
 */
struct vit_expected {
	struct vit_str name;       /* valid during the call */
	uint64_t shape[8];
	uint32_t rank;
	enum vit_role role;
	bool counts, optional;
};
bool vit_architecture_each(const struct vit_spec *family, const struct vit_json *config,
			   bool (*each)(void *ctx, const struct vit_expected *e), void *ctx);

#endif
