/* Stand-in for OpenBSD's <uvm/uvmexp.h>. */
#ifndef VIT_STUB_UVMEXP_H
#define VIT_STUB_UVMEXP_H

struct uvmexp {
	int pagesize, npages, free, active, inactive, swpages, swpginuse;
};

#endif
