#include "present/present.h"

#define FILE_ROWS 20000
#define FILE_TEXT_ROWS 60

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

/* Without --verify: sizes are all that was compared, and that is said. */
static void present_sizes(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_spec *m = p->architecture->model;
	uint64_t compared = 0, equal = 0;

	if (!m && (p->facts->remote.kind || p->facts->hub.asked))
		return;
	if (!m) {
		s->not_assessed = VIT_STR("no byte was hashed (--verify asks for it) and no published model's spec matches "
					  "this folder; names, headers and sizes were checked against each other only");
		return;
	}
	count_sizes(p, &compared, &equal);
	vit_present_value(p, s, "spec", "Compared with", vit_val_str(m->id), VIT_BASIS_ATTESTED,
			  "spec of the published model");
	vit_present_value(p, s, "sizes_compared", "Files whose size was compared", vit_val_u64(compared),
			  VIT_BASIS_MEASURED, p->facts->remote.kind ? vit_present_lister(p) : "fstat");
	vit_present_value(p, s, "sizes_equal", "Of these with the published size", vit_val_u64(equal),
			  VIT_BASIS_MEASURED, p->facts->remote.kind ? vit_present_lister(p) : "fstat against the spec");
	vit_present_value(p, s, "bytes_hashed", "Bytes hashed", vit_val_bytes(0), VIT_BASIS_MEASURED, "counted");
	vit_present_text(p, s, VIT_STR("Sizes alone were compared. A file of the right size can hold the wrong bytes: "
				       "this is not a verification of content; --verify is."));
}

static void present_sources(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "name", "Source of truth", false },
		{ "path", "Read from", false },
		{ "revision", "Revision", false },
		{ "files", "Files covered", true },
	};
	const struct vit_integrity *in = &p->facts->integrity;
	struct vit_node *t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "sources", "Sources of truth, best first");

	t->columns = columns;
	t->column_count = 4;
	t->row_count = in->truth_count;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)t->row_count * 4 + 1, struct vit_val);
	for (uint32_t i = 0; i < in->truth_count; i++) {
		const struct vit_truth *x = &in->truths[i];
		*vit_cell(t, i, 0) = vit_val_str(x->name);
		if (x->path.n)
			*vit_cell(t, i, 1) = vit_val_str(x->path);
		if (x->revision.n)
			*vit_cell(t, i, 2) = vit_val_str(x->revision);
		*vit_cell(t, i, 3) = vit_val_u64(x->file_count);
	}
}

static void file_row(const struct vit_present *p, struct vit_node *t, uint32_t i)
{
	const struct vit_integrity *in = &p->facts->integrity;
	const struct vit_verified *v = &in->files[i];

	*vit_cell(t, i, 0) = vit_val_str(v->path);
	*vit_cell(t, i, 1) = vit_val_c(vit_verify_state_name(v->state));
	if (v->digest[0]) {
		*vit_cell(t, i, 3) = vit_val_c(vit_digest_name(v->algorithm));
		*vit_cell(t, i, 4) = vit_val_c(v->digest);
	}
	*vit_cell(t, i, 6) = vit_val_bool(v->remembered);
	if (v->promise == UINT32_MAX)
		return;
	*vit_cell(t, i, 2) = vit_val_str(in->truths[in->promises[v->promise].truth].name);
	if (in->promises[v->promise].digest.n)
		*vit_cell(t, i, 5) = vit_val_str(in->promises[v->promise].digest);
}

static void present_files(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "path", "File", false },	 { "state", "State", false },
		{ "source", "Source", false },	 { "algorithm", "Algorithm", false },
		{ "digest", "Digest", false },	 { "expected", NULL, false },
		{ "remembered", NULL, false },
	};
	const struct vit_integrity *in = &p->facts->integrity;
	struct vit_node *t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "files", "Files");

	t->columns = columns;
	t->column_count = 7;
	t->row_count = in->file_count < FILE_ROWS ? in->file_count : FILE_ROWS;
	t->rows_total = in->file_count > FILE_ROWS ? in->file_count : 0;
	t->text_rows = FILE_TEXT_ROWS;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)t->row_count * 7 + 1, struct vit_val);
	for (uint32_t i = 0; i < t->row_count; i++)
		file_row(p, t, i);
}

static void present_verified(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_integrity *in = &p->facts->integrity;
	uint64_t counts[VIT_VERIFY_STOPPED + 1] = { 0 }, remembered = 0;
	int64_t oldest = INT64_MAX;

	for (uint32_t i = 0; i < in->file_count; i++) {
		counts[in->files[i].state]++;
		remembered += in->files[i].remembered;
		if (in->files[i].remembered && in->files[i].remembered_since < oldest)
			oldest = in->files[i].remembered_since;
	}
	vit_present_value(p, s, "verified", "Files verified", vit_val_u64(counts[VIT_VERIFY_MATCH]), VIT_BASIS_MEASURED,
			  "digest of every byte against its source");
	vit_present_value(p, s, "altered", "Files that differ",
			  vit_val_u64(counts[VIT_VERIFY_DIFFERS] + counts[VIT_VERIFY_SIZE]), VIT_BASIS_MEASURED,
			  "digest or size against its source");
	vit_present_value(p, s, "unverified", "Files no source covers", vit_val_u64(counts[VIT_VERIFY_UNCOVERED]),
			  VIT_BASIS_MEASURED, "no promise was found");
	vit_present_value(p, s, "bytes_hashed", "Bytes hashed in this run", vit_val_bytes(in->bytes_hashed),
			  VIT_BASIS_MEASURED, "counted");
	if (remembered) {
		vit_present_value(p, s, "bytes_remembered", "Bytes whose digest is remembered",
				  vit_val_bytes(in->bytes_remembered), VIT_BASIS_MEASURED,
				  "same device, inode, size, mtime and ctime as when they were hashed");
		vit_present_value(p, s, "remembered_since", "Oldest remembered digest is of",
				  vit_val_str(vit_present_date(p->arena, oldest)), VIT_BASIS_MEASURED,
				  "digest cache; --no-cache hashes again");
	}
	present_sources(p, s);
	present_files(p, s);
}

void vit_present_integrity(const struct vit_present *p, struct vit_section *s)
{
	if (p->facts->integrity.asked)
		present_verified(p, s);
	else
		present_sizes(p, s);
	vit_present_remote(p, s);
}
