#include <stdlib.h>

#include "base/path.h"
#include "collect/document.h"
#include "collect/weights_internal.h"

#define SUFFIX         ".safetensors.index.json"
#define WINDOW         (1u << 20) /* longest name or number */
#define MAX_ENTRIES    2000000u
#define MAX_DUPLICATES 1000u

struct index_reader {
	struct weights_build *b;
	struct vit_index *out;
	struct vit_json_reader json;
	struct vit_vec entries;     /* struct vit_index_entry */
	struct vit_vec shards;      /* struct vit_str */
	struct vit_vec duplicates;  /* struct vit_index_duplicate */
	struct vit_map shard_names; /* -> position in shards */
	struct vit_map strays;      /* names that no tensor has -> position in entries */
	uint32_t *entry_of;         /* per tensor row, the first of a name: its entry plus one */
	struct vit_buf text;
	bool names_only;
	bool at_limit;
};

uint32_t weights_find_index(const struct vit_files *f)
{
	uint32_t found = vit_files_find(f, VIT_STR("model" SUFFIX));

	for (uint32_t i = 0; i < f->count && found == VIT_FILE_NONE; i++)
		if (f->files[i].type != VIT_FT_DIR &&
		    vit_str_find(f->files[i].path, VIT_STR("/"), 0) == SIZE_MAX &&
		    vit_str_ends(f->files[i].path, VIT_STR(SUFFIX)))
			found = i;
	return found;
}

static struct vit_str text_of(struct index_reader *r, const struct vit_json_event *ev)
{
	if (!(ev->flags & VIT_JSON_ESCAPED))
		return ev->raw;
	vit_buf_clear(&r->text);
	vit_json_decode(ev, &r->text);
	return vit_buf_view(&r->text);
}

static void skip_value(struct index_reader *r, enum vit_json_type begun)
{
	if (begun == VIT_JSON_OBJECT_BEGIN || begun == VIT_JSON_ARRAY_BEGIN)
		(void)!vit_json_skip_rest(&r->json);
}

static void add_duplicate(struct index_reader *r, struct vit_str name, uint64_t offset)
{
	r->out->duplicate_total++;
	if (r->duplicates.count < MAX_DUPLICATES)
		*(struct vit_index_duplicate *)vit_vec_add(&r->duplicates) =
			(struct vit_index_duplicate){ name, offset };
}

/* A whole number, also written as 16060522496.0: older writers did. */
static bool whole_number(const struct vit_json_event *ev, uint64_t *out, bool *is_float)
{
	*is_float = !(ev->flags & VIT_JSON_INTEGER);
	if (ev->type != VIT_JSON_NUMBER || (ev->flags & VIT_JSON_NONFINITE))
		return false;
	if (!*is_float) {
		*out = ev->u64;
		return (ev->flags & VIT_JSON_U64) != 0;
	}
	if (!(ev->number >= 0 && ev->number < 18446744073709551616.0))
		return false;
	*out = (uint64_t)ev->number;
	return true;
}

static void read_metadata(struct index_reader *r)
{
	struct vit_json_event ev;

	if (vit_json_next(&r->json, &ev) != VIT_JSON_OBJECT_BEGIN) {
		skip_value(r, ev.type);
		return;
	}
	while (vit_json_next(&r->json, &ev) == VIT_JSON_KEY) {
		struct vit_str key = text_of(r, &ev);
		bool size = vit_str_is(key, "total_size");
		bool parameters = vit_str_is(key, "total_parameters");
		bool is_float;
		if ((size && r->out->has_total_size) ||
		    (parameters && r->out->has_total_parameters))
			add_duplicate(r, size ? VIT_STR("total_size") : VIT_STR("total_parameters"),
				      ev.offset);
		vit_json_next(&r->json, &ev);
		if (size && whole_number(&ev, &r->out->total_size, &is_float)) {
			r->out->has_total_size = true;
			r->out->total_size_is_float = is_float;
		} else if (parameters && whole_number(&ev, &r->out->total_parameters, &is_float)) {
			r->out->has_total_parameters = true;
		}
		skip_value(r, ev.type);
	}
}

static uint32_t intern_shard(struct index_reader *r, struct vit_str name)
{
	uint32_t at = vit_map_get(&r->shard_names, name);

	if (at != VIT_MAP_NONE)
		return at;
	at = (uint32_t)r->shards.count;
	struct vit_str kept = vit_arena_str(r->b->arena, name);
	*(struct vit_str *)vit_vec_add(&r->shards) = kept;
	vit_map_add(&r->shard_names, kept, at);
	if (!vit_path_is_plain(name) && r->out->bad_names++ == 0)
		r->out->bad_name = kept;
	return at;
}

