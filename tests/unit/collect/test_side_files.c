/* config.json and its companions, the tokenizer and the template, from folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collect/collect.h"
#include "folder.h"

struct given {
	struct folder folder;
	struct vit_arena *arena;
	struct vit_facts facts;
};

static void begin(struct given *g)
{
	*g = (struct given){ .arena = vit_arena_new() };
	folder_new(&g->folder);
}

static void collect_at(struct given *g, const char *path)
{
	struct vit_collect_options opt = { .groups = VIT_FG_TOKENIZER };
	struct vit_err err = { 0 };

	if (vit_collect(g->arena, path, &opt, &g->facts, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	assert_true(g->facts.groups & VIT_FG_CONFIG);
}

static void collect(struct given *g)
{
	collect_at(g, g->folder.path);
}

static void end(struct given *g)
{
	folder_remove(&g->folder);
	vit_arena_free(g->arena);
}

static void states_of_documents(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	folder_text(&g.folder, "config.json", "\xef\xbb\xbf{\"a\": NaN, \"b\": 1, \"b\": 2}");
	folder_text(&g.folder, "generation_config.json", "{\"a\": }");
	folder_text(&g.folder, "tokenizer_config.json", "");
	folder_text(&g.folder, "special_tokens_map.json",
		    "version https://git-lfs.github.com/spec/v1\noid sha256:"
		    "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 9\n");
	folder_mkdir(&g.folder, "quantize_config.json");
	folder_link(&g.folder, "adapter_config.json", "/etc/passwd");
	collect(&g);
	const struct vit_config *k = &g.facts.config;
	assert_int_equal(k->config.state, VIT_DOC_OK);
	assert_true(k->config.doc.had_bom);
	assert_true(k->config.doc.had_nonfinite);
	assert_int_equal(k->config.doc.duplicate_count, 1);
	assert_int_equal(vit_json_int(vit_json_get_c(k->root, "b"), 0), 2);
	assert_int_equal(k->generation.state, VIT_DOC_INVALID);
	assert_int_equal(k->generation.err.offset, 6);
	assert_int_equal(k->tokenizer_config.state, VIT_DOC_POINTER);
	assert_int_equal(k->special_tokens_map.state, VIT_DOC_POINTER);
	assert_int_equal(k->quantize.state, VIT_DOC_ABSENT);
	assert_int_equal(k->adapter.state, VIT_DOC_POINTER);
	end(&g);
}

static void shorthands(void **state)
{
	static const struct {
		const char *config, *model_type, *architecture, *dtype, *method;
	} t[] = {
		{ "{\"model_type\":\"llama\",\"architectures\":[\"LlamaForCausalLM\"],"
		  "\"torch_dtype\":\"bfloat16\"}",
		  "llama", "LlamaForCausalLM", "bfloat16", "" },
		{ "{\"model_type\":\"gemma3\",\"dtype\":\"torch.float16\",\"text_config\":"
		  "{\"model_type\":\"gemma3_text\"}}",
		  "gemma3", "", "float16", "" },
		{ "{\"text_config\":{\"model_type\":\"x\",\"dtype\":\"float32\"},\"dtype\":"
		  "\"float16\"}",
		  "x", "", "float32", "" },
		{ "{\"quantization_config\":{\"quant_method\":\"mxfp4\"}}", "", "", "", "mxfp4" },
		{ "{\"quantization_config\":{\"load_in_8bit\":true}}", "", "", "", "bitsandbytes" },
		{ "{\"quantization\":{\"bits\":4,\"group_size\":64}}", "", "", "", "mlx" },
		{ "{\"quantization\":{\"bits\":4},\"quantization_config\":{\"bits\":4}}", "", "",
		  "", "mlx" },
		{ "{\"compression_config\":{\"format\":\"x\"}}", "", "", "", "compressed-tensors" },
		{ "{\"quantization_config\":null}", "", "", "", "" },
		{ "{\"architectures\":[],\"model_type\":7}", "", "", "", "" },
		{ "[]", "", "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct given g;
		begin(&g);
		folder_text(&g.folder, "config.json", t[i].config);
		collect(&g);
		const struct vit_config *k = &g.facts.config;
		assert_true(vit_str_is(k->model_type, t[i].model_type));
		assert_true(vit_str_is(k->architecture, t[i].architecture));
		assert_true(vit_str_is(k->dtype, t[i].dtype));
		assert_true(vit_str_is(k->quant_method, t[i].method));
		end(&g);
	}
}

static void quantisation_beside_the_config(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	folder_text(&g.folder, "config.json", "{}");
	folder_text(&g.folder, "quant_config.json", "{\"w_bit\":4}");
	collect(&g);
	assert_true(vit_str_is(g.facts.config.quant_method, "awq"));
	end(&g);
}

#define TOKENIZER                                                                                  \
	"{\"added_tokens\":[{\"id\":3,\"content\":\"<e>\",\"special\":true}],"                     \
	"\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"<p>\":2},\"merges\":[]}}"

static void tokenizer_and_named_tokens(void **state)
{
	struct given g;
	uint64_t id = 0;

	(void)state;
	begin(&g);
	folder_text(&g.folder, "tokenizer.json", TOKENIZER);
	folder_text(&g.folder, "tokenizer_config.json",
		    "{\"eos_token\":\"<e>\",\"pad_token\":{\"content\":\"<p>\"},\"bos_token\":\"<"
		    "none>\"}");
	collect(&g);
	const struct vit_tokenizer *t = &g.facts.tokenizer;
	assert_int_equal(t->state, VIT_DOC_OK);
	assert_int_equal(t->max_id, 3);
	assert_int_equal(t->distinct_ids, 4);
	assert_true(vit_tokenizer_added_id(t, VIT_STR("<e>"), &id));
	assert_int_equal(id, 3);
	assert_true(vit_tokenizer_added_id(t, VIT_STR("<p>"), &id));
	assert_int_equal(id, 2);
	assert_false(vit_tokenizer_added_id(t, VIT_STR("<none>"), &id));
	end(&g);

	begin(&g);
	folder_text(&g.folder, "tokenizer.json", "{\"model\":");
	collect(&g);
	assert_int_equal(g.facts.tokenizer.state, VIT_DOC_INVALID);
	end(&g);

	begin(&g);
	folder_text(&g.folder, "tokenizer.model", "\n");
	collect(&g);
	assert_int_equal(g.facts.tokenizer.state, VIT_DOC_ABSENT);
	assert_true(g.facts.tokenizer.slow_only);
	end(&g);
}

static void templates(void **state)
{
	static const struct {
		const char *file, *side;
		enum vit_template_place place;
		bool equal;
	} t[] = {
		{ NULL, "{}", VIT_TP_NONE, false },
		{ NULL, "{\"chat_template\":null}", VIT_TP_NONE, false },
		{ "{{ x }}", "{}", VIT_TP_FILE, false },
		{ NULL, "{\"chat_template\":\"{{ x }}\"}", VIT_TP_INLINE, false },
		{ "{{ x }}", "{\"chat_template\":\"{{ x }}\"}", VIT_TP_BOTH, true },
		/* Jinja drops one line break at the end, and only one. */
		{ "{{ x }}\n", "{\"chat_template\":\"{{ x }}\"}", VIT_TP_BOTH, true },
		{ "{{ x }}\n\n", "{\"chat_template\":\"{{ x }}\"}", VIT_TP_BOTH, false },
		{ "{{ y }}", "{\"chat_template\":\"{{ x }}\"}", VIT_TP_BOTH, false },
		{ "{{ d }}",
		  "{\"chat_template\":[{\"name\":\"tool\",\"template\":\"t\"},"
		  "{\"name\":\"default\",\"template\":\"{{ d }}\"}]}",
		  VIT_TP_BOTH, true },
		{ NULL, "{\"chat_template\":[]}", VIT_TP_NONE, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct given g;
		begin(&g);
		if (t[i].file)
			folder_text(&g.folder, "chat_template.jinja", t[i].file);
		folder_text(&g.folder, "tokenizer_config.json", t[i].side);
		collect(&g);
		assert_int_equal(g.facts.tokenizer.template_place, t[i].place);
		if (t[i].place == VIT_TP_BOTH)
			assert_int_equal(g.facts.tokenizer.templates_equal, t[i].equal);
		end(&g);
	}
}

