/* Facts of weights as literals; what single changes to a real model's files
 * give is in tests/mutations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "check_case.h"
#include "checks/weights.h"

const struct vit_pass *const vit_passes[] = {
	&vit_pass_weights_saves,
	&vit_pass_weights_headers,
	&vit_pass_weights_index,
	&vit_pass_weights_dtype,
};
const size_t vit_pass_count = 4;

/* A model of up to four shards of one tensor each, all sound. */
struct model {
	struct check_case c;
	struct vit_shard shards[4];
	struct vit_save saves[4];
	struct vit_tensor tensors[8];
	struct vit_index_entry entries[8];
	struct vit_str names[4];
	uint32_t rows[4];
	struct vit_st_fault faults[8];
};

static const uint64_t shape[2] = { 1000, 2 };

static void sharded(struct model *m, uint32_t n)
{
	static const char *const paths[] = {
		"model-00001-of-00004.safetensors",
		"model-00002-of-00004.safetensors",
		"model-00003-of-00004.safetensors",
		"model-00004-of-00004.safetensors",
	};
	static const char *const tensors[] = { "a", "b", "c", "d" };
	struct vit_weights *w = &m->c.facts.weights;

	*m = (struct model){ 0 };
	case_new(&m->c);
	for (uint32_t i = 0; i < n; i++) {
		m->names[i] = vit_str_c(paths[i]);
		m->rows[i] = i;
		m->shards[i] = (struct vit_shard){
			.path = m->names[i],
			.state = VIT_DOC_OK,
			.stem = VIT_STR("model"),
			.number = i + 1,
			.of = 4,
			.number_digits = 5,
			.of_digits = 5,
			.in_index = true,
			.header = { .parsed = true, .tensor_first = i, .tensor_count = 1 },
		};
		m->tensors[i] = (struct vit_tensor){
			.name = vit_str_c(tensors[i]),
			.shape = shape,
			.rank = 2,
			.shard = i,
			.end = 4000,
			.dtype = VIT_DT_BF16,
			.flags = VIT_T_LISTED,
		};
		m->entries[i] = (struct vit_index_entry){ m->tensors[i].name, i, i };
	}
	m->saves[0] = (struct vit_save){ .stem = VIT_STR("model"),
					 .of = 4,
					 .of_digits = 5,
					 .shard_count = n,
					 .first = 1,
					 .last = n,
					 .main = true };
	*w = (struct vit_weights){
		.shards = m->shards,
		.shard_count = n,
		.saves = m->saves,
		.save_count = 1,
		.tensors = m->tensors,
		.tensor_count = n,
		.index = { .state = VIT_DOC_OK,
			   .path = VIT_STR("model.safetensors.index.json"),
			   .has_weight_map = true,
			   .has_total_size = true,
			   .total_size = 4000 * n,
			   .entries = m->entries,
			   .entry_count = n,
			   .shard_names = m->names,
			   .shard_rows = m->rows,
			   .shard_name_count = n },
	};
}

static void fired(struct model *m, const char *expected)
{
	assert_string_equal(case_run(&m->c), expected);
}

static enum vit_state state_of(const struct model *m, enum vit_check_id id)
{
	return m->c.ev.states[id];
}

static void a_sound_model_fires_nothing(void **state)
{
	struct model m;

	(void)state;
	sharded(&m, 4);
	fired(&m, "");
	assert_int_equal(state_of(&m, VIT_CK_weights_index_total_size), VIT_STATE_PASS);
	assert_int_equal(state_of(&m, VIT_CK_weights_truncated), VIT_STATE_PASS);
	assert_int_equal(state_of(&m, VIT_CK_weights_tensor_in_two_shards), VIT_STATE_PASS);
	assert_int_equal(state_of(&m, VIT_CK_weights_index_total_parameters),
			 VIT_STATE_NOT_APPLICABLE);
	case_free(&m.c);
}

/* ---- headers ------------------------------------------------------------------- */

static void put_faults(struct model *m, enum vit_st_fault_kind kind, uint32_t count)
{
	struct vit_st_header *h = &m->shards[1].header;

	for (uint32_t i = 0; i < count; i++)
		m->faults[i] = (struct vit_st_fault){ .kind = kind,
						      .offset = 1234567 + i,
						      .tensor = VIT_STR("b"),
						      .other = VIT_STR("o"),
						      .expected = 5000000,
						      .actual = 4000 };
	h->faults = m->faults;
	h->fault_count = count;
	h->fault_counts[kind] = count;
	h->fault_total = count;
	h->lost_tensors = 1;
}

