#include "formats/served.h"

#include "json/tree.h"

static const struct vit_json *parse(struct vit_arena *a, struct vit_str text, struct vit_err *err)
{
	struct vit_json_doc doc;

	return vit_json_parse(a, text, 0, &doc, err) == VIT_OK ? doc.root : NULL;
}

/* The list under `key`, one row a member that is an object. */
static enum vit_errc rows(struct vit_arena *a, struct vit_str text, const char *key,
			  const struct vit_json **list, struct vit_served_list *out,
			  struct vit_err *err)
{
	const struct vit_json *root = parse(a, text, err);

	*out = (struct vit_served_list){ NULL, 0, 0 };
	if (!root)
		return err->code;
	*list = vit_json_get_c(root, key);
	if (!*list || (*list)->kind != VIT_JSON_K_ARRAY)
		return vit_err_set(err, VIT_E_SYNTAX, "no list \"%s\" in the answer", key);
	out->count = (*list)->count;
	if (out->count > VIT_SERVED_MAX_MODELS) {
		out->left_out = out->count - VIT_SERVED_MAX_MODELS;
		out->count = VIT_SERVED_MAX_MODELS;
	}
	out->models = VIT_NEW_ARRAY(a, out->count, struct vit_served_model);
	for (uint32_t i = 0; i < out->count; i++)
		out->models[i] = (struct vit_served_model){ .id = VIT_STR_EMPTY,
							    .owner = VIT_STR_EMPTY,
							    .format = VIT_STR_EMPTY,
							    .quantization = VIT_STR_EMPTY };
	return VIT_OK;
}

static struct vit_str text_of(const struct vit_json *object, const char *key)
{
	struct vit_str s = vit_json_string(vit_json_get_c(object, key));

	return s.n ? s : VIT_STR_EMPTY;
}

static uint64_t count_of(const struct vit_json *object, const char *key)
{
	int64_t v = vit_json_int(vit_json_get_c(object, key), 0);

	return v > 0 ? (uint64_t)v : 0;
}

enum vit_errc vit_served_lm_studio_v1(struct vit_arena *a, struct vit_str text,
				      struct vit_served_list *out, struct vit_err *err)
{
	const struct vit_json *list = NULL;
	enum vit_errc rc = rows(a, text, "models", &list, out, err);

	for (uint32_t i = 0; rc == VIT_OK && i < out->count; i++) {
		const struct vit_json *m = &list->children[i],
				      *loaded = vit_json_get_c(m, "loaded_instances");
		struct vit_served_model *row = &out->models[i];

		row->id = text_of(m, "key");
		row->owner = text_of(m, "publisher");
		row->format = text_of(m, "format");
		row->quantization = text_of(vit_json_get_c(m, "quantization"), "name");
		row->max_context = count_of(m, "max_context_length");
		row->state_known = loaded && loaded->kind == VIT_JSON_K_ARRAY;
		row->loaded = row->state_known && loaded->count > 0;
		if (row->loaded)
			row->loaded_context = count_of(
				vit_json_get_c(&loaded->children[0], "config"), "context_length");
	}
	return rc;
}

enum vit_errc vit_served_lm_studio_v0(struct vit_arena *a, struct vit_str text,
				      struct vit_served_list *out, struct vit_err *err)
{
	const struct vit_json *list = NULL;
	enum vit_errc rc = rows(a, text, "data", &list, out, err);

	for (uint32_t i = 0; rc == VIT_OK && i < out->count; i++) {
		const struct vit_json *m = &list->children[i];
		struct vit_served_model *row = &out->models[i];
		struct vit_str state = text_of(m, "state");

		row->id = text_of(m, "id");
		row->owner = text_of(m, "publisher");
		row->format = text_of(m, "compatibility_type");
		row->quantization = text_of(m, "quantization");
		row->max_context = count_of(m, "max_context_length");
		row->loaded_context = count_of(m, "loaded_context_length");
		row->state_known = state.n > 0;
		row->loaded = vit_str_is(state, "loaded");
	}
	return rc;
}

enum vit_errc vit_served_openai(struct vit_arena *a, struct vit_str text,
				struct vit_served_list *out, struct vit_err *err)
{
	const struct vit_json *list = NULL;
	enum vit_errc rc = rows(a, text, "data", &list, out, err);

	for (uint32_t i = 0; rc == VIT_OK && i < out->count; i++) {
		const struct vit_json *m = &list->children[i], *meta = vit_json_get_c(m, "meta");
		struct vit_served_model *row = &out->models[i];

		row->id = text_of(m, "id");
		row->owner = text_of(m, "owned_by");
		row->max_context = count_of(m, "max_model_len"); /* vLLM */
		if (row->max_context == 0)
			row->max_context = count_of(meta, "n_ctx_train"); /* llama-server */
		row->loaded_context = count_of(meta, "n_ctx");
	}
	return rc;
}

enum vit_errc vit_served_ollama_tags(struct vit_arena *a, struct vit_str text,
				     struct vit_served_list *out, struct vit_err *err)
{
	const struct vit_json *list = NULL;
	enum vit_errc rc = rows(a, text, "models", &list, out, err);

	for (uint32_t i = 0; rc == VIT_OK && i < out->count; i++) {
		const struct vit_json *m = &list->children[i],
				      *details = vit_json_get_c(m, "details");

		out->models[i].id = text_of(m, "name");
		out->models[i].format = text_of(details, "format");
		out->models[i].quantization = text_of(details, "quantization_level");
	}
	return rc;
}

enum vit_errc vit_served_ollama_ps(struct vit_arena *a, struct vit_str text,
				   struct vit_served_list *io, struct vit_err *err)
{
	struct vit_served_list running;
	const struct vit_json *list = NULL;
	enum vit_errc rc = rows(a, text, "models", &list, &running, err);

	if (rc)
		return rc;
	for (uint32_t i = 0; i < io->count; i++)
		io->models[i].state_known = true;
	for (uint32_t k = 0; k < running.count; k++) {
		struct vit_str name = text_of(&list->children[k], "name");

		for (uint32_t i = 0; i < io->count; i++) {
			if (!vit_str_eq(io->models[i].id, name))
				continue;
			io->models[i].loaded = true;
			io->models[i].loaded_context =
				count_of(&list->children[k], "context_length");
		}
	}
	return VIT_OK;
}

struct vit_str vit_served_member(struct vit_arena *a, struct vit_str text, const char *key)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	const struct vit_json *root = parse(a, text, &err);

	return root ? text_of(root, key) : VIT_STR_EMPTY;
}

bool vit_served_is_lm_studio(struct vit_arena *a, struct vit_str text)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	const struct vit_json *root = parse(a, text, &err);

	return root && vit_json_bool(vit_json_get_c(root, "lmstudio"), false);
}

uint64_t vit_served_number(struct vit_arena *a, struct vit_str text, const char *path,
			   uint64_t limit)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	const struct vit_json *root = parse(a, text, &err);
	int64_t v = root ? vit_json_int(vit_json_at(root, vit_str_c(path)), 0) : 0;

	return v > 0 && (uint64_t)v < limit ? (uint64_t)v : 0;
}
