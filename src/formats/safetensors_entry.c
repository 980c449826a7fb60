#include "base/num.h"
#include "formats/safetensors_internal.h"

#define CUT 64u /* bytes of a foreign value quoted in a fault */

enum { HAS_DTYPE = 1, HAS_SHAPE = 2, HAS_OFFSETS = 4 };

/* What one entry said, as far as it could be understood. */
struct entry {
	uint64_t offset; /* of its name, in the header */
	unsigned seen;   /* HAS_*: the key was there */
	unsigned good;   /* HAS_*: and its value usable */
	bool bad;        /* any fault that makes the row VIT_T_BAD */
	enum vit_dtype dtype;
	uint64_t begin, end;
};

static const char *const key_names[] = { "dtype", "shape", "data_offsets" };
static const uint64_t no_dims[1] = { 0 };

bool vit_shape_elements(const uint64_t *shape, size_t rank, uint64_t *out)
{
	uint64_t n = 1;

	/* In order, as the reference does: a zero stops what follows from
	 * overflowing, not what came before. */
	for (size_t i = 0; i < rank; i++)
		if (!vit_mul_u64(n, shape[i], &n))
			return false;
	*out = n;
	return true;
}

bool st_tensor_bytes(const struct vit_tensor *t, uint64_t *out)
{
	uint64_t n;

	if (t->dtype == VIT_DT_UNKNOWN || !t->shape)
		return false;
	if (!vit_shape_elements(t->shape, t->rank, &n) ||
	    !vit_mul_u64(n, vit_dtype_bits((enum vit_dtype)t->dtype), &n) || n % 8 != 0)
		return false;
	*out = n / 8;
	return true;
}

static struct vit_st_fault *entry_fault(struct st_parser *p, struct entry *e,
					enum vit_st_fault_kind kind, uint64_t offset)
{
	e->bad = true;
	return st_fault(p, kind, st_at(offset), true);
}

/* A non-negative integer below 2^64. serde reads -0 as a float: no usize. */
static bool is_size(const struct vit_json_event *ev)
{
	return ev->type == VIT_JSON_NUMBER && (ev->flags & VIT_JSON_U64) &&
	       !(ev->flags & VIT_JSON_NEGATIVE_ZERO);
}

static void read_dtype(struct st_parser *p, struct entry *e)
{
	struct vit_json_event ev;
	enum vit_json_type type = st_next(p, &ev);

	if (type == VIT_JSON_ERROR)
		return;
	if (type != VIT_JSON_STRING) {
		entry_fault(p, e, VIT_ST_DTYPE_TYPE, ev.offset);
		st_skip(p, &ev);
		return;
	}
	struct vit_str text = st_text(p, &ev);
	e->dtype = vit_dtype_parse(text);
	if (e->dtype != VIT_DT_UNKNOWN) {
		e->good |= HAS_DTYPE;
		return;
	}
	struct vit_st_fault *f = entry_fault(p, e, VIT_ST_DTYPE_UNKNOWN, ev.offset);
	f->other = st_keep(p, vit_str_sub(text, 0, CUT));
}

/* Dims go to p->dims. Reads the array to its end whatever is in it. */
static void read_shape(struct st_parser *p, struct entry *e)
{
	struct vit_json_event ev;
	bool good = true, over = false;

	p->dims.count = 0;
	if (st_next(p, &ev) != VIT_JSON_ARRAY_BEGIN) {
		if (!p->broken) {
			entry_fault(p, e, VIT_ST_SHAPE_TYPE, ev.offset);
			st_skip(p, &ev);
		}
		return;
	}
	while (st_next(p, &ev) != VIT_JSON_ARRAY_END) {
		if (p->broken)
			return;
		if (!is_size(&ev)) {
			if (good)
				entry_fault(p, e, VIT_ST_SHAPE_TYPE, ev.offset);
			good = false;
			st_skip(p, &ev);
		} else if (p->dims.count == VIT_ST_MAX_RANK) {
			if (!over)
				entry_fault(p, e, VIT_ST_LIMIT, ev.offset)->other =
					VIT_STR("a shape of more than 65,535 dimensions");
			over = true;
		} else {
			*(uint64_t *)vit_vec_add(&p->dims) = ev.u64;
		}
	}
	if (good && !over)
		e->good |= HAS_SHAPE;
}

