/*
 * Shared by the three files that read a safetensors header: the stream and the
 * header's object (safetensors.c), one entry (safetensors_entry.c), and how the
 * entries cover the data (safetensors_layout.c). Included by no one else.
 */
#ifndef VIT_FORMATS_SAFETENSORS_INTERNAL_H
#define VIT_FORMATS_SAFETENSORS_INTERNAL_H

#include "base/buf.h"
#include "base/map.h"
#include "formats/safetensors.h"

/* The file's bytes up to the end of the header, counted off. */
struct st_stream {
	vit_json_read_fn read;
	void *ctx;
	uint64_t left;    /* bytes of the header not read yet */
	bool failed;      /* `read` returned -1; err is filled */
	bool ended_early; /* end of file before the size it was said to have */
	struct vit_err err;
};

/* Models repeat few shapes: one copy in the arena serves all tensors of it. */
#define ST_SHAPE_CACHE 256
struct st_shape {
	const uint64_t *dims;
	uint16_t rank;
};

/*
 * Duplicate names. Writers sort by name within each dtype size, so that a
 * header is a few rising runs: a name is then compared with where it would
 * stand in each run, which is far cheaper than a hash table of a million names.
 * A header of more runs than this goes into one.
 */
#define ST_RUNS 8
struct st_run {
	uint32_t first, end; /* rows of the tensor table */
	uint32_t at;         /* first row not below the last name looked up */
};

struct st_parser {
	struct vit_arena *arena;
	struct vit_json_reader reader;
	struct st_stream stream;
	struct vit_vec *tensors;
	struct vit_st_header *out;
	uint32_t shard;
	struct vit_vec faults;
	struct st_run runs[ST_RUNS];
	unsigned run_count;
	bool hashed;          /* too many runs: `names` holds all rows */
	struct vit_map names; /* name -> row in tensors; keys in the arena */
	struct vit_str name;  /* of the entry being read; arena */
	struct vit_buf text;  /* scratch: any other decoded string */
	struct vit_vec dims;  /* scratch: uint64_t */
	struct st_shape shapes[ST_SHAPE_CACHE];
	bool broken; /* JSON error: reading is over */
	bool seen_metadata;
};

/* Records a fault about the entry being read (or none: about = false). */
struct vit_st_fault *st_fault(struct st_parser *p, enum vit_st_fault_kind kind, uint64_t offset,
			      bool about);
/* A copy in the arena with a NUL behind. */
struct vit_str st_keep(struct st_parser *p, struct vit_str s);
/* The next event; VIT_JSON_ERROR sets p->broken and records the fault. */
enum vit_json_type st_next(struct st_parser *p, struct vit_json_event *ev);
/* ev began a value: reads to its end, holding it to serde_json's limits. */
void st_skip(struct st_parser *p, const struct vit_json_event *ev);
/* Text of a KEY or STRING event, valid until the next call. */
struct vit_str st_text(struct st_parser *p, const struct vit_json_event *ev);
/* Offset in the file of a byte of the header. */
static inline uint64_t st_at(uint64_t json_offset)
{
	return 8 + json_offset;
}

/* Reads the value of the entry p->name. */
void st_read_entry(struct st_parser *p, uint64_t key_offset);
/* Bytes of a tensor by its dtype and shape; false when they do not say. */
bool st_tensor_bytes(const struct vit_tensor *t, uint64_t *out);
/* Marks the earlier rows of the name that row has; true when there are any. */
bool st_find_duplicates(struct st_parser *p, uint32_t row);
/* After the last entry: holes, overlaps, the file's end. */
void st_check_layout(struct st_parser *p);

#endif
