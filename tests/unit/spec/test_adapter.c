/*
 * Adapters that PEFT may well have saved, and that are not to be called wrong: the sizes
 * are those of a small Llama, worked out by hand (hidden 8, MLP 12, 2 heads of 4, vocabulary 10).
 */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define BASE "{\"model_type\": \"llama\", \"architectures\": [\"LlamaForCausalLM\"]," \
	     " \"hidden_size\": 8, \"intermediate_size\": 12, \"num_attention_heads\": 2," \
	     " \"num_key_value_heads\": 1, \"num_hidden_layers\": 2, \"vocab_size\": 10}"
#define BEGIN "{\"peft_type\": \"LORA\", \"r\": 2, \"target_modules\": [\"q_proj\"]"

static void begin(struct model *m, const char *config, const char *base)
{
	model_begin(m);
	m->adapter = parse_json(m->arena, vit_str_c(config));
	m->in.adapter = m->adapter.root;
	if (base) {
		m->base = parse_json(m->arena, vit_str_c(base));
		m->in.base_config = m->base.root;
	}
}

static void matrix(struct model *m, const char *name, uint64_t out, uint64_t in)
{
	model_tensor(m, name, VIT_DT_F32, 2, (const uint64_t[]){ out, in });
}

/* Both matrices beside one module. */
static void pair(struct model *m, const char *stem, uint64_t out, uint64_t r, uint64_t in)
{
	char name[200];

	snprintf(name, sizeof(name), "base_model.model.%s.lora_A.weight", stem);
	matrix(m, name, r, in);
	snprintf(name, sizeof(name), "base_model.model.%s.lora_B.weight", stem);
	matrix(m, name, out, r);
}

static void queries(struct model *m)
{
	pair(m, "model.layers.0.self_attn.q_proj", 8, 2, 8);
	pair(m, "model.layers.1.self_attn.q_proj", 8, 2, 8);
}

static void expect(struct model *m, uint64_t problems)
{
	model_resolve(m, NULL);
	for (uint32_t i = 0; i < m->out.problem_count && !problems; i++)
		print_message("%.*s\n", VIT_FMT(m->out.problems[i].name));
	assert_int_equal(m->out.problem_count, problems);
	assert_int_equal(m->out.shapes_covered, m->in.base_config != NULL);
	model_end(m);
}

/* A vocabulary of 13 instead of 10: PEFT saves the embedding and the head whole. */
static void test_enlarged_vocabulary(void **state)
{
	static const char *const configs[] = {
		BEGIN "}", BEGIN ", \"modules_to_save\": [\"embed_tokens\", \"lm_head\"]}",
	};

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct model m;

		begin(&m, configs[i & 1], i & 2 ? BASE : NULL);
		queries(&m);
		matrix(&m, "base_model.model.model.embed_tokens.weight", 13, 8);
		matrix(&m, "base_model.model.lm_head.weight", 13, 8);
		expect(&m, 0);
	}
}

static void test_trained_rows(void **state)
{
	struct model m;

	(void)state;
	begin(&m, BEGIN ", \"trainable_token_indices\": [1, 2]}", BASE);
	queries(&m);
	matrix(&m, "base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta", 2, 8);
	expect(&m, 0);
}

/* As a part of a larger model, and as the class without a head names them. */
static void test_other_prefix(void **state)
{
	static const char *const prefixes[] = { "model.language_model.", "" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (int wrong = 0; wrong < 2; wrong++) {
			struct model m;
			char stem[100];

			begin(&m, BEGIN "}", BASE);
			for (int l = 0; l < 2; l++) {
				snprintf(stem, sizeof(stem), "%slayers.%d.self_attn.q_proj",
					 prefixes[i], l);
				pair(&m, stem, 8, 2, l == 1 && wrong ? 9 : 8);
			}
			expect(&m, (uint64_t)wrong);
		}
	}
}

/* A target that the base's spec does not name is held to its rank, one of another layer
 * or that the configuration does not ask for is one too many. */
