#include "host/host_posix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"

void vit_posix_copy(char *out, size_t size, const char *text)
{
	size_t n = strlen(text);

	if (n >= size)
		n = size - 1;
	memcpy(out, text, n);
	out[n] = '\0';
}

uint64_t vit_posix_mul_cap(uint64_t a, uint64_t b)
{
	uint64_t product;

	return vit_mul_u64(a, b, &product) ? product : UINT64_MAX;
}

bool vit_posix_write(int fd, struct vit_str text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text = vit_str_sub(text, (size_t)n, text.n);
	}
	return true;
}

enum vit_errc vit_posix_no_nvml(void *ctx, unsigned timeout_ms, struct vit_buf *out,
				struct vit_err *err)
{
	(void)ctx;
	(void)timeout_ms;
	(void)out;
	return vit_err_set(err, VIT_E_UNSUPPORTED, "NVML: not asked on this system");
}

enum vit_errc vit_posix_identity(void *ctx, struct vit_host_identity *out, struct vit_err *err)
{
	struct utsname name;

	(void)ctx;
	if (uname(&name) < 0)
		return vit_err_sys(err, errno, "uname");
	vit_posix_copy(out->os, sizeof(out->os), name.sysname);
	vit_posix_copy(out->release, sizeof(out->release), name.release);
	vit_posix_copy(out->arch, sizeof(out->arch), name.machine);
	return VIT_OK;
}

enum vit_errc vit_posix_read_fd(int fd, const char *path, struct vit_buf *out,
				struct vit_err *err)
{
	struct stat st;
	char chunk[16384];

	vit_buf_clear(out);
	if (fstat(fd, &st) < 0)
		return vit_err_sys(err, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return vit_err_set(err, VIT_E_UNSUPPORTED, "%s: not a regular file", path);
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return vit_err_sys(err, errno, "%s", path);
		if (n == 0)
			return VIT_OK;
		vit_buf_add(out, chunk, (size_t)n);
		if (out->full)
			return vit_err_set(err, VIT_E_LIMIT, "%s: more than %zu bytes", path,
					   out->ceiling);
	}
}

enum vit_errc vit_posix_read_file(void *ctx, const char *path, struct vit_buf *out,
				  struct vit_err *err)
{
	enum vit_errc rc;
	int fd;

	(void)ctx;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return vit_err_sys(err, errno, "%s", path);
	rc = vit_posix_read_fd(fd, path, out, err);
	close(fd);
	return rc;
}

static int compare_names(const void *a, const void *b)
{
	return vit_str_cmp(*(const struct vit_str *)a, *(const struct vit_str *)b);
}

static enum vit_errc read_names(DIR *dir, const char *path, struct vit_arena *a,
				struct vit_vec *names, struct vit_err *err)
{
	struct dirent *entry;

	for (;;) {
		struct vit_str name;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			break;
		name = vit_str_c(entry->d_name);
		if (vit_str_is(name, ".") || vit_str_is(name, ".."))
			continue;
		if (names->count >= VIT_HOST_MAX_LIST)
			return vit_err_set(err, VIT_E_LIMIT, "%s: more than %d entries", path,
					   VIT_HOST_MAX_LIST);
		*(struct vit_str *)vit_vec_add(names) = vit_arena_str(a, name);
	}
	return errno ? vit_err_sys(err, errno, "%s", path) : VIT_OK;
}

enum vit_errc vit_posix_list_fd(int fd, const char *path, struct vit_arena *a,
				struct vit_str **names, size_t *count, struct vit_err *err)
{
	struct vit_vec found = VIT_VEC(sizeof(struct vit_str));
	enum vit_errc rc;
	DIR *dir = fdopendir(fd);

	if (!dir) {
		rc = vit_err_sys(err, errno, "%s", path);
		close(fd);
		return rc;
	}
	rc = read_names(dir, path, a, &found, err);
	closedir(dir);
	if (rc != VIT_OK) {
		vit_vec_free(&found);
		return rc;
	}
	if (found.count > 1)
		qsort(found.items, found.count, sizeof(struct vit_str), compare_names);
	*names = vit_vec_take(&found, a, count);
	return VIT_OK;
}

enum vit_errc vit_posix_list_dir(void *ctx, const char *path, struct vit_arena *a,
				 struct vit_str **names, size_t *count, struct vit_err *err)
{
	int fd;

	(void)ctx;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return vit_err_sys(err, errno, "%s", path);
	return vit_posix_list_fd(fd, path, a, names, count, err);
}

enum vit_errc vit_posix_env(void *ctx, const char *name, struct vit_buf *out,
			    struct vit_err *err)
{
	const char *value;

	(void)ctx;
	value = getenv(name);
	if (!value)
		return vit_err_set(err, VIT_E_NOTFOUND, "environment variable %s is not set",
				   name);
	vit_buf_clear(out);
	vit_buf_puts(out, value);
	if (out->full)
		return vit_err_set(err, VIT_E_LIMIT, "environment variable %s: too long", name);
	return VIT_OK;
}

enum vit_errc vit_posix_now(void *ctx, int64_t *out, struct vit_err *err)
{
	struct timespec ts;

	(void)ctx;
	if (clock_gettime(CLOCK_REALTIME, &ts) < 0)
		return vit_err_sys(err, errno, "clock");
	*out = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
	return VIT_OK;
}
