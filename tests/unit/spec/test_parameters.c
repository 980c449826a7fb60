/*
 * Parameter totals from the configuration alone.
 *
 * The numbers are those of the reference library's classes built on its meta
 * device (tests/data/parameters.json) and, for active parameters, published
 * figures and their arithmetic. The configurations are facts of the models.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "support.h"

static const struct {
	const char *name;
	uint64_t total, active;   /* active 0: no mixture */
	const char *config;
} rows[] = {
	{ "gpt-oss-20b", 20914757184u, 3608307264u,
	  "{\"architectures\":[\"GptOssForCausalLM\"],\"model_type\":\"gpt_oss\",\"attention_bias\":true,"
	  "\"head_dim\":64,\"hidden_size\":2880,\"intermediate_size\":2880,\"num_attention_heads\":64,"
	  "\"num_key_value_heads\":8,\"num_hidden_layers\":24,\"num_local_experts\":32,"
	  "\"num_experts_per_tok\":4,\"vocab_size\":201088,\"tie_word_embeddings\":false}" },
	{ "gpt-oss-120b in MXFP4", 116829156672u, 5132849472u,
	  "{\"architectures\":[\"GptOssForCausalLM\"],\"model_type\":\"gpt_oss\",\"attention_bias\":true,"
	  "\"head_dim\":64,\"hidden_size\":2880,\"intermediate_size\":2880,\"num_attention_heads\":64,"
	  "\"num_key_value_heads\":8,\"num_hidden_layers\":36,\"num_local_experts\":128,"
	  "\"num_experts_per_tok\":4,\"vocab_size\":201088,"
	  "\"quantization_config\":{\"quant_method\":\"mxfp4\"}}" },
	{ "llama-3.1-8b", 8030261248u, 0,
	  "{\"architectures\":[\"LlamaForCausalLM\"],\"model_type\":\"llama\",\"hidden_size\":4096,"
	  "\"intermediate_size\":14336,\"num_attention_heads\":32,\"num_hidden_layers\":32,"
	  "\"num_key_value_heads\":8,\"vocab_size\":128256}" },
	{ "mixtral-8x7b", 46702792704u, 12748853248u,
	  "{\"architectures\":[\"MixtralForCausalLM\"],\"model_type\":\"mixtral\",\"hidden_size\":4096,"
	  "\"intermediate_size\":14336,\"num_attention_heads\":32,\"num_experts_per_tok\":2,"
	  "\"num_hidden_layers\":32,\"num_key_value_heads\":8,\"num_local_experts\":8,"
	  "\"vocab_size\":32000,\"tie_word_embeddings\":false}" },
	{ "deepseek-v2-lite", 15706484224u, 2451435008u,
	  "{\"architectures\":[\"DeepseekV2ForCausalLM\"],\"model_type\":\"deepseek_v2\","
	  "\"first_k_dense_replace\":1,\"hidden_size\":2048,\"intermediate_size\":10944,"
	  "\"kv_lora_rank\":512,\"moe_intermediate_size\":1408,\"moe_layer_freq\":1,"
	  "\"n_routed_experts\":64,\"n_shared_experts\":2,\"num_attention_heads\":16,"
	  "\"num_experts_per_tok\":6,\"num_hidden_layers\":27,\"num_key_value_heads\":16,"
	  "\"q_lora_rank\":null,\"qk_nope_head_dim\":128,\"qk_rope_head_dim\":64,"
	  "\"topk_method\":\"greedy\",\"v_head_dim\":128,\"vocab_size\":102400,"
	  "\"tie_word_embeddings\":false}" },
	{ "qwen3-30b-a3b", 30532122624u, 3041867776u,
	  "{\"architectures\":[\"Qwen3MoeForCausalLM\"],\"model_type\":\"qwen3_moe\","
	  "\"decoder_sparse_step\":1,\"head_dim\":128,\"hidden_size\":2048,"
	  "\"intermediate_size\":6144,\"mlp_only_layers\":[],\"moe_intermediate_size\":768,"
	  "\"num_attention_heads\":32,\"num_experts\":128,\"num_experts_per_tok\":8,"
	  "\"num_hidden_layers\":48,\"num_key_value_heads\":4,\"vocab_size\":151936,"
	  "\"tie_word_embeddings\":false}" },
	{ "qwen3-next-80b-a3b", 79674391296u, 3563764480u,
	  "{\"architectures\":[\"Qwen3NextForCausalLM\"],\"model_type\":\"qwen3_next\","
	  "\"decoder_sparse_step\":1,\"full_attention_interval\":4,\"head_dim\":256,"
	  "\"hidden_size\":2048,\"intermediate_size\":5120,\"linear_conv_kernel_dim\":4,"
	  "\"linear_key_head_dim\":128,\"linear_num_key_heads\":16,"
	  "\"linear_num_value_heads\":32,\"linear_value_head_dim\":128,\"mlp_only_layers\":[],"
	  "\"moe_intermediate_size\":512,\"num_attention_heads\":16,\"num_experts\":512,"
	  "\"num_experts_per_tok\":10,\"num_hidden_layers\":48,\"num_key_value_heads\":2,"
	  "\"shared_expert_intermediate_size\":512,\"vocab_size\":151936,"
	  "\"tie_word_embeddings\":false}" },
};

static void test_literal_configurations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m;

		model_begin(&m);
		model_config(&m, rows[i].config);
		model_resolve(&m, NULL);
		if (!m.out.family || !m.out.total_known)
			fail_msg("%s: %.*s", rows[i].name, VIT_FMT(m.out.coverage_note));
		assert_int_equal(m.out.total, rows[i].total);
		assert_int_equal(m.out.active_known, rows[i].active != 0);
		assert_int_equal(m.out.active, rows[i].active);
		assert_int_equal(m.out.field_count, 0);
		model_end(&m);
	}
}

/* Every published configuration that is beside the checkout, against the same table. */
static void test_published_configurations(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_str text = read_file(a, VIT_TEST_DATA "/parameters.json");
	struct vit_json_doc table;
	unsigned seen = 0;

	(void)state;
	assert_non_null(text.p);
	table = parse_json(a, text);
	for (uint32_t i = 0; i < table.root->count; i++) {
		const struct vit_json *row = &table.root->children[i];
		struct vit_str path = vit_arena_printf(a, "%s/fixtures/real-models/%.*s/config.json",
						       VIT_TEST_SHARED, VIT_FMT(row->key));
		struct vit_str config = read_file(a, path.p);
		struct model m;

		if (!config.p)
			continue;
		seen++;
		model_begin(&m);
		model_config(&m, vit_arena_str(a, config).p);
		model_resolve(&m, NULL);
		if (!m.out.family) { /* a family that is not covered says so */
			assert_true(m.out.family_reason.n > 0);
		} else if (!m.out.total_known ||
			   m.out.total != vit_json_get_c(row, "parameters")->u64) {
			fail_msg("%.*s: %llu, %.*s", VIT_FMT(row->key),
				 (unsigned long long)m.out.total, VIT_FMT(m.out.coverage_note));
		}
		for (uint32_t f = 0; f < m.out.field_count; f++)
			if (!m.out.fields[f].warning)
				fail_msg("%.*s: %.*s", VIT_FMT(row->key),
					 VIT_FMT(m.out.fields[f].message));
		model_end(&m);
	}
	vit_arena_free(a);
	if (!seen) {
		print_message("skipped: the published configurations are not beside the checkout\n");
		skip();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literal_configurations),
		cmocka_unit_test(test_published_configurations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
