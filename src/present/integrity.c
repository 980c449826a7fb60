#include "present/present.h"

/* Files of the pin whose size was compared, and how many agree. */
static void count_sizes(const struct vit_present *p, uint64_t *compared, uint64_t *equal)
{
	const struct vit_spec *m = p->architecture->model;

	for (uint32_t i = 0; i < m->file_count; i++) {
		uint32_t row = vit_files_find(&p->facts->files, m->files[i].path);
		if (row == VIT_FILE_NONE)
			continue;
		const struct vit_file *f = &p->facts->files.files[row];
		bool known = false, same = false;
		for (uint32_t v = 0; v < m->files[i].version_count; v++) {
			known |= m->files[i].versions[v].has_bytes;
			same |= m->files[i].versions[v].has_bytes && m->files[i].versions[v].bytes == f->size;
		}
		*compared += known;
		*equal += same;
	}
}

void vit_present_integrity(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_spec *m = p->architecture->model;
	uint64_t compared = 0, equal = 0;

	if (!m) {
		s->not_assessed = VIT_STR("no published model's spec matches this folder, and no digest was computed; "
					  "names, headers and sizes were checked against each other only");
		return;
	}
	count_sizes(p, &compared, &equal);
	vit_present_value(p, s, "spec", "Compared with", vit_val_str(m->id), VIT_BASIS_ATTESTED,
			  "spec of the published model");
	vit_present_value(p, s, "sizes_compared", "Files whose size was compared", vit_val_u64(compared),
			  VIT_BASIS_MEASURED, "fstat");
	vit_present_value(p, s, "sizes_equal", "Of these with the published size", vit_val_u64(equal),
			  VIT_BASIS_MEASURED, "fstat against the spec");
	vit_present_value(p, s, "bytes_hashed", "Bytes hashed", vit_val_bytes(0), VIT_BASIS_MEASURED, "counted");
	vit_present_text(p, s, VIT_STR("Sizes alone were compared. A file of the right size can hold the wrong bytes: "
				       "this is not a verification of content."));
}

/* Section 7: what the folder holds for one platform or another. */
void vit_present_platform(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_files *files = &p->facts->files;
	const struct vit_file *metal = vit_files_get(files, "metal/model.bin");
	bool mlx = vit_str_is(p->facts->config.quant_method, "mlx");

	if (!(p->facts->groups & VIT_FG_FILES) || (!metal && !mlx)) {
		s->not_assessed = VIT_STR("the folder holds no build for one platform; which numbers the devices here "
					  "compute natively is not probed by this version");
		return;
	}
	if (metal) {
		vit_present_value(p, s, "metal_build", "Metal build (metal/model.bin)", vit_val_c(vit_file_state(metal)),
				  VIT_BASIS_MEASURED, "walk");
		vit_present_value(p, s, "metal_bytes", "Its size", vit_val_bytes(metal->size), VIT_BASIS_MEASURED, "fstat");
		vit_present_text(p, s, VIT_STR("Its presence and size were looked at; its header and content were not."));
	}
	if (mlx)
		vit_present_value(p, s, "mlx", "MLX quantisation block", vit_val_bool(true), VIT_BASIS_MEASURED,
				  "config.json");
}
