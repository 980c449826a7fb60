#include "collect/collect.h"

void vit_collect_metal(const struct vit_source *s, struct vit_metal_build *out)
{
	const struct vit_file *row = vit_files_get(s->files, "metal/model.bin");
	struct vit_source_file f;

	*out = (struct vit_metal_build){ .state = VIT_DOC_ABSENT, .file = VIT_FILE_NONE };
	if (!row || row->type != VIT_FT_REGULAR || row->size == 0 ||
	    (row->flags & (VIT_FF_LFS_POINTER | VIT_FF_HTML | VIT_FF_LINK_OUTSIDE)))
		return;
	out->file = (uint32_t)(row - s->files->files);
	out->state = VIT_DOC_UNREADABLE;
	if (vit_source_open(s, row, &f, &out->err) != VIT_OK)
		return;
	if (vit_metal_read(vit_source_read, &f, f.size, &out->header, &out->err) == VIT_OK)
		out->state = VIT_DOC_OK;
	vit_source_close(&f);
}
