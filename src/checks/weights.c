#include "checks/weights.h"

#include "base/num.h"
#include "base/path.h"

bool vit_weights_is_single(const struct vit_files *f)
{
	return f->only.n > 0 && !vit_str_ends(f->only, VIT_STR(".safetensors.index.json"));
}

bool vit_weights_is_second_save(const struct vit_weights *w, const struct vit_save *s)
{
	const struct vit_save *m;

	if (w->main_save == UINT32_MAX || s->main || s->auxiliary || s->shard_count == 0)
		return false;
	m = &w->saves[w->main_save];
	if (vit_str_eq(s->stem, m->stem) && s->of == m->of && s->of_digits == m->of_digits)
		return false; /* shards of the main save that the index does not name */
	return vit_str_eq(s->stem, m->stem) || s->shared_tensors > 0;
}

static const struct vit_shard *first_shard(const struct vit_weights *w, uint32_t save)
{
	for (uint32_t i = 0; i < w->shard_count; i++)
		if (w->shards[i].save == save)
			return &w->shards[i];
	return NULL;
}

/* ---- what is there ----------------------------------------------------- */

static void check_missing(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_weights *w = &c->facts->weights;
	enum vit_check_id id = VIT_CK_weights_missing;
	char n[VIT_FMT_NUM];

	if (vit_weights_is_single(&c->facts->files) && w->shard_count == 0) {
		vit_eval_not_applicable(ev, id, "only %.*s was asked for",
					VIT_FMT(c->facts->files.only));
		return;
	}
	if (w->main_save == UINT32_MAX && w->other_formats == 0) {
		struct vit_finding *f = vit_eval_fail(ev, id);
		if (w->index.state == VIT_DOC_OK && w->index.shard_name_count > 0)
			f->message =
				vit_eval_text(ev,
					      "The index names %s weight %s, and none is "
					      "there.",
					      vit_fmt_u64(w->index.shard_name_count, n),
					      w->index.shard_name_count == 1 ? "file" : "files");
		else if (w->shard_count > 0)
			f->message = vit_eval_text(ev,
						   "There are no weights at the top of the "
						   "folder, only in %.*s.",
						   VIT_FMT(vit_path_dir(w->shards[0].path)));
		else
			f->message = VIT_STR("The folder holds no weights.");
		f->expected = VIT_STR("model.safetensors, or shards with their index");
		f->actual = VIT_STR("none");
	}
	vit_eval_pass(ev, id);
}

static void check_two_saves(const struct vit_weights *w, struct vit_eval *ev)
{
	char n[VIT_FMT_NUM];

	for (uint32_t i = 0; i < w->save_count; i++) {
		const struct vit_save *s = &w->saves[i];
		const struct vit_shard *first = first_shard(w, i);
		const struct vit_shard *main = first_shard(w, w->main_save);
		if (!first || !main || !vit_weights_is_second_save(w, s))
			continue;
		struct vit_finding *f = vit_eval_fail(ev, VIT_CK_weights_two_saves);
		f->where.path = first->path;
		f->message =
			vit_eval_text(ev,
				      "A second save of %s %s lies beside the main one, "
				      "which begins with %.*s.",
				      vit_fmt_u64(s->shard_count, n),
				      s->shard_count == 1 ? "file" : "files", VIT_FMT(main->path));
		f->expected = VIT_STR("one save");
		f->actual = VIT_STR("another save beside it");
	}
	if (w->shard_count == 0)
		vit_eval_not_applicable(ev, VIT_CK_weights_two_saves,
					"there is no safetensors file");
	vit_eval_pass(ev, VIT_CK_weights_two_saves);
}

/* The file name of a number of a save, spelled as its other files are. */
static struct vit_str numbered_name(struct vit_eval *ev, const struct vit_save *s,
				    const struct vit_shard *like, uint32_t number)
{
	struct vit_str base = vit_path_base(like->path);
	char sep = base.n > s->stem.n ? base.p[s->stem.n] : '-';
	struct vit_str name =
		vit_eval_text(ev, "%.*s%c%0*u-of-%0*u.safetensors", VIT_FMT(s->stem), sep,
			      (int)like->number_digits, number, (int)s->of_digits, s->of);

	return vit_path_join(ev->arena, s->folder, name);
}

