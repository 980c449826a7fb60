#include "checks/config.h"

#include "base/path.h"

static const enum vit_check_id ids[] = {
	VIT_CK_config_missing,
	VIT_CK_config_invalid_json,
	VIT_CK_config_not_object,
	VIT_CK_config_byte_order_mark,
	VIT_CK_config_duplicate_key,
	VIT_CK_config_nonfinite,
	VIT_CK_config_model_type_missing,
	VIT_CK_config_architectures_missing,
	VIT_CK_config_remote_code,
	VIT_CK_config_dtype_spellings,
	VIT_CK_config_rope_spellings,
	VIT_CK_config_generation_invalid,
};

/* ---- helpers of the area ---------------------------------------------------- */

const struct vit_json *vit_document_object(const struct vit_document *d)
{
	return d->state == VIT_DOC_OK && d->doc.root && d->doc.root->kind == VIT_JSON_K_OBJECT
		       ? d->doc.root
		       : NULL;
}

const struct vit_json *vit_config_need(const struct vit_case *c, struct vit_eval *ev,
				       enum vit_check_id id)
{
	const struct vit_files *f = &c->facts->files;
	const struct vit_document *d = &c->facts->config.config;

	switch (d->state) {
	case VIT_DOC_ABSENT:
		if (f->only.n)
			vit_eval_not_applicable(ev, id, "only %.*s was asked for",
						VIT_FMT(f->only));
		else
			vit_eval_not_applicable(ev, id, "there is no config.json");
		return NULL;
	case VIT_DOC_INVALID:
		vit_eval_not_applicable(ev, id, "config.json is not valid JSON");
		return NULL;
	case VIT_DOC_UNREADABLE:
		vit_eval_unknown(ev, id, "config.json could not be read: %s", d->err.msg);
		return NULL;
	case VIT_DOC_POINTER:
		vit_eval_not_applicable(ev, id, "config.json has no content (%s)",
					d->file != VIT_FILE_NONE
						? vit_file_state(&f->files[d->file])
						: "not a file");
		return NULL;
	case VIT_DOC_OK:
		break;
	}
	if (!c->facts->config.root)
		vit_eval_not_applicable(ev, id, "config.json is not a JSON object");
	return c->facts->config.root;
}

struct vit_str vit_config_brief(struct vit_eval *ev, const struct vit_json *v)
{
	struct vit_buf b;
	struct vit_str s;

	if (!v)
		return VIT_STR("absent");
	vit_buf_init(&b, 256);
	vit_json_brief(&b, v, 120);
	s = vit_arena_str(ev->arena, vit_buf_view(&b));
	vit_buf_release(&b);
	return s;
}

bool vit_config_vocab_size(const struct vit_config *c, uint64_t *out)
{
	const struct vit_json *v = vit_json_get_c(c->text, "vocab_size");

	if (vit_json_is_null(v))
		v = vit_json_get_c(c->root, "vocab_size");
	if (!v || v->kind != VIT_JSON_K_NUMBER || !(v->flags & VIT_JSON_U64) || v->u64 == 0)
		return false;
	*out = v->u64;
	return true;
}

struct vit_finding *vit_config_fail(struct vit_eval *ev, enum vit_check_id id,
				    const struct vit_document *d, const struct vit_json *v)
{
	struct vit_finding *r = vit_eval_fail(ev, id);

	r->where.path = d->path;
	if (v) {
		r->where.line = v->line;
		r->where.column = v->column;
		r->where.offset = v->offset;
		r->where.has_offset = true;
	}
	return r;
}

/* ---- is there one? ------------------------------------------------------------ */

static bool has_kind(const struct vit_files *f, enum vit_file_kind kind)
{
	for (uint32_t i = 0; i < f->count; i++)
		if (f->files[i].kind == kind && f->files[i].type == VIT_FT_REGULAR)
			return true;
	return false;
}

static const struct vit_file *config_below(const struct vit_files *f)
{
	for (uint32_t i = 0; i < f->count; i++)
		if (vit_str_ends(f->files[i].path, VIT_STR("/config.json")))
			return &f->files[i];
	return NULL;
}

static void check_missing(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_files *f = &c->facts->files;
	enum vit_check_id id = VIT_CK_config_missing;

	if (c->facts->config.config.state != VIT_DOC_ABSENT) {
		vit_eval_pass(ev, id);
	} else if (f->only.n) {
		vit_eval_not_applicable(ev, id, "only %.*s was asked for", VIT_FMT(f->only));
	} else if (c->facts->config.adapter.state != VIT_DOC_ABSENT) {
		vit_eval_not_applicable(ev, id,
					"an adapter takes the configuration of its base model");
	} else if (has_kind(f, VIT_FK_GGUF) && !has_kind(f, VIT_FK_WEIGHTS) &&
		   !has_kind(f, VIT_FK_PICKLE)) {
		vit_eval_not_applicable(ev, id, "GGUF files hold their own configuration");
	} else {
		const struct vit_file *below = config_below(f);
		struct vit_finding *r = vit_eval_fail(ev, id);
		r->where.path = VIT_STR("config.json");
		r->message = VIT_STR("There is no config.json.");
		r->expected = VIT_STR("config.json");
		r->actual = VIT_STR("absent");
		if (below) {
			r->message =
				vit_eval_text(ev, "There is no config.json here, but one in %.*s.",
					      VIT_FMT(vit_path_dir(below->path)));
			r->remedy = VIT_STR("Audit that folder, if it is the model.");
		}
	}
}

