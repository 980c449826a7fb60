/*
 * Models made from a formula: DeepSeek-V3 with its real names and shapes, and a
 * llama of any number of tensors.
 */
#include <stdio.h>

#include "mk.h"

/* --- DeepSeek-V3: 91,991 tensors in 163 shards --- */

#define DS_SHARDS 163
#define DS_LAYERS 61
#define DS_DENSE 3
#define DS_EXPERTS 256
#define DS_HIDDEN 7168

/* The published configuration's values (deepseek_v3, 671B). */
static const char ds_config[] =
	"{\n  \"architectures\": [\n    \"DeepseekV3ForCausalLM\"\n  ],\n"
	"  \"attention_bias\": false,\n  \"attention_dropout\": 0.0,\n  \"bos_token_id\": 0,\n"
	"  \"eos_token_id\": 1,\n  \"first_k_dense_replace\": 3,\n  \"hidden_act\": \"silu\",\n"
	"  \"hidden_size\": 7168,\n  \"initializer_range\": 0.02,\n"
	"  \"intermediate_size\": 18432,\n  \"kv_lora_rank\": 512,\n"
	"  \"max_position_embeddings\": 163840,\n  \"model_type\": \"deepseek_v3\",\n"
	"  \"moe_intermediate_size\": 2048,\n  \"moe_layer_freq\": 1,\n  \"n_group\": 8,\n"
	"  \"n_routed_experts\": 256,\n  \"n_shared_experts\": 1,\n  \"norm_topk_prob\": true,\n"
	"  \"num_attention_heads\": 128,\n  \"num_experts_per_tok\": 8,\n"
	"  \"num_hidden_layers\": 61,\n  \"num_key_value_heads\": 128,\n"
	"  \"num_nextn_predict_layers\": 1,\n  \"q_lora_rank\": 1536,\n"
	"  \"qk_nope_head_dim\": 128,\n  \"qk_rope_head_dim\": 64,\n"
	"  \"quantization_config\": {\n    \"activation_scheme\": \"dynamic\",\n"
	"    \"fmt\": \"e4m3\",\n    \"quant_method\": \"fp8\",\n"
	"    \"weight_block_size\": [\n      128,\n      128\n    ]\n  },\n"
	"  \"rms_norm_eps\": 1e-06,\n  \"rope_scaling\": {\n    \"beta_fast\": 32,\n"
	"    \"beta_slow\": 1,\n    \"factor\": 40,\n    \"mscale\": 1.0,\n"
	"    \"mscale_all_dim\": 1.0,\n    \"original_max_position_embeddings\": 4096,\n"
	"    \"type\": \"yarn\"\n  },\n  \"rope_theta\": 10000,\n"
	"  \"routed_scaling_factor\": 2.5,\n  \"scoring_func\": \"sigmoid\",\n"
	"  \"tie_word_embeddings\": false,\n  \"topk_group\": 4,\n"
	"  \"topk_method\": \"noaux_tc\",\n  \"torch_dtype\": \"bfloat16\",\n"
	"  \"transformers_version\": \"4.46.3\",\n  \"use_cache\": true,\n"
	"  \"v_head_dim\": 128,\n  \"vocab_size\": 129280\n}\n";

/* A weight in float8 with its scales, one per block of 128 x 128. */
static void add_fp8(struct mk_model *m, uint64_t rows, uint64_t columns, const char *prefix,
		    const char *name)
{
	mk_add(m, "F8_E4M3", rows, columns, "%s.%s.weight", prefix, name);
	mk_add(m, "F32", (rows + 127) / 128, (columns + 127) / 128, "%s.%s.weight_scale_inv", prefix,
	       name);
}

static void add_mlp(struct mk_model *m, uint64_t inner, const char *prefix)
{
	add_fp8(m, inner, DS_HIDDEN, prefix, "gate_proj");
	add_fp8(m, inner, DS_HIDDEN, prefix, "up_proj");
	add_fp8(m, DS_HIDDEN, inner, prefix, "down_proj");
}

