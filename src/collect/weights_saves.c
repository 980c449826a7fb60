#include <stdlib.h>

#include "base/num.h"
#include "base/path.h"
#include "collect/weights_internal.h"

#define MAX_MISSING 10000u

static size_t digits_before(struct vit_str s, size_t end)
{
	size_t n = 0;

	while (n < end && s.p[end - 1 - n] >= '0' && s.p[end - 1 - n] <= '9')
		n++;
	return n;
}

/* At most nine digits: they fit 32 bits. */
static bool small_number(struct vit_str s, uint32_t *out)
{
	uint64_t v;

	if (s.n == 0 || s.n > 9 || !vit_parse_u64(s, &v))
		return false;
	*out = (uint32_t)v;
	return true;
}

void weights_parse_name(struct vit_shard *s)
{
	struct vit_str base = vit_path_base(s->path);
	uint32_t number, of;

	s->stem = vit_str_sub(base, 0, base.n - sizeof(".safetensors") + 1);
	size_t of_digits = digits_before(s->stem, s->stem.n);
	size_t dash = s->stem.n - of_digits;
	if (dash < 4 || !vit_str_ends(vit_str_sub(s->stem, 0, dash), VIT_STR("-of-")) ||
	    !small_number(vit_str_sub(s->stem, dash, s->stem.n), &of) || of == 0)
		return;
	size_t digits = digits_before(s->stem, dash - 4);
	size_t start = dash - 4 - digits;
	/* BLOOM wrote model_00001-of-00072. */
	if (start == 0 || (s->stem.p[start - 1] != '-' && s->stem.p[start - 1] != '_') ||
	    !small_number(vit_str_sub(s->stem, start, dash - 4), &number))
		return;
	s->stem = vit_str_sub(s->stem, 0, start - 1);
	s->number = number;
	s->of = of;
	s->number_digits = (uint32_t)digits;
	s->of_digits = (uint32_t)of_digits;
}

static void count_in(struct vit_save *save, const struct vit_shard *s)
{
	if (save->shard_count == 0 || s->number < save->first)
		save->first = s->number;
	if (save->shard_count == 0 || s->number > save->last)
		save->last = s->number;
	save->shard_count++;
}

void weights_group_saves(struct weights_build *b)
{
	struct vit_vec saves = VIT_VEC(sizeof(struct vit_save));
	struct vit_map keys;
	size_t count;

	vit_map_init(&keys, 0);
	for (uint32_t i = 0; i < b->out->shard_count; i++) {
		struct vit_shard *s = &b->out->shards[i];
		struct vit_str folder = vit_path_dir(s->path);
		/* No '/' in a stem: the key is unambiguous. */
		struct vit_str key =
			vit_arena_printf(b->arena, "%u %u %.*s/%.*s", s->of, s->of_digits,
					 VIT_FMT(folder), VIT_FMT(s->stem));
		s->save = vit_map_add(&keys, key, (uint32_t)saves.count);
		if (s->save == VIT_MAP_NONE) {
			s->save = (uint32_t)saves.count;
			*(struct vit_save *)vit_vec_add(&saves) = (struct vit_save){
				.folder = folder,
				.stem = s->stem,
				.of = s->of,
				.of_digits = s->of_digits,
			};
		}
		count_in(vit_vec_at(&saves, s->save), s);
	}
	vit_map_release(&keys);
	/* One more than there are: weights_choose_main may split one. */
	vit_vec_add(&saves);
	b->out->saves = vit_vec_take(&saves, b->arena, &count);
	b->out->save_count = (uint32_t)count - 1;
	b->out->main_save = UINT32_MAX;
}

/* What transformers' loader takes first when nothing names the files. */
static unsigned rank(const struct vit_save *s)
{
	if (vit_str_is(s->stem, "model"))
		return s->of == 0 ? 0 : s->shard_count >= s->of ? 1 : 2;
	if (vit_str_is(s->stem, "adapter_model"))
		return 3;
	return vit_str_is(s->stem, "consolidated") ? 5 : 4;
}

static uint32_t best_by_name(const struct vit_weights *w)
{
	uint32_t best = UINT32_MAX;

	for (uint32_t i = 0; i < w->save_count; i++) {
		const struct vit_save *s = &w->saves[i];
		if (s->folder.n > 0)
			continue;
		if (best == UINT32_MAX || rank(s) < rank(&w->saves[best]) ||
		    (rank(s) == rank(&w->saves[best]) &&
		     s->shard_count > w->saves[best].shard_count))
			best = i;
	}
	return best;
}

/* The save most of whose shards the index names. */
static uint32_t best_by_index(const struct vit_weights *w)
{
	uint32_t *named = vit_xcalloc(w->save_count, sizeof(*named));
	uint32_t best = UINT32_MAX;

	for (uint32_t i = 0; i < w->shard_count; i++)
		if (w->shards[i].in_index)
			named[w->shards[i].save]++;
	for (uint32_t i = 0; i < w->save_count; i++)
		if (named[i] > 0 && (best == UINT32_MAX || named[i] > named[best]))
			best = i;
	free(named);
	return best;
}

static void recount(struct vit_weights *w)
{
	for (uint32_t i = 0; i < w->save_count; i++)
		w->saves[i].shard_count = w->saves[i].first = w->saves[i].last = 0;
	for (uint32_t i = 0; i < w->shard_count; i++)
		count_in(&w->saves[w->shards[i].save], &w->shards[i]);
}

