#include "facts/dump_internal.h"

/* Levels of a document that are written as they are; what lies deeper is
 * written as one string, for the writer's own depth is limited. */
#define MAX_LEVELS 40
/* Bytes of such a string. */
#define MAX_BRIEF 65536

static void dump_scalar(const struct vit_json *v, struct vit_json_writer *w)
{
	switch (v->kind) {
	case VIT_JSON_K_NULL:
		vit_jw_null(w);
		return;
	case VIT_JSON_K_BOOL:
		vit_jw_bool(w, v->boolean);
		return;
	case VIT_JSON_K_NUMBER:
		if (v->flags & VIT_JSON_U64)
			vit_jw_u64(w, v->u64);
		else if (v->flags & VIT_JSON_I64)
			vit_jw_i64(w, v->i64);
		else
			vit_jw_double(w, v->number);
		return;
	case VIT_JSON_K_STRING:
		vit_jw_str(w, v->string);
		return;
	case VIT_JSON_K_ARRAY:
	case VIT_JSON_K_OBJECT:
		break;
	}
	struct vit_buf text;
	vit_buf_init(&text, MAX_BRIEF + 16);
	vit_json_brief(&text, v, MAX_BRIEF);
	vit_jw_str(w, vit_buf_view(&text));
	vit_buf_release(&text);
}

static void open_value(const struct vit_json *v, struct vit_json_writer *w)
{
	if (v->kind == VIT_JSON_K_OBJECT)
		vit_jw_object(w);
	else
		vit_jw_array(w);
}

static void close_value(const struct vit_json *v, struct vit_json_writer *w)
{
	if (v->kind == VIT_JSON_K_OBJECT)
		vit_jw_object_end(w);
	else
		vit_jw_array_end(w);
}

static bool is_container(const struct vit_json *v)
{
	return v->kind == VIT_JSON_K_OBJECT || v->kind == VIT_JSON_K_ARRAY;
}

/* A document as it was read, duplicates included. */
static void dump_json(const struct vit_json *root, struct vit_json_writer *w)
{
	struct {
		const struct vit_json *node;
		uint32_t next;
	} stack[MAX_LEVELS];
	unsigned depth = 0;

	if (!is_container(root)) {
		dump_scalar(root, w);
		return;
	}
	open_value(root, w);
	stack[depth].node = root;
	stack[depth++].next = 0;
	while (depth > 0) {
		const struct vit_json *parent = stack[depth - 1].node;
		if (stack[depth - 1].next == parent->count) {
			close_value(parent, w);
			depth--;
			continue;
		}
		const struct vit_json *v = &parent->children[stack[depth - 1].next++];
		if (parent->kind == VIT_JSON_K_OBJECT)
			vit_jw_key_str(w, v->key);
		if (!is_container(v) || depth == MAX_LEVELS) {
			dump_scalar(v, w);
			continue;
		}
		open_value(v, w);
		stack[depth].node = v;
		stack[depth++].next = 0;
	}
}

static void dump_document(const char *key, const struct vit_document *d, struct vit_json_writer *w)
{
	vit_jw_key(w, key);
	vit_jw_object(w);
	vit_dump_str(w, "path", d->path);
	vit_jw_key(w, "state");
	vit_jw_cstr(w, vit_doc_state_name(d->state));
	vit_dump_err(w, "error", &d->err);
	if (d->state == VIT_DOC_OK) {
		vit_dump_flag(w, "byte_order_mark", d->doc.had_bom);
		vit_dump_flag(w, "nonfinite", d->doc.had_nonfinite);
		if (d->doc.duplicate_count)
			vit_dump_u64(w, "duplicate_keys", d->doc.duplicate_count);
		vit_jw_key(w, "content");
		dump_json(d->doc.root, w);
	}
	vit_jw_object_end(w);
}

