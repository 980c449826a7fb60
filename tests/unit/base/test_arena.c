#include "base_test.h"

#include <stdalign.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"

static void items_are_zeroed_aligned_and_apart(void **state)
{
	(void)state;
	struct vit_arena *a = vit_arena_new();
	unsigned char *items[2000];
	for (size_t i = 0; i < LENGTH(items); i++) {
		size_t size = i % 97;
		items[i] = vit_arena_alloc(a, size);
		assert_non_null(items[i]);
		assert_int_equal((uintptr_t)items[i] % alignof(max_align_t), 0);
		for (size_t k = 0; k < size; k++) {
			assert_int_equal(items[i][k], 0);
			items[i][k] = (unsigned char)i;
		}
	}
	for (size_t i = 0; i < LENGTH(items); i++)
		for (size_t k = 0; k < i % 97; k++)
			assert_int_equal(items[i][k], (unsigned char)i);
	vit_arena_free(a);
	vit_arena_free(NULL);
}

static void large_items_leave_the_chunk_in_use(void **state)
{
	(void)state;
	struct vit_arena *a = vit_arena_new();
	char *small = vit_arena_alloc(a, 16);
	char *large = vit_arena_alloc(a, (size_t)5 << 20);
	small[15] = 1;
	large[((size_t)5 << 20) - 1] = 1;
	size_t before = vit_arena_bytes(a);
	assert_true(before >= (size_t)5 << 20);
#ifndef VIT_ARENA_DEBUG
	/* There is still room behind the small one. */
	(void)vit_arena_alloc(a, 1000);
	assert_int_equal(vit_arena_bytes(a), before);
#endif
	vit_arena_free(a);
}

static void strings_are_copied_with_a_terminator(void **state)
{
	(void)state;
	struct vit_arena *a = vit_arena_new();
	char source[] = { 'a', 0, 'b' };
	struct vit_str s = vit_arena_str(a, (struct vit_str){ source, 3 });
	source[0] = 'x';
	assert_str(s, "a\0b");
	assert_int_equal(s.p[3], 0);
	s = vit_arena_str(a, (struct vit_str){ NULL, 0 });
	assert_int_equal(s.n, 0);
	assert_int_equal(s.p[0], 0);
	s = vit_arena_printf(a, "%s-%05d", "shard", 42);
	assert_string_equal(s.p, "shard-00042");
	assert_int_equal(s.n, 11);
	vit_arena_free(a);
}

static void a_vec_grows_and_moves_to_the_arena(void **state)
{
	(void)state;
	struct vit_arena *a = vit_arena_new();
	struct vit_vec v = VIT_VEC(sizeof(uint32_t));
	for (uint32_t i = 0; i < 10000; i++) {
		uint32_t *item = vit_vec_add(&v);
		assert_int_equal(*item, 0);
		*item = i * 3;
	}
	assert_int_equal(*(uint32_t *)vit_vec_at(&v, 9999), 29997);
	size_t count = 0;
	uint32_t *all = vit_vec_take(&v, a, &count);
	assert_int_equal(count, 10000);
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(all[i], i * 3);
	assert_int_equal(v.count, 0);
	assert_null(v.items);
	assert_non_null(vit_vec_take(&v, a, &count));
	assert_int_equal(count, 0);
	(void)vit_vec_add(&v);
	vit_vec_free(&v);
	assert_int_equal(v.count, 0);
	vit_arena_free(a);
}

/* The status with which a child that runs `f` exits. */
static int status_of(void (*f)(void))
{
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		assert_non_null(freopen("/dev/null", "w", stderr));
		f();
		_exit(0);
	}
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void index_out_of_bounds(void)
{
	struct vit_vec v = VIT_VEC(4);
	(void)vit_vec_at(&v, 0);
}

static void overflowing_array(void)
{
	(void)vit_arena_array(vit_arena_new(), SIZE_MAX / 2, 3);
}

static void more_than_there_is(void)
{
	(void)vit_arena_alloc(vit_arena_new(), SIZE_MAX - 64);
}

static void our_mistakes_exit_with_70(void **state)
{
	(void)state;
	assert_int_equal(status_of(index_out_of_bounds), 70);
	assert_int_equal(status_of(overflowing_array), 70);
	assert_int_equal(status_of(more_than_there_is), 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_zeroed_aligned_and_apart),
		cmocka_unit_test(large_items_leave_the_chunk_in_use),
		cmocka_unit_test(strings_are_copied_with_a_terminator),
		cmocka_unit_test(a_vec_grows_and_moves_to_the_arena),
		cmocka_unit_test(our_mistakes_exit_with_70),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
