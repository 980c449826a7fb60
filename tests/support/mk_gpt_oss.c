/*
 * gpt-oss-20b at full size: every file of the published folder with its exact
 * size, the weights as holes behind their real headers.
 *
 * Tensors come from tests/data/gpt-oss-20b-tensors.tsv, sizes and digests from
 * the published manifest (git-LFS pointers of the repository), the configuration
 * from the model's own. Small files are the real ones where a folder with them
 * is given, else made here; texts that are not ours to ship (licence, README,
 * chat template) are stand-ins of the exact size.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "base/path.h"
#include "mk.h"
#include "mk_metal.h"

#define TEMPLATE_SIZE 16738 /* of the published file */

#define LAYERS 24
#define SHARDS 3
#define SMALL ((size_t)1 << 20)

struct published {
	const char *path;
	uint64_t bytes;
	const char *sha256;       /* files in git-LFS; NULL: stored as they are */
};

static const struct published files[] = {
	{ ".gitattributes", 1570, NULL },
	{ "LICENSE", 11357, NULL },
	{ "README.md", 7095, NULL },
	{ "USAGE_POLICY", 200, NULL },
	{ "chat_template.jinja", TEMPLATE_SIZE, NULL },
	{ "config.json", 1806, NULL },
	{ "generation_config.json", 177, NULL },
	{ "model.safetensors.index.json", 36355, NULL },
	{ "special_tokens_map.json", 98, NULL },
	{ "tokenizer_config.json", 4200, NULL },
	{ "original/config.json", 376, NULL },
	{ "original/dtypes.json", 13082, NULL },
	{ "model-00000-of-00002.safetensors", 4792272488,
	  "16d0f997dcfc4462089d536bffe51b4bcea2f872f5c430be09ef8ed392312427" },
	{ "model-00001-of-00002.safetensors", 4798702184,
	  "4fbe328ab445455d6f58dc73852b85873bd626986310abd91cd4d2ce3245eaea" },
	{ "model-00002-of-00002.safetensors", 4170342232,
	  "a18106b209e9ab35c3406db4f6f12a927364a058b21e9d1373d682e20674b303" },
	{ "tokenizer.json", 27868174,
	  "0614fe83cadab421296e664e1f48f4261fa8fef6e03e63bb75c20f38e37d07d3" },
	{ "metal/model.bin", 13750886400,
	  "725b7f996b5a226d922f034a731aefc398652f670dcafc2efd78620509a0fef1" },
	{ "original/model.safetensors", 13761300984,
	  "3340a61d1a0391e8c5b5d3463d18d4c48129a84bbc04a554c762c99020aa06ed" },
};
#define FILES (sizeof(files) / sizeof(files[0]))

static uint64_t published_bytes(const char *path)
{
	for (size_t i = 0; i < FILES; i++) {
		if (strcmp(files[i].path, path) == 0)
			return files[i].bytes;
	}
	VIT_BUG("mk_gpt_oss: not a published file");
}

/* --- JSON files made from the published values --- */

static void key_u64(struct vit_json_writer *w, const char *key, uint64_t v)
{
	vit_jw_key(w, key);
	vit_jw_u64(w, v);
}

static void key_str(struct vit_json_writer *w, const char *key, const char *v)
{
	vit_jw_key(w, key);
	vit_jw_cstr(w, v);
}

static void key_bool(struct vit_json_writer *w, const char *key, bool v)
{
	vit_jw_key(w, key);
	vit_jw_bool(w, v);
}