static void every_fault_has_its_own_id_and_words(void **state)
{
	bool seen[VIT_CK_COUNT] = { false };

	(void)state;
	for (unsigned kind = 0; kind < VIT_ST_FAULT_COUNT; kind++) {
		struct model m;
		sharded(&m, 4);
		put_faults(&m, (enum vit_st_fault_kind)kind, 1);
		case_run(&m.c);
		assert_int_equal(m.c.ev.findings.count, 1);
		const struct vit_finding *f = vit_vec_at(&m.c.ev.findings, 0);
		assert_false(seen[f->id]);
		seen[f->id] = true;
		/* The reader's verdict and the severity agree. */
		if (vit_st_fault_rejects((enum vit_st_fault_kind)kind))
			assert_int_equal(f->severity, VIT_SEV_ERROR);
		assert_true(vit_str_is(f->where.path, "model-00002-of-00004.safetensors"));
		assert_true(f->where.has_offset);
		assert_int_equal(f->where.offset, 1234567);
		assert_true(f->message.n > 10 && f->message.p[f->message.n - 1] == '.');
		/* No field of a text was left standing. */
		for (const char *field = "toeadlc"; *field; field++) {
			const char mark[3] = { '{', *field, '}' };
			struct vit_str s = { mark, 3 };
			assert_true(vit_str_find(f->message, s, 0) == SIZE_MAX);
			assert_true(vit_str_find(f->expected, s, 0) == SIZE_MAX);
			assert_true(vit_str_find(f->actual, s, 0) == SIZE_MAX);
		}
		case_free(&m.c);
	}
}

static void numbers_carry_separators(void **state)
{
	struct model m;

	(void)state;
	sharded(&m, 4);
	put_faults(&m, VIT_ST_TRUNCATED, 1);
	fired(&m, "weights/truncated:error");
	const struct vit_finding *f = case_finding(&m.c, VIT_CK_weights_truncated);
	assert_string_equal(f->message.p, "The file ends 4,996,000 bytes before its data does: "
					  "1 of 1 tensors are cut or missing.");
	assert_string_equal(f->expected.p, "5,000,000 bytes of data");
	assert_string_equal(f->actual.p, "4,000 bytes");
	case_free(&m.c);
}

static void warnings_by_the_thousand_are_one_finding(void **state)
{
	struct model m;

	(void)state;
	sharded(&m, 4);
	put_faults(&m, VIT_ST_UNALIGNED, 8);
	m.shards[1].header.fault_counts[VIT_ST_UNALIGNED] = 91991;
	fired(&m, "weights/unaligned:warning");
	assert_int_equal(m.c.ev.counts[VIT_CK_weights_unaligned], 1);
	const struct vit_finding *f = case_finding(&m.c, VIT_CK_weights_unaligned);
	assert_true(vit_str_ends(f->message, VIT_STR(" The file has 91,991 such places.")));
	case_free(&m.c);
}

