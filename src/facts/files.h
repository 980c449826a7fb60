/*
 * What lies in the model folder: one row per entry, in byte order of the path.
 */
#ifndef VIT_FACTS_FILES_H
#define VIT_FACTS_FILES_H

#include "base/err.h"
#include "base/str.h"

enum vit_file_type {
	VIT_FT_REGULAR, VIT_FT_DIR, VIT_FT_LINK, /* a link whose target is no regular file or folder */
	VIT_FT_FIFO, VIT_FT_SOCKET, VIT_FT_DEVICE,
};

/* What a file is for, from its name (and its first bytes where noted). */
enum vit_file_kind {
	VIT_FK_CONFIG,        /* config.json, generation_config.json, preprocessor configs... */
	VIT_FK_INDEX,         /* *.safetensors.index.json, *.bin.index.json */
	VIT_FK_WEIGHTS,       /* *.safetensors */
	VIT_FK_PICKLE,        /* *.bin *.pt *.pth *.ckpt *.pkl that begin like a pickle or a torch zip */
	VIT_FK_GGUF, VIT_FK_OTHER_WEIGHTS, /* onnx, h5, msgpack, tflite, npz, metal/model.bin */
	VIT_FK_TOKENIZER,     /* tokenizer.json, vocab.*, merges.txt, *.model, *.tiktoken, ... */
	VIT_FK_TEMPLATE,      /* chat_template.*, additional_chat_templates/ */
	VIT_FK_ADAPTER,       /* adapter_config.json */
	VIT_FK_CODE,          /* *.py, *.sh, *.js, ... */
	VIT_FK_NATIVE,        /* *.so *.dylib *.dll *.exe, ELF/Mach-O/PE by first bytes */
	VIT_FK_DOC,           /* README*, LICENSE*, USAGE_POLICY, *.md, images */
	VIT_FK_META,          /* .gitattributes, .gitignore, vitalis.lock, SHA256SUMS */
	VIT_FK_VCS,           /* inside .git/ (not walked: one row for the folder) */
	VIT_FK_HUB_CACHE,     /* inside .cache/huggingface */
	VIT_FK_PARTIAL,       /* *.incomplete *.part *.aria2 *.crdownload *.download *.tmp */
	VIT_FK_DATA,          /* *.jsonl, *.parquet, *.csv */
	VIT_FK_OTHER,
	VIT_FK_COUNT
};

enum {
	VIT_FF_LFS_POINTER = 1 << 0,  /* content is a git-LFS pointer; lfs_* filled */
	VIT_FF_HTML = 1 << 1,         /* content begins like an HTML page */
	VIT_FF_UNREADABLE = 1 << 2,   /* open or read refused; err filled */
	VIT_FF_SYMLINK = 1 << 3,      /* reached through a link; size and type are the target's */
	VIT_FF_LINK_OUTSIDE = 1 << 4, /* target outside the allowed roots */
	VIT_FF_LINK_CACHE = 1 << 5,   /* target in the hub cache's blobs/ of this model */
	VIT_FF_LINK_BROKEN = 1 << 6,
	VIT_FF_LINK_LOOP = 1 << 7,
	VIT_FF_NOT_UTF8 = 1 << 8,     /* the name */
	VIT_FF_CONTROL = 1 << 9,      /* the name holds control or bidi characters */
	VIT_FF_PICKLE_BYTES = 1 << 10,/* begins like a pickle */
	VIT_FF_HARDLINKED = 1 << 11,
	VIT_FF_NATIVE_BYTES = 1 << 12,/* begins like a program or shared object */
	VIT_FF_EXECUTABLE = 1 << 13,
};

#define VIT_FILE_NONE UINT32_MAX

struct vit_file {
	struct vit_str path;       /* relative to the root, raw bytes, '/' between parts */
	enum vit_file_type type;
	enum vit_file_kind kind;
	uint32_t flags;            /* VIT_FF_* */
	uint32_t case_twin;        /* row that differs in case alone, or VIT_FILE_NONE */
	uint64_t size;             /* bytes */
	uint64_t blocks;           /* allocated bytes (sparse files: fewer than size) */
	uint64_t dev, ino;
	int64_t mtime_ns, ctime_ns;
	struct vit_str link_target;/* as stored in the link */
	struct vit_str lfs_oid;    /* 64 hex digits */
	uint64_t lfs_size;         /* bytes promised */
	const struct vit_err *err; /* why it could not be read, or NULL */
};

/* A limit that ended the walk early. */
enum vit_walk_limit { VIT_WALK_COMPLETE, VIT_WALK_ENTRIES, VIT_WALK_DEPTH };

struct vit_files {
	struct vit_str root;       /* absolute path of the folder, raw bytes */
	struct vit_str input;      /* as given by the user */
	struct vit_str only;       /* when the user named one file: its path below root, else empty */
	struct vit_file *files;    /* folders included, sorted by path */
	uint32_t count;
	uint64_t total_bytes;      /* regular files, each inode once */
	enum vit_walk_limit limit;
	struct vit_str limit_path; /* where the limit struck */
	uint32_t unreadable_dirs;
	bool git_clone;            /* .git is there */
	bool hub_cache_root;       /* input is a model's folder in the hub's cache; root its snapshot */
	bool hub_snapshot;         /* root is a snapshots/<commit> folder of a hub cache */
	struct vit_str hub_repo;   /* "org/name" from the hub cache's folder name, or empty */
	struct vit_str hub_revision; /* commit, or empty */
	/* Of a remote model, else NULL: per row, the bytes from its beginning that
	 * were fetched (p NULL: none were). The others are not known here. */
	const struct vit_str *fetched;
};

/* Row of a path, or VIT_FILE_NONE. Binary search. */
uint32_t vit_files_find(const struct vit_files *f, struct vit_str path);
const struct vit_file *vit_files_get(const struct vit_files *f, const char *path); /* or NULL */
const char *vit_file_kind_name(enum vit_file_kind k); /* "weights", "pickle", ...: as in JSON */
/* Do loaders read files of this kind? */
bool vit_file_kind_loaded(enum vit_file_kind k);
const char *vit_file_type_name(enum vit_file_type t);
/* The state word of the tree: "present", "empty", "lfs-pointer", "partial", "html",
 * "unreadable", "broken-link", "link-loop", "link-outside", "special". */
const char *vit_file_state(const struct vit_file *f);

#endif
