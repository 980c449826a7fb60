#include "yaml/yaml.h"

#include <yaml.h>

#include "base/map.h"
#include "base/num.h"
#include "base/utf8.h"

/* One open container: where its children gather until it is closed. */
struct frame {
	struct vit_yaml node;
	struct vit_vec children;
	struct vit_map keys;      /* of a mapping */
	struct vit_yaml pending;  /* key read, value awaited */
	bool has_key;
};

struct builder {
	struct vit_arena *arena;
	struct vit_str source;
	struct frame stack[VIT_YAML_MAX_DEPTH];
	unsigned depth;
	uint32_t nodes;
	const struct vit_yaml *root;
	struct vit_err *err;
};

static enum vit_errc fail_at(struct builder *b, enum vit_errc code, const yaml_mark_t *at,
			     const char *what)
{
	vit_err_at(b->err, code, at->index, "%.*s:%zu:%zu: %s", VIT_FMT(b->source),
		   at->line + 1, at->column + 1, what);
	return code;
}

static enum vit_errc fail_duplicate(struct builder *b, const yaml_mark_t *at, struct vit_str key)
{
	struct vit_buf text;

	vit_buf_init(&text, VIT_ERR_MSG);
	vit_display(&text, key, 80);
	vit_err_at(b->err, VIT_E_SYNTAX, at->index, "%.*s:%zu:%zu: key \"%s\" stands twice",
		   VIT_FMT(b->source), at->line + 1, at->column + 1, text.p);
	vit_buf_release(&text);
	return VIT_E_SYNTAX;
}

/* Takes one finished value into the container on top, or as the document. */
static void place(struct builder *b, struct vit_yaml node)
{
	struct frame *top;
	struct vit_yaml *slot;

	if (b->depth == 0) {
		struct vit_yaml *root = VIT_NEW(b->arena, struct vit_yaml);

		*root = node;
		b->root = root;
		return;
	}
	top = &b->stack[b->depth - 1];
	if (top->has_key) {
		node.key = top->pending.key;
		node.key_line = top->pending.key_line;
		node.key_column = top->pending.key_column;
		top->has_key = false;
	}
	slot = vit_vec_add(&top->children);
	*slot = node;
}

/* In a mapping every other value is a key, and keys are scalars. */
static bool awaits_key(const struct builder *b)
{
	const struct frame *top = b->depth ? &b->stack[b->depth - 1] : NULL;

	return top && top->node.kind == VIT_YAML_MAPPING && !top->has_key;
}

static enum vit_errc count_node(struct builder *b, const yaml_mark_t *at)
{
	if (++b->nodes > VIT_YAML_MAX_NODES)
		return fail_at(b, VIT_E_LIMIT, at, "more than 100,000 nodes");
	return VIT_OK;
}

static enum vit_errc take_scalar(struct builder *b, const yaml_event_t *ev)
{
	const yaml_mark_t *at = &ev->start_mark;
	struct vit_yaml node = { .kind = VIT_YAML_SCALAR };
	struct vit_str text = { (const char *)ev->data.scalar.value, ev->data.scalar.length };
	struct frame *top;

	if (ev->data.scalar.anchor)
		return fail_at(b, VIT_E_SYNTAX, at, "anchors are not allowed");
	if (ev->data.scalar.tag)
		return fail_at(b, VIT_E_SYNTAX, at, "tags are not allowed");
	if (count_node(b, at) != VIT_OK)
		return VIT_E_LIMIT;
	node.quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	node.text = vit_arena_str(b->arena, text);
	node.line = (uint32_t)at->line + 1;
	node.column = (uint32_t)at->column + 1;
	if (!awaits_key(b)) {
		place(b, node);
		return VIT_OK;
	}
	top = &b->stack[b->depth - 1];
	if (vit_map_add(&top->keys, node.text, 0) != VIT_MAP_NONE)
		return fail_duplicate(b, at, node.text);
	top->pending.key = node.text;
	top->pending.key_line = node.line;
	top->pending.key_column = node.column;
	top->has_key = true;
	return VIT_OK;
}

static enum vit_errc open_container(struct builder *b, const yaml_event_t *ev,
				    enum vit_yaml_kind kind, bool anchor, bool tag)
{
	const yaml_mark_t *at = &ev->start_mark;
	struct frame *f;

	if (anchor)
		return fail_at(b, VIT_E_SYNTAX, at, "anchors are not allowed");
	if (tag)
		return fail_at(b, VIT_E_SYNTAX, at, "tags are not allowed");
	if (awaits_key(b))
		return fail_at(b, VIT_E_SYNTAX, at, "a key must be a plain text");
	if (b->depth == VIT_YAML_MAX_DEPTH)
		return fail_at(b, VIT_E_LIMIT, at, "nested deeper than 32 levels");
	if (count_node(b, at) != VIT_OK)
		return VIT_E_LIMIT;
	f = &b->stack[b->depth++];
	*f = (struct frame){ .children = VIT_VEC(sizeof(struct vit_yaml)) };
	f->node.kind = kind;
	f->node.line = (uint32_t)at->line + 1;
	f->node.column = (uint32_t)at->column + 1;
	if (kind == VIT_YAML_MAPPING)
		vit_map_init(&f->keys, 8);
	return VIT_OK;
}

