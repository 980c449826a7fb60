#include <stdio.h>

#include "facts/dump_internal.h"

static const char *const fault_names[VIT_ST_FAULT_COUNT] = {
	[VIT_ST_TOO_SMALL] = "too-small",
	[VIT_ST_HEADER_TOO_LARGE] = "header-too-large",
	[VIT_ST_HEADER_BEYOND_FILE] = "header-beyond-file",
	[VIT_ST_HEADER_OVER_HUB] = "header-over-hub",
	[VIT_ST_NOT_UTF8] = "not-utf8",
	[VIT_ST_NOT_JSON] = "not-json",
	[VIT_ST_NOT_OBJECT] = "not-object",
	[VIT_ST_LEADING_SPACE] = "leading-space",
	[VIT_ST_DUPLICATE_NAME] = "duplicate-name",
	[VIT_ST_NAME_NUL] = "name-nul",
	[VIT_ST_NAME_EMPTY] = "name-empty",
	[VIT_ST_ENTRY_NOT_OBJECT] = "entry-not-object",
	[VIT_ST_ENTRY_DUPLICATE_KEY] = "entry-duplicate-key",
	[VIT_ST_ENTRY_MISSING_KEY] = "entry-missing-key",
	[VIT_ST_ENTRY_UNKNOWN_KEY] = "entry-unknown-key",
	[VIT_ST_DTYPE_TYPE] = "dtype-type",
	[VIT_ST_DTYPE_UNKNOWN] = "dtype-unknown",
	[VIT_ST_SHAPE_TYPE] = "shape-type",
	[VIT_ST_SHAPE_OVERFLOW] = "shape-overflow",
	[VIT_ST_SHAPE_ZERO_OVERFLOW] = "shape-zero-overflow",
	[VIT_ST_OFFSETS_TYPE] = "offsets-type",
	[VIT_ST_OFFSETS_REVERSED] = "offsets-reversed",
	[VIT_ST_OFFSETS_HOLE] = "offsets-hole",
	[VIT_ST_OFFSETS_OVERLAP] = "offsets-overlap",
	[VIT_ST_SIZE_MISMATCH] = "size-mismatch",
	[VIT_ST_MISALIGNED_BITS] = "misaligned-bits",
	[VIT_ST_UNALIGNED] = "unaligned",
	[VIT_ST_METADATA_DUPLICATE] = "metadata-duplicate",
	[VIT_ST_METADATA_TYPE] = "metadata-type",
	[VIT_ST_METADATA_NULL] = "metadata-null",
	[VIT_ST_METADATA_DUPLICATE_KEY] = "metadata-duplicate-key",
	[VIT_ST_NO_TENSORS] = "no-tensors",
	[VIT_ST_TRUNCATED] = "truncated",
	[VIT_ST_TRAILING] = "trailing",
	[VIT_ST_TOO_DEEP] = "too-deep",
	[VIT_ST_LIMIT] = "limit",
};

static void dump_faults(const struct vit_st_header *h, struct vit_json_writer *w)
{
	if (h->fault_total == 0)
		return;
	vit_dump_u64(w, "fault_total", h->fault_total);
	vit_jw_key(w, "faults");
	vit_jw_array(w);
	for (uint32_t i = 0; i < h->fault_count; i++) {
		const struct vit_st_fault *f = &h->faults[i];
		vit_jw_object(w);
		vit_jw_key(w, "kind");
		vit_jw_cstr(w, fault_names[f->kind] ? fault_names[f->kind] : "other");
		vit_dump_u64(w, "offset", f->offset);
		vit_dump_str(w, "tensor", f->tensor);
		vit_dump_str(w, "other", f->other);
		vit_dump_u64(w, "expected", f->expected);
		vit_dump_u64(w, "actual", f->actual);
		vit_jw_object_end(w);
	}
	vit_jw_array_end(w);
}

static void dump_shard(const struct vit_shard *s, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_dump_str(w, "path", s->path);
	vit_jw_key(w, "state");
	vit_jw_cstr(w, vit_doc_state_name(s->state));
	vit_dump_err(w, "error", &s->err);
	vit_dump_u64(w, "save", s->save);
	vit_dump_u64(w, "number", s->number);
	vit_dump_u64(w, "of", s->of);
	vit_dump_flag(w, "in_index", s->in_index);
	vit_dump_flag(w, "changed", s->changed);
	vit_dump_u64(w, "file_bytes", s->header.file_size);
	vit_dump_u64(w, "header_bytes", s->header.header_length);
	vit_dump_u64(w, "data_bytes", s->header.data_length);
	vit_dump_u64(w, "tensors", s->header.tensor_count);
	if (s->header.metadata_count) {
		vit_jw_key(w, "metadata");
		vit_jw_array(w);
		for (uint32_t i = 0; i < s->header.metadata_count; i++) {
			vit_jw_array(w);
			vit_jw_str(w, s->header.metadata[2 * i]);
			vit_jw_str(w, s->header.metadata[2 * i + 1]);
			vit_jw_array_end(w);
		}
		vit_jw_array_end(w);
	}
	dump_faults(&s->header, w);
	vit_jw_object_end(w);
}

