/*
 * An engine that judges nothing: it remembers the options of the last call,
 * writes a line per output, and answers what the test set.
 */
#ifndef VIT_TEST_FAKE_ENGINE_H
#define VIT_TEST_FAKE_ENGINE_H

#include "vitalis/audit.h"

#define FAKE_MAX 8

struct fake_engine {
	/* set by the test */
	int answer;
	bool silent;              /* write nothing */
	enum vit_errc error;      /* what err is filled with; VIT_OK: nothing */
	int raise_signal;         /* sent to ourselves while the audit runs; 0: none */
	/* remembered */
	bool saw_stop;
	char cache_dir[256];
	const char *called;       /* name of the function, or NULL */
	struct vit_audit_options options;
	char path[256], spec[256], base[256], policy[256], fail_on[32], host_root[256], record_host[256];
	char only[FAKE_MAX][64], skip[FAKE_MAX][64];
	char formats[FAKE_MAX][32];
	enum vit_verbosity verbosity[FAKE_MAX];
	size_t outputs;
};
extern struct fake_engine fake;

#endif
