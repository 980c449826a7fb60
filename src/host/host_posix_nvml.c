/*
 * NVIDIA's management library, loaded when it is asked: we neither link it nor
 * need its headers. The functions and structures below are those of the NVML
 * API Reference Guide, whose versioned names (_v2, _v3) are stable for ever.
 */
#include "host/host_posix.h"

#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

#include "host/table.h"

#define MAX_DEVICES 1024
#define MAX_PROCESSES 256
#define NO_LIBRARY 3 /* exit status of the child */

/* Results of NVML that are told apart. */
enum { NVML_SUCCESS = 0, NVML_NOT_SUPPORTED = 3, NVML_INSUFFICIENT_SIZE = 7 };
#define NVML_CLOCK_MEMORY 2
#define NVML_NOT_AVAILABLE UINT64_MAX

typedef struct nvml_device *nvml_device; /* opaque */

struct nvml_memory {
	unsigned long long total, free, used;
};

struct nvml_memory_v2 {
	unsigned version;
	unsigned long long total, reserved, free, used;
};

struct nvml_process {
	unsigned pid;
	unsigned long long memory;
	unsigned gpu_instance, compute_instance;
};

struct nvml {
	int (*init)(void);
	int (*shutdown)(void);
	const char *(*error_string)(int result);
	int (*driver)(char *out, unsigned size);
	int (*cuda)(int *out);
	int (*count)(unsigned *out);
	int (*handle)(unsigned index, nvml_device *out);
	int (*name)(nvml_device d, char *out, unsigned size);
	int (*memory)(nvml_device d, struct nvml_memory *out);
	int (*memory_v2)(nvml_device d, struct nvml_memory_v2 *out);
	int (*capability)(nvml_device d, int *major, int *minor);
	int (*mig)(nvml_device d, unsigned *current, unsigned *pending);
	int (*bus_width)(nvml_device d, unsigned *bits);
	int (*max_clock)(nvml_device d, int type, unsigned *mhz);
	int (*compute)(nvml_device d, unsigned *count, struct nvml_process *out);
	int (*graphics)(nvml_device d, unsigned *count, struct nvml_process *out);
	int (*process_name)(unsigned pid, char *out, unsigned size);
};

/* The function of that name, or NULL; POSIX gives functions as void pointers. */
static void load(void *library, const char *name, void *function)
{
	void *found = dlsym(library, name);

	memcpy(function, &found, sizeof(found));
}

static bool load_all(struct nvml *n)
{
	/* By the linker's rules, and where Kubernetes and WSL put it outside them. */
	static const char *const names[] = { "libnvidia-ml.so.1",
					     "/usr/local/nvidia/lib64/libnvidia-ml.so.1",
					     "/usr/lib/wsl/lib/libnvidia-ml.so.1" };
	void *library = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !library; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return false;
	load(library, "nvmlInit_v2", &n->init);
	load(library, "nvmlShutdown", &n->shutdown);
	load(library, "nvmlErrorString", &n->error_string);
	load(library, "nvmlSystemGetDriverVersion", &n->driver);
	load(library, "nvmlSystemGetCudaDriverVersion_v2", &n->cuda);
	load(library, "nvmlDeviceGetCount_v2", &n->count);
	load(library, "nvmlDeviceGetHandleByIndex_v2", &n->handle);
	load(library, "nvmlDeviceGetName", &n->name);
	load(library, "nvmlDeviceGetMemoryInfo", &n->memory);
	load(library, "nvmlDeviceGetMemoryInfo_v2", &n->memory_v2);
	load(library, "nvmlDeviceGetCudaComputeCapability", &n->capability);
	load(library, "nvmlDeviceGetMigMode", &n->mig);
	load(library, "nvmlDeviceGetMemoryBusWidth", &n->bus_width);
	load(library, "nvmlDeviceGetMaxClockInfo", &n->max_clock);
	load(library, "nvmlDeviceGetComputeRunningProcesses_v3", &n->compute);
	load(library, "nvmlDeviceGetGraphicsRunningProcesses_v3", &n->graphics);
	/* Drivers before 510 have the second version, of the same structure. */
	if (!n->compute)
		load(library, "nvmlDeviceGetComputeRunningProcesses_v2", &n->compute);
	if (!n->graphics)
		load(library, "nvmlDeviceGetGraphicsRunningProcesses_v2", &n->graphics);
	load(library, "nvmlSystemGetProcessName", &n->process_name);
	return n->init && n->count && n->handle;
}

