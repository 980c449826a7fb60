#include "collect/ask.h"

/* Enough of a file to know that it is there. */
#define PEEK_BYTES 64

void vit_ask_begin(struct vit_ask *q, struct vit_arena *a, const struct vit_host *h,
		   size_t max_text)
{
	*q = (struct vit_ask){ .a = a, .h = h, .notes = VIT_VEC(sizeof(struct vit_str)) };
	vit_buf_init(&q->text, max_text);
}

void vit_ask_end(struct vit_ask *q, struct vit_str **notes, uint32_t *count)
{
	size_t n;

	*notes = vit_vec_take(&q->notes, q->a, &n);
	*count = (uint32_t)n;
	vit_buf_release(&q->text);
}

void vit_ask_note(struct vit_ask *q, struct vit_str note)
{
	*(struct vit_str *)vit_vec_add(&q->notes) = vit_arena_str(q->a, note);
}

bool vit_ask_file(struct vit_ask *q, struct vit_str path)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	enum vit_errc rc = q->h->read_file(q->h->ctx, path.p, &q->text, &err);

	if (rc == VIT_OK)
		return true;
	vit_buf_clear(&q->text);
	if (rc != VIT_E_NOTFOUND && rc != VIT_E_UNSUPPORTED)
		vit_ask_note(q, vit_str_c(err.msg));
	return false;
}

bool vit_ask_is_there(struct vit_ask *q, struct vit_str path)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_buf peek;
	enum vit_errc rc;

	vit_buf_init(&peek, PEEK_BYTES);
	rc = q->h->read_file(q->h->ctx, path.p, &peek, &err);
	vit_buf_release(&peek);
	/* One that is longer than the peek is there, too. */
	return rc == VIT_OK || rc == VIT_E_LIMIT;
}

struct vit_str vit_ask_env(struct vit_ask *q, const char *name)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };

	if (q->h->env(q->h->ctx, name, &q->text, &err) != VIT_OK)
		return VIT_STR_EMPTY;
	return vit_arena_str(q->a, vit_str_trim(vit_buf_view(&q->text)));
}

bool vit_ask_is_darwin(const struct vit_ask *q)
{
	struct vit_host_identity id;
	struct vit_err err = { VIT_OK, 0, 0, "" };

	return q->h->identity(q->h->ctx, &id, &err) == VIT_OK && strcmp(id.os, "Darwin") == 0;
}
