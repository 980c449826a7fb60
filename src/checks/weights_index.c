#include <stdlib.h>

#include "base/map.h"
#include "base/num.h"
#include "base/path.h"
#include "checks/weights.h"

static const enum vit_check_id index_ids[] = {
	VIT_CK_weights_index_invalid,
	VIT_CK_weights_index_shard_missing,
	VIT_CK_weights_index_shard_extra,
	VIT_CK_weights_index_tensor_absent,
	VIT_CK_weights_index_tensor_elsewhere,
	VIT_CK_weights_index_tensor_unlisted,
	VIT_CK_weights_index_duplicate_key,
	VIT_CK_weights_index_bad_name,
	VIT_CK_weights_index_bad_value,
	VIT_CK_weights_index_total_size,
	VIT_CK_weights_index_total_parameters,
	VIT_CK_weights_tensor_in_two_shards, /* last: decided without an index, too */
};
#define INDEX_IDS (sizeof(index_ids) / sizeof(index_ids[0]))

/* What the parts of the pass share. */
struct index_case {
	const struct vit_weights *w;
	const struct vit_index *ix;
	const struct vit_config *config;
	struct vit_eval *ev;
	/* Names that need a second look: listed but not where they should be, or
	 * present twice. -> first row of the main save that has it, or NOWHERE. */
	struct vit_map odd;
	struct vit_map duplicates;      /* names that the index maps twice */
	const struct vit_shard *unread; /* a shard of the main save without a header */
	bool flawed;                    /* index and shards disagree, or a file has faults */
};
#define NOWHERE (UINT32_MAX - 1)

/* NULL when the finding is counted and not kept: then its text is not made,
 * which for a hostile index would take hundreds of megabytes. */
static struct vit_finding *fail(struct index_case *c, enum vit_check_id id, struct vit_str path)
{
	bool kept = c->ev->selected[id] && c->ev->counts[id] < VIT_MAX_FINDINGS;
	struct vit_finding *f = vit_eval_fail(c->ev, id);

	f->where.path = path;
	c->flawed = true;
	return kept ? f : NULL;
}

/* Its header says which tensors it has, and that list is whole. */
static bool is_read(const struct vit_shard *s)
{
	return s->state == VIT_DOC_OK && s->header.parsed && s->header.skipped == 0;
}

static const struct vit_shard *shard_of(const struct index_case *c, const struct vit_index_entry *e)
{
	uint32_t row = e->shard_name == UINT32_MAX ? UINT32_MAX : c->ix->shard_rows[e->shard_name];

	return row == UINT32_MAX ? NULL : &c->w->shards[row];
}

static void find_odd_names(struct index_case *c)
{
	vit_map_init(&c->odd, 0);
	vit_map_init(&c->duplicates, 0);
	for (uint32_t i = 0; i < c->ix->duplicate_count; i++)
		vit_map_add(&c->duplicates, c->ix->duplicates[i].tensor, 0);
	for (uint32_t i = 0; i < c->ix->entry_count; i++)
		if (c->ix->entries[i].tensor_row == UINT32_MAX)
			vit_map_add(&c->odd, c->ix->entries[i].tensor, NOWHERE);
	for (uint32_t i = 0; i < c->w->tensor_count; i++)
		if (c->w->tensors[i].flags & VIT_T_TWICE)
			vit_map_add(&c->odd, c->w->tensors[i].name, NOWHERE);
	for (uint32_t i = 0; c->odd.count > 0 && i < c->w->tensor_count; i++) {
		const struct vit_tensor *t = &c->w->tensors[i];
		if (vit_tensor_is_main(c->w, t) && !(t->flags & VIT_T_DUPLICATE) &&
		    vit_map_get(&c->odd, t->name) == NOWHERE)
			vit_map_set(&c->odd, t->name, i);
	}
}

/* ---- shards ------------------------------------------------------------- */

static void check_shards(struct index_case *c)
{
	const struct vit_index *ix = c->ix;
	struct vit_str dir = vit_path_dir(ix->path);
	uint32_t *count = vit_xcalloc(ix->shard_name_count, sizeof(*count));
	char n[VIT_FMT_NUM];

	for (uint32_t i = 0; i < ix->entry_count; i++)
		if (ix->entries[i].shard_name != UINT32_MAX)
			count[ix->entries[i].shard_name]++;
	for (uint32_t i = 0; i < ix->shard_name_count; i++) {
		struct vit_finding *f;
		if (!vit_path_is_plain(ix->shard_names[i])) {
			f = fail(c, VIT_CK_weights_index_bad_name, ix->path);
			if (!f)
				continue;
			f->message =
				vit_eval_text(c->ev,
					      "The index maps %s tensors to \"%.*s\", "
					      "which is no plain file name.",
					      vit_fmt_u64(count[i], n),
					      VIT_FMT(vit_str_sub(ix->shard_names[i], 0, 200)));
			f->expected = VIT_STR("a file name in the folder");
			f->actual = ix->shard_names[i];
		} else if (ix->shard_rows[i] == UINT32_MAX) {
			f = fail(c, VIT_CK_weights_index_shard_missing,
				 vit_path_join(c->ev->arena, dir, ix->shard_names[i]));
			if (!f)
				continue;
			f->message = vit_eval_text(c->ev,
						   "The index maps %s tensors to this file, "
						   "which is not there.",
						   vit_fmt_u64(count[i], n));
			f->expected = VIT_STR("present");
			f->actual = VIT_STR("absent");
		}
	}
	free(count);
}