static void number(struct vit_buf *out, unsigned long long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", value);
	vit_table_field(out, vit_str_c(text), false);
}

/* "INDEX\tWHAT"; the values follow. */
static void begin(struct vit_buf *out, unsigned index, const char *what)
{
	char text[24];

	snprintf(text, sizeof(text), "%u", index);
	vit_table_field(out, vit_str_c(text), true);
	vit_table_field(out, vit_str_c(what), false);
}

/* What was asked and refused, with NVML's words for it. */
static void failure(const struct nvml *n, struct vit_buf *out, unsigned index, const char *what,
		    int result)
{
	const char *text = n->error_string ? n->error_string(result) : NULL;

	begin(out, index, "error");
	vit_table_field(out, vit_str_c(what), false);
	number(out, (unsigned)result);
	vit_table_field(out, vit_str_c(text ? text : ""), false);
	vit_buf_putc(out, '\n');
}

static void tell_memory(const struct nvml *n, nvml_device d, unsigned index, struct vit_buf *out)
{
	struct nvml_memory_v2 v2 = { .version = sizeof(v2) | 2u << 24 };
	struct nvml_memory v1 = { 0, 0, 0 };
	int result = NVML_NOT_SUPPORTED;

	if (n->memory_v2 && n->memory_v2(d, &v2) == NVML_SUCCESS) {
		begin(out, index, "memory");
		number(out, v2.total);
		number(out, v2.used);
		number(out, v2.free);
		number(out, v2.reserved);
		vit_buf_putc(out, '\n');
		return;
	}
	/* Its `used` holds what is reserved, too. */
	if (n->memory)
		result = n->memory(d, &v1);
	if (result != NVML_SUCCESS) {
		failure(n, out, index, "memory", result);
		return;
	}
	begin(out, index, "memory");
	number(out, v1.total);
	number(out, v1.used);
	number(out, v1.free);
	vit_buf_putc(out, '\n');
}

static void tell_processes(const struct nvml *n, nvml_device d, unsigned index, const char *type,
			   int (*ask)(nvml_device, unsigned *, struct nvml_process *),
			   struct vit_buf *out)
{
	struct nvml_process found[MAX_PROCESSES];
	unsigned count = MAX_PROCESSES;
	int result = ask ? ask(d, &count, found) : NVML_NOT_SUPPORTED;

	if (result != NVML_SUCCESS) {
		failure(n, out, index, type, result);
		return;
	}
	begin(out, index, "processes");
	vit_table_field(out, vit_str_c(type), false);
	vit_buf_putc(out, '\n');
	for (unsigned i = 0; i < count && i < MAX_PROCESSES; i++) {
		char name[512] = "";

		if (!n->process_name ||
		    n->process_name(found[i].pid, name, sizeof(name)) != NVML_SUCCESS)
			name[0] = '\0';
		name[sizeof(name) - 1] = '\0';
		begin(out, index, "process");
		number(out, found[i].pid);
		if (found[i].memory == NVML_NOT_AVAILABLE)
			vit_table_field(out, VIT_STR("-"), false);
		else
			number(out, found[i].memory);
		vit_table_field(out, vit_str_c(name), false);
		vit_buf_putc(out, '\n');
	}
}

