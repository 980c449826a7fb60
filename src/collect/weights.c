#include <stdlib.h>

#include "base/path.h"
#include "collect/document.h"
#include "collect/weights_internal.h"

static bool is_shard(const struct vit_file *f)
{
	return f->kind == VIT_FK_WEIGHTS && f->type != VIT_FT_DIR &&
	       vit_str_ends(f->path, VIT_STR(".safetensors"));
}

/* Weights that other loaders take, at the top of the folder. Pickles of a
 * trainer (optimizer.pt, training_args.bin) are none. */
static bool is_other_format(const struct vit_file *f)
{
	static const char *const prefixes[] = { "pytorch_model", "model", "consolidated",
						"adapter_model" };
	struct vit_str base = f->path;

	if (f->type != VIT_FT_REGULAR || vit_str_find(base, VIT_STR("/"), 0) != SIZE_MAX)
		return false;
	if (f->kind == VIT_FK_GGUF || f->kind == VIT_FK_OTHER_WEIGHTS)
		return true;
	if (f->kind != VIT_FK_PICKLE)
		return false;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (vit_str_starts(base, vit_str_c(prefixes[i])))
			return true;
	return false;
}

/* Which files are looked at: all, or what the one file asked for names. */
struct selection {
	bool none;
	struct vit_str one;        /* a single shard */
	const struct vit_map *set; /* shards of an index */
};

static bool is_selected(const struct selection *sel, struct vit_str path)
{
	if (sel->none)
		return false;
	if (sel->set)
		return vit_map_get(sel->set, path) != VIT_MAP_NONE;
	return sel->one.n == 0 || vit_str_eq(sel->one, path);
}

static void list_shards(struct weights_build *b, const struct selection *sel)
{
	const struct vit_files *files = b->source->files;
	uint32_t count = 0;

	for (uint32_t i = 0; i < files->count; i++) {
		if (is_shard(&files->files[i]))
			count += is_selected(sel, files->files[i].path);
		else if (is_other_format(&files->files[i]))
			b->out->other_formats++;
	}
	b->out->shards = VIT_NEW_ARRAY(b->arena, count, struct vit_shard);
	vit_map_init(&b->paths, count);
	for (uint32_t i = 0; i < files->count; i++) {
		const struct vit_file *f = &files->files[i];
		if (!is_shard(f) || !is_selected(sel, f->path))
			continue;
		struct vit_shard *s = &b->out->shards[b->out->shard_count];
		s->path = f->path;
		s->file = i;
		weights_parse_name(s);
		vit_map_add(&b->paths, s->path, b->out->shard_count++);
	}
}

static void read_shard(struct weights_build *b, uint32_t row)
{
	struct vit_shard *s = &b->out->shards[row];
	const struct vit_file *f = &b->source->files->files[s->file];
	struct vit_source_file in;

	s->state = VIT_DOC_UNREADABLE;
	s->header.tensor_first = (uint32_t)b->tensors.count;
	if (vit_document_is_stand_in(f)) {
		s->state = VIT_DOC_POINTER;
		s->header.file_size = f->size;
		return;
	}
	if ((f->flags & VIT_FF_UNREADABLE) && f->err) {
		s->err = *f->err;
		return;
	}
	if (vit_source_open(b->source, f, &in, &s->err) != VIT_OK)
		return;
	if (vit_st_read(b->arena, vit_source_read, &in, in.size, row, &b->tensors, &s->header,
			&s->err) == VIT_OK)
		s->state = VIT_DOC_OK;
	s->changed = s->err.code == VIT_E_CHANGED || in.size != f->size || vit_source_changed(&in);
	vit_source_close(&in);
}

void weights_map_names(struct weights_build *b)
{
	uint32_t n = (uint32_t)b->tensors.count;

	vit_map_init(&b->names, n);
	b->next = vit_xmalloc(n * sizeof(*b->next));
	for (uint32_t i = 0; i < n; i++) {
		const struct vit_tensor *t = weights_row(b, i);
		b->next[i] = UINT32_MAX;
		if ((t->flags & VIT_T_DUPLICATE) ||
		    vit_path_dir(b->out->shards[t->shard].path).n > 0)
			continue;
		uint32_t first = vit_map_add(&b->names, t->name, i);
		if (first == VIT_MAP_NONE)
			continue;
		/* Behind the first row: b->next[first] is the newest. */
		b->next[i] = b->next[first];
		b->next[first] = i;
		*(struct weights_repeat *)vit_vec_add(&b->repeats) =
			(struct weights_repeat){ first, i };
	}
}

void weights_release(struct weights_build *b)
{
	vit_map_release(&b->paths);
	vit_map_release(&b->names);
	free(b->next);
	vit_vec_free(&b->repeats);
}

static void collect_selected(struct weights_build *b, const struct selection *sel, uint32_t index)
{
	size_t count;

	list_shards(b, sel);
	weights_group_saves(b);
	for (uint32_t i = 0; i < b->out->shard_count; i++)
		read_shard(b, i);
	weights_map_names(b);
	if (index != VIT_FILE_NONE)
		weights_read_index(b, index);
	weights_choose_main(b);
	weights_mark_repeats(b);
	b->out->tensors = vit_vec_take(&b->tensors, b->arena, &count);
	b->out->tensor_count = (uint32_t)count;
	weights_release(b);
}

static void collect_index_only(struct weights_build *b, uint32_t row)
{
	struct vit_index names = { 0 };
	struct vit_map set;
	struct vit_str dir = vit_path_dir(b->source->files->files[row].path);

	weights_index_names(b, row, &names);
	vit_map_init(&set, names.shard_name_count);
	for (uint32_t i = 0; i < names.shard_name_count; i++)
		if (vit_path_is_plain(names.shard_names[i]))
			vit_map_add(&set, vit_path_join(b->arena, dir, names.shard_names[i]), 0);
	collect_selected(b, &(struct selection){ .set = &set }, row);
	vit_map_release(&set);
}

void vit_collect_weights(struct vit_arena *a, const struct vit_source *s,
			 const struct vit_collect_options *opt, struct vit_weights *out)
{
	struct weights_build b = {
		.arena = a,
		.source = s,
		.out = out,
		.tensors = VIT_VEC(sizeof(struct vit_tensor)),
		.repeats = VIT_VEC(sizeof(struct weights_repeat)),
	};
	struct vit_str only = s->files->only;

	(void)opt;
	*out = (struct vit_weights){ .main_save = UINT32_MAX, .index.file = VIT_FILE_NONE };
	if (only.n == 0) {
		collect_selected(&b, &(struct selection){ 0 }, weights_find_index(s->files));
	} else if (vit_str_ends(only, VIT_STR(".safetensors"))) {
		collect_selected(&b, &(struct selection){ .one = only }, VIT_FILE_NONE);
	} else if (vit_str_ends(only, VIT_STR(".safetensors.index.json")) &&
		   vit_files_find(s->files, only) != VIT_FILE_NONE) {
		collect_index_only(&b, vit_files_find(s->files, only));
	} else {
		collect_selected(&b, &(struct selection){ .none = true }, VIT_FILE_NONE);
	}
}
