/* A system we know nothing about: what any Unix answers works, the rest says so. */
#include "host/host_posix.h"

static enum vit_errc none_sysctl_u64(void *ctx, const char *name, uint64_t *out,
				     struct vit_err *err)
{
	(void)ctx;
	(void)out;
	return vit_err_set(err, VIT_E_UNSUPPORTED, "sysctl %s: not known on this system", name);
}

static enum vit_errc none_sysctl_str(void *ctx, const char *name, struct vit_buf *out,
				     struct vit_err *err)
{
	(void)ctx;
	(void)out;
	return vit_err_set(err, VIT_E_UNSUPPORTED, "sysctl %s: not known on this system", name);
}

static enum vit_errc none_statfs(void *ctx, const char *path, struct vit_host_disk *out,
				 struct vit_err *err)
{
	(void)ctx;
	(void)out;
	return vit_err_set(err, VIT_E_UNSUPPORTED, "%s: free space is not known on this system",
			   path);
}

const struct vit_host *vit_host_real(void)
{
	static const struct vit_host host = {
		.identity = vit_posix_identity,
		.read_file = vit_posix_read_file,
		.list_dir = vit_posix_list_dir,
		.sysctl_u64 = none_sysctl_u64,
		.sysctl_str = none_sysctl_str,
		.run = vit_posix_run,
		.statfs = none_statfs,
		.env = vit_posix_env,
		.nvml = vit_posix_no_nvml,
		.read_rate = vit_posix_read_rate,
		.now = vit_posix_now,
		.http = vit_curl_http,
		.http_close = vit_curl_http_close,
	};

	return &host;
}
