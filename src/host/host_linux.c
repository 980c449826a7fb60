#include "host/host_posix.h"

#include <ctype.h>
#include <errno.h>
#include <sys/vfs.h>

#include "base/num.h"

/* kernel.osrelease is /proc/sys/kernel/osrelease. */
static enum vit_errc linux_sysctl_str(void *ctx, const char *name, struct vit_buf *out,
				      struct vit_err *err)
{
	char path[256] = "/proc/sys/";
	size_t n = strlen(path);
	enum vit_errc rc;

	for (const char *c = name; *c; c++) {
		if (n + 1 >= sizeof(path) ||
		    !(isalnum((unsigned char)*c) || strchr("._-", *c)))
			return vit_err_set(err, VIT_E_NOTFOUND, "%s: no such sysctl", name);
		path[n++] = *c == '.' ? '/' : *c;
	}
	path[n] = '\0';
	rc = vit_posix_read_file(ctx, path, out, err);
	if (rc == VIT_OK && out->n > 0 && out->p[out->n - 1] == '\n')
		out->p[--out->n] = '\0';
	return rc;
}

static enum vit_errc linux_sysctl_u64(void *ctx, const char *name, uint64_t *out,
				      struct vit_err *err)
{
	struct vit_buf text;
	enum vit_errc rc;

	vit_buf_init(&text, 4096);
	rc = linux_sysctl_str(ctx, name, &text, err);
	if (rc == VIT_OK && !vit_parse_u64(vit_str_trim(vit_buf_view(&text)), out))
		rc = vit_err_set(err, VIT_E_RANGE, "sysctl %s is no number", name);
	vit_buf_release(&text);
	return rc;
}

/* Magic numbers of statfs(2); ext2, ext3 and ext4 share one. */
static const char *filesystem_name(uint64_t magic)
{
	static const struct { uint32_t magic; const char *name; } names[] = {
		{ 0x0000ef53, "ext2/3/4" }, { 0x58465342, "xfs" },      { 0x9123683e, "btrfs" },
		{ 0x01021994, "tmpfs" },    { 0x794c7630, "overlay" },  { 0x2fc12fc1, "zfs" },
		{ 0x00006969, "nfs" },      { 0xf2f52010, "f2fs" },     { 0x65735546, "fuse" },
		{ 0x01021997, "9p" },       { 0x00004d44, "vfat" },     { 0x2011bab0, "exfat" },
		{ 0x5346544e, "ntfs" },     { 0x7366746e, "ntfs3" },    { 0xff534d42, "cifs" },
		{ 0xfe534d42, "smb2" },     { 0x73717368, "squashfs" }, { 0x858458f6, "ramfs" },
		{ 0x0bd00bd0, "lustre" },   { 0x00c36400, "ceph" },     { 0x47504653, "gpfs" },
		{ 0x9660, "iso9660" },      { 0xca451a4e, "bcachefs" }, { 0x6a656a63, "virtiofs" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].magic == magic)
			return names[i].name;
	return "";
}

static enum vit_errc linux_statfs(void *ctx, const char *path, struct vit_host_disk *out,
				  struct vit_err *err)
{
	struct statfs st;
	uint64_t block;

	(void)ctx;
	if (statfs(path, &st) < 0)
		return vit_err_sys(err, errno, "%s", path);
	block = (uint64_t)(st.f_frsize ? st.f_frsize : st.f_bsize);
	out->total = vit_posix_mul_cap(st.f_blocks, block);
	out->free = vit_posix_mul_cap(st.f_bavail, block);
	vit_posix_copy(out->kind, sizeof(out->kind),
		       filesystem_name((uint64_t)st.f_type & 0xffffffffU));
	return VIT_OK;
}

const struct vit_host *vit_host_real(void)
{
	static const struct vit_host host = {
		.identity = vit_posix_identity,
		.read_file = vit_posix_read_file,
		.list_dir = vit_posix_list_dir,
		.sysctl_u64 = linux_sysctl_u64,
		.sysctl_str = linux_sysctl_str,
		.run = vit_posix_run,
		.statfs = linux_statfs,
		.env = vit_posix_env,
		.nvml = vit_posix_nvml,
		.read_rate = vit_posix_read_rate,
		.now = vit_posix_now,
		.http = vit_curl_http,
		.http_close = vit_curl_http_close,
	};

	return &host;
}
