#include "checks/metal.h"

#include <math.h>

#include "base/num.h"

static const enum vit_check_id ids[] = {
	VIT_CK_files_metal_header, VIT_CK_files_metal_size, VIT_CK_architecture_metal_config,
};

/* One sentence on a fault of the header; empty for one of the size. */
static struct vit_str sentence(struct vit_eval *ev, const struct vit_metal_fault *f)
{
	char actual[VIT_FMT_NUM];

	vit_fmt_u64(f->actual, actual);
	switch (f->kind) {
	case VIT_METAL_SHORT_HEADER:
		return vit_eval_text(ev, "The file ends after %s bytes, before its weights begin.", actual);
	case VIT_METAL_MAGIC:
		return VIT_STR("The file does not begin with \"GPT-OSS v1.0\".");
	case VIT_METAL_VERSION:
		return VIT_STR("The file is of another version than 1.0, which this tool does not know.");
	case VIT_METAL_RESERVED:
		return vit_eval_text(ev, "The field behind the version is %s instead of 0.", actual);
	case VIT_METAL_MODEL_UUID:
		return VIT_STR("The file names another model than gpt-oss.");
	case VIT_METAL_LAYOUT_UUID:
		return VIT_STR("The weights are laid out for something else than Apple GPUs.");
	case VIT_METAL_TOKENIZER_UUID:
		return VIT_STR("The tokenizer in the file is of another kind than tiktoken.");
	case VIT_METAL_DIMENSION:
		return vit_eval_text(ev, "%s is %s, which no model of this kind can have.", f->field, actual);
	case VIT_METAL_FLOAT:
		return vit_eval_text(ev, "%s is no number that it could be.", f->field);
	case VIT_METAL_REGEX:
		return VIT_STR("The tokenizer's expression does not end where the header says.");
	case VIT_METAL_TOKENS:
		return vit_eval_text(ev, "The tokens do not fill their table: %s is %s.", f->field, actual);
	case VIT_METAL_SIZE:
		break;
	}
	return VIT_STR_EMPTY;
}

static void check_size(struct vit_eval *ev, struct vit_str path, const struct vit_metal_fault *f)
{
	char expected[VIT_FMT_NUM], actual[VIT_FMT_NUM];
	struct vit_finding *r = vit_eval_fail(ev, VIT_CK_files_metal_size);

	vit_fmt_u64(f->expected, expected);
	vit_fmt_u64(f->actual, actual);
	r->where.path = path;
	r->message = vit_eval_text(ev, "The file has %s bytes; the weights that its header describes end at %s.",
				   actual, expected);
	r->expected = vit_eval_text(ev, "%s bytes", expected);
	r->actual = vit_eval_text(ev, "%s bytes", actual);
}

static void check_header(const struct vit_metal_header *h, struct vit_str path, struct vit_eval *ev)
{
	for (uint32_t i = 0; i < h->fault_count; i++) {
		const struct vit_metal_fault *f = &h->faults[i];
		struct vit_str text = sentence(ev, f);
		struct vit_finding *r;

		if (text.n == 0) {
			check_size(ev, path, f);
			continue;
		}
		r = vit_eval_fail(ev, VIT_CK_files_metal_header);
		r->where.path = path;
		r->where.offset = f->offset;
		r->where.has_offset = true;
		r->message = text;
	}
	vit_eval_pass(ev, VIT_CK_files_metal_header);
	if (h->has_expected_size)
		vit_eval_pass(ev, VIT_CK_files_metal_size);
	else
		vit_eval_not_applicable(ev, VIT_CK_files_metal_size,
					"the header of metal/model.bin does not tell its size");
}

/* A value of config.json and the field that repeats it. */
struct pair {
	const char *key, *field;
	double value;     /* in the file */
	const struct vit_json *config;
	bool at_most;     /* the file's may be less */
};

static void disagree(const struct pair *p, struct vit_str path, struct vit_eval *ev)
{
	struct vit_finding *r = vit_eval_fail(ev, VIT_CK_architecture_metal_config);

	r->where.path = path;
	r->where.pointer = vit_eval_text(ev, "/%s", p->key);
	r->expected = vit_eval_text(ev, "%.9g", p->config->number);
	r->actual = vit_eval_text(ev, "%.9g", p->value);
	r->message = vit_eval_text(ev, "%s is %.9g in metal/model.bin; %s is %.9g in config.json.", p->field,
				   p->value, p->key, p->config->number);
}

/* Constants are stored with 24 bits: half a step of that is no difference. */
static bool agrees(const struct pair *p)
{
	double config = p->config->number;

	if (p->at_most)
		return p->value <= config;
	return fabs(p->value - config) <= ldexp(fabs(config), -23);
}

