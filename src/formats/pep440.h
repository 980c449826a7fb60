/*
 * Python versions and version ranges: PEP 440, as `packaging` decides.
 *
 * No files, no environment: text in, order out. Versions are parsed leniently
 * ("v1.0-RC.1" is 1.0rc1), as the PEP's appendix B allows. A range is a comma
 * list of clauses; installed pre-releases count (pip's own check of what is
 * installed does the same).
 */
#ifndef VIT_FORMATS_PEP440_H
#define VIT_FORMATS_PEP440_H

#include "base/str.h"

#define VIT_PEP440_RELEASE_MAX 16 /* numbers before the first letter */

enum vit_pep440_pre { VIT_PRE_NONE, VIT_PRE_ALPHA, VIT_PRE_BETA, VIT_PRE_RC };

struct vit_pep440 {
	uint32_t epoch;
	uint32_t release[VIT_PEP440_RELEASE_MAX];
	unsigned release_count;  /* at least 1 */
	enum vit_pep440_pre pre;
	uint32_t pre_number;
	bool has_post, has_dev;
	uint32_t post, dev;
	struct vit_str local;    /* borrowed of the parsed text: "cu128", or empty */
};

/* False when s is no version (or has a number above 2^32 - 1). */
bool vit_pep440_parse(struct vit_str s, struct vit_pep440 *out);
/* -1, 0, 1; local parts count. */
int vit_pep440_cmp(const struct vit_pep440 *a, const struct vit_pep440 *b);

/* Is every clause of the range one that can be read? The empty range is. */
bool vit_pep440_is_range(struct vit_str range);
/* Does the version lie in the range (which must be readable: else false)? */
bool vit_pep440_matches(const struct vit_pep440 *version, struct vit_str range);

/* PEP 503: lower case, runs of '-', '_' and '.' as one '-'. At most size - 1
 * bytes and a NUL; false when it does not fit, is empty, or has
 * another character than letters, digits and those. */
bool vit_pep503_name(struct vit_str name, char *out, size_t size);

#endif
