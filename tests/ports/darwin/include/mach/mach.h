/* Stand-in for macOS's <mach/mach.h>: what host_darwin.c uses, and no more. */
#ifndef VIT_STUB_MACH_H
#define VIT_STUB_MACH_H

#include <stdint.h>

typedef int kern_return_t;
typedef int integer_t;
typedef unsigned int mach_port_t;
typedef unsigned int mach_msg_type_number_t;
typedef unsigned int natural_t;
typedef int host_flavor_t;
typedef integer_t *host_info64_t;

typedef struct vm_statistics64 {
	natural_t free_count, active_count, inactive_count, wire_count;
	uint64_t zero_fill_count;
	natural_t purgeable_count, speculative_count;
	natural_t compressor_page_count, throttled_count, external_page_count;
} vm_statistics64_data_t;

#define KERN_SUCCESS 0
#define HOST_VM_INFO64 4
#define HOST_VM_INFO64_COUNT \
	((mach_msg_type_number_t)(sizeof(vm_statistics64_data_t) / sizeof(integer_t)))

mach_port_t mach_host_self(void);
mach_port_t mach_task_self(void);
kern_return_t mach_port_deallocate(mach_port_t task, mach_port_t name);
kern_return_t host_statistics64(mach_port_t host, host_flavor_t flavor, host_info64_t info,
				mach_msg_type_number_t *count);

#endif
