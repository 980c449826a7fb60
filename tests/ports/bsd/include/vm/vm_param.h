/* Stand-in for FreeBSD's <vm/vm_param.h>. */
#ifndef VIT_STUB_VM_PARAM_H
#define VIT_STUB_VM_PARAM_H

#include <stdint.h>

#define XSWDEV_VERSION 2

struct xswdev {
	unsigned int xsw_version;
	uint64_t xsw_dev;
	int xsw_flags, xsw_nblks, xsw_used;
};

#endif
