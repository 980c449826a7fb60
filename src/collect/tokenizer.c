#include "collect/collect.h"
#include "collect/document.h"

#include "base/path.h"
#include "collect/template.h"

/* Largest tokenizer.json: ten times that of the largest vocabularies. */
#define MAX_TOKENIZER (1u << 30)

/* ---- tokenizer.json -------------------------------------------------------- */

/* The text of a special token: "x" or {"content": "x"}. */
static struct vit_str content_of(const struct vit_json *v)
{
	struct vit_str s = vit_json_string(v);

	return s.n ? s : vit_json_string(vit_json_get_c(v, "content"));
}

/* The special tokens that the side files name: their ids are wanted. */
static size_t wanted_texts(const struct vit_config *c, struct vit_str out[VIT_TOK_MAX_WANTED])
{
	static const char *const keys[] = { "bos_token", "eos_token", "pad_token", "unk_token",
					    "sep_token", "cls_token", "mask_token" };
	const struct vit_document *docs[] = { &c->tokenizer_config, &c->special_tokens_map };
	size_t n = 0;

	for (size_t d = 0; d < 2; d++) {
		for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
			const struct vit_json *root =
				docs[d]->state == VIT_DOC_OK ? docs[d]->doc.root : NULL;
			struct vit_str text = content_of(vit_json_get_c(root, keys[k]));
			if (text.n && n < VIT_TOK_MAX_WANTED)
				out[n++] = text;
		}
	}
	return n;
}

static void take_scan(const struct vit_tokenizer_scan *scan, struct vit_tokenizer *out)
{
	out->is_object = scan->is_object;
	out->has_model = scan->has_model;
	out->has_vocab = scan->has_vocab;
	out->model = scan->model;
	out->vocab_count = scan->vocab_count;
	out->merges_count = scan->merges_count;
	out->max_id = scan->max_id;
	out->distinct_ids = scan->distinct_ids;
	out->added = scan->added;
	out->added_count = scan->added_count;
	out->added_total = scan->added_total;
	out->named = scan->named;
	out->named_count = scan->named_count;
	out->conflicts = scan->conflicts;
	out->conflict_id = scan->conflict_id;
	out->duplicate_ids = scan->duplicate_ids;
	out->duplicate_id_first = scan->duplicate_id_first;
	out->bad_entries = scan->bad_entries;
	out->bad_offset = scan->bad_offset;
}

static void read_tokenizer(struct vit_arena *a, const struct vit_source *s,
			   const struct vit_config *config, const struct vit_file *row,
			   struct vit_tokenizer *out)
{
	struct vit_str wanted[VIT_TOK_MAX_WANTED];
	size_t wanted_count = wanted_texts(config, wanted);
	struct vit_tokenizer_scan scan;
	struct vit_source_file f;
	enum vit_errc code = vit_source_open(s, row, &f, &out->err);

	out->state = VIT_DOC_UNREADABLE;
	if (code)
		return;
	if (f.size > MAX_TOKENIZER) {
		(void)vit_err_set(&out->err, VIT_E_LIMIT,
				  "%.*s: %llu bytes, more than the %u that are taken",
				  VIT_FMT(row->path), (unsigned long long)f.size, MAX_TOKENIZER);
		vit_source_close(&f);
		return;
	}
	code = vit_tokenizer_read(a, vit_source_read, &f, wanted, wanted_count, &scan, &out->err);
	if (vit_source_changed(&f))
		code = vit_err_set(&out->err, VIT_E_CHANGED, "%.*s: changed while it was read",
				   VIT_FMT(row->path));
	vit_source_close(&f);
	take_scan(&scan, out);
	if (code == VIT_OK)
		out->state = VIT_DOC_OK;
	else if (code == VIT_E_SYNTAX || code == VIT_E_RANGE)
		out->state = VIT_DOC_INVALID;
}

/* Files that make a tokenizer without tokenizer.json, in the root folder. */
static bool has_slow_files(const struct vit_files *files)
{
	for (uint32_t i = 0; i < files->count; i++) {
		const struct vit_file *row = &files->files[i];
		struct vit_str path = row->path;
		if (row->kind != VIT_FK_TOKENIZER || vit_path_dir(path).n)
			continue;
		if (vit_str_starts(path, VIT_STR("vocab")) ||
		    vit_str_ends(path, VIT_STR(".model")) ||
		    vit_str_ends(path, VIT_STR(".tiktoken")) ||
		    vit_str_ends(path, VIT_STR(".spm")) || vit_str_is(path, "tekken.json") ||
		    vit_str_starts(path, VIT_STR("sentencepiece")) ||
		    vit_str_starts(path, VIT_STR("tokenizer.model")))
			return true;
	}
	return false;
}

