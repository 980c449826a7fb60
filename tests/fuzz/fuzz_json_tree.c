/*
 * The tree: it stands exactly when the reader accepts the text, cJSON agrees,
 * its nodes are the reader's events in document order, and every member is
 * found under its key.
 *
 * The first byte chooses the options; the rest is the text.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "json/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

static enum vit_errc read_all(struct vit_str text, unsigned options, uint64_t *offset)
{
	struct vit_json_reader r;
	struct vit_json_event ev;
	vit_json_reader_init(&r, text, options);
	do
		vit_json_next(&r, &ev);
	while (ev.type != VIT_JSON_END && ev.type != VIT_JSON_ERROR);
	*offset = ev.offset;
	return r.err.code;
}

static void check_text(struct vit_str got, const struct vit_json_event *ev,
		       struct vit_buf *scratch)
{
	vit_buf_clear(scratch);
	vit_json_decode(ev, scratch);
	CHECK(vit_str_eq(got, vit_buf_view(scratch)));
	CHECK(got.p[got.n] == 0);
}

static void check_place(const struct vit_json *v, uint64_t offset, struct vit_str text)
{
	uint32_t line = 1, column = 1;
	for (uint64_t i = 0; i < offset; i++) {
		column = text.p[i] == '\n' ? 1 : column + 1;
		line += text.p[i] == '\n';
	}
	CHECK(v->line == line && v->column == column);
}

static void check_value(const struct vit_json *v, const struct vit_json_event *ev,
			struct vit_buf *scratch)
{
	CHECK(v->offset == ev->offset);
	CHECK((v->flags & ev->flags) == ev->flags);
	switch (v->kind) {
	case VIT_JSON_K_NULL: CHECK(ev->type == VIT_JSON_NULL); break;
	case VIT_JSON_K_BOOL:
		CHECK(ev->type == (v->boolean ? VIT_JSON_TRUE : VIT_JSON_FALSE));
		break;
	case VIT_JSON_K_NUMBER:
		CHECK(ev->type == VIT_JSON_NUMBER && v->u64 == ev->u64 && v->i64 == ev->i64);
		CHECK(memcmp(&v->number, &ev->number, sizeof(v->number)) == 0);
		break;
	case VIT_JSON_K_STRING:
		CHECK(ev->type == VIT_JSON_STRING);
		check_text(v->string, ev, scratch);
		break;
	case VIT_JSON_K_ARRAY: CHECK(ev->type == VIT_JSON_ARRAY_BEGIN); break;
	case VIT_JSON_K_OBJECT: CHECK(ev->type == VIT_JSON_OBJECT_BEGIN); break;
	}
}

static bool is_container(const struct vit_json *v)
{
	return v->kind == VIT_JSON_K_ARRAY || v->kind == VIT_JSON_K_OBJECT;
}

/* The last member with this key is the one that is found. */
static uint64_t check_member(const struct vit_json *obj, uint32_t i)
{
	const struct vit_json *found = vit_json_get(obj, obj->children[i].key);
	CHECK(found && vit_str_eq(found->key, obj->children[i].key));
	CHECK(found >= &obj->children[i]);
	if (obj->count > 2000)
		return 0;
	for (const struct vit_json *c = found + 1; c < obj->children + obj->count; c++)
		CHECK(!vit_str_eq(c->key, found->key));
	for (uint32_t k = 0; k < i; k++)
		if (vit_str_eq(obj->children[k].key, obj->children[i].key))
			return 1;
	return 0;
}

static void walk(const struct vit_json_doc *doc, struct vit_str text, unsigned options)
{
	struct level { const struct vit_json *v; uint32_t next; } stack[VIT_JSON_MAX_DEPTH];
	struct vit_json_reader r;
	struct vit_json_event ev;
	struct vit_buf scratch;
	unsigned depth = 0;
	uint64_t repeated = 0;
	bool wide = false;
	vit_buf_init(&scratch, text.n + 16);
	vit_json_reader_init(&r, text, options);
	vit_json_next(&r, &ev);
	check_place(doc->root, ev.offset, text);
	check_value(doc->root, &ev, &scratch);
	if (is_container(doc->root))
		stack[depth++] = (struct level){ doc->root, 0 };
	while (depth) {
		struct level *top = &stack[depth - 1];
		vit_json_next(&r, &ev);
		if (top->next == top->v->count) {
			CHECK(ev.type == VIT_JSON_OBJECT_END || ev.type == VIT_JSON_ARRAY_END);
			depth--;
			continue;
		}
		const struct vit_json *v = &top->v->children[top->next];
		if (text.n < 4096)
			check_place(v, ev.offset, text);
		if (top->v->kind == VIT_JSON_K_OBJECT) {
			CHECK(ev.type == VIT_JSON_KEY);
			check_text(v->key, &ev, &scratch);
			repeated += check_member(top->v, top->next);
			wide |= top->v->count > 2000;
			vit_json_next(&r, &ev);
		}
		top->next++;
		check_value(v, &ev, &scratch);
		if (is_container(v))
			stack[depth++] = (struct level){ v, 0 };
	}
	CHECK(vit_json_next(&r, &ev) == VIT_JSON_END);
	CHECK(wide || repeated == doc->duplicate_count);
	vit_buf_release(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct vit_str text = { (const char *)data + 1, size - 1 };
	unsigned options = data[0] & 15u;
	struct vit_arena *arena = vit_arena_new();
	struct vit_json_doc doc;
	struct vit_err err = { 0 };
	struct vit_buf brief;
	uint64_t offset;
	enum vit_errc want = read_all(text, options, &offset);
	enum vit_errc got = vit_json_parse(arena, text, options, &doc, &err);
	vit_buf_init(&brief, 400);
	CHECK(got == want);
	CHECK(got == err.code);
	if (got == VIT_OK) {
		walk(&doc, text, options);
		vit_json_brief(&brief, doc.root, 100);
		CHECK(!brief.full && brief.n <= 103);
		CHECK(vit_utf8_valid(vit_buf_view(&brief)) == brief.n);
		CHECK(!memchr(brief.p, '\n', brief.n) && !memchr(brief.p, 0x1b, brief.n));
	} else {
		CHECK(!doc.root && err.offset == offset);
	}
	vit_buf_release(&brief);
	vit_arena_free(arena);
	return 0;
}
