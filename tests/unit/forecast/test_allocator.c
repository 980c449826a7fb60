/*
 * The allocator's rules, by arithmetic on the constants of
 * c10/cuda/CUDACachingAllocator.cpp, and what is summed on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "forecast/graph.h"

#define MIB (UINT64_C(1) << 20)

static void test_rounding(void **state)
{
	struct vit_allocator a;
	uint32_t b;

	(void)state;
	vit_allocator_init(&a, 0);
	b = vit_allocator_take(&a, 1);
	assert_int_equal(a.allocated, 512);
	assert_int_equal(a.reserved, 2 * MIB); /* a small segment */
	vit_allocator_give(&a, b);
	assert_int_equal(a.allocated, 0);
	assert_int_equal(a.reserved, 2 * MIB); /* kept */
	vit_allocator_release(&a);

	/* 47.5 MiB: its segment is 48 MiB, and a rest of 0.5 MiB is not split off. */
	vit_allocator_init(&a, 0);
	vit_allocator_take(&a, 47 * MIB + MIB / 2);
	assert_int_equal(a.allocated, 48 * MIB);
	vit_allocator_take(&a, 2 * MIB); /* from a segment of 20 MiB */
	assert_int_equal(a.allocated, 50 * MIB);
	assert_int_equal(a.reserved, 68 * MIB);
	vit_allocator_release(&a);
}

static void test_reuse_and_merging(void **state)
{
	struct vit_allocator a;
	uint32_t b[3];

	(void)state;
	vit_allocator_init(&a, 0);
	for (int i = 0; i < 3; i++)
		b[i] = vit_allocator_take(&a, 6 * MIB);
	assert_int_equal(a.reserved, 20 * MIB);
	vit_allocator_give(&a, b[0]);
	vit_allocator_give(&a, b[2]);
	vit_allocator_give(&a, b[1]); /* all of it is one block again */
	vit_allocator_take(&a, 9 * MIB);
	assert_int_equal(a.reserved, 20 * MIB);
	assert_int_equal(a.peak_allocated, 18 * MIB);
	vit_allocator_release(&a);
}

static void test_cache_goes_back(void **state)
{
	struct vit_allocator a;
	uint32_t b;

	(void)state;
	vit_allocator_init(&a, 100 * MIB);
	b = vit_allocator_take(&a, 60 * MIB);
	vit_allocator_give(&a, b);
	vit_allocator_take(&a, 80 * MIB);
	assert_int_equal(a.reserved, 80 * MIB);
	assert_false(a.out_of_memory);
	vit_allocator_take(&a, 40 * MIB);
	assert_true(a.out_of_memory);
	assert_false(a.failed);
	assert_int_equal(vit_allocator_take(&a, VIT_ALLOC_MAX + 1), 0);
	assert_true(a.failed);
	vit_allocator_release(&a);
}

/* x * y with both gradients: in backward both factors, the gradient and two new ones. */
static void test_product_rule(void **state)
{
	struct vit_graph g;
	uint64_t n = 4 * MIB, before;
	uint32_t p;
	vit_tensor_id x, y, z;

	(void)state;
	vit_graph_init(&g, 0);
	p = vit_graph_param(&g, 2 * n, 1, true);
	g.recording = true;
	x = vit_graph_use(&g, p);
	before = g.memory.allocated;
	y = vit_g_unary(&g, x, VIT_KEEP_IN, 2); /* 8 MiB of elements of 2 bytes: 16 MiB */
	z = vit_g_mul(&g, y, y);
	vit_graph_drop(&g, x);
	vit_graph_drop(&g, y);
	assert_int_equal(g.memory.allocated - before, 32 * MIB);
	vit_graph_accumulate(&g, z, vit_graph_alloc(&g, 16 * MIB));
	vit_graph_drop(&g, z);
	g.memory.peak_allocated = 0;
	vit_graph_backward(&g, 0, g.node_count);
	vit_graph_backward_end(&g);
	/* y, the gradient of z and the two of the product */
	assert_int_equal(g.memory.peak_allocated - before, 64 * MIB);
	assert_int_equal(g.memory.allocated, before + 8 * MIB); /* the parameter's gradient */
	vit_graph_release(&g);
}

/* Seen on an H100 (132 multiprocessors) in recorded runs: 3,072 rows to 5,632 outputs took a
 * buffer of 138,412,032 bytes, to 3,968 one of 97,517,568; 20,000 rows to 1,408 the former. */
static void test_sums_are_staged(void **state)
{
	struct vit_graph g = { .processors = 132 };

	(void)state;
	assert_int_equal(vit_graph_sum_bytes(&g, 3072, 5632), 138412032);
	assert_int_equal(vit_graph_sum_bytes(&g, 3072, 3968), 97517568);
	assert_int_equal(vit_graph_sum_bytes(&g, 20000, 1408), 138412032);
	assert_int_equal(vit_graph_sum_bytes(&g, 256, 1408), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounding),        cmocka_unit_test(test_reuse_and_merging),
		cmocka_unit_test(test_cache_goes_back), cmocka_unit_test(test_product_rule),
		cmocka_unit_test(test_sums_are_staged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
