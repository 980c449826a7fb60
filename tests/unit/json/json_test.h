/* What every test program of json needs. */
#ifndef JSON_TEST_H
#define JSON_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"
#include "json/reader.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
/* A text that may hold NUL, for tables. */
#define T(lit) { "" lit, sizeof(lit) - 1 }

#define assert_str(s, lit) \
	do { \
		struct vit_str got_ = (s), want_ = VIT_STR(lit); \
		assert_int_equal(got_.n, want_.n); \
		assert_memory_equal(got_.n ? got_.p : "", want_.p, want_.n); \
	} while (0)

/* Texts that are JSON, and texts that are not. */
struct good_case {
	struct vit_str text;
	unsigned options;
};
struct bad_case {
	struct vit_str text;
	uint64_t offset; /* of the fault */
	unsigned options;
	const char *message; /* a part of it, or NULL */
};
extern const struct good_case good_cases[];
extern const size_t good_count;
extern const struct bad_case bad_cases[];
extern const size_t bad_count;

/* Appends one line for each event: all its fields, raw included. `window` 0
 * reads the text as a whole, else through a window of that size by reads of at
 * most `chunk` bytes. Returns the reader's error code. */
enum vit_errc trace(struct vit_str text, unsigned options, size_t window, size_t chunk,
		    struct vit_buf *out);

#endif
