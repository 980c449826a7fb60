/* A host of literals: what is not in its tables is NOTFOUND. */
#ifndef VIT_TEST_FAKE_HOST_H
#define VIT_TEST_FAKE_HOST_H

#include "host/host.h"

struct fake_pair {
	const char *name, *value;
};

/* Tables end with a NULL name; a NULL table is empty. */
struct fake_machine {
	const char *os, *release, *arch;
	const struct fake_pair *files, *sysctls, *env;
	const char *listing;          /* names for any folder, between commas, or NULL */
	const char *output;           /* of any command, or NULL */
	const char *nvml;             /* NVML's table, or NULL */
	uint64_t read_ns;             /* a file is read in; 0: it cannot be */
	uint64_t disk_total, disk_free; /* 0: not known */
	enum vit_errc refuse;         /* for files whose value is NULL */
};

struct vit_host fake_host(struct fake_machine *m);

#endif
