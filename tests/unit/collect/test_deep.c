/* Numbers read in the same pass as digests, or alone: tensors across blocks, at odd
 * offsets, in files that do not hold what they promise. Expected figures come from
 * measuring each tensor in one piece from memory, and from arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "collect/collect.h"
#include "collect/integrity.h"
#include "folder.h"

#define LATER ((int64_t)4000000000)
/* An odd byte first, so that every other tensor begins at an odd offset. */
#define HEADER                                                                                                 \
	"{\"odd\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"                                     \
	"\"big\":{\"dtype\":\"BF16\",\"shape\":[700001],\"data_offsets\":[1,1400003]},"                         \
	"\"none\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[1400003,1400003]},"                        \
	"\"last\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[1400003,1400015]}}"
#define DATA 1400015u

struct given {
	struct folder folder;
	struct vit_arena *arena;
	struct vit_facts facts;
	unsigned char *data;
};

static void write_shard(struct given *g, const char *header, size_t data)
{
	size_t n = strlen(header);
	char *file = malloc(8 + n + data);

	for (unsigned i = 0; i < 8; i++)
		file[i] = (char)(n >> (8 * i));
	memcpy(file + 8, header, n);
	memcpy(file + 8 + n, g->data, data);
	folder_write(&g->folder, "model.safetensors", (struct vit_str){ file, 8 + n + data });
	free(file);
}

static void begin(struct given *g)
{
	uint32_t x = 1;
	const float last[3] = { 1, -2, 4 };

	*g = (struct given){ .arena = vit_arena_new(), .data = malloc(DATA) };
	for (size_t i = 0; i < DATA; i++) {
		x = x * 1664525 + 1013904223;
		g->data[i] = i % 2 ? (unsigned char)(x >> 24) : (unsigned char)((x >> 24 & 0x81) | 0x3c);
	}
	memcpy(g->data + DATA - 12, last, 12);
	folder_new(&g->folder);
	folder_text(&g->folder, "config.json", "{}");
	write_shard(g, HEADER, DATA);
}

static void end(struct given *g)
{
	folder_remove(&g->folder);
	vit_arena_free(g->arena);
	free(g->data);
}

static void read_numbers(struct given *g, bool verify, const char *cache, const atomic_bool *stop)
{
	struct vit_collect_options co = { .groups = VIT_FG_FILES | VIT_FG_CONFIG | VIT_FG_WEIGHTS };
	struct vit_hash_options ho = { .threads = 2, .what = "reading", .stop = stop };
	struct vit_integrity_options io = { .verify = true, .threads = 2, .now = LATER, .stop = stop,
					    .cache_folder = vit_str_c(cache) };
	struct vit_err err;

	assert_int_equal(vit_collect(g->arena, folder_at(&g->folder, "."), &co, &g->facts, &err), VIT_OK);
	io.deep = vit_deep_begin(g->arena, &g->facts.files, &g->facts.weights, &g->facts.numbers);
	if (verify)
		assert_int_equal(vit_collect_integrity(g->arena, &g->facts.files, &io, &g->facts.integrity, &err), VIT_OK);
	assert_int_equal(vit_deep_end(io.deep, &ho, &err), VIT_OK);
}

static const struct vit_numbers *of(const struct given *g, const char *name)
{
	for (uint32_t i = 0; i < g->facts.weights.tensor_count; i++)
		if (vit_str_is(g->facts.weights.tensors[i].name, name))
			return &g->facts.numbers.tensors[i];
	fail_msg("no tensor %s", name);
	return NULL;
}

static void all_seen(const struct given *g)
{
	struct vit_number_sums s;
	struct vit_numbers want;
	const struct vit_numbers *got = of(g, "big");

	assert_int_equal(g->facts.numbers.measured, 4);
	assert_int_equal(g->facts.numbers.skipped, 0);
	assert_int_equal(g->facts.numbers.bytes, DATA);
	vit_numbers_begin(&s, VIT_NK_BF16);
	vit_numbers_add(&s, g->data + 1, 1400002);
	vit_numbers_end(&s, &want);
	assert_true(got->measured && got->hash == want.hash);
	assert_int_equal(got->count, 700001);
	assert_true(got->largest == want.largest && fabs(got->mean - want.mean) < 1e-6 * want.deviation);
	assert_true(of(g, "last")->largest == 4 && of(g, "last")->mean == 1);
	/* (0 + 9 + 9) / 3 */
	assert_true(fabs(of(g, "last")->deviation - sqrt(6)) < 1e-12);
	assert_true(of(g, "none")->measured && of(g, "none")->count == 0);
	assert_int_equal(of(g, "odd")->count, 1);
}

static void test_alone(void **unused)
{
	struct given g;

	(void)unused;
	begin(&g);
	read_numbers(&g, false, "", NULL);
	all_seen(&g);
	assert_true(g.facts.numbers.bytes_read > DATA);
	end(&g);
}

static void test_with_digests(void **unused)
{
	char cache[512];
	struct given g;

	(void)unused;
	begin(&g);
	(void)snprintf(cache, sizeof cache, "%s/cache", g.folder.path);
	read_numbers(&g, true, cache, NULL);
	all_seen(&g);
	/* One pass: nothing was read for the numbers alone. */
	assert_int_equal(g.facts.numbers.bytes_read, 0);
	assert_true(g.facts.integrity.bytes_hashed > DATA);
	/* Digests are remembered, numbers are read. */
	read_numbers(&g, true, cache, NULL);
	all_seen(&g);
	assert_true(g.facts.integrity.bytes_remembered > DATA);
	assert_true(g.facts.numbers.bytes_read > DATA);
	end(&g);
}

static void test_stopped(void **unused)
{
	atomic_bool stop = true;
	struct given g;

	(void)unused;
	begin(&g);
	read_numbers(&g, false, "", &stop);
	assert_true(g.facts.numbers.stopped);
	assert_false(of(&g, "big")->measured);
	end(&g);
}

/* Cut in the middle of the data: what is whole is measured. */
static void test_truncated(void **unused)
{
	struct given g;

	(void)unused;
	begin(&g);
	write_shard(&g, HEADER, 1000);
	read_numbers(&g, false, "", NULL);
	assert_int_equal(g.facts.numbers.measured, 1);
	assert_int_equal(g.facts.numbers.skipped, 3);
	assert_true(of(&g, "odd")->measured);
	end(&g);
}

/* Two claim the same bytes: the first is believed, the other is skipped. */
static void test_overlap(void **unused)
{
	struct given g;

	(void)unused;
	begin(&g);
	write_shard(&g,
		    "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]},"
		    "\"b\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[8,24]},"
		    "\"c\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[24,32]}}",
		    32);
	read_numbers(&g, false, "", NULL);
	assert_int_equal(g.facts.numbers.measured + g.facts.numbers.skipped, 3);
	assert_true(g.facts.numbers.skipped >= 1);
	assert_true(of(&g, "c")->measured);
	end(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone),	   cmocka_unit_test(test_with_digests),
		cmocka_unit_test(test_stopped),	   cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_overlap),
	};

	return cmocka_run_group_tests_name("collect/deep", tests, NULL, NULL);
}
