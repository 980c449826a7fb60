/* On a system without a host of its own: no number, no crash, and it is said. */
#include "host_test.h"

#include "collect/collect.h"

static void unknown_system(void **state)
{
	const struct vit_host *real = vit_host_real();
	struct vit_arena *a = vit_arena_new();
	struct vit_system s;
	struct vit_host_disk disk;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	uint64_t number;

	(void)state;
	assert_int_equal(real->sysctl_u64(real->ctx, "hw.memsize", &number, &err),
			 VIT_E_UNSUPPORTED);
	assert_int_equal(real->statfs(real->ctx, "/", &disk, &err), VIT_E_UNSUPPORTED);
	vit_collect_system(a, real, "/", &s);
	assert_true(s.probed);
	assert_false(s.disk_free.known);
	assert_int_equal(s.err.code, VIT_E_UNSUPPORTED);
	assert_true(s.note_count >= 1);
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(unknown_system) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
