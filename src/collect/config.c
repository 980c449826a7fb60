#include "collect/collect.h"
#include "collect/document.h"

/* ---- documents ---------------------------------------------------------- */

bool vit_document_is_stand_in(const struct vit_file *row)
{
	return row->size == 0 || row->type != VIT_FT_REGULAR ||
	       (row->flags & (VIT_FF_LFS_POINTER | VIT_FF_HTML | VIT_FF_LINK_OUTSIDE |
			      VIT_FF_LINK_BROKEN | VIT_FF_LINK_LOOP)) != 0;
}

void vit_collect_document(struct vit_arena *a, const struct vit_source *s, const char *path,
			  struct vit_document *out)
{
	struct vit_str text;

	*out = (struct vit_document){ .state = VIT_DOC_ABSENT,
				      .path = vit_str_c(path),
				      .file = VIT_FILE_NONE };
	if (s->files->only.n && !vit_str_is(s->files->only, path))
		return;
	uint32_t index = vit_files_find(s->files, out->path);
	/* A folder of that name is no document. */
	if (index == VIT_FILE_NONE || s->files->files[index].type == VIT_FT_DIR)
		return;
	const struct vit_file *row = &s->files->files[index];
	out->file = index;

	if (row->flags & VIT_FF_UNREADABLE) {
		out->state = VIT_DOC_UNREADABLE;
		out->err = *row->err;
	} else if (vit_document_is_stand_in(row)) {
		out->state = VIT_DOC_POINTER;
	} else if (vit_source_slurp(s, row, VIT_JSON_DOC_MAX, a, &text, &out->err)) {
		out->state = VIT_DOC_UNREADABLE;
	} else if (vit_json_parse(a, text,
				  VIT_JSON_ALLOW_BOM | VIT_JSON_ALLOW_NAN |
					  VIT_JSON_ALLOW_LONE_SURROGATE,
				  &out->doc, &out->err)) {
		/* What is over a limit of ours was not judged. */
		out->state = out->err.code == VIT_E_LIMIT ? VIT_DOC_UNREADABLE : VIT_DOC_INVALID;
	} else {
		out->state = VIT_DOC_OK;
	}
}

/* ---- shorthands into config.json ------------------------------------------ */

static const struct vit_json *object(const struct vit_json *v)
{
	return v && v->kind == VIT_JSON_K_OBJECT ? v : NULL;
}

static const struct vit_json *object_of(const struct vit_document *d)
{
	return d->state == VIT_DOC_OK ? object(d->doc.root) : NULL;
}

static const struct vit_json *text_of(const struct vit_json *root)
{
	static const char *const names[] = { "text_config", "llm_config", "language_config" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct vit_json *v = object(vit_json_get_c(root, names[i]));
		if (v)
			return v;
	}
	return root;
}

static struct vit_str first_string(const struct vit_json *text, const struct vit_json *root,
				   const char *key)
{
	struct vit_str s = vit_json_string(vit_json_get_c(text, key));

	return s.n ? s : vit_json_string(vit_json_get_c(root, key));
}

static struct vit_str dtype_of(const struct vit_json *text, const struct vit_json *root)
{
	struct vit_str prefix = VIT_STR("torch."), s = first_string(text, root, "dtype");

	if (s.n == 0)
		s = first_string(text, root, "torch_dtype");
	return vit_str_starts(s, prefix) ? vit_str_sub(s, prefix.n, s.n) : s;
}

static struct vit_str architecture_of(const struct vit_json *config)
{
	const struct vit_json *list = vit_json_get_c(config, "architectures");

	if (list && list->kind == VIT_JSON_K_ARRAY && list->count > 0)
		return vit_json_string(&list->children[0]);
	return vit_json_string(list); /* a bare string is met now and then */
}

/* Methods that their configuration does not name. */
static struct vit_str method_of(const struct vit_config *c, const struct vit_json *q)
{
	struct vit_str named = vit_json_string(vit_json_get_c(q, "quant_method"));

	if (named.n)
		return named;
	if (vit_json_get_c(q, "load_in_8bit") || vit_json_get_c(q, "load_in_4bit"))
		return VIT_STR("bitsandbytes");
	if (object(vit_json_get_c(c->root, "quantization")))
		return VIT_STR("mlx");
	if (q == vit_json_get_c(c->root, "compression_config"))
		return VIT_STR("compressed-tensors");
	if (q == object_of(&c->quantize))
		return vit_str_starts(c->quantize.path, VIT_STR("quantize")) ? VIT_STR("gptq")
									     : VIT_STR("awq");
	return VIT_STR_EMPTY;
}

static void find_quantization(struct vit_config *c)
{
	const struct vit_json *found[] = {
		object(vit_json_get_c(c->root, "quantization_config")),
		object(vit_json_get_c(c->text, "quantization_config")),
		object(vit_json_get_c(c->root, "quantization")),
		object(vit_json_get_c(c->root, "compression_config")),
		object_of(&c->quantize),
	};

	for (size_t i = 0; i < sizeof found / sizeof *found && !c->quantization; i++)
		c->quantization = found[i];
	if (c->quantization)
		c->quant_method = method_of(c, c->quantization);
}

void vit_config_shorthands(struct vit_config *c)
{
	c->root = object_of(&c->config);
	c->text = text_of(c->root);
	find_quantization(c);
	c->model_type = vit_json_string(vit_json_get_c(c->root, "model_type"));
	if (c->model_type.n == 0)
		c->model_type = vit_json_string(vit_json_get_c(c->text, "model_type"));
	c->architecture = architecture_of(c->root);
	if (c->architecture.n == 0)
		c->architecture = architecture_of(c->text);
	c->dtype = dtype_of(c->text, c->root);
}

void vit_collect_config(struct vit_arena *a, const struct vit_source *s, struct vit_config *out)
{
	*out = (struct vit_config){ .quant_method = VIT_STR_EMPTY };
	vit_collect_document(a, s, "config.json", &out->config);
	vit_collect_document(a, s, "generation_config.json", &out->generation);
	vit_collect_document(a, s, "tokenizer_config.json", &out->tokenizer_config);
	vit_collect_document(a, s, "special_tokens_map.json", &out->special_tokens_map);
	vit_collect_document(a, s, "adapter_config.json", &out->adapter);
	vit_collect_document(a, s, "quantize_config.json", &out->quantize);
	if (out->quantize.state == VIT_DOC_ABSENT)
		vit_collect_document(a, s, "quant_config.json", &out->quantize);
	vit_config_shorthands(out);
}