static void tell_numbers(const struct nvml *n, nvml_device d, unsigned index, struct vit_buf *out)
{
	int major, minor;
	unsigned current, pending, value;

	if (n->capability && n->capability(d, &major, &minor) == NVML_SUCCESS && major >= 0 &&
	    minor >= 0) {
		begin(out, index, "capability");
		number(out, (unsigned)major);
		number(out, (unsigned)minor);
		vit_buf_putc(out, '\n');
	}
	if (n->mig) {
		int result = n->mig(d, &current, &pending);

		begin(out, index, "mig");
		vit_table_field(out, result == NVML_SUCCESS ? (current ? VIT_STR("on") : VIT_STR("off")) :
				     result == NVML_NOT_SUPPORTED ? VIT_STR("none") : VIT_STR("unknown"),
				false);
		vit_buf_putc(out, '\n');
	}
	if (n->bus_width && n->bus_width(d, &value) == NVML_SUCCESS) {
		begin(out, index, "bus_bits");
		number(out, value);
		vit_buf_putc(out, '\n');
	}
	if (n->max_clock && n->max_clock(d, NVML_CLOCK_MEMORY, &value) == NVML_SUCCESS) {
		begin(out, index, "memory_mhz");
		number(out, value);
		vit_buf_putc(out, '\n');
	}
}

static void tell_device(const struct nvml *n, unsigned index, struct vit_buf *out)
{
	nvml_device d = NULL;
	char name[128] = "";
	int result = n->handle(index, &d);

	begin(out, index, "device");
	vit_buf_putc(out, '\n');
	if (result != NVML_SUCCESS) {
		failure(n, out, index, "device", result);
		return;
	}
	if (n->name && n->name(d, name, sizeof(name)) == NVML_SUCCESS) {
		name[sizeof(name) - 1] = '\0';
		begin(out, index, "name");
		vit_table_field(out, vit_str_c(name), false);
		vit_buf_putc(out, '\n');
	}
	tell_memory(n, d, index, out);
	tell_numbers(n, d, index, out);
	tell_processes(n, d, index, "compute", n->compute, out);
	tell_processes(n, d, index, "graphics", n->graphics, out);
}

static void tell_system(const struct nvml *n, struct vit_buf *out)
{
	char driver[96] = "";
	int cuda = 0;

	if (n->driver && n->driver(driver, sizeof(driver)) == NVML_SUCCESS) {
		driver[sizeof(driver) - 1] = '\0';
		vit_table_field(out, VIT_STR("driver"), true);
		vit_table_field(out, vit_str_c(driver), false);
		vit_buf_putc(out, '\n');
	}
	if (n->cuda && n->cuda(&cuda) == NVML_SUCCESS && cuda > 0) {
		vit_table_field(out, VIT_STR("cuda"), true);
		number(out, (unsigned)cuda);
		vit_buf_putc(out, '\n');
	}
}

/* Runs in a child process; see vit_posix_call. */
static int ask(void *arg, int fd)
{
	struct nvml n;
	struct vit_buf out;
	unsigned count = 0;
	int result;

	(void)arg;
	memset(&n, 0, sizeof(n));
	if (!load_all(&n))
		return NO_LIBRARY;
	vit_buf_init(&out, VIT_TABLE_MAX_BYTES);
	result = n.init();
	if (result == NVML_SUCCESS)
		result = n.count(&count);
	vit_table_field(&out, VIT_STR("init"), true);
	number(&out, (unsigned)result);
	vit_table_field(&out, vit_str_c(n.error_string && n.error_string(result) ?
					n.error_string(result) : ""), false);
	vit_buf_putc(&out, '\n');
	if (result == NVML_SUCCESS) {
		tell_system(&n, &out);
		for (unsigned i = 0; i < count && i < MAX_DEVICES; i++)
			tell_device(&n, i, &out);
		if (n.shutdown)
			n.shutdown();
	}
	return vit_posix_write(fd, vit_buf_view(&out)) ? 0 : 1;
}

enum vit_errc vit_posix_nvml(void *ctx, unsigned timeout_ms, struct vit_buf *out,
			     struct vit_err *err)
{
	int status = 0;
	enum vit_errc rc;

	(void)ctx;
	rc = vit_posix_call(ask, NULL, "NVML", timeout_ms, out, &status, err);
	if (rc != VIT_OK)
		return rc;
	if (status == NO_LIBRARY)
		return vit_err_set(err, VIT_E_NOTFOUND, "NVML: no libnvidia-ml.so.1 here");
	return status == 0 ? VIT_OK : vit_err_set(err, VIT_E_IO, "NVML: its answer was lost");
}
