#include "json/tree.h"

#include <cJSON.h>
#include <inttypes.h>
#include <stdlib.h>

#include "json/tree_private.h"

#define DUPLICATES_KEPT 64

/* A token that cJSON does not take, or not as it stands: NaN, a number longer
 * than its buffer, a surrogate without its pair. In the copy that cJSON gets,
 * something harmless of the same length takes its place; the value comes from
 * the reader. */
struct patch {
	uint64_t offset; /* of the token's first byte */
	size_t n;        /* of what is replaced: a number, or a string without quotes */
	bool string;
};

#define CJSON_NUMBER_MAX 60

/* Where an offset is, found by going forward only. */
struct place {
	const char *text;
	uint64_t at, line_start;
	uint32_t line;
};

static void go_to(struct place *p, uint64_t offset)
{
	while (p->at < offset) {
		const char *from = p->text + p->at;
		const char *feed = memchr(from, '\n', (size_t)(offset - p->at));
		if (!feed)
			break;
		p->at = (uint64_t)(feed - p->text) + 1;
		p->line_start = p->at;
		p->line++;
	}
	p->at = offset;
}

static uint32_t column_of(const struct place *p)
{
	return (uint32_t)(p->at - p->line_start + 1);
}

static enum vit_errc fail_at(struct vit_err *err, struct vit_str text, enum vit_errc code,
			     uint64_t offset, const char *message)
{
	struct place place = { text.p, 0, 0, 1 };
	go_to(&place, offset);
	return vit_err_at(err, code, offset, "line %" PRIu32 ", column %" PRIu32 ": %s",
			  place.line, column_of(&place), message);
}

/* The first pass: is the text what it should be, and how much is it? */
struct survey {
	uint64_t values, end;
	struct vit_vec patches;
	bool had_bom, had_nonfinite;
};

static bool is_word(struct vit_str number)
{
	char last = number.p[number.n - 1];
	return last == 'N' || last == 'y';
}

static void survey_token(struct survey *s, const struct vit_json_event *ev)
{
	bool string = ev->type == VIT_JSON_KEY || ev->type == VIT_JSON_STRING;
	if (string) {
		if (!(ev->flags & VIT_JSON_LONE_SURROGATE))
			return;
	} else {
		bool written_out = (ev->flags & VIT_JSON_NONFINITE) && is_word(ev->raw);
		s->had_nonfinite |= written_out;
		if (!written_out && ev->raw.n <= CJSON_NUMBER_MAX)
			return;
	}
	struct patch *p = vit_vec_add(&s->patches);
	*p = (struct patch){ ev->offset, ev->raw.n, string };
}

static enum vit_errc survey(struct survey *s, struct vit_str text, unsigned options,
			    struct vit_err *err)
{
	struct vit_json_reader r;
	struct vit_json_event ev;
	vit_json_reader_init(&r, text, options);
	for (;;) {
		switch (vit_json_next(&r, &ev)) {
		case VIT_JSON_END:
			s->end = ev.offset;
			s->had_bom = r.had_bom;
			return VIT_OK;
		case VIT_JSON_ERROR:
			return fail_at(err, text, r.err.code, r.err.offset, r.err.msg);
		case VIT_JSON_KEY:
			survey_token(s, &ev);
			break;
		case VIT_JSON_STRING:
		case VIT_JSON_NUMBER:
			survey_token(s, &ev);
			s->values++;
			break;
		case VIT_JSON_OBJECT_BEGIN:
		case VIT_JSON_ARRAY_BEGIN:
		case VIT_JSON_TRUE:
		case VIT_JSON_FALSE:
		case VIT_JSON_NULL:
			s->values++;
			break;
		case VIT_JSON_OBJECT_END:
		case VIT_JSON_ARRAY_END:
			break;
		}
		if (s->values > VIT_JSON_VALUES_MAX)
			return fail_at(err, text, VIT_E_LIMIT, ev.offset,
				       "more than 2,000,000 JSON values");
	}
}

static cJSON *parse(const struct survey *s, struct vit_str text)
{
	size_t skip = s->had_bom ? 3 : 0;
	if (!s->patches.count)
		return cJSON_ParseWithLengthOpts(text.p + skip, (size_t)s->end - skip, NULL, 0);
	char *copy = vit_xmalloc((size_t)s->end);
	memcpy(copy, text.p, (size_t)s->end);
	for (size_t i = 0; i < s->patches.count; i++) {
		const struct patch *p = vit_vec_at(&s->patches, i);
		if (p->string) {
			memset(copy + p->offset + 1, 'x', p->n);
		} else {
			memset(copy + p->offset, ' ', p->n);
			copy[p->offset] = '0';
		}
	}
	cJSON *root = cJSON_ParseWithLengthOpts(copy + skip, (size_t)s->end - skip, NULL, 0);
	free(copy);
	return root;
}

/* A container that is being filled. */
struct frame {
	cJSON *item;
	struct vit_json *node, *children;
	struct vit_json_index *index;
	uint32_t filled;
};

