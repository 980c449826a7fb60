/* Stand-in for macOS's <sys/sysctl.h>. */
#ifndef VIT_STUB_SYSCTL_H
#define VIT_STUB_SYSCTL_H

#include <stddef.h>
#include <stdint.h>

struct xsw_usage {
	uint64_t xsu_total, xsu_avail, xsu_used;
	uint32_t xsu_pagesize;
	int xsu_encrypted;
};

int sysctlbyname(const char *name, void *old, size_t *old_size, void *new_value, size_t new_size);

#endif
