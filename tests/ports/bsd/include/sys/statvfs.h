/* Stand-in for NetBSD's <sys/statvfs.h>. */
#ifndef VIT_STUB_STATVFS_H
#define VIT_STUB_STATVFS_H

#include <stdint.h>

struct statvfs {
	unsigned long f_bsize, f_frsize;
	uint64_t f_blocks, f_bavail;
	char f_fstypename[32];
};

int statvfs(const char *path, struct statvfs *out);

#endif
