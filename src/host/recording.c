#include "host/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/host_posix.h"

#define MAX_PART 255 /* bytes of one part of a path */

/* Takes the next part of a path into name; false at its end. */
static bool next_part(struct vit_str *rest, char name[MAX_PART + 1])
{
	struct vit_str part = VIT_STR_EMPTY;

	while (part.n == 0)
		if (!vit_str_split(rest, '/', &part))
			return false;
	memcpy(name, part.p, part.n);
	name[part.n] = '\0';
	return true;
}

/* All parts can be names of ours: none climbs, none is too long. */
static bool is_safe(struct vit_str path)
{
	struct vit_str part;

	while (vit_str_split(&path, '/', &part))
		if (part.n > MAX_PART || vit_str_is(part, ".") || vit_str_is(part, ".."))
			return false;
	return true;
}

/* Creates a file below the recording, its folders made; never over a link. */
static int create_below(int dir, struct vit_str path)
{
	char name[MAX_PART + 1], ahead[MAX_PART + 1];
	bool last = false;
	int fd, next;

	errno = EINVAL;
	if (!is_safe(path) || !next_part(&path, name))
		return -1;
	fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd >= 0 && !last) {
		last = !next_part(&path, ahead);
		next = -1;
		if (last)
			next = openat(fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
				      O_CLOEXEC, 0644);
		else if (mkdirat(fd, name, 0755) == 0 || errno == EEXIST)
			next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(fd);
		fd = next;
		if (!last)
			memcpy(name, ahead, sizeof(name));
	}
	return fd;
}

enum vit_errc vit_recording_write(int dir, struct vit_str path, struct vit_str text,
				  struct vit_err *err)
{
	enum vit_errc rc = VIT_OK;
	int fd = create_below(dir, path);

	if (fd < 0 || !vit_posix_write(fd, text))
		rc = vit_err_sys(err, errno, "recording %.*s", VIT_FMT(path));
	if (fd >= 0)
		close(fd);
	return rc;
}
