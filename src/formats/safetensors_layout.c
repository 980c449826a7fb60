#include <stdlib.h>

#include "formats/safetensors_internal.h"

/* Where a row lies, for sorting. */
struct place {
	uint64_t begin, end;
	uint32_t row;
};

static int place_order(const void *x, const void *y)
{
	const struct place *a = x, *b = y;

	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

/* Reversed offsets are a fault of their own; the range they mean is clear. */
static struct place place_of(const struct vit_tensor *t, uint32_t row)
{
	if (t->end < t->begin)
		return (struct place){ t->end, t->begin, row };
	return (struct place){ t->begin, t->end, row };
}

struct layout {
	struct st_parser *p;
	uint64_t data_start;           /* 8 + N */
	uint64_t available;            /* bytes of data in the file */
	uint64_t cursor;               /* end of what is covered so far */
	const struct vit_tensor *prev; /* row that ends there */
	struct place prev_place;
	bool wild; /* a hole reaches behind the end of the file */
};

static const struct vit_tensor *row_at(const struct layout *l, uint32_t row)
{
	return vit_vec_at(l->p->tensors, row);
}

/* The previous row's end is wrong by its own shape, and right it would touch
 * `at`: then that row is the fault and there is no hole or overlap beside it. */
static bool prev_explains(const struct layout *l, uint64_t at)
{
	uint64_t bytes;

	return l->prev && (l->prev->flags & VIT_T_BAD) && st_tensor_bytes(l->prev, &bytes) &&
	       bytes != l->prev_place.end - l->prev_place.begin && at >= l->prev_place.begin &&
	       at - l->prev_place.begin == bytes;
}

/* The same for a wrong begin of this row. */
static bool row_explains(const struct layout *l, const struct vit_tensor *t, struct place at)
{
	uint64_t bytes;

	return (t->flags & VIT_T_BAD) && st_tensor_bytes(t, &bytes) && bytes != at.end - at.begin &&
	       at.end >= l->cursor && at.end - l->cursor == bytes;
}

static struct vit_st_fault *layout_fault(struct layout *l, enum vit_st_fault_kind kind,
					 uint64_t data_offset, const struct vit_tensor *t)
{
	uint64_t offset;

	if (__builtin_add_overflow(l->data_start, data_offset, &offset))
		offset = UINT64_MAX;
	struct vit_st_fault *f = st_fault(l->p, kind, offset, false);
	if (t)
		f->tensor = t->name;
	f->expected = l->cursor;
	f->actual = data_offset;
	return f;
}

static void cover(struct layout *l, struct place at)
{
	const struct vit_tensor *t = row_at(l, at.row);

	if (at.begin != l->cursor && (prev_explains(l, at.begin) || row_explains(l, t, at))) {
		l->cursor = at.end;
	} else if (at.begin > l->cursor) {
		/* Entries that could not be read may lie in the hole. */
		if (l->p->out->parsed && l->p->out->skipped == 0) {
			layout_fault(l, VIT_ST_OFFSETS_HOLE, l->cursor, t)->actual = at.begin;
			l->wild |= at.begin > l->available;
		}
		l->cursor = at.end;
	} else if (at.begin < l->cursor) {
		struct vit_st_fault *f = layout_fault(l, VIT_ST_OFFSETS_OVERLAP, at.begin, t);
		if (l->prev)
			f->other = l->prev->name;
		if (at.end <= l->cursor)
			return;
		l->cursor = at.end;
	} else {
		l->cursor = at.end;
	}
	l->prev = t;
	l->prev_place = at;
}

/* Writers sort by offset, so most files need no sorting: covers them in file
 * order as far as it rises. False when it does not. */
static bool is_sorted(const struct layout *l, uint32_t first, uint32_t count)
{
	struct place last = { 0, 0, 0 };

	for (uint32_t i = first; i < first + count; i++) {
		const struct vit_tensor *t = row_at(l, i);
		if (t->flags & VIT_T_DUPLICATE)
			continue;
		struct place at = place_of(t, i);
		if (place_order(&last, &at) > 0)
			return false;
		last = at;
	}
	return true;
}

static void cover_all(struct layout *l, uint32_t first, uint32_t count)
{
	if (is_sorted(l, first, count)) {
		for (uint32_t i = first; i < first + count; i++)
			if (!(row_at(l, i)->flags & VIT_T_DUPLICATE))
				cover(l, place_of(row_at(l, i), i));
		return;
	}
	struct place *places = vit_xcalloc(count, sizeof(*places));
	size_t n = 0;
	for (uint32_t i = first; i < first + count; i++)
		if (!(row_at(l, i)->flags & VIT_T_DUPLICATE))
			places[n++] = place_of(row_at(l, i), i);
	qsort(places, n, sizeof(*places), place_order);
	for (size_t i = 0; i < n; i++)
		cover(l, places[i]);
	free(places);
}

static void mark_lost(struct layout *l, uint32_t first, uint32_t count)
{
	for (uint32_t i = first; i < first + count; i++) {
		struct vit_tensor *t = vit_vec_at(l->p->tensors, i);
		uint64_t end = t->end > t->begin ? t->end : t->begin;
		if (end <= l->available)
			continue;
		t->flags |= VIT_T_BEYOND_FILE;
		if (!(t->flags & VIT_T_DUPLICATE))
			l->p->out->lost_tensors++;
	}
}

static void check_end(struct layout *l)
{
	struct vit_st_header *h = l->p->out;

	/* What broke off, or could not be read, may have said more. */
	if (!h->parsed || l->wild || prev_explains(l, l->available))
		return;
	if (l->cursor > l->available) {
		layout_fault(l, VIT_ST_TRUNCATED, l->available, NULL)->actual = l->available;
	} else if (l->cursor < l->available && h->skipped == 0) {
		layout_fault(l, VIT_ST_TRAILING, l->cursor, NULL)->actual = l->available;
	}
}

void st_check_layout(struct st_parser *p)
{
	struct vit_st_header *h = p->out;
	uint32_t first = h->tensor_first;
	uint32_t count = (uint32_t)p->tensors->count - first;
	struct layout l = {
		.p = p,
		.data_start = 8 + h->header_length,
		.available = h->file_size - 8 - h->header_length,
	};

	cover_all(&l, first, count);
	h->data_length = l.cursor;
	mark_lost(&l, first, count);
	check_end(&l);
	if (h->parsed && count == 0 && h->skipped == 0)
		st_fault(p, VIT_ST_NO_TENSORS, 8, false);
}
