/* The header reader, rule by rule: shared/facts of the format are arithmetic
 * in the test, the reference reader's verdicts are in tests/differential. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "st_memory.h"

struct result {
	struct vit_arena *arena;
	struct vit_vec tensors;
	struct vit_st_header h;
	enum vit_errc code;
	struct vit_err err;
};

/* Header text `json` (n bytes), file of 8 + n + data bytes. */
static void read_text(struct result *r, const char *json, size_t n, uint64_t data, size_t step)
{
	struct st_memory m = { .step = step };
	unsigned char *bytes = st_memory_make(json, n, n, &m.n);

	m.bytes = bytes;
	*r = (struct result){ .arena = vit_arena_new(),
			      .tensors = VIT_VEC(sizeof(struct vit_tensor)) };
	r->code = vit_st_read(r->arena, st_memory_read, &m, 8 + n + data, 7, &r->tensors, &r->h,
			      &r->err);
	/* Nothing behind the header is touched. */
	assert_true(m.at <= 8 + n);
	free(bytes);
}

static void release(struct result *r)
{
	vit_vec_free(&r->tensors);
	vit_arena_free(r->arena);
}

static const struct vit_tensor *tensor(const struct result *r, const char *name)
{
	for (size_t i = r->tensors.count; i-- > 0;) {
		const struct vit_tensor *t = vit_vec_at(&r->tensors, i);
		if (vit_str_is(t->name, name))
			return t;
	}
	return NULL;
}

static const struct vit_st_fault *fault(const struct result *r, enum vit_st_fault_kind kind)
{
	for (uint32_t i = 0; i < r->h.fault_count; i++)
		if (r->h.faults[i].kind == kind)
			return &r->h.faults[i];
	return NULL;
}

/* ---- one header, exactly these faults ------------------------------------ */

#define F32_4(name, b, e)                                                                          \
	"\"" name "\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[" b "," e "]}"
#define NONE VIT_ST_FAULT_COUNT

struct row {
	const char *what, *json;
	uint64_t data;
	enum vit_st_fault_kind kinds[3]; /* up to the first NONE */
};

