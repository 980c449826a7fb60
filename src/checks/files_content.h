/*
 * Files whose content is not there: pointers, web pages, nothing, downloads
 * that were not finished. Private to checks/files.c.
 */
#ifndef VIT_CHECKS_FILES_CONTENT_H
#define VIT_CHECKS_FILES_CONTENT_H

#include "checks/eval.h"

void vit_files_check_content(const struct vit_files *f, const struct vit_file *row,
			     struct vit_eval *ev);

#endif