/* ---- chat template ----------------------------------------------------------- */

/* Of a list of named templates the default is used, else the only one. */
static struct vit_str inline_template(const struct vit_json *v)
{
	if (!v || v->kind != VIT_JSON_K_ARRAY)
		return vit_json_string(v);
	for (uint32_t i = 0; i < v->count; i++) {
		const struct vit_json *item = &v->children[i];
		if (vit_str_is(vit_json_string(vit_json_get_c(item, "name")), "default"))
			return vit_json_string(vit_json_get_c(item, "template"));
	}
	return v->count ? vit_json_string(vit_json_get_c(&v->children[0], "template"))
			: VIT_STR_EMPTY;
}

/* Jinja drops one line break at the end. */
static struct vit_str without_last_break(struct vit_str s)
{
	if (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

static bool file_template(struct vit_arena *a, const struct vit_source *s, struct vit_str *text,
			  struct vit_tokenizer *out)
{
	const struct vit_file *row = vit_files_get(s->files, "chat_template.jinja");
	struct vit_document doc;

	if (row && row->type == VIT_FT_REGULAR && row->size > 0 &&
	    !(row->flags & (VIT_FF_LFS_POINTER | VIT_FF_HTML))) {
		out->template_path = row->path;
		return vit_source_slurp(s, row, VIT_COLLECT_MAX_TEMPLATE, a, text, &out->template_err) ==
		       VIT_OK;
	}
	vit_collect_document(a, s, "chat_template.json", &doc);
	if (doc.state == VIT_DOC_UNREADABLE)
		out->template_err = doc.err;
	if (doc.state != VIT_DOC_OK)
		return false;
	*text = inline_template(vit_json_get_c(doc.doc.root, "chat_template"));
	out->template_path = doc.path;
	return text->n > 0;
}

static void find_template(struct vit_arena *a, const struct vit_source *s,
			  const struct vit_config *config, struct vit_tokenizer *out)
{
	const struct vit_document *side = &config->tokenizer_config;
	struct vit_str in_file = VIT_STR_EMPTY, within = VIT_STR_EMPTY;
	bool has_file = file_template(a, s, &in_file, out);

	if (side->state == VIT_DOC_OK)
		within = inline_template(vit_json_get_c(side->doc.root, "chat_template"));
	out->template_inline_bytes = within.n;
	out->template_text = has_file ? in_file : within;
	if (has_file) {
		out->template_place = within.n ? VIT_TP_BOTH : VIT_TP_FILE;
		out->template_bytes = in_file.n;
		out->templates_equal =
			vit_str_eq(without_last_break(in_file), without_last_break(within));
	} else if (within.n) {
		out->template_place = VIT_TP_INLINE;
		out->template_bytes = within.n;
		out->template_path = side->path;
	}
	vit_collect_templates(a, s, config, has_file ? in_file : VIT_STR_EMPTY, out);
}

void vit_collect_tokenizer(struct vit_arena *a, const struct vit_source *s,
			   const struct vit_config *config, struct vit_tokenizer *out)
{
	const struct vit_file *row = vit_files_get(s->files, "tokenizer.json");

	*out = (struct vit_tokenizer){ .state = VIT_DOC_ABSENT,
				       .path = VIT_STR("tokenizer.json"),
				       .model = VIT_STR_EMPTY,
				       .template_path = VIT_STR_EMPTY };
	if (s->files->only.n && !vit_str_is(s->files->only, "tokenizer.json"))
		return;
	if (!row || row->type == VIT_FT_DIR) {
		out->slow_only = has_slow_files(s->files);
	} else if (row->flags & VIT_FF_UNREADABLE) {
		out->state = VIT_DOC_UNREADABLE;
		out->err = *row->err;
	} else if (vit_document_is_stand_in(row)) {
		out->state = VIT_DOC_POINTER;
	} else {
		read_tokenizer(a, s, config, row, out);
	}
	if (s->files->only.n == 0)
		find_template(a, s, config, out);
}
