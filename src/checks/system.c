#include "checks/system.h"

#include "base/num.h"
#include "forecast/outlook.h"

static const enum vit_check_id ids[] = {
	VIT_CK_system_memory_known, VIT_CK_system_memory_fit, VIT_CK_system_disk_free,
};

/* The weights as far as the facts tell; `why` when they do not. */
struct weight_bytes {
	bool known;
	uint64_t bytes;
	const char *from; /* "of weights", ... */
	const char *why;
};

static bool has_pointers(const struct vit_files *f)
{
	for (uint32_t i = 0; i < f->count; i++)
		if (f->files[i].kind == VIT_FK_WEIGHTS &&
		    (f->files[i].flags & VIT_FF_LFS_POINTER) != 0)
			return true;
	return false;
}

static bool is_whole(const struct vit_weights *w)
{
	if (w->saves[w->main_save].missing_count > 0)
		return false;
	for (uint32_t i = 0; i < w->shard_count; i++)
		if (w->shards[i].save == w->main_save && w->shards[i].state != VIT_DOC_OK)
			return false;
	return true;
}

/* Bytes the weights take once all are there; with shards missing only the
 * index can tell. */
static struct weight_bytes weigh(const struct vit_case *c)
{
	const struct vit_weights *w = &c->facts->weights;
	struct weight_bytes r = { false, 0, "of weights", NULL };

	if ((c->facts->groups & VIT_FG_WEIGHTS) == 0 || c->facts->files.root.n == 0) {
		r.why = "no model was given";
	} else if (has_pointers(&c->facts->files)) {
		r.why = "the weights are git-LFS pointers, their content is not here";
	} else if (w->main_save == UINT32_MAX || w->shard_count == 0) {
		r.why = w->other_formats > 0 ? "the weights are in a format that was not read" :
					       "there are no weights";
	} else if (is_whole(w)) {
		/* None at all is a broken header, not a model that weighs nothing. */
		r.bytes = vit_weights_main_bytes(w);
		r.known = r.bytes > 0;
		r.why = "no tensor of the weights could be read";
	} else if (w->index.has_total_size) {
		r.known = true;
		r.bytes = w->index.total_size;
		r.from = "of weights by the index (some are missing here)";
	} else {
		r.why = "weights are missing or cannot be read, so their size is not known";
	}
	return r;
}

static struct vit_str first_note(const struct vit_system *s)
{
	return s->note_count > 0 ? s->notes[0] : VIT_STR("the system gave no such number");
}

/* The number that decided, for people. */
static struct vit_str decider(struct vit_eval *ev, const struct vit_system *s)
{
	const char *use = s->memory_limit_used.known ? "minus its use" : "its use is not known";

	switch (s->decider) {
	case VIT_MD_NONE:
		break;
	case VIT_MD_AVAILABLE:
		return vit_eval_text(ev, "available memory, %.*s",
				     VIT_FMT(s->memory_available.source));
	case VIT_MD_LIMIT:
		return vit_eval_text(ev, "limit of the container %s, %.*s", use,
				     VIT_FMT(s->memory_limit.source));
	case VIT_MD_TOTAL:
		return vit_eval_text(ev, "total memory, %.*s", VIT_FMT(s->memory_total.source));
	}
	return VIT_STR_EMPTY;
}

static void check_memory_known(struct vit_eval *ev, const struct vit_system *s)
{
	char total[VIT_FMT_NUM];
	struct vit_finding *f;

	switch (s->decider) {
	case VIT_MD_NONE:
		vit_eval_unknown(ev, VIT_CK_system_memory_known,
				 "memory could not be measured: %.*s", VIT_FMT(first_note(s)));
		return;
	case VIT_MD_AVAILABLE:
	case VIT_MD_LIMIT:
		vit_eval_pass(ev, VIT_CK_system_memory_known);
		return;
	case VIT_MD_TOTAL:
		f = vit_eval_fail(ev, VIT_CK_system_memory_known);
		f->message = vit_eval_text(ev, "of %s bytes of memory it is not known how many are "
					   "free: %.*s",
					   vit_fmt_u64(s->memory_total.value, total),
					   VIT_FMT(first_note(s)));
		f->expected = VIT_STR("the bytes available");
		f->actual = VIT_STR("the total only");
		return;
	}
}