static void test_unknown_modules(void **state)
{
	struct model m;

	(void)state;
	begin(&m, "{\"peft_type\": \"LORA\", \"r\": 2, \"target_modules\": [\"q_proj\", \"fused\"]}", BASE);
	queries(&m);
	pair(&m, "model.layers.0.mlp.fused", 99, 2, 77);
	expect(&m, 0);
	begin(&m, "{\"peft_type\": \"LORA\", \"r\": 2, \"target_modules\": [\"q_proj\", \"fused\"]}", BASE);
	queries(&m);
	pair(&m, "model.layers.0.mlp.fused", 99, 3, 77);
	expect(&m, 2);
	begin(&m, BEGIN "}", BASE);
	queries(&m);
	pair(&m, "model.layers.2.self_attn.q_proj", 8, 2, 8);
	expect(&m, 2);
	begin(&m, BEGIN "}", BASE);
	queries(&m);
	pair(&m, "model.layers.0.mlp.other", 8, 2, 8);
	expect(&m, 2);
}

static void test_layers_and_exclusions(void **state)
{
	static const char *const more[] = {
		", \"layers_to_transform\": [1]}", ", \"exclude_modules\": [\"0.self_attn.q_proj\"]}",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct model m;
		char config[300];

		snprintf(config, sizeof(config), "%s%s", BEGIN, more[i]);
		begin(&m, config, BASE);
		pair(&m, "model.layers.1.self_attn.q_proj", 8, 2, 8);
		expect(&m, 0);
	}
}

/* DoRA: a magnitude per output; q_proj has 8, k_proj 4. */
static void test_dora(void **state)
{
	struct model m;

	(void)state;
	for (uint64_t size = 8; size <= 9; size++) {
		begin(&m, BEGIN ", \"use_dora\": true}", BASE);
		queries(&m);
		model_tensor(&m, "base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector",
			     VIT_DT_F32, 1, (const uint64_t[]){ 8 });
		model_tensor(&m, "base_model.model.model.layers.1.self_attn.q_proj.lora_magnitude_vector",
			     VIT_DT_F32, 1, (const uint64_t[]){ size });
		expect(&m, size - 8);
	}
}

/* Experts may be fused in memory: those of the list that have no adapter are not missed. */
static void test_experts(void **state)
{
	static const char base[] =
		"{\"model_type\": \"mixtral\", \"architectures\": [\"MixtralForCausalLM\"],"
		" \"hidden_size\": 8, \"intermediate_size\": 12, \"num_attention_heads\": 2,"
		" \"num_key_value_heads\": 1, \"num_hidden_layers\": 2, \"vocab_size\": 10,"
		" \"num_local_experts\": 2, \"num_experts_per_tok\": 1}";
	static const char config[] =
		"{\"peft_type\": \"LORA\", \"r\": 2, \"target_modules\": [\"q_proj\", \"w1\"]}";
	struct model m;

	(void)state;
	begin(&m, config, base);
	queries(&m);
	expect(&m, 0);
	begin(&m, config, base); /* one of four is there: six matrices are not */
	queries(&m);
	pair(&m, "model.layers.0.block_sparse_moe.experts.0.w1", 12, 2, 8);
	expect(&m, 6);
}

static void test_pattern_of_ranks(void **state)
{
	struct model m;

	(void)state;
	begin(&m, BEGIN ", \"rank_pattern\": {\"^model.layers.1.*\": 3}}", BASE);
	pair(&m, "model.layers.0.self_attn.q_proj", 8, 2, 8);
	pair(&m, "model.layers.1.self_attn.q_proj", 8, 3, 8);
	expect(&m, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_enlarged_vocabulary), cmocka_unit_test(test_trained_rows),
		cmocka_unit_test(test_other_prefix),	    cmocka_unit_test(test_unknown_modules),
		cmocka_unit_test(test_layers_and_exclusions), cmocka_unit_test(test_dora),
		cmocka_unit_test(test_experts),		    cmocka_unit_test(test_pattern_of_ranks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