static const struct row rows[] = {
	{ "sound", "{" F32_4("a", "0", "16") "}", 16, { NONE } },
	{ "sound, padded", "{" F32_4("a", "0", "16") "} \n\t\r ", 16, { NONE } },
	{ "not in file order",
	  "{" F32_4("b", "16", "32") "," F32_4("a", "0", "16") "}",
	  32,
	  { NONE } },
	{ "rank 0",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}",
	  4,
	  { NONE } },
	{ "empty tensor",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[0,0]}}",
	  0,
	  { NONE } },
	{ "empty tensor between",
	  "{" F32_4("a", "0", "16") ",\"z\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[16,"
				    "16]}," F32_4("b", "16", "32") "}",
	  32,
	  { NONE } },
	{ "F4 of 4 elements",
	  "{\"a\":{\"dtype\":\"F4\",\"shape\":[4],\"data_offsets\":[0,2]}}",
	  2,
	  { NONE } },
	{ "F6 of 4 elements",
	  "{\"a\":{\"dtype\":\"F6_E2M3\",\"shape\":[4],\"data_offsets\":[0,3]}}",
	  3,
	  { NONE } },
	{ "F6 of 2 elements",
	  "{\"a\":{\"dtype\":\"F6_E3M2\",\"shape\":[2],\"data_offsets\":[0,2]}}",
	  2,
	  { VIT_ST_MISALIGNED_BITS, NONE } },
	{ "no object", "[]", 0, { VIT_ST_NOT_OBJECT, NONE } },
	{ "syntax", "{\"a\":}", 0, { VIT_ST_NOT_JSON, NONE } },
	{ "trailing garbage", "{" F32_4("a", "0", "16") "}x", 16, { VIT_ST_NOT_JSON, NONE } },
	{ "two objects", "{}{}", 0, { VIT_ST_NOT_JSON, NONE } },
	{ "BOM", "\xef\xbb\xbf{" F32_4("a", "0", "16") "}", 16, { VIT_ST_NOT_JSON, NONE } },
	{ "latin-1 in a name", "{\"n\xe9\":1}", 0, { VIT_ST_NOT_UTF8, NONE } },
	{ "latin-1 outside", "\xe9{}xyz", 0, { VIT_ST_NOT_UTF8, NONE } },
	{ "leading space", " {" F32_4("a", "0", "16") "}", 16, { VIT_ST_LEADING_SPACE, NONE } },
	{ "no tensors", "{}", 0, { VIT_ST_NO_TENSORS, NONE } },
	{ "no tensors and data", "{}", 4, { VIT_ST_TRAILING, VIT_ST_NO_TENSORS, NONE } },
	{ "duplicate, same range",
	  "{" F32_4("a", "0", "16") "," F32_4("a", "0", "16") "}",
	  16,
	  { VIT_ST_DUPLICATE_NAME, NONE } },
	{ "duplicate under an escape",
	  "{" F32_4("a", "0", "16") "," F32_4("\\u0061", "0", "16") "}",
	  16,
	  { VIT_ST_DUPLICATE_NAME, NONE } },
	{ "duplicate leaves a hole",
	  "{" F32_4("a", "0", "16") "," F32_4("a", "16", "32") "}",
	  32,
	  { VIT_ST_DUPLICATE_NAME, VIT_ST_OFFSETS_HOLE, NONE } },
	{ "NUL in a name", "{" F32_4("a\\u0000b", "0", "16") "}", 16, { VIT_ST_NAME_NUL, NONE } },
	{ "empty name", "{" F32_4("", "0", "16") "}", 16, { VIT_ST_NAME_EMPTY, NONE } },
	{ "entry is a list",
	  "{\"a\":[\"F32\",[4],[0,16]]}",
	  16,
	  { VIT_ST_ENTRY_NOT_OBJECT, NONE } },
	{ "entry is null", "{\"a\":null}", 16, { VIT_ST_ENTRY_NOT_OBJECT, NONE } },
	{ "dtype twice",
	  "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}",
	  16,
	  { VIT_ST_ENTRY_DUPLICATE_KEY, NONE } },
	{ "no shape",
	  "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,16]}}",
	  16,
	  { VIT_ST_ENTRY_MISSING_KEY, NONE } },
	{ "no offsets",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[4]}}",
	  16,
	  { VIT_ST_ENTRY_MISSING_KEY, NONE } },
	{ "nothing in it",
	  "{\"a\":{}}",
	  0,
	  { VIT_ST_ENTRY_MISSING_KEY, VIT_ST_ENTRY_MISSING_KEY, VIT_ST_ENTRY_MISSING_KEY } },
	{ "unknown key",
	  "{\"a\":{\"dtype\":\"F32\",\"x\":{\"y\":[1]},\"shape\":[4],\"data_offsets\":[0,16]}}",
	  16,
	  { VIT_ST_ENTRY_UNKNOWN_KEY, NONE } },
	{ "unknown key with 1e999",
	  "{\"a\":{\"dtype\":\"F32\",\"x\":1e999,\"shape\":[4],\"data_offsets\":[0,16]}}",
	  16,
	  { VIT_ST_ENTRY_UNKNOWN_KEY, VIT_ST_NOT_JSON, NONE } },
	{ "dtype null",
	  "{\"a\":{\"dtype\":null,\"shape\":[4],\"data_offsets\":[0,16]}}",
	  16,
	  { VIT_ST_DTYPE_TYPE, NONE } },
	{ "dtype as object",
	  "{\"a\":{\"dtype\":{\"F32\":null},\"shape\":[4],\"data_offsets\":[0,16]}}",
	  16,
	  { VIT_ST_DTYPE_TYPE, NONE } },
	{ "dtype in small letters",
	  "{\"a\":{\"dtype\":\"f32\",\"shape\":[4],\"data_offsets\":[0,16]}}",
	  16,
	  { VIT_ST_DTYPE_UNKNOWN, NONE } },
	{ "shape null",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":null,\"data_offsets\":[0,16]}}",
	  16,
	  { VIT_ST_SHAPE_TYPE, NONE } },
	{ "shape negative",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[-4],\"data_offsets\":[0,16]}}",
	  16,
	  { VIT_ST_SHAPE_TYPE, NONE } },
	{ "shape -0",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[-0],\"data_offsets\":[0,0]}}",
	  0,
	  { VIT_ST_SHAPE_TYPE, NONE } },
	{ "shape 4.0",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[4.0],\"data_offsets\":[0,16]}}",
	  16,
	  { VIT_ST_SHAPE_TYPE, NONE } },
	{ "shape 2^64",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[18446744073709551616],\"data_offsets\":[0,16]}}",
	  16,
	  { VIT_ST_SHAPE_TYPE, NONE } },
	{ "shape overflows",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,16]}}",
	  16,
	  { VIT_ST_SHAPE_OVERFLOW, NONE } },
	{ "bits overflow",
	  "{\"a\":{\"dtype\":\"U8\",\"shape\":[2305843009213693952],\"data_offsets\":[0,16]}}",
	  16,
	  { VIT_ST_SHAPE_OVERFLOW, NONE } },
	{ "zero last does not hide it",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[18446744073709551615,2,0],\"data_offsets\":[0,0]}}",
	  0,
	  { VIT_ST_SHAPE_OVERFLOW, NONE } },
	{ "zero first hides it",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[0,18446744073709551615,2],\"data_offsets\":[0,0]}}",
	  0,
	  { VIT_ST_SHAPE_ZERO_OVERFLOW, NONE } },
	{ "one offset",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0]}}",
	  16,
	  { VIT_ST_OFFSETS_TYPE, NONE } },
	{ "three offsets",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16,16]}}",
	  16,
	  { VIT_ST_OFFSETS_TYPE, NONE } },
	{ "quoted offsets",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[\"0\",\"16\"]}}",
	  16,
	  { VIT_ST_OFFSETS_TYPE, NONE } },
	{ "reversed offsets",
	  "{" F32_4("a", "16", "0") "}",
	  16,
	  { VIT_ST_OFFSETS_REVERSED, NONE } },
	{ "hole in front", "{" F32_4("a", "4", "20") "}", 20, { VIT_ST_OFFSETS_HOLE, NONE } },
	{ "hole between",
	  "{" F32_4("a", "0", "16") "," F32_4("b", "20", "36") "}",
	  36,
	  { VIT_ST_OFFSETS_HOLE, NONE } },
	{ "overlap",
	  "{" F32_4("a", "0", "16") "," F32_4("b", "12", "28") "}",
	  28,
	  { VIT_ST_OFFSETS_OVERLAP, NONE } },
	{ "same range twice",
	  "{" F32_4("a", "0", "16") "," F32_4("b", "0", "16") "}",
	  16,
	  { VIT_ST_OFFSETS_OVERLAP, NONE } },
	{ "size against shape",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[0,16]}}",
	  16,
	  { VIT_ST_SIZE_MISMATCH, NONE } },
	{ "an end too late is one fault, not a wrong size and an overlap",
	  "{" F32_4("a", "0", "20") "," F32_4("b", "16", "32") "}",
	  32,
	  { VIT_ST_SIZE_MISMATCH, NONE } },
	{ "an end too early is one fault, not a wrong size and a hole",
	  "{" F32_4("a", "0", "12") "," F32_4("b", "16", "32") "}",
	  32,
	  { VIT_ST_SIZE_MISMATCH, NONE } },
	{ "a wrong beginning likewise",
	  "{" F32_4("a", "0", "16") "," F32_4("b", "20", "32") "}",
	  32,
	  { VIT_ST_SIZE_MISMATCH, NONE } },
	{ "a wrong last end likewise",
	  "{" F32_4("a", "0", "32") "}",
	  16,
	  { VIT_ST_SIZE_MISMATCH, NONE } },
	{ "a wrong size does not excuse another hole",
	  "{" F32_4("a", "0", "12") "," F32_4("b", "16", "32") "," F32_4("c", "36", "52") "}",
	  52,
	  { VIT_ST_SIZE_MISMATCH, VIT_ST_OFFSETS_HOLE, NONE } },
	{ "unaligned",
	  "{\"u\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}," F32_4("a", "1",
										  "17") "}",
	  17,
	  { VIT_ST_UNALIGNED, NONE } },
	{ "metadata twice",
	  "{\"__metadata__\":{},\"__metadata__\":{}," F32_4("a", "0", "16") "}",
	  16,
	  { VIT_ST_METADATA_DUPLICATE, NONE } },
	{ "metadata value null",
	  "{\"__metadata__\":{\"a\":null,\"b\":[1]}," F32_4("a", "0", "16") "}",
	  16,
	  { VIT_ST_METADATA_TYPE, NONE } },
	{ "metadata a list",
	  "{\"__metadata__\":[]," F32_4("a", "0", "16") "}",
	  16,
	  { VIT_ST_METADATA_TYPE, NONE } },
	{ "metadata null",
	  "{\"__metadata__\":null," F32_4("a", "0", "16") "}",
	  16,
	  { VIT_ST_METADATA_NULL, NONE } },
	{ "metadata key twice",
	  "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}," F32_4("a", "0", "16") "}",
	  16,
	  { VIT_ST_METADATA_DUPLICATE_KEY, NONE } },
	{ "truncated", "{" F32_4("a", "0", "16") "}", 15, { VIT_ST_TRUNCATED, NONE } },
	{ "trailing", "{" F32_4("a", "0", "16") "}", 17, { VIT_ST_TRAILING, NONE } },
	{ "offsets near 2^64",
	  "{" F32_4("a", "18446744073709551600", "18446744073709551615") "}",
	  16,
	  { VIT_ST_SIZE_MISMATCH, VIT_ST_OFFSETS_HOLE, NONE } },
	{ "broken off: what was read is still checked",
	  "{\"a\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[0,16]},\"b\":{",
	  999,
	  { VIT_ST_NOT_JSON, VIT_ST_SIZE_MISMATCH, NONE } },
};

