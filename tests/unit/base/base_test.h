/* What every test program of base needs. */
#ifndef BASE_TEST_H
#define BASE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* The bytes of s are those of the literal, which may hold NUL. */
#define assert_str(s, lit) \
	do { \
		struct vit_str got_ = (s), want_ = VIT_STR(lit); \
		assert_int_equal(got_.n, want_.n); \
		assert_memory_equal(got_.n ? got_.p : "", want_.p, want_.n); \
	} while (0)

#endif
