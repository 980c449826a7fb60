#include "host/host_posix.h"

#include <errno.h>
#include <mach/mach.h>
#include <sys/param.h>
#include <sys/types.h>
#include <sys/mount.h>
#include <sys/sysctl.h>

/* The counters that host.h promises under vm.statistics. */
static bool statistic(const vm_statistics64_data_t *vm, const char *name, uint64_t *out)
{
	const struct { const char *name; uint64_t value; } counters[] = {
		{ "free_count", vm->free_count },
		{ "active_count", vm->active_count },
		{ "inactive_count", vm->inactive_count },
		{ "wire_count", vm->wire_count },
		{ "speculative_count", vm->speculative_count },
		{ "purgeable_count", vm->purgeable_count },
		{ "external_page_count", vm->external_page_count },
		{ "compressor_page_count", vm->compressor_page_count },
	};

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		if (strcmp(counters[i].name, name) == 0) {
			*out = counters[i].value;
			return true;
		}
	}
	return false;
}

static enum vit_errc vm_statistic(const char *name, uint64_t *out, struct vit_err *err)
{
	vm_statistics64_data_t vm;
	mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
	mach_port_t port = mach_host_self();
	kern_return_t kr;

	memset(&vm, 0, sizeof(vm));
	kr = host_statistics64(port, HOST_VM_INFO64, (host_info64_t)&vm, &count);
	mach_port_deallocate(mach_task_self(), port);
	if (kr != KERN_SUCCESS)
		return vit_err_set(err, VIT_E_IO, "host_statistics64: Mach error %d", (int)kr);
	if (!statistic(&vm, name, out))
		return vit_err_set(err, VIT_E_NOTFOUND, "vm.statistics.%s: no such counter", name);
	return VIT_OK;
}

static enum vit_errc swap_usage(const char *name, uint64_t *out, struct vit_err *err)
{
	struct xsw_usage swap;
	size_t size = sizeof(swap);

	memset(&swap, 0, sizeof(swap));
	if (sysctlbyname("vm.swapusage", &swap, &size, NULL, 0) < 0)
		return vit_err_sys(err, errno, "sysctl vm.swapusage");
	if (strcmp(name, "total") == 0)
		*out = swap.xsu_total;
	else if (strcmp(name, "avail") == 0)
		*out = swap.xsu_avail;
	else if (strcmp(name, "used") == 0)
		*out = swap.xsu_used;
	else
		return vit_err_set(err, VIT_E_NOTFOUND, "vm.swapusage.%s: no such field", name);
	return VIT_OK;
}

static const char *after(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(name, prefix, n) == 0 ? name + n : NULL;
}

static enum vit_errc darwin_sysctl_u64(void *ctx, const char *name, uint64_t *out,
				       struct vit_err *err)
{
	const char *field;
	uint64_t wide = 0;
	uint32_t narrow;
	size_t size = sizeof(wide);

	(void)ctx;
	if ((field = after(name, "vm.statistics.")) != NULL)
		return vm_statistic(field, out, err);
	if ((field = after(name, "vm.swapusage.")) != NULL)
		return swap_usage(field, out, err);
	if (sysctlbyname(name, &wide, &size, NULL, 0) < 0)
		return vit_err_sys(err, errno, "sysctl %s", name);
	if (size == sizeof(wide)) {
		*out = wide;
		return VIT_OK;
	}
	if (size != sizeof(narrow))
		return vit_err_set(err, VIT_E_RANGE, "sysctl %s is no number", name);
	memcpy(&narrow, &wide, sizeof(narrow));
	*out = narrow;
	return VIT_OK;
}

static enum vit_errc darwin_sysctl_str(void *ctx, const char *name, struct vit_buf *out,
				       struct vit_err *err)
{
	char value[1024];
	size_t size = sizeof(value);

	(void)ctx;
	if (sysctlbyname(name, value, &size, NULL, 0) < 0)
		return vit_err_sys(err, errno, "sysctl %s", name);
	if (size > 0 && value[size - 1] == '\0')
		size--;
	vit_buf_clear(out);
	vit_buf_add(out, value, size);
	if (out->full)
		return vit_err_set(err, VIT_E_LIMIT, "sysctl %s: too long", name);
	return VIT_OK;
}

static enum vit_errc darwin_statfs(void *ctx, const char *path, struct vit_host_disk *out,
				   struct vit_err *err)
{
	struct statfs st;

	(void)ctx;
	if (statfs(path, &st) < 0)
		return vit_err_sys(err, errno, "%s", path);
	out->total = vit_posix_mul_cap(st.f_blocks, st.f_bsize);
	out->free = vit_posix_mul_cap(st.f_bavail, st.f_bsize);
	vit_posix_copy(out->kind, sizeof(out->kind), st.f_fstypename);
	return VIT_OK;
}

const struct vit_host *vit_host_real(void)
{
	static const struct vit_host host = {
		.identity = vit_posix_identity,
		.read_file = vit_posix_read_file,
		.list_dir = vit_posix_list_dir,
		.sysctl_u64 = darwin_sysctl_u64,
		.sysctl_str = darwin_sysctl_str,
		.run = vit_posix_run,
		.statfs = darwin_statfs,
		.env = vit_posix_env,
		.nvml = vit_posix_no_nvml,
		.read_rate = vit_posix_read_rate,
		.now = vit_posix_now,
		.http = vit_curl_http,
		.http_close = vit_curl_http_close,
	};

	return &host;
}