/* The entry of this name, made when it is new. The name is the tensor's own
 * where there is one: a copy of all of them would be megabytes. */
static struct vit_index_entry *entry_for(struct index_reader *r, struct vit_str name,
					 uint64_t offset)
{
	uint32_t next = (uint32_t)r->entries.count;
	uint32_t row = vit_map_get(&r->b->names, name);
	uint32_t known = VIT_MAP_NONE;

	if (row != VIT_MAP_NONE) {
		name = weights_row(r->b, row)->name;
		if (r->entry_of[row] != 0)
			known = r->entry_of[row] - 1;
		else
			r->entry_of[row] = next + 1;
	} else {
		known = vit_map_get(&r->strays, name);
		if (known == VIT_MAP_NONE) {
			name = vit_arena_str(r->b->arena, name);
			vit_map_add(&r->strays, name, next);
		}
	}
	if (known != VIT_MAP_NONE) {
		struct vit_index_entry *e = vit_vec_at(&r->entries, known);
		add_duplicate(r, e->tensor, offset);
		return e;
	}
	struct vit_index_entry *e = vit_vec_add(&r->entries);
	e->tensor = name;
	/* For now the first row of that name: resolve() takes the shard's. */
	e->tensor_row = row;
	return e;
}

static void read_weight_map(struct index_reader *r)
{
	struct vit_json_event ev;
	struct vit_index_entry *e = NULL;

	if (vit_json_next(&r->json, &ev) != VIT_JSON_OBJECT_BEGIN) {
		skip_value(r, ev.type);
		return;
	}
	if (r->out->has_weight_map)
		add_duplicate(r, VIT_STR("weight_map"), ev.offset);
	r->out->has_weight_map = true;
	while (vit_json_next(&r->json, &ev) == VIT_JSON_KEY) {
		if (!r->names_only) {
			if (r->entries.count == MAX_ENTRIES) {
				r->at_limit = true;
				return;
			}
			e = entry_for(r, text_of(r, &ev), ev.offset);
			e->shard_name = UINT32_MAX;
		}
		if (vit_json_next(&r->json, &ev) == VIT_JSON_STRING) {
			uint32_t shard = intern_shard(r, text_of(r, &ev));
			if (e)
				e->shard_name = shard;
		} else if (ev.type != VIT_JSON_ERROR) {
			if (r->out->bad_values++ == 0)
				r->out->bad_value_offset = ev.offset;
			skip_value(r, ev.type);
		}
	}
}

static void read_root(struct index_reader *r)
{
	struct vit_json_event ev;

	if (vit_json_next(&r->json, &ev) != VIT_JSON_OBJECT_BEGIN) {
		skip_value(r, ev.type);
	} else {
		while (!r->at_limit && vit_json_next(&r->json, &ev) == VIT_JSON_KEY) {
			struct vit_str key = text_of(r, &ev);
			if (vit_str_is(key, "weight_map"))
				read_weight_map(r);
			else if (vit_str_is(key, "metadata"))
				read_metadata(r);
			else
				(void)!vit_json_skip(&r->json);
		}
	}
	if (!r->at_limit)
		vit_json_next(&r->json, &ev);
}

/* Reads it all, and says in out->state how that went. */
static void read_text(struct index_reader *r, vit_json_read_fn read, void *ctx)
{
	struct vit_index *out = r->out;
	char *window = vit_xmalloc(WINDOW);

	/* As json.load in Python reads it, which all loaders use. */
	vit_json_reader_stream(&r->json, read, ctx, window, WINDOW,
			       VIT_JSON_ALLOW_NAN | VIT_JSON_ALLOW_LONE_SURROGATE);
	read_root(r);
	free(window);
	if (r->at_limit)
		vit_err_set(&out->err, VIT_E_LIMIT, "the index lists more than %u tensors",
			    MAX_ENTRIES);
	else
		out->err = r->json.err;
	out->state = out->err.code == VIT_OK         ? VIT_DOC_OK
		     : out->err.code == VIT_E_SYNTAX ? VIT_DOC_INVALID
						     : VIT_DOC_UNREADABLE;
}

