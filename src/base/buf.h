/*
 * A growable byte buffer with a ceiling given at its creation.
 *
 * `p` is never NULL and p[n] is always 0. An append that would pass the
 * ceiling sets `full`, appends nothing, and every later append does nothing
 * (sticky), so a chain of appends is checked once at its end.
 */
#ifndef VIT_BASE_BUF_H
#define VIT_BASE_BUF_H

#include <stdarg.h>

#include "base/err.h"
#include "base/str.h"

struct vit_buf {
	char *p;
	size_t n;        /* bytes used, terminator excluded */
	size_t capacity; /* private */
	size_t ceiling;  /* n never passes it */
	bool full;
};

void vit_buf_init(struct vit_buf *b, size_t ceiling);
void vit_buf_release(struct vit_buf *b); /* frees; b may be initialised again */
void vit_buf_clear(struct vit_buf *b);   /* n = 0, full = false, keeps memory */
void vit_buf_add(struct vit_buf *b, const void *p, size_t n);
void vit_buf_str(struct vit_buf *b, struct vit_str s);
void vit_buf_puts(struct vit_buf *b, const char *c);
void vit_buf_putc(struct vit_buf *b, char c);
void vit_buf_printf(struct vit_buf *b, const char *fmt, ...) VIT_PRINTF(2, 3);
void vit_buf_vprintf(struct vit_buf *b, const char *fmt, va_list ap)
	VIT_PRINTF(2, 0);
/* Room for n more bytes at p + n; false when over the ceiling (sets full).
 * Who writes there himself adds to n and puts the 0 at p[n]. */
bool vit_buf_reserve(struct vit_buf *b, size_t n);
static inline struct vit_str vit_buf_view(const struct vit_buf *b)
{
	return (struct vit_str){ b->p, b->n };
}

#endif