static void read_offsets(struct st_parser *p, struct entry *e)
{
	struct vit_json_event ev;
	uint64_t values[2] = { 0, 0 };
	uint64_t at;
	size_t count = 0;
	bool good = true;

	if (st_next(p, &ev) != VIT_JSON_ARRAY_BEGIN) {
		if (!p->broken) {
			entry_fault(p, e, VIT_ST_OFFSETS_TYPE, ev.offset);
			st_skip(p, &ev);
		}
		return;
	}
	at = ev.offset;
	while (st_next(p, &ev) != VIT_JSON_ARRAY_END) {
		if (p->broken)
			return;
		if (!is_size(&ev)) {
			good = false;
			st_skip(p, &ev);
		} else if (count < 2) {
			values[count] = ev.u64;
		}
		count++;
	}
	if (!good || count != 2) {
		entry_fault(p, e, VIT_ST_OFFSETS_TYPE, at)->actual = count;
		return;
	}
	e->good |= HAS_OFFSETS;
	e->begin = values[0];
	e->end = values[1];
}

static void read_value(struct st_parser *p, struct entry *e, unsigned key, uint64_t key_offset)
{
	struct vit_json_event ev;
	unsigned bit = 1u << key;

	if (e->seen & bit) {
		entry_fault(p, e, VIT_ST_ENTRY_DUPLICATE_KEY, key_offset)->other =
			vit_str_c(key_names[key]);
		if (st_next(p, &ev) != VIT_JSON_ERROR)
			st_skip(p, &ev);
		return;
	}
	e->seen |= bit;
	if (bit == HAS_DTYPE)
		read_dtype(p, e);
	else if (bit == HAS_SHAPE)
		read_shape(p, e);
	else
		read_offsets(p, e);
}

static void read_unknown(struct st_parser *p, struct vit_str key, uint64_t key_offset)
{
	struct vit_json_event ev;

	/* A note, and the row stays good: the reference skips the key too. */
	st_fault(p, VIT_ST_ENTRY_UNKNOWN_KEY, st_at(key_offset), true)->other =
		st_keep(p, vit_str_sub(key, 0, CUT));
	if (st_next(p, &ev) != VIT_JSON_ERROR)
		st_skip(p, &ev);
}

static void read_members(struct st_parser *p, struct entry *e)
{
	struct vit_json_event ev;

	while (st_next(p, &ev) == VIT_JSON_KEY) {
		struct vit_str key = st_text(p, &ev);
		if (vit_str_is(key, "dtype"))
			read_value(p, e, 0, ev.offset);
		else if (vit_str_is(key, "shape"))
			read_value(p, e, 1, ev.offset);
		else if (vit_str_is(key, "data_offsets"))
			read_value(p, e, 2, ev.offset);
		else
			read_unknown(p, key, ev.offset);
		if (p->broken)
			return;
	}
}

static const uint64_t *keep_shape(struct st_parser *p, uint16_t rank)
{
	const uint64_t *dims = vit_vec_at(&p->dims, 0);
	size_t bytes = rank * sizeof(uint64_t);
	uint64_t h = rank;

	for (size_t i = 0; i < rank; i++)
		h = (h ^ dims[i]) * 0x9e3779b97f4a7c15u;
	struct st_shape *slot = &p->shapes[h >> 56 & (ST_SHAPE_CACHE - 1)];
	if (slot->dims && slot->rank == rank && memcmp(slot->dims, dims, bytes) == 0)
		return slot->dims;
	uint64_t *copy = VIT_NEW_ARRAY(p->arena, rank, uint64_t);
	memcpy(copy, dims, bytes);
	*slot = (struct st_shape){ copy, rank };
	return copy;
}

/* A zero makes the product fit; without it, would it? */
static bool zero_hides_overflow(const uint64_t *dims, size_t rank, unsigned bits)
{
	uint64_t n = 1;

	for (size_t i = 0; i < rank; i++)
		if (dims[i] != 0 && !vit_mul_u64(n, dims[i], &n))
			return true;
	return !vit_mul_u64(n, bits, &n);
}

