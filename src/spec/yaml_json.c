/* A JSON document as YAML nodes, so that one loader reads both. */
#include "spec/job_internal.h"
#include "json/tree.h"

/* A value whose children wait. */
struct pending {
	const struct vit_json *from;
	struct vit_yaml *to;
};

static struct vit_str scalar(struct vit_arena *a, struct vit_str text, const struct vit_json *v)
{
	size_t from = (size_t)v->offset, to = from;

	switch (v->kind) {
	case VIT_JSON_K_NULL:
		return VIT_STR("null");
	case VIT_JSON_K_BOOL:
		return v->boolean ? VIT_STR("true") : VIT_STR("false");
	case VIT_JSON_K_NUMBER:
		/* as it is written: no digit is lost */
		while (to < text.n && strchr("+-.0123456789eE", text.p[to]) && text.p[to])
			to++;
		return vit_arena_str(a, vit_str_sub(text, from, to));
	case VIT_JSON_K_STRING:
		return v->string;
	case VIT_JSON_K_ARRAY:
	case VIT_JSON_K_OBJECT:
		break;
	}
	return VIT_STR_EMPTY;
}

static void convert(struct vit_arena *a, struct vit_str text, const struct vit_json *v,
		    struct vit_yaml *out, struct vit_vec *queue)
{
	*out = (struct vit_yaml){
		.kind = v->kind == VIT_JSON_K_OBJECT  ? VIT_YAML_MAPPING
			: v->kind == VIT_JSON_K_ARRAY ? VIT_YAML_SEQUENCE
						      : VIT_YAML_SCALAR,
		.quoted = v->kind == VIT_JSON_K_STRING,
		.key = v->key,
		.key_line = v->line,
		.key_column = v->column,
		.line = v->line,
		.column = v->column,
		.text = scalar(a, text, v),
	};
	if (out->kind != VIT_YAML_SCALAR && v->count)
		*(struct pending *)vit_vec_add(queue) = (struct pending){ v, out };
}

enum vit_errc vit_yaml_from_json(struct vit_arena *a, struct vit_str text, struct vit_str source,
				 const struct vit_yaml **out, struct vit_err *err)
{
	struct vit_vec queue = VIT_VEC(sizeof(struct pending));
	struct vit_yaml *root = VIT_NEW(a, struct vit_yaml);
	struct vit_err cause = { .code = VIT_OK };
	struct vit_json_doc doc;
	enum vit_errc rc;

	if (text.n > VIT_YAML_MAX_BYTES)
		return vit_err_set(err, VIT_E_LIMIT, "%.*s: larger than %u bytes", VIT_FMT(source),
				   VIT_YAML_MAX_BYTES);
	rc = vit_json_parse(a, text, 0, &doc, &cause);
	if (rc)
		return vit_err_set(err, rc, "%.*s: %s", VIT_FMT(source), cause.msg);
	if (doc.duplicate_count)
		return vit_err_set(err, VIT_E_SYNTAX, "%.*s:%u:1: the key %.*s stands twice",
				   VIT_FMT(source), doc.duplicates[0].line,
				   VIT_FMT(doc.duplicates[0].pointer));
	convert(a, text, doc.root, root, &queue);
	for (size_t i = 0; i < queue.count; i++) {
		struct pending p = *(struct pending *)vit_vec_at(&queue, i);
		struct vit_yaml *children = VIT_NEW_ARRAY(a, p.from->count, struct vit_yaml);

		for (uint32_t k = 0; k < p.from->count; k++)
			convert(a, text, &p.from->children[k], &children[k], &queue);
		p.to->children = children;
		p.to->count = p.from->count;
	}
	vit_vec_free(&queue);
	*out = root;
	return VIT_OK;
}
