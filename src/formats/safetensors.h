/*
 * safetensors headers: bytes to structs. No paths, no judging, no reading of
 * anything behind the header.
 *
 * Every violation is recorded, not the first alone; parsing goes on wherever
 * the JSON still can be followed. The rules and their sources are listed with
 * enum vit_st_fault.
 */
#ifndef VIT_FORMATS_SAFETENSORS_H
#define VIT_FORMATS_SAFETENSORS_H

#include "base/arena.h"
#include "base/err.h"
#include "formats/dtype.h"
#include "json/reader.h"

#define VIT_ST_MAX_HEADER 100000000u  /* MAX_HEADER_SIZE of the reference reader */
#define VIT_ST_HUB_HEADER 25000000u   /* SAFETENSORS_MAX_HEADER_LENGTH of huggingface_hub */
#define VIT_ST_MAX_RANK UINT16_MAX    /* ours: dims kept of one shape; more is VIT_ST_LIMIT */
#define VIT_ST_WINDOW (4u << 20)      /* ours: longest name or string; more is VIT_ST_LIMIT */
#define VIT_ST_MAX_FAULTS 1000        /* faults kept of one file; the rest is counted */
#define VIT_ST_MIN_FAULTS 30          /* of each kind this many are kept all the same, so that a
                                         thousand notes cannot hide an error */
#define VIT_ST_MAX_METADATA 1000      /* pairs kept; keys and values cut at 1,024 bytes */

/* One tensor as a header declares it. 64 bytes or less: models have a million. */
struct vit_tensor {
	struct vit_str name;      /* arena; decoded; may hold NUL */
	const uint64_t *shape;    /* arena; rank items, outermost first; never NULL but for a
	                             shape that could not be read (then rank is 0) */
	uint64_t begin, end;      /* bytes, relative to the data buffer */
	uint32_t shard;           /* index into vit_weights.shards */
	uint16_t rank;
	uint8_t dtype;            /* enum vit_dtype */
	uint8_t flags;            /* VIT_T_* */
};

enum {
	VIT_T_BAD = 1,            /* a fault of this entry was recorded */
	VIT_T_DUPLICATE = 2,      /* a later entry of this file has the same name */
	VIT_T_BEYOND_FILE = 4,    /* its bytes lie wholly or partly behind the end of the file */
	/* Set by collect, which sees the whole folder: */
	VIT_T_LISTED = 8,         /* the index maps its name to this shard */
	VIT_T_TWICE = 16,         /* an earlier shard of the same save has the name too */
};

enum vit_st_fault_kind {
	VIT_ST_TOO_SMALL,            /* file under 8 bytes */
	VIT_ST_HEADER_TOO_LARGE,     /* N > 100,000,000 */
	VIT_ST_HEADER_BEYOND_FILE,   /* 8 + N > file size: cut inside the header */
	VIT_ST_HEADER_OVER_HUB,      /* N > 25,000,000: hub clients refuse */
	VIT_ST_NOT_UTF8,
	VIT_ST_NOT_JSON,             /* syntax; BOM; trailing bytes in the header */
	VIT_ST_NOT_OBJECT,           /* header is JSON but no object */
	VIT_ST_LEADING_SPACE,        /* does not begin with '{' (reader accepts) */
	VIT_ST_DUPLICATE_NAME,
	VIT_ST_NAME_NUL,
	VIT_ST_NAME_EMPTY,
	VIT_ST_ENTRY_NOT_OBJECT,     /* serde accepts an array; other parsers do not */
	VIT_ST_ENTRY_DUPLICATE_KEY,
	VIT_ST_ENTRY_MISSING_KEY,    /* dtype, shape or data_offsets absent */
	VIT_ST_ENTRY_UNKNOWN_KEY,    /* reader accepts */
	VIT_ST_DTYPE_TYPE,           /* dtype no string */
	VIT_ST_DTYPE_UNKNOWN,        /* none of the 22 */
	VIT_ST_SHAPE_TYPE,           /* not an array of non-negative integers below 2^64 */
	VIT_ST_SHAPE_OVERFLOW,       /* product or product x bits over 2^64 */
	VIT_ST_SHAPE_ZERO_OVERFLOW,  /* a zero hides an overflow (reader accepts) */
	VIT_ST_OFFSETS_TYPE,         /* not two non-negative integers */
	VIT_ST_OFFSETS_REVERSED,
	VIT_ST_OFFSETS_HOLE,         /* bytes that no tensor covers */
	VIT_ST_OFFSETS_OVERLAP,      /* bytes that two tensors claim */
	VIT_ST_SIZE_MISMATCH,        /* end - begin is not product(shape) x bits / 8 */
	VIT_ST_MISALIGNED_BITS,      /* bits not a multiple of 8 (F4, F6) */
	VIT_ST_UNALIGNED,            /* begin no multiple of the dtype's size (reader accepts) */
	VIT_ST_METADATA_DUPLICATE,   /* __metadata__ twice */
	VIT_ST_METADATA_TYPE,        /* not an object, or a value no string */
	VIT_ST_METADATA_NULL,        /* null (reader accepts) */
	VIT_ST_METADATA_DUPLICATE_KEY, /* a key inside it twice (reader accepts) */
	VIT_ST_NO_TENSORS,           /* {} (reader accepts) */
	VIT_ST_TRUNCATED,            /* file ends before the data does */
	VIT_ST_TRAILING,             /* file goes on after the data */
	VIT_ST_TOO_DEEP,             /* nesting of 128 or more (recursion limit of serde_json) */
	VIT_ST_LIMIT,                /* beyond what we hold (WINDOW, MAX_RANK): undecided */
	VIT_ST_FAULT_COUNT
};

