/*
 * Configurations and jobs that no one has: a forecast answers or says why it
 * does not, in bounded time and memory.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "support.h"

#define LLAMA "\"model_type\":\"llama\",\"architectures\":[\"LlamaForCausalLM\"],"

static const char *const configs[] = {
	"{}",
	"{\"model_type\":\"llama\"}",
	"{\"model_type\":\"no_such_model\",\"hidden_size\":64,\"intermediate_size\":128,\"num_"
	"hidden_layers\":2,"
	"\"num_attention_heads\":4,\"vocab_size\":1000}",
	"{" LLAMA "\"hidden_size\":0,\"intermediate_size\":0,\"num_hidden_layers\":0,\"num_"
	"attention_heads\":0,\"vocab_size\":0}",
	"{" LLAMA "\"hidden_size\":4611686018427387904,\"intermediate_size\":4611686018427387904,"
	"\"num_hidden_layers\":1000,\"num_attention_heads\":1,\"vocab_size\":4611686018427387904}",
	"{" LLAMA
	"\"hidden_size\":1099511627776,\"intermediate_size\":1099511627776,\"num_hidden_layers\":3,"
	"\"num_attention_heads\":1099511627776,\"vocab_size\":16777216}",
	"{" LLAMA "\"hidden_size\":4096,\"intermediate_size\":14336,\"num_hidden_layers\":1000,"
	"\"num_attention_heads\":32,\"num_key_value_heads\":8,\"vocab_size\":128256}",
	"{" LLAMA "\"hidden_size\":-5,\"intermediate_size\":\"x\",\"num_hidden_layers\":3.5,"
	"\"num_attention_heads\":7,\"vocab_size\":null}",
	"{\"model_type\":\"gpt_oss\",\"hidden_size\":2880,\"intermediate_size\":2880,\"num_hidden_"
	"layers\":24,"
	"\"num_attention_heads\":64,\"num_local_experts\":10000,\"num_experts_per_tok\":10000,"
	"\"vocab_size\":201088,"
	"\"layer_types\":[\"sliding_attention\"]}",
	"{\"model_type\":\"gpt_neox\",\"hidden_size\":64,\"intermediate_size\":128,\"num_hidden_"
	"layers\":2,"
	"\"num_attention_heads\":4,\"vocab_size\":1000,\"rotary_pct\":7.5}",
	"{\"model_type\":\"gemma2\",\"hidden_size\":63,\"intermediate_size\":1,\"num_hidden_"
	"layers\":2,"
	"\"num_attention_heads\":3,\"num_key_value_heads\":2,\"head_dim\":1,\"vocab_size\":1,"
	"\"sliding_window\":1}",
	"{\"model_type\":\"deepseek_v3\",\"hidden_size\":7168,\"intermediate_size\":18432,\"moe_"
	"intermediate_size\":2048,"
	"\"num_hidden_layers\":61,\"num_attention_heads\":128,\"vocab_size\":129280,\"q_lora_"
	"rank\":1536}",
	"{\"model_type\":\"t5\",\"d_model\":512,\"vocab_size\":32128}",
};

static void one(struct bench *b, const char *text, const struct vit_job *job,
		const struct vit_forecast_device *device, bool search)
{
	struct vit_json_doc doc = { .root = NULL };
	struct vit_err err = { .code = VIT_OK };
	struct vit_arch_input arch = { .quant_method = VIT_STR_EMPTY };
	struct vit_forecast_change list[3];
	const struct vit_range *p;
	uint32_t n;

	if (vit_json_parse(b->arena, vit_str_c(text), 0, &doc, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	arch.config = doc.root;
	vit_architecture_resolve(b->arena, b->db, NULL, &arch, &b->arch);
	b->in = (struct vit_forecast_input){
		.db = b->db, .config = doc.root, .arch = &b->arch, .job = job, .device = device
	};
	vit_forecast_run(b->arena, &b->in, &b->out);
	if (!b->out.available) {
		assert_true(b->out.unsupported.n > 0);
		return;
	}
	p = &b->out.memory.peak_allocated;
	assert_true(p->known && p->low <= p->expected && p->expected <= p->high && p->low >= 0);
	p = &b->out.memory.peak_device;
	assert_true(p->known && p->low <= p->expected && p->expected <= p->high);
	if (!search)
		return;
	n = vit_forecast_search(b->arena, &b->in, 1000000000, list, 3);
	assert_true(n <= 3);
}

static void test_configurations(void **state)
{
	struct vit_forecast_device h100 = bench_h100(), bare = { .kind = VIT_DEVICE_METAL };
	struct vit_job jobs[] = {
		{ .method = VIT_JOB_NONE },
		{ .method = VIT_JOB_FULL },
		{ .method = VIT_JOB_QLORA,
		  .checkpointing = true,
		  .attention = VIT_ATTENTION_EAGER },
		{ .method = VIT_JOB_FULL,
		  .sequence = UINT32_MAX,
		  .batch = UINT32_MAX,
		  .accumulate = UINT32_MAX,
		  .devices = UINT32_MAX,
		  .parallel = VIT_PARALLEL_FSDP,
		  .examples = UINT64_MAX,
		  .epochs = 1e300 },
		{ .method = VIT_JOB_LORA,
		  .lora_rank = UINT32_MAX,
		  .devices = 8,
		  .parallel = VIT_PARALLEL_ZERO3 },
		{ .method = VIT_JOB_INFERENCE, .context = 1u << 20, .requests = 4096 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++)
		for (size_t k = 0; k < sizeof(jobs) / sizeof(jobs[0]); k++) {
			struct bench b;

			bench_open(&b, "/nonexistent");
			one(&b, configs[i], &jobs[k],
			    k % 3 == 0   ? &h100
			    : k % 3 == 1 ? &bare
					 : NULL,
			    k == 1 && i != 6);
			bench_close(&b);
		}
}

/* Products of sizes that wrap are no sizes. */
static void test_sizes_that_wrap(void **state)
{
	struct vit_job job = { .method = VIT_JOB_FULL, .sequence = 512, .batch = 1 };
	struct vit_forecast_device h100 = bench_h100();
	struct bench b;

	(void)state;
	bench_open(&b, "/nonexistent");
	one(&b,
	    "{" LLAMA "\"hidden_size\":1099511627776,\"intermediate_size\":1099511627776,"
	    "\"num_hidden_layers\":3,\"num_attention_heads\":1099511627776,\"vocab_size\":"
	    "16777216}",
	    &job, &h100, false);
	assert_false(b.out.available);
	bench_close(&b);
}