static void check_kinds(const struct row *row, const struct result *r)
{
	uint32_t expected[VIT_ST_FAULT_COUNT] = { 0 };

	for (size_t i = 0; i < 3 && row->kinds[i] != NONE; i++)
		expected[row->kinds[i]]++;
	for (unsigned kind = 0; kind < VIT_ST_FAULT_COUNT; kind++)
		if (r->h.fault_counts[kind] != expected[kind])
			fail_msg("%s: fault %u found %u times, expected %u", row->what, kind,
				 r->h.fault_counts[kind], expected[kind]);
}

static void test_each_rule_gives_its_fault_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct result r;
		/* Whole, and a byte at a time. */
		for (size_t step = 0; step < 2; step++) {
			read_text(&r, rows[i].json, strlen(rows[i].json), rows[i].data, step);
			assert_int_equal(r.code, VIT_OK);
			check_kinds(&rows[i], &r);
			release(&r);
		}
	}
}

/* ---- details --------------------------------------------------------------- */

static void test_sound_header_is_read_whole(void **state)
{
	static const char json[] =
		"{\"__metadata__\":{\"format\":\"pt\",\"k\\n\":\"v\"},"
		"\"m.w\":{\"dtype\":\"BF16\",\"shape\":[2,3],\"data_offsets\":[0,12]},"
		"\"s\":{\"data_offsets\":[12,16],\"shape\":[],\"dtype\":\"F32\"}}";
	struct result r;

	(void)state;
	read_text(&r, json, sizeof(json) - 1, 16, 0);
	assert_int_equal(r.code, VIT_OK);
	assert_true(r.h.parsed);
	assert_int_equal(r.h.fault_total, 0);
	assert_int_equal(r.h.tensor_count, 2);
	assert_int_equal(r.h.header_length, sizeof(json) - 1);
	assert_int_equal(r.h.data_length, 16);
	assert_int_equal(r.h.metadata_count, 2);
	assert_true(vit_str_is(r.h.metadata[0], "format"));
	assert_true(vit_str_is(r.h.metadata[1], "pt"));
	assert_true(vit_str_is(r.h.metadata[2], "k\n"));
	const struct vit_tensor *t = tensor(&r, "m.w");
	assert_non_null(t);
	assert_int_equal(t->dtype, VIT_DT_BF16);
	assert_int_equal(t->rank, 2);
	assert_int_equal(t->shape[0], 2);
	assert_int_equal(t->shape[1], 3);
	assert_int_equal(t->begin, 0);
	assert_int_equal(t->end, 12);
	assert_int_equal(t->shard, 7);
	assert_int_equal(t->flags, 0);
	t = tensor(&r, "s");
	assert_non_null(t);
	assert_int_equal(t->rank, 0);
	assert_non_null(t->shape);
	release(&r);
}