/* ---- each document by itself ---------------------------------------------------- */

static void check_content(const struct vit_document *d, struct vit_eval *ev)
{
	struct vit_finding *r;

	if (d->doc.root->kind != VIT_JSON_K_OBJECT) {
		r = vit_config_fail(ev, VIT_CK_config_not_object, d, d->doc.root);
		r->message = vit_eval_text(ev, "The file holds %s, not an object.",
					   vit_json_kind_name(d->doc.root));
		r->expected = VIT_STR("object");
		r->actual = vit_str_c(vit_json_kind_name(d->doc.root));
	}
	if (d->doc.had_bom) {
		r = vit_config_fail(ev, VIT_CK_config_byte_order_mark, d, NULL);
		r->where.has_offset = true;
		r->message = VIT_STR("The file begins with a byte order mark.");
		r->expected = VIT_STR("'{' as the first byte");
		r->actual = VIT_STR("EF BB BF");
	}
	if (d->doc.had_nonfinite) {
		r = vit_config_fail(ev, VIT_CK_config_nonfinite, d, NULL);
		r->message = VIT_STR("The file holds NaN or Infinity, which are not JSON.");
		r->expected = VIT_STR("finite numbers");
		r->actual = VIT_STR("NaN or Infinity");
	}
	for (size_t i = 0; i < d->doc.duplicate_count && i < 64; i++) {
		const struct vit_json_duplicate *dup = &d->doc.duplicates[i];
		r = vit_config_fail(ev, VIT_CK_config_duplicate_key, d, NULL);
		r->where.pointer = dup->pointer;
		r->where.line = dup->line;
		r->where.offset = dup->offset;
		r->where.has_offset = true;
		r->message = vit_eval_text(ev, "The key %.*s stands twice in its object.",
					   VIT_FMT(dup->pointer));
		r->expected = VIT_STR("one value");
		r->actual = VIT_STR("two or more");
	}
}

static void check_document(const struct vit_document *d, struct vit_eval *ev)
{
	static const enum vit_check_id of_content[] = {
		VIT_CK_config_invalid_json,    VIT_CK_config_not_object,
		VIT_CK_config_byte_order_mark, VIT_CK_config_duplicate_key,
		VIT_CK_config_nonfinite,
	};
	struct vit_finding *r;

	switch (d->state) {
	case VIT_DOC_ABSENT:
	case VIT_DOC_POINTER:
		return;
	case VIT_DOC_OK:
		check_content(d, ev);
		return;
	case VIT_DOC_INVALID:
		r = vit_config_fail(ev, VIT_CK_config_invalid_json, d, NULL);
		r->where.offset = d->err.offset;
		r->where.has_offset = true;
		r->message = vit_eval_text(ev, "Not valid JSON: %s.", d->err.msg);
		r->expected = VIT_STR("JSON");
		r->actual = vit_eval_text(ev, "%s", d->err.msg);
		return;
	case VIT_DOC_UNREADABLE:
		for (size_t i = 0; i < sizeof of_content / sizeof *of_content; i++)
			vit_eval_unknown(ev, of_content[i], "%s", d->err.msg);
		return;
	}
}

/* ---- names ------------------------------------------------------------------------ */

static void check_names(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_config *k = &c->facts->config;
	struct vit_finding *r;

	if (vit_config_need(c, ev, VIT_CK_config_model_type_missing) && k->model_type.n == 0) {
		r = vit_config_fail(ev, VIT_CK_config_model_type_missing, &k->config, NULL);
		r->where.pointer = VIT_STR("/model_type");
		r->message = VIT_STR("config.json does not say which model_type it is.");
		r->expected = VIT_STR("a string");
		r->actual = vit_config_brief(ev, vit_json_get_c(k->root, "model_type"));
	}
	if (vit_config_need(c, ev, VIT_CK_config_architectures_missing) && k->architecture.n == 0) {
		r = vit_config_fail(ev, VIT_CK_config_architectures_missing, &k->config, NULL);
		r->where.pointer = VIT_STR("/architectures");
		r->message = VIT_STR("config.json names no class in architectures.");
		r->expected = VIT_STR("a list of one class name");
		r->actual = vit_config_brief(ev, vit_json_get_c(k->root, "architectures"));
	}
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_config *k = &c->facts->config;
	const struct vit_document *docs[] = { &k->config,           &k->generation,
					      &k->tokenizer_config, &k->special_tokens_map,
					      &k->adapter,          &k->quantize };

	check_missing(c, ev);
	for (size_t i = 0; i < sizeof docs / sizeof *docs; i++)
		check_document(docs[i], ev);
	check_names(c, ev);
	vit_config_check_remote_code(c, ev);
	vit_config_check_spellings(c, ev);
	vit_config_check_generation(c, ev);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		vit_eval_pass(ev, ids[i]);
}

const struct vit_pass vit_pass_config = {
	.name = "config",
	.needs = VIT_FG_FILES | VIT_FG_CONFIG,
	.ids = ids,
	.id_count = sizeof ids / sizeof *ids,
	.run = run,
};
