#include "collect/template.h"

#include "text/template.h"

/* Most templates looked at; models have one to four. */
#define MAX_TEMPLATES 64

struct look {
	struct vit_arena *arena;
	struct vit_vec remarks; /* struct vit_template_remark */
	struct vit_templates *out;
	bool main_seen;
};

static void remark(struct look *l, struct vit_template_remark r)
{
	*(struct vit_template_remark *)vit_vec_add(&l->remarks) = r;
}

/* The first note of a kind stands for all of them. */
static void remark_kind(struct look *l, const struct vit_template *t, struct vit_str path,
			struct vit_str name, enum vit_remark_kind kind)
{
	static const enum vit_template_note_kind notes[] = { VIT_TEMPLATE_NOTE_SYNTAX,
							     VIT_TEMPLATE_NOTE_UNSAFE,
							     VIT_TEMPLATE_NOTE_UNSUPPORTED };
	const size_t counts[] = { t->syntax_count, t->unsafe_count, t->unsupported_count };

	for (size_t i = 0; i < t->note_count; i++) {
		if (t->notes[i].kind != notes[kind])
			continue;
		remark(l, (struct vit_template_remark){
				  .kind = kind, .path = path, .name = name,
				  .line = t->notes[i].line, .text = t->notes[i].text,
				  .count = counts[kind] });
		return;
	}
}

static void look_at(struct look *l, struct vit_str path, struct vit_str name, struct vit_str text)
{
	const struct vit_template *t;
	struct vit_err err;

	if (!text.n || l->out->read >= MAX_TEMPLATES)
		return;
	l->out->read++;
	if (vit_template_parse(l->arena, text, &t, &err)) {
		remark(l, (struct vit_template_remark){ .kind = VIT_RK_UNREAD, .path = path,
							.name = name, .count = 1,
							.text = vit_arena_str(l->arena,
									      vit_str_c(err.msg)) });
		return;
	}
	remark_kind(l, t, path, name, VIT_RK_SYNTAX);
	remark_kind(l, t, path, name, VIT_RK_UNSAFE);
	remark_kind(l, t, path, name, VIT_RK_UNSUPPORTED);
	if (l->main_seen)
		return;
	l->main_seen = true;
	l->out->marks_generation = t->has_generation;
	l->out->uses_clock = t->uses_clock;
	l->out->uses_tools = t->uses_tools;
}

/* The one or the named ones of a JSON file; the default one first. */
static void look_inline(struct look *l, struct vit_str path, const struct vit_json *v)
{
	if (!v || v->kind != VIT_JSON_K_ARRAY) {
		look_at(l, path, VIT_STR_EMPTY, vit_json_string(v));
		return;
	}
	for (int others = 0; others < 2; others++)
		for (uint32_t i = 0; i < v->count; i++) {
			const struct vit_json *item = &v->children[i];
			struct vit_str name = vit_json_string(vit_json_get_c(item, "name"));
			if (vit_str_is(name, "default") == !others)
				look_at(l, path, name,
					vit_json_string(vit_json_get_c(item, "template")));
		}
}

static void look_folder(struct look *l, const struct vit_source *s)
{
	for (uint32_t i = 0; i < s->files->count && l->out->read < MAX_TEMPLATES; i++) {
		const struct vit_file *row = &s->files->files[i];
		struct vit_str text;
		struct vit_err err;

		if (!vit_str_starts(row->path, VIT_STR("additional_chat_templates/")) ||
		    !vit_str_ends(row->path, VIT_STR(".jinja")) ||
		    row->type != VIT_FT_REGULAR || row->size == 0 ||
		    (row->flags & (VIT_FF_LFS_POINTER | VIT_FF_HTML)))
			continue;
		if (vit_source_slurp(s, row, VIT_COLLECT_MAX_TEMPLATE, l->arena, &text, &err)) {
			remark(l, (struct vit_template_remark){
					  .kind = VIT_RK_UNREAD, .path = row->path, .count = 1,
					  .text = vit_arena_str(l->arena, vit_str_c(err.msg)) });
			continue;
		}
		look_at(l, row->path, VIT_STR_EMPTY, text);
	}
}

void vit_collect_templates(struct vit_arena *a, const struct vit_source *s,
			   const struct vit_config *config, struct vit_str in_file,
			   struct vit_tokenizer *out)
{
	struct look l = { .arena = a, .remarks = VIT_VEC(sizeof(struct vit_template_remark)),
			  .out = &out->templates };
	const struct vit_document *side = &config->tokenizer_config;
	size_t count;

	look_at(&l, out->template_path, VIT_STR_EMPTY, in_file);
	/* The same text in both places would say everything twice. */
	if (side->state == VIT_DOC_OK && !(in_file.n && out->templates_equal))
		look_inline(&l, side->path, vit_json_get_c(side->doc.root, "chat_template"));
	look_folder(&l, s);
	out->templates.remarks = vit_vec_take(&l.remarks, a, &count);
	out->templates.remark_count = (uint32_t)count;
}
