/*
 * An index over shards that are there. The input is the text of the index, and
 * behind it, each after the byte 0x1e, the shards: the path and the names of
 * their tensors, one a line. Every entry and row is resolved to what it says,
 * saves count their files, every id is decided, every finding has its words.
 */
#include <stdint.h>
#include <stdlib.h>

#include "checks/weights.h"
#include "collect/weights_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_SHARDS 64

static const uint64_t one[1] = { 1 };

static void must(bool holds)
{
	if (!holds)
		abort();
}

static int64_t from_str(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct vit_str *s = ctx;

	(void)err;
	n = n < s->n ? n : s->n;
	if (n)
		memcpy(buf, s->p, n);
	*s = vit_str_sub(*s, n, s->n);
	return (int64_t)n;
}

/* As collect would: plain paths, no path twice, an earlier row of the same
 * name in one shard is marked. */
static void add_shard(struct weights_build *b, struct vit_str text)
{
	struct vit_shard *s = &b->out->shards[b->out->shard_count];
	struct vit_str name;

	if (!vit_str_line(&text, &name) || !vit_str_ends(name, VIT_STR(".safetensors")) ||
	    vit_map_add(&b->paths, name, b->out->shard_count) != VIT_MAP_NONE)
		return;
	*s = (struct vit_shard){ .path = name, .state = VIT_DOC_OK };
	s->header.parsed = true;
	s->header.tensor_first = (uint32_t)b->tensors.count;
	weights_parse_name(s);
	while (vit_str_line(&text, &name)) {
		for (size_t i = s->header.tensor_first; i < b->tensors.count; i++)
			if (vit_str_eq(weights_row(b, (uint32_t)i)->name, name))
				weights_row(b, (uint32_t)i)->flags |= VIT_T_DUPLICATE;
		*(struct vit_tensor *)vit_vec_add(&b->tensors) = (struct vit_tensor){
			.name = name,
			.shape = one,
			.rank = 1,
			.begin = 0,
			.end = 1,
			.shard = b->out->shard_count,
			.dtype = VIT_DT_U8,
		};
		s->header.tensor_count++;
	}
	b->out->shard_count++;
}

static void check_facts(const struct vit_weights *w)
{
	const struct vit_index *ix = &w->index;
	uint32_t counted = 0, listed = 0, resolved = 0;

	for (uint32_t i = 0; i < w->save_count; i++) {
		must(w->saves[i].shard_count > 0 && w->saves[i].first <= w->saves[i].last);
		must(w->saves[i].main == (i == w->main_save));
		counted += w->saves[i].shard_count;
	}
	must(counted == w->shard_count);
	for (uint32_t i = 0; i < w->shard_count; i++) {
		must(w->shards[i].save < w->save_count);
		must(!w->shards[i].in_index || w->shards[i].save == w->main_save);
	}
	for (uint32_t i = 0; i < ix->entry_count; i++) {
		const struct vit_index_entry *e = &ix->entries[i];
		must(e->shard_name == UINT32_MAX || e->shard_name < ix->shard_name_count);
		if (e->tensor_row == UINT32_MAX)
			continue;
		resolved++;
		const struct vit_tensor *t = &w->tensors[e->tensor_row];
		must(ix->state != VIT_DOC_OK || (t->flags & VIT_T_LISTED));
		must(vit_str_eq(t->name, e->tensor));
		must(t->shard == ix->shard_rows[e->shard_name]);
	}
	for (uint32_t i = 0; i < w->tensor_count; i++)
		listed += (w->tensors[i].flags & VIT_T_LISTED) != 0;
	must(listed == resolved);
	must(ix->duplicate_count <= ix->duplicate_total);
}

static void check_findings(struct vit_facts *facts, struct vit_arena *a, size_t size)
{
	static const struct vit_pass *const passes[] = { &vit_pass_weights_saves,
							 &vit_pass_weights_headers,
							 &vit_pass_weights_index,
							 &vit_pass_weights_dtype };
	struct vit_case c = { .facts = facts };
	struct vit_eval ev;

	vit_eval_init(&ev, a);
	for (size_t p = 0; p < sizeof(passes) / sizeof(passes[0]); p++) {
		passes[p]->run(&c, &ev);
		for (size_t i = 0; i < passes[p]->id_count; i++)
			must(ev.states[passes[p]->ids[i]] != VIT_STATE_NOT_RUN);
	}
	for (size_t i = 0; i < ev.findings.count; i++) {
		const struct vit_finding *f = vit_vec_at(&ev.findings, i);
		must(f->message.n > 0 && f->expected.n > 0 && f->actual.n > 0);
		must(!f->where.has_offset || f->where.offset <= size);
	}
	vit_eval_free(&ev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_facts facts = { .groups = VIT_FG_FILES | VIT_FG_CONFIG | VIT_FG_WEIGHTS };
	struct vit_source source = { .files = &facts.files };
	struct weights_build b = {
		.arena = a,
		.source = &source,
		.out = &facts.weights,
		.tensors = VIT_VEC(sizeof(struct vit_tensor)),
		.repeats = VIT_VEC(sizeof(struct weights_repeat)),
	};
	struct vit_str rest = { (const char *)data, size }, text, part;
	size_t count;

	facts.weights = (struct vit_weights){ .main_save = UINT32_MAX };
	facts.weights.index.path = VIT_STR("model.safetensors.index.json");
	facts.weights.shards = VIT_NEW_ARRAY(a, MAX_SHARDS, struct vit_shard);
	vit_map_init(&b.paths, 0);
	if (!vit_str_split(&rest, 0x1e, &text))
		text = VIT_STR_EMPTY;
	while (facts.weights.shard_count < MAX_SHARDS && vit_str_split(&rest, 0x1e, &part))
		add_shard(&b, part);
	weights_group_saves(&b);
	weights_map_names(&b);
	weights_parse_index(&b, from_str, &text);
	weights_choose_main(&b);
	weights_mark_repeats(&b);
	facts.weights.tensors = vit_vec_take(&b.tensors, a, &count);
	facts.weights.tensor_count = (uint32_t)count;
	weights_release(&b);
	check_facts(&facts.weights);
	check_findings(&facts, a, size);
	vit_arena_free(a);
	return 0;
}