static void add_ds_layer(struct mk_model *m, unsigned layer)
{
	char prefix[96];
	snprintf(prefix, sizeof(prefix), "model.layers.%u.self_attn", layer);
	mk_add(m, "BF16", DS_HIDDEN, 0, "model.layers.%u.input_layernorm.weight", layer);
	mk_add(m, "BF16", DS_HIDDEN, 0, "model.layers.%u.post_attention_layernorm.weight", layer);
	add_fp8(m, 1536, DS_HIDDEN, prefix, "q_a_proj");
	mk_add(m, "BF16", 1536, 0, "%s.q_a_layernorm.weight", prefix);
	add_fp8(m, 128 * (128 + 64), 1536, prefix, "q_b_proj");
	add_fp8(m, 512 + 64, DS_HIDDEN, prefix, "kv_a_proj_with_mqa");
	mk_add(m, "BF16", 512, 0, "%s.kv_a_layernorm.weight", prefix);
	add_fp8(m, 128 * (128 + 128), 512, prefix, "kv_b_proj");
	add_fp8(m, DS_HIDDEN, 128 * 128, prefix, "o_proj");
	snprintf(prefix, sizeof(prefix), "model.layers.%u.mlp", layer);
	if (layer < DS_DENSE) {
		add_mlp(m, 18432, prefix);
		return;
	}
	mk_add(m, "BF16", DS_EXPERTS, DS_HIDDEN, "%s.gate.weight", prefix);
	mk_add(m, "F32", DS_EXPERTS, 0, "%s.gate.e_score_correction_bias", prefix);
	for (unsigned e = 0; e < DS_EXPERTS; e++) {
		snprintf(prefix, sizeof(prefix), "model.layers.%u.mlp.experts.%u", layer, e);
		add_mlp(m, 2048, prefix);
	}
	snprintf(prefix, sizeof(prefix), "model.layers.%u.mlp.shared_experts", layer);
	add_mlp(m, 2048, prefix);
}

/* The layer that predicts the token after the next. */
static void add_ds_mtp(struct mk_model *m)
{
	unsigned n = DS_LAYERS;
	add_ds_layer(m, n);
	mk_add(m, "BF16", 129280, DS_HIDDEN, "model.layers.%u.embed_tokens.weight", n);
	mk_add(m, "BF16", DS_HIDDEN, 0, "model.layers.%u.enorm.weight", n);
	mk_add(m, "BF16", DS_HIDDEN, 0, "model.layers.%u.hnorm.weight", n);
	mk_add(m, "BF16", DS_HIDDEN, 2 * DS_HIDDEN, "model.layers.%u.eh_proj.weight", n);
	mk_add(m, "BF16", DS_HIDDEN, 0, "model.layers.%u.shared_head.norm.weight", n);
	mk_add(m, "BF16", 129280, DS_HIDDEN, "model.layers.%u.shared_head.head.weight", n);
}

static const char *ds_name(uint32_t shard, uint32_t shards, char out[64])
{
	snprintf(out, 64, "model-%05u-of-%06u.safetensors", shard + 1, shards);
	return out;
}

static bool start(struct mk_model *m, const char *dir)
{
	*m = (struct mk_model){ .arena = vit_arena_new(), .dir = dir,
				.tensors = VIT_VEC(sizeof(struct mk_tensor)) };
	return mk_folder(dir);
}

static bool end(struct mk_model *m, bool ok)
{
	if (ok)
		printf("%s: %zu tensors, %llu bytes\n", m->dir, m->tensors.count,
		       (unsigned long long)mk_total(m));
	vit_vec_free(&m->tensors);
	vit_arena_free(m->arena);
	return ok;
}

bool mk_deepseek_v3(const char *dir)
{
	struct mk_model m;
	char file[64];
	bool ok = start(&m, dir);
	mk_add(&m, "BF16", 129280, DS_HIDDEN, "model.embed_tokens.weight");
	for (unsigned n = 0; n < DS_LAYERS; n++)
		add_ds_layer(&m, n);
	mk_add(&m, "BF16", DS_HIDDEN, 0, "model.norm.weight");
	mk_add(&m, "BF16", 129280, DS_HIDDEN, "lm_head.weight");
	add_ds_mtp(&m);
	mk_cut(&m, DS_SHARDS);
	for (uint32_t i = 0; ok && i < DS_SHARDS; i++)
		ok = mk_shard(&m, i, ds_name(i, DS_SHARDS, file), NULL);
	ok = ok && mk_index(&m, false, ds_name, DS_SHARDS) &&
	     mk_write(mk_path(m.arena, dir, "config.json"),
		      (struct vit_str){ ds_config, sizeof(ds_config) - 1 });
	return end(&m, ok);
}