static void read_file(struct index_reader *r, uint32_t row)
{
	const struct vit_file *f = &r->b->source->files->files[row];
	struct vit_source_file file;
	struct vit_index *out = r->out;

	out->path = f->path;
	out->file = row;
	out->state = VIT_DOC_UNREADABLE;
	if (vit_document_is_stand_in(f)) {
		out->state = VIT_DOC_POINTER;
	} else if ((f->flags & VIT_FF_UNREADABLE) && f->err) {
		out->err = *f->err;
	} else if (vit_source_open(r->b->source, f, &file, &out->err) == VIT_OK) {
		read_text(r, vit_source_read, &file);
		vit_source_close(&file);
	}
}

static void begin(struct index_reader *r, struct weights_build *b, struct vit_index *out)
{
	*r = (struct index_reader){
		.b = b,
		.out = out,
		.entries = VIT_VEC(sizeof(struct vit_index_entry)),
		.shards = VIT_VEC(sizeof(struct vit_str)),
		.duplicates = VIT_VEC(sizeof(struct vit_index_duplicate)),
	};
	vit_map_init(&r->shard_names, 0);
	vit_map_init(&r->strays, 0);
	vit_buf_init(&r->text, WINDOW);
}

static void finish(struct index_reader *r)
{
	struct vit_index *out = r->out;
	size_t count;

	out->entries = vit_vec_take(&r->entries, r->b->arena, &count);
	out->entry_count = (uint32_t)count;
	out->shard_names = vit_vec_take(&r->shards, r->b->arena, &count);
	out->shard_name_count = (uint32_t)count;
	out->duplicates = vit_vec_take(&r->duplicates, r->b->arena, &count);
	out->duplicate_count = (uint32_t)count;
	vit_map_release(&r->shard_names);
	vit_map_release(&r->strays);
	vit_buf_release(&r->text);
	free(r->entry_of);
}

void weights_index_names(struct weights_build *b, uint32_t row, struct vit_index *out)
{
	struct index_reader r;

	begin(&r, b, out);
	r.names_only = true;
	read_file(&r, row);
	finish(&r);
}

static void resolve_shards(struct weights_build *b)
{
	struct vit_index *ix = &b->out->index;
	struct vit_str dir = vit_path_dir(ix->path);

	ix->shard_rows = VIT_NEW_ARRAY(b->arena, ix->shard_name_count, uint32_t);
	for (uint32_t i = 0; i < ix->shard_name_count; i++) {
		ix->shard_rows[i] = UINT32_MAX;
		/* Half an index says nothing about what is not in it. */
		if (ix->state != VIT_DOC_OK || !vit_path_is_plain(ix->shard_names[i]))
			continue;
		struct vit_str path = vit_path_join(b->arena, dir, ix->shard_names[i]);
		ix->shard_rows[i] = vit_map_get(&b->paths, path);
		if (ix->shard_rows[i] != VIT_MAP_NONE)
			b->out->shards[ix->shard_rows[i]].in_index = true;
	}
}

static void resolve_tensors(struct weights_build *b)
{
	struct vit_index *ix = &b->out->index;

	for (uint32_t i = 0; i < ix->entry_count; i++) {
		struct vit_index_entry *e = &ix->entries[i];
		uint32_t shard =
			e->shard_name == UINT32_MAX ? UINT32_MAX : ix->shard_rows[e->shard_name];
		/* UINT32_MAX is no shard's row, so a name without one is not found. */
		while (e->tensor_row != UINT32_MAX && weights_row(b, e->tensor_row)->shard != shard)
			e->tensor_row = b->next[e->tensor_row];
		if (e->tensor_row != UINT32_MAX)
			weights_row(b, e->tensor_row)->flags |= VIT_T_LISTED;
	}
}

void weights_read_index(struct weights_build *b, uint32_t row)
{
	struct index_reader r;

	begin(&r, b, &b->out->index);
	r.entry_of = vit_xcalloc(b->tensors.count, sizeof(*r.entry_of));
	read_file(&r, row);
	finish(&r);
	resolve_shards(b);
	resolve_tensors(b);
}

void weights_parse_index(struct weights_build *b, vit_json_read_fn read, void *ctx)
{
	struct index_reader r;

	begin(&r, b, &b->out->index);
	r.entry_of = vit_xcalloc(b->tensors.count, sizeof(*r.entry_of));
	read_text(&r, read, ctx);
	finish(&r);
	resolve_shards(b);
	resolve_tensors(b);
}
