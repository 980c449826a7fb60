/* host_darwin.c before a kernel of literals. */
#include "host_test.h"

#include <errno.h>
#include <mach/mach.h>
#include <sys/mount.h>
#include <sys/sysctl.h>

#include "collect/collect.h"

static int mach_failure;      /* what host_statistics64 answers */
static unsigned ports_held;
static bool swap_refused;

static const struct { const char *name; uint64_t number; size_t size; } numbers[] = {
	{ "hw.memsize", 25769803776, 8 }, { "hw.pagesize", 16384, 8 },
	{ "hw.physicalcpu", 12, 4 },      { "hw.logicalcpu", 12, 4 },
	{ "hw.nperflevels", 2, 4 },       { "hw.perflevel0.physicalcpu", 8, 4 },
	{ "hw.perflevel1.physicalcpu", 4, 4 }, { "hw.optional.arm64", 1, 4 },
	{ "iogpu.wired_limit_mb", 20480, 4 }, { "odd.size", 5, 2 },
};
static const struct { const char *name, *text; } strings[] = {
	{ "machdep.cpu.brand_string", "Apple M4 Pro" }, { "hw.model", "Mac16,8" },
	{ "kern.osproductversion", "15.5" },
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

int sysctlbyname(const char *name, void *old, size_t *old_size, void *new_value, size_t new_size)
{
	const struct xsw_usage swap = { 2147483648, 1610612736, 536870912, 16384, 1 };

	assert_null(new_value);
	assert_int_equal(new_size, 0);
	if (strcmp(name, "vm.swapusage") == 0 && !swap_refused)
		return give(old, old_size, &swap, sizeof(swap));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strcmp(numbers[i].name, name) == 0)
			return give(old, old_size, &numbers[i].number, numbers[i].size);
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		if (strcmp(strings[i].name, name) == 0)
			return give(old, old_size, strings[i].text, strlen(strings[i].text) + 1);
	errno = strcmp(name, "vm.swapusage") == 0 ? EPERM : ENOENT;
	return -1;
}

mach_port_t mach_host_self(void)
{
	ports_held++;
	return 7;
}

mach_port_t mach_task_self(void)
{
	return 3;
}

kern_return_t mach_port_deallocate(mach_port_t task, mach_port_t name)
{
	assert_int_equal(task, 3);
	assert_int_equal(name, 7);
	ports_held--;
	return KERN_SUCCESS;
}

kern_return_t host_statistics64(mach_port_t host, host_flavor_t flavor, host_info64_t info,
				mach_msg_type_number_t *count)
{
	vm_statistics64_data_t vm;

	assert_int_equal(host, 7);
	assert_int_equal(flavor, HOST_VM_INFO64);
	assert_int_equal(*count, sizeof(vm) / 4);
	memset(&vm, 0, sizeof(vm));
	vm.free_count = 98304;
	vm.speculative_count = 8192;
	vm.external_page_count = 425984;
	memcpy(info, &vm, sizeof(vm));
	return mach_failure;
}

int statfs(const char *path, struct statfs *out)
{
	if (strcmp(path, "/model") != 0) {
		errno = ENOENT;
		return -1;
	}
	*out = (struct statfs){ .f_bsize = 4096, .f_blocks = 1000, .f_bavail = 250,
				.f_fstypename = "apfs" };
	return 0;
}

static void values(void **state)
{
	const struct vit_host *h = vit_host_real();
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_host_disk disk;
	struct vit_buf out;
	uint64_t value = 0;

	(void)state;
	vit_buf_init(&out, 1000);
	assert_int_equal(h->sysctl_u64(NULL, "hw.memsize", &value, &err), VIT_OK);
	assert_int_equal(value, UINT64_C(25769803776));
	assert_int_equal(h->sysctl_u64(NULL, "hw.physicalcpu", &value, &err), VIT_OK);
	assert_int_equal(value, 12);
	assert_int_equal(h->sysctl_u64(NULL, "odd.size", &value, &err), VIT_E_RANGE);
	assert_int_equal(h->sysctl_u64(NULL, "hw.model", &value, &err), VIT_OK); /* 8 bytes */
	assert_int_equal(h->sysctl_u64(NULL, "machdep.cpu.brand_string", &value, &err), VIT_E_IO);
	assert_int_equal(h->sysctl_u64(NULL, "no.such", &value, &err), VIT_E_NOTFOUND);
	assert_int_equal(h->sysctl_u64(NULL, "vm.swapusage.used", &value, &err), VIT_OK);
	assert_int_equal(value, 536870912);
	assert_int_equal(h->sysctl_u64(NULL, "vm.swapusage.x", &value, &err), VIT_E_NOTFOUND);
	assert_int_equal(h->sysctl_u64(NULL, "vm.statistics.x", &value, &err), VIT_E_NOTFOUND);
	assert_int_equal(h->sysctl_str(NULL, "hw.model", &out, &err), VIT_OK);
	assert_str(vit_buf_view(&out), "Mac16,8");
	assert_int_equal(h->sysctl_str(NULL, "no.such", &out, &err), VIT_E_NOTFOUND);
	assert_int_equal(h->statfs(NULL, "/model", &disk, &err), VIT_OK);
	assert_int_equal(disk.total, 4096000);
	assert_int_equal(disk.free, 1024000);
	assert_string_equal(disk.kind, "apfs");
	assert_int_equal(h->statfs(NULL, "/none", &disk, &err), VIT_E_NOTFOUND);
	vit_buf_release(&out);
}

static void failures(void **state)
{
	const struct vit_host *h = vit_host_real();
	struct vit_err err = { VIT_OK, 0, 0, "" };
	uint64_t value;

	(void)state;
	mach_failure = 5;
	assert_int_equal(h->sysctl_u64(NULL, "vm.statistics.free_count", &value, &err), VIT_E_IO);
	assert_string_equal(err.msg, "host_statistics64: Mach error 5");
	mach_failure = 0;
	swap_refused = true;
	assert_int_equal(h->sysctl_u64(NULL, "vm.swapusage.total", &value, &err), VIT_E_PERM);
	swap_refused = false;
	assert_int_equal(ports_held, 0);
}

/* uname is the one call that is this machine's: the collector is told Darwin. */
static enum vit_errc darwin_identity(void *ctx, struct vit_host_identity *out, struct vit_err *err)
{
	(void)ctx;
	(void)err;
	*out = (struct vit_host_identity){ "Darwin", "24.5.0", "arm64" };
	return VIT_OK;
}

static void collected(void **state)
{
	struct vit_host h = *vit_host_real();
	struct vit_arena *a = vit_arena_new();
	struct vit_system s;

	(void)state;
	h.identity = darwin_identity;
	vit_collect_system(a, &h, "/model", &s);
	assert_int_equal(s.note_count, 0);
	assert_str(s.cpu, "Apple M4 Pro");
	assert_int_equal(s.cores_efficiency.value, 4);
	/* (98,304 - 8,192 + 425,984) * 16,384 */
	assert_int_equal(s.memory_usable, UINT64_C(8455716864));
	/* 20,480 MiB */
	assert_int_equal(s.wired_limit.value, UINT64_C(21474836480));
	assert_int_equal(s.swap_free.value, UINT64_C(1610612736));
	assert_int_equal(ports_held, 0);
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values), cmocka_unit_test(failures), cmocka_unit_test(collected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