/* The second pass: cJSON's tree and the reader's events side by side. */
struct adoption {
	struct vit_arena *arena;
	struct vit_json_reader reader;
	struct place place;
	struct vit_json_doc *doc;
	struct vit_buf scratch;
	struct frame frames[VIT_JSON_MAX_DEPTH];
	unsigned depth;
};

static void add_step(struct vit_buf *out, struct vit_str key)
{
	vit_buf_putc(out, '/');
	for (size_t i = 0; i < key.n; i++) {
		if (key.p[i] == '~')
			vit_buf_puts(out, "~0");
		else if (key.p[i] == '/')
			vit_buf_puts(out, "~1");
		else
			vit_buf_putc(out, key.p[i]);
	}
}

/* Notes that the member `later` of the object on top repeats a key. */
static void note_repeated(struct adoption *ad, const struct vit_json *later)
{
	struct vit_json_doc *doc = ad->doc;
	if (doc->duplicate_count++ >= DUPLICATES_KEPT)
		return;
	if (!doc->duplicates)
		doc->duplicates = VIT_NEW_ARRAY(ad->arena, DUPLICATES_KEPT,
						struct vit_json_duplicate);
	vit_buf_clear(&ad->scratch);
	for (unsigned i = 1; i < ad->depth; i++) {
		const struct frame *outer = &ad->frames[i - 1];
		if (outer->node->kind == VIT_JSON_K_OBJECT)
			add_step(&ad->scratch, ad->frames[i].node->key);
		else
			vit_buf_printf(&ad->scratch, "/%" PRIu32, outer->filled - 1);
	}
	add_step(&ad->scratch, later->key);
	struct vit_json_duplicate *d = &doc->duplicates[doc->duplicate_count - 1];
	d->pointer = vit_arena_str(ad->arena, vit_buf_view(&ad->scratch));
	d->offset = later->offset;
	d->line = later->line;
}

/* The text of a KEY or STRING: as cJSON has it, but where that ends at a NUL
 * or was patched. False when the two parsers do not agree. */
static bool adopt_text(struct adoption *ad, const struct vit_json_event *ev,
		       const char *parsed, struct vit_str *out)
{
	if (ev->flags & (VIT_JSON_ESCAPED_NUL | VIT_JSON_LONE_SURROGATE)) {
		vit_buf_clear(&ad->scratch);
		vit_json_decode(ev, &ad->scratch);
		*out = vit_arena_str(ad->arena, vit_buf_view(&ad->scratch));
		return true;
	}
	struct vit_str text = vit_str_c(parsed);
	if (!(ev->flags & VIT_JSON_ESCAPED) && !vit_str_eq(text, ev->raw))
		return false;
	*out = vit_arena_str(ad->arena, text);
	return true;
}

static bool adopt_number(struct vit_json *node, const struct vit_json_event *ev,
			 const cJSON *item)
{
	node->kind = VIT_JSON_K_NUMBER;
	node->i64 = ev->i64;
	node->u64 = ev->u64;
	node->number = ev->number;
	if (!cJSON_IsNumber(item))
		return false;
	bool patched = (ev->flags & VIT_JSON_NONFINITE) || ev->raw.n > CJSON_NUMBER_MAX;
	return patched || memcmp(&item->valuedouble, &ev->number, sizeof(double)) == 0;
}

static void push(struct adoption *ad, struct vit_json *node, cJSON *item)
{
	uint32_t count = 0;
	for (const cJSON *c = item->child; c; c = c->next)
		count++;
	node->count = count;
	struct vit_json *children = VIT_NEW_ARRAY(ad->arena, count, struct vit_json);
	node->children = children;
	struct vit_json_index *index = NULL;
	if (node->kind == VIT_JSON_K_OBJECT)
		node->index = index = vit_json_index_new(ad->arena, count);
	ad->frames[ad->depth++] = (struct frame){ item, node, children, index, 0 };
}

/* The value that the reader has just read. */
static bool adopt_value(struct adoption *ad, struct vit_json *node,
			const struct vit_json_event *ev, cJSON *item)
{
	node->offset = ev->offset;
	node->flags |= ev->flags;
	switch (ev->type) {
	case VIT_JSON_OBJECT_BEGIN:
		node->kind = VIT_JSON_K_OBJECT;
		push(ad, node, item);
		return cJSON_IsObject(item);
	case VIT_JSON_ARRAY_BEGIN:
		node->kind = VIT_JSON_K_ARRAY;
		push(ad, node, item);
		return cJSON_IsArray(item);
	case VIT_JSON_STRING:
		node->kind = VIT_JSON_K_STRING;
		return cJSON_IsString(item) &&
		       adopt_text(ad, ev, item->valuestring, &node->string);
	case VIT_JSON_NUMBER:
		return adopt_number(node, ev, item);
	case VIT_JSON_TRUE:
	case VIT_JSON_FALSE:
		node->kind = VIT_JSON_K_BOOL;
		node->boolean = ev->type == VIT_JSON_TRUE;
		return cJSON_IsBool(item) && cJSON_IsTrue(item) == node->boolean;
	case VIT_JSON_NULL:
		node->kind = VIT_JSON_K_NULL;
		return cJSON_IsNull(item);
	case VIT_JSON_KEY:
	case VIT_JSON_OBJECT_END:
	case VIT_JSON_ARRAY_END:
	case VIT_JSON_END:
	case VIT_JSON_ERROR:
		break;
	}
	return false;
}