/*
 * bge-large (24 layers of BERT): its layers are run as a plain decoder's, whose MLP has a third
 * matrix, so that more parameters are run than the model has. 326 M parameters are 0.65 GB.
 */
static void test_fewer_than_run(void **state)
{
	struct vit_job job = {
		.method = VIT_JOB_FULL, .sequence = 512, .batch = 2, .checkpointing = true
	};
	struct vit_forecast_device h100 = bench_h100();
	const struct vit_forecast_memory *m;
	double sum = 0;
	struct bench b;

	(void)state;
	bench_open(&b, "/nonexistent");
	one(&b,
	    "{\"model_type\":\"bert\",\"architectures\":[\"BertModel\"],\"hidden_size\":1024,"
	    "\"intermediate_size\":4096,\"num_hidden_layers\":24,\"num_attention_heads\":16,"
	    "\"vocab_size\":21128,\"max_position_embeddings\":512,\"type_vocab_size\":2}",
	    &job, &h100, false);
	assert_true(b.out.available);
	m = &b.out.memory;
	/* embeddings 21128 + 512 + 2 rows and a norm; a layer: 4 and 8 h^2, their biases, 2 norms;
	 * the pooler */
	assert_int_equal(b.out.parameters, 21644 * 1024 + 24 * (12 * 1024 * 1024 + 13 * 1024) +
						   1024 * 1024 + 1024);
	assert_int_equal(b.out.trainable, b.out.parameters);
	assert_true(m->load_peak.low > 0.63e9 && m->load_peak.expected < 0.7e9);
	assert_true(m->load_peak.low <= m->load_peak.expected &&
		    m->load_peak.expected <= m->load_peak.high);
	/* weights alone, to weights and two moments: three times as much */
	assert_true(m->checkpoint.low > 0.63e9 && m->checkpoint.high < 2.1e9);
	for (uint32_t i = 0; i < m->component_count; i++)
		sum += m->components[i].bytes.expected;
	assert_true(fabs(sum / m->peak_allocated.expected - 1) < 0.01);
	bench_close(&b);
}

/* A layer without its MLP, or a model without layers, is no forecast. */
static void test_sizes_not_given(void **state)
{
	static const char *const cases[] = {
		"{" LLAMA "\"hidden_size\":2048,\"num_hidden_layers\":16,\"num_attention_heads\":32,"
		"\"vocab_size\":128256}",
		"{" LLAMA "\"hidden_size\":2048,\"intermediate_size\":8192,"
		"\"num_attention_heads\":32,\"vocab_size\":128256}",
		"{\"model_type\":\"mixtral\",\"hidden_size\":2048,\"intermediate_size\":7168,"
		"\"num_hidden_layers\":8,\"num_attention_heads\":16,\"num_local_experts\":0,"
		"\"num_experts_per_tok\":2,\"vocab_size\":32000}",
	};
	struct vit_job job = { .method = VIT_JOB_LORA, .sequence = 512, .batch = 1 };
	struct vit_forecast_device h100 = bench_h100();
	struct bench b;

	(void)state;
	bench_open(&b, "/nonexistent");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		one(&b, cases[i], &job, &h100, false);
		assert_false(b.out.available);
		assert_true(vit_str_starts(b.out.unsupported, VIT_STR("config.json does not say")));
	}
	bench_close(&b);
}

