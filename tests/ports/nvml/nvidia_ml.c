/*
 * Stands in for NVIDIA's management library, so that loading it, asking it and
 * giving it up are tested where there is no driver: the functions and structures
 * of the NVML API Reference Guide that src/host/host_posix_nvml.c uses. What it
 * does is named by VIT_TEST_NVML: "two" devices, "mismatch" of driver and library,
 * "hang", "crash", "old" (no versioned functions).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GIB (1024ULL * 1024 * 1024)

struct memory { unsigned long long total, free, used; };
struct memory_v2 { unsigned version; unsigned long long total, reserved, free, used; };
struct process { unsigned pid; unsigned long long memory; unsigned gi, ci; };

static int is(const char *what)
{
	const char *mode = getenv("VIT_TEST_NVML");

	return mode && strcmp(mode, what) == 0;
}

int nvmlInit_v2(void)
{
	if (is("hang"))
		for (;;)
			pause();
	if (is("crash"))
		abort();
	puts("noise on standard output");
	return is("mismatch") ? 18 : 0;
}

int nvmlShutdown(void) { return 0; }

const char *nvmlErrorString(int result)
{
	return result == 18 ? "RM has detected an NVML/RM version mismatch." :
	       result == 3 ? "Not Supported" : "Success";
}

int nvmlSystemGetDriverVersion(char *out, unsigned size)
{
	snprintf(out, size, "580.159.04");
	return 0;
}

int nvmlSystemGetCudaDriverVersion_v2(int *out)
{
	*out = 12080;
	return 0;
}

int nvmlDeviceGetCount_v2(unsigned *out)
{
	*out = 2;
	return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **out)
{
	static char devices[2];

	*out = &devices[index];
	return 0;
}

static int index_of(void *device)
{
	void *first;

	nvmlDeviceGetHandleByIndex_v2(0, &first);
	return device != first;
}

int nvmlDeviceGetName(void *d, char *out, unsigned size)
{
	snprintf(out, size, "%s", index_of(d) ? "NVIDIA GB10" : "NVIDIA Stand-in\tPCIe");
	return 0;
}

/* GB10 has no memory of its own and says so. */
int nvmlDeviceGetMemoryInfo(void *d, struct memory *out)
{
	if (index_of(d))
		return 3;
	out->total = 80 * GIB;
	out->used = 5 * GIB;
	out->free = 75 * GIB;
	return 0;
}

int nvmlDeviceGetMemoryInfo_v2(void *d, struct memory_v2 *out)
{
	if (index_of(d))
		return 3;
	if (is("old") || out->version != (sizeof(*out) | 2u << 24))
		return 13;
	out->total = 80 * GIB;
	out->reserved = 1 * GIB;
	out->used = 4 * GIB;
	out->free = 75 * GIB;
	return 0;
}

int nvmlDeviceGetCudaComputeCapability(void *d, int *major, int *minor)
{
	*major = index_of(d) ? 12 : 9;
	*minor = index_of(d) ? 1 : 0;
	return 0;
}

int nvmlDeviceGetMigMode(void *d, unsigned *current, unsigned *pending)
{
	*current = *pending = 0;
	return index_of(d) ? 3 : 0;
}

int nvmlDeviceGetMemoryBusWidth(void *d, unsigned *bits)
{
	*bits = 5120;
	return index_of(d) ? 3 : 0;
}

int nvmlDeviceGetMaxClockInfo(void *d, int type, unsigned *mhz)
{
	*mhz = 2619;
	return index_of(d) || type != 2 ? 3 : 0;
}

int nvmlDeviceGetComputeRunningProcesses_v3(void *d, unsigned *count, struct process *out)
{
	if (index_of(d))
		return 3;
	*count = 2;
	out[0] = (struct process){ 4711, 3 * GIB, 0xffffffff, 0xffffffff };
	out[1] = (struct process){ 4712, ~0ULL, 0xffffffff, 0xffffffff };
	return 0;
}

int nvmlDeviceGetGraphicsRunningProcesses_v3(void *d, unsigned *count, struct process *out)
{
	if (index_of(d))
		return 3;
	*count = 1;
	out[0] = (struct process){ 4711, 3 * GIB, 0xffffffff, 0xffffffff };
	return 0;
}

int nvmlSystemGetProcessName(unsigned pid, char *out, unsigned size)
{
	snprintf(out, size, "%s", pid == 4711 ? "/home/anna/venv/bin/python3 train.py --secret x" : "");
	return pid == 4711 ? 0 : 6;
}
