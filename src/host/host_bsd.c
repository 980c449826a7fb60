/* FreeBSD, DragonFly, NetBSD and OpenBSD: alike but for how counters are asked for. */
/* Strict POSIX, which all other files ask for, hides the types that the
 * systems' own headers need. */
#undef _POSIX_C_SOURCE
#if defined(__NetBSD__)
#define _NETBSD_SOURCE 1
#elif defined(__OpenBSD__)
#define _BSD_SOURCE 1
#endif

#include "host/host_posix.h"

#include <errno.h>
#include <sys/types.h>
#include <sys/param.h>
#include <sys/sysctl.h>
#if defined(__NetBSD__)
#include <sys/statvfs.h>
#include <uvm/uvm_extern.h>
#elif defined(__OpenBSD__)
#include <sys/mount.h>
#include <uvm/uvmexp.h>
#else
#include <sys/mount.h>
#endif
#if defined(__FreeBSD__)
#include <vm/vm_param.h>
#endif

#if defined(__OpenBSD__)
/* OpenBSD has numbers alone; these are the names host.h and the collector use. */
static int raw_sysctl(const char *name, void *value, size_t *size)
{
	static const struct { const char *name; int mib[2]; } names[] = {
		{ "hw.physmem64", { CTL_HW, HW_PHYSMEM64 } },
		{ "hw.usermem64", { CTL_HW, HW_USERMEM64 } },
		{ "hw.pagesize", { CTL_HW, HW_PAGESIZE } },
		{ "hw.ncpu", { CTL_HW, HW_NCPU } },
		{ "hw.model", { CTL_HW, HW_MODEL } },
		{ "hw.product", { CTL_HW, HW_PRODUCT } },
		{ "kern.hostname", { CTL_KERN, KERN_HOSTNAME } },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].name, name) == 0)
			return sysctl(names[i].mib, 2, value, size, NULL, 0);
	errno = ENOENT;
	return -1;
}
#else
static int raw_sysctl(const char *name, void *value, size_t *size)
{
	return sysctlbyname(name, value, size, NULL, 0);
}
#endif

#if defined(__NetBSD__) || defined(__OpenBSD__)
#define MADE_PREFIX "vm.uvmexp."

static enum vit_errc made_u64(const char *field, uint64_t *out, struct vit_err *err)
{
#if defined(__NetBSD__)
	static const int mib[2] = { CTL_VM, VM_UVMEXP2 };
	struct uvmexp_sysctl vm;
#else
	static const int mib[2] = { CTL_VM, VM_UVMEXP };
	struct uvmexp vm;
#endif
	size_t size = sizeof(vm);

	memset(&vm, 0, sizeof(vm));
	if (sysctl(mib, 2, &vm, &size, NULL, 0) < 0)
		return vit_err_sys(err, errno, "sysctl vm.uvmexp");
	if (strcmp(field, "pagesize") == 0)
		*out = (uint64_t)vm.pagesize;
	else if (strcmp(field, "npages") == 0)
		*out = (uint64_t)vm.npages;
	else if (strcmp(field, "free") == 0)
		*out = (uint64_t)vm.free;
	else if (strcmp(field, "inactive") == 0)
		*out = (uint64_t)vm.inactive;
	else if (strcmp(field, "swpages") == 0)
		*out = (uint64_t)vm.swpages;
	else if (strcmp(field, "swpginuse") == 0)
		*out = (uint64_t)vm.swpginuse;
	else
		return vit_err_set(err, VIT_E_NOTFOUND, "vm.uvmexp.%s: no such counter", field);
	return VIT_OK;
}
#elif defined(__FreeBSD__)
#define MADE_PREFIX "vm.swap_info."

/* One structure per swap device, by number, until there is none. */
static enum vit_errc made_u64(const char *field, uint64_t *out, struct vit_err *err)
{
	int mib[16];
	size_t n = sizeof(mib) / sizeof(mib[0]) - 1;
	uint64_t used = 0;