static void check_memory_fit(const struct vit_case *c, struct vit_eval *ev,
			     const struct weight_bytes *need)
{
	const struct vit_system *s = &c->facts->system;
	char needed[VIT_FMT_NUM], usable[VIT_FMT_NUM];
	struct vit_finding *f;

	if (c->outlook && c->outlook->job_given && c->outlook->main.forecast.available) {
		vit_eval_not_applicable(ev, VIT_CK_system_memory_fit,
					"forecast/memory-fit decides for the job");
		return;
	}
	if (!need->known) {
		vit_eval_not_applicable(ev, VIT_CK_system_memory_fit, "%s", need->why);
		return;
	}
	if (s->decider == VIT_MD_NONE) {
		vit_eval_unknown(ev, VIT_CK_system_memory_fit,
				 "memory could not be measured: %.*s", VIT_FMT(first_note(s)));
		return;
	}
	if (need->bytes <= s->memory_usable) {
		vit_eval_pass(ev, VIT_CK_system_memory_fit);
		return;
	}
	vit_fmt_u64(need->bytes, needed);
	vit_fmt_u64(s->memory_usable, usable);
	f = vit_eval_fail(ev, VIT_CK_system_memory_fit);
	if (!c->has_job)
		f->severity = VIT_SEV_WARNING;
	f->message = vit_eval_text(ev, "%s bytes %s against %s bytes usable (%.*s)", needed,
				   need->from, usable, VIT_FMT(decider(ev, s)));
	f->expected = vit_eval_text(ev, "at most %s bytes", usable);
	f->actual = vit_eval_text(ev, "%s bytes", needed);
}

static void check_disk_free(struct vit_eval *ev, const struct vit_system *s,
			    const struct weight_bytes *need)
{
	uint64_t wanted = need->known ? need->bytes : 1;
	char free_text[VIT_FMT_NUM], needed[VIT_FMT_NUM];
	struct vit_finding *f;

	if (!s->disk_free.known) {
		vit_eval_unknown(ev, VIT_CK_system_disk_free,
				 "free space where the model lies could not be measured");
		return;
	}
	if (s->disk_free.value >= wanted) {
		vit_eval_pass(ev, VIT_CK_system_disk_free);
		return;
	}
	vit_fmt_u64(s->disk_free.value, free_text);
	vit_fmt_u64(wanted, needed);
	f = vit_eval_fail(ev, VIT_CK_system_disk_free);
	f->message = VIT_STR("no space is left where the model lies");
	if (need->known)
		f->message = vit_eval_text(ev, "%s bytes free where the model lies, less than one "
					   "more copy of its %s bytes of weights",
					   free_text, needed);
	f->expected = vit_eval_text(ev, "at least %s bytes", needed);
	f->actual = vit_eval_text(ev, "%s bytes", free_text);
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_system *s = &c->facts->system;
	struct weight_bytes need;

	if ((c->facts->groups & VIT_FG_SYSTEM) == 0 || !s->probed) {
		for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
			vit_eval_unknown(ev, ids[i], "the machine was not probed");
		return;
	}
	need = weigh(c);
	check_memory_known(ev, s);
	check_memory_fit(c, ev, &need);
	check_disk_free(ev, s, &need);
}

const struct vit_pass vit_pass_system = {
	.name = "system",
	.needs = VIT_FG_FILES | VIT_FG_WEIGHTS | VIT_FG_SYSTEM,
	.ids = ids,
	.id_count = sizeof(ids) / sizeof(ids[0]),
	.run = run,
};