static const struct vit_json *find(const struct vit_json *o, const char *name, const char *other)
{
	const struct vit_json *v = vit_json_get_c(o, name);

	return v || !other ? v : vit_json_get_c(o, other);
}

static void check_config(const struct vit_metal_header *h, const struct vit_config *c, struct vit_str path,
			 struct vit_eval *ev)
{
	const struct vit_json *o = c->text;
	const struct vit_json *rope = find(o, "rope_scaling", "rope_parameters");
	const struct vit_json *theta = find(o, "rope_theta", NULL);
	const double vocabulary = (double)h->num_text_tokens + h->num_special_tokens;
	const struct pair pairs[] = {
		{ "num_hidden_layers", "num_blocks", h->num_blocks, find(o, "num_hidden_layers", NULL), false },
		{ "num_local_experts", "num_experts", h->num_experts,
		  find(o, "num_local_experts", "num_experts"), false },
		{ "num_experts_per_tok", "num_active_experts", h->num_active_experts,
		  find(o, "num_experts_per_tok", "experts_per_token"), false },
		{ "hidden_size", "embedding_dim", h->embedding_dim, find(o, "hidden_size", NULL), false },
		{ "intermediate_size", "mlp_dim", h->mlp_dim, find(o, "intermediate_size", NULL), false },
		{ "head_dim", "head_dim", h->head_dim, find(o, "head_dim", NULL), false },
		{ "num_attention_heads", "num_heads", h->num_heads, find(o, "num_attention_heads", NULL), false },
		{ "num_key_value_heads", "num_kv_heads", h->num_kv_heads,
		  find(o, "num_key_value_heads", NULL), false },
		{ "sliding_window", "attention_window", h->attention_window, find(o, "sliding_window", NULL), false },
		{ "max_position_embeddings", "context_length", h->context_length,
		  find(o, "max_position_embeddings", NULL), false },
		{ "vocab_size", "num_text_tokens and num_special_tokens together", vocabulary,
		  find(o, "vocab_size", NULL), true },
		{ "swiglu_limit", "swiglu_limit", (double)h->swiglu_limit, find(o, "swiglu_limit", NULL), false },
		{ "rope_theta", "rope_theta", (double)h->rope_theta,
		  theta ? theta : find(rope, "rope_theta", NULL), false },
		{ "rms_norm_eps", "rmsnorm_epsilon", (double)h->rmsnorm_epsilon, find(o, "rms_norm_eps", NULL), false },
		{ "rope_scaling/factor", "the inverse of interpolation_scale", 1 / (double)h->interpolation_scale,
		  find(rope, "factor", NULL), false },
	};

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		if (pairs[i].config && pairs[i].config->kind == VIT_JSON_K_NUMBER && !agrees(&pairs[i]))
			disagree(&pairs[i], path, ev);
	vit_eval_pass(ev, VIT_CK_architecture_metal_config);
}

static bool header_was_read(const struct vit_metal_header *h)
{
	for (uint32_t i = 0; i < h->fault_count; i++)
		if (h->faults[i].kind == VIT_METAL_MAGIC || h->faults[i].kind == VIT_METAL_VERSION ||
		    (h->faults[i].kind == VIT_METAL_SHORT_HEADER && h->faults[i].offset < VIT_METAL_FIXED))
			return false;
	return true;
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_metal_build *m = &c->facts->metal;
	struct vit_str path;

	if (m->state == VIT_DOC_ABSENT || (c->facts->groups & VIT_FG_WEIGHTS) == 0) {
		for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
			vit_eval_not_applicable(ev, ids[i], "there is no metal/model.bin to read");
		return;
	}
	if (m->state != VIT_DOC_OK) {
		for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
			vit_eval_unknown(ev, ids[i], "metal/model.bin could not be read: %s", m->err.msg);
		return;
	}
	path = c->facts->files.files[m->file].path;
	check_header(&m->header, path, ev);
	if (!header_was_read(&m->header))
		vit_eval_not_applicable(ev, VIT_CK_architecture_metal_config,
					"the header of metal/model.bin could not be read as one");
	else if (!c->facts->config.text)
		vit_eval_not_applicable(ev, VIT_CK_architecture_metal_config, "there is no config.json to hold it against");
	else
		check_config(&m->header, &c->facts->config, path, ev);
}

const struct vit_pass vit_pass_metal = {
	.name = "metal",
	.needs = VIT_FG_FILES | VIT_FG_CONFIG | VIT_FG_WEIGHTS,
	.ids = ids,
	.id_count = sizeof ids / sizeof ids[0],
	.run = run,
};
