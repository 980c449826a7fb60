#include "base/num.h"
#include "present/present.h"

#define SHARD_ROWS 5000
#define SHARD_TEXT_ROWS 24

static void present_shards(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "path", "Shard", false },          { "tensors", "Tensors", true },
		{ "header_bytes", "Header", true },  { "data_bytes", "Data", true },
		{ "file_bytes", "File", true },
	};
	const struct vit_weights *w = &p->facts->weights;
	struct vit_node *t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "shards", "Shards");

	t->columns = columns;
	t->column_count = 5;
	t->row_count = w->shard_count < SHARD_ROWS ? w->shard_count : SHARD_ROWS;
	t->rows_total = w->shard_count > SHARD_ROWS ? w->shard_count : 0;
	t->text_rows = SHARD_TEXT_ROWS;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)t->row_count * 5 + 1, struct vit_val);
	for (uint32_t i = 0; i < t->row_count; i++) {
		const struct vit_shard *sh = &w->shards[i];
		*vit_cell(t, i, 0) = vit_val_str(sh->path);
		if (sh->state != VIT_DOC_OK)
			continue;
		*vit_cell(t, i, 1) = vit_val_u64(sh->header.tensor_count);
		*vit_cell(t, i, 2) = vit_val_bytes(sh->header.header_length);
		*vit_cell(t, i, 3) = vit_val_bytes(sh->header.data_length);
		*vit_cell(t, i, 4) = vit_val_bytes(sh->header.file_size);
	}
}

static void present_dtypes(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "dtype", "Dtype", false },
		{ "tensors", "Tensors", true },
		{ "bytes", "Bytes", true },
	};
	const struct vit_weights *w = &p->facts->weights;
	uint64_t counts[VIT_DT_COUNT] = { 0 }, bytes[VIT_DT_COUNT] = { 0 };
	uint32_t rows = 0, r = 0;
	struct vit_node *t;

	for (uint32_t i = 0; i < w->tensor_count; i++) {
		const struct vit_tensor *x = &w->tensors[i];
		if (!vit_tensor_is_main(w, x) || (x->flags & (VIT_T_BAD | VIT_T_DUPLICATE)))
			continue;
		rows += counts[x->dtype]++ == 0;
		bytes[x->dtype] += x->end - x->begin;
	}
	t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "dtypes", "By dtype");
	t->columns = columns;
	t->column_count = 3;
	t->row_count = rows;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)rows * 3 + 1, struct vit_val);
	for (unsigned d = 0; d < VIT_DT_COUNT; d++) {
		if (!counts[d])
			continue;
		*vit_cell(t, r, 0) = vit_val_c(vit_dtype_name((enum vit_dtype)d));
		*vit_cell(t, r, 1) = vit_val_u64(counts[d]);
		*vit_cell(t, r, 2) = vit_val_bytes(bytes[d]);
		r++;
	}
}

static void present_roles(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "role", "Role", false },
		{ "tensors", "Tensors", true },
		{ "parameters", "Parameters", true },
		{ "bytes", "Bytes", true },
	};
	const struct vit_architecture *ar = p->architecture;
	uint32_t rows = 0, r = 0;
	struct vit_node *t;

	if (!ar->family)
		return;
	for (unsigned i = 0; i < VIT_ROLE_COUNT; i++)
		rows += ar->roles[i].tensors != 0;
	t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "roles", "By role");
	t->columns = columns;
	t->column_count = 4;
	t->row_count = rows;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)rows * 4 + 1, struct vit_val);
	for (unsigned i = 0; i < VIT_ROLE_COUNT; i++) {
		const struct vit_role_total *x = &ar->roles[i];
		if (!x->tensors)
			continue;
		*vit_cell(t, r, 0) = vit_val_c(vit_role_name((enum vit_role)i));
		*vit_cell(t, r, 1) = vit_val_u64(x->tensors);
		*vit_cell(t, r, 2) = vit_val_u64(x->parameters);
		*vit_cell(t, r, 3) = vit_val_bytes(x->bytes);
		r++;
	}
}

static void present_index(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_index *x = &p->facts->weights.index;
	struct vit_node *g;

	if (x->state == VIT_DOC_ABSENT)
		return;
	g = vit_node_add(p->arena, s, VIT_NODE_GROUP, "index", "Index");
	vit_node_value(p->arena, g, "path", "File", vit_val_str(x->path), VIT_BASIS_MEASURED,
		       vit_str_c(vit_present_lister(p)));
	if (x->state != VIT_DOC_OK)
		return;
	vit_node_value(p->arena, g, "entries", "Tensors listed", vit_val_u64(x->entry_count),
		       VIT_BASIS_MEASURED, VIT_STR("weight_map"));
	vit_node_value(p->arena, g, "shards", "Shards named", vit_val_u64(x->shard_name_count),
		       VIT_BASIS_MEASURED, VIT_STR("weight_map"));
	if (x->has_total_size)
		vit_node_value(p->arena, g, "total_size", "Tensor bytes it states", vit_val_bytes(x->total_size),
			       VIT_BASIS_ATTESTED, VIT_STR("metadata.total_size"));
}

void vit_present_weights(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_weights *w = &p->facts->weights;
	uint64_t tensors = 0;

	if (!(p->facts->groups & VIT_FG_WEIGHTS)) {
		s->not_assessed = VIT_STR("no selected check needs it");
		return;
	}
	if (w->shard_count == 0) {
		s->not_assessed = w->other_formats ?
			VIT_STR("there are no safetensors files; weights of other formats are named, not read") :
			VIT_STR("there are no weights");
		return;
	}
	for (uint32_t i = 0; i < w->tensor_count; i++)
		tensors += vit_tensor_is_main(w, &w->tensors[i]);
	vit_present_value(p, s, "shard_count", "Shards", vit_val_u64(w->shard_count), VIT_BASIS_MEASURED,
			  vit_present_lister(p));
	vit_present_value(p, s, "tensor_count", "Tensors", vit_val_u64(tensors), VIT_BASIS_MEASURED,
			  "safetensors headers");
	vit_present_value(p, s, "tensor_bytes", "Tensor bytes", vit_val_bytes(vit_weights_main_bytes(w)),
			  VIT_BASIS_MEASURED,
			  p->facts->remote.kind	    ? "data_offsets in the headers; the data was not downloaded" :
			  p->facts->numbers.asked ? "data_offsets in the headers" :
						    "data_offsets in the headers; the data was not read");
	if (w->save_count > 1)
		vit_present_value(p, s, "save_count", "Saves in the folder", vit_val_u64(w->save_count),
				  VIT_BASIS_MEASURED, "shard names");
	present_dtypes(p, s);
	present_roles(p, s);
	present_index(p, s);
	present_shards(p, s);
	vit_present_numbers(p, s);
}
