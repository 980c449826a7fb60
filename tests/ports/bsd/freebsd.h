/* Makes the file that follows believe in FreeBSD; the C library's own headers come
 * before, because the compiler's <stddef.h> believes it too. */
#include "bsd/prelude.h"
#define __FreeBSD__ 14