static void put_sections(struct vit_json_writer *w)
{
	static const char *const kept[] = { "model.layers.*.self_attn", "model.layers.*.mlp.router",
					    "model.embed_tokens", "lm_head" };
	vit_jw_key(w, "quantization_config");
	vit_jw_object(w);
	vit_jw_key(w, "modules_to_not_convert");
	vit_jw_array(w);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		vit_jw_cstr(w, kept[i]);
	vit_jw_array_end(w);
	key_str(w, "quant_method", "mxfp4");
	vit_jw_object_end(w);
	vit_jw_key(w, "rms_norm_eps");
	vit_jw_double(w, 1e-05);
	vit_jw_key(w, "rope_scaling");
	vit_jw_object(w);
	key_u64(w, "beta_fast", 32);
	key_u64(w, "beta_slow", 1);
	key_u64(w, "factor", 32);
	key_u64(w, "original_max_position_embeddings", 4096);
	key_str(w, "rope_type", "yarn");
	key_bool(w, "truncate", false);
	vit_jw_object_end(w);
}

static void make_config(struct vit_buf *b)
{
	struct vit_json_writer w;
	mk_json(&w, b, false);
	vit_jw_object(&w);
	vit_jw_key(&w, "architectures");
	vit_jw_array(&w);
	vit_jw_cstr(&w, "GptOssForCausalLM");
	vit_jw_array_end(&w);
	key_bool(&w, "attention_bias", true);
	key_u64(&w, "attention_dropout", 0);
	key_u64(&w, "eos_token_id", 200002);
	key_u64(&w, "experts_per_token", 4);
	key_u64(&w, "head_dim", 64);
	key_str(&w, "hidden_act", "silu");
	key_u64(&w, "hidden_size", 2880);
	key_u64(&w, "initial_context_length", 4096);
	vit_jw_key(&w, "initializer_range");
	vit_jw_double(&w, 0.02);
	key_u64(&w, "intermediate_size", 2880);
	vit_jw_key(&w, "layer_types");
	vit_jw_array(&w);
	for (unsigned i = 0; i < LAYERS; i++)
		vit_jw_cstr(&w, i % 2 ? "full_attention" : "sliding_attention");
	vit_jw_array_end(&w);
	key_u64(&w, "max_position_embeddings", 131072);
	key_str(&w, "model_type", "gpt_oss");
	key_u64(&w, "num_attention_heads", 64);
	key_u64(&w, "num_experts_per_tok", 4);
	key_u64(&w, "num_hidden_layers", LAYERS);
	key_u64(&w, "num_key_value_heads", 8);
	key_u64(&w, "num_local_experts", 32);
	key_bool(&w, "output_router_logits", false);
	key_u64(&w, "pad_token_id", 199999);
	put_sections(&w);
	key_u64(&w, "rope_theta", 150000);
	vit_jw_key(&w, "router_aux_loss_coef");
	vit_jw_double(&w, 0.9);
	key_u64(&w, "sliding_window", 128);
	key_u64(&w, "swiglu_limit", 7);
	key_bool(&w, "tie_word_embeddings", false);
	key_str(&w, "transformers_version", "4.55.0.dev0");
	key_bool(&w, "use_cache", true);
	key_u64(&w, "vocab_size", 201088);
	vit_jw_object_end(&w);
}

static void make_generation_config(struct vit_buf *b)
{
	struct vit_json_writer w;
	mk_json(&w, b, false);
	vit_jw_object(&w);
	key_u64(&w, "bos_token_id", 199998);
	key_bool(&w, "do_sample", true);
	vit_jw_key(&w, "eos_token_id");
	vit_jw_array(&w);
	vit_jw_u64(&w, 200002);
	vit_jw_u64(&w, 199999);
	vit_jw_u64(&w, 200012);
	vit_jw_array_end(&w);
	key_u64(&w, "pad_token_id", 199999);
	key_str(&w, "transformers_version", "4.55.0.dev0");
	vit_jw_object_end(&w);
}

static void put_special_tokens(struct vit_json_writer *w)
{
	key_str(w, "bos_token", "<|startoftext|>");
	key_str(w, "eos_token", "<|return|>");
	key_str(w, "pad_token", "<|endoftext|>");
}

static void make_special_tokens_map(struct vit_buf *b)
{
	struct vit_json_writer w;
	mk_json(&w, b, false);
	vit_jw_object(&w);
	put_special_tokens(&w);
	vit_jw_object_end(&w);
}