static void consequences_stay_silent_in_their_file(void **state)
{
	static const struct {
		enum vit_st_fault_kind cause, consequence;
		const char *fired;
	} cases[] = {
		{ VIT_ST_DUPLICATE_NAME, VIT_ST_OFFSETS_HOLE, "weights/duplicate-name:error" },
		{ VIT_ST_DUPLICATE_NAME, VIT_ST_TRAILING, "weights/duplicate-name:error" },
		{ VIT_ST_OFFSETS_HOLE, VIT_ST_UNALIGNED, "weights/offsets-hole:error" },
		{ VIT_ST_TRAILING, VIT_ST_NO_TENSORS, "weights/trailing-bytes:error" },
		{ VIT_ST_SIZE_MISMATCH, VIT_ST_TRUNCATED,
		  "weights/size-mismatch:error weights/truncated:error" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model m;
		sharded(&m, 4);
		put_faults(&m, cases[i].cause, 2);
		m.faults[1].kind = cases[i].consequence;
		m.shards[1].header.fault_counts[cases[i].cause] = 1;
		m.shards[1].header.fault_counts[cases[i].consequence] = 1;
		fired(&m, cases[i].fired);
		case_free(&m.c);
	}
}

static void what_was_not_read_is_not_passed(void **state)
{
	struct model m;

	(void)state;
	sharded(&m, 4);
	m.shards[2].state = VIT_DOC_UNREADABLE;
	(void)vit_err_set(&m.shards[2].err, VIT_E_PERM, "permission denied");
	fired(&m, "");
	assert_int_equal(state_of(&m, VIT_CK_weights_truncated), VIT_STATE_UNKNOWN);
	assert_string_equal(m.c.ev.reasons[VIT_CK_weights_truncated].p,
			    "model-00003-of-00004.safetensors: permission denied");
	assert_int_equal(state_of(&m, VIT_CK_weights_index_tensor_absent), VIT_STATE_UNKNOWN);
	assert_int_equal(state_of(&m, VIT_CK_weights_index_total_size), VIT_STATE_NOT_APPLICABLE);
	case_free(&m.c);

	sharded(&m, 4);
	m.shards[2].state = VIT_DOC_POINTER;
	fired(&m, "");
	assert_int_equal(state_of(&m, VIT_CK_weights_truncated), VIT_STATE_NOT_APPLICABLE);
	assert_int_equal(state_of(&m, VIT_CK_weights_index_tensor_absent),
			 VIT_STATE_NOT_APPLICABLE);
	case_free(&m.c);
}

/* ---- saves ------------------------------------------------------------------------- */

static void nothing_there(void **state)
{
	struct model m;

	(void)state;
	sharded(&m, 0);
	m.c.facts.weights.save_count = 0;
	m.c.facts.weights.main_save = UINT32_MAX;
	m.c.facts.weights.index.state = VIT_DOC_ABSENT;
	fired(&m, "weights/missing:error");
	assert_int_equal(state_of(&m, VIT_CK_weights_truncated), VIT_STATE_NOT_APPLICABLE);
	case_free(&m.c);

	/* Another format is weights, too, and none of this area's headers. */
	sharded(&m, 0);
	m.c.facts.weights.save_count = 0;
	m.c.facts.weights.main_save = UINT32_MAX;
	m.c.facts.weights.index.state = VIT_DOC_ABSENT;
	m.c.facts.weights.other_formats = 1;
	fired(&m, "");
	assert_int_equal(state_of(&m, VIT_CK_weights_missing), VIT_STATE_PASS);
	case_free(&m.c);

	/* An index without its shards: the cause alone. */
	sharded(&m, 2);
	m.rows[0] = m.rows[1] = UINT32_MAX;
	m.entries[0].tensor_row = m.entries[1].tensor_row = UINT32_MAX;
	m.c.facts.weights.shard_count = m.c.facts.weights.tensor_count = 0;
	m.c.facts.weights.save_count = 0;
	m.c.facts.weights.main_save = UINT32_MAX;
	fired(&m, "weights/missing:error");
	assert_string_equal(case_finding(&m.c, VIT_CK_weights_missing)->message.p,
			    "The index names 2 weight files, and none is there.");
	case_free(&m.c);
}

static void gaps_in_the_numbering(void **state)
{
	uint32_t missing[] = { 3, 4 };
	struct model m;

	/* 3 and 4 of 4 are absent; the index does not know them. */
	(void)state;
	sharded(&m, 2);
	m.saves[0].missing = missing;
	m.saves[0].missing_count = 2;
	fired(&m, "weights/shard-gap:error");
	assert_int_equal(m.c.ev.counts[VIT_CK_weights_shard_gap], 2);
	const struct vit_finding *f = case_finding(&m.c, VIT_CK_weights_shard_gap);
	assert_string_equal(f->where.path.p, "model-00003-of-00004.safetensors");
	assert_string_equal(f->message.p, "Shard 3 of 4 is not there.");
	case_free(&m.c);

	/* The index names the one: then it is its shard that is missing. */
	sharded(&m, 2);
	m.saves[0].missing = missing;
	m.saves[0].missing_count = 1;
	m.names[2] = VIT_STR("model-00003-of-00004.safetensors");
	m.rows[2] = UINT32_MAX;
	m.entries[2] = (struct vit_index_entry){ VIT_STR("c"), 2, UINT32_MAX };
	m.c.facts.weights.index.shard_name_count = m.c.facts.weights.index.entry_count = 3;
	fired(&m, "weights/index-shard-missing:error");
	case_free(&m.c);
}

static void a_shard_that_changed(void **state)
{
	struct model m;

	(void)state;
	sharded(&m, 4);
	m.shards[1].changed = true;
	fired(&m, "weights/shard-changed:error");
	case_free(&m.c);

	/* What was cut while it was read is not called truncated. */
	sharded(&m, 4);
	m.shards[1].changed = true;
	put_faults(&m, VIT_ST_TRUNCATED, 1);
	fired(&m, "weights/shard-changed:error");
	case_free(&m.c);
}

static void second_saves(void **state)
{
	static const struct {
		const char *stem;
		uint32_t of, shared;
		bool auxiliary;
		const char *fired;
	} cases[] = {
		{ "model", 0, 0, false, "weights/two-saves:warning" },
		{ "model", 7, 0, false, "weights/two-saves:warning" },
		{ "other", 0, 1, false, "weights/two-saves:warning" },
		{ "other", 0, 0, false, "weights/index-shard-extra:warning" },
		{ "model", 4, 0, false, "weights/index-shard-extra:warning" },
		{ "adapter_model", 0, 0, false, "" },
		{ "consolidated", 0, 1, true, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model m;
		sharded(&m, 3);
		m.shards[3] = m.shards[2];
		m.shards[3].path = VIT_STR("zzz.safetensors");
		m.shards[3].stem = vit_str_c(cases[i].stem);
		m.shards[3].in_index = false;
		m.shards[3].save = 1;
		m.shards[3].of = cases[i].of;
		m.saves[1] = (struct vit_save){ .stem = vit_str_c(cases[i].stem),
						.of = cases[i].of,
						.of_digits = cases[i].of ? 5 : 0,
						.shard_count = 1,
						.auxiliary = cases[i].auxiliary,
						.shared_tensors = cases[i].shared };
		m.c.facts.weights.shard_count = 4;
		m.c.facts.weights.save_count = 2;
		fired(&m, cases[i].fired);
		case_free(&m.c);
	}
}

static void one_file_asked_for(void **state)
{
	struct model m;

	(void)state;
	sharded(&m, 1);
	m.c.facts.files.only = m.shards[0].path;
	m.c.facts.weights.index.state = VIT_DOC_ABSENT;
	fired(&m, "");
	assert_int_equal(state_of(&m, VIT_CK_weights_shard_gap), VIT_STATE_NOT_APPLICABLE);
	assert_int_equal(state_of(&m, VIT_CK_weights_index_missing), VIT_STATE_NOT_APPLICABLE);
	case_free(&m.c);

	sharded(&m, 0);
	m.c.facts.files.only = VIT_STR("config.json");
	m.c.facts.weights.main_save = UINT32_MAX;
	m.c.facts.weights.save_count = 0;
	m.c.facts.weights.index.state = VIT_DOC_ABSENT;
	fired(&m, "");
	assert_int_equal(state_of(&m, VIT_CK_weights_missing), VIT_STATE_NOT_APPLICABLE);
	case_free(&m.c);
}

/* ---- the index ----------------------------------------------------------------------- */

static void indexes_that_cannot_be_read(void **state)
{
	struct model m;

	(void)state;
	sharded(&m, 4);
	m.c.facts.weights.index.state = VIT_DOC_UNREADABLE;
	(void)vit_err_set(&m.c.facts.weights.index.err, VIT_E_IO, "input/output error");
	fired(&m, "");
	assert_int_equal(state_of(&m, VIT_CK_weights_index_invalid), VIT_STATE_UNKNOWN);
	assert_int_equal(state_of(&m, VIT_CK_weights_index_shard_missing), VIT_STATE_UNKNOWN);
	assert_int_equal(state_of(&m, VIT_CK_weights_tensor_in_two_shards), VIT_STATE_PASS);
	case_free(&m.c);

	sharded(&m, 4);
	m.c.facts.weights.index.state = VIT_DOC_INVALID;
	(void)vit_err_at(&m.c.facts.weights.index.err, VIT_E_SYNTAX, 17, "expected a value");
	fired(&m, "weights/index-invalid:error");
	assert_int_equal(case_finding(&m.c, VIT_CK_weights_index_invalid)->where.offset, 17);
	case_free(&m.c);

	sharded(&m, 4);
	m.c.facts.weights.index.has_weight_map = false;
	fired(&m, "weights/index-invalid:error");
	case_free(&m.c);
}

static void a_hostile_index_is_counted_not_spelled_out(void **state)
{
	enum { N = 200000 };
	struct vit_index_entry *entries;
	struct model m;

	(void)state;
	sharded(&m, 4);
	entries = VIT_NEW_ARRAY(m.c.arena, N + 4, struct vit_index_entry);
	for (uint32_t i = 0; i < 4; i++)
		entries[i] = m.entries[i];
	for (uint32_t i = 4; i < N + 4; i++)
		entries[i] = (struct vit_index_entry){ vit_arena_printf(m.c.arena, "x%u", i), 0,
						       UINT32_MAX };
	m.c.facts.weights.index.entries = entries;
	m.c.facts.weights.index.entry_count = N + 4;
	size_t before = vit_arena_bytes(m.c.arena);
	fired(&m, "weights/index-tensor-absent:error");
	assert_int_equal(m.c.ev.counts[VIT_CK_weights_index_tensor_absent], N);
	assert_int_equal(m.c.ev.findings.count, VIT_MAX_FINDINGS);
	assert_true(vit_arena_bytes(m.c.arena) - before < 8u << 20);
	case_free(&m.c);
}

static void totals(void **state)
{
	static const struct {
		uint64_t parameters;
		bool note;
	} cases[] = {
		/* 4 x 2,000 are stored; the largest tensor once more is a tied head. */
		{ 8000, false }, { 10000, false }, { 7900, false }, { 8100, false },
		{ 4000, true },  { 16000, true },  { 0, true },     { UINT64_MAX, true },
	};
	struct model m;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sharded(&m, 4);
		m.c.facts.weights.index.has_total_parameters = true;
		m.c.facts.weights.index.total_parameters = cases[i].parameters;
		fired(&m, cases[i].note ? "weights/index-total-parameters:note" : "");
		case_free(&m.c);
	}
	sharded(&m, 4);
	m.c.facts.weights.index.total_size = 16001;
	fired(&m, "weights/index-total-size:warning");
	assert_string_equal(case_finding(&m.c, VIT_CK_weights_index_total_size)->expected.p,
			    "16,000 bytes");
	case_free(&m.c);
	/* Of a file that is cut the sum proves nothing. */
	sharded(&m, 4);
	m.c.facts.weights.index.total_size = 16001;
	put_faults(&m, VIT_ST_TRUNCATED, 1);
	fired(&m, "weights/truncated:error");
	assert_int_equal(state_of(&m, VIT_CK_weights_index_total_size), VIT_STATE_NOT_APPLICABLE);
	case_free(&m.c);
}

/* ---- dtypes --------------------------------------------------------------------------- */

static void stored_dtype_against_the_configuration(void **state)
{
	static const struct {
		const char *config;
		enum vit_dtype stored[4];
		const char *fired;
		enum vit_state state;
	} cases[] = {
		{ "{\"dtype\":\"bfloat16\"}",
		  { VIT_DT_BF16, VIT_DT_BF16, VIT_DT_BF16, VIT_DT_F32 },
		  "",
		  VIT_STATE_PASS },
		{ "{\"dtype\":\"float32\"}",
		  { VIT_DT_BF16, VIT_DT_BF16, VIT_DT_BF16, VIT_DT_F32 },
		  "weights/dtype-config:note",
		  VIT_STATE_FAIL },
		{ "{\"dtype\":\"auto\"}",
		  { VIT_DT_BF16, VIT_DT_BF16, VIT_DT_BF16, VIT_DT_F32 },
		  "",
		  VIT_STATE_NOT_APPLICABLE },
		{ "{}",
		  { VIT_DT_BF16, VIT_DT_BF16, VIT_DT_BF16, VIT_DT_F32 },
		  "",
		  VIT_STATE_NOT_APPLICABLE },
		{ "{\"dtype\":\"bfloat16\"}",
		  { VIT_DT_U8, VIT_DT_U8, VIT_DT_I32, VIT_DT_F8_E4M3 },
		  "",
		  VIT_STATE_NOT_APPLICABLE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model m;
		sharded(&m, 4);
		case_document(&m.c, &m.c.facts.config.config, "config.json", cases[i].config);
		m.c.facts.config.dtype =
			vit_json_string(vit_json_get_c(m.c.facts.config.config.doc.root, "dtype"));
		for (uint32_t k = 0; k < 4; k++)
			m.tensors[k].dtype = (uint8_t)cases[i].stored[k];
		fired(&m, cases[i].fired);
		assert_int_equal(state_of(&m, VIT_CK_weights_dtype_config), cases[i].state);
		case_free(&m.c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_model_fires_nothing),
		cmocka_unit_test(every_fault_has_its_own_id_and_words),
		cmocka_unit_test(numbers_carry_separators),
		cmocka_unit_test(warnings_by_the_thousand_are_one_finding),
		cmocka_unit_test(consequences_stay_silent_in_their_file),
		cmocka_unit_test(what_was_not_read_is_not_passed),
		cmocka_unit_test(nothing_there),
		cmocka_unit_test(gaps_in_the_numbering),
		cmocka_unit_test(a_shard_that_changed),
		cmocka_unit_test(second_saves),
		cmocka_unit_test(one_file_asked_for),
		cmocka_unit_test(indexes_that_cannot_be_read),
		cmocka_unit_test(a_hostile_index_is_counted_not_spelled_out),
		cmocka_unit_test(totals),
		cmocka_unit_test(stored_dtype_against_the_configuration),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