void vit_dump_config(const struct vit_config *c, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_dump_str(w, "model_type", c->model_type);
	vit_dump_str(w, "architecture", c->architecture);
	vit_dump_str(w, "dtype", c->dtype);
	vit_dump_str(w, "quant_method", c->quant_method);
	dump_document("config", &c->config, w);
	dump_document("generation_config", &c->generation, w);
	dump_document("tokenizer_config", &c->tokenizer_config, w);
	dump_document("special_tokens_map", &c->special_tokens_map, w);
	dump_document("adapter_config", &c->adapter, w);
	dump_document("quantize_config", &c->quantize, w);
	vit_jw_object_end(w);
}

static const char *place_name(enum vit_template_place p)
{
	switch (p) {
	case VIT_TP_NONE:
		return "none";
	case VIT_TP_FILE:
		return "file";
	case VIT_TP_INLINE:
		return "inline";
	case VIT_TP_BOTH:
		return "both";
	}
	return "none";
}

static void dump_tokens(const char *key, const struct vit_added_token *tokens, uint32_t count,
			struct vit_json_writer *w)
{
	vit_jw_key(w, key);
	vit_jw_array(w);
	for (uint32_t i = 0; i < count; i++) {
		vit_jw_object(w);
		vit_dump_u64(w, "id", tokens[i].id);
		vit_jw_key(w, "content");
		vit_jw_str(w, tokens[i].content);
		vit_dump_flag(w, "special", tokens[i].special);
		vit_jw_object_end(w);
	}
	vit_jw_array_end(w);
}

static void dump_templates(const struct vit_templates *t, struct vit_json_writer *w)
{
	static const char *const kinds[] = { "syntax", "unsafe", "unsupported", "unread" };

	vit_dump_u64(w, "templates_read", t->read);
	vit_dump_flag(w, "template_marks_generation", t->marks_generation);
	vit_dump_flag(w, "template_uses_clock", t->uses_clock);
	vit_dump_flag(w, "template_uses_tools", t->uses_tools);
	vit_jw_key(w, "template_remarks");
	vit_jw_array(w);
	for (uint32_t i = 0; i < t->remark_count; i++) {
		vit_jw_object(w);
		vit_jw_key(w, "kind");
		vit_jw_cstr(w, kinds[t->remarks[i].kind]);
		vit_dump_str(w, "path", t->remarks[i].path);
		vit_dump_str(w, "name", t->remarks[i].name);
		vit_dump_u64(w, "line", t->remarks[i].line);
		vit_dump_str(w, "text", t->remarks[i].text);
		vit_dump_u64(w, "count", t->remarks[i].count);
		vit_jw_object_end(w);
	}
	vit_jw_array_end(w);
}

void vit_dump_tokenizer(const struct vit_tokenizer *t, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_dump_str(w, "path", t->path);
	vit_jw_key(w, "state");
	vit_jw_cstr(w, vit_doc_state_name(t->state));
	vit_dump_err(w, "error", &t->err);
	vit_dump_flag(w, "slow_only", t->slow_only);
	if (t->state == VIT_DOC_OK) {
		vit_dump_str(w, "model", t->model);
		vit_dump_u64(w, "vocabulary", t->vocab_count);
		vit_dump_u64(w, "merges", t->merges_count);
		vit_dump_u64(w, "max_id", t->max_id);
		vit_dump_u64(w, "distinct_ids", t->distinct_ids);
		vit_dump_u64(w, "duplicate_ids", t->duplicate_ids);
		vit_dump_u64(w, "conflicting_ids", t->conflicts);
		vit_dump_u64(w, "bad_entries", t->bad_entries);
		vit_dump_u64(w, "added_tokens_total", t->added_total);
		dump_tokens("added_tokens", t->added, t->added_count, w);
		dump_tokens("named_tokens", t->named, t->named_count, w);
	}
	vit_jw_key(w, "template");
	vit_jw_cstr(w, place_name(t->template_place));
	if (t->template_place == VIT_TP_BOTH) {
		vit_jw_key(w, "templates_equal");
		vit_jw_bool(w, t->templates_equal);
	}
	vit_dump_str(w, "template_path", t->template_path);
	vit_dump_u64(w, "template_bytes", t->template_bytes);
	vit_dump_err(w, "template_error", &t->template_err);
	dump_templates(&t->templates, w);
	vit_jw_object_end(w);
}