static void close_container(struct builder *b)
{
	struct frame *f = &b->stack[--b->depth];
	size_t count = 0;
	struct vit_yaml node = f->node;

	node.children = vit_vec_take(&f->children, b->arena, &count);
	node.count = (uint32_t)count;
	if (node.kind == VIT_YAML_MAPPING)
		vit_map_release(&f->keys);
	place(b, node);
}

static void drop_open(struct builder *b)
{
	while (b->depth) {
		struct frame *f = &b->stack[--b->depth];

		vit_vec_free(&f->children);
		if (f->node.kind == VIT_YAML_MAPPING)
			vit_map_release(&f->keys);
	}
}

static enum vit_errc take_event(struct builder *b, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		return take_scalar(b, ev);
	case YAML_SEQUENCE_START_EVENT:
		return open_container(b, ev, VIT_YAML_SEQUENCE, ev->data.sequence_start.anchor,
				      ev->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return open_container(b, ev, VIT_YAML_MAPPING, ev->data.mapping_start.anchor,
				      ev->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_container(b);
		return VIT_OK;
	case YAML_ALIAS_EVENT:
		return fail_at(b, VIT_E_SYNTAX, &ev->start_mark, "aliases are not allowed");
	case YAML_DOCUMENT_START_EVENT:
		if (b->root)
			return fail_at(b, VIT_E_SYNTAX, &ev->start_mark, "a second document");
		return VIT_OK;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return VIT_OK;
	}
	return VIT_OK;
}

/* libyaml's own complaint; its offset is set for encoding errors alone. */
static enum vit_errc parser_error(struct builder *b, const yaml_parser_t *parser,
				  struct vit_str text)
{
	const char *problem = parser->problem ? parser->problem : "not YAML";

	if (parser->error == YAML_READER_ERROR) {
		yaml_mark_t at = { .index = parser->problem_offset };

		for (size_t i = 0; i < at.index && i < text.n; i++) {
			at.column = text.p[i] == '\n' ? 0 : at.column + 1;
			at.line += text.p[i] == '\n';
		}
		return fail_at(b, VIT_E_SYNTAX, &at, problem);
	}
	return fail_at(b, VIT_E_SYNTAX, &parser->problem_mark, problem);
}

static enum vit_errc build(struct builder *b, yaml_parser_t *parser, struct vit_str text)
{
	enum vit_errc rc = VIT_OK;
	bool end = false;

	while (!end && rc == VIT_OK) {
		yaml_event_t ev;

		if (!yaml_parser_parse(parser, &ev))
			return parser_error(b, parser, text);
		rc = take_event(b, &ev);
		end = ev.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&ev);
	}
	return rc;
}

enum vit_errc vit_yaml_parse(struct vit_arena *a, struct vit_str text, struct vit_str source,
			     const struct vit_yaml **out, struct vit_err *err)
{
	struct builder b = { .arena = a, .source = source, .err = err };
	yaml_parser_t parser;
	enum vit_errc rc;

	if (text.n > VIT_YAML_MAX_BYTES)
		return vit_err_set(err, VIT_E_LIMIT, "%.*s:1:1: larger than 1 MiB",
				   VIT_FMT(source));
	if (!yaml_parser_initialize(&parser))
		VIT_BUG("out of memory");
	/* Left to itself libyaml would take a byte order mark for UTF-16. */
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
	rc = build(&b, &parser, text);
	yaml_parser_delete(&parser);
	drop_open(&b);
	if (rc != VIT_OK)
		return rc;
	if (!b.root)
		return vit_err_set(err, VIT_E_SYNTAX, "%.*s:1:1: the document is empty",
				   VIT_FMT(source));
	*out = b.root;
	return VIT_OK;
}

const struct vit_yaml *vit_yaml_get(const struct vit_yaml *map, const char *key)
{
	if (!map || map->kind != VIT_YAML_MAPPING)
		return NULL;
	for (uint32_t i = 0; i < map->count; i++)
		if (vit_str_is(map->children[i].key, key))
			return &map->children[i];
	return NULL;
}

static bool plain(const struct vit_yaml *n)
{
	return n->kind == VIT_YAML_SCALAR && !n->quoted;
}

bool vit_yaml_is_null(const struct vit_yaml *n)
{
	return plain(n) && (n->text.n == 0 || vit_str_is(n->text, "~") ||
			    vit_str_is(n->text, "null"));
}

bool vit_yaml_bool(const struct vit_yaml *n, bool *out)
{
	if (!plain(n))
		return false;
	*out = vit_str_is(n->text, "true");
	return *out || vit_str_is(n->text, "false");
}

bool vit_yaml_i64(const struct vit_yaml *n, int64_t *out)
{
	return plain(n) && vit_parse_i64(n->text, out);
}

bool vit_yaml_u64(const struct vit_yaml *n, uint64_t *out)
{
	return plain(n) && vit_parse_u64(n->text, out);
}

bool vit_yaml_double(const struct vit_yaml *n, double *out)
{
	return plain(n) && vit_parse_double(n->text, out);
}

const char *vit_yaml_kind_name(const struct vit_yaml *n)
{
	switch (n->kind) {
	case VIT_YAML_SCALAR:
		return "text";
	case VIT_YAML_SEQUENCE:
		return "list";
	case VIT_YAML_MAPPING:
		return "mapping";
	}
	return "text";
}
