/* Makes the file that follows believe in NetBSD; the C library's own headers come
 * before, because the compiler's <stddef.h> believes it too. */
#include "bsd/prelude.h"
#define __NetBSD__ 14