/* dtype, shape and offsets are all usable: do they agree? */
static void check_size(struct st_parser *p, struct entry *e)
{
	const uint64_t *dims = p->dims.count ? vit_vec_at(&p->dims, 0) : NULL;
	size_t rank = p->dims.count;
	unsigned bits = vit_dtype_bits(e->dtype);
	uint64_t n;

	if (!vit_shape_elements(dims, rank, &n) || !vit_mul_u64(n, bits, &n)) {
		entry_fault(p, e, VIT_ST_SHAPE_OVERFLOW, e->offset);
		return;
	}
	if (n == 0 && zero_hides_overflow(dims, rank, bits))
		st_fault(p, VIT_ST_SHAPE_ZERO_OVERFLOW, st_at(e->offset), true);
	if (n % 8 != 0) {
		struct vit_st_fault *f = entry_fault(p, e, VIT_ST_MISALIGNED_BITS, e->offset);
		f->expected = 8;
		f->actual = n;
		return;
	}
	if ((e->good & HAS_OFFSETS) && e->begin <= e->end && e->end - e->begin != n / 8) {
		struct vit_st_fault *f = entry_fault(p, e, VIT_ST_SIZE_MISMATCH, e->offset);
		f->expected = n / 8;
		f->actual = e->end - e->begin;
	}
	if ((e->good & HAS_OFFSETS) && bits >= 16 && n > 0 && e->begin % (bits / 8) != 0) {
		struct vit_st_fault *f = st_fault(p, VIT_ST_UNALIGNED, st_at(e->offset), true);
		f->expected = bits / 8;
		f->actual = e->begin;
	}
}

static void check_keys(struct st_parser *p, struct entry *e)
{
	for (unsigned key = 0; key < 3; key++)
		if (!(e->seen & 1u << key))
			entry_fault(p, e, VIT_ST_ENTRY_MISSING_KEY, e->offset)->other =
				vit_str_c(key_names[key]);
	if ((e->good & HAS_OFFSETS) && e->end < e->begin) {
		struct vit_st_fault *f = entry_fault(p, e, VIT_ST_OFFSETS_REVERSED, e->offset);
		f->expected = e->begin;
		f->actual = e->end;
	}
	if ((e->good & (HAS_DTYPE | HAS_SHAPE)) == (HAS_DTYPE | HAS_SHAPE))
		check_size(p, e);
}

static void check_name(struct st_parser *p, const struct entry *e)
{
	if (p->name.n == 0)
		st_fault(p, VIT_ST_NAME_EMPTY, st_at(e->offset), true);
	else if (memchr(p->name.p, 0, p->name.n))
		st_fault(p, VIT_ST_NAME_NUL, st_at(e->offset), true);
}

static void add_row(struct st_parser *p, const struct entry *e)
{
	/* Rows are numbered by 32 bits; a header of 100 MB has two million. */
	uint32_t row = (uint32_t)p->tensors->count;
	struct vit_tensor *t = vit_vec_add(p->tensors);

	t->name = p->name;
	t->begin = e->begin;
	t->end = e->end;
	t->shard = p->shard;
	t->dtype = (uint8_t)e->dtype;
	t->flags = e->bad ? VIT_T_BAD : 0;
	if (e->good & HAS_SHAPE) {
		t->rank = (uint16_t)p->dims.count;
		t->shape = t->rank ? keep_shape(p, t->rank) : no_dims;
	}
	if (st_find_duplicates(p, row))
		st_fault(p, VIT_ST_DUPLICATE_NAME, st_at(e->offset), true);
}

void st_read_entry(struct st_parser *p, uint64_t key_offset)
{
	struct entry e = { .offset = key_offset };
	struct vit_json_event ev;
	enum vit_json_type type = st_next(p, &ev);

	if (type == VIT_JSON_ERROR)
		return;
	if (type != VIT_JSON_OBJECT_BEGIN) {
		uint32_t deep = p->out->fault_counts[VIT_ST_TOO_DEEP];
		st_skip(p, &ev);
		/* Too deep says what is wrong with such a value already. */
		if (!p->broken && p->out->fault_counts[VIT_ST_TOO_DEEP] == deep)
			st_fault(p, VIT_ST_ENTRY_NOT_OBJECT, st_at(ev.offset), true);
		p->out->skipped++;
		return;
	}
	p->dims.count = 0;
	read_members(p, &e);
	if (p->broken)
		return;
	check_name(p, &e);
	check_keys(p, &e);
	if (e.good & HAS_OFFSETS)
		add_row(p, &e);
	else
		p->out->skipped++;
}
