/* Folders of shards and indexes: how they are grouped, resolved and doubted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "collect/collect.h"
#include "folder.h"

struct given {
	struct folder folder;
	struct vit_arena *arena;
	struct vit_files files;
	struct vit_source source;
	struct vit_weights w;
};

static void begin(struct given *g)
{
	*g = (struct given){ .arena = vit_arena_new() };
	folder_new(&g->folder);
}

/* A sound file with one U8 tensor of one byte for each name of "a b c". */
static void shard(struct given *g, const char *file, const char *names)
{
	struct vit_buf header, all;
	struct vit_str rest = vit_str_c(names), name;
	unsigned n = 0;

	vit_buf_init(&header, 1 << 20);
	vit_buf_init(&all, 1 << 20);
	vit_buf_puts(&header, "{");
	while (vit_str_split(&rest, ' ', &name)) {
		vit_buf_printf(
			&header,
			"%s\"%.*s\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%u,%u]}",
			n ? "," : "", VIT_FMT(name), n, n + 1);
		n++;
	}
	vit_buf_puts(&header, "}");
	for (unsigned i = 0; i < 8; i++)
		vit_buf_putc(&all, (char)(header.n >> (8 * i)));
	vit_buf_add(&all, header.p, header.n);
	for (unsigned i = 0; i < n; i++)
		vit_buf_putc(&all, 0);
	folder_write(&g->folder, file, vit_buf_view(&all));
	vit_buf_release(&header);
	vit_buf_release(&all);
}