static bool index_names(const struct vit_index *ix, struct vit_str path)
{
	struct vit_str base = vit_path_base(path);

	for (uint32_t i = 0; ix->state == VIT_DOC_OK && i < ix->shard_name_count; i++)
		if (vit_str_eq(ix->shard_names[i], base))
			return true;
	return false;
}

static void check_gaps(const struct vit_weights *w, struct vit_eval *ev, uint32_t row)
{
	const struct vit_save *s = &w->saves[row];
	const struct vit_shard *like = first_shard(w, row);
	char n[VIT_FMT_NUM], of[VIT_FMT_NUM];

	/* A save whose files the index renames has several stems: take one that
	 * is numbered as the save is. */
	for (uint32_t i = 0; i < w->shard_count && like && like->of != s->of; i++)
		if (w->shards[i].save == row && w->shards[i].of == s->of)
			like = &w->shards[i];
	for (uint32_t i = 0; like && i < s->missing_count && i < VIT_MAX_FINDINGS; i++) {
		struct vit_str path = numbered_name(ev, s, like, s->missing[i]);
		if (index_names(&w->index, path))
			continue; /* weights/index-shard-missing says it */
		struct vit_finding *f = vit_eval_fail(ev, VIT_CK_weights_shard_gap);
		f->where.path = path;
		f->message = vit_eval_text(ev, "Shard %s of %s is not there.",
					   vit_fmt_u64(s->missing[i], n), vit_fmt_u64(s->of, of));
		f->expected = VIT_STR("present");
		f->actual = VIT_STR("absent");
	}
}

static void check_numbering(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_weights *w = &c->facts->weights;
	enum vit_check_id id = VIT_CK_weights_shard_gap;
	bool sharded = false;

	for (uint32_t i = 0; i < w->save_count; i++) {
		if (w->saves[i].auxiliary || w->saves[i].of == 0)
			continue;
		/* Parts of another save are a matter of weights/two-saves. */
		sharded = sharded || w->saves[i].main;
		if (w->saves[i].main)
			check_gaps(w, ev, i);
	}
	if (vit_weights_is_single(&c->facts->files))
		vit_eval_not_applicable(ev, id, "only %.*s was asked for",
					VIT_FMT(c->facts->files.only));
	else if (!sharded)
		vit_eval_not_applicable(ev, id, "the weights are not sharded");
	vit_eval_pass(ev, id);
}

static void check_index_there(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_weights *w = &c->facts->weights;
	enum vit_check_id id = VIT_CK_weights_index_missing;

	if (vit_weights_is_single(&c->facts->files)) {
		vit_eval_not_applicable(ev, id, "only %.*s was asked for",
					VIT_FMT(c->facts->files.only));
	} else if (w->main_save == UINT32_MAX || w->saves[w->main_save].of == 0) {
		vit_eval_not_applicable(ev, id, "the weights are not sharded");
	} else if (w->index.state == VIT_DOC_ABSENT) {
		struct vit_finding *f = vit_eval_fail(ev, id);
		f->where.path = vit_eval_text(ev, "%.*s.safetensors.index.json",
					      VIT_FMT(w->saves[w->main_save].stem));
		f->message = VIT_STR("The weights are in shards and there is no index.");
		f->expected = VIT_STR("present");
		f->actual = VIT_STR("absent");
	}
	vit_eval_pass(ev, id);
}

static void check_changed(const struct vit_weights *w, struct vit_eval *ev)
{
	enum vit_check_id id = VIT_CK_weights_shard_changed;

	for (uint32_t i = 0; i < w->shard_count; i++) {
		if (!w->shards[i].changed)
			continue;
		struct vit_finding *f = vit_eval_fail(ev, id);
		f->where.path = w->shards[i].path;
		f->message = VIT_STR("The file changed while it was read.");
		f->expected = VIT_STR("the same size and time at the end");
		f->actual = VIT_STR("changed");
	}
	if (w->shard_count == 0)
		vit_eval_not_applicable(ev, id, "there is no safetensors file");
	vit_eval_pass(ev, id);
}

