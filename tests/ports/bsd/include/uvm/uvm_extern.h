/* Stand-in for NetBSD's <uvm/uvm_extern.h>. */
#ifndef VIT_STUB_UVM_EXTERN_H
#define VIT_STUB_UVM_EXTERN_H

#include <stdint.h>

struct uvmexp_sysctl {
	int64_t pagesize, npages, free, active, inactive, swpages, swpginuse;
};

#endif
