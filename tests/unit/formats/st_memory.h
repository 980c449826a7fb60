/* A safetensors file in memory, for tests: header text and so many data bytes. */
#ifndef VIT_TEST_ST_MEMORY_H
#define VIT_TEST_ST_MEMORY_H

#include <stdlib.h>

#include "formats/safetensors.h"

struct st_memory {
	const unsigned char *bytes;
	size_t n, at;
	size_t step;    /* most bytes a read gives; 0 = all */
	size_t fail_at; /* the read that reaches this byte fails; 0 = never */
};

static inline int64_t st_memory_read(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct st_memory *m = ctx;

	if (m->fail_at && m->at >= m->fail_at) {
		(void)vit_err_set(err, VIT_E_IO, "the disk is gone");
		return -1;
	}
	if (m->step && n > m->step)
		n = m->step;
	if (n > m->n - m->at)
		n = m->n - m->at;
	memcpy(buf, m->bytes + m->at, n);
	m->at += n;
	return (int64_t)n;
}

/* Caller frees. The data are not there in memory: only 8 + n bytes are read. */
static inline unsigned char *st_memory_make(const char *header, size_t n, uint64_t stored_n,
					    size_t *size)
{
	unsigned char *p = malloc(8 + n + 1);

	for (unsigned i = 0; i < 8; i++)
		p[i] = (unsigned char)(stored_n >> (8 * i));
	memcpy(p + 8, header, n);
	*size = 8 + n;
	return p;
}

#endif
