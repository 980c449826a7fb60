/* Stand-in for the BSDs' <sys/sysctl.h>; OpenBSD has no names. */
#ifndef VIT_STUB_SYSCTL_H
#define VIT_STUB_SYSCTL_H

#include <stddef.h>
#include <stdint.h>

#define CTL_KERN 1
#define CTL_VM 2
#define CTL_HW 6
#define KERN_HOSTNAME 10
#define VM_UVMEXP 4
#define VM_UVMEXP2 5
#define HW_MODEL 2
#define HW_NCPU 3
#define HW_PAGESIZE 7
#define HW_PRODUCT 15
#define HW_PHYSMEM64 19
#define HW_USERMEM64 20

int sysctl(const int *name, unsigned int name_size, void *old, size_t *old_size,
	   const void *new_value, size_t new_size);
#if !defined(__OpenBSD__)
int sysctlbyname(const char *name, void *old, size_t *old_size, const void *new_value,
		 size_t new_size);
int sysctlnametomib(const char *name, int *mib, size_t *size);
#endif

#endif
