/* Stand-in for macOS's <sys/mount.h>. */
#ifndef VIT_STUB_MOUNT_H
#define VIT_STUB_MOUNT_H

#include <stdint.h>

struct statfs {
	uint32_t f_bsize;
	uint64_t f_blocks, f_bavail;
	char f_fstypename[16];
};

int statfs(const char *path, struct statfs *out);

#endif
