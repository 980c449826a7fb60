/* The job as it was understood: each value, and who said it. */
#include "present/present.h"
#include "spec/job_load.h"

static bool concerns(const struct vit_job *j, const struct vit_job_field *f)
{
	struct vit_str path = vit_str_c(f->path);

	if (vit_str_starts(path, VIT_STR("lora.")))
		return j->method == VIT_JOB_LORA || j->method == VIT_JOB_QLORA;
	if (vit_str_starts(path, VIT_STR("inference.")))
		return !vit_job_trains(j) || j->context;
	return vit_job_trains(j) || !f->training;
}

static const char *said_by(const struct vit_job *j, size_t row)
{
	if (j->from_flags >> row & 1)
		return "option";
	return j->from_file >> row & 1 ? "file" : "default";
}

static void fill_rows(const struct vit_present *p, const struct vit_job *j, struct vit_node *t)
{
	uint32_t r = 0;

	for (size_t i = 0; i < vit_job_field_count; i++) {
		struct vit_str text = vit_job_field_text(p->arena, j, i);

		if (!text.n || !concerns(j, &vit_job_fields[i]))
			continue;
		if (r < t->row_count) {
			*vit_cell(t, r, 0) = vit_val_c(vit_job_fields[i].path);
			*vit_cell(t, r, 1) = vit_val_c(vit_job_fields[i].label);
			*vit_cell(t, r, 2) = vit_val_str(text);
			*vit_cell(t, r, 3) = vit_val_c(said_by(j, i));
		}
		r++;
	}
	t->row_count = r;
}

static void list_of(const struct vit_present *p, struct vit_section *s, const char *key,
		    const char *label, const struct vit_str *texts, uint32_t count)
{
	struct vit_node *l;

	if (!count)
		return;
	l = vit_present_list(p, s, key, label, count);
	for (uint32_t i = 0; i < count; i++)
		l->cells[i] = vit_val_str(texts[i]);
}

/* Keys of a trainer's file that were not used, on one line. */
static void present_unused(const struct vit_present *p, struct vit_section *s,
			   const struct vit_job *j)
{
	struct vit_buf b;

	if (!j->unused_count)
		return;
	vit_buf_init(&b, 2000);
	for (uint32_t i = 0; i < j->unused_count && !b.full; i++)
		vit_buf_printf(&b, "%s%.*s", i ? ", " : "", VIT_FMT(j->unused[i]));
	vit_present_value(p, s, "job_keys_not_used",
			  "Keys of the file that the forecast does not use",
			  vit_val_str(vit_arena_str(p->arena, vit_buf_view(&b))),
			  VIT_BASIS_MEASURED, "job file");
	vit_buf_release(&b);
}

void vit_present_job(const struct vit_present *p, const struct vit_job *j, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "field", NULL, false },
		{ "label", "Job", false },
		{ "value", "Value", false },
		{ "from", "Said by", false },
	};
	struct vit_node *t;

	vit_present_value(p, s, "job_read_as", "Job read as", vit_val_str(j->dialect),
			  VIT_BASIS_MEASURED, j->file.n ? "keys of the job file" : "command line");
	if (j->file.n)
		vit_present_value(p, s, "job_file", "Job file", vit_val_str(j->file),
				  VIT_BASIS_MEASURED, "command line");
	t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "job", "");
	t->columns = columns;
	t->column_count = 4;
	t->row_count = (uint32_t)vit_job_field_count;
	t->cells = VIT_NEW_ARRAY(p->arena, vit_job_field_count * 4, struct vit_val);
	fill_rows(p, j, t);
	t->label = VIT_STR("The job");
	if (j->model.n)
		vit_present_value(p, s, "job_model", "Model that the file names",
				  vit_val_str(j->model), VIT_BASIS_ATTESTED, "job file");
	list_of(p, s, "job_notes", "How the file was understood", j->notes, j->note_count);
	present_unused(p, s, j);
}