static void drop_empty(struct vit_weights *w)
{
	uint32_t *moved = vit_xcalloc(w->save_count, sizeof(*moved));
	uint32_t kept = 0;

	for (uint32_t i = 0; i < w->save_count; i++) {
		moved[i] = kept;
		if (w->saves[i].shard_count > 0)
			w->saves[kept++] = w->saves[i];
	}
	w->save_count = kept;
	for (uint32_t i = 0; i < w->shard_count; i++)
		w->shards[i].save = moved[w->shards[i].save];
	w->main_save = moved[w->main_save];
	free(moved);
}

/* The main save is what the index names, whatever the files are called: a
 * shard beside them that it does not name is no part of it. */
static void follow_index(struct vit_weights *w)
{
	uint32_t rest = w->save_count;
	bool split = false;

	for (uint32_t i = 0; i < w->shard_count; i++) {
		struct vit_shard *s = &w->shards[i];
		if (s->in_index) {
			s->save = w->main_save;
		} else if (s->save == w->main_save) {
			s->save = rest;
			split = true;
		}
	}
	if (split) {
		const struct vit_save *m = &w->saves[w->main_save];
		w->saves[rest] = (struct vit_save){
			.folder = m->folder, .stem = m->stem, .of = m->of, .of_digits = m->of_digits
		};
		w->save_count++;
	}
	recount(w);
	drop_empty(w);
}

struct numbered {
	uint32_t save, number;
};

static int number_order(const void *x, const void *y)
{
	const struct numbered *a = x, *b = y;

	if (a->save != b->save)
		return a->save < b->save ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

/* have: the numbers of one save, sorted. */
static void find_missing(struct vit_arena *a, struct vit_save *save, const struct numbered *have,
			 uint32_t n)
{
	struct vit_vec missing = VIT_VEC(sizeof(uint32_t));
	/* gpt-oss has 00000, 00001 and 00002 "of 00002". */
	uint32_t number = save->zero_based ? 0 : 1;
	uint32_t end = save->zero_based && save->last < save->of ? save->of : save->of + 1;
	size_t count;

	for (uint32_t i = 0; number < end && missing.count < MAX_MISSING; number++) {
		while (i < n && have[i].number < number)
			i++;
		if (i >= n || have[i].number != number)
			*(uint32_t *)vit_vec_add(&missing) = number;
	}
	save->missing = vit_vec_take(&missing, a, &count);
	save->missing_count = (uint32_t)count;
}

static void find_all_missing(struct vit_arena *a, struct vit_weights *w)
{
	struct numbered *have = vit_xcalloc(w->shard_count, sizeof(*have));
	uint32_t n = 0;

	for (uint32_t i = 0; i < w->shard_count; i++)
		if (w->shards[i].of > 0)
			have[n++] = (struct numbered){ w->shards[i].save, w->shards[i].number };
	qsort(have, n, sizeof(*have), number_order);
	for (uint32_t from = 0, to; from < n; from = to) {
		struct vit_save *save = &w->saves[have[from].save];
		for (to = from; to < n && have[to].save == have[from].save;)
			to++;
		if (save->of > 0)
			find_missing(a, save, have + from, to - from);
	}
	free(have);
}

void weights_choose_main(struct weights_build *b)
{
	struct vit_weights *w = b->out;
	uint32_t named = best_by_index(w);

	w->main_save = named != UINT32_MAX ? named : best_by_name(w);
	if (named != UINT32_MAX)
		follow_index(w);
	for (uint32_t i = 0; i < w->save_count; i++) {
		struct vit_save *s = &w->saves[i];
		s->main = i == w->main_save;
		s->auxiliary = !s->main && (s->folder.n > 0 || vit_str_is(s->stem, "consolidated"));
		s->zero_based = s->of > 0 && s->first == 0;
	}
	/* When one file was asked for, the others are not looked at. */
	if (b->source->files->only.n == 0)
		find_all_missing(b->arena, w);
}

void weights_mark_repeats(struct weights_build *b)
{
	struct vit_weights *w = b->out;
	size_t n = b->tensors.count;
	/* Per name (its first row): first row of it in the main save, plus one. */
	uint32_t *in_main = vit_xcalloc(n, sizeof(*in_main));

	for (size_t i = 0; i < b->repeats.count; i++) {
		const struct weights_repeat *r = vit_vec_at(&b->repeats, i);
		struct vit_tensor *t = weights_row(b, r->row);
		if (in_main[r->first] == 0 &&
		    w->shards[weights_row(b, r->first)->shard].save == w->main_save)
			in_main[r->first] = r->first + 1;
		if (w->shards[t->shard].save != w->main_save)
			continue;
		if (in_main[r->first] != 0)
			t->flags |= VIT_T_TWICE;
		else
			in_main[r->first] = r->row + 1;
	}
	for (size_t i = 0; i < b->repeats.count; i++) {
		const struct weights_repeat *r = vit_vec_at(&b->repeats, i);
		if (in_main[r->first] == 0)
			continue;
		struct vit_save *save = &w->saves[w->shards[weights_row(b, r->row)->shard].save];
		if (!save->main)
			save->shared_tensors++;
		/* The first row itself is in no pair of its own: count it once. */
		save = &w->saves[w->shards[weights_row(b, r->first)->shard].save];
		if (!save->main && b->next[r->first] == r->row)
			save->shared_tensors++;
	}
	free(in_main);
}