struct vit_st_fault {
	enum vit_st_fault_kind kind;
	uint64_t offset;          /* byte offset in the file where it shows */
	struct vit_str tensor;    /* name of the entry concerned, or empty */
	struct vit_str other;     /* overlap: the other tensor; json: message */
	uint64_t expected, actual;/* numbers of the rule, where it has any */
};

/* What one header says. */
struct vit_st_header {
	uint64_t file_size;
	uint64_t header_length;   /* N as stored; 0 when the file is under 8 bytes */
	uint64_t data_length;     /* largest end offset */
	uint32_t tensor_first, tensor_count; /* range in the caller's tensor vec */
	uint32_t lost_tensors;    /* of a truncated file: tensors not wholly there */
	uint32_t skipped;         /* entries without usable data_offsets: no tensor row */
	struct vit_st_fault *faults;
	uint32_t fault_count;     /* kept */
	uint64_t fault_total;     /* found */
	uint32_t fault_counts[VIT_ST_FAULT_COUNT]; /* found, by kind; caps at UINT32_MAX */
	struct vit_str *metadata; /* key, value, key, value... (arena) */
	uint32_t metadata_count;  /* pairs */
	bool parsed;              /* the JSON was read to its end as an object */
};

/*
 * Reads one header of a file of `file_size` bytes from `read` (a stream that
 * starts at byte 0 of the file; only 8 + N bytes are asked for). Tensors are
 * appended to `tensors` (vec of struct vit_tensor) with shard = `shard`; names
 * and shapes go to the arena. An entry without usable data_offsets is a fault
 * and gives no row; any other bad entry gives one with VIT_T_BAD (dtype unknown,
 * rank 0 where those were unusable).
 *
 * Holes, overlaps and truncation that follow from another recorded fault (an
 * entry that was skipped, an end that its own shape contradicts, JSON that
 * breaks off) are not recorded a second time.
 *
 * A fault of the file is never an error: fails only when `read` did, or with
 * VIT_E_CHANGED when it ended before file_size said. `out` then holds what was
 * read until there.
 */
VIT_MUST_USE enum vit_errc vit_st_read(struct vit_arena *a, vit_json_read_fn read, void *ctx,
				       uint64_t file_size, uint32_t shard, struct vit_vec *tensors,
				       struct vit_st_header *out, struct vit_err *err);

/* Would the reference reader (safetensors 0.8) reject a file with this fault? */
bool vit_st_fault_rejects(enum vit_st_fault_kind kind);
/* Elements of a shape; false on overflow. rank 0 is one element. */
bool vit_shape_elements(const uint64_t *shape, size_t rank, uint64_t *out);

#endif
