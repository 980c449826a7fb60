#include "checks/files.h"

#include "base/num.h"
#include "base/path.h"
#include "checks/files_content.h"

static const enum vit_check_id ids[] = {
	VIT_CK_files_lfs_pointer,  VIT_CK_files_empty,          VIT_CK_files_partial_download,
	VIT_CK_files_html_page,    VIT_CK_files_case_collision, VIT_CK_files_name_not_utf8,
	VIT_CK_files_name_control, VIT_CK_files_link_outside,   VIT_CK_files_link_broken,
	VIT_CK_files_link_loop,    VIT_CK_files_special_file,   VIT_CK_files_code,
	VIT_CK_files_pickle,       VIT_CK_files_native_code,    VIT_CK_files_unexpected,
	VIT_CK_files_unreadable,   VIT_CK_files_walk_limit,
};

bool vit_files_needed(const struct vit_file *row)
{
	return vit_file_kind_loaded(row->kind);
}

bool vit_files_concerns(const struct vit_facts *f, uint32_t row)
{
	if (f->files.only.n == 0 || vit_str_eq(f->files.only, f->files.files[row].path))
		return true;
	if (!(f->groups & VIT_FG_WEIGHTS) || !vit_str_eq(f->files.only, f->weights.index.path))
		return false;
	for (uint32_t i = 0; i < f->weights.shard_count; i++)
		if (f->weights.shards[i].file == row && f->weights.shards[i].in_index)
			return true;
	return false;
}

struct vit_str vit_files_shell_word(struct vit_eval *ev, const struct vit_file *row)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._/+=@,:-";
	struct vit_buf b;
	struct vit_str s;
	bool quote = row->path.n > 0 && row->path.p[0] == '-';

	for (size_t i = 0; i < row->path.n; i++) {
		unsigned char c = (unsigned char)row->path.p[i];
		if (c < 0x20 || c == 0x7f)
			return VIT_STR("PATH");
		quote |= c >= 0x80 || !memchr(plain, c, sizeof plain - 1);
	}
	if (row->flags & (VIT_FF_NOT_UTF8 | VIT_FF_CONTROL))
		return VIT_STR("PATH");
	if (!quote)
		return row->path;
	vit_buf_init(&b, row->path.n * 4 + 2);
	vit_buf_putc(&b, '\'');
	for (size_t i = 0; i < row->path.n; i++) {
		if (row->path.p[i] == '\'')
			vit_buf_puts(&b, "'\\''");
		else
			vit_buf_putc(&b, row->path.p[i]);
	}
	vit_buf_putc(&b, '\'');
	s = vit_arena_str(ev->arena, vit_buf_view(&b));
	vit_buf_release(&b);
	return s;
}

/* ---- names ---------------------------------------------------------------- */

static void check_name(const struct vit_files *f, uint32_t i, struct vit_eval *ev)
{
	const struct vit_file *row = &f->files[i];
	struct vit_finding *r;

	if (row->case_twin != VIT_FILE_NONE && row->case_twin < i) {
		r = vit_eval_fail(ev, VIT_CK_files_case_collision);
		r->where.path = row->path;
		r->message = vit_eval_text(ev, "The name differs from %.*s in letter case alone.",
					   VIT_FMT(f->files[row->case_twin].path));
		r->expected = VIT_STR("names that differ in more than case");
		r->actual = f->files[row->case_twin].path;
	}
	if (row->flags & VIT_FF_NOT_UTF8) {
		r = vit_eval_fail(ev, VIT_CK_files_name_not_utf8);
		r->where.path = row->path;
		r->message = VIT_STR("The name is not valid UTF-8.");
		r->expected = VIT_STR("UTF-8");
		r->actual = vit_path_base(row->path);
	}
	if (row->flags & VIT_FF_CONTROL) {
		r = vit_eval_fail(ev, VIT_CK_files_name_control);
		r->where.path = row->path;
		r->message = VIT_STR("The name holds control or direction characters.");
		r->expected = VIT_STR("printable characters");
		r->actual = vit_path_base(row->path);
	}
}

/* ---- links and special files ------------------------------------------------ */

static void fail_link(const struct vit_file *row, struct vit_eval *ev, enum vit_check_id id,
		      const char *what, const char *expected)
{
	struct vit_finding *r = vit_eval_fail(ev, id);

	if (!vit_files_needed(row))
		r->severity = VIT_SEV_WARNING;
	r->where.path = row->path;
	r->message = vit_eval_text(ev, "The link to %.*s %s.", VIT_FMT(row->link_target), what);
	r->expected = vit_str_c(expected);
	r->actual = row->link_target;
}

static void check_type(const struct vit_file *row, struct vit_eval *ev)
{
	struct vit_finding *r;

	if (row->flags & VIT_FF_LINK_OUTSIDE)
		fail_link(row, ev, VIT_CK_files_link_outside,
			  "leaves the model folder; it was not followed",
			  "a target inside the folder");
	else if (row->flags & VIT_FF_LINK_LOOP)
		fail_link(row, ev, VIT_CK_files_link_loop,
			  row->type == VIT_FT_DIR ? "leads back to a folder that holds it"
						  : "runs in a circle",
			  "a file");
	else if (row->flags & VIT_FF_LINK_BROKEN)
		fail_link(row, ev, VIT_CK_files_link_broken, "points at nothing", "a file");
	if (row->type != VIT_FT_FIFO && row->type != VIT_FT_SOCKET && row->type != VIT_FT_DEVICE)
		return;
	r = vit_eval_fail(ev, VIT_CK_files_special_file);
	if (!vit_files_needed(row))
		r->severity = VIT_SEV_WARNING;
	r->where.path = row->path;
	r->message = vit_eval_text(ev, "This is a %s; it was not opened.",
				   vit_file_type_name(row->type));
	r->expected = VIT_STR("a regular file");
	r->actual = vit_str_c(vit_file_type_name(row->type));
}