static void collect(struct given *g, const char *only)
{
	struct vit_collect_options opt = { .groups = VIT_FG_FILES | VIT_FG_WEIGHTS };
	struct vit_err err = { 0 };
	char path[512];

	snprintf(path, sizeof(path), "%s", only ? folder_at(&g->folder, only) : g->folder.path);
	if (vit_collect_files(g->arena, path, &opt, &g->source, &g->files, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	vit_collect_weights(g->arena, &g->source, &opt, &g->w);
	close(g->source.root_fd);
}

static void end(struct given *g)
{
	folder_remove(&g->folder);
	vit_arena_free(g->arena);
}

static const struct vit_shard *find_shard(const struct given *g, const char *path)
{
	for (uint32_t i = 0; i < g->w.shard_count; i++)
		if (vit_str_is(g->w.shards[i].path, path))
			return &g->w.shards[i];
	fail_msg("%s is no shard", path);
	return NULL;
}

static const struct vit_save *main_save(const struct given *g)
{
	assert_true(g->w.main_save < g->w.save_count);
	assert_true(g->w.saves[g->w.main_save].main);
	return &g->w.saves[g->w.main_save];
}

static const struct vit_index_entry *entry(const struct given *g, const char *tensor)
{
	for (uint32_t i = 0; i < g->w.index.entry_count; i++)
		if (vit_str_is(g->w.index.entries[i].tensor, tensor))
			return &g->w.index.entries[i];
	fail_msg("%s is not in the index", tensor);
	return NULL;
}

/* ---- names ------------------------------------------------------------------ */

static void names_of_shards(void **state)
{
	static const struct {
		const char *file, *stem;
		uint32_t number, of, number_digits, of_digits;
	} cases[] = {
		{ "model.safetensors", "model", 0, 0, 0, 0 },
		{ "model-00001-of-00003.safetensors", "model", 1, 3, 5, 5 },
		{ "model-00163-of-000163.safetensors", "model", 163, 163, 5, 6 },
		{ "model_00072-of-00072.safetensors", "model", 72, 72, 5, 5 },
		{ "model--00002-of-00007.safetensors", "model-", 2, 7, 5, 5 },
		{ "a-of-b.safetensors", "a-of-b", 0, 0, 0, 0 },
		{ "00001-of-00002.safetensors", "00001-of-00002", 0, 0, 0, 0 },
		{ "model-1-of-0.safetensors", "model-1-of-0", 0, 0, 0, 0 },
		{ "model-00001-of-99999999999.safetensors", "model-00001-of-99999999999", 0, 0, 0,
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct given g;
		begin(&g);
		shard(&g, cases[i].file, "a");
		collect(&g, NULL);
		assert_int_equal(g.w.shard_count, 1);
		const struct vit_shard *s = &g.w.shards[0];
		assert_true(vit_str_is(s->stem, cases[i].stem));
		assert_int_equal(s->number, cases[i].number);
		assert_int_equal(s->of, cases[i].of);
		assert_int_equal(s->number_digits, cases[i].number_digits);
		assert_int_equal(s->of_digits, cases[i].of_digits);
		end(&g);
	}
}

/* ---- saves ------------------------------------------------------------------ */

static void a_single_file(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	shard(&g, "model.safetensors", "a b");
	collect(&g, NULL);
	assert_int_equal(main_save(&g)->of, 0);
	assert_int_equal(g.w.tensor_count, 2);
	assert_int_equal(vit_weights_main_bytes(&g.w), 2);
	assert_int_equal(g.w.index.state, VIT_DOC_ABSENT);
	end(&g);
}

static void numbering(void **state)
{
	static const struct {
		uint32_t of, numbers[4]; /* UINT32_MAX ends */
		uint32_t missing[3];
		bool zero_based;
	} cases[] = {
		{ 3, { 1, 2, 3, UINT32_MAX }, { UINT32_MAX }, false },
		{ 3, { 1, 3, UINT32_MAX }, { 2, UINT32_MAX }, false },
		{ 3, { 2, UINT32_MAX }, { 1, 3, UINT32_MAX }, false },
		/* gpt-oss: 00000, 00001, 00002 "of 00002". */
		{ 2, { 0, 1, 2, UINT32_MAX }, { UINT32_MAX }, true },
		{ 2, { 0, 2, UINT32_MAX }, { 1, UINT32_MAX }, true },
		{ 3, { 0, 1, 2, UINT32_MAX }, { UINT32_MAX }, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct given g;
		char name[64], tensor[8];
		uint32_t n = 0;
		begin(&g);
		for (size_t k = 0; k < 4 && cases[i].numbers[k] != UINT32_MAX; k++) {
			snprintf(name, sizeof(name), "model-%05u-of-%05u.safetensors",
				 cases[i].numbers[k], cases[i].of);
			snprintf(tensor, sizeof(tensor), "t%zu", k);
			shard(&g, name, tensor);
		}
		collect(&g, NULL);
		const struct vit_save *s = main_save(&g);
		assert_int_equal(s->zero_based, cases[i].zero_based);
		while (cases[i].missing[n] != UINT32_MAX) {
			assert_true(n < s->missing_count);
			assert_int_equal(s->missing[n], cases[i].missing[n]);
			n++;
		}
		assert_int_equal(s->missing_count, n);
		end(&g);
	}
}

static void a_hostile_count_stays_small(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	shard(&g, "model-00001-of-999999999.safetensors", "a");
	collect(&g, NULL);
	assert_int_equal(main_save(&g)->of, 999999999);
	assert_int_equal(main_save(&g)->missing_count, 10000);
	end(&g);
}

static void the_save_a_loader_takes(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	shard(&g, "consolidated.safetensors", "a");
	shard(&g, "model-00001-of-00002.safetensors", "a");
	shard(&g, "model-00002-of-00002.safetensors", "b");
	shard(&g, "original/model.safetensors", "a b");
	collect(&g, NULL);
	assert_int_equal(g.w.save_count, 3);
	assert_int_equal(main_save(&g)->of, 2);
	assert_int_equal(main_save(&g)->shard_count, 2);
	const struct vit_save *s = &g.w.saves[find_shard(&g, "consolidated.safetensors")->save];
	assert_true(s->auxiliary);
	assert_int_equal(s->shared_tensors, 1);
	s = &g.w.saves[find_shard(&g, "original/model.safetensors")->save];
	assert_true(s->auxiliary);
	assert_true(vit_str_is(s->folder, "original"));
	end(&g);
}

static void only_in_a_sub_folder_is_no_main_save(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	shard(&g, "unet/model.safetensors", "a");
	collect(&g, NULL);
	assert_int_equal(g.w.shard_count, 1);
	assert_true(g.w.main_save == UINT32_MAX);
	assert_int_equal(vit_weights_main_bytes(&g.w), 0);
	end(&g);
}

static void two_saves_share_names(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	shard(&g, "model.safetensors", "a b c");
	shard(&g, "other-00001-of-00002.safetensors", "a x");
	shard(&g, "other-00002-of-00002.safetensors", "c");
	collect(&g, NULL);
	assert_true(vit_str_is(main_save(&g)->stem, "model"));
	const struct vit_save *s =
		&g.w.saves[find_shard(&g, "other-00001-of-00002.safetensors")->save];
	assert_false(s->auxiliary);
	assert_int_equal(s->shared_tensors, 2);
	for (uint32_t i = 0; i < g.w.tensor_count; i++)
		assert_false(g.w.tensors[i].flags & VIT_T_TWICE);
	end(&g);
}

/* ---- the index ---------------------------------------------------------------- */

#define INDEX "model.safetensors.index.json"
#define S1    "model-00001-of-00002.safetensors"
#define S2    "model-00002-of-00002.safetensors"

static void index_and_shards_agree(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	shard(&g, S1, "a b");
	shard(&g, S2, "c");
	folder_text(&g.folder, INDEX,
		    "{\"metadata\":{\"total_size\":3.0,\"total_parameters\":3},\"weight_map\":"
		    "{\"c\":\"" S2 "\",\"a\":\"" S1 "\",\"b\":\"" S1 "\"}}");
	collect(&g, NULL);
	const struct vit_index *ix = &g.w.index;
	assert_int_equal(ix->state, VIT_DOC_OK);
	assert_true(ix->has_total_size && ix->total_size_is_float);
	assert_int_equal(ix->total_size, 3);
	assert_int_equal(ix->total_parameters, 3);
	assert_int_equal(ix->entry_count, 3);
	assert_true(vit_str_is(ix->entries[0].tensor, "c"));
	assert_int_equal(ix->shard_name_count, 2);
	for (uint32_t i = 0; i < ix->entry_count; i++) {
		const struct vit_index_entry *e = &ix->entries[i];
		assert_true(e->tensor_row < g.w.tensor_count);
		const struct vit_tensor *t = &g.w.tensors[e->tensor_row];
		assert_true(vit_str_eq(t->name, e->tensor));
		assert_int_equal(t->shard, ix->shard_rows[e->shard_name]);
		assert_true(t->flags & VIT_T_LISTED);
	}
	assert_true(find_shard(&g, S1)->in_index && find_shard(&g, S2)->in_index);
	end(&g);
}

static void index_and_shards_differ(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	shard(&g, S1, "a both extra");
	shard(&g, S2, "b both");
	folder_text(&g.folder, INDEX,
		    "{\"weight_map\":{\"a\":\"" S2 "\",\"b\":\"" S2 "\",\"both\":\"" S2 "\","
		    "\"gone\":\"" S1 "\",\"far\":\"model-00003-of-00002.safetensors\","
		    "\"evil\":\"../x.safetensors\",\"n\":4,\"b\":\"" S2 "\"}}");
	collect(&g, NULL);
	const struct vit_index *ix = &g.w.index;
	assert_int_equal(ix->entry_count, 7);
	assert_true(entry(&g, "a")->tensor_row == UINT32_MAX);
	assert_true(entry(&g, "gone")->tensor_row == UINT32_MAX);
	assert_true(entry(&g, "far")->tensor_row == UINT32_MAX);
	assert_true(ix->shard_rows[entry(&g, "far")->shard_name] == UINT32_MAX);
	assert_true(entry(&g, "n")->shard_name == UINT32_MAX);
	assert_int_equal(ix->bad_values, 1);
	assert_int_equal(ix->bad_names, 1);
	assert_true(vit_str_is(ix->bad_name, "../x.safetensors"));
	assert_int_equal(ix->duplicate_total, 1);
	assert_true(vit_str_is(ix->duplicates[0].tensor, "b"));
	assert_int_equal(g.w.tensors[entry(&g, "both")->tensor_row].shard,
			 ix->shard_rows[entry(&g, "both")->shard_name]);
	uint32_t twice = 0, unlisted = 0;
	for (uint32_t i = 0; i < g.w.tensor_count; i++) {
		twice += (g.w.tensors[i].flags & VIT_T_TWICE) != 0;
		unlisted += (g.w.tensors[i].flags & VIT_T_LISTED) == 0;
	}
	assert_int_equal(twice, 1);    /* both, in the second shard */
	assert_int_equal(unlisted, 3); /* a, both of the first shard, extra */
	end(&g);
}

static void of_a_name_mapped_twice_the_last_mapping_counts(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	shard(&g, S1, "a");
	shard(&g, S2, "b");
	folder_text(&g.folder, INDEX,
		    "{\"weight_map\":{\"a\":\"" S2 "\",\"z\":\"" S1 "\",\"b\":\"" S2
		    "\",\"a\":\"" S1 "\",\"z\":\"" S2 "\"}}");
	collect(&g, NULL);
	assert_int_equal(g.w.index.entry_count, 3);
	assert_int_equal(g.w.index.duplicate_total, 2);
	assert_true(entry(&g, "a")->tensor_row != UINT32_MAX);
	assert_true(vit_str_is(g.w.index.shard_names[entry(&g, "z")->shard_name], S2));
	end(&g);
}

static void the_index_says_what_the_main_save_is(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	shard(&g, "model.safetensors", "a b m");
	shard(&g, S1, "a");
	shard(&g, S2, "b");
	shard(&g, "mtp.safetensors", "m");
	shard(&g, "model-00003-of-00002.safetensors", "x");
	folder_text(&g.folder, INDEX,
		    "{\"weight_map\":{\"a\":\"" S1 "\",\"b\":\"" S2
		    "\",\"m\":\"mtp.safetensors\"}}");
	collect(&g, NULL);
	const struct vit_save *s = main_save(&g);
	assert_int_equal(s->of, 2);
	assert_int_equal(s->shard_count, 3);
	assert_int_equal(find_shard(&g, "mtp.safetensors")->save, g.w.main_save);
	assert_int_not_equal(find_shard(&g, "model-00003-of-00002.safetensors")->save,
			     g.w.main_save);
	assert_int_equal(g.w.saves[find_shard(&g, "model.safetensors")->save].shared_tensors, 3);
	assert_int_equal(vit_weights_main_bytes(&g.w), 3);
	/* No save is left without files. */
	for (uint32_t i = 0; i < g.w.save_count; i++)
		assert_true(g.w.saves[i].shard_count > 0);
	end(&g);
}

static void indexes_that_are_none(void **state)
{
	static const struct {
		const char *text;
		enum vit_doc_state state;
		uint64_t offset; /* of the error */
		bool has_map;
	} cases[] = {
		{ "", VIT_DOC_POINTER, 0, false },
		{ "version https://git-lfs.github.com/spec/v1\noid sha256:"
		  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nsize 5\n",
		  VIT_DOC_POINTER, 0, false },
		{ "{", VIT_DOC_INVALID, 1, false },
		{ "{\"weight_map\":{}}{}", VIT_DOC_INVALID, 17, true }, /* BLOOM's, in the wild */
		{ "{\"weight_map\":{\"a\":\"" S1 "\"", VIT_DOC_INVALID, 53, true },
		{ "[]", VIT_DOC_OK, 0, false },
		{ "{\"weight_map\":[]}", VIT_DOC_OK, 0, false },
		{ "{\"metadata\":null,\"weight_map\":{},\"x\":{\"y\":[1]}}", VIT_DOC_OK, 0, true },
		{ "{\"metadata\":{\"total_size\":NaN},\"weight_map\":{}}", VIT_DOC_OK, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct given g;
		begin(&g);
		shard(&g, S1, "a");
		folder_text(&g.folder, INDEX, cases[i].text);
		collect(&g, NULL);
		assert_int_equal(g.w.index.state, cases[i].state);
		assert_int_equal(g.w.index.err.offset, cases[i].offset);
		if (cases[i].state != VIT_DOC_POINTER)
			assert_int_equal(g.w.index.has_weight_map, cases[i].has_map);
		assert_false(g.w.index.has_total_size);
		/* Half an index names nothing. */
		assert_false(g.w.shards[0].in_index);
		assert_int_equal(main_save(&g)->shard_count, 1);
		end(&g);
	}
}

/* ---- files that are not what they seem ------------------------------------------ */

static void pointers_and_pages_are_not_parsed(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	folder_text(&g.folder, "a.safetensors",
		    "version https://git-lfs.github.com/spec/v1\noid sha256:"
		    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nsize 5\n");
	folder_text(&g.folder, "b.safetensors", "");
	folder_text(&g.folder, "c.safetensors", "<!DOCTYPE html>\n<html></html>");
	collect(&g, NULL);
	assert_int_equal(g.w.shard_count, 3);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(g.w.shards[i].state, VIT_DOC_POINTER);
		assert_int_equal(g.w.shards[i].header.fault_total, 0);
	}
	end(&g);
}

static void special_files_do_not_hang(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	folder_fifo(&g.folder, "model.safetensors");
	folder_mkdir(&g.folder, "dir.safetensors");
	collect(&g, NULL);
	assert_int_equal(g.w.shard_count, 1);
	assert_int_equal(g.w.shards[0].state, VIT_DOC_POINTER);
	end(&g);
}

static void a_file_that_shrank_since_the_walk(void **state)
{
	struct vit_collect_options opt = { .groups = VIT_FG_FILES };
	struct vit_err err;
	struct given g;

	(void)state;
	begin(&g);
	shard(&g, "model.safetensors", "a b c");
	assert_int_equal(vit_collect_files(g.arena, g.folder.path, &opt, &g.source, &g.files, &err),
			 VIT_OK);
	assert_int_equal(truncate(folder_at(&g.folder, "model.safetensors"), 40), 0);
	vit_collect_weights(g.arena, &g.source, &opt, &g.w);
	close(g.source.root_fd);
	assert_true(g.w.shards[0].changed);
	end(&g);
}

static void other_formats_are_counted(void **state)
{
	static const char pickle[] = "PK\3\4\0\0data.pkl";
	struct given g;

	(void)state;
	begin(&g);
	folder_write(&g.folder, "pytorch_model.bin", (struct vit_str){ pickle, sizeof(pickle) });
	folder_text(&g.folder, "model.gguf", "GGUF\3");
	folder_text(&g.folder, "metal/model.bin", "x");
	folder_write(&g.folder, "optimizer.pt", (struct vit_str){ pickle, sizeof(pickle) });
	collect(&g, NULL);
	assert_int_equal(g.w.shard_count, 0);
	assert_true(g.w.main_save == UINT32_MAX);
	assert_int_equal(g.w.other_formats, 2);
	end(&g);
}

/* ---- one file asked for ------------------------------------------------------------ */

static void one_shard_alone(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	shard(&g, S1, "a");
	shard(&g, "model-00003-of-00003.safetensors", "b");
	folder_text(&g.folder, INDEX, "{\"weight_map\":{\"a\":\"" S1 "\"}}");
	collect(&g, "model-00003-of-00003.safetensors");
	assert_int_equal(g.w.shard_count, 1);
	assert_int_equal(g.w.tensor_count, 1);
	assert_int_equal(main_save(&g)->missing_count, 0);
	assert_int_equal(g.w.index.state, VIT_DOC_ABSENT);
	end(&g);
}

static void an_index_and_its_shards(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	shard(&g, S1, "a");
	shard(&g, S2, "b");
	shard(&g, "other.safetensors", "b");
	folder_text(&g.folder, INDEX, "{\"weight_map\":{\"a\":\"" S1 "\",\"b\":\"" S2 "\"}}");
	collect(&g, INDEX);
	assert_int_equal(g.w.shard_count, 2);
	assert_int_equal(g.w.index.entry_count, 2);
	assert_int_equal(main_save(&g)->shard_count, 2);
	end(&g);
}

static void a_config_alone_has_no_weights(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	shard(&g, "model.safetensors", "a");
	folder_text(&g.folder, "config.json", "{}");
	collect(&g, "config.json");
	assert_int_equal(g.w.shard_count, 0);
	assert_true(g.w.main_save == UINT32_MAX);
	end(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_shards),
		cmocka_unit_test(a_single_file),
		cmocka_unit_test(numbering),
		cmocka_unit_test(a_hostile_count_stays_small),
		cmocka_unit_test(the_save_a_loader_takes),
		cmocka_unit_test(only_in_a_sub_folder_is_no_main_save),
		cmocka_unit_test(two_saves_share_names),
		cmocka_unit_test(index_and_shards_agree),
		cmocka_unit_test(index_and_shards_differ),
		cmocka_unit_test(of_a_name_mapped_twice_the_last_mapping_counts),
		cmocka_unit_test(the_index_says_what_the_main_save_is),
		cmocka_unit_test(indexes_that_are_none),
		cmocka_unit_test(pointers_and_pages_are_not_parsed),
		cmocka_unit_test(special_files_do_not_hang),
		cmocka_unit_test(a_file_that_shrank_since_the_walk),
		cmocka_unit_test(other_formats_are_counted),
		cmocka_unit_test(one_shard_alone),
		cmocka_unit_test(an_index_and_its_shards),
		cmocka_unit_test(a_config_alone_has_no_weights),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
