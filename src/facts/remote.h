/*
 * What was fetched over a network, from where, and what it cost.
 */
#ifndef VIT_FACTS_REMOTE_H
#define VIT_FACTS_REMOTE_H

#include "base/err.h"
#include "base/str.h"
#include "formats/hub.h"

enum vit_remote_kind {
	VIT_REMOTE_NONE,   /* the model audited is a folder of this machine */
	VIT_REMOTE_HUB,    /* hf://org/name */
	VIT_REMOTE_FOLDER, /* https://: a folder of a plain web server */
};

struct vit_remote {
	enum vit_remote_kind kind;   /* of the model audited */
	struct vit_str endpoint;     /* "https://huggingface.co", or the folder's URL */
	struct vit_str repo;         /* its present name, "org/name"; or empty */
	struct vit_str asked_repo;   /* as asked for; another than repo when it was moved */
	struct vit_str asked_revision; /* "main"; or empty */
	struct vit_str revision;     /* the commit it is, or empty */
	bool gated;
	const struct vit_hub_entry *listing; /* of the hub at that commit, below the folder
	                                      that was asked for, sorted by path; or NULL */
	uint32_t listing_count;
	uint32_t refused;            /* of a web folder: usual files answered with 403, taken for absent */
	uint64_t bad_entries;        /* of the hub's listing: left out */
	/* Of the whole run, --hub included. */
	uint64_t requests, redirects, retries;
	uint64_t bytes;              /* of bodies received */
};

/* How a file of a local copy compares with the hub's (--hub). */
enum vit_hub_state {
	VIT_HUB_SAME,       /* its digest was computed and is the hub's */
	VIT_HUB_NOTED,      /* not hashed: size and the client's note of what it fetched are the hub's */
	VIT_HUB_SIZE,       /* not hashed: the size is the hub's, and nothing more is known */
	VIT_HUB_ALTERED,    /* another digest or size */
	VIT_HUB_STALE,      /* as fetched, from another revision than the one compared with */
	VIT_HUB_MISSING,    /* on the hub alone */
	VIT_HUB_EXTRA,      /* here alone */
	VIT_HUB_UNREADABLE, /* here and cannot be read; err says why */
};
const char *vit_hub_state_name(enum vit_hub_state s); /* as in JSON: "same", "noted", "same-size", ... */

struct vit_hub_file {
	struct vit_str path;
	uint32_t file;            /* row in vit_files, or UINT32_MAX */
	uint32_t entry;           /* row in vit_remote.listing, or UINT32_MAX */
	enum vit_hub_state state;
	struct vit_str digest;    /* of the local file, computed or as the client noted it; or empty */
	const struct vit_err *err;
};

/* A local copy held against the hub; repository, revision and listing are in vit_remote. */
struct vit_hub {
	bool asked;
	const struct vit_err *err;     /* why it could not be compared, or NULL */
	struct vit_str repo_source;    /* what told the repository: "--repo", "spec gpt-oss-20b", ... */
	struct vit_str local_revision; /* commit the copy was fetched at, or empty: not known */
	bool local_unknown;            /* the hub does not know that commit: its branch was compared */
	struct vit_str head;           /* commit of the branch or tag now */
	uint32_t changed;              /* files of other content at head, or there alone, or gone there */
	struct vit_str first_changed;
	struct vit_hub_file *files;    /* sorted by path */
	uint32_t file_count;
};

#endif
