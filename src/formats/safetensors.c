#include "formats/safetensors.h"

#include <stdlib.h>

#include "base/num.h"
#include "base/utf8.h"
#include "formats/safetensors_internal.h"

#define READ_CHUNK    262144u
#define METADATA_CUT  1024u
#define METADATA_KEYS 65536u /* looked at for duplicates */

bool vit_st_fault_rejects(enum vit_st_fault_kind kind)
{
	switch (kind) {
	case VIT_ST_TOO_SMALL:
	case VIT_ST_HEADER_TOO_LARGE:
	case VIT_ST_HEADER_BEYOND_FILE:
	case VIT_ST_NOT_UTF8:
	case VIT_ST_NOT_JSON:
	case VIT_ST_NOT_OBJECT:
	case VIT_ST_ENTRY_DUPLICATE_KEY:
	case VIT_ST_ENTRY_MISSING_KEY:
	case VIT_ST_DTYPE_UNKNOWN:
	case VIT_ST_SHAPE_TYPE:
	case VIT_ST_SHAPE_OVERFLOW:
	case VIT_ST_OFFSETS_TYPE:
	case VIT_ST_OFFSETS_REVERSED:
	case VIT_ST_OFFSETS_HOLE:
	case VIT_ST_OFFSETS_OVERLAP:
	case VIT_ST_SIZE_MISMATCH:
	case VIT_ST_MISALIGNED_BITS:
	case VIT_ST_METADATA_DUPLICATE:
	case VIT_ST_METADATA_TYPE:
	case VIT_ST_TRUNCATED:
	case VIT_ST_TRAILING:
	case VIT_ST_TOO_DEEP:
		return true;
	/* serde also reads a struct from an array and an enum from {"F32":null};
	 * every other wrong type of an entry or a dtype it rejects. */
	case VIT_ST_ENTRY_NOT_OBJECT:
	case VIT_ST_DTYPE_TYPE:
		return true;
	case VIT_ST_HEADER_OVER_HUB:
	case VIT_ST_LEADING_SPACE:
	case VIT_ST_DUPLICATE_NAME:
	case VIT_ST_NAME_NUL:
	case VIT_ST_NAME_EMPTY:
	case VIT_ST_ENTRY_UNKNOWN_KEY:
	case VIT_ST_SHAPE_ZERO_OVERFLOW:
	case VIT_ST_UNALIGNED:
	case VIT_ST_METADATA_NULL:
	case VIT_ST_METADATA_DUPLICATE_KEY:
	case VIT_ST_NO_TENSORS:
	case VIT_ST_LIMIT:
	case VIT_ST_FAULT_COUNT:
		return false;
	}
	return false;
}

struct vit_str st_keep(struct st_parser *p, struct vit_str s)
{
	return vit_arena_str(p->arena, s);
}

struct vit_st_fault *st_fault(struct st_parser *p, enum vit_st_fault_kind kind, uint64_t offset,
			      bool about)
{
	/* A row nobody reads, so that callers need not ask whether it was kept. */
	uint32_t *count = &p->out->fault_counts[kind];
	bool kept = p->faults.count < VIT_ST_MAX_FAULTS + 1 || *count < VIT_ST_MIN_FAULTS;

	if (*count < UINT32_MAX)
		(*count)++;
	p->out->fault_total++;
	/* Slot 0 is that row. */
	struct vit_st_fault *f = kept ? vit_vec_add(&p->faults) : vit_vec_at(&p->faults, 0);
	*f = (struct vit_st_fault){ .kind = kind, .offset = offset };
	if (about && kept)
		f->tensor = p->name;
	return f;
}

static int64_t stream_read(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct st_stream *s = ctx;

	if (n > s->left)
		n = (size_t)s->left;
	if (n > READ_CHUNK)
		n = READ_CHUNK;
	if (n == 0)
		return 0;
	int64_t got = s->read(s->ctx, buf, n, err);
	if (got < 0) {
		s->failed = true;
		if (err)
			s->err = *err;
		return -1;
	}
	if (got == 0)
		s->ended_early = true;
	s->left -= (uint64_t)got;
	return got;
}