static void make_tokenizer_config(struct vit_buf *b)
{
	struct vit_json_writer w;
	mk_json(&w, b, false);
	vit_jw_object(&w);
	key_bool(&w, "clean_up_tokenization_spaces", false);
	put_special_tokens(&w);
	vit_jw_key(&w, "model_max_length");
	vit_jw_double(&w, 1000000000000000019884624838656.0);
	key_str(&w, "tokenizer_class", "PreTrainedTokenizerFast");
	vit_jw_object_end(&w);
}

static void make_original_config(struct vit_buf *b)
{
	vit_buf_puts(b, "{\"num_hidden_layers\": 24, \"num_experts\": 32, \"experts_per_token\": 4, "
			"\"vocab_size\": 201088, \"hidden_size\": 2880, \"intermediate_size\": 2880, "
			"\"swiglu_limit\": 7.0, \"head_dim\": 64, \"num_attention_heads\": 64, "
			"\"num_key_value_heads\": 8, \"sliding_window\": 128, "
			"\"initial_context_length\": 4096, \"rope_theta\": 150000, "
			"\"rope_scaling_factor\": 32.0, \"rope_ntk_alpha\": 1, \"rope_ntk_beta\": 32}");
}

static void make_dtypes(struct vit_buf *b)
{
	vit_buf_puts(b, "{}");
}

static void make_template(struct vit_buf *b)
{
	static const char text[] = "{%- for message in messages %}<|start|>{{ message.role }}<|message|>"
				   "{{ message.content }}<|end|>{%- endfor %}\n"
				   "{%- if add_generation_prompt %}<|start|>assistant{%- endif %}";
	static const char open[] = "{# A stand-in for the published template.", close[] = "#}\n";

	/* Filled up inside of the comment: blanks behind the text would be printed. */
	vit_buf_puts(b, open);
	for (size_t n = sizeof open + sizeof close + sizeof text - 3; n < TEMPLATE_SIZE; n++)
		vit_buf_putc(b, ' ');
	vit_buf_puts(b, close);
	vit_buf_puts(b, text);
}

static void make_text(struct vit_buf *b)
{
	vit_buf_puts(b, "A stand-in of the size of the published file.\n");
}

static void (*maker(const char *path))(struct vit_buf *)
{
	static const struct {
		const char *path;
		void (*make)(struct vit_buf *);
	} rows[] = { { "config.json", make_config },
		     { "generation_config.json", make_generation_config },
		     { "special_tokens_map.json", make_special_tokens_map },
		     { "tokenizer_config.json", make_tokenizer_config },
		     { "chat_template.jinja", make_template },
		     { "original/config.json", make_original_config },
		     { "original/dtypes.json", make_dtypes } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].path, path) == 0)
			return rows[i].make;
	}
	return make_text;
}

/* The real file where there is one, else ours, filled up with white space. */
static bool small_file(struct vit_arena *a, const char *dir, const struct published *f,
		       const struct mk_options *o)
{
	const char *to = mk_path(a, dir, f->path);
	const char *from = o->from ? mk_path(a, o->from, f->path) : NULL;
	if (from && access(from, R_OK) == 0)
		return mk_copy(from, to);
	struct vit_buf b;
	vit_buf_init(&b, SMALL);
	maker(f->path)(&b);
	bool ok = b.n <= f->bytes;
	if (!ok)
		fprintf(stderr, "mk_model: %s takes %zu bytes, more than the published %llu\n",
			f->path, b.n, (unsigned long long)f->bytes);
	while (ok && b.n < f->bytes)
		vit_buf_putc(&b, b.n + 1 == f->bytes ? '\n' : ' ');
	ok = ok && mk_write(to, vit_buf_view(&b));
	vit_buf_release(&b);
	return ok;
}

static bool pointer(struct vit_arena *a, const char *dir, const struct published *f)
{
	struct vit_str text = vit_arena_printf(a,
					       "version https://git-lfs.github.com/spec/v1\n"
					       "oid sha256:%s\nsize %llu\n",
					       f->sha256, (unsigned long long)f->bytes);
	return mk_write(mk_path(a, dir, f->path), text);
}

