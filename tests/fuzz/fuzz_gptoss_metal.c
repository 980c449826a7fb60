/*
 * metal/model.bin. Held: the parser says something of every file that is not
 * whole, faults lie where bytes or the end are, and reading in other pieces
 * gives the same answer.
 */
#include <stdlib.h>

#include "formats/gptoss_metal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory {
	const uint8_t *p;
	size_t n, at, most;
};

static int64_t read_memory(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct memory *m = ctx;
	size_t left = m->n - m->at;

	(void)err;
	n = n < left ? n : left;
	n = n > m->most ? m->most : n;
	memcpy(buf, m->p + m->at, n);
	m->at += n;
	return (int64_t)n;
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory all = { data, size, 0, SIZE_MAX }, pieces = { data, size, 0, 3 };
	static struct vit_metal_header a, b;
	struct vit_err err = { VIT_OK, 0, 0, "" };

	must(vit_metal_read(read_memory, &all, size, &a, &err) == VIT_OK);
	must(vit_metal_read(read_memory, &pieces, size, &b, &err) == VIT_OK);
	must(a.fault_count == b.fault_count && a.complete == b.complete);
	for (uint32_t i = 0; i < a.fault_count; i++) {
		must(a.faults[i].kind == b.faults[i].kind);
		must(a.faults[i].offset == b.faults[i].offset);
		must(a.faults[i].offset <= size);
	}
	/* No file this small holds the weights that any header asks for but one. */
	must(a.fault_count > 0 || a.expected_size == size);
	must(!a.has_expected_size || a.expected_size >= a.weights_offset);
	return 0;
}