/* The JSON reader stops at the first byte that fits no rule; when that byte is
 * no UTF-8 either, that is the better name for what happened. Reading is over
 * then, so the rest of a sequence that the window cuts may be taken here. */
static bool at_bad_utf8(struct st_parser *p)
{
	const struct vit_json_reader *r = &p->reader;
	char bytes[4];
	uint32_t cp;

	if (r->err.offset < r->base_offset || r->err.offset - r->base_offset >= r->have)
		return false;
	size_t from = (size_t)(r->err.offset - r->base_offset);
	size_t n = r->have - from < 4 ? r->have - from : 4;
	memcpy(bytes, r->window + from, n);
	while (n < 4) {
		int64_t got = stream_read(&p->stream, bytes + n, 4 - n, &p->stream.err);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	return (unsigned char)bytes[0] >= 0x80 &&
	       vit_utf8_decode((struct vit_str){ bytes, n }, &cp) == 0;
}

static void reader_fault(struct st_parser *p)
{
	const struct vit_json_reader *r = &p->reader;
	enum vit_st_fault_kind kind = VIT_ST_NOT_JSON;

	p->broken = true;
	if (p->stream.failed || p->stream.ended_early)
		return;
	if (r->err.code == VIT_E_LIMIT)
		kind = r->depth >= VIT_JSON_MAX_DEPTH ? VIT_ST_TOO_DEEP : VIT_ST_LIMIT;
	else if (at_bad_utf8(p))
		kind = VIT_ST_NOT_UTF8;
	/* st_skip has said so one level above. */
	if (kind == VIT_ST_TOO_DEEP && p->out->fault_counts[kind] > 0)
		return;
	struct vit_st_fault *f = st_fault(p, kind, st_at(r->err.offset), false);
	f->other = st_keep(p, vit_str_c(r->err.msg));
}

enum vit_json_type st_next(struct st_parser *p, struct vit_json_event *ev)
{
	enum vit_json_type type = vit_json_next(&p->reader, ev);

	if (type == VIT_JSON_ERROR && !p->broken)
		reader_fault(p);
	return type;
}

void st_skip(struct st_parser *p, const struct vit_json_event *ev)
{
	struct vit_json_event e = *ev;
	bool deep = false, range = false;
	unsigned open = 0;

	for (;;) {
		if (e.type == VIT_JSON_OBJECT_BEGIN || e.type == VIT_JSON_ARRAY_BEGIN) {
			open++;
			if (p->reader.depth >= 128 && !deep) {
				st_fault(p, VIT_ST_TOO_DEEP, st_at(e.offset), true);
				deep = true;
			}
		} else if (e.type == VIT_JSON_OBJECT_END || e.type == VIT_JSON_ARRAY_END) {
			open--;
		} else if (e.type == VIT_JSON_NUMBER && (e.flags & VIT_JSON_NONFINITE) && !range) {
			st_fault(p, VIT_ST_NOT_JSON, st_at(e.offset), true)->other =
				VIT_STR("number out of range");
			range = true;
		}
		if (open == 0)
			return;
		if (st_next(p, &e) == VIT_JSON_ERROR)
			return;
	}
}

struct vit_str st_text(struct st_parser *p, const struct vit_json_event *ev)
{
	if (!(ev->flags & VIT_JSON_ESCAPED))
		return ev->raw;
	vit_buf_clear(&p->text);
	vit_json_decode(ev, &p->text);
	return vit_buf_view(&p->text);
}

static struct vit_str keep_cut(struct st_parser *p, struct vit_str s)
{
	return st_keep(p, vit_str_sub(s, 0, METADATA_CUT));
}

/* The pairs of an object; a value that is no string is one fault for all. */
static void read_metadata_pairs(struct st_parser *p)
{
	struct vit_json_event ev;
	struct vit_vec pairs = VIT_VEC(sizeof(struct vit_str));
	struct vit_map keys;
	bool bad_type = false;
	size_t count = 0;

	vit_map_init(&keys, 16);
	while (st_next(p, &ev) == VIT_JSON_KEY) {
		struct vit_str key = st_text(p, &ev);
		uint64_t offset = ev.offset;
		bool keep = pairs.count < 2 * (size_t)VIT_ST_MAX_METADATA;
		if (count < METADATA_KEYS) {
			struct vit_str kept = st_keep(p, key);
			if (vit_map_add(&keys, kept, 0) != VIT_MAP_NONE)
				st_fault(p, VIT_ST_METADATA_DUPLICATE_KEY, st_at(offset), false)
					->other = kept;
			if (keep)
				*(struct vit_str *)vit_vec_add(&pairs) =
					vit_str_sub(kept, 0, METADATA_CUT);
		}
		count++;
		if (st_next(p, &ev) == VIT_JSON_STRING) {
			if (keep)
				*(struct vit_str *)vit_vec_add(&pairs) =
					keep_cut(p, st_text(p, &ev));
			continue;
		}
		if (keep)
			*(struct vit_str *)vit_vec_add(&pairs) = VIT_STR_EMPTY;
		if (p->broken)
			break;
		if (!bad_type)
			st_fault(p, VIT_ST_METADATA_TYPE, st_at(ev.offset), false);
		bad_type = true;
		st_skip(p, &ev);
	}
	vit_map_release(&keys);
	size_t items;
	p->out->metadata = vit_vec_take(&pairs, p->arena, &items);
	p->out->metadata_count = (uint32_t)(items / 2);
}

static void read_metadata(struct st_parser *p, uint64_t key_offset)
{
	struct vit_json_event ev;

	if (p->seen_metadata)
		st_fault(p, VIT_ST_METADATA_DUPLICATE, st_at(key_offset), false);
	enum vit_json_type type = st_next(p, &ev);
	if (type == VIT_JSON_OBJECT_BEGIN && !p->seen_metadata) {
		read_metadata_pairs(p);
	} else if (type == VIT_JSON_NULL) {
		st_fault(p, VIT_ST_METADATA_NULL, st_at(ev.offset), false);
	} else if (type != VIT_JSON_ERROR) {
		if (type != VIT_JSON_OBJECT_BEGIN)
			st_fault(p, VIT_ST_METADATA_TYPE, st_at(ev.offset), false);
		st_skip(p, &ev);
	}
	p->seen_metadata = true;
}

static void read_object(struct st_parser *p)
{
	struct vit_json_event ev;

	while (st_next(p, &ev) == VIT_JSON_KEY) {
		struct vit_str name = st_text(p, &ev);
		if (name.n == 12 && memcmp(name.p, "__metadata__", 12) == 0) {
			read_metadata(p, ev.offset);
		} else {
			p->name = st_keep(p, name);
			st_read_entry(p, ev.offset);
		}
		if (p->broken)
			return;
	}
	/* The object's end; what follows must be white space. */
	if (!p->broken && st_next(p, &ev) == VIT_JSON_END)
		p->out->parsed = true;
}

static void read_header(struct st_parser *p)
{
	struct vit_json_event ev;
	enum vit_json_type type = st_next(p, &ev);

	if (type != VIT_JSON_ERROR && p->reader.leading_space)
		st_fault(p, VIT_ST_LEADING_SPACE, 8, false);
	if (type == VIT_JSON_OBJECT_BEGIN) {
		read_object(p);
	} else if (type != VIT_JSON_ERROR) {
		st_fault(p, VIT_ST_NOT_OBJECT, st_at(ev.offset), false);
		st_skip(p, &ev);
		if (!p->broken)
			st_next(p, &ev);
	}
	if (p->stream.failed || p->stream.ended_early)
		return;
	st_check_layout(p);
}

/* The eight bytes in front. False when the header cannot be read on. */
static bool read_length(struct st_parser *p, uint64_t file_size)
{
	unsigned char bytes[8];
	size_t have = 0;

	if (file_size < 8) {
		struct vit_st_fault *f = st_fault(p, VIT_ST_TOO_SMALL, 0, false);
		f->expected = 8;
		f->actual = file_size;
		return false;
	}
	p->stream.left = 8;
	while (have < 8) {
		int64_t got = stream_read(&p->stream, bytes + have, 8 - have, &p->stream.err);
		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	uint64_t n = vit_le64(bytes);
	p->out->header_length = n;
	if (n > VIT_ST_MAX_HEADER) {
		struct vit_st_fault *f = st_fault(p, VIT_ST_HEADER_TOO_LARGE, 0, false);
		f->expected = VIT_ST_MAX_HEADER;
		f->actual = n;
		return false;
	}
	if (n > file_size - 8) {
		struct vit_st_fault *f = st_fault(p, VIT_ST_HEADER_BEYOND_FILE, 0, false);
		f->expected = n + 8;
		f->actual = file_size;
		return false;
	}
	if (n > VIT_ST_HUB_HEADER) {
		struct vit_st_fault *f = st_fault(p, VIT_ST_HEADER_OVER_HUB, 0, false);
		f->expected = VIT_ST_HUB_HEADER;
		f->actual = n;
	}
	p->stream.left = n;
	return true;
}

static void take_faults(struct st_parser *p)
{
	size_t count = p->faults.count - 1;

	p->out->faults = VIT_NEW_ARRAY(p->arena, count, struct vit_st_fault);
	if (count > 0)
		memcpy(p->out->faults, vit_vec_at(&p->faults, 1),
		       count * sizeof(struct vit_st_fault));
	p->out->fault_count = (uint32_t)count;
	vit_vec_free(&p->faults);
}

static void parse(struct st_parser *p)
{
	size_t n = (size_t)p->stream.left;
	/* A header that fits the window whole has no token that does not. */
	size_t size = n < 4096 ? 4096 : n < VIT_ST_WINDOW ? n + 1 : VIT_ST_WINDOW;
	char *window = vit_xmalloc(size);

	vit_map_init(&p->names, 0);
	vit_buf_init(&p->text, VIT_ST_WINDOW);
	p->dims = VIT_VEC(sizeof(uint64_t));
	vit_json_reader_stream(&p->reader, stream_read, &p->stream, window, size, 0);
	read_header(p);
	vit_vec_free(&p->dims);
	vit_buf_release(&p->text);
	vit_map_release(&p->names);
	free(window);
}

enum vit_errc vit_st_read(struct vit_arena *a, vit_json_read_fn read, void *ctx, uint64_t file_size,
			  uint32_t shard, struct vit_vec *tensors, struct vit_st_header *out,
			  struct vit_err *err)
{
	/* 6 KiB with the shape cache: not for the stack of a worker. */
	struct st_parser *p = vit_xcalloc(1, sizeof(*p));
	enum vit_errc code = VIT_OK;

	*out = (struct vit_st_header){ .file_size = file_size };
	out->tensor_first = (uint32_t)tensors->count;
	p->arena = a;
	p->stream = (struct st_stream){ .read = read, .ctx = ctx };
	p->tensors = tensors;
	p->out = out;
	p->shard = shard;
	p->faults = VIT_VEC(sizeof(struct vit_st_fault));
	vit_vec_add(&p->faults);
	if (read_length(p, file_size))
		parse(p);
	out->tensor_count = (uint32_t)(tensors->count - out->tensor_first);
	take_faults(p);
	if (p->stream.failed) {
		code = p->stream.err.code ? p->stream.err.code : VIT_E_IO;
		if (err)
			*err = p->stream.err;
	} else if (p->stream.ended_early) {
		code = vit_err_set(err, VIT_E_CHANGED, "the file ended while its header was read");
	}
	free(p);
	return code;
}