static void check_extra(struct index_case *c)
{
	const struct vit_weights *w = c->w;

	for (uint32_t i = 0; i < w->shard_count && c->ix->bad_names == 0; i++) {
		const struct vit_shard *s = &w->shards[i];
		const struct vit_save *save = &w->saves[s->save];
		if (s->in_index || save->auxiliary || vit_weights_is_second_save(w, save) ||
		    vit_str_is(save->stem, "adapter_model"))
			continue;
		struct vit_finding *f = fail(c, VIT_CK_weights_index_shard_extra, s->path);
		if (!f)
			continue;
		f->message = VIT_STR("The index does not name this file.");
		f->expected = VIT_STR("named by the index");
		f->actual = VIT_STR("not named");
	}
}

/* ---- tensors ------------------------------------------------------------ */

static void check_entry(struct index_case *c, const struct vit_index_entry *e)
{
	const struct vit_shard *named = shard_of(c, e);
	struct vit_finding *f;

	/* A shard that is missing, misnamed or unread is the cause, not this. */
	if (!named || !is_read(named))
		return;
	uint32_t row = vit_map_get(&c->odd, e->tensor);
	if (row != NOWHERE && row != VIT_MAP_NONE) {
		if (vit_map_get(&c->duplicates, e->tensor) != VIT_MAP_NONE)
			return;
		f = fail(c, VIT_CK_weights_index_tensor_elsewhere, c->ix->path);
		if (!f)
			return;
		f->message =
			vit_eval_text(c->ev, "The index looks for %.*s in %.*s, it is in %.*s.",
				      VIT_FMT(vit_str_sub(e->tensor, 0, 200)), VIT_FMT(named->path),
				      VIT_FMT(c->w->shards[c->w->tensors[row].shard].path));
		f->actual = c->w->shards[c->w->tensors[row].shard].path;
	} else {
		f = fail(c, VIT_CK_weights_index_tensor_absent, c->ix->path);
		if (!f)
			return;
		f->message = vit_eval_text(
			c->ev, "The index lists %.*s in %.*s, and it is nowhere.",
			VIT_FMT(vit_str_sub(e->tensor, 0, 200)), VIT_FMT(named->path));
		f->actual = VIT_STR("absent");
	}
	f->where.tensor = e->tensor;
	f->expected = named->path;
}

static void check_unlisted(struct index_case *c)
{
	const struct vit_weights *w = c->w;

	for (uint32_t i = 0; i < w->tensor_count; i++) {
		const struct vit_tensor *t = &w->tensors[i];
		const struct vit_shard *s = &w->shards[t->shard];
		if ((t->flags & (VIT_T_LISTED | VIT_T_DUPLICATE)) || !s->in_index ||
		    (c->odd.count > 0 && vit_map_get(&c->odd, t->name) != VIT_MAP_NONE))
			continue;
		struct vit_finding *f = fail(c, VIT_CK_weights_index_tensor_unlisted, s->path);
		if (!f)
			continue;
		f->where.tensor = t->name;
		f->message = vit_eval_text(c->ev, "The index does not list %.*s.",
					   VIT_FMT(vit_str_sub(t->name, 0, 200)));
		f->expected = VIT_STR("listed");
		f->actual = VIT_STR("not listed");
	}
}

static void check_twice(struct index_case *c)
{
	const struct vit_weights *w = c->w;

	for (uint32_t i = 0; i < w->tensor_count; i++) {
		const struct vit_tensor *t = &w->tensors[i];
		if (!(t->flags & VIT_T_TWICE))
			continue;
		uint32_t row = vit_map_get(&c->odd, t->name);
		struct vit_finding *f =
			fail(c, VIT_CK_weights_tensor_in_two_shards, w->shards[t->shard].path);
		if (!f)
			continue;
		f->where.tensor = t->name;
		f->message = vit_eval_text(c->ev, "%.*s is in this shard and in another.",
					   VIT_FMT(vit_str_sub(t->name, 0, 200)));
		f->expected = VIT_STR("in one shard");
		if (row < w->tensor_count)
			f->actual = vit_eval_text(c->ev, "also in %.*s",
						  VIT_FMT(w->shards[w->tensors[row].shard].path));
	}
}

