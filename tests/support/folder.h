/*
 * Folders for tests: made in a temporary directory, removed at the end. What
 * cannot be made fails the test at once.
 */
#ifndef VIT_TESTS_FOLDER_H
#define VIT_TESTS_FOLDER_H

#include "base/str.h"

struct folder {
	char path[256];
};

void folder_new(struct folder *f);
/* With everything in it, whatever its permissions. */
void folder_remove(struct folder *f);
/* "path/name"; valid until the next call. */
const char *folder_at(const struct folder *f, const char *name);
/* The folders a name lies in are made as needed. */
void folder_write(const struct folder *f, const char *name, struct vit_str content);
void folder_text(const struct folder *f, const char *name, const char *content);
void folder_mkdir(const struct folder *f, const char *name);
void folder_link(const struct folder *f, const char *name, const char *target);
void folder_fifo(const struct folder *f, const char *name);
void folder_socket(const struct folder *f, const char *name);
void folder_sparse(const struct folder *f, const char *name, uint64_t size);
void folder_mode(const struct folder *f, const char *name, unsigned mode);

/*
 * Runs `body` as a user without privileges: root reads everything, so cases of
 * permission prove nothing under it. As root it runs in a child process with
 * another uid, and a cmocka failure there is a failure here. Returns false,
 * having run nothing, where that is not possible: the test then skips.
 */
bool folder_unprivileged(void (*body)(void *ctx), void *ctx);

#endif
