#include "facts/dump_internal.h"

static void dump_lines(const uint32_t *lines, uint32_t count, struct vit_json_writer *w)
{
	vit_jw_array(w);
	for (uint32_t i = 0; i < count; i++)
		vit_jw_u64(w, lines[i]);
	vit_jw_array_end(w);
}

static void dump_issues(const struct vit_data_file *f, struct vit_json_writer *w)
{
	vit_jw_object(w);
	for (unsigned i = 0; i < VIT_DI_COUNT; i++) {
		const struct vit_data_issue_rows *r = &f->issues[i];

		if (r->count == 0)
			continue;
		vit_jw_key(w, vit_data_issue_name((enum vit_data_issue)i));
		vit_jw_object(w);
		vit_dump_u64(w, "rows", r->count);
		vit_dump_str(w, "detail", r->detail);
		vit_jw_key(w, "lines");
		dump_lines(r->lines, r->line_count, w);
		vit_jw_object_end(w);
	}
	vit_jw_object_end(w);
}

static void dump_file(const struct vit_data_file *f, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_dump_str(w, "path", f->path);
	vit_dump_str(w, "split", vit_str_c(vit_data_split_name(f->split)));
	vit_dump_str(w, "container", vit_str_c(vit_data_container_name(f->container)));
	vit_dump_str(w, "compression", vit_str_c(vit_data_compression_name(f->compression)));
	vit_dump_err(w, "error", &f->err);
	vit_dump_flag(w, "incomplete", f->incomplete);
	vit_dump_u64(w, "stored_bytes", f->stored_bytes);
	vit_dump_u64(w, "text_bytes", f->text_bytes);
	vit_dump_u64(w, "rows", f->rows);
	vit_dump_u64(w, "examples", f->examples);
	vit_dump_u64(w, "blank_lines", f->blank_lines);
	vit_dump_u64(w, "crlf_lines", f->crlf_lines);
	vit_dump_u64(w, "longest_row_bytes", f->longest_row);
	vit_dump_flag(w, "bom", f->bom);
	vit_dump_flag(w, "trailing_comma", f->trailing_comma);
	vit_dump_str(w, "member", f->member);
	vit_dump_str(w, "format", vit_str_c(vit_data_format_name(f->format)));
	vit_jw_key(w, "columns");
	vit_jw_object(w);
	for (uint32_t i = 0; i < f->column_count; i++) {
		vit_jw_key_str(w, f->columns[i].name);
		vit_jw_u64(w, f->columns[i].rows);
	}
	vit_jw_object_end(w);
	if (f->has_declared) {
		vit_dump_u64(w, "declared", f->declared);
		vit_dump_str(w, "declared_by", f->declared_by);
	}
	vit_jw_key(w, "issues");
	dump_issues(f, w);
	vit_jw_object_end(w);
}

static void dump_names(const struct vit_data_names *n, const char *key, struct vit_json_writer *w)
{
	vit_jw_key(w, key);
	vit_jw_object(w);
	for (uint32_t i = 0; i < n->count; i++) {
		vit_jw_key_str(w, n->names[i].name);
		vit_jw_u64(w, n->names[i].count);
	}
	vit_jw_object_end(w);
}

void vit_dump_data(const struct vit_data *d, struct vit_json_writer *w)
{
	const struct vit_data_tokens *t = &d->tokens;

	vit_jw_object(w);
	vit_dump_str(w, "path", d->path);
	vit_jw_key(w, "files");
	vit_jw_array(w);
	for (uint32_t i = 0; i < d->file_count; i++)
		dump_file(&d->files[i], w);
	vit_jw_array_end(w);
	dump_names(&d->categories, "categories", w);
	dump_names(&d->sources, "sources", w);
	dump_names(&d->languages, "languages", w);
	vit_jw_key(w, "tokens");
	vit_jw_object(w);
	vit_dump_str(w, "how", t->note);
	vit_dump_u64(w, "examples", t->examples);
	vit_dump_u64(w, "total", t->total);
	vit_dump_u64(w, "prompt", t->prompt);
	vit_dump_u64(w, "trainable", t->trainable);
	vit_dump_u64(w, "longest", t->per_example.maximum);
	vit_jw_object_end(w);
	vit_dump_u64(w, "duplicates", d->duplicates.duplicates);
	vit_dump_u64(w, "near_duplicates", d->duplicates.near_duplicates);
	vit_jw_key(w, "trainers");
	vit_jw_array(w);
	for (unsigned i = 0; i < VIT_DATA_TRAINERS; i++) {
		const struct vit_data_trainer_rows *x = &d->trainers[i];
		vit_jw_object(w);
		vit_dump_str(w, "name", vit_str_c(vit_data_trainer_name((enum vit_data_trainer)i)));
		vit_dump_str(w, "refused", x->refused);
		vit_dump_u64(w, "dropped", x->dropped);
		vit_dump_u64(w, "truncated", x->truncated);
		vit_dump_u64(w, "failed", x->failed);
		vit_jw_object_end(w);
	}
	vit_jw_array_end(w);
	vit_jw_object_end(w);
}
