#include "base_test.h"

#include <stdlib.h>

#include "base/buf.h"

static void appends_and_keeps_a_terminator(void **state)
{
	(void)state;
	struct vit_buf b;
	vit_buf_init(&b, 1 << 20);
	assert_string_equal(b.p, "");
	vit_buf_puts(&b, "ab");
	vit_buf_putc(&b, 'c');
	vit_buf_add(&b, "\0d", 2);
	vit_buf_str(&b, (struct vit_str){ NULL, 0 });
	vit_buf_printf(&b, "%d", 12);
	assert_str(vit_buf_view(&b), "abc\0d12");
	assert_int_equal(b.p[b.n], 0);
	vit_buf_clear(&b);
	assert_int_equal(b.n, 0);
	for (int i = 0; i < 1000; i++)
		vit_buf_printf(&b, "%04d", i);
	assert_int_equal(b.n, 4000);
	assert_memory_equal(b.p + 4 * 567, "0567", 4);
	assert_false(b.full);
	vit_buf_release(&b);
}

static void the_ceiling_is_exact_and_sticky(void **state)
{
	(void)state;
	for (size_t ceiling = 0; ceiling < 200; ceiling++) {
		struct vit_buf b;
		vit_buf_init(&b, ceiling);
		for (size_t i = 0; i < ceiling; i++)
			vit_buf_putc(&b, 'x');
		assert_false(b.full);
		assert_int_equal(b.n, ceiling);
		vit_buf_add(&b, "", 0);
		assert_false(b.full);
		vit_buf_putc(&b, 'y');
		assert_true(b.full);
		assert_int_equal(b.n, ceiling);
		assert_int_equal(b.p[ceiling], 0);
		vit_buf_release(&b);
	}
}

static void what_does_not_fit_adds_nothing(void **state)
{
	(void)state;
	struct vit_buf b;
	vit_buf_init(&b, 5);
	vit_buf_puts(&b, "abc");
	vit_buf_printf(&b, "%s", "def");
	assert_true(b.full);
	assert_string_equal(b.p, "abc");
	vit_buf_putc(&b, 'd'); /* would fit, but a part before it is missing */
	vit_buf_printf(&b, "e");
	assert_string_equal(b.p, "abc");
	assert_false(vit_buf_reserve(&b, 0));
	vit_buf_clear(&b);
	vit_buf_puts(&b, "12345");
	assert_string_equal(b.p, "12345");
	assert_false(b.full);
	vit_buf_release(&b);
}

static void a_ceiling_of_all_memory_does_not_wrap(void **state)
{
	(void)state;
	struct vit_buf b;
	vit_buf_init(&b, SIZE_MAX);
	vit_buf_puts(&b, "a");
	assert_false(vit_buf_reserve(&b, SIZE_MAX));
	assert_true(b.full);
	assert_string_equal(b.p, "a");
	vit_buf_release(&b);
}

static void reserve_gives_room_to_write(void **state)
{
	(void)state;
	struct vit_buf b;
	vit_buf_init(&b, 1000);
	assert_true(vit_buf_reserve(&b, 1000));
	memset(b.p, 'r', 1000);
	b.n = 1000;
	b.p[b.n] = 0;
	assert_int_equal(strlen(b.p), 1000);
	vit_buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_and_keeps_a_terminator),
		cmocka_unit_test(the_ceiling_is_exact_and_sticky),
		cmocka_unit_test(what_does_not_fit_adds_nothing),
		cmocka_unit_test(a_ceiling_of_all_memory_does_not_wrap),
		cmocka_unit_test(reserve_gives_room_to_write),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
