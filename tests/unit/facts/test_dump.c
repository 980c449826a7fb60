/* facts.json, read back by the JSON tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "facts/facts.h"

static bool to_buf(void *ctx, const char *p, size_t n)
{
	vit_buf_add(ctx, p, n);
	return true;
}

static struct vit_json_doc dump(struct vit_arena *a, const struct vit_facts *f)
{
	struct vit_json_doc doc;
	struct vit_json_writer w;
	struct vit_err err = { 0 };
	struct vit_buf b;

	vit_buf_init(&b, 1u << 20);
	vit_json_writer_init(&w, to_buf, &b, false);
	vit_facts_dump(f, &w);
	vit_jw_finish(&w);
	assert_false(b.full);
	/* No option: what we write is strict JSON, whatever the names were. */
	if (vit_json_parse(a, vit_arena_str(a, vit_buf_view(&b)), 0, &doc, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	vit_buf_release(&b);
	return doc;
}

static const struct vit_json *at(const struct vit_json_doc *d, const char *path)
{
	const struct vit_json *v = vit_json_at(d->root, vit_str_c(path));

	if (!v)
		fail_msg("%s is absent", path);
	return v;
}

static void document(struct vit_arena *a, struct vit_document *d, const char *text)
{
	struct vit_err err = { 0 };

	*d = (struct vit_document){ .state = VIT_DOC_OK, .path = VIT_STR("config.json") };
	assert_int_equal(vit_json_parse(a, vit_str_c(text), VIT_JSON_ALLOW_NAN, &d->doc, &err),
			 VIT_OK);
}

static void files_and_documents(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_file rows[] = {
		{ .path = VIT_STR("bad\xff\n"), .size = UINT64_MAX, .case_twin = VIT_FILE_NONE },
		{ .path = VIT_STR("x"),
		  .size = 130,
		  .flags = VIT_FF_LFS_POINTER,
		  .lfs_size = 5000000000,
		  .case_twin = 0 },
	};
	struct vit_facts f = { .groups = VIT_FG_FILES | VIT_FG_CONFIG };

	(void)state;
	f.files = (struct vit_files){ .root = VIT_STR("/m"),
				      .files = rows,
				      .count = 2,
				      .total_bytes = 7,
				      .limit = VIT_WALK_DEPTH };
	document(a, &f.config.config,
		 "{\"i\":18446744073709551615,\"n\":-3,\"f\":0.1,\"nan\":NaN,"
		 "\"s\":\"\\u0000\",\"l\":[[],{},null,true]}");
	struct vit_json_doc d = dump(a, &f);
	assert_int_equal(at(&d, "files.total_bytes")->u64, 7);
	assert_true(vit_str_is(at(&d, "files.walk")->string, "depth"));
	const struct vit_json *list = at(&d, "files.files");
	assert_int_equal(list->count, 2);
	assert_int_equal(vit_json_get_c(&list->children[0], "size_bytes")->u64, UINT64_MAX);
	assert_true(vit_str_is(vit_json_get_c(&list->children[0], "path")->string,
			       "bad\xef\xbf\xbd\n"));
	assert_int_equal(vit_json_get_c(&list->children[1], "lfs_size_bytes")->u64, 5000000000);
	assert_true(vit_str_is(vit_json_get_c(&list->children[1], "state")->string, "lfs-pointer"));
	assert_int_equal(at(&d, "config.config.content.i")->u64, UINT64_MAX);
	assert_int_equal(at(&d, "config.config.content.n")->i64, -3);
	assert_true(at(&d, "config.config.content.f")->number == 0.1);
	assert_int_equal(at(&d, "config.config.content.nan")->kind, VIT_JSON_K_NULL);
	assert_int_equal(at(&d, "config.config.content.s")->string.n, 1);
	assert_int_equal(at(&d, "config.config.content.l")->count, 4);
	assert_null(vit_json_at(d.root, VIT_STR("weights")));
	vit_arena_free(a);
}

static void deep_documents(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_facts f = { .groups = VIT_FG_CONFIG };
	struct vit_buf b;

	(void)state;
	vit_buf_init(&b, 4096);
	for (int i = 0; i < 120; i++)
		vit_buf_putc(&b, '[');
	for (int i = 0; i < 120; i++)
		vit_buf_putc(&b, ']');
	document(a, &f.config.config, b.p);
	const struct vit_json *v = NULL;
	struct vit_json_doc d = dump(a, &f);
	v = at(&d, "config.config.content");
	for (int i = 0; i < 39; i++) {
		assert_int_equal(v->kind, VIT_JSON_K_ARRAY);
		assert_int_equal(v->count, 1);
		v = &v->children[0];
	}
	assert_int_equal(v->children[0].kind, VIT_JSON_K_STRING);
	vit_buf_release(&b);
	vit_arena_free(a);
}

static void weights_and_machine(void **state)
{
	struct vit_arena *a = vit_arena_new();
	static const uint64_t shape[] = { 3, 4 };
	struct vit_tensor tensors[] = { { .name = VIT_STR("w\0x"),
					  .shape = shape,
					  .rank = 2,
					  .dtype = VIT_DT_BF16,
					  .begin = 0,
					  .end = 24 } };
	struct vit_st_fault faults[VIT_ST_FAULT_COUNT];
	struct vit_shard shards[] = { { .path = VIT_STR("model.safetensors"),
					.state = VIT_DOC_OK } };
	struct vit_save saves[] = { { .main = true, .shard_count = 1 } };
	struct vit_str names[] = { VIT_STR("model.safetensors") };
	struct vit_index_entry entries[] = { { .tensor = VIT_STR("w") },
					     { .tensor = VIT_STR("v"), .shard_name = UINT32_MAX } };
	struct vit_facts f = { .groups = VIT_FG_WEIGHTS | VIT_FG_SYSTEM };

	(void)state;
	for (unsigned i = 0; i < VIT_ST_FAULT_COUNT; i++)
		faults[i] = (struct vit_st_fault){ .kind = (enum vit_st_fault_kind)i };
	shards[0].header.faults = faults;
	shards[0].header.fault_total = shards[0].header.fault_count = VIT_ST_FAULT_COUNT;
	f.weights = (struct vit_weights){ .shards = shards,
					  .shard_count = 1,
					  .saves = saves,
					  .save_count = 1,
					  .tensors = tensors,
					  .tensor_count = 1 };
	f.weights.index = (struct vit_index){ .state = VIT_DOC_OK,
					      .shard_names = names,
					      .shard_name_count = 1,
					      .entries = entries,
					      .entry_count = 2 };
	f.system.memory_total =
		(struct vit_measure){ true, 137438953472, VIT_STR("sysctl hw.memsize") };
	struct vit_json_doc d = dump(a, &f);
	const struct vit_json *t = &at(&d, "weights.tensors")->children[0];
	assert_int_equal(vit_json_get_c(t, "name")->string.n, 3);
	assert_true(vit_str_is(vit_json_get_c(t, "dtype")->string, "BF16"));
	assert_int_equal(vit_json_get_c(t, "shape")->children[1].u64, 4);
	const struct vit_json *list =
		vit_json_get_c(&at(&d, "weights.shards")->children[0], "faults");
	assert_int_equal(list->count, VIT_ST_FAULT_COUNT);
	/* Each kind has a name of its own. */
	for (unsigned i = 0; i < list->count; i++) {
		struct vit_str kind = vit_json_get_c(&list->children[i], "kind")->string;
		assert_false(vit_str_is(kind, "other"));
		for (unsigned k = 0; k < i; k++)
			assert_false(vit_str_eq(
				kind, vit_json_get_c(&list->children[k], "kind")->string));
	}
	assert_int_equal(at(&d, "weights.index.weight_map")->children[1].children[1].kind,
			 VIT_JSON_K_NULL);
	assert_int_equal(at(&d, "system.memory_total_bytes.value")->u64, 137438953472);
	assert_null(vit_json_at(d.root, VIT_STR("system.memory_free_bytes")));
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_and_documents),
		cmocka_unit_test(deep_documents),
		cmocka_unit_test(weights_and_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
