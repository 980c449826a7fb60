#include "collect/data_model.h"

#include <fcntl.h>
#include <unistd.h>

#include "collect/source.h"

/* The text of a special token: "x" or {"content": "x"}. */
static struct vit_str content_of(const struct vit_json *v)
{
	struct vit_str s = vit_json_string(v);

	return s.n ? s : vit_json_string(vit_json_get_c(v, "content"));
}

static void find_specials(const struct vit_config *c, struct vit_data_model_parts *parts)
{
	static const char *const names[VIT_MODEL_SPECIALS] = { "bos_token", "eos_token", "unk_token", "pad_token",
							       "sep_token", "cls_token", "mask_token" };
	const struct vit_json *side = c->tokenizer_config.doc.root;

	for (size_t i = 0; i < VIT_MODEL_SPECIALS && names[i]; i++) {
		struct vit_str text = content_of(vit_json_get_c(side, names[i]));
		if (text.n == 0)
			text = content_of(vit_json_get_c(c->special_tokens_map.doc.root, names[i]));
		if (text.n == 0)
			continue;
		parts->specials[parts->special_count].name = vit_str_c(names[i]);
		parts->specials[parts->special_count++].text = text;
	}
}

/* The template, when it can be rendered; else why not is added to the note. */
static void find_template(struct vit_arena *a, const struct vit_tokenizer *t, struct vit_data_model_parts *parts)
{
	struct vit_err err = { .code = VIT_OK };
	const struct vit_template *template;

	if (t->template_text.n == 0) {
		parts->note = VIT_STR("the model's tokenizer.json over the bare text of the turns, as it has no chat template");
		return;
	}
	if (vit_template_parse(a, t->template_text, &template, &err)) {
		parts->note = vit_arena_printf(a, "the model's tokenizer.json over the bare text of the turns, as its chat template "
					       "could not be read: %s", err.msg);
		return;
	}
	if (template->unsafe_count || template->syntax_count) {
		parts->note = vit_arena_printf(a, "the model's tokenizer.json over the bare text of the turns, as its chat template %s",
					       template->unsafe_count ? "reaches for what it must not" : "has faults of syntax");
		return;
	}
	parts->template = template;
	parts->note = vit_arena_printf(a, "the model's tokenizer.json and chat template (%.*s)", VIT_FMT(t->template_path));
}

static enum vit_errc load_tokens(const struct vit_facts *f, struct vit_tokens **out, struct vit_err *err)
{
	const struct vit_file *row = vit_files_get(&f->files, "tokenizer.json");
	struct vit_source source = { .files = &f->files };
	struct vit_source_file file;
	enum vit_errc rc;

	source.root_fd = open(f->files.root.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (source.root_fd < 0)
		return vit_err_set(err, VIT_E_IO, "the model's folder cannot be opened again");
	rc = vit_source_open(&source, row, &file, err);
	if (rc == VIT_OK) {
		rc = vit_tokens_load(vit_source_read, &file, out, err);
		vit_source_close(&file);
	}
	close(source.root_fd);
	return rc;
}

void vit_collect_data_model(struct vit_arena *a, const struct vit_facts *f,
			    const struct vit_template_clock *clock, struct vit_data_model **out,
			    struct vit_str *why)
{
	struct vit_data_model_parts parts = { .clock = *clock };
	struct vit_err err = { .code = VIT_OK };

	*out = NULL;
	*why = VIT_STR("the model has no tokenizer.json that can be read");
	if (!(f->groups & VIT_FG_TOKENIZER) || f->tokenizer.state != VIT_DOC_OK)
		return;
	if (load_tokens(f, &parts.tokens, &err)) {
		*why = vit_arena_printf(a, "the model's tokenizer.json could not be used: %s", err.msg);
		return;
	}
	if (vit_tokens_unsupported(parts.tokens)) {
		*why = vit_arena_printf(a, "the model's tokenizer has a part that is not supported: %s",
					vit_tokens_unsupported(parts.tokens));
		vit_tokens_free(parts.tokens);
		return;
	}
	find_specials(&f->config, &parts);
	find_template(a, &f->tokenizer, &parts);
	*out = vit_data_model_new(&parts);
}