/* --- a llama of any size --- */

#define PER_LAYER 9
#define PER_SHARD 10000
#define HIDDEN 64
#define INNER 176
#define KV 32
#define VOCAB 512

static void add_layer(struct mk_model *m, unsigned n)
{
	static const struct {
		const char *name;
		uint64_t rows, columns;
	} rows[PER_LAYER] = {
		{ "input_layernorm", HIDDEN, 0 },     { "self_attn.q_proj", HIDDEN, HIDDEN },
		{ "self_attn.k_proj", KV, HIDDEN },   { "self_attn.v_proj", KV, HIDDEN },
		{ "self_attn.o_proj", HIDDEN, HIDDEN }, { "post_attention_layernorm", HIDDEN, 0 },
		{ "mlp.gate_proj", INNER, HIDDEN },   { "mlp.up_proj", INNER, HIDDEN },
		{ "mlp.down_proj", HIDDEN, INNER },
	};
	for (size_t i = 0; i < PER_LAYER; i++)
		mk_add(m, "BF16", rows[i].rows, rows[i].columns, "model.layers.%u.%s.weight", n,
		       rows[i].name);
}

static const char *llama_name(uint32_t shard, uint32_t shards, char out[64])
{
	snprintf(out, 64, "model-%05u-of-%05u.safetensors", shard + 1, shards);
	return out;
}

static bool llama_config(const struct mk_model *m, uint64_t layers)
{
	static const char form[] =
		"{\n  \"architectures\": [\n    \"LlamaForCausalLM\"\n  ],\n"
		"  \"attention_bias\": false,\n  \"bos_token_id\": 1,\n  \"eos_token_id\": 2,\n"
		"  \"head_dim\": 16,\n  \"hidden_act\": \"silu\",\n  \"hidden_size\": %d,\n"
		"  \"intermediate_size\": %d,\n  \"max_position_embeddings\": 2048,\n"
		"  \"mlp_bias\": false,\n  \"model_type\": \"llama\",\n"
		"  \"num_attention_heads\": 4,\n  \"num_hidden_layers\": %llu,\n"
		"  \"num_key_value_heads\": 2,\n  \"rms_norm_eps\": 1e-05,\n"
		"  \"rope_theta\": 10000.0,\n  \"tie_word_embeddings\": false,\n"
		"  \"torch_dtype\": \"bfloat16\",\n  \"transformers_version\": \"4.46.3\",\n"
		"  \"vocab_size\": %d\n}\n";
	return mk_write(mk_path(m->arena, m->dir, "config.json"),
			vit_arena_printf(m->arena, form, HIDDEN, INNER, (unsigned long long)layers,
					 VOCAB));
}

static void llama_tensors(struct mk_model *m, uint64_t layers)
{
	mk_add(m, "BF16", VOCAB, HIDDEN, "model.embed_tokens.weight");
	for (unsigned n = 0; n < layers; n++)
		add_layer(m, n);
	mk_add(m, "BF16", HIDDEN, 0, "model.norm.weight");
	mk_add(m, "BF16", VOCAB, HIDDEN, "lm_head.weight");
}

bool mk_small(const char *dir)
{
	struct mk_model m;
	bool ok = start(&m, dir);
	llama_tensors(&m, 1);
	return end(&m, ok && mk_shard(&m, 0, "model.safetensors", NULL) && llama_config(&m, 1));
}

bool mk_synthetic(const char *dir, uint64_t tensors)
{
	struct mk_model m;
	char file[64];
	uint64_t layers = tensors > PER_LAYER + 3 ? (tensors - 3) / PER_LAYER : 1;
	bool ok = start(&m, dir);
	llama_tensors(&m, layers);
	uint32_t shards = (uint32_t)((m.tensors.count + PER_SHARD - 1) / PER_SHARD);
	mk_cut(&m, shards);
	for (uint32_t i = 0; ok && i < shards; i++)
		ok = mk_shard(&m, i, llama_name(i, shards, file), NULL);
	ok = ok && mk_index(&m, false, llama_name, shards) && llama_config(&m, layers);
	return end(&m, ok);
}
