#include "collect/source.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "collect/stat_time.h"

static enum vit_errc refuse(const struct vit_file *row, struct vit_err *err)
{
	if (row->flags & VIT_FF_LINK_OUTSIDE)
		return vit_err_set(err, VIT_E_UNSUPPORTED, "%.*s: link leaves the model folder",
				   VIT_FMT(row->path));
	if (row->flags & VIT_FF_LINK_BROKEN)
		return vit_err_set(err, VIT_E_NOTFOUND, "%.*s: broken link", VIT_FMT(row->path));
	return vit_err_set(err, VIT_E_UNSUPPORTED, "%.*s: not a regular file", VIT_FMT(row->path));
}

/* A file of a remote model: what was fetched of it. */
static enum vit_errc open_fetched(const struct vit_source *s, const struct vit_file *row,
				  struct vit_source_file *out, struct vit_err *err)
{
	struct vit_str have = s->files->fetched[row - s->files->files];

	if (row->err) {
		*err = *row->err;
		return err->code;
	}
	if (!have.p && row->size > 0)
		return vit_err_set(err, VIT_E_UNSUPPORTED, "%.*s: its bytes were not downloaded", VIT_FMT(row->path));
	*out = (struct vit_source_file){ .fd = -1, .fetched = have, .size = row->size, .path = row->path };
	return VIT_OK;
}

enum vit_errc vit_source_open(const struct vit_source *s, const struct vit_file *row,
			      struct vit_source_file *out, struct vit_err *err)
{
	int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct stat st;

	if (row->type != VIT_FT_REGULAR ||
	    (row->flags & (VIT_FF_LINK_OUTSIDE | VIT_FF_LINK_BROKEN | VIT_FF_LINK_LOOP)))
		return refuse(row, err);
	if (s->files->fetched)
		return open_fetched(s, row, out, err);
	if (!(row->flags & VIT_FF_SYMLINK))
		flags |= O_NOFOLLOW;

	int fd = openat(s->root_fd, row->path.p, flags);
	if (fd < 0)
		return vit_err_sys(err, errno, "%.*s: cannot be opened", VIT_FMT(row->path));
	if (fstat(fd, &st) != 0) {
		enum vit_errc code = vit_err_sys(err, errno, "%.*s", VIT_FMT(row->path));
		close(fd);
		return code;
	}
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return vit_err_set(err, VIT_E_UNSUPPORTED, "%.*s: not a regular file",
				   VIT_FMT(row->path));
	}
	/* The walk vouched for that file and no other. Some network and FUSE file
	 * systems number a file anew each time it is looked up: there size and
	 * time must do. */
	if (((uint64_t)st.st_dev != row->dev || (uint64_t)st.st_ino != row->ino) &&
	    ((uint64_t)st.st_size != row->size || vit_stat_mtime(&st) != row->mtime_ns)) {
		close(fd);
		return vit_err_set(err, VIT_E_CHANGED, "%.*s: replaced since the folder was listed",
				   VIT_FMT(row->path));
	}
	*out = (struct vit_source_file){
		.fd = fd,
		.size = st.st_size > 0 ? (uint64_t)st.st_size : 0,
		.mtime_ns = vit_stat_mtime(&st),
		.path = row->path,
	};
	return VIT_OK;
}

void vit_source_close(struct vit_source_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

static int64_t read_fetched(struct vit_source_file *f, void *buf, size_t n, struct vit_err *err)
{
	size_t at = f->position < f->fetched.n ? (size_t)f->position : f->fetched.n;

	if (f->position >= f->size || n == 0)
		return 0;
	if (at == f->fetched.n) {
		(void)vit_err_set(err, VIT_E_UNSUPPORTED, "%.*s: only its first %zu bytes were downloaded", VIT_FMT(f->path),
				  f->fetched.n);
		return -1;
	}
	if (n > f->fetched.n - at)
		n = f->fetched.n - at;
	memcpy(buf, f->fetched.p + at, n);
	f->position += n;
	return (int64_t)n;
}

int64_t vit_source_read(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct vit_source_file *f = ctx;

	if (n > INT32_MAX)
		n = INT32_MAX;
	if (f->position > INT64_MAX) {
		(void)vit_err_set(err, VIT_E_RANGE, "%.*s: offset too large", VIT_FMT(f->path));
		return -1;
	}
	if (f->fd < 0)
		return read_fetched(f, buf, n, err);
	for (;;) {
		ssize_t got = pread(f->fd, buf, n, (off_t)f->position);
		if (got >= 0) {
			f->position += (uint64_t)got;
			return got;
		}
		if (errno != EINTR) {
			(void)vit_err_sys(err, errno, "%.*s: cannot be read", VIT_FMT(f->path));
			return -1;
		}
	}
}

bool vit_source_changed(const struct vit_source_file *f)
{
	struct stat st;

	if (f->fd < 0)
		return false;
	return fstat(f->fd, &st) != 0 || st.st_size < 0 || (uint64_t)st.st_size != f->size ||
	       vit_stat_mtime(&st) != f->mtime_ns;
}

enum vit_errc vit_source_slurp(const struct vit_source *s, const struct vit_file *row, uint64_t max,
			       struct vit_arena *a, struct vit_str *out, struct vit_err *err)
{
	struct vit_source_file f;
	enum vit_errc code = vit_source_open(s, row, &f, err);
	size_t have = 0;

	if (code)
		return code;
	if (f.size > max || f.size >= SIZE_MAX) {
		code = vit_err_set(
			err, VIT_E_LIMIT, "%.*s: %llu bytes, more than the %llu that are taken",
			VIT_FMT(row->path), (unsigned long long)f.size, (unsigned long long)max);
		goto out;
	}
	char *text = vit_arena_alloc(a, (size_t)f.size + 1);
	while (have < f.size) {
		int64_t got = vit_source_read(&f, text + have, (size_t)f.size - have, err);
		if (got < 0) {
			code = err ? err->code : VIT_E_IO;
			goto out;
		}
		if (got == 0) {
			code = vit_err_at(err, VIT_E_CHANGED, have,
					  "%.*s: shrank from %llu to %llu bytes while it was read",
					  VIT_FMT(row->path), (unsigned long long)f.size,
					  (unsigned long long)have);
			goto out;
		}
		have += (size_t)got;
	}
	*out = (struct vit_str){ text, have };
out:
	vit_source_close(&f);
	return code;
}

bool vit_source_drain(int fd, struct vit_buf *out)
{
	char block[16384];
	ssize_t n;

	while ((n = read(fd, block, sizeof block)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			vit_buf_add(out, block, (size_t)n);
	return n == 0 && !out->full;
}