static void test_offsets_are_those_of_the_file(void **state)
{
	static const char json[] =
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]},"
		"\"b\":{\"dtype\":\"F33\",\"shape\":[4],\"data_offsets\":[20,36]}}";
	struct result r;

	(void)state;
	read_text(&r, json, sizeof(json) - 1, 36, 0);
	const struct vit_st_fault *f = fault(&r, VIT_ST_DTYPE_UNKNOWN);
	assert_non_null(f);
	assert_int_equal(f->offset, 8 + (strstr(json, "\"F33\"") - json));
	assert_true(vit_str_is(f->tensor, "b"));
	assert_true(vit_str_is(f->other, "F33"));
	f = fault(&r, VIT_ST_OFFSETS_HOLE);
	assert_non_null(f);
	assert_int_equal(f->offset, 8 + (sizeof(json) - 1) + 16);
	assert_int_equal(f->expected, 16);
	assert_int_equal(f->actual, 20);
	assert_true(vit_str_is(f->tensor, "b"));
	release(&r);
}

static void test_truncation_counts_what_is_lost(void **state)
{
	static const char json[] =
		"{" F32_4("a", "0", "16") "," F32_4("b", "16", "32") "," F32_4("c", "32", "48") "}";
	struct result r;

	(void)state;
	read_text(&r, json, sizeof(json) - 1, 20, 0);
	const struct vit_st_fault *f = fault(&r, VIT_ST_TRUNCATED);
	assert_non_null(f);
	assert_int_equal(f->expected, 48);
	assert_int_equal(f->actual, 20);
	assert_int_equal(r.h.lost_tensors, 2);
	assert_int_equal(r.h.data_length, 48);
	assert_false(tensor(&r, "a")->flags & VIT_T_BEYOND_FILE);
	assert_true(tensor(&r, "b")->flags & VIT_T_BEYOND_FILE);
	assert_true(tensor(&r, "c")->flags & VIT_T_BEYOND_FILE);
	release(&r);
}

