#include "checks/integrity.h"

#include "base/num.h"

static const enum vit_check_id ids[] = { VIT_CK_integrity_pin_size, VIT_CK_integrity_pin_missing };

/* Sizes of all versions, "6,754 or 7,095 bytes". */
static struct vit_str sizes(struct vit_eval *ev, const struct vit_spec_file *f)
{
	struct vit_buf b;
	struct vit_str s;
	char n[VIT_FMT_NUM];

	vit_buf_init(&b, 1024);
	for (uint32_t i = 0; i < f->version_count; i++)
		vit_buf_printf(&b, "%s%s", i ? " or " : "", vit_fmt_u64(f->versions[i].bytes, n));
	vit_buf_puts(&b, " bytes");
	s = vit_arena_str(ev->arena, vit_buf_view(&b));
	vit_buf_release(&b);
	return s;
}

static void one_file(const struct vit_case *c, const struct vit_spec_file *f, struct vit_eval *ev)
{
	const struct vit_files *files = &c->facts->files;
	uint32_t row = vit_files_find(files, f->path);
	struct vit_finding *r;
	char n[VIT_FMT_NUM];

	if (row == VIT_FILE_NONE) {
		if (f->optional)
			return;
		r = vit_eval_fail(ev, VIT_CK_integrity_pin_missing);
		r->where.path = f->path;
		r->message = vit_eval_text(ev, "%.*s has this file, and it is not there.",
					   VIT_FMT(c->architecture->model->id));
		r->expected = sizes(ev, f);
		return;
	}
	/* A pointer promises a size of its own; that it is one is a finding by itself. */
	if (files->files[row].flags & VIT_FF_LFS_POINTER)
		return;
	for (uint32_t i = 0; i < f->version_count; i++)
		if (!f->versions[i].has_bytes || f->versions[i].bytes == files->files[row].size)
			return;
	if (f->version_count == 0)
		return;
	r = vit_eval_fail(ev, VIT_CK_integrity_pin_size);
	/* A card that was rewritten makes no other model. */
	if (!vit_file_kind_loaded(files->files[row].kind))
		r->severity = VIT_SEV_NOTE;
	r->where.path = f->path;
	r->message = vit_eval_text(ev, "Another size than %.*s has.", VIT_FMT(c->architecture->model->id));
	r->expected = sizes(ev, f);
	r->actual = vit_eval_text(ev, "%s bytes", vit_fmt_u64(files->files[row].size, n));
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_spec *m = c->architecture->model;

	for (size_t i = 0; i < 2; i++)
		if (!m || m->file_count == 0 || c->facts->files.only.n)
			vit_eval_not_applicable(ev, ids[i], "not a published model whose files a spec lists");
	if (m && !c->facts->files.only.n)
		for (uint32_t i = 0; i < m->file_count; i++)
			one_file(c, &m->files[i], ev);
	for (size_t i = 0; i < 2; i++)
		vit_eval_pass(ev, ids[i]);
}

const struct vit_pass vit_pass_pin = {
	.name = "pin",
	.needs = VIT_FG_FILES | VIT_FG_CONFIG,
	.ids = ids,
	.id_count = 2,
	.run = run,
};