static void dump_save(const struct vit_save *s, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_dump_str(w, "folder", s->folder);
	vit_dump_str(w, "stem", s->stem);
	vit_dump_u64(w, "of", s->of);
	vit_dump_u64(w, "shards", s->shard_count);
	vit_dump_u64(w, "first", s->first);
	vit_dump_u64(w, "last", s->last);
	vit_dump_flag(w, "zero_based", s->zero_based);
	vit_dump_flag(w, "main", s->main);
	vit_dump_flag(w, "auxiliary", s->auxiliary);
	if (s->missing_count) {
		vit_jw_key(w, "missing");
		vit_jw_array(w);
		for (uint32_t i = 0; i < s->missing_count; i++)
			vit_jw_u64(w, s->missing[i]);
		vit_jw_array_end(w);
	}
	vit_jw_object_end(w);
}

static void dump_numbers(const struct vit_numbers *n, struct vit_json_writer *w)
{
	char hash[17];

	vit_jw_key(w, "numbers");
	vit_jw_object(w);
	vit_jw_key(w, "kind");
	vit_jw_cstr(w, vit_number_kind_name((enum vit_number_kind)n->kind));
	vit_dump_u64(w, "count", n->count);
	vit_dump_u64(w, "nan", n->nan);
	vit_dump_u64(w, "inf", n->inf);
	vit_dump_u64(w, "zero", n->zero);
	if (n->kind == VIT_NK_E8M0)
		vit_dump_u64(w, "tiny", n->tiny);
	vit_dump_flag(w, "constant", n->constant);
	if (n->kind != VIT_NK_BYTES) {
		vit_jw_key(w, "largest");
		vit_jw_double(w, n->largest);
		vit_jw_key(w, "mean");
		vit_jw_double(w, n->mean);
		vit_jw_key(w, "deviation");
		vit_jw_double(w, n->deviation);
	}
	(void)snprintf(hash, sizeof hash, "%016llx", (unsigned long long)n->hash);
	vit_jw_key(w, "content");
	vit_jw_cstr(w, hash);
	vit_jw_object_end(w);
}

static void dump_tensor(const struct vit_weights *x, const struct vit_tensor *t,
			const struct vit_numbers *n, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_jw_key(w, "name");
	vit_jw_str(w, t->name);
	vit_jw_key(w, "dtype");
	vit_jw_cstr(w, vit_dtype_name((enum vit_dtype)t->dtype));
	vit_jw_key(w, "shape");
	vit_jw_array(w);
	for (uint16_t i = 0; i < t->rank; i++)
		vit_jw_u64(w, t->shape[i]);
	vit_jw_array_end(w);
	vit_dump_str(w, "shard", x->shards[t->shard].path);
	vit_dump_u64(w, "begin", t->begin);
	vit_dump_u64(w, "end", t->end);
	vit_dump_flag(w, "bad", (t->flags & VIT_T_BAD) != 0);
	vit_dump_flag(w, "duplicate", (t->flags & VIT_T_DUPLICATE) != 0);
	vit_dump_flag(w, "beyond_file", (t->flags & VIT_T_BEYOND_FILE) != 0);
	vit_dump_flag(w, "listed", (t->flags & VIT_T_LISTED) != 0);
	if (n && n->measured)
		dump_numbers(n, w);
	vit_jw_object_end(w);
}

static void dump_index(const struct vit_index *x, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_dump_str(w, "path", x->path);
	vit_jw_key(w, "state");
	vit_jw_cstr(w, vit_doc_state_name(x->state));
	vit_dump_err(w, "error", &x->err);
	if (x->has_total_size)
		vit_dump_u64(w, "total_size_bytes", x->total_size);
	if (x->has_total_parameters)
		vit_dump_u64(w, "total_parameters", x->total_parameters);
	vit_dump_u64(w, "duplicate_names", x->duplicate_total);
	vit_dump_u64(w, "bad_shard_names", x->bad_names);
	vit_dump_u64(w, "bad_values", x->bad_values);
	vit_jw_key(w, "shards");
	vit_jw_array(w);
	for (uint32_t i = 0; i < x->shard_name_count; i++)
		vit_jw_str(w, x->shard_names[i]);
	vit_jw_array_end(w);
	vit_jw_key(w, "weight_map");
	vit_jw_array(w);
	for (uint32_t i = 0; i < x->entry_count; i++) {
		vit_jw_array(w);
		vit_jw_str(w, x->entries[i].tensor);
		if (x->entries[i].shard_name < x->shard_name_count)
			vit_jw_str(w, x->shard_names[x->entries[i].shard_name]);
		else
			vit_jw_null(w);
		vit_jw_array_end(w);
	}
	vit_jw_array_end(w);
	vit_jw_object_end(w);
}

void vit_dump_weights(const struct vit_weights *x, const struct vit_number_facts *n, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_dump_u64(w, "other_format_files", x->other_formats);
	vit_jw_key(w, "saves");
	vit_jw_array(w);
	for (uint32_t i = 0; i < x->save_count; i++)
		dump_save(&x->saves[i], w);
	vit_jw_array_end(w);
	vit_jw_key(w, "shards");
	vit_jw_array(w);
	for (uint32_t i = 0; i < x->shard_count; i++)
		dump_shard(&x->shards[i], w);
	vit_jw_array_end(w);
	vit_jw_key(w, "index");
	dump_index(&x->index, w);
	vit_jw_key(w, "tensors");
	vit_jw_array(w);
	for (uint32_t i = 0; i < x->tensor_count; i++)
		dump_tensor(x, &x->tensors[i], n && n->tensors ? &n->tensors[i] : NULL, w);
	vit_jw_array_end(w);
	vit_jw_object_end(w);
}
