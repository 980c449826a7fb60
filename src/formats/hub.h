/*
 * The model hub's names and answers: "hf://org/name@revision/folder", the
 * listing of a repository, the description of one.
 *
 * Pure functions of text. The JSON is streamed: unknown keys are skipped, what
 * is needed and missing makes an entry bad, which is counted and left out.
 */
#ifndef VIT_FORMATS_HUB_H
#define VIT_FORMATS_HUB_H

#include "base/arena.h"
#include "base/err.h"

/* Entries of a listing, over all its pages. */
#define VIT_HUB_MAX_ENTRIES 1000000u

struct vit_hub_ref {
	struct vit_str repo;     /* "org/name", or "name" of the oldest models */
	struct vit_str revision; /* branch, tag or commit; "main" when none is named */
	bool revision_named;
	struct vit_str folder;   /* in the repository, without '/' at the ends; or empty */
};

/* Reads "org/name[@revision][/folder]", what stands behind "hf://" ("models/" may
 * stand before it). A revision holds no '/' but in refs/pr/N and refs/convert/X,
 * or written %2F. Strings are in the arena. Fails: USAGE, with what is wrong; so
 * does the name of a data set or a space. */
VIT_MUST_USE enum vit_errc vit_hub_ref_parse(struct vit_arena *a, struct vit_str text,
					     struct vit_hub_ref *out, struct vit_err *err);
/* The same from the path of a web page of the hub: "/org/name[/tree/revision[/folder]]". */
VIT_MUST_USE enum vit_errc vit_hub_ref_parse_page(struct vit_arena *a, struct vit_str path,
						  struct vit_hub_ref *out, struct vit_err *err);

struct vit_hub_entry {
	struct vit_str path;   /* plain (base/path.h) */
	bool is_folder;
	bool lfs;              /* digest is the sha256 of the content, else git's blob id */
	uint64_t size;         /* bytes of the content */
	struct vit_str digest; /* lower-case hex, or empty when none is given */
};

struct vit_hub_listing {
	struct vit_vec entries; /* struct vit_hub_entry; caller takes or frees */
	uint64_t bad_entries;   /* without a plain path, a size, or of another shape */
};

/* Appends one page, an array. Fails: SYNTAX (no JSON, no array), LIMIT. */
VIT_MUST_USE enum vit_errc vit_hub_listing_read(struct vit_arena *a, struct vit_str page,
						struct vit_hub_listing *out, struct vit_err *err);

struct vit_hub_info {
	struct vit_str id;  /* the repository's present name */
	struct vit_str sha; /* commit that the revision is, 40 lower-case hex digits */
	bool gated, hidden, disabled; /* hidden: private */
};

/* Fails: SYNTAX when it is no such description or holds no commit. */
VIT_MUST_USE enum vit_errc vit_hub_info_read(struct vit_arena *a, struct vit_str text,
					     struct vit_hub_info *out, struct vit_err *err);

/* 40 lower-case hex digits? */
bool vit_hub_is_commit(struct vit_str s);

#endif
