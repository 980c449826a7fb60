#include "checks/files_content.h"

#include "base/num.h"
#include "base/path.h"
#include "checks/files.h"

/* Another copy of the weights, which the loader of this folder does not take:
 * metal/ and original/ of gpt-oss, pickles beside safetensors. */
static bool is_spare(const struct vit_files *f, const struct vit_file *row)
{
	struct vit_str dir = vit_path_dir(row->path);

	if (vit_str_is(dir, "metal") || vit_str_is(dir, "original"))
		return true;
	if (row->kind != VIT_FK_PICKLE && row->kind != VIT_FK_OTHER_WEIGHTS)
		return false;
	for (uint32_t i = 0; i < f->count; i++)
		if (f->files[i].kind == VIT_FK_WEIGHTS &&
		    vit_str_eq(vit_path_dir(f->files[i].path), dir))
			return true;
	return false;
}

static enum vit_severity severity_of(const struct vit_files *f, const struct vit_file *row)
{
	if (!vit_files_needed(row))
		return VIT_SEV_NOTE;
	return is_spare(f, row) ? VIT_SEV_WARNING : VIT_SEV_ERROR;
}

/* The command that fetches the file. */
static struct vit_str fetch(const struct vit_files *f, const struct vit_file *row,
			    struct vit_eval *ev, bool lfs)
{
	struct vit_str word = vit_files_shell_word(ev, row);
	struct vit_str repo = f->hub_repo.n ? f->hub_repo : VIT_STR("<repo>");

	if (lfs && f->git_clone)
		return vit_eval_text(ev, "git lfs pull --include %s%.*s%s",
				     word.p[0] == '\'' ? "" : "\"", VIT_FMT(word),
				     word.p[0] == '\'' ? "" : "\"");
	return vit_eval_text(ev, "hf download %.*s %.*s", VIT_FMT(repo), VIT_FMT(word));
}

static void check_pointer(const struct vit_files *f, const struct vit_file *row,
			  struct vit_eval *ev)
{
	char promised[VIT_FMT_NUM], size[VIT_FMT_NUM];
	struct vit_finding *r = vit_eval_fail(ev, VIT_CK_files_lfs_pointer);

	vit_fmt_u64(row->lfs_size, promised);
	vit_fmt_u64(row->size, size);
	r->severity = severity_of(f, row);
	r->where.path = row->path;
	r->message = vit_eval_text(
		ev, "A git-LFS pointer lies in place of %s bytes with sha256 %.*s.", promised,
		VIT_FMT(row->lfs_oid.n ? row->lfs_oid : VIT_STR("(not given)")));
	r->expected = row->lfs_oid.n ? vit_eval_text(ev, "%s bytes, sha256 %.*s", promised,
						     VIT_FMT(row->lfs_oid))
				     : vit_eval_text(ev, "%s bytes", promised);
	r->actual = vit_eval_text(ev, "pointer of %s bytes", size);
	r->remedy = fetch(f, row, ev, true);
}

static void check_html(const struct vit_files *f, const struct vit_file *row, struct vit_eval *ev)
{
	char size[VIT_FMT_NUM];
	struct vit_finding *r = vit_eval_fail(ev, VIT_CK_files_html_page);

	r->severity = severity_of(f, row);
	r->where.path = row->path;
	r->message = vit_eval_text(ev, "A web page of %s bytes lies in place of the file.",
				   vit_fmt_u64(row->size, size));
	r->expected = vit_eval_text(ev, "a file of kind %s", vit_file_kind_name(row->kind));
	r->actual = VIT_STR("HTML");
	r->remedy = vit_eval_text(ev, "hf auth login, accept the model's terms, then: %.*s",
				  VIT_FMT(fetch(f, row, ev, false)));
}

static bool may_be_empty(const struct vit_file *row)
{
	struct vit_str name = vit_path_base(row->path);

	return row->kind == VIT_FK_META || vit_str_is(name, "__init__.py") ||
	       vit_str_is(name, "py.typed") || row->kind == VIT_FK_PARTIAL;
}

static void check_empty(const struct vit_files *f, const struct vit_file *row, struct vit_eval *ev)
{
	struct vit_finding *r;

	if (may_be_empty(row))
		return;
	r = vit_eval_fail(ev, VIT_CK_files_empty);
	r->severity = severity_of(f, row);
	r->where.path = row->path;
	r->message = VIT_STR("The file is empty.");
	r->expected = vit_files_needed(row) ? vit_eval_text(ev, "a file of kind %s",
							    vit_file_kind_name(row->kind))
					    : VIT_STR("content");
	r->actual = VIT_STR("0 bytes");
	if (vit_files_needed(row))
		r->remedy = fetch(f, row, ev, false);
}

/* ---- unfinished downloads ---------------------------------------------------- */

static bool is_hub_cache(struct vit_str path)
{
	return vit_str_find(path, VIT_STR(".cache/huggingface/"), 0) != SIZE_MAX;
}

static void check_partial(const struct vit_files *f, const struct vit_file *row,
			  struct vit_eval *ev)
{
	struct vit_str ext = vit_path_ext(row->path);
	struct vit_str final = vit_str_sub(row->path, 0, row->path.n - ext.n - 1);
	uint32_t at = vit_files_find(f, final);
	bool there =
		at != VIT_FILE_NONE && f->files[at].type == VIT_FT_REGULAR && f->files[at].size > 0;
	char size[VIT_FMT_NUM];
	struct vit_finding *r = vit_eval_fail(ev, VIT_CK_files_partial_download);

	vit_fmt_u64(row->size, size);
	r->where.path = row->path;
	r->expected = VIT_STR("a finished file");
	r->actual = vit_eval_text(ev, "%s bytes of an unfinished one", size);
	if (vit_str_is(ext, "aria2")) {
		/* The control file goes when the download is complete. */
		r->message = vit_eval_text(ev, "aria2 has not finished the download of %.*s.",
					   VIT_FMT(final));
		r->actual = VIT_STR("aria2's control file");
		r->remedy = vit_eval_text(ev, "aria2c --continue with the same address");
	} else if (is_hub_cache(row->path)) {
		r->severity = VIT_SEV_WARNING;
		r->message = vit_eval_text(
			ev, "A download by the hub's client stopped after %s bytes.", size);
		r->remedy = vit_eval_text(
			ev, "hf download %.*s --local-dir DIR, which goes on where it stopped",
			VIT_FMT(f->hub_repo.n ? f->hub_repo : VIT_STR("<repo>")));
	} else if (there) {
		r->severity = VIT_SEV_WARNING;
		r->message =
			vit_eval_text(ev, "An unfinished download of %s bytes lies beside %.*s.",
				      size, VIT_FMT(final));
	} else {
		r->severity = vit_str_is(ext, "tmp") ? VIT_SEV_WARNING : VIT_SEV_ERROR;
		r->message = vit_eval_text(ev, "The download of %.*s stopped after %s bytes.",
					   VIT_FMT(final), size);
	}
}

void vit_files_check_content(const struct vit_files *f, const struct vit_file *row,
			     struct vit_eval *ev)
{
	if (row->type != VIT_FT_REGULAR)
		return;
	if (row->kind == VIT_FK_PARTIAL)
		check_partial(f, row, ev);
	else if (row->flags & VIT_FF_LFS_POINTER)
		check_pointer(f, row, ev);
	else if (row->flags & VIT_FF_HTML)
		check_html(f, row, ev);
	else if (row->size == 0 && !(row->flags & VIT_FF_UNREADABLE))
		check_empty(f, row, ev);
}
