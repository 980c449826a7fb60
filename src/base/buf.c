#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

#define FIRST 64

void vit_buf_init(struct vit_buf *b, size_t ceiling)
{
	/* One byte is ours for the terminator. */
	if (ceiling > SIZE_MAX / 2)
		ceiling = SIZE_MAX / 2;
	*b = (struct vit_buf){ .ceiling = ceiling };
	b->capacity = ceiling < FIRST ? ceiling + 1 : FIRST;
	b->p = vit_xmalloc(b->capacity);
	b->p[0] = 0;
}

void vit_buf_release(struct vit_buf *b)
{
	free(b->p);
	*b = (struct vit_buf){ 0 };
}

void vit_buf_clear(struct vit_buf *b)
{
	b->n = 0;
	b->full = false;
	b->p[0] = 0;
}

bool vit_buf_reserve(struct vit_buf *b, size_t n)
{
	if (b->full)
		return false;
	if (n > b->ceiling - b->n) {
		b->full = true;
		return false;
	}
	size_t need = b->n + n + 1;
	if (need <= b->capacity)
		return true;
	size_t capacity = b->capacity * 2;
	if (capacity > b->ceiling + 1)
		capacity = b->ceiling + 1;
	if (capacity < need)
		capacity = need;
	b->p = vit_xrealloc(b->p, capacity);
	b->capacity = capacity;
	return true;
}

void vit_buf_add(struct vit_buf *b, const void *p, size_t n)
{
	if (!vit_buf_reserve(b, n))
		return;
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = 0;
}

void vit_buf_str(struct vit_buf *b, struct vit_str s)
{
	vit_buf_add(b, s.p, s.n);
}

void vit_buf_puts(struct vit_buf *b, const char *c)
{
	vit_buf_add(b, c, strlen(c));
}

void vit_buf_putc(struct vit_buf *b, char c)
{
	if (!vit_buf_reserve(b, 1))
		return;
	b->p[b->n++] = c;
	b->p[b->n] = 0;
}

void vit_buf_vprintf(struct vit_buf *b, const char *fmt, va_list ap)
{
	if (b->full)
		return;
	va_list again;
	va_copy(again, ap);
	size_t room = b->capacity - b->n;
	int n = vsnprintf(b->p + b->n, room, fmt, ap);
	if (n < 0)
		VIT_BUG("buf: bad format");
	if ((size_t)n < room) {
		b->n += (size_t)n;
	} else {
		b->p[b->n] = 0;
		if (vit_buf_reserve(b, (size_t)n)) {
			vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
			b->n += (size_t)n;
		}
	}
	va_end(again);
}

void vit_buf_printf(struct vit_buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vit_buf_vprintf(b, fmt, ap);
	va_end(ap);
}
