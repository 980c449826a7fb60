/* The steps of tests/mutations/README.md, applied to a folder. */
#ifndef VIT_TESTS_STEPS_H
#define VIT_TESTS_STEPS_H

#define STEPS_MAX_ARGS 8

struct steps_args {
	const char *at[STEPS_MAX_ARGS]; /* borrowed from the mutation's text */
	unsigned n;
};

/* Changes `mutation` while it is read. Ends the test program on any failure. */
void steps_apply(const char *dir, char *mutation, struct steps_args *args);

#endif
