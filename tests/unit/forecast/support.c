#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"

static struct vit_str read_file(struct vit_arena *a, const char *path)
{
	struct vit_str none = { NULL, 0 };
	FILE *f = fopen(path, "rb");
	char *text;
	size_t n;

	if (!f)
		return none;
	text = vit_arena_alloc(a, 8u << 20);
	n = fread(text, 1, 8u << 20, f);
	fclose(f);
	return (struct vit_str){ text, n };
}

static const struct vit_json *parse(struct vit_arena *a, struct vit_str text)
{
	struct vit_json_doc doc = { .root = NULL };
	struct vit_err err = { .code = VIT_OK };

	if (vit_json_parse(a, text, 0, &doc, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	return doc.root;
}

bool bench_open(struct bench *b, const char *path)
{
	struct vit_err err = { .code = VIT_OK };
	struct vit_str text;

	memset(b, 0, sizeof(*b));
	b->arena = vit_arena_new();
	if (vit_spec_db_new(b->arena, &b->db, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	text = read_file(b->arena, path);
	if (text.p)
		b->root = parse(b->arena, text);
	return b->root != NULL;
}

void bench_close(struct bench *b)
{
	vit_arena_free(b->arena);
}

struct vit_forecast_device bench_h100(void)
{
	return (struct vit_forecast_device){
		.name = VIT_STR("NVIDIA H100 80GB HBM3"),
		.kind = VIT_DEVICE_CUDA,
		.memory_total = UINT64_C(85017493504),
		.bandwidth = 3.35e12,
		.flops_16bit = 989e12,
		.flops_fp32 = 67e12,
		.compute_major = 9,
		.bf16 = VIT_SUPPORT_NATIVE,
		.fp8 = VIT_SUPPORT_NATIVE,
		.verified_memory = true,
		.verified_bandwidth = true,
		.verified_flops = true,
	};
}

double bench_number(const struct vit_json *row, const char *key)
{
	const struct vit_json *v = vit_json_get_c(row, key);

	return vit_json_is_null(v) ? 0 : v->number;
}

const char *bench_label(const struct vit_json *row, char *out, size_t size)
{
	const char *optim = vit_json_is_null(vit_json_get_c(row, "optim"))
				    ? ""
				    : vit_json_string(vit_json_get_c(row, "optim")).p;

	if (bench_number(row, "devices") > 1)
		optim = vit_json_string(vit_json_get_c(row, "parallel")).p;
	snprintf(out, size, "%-16.*s %-9.*s b%.0f s%-5.0f acc%.0f %s%s%.*s%s %.24s",
		 VIT_FMT(vit_json_string(vit_json_get_c(row, "model"))),
		 VIT_FMT(vit_json_string(vit_json_get_c(row, "method"))),
		 bench_number(row, "batch"), bench_number(row, "seq"),
		 bench_number(row, "accumulation"),
		 vit_json_bool(vit_json_get_c(row, "checkpointing"), false) ? "ckpt " : "     ",
		 vit_str_is(vit_json_string(vit_json_get_c(row, "trainer")), "torch") ? "torch "
										      : "",
		 VIT_FMT(vit_json_string(vit_json_get_c(row, "attn"))),
		 vit_json_bool(vit_json_get_c(row, "padded"), false) ? " padded" : "", optim);
	return out;
}

/* The configuration with the head tied as the row says. */
static const struct vit_json *config_of(struct bench *b, const struct vit_json *row)
{
	const struct vit_json *configs = vit_json_get_c(b->root, "configs"), *c, *tied;
	struct vit_json *copy, *children;

	c = vit_json_get(configs, vit_json_string(vit_json_get_c(row, "model")));
	tied = vit_json_get_c(row, "tied");
	if (vit_json_is_null(tied))
		return c;
	copy = VIT_NEW(b->arena, struct vit_json);
	children = VIT_NEW_ARRAY(b->arena, c->count + 1, struct vit_json);
	memcpy(children, c->children, c->count * sizeof(*children));
	for (uint32_t i = 0; i < c->count; i++)
		if (vit_str_is(children[i].key, "tie_word_embeddings"))
			children[i].boolean = tied->boolean;
	*copy = *c;
	copy->children = children;
	copy->index = NULL;
	return copy;
}

static void method_of(struct vit_str method, struct vit_job *job)
{
	bool adapter = vit_str_starts(method, VIT_STR("lora"));

	job->method = vit_str_is(method, "infer")   ? VIT_JOB_INFERENCE
		      : vit_str_is(method, "qlora") ? VIT_JOB_QLORA
		      : adapter                     ? VIT_JOB_LORA
						    : VIT_JOB_FULL;
	job->targets =
		vit_str_is(method, "lora_attn") ? VIT_TARGETS_ATTENTION : VIT_TARGETS_ALL_LINEAR;
	job->precision = vit_str_is(method, "full_fp32") ? VIT_PRECISION_MIXED
			 : vit_str_is(method, "fp32")    ? VIT_PRECISION_FP32
							 : VIT_PRECISION_BF16;
}

static enum vit_job_optimizer optimizer_of(struct vit_str o)
{
	if (vit_str_find(o, VIT_STR("adafactor"), 0) < o.n ||
	    vit_str_find(o, VIT_STR("ADAFACTOR"), 0) < o.n)
		return VIT_OPTIMIZER_ADAFACTOR;
	if (vit_str_find(o, VIT_STR("sgd"), 0) < o.n || vit_str_find(o, VIT_STR("SGD"), 0) < o.n)
		return VIT_OPTIMIZER_SGD;
	if (vit_str_find(o, VIT_STR("lion"), 0) < o.n || vit_str_find(o, VIT_STR("LION"), 0) < o.n)
		return VIT_OPTIMIZER_LION;
	if (vit_str_find(o, VIT_STR("BNB"), 0) < o.n || vit_str_find(o, VIT_STR("8bit"), 0) < o.n)
		return VIT_OPTIMIZER_ADAMW_8BIT;
	return VIT_OPTIMIZER_ADAMW;
}

void bench_row(struct bench *b, const struct vit_json *row, bool plain)
{
	struct vit_arch_input arch = { .config = config_of(b, row), .quant_method = VIT_STR_EMPTY };
	struct vit_str attn = vit_json_string(vit_json_get_c(row, "attn"));

	vit_architecture_resolve(b->arena, b->db, NULL, &arch, &b->arch);
	b->job = (struct vit_job){ .given = true, .lora_rank = 16 };
	method_of(vit_json_string(vit_json_get_c(row, "method")), &b->job);
	b->job.sequence = b->job.context = (uint32_t)bench_number(row, "seq");
	b->job.batch = b->job.requests = (uint32_t)bench_number(row, "batch");
	b->job.accumulate = (uint32_t)bench_number(row, "accumulation");
	b->job.checkpointing = vit_json_bool(vit_json_get_c(row, "checkpointing"), false);
	b->job.padded = vit_json_bool(vit_json_get_c(row, "padded"), false);
	b->job.optimizer = optimizer_of(vit_json_string(vit_json_get_c(row, "optim")));
	b->job.attention = vit_str_is(attn, "eager") ? VIT_ATTENTION_EAGER : VIT_ATTENTION_SDPA;
	b->job.trainer = plain ? VIT_TRAINER_TORCH : VIT_TRAINER_TRANSFORMERS;
	b->job.devices = (uint32_t)bench_number(row, "devices");
	if (b->job.devices > 1)
		b->job.parallel =
			vit_str_is(vit_json_string(vit_json_get_c(row, "parallel")), "fsdp")
				? VIT_PARALLEL_FSDP
				: VIT_PARALLEL_DATA;
	b->device = bench_h100();
	b->in = (struct vit_forecast_input){ .db = b->db,
					     .config = arch.config,
					     .arch = &b->arch,
					     .job = &b->job,
					     .device = &b->device };
	vit_forecast_run(b->arena, &b->in, &b->out);
}