static void check_keys(struct index_case *c)
{
	const struct vit_index *ix = c->ix;
	char n[VIT_FMT_NUM];

	for (uint32_t i = 0; i < ix->duplicate_count; i++) {
		struct vit_finding *f = fail(c, VIT_CK_weights_index_duplicate_key, ix->path);
		if (!f)
			continue;
		f->where.tensor = ix->duplicates[i].tensor;
		f->where.offset = ix->duplicates[i].offset;
		f->where.has_offset = true;
		f->message = vit_eval_text(c->ev, "The key %.*s stands twice in the index.",
					   VIT_FMT(vit_str_sub(ix->duplicates[i].tensor, 0, 200)));
		f->expected = VIT_STR("once");
		f->actual = VIT_STR("twice");
	}
	if (ix->bad_values == 0)
		return;
	struct vit_finding *f = fail(c, VIT_CK_weights_index_bad_value, ix->path);
	if (!f)
		return;
	f->where.offset = ix->bad_value_offset;
	f->where.has_offset = true;
	f->message = vit_eval_text(c->ev, "%s values of weight_map are no strings.",
				   vit_fmt_u64(ix->bad_values, n));
	f->expected = VIT_STR("file names");
	f->actual = VIT_STR("another value");
}

/* ---- totals ------------------------------------------------------------- */

static uint64_t main_elements(const struct index_case *c, uint64_t *largest)
{
	uint64_t sum = 0, n;

	*largest = 0;
	for (uint32_t i = 0; i < c->w->tensor_count; i++) {
		const struct vit_tensor *t = &c->w->tensors[i];
		if (!vit_tensor_is_main(c->w, t) || !vit_shape_elements(t->shape, t->rank, &n) ||
		    !vit_add_u64(sum, n, &sum))
			continue;
		if (n > *largest)
			*largest = n;
	}
	return sum;
}

static void check_total_size(struct index_case *c)
{
	enum vit_check_id id = VIT_CK_weights_index_total_size;
	uint64_t stored = vit_weights_main_bytes(c->w);
	char n[VIT_FMT_NUM];

	if (!c->ix->has_total_size) {
		vit_eval_not_applicable(c->ev, id, "the index states no total_size");
	} else if (c->flawed || c->unread) {
		vit_eval_not_applicable(c->ev, id, "the shards are not all intact");
	} else if (c->ix->total_size != stored) {
		struct vit_finding *f = vit_eval_fail(c->ev, id);
		f->where.path = c->ix->path;
		f->where.pointer = VIT_STR("/metadata/total_size");
		f->message = VIT_STR("metadata.total_size is not the size of the tensors.");
		f->expected = vit_eval_text(c->ev, "%s bytes", vit_fmt_u64(stored, n));
		f->actual = vit_eval_text(c->ev, "%s bytes", vit_fmt_u64(c->ix->total_size, n));
	}
}

/* A tied head is counted twice by some writers, buffers not at all by others. */
static bool near(uint64_t stated, uint64_t stored, uint64_t largest)
{
	uint64_t slack = stored / 50;

	return (stated >= stored - slack && stated - slack <= stored) ||
	       (stated >= stored && stated - stored == largest);
}

static void check_total_parameters(struct index_case *c)
{
	enum vit_check_id id = VIT_CK_weights_index_total_parameters;
	uint64_t largest;
	uint64_t stored = main_elements(c, &largest);
	char n[VIT_FMT_NUM];

	if (!c->ix->has_total_parameters) {
		vit_eval_not_applicable(c->ev, id, "the index states no total_parameters");
	} else if (c->config->quantization) {
		vit_eval_not_applicable(c->ev, id, "the weights are quantised");
	} else if (c->flawed || c->unread) {
		vit_eval_not_applicable(c->ev, id, "the shards are not all intact");
	} else if (!near(c->ix->total_parameters, stored, largest)) {
		struct vit_finding *f = vit_eval_fail(c->ev, id);
		f->where.path = c->ix->path;
		f->where.pointer = VIT_STR("/metadata/total_parameters");
		f->message =
			VIT_STR("metadata.total_parameters is far from the parameters stored.");
		f->expected = vit_eval_text(c->ev, "about %s", vit_fmt_u64(stored, n));
		f->actual = vit_eval_text(c->ev, "%s", vit_fmt_u64(c->ix->total_parameters, n));
	}
}

/* ---- the pass ----------------------------------------------------------- */