/* --- weights --- */

/* Counted from zero, with the last number after "of": as published. */
static const char *shard_name(uint32_t shard, uint32_t shards, char out[64])
{
	snprintf(out, 64, "model-%05u-of-%05u.safetensors", shard, shards - 1);
	return out;
}

/* "32x5760x90x16" */
static bool parse_shape(struct vit_str text, struct mk_tensor *t)
{
	struct vit_str field;
	t->bytes = mk_dtype_bytes(t->dtype);
	t->rank = 0;
	while (vit_str_split(&text, 'x', &field)) {
		if (t->rank == MK_MAX_RANK || !vit_parse_u64(field, &t->shape[t->rank]))
			return false;
		t->bytes *= t->shape[t->rank++];
	}
	return t->rank > 0;
}

/* One row: shard, name, dtype, shape, begin, end. */
static bool parse_row(struct mk_model *m, struct vit_str line)
{
	struct vit_str shard, name, dtype, shape;
	if (!vit_str_split(&line, '\t', &shard) || !vit_str_split(&line, '\t', &name) ||
	    !vit_str_split(&line, '\t', &dtype) || !vit_str_split(&line, '\t', &shape))
		return false;
	struct mk_tensor *t = vit_vec_add(&m->tensors);
	t->name = vit_arena_str(m->arena, name);
	t->dtype = vit_str_is(dtype, "U8") ? "U8" : "BF16";
	char file[64];
	while (t->shard < SHARDS && !vit_str_is(shard, shard_name(t->shard, SHARDS, file)))
		t->shard++;
	return t->shard < SHARDS && parse_shape(shape, t);
}

static bool read_tensors(struct mk_model *m, const char *tsv)
{
	struct vit_buf b;
	char chunk[65536];
	size_t n;
	FILE *in = fopen(tsv, "rb");
	if (!in)
		return mk_fail(tsv);
	vit_buf_init(&b, SMALL);
	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		vit_buf_add(&b, chunk, n);
	fclose(in);
	struct vit_str rest = vit_buf_view(&b), line;
	bool ok = vit_str_line(&rest, &line);
	while (ok && vit_str_line(&rest, &line))
		ok = parse_row(m, line);
	vit_buf_release(&b);
	if (!ok || m->tensors.count == 0)
		fprintf(stderr, "mk_model: %s: not the table of tensors\n", tsv);
	return ok && m->tensors.count > 0;
}

/* The names and fused shapes of original/model.safetensors. */
static void add_original(struct mk_model *m)
{
	mk_add(m, "BF16", 201088, 2880, "embedding.weight");
	for (unsigned n = 0; n < LAYERS; n++) {
		mk_add(m, "BF16", 2880, 0, "block.%u.attn.norm.scale", n);
		mk_add(m, "BF16", 5120, 2880, "block.%u.attn.qkv.weight", n);
		mk_add(m, "BF16", 5120, 0, "block.%u.attn.qkv.bias", n);
		mk_add(m, "BF16", 64, 0, "block.%u.attn.sinks", n);
		mk_add(m, "BF16", 2880, 4096, "block.%u.attn.out.weight", n);
		mk_add(m, "BF16", 2880, 0, "block.%u.attn.out.bias", n);
		mk_add(m, "BF16", 2880, 0, "block.%u.mlp.norm.scale", n);
		mk_add(m, "BF16", 32, 2880, "block.%u.mlp.gate.weight", n);
		mk_add(m, "BF16", 32, 0, "block.%u.mlp.gate.bias", n);
		static const struct {
			const char *part;
			uint64_t rows;
		} mlps[] = { { "mlp1", 5760 }, { "mlp2", 2880 } };
		for (size_t k = 0; k < 2; k++) {
			const uint64_t blocks[4] = { 32, mlps[k].rows, 90, 16 };
			for (unsigned rank = 4; rank >= 3; rank--) {
				mk_add(m, "U8", 1, 0, "block.%u.mlp.%s_weight.%s", n, mlps[k].part,
				       rank == 4 ? "blocks" : "scales");
				struct mk_tensor *t = vit_vec_at(&m->tensors, m->tensors.count - 1);
				t->rank = rank;
				for (unsigned d = 0; d < rank; d++)
					t->bytes *= t->shape[d] = blocks[d];
			}
			mk_add(m, "BF16", 32, mlps[k].rows, "block.%u.mlp.%s_bias", n, mlps[k].part);
		}
	}
	mk_add(m, "BF16", 2880, 0, "norm.scale");
	mk_add(m, "BF16", 201088, 2880, "unembedding.weight");
}

