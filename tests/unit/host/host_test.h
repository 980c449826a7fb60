/* What the tests of the host share. */
#ifndef VIT_TEST_HOST_TEST_H
#define VIT_TEST_HOST_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

#define assert_str(s, text) assert_text_equal((s), (text), __FILE__, __LINE__)

static inline void assert_text_equal(struct vit_str s, const char *text, const char *file,
				     int line)
{
	if (!vit_str_is(s, text)) {
		print_error("'%.*s' is not '%s'\n", VIT_FMT(s), text);
		_fail(file, line);
	}
}

#endif
