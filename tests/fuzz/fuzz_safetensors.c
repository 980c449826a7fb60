/*
 * A safetensors file. Whatever the bytes: the same verdict in one piece and in
 * small ones, faults counted as they are kept, rows that say what they claim,
 * and a file without a rejecting fault covers its data exactly.
 */
#include <stdint.h>
#include <stdlib.h>

#include "formats/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *p;
	size_t n, at, step;
};

static int64_t read_input(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct input *in = ctx;

	(void)err;
	if (n > in->step)
		n = in->step;
	if (n > in->n - in->at)
		n = in->n - in->at;
	if (n)
		memcpy(buf, in->p + in->at, n);
	in->at += n;
	return (int64_t)n;
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

struct result {
	struct vit_arena *arena;
	struct vit_vec tensors;
	struct vit_st_header h;
};

static void parse(struct result *r, const uint8_t *data, size_t size, size_t step)
{
	struct input in = { data, size, 0, step };
	struct vit_err err = { 0 };

	r->arena = vit_arena_new();
	r->tensors = VIT_VEC(sizeof(struct vit_tensor));
	must(vit_st_read(r->arena, read_input, &in, size, 3, &r->tensors, &r->h, &err) == VIT_OK);
	must(in.at <= 8 || in.at <= 8 + r->h.header_length);
}

static void check_faults(const struct vit_st_header *h, bool *rejected)
{
	uint64_t total = 0;
	uint32_t kept[VIT_ST_FAULT_COUNT] = { 0 };

	*rejected = false;
	for (uint32_t i = 0; i < h->fault_count; i++)
		kept[h->faults[i].kind]++;
	for (unsigned k = 0; k < VIT_ST_FAULT_COUNT; k++) {
		total += h->fault_counts[k];
		must(kept[k] <= h->fault_counts[k]);
		must((kept[k] > 0) == (h->fault_counts[k] > 0));
		if (h->fault_counts[k] && vit_st_fault_rejects((enum vit_st_fault_kind)k))
			*rejected = true;
	}
	must(total == h->fault_total);
}

static void check_rows(const struct result *r, bool rejected)
{
	uint64_t covered = 0;
	bool limit = r->h.fault_counts[VIT_ST_LIMIT] > 0;

	must(r->h.tensor_first == 0 && r->h.tensor_count == r->tensors.count);
	for (size_t i = 0; i < r->tensors.count; i++) {
		const struct vit_tensor *t = vit_vec_at(&r->tensors, i);
		uint64_t n;
		must(t->name.p[t->name.n] == 0 && t->shard == 3);
		must(t->shape || (t->rank == 0 && (t->flags & VIT_T_BAD)));
		if (rejected || limit || (t->flags & VIT_T_DUPLICATE))
			continue;
		must(!(t->flags & (VIT_T_BAD | VIT_T_BEYOND_FILE)));
		must(vit_shape_elements(t->shape, t->rank, &n));
		must(t->end - t->begin == n * vit_dtype_bits((enum vit_dtype)t->dtype) / 8);
		covered += t->end - t->begin;
	}
	if (!rejected && !limit)
		must(r->h.parsed && covered == r->h.data_length &&
		     covered == r->h.file_size - 8 - r->h.header_length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result whole, pieces;
	bool rejected, also;

	parse(&whole, data, size, SIZE_MAX);
	check_faults(&whole.h, &rejected);
	check_rows(&whole, rejected);
	parse(&pieces, data, size, 1 + size % 7);
	check_faults(&pieces.h, &also);
	must(rejected == also && whole.tensors.count == pieces.tensors.count);
	must(memcmp(whole.h.fault_counts, pieces.h.fault_counts, sizeof(whole.h.fault_counts)) ==
	     0);
	vit_vec_free(&whole.tensors);
	vit_vec_free(&pieces.tensors);
	vit_arena_free(whole.arena);
	vit_arena_free(pieces.arena);
	return 0;
}