/* The whole table rests on this: a header of another length is not the real one. */
static bool check_size(struct vit_arena *a, const char *dir, const char *path)
{
	struct stat st;
	const char *full = mk_path(a, dir, path);
	if (stat(full, &st) != 0)
		return mk_fail(full);
	if ((uint64_t)st.st_size == published_bytes(path))
		return true;
	fprintf(stderr, "mk_model: %s has %lld bytes, the published file %llu\n", path,
		(long long)st.st_size, (unsigned long long)published_bytes(path));
	return false;
}

static bool weights(struct mk_model *m, const struct mk_options *o)
{
	char file[64];
	bool ok = read_tensors(m, o->tensors_tsv);
	for (uint32_t i = 0; ok && i < SHARDS; i++) {
		ok = mk_shard(m, i, shard_name(i, SHARDS, file), NULL) && check_size(m->arena, m->dir, file);
	}
	struct mk_model original = { .arena = m->arena, .dir = m->dir,
				     .tensors = VIT_VEC(sizeof(struct mk_tensor)) };
	add_original(&original);
	ok = ok && mk_shard(&original, 0, "original/model.safetensors", NULL) &&
	     check_size(m->arena, m->dir, "original/model.safetensors");
	vit_vec_free(&original.tensors);
	return ok;
}

/* Its header as published; the tokens are ours, of about the length of real ones,
 * so that the weights begin where they do in the real file. */
static bool metal(const struct mk_model *m)
{
	struct vit_buf head;
	bool ok;

	vit_buf_init(&head, 4 << 20);
	mk_metal_header(&head, 24, 32, 199998, 7);
	ok = mk_sparse(mk_path(m->arena, m->dir, "metal/model.bin"), vit_buf_view(&head),
		       published_bytes("metal/model.bin"));
	vit_buf_release(&head);
	return ok;
}

static bool large_files(struct mk_model *m, const struct mk_options *o)
{
	bool ok = true;
	if (o->pointers) {
		for (size_t i = 0; ok && i < FILES; i++)
			ok = !files[i].sha256 || pointer(m->arena, m->dir, &files[i]);
		return ok && read_tensors(m, o->tensors_tsv);
	}
	return weights(m, o) &&
	       mk_tokenizer(mk_path(m->arena, m->dir, "tokenizer.json"),
			    published_bytes("tokenizer.json")) &&
	       metal(m);
}

bool mk_gpt_oss(const char *dir, const struct mk_options *o)
{
	struct mk_model m = { .arena = vit_arena_new(), .dir = dir,
			      .tensors = VIT_VEC(sizeof(struct mk_tensor)) };
	bool ok = mk_folder(mk_path(m.arena, dir, "metal")) &&
		  mk_folder(mk_path(m.arena, dir, "original")) && large_files(&m, o) &&
		  mk_index(&m, true, shard_name, SHARDS) &&
		  check_size(m.arena, dir, "model.safetensors.index.json");
	for (size_t i = 0; ok && i < FILES; i++) {
		bool index = strcmp(files[i].path, "model.safetensors.index.json") == 0;
		if (!files[i].sha256 && (!index || o->from))
			ok = small_file(m.arena, dir, &files[i], o);
	}
	vit_vec_free(&m.tensors);
	vit_arena_free(m.arena);
	return ok;
}