static void test_last_of_a_repeated_name_counts(void **state)
{
	static const char json[] =
		"{\"a\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,16]}," F32_4("a", "0",
											  "16") "}";
	struct result r;

	(void)state;
	read_text(&r, json, sizeof(json) - 1, 16, 0);
	assert_int_equal(r.h.tensor_count, 2);
	const struct vit_tensor *first = vit_vec_at(&r.tensors, 0);
	const struct vit_tensor *last = vit_vec_at(&r.tensors, 1);
	assert_true(first->flags & VIT_T_DUPLICATE);
	assert_false(last->flags & VIT_T_DUPLICATE);
	assert_int_equal(last->dtype, VIT_DT_F32);
	release(&r);
}

/* The eight bytes alone decide. */
static void test_length_prefix(void **state)
{
	static const struct {
		uint64_t n, file_size;
		enum vit_st_fault_kind kind;
	} cases[] = {
		{ 100000001, 200000000, VIT_ST_HEADER_TOO_LARGE },
		{ UINT64_MAX, 200000000, VIT_ST_HEADER_TOO_LARGE },
		{ UINT64_MAX - 7, 16, VIT_ST_HEADER_TOO_LARGE },
		{ 100000000, 100000007, VIT_ST_HEADER_BEYOND_FILE },
		{ 3, 10, VIT_ST_HEADER_BEYOND_FILE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct st_memory m = { 0 };
		struct vit_vec tensors = VIT_VEC(sizeof(struct vit_tensor));
		struct vit_arena *a = vit_arena_new();
		struct vit_st_header h;
		struct vit_err err;
		unsigned char *bytes = st_memory_make("{}", 2, cases[i].n, &m.n);
		m.bytes = bytes;
		assert_int_equal(vit_st_read(a, st_memory_read, &m, cases[i].file_size, 0, &tensors,
					     &h, &err),
				 VIT_OK);
		assert_int_equal(h.fault_total, 1);
		assert_int_equal(h.faults[0].kind, cases[i].kind);
		assert_int_equal(h.header_length, cases[i].n);
		assert_int_equal(m.at, 8);
		free(bytes);
		vit_vec_free(&tensors);
		vit_arena_free(a);
	}
}

static void test_file_below_eight_bytes(void **state)
{
	(void)state;
	for (uint64_t size = 0; size < 8; size++) {
		struct st_memory m = { .bytes = (const unsigned char *)"\2\0\0\0\0\0\0",
				       .n = size };
		struct vit_vec tensors = VIT_VEC(sizeof(struct vit_tensor));
		struct vit_arena *a = vit_arena_new();
		struct vit_st_header h;
		struct vit_err err;
		assert_int_equal(vit_st_read(a, st_memory_read, &m, size, 0, &tensors, &h, &err),
				 VIT_OK);
		assert_int_equal(h.fault_total, 1);
		assert_int_equal(h.faults[0].kind, VIT_ST_TOO_SMALL);
		assert_int_equal(h.faults[0].actual, size);
		vit_arena_free(a);
	}
}

static void test_a_failing_read_is_an_error_at_every_byte(void **state)
{
	static const char json[] = "{" F32_4("a", "0", "16") "}";
	struct st_memory m = { 0 };
	unsigned char *bytes = st_memory_make(json, sizeof(json) - 1, sizeof(json) - 1, &m.n);

	(void)state;
	m.bytes = bytes;
	m.step = 1;
	for (m.fail_at = 1; m.fail_at < m.n; m.fail_at++) {
		struct vit_vec tensors = VIT_VEC(sizeof(struct vit_tensor));
		struct vit_arena *a = vit_arena_new();
		struct vit_st_header h;
		struct vit_err err = { 0 };
		m.at = 0;
		assert_int_equal(
			vit_st_read(a, st_memory_read, &m, m.n + 16, 0, &tensors, &h, &err),
			VIT_E_IO);
		assert_string_equal(err.msg, "the disk is gone");
		/* What could not be read is no fault of the file. */
		assert_int_equal(h.fault_total, 0);
		vit_vec_free(&tensors);
		vit_arena_free(a);
	}
	free(bytes);
}

static void test_a_shrinking_file_is_changed_not_bad(void **state)
{
	static const char json[] = "{" F32_4("a", "0", "16") "}";
	struct st_memory m = { 0 };
	size_t whole;
	unsigned char *bytes = st_memory_make(json, sizeof(json) - 1, sizeof(json) - 1, &whole);

	(void)state;
	m.bytes = bytes;
	for (m.n = 0; m.n < whole; m.n++) {
		struct vit_vec tensors = VIT_VEC(sizeof(struct vit_tensor));
		struct vit_arena *a = vit_arena_new();
		struct vit_st_header h;
		struct vit_err err = { 0 };
		m.at = 0;
		assert_int_equal(
			vit_st_read(a, st_memory_read, &m, whole + 16, 0, &tensors, &h, &err),
			VIT_E_CHANGED);
		assert_int_equal(h.fault_total, 0);
		vit_vec_free(&tensors);
		vit_arena_free(a);
	}
	free(bytes);
}

static void test_a_flood_of_notes_hides_no_error(void **state)
{
	struct vit_buf b;
	struct result r;

	(void)state;
	vit_buf_init(&b, 1 << 20);
	vit_buf_puts(&b, "{");
	for (unsigned i = 0; i < 3000; i++)
		vit_buf_printf(&b,
			       "\"t%u\":{\"dtype\":\"U8\",\"x\":0,\"shape\":[1],"
			       "\"data_offsets\":[%u,%u]},",
			       i, i, i + 1);
	vit_buf_puts(&b, "\"last\":[]}");
	read_text(&r, b.p, b.n, 3000, 0);
	assert_int_equal(r.h.fault_counts[VIT_ST_ENTRY_UNKNOWN_KEY], 3000);
	assert_int_equal(r.h.fault_counts[VIT_ST_ENTRY_NOT_OBJECT], 1);
	assert_int_equal(r.h.fault_total, 3001);
	assert_int_equal(r.h.fault_count, VIT_ST_MAX_FAULTS + 1);
	assert_non_null(fault(&r, VIT_ST_ENTRY_NOT_OBJECT));
	assert_int_equal(r.h.skipped, 1);
	release(&r);
	vit_buf_release(&b);
}

static void test_depth_limit_is_serde_jsons(void **state)
{
	/* {"t":{"x":[[...]]}}: two levels and the lists. The reference reader
	 * takes 127 levels, refuses 128. */
	(void)state;
	for (unsigned lists = 124; lists < 128; lists++) {
		struct vit_buf b;
		struct result r;
		vit_buf_init(&b, 1 << 16);
		vit_buf_puts(
			&b, "{\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":");
		for (unsigned i = 0; i < lists; i++)
			vit_buf_putc(&b, '[');
		for (unsigned i = 0; i < lists; i++)
			vit_buf_putc(&b, ']');
		vit_buf_puts(&b, "}}");
		read_text(&r, b.p, b.n, 1, 0);
		assert_int_equal(r.h.fault_counts[VIT_ST_TOO_DEEP], lists + 2 > 127 ? 1 : 0);
		release(&r);
		vit_buf_release(&b);
	}
}

static void test_limits_of_ours(void **state)
{
	struct vit_buf b;
	struct result r;

	(void)state;
	vit_buf_init(&b, 64 << 20);
	vit_buf_puts(&b, "{\"t\":{\"dtype\":\"U8\",\"shape\":[1");
	for (unsigned i = 1; i < VIT_ST_MAX_RANK; i++)
		vit_buf_puts(&b, ",1");
	vit_buf_puts(&b, "],\"data_offsets\":[0,1]}}");
	read_text(&r, b.p, b.n, 1, 0);
	assert_int_equal(r.h.fault_total, 0);
	assert_int_equal(((const struct vit_tensor *)vit_vec_at(&r.tensors, 0))->rank,
			 VIT_ST_MAX_RANK);
	release(&r);
	/* One more. */
	vit_buf_clear(&b);
	vit_buf_puts(&b, "{\"t\":{\"dtype\":\"U8\",\"shape\":[1");
	for (unsigned i = 0; i < VIT_ST_MAX_RANK; i++)
		vit_buf_puts(&b, ",1");
	vit_buf_puts(&b, "],\"data_offsets\":[0,1]}}");
	read_text(&r, b.p, b.n, 1, 0);
	assert_int_equal(r.h.fault_total, 1);
	assert_int_equal(r.h.faults[0].kind, VIT_ST_LIMIT);
	release(&r);
	/* A name longer than the window, in a header that does not fit it. */
	vit_buf_clear(&b);
	vit_buf_puts(&b, "{\"");
	for (size_t i = 0; i < VIT_ST_WINDOW; i += 64)
		vit_buf_puts(&b,
			     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	vit_buf_puts(&b, "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}");
	read_text(&r, b.p, b.n, 1, 0);
	assert_int_equal(r.h.fault_total, 1);
	assert_int_equal(r.h.faults[0].kind, VIT_ST_LIMIT);
	assert_false(r.h.parsed);
	release(&r);
	vit_buf_release(&b);
}

static void test_many_tensors_in_any_order(void **state)
{
	struct vit_buf b;
	struct result r;

	(void)state;
	vit_buf_init(&b, 8 << 20);
	vit_buf_puts(&b, "{");
	/* 7,919 is prime to 10,000: every position once, out of order. */
	for (unsigned i = 0; i < 10000; i++) {
		unsigned at = i * 7919 % 10000;
		vit_buf_printf(&b,
			       "%s\"n%u\":{\"dtype\":\"F32\",\"shape\":[%u,2],"
			       "\"data_offsets\":[%u,%u]}",
			       i ? "," : "", at, 1u, at * 8, at * 8 + 8);
	}
	vit_buf_puts(&b, "}");
	read_text(&r, b.p, b.n, 80000, 4096);
	assert_int_equal(r.h.fault_total, 0);
	assert_int_equal(r.h.tensor_count, 10000);
	assert_int_equal(r.h.data_length, 80000);
	const struct vit_tensor *t = tensor(&r, "n9999");
	assert_non_null(t);
	assert_int_equal(t->begin, 79992);
	release(&r);
	vit_buf_release(&b);
}

/* Names n0000.. in `runs` rising runs, then one more entry of name `again`:
 * all rows of that name but the last are marked, and one fault says so. */
static void repeated(unsigned runs, unsigned per_run, unsigned again)
{
	struct vit_buf b;
	struct result r;
	char name[16];
	unsigned n = 0, marked = 0;

	vit_buf_init(&b, 8 << 20);
	vit_buf_puts(&b, "{");
	/* Run k holds the names that are k modulo runs. */
	for (unsigned k = 0; k < runs; k++)
		for (unsigned i = 0; i < per_run; i++, n++)
			vit_buf_printf(&b,
				       "\"n%04u\":{\"dtype\":\"U8\",\"shape\":[1],"
				       "\"data_offsets\":[%u,%u]},",
				       i * runs + k, n, n + 1);
	vit_buf_printf(&b,
		       "\"n%04u\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%u,%u]},"
		       "\"n%04u\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%u,%u]}}",
		       again, n, n + 1, again, n + 1, n + 2);
	read_text(&r, b.p, b.n, n + 2, 0);
	assert_int_equal(r.h.fault_counts[VIT_ST_DUPLICATE_NAME], 2);
	snprintf(name, sizeof(name), "n%04u", again);
	for (size_t i = 0; i < r.tensors.count; i++) {
		const struct vit_tensor *t = vit_vec_at(&r.tensors, i);
		if (!(t->flags & VIT_T_DUPLICATE))
			continue;
		assert_true(vit_str_is(t->name, name));
		marked++;
	}
	assert_int_equal(marked, 2);
	assert_false(((const struct vit_tensor *)vit_vec_at(&r.tensors, n + 1))->flags &
		     VIT_T_DUPLICATE);
	release(&r);
	vit_buf_release(&b);
}

static void test_repeated_names_are_found_in_any_order(void **state)
{
	(void)state;
	for (unsigned runs = 1; runs < 12; runs++)
		for (unsigned per_run = 1; per_run < 40; per_run += 19)
			for (unsigned again = 0; again < runs * per_run; again += 1 + runs / 3)
				repeated(runs, per_run, again);
}

/* ---- dtypes ------------------------------------------------------------------ */

static void test_dtypes(void **state)
{
	/* From the table of the format's documentation. */
	static const struct {
		const char *name;
		unsigned bits;
		bool is_float;
	} all[] = {
		{ "BOOL", 8, false },       { "F4", 4, true },          { "F6_E2M3", 6, true },
		{ "F6_E3M2", 6, true },     { "U8", 8, false },         { "I8", 8, false },
		{ "F8_E5M2", 8, true },     { "F8_E4M3", 8, true },     { "F8_E8M0", 8, true },
		{ "F8_E4M3FNUZ", 8, true }, { "F8_E5M2FNUZ", 8, true }, { "I16", 16, false },
		{ "U16", 16, false },       { "F16", 16, true },        { "BF16", 16, true },
		{ "I32", 32, false },       { "U32", 32, false },       { "F32", 32, true },
		{ "C64", 64, false },       { "F64", 64, true },        { "I64", 64, false },
		{ "U64", 64, false },
	};

	(void)state;
	assert_int_equal(sizeof(all) / sizeof(all[0]), VIT_DT_COUNT - 1);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		enum vit_dtype t = vit_dtype_parse(vit_str_c(all[i].name));
		assert_int_not_equal(t, VIT_DT_UNKNOWN);
		assert_string_equal(vit_dtype_name(t), all[i].name);
		assert_int_equal(vit_dtype_bits(t), all[i].bits);
		assert_int_equal(vit_dtype_is_float(t), all[i].is_float);
	}
	assert_int_equal(vit_dtype_parse(VIT_STR("bf16")), VIT_DT_UNKNOWN);
	assert_int_equal(vit_dtype_parse(VIT_STR("BF16 ")), VIT_DT_UNKNOWN);
	assert_int_equal(vit_dtype_parse(VIT_STR("unknown")), VIT_DT_UNKNOWN);
	assert_int_equal(vit_dtype_bits(VIT_DT_UNKNOWN), 0);
	assert_int_equal(vit_dtype_from_torch(VIT_STR("bfloat16")), VIT_DT_BF16);
	assert_int_equal(vit_dtype_from_torch(VIT_STR("torch.float16")), VIT_DT_F16);
	assert_int_equal(vit_dtype_from_torch(VIT_STR("float8_e4m3fn")), VIT_DT_F8_E4M3);
	assert_int_equal(vit_dtype_from_torch(VIT_STR("BF16")), VIT_DT_UNKNOWN);
	assert_int_equal(vit_dtype_from_torch(VIT_STR("auto")), VIT_DT_UNKNOWN);
}

static void test_shape_elements(void **state)
{
	const uint64_t big[] = { UINT64_MAX, 2 }, zero[] = { 0, UINT64_MAX, 2 },
		       plain[] = { 3, 4, 5 };
	uint64_t n;

	(void)state;
	assert_true(vit_shape_elements(NULL, 0, &n));
	assert_int_equal(n, 1);
	assert_true(vit_shape_elements(plain, 3, &n));
	assert_int_equal(n, 60);
	assert_true(vit_shape_elements(zero, 3, &n));
	assert_int_equal(n, 0);
	assert_false(vit_shape_elements(big, 2, &n));
	assert_true(vit_shape_elements(big, 1, &n));
	assert_true(n == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_rule_gives_its_fault_alone),
		cmocka_unit_test(test_sound_header_is_read_whole),
		cmocka_unit_test(test_offsets_are_those_of_the_file),
		cmocka_unit_test(test_truncation_counts_what_is_lost),
		cmocka_unit_test(test_last_of_a_repeated_name_counts),
		cmocka_unit_test(test_length_prefix),
		cmocka_unit_test(test_file_below_eight_bytes),
		cmocka_unit_test(test_a_failing_read_is_an_error_at_every_byte),
		cmocka_unit_test(test_a_shrinking_file_is_changed_not_bad),
		cmocka_unit_test(test_a_flood_of_notes_hides_no_error),
		cmocka_unit_test(test_depth_limit_is_serde_jsons),
		cmocka_unit_test(test_limits_of_ours),
		cmocka_unit_test(test_many_tensors_in_any_order),
		cmocka_unit_test(test_repeated_names_are_found_in_any_order),
		cmocka_unit_test(test_dtypes),
		cmocka_unit_test(test_shape_elements),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
