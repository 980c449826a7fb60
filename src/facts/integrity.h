/*
 * What is promised about the bytes, by whom, and what the bytes are.
 *
 * Sources are facts and cost little (small files are read). Digests are
 * computed only with --verify. Nothing is judged here: a state says what was
 * compared and how it came out; checks make findings of it.
 */
#ifndef VIT_FACTS_INTEGRITY_H
#define VIT_FACTS_INTEGRITY_H

#include "base/err.h"
#include "base/str.h"
#include "hash/digest.h"

/* Best first: where two sources promise something about one file, the one
 * earlier in this list is compared; the others are held against it. */
enum vit_truth_kind {
	VIT_TRUTH_LOCK,         /* vitalis.lock in the folder or beside it */
	VIT_TRUTH_SHA256SUMS,   /* SHA256SUMS, sha256sum.txt, *.sha256 */
	VIT_TRUTH_SPEC,         /* digests of the pinned model */
	VIT_TRUTH_HUB_DOWNLOAD, /* .cache/huggingface/download/<path>.metadata */
	VIT_TRUTH_HUB_CACHE,    /* blobs/<etag> that a snapshot links to */
	VIT_TRUTH_LFS_POINTER,  /* pointers in git objects of a clone */
	VIT_TRUTH_GIT,          /* blob ids in .git/index */
	VIT_TRUTH_HUB,          /* the hub's answer (--hub, hf://) */
	VIT_TRUTH_COUNT
};

struct vit_truth {
	enum vit_truth_kind kind;
	struct vit_str name;       /* "vitalis.lock", "spec gpt-oss-20b", "hub download traces" */
	struct vit_str path;       /* file it was read from, relative to the root or as found; or empty */
	struct vit_str revision;   /* commit it speaks of, or empty */
	uint32_t file_count;       /* files it promises something about */
	const struct vit_err *err; /* why it could not be read, or NULL */
	uint64_t bad_lines;        /* lines of it that could not be read */
	uint32_t bad_line;         /* the first, 1-based */
};

struct vit_promise {
	struct vit_str path;       /* relative to the root */
	uint32_t truth;            /* into vit_integrity.truths */
	enum vit_digest_algorithm algorithm;
	struct vit_str digest;     /* lower-case hex; empty: only the size is promised */
	bool has_size;
	uint64_t size;
	struct vit_str revision;   /* of a trace of the hub's client: the commit it fetched; or empty */
	bool stale;                /* hub trace older than the file: not trusted */
	bool of_pointer;           /* git: the id is that of the file's LFS pointer, which its
	                              sha256 and size give */
};

enum vit_verify_state {
	VIT_VERIFY_NONE,        /* not asked for */
	VIT_VERIFY_MATCH,       /* the digest is the promised one */
	VIT_VERIFY_DIFFERS,     /* it is another */
	VIT_VERIFY_SIZE,        /* the size alone differs from the promised one: not hashed */
	VIT_VERIFY_UNCOVERED,   /* no source says anything about this file */
	VIT_VERIFY_MISSING,     /* promised and not there */
	VIT_VERIFY_CHANGED,     /* changed while it was hashed */
	VIT_VERIFY_UNREADABLE,  /* err says why */
	VIT_VERIFY_STOPPED,     /* the user interrupted before it was done */
};
const char *vit_verify_state_name(enum vit_verify_state s); /* as in JSON: "verified", "altered", ... */

struct vit_verified {
	struct vit_str path;
	uint32_t file;             /* row in vit_files, or UINT32_MAX when missing */
	enum vit_verify_state state;
	uint32_t promise;          /* into promises: the one compared, or UINT32_MAX */
	uint32_t conflict;         /* another promise that contradicts it, or UINT32_MAX */
	enum vit_digest_algorithm algorithm;
	char digest[VIT_DIGEST_HEX]; /* computed or remembered; empty when not */
	bool remembered;           /* taken from the digest cache */
	int64_t remembered_since;  /* seconds since the epoch */
	const struct vit_err *err;
};

struct vit_integrity {
	bool asked;                /* --verify */
	struct vit_truth *truths;  /* in the order of the enum */
	uint32_t truth_count;
	struct vit_promise *promises; /* sorted by path, then truth */
	uint32_t promise_count;
	struct vit_verified *files;   /* sorted by path; with --verify all, else those with promises */
	uint32_t file_count;
	uint64_t bytes_hashed;     /* read and hashed in this run */
	uint64_t bytes_remembered;
	uint64_t hash_ns;          /* wall time of hashing */
	bool stopped;              /* interrupted */
};

#endif
