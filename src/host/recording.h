/*
 * Writing the files of a recorded machine, below one folder and nowhere else.
 */
#ifndef VIT_HOST_RECORDING_H
#define VIT_HOST_RECORDING_H

#include "base/err.h"
#include "base/str.h"

/*
 * Creates dir/path (dir: an open folder; path: parts between '/', empty ones
 * passed over) with the text in it, its folders made. Never follows a link,
 * never writes over a file. Fails: IO, PERM; IO for a path with "." or ".." in
 * it or a part that is too long for a file name.
 */
VIT_MUST_USE enum vit_errc vit_recording_write(int dir, struct vit_str path, struct vit_str text,
					       struct vit_err *err);

#endif