static void none_of(struct vit_eval *ev, const char *reason)
{
	for (size_t i = 0; i + 1 < INDEX_IDS; i++)
		vit_eval_not_applicable(ev, index_ids[i], "%s", reason);
}

/* False when there is no index to hold anything against. */
static bool check_index(struct index_case *c)
{
	const struct vit_index *ix = c->ix;
	struct vit_finding *f;

	switch (ix->state) {
	case VIT_DOC_ABSENT:
		none_of(c->ev, "there is no index");
		return false;
	case VIT_DOC_POINTER:
		none_of(c->ev, "the index is not here: a git-LFS pointer, an empty file or a web "
			       "page in its place");
		return false;
	case VIT_DOC_UNREADABLE:
		for (size_t i = 0; i + 1 < INDEX_IDS; i++)
			vit_eval_unknown(c->ev, index_ids[i], "%.*s: %s", VIT_FMT(ix->path),
					 ix->err.msg);
		return false;
	case VIT_DOC_INVALID:
		none_of(c->ev, "the index is not JSON");
		f = fail(c, VIT_CK_weights_index_invalid, ix->path);
		if (!f)
			return false;
		f->where.offset = ix->err.offset;
		f->where.has_offset = true;
		f->message = vit_eval_text(c->ev, "The index is not JSON: %s.", ix->err.msg);
		f->expected = VIT_STR("JSON");
		f->actual = vit_eval_text(c->ev, "%s", ix->err.msg);
		return false;
	case VIT_DOC_OK:
		break;
	}
	if (ix->has_weight_map)
		return true;
	none_of(c->ev, "the index has no weight_map");
	f = fail(c, VIT_CK_weights_index_invalid, ix->path);
	if (!f)
		return false;
	f->message = VIT_STR("The index has no weight_map.");
	f->expected = VIT_STR("an object \"weight_map\"");
	f->actual = VIT_STR("absent");
	return false;
}

/* What keeps a comparison of totals, or of every tensor, from being one. */
static void look_at_shards(struct index_case *c)
{
	for (uint32_t i = 0; i < c->w->shard_count; i++) {
		const struct vit_shard *s = &c->w->shards[i];
		if (s->save != c->w->main_save)
			continue;
		if (s->state != VIT_DOC_OK || !s->header.parsed)
			c->unread = s;
		for (unsigned kind = 0; kind < VIT_ST_FAULT_COUNT; kind++)
			if (s->header.fault_counts[kind] > 0 &&
			    (vit_st_fault_rejects((enum vit_st_fault_kind)kind) ||
			     kind == VIT_ST_DUPLICATE_NAME))
				c->flawed = true;
	}
}

static void settle(struct index_case *c)
{
	for (size_t i = 0; i < INDEX_IDS; i++) {
		enum vit_check_id id = index_ids[i];
		bool of_tensors = id == VIT_CK_weights_index_tensor_absent ||
				  id == VIT_CK_weights_index_tensor_elsewhere ||
				  id == VIT_CK_weights_index_tensor_unlisted ||
				  id == VIT_CK_weights_tensor_in_two_shards;
		if (of_tensors && c->unread && c->unread->state == VIT_DOC_UNREADABLE)
			vit_eval_unknown(c->ev, id, "%.*s: %s", VIT_FMT(c->unread->path),
					 c->unread->err.msg);
		else if (of_tensors && c->unread)
			vit_eval_not_applicable(c->ev, id, "the header of %.*s could not be read",
						VIT_FMT(c->unread->path));
		else if (of_tensors && c->w->shard_count == 0)
			vit_eval_not_applicable(c->ev, id, "there is no safetensors file");
		else
			vit_eval_pass(c->ev, id);
	}
}

static void run_index(const struct vit_case *vc, struct vit_eval *ev)
{
	struct index_case c = {
		.w = &vc->facts->weights,
		.ix = &vc->facts->weights.index,
		.config = &vc->facts->config,
		.ev = ev,
	};

	look_at_shards(&c);
	find_odd_names(&c);
	check_twice(&c);
	if (check_index(&c)) {
		check_shards(&c);
		check_extra(&c);
		check_keys(&c);
		for (uint32_t i = 0; i < c.ix->entry_count; i++)
			if (c.ix->entries[i].tensor_row == UINT32_MAX)
				check_entry(&c, &c.ix->entries[i]);
		check_unlisted(&c);
		check_total_size(&c);
		check_total_parameters(&c);
	}
	settle(&c);
	vit_map_release(&c.odd);
	vit_map_release(&c.duplicates);
}

const struct vit_pass vit_pass_weights_index = {
	.name = "weights-index",
	.needs = VIT_FG_FILES | VIT_FG_CONFIG | VIT_FG_WEIGHTS,
	.ids = index_ids,
	.id_count = INDEX_IDS,
	.run = run_index,
};