static void one_file_alone(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	folder_text(&g.folder, "config.json", "{\"model_type\":\"llama\"}");
	folder_text(&g.folder, "generation_config.json", "nonsense");
	folder_text(&g.folder, "tokenizer.json", TOKENIZER);
	collect_at(&g, folder_at(&g.folder, "config.json"));
	assert_int_equal(g.facts.config.config.state, VIT_DOC_OK);
	assert_int_equal(g.facts.config.generation.state, VIT_DOC_ABSENT);
	assert_int_equal(g.facts.tokenizer.state, VIT_DOC_ABSENT);
	collect_at(&g, folder_at(&g.folder, "tokenizer.json"));
	assert_int_equal(g.facts.config.config.state, VIT_DOC_ABSENT);
	assert_int_equal(g.facts.tokenizer.state, VIT_DOC_OK);
	end(&g);
}

static void without_permission(void *ctx)
{
	struct given *g = ctx;

	collect(g);
	assert_int_equal(g->facts.config.config.state, VIT_DOC_UNREADABLE);
	assert_int_equal(g->facts.config.config.err.code, VIT_E_PERM);
	assert_int_equal(g->facts.tokenizer.state, VIT_DOC_UNREADABLE);
	assert_int_equal(g->facts.tokenizer.err.code, VIT_E_PERM);
}

static void unreadable(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	folder_text(&g.folder, "config.json", "{}");
	folder_text(&g.folder, "tokenizer.json", TOKENIZER);
	folder_mode(&g.folder, "config.json", 0);
	folder_mode(&g.folder, "tokenizer.json", 0);
	bool ran = folder_unprivileged(without_permission, &g);
	end(&g);
	if (!ran) {
		print_message("no unprivileged uid here\n");
		skip();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_of_documents),
		cmocka_unit_test(shorthands),
		cmocka_unit_test(quantisation_beside_the_config),
		cmocka_unit_test(tokenizer_and_named_tokens),
		cmocka_unit_test(templates),
		cmocka_unit_test(one_file_alone),
		cmocka_unit_test(unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