/* ---- what runs -------------------------------------------------------------- */

/* Endings that nothing but pickles have: older ones begin with no mark. */
static bool is_pickle_name(struct vit_str path)
{
	static const char *const tails[] = { "pkl", "pickle", "pt", "pth", "ckpt", "joblib" };
	struct vit_str ext = vit_path_ext(path);

	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
		if (vit_str_ieq(ext, vit_str_c(tails[i])))
			return true;
	return false;
}

static void check_programs(const struct vit_file *row, struct vit_eval *ev)
{
	char size[VIT_FMT_NUM];
	struct vit_finding *r = NULL;

	if (row->type != VIT_FT_REGULAR || row->size == 0 ||
	    (row->flags & (VIT_FF_LFS_POINTER | VIT_FF_HTML)))
		return;
	if ((row->flags & VIT_FF_PICKLE_BYTES) ||
	    (row->kind == VIT_FK_PICKLE && is_pickle_name(row->path))) {
		r = vit_eval_fail(ev, VIT_CK_files_pickle);
		r->message = vit_eval_text(
			ev, "A Python pickle of %s: it can run any program when it is loaded.",
			vit_fmt_bytes(row->size, size));
		r->expected = VIT_STR("safetensors");
		r->actual = VIT_STR("pickle");
	} else if (row->kind == VIT_FK_NATIVE || (row->flags & VIT_FF_NATIVE_BYTES)) {
		r = vit_eval_fail(ev, VIT_CK_files_native_code);
		r->message = vit_eval_text(ev, "Machine code of %s lies in the folder.",
					   vit_fmt_bytes(row->size, size));
		r->expected = VIT_STR("no machine code");
		r->actual = row->flags & VIT_FF_NATIVE_BYTES
				    ? VIT_STR("a program, by its first bytes")
				    : VIT_STR("a program, by its name");
	} else if (row->kind == VIT_FK_CODE) {
		r = vit_eval_fail(ev, VIT_CK_files_code);
		r->message = vit_eval_text(ev, "Program text of %s lies in the folder.",
					   vit_fmt_bytes(row->size, size));
		r->expected = VIT_STR("no code");
		r->actual = VIT_STR("code");
	} else if (row->kind == VIT_FK_OTHER && !(row->flags & VIT_FF_UNREADABLE)) {
		r = vit_eval_fail(ev, VIT_CK_files_unexpected);
		r->message = vit_eval_text(ev, "A file of %s of no kind that model folders have.",
					   vit_fmt_bytes(row->size, size));
		r->expected = VIT_STR("a known kind of file");
		r->actual = vit_path_base(row->path);
	}
	if (r)
		r->where.path = row->path;
}

/* ---- what could not be looked at ---------------------------------------------- */

static void check_unreadable(const struct vit_facts *facts, struct vit_eval *ev)
{
	const struct vit_files *f = &facts->files;
	const struct vit_file *first = NULL;
	uint64_t count = 0;

	for (uint32_t i = 0; i < f->count; i++) {
		const struct vit_file *row = &f->files[i];
		if (!(row->flags & VIT_FF_UNREADABLE) || row->kind == VIT_FK_VCS ||
		    row->kind == VIT_FK_HUB_CACHE || !vit_files_concerns(facts, i))
			continue;
		if (row->type != VIT_FT_DIR && !vit_files_needed(row))
			continue;
		first = first ? first : row;
		count++;
	}
	if (first && count > 1)
		vit_eval_unknown(ev, VIT_CK_files_unreadable, "%s (and %llu more)", first->err->msg,
				 (unsigned long long)(count - 1));
	else if (first)
		vit_eval_unknown(ev, VIT_CK_files_unreadable, "%s", first->err->msg);
	else if (f->unreadable_dirs > 0 && f->only.n == 0 && f->count == 0)
		vit_eval_unknown(ev, VIT_CK_files_unreadable, "the folder could not be listed");
}

static void check_limit(const struct vit_files *f, struct vit_eval *ev)
{
	char n[VIT_FMT_NUM];

	switch (f->limit) {
	case VIT_WALK_COMPLETE:
		return;
	case VIT_WALK_ENTRIES:
		vit_eval_unknown(ev, VIT_CK_files_walk_limit,
				 "the walk stopped after %s entries, at %.*s",
				 vit_fmt_u64(f->count, n), VIT_FMT(f->limit_path));
		return;
	case VIT_WALK_DEPTH:
		vit_eval_unknown(ev, VIT_CK_files_walk_limit,
				 "folders are nested too deeply; %.*s was not entered",
				 VIT_FMT(f->limit_path));
		return;
	}
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_files *f = &c->facts->files;

	for (uint32_t i = 0; i < f->count; i++) {
		const struct vit_file *row = &f->files[i];
		if (!vit_files_concerns(c->facts, i))
			continue;
		check_name(f, i, ev);
		if (row->kind == VIT_FK_VCS || row->kind == VIT_FK_HUB_CACHE)
			continue;
		check_type(row, ev);
		vit_files_check_content(f, row, ev);
		check_programs(row, ev);
	}
	check_unreadable(c->facts, ev);
	check_limit(f, ev);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		vit_eval_pass(ev, ids[i]);
}

const struct vit_pass vit_pass_files = {
	.name = "files",
	.needs = VIT_FG_FILES,
	.ids = ids,
	.id_count = sizeof ids / sizeof *ids,
	.run = run,
};