	if (strcmp(field, "used") != 0)
		return vit_err_set(err, VIT_E_NOTFOUND, "vm.swap_info.%s: no such sum", field);
	if (sysctlnametomib("vm.swap_info", mib, &n) < 0)
		return vit_err_sys(err, errno, "sysctl vm.swap_info");
	for (int device = 0; device < 1024; device++) {
		struct xswdev swap;
		size_t size = sizeof(swap);

		memset(&swap, 0, sizeof(swap));
		mib[n] = device;
		if (sysctl(mib, (u_int)n + 1, &swap, &size, NULL, 0) < 0) {
			if (errno == ENOENT)
				break;
			return vit_err_sys(err, errno, "sysctl vm.swap_info");
		}
		if (size != sizeof(swap) || swap.xsw_version != XSWDEV_VERSION ||
		    swap.xsw_used < 0)
			return vit_err_set(err, VIT_E_UNSUPPORTED,
					   "sysctl vm.swap_info: of another version");
		used += (uint64_t)swap.xsw_used;
	}
	*out = used;
	return VIT_OK;
}
#endif

static enum vit_errc bsd_sysctl_u64(void *ctx, const char *name, uint64_t *out,
				    struct vit_err *err)
{
	uint64_t wide = 0;
	uint32_t narrow;
	size_t size = sizeof(wide);

	(void)ctx;
#if defined(MADE_PREFIX)
	if (strncmp(name, MADE_PREFIX, sizeof(MADE_PREFIX) - 1) == 0)
		return made_u64(name + sizeof(MADE_PREFIX) - 1, out, err);
#endif
	if (raw_sysctl(name, &wide, &size) < 0)
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

static enum vit_errc bsd_sysctl_str(void *ctx, const char *name, struct vit_buf *out,
				    struct vit_err *err)
{
	char value[1024];
	size_t size = sizeof(value);

	(void)ctx;
	if (raw_sysctl(name, value, &size) < 0)
		return vit_err_sys(err, errno, "sysctl %s", name);
	if (size > 0 && value[size - 1] == '\0')
		size--;
	vit_buf_clear(out);
	vit_buf_add(out, value, size);
	if (out->full)
		return vit_err_set(err, VIT_E_LIMIT, "sysctl %s: too long", name);
	return VIT_OK;
}

static enum vit_errc bsd_statfs(void *ctx, const char *path, struct vit_host_disk *out,
				struct vit_err *err)
{
#if defined(__NetBSD__)
	struct statvfs st;
	int failed = statvfs(path, &st);
	uint64_t block = failed ? 0 : (uint64_t)st.f_frsize;
#else
	struct statfs st;
	int failed = statfs(path, &st);
	uint64_t block = failed ? 0 : (uint64_t)st.f_bsize;
#endif

	(void)ctx;
	if (failed)
		return vit_err_sys(err, errno, "%s", path);
	/* f_bavail is below zero when root has gone into the reserve. */
	out->total = vit_posix_mul_cap((uint64_t)st.f_blocks, block);
	out->free = (int64_t)st.f_bavail < 0 ? 0 :
		    vit_posix_mul_cap((uint64_t)st.f_bavail, block);
	vit_posix_copy(out->kind, sizeof(out->kind), st.f_fstypename);
	return VIT_OK;
}

const struct vit_host *vit_host_real(void)
{
	static const struct vit_host host = {
		.identity = vit_posix_identity,
		.read_file = vit_posix_read_file,
		.list_dir = vit_posix_list_dir,
		.sysctl_u64 = bsd_sysctl_u64,
		.sysctl_str = bsd_sysctl_str,
		.run = vit_posix_run,
		.statfs = bsd_statfs,
		.env = vit_posix_env,
		.nvml = vit_posix_no_nvml,
		.read_rate = vit_posix_read_rate,
		.now = vit_posix_now,
		.http = vit_curl_http,
		.http_close = vit_curl_http_close,
	};

	return &host;
}
