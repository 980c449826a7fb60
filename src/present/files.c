#include "base/num.h"
#include "present/present.h"

/* Rows of the tree in JSON; a folder of more is counted and cut. */
#define TREE_ROWS 20000
#define TREE_TEXT_ROWS 100

static bool is_model_part(const struct vit_file *f)
{
	return f->type != VIT_FT_DIR && f->kind != VIT_FK_HUB_CACHE && f->kind != VIT_FK_VCS;
}

static void present_tree(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "path", "File", false },
		{ "size_bytes", "Size", true },
		{ "kind", "Kind", false },
		{ "state", "State", false },
	};
	const struct vit_files *files = &p->facts->files;
	uint32_t rows = 0, r = 0;
	struct vit_node *t;

	for (uint32_t i = 0; i < files->count; i++)
		rows += is_model_part(&files->files[i]);
	t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "tree", "Tree");
	t->columns = columns;
	t->column_count = 4;
	t->row_count = rows < TREE_ROWS ? rows : TREE_ROWS;
	t->rows_total = rows > TREE_ROWS ? rows : 0;
	t->text_rows = TREE_TEXT_ROWS;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)t->row_count * 4 + 1, struct vit_val);
	for (uint32_t i = 0; i < files->count && r < t->row_count; i++) {
		const struct vit_file *f = &files->files[i];
		if (!is_model_part(f))
			continue;
		*vit_cell(t, r, 0) = vit_val_str(f->path);
		*vit_cell(t, r, 1) = vit_val_bytes(f->size);
		*vit_cell(t, r, 2) = vit_val_c(vit_file_kind_name(f->kind));
		*vit_cell(t, r, 3) = vit_val_c(vit_file_state(f));
		r++;
	}
}

static void present_kinds(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "kind", "Kind", false },
		{ "files", "Files", true },
		{ "bytes", "Bytes", true },
	};
	const struct vit_files *files = &p->facts->files;
	uint64_t counts[VIT_FK_COUNT] = { 0 }, bytes[VIT_FK_COUNT] = { 0 };
	uint32_t rows = 0, r = 0;
	struct vit_node *t;

	for (uint32_t i = 0; i < files->count; i++) {
		const struct vit_file *f = &files->files[i];
		if (f->type == VIT_FT_DIR)
			continue;
		rows += counts[f->kind]++ == 0;
		bytes[f->kind] += f->size;
	}
	t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "kinds", "By kind");
	t->columns = columns;
	t->column_count = 3;
	t->row_count = rows;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)rows * 3 + 1, struct vit_val);
	for (unsigned k = 0; k < VIT_FK_COUNT; k++) {
		if (!counts[k])
			continue;
		*vit_cell(t, r, 0) = vit_val_c(vit_file_kind_name((enum vit_file_kind)k));
		*vit_cell(t, r, 1) = vit_val_u64(counts[k]);
		*vit_cell(t, r, 2) = vit_val_bytes(bytes[k]);
		r++;
	}
}

void vit_present_files(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_files *files = &p->facts->files;
	uint64_t count = 0, promised = 0, pointers = 0;

	if (!(p->facts->groups & VIT_FG_FILES)) {
		s->not_assessed = VIT_STR("no selected check needs it");
		return;
	}
	for (uint32_t i = 0; i < files->count; i++) {
		const struct vit_file *f = &files->files[i];
		count += is_model_part(f);
		if (f->flags & VIT_FF_LFS_POINTER) {
			pointers++;
			promised += f->lfs_size;
		}
	}
	vit_present_value(p, s, "root", p->facts->remote.kind ? "Address" : "Folder", vit_val_str(files->root),
			  VIT_BASIS_MEASURED, vit_present_lister(p));
	if (files->only.n)
		vit_present_value(p, s, "only", "Audited file", vit_val_str(files->only),
				  VIT_BASIS_MEASURED, "command line");
	vit_present_value(p, s, "file_count", "Files", vit_val_u64(count), VIT_BASIS_MEASURED,
			  vit_present_lister(p));
	vit_present_value(p, s, "total_bytes", "Total size", vit_val_bytes(files->total_bytes),
			  VIT_BASIS_MEASURED, p->facts->remote.kind ? vit_present_lister(p) : "fstat, each inode once");
	if (pointers) {
		vit_present_value(p, s, "lfs_pointers", "git-LFS pointers in place of content",
				  vit_val_u64(pointers), VIT_BASIS_MEASURED, "first bytes");
		vit_present_value(p, s, "lfs_promised_bytes", "Bytes those pointers promise",
				  vit_val_bytes(promised), VIT_BASIS_ATTESTED, "the pointers");
	}
	if (files->hub_snapshot) {
		vit_present_value(p, s, "hub_repo", "Hub repository", vit_val_str(files->hub_repo),
				  VIT_BASIS_ATTESTED, "name of the hub cache's folder");
		vit_present_value(p, s, "hub_revision", "Hub revision", vit_val_str(files->hub_revision),
				  VIT_BASIS_ATTESTED, "name of the snapshot folder");
	}
	present_tree(p, s);
	present_kinds(p, s);
}