static void run_saves(const struct vit_case *c, struct vit_eval *ev)
{
	check_missing(c, ev);
	check_two_saves(&c->facts->weights, ev);
	check_numbering(c, ev);
	check_index_there(c, ev);
	check_changed(&c->facts->weights, ev);
}

static const enum vit_check_id saves_ids[] = {
	VIT_CK_weights_missing,       VIT_CK_weights_two_saves,     VIT_CK_weights_shard_gap,
	VIT_CK_weights_index_missing, VIT_CK_weights_shard_changed,
};

const struct vit_pass vit_pass_weights_saves = {
	.name = "weights-saves",
	.needs = VIT_FG_FILES | VIT_FG_WEIGHTS,
	.ids = saves_ids,
	.id_count = sizeof(saves_ids) / sizeof(saves_ids[0]),
	.run = run_saves,
};

/* ---- stored dtypes ------------------------------------------------------ */

/* The dtype that holds most bytes among those a configuration can name. */
static enum vit_dtype bulk_dtype(const struct vit_weights *w)
{
	uint64_t bytes[VIT_DT_COUNT] = { 0 };
	enum vit_dtype best = VIT_DT_UNKNOWN;

	for (uint32_t i = 0; i < w->tensor_count; i++) {
		const struct vit_tensor *t = &w->tensors[i];
		if (!vit_tensor_is_main(w, t) || (t->flags & (VIT_T_BAD | VIT_T_DUPLICATE)) ||
		    t->end <= t->begin)
			continue;
		if (t->dtype == VIT_DT_F16 || t->dtype == VIT_DT_BF16 || t->dtype == VIT_DT_F32 ||
		    t->dtype == VIT_DT_F64)
			bytes[t->dtype] += t->end - t->begin;
	}
	for (unsigned i = 0; i < VIT_DT_COUNT; i++)
		if (bytes[i] > bytes[best])
			best = (enum vit_dtype)i;
	return best;
}

static void run_dtype(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_config *config = &c->facts->config;
	const struct vit_weights *w = &c->facts->weights;
	enum vit_check_id id = VIT_CK_weights_dtype_config;
	enum vit_dtype stated = vit_dtype_from_torch(config->dtype);

	if (config->config.state != VIT_DOC_OK || config->dtype.n == 0) {
		vit_eval_not_applicable(ev, id, "config.json names no dtype");
	} else if (config->quantization) {
		vit_eval_not_applicable(ev, id, "the weights are quantised");
	} else if (stated == VIT_DT_UNKNOWN) {
		vit_eval_not_applicable(ev, id, "config.json names the dtype \"%.*s\"",
					VIT_FMT(config->dtype));
	} else if (w->main_save == UINT32_MAX || bulk_dtype(w) == VIT_DT_UNKNOWN) {
		vit_eval_not_applicable(ev, id, "no tensors of a float dtype were read");
	} else if (bulk_dtype(w) != stated) {
		struct vit_finding *f = vit_eval_fail(ev, id);
		f->where.path = config->config.path;
		f->where.pointer = VIT_STR("dtype");
		f->message =
			vit_eval_text(ev, "config.json names %.*s, most weights are stored in %s.",
				      VIT_FMT(config->dtype), vit_dtype_name(bulk_dtype(w)));
		f->expected = vit_str_c(vit_dtype_name(stated));
		f->actual = vit_str_c(vit_dtype_name(bulk_dtype(w)));
	}
	vit_eval_pass(ev, id);
}

static const enum vit_check_id dtype_ids[] = { VIT_CK_weights_dtype_config };

const struct vit_pass vit_pass_weights_dtype = {
	.name = "weights-dtype",
	.needs = VIT_FG_CONFIG | VIT_FG_WEIGHTS,
	.ids = dtype_ids,
	.id_count = sizeof(dtype_ids) / sizeof(dtype_ids[0]),
	.run = run_dtype,
};
