/* A folder of a test's own, below TMPDIR or /tmp. */
#ifndef VIT_TEST_TEMP_DIR_H
#define VIT_TEST_TEMP_DIR_H

#include <stddef.h>

/* Creates it; its path in out. Ends the test when it cannot. */
void temp_dir_make(char *out, size_t size);
/* A file in it, folders made; content of n bytes. */
void temp_dir_write(const char *dir, const char *path, const char *content, size_t n);
/* With all that is in it. */
void temp_dir_remove(const char *dir);
/* The whole file at dir/path in a buffer the caller frees; NULL when absent. */
char *temp_dir_read(const char *dir, const char *path);

#endif
