/* host_bsd.c as FreeBSD, before a kernel of literals. */
#include "host_test.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/sysctl.h>
#include <vm/vm_param.h>

#include "collect/collect.h"

static int swap_devices = 2;
static unsigned swap_version = XSWDEV_VERSION;

static const struct { const char *name; uint64_t number; size_t size; } numbers[] = {
	{ "hw.physmem", 34234540032, 8 },  { "hw.pagesize", 4096, 4 },
	{ "hw.ncpu", 16, 4 },              { "kern.smp.cores", 8, 4 },
	{ "security.jail.jailed", 1, 4 },  { "vm.stats.vm.v_free_count", 3000000000, 4 },
	{ "vm.stats.vm.v_inactive_count", 1000000, 4 }, { "vm.swap_total", 4294967296, 8 },
};

static int give(void *old, size_t *old_size, const void *value, size_t size)
{
	if (*old_size < size) {
		errno = ENOMEM;
		return -1;
	}
	memcpy(old, value, size);
	*old_size = size;
	return 0;
}

int sysctlbyname(const char *name, void *old, size_t *old_size, const void *new_value,
		 size_t new_size)
{
	assert_null(new_value);
	assert_int_equal(new_size, 0);
	if (strcmp(name, "hw.model") == 0)
		return give(old, old_size, "Some CPU", 9);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strcmp(numbers[i].name, name) == 0)
			return give(old, old_size, &numbers[i].number, numbers[i].size);
	errno = ENOENT;
	return -1;
}

int sysctlnametomib(const char *name, int *mib, size_t *size)
{
	assert_string_equal(name, "vm.swap_info");
	assert_true(*size >= 2);
	mib[0] = 2;
	mib[1] = 11;
	*size = 2;
	return 0;
}

int sysctl(const int *name, unsigned int name_size, void *old, size_t *old_size,
	   const void *new_value, size_t new_size)
{
	struct xswdev swap = { swap_version, 1, 0, 100000, 0 };

	assert_null(new_value);
	assert_int_equal(new_size, 0);
	assert_int_equal(name_size, 3);
	assert_int_equal(name[0], 2);
	assert_int_equal(name[1], 11);
	if (name[2] >= swap_devices) {
		errno = ENOENT;
		return -1;
	}
	swap.xsw_used = 1000 * (name[2] + 1);
	return give(old, old_size, &swap, sizeof(swap));
}

int statfs(const char *path, struct statfs *out)
{
	assert_string_equal(path, "/model");
	/* Root has gone into the reserve. */
	*out = (struct statfs){ .f_bsize = 512, .f_blocks = 1000, .f_bavail = -10,
				.f_fstypename = "ufs" };
	return 0;
}

static void swap_sum(void **state)
{
	const struct vit_host *h = vit_host_real();
	struct vit_err err = { VIT_OK, 0, 0, "" };
	uint64_t value = 0;

	(void)state;
	assert_int_equal(h->sysctl_u64(NULL, "vm.swap_info.used", &value, &err), VIT_OK);
	assert_int_equal(value, 1000 + 2000);
	swap_devices = 0;
	assert_int_equal(h->sysctl_u64(NULL, "vm.swap_info.used", &value, &err), VIT_OK);
	assert_int_equal(value, 0);
	swap_devices = 2;
	swap_version = 1;
	assert_int_equal(h->sysctl_u64(NULL, "vm.swap_info.used", &value, &err),
			 VIT_E_UNSUPPORTED);
	swap_version = XSWDEV_VERSION;
	assert_int_equal(h->sysctl_u64(NULL, "vm.swap_info.free", &value, &err), VIT_E_NOTFOUND);
}

static enum vit_errc freebsd_identity(void *ctx, struct vit_host_identity *out,
				      struct vit_err *err)
{
	(void)ctx;
	(void)err;
	*out = (struct vit_host_identity){ "FreeBSD", "14.1-RELEASE", "amd64" };
	return VIT_OK;
}

static void collected(void **state)
{
	struct vit_host h = *vit_host_real();
	struct vit_arena *a = vit_arena_new();
	struct vit_system s;

	(void)state;
	h.identity = freebsd_identity;
	vit_collect_system(a, &h, "/model", &s);
	assert_int_equal(s.note_count, 0);
	assert_str(s.cpu, "Some CPU");
	assert_true(s.container);
	/* Page counts are 32 bits without a sign: (3,000,000,000 + 1,000,000) * 4,096. */
	assert_int_equal(s.memory_usable, UINT64_C(12292096000000));
	/* 4,294,967,296 - 3,000 * 4,096 */
	assert_int_equal(s.swap_free.value, UINT64_C(4282679296));
	assert_int_equal(s.disk_total.value, 512000);
	assert_int_equal(s.disk_free.value, 0);
	assert_str(s.disk_kind, "ufs");
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(swap_sum), cmocka_unit_test(collected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