static void set_place(struct adoption *ad, struct vit_json *node, uint64_t offset)
{
	go_to(&ad->place, offset);
	node->line = ad->place.line;
	node->column = column_of(&ad->place);
}

/* The next child of the container on top. */
static bool adopt_child(struct adoption *ad)
{
	struct frame *top = &ad->frames[ad->depth - 1];
	uint32_t i = top->filled++;
	struct vit_json *node = &top->children[i];
	cJSON *item = top->item->child;
	struct vit_json_event ev;
	vit_json_next(&ad->reader, &ev);
	set_place(ad, node, ev.offset);
	bool repeated = false;
	if (top->node->kind == VIT_JSON_K_OBJECT) {
		if (ev.type != VIT_JSON_KEY || !item->string ||
		    !adopt_text(ad, &ev, item->string, &node->key))
			return false;
		node->flags = ev.flags;
		repeated = vit_json_index_add(top->index, top->children, i);
		vit_json_next(&ad->reader, &ev);
	}
	node->offset = ev.offset;
	if (repeated)
		note_repeated(ad, node);
	return adopt_value(ad, node, &ev, item);
}

/* cJSON's nodes are given back one by one as they are adopted, so that both
 * trees never stand in memory whole. */
static void drop_first_child(cJSON *parent)
{
	cJSON *item = parent->child;
	parent->child = item->next;
	item->next = NULL;
	item->prev = NULL;
	cJSON_Delete(item);
}

static bool adopt_end(struct adoption *ad)
{
	struct frame *top = &ad->frames[ad->depth - 1];
	struct vit_json_event ev;
	bool object = top->node->kind == VIT_JSON_K_OBJECT;
	if (vit_json_next(&ad->reader, &ev) != (object ? VIT_JSON_OBJECT_END :
							 VIT_JSON_ARRAY_END))
		return false;
	ad->depth--;
	return true;
}

static bool adopt(struct adoption *ad, struct vit_json *root, cJSON *item)
{
	struct vit_json_event ev;
	vit_json_next(&ad->reader, &ev);
	set_place(ad, root, ev.offset);
	if (!adopt_value(ad, root, &ev, item))
		return false;
	while (ad->depth) {
		struct frame *top = &ad->frames[ad->depth - 1];
		bool done = top->filled == top->node->count;
		if (!(done ? adopt_end(ad) : adopt_child(ad)))
			return false;
		/* What has just been finished is the first child of the top: a
		 * scalar, or the container that was on top until now. */
		top = ad->depth ? &ad->frames[ad->depth - 1] : NULL;
		if (top && top->filled && top->item->child && !top->item->child->child)
			drop_first_child(top->item);
	}
	return vit_json_next(&ad->reader, &ev) == VIT_JSON_END;
}

enum vit_errc vit_json_parse(struct vit_arena *a, struct vit_str text, unsigned options,
			     struct vit_json_doc *out, struct vit_err *err)
{
	struct survey s = { .patches = VIT_VEC(sizeof(struct patch)) };
	enum vit_errc code = VIT_OK;
	*out = (struct vit_json_doc){ 0 };
	if (text.n > VIT_JSON_DOC_MAX)
		return vit_err_set(err, VIT_E_LIMIT, "a JSON document over 64 MiB");
	code = survey(&s, text, options, err);
	if (code != VIT_OK) {
		vit_vec_free(&s.patches);
		return code;
	}
	cJSON *parsed = parse(&s, text);
	vit_vec_free(&s.patches);
	if (!parsed)
		return vit_err_set(err, VIT_E_UNSUPPORTED,
				   "cJSON does not take this JSON document");

	struct vit_json *root = VIT_NEW(a, struct vit_json);
	struct adoption ad = { .arena = a, .doc = out, .place = { text.p, 0, 0, 1 } };
	vit_json_reader_init(&ad.reader, text, options);
	vit_buf_init(&ad.scratch, SIZE_MAX);
	if (adopt(&ad, root, parsed)) {
		out->root = root;
		out->had_bom = s.had_bom;
		out->had_nonfinite = s.had_nonfinite;
	} else {
		*out = (struct vit_json_doc){ 0 };
		code = fail_at(err, text, VIT_E_UNSUPPORTED, ad.place.at,
			       "the JSON reader and cJSON do not agree");
	}
	vit_buf_release(&ad.scratch);
	cJSON_Delete(parsed);
	return code;
}
