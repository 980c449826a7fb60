#include <inttypes.h>

#include "base/map.h"
#include "base/utf8.h"
#include "json/tree_private.h"

#define UPPER ((uint64_t)0xffffffff << 32)

/* The position of the slot with this key, or of the empty one where it belongs. */
static size_t slot_of(const struct vit_json_index *index, const struct vit_json *children,
		      struct vit_str key, uint64_t hash)
{
	size_t i = hash & index->mask;
	for (uint64_t slot; (slot = index->slots[i]) != 0; i = (i + 1) & index->mask)
		if ((slot & UPPER) == (hash & UPPER) &&
		    vit_str_eq(children[(uint32_t)slot - 1].key, key))
			break;
	return i;
}

struct vit_json_index *vit_json_index_new(struct vit_arena *a, uint32_t count)
{
	if (count <= VIT_JSON_SMALL_OBJECT)
		return NULL;
	size_t capacity = 16;
	while (capacity / 4 * 3 < count)
		capacity *= 2;
	struct vit_json_index *index =
		vit_arena_alloc(a, sizeof(*index) + capacity * sizeof(index->slots[0]));
	index->mask = capacity - 1;
	return index;
}

bool vit_json_index_add(struct vit_json_index *index, const struct vit_json *children,
			uint32_t i)
{
	struct vit_str key = children[i].key;
	if (!index) {
		for (uint32_t k = 0; k < i; k++)
			if (vit_str_eq(children[k].key, key))
				return true;
		return false;
	}
	uint64_t hash = vit_hash64(key);
	uint64_t *slot = &index->slots[slot_of(index, children, key, hash)];
	bool repeated = *slot != 0;
	*slot = (hash & UPPER) | (i + 1); /* the last one wins, as in Python */
	return repeated;
}

const struct vit_json *vit_json_get(const struct vit_json *obj, struct vit_str key)
{
	if (!obj || obj->kind != VIT_JSON_K_OBJECT)
		return NULL;
	if (!obj->index) {
		for (uint32_t i = obj->count; i > 0; i--)
			if (vit_str_eq(obj->children[i - 1].key, key))
				return &obj->children[i - 1];
		return NULL;
	}
	size_t i = slot_of(obj->index, obj->children, key, vit_hash64(key));
	uint64_t slot = obj->index->slots[i];
	return slot ? &obj->children[(uint32_t)slot - 1] : NULL;
}

const struct vit_json *vit_json_get_c(const struct vit_json *obj, const char *key)
{
	return vit_json_get(obj, vit_str_c(key));
}

const struct vit_json *vit_json_at(const struct vit_json *root, struct vit_str path)
{
	const struct vit_json *at = root;
	struct vit_str step;
	while (at && vit_str_split(&path, '.', &step))
		at = vit_json_get(at, step);
	return at;
}

int64_t vit_json_int(const struct vit_json *v, int64_t otherwise)
{
	if (!v || v->kind != VIT_JSON_K_NUMBER || !(v->flags & VIT_JSON_I64))
		return otherwise;
	return v->i64;
}

struct vit_str vit_json_string(const struct vit_json *v)
{
	return v && v->kind == VIT_JSON_K_STRING ? v->string : VIT_STR_EMPTY;
}

bool vit_json_bool(const struct vit_json *v, bool otherwise)
{
	return v && v->kind == VIT_JSON_K_BOOL ? v->boolean : otherwise;
}

const char *vit_json_kind_name(const struct vit_json *v)
{
	if (!v)
		return "nothing";
	switch (v->kind) {
	case VIT_JSON_K_NULL: return "null";
	case VIT_JSON_K_BOOL: return "boolean";
	case VIT_JSON_K_NUMBER: return v->flags & VIT_JSON_INTEGER ? "integer" : "number";
	case VIT_JSON_K_STRING: return "string";
	case VIT_JSON_K_ARRAY: return "array";
	case VIT_JSON_K_OBJECT: return "object";
	}
	return "unknown";
}

/* Text between quotes that is harmless to show; quotes are told apart. */
static void brief_text(struct vit_buf *out, struct vit_str s)
{
	vit_buf_putc(out, '"');
	while (s.n && !out->full) {
		const char *quote = memchr(s.p, '"', s.n);
		size_t n = quote ? (size_t)(quote - s.p) : s.n;
		vit_display(out, (struct vit_str){ s.p, n }, 0);
		if (quote) {
			vit_buf_puts(out, "\\\"");
			n++;
		}
		s = (struct vit_str){ s.p + n, s.n - n };
	}
	vit_buf_putc(out, '"');
}

static void brief_number(struct vit_buf *out, const struct vit_json *v)
{
	if (v->flags & VIT_JSON_NEGATIVE_ZERO)
		vit_buf_puts(out, "-0");
	else if (v->flags & VIT_JSON_I64)
		vit_buf_printf(out, "%" PRId64, v->i64);
	else if (v->flags & VIT_JSON_U64)
		vit_buf_printf(out, "%" PRIu64, v->u64);
	else
		vit_buf_printf(out, "%.15g", v->number);
}

/* What v is without its children: a scalar, or the opening bracket. */
static void brief_head(struct vit_buf *out, const struct vit_json *v)
{
	switch (v->kind) {
	case VIT_JSON_K_NULL: vit_buf_puts(out, "null"); break;
	case VIT_JSON_K_BOOL: vit_buf_puts(out, v->boolean ? "true" : "false"); break;
	case VIT_JSON_K_NUMBER: brief_number(out, v); break;
	case VIT_JSON_K_STRING: brief_text(out, v->string); break;
	case VIT_JSON_K_ARRAY: vit_buf_putc(out, '['); break;
	case VIT_JSON_K_OBJECT: vit_buf_putc(out, '{'); break;
	}
}

static void brief_whole(struct vit_buf *out, const struct vit_json *v)
{
	struct level { const struct vit_json *v; uint32_t next; } stack[VIT_JSON_MAX_DEPTH + 1];
	unsigned depth = 0;
	brief_head(out, v);
	if (v->kind == VIT_JSON_K_ARRAY || v->kind == VIT_JSON_K_OBJECT)
		stack[depth++] = (struct level){ v, 0 };
	while (depth && !out->full) {
		struct level *top = &stack[depth - 1];
		bool object = top->v->kind == VIT_JSON_K_OBJECT;
		if (top->next == top->v->count) {
			vit_buf_putc(out, object ? '}' : ']');
			depth--;
			continue;
		}
		const struct vit_json *child = &top->v->children[top->next];
		if (top->next++)
			vit_buf_puts(out, ", ");
		if (object) {
			brief_text(out, child->key);
			vit_buf_puts(out, ": ");
		}
		brief_head(out, child);
		if (child->kind == VIT_JSON_K_ARRAY || child->kind == VIT_JSON_K_OBJECT)
			stack[depth++] = (struct level){ child, 0 };
	}
}

void vit_json_brief(struct vit_buf *out, const struct vit_json *v, size_t max)
{
	if (!v)
		return;
	/* Room for what passes the limit, so that the cut can be placed. */
	struct vit_buf text;
	vit_buf_init(&text, max < ((size_t)1 << 20) ? max + 64 : (size_t)1 << 20);
	brief_whole(&text, v);
	if (!text.full && text.n <= max) {
		vit_buf_str(out, vit_buf_view(&text));
	} else {
		size_t n = text.n < max ? text.n : max;
		n = vit_utf8_valid((struct vit_str){ text.p, n });
		vit_buf_add(out, text.p, n);
		vit_buf_puts(out, "...");
	}
	vit_buf_release(&text);
}
