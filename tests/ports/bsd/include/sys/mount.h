/* Stand-in for the <sys/mount.h> of FreeBSD and OpenBSD. */
#ifndef VIT_STUB_MOUNT_H
#define VIT_STUB_MOUNT_H

#include <stdint.h>

struct statfs {
	uint64_t f_bsize, f_blocks;
	int64_t f_bavail;
	char f_fstypename[16];
};

int statfs(const char *path, struct statfs *out);

#endif
