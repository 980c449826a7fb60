/* Makes the file that follows believe in OpenBSD; the C library's own headers come
 * before, because the compiler's <stddef.h> believes it too. */
#include "bsd/prelude.h"
#define __OpenBSD__ 14