/* Names of modules as PEFT takes them; rank 16 on 8 query projections of 1024 x 1024. */
static void test_named_targets(void **state)
{
	struct vit_str names[] = { VIT_STR("nothing"), VIT_STR("q_proj") },
		       path = VIT_STR("self_attn.q_proj");
	struct vit_job job = { .method = VIT_JOB_LORA,
			       .sequence = 512,
			       .batch = 1,
			       .lora_rank = 16,
			       .targets = VIT_TARGETS_NAMES,
			       .target_names = names,
			       .target_count = 1 };
	static const char config[] =
		"{" LLAMA "\"hidden_size\":1024,\"intermediate_size\":4096,\"num_hidden_layers\":8,"
		"\"num_attention_heads\":8,\"vocab_size\":32000}";
	struct vit_forecast_device h100 = bench_h100();
	struct bench b;

	(void)state;
	bench_open(&b, "/nonexistent");
	one(&b, config, &job, &h100, false);
	assert_false(b.out.available);
	job.target_count = 2;
	one(&b, config, &job, &h100, false);
	assert_int_equal(b.out.trainable, 8 * 16 * 2048);
	assert_true(b.out.targets_left_out);
	assert_int_equal(b.out.memory.peak_allocated.confidence, VIT_CONFIDENCE_LOW);
	job.target_names = &path;
	job.target_count = 1;
	one(&b, config, &job, &h100, false);
	assert_int_equal(b.out.trainable, 8 * 16 * 2048);
	assert_false(b.out.targets_left_out);
	assert_int_equal(b.out.memory.peak_allocated.confidence, VIT_CONFIDENCE_HIGH);
	bench_close(&b);
}

/* Examples of 256 tokens in sequences of 2048: an eighth of a full step's work, at least. */
static void test_short_examples(void **state)
{
	struct vit_job job = {
		.method = VIT_JOB_FULL, .sequence = 2048, .batch = 1, .examples = 100
	};
	static const char config[] =
		"{" LLAMA "\"hidden_size\":4096,\"intermediate_size\":14336,\"num_hidden_layers\":8,"
		"\"num_attention_heads\":32,\"num_key_value_heads\":8,\"vocab_size\":128256}";
	struct vit_forecast_device h100 = bench_h100();
	struct vit_range full;
	struct bench b;

	(void)state;
	bench_open(&b, "/nonexistent");
	one(&b, config, &job, &h100, false);
	full = b.out.step_seconds;
	assert_true(full.known);
	job.tokens_per_example = 256;
	one(&b, config, &job, &h100, false);
	assert_true(b.out.step_seconds.low < full.low);
	assert_true(b.out.step_seconds.low > full.low / 8);
	assert_true(b.out.step_seconds.expected < 0.7 * full.expected);
	assert_true(fabs(b.out.step_seconds.high / full.high - 1) < 1e-9);
	job.packing = true;
	one(&b, config, &job, &h100, false);
	assert_true(fabs(b.out.step_seconds.expected / full.expected - 1) < 1e-9);
	bench_close(&b);
}

/* Whatever is not known widens the range; a plain decoder's forecast says so. */
static void test_unknown_family(void **state)
{
	struct vit_job job = {
		.method = VIT_JOB_LORA, .sequence = 512, .batch = 1, .lora_rank = 8
	};
	struct vit_forecast_device h100 = bench_h100();
	double known, unknown;
	struct bench b;

	(void)state;
	bench_open(&b, "/nonexistent");
	one(&b,
	    "{" LLAMA "\"hidden_size\":1024,\"intermediate_size\":4096,\"num_hidden_layers\":8,"
	    "\"num_attention_heads\":8,\"vocab_size\":32000}",
	    &job, &h100, false);
	known = b.out.memory.peak_allocated.high / b.out.memory.peak_allocated.low;
	assert_int_equal(b.out.memory.peak_allocated.confidence, VIT_CONFIDENCE_HIGH);
	one(&b,
	    "{\"model_type\":\"no_such_model\",\"hidden_size\":1024,\"intermediate_size\":4096,"
	    "\"num_hidden_layers\":8,\"num_attention_heads\":8,\"vocab_size\":32000}",
	    &job, &h100, false);
	assert_true(b.out.available);
	unknown = b.out.memory.peak_allocated.high / b.out.memory.peak_allocated.low;
	assert_true(unknown > 1.4 && unknown > known);
	assert_int_equal(b.out.memory.peak_allocated.confidence, VIT_CONFIDENCE_LOW);
	assert_true(b.out.note_count > 0);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_configurations),
		cmocka_unit_test(test_sizes_that_wrap),
		cmocka_unit_test(test_fewer_than_run),
		cmocka_unit_test(test_named_targets),
		cmocka_unit_test(test_short_examples),
		cmocka_unit_test(test_sizes_not_given),
		cmocka_unit_test(test_unknown_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
