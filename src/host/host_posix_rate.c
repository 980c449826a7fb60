/* How fast a file can be read, the page cache passed by where there is a way. */
#include "host/host_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/num.h"

#define PIECE ((size_t)8 << 20)
#define ALIGNMENT 4096

struct rate_task {
	int fd;
	uint64_t size;
	int64_t until_ns;
};

/* True when reads of fd come from the device and leave nothing behind. */
static bool pass_cache(int fd)
{
#if defined(O_DIRECT)
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_DIRECT) == 0;
#elif defined(F_NOCACHE)
	/* What is cached already is still taken from there. */
	return fcntl(fd, F_NOCACHE, 1) == 0;
#else
	(void)fd;
	return false;
#endif
}

static void leave_direct(int fd)
{
#if defined(O_DIRECT)
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0)
		(void)fcntl(fd, F_SETFL, flags & ~O_DIRECT);
#else
	(void)fd;
#endif
}

/* Bytes read at `at`, 0 at the end, -1 with errno. */
static ssize_t read_piece(int fd, void *piece, uint64_t at)
{
	ssize_t n;

	do
		n = pread(fd, piece, PIECE, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n;
}

/* The pieces are spread over the file, so that no one part's luck is taken for
 * the disk's rate; each is long enough for the seek to be nothing. */
static int measure(const struct rate_task *t, void *piece, struct vit_host_rate *r)
{
	uint64_t pieces = t->size / PIECE > 0 ? t->size / PIECE : 1;
	uint64_t most = VIT_HOST_RATE_BYTES / PIECE, stride = pieces > most ? pieces / most : 1;

	r->cached = !pass_cache(t->fd);
	for (uint64_t i = 0; i < pieces; i += stride) {
		int64_t begin = vit_posix_monotonic_ns();
		ssize_t n = read_piece(t->fd, piece, i * PIECE);

		if (n < 0 && errno == EINVAL && !r->cached && r->bytes == 0) {
			/* A file system that takes the flag and refuses the reads. */
			leave_direct(t->fd);
			r->cached = true;
			n = read_piece(t->fd, piece, i * PIECE);
		}
		if (n < 0)
			return errno;
		r->bytes += (uint64_t)n;
		r->nanoseconds += (uint64_t)(vit_posix_monotonic_ns() - begin);
		if (n == 0 || vit_posix_monotonic_ns() >= t->until_ns)
			break;
	}
	return 0;
}

static int child(void *arg, int out)
{
	const struct rate_task *t = arg;
	struct vit_host_rate r = { 0, 0, false };
	void *piece = NULL;
	char text[96];
	int sys;

	if (posix_memalign(&piece, ALIGNMENT, PIECE) != 0)
		return 1;
	/* Its pages are there before the clock runs. */
	memset(piece, 0, PIECE);
	sys = measure(t, piece, &r);
	free(piece);
	snprintf(text, sizeof(text), "%d %llu %llu %d", sys, (unsigned long long)r.bytes,
		 (unsigned long long)r.nanoseconds, r.cached);
	return vit_posix_write(out, vit_str_c(text)) ? 0 : 1;
}

static bool take(struct vit_str *rest, uint64_t *out)
{
	struct vit_str field;

	return vit_str_split(rest, ' ', &field) && vit_parse_u64(field, out);
}

enum vit_errc vit_posix_read_rate(void *ctx, int fd, uint64_t size, unsigned timeout_ms,
				  struct vit_host_rate *out, struct vit_err *err)
{
	struct rate_task t = { fd, size,
			       vit_posix_monotonic_ns() + (int64_t)timeout_ms * 1000000 };
	struct vit_buf text;
	struct vit_str rest;
	uint64_t sys = 0, cached = 0;
	int status = 0;
	enum vit_errc rc;

	(void)ctx;
	vit_buf_init(&text, 4096);
	/* A read that is under way when the time is over may end. */
	rc = vit_posix_call(child, &t, "reading", timeout_ms + 2000, &text, &status, err);
	rest = vit_buf_view(&text);
	if (rc == VIT_OK && (status != 0 || !take(&rest, &sys) || !take(&rest, &out->bytes) ||
			     !take(&rest, &out->nanoseconds) || !take(&rest, &cached)))
		rc = vit_err_set(err, VIT_E_IO, "reading: the measurement was lost");
	else if (rc == VIT_OK && sys != 0)
		rc = vit_err_sys(err, (int)sys, "reading");
	out->cached = cached != 0;
	vit_buf_release(&text);
	return rc;
}
