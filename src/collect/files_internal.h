/*
 * Parts of the walk: what a file is by its name and its first bytes, and where
 * a link leads. Private to collect; declared here so that tests reach them.
 */
#ifndef VIT_COLLECT_FILES_INTERNAL_H
#define VIT_COLLECT_FILES_INTERNAL_H

#include "collect/source.h"

/* Bytes of a file that are looked at to learn its kind. */
#define VIT_PEEK_BYTES 512
/* Largest file that can be a git-LFS pointer (the limit of git-lfs itself),
 * and the smallest (version, oid and a size of one digit). */
#define VIT_LFS_POINTER_MAX 1024
#define VIT_LFS_POINTER_MIN 120
/* Files of unknown kind that are opened to look for programs; the walk of a
 * folder of a million of them would else cost seconds. */
#define VIT_PEEK_UNKNOWN_MAX 4096

/* files_kind.c: pure functions of the name. `path` is relative to the root. */
enum vit_file_kind vit_kind_by_name(struct vit_str path, enum vit_file_type type);
/* VIT_FF_NOT_UTF8 and VIT_FF_CONTROL of the last part of the path. */
uint32_t vit_name_flags(struct vit_str path);

/* files_peek.c */
/* Does content decide anything about this row? (`unknown`: rows of kind OTHER
 * that were looked at so far.) */
bool vit_peek_wanted(const struct vit_file *row, uint32_t unknown);
/* Sets kind, flags and lfs_* from the first bytes of the file (the whole of a
 * file of at most VIT_LFS_POINTER_MAX bytes). Pure. */
void vit_kind_by_bytes(struct vit_arena *a, struct vit_file *row, struct vit_str head);
/* Opens and peeks; a failure is kept in the row. */
void vit_peek(struct vit_arena *a, const struct vit_source *s, struct vit_file *row);

/* files_hub.c, files_link.c */
struct vit_link_roots {
	struct vit_str root;  /* real path of the folder */
	struct vit_str blobs; /* real path of the hub cache's blobs/, or empty */
};
/* Fills blobs and the hub_* facts from the folder's real path. */
void vit_hub_layout(struct vit_arena *a, struct vit_files *files, struct vit_link_roots *roots);
/* `real` is the real path of *folder. When it is a model's folder in the hub's
 * cache ("models--org--name"), *folder becomes the snapshot that refs/main names,
 * or the only one; fails with NOTFOUND, saying what to give, when neither is. */
VIT_MUST_USE enum vit_errc vit_hub_cache_snapshot(struct vit_arena *a, struct vit_str real, struct vit_str *folder,
						  bool *is_cache, struct vit_err *err);
/* Where the link of a row leads: target, flags, and the target's type, size
 * and times when it may be followed. */
void vit_link_resolve(struct vit_arena *a, int root_fd, const struct vit_link_roots *roots,
		      struct vit_file *row);

/* files.c: of sorted rows, what their content, their links and their names
 * together tell, and the sum of their bytes. */
void vit_files_complete(struct vit_arena *a, const struct vit_source *s,
			const struct vit_link_roots *roots, struct vit_files *f);
/* files.c: type, size, times of a row from what stat says. */
struct stat;
void vit_file_from_stat(struct vit_file *row, const struct stat *st);

#endif
